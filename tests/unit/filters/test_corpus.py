"""Real texts of a Debian system: what stands on paper is what stands in the file, and what the preview shows."""

from __future__ import annotations

import re
import shutil
from itertools import zip_longest
from pathlib import Path

import pytest

from filters.common.job import Job, parse_options
from filters.common.ppd import PrinterDescription
from filters.preview import preview_pdf
from filters.text_pages import TextPages
from tests.pcl_parser import Page, parse_job
from tests.unit.filters.corpus import REPORT, Sample, samples
from tests.unit.filters.fonts import alike, as_drawn, identify, needs_dejavu
from tests.unit.filters.ghostpcl import needs_gpcl6
from tests.unit.filters.text_job import model_pages, run_job, warnings

pytestmark = needs_dejavu

SAMPLES = samples()
KINDS = sorted({sample.kind for sample in SAMPLES})
#: A character struck again or underlined, as nroff writes it; the last of the three is what stands there.
_STRUCK = re.compile("(?:(.)\b)+(.)")


def name_of(sample: object) -> str:
    """Return what a test of it is called; where there are no texts, pytest asks with something else."""
    if not isinstance(sample, Sample):
        return "no texts"
    return f"{sample.kind}-{sample.name.rpartition('/')[2]}"


def rows_of(page: Page, options: str) -> list[str]:
    """Return the rows of a page on the grid that the options make."""
    layout = TextPages(Job(1, "", "", 1, parse_options(options)), PrinterDescription(), 0).layout
    x, y = layout.frame.x - layout.logical_left, layout.frame.y + layout.line_pitch * 0.75
    rows = [row.replace("\xa0", " ").rstrip() for row in page.text(x, y, layout.cell_width, layout.line_pitch)]
    while rows and not rows[-1]:
        rows.pop()
    return rows


def without_others(printed: str, expected: str) -> str:
    """Return a printed row with U+FFFD where the oracle has it.

    What DejaVu lacks another font may have, or a character that means the same takes its place, as "," that of U+FF0C.
    """
    if len(printed) != len(expected):
        return printed
    return "".join(mark if mark == "\ufffd" else character for character, mark in zip(printed, expected))


def test_there_are_texts_enough():
    """On a system with documentation there are at least forty texts of at least four kinds."""
    if len(SAMPLES) < 40 or not shutil.which("man"):
        pytest.skip("this system has no texts to speak of")
    assert len(KINDS) >= 4


def some(count: int) -> list[Sample]:
    """Return so many texts, of all kinds."""
    return [sample for kind in KINDS for sample in [s for s in SAMPLES if s.kind == kind][:: len(SAMPLES) // count]]


def others_in_the_long_run(taken: list[Sample]) -> list[object]:
    """Return all texts, of which those that are not taken are printed with --soak only."""
    return [*taken, *(pytest.param(s, marks=pytest.mark.soak) for s in SAMPLES if s not in taken)]


@pytest.mark.parametrize("sample", others_in_the_long_run(some(40)), ids=name_of)
def test_a_real_text(sample):
    """Page by page and row by row, the text recovered from the PCL is the text of the file."""
    code, output, messages = run_job(sample.text, sample.options)
    assert code == 0 and not [message for message in warnings(messages) if "cannot be printed" not in message]
    size = (132, 66) if sample.options == REPORT else (80, 64)
    meaning = _STRUCK.sub(lambda struck: struck.group(2), sample.meaning)
    expected = [[alike(as_drawn(row)) for row in page] for page in model_pages(meaning, *size)]
    printed = [list(map(alike, rows_of(page, sample.options))) for page in parse_job(output, identify).pages]
    nothing: list[str] = []
    pairs = zip_longest(printed, expected, fillvalue=nothing)
    assert [[without_others(*rows) for rows in zip_longest(*pages, fillvalue="")] for pages in pairs] == expected


@pytest.mark.parametrize("sample", [sample for sample in SAMPLES if sample.kind == "manual"], ids=name_of)
def test_struck_letters_are_bold_and_underlined(sample):
    """In manual pages letters struck twice are bold, those on an underscore are underlined, no others are."""
    _, output, _ = run_job(sample.text)
    glyphs = [glyph for page in parse_job(output, identify).pages for glyph in page.glyphs if glyph.text.isalnum()]
    struck = [(a or "", b) for a, b in re.findall("(?:(.)\b)?(.)", sample.meaning) if b.isalnum()]
    assert sum(glyph.bold for glyph in glyphs) == sum(a == b for a, b in struck)
    assert sum(glyph.underline for glyph in glyphs) == sum(a == "_" for a, b in struck)


@needs_gpcl6
@pytest.mark.skipif(not shutil.which("pdftoppm"), reason="pdftoppm (poppler-utils) is not installed")
@pytest.mark.parametrize("sample", others_in_the_long_run(some(10)), ids=name_of)
def test_the_preview_agrees(sample, tmp_path):
    """The preview has as many pages as the print data, and their pictures agree."""
    pytest.importorskip("reportlab")
    pytest.importorskip("PIL")
    from tests.unit.filters.pictures import agree

    path = tmp_path / "text"
    path.write_bytes(sample.text)
    options = f"{sample.options} page-ranges=1-3"
    _, output, _ = run_job(sample.text, options)
    preview_pdf(Job(1, "user", "title", 1, parse_options(options), (str(path),)), str(tmp_path / "out.pdf"))
    # A page in a font of ours is blacker than one in Courier, and edges of its letters differ by more.
    assert agree(output, Path(tmp_path / "out.pdf"), most=0.25)
