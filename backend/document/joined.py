"""Documents that cupsd has joined into one stream, told apart again where that is certain.

A queue without ``*cupsSingleFile: True`` in its description (one of 0.1.0, or none) gets all documents of a job through
one run of the backend. Where one of these is followed by anything at all, the next document begins:

    what our filters make    UEL @PJL JOB ... UEL @PJL EOJ ... UEL
    PDF                      %PDF- ... %%EOF, before %PDF-, UEL, ESC E, PostScript, JPEG or PNG
    PostScript               %! ... %%EOF, before %PDF- or what our filters make
    PCL                      UEL or ESC E, before %PDF- or what our filters make

The rest is one document, as the printer would have got it. cupsd's count of documents has the last word.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable

from backend.document.format import UEL

_PDF, _POSTSCRIPT = b"%PDF-", b"%!"
_RESET = b"\x1bE"
#: How a document begins -> where it certainly ends, if something follows.
ENDS: tuple[tuple[bytes, bytes], ...] = (
    (_PDF, rb"%%EOF[\r\n\0 ]*(?=%PDF-|\x1b%-12345X|\x1bE|%!PS|\xff\xd8\xff|\x89PNG\r\n)"),
    (_POSTSCRIPT, rb"%%EOF[\r\n\0\x04 ]*(?=%PDF-|\x1b%-12345X@PJL JOB)"),
    (
        UEL,
        rb"@PJL EOJ[^\r\n\x1b]{0,400}\r\n\x1b%-12345X(?s:(?=.))"
        rb"|\x1b%-12345X[\r\n\0]{0,64}(?=%PDF-|\x1b%-12345X@PJL JOB)",
    ),
    (_RESET, rb"(?:\x1bE|\x1b%-12345X)[\r\n\0]{0,64}(?=%PDF-|\x1b%-12345X@PJL JOB)"),
)
#: The beginning of what our filters make.
OURS = UEL + b"@PJL JOB"
#: Octets that are kept back, because an end may begin in them; more than any end is long.
KEPT_BACK = 512
#: Beginnings of raw documents.
RAW = (UEL, _RESET)
LONGEST_BEGINNING = max(len(beginning) for beginning, _ in ENDS)


class JoinedInput:
    """A descriptor with several documents in a row. ``read`` comes to an end at the end of each."""

    def __init__(self, descriptor: int, are_joined: Callable[[], bool]) -> None:
        """
        Args:
            are_joined: asked where a document seems to end; False: nothing is told apart from there on.
        """
        self.descriptor = descriptor
        self._are_joined = are_joined
        self._held = b""
        self._end: re.Pattern[bytes] | None = None
        self._begun = False
        self._input_ended = False
        self._part_ended = False
        #: True if ``read`` need not wait for the descriptor.
        self.ready = False

    def read(self, size: int) -> bytes | None:
        """Return what has come of the document; b"" at its end; None if that is too little to tell."""
        if self._part_ended or (self._input_ended and not self._held):
            self.ready = False
            return b""
        if not self.ready and not self._input_ended:
            data = os.read(self.descriptor, size)
            self._held += data
            self._input_ended = not data
        self.ready = False
        if not self._begun and not self._begin():
            return None
        found = self._end.search(self._held) if self._end else None
        if found and self._are_joined():
            self._part_ended = self.ready = True
            return self._take(found.end())
        if found:
            self._end = None
        kept_back = KEPT_BACK if self._end and not self._input_ended else 0
        self.ready = self._input_ended
        return self._take(max(0, len(self._held) - kept_back)) or (b"" if self._input_ended else None)

    def _begin(self) -> bool:
        """Find out what the document is, as soon as enough of it is there."""
        if len(self._held) < LONGEST_BEGINNING and not self._input_ended:
            return False
        self._begun = True
        self._end = next((re.compile(end) for beginning, end in ENDS if self._held.startswith(beginning)), None)
        return True

    def _take(self, count: int) -> bytes:
        taken, self._held = self._held[:count], self._held[count:]
        return taken

    @property
    def has_more(self) -> bool:
        """True if it is known that another document follows."""
        return self._part_ended

    def next_part(self) -> bool:
        """Go on to the next document; False if there is none."""
        if not self._part_ended:
            return False
        self._part_ended = self._begun = False
        self.ready = True
        return True
