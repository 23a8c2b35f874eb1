"""filters.pcl.run_writer: sides of runs at exact places, octet for octet."""

from __future__ import annotations

from typing import Any

import pytest

from filters.common.dataclass import replace
from filters.common.media import CUSTOM_PAGE, Media, PaperSize, find_size
from filters.common.ppd import PrinterDescription
from filters.layout.runs import BOLD, COURIER, GOTHIC, INVERSE, ITALIC, OVER, UNDERLINE, Font, Placement, Rule, RunSide
from filters.pcl.glyph_store import GlyphStore
from filters.pcl.model import Model
from filters.pcl.run_writer import RunWriter, _Places
from tests.unit.filters.pcl.fake_fonts import FakeChain, readable_loads

pytestmark = pytest.mark.usefixtures(readable_loads.__name__)

#: A place 12/5 inch units a dot: 0, 0 is 150, 100 on the sheet, of which 5000 by 7000 can be addressed.
ON_SHEET = Placement(0, 12480, 16800, 240, 600, 240)
WIDE, OTHER = Font(), Font(96)
SETUP = b"\x1b&l26a0o0l8c0E"
TEXT = b"\x1b9\x1b&s1C\x1b&k0G"
SELECT = b"\x1b(19U\x1b(s0p10h12v0s0b4099T\x1b&k12H"
SELECT_HALF = b"\x1b(19U\x1b(s0p20h7.25v0s0b4102T\x1b&k6H"
SELECT_OTHER = b"\x1b(19U\x1b(s0p15h9.5v0s0b4102T\x1b&k8H"
AT = b"\x1b*p150x100Y"


def media_of(name: str = "A4", **asked: Any) -> Media:
    """Return a medium."""
    size = find_size(name, PrinterDescription())
    assert size
    return replace(Media(size), **asked)


A4 = media_of()


def side_of(*runs: Any, rules: Any = (), transparent: Any = (), **placement: Any) -> RunSide:
    """Return a side."""
    return RunSide(1, ON_SHEET._replace(**placement), list(runs), list(rules), list(transparent))


def body_of(writer: RunWriter, side: RunSide) -> bytes:
    """Return the second of two sides, on which nothing but its marks is said."""
    writer.side(side_of((0, 0, b"x", WIDE, 0)), A4, None)
    return writer.side(side, A4, None).removesuffix(b"\r\f")


LONG = "two-sided-long-edge"
TYPED, CUSTOM = media_of(type_number=0), media_of(size=PaperSize("x", 10004, 20006, CUSTOM_PAGE))


@pytest.mark.parametrize(
    "first, second, said, again, select",
    [
        ({"jog": True}, {"jog": True}, b"l1t26a", b"", b""),
        ({}, {"jog": True}, b"l26a", b"l1T", b""),
        ({"sides": LONG}, {"sides": LONG, "new_sheet": True}, b"l1s26a", b"a1G", b""),
        ({"sides": LONG, "new_sheet": True}, {"sides": None}, b"l1s26a", b"", b""),
        ({"sides": "one-sided"}, {"sides": "one-sided", "new_sheet": True}, b"l0s26a", b"", b""),
        ({"media": media_of(source=4)}, {"media": A4}, b"l26a4h", b"l7H", b""),
        ({"media": media_of(output_bin=2)}, {"media": A4}, b"l2g26a", b"l0G", b""),
        ({"media": media_of(type_name="Bond", type_number=1)}, {"media": TYPED}, b"l26A\x1b&n5WdBond\x1b&l", b"", b""),
        ({"media": TYPED}, {"media": media_of(type_name="Bond", type_number=1)}, b"l26a0m", b"", b""),
        ({"orientation": 3}, {"orientation": 1}, b"l26a", b"l1o0l8c0E" + TEXT, SELECT),
        ({"media": CUSTOM}, {"media": A4}, b"f1000i2001J\x1b&l101A\x1b&l", b"l26a0o0l8c0E" + TEXT, SELECT),
        ({}, {"across": 0.5}, b"l26a", b"", SELECT_HALF),
    ],
)
@pytest.mark.parametrize("simple", [WIDE, None])
def test_setup(
    first: dict[str, Any], second: dict[str, Any], said: bytes, again: bytes, select: bytes, simple: Font | None
) -> None:
    """Each side says what differs from the one before; what sets the grid anew brings its font along."""
    writer = RunWriter("t")
    said += b"%do0l8c0E" % first.get("orientation", 0) + TEXT
    for asked, commands, font in ((first, said, SELECT), (second, again, select)):
        paper: dict[str, Any] = {"media": A4, "sides": None, **asked}
        placement = {name: paper.pop(name) for name in ("orientation", "across") if name in paper}
        written = writer.side(replace(side_of((0, 0, b"x", WIDE, 0), **placement), simple_font=simple), **paper)
        assert written == (commands and b"\x1b&" + commands) + font + AT + b"x\r\f"


