"""filters.pcl.glyph_store: which glyphs are sent when, and how they stand in their cells, by values."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from filters.layout.page import FILLER
from filters.pcl.glyph_store import GlyphStore, LoadedFont, narrowed
from filters.pcl.harfbuzz import PlacedGlyph
from filters.pcl.soft_font import CODES
from filters.pcl.truetype import Contours, decode_outline
from tests.unit.filters.pcl.fake_fonts import FakeChain, FakeFont, make_store, readable_loads, square

pytestmark = pytest.mark.usefixtures(readable_loads.__name__)


def bounds_of(outline: bytes) -> list[tuple[int, int, int, int]]:
    """Return left, bottom, right and top of each contour."""
    found = []
    for contour in decode_outline(outline) if outline else []:
        xs, ys = [point.x for point in contour], [point.y for point in contour]
        found.append((min(xs), min(ys), max(xs), max(ys)))
    return found


def drawn(store: GlyphStore, name: str, face: int = 0) -> list[tuple[int, int, int, int]]:
    """Return the bounds of what stands for a character or cluster."""
    return bounds_of(store.outline(name, face)[0])


def prepare(store: GlyphStore, plain: Iterable[str], bold: str = "") -> str:
    """Return what is sent for a side."""
    return store.prepare({0: dict.fromkeys(plain), 1: dict.fromkeys(bold)}).decode()


BOX = [(150, 0, 1083, 1493), (270, 120, 963, 1373)]


@pytest.mark.parametrize(
    "character, advance, edges, line, expected",
    [
        ("→", 600, (100, 0, 500, 700), 1.6, (416, 0, 816, 700)),
        ("→", 1000, (-100, 0, 1500, 700), 1.6, (154, 0, 1387, 700)),
        ("\u0302", 0, (-1000, 0, -200, 700), 1.6, (216, 0, 1016, 700)),
        ("漢", 2048, (0, -100, 2048, 1900), 0.8305, (660, -52, 1807, 988)),
        ("漢", 4096, (0, 0, 4096, 1000), 3.0, (0, 0, 2466, 1040)),
        ("漢", 1233, (0, 0, 1233, 1000), 3.0, (543, 0, 1924, 1040)),
    ],
)
def test_cells(
    character: str, advance: int, edges: tuple[int, int, int, int], line: float, expected: tuple[int, int, int, int]
) -> None:
    """A glyph is narrowed to its cell, or in the middle of it; wide ones are larger, but for close lines."""
    for em in (2048, 1024):
        font = FakeFont({character: advance * em // 2048}, {character: square(*[edge * em // 2048 for edge in edges])})
        font.units_per_em = em
        store = GlyphStore(FakeChain(character, font), FakeChain(""), 4099)
        store.set_line(line)
        assert drawn(store, character) == [pytest.approx(expected, abs=0 if em == 2048 else 2)]
        assert isinstance(store.bold, FakeChain) and store.bold.line == store.line == line


def test_what_cannot_be_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """A blank is one; what is too large, or what no font has nor anything like it, is a box."""
    font = FakeFont({"中": 900, "ﬀ": 9}, {"中": square(0, 0, 900, 900), "\u2003": [], "A": square(0, 0, 9, 9)})
    clusters, names = {"中": [PlacedGlyph(ord("中"), 900, 0, 0)]}, ("中", narrowed("中", 100))
    store = GlyphStore(FakeChain("中\u2003A", font, clusters), FakeChain(""), 4099)
    assert drawn(store, "\u2003") == [] and drawn(store, "Ａ") != BOX and not store.is_box("\u2003")
    assert [drawn(store, name) for name in "ﬀ→"] == [BOX, BOX] and store.is_box("ﬀ")
    box = decode_outline(store.outline("→", 0)[0])
    assert [[point.on_curve for point in contour] for contour in box] == [[True] * 4] * 2
    for name, size in [(name, len(store.outline(name, 0)[0])) for name in names]:
        for largest in (size, size - 1):
            monkeypatch.setattr("filters.pcl.glyph_store.LARGEST_OUTLINE", largest)
            again = GlyphStore(FakeChain("中", font, clusters), FakeChain(""), 4099)
            assert again.is_box(name) is (largest < size)


def test_codes() -> None:
    """Characters have the codes of their places, ends of lines and blanks stay what they are, clusters have names."""
    shown = "→⇒\ufffe" + "".join(map(chr, range(0x2200, 0x2200 + 120)))
    codes = {"→": 0x21, "⇒": 0x22, "xक": 0x23}
    font = LoadedFont(7, 1, 9, b"", b"", False, shown, {" ", FILLER, *shown} - {"\ufffe"}, codes, 0x7E, 0)
    text = "→\r\n⇒" + FILLER + shown[CODES.index(0x7E)] + shown[CODES.index(0xA1)] + " "
    assert font.encode(text) == b'!\r\n" ~\xa1 ' and font.bold
    assert [font.code(name) for name in ("→", "xक")] == [0x21, 0x23]
    for unknown in ("\ufffe", "x", "\t", "\x0b", "\x1f", "\x7f"):
        with pytest.raises(UnicodeEncodeError):
            font.encode(unknown)
    font.boxes |= {"⇔", "x⇔"}
    font._table = None
    assert font.encode("→⇔ ⇒" + FILLER) == b'!~ " ' and font.code("⇔") == 0x7E and font.code("⇒") == 0x22
    assert not LoadedFont(0, 2, 9, b"", b"", False, "", set(), {}, 0, 0).bold


def test_faces() -> None:
    """Bold is what a bold font has, italic are letters, figures and punctuation; an italic leans about its middle."""
    font = FakeFont(outlines={"ё": [], **{character: square(0, 0, 1000, 1000) for character in "жя→1漢"}})
    store = GlyphStore(FakeChain("жяё→1漢", font), FakeChain("ж→漢", font), 4099)
    faces = {"ж": "0123", "я": "0022", "→": "0101", "1": "0022", "漢": "0101", "mжx": "0022", "m→": "0000"}
    for name, found in faces.items():
        assert "".join(str(store.key(name, face)[1]) for face in range(4)) == found
    assert [point[:2] for point in decode_outline(store.outline("ж", 2)[0])[0]] == [
        (-106, 0), (106, 1000), (1106, 1000), (894, 0),
    ]  # fmt: skip
    assert store.prepare({3: {"ж": None}}) == b"<0b:*>" and store.place("ж", 3).face == 3
    assert (
        store.outline("я", 3)[1] == 2
        and drawn(store, "ё", 2) == []
        and drawn(store, "⇔", 2) == drawn(store, "⇔", 1) == BOX
    )


ROW, N = "".join(map(chr, range(0x2200, 0x2300))), len(CODES)


@pytest.mark.parametrize(
    "has, sides, loads",
    [
        ("→⇒", ["→", "→⇒", "⇒→", ""], ["<0:→>", "<1:⇒>", "", ""]),
        ("ażя–Жж", ["ż", "aя", "Ж"], ["<0:ża>", "<1:яЖж>", ""]),
        ("→⇔", ["⇔⇒→", "⇒", "⇐"], ["<0:→⇔*>", "", ""]),
        ("→", ["⇒", "→", "⇐"], ["<0:*>", "<1:→>", ""]),
        (ROW, [ROW[N - 1 :: -1]], [f"<0:{ROW[:N]}>"]),
        (ROW, [ROW], [f"<0:{ROW[:N]}><1:{ROW[N:]}>"]),
        (ROW + "ж", [ROW[:N] + "я"], [f"<0:{ROW[:N]}><1:*ж>"]),
    ],
)
def test_loads(has: str, sides: list[str], loads: list[str]) -> None:
    """What is missing is sent once, in fonts of as many as there are codes; the last one is filled with alphabets."""
    store = make_store(has)
    assert [prepare(store, side) for side in sides] == loads
    assert all(store.place(character, 0).code(character) in CODES for side in sides for character in side)
    assert list(store.places("→ ")) == [store._places[0].get("→"), None]


def test_what_is_known_of_loaded_fonts() -> None:
    """Weights and wide characters have fonts of their own; it is known which font has all of a text."""
    font = FakeFont(outlines={"漢": square(0, 0, 9, 9)})
    store = GlyphStore(FakeChain("→⇒漢", font), FakeChain("→"), 4099)
    assert prepare(store, "→漢", "→") == "<0:→><1:*><2b:→>"
    arrow, wide, bold = store._fonts
    assert isinstance(store.regular, FakeChain) and store.regular.seen == ["→漢→"]
    known = [(font.number, font.face, font.size, font.wide, font.used) for font in store._fonts]
    assert known == [(0, 0, 7, False, 1), (1, 0, 5, True, 1), (2, 1, 8, False, 1)]
    assert (arrow.shown, arrow.characters) == ("→", {"→", " ", FILLER}) and arrow.select == b"\x1b(900Q"
    assert store.place("→", 1) is bold and store.place("漢", 1) is wide and store.place("→", 2) is arrow
    assert prepare(store, "⇔⇒") == "<3:⇒*>"
    assert [store.only_font(text) for text in ("→", "→漢", "", "⇔")] == [arrow, None, None, None]
    assert store.use_again(bold) and (bold.used, store._side) == (3, 3)
    store.most_bytes = 16
    assert store.end_side() == b"<-1><-0>" and not store.use_again(arrow) and store._side == 3
    assert prepare(store, "⇒") == "" and [font.used for font in store._fonts] == [3, 4]


def test_choosing_fonts_by_number() -> None:
    """A font takes its weight along into what is chosen next."""
    store = make_store("→", "→", by_number=True)
    prepare(store, "→", "→")
    commands = [(font.select, font.leave) for font in store._fonts]
    assert commands == [(b"\x1b(0X", b"\x1b(19U"), (b"\x1b(1X", b"\x1b(19U\x1b(s0B")]


@pytest.mark.parametrize(
    "more, sides, loads",
    [
        # Those that were not used for longest go first, and no more than need be.
        ({"most_fonts": 2}, ["→", "⇒", "→", "⇐", "⇒"], ["<0:→>", "<1:⇒>", "", "<-1><1:⇐>", "<-0><0:⇒>"]),
        # Then those that the side needs, and what it needs of them is sent anew.
        ({"most_fonts": 2}, ["→", "⇒", "→⇒⇐"], ["<0:→>", "<1:⇒>", "<-0><0:→⇐>"]),
        ({"most_fonts": 1}, ["↯", "→", "↯"], ["<0:*>", "<-0><0:→>", "<-0><0:*>"]),
        ({"most_fonts": 3}, ["→", "⇒", "→⇐", "⇑"], ["<0:→>", "<1:⇒>", "<2:⇐>", "<-1><1:⇑>"]),
        # A font of one takes 7 octets here, and is reckoned as 34 before it is sent.
        ({"most_bytes": 41}, ["→", "⇒", "⇐"], ["<0:→>", "<1:⇒>", "<-0><0:⇐>"]),
        ({"most_bytes": 40}, ["→", "⇒"], ["<0:→>", "<-0><0:⇒>"]),
    ],
)
def test_room(more: dict[str, Any], sides: list[str], loads: list[str]) -> None:
    """Fonts go where others need their room."""
    store = make_store("→⇒⇐⇑", **more)
    assert [prepare(store, side) for side in sides] == loads and store.end_side() == b""


def test_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the fonts that can be told apart there are boxes; boxes and outlines are not remembered for ever."""
    for name, limit in {"_SYMBOL_SETS": 4, "_MOST_BOXES": 2, "_MOST_FOUND": 9}.items():
        monkeypatch.setattr(f"filters.pcl.glyph_store.{name}", limit)
    store = GlyphStore(FakeChain(ROW + "漢", FakeFont(outlines={"漢": square(0, 0, 9, 9)})), FakeChain(""), 0, 1)
    assert prepare(store, "漢") == "<0:*>" and not any(map(store.is_box, ROW[:8]))
    store.look_at("")
    assert len(store._found[0]) == 9 and store._wide == {"漢"} and not store.is_box(ROW[8])
    # All are forgotten, and found again for a side of which one is new.
    assert prepare(store, ROW[0] + "漢") == f"<-0><0:{ROW[0]}><1:*>" and len(store._found[0]) == 2
    assert not any(map(store.is_box, ROW[:9]))
    store.look_at("")
    assert not store._found[0] and not store._wide
    store = make_store(ROW)
    assert prepare(store, ROW + "→") == f"<0:{ROW[:N]}><1:{ROW[N:]}*>"
    assert sum(map(len, store._found.values())) == 258 and store.end_side() == b""
    # In as many fonts as may be, two are kept for wide characters and the box.
    more = "".join(map(chr, range(0x1E00, 0x1E00 + N)))
    store = make_store(more + ROW)
    assert prepare(store, "→⇒") == "<0:*>" and store.end_side() == b"" and store._fonts[0].encode("⇒→") == b"!!"
    assert prepare(store, "⇔") == "" and store._fonts[0].encode("⇔") == b"!" and len(store._found[0]) == 4
    assert store._fonts[0].characters == {*"→⇒⇔ ", FILLER}
    assert store.end_side() == b"" and not store._fonts[0].boxes and store._fonts[0]._table is None
    assert not store._fonts[0].characters - {" ", FILLER} and prepare(store, "⇒") == ""
    assert store._fonts[0].encode("⇒") == b"!" and store._fonts[0].used == 3
    assert prepare(store, more + ROW) == f"<1:{more}>" and store._fonts[0].boxes


