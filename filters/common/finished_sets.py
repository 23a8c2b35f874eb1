"""Copies of a document that are to be stapled or folded one by one, where a filter has put all of them into one PDF.

Filters that make PCL leave such copies to our backend, and say in a comment of PJL how many.

CUPS's pdftopdf makes copies by naming the same pages several times, so that copies are told by the objects that hold
their contents, not by what they look like. One set is left; the printer, or the backend, makes the copies of that.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping

from filters.common.job import Job, get_option

TYPE_CHECKING = False  # slow to import
if TYPE_CHECKING:
    from pypdf import PdfReader

    from filters.common.plain_pdf import PlainReader

#: Larger documents are not taken apart: it is done in memory.
MOST_BYTES = 64 * 1024 * 1024
#: Nor are those that are as good with all copies in them, and of which this is only the shorter way.
MOST_BYTES_UNFINISHED = 8 * 1024 * 1024
#: Choices of finishings that finish nothing: none, and what cupsd gives to each job.
NOT_FINISHED = frozenset(("", "0", "3", "none"))
#: Begins a line of PJL for our backend, behind which the number of copies stands; printers skip comments.
SETS = "COMMENT IPPS443 SETS = "
#: What pypdf raises besides its own errors for what it does not understand.
_NOT_UNDERSTOOD = (ValueError, KeyError, TypeError, AttributeError, RecursionError)
#: What our own reader raises for a document that is not certainly of the usual form.
_NOT_PLAIN = (*_NOT_UNDERSTOOD, IndexError, MemoryError, OverflowError)
_LEFT = rb"\x1b%-12345X@PJL JOB NAME = [^\r\n]*\r\n@PJL " + re.escape(SETS.encode()) + rb"([0-9]{1,5})\r\n"
#: Names of options with which printer descriptions ask for staples and folds.
VENDORS = (
    "staple",
    "fold",
    "bind",
    "booklet",
    "saddle",
    "stitch",
    "trim",
    "punch",
    "finishingtemplate",
    "otherfinishing",
)


def wants_sets(options: Mapping[str, str], copies: int) -> bool:
    """Tell whether copies are asked for of which each is to be finished by itself."""
    if copies < 2:
        return False
    finishings = (get_option(options, "finishings") or "").strip().lower()
    by_vendor = (
        value.lower() not in ("none", "off", "false", "no", "default", "")
        for name, value in options.items()
        if any(word in name.lower() for word in VENDORS)
    )
    return finishings not in NOT_FINISHED or any(by_vendor)


def are_left_to_backend(job: Job) -> bool:
    """Tell whether a filter leaves the copies to our backend, which sends each as a job: a printer finishes jobs."""
    return job.backend == "ipps443" and wants_sets(job.options, job.copies)


def sets_in(head: bytes) -> int:
    """Return how many copies a filter of ours has left to the backend in a document that begins so."""
    found = re.match(_LEFT, head)
    return int(found[1]) if found else 1


def left_by_pdftopdf(head: bytes) -> int:
    """Return how many copies pdftopdf has left to the printer in a PDF that begins so; cupsManualCopies decides it.

    It says so in a comment that is meant for the filters behind it.
    """
    found = re.match(rb"%PDF-[^\n]*\n(?:%[^\n]*\n){0,4}?%%PDFTOPDFNumCopies : ([0-9]{1,5})\n", head)
    return max(int(found[1]), 1) if found else 1


def one_set(descriptor: int, copies: int, most: int = MOST_BYTES) -> bytes | None:
    """Return the first copy of a PDF in which a filter has put so many; None if it has not, or that cannot be told.

    Args:
        most: bytes of a document that is worth it.
    """
    plain = _open_plainly(descriptor, most)
    if plain:
        try:
            numbers, pages = zip(*plain.pages.items())
            chosen = _first_copy([*map(_entries, pages)], copies)
            return None if chosen is None else plain.with_pages([numbers[place] for place in chosen])
        except _NOT_PLAIN:
            pass
    reader = _open(descriptor, most)
    chosen = _find_copy(reader, copies) if reader else None
    if not reader or chosen is None:
        return None
    import io

    import pypdf

    try:
        writer = pypdf.PdfWriter()
        for number in chosen:
            writer.add_page(reader.pages[number])
        made = io.BytesIO()
        writer.write(made)
    except (pypdf.errors.PyPdfError, *_NOT_UNDERSTOOD):
        return None  # a PDF that pypdf does not understand is printed as it is
    return made.getvalue()


def find_copy(descriptor: int, copies: int) -> range | None:
    """Return the places of the pages of one copy in a PDF in which a filter has put so many, None if it has not."""
    plain = _open_plainly(descriptor, MOST_BYTES)
    if plain:
        try:
            return _first_copy([_entries(page) for page in plain.pages.values()], copies)
        except _NOT_PLAIN:
            pass
    reader = _open(descriptor)
    return _find_copy(reader, copies) if reader else None


def _open_plainly(descriptor: int, most: int) -> PlainReader | None:
    """Return a reader of a PDF in the usual form, which that of pdftopdf is; None for pypdf, or nobody, to read."""
    size = os.fstat(descriptor).st_size
    if size > most or os.pread(descriptor, 5, 0) != b"%PDF-":
        return None
    import io

    from filters.common.plain_pdf import PlainReader

    try:
        return PlainReader(io.BytesIO(os.pread(descriptor, size, 0)))
    except _NOT_PLAIN:
        return None


def _open(descriptor: int, most: int = MOST_BYTES) -> PdfReader | None:
    """Return pypdf's reader of a PDF; None if it does not understand it."""
    size = os.fstat(descriptor).st_size
    if size > most or os.pread(descriptor, 5, 0) != b"%PDF-":
        return None
    import io
    import logging

    try:
        import pypdf
    except ImportError:
        return None
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # its lines are none of CUPS's
    try:
        return pypdf.PdfReader(io.BytesIO(os.pread(descriptor, size, 0)))
    except (pypdf.errors.PyPdfError, *_NOT_UNDERSTOOD):
        return None


def _find_copy(reader: PdfReader, copies: int) -> range | None:
    from pypdf.errors import PyPdfError

    try:
        return _first_copy([_entries(page) for page in reader.pages], copies)
    except (PyPdfError, *_NOT_UNDERSTOOD):
        return None


def _entries(page: Mapping[str, object]) -> tuple[str, ...]:
    """Return what tells a page from others: the objects that hold its contents, its resources and all else of it.

    Pages of a scan may share what draws them, which is the same for each, and differ in their pictures.
    """
    raw = getattr(page, "raw_get", page.get)
    return tuple(f"{name} {raw(name)!r}" for name in sorted(page) if name != "/Parent")


def _first_copy(pages: list[tuple[str, ...]], copies: int) -> range | None:
    """Return the numbers of the pages of one copy, whether the copies are collated or not."""
    if not pages or len(pages) % copies:
        return None
    count = len(pages) // copies
    if pages == pages[:count] * copies:
        return range(count)
    if pages == [page for page in pages[::copies] for _ in range(copies)]:
        return range(0, len(pages), copies)
    return None
