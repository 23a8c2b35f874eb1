"""Fonts of other outlines, and fonts by script: FreeType beside fontTools, fontconfig with folders of our own."""

from __future__ import annotations

import gc
import json
import math
import os
import shutil
import subprocess
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import assume, example, given, strategies as st

from filters.common.job import parse_job as parse_arguments
from filters.pcl.font_files import FontChain, FontChooser, open_any_font
from filters.pcl.fontconfig import Fontconfig, Match
from filters.pcl.freetype import _TOLERANCE, OutlineFont, _quadratic, open_outline_font
from filters.pcl.harfbuzz import Shaper
from filters.pcl.scripts import east_asian_language, script_of
from filters.pcl.truetype import Contours, NoTrueType, Points, decode_outline, open_font
from tests.pcl_parser import SoftGlyph, parse_job
from tests.unit.filters.fonts import BOLD, REGULAR, font_tools, identify, needs_dejavu
from tests.unit.filters.text_job import run_job, warnings
from tests.unit.filters.text_pdf import run_pdf_job

CFF = "/usr/share/fonts/opentype/urw-base35/NimbusMonoPS-Regular.otf"
needs_cff = pytest.mark.skipif(not os.path.exists(CFF), reason="fonts-urw-base35 is not installed")


def area(contours: Contours) -> float:
    """Return the area of contours of second order, those of holes taken off (Green's theorem)."""
    total = 0.0
    for contour in contours:
        points: list[tuple[float, float, bool]] = []
        for point in contour:
            if points and not point.on_curve and not points[-1][2]:
                points.append(((points[-1][0] + point.x) / 2, (points[-1][1] + point.y) / 2, True))
            points.append(point)
        for index, (x, y, _) in enumerate(points):
            x2, y2, _ = points[(index + 1) % len(points)]
            total += (x * y2 - x2 * y) / 2
        for index, (x, y, on) in enumerate(points):
            if not on:
                # Between a curve and its control polygon lies a third of the triangle.
                (xa, ya, _), (xb, yb, _) = points[index - 1], points[(index + 1) % len(points)]
                total -= ((x - xa) * (yb - ya) - (xb - xa) * (y - ya)) / 2 / 3
    return abs(total)


@needs_cff
@pytest.mark.parametrize("character", "AgS&8oéß@")
def test_outlines_of_third_order(character):
    """A glyph of a CFF font covers the same area within the same bounds as fontTools finds, in our units."""
    pytest.importorskip("fontTools")
    from fontTools.pens.areaPen import AreaPen
    from fontTools.pens.boundsPen import BoundsPen

    font, oracle = open_outline_font(CFF), font_tools(CFF)
    assert font and not open_font(CFF)
    glyph = font.glyph_of(ord(character))
    name = oracle.getBestCmap()[ord(character)]
    assert oracle.getGlyphID(name) == glyph
    glyphs = oracle.getGlyphSet()
    scale = 2048 / oracle["head"].unitsPerEm
    found = decode_outline(font.outline(glyph))
    assert font.advance(glyph) == round(glyphs[name].width * scale)
    areas, bounds = AreaPen(glyphs), BoundsPen(glyphs)
    glyphs[name].draw(areas)
    glyphs[name].draw(bounds)
    assert area(found) == pytest.approx(abs(areas.value) * scale * scale, rel=0.005)
    on = [point for contour in found for point in contour if point.on_curve]
    xs, ys = [point.x for point in on], [point.y for point in on]
    assert (min(xs), min(ys), max(xs), max(ys)) == pytest.approx([edge * scale for edge in bounds.bounds], abs=3)


PLACES = st.tuples(st.integers(-2000, 3000), st.integers(-2000, 3000))


