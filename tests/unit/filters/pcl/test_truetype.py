"""Our reader of TrueType fonts, against fontTools."""

from __future__ import annotations

import io
import random
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from filters.pcl.truetype import NoTrueType, Point, TrueTypeFont, decode_outline, encode_outline, open_font
from tests.unit.filters.fonts import BOLD, REGULAR, drawing_in, drawing_of, font_tools, needs_dejavu

pytestmark = needs_dejavu


@pytest.mark.parametrize("path", [REGULAR, BOLD])
def test_characters_and_outlines(path):
    """Every character leads to fontTools' glyph; outlines, put together ones flattened, have the very same points."""
    font, oracle = open_font(path), font_tools(path)
    assert font and font.units_per_em == oracle["head"].unitsPerEm
    cmap = oracle.getBestCmap()
    for number, (code, name) in enumerate(sorted(cmap.items())):
        glyph = font.glyph_of(code)
        assert glyph == oracle.getGlyphID(name)
        if number % 5 == 0 or oracle["glyf"][name].isComposite():
            assert drawing_in(font.outline(glyph)) == drawing_of(path, chr(code))
            assert font.advance(glyph) == oracle["hmtx"][name][0]
    missing = [code for code in (0, 0x4E00, 0x10FFFF, 0x1F600) if code not in cmap]
    assert missing and not any(map(font.glyph_of, missing))


def small_font(**changes: int) -> bytes:
    """Return a font of three letters, with characters of all planes."""
    from fontTools.fontBuilder import FontBuilder
    from fontTools.pens.ttGlyphPen import TTGlyphPen

    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder([".notdef", "A", "B"])
    builder.setupCharacterMap({0x41: "A", 0x42: "B", 0x1F600: "B"})
    glyphs = {}
    for name, height in ((".notdef", 500), ("A", 600), ("B", 700)):
        pen = TTGlyphPen(None)
        pen.moveTo((0, 0))
        pen.lineTo((0, height))
        pen.qCurveTo((300, 700), (500, 0))
        pen.closePath()
        glyphs[name] = pen.glyph()
    builder.setupGlyf(glyphs)
    builder.setupHorizontalMetrics({name: (600, 0) for name in (".notdef", "A", "B")})
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupOS2(**changes)
    builder.setupPost()
    file = io.BytesIO()
    builder.save(file)
    return file.getvalue()


def test_places_of_glyphs_in_half_the_octets():
    """A small font has the places of its glyphs in two octets each, halved; what is no glyph is a blank."""
    data = small_font()
    font, oracle = TrueTypeFont(data), pytest.importorskip("fontTools.ttLib").TTFont(io.BytesIO(data))
    assert oracle["head"].indexToLocFormat == 0
    for glyph, name in enumerate(oracle.getGlyphOrder()):
        points, ends, flags = oracle["glyf"][name].getCoordinates(oracle["glyf"])
        assert drawing_in(font.outline(glyph)) == (tuple(points), tuple(ends), tuple(flag & 1 for flag in flags))
    assert font.outline(3) == font.outline(-1) == b""


def test_characters_beyond_the_first_plane():
    """A map of format 12 leads to characters of all planes."""
    font = TrueTypeFont(small_font())
    assert [font.glyph_of(code) for code in (0x41, 0x42, 0x43, 0x1F600, 0x1F601)] == [1, 2, 0, 2, 0]


def test_collections():
    """The first font of a collection is opened."""
    font = small_font()
    count = struct.unpack_from(">H", font, 4)[0]
    header = b"ttcf" + struct.pack(">III", 0x10000, 1, 16)
    moved = bytearray(header + font)
    for entry in range(count):
        at = 16 + 12 + 16 * entry + 8
        moved[at : at + 4] = struct.pack(">I", struct.unpack_from(">I", moved, at)[0] + 16)
    assert TrueTypeFont(bytes(moved)).glyph_of(0x41) == 1


def test_restricted_fonts_are_not_used():
    """A font whose licence forbids embedding is refused; one that allows it for printing is not."""
    with pytest.raises(NoTrueType):
        TrueTypeFont(small_font(fsType=2))
    assert TrueTypeFont(small_font(fsType=4)).glyph_of(0x41)


