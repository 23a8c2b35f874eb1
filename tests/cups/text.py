"""What a text should look like on paper, worked out from the text alone."""

from __future__ import annotations

from dataclasses import dataclass

from tests.pcl_parser import PrintedJob


@dataclass(frozen=True)
class Grid:
    """Columns and lines of a page."""

    columns: int
    lines: int


def expected_pages(text: str, grid: Grid) -> list[list[str]]:
    """Return the lines of each page of a text without overstrikes: wrapped at the last column, cut at form feeds."""
    pages: list[list[str]] = []
    for part in text.removesuffix("\f").split("\f"):
        rows = []
        for line in part.removesuffix("\n").expandtabs(8).split("\n"):
            rows += [line[at : at + grid.columns] for at in range(0, len(line), grid.columns)] or [""]
        pages += [rows[at : at + grid.lines] for at in range(0, len(rows), grid.lines)] or [[]]
    return [[row.rstrip() for row in page] for page in pages]


def printed_pages(job: PrintedJob) -> list[list[str]]:
    """Return the lines of each page as they stand on paper, blank ones at the end left out."""
    glyphs = [glyph for page in job.pages for glyph in page.glyphs]
    xs, ys = sorted({glyph.x for glyph in glyphs}), sorted({glyph.y for glyph in glyphs})
    cell, pitch = average_step(xs, glyphs[0].width), average_step(ys, min(b - a for a, b in zip(ys, ys[1:])))
    rows = []
    for page in job.pages:
        rows.append([""] * (round((ys[-1] - ys[0]) / pitch) + 1))
        for glyph in sorted(page.glyphs, key=lambda glyph: glyph.x):
            row, column = round((glyph.y - ys[0]) / pitch), round((glyph.x - xs[0]) / cell)
            rows[-1][row] = rows[-1][row].ljust(column) + glyph.text
    return without_blank_end([[row.rstrip() for row in page] for page in rows])


def average_step(positions: list[int], about: float) -> float:
    """Return the distance of neighbours on a grid whose positions are rounded to the printer's units."""
    length = positions[-1] - positions[0]
    return length / max(1, round(length / about))


def without_blank_end(pages: list[list[str]]) -> list[list[str]]:
    """Return pages without blank lines at their ends."""
    trimmed = []
    for page in pages:
        while page and not page[-1]:
            page = page[:-1]
        trimmed.append(page)
    return trimmed
