"""Pages of print data and pages of PDF as pictures, and how far they differ.

The stated tolerance: both pictures are divided into squares of a tenth of an inch, the width of a character of ten to
the inch, and the ink in each square is taken as a part of what it could hold. GhostPCL's Courier and poppler's are two
drawings of the same letters, so no square agrees to the last dot. Of a square that is black all over a fifth may
differ, which is half a letter; of all the ink on a sheet a little more than a quarter may be elsewhere, which is what
the edges of letters come to. A single wrong letter hides in that; reading the print data back finds those.
"""

from __future__ import annotations

import io
import subprocess
from pathlib import Path

from PIL import Image

from tests.pcl_parser import parse_job
from tests.unit.filters.ghostpcl import render

DPI = 72
#: What a square may differ by, and the part of the ink on a sheet that may be elsewhere.
TOLERANCE = (0.2, 0.28)
SQUARES_PER_INCH = 10
#: Turns from the page as it is read to the sheet as it comes out, by PCL's orientation.
_TURNS = {0: None, 1: Image.Transpose.ROTATE_90, 2: Image.Transpose.ROTATE_180, 3: Image.Transpose.ROTATE_270}


def pages_of_pcl(pcl: bytes) -> list[Image.Image]:
    """Return the sheets of a job as GhostPCL prints them."""
    return [Image.frombytes("L", (image.width, image.height), image.dots) for image in render(pcl, DPI, smooth=True)]


def pages_of_pdf(path: Path) -> list[Image.Image]:
    """Return the pages of a PDF file."""
    command = ["pdftoppm", "-gray", "-r", str(DPI), str(path)]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    pages: list[Image.Image] = []
    at = 0
    while at < len(done.stdout):
        image = Image.open(io.BytesIO(done.stdout[at:]))
        image.load()
        pages.append(image)
        at += len(b"P5\n%d %d\n255\n" % image.size) + image.width * image.height
    return pages


def agree(pcl: bytes, pdf: Path, most: float = TOLERANCE[0]) -> bool:
    """Tell whether a job and a PDF file show the same sheets, within the tolerance."""
    return all(square <= most and whole <= TOLERANCE[1] for square, whole in differences(pcl, pdf))


def differences(pcl: bytes, pdf: Path) -> list[tuple[float, float]]:
    """Return for each sheet the most that a square differs, and the part of all ink that does."""
    printed, drawn = pages_of_pcl(pcl), pages_of_pdf(pdf)
    turn = _TURNS[parse_job(pcl).pages[0].orientation]
    assert len(printed) == len(drawn)
    return [
        _difference(one, other.transpose(turn) if turn is not None else other) for one, other in zip(printed, drawn)
    ]


def _difference(one: Image.Image, other: Image.Image) -> tuple[float, float]:
    assert abs(one.width - other.width) <= 2 and abs(one.height - other.height) <= 2
    first, second = _ink(one, one.size), _ink(other, one.size)
    most = max(abs(a - b) for a, b in zip(first, second))
    return most / 255, sum(abs(a - b) for a, b in zip(first, second)) / max(sum(first), sum(second), 1)


def _ink(image: Image.Image, size: tuple[int, int]) -> list[int]:
    whole = Image.new("L", size, 255)
    whole.paste(image)
    squares = [round(length * SQUARES_PER_INCH / DPI) for length in size]
    return [255 - grey for grey in whole.resize((squares[0], squares[1]), Image.Resampling.BOX).tobytes()]
