"""Letters that are written as one: Unicode Standard Annex 29, clusters of the scripts of India and its neighbours.

In these scripts vowels stand before, above, below or around the consonant that they are spoken after, and consonants
without a vowel between them become one shape. What belongs together is taken out of its row, to be shaped and printed
as one; words keep the cells at which they start.

So are emoji that are joined to one picture (Unicode Technical Standard 51): the first stands in the row, the others
are with what is printed over it, as one text. And so are letters of all other scripts with marks for which there is no
letter: fonts know where a mark stands on which letter.
"""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

from filters.layout.page import FILLER, Row

#: Letters that join or not as joiners say: those of Arabic and these.
_JOINED = re.compile("[\u0600-\u06ff\u0900-\u109f\u1780-\u17ff]")
#: Devanagari to Sinhala, Thai, Lao, Tibetan, Myanmar, Khmer.
_SHAPED = re.compile("[\u0900-\u109f\u1780-\u17ff]")
#: Marks after which a consonant joins the one before; a visible one of Myanmar (asat) is none of them.
_JOINING_CLASS, _ASAT = 9, "\u103a"
#: Thai and Lao AM: a letter half of which is a mark on the consonant before.
_AM = "\u0e33\u0eb3"
#: What joins emoji, and the letters that flags are made of.
JOINER = "\u200d"
#: Makes the picture of a key of a digit, "#" or "*", where it is joined to that.
KEYCAP = "\u20e3"
#: Keeps letters apart.
NON_JOINER = "\u200c"
_REGIONAL = re.compile("[\U0001f1e6-\U0001f1ff]")
_REGIONAL_A = 0x1F1E6
#: Cells of a cluster; no spelling has more, and an outline has no room for any number of letters.
_MOST_CELLS = 8


class Cluster(NamedTuple):
    """Letters that are shaped as one."""

    text: str
    #: Cells that they have.
    cells: int


class Word(NamedTuple):
    """Clusters that follow each other without a blank, in one style."""

    start: int
    style: int
    clusters: list[Cluster]

    @property
    def cells(self) -> int:
        """Cells that the word has."""
        return sum(cluster.cells for cluster in self.clusters)


def needs_shaping(row: Row) -> bool:
    """Tell whether there is anything in a row that is not printed letter by letter."""
    if row.text.isascii() and not row.over:
        return False
    if _SHAPED.search(row.text):
        return True
    return any(continues_picture(text) or is_mark(text) and _is_letter(row, cell) for cell, text in row.over)


def is_regional(character: str) -> bool:
    """Tell whether a character is one of the letters two of which are a flag."""
    return _REGIONAL.match(character) is not None


def letter_of(regional: str) -> str:
    """Return the letter that one of the letters of flags stands for."""
    return chr(ord(regional) - _REGIONAL_A + ord("A"))


def takes_joiners(character: str) -> bool:
    """Tell whether a joiner or non-joiner behind a letter says how it is written."""
    return _JOINED.match(character) is not None


def is_mute(text: str) -> bool:
    """Tell whether what is printed over a cell is nothing by itself."""
    return text == NON_JOINER or continues_picture(text)


def continues_picture(text: str) -> bool:
    """Tell whether what is printed over a cell is the rest of an emoji there."""
    return text.startswith(JOINER) or is_regional(text)


def is_mark(text: str) -> bool:
    """Tell whether a mark among what is printed over a cell has its place on the letter there."""
    return any(map(unicodedata.combining, text))


def is_marked(cluster: str) -> bool:
    """Tell whether a cluster is a letter with marks that stands in a cell of its own."""
    return not is_shaped(cluster[0]) and is_mark(cluster[1:])


def is_picture(cluster: str) -> bool:
    """Tell whether a cluster is joined emoji."""
    return JOINER in cluster and not is_shaped(cluster[0]) or is_regional(cluster[0])


def is_shaped(character: str) -> bool:
    """Tell whether a letter changes with its neighbours."""
    return _SHAPED.match(character) is not None


def find_words(row: Row) -> list[Word]:
    """Return the words of a row that are to be shaped."""
    marks: dict[int, str] = {}
    for cell, mark in row.over:
        if len(mark) == 1 and (unicodedata.category(mark).startswith("M") or mark in (JOINER, NON_JOINER)):
            marks[cell] = marks.get(cell, "") + mark
    words: list[Word] = []
    joins = False
    end = -1
    for found in _SHAPED.finditer(row.text):
        cell, character = found.start(), found.group()
        style = row.styles[cell] if row.styles else 0
        text = character + marks.get(cell, "")
        belongs = joins or character in _AM or unicodedata.category(character).startswith("M")
        # What belongs to the cluster before has its style, whatever its own is.
        follows = cell == end and (belongs or words[-1].style == style)
        end = cell + 1
        if not follows:
            words.append(Word(cell, style, []))
        clusters = words[-1].clusters
        if clusters and belongs and clusters[-1].cells < _MOST_CELLS:
            clusters[-1] = Cluster(clusters[-1].text + text, clusters[-1].cells + 1)
        else:
            clusters.append(Cluster(text, 1))
        last = text.rstrip(JOINER + NON_JOINER)[-1]
        joins = unicodedata.combining(last) == _JOINING_CLASS and last != _ASAT
    pictures = [
        _picture(row, cell, text)
        for cell, text in row.over
        if continues_picture(text) and not is_shaped(row.text[cell])
    ]
    pictures += [_picture(row, cell, rest) for cell, rest in marks.items() if _is_letter(row, cell) and is_mark(rest)]
    return sorted(words + pictures, key=lambda word: word.start) if pictures else words


def _is_letter(row: Row, cell: int) -> bool:
    """Tell whether a cell has a letter that marks have their places on, and not one of a word that is shaped."""
    character, after = row.text[cell], row.text[cell + 1 : cell + 2]
    return unicodedata.category(character).startswith("L") and after != FILLER and not is_shaped(character)


def _picture(row: Row, cell: int, rest: str) -> Word:
    cells = 2 if row.text[cell + 1 : cell + 2] == FILLER else 1
    return Word(cell, row.styles[cell] if row.styles else 0, [Cluster(row.text[cell] + rest, cells)])


def without_words(row: Row, words: list[Word]) -> Row:
    """Return a row with blanks where words are, in their style."""
    text, styles = list(row.text), bytearray(row.styles)
    taken: dict[int, str] = {}
    for word in words:
        text[word.start : word.start + word.cells] = " " * word.cells
        if styles:
            styles[word.start : word.start + word.cells] = bytes((word.style,)) * word.cells
        start = word.start
        for cluster in word.clusters:
            for cell in range(start, start + cluster.cells):
                taken[cell] = taken.get(cell, "") + cluster.text
            start += cluster.cells
    over = tuple(
        (cell, mark)
        for cell, mark in row.over
        if cell not in taken
        or not (is_mute(mark) or mark in taken[cell] and unicodedata.category(mark).startswith("M"))
    )
    return Row("".join(text), bytes(styles), over)
