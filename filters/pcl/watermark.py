"""A watermark: large grey letters from the lower left corner of a sheet to the upper right one, behind its text.

PCL 5 turns text by right angles only. So the letters are turned themselves, as outlines of a font of their own, and
each is placed on the diagonal.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from filters.codepage.symbol_set import count_missing
from filters.common.media import UNITS_PER_INCH
from filters.layout.clusters import is_mute
from filters.layout.geometry import PageLayout
from filters.layout.page import BOLD_FACE, FILLER, Row, Style
from filters.pcl import commands as pcl
from filters.pcl.glyph_store import GlyphStore
from filters.pcl.shaping import shape_row
from filters.pcl.soft_font import (
    ADVANCE,
    CODES,
    FIRST_SYMBOL_SET,
    LAST_SYMBOL_SET,
    GlyphRecord,
    load_font,
    select_font,
)
from filters.pcl.truetype import Contours, decode_outline, encode_outline, transform

#: How much of the diagonal it takes, and of the shorter edge a letter.
_LONGEST, _LARGEST = 0.7, 0.2
#: Middle of capital letters, above the baseline.
_MIDDLE = 746
#: Per cent of black, and the same as PDF says it.
_GREY_LEVEL, GREY = 12, 0.88
#: Its font in the printer, which no other has.
_FONT = LAST_SYMBOL_SET - FIRST_SYMBOL_SET


class Letter(NamedTuple):
    """A letter that is turned, at a place on the sheet as it is read, in 1/7200 inch from its upper left corner."""

    x: float
    y: float
    contours: Contours


class Watermark(NamedTuple):
    """The letters of a watermark, and the width of a cell, which is ``ADVANCE`` units of theirs."""

    letters: list[Letter]
    cell: float


def make_watermark(row: Row, layout: PageLayout, glyphs: GlyphStore, missing: dict[str, int]) -> Watermark:
    """Return a text on the diagonal, its words shaped where their script wants it.

    Args:
        row: the text as it is read from left to right.
        missing: where characters that have no glyph are counted.
    """
    placed, start, end = _place(row, glyphs, missing)
    diagonal = math.hypot(layout.width, layout.length)
    across, up = layout.width / diagonal, layout.length / diagonal
    cell = min(diagonal * _LONGEST / (end - start), min(layout.width, layout.length) * _LARGEST)
    low = _MIDDLE * cell / ADVANCE
    middle = (start + end) * cell / 2
    left = layout.width / 2 - across * middle + up * low
    bottom = layout.length / 2 + up * middle + across * low
    letters = [
        Letter(left + across * at * cell, bottom - up * at * cell, transform(contours, across, up, -up, across, 0, 0))
        for at, contours in placed
    ]
    return Watermark(letters, cell)


def _place(row: Row, glyphs: GlyphStore, missing: dict[str, int]) -> tuple[list[tuple[float, Contours]], float, float]:
    """Return the outlines of a text and the cells where they stand, and where it begins and ends."""
    row = row._replace(styles=bytes((Style.BOLD,)) * len(row.text))
    rest, pieces = shape_row(row, glyphs)
    names: list[tuple[float, str]] = [(cell, name) for cell, name in enumerate(rest.text) if name not in (" ", FILLER)]
    names += [(cell, mark) for cell, mark in rest.over if not is_mute(mark)]
    names += [(piece.at, piece.name) for piece in pieces]
    placed = []
    for at, name in sorted(names):
        if glyphs.is_box(name):
            count_missing(missing, name[1:2] or name)
        if outline := glyphs.outline(name, BOLD_FACE)[0]:
            placed.append((at, decode_outline(outline)))
    xs = [at + point.x / ADVANCE for at, contours in placed for contour in contours for point in contour]
    if not pieces or not xs:
        return placed, 0.0, len(row.text)
    # Words that are shaped are mostly narrower than their cells.
    return placed, min(xs), max(max(xs), min(xs) + 1)


def load_watermark(watermark: Watermark, typeface: int) -> bytes:
    """Return the font with its letters."""
    glyphs = [GlyphRecord(encode_outline(letter.contours)) for letter in watermark.letters[: len(CODES)]]
    return load_font(_FONT, glyphs, typeface, True, "watermark")


def print_watermark(watermark: Watermark, layout: PageLayout, unit: int, by_number: bool = False) -> bytes:
    """Return its letters; the primary font has to be chosen again after it."""
    select = pcl.font_by_id(_FONT) if by_number else select_font(_FONT)
    letters = b"".join(
        pcl.position(round((letter.x - layout.logical_left) / unit), round(letter.y / unit)) + bytes((code,))
        for letter, code in zip(watermark.letters, CODES)
    )
    return (
        pcl.GREY(_GREY_LEVEL)
        + pcl.CURRENT_PATTERN(2)
        + select
        + pcl.PITCH(round(UNITS_PER_INCH / watermark.cell, 2))
        + letters
        + pcl.CURRENT_PATTERN(0)
    )
