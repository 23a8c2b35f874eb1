"""The pages in docs/ say what the program does."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import pytest

from backend import errors
from backend.control.command_line import COMMANDS, OPTIONS as CONTROL_OPTIONS
from backend.device_uri import OPTIONS
from backend.exit_status import ExitStatus, exit_status

DOCS = Path(__file__).resolve().parents[2] / "docs"

#: How docs/errors.md puts what CUPS does.
WORDS = {
    ExitStatus.CUPS_BACKEND_FAILED: "the queue's error policy decides",
    ExitStatus.CUPS_BACKEND_AUTH_REQUIRED: "the job is held for authentication",
    ExitStatus.CUPS_BACKEND_HOLD: "the job is held",
    ExitStatus.CUPS_BACKEND_STOP: "the queue stops",
    ExitStatus.CUPS_BACKEND_CANCEL: "the job is cancelled",
    ExitStatus.CUPS_BACKEND_RETRY: "the job is tried again later",
    ExitStatus.CUPS_BACKEND_RETRY_CURRENT: "the job waits and is tried again",
}


def kinds(root: type[errors.IppsError] = errors.IppsError) -> Iterator[type[errors.IppsError]]:
    """Yield all kinds of errors that have a code of their own."""
    if "code" in root.__dict__:
        yield root
    for kind in root.__subclasses__():
        yield from kinds(kind)


KINDS = {kind.code: kind for kind in kinds()}


@lru_cache(maxsize=None)
def sections() -> dict[str, str]:
    """Return the sections of errors.md by code."""
    parts = re.split(r"^#{2,3} (?=[A-Z]\d\d$)", (DOCS / "errors.md").read_text(), flags=re.M)
    return {part[:3]: re.split(r"^## ", part[3:], flags=re.M)[0] for part in parts[1:]}


@pytest.mark.parametrize("code", sorted(KINDS))
def test_error_has_its_section(code: str) -> None:
    """Each code has a section that says what CUPS does, as exit_status decides it."""
    kind = KINDS[code]
    section = sections()[code]
    said = re.search(r"CUPS: ([^.(;]*)", section)
    assert said and said[1].strip() == WORDS[exit_status(kind.__new__(kind))]


def test_codes_are_unique() -> None:
    """No code means two things; those written into a message have a section too, and no section is left over."""
    codes = [kind.code for kind in kinds()]
    assert len(codes) == len(set(codes))
    said = "".join(path.read_text() for path in sorted((DOCS.parent / "backend").rglob("*.py")))
    others = re.findall(r"\[([A-Z]\d\d)\]", said)
    assert sections().keys() == {*codes, *others, *filter_codes()}


@lru_cache(maxsize=None)
def messages_of_filters() -> frozenset[str]:
    """Return the expressions of what the ERROR lines of filters say; of an error that brings its own, that one."""
    return frozenset(_messages_of_filters())


def _messages_of_filters() -> Iterator[str]:
    trees = [ast.parse(path.read_text()) for path in sorted((DOCS.parent / "filters").rglob("*.py"))]
    own = {node.name: node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ClassDef)}
    for tree in trees:
        for handler in ast.walk(tree):
            if isinstance(handler, ast.ExceptHandler) and isinstance(handler.type, ast.Name):
                for node in said_in(handler, "error"):
                    if ast.unparse(node) == f"str({handler.name})":
                        yield from map(ast.unparse, said_in(own[handler.type.id], "__init__"))
        yield from (text for text in map(ast.unparse, said_in(tree, "error")) if text != "str(error)")


def said_in(tree: ast.AST, method: str) -> Iterator[ast.expr]:
    """Yield the first argument of each call of a method."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == method:
            yield node.args[0]


def filter_codes() -> set[str]:
    """Return the codes of the filters."""
    return set(re.findall(r"\[(F\d\d)\]", " ".join(messages_of_filters())))


@pytest.mark.parametrize("message", sorted(messages_of_filters()))
def test_filter_error_has_its_section(message: str) -> None:
    """Each ERROR line of a filter ends with a code; its section says what CUPS does, and what to do."""
    found = re.search(r"\[(F\d\d)\]['\"]$", message)
    assert found
    assert re.search(r" CUPS: the job waits\b.*\n+.+", sections()[found[1]])


