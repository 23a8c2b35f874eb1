"""After the printer has the job: watch it until it is printed, and show its state meanwhile (spec 6, "waitjob").

Rules of this module:

- it learns nothing wrong from printers without history, or with states that are missing or never change
  (Q-99 ... Q-104);
- a question that fails changes nothing for a while: the printer has the job (Q-108).
"""

from __future__ import annotations

import time

from backend.errors import (
    AuthenticationRequired,
    DocumentRefused,
    IppsError,
    JobAbortedAtPrinter,
    JobCancelledAtPrinter,
    JobInDoubt,
    TrustError,
)
from backend.ipp import operations
from backend.ipp.message import Message
from backend.ipp.operations import JobState, PrinterState, Status, keyword, succeeded
from backend.ipp.tags import Tag
from backend.printer import JOB_ATTRIBUTES, STATE_ATTRIBUTES, Printer
from backend.printer_state import changes, needs_somebody, number, reasons_to_show, supplies, texts
from backend.stop_signal import StopSignal
from filters.report import Report

#: Seconds between two questions: the first, the factor to the next, the longest: what is the matter with the printer is
#: to be seen within 5 seconds, and its answer takes time as well.
FIRST_PAUSE, GROWTH, LONGEST_PAUSE = 0.05, 1.5, 4.0
#: Seconds until the printer itself is asked for its state, and between two such questions.
FIRST_LOOK, LOOK_SECONDS = 0.5, 2.0
#: Seconds of failing questions after which it is said that nobody knows how the job ended.
SILENCE_SECONDS = 600.0
#: Seconds for which the printer may be idle without a reason while the job stays "processing".
STUCK_SECONDS = 30.0
#: Questions in a row without a job-state after which the job counts as delivered.
STATELESS_QUESTIONS = 3
#: Seconds between two lines about the same progress.
PROGRESS_SECONDS = 1.0
#: Bytes of a document of which it is worth saying that they have gone out.
LEAST_SENT = 100_000
#: job-state-reasons of jobs that "completed" without having been understood (Q-104).
NOT_UNDERSTOOD = frozenset(
    {"document-format-error", "document-unprintable-error", "unsupported-document-format", "unsupported-compression"}
)


#: Where a printer says how many pages are printed, the better count first.
PAGE_COUNTS = ("job-impressions-completed", "job-media-sheets-completed")
#: Answers of printers that keep to themselves what becomes of jobs.
TELLS_NOBODY = frozenset(
    {
        Status.SERVER_ERROR_OPERATION_NOT_SUPPORTED,
        Status.CLIENT_ERROR_FORBIDDEN,
        Status.CLIENT_ERROR_NOT_AUTHENTICATED,
        Status.CLIENT_ERROR_NOT_AUTHORIZED,
    }
)


