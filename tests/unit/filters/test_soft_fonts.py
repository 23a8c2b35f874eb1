"""Text beyond cp1252: what glyphs are sent, when, and what they show."""

from __future__ import annotations

import re
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from filters.common.media import choose_media
from filters.common.ppd import PrinterDescription
from filters.layout.geometry import plan_layout
from filters.layout.page import Block, Row, Side, Style
from filters.layout.settings import Settings
from filters.pcl.emitter import Emitter
from filters.pcl.font_files import FontChain, find_font_files
from filters.pcl.glyph_store import GlyphStore
from filters.text_to_pcl import describe_missing
from tests.pcl_parser import PrintedJob, parse_job
from tests.unit.filters.fonts import BOLD, REGULAR, as_drawn, identify, needs_dejavu
from tests.unit.filters.ghostpcl import needs_gpcl6, render
from tests.unit.filters.test_rendering import cell_box
from tests.unit.filters.text_job import run_job

pytestmark = needs_dejavu

LEFT, TOP, CELL, PITCH = 96, 4500, 699, 1200
RUSSIAN = "Съешь ещё этих мягких французских булок, да выпей чаю"


def emitter(most_fonts: int = 32) -> Emitter:
    """Return an emitter that has DejaVu Sans Mono and nothing else."""

    def open_glyphs(typeface: int) -> GlyphStore:
        return GlyphStore(FontChain([REGULAR]), FontChain([BOLD]), typeface, most_fonts)

    return Emitter(
        plan_layout(Settings(), choose_media({}, PrinterDescription()).size), "title", open_glyphs=open_glyphs
    )


def emit(rows: list[list[Row | bytes]], printer: Emitter) -> tuple[bytes, PrintedJob]:
    """Print pages of rows."""
    media = choose_media({}, PrinterDescription())
    frame = printer._layout.frame
    sides = [printer.side(Side(n + 1, (Block(frame, page),))) for n, page in enumerate(rows)]
    output = printer.start_job(media, None) + b"".join(sides) + printer.end_job()
    return output, parse_job(output, identify)


def text_of(job: PrintedJob) -> list[list[str]]:
    """Return the rows of all pages."""
    return [page.text(LEFT, TOP, CELL, PITCH) for page in job.pages]


@pytest.mark.parametrize(
    "text",
    [
        RUSSIAN,
        "Ξεσκεπάζω την ψυχοφθόρα βδελυγμία",
        "Příliš žluťoučký kůň úpěl ďábelské ódy",
        "┌──┬──┐ ║▓▒░█▄▀",
        "Zażółć 123 gęślą (jaźń) Ж",
        "∑∫√∞≠≤ → ← ☺♥",
    ],
)
def test_every_character_shows_its_own_outline(text):
    """What is sent for a character is the outline that fontTools finds for it, in the right cell."""
    _, job = emit([[Row(text)]], emitter())
    assert text_of(job) == [[as_drawn(text)]]


def faces_of(page: list[Row | bytes]) -> list[str]:
    """Return for each line of a page the letters that come from fonts of ours as "s", others as "r"."""
    _, job = emit([page], emitter())
    lines: dict[int, str] = {}
    for glyph in job.pages[0].glyphs:
        if glyph.text.strip():
            lines[glyph.y] = lines.get(glyph.y, "") + ("s" if glyph.soft else "r")
    return list(lines.values())


def test_a_line_is_in_one_face():
    """Letters of other alphabets and scripts, and signs among letters, take their line along; frames do not."""
    plain: list[Row | bytes] = [b"plain text of a page"] * 30
    first = faces_of([Row("zażółć to, 1.2"), *plain, Row("│ name ☺"), Row("Привет, world")])
    assert first[0] == "s" * 12 and first[-1] == "s" * 12
    assert set(first[1:-2]) == {"r" * 16} and first[-2] == "srrrrs"
    other = faces_of([Row("漢 09:30"), *plain, Row("ნავი 12")])
    assert other[0] == "s" * 6 and other[-1] == "s" * 6 and set(other[1:-1]) == {"r" * 16}
    signs = ("½ ⅓", "x² x₂", "№ 1", "₤ € 5", "3 − 1", "co‑op", "/həˈləʊ/", "½ x² € ™ ‰ – • ƒ")
    assert [set(faces_of([Row(text), *plain])[0]) for text in signs] == [{"s"}] * 7 + [{"r"}]
    struck = faces_of([Row("ż 0", b"", ((0, "\xa0"), (2, "/"))), *plain, Row("0", b"", ((0, "/"),))])
    assert struck[0] == "s" * 3 and struck[-1] == "rr"


@given(
    st.lists(
        st.lists(st.text(st.sampled_from(list("abc Жя┌█Ωąč∑☺\u0300")), max_size=30).map(Row), max_size=5), max_size=6
    ),
    st.integers(1, 3),
)
@settings(max_examples=40, deadline=None)
def test_any_pages_within_any_budget(pages, most_fonts):
    """Whatever comes on which page, and however few fonts the printer keeps, every page shows its characters."""
    _, job = emit(pages, emitter(most_fonts=most_fonts))
    for found, page in zip(text_of(job), pages):
        expected = [as_drawn(row.text).rstrip(" ") for row in page]
        while expected and not expected[-1]:
            expected.pop()
        assert found == expected


