"""Where the grid lies on the sheet: PCL 5 Technical Reference Manual, chapters 2 (logical page) and 5.

A printer counts from the left edge of the *logical page*, which starts a quarter of an inch or so inside the sheet
(text left of it cannot be addressed, right of it is clipped), and from the very top of the sheet. The outermost sixth
of an inch cannot be printed on by a LaserJet.

The width of a cell is a whole number of 1/7200 inch, the unit in which printers keep it, so that positions reckoned
here and steps made there never come apart. Heights are not rounded: every line is placed on its own.

A side has one page, or several with number-up; a page has one column of text, or several, and perhaps a line for a
header and one for a footer, each with a blank line between it and the text.
"""

from __future__ import annotations

from typing import NamedTuple, Optional

from filters.common.dataclass import dataclass, replace
from filters.common.media import UNITS_PER_INCH, PaperSize
from filters.layout.page import Block, Frame
from filters.layout.settings import (
    LANDSCAPE,
    PORTRAIT,
    REVERSE_LANDSCAPE,
    REVERSE_PORTRAIT,
    USUAL_CPI,
    Margins,
    Settings,
)

UNITS_PER_POINT = UNITS_PER_INCH // 72
#: Where the logical page starts: (portrait, landscape), dots of 1/300 inch as HP gives them, for US and metric sizes.
_LOGICAL_LEFT = {False: (75 * 24, 60 * 24), True: (71 * 24, 59 * 24)}
#: What no LaserJet prints on, at any edge.
UNPRINTABLE = UNITS_PER_INCH // 6
#: A hair more than there is: 13.33 cpi and millimetres are not to cost the last column or line.
_HAIR = 12
#: Lines that a header or a footer takes from the text, with the blank one.
LINES_OF_HEADER = 2
#: Where the rule under a header is, in lines from the top of its own: a little nearer to it than to the text.
RULE_AT = 1.35
#: Width of the strokes of a border.
BORDER = UNITS_PER_INCH // 100
#: The same of a rule.
RULE = UNITS_PER_INCH // 150
#: Cells between columns of text.
_GUTTER = 3
#: How much higher than the distance of lines letters may be when they are made to fit: they have no accents or
#: descenders all the time.
_TIGHTEST = 1.2
#: Width of a cell of Courier in em.
_EM = 0.6

# number-up: pages across and down for an upright page on the sheet turned or not
_NUMBER_UP = {1: (1, 1), 2: (2, 1), 4: (2, 2), 6: (3, 2), 9: (3, 3), 16: (4, 4)}
_TURNED = {
    PORTRAIT: LANDSCAPE,
    LANDSCAPE: PORTRAIT,
    REVERSE_LANDSCAPE: REVERSE_PORTRAIT,
    REVERSE_PORTRAIT: REVERSE_LANDSCAPE,
}
#: Points around the pages of a side with several of them.
_NUMBER_UP_MARGINS = Margins(24, 24, 24, 24)
#: Between two of them.
_NUMBER_UP_GAP = 24 * UNITS_PER_POINT

#: Width of letters that are easily read: 13 to the inch.
_EASILY_READ = UNITS_PER_INCH // 13

#: Columns that text is written for, and the narrowest cell that is made for their sake: 10.5 to the inch.
_USUAL_COLUMNS, _USUAL_NARROWEST = 80, round(UNITS_PER_INCH / 10.5)

#: Width and height of the smallest of several pages on a side.
_SMALLEST_PAGE = UNITS_PER_INCH // 4


class Box(NamedTuple):
    """A rectangle on the sheet as it is read."""

    x: int
    y: int
    width: int
    height: int


class PageFrames(NamedTuple):
    """The frames of one page."""

    columns: tuple[Frame, ...]
    header: Optional[Frame] = None
    footer: Optional[Frame] = None


