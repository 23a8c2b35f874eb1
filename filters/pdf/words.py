"""What Ghostscript says while it draws: pages, and what it could not draw.

It ends with status 0 whatever is in a document, so its words decide. Those of versions 10.00 and 10.05, which are not
the same, fall into three kinds:

- content is lost: LOST, and an unreadable stream unless there is an empty one, or one that was flushed and not
  finished, which 10.00 calls unreadable as well;
- a font of the document cannot be used: FONTS; letters may look different;
- everything else is a fault of form that costs nothing: line ends, numbers, tables of objects, q without Q, profiles.
"""

from __future__ import annotations

import re

from filters.pdf.inspection import PdfFacts

TYPE_CHECKING = False  # slow to import
if TYPE_CHECKING:
    from typing import Optional

#: What Ghostscript says when it begins a page, before the page's number.
_PAGE = re.compile(rb"Page ([0-9]+)")
_COUNT = re.compile(rb"Processing pages [0-9]+ through ([0-9]+)\.")
#: Lines of Ghostscript that go into the error log, and the longest that is kept in memory.
MOST_LINES = 50
LONGEST_LINE = 4096
LOST = (
    "Page drawing error occurred",
    "error executing PDF token",
    "request for unknown filter",
    "recoverable image error",
    "error in pattern",
    "error in transparency XObject",
    "error in image colour",
    "error in stream dictionary",
    "error in Page dictionary",
    "error reading page dictionary",
    "couldn't repair PDF file",
    "jbig2dec FATAL ERROR",
    "page contains no content",
    "obj token missing",
    "out of memory",
)
STREAM = "error reading a stream"
FONTS = ("An embedded font is invalid", "cannot process embedded stream for font")
MEMORY = ("VMerror", "out of memory", "insufficient memory", "memory allocation failed", "Failed to allocate")


class Words:
    """Its words, line by line; they come in pieces of any size."""

    def __init__(self, facts: PdfFacts) -> None:
        self._facts = facts
        self._rest = b""
        self._passed_on = 0
        self._new_page = False
        self._stream = False
        self.pages = facts.pages
        #: The page that is being drawn.
        self.page = 0
        #: Pages that have begun.
        self.begun = 0
        #: The number of pages that it finds, if it is not ours.
        self.other_count: Optional[int] = None
        #: The last line that speaks of an error, and the first one of something that is not drawn.
        self.complaint = ""
        self._lost = ""
        self.fonts = False
        self.memory = False

    @property
    def lost(self) -> str:
        """What says that a part of the document is not drawn, or ""."""
        stream = self._stream and not (self._facts.may_be_empty or self._facts.flushed or self.fonts)
        return self._lost or (STREAM if stream else "")

    def new_page(self) -> bool:
        """Tell whether a page has begun since the last question."""
        new, self._new_page = self._new_page, False
        return new

    def take(self, piece: bytes) -> list[str]:
        """Take some of its words, and return the lines for the error log."""
        *lines, rest = (self._rest + piece).split(b"\n")
        self._rest = rest[:LONGEST_LINE]
        passed_on = []
        for line in filter(None, map(bytes.strip, lines)):
            page, count = _PAGE.fullmatch(line), _COUNT.fullmatch(line)
            if page:
                self.page, self._new_page = int(page[1][:9]), True
                self.begun += 1
            elif count and int(count[1][:9]) != self.pages:
                self.other_count = int(count[1][:9])
            else:
                passed_on += self._take_line(line.decode("utf-8", "replace"))
        return passed_on

    def _take_line(self, line: str) -> list[str]:
        if "rror" in line:
            self.complaint = line[:200]
        if any(word in line for word in LOST):
            self._lost = self._lost or line.lstrip("* ").removeprefix("Error: ")[:60]
        self._stream = self._stream or STREAM in line
        self.fonts = self.fonts or any(word in line for word in FONTS)
        self.memory = self.memory or any(word in line for word in MEMORY)
        self._passed_on += 1
        return [line] if self._passed_on <= MOST_LINES else []
