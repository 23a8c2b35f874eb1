"""Characters over each other."""

from __future__ import annotations

import sys
from types import FrameType

import pytest

from filters.layout.page import Style
from filters.layout.wrapping import Wrap, wrap_line
from filters.text.cells import cell_width, narrow_cells, wide_cells
from filters.text.decoding import TextDecoder
from filters.text.events import Lines


def row_of(text: str):
    """Return the only line of a text."""
    (event,) = TextDecoder().decode(text.encode() + b"\n")
    assert isinstance(event, Lines)
    (line,) = event.lines
    return line


def test_only_some_marks_of_a_heap_are_kept():
    """Of any number of marks on a letter four are printed, in their order, and what composes is composed."""
    row = row_of("xe" + "\u0301" + "\u0316\u0300" * 20000 + "y")
    assert row.text == "xéy"
    assert [cell for cell, _ in row.over] == [1] * 4


def test_each_cell_takes_only_some_characters():
    """Overprinted line by line, each cell takes four characters more, in the order of the cells."""
    row = row_of("\r".join(["abc", "def", "ghi", "jkl", "mno", "pqr", "stu"]))
    assert row.text == "abc"
    assert row.over == tuple(zip([0] * 4 + [1] * 4 + [2] * 4, "dgjmehknfilo"))


@pytest.mark.parametrize(
    "text, cell, style, over",
    [
        ("x\b_", "x", Style.UNDERLINE, ""),
        ("_\bx", "x", Style.UNDERLINE, ""),
        ("_\b_", "_", Style.BOLD, ""),
        ("x\bx", "x", Style.BOLD, ""),
        ("x\b ", "x", Style.PLAIN, ""),
        (" \bx", "x", Style.PLAIN, ""),
        ("x\by", "x", Style.PLAIN, "y"),
        ("\x1b[3mx\b\x1b[1m_", "x", Style.ITALIC | Style.UNDERLINE, ""),
        ("_\b\x1b[3mx\x1b[m", "x", Style.ITALIC | Style.UNDERLINE, ""),
        ("x\b\x1b[3mx\x1b[m", "x", Style.ITALIC | Style.BOLD, ""),
    ],
)
def test_two_characters_on_a_cell(text, cell, style, over):
    """Bold, underlined, or one printed over the other; beside a wide character, where each is looked at."""
    row = row_of(text + "\x1b[m漢")
    assert (row.text, row.over) == (cell + "漢\0", tuple((0, character) for character in over))
    assert row.styles == (bytes((style, 0, 0)) if style else b"")


@pytest.mark.parametrize("text, base", [("a\b\U0001f1e9", "a"), ("\U0001f1e6\b\U0001f1e9", "\U0001f1e6")])
def test_a_letter_of_a_flag_over_another_character(text, base):
    """Struck over something it is the letter that it stands for, and no rest of a flag that is not printed."""
    row = row_of(text)
    assert (row.text, row.over) == (base, ((0, "D"),))


def test_a_wrapped_line_takes_its_overstrikes_along():
    """Each piece of a broken line has the characters over its own cells, also when they were written right to left."""
    row = row_of("abcdef" + "\b" * 2 + "x" + "\b" * 4 + "y")
    first, second = wrap_line(row, 3, Wrap.CHAR)
    assert not isinstance(first, bytes) and not isinstance(second, bytes)
    assert (first.over, second.over) == (((1, "y"),), ((1, "x"),))


@pytest.mark.parametrize("unit", ["e\u0323\u0301\u0316"])
def test_work_grows_with_the_line(unit):
    """A line of ten times the length takes about ten times the steps, not a hundred times."""

    def steps(count: int) -> int:
        counted = 0

        def count_step(frame: FrameType, event: str, argument: object):
            nonlocal counted
            counted += event == "line"
            return count_step

        before = sys.gettrace()
        sys.settrace(count_step)
        try:
            wrap_line(row_of(unit * count), 80, Wrap.CHAR)
        finally:
            sys.settrace(before)
        return counted

    assert steps(2000) < 15 * steps(200)


@pytest.mark.parametrize(
    "text, cells, over",
    [
        ("\U0001f44d\U0001f3fd!", "\U0001f44d\0!", ()),
        ("\u2764\ufe0fx", "\u2764x", ()),
        ("1\ufe0f\u20e3x", "1\0x", ((0, "\u200d\u20e3"),)),
        ("#\u20e3\u20e3", "#\0", ((0, "\u200d\u20e3"), (0, "\u20e3"))),
        ("x\u20e3", "x", ((0, "\u20e3"),)),
        ("\u845b\U000e0100x", "\u845b\0x", ()),
        ("\u1820\u180b\u180fx", "\u1820x", ()),
        ("\u0436\u034fx", "\u0436x", ()),
        ("a\U0001f3fd", "a\U0001f3fd\0", ()),
        ("\U0001f3fd", "\U0001f3fd\0", ()),
    ],
)
def test_what_only_colours_an_emoji_takes_no_cell(text, cells, over):
    """Skin tones behind an emoji and variation selectors leave nothing on paper; a skin tone alone is a character."""
    row = row_of(text)
    assert (row.text, row.over) == (cells, over)


