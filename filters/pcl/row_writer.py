"""Rows to PCL 5: runs of one style and one font, each on its own place.

Rules:

- A run leaves everything as it found it: medium, upright, the resident font, no underline.
- It is placed absolutely. Where the printer is on its line already, it is placed along that line; and if cells are
  whole units, what stands before it has brought the printer there.
- A font command makes the printer forget the width of a cell; where the pitch, which it makes a whole number of units,
  does not say it exactly, it is said again.
- A line with letters that symbol set 19U lacks is all in soft fonts, so that Polish is not written in two weights; and
  where a tenth of the lines of a side are, all of the side is.
- Characters that symbol set 19U lacks come from fonts of our own (``glyph_store``), chosen by their symbol set; a font
  is in the printer before the first mark of the side that needs it.
"""

from __future__ import annotations

import re
from operator import add
from struct import Struct
from typing import TYPE_CHECKING, Callable, Iterable, Iterator, NamedTuple, Optional

from filters.codepage.symbol_set import CODE_PAGE, MISSING, MISSING_WORDS, count_missing
from filters.common.media import UNITS_PER_INCH
from filters.layout.clusters import is_mute, needs_shaping
from filters.layout.geometry import PageLayout
from filters.layout.page import FILLER, Block, Frame, Line, Row, Style, face_of
from filters.pcl import commands as pcl
from filters.pcl.one_face import OneFace

if TYPE_CHECKING:  # these are only needed by texts with other characters
    from filters.pcl.glyph_store import GlyphStore, LoadedFont
    from filters.pcl.shaping import Piece, Shaped

#: PCL units (ESC & u D) per inch; what old and new printers with that command all know.
RESOLUTION = 600
UNIT = UNITS_PER_INCH // RESOLUTION
#: In which printers reckon the length of the logical page.
DOT = UNITS_PER_INCH // 300

#: What stands for a character that cannot be printed where no fonts may be sent.
REPLACEMENT = "?"
#: Where the baseline is in a line, from its top (Technical Reference Manual, chapter 5).
_BASELINE = 0.75
_WORDS = re.compile("[^ \xa0]+(?: +[^ \xa0]+)*")
_RUN = re.compile(b"(.)\\1*", re.S)
_NEW_LINE = pcl.NEW_LINE.decode("ascii")
_INDENTED = re.compile("\n |^ ")
#: Orders of styles remembered with their runs: lines of a log or a manual have some dozen.
_MOST_PATTERNS = 1000
#: Styles as plain integers: asking an IntFlag costs more than all the rest of a run.
_BOLD, _UNDERLINE, _INVERSE = map(int, (Style.BOLD, Style.UNDERLINE, Style.INVERSE))
#: Printers make grey of dots, between which thin strokes break where it is any lighter.
_GREY_LEVEL = 85
_ITALIC, _GREY = map(int, (Style.ITALIC, Style.GREY))


