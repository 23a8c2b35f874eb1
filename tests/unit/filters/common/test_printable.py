"""filters.common.printable: what moves a terminal, turns the reading direction or is unseen becomes visible."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from filters.common.printable import escape_in_json, printable
from filters.common.report import one_line

#: Kinds of characters that do something to whoever looks, with some of each.
ODD = {
    "C0": [chr(code) for code in range(32)],
    "DEL and C1": [chr(code) for code in range(0x7F, 0xA0)],
    "bidi": list("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"),
    "zero width": list("\u200b\u200c\u200d\u2060\u2061\u2064\ufeff\u00ad\u034f\u180e"),
    "line ends": list("\u2028\u2029\x85"),
    "fillers": list("\u115f\u1160\u3164\uffa0\u2800"),
    "selectors and tags": list("\ufe00\ufe0f\U000e0100\U000e01ef\U000e0041\U000e007f"),
    "no characters": list("\ud800\udcff\ue000\uffff\U0010ffff\u0378"),
    "spaces": list("\u00a0\u2003\u3000"),
}

#: Words of several scripts that stay.
WORDS = [
    "printer",
    "Drucker im Büro",
    "Принтер",
    "打印机",
    "プリンター",
    "طابعة",
    "מדפסת",
    "เครื่องพิมพ์",
    "e\u0301",
    "🖨",
    "€ § µ ½",
]


@pytest.mark.parametrize("kind", ODD)
def test_odd_characters(kind: str) -> None:
    """Each becomes one visible character, and in JSON an escape that means the same."""
    for character in ODD[kind]:
        assert printable(f"a{character}b") == "a?b", hex(ord(character))
        assert one_line(f"a{character}b") == "a b"
        written = escape_in_json(json.dumps(f"a{character}b", ensure_ascii=False))
        assert written.isascii() and written.isprintable() and json.loads(written) == f"a{character}b"


@pytest.mark.parametrize("word", WORDS)
def test_words_stay(word: str) -> None:
    """Letters, marks, signs and pictures of all scripts are shown."""
    assert printable(word) == word and one_line(word) == word
    assert escape_in_json(json.dumps(word, ensure_ascii=False)) == f'"{word}"'


@pytest.mark.parametrize(
    "attack",
    ["\x1b]0;title\x07", "\x1b[2J\x1b[H", "\x9b31m", "\x1bP0;1|17/ab\x1b\\", "\x1b[5i", "abc\rroot# ", "\x08\x08yes"],
)
def test_sequences(attack: str) -> None:
    """No escape sequence that terminals know is left."""
    assert not set(printable(attack)) & set("\x1b\x07\x08\r\x9b")


@given(st.text())
def test_all_texts(text: str) -> None:
    """Whatever the text is: as long as it was, printable, and the same when it is made printable again."""
    found = printable(text)
    assert len(found) == len(text) and found.isprintable() and printable(found) == found
    assert json.loads(escape_in_json(json.dumps([text], ensure_ascii=False, indent=2))) == [text]
