"""One text job for printers without PCL, top to bottom: the pages of texttopcl as PDF, or as the printer's raster.

cupsd starts nothing behind this filter: the type that a printer description names for its output is the printer's own.
So pages are chosen, put on sheets, ordered and copied here, and where the printer takes raster, CUPS's programs for
that are started here.

A page leaves before more text is read than it takes; only the last object of a PDF says which pages there are.
"""

from __future__ import annotations

from array import array
from functools import partial
from typing import Iterator, Mapping, Sequence

from filters.common.dataclass import replace
from filters.common.job import Job
from filters.common.overlay import Overlays, read_overlays
from filters.common.printer_copies import BEGINNING, are_left_by_text_filter
from filters.common.program import run_filter
from filters.common.raster import refused, start_raster
from filters.common.report import Report
from filters.common.streams import read_description, write_all
from filters.pdf.object_writer import ObjectWriter, write_string
from filters.pdf.text_drawing import TextDrawing
from filters.text_pages import TextPages, announce
from filters.text_to_pcl import describe_missing, make_glyphs


def main(argv: Sequence[str], environ: Mapping[str, str], stdin: int = 0, stdout: int = 1, stderr: int = 2) -> int:
    """Print a job and return the exit code."""

    def work(job: Job, report: Report) -> None:
        print_job(job, environ, stdin, stdout, report)

    return run_filter("texttopdf443", argv, environ, stderr, work, refused=partial(refused, "text"), cleans_up=True)


def print_job(job: Job, environ: Mapping[str, str], stdin: int, stdout: int, report: Report) -> None:
    """Print all documents of a job.

    Raises:
        NoRaster, OSError: the job ends without its end.
    """
    if job.copies > 1 and are_left_by_text_filter(job, _text_of_description(job)):
        job = replace(job, copies=1)
    pages = TextPages(job, read_description(job.ppd, report), stdin)
    announce(pages, job, "texttopdf443", report)
    with start_raster(job, environ, stdout) as raster:
        document = Document(job, pages, raster.descriptor)
        overlays = read_overlays(pages.settings.overlay, ".pdf", environ)
        for problem in (*overlays.problems, *document.add_letterheads(overlays)):
            report.warning(problem)
        document.write()
        raster.has_pages = document.drawn > 0
    pages.drain()
    for note in pages.notes():
        report.info(note)
    for warning in (*document.warnings(), *pages.warnings()):
        report.warning(warning)
    report.debug(f"texttopdf443: {document.drawn} sides")


def _text_of_description(job: Job) -> str:
    """Return the beginning of the queue's description; what is wrong with it is said by whoever needs it."""
    try:
        with open(job.ppd, encoding="utf-8", errors="replace") as file:
            return file.read(BEGINNING)
    except OSError:
        return ""


class Document:
    """The PDF of a job."""

    def __init__(self, job: Job, pages: TextPages, output: int) -> None:
        settings = pages.settings
        self._job = job
        self._pages = pages
        self._output = output
        #: Sides drawn so far.
        self.drawn = 0
        #: What comes before the first side, which waits for it: without sides there is no document.
        self._held: list[bytes] = []
        self._writer = ObjectWriter(self._send)
        glyphs = make_glyphs(settings) if settings.soft_fonts else None
        self._drawing = TextDrawing(self._writer, pages.layout, glyphs, pages.model, watermark=pages.watermark)

    def _send(self, data: bytes) -> None:
        self._held.append(data)
        if self.drawn:
            held, self._held = b"".join(self._held), []
            write_all(self._output, held)

    def add_letterheads(self, overlays: Overlays) -> Iterator[str]:
        """Write what is behind all sides; give what is wrong with it."""
        return self._drawing.add_letterheads(overlays)

    def write(self) -> None:
        """Write sides as they come, then what makes a document of them; nothing if there is none."""
        contents = array("L")
        for sides in self._pages.sides_as_printed():
            for side in sides:
                drawn = self._drawing.side(side, self._pages.is_back(self.drawn))
                self.drawn += 1
                contents.append(self._writer.add_stream(drawn))
        if contents:
            self._finish(contents)

    def _finish(self, contents: array[int]) -> None:
        writer, settings = self._writer, self._pages.settings
        two_sided = settings.sides in ("two-sided-long-edge", "two-sided-short-edge")
        if self._job.copies > 1 and two_sided and len(contents) % 2:
            contents.append(writer.add_stream(b""))  # the next copy begins on a sheet of its own
        common = self._drawing.page + self._drawing.write_fonts()
        tree = writer.reserve()
        copies = self._job.copies
        pages = copy_pages(contents, copies, settings.collate, 2 if two_sided else 1)
        writer.add_pages(pages, len(contents) * copies, common, tree)
        root = writer.add(b"<</Type/Catalog/Pages %d 0 R/ViewerPreferences<</PrintScaling/None>>>>" % tree)
        writer.finish(root, writer.add(b"<</Title%b/Producer(ipps443)>>" % write_string(self._job.title)))

    def warnings(self) -> Iterator[str]:
        """Give what was not as it should be."""
        if self._pages.watermark and not self._pages.settings.soft_fonts:
            yield "a watermark needs soft fonts, it is left out"
        if not self.drawn:
            yield "nothing to print: the document, or what the options left of it, is empty"
        if self._drawing.missing:
            yield describe_missing(self._drawing.missing, self._pages.settings.soft_fonts)


def copy_pages(pages: Sequence[int], copies: int, collate: bool, sides: int) -> Iterator[int]:
    """Give pages with all copies: one copy after the other, or all copies of a sheet together.

    Args:
        sides: of a sheet that are printed.
    """
    for _ in range(copies if collate else 1):
        for start in range(0, len(pages), sides):
            for _ in range(1 if collate else copies):
                yield from pages[start : start + sides]
