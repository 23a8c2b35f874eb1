"""Boxes of pages corrected in the document itself: ISO 32000-1 section 7.5.6, "Incremental updates".

    the document as it was
    page objects with new boxes, and a content stream before their own that clips
    xref  trailer (/Prev: the table before)  startxref  %%EOF

Nothing of the document is written anew but the dictionaries of these pages, so nothing else of it can change. Only
where that cannot be, because it is encrypted or its table of objects is damaged, is all of it written by pypdf.
"""

from __future__ import annotations

import io
import os
import re

from filters.common.dataclass import dataclass
from filters.pdf.boxes import US_LETTER, Box, Boxes, arrange_boxes, box_in, read_edges
from filters.pdf.inspection import walk_pages

TYPE_CHECKING = False  # slow to import
if TYPE_CHECKING:
    from typing import Any, BinaryIO, Iterable, Iterator, Mapping, Optional

    from pypdf import PdfReader

    from filters.common.plain_pdf import PlainReader

#: Boxes that say where the page is; others are for print shops.
_BOXES = ("/MediaBox", "/CropBox", "/TrimBox")
_BEYOND = ("/BleedBox", "/ArtBox")
#: Objects of a table of objects are numbered up to here (ISO 32000-1 annex C).
MOST_OBJECTS = 8388607


@dataclass(frozen=True)
class Sheet:
    """What pages are to fit.

    Attributes:
        size: width and height of the paper in points.
        scaled: whether pages are made to fit it, or stand on it with others.
    """

    size: tuple[float, float]
    scaled: bool = False


def correct_pages(reader: PdfReader | PlainReader, sheet: Sheet, most: int) -> dict[int, Boxes]:
    """Return the new boxes of pages that need some, by the numbers of their objects; ``most`` pages are looked at."""
    found: dict[int, Boxes] = {}
    for reference, node, page in walk_pages(reader, most):
        written = {name: _read(page[name]) for name in _BOXES if name in page}
        raw = {name: box for name, (box, _) in written.items()}
        media = raw.get("/MediaBox") or US_LETTER
        unit = _unit(node)
        boxes = arrange_boxes(media, raw.get("/CropBox"), raw.get("/TrimBox"), sheet.size, unit, sheet.scaled)
        usual = all(ordered for _, ordered in written.values()) and "/MediaBox" in raw
        page_now = raw.get("/TrimBox") or raw.get("/CropBox") or media
        same = usual and boxes.clip is None and boxes.trim.covers(page_now) and page_now.covers(boxes.trim)
        if not same and reference is not None:
            found[reference] = boxes
    return found


def object_places(reader: PdfReader) -> list[tuple[int, int]]:
    """Return numbers and places of the objects of the document, those in streams of objects left out."""
    return sorted({(number, at) for table in reader.xref.values() for number, at in table.items() if number and at > 0})


def _read(value: Any) -> tuple[Optional[Box], bool]:
    """Return a box, and whether its corners are in the usual order; None for what is no box."""
    box = box_in(value)
    return box, box is not None and list(box) == read_edges(value)


def _unit(node: Any) -> float:
    try:
        return float(node.get("/UserUnit", 1)) or 1.0
    except (TypeError, ValueError):
        return 1.0


def update(reader: PdfReader, document: BinaryIO, corrections: Mapping[int, Boxes]) -> Iterator[bytes]:
    """Give what is to be written behind the document."""
    size = document.seek(0, os.SEEK_END)
    trailer: Any = reader.trailer
    # Of a table that is a stream pypdf keeps the entries, and not its size.
    used = [*reader.xref_objStm, *(object_number for table in reader.xref.values() for object_number in table)]
    number = max(int(trailer.get("/Size", 0)), max(used, default=0) + 1)
    if not max(corrections) < number <= MOST_OBJECTS - 2 * len(corrections):
        raise ValueError("its objects have strange numbers")
    objects: dict[int, bytes] = {}
    clips: dict[Box, int] = {}
    for page_number, boxes in corrections.items():
        if boxes.clip is not None and boxes.clip not in clips:
            content = clip_content(boxes.clip)
            objects[number] = b"<< /Length %d >>\nstream\n%sendstream" % (len(content), content)
            clips[boxes.clip] = number
            number += 1
        clip = clips[boxes.clip] if boxes.clip is not None else None
        objects[page_number] = _page(reader, page_number, boxes, clip)
    document.seek(max(0, size - 2048))
    previous = int(re.findall(rb"startxref\s+([0-9]{1,19})", document.read())[-1])
    document.seek(previous)
    classic = document.read(64).lstrip().startswith(b"xref")
    return _section(size, objects, number, trailer, previous, classic)


