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


def printed_pages(job: PrintedJob, grid: Grid) -> list[list[str]]:
    """Return the lines of each page as they stand on paper, blank ones at the end left out."""
    glyphs = [glyph for page in job.pages for glyph in page.glyphs]
    left, top = min(glyph.x for glyph in glyphs), min(glyph.y for glyph in glyphs)
    rows = sorted({glyph.y for glyph in glyphs})
    pitch = min(b - a for a, b in zip(rows, rows[1:]))
    return [page.text(left, top, glyphs[0].width, pitch) for page in job.pages]


def without_blank_end(pages: list[list[str]]) -> list[list[str]]:
    """Return pages without blank lines at their ends."""
    trimmed = []
    for page in pages:
        while page and not page[-1]:
            page = page[:-1]
        trimmed.append(page)
    return trimmed
