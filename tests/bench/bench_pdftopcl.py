"""pdftopcl beside the stock ways from PDF to PCL: gstoraster | rastertohp for PCL 5, gstopxl for PCL XL.

    python3 -m tests.bench.bench_pdftopcl [--runs N] [FILE ...]

All are started as cupsd starts them, behind pdftopdf, with 600 dots per inch; see bench_texttopcl, from which the
measuring comes. The documents are made here, pages of text, photographs and transparent shapes; others can be named.
Each way gets each document so many times, and its best run counts. Memory is that of the filters themselves, and
Ghostscript, which both ways start, comes on top of it; its processor time is counted. Where a stock filter is missing
or fails, the table says so.
"""

from __future__ import annotations

import argparse
import io
import os
import shutil
import sys
import tempfile
from dataclasses import dataclass
from typing import Any, Optional

from tests.bench.bench_texttopcl import FILTERS, ROOT, Measured, environment, measure, stock_description
from tests.unit.filters.pdf_documents import A4, Size, draw_picture, draw_transparent, make_pdf
from tests.unit.filters.pdf_job import PCL5E, PCL6, PCL6_COLOR, descriptions

PDFTOPDF = os.path.join(FILTERS, "pdftopdf")
OURS = os.path.join(ROOT, "filters", "pdftopcl")
CHECK = os.path.join(ROOT, "filters", "pdfcheck443")
STOCK_DESCRIPTIONS = "/usr/share/ppd/cupsfilters"


@dataclass(frozen=True)
class Way:
    """Filters behind pdftopdf, and the description they work with."""

    name: str
    commands: tuple[str, ...]
    description: Optional[str]


def draw_text(canvas: Any, size: Size, number: int) -> None:
    """Draw a page of prose in two faces."""
    canvas.setFont("Times-Roman", 11)
    for line in range(54):
        canvas.drawString(60, size[1] - 60 - 13.5 * line, f"Page {number}, line {line}: " + "nobody reads this. " * 4)
    canvas.setFont("Helvetica-Bold", 9)
    canvas.drawCentredString(size[0] / 2, 30, str(number))


DOCUMENTS = {
    "text": lambda: make_pdf(*[A4] * 50, draw=draw_text),
    "photographs": lambda: make_pdf(*[A4] * 10, draw=draw_picture),
    "transparent": lambda: make_pdf(*[A4] * 10, draw=draw_transparent),
}


def ways(directory: str) -> list[tuple[str, list[Way]]]:
    """Return for each language ours and the stock way."""
    for name in (PCL5E, PCL6, PCL6_COLOR):
        with open(os.path.join(directory, f"{name}.ppd"), "w", encoding="utf-8") as file:
            file.write(descriptions()[name])

    def ours(name: str) -> Way:
        return Way("pdftopcl", (OURS,), os.path.join(directory, f"{name}.ppd"))

    def stock(description: Optional[str], *names: str) -> Way:
        there = description and os.path.exists(description) and all(os.path.exists(f"{FILTERS}/{n}") for n in names)
        return Way(" | ".join(names), tuple(f"{FILTERS}/{n}" for n in names), description if there else None)

    return [
        ("PCL 5", [ours(PCL5E), stock(stock_description(directory), "gstoraster", "rastertohp")]),
        ("PCL XL", [ours(PCL6), stock(f"{STOCK_DESCRIPTIONS}/pxlmono.ppd", "gstopxl")]),
        ("colour", [ours(PCL6_COLOR), stock(f"{STOCK_DESCRIPTIONS}/pxlcolor.ppd", "gstopxl")]),
    ]


def run(way: Way, path: str, directory: str, runs: int) -> Measured:
    """Return the best of some runs."""
    environ = environment(directory, way.description or "")
    environ.update(CONTENT_TYPE="application/pdf", FINAL_CONTENT_TYPE="application/vnd.cups-pdf")
    # Ours has a filter before pdftopdf, too.
    commands = [*((CHECK,) if OURS in way.commands else ()), PDFTOPDF, *way.commands]
    found = [measure(commands, path, environ, "PageSize=A4 Resolution=600dpi") for _ in range(runs)]
    return min(found, key=lambda measured: measured.wall)


def row(document: str, language: str, way: Way, pages: int, measured: Measured) -> str:
    """Return one line of the table."""
    return (
        f"{document[-14:]:<14} {language:<7} {way.name:<23} {measured.wall:>7.2f} {measured.processor:>7.2f} "
        f"{measured.memory:>8.1f} {pages / measured.wall:>8.1f} {measured.output / pages:>11.0f} "
        f"{measured.first_byte or 0:>8.2f}"
    )


def compare(files: dict[str, str], directory: str, runs: int) -> None:
    """Print the table."""
    import pypdf

    heads = ("wall s", "cpu s", "mem MiB", "pages/s", "bytes/page", "first s")
    print(f"{'document':<14} {'to':<7} {'way':<23}" + "".join(f" {h:>{w}}" for h, w in zip(heads, (7, 7, 8, 8, 11, 8))))
    for name, path in files.items():
        pages = len(pypdf.PdfReader(path).pages)
        for language, (ours, stock) in ways(directory):
            best = run(ours, path, directory, runs)
            print(row(name, language, ours, pages, best), flush=True)
            if stock.description is None:
                print(f"{'':<22} {stock.name:<23} not installed")
                continue
            try:
                other = run(stock, path, directory, runs)
            except SystemExit as failed:
                print(f"{'':<22} {stock.name:<23} {failed}")
                continue
            print(row(name, language, stock, pages, other))
            print(
                f"{'':<22} {'stock/ours':<23} {other.wall / best.wall:>7.2f} {other.processor / best.processor:>7.2f} "
                f"{'':>8} {'':>8} {other.output / best.output:>11.2f} "
                f"{(other.first_byte or 0) / (best.first_byte or 1):>8.2f}",
                flush=True,
            )


def main() -> int:
    """Read the arguments, print the table."""
    parser = argparse.ArgumentParser(description="Time pdftopcl and the stock filters on the same documents.")
    parser.add_argument("files", metavar="FILE", nargs="*", help="PDF files in place of the ones made here")
    parser.add_argument("--runs", type=int, default=3)
    arguments = parser.parse_args()
    directory = tempfile.mkdtemp(prefix="bench-pdftopcl-")
    try:
        files = {os.path.basename(path).partition(".pdf")[0]: path for path in arguments.files}
        for name, make in {} if files else DOCUMENTS.items():
            files[name] = os.path.join(directory, f"{name}.pdf")
            with io.open(files[name], "wb") as file:
                file.write(make())
        compare(files, directory, max(arguments.runs, 1))
    finally:
        shutil.rmtree(directory)
    return 0


if __name__ == "__main__":
    sys.exit(main())