def test_unknown_characters_are_not_kept():
    """However many characters nobody can draw, only some are remembered and named; all are boxes, and are counted."""
    printer = emitter()
    sides: list[list[Row | bytes]] = [
        [Row("".join(map(chr, range(first, first + 70)))) for first in range(start, start + 1400, 70)]
        for start in (0xF0000, 0xF8000, 0xF0000)
    ]
    _, job = emit(sides, printer)
    assert [len(page.glyphs) for page in job.pages] == [1400] * 3
    assert len(printer.missing) == 1001 and sum(printer.missing.values()) == 4200
    assert printer._rows._glyphs and len(printer._rows._glyphs._places) < 10
    assert describe_missing(printer.missing).endswith("U+F000B (2) and more than 988 others")


@pytest.mark.parametrize("fault", [struct.error, IndexError, ValueError])
@pytest.mark.parametrize("method", ["glyph_of", "advance"])
def test_a_broken_font_does_not_end_the_job(fault, method):
    """A font that turns out to be broken only when a character is looked up makes that character a box."""
    printer, fonts = emitter(), FontChain([REGULAR])
    font, _ = fonts.find("Ж") or (None, 0)

    def broken(_: int) -> int:
        raise fault("broken")

    setattr(font, method, broken)
    printer._rows._open_glyphs = lambda face: GlyphStore(fonts, FontChain([]), face)
    emit([[Row("Жa")]], printer)
    assert printer.missing == {"Ж": 1}


def test_fonts_are_found_best_first(tmp_path):
    """Fixed-pitch families come first, but FreeMono, others by name, other styles not at all; bold is another list."""
    for name in (
        "Zeta-Regular.ttf",
        "DejaVuSansMono.ttf",
        "DejaVuSansMono-Bold.ttf",
        "Alpha-Italic.ttf",
        "a/FreeMono.ttf",
        "a/b/c/d/Yota.ttf",
        "a/b/c/d/e/Deep.ttf",
        "DejaVuSans.ttf",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    regular, bold = find_font_files((str(tmp_path), str(tmp_path / "nowhere")))
    names = [path.rsplit("/", 1)[1] for path in regular]
    assert names == ["DejaVuSansMono.ttf", "DejaVuSans.ttf", "FreeMono.ttf", "Yota.ttf", "Zeta-Regular.ttf"]
    assert [path.rsplit("/", 1)[1] for path in bold] == ["DejaVuSansMono-Bold.ttf"]


@needs_gpcl6
@pytest.mark.parametrize("cpi, lpi", [(10, 6), (12, 7.2), (13.33, 8), (16.67, 10)])
def test_ghostpcl_puts_glyphs_into_their_cells(cpi, lpi):
    """A block of a soft font covers its cell and leaves its neighbours white, at every pitch."""
    _, output, _ = run_job("a█b   █\n\n\x1b[1m█\x1b[mж█\n".encode(), f"cpi={cpi} lpi={lpi}")
    layout = plan_layout(Settings(cpi=cpi, lpi=lpi), choose_media({}, PrinterDescription()).size)
    (image,) = render(output)
    for column, line in [(1, 0), (6, 0), (0, 2), (2, 2)]:
        left, top, right, bottom = cell_box(layout, image, column, line)
        inside = image.ink(left + 1, top + 1, right - 1, bottom - 1)
        assert inside >= 0.85 * (right - left - 2) * (bottom - top - 2)
    left, top, right, bottom = cell_box(layout, image, 5, 0)
    assert image.ink(left, top, right - 1, bottom) == 0


def test_glyphs_stay_as_long_as_there_is_room():
    """What two pages need in turn is sent once, but for printers with little memory, which get it with each page."""
    first, second = ("".join(map(chr, range(start, start + 960))) for start in (0x2100, 0x2500))
    few, many = ((first + "\f" + second + "\f") * pages for pages in (1, 4))
    loaded = [
        len(re.findall(rb"\x1b\)s\d+W", run_job(text.encode(), options)[1]))
        for text, options in ((few, ""), (many, ""), (many, "soft-font-memory=100"), (many, "soft-font-memory=9"))
    ]
    assert loaded[0] == loaded[1] == loaded[3] < loaded[2]


@pytest.mark.parametrize("style", [Style.PLAIN, Style.BOLD, Style.UNDERLINE | Style.BOLD])
def test_fonts_chosen_by_number(style):
    """With soft-fonts=id fonts are chosen by their numbers, and what follows is as it would be without them."""
    text = "\x1b[1m" * bool(style & Style.BOLD) + "\x1b[4m" * bool(style & Style.UNDERLINE) + "a ЖΩ\x1b[m b Ж c\n"
    (_, by_number, _), (_, by_set, _) = run_job(text.encode(), "soft-fonts=id"), run_job(text.encode())
    assert re.search(rb"\x1b\(\d+X", by_number) and not re.search(rb"\x1b\(9\d\dQ", by_number)
    (one,), (other,) = (parse_job(output, identify).pages for output in (by_number, by_set))
    # Blanks have no weight, and the same place in both.
    assert [(glyph.x, glyph.text.strip() and glyph) for glyph in one.glyphs] == [
        (glyph.x, glyph.text.strip() and glyph) for glyph in other.glyphs
    ]


@needs_gpcl6
def test_ghostpcl_finds_fonts_either_way():
    """GhostPCL prints the same whether fonts are chosen by number or by symbol set."""
    text = f"{RUSSIAN}\n\x1b[1m{RUSSIAN}\x1b[m and plain\n".encode()
    (_, by_number, _), (_, by_set, _) = run_job(text, "soft-fonts=id"), run_job(text)
    assert render(by_number) == render(by_set)