def placed(text: str, *places: tuple[int, int, int]) -> list[PlacedGlyph]:
    """Return the glyphs of a cluster with advance, x and y."""
    return [PlacedGlyph(ord(character), *place) for character, place in zip(text, places)]


KA, HALF_KA, A, K = (narrowed(*of) for of in (("क", 100), ("क\u094d", 50), ("a\u0302", 100), ("k\u0302", 100)))


@pytest.mark.parametrize(
    "name, glyphs, expected",
    [
        # Clusters are as their font has them, narrowed.
        (KA, placed("ka", (700, 0, 0), (300, 50, -20)), [(0, 0, 600, 1000), (750, -20, 950, 480)]),
        (HALF_KA, placed("ka", (700, 0, 0), (300, 50, -20)), [(0, 0, 300, 1000), (375, -20, 475, 480)]),
        # A letter with a mark is in the middle of its cell, where its font says how wide it is; no mark is beside it.
        (K, placed("ka", (2466, 0, 9), (0, -600, 0)), [(0, 9, 300, 1009), (933, 0, 1033, 500)]),
        (A, placed("ak", (601, 0, 0), (0, -600, 50)), BOX),
        (A, placed("ak", (600, 0, 0), (0, 17, 0)), BOX),
        (A, placed("ak", (600, 0, 0), (0, 16, 0)), [(316, 0, 516, 500), (932, 0, 1532, 1000)]),
        (A, placed("ak", (600, 0, 0), (0, -1216, 0)), [(316, 0, 516, 500), (-300, 0, 300, 1000)]),
        (K, None, BOX),
    ],
)
def test_clusters(name: str, glyphs: list[PlacedGlyph] | None, expected: list[tuple[int, int, int, int]]) -> None:
    """What is one glyph though it is several characters, and what it is when no font knows it."""
    shapes = {"k": (600, 1000), "a": (200, 500)}
    outlines: dict[str, Contours] = {" ": [], **{character: square(0, 0, *size) for character, size in shapes.items()}}
    font = FakeFont({"a": 600, "k": 2466}, outlines)
    for broken in (False, True):
        chain = FakeChain("ka", font, {name[1:]: glyphs} if glyphs else {})
        store = GlyphStore(chain, FakeChain("", font, {"क": placed("k", (77, 0, 0))}), 4099)
        assert drawn(store, name) == (BOX if broken else expected)
        advance = sum(glyph.advance for glyph in glyphs) if glyphs else None
        assert store.cluster_advance(name[1:]) == advance
        assert store.cluster_advance(name[1:], True) == (77 if name[1:] == "क" else advance)
        assert prepare(store, [name]) == "<0:*>" and store.place(name, 0).code(name) == 0x21
        font.outline = lambda glyph: b"\0\1"  # type: ignore[method-assign, assignment]


