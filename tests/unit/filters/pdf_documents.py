"""PDF documents for tests, made by reportlab, and what pages should look like: poppler's rendering of the original."""

from __future__ import annotations

import io
import random
import shutil
import subprocess
from typing import Any, Callable

import pytest

A3, A4, A5, LETTER = (842.0, 1191.0), (595.0, 842.0), (420.0, 595.0), (612.0, 792.0)
#: Dots per inch at which pages are rendered, and the size of the squares in which their greys are compared.
DPI = 300
SQUARE = 20

Size = tuple[float, float]
needs_poppler = pytest.mark.skipif(not shutil.which("pdftoppm"), reason="pdftoppm (poppler-utils) is not installed")
needs_gs = pytest.mark.skipif(not shutil.which("gs"), reason="gs (ghostscript) is not installed")


def make_pdf(*sizes: Size, draw: Callable[[Any, Size, int], None] | None = None, compress: bool = True) -> bytes:
    """Return a PDF with a page for each size."""
    from reportlab.pdfgen.canvas import Canvas

    buffer = io.BytesIO()
    canvas = Canvas(buffer, invariant=True, pageCompression=int(compress))
    for number, size in enumerate(sizes, 1):
        canvas.setPageSize(size)
        (draw or draw_form)(canvas, size, number)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def draw_form(canvas: Any, size: Size, number: int) -> None:
    """Draw a frame, a disc and words in two corners, so that a shift, a turn or a cut shows."""
    width, height = size
    canvas.setFont("Helvetica", 18)
    canvas.drawString(60, height - 80, f"Page {number}, top left")
    canvas.drawRightString(width - 60, 60, "bottom right")
    canvas.setLineWidth(2)
    canvas.rect(40, 40, width - 80, height - 80)
    canvas.setFillGray(0.4)
    canvas.circle(width / 2, height / 2, 60, fill=1)


def draw_picture(canvas: Any, size: Size, number: int) -> None:
    """Draw a photograph of sorts: all colours, shading from one to the other."""
    from PIL import Image
    from reportlab.lib.utils import ImageReader

    colors = bytes(value for y in range(256) for x in range(256) for value in (x, y, 255 - x))
    picture = Image.frombytes("RGB", (256, 256), colors)
    canvas.drawImage(ImageReader(picture), 60, 200, size[0] - 120, size[0] - 120)
    draw_form(canvas, size, number)


def draw_transparent(canvas: Any, size: Size, number: int) -> None:
    """Draw coloured discs that shine through each other."""
    for index, color in enumerate([(1, 0, 0), (0, 0.6, 0), (0, 0, 1)]):
        canvas.setFillColorRGB(*color, alpha=0.4)
        canvas.circle(size[0] / 2 + 60 * (index - 1), size[1] / 2 + 40 * (index % 2), 110, stroke=0, fill=1)
    canvas.setFillColorRGB(0, 0, 0, alpha=0.7)
    canvas.setFont("Times-Roman", 60)
    canvas.drawString(80, size[1] / 2, f"Shade {number}")


def draw_slowly(canvas: Any, size: Size, number: int) -> None:
    """Draw a page that takes the renderer a while: thousands of transparent shapes."""
    chance = random.Random(number)
    canvas.setFillColorRGB(0.2, 0.4, 0.8, alpha=0.1)
    for _ in range(200):
        canvas.circle(chance.uniform(0, size[0]), chance.uniform(0, size[1]), 150, stroke=0, fill=1)


def rendered_original(document: bytes) -> list[Any]:
    """Return the pages as grey images, as poppler draws them."""
    command = ["pdftoppm", "-gray", "-r", str(DPI), "-"]
    return images(subprocess.run(command, input=document, stdout=subprocess.PIPE, check=True).stdout)


def rendered_print(document: bytes) -> list[Any]:
    """Return the sheets as grey images, as GhostPCL draws PCL 5 and PCL XL."""
    command = ["gpcl6", "-dNOPAUSE", "-dQUIET", "-sDEVICE=pgmraw", f"-r{DPI}", "-o", "-", "-"]
    return images(subprocess.run(command, input=document, stdout=subprocess.PIPE, check=True).stdout)


def images(data: bytes) -> list[Any]:
    """Split a row of PGM images."""
    from PIL import Image

    found, stream = [], io.BytesIO(data)
    while stream.tell() < len(data):
        assert stream.readline().strip() == b"P5"
        line = stream.readline()
        while line.startswith(b"#"):
            line = stream.readline()
        width, height = map(int, line.split())
        stream.readline()
        found.append(Image.frombytes("L", (width, height), stream.read(width * height)))
    return found


def difference(original: Any, printed: Any, down: int = 0) -> tuple[float, int]:
    """Return how far the greys of two pages are apart, on average and in the worst square, of 255.

    ``down`` is a shift of the printed page in dots that is known and taken back first.

    A page that lies on its side on the sheet is turned first. What is compared are squares of SQUARE dots, so that
    dithering, smoothing and the renderers' opinions about the last dot do not count. The outer quarter inch, where
    printers cannot print, is left out.
    """
    from PIL import Image, ImageChops

    if (original.width > original.height) != (printed.width > printed.height):
        original = original.transpose(Image.Transpose.ROTATE_90)
    assert abs(original.width - printed.width) < 12 and abs(original.height - printed.height) < 12
    printed = ImageChops.offset(printed, 0, -down)
    size = (original.width // SQUARE, original.height // SQUARE)
    edge = DPI // 4 // SQUARE
    inner = (edge, edge, size[0] - edge, size[1] - edge)
    squares = [image.resize(size, Image.Resampling.BOX).crop(inner) for image in (original, printed)]
    histogram = ImageChops.difference(*squares).histogram()
    mean = sum(grey * count for grey, count in enumerate(histogram)) / sum(histogram)
    return mean, max(grey for grey, count in enumerate(histogram) if count)
