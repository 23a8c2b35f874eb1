"""What GhostPCL makes of our PCL: pages, and ink where the layout says."""

from __future__ import annotations

import pytest

from filters.layout.geometry import PageLayout, plan_layout
from filters.layout.settings import Settings
from filters.pcl.media import choose_media
from filters.ppd import PrinterDescription
from tests.unit.filters.ghostpcl import DPI, Image, needs_gpcl6, render
from tests.unit.filters.text_job import run_job

pytestmark = needs_gpcl6

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


@pytest.mark.parametrize("media", ["A4", "Letter", "A3", "Legal"])
@pytest.mark.parametrize("orientation", [3, 4, 5, 6])
@pytest.mark.parametrize("cpi, lpi", [(10, 6), (16.67, 8)])
def test_corners_of_the_grid(media, orientation, cpi, lpi):
    """The first and last cells of the first and last lines are where they belong, whole, and nothing else is."""
    paper = choose_media({"media": media}, PrinterDescription()).size
    layout = plan_layout(Settings(cpi=cpi, lpi=lpi, orientation=orientation), paper)
    columns, lines = layout.frame.columns, layout.frame.lines
    edge = "H" + " " * (columns - 2) + "H\n"
    text = edge + "\n" * (lines - 2) + edge
    _, output, _ = run_job(text.encode(), f"media={media} orientation-requested={orientation} cpi={cpi} lpi={lpi}")
    (image,) = render(output)
    whole = image.ink(0, 0, image.width, image.height)
    corners = [
        image.ink(*cell_box(layout, image, column, line)) for column in (0, columns - 1) for line in (0, lines - 1)
    ]
    assert min(corners) > 4 and max(corners) - min(corners) <= 0.5 * max(corners)
    assert sum(corners) == pytest.approx(whole, abs=0.08 * whole + 2)


def test_pages_are_as_many():
    """GhostPCL ejects as many sheets as we send form feeds, and none for the reset at the end."""
    _, output, _ = run_job(b"one\ftwo\f\ffour\n")
    images = render(output)
    assert [bool(image.ink(0, 0, image.width, image.height)) for image in images] == [True, True, False, True]


def test_styles_show():
    """Bold has more ink than medium, an underline adds a stroke, inverse is a bar with letters cut out."""
    inks = []
    for start, end in [("", ""), ("\x1b[1m", "\x1b[m"), ("\x1b[4m", "\x1b[m"), ("\x1b[7m", "\x1b[m")]:
        _, output, _ = run_job(f"{start}HHHHHHHH{end}\n".encode())
        (image,) = render(output)
        inks.append(image.ink(0, 0, image.width, image.height))
    plain, bold, underlined, inverse = inks
    bar = 8 * (DPI / 10) * (DPI / 6)
    assert plain * 1.1 < bold < inverse and plain + 60 < underlined and bar - 2.5 * plain < inverse < bar - plain / 2


def test_a_line_after_styles_is_plain_again():
    """After bold, underlined and inverse words a plain line is exactly like one in a job without them."""
    _, styled, _ = run_job(b"\x1b[1;4mab\x1b[m \x1b[7mcd\x1b[m\nplain text\n", "cpi=16.67")
    _, plain, _ = run_job(b"\nplain text\n", "cpi=16.67")
    (one,), (two,) = render(styled), render(plain)
    top = round(0.5 * DPI + DPI / 6) + 1
    assert one.dots[top * one.width :] == two.dots[top * two.width :]
