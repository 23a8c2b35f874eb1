"""Contact sheets of forty pages, to be looked at: as GhostPCL prints the PCL, and as poppler shows the PDF.

Which fonts they show depends on the system. They are kept in the folder that IPPS443_PICTURES names.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.unit.filters.ghostpcl import needs_gpcl6, render
from tests.unit.filters.looks import LOOKS, Look
from tests.unit.filters.text_job import run_job
from tests.unit.filters.text_pdf import run_pdf_job

pytestmark = pytest.mark.soak

#: Pages across and down a contact sheet, and how large.
ACROSS, DOWN, DPI = 4, 2, 75
_CELL, _LABEL = 640, 16


def first_page_of_pcl(look: Look):  # type: ignore[no-untyped-def]
    """Return the first side as GhostPCL prints it."""
    from PIL import Image

    code, output, _ = run_job(look.text, look.options, title=look.title)
    assert code == 0
    image = render(output, DPI, smooth=True)[0]
    return Image.frombytes("L", (image.width, image.height), image.dots)


def first_page_of_pdf(look: Look, folder: Path):  # type: ignore[no-untyped-def]
    """Return the first side as poppler shows it."""
    from tests.unit.filters.pictures import pages_of_pdf

    code, document, _ = run_pdf_job(look.text, look.options)
    assert code == 0
    path = folder / "page.pdf"
    path.write_bytes(document)
    return pages_of_pdf(path)[0]


def write_sheets(pages: list, folder: Path, name: str) -> None:  # type: ignore[type-arg]
    """Put pages together, with their names, so many on a sheet."""
    from PIL import Image, ImageDraw

    size = ACROSS * DOWN
    for number in range(0, len(pages), size):
        sheet = Image.new("L", (ACROSS * (_CELL + 8), DOWN * (_CELL * 4 // 3 + _LABEL + 8)), 160)
        draw = ImageDraw.Draw(sheet)
        for at, (look, page) in enumerate(zip(LOOKS[number : number + size], pages[number : number + size])):
            left, top = at % ACROSS * (_CELL + 8), at // ACROSS * (_CELL * 4 // 3 + _LABEL + 8)
            page.thumbnail((_CELL, _CELL * 4 // 3))
            draw.text((left + 4, top + 2), f"{look.name}: {look.options}"[:100], 0)
            sheet.paste(page, (left + (_CELL - page.width) // 2, top + _LABEL))
        sheet.save(folder / f"{name}-{number // size + 1}.png")


def folder_for_sheets(tmp_path: Path) -> Path:
    """Return where contact sheets are kept."""
    folder = Path(os.environ.get("IPPS443_PICTURES") or tmp_path) / "contact-sheets"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def test_there_are_forty_pages():
    """There are as many looks as the contact sheets are to show, each with a name of its own."""
    assert len({look.name for look in LOOKS}) == len(LOOKS) >= 40


@needs_gpcl6
def test_contact_sheets_of_pcl(tmp_path):
    """Each page has ink, and goes onto a contact sheet."""
    pytest.importorskip("PIL")
    pages = [first_page_of_pcl(look) for look in LOOKS]
    assert all(page.getextrema()[0] < 200 for page in pages)
    write_sheets(pages, folder_for_sheets(tmp_path), "pcl")


@pytest.mark.skipif(not shutil.which("pdftoppm"), reason="pdftoppm (poppler-utils) is not installed")
def test_contact_sheets_of_pdf(tmp_path):
    """The same pages as PDF have ink, and go onto contact sheets."""
    pytest.importorskip("PIL")
    pages = [first_page_of_pdf(look, tmp_path) for look in LOOKS]
    assert all(page.getextrema()[0] < 200 for page in pages)
    write_sheets(pages, folder_for_sheets(tmp_path), "pdf")
