"""Whether a PDF is all there: ISO 32000-1 section 7.5, "File structure".

    [junk]  %PDF-1.n  objects  xref  trailer  startxref  offset  %%EOF  [objects  xref ... %%EOF]  [junk]

What everyday programs and mail servers leave is taken: words before the header or behind the end, a wrong offset, a
last line without its end. What lacks a part of the document is not: a file that stops before its end, or in the middle
of what was added to it later. Of the file only its two ends are read, and what lies behind the last %%EOF.
"""

from __future__ import annotations

import os
import re

from filters.common.dataclass import dataclass

TYPE_CHECKING = False  # slow to import
if TYPE_CHECKING:
    from typing import BinaryIO

#: Where readers look for the header, and where programs that follow the standard have the end.
BEGINNING = 2048
#: Most of what may lie behind the end before the file is no document with an appendix any more.
MOST_BEHIND = 1 << 20
#: The header, and the old form of it (ISO 32000-1 annex H.3, note 14).
_HEADER = re.compile(rb"%PDF-|%!PS-Adobe-[0-9.]{1,5} PDF-")
HEADER = b"%PDF-"
END = b"%%EOF"
#: Octets by which a file may be shorter than it says, since its last line end went missing.
LINE_ENDS = 16
_OBJECT = re.compile(rb"(?:^|\s)[0-9]+\s+[0-9]+\s+obj\b")
_TABLE = re.compile(rb"\s*(?:xref\s+([0-9]+)|[0-9]+\s+[0-9]+\s+obj\b)")
_STARTXREF = re.compile(rb"startxref\s+([0-9]{1,19})")
_LINEARIZED = re.compile(rb"/Linearized\b[^>]*?/L\s+([0-9]{1,19})|/L\s+([0-9]{1,19})\b[^>]*?/Linearized\b")


class NotWhole(Exception):
    """A part of the file is missing."""


@dataclass(frozen=True)
class Extent:
    """Where the document lies in its file.

    Attributes:
        start, end: its first byte, and that behind its last one.
        header: length of its header, 0 if it has none. To Ghostscript what has none is a program in PostScript.
        finished: whether it has %%EOF; if not, it lacks no more than that.
        numbered_wrongly: the table counts its objects from 1, which pdftopdf does not forgive.
        repaired: the cross-reference table is not where the file says, so readers have to look for the objects.
    """

    start: int
    end: int
    header: int
    finished: bool
    repaired: bool
    numbered_wrongly: bool = False


def find_extent(file: BinaryIO) -> Extent:
    """Return where the document lies.

    Raises:
        NotWhole: it stops before its end.
    """
    size = file.seek(0, os.SEEK_END)
    head = _read(file, 0, BEGINNING)
    found_header = _HEADER.search(head)
    header = len(found_header[0]) if found_header else 0
    start = found_header.start() if found_header else 0
    behind = max(0, size - MOST_BEHIND)
    tail = _read(file, behind, MOST_BEHIND)
    at = tail.rfind(END)
    finished = at >= 0 and not _OBJECT.search(tail, at)
    if not finished:
        last = _last_line(tail, at)
        end = behind + last
        return Extent(start, end, header, False, *_table(file, size, start, tail[:last]))
    end = behind + at + len(END)
    found = _LINEARIZED.search(head)
    if found and size - start + LINE_ENDS < int(found[1] or found[2]):
        # It has an end near its beginning as well.
        raise NotWhole
    return Extent(start, end, header, True, *_table(file, size, start, tail[:at]))


def _last_line(tail: bytes, at: int) -> int:
    """Return where the offset ends in a file that lacks no more than what comes behind it.

    Raises:
        NotWhole: it lacks more.
    """
    last = list(_STARTXREF.finditer(tail, max(at, 0)))
    if not last or _OBJECT.search(tail, last[-1].end()):
        raise NotWhole
    return last[-1].end()


def _offset(tail: bytes) -> int | None:
    found = list(_STARTXREF.finditer(tail))
    return int(found[-1][1]) if found else None


def _table(file: BinaryIO, size: int, start: int, tail: bytes) -> tuple[bool, bool]:
    """Return whether the table of objects is not where the file says, and whether it is numbered from 1."""
    offset = _offset(tail)
    if offset is None or offset >= size:
        return True, False
    # Offsets are counted from the beginning of the file, or from that of the document.
    tables = [_TABLE.match(_read(file, offset + base, 64)) for base in (0, start)]
    found = next(filter(None, tables), None)
    return found is None, bool(found and found[1] == b"1")


def _read(file: BinaryIO, at: int, count: int) -> bytes:
    file.seek(at)
    return file.read(count)