@pytest.mark.parametrize("data", [b"", b"OTTO" + bytes(100), b"\0\1\0\0" + bytes(50), b"ttcf", bytes(1000)])
def test_what_is_no_font(data, tmp_path):
    """Other files are refused, and so is a file that is not there."""
    with pytest.raises(NoTrueType):
        TrueTypeFont(data)
    (tmp_path / "x.ttf").write_bytes(data)
    assert open_font(str(tmp_path / "x.ttf")) is None and open_font(str(tmp_path / "y.ttf")) is None


@pytest.mark.parametrize("table", ["head", "hhea", "maxp", "cmap", "glyf", "loca"])
def test_tables_that_are_missing(table):
    """A font without one of those that glyphs come from is refused when it is opened."""
    with pytest.raises(NoTrueType):
        TrueTypeFont(small_font().replace(table.encode(), b"none", 1))


def test_maps_of_other_platforms():
    """What maps codes of the Macintosh is not taken for Unicode, whatever its format."""
    data = bytearray(small_font())
    at, _ = TrueTypeFont(bytes(data))._table("cmap")
    for entry in range(struct.unpack_from(">H", data, at + 2)[0]):
        struct.pack_into(">H", data, at + 4 + 8 * entry, 1)
    with pytest.raises(NoTrueType):
        TrueTypeFont(bytes(data))


@pytest.mark.parametrize(
    "flags, numbers, corner",
    [
        (0x0003, struct.pack(">hh", 300, -20), (400, 180)),
        (0x0002, struct.pack(">bb", -3, 4), (97, 204)),
        (0x0001, struct.pack(">hh", 10, 20), (100, 200)),
        (0x000A, struct.pack(">bbh", 1, 0, 0x2000), (51, 100)),
        (0x0042, struct.pack(">bbhh", 0, 1, 0x2000, 0x1000), (50, 51)),
        (0x0082, struct.pack(">bbhhhh", 0, 0, 0x1000, 0x4000, -0x4000, 0x2000), (-175, 200)),
    ],
)
def test_parts_of_glyphs(monkeypatch, flags, numbers, corner):
    """They are moved, made smaller and turned as is said of each; one that has itself for a part ends somewhere."""
    part = encode_outline([[Point(0, 0, True), Point(100, 200, True)]])
    made = b"\xff\xff" + bytes(8) + struct.pack(">HH", flags | 0x0020, 1) + numbers + struct.pack(">HHH", 2, 0, 0)
    monkeypatch.setattr(TrueTypeFont, "_glyph_data", lambda font, glyph: part if glyph else made)
    font = TrueTypeFont(small_font())
    assert [contour[1][:2] for contour in font._flatten(0, 2)] == [corner]
    assert len(font._flatten(0, 4)) == 3


def test_broken_fonts_do_no_harm():
    """However a font is cut or changed, reading it ends in an outline or in a refusal, not in another error."""
    whole, chance = small_font(), random.Random(1)
    drawn = 0
    for _ in range(3000):
        broken = bytearray(whole[: chance.randrange(len(whole) + 1)] if chance.random() < 0.3 else whole)
        for _ in range(chance.randrange(1, 6)):
            if broken:
                broken[chance.randrange(len(broken))] = chance.randrange(256)
        try:
            font = TrueTypeFont(bytes(broken))
            for code in (0x41, 0x42, 0x1F600):
                font.advance(font.glyph_of(code))
                font.outline(font.glyph_of(code))
            drawn += 1
        except NoTrueType:
            pass
    assert 500 < drawn < 2500


POINTS = st.builds(Point, st.integers(-8000, 8000), st.integers(-8000, 8000), st.booleans())


@given(st.lists(st.lists(POINTS, min_size=1, max_size=9), min_size=1, max_size=4))
@settings(deadline=None)
def test_outlines_there_and_back(contours):
    """What is encoded decodes to the same, by us and by fontTools."""
    encoded = encode_outline(contours)
    assert decode_outline(encoded) == contours
    points, _, flags = drawing_in(encoded)
    xs, ys = [point.x for contour in contours for point in contour], [
        point.y for contour in contours for point in contour
    ]
    assert struct.unpack_from(">hhhh", encoded, 2) == (min(xs), min(ys), max(xs), max(ys))
    assert list(zip(points, flags)) == [((p.x, p.y), p.on_curve) for contour in contours for p in contour]
