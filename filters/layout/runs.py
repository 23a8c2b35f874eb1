"""Sides of runs at exact positions: what a stream that paginates itself becomes, and both printers' sides draw.

Measures are in 1/1440 inch. ``x`` counts from the left edge of the page, ``y`` from the baseline of its first line; a
``Placement`` says where both are on a sheet, and by how much the page is made smaller.
"""

from __future__ import annotations

from typing import NamedTuple, Optional, Tuple, Union

from filters.common.dataclass import dataclass
from filters.layout.page import Style

UNITS_PER_INCH = 1440

#: Styles of a run are those of the grid, and OVER: what is printed over other text on purpose and stays apart from it.
PLAIN, BOLD, UNDERLINE, INVERSE, ITALIC = (
    int(s) for s in (Style.PLAIN, Style.BOLD, Style.UNDERLINE, Style.INVERSE, Style.ITALIC)
)
OVER = 16
#: The same, struck over a text by a command for it.
STRIKE = OVER | 32
#: What of a style says how letters look.
LOOK = 15

#: Faces: what suits the pitch, or one of the two that printers have.
BY_PITCH, COURIER, GOTHIC = "", "courier", "gothic"

#: Quarter turns of the page on the sheet, as PCL counts them.
PORTRAIT, LANDSCAPE, REVERSE_PORTRAIT, REVERSE_LANDSCAPE = 0, 1, 2, 3

#: Where the baseline is in a line, from its top.
BASELINE = 0.75
#: How much higher than the distance of lines letters may be.
_HIGHEST = 1.2
#: Height of letters by the width of a cell: Courier's is 0.6 of it, Letter Gothic's half.
COURIER_EM, GOTHIC_EM = 1 / 0.6, 2.0


class Font(NamedTuple):
    """How a run is printed: equal ones are the same object."""

    #: Width of a cell.
    cell: float = 144.0
    #: Distance of lines where it is used; letters are not to be higher than that.
    line: float = 240.0
    face: str = BY_PITCH
    #: Letters have the width of two cells; they are as high as those of one may be.
    double: bool = False


#: x, y, text, font, style. ``bytes`` is text in symbol set 19U (cp1252); in ``str`` a wide character takes two cells,
#: the second of which is FILLER.
Run = Tuple[float, float, Union[bytes, str], Font, int]


class Rule(NamedTuple):
    """A black line: its top left corner, from the first baseline, and how wide and high it is."""

    x: float
    y: float
    width: float
    height: float


class Placement(NamedTuple):
    """How a page becomes one on paper: x = left + x * across, y = top + y * down."""

    orientation: int
    #: Size of the sheet as it is read, and how far in printers can address it.
    width: float
    length: float
    edge: float
    left: float
    top: float
    across: float = 1.0
    down: float = 1.0
    #: Letters became smaller than what was asked for.
    reduced: bool = False
    #: They are very small now.
    small: bool = False

    def x(self, x: float) -> float:
        """Return a place on the sheet."""
        return self.left + x * self.across

    def y(self, y: float) -> float:
        """Return the baseline of a line on the sheet."""
        return self.top + y * self.down

    def cell(self, font: Font) -> float:
        """Return how wide a cell is on the sheet."""
        return font.cell * self.across

    def letters(self, font: Font, em_per_cell: float = COURIER_EM) -> float:
        """Return the cell that letters are made for: smaller than their own where they would be too high."""
        return min(self.cell(font), font.line * self.down * _HIGHEST / em_per_cell)


@dataclass(frozen=True)
class RunSide:
    """One side of a sheet."""

    number: int
    placement: Placement
    runs: list[Run]
    rules: list[Rule]
    #: Data for the printer itself, with their place.
    transparent: list[tuple[float, float, bytes]]
    #: The font of all runs if there is only one, and everything is plain ``bytes``.
    simple_font: Optional[Font] = None


def visible(run: Run, placement: Placement) -> tuple[int, int]:
    """Return from which to which character a printer can show a run."""
    x, y, text, font, _ = run
    if not 0 <= placement.y(y) <= placement.length:
        return 0, 0
    cell = placement.cell(font)
    at = placement.x(x)
    first = max(0, -int((at - placement.edge + 1) // cell)) if at < placement.edge else 0
    last = max(0, int((placement.width - placement.edge - at + 1) / cell))
    return min(first, len(text)), min(last, len(text))
