"""Headers and footers: where their parts stand, and what is cut."""

from __future__ import annotations

from typing import Iterable

import pytest

from filters.common.ppd import PrinterDescription
from filters.layout.page import Row, Style
from filters.layout.settings import read_settings
from filters.text.headers import cells_of, fill_template, header_line


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


@pytest.mark.parametrize(
    "template, columns, text, marks",
    [
        ("|^^^^^^^^^^^^^^^^^^^^^", 20, "^^^^^^^^^^^^^^^^^...", range(17)),
        ("^^^^^^^^^^^^^^^^^^^^^||r", 20, "^^^^^^^^^^^^^^^^…  r", range(16)),
        ("a|^^^^^^^^^^^^^^^^|^^^", 20, "^^^^^^^^^^^^^^^^ ^^^", (*range(16), 17, 18, 19)),
        ("^^^^^^^^^||r", 10, "^^^^^^^^ r", range(8)),
        ("^^^^^^^^^|m|r", 9, "^^^^ m  r", range(4)),
        ("^^^^^^^^^||r", 11, "^^^^^^^…  r", range(7)),
        ("||^^^^^^^^^^^^", 10, "^^^^^^^...", range(7)),
        ("^^^^", 2, "..", ()),
        ("漢漢漢漢漢漢||r", 13, "漢\0漢\0漢\0漢\0…   r", ()),
    ],
)
def test_marks(template: str, columns: int, text: str, marks: Iterable[int]) -> None:
    """Marks go with their letters, and with those that are printed over or cut."""
    found = header_line(template.replace("^", "x\u0302"), {}, columns, Style.PLAIN)
    assert found == Row(text.replace("^", "x"), bytes(columns), tuple((cell, "\u0302") for cell in marks))


def test_fields() -> None:
    """A field that is none stays as it is, and what is filled in has none."""
    assert fill_template("%t|%p%%|%x %", {"t": "%p", "p": "7"}) == "%p|7%|%x %"


@pytest.mark.parametrize(
    "text, cells",
    [
        ("بی‌نا", "ﺎﻧﯽﺑ"),
        ("\U0001f468\u200d\U0001f469 x", "\U0001f468\0 x"),
        ("a\u200eb\xadc", "abc"),
        ("a\xa0b", "a\xa0b"),
        ("漢\u3000字", "漢\0\u3000\0字\0"),
    ],
)
def test_characters_that_are_not_seen(text: str, cells: str) -> None:
    """Joiners, directions and blanks of all kinds are no reason to refuse a header, and mean there what they do."""
    assert cells_of(text).text == cells
    options = {name: text for name in ("page-header", "page-footer", "page-label", "watermark")}
    settings, problems = read_settings(options, PrinterDescription())
    assert (settings.header, settings.footer, settings.watermark, problems) == (text, text, text, [])
    assert "not printable" in read_settings({"page-header": f"{text}\x1b"}, PrinterDescription())[1][0]


def test_the_other_style() -> None:
    """What is not the left part may have a style of its own."""
    found = header_line("left|x", {}, 10, Style.BOLD, Style.ITALIC)
    assert isinstance(found, Row)
    assert found.styles == bytes((Style.BOLD,)) * 4 + bytes((Style.ITALIC,)) * 6
