"""Sides to PCL 5. Start job, sides, end job: what comes out between is in the printer's own order.

Rules:

- Everything that ends a page or moves the grid (size, source, duplex, orientation) is sent once, before the first mark.
- Every line of every frame is placed absolutely, and within it every run of another style: nothing adds up, and
  nothing depends on what a printer does at the end of a line. Blank lines are not sent.
- A font command makes the printer forget the width of a cell, so that is sent again after it.
- Text is printable codes of symbol set 19U and nothing else; what comes here as ``bytes`` is that already.
- After a run of another style everything is as before, so that plain lines need no looking after.
"""

from __future__ import annotations

import re
from typing import Iterator

from filters.layout.geometry import Box, PageLayout
from filters.layout.page import FILLER, Frame, Line, Row, Side, Style
from filters.layout.settings import LANDSCAPE, REVERSE_LANDSCAPE, REVERSE_PORTRAIT
from filters.pcl import commands as pcl
from filters.pcl import pjl
from filters.pcl.media import CUSTOM_PAGE, UNITS_PER_INCH, Media
from filters.pcl.symbol_set import CODE_PAGE, MISSING

#: PCL units (ESC & u D) per inch; what old and new printers with that command all know.
RESOLUTION = 600
_UNIT = UNITS_PER_INCH // RESOLUTION
#: Width of the strokes of a border: 1/100 inch.
_STROKE = 6

COURIER, LETTER_GOTHIC = 4099, 4102
#: From this pitch on the taller letters of Letter Gothic read better.
LETTER_GOTHIC_FROM = 15
#: Points of height times characters per inch: a cell of Courier is 0.6 em wide, one of Letter Gothic 0.5.
_POINTS_TIMES_PITCH = {COURIER: 120, LETTER_GOTHIC: 144}

_ORIENTATIONS = {LANDSCAPE: 1, REVERSE_PORTRAIT: 2, REVERSE_LANDSCAPE: 3}
_SIMPLEX_DUPLEX = {"one-sided": 0, "two-sided-long-edge": 1, "two-sided-short-edge": 2}

#: What stands for a character that cannot be printed.
REPLACEMENT = b"?"
#: Where the baseline is in a line, from its top (Technical Reference Manual, chapter 5).
_BASELINE = 0.75
_RUN = re.compile(b"(.)\\1*", re.S)