def clip_content(box: Box) -> bytes:
    """Return the content that keeps what follows inside a box."""
    return b"%s %s %s %s re W n\n" % tuple(map(_number, (box.left, box.bottom, box.width, box.height)))


def _number(value: float) -> bytes:
    return (f"{value:.4f}".rstrip("0").rstrip(".") or "0").encode()


def _array(box: Box) -> bytes:
    return b"[%s]" % b" ".join(map(_number, box))


def _page(reader: PdfReader, number: int, boxes: Boxes, clip: Optional[int]) -> bytes:
    """Return the dictionary of a page with new boxes."""
    from pypdf.generic import DictionaryObject, IndirectObject

    node: Any = reader.get_object(IndirectObject(number, 0, reader))
    if not isinstance(node, DictionaryObject):
        raise ValueError(f"page object {number} has been numbered again")
    entries = [(name, node.raw_get(name)) for name in node if name not in (*_BOXES, *_BEYOND)]
    parts = [b"<<"]
    for name, value in entries:
        if name == "/Contents" and clip is not None:
            kept = value.get_object()
            inner = kept if isinstance(kept, list) else [value]
            parts.append(b"/Contents [%d 0 R %s]" % (clip, b" ".join(map(_written, inner))))
        else:
            parts.append(_name(name) + b" " + _written(value))
    parts += [b"/MediaBox %s /CropBox %s" % (_array(boxes.media), _array(boxes.media))]
    parts += [b"/TrimBox %s" % _array(boxes.trim), b">>"]
    return b"\n".join(parts)


def _name(name: str) -> bytes:
    from pypdf.generic import NameObject

    return _written(NameObject(name))


def _written(value: Any) -> bytes:
    stream = io.BytesIO()
    value.write_to_stream(stream, None)
    return stream.getvalue()


def _section(
    at: int, objects: Mapping[int, bytes], size: int, trailer: Any, previous: int, classic: bool
) -> Iterator[bytes]:
    """Give objects and the table that tells where they are, in the form that the table before has."""
    places: dict[int, int] = {}
    yield b"\n"
    at += 1
    for number, content in objects.items():
        places[number] = at
        piece = b"%d 0 obj\n%s\nendobj\n" % (number, content)
        at += len(piece)
        yield piece
    kept = b" ".join(
        b"%s %s" % (_name(n), _written(trailer.raw_get(n))) for n in ("/Root", "/Info", "/ID") if n in trailer
    )
    if classic:
        yield b"xref\n" + b"".join(b"%d 1\n%010d 00000 n \n" % item for item in sorted(places.items()))
        yield b"trailer\n<< /Size %d /Prev %d %s >>\n" % (size, previous, kept)
    else:
        places[size] = at
        table = b"".join(b"\x01" + place.to_bytes(8, "big") + b"\0\0" for _, place in sorted(places.items()))
        index = b" ".join(b"%d 1" % number for number in sorted(places))
        yield b"%d 0 obj\n<< /Type /XRef /W [1 8 2] /Index [%s] /Size %d /Prev %d /Length %d %s >>\nstream\n" % (
            size,
            index,
            size + 1,
            previous,
            len(table),
            kept,
        )
        yield table + b"\nendstream\nendobj\n"
    yield b"startxref\n%d\n%%%%EOF\n" % at


def write_anew(reader: PdfReader, corrections: Mapping[int, Boxes], target: BinaryIO) -> None:
    """Write all of the document with new boxes."""
    from pypdf import PdfWriter
    from pypdf.generic import ArrayObject, DecodedStreamObject, FloatObject, NameObject

    def array(box: Box) -> Any:
        return ArrayObject([FloatObject(f"{edge:.4f}") for edge in box])

    writer = PdfWriter()
    numbers = [reference for reference, _, _ in walk_pages(reader, MOST_OBJECTS)]
    for number, page in zip(numbers, _flat(reader)):
        added: Any = writer.add_page(page)
        boxes = corrections.get(number) if number is not None else None
        if boxes is None:
            continue
        for name in _BEYOND:
            added.pop(name, None)
        added[NameObject("/MediaBox")] = added[NameObject("/CropBox")] = array(boxes.media)
        added[NameObject("/TrimBox")] = array(boxes.trim)
        if boxes.clip is not None and "/Contents" in added:
            stream = DecodedStreamObject()
            stream.set_data(clip_content(boxes.clip))
            value = added.raw_get("/Contents")
            kept = value.get_object()
            inner = list(kept) if isinstance(kept, list) else [value]
            added[NameObject("/Contents")] = ArrayObject([writer._add_object(stream), *inner])
    writer.write(target)


def _flat(reader: PdfReader) -> Iterable[Any]:
    return reader.pages
