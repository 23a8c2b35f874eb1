"""One PDF job, top to bottom: CUPS filter contract (filter(7)) on the outside, Ghostscript on the inside.

The document is looked at first, then rendered page by page; each page leaves when it is there, and nothing before.
What the printer gets ends with UEL; the backend takes a job without it for one whose filter died, so a job that is
stopped or fails must not have it.

Copies, page ranges and several pages on a sheet are made before by pdftopdf of CUPS's filters: the descriptions say
"cupsManualCopies", so argv[4] is not looked at here. Pages are counted by the backend, as with text.
"""

from __future__ import annotations

import os
import resource
import signal
import time
from contextlib import contextmanager
from typing import BinaryIO, Iterator, Mapping, Sequence, cast

from filters.job import Job, JobUsageError, parse_job
from filters.pcl.media import choose_media
from filters.pcl.model import read_model
from filters.pdf.envelope import Envelope
from filters.pdf.inspection import PdfFacts, PdfRefused, inspect_pdf
from filters.pdf.renderer import BLOCK_SIZE, Renderer, document_path
from filters.pdf.rendering import choose_rendering, command_line, common_size
from filters.report import Report
from filters.streams import read_description, write_all

#: Seconds for looking at a document before it is rendered; thousands of pages take less than one.
LONGEST_LOOK = 20
#: Bytes of address space for it; ordinary documents leave most of it unused.
MOST_MEMORY = 1 << 30
#: What Ghostscript says when it begins a page, before the page's number.
PAGE_WORD = b"Page "
#: Other lines of Ghostscript that go into the error log, and the longest that is kept in memory.
MOST_LINES = 50
LONGEST_LINE = 4096
#: Seconds between two messages about pages, so that cupsd is not kept busy with them.
BETWEEN_MESSAGES = 1.0


class RenderingFailed(Exception):
    """Ghostscript could not be started, ended with an error, or drew nothing."""


class _Stopped(BaseException):
    """SIGTERM came: clean up and leave, with nothing that looks like the end of a job."""


def main(argv: Sequence[str], environ: Mapping[str, str], stdin: int = 0, stdout: int = 1, stderr: int = 2) -> int:
    """Print a job and return the exit code."""
    report = Report(stderr)
    before = signal.signal(signal.SIGTERM, _stop)
    try:
        print_job(parse_job(argv, environ), environ, stdin, stdout, report)
    except JobUsageError as error:
        report.error(f"pdftopcl: {error.reason} [F01]")
    except PdfRefused as error:
        report.error(f"The document cannot be printed: {error.reason} [F02]")
    except RenderingFailed as error:
        report.error(f"The document cannot be printed to its end: {error} [F03]")
    except BrokenPipeError:
        # The next program is gone; whoever ended it says why.
        report.debug("pdftopcl: nobody reads the print data any more")
    except OSError as error:
        report.error(f"pdftopcl cannot read the document or write the print data: {error} [F04]")
    except _Stopped:
        report.debug("pdftopcl: stopped by SIGTERM")
    except Exception as error:
        report.fault("pdftopcl", error)
    else:
        return 0
    finally:
        signal.signal(signal.SIGTERM, before)
    return 1


def _stop(number: int, frame: object) -> None:
    # Once is enough: what cleans up now must not be stopped again.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise _Stopped


def print_job(job: Job, environ: Mapping[str, str], stdin: int, stdout: int, report: Report) -> None:
    """Print all documents of a job.

    Raises:
        PdfRefused, RenderingFailed, OSError: the job ends without its end.
    """
    import tempfile

    description = read_description(job.ppd, report)
    media = choose_media(job.options, description)
    model = read_model(job.options, description)
    rendering = choose_rendering(job, description, media, model)
    for problem in (*media.problems, *model.problems, *rendering.problems):
        report.warning(problem)
    envelope = Envelope(job.title, rendering)
    with tempfile.TemporaryDirectory(prefix="ipps443-") as temporary:
        for path in job.files or ("",):
            with _open_document(path, stdin, temporary) as document:
                facts = _inspect(document)
                report.debug(f"pdftopcl: {facts.pages} pages, {len(facts.sizes)} sizes among them; {rendering}")
                envelope.start_document(common_size(facts.sizes, media.size))
                arguments = command_line(rendering, document_path(document.fileno()))
                with _rendering(arguments, document, temporary, environ) as renderer:
                    _print_pages(renderer, envelope, stdout, _Words(facts.pages, report))
        write_all(stdout, envelope.end_job())


