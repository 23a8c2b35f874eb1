"""Where pages stand on paper: size, orientation, reduction; the place of words by arithmetic and by GhostPCL."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass

import pytest

from filters.scs.page import Page, Setup
from filters.scs.placement import LANDSCAPE, PORTRAIT, REVERSE_LANDSCAPE, REVERSE_PORTRAIT, Sheet, Wishes, place
from tests.pcl_parser import parse_job
from tests.scs_pages import SAMPLES
from tests.unit.filters.ghostpcl import needs_gpcl6, render
from tests.unit.filters.scs.job import print_scs

LETTER = Sheet(12240, 15840, 360, 288)
A4 = Sheet(11905.5, 16837.8, 340.8, 283.2)
AUTO = 0xFFFF


def page(
    columns: int, lines: int, cell: float = 144, line: float = 240, rotation: int = AUTO, quality: int = 0
) -> Page:
    """Return an empty page of a size."""
    return Page(1, Setup(rotation=rotation, quality=quality), columns, lines, True, cell, line)


@pytest.mark.parametrize("sheet", (LETTER, A4), ids=("letter", "a4"))
@pytest.mark.parametrize(
    ("columns", "lines", "orientation", "reduced"),
    (
        (80, 66, PORTRAIT, False),
        (85, 66, PORTRAIT, False),
        (110, 51, LANDSCAPE, False),
        (132, 66, LANDSCAPE, True),
        (80, 33, LANDSCAPE, False),
    ),
)
def test_automatic(sheet: Sheet, columns: int, lines: int, orientation: int, reduced: bool) -> None:
    """What fits stands upright, or on its side if it is wider than high; what does not is reduced."""
    found = place(page(columns, lines), sheet)
    assert (found.orientation, found.reduced) == (orientation, reduced)


@pytest.mark.parametrize("quality", (0, 1, 2, 3))
@pytest.mark.parametrize("rotation", (AUTO, 0xFFFE))
def test_only_draft_is_reduced(quality: int, rotation: int) -> None:
    """Letter quality prints as asked for, upright; draft is reduced."""
    found = place(page(132, 66, rotation=rotation, quality=quality), LETTER)
    assert found.reduced is (quality < 2)
    assert found.orientation == (LANDSCAPE if quality < 2 else PORTRAIT)


@pytest.mark.parametrize(
    ("rotation", "normal", "reverse"),
    (
        (0x0000, PORTRAIT, PORTRAIT),
        (0x2D00, LANDSCAPE, REVERSE_LANDSCAPE),
        (0x5A00, REVERSE_PORTRAIT, REVERSE_PORTRAIT),
        (0x8700, REVERSE_LANDSCAPE, LANDSCAPE),
    ),
)
def test_rotation(rotation: int, normal: int, reverse: int) -> None:
    """STO turns the page as it says and makes nothing smaller; the queue may have landscape the other way round."""
    wide = page(132, 66, rotation=rotation)
    assert place(wide, LETTER)[:1] == (normal,)
    assert place(wide, LETTER, Wishes(reverse_landscape=True)).orientation == reverse
    assert place(wide, LETTER).across == 1


@pytest.mark.parametrize(("cell", "reduced"), ((144, 108), (120, 96), (96, 72), (84, 63)))
@pytest.mark.parametrize(("line", "distance"), ((240, 168), (180, 126)))
def test_output_reduction(cell: float, reduced: float, line: float, distance: float) -> None:
    """COR has the pitches that IBM gives it, half an inch from the top and the left."""
    found = place(page(round(132 * 144 / cell), 66, cell, line), LETTER)
    assert (cell * found.across, line * found.down) == (pytest.approx(reduced), pytest.approx(distance))
    assert (found.left, found.top) == (720, pytest.approx(720 + 0.75 * distance))


@pytest.mark.parametrize("columns", (132, 142, 160, 198))
def test_wide_reports_are_not_clipped(columns: int) -> None:
    """A report that IBM clips is made narrower, as far as it takes, and a word says so when it becomes very small."""
    found = place(page(columns, 66), LETTER)
    assert found.left + columns * 144 * found.across <= found.width + 288
    assert found.small is (columns >= 160)


@pytest.mark.parametrize("sheet", (LETTER, A4), ids=("letter", "a4"))
@pytest.mark.parametrize(("columns", "lines"), ((132, 66), (198, 66), (132, 88), (100, 100)))
def test_fit(sheet: Sheet, columns: int, lines: int) -> None:
    """fit makes a page as large as the paper allows, and leaves nothing out."""
    found = place(page(columns, lines), sheet, Wishes("fit"))
    ibm = place(page(columns, lines), sheet)
    assert found.left >= found.edge - 1
    assert found.left + columns * 144 * found.across <= found.width - found.edge + 1
    assert found.y((lines - 1) * 240) <= found.length - 240
    assert lines > 66 or found.across * found.down > ibm.across * ibm.down


def test_off() -> None:
    """Without reduction a page is as large as it was asked for."""
    found = place(page(132, 66), LETTER, Wishes("off"))
    assert (found.orientation, found.across, found.down) == (PORTRAIT, 1, 1)


def test_word_processing_has_the_size_of_spps() -> None:
    """SPPS gives the size of the page where word processing asks for it, or where it came last."""
    setup = Setup(width=15840, height=12240, job=1)
    assert place(Page(1, setup, 80, 66, True), LETTER).orientation == LANDSCAPE
    assert place(Page(1, setup._replace(job=255), 80, 66, True), LETTER).orientation == PORTRAIT
    assert place(Page(1, setup._replace(job=255), 80, 66, False), LETTER).orientation == LANDSCAPE


# -- words -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Word:
    """A word and where it must stand, in units from the corner of the sheet as it is read."""

    text: str
    x: float
    baseline: float
    cell: float


PITCHES = {"0A": 144.0, "0C": 120.0, "0F": 96.0, "10": 86.4}


def stream_with_words(rotation: str, margin: int, line: int, seed: int) -> tuple[bytes, list[Word]]:
    """Return a stream with forty words, and their places by the arithmetic of the manuals."""
    chosen = random.Random(seed)
    landscape = rotation in ("2D00", "8700")
    edge = 288 if landscape else 360
    data = bytes.fromhex(f"2BC10284 2BC20242 2BC602{line:02X} 2BD306F60000{rotation}")
    if margin:
        data += bytes.fromhex(f"2BD20411{margin:04X}")
    words, row = [], 2
    for number in range(40):
        code = chosen.choice(sorted(PITCHES))
        cell = PITCHES[code]
        row += 1
        column = chosen.randrange(1, 50 if not landscape else 70)
        text = f"H{number:02}word"
        data += bytes.fromhex(f"2BD2042900{code} 34C4{row:02X} 34C0{column:02X}") + text.encode("cp037")
        x = max(margin, edge) + (column - 1) * cell
        words.append(Word(text, x, (row - 1 + 0.75) * line * 20, cell))
    return data + b"\x0c", words


CASES = [("0000", 0, 12), ("0000", 1440, 12), ("2D00", 0, 9), ("8700", 720, 8), ("5A00", 0, 12)]


@pytest.mark.parametrize(("rotation", "margin", "line"), CASES)
def test_words_by_arithmetic(rotation: str, margin: int, line: int) -> None:
    """Forty words stand where the manuals' arithmetic has them, to a thousandth of an inch."""
    data, words = stream_with_words(rotation, margin, line, line)
    (sheet,) = parse_job(print_scs(data, "PageSize=Letter").output).pages
    edge = 288 if rotation in ("2D00", "8700") else 360
    found = {}
    for glyph in sheet.glyphs:
        if glyph.text == "H":
            found[glyph.y] = glyph.x
    assert len(found) == 40
    for word, (y, x) in zip(words, sorted(found.items())):
        assert x / 5 + edge == pytest.approx(word.x, abs=1.44), word
        assert y / 5 == pytest.approx(word.baseline, abs=1.44), word