@dataclass(frozen=True)
class PageLayout:
    """The grid of a job."""

    paper: PaperSize
    orientation: int
    width: int
    length: int
    #: Start of the logical page.
    logical_left: int
    cell_width: int
    line_pitch: float
    #: The pages of a side, in the order in which they are filled.
    pages: tuple[PageFrames, ...]
    #: How far everything moves on the back of a sheet, so that the margins mirror those of its front.
    back_offset: tuple[int, int] = (0, 0)
    borders: tuple[Box, ...] = ()
    problems: tuple[str, ...] = ()

    @property
    def edge_columns(self) -> int:
        """Columns of a line that runs over the margin up to where printers clip it, or the next page or column is."""
        if len(self.pages) > 1 or len(self.pages[0].columns) > 1:
            return self.frame.columns
        return max(-(-(self.width - self.logical_left - self.frame.x) // self.cell_width), self.frame.columns)

    def blocks_on_back(self, blocks: tuple[Block, ...]) -> tuple[Block, ...]:
        """Return the blocks of a side as they stand on the back of a sheet."""
        dx, dy = self.back_offset
        return tuple(Block(f._replace(x=f.x + dx, y=f.y + dy), lines) for f, lines in blocks) if dx or dy else blocks

    def borders_on(self, back: bool) -> tuple[Box, ...]:
        """Return the borders of a front or a back."""
        dx, dy = self.back_offset if back else (0, 0)
        return tuple(self._on_sheet(box._replace(x=box.x + dx, y=box.y + dy)) for box in self.borders)

    def _on_sheet(self, box: Box) -> Box:
        """Return as much of a border as printers can draw."""
        left, top = max(box.x, self.logical_left), max(box.y, 0)
        right = min(box.x + box.width, self.width - self.logical_left - BORDER)
        return Box(left, top, right - left, min(box.y + box.height, self.length - BORDER) - top)

    @property
    def frame(self) -> Frame:
        """The first frame for text."""
        return self.pages[0].columns[0]


class _Cell(NamedTuple):
    width: int
    pitch: float


class _Sheet(NamedTuple):
    orientation: int
    width: int
    length: int
    logical_left: int

    def area(self, margins: Margins) -> Box:
        """Return what the margins leave; the logical page is all there is."""
        left = max(round(margins.left * UNITS_PER_POINT), self.logical_left)
        right = self.width - max(round(margins.right * UNITS_PER_POINT), self.logical_left)
        top = round(margins.top * UNITS_PER_POINT)
        bottom = self.length - round(margins.bottom * UNITS_PER_POINT)
        return Box(left, top, right - left, bottom - top)


def is_landscape(orientation: int) -> bool:
    """Tell whether the long edge of the sheet is at the top."""
    return orientation in (LANDSCAPE, REVERSE_LANDSCAPE)


def logical_left(paper: PaperSize, landscape: bool) -> int:
    """Return how far in from the left edge printers can address a sheet, upright or on its side."""
    return _LOGICAL_LEFT[paper.metric][landscape]


def _sheet(paper: PaperSize, orientation: int) -> _Sheet:
    landscape = is_landscape(orientation)
    width, length = (paper.length, paper.width) if landscape else (paper.width, paper.length)
    return _Sheet(orientation, width, length, _LOGICAL_LEFT[paper.metric][landscape])


def plan_layout(settings: Settings, paper: PaperSize) -> PageLayout:
    """Return the grid for settings and paper; margins that leave no room are replaced by the defaults."""
    sheet = _sheet(paper, settings.orientation or PORTRAIT)
    cell = _Cell(_cell_width(settings, sheet), UNITS_PER_INCH / settings.lpi)
    problems = _check_margins(settings.margins, sheet)
    if not _has_room(sheet.area(settings.margins), cell, settings):
        problems.append("the margins leave no room for text, the usual ones are used")
        settings = replace(settings, margins=Margins())
    if settings.fit:
        sheet, cell = _fit(settings, paper, cell)
    area = sheet.area(settings.margins)
    size = _grid_size(area, cell)
    if settings.fit:
        size = _fitted_size(settings, size)
    if settings.number_up > 1 and not _has_room_for_pages(settings, paper, sheet):
        problems.append(f"the paper is too small for {settings.number_up} pages on a side, each gets one of its own")
    elif settings.number_up > 1:
        return _plan_number_up(settings, paper, sheet, cell, size, problems)
    page = _page_frames(settings, area.x, area.y, size, cell)
    borders = (_around(area),) if settings.page_border else ()
    return _layout(paper, sheet, cell, (page,), _back_offset(settings, sheet), borders, problems)


def _cell_width(settings: Settings, sheet: _Sheet) -> int:
    """Return the width of a cell: what was asked for, or 10 an inch and a hair less where A4 lacks three columns."""
    usual = round(UNITS_PER_INCH / USUAL_CPI)
    if settings.cpi:
        return max(round(UNITS_PER_INCH / settings.cpi), 1)
    needed = (sheet.area(settings.margins).width + _HAIR) // _USUAL_COLUMNS
    return needed if _USUAL_NARROWEST <= needed < usual and (settings.fit_auto or not settings.fit) else usual


def _layout(
    paper: PaperSize,
    sheet: _Sheet,
    cell: _Cell,
    pages: tuple[PageFrames, ...],
    back_offset: tuple[int, int],
    borders: tuple[Box, ...],
    problems: list[str],
) -> PageLayout:
    return PageLayout(paper, *sheet, *cell, pages, back_offset, borders, tuple(problems))


def _check_margins(margins: Margins, sheet: _Sheet) -> list[str]:
    problems = []
    if min(margins.left, margins.right) * UNITS_PER_POINT < sheet.logical_left:
        smallest = sheet.logical_left / UNITS_PER_POINT
        problems.append(f"printers do not reach the side margins asked for, they are {smallest:.1f} points")
    if min(margins.top, margins.bottom) * UNITS_PER_POINT < UNPRINTABLE:
        problems.append("most printers do not reach the top and bottom 12 points of a sheet, text there may be cut")
    return problems


def _grid_size(area: Box, cell: _Cell) -> tuple[int, int]:
    """Return columns and lines of an area, at least one of each."""
    columns, lines = (area.width + _HAIR) // cell.width, int((area.height + _HAIR) / cell.pitch)
    return max(columns, 1), max(lines, 1)


def _has_room(area: Box, cell: _Cell, settings: Settings) -> bool:
    if settings.fit:
        # Cells become as small as it takes, but for lines that nobody counts.
        return area.width > 0 and area.height > 0 and (bool(settings.fit[1]) or area.height + _HAIR >= cell.pitch)
    return area.width + _HAIR >= cell.width and area.height + _HAIR >= cell.pitch


def _extra_lines(settings: Settings) -> int:
    return LINES_OF_HEADER * (bool(settings.header) + bool(settings.footer)) + _lines_of_rule(settings)


def _lines_of_rule(settings: Settings) -> int:
    """Return the lines that a rule under the header takes besides."""
    return int(settings.rule and bool(settings.header))


def _page_frames(settings: Settings, x: int, y: int, size: tuple[int, int], cell: _Cell) -> PageFrames:
    """Return the frames of a page of so many columns and lines, headers and footers among them."""
    columns, lines = size
    top = LINES_OF_HEADER + _lines_of_rule(settings) if settings.header else 0
    top = top if lines > top else 0
    bottom = LINES_OF_HEADER if settings.footer and lines > top + LINES_OF_HEADER else 0
    count = max(min(settings.columns, (columns + _GUTTER) // (_GUTTER + 1)), 1)
    width = (columns - _GUTTER * (count - 1)) // count
    text_y = y + round(top * cell.pitch)
    step = (width + _GUTTER) * cell.width
    return PageFrames(
        tuple(Frame(x + n * step, text_y, width, lines - top - bottom) for n in range(count)),
        Frame(x, y, columns, 1, settings.rule) if top else None,
        Frame(x, y + round((lines - 1) * cell.pitch), columns, 1) if bottom else None,
    )


def _fit(settings: Settings, paper: PaperSize, wish: _Cell) -> tuple[_Sheet, _Cell]:
    """Return the sheet and the cell with which a report fits: the larger of those that are not over the wish.

    An orientation that the job names is kept. Else it is upright as long as the letters are easily read so, if nobody
    counts the lines that must fit; and where they are not, or lines are counted, it is the one with the larger letters.
    """
    assert settings.fit
    columns, lines = settings.fit[0], settings.fit[1] + _extra_lines(settings)
    orientations = (settings.orientation,) if settings.orientation else (PORTRAIT, LANDSCAPE)
    found = []
    for orientation in orientations:
        sheet = _sheet(paper, orientation)
        area = sheet.area(settings.margins)
        if not _has_room(area, wish, settings):
            continue  # the other way round there is some
        pitch = min(wish.pitch, max((area.height + _HAIR) / lines, 1.0)) if settings.fit[1] else wish.pitch
        width = min(wish.width, (area.width + _HAIR) // columns, int(pitch * _TIGHTEST * _EM))
        found.append((sheet, _Cell(max(width, 1), pitch)))
    upright = found[0]
    if (settings.fit_auto or not settings.fit[1]) and upright[1].width >= _EASILY_READ:
        return upright
    return max(found, key=lambda sheet_and_cell: sheet_and_cell[1].width)


def _fitted_size(settings: Settings, possible: tuple[int, int]) -> tuple[int, int]:
    """Return columns and lines of a page that something had to fit on.

    Lines that were asked for are kept, so that a report's own pages stay together; measured ones are only the least.
    """
    assert settings.fit
    columns, lines = max(settings.fit[0], possible[0]), settings.fit[1] + _extra_lines(settings)
    if not settings.fit[1]:
        return columns, possible[1]
    return columns, max(lines, possible[1]) if settings.fit_auto else lines


def _turned_sheet(settings: Settings, paper: PaperSize, page: _Sheet) -> tuple[_Sheet, int, int]:
    """Return the sheet for several pages a side, and how many stand across and down."""
    across, down = _NUMBER_UP[settings.number_up]
    if across == down:
        return page, across, down
    if is_landscape(page.orientation):
        across, down = down, across
    return _sheet(paper, _TURNED[page.orientation]), across, down


def _page_areas(sheet: _Sheet, across: int, down: int) -> tuple[Box, int, int]:
    """Return the area of all pages on a side, and the width and height of each."""
    area = sheet.area(_NUMBER_UP_MARGINS)
    width = (area.width - _NUMBER_UP_GAP * (across - 1)) // across
    return area, width, (area.height - _NUMBER_UP_GAP * (down - 1)) // down


def _has_room_for_pages(settings: Settings, paper: PaperSize, page: _Sheet) -> bool:
    _, width, height = _page_areas(*_turned_sheet(settings, paper, page))
    return min(width, height) >= _SMALLEST_PAGE


def _plan_number_up(
    settings: Settings, paper: PaperSize, page: _Sheet, cell: _Cell, size: tuple[int, int], problems: list[str]
) -> PageLayout:
    """Return a layout of several pages a side: each has the lines and columns it would have alone, only smaller."""
    sheet, across, down = _turned_sheet(settings, paper, page)
    area, width, height = _page_areas(sheet, across, down)
    scale = min(width / (size[0] * cell.width), height / (size[1] * cell.pitch))
    small = _Cell(max(int(cell.width * scale), 1), cell.pitch * scale)
    pages, borders = [], []
    for column, row in _places(across, down, settings.number_up_layout):
        box = Box(area.x + column * (width + _NUMBER_UP_GAP), area.y + row * (height + _NUMBER_UP_GAP), width, height)
        x = box.x + max((width - size[0] * small.width) // 2, 0)
        pages.append(_page_frames(settings, x, box.y, size, small))
        borders += [_around(box)] * bool(settings.page_border)
    return _layout(paper, sheet, small, tuple(pages), (0, 0), tuple(borders), problems)


def _places(across: int, down: int, order: str) -> list[tuple[int, int]]:
    """Return columns and rows in the order of number-up-layout: "lrtb" goes right along a row, then down."""
    columns = list(range(across))[:: -1 if "rl" in (order[:2], order[2:]) else 1]
    rows = list(range(down))[:: -1 if "bt" in (order[:2], order[2:]) else 1]
    if order[:2] in ("lr", "rl"):
        return [(column, row) for row in rows for column in columns]
    return [(column, row) for column in columns for row in rows]


def _around(box: Box) -> Box:
    """Return a border around a box, six points off."""
    off = 6 * UNITS_PER_POINT
    return Box(box.x - off, box.y - off, box.width + 2 * off, box.height + 2 * off)


def _back_offset(settings: Settings, sheet: _Sheet) -> tuple[int, int]:
    """Return how far text moves on backs: the margins at the edges that are turned over change places."""
    if settings.sides not in ("two-sided-long-edge", "two-sided-short-edge"):
        return 0, 0
    margins = settings.margins
    front = sheet.area(margins)
    if (settings.sides == "two-sided-long-edge") != is_landscape(sheet.orientation):
        back = sheet.area(replace(margins, left=margins.right, right=margins.left))
    else:
        back = sheet.area(replace(margins, top=margins.bottom, bottom=margins.top))
    return back.x - front.x, back.y - front.y