@contextmanager
def _open_document(path: str, stdin: int, temporary: str) -> Iterator[BinaryIO]:
    """Open the document as a file that can be read from any place: a PDF is read from its end."""
    import tempfile

    with open(path, "rb") if path else tempfile.TemporaryFile(dir=temporary) as file:
        while not path and (block := os.read(stdin, BLOCK_SIZE)):
            try:
                # Past the file's own buffer, which could not be emptied when it is closed if there is no room.
                write_all(file.fileno(), block)
            except OSError as error:
                # Whoever has to make room should know where.
                raise OSError(error.errno, error.strerror, os.path.dirname(temporary)) from None
        yield cast(BinaryIO, file)


def _inspect(document: BinaryIO) -> PdfFacts:
    """Look at the document, but not for ever, and not with all memory: a damaged one can lead its reader in circles.

    Raises:
        PdfRefused: also when it takes too long.
    """

    def give_up(number: int, frame: object) -> None:
        raise PdfRefused("it is damaged or very complicated; save it anew, and print that")

    memory, most = resource.getrlimit(resource.RLIMIT_AS)
    before = signal.signal(signal.SIGALRM, give_up)
    if memory == resource.RLIM_INFINITY or memory > MOST_MEMORY:
        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, most))
    # Again after a second, if something on the way has taken the exception for one of its own.
    signal.setitimer(signal.ITIMER_REAL, LONGEST_LOOK, 1)
    try:
        return inspect_pdf(document)
    except MemoryError:
        raise PdfRefused("it is damaged or very complicated; save it anew, and print that") from None
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (memory, most))
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@contextmanager
def _rendering(
    arguments: list[str], document: BinaryIO, temporary: str, environ: Mapping[str, str]
) -> Iterator[Renderer]:
    """Start the renderer; whatever happens, it is gone in the end."""
    try:
        renderer = Renderer(arguments, document.fileno(), temporary, environ)
    except OSError as error:
        raise RenderingFailed(f"Ghostscript cannot be started ({error}); install ghostscript") from None
    try:
        yield renderer
    finally:
        renderer.kill()


def _print_pages(renderer: Renderer, envelope: Envelope, stdout: int, words: _Words) -> None:
    """Write pages as they come from the renderer, and see that it came to its end."""
    drawn = 0
    for is_output, piece in renderer.output():
        if is_output:
            drawn += len(piece)
            write_all(stdout, envelope.take(piece))
        else:
            words.take(piece)
    status = renderer.wait()
    if status < 0:
        raise RenderingFailed(f"Ghostscript was ended by signal {-status}; is there enough memory?")
    if status or not drawn:
        raise RenderingFailed(f"Ghostscript gave up (status {status}, {words.complaint or 'without a word'})")
    write_all(stdout, envelope.end_document())


class _Words:
    """What the renderer says, line by line: pages become INFO, the rest DEBUG."""

    def __init__(self, pages: int, report: Report) -> None:
        self._pages = pages
        self._report = report
        self._rest = b""
        self._passed_on = 0
        self._next_message = 0.0
        #: The last line that speaks of an error.
        self.complaint = ""

    def take(self, piece: bytes) -> None:
        """Take some of its words."""
        *lines, rest = (self._rest + piece).split(b"\n")
        self._rest = rest[:LONGEST_LINE]
        for line in filter(None, map(bytes.strip, lines)):
            number = line.removeprefix(PAGE_WORD)
            if number != line and number.isdigit():
                self._take_page(int(number))
            else:
                self._take_line(line.decode("utf-8", "replace"))

    def _take_page(self, number: int) -> None:
        now = time.monotonic()
        if now >= self._next_message or number == self._pages:
            self._next_message = now + BETWEEN_MESSAGES
            self._report.info(f"Rendering page {number} of {self._pages}")

    def _take_line(self, line: str) -> None:
        if "rror" in line:
            self.complaint = line[:200]
        self._passed_on += 1
        if self._passed_on <= MOST_LINES:
            self._report.debug(f"gs: {line}")
