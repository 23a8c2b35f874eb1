"""Whether what pages show is in the file: ISO 32000-1 sections 7.7.3.3 (Contents) and 7.4.4 (FlateDecode).

A page whose content is missing, or can be unpacked only in part, prints as an empty or half page without a word. Looked
at: the content streams of a page, and that its forms and pictures are there. A missing checksum behind packed
data is no fault, some producers never write it. Not looked at: forms in forms, and whether pictures can be unpacked,
which the renderer says.
"""

from __future__ import annotations

import os
import re
import zlib

from filters.common.plain_pdf import resolved

TYPE_CHECKING = False  # slow to import
if TYPE_CHECKING:
    from typing import Any, BinaryIO, Iterable, Optional

#: Octets that are unpacked for looking; what is beyond, in large documents or bombs, is left to the renderer.
MOST_UNPACKED = 256 << 20
_STEP = 1 << 20
#: Octets of a stream that is not finished, but only flushed.
_MOST_FLUSHED = 16 << 20
#: Octets in which the dictionary of a stream ends.
_HEAD = 4096
_STREAM = re.compile(rb">>\s*stream(?:\r\n|\n|\r)")
_STARTXREF = re.compile(rb"startxref\s+([0-9]{1,19})")
#: A row of a table of objects: place, generation, in use; or the first number and how many follow.
_ROW = re.compile(rb"([0-9]{1,10})\s+([0-9]{1,10})(?:\s+([nf])\b)?")
_HOLE = bytes(16)
_OBJECT = re.compile(rb"(?<![0-9])([0-9]{1,10})\s+[0-9]{1,5}\s+obj\b")
_FLATE_FIRST = re.compile(rb"/Filter\s*\[?\s*/(?:FlateDecode|Fl)\b")
#: What ends packed data that its producer has flushed, and not finished (RFC 1951, 3.2.4: an empty block).
_FLUSHED = b"\0\0\xff\xff"
_FLUSHED_END = re.compile(rb"\x00\x00\xff\xff(?:\r\n|\n|\r|)endstream")
MISSING, DAMAGED = "missing", "damaged"


class ContentCheck:
    """Looks at page after page; what pages share is looked at once."""

    def __init__(self) -> None:
        self._left = MOST_UNPACKED
        self._seen: set[int] = set()

    def find_trouble(self, page: Any) -> Optional[str]:
        """Return "missing" or "damaged", or None."""
        for piece in _pieces(page):
            if not _is_stream(piece):
                return MISSING
            if not self._can_be_unpacked(piece):
                return DAMAGED
        for reference, drawn in _drawn(page):
            if reference not in self._seen:
                self._seen.add(reference)
                if not _is_stream(drawn):
                    return MISSING
                if drawn.get("/Subtype") == "/Form" and not self._can_be_unpacked(drawn):
                    return DAMAGED
        return None

    def is_empty(self, page: Any) -> bool:
        """Tell whether a page, or a form on it, has no content at all."""
        forms = [drawn for _, drawn in _drawn(page) if _is_stream(drawn) and drawn.get("/Subtype") == "/Form"]
        pieces = _pieces(page)
        return not pieces or any(not piece._data.strip() for piece in (*pieces, *forms))

    def _can_be_unpacked(self, stream: Any) -> bool:
        try:
            packed = _packed_data(stream)
            return packed is None or self._unpack(packed)
        except (ValueError, zlib.error):
            return False

    def _unpack(self, packed: bytes) -> bool:
        # Past the two octets of its header, so that no checksum is missed.
        unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
        rest = packed[2:]
        while rest and not unpacker.eof and self._left > 0:
            self._left -= len(unpacker.decompress(rest, _STEP))
            rest = unpacker.unconsumed_tail
        return unpacker.eof or self._left <= 0 or packed.rstrip(b"\r\n").endswith(_FLUSHED)


def find_damaged_stream(file: BinaryIO, offsets: Iterable[int]) -> bool:
    """Tell whether a packed stream, be it content, a font or a picture, is not what its producer has packed.

    Args:
        offsets: where the objects of the document are; it is not encrypted.
    """
    left = MOST_UNPACKED
    for offset in offsets:
        file.seek(offset)
        head = file.read(_HEAD)
        # An object without a stream ends before that of the next one begins.
        end = head.find(b"endobj")
        found = _STREAM.search(head, 0, end if end >= 0 else len(head))
        if not found or not _FLATE_FIRST.search(head, 0, found.start()) or left <= 0:
            continue
        start = head[found.end() :]
        # Some producers write /FlateDecode at a stream of nothing.
        if not start.lstrip().startswith(b"endstream"):
            unpacked = _unpack_whole(start, file, left)
            if unpacked is None:
                file.seek(offset + found.end())
                unpacked = _unpack_flushed(file, left)
            if unpacked is None:
                return True
            left -= unpacked
    return False


