"""Boxes of pages: what lies in CropBox prints where it stood, and nothing else does."""

from __future__ import annotations

import io
import subprocess
from pathlib import Path
from typing import Any

import pytest

from filters.pdf.boxes import Box, Boxes, arrange_boxes, read_box
from tests.unit.filters.pdf_damage import FLATE, one_page
from tests.unit.filters.pdf_documents import images, needs_gs, needs_poppler
from tests.unit.filters.pdf_job import PCL5E, run_filter
from tests.unit.filters.test_pdf_damage import PDFTOPDF, checked, needs_pdftopdf

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
            Box(0, 0, 297.5, 421),
            None,
            Box(20, 20, 200, 300),
            2,
            False,
            Boxes(Box(0, 0, 297.5, 421), Box(0, 0, 297.5, 421), None),
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


@pytest.mark.parametrize("edge", range(4))
@pytest.mark.parametrize("points, is_clipped", [(0.5, False), (0.6, True)])
def test_what_rounding_makes_of_a_box(edge: int, points: float, is_clipped: bool) -> None:
    """Half a point on each edge."""
    crop = list(PAGE)
    crop[edge] += points if edge < 2 else -points
    assert arrange_boxes(PAGE, Box(*crop), None, SHEET).clip == (Box(*crop) if is_clipped else None)


@pytest.mark.parametrize(
    "media, trimmed", [((598, 845), False), ((592, 839), False), ((598, 845.1), True), ((591.9, 842), True)]
)
def test_pages_as_large_as_the_sheet(media: tuple[float, float], trimmed: bool) -> None:
    """By three points larger or smaller; pdftopdf may not put the middle of the TrimBox of one into its middle."""
    box, trim = Box(0, 0, *media), Box(10, 20, 30, 50)
    assert arrange_boxes(box, None, trim, SHEET) == Boxes(box, trim if trimmed else box, None)


@pytest.mark.parametrize(
    "crop, is_page", [((1, 800), True), ((0.9, 800), False), ((300, 1), True), ((300, 0.9), False)]
)
def test_the_smallest_page(crop: tuple[float, float], is_page: bool) -> None:
    """A point wide and high."""
    box = Box(10, 10, 10 + crop[0], 10 + crop[1])
    assert box.common(PAGE) == (box if is_page else None)


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


def on_sheet(document: bytes, options: str = "") -> bytes:
    """Return what CUPS's pdftopdf makes of a document behind our filter."""
    done = checked(document, options)
    assert done.code == 0
    return run_filter(PDFTOPDF, done.output, ("1", "anna", "t", "1", options), PCL5E).output


def drawn(folder: Path, *documents: bytes) -> list[Any]:
    """Return the pages of documents as Ghostscript draws them, in grey."""
    paths = [f"{folder}/{number}.pdf" for number in range(len(documents))]
    for path, document in zip(paths, documents):
        Path(path).write_bytes(document)
    command = ["gs", "-q", "-dSAFER", "-dBATCH", "-dNOPAUSE", "-sDEVICE=pgmraw", f"-r{DOTS}", "-o", "-", *paths]
    return images(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)


@needs_gs
@needs_pdftopdf
def test_on_the_sheet(tmp_path: Path) -> None:
    """Behind CUPS's pdftopdf each page is where it stood, and only what lies in its CropBox is there."""
    from PIL import Image, ImageChops

    reference, *results = drawn(tmp_path, REFERENCE, *(on_sheet(document) for document, _, _ in PAGES.values()))
    assert len(results) == len(PAGES)
    for (name, (_, turned, (low, high))), result in zip(PAGES.items(), results):
        expected = reference.copy()
        for below, above in ((0, low), (high, 842)):
            box = (0, round((842 - above) * DOTS / 72), 595, round((842 - below) * DOTS / 72))
            expected.paste(255, box)
        if turned:
            expected = expected.transpose(Image.Transpose.ROTATE_180)
        assert abs(result.width - expected.width) <= 1 and abs(result.height - expected.height) <= 1, name
        small = [image.resize((37, 52), Image.Resampling.BOX) for image in (result, expected)]
        assert max(ImageChops.difference(*small).getdata()) < 100, name


@needs_gs
@needs_pdftopdf
def test_scaled_pages_are_as_large_as_their_crop(tmp_path: Path) -> None:
    """With fit-to-page what lies in CropBox fills the sheet."""
    (result,) = drawn(tmp_path, on_sheet(page(A4 + b"/CropBox [150 211 446 632]"), "fit-to-page"))
    grey = [value for value in result.getdata() if 100 < value < 160]
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
    done = checked(document)
    assert done.code == 0 and (way in ("encrypted", "damaged table")) != done.output.startswith(document)
    (read,) = PdfReader(io.BytesIO(done.output)).pages
    assert [float(edge) for edge in read["/MediaBox"]] == [0, 0, 595, 842] and read["/Tabs"] == "/S"  # type: ignore
    assert len(read["/Contents"]) == 2  # type: ignore[arg-type]
    words = subprocess.run(["pdftotext", "-", "-"], input=done.output, capture_output=True)
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
