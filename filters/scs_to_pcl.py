"""One spooled file of IBM i, top to bottom: CUPS filter contract (filter(7)) outside, SCS to PCL 5 inside.

What comes out ends with UEL, as the backend expects of a whole job; a job that is stopped or fails must not have it.
A file that Host Print Transform has made for the printer, and only dressed as SCS, is unwrapped and passed on.
"""

from __future__ import annotations

from typing import IO, Mapping, Optional, Sequence

from filters.common.finished_sets import are_left_to_backend
from filters.common.job import Job, get_option
from filters.common.program import run_filter
from filters.common.report import Report
from filters.common.streams import read_description, write_all
from filters.layout.settings import Settings
from filters.pcl.commands import UNIVERSAL_EXIT_LANGUAGE
from filters.pcl.model import read_model
from filters.pcl.run_writer import RunWriter
from filters.scs.page import Raw
from filters.scs.recognition import OtherData
from filters.scs_pages import WITHOUT_MEANING, ScsPages, SetupSide
from filters.scs_records import LINE_DATA, pass_on
from filters.text.source import BLOCK_SIZE
from filters.text_to_pcl import describe_missing, make_glyphs


def main(argv: Sequence[str], environ: Mapping[str, str], stdin: int = 0, stdout: int = 1, stderr: int = 2) -> int:
    """Print a job and return the exit code."""

    def work(job: Job, report: Report) -> None:
        if environ.get("CONTENT_TYPE") == LINE_DATA:
            pass_on(job, read_description(job.ppd, report), stdin, stdout)
        else:
            print_job(job, environ, stdin, stdout, report)

    return run_filter("scstopcl", argv, environ, stderr, work, refused=_refused)


def _refused(error: Exception, report: Report) -> bool:
    if not isinstance(error, OtherData):
        return False
    report.error(f"{error} [F10]")
    return True


def print_job(job: Job, environ: Mapping[str, str], stdin: int, stdout: int, report: Report) -> None:
    """Print all documents of a job.

    Raises:
        OtherData, OSError: the job ends without its end.
    """
    description = read_description(job.ppd, report)
    pages = ScsPages(job, description, stdin, environ)
    model = read_model(job.options, description)
    for problem in (*pages.problems, *model.problems):
        report.warning(problem)
    for name in WITHOUT_MEANING:
        if get_option(job.options, name) is not None:
            report.debug(f"scstopcl: option {name} has no meaning for pages that the IBM i has made")
    report.debug(
        f"scstopcl: {pages.media.size.name}, code page {pages.settings.codepage}, COR {pages.settings.reduction}"
    )
    settings = pages.print_settings
    glyphs = make_glyphs(settings) if settings.soft_fonts else None
    writer = RunWriter(job.title, job.copies, settings.collate, glyphs, model, are_left_to_backend(job))
    printing = Printing(job, pages, writer, settings, stdout)
    printing.print_all()
    pages.drain()
    for warning in (*printing.warnings(), *pages.warnings()):
        report.warning(warning)
    report.debug(f"scstopcl: {printing.printed} sides")


class Printing:
    """Sides, or what is passed on, to the printer."""

    def __init__(self, job: Job, pages: ScsPages, writer: RunWriter, settings: Settings, stdout: int) -> None:
        self._job = job
        self._pages = pages
        self._writer = writer
        self._settings = settings
        self._stdout = stdout
        #: Sides printed so far.
        self.printed = 0
        self._passed_on = PassedOn(stdout, job.copies)

    def print_all(self) -> None:
        """Write sides as they come, then the end of the job, if it has begun."""
        if self._settings.reverse:
            self._print_reversed()
        else:
            for outputs in self._pages.outputs():
                self._write(outputs)
        if self.printed:
            write_all(self._stdout, self._writer.end_job())
        self._passed_on.finish()

    def _print_reversed(self) -> None:
        from filters.layout.reverse_order import ReverseOrder

        kept = ReverseOrder(duplex=False)
        for outputs in self._pages.outputs():
            for output in outputs:
                if isinstance(output, Raw):
                    self._passed_on.add(output.data)
                else:
                    kept.add(output)
                    # The file may say it, page by page; where one side is printed alone, sheets are single.
                    two_sided = output.sides not in (None, "one-sided")
                    kept.duplex = two_sided and (kept.duplex or output.side.number == 1)
        last = None
        for side in kept.sides():
            last = side if isinstance(side, SetupSide) else last
            if isinstance(side, SetupSide):
                self._write([side])
            elif last:
                # The empty back of a last sheet that has only a front.
                self._write([last.empty()])

    def _write(self, outputs: Sequence[SetupSide | Raw]) -> None:
        data = []
        for output in outputs:
            if isinstance(output, Raw):
                self._passed_on.add(output.data)
                continue
            if not self.printed:
                data.append(self._writer.start_job())
            self.printed += 1
            data.append(self._writer.side(*output))
        if data:
            write_all(self._stdout, b"".join(data))

    def warnings(self) -> list[str]:
        """Return what was not as it should be."""
        found = []
        if not self.printed and not self._passed_on.bytes:
            found.append("nothing to print: the spooled file, or what the options left of it, is empty")
        if self._writer.missing:
            found.append(describe_missing(self._writer.missing, self._settings.soft_fonts))
        return found


class PassedOn:
    """Print data that the host has made: written as they come, kept when more than one copy is wanted."""

    def __init__(self, stdout: int, copies: int) -> None:
        self._stdout = stdout
        self._copies = copies
        self._kept: Optional[IO[bytes]] = None
        self._end = b""
        #: Bytes so far.
        self.bytes = 0

    def add(self, data: bytes) -> None:
        """Write some."""
        if not data:
            return
        self.bytes += len(data)
        self._end = (self._end + data)[-len(UNIVERSAL_EXIT_LANGUAGE) :]
        if self._copies > 1:
            self._keep(data)
        write_all(self._stdout, data)

    def _keep(self, data: bytes) -> None:
        import tempfile  # slow, and most jobs do without

        if self._kept is None:
            self._kept = tempfile.TemporaryFile()
        self._kept.write(data)

    def finish(self) -> None:
        """Write the copies after the first, and what ends a job."""
        if not self.bytes:
            return
        end = b"" if self._end == UNIVERSAL_EXIT_LANGUAGE else UNIVERSAL_EXIT_LANGUAGE
        write_all(self._stdout, end)
        for _ in range(self._copies - 1 if self._kept else 0):
            assert self._kept
            self._kept.seek(0)
            while data := self._kept.read(BLOCK_SIZE):
                write_all(self._stdout, data)
            write_all(self._stdout, end)
