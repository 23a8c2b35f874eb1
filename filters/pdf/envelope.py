"""What stands around the renderer's pages, and what tells a whole job from half of one.

    UEL @PJL JOB ... @PJL SET ...  [@PJL ENTER LANGUAGE = PCL]       ours
    ESC E  [ESC & l # S  duplex]  [type of paper]  [output bin]      PCL 5: ours, behind the renderer's reset
    ESC & l # O  ESC & l # A  ...                                    the renderer's pages, PCL 5 with our page size
    UEL @PJL EOJ ... UEL                                             ours, only after the last page

The renderer's PCL XL has a wrapper of its own: UEL and PJL before, of which only UEL is in our way, and UEL behind,
which it writes even if it fails. So the last bytes are held back until it is known how it ended.

Of the sizes of paper the renderer knows only the common ones by their PCL 5 numbers, and takes the next larger one for
all others. So where the pages are of the size that the job asks for, its number is put in place of the renderer's.

A page that is wider than long makes the renderer turn the sheet. A label of 80 x 50 mm lies in the tray as it is read,
and the measures that are sent say so; it is not turned.
"""

from __future__ import annotations

import re

from filters.common.media import CUSTOM_PAGE, PaperSize
from filters.pcl import commands as pcl, pjl
from filters.pdf.rendering import Rendering

TYPE_CHECKING = False  # slow to import
if TYPE_CHECKING:
    from typing import Optional

#: Orientation and page size at the beginning of each page, where it starts on a sheet that is turned, and the most
#: bytes that may stand for one of them.
_PAGE_SIZE = re.compile(rb"\x1b&l([01])O\x1b&l[0-9]+A")
_START_TURNED = b"\x1b&l0u140Z"
_START = b"\x1b&l-180u36Z"
_LONGEST = 16
UEL = pcl.UNIVERSAL_EXIT_LANGUAGE
#: PCL's numbers of output bins -> PJL's OUTBIN, for PCL XL.
OUTPUT_BINS = {1: "UPPER", 2: "LOWER"}


class Envelope:
    """The print data of one job; pages go in as they come, in pieces of any size."""

    def __init__(self, title: str, rendering: Rendering) -> None:
        #: Copies that are left to the backend.
        self.sets = 1
        #: Whole copies, one after the other, that the printer makes.
        self.quantity = 1
        self._title = title
        self._rendering = rendering
        self._begun = False
        self._at_beginning = True
        self._held = b""
        self._page_size = b""
        self._lies = False

    def start_document(self, size: Optional[PaperSize]) -> None:
        """Begin a document with pages of one size; with None they are not, and the renderer's choice counts."""
        self._page_size, self._lies = b"", False
        if size is not None and self._rendering.language == "PCL5E":
            self._page_size, self._lies = _page_size(size), size.width > size.length

    def take(self, data: bytes) -> bytes:
        """Return what can be written after the renderer has delivered this."""
        held = self._held + data
        if self._at_beginning:
            if len(held) < len(UEL):
                self._held = held
                return b""
            held = self._begin(held)
        if self._page_size:
            held = _PAGE_SIZE.sub(lambda at: pcl.ORIENTATION(0 if self._lies else int(at[1])) + self._page_size, held)
        if self._lies:
            held = held.replace(_START_TURNED, _START)
        self._held = held[-_LONGEST:]
        return held[:-_LONGEST]

    def end_document(self) -> bytes:
        """Return what is left when the renderer has ended well; another document may follow."""
        rest = b"" if self._at_beginning else self._held.removesuffix(UEL)
        self._at_beginning, self._held = True, b""
        return rest

    def end_job(self) -> bytes:
        """Return what tells the backend and the printer that this was all."""
        return pjl.end_job(self._title) if self._begun else b""

    def _begin(self, pages: bytes) -> bytes:
        start, self._begun, self._at_beginning = (b"" if self._begun else self._start_job()), True, False
        if pages.startswith(pcl.RESET):
            return start + pcl.RESET + self._page_settings() + pages[len(pcl.RESET) :]
        return start + (pages.removeprefix(UEL) if start else pages)

    def _start_job(self) -> bytes:
        settings = list(self._rendering.pjl)
        copies = max(self.sets, self.quantity)
        if self._rendering.language == "PCL5E":
            return pjl.start_job(self._title, copies, True, settings, sets=self.quantity == 1)
        if self._rendering.output_bin in OUTPUT_BINS:
            settings.append(f"OUTBIN = {OUTPUT_BINS[self._rendering.output_bin]}")
        return pjl.start_job(self._title, copies, True, settings, language=None, sets=self.quantity == 1)

    def _page_settings(self) -> bytes:
        settings = [pcl.SIMPLEX_DUPLEX(pcl.SIDES[self._rendering.sides])]
        if self._rendering.media_type is not None and not self._rendering.media_name:
            settings.append(pcl.MEDIA_TYPE(self._rendering.media_type))
        if self._rendering.output_bin is not None:
            settings.append(pcl.OUTPUT_BIN(self._rendering.output_bin))
        name = self._rendering.media_name
        return pcl.combine(*settings) + (pcl.name_media_type(name) if name else b"")


def _page_size(size: PaperSize) -> bytes:
    """Return the commands that choose a size, with its measures before the number if it is one without a number."""
    if size.code != CUSTOM_PAGE:
        return pcl.PAGE_SIZE(size.code)
    measures = (pcl.CUSTOM_WIDTH(round(size.width / 10)), pcl.CUSTOM_LENGTH(round(size.length / 10)))
    return pcl.combine(*measures) + pcl.PAGE_SIZE(size.code)
