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
        ({"ppi": "1"}, Wishes("none", 1)),
        ({"ppi": "10000", "print-scaling": "fill"}, Wishes("fill", 10000)),
        ({"landscape": "true"}, Wishes(quarters=1)),
        ({"landscape": "true", "orientation-requested": "3"}, Wishes(quarters=0)),
    ],
)
def test_wishes(options: dict[str, str], wishes: Wishes) -> None:
    """Options of IPP go before the older ones of CUPS; a size that is asked for in pixels is not fitted."""
    assert read_wishes(options) == wishes


@pytest.mark.parametrize(
    "name, value",
    [
        ("position", "middle"),
        ("print-scaling", "x"),
        ("orientation-requested", "7"),
        ("ppi", "0.9"),
        ("ppi", "10001"),
        ("scaling", "x"),
    ],
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


EDGES = ("bottom", "left", "right", "top")
MARGINS = '*HWMargins: 1 2 3 4\n*ImageableArea A4: "%s"\n'


@pytest.mark.parametrize(
    "options, ppd, margins",
    [
        ({}, "", (12, 12, 12, 12)),
        ({}, MARGINS % "", (1, 2, 3, 4)),
        ({}, MARGINS.replace(" 4", "") % "1 2 3", (12, 12, 12, 12)),
        ({}, MARGINS % "10 20 565 802", (10, 20, 30, 40)),
        ({}, MARGINS % "-10 300 700 802", (0, 148.75, 0, 40)),
        ({"PageSize": "A4.FullBleed"}, MARGINS % "10 20 565 802", NOTHING),
        ({"media": "tray-1,A4.Borderless"}, MARGINS % "10 20 565 802", NOTHING),
        ({"media-col": " ".join(f"media-{edge}-margin=0" for edge in EDGES)}, MARGINS % "10 20 565 802", NOTHING),
        ({"media-col": " ".join(f"media-{edge}-margin=0" for edge in EDGES[1:])}, MARGINS % "", (1, 2, 3, 4)),
        ({"media-col": " ".join(f"media-{edge}-margin=01" for edge in EDGES)}, MARGINS % "", (1, 2, 3, 4)),
    ],
)
def test_margins_of_sheets(options: dict[str, str], ppd: str, margins: tuple[float, ...]) -> None:
    """Those of the size, else of the printer, else ours, at most a quarter of the sheet; none if the job wants none."""
    description = parse_ppd(f'*PPD-Adobe: "4.3"\n{ppd}')
    assert find_sheet(PaperSize("A4", 59500, 84200, 26, True), options, description) == (595, 842, margins)


@pytest.mark.parametrize(
    "pixels, resolution, wishes, place",
    [
        ((740, 560), (0, 0), Wishes(), (10, 20, 560, 740, 1)),
        ((280, 370), (0, 0), Wishes(), (10, 20, 560, 740, 0)),
        ((50, 50), (0, 0), Wishes(), (10, 110, 560, 560, 0)),
        ((50, 100), (300, 150), Wishes(), (197.5, 20, 185, 740, 0)),
        ((50, 50), (0, 0), Wishes("fill"), (-100, 0, 800, 800, 0)),
        ((160, 120), (0, 0), Wishes("fill"), (0, 0, 600, 800, 1)),
        ((50, 50), (0, 72), Wishes("none"), (281, 381, 18, 18, 0)),
        ((1600, 200), (0, 0), Wishes("none"), (254, 102, 72, 576, 1)),
        ((1200, 200), (0, 0), Wishes("none"), (74, 354, 432, 72, 0)),
    ],
)
def test_places(
    pixels: tuple[int, int], resolution: tuple[float, float], wishes: Wishes, place: tuple[float, ...]
) -> None:
    """Turned where it is larger so, or more of it is on the sheet; in the middle of what may be printed."""
    found = place_picture(pixels, resolution, wishes, Sheet(600, 800, Margins(10, 20, 30, 40)))
    assert found[:5] == pytest.approx(place)
    assert found.clip == ((0, 0, 600, 800) if wishes.scaling == "fill" else (10, 20, 560, 740))
