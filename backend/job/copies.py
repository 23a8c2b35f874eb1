"""How many copies of a document are ours to make, and how: cupsd, the filters and the printer make most of them."""

from __future__ import annotations

import os
import re

from backend.cupsd.stop_signal import StopSignal
from backend.document.copy import write_at
from backend.document.document import Document
from backend.document.format import UEL
from backend.document.joined import OURS, RAW
from backend.job.cups_job import CupsJob
from filters.common.dataclass import dataclass
from filters.common.finished_sets import (
    MOST_BYTES,
    MOST_BYTES_UNFINISHED,
    left_by_pdftopdf,
    one_set,
    sets_in,
    wants_sets,
)
from filters.common.formats import PDF, RASTERS
from filters.common.printer_copies import are_left_by_text_filter, are_left_to_printer
from filters.common.report import Report

#: What CUPS calls documents of which no filter of its own makes copies.
RAW_TYPES = ("application/vnd.cups-raw", "application/octet-stream")
AS_ONE_SET = "The copies cannot be told apart in this document; they are finished as one set"
#: A page of a PDF whose objects stand open, as pypdf and our text filter write them (ISO 32000-1, 7.7.3.3).
_PAGE = re.compile(rb"/Type\s*/Page(?![A-Za-z])")


@dataclass(frozen=True)
class Copies:
    """How many copies are to be made of a document.

    Attributes:
        sets: it has them in it, and they are taken out.
        finished: each is to be finished by itself.
    """

    copies: int = 1
    sets: bool = False
    finished: bool = False


def plan_copies(cups_job: CupsJob, document: Document, stop: StopSignal, *, is_joined: bool) -> Copies:
    """Return what is left to do for copies of a document of standard input.

    Args:
        is_joined: cupsd joins the documents of the job.
    """
    copies = _of_raw_document(cups_job, document, stop, is_joined=is_joined)
    if copies is not None:
        return Copies(copies)
    finished = wants_sets(cups_job.job.options, cups_job.job.copies)
    if not is_joined and are_left_by_text_filter(cups_job.job, cups_job.description):
        return Copies(cups_job.job.copies, finished=finished)
    copies = _left_by_filter(cups_job, document, stop, is_joined=is_joined)
    if copies > 1:
        return Copies(copies, finished=finished)
    if cups_job.kind.lower() == PDF and not cups_job.is_raw_queue:
        if finished or not is_joined and are_left_to_printer(cups_job.job, cups_job.description):
            return Copies(sets=True, finished=finished)
    return Copies(finished=finished and cups_job.kind.lower() in RASTERS)


def _of_raw_document(cups_job: CupsJob, document: Document, stop: StopSignal, *, is_joined: bool) -> int | None:
    """Return how many copies of a raw document are ours; for raw queues cupsd's gziptoany makes them.

    None: it is not raw, or someone else makes them.
    """
    final, kind = cups_job.environ.get("FINAL_CONTENT_TYPE"), cups_job.environ.get("CONTENT_TYPE", "")
    if not final or not cups_job.has_own_description:
        return None
    if not is_joined:
        return cups_job.job.copies if kind in RAW_TYPES else None
    # Of several documents cupsd names the type of the first, and its copies: of a banner there is one.
    if cups_job.job.copies == 1 and "banner" not in kind:
        return None
    told = cups_job.ask()
    if told is None or told.copies == 1 or (told.documents == 1 and kind not in RAW_TYPES):
        return None
    if not document.wait_for_beginning(stop) or document.head.startswith(OURS):
        return None
    return told.copies if document.head.startswith(RAW) else None


def _left_by_filter(cups_job: CupsJob, document: Document, stop: StopSignal, *, is_joined: bool) -> int:
    """Return how many copies a filter has left to us: ours so that each is finished by itself, or pdftopdf."""
    if not cups_job.has_own_description or not document.wait_for_beginning(stop):
        return 1
    copies = sets_in(document.head) if document.head.startswith(UEL) else left_by_pdftopdf(document.head)
    if copies > 1 and is_joined:
        told = cups_job.ask()
        return min(copies, told.copies) if told else copies
    return min(copies, cups_job.job.copies)


def pages_in(spooled: int) -> int | None:
    """Return how many pages a spooled PDF has; None for anything else, and where its objects are packed."""
    import mmap

    size = os.fstat(spooled).st_size
    if size > MOST_BYTES or os.pread(spooled, 5, 0) != b"%PDF-":
        return None
    with mmap.mmap(spooled, size, access=mmap.ACCESS_READ) as data:
        return sum(1 for _ in _PAGE.finditer(data)) or None


def keep_one_set(spooled: int, copies: int, report: Report, *, finished: bool) -> int:
    """Leave one of the copies in the spooled PDF, and return how many are to be made of it.

    Args:
        finished: each is to be finished by itself, so that it matters whether they can be told apart.
    """
    found = one_set(spooled, copies, MOST_BYTES if finished else MOST_BYTES_UNFINISHED)
    if found is None or not _has_room(spooled, len(found)):
        if finished:
            report.warning(AS_ONE_SET)
        return 1
    write_at(spooled, found, 0)  # over what is there: on a full disk there may be room for nothing else
    os.ftruncate(spooled, len(found))
    return copies


def _has_room(spooled: int, size: int) -> bool:
    """Tell whether so much can be written; one set may be larger than all of them, if pypdf unpacks its objects."""
    before = os.fstat(spooled).st_size
    try:
        os.posix_fallocate(spooled, 0, size)
    except OSError:
        os.ftruncate(spooled, before)
        return False
    return True
