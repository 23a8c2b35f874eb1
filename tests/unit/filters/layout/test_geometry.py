"""Grids: what margins leave room for, to the last unit."""

from __future__ import annotations

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
