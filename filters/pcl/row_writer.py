"""Rows to PCL 5: runs of one style and one font, each on its own place.

Rules:

- A run is placed absolutely and leaves everything as it found it: medium, upright, the resident font, no underline.
- A font command makes the printer forget the width of a cell; where the pitch does not say it exactly, it is said
  again.
- Characters that symbol set 19U lacks come from fonts of our own (``glyph_store``), chosen by their symbol set; a font
  is in the printer before the first mark of the side that needs it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Callable, Iterator, Optional

from filters.layout.geometry import PageLayout
from filters.layout.page import FILLER, Block, Frame, Row, Style
from filters.pcl import commands as pcl
from filters.pcl.media import UNITS_PER_INCH
from filters.pcl.symbol_set import CODE_PAGE, MISSING, MISSING_WORDS, count_missing

if TYPE_CHECKING:  # these are only needed by texts with other characters
    from filters.pcl.glyph_store import GlyphStore, LoadedFont

#: PCL units (ESC & u D) per inch; what old and new printers with that command all know.
RESOLUTION = 600
UNIT = UNITS_PER_INCH // RESOLUTION

#: What stands for a character that cannot be printed where no fonts may be sent.
REPLACEMENT = "?"
#: Where the baseline is in a line, from its top (Technical Reference Manual, chapter 5).
_BASELINE = 0.75
_RUN = re.compile(b"(.)\\1*", re.S)


class RowWriter:
    """Writes rows; keeps count of the characters it could not print."""

    def __init__(
        self,
        layout: PageLayout,
        pitch: float,
        typeface: int,
        open_glyphs: Optional[Callable[[int], GlyphStore]] = None,
    ) -> None:
        self._layout = layout
        self._typeface = typeface
        self._open_glyphs = open_glyphs
        self._glyphs: Optional[GlyphStore] = None
        self._cell = pcl.HORIZONTAL_MOTION_INDEX(layout.cell_width * 120 / UNITS_PER_INCH)
        # Two decimals of pitch nearly always give the very same cell, and then it need not be said again.
        self._same_cell = b"" if round(UNITS_PER_INCH / pitch) == layout.cell_width else self._cell
        #: Characters that have no glyph, with how often they came.
        self.missing: dict[str, int] = {}

    def x(self, frame: Frame, column: int) -> int:
        """Return where a column of a frame starts, in PCL units on the logical page."""
        return round((frame.x - self._layout.logical_left + column * self._layout.cell_width) / UNIT)

    def y(self, frame: Frame, line: int) -> int:
        """Return where the baseline of a line is, in PCL units."""
        return round((frame.y + (line + _BASELINE) * self._layout.line_pitch) / UNIT)

    def write(self, frame: Frame, number: int, row: Row) -> Iterator[bytes]:
        """Give the commands and text of a row, each run on its place."""
        y = self.y(frame, number)
        for start, end, style in style_runs(row):
            for first, last, font in self._font_runs(row.text, start, end, style):
                x = self.x(frame, first)
                place = pcl.position(x, y)
                text = self._coded(row.text[first:last], font)
                if style and font and style & Style.BOLD and not font.bold:
                    # There is no bold glyph: the medium one is printed twice, 1/300 inch apart.
                    text += pcl.HORIZONTAL_POSITION(x + RESOLUTION // 300) + text
                text = self._in_font(text, font)
                if style:
                    yield place + self._styled(text, last - first, style, place, bool(font))
                elif text.strip():
                    yield place + text
        for cell, character in row.over:
            font = self._font_of(character, 0)
            yield pcl.position(self.x(frame, cell), y) + self._in_font(self._coded(character, font), font)

    def _in_font(self, text: bytes, font: Optional[LoadedFont]) -> bytes:
        """Return codes with the commands that choose their font and go back to the resident one."""
        return font.select + self._same_cell + text + font.leave + self._same_cell if font else text

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

    def load_glyphs(self, blocks: tuple[Block, ...]) -> bytes:
        """Return the fonts that a side needs and the printer has not got."""
        rows = [line for block in blocks for line in block.lines if not isinstance(line, bytes)]
        keys = set().union(*map(self._keys, rows))
        return self._glyphs.prepare(keys) if self._glyphs and keys else b""

    def unload_glyphs(self) -> bytes:
        """Return what deletes the fonts that only this side needed, once it is printed."""
        return self._glyphs.end_side() if self._glyphs else b""

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
        return self._glyphs.place(character, bool(style and style & Style.BOLD))

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
                count_missing(self.missing, character)
            return text.translate(font.codes).encode("latin-1")
        return self._replace(text) if MISSING.search(text) else text.encode(CODE_PAGE)

    def _replace(self, text: str) -> bytes:
        for run in MISSING.findall(text):
            for character in run.replace(FILLER, ""):
                count_missing(self.missing, character)
        return MISSING.sub(_replacement, text).encode(CODE_PAGE)

    def _bar(self, columns: int) -> bytes:
        """Return a black bar as high as a line and as wide as some cells, from the cursor's cell on."""
        height = round(self._layout.line_pitch / UNIT)
        return b"\x1b*p-%dY" % round(_BASELINE * height) + pcl.combine(
            pcl.RECTANGLE_WIDTH(round(columns * self._layout.cell_width / UNIT)),
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


def style_runs(row: Row) -> Iterator[tuple[int, int, int]]:
    """Give the stretches of one style: start, end, style; blanks at the end are not one of them."""
    if not row.styles:
        yield 0, len(row.text.rstrip()), 0
        return
    for run in _RUN.finditer(row.styles):
        yield run.start(), run.end(), run.group(1)[0]
