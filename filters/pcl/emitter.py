"""Sides to PCL 5. Start job, sides, end job: what comes out between is in the printer's own order.

Rules:

- Everything that ends a page or moves the grid (size, source, duplex, orientation) is sent once, before the first mark.
- Every line of every frame is placed absolutely, and within it every run of another style: nothing adds up, and
  nothing depends on what a printer does at the end of a line. Blank lines are not sent.
- What comes here as ``bytes`` is printable codes of symbol set 19U and goes out as it is; rows are ``row_writer``'s.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable, Iterator, Optional

from filters.layout.geometry import BORDER, Box, PageLayout
from filters.layout.page import Block, Frame, Side
from filters.layout.settings import LANDSCAPE, REVERSE_LANDSCAPE, REVERSE_PORTRAIT
from filters.pcl import commands as pcl
from filters.pcl import pjl
from filters.pcl.media import CUSTOM_PAGE, UNITS_PER_INCH, Media
from filters.pcl.model import COURIER, LETTER_GOTHIC, Model
from filters.pcl.row_writer import RESOLUTION, UNIT, RowWriter

if TYPE_CHECKING:  # only needed by texts with other characters
    from filters.pcl.glyph_store import GlyphStore

_STROKE = BORDER // UNIT

#: Points of height times characters per inch: a cell of Courier is 0.6 em wide, one of Letter Gothic 0.5.
_POINTS_TIMES_PITCH = {COURIER: 120, LETTER_GOTHIC: 144}

_ORIENTATIONS = {LANDSCAPE: 1, REVERSE_PORTRAIT: 2, REVERSE_LANDSCAPE: 3}
_SIMPLEX_DUPLEX = {"one-sided": 0, "two-sided-long-edge": 1, "two-sided-short-edge": 2}


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
    ) -> None:
        self._layout = layout
        self._title = title
        self._copies = copies
        self._collate = collate
        self._places: dict[Frame, list[bytes]] = {}
        self._pitch = round(UNITS_PER_INCH / layout.cell_width, 2)
        self._typeface = model.typeface(self._pitch)
        self._pjl = model.pjl
        self._cell = pcl.HORIZONTAL_MOTION_INDEX(layout.cell_width * 120 / UNITS_PER_INCH)
        self._rows = RowWriter(layout, self._pitch, self._typeface, open_glyphs)
        self._borders = {back: b"".join(map(self._border, layout.borders_on(back))) for back in (False, True)}

    @property
    def missing(self) -> dict[str, int]:
        """Characters that have no glyph, with how often they came."""
        return self._rows.missing

    def start_job(self, media: Media, sides: str | None) -> bytes:
        """Return the wrapper's start and the set-up of the printer."""
        return (
            pjl.start_job(self._title, self._copies, self._collate, self._pjl)
            + pcl.RESET
            + pcl.UNIT_OF_MEASURE(RESOLUTION)
            + _page_setup(media, sides, self._layout)
            + self._text_setup()
        )

    def _text_setup(self) -> bytes:
        height = round(_POINTS_TIMES_PITCH.get(self._typeface, 120) / self._pitch * 4) / 4
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
        blocks = self._layout.blocks_on_back(side.blocks) if back else side.blocks
        after = b""
        try:
            body = self._plain_blocks(blocks)
        except TypeError:
            # Some line is a Row, not bytes; asking first would cost every plain line as much as printing it.
            body = [self._rows.load_glyphs(blocks), self._borders[back], *self._blocks(blocks)]
            after = self._rows.unload_glyphs()
        else:
            body.insert(0, self._borders[back])
        return b"".join((*body, pcl.CARRIAGE_RETURN, pcl.FORM_FEED, after))

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
                    yield from self._rows.write(frame, number, line)
                elif line:
                    yield place + line

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
        return b"".join(
            pcl.position(x, y) + pcl.combine(pcl.RECTANGLE_WIDTH(w), pcl.RECTANGLE_HEIGHT(h), pcl.FILL_RECTANGLE(0))
            for x, y, w, h in strokes
        )

    def _line_places(self, frame: Frame) -> list[bytes]:
        """Return the commands that go to the start of each line of a frame."""
        places = self._places.get(frame)
        if places is None:
            rows = self._rows
            places = [pcl.position(rows.x(frame, 0), rows.y(frame, line)) for line in range(frame.lines)]
            self._places[frame] = places
        return places


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
