"""filters.pcl.row_writer: rows with styles and characters of our own, octet for octet."""

from __future__ import annotations

import re

import pytest

from filters.common.dataclass import replace
from filters.layout.geometry import PageFrames
from filters.layout.page import Block, Frame, Line, Row
from filters.pcl.glyph_store import GlyphStore
from filters.pcl.harfbuzz import PlacedGlyph
from filters.pcl.row_writer import RowWriter
from tests.unit.filters.pcl.fake_fonts import FakeChain, FakeFont, readable_loads, square
from tests.unit.filters.pcl.test_emitter import layout_of

pytestmark = pytest.mark.usefixtures(readable_loads.__name__)

#: Its first baseline is at 100, 375 in units of 1/600 inch; lines are 100 of them apart.
FRAME = Frame(2400, 3600, 80, 60)
#: Lines in the resident font, so many that no side is in one face for the sake of one other.
PLAIN: list[Line] = [b"x"] * 10
#: Cells of 60 units, which is exact, and a little wider ones.
EXACT, WIDER = 720, 726


def writer_of(cell: int = EXACT, pitch: float = 10, most: int = 64) -> RowWriter:
    """Return a writer with fonts that have arrows, of which one is bold, and some others; and two clusters."""
    pages = (PageFrames((FRAME,)),)
    layout = replace(layout_of(), cell_width=cell, line_pitch=1200, logical_left=1200, pages=pages, length=84000)
    font = FakeFont(outlines={"漢": square(0, 0, 2048, 2048), "क": square(0, 0, 1000, 1000)})
    clusters = {text: [PlacedGlyph(ord("क"), 617 * len(text), 0, 0)] for text in ("क", "का")}
    chain = FakeChain("→⇒漢abЖ’", font, clusters)
    return RowWriter(layout, pitch, 4099, lambda face: GlyphStore(chain, FakeChain("→"), face, most_fonts=most))


def commands(text: str, cell: int, flowing: bool = False) -> bytes:
    """Return a text with the commands for "@0 ", which goes to column 0, and for names in brackets; "^" is ESC.

    Where it is flowing, exact cells bring the printer there, and "_" is a blank that it needs for that.
    """

    def place(found: re.Match[str]) -> str:
        x = places[int(found[2])]
        if found[1] == "bar":
            return f"^*p-75Y^*c{places[int(found[2]) + 1] - x}a100b0P^*p{x}x475Y"
        return f"^*p{x}x475Y" if not flowing else "" if cell == EXACT else f"^*p{x}X"

    places = [round(100 + column * cell / 12) for column in range(9)]
    index = f"^&k{cell / 60:g}H"
    same = index if cell == WIDER else ""
    names = {"s": f"^(900Q{same}", "t": f"^(901Q{same}", "r": f"^(19U{same}", "w": "^*v1o1T", "/w": "^*v0o0T"}
    names |= {"b": f"^(s3B{index}", "/b": f"^(s0B{index}", "i": f"^(s1S{index}", "/i": f"^(s0S{index}"}
    names |= {"u": "^&d0D", "/u": "^&d@", "g": "^*c85G^*v2T", "/g": "^*v0T"}
    placed = re.sub(r"[@<](bar)?(\d+)[ >]", place, text).replace("_", " " * (cell == EXACT))
    return re.sub("<(/?[a-z])>", lambda found: names[found[1]], placed).replace("^", "\x1b").encode("cp1252")


