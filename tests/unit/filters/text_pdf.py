"""Helpers: a PDF of text read back by the rules of ISO 32000-1, with pypdf and nothing of the product."""

from __future__ import annotations

import io
import re
import tempfile
from collections.abc import Mapping
from typing import Any, NamedTuple

import pypdf
from pypdf.generic import ContentStream

from filters.text_to_pdf import main


class Mark(NamedTuple):
    """A character on the sheet: where it starts, in points from the lower left corner, how wide and high it is."""

    x: float
    y: float
    text: str
    width: float
    size: float
    font: str


class Sheet(NamedTuple):
    """One page."""

    width: float
    length: float
    marks: list[Mark]
    #: Quarter turns against the clock of what is read.
    turned: int
    filled: int
    #: What holds its contents.
    contents: str


def run_pdf_job(
    text: bytes, options: str = "", copies: int = 1, environ: Mapping[str, str] | None = None
) -> tuple[int, bytes, list[str]]:
    """Run the filter's main function on a text; return exit code, output and messages."""
    with tempfile.TemporaryFile() as source, tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as messages:
        source.write(text)
        source.seek(0)
        argv = ["texttopdf443", "1", "user", "title", str(copies), options]
        code = main(argv, environ or {}, source.fileno(), output.fileno(), messages.fileno())
        output.seek(0)
        messages.seek(0)
        return code, output.read(), messages.read().decode().splitlines()


def read_sheets(data: bytes) -> list[Sheet]:
    """Return the pages of a document that must be without faults."""
    reader = pypdf.PdfReader(io.BytesIO(data), strict=True)
    return [_read(page, reader) for page in reader.pages]


def _read(page: Any, reader: Any) -> Sheet:
    fonts = {name: _Font(font.get_object()) for name, font in page["/Resources"]["/Font"].items()}
    marks: list[Mark] = []
    filled = 0
    matrix, turned = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0), 0
    at = (0.0, 0.0)
    font, name, size, narrow, space = next(iter(fonts.values())), "", 0.0, 1.0, 0.0
    contents = page.get_contents()  # a ContentStream of newer versions counts as false
    for operands, operator in () if contents is None else ContentStream(contents, reader).operations:
        if operator == b"cm":
            matrix = tuple(map(float, operands))  # type: ignore[assignment]
            turned = {(1, 0): 0, (0, 1): 1, (-1, 0): 2, (0, -1): 3}[int(matrix[0]), int(matrix[1])]
        elif operator == b"Tf":
            name, size = operands[0], float(operands[1])
            font = fonts[name]
        elif operator == b"Tz":
            narrow = float(operands[0]) / 100
        elif operator == b"Tc":
            space = float(operands[0])
        elif operator == b"Tm":
            at = float(operands[4]), float(operands[5])
        elif operator == b"f":
            filled += 1
        elif operator == b"Tj":
            text = operands[0].original_bytes
            for code in text:
                width = (font.width(code) * size + space) * narrow
                x, y = at
                a, b, c, d, e, f = matrix
                if font.text(code) not in " \xa0":
                    place = x * a + y * c + e, x * b + y * d + f
                    marks.append(Mark(*place, font.text(code), width, size, font.base))
                at = x + width, y
    box = page.mediabox
    return Sheet(float(box.width), float(box.height), marks, turned, filled, repr(page.raw_get("/Contents")))


class _Font:
    """A font of the document."""

    def __init__(self, font: Any) -> None:
        self.base = str(font.get("/BaseFont", "/Type3"))[1:]
        self._widths = [float(width) for width in font.get("/Widths", [600] * 224)]
        self._first = int(font.get("/FirstChar", 32))
        self._scale = float(font["/FontMatrix"][0]) if "/FontMatrix" in font else 0.001
        self._unicodes: dict[int, str] = {}
        if "/ToUnicode" in font:
            for code, units in re.findall(rb"<([0-9a-f]{2})><((?:[0-9a-f]{4})+)>", font["/ToUnicode"].get_data()):
                self._unicodes[int(code, 16)] = bytes.fromhex(units.decode()).decode("utf-16-be")
            assert len(font["/CharProcs"]) == len(self._widths) == len(self._unicodes)

    def width(self, code: int) -> float:
        """Return how far a code moves on, in em."""
        return self._widths[code - self._first] * self._scale

    def text(self, code: int) -> str:
        """Return the character of a code."""
        return self._unicodes[code] if self._unicodes else bytes((code,)).decode("cp1252")


def as_read(sheet: Sheet) -> list[tuple[float, float, str]]:
    """Return marks from the upper left corner of the sheet as it is read, to the right and down, in points."""
    width, length = sheet.width, sheet.length
    found = []
    for mark in sheet.marks:
        x, y = {
            0: (mark.x, length - mark.y),
            1: (mark.y, mark.x),
            2: (width - mark.x, mark.y),
            3: (length - mark.y, width - mark.x),
        }[sheet.turned]
        found.append((x, y, mark.text))
    return found
