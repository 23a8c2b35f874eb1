"""One PDF job, top to bottom: CUPS filter contract (filter(7)) on the outside, Ghostscript on the inside.

The document is looked at first, then rendered page by page; each page leaves when it is there, and nothing before.
Ghostscript is started when the job begins, and let at the document when that has been found good.
What the printer gets ends with UEL; the backend takes a job without it for one whose filter died, so a job that is
stopped or fails must not have it.

What Ghostscript says of pages that it could not draw is believed: a document that is not all on paper is no success.

Copies, page ranges and several pages on a sheet are made before by pdftopdf of CUPS's filters: the descriptions say
"cupsManualCopies". Where the document then has each page as often as there are copies, it is drawn once, and the
printer copies it: as many sheets come out as are in the document. Pages are counted by the backend, as with text.
"""

from __future__ import annotations

import os
import signal
import time
from contextlib import ExitStack, contextmanager, suppress

from filters.common.finished_sets import are_left_to_backend, find_copy, one_set, wants_sets
from filters.common.job import Job, get_option
from filters.common.media import choose_media
from filters.common.ppd import PrinterDescription
from filters.common.program import run_filter
from filters.common.report import Report
from filters.common.settings import Settings
from filters.common.settings_file import SettingsUnreadable, read_settings
from filters.common.streams import read_description, write_all
from filters.common.temporary_folder import temporary_folder, unnamed_file
from filters.common.trusted_file import settings_path
from filters.pcl.model import read_model
from filters.pdf.envelope import Envelope
from filters.pdf.inspection import PdfFacts, PdfRefused, inspect_pdf
from filters.pdf.opening import cut_out, open_document, within_limits
from filters.pdf.renderer import LimitReached, Limits, Renderer, document_path
from filters.pdf.rendering import PageCopies, Rendering, choose_rendering, command_line, common_size
from filters.pdf.words import Words

TYPE_CHECKING = False  # slow to import
if TYPE_CHECKING:
    from typing import BinaryIO, Callable, Iterator, Mapping, Optional, Sequence

#: Seconds between two messages about pages, so that cupsd is not kept busy with them.
BETWEEN_MESSAGES = 1.0
#: Copies of a page that all printers make, and pages that are named to Ghostscript at most; others are drawn again.
MOST_COPIES, MOST_PAGES = 99, 2000
#: Says who makes whole copies one after the other: "printer", or "sent" as without it.
COPIES_OPTION = "pdf-copies"
#: Without pdfcheck443 before it, pdftopdf makes empty pages of what is missing (qpdf 12).
_REFRESH = "the queue sees that after: ipps443ctl refresh"


class RenderingFailed(Exception):
    """Ghostscript could not be started, ended with an error, or drew nothing."""


def main(argv: Sequence[str], environ: Mapping[str, str], stdin: int = 0, stdout: int = 1, stderr: int = 2) -> int:
    """Print a job and return the exit code."""

    def work(job: Job, report: Report) -> None:
        print_job(job, environ, stdin, stdout, report)

    return run_filter("pdftopcl", argv, environ, stderr, work, refused=_refused, cleans_up=True)


def _refused(error: Exception, report: Report) -> bool:
    if isinstance(error, PdfRefused):
        report.error(f"The document cannot be printed: {error.reason} [F02]")
    elif isinstance(error, LimitReached):
        report.error(f"The document takes more than {error.setting} allows; print less of it, or see pdftopcl(8) [F06]")
    elif isinstance(error, SettingsUnreadable):
        report.error(f"The settings {error} [F07]")
    elif isinstance(error, RenderingFailed):
        report.error(f"The document cannot be printed to its end: {error} [F03]")
    else:
        return False
    return True