def find_missing_object(file: BinaryIO, places: Iterable[tuple[int, int]]) -> Optional[int]:
    """Return the number of an object in whose place the file has a hole, and which is nowhere else, or None.

    A part that did not arrive is zeros in many ways of transport. What is there instead without being zeros is left to
    readers: tables of objects of everyday producers name some that have never been.

    Args:
        places: numbers of objects, and where they should be. A reader finds what is only in another place.
    """
    suspects = []
    for number, offset in places:
        file.seek(offset)
        if file.read(len(_HOLE)) == _HOLE:
            suspects.append(number)
    if not suspects:
        return None
    file.seek(0)
    there = {int(found[1]) for found in _OBJECT.finditer(file.read(MOST_UNPACKED))}
    return next((number for number in suspects if number not in there), None)


def table_places(file: BinaryIO) -> list[tuple[int, int]]:
    """Return what the last table of objects says itself; a reader may have left out what it did not find there."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - 2048))
    found = _STARTXREF.findall(file.read())
    if not found or int(found[-1]) >= size:
        return []
    file.seek(int(found[-1]))
    table, _, _ = file.read(_STEP).partition(b"trailer")
    places: list[tuple[int, int]] = []
    number = 0
    for line in _ROW.finditer(table if table.lstrip().startswith(b"xref") else b""):
        if line[3]:
            places += [(number, int(line[1]))] if line[3] == b"n" else []
            number += 1
        else:
            number = int(line[1])
    return places


def _unpack_whole(rest: bytes, file: BinaryIO, most: int) -> Optional[int]:
    """Return how much is in a stream, at most a little more than ``most``; None if it is damaged."""
    unpacker, checksum, size = zlib.decompressobj(-zlib.MAX_WBITS), 1, 0
    rest = rest[2:]
    try:
        while not unpacker.eof and size < most:
            rest = rest or file.read(_HEAD)
            if not rest:
                return None
            piece = unpacker.decompress(rest, _STEP)
            rest = unpacker.unconsumed_tail
            checksum, size = zlib.adler32(piece, checksum), size + len(piece)
    except zlib.error:
        return None
    behind = unpacker.unused_data + file.read(16)
    written, end = behind[:4], behind[:16].lstrip()
    missing = end.startswith(b"endstream") or b"endstream" in behind[:13]
    return size if size >= most or missing or written == checksum.to_bytes(4, "big") else None


def has_flushed_stream(file: BinaryIO) -> bool:
    """Tell whether a packed stream is flushed instead of finished, which Ghostscript reports as an error."""
    file.seek(0)
    kept = b""
    while block := file.read(_STEP):
        if _FLUSHED_END.search(kept + block):
            return True
        kept = block[-16:]
    return False


def _unpack_flushed(file: BinaryIO, most: int) -> Optional[int]:
    """Return the same for a stream that begins here and is flushed instead of finished."""
    data = file.read(min(most, _MOST_FLUSHED))
    end = data.find(b"endstream")
    while end >= 0 and not _FLUSHED_END.match(data, max(data.rfind(_FLUSHED, 0, end), 0)):
        end = data.find(b"endstream", end + 1)
    if end < 0:
        return None
    unpacker, size = zlib.decompressobj(-zlib.MAX_WBITS), 0
    rest = data[2 : data.rfind(_FLUSHED, 0, end) + len(_FLUSHED)]
    try:
        while rest and size < most:
            size += len(unpacker.decompress(rest, _STEP))
            rest = unpacker.unconsumed_tail
    except zlib.error:
        return None
    return size


def _packed_data(stream: Any) -> Optional[bytes]:
    """Return what FlateDecode gets of a stream, None where it gets nothing that is known here.

    Raises:
        ValueError: the code around it is damaged.
    """
    import base64

    filters = stream.get("/Filter", ())
    names = [filters] if isinstance(filters, str) else [resolved(name) for name in filters]
    data = bytes(stream._data)
    if names[:1] in (["/ASCII85Decode"], ["/A85"]) and names[1:2] in (["/FlateDecode"], ["/Fl"]):
        data = base64.a85decode(data.strip().removeprefix(b"<~").partition(b"~")[0])
        names = names[1:]
    return data if data.strip() and names[:1] in (["/FlateDecode"], ["/Fl"]) else None


def _is_stream(piece: Any) -> bool:
    return hasattr(piece, "_data") and hasattr(piece, "get")


def _pieces(page: Any) -> list[Any]:
    """Return the content streams of a page, or what stands in their place; [] where it has none by intention."""
    if "/Contents" not in page:
        return []
    content = page["/Contents"]
    if isinstance(content, list):
        return [resolved(piece) for piece in content]
    if (content is None or type(content).__name__ == "NullObject") and not hasattr(page.raw_get("/Contents"), "idnum"):
        return []
    return [content]


def _drawn(page: Any) -> list[tuple[int, Any]]:
    """Return forms and pictures that a page has itself, by the numbers of their objects."""
    resources = resolved(page.get("/Resources"))
    drawn: Any = resolved(resources.get("/XObject")) if hasattr(resources, "get") else None
    if not hasattr(drawn, "raw_get"):
        return []
    references = [drawn.raw_get(name) for name in drawn]
    return [(reference.idnum, resolved(reference)) for reference in references if hasattr(reference, "idnum")]
