"""Pages as they come out: drawn by our own reader and by GhostPCL, and held beside what Poppler makes of the original.

Tolerances are (mean, worst) differences of greys in squares of 1.7 mm, of 255; see pdf_documents.difference(). Black
and white is off by a little for smoothing; shades are off by more where colours become grey, which the two do in their
own ways, and where PCL 5 has only dots: its screen is coarser than a square. PCL 5 pages lie 1.27 mm lower on the
sheet, as the renderer's registration command for these printers says (ESC & l 36 Z).
"""

from __future__ import annotations

import os
import shutil
from typing import Callable, NamedTuple

import pytest

from tests.drawn_sheets import draw_sheets
from tests.unit.filters.pdf_documents import (
    A3,
    A4,
    DPI,
    LETTER,
    difference,
    draw_picture,
    draw_transparent,
    make_pdf,
    needs_gs,
    needs_poppler,
    rendered_original,
    rendered_print,
)
from tests.unit.filters.pdf_job import PCL5E, PCL6, PCL6_COLOR, run_pdf

pytestmark = [needs_gs, needs_poppler]

#: ESC & l 36 Z: 36 of 720 to the inch.
REGISTRATION = 36 * DPI // 720


class Case(NamedTuple):
    """A document, and how far its pages may be from the original: on PCL 5, on PCL XL in grey and in colour."""

    document: Callable[[], bytes]
    tolerances: dict[str, tuple[float, int]]


def everywhere(mean: float, worst: int) -> dict[str, tuple[float, int]]:
    """Return the same tolerance for all printers."""
    return dict.fromkeys((PCL5E, PCL6, PCL6_COLOR), (mean, worst))


def from_file(path: str) -> Callable[[], bytes]:
    """Return a function that reads a document, or skips the test."""

    def read() -> bytes:
        if not os.path.exists(path):
            pytest.skip(f"{path} is not there")
        with open(path, "rb") as file:
            return file.read()

    return read


CASES = {
    "sizes": Case(lambda: make_pdf(A4, LETTER, A3), everywhere(2, 64)),
    "landscape": Case(lambda: make_pdf((A4[1], A4[0])), everywhere(2, 64)),
    "picture": Case(lambda: make_pdf(A4, draw=draw_picture), {PCL5E: (17, 90), PCL6: (2, 32), PCL6_COLOR: (8, 64)}),
    "transparency": Case(
        lambda: make_pdf(A4, draw=draw_transparent), {PCL5E: (8, 72), PCL6: (5, 48), PCL6_COLOR: (2, 24)}
    ),
    "CUPS test page": Case(from_file("/usr/share/cups/data/default-testpage.pdf"), everywhere(4, 100)),
    "CUPS banner": Case(from_file("/usr/share/cups/data/form_english.pdf"), everywhere(5, 64)),
}

#: Pages with more on them than our own reader draws: curves of several parts.
FOR_GHOSTPCL = {("CUPS test page", PCL6), ("CUPS test page", PCL6_COLOR)}

#: Pages that are printed in grey by PCL XL too; of the others nothing is left to see there.
ONLY_GREY_SHOWS = {"picture", "transparency", "CUPS banner"}


@pytest.mark.parametrize(
    "name, ppd",
    [(name, ppd) for name in CASES for ppd in (PCL5E, PCL6, PCL6_COLOR) if ppd != PCL6 or name in ONLY_GREY_SHOWS],
)
def test_pages_look_like_the_original(name, ppd):
    """Each page is where it belongs, the right way up, whole, and as dark as it should be."""
    document = CASES[name].document()
    done = run_pdf(document, "Resolution=300dpi", ppd)
    assert done.code == 0
    drawn = [rendered_print(done.output)] if shutil.which("gpcl6") else []
    if (name, ppd) not in FOR_GHOSTPCL:
        drawn.append([sheet.convert("L") for sheet in draw_sheets(done.output, DPI)])
    if not drawn:
        pytest.skip("gpcl6 (GhostPCL) is not installed")
    originals = rendered_original(document)
    assert {len(sheets) for sheets in drawn} == {len(originals)}
    for original, sheet in ((original, sheet) for sheets in drawn for original, sheet in zip(originals, sheets)):
        down = REGISTRATION if ppd == PCL5E and original.width < original.height else 0
        mean, worst = difference(original, sheet, down)
        assert (mean, worst) <= CASES[name].tolerances[ppd] and worst <= CASES[name].tolerances[ppd][1]


def test_the_judge_sees_what_is_wrong():
    """A page that is empty, turned, shifted by 3 mm or another's does not pass for the original."""
    (original,) = rendered_original(make_pdf(A4))
    (empty,) = rendered_original(make_pdf(A4, draw=lambda canvas, size, number: None))
    (other,) = rendered_original(make_pdf(A4, draw=draw_transparent))
    mean, worst = CASES["sizes"].tolerances[PCL5E]
    for wrong in (empty, original.rotate(180), other, original.rotate(0, translate=(DPI * 3 // 25, 0))):
        found = difference(original, wrong)
        assert found[0] > mean or found[1] > worst
