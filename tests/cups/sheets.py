"""Sheets as a queue prints them beside what Poppler makes of the original pages, in colour.

What is compared are squares of 1.7 mm, so that dots of a screen, smoothing and the renderers' opinions about a last dot
do not count; the outer quarter inch, where printers cannot print, is left out. Of each square the mean of the three
colours counts, of the whole sheet the mean of all squares and the one that differs most.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Any

import pytest

from tests.drawn_sheets import NotDrawn, draw_sheets

DPI = 150
SQUARE = 10
#: The resolution of the printer in the descriptions, 600, is so many times ours.
FINER = 4
#: Edge of the sheet that cannot be printed on, as our descriptions say (HWMargins 12), in dots.
MARGIN = 12 * DPI // 72
#: Dots by which pages and sheets may differ that are meant to be of one size.
SAME_SIZE = 6
#: How much lower PCL 5 pages lie, in dots: ESC & l 36 Z, 36 of 720 to the inch, as Ghostscript asks of these printers.
REGISTRATION = round(36 * DPI / 720)
WHITE = (255, 255, 255)


@dataclass(frozen=True)
class Difference:
    """How far two sheets are apart, of 255: on average, and in the worst square, which is at x, y in squares."""

    mean: float
    worst: int
    place: tuple[int, int]


def pages_of_pdf(document: bytes, numbers: list[int] | None = None) -> list[Any]:
    """Return pages of a PDF as Poppler draws them, as much of each as is meant to be seen."""
    command = ["pdftoppm", "-cropbox", "-r", str(DPI)]
    if numbers is None:
        return _draw([*command, "-"], document)
    return [_draw([*command, "-f", str(n), "-l", str(n), "-"], document)[0] for n in numbers]


def pages_of_pcl(document: bytes) -> list[Any]:
    """Return the sheets of a PCL 5 or PCL XL job as GhostPCL draws them, which no distribution has, or our own reader.

    Greys come as dots and letters as pictures of the printer's resolution. Drawn with fewer dots these would run
    together, so all is drawn at this resolution and made smaller. Where both cannot draw them, the test ends here: what
    comes before has been tested.
    """
    if not shutil.which("gpcl6"):
        try:
            return [page.reduce(FINER) for page in draw_sheets(document, DPI * FINER)]
        except NotDrawn as error:
            pytest.skip(
                f"gpcl6 (GhostPCL) is not installed: the job is whole, but its sheets are not looked at ({error})"
            )
    options = ["-dNOPAUSE", "-dQUIET", "-sDEVICE=ppmraw", f"-r{DPI * FINER}"]
    return _draw(["gpcl6", *options, "-o", "-", "-"], document, FINER)


def _draw(command: list[str], document: bytes, finer: int = 1) -> list[Any]:
    """Run a renderer on a document and return its pages, of which it draws ``finer`` times the dots."""
    with tempfile.TemporaryFile() as file:
        file.write(document)
        file.seek(0)
        with subprocess.Popen(command, stdin=file, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
            assert process.stdout is not None
            pages = [page.reduce(finer) if finer > 1 else page for page in images(process.stdout)]
    assert process.returncode == 0, command
    return pages


def images(stream: IO[bytes]) -> Iterator[Any]:
    """Give the PPM images of a stream one by one; a sheet at a printer's resolution takes 100 MB."""
    from PIL import Image

    while kind := stream.readline():
        assert kind == b"P6\n", kind[:80]
        line = stream.readline()
        while line.startswith(b"#"):
            line = stream.readline()
        width, height = map(int, line.split())
        stream.readline()
        yield Image.frombytes("RGB", (width, height), stream.read(width * height * 3))


def on_sheets(pages: list[Any], size: tuple[int, int]) -> list[Any]:
    """Return the pages of a job as pdftopdf puts them on sheets of this size.

    Each stands in the middle, turned first if it lies and the sheet stands. If one of them is larger than the sheet,
    all are made as large as what can be printed on.
    """
    turned = [_turn(page, size) for page in pages]
    too_large = any(page.width > size[0] + SAME_SIZE or page.height > size[1] + SAME_SIZE for page in turned)
    return [_place(page, size, too_large) for page in turned]


def _turn(page: Any, size: tuple[int, int]) -> Any:
    from PIL import Image

    lies = (page.width > page.height) != (size[0] > size[1]) and page.width != page.height
    return page.transpose(Image.Transpose.ROTATE_90) if lies else page


def _place(page: Any, size: tuple[int, int], fit: bool) -> Any:
    from PIL import Image

    if fit:
        scale = min((size[0] - 2 * MARGIN) / page.width, (size[1] - 2 * MARGIN) / page.height)
        page = page.resize((round(page.width * scale), round(page.height * scale)), Image.Resampling.BOX)
    sheet = Image.new("RGB", size, WHITE)
    sheet.paste(page, ((size[0] - page.width) // 2, (size[1] - page.height) // 2))
    return sheet


def compare(expected: Any, printed: Any, down: int = 0) -> Difference:
    """Return how far two sheets of one size are apart; ``down`` is a known shift of the printed one in dots."""
    from PIL import Image, ImageChops

    assert abs(expected.width - printed.width) <= SAME_SIZE and abs(expected.height - printed.height) <= SAME_SIZE
    printed = ImageChops.offset(printed, 0, -down)
    size = (expected.width // SQUARE, expected.height // SQUARE)
    edge = DPI // 4 // SQUARE
    inner = (edge, edge, size[0] - edge, size[1] - edge)
    squares = [image.resize(size, Image.Resampling.BOX).crop(inner) for image in (expected, printed)]
    apart = ImageChops.difference(*squares).convert("RGB")
    octets = apart.tobytes()
    values = [sum(octets[at : at + 3]) // 3 for at in range(0, len(octets), 3)]
    worst = max(range(len(values)), key=values.__getitem__)
    return Difference(
        sum(values) / len(values), values[worst], (edge + worst % apart.width, edge + worst // apart.width)
    )


def side_by_side(expected: Any, printed: Any) -> Any:
    """Return a picture of both and of their difference, dark where they are apart."""
    from PIL import Image, ImageChops, ImageOps

    size = expected.size
    apart = ImageOps.invert(ImageChops.difference(expected, printed.crop((0, 0, *size)).convert("RGB")).convert("L"))
    picture = Image.new("RGB", (size[0] * 3 + 20, size[1]), (160, 160, 200))
    for place, image in enumerate((expected, printed, apart.convert("RGB"))):
        picture.paste(image, (place * (size[0] + 10), 0))
    return picture
