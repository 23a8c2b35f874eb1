"""After the printer has the job: watch it until it is printed, and show its state meanwhile; device URI option waitjob.

Rules of this module:

- it learns nothing wrong from printers without history, or with states that are missing or never change
  (Q-99 ... Q-104);
- a question that fails changes nothing for a while: the printer has the job (Q-108).
"""

from __future__ import annotations

import time

from backend.cupsd.printer_state import needs_someone, number, sentence, texts
from backend.cupsd.queue_display import QueueDisplay
from backend.cupsd.stop_signal import StopSignal
from backend.errors import (
    AccountRefused,
    AuthenticationRequired,
    DocumentRefused,
    HttpRefused,
    IppsError,
    JobAbortedAtPrinter,
    JobCancelledAtPrinter,
    JobInDoubt,
    JobNotPrinted,
    TrustError,
)
from backend.ipp import operations
from backend.ipp.codes import JobState, PrinterState, Status, keyword, succeeded
from backend.ipp.message import Message
from backend.ipp.tags import Tag
from backend.printer.job_status import (
    ACCOUNT,
    JOB_ATTRIBUTES,
    JOB_IS_GONE,
    WAITS_FOR_A_PERSON,
    WORTH_A_WARNING,
    Verdict,
    explained,
    impressions_of,
    judge_end,
    was_cancelled_by_itself,
)
from backend.printer.printer import STATE_ATTRIBUTES, Printer
from filters.common.report import Report

#: Seconds between two questions: the first, the factor to the next, the longest: what is the matter with the printer is
#: to be seen within 5 seconds, and its answer takes time as well.
FIRST_PAUSE, GROWTH, LONGEST_PAUSE = 0.05, 1.5, 4.0
#: Seconds until the printer itself is asked for its state, and between two such questions.
FIRST_LOOK, LOOK_SECONDS = 0.5, 2.0
#: Seconds of failing questions after which it is said that nobody knows how the job ended.
SILENCE_SECONDS = 600.0
#: Seconds for which the printer may be idle without a reason while the job stays "processing".
STUCK_SECONDS = 30.0
#: The same for a job that it has not begun with, or stopped; one that warms up or wakes up has begun by then.
NOT_BEGUN_SECONDS = 600.0
#: Questions in a row without a job-state after which the job counts as delivered.
STATELESS_QUESTIONS = 3
#: The same refusal so often means that the printer will not tell.
SAME_REFUSALS = 5
#: Answers of printers that keep to themselves what becomes of jobs.
TELLS_NOBODY = frozenset(
    {
        Status.SERVER_ERROR_OPERATION_NOT_SUPPORTED,
        Status.CLIENT_ERROR_FORBIDDEN,
        Status.CLIENT_ERROR_NOT_AUTHENTICATED,
        Status.CLIENT_ERROR_NOT_AUTHORIZED,
    }
)


