"""Characters that the printer lacks, in spooled files: sent as glyphs, at every pitch, bold and underlined too."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.pcl_parser import parse_job
from tests.unit.filters.fonts import needs_dejavu
from tests.unit.filters.ghostpcl import needs_gpcl6, render
from tests.unit.filters.scs.job import print_scs

START = bytes.fromhex("2BC10284 2BC20242 2BD306F600000000 34C405")
#: "Жук" and Latin in page 1025, Greek in 875, Polish in 870.
TEXTS = {"1025": (b"\xba\xb3\xb4\xc1", 4), "875": (b"\x41\x42\x43\xc1", 4), "870": (b"\xa0\x8c\xc1\xc2", 4)}
#: Pitch -> the width of a cell, of 1440 to the inch.
PITCHES = {"0A": 144, "0C": 120, "0F": 96, "10": 86.4, "14": 72, "05": 288}
BOLD, UNDERLINED, INVERSE, DOUBLE = "2BD1028A", "2BD4030A01", "2841F2", "2BFD04022000"


def stream(page: str, pitch: str, look: str = "") -> bytes:
    """Return a page with a text in a code page, at a pitch."""
    head = START + bytes.fromhex(f"2BD1060102B9{int(page):04X} 2BD2042900{pitch} {look}")
    return head + TEXTS[page][0] + b"\x15" + TEXTS[page][0] + b"\x0c"


@needs_dejavu
@pytest.mark.parametrize(
    "page, pitch, look",
    [("1025", pitch, look) for pitch in PITCHES for look in ("", DOUBLE)]
    + [("1025", "10", look) for look in (BOLD, UNDERLINED, INVERSE)]
    + [("875", "0A", ""), ("870", "0A", "")],
)
def test_glyphs_stand_in_their_cells(page: str, pitch: str, look: str) -> None:
    """Each character stands a cell behind the one before it, whatever font it is from."""
    result = print_scs(stream(page, pitch, look))
    assert not [line for line in result.lines if line.startswith("WARNING")]
    (sheet,) = parse_job(result.output).pages
    cell = PITCHES[pitch] * (2 if look == DOUBLE else 1)
    rows: dict[int, list[int]] = {}
    for glyph in sheet.glyphs:
        rows.setdefault(glyph.y, []).append(glyph.x)
    assert len(rows) == 2
    for places in rows.values():
        places = sorted(set(places))
        steps = {round((b - a) / 5) for a, b in zip(places, places[1:]) if b - a > 60}
        assert len(steps) and all(abs(step - cell) <= 2 for step in steps), (places, cell)


@needs_dejavu
@needs_gpcl6
@pytest.mark.parametrize("pitch", ("0A", "10"))
def test_glyphs_are_drawn(pitch: str) -> None:
    """GhostPCL finds the glyphs: there is ink in each cell."""
    (image,) = render(print_scs(stream("1025", pitch)).output, dpi=200)
    cell = {"0A": 20.0, "10": 12.0}[pitch]
    for number in range(4):
        left = 340.8 / 7.2 + number * cell
        assert image.ink(left, 100, left + cell, 160) > 8, number


@pytest.mark.parametrize("option", ("soft-fonts=no", "soft-fonts=id"))
def test_other_ways_of_fonts(option: str) -> None:
    """Without glyphs a question mark stands in their place and a word says so; by number they print too."""
    result = print_scs(stream("1025", "0A"), option)
    (sheet,) = parse_job(result.output).pages
    if option.endswith("no"):
        assert [text for _, text in sheet.lines()] == ["???A", "???A"]
        assert sum("replaced" in line for line in result.lines) == 1


def test_letters_are_no_higher_than_their_lines() -> None:
    """At every pitch and distance of lines letters are at most 1.2 times as high as the lines are apart."""
    import re

    for pitch in PITCHES:
        for distance in range(4, 25, 4):
            data = START + bytes.fromhex(f"2BC602{distance:02X} 2BD2042900{pitch}") + b"\xc1\x0c"
            output = print_scs(data).output
            found = re.search(rb"\x1b\(s0p([0-9.]+)h([0-9.]+)v0s0b(\d+)T", output)
            assert found
            height = (144 if found[3] == b"4102" else 120) / float(found[1])
            assert height <= distance * 1.2 + 0.1, (pitch, distance, found.groups())
            assert abs(height - float(found[2])) <= 0.13


#: A word of each script in its two-byte page, and the fonts (Debian's packages) that have it.
WORDS = {
    "939": (
        "\u65e5\u672c\u8a9e",
        "4562 4566 48E7",
        ("opentype/ipafont-gothic/ipag.ttf", "truetype/wqy/wqy-zenhei.ttc"),
    ),
    "933": ("\ud55c\uad6d\uc5b4", "D065 8A82 B4E1", ("truetype/wqy/wqy-zenhei.ttc",)),
    "935": ("\u4e2d\u56fd", "5BCF 4D9B", ("truetype/wqy/wqy-zenhei.ttc",)),
    "937": ("\u4e2d\u570b", "4C84 56CE", ("truetype/wqy/wqy-zenhei.ttc",)),
}


def needs_fonts(names: tuple[str, ...]) -> None:
    """Skip a test where no font that it can use is installed."""
    if not any(Path("/usr/share/fonts", name).exists() for name in names):
        pytest.skip("no font for two-byte text is installed: fonts-wqy-zenhei")


@pytest.mark.parametrize("page", WORDS)
def test_two_byte_text_prints_with_glyphs(page: str) -> None:
    """Each character of two bytes is sent as a glyph, two cells wide, and none is replaced."""
    text, pairs, fonts = WORDS[page]
    needs_fonts(fonts)
    result = print_scs(START + bytes.fromhex(f"C1 0E {pairs} 0F C1 0C"), f"scs-dbcs={page}")
    assert not [line for line in result.lines if line.startswith("WARNING")]
    (sheet,) = parse_job(result.output).pages
    places = sorted(glyph.x for glyph in sheet.glyphs)
    cells = [round((b - a) / 720) for a, b in zip(places, places[1:])]
    # SO and SI take a cell each: a letter, a blank, the wide ones as two halves, a blank, a letter.
    assert cells == [2, *([1] * (2 * len(text) - 1)), 2]


@needs_gpcl6
@pytest.mark.parametrize("page", WORDS)
def test_two_byte_text_is_drawn(page: str) -> None:
    """GhostPCL draws each of them, and no two alike: they are no boxes."""
    text, pairs, fonts = WORDS[page]
    needs_fonts(fonts)
    output = print_scs(START + bytes.fromhex(f"0E {pairs} 0F 0C"), f"scs-dbcs={page} PageSize=Letter").output
    (image,) = render(output, dpi=200)
    places = [(70 + 40 * number, 120, 110 + 40 * number, 175) for number in range(len(text))]
    assert min(image.ink(*place) for place in places) > 40
    assert len({image.part(*place) for place in places}) == len(places)
