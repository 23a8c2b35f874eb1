"""filters.pcl.shaping: where the clusters of a row stand, by values."""

from __future__ import annotations

import pytest

from filters.layout.page import Row
from filters.pcl.glyph_store import GlyphStore
from filters.pcl.harfbuzz import PlacedGlyph
from filters.pcl.shaping import shape_row
from tests.unit.filters.pcl.fake_fonts import FakeChain, FakeFont, square


@pytest.mark.parametrize(
    "row, rest, pieces",
    [
        (Row("ab."), "ab.", ""),
        (Row("घक"), "घक", ""),  # the font lacks one
        (Row("क ञ"), "  ञ", "0 100 क"),  # or cannot draw it
        (Row("कख x"), "   x", "0 100 क, 1 100 ख"),
        (Row("क ख"), "   ", "0 100 क, 1.6 100 ख"),
        (Row("क  ख"), "    ", "0 100 क, 3 100 ख"),
        (Row("क1ख"), " 1 ", "0 100 क, 2 100 ख"),
        (Row("कक", b"\0\1"), "  ", "0 100 क, 1 100 क"),
        (Row("ग"), " ", "0 50 ग"),
        (Row("घ ङ"), "घ  ", "2 40 ङ"),
        (Row("क.? ख"), "     ", "0 100 क, 0.75 ., 1.5 ?, 3.1 100 ख"),
        (Row("क (ख"), "    ", "0 100 क, 1.6 (, 2.6 100 ख"),
        (Row("गक."), "   ", "0 85 ग, 1.7 85 क, 2.3 ."),
        (Row("क. x"), "   x", "0 100 क, 0.75 ."),
        (Row("क.x"), " .x", "0 100 क"),
        (Row("क!"), " !", "0 100 क"),
        (Row("क.", b"", ((1, "x"),)), " .", "0 100 क"),
        (Row("क.", b"\0\1"), " .", "0 100 क"),
        (Row("☺\0x", b"", ((0, "\u200d☹"),)), "  x", "0 100 ☺\u200d☹"),
        (Row("xक", b"", ((0, "\u0302"),)), "  ", "0 100 x\u0302, 1 100 क"),
    ],
)
def test_phrases(row: Row, rest: str, pieces: str) -> None:
    """Words of a phrase follow each other with what is between them, narrowed to its cells; other text stays."""
    widths = {"क": 1233, "ख": 617, "ग": 2466, "ङ": 9999, "x\u0302": 1233}
    clusters = {text: [PlacedGlyph(ord("क"), width, 0, 0)] for text, width in widths.items()}
    clusters["ञ"] = [PlacedGlyph(ord("ञ"), 1233, 0, 0)]
    chain = FakeChain(".?x(", FakeFont(outlines={"क": square(0, 0, 600, 1000)}), clusters)
    shaped = shape_row(row, GlyphStore(chain, FakeChain(""), 4099))
    found = [
        f"{at:.2f}".rstrip("0").rstrip(".") + (f" {ord(name[0]) - 0xF0000} " + name[1:] if name[1:] else f" {name}")
        for at, _, name in shaped.pieces
    ]
    assert (shaped.row.text, ", ".join(found)) == (rest, pieces)
    assert all(style == (row.styles[int(at)] if row.styles else 0) for at, style, _ in shaped.pieces)