class StateShown:
    """What the queue shows: the printer's words and supplies, taken back when they are over (B-18); how far the job is.

    Progress is told at most once a second: as a message for people, and as job-media-progress for programs where the
    whole is known.
    """

    def __init__(self, report: Report) -> None:
        self._report = report
        self._words: frozenset[str] = frozenset()
        self._supplies: dict[str, str] = {}
        self._pages = 0
        self._earlier_pages = 0
        self._progress = ""
        self._progress_at = time.monotonic()

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

    def show_pages(self, message: Message) -> None:
        """Show how many pages are printed: impressions, else sheets (Q-116)."""
        counts = [number(message, name, Tag.JOB_ATTRIBUTES) or 0 for name in PAGE_COUNTS]
        pages = next((count for count in counts if count > 0), 0)  # a printer that does not count may say -1
        if not pages:
            return
        if pages > self._pages:
            self._pages = pages
            self._report.page_total(self._earlier_pages + pages)
        if self._progress_is_due:
            total = number(message, "job-impressions", Tag.JOB_ATTRIBUTES) or 0
            whole = f" of {total}" if total >= self._pages else ""
            self._tell_progress(f"Pages printed: {self._pages}{whole}", self._pages, total)

    def show_sent(self, sent: int, size: int | None) -> None:
        """Show how much of the document has gone out. May be called as often as one likes."""
        if sent >= LEAST_SENT and self._progress_is_due:
            whole = f" of {size / 1e6:.1f}" if size else ""
            self._tell_progress(f"Sending the job: {sent / 1e6:.1f}{whole} MB", sent, size or 0)

    @property
    def _progress_is_due(self) -> bool:
        return time.monotonic() - self._progress_at >= PROGRESS_SECONDS

    def _tell_progress(self, text: str, done: int, whole: int) -> None:
        if text != self._progress:
            self._progress, self._progress_at = text, time.monotonic()
            self._report.info(text)
            if whole >= done > 0:
                self._report.attribute("job-media-progress", str(100 * done // whole))

    def document_done(self) -> None:
        """The next document of the same job counts its pages from 1 again."""
        self._earlier_pages += self._pages
        self._pages = 0

    def clear(self) -> None:
        """Take everything back that was shown for this job."""
        words = changes(self._words, frozenset())
        if words:
            self._report.state(*words)
        self._words = frozenset()


class _Watch:
    def __init__(
        self,
        printer: Printer,
        job_id: int,
        report: Report,
        stop: StopSignal,
        shown: StateShown,
        up_time: int | None,
    ) -> None:
        self._up_time = up_time
        self._printer = printer
        self._job_id = job_id
        self._report = report
        self._stop = stop
        self._shown = shown
        self._idle_since: float | None = None
        self._stateless = 0
        self._said = ""
        self._look_at = time.monotonic() + FIRST_LOOK

    def run(self) -> None:
        pause, last_answer = FIRST_PAUSE, time.monotonic()
        while True:
            try:
                over = self._ask()
                if over:
                    return
                last_answer = time.monotonic() if over is False else last_answer
            except _OVER:
                raise
            except IppsError as error:
                self._printer.disconnect()
                if isinstance(error, (TrustError, AuthenticationRequired)):
                    self._report.warning(f"{error.text}. The printer had taken the whole job before")
                    return
                self._report.debug(f"no word about the job: {error.text}")
            if time.monotonic() - last_answer > SILENCE_SECONDS:
                raise JobInDoubt(self._printer.name, "it took the whole job and has not said since what became of it")
            self._stop.sleep(pause)
            pause = min(pause * GROWTH, LONGEST_PAUSE)

    def _ask(self) -> bool | None:
        """Ask about the job and, when it takes longer, about the printer.

        Returns:
            True when the job is over, or the printer tells nobody; False when it is not; None for no answer.
        """
        printer = self._printer
        request = operations.get_job_attributes(printer.target, printer.next_request_id(), self._job_id, JOB_ATTRIBUTES)
        message = printer.expect_message(printer.ask(request))
        if message.code in (Status.CLIENT_ERROR_NOT_FOUND, Status.CLIENT_ERROR_GONE, Status.CLIENT_ERROR_NOT_POSSIBLE):
            self._check_not_restarted()
            return True  # it took the job and keeps no history
        if message.code in TELLS_NOBODY:
            self._report.debug(f"{printer.name} does not say what becomes of jobs: {keyword(message.code)}")
            return True
        if not succeeded(message.code):
            return None
        self._shown.show_pages(message)
        return self._is_over(message) or (time.monotonic() >= self._look_at and self._is_stuck(message))

    def _check_not_restarted(self) -> None:
        """A job that is gone after the printer was switched off and on was not printed to its end, perhaps not at all.

        Raises:
            JobInDoubt: the printer runs for less time than it did when it took the job.
        """
        reply = self._printer.get_attributes(("printer-up-time",))
        now = number(reply.message, "printer-up-time", Tag.PRINTER_ATTRIBUTES) if reply.message else None
        if now is not None and self._up_time is not None and now < self._up_time:
            raise JobInDoubt(self._printer.name, "it was switched off and on, and does not know the job any more")

    def _is_over(self, message: Message) -> bool:
        state = number(message, "job-state", Tag.JOB_ATTRIBUTES)
        reasons = frozenset(texts(message, "job-state-reasons", Tag.JOB_ATTRIBUTES))
        self._say_state(state, reasons)
        if state is None:
            self._stateless += 1
            return self._stateless >= STATELESS_QUESTIONS
        self._stateless = 0
        not_understood = reasons & NOT_UNDERSTOOD
        if not_understood and state in (JobState.COMPLETED, JobState.ABORTED):
            raise DocumentRefused(self._printer.name, "of this job", ", ".join(sorted(not_understood)))
        if state == JobState.CANCELED:
            raise JobCancelledAtPrinter(self._printer.name)
        if state == JobState.ABORTED:
            raise JobAbortedAtPrinter(self._printer.name, ", ".join(sorted(reasons - {"none"})) or "no reason given")
        if state == JobState.PENDING_HELD and "job-incoming" not in reasons:
            self._report.info(f"{self._printer.name} holds the job until somebody releases it there")
            return True
        return state == JobState.COMPLETED

    def _say_state(self, state: int | None, reasons: frozenset[str]) -> None:
        name = JobState(state).name.lower().replace("_", "-") if state in set(JobState) else f"in state {state}"
        said = f"job {self._job_id} is {name}: {', '.join(sorted(reasons)) or 'no reason given'}"
        if said != self._said:
            self._report.debug(said)
            self._said = said

    def _is_stuck(self, message: Message) -> bool:
        """Look at the printer itself, and notice a job that stays "processing" while the printer is idle (Q-101)."""
        self._look_at = time.monotonic() + LOOK_SECONDS
        reply = self._printer.get_attributes(STATE_ATTRIBUTES)
        if reply.message is None or not succeeded(reply.message.code):
            return False
        self._shown.show(reply.message)
        idle = number(reply.message, "printer-state", Tag.PRINTER_ATTRIBUTES) == PrinterState.IDLE
        state = number(message, "job-state", Tag.JOB_ATTRIBUTES)
        incoming = "job-incoming" in texts(message, "job-state-reasons", Tag.JOB_ATTRIBUTES)
        working = state == JobState.PROCESSING or incoming
        if not (idle and working) or needs_somebody(reply.message):
            self._idle_since = None
            return False
        now = time.monotonic()
        self._idle_since = self._idle_since or now
        if now - self._idle_since < STUCK_SECONDS:
            return False
        if incoming and state != JobState.PROCESSING:
            raise JobInDoubt(self._printer.name, "it took the whole document and still waits for it")
        self._report.warning(f"{self._printer.name} is idle and still calls the job unfinished; taken as printed")
        return True


_OVER = (DocumentRefused, JobAbortedAtPrinter, JobCancelledAtPrinter, JobInDoubt)


def watch_job(
    printer: Printer, job_id: int, report: Report, stop: StopSignal, shown: StateShown, up_time: int | None = None
) -> None:
    """Wait until the printer has finished the job.

    Args:
        up_time: the printer-up-time before the job was sent, if the printer tells.

    Raises:
        JobCancelledAtPrinter, JobAbortedAtPrinter, DocumentRefused: it ended otherwise.
        JobInDoubt: the printer has been out of reach for too long.
    """
    _Watch(printer, job_id, report, stop, shown, up_time).run()
