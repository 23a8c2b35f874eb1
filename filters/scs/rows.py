"""Text over text, as old printers made emphasis of it: the same again is bold, a low line over or under a letter is an
underline, and anything else is printed as well.

    ALLY p. 4-20: BOLD <CR> BOLD, B <BS> B; research of what /36 programs and RPG do: text, then ____ over it
"""

from __future__ import annotations

from typing import Iterator, Union

from filters.layout.page import FILLER
from filters.layout.runs import BOLD, OVER, UNDERLINE, Font, Run

_LOW_LINE = "_"
_BLANK = " \xa0"


class _Cell:
    """What stands in one place."""

    __slots__ = ("character", "font", "style", "over")

    def __init__(self, character: str, font: Font, style: int) -> None:
        self.character = character
        self.font = font
        self.style = style
        self.over: list[str] = []

    def strike(self, character: str, style: int) -> None:
        """Print a character over this one."""
        if character == self.character:
            self.style |= style | BOLD
        elif character == _LOW_LINE:
            self.style |= UNDERLINE
        elif self.character == _LOW_LINE:
            self.character = character
            self.style = self.style & ~BOLD | style | UNDERLINE
        elif character not in self.over:
            self.over.append(character)


def join_strikes(runs: list[Run]) -> list[Run]:
    """Return the runs of a page with everything that stands in one place joined; rows without such stay as they are."""
    rows: dict[float, list[Run]] = {}
    for run in runs:
        rows.setdefault(run[1], []).append(run)
    joined: list[Run] = []
    for y, row in rows.items():
        joined += _join_row(y, row) if _is_crossed(row) else row
    return joined


def _is_crossed(row: list[Run]) -> bool:
    end = float("-inf")
    for x, _, text, font, _ in sorted(row, key=lambda run: run[0]):
        if x < end - 0.5:
            return True
        end = x + len(text) * font.cell
    return False


def _join_row(y: float, row: list[Run]) -> list[Run]:
    cells: dict[tuple[float, float], _Cell] = {}
    apart: dict[tuple[object, ...], Run] = {}
    for run in row:
        x, _, coded, font, style = run
        if style & OVER:
            apart[x, coded, font] = run
            continue
        text = _text(coded)
        for number, character in enumerate(text):
            if character in _BLANK and not style & UNDERLINE or character == FILLER:
                continue
            place = (round(x + number * font.cell, 2), font.cell)
            cell = cells.get(place)
            if cell is None:
                cells[place] = _Cell(character, font, style)
            elif character in _BLANK or cell.character in _BLANK:
                cell.style |= style
                cell.character = cell.character if character in _BLANK else character
            else:
                cell.strike(character, style)
    return list({(run[0], *run[2:]): run for run in (*_runs(y, cells), *apart.values())}.values())


def _text(text: Union[bytes, str]) -> str:
    return text.decode("cp1252") if isinstance(text, bytes) else text


def _runs(y: float, cells: dict[tuple[float, float], _Cell]) -> Iterator[Run]:
    """Give cells as runs: neighbours of one font and style together, and what is printed over them after that."""
    text, start, end, font, style = "", 0.0, 0.0, Font(), 0
    for (x, _), cell in sorted(cells.items(), key=lambda item: item[0]):
        gap = round((x - end) / font.cell)
        near = abs(x - end - gap * font.cell) < 0.5 and 0 <= gap <= (0 if style & UNDERLINE else 4)
        if not text or cell.font is not font or cell.style != style or not near:
            if text:
                yield _run(start, y, text, font, style)
            text, start, font, style, gap = "", x, cell.font, cell.style, 0
        text += " " * gap + cell.character
        if _is_wide(cell.character):
            text += FILLER
        end = start + len(text) * font.cell
    if text:
        yield _run(start, y, text, font, style)
    for (x, _), cell in cells.items():
        for character in cell.over:
            yield _run(x, y, character, cell.font, OVER)


def _run(x: float, y: float, text: str, font: Font, style: int) -> Run:
    try:
        return (x, y, text.encode("cp1252"), font, style)
    except UnicodeEncodeError:
        return (x, y, text, font, style)


def _is_wide(character: str) -> bool:
    if character.isascii():
        return False
    import unicodedata

    return unicodedata.east_asian_width(character) in "WF"
