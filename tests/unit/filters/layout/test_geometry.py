"""Grids: what margins leave room for, to the last unit."""

from __future__ import annotations

from typing import Any

import pytest

from filters.common.media import PaperSize
from filters.layout.geometry import plan_layout
from filters.layout.settings import Margins, Settings


@pytest.mark.parametrize(
    "room, cell",
    [(80 * 720, 720), (80 * 687 - 12, 687), (80 * 687 - 13, 686), (80 * 686 - 12, 686), (80 * 686 - 13, 720)],
)
def test_cells_are_made_narrower_for_eighty_columns(room: int, cell: int) -> None:
    """10 to the inch where 80 columns fit, else less, but not less than 10.5; a hair of 12 units may be missing."""
    paper = PaperSize("wide", room + 4000, 72000)
    layout = plan_layout(Settings(margins=Margins(left=20, right=20)), paper)
    assert (layout.cell_width, layout.problems) == (cell, ())


@pytest.mark.parametrize("fit", [(40, 0), None])
@pytest.mark.parametrize("room, has_room", [(1200, True), (1188, True), (1187, False)])
def test_room_for_a_line(fit: tuple[int, int] | None, room: int, has_room: bool) -> None:
    """A line of 6 to the inch takes 1200 units, of which a hair of 12 may be missing; else the usual margins count."""
    layout = plan_layout(Settings(fit=fit, margins=Margins(top=36, bottom=36)), PaperSize("low", 60000, room + 7200))
    assert (not [problem for problem in layout.problems if "no room" in problem]) == has_room


US, A4 = PaperSize("Letter", 61200, 79200), PaperSize("A4", 59528, 84189, metric=True)
#: Paper; settings; orientation, start of the logical page, width of a cell, distance of lines, columns up to the edge;
#: x, y, columns and lines of the first frame, the last one, and the header and the footer of the last page;
#: the last border on a front and on a back.
EVERYTHING = [
    (US, {}, (3, 1800, 720, 1200.0, 80), [(1800, 3600, 80, 60), (1800, 3600, 80, 60)], []),
    (
        A4,
        {"orientation": 4, "columns": 3, "header": "x", "footer": "y", "rule": True},
        (4, 1416, 720, 1200.0, 35),
        [(1800, 7200, 35, 38), (56520, 7200, 35, 38), (1800, 3600, 111, 1), (1800, 54000, 111, 1)],
        [],
    ),
    (A4, {"columns": 2}, (3, 1704, 699, 1200.0, 38), [(1800, 3600, 38, 64), (30459, 3600, 38, 64)], []),
    (
        US,
        {"number_up": 2, "page_border": True, "header": "x", "footer": "y"},
        (4, 1440, 450, 750.0, 80),
        [(2400, 3900, 80, 56), (40800, 3900, 80, 56), (40800, 2400, 80, 1), (40800, 46650, 80, 1)],
        [(40200, 1800, 37200, 57600), (40200, 1800, 37200, 57600)],
    ),
    (
        A4,
        {"number_up": 6, "page_border": True, "orientation": 4},
        (3, 1704, 235, 392.85, 111),
        [(2439, 2400, 111, 43), (31003, 56926, 111, 43)],
        [(30364, 56326, 27364, 26063), (30364, 56326, 27364, 26063)],
    ),
    (
        US,
        {"number_up": 4, "columns": 2, "header": "x"},
        (3, 1800, 337, 562.5, 38),
        [(2420, 3525, 38, 58), (45637, 41925, 38, 58), (31820, 40800, 80, 1)],
        [],
    ),
    (
        US,
        {"fit": (132, 66), "header": "x", "rule": True},
        (4, 1440, 563, 782.78, 135),
        [(1800, 5948, 134, 66), (1800, 5948, 134, 66), (1800, 3600, 134, 1)],
        [],
    ),
    (
        A4,
        {"fit": (200, 0), "fit_auto": True},
        (4, 1416, 403, 1200.0, 201),
        [(1800, 3600, 200, 43), (1800, 3600, 200, 43)],
        [],
    ),
    (
        A4,
        {"fit": (98, 80), "fit_auto": True, "footer": "x"},
        (3, 1704, 570, 939.04, 99),
        [(1800, 3600, 98, 80), (1800, 3600, 98, 80), (1800, 79662, 98, 1)],
        [],
    ),
    (
        US,
        {"cpi": 12, "margins": Margins(72, 36, 50, 30), "page_border": True, "sides": "two-sided-long-edge"},
        (3, 1800, 600, 1200.0, 87),
        [(7200, 5000, 84, 59), (7200, 5000, 84, 59)],
        [(6600, 4400, 51600, 72400), (3000, 4400, 51600, 72400)],
    ),
    (
        US,
        {"margins": Margins(0, 0, 0, 0), "page_border": True},
        (3, 1800, 720, 1200.0, 80),
        [(1800, 0, 80, 66), (1800, 0, 80, 66)],
        [(1800, 0, 57528, 79128), (1800, 0, 57528, 79128)],
    ),
]


@pytest.mark.parametrize("paper, more, grid, frames, borders", EVERYTHING)
def test_where_everything_stands(paper: PaperSize, more: dict[str, Any], grid, frames, borders) -> None:
    """Frames, headers, footers and borders stand at these places, in units of 1/7200 inch."""
    layout = plan_layout(Settings(**more), paper)
    pitch = round(layout.line_pitch, 2)
    assert (layout.orientation, layout.logical_left, layout.cell_width, pitch, layout.edge_columns) == grid
    first, last = layout.pages[0], layout.pages[-1]
    found = [frame[:4] for frame in (first.columns[0], last.columns[-1], last.header, last.footer) if frame]
    assert found == frames
    assert [layout.borders_on(back)[-1] for back in (False, True) if layout.borders] == borders
