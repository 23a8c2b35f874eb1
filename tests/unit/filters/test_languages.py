"""Sixty texts in thirty languages: no character is lost, and each stands where it belongs.

The font is one of our own making whose glyphs tell their characters, so that installed fonts decide nothing. What
was printed is read back from the PCL by the tests' own reader, and GhostPCL, where it is installed, says where there is
ink.
"""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

import pytest

from filters.layout.clusters import needs_shaping
from filters.layout.page import Row
from tests.pcl_parser import Glyph, Page, parse_job
from tests.unit.filters.coded_fonts import identify, use_only, write_font
from tests.unit.filters.ghostpcl import DPI, needs_gpcl6, render
from tests.unit.filters.text_job import model_pages, run_job, warnings
from tests.unit.filters.text_pdf import as_read, read_sheets, run_pdf_job

TEXTS = sorted((Path(__file__).parents[2] / "data" / "texts").glob("*.txt"))
RIGHT_TO_LEFT = ("ar", "fa", "he")
#: 80 columns of 1/10 inch on Letter, half an inch from its top, six lines to the inch; measures in 1/7200 inch.
OPTIONS = "media=Letter"
CELL, PITCH, COLUMNS, LINES = 720, 1200, 80, 60
TOP = 3600


def language(path: Path) -> str:
    """Return the language that a text is in."""
    return path.stem.partition("-")[0]


def some_in_every_run() -> list[object]:
    """Return all texts, of which those of one for each way to print are in every run, the others in long ones."""
    names = [f"{language}-prose" for language in ("en", "pl", "ar", "hi", "ja")]
    return [path if path.stem in names else pytest.param(path, marks=pytest.mark.soak) for path in TEXTS]


def all_characters() -> set[str]:
    """Return all characters of the texts, and those that they are put together from or become."""
    texts = "".join(path.read_text("utf-8") for path in TEXTS)
    found = set(texts) | set(unicodedata.normalize("NFC", texts)) | set(unicodedata.normalize("NFKD", texts))
    found |= {chr(code) for code in (*range(0x20, 0x7F), *range(0xA0, 0x180), *range(0xFE70, 0xFEFD))}
    found |= {chr(code) for code in range(0xFB50, 0xFC00)}
    return {character for character in found if unicodedata.category(character) not in ("Cc", "Cf", "Cn")}


