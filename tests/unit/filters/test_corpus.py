"""Real texts of a Debian system: what stands on paper is what stands in the file, and what the preview shows."""

from __future__ import annotations

import re
import shutil
from itertools import zip_longest
from pathlib import Path
from unicodedata import normalize

import pytest

from filters.common.job import Job, parse_options
from filters.common.ppd import PrinterDescription
from filters.preview import preview_pdf
from filters.text_pages import TextPages
from tests.pcl_parser import Page, parse_job
from tests.unit.filters.corpus import KINDS, REPORT, Sample, samples, samples_of
from tests.unit.filters.fonts import alike, as_drawn, identify, needs_dejavu
from tests.unit.filters.ghostpcl import needs_gpcl6
from tests.unit.filters.text_job import model_pages, run_job, warnings

pytestmark = needs_dejavu

#: Of each kind so many texts are printed, the others with --soak only.
TAKEN = {"plain": 6, "languages": 5, "old charset": 3, "132 columns": 2, "chart": 2, "manual": 2}
#: A character struck again or underlined, as nroff writes it; the last of the three is what stands there.
_STRUCK = re.compile("(?:(.)\b)+(.)")


def texts(taken: dict[str, int]) -> pytest.MarkDecorator:
    """Give a test so many texts of each kind, all others at once with --soak.

    Which there are is looked for when the first test runs: it takes long, and each process has all tests' names.
    """
    some = [pytest.param(kind, number, id=f"{kind}-{number}") for kind in taken for number in range(taken[kind])]
    others = [pytest.param(kind, None, id=f"{kind}-others", marks=pytest.mark.soak) for kind in KINDS]
    return pytest.mark.parametrize("kind, number", [*some, *others])


def chosen(kind: str, number: int | None, count: int) -> list[Sample]:
    """Return one of so many texts of a kind, taken from all over it, or those that are not among them."""
    found = samples_of(kind)
    places = sorted({place * len(found) // count for place in range(count)}) if count and found else []
    if number is None:
        return [sample for place, sample in enumerate(found) if place not in places]
    if number >= len(places):
        pytest.skip(f"this system has no more texts of the kind {kind}")
    return [found[places[number]]]


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
    A letter with marks, which the row has without them, is drawn like the character that it would be.
    """
    if len(printed) != len(expected):
        return printed
    pairs = zip(printed, expected)
    return "".join(there if there in ("\ufffd", normalize("NFD", found)[0]) else found for found, there in pairs)


@pytest.mark.soak
def test_there_are_texts_enough():
    """On a system with documentation there are at least forty texts of at least four kinds."""
    found = samples()
    if len(found) < 40 or not shutil.which("man"):
        pytest.skip("this system has no texts to speak of")
    assert len({sample.kind for sample in found}) >= 4


@texts(TAKEN)
def test_real_texts(kind, number):
    """Page by page and row by row, the text recovered from the PCL is the text of the file.

    In manual pages letters struck twice are bold, those on an underscore are underlined, no others are.
    """
    for sample in chosen(kind, number, TAKEN[kind]):
        code, output, messages = run_job(sample.text, sample.options)
        assert code == 0 and not [message for message in warnings(messages) if "cannot be printed" not in message]
        size = (132, 66) if sample.options == REPORT else (80, 64)
        meaning = _STRUCK.sub(lambda struck: struck.group(2), sample.meaning)
        expected = [[alike(as_drawn(row)) for row in page] for page in model_pages(meaning, *size)]
        pages = parse_job(output, identify).pages
        printed = [list(map(alike, rows_of(page, sample.options))) for page in pages]
        nothing: list[str] = []
        pairs = zip_longest(printed, expected, fillvalue=nothing)
        found = [[without_others(*rows) for rows in zip_longest(*pages, fillvalue="")] for pages in pairs]
        assert found == expected, sample.name
        if kind == "manual":
            glyphs = [glyph for page in pages for glyph in page.glyphs if glyph.text.isalnum()]
            struck = [(a or "", b) for a, b in re.findall("(?:(.)\b)?(.)", sample.meaning) if b.isalnum()]
            assert sum(glyph.bold for glyph in glyphs) == sum(a == b for a, b in struck), sample.name
            assert sum(glyph.underline for glyph in glyphs) == sum(a == "_" for a, b in struck), sample.name


@needs_gpcl6
@pytest.mark.skipif(not shutil.which("pdftoppm"), reason="pdftoppm (poppler-utils) is not installed")
@texts({kind: 1 for kind in KINDS})
def test_the_preview_agrees(kind, number, tmp_path):
    """The preview has as many pages as the print data, and their pictures agree."""
    pytest.importorskip("reportlab")
    pytest.importorskip("PIL")
    from tests.unit.filters.pictures import agree

    path = tmp_path / "text"
    for sample in chosen(kind, number, 1):
        path.write_bytes(sample.text)
        options = f"{sample.options} page-ranges=1-3"
        _, output, _ = run_job(sample.text, options)
        preview_pdf(Job(1, "user", "title", 1, parse_options(options), (str(path),)), str(tmp_path / "out.pdf"))
        # A page in a font of ours is blacker than one in Courier, and edges of its letters differ by more.
        assert agree(output, Path(tmp_path / "out.pdf"), most=0.25), sample.name