@needs_gpcl6
@pytest.mark.parametrize(("rotation", "margin", "line"), CASES)
def test_words_on_paper(rotation: str, margin: int, line: int) -> None:
    """GhostPCL draws forty words where the arithmetic has them, to a dot of 360 to the inch."""
    data, words = stream_with_words(rotation, margin, line, line)
    (image,) = render(print_scs(data, "PageSize=Letter").output, dpi=360)
    dot = 4
    for word in words:
        left, bottom = ink_of_first_letter(image, word, rotation)
        # An H of Courier begins a little inside its cell, by about a twelfth of it, and stands on the baseline.
        assert 0 <= left - word.x / dot <= word.cell * 0.12 / dot + 1.5, word
        assert abs(bottom - word.baseline / dot) <= 1.5, word


def ink_of_first_letter(image, word: Word, rotation: str) -> tuple[float, float]:  # type: ignore[no-untyped-def]
    """Return the left edge and the foot of a word's first letter, in dots from the corner of the sheet as read."""
    dot = 4
    width, height = (image.height, image.width) if rotation in ("2D00", "8700") else (image.width, image.height)

    def dark(x: int, y: int) -> bool:
        across, down = {
            "0000": (x, y),
            "2D00": (y, width - 1 - x),
            "5A00": (width - 1 - x, height - 1 - y),
            "8700": (height - 1 - y, x),
        }[rotation]
        return bool(image.dots[down * image.width + across] < 128)

    x0, y0 = round(word.x / dot), round(word.baseline / dot)
    box = [(x, y) for x in range(x0 - 3, x0 + round(word.cell / dot) - 2) for y in range(y0 - 30, y0 + 5) if dark(x, y)]
    assert box, word
    return min(x for x, _ in box), max(y for _, y in box) + 1


