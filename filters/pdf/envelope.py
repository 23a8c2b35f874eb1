"""What stands around the renderer's pages, and what tells a whole job from half of one.

    UEL @PJL JOB ... @PJL SET ...  [@PJL ENTER LANGUAGE = PCL]       ours
    ESC E  [ESC & l # S  duplex]  [type of paper]  [output bin]      PCL 5: ours, behind the renderer's reset
    ... pages ...                                                    the renderer's
    UEL @PJL EOJ ... UEL                                             ours, only after the last page

The renderer's PCL XL has a wrapper of its own: UEL and PJL before, of which only UEL is in our way, and UEL behind,
which it writes even if it fails. So the last bytes are held back until it is known how it ended.
"""

from __future__ import annotations

from filters.pcl import commands as pcl
from filters.pcl import pjl
from filters.pdf.rendering import Rendering

UEL = pcl.UNIVERSAL_EXIT_LANGUAGE
SIMPLEX_DUPLEX = {"one-sided": 0, "two-sided-long-edge": 1, "two-sided-short-edge": 2}
#: PCL's numbers of output bins -> PJL's OUTBIN, for PCL XL.
OUTPUT_BINS = {1: "UPPER", 2: "LOWER"}


class Envelope:
    """The print data of one job; pages go in as they come, in pieces of any size."""

    def __init__(self, title: str, rendering: Rendering) -> None:
        self._title = title
        self._rendering = rendering
        self._begun = False
        self._at_beginning = True
        self._held = b""

    def take(self, data: bytes) -> bytes:
        """Return what can be written after the renderer has delivered this."""
        held = self._held + data
        if self._at_beginning:
            if len(held) < len(UEL):
                self._held = held
                return b""
            held = self._begin(held)
        self._held = held[-len(UEL) :]
        return held[: -len(UEL)]

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
        if self._rendering.language == "PCL5E":
            return pjl.start_job(self._title, 1, False, settings)
        if self._rendering.output_bin in OUTPUT_BINS:
            settings.append(f"OUTBIN = {OUTPUT_BINS[self._rendering.output_bin]}")
        return pjl.start_job(self._title, 1, False, settings, language=None)

    def _page_settings(self) -> bytes:
        settings = [pcl.SIMPLEX_DUPLEX(SIMPLEX_DUPLEX[self._rendering.sides])]
        if self._rendering.media_type is not None and not self._rendering.media_name:
            settings.append(pcl.MEDIA_TYPE(self._rendering.media_type))
        if self._rendering.output_bin is not None:
            settings.append(pcl.OUTPUT_BIN(self._rendering.output_bin))
        name = self._rendering.media_name
        return pcl.combine(*settings) + (pcl.name_media_type(name) if name else b"")