class _Pattern(NamedTuple):
    """The runs of a line: what cuts its text into them, what stands before each, and what behind."""

    cut: Callable[[bytes], tuple[bytes, ...]]
    before: list[bytes]
    after: list[bytes]
    #: What stands around texts that follow each other without places, and room for the texts between.
    joined: list[bytes]


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
        self._typeface, self._pitch = typeface, pitch
        self._open_glyphs = open_glyphs
        self._glyphs: Optional[GlyphStore] = None
        self._cell = pcl.HORIZONTAL_MOTION_INDEX(layout.cell_width * 120 / UNITS_PER_INCH)
        #: What stands around text of the resident font in each style, but for the bar of an inverse one.
        self._around = [self._commands_around(style, False) for style in range(_GREY * 2)]
        self._around_soft = [self._commands_around(style, True) for style in range(_GREY * 2)]
        # Printers make a whole number of units of a pitch, and only then it need not be said again.
        is_whole = not layout.cell_width % UNIT and round(UNITS_PER_INCH / pitch) == layout.cell_width
        self._same_cell = b"" if is_whole else self._cell
        self._faces = OneFace()
        left = layout.frame.x - layout.logical_left
        #: Cells are whole units, so that nothing adds up along a line.
        self._is_exact = not layout.cell_width % UNIT and not left % UNIT
        #: Styles of a line -> its runs; None if one has a place of its own.
        self._patterns: dict[bytes, Optional[_Pattern]] = {}
        #: The only font that this side takes, where it is in one face.
        self._side_font: Optional[LoadedFont] = None
        #: Rows of this side of which not all is printed letter by letter.
        self._shaped: dict[Row, Shaped] = {}
        #: Characters that have no glyph, with how often they came.
        self.missing: dict[str, int] = {}

    @property
    def is_in_one_face(self) -> bool:
        """Whether all lines of the side are in a font of ours, plain ones too."""
        return self._faces.is_side

    def x(self, frame: Frame, column: int) -> int:
        """Return where a column of a frame starts, in PCL units on the logical page."""
        return round((frame.x - self._layout.logical_left + column * self._layout.cell_width) / UNIT)

    def y(self, frame: Frame, line: int) -> int:
        """Return where the baseline of a line is, in PCL units.

        Printers reckon the end of the logical page in whole dots of 1/300 inch and take no position below it, which
        the baseline of a tiny footer at the very edge would be by a hair.
        """
        y = round((frame.y + (line + _BASELINE) * self._layout.line_pitch) / UNIT)
        return min(y, self._layout.length // DOT * DOT // UNIT)

    def write(self, frame: Frame, number: int, row: Row) -> Iterable[bytes]:
        """Give the commands and text of a row, each run on its place."""
        plain = row.styles and not row.over and not self._faces.is_side
        if plain and row.text.isascii() and row.text.isprintable():
            return self._write_ascii(frame, self.y(frame, number), row)
        if row in self._shaped:
            return self._write_shaped(frame, self.y(frame, number), self._shaped[row])
        return self._write_any(frame, self.y(frame, number), row)

    # -- rows at whose start the printer is ----------------------------------------------------------------------------

    def flow(self, row: Row) -> Optional[bytes]:
        """Return a row of the first frame for a printer that is at its start; None if a run needs a whole place."""
        if row.over or self._shaped and row in self._shaped:
            return None
        if not row.styles:
            return self._flow_plain(row)
        if self._faces.is_side or not row.text.isascii() or not row.text.isprintable():
            return None
        pattern = self._patterns.get(row.styles) or self._find_pattern(row.styles)
        if pattern is None:
            return None
        texts = pattern.cut(row.text.encode("ascii"))
        if self._is_exact:
            pattern.joined[1::2] = texts
            return b"".join(pattern.joined).rstrip(b" ")
        runs = zip(pattern.before, texts, pattern.after)
        return b"".join([before + text + after for before, text, after in runs if after or not text.isspace()])

    def _find_pattern(self, styles: bytes) -> Optional[_Pattern]:
        if styles in self._patterns:
            return self._patterns[styles]
        pattern = None
        if not any(style & _INVERSE for style in set(styles)):
            runs = [run.span() for run in _RUN.finditer(styles)]
            around = [self._around[styles[start]] for start, _ in runs]
            before = [self._move(start) + before for (start, _), (before, _) in zip(runs, around)]
            after = [after for _, after in around]
            joined = [b""] * (2 * len(runs) + 1)
            joined[::2] = map(add, [b"", *after], [*before, b""])
            # As many bytes as each run has, one after the other.
            pattern = _Pattern(Struct("".join(f"{end - start}s" for start, end in runs)).unpack, before, after, joined)
        if len(self._patterns) >= _MOST_PATTERNS:
            self._patterns.clear()
        self._patterns[styles] = pattern
        return pattern

    def _flow_plain(self, row: Row) -> bytes:
        text = row.text.rstrip()
        whole = self._is_whole(row)
        if whole and self._glyphs:
            return self._flow_whole(text.replace("\xa0", " "), self._glyphs)
        pieces = []
        for first, last, font in self._font_runs(text, 0, len(text), 0, whole):
            piece = self._coded(text[first:last], font)
            if self._is_exact or not piece.isspace():
                pieces.append(self._move(first) + (self._in_font(piece, font) if font else piece))
        return b"".join(pieces)

    def _flow_whole(self, text: str, glyphs: GlyphStore) -> bytes:
        """Return a row that is all in our fonts, which follow each other without the resident one between two."""
        out: list[bytes] = []
        current: Optional[LoadedFont] = None
        start = 0
        for end, font in enumerate(glyphs.places(text)):
            if font and font is not current:
                if current or self._is_exact:
                    out.append(self._coded(text[start:end], current))
                out.append(self._move(end) + font.select + self._same_cell)
                current, start = font, end
        out.append(self._coded(text[start:], current))
        if current:
            out.append(current.leave + self._same_cell)
        return b"".join(out)

    def _move(self, column: int) -> bytes:
        """Return what goes to a column of the line, nothing where the text before it leads there."""
        return b"" if self._is_exact else pcl.HORIZONTAL_POSITION(self.x(self._layout.frame, column))

    def flow_side(self, lines: list[Line]) -> Optional[tuple[int, bytes]]:
        """Return the number of the first line of a frame that is not blank, and all lines from there on, where the side
        takes nothing but one font; else None."""
        if not self._side_font or self._shaped:
            return None
        texts = []
        for line in lines:
            if isinstance(line, bytes):
                texts.append(line.decode(CODE_PAGE))
            elif line.styles or line.over:
                return None
            else:
                texts.append(line.text)
        text = _NEW_LINE.join(texts).rstrip()
        if not self._is_exact and _INDENTED.search(text):
            return None
        marks = text.lstrip(_NEW_LINE)
        try:
            coded = self._side_font.encode(marks)
        except UnicodeEncodeError:  # a blank that the font does not have
            return None
        return (len(text) - len(marks)) // len(_NEW_LINE), self._in_font(coded, self._side_font)

    # -- rows with places ----------------------------------------------------------------------------------------------

    def _write_shaped(self, frame: Frame, y: int, shaped: Shaped) -> Iterator[bytes]:
        """The same for a row some of which is printed by clusters; its blanks bring underlines and bars along."""
        yield from self._write_any(frame, y, shaped.row)
        assert self._glyphs
        left, cell = frame.x - self._layout.logical_left, self._layout.cell_width
        for at, style, name in shaped.pieces:
            font = self._glyphs.place(name, face_of(style))
            if name in font.boxes:
                count_missing(self.missing, name[1:2] or name)
            code, x = bytes((font.code(name),)), round((left + at * cell) / UNIT)
            yield self._styled(code, x, y, x, style & (_BOLD | _GREY), font, style & _INVERSE)

    def _write_ascii(self, frame: Frame, y: int, row: Row) -> list[bytes]:
        """The same for what manual pages and logs are made of."""
        left, cell, around = frame.x - self._layout.logical_left, self._layout.cell_width, self._around
        text = row.text.encode("ascii")
        out = []
        for run in _RUN.finditer(row.styles):
            start, end = run.span()
            style, piece = row.styles[start], text[start:end]
            x = round((left + start * cell) / UNIT)
            if style & _INVERSE:
                out.append(self._styled(piece, x, y, round((left + end * cell) / UNIT), style, None))
            elif style:
                before, after = around[style]
                out.append(b"\x1b*p%dx%dY%b%b%b" % (x, y, before, piece, after))
            elif not piece.isspace():
                out.append(b"\x1b*p%dx%dY%b" % (x, y, piece))
        return out

    def _write_any(self, frame: Frame, y: int, row: Row) -> Iterator[bytes]:
        left, cell = frame.x - self._layout.logical_left, self._layout.cell_width
        whole = self._is_whole(row)
        for start, end, style in style_runs(row):
            for first, last, font in self._font_runs(row.text, start, end, style, whole):
                x = round((left + first * cell) / UNIT)
                text = self._coded(row.text[first:last], font)
                if style:
                    yield self._styled(text, x, y, round((left + last * cell) / UNIT), style, font)
                elif not text.isspace():
                    yield b"\x1b*p%dx%dY" % (x, y) + (self._in_font(text, font) if font else text)
        for column, character in row.over:
            if is_mute(character):
                continue
            font = self._font_of(character, 0, whole and character != "\xa0")
            text = self._coded(character, font)
            yield pcl.position(self.x(frame, column), y) + (self._in_font(text, font) if font else text)

    def _in_font(self, text: bytes, font: LoadedFont) -> bytes:
        """Return codes with the commands that choose their font and go back to the resident one."""
        return font.select + self._same_cell + text + font.leave + self._same_cell

    def _styled(
        self, text: bytes, x: int, y: int, end: int, style: int, font: Optional[LoadedFont], white: int = 0
    ) -> bytes:
        """Return a run from one place to another; ``white`` is INVERSE for one whose bar is there already."""
        place = b"\x1b*p%dx%dY" % (x, y)
        if not font:
            before, after = self._around[style]
        else:
            if style & _BOLD and not font.bold:
                # There is no bold glyph: the medium one is printed twice, 1/300 inch apart.
                text += pcl.HORIZONTAL_POSITION(x + RESOLUTION // 300) + text
            text = self._in_font(text, font)
            before, after = self._around_soft[style | white]
        bar = self._bar(end - x) + place if style & _INVERSE else b""
        return place + bar + before + text + after

    def _commands_around(self, style: int, soft: bool) -> tuple[bytes, bytes]:
        """Return what comes before and after text in a style, the innermost last and first."""
        before, after = b"", b""
        if style & _INVERSE:
            before += pcl.combine(pcl.PATTERN_TRANSPARENCY(1), pcl.CURRENT_PATTERN(1))
            after = pcl.combine(pcl.PATTERN_TRANSPARENCY(0), pcl.CURRENT_PATTERN(0)) + after
        elif style & _GREY:
            before += pcl.GREY(_GREY_LEVEL) + pcl.CURRENT_PATTERN(2)
            after = pcl.CURRENT_PATTERN(0) + after
        if style & _ITALIC and not soft:
            before += pcl.STYLE(1) + self._cell
            after = pcl.STYLE(0) + self._cell + after
        if style & _BOLD and not soft:
            before += pcl.STROKE_WEIGHT(3) + self._cell
            after = pcl.STROKE_WEIGHT(0) + self._cell + after
        if style & _UNDERLINE:
            before += pcl.UNDERLINE(0)
            after = pcl.UNDERLINE_OFF + after
        return before, after

    # -- characters that the resident fonts lack -----------------------------------------------------------------------

    def load_glyphs(self, blocks: tuple[Block, ...]) -> bytes:
        """Return the fonts that a side needs and the printer has not got."""
        if self._is_like_before(blocks):
            return b""
        self._side_font = None
        rows = [line for block in blocks for line in block.lines if not isinstance(line, bytes)]
        if "".join([row.text for row in rows]).isascii() and not any(row.over for row in rows):
            self._shaped = {}
            self._faces.clear()
            return b""
        characters = missing_in(rows)
        if self._open_glyphs:
            if characters:
                self.open_glyphs().look_at("".join(characters))
            rows += self._faces.choose(blocks, self.open_glyphs)
        pieces = self._shape(rows)
        if pieces:
            self._faces.rows |= {self._shaped[row].row for row in self._faces.rows & self._shaped.keys()}
            rows = [self._shaped[row].row if row in self._shaped else row for row in rows]
            characters = missing_in(rows)
        over = [c for row in rows for _, c in row.over if MISSING.match(c) and not is_mute(c)]
        if not characters and not over and not pieces:
            return b""
        if not self._glyphs and self._open_glyphs:
            self.open_glyphs()
        glyphs = self._glyphs
        if not glyphs:
            return b""
        wanted = {0: {**characters, **dict.fromkeys([*over, *self._faces.resident_in(rows)])}}
        for face, styled in _by_face(rows).items():
            for character in (*missing_in(styled), *self._faces.resident_in(styled)):
                name, found = glyphs.key(character, face)
                wanted.setdefault(found, {})[name] = None
        for name, face in [glyphs.key(piece.name, face_of(piece.style)) for piece in pieces]:
            wanted.setdefault(face, {})[name] = None
        loaded = glyphs.prepare(wanted)
        if self._faces.is_side and not self._shaped:
            self._side_font = glyphs.only_font(wanted[0])
        return loaded

    def _is_like_before(self, blocks: tuple[Block, ...]) -> bool:
        """Tell whether a side takes the only font of the one before and no other, which costs less than its
        characters."""
        font = self._side_font
        if not font or not self._glyphs:
            return False
        lines = [line for block in blocks for line in block.lines if line]
        if not self._faces.is_like_before(lines):
            return False
        if any(line.styles or line.over for line in lines if isinstance(line, Row)):
            return False
        text = "".join([line.text if isinstance(line, Row) else line.decode(CODE_PAGE) for line in lines])
        try:
            font.encode(text)
        except UnicodeEncodeError:
            return False
        return not needs_shaping(Row(text)) and self._glyphs.use_again(font)

    def open_glyphs(self) -> GlyphStore:
        """Return the glyphs, opened when they are first needed."""
        assert self._open_glyphs
        if not self._glyphs:
            self._glyphs = self._open_glyphs(self._typeface)
            self._glyphs.set_line(self._layout.line_pitch * self._pitch / UNITS_PER_INCH)
        return self._glyphs

    def _shape(self, rows: list[Row]) -> list[Piece]:
        """Take out of rows what is not printed letter by letter."""
        self._shaped = {}
        if not needs_shaping(Row("".join([row.text for row in rows]))) and not any(row.over for row in rows):
            return []
        to_shape = [row for row in rows if needs_shaping(row)]
        if not to_shape or not self._open_glyphs:
            return []
        from filters.pcl.shaping import shape_row

        for row in to_shape:
            shaped = shape_row(row, self.open_glyphs())
            if shaped.pieces:
                self._shaped[row] = shaped
        return [piece for shaped in self._shaped.values() for piece in shaped.pieces]

    def unload_glyphs(self) -> bytes:
        """Return what deletes the fonts that only this side needed, once it is printed."""
        return self._glyphs.end_side() if self._glyphs else b""

    def _is_whole(self, row: Row) -> bool:
        return self._faces.is_side or row in self._faces.rows

    def _font_of(self, character: str, style: int, whole: bool) -> Optional[LoadedFont]:
        if not self._glyphs or not whole and not MISSING.match(character):
            return None
        return self._glyphs.place(character, face_of(style))

    def _font_runs(
        self, text: str, start: int, end: int, style: int, whole: bool
    ) -> Iterator[tuple[int, int, Optional[LoadedFont]]]:
        """Give the stretches of one font: start, end and the font, None for the resident one."""
        at = start
        soft_words = _WORDS if whole else MISSING_WORDS
        for words in soft_words.finditer(text, start, end) if self._glyphs else ():
            if words.start() > at:
                yield at, words.start(), None
            at = words.start()
            while at < words.end():
                # A style may end in the middle of a wide character: a run then begins with its second cell.
                font = self._font_of(text[at], style, whole) if text[at] not in (FILLER, " ") else None
                stop = _stretch(text, at, words.end(), font)
                yield at, stop, font
                at = stop
        if at < end:
            yield at, end, None

    def _coded(self, text: str, font: Optional[LoadedFont]) -> bytes:
        """Return text in the codes of a font, or in symbol set 19U with other characters counted and replaced."""
        if font:
            if font.boxes:
                for character in filter(font.boxes.__contains__, text):
                    count_missing(self.missing, character)
            return font.encode(text)
        return self._replace(text) if MISSING.search(text) else text.encode(CODE_PAGE)

    def _replace(self, text: str) -> bytes:
        for run in MISSING.findall(text):
            for character in run.replace(FILLER, ""):
                count_missing(self.missing, character)
        return MISSING.sub(_replacement, text).encode(CODE_PAGE)

    def _bar(self, width: int) -> bytes:
        """Return a black bar as high as a line, from the cursor on: the next one begins where it ends."""
        height = round(self._layout.line_pitch / UNIT)
        return b"\x1b*p-%dY" % round(_BASELINE * height) + pcl.combine(
            pcl.RECTANGLE_WIDTH(width),
            pcl.RECTANGLE_HEIGHT(height),
            pcl.FILL_RECTANGLE(0),
        )


def _by_face(rows: list[Row]) -> dict[int, list[Row]]:
    """Return the rows that have something bold or italic, by faces."""
    found: dict[int, list[Row]] = {}
    for row in rows:
        for face in {face_of(style) for style in set(row.styles)} - {0}:
            found.setdefault(face, []).append(row)
    return found


def missing_in(rows: list[Row]) -> dict[str, None]:
    """Return the characters of rows that symbol set 19U lacks, in the order in which they first come."""
    return dict.fromkeys("".join(MISSING.findall("".join([row.text for row in rows]).replace(FILLER, ""))))


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
