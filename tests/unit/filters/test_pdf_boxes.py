"""Boxes of pages: what lies in CropBox prints where it stood, and nothing else does."""

from __future__ import annotations

import io
import subprocess

import pytest

from filters.pdf.boxes import Box, Boxes, arrange_boxes, read_box
from tests.unit.filters.pdf_damage import FLATE, one_page
from tests.unit.filters.pdf_documents import images, needs_gs, needs_poppler
from tests.unit.filters.test_pdf_damage import CHECK, PDFTOPDF, needs_pdftopdf, run_filter

SHEET = (595.0, 842.0)
PAGE = Box(0, 0, 595, 842)
UPPER = Box(0, 421, 595, 842)


@pytest.mark.parametrize(
    "numbers",
    [(0, 0, 595, 842), (595, 842, 0, 0), (595, 0, 0, 842), (0, 842, 595, 0)],
    ids=lambda numbers: str(numbers),
)
def test_corners(numbers: tuple[int, ...]) -> None:
    """Any two corners that lie opposite make the same box."""
    assert read_box(numbers) == PAGE


@pytest.mark.parametrize("numbers", [(), (1, 2, 3), (1, 2, 3, 4, 5)])
def test_no_box(numbers: tuple[int, ...]) -> None:
    """Fewer or more than four numbers are no box."""
    with pytest.raises(ValueError):
        read_box(numbers)


@pytest.mark.parametrize(
    "media, crop, trim, unit, scaled, expected",
    [
        (PAGE, None, None, 1, False, Boxes(PAGE, PAGE, None)),
        (PAGE, UPPER, None, 1, False, Boxes(PAGE, PAGE, UPPER)),
        (PAGE, UPPER, None, 1, True, Boxes(UPPER, UPPER, UPPER)),
        (PAGE, Box(-50, -50, 900, 900), None, 1, False, Boxes(PAGE, PAGE, None)),
        (PAGE, Box(-50, 421, 900, 900), None, 1, False, Boxes(PAGE, PAGE, UPPER)),
        (PAGE, Box(2000, 2000, 2100, 2100), None, 1, False, Boxes(PAGE, PAGE, None)),
        (PAGE, Box(10, 10, 10, 800), None, 1, False, Boxes(PAGE, PAGE, None)),
        (PAGE, Box(0.2, 0.2, 594.9, 841.8), None, 1, False, Boxes(PAGE, PAGE, None)),
        (PAGE, None, Box(100, 100, 300, 400), 1, False, Boxes(PAGE, PAGE, None)),
        (Box(0, 0, 842, 1191), PAGE, None, 1, False, Boxes(PAGE, PAGE, PAGE)),
        (
            Box(0, 0, 638, 885),
            None,
            Box(21, 21, 616, 863),
            1,
            False,
            Boxes(Box(0, 0, 638, 885), Box(21, 21, 616, 863), None),
        ),
        (
            Box(0, 0, 297.5, 421),
            Box(0, 210, 297.5, 421),
            None,
            2,
            False,
            Boxes(Box(0, 0, 297.5, 421), Box(0, 0, 297.5, 421), Box(0, 210, 297.5, 421)),
        ),
        (
            Box(0, 0, 842, 595),
            Box(0, 0, 421, 595),
            None,
            1,
            False,
            Boxes(Box(0, 0, 842, 595), Box(0, 0, 842, 595), Box(0, 0, 421, 595)),
        ),
    ],
)
def test_arranged(media: Box, crop: Box | None, trim: Box | None, unit: float, scaled: bool, expected: Boxes) -> None:
    """A page that fits the sheet keeps its place; what lies outside CropBox is clipped, whatever CropBox is like."""
    assert arrange_boxes(media, crop, trim, SHEET, unit, scaled) == expected


