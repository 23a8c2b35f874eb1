"""Where a picture stands on its sheet: the options that CUPS has for pictures, and those of IPP. Pure.

    (no option)                  as large as the margins allow, turned if it is larger so
    print-scaling                fit, auto, auto-fit; fill: up to the edges and cut off there; none: at its own size
    fit-to-page, fitplot, fill, crop-to-fit       older names for fit, fill and none
    ppi=N                        N pixels of the picture to an inch
    scaling=P                    P hundredths of the size that fits
    natural-scaling=P            P hundredths of its own size
    position=NAME                center, top, left, right, bottom, top-left, ...
    orientation-requested=3..6, landscape         upright on a sheet that is turned; the picture is not turned to fit

What is larger than the space between the margins is cut off there. Lengths are in points.
"""

from __future__ import annotations

import re
from typing import Mapping, NamedTuple, Optional, TypeVar

from filters.common.dataclass import dataclass
from filters.common.job import get_option, not_known, parse_boolean
from filters.common.media import UNITS_PER_INCH, PaperSize, asked_size
from filters.common.ppd import PrinterDescription

T = TypeVar("T")

POINTS_PER_INCH = 72
#: Pixels to the inch of a picture that does not say: what CUPS takes.
DEFAULT_PPI = 200
#: Margins of descriptions that do not say.
DEFAULT_MARGIN = 12.0
#: What is said about the size of pictures is between these, in pixels to the inch and in hundredths.
LARGEST_NUMBER = 10000

_FIT, _FILL, _NONE = "fit", "fill", "none"
_SCALINGS = {"auto": _FIT, "auto-fit": _FIT, "fit": _FIT, "fill": _FILL, "none": _NONE}
_OLD_SCALINGS = (("fit-to-page", _FIT), ("fitplot", _FIT), ("fill", _FILL), ("crop-to-fit", _NONE))
#: position -> where of the space that is left, from the left and from the bottom.
_POSITIONS = {
    "center": (0.5, 0.5),
    "top": (0.5, 1.0),
    "bottom": (0.5, 0.0),
    "left": (0.0, 0.5),
    "right": (1.0, 0.5),
    "top-left": (0.0, 1.0),
    "top-right": (1.0, 1.0),
    "bottom-left": (0.0, 0.0),
    "bottom-right": (1.0, 0.0),
}
#: orientation-requested of IPP -> quarters to the left by which the page is turned on the sheet.
_QUARTERS = {"3": 0, "4": 1, "5": 3, "6": 2}
_BORDERLESS = re.compile(r"(fullbleed|borderless)$", re.I)
_NO_MARGIN = re.compile(r"media-(bottom|left|right|top)-margin=0(?![0-9])")
#: Options that this filter has dealt with, so that what puts pages on sheets must not again.
DEALT_WITH = frozenset(
    "print-scaling fit-to-page fitplot fill crop-to-fit ppi scaling natural-scaling position orientation-requested"
    " landscape".split()
)
#: Options of CUPS for pictures that are no longer anyone's; a job that has them is told so.
WITHOUT_MEANING = ("brightness", "gamma", "hue", "saturation")


class Margins(NamedTuple):
    """What stays white at the edges of the sheet."""

    left: float
    bottom: float
    right: float
    top: float


class Sheet(NamedTuple):
    """A sheet upright, and its margins."""

    width: float
    length: float
    margins: Margins


@dataclass(frozen=True)
class Wishes:
    """What a job says about its pictures.

    Attributes:
        scaling: "fit", "fill" or "none".
        ppi: pixels to the inch, None for those of the picture.
        percent: of the size that the scaling gives.
        position: where of the space that is left, from the left and from the bottom.
        quarters: turned so far to the left, None for what fits best.
        problems: what was wrong with the options, a line each.
    """

    scaling: str = _FIT
    ppi: Optional[float] = None
    percent: float = 100.0
    position: tuple[float, float] = (0.5, 0.5)
    quarters: Optional[int] = None
    problems: tuple[str, ...] = ()


class Place(NamedTuple):
    """A picture on a sheet that stands upright.

    Attributes:
        left, bottom, width, height: of the picture as it is then.
        quarters: the picture is turned so far to the left before.
        clip: what may be printed of it: left, bottom, width, height.
    """

    left: float
    bottom: float
    width: float
    height: float
    quarters: int
    clip: tuple[float, float, float, float]


def read_wishes(options: Mapping[str, str]) -> Wishes:
    """Read the options of a job."""
    problems = [f"option {name} has no meaning for pictures" for name in WITHOUT_MEANING if get_option(options, name)]
    scaling = _chosen(options, "print-scaling", _SCALINGS, problems)
    if scaling is None:
        wanted = (kind for name, kind in _OLD_SCALINGS if parse_boolean(get_option(options, name), False))
        scaling = next(wanted, None)
    numbers = {name: _number(options, name, problems) for name in ("ppi", "scaling", "natural-scaling")}
    if numbers["ppi"] or numbers["natural-scaling"]:
        scaling = scaling or _NONE
    percent = numbers["natural-scaling"] or (None if numbers["ppi"] else numbers["scaling"])
    position = _chosen(options, "position", _POSITIONS, problems) or (0.5, 0.5)
    quarters = _chosen(options, "orientation-requested", _QUARTERS, problems)
    if quarters is None and parse_boolean(get_option(options, "landscape"), False):
        quarters = 1
    return Wishes(scaling or _FIT, numbers["ppi"], percent or 100.0, position, quarters, tuple(problems))


