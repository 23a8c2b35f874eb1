"""The pages in docs/ say what the program does."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from backend import errors
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


def sections() -> dict[str, str]:
    """Return the sections of errors.md by code."""
    parts = re.split(r"^#{2,3} (?=[A-Z]\d\d$)", (DOCS / "errors.md").read_text(), flags=re.M)
    return {part[:3]: part[3:] for part in parts[1:]}


@pytest.mark.parametrize("code", sorted(KINDS))
def test_error_has_its_section(code: str) -> None:
    """Each code has a section that says what CUPS does, as exit_status decides it."""
    kind = KINDS[code]
    section = sections()[code]
    said = re.search(r"CUPS: ([^.(;]*)", section)
    assert said and said[1].strip() == WORDS[exit_status(kind.__new__(kind))]


def test_codes_are_unique() -> None:
    """No code means two things; those that main gives itself have a section too, and no section is left over."""
    codes = [kind.code for kind in kinds()]
    assert len(codes) == len(set(codes))
    others = re.findall(r"\[([A-Z]\d\d)\]", (DOCS.parent / "backend/main.py").read_text())
    assert sections().keys() == {*codes, *others, *filter_codes()}


def messages_of_filters() -> Iterator[str]:
    """Yield the expression of what each ERROR line of a filter says."""
    for path in sorted((DOCS.parent / "filters").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "error":
                yield ast.unparse(node.args[0])


def filter_codes() -> set[str]:
    """Return the codes of the filters."""
    return set(re.findall(r"\[(F\d\d)\]", " ".join(messages_of_filters())))


@pytest.mark.parametrize("message", sorted(set(messages_of_filters())))
def test_filter_error_has_its_section(message: str) -> None:
    """Each ERROR line of a filter ends with a code; its section says what CUPS does, and what to do."""
    found = re.search(r"\[(F\d\d)\]['\"]$", message)
    assert found
    assert re.search(r" CUPS: the job waits\b.*\n.+", sections()[found[1]])


@pytest.mark.parametrize("option", sorted(OPTIONS))
def test_option_is_in_the_manual(option: str) -> None:
    """ipps443(8) explains each option of the device URI, and marks those that are not supported yet."""
    manual = (DOCS / "ipps443.8").read_text()
    found = re.search(rf"^\.B[IR] {option}= \"?(.*?)\"?$", manual, flags=re.M)
    assert found
    marked = re.findall(r"([\w.]+) ?\*", found[1])
    not_yet = OPTIONS[option].not_yet
    assert bool(marked) if not_yet == ("*",) else tuple(marked) == not_yet


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
