"""filters.pcl.watermark: where its letters stand and how they are turned, by values."""

from __future__ import annotations

import pytest

from filters.common.dataclass import replace
from filters.layout.page import Row
from filters.pcl.glyph_store import GlyphStore
from filters.pcl.harfbuzz import PlacedGlyph
from filters.pcl.soft_font import CODES, GlyphRecord, load_font
from filters.pcl.truetype import encode_outline
from filters.pcl.watermark import GREY, Letter, Watermark, _place, load_watermark, make_watermark, print_watermark
from tests.unit.filters.pcl.fake_fonts import FakeChain, FakeFont, square
from tests.unit.filters.pcl.test_emitter import layout_of

#: Its diagonal is five by its edges of three and four.
LAYOUT = replace(layout_of(), width=36000, length=48000, logical_left=1200)


def glyphs() -> GlyphStore:
    """Return glyphs of a letter, a mark and two clusters, one of which is narrower than a cell."""
    shapes = {"A": square(0, 0, 1000, 500), "\u030c": square(0, 0, 9, 9), "क": square(0, 0, 600, 1000)}
    font = FakeFont({}, shapes)
    clusters = {"क": [PlacedGlyph(ord("क"), 617, 0, 0)], "का": [PlacedGlyph(ord("क"), n, n, 0) for n in (1233, 1200)]}
    return GlyphStore(FakeChain("A\u030c", font, clusters), FakeChain(""), 4099)


@pytest.mark.parametrize(
    "row, cells, ends, missing",
    [
        (Row("A \0A"), [0, 3], (0, 4), {}),
        (Row("AA", b"", ((1, "\u030c"), (1, "\u200c"))), [0, 1, 1], (0, 2), {}),
        (Row("⇔A⇔"), [0, 1, 2], (0, 3), {"⇔": 2}),
        (Row("क"), [0], (0, 1), {}),
        (Row(" का"), [1], (2, 1 + 3033 / 1233), {}),
        (Row("ख"), [0], (0, 1), {"ख": 1}),
    ],
)
def test_places(row: Row, cells: list[float], ends: tuple[float, float], missing: dict[str, int]) -> None:
    """Letters stand in their cells; what is shaped begins and ends where its outlines do, a cell apart at least."""
    counted: dict[str, int] = {}
    placed, *found = _place(row, glyphs(), counted)
    assert [at for at, _ in placed] == cells and found == pytest.approx(ends) and counted == missing


@pytest.mark.parametrize("text, cell", [("AA", 7200), ("A" * 10, 4200)])
def test_letters(text: str, cell: float) -> None:
    """They are turned to the diagonal and on it, their middle in that of the sheet, as large as they may be."""
    watermark = make_watermark(Row(text), LAYOUT, glyphs(), {})
    low, middle = 746 * cell / 1233, len(text) * cell / 2
    first = (18000 - 0.6 * middle + 0.8 * low, 24000 + 0.8 * middle + 0.6 * low)
    places = [place for letter in watermark.letters for place in letter[:2]]
    steps = [(first[0] + 0.6 * at * cell, first[1] - 0.8 * at * cell) for at in range(len(text))]
    assert places == pytest.approx([place for step in steps for place in step]) and watermark.cell == cell
    assert [(point.x, point.y) for point in watermark.letters[-1].contours[0]] == [
        (0, 0), (-400, 300), (200, 1100), (600, 800),
    ]  # fmt: skip


def test_commands() -> None:
    """The font is bold and has a number of its own, by which or by whose symbol set it is chosen."""
    letters = [Letter(1200.0 + 24 * n, 2400.0, square(0, 0, 9, 9 + n)) for n in range(len(CODES) + 1)]
    records = [GlyphRecord(encode_outline(letter.contours)) for letter in letters[:-1]]
    assert load_watermark(Watermark(letters, 7200), 4099) == load_font(123, records, 4099, True, "watermark")
    for by_number, select in ((True, b"\x1b(123X"), (False, b"\x1b(1023Q")):
        grey = b"\x1b*c12G\x1b*v2T" + select + b"\x1b(s2.77H"
        written = print_watermark(Watermark(letters[:2], 2600), LAYOUT, 12, by_number)
        assert written == grey + b'\x1b*p0x200Y!\x1b*p2x200Y"\x1b*v0T'
    assert print_watermark(Watermark(letters[:2], 2600), LAYOUT, 12) == written and GREY == 0.88
