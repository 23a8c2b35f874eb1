"""Pages, and ink where the layout says: in our own reader of PCL, and as GhostPCL draws it where that is installed."""

from __future__ import annotations

import pytest

from filters.common.media import choose_media
from filters.common.ppd import PrinterDescription
from filters.layout.geometry import PageLayout, plan_layout
from filters.layout.settings import Settings
from tests.pcl_parser import parse_job
from tests.unit.filters.fonts import needs_dejavu
from tests.unit.filters.ghostpcl import DPI, Image, needs_gpcl6, render
from tests.unit.filters.text_job import run_job

SCALE = DPI / 7200


def cell_box(layout: PageLayout, image: Image, column: int, line: int) -> tuple[float, float, float, float]:
    """Return where a cell lies on the image of the sheet, which is upright however the text runs."""
    left: float = layout.frame.x + column * layout.cell_width
    top = layout.frame.y + line * layout.line_pitch
    right, bottom = left + layout.cell_width, top + layout.line_pitch
    left, top, right, bottom = left * SCALE, top * SCALE, right * SCALE, bottom * SCALE
    return {
        3: (left, top, right, bottom),
        4: (top, image.height - right, bottom, image.height - left),
        5: (image.width - bottom, left, image.width - top, right),
        6: (image.width - right, image.height - bottom, image.width - left, image.height - top),
    }[layout.orientation]


def corners_of_the_grid(media, orientation, cpi, lpi):
    """Print a letter in the first and last cells of the first and last lines; return the layout and the job."""
    paper = choose_media({"media": media}, PrinterDescription()).size
    layout = plan_layout(Settings(cpi=cpi, lpi=lpi, orientation=orientation), paper)
    columns, lines = layout.frame.columns, layout.frame.lines
    edge = "H" + " " * (columns - 2) + "H\n"
    text = edge + "\n" * (lines - 2) + edge
    _, output, _ = run_job(text.encode(), f"media={media} orientation-requested={orientation} cpi={cpi} lpi={lpi}")
    return layout, output


MEDIA = ["A4", "Letter", "A3", "Legal"]
PITCHES = [(10, 6), (16.67, 8)]


@pytest.mark.parametrize("orientation, number", [(3, 0), (4, 1), (5, 3), (6, 2)])
def test_corners_have_their_places(orientation, number):
    """On a sheet turned as it was asked for, the corners stand in their cells, to a dot of 300 to the inch."""
    for media in MEDIA:
        for cpi, lpi in PITCHES:
            layout, output = corners_of_the_grid(media, orientation, cpi, lpi)
            (page,) = parse_job(output).pages
            frame = layout.frame
            places = [
                (
                    frame.x - layout.logical_left + column * layout.cell_width,
                    frame.y + (line + 0.75) * layout.line_pitch,
                )
                for line in (0, frame.lines - 1)
                for column in (0, frame.columns - 1)
            ]
            found = sorted((glyph.y, glyph.x) for glyph in page.glyphs if glyph.text == "H")
            assert page.orientation == number and len(found) == len([g for g in page.glyphs if g.text.strip()]) == 4
            assert all(abs(x - at) <= 24 and abs(y - down) <= 24 for (y, x), (at, down) in zip(found, places)), places


@needs_gpcl6
@pytest.mark.parametrize(
    "media, orientation, cpi, lpi",
    [("A4", 3, 10, 6), ("Letter", 4, 16.67, 8), ("A3", 5, 10, 6), ("Legal", 6, 16.67, 8)],
)
def test_corners_of_the_grid(media, orientation, cpi, lpi):
    """The first and last cells of the first and last lines are where they belong, whole, and nothing else is."""
    layout, output = corners_of_the_grid(media, orientation, cpi, lpi)
    columns, lines = layout.frame.columns, layout.frame.lines
    (image,) = render(output)
    whole = image.ink(0, 0, image.width, image.height)
    corners = [
        image.ink(*cell_box(layout, image, column, line)) for column in (0, columns - 1) for line in (0, lines - 1)
    ]
    assert min(corners) > 4 and max(corners) - min(corners) <= 0.5 * max(corners)
    assert sum(corners) == pytest.approx(whole, abs=0.08 * whole + 2)


@needs_gpcl6
def test_styles_show():
    """Bold has more ink than medium, an underline adds a stroke, inverse is a bar with letters cut out."""
    inks = []
    for start, end in [("", ""), ("\x1b[1m", "\x1b[m"), ("\x1b[4m", "\x1b[m"), ("\x1b[7m", "\x1b[m")]:
        _, output, _ = run_job(f"{start}HHHHHHHH{end}\n".encode(), "cpi=10")
        (image,) = render(output)
        inks.append(image.ink(0, 0, image.width, image.height))
    plain, bold, underlined, inverse = inks
    bar = 8 * (DPI / 10) * (DPI / 6)
    assert plain * 1.1 < bold < inverse and plain + 60 < underlined and bar - 2.5 * plain < inverse < bar - plain / 2


@needs_gpcl6
def test_a_line_after_styles_is_plain_again():
    """After bold, underlined and inverse words a plain line is exactly like one in a job without them."""
    _, styled, _ = run_job(b"\x1b[1;4mab\x1b[m \x1b[7mcd\x1b[m\nplain text\n", "cpi=16.67")
    _, plain, _ = run_job(b"\nplain text\n", "cpi=16.67")
    (one,), (two,) = render(styled), render(plain)
    top = round(0.5 * DPI + DPI / 6) + 1
    assert one.dots[top * one.width :] == two.dots[top * two.width :]


@needs_dejavu
@pytest.mark.parametrize("media", ["A4", "Letter"])
def test_bars_of_two_fonts_meet(media):
    """A bar goes on where that of the letters before ends, whichever font they are in: no gap, no overlap."""
    for text in ("\x1b[7m Жук ab Жук \x1b[m\n", "\x1b[7mab\x1b[1mcd\x1b[22mef\x1b[m\n", "\x1b[7m漢 字\x1b[m\n"):
        (page,) = parse_job(run_job(text.encode(), f"media={media}")[1]).pages
        bars = sorted(page.rectangles, key=lambda bar: bar.x)
        assert bars and [bar.x + bar.width for bar in bars[:-1]] == [bar.x for bar in bars[1:]]


@needs_gpcl6
@needs_dejavu
@pytest.mark.parametrize("media", ["A4", "Letter"])
def test_lines_of_a_frame_meet(media):
    """Where the printer makes a whole number of units of a pitch, lines that go down a table stand below each other."""
    frame = "┌" + "─" * 38 + "┬" + "─" * 37 + "┐\n│" + " left".ljust(38) + "│" + " right".ljust(37) + "│\n"
    _, output, _ = run_job(
        (frame + frame.replace("┌", "├").replace("┬", "┼").replace("┐", "┤")).encode(), f"media={media}"
    )
    (image,) = render(output, 600)
    paper = choose_media({"media": media}, PrinterDescription()).size
    layout = plan_layout(Settings(), paper)
    for column in (39, 77):
        left = (layout.frame.x + column * layout.cell_width) / 12
        places = []
        for line in range(4):
            # Below the middle of the line there is nothing else in this column.
            y = (layout.frame.y + (line + 0.9) * layout.line_pitch) // 12
            dots = image.part(left, y, left + layout.cell_width / 12, y + 1)
            places.append([place for place, dot in enumerate(dots) if dot < 128])
        assert all(places) and len({(min(place), max(place)) for place in places}) == 1