@pytest.fixture(scope="module")
def font(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a font with all characters of the texts."""
    folder = tmp_path_factory.mktemp("fonts") / "fonts"
    folder.mkdir()
    # The name is one that is asked first.
    write_font(folder / "DejaVuSansMono.ttf", all_characters())
    return folder / "DejaVuSansMono.ttf"


def printed(path: Path) -> tuple[bytes, Page]:
    """Print a text and return what the printer got, and its one page."""
    code, output, messages = run_job(path.read_bytes(), OPTIONS)
    assert code == 0 and not warnings(messages)
    (page,) = parse_job(output, identify).pages
    return output, page


def letters(text: str) -> list[str]:
    """Return the characters of a text that leave a mark, taken apart, in no order."""
    return sorted(c for c in unicodedata.normalize("NFKD", text) if unicodedata.category(c) not in ("Cf", "Zs", "Cc"))


def marks_by_line(page: Page) -> dict[int, list[Glyph]]:
    """Return what is on a page by line; each glyph stands on a line of the grid."""
    lines: dict[int, list[Glyph]] = {}
    for glyph in page.glyphs:
        if glyph.text.strip(" \xa0"):
            line = round((glyph.y - TOP) / PITCH - 0.75)
            assert abs(glyph.y - TOP - (line + 0.75) * PITCH) <= 7
            lines.setdefault(line, []).append(glyph)
    return lines


def test_there_are_sixty_texts_in_thirty_languages():
    """There are two texts for each language, and together they are written in a dozen scripts and more."""
    assert len(TEXTS) == 60 and len({language(path) for path in TEXTS}) == 30
    scripts = {unicodedata.name(c).partition(" ")[0] for c in all_characters() if c.isalpha()}
    wanted = "LATIN GREEK CYRILLIC ARMENIAN GEORGIAN HEBREW ARABIC DEVANAGARI BENGALI TAMIL THAI CJK HIRAGANA HANGUL"
    assert scripts >= set(wanted.split())


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.stem)
def test_no_character_is_lost(path, font, monkeypatch):
    """Each line has the characters that it has in the file, and each of them stands where it belongs.

    From left to right that is its own cell; phrases that are shaped begin at theirs; other lines end at the margin.
    """
    use_only(font, monkeypatch)
    _, page = printed(path)
    texts = path.read_text("utf-8").split("\n")
    (rows,) = model_pages(path.read_text("utf-8"), COLUMNS, LINES)
    lines = marks_by_line(page)
    assert {n: letters("".join(g.text for g in glyphs)) for n, glyphs in lines.items()} == letters_by_line(texts)
    for line, glyphs in lines.items():
        glyphs = [glyph for glyph in glyphs if without_marks(glyph.text)]
        if language(path) in RIGHT_TO_LEFT:
            check_right_to_left(texts[line], glyphs)
        elif needs_shaping(Row(rows[line])):
            check_words(rows[line], glyphs)
        else:
            check_cells(rows[line], glyphs)


def without_marks(text: str) -> str:
    """Return the letters that marks stand on."""
    return "".join(character for character in text if unicodedata.category(character) not in ("Mn", "Me"))


def letters_by_line(texts: list[str]) -> dict[int, list[str]]:
    """Return what leaves a mark on lines that are not blank."""
    return {number: letters(text) for number, text in enumerate(texts) if text.strip()}


@pytest.mark.parametrize("path", some_in_every_run(), ids=lambda path: path.stem)
def test_no_character_is_lost_in_pdf(path, font, monkeypatch):
    """In PDF each line has the characters that it has in the file."""
    use_only(font, monkeypatch)
    code, document, messages = run_pdf_job(path.read_bytes(), OPTIONS)
    assert code == 0 and not warnings(messages)
    (sheet,) = read_sheets(document)
    drawn: dict[int, str] = {}
    for _, y, text in as_read(sheet):
        line = round((y * 100 - TOP) / PITCH - 0.75)
        drawn[line] = drawn.get(line, "") + text
    expected = letters_by_line(path.read_text("utf-8").split("\n"))
    assert {line: letters(text) for line, text in drawn.items()} == expected


def column(glyph: Glyph) -> int:
    """Return the cell that a glyph stands in; it must begin where that does."""
    found = round(glyph.x / CELL)
    assert abs(glyph.x - found * CELL) <= 7, glyph
    return found


def check_cells(row: str, glyphs: list[Glyph]) -> None:
    """Compare cell by cell."""
    expected = {n: character for n, character in enumerate(row) if character != " "}
    assert {column(glyph): unicodedata.normalize("NFC", glyph.text)[0] for glyph in glyphs} == expected


def check_words(row: str, glyphs: list[Glyph]) -> None:
    """See that what follows two blanks begins at its cell, and that words between reach no further than theirs."""
    for phrase in re.finditer("[^ ]+(?: [^ ]+)*", row):
        start, end = phrase.span()
        inside = [glyph for glyph in glyphs if start * CELL - 7 <= glyph.x < end * CELL - 7]
        assert min(abs(glyph.x - start * CELL) for glyph in inside) <= 7
        assert len({glyph.x for glyph in inside}) == len(inside)
        glyphs = [glyph for glyph in glyphs if glyph not in inside]
    assert not glyphs


def check_right_to_left(line: str, glyphs: list[Glyph]) -> None:
    """Compare the order with that of another implementation of UAX 9, and see that the line ends at the margin."""
    display = pytest.importorskip("bidi.algorithm").get_display
    places = sorted((column(glyph), glyph.text) for glyph in glyphs)
    assert len({place for place, _ in places}) == len(places)
    # A ligature is taken apart the way it is read.
    shown = without_marks("".join(unicodedata.normalize("NFKC", text)[::-1] for _, text in places))
    assert shown == "".join(c for c in display(line.expandtabs()) if letters(c) and not unicodedata.combining(c))
    strong = [unicodedata.bidirectional(c) for c in line if unicodedata.bidirectional(c) in ("L", "R", "AL")]
    assert strong[0] == "L" or places[-1][0] == COLUMNS - 1 - (len(line) - len(line.lstrip(" ")))


@needs_gpcl6
@pytest.mark.parametrize("path", some_in_every_run(), ids=lambda path: path.stem)
def test_there_is_ink_where_the_reader_says(path, font, monkeypatch):
    """As GhostPCL prints a text, each character leaves ink at its place, and there is none on lines without any."""
    use_only(font, monkeypatch)
    output, page = printed(path)
    (image,) = render(output)
    scale = DPI / 7200
    lines = marks_by_line(page)
    for glyphs in lines.values():
        for glyph in glyphs:
            x, y = (glyph.x + page.left) * scale, glyph.y * scale
            width = CELL * scale * (1 + (unicodedata.east_asian_width(glyph.text[0]) in "WF"))
            assert image.ink(x - 1, y - 16, x + width + 1, y + 4), glyph
    for line in range(LINES):
        if line not in lines and line - 1 not in lines and line + 1 not in lines:
            top = (TOP + line * PITCH) * scale
            assert not image.ink(0, top, image.width, top + PITCH * scale)
