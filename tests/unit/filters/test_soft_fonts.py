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
from filters.layout.page import FILLER, Block, Row, Side, Style
from filters.layout.settings import Settings
from filters.pcl.emitter import Emitter
from filters.pcl.font_files import FOLDERS, FontChain, find_font_files
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


def test_an_alphabet_is_sent_once():
    """The first Cyrillic letter brings the alphabet, so that later pages need no font any more."""
    output, job = emit([[Row("ж")], [Row(RUSSIAN)], [Row(RUSSIAN.upper())]], emitter())
    assert output.count(b")s") == 1 and text_of(job)[2] == [as_drawn(RUSSIAN.upper())]


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


def test_a_side_is_in_one_face():
    """Where a tenth of the lines are in a font of ours, the others are, plain ones too."""
    page: list[Row | bytes] = [b"Anna Nowak", Row("zażółć gęślą jaźń"), *[b"plain text"] * 7, Row("│ name")]
    assert set("".join(faces_of(page))) == {"s"}
    assert "r" in "".join(faces_of([*page, b"plain"]))


def test_a_face_that_lacks_letters_takes_no_line():
    """Where a font of ours lacks a letter that the printer has, the line stays in two faces and no letter is a box."""
    printer = emitter()
    printer._rows._open_glyphs = lambda face: LimitedStore(FontChain([REGULAR]), FontChain([BOLD]), face)
    _, job = emit([[Row("żabc")]], printer)
    assert [bool(glyph.soft) for glyph in job.pages[0].glyphs] == [True, False, False, False]


class LimitedStore(GlyphStore):
    """Glyphs without one of a letter of ASCII."""

    def is_box(self, character: str) -> bool:
        """Tell whether no font has a character."""
        return character == "b" or super().is_box(character)


def test_plain_pages_need_no_fonts():
    """A font is sent before the first page that needs it, not before."""
    output, _ = emit([[b"plain"], [Row("ж")]], emitter())
    assert output.index(b"\f") < output.index(b")s")


def test_runs_are_few():
    """Words with blanks between them are one run; the resident font comes back after it."""
    output, _ = emit([[Row("да выпей чаю ok")]], emitter())
    assert output.count(b"\x1b(900Q") == 1 and output.count(b"\x1b(19U") == 2


def test_more_characters_than_a_font_has_codes():
    """A page with hundreds of different characters gets several fonts, and every one of them shows."""
    characters = [chr(code) for code in (*range(0x100, 0x180), *range(0x2200, 0x2300), *range(0x400, 0x460))]
    rows: list[Row | bytes] = [Row("".join(characters[n : n + 60])) for n in range(0, len(characters), 60)]
    output, job = emit([rows], emitter())
    assert output.count(b")s") > 2
    assert text_of(job) == [[as_drawn(row.text) for row in rows if isinstance(row, Row)]]


def test_neighbours_get_into_one_font():
    """Characters that stand together are sent in one font, so that a line takes few changes of it."""
    store = GlyphStore(FontChain([REGULAR]), FontChain([]), 0)
    there = [character for character in map(chr, range(0x2190, 0x2500)) if not store.is_box(character)]
    signs = "".join(there[place * 37 % len(there)] for place in range(len(there)))
    rows = [Row(signs[start : start + 40]) for start in range(0, len(signs), 40)]
    output, job = emit([[*rows]], emitter())
    fonts = len(re.findall(rb"\x1b\)s\d+W", output))
    assert fonts >= 2
    assert len(re.findall(rb"\x1b\(9\d\dQ", output)) <= len(rows) + fonts
    assert [len(row) for row in text_of(job)[0] if row] == [len(row.text) for row in rows]


def test_fonts_over_the_budget_are_deleted_between_pages():
    """When the budget is used up, fonts not used for longest go, after their page, and come back if needed."""
    pages: list[list[Row | bytes]] = [[Row("Ж")], [Row("Ω")], [Row("┌")], [Row("Ж")], [Row("ΩЖ")]]
    output, job = emit(pages, emitter(most_fonts=2))
    assert text_of(job) == [[as_drawn(page[0].text)] for page in pages]  # type: ignore[union-attr]
    assert len(re.findall(rb"\*c\d+d2F", output)) >= 2


