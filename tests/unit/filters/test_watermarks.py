"""Watermarks: large grey letters on the diagonal, behind the text of each side."""

from __future__ import annotations

import io
import math
from pathlib import Path
from typing import Any

import pypdf
import pytest

from filters.common.job import Job, parse_options
from filters.pcl.truetype import decode_outline
from tests.pcl_parser import parse_job
from tests.unit.filters.coded_fonts import use_only_characters
from tests.unit.filters.ghostpcl import needs_gpcl6, render
from tests.unit.filters.text_job import run_job, warnings
from tests.unit.filters.text_pdf import run_pdf_job


@pytest.fixture(autouse=True)
def font(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let there be one font, which has capitals and some others."""
    use_only_characters("ABCDEFGHIJKLMNOPQRSTUVWXYZ Żж漢字" + "ฉบับร่าง" + "मसौदा" + "X\u0338", tmp_path, monkeypatch)


@pytest.mark.parametrize(
    "text, count, options",
    [
        ("DRAFT", 5, "landscape"),
        ("NOT FOR SALE", 10, "number-up=2"),
        ("Ż", 1, "media=A6"),
        ("漢字", 2, "sides=two-sided-long-edge"),
        ("A" * 60, 60, ""),
    ],
)
def test_letters_are_on_the_diagonal_of_each_side(text, count, options):
    """They are grey, come before the text, lie on the sheet, and all of them on one line through its middle."""
    code, output, messages = run_job(b"text\n" * 200, f"watermark='{text}' {options}")
    job = parse_job(output)
    assert code == 0 and not warnings(messages) and len(job.pages) > 1
    assert output.count(b")s") == 1
    for page in job.pages:
        letters = [glyph for glyph in page.glyphs if glyph.grey == 12]
        assert page.glyphs[:count] == letters and len(letters) == count
        assert all(glyph.soft is None and glyph.grey == 100 for glyph in page.glyphs[count:])
        slope = page.length / (page.width + 2 * page.left)
        for glyph in letters:
            assert glyph.soft
            points = [point for contour in decode_outline(glyph.soft.outline) for point in contour]
            unit = letters_unit(page, text)
            for point in points:
                x, y = glyph.x + page.left + point.x * unit, glyph.y - point.y * unit
                assert 0 <= x <= page.width + 2 * page.left and 0 <= y <= page.length
        first, last = letters[0], letters[-1]
        if count > 1:
            assert math.isclose((first.y - last.y) / (last.x - first.x), slope, rel_tol=0.01)


def letters_unit(page, text: str) -> float:  # type: ignore[no-untyped-def]
    """Return how large a unit of the letters is, in 1/7200 inch."""
    width, length = page.width + 2 * page.left, page.length
    cells = sum(2 if letter > "\u2e80" else 1 for letter in text)
    return min(math.hypot(width, length) * 0.7 / cells, min(width, length) * 0.2) / 1233


@pytest.mark.parametrize("text, count", [("ฉบับร่าง", 6), ("मसौदा", 3), ("X\u0338X", 2), ("मसौदा ฉบับร่าง X", 10)])
@pytest.mark.parametrize("options", ["media=A4", "media=A4 landscape"])
def test_words_are_whole(text, count, options):
    """No mark is lost, on either way, and what belongs together is shaped together; they are in the middle."""
    code, output, messages = run_job(b"text\n", f"watermark='{text}' {options}")
    (page,) = parse_job(output).pages
    grey = [glyph for glyph in page.glyphs if glyph.grey == 12]
    contours = [contour for glyph in grey if glyph.soft for contour in decode_outline(glyph.soft.outline)]
    assert code == 0 and not warnings(messages) and len(contours) == len(text.replace(" ", ""))
    middle = sum(glyph.x for glyph in grey) / len(grey) + page.left
    assert len(grey) == count and abs(middle - (page.width / 2 + page.left)) < page.width / 8
    _, document, messages = run_pdf_job(b"text\n", f"watermark='{text}' {options}")
    reader: Any = pypdf.PdfReader(io.BytesIO(document), strict=True)
    form = reader.pages[0]["/Resources"]["/XObject"]["/W"].get_data()
    assert form.count(b" cm") == count and not warnings(messages)


@pytest.mark.parametrize("text", ["\u200d", "\u0301", "\u200e \u200f"])
def test_nothing_to_see(text):
    """What takes no cell is no watermark, and no reason to stop."""
    assert run_job(b"text\n", f"watermark='{text}'")[:2] == run_job(b"text\n")[:2]


def test_text_is_as_it_was():
    """The text of a side with a watermark is what it is without, letter by letter."""
    text = "plain text\n\x1b[1mbold\x1b[0m ж\n".encode()
    _, plain, _ = run_job(text)
    _, marked, _ = run_job(text, "watermark=DRAFT")
    (page,) = parse_job(marked).pages
    assert [glyph for glyph in page.glyphs if glyph.grey == 100] == parse_job(plain).pages[0].glyphs


def test_watermarks_in_pdf():
    """Each page draws one form, before its text."""
    code, document, messages = run_pdf_job(b"text\n" * 200, "watermark=DRAFT landscape")
    reader: Any = pypdf.PdfReader(io.BytesIO(document), strict=True)
    assert code == 0 and not warnings(messages) and len(reader.pages) > 1
    forms = {page["/Resources"]["/XObject"].raw_get("/W").idnum for page in reader.pages}
    assert len(forms) == 1
    for page in reader.pages:
        data = page.get_contents().get_data()
        assert data.index(b"/W Do") < data.index(b"BT") and data.index(b" cm") < data.index(b"/W Do")
    form = reader.pages[0]["/Resources"]["/XObject"]["/W"].get_data()
    assert form.count(b" cm") == 5 and b"0.88 g" in form


def test_watermarks_in_previews(tmp_path):
    """The preview draws it as well."""
    pytest.importorskip("reportlab")
    from filters.preview import preview_pdf

    (tmp_path / "text").write_bytes(b"text\n")
    sizes = []
    for options in ("", "watermark=DRAFT"):
        job = Job(1, "user", "title", 1, parse_options(options), (str(tmp_path / "text"),))
        preview_pdf(job, str(tmp_path / "out.pdf"))
        sizes.append((tmp_path / "out.pdf").stat().st_size)
    assert sizes[1] > sizes[0] + 200


@pytest.mark.parametrize("run", [run_job, run_pdf_job])
@pytest.mark.parametrize(
    "options, expected",
    [
        ("watermark=DRAFT soft-fonts=false", "a watermark needs soft fonts"),
        ("watermark=Q☃", "U+2603 (1)"),
        (f"watermark={'A' * 61}", "is not possible: it has more than 60 characters;"),
        ("watermark=none", None),
    ],
)
def test_what_cannot_be_drawn(run, options, expected):
    """There is one warning, and the text is printed."""
    code, output, messages = run(b"text\n", options)
    assert code == 0 and output and len(warnings(messages)) == (expected is not None)
    assert not expected or expected in warnings(messages)[0]


@needs_gpcl6
def test_a_printer_shows_it():
    """As GhostPCL prints it, there are dots along the diagonal, and none in the other corners."""
    _, output, _ = run_job(b"\n\nx\n", "media=Letter watermark=DRAFT")
    (image,) = render(output)
    middle = image.ink(image.width * 0.3, image.height * 0.3, image.width * 0.7, image.height * 0.7)
    corner = image.ink(image.width * 0.65, image.height * 0.7, image.width, image.height)
    assert middle > 500 and corner == 0
