"""Fonts whose outlines are their characters, and loads that can be read: what is sent, without what it looks like."""

from __future__ import annotations

from typing import Any, Mapping, Optional

import pytest

from filters.pcl.font_files import Font, FontChain
from filters.pcl.glyph_store import GlyphStore
from filters.pcl.harfbuzz import PlacedGlyph
from filters.pcl.soft_font import ADVANCE, UNITS_PER_EM, GlyphRecord, delete_font
from filters.pcl.truetype import Contours, Point, Points, TrueTypeFont, decode_points, encode_outline


def square(left: int, bottom: int, right: int, top: int) -> Contours:
    """Return one contour."""
    corners = ((left, bottom), (left, top), (right, top), (right, bottom))
    return [[Point(x, y, True) for x, y in corners]]


class FakeFont(TrueTypeFont):
    """A font: the outline of a glyph is the four octets of its character, unless it is said to be another."""

    def __init__(self, advances: Mapping[str, int] = {}, outlines: Mapping[str, Contours] = {}) -> None:
        self.units_per_em = UNITS_PER_EM
        self.advances, self.outlines = advances, outlines

    def glyph_of(self, code: int) -> int:
        """Return the glyph of a code point: its number."""
        return code

    def advance(self, glyph: int) -> int:
        """Return how wide a glyph is."""
        return self.advances.get(chr(glyph), ADVANCE)

    def outline(self, glyph: int) -> bytes:
        """Return its outline."""
        drawn = self.outlines.get(chr(glyph))
        return chr(glyph).encode("utf-32-be") if drawn is None else encode_outline(drawn)

    def points(self, glyph: int) -> Points:
        """Return the points of one that is drawn."""
        return decode_points(self.outline(glyph)) if self.outline(glyph) else Points([], [], [], [])


class FakeChain(FontChain):
    """One font that has some characters, and knows how some clusters are set."""

    def __init__(
        self, characters: str, font: Optional[FakeFont] = None, clusters: Mapping[str, list[PlacedGlyph]] = {}
    ) -> None:
        self.characters, self.font, self.clusters = characters, font or FakeFont(), clusters
        self.seen: list[str] = []
        self.line = 0.0

    def look_at(self, characters: str) -> None:
        """Keep what is seen."""
        self.seen.append(characters)

    def set_line(self, line: float) -> None:
        """Keep the distance of lines."""
        self.line = line

    def find(self, character: str) -> Optional[tuple[Font, int]]:
        """Return the font and the glyph of a character."""
        glyph = self.font.glyph_of(ord(character))
        return (self.font, glyph) if character in self.characters else None

    def shape(self, text: str) -> Optional[tuple[Font, list[PlacedGlyph]]]:
        """Return the font and the glyphs of a cluster."""
        return (self.font, self.clusters[text]) if text in self.clusters else None


def make_store(regular: str, bold: str = "", **more: Any) -> GlyphStore:
    """Return glyphs of fonts with these characters."""
    return GlyphStore(FakeChain(regular), FakeChain(bold), 4099, **more)


@pytest.fixture
def readable_loads(monkeypatch: pytest.MonkeyPatch) -> None:
    """Load and delete fonts by ``<number:characters>`` and ``<-number>``: a bold one has "b", another glyph is "*"."""

    def load(number: int, glyphs: list[GlyphRecord], typeface: int, bold: bool) -> bytes:
        names = [g.outline.decode("utf-32-be") if len(g.outline) == 4 else "*" for g in glyphs]
        return f"<{number}{'b' * bold}:{''.join(names)}>".encode()

    monkeypatch.setattr("filters.pcl.glyph_store.load_font", load)

    def delete(number: int) -> bytes:
        return delete_font(number).replace(b"\x1b*c", b"<-").replace(b"d2F", b">")

    monkeypatch.setattr("filters.pcl.glyph_store.delete_font", delete)