def print_job(job: Job, environ: Mapping[str, str], stdin: int, stdout: int, report: Report) -> None:
    """Print all documents of a job.

    Raises:
        PdfRefused, RenderingFailed, OSError: the job ends without its end.
    """
    description = read_description(job.ppd, report)
    media = choose_media(job.options, description)
    if media.limits:
        raise PdfRefused(f"{media.limits}; choose another size")
    model = read_model(job.options, description)
    rendering = choose_rendering(job, description, media, model)
    for problem in (*media.problems, *model.problems, *rendering.problems):
        report.warning(problem)
    settings = _read_settings(job, environ, report)
    envelope = Envelope(job.title, rendering)
    with temporary_folder() as temporary:

        def make() -> BinaryIO:
            return running.enter_context(unnamed_file(temporary))

        def start(document: BinaryIO, copied: Optional[PageCopies] = None, waits: bool = False) -> Renderer:
            arguments = command_line(rendering, document_path(document.fileno()), copied)
            limits = Limits.from_settings(settings)
            return running.enter_context(_rendering(arguments, document, temporary, environ, limits, waits))

        def start_early(document: BinaryIO) -> None:
            # It takes as long to get ready as a page of text, and the document is on its way meanwhile.
            with suppress(RenderingFailed):  # it is said when there is something to draw
                early.append(start(document, waits=True))

        for path in job.files or ("",):
            early: list[Renderer] = []
            # Of several copies the document says which pages there are to draw.
            begin = start_early if job.copies == 1 else None
            with ExitStack() as running, open_document(path, stdin, make, begin) as given:
                chosen = chosen_pages(job.options)
                if chosen and not given.seek(0, os.SEEK_END):
                    report.warning(f"nothing to print: {chosen} leaves no page of the document")
                    continue
                document, facts = _inspect(given, make)
                if are_left_to_backend(job) and len(job.files) < 2:
                    document, envelope.sets = _one_set(document, job.copies, make, report)
                    facts = inspect_pdf(document) if envelope.sets > 1 else facts
                report.debug(f"pdftopcl: {facts.pages} pages, {len(facts.sizes)} sizes among them; {rendering}")
                if facts.may_be_empty and _is_unchecked(description):
                    report.warning(f"a page may be empty because the file is damaged; {_REFRESH} {job.queue}")
                envelope.start_document(common_size(facts.sizes, media.size))
                copied = _page_copies(job, rendering, document, facts) if envelope.sets == 1 else None
                envelope.quantity = copied.quantity if copied else 1
                renderer = early[0] if early and document is given else start(document, copied)
                renderer.begin()
                _print_pages(renderer, envelope, stdout, Words(facts), report, copied)
        write_all(stdout, envelope.end_job())


def _is_unchecked(description: PrinterDescription) -> bool:
    """Tell whether a description is one of 0.1.0, with which CUPS does not start pdfcheck443."""
    return bool(description.values) and description.value("cupsPreFilter", "") is None


def chosen_pages(options: Mapping[str, str]) -> str:
    """Return the options that choose pages; pdftopdf, which carries them out, writes nothing when none is left."""
    given = ((name, get_option(options, name)) for name in ("page-ranges", "page-set"))
    return " ".join(f"{name}={value[:40]}" for name, value in given if value)


def _read_settings(job: Job, environ: Mapping[str, str], report: Report) -> Settings:
    path = settings_path(environ)
    settings = read_settings(path, job.queue)
    for problem in settings.problems:
        report.warning(f"{path}, line {problem.line}: {problem.reason}; the line does not count [F07]")
    return settings


def _inspect(given: BinaryIO, make: Callable[[], BinaryIO]) -> tuple[BinaryIO, PdfFacts]:
    """Return the document, which begins with its header, and what it is.

    Raises:
        PdfRefused: it cannot be printed, or looking takes too long.
    """
    with within_limits():
        document, _ = cut_out(given, make)
        return document, inspect_pdf(document)


def _one_set(document: BinaryIO, copies: int, make: Callable[[], BinaryIO], report: Report) -> tuple[BinaryIO, int]:
    """Return the document without the copies that pdftopdf has made, and how many are to be made of it."""
    with within_limits():
        found = one_set(document.fileno(), copies)
    if found is None:
        report.warning("The copies cannot be told apart in this document; they are finished as one set")
        return document, 1
    file = make()
    file.write(found)
    file.flush()
    return file, copies


