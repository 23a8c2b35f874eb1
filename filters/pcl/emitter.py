"""Sides to PCL 5. Start job, sides, end job: what comes out between is in the printer's own order.

Rules:

- Everything that ends a page or moves the grid (size, source, duplex, orientation) is sent once, before the first mark.
- The first line of every frame is placed absolutely. Lines below it follow by CR and LF where lines are whole units
  apart, so that nothing adds up, and the frame starts at the left margin, which is set to it. All other lines are
  placed absolutely.
- What comes here as ``bytes`` is printable codes of symbol set 19U and goes out as it is; rows are ``row_writer``'s.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Callable, Iterator, Optional

from filters.codepage.symbol_set import CODE_PAGE
from filters.common.media import CUSTOM_PAGE, UNITS_PER_INCH, Media
from filters.common.overlay import Overlays
from filters.layout.geometry import BORDER, RULE, RULE_AT, Box, PageLayout
from filters.layout.page import Block, Frame, Line, Row, Side
from filters.layout.settings import LANDSCAPE, REVERSE_LANDSCAPE, REVERSE_PORTRAIT
from filters.pcl import commands as pcl, pjl
from filters.pcl.model import COURIER, LETTER_GOTHIC, Model
from filters.pcl.row_writer import RESOLUTION, UNIT, RowWriter
from filters.pcl.transparent import safe_commands

if TYPE_CHECKING:  # only needed by texts with other characters
    from filters.pcl.glyph_store import GlyphStore

_STROKE = BORDER // UNIT
_RULE = RULE // UNIT
#: Lines that the printer goes down by line feeds; a place is shorter than more of them.
_MOST_STEPS = 5
_STEPS = [pcl.NEW_LINE * steps for steps in range(_MOST_STEPS + 1)]

#: Height of letters in line pitches, at most: what the lines of a book have, ascenders and descenders, is less.
_TALLEST = 1.2
POINTS_PER_INCH = 72
#: Points of height times characters per inch: a cell of Courier is 0.6 em wide, one of Letter Gothic 0.5.
_POINTS_TIMES_PITCH = {COURIER: 120, LETTER_GOTHIC: 144}

_ORIENTATIONS = {LANDSCAPE: 1, REVERSE_PORTRAIT: 2, REVERSE_LANDSCAPE: 3}


class Emitter:
    """Writes the sides of one job."""

    def __init__(
        self,
        layout: PageLayout,
        title: str,
        copies: int = 1,
        collate: bool = False,
        open_glyphs: Optional[Callable[[int], GlyphStore]] = None,
        model: Model = Model(),
        sets: bool = False,
        watermark: Optional[Row] = None,
        overlays: Overlays = Overlays(),
    ) -> None:
        self._sets = sets
        self._layout = layout
        self._title = title
        self._copies = copies
        self._collate = collate
        self._places: dict[Frame, list[bytes]] = {}
        self._typeface, self._pitch = choose_type(layout, model)
        self._pjl = model.pjl
        self._cell = pcl.HORIZONTAL_MOTION_INDEX(layout.cell_width * 120 / UNITS_PER_INCH)
        self._rows = RowWriter(layout, self._pitch, self._typeface, open_glyphs)
        self._steps: dict[Frame, bool] = {}
        self._overlays = tuple(map(safe_commands, overlays[:2]))
        self._load, background = self._make_watermark(watermark) if watermark and open_glyphs else (b"", b"")
        self._background = {
            back: background + b"".join(map(self._border, layout.borders_on(back))) for back in (False, True)
        }

    @property
    def missing(self) -> dict[str, int]:
        """Characters that have no glyph, with how often they came."""
        return self._rows.missing

    def start_job(self, media: Media, sides: str | None) -> bytes:
        """Return the wrapper's start and the set-up of the printer."""
        return (
            pjl.start_job(self._title, self._copies, self._collate, self._pjl, sets=self._sets)
            + pcl.RESET
            + pcl.UNIT_OF_MEASURE(RESOLUTION)
            + _page_setup(media, sides, self._layout)
            + self._text_setup()
            + self._load
            + b"".join(map(_define_macro, range(1, 3), self._overlays))
        )

    def _text_setup(self) -> bytes:
        return (
            pcl.CLEAR_HORIZONTAL_MARGINS
            + pcl.END_OF_LINE_WRAP(1)
            + pcl.LINE_TERMINATION(0)
            + self._primary_font()
            + self._left_margin()
            + self._cell
        )

    def _make_watermark(self, row: Row) -> tuple[bytes, bytes]:
        """Return what loads a watermark at the start of the job, and what prints it on each side."""
        from filters.pcl.watermark import load_watermark, make_watermark, print_watermark

        glyphs = self._rows.open_glyphs()
        watermark = make_watermark(row, self._layout, glyphs, self._rows.missing)
        printed = print_watermark(watermark, self._layout, UNIT, glyphs.by_number)
        return load_watermark(watermark, self._typeface), printed + self._primary_font() + self._cell

    def _primary_font(self) -> bytes:
        height = round(letter_height(self._typeface, self._pitch) * 4) / 4
        return pcl.primary_font(self._pitch, height, self._typeface)

    def _left_margin(self) -> bytes:
        """Return what sets the margin to the first frame: one column, for which cells have that width."""
        margin = self._layout.frame.x - self._layout.logical_left
        if not margin or not self._is_stepped(self._layout.frame):
            return b""
        return pcl.HORIZONTAL_MOTION_INDEX(margin * 120 / UNITS_PER_INCH) + pcl.LEFT_MARGIN(1)

    def _is_stepped(self, frame: Frame) -> bool:
        """Tell whether a carriage return and line feed go from any line of a frame to the start of the next."""
        stepped = self._steps.get(frame)
        if stepped is None:
            first, last = (self._rows.y(frame, line) for line in (0, frame.lines - 1))
            pitch = self._layout.line_pitch / UNIT
            # The motion index is at most 840 of its units.
            near = 0 <= frame.x - self._layout.logical_left <= 840 * UNITS_PER_INCH // 120
            stepped = near and frame.x == self._layout.frame.x and pitch == int(pitch)
            stepped = stepped and last - first == pitch * (frame.lines - 1)
            self._steps[frame] = stepped
        return stepped

    def end_job(self) -> bytes:
        """Return what ends the job; without it everyone can see that it is not whole."""
        return pcl.RESET + pjl.end_job(self._title)

    def side(self, side: Side, back: bool = False) -> bytes:
        """Return one side with the form feed that prints it."""
        blocks = self._layout.blocks_on_back(side.blocks) if back else side.blocks
        after = b""
        try:
            body = self._plain_blocks(blocks)
        except TypeError:
            # Some line is a Row, not bytes; asking first would cost every plain line as much as printing it.
            body = [self._rows.load_glyphs(blocks), self._behind(side, back), *self._blocks(blocks)]
            after = self._rows.unload_glyphs()
        else:
            body.insert(0, self._behind(side, back))
        return b"".join((*body, pcl.CARRIAGE_RETURN, pcl.FORM_FEED, after))

    def _behind(self, side: Side, back: bool) -> bytes:
        """Return what stands behind the text of a side."""
        macro = 1 if side.number == 1 else 2
        call = pcl.combine(pcl.MACRO_ID(macro), pcl.MACRO_CONTROL(3)) if self._overlays[macro - 1] else b""
        return call + self._background[back]

    def _plain_blocks(self, blocks: tuple[Block, ...]) -> list[bytes]:
        """Return lines that are all plain; raise TypeError if one is not."""
        out: list[bytes] = []
        for frame, lines in blocks:
            if self._is_stepped(frame):
                out += self._stepped(frame, lines)
            else:
                out += [place + line for place, line in zip(self._line_places(frame), lines) if line]  # type: ignore
        return out

    def _stepped(self, frame: Frame, lines: list[Line]) -> tuple[bytes, ...]:
        """Return plain lines, all but the first that is not blank without a place; raise TypeError if one is not."""
        text = pcl.NEW_LINE.join(lines)  # type: ignore[arg-type]
        marks = text.lstrip(pcl.NEW_LINE)
        if not marks:
            return ()
        first = (len(text) - len(marks)) // len(pcl.NEW_LINE)
        return self._line_places(frame)[first], marks.rstrip(pcl.NEW_LINE)

    def _blocks(self, blocks: tuple[Block, ...]) -> Iterator[bytes]:
        for frame, lines in blocks:
            if frame.rule:
                yield self._rule(frame)
            if self._is_stepped(frame):
                yield from self._stepped_rows(frame, lines)
                continue
            for number, (place, line) in enumerate(zip(self._line_places(frame), lines)):
                if not isinstance(line, bytes):
                    yield from self._rows.write(frame, number, line)
                elif line and self._rows.is_in_one_face:
                    yield from self._rows.write(frame, number, Row(line.decode(CODE_PAGE)))
                elif line:
                    yield place + line

    def _stepped_rows(self, frame: Frame, lines: list[Line]) -> Iterator[bytes]:
        """Give lines of all kinds, those with a place only where that is shorter or needed."""
        places, rows = self._line_places(frame), self._rows
        side = rows.flow_side(lines)
        if side:
            first, text = side
            yield places[first]
            yield text
            return
        in_one_face = rows.is_in_one_face
        steps = _MOST_STEPS + 1
        for number, (place, line) in enumerate(zip(places, lines)):
            if isinstance(line, bytes) and (not line or not in_one_face):
                flowing: Optional[bytes] = line
            else:
                row = Row(line.decode(CODE_PAGE)) if isinstance(line, bytes) else line
                flowing = rows.flow(row)
                if flowing is None:
                    placed = b"".join(rows.write(frame, number, row))
                    yield placed
                    steps = 1 if placed else steps + 1
                    continue
            if flowing:
                yield _STEPS[steps] if steps <= _MOST_STEPS else place
                yield flowing
            steps = 1 if flowing else steps + 1

    def _border(self, box: Box) -> bytes:
        """Return the four strokes of a border."""
        left, top = round((box.x - self._layout.logical_left) / UNIT), round(box.y / UNIT)
        width, height = round(box.width / UNIT), round(box.height / UNIT)
        strokes = (
            (left, top, width, _STROKE),
            (left, top + height, width + _STROKE, _STROKE),
            (left, top, _STROKE, height),
            (left + width, top, _STROKE, height),
        )
        return b"".join(_fill(*stroke) for stroke in strokes)

    def _rule(self, frame: Frame) -> bytes:
        """Return the rule under a header."""
        x = round((frame.x - self._layout.logical_left) / UNIT)
        y = round((frame.y + RULE_AT * self._layout.line_pitch) / UNIT)
        width = round(frame.columns * self._layout.cell_width / UNIT)
        return _fill(x, y, width, _RULE)

    def _line_places(self, frame: Frame) -> list[bytes]:
        """Return the commands that go to the start of each line of a frame."""
        places = self._places.get(frame)
        if places is None:
            rows = self._rows
            places = [pcl.position(rows.x(frame, 0), rows.y(frame, line)) for line in range(frame.lines)]
            self._places[frame] = places
        return places


