"""Symbol set 19U, and what it does not have."""

from __future__ import annotations

from filters.codepage.symbol_set import MISSING, MISSING_OR_BLANK, MISSING_WORDS, OTHERS, PRINTABLE, count_missing

ALL = "".join(map(chr, range(0x3000)))
SHOWN = {chr(code) for code in (*range(0x20, 0x7F), *range(0xA0, 0x100))} | {*"€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ"}


def test_characters() -> None:
    """It has the characters of Windows 1252; blanks may be taken for missing ones, or stand between these."""
    assert set(MISSING.sub("", ALL)) == set(PRINTABLE.decode("cp1252")) == SHOWN
    assert set(MISSING_OR_BLANK.sub("", ALL)) == SHOWN - {" ", "\xa0"}
    assert MISSING_WORDS.findall("\u4e00\u4e01  \u4e02 a \u4e03\xa0") == ["\u4e00\u4e01  \u4e02", "\u4e03"]
    assert set(MISSING_WORDS.sub("", ALL)) == SHOWN


def test_counts() -> None:
    """A thousand characters are counted each on its own, and the others together."""
    missing: dict[str, int] = {}
    for character in 2 * "".join(chr(0x4E00 + number) for number in range(1002)):
        count_missing(missing, character)
    assert len(missing) == 1001 and missing.pop(OTHERS) == 4 and {*missing.values()} == {2}