def _page_copies(job: Job, rendering: Rendering, document: BinaryIO, facts: PdfFacts) -> Optional[PageCopies]:
    """Return the pages that the printer can copy, if pdftopdf has put each of them there as often as there are copies.

    Copies of pages are a part of both languages, so that each printer makes them. It makes copies of single sheets;
    copies of sheets with two sides stay in the document. So do whole sets one after the other, unless the queue says
    that its printer keeps a job to print it again (PJL QTY): others print one set, and say nothing.
    """
    if not 1 < job.copies <= MOST_COPIES or len(job.files) > 1:
        return None
    if facts.pages > MOST_PAGES * job.copies or wants_sets(job.options, job.copies):
        return None
    try:
        with within_limits():
            found = find_copy(document.fileno(), job.copies)
    except PdfRefused:  # it takes too long to look; the document is right as it is
        return None
    if found is None:
        return None
    pages = tuple(page + 1 for page in found)
    if rendering.sides == "one-sided" and (found.step > 1 or len(found) == 1):
        return PageCopies(pages, job.copies)
    if found.step == 1 and (get_option(job.options, COPIES_OPTION) or "").lower() == "printer":
        return PageCopies(pages, quantity=job.copies)
    return None


@contextmanager
def _rendering(
    arguments: list[str], document: BinaryIO, temporary: str, environ: Mapping[str, str], limits: Limits, waits: bool
) -> Iterator[Renderer]:
    """Start the renderer; whatever happens, it is gone in the end. SIGTERM waits while it is started: it would stay."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    try:
        renderer = Renderer(arguments, document.fileno(), temporary, environ, limits, waits)
    except OSError as error:
        raise RenderingFailed(f"Ghostscript cannot be started ({error}); install ghostscript") from None
    else:
        try:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
            yield renderer
        finally:
            renderer.kill()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _print_pages(
    renderer: Renderer,
    envelope: Envelope,
    stdout: int,
    words: Words,
    report: Report,
    copied: Optional[PageCopies] = None,
) -> None:
    """Write pages as they come from the renderer, and see that it came to its end and has drawn all of them.

    Raises:
        RenderingFailed: it has not.
        LimitReached: the document takes more than it may.
    """
    drawn, next_message = 0, 0.0
    for is_output, piece in renderer.output():
        if is_output:
            drawn += len(piece)
            write_all(stdout, envelope.take(piece))
            continue
        for line in words.take(piece):
            report.debug(f"gs: {line}")
        if words.new_page():
            renderer.page_begins()
            if time.monotonic() >= next_message or words.page == words.pages:
                next_message = time.monotonic() + BETWEEN_MESSAGES
                report.info(f"Rendering page {words.page} of {words.pages}")
        if words.other_count is not None:
            raise RenderingFailed(f"Ghostscript finds {words.other_count} of its {words.pages} pages")
    status = renderer.wait()
    if words.memory and (status or words.lost):
        raise LimitReached("render-memory")
    if status == -signal.SIGXFSZ:
        raise LimitReached("render-output")
    if status < 0:
        raise RenderingFailed(f"Ghostscript was ended by signal {-status}; is there enough memory?")
    if status or not drawn:
        raise RenderingFailed(f"Ghostscript gave up (status {status}, {words.complaint or 'without a word'})")
    if copied and words.begun != len(copied.pages):
        raise RenderingFailed(f"Ghostscript has drawn {words.begun} of {len(copied.pages)} pages")
    if words.lost:
        part = "a picture is damaged or needs more than render-memory" if "imag" in words.lost else "a part is damaged"
        raise RenderingFailed(f"{part} ({words.lost[:40]})")
    if words.fonts:
        report.warning("a font in the document is damaged, so another one is used; look whether all can be read")
    write_all(stdout, envelope.end_document())
