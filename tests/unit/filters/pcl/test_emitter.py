"""filters.pcl.emitter: the commands around the lines of a job, by values."""

from __future__ import annotations

from typing import Any

import pytest

from filters.common.dataclass import replace
from filters.common.media import CUSTOM_PAGE, Media, PaperSize, find_size
from filters.common.overlay import Overlays
from filters.common.ppd import PrinterDescription
from filters.layout.geometry import BORDER, RULE, RULE_AT, PageLayout, plan_layout
from filters.layout.page import Block, Frame, Side
from filters.layout.settings import Settings
from filters.pcl.emitter import Emitter, choose_type, letter_height
from filters.pcl.model import Model


def layout_of(name: str = "A4", **settings: Any) -> PageLayout:
    """Return the layout of a sheet."""
    size = find_size(name, PrinterDescription())
    assert size
    return plan_layout(Settings(**settings), size)


@pytest.mark.parametrize(
    "overlays, bodies, calls",
    [
        (Overlays(b"<1>", b"<2>"), (b"<1>", b"<2>"), (b"\x1b&f1y3X", b"\x1b&f2y3X", b"\x1b&f2y3X")),
        (Overlays(b"<1>", b""), (b"<1>", b""), (b"\x1b&f1y3X", b"", b"")),
        (Overlays(b"", b"<2>"), (b"", b"<2>"), (b"", b"\x1b&f2y3X", b"\x1b&f2y3X")),
        (Overlays(), (b"", b""), (b"", b"", b"")),
    ],
)
def test_overlays(overlays: Overlays, bodies: tuple[bytes, ...], calls: tuple[bytes, ...]) -> None:
    """Each is kept under its number, and called by the first side or all others before anything else."""
    emitter = Emitter(layout_of(), "t", overlays=overlays)
    begun = emitter.start_job(Media(emitter._layout.paper), None)
    for number, body in enumerate(bodies, 1):
        assert (b"\x1b&f%dy0X\x1b&u300D\x1b9%s\x1b&f1X" % (number, body) in begun) is bool(body)
    frame = emitter._layout.frame
    for number, call in enumerate(calls, 1):
        side = emitter.side(Side(number, (Block(frame, [b"a"]),)))
        assert side.startswith(call) and side.count(b"\x1b&f") == bool(call) and side.endswith(b"a\r\f")


@pytest.mark.parametrize(
    "media, sides, commands",
    [
        ({}, None, b"\x1b&l26A\x1b&l0o0l8c0E"),
        ({"source": 0, "type_number": 0, "output_bin": 0}, "one-sided", b"\x1b&l0s0g26a0h0M\x1b&l0o0l8c0E"),
        ({"source": 4, "type_number": 1, "output_bin": 2}, "two-sided-long-edge", b"\x1b&l1s2g26a4h1M\x1b&l0o0l8c0E"),
        ({"type_name": "Bond", "type_number": 1}, "two-sided-short-edge", b"\x1b&l2s26A\x1b&n5WdBond\x1b&l0o0l8c0E"),
        ({"size": PaperSize("x", 10004, 20006, CUSTOM_PAGE)}, None, b"\x1b&f1000i2001J\x1b&l101A\x1b&l0o0l8c0E"),
    ],
)
def test_page_setup(media: dict[str, Any], sides: str | None, commands: bytes) -> None:
    """What the job asks for and no more, by its number or its name, a custom size by its measures in decipoints."""
    emitter = Emitter(layout_of(), "t")
    asked: dict[str, Any] = {"size": emitter._layout.paper, **media}
    begun = emitter.start_job(Media(**asked), sides)
    assert begun.partition(b"\x1b&u600D")[2].startswith(commands)


@pytest.mark.parametrize("orientation, number", [(3, 0), (4, 1), (5, 3), (6, 2)])
def test_orientations(orientation: int, number: int) -> None:
    """IPP's numbers and those of PCL, which turns in the order of the hands of a clock."""
    emitter = Emitter(layout_of(orientation=orientation), "t")
    assert b"26A\x1b&l%do0l8c0E" % number in emitter.start_job(Media(emitter._layout.paper), None)


@pytest.mark.parametrize(
    "cpi, lpi, model, chosen",
    [
        (10, 6, Model(), (4099, 10)),
        (15, 6, Model(), (4102, 15)),
        (15, 6, Model(narrow=4099), (4099, 15)),
        (10, 7.2, Model(), (4099, 10)),  # 12 points are as much as a line of 10 may have
        (10, 8, Model(), (4099, 11.12)),
        (15, 9.5, Model(), (4099, 15)),
        (15, 20, Model(), (4099, 27.78)),
    ],
)
def test_types(cpi: float, lpi: float, model: Model, chosen: tuple[int, float]) -> None:
    """Letters fit their lines: by the wider face, or by smaller ones in the same cells."""
    assert choose_type(layout_of(cpi=cpi, lpi=lpi), model) == chosen
    assert (letter_height(4099, 10), letter_height(4102, 10), letter_height(1, 12)) == (12, 14.4, 10)


@pytest.mark.parametrize("units, is_stepped", [(-1, False), (0, True), (50400, True), (50401, False)])
def test_motion_index(units: int, is_stepped: bool) -> None:
    """The left margin is one column of that width: at most 840/120 inch, which a printer can say."""
    layout = layout_of()
    frame = layout.frame._replace(x=layout.logical_left + units)
    layout = replace(layout, pages=(layout.pages[0]._replace(columns=(frame,)),))
    assert Emitter(layout, "t")._is_stepped(frame) is is_stepped
    emitter = Emitter(layout, "t")
    assert not emitter._is_stepped(frame._replace(x=frame.x + 1))
    assert emitter._line_places(frame) is emitter._line_places(frame)


def test_borders_and_rules() -> None:
    """Four strokes around a page, and one under a header, in units of 1/600 inch."""
    layout = layout_of(page_border=True, header="x", rule=True)
    emitter = Emitter(layout, "t")
    (box,) = layout.borders_on(False)
    left, top, width, height = (round(side / 12) for side in (box.x - layout.logical_left, *box[1:]))
    thick = BORDER // 12
    strokes = [
        (left, top, width, thick),
        (left, top + height, width + thick, thick),
        (left, top, thick, height),
        (left + width, top, thick, height),
    ]
    written = b"".join(b"\x1b*p%dx%dY\x1b*c%da%db0P" % stroke for stroke in strokes)
    assert emitter.side(Side(1, ())) == written + b"\r\f"
    frame = Frame(layout.logical_left + 1200, 2400, 10, 1, True)
    y = round((2400 + RULE_AT * layout.line_pitch) / 12)
    width = round(10 * layout.cell_width / 12)
    assert emitter._rule(frame) == b"\x1b*p100x%dY\x1b*c%da%db0P" % (y, width, RULE // 12)