@pytest.mark.parametrize(
    "font, model, chosen",
    [
        (Font(96, face=COURIER), Model(), b"15h8v0s0b4099T\x1b&k8H"),
        (Font(288, 480), Model(), b"5h24v0s0b4099T\x1b&k24H"),
        (Font(96.02), Model(), b"15h9.5v0s0b4102T\x1b&k8.0017H"),
        (Font(96.3), Model(), b"14.95h8v0s0b4099T\x1b&k8.025H"),
        (Font(144, face=GOTHIC), Model(), b"10h14.5v0s0b4102T\x1b&k12H"),
        (Font(96), Model(narrow=7), b"15h8v0s0b7T\x1b&k8H"),
        (Font(144, face=COURIER), Model(wide=7), b"10h12v0s0b7T\x1b&k12H"),
        (Font(144, 120), Model(), b"16.67h7.25v0s0b4099T\x1b&k12H"),
    ],
)
def test_fonts(font: Font, model: Model, chosen: bytes) -> None:
    """A font is a face and a pitch whose letters are not too high for their lines, in cells of their own width."""
    writer = RunWriter("t", model=model)
    runs = ((0, 0, b"", OTHER, 0), (0, 0, b"x", font, 0), (0, 0, b"y", font, 0))
    assert writer.side(side_of(*runs), A4, None) == (
        SETUP + TEXT + b"\x1b(19U\x1b(s0p" + chosen + AT + b"x" + AT + b"y\r\f"
    )
    assert writer._select(font) is writer._select(font)


HEAVY, LIGHT = b"\x1b(s3B\x1b&k12H", b"\x1b(s0B\x1b&k12H"
SLANTED, UPRIGHT = b"\x1b(s1S\x1b&k12H", b"\x1b(s0S\x1b&k12H"


@pytest.mark.parametrize(
    "style, before, after",
    [
        (OVER, b"", b""),
        (UNDERLINE, b"\x1b&d0D", b"\x1b&d@"),
        (BOLD | ITALIC | OVER, SLANTED + HEAVY, LIGHT + UPRIGHT),
    ],
)
def test_styles(style: int, before: bytes, after: bytes) -> None:
    """What is not plain stands between its commands; what is printed over other text is none of them."""
    body = body_of(RunWriter("t"), side_of((0, 0, b"ab", WIDE, style), (720, 480, b"c", WIDE, 0)))
    assert body == AT + before + b"ab" + after + b"\x1b*p450x300Yc"