@pytest.mark.parametrize(
    "name, expected",
    [
        ("w\u200dx", [(100, -250, 2366, 1650)]),
        ("w\u200dw", [(60, 100, 1210, 1250), (1256, 100, 2406, 1250)]),
        (
            "w\u200dw\u200dw\u200dw\u200dw",
            [(250, 740, 1210, 1650), (1256, 740, 2216, 1650), (250, -250, 1210, 660), (1256, -250, 2216, 660)],
        ),
        ("w\u200dw\u200dw", [(250, 740, 1210, 1650), (1256, 740, 2216, 1650), (250, -250, 1210, 660)]),
        (
            "\U0001f1e6\U0001f1e7",
            [(330, 200, 1160, 1200), (1306, 200, 2136, 1200), (100, -100, 2366, 1500), (200, 0, 2266, 1400)],
        ),
        ("1\u200d\u20e3", [(783, 150, 1683, 1150), (483, -100, 1983, 1400), (583, 0, 1883, 1300)]),
        ("w\u200dy", BOX),
    ],
)
def test_pictures(name: str, expected: list[tuple[int, int, int, int]]) -> None:
    """Joined emoji are one where a font has that, else halves or quarters; flags and keys have frames.

    Broad ones and tall ones are as large as their places allow.
    """
    edges = []
    for size in ((1000, 10), (10, 1000)):
        font = FakeFont(outlines={character: square(7, 7, 7 + size[0], 7 + size[1]) for character in "wAB1"})
        chain = FakeChain(
            "wAB1", font, {"w\u200dx": placed("w", (9, 0, 0)), "w\u200dw": placed("ww", *[(9, 0, 0)] * 2)}
        )
        edges.append(drawn(GlyphStore(chain, FakeChain(""), 4099), narrowed(name, 100)))
    assert [(broad[0], tall[1], broad[2], tall[3]) for broad, tall in zip(*edges)] == expected


@pytest.mark.parametrize(
    "first, last",
    [
        (0x100, 0x17F),
        (0x384, 0x3CE),
        (0x400, 0x45F),
        (0x531, 0x586),
        (0x5D0, 0x5EA),
        (0x10D0, 0x10F0),
        (0x2500, 0x259F),
    ],
)
def test_alphabets(first: int, last: int) -> None:
    """A letter of an alphabet brings all of it along, and none of another; those of Europe bring ASCII as well."""
    here, there = map(chr, (first, last))
    outside = chr(first - 1) + chr(last + 1)
    with_ascii = "!~" if last < 0x530 else ""
    for letter, other in ((here, there), (there, here)):
        assert prepare(make_store(here + there + outside + " !~\x7f"), letter) == f"<0:{letter}{with_ascii}{other}>"
    for letter in outside:
        assert here not in prepare(make_store(here + there + outside), letter)
    assert [prepare(make_store(c + "!"), c) for c in "ÿĀԯԱ"] == ["<0:ÿ>", "<0:Ā!>", "<0:ԯ!>", "<0:Ա>"]
