"""Long lines: broken at the margin, broken between words, cut, or left alone."""

from __future__ import annotations

from enum import Enum
from typing import Union

from filters.layout.page import FILLER, Line, Row, cells


class Wrap(Enum):
    """What happens to a line that is too long; the values are those of the option.

    OFF is TRUNCATE at the edge of what can be printed: places further out are no numbers that PCL could take.
    """

    CHAR = "char"
    WORD = "word"
    TRUNCATE = "truncate"
    OFF = "off"


def find_breaks(text: Union[bytes, str], width: int, wrap: Wrap) -> list[tuple[int, int]]:
    """Return where the pieces of a line start and end.

    Between words a break takes the place of the blanks there; blanks that start a line are its indentation and no
    place to break; a word that is longer than a line is broken like any other character.
    """
    pieces = []
    start, length = 0, len(text)
    while length - start > width:
        end, following = _next_break(text, start, width, wrap)
        pieces.append((start, end))
        start = following
        if wrap is Wrap.TRUNCATE:
            return pieces
    if start < length or not pieces:
        pieces.append((start, length))
    return pieces


def _next_break(text: Union[bytes, str], start: int, width: int, wrap: Wrap) -> tuple[int, int]:
    blank: Union[bytes, str] = b" " if isinstance(text, bytes) else " "
    if wrap is Wrap.WORD:
        space = text.rfind(blank, start, start + width + 1)  # type: ignore[arg-type]
        end = start + len(text[start : max(space, start)].rstrip(blank))  # type: ignore[arg-type]
        if text[start:end].strip(blank):  # type: ignore[arg-type]
            following = space + 1
            while text[following : following + 1] == blank:
                following += 1
            return end, following
    end = start + width
    if text[end : end + 1] == FILLER and width > 1:
        end -= 1  # a wide character goes to the next line whole
    return end, end


def cut_cells(text: str, width: int) -> str:
    """Return the start of a text, with an ellipsis if it is longer than it may be."""
    if len(text) <= width:
        return text
    kept = max(width - 3, 0)
    if text[kept] == FILLER and kept:
        return text[: kept - 1] + " " + "..."  # there is only half the room for a wide character
    return text[:kept] + "..."[: max(width, 0)]


def wrap_line(line: Line, width: int, wrap: Wrap, mark: str = "") -> list[Line]:
    """Return the rows that a line takes in a frame of ``width`` cells."""
    if cells(line) <= width:
        return [line]
    mark = mark if len(mark) < width else ""
    text: Union[bytes, str] = line if isinstance(line, bytes) else line.text
    pieces = find_breaks(text, width - len(mark), wrap)
    if isinstance(line, bytes):
        rows: list[Line] = [line[start:end] for start, end in pieces]
    else:
        rows = [line.part(start, end) for start, end in pieces]
    if mark:
        marked = rows if wrap is Wrap.TRUNCATE else rows[:-1]
        rows[: len(marked)] = [_with_mark(row, mark, width) for row in marked]
    return rows


def _with_mark(line: Line, mark: str, width: int) -> Line:
    """Return a row with the mark in the last cells of its line."""
    room = width - len(mark)
    if isinstance(line, bytes):
        try:
            return line.ljust(room) + mark.encode("cp1252")
        except UnicodeEncodeError:
            line = Row(line.decode("cp1252"))
    styles = line.styles.ljust(room, b"\0") + bytes(len(mark)) if line.styles else b""
    return Row(line.text.ljust(room) + mark, styles, line.over)
