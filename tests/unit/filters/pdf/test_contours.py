"""Outlines of TrueType as paths of PDF."""

from __future__ import annotations

import struct
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from filters.layout.page import BOLD_FACE, FILLER
from filters.pcl.truetype import Point, encode_outline
from filters.pdf.object_writer import ObjectWriter
from filters.pdf.text_fonts import GlyphFonts, _procedure, _to_unicode, draw_path, read_cff

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


def test_which_glyph_of_which_font() -> None:
    """Each is written once, 223 of them to a font; what no font has is one box, and only bold ones are bold."""
    store: Any = SimpleNamespace(
        is_box="?!".__contains__, outline=lambda character, face: (b"", face if character == "b" else 0)
    )
    written: list[bytes] = []
    fonts = GlyphFonts(ObjectWriter(written.append), lambda: store)
    assert fonts.write() == []
    glyphs = [fonts.find(chr(0x4E00 + number), 0) for number in range(224)]
    places = [(glyphs[number].font, glyphs[number].code) for number in (0, 222, 223)]
    assert places == [(b"G0", 33), (b"G0", 255), (b"G1", 33)]
    bold, plain, box = fonts.find("b", BOLD_FACE), fonts.find("a", BOLD_FACE), fonts.find("?", 0)
    assert (bold.bold, plain.bold, box.box, plain.box) == (True, False, True, False)
    assert fonts.find("a", 0) is plain and fonts.find("b", 0) is not bold and fonts.find("b", BOLD_FACE) is bold
    assert fonts.find("!", BOLD_FACE) is box and glyphs[0] is fonts.find(chr(0x4E00), 0)
    blank = fonts.find(FILLER, 0)
    assert (blank.font, blank.code, blank.bold, blank.box) == (b"G1", 32, True, False)
    before = len(written)
    assert [name for name, _ in fonts.write()] == [b"G0", b"G1"]
    last = b"".join(written[before:])
    assert b"/FirstChar 32/LastChar 255/" in last and b"/FirstChar 32/LastChar 37/" in last
    assert _to_unicode(["x"] * 99).count(b"100 beginbfchar") == _to_unicode(["x"] * 100).count(b"1 beginbfchar\n") == 1


@pytest.mark.parametrize("more", [b"", b"x"])
def test_outlines_of_an_opentype_font(tmp_path: Path, more: bytes) -> None:
    """Those of table CFF, wherever it stands; none of one that is cut off."""
    tables = ((b"head", 44, 4), (b"CFF ", 48, 3))
    font = b"OTTO\0\2" + b"\0" * 6 + b"".join(struct.pack(">4sIII", tag, 0, *place) for tag, *place in tables)
    (tmp_path / "font.otf").write_bytes(font + b"headcff" + more)
    assert read_cff(str(tmp_path / "font.otf")) == b"cff"
    (tmp_path / "font.otf").write_bytes(font + b"headcf")
    assert read_cff(str(tmp_path / "font.otf")) == read_cff(str(tmp_path / "none")) == b""


def test_the_box_of_a_glyph() -> None:
    """It holds all points, those of controls too, and a unit more on each side."""
    outline = encode_outline([[Point(-5, -7, ON), Point(40, 90, OFF), Point(20, 3, ON)]])
    assert _procedure(outline).startswith(b"%d 0 -6 -8 41 91 d1\n-5 -7 m\n" % int(_procedure(b"").split()[0]))
    assert _procedure(outline).endswith(b"h\nf") and _procedure(b"").endswith(b" 0 0 0 0 0 d1")
