"""One spooled file of IBM i to PDF, for printers that take PDF and for everything else that CUPS can do with PDF.

CUPS's own pdftopdf comes behind it: it makes copies, chooses pages and puts several on a sheet. Trays, bins and both
sides are not in a PDF, and a filter cannot give options to its job: where a file asks for other ones than the job does,
a warning says so.
"""

from __future__ import annotations

import os
from typing import Any, BinaryIO, Callable, Mapping, Optional, Sequence

from filters.common.job import Job
from filters.common.ppd import PrinterDescription
from filters.common.program import run_filter
from filters.common.report import Report
from filters.common.streams import read_description
from filters.scs.page import Raw
from filters.scs.recognition import OtherData
from filters.scs_pages import ScsPages, SetupSide
from filters.text_to_pcl import describe_missing, make_glyphs


class TransformedData(Exception):
    """The IBM i has made print data of the file already, which are no pages."""


def main(argv: Sequence[str], environ: Mapping[str, str], stdin: int = 0, stdout: int = 1, stderr: int = 2) -> int:
    """Convert a job and return the exit code."""

    def work(job: Job, report: Report) -> None:
        convert_job(job, environ, stdin, stdout, report)

    does, makes = "read the document or write the PDF", "the PDF"
    return run_filter("scstopdf443", argv, environ, stderr, work, refused=_refused, does=does, makes=makes)


def _refused(error: Exception, report: Report) -> bool:
    if isinstance(error, OtherData):
        report.error(f"{error} [F10]")
    elif isinstance(error, TransformedData):
        report.error(
            "This spooled file holds print data of another kind; on the IBM i set TRANSFORM(*NO) for the queue. [F11]"
        )
    else:
        return False
    return True


def convert_job(job: Job, environ: Mapping[str, str], stdin: int, stdout: int, report: Report) -> None:
    """Convert all documents of a job.

    Raises:
        OtherData, TransformedData, OSError: there is no PDF.
    """
    description = read_description(job.ppd, report)
    lost = LostWishes()
    with os.fdopen(os.dup(stdout), "wb") as output:
        sides, warnings = draw_scs(_whole(job), description, stdin, environ, output, lost.add)
    for warning in (*warnings, *lost.warnings()):
        report.warning(warning)
    if not sides:
        report.warning("nothing to print: the spooled file is empty")
    report.debug(f"scstopdf443: {sides} sides")


class LostWishes:
    """What a file asks for and its PDF cannot say."""

    def __init__(self) -> None:
        self._sides: set[str] = set()
        self._others: set[str] = set()

    def add(self, side: SetupSide, pages: ScsPages) -> None:
        """Look at what a side asks for besides what its job does."""
        if side.sides and side.sides != (pages.sides or "one-sided"):
            self._sides.add(side.sides)
        if side.media.source != pages.media.source:
            self._others.add("other trays")
        if side.media.output_bin != pages.media.output_bin:
            self._others.add("other output bins")

    def warnings(self) -> list[str]:
        """Return a line that names them, if there are any."""
        wishes = [f"sides={sides}" for sides in sorted(self._sides)] + sorted(self._others, reverse=True)
        if not wishes:
            return []
        return [
            f"the spooled file asks for {' and '.join(wishes)}, which PDF cannot say; set options of the job or queue"
        ]


def _whole(job: Job) -> Job:
    """Return the job without what pdftopdf does with it later."""
    from filters.common.dataclass import replace

    later = ("page-ranges", "page-set", "outputorder")
    return replace(job, options={name: value for name, value in job.options.items() if name.lower() not in later})


def draw_scs(
    job: Job,
    description: PrinterDescription,
    stdin: int,
    environ: Mapping[str, str],
    output: BinaryIO,
    watch: Optional[Callable[[SetupSide, ScsPages], None]] = None,
) -> tuple[int, list[str]]:
    """Draw the sides of a job as a PDF document; return how many there are, and warnings.

    Nothing is written when there is no side. ``watch`` gets each side that is drawn.

    Raises:
        OtherData, TransformedData, OSError: there is no PDF.
    """
    from reportlab.pdfgen.canvas import Canvas

    from filters.pdf.run_drawing import RunDrawing

    pages = ScsPages(job, description, stdin, environ)
    canvas: Any = Canvas(output, pageCompression=1)
    canvas.setTitle(job.title)
    settings = pages.print_settings
    drawing = RunDrawing(canvas, make_glyphs(settings) if settings.soft_fonts else None)
    drawn = 0
    for outputs in pages.outputs():
        for side in outputs:
            if isinstance(side, Raw):
                raise TransformedData
            drawing.draw(side.side)
            if watch:
                watch(side, pages)
            drawn += 1
    if drawn:
        canvas.save()
    pages.drain()
    missing = [describe_missing(drawing.missing, settings.soft_fonts)] if drawing.missing else []
    return drawn, [*pages.problems, *missing, *pages.warnings()]
