"""Where pictures stand: by arithmetic, what test_pictures.py looks at on a few sheets."""

from __future__ import annotations

import pytest

from filters.common.media import PaperSize
from filters.common.ppd import PrinterDescription, parse_ppd
from filters.picture.placement import Margins, Sheet, Wishes, find_sheet, place_picture, read_wishes

NOTHING = Margins(0, 0, 0, 0)
SHEET = Sheet(600, 800, NOTHING)


@pytest.mark.parametrize(
    "position, left, bottom",
    [
        ("center", 250, 375),
        ("top", 250, 750),
        ("bottom", 250, 0),
        ("left", 0, 375),
        ("right", 500, 375),
        ("top-left", 0, 750),
        ("top-right", 500, 750),
        ("bottom-left", 0, 0),
        ("Bottom-Right", 500, 0),
    ],
)
def test_positions(position: str, left: int, bottom: int) -> None:
    """A picture smaller than the sheet stands where the word says."""
    wishes = read_wishes({"position": position, "ppi": "72", "orientation-requested": "3"})
    assert wishes.problems == ()
    assert place_picture((100, 50), (0, 0), wishes, SHEET) == (left, bottom, 100, 50, 0, (0, 0, 600, 800))


@pytest.mark.parametrize(
    "orientation, quarters, left, bottom", [("3", 0, 0, 750), ("4", 1, 0, 0), ("5", 3, 550, 700), ("6", 2, 500, 0)]
)
def test_the_top_left_of_a_page_that_is_turned(orientation: str, quarters: int, left: int, bottom: int) -> None:
    """It is the sheet's bottom left when the page is turned to the left by a quarter, and so on."""
    wishes = read_wishes({"position": "top-left", "ppi": "72", "orientation-requested": orientation})
    place = place_picture((100, 50), (0, 0), wishes, SHEET)
    assert place[:5] == (left, bottom, *((50, 100) if quarters % 2 else (100, 50)), quarters)


@pytest.mark.parametrize(
    "options, wishes",
    [
        ({}, Wishes()),
        ({"print-scaling": "auto-fit"}, Wishes("fit")),
        ({"print-scaling": "auto"}, Wishes("fit")),
        ({"print-scaling": "FILL"}, Wishes("fill")),
        ({"fill": "true", "fitplot": "no"}, Wishes("fill")),
        ({"crop-to-fit": "yes"}, Wishes("none")),
        ({"print-scaling": "none", "fit-to-page": "true"}, Wishes("none")),
        ({"scaling": "50"}, Wishes("fit", percent=50)),
        ({"natural-scaling": "200%"}, Wishes("none", percent=200)),
        ({"ppi": "300", "scaling": "50"}, Wishes("none", 300)),
        ({"landscape": "true"}, Wishes(quarters=1)),
        ({"landscape": "true", "orientation-requested": "3"}, Wishes(quarters=0)),
    ],
)
def test_wishes(options: dict[str, str], wishes: Wishes) -> None:
    """Options of IPP go before the older ones of CUPS; a size that is asked for in pixels is not fitted."""
    assert read_wishes(options) == wishes


@pytest.mark.parametrize(
    "name, value",
    [("position", "middle"), ("print-scaling", "x"), ("orientation-requested", "7"), ("ppi", "0"), ("scaling", "x")],
)
def test_values_that_are_not_known(name: str, value: str) -> None:
    """They are told, and leave it as it is without them."""
    wishes = read_wishes({name: value})
    assert wishes == Wishes(problems=wishes.problems)
    assert len(wishes.problems) == 1 and f"{name}={value}" in wishes.problems[0]


@pytest.mark.parametrize(
    "dimension, width, length",
    [
        ("", 595.2, 842.4),
        ("595 842", 595, 842),
        ("596 844", 596, 844),
        ("595 845", 595.2, 842.4),
        ("595", 595.2, 842.4),
    ],
)
def test_sheets(dimension: str, width: float, length: float) -> None:
    """A sheet is as large as its description says if that is the size meant, else as large as the size is."""
    description = parse_ppd(f'*PaperDimension A4: "{dimension}"\n') if dimension else PrinterDescription()
    found = find_sheet(PaperSize("A4", 59520, 84240, 26, True), {}, description)
    assert found[:2] == pytest.approx((width, length))
