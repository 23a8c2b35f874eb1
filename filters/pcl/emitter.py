"""Sides to PCL 5. Start job, sides, end job: what comes out between is in the printer's own order.

Rules:

- Everything that ends a page or moves the grid (size, source, duplex, orientation) is sent once, before the first mark.
- Every line of every frame is placed absolutely, and within it every run of another style: nothing adds up, and
  nothing depends on what a printer does at the end of a line. Blank lines are not sent.
- A font command makes the printer forget the width of a cell, so that is sent again after it.
- Text is printable codes of symbol set 19U; what comes here as ``bytes`` is that already. Other characters are sent
  in fonts of our own (``glyph_store``) before the side that needs them, and chosen by their symbol set.
- After a run of another style everything is as before, so that plain lines need no looking after.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Callable, Iterator, Optional

from filters.layout.geometry import Box, PageLayout
from filters.layout.page import FILLER, Block, Frame, Row, Side, Style
from filters.layout.settings import LANDSCAPE, REVERSE_LANDSCAPE, REVERSE_PORTRAIT
from filters.pcl import commands as pcl
from filters.pcl import pjl
from filters.pcl.media import CUSTOM_PAGE, UNITS_PER_INCH, Media
from filters.pcl.symbol_set import CODE_PAGE, MISSING, MISSING_WORDS, NAME

if TYPE_CHECKING:  # these are only needed by texts with other characters
    from filters.pcl.glyph_store import GlyphStore, LoadedFont

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
REPLACEMENT = "?"
#: Where the baseline is in a line, from its top (Technical Reference Manual, chapter 5).
_BASELINE = 0.75
_RUN = re.compile(b"(.)\\1*", re.S)
#: Back to the resident font.
_RESIDENT = pcl.symbol_set(NAME)


class Emitter:
    """Writes the sides of one job; keeps count of the characters it could not print."""

    def __init__(
        self,
        layout: PageLayout,
        title: str,
        copies: int = 1,
        collate: bool = False,
        open_glyphs: Optional[Callable[[int], GlyphStore]] = None,
    ) -> None:
        self._layout = layout
        self._title = title
        self._copies = copies
        self._collate = collate
        self._open_glyphs = open_glyphs
        self._glyphs: Optional[GlyphStore] = None
        self._places: dict[Frame, list[bytes]] = {}
        self._pitch = round(UNITS_PER_INCH / layout.cell_width, 2)
        self._typeface = LETTER_GOTHIC if self._pitch >= LETTER_GOTHIC_FROM else COURIER
        self._cell = pcl.HORIZONTAL_MOTION_INDEX(layout.cell_width * 120 / UNITS_PER_INCH)
        # Two decimals of pitch nearly always give the very same cell, and then it need not be said again.
        self._same_cell = b"" if round(UNITS_PER_INCH / self._pitch) == layout.cell_width else self._cell
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
        height = round(_POINTS_TIMES_PITCH[self._typeface] / self._pitch * 4) / 4
        return (
            pcl.CLEAR_HORIZONTAL_MARGINS
            + pcl.END_OF_LINE_WRAP(1)
            + pcl.LINE_TERMINATION(0)
            + pcl.primary_font(self._pitch, height, self._typeface)
            + self._cell
        )

    def end_job(self) -> bytes:
        """Return what ends the job; without it everybody can see that it is not whole."""
        return pcl.RESET + pjl.end_job(self._title)

    def side(self, side: Side, back: bool = False) -> bytes:
        """Return one side with the form feed that prints it."""
        blocks = side.blocks
        if back and self._layout.back_offset != (0, 0):
            blocks = tuple(self._moved(block) for block in blocks)
        try:
            body = self._plain_blocks(blocks)
        except TypeError:
            # Some line is a Row, not bytes; asking first would cost every plain line as much as printing it.
            body = [self._load_glyphs(blocks), *self._blocks(blocks)]
        return b"".join((self._borders, *body, pcl.CARRIAGE_RETURN, pcl.FORM_FEED))

    def _moved(self, block: Block) -> Block:
        dx, dy = self._layout.back_offset
        frame = block.frame
        return Block(frame._replace(x=frame.x + dx, y=frame.y + dy), block.lines)

    def _plain_blocks(self, blocks: tuple[Block, ...]) -> list[bytes]:
        """Return lines that are all plain; raise TypeError if one is not."""
        out: list[bytes] = []
        for frame, lines in blocks:
            out += [place + line for place, line in zip(self._line_places(frame), lines) if line]  # type: ignore
        return out

    def _blocks(self, blocks: tuple[Block, ...]) -> Iterator[bytes]:
        for frame, lines in blocks:
            for number, (place, line) in enumerate(zip(self._line_places(frame), lines)):
                if not isinstance(line, bytes):
                    yield from self._row(frame, number, line)
                elif line:
                    yield place + line

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

    def _line_places(self, frame: Frame) -> list[bytes]:
        """Return the commands that go to the start of each line of a frame."""
        places = self._places.get(frame)
        if places is None:
            x = pcl.HORIZONTAL_POSITION(self._x(frame, 0))
            places = [pcl.combine(x, pcl.VERTICAL_POSITION(self._y(frame, line))) for line in range(frame.lines)]
            self._places[frame] = places
        return places

    def _x(self, frame: Frame, column: int) -> int:
        return round((frame.x - self._layout.logical_left + column * self._layout.cell_width) / _UNIT)

    def _y(self, frame: Frame, line: int) -> int:
        return round((frame.y + (line + _BASELINE) * self._layout.line_pitch) / _UNIT)

    def _row(self, frame: Frame, number: int, row: Row) -> Iterator[bytes]:
        y = pcl.VERTICAL_POSITION(self._y(frame, number))
        for start, end, style in _runs(row):
            for first, last, font in self._font_runs(row.text, start, end, style):
                x = self._x(frame, first)
                place = pcl.combine(pcl.HORIZONTAL_POSITION(x), y)
                text = self._coded(row.text[first:last], font)
                if style and font and style & Style.BOLD and not font.bold:
                    # There is no bold glyph: the medium one is printed twice, 1/300 inch apart.
                    text += pcl.HORIZONTAL_POSITION(x + RESOLUTION // 300) + text
                if font:
                    text = font.select + self._same_cell + text + _RESIDENT + self._same_cell
                if style:
                    yield place + self._styled(text, last - first, style, place, bool(font))
                elif text.strip():
                    yield place + text
        for cell, character in row.over:
            font = self._font_of(character, 0)
            text = self._coded(character, font)
            place = pcl.combine(pcl.HORIZONTAL_POSITION(self._x(frame, cell)), y)
            yield place + (font.select + self._same_cell + text + _RESIDENT + self._same_cell if font else text)

    def _styled(self, text: bytes, columns: int, style: int, place: bytes, soft: bool) -> bytes:
        if style & Style.UNDERLINE:
            text = pcl.UNDERLINE(0) + text + pcl.UNDERLINE_OFF
        if style & Style.BOLD and not soft:
            text = pcl.STROKE_WEIGHT(3) + self._cell + text + pcl.STROKE_WEIGHT(0) + self._cell
        if style & Style.ITALIC and not soft:
            text = pcl.STYLE(1) + self._cell + text + pcl.STYLE(0) + self._cell
        if style & Style.INVERSE:
            white = pcl.combine(pcl.PATTERN_TRANSPARENCY(1), pcl.CURRENT_PATTERN(1))
            black = pcl.combine(pcl.PATTERN_TRANSPARENCY(0), pcl.CURRENT_PATTERN(0))
            text = self._bar(columns) + place + white + text + black
        return text

    # -- characters that the resident fonts lack -----------------------------------------------------------------------

    def _load_glyphs(self, blocks: tuple[Block, ...]) -> bytes:
        """Return the fonts that a side needs and the printer has not got."""
        rows = [line for block in blocks for line in block.lines if not isinstance(line, bytes)]
        keys = set().union(*map(self._keys, rows))
        return self._glyphs.prepare(keys) if self._glyphs and keys else b""

    def _keys(self, row: Row) -> set[tuple[str, bool]]:
        characters = set("".join(MISSING.findall(row.text)))
        characters.discard(FILLER)
        over = {character for _, character in row.over if MISSING.match(character)}
        if (characters or over) and not self._glyphs and self._open_glyphs:
            self._glyphs = self._open_glyphs(self._typeface)
        glyphs = self._glyphs
        if not glyphs or not (characters or over):
            return set()
        keys = {(character, False) for character in characters | over}
        if row.styles and any(style & Style.BOLD for style in set(row.styles)):
            keys |= {glyphs.key(character, True) for character in characters}
        return keys

    def _font_of(self, character: str, style: int) -> Optional[LoadedFont]:
        if not self._glyphs or not MISSING.match(character):
            return None
        return self._glyphs.place(character, bool(style & Style.BOLD))

    def _font_runs(
        self, text: str, start: int, end: int, style: int
    ) -> Iterator[tuple[int, int, Optional[LoadedFont]]]:
        """Give the stretches of one font: start, end and the font, None for the resident one."""
        at = start
        for words in MISSING_WORDS.finditer(text, start, end) if self._glyphs else ():
            if words.start() > at:
                yield at, words.start(), None
            at = words.start()
            while at < words.end():
                font = self._font_of(text[at], style) if text[at] != FILLER else None
                stop = _stretch(text, at, words.end(), font)
                yield at, stop, font
                at = stop
        if at < end:
            yield at, end, None

    def _coded(self, text: str, font: Optional[LoadedFont]) -> bytes:
        """Return text in the codes of a font, or in symbol set 19U with other characters counted and replaced."""
        if font:
            for character in filter(font.boxes.__contains__, text) if font.boxes else ():
                self.missing[character] = self.missing.get(character, 0) + 1
            return text.translate(font.codes).encode("latin-1")
        return self._replace(text) if MISSING.search(text) else text.encode(CODE_PAGE)

    def _replace(self, text: str) -> bytes:
        for run in MISSING.findall(text):
            for character in run.replace(FILLER, ""):
                self.missing[character] = self.missing.get(character, 0) + 1
        return MISSING.sub(_replacement, text).encode(CODE_PAGE)

    def _bar(self, columns: int) -> bytes:
        """Return a black bar as high as a line and as wide as some cells, from the cursor's cell on."""
        height = round(self._layout.line_pitch / _UNIT)
        return b"\x1b*p-%dY" % round(_BASELINE * height) + pcl.combine(
            pcl.RECTANGLE_WIDTH(round(columns * self._layout.cell_width / _UNIT)),
            pcl.RECTANGLE_HEIGHT(height),
            pcl.FILL_RECTANGLE(0),
        )


def _replacement(run: re.Match[str]) -> str:
    return "".join(" " if character == FILLER else REPLACEMENT for character in run.group())


def _stretch(text: str, start: int, end: int, font: Optional[LoadedFont]) -> int:
    """Return how far a font goes."""
    if not font:
        return start + 1
    if font.characters.issuperset(text[start:end]):
        return end
    stop = start + 1
    while stop < end and text[stop] in font.characters:
        stop += 1
    return stop


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
