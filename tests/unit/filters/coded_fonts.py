"""A font whose glyphs tell which character they are, so that no font of the system decides a test.

Each glyph is one contour like the bit of a key: teeth along its upper edge, high for a 1 and low for a 0, spell the
code point. It can be read whatever was done to it on the way: moved, scaled, narrowed, put together with others.

        __    __          first and last tooth are always high, those between are the 18 bits,
      _|  |__|  |_  ...   the highest first; the lower edge is straight
     |____________|
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from pathlib import Path

import pytest

from filters.pcl.soft_font import ADVANCE, ASCENT, DESCENT, UNITS_PER_EM
from tests.pcl_parser import SoftGlyph

BITS = 18
_LOW, HIGH = 500, 1000
#: Where marks stand above their letters.
_MARKS_FROM = 1100
_MARGIN = 100


def contour_of(code: int, left: int, right: int, bottom: int) -> list[tuple[int, int]]:
    """Return the corners of a contour that spells a code point."""
    teeth = [1, *(code >> bit & 1 for bit in reversed(range(BITS))), 1]
    step = (right - left) / len(teeth)
    points = [(left, bottom)]
    for number, tooth in enumerate(teeth):
        y = bottom + (HIGH if tooth else _LOW)
        points += [(round(left + number * step), y), (round(left + (number + 1) * step), y)]
    return [*points, (right, bottom)]


def code_of(ys: list[int]) -> int:
    """Return the code point that a contour spells, by the heights of its points in their order."""
    low, high = min(ys), max(ys)
    assert len(ys) == 2 * (BITS + 2) + 2, ys
    # The contour may begin at any of its points.
    start = next(at for at in range(len(ys)) if ys[at] == low and ys[at - 1] == low)
    heights = (ys[start:] + ys[:start])[1:-1:2]
    bits = [(y - low) / (high - low) > 0.75 for y in heights]
    assert bits[0] and bits[-1]
    return int("".join("01"[bit] for bit in bits[1:-1]), 2)


def identify(glyph: SoftGlyph) -> str:
    """Return the characters that a downloaded glyph shows, U+FFFD for a box of ours."""
    from fontTools.ttLib.tables._g_l_y_f import Glyph

    if not glyph.outline:
        return ""
    outline = Glyph(glyph.outline)
    outline.expand(None)
    found, start = "", 0
    for end in outline.endPtsOfContours:
        ys = [y for _, y in outline.coordinates[start : end + 1]]
        start = end + 1
        found += chr(code_of(ys)) if len(ys) > 4 else "\ufffd"
    return found


def write_font(path: Path, characters: Iterable[str], family: str = "Coded", bold: bool = False) -> None:
    """Write a TrueType font with some characters; wide ones have the em for advance, marks none."""
    pytest.importorskip("fontTools")
    from fontTools.fontBuilder import FontBuilder
    from fontTools.pens.ttGlyphPen import TTGlyphPen

    glyphs, metrics, names = {}, {}, {}
    for character in sorted(set(characters)):
        code, name = ord(character), f"u{ord(character):05X}"
        is_mark = unicodedata.category(character) in ("Mn", "Me")
        is_wide = unicodedata.east_asian_width(character) in "WF"
        advance = 0 if is_mark else UNITS_PER_EM if is_wide else ADVANCE
        left, right = (-ADVANCE + _MARGIN, -_MARGIN) if is_mark else (_MARGIN, advance - _MARGIN)
        pen = TTGlyphPen(None)
        points = contour_of(code, left, right, _MARKS_FROM if is_mark else 0)
        if not character.isspace():
            pen.moveTo(points[0])
            for point in points[1:]:
                pen.lineTo(point)
            pen.closePath()
        names[code] = name
        glyphs[name], metrics[name] = pen.glyph(), (advance, 0 if character.isspace() else left)
    glyphs[".notdef"], metrics[".notdef"] = TTGlyphPen(None).glyph(), (ADVANCE, 0)
    order = [".notdef", *names.values()]
    builder = FontBuilder(UNITS_PER_EM, isTTF=True)
    builder.setupGlyphOrder(order)
    builder.setupCharacterMap(names)
    builder.setupGlyf(glyphs)
    builder.setupHorizontalMetrics(metrics)
    builder.setupHorizontalHeader(ascent=ASCENT, descent=-DESCENT)
    builder.setupNameTable({"familyName": family, "styleName": "Bold" if bold else "Regular"})
    builder.setupOS2(sTypoAscender=ASCENT, usWeightClass=700 if bold else 400, fsType=0)
    builder.setupPost()
    builder.save(str(path))


def use_only_characters(characters: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """See that a font with these characters is all that the filters find."""
    (folder / "fonts").mkdir()
    path = folder / "fonts" / "DejaVuSansMono.ttf"  # one that is asked first
    write_font(path, characters)
    use_only(path, monkeypatch)


def use_only(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """See that the fonts of one folder are all that the filters find, by list and by fontconfig."""
    folder = path.parent
    conf = folder.parent / "fonts.conf"
    conf.write_text(f"<fontconfig><dir>{folder}</dir><cachedir>{folder.parent}/cache</cachedir></fontconfig>")
    monkeypatch.setenv("FONTCONFIG_FILE", str(conf))
    monkeypatch.setattr("filters.pcl.font_files.find_font_files", lambda: ([str(path)], []))
