"""Where the page of a PDF is: ISO 32000-1 section 14.11.2, "Page boundaries".

CUPS's pdftopdf takes a box as it is written, and draws what lies outside of CropBox. So before it sees a page:

- the corners of a box are put into the usual order, however the producer wrote them;
- CropBox is what it has in common with MediaBox; where it has nothing, or no size, MediaBox counts alone;
- a MediaBox that is none, or has no size, is US Letter;
- what lies outside CropBox is clipped away. A page that fits the sheet keeps its MediaBox, so that the rest stays
  where it stood; one that does not, or that is to be scaled or put on a sheet with others, is as large as its CropBox.

Boxes are in points of the page, four numbers: left, bottom, right, top.
"""

from __future__ import annotations

from collections import namedtuple

from filters.common.dataclass import dataclass
from filters.common.plain_pdf import resolved

TYPE_CHECKING = False  # slow to import
if TYPE_CHECKING:
    from typing import Any, Optional, Sequence

#: Points by which boxes and sheets may differ that are meant to be equal.
SAME = 3.0
#: A box as small as this is no page.
SMALLEST = 1.0
#: Points by which two boxes may differ that are the same but for rounding.
ROUNDING = 0.5


class Box(namedtuple("Box", "left bottom right top")):
    """A rectangle."""

    @property
    def width(self) -> float:
        """How wide it is."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """How high it is."""
        return self.top - self.bottom

    def common(self, other: Box) -> Optional[Box]:
        """Return what two boxes have in common, None where that is no page."""
        box = Box(
            max(self.left, other.left),
            max(self.bottom, other.bottom),
            min(self.right, other.right),
            min(self.top, other.top),
        )
        return box if box.width >= SMALLEST and box.height >= SMALLEST else None

    def covers(self, other: Box) -> bool:
        """Tell whether the other box lies within this one, but for rounding."""
        return (
            self.left <= other.left + ROUNDING
            and self.bottom <= other.bottom + ROUNDING
            and self.right >= other.right - ROUNDING
            and self.top >= other.top - ROUNDING
        )


#: A page without MediaBox, as readers take it.
US_LETTER = Box(0.0, 0.0, 612.0, 792.0)


@dataclass(frozen=True)
class Boxes:
    """The boxes of a page as pdftopdf is to see them.

    Attributes:
        media: MediaBox and CropBox.
        trim: TrimBox, which is the page for pdftopdf.
        clip: outside of it nothing is drawn; None where all of the page is.
    """

    media: Box
    trim: Box
    clip: Optional[Box]


def read_box(numbers: Sequence[float]) -> Box:
    """Return a box whose corners may be any two that lie opposite.

    Raises:
        ValueError: these are not four numbers.
    """
    left, bottom, right, top = map(float, numbers)
    return Box(min(left, right), min(bottom, top), max(left, right), max(bottom, top))


def read_edges(value: Any) -> list[float]:
    """Return the numbers of a box as they are written."""
    return [float(resolved(edge)) for edge in resolved(value)]


def box_in(value: Any) -> Optional[Box]:
    """Return the box that an object of a document is; None for what is no page: not four numbers, or without a size."""
    try:
        box = read_box(read_edges(value))
    except (TypeError, ValueError, OverflowError, AttributeError):
        return None
    return box if box.width and box.height else None


def arrange_boxes(
    media: Box,
    crop: Optional[Box],
    trim: Optional[Box],
    sheet: tuple[float, float],
    unit: float = 1.0,
    scaled: bool = False,
) -> Boxes:
    """Return the boxes for pdftopdf.

    Args:
        sheet: width and height of the paper in points.
        unit: UserUnit, the size of the page's points.
        scaled: the page is made to fit something, so that it has no place of its own on the sheet.
    """
    page = (crop and crop.common(media)) or media
    clip = None if page.covers(media) else page
    if not scaled and _fits(media, sheet, unit):
        # pdftopdf would put the middle of the TrimBox into the middle of the sheet.
        stays = clip is not None or _fills(media, sheet, unit)
        return Boxes(media, media if stays else _trim(trim, media), clip)
    return Boxes(page, _trim(trim, page), clip)


def _trim(trim: Optional[Box], page: Box) -> Box:
    return (trim and trim.common(page)) or page


def _fits(box: Box, sheet: tuple[float, float], unit: float) -> bool:
    return all(a * unit <= b + SAME for a, b in zip(sorted((box.width, box.height)), sorted(sheet)))


def _fills(box: Box, sheet: tuple[float, float], unit: float) -> bool:
    return all(abs(a * unit - b) <= SAME for a, b in zip(sorted((box.width, box.height)), sorted(sheet)))
