"""The grid: what every kind of input writes and every kind of output draws.

A line of text is one of two things:

- ``bytes``: text in symbol set 19U (cp1252), one byte a cell, nothing but printable codes. Plain text stays like this
  from one end to the other, which is what makes it fast.
- a ``Row``: one character a cell, with a byte of style for each cell, and what is printed over a cell besides. A wide
  character takes two cells, the second one filled with ``FILLER``.

Measures are in 1/7200 inch from the top left corner of the sheet as it is read.
"""

from __future__ import annotations

from bisect import bisect_left
from enum import IntFlag
from typing import NamedTuple, Union

#: Stands in the second cell of a wide character.
FILLER = "\0"


class Style(IntFlag):
    """How a cell is printed."""

    PLAIN = 0
    BOLD = 1
    UNDERLINE = 2
    INVERSE = 4
    ITALIC = 8
    GREY = 16


#: How much of black grey is: thin strokes of text in it break into dots where a printer screens anything lighter.
GREY = 0.75

#: Faces: what of a style says which letters there are. In a style italic is another bit.
BOLD_FACE, ITALIC_FACE = 1, 2


def face_of(style: int) -> int:
    """Return the face for a style."""
    return style & 1 | (style & 8) >> 2


class Row(NamedTuple):
    """A line with more to it than plain text; ``styles`` is empty or as long as ``text``."""

    text: str
    styles: bytes = b""
    #: Cell and character (with its combining marks) to be printed there as well, in the order of the cells.
    over: tuple[tuple[int, str], ...] = ()

    def part(self, start: int, end: int) -> Row:
        """Return the cells from start up to end as a row of their own."""
        first, last = bisect_left(self.over, (start,)), bisect_left(self.over, (end,))  # type: ignore[type-var]
        over = tuple((cell - start, c) for cell, c in self.over[first:last])
        return Row(self.text[start:end], self.styles[start:end], over)


Line = Union[bytes, Row]


class Frame(NamedTuple):
    """A rectangle of the grid on a side; all frames of a job have the same cells."""

    x: int
    y: int
    columns: int
    lines: int
    #: Under its line there is a rule from edge to edge.
    rule: bool = False


class Block(NamedTuple):
    """Lines in a frame, from its top."""

    frame: Frame
    lines: list[Line]


class Side(NamedTuple):
    """One side of a sheet: what one form feed prints. Sides are numbered from 1, in the order of the text."""

    number: int
    blocks: tuple[Block, ...]


def cells(line: Line) -> int:
    """Return the number of cells a line takes."""
    return len(line) if isinstance(line, bytes) else len(line.text)