def page(
    boxes: bytes, at: tuple[float, float] = (0, 0), scale: float = 1, tree: bytes = b"", packed: bool = False
) -> bytes:
    """Return a page with a frame, words and a grey field, as large as the sheet, whose corner lies at a point."""
    import zlib

    content = b"%g 0 0 %g %g %g cm 6 w 36 36 523 770 re S BT /F1 60 Tf 65 720 Td (T N) Tj ET " % (scale, scale, *at)
    content += b"BT /F1 30 Tf 65 65 Td (bottom left) Tj ET 0.5 g 300 400 120 60 re f"
    data, filters = (zlib.compress(content), FLATE) if packed else (content, b"")
    return one_page(data, filters=filters, page=boxes, tree=tree)


A4 = b"/MediaBox [0 0 595 842]"
REFERENCE = page(A4)
ALL, TOP, BOTTOM = (0, 842), (421, 842), (0, 421)
#: Pages, how they are turned, and which part of the upright page is to be seen, from and to in points from below.
PAGES = {
    "corners swapped": (page(b"/MediaBox [595 842 0 0]"), 0, ALL),
    "corners swapped across": (page(b"/MediaBox [595 0 0 842]"), 0, ALL),
    "corners of CropBox swapped": (page(A4 + b"/CropBox [595 842 0 421]"), 0, TOP),
    "CropBox": (page(A4 + b"/CropBox [0 421 595 842]", packed=True), 0, TOP),
    "CropBox below": (page(A4 + b"/CropBox [0 0 595 421]"), 0, BOTTOM),
    "CropBox larger": (page(A4 + b"/CropBox [-50 -50 900 900]"), 0, ALL),
    "CropBox reaches out": (page(A4 + b"/CropBox [-50 421 900 900]"), 0, TOP),
    "CropBox elsewhere": (page(A4 + b"/CropBox [2000 2000 2100 2100]"), 0, ALL),
    "CropBox without a size": (page(A4 + b"/CropBox [100 100 100 100]"), 0, ALL),
    "CropBox without a width": (page(A4 + b"/CropBox [100 0 100 842]"), 0, ALL),
    "CropBox of three numbers": (page(A4 + b"/CropBox [100 100 200]"), 0, ALL),
    "inherited CropBox without a size": (page(A4, tree=b"/CropBox [0 0 0 0]"), 0, ALL),
    "origin": (page(b"/MediaBox [100 200 695 1042]", (100, 200)), 0, ALL),
    "origin below zero": (page(b"/MediaBox [-100 -200 495 642]", (-100, -200)), 0, ALL),
    "origin, CropBox": (page(b"/MediaBox [100 200 695 1042] /CropBox [100 621 695 1042]", (100, 200)), 0, TOP),
    "UserUnit": (page(b"/MediaBox [0 0 297.5 421] /UserUnit 2", scale=0.5), 0, ALL),
    "UserUnit, CropBox": (
        page(b"/MediaBox [0 0 297.5 421] /CropBox [0 210.5 297.5 421] /UserUnit 2", scale=0.5),
        0,
        TOP,
    ),
    "turned, CropBox": (page(A4 + b"/CropBox [0 421 595 842] /Rotate 90"), 0, TOP),
    "upside down, CropBox": (page(A4 + b"/CropBox [0 421 595 842] /Rotate 180"), 180, TOP),
    "turned back, corners swapped": (page(b"/MediaBox [595 842 0 0] /Rotate 270"), 180, ALL),
    "inherited": (page(b"", tree=b"/MediaBox [595 842 0 0] /CropBox [595 842 0 421]"), 0, TOP),
    "inherited, CropBox of its own": (
        page(b"/CropBox [0 0 595 421]", tree=A4 + b"/CropBox [0 421 595 842]"),
        0,
        BOTTOM,
    ),
    "larger than the sheet": (page(b"/MediaBox [0 0 842 1191] /CropBox [100 100 695 942]", (100, 100)), 0, ALL),
    "TrimBox": (page(A4 + b"/TrimBox [100 100 300 400]"), 0, ALL),
}
DOTS = 36


def drawn(document: bytes) -> object:
    """Return the first page as Ghostscript draws it, in grey."""
    command = ["gs", "-q", "-dSAFER", "-dBATCH", "-dNOPAUSE", "-sDEVICE=pgmraw", f"-r{DOTS}", "-o", "-", "-"]
    return images(subprocess.run(command, input=document, stdout=subprocess.PIPE, check=True).stdout)[0]


