"""PDF to a printer's raster by the programs of CUPS and cups-filters, for filters behind which cupsd starts nothing."""

from __future__ import annotations

import os
import signal
from contextlib import contextmanager, suppress

from filters.common.cups_filter import filter_command
from filters.common.formats import PWG, URF
from filters.common.job import Job, format_options
from filters.common.raster_type import with_raster_type
from filters.common.report import Report
from filters.common.streams import load_description, write_all

TYPE_CHECKING = False  # slow to import, like the modules of _start and _Passed, which most jobs do not need
if TYPE_CHECKING:
    import subprocess
    from typing import IO, Iterator, Mapping, Optional, Sequence

#: What the printer gets, and the programs that make it of PDF.
_PROGRAMS = {URF: ("gstoraster", "rastertopwg"), PWG: ("gstoraster",)}
#: Bytes of raster without a page: its head, which has 4 in PWG raster and 12 in URF.
_HEAD_ONLY = 12
_BLOCK_SIZE = 65536
#: Options that have done their work when there are pages; what makes raster must not do it again.
_DEALT_WITH = frozenset(
    """
    collate columns copies cpi fit-text landscape lpi mirror multiple-document-handling number-up number-up-layout
    orientation-requested outputorder page-bottom page-border page-footer page-header page-label page-left page-ranges
    page-right page-set page-top prettyprint text-charset wrap
    """.split()
)


class NoRaster(Exception):
    """A program that makes raster cannot be started, or failed."""


def refused(document: str, error: Exception, report: Report) -> bool:
    """Write the ERROR line of a document of which no raster was made; False if the error is a different one."""
    if isinstance(error, NoRaster):
        report.error(f"The {document} cannot be printed: {error} [F03]")
    return isinstance(error, NoRaster)


class Raster:
    """Where PDF goes, by its ``descriptor``: to programs that make raster of it, or to the printer as it is."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        #: Whether there are pages in the PDF; a program may end well and make nothing of them.
        self.has_pages = True


@contextmanager
def start_raster(job: Job, environ: Mapping[str, str], stdout: int) -> Iterator[Raster]:
    """Start what makes the type that the printer gets, if that is raster.

    Raises:
        NoRaster, OSError: nothing came of it, which is known at the end.
    """
    programs = _PROGRAMS.get(environ.get("FINAL_CONTENT_TYPE", "").lower(), ())
    if not programs:
        yield Raster(stdout)
        return
    import subprocess

    kept = {name: value for name, value in job.options.items() if name.lower() not in _DEALT_WITH}
    if len(programs) == 1:
        with suppress(OSError):
            kept = with_raster_type(kept, load_description(job.ppd))
    options = format_options({**kept, "print-scaling": "none"})
    started: list[subprocess.Popen[bytes]] = []
    passed = None
    try:
        for name in programs:
            stdin = started[-1].stdout if started else subprocess.PIPE
            started.append(_start(filter_command(name, job, environ, 1, options), stdin, environ))
        for process in started[:-1]:
            assert process.stdout
            process.stdout.close()  # so that a program learns that the next one is gone
        pdf, made = started[0].stdin, started[-1].stdout
        assert pdf is not None and made is not None
        passed = _Passed(made, stdout)
        raster = Raster(pdf.fileno())
        try:
            yield raster
        except BrokenPipeError:
            _check(programs, started)
            raise
        _check(programs, started)
        passed.finish()
        if raster.has_pages and passed.count <= _HEAD_ONLY:
            raise NoRaster(f"{programs[-1]} made no page of it")
    finally:
        for process in started:
            process.kill()
            process.wait()
            for stream in filter(None, (process.stdin, process.stdout)):
                # What is passed on is closed by the thread that does it.
                if passed is None or process is not started[-1] or stream is process.stdin:
                    stream.close()


class _Passed:
    """What the last program has made, on its way to the printer; counted, for one may end well and make nothing."""

    def __init__(self, raster: IO[bytes], stdout: int) -> None:
        import threading

        self._raster = raster
        self._stdout = stdout
        self._error: Optional[OSError] = None
        self.count = 0
        self._thread = threading.Thread(target=self._pass_on, daemon=True)
        self._thread.start()

    def _pass_on(self) -> None:
        head = b""  # held back until a page follows, so that a job without one is empty
        try:
            while block := os.read(self._raster.fileno(), _BLOCK_SIZE):
                self.count += len(block)
                head += block
                if self.count > _HEAD_ONLY:
                    write_all(self._stdout, head)
                    head = b""
        except OSError as error:
            self._error = error
        finally:
            self._raster.close()  # whoever still writes learns it

    def finish(self) -> None:
        """Wait for the end of it.

        Raises:
            OSError: it could not be written.
        """
        self._thread.join()
        if self._error:
            raise self._error


def _check(programs: Sequence[str], started: Sequence[subprocess.Popen[bytes]]) -> None:
    """Wait for programs, and raise NoRaster for one that failed: the last, since those before it lost their reader."""
    started[0].stdin.close()  # type: ignore[union-attr]
    statuses = [process.wait() for process in started]
    for name, status in reversed([*zip(programs, statuses)]):
        if status and status != -signal.SIGPIPE:
            raise NoRaster(f"{name} gave up (status {status})")
    if any(statuses):
        raise BrokenPipeError


def _start(command: list[str], stdin: int | IO[bytes] | None, environ: Mapping[str, str]) -> subprocess.Popen[bytes]:
    import subprocess

    try:
        return subprocess.Popen(command, stdin=stdin, stdout=subprocess.PIPE, env=dict(environ))
    except OSError as error:
        name = os.path.basename(command[0])
        raise NoRaster(f"{name} cannot be started ({error.strerror}); install cups-filters") from None
