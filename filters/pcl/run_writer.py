"""Sides of runs at exact positions to PCL 5: every side with the set-up that differs from the side before it.

Rules:

- Paper, tray, bin, both sides and orientation are said before the first mark of a side, and only when they change:
  each of them may end the page or the sheet.
- Every run is placed absolutely. A run in another font says pitch, height, face and width of a cell; a side of plain
  text in one font costs a position and the text for each run.
- What the stream sends for the printer itself goes out only where the queue allows it, after the side's own marks, cut
  to whole commands; everything is set up again after it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Callable, Iterator, Optional, Union

from filters.codepage.symbol_set import CODE_PAGE, MISSING, count_missing
from filters.common.media import CUSTOM_PAGE, Media
from filters.layout.page import FILLER, face_of
from filters.layout.runs import (
    BASELINE,
    BOLD,
    COURIER,
    COURIER_EM,
    GOTHIC,
    GOTHIC_EM,
    INVERSE,
    ITALIC,
    LOOK,
    UNDERLINE,
    UNITS_PER_INCH,
    Font,
    Placement,
    Rule,
    Run,
    RunSide,
)
from filters.pcl import commands as pcl, pjl
from filters.pcl.model import LETTER_GOTHIC, Model
from filters.pcl.transparent import safe_commands

if TYPE_CHECKING:  # only needed by texts with other characters
    from filters.pcl.glyph_store import GlyphStore, LoadedFont

RESOLUTION = 600
_SCALE = RESOLUTION / UNITS_PER_INCH
_REPLACEMENT = "?"
#: Back to what the printer chooses itself.
_ANY_SOURCE, _ANY_BIN = 7, 0
#: Positions remembered; a report uses some hundred of them.
_MOST_PLACES = 20_000


class _Places(dict[tuple[float, float], bytes]):
    """Commands that go to places of a page, made when they are first needed."""

    def __init__(self, placement: Placement) -> None:
        super().__init__()
        self._left = placement.left - placement.edge
        self._placement = placement

    def __missing__(self, place: tuple[float, float]) -> bytes:
        if len(self) > _MOST_PLACES:
            self.clear()
        x = round((self._left + place[0] * self._placement.across) * _SCALE)
        y = round(self._placement.y(place[1]) * _SCALE)
        command = self[place] = pcl.position(max(x, 0), max(y, 0))
        return command


class RunWriter:
    """Writes the sides of one job."""

    def __init__(
        self,
        title: str,
        copies: int = 1,
        collate: bool = False,
        open_glyphs: Optional[Callable[[int], GlyphStore]] = None,
        model: Model = Model(),
        sets: bool = False,
    ) -> None:
        self._sets = sets
        self._title = title
        self._copies = copies
        self._collate = collate
        self._model = model
        self._open_glyphs = open_glyphs
        self._glyphs: Optional[GlyphStore] = None
        self._media: Optional[Media] = None
        self._sides: Optional[str] = None
        self._orientation: Optional[int] = None
        self._jog: Optional[bool] = None
        self._font: Optional[Font] = None
        self._placement: Optional[Placement] = None
        self._places: _Places
        self._selections: dict[Font, bytes] = {}
        #: Characters that have no glyph, with how often they came.
        self.missing: dict[str, int] = {}

    # -- job and sheets ------------------------------------------------------------------------------------------------

    def start_job(self) -> bytes:
        """Return the wrapper's start."""
        return (
            pjl.start_job(self._title, self._copies, self._collate, self._model.pjl, sets=self._sets)
            + pcl.RESET
            + pcl.UNIT_OF_MEASURE(RESOLUTION)
        )

    def end_job(self) -> bytes:
        """Return what ends the job; without it everyone can see that it is not whole."""
        return pcl.RESET + pjl.end_job(self._title)

    def side(
        self, side: RunSide, media: Media, sides: Optional[str], new_sheet: bool = False, jog: bool = False
    ) -> bytes:
        """Return one side with the form feed that prints it."""
        setup = self._sheet_setup(media, sides, side.placement, new_sheet, jog)
        if side.simple_font and not side.rules and not side.transparent:
            select = b"" if side.simple_font is self._font else self._select(side.simple_font)
            places = self._places
            body = [places[x, y] + text for x, y, text, _, _ in side.runs]  # type: ignore[operator]
            return b"".join((setup, select, *body, b"\r\f"))
        load = self._load_glyphs(side.runs)
        body = [*map(self._rule, side.rules), *self._runs(side.runs)]
        if side.transparent:
            body += self._transparent(side, media, sides)
        unload = self._glyphs.end_side() if self._glyphs else b""
        return b"".join((setup, load, *body, b"\r\f", unload))

    def _sheet_setup(
        self, media: Media, sides: Optional[str], placement: Placement, new_sheet: bool, jog: bool
    ) -> bytes:
        """Return what differs from the side before."""
        if placement != self._placement:
            self._placement = placement
            self._places = _Places(placement)
            self._selections = {}
            self._font = None
        if media is self._media and sides == self._sides and not new_sheet and jog == self._jog:
            if placement.orientation == self._orientation:
                return b""
        commands = self._changes(media, sides, placement.orientation, new_sheet, jog)
        self._media, self._sides, self._orientation, self._jog = media, sides, placement.orientation, jog
        return commands

    def _changes(self, media: Media, sides: Optional[str], orientation: int, new_sheet: bool, jog: bool) -> bytes:
        old = self._media
        first = old is None
        commands = []
        if sides and sides != self._sides:
            commands.append(pcl.SIMPLEX_DUPLEX(pcl.SIDES[sides]))
        elif new_sheet and not first and sides and sides != "one-sided":
            commands.append(pcl.DUPLEX_SIDE(1))
        if media.output_bin != (old.output_bin if old else None):
            commands.append(pcl.OUTPUT_BIN(_ANY_BIN if media.output_bin is None else media.output_bin))
        if jog and not self._jog:
            commands.append(pcl.JOB_SEPARATION(1))
        new_size = old is None or media.size != old.size
        if new_size:
            commands.append(_page_size(media))
        if media.source != (old.source if old else None):
            commands.append(pcl.PAPER_SOURCE(_ANY_SOURCE if media.source is None else media.source))
        if first and media.type_name:
            commands.append(pcl.name_media_type(media.type_name))
        elif first and media.type_number is not None:
            commands.append(pcl.MEDIA_TYPE(media.type_number))
        if new_size or orientation != self._orientation:
            # A new size or orientation brings its own margins, lines and cells.
            commands.append(pcl.ORIENTATION(orientation))
            commands += [pcl.PERFORATION_SKIP(0), pcl.VERTICAL_MOTION_INDEX(8), pcl.TOP_MARGIN(0)]
            self._font = None
        return pcl.combine(*commands) + (self._text_setup() if self._font is None else b"")

    def _text_setup(self) -> bytes:
        return pcl.CLEAR_HORIZONTAL_MARGINS + pcl.END_OF_LINE_WRAP(1) + pcl.LINE_TERMINATION(0)

    # -- fonts ---------------------------------------------------------------------------------------------------------

    def _select(self, font: Font) -> bytes:
        """Return the whole description of a font and the width of its cells."""
        self._font = font
        selected = self._selections.get(font)
        if selected is None:
            pitch, typeface = self._pitch(font), self._typeface(font)
            per_point = 144 if typeface == LETTER_GOTHIC else 120
            height = round(per_point / pitch * 4) / 4
            selected = pcl.primary_font(pitch, height, typeface) + self._cell(font)
            self._selections[font] = selected
        return selected

    def _pitch(self, font: Font) -> float:
        """Return how many letters of a font's size stand in an inch; cells may be wider than they."""
        assert self._placement
        em = GOTHIC_EM if self._typeface(font) == LETTER_GOTHIC else COURIER_EM
        return round(UNITS_PER_INCH / self._placement.letters(font, em), 2)

    def _typeface(self, font: Font) -> int:
        assert self._placement
        if font.face == GOTHIC:
            return self._model.narrow
        if font.face == COURIER:
            return self._model.wide
        return self._model.typeface(round(UNITS_PER_INCH / self._placement.cell(font), 2))

    def _cell(self, font: Font) -> bytes:
        assert self._placement
        return pcl.HORIZONTAL_MOTION_INDEX(self._placement.cell(font) * 120 / UNITS_PER_INCH)

    # -- runs ----------------------------------------------------------------------------------------------------------

    def _runs(self, runs: list[Run]) -> Iterator[bytes]:
        places = self._places
        for x, y, text, font, style in runs:
            if not text:
                continue
            if font is not self._font:
                yield self._select(font)
            place = places[x, y]
            if isinstance(text, bytes) and not style & LOOK:
                yield place + text
            else:
                yield from self._styled(x, y, text, font, style & LOOK)

    def _styled(self, x: float, y: float, text: Union[bytes, str], font: Font, style: int) -> Iterator[bytes]:
        if style & INVERSE:
            yield self._bar(x, y, len(text), font) + pcl.combine(pcl.PATTERN_TRANSPARENCY(1), pcl.CURRENT_PATTERN(1))
        for start, end, soft in self._stretches(text, style):
            there = self._places[x + start * font.cell, y]
            coded = self._coded(text[start:end], soft)
            if style & BOLD and soft and not soft.bold:
                # There is no bold glyph: the medium one is printed twice, 1/300 inch apart.
                coded += there + b"\x1b*p+%dX" % (RESOLUTION // 300) + coded
            if style & UNDERLINE:
                coded = pcl.UNDERLINE(0) + coded + pcl.UNDERLINE_OFF
            yield there + (self._in_font(coded, font, soft) if soft else self._in_style(coded, font, style))
        if style & INVERSE:
            yield pcl.combine(pcl.PATTERN_TRANSPARENCY(0), pcl.CURRENT_PATTERN(0))

    def _in_style(self, coded: bytes, font: Font, style: int) -> bytes:
        # A font command makes the printer forget the width of a cell.
        cell = self._cell(font)
        if style & BOLD:
            coded = pcl.STROKE_WEIGHT(3) + cell + coded + pcl.STROKE_WEIGHT(0) + cell
        if style & ITALIC:
            coded = pcl.STYLE(1) + cell + coded + pcl.STYLE(0) + cell
        return coded

    def _in_font(self, coded: bytes, font: Font, soft: LoadedFont) -> bytes:
        cell, typeface = self._cell(font), self._typeface(font)
        # Our fonts are of the wide face; under the narrow one they would not be found.
        to, back = b"", b""
        if typeface != self._model.wide:
            to, back = pcl.TYPEFACE(self._model.wide), pcl.TYPEFACE(typeface)
        return soft.select + to + cell + coded + soft.leave + back + cell

    def _bar(self, x: float, y: float, columns: int, font: Font) -> bytes:
        """Return a black bar as high as a line and as wide as some cells."""
        assert self._placement
        height = font.line * self._placement.down
        top = max(self._placement.y(y) - BASELINE * height, 0.0)
        left = max(self._placement.x(x) - self._placement.edge, 0.0)
        bar = pcl.combine(
            pcl.RECTANGLE_WIDTH(round(columns * self._placement.cell(font) * _SCALE)),
            pcl.RECTANGLE_HEIGHT(round(height * _SCALE)),
            pcl.FILL_RECTANGLE(0),
        )
        return pcl.position(round(left * _SCALE), round(top * _SCALE)) + bar

    def _rule(self, rule: Rule) -> bytes:
        assert self._placement
        if not 0 <= self._placement.y(rule.y) <= self._placement.length or self._placement.x(rule.x) > self._right:
            return b""
        width = max(round(rule.width * self._placement.across * _SCALE), 1)
        height = max(round(rule.height * self._placement.down * _SCALE), 1)
        fill = pcl.combine(pcl.RECTANGLE_WIDTH(width), pcl.RECTANGLE_HEIGHT(height), pcl.FILL_RECTANGLE(0))
        return self._places[rule.x, rule.y] + fill

    @property
    def _right(self) -> float:
        """Where the part of a sheet ends that printers can address."""
        assert self._placement
        return self._placement.width - self._placement.edge

    # -- characters that the resident fonts lack -----------------------------------------------------------------------

    def _load_glyphs(self, runs: list[Run]) -> bytes:
        """Return the fonts that a side needs and the printer has not got."""
        texts = [(text, face_of(style)) for _, _, text, _, style in runs if isinstance(text, str)]
        if not texts or not self._open_glyphs:
            return b""
        missing = [(c, face) for text, face in texts for c in "".join(MISSING.findall(text)) if c != FILLER]
        if not missing:
            return b""
        if not self._glyphs:
            self._glyphs = self._open_glyphs(self._model.wide)
        missing = list(dict.fromkeys(missing))
        self._glyphs.look_at("".join([character for character, _ in missing]))
        wanted = {0: dict.fromkeys([character for character, _ in missing])}
        for name, face in [self._glyphs.key(character, face) for character, face in missing if face]:
            wanted.setdefault(face, {})[name] = None
        return self._glyphs.prepare(wanted)

    def _stretches(self, text: Union[bytes, str], style: int) -> Iterator[tuple[int, int, Optional[LoadedFont]]]:
        """Give the stretches of one font, None for the resident one."""
        if isinstance(text, bytes) or not self._glyphs:
            yield 0, len(text), None
            return
        start, current = 0, None
        for number, character in enumerate(text):
            if character == FILLER or character == " ":
                continue  # both fonts have them
            soft = self._glyphs.place(character, face_of(style)) if MISSING.match(character) else None
            if soft is not current:
                if number > start:
                    yield start, number, current
                start, current = number, soft
        yield start, len(text), current

    def _coded(self, text: Union[bytes, str], soft: Optional[LoadedFont]) -> bytes:
        if isinstance(text, bytes):
            return text
        if soft:
            for character in filter(soft.boxes.__contains__, text):
                count_missing(self.missing, character)
            return soft.encode(text)
        for run in MISSING.findall(text):
            for character in run.replace(FILLER, ""):
                count_missing(self.missing, character)
        return MISSING.sub(_replacement, text).encode(CODE_PAGE)

    # -- data for the printer itself -----------------------------------------------------------------------------------

    def _transparent(self, side: RunSide, media: Media, sides: Optional[str]) -> Iterator[bytes]:
        for x, y, data in side.transparent:
            assert self._placement
            place = self._places[x, y] if 0 <= self._placement.y(y) <= self._placement.length else b""
            yield place + safe_commands(data)
            yield pcl.UNIT_OF_MEASURE(RESOLUTION) + self._text_setup()
            self._font = None


def _replacement(run: re.Match[str]) -> str:
    return "".join(" " if character == FILLER else _REPLACEMENT for character in run.group())


def _page_size(media: Media) -> bytes:
    size = media.size
    if size.code != CUSTOM_PAGE:
        return pcl.PAGE_SIZE(size.code)
    custom = (pcl.CUSTOM_WIDTH(round(size.width / 10)), pcl.CUSTOM_LENGTH(round(size.length / 10)))
    return pcl.combine(*custom) + pcl.PAGE_SIZE(size.code)