def _fill(x: int, y: int, width: int, height: int) -> bytes:
    """Return a black rectangle."""
    return pcl.position(x, y) + pcl.combine(
        pcl.RECTANGLE_WIDTH(width), pcl.RECTANGLE_HEIGHT(height), pcl.FILL_RECTANGLE(0)
    )


def _define_macro(number: int, data: bytes) -> bytes:
    """Return what keeps commands in the printer until the end of the job."""
    if not data:
        return b""
    start = pcl.combine(pcl.MACRO_ID(number), pcl.MACRO_CONTROL(0))
    # Its commands count in units that a printer has after a reset, and its text wants no margins of ours.
    return start + pcl.UNIT_OF_MEASURE(300) + pcl.CLEAR_HORIZONTAL_MARGINS + data + pcl.MACRO_CONTROL(1)


def choose_type(layout: PageLayout, model: Model) -> tuple[int, float]:
    """Return the typeface of a job and its pitch: that of the cells, or a higher one for letters that fit their lines.

    The height of letters follows from their pitch. Where lines are closer, the wider face has the lower letters; if
    those are too high as well, smaller ones stand in the same cells.
    """
    pitch = round(UNITS_PER_INCH / layout.cell_width, 2)
    tallest = _TALLEST * layout.line_pitch * POINTS_PER_INCH / UNITS_PER_INCH
    typeface = model.typeface(pitch)
    if letter_height(typeface, pitch) > tallest:
        typeface = model.wide
    if letter_height(typeface, pitch) > tallest:
        pitch = math.ceil(letter_height(typeface, 1) / tallest * 100) / 100
    return typeface, pitch