def test_fonts_follow_each_other_within_a_line():
    """A line in several of our fonts goes back to the resident one at its end only, blanks or not."""
    rows: list[Row | bytes] = [Row("  ЖΩ\xa0 Ж ΩΩ a")]
    output, job = emit([[Row("Ж")], [Row("Ω")], rows], emitter())
    assert text_of(job)[2] == [as_drawn("  ЖΩ  Ж ΩΩ a")]
    last = output[: output.rindex(b"\f")].rpartition(b"\f")[2]
    assert (len(re.findall(rb"\x1b\(9\d\dQ", last)), last.count(b"\x1b(19U")) == (5, 1)


def test_fonts_in_use_stay():
    """A font that every page needs is sent once, while others come and go beside it."""
    pages: list[list[Row | bytes]] = [[Row("Ж")], [Row("ЖΩ")], [Row("Ж┌")], [Row("ЖΩ")], [Row("Ж┌")]]
    output, job = emit(pages, emitter(most_fonts=2))
    assert text_of(job)[4] == [as_drawn("Ж┌")]
    assert b"*c0d2F" not in output and output.count(b"*c1d2F") == 3


def test_pages_that_need_a_little_of_every_font():
    """When pages share characters with all fonts in the printer, everything is sent anew within the budget."""
    letters = [chr(code) for code in (*range(0x100, 0x180), *range(0x391, 0x3A2), *range(0x400, 0x460))]
    symbols = [chr(code) for code in range(0x2190, 0x23F0)]
    pages: list[list[Row | bytes]] = [
        [Row("".join((letters + symbols)[n + page :: 13][:70])) for n in range(12)] for page in range(30)
    ]
    output, job = emit(pages, emitter(most_fonts=6))
    assert text_of(job) == [[as_drawn(row.text) for row in page if isinstance(row, Row)] for page in pages]
    loaded = most = 0
    for command in re.finditer(rb"\)s\d+W|\*c\d+d2F", output):
        loaded += 1 if command.group().endswith(b"W") else -1
        most = max(most, loaded)
    assert 3 < most <= 6


def test_more_characters_on_a_side_than_fonts_can_hold(monkeypatch):
    """When a side has more characters than fonts can be told apart, the rest is boxes, and the job prints."""
    monkeypatch.setattr("filters.pcl.glyph_store._SYMBOL_SETS", 3)
    printer = emitter()
    _, job = emit(
        [[Row("".join(chr(code) for code in range(0x100 + 50 * n, 0x150 + 50 * n))) for n in range(12)]], printer
    )
    assert len(job.pages) == 1 and printer.missing


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


def test_bold_glyphs_come_from_the_bold_font():
    """Bold letters beyond cp1252 are those of the bold file, and are no longer bold after that."""
    styles = bytes((Style.BOLD, Style.BOLD, 0, 0))
    _, job = emit([[Row("ЖЯЖя", styles)]], emitter())
    glyphs = job.pages[0].glyphs
    assert [(glyph.text, glyph.bold) for glyph in glyphs] == [("Ж", True), ("Я", True), ("Ж", False), ("я", False)]
    assert glyphs[0].soft and glyphs[2].soft and glyphs[0].soft.outline != glyphs[2].soft.outline


def test_without_a_bold_glyph_the_medium_one_is_struck_twice():
    """A character that only the regular fonts have is printed again 1/300 inch beside itself when it is bold."""
    printer = emitter()
    printer._rows._open_glyphs = lambda face: GlyphStore(FontChain([REGULAR]), FontChain([]), face)
    _, job = emit([[Row("ЖЯ", bytes((Style.BOLD,)) * 2)]], printer)
    places = [glyph.x for glyph in job.pages[0].glyphs]
    assert places == [LEFT, LEFT + CELL, LEFT + 24, LEFT + 24 + CELL]


def test_what_nobody_can_draw_is_a_box():
    """A character without glyph prints as a box in its cell and is counted; the characters beside it print."""
    printer = emitter()
    _, job = emit([[Row("a\u4e2d\0b\U000e0101c")]], printer)
    (page,) = job.pages
    assert [glyph.text for glyph in page.glyphs if glyph.text != " "] == ["a", "\ufffd", "b", "\ufffd", "c"]
    box = next(glyph.soft for glyph in page.glyphs if glyph.soft)
    assert int.from_bytes(box.outline[:2], "big") == 2
    assert printer.missing == {"\u4e2d": 1, "\U000e0101": 1}


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


