"""DejaVu Sans Mono as fontTools reads it: the oracle for our own reader, and for what a downloaded glyph shows."""

from __future__ import annotations

import functools
import os

import pytest

from tests.pcl_parser import SoftGlyph

FOLDER = "/usr/share/fonts/truetype/dejavu"
REGULAR = os.path.join(FOLDER, "DejaVuSansMono.ttf")
BOLD = os.path.join(FOLDER, "DejaVuSansMono-Bold.ttf")

needs_dejavu = pytest.mark.skipif(
    not os.path.exists(REGULAR) or not os.path.exists(BOLD), reason="fonts-dejavu-core is not installed"
)

Drawing = tuple[tuple[tuple[int, int], ...], tuple[int, ...], tuple[int, ...]]


@functools.lru_cache
def font_tools(path: str):  # type: ignore[no-untyped-def]
    """Return a font opened by fontTools."""
    return pytest.importorskip("fontTools.ttLib").TTFont(path)


def drawing_of(path: str, character: str) -> Drawing:
    """Return points, ends of contours and flags of a character, accents and letters as one."""
    font = font_tools(path)
    name = font.getBestCmap()[ord(character)]
    points, ends, flags = font["glyf"][name].getCoordinates(font["glyf"])
    rounded = tuple((round(x), round(y)) for x, y in points)
    return rounded, tuple(ends), tuple(flag & 1 for flag in flags)


def drawing_in(outline: bytes) -> Drawing:
    """Return the same of an outline as it was sent."""
    if not outline:
        return (), (), ()
    from fontTools.ttLib.tables._g_l_y_f import Glyph

    glyph = Glyph(outline)
    glyph.expand(None)
    assert not glyph.program.getBytecode()
    flags = tuple(flag & 1 for flag in glyph.flags)
    points = tuple((x, y) for x, y in glyph.coordinates)
    return points, tuple(glyph.endPtsOfContours), flags


@functools.lru_cache
def _characters() -> dict[Drawing, str]:
    """Return the first character with each drawing: a Greek capital may be drawn just like a Latin one."""
    drawings: dict[Drawing, str] = {}
    for path in (REGULAR, BOLD):
        # What the printer has comes first: it may be in a font of ours for the sake of its line.
        for code in sorted(
            font_tools(path).getBestCmap(), key=lambda code: (not chr(code).encode("cp1252", "ignore"), code)
        ):
            drawings.setdefault(drawing_of(path, chr(code)), chr(code))
    return drawings


def identify(glyph: SoftGlyph) -> str:
    """Return the character that a downloaded glyph shows."""
    return identify_drawing(drawing_in(glyph.outline))


def identify_drawing(drawing: Drawing) -> str:
    """Return the character with a drawing, or the letter in front of its marks; U+FFFD if there is none of DejaVu Sans
    Mono."""
    points, ends, flags = drawing
    for contours in range(len(ends), 0, -1):
        last = ends[contours - 1] + 1
        if found := _characters().get((points[:last], ends[:contours], flags[:last])):
            return found
    return _characters().get(drawing, "\ufffd")


def as_drawn(text: str) -> str:
    """Return a text as ``identify`` reads it: the first character that looks the same, U+FFFD where there is none."""
    known = font_tools(REGULAR).getBestCmap()

    def drawn(character: str) -> str:
        if character.encode("cp1252", "ignore"):
            return character
        return _characters()[drawing_of(REGULAR, character)] if ord(character) in known else "\ufffd"

    return "".join(map(drawn, text))


def alike(text: str) -> str:
    """Return a text with dashes and hyphens that DejaVu Sans Mono draws alike as one of them."""
    return text.replace("\u2014", "\u2013").replace("\u00ad", "-")
