"""Where a page of a spooled file stands on a sheet of paper: size, orientation, reduction.

    size of the page    columns x cell by lines x pitch (SHF, SVF); or SPPS, when that came last or word processing asks
    STO 0000 2D00 5A00 8700    exactly that way round, as large as asked for
    STO FFFE                   computer output reduction (COR)
    STO FFFF, or none          landscape if the page is wider than high; if it fits on no sheet, COR

COR, as IBM has it (Black Box PC118C-R2 manual, fig. 6-1; HCL; Lexmark SCS/TNe guide): landscape, half an inch from the
top and the left, 10 to the inch becomes 13.33, 12 becomes 15, 15 becomes 20, and lines come to 0.7 of their distance.
Only draft quality is reduced (AX p. 20, ALLY B-30). What IBM clips, more than 142 columns on a sheet of 11 inches, is
made narrower still, down to 20 to the inch.

An x of 0 is the left edge of what a printer can address, because nobody meant his first columns to be lost; a margin
that the stream gives (SHM) counts from the edge of the sheet. Line 1 is at the very top of the sheet, where no laser
printer prints: a page with text there is moved down as far as it takes and its last line allows; others stay in place.
"""

from __future__ import annotations

from operator import itemgetter
from typing import NamedTuple, Optional

from filters.layout.runs import (
    BASELINE,
    LANDSCAPE,
    PORTRAIT,
    REVERSE_LANDSCAPE,
    REVERSE_PORTRAIT,
    UNITS_PER_INCH,
    Placement,
    Run,
)
from filters.scs.page import OUTPUT_REDUCTION, Page

_BY_STO = {0x0000: PORTRAIT, 0x2D00: LANDSCAPE, 0x5A00: REVERSE_PORTRAIT, 0x8700: REVERSE_LANDSCAPE}
_REVERSED = {LANDSCAPE: REVERSE_LANDSCAPE, REVERSE_LANDSCAPE: LANDSCAPE}

