"""What the queue shows of a job: STATE words, ATTR values and progress, as cupsd reads them. filter(7), "MESSAGES".

One keeper for all of it: it knows what is shown, and takes it back when that is over. What a printer says of itself is
read in ``printer_state``; the message lines about a job are written where things happen.
"""

from __future__ import annotations

import time

from backend.cupsd.printer_state import changes, number, reasons_to_show, standstill, supplies
from backend.ipp.codes import JobState
from backend.ipp.tags import Tag
from filters.common.report import Report

TYPE_CHECKING = False
if TYPE_CHECKING:
    from backend.ipp.message import Message

#: A word for as long as the printer is not reached.
CONNECTING = "connecting-to-device"
#: A word by which cupsd takes a job for completed, if it is stopped while the printer is still at it.
ALL_DELIVERED = "cups-waiting-for-job-completed"
#: Words about trust that outlive a job; the next trusted connection takes them back.
TRUST_WORDS = ("cups-pki-unknown", "cups-pki-changed", "cups-pki-expired", "cups-certificate-error")
#: Seconds between two lines about the same progress.
PROGRESS_SECONDS = 1.0
#: Bytes of a document of which it is worth saying that they have gone out.
LEAST_SENT = 100_000
#: Pages of a job that can be counted; a printer may say anything.
MOST_PAGES = 2**31 - 1
#: Percent of a job whose end the printer has not told yet, at most.
NOT_ALL = 99
#: Seconds for which a printer waits for someone until the error log is told of it, at its usual level, and then again.
TOLD_AT = (60, 600, 3600)
#: Where a printer says how many pages are printed, the better count first.
PAGE_COUNTS = ("job-impressions-completed", "job-media-sheets-completed")


class QueueDisplay:
    """What the queue shows: the printer's words and supplies, taken back when they are over (B-18); how far the job is.

    Progress is told at most once a second: as a message for people, and as job-media-progress for programs where the
    whole is known.
    """

    def __init__(self, report: Report) -> None:
        self._report = report
        #: Words of ours, and of the printer.
        self._own_words: list[str] = []
        self._words: frozenset[str] = frozenset()
        self._supplies: dict[str, str] = {}
        self._is_trusted = False
        self._pages = 0
        #: Pages of the job's documents that are printed.
        self.earlier_pages = 0
        #: The words and the percent that were told last.
        self._progress: tuple[str, int] | None = None
        self._progress_at = time.monotonic()
        #: What the job is at, and why that does not go on at the moment; since when, and how many of TOLD_AT are over.
        self._stage = ""
        self._standstill = ""
        self._still_since = 0.0
        self._told = 0

    @property
    def pages(self) -> int:
        """Pages of the job that are printed, those of the document at hand too."""
        return self.earlier_pages + self._pages

    # --- words of ours

    def show_word(self, word: str) -> None:
        """Let the queue carry a word until it is taken back."""
        self._own_words.append(word)
        self._report.state(f"+{word}")

    def take_back(self, word: str) -> None:
        """Take a word back, if the queue carries it."""
        if word in self._own_words:
            self._own_words.remove(word)
            self._report.state(f"-{word}")

    def show_trust(self) -> bool:
        """Take back what was said about a printer that could not be trusted; False if that is done already."""
        if self._is_trusted:
            return False
        self._is_trusted = True
        self._report.state(*(f"-{word}" for word in TRUST_WORDS))
        return True

    def show_distrust(self, word: str) -> None:
        """Let the queue carry one of TRUST_WORDS, also after the end of the job."""
        self._report.state(f"+{word}")

    def show_hold(self, keyword: str) -> None:
        """Say why the printer's accounting has the job held: an account-... word of a status."""
        self._report.job_state(keyword.removeprefix("client-error-"))

    def ask_for_password(self) -> None:
        """Let cupsd ask the user for a name and a password before it runs the job again."""
        self._report.attribute("auth-info-required", "username,password")

    def clear(self) -> None:
        """Take everything back that was shown for this job."""
        for word in list(self._own_words):
            self.take_back(word)
        words = changes(self._words, frozenset())
        if words:
            self._report.state(*words)
        self._words = frozenset()

    # --- what the printer says

    def show(self, message: Message) -> None:
        """Show what the printer says of itself."""
        now = reasons_to_show(message)
        words = changes(self._words, now)
        if words:
            self._report.state(*words)
        self._words = now
        for name, value in supplies(message):
            if self._supplies.get(name) != value:
                self._report.attribute(name, value)
                self._supplies[name] = value

    def show_waiting(self, message: Message, printer: str, *, is_stalled: bool = False) -> None:
        """Show what the printer says of itself while it keeps a job waiting, and in words if it waits for someone."""
        self.show(message)
        why, before = standstill(message, is_stalled=is_stalled), self._standstill
        self._standstill = why
        if not why:
            if before and self._stage:
                self._report.info(self._stage)
            return
        if not before:
            self._still_since, self._told = time.monotonic(), 0
        if why != before:
            self._report.info(f"Waiting for the printer: {why}")
        due = sum(time.monotonic() - self._still_since >= seconds for seconds in TOLD_AT)
        if due > self._told:
            self._told = due
            self._report.warning(f"Printer {printer} waits for someone: {why}. Go and look [P27]")

    # --- progress

    def show_stage(self, text: str) -> None:
        """Say what the job is at."""
        self._stage, self._standstill = text, ""
        self._report.info(text)

    def show_pages(self, message: Message) -> None:
        """Show how many pages are printed: impressions, else sheets (Q-116)."""
        counts = [number(message, name, Tag.JOB_ATTRIBUTES) or 0 for name in PAGE_COUNTS]
        pages = next((count for count in counts if count > 0), 0)  # a printer that does not count may say -1
        if not pages:
            return
        pages = min(pages, MOST_PAGES - self.earlier_pages)
        if pages > self._pages:
            self._pages = pages
            self._report.page_total(self.earlier_pages + pages)
        is_over = number(message, "job-state", Tag.JOB_ATTRIBUTES) == JobState.COMPLETED
        if self._progress_is_due or (is_over and self._progress):
            total = number(message, "job-impressions", Tag.JOB_ATTRIBUTES) or 0
            whole = f" of {total}" if total >= self._pages else ""
            self._tell_progress(f"Pages printed: {self._pages}{whole}", self._pages, total, 100 if is_over else NOT_ALL)

    def show_sent(self, sent: int, size: int | None) -> None:
        """Show how much of the document has gone out. May be called as often as one likes."""
        if sent >= LEAST_SENT and self._progress_is_due:
            whole = f" of {size / 1e6:.1f}" if size else ""
            self._tell_progress(f"Sending the job: {sent / 1e6:.1f}{whole} MB", sent, size or 0)

    @property
    def _progress_is_due(self) -> bool:
        return time.monotonic() - self._progress_at >= PROGRESS_SECONDS

    def _tell_progress(self, text: str, done: int, whole: int, most: int = NOT_ALL) -> None:
        """Say how far the job is: not 100 percent before the printer calls it completed; it reads until then."""
        percent = min(100 * done // whole, most) if whole >= done > 0 else 0
        if (text, percent) == self._progress:
            return
        if not self._progress or text != self._progress[0]:
            self.show_stage(text)
        self._progress, self._progress_at = (text, percent), time.monotonic()
        if whole >= done > 0:
            self._report.attribute("job-media-progress", str(percent))

    def document_done(self) -> None:
        """The next document of the same job counts its pages from 1 again."""
        self.earlier_pages += self._pages
        self._pages = 0
