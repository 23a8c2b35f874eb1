"""One job of pictures, top to bottom: CUPS filter contract (filter(7)) on the outside, Pillow on the inside.

    picture -> PDF with a page for each (filters.picture) -> pdftopdf of CUPS's filters: copies, page ranges, number-up
            -> the printer, if it takes PDF; else Ghostscript, as pdftopcl does it

Everything is decoded before anything is printed, so a damaged picture costs no paper. What says where a picture stands
is dealt with here, and pdftopdf is not told about it.
"""

from __future__ import annotations

import os
import resource
import signal
import subprocess
from contextlib import contextmanager
from typing import BinaryIO, Iterator, Mapping, Sequence

from filters.common.cups_filter import filter_command
from filters.common.dataclass import replace
from filters.common.job import Job, format_options
from filters.common.media import choose_media
from filters.common.memory import limit_memory
from filters.common.program import run_filter
from filters.common.report import Report
from filters.common.streams import read_description, write_all
from filters.common.temporary_folder import temporary_folder
from filters.picture.decoding import PictureRefused, limit_resolution, read_pictures
from filters.picture.document import PdfWriter
from filters.picture.placement import DEALT_WITH, find_sheet, place_picture, read_wishes

#: Seconds for one picture; the largest that fits into the memory takes some ten.
LONGEST_LOOK = 120
#: Bytes of address space for decoding, beyond what there is.
MOST_MEMORY = 1536 << 20
BLOCK_SIZE = 65536


class NotPutOnSheets(Exception):
    """pdftopdf cannot be started, or failed."""


def main(
    program: str, argv: Sequence[str], environ: Mapping[str, str], stdin: int = 0, stdout: int = 1, stderr: int = 2
) -> int:
    """Print a job and return the exit code; ``program`` is imagetopcl or imagetopdf443."""

    def work(job: Job, report: Report) -> None:
        print_job(program, job, environ, stdin, stdout, report)

    def refused(error: Exception, report: Report) -> bool:
        return _refused(program, error, report)

    does = "read the picture or write the print data"
    return run_filter(program, argv, environ, stderr, work, refused=refused, cleans_up=True, does=does)


def _refused(program: str, error: Exception, report: Report) -> bool:
    from filters import pdf_to_pcl
    from filters.pdf.inspection import PdfRefused

    if isinstance(error, PictureRefused):
        report.debug(f"{program}: {error.detail or 'refused before it was decoded'}")
        report.error(f"The picture cannot be printed: {error.reason} [F02]")
    elif isinstance(error, PdfRefused):
        report.error(f"The picture cannot be printed: {error.reason} [F02]")
    elif isinstance(error, (NotPutOnSheets, pdf_to_pcl.RenderingFailed)):
        report.error(f"The picture cannot be printed: {error} [F03]")
    else:
        return False
    return True


def print_job(program: str, job: Job, environ: Mapping[str, str], stdin: int, stdout: int, report: Report) -> None:
    """Print all pictures of a job.

    Raises:
        PictureRefused, NotPutOnSheets, PdfRefused, RenderingFailed, OSError: the job ends without its end.
    """

    from filters import pdf_to_pcl

    with temporary_folder() as temporary:
        pages, sheets = os.path.join(temporary, "pages.pdf"), os.path.join(temporary, "sheets.pdf")
        _write_pages(program, job, stdin, pages, report, temporary)
        _put_on_sheets(job, environ, pages, sheets)
        os.unlink(pages)
        if program == "imagetopdf443":
            with open(sheets, "rb") as file:
                while block := file.read(BLOCK_SIZE):
                    write_all(stdout, block)
        else:
            pdf_to_pcl.print_job(replace(job, files=(sheets,)), environ, stdin, stdout, report)


def _write_pages(program: str, job: Job, stdin: int, path: str, report: Report, temporary: str) -> None:
    """Write the pictures as pages of a PDF."""
    description = read_description(job.ppd, report)
    media, wishes = choose_media(job.options, description), read_wishes(job.options)
    if media.limits:
        raise PictureRefused(f"{media.limits}; choose another size")
    sheet = find_sheet(media.size, job.options, description)
    # What is wrong with the paper, pdftopcl says when it looks at the same options again.
    for problem in (*(media.problems if program == "imagetopdf443" else ()), *wishes.problems):
        report.warning(problem)
    with open(path, "wb") as output, _limits():
        writer = PdfWriter(output)
        for name in job.files or ("",):
            with _open_picture(name, stdin, temporary) as file:
                for picture in read_pictures(file):
                    place = place_picture((picture.width, picture.height), picture.resolution, wishes, sheet)
                    report.debug(f"{program}: {picture.width} x {picture.height} pixels, {place}")
                    writer.add_page(limit_resolution(picture, place), place, sheet)
                    signal.setitimer(signal.ITIMER_REAL, LONGEST_LOOK, 1)
        writer.finish()


@contextmanager
def _limits() -> Iterator[None]:
    """Look at pictures, but not for ever, and not with all memory."""

    def give_up(number: int, frame: object) -> None:
        raise PictureRefused("it is damaged or very complicated; save it as PNG, and print that")

    before = signal.signal(signal.SIGALRM, give_up)
    memory = limit_memory(MOST_MEMORY)
    # Again after a second, if something on the way has taken the exception for one of its own.
    signal.setitimer(signal.ITIMER_REAL, LONGEST_LOOK, 1)
    try:
        yield
    except MemoryError:
        raise PictureRefused("it has too many pixels for the memory; make it smaller, and print that") from None
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        resource.setrlimit(resource.RLIMIT_AS, memory)


@contextmanager
def _open_picture(path: str, stdin: int, temporary: str) -> Iterator[BinaryIO]:
    """Open a picture as a file that can be read from any place."""
    if path:
        with open(path, "rb") as file:
            yield file
        return
    name = os.path.join(temporary, "picture")
    with open(name, "w+b") as copy:
        while block := os.read(stdin, BLOCK_SIZE):
            copy.write(block)
        copy.seek(0)
        yield copy


def _put_on_sheets(job: Job, environ: Mapping[str, str], pages: str, sheets: str) -> None:
    """Run pdftopdf, which makes copies, chooses pages and puts several on a sheet."""
    arguments = filter_command("pdftopdf", job, environ, job.copies, options_left(job), pages)
    with open(sheets, "wb") as output:
        try:
            process = subprocess.Popen(arguments, stdin=subprocess.DEVNULL, stdout=output, env=dict(environ))
        except OSError as error:
            raise NotPutOnSheets(f"pdftopdf cannot be started ({error.strerror}); install cups-filters") from None
        try:
            status = process.wait()
        finally:
            process.kill()
            process.wait()
    if status:
        raise NotPutOnSheets(f"pdftopdf gave up (status {status})")


def options_left(job: Job) -> str:
    """Return the options of a job that are not dealt with here, as cupsd writes them."""
    kept = {name: value for name, value in job.options.items() if name.lower() not in DEALT_WITH}
    return format_options({**kept, "print-scaling": "none"})
