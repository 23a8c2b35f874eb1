"""Where long lines break."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from filters.layout.page import FILLER, Row
from filters.layout.wrapping import Wrap, cut_cells, find_breaks, wrap_line


@pytest.mark.parametrize(
    "text, width, pieces",
    [
        ("", 3, [""]),
        ("abc", 3, ["abc"]),
        ("abcd", 3, ["abc", "d"]),
        ("ab cd", 2, ["ab", "cd"]),
        ("ab cd", 3, ["ab", "cd"]),
        ("ab  cd", 3, ["ab", "cd"]),
        ("ab     cd", 3, ["ab", "cd"]),
        ("abc de", 3, ["abc", "de"]),
        ("  abcd", 4, ["  ab", "cd"]),
        ("  ab cd", 4, ["  ab", "cd"]),
        ("a bcdefgh i", 4, ["a", "bcde", "fgh", "i"]),
        ("one two three", 8, ["one two", "three"]),
    ],
)
def test_between_words(text, width, pieces):
    """Blanks at a break vanish, indentation stays, and words that are too long break anywhere; bytes and str alike."""
    assert [text[start:end] for start, end in find_breaks(text, width, Wrap.WORD)] == pieces
    coded = text.encode()
    assert [coded[start:end].decode() for start, end in find_breaks(coded, width, Wrap.WORD)] == pieces


@given(st.text("ab \u00e9", max_size=60), st.integers(1, 20), st.sampled_from([Wrap.CHAR, Wrap.WORD]))
def test_nothing_is_lost(text, width, wrap):
    """No piece is too long, and nothing but blanks is lost."""
    pieces = [text[start:end] for start, end in find_breaks(text, width, wrap)]
    assert all(len(piece) <= width for piece in pieces)
    assert "".join(pieces).replace(" ", "") == text.replace(" ", "")
    assert wrap is Wrap.WORD or "".join(pieces) == text


def test_a_wide_character_is_not_cut():
    """A character of two cells goes to the next line whole."""
    row = Row("a漢" + FILLER + "b")
    assert wrap_line(row, 2, Wrap.CHAR) == [Row("a"), Row("漢" + FILLER), Row("b")]
    assert [piece.text for piece in wrap_line(row, 1, Wrap.CHAR) if isinstance(piece, Row)] == ["a", "漢", FILLER, "b"]


@pytest.mark.parametrize(
    "text, width, cut",
    [
        ("abcdef", 6, "abcdef"),
        ("abcdef", 5, "ab..."),
        ("abcdef", 3, "..."),
        ("abcdef", 2, ".."),
        ("abcdef", 0, ""),
        ("abcdef", -1, ""),
        ("a漢\0bcd", 5, "a ..."),
        ("a漢\0bcd", 4, "a..."),
        ("漢\0bcd", 4, " ..."),
    ],
)
def test_cut_cells(text, width, cut):
    """What is too long ends with three dots, and no wide character is cut in half."""
    assert cut_cells(text, width) == cut


def test_styles_and_overprints_go_with_their_cells():
    """Each piece keeps the styles of its cells and what is printed over them."""
    row = Row("abcd", b"\0\1\2\3", ((1, "x"), (2, "y")))
    assert wrap_line(row, 2, Wrap.CHAR) == [Row("ab", b"\0\1", ((1, "x"),)), Row("cd", b"\2\3", ((0, "y"),))]


def test_a_mark_that_is_not_in_the_set_makes_a_row():
    """A mark of any character can be set, in plain lines too."""
    assert wrap_line(b"abcd", 3, Wrap.CHAR, "\u21a9") == [Row("ab\u21a9"), b"cd"]


@pytest.mark.parametrize(
    "line, width, wrap, rows",
    [
        (b"abcd", 4, Wrap.CHAR, [b"abcd"]),
        (b"abcd", 3, Wrap.CHAR, [b"a->", b"b->", b"c->", b"d"]),
        (b"abcd", 2, Wrap.CHAR, [b"ab", b"cd"]),
        (b"abcd", 3, Wrap.TRUNCATE, [b"a->"]),
        (b"a bcd", 4, Wrap.WORD, [b"a ->", b"bc->", b"d"]),
        (Row("abcd", b"\1\1\1\1"), 3, Wrap.TRUNCATE, [Row("a->", b"\1\0\0")]),
        (
            Row("a bcd", b"\1\1\1\1\1"),
            4,
            Wrap.WORD,
            [Row("a ->", b"\1\0\0\0"), Row("bc->", b"\1\1\0\0"), Row("d", b"\1")],
        ),
    ],
)
def test_marks_where_lines_are_broken(line, width, wrap, rows):
    """The mark stands in the last cells of each row that goes on, if it leaves room for anything else."""
    assert wrap_line(line, width, wrap, "->") == rows