@pytest.mark.parametrize(
    "text, cells, over",
    [
        ("\U0001f468\u200d\U0001f469\u200d\U0001f466x", "\U0001f468\0x", "\u200d\U0001f469\u200d\U0001f466"),
        ("\U0001f469\U0001f3fe\u200d\U0001f52cx", "\U0001f469\0x", "\u200d\U0001f52c"),
        ("\U0001f469\u200d\u2764\ufe0f\u200d\U0001f469x", "\U0001f469\0x", "\u200d\u2764\u200d\U0001f469"),
        ("\U0001f3f3\ufe0f\u200d\U0001f308x", "\U0001f3f3\0x", "\u200d\U0001f308"),
        ("\U0001f1e9\U0001f1eax", "\U0001f1e9\0x", "\U0001f1ea"),
        # What no joiner joins stays apart.
        ("\U0001f468\U0001f469", "\U0001f468\0\U0001f469\0", None),
        ("\U0001f1e9x\U0001f1ea", "\U0001f1e9x\U0001f1ea", None),
        ("a\u200d\U0001f469", "a\U0001f469\0", None),
        ("\U0001f468 \u200d\U0001f469", "\U0001f468\0 \U0001f469\0", None),
    ],
)
def test_joined_emoji_take_two_cells(text, cells, over):
    """A family, someone at work, a flag: the first stands in two cells, the others are kept with it."""
    row = row_of(text)
    assert (row.text, row.over) == (cells, ((0, over),) if over else ())


@pytest.mark.parametrize(
    "text, cells, over",
    [
        ("\u0645\u06cc\u200c\u06a9", "\u0645\u06cc\u06a9", ((1, "\u200c"),)),
        ("\u0915\u094d\u200d\u0937", "\u0915\u0937", ((0, "\u094d"), (0, "\u200d"))),
        ("a\u200cb\u200d \u200c", "ab ", ()),
    ],
)
def test_joiners_stay_with_letters_that_mind_them(text, cells, over):
    """Joiners and non-joiners take no cell; they are kept where letters join, and are gone elsewhere."""
    row = row_of(text + "\u4e2d")
    assert (row.text, row.over) == (cells + "\u4e2d\0", over)


def test_three_flags_are_told_apart():
    """Regional indicators are taken in pairs; one that is left over stands alone."""
    row = row_of("".join(map(chr, (0x1F1E9, 0x1F1EA, 0x1F1EB, 0x1F1F7, 0x1F1EF))))
    assert row.text == "\U0001f1e9\0\U0001f1eb\0\U0001f1ef"
    assert row.over == ((0, "\U0001f1ea"), (2, "\U0001f1f7"))


def test_any_number_of_joined_emoji_is_cut():
    """No picture has more emoji than an outline has room for; the others stand beside it, and none is lost."""
    row = row_of("\u200d".join(["\U0001f468"] * 40))
    assert row.text.count("\U0001f468") + sum(text.count("\U0001f468") for _, text in row.over) == 40
    assert max(len(text) for _, text in row.over) <= 9


@pytest.mark.parametrize(
    "character, cells", [("\u00ad", 1), ("\u200b", 0), ("\u0301", 0), ("\u20dd", 0), ("x", 1), ("漢", 2), ("Ｆ", 2)]
)
def test_how_many_cells(character, cells):
    """A soft hyphen prints; marks and what only steers a layout take none; wide and full-width characters take two."""
    assert cell_width(character) == cells


@pytest.mark.parametrize(
    "text, is_narrow, lines",
    [
        ("plain\t", True, None),
        ("é\u0175Ωж─█", True, "é\u0175Ωж─█"),
        ("a漢字b", False, "a漢\0字\0b"),
        ("e\u0301", False, None),
        ("\u05d0", False, None),
        ("\U0001f600", False, None),
    ],
)
def test_what_needs_no_closer_look(text: str, is_narrow: bool, lines: str | None) -> None:
    """Western text and whole wide characters are told at a glance; tabs, marks and what joins are looked at."""
    assert (narrow_cells(text), wide_cells(text)) == (is_narrow, lines)


def test_a_mark_on_a_wide_character_stands_over_its_first_cell():
    """And what follows has the third."""
    row = row_of("漢\u0323x")
    assert (row.text, row.over) == ("漢\0x", ((0, "\u0323"),))