@needs_gpcl6
def test_reduced_report_fits_the_paper() -> None:
    """Of a page of 132 by 66 that IBM reduces, every line and the last column are on the paper."""
    data = (SAMPLES / "13-cor-132x66-draft.scs").read_bytes()
    (image,) = render(print_scs(data, "PageSize=Letter").output, dpi=100)
    # landscape: lines run up the sheet; the first is half an inch from the left edge of the picture
    assert image.ink(50, 100, 62, 1050) > 100 and image.ink(830, 0, 850, 1100) == 0
    assert image.ink(50, 55, 815, 70) > 50


def test_a_page_with_text_on_line_1_is_moved_into_the_printable_area() -> None:
    """Text on line 1, where no laser printer prints, is moved down as far as it takes; other pages are not moved."""
    for line, baseline in ((1, 240 + 180), (2, 240 + 180), (3, 480 + 180)):
        stream = bytes.fromhex(f"2BC10250 2BC20242 34C4{line:02X}") + "text".encode("cp037") + b"\x0c"
        (sheet,) = parse_job(print_scs(stream, "PageSize=Letter").output).pages
        assert sheet.lines()[0][0] / 5 == pytest.approx(baseline, abs=1.5)


def test_a_wider_page_has_narrower_cells() -> None:
    """Behind one that lies on the paper the same way, and in the same font: 132 columns, then 198."""
    stream = bytes.fromhex("2BC10284 2BC20242 C1C1 0C 2BC102C6 C2C2 0C")
    first, second = re.findall(rb"\x1b&k([0-9.]+)H", print_scs(stream, "PageSize=Letter").output)
    assert float(first) == 9 and 10 < float(second) * 198 / 120 < 11


def test_text_beyond_the_paper_is_left_out_with_one_word() -> None:
    """What is beyond the right edge is not piled up at it, and one warning says what to do."""
    stream = (
        bytes.fromhex("2BC10255 2BC20242 34C403") + ("x" * 85).encode("cp037") + b"\x15" + ("y" * 85).encode("cp037")
    )
    result = print_scs(stream + b"\x0c", "PageSize=Letter")
    (sheet,) = parse_job(result.output).pages
    assert [len(text) for _, text in sheet.lines()] == [80, 80]
    assert sum("scs-cor=fit" in line for line in result.lines) == 1
