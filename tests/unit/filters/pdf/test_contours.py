"""Outlines of TrueType as paths of PDF."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from filters.pcl.truetype import Point, encode_outline
from filters.pdf.object_writer import ObjectWriter
from filters.pdf.text_fonts import GlyphFonts, _procedure, draw_path

ON, OFF = True, False
CURVE = ["0 0 m", "0 6 3 9 9 9 c", "0 0 l", "h"]


@pytest.mark.parametrize(
    "points, path",
    [
        ([(0, 0, ON), (0, 10, ON), (10, 0, ON)], ["0 0 m", "0 10 l", "10 0 l", "0 0 l", "h"]),
        ([(0, 0, ON), (0, 9, OFF), (9, 9, ON)], CURVE),
        # Two of second order meet half way between their controls.
        ([(0, 0, ON), (0, 9, OFF), (12, 9, OFF)], ["0 0 m", "0 6 2 9 6 9 c", "10 9 8 6 0 0 c", "h"]),
        # A contour may begin with a control: behind a point, or between two controls.
        ([(0, 9, OFF), (9, 9, ON), (0, 0, ON)], CURVE),
        (
            [(0, 12, OFF), (12, 12, OFF), (12, 0, OFF), (0, 0, OFF)],
            ["0 6 m", "0 10 2 12 6 12 c", "10 12 12 10 12 6 c", "12 2 10 0 6 0 c", "2 0 0 2 0 6 c", "h"],
        ),
    ],
)
def test_curves_of_second_order(points: list[tuple[int, int, bool]], path: list[str]) -> None:
    """They become those of third order with the same ends, and a contour ends where it begins."""
    contour = [Point(*point) for point in points]
    assert draw_path([contour]).decode().split("\n") == path
    assert draw_path([contour, contour]).decode().split("\n") == path * 2


def test_fonts_are_opened_when_they_are_needed() -> None:
    """Once, for the first side with characters that Courier lacks; which they are is told before one is drawn."""
    seen: list[str] = []
    store: Any = SimpleNamespace(look_at=seen.append)
    stores = iter([store])
    fonts = GlyphFonts(ObjectWriter(lambda data: None), lambda: next(stores))
    for characters in ("", "\u6f22", "\u05d0"):
        fonts.look_at(characters)
    assert seen == ["\u6f22", "\u05d0"]


def test_the_box_of_a_glyph() -> None:
    """It holds all points, those of controls too, and a unit more on each side."""
    outline = encode_outline([[Point(-5, -7, ON), Point(40, 90, OFF), Point(20, 3, ON)]])
    assert _procedure(outline).startswith(b"%d 0 -6 -8 41 91 d1\n-5 -7 m\n" % int(_procedure(b"").split()[0]))
    assert _procedure(outline).endswith(b"h\nf") and _procedure(b"").endswith(b" 0 0 0 0 0 d1")
