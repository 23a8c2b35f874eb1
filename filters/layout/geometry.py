"""Where the grid lies on the sheet: PCL 5 Technical Reference Manual, chapters 2 (logical page) and 5.

A printer counts from the left edge of the *logical page*, which starts a quarter of an inch or so inside the sheet
(text left of it cannot be addressed, right of it is clipped), and from the very top of the sheet. The outermost sixth
of an inch cannot be printed on by a LaserJet.

The width of a cell is a whole number of 1/7200 inch, the unit in which printers keep it, so that positions reckoned
here and steps made there never come apart. Heights are not rounded: every line is placed on its own.
"""

from __future__ import annotations

from dataclasses import dataclass

from filters.layout.page import Frame
from filters.layout.settings import LANDSCAPE, REVERSE_LANDSCAPE, Margins, Settings
from filters.pcl.media import UNITS_PER_INCH, PaperSize

UNITS_PER_POINT = UNITS_PER_INCH // 72
#: Where the logical page starts: (portrait, landscape), dots of 1/300 inch as HP gives them, for US and metric sizes.
_LOGICAL_LEFT = {False: (75 * 24, 60 * 24), True: (71 * 24, 59 * 24)}
#: What no LaserJet prints on, at any edge.
UNPRINTABLE = UNITS_PER_INCH // 6


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
    frames: tuple[Frame, ...]
    problems: tuple[str, ...] = ()

    @property
    def frame(self) -> Frame:
        """The first frame, the only one unless pages share a side."""
        return self.frames[0]


def is_landscape(orientation: int) -> bool:
    """Tell whether the long edge of the sheet is at the top."""
    return orientation in (LANDSCAPE, REVERSE_LANDSCAPE)


def plan_layout(settings: Settings, paper: PaperSize) -> PageLayout:
    """Return the grid for settings and paper; margins that leave no room are replaced by the defaults."""
    landscape = is_landscape(settings.orientation)
    width, length = (paper.length, paper.width) if landscape else (paper.width, paper.length)
    logical_left = _LOGICAL_LEFT[paper.metric][landscape]
    problems: list[str] = []
    cell_width = max(round(UNITS_PER_INCH / settings.cpi), 1)
    line_pitch = UNITS_PER_INCH / settings.lpi
    frame = _frame(settings.margins, width, length, logical_left, cell_width, line_pitch)
    _check_margins(settings.margins, logical_left, problems)
    if frame.columns < 1 or frame.lines < 1:
        problems.append("the margins leave no room for text, the usual ones are used")
        frame = _frame(Margins(), width, length, logical_left, cell_width, line_pitch)
    frame = Frame(frame.x, frame.y, max(frame.columns, 1), max(frame.lines, 1))
    return PageLayout(
        paper, settings.orientation, width, length, logical_left, cell_width, line_pitch, (frame,), tuple(problems)
    )


def _frame(margins: Margins, width: int, length: int, logical_left: int, cell_width: int, line_pitch: float) -> Frame:
    left = max(round(margins.left * UNITS_PER_POINT), logical_left)
    right = width - max(round(margins.right * UNITS_PER_POINT), logical_left)
    top = round(margins.top * UNITS_PER_POINT)
    bottom = length - round(margins.bottom * UNITS_PER_POINT)
    # A hair more than there is: 13.33 cpi and millimetres are not to cost the last column or line.
    return Frame(left, top, (right - left + 12) // cell_width, int((bottom - top + 12) / line_pitch))


def _check_margins(margins: Margins, logical_left: int, problems: list[str]) -> None:
    if min(margins.left, margins.right) * UNITS_PER_POINT < logical_left:
        smallest = logical_left / UNITS_PER_POINT
        problems.append(f"printers do not reach the side margins asked for, they are {smallest:.1f} points")
    if min(margins.top, margins.bottom) * UNITS_PER_POINT < UNPRINTABLE:
        problems.append("most printers do not reach the top and bottom 12 points of a sheet, text there may be cut")
