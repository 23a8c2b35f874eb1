"""Boxes of pages put right: which pages need it, and what is written behind the document."""

from __future__ import annotations

import io
from typing import Any

import pytest
from pypdf import PdfReader

from filters.pdf.boxes import Box, Boxes
from filters.pdf.correction import Sheet, correct_pages, object_places, update
from tests.unit.filters.test_pdf_inspection import CATALOG, NO_SIZE, built

PAGE, UPPER = Box(0, 0, 595, 842), Box(0, 421, 595, 842)
SHEET = Sheet((595, 842))
STREAM = b"<< /Length 4 >>\nstream\nq Q \nendstream"


def with_stream_of_objects(*objects: bytes) -> io.BytesIO:
    """Return a PDF of these objects, whose table is a stream."""
    classic = built(*objects).getvalue()
    text, number = classic[: classic.index(b"xref\n")], len(objects) + 1
    places = [text.index(b"%d 0 obj" % each) for each in range(1, number)] + [len(text)]
    table = b"\0\0\0\0" + b"".join(b"\1" + place.to_bytes(2, "big") + b"\0" for place in places)
    entries = b"/Type /XRef /W [1 2 1] /Size %d /Root 1 0 R /Length %d" % (number + 1, len(table))
    stream = b"%d 0 obj << %b >>\nstream\n%b\nendstream endobj\n" % (number, entries, table)
    return io.BytesIO(text + stream + b"startxref\n%d\n%%%%EOF\n" % len(text))


@pytest.mark.parametrize(
    "entries, sheet, boxes",
    [
        (b"/MediaBox [0 0 595 842]", SHEET, None),
        (b"/MediaBox [0 0 595 842] /TrimBox [0 0 595.4 842]", SHEET, None),
        (b"/MediaBox [595 842 0 0]", SHEET, Boxes(PAGE, PAGE, None)),
        (b"/MediaBox [0 0 595 842] /TrimBox [10 10 500 500]", SHEET, Boxes(PAGE, PAGE, None)),
        (b"/MediaBox [0 0 595 842] /CropBox [0 421 595 842]", SHEET, Boxes(PAGE, PAGE, UPPER)),
        (b"/MediaBox [0 0 595 842] /CropBox [0 421 595 842]", Sheet((595, 842), True), Boxes(UPPER, UPPER, UPPER)),
        (b"/MediaBox [0 0 595 842] /CropBox [0 0 0 0]", SHEET, Boxes(PAGE, PAGE, None)),
        (b"", SHEET, Boxes(Box(0, 0, 612, 792), Box(0, 0, 612, 792), None)),
        (b"/MediaBox [0 0 600 600] /UserUnit 2", SHEET, None),
        (b"/MediaBox [0 0 297.5 421] /CropBox [0 0 297.5 300] /UserUnit 2", SHEET, ((0, 0, 297.5, 421), 300)),
        (b"/MediaBox [0 0 595 842] /CropBox [0 421 595 842] /UserUnit (x)", SHEET, Boxes(PAGE, PAGE, UPPER)),
        (b"/MediaBox [0 0 595 842] /CropBox [0 421 595 842] /UserUnit 0", SHEET, Boxes(PAGE, PAGE, UPPER)),
    ],
)
def test_pages_that_are_corrected(entries: bytes, sheet: Sheet, boxes: Any) -> None:
    """Those that CUPS's pdftopdf would take for something else than readers do."""
    if isinstance(boxes, tuple):
        boxes = Boxes(Box(*boxes[0]), Box(*boxes[0]), Box(0, 0, 297.5, boxes[1]))
    reader = PdfReader(built(CATALOG, NO_SIZE, b"<< /Type /Page %b >>" % entries))
    assert correct_pages(reader, sheet, 10) == ({3: boxes} if boxes else {})
    assert correct_pages(reader, sheet, 0) == {}


@pytest.mark.parametrize("build", [built, with_stream_of_objects])
@pytest.mark.parametrize("contents, inner", [(b"4 0 R", [4]), (b"[4 0 R 5 0 R]", [4, 5])])
def test_what_is_written_behind_a_document(build: Any, contents: bytes, inner: list[int]) -> None:
    """Pages with new boxes and a clip before their content, and a table of the kind that is there."""
    boxes = b"/CropBox [0 421 595 842] /MediaBox [0 0 595 842] /ArtBox [0 0 9 9] /BleedBox [0 0 9 9]"
    page = b"<< /Type /Page /Parent 2 0 R /Rotate 90 %b /Contents %b >>" % (boxes, contents)
    document = build(
        CATALOG, NO_SIZE.replace(b"Count 1", b"Count 2").replace(b"3 0 R", b"3 0 R 6 0 R"), page, STREAM, STREAM, page
    )
    reader = PdfReader(document)
    before = document.getvalue()
    behind = b"".join(update(reader, document, correct_pages(reader, SHEET, 10)))
    assert (b"/Type /XRef" in behind) == (build is not built)
    found = PdfReader(io.BytesIO(before + behind), strict=True)
    clip = 7 if build is built else 8
    for written in found.pages:
        values: dict[str, Any] = {name: written[name] for name in written if name.endswith("Box")}
        names = {name: [float(each) for each in box] for name, box in values.items()}
        assert names == {name: [0, 0, 595, 842] for name in ("/MediaBox", "/CropBox", "/TrimBox")}
        assert written["/Rotate"] == 90 and [each.idnum for each in written.raw_get("/Contents")] == [clip, *inner]
    first: Any = found.pages[0]["/Contents"]
    assert first[0].get_object().get_data() == b"0 421 595 421 re W n\n"
    previous = before.rindex(b"xref\n0" if build is built else b"7 0 obj")
    assert b"/Size %d /Prev %d" % (clip + 1 + (build is not built), previous) in behind
    assert all((before + behind)[at:].startswith(b"%d 0 obj" % number) for number, at in object_places(found))


def test_numbers_that_cannot_be() -> None:
    """A page beyond all objects of its document is no page."""
    document = built(CATALOG, NO_SIZE, b"<< /Type /Page >>")
    with pytest.raises(ValueError, match="strange numbers"):
        list(update(PdfReader(document), document, {4: Boxes(PAGE, PAGE, None)}))
    with pytest.raises(ValueError, match="numbered again"):
        list(update(PdfReader(document), document, {0: Boxes(PAGE, PAGE, None)}))
