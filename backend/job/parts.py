"""What a run has to print one after the other: files and their copies, or the documents of standard input.

Whoever prints a part says how many copies of it the printer has made; the rest is made anew.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cached_property

from backend.cupsd.retry import RetryPolicy
from backend.cupsd.stop_signal import StopSignal
from backend.document.document import Document
from backend.document.format import OCTET_STREAM, UEL, ends_properly, may_be_for_printer
from backend.errors import DocumentIncomplete, DocumentUnknown, DocumentUnreadable, NoRoomForCopy
from backend.job.cups_job import CupsJob
from filters.common.dataclass import dataclass
from filters.common.report import Report

TYPE_CHECKING = False  # slow to import, for queues on which cupsd joins documents
if TYPE_CHECKING:
    from backend.document.joined import JoinedInput
    from backend.job.copies import Copies

#: Bytes at the beginning and at the end of a file that show what it is.
SAMPLE = 16384
#: Bytes that may stand behind the end of a JPEG.
EMPTY = b"\0\r\n"


@dataclass(frozen=True)
class Part:
    """What is to be printed next.

    Attributes:
        copies: how many are wanted of it; the printer may make fewer at once.
        finished: each of them is finished by itself.
        number: which document of standard input it is, from 1.
        more: copies or files follow.
        joined: where further documents may come from.
        pages: how many a copy of it has, if that is known.
    """

    document: Document
    copies: int = 1
    number: int = 1
    more: bool = False
    joined: JoinedInput | None = None
    finished: bool = False
    pages: int | None = None

    @property
    def has_followers(self) -> bool:
        """True if it is known that something of this run is printed after it."""
        return self.more or (self.joined is not None and self.joined.has_more)


#: Prints a part, and returns how many copies that has made.
PrintPart = Callable[[Part], int]


def print_files(cups_job: CupsJob, *, keep: bool, print_part: PrintPart) -> None:
    """Print each file in as many copies as the job wants.

    Raises:
        DocumentUnreadable: a file cannot be opened.
        DocumentUnknown: it is nothing for a printer.
    """
    files = cups_job.job.files
    for number, path in enumerate(files, 1):
        copies = cups_job.job.copies
        while copies > 0:
            more = copies > 1 or number < len(files)
            copies -= _print_file(cups_job, path, copies, more, keep=keep, print_part=print_part)


def _print_file(cups_job: CupsJob, path: str, copies: int, more: bool, *, keep: bool, print_part: PrintPart) -> int:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        raise DocumentUnreadable(path, error.strerror or str(error)) from None
    try:
        _check_known(cups_job, descriptor)
        return print_part(Part(Document(descriptor, folder=cups_job.folder, keep=keep), copies, more=more))
    finally:
        os.close(descriptor)


def _check_known(cups_job: CupsJob, descriptor: int) -> None:
    """Raise DocumentUnknown for a file without a type that is nothing for a printer; -o raw is a type."""
    if cups_job.environ.get("CONTENT_TYPE") != OCTET_STREAM or not cups_job.has_own_description:
        return
    end = max(os.fstat(descriptor).st_size - SAMPLE, SAMPLE)
    if not may_be_for_printer(os.pread(descriptor, SAMPLE, 0) + os.pread(descriptor, SAMPLE, end)):
        raise DocumentUnknown()


def check_complete(cups_job: CupsJob, document: Document, number: int) -> None:
    """Raise DocumentIncomplete when PCL, PDF or a JPEG from the filters has no end: one of them died.

    cupsd does not tell, and calls the job completed if the filter was killed.

    Args:
        number: which document of standard input it is; where others are joined with it, their ends are theirs.
    """
    if cups_job.job.files or not cups_job.has_own_description:
        return
    reason = _missing_end(cups_job, document.head, document.tail)
    if not reason:
        return
    told = None if cups_job.is_single_file else cups_job.ask()
    if told is None or told.documents == number:
        raise DocumentIncomplete(reason)


def _missing_end(cups_job: CupsJob, head: bytes, tail: bytes) -> str:
    """Return what is missing at the end of a document; "" if nothing is, or if it may end as it likes."""
    if head.startswith(UEL):
        return "" if tail.endswith(UEL) else "it has a PJL beginning and no end"
    if not cups_job.is_single_file:
        return ""  # documents of other types may follow
    if cups_job.is_passed_on(cups_job.kind_of(head)):
        picture = tail.rstrip(EMPTY)
        return "it is a JPEG without its end" if picture and not ends_properly(head, picture) else ""
    if head.startswith(b"%PDF-") and cups_job.has_pdf_of_filters and b"%%EOF" not in tail:
        return "it is a PDF without its end"
    return ""


class StandardInput:
    """Standard input: one document, or all of the job if cupsd does not know better than to join them."""

    def __init__(
        self,
        cups_job: CupsJob,
        *,
        keep: bool,
        stop: StopSignal,
        retry_policy: RetryPolicy,
        report: Report,
        print_part: PrintPart,
        look_at: Callable[[Document], None],
    ) -> None:
        """
        Args:
            look_at: told which document is being read, before anything of it is printed.
        """
        self._cups_job = cups_job
        self._keep = keep
        self._stop = stop
        self._retry_policy = retry_policy
        self._report = report
        self._print_part = print_part
        self._look_at = look_at
        #: Which of the documents is being read, from 1.
        self._number = 1

    def print_all(self) -> None:
        """Print the documents one after the other."""
        joined = None if self._cups_job.is_single_file else self._open_joined()
        self._print_document(joined)
        while joined is not None and joined.next_part():
            self._number += 1
            self._print_document(joined)

    def _open_joined(self) -> JoinedInput:
        from backend.document.joined import JoinedInput

        return JoinedInput(0, lambda: self._number < self._documents)

    @cached_property
    def _documents(self) -> int:
        """How many documents, and copies of them, cupsd says there are."""
        told = self._cups_job.ask()
        if told is None:
            return 1
        return told.documents * (told.copies if self._cups_job.is_raw_queue else 1)

    def _print_document(self, joined: JoinedInput | None) -> None:
        """Print one document, in as many copies as nobody has made yet.

        Copies that are to be finished one by one are taken out of it, and made anew.
        """
        document = Document(0, folder=self._cups_job.folder, keep=self._keep, joined=joined)
        if self._may_have_copies(joined):
            from backend.job.copies import AS_ONE_SET, plan_copies

            self._look_at(document)
            plan = plan_copies(self._cups_job, document, self._stop, is_joined=joined is not None)
            if plan.copies > 1 or plan.sets:
                self._print_copies(document, joined, plan)
                return
            if plan.finished:
                self._report.warning(AS_ONE_SET)
        self._print_part(Part(document, number=self._number, joined=joined))

    def _may_have_copies(self, joined: JoinedInput | None) -> bool:
        return self._cups_job.job.copies > 1 or (joined is not None and self._cups_job.has_own_description)

    def _print_copies(self, document: Document, joined: JoinedInput | None, plan: Copies) -> None:
        """Keep the document on the disk, and print it from there until there are enough copies."""
        spooled = self._spool(document)
        document.close()
        try:
            copies, wanted = plan.copies, self._cups_job.job.copies
            from backend.job.copies import keep_one_set, pages_in

            if plan.sets:
                copies = keep_one_set(spooled, wanted, self._report, finished=plan.finished)
            pages = pages_in(spooled) if self._cups_job.kind else None
            while copies > 0:
                os.lseek(spooled, 0, os.SEEK_SET)
                again = Document(spooled, folder=self._cups_job.folder, keep=self._keep)
                part = Part(again, copies, self._number, copies > 1, joined, plan.finished, pages)
                copies -= self._print_part(part)
        finally:
            os.close(spooled)

    def _spool(self, document: Document) -> int:
        while True:
            try:
                return document.spool(self._stop)
            except NoRoomForCopy as error:
                self._retry_policy.wait(error)