def _chosen(options: Mapping[str, str], name: str, choices: Mapping[str, T], problems: list[str]) -> Optional[T]:
    value = get_option(options, name)
    if value is None:
        return None
    if value.lower() not in choices:
        problems.append(not_known(name, value))
    return choices.get(value.lower())


def _number(options: Mapping[str, str], name: str, problems: list[str]) -> Optional[float]:
    value = get_option(options, name)
    if value is None:
        return None
    try:
        number = float(value.removesuffix("%"))
    except ValueError:
        number = 0.0
    if not 1 <= number <= LARGEST_NUMBER:
        problems.append(not_known(name, value))
        return None
    return number


def find_sheet(size: PaperSize, options: Mapping[str, str], description: PrinterDescription) -> Sheet:
    """Return the sheet of a job, with the margins that the printer description says, or none if the job wants none."""
    points = POINTS_PER_INCH / UNITS_PER_INCH
    # What the description calls a size is what pdftopdf compares with, to the point.
    described = _numbers(description.value("PaperDimension", size.name))
    exact = size.width * points, size.length * points
    width, length = described if len(described) == 2 and max(map(_apart, described, exact)) < 2 else exact
    return Sheet(width, length, _margins(size, width, length, options, description))


def _apart(one: float, other: float) -> float:
    return abs(one - other)


def _margins(
    size: PaperSize, width: float, length: float, options: Mapping[str, str], description: PrinterDescription
) -> Margins:
    names = (asked_size(options) or "", *(get_option(options, "media") or "").split(","))
    collection = get_option(options, "media-col") or ""
    if any(_BORDERLESS.search(name) for name in names) or len(set(_NO_MARGIN.findall(collection))) == 4:
        return Margins(0, 0, 0, 0)
    area = _numbers(description.value("ImageableArea", size.name))
    if len(area) == 4:
        left, bottom, right, top = area
        found = Margins(left, bottom, width - right, length - top)
    else:
        hardware = _numbers(description.value("HWMargins", ""))
        found = Margins(*hardware) if len(hardware) == 4 else Margins(*(DEFAULT_MARGIN,) * 4)
    largest = min(width, length) / 4
    return Margins(*(min(max(margin, 0.0), largest) for margin in found))


def _numbers(text: Optional[str]) -> list[float]:
    try:
        return [float(word) for word in (text or "").split()]
    except ValueError:
        return []


def place_picture(pixels: tuple[int, int], resolution: tuple[float, float], wishes: Wishes, sheet: Sheet) -> Place:
    """Return where a picture stands.

    Args:
        pixels: its width and height.
        resolution: its own pixels to the inch, across and down; (0, 0) if it does not say.
    """
    ppi = (wishes.ppi, wishes.ppi) if wishes.ppi else resolution if min(resolution) > 0 else (DEFAULT_PPI,) * 2
    natural = pixels[0] / ppi[0] * POINTS_PER_INCH, pixels[1] / ppi[1] * POINTS_PER_INCH
    margins = Margins(0, 0, 0, 0) if wishes.scaling == _FILL else sheet.margins
    across, down = sheet.width - margins.left - margins.right, sheet.length - margins.bottom - margins.top
    quarters = wishes.quarters
    if quarters is None:
        lying = _scale(natural, (down, across), wishes), _scale(natural, (across, down), wishes)
        quarters = 1 if _better_lying(natural, (across, down), wishes, lying) else 0
    box = (down, across) if quarters % 2 else (across, down)
    scale = _scale(natural, box, wishes)
    width, height = natural[0] * scale, natural[1] * scale
    left, bottom = (box[0] - width) * wishes.position[0], (box[1] - height) * wishes.position[1]
    # From the turned page to the upright sheet.
    if quarters == 1:
        left, bottom = across - bottom - height, left
    elif quarters == 2:
        left, bottom = across - left - width, down - bottom - height
    elif quarters == 3:
        left, bottom = bottom, down - left - width
    if quarters % 2:
        width, height = height, width
    clip = (margins.left, margins.bottom, across, down)
    return Place(left + margins.left, bottom + margins.bottom, width, height, quarters, clip)


def _scale(natural: tuple[float, float], box: tuple[float, float], wishes: Wishes) -> float:
    if wishes.scaling == _NONE:
        return wishes.percent / 100
    both = box[0] / natural[0], box[1] / natural[1]
    return (max(both) if wishes.scaling == _FILL else min(both)) * wishes.percent / 100


def _better_lying(
    natural: tuple[float, float], box: tuple[float, float], wishes: Wishes, scales: tuple[float, float]
) -> bool:
    """Tell whether a picture is to be turned: it is larger so; or more of it is on the sheet."""
    lying, upright = scales
    if wishes.scaling == _FIT:
        return lying > upright
    if wishes.scaling == _FILL:
        return lying < upright
    width, height = natural[0] * upright, natural[1] * upright
    return min(height, box[0]) * min(width, box[1]) > min(width, box[0]) * min(height, box[1])
