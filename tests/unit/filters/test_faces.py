"""How letters from fonts of ours look: italics, and wide characters that fill their cells but no more than a line."""

from __future__ import annotations

import math
import re
import unicodedata
from pathlib import Path

import pytest

from filters.pcl.font_files import FontChain, FontChooser
from filters.pcl.soft_font import ADVANCE, UNITS_PER_EM
from filters.pcl.truetype import decode_outline
from tests.pcl_parser import Glyph, parse_job
from tests.unit.filters.coded_fonts import HIGH, identify, use_only, use_only_characters, write_font
from tests.unit.filters.test_layouts import layout_of
from tests.unit.filters.text_job import run_job, warnings
from tests.unit.filters.text_pdf import read_sheets, run_pdf_job


@pytest.fixture(scope="module")
def font(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a font with some characters of each kind."""
    folder = tmp_path_factory.mktemp("fonts") / "fonts"
    folder.mkdir()
    write_font(folder / "DejaVuSansMono.ttf", "abcżółćЖ漢字│★" + "".join(map(chr, range(0x20, 0x7F))))
    return folder / "DejaVuSansMono.ttf"


def glyphs_of(text: str, options: str = "") -> list[Glyph]:
    """Return the glyphs of fonts of ours on a page."""
    code, output, messages = run_job(text.encode(), options)
    assert code == 0 and not warnings(messages)
    return [glyph for glyph in parse_job(output, identify).pages[0].glyphs if glyph.soft]


def lean(glyph: Glyph) -> float:
    """Return how far a glyph leans to the right: the top of its left side beside the bottom, by its height."""
    assert glyph.soft
    (contour,) = decode_outline(glyph.soft.outline)
    ys = [point.y for point in contour]
    foot = min(point.x for point in contour if point.y == min(ys))
    head = min(point.x for point in contour if point.y == max(ys))
    return (head - foot) / (max(ys) - min(ys))


def test_italics_lean(font, monkeypatch):
    """Letters in italics lean as those of an italic font do; frames, signs and wide characters stand upright."""
    use_only(font, monkeypatch)
    upright = glyphs_of("żЖ\n")
    leaning = glyphs_of("\x1b[3mżЖ│★漢\x1b[0m\n\x1b[1;3mż\x1b[0m\n\x1b[4;3mż\x1b[0m ż\n")
    assert [round(lean(glyph), 2) for glyph in upright] == [0, 0]
    assert [(glyph.text, round(lean(glyph), 2)) for glyph in leaning if glyph.text in "ż│★漢Ж"] == [
        *[("ż", 0.21), ("Ж", 0.21), ("│", 0), ("★", 0), ("漢", 0)],
        *[("ż", 0.21), ("ż", 0.21), ("ż", 0.21), ("ż", 0)],
    ]
    code, document, _ = run_pdf_job("\x1b[3mżab\x1b[0m ż\n".encode())
    (sheet,) = read_sheets(document)
    assert code == 0 and sorted(mark.text for mark in sheet.marks) == sorted("żabż")
    # Two glyphs of that letter, one of them leaning.
    assert document.count(b"/CharProcs") == 1 and len({mark for mark in sheet.marks if mark.text == "ż"}) == 2


def test_joined_emoji_are_one_glyph(tmp_path, monkeypatch):
    """A font without a picture for them has them all in two cells, small; flags and keys are letters in a frame."""
    use_only_characters("\U0001f468\U0001f469\U0001f466DEab1 ", tmp_path, monkeypatch)
    text = "a\U0001f468\u200d\U0001f469\u200d\U0001f466b\n\U0001f1e9\U0001f1eab\n1\ufe0f\u20e3\n"
    code, output, messages = run_job(text.encode())
    assert code == 0 and not warnings(messages)
    glyphs = [glyph for glyph in parse_job(output, identify).pages[0].glyphs if glyph.text != " "]
    family, flag, key = (glyph for glyph in glyphs if len(glyph.text) > 1)
    assert family.text == "\U0001f468\U0001f469\U0001f466" and flag.text == "DE\ufffd\ufffd"
    assert key.text == "1\ufffd\ufffd" and glyphs.pop() == key
    cell = round(7200 / 10.17)
    places = sorted((glyph.y, round((glyph.x - flag.x) / cell)) for glyph in glyphs)
    assert places == [(family.y, 0), (family.y, 1), (family.y, 3), (flag.y, 0), (flag.y, 2)]
    for glyph in (family, flag, key):
        assert glyph.soft
        points = [point for contour in decode_outline(glyph.soft.outline) for point in contour]
        assert 0 <= min(point.x for point in points) and max(point.x for point in points) <= 2 * ADVANCE
    code, document, messages = run_pdf_job(text.encode())
    (sheet,) = read_sheets(document)
    assert code == 0 and not warnings(messages)
    assert sorted(mark.text for mark in sheet.marks) == sorted([*"abb", "👨\u200d👩\u200d👦", "🇩🇪", "1\u200d\u20e3"])


def test_joined_emoji_that_no_font_has(tmp_path, monkeypatch):
    """They are a box, and are named in one warning, in PCL and in PDF; without soft fonts they are a question mark."""
    use_only_characters("ab ", tmp_path, monkeypatch)
    text = "a\U0001f468\u200d\U0001f469b\n"
    for options in ("", "soft-fonts=false"):
        for code, _, messages in (run_job(text.encode(), options), run_pdf_job(text.encode(), options)):
            (warning,) = warnings(messages)
            assert code == 0 and "U+1F468 (1)" in warning


@pytest.mark.parametrize("number_up", [1, 2, 4, 6, 9, 16])
def test_wide_characters_fill_their_cells_and_lines(font, monkeypatch, number_up):
    """The em of a wide character is at most 1.2 times the distance of lines, and nine tenths of the room at least."""
    use_only(font, monkeypatch)
    for cpi in (5, 12, 16.67):
        for lpi in (4, 12):
            options = f"cpi={cpi} lpi={lpi} number-up={number_up}"
            _, output, _ = run_job("漢字 ab\n".encode(), options)
            glyph = next(g for g in parse_job(output, identify).pages[0].glyphs if g.text == "漢")
            assert glyph.soft
            (contour,) = decode_outline(glyph.soft.outline)
            pitch = float(re.findall(rb"\x1b\(s0p([0-9.]+)h", output)[0])
            unit = 7200 / pitch / ADVANCE
            em = (max(point.y for point in contour) / HIGH) * UNITS_PER_EM * unit
            layout = layout_of(options)
            assert em <= 1.2 * layout.line_pitch + 1
            letters = 7200 / pitch
            assert em >= 0.9 * min(layout.line_pitch, letters / 0.6)
            width = (max(point.x for point in contour) - min(point.x for point in contour)) * unit
            assert width <= 2 * layout.cell_width and unicodedata.east_asian_width(glyph.text) == "W"


def test_a_header_as_wide_as_the_page_is_whole():
    """Nothing is kept free beside a part that is not there."""
    code, output, _ = run_job(b"x\n", "page-header=%t", title="A" * 80)
    assert code == 0 and b"A" * 80 in output


def test_a_flag_in_grey_is_grey(tmp_path, monkeypatch):
    """What is printed as one picture has the style of its row."""
    use_only_characters("DEab ", tmp_path, monkeypatch)
    plain, grey = (run_job(f"{style}\U0001f1e9\U0001f1ea\n".encode())[1] for style in ("", "\x1b[2m"))
    assert b"\x1b*c85G" not in plain and grey.rindex(b"*c85G") < grey.rindex(b"\x1b(900Q") < grey.rindex(b"*v0T")


def test_high_syllables_are_made_smaller(tmp_path, monkeypatch):
    """All of a script, by as much as its high syllables need, so that they are no higher than 1.2 lines."""
    use_only_characters("བོད་རྡོ", tmp_path, monkeypatch)
    for lines, smaller in ((2.0, 1.0), (1.0, 1.2 * ADVANCE / 2100)):
        chain = FontChain([], FontChooser())
        chain.set_line(lines)
        for syllable in ("རྡོ", "ད"):
            font, glyphs = chain.shape(syllable)  # type: ignore[misc]
            assert math.isclose(UNITS_PER_EM / font.units_per_em, smaller, rel_tol=0.001)
            assert abs(sum(glyph.advance for glyph in glyphs) - ADVANCE * smaller) <= 1
    monkeypatch.setattr("filters.pcl.font_files._AS_HIGH", 1.0)
    for options, high in (("lpi=4", 2100), ("lpi=12 cpi=10", 2055)):
        (outline,) = {glyph.soft.outline for glyph in glyphs_of("རྡོ\n", options) if glyph.soft}
        ys = [point.y for contour in decode_outline(outline) for point in contour]
        assert abs(max(ys) - min(ys) - high) <= 3