@pytest.mark.parametrize("cell", [EXACT, WIDER])
@pytest.mark.parametrize(
    "text, styles, load, written, flowing",
    [
        ("a b", b"\0\1\1", "", "@0 a@1 <b> b</b>", "@0 a@1 <b> b</b>"),
        ("a  b", b"\0\2\2\0", "", "@0 a@1 <u>  </u>@3 b", "@0 a@1 <u>  </u>@3 b"),
        ("a b", b"\1\0\x0b", "", "@0 <b>a</b>@2 <i><b><u>b</u></b></i>", "@0 <b>a</b>_@2 <i><b><u>b</u></b></i>"),
        ("ab", b"\x10\x11", "", "@0 <g>a</g>@1 <g><b>b</b></g>", "@0 <g>a</g>@1 <g><b>b</b></g>"),
        ("abc", b"\0\4\x14", "", "@0 a@1 <bar1><w>b</w>@2 <bar2><w>c</w>", None),
        ("é ", b"\1\6", "", "@0 <b>é</b>@1 <bar1><w><u> </u></w>", None),
        ("→a ⇒ →", b"", "<0:→⇒>", '@0 <s>!<r>@1 a @3 <s>" !<r>', '@0 <s>!<r>@1 a @3 <s>" !<r>'),
        ("→⇒", b"\3\3", "<0:→⇒><1b:→>", '@0 <u><t>!<r></u>@1 <u><s>"^*p162X"<r></u>', None),
        ("→b", b"\x0c\1", "<0:→><1b:→>", "@0 <bar0><w><s>!<r></w>@1 <b>b</b>", None),
        ("→", b"\x18", "<0:→>", "@0 <g><s>!<r></g>", None),
        ("漢\0→", b"\0\2\2", "<0:→><1:*>", "@0 <t>!<r>@1 <u> </u>@2 <u><s>!<r></u>", None),
        ("  Жa", b"", "<0:aЖb>", '@2 <s>"!<r>', '__@2 <s>"!<r>'),
        ("Жa→ 漢\0", b"", "<0:aЖ→b><1:*>", '@0 <s>"!# <r>@4 <t>! <r>', '@0 <s>"!# @4 <t>! <r>'),
        ("⇔⇔", b"", "<0:*>", "@0 <s>!!<r>", "@0 <s>!!<r>"),
        ("a\xa0Ж", b"", "<0:aЖb>", '@0 <s>!<r>@1 \xa0@2 <s>"<r>', '@0 <s>! "<r>'),
    ],
)
def test_rows(cell: int, text: str, styles: bytes, load: str, written: str, flowing: str | None) -> None:
    """A row is written run by run, each at its place, or along its line where no run needs a whole place."""
    writer, row = writer_of(cell), Row(text, styles)
    assert writer.load_glyphs((Block(FRAME, [row, *PLAIN]),)) == load.encode()
    assert b"".join(writer.write(FRAME, 1, row)) == commands(written, cell)
    assert writer.missing == {"⇔": text.count("⇔")} if "⇔" in text else not writer.missing
    assert writer.flow(row) == (None if flowing is None else commands(flowing, cell, True))


@pytest.mark.parametrize(
    "row, load, written",
    [
        (Row("ab", b"", ((0, "\u200c"), (1, "/"))), "", "@0 ab@1 /"),
        (Row("ab", b"\1\0", ((1, "→"),)), "<0:→>", "@0 <b>a</b>@1 b@1 <s>!<r>"),
        (Row("Жa", b"", ((0, "a"), (1, "\xa0"))), "<0:aЖb>", '@0 <s>"!<r>@0 <s>!<r>@1 \xa0'),
        (
            Row("aक→", b"\0\5\0"),
            "<0:a→*><1b:→>",
            '@0 <s>!<r>@1 <bar1><w><b> </b></w>@2 <s>"<r>@1 <w><s>#^*p162X#<r></w>',
        ),
        (Row("→क.", b"\2\2\2"), "<0:→*>", '@0 <u><s>!<r></u>@1 <u> .</u>@1 <s>"<r>'),
    ],
)
def test_rows_with_more_than_letters(row: Row, load: str, written: str) -> None:
    """What is printed over a cell, and clusters, which leave lines and bars to their blanks, have places."""
    writer = writer_of()
    assert writer.load_glyphs((Block(FRAME, [row, *PLAIN]),)) == load.encode()
    assert b"".join(writer.write(FRAME, 1, row)) == commands(written, EXACT) and writer.flow(row) is None
    assert writer.flow(Row("y")) == b"y"