class Emitter:
    """Writes the sides of one job; keeps count of the characters it could not print."""

    def __init__(self, layout: PageLayout, title: str, copies: int = 1, collate: bool = False) -> None:
        self._layout = layout
        self._title = title
        self._copies = copies
        self._collate = collate
        self._places: dict[Frame, list[bytes]] = {}
        self._cell = pcl.HORIZONTAL_MOTION_INDEX(layout.cell_width * 120 / UNITS_PER_INCH)
        self._borders = b"".join(map(self._border, layout.borders))
        #: Characters that have no glyph, with how often they came.
        self.missing: dict[str, int] = {}

    def start_job(self, media: Media, sides: str | None) -> bytes:
        """Return the wrapper's start and the set-up of the printer."""
        return (
            pjl.start_job(self._title, self._copies, self._collate)
            + pcl.RESET
            + pcl.UNIT_OF_MEASURE(RESOLUTION)
            + _page_setup(media, sides, self._layout)
            + self._text_setup()
        )

    def _text_setup(self) -> bytes:
        layout = self._layout
        pitch = round(UNITS_PER_INCH / layout.cell_width, 2)
        typeface = LETTER_GOTHIC if pitch >= LETTER_GOTHIC_FROM else COURIER
        height = round(_POINTS_TIMES_PITCH[typeface] / pitch * 4) / 4
        return (
            pcl.CLEAR_HORIZONTAL_MARGINS
            + pcl.END_OF_LINE_WRAP(1)
            + pcl.LINE_TERMINATION(0)
            + pcl.primary_font(pitch, height, typeface)
            + self._cell
        )

    def end_job(self) -> bytes:
        """Return what ends the job; without it everybody can see that it is not whole."""
        return pcl.RESET + pjl.end_job(self._title)

    def side(self, side: Side, back: bool = False) -> bytes:
        """Return one side with the form feed that prints it."""
        out: list[bytes] = [self._borders] if self._borders else []
        dx, dy = self._layout.back_offset if back else (0, 0)
        for frame, lines in side.blocks:
            if dx or dy:
                frame = frame._replace(x=frame.x + dx, y=frame.y + dy)
            places = self._places.get(frame) or self._place_lines(frame)
            try:
                # Plain lines, which is what most jobs have and nothing else.
                out += [place + line for place, line in zip(places, lines) if line]  # type: ignore[operator]
            except TypeError:
                out += self._lines(frame, places, lines)
        out.append(pcl.CARRIAGE_RETURN + pcl.FORM_FEED)
        return b"".join(out)

    def _border(self, box: Box) -> bytes:
        """Return the four strokes of a border."""
        left, top = round((box.x - self._layout.logical_left) / _UNIT), round(box.y / _UNIT)
        left, top = max(left, 0), max(top, 0)
        width, height = round(box.width / _UNIT), round(box.height / _UNIT)
        strokes = (
            (left, top, width, _STROKE),
            (left, top + height, width + _STROKE, _STROKE),
            (left, top, _STROKE, height),
            (left + width, top, _STROKE, height),
        )
        return b"".join(
            pcl.combine(pcl.HORIZONTAL_POSITION(x), pcl.VERTICAL_POSITION(y))
            + pcl.combine(pcl.RECTANGLE_WIDTH(w), pcl.RECTANGLE_HEIGHT(h), pcl.FILL_RECTANGLE(0))
            for x, y, w, h in strokes
        )

    def _place_lines(self, frame: Frame) -> list[bytes]:
        """Return the commands that go to the start of each line of a frame."""
        x = self._x(frame, 0)
        places = [
            pcl.combine(pcl.HORIZONTAL_POSITION(x), pcl.VERTICAL_POSITION(self._y(frame, line)))
            for line in range(frame.lines)
        ]
        self._places[frame] = places
        return places

    def _x(self, frame: Frame, column: int) -> int:
        return round((frame.x - self._layout.logical_left + column * self._layout.cell_width) / _UNIT)

    def _y(self, frame: Frame, line: int) -> int:
        return round((frame.y + (line + _BASELINE) * self._layout.line_pitch) / _UNIT)

    def _lines(self, frame: Frame, places: list[bytes], lines: list[Line]) -> Iterator[bytes]:
        for number, (place, line) in enumerate(zip(places, lines)):
            if isinstance(line, bytes):
                if line:
                    yield place + line
            else:
                yield from self._row(frame, number, line)

    def _row(self, frame: Frame, number: int, row: Row) -> Iterator[bytes]:
        y = pcl.VERTICAL_POSITION(self._y(frame, number))
        for start, end, style in _runs(row):
            place = pcl.combine(pcl.HORIZONTAL_POSITION(self._x(frame, start)), y)
            text = self._coded(row.text[start:end])
            if style & (Style.UNDERLINE | Style.INVERSE) or text.strip():
                yield place + self._styled(text, end - start, style, place)
        for cell, character in row.over:
            place = pcl.combine(pcl.HORIZONTAL_POSITION(self._x(frame, cell)), y)
            yield place + self._coded(character)

    def _styled(self, text: bytes, columns: int, style: int, place: bytes) -> bytes:
        if style & Style.UNDERLINE:
            text = pcl.UNDERLINE(0) + text + pcl.UNDERLINE_OFF
        if style & Style.BOLD:
            text = pcl.STROKE_WEIGHT(3) + self._cell + text + pcl.STROKE_WEIGHT(0) + self._cell
        if style & Style.ITALIC:
            text = pcl.STYLE(1) + self._cell + text + pcl.STYLE(0) + self._cell
        if style & Style.INVERSE:
            white = pcl.combine(pcl.PATTERN_TRANSPARENCY(1), pcl.CURRENT_PATTERN(1))
            black = pcl.combine(pcl.PATTERN_TRANSPARENCY(0), pcl.CURRENT_PATTERN(0))
            text = self._bar(columns) + place + white + text + black
        return text

    def _bar(self, columns: int) -> bytes:
        """Return a black bar as high as a line and as wide as some cells, from the cursor's cell on."""
        height = round(self._layout.line_pitch / _UNIT)
        return b"\x1b*p-%dY" % round(_BASELINE * height) + pcl.combine(
            pcl.RECTANGLE_WIDTH(round(columns * self._layout.cell_width / _UNIT)),
            pcl.RECTANGLE_HEIGHT(height),
            pcl.FILL_RECTANGLE(0),
        )

    def _coded(self, text: str) -> bytes:
        """Return text in symbol set 19U; other characters are counted and replaced."""
        try:
            return text.encode(CODE_PAGE) if not MISSING.search(text) else self._replace(text)
        except UnicodeEncodeError:
            return self._replace(text)

    def _replace(self, text: str) -> bytes:
        for run in MISSING.findall(text):
            for character in run.replace(FILLER, ""):
                self.missing[character] = self.missing.get(character, 0) + 1
        text = MISSING.sub(lambda run: run.group().replace(FILLER, " ").translate(_Replacer()), text)
        return text.encode(CODE_PAGE, "replace")


class _Replacer(dict):  # type: ignore[type-arg]
    """A table for str.translate that maps everything but a blank to the replacement."""

    def __missing__(self, code: int) -> str:
        return " " if code == 0x20 else REPLACEMENT.decode("ascii")


def _runs(row: Row) -> Iterator[tuple[int, int, int]]:
    """Give the stretches of one style: start, end, style; blanks at the end are not one of them."""
    if not row.styles:
        yield 0, len(row.text.rstrip()), 0
        return
    for run in _RUN.finditer(row.styles):
        yield run.start(), run.end(), run.group(1)[0]


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
            *(pcl.SIMPLEX_DUPLEX(_SIMPLEX_DUPLEX[sides]) for sides in [sides] if sides),
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