@needs_gs
@needs_pdftopdf
@pytest.mark.parametrize("name", PAGES)
def test_on_the_sheet(name: str) -> None:
    """Behind CUPS's pdftopdf the page is where it stood, and only what lies in its CropBox is there."""
    from PIL import Image, ImageChops

    document, turned, (low, high) = PAGES[name]
    checked = run_filter(CHECK, document)
    assert checked.code == 0
    result = drawn(run_filter(PDFTOPDF, checked.output).output)
    expected = drawn(REFERENCE)
    for below, above in ((0, low), (high, 842)):
        box = (0, round((842 - above) * DOTS / 72), 595, round((842 - below) * DOTS / 72))
        expected.paste(255, box)  # type: ignore[attr-defined]
    if turned:
        expected = expected.transpose(Image.Transpose.ROTATE_180)  # type: ignore[attr-defined]
    assert abs(result.width - expected.width) <= 1 and abs(result.height - expected.height) <= 1  # type: ignore
    small = [image.resize((37, 52), Image.Resampling.BOX) for image in (result, expected)]  # type: ignore
    assert max(ImageChops.difference(*small).getdata()) < 100


@needs_gs
@needs_pdftopdf
def test_scaled_pages_are_as_large_as_their_crop() -> None:
    """With fit-to-page what lies in CropBox fills the sheet."""
    document = page(A4 + b"/CropBox [150 211 446 632]")
    checked = run_filter(CHECK, document, "fit-to-page")
    result = drawn(run_filter(PDFTOPDF, checked.output, "fit-to-page").output)
    grey = [value for value in result.getdata() if 100 < value < 160]  # type: ignore[attr-defined]
    assert len(grey) > 3 * (120 * 60) * (DOTS / 72) ** 2


@needs_poppler
@pytest.mark.parametrize("way", ["added", "encrypted", "damaged table", "packed table"])
def test_all_ways_of_writing(way: str) -> None:
    """Added to the document or written anew, pypdf and poppler read the same boxes; all else of the page is there."""
    from pypdf import PdfReader, PdfWriter

    document = page(A4 + b"/CropBox [595 842 0 421] /Tabs /S")
    if way == "encrypted":
        writer, result = PdfWriter(), io.BytesIO()
        writer.add_page(PdfReader(io.BytesIO(document)).pages[0])
        writer.encrypt("", "owner", use_128bit=True)
        writer.write(result)
        document = result.getvalue()
    elif way == "damaged table":
        document = document.replace(b"startxref\n", b"startxref\n9")
    elif way == "packed table":
        document = with_packed_table(document)
    checked = run_filter(CHECK, document)
    assert checked.code == 0 and (way in ("encrypted", "damaged table")) != checked.output.startswith(document)
    (read,) = PdfReader(io.BytesIO(checked.output)).pages
    assert [float(edge) for edge in read["/MediaBox"]] == [0, 0, 595, 842] and read["/Tabs"] == "/S"  # type: ignore
    assert len(read["/Contents"]) == 2  # type: ignore[arg-type]
    words = subprocess.run(["pdftotext", "-", "-"], input=checked.output, capture_output=True)
    assert b"TN" in words.stdout and b"bottom left" in words.stdout and words.stderr == b""


def with_packed_table(document: bytes) -> bytes:
    """Return a document whose table of objects is a stream (ISO 32000-1 section 7.5.8)."""
    table = document.rindex(b"xref\n0 6")
    places = [int(line[:10]) for line in document[table:].splitlines()[2:8]]
    rows = b"".join(bytes([number > 0]) + place.to_bytes(4, "big") + b"\0" for number, place in enumerate(places))
    rows += b"\x01" + table.to_bytes(4, "big") + b"\0"
    entries = b"/Type /XRef /W [1 4 1] /Size 7 /Root 1 0 R /Length %d" % len(rows)
    return document[:table] + b"6 0 obj << %s >> stream\n%s\nendstream endobj\nstartxref\n%d\n%%%%EOF\n" % (
        entries,
        rows,
        table,
    )
