"""filters.common.report: whatever is said is one line that cupsd understands."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from filters.common.report import LONGEST_LINE, Report
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