@given(PLACES, PLACES, PLACES, PLACES)
@example((0, 0), (10, 20), (30, 20), (40, 0))  # one piece
@example((0, 0), (0, 180), (150, 330), (330, 330))  # two
@example((0, 0), (0, 540), (450, 990), (990, 990))  # three
def test_pieces_of_second_order_are_near_the_curve(a, b, c, d):
    """Nowhere is one further from the curve of third order than it may be, unless that takes too many of them."""
    assume(math.dist((0, 0), [d[n] - 3 * c[n] + 3 * b[n] - a[n] for n in (0, 1)]) < 8**3 * _TOLERANCE * 36 / 3**0.5)
    xs, ys = ([float(point[n]) for point in (a, b, c, d)] for n in (0, 1))
    points = _quadratic(xs, ys, bytes((1, 2, 2, 1)), [3])
    assert points.on_curve == [1, *(0, 1) * (len(points.xs) // 2)] and points.ends == [len(points.xs) - 1]
    pieces = len(points.xs) // 2
    for piece in range(pieces):
        for part in range(9):
            t, far = (piece + part / 8) / pieces, []
            for n, found in enumerate((points.xs, points.ys)):
                p, q, r = found[2 * piece : 2 * piece + 3]
                s = part / 8
                cubic = (1 - t) ** 3 * a[n] + 3 * (1 - t) ** 2 * t * b[n] + 3 * (1 - t) * t**2 * c[n] + t**3 * d[n]
                far.append((1 - s) ** 2 * p + 2 * (1 - s) * s * q + s**2 * r - cubic)
            assert math.hypot(*far) <= _TOLERANCE + 1e-6


def test_a_closed_curve_ends_where_it_began():
    """The last point of a contour is not there twice, be it the end of a line or of a curve."""
    xs, ys = [0.0, 0.0, 50.0, 110.0], [0.0, 60.0, 110.0, 110.0]
    lens = _quadratic([*xs, 110.0, 60.0], [*ys, 50.0, 0.0], bytes((1, 2, 2, 1, 2, 2)), [5])
    assert lens.on_curve == [1, 0, 1, 0] and (lens.xs[0], lens.ys[0]) == (0, 0) != (
        lens.xs[-1],
        lens.ys[-1],
    )
    half = _quadratic(xs, ys, bytes((1, 2, 2, 1)), [3])
    assert half.on_curve == [1, 0, 1]
    # A point without those that would make a curve of it is one on the curve.
    assert _quadratic([0.0, 9.0], [0.0, 5.0], bytes((1, 2)), [1]) == Points([0.0, 9.0], [0.0, 5.0], [1, 1], [1])


@needs_dejavu
@pytest.mark.parametrize("character", "AgжΩ─é")
def test_freetype_reads_what_we_read(character):
    """Of a TrueType font FreeType gives the very outlines that our own reader does."""
    ours, theirs = open_font(REGULAR), open_outline_font(REGULAR)
    assert ours and theirs
    glyph = ours.glyph_of(ord(character))
    assert theirs.glyph_of(ord(character)) == glyph and theirs.advance(glyph) == ours.advance(glyph)
    assert decode_outline(theirs.outline(glyph)) == decode_outline(ours.outline(glyph))
    blank = theirs.glyph_of(ord(" "))
    assert (theirs.points(blank), theirs.outline(blank)) == (Points((), (), (), ()), b"")


def test_files_that_are_no_fonts(tmp_path, monkeypatch):
    """What is no font, or not there, cannot be opened, and raises nothing; nor does FreeType that does not start."""
    (tmp_path / "text.otf").write_bytes(b"OTTO and nothing else")
    assert open_any_font(str(tmp_path / "text.otf")) is None
    assert open_any_font(str(tmp_path / "missing.otf")) is None
    assert open_any_font(str(tmp_path / "\udcff.otf")) is None
    library = SimpleNamespace(FT_Init_FreeType=lambda handle: 1)
    monkeypatch.setattr("filters.pcl.freetype._load_library", lambda: library)
    assert open_any_font(str(tmp_path / "text.otf")) is None


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder that is all that fontconfig looks into."""
    fonts = tmp_path / "fonts"
    fonts.mkdir()
    (tmp_path / "fonts.conf").write_text(
        f"<fontconfig><dir>{fonts}</dir><cachedir>{tmp_path}/cache</cachedir></fontconfig>", encoding="utf-8"
    )
    monkeypatch.setenv("FONTCONFIG_FILE", str(tmp_path / "fonts.conf"))
    return fonts


@needs_dejavu
@needs_cff
def test_fontconfig_finds_by_coverage_and_weight(folder):
    """The font is one that has the character; one that is bold is said to be so."""
    for path in (REGULAR, BOLD, CFF):
        shutil.copy(path, folder)
    fonts = Fontconfig()
    match = fonts.match("Ж")
    assert match and (os.path.basename(match.path), match.is_bold) == (os.path.basename(REGULAR), False)
    match = fonts.match("Ж", "ru", bold=True)
    assert match and (os.path.basename(match.path), match.is_bold) == (os.path.basename(BOLD), True)


@needs_cff
def test_no_fonts_at_all(folder):
    """Where nothing is installed nothing is found."""
    assert Fontconfig().match("Ж") is None
    assert FontChain([], FontChooser()).find("漢") is None
    font = OutlineFont.__new__(OutlineFont)
    assert FontChooser()._lowered(font, "x") is font


@needs_dejavu
@needs_cff
def test_what_families_lack_comes_from_any_font_that_has_it(folder, monkeypatch):
    """The list goes first; then fontconfig, for OpenType fonts as well; without it the other files of the list."""
    shutil.copy(CFF, folder)
    found = FontChain([], FontChooser()).find("A")
    assert found and isinstance(found[0], OutlineFont)
    found = FontChain([REGULAR], FontChooser()).find("A")
    assert found and not isinstance(found[0], OutlineFont)
    other = folder.parent / "other.ttf"
    shutil.copy(REGULAR, other)
    assert FontChain([str(other)], FontChooser()).find("★") is None
    monkeypatch.setattr("filters.pcl.fontconfig._LIBRARY", "libthere-is-none.so")
    assert FontChain([str(other)], FontChooser()).find("★")


@needs_dejavu
def test_a_script_has_one_face(monkeypatch):
    """Letters of a script come from the face that was chosen for its first one, as long as it has them."""
    asked = []

    class Fonts:
        def match(self, character, language, bold):  # type: ignore[no-untyped-def]
            asked.append((character, language, bold))

    chooser = FontChooser("ja_JP.UTF-8")
    monkeypatch.setattr(chooser, "_fontconfig", Fonts())
    chain = FontChain([], chooser)
    for character in "กขค漢。あ":
        chain.find(character)
    by_script = [question[:2] for question in asked if question[1]]
    assert by_script == [("ก", "th"), ("漢", "ja")]


@needs_dejavu
def test_a_hairline_face_gives_way(monkeypatch):
    """FreeMono, at half the weight of the others, is taken for a script only where there is no other face with it."""
    found = {"monospace": "/fonts/FreeMono.ttf", "sans-serif": SANS}

    class Fonts:
        def match(self, character, language, bold, family="monospace"):  # type: ignore[no-untyped-def]
            return Match(found[family], 0, bold)

    taken = []
    monkeypatch.setattr("filters.pcl.font_files.open_any_font", lambda path, number: taken.append(path))
    for _ in range(2):
        chooser = FontChooser()
        monkeypatch.setattr(chooser, "_fontconfig", Fonts())
        chooser.face_of_script("ש", False)
        found["sans-serif"] = found["monospace"]
    assert taken == [SANS, "/fonts/FreeMono.ttf"]


def test_scripts_and_languages():
    """Punctuation of Chinese is Chinese; kana are Japanese and syllables of Korean Korean, whatever the locale."""
    assert [script_of(c) for c in "a─Ж漢。！กक😀"] == [None, None, None, "cjk", "cjk", "cjk", "th", "hi", "und-zsye"]
    assert east_asian_language("漢字かな", "zh_CN.UTF-8") == "ja"
    assert east_asian_language("漢 한국", "") == "ko"
    assert east_asian_language("漢", "zh_TW.UTF-8") == "zh-tw"
    assert east_asian_language("漢", "ja_JP.UTF-8") == "ja"
    assert east_asian_language("漢", "de_DE.UTF-8") == "zh-cn"


SANS = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"


def shaping_is_there() -> bool:
    """Tell whether HarfBuzz and a font that it can be tried with are installed."""
    try:
        return bool(Shaper(SANS))
    except OSError:
        return False


needs_harfbuzz = pytest.mark.skipif(not shaping_is_there(), reason="libharfbuzz0b or DejaVu Sans is not installed")


@needs_harfbuzz
@pytest.mark.skipif(not shutil.which("hb-shape"), reason="hb-shape (libharfbuzz-bin) is not installed")
@pytest.mark.parametrize("text", ["ກິນເຂົ້າ", "ນ້ຳ", "سلام", "fi AV", "e\u0323\u0301"])
def test_glyphs_and_places_are_those_of_hb_shape(text):
    """Glyphs and places of a text are what HarfBuzz's own program finds."""
    command = ["hb-shape", "--no-glyph-names", "--output-format=json", "--font-size=2048", SANS, text]
    expected = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    found = [(glyph.glyph, glyph.x, glyph.y, glyph.advance) for glyph in Shaper(SANS).shape(text)]
    assert found == [tuple(glyph[name] for name in ("g", "dx", "dy", "ax")) for glyph in expected]


def test_a_font_that_is_not_there():
    """A file that cannot be read raises OSError, and so does a system without HarfBuzz."""
    with pytest.raises(OSError):
        Shaper("/nonexistent/font.ttf")


def letter_or_cluster(glyph: SoftGlyph) -> str:
    """Return a letter of DejaVu Sans Mono, and "#" for everything else."""
    return identify(glyph).replace("\ufffd", "#")


@needs_harfbuzz
def test_clusters_print_as_one_glyph(folder, monkeypatch):
    """Each cluster of a word is one glyph; the word starts at its cell and does not reach beyond its own."""
    shutil.copy(SANS, folder)
    text = "ab ກິນນ້ຳ x ກິນ\n"
    code, output, messages = run_job(text.encode(), "media=Letter")
    (page,) = parse_job(output, letter_or_cluster).pages
    found = [(glyph.text, glyph.x) for glyph in page.glyphs if glyph.text.strip()]
    assert code == 0 and not warnings(messages)
    assert sorted(letter for letter, _ in found) == sorted("abx" + "#" * 5)
    places = [x for letter, x in found if letter == "#"]
    assert places[0] == 3 * 720 and places[0] < places[1] < places[2] < 7 * 720 and places[3] == 10 * 720
    glyphs = [glyph.soft for glyph in page.glyphs if glyph.text == "#" and glyph.soft]
    font = open_font(SANS)
    assert font
    parts = sum(len(decode_outline(font.outline(font.glyph_of(ord(letter))))) for letter in "ກິ")
    assert len(decode_outline(glyphs[0].outline)) == parts
    # Without the library each letter is printed on its own, and none is lost.
    monkeypatch.setattr("filters.pcl.harfbuzz._LIBRARY", "libthere-is-none.so")
    _, output, _ = run_job(text.encode(), "media=Letter")
    (page,) = parse_job(output, letter_or_cluster).pages
    assert len([glyph for glyph in page.glyphs if glyph.text not in "abx "]) == 9


@needs_harfbuzz
@needs_dejavu
def test_marks_stand_where_the_font_wants_them():
    """A letter and its marks are one glyph, the mark clear of a stem; in a line of its own face, as letters are. A mark
    that has no place on its letter is printed over it."""
    text = "b\u0302 x I\u0302\u0301\n"
    for start in ("", "\x1b[1m"):
        code, output, messages = run_job((start + text).encode(), "media=Letter")
        (page,) = parse_job(output, identify).pages
        assert code == 0 and not warnings(messages)
        found = [(glyph.text, glyph.x) for glyph in page.glyphs if glyph.text.strip()]
        assert sorted(found) == sorted([("b", 0), ("x", 1440), ("Î", 2880), ("´", 2880)])
        marked = next(glyph.soft for glyph in page.glyphs if glyph.text == "b")
        assert marked and all(glyph.soft for glyph in page.glyphs if glyph.text.strip())
        contours = decode_outline(marked.outline)
        tops, bottoms = ([edge(point.y for point in contour) for contour in contours] for edge in (max, min))
        assert len(contours) == 3 and bottoms[2] > max(tops[:2])
    code, document, _ = run_pdf_job(text.encode())
    assert code == 0


@pytest.mark.parametrize("program", ["texttopcl", "texttopdf443", "preview"])
def test_a_side_is_looked_at_before_a_face_is_taken(
    program: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Bold and plain, whatever comes first: syllables anywhere on it tell the language of its Chinese characters."""
    asked: list[str] = []

    def match(self: FontChooser, character: str, language: str, bold: bool) -> None:
        asked.append(language)

    monkeypatch.setattr(FontChooser, "_match", match)
    monkeypatch.setattr(FontChooser, "is_there", True)
    monkeypatch.setenv("LANG", "C")
    path = tmp_path / "text"
    path.write_text("\x1b[1m\u6f22\u5b57\x1b[0m \u6f22\n\u3042\u3044\n")
    if program == "preview":
        from filters.preview import preview_pdf

        preview_pdf(parse_arguments(["x", "1", "u", "t", "1", "", str(path)], {}), str(tmp_path / "out.pdf"))
    elif program == "texttopcl":
        run_job(path.read_bytes())
    else:
        run_pdf_job(path.read_bytes())
    assert "ja" in asked and not {language for language in asked if language.startswith(("zh", "ko"))}


def is_mapped(path: Path) -> bool:
    """Tell whether this process holds a file in its memory."""
    return str(path) in Path("/proc/self/maps").read_text()


@needs_dejavu
@pytest.mark.parametrize("library", ["freetype", "harfbuzz"])
def test_fonts_are_given_back(library, tmp_path):
    """A font that no one needs any more is not kept by the library that has read it."""
    path = tmp_path / "font.ttf"
    path.write_bytes(Path(REGULAR).read_bytes())
    try:
        font = OutlineFont(str(path)) if library == "freetype" else Shaper(str(path))
    except (NoTrueType, OSError):
        pytest.skip(f"{library} is not installed")
    assert is_mapped(path)
    del font
    gc.collect()
    assert not is_mapped(path)