@pytest.mark.parametrize("x, y, corner, width", [(0, 480, b"150x225Y", 120), (-600, -240, b"0x0Y", 120)])
def test_bars(x: float, y: float, corner: bytes, width: int) -> None:
    """White text stands on a bar as high as its line, within what can be addressed."""
    place = b"\x1b*p%dx%dY" % (max(150 + x * 5 // 12, 0), max(100 + y * 5 // 12, 0))
    assert body_of(RunWriter("t"), side_of((x, y, b"ab", WIDE, INVERSE))) == (
        b"\x1b*p" + corner + b"\x1b*c%da100b0P\x1b*v1o1T" % width + place + b"ab\x1b*v0o0T"
    )


@pytest.mark.parametrize(
    "rule, drawn",
    [
        (Rule(0, 0, 0, 0), AT + b"\x1b*c1a1b0P"),
        (Rule(-900, -240, 240, 24), b"\x1b*p0x0Y\x1b*c100a10b0P"),
        (Rule(0, -241, 240, 24), b""),
        (Rule(11640, 16560, 240, 24), b"\x1b*p5000x7000Y\x1b*c100a10b0P"),
        (Rule(0, 16561, 240, 24), b""),
        (Rule(11641, 0, 240, 24), b""),
    ],
)
def test_rules(rule: Rule, drawn: bytes) -> None:
    """Rules are one dot thick at least, and stand where printers can address them, or nowhere."""
    assert body_of(RunWriter("t"), side_of(rules=[rule])) == drawn
    halved = side_of(rules=[Rule(240, 240, 480, 96)], across=0.5, down=0.25)
    assert body_of(RunWriter("t"), halved) == b"\x1b*p200x125Y\x1b*c100a10b0P"


#: What a stretch in a font of ours begins and ends with, in cells of twelve.
AT_1, TO_WIDE, TO_OTHER = b"\x1b*p210x100Y", b"\x1b(900Q\x1b(s4099T\x1b&k8H", b"\x1b(19U\x1b(s4102T\x1b&k8H"
SOFT, SOFT_BOLD, BACK = b"\x1b(900Q\x1b&k12H", b"\x1b(901Q\x1b&k12H", b"\x1b(19U\x1b&k12H"


@pytest.mark.parametrize(
    "text, font, style, loads, written",
    [
        ("a\u2013b\0", WIDE, 0, "", (AT, b"a\x96b ")),
        ("→ a\0", WIDE, 0, "<0:→>", (AT, SOFT, b"! ", BACK, b"\x1b*p270x100Ya ")),
        ("a⇒ → b", WIDE, 0, "<0:→⇒>", (AT, b"a", AT_1, SOFT, b'" ! ', BACK, b"\x1b*p450x100Yb")),
        ("→x", WIDE, BOLD, "<0:→><1b:→>", (AT, SOFT_BOLD, b"!", BACK, AT_1, HEAVY, b"x", LIGHT)),
        ("a⇒", WIDE, BOLD, "<0:⇒>", (AT, HEAVY, b"a", LIGHT, AT_1, SOFT, b"!", AT_1, b"\x1b*p+2X!", BACK)),
        ("→", OTHER, UNDERLINE, "<0:→>", (SELECT_OTHER, AT, TO_WIDE, b"\x1b&d0D!\x1b&d@", TO_OTHER)),
        ("⇔", WIDE, 0, "<0:*>", (AT, SOFT, b"!", BACK)),
    ],
)
def test_characters_of_our_own(text: str, font: Font, style: int, loads: str, written: tuple[bytes, ...]) -> None:
    """What the resident font lacks is sent before the side, and stands between what chooses its font and the other."""
    chain = FakeChain("→⇒")
    writer = RunWriter("t", open_glyphs=lambda typeface: GlyphStore(chain, FakeChain("→"), typeface))
    marks = b"".join(written)
    body = body_of(writer, side_of((0, 0, text, font, style), (0, 0, b"x", font, 0)))
    assert body == loads.encode() + marks + AT + b"x" and writer.missing == {c: 1 for c in text if c == "⇔"}
    assert chain.seen[:1] == ["".join(c for c in dict.fromkeys(text) if c in "→⇒⇔")] * bool(loads)
    # They are there on the next side.
    assert writer.side(side_of((0, 0, text, font, style)), A4, None) == marks.removeprefix(SELECT_OTHER) + b"\r\f"


def test_without_fonts_of_our_own() -> None:
    """What is missing is a question mark, and is counted."""
    writer = RunWriter("t")
    assert body_of(writer, side_of((0, 0, "→a中\0→", WIDE, 0))) == AT + b"?a? ?" and writer.missing == {"→": 2, "中": 1}


@pytest.mark.parametrize("y, place", [(-240, b"\x1b*p150x0Y"), (-241, b""), (16560, b"\x1b*p150x7000Y")])
def test_data_for_the_printer(y: float, place: bytes) -> None:
    """They come behind the marks, at their place if it is on the sheet, and all is set up again behind them."""
    writer = RunWriter("t")
    side = side_of((0, 0, b"x", WIDE, 0), transparent=[(0, y, b"\x1bE\x1b(s5Habc")])
    assert writer.side(side, A4, None) == (
        SETUP + TEXT + SELECT + AT + b"x" + place + b"\x1b(s5Habc\x1b&u600D" + TEXT + b"\r\f"
    )
    assert writer.side(side_of((0, 0, b"y", WIDE, 0)), A4, None) == SELECT + AT + b"y\r\f"


def test_places(monkeypatch: pytest.MonkeyPatch) -> None:
    """A place is made once as long as there are not too many."""
    monkeypatch.setattr("filters.pcl.run_writer._MOST_PLACES", 1)
    places = _Places(ON_SHEET)
    first = places[0, 0]
    assert first == AT and places[0, 0] is first and _Places(ON_SHEET)[-999, -999] == b"\x1b*p0x0Y"
    assert [(places[x, 0], len(places)) for x in (240, 480)] == [(b"\x1b*p250x100Y", 2), (b"\x1b*p350x100Y", 1)]


def test_job() -> None:
    """A job begins and ends as PJL wants it, with a reset at either end."""
    name, enter = b'@PJL JOB NAME = "t"\r\n', b"@PJL SET A = ON\r\n@PJL ENTER LANGUAGE = PCL\r\n\x1bE\x1b&u600D"
    model = Model(pjl=("A = ON",))
    for writer, said in (
        (RunWriter("t", model=model), b""),
        (RunWriter("t", 2, model=model), b"@PJL SET COPIES = 2\r\n"),
        (RunWriter("t", 2, True, model=model), b"@PJL SET QTY = 2\r\n"),
    ):
        assert writer.start_job() == b"\x1b%-12345X" + name + said + enter
    assert b"COPIES =" not in RunWriter("t", 2, sets=True).start_job()
    assert writer.end_job() == b'\x1bE\x1b%-12345X@PJL EOJ NAME = "t"\r\n\x1b%-12345X'