class _Watch:
    def __init__(
        self,
        printer: Printer,
        job_id: int,
        report: Report,
        stop: StopSignal,
        shown: QueueDisplay,
        job_name: str,
        up_time: int | None,
    ) -> None:
        self._job_name = job_name
        self._up_time = up_time
        self._printer = printer
        self._job_id = job_id
        self._report = report
        self._stop = stop
        self._shown = shown
        self._idle_since: float | None = None
        self._stateless = 0
        self._said = ""
        self._sentences: set[str] = set()
        self._refusals: list[str] = []
        #: Sides that were printed, once the job is over and if the printer says.
        self.impressions: int | None = None
        #: The printer was out of reach since it named the job last.
        self._was_away = False
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
                if isinstance(error, TrustError):
                    error.may_be_on_paper = True
                if isinstance(error, (TrustError, AuthenticationRequired)):
                    self._report.warning(f"{error.text}. The printer had taken the whole job before")
                    return
                self._was_away = True
                self._report.debug(f"no word about the job: {error.text}")
                if isinstance(error, HttpRefused) and self._refuses_for_good(error):
                    return
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
        if message.code in JOB_IS_GONE:
            self._check_not_restarted()
            return True  # it took the job and keeps no history
        if message.code in TELLS_NOBODY:
            self._report.debug(f"{printer.name} does not say what becomes of jobs: {keyword(message.code)}")
            return True
        if not succeeded(message.code):
            lasting = message.code >> 8 == 4 and message.code != Status.CLIENT_ERROR_TIMEOUT
            lasting = lasting or message.code == Status.SERVER_ERROR_VERSION_NOT_SUPPORTED
            return True if self._is_the_same_again(keyword(message.code), lasting) else None
        self._refusals.clear()
        self._check_not_renumbered(message)
        self._shown.show_pages(message)
        return self._is_over(message) or (time.monotonic() >= self._look_at and self._is_stuck(message))

    def _refuses_for_good(self, error: HttpRefused) -> bool:
        """Look at a refusal by HTTP."""
        lasting = 300 <= error.status < 500 and error.status not in (408, 429) or error.status in (501, 505)
        return self._is_the_same_again(str(error.status), lasting)

    def _is_the_same_again(self, refusal: str, lasting: bool) -> bool:
        """Count refusals in a row that are of the kind that does not pass by itself; tell whether they are enough."""
        same = lasting and set(self._refusals) <= {refusal}
        self._refusals = [*self._refusals, refusal] if same else []
        if len(self._refusals) < SAME_REFUSALS:
            return False
        self._report.warning(f"{self._printer.name} took the job and does not tell what becomes of it ({refusal})")
        return True

    def _check_not_restarted(self) -> None:
        """A job that is gone after the printer was switched off and on was not printed to its end, perhaps not at all.

        Raises:
            JobInDoubt: the printer runs for less time than it did when it took the job.
        """
        if self._printer.has_restarted(self._up_time):
            raise JobInDoubt(self._printer.name, "it was switched off and on, and does not know the job any more")

    def _check_not_renumbered(self, message: Message) -> None:
        """A printer that comes back may count its jobs anew, and the number belong to a different one.

        Raises:
            JobInDoubt: the printer runs for less time than it did, and the job has a different name.
        """
        if not self._was_away:
            return
        names = texts(message, "job-name", Tag.JOB_ATTRIBUTES)
        if names and self._job_name not in names and self._printer.has_restarted(self._up_time):
            raise JobInDoubt(self._printer.name, "it was switched off and on, and another job has its number now")
        self._was_away = False

    def _is_over(self, message: Message) -> bool:
        state = number(message, "job-state", Tag.JOB_ATTRIBUTES)
        reasons = frozenset(texts(message, "job-state-reasons", Tag.JOB_ATTRIBUTES))
        self._say_state(state, reasons)
        if state is None or state not in _STATES:  # one that IPP does not have says nothing
            self._stateless += 1
            return self._stateless >= STATELESS_QUESTIONS
        self._stateless = 0
        said = sentence(message, "job-state-message", Tag.JOB_ATTRIBUTES)
        why = explained(reasons, said)
        if state == JobState.CANCELED:
            if not was_cancelled_by_itself(reasons):
                self._say_sentence(said)
                raise JobCancelledAtPrinter(self._printer.name)
            state = JobState.ABORTED
        if state in (JobState.COMPLETED, JobState.ABORTED):
            self._judge_end(message, state, reasons, why, said)
            return True
        self._say_sentence(said)
        waits = reasons & WAITS_FOR_A_PERSON
        if "job-incoming" not in reasons and (state == JobState.PENDING_HELD or waits):
            known = f": {why}" if waits or said else ""
            self._report.info(f"{self._printer.name} holds the job until someone releases it there{known}")
            return True
        return False

    def _judge_end(self, message: Message, state: int, reasons: frozenset[str], why: str, said: str) -> None:
        """Raise what a job that is over comes to, unless it is printed; then say what the printer has to say."""
        name = self._printer.name
        impressions = self.impressions = impressions_of(message)
        verdict = judge_end(state, reasons, impressions)
        if verdict is Verdict.DOCUMENT:
            of_kind = _UNSUPPORTED in reasons and not impressions
            raise DocumentRefused(name, "of this job", why, of_kind=of_kind, may_be_on_paper=not of_kind)
        if verdict is Verdict.ACCOUNT:
            word = min(reasons & ACCOUNT)
            raise AccountRefused(name, "this job", 0, word, said)
        if verdict is Verdict.CANCELLED:
            raise JobCancelledAtPrinter(name)
        if verdict is Verdict.ABORTED:
            raise JobAbortedAtPrinter(name, why)
        if verdict is Verdict.NOT_PRINTED:
            raise JobNotPrinted(name, why)
        if reasons & WORTH_A_WARNING:
            self._report.warning(f"{name} printed the job and reports: {why}")
        else:
            self._say_sentence(said)

    def _say_sentence(self, said: str) -> None:
        """Pass on what the printer says about the job in its own words, once each."""
        if said and said not in self._sentences:
            self._sentences.add(said)
            self._report.info(f"{self._printer.name}: {said}")

    def _say_state(self, state: int | None, reasons: frozenset[str]) -> None:
        name = JobState(state).name.lower().replace("_", "-") if state in _STATES else f"in state {state}"
        said = f"job {self._job_id} is {name}: {', '.join(sorted(reasons)) or 'no reason given'}"
        if said != self._said:
            self._report.debug(said)
            self._said = said

    def _is_stuck(self, message: Message) -> bool:
        """Look at the printer itself, and notice a job that stays as it is while the printer is idle (Q-101)."""
        self._look_at = time.monotonic() + LOOK_SECONDS
        reply = self._printer.get_attributes(STATE_ATTRIBUTES)
        if reply.message is None or not succeeded(reply.message.code):
            return False
        self._shown.show_waiting(reply.message, self._printer.name)
        idle = number(reply.message, "printer-state", Tag.PRINTER_ATTRIBUTES) == PrinterState.IDLE
        state = number(message, "job-state", Tag.JOB_ATTRIBUTES)
        incoming = "job-incoming" in texts(message, "job-state-reasons", Tag.JOB_ATTRIBUTES)
        working = state == JobState.PROCESSING or incoming
        if not idle or needs_someone(reply.message):
            self._idle_since = None
            return False
        now = time.monotonic()
        self._idle_since = self._idle_since or now
        if now - self._idle_since < (STUCK_SECONDS if working else NOT_BEGUN_SECONDS):
            return False
        if not working:
            raise JobInDoubt(
                self._printer.name, "it has the whole job, has been idle for ten minutes and does not go on"
            )
        if incoming and state != JobState.PROCESSING:
            raise JobInDoubt(self._printer.name, "it took the whole document and still waits for it")
        self._report.warning(f"{self._printer.name} is idle and still calls the job unfinished; taken as printed")
        return True


#: The job-state-reason for a document-format that the printer only then finds that it does not have.
_UNSUPPORTED = "unsupported-document-format"
_STATES = frozenset(JobState)
_OVER = (AccountRefused, DocumentRefused, JobAbortedAtPrinter, JobCancelledAtPrinter, JobInDoubt, JobNotPrinted)


def watch_job(
    printer: Printer,
    job_id: int,
    report: Report,
    stop: StopSignal,
    shown: QueueDisplay,
    *,
    job_name: str,
    up_time: int | None = None,
) -> int | None:
    """Wait until the printer has finished the job; return how many sides it has printed, None if it does not say.

    Args:
        job_name: what it is called there.
        up_time: the printer-up-time before the job was sent, if the printer tells.

    Raises:
        JobCancelledAtPrinter, JobAbortedAtPrinter, JobNotPrinted, DocumentRefused, AccountRefused: it ended otherwise.
        JobInDoubt: the printer has been out of reach for too long, or has been restarted and does not know the job.
    """
    watch = _Watch(printer, job_id, report, stop, shown, job_name, up_time)
    watch.run()
    return watch.impressions
