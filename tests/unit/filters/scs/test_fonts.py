"""filters.scs.fonts: cells and faces of IBM's numbers."""

from __future__ import annotations

import pytest

from filters.layout.runs import BY_PITCH, COURIER, GOTHIC
from filters.scs.fonts import cell_of_density, font_of_id


@pytest.mark.parametrize(
    "numbers, per_inch",
    [
        ((0, 1, 65, 260, 273, 291, 299, 401), 10),
        ((66, 153, 154, 200), 12),
        ((201, 210), 1440 / 108),
        ((211, 239), 15),
        ((240, 246), 5),
        ((247, 257, 274, 279, 300, 400), 1440 / 84),
        ((258, 259), 18),
        ((280, 284), 20),
        ((285, 290), 1440 / 54),
    ],
)
def test_pitches(numbers: tuple[int, ...], per_inch: float) -> None:
    """First and last of each row of the manual; what is in none is 10 to the inch."""
    for number in numbers:
        font = font_of_id(number)
        assert font.cell == pytest.approx(1440 / per_inch)
        assert font.face in (GOTHIC, COURIER if per_inch < 15 else BY_PITCH)


def test_faces() -> None:
    """All that are bold, slanted or without serifs."""
    fonts = {number: font_of_id(number) for number in range(500)}
    assert [n for n in fonts if fonts[n].bold] == [38, 39, 46, 69, 72, 110, 111, 112, 245, 253]
    assert [n for n in fonts if fonts[n].italic] == [18, 43, 68, 71, 91, 112]
    gothic = [39, 40, 66, 68, 69, 203, 204, 221, 222, 223, 230, 252, 253, 281, 290]
    assert [n for n in fonts if fonts[n].face == GOTHIC] == gothic


@pytest.mark.parametrize(
    "density, per_inch",
    [
        *((number, number) for number in (5, 6, 7, 9, 10, 13, 15, 18, 19, 20, 26, 27)),
        *((8, 8.6), (11, 12), (12, 12), (16, 1440 / 86.4), (17, 1440 / 84), (0xFF, 10)),
        *((number, None) for number in (0, 4, 28, 0xFE)),
    ],
)
def test_densities(density: int, per_inch: float | None) -> None:
    """Characters to the inch by their number, but for those that stand for others; none changes nothing."""
    assert cell_of_density(density) == pytest.approx(1440 / per_inch if per_inch else 0)
