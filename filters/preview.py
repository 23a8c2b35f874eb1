"""The sides of a text job as pictures: the layout that is printed, drawn by reportlab.

Nothing is laid out here: cells are where the layout puts them, and glyphs that a printer would be sent are drawn from
the very outlines it would get. Resident fonts are stood in for: Courier by the Courier of every PDF program, Letter
Gothic by the same, set narrower. Sheets are shown as they are read, so that landscape pages lie on their side.
"""

from __future__ import annotations

import io
import os
import shutil
import subprocess
from typing import TYPE_CHECKING, Any, BinaryIO, Callable, NamedTuple, Optional

from filters.codepage.symbol_set import CODE_PAGE, MISSING, count_missing
from filters.common.job import Job, get_option
from filters.common.streams import load_description
from filters.common.temporary_folder import temporary_folder
from filters.layout.clusters import is_mute, needs_shaping
from filters.layout.geometry import BORDER, RULE, RULE_AT, UNITS_PER_POINT, Box, PageLayout
from filters.layout.page import BOLD_FACE, FILLER, GREY, Block, Frame, Line, Row, Style, face_of
from filters.pcl.glyph_store import GlyphStore
from filters.pcl.model import COURIER, LETTER_GOTHIC, Model
from filters.pcl.one_face import OneFace
from filters.pcl.row_writer import REPLACEMENT, missing_in, style_runs
from filters.pcl.soft_font import ADVANCE
from filters.pdf.contours import draw_contours, make_form
from filters.scs.recognition import ENOUGH, looks_like_scs
from filters.text_pages import TextPages
from filters.text_to_pcl import describe_missing, make_glyphs

if TYPE_CHECKING:  # only needed by some texts
    from filters.pcl.shaping import Piece
    from filters.pcl.watermark import Watermark