def test_sides() -> None:
    """A side that takes one font of ours and no other goes out as one text; others line by line, with what they need.

    Each is told by its lines, what is loaded, and the text with the number of its first line.
    """
    zhe = Row("Ж")
    sides: list[tuple[list[Line], str, tuple[int, str] | None, str | None]] = [
        ([Row("Ж →"), b"ab"], "<0:abЖ→>", (0, '<s># $\r\n!"<r>'), "Ж→"),
        ([b"", Row("Жb"), b"", b"a", b""], "", (1, '<s>#"\r\n\r\n!<r>'), None),
        ([zhe, *[b"a"] * 10], "", None, "Ж"),
        ([Row("⇒")], "<1:⇒>", None, "⇒"),
        ([zhe], "", (0, "<s>#<r>"), "Ж"),
        ([Row("a", b"\1")], "", None, None),
        ([zhe], "", (0, "<s>#<r>"), "Ж"),
        ([zhe, Row("→", b"\1")], "<2b:→>", None, "Ж→"),
        ([zhe], "", (0, "<s>#<r>"), None),
        ([Row("Ж", b"", ((0, "⇐"),))], "<3:*>", None, "Ж"),
        ([zhe], "", (0, "<s>#<r>"), "Ж"),
        ([zhe, Row("x")], "", None, "Ж"),
        ([zhe], "", (0, "<s>#<r>"), "Ж"),
        ([Row("Жक")], "<4:*>", None, "Жक"),
        ([zhe], "", (0, "<s>#<r>"), "Ж"),
        ([Row("Ж⇔")], "", None, "Ж⇔"),
    ]
    writer, faces = writer_of(), ""
    seen: list[str] = writer.open_glyphs().regular.seen  # type: ignore[attr-defined]
    for lines, load, text, looked_at in sides:
        seen.clear()
        assert writer.load_glyphs((Block(FRAME, lines),)) == load.encode(), lines
        assert writer.flow_side(lines) == (text and (text[0], commands(text[1], EXACT))), lines
        assert seen[:1] == ([looked_at] if looked_at else []), lines
        faces += "01"[writer.is_in_one_face]
    assert faces == "1100101111101111"
    writer, indented = writer_of(WIDER), [Row(" Ж")]
    assert writer.load_glyphs((Block(FRAME, [*indented]),)) and writer.flow_side([*indented]) is None
    assert writer.flow_side([Row("Ж a")]) == (0, commands('<s>! "<r>', WIDER))
    assert writer.flow_side([Row("Ж\u3000a")]) is None


def test_fonts_that_are_gone() -> None:
    """A font that had to go is sent again with the next side that needs it, one at its end where there is no room."""
    writer = writer_of(most=1)
    loads = [writer.load_glyphs((Block(FRAME, [Row(text)]),)).decode() for text in "ЖЖ→Ж"]
    assert loads == ["<0:Жab>", "", "<-0><0:→>", "<-0><0:Жab>"] and writer.unload_glyphs() == b""
    assert writer._glyphs and writer._glyphs.line == 1200 * 10 / 7200
    writer._glyphs.most_bytes = 1
    assert writer.unload_glyphs() == b"<-0>" and writer.load_glyphs((Block(FRAME, [Row("Ж")]),)) == "<0:Жab>".encode()


def test_without_fonts_of_our_own() -> None:
    """What is missing is a question mark, and is counted."""
    writer, row = RowWriter(layout_of(), 10, 4099), Row("a→中\0क")
    assert writer.load_glyphs((Block(FRAME, [row]),)) == writer.unload_glyphs() == b""
    assert writer._flow_plain(row).endswith(b"a?? ?") and writer.missing == {"→": 1, "中": 1, "क": 1}


def test_clusters_that_have_no_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are boxes, and counted by their letters, as the punctuation among them is."""
    monkeypatch.setattr("filters.pcl.glyph_store._SYMBOL_SETS", 2)
    writer, row = writer_of(), Row("का’", b"")
    writer.load_glyphs((Block(FRAME, [row]),))
    assert b"".join(writer.write(FRAME, 0, row)).count(b"!") == 2 and writer.missing == {"क": 1, "’": 1}


def test_places(monkeypatch: pytest.MonkeyPatch) -> None:
    """No baseline is below the last dot of a sheet, orders of styles are remembered, but not any number of them."""
    writer = writer_of(EXACT)
    assert [writer.y(FRAME, line) for line in (0, 65, 66, 67)] == [375, 6875, 6975, 7000]
    writer._layout = replace(writer._layout, length=84023)
    assert writer.y(FRAME, 67) == 7000 and writer.x(FRAME, 2) == 220
    # A pitch that is not that of the cells does not say how wide they are.
    assert writer_of(EXACT, 12)._same_cell == b"\x1b&k12H"
    monkeypatch.setattr("filters.pcl.row_writer._MOST_PATTERNS", 2)
    kept = [writer.flow(Row("a", bytes((style,)))) and len(writer._patterns) for style in (1, 2, 2, 3)]
    assert kept == [1, 2, 2, 1] and writer._find_pattern(b"\3") is writer._patterns[b"\3"] is not None
