"""filters.common.report: whatever is said is one line that cupsd understands."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from filters.common.report import LONGEST_LINE, Report, cut, one_line
from tests.cups_lines import parse_lines


def said(say: Callable[[Report], None]) -> bytes:
    """Return what a report writes."""
    descriptor = os.memfd_create("lines")
    try:
        say(Report(descriptor))
        return os.pread(descriptor, 1 << 20, 0)
    finally:
        os.close(descriptor)


@pytest.mark.parametrize("character", ["x", "ü", "\\\\", '\\"', "中"])
@pytest.mark.parametrize("count", [100, 300, 480, 979, 980, 990, 1000, 5000])
def test_long_attributes(character: str, count: int) -> None:
    """A value that does not fit is left out as a whole: cut in its quotes, cupsd would read on in the next line."""
    value = f'"{character * count}"'
    lines = said(lambda report: report.attribute("marker-names", value))
    assert all(len(line) < LONGEST_LINE for line in lines.split(b"\n")) and len(parse_lines(lines)) == 1
    fits = len(f"ATTR: marker-names={value}\n".encode()) <= LONGEST_LINE
    assert lines.startswith(b"ATTR: " if fits else b"DEBUG: ")


def test_odd_characters_make_no_second_line() -> None:
    """Line ends of all kinds, and what is not seen, become spaces in each kind of line."""
    for text in ("a\nERROR: b", "a\r\nSTATE: +x", "a\u2028PAGE: 1 1", "a\x85b", "\u202ea", "\x1b[2Ja"):
        for name in ("error", "warning", "info", "debug"):
            lines = said(lambda report, name=name, text=text: getattr(report, name)(text))  # type: ignore[misc]
            assert lines.count(b"\n") == 1 and lines.decode().rstrip("\n").isprintable()
            assert lines.startswith(f"{name.upper()}: ".encode())


@pytest.mark.parametrize(
    "say, lines",
    [
        (lambda report: report.error("a  b"), "ERROR: a b\n"),
        (lambda report: report.state("+a", "-b", "+c", "-d", "x"), "STATE: +a,c\nSTATE: -b,d\n"),
        (lambda report: report.state("-b"), "STATE: -b\n"),
        (lambda report: report.state(), ""),
        (lambda report: report.job_state("account-closed"), "JOBSTATE: account-closed\n"),
        (lambda report: report.page_total(3), "PAGE: total 3\n"),
        (lambda report: report.page(3, 2), "PAGE: 3 2\n"),
        (lambda report: report.attribute("a", "b"), "ATTR: a=b\n"),
        (lambda report: report.detail("a", 1), ""),
        (lambda report: report.info("x" * 993), f"INFO: {'x' * 993}\n"),
        (lambda report: report.info("x" * 994), f"INFO: {'x' * 990}...\n"),
    ],
)
def test_kinds_of_lines(say: Callable[[Report], None], lines: str) -> None:
    """Each as cupsd reads it, of a thousand octets at most."""
    assert said(say).decode() == lines and len(lines) <= LONGEST_LINE == 1000


def test_a_fault_of_ours() -> None:
    """Where it is, for the log, and one line for the user."""
    *debug, error = said(lambda report: report.fault("texttopcl", KeyError("a"))).decode().splitlines()
    assert debug == ["DEBUG: KeyError: 'a'"]
    assert error == "ERROR: texttopcl has a fault and cannot print this document: KeyError: 'a' [F05]"


@pytest.mark.parametrize(
    "text, limit, left",
    [("abcd", 4, "abcd"), ("abcde", 4, "a..."), ("üüü", 6, "üüü"), ("üüü", 5, "ü..."), ("aüü", 4, "a...")],
)
def test_cut(text: str, limit: int, left: str) -> None:
    """Between characters, and only where it has to be."""
    assert cut(text.encode(), limit).decode() == left


def test_nobody_listens() -> None:
    """A job goes on without messages."""
    descriptor = os.open("/dev/full", os.O_WRONLY)
    Report(descriptor).error("x")
    os.close(descriptor)
    assert one_line(" a\tb\n") == "a b"
