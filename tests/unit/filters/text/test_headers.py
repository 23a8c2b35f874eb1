"""Headers and footers: where their parts stand, and what is cut."""

from __future__ import annotations

import pytest

from filters.layout.page import Row, Style
from filters.text.headers import fill_template, header_line


@pytest.mark.parametrize(
    "template, line",
    [
        ("left", "left                "),
        ("left|middle", "left   middle       "),
        ("||right", "               right"),
        # Only two signs separate parts.
        ("a|b|c|d", "a        b       c|d"),
        # A long left part pushes the middle, then is cut.
        ("left part|mid|r", "left part  mid     r"),
        ("long title here|m|r", "long title he…  m  r"),
        ("long title of all||right", "long title o…  right"),
        # With no room to speak of it is printed over.
        ("long|very long middle|r", " very long middle  r"),
    ],
)
def test_parts(template: str, line: str) -> None:
    """Left, in the middle and right, with two blanks between."""
    found = header_line(template, {}, 20, Style.BOLD)
    assert isinstance(found, Row)
    assert (found.text, found.styles) == (line, bytes((Style.BOLD,)) * 20)


def test_fields() -> None:
    """A field that is none stays as it is, and what is filled in has none."""
    assert fill_template("%t|%p%%|%x %", {"t": "%p", "p": "7"}) == "%p|7%|%x %"


def test_the_other_style() -> None:
    """What is not the left part may have a style of its own."""
    found = header_line("left|x", {}, 10, Style.BOLD, Style.ITALIC)
    assert isinstance(found, Row)
    assert found.styles == bytes((Style.BOLD,)) * 4 + bytes((Style.ITALIC,)) * 6
