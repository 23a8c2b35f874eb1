"""What arrives at each recorded printer of a text, a PDF and a picture, with all options that it has at once.

Each document comes in a format that the printer lists, with the attributes that were asked for; its pages are rendered
and compared with what was printed. A few printers by default, all of them with ``tests/run --soak``.
"""

from __future__ import annotations

import io
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.cups.recorded import RECORDED, add, make_printer, plain, queue_name
from tests.cups.server import CupsServer
from tests.printer import Printer
from tests.raster_reader import read_raster
from tests.unit.filters.pdf_documents import needs_gs

OFFICE, INKJET = "Composite-Office-Finisher", "HP-OfficeJet-Pro-7740"
KINDS = ("text", "pdf", "jpeg")
CHEAP = {(OFFICE, "pdf"), (OFFICE, "jpeg"), (INKJET, "text"), (INKJET, "pdf")}
GRID = [
    pytest.param(name, kind, marks=() if (name, kind) in CHEAP else pytest.mark.soak)
    for name in RECORDED
    for kind in KINDS
]
#: Dots per inch at which PDF is rendered, and millimetres by which an edge may lie elsewhere.
DPI, NEAR = 100, 2.0
#: A4 in millimetres, and the mark on the pages of the PDF: left, bottom, right, top.
SHEET, MARK = (210.0, 297.0), (25.4, 50.8, 76.2, 63.5)
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Side:
    """One side as it is on paper: grey from 0, black, by rows from the top."""

    width: int
    height: int
    dots: float  # to a millimetre
    grey: bytes

    @property
    def rows(self) -> list[int]:
        """The rows with ink."""
        return [y for y in range(self.height) if self._row(y).strip(b"\xff")]

    @property
    def box(self) -> Box:
        """All ink: left, bottom, right, top in millimetres from the lower left corner."""
        rows = self.rows
        left = min(self.width - len(self._row(y).lstrip(b"\xff")) for y in rows)
        right = max(len(self._row(y).rstrip(b"\xff")) for y in rows)
        bottom, top = self.height - rows[-1] - 1, self.height - rows[0]
        return left / self.dots, bottom / self.dots, right / self.dots, top / self.dots

    @property
    def bands(self) -> int:
        """How many groups of rows have ink between them and the next one."""
        rows = self.rows
        return sum(1 for before, now in zip([-9, *rows], rows) if now - before > 1)

    def _row(self, y: int) -> bytes:
        return self.grey[y * self.width : (y + 1) * self.width]


