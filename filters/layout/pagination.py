"""Lines to sides: rows fill columns from the top, columns fill pages, pages fill sides.

A full column is closed at once, so that a page can leave before the next line is read. A form feed that follows right
then has nothing left to do; any other one closes the page as it is, an empty one too. At the end blank lines alone
make no page.
"""

from __future__ import annotations

from typing import Callable, Iterator, Optional

from filters.layout.bidi import base_level, is_right_to_left, visual_row
from filters.layout.geometry import PageFrames, PageLayout
from filters.layout.page import Block, Line, Row, Side
from filters.layout.wrapping import Wrap, wrap_line

#: Cells of a line number and the blanks after it.
_LINE_NUMBER = 8

#: Returns what stands in the header and the footer of a page, by the number of the page.
Headers = Callable[[int, PageFrames], list[Block]]


class Paginator:
    """Takes lines and form feeds, gives sides as soon as they are complete."""

    def __init__(
        self,
        layout: PageLayout,
        wrap: Wrap,
        wrap_mark: str = "",
        line_numbers: bool = False,
        headers: Optional[Headers] = None,
    ) -> None:
        self._pages = layout.pages
        frame = layout.frame
        if wrap is Wrap.OFF:
            columns, wrap, wrap_mark = layout.edge_columns, Wrap.TRUNCATE, ""
        else:
            columns = frame.columns
        self._line_number = 0 if line_numbers and columns > _LINE_NUMBER else None
        self._width = columns - (0 if self._line_number is None else _LINE_NUMBER)
        #: Where right-to-left lines end: at the margin, also when others may run over it.
        self._margin = min(self._width, frame.columns)
        self._lines = frame.lines
        self._wrap = wrap
        self._mark = wrap_mark
        self._headers = headers
        self._rows: list[Line] = []
        self._just_filled = False
        self._columns: list[list[Line]] = []
        self._blocks: list[Block] = []
        self._pages_done = 0
        self._pages_on_side = 0
        self._sides = 0

    @property
    def pages(self) -> int:
        """Pages that are complete."""
        return self._pages_done

    def add_lines(self, lines: list[Line], trimmed: bool = False) -> Iterator[Side]:
        """Take whole lines; trailing blanks are cut off, as nothing prints there.

        Args:
            trimmed: all lines are bytes without trailing blanks.
        """
        rows = self._fold(lines, trimmed)
        start = 0
        while start < len(rows):
            end = start + self._lines - len(self._rows)
            self._rows += rows[start:end]
            start = end
            self._just_filled = len(self._rows) >= self._lines
            if self._just_filled:
                yield from self._end_column()

    def _fold(self, lines: list[Line], trimmed: bool) -> list[Line]:
        rows = lines
        if not trimmed:
            rows = [line.rstrip(b" ") if type(line) is bytes else line for line in lines]
        if self._line_number is not None:
            return self._fold_and_number(rows)
        if trimmed and max(map(len, rows), default=0) <= self._width:
            return rows
        width = self._width
        folded: list[Line] = []
        others = is_right_to_left("".join([row.text for row in rows if isinstance(row, Row)]))
        for row in rows:
            # Nearly all lines are like this, and asking them more costs more than printing them.
            if len(row if type(row) is bytes else row.text) <= width and not others:  # type: ignore[union-attr]
                folded.append(row)
            else:
                folded += self._pieces(row)
        return folded

    def _pieces(self, line: Line) -> list[Line]:
        """Return the rows of a line, in the order in which their characters are printed."""
        pieces = wrap_line(line, self._width, self._wrap, self._mark)
        if not isinstance(line, Row) or not is_right_to_left(line.text):
            return pieces
        base = base_level(line.text)
        return [visual_row(piece, base, self._margin) if isinstance(piece, Row) else piece for piece in pieces]

    def _fold_and_number(self, rows: list[Line]) -> list[Line]:
        numbered: list[Line] = []
        for row in rows:
            self._line_number = (self._line_number or 0) + 1
            first, *others = self._pieces(row)
            numbered.append(_indented(first, f"{self._line_number:>6}  "))
            numbered += [_indented(other, " " * _LINE_NUMBER) for other in others]
        return numbered

    def form_feed(self) -> Iterator[Side]:
        """End the page, unless a line that just filled it has done so."""
        if self._just_filled and not self._columns:
            self._just_filled = False
        else:
            self._just_filled = False
            yield from self._end_page()

    def _end_column(self) -> Iterator[Side]:
        self._columns.append(self._rows)
        self._rows = []
        if len(self._columns) == len(self._pages[0].columns):
            yield from self._end_page()

    def _end_page(self) -> Iterator[Side]:
        frames = self._pages[self._pages_on_side]
        columns = [*self._columns, self._rows]
        self._columns, self._rows = [], []
        self._pages_done += 1
        self._pages_on_side += 1
        if self._headers:
            self._blocks += self._headers(self._pages_done, frames)
        self._blocks += map(Block, frames.columns, columns)
        if self._pages_on_side == len(self._pages):
            yield self._end_side()

    def _end_side(self) -> Side:
        self._sides += 1
        side = Side(self._sides, tuple(self._blocks))
        self._blocks, self._pages_on_side = [], 0
        return side

    def finish(self) -> Iterator[Side]:
        """End the last page and side, if there is anything on them."""
        if any(map(_marks, self._rows)) or any(any(map(_marks, column)) for column in self._columns):
            yield from self._end_page()
        if self._pages_on_side:
            yield self._end_side()


def _indented(line: Line, number: str) -> Line:
    if isinstance(line, bytes):
        return number.encode("ascii") + line
    over = tuple((cell + len(number), character) for cell, character in line.over)
    return Row(number + line.text, line.styles and bytes(len(number)) + line.styles, over)


def _marks(line: Line) -> bool:
    return bool(line.strip()) if isinstance(line, bytes) else bool(line.text.strip() or any(line.styles))