#: A page that is a tenth of an inch too large fits.
_TOLERANCE = UNITS_PER_INCH // 10
#: What Host Print Transform takes for a page that fits, whatever paper is there.
_LETTER = (UNITS_PER_INCH * 17 // 2, UNITS_PER_INCH * 11)
_COR_MARGIN = UNITS_PER_INCH / 2
_COR_CELLS = {144.0: 108.0, 120.0: 96.0, 96.0: 72.0}
_COR_CELL, _COR_LINE = 0.75, 0.7
_COR_NARROWEST = 72.0
#: Characters that are narrower than 15 to the inch deserve a word.
_SMALL = 96.0
#: What stays free above and below a page that is made to fit.
_FIT_MARGIN = UNITS_PER_INCH / 4
#: What no laser printer prints on, at any edge.
UNPRINTABLE = UNITS_PER_INCH / 6
_y = itemgetter(1)
_LETTER_QUALITIES = (2, 3)


class Sheet(NamedTuple):
    """A sheet of paper, upright, and how far in printers can address it, upright and on its side."""

    width: float
    length: float
    left_upright: float = 360.0
    left_turned: float = 288.0


class Wishes(NamedTuple):
    """What the queue says about pages."""

    reduction: str = "ibm"
    reverse_landscape: bool = False
    #: How far everything is moved.
    margin_left: float = 0.0
    margin_top: float = 0.0
    #: A way round that the queue says for pages of this size.
    orientation: Optional[int] = None


def page_size(page: Page) -> tuple[float, float]:
    """Return width and height of a page."""
    setup = page.setup
    by_columns = page.by_columns or not setup.width
    if setup.job == 1 and setup.width and setup.height:
        by_columns = False
    cell = _usual_cell(page)
    columns = page.columns * cell if page.columns else 132 * 144.0
    lines = page.lines * page.line
    if by_columns:
        return columns, lines
    return float(setup.width), float(setup.height or lines)


def _usual_cell(page: Page) -> float:
    """Return the width of most cells of a page; a heading in wide letters makes no wide page."""
    if page.font or not page.runs:
        return page.font.cell if page.font and not page.font.double else page.cell
    counts: dict[float, int] = {}
    for _, _, text, font, _ in page.runs:
        cell = font.cell / 2 if font.double else font.cell
        counts[cell] = counts.get(cell, 0) + len(text)
    return max(counts, key=lambda cell: counts[cell])


def place(page: Page, sheet: Sheet, wishes: Wishes = Wishes()) -> Placement:
    """Return where a page stands on a sheet."""
    width, height = page_size(page)
    rotation = page.setup.rotation
    if wishes.orientation is not None:
        if wishes.reduction == "fit":
            return _fit(page, sheet, width, height, wishes, (wishes.orientation,))
        return _as_asked(page, sheet, wishes.orientation, wishes)
    if rotation in _BY_STO:
        return _as_asked(page, sheet, _BY_STO[rotation], wishes)
    fits = _fits(width, height, (sheet.width, sheet.length)) or _fits(width, height, _LETTER)
    if fits and rotation != OUTPUT_REDUCTION:
        return _as_asked(page, sheet, LANDSCAPE if width > height else PORTRAIT, wishes)
    if wishes.reduction == "off" or page.setup.quality in _LETTER_QUALITIES:
        return _as_asked(page, sheet, PORTRAIT, wishes)
    if wishes.reduction == "fit":
        return _fit(page, sheet, width, height, wishes, (PORTRAIT, LANDSCAPE))
    return _reduce(page, sheet, width, wishes)


def _fits(width: float, height: float, sheet: tuple[float, float]) -> bool:
    short, long = sorted((width, height))
    return short <= min(sheet) + _TOLERANCE and long <= max(sheet) + _TOLERANCE


def _turned(sheet: Sheet, orientation: int, wishes: Wishes) -> tuple[int, float, float, float]:
    """Return the orientation, and width, length and addressable edge of a sheet as it is read."""
    if wishes.reverse_landscape:
        orientation = _REVERSED.get(orientation, orientation)
    if orientation in (LANDSCAPE, REVERSE_LANDSCAPE):
        return orientation, sheet.length, sheet.width, sheet.left_turned
    return orientation, sheet.width, sheet.length, sheet.left_upright


def _as_asked(page: Page, sheet: Sheet, orientation: int, wishes: Wishes) -> Placement:
    turned = _turned(sheet, orientation, wishes)
    left = max(0.0, turned[3] - page.left) + wishes.margin_left
    return Placement(*turned, left, page.top + BASELINE * page.line + wishes.margin_top)


def _reduce(page: Page, sheet: Sheet, width: float, wishes: Wishes) -> Placement:
    turned = _turned(sheet, LANDSCAPE, wishes)
    cell = _usual_cell(page)
    across = _COR_CELLS.get(cell, cell * _COR_CELL) / cell if page.font or not page.runs else _COR_CELL
    too_wide = width * across > turned[1] - _COR_MARGIN + 2 * _TOLERANCE
    if too_wide:
        across = max((turned[1] - _COR_MARGIN - turned[3]) / width, min(across, _COR_NARROWEST / cell))
    left = _COR_MARGIN - page.left * across + wishes.margin_left
    top = _COR_MARGIN + BASELINE * page.line * _COR_LINE + wishes.margin_top
    return Placement(*turned, left, top, across, _COR_LINE, True, too_wide and cell * across < _SMALL)


def _fit(
    page: Page, sheet: Sheet, width: float, height: float, wishes: Wishes, orientations: tuple[int, ...]
) -> Placement:
    """Return the way round with the larger letters, as large as they may be and not larger than asked for."""
    found = []
    for orientation in orientations:
        turned = _turned(sheet, orientation, wishes)
        across = min(1.0, (turned[1] - 2 * turned[3]) / max(width, 1))
        down = min(1.0, (turned[2] - 2 * _FIT_MARGIN) / max(height, 1))
        left = turned[3] + max(0.0, (turned[1] - 2 * turned[3] - width * across) / 2) + wishes.margin_left
        top = _FIT_MARGIN + BASELINE * page.line * down + wishes.margin_top
        small = _usual_cell(page) * across < _SMALL <= _usual_cell(page)
        found.append(Placement(*turned, left - page.left * across, top, across, down, across < 1 or down < 1, small))
    return max(found, key=lambda p: min(p.across, p.down * 1.2))


def move_into_print_area(runs: list[Run], placement: Placement) -> Placement:
    """Return the placement of a page moved down so that its first line prints."""
    first = min(runs, key=_y)
    hidden = UNPRINTABLE - placement.y(first[1]) + BASELINE * first[3].line * placement.down
    if hidden < 1:
        return placement
    room = placement.length - UNPRINTABLE - placement.y(max(runs, key=_y)[1])
    return placement._replace(top=placement.top + max(0.0, min(hidden, room)))
