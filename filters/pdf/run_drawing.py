"""Sides of runs at exact positions, drawn by reportlab: for previews, and for printers that take PDF.

Resident fonts of a printer are stood in for as in previews of texts: Courier by the Courier of every PDF program,
Letter Gothic by the same, set narrower. Characters that Courier lacks are drawn from the outlines of an installed font.
"""

from __future__ import annotations

from typing import Any, Callable, Optional

from filters.codepage.symbol_set import CODE_PAGE, MISSING, count_missing
from filters.layout.page import BOLD_FACE, FILLER, face_of
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
    REVERSE_LANDSCAPE,
    REVERSE_PORTRAIT,
    UNDERLINE,
    Font,
    Placement,
    Rule,
    Run,
    RunSide,
)
from filters.pcl.glyph_store import GlyphStore
from filters.pcl.model import NARROW_FROM
from filters.pcl.soft_font import ADVANCE
from filters.pdf.contours import make_form

#: Units of a page in a point.
UNITS_PER_POINT = 20
_UNDERLINE, _UNDERLINE_WIDTH = 1.2, 0.72
#: A medium glyph struck again for want of a bold one is that far to the right, in points.
_SECOND_STRIKE = 72 / 300
_COURIER_WIDTH = 0.6
_FACES = {0: "Courier", BOLD: "Courier-Bold", ITALIC: "Courier-Oblique", BOLD | ITALIC: "Courier-BoldOblique"}


class RunDrawing:
    """Draws the sides of one job."""

    def __init__(self, canvas: Any, open_glyphs: Optional[Callable[[int], GlyphStore]] = None) -> None:
        self._canvas = canvas
        self._open_glyphs = open_glyphs
        self._glyphs: Optional[GlyphStore] = None
        self._forms: set[str] = set()
        self._placement: Placement
        #: Characters that have no glyph, with how often they came.
        self.missing: dict[str, int] = {}

    def draw(self, side: RunSide) -> None:
        """Draw one side on a page of its own."""
        canvas, placement = self._canvas, side.placement
        self._placement = placement
        canvas.setPageSize((placement.width / UNITS_PER_POINT, placement.length / UNITS_PER_POINT))
        upside_down = placement.orientation in (REVERSE_PORTRAIT, REVERSE_LANDSCAPE)
        canvas.setPageRotation(180 if upside_down else 0)
        for rule in side.rules:
            self._draw_rule(rule)
        texts = [text for _, _, text, _, _ in side.runs if isinstance(text, str)]
        missing = "".join("".join(MISSING.findall(text)) for text in texts)
        if missing and self._open_glyphs:
            self._open().look_at(missing)
        for run in side.runs:
            self._draw_run(run)
        canvas.showPage()

    def _open(self) -> GlyphStore:
        assert self._open_glyphs
        self._glyphs = self._glyphs or self._open_glyphs(0)
        return self._glyphs

    def _x(self, x: float) -> float:
        return self._placement.x(x) / UNITS_PER_POINT

    def _baseline(self, y: float) -> float:
        return (self._placement.length - self._placement.y(y)) / UNITS_PER_POINT

    def _draw_rule(self, rule: Rule) -> None:
        width = rule.width * self._placement.across / UNITS_PER_POINT
        height = rule.height * self._placement.down / UNITS_PER_POINT
        self._canvas.rect(self._x(rule.x), self._baseline(rule.y) - height, width, height, 0, 1)

    def _draw_run(self, run: Run) -> None:
        x, y, coded, font, style = run
        text = coded.decode(CODE_PAGE) if isinstance(coded, bytes) else coded
        at, baseline = self._x(x), self._baseline(y)
        cell = self._placement.cell(font) / UNITS_PER_POINT
        if style & INVERSE:
            pitch = font.line * self._placement.down / UNITS_PER_POINT
            self._canvas.rect(at, baseline - (1 - BASELINE) * pitch, len(text) * cell, pitch, 0, 1)
            self._canvas.setFillGray(1)
        self._draw_text(at, baseline, text, font, cell, style & LOOK)
        self._canvas.setFillGray(0)
        if style & UNDERLINE:
            self._canvas.rect(at, baseline - _UNDERLINE - _UNDERLINE_WIDTH, len(text) * cell, _UNDERLINE_WIDTH, 0, 1)

    def _draw_text(self, x: float, baseline: float, text: str, font: Font, cell: float, style: int) -> None:
        for missing in MISSING.finditer(text):
            for column, character in enumerate(missing.group(), missing.start()):
                if character != FILLER:
                    self._draw_glyph(x + column * cell, baseline, character, font, face_of(style))
        self._draw_resident(x, baseline, MISSING.sub(lambda found: " " * len(found.group()), text), font, cell, style)

    def _draw_resident(self, x: float, baseline: float, text: str, font: Font, cell: float, style: int) -> None:
        blank = len(text) - len(text.lstrip(" \xa0"))
        text = text.strip(" \xa0")
        if not text:
            return
        em = GOTHIC_EM if self._is_gothic(font, cell) else COURIER_EM
        letters = self._placement.letters(font, em) / UNITS_PER_POINT
        size = letters * em
        shape = self._canvas.beginText(x + blank * cell, baseline)
        shape.setFont(_FACES[style & (BOLD | ITALIC)], size)
        if font.double:
            shape.setHorizScale(100 * cell / (_COURIER_WIDTH * size))
        else:
            # Letters keep their width, and what is left of a cell is between them.
            narrow = min(letters / (_COURIER_WIDTH * size), 1.0)
            shape.setHorizScale(100 * narrow)
            shape.setCharSpace((cell - _COURIER_WIDTH * size * narrow) / narrow)
        shape.textOut(text)
        self._canvas.drawText(shape)

    @staticmethod
    def _is_gothic(font: Font, cell: float) -> bool:
        if font.face in (GOTHIC, COURIER):
            return font.face == GOTHIC
        return 72 / cell >= NARROW_FROM

    def _draw_glyph(self, x: float, baseline: float, character: str, font: Font, face: int) -> None:
        if not self._open_glyphs:
            count_missing(self.missing, character)
            return
        glyphs = self._open()
        if glyphs.is_box(character):
            count_missing(self.missing, character)
        outline, found = glyphs.outline(character, face)
        if not outline:
            return
        name = f"u{ord(character):x}f{found}"
        if name not in self._forms:
            self._forms.add(name)
            make_form(self._canvas, name, outline)
        across = self._placement.cell(font) / UNITS_PER_POINT / ADVANCE
        up = self._placement.letters(font) / UNITS_PER_POINT / ADVANCE
        for strike in (0.0, _SECOND_STRIKE)[: 2 if face & ~found & BOLD_FACE else 1]:
            self._canvas.saveState()
            self._canvas.transform(across if font.double else up, 0, 0, up, x + strike, baseline)
            self._canvas.doForm(name)
            self._canvas.restoreState()
