"""Text with controls to lines."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from filters.layout.page import Style
from filters.text import cells, decoding
from filters.text.decoding import TextDecoder, _apply_sgr
from filters.text.events import FormFeed, Lines


def decode(text: bytes) -> list:
    """Return the lines of a text, with "FF" where a form feed is."""
    out: list = []
    for event in TextDecoder().decode(text):
        if isinstance(event, Lines):
            assert not event.trimmed or all(type(line) is bytes and line[-1:] != b" " for line in event.lines)
            out += event.lines
        else:
            out.append("FF" if isinstance(event, FormFeed) else event)
    return out


@pytest.mark.parametrize("start", [b"\x1bP", b"\x1bX", b"\x1b]", b"\x1b^", b"\x1b_"])
def test_a_control_string_without_end_takes_no_text_away(start):
    """Only the two characters that begin a control string are left out when it does not end on its line."""
    assert decode(start + b"Invoice 4711\nnext\n") == [b"Invoice 4711", b"next"]
    assert decode(start + b"0;title\x07Invoice\n") == [b"Invoice"]
    assert decode(start + b"0;title\x1b\\Invoice\n") == [b"Invoice"]
    assert decode(start + b"a" + start + b"b\x1b[1mc\x1b[m\n")[0].text == "abc"


def test_sequences_that_begin_with_one_character():
    """U+009B is ESC [ where parameters follow; text behind it stays where none do."""
    assert decode("a\x9b31mb\x9b2Kc\x9b?25hd\n".encode()) == [b"abcd"]
    (line,) = decode("a\x9b1mb\x9b0;22mc\n".encode())
    assert (line.text, line.styles) == ("abc", b"\0\1\0")
    assert decode("\x9band\x9b 5 St\x9b5 St\n".encode()) == [b"and 5 St5 St"]


def test_a_carriage_return_before_a_form_feed_is_no_line():
    """CR FF ends the page like FF, with no line for the carriage return."""
    assert decode(b"a\r\n\r\fb\r\f") == [b"a", "FF", b"b", "FF"]


PIECES = st.sampled_from(
    ["a\ba", "_\bx", "_\b_", "b\bb\bb", " \b ", "_\b ", "x\by", "_\bc\bc", "w", " ", "\t", "é\bé", "漢", "e\u0301"]
    + ["\x1b[1m", "\x1b[4;31m", "\x1b[m", "\x1b[38;5;1m", "\x1b[K", "\r", "ж"]
)


@given(st.lists(PIECES, max_size=12).map("".join))
@settings(max_examples=150, deadline=None)
def test_the_quick_ways_end_where_the_slow_one_does(text):
    """Struck letters and attributes are read at once where that is all a line has, with the same cells and styles."""
    quick, slow = TextDecoder(), TextDecoder()
    slow._lines_of_sgr = lambda text: None  # type: ignore[method-assign, assignment]
    with pytest.MonkeyPatch.context() as patch:
        (found,) = quick.decode(text.encode() + b"\n")
        patch.setattr(decoding, "_struck_row", lambda text, tab_width: None)
        (expected,) = slow.decode(text.encode() + b"\n")
    assert (found, quick._style, quick.controls_left_out) == (expected, slow._style, slow.controls_left_out)


def test_attributes_that_come_again_are_remembered(monkeypatch):
    """What a sequence of attributes makes of a style is found out once."""
    asked: list[tuple[int, str]] = []

    def apply(style: int, parameters: str) -> int:
        asked.append((style, parameters))
        return style ^ 1

    monkeypatch.setattr(decoding, "_apply_sgr", apply)
    decoder = TextDecoder()
    for _ in range(3):
        list(decoder.decode(b"a\x1b[1mb\x1b[mc\n"))
    assert asked == [(0, "1"), (1, "")]


#: All but every sixteenth of the ideographs and syllables, which are alike.
ALL_CHARACTERS = [
    chr(code)
    for code in (
        *range(0x20, 0x3400),
        *range(0x3400, 0xD800, 16),
        *range(0xE000, 0x20000),
        *range(0x20000, 0x30000, 16),
    )
    if not 0x7F <= code < 0xA0
]


def slowly(text: str) -> list:
    """Return the lines of a text as they are when each of their characters is looked at."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(decoding, "narrow_cells", lambda text: False)
        patch.setattr(decoding, "wide_cells", lambda text: None)
        patch.setattr(cells, "narrow_cells", lambda text: False)
        return decode(text.encode())


def test_wide_characters_are_certain():
    """Characters whose cells are judged quickly have, beside a wide one, the cells that a closer look gives them."""
    certain = [character for character in ALL_CHARACTERS if cells.wide_cells(character)]
    assert {"\u6f20", "\u3042", "\ud550", "\uff21", "a", "\u0416"} <= set(certain)
    lines = [f"\u6f22{character}\u6f22 x\n" for character in certain]
    assert decode("".join(lines).encode()) == slowly("".join(lines))


#: What lines are made of: of one cell and of two, marks, tabs, blanks, controls, signs that the symbol set has.
PARTS = st.sampled_from(
    ["a", "Z ", "\t", " ", "\u0416", "\u20ac", "\xe9", "\u2500", "\u6f22", "\u3042\u308b", "\u3099", "\u0301", "\u25fd"]
    + ["\u037e", "\ufe0f", "\ufffd", "\u0e33", "\u05d0", "\x1b[1m", "\x1b[m", "\b", "\x07", "\n", "\n", "\n", "\f"]
    + ["\xad"]
)


@given(st.lists(PARTS, max_size=20).map("".join))
@settings(max_examples=150, deadline=None)
def test_lines_together_are_what_each_is_alone(text):
    """Lines that are read together are those that are read one by one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TextDecoder, "_lines_together", lambda self, page: None)
        alone = decode(text.encode())
    assert decode(text.encode()) == alone


@pytest.mark.parametrize(
    "text, shown",
    [
        ("co\xadop\xader\xad\xadate", "cooperate"),
        ("Жук\xadи", "Жуки"),
        ("syl\xad\nlable", "syl\xad\nlable"),
        ("syl\xad\xad  \r\nlab\xad\fle\xad", "syl\xad  \nlab\xad\fle\xad"),
        ("\x1b[1mco\xadop\x1b[m\xad", "\x1b[1mcoop\x1b[m\xad"),
        ("\x1b[1mauf\xad \x1b[m\t\nbau", "\x1b[1mauf\xad \x1b[m\t\nbau"),
    ],
)
def test_soft_hyphens(text: str, shown: str) -> None:
    """They print where a line ends; within one they only say where it might have been broken."""
    assert decode(text.encode()) == decode(shown.encode())


def test_struck_soft_hyphens() -> None:
    """One that nroff makes bold stays what it is, at the end of a line and within it."""
    for text in ("auf\xad\b\xad\n", "co\xad\b\xadop\n"):
        (row,) = decode(text.encode())
        at = text.index("\xad")
        assert row.text[at] == "\xad" and row.styles[at] == Style.BOLD and len(row.text) == len(text) - 3


@pytest.mark.parametrize(
    "numbers, style",
    [
        ("1", Style.BOLD),
        ("3", Style.ITALIC),
        ("4", Style.UNDERLINE),
        ("7", Style.INVERSE),
        ("21", Style.UNDERLINE),  # doubly underlined, and not the end of bold
        ("1;21", Style.BOLD | Style.UNDERLINE),
        ("1;22", Style.PLAIN),
        ("3;23", Style.PLAIN),
        ("4;24", Style.PLAIN),
        ("21;24", Style.PLAIN),
        ("7;27", Style.PLAIN),
        ("1;3;4;7;0", Style.PLAIN),
        ("1;", Style.PLAIN),
        ("58;5;1", Style.PLAIN),  # colours of letters, paper and underlines: 5;N or 2;R;G;B
        ("58;2;1;3;4", Style.PLAIN),
        ("58;2;1;3;4;7", Style.INVERSE),
        ("38;5;7", Style.PLAIN),
        ("48;2;7;7;7;1", Style.BOLD),
        ("31;1", Style.BOLD),
    ],
)
def test_each_attribute(numbers, style):
    """What ECMA-48 8.3.117 says of each number, and what follows one of a colour is none."""
    assert _apply_sgr(Style.PLAIN, numbers) == style
    (line,) = decode(b"\x1b[%smx\n" % numbers.encode())
    assert line == b"x" if style == Style.PLAIN else line.styles == bytes([style])
