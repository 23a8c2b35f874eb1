"""Text into cells: what takes one, what takes two, what takes none, and what happens when two want the same.

Overstrike, as line printers and nroff do it: the same character again is bold, an underscore under or over another
one underlines it, a blank changes nothing, and anything else is printed over what is there.
"""

from __future__ import annotations

import re
import unicodedata

from filters.layout.clusters import JOINER, KEYCAP, NON_JOINER, continues_picture, is_regional, letter_of, takes_joiners
from filters.layout.page import FILLER, Row, Style

#: More characters than this on one cell would only be a black spot.
_MOST_OVER = 4
#: Marks in a row that are looked at: some become one with their letter.
_MOST_MARKS = 2 * _MOST_OVER

#: What emoji of keys have on them.
_ON_KEYS = frozenset("0123456789#*")
#: Characters of an emoji besides the first: a family of four has six.
_MOST_JOINED = 8

#: Variation selectors of Unicode and of Mongolian, and the combining grapheme joiner.
_UNSEEN = re.compile("[\u034f\u180b-\u180d\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef]")
#: Latin; Greek and Cyrillic; box drawing and blocks.
_NARROW = re.compile("[\0-\u02ff\u0370-\u0482\u2500-\u25ff]*")
#: Chinese and Japanese, syllables of Korean, full-width forms; nothing that joins what stands before it.
_WIDE_RANGES = "\u3000-\u3029\u3041-\u3096\u30a1-\u30fa\u3400-\u4dbf\u4e00-\u9fef\uac00-\ud7a3\uff01-\uff60"
_WIDE = re.compile(f"[{_WIDE_RANGES}]+")
#: The same without tabs, without what becomes another character when it is composed, and the squares that are wide.
_NARROW_OR_WIDE = re.compile(
    f"[\n\x20-\u02ff\u0384-\u0386\u0388-\u038a\u038e-\u03a1\u03a3-\u0482\u2500-\u25fc\u25ff{_WIDE_RANGES}]*"
)


def narrow_cells(text: str) -> bool:
    """Tell whether every character takes one cell, judged quickly: False means "look closer"."""
    return text.isascii() or _NARROW.fullmatch(text) is not None


def wide_cells(text: str) -> str | None:
    """Return lines with the second cells of wide characters, judged quickly: None means "look closer"."""
    return _WIDE.sub(_with_fillers, text) if _NARROW_OR_WIDE.fullmatch(text) else None


def _with_fillers(run: re.Match[str]) -> str:
    return FILLER.join(run.group()) + FILLER


def cell_width(character: str) -> int:
    """Return the number of cells of a character (Unicode Standard Annex 11): 0, 1 or 2.

    None is for marks that join the character before and for what only steers a layout.
    """
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 1 if character == "\u00ad" else 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