def letter_height(typeface: int, pitch: float) -> float:
    """Return the height in points of letters of a face, so many to the inch."""
    return _POINTS_TIMES_PITCH.get(typeface, 120) / pitch


def _page_setup(media: Media, sides: str | None, layout: PageLayout) -> bytes:
    """Return the commands that choose sheet and orientation, in the order in which they reset each other."""
    size = media.size
    custom = b""
    if size.code == CUSTOM_PAGE:
        custom = pcl.combine(
            pcl.CUSTOM_WIDTH(round(size.width / 10)),
            pcl.CUSTOM_LENGTH(round(size.length / 10)),
        )
    named_type = pcl.name_media_type(media.type_name) if media.type_name else b""
    return (
        custom
        + pcl.combine(
            *(pcl.SIMPLEX_DUPLEX(pcl.SIDES[sides]) for sides in [sides] if sides),
            *(pcl.OUTPUT_BIN(number) for number in [media.output_bin] if number is not None),
            pcl.PAGE_SIZE(size.code),
            *(pcl.PAPER_SOURCE(number) for number in [media.source] if number is not None),
            *(pcl.MEDIA_TYPE(number) for number in [media.type_number] if number is not None and not named_type),
        )
        + named_type
        + pcl.combine(
            pcl.ORIENTATION(_ORIENTATIONS.get(layout.orientation, 0)),
            pcl.PERFORATION_SKIP(0),
            pcl.VERTICAL_MOTION_INDEX(layout.line_pitch * 48 / UNITS_PER_INCH),
            pcl.TOP_MARGIN(0),
        )
    )