@pytest.mark.parametrize("option", sorted(OPTIONS))
def test_option_is_in_the_manual(option: str) -> None:
    """ipps443(8) explains each option of the device URI."""
    manual = (DOCS / "ipps443.8").read_text()
    assert re.search(rf"^\.B[IR] {option}= \"?(.*?)\"?$", manual, flags=re.M)


def manual_of_control() -> dict[str, str]:
    """Return the sections of ipps443ctl(8), with the hyphens as one types them."""
    text = (DOCS / "ipps443ctl.8").read_text().replace("\\-", "-")
    return dict(re.findall(r"^\.SH (.*)\n((?:(?!\.SH ).*\n)*)", text, flags=re.M))


@pytest.mark.parametrize("name", [name for name, *_ in COMMANDS])
def test_command_is_in_the_manual(name: str) -> None:
    """ipps443ctl(8) shows each command with all of its options, and explains it under COMMANDS."""
    manual = manual_of_control()
    assert re.search(rf"^\.TP\n\.(B|BI|BR) {name}( |$)", manual["COMMANDS"], flags=re.M)
    synopsis = re.search(rf"^\.B ipps443ctl {name}\n((?:(?!\.br).*\n)*)", manual["SYNOPSIS"], flags=re.M)
    assert synopsis
    options = next(options for other, _, _, options in COMMANDS if other == name)
    assert {option.split()[0] for option in options if option.startswith("-")} == set(
        re.findall(r"(?<=[ \n])(-o|--[a-z-]+)", synopsis[1])
    )


@pytest.mark.parametrize("option", sorted({option.split()[0] for option in CONTROL_OPTIONS if option.startswith("-")}))
def test_option_of_control_is_in_the_manual(option: str) -> None:
    """Each is explained under OPTIONS."""
    assert re.search(rf"^\.TP\n\.BI? {option}( |$)", manual_of_control()["OPTIONS"], flags=re.M)


def rules() -> dict[str, str]:
    """Return the rows of backend-contract.md by their numbers."""
    return dict(re.findall(r"^\| (B-\d\d) (\|.*)$", (DOCS / "backend-contract.md").read_text(), flags=re.M))


def test_all_rules_of_the_backend_contract_are_there() -> None:
    """None is left out, none is there twice."""
    numbers = re.findall(r"^\| (B-\d\d) ", (DOCS / "backend-contract.md").read_text(), flags=re.M)
    assert sorted(numbers) == [f"B-{number:02}" for number in range(1, 32)]


@pytest.mark.parametrize("rule", sorted(rules()))
def test_rule_names_tests_that_exist(rule: str) -> None:
    """Each test that the page names as the one that shows a rule is in its file."""
    named = re.findall(r"`(tests/\S+?\.py)(?:::(\w+)(\[\S+\])?)?`", rules()[rule])
    assert named
    for path, name, _ in named:
        tree = ast.parse((DOCS.parent / path).read_text())
        assert not name or name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}, (path, name)


def claims() -> list[str]:
    """Return the rows of security.md that say what somebody cannot do, or what is kept from going wrong."""
    rows = re.findall(r"^\| .* \|$", (DOCS / "security.md").read_text(), flags=re.M)
    return [row for row in rows if not row.startswith(("| he can |", "| it can |", "| | shown by"))]


@pytest.mark.parametrize("row", claims())
def test_security_claim_names_tests_that_exist(row: str) -> None:
    """Each claim of security.md names at least one test, and each named test is there; what is open claims nothing."""
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    named = re.findall(r"`(tests/\S+?\.py)::(\w+)`", cells[-1])
    assert named or len(cells) == 3 and (not cells[1] or "trust.md" in cells[-1])
    assert not re.sub(r"`tests/\S+`(, )?", "", cells[-1]) or "trust.md" in cells[-1]
    for path, name in named:
        tree = ast.parse((DOCS.parent / path).read_text())
        assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}, (path, name)


def test_security_page_has_all_parties() -> None:
    """Users, filters, printers, whoever is on the path, administrators and root have a section, with claims in it."""
    sections = re.split(r"^## ", (DOCS / "security.md").read_text(), flags=re.M)[1:]
    words = ("A user who prints", "A filter", "A printer", "Someone on the path", "An administrator of CUPS", "Root")
    for word, section in zip(words, sections, strict=True):
        assert section.startswith(word) and len(re.findall(r"`tests/", section)) >= 3


