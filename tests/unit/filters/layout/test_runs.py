"""Pages of runs on sheets: places, and what a printer can show of a run."""

from __future__ import annotations

import pytest

from filters.layout.runs import Font, Placement, Run, visible

#: A sheet of 10 by 11 inches, of which half an inch left and right is out of reach.
UPRIGHT = Placement(0, 14400, 15840, 720, left=720, top=240)
SMALLER = UPRIGHT._replace(across=0.5, down=0.75)


def test_places() -> None:
    """A page is as large as it is, unless it is said to become smaller; letters are never higher than their line."""
    font = Font(144, 240)
    assert (UPRIGHT.x(100), UPRIGHT.y(100), UPRIGHT.cell(font)) == (820, 340, 144)
    assert (SMALLER.x(100), SMALLER.y(100), SMALLER.cell(font)) == (770, 315, 72)
    assert UPRIGHT.letters(font) == 144 and SMALLER.letters(font) == 72
    low = UPRIGHT.letters(font._replace(line=60))
    assert low < 144 and SMALLER.letters(Font(1440, 60)) == pytest.approx(0.75 * low)
    assert not UPRIGHT.reduced and not UPRIGHT.small


@pytest.mark.parametrize(
    "x, y, length, seen",
    [
        (0, 0, 10, (0, 10)),
        (-144, 0, 10, (1, 10)),
        (-145, 0, 10, (1, 10)),
        (-146, 0, 10, (2, 10)),
        (-1440, 0, 5, (5, 5)),
        (12960 - 1440, 0, 10, (0, 10)),
        (12960 - 1438, 0, 10, (0, 9)),
        (14000, 0, 10, (0, 0)),
        (0, -240, 10, (0, 10)),
        (0, -241, 10, (0, 0)),
        (0, 15600, 10, (0, 10)),
        (0, 15601, 10, (0, 0)),
    ],
)
def test_what_can_be_seen(x: float, y: float, length: int, seen: tuple[int, int]) -> None:
    """Whole characters within reach, of a line that is on the sheet; a unit beyond does no harm."""
    run: Run = (x, y, b"x" * length, Font(144, 240), 0)
    assert visible(run, UPRIGHT) == seen