def sides_of(document: bytes) -> list[Side]:
    """Return the sides of a document, rendered; those without ink, which fill up a sheet, are left out."""
    if document.startswith(b"%PDF-"):
        found = _render(document)
    else:
        found = [
            Side(
                page.width,
                page.height,
                page.dpi[0] / 25.4,
                page.pixels[1 :: page.bits // 8] if page.bits > 8 else page.pixels,
            )
            for page in read_raster(document)
        ]
    return [side for side in found if side.grey.count(0xFF) < len(side.grey)]


def _render(document: bytes) -> list[Side]:
    command = ["gs", "-q", "-dSAFER", "-dBATCH", "-dNOPAUSE", "-sDEVICE=pgmraw", f"-r{DPI}", "-o", "-", "-"]
    output = io.BytesIO(subprocess.run(command, input=document, capture_output=True, check=True, timeout=120).stdout)
    sides = []
    while output.readline() == b"P5\n":
        line = output.readline()
        while line.startswith(b"#"):
            line = output.readline()
        width, height = map(int, line.split())
        output.readline()
        sides.append(Side(width, height, DPI / 25.4, output.read(width * height)))
    return sides


# --- what is printed, and how -----------------------------------------------------------------------------

LINES = [5, 3]


def make_text(path: Path) -> None:
    """Two pages, of five and of three lines."""
    path.write_text("\f".join("".join(f"Hxxx {n}\n" for n in range(count)) for count in LINES))


def make_pdf(path: Path) -> None:
    """An upright page and one across, with a mark near the lower left corner of each."""
    from reportlab.pdfgen.canvas import Canvas

    canvas, point = Canvas(str(path)), 72 / 25.4
    for size in (SHEET, SHEET[::-1]):
        canvas.setPageSize((size[0] * point, size[1] * point))
        left, bottom, right, top = (edge * point for edge in MARK)
        canvas.rect(left, bottom, right - left, top - bottom, stroke=0, fill=1)
        canvas.showPage()
    canvas.save()


def make_jpeg(path: Path) -> None:
    """A dark picture, two wide and three high."""
    image = pytest.importorskip("PIL.Image")
    image.new("RGB", (400, 600), (120, 20, 20)).save(path, dpi=(100, 100))


MAKERS = {"text": make_text, "pdf": make_pdf, "jpeg": make_jpeg}


def choices_of(text: str, option: str) -> list[str]:
    """Return the choices of an option that say something, without those that do not go together with A4."""
    found = re.findall(rf"^\*{option} ([^/:\s]+)[/:]", text, re.MULTILINE)
    bad = set(re.findall(rf"^\*UIConstraints: \*PageSize A4 \*{option} (\S+)$", text, re.MULTILINE))
    return [each for each in found if each not in bad and each.lower() not in ("auto", "none", "manual")]


def keyword_of(text: str, option: str, choice: str) -> str:
    """Return what a choice is called in IPP."""
    found = re.search(rf'^\*ipps443Keyword {option}\.{re.escape(choice)}: "([^"]*)"', text, re.MULTILINE)
    return found[1] if found else choice


def wishes_of(text: str) -> tuple[list[str], dict[str, Any]]:
    """Return options for all that a description offers, and what has to arrive."""
    options, expected = ["PageSize=A4", "Collate=True"], dict[str, Any]()
    for option, member in (("InputSlot", "media-source"), ("MediaType", "media-type")):
        named = [each for each in choices_of(text, option) if not _excludes(text, options[-1], option, each)]
        if named:
            options.append(f"{option}={named[-1]}")
            expected[member] = keyword_of(text, option, named[-1])
    if choices_of(text, "Duplex"):
        options.append("sides=two-sided-long-edge")
        expected["sides"] = "two-sided-long-edge"
    staples = choices_of(text, "StaplePosition")
    if staples:
        number = re.search(rf"^\*cupsIPPFinishings (\d+)/{staples[0]}: ", text, re.MULTILINE)
        assert number
        options.append(f"StaplePosition={staples[0]}")
        expected["finishings"] = int(number[1])
    if "Draft" in choices_of(text, "cupsPrintQuality"):
        options.append("cupsPrintQuality=Draft")
        expected["print-quality"] = 3
    return options, expected


def _excludes(text: str, wish: str, option: str, choice: str) -> bool:
    other, _, chosen = wish.partition("=")
    return f"*UIConstraints: *{other} {chosen} *{option} {choice}\n" in text


def is_near(box: Box, *wanted: Box) -> bool:
    """Tell whether a box is one of those that may be."""
    return any(all(abs(edge - wish) < NEAR for edge, wish in zip(box, each)) for each in wanted)


def turned(box: Box) -> tuple[Box, Box]:
    """Return where a mark of a page across lies on an upright sheet, turned either way."""
    left, bottom, right, top = box
    width, height = SHEET
    return (width - top, left, width - bottom, right), (bottom, height - right, top, height - left)


# --- the grid ---------------------------------------------------------------------------------------------


@needs_gs
@pytest.mark.parametrize("name, kind", GRID)
def test_what_arrives(cups: CupsServer, tmp_path: Path, name: str, kind: str) -> None:
    """Two copies with tray, type, both sides and a staple, as far as the printer has them."""
    path = tmp_path / f"document.{kind}"
    MAKERS[kind](path)
    with make_printer(name) as printer:
        queue = add(cups, name, printer)
        try:
            options, expected = wishes_of((cups.etc / "ppd" / f"{queue}.ppd").read_text("utf-8"))
            words = [word for option in options for word in ("-o", option)]
            job = cups.lp(queue_name(name), path, options=("-n", "2", *words))
            assert cups.wait(job, 300) == "completed"
        finally:
            cups.run("lpadmin", "-x", queue)
        _check(printer, name, kind, expected, cups.job_log(job))


def _check(printer: Printer, name: str, kind: str, expected: dict[str, Any], log: list[str]) -> None:
    assert not [line for line in log if "does not take" in line or "ignores" in line]
    received = printer.printed
    listed = printer.ipp.extra["document-format-supported"].all
    for each in received:
        assert each.document_format in listed and each.document_format != "application/octet-stream"
        sent = {attr.name: [plain(value) for value in attr.all] for attr in each.template}
        found: dict[str, Any] = {key: values[0] if len(values) == 1 else values for key, values in sent.items()}
        found = {**found, **found.get("media-col", {})}
        assert {key: found.get(key) for key in expected} == expected, name
    pages = [(sides_of(each.document), each.copies) for each in received]
    sheets = 1 if kind == "jpeg" else 2
    assert sum(len(sides) * copies for sides, copies in pages) == 2 * sheets
    for sides, _ in pages:
        for start in range(0, len(sides), sheets):
            _compare(kind, sides[start : start + sheets])


def _compare(kind: str, sides: list[Side]) -> None:
    assert all(abs(side.width / side.dots - SHEET[0]) < NEAR for side in sides)
    assert all(abs(side.height / side.dots - SHEET[1]) < NEAR for side in sides)
    if kind == "text":
        assert [side.bands for side in sides] == LINES
    elif kind == "pdf":
        upright, across = (side.box for side in sides)
        assert is_near(upright, MARK), upright
        assert is_near(across, *turned(MARK)), across
    else:
        left, bottom, right, top = sides[0].box
        assert abs((right - left) / (top - bottom) - 2 / 3) < 0.03
