"""Text with controls to lines."""

from __future__ import annotations

import pytest

from filters.text.decoding import TextDecoder
from filters.text.events import FormFeed, Lines


def decode(text: bytes) -> list:
    """Return the lines of a text, with "FF" where a form feed is."""
    out: list = []
    for event in TextDecoder().decode(text):
        if isinstance(event, Lines):
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


def test_a_carriage_return_before_a_form_feed_is_no_line():
    """CR FF ends the page like FF, with no line for the carriage return."""
    assert decode(b"a\r\n\r\fb\r\f") == [b"a", "FF", b"b", "FF"]