class CellWriter:
    """A line in the making: a cursor that can go back, and cells that take more than one character."""

    def __init__(self, tab_width: int) -> None:
        self._tab_width = tab_width
        self._text: list[str] = []
        self._styles = bytearray()
        self._over: dict[int, list[str]] = {}
        self._column = 0

    def write(self, text: str, style: int) -> None:
        """Write characters at the cursor; tabs move it."""
        if self._column == len(self._text) and "\t" not in text and narrow_cells(text):
            # Nothing stands here yet, so nothing can be printed over.
            self._text += text
            self._styles += bytes((style,)) * len(text)
            self._column = len(self._text)
            return
        for character in text if text.isascii() else _composed(text):
            width = cell_width(character)
            if self._only_colours(character) or self._continues_picture(character):
                continue
            if character == "\t":
                self._tab()
            elif width:
                self._put(character, style)
                if width == 2:
                    self._put(FILLER, style)
            elif self._column and (unicodedata.category(character) != "Cf" or self._is_joiner(character)):
                self._join(character)

    def _only_colours(self, character: str) -> bool:
        """Tell whether a character says how the one before looks, in a way that black on white cannot show.

        Variation selectors choose the picture or the letter of an emoji, or the form of a letter; skin tones colour an
        emoji (UTS 51); a grapheme joiner is not seen at all.
        """
        if _UNSEEN.match(character):
            return True
        before = self._text[self._column - 1] if 0 < self._column <= len(self._text) else ""
        return "\U0001f3fb" <= character <= "\U0001f3ff" and before == FILLER

    def _is_joiner(self, character: str) -> bool:
        """Tell whether a character says how the letter before joins the next one."""
        return character in (JOINER, NON_JOINER) and takes_joiners("".join(self._text[self._column - 1 : self._column]))

    def _continues_picture(self, character: str) -> bool:
        """Tell whether a character is part of the emoji before (UTS 51), and keep it there.

        Emoji after a joiner are one picture with those before, and two regional indicators are a flag.
        """
        is_joiner = character == JOINER
        if not is_joiner and not is_regional(character) and unicodedata.category(character) != "So":
            return False
        end = self._column
        if not end or end != len(self._text):
            return False
        cell = end - 2 if end > 1 and self._text[end - 1] == FILLER else end - 1
        if unicodedata.category(self._text[cell]) != "So":
            return False
        over = self._over.get(cell, [""])
        rest = over[0] if continues_picture(over[0]) else ""
        if (
            not is_joiner
            and not rest.endswith(JOINER)
            and not (is_regional(character) and is_regional(self._text[cell]) and not rest)
        ):
            return False
        if len(rest) >= _MOST_JOINED or is_joiner and rest.endswith(JOINER):
            return False
        if rest or not self._over.get(cell):
            self._over[cell] = [rest + character]
        else:
            self._over[cell].insert(0, character)
        if end - cell == 1 and not is_joiner:
            self._put(FILLER, self._styles[cell])
        return True

    def _tab(self) -> None:
        self._column += self._tab_width - self._column % self._tab_width

    def _put(self, character: str, style: int) -> None:
        column = self._column
        self._column += 1
        if column >= len(self._text):
            self._extend(column + 1)
        there = self._text[column]
        if character == FILLER or there == " ":
            self._text[column] = character
            self._styles[column] |= style
        elif character == "_":
            self._styles[column] |= Style.BOLD if there == "_" else Style.UNDERLINE
        elif there == "_":
            self._text[column] = character
            self._styles[column] |= style | Style.UNDERLINE
        elif character == there:
            self._styles[column] |= style | Style.BOLD
        elif character != " ":
            self._print_over(column, character)

    def _extend(self, length: int) -> None:
        missing = length - len(self._text)
        self._text += " " * missing
        self._styles += bytes(missing)

    def _print_over(self, column: int, character: str) -> None:
        if is_regional(character):
            character = letter_of(character)  # behind another character it would be taken for the rest of a flag
        # Bold is not worth the search for what is printed there already.
        over = self._over.setdefault(column, [])
        if len(over) < _MOST_OVER:
            over.append(character)

    def _join(self, mark: str) -> None:
        """Put a combining mark on the character before the cursor."""
        column = min(self._column, len(self._text)) - 1
        if column > 0 and self._text[column] == FILLER:
            column -= 1
        is_free = self._column == column + 1 == len(self._text) and not self._over.get(column)
        if mark == KEYCAP and is_free and self._text[column] in _ON_KEYS:
            self._over[column] = [JOINER + mark]
            self._put(FILLER, self._styles[column])
        elif column >= 0:
            self._print_over(column, mark)

    def back(self) -> None:
        """Go one cell to the left."""
        self._column = max(self._column - 1, 0)

    def start(self) -> None:
        """Go to the first cell."""
        self._column = 0

    def row(self) -> Row:
        """Return the line as it stands."""
        styles = bytes(self._styles) if any(self._styles) else b""
        over = tuple((cell, character) for cell in sorted(self._over) for character in self._over[cell])
        return Row("".join(self._text), styles, over)


def _composed(text: str) -> str:
    """Return text with its marks composed; heaps of marks, which would take long to sort, are cut before."""
    if not any(map(unicodedata.combining, text)):
        return unicodedata.normalize("NFC", text)
    kept, marks = [], 0
    for character in text:
        marks = marks + 1 if unicodedata.combining(character) else 0
        if marks <= _MOST_MARKS:
            kept.append(character)
    return unicodedata.normalize("NFC", "".join(kept))