#: Where the baseline is in a line, from its top, and an underline below the baseline (points), as on a printer.
_BASELINE, _UNDERLINE, _UNDERLINE_WIDTH = 0.75, 1.2, 0.72
#: A medium glyph struck again for want of a bold one is that far to the right, in points.
_SECOND_STRIKE = 72 / 300
#: Height of letters in cells' widths: Courier's cell is 0.6 of it, Letter Gothic's half.
_EM_PER_CELL = {COURIER: 1 / 0.6, LETTER_GOTHIC: 2.0}
_COURIER_WIDTH = 0.6
_FACES = {
    Style.PLAIN: "Courier",
    Style.BOLD: "Courier-Bold",
    Style.ITALIC: "Courier-Oblique",
    Style.BOLD | Style.ITALIC: "Courier-BoldOblique",
}
#: How documents begin that are not text.
_NOT_TEXT = (b"%PDF-", b"%!", b"\x1bE", b"\x1b%-12345X", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RaS", b"\x1f\x8b")


class NoPreview(Exception):
    """There can be no preview; the text says why and what to do."""


class Preview(NamedTuple):
    """What was drawn."""

    files: list[str]
    sides: int
    warnings: list[str]


def preview_pdf(job: Job, path: str) -> Preview:
    """Draw the sides of a job into a PDF file, which is not touched unless there is something to draw."""
    document = io.BytesIO()
    sides, warnings = draw_document(job, document)
    with open(path, "wb") as file:
        file.write(document.getvalue())
    return Preview([path], sides, warnings)


def draw_document(job: Job, output: BinaryIO) -> tuple[int, list[str]]:
    """Draw the sides of a job as a PDF document; return how many there are, and warnings.

    Raises:
        NoPreview: the document is no text, there is nothing on it, or reportlab is missing.
        OSError: it cannot be read.
    """
    for path in job.files:
        _check_text(path)
    try:
        from reportlab.pdfgen.canvas import Canvas
    except ImportError:
        raise NoPreview("previews need reportlab; on Debian: apt install python3-reportlab") from None
    if _is_scs(job):
        return _draw_scs(job, output)
    pages = TextPages(job, load_description(job.ppd), 0)
    canvas = Canvas(output, pageCompression=1)
    canvas.setTitle(job.title)
    glyphs = make_glyphs(pages.settings) if pages.settings.soft_fonts else None
    drawing = SideDrawing(canvas, pages.layout, glyphs, pages.model, pages.watermark)
    drawn = 0
    for sides in pages.sides_as_printed():
        for side in sides:
            drawing.draw(side.blocks, pages.is_back(drawn))
            drawn += 1
    if not drawn:
        raise NoPreview("nothing to print: the document, or what the options left of it, is empty")
    canvas.save()
    missing = [describe_missing(drawing.missing, glyphs is not None)] if drawing.missing else []
    return drawn, [*pages.problems, *missing, *pages.warnings()]


def _check_text(path: str) -> None:
    with open(path, "rb") as file:
        start = file.read(16)
    if start.startswith(_NOT_TEXT):
        raise NoPreview(f"{path} is neither text nor a spooled file; only these can be previewed")


def _is_scs(job: Job) -> bool:
    """Tell whether a job is a spooled file of IBM i: it says so, or begins like one."""
    if "vnd.ibm-scs" in (get_option(job.options, "document-format") or ""):
        return True
    if not job.files:
        return False
    with open(job.files[0], "rb") as file:
        return looks_like_scs(file.read(ENOUGH)) is not None


def _draw_scs(job: Job, output: BinaryIO) -> tuple[int, list[str]]:
    from filters.scs.recognition import OtherData
    from filters.scs_to_pdf import TransformedData, draw_scs

    try:
        drawn, warnings = draw_scs(job, load_description(job.ppd), 0, os.environ, output)
    except OtherData as error:
        raise NoPreview(f"{job.files[0]} is {error.name}, not *SCS; only IBM i can convert it") from None
    except TransformedData:
        raise NoPreview(
            f"{job.files[0]} holds print data that the IBM i has made; there are no pages to draw"
        ) from None
    if not drawn:
        raise NoPreview("nothing to print: the document, or what the options left of it, is empty")
    return drawn, warnings


class SideDrawing:
    """Draws the sides of one job."""

    def __init__(
        self,
        canvas: Any,
        layout: PageLayout,
        open_glyphs: Optional[Callable[[int], GlyphStore]] = None,
        model: Model = Model(),
        watermark: Optional[Row] = None,
    ) -> None:
        self._row_of_watermark = watermark if open_glyphs else None
        self._watermark: Optional[Watermark] = None
        self._canvas = canvas
        self._layout = layout
        self._open_glyphs = open_glyphs
        self._glyphs: Optional[GlyphStore] = None
        self._length = layout.length / UNITS_PER_POINT
        self._cell = layout.cell_width / UNITS_PER_POINT
        self._pitch = layout.line_pitch / UNITS_PER_POINT
        self._typeface = model.typeface(72 / self._cell)
        self._faces = OneFace()
        self._forms: set[str] = set()
        #: Characters that have no glyph, with how often they came.
        self.missing: dict[str, int] = {}

    def draw(self, blocks: tuple[Block, ...], back: bool) -> None:
        """Draw one side on a page of its own."""
        canvas, layout = self._canvas, self._layout
        canvas.setPageSize((layout.width / UNITS_PER_POINT, self._length))
        if self._row_of_watermark:
            self._draw_watermark(self._row_of_watermark)
        for box in layout.borders_on(back):
            self._draw_border(box)
        self._clip()
        if self._open_glyphs:
            missing = missing_in([line for block in blocks for line in block.lines if isinstance(line, Row)])
            if missing:
                self._open().look_at("".join(missing))
            self._faces.choose(blocks, self._open)
        for frame, lines in layout.blocks_on_back(blocks) if back else blocks:
            if frame.rule:
                y = self._length - frame.y / UNITS_PER_POINT - RULE_AT * self._pitch - RULE / UNITS_PER_POINT
                self._canvas.rect(self._x(frame, 0), y, frame.columns * self._cell, RULE / UNITS_PER_POINT, 0, 1)
            for number, line in enumerate(lines):
                self._draw_line(frame, number, line)
        canvas.showPage()

    def _draw_watermark(self, row: Row) -> None:
        from filters.pcl.watermark import GREY as GREY_OF_WATERMARK, make_watermark

        canvas = self._canvas
        if not self._watermark:
            self._watermark = make_watermark(row, self._layout, self._open(), self.missing)
        scale = self._watermark.cell / ADVANCE / UNITS_PER_POINT
        for letter in self._watermark.letters:
            canvas.saveState()
            canvas.setFillGray(GREY_OF_WATERMARK)
            canvas.transform(scale, 0, 0, scale, letter.x / UNITS_PER_POINT, self._length - letter.y / UNITS_PER_POINT)
            path = canvas.beginPath()
            draw_contours(path, letter.contours)
            canvas.drawPath(path, stroke=0, fill=1, fillMode=1)
            canvas.restoreState()

    def _clip(self) -> None:
        """Let nothing be seen beside the logical page, where printers clip."""
        left = self._layout.logical_left / UNITS_PER_POINT
        path = self._canvas.beginPath()
        path.rect(left, 0, self._layout.width / UNITS_PER_POINT - 2 * left, self._length)
        self._canvas.clipPath(path, stroke=0, fill=0)

    def _draw_border(self, box: Box) -> None:
        x, y, width, height = (value / UNITS_PER_POINT for value in box)
        stroke = BORDER / UNITS_PER_POINT
        self._canvas.setLineWidth(stroke)
        self._canvas.rect(x + stroke / 2, self._length - y - height - stroke / 2, width, height)

    def _x(self, frame: Frame, column: int) -> float:
        return (frame.x + column * self._layout.cell_width) / UNITS_PER_POINT

    def _draw_line(self, frame: Frame, number: int, line: Line) -> None:
        baseline = self._length - frame.y / UNITS_PER_POINT - (number + _BASELINE) * self._pitch
        row = line if isinstance(line, Row) else Row(line.decode(CODE_PAGE))
        whole = row in self._faces.rows
        pieces: list[Piece] = []
        if needs_shaping(row) and self._open_glyphs:
            row, pieces = self._shape(row)
        for start, end, style in style_runs(row):
            x = self._x(frame, start)
            if style & Style.INVERSE:
                self._canvas.rect(
                    x, baseline - (1 - _BASELINE) * self._pitch, (end - start) * self._cell, self._pitch, 0, 1
                )
            self._choose_colour(style)
            self._draw_text(x, baseline, row.text[start:end], style, whole)
            self._canvas.setFillGray(0)
            if style & Style.UNDERLINE:
                self._canvas.rect(
                    x, baseline - _UNDERLINE - _UNDERLINE_WIDTH, (end - start) * self._cell, _UNDERLINE_WIDTH, 0, 1
                )
        for at, style, name in pieces:
            self._choose_colour(style)
            self._draw_glyph(self._x(frame, 0) + at * self._cell, baseline, name, face_of(style))
            self._canvas.setFillGray(0)
        for cell, character in row.over:
            if is_mute(character):
                continue
            self._draw_text(self._x(frame, cell), baseline, character, Style.PLAIN)

    def _choose_colour(self, style: int) -> None:
        """Choose the colour of letters: white on a bar, grey, or black."""
        if style & (Style.INVERSE | Style.GREY):
            self._canvas.setFillGray(1 if style & Style.INVERSE else 1 - GREY)

    def _shape(self, row: Row) -> tuple[Row, list[Piece]]:
        """Return what of a row is drawn letter by letter, and what is not."""
        from filters.pcl.shaping import shape_row

        shaped = shape_row(row, self._open())
        return shaped.row, shaped.pieces

    def _open(self) -> GlyphStore:
        assert self._open_glyphs
        if not self._glyphs:
            self._glyphs = self._open_glyphs(self._typeface)
            self._glyphs.set_line(self._pitch / self._cell)
        return self._glyphs

    def _draw_text(self, x: float, baseline: float, text: str, style: int, whole: bool = False) -> None:
        if whole:
            for column, character in enumerate(text):
                if character not in (FILLER, " ", "\xa0"):
                    self._draw_glyph(x + column * self._cell, baseline, character, face_of(style))
            return
        for missing in MISSING.finditer(text):
            for column, character in enumerate(missing.group(), missing.start()):
                if character != FILLER and self._open_glyphs:
                    self._draw_glyph(x + column * self._cell, baseline, character, face_of(style))
        self._draw_resident(x, baseline, MISSING.sub(self._stand_in, text), style)

    def _stand_in(self, missing: Any) -> str:
        """Return what the resident font prints for characters that it lacks: blanks if they have glyphs of ours."""
        if self._open_glyphs:
            return " " * len(missing.group())
        for character in missing.group().replace(FILLER, ""):
            count_missing(self.missing, character)
        return "".join(" " if character == FILLER else REPLACEMENT for character in missing.group())

    def _draw_resident(self, x: float, baseline: float, text: str, style: int) -> None:
        blank = len(text) - len(text.lstrip(" \xa0"))
        text = text.strip(" \xa0")
        if not text:
            return
        size = self._cell * _EM_PER_CELL.get(self._typeface, _EM_PER_CELL[COURIER])
        narrow = self._cell / (_COURIER_WIDTH * size)
        shape = self._canvas.beginText(x + blank * self._cell, baseline)
        shape.setFont(_FACES[Style(style) & (Style.BOLD | Style.ITALIC)], size)
        shape.setHorizScale(100 * narrow)
        shape.textOut(text)
        self._canvas.drawText(shape)

    def _draw_glyph(self, x: float, baseline: float, character: str, face: int) -> None:
        glyphs = self._open()
        if glyphs.is_box(character):
            count_missing(self.missing, character[1:2] or character)
        outline, found = glyphs.outline(character, face)
        if not outline:
            return
        name = "u" + "-".join(f"{ord(c):x}" for c in character) + f"f{found}"
        if name not in self._forms:
            self._forms.add(name)
            make_form(self._canvas, name, outline)
        scale = self._cell / ADVANCE
        for strike in (0.0, _SECOND_STRIKE)[: 2 if face & ~found & BOLD_FACE else 1]:
            self._canvas.saveState()
            self._canvas.transform(scale, 0, 0, scale, x + strike, baseline)
            self._canvas.doForm(name)
            self._canvas.restoreState()


# -- pictures ----------------------------------------------------------------------------------------------------------


def preview_png(job: Job, path: str, dots_per_inch: int = 100) -> Preview:
    """Write one picture for each side of a job.

    One side makes ``path``; several make files with a number before the suffix.

    Raises:
        NoPreview: as for PDF; or there is no program that makes pictures.
        OSError: something cannot be read or written.
    """
    with temporary_folder() as folder:
        source = os.path.join(folder, "preview.pdf")
        _, sides, warnings = preview_pdf(job, source)
        pictures = _make_pictures(source, folder, dots_per_inch)
        if len(pictures) != sides:
            raise NoPreview(f"{len(pictures)} pictures were made of {sides} sides; try a preview as PDF")
        stem, suffix = os.path.splitext(path)
        targets = [path] if sides == 1 else [f"{stem}-{number}{suffix}" for number in range(1, sides + 1)]
        for picture, target in zip(pictures, targets):
            shutil.copyfile(picture, target)
    return Preview(targets, sides, warnings)


def _make_pictures(source: str, folder: str, dots_per_inch: int) -> list[str]:
    """Run poppler or Ghostscript, whichever is there."""
    stem = os.path.join(folder, "side")
    resolution = f"-r{dots_per_inch}"
    smooth = ("-dTextAlphaBits=4", "-dGraphicsAlphaBits=4")
    commands = {
        "pdftoppm": ("-png", "-r", str(dots_per_inch), source, stem),
        "gs": ("-q", "-dSAFER", "-dBATCH", "-sDEVICE=png16m", *smooth, resolution, "-o", f"{stem}-%06d.png", source),
    }
    for program, arguments in commands.items():
        found = shutil.which(program)
        if found:
            done = subprocess.run([found, *arguments], stdin=subprocess.DEVNULL, capture_output=True)
            if done.returncode:
                raise NoPreview(f"{program} cannot make pictures of it: {done.stderr.decode(errors='replace')[:200]}")
            return sorted(os.path.join(folder, name) for name in os.listdir(folder) if name.endswith(".png"))
    raise NoPreview("pictures need poppler or Ghostscript; on Debian: apt install poppler-utils; or give a .pdf file")
