"""Text into cells: what takes one, what takes two, what takes none, and what happens when two want the same.

Overstrike, as line printers and nroff do it: the same character again is bold, an underscore under or over another
one underlines it, a blank changes nothing, and anything else is printed over what is there.
"""

from __future__ import annotations

import unicodedata

from filters.layout.page import FILLER, Row, Style

#: More characters than this on one cell would only be a black spot.
_MOST_OVER = 4
#: Marks in a row that are looked at: some become one with their letter.
_MOST_MARKS = 2 * _MOST_OVER


def narrow_cells(text: str) -> bool:
    """Tell whether every character takes one cell, judged quickly: False means "look closer"."""
    return text.isascii() or max(text) < "\u0300" or all(map(_is_narrow, set(text)))


def _is_narrow(character: str) -> bool:
    # Latin; Greek and Cyrillic; box drawing and blocks
    return character < "\u0300" or "\u0370" <= character < "\u0483" or "\u2500" <= character < "\u2600"


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
            if character == "\t":
                self._tab()
            elif width:
                self._put(character, style)
                if width == 2:
                    self._put(FILLER, style)
            elif unicodedata.category(character) != "Cf" and self._column:
                self._join(character)

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
        # Bold is not worth the search for what is printed there already.
        over = self._over.setdefault(column, [])
        if len(over) < _MOST_OVER:
            over.append(character)

    def _join(self, mark: str) -> None:
        """Put a combining mark on the character before the cursor."""
        column = min(self._column, len(self._text)) - 1
        if column > 0 and self._text[column] == FILLER:
            column -= 1
        if column >= 0:
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