def test_how_to_report_a_hole() -> None:
    """SECURITY.md is there, names the page that says what is promised, and no address that nobody reads."""
    text = (DOCS.parent / "SECURITY.md").read_text()
    assert "docs/security.md" in text and "@" not in text and "private" in text


#: A quirk or trust hole as code and tests name it, alone or as the first of several: Q-80, Q-80 to Q-82, Q-80 ... Q-82.
NUMBER = re.compile(r"\b([QT])-(\d+)(?: (?:to|\.\.\.) \1-(\d+))?\b")


def numbers(text: str) -> set[str]:
    """Return the quirks and trust holes that a text names, those between two ends too."""
    found = set()
    for letter, first, last in NUMBER.findall(text):
        found |= {f"{letter}-{number}" for number in range(int(first), int(last or first) + 1)}
    return found


def quirks() -> dict[str, str]:
    """Return the rows of quirks.md by their numbers, without leading zeros."""
    rows = re.findall(r"^\| ([QT])-0?(\d+) (\|.*)$", (DOCS / "quirks.md").read_text(), flags=re.M)
    return {f"{letter}-{number}": row for letter, number, row in rows}


def test_quirks_that_are_named_have_their_rows() -> None:
    """Each number in code and tests has its row in quirks.md, and no row is there twice or without use."""
    named = set()
    for folder in ("backend", "filters", "tests"):
        for path in sorted((DOCS.parent / folder).rglob("*.py")):
            named |= {
                f"{letter}-{int(end)}" for letter, *ends in NUMBER.findall(path.read_text()) for end in ends if end
            }
    rows = re.findall(r"^\| ([QT]-\d+) ", (DOCS / "quirks.md").read_text(), flags=re.M)
    assert len(rows) == len(set(rows))
    assert quirks().keys() == named


@pytest.mark.parametrize("quirk", sorted(quirks()))
def test_quirk_names_its_source_and_its_tests(quirk: str) -> None:
    """A row says what is done and where it was told; each test is there, and one of their files names the quirk."""
    _, told, done, source, tests, _ = (cell.strip() for cell in quirks()[quirk].split("|"))
    assert told and done and source
    named = re.findall(r"`(tests/\S+?\.py)::(\w+)`", tests)
    assert named and not re.sub(r"`tests/\S+`(, )?", "", tests)
    texts = [(DOCS.parent / path).read_text() for path, _ in named]
    for text, (path, name) in zip(texts, named, strict=True):
        assert f"\ndef {name}(" in text, (path, name)
    assert any(quirk in numbers(text) for text in texts)


PAGES = sorted(path for folder in (DOCS, DOCS.parent) for path in folder.glob("*.md"))


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_files_that_a_page_names_are_there(page: Path) -> None:
    """Files of the sources are named where they are, and links between the pages lead somewhere."""
    text = page.read_text()
    if page.name != "CHANGES.md":  # which tells what was
        for name in re.findall(r"`((?:backend|filters|tests|docs|ppd)/[\w./-]*\w)`", text):
            assert (DOCS.parent / name).exists(), name
    for link in re.findall(r"\]\(([\w./-]+)(?:#[\w-]+)?\)", text):
        assert (page.parent / link).exists(), link


@pytest.mark.parametrize("page", sorted(DOCS.glob("*.[78]")), ids=lambda path: path.name)
def test_pages_that_a_manual_names_are_installed(page: Path) -> None:
    """A manual page is read where there are no sources: what it names lies where install.sh puts it."""
    text, installed = page.read_text(), (DOCS.parent / "install.sh").read_text()
    for folder, name in re.findall(r"([\w/]*/)?([\w-]+\.md)\b", text):
        assert not folder and (DOCS / name).exists(), name
    for folder in re.findall(r"/usr/share/doc/[\w/]*", text):
        assert folder == "/usr/share/doc/ipps443/docs", folder
    assert "documents=/usr/share/doc/ipps443\n" in installed and '"$documents/docs/${name##*/}"' in installed


@pytest.mark.parametrize("page", [page for page in PAGES if page.name != "CHANGES.md"], ids=lambda path: path.name)
def test_pages_break_at_100_columns(page: Path) -> None:
    """So that they can be read in a terminal; tables, messages, and what is to be copied, are as wide as they are."""
    prose = re.sub(r"^```.*?^```", "", page.read_text(), flags=re.M | re.S)
    assert not [line for line in prose.splitlines() if len(line) > 100 and not line.startswith(("|", "    ", ">"))]