def test_without_any_font_there_are_boxes():
    """On a system without fonts everything beyond cp1252 is a box, and the job prints."""
    printer = emitter()
    printer._rows._open_glyphs = lambda face: GlyphStore(FontChain([]), FontChain([]), face)
    _, job = emit([[Row("Жa", bytes((Style.BOLD, 0)))]], printer)
    assert [glyph.text for glyph in job.pages[0].glyphs][-1] == "a" and printer.missing == {"Ж": 1}


def test_compatible_characters():
    """A full-width letter without glyph is that letter."""
    printer = emitter()
    _, job = emit([[Row("Ａ\0")]], printer)
    assert job.pages[0].glyphs[0].soft and not printer.missing


def test_marks_stand_on_the_character_before():
    """A combining mark without a letter of its own is printed over the cell before, and takes none."""
    _, job = emit([[Row("xy ñ", b"", ((0, "\u0302"),))]], emitter())
    glyphs = [glyph for glyph in job.pages[0].glyphs if glyph.text != " "]
    assert sorted((glyph.x - LEFT) // CELL for glyph in glyphs) == [0, 0, 1, 3]
    assert sorted(glyph.text for glyph in glyphs) == ["x", "y", "ñ", "ˆ"]  # which is drawn like U+0302


def test_fonts_are_found_best_first(tmp_path):
    """Fixed-pitch families come first, but FreeMono, others by name, other styles not at all; bold is another list."""
    for name in (
        "Zeta-Regular.ttf",
        "DejaVuSansMono.ttf",
        "DejaVuSansMono-Bold.ttf",
        "Alpha-Italic.ttf",
        "a/FreeMono.ttf",
        "DejaVuSans.ttf",
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    regular, bold = find_font_files((str(tmp_path), str(tmp_path / "nowhere")))
    names = [path.rsplit("/", 1)[1] for path in regular]
    assert names == ["DejaVuSansMono.ttf", "DejaVuSans.ttf", "FreeMono.ttf", "Zeta-Regular.ttf"]
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


@pytest.mark.parametrize("room, gone", [(22_000, 1), (30_000, 0)])
def test_fonts_of_wide_characters_do_not_stay(room: int, gone: int) -> None:
    """When the fonts take more than their room, those with wide characters go once their side is printed."""
    printer = emitter()
    store = GlyphStore(FontChain(find_font_files(FOLDERS)[0]), FontChain([]), 4099, most_bytes=room)
    printer._rows._open_glyphs = lambda face: store
    wide = "♈♉♊♋♌♍♎♏♐♑♒♓☔☕♿⚓⚡⚽⛄✋✨❌❓❔❕❗"
    output, job = emit([[Row("Ж" + "".join(c + FILLER for c in wide))], [Row("Ж")], [b"plain"]], printer)
    loaded, deleted = re.findall(rb"\x1b\)s\d+W", output), list(re.finditer(rb"\x1b\*c\d+d2F", output))
    assert (len(loaded), len(deleted)) == (2, gone)
    assert all(output[: at.start()].endswith(b"\r\f") for at in deleted) and len(job.pages) == 3


def test_what_a_page_needs_beyond_the_room_goes_behind_it() -> None:
    """Fonts of narrow characters as well; and there are never more fonts than printers keep."""
    files = find_font_files(FOLDERS)[0]
    store = GlyphStore(FontChain(files), FontChain([]), 4099, most_bytes=30_000)
    store.set_line(1.6)
    store.prepare({0: dict.fromkeys(map(chr, range(0x400, 0x530)))})
    assert sum(font.size for font in store._fonts) > 30_000 and store.end_side().count(b"d2F") >= 1
    assert sum(font.size for font in store._fonts) <= 30_000
    store = GlyphStore(FontChain(files), FontChain(files, bold=True), 4099, most_fonts=8)
    store.set_line(1.6)
    for start in range(0x2190, 0x21F0, 4):
        store.prepare({face: {chr(start + face): None, "\uff01": None} for face in (0, 1)})
        assert len(store._fonts) <= 8


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
