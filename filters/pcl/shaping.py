"""Words of scripts whose letters change with their neighbours, as outlines at places of their row.

Each cluster of a word becomes one glyph. Within a word they stand as close as the font wants them, so that what is to
touch touches. A phrase that is wider than its cells is narrowed, in steps, so that the printer needs few different
glyphs.

The first word of a phrase starts at its cell; those that follow after single blanks or punctuation stand as far behind
as words do in a book, since letters of these scripts are mostly narrower than cells, and gaps would gape. What comes
after two blanks, a digit or a letter of another script starts at its cell again, so that columns stay columns.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from filters.layout.clusters import Word, find_words, is_marked, is_picture, is_shaped, needs_shaping, without_words
from filters.layout.page import Row, Style
from filters.pcl.glyph_store import GlyphStore, narrowed
from filters.pcl.soft_font import ADVANCE

#: Widths of narrowed words, in hundredths, are multiples of this.
_STEP = 5
_NARROWEST = 40
#: A blank between two words, and what is set narrower than its cell, in cells.
_SPACE = 0.6
_POINTS, _POINT = frozenset(".,;:!'’‘"), 0.5
#: What follows a word, or stands between two of a phrase, besides.
_OTHERS = frozenset('?()"“”«»…-–/')


class Piece(NamedTuple):
    """A cluster that is printed as one glyph."""

    #: Where it stands, in cells from the start of its row.
    at: float
    style: int
    #: What the glyphs call it.
    name: str


class Shaped(NamedTuple):
    """A row, what is left of it to be printed by letters, and the rest."""

    row: Row
    pieces: list[Piece]


def shape_row(row: Row, glyphs: GlyphStore) -> Shaped:
    """Return a row taken apart; where no font or no HarfBuzz is there, its letters stay in it."""
    if not needs_shaping(row):
        return Shaped(row, [])
    line = _Line(row, glyphs)
    for word in find_words(row):
        first = word.clusters[0].text
        if is_picture(first):
            line.add_picture(word)
        elif is_marked(first):
            if not glyphs.is_box(narrowed(first, 100)):
                line.add_picture(word)
        elif advances := _measure(word, glyphs):
            line.add(word, advances)
    return line.shaped()


def _measure(word: Word, glyphs: GlyphStore) -> list[float]:
    """Return the widths of the clusters of a word in cells; none if one has no outline: its letters stay in the row."""
    advances = []
    bold = bool(word.style & Style.BOLD)
    for cluster in word.clusters:
        advance = glyphs.cluster_advance(cluster.text, bold)
        if advance is None or glyphs.is_box(narrowed(cluster.text, 100)):
            return []
        advances.append(advance / ADVANCE)
    return advances


class _Line:
    """A row that is taken apart, phrase by phrase."""

    def __init__(self, row: Row, glyphs: GlyphStore) -> None:
        self._row = row
        self._glyphs = glyphs
        self._words: list[Word] = []
        self._pieces: list[Piece] = []
        #: Cells of punctuation that stands with the words now.
        self._moved: set[int] = set()
        self._marked = {cell for cell, _ in row.over}
        # The phrase so far: clusters or punctuation with their widths, from which cell to which, and its style.
        self._phrase: list[tuple[str, float]] = []
        self._start = self._end = self._style = 0

    def add(self, word: Word, advances: list[float]) -> None:
        """Take a word, and the punctuation behind it."""
        between = self._row.text[self._end : word.start]
        before = between[1:] if between[:1] == " " else between
        opening = word.start - len(before)
        if not self._phrase or word.style != self._style or not self._can_move(opening, word.start):
            self._set_phrase()
            self._start, self._style = word.start, word.style
        else:
            if before != between:
                self._phrase.append((" ", _SPACE))
            self._move(opening, word.start)
        self._words.append(word)
        self._phrase += [(cluster.text, advance) for cluster, advance in zip(word.clusters, advances)]
        self._end = end = word.start + word.cells
        while end < len(self._row.text) and self._can_move(end, end + 1):
            end += 1
        after = self._row.text[end : end + 1]
        if not after.strip(" ") or is_shaped(after):
            self._move(self._end, end)
            self._end = end

    def add_picture(self, word: Word) -> None:
        """Take an emoji, or a letter with marks, which stands in its own cells."""
        self._set_phrase()
        self._words.append(word)
        self._pieces.append(Piece(word.start, word.style, narrowed(word.clusters[0].text, 100)))

    def _can_move(self, start: int, end: int) -> bool:
        """Tell whether some cells are punctuation in the style of the phrase, which can be moved to it."""
        return all(
            self._row.text[cell] in _POINTS | _OTHERS
            and cell not in self._marked
            and (self._row.styles[cell] if self._row.styles else 0) == self._style
            and not self._glyphs.is_box(self._row.text[cell])
            for cell in range(start, end)
        )

    def _move(self, start: int, end: int) -> None:
        """Take the punctuation in some cells."""
        marks = self._row.text[start:end]
        self._phrase += [(mark, _POINT if mark in _POINTS else 1.0) for mark in marks]
        self._moved.update(range(start, end))

    def _set_phrase(self) -> None:
        """Set what was taken since the last time, all of it narrowed if it is wider than its cells."""
        width, room = sum(advance for _, advance in self._phrase), self._end - self._start
        percent = 100
        if width > room:
            percent = max(math.floor(room / width * 100 / _STEP) * _STEP, _NARROWEST)
        at = float(self._start)
        for text, advance in self._phrase:
            if is_shaped(text[0]):
                self._pieces.append(Piece(at, self._style, narrowed(text, percent)))
            elif text != " ":
                # A point is in the middle of its cell.
                self._pieces.append(Piece(at - (1 - advance) / 2, self._style, text))
            at += advance * percent / 100
        self._phrase = []

    def shaped(self) -> Shaped:
        """Return what became of the row."""
        self._set_phrase()
        if not self._words:
            return Shaped(self._row, [])
        rest = without_words(self._row, self._words)
        text = "".join(" " if cell in self._moved else character for cell, character in enumerate(rest.text))
        return Shaped(rest._replace(text=text), self._pieces)
