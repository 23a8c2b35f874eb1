"""One job of pictures, top to bottom: CUPS filter contract (filter(7)) on the outside, Pillow on the inside.

    picture -> PDF with a page for each (filters.picture) -> pdftopdf of CUPS's filters: copies, page ranges, number-up
            -> the printer, if it takes PDF; for PCL Ghostscript, as pdftopcl does it; for raster CUPS's programs
    JPEG    -> the printer, if it takes that, and neither file nor job needs a page (filters.picture.passing)

Pages are decoded before anything is printed, so a damaged picture costs no paper; of a JPEG as it is only the markers
are looked at, and its data may be damaged all the same. What says where a picture stands
is dealt with here, and pdftopdf is not told about it.
"""

from __future__ import annotations

import mmap
import os
import resource
import signal
import subprocess
import time
from contextlib import contextmanager
from typing import Iterator, Mapping, Sequence

from filters.common.cups_filter import filter_command
from filters.common.dataclass import replace
from filters.common.formats import JPEG
from filters.common.job import Job, format_options
from filters.common.media import choose_media
from filters.common.memory import limit_memory
from filters.common.ppd import PrinterDescription
from filters.common.program import run_filter
from filters.common.report import Report
from filters.common.streams import read_description, write_all
from filters.common.temporary_folder import temporary_folder
from filters.picture.decoding import PictureRefused, limit_resolution, read_pictures
from filters.picture.document import PdfWriter
from filters.picture.jpeg import find_plain_jpeg
from filters.picture.passing import is_taken, may_pass
from filters.picture.placement import DEALT_WITH, Sheet, find_sheet, place_picture, read_wishes

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
    from filters.common import raster
    from filters.pdf.inspection import PdfRefused

    if isinstance(error, PictureRefused):
        report.debug(f"{program}: {error.detail or 'refused before it was decoded'}")
        report.error(f"The picture cannot be printed: {error.reason} [F02]")
    elif isinstance(error, PdfRefused):
        report.error(f"The picture cannot be printed: {error.reason} [F02]")
    elif isinstance(error, (NotPutOnSheets, pdf_to_pcl.RenderingFailed)):
        report.error(f"The picture cannot be printed: {error} [F03]")
    else:
        return raster.refused("picture", error, report)
    return True


def print_job(program: str, job: Job, environ: Mapping[str, str], stdin: int, stdout: int, report: Report) -> None:
    """Print all pictures of a job.

    Raises:
        PictureRefused, NotPutOnSheets, PdfRefused, RenderingFailed, OSError: the job ends without its end.
    """

    description = read_description(job.ppd, report)
    media = choose_media(job.options, description)
    if media.limits:
        raise PictureRefused(f"{media.limits}; choose another size")
    sheet = find_sheet(media.size, job.options, description)
    with temporary_folder() as temporary:
        if not job.files:
            job = replace(job, files=(_keep(stdin, temporary),))
        if program == "imagetopdf443":
            # What is wrong with the paper, pdftopcl says when it looks at the same options again.
            for problem in media.problems:
                report.warning(problem)
            if may_pass(job, description) and _pass_on(job.files[0], sheet, description, environ, stdout, report):
                return
        pages, sheets = os.path.join(temporary, "pages.pdf"), os.path.join(temporary, "sheets.pdf")
        _write_pages(program, job, sheet, pages, report)
        _put_on_sheets(job, environ, pages, sheets)
        os.unlink(pages)
        if program == "imagetopdf443":
            _write_sheets(sheets, job, environ, stdout)
        else:
            from filters import pdf_to_pcl

            pdf_to_pcl.print_job(replace(job, files=(sheets,)), environ, stdin, stdout, report)


def _keep(stdin: int, temporary: str) -> str:
    """Return the path of a copy of standard input, which can be read from any place."""
    path = os.path.join(temporary, "picture")
    with open(path, "wb") as copy:
        while block := os.read(stdin, BLOCK_SIZE):
            copy.write(block)
    return path


def _pass_on(
    path: str, sheet: Sheet, description: PrinterDescription, environ: Mapping[str, str], stdout: int, report: Report
) -> bool:
    """Give the printer a JPEG as it is, if it is one that it takes; tell whether it is."""
    from filters.common.learned_formats import formats_refused

    with open(path, "rb") as file:
        if not os.fstat(file.fileno()).st_size:
            return False
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            with _limits():
                jpeg = find_plain_jpeg(data)
            if jpeg is None or not is_taken(jpeg, len(data), sheet, description):
                return False
            if JPEG in formats_refused(environ, time.time()):
                return False
            report.debug(f"imagetopdf443: {jpeg.width} x {jpeg.height} pixels, JPEG as it is")
            for at in range(0, len(data), BLOCK_SIZE):
                write_all(stdout, data[at : at + BLOCK_SIZE])
    return True


def _write_sheets(sheets: str, job: Job, environ: Mapping[str, str], stdout: int) -> None:
    """Give the printer its PDF, or the raster that CUPS's programs make of it."""
    from filters.common.raster import start_raster

    with open(sheets, "rb") as file:
        if not os.fstat(file.fileno()).st_size:
            return  # the options have left no page
        with start_raster(job, environ, stdout) as raster:
            while block := file.read(BLOCK_SIZE):
                write_all(raster.descriptor, block)


def _write_pages(program: str, job: Job, sheet: Sheet, path: str, report: Report) -> None:
    """Write the pictures as pages of a PDF."""
    wishes = read_wishes(job.options)
    for problem in wishes.problems:
        report.warning(problem)
    with open(path, "wb") as output, _limits():
        writer = PdfWriter(output)
        for name in job.files:
            with open(name, "rb") as file:
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
