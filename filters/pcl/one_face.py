"""Which rows are all in one face: letters of two faces in a word look like a ransom note.

A row with letters that symbol set 19U lacks is all in soft fonts, if those have the rest of it too: figures between
Chinese words are as black as those. So is one with figures and signs that stand among letters: fractions, indices,
currencies, operators, hyphens. Where a tenth of the lines of a side are so, all of the side is. Frames, arrows and
pictures take nothing along.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Callable

from filters.codepage.symbol_set import CODE_PAGE, MISSING_OR_BLANK
from filters.layout.clusters import is_mark
from filters.layout.page import Block, Line, Row

if TYPE_CHECKING:  # only needed by texts with other characters
    from filters.pcl.glyph_store import GlyphStore

#: Letters of all alphabets, and signs of Chinese, Japanese and Korean, but for what the symbol set has; and signs that
#: stand among letters: hyphens and primes, numbers above and below, currencies, abbreviations, fractions, operators.
_LETTERS = re.compile(
    "[^\\W\0-\xffŒœŠšŸŽžƒ\u02b0-\u036f\u2000-\u2e7f\U0001d400-\U0001ffff]"
    "|[\u2010-\u2012\u2015\u2032-\u2037\u2070-\u209f\u20a0-\u20ab\u20ad-\u20cf"
    "\u2100-\u2121\u2123-\u218f\u2200-\u22ff]"
)
#: One line of so many is enough to take its side along.
_ONE_OF = 10


class OneFace:
    """The rows of a side that are in one soft font."""

    def __init__(self) -> None:
        self.rows: set[Row] = set()
        #: All lines of the side are, plain ones too.
        self.is_side = False
        #: Characters that resident fonts and ours both have.
        self._known: set[str] = set()

    def clear(self) -> None:
        """Begin a side that has no such rows."""
        self.rows, self.is_side = set(), False

    def choose(self, blocks: tuple[Block, ...], open_glyphs: Callable[[], GlyphStore]) -> list[Row]:
        """Find out about a side; return what plain lines are among its rows now, as rows."""
        self.clear()
        lines = [line for block in blocks for line in block.lines if line]
        rows = [line for line in lines if not isinstance(line, bytes)]
        lettered = {row for row in rows if has_letters(row)}
        if not lettered:
            return []
        glyphs = open_glyphs()
        if _ONE_OF * sum(line in lettered for line in lines) >= len(lines):
            plain = [Row(line.decode(CODE_PAGE)) for line in lines if isinstance(line, bytes)]
            if self._has_all([*plain, *rows], glyphs):
                self.rows, self.is_side = {*plain, *rows}, True
                return plain
        self.rows = lettered
        if not self._has_all(list(lettered), glyphs):
            self.rows = {row for row in lettered if self._has_all([row], glyphs)}
        return []

    def is_like_before(self, lines: list[Line]) -> bool:
        """Tell whether a side of characters that are in the font of the one before would be in one face like that."""
        lettered = sum(has_letters(line) for line in lines if isinstance(line, Row))
        return self.is_side and lettered > 0 and _ONE_OF * lettered >= len(lines)

    def resident_in(self, rows: list[Row]) -> dict[str, None]:
        """Return the characters that the symbol set has and that these rows take from our font all the same."""
        return _resident_in([row for row in rows if row in self.rows])

    def _has_all(self, rows: list[Row], glyphs: GlyphStore) -> bool:
        """Tell whether our fonts have all of some rows that resident ones have."""
        resident = _resident_in(rows).keys() - self._known
        self._known |= {character for character in resident if not glyphs.is_box(character)}
        return resident <= self._known


def has_letters(row: Row) -> bool:
    """Tell whether a row has letters for which it is in one face, those with marks among them."""
    if any(is_mark(text) for _, text in row.over):
        return True
    return not row.text.isascii() and _LETTERS.search(row.text) is not None


def _resident_in(rows: list[Row]) -> dict[str, None]:
    """Return the characters of rows, and over them, that the symbol set has, without blanks, in the order in which
    they first come."""
    over = [character for row in rows for _, character in row.over]
    return dict.fromkeys(MISSING_OR_BLANK.sub("", "".join([*(row.text for row in rows), *over])))
