"""ipps443ctl explain, and the pages that are made of the same texts."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from backend.control.explain import CUPS, kinds, message_of
from backend.control.explanations import EXPLANATIONS, PARTS, Explanation
from backend.control.message_pages import PAGES
from backend.exit_status import ExitStatus
from tests.unit.control.conftest import Desk

ROOT = Path(__file__).resolve().parents[3]
#: Words that stand for others: what one looks for when one fixes something is not mended.
NOT_OUR_WORDS = re.compile(r"\b(mend|somebody|nobody|anybody|another certificate)", re.I)


def codes_said() -> set[str]:
    """Return the codes that stand at the ends of messages of the programs."""
    texts = [path.read_text() for package in ("backend", "filters") for path in (ROOT / package).rglob("*.py")]
    return {code for text in texts for code in re.findall(r" \[([A-Z]\d\d)\]", text)}


def test_each_code_has_one_explanation() -> None:
    """Those of the classes of errors, and those that others write; and no explanation is left over."""
    codes = [each.code for each in EXPLANATIONS]
    assert len(codes) == len(set(codes))
    classes = {kind.code for kind in kinds()}
    assert set(codes) == classes | {code for code in codes_said() if code[0] in PARTS}
    assert [code[0] for code in codes] == sorted((code[0] for code in codes), key=list(PARTS).index)


@pytest.mark.parametrize("each", EXPLANATIONS, ids=lambda each: each.code)
def test_cause_and_cure(each: Explanation) -> None:
    """Both are whole sentences; CUPS's part is told by the exit code where there is one, else in words."""
    for text in (each.cause, each.cure):
        assert len(text) > 15 and text[0] in "`'\"" + text[0].upper() and text.endswith("."), text
        assert text.count("`") % 2 == 0 and not NOT_OUR_WORDS.search(text)
    assert each.cause != each.cure and bool(each.cups) == (each.code not in {kind.code for kind in kinds()})
    assert each.severity in ("ERROR", "WARNING") and not each.title.endswith(".") and len(each.title) <= 50


@pytest.mark.parametrize("each", EXPLANATIONS, ids=lambda each: each.code)
def test_explain(desk: Desk, each: Explanation) -> None:
    """The code as it stands in the message, in brackets or not; the answer fits a terminal."""
    for written in (each.code, f"[{each.code}]", each.code.lower()):
        assert desk.run("explain", written) == 0, desk.errors
    assert max(map(len, desk.output.splitlines())) <= 79
    said = " ".join(desk.output.split())
    for text in (each.title, each.cause, each.cure, message_of(each.code)):
        assert " ".join(text.replace("`", "").split()) in said
    value = desk.value("explain", each.code)
    assert (value["code"], value["cause"], value["fix"]) == (each.code, each.cause, each.cure)


def test_explain_lists_them_all(desk: Desk) -> None:
    """Without a code."""
    assert desk.run("explain") == 0
    assert [line[:3] for line in desk.output.splitlines()] == [each.code for each in EXPLANATIONS]


@pytest.mark.parametrize("written", ["T99", "", "T", "T02 T03", "\x1b[31m"])
def test_no_such_code(desk: Desk, written: str) -> None:
    """Wrong usage, and where to look."""
    assert desk.run("explain", written) == 2
    assert "ipps443ctl explain lists them all" in desk.errors and "\x1b" not in desk.errors


def test_all_ends_have_words() -> None:
    """Each exit code is said in words of its own."""
    assert set(CUPS) == set(ExitStatus) and len(set(CUPS.values())) == len(CUPS)


@pytest.mark.parametrize("name", sorted(PAGES))
def test_pages_are_up_to_date(name: str) -> None:
    """python3 -m backend.control.message_pages docs has been run since a text was changed."""
    assert (ROOT / "docs" / name).read_text() == PAGES[name]()


def test_manual_page_is_clean() -> None:
    """groff has nothing to say against it, and each code with its cure is in what it shows."""
    if shutil.which("groff") is None:
        pytest.skip("groff is not installed")
    page = str(ROOT / "docs" / "ipps443-messages.7")
    done = subprocess.run(["groff", "-man", "-Tascii", "-ww", "-P-cbou", page], capture_output=True, text=True)
    assert done.stderr == ""
    shown = re.sub(r"\s+", "", done.stdout).replace("`", "'")
    for each in EXPLANATIONS:
        assert re.sub(r"\s+", "", each.cure).replace("`", "")[:25].replace('"', "'") in shown.replace(
            '"', "'"
        ), each.code
