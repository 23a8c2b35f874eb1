"""Sides of text as contents of PDF pages: the grid that texttopcl prints, on the sheet as it lies in the printer.

Letters have the size and the cells that they have in PCL. A side that is read along the long edge of the sheet is
turned on it here, as a printer turns it, so that what prints it need not know how it is read.
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Callable, Iterator, Optional, Sequence, Tuple

from filters.codepage.symbol_set import CODE_PAGE, MISSING, count_missing
from filters.common.media import UNITS_PER_INCH
from filters.common.overlay import Overlays
from filters.layout.clusters import is_mute, needs_shaping
from filters.layout.geometry import BORDER, RULE, RULE_AT, UNITS_PER_POINT, PageLayout
from filters.layout.page import BOLD_FACE, FILLER, GREY, Block, Frame, Line, Row, Side, Style, face_of
from filters.layout.settings import LANDSCAPE, REVERSE_LANDSCAPE, REVERSE_PORTRAIT
from filters.pcl.emitter import choose_type, letter_height
from filters.pcl.glyph_store import GlyphStore
from filters.pcl.model import LETTER_GOTHIC, Model
from filters.pcl.one_face import OneFace
from filters.pcl.row_writer import REPLACEMENT, missing_in, style_runs
from filters.pcl.soft_font import ADVANCE
from filters.pdf.object_writer import ObjectWriter
from filters.pdf.text_fonts import WIDTH, Courier, GlyphFonts

if TYPE_CHECKING:  # only needed by texts in scripts that are shaped
    from filters.pcl.shaping import Piece, Shaped

#: Where the baseline is in a line, from its top, and an underline below the baseline (points), as on a printer.
_BASELINE, _UNDERLINE, _UNDERLINE_WIDTH = 0.75, 1.2, 0.72
#: A medium glyph struck again for want of a bold one is that far to the right, in points.
_SECOND_STRIKE = 72 / 300
#: Width of the letters of Letter Gothic in em: Courier is set narrower for it.
_GOTHIC_WIDTH = 0.5
#: What has a meaning in a string (ISO 32000-1 section 7.3.4.2).
_SPECIAL = re.compile(rb"[()\\]")
_UNDERLINED, _INVERSE, _GREY = int(Style.UNDERLINE), int(Style.INVERSE), int(Style.GREY)
_ALL = re.compile(".+", re.S)


#: Cell, font and code of a glyph that is to be struck again.
_Strike = Tuple[int, bytes, int]


class TextDrawing:
    """Draws the sides of one job."""

    def __init__(
        self,
        writer: ObjectWriter,
        layout: PageLayout,
        open_glyphs: Optional[Callable[[int], GlyphStore]] = None,
        model: Model = Model(),
        courier: Optional[Courier] = None,
        watermark: Optional[Row] = None,
    ) -> None:
        self._writer = writer
        self._layout = layout
        self._cell = layout.cell_width / UNITS_PER_POINT
        self._pitch = layout.line_pitch / UNITS_PER_POINT
        self._length = layout.length / UNITS_PER_POINT
        typeface, pitch = choose_type(layout, model)
        self._courier = courier or Courier()
        open_store = partial(self._open, open_glyphs, typeface, pitch) if open_glyphs else None
        self._glyphs = GlyphFonts(writer, open_store) if open_store else None
        #: What is drawn from glyphs: what Courier lacks, everything where it cannot be embedded.
        self._drawn = MISSING if self._courier.is_embedded or not self._glyphs else _ALL
        self._plain = self._drawn is MISSING
        size = letter_height(typeface, pitch)
        narrow = _GOTHIC_WIDTH / WIDTH if typeface == LETTER_GOTHIC else 1.0
        self._courier_state = self._state(size, narrow)
        self._glyph_state = self._state(72 / pitch / WIDTH, 1.0)
        self._places: dict[Frame, list[bytes]] = {}
        self._faces = OneFace()
        #: Rows of this side of which not all is drawn letter by letter.
        self._shaped: dict[Row, Shaped] = {}
        #: Characters that have no glyph, with how often they came.
        self.missing: dict[str, int] = {}
        #: Forms with the letterheads of the first side and of the others.
        self._letterheads: list[Optional[int]] = [None, None]
        self._watermark = self._write_watermark(watermark, self._glyphs.store()) if watermark and self._glyphs else None

    def _open(self, open_glyphs: Callable[[int], GlyphStore], typeface: int, pitch: float) -> GlyphStore:
        glyphs = open_glyphs(typeface)
        glyphs.set_line(self._layout.line_pitch * pitch / UNITS_PER_INCH)
        return glyphs

    def _state(self, size: float, narrow: float) -> bytes:
        """Return the operators behind the name of a font: size, narrowing, and what brings each letter to its cell."""
        return b" %.3f Tf %.3f Tz %.4f Tc\n" % (size, 100 * narrow, self._cell / narrow - WIDTH * size)

    @property
    def page(self) -> bytes:
        """The entries that all pages have in common, but for the fonts."""
        paper = self._layout.paper
        return b"/MediaBox[0 0 %.2f %.2f]" % (paper.width / UNITS_PER_POINT, paper.length / UNITS_PER_POINT)

    def write_fonts(self) -> bytes:
        """Write the fonts that were used; return them as resources."""
        fonts = [*self._courier.write(self._writer), *(self._glyphs.write() if self._glyphs else [])]
        forms = [(b"W", self._watermark), *zip((b"L0", b"L1"), self._letterheads)]
        drawn = b"".join([b"/%b %d 0 R" % (name, number) for name, number in forms if number])
        drawn = drawn and b"/XObject<<%b>>" % drawn
        return b"/Resources<</Font<<%b>>%b>>" % (b"".join([b"/%b %d 0 R" % font for font in fonts]), drawn)

    def _write_watermark(self, row: Row, glyphs: GlyphStore) -> int:
        """Write a watermark as a form; return its number."""
        from filters.pcl.watermark import GREY as GREY_OF_WATERMARK, make_watermark
        from filters.pdf.text_fonts import draw_path

        watermark = make_watermark(row, self._layout, glyphs, self.missing)
        scale = watermark.cell / ADVANCE / UNITS_PER_POINT
        drawn = [b"%.2f g\n" % GREY_OF_WATERMARK]
        for letter in watermark.letters:
            place = letter.x / UNITS_PER_POINT, self._length - letter.y / UNITS_PER_POINT
            drawn.append(b"q %.5f 0 0 %.5f %.2f %.2f cm\n" % (scale, scale, *place))
            drawn.append(draw_path(letter.contours) + b"\nf Q\n")
        box = self._layout.width / UNITS_PER_POINT, self._length
        return self._writer.add_stream(
            b"".join(drawn), b"/Type/XObject/Subtype/Form/Resources<<>>/BBox[0 0 %.2f %.2f]" % box
        )

    def add_letterheads(self, overlays: Overlays) -> Iterator[str]:
        """Write the letterheads of first and other sides, before the first one; give what is wrong with them."""
        from filters.pdf.letterhead import read_letterhead

        numbers: dict[bytes, Optional[int]] = {b"": None}
        for data in overlays[:2]:
            if data not in numbers:
                numbers[data], problem = read_letterhead(data, self._writer, self._length)
                if problem:
                    yield problem
        self._letterheads = [numbers[overlays.first], numbers[overlays.others]]

    # --- one side

    def side(self, side: Side, back: bool) -> bytes:
        """Return the contents of a page."""
        layout = self._layout
        blocks = layout.blocks_on_back(side.blocks) if back else side.blocks
        texts = _Texts(self._courier.name(0) + self._courier_state)
        shapes: list[bytes] = []
        if self._glyphs:
            self._look_at(blocks, self._glyphs)
        for block in blocks:
            self._draw_block(block, texts, shapes)
        borders = [
            b"%.2f %.2f %.2f %.2f re S\n"
            % (
                (box.x + BORDER / 2) / UNITS_PER_POINT,
                self._length - (box.y + box.height + BORDER / 2) / UNITS_PER_POINT,
                box.width / UNITS_PER_POINT,
                box.height / UNITS_PER_POINT,
            )
            for box in layout.borders_on(back)
        ]
        left = layout.logical_left / UNITS_PER_POINT
        clip = b"%.2f 0 %.2f %.2f re W n\n" % (left, layout.width / UNITS_PER_POINT - 2 * left, self._length)
        width = b"%.2f w\n" % (BORDER / UNITS_PER_POINT) if borders else b""
        page = int(side.number != 1)
        return b"".join(
            (
                self._turn(),
                b"/L%d Do\n" % page if self._letterheads[page] else b"",
                b"/W Do\n" if self._watermark else b"",
                width,
                *borders,
                clip,
                *shapes,
                b"BT\n",
                *texts.operators,
                b"ET",
            )
        )

    def _look_at(self, blocks: tuple[Block, ...], glyphs: GlyphFonts) -> None:
        """Find out which rows of a side are in one face, which have words to be shaped, and what fonts suit them."""
        rows = [line for block in blocks for line in block.lines if isinstance(line, Row)]
        rows += self._faces.choose(blocks, glyphs.store)
        self._shaped = {}
        for row in rows:
            if needs_shaping(row):
                from filters.pcl.shaping import shape_row

                self._shaped[row] = shape_row(row, glyphs.store())
        if rows:
            glyphs.look_at("".join(missing_in(rows)))

    def _turn(self) -> bytes:
        """Return what turns a page that is read otherwise than the sheet stands."""
        width, length = self._layout.paper.width / UNITS_PER_POINT, self._layout.paper.length / UNITS_PER_POINT
        turned = {
            LANDSCAPE: b"0 1 -1 0 %.2f 0 cm\n" % width,
            REVERSE_PORTRAIT: b"-1 0 0 -1 %.2f %.2f cm\n" % (width, length),
            REVERSE_LANDSCAPE: b"0 -1 1 0 0 %.2f cm\n" % length,
        }
        return turned.get(self._layout.orientation, b"")

    def _draw_block(self, block: Block, texts: _Texts, shapes: list[bytes]) -> None:
        frame = block.frame
        plain = self._plain and not self._faces.is_side
        if frame.rule:
            shapes.append(self._rule(frame))
        for number, (place, line) in enumerate(zip(self._line_places(frame), block.lines)):
            if isinstance(line, bytes) and plain:
                if line:
                    texts.plain(place, line)
            elif line:
                self._draw_row(frame, number, _as_row(line), texts, shapes)

    def _rule(self, frame: Frame) -> bytes:
        """Return the rule under a header."""
        y = self._length - frame.y / UNITS_PER_POINT - RULE_AT * self._pitch - RULE / UNITS_PER_POINT
        rule = (frame.x / UNITS_PER_POINT, y, frame.columns * self._cell, RULE / UNITS_PER_POINT)
        return b"%.2f %.2f %.2f %.2f re f\n" % rule

    def _line_places(self, frame: Frame) -> list[bytes]:
        """Return the operators that go to the start of each line of a frame."""
        places = self._places.get(frame)
        if places is None:
            x = frame.x / UNITS_PER_POINT
            places = self._places[frame] = [_go(x, self._baseline(frame, line)) for line in range(frame.lines)]
        return places

    def _baseline(self, frame: Frame, number: int) -> float:
        return self._length - frame.y / UNITS_PER_POINT - (number + _BASELINE) * self._pitch

    def _draw_row(self, frame: Frame, number: int, row: Row, texts: _Texts, shapes: list[bytes]) -> None:
        y = self._baseline(frame, number)
        pieces: list[Piece] = []
        drawn = _ALL if row in self._faces.rows else self._drawn
        if row in self._shaped:
            row, pieces = self._shaped[row]
        for start, end, style in style_runs(row):
            x = frame.x / UNITS_PER_POINT + start * self._cell
            width = (end - start) * self._cell
            if style & _INVERSE:
                bar = (x, y - (1 - _BASELINE) * self._pitch, width, self._pitch)
                shapes.append(b"%.2f %.2f %.2f %.2f re f\n" % bar)
            elif style & _UNDERLINED:
                line = (x, y - _UNDERLINE - _UNDERLINE_WIDTH, width, _UNDERLINE_WIDTH)
                shapes.append(b"%.2f %.2f %.2f %.2f re f\n" % line)
            text = row.text[start:end]
            if not text.isspace():
                self._draw_text(x, y, text, style, texts, drawn)
        x = frame.x / UNITS_PER_POINT
        for cell, character in row.over:
            if is_mute(character):
                continue
            self._draw_text(x + cell * self._cell, y, character, 0, texts, drawn)
        for at, style, name in pieces:
            texts.color(_white(style))
            texts.operators.append(_go(x + at * self._cell, y))
            self._strike_again(x + at * self._cell, y, self._draw_glyphs(0, [name], face_of(style), texts), texts)

    def _draw_text(self, x: float, y: float, text: str, style: int, texts: _Texts, drawn: re.Pattern[str]) -> None:
        """Draw a run of one style: all characters move on by a cell, so only its start has a place."""
        texts.color(_white(style))
        texts.operators.append(_go(x, y))
        face = self._courier.name(style) + self._courier_state
        again: list[_Strike] = []
        at = 0
        for found in drawn.finditer(text):
            if found.start() > at:
                texts.show(face, text[at : found.start()].encode(CODE_PAGE))
            if self._glyphs:
                again += self._draw_glyphs(found.start(), found.group(), face_of(style), texts)
            else:
                texts.show(face, self._stand_in(found.group()))
            at = found.end()
        if at < len(text):
            texts.show(face, text[at:].encode(CODE_PAGE))
        self._strike_again(x, y, again, texts)

    def _strike_again(self, x: float, y: float, again: list[_Strike], texts: _Texts) -> None:
        for cell, font, code in again:
            texts.operators.append(_go(x + cell * self._cell + _SECOND_STRIKE, y))
            texts.show(font + self._glyph_state, bytes((code,)))

    def _stand_in(self, characters: str) -> bytes:
        """Return what stands for characters where no fonts may be sent."""
        for character in characters.replace(FILLER, ""):
            count_missing(self.missing, character)
        return "".join(" " if character == FILLER else REPLACEMENT for character in characters).encode(CODE_PAGE)

    def _draw_glyphs(self, at: int, characters: Sequence[str], face: int, texts: _Texts) -> list[_Strike]:
        """Draw characters from glyphs, and return those to be struck again."""
        assert self._glyphs
        again, codes, font = [], bytearray(), b""
        for cell, character in enumerate(characters, at):
            glyph = self._glyphs.find(FILLER if character in " \xa0" else character, face)
            if glyph.box:
                count_missing(self.missing, character[1:2] or character)
            if glyph.font != font and codes:
                texts.show(font + self._glyph_state, bytes(codes))
                codes.clear()
            font = glyph.font
            codes.append(glyph.code)
            if face & BOLD_FACE and not glyph.bold:
                again.append((cell, font, glyph.code))
        texts.show(font + self._glyph_state, bytes(codes))
        return again


class _Texts:
    """The text operators of one page: fonts and colours are said when they change."""

    def __init__(self, font: bytes) -> None:
        self._usual = font
        self._font = font
        self._white = 0.0
        self.operators = [b"/" + font]

    def plain(self, place: bytes, line: bytes) -> None:
        """Show a line in the usual font."""
        if self._font is not self._usual:
            self._set_font(self._usual)
        if self._white:
            self.color(0.0)
        self.operators.append(b"%b(%b) Tj\n" % (place, _SPECIAL.sub(rb"\\\g<0>", line)))

    def show(self, font: bytes, text: bytes) -> None:
        """Show codes of a font, given with its size."""
        if font != self._font:
            self._set_font(font)
        self.operators.append(b"(%b) Tj\n" % _escape(text))

    def color(self, white: float) -> None:
        """Choose black, white, or something between."""
        if white != self._white:
            self._white = white
            self.operators.append(b"%.4g g\n" % white)

    def _set_font(self, font: bytes) -> None:
        self._font = font
        self.operators.append(b"/" + font)


def _escape(text: bytes) -> bytes:
    return _SPECIAL.sub(rb"\\\g<0>", text)


def _white(style: int) -> float:
    """Return how white letters in a style are."""
    return 1.0 if style & _INVERSE else 1 - GREY if style & _GREY else 0.0


def _go(x: float, y: float) -> bytes:
    """Return what places the start of a text."""
    return b"1 0 0 1 %.2f %.2f Tm\n" % (x, y)


def _as_row(line: Line) -> Row:
    return line if isinstance(line, Row) else Row(line.decode(CODE_PAGE))
