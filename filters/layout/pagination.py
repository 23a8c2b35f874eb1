"""Lines to sides: rows fill frames from the top, frames fill sides.

A full page is closed at once, so that it can leave before the next line is read. A form feed that follows right then
has nothing left to do; any other one closes the page as it is, an empty one too. At the end blank lines alone make no
page.
"""

from __future__ import annotations

from typing import Iterator

from filters.layout.page import Block, Frame, Line, Side, cells
from filters.layout.wrapping import Wrap, wrap_line


class Paginator:
    """Takes lines and form feeds, gives sides as soon as they are complete."""

    def __init__(self, frames: tuple[Frame, ...], wrap: Wrap, wrap_mark: str = "") -> None:
        self._frames = frames
        self._columns = frames[0].columns
        self._lines = frames[0].lines
        self._wrap = wrap
        self._mark = wrap_mark
        self._rows: list[Line] = []
        self._just_filled = False
        self._blocks: list[Block] = []
        self._number = 0

    def add_lines(self, lines: list[Line]) -> Iterator[Side]:
        """Take whole lines; trailing blanks are cut off, as nothing prints there."""
        rows = self._fold(lines)
        start = 0
        while start < len(rows):
            end = start + self._lines - len(self._rows)
            self._rows += rows[start:end]
            start = end
            self._just_filled = len(self._rows) >= self._lines
            if self._just_filled:
                yield from self._end_page()

    def _fold(self, lines: list[Line]) -> list[Line]:
        rows = [line.rstrip(b" ") if type(line) is bytes else line for line in lines]
        if self._wrap is Wrap.OFF or max(map(cells, rows), default=0) <= self._columns:
            return rows
        folded: list[Line] = []
        for row in rows:
            folded += wrap_line(row, self._columns, self._wrap, self._mark)
        return folded

    def form_feed(self) -> Iterator[Side]:
        """End the page, unless a line that just filled it has done so."""
        if self._just_filled:
            self._just_filled = False
        else:
            yield from self._end_page()

    def _end_page(self) -> Iterator[Side]:
        self._blocks.append(Block(self._frames[len(self._blocks)], self._rows))
        self._rows = []
        if len(self._blocks) == len(self._frames):
            yield self._end_side()

    def _end_side(self) -> Side:
        self._number += 1
        side = Side(self._number, tuple(self._blocks))
        self._blocks = []
        return side

    def finish(self) -> Iterator[Side]:
        """End the last page and side, if there is anything on them."""
        if any(map(_marks, self._rows)):
            yield from self._end_page()
        if self._blocks:
            yield self._end_side()


def _marks(line: Line) -> bool:
    return bool(line.strip()) if isinstance(line, bytes) else bool(line.text.strip() or any(line.styles))
