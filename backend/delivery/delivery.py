"""One document to one printer: carries out what ``transfer`` decides, until the printer has the job or refuses it.

Create-Job and Send-Document wherever the printer lists both, so that the job's id is known before the first byte of the
document leaves; else Print-Job. A loss is never taken for a refusal: once a byte of the document has left, the printer
is asked what became of the job before anything is sent again.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

from backend.cupsd.job_record import ACCEPTED, CANCELLED, CREATING, JobRecord
from backend.cupsd.retry import RetryPolicy
from backend.cupsd.stop_signal import StopSignal
from backend.delivery import transfer
from backend.delivery.answers import Outcome, in_short
from backend.delivery.attempt import Attempt, Framing, JobAttributes, PrintRequest, Tries
from backend.delivery.sender import Sender
from backend.delivery.transfer import Decision
from backend.document.document import Document
from backend.errors import ConnectionLost, JobInDoubt, JobLostRepeatedly, PrinterBusy
from backend.ipp.message import Message
from backend.printer.capabilities import Capabilities
from backend.printer.job import JobAtPrinter
from backend.printer.printer import VERSIONS, Printer
from filters.common.dataclass import dataclass, replace
from filters.common.report import Report

TYPE_CHECKING = False  # not needed where all goes well
if TYPE_CHECKING:
    from backend.delivery.next_attempt import Circumstances
    from backend.delivery.stalls import Stalls

#: Decisions whose number RetryPolicy limits.
_WITH_PATIENCE = frozenset({Decision.SEND_AGAIN, Decision.WAIT_AND_SEND})
#: Decisions after which the printer has the job.
_DELIVERED = frozenset({Decision.ACCEPTED, Decision.ADOPT})


@dataclass(frozen=True)
class Delivered:
    """The printer has the job.

    Attributes:
        job_id: None when it did not say (Q-99).
        copies: how many of them it makes.
        chunks_refused: it has refused the document in chunks, and taken it with its length.
        send_document_fails: it lists Send-Document, and failed at it (Q-93).
        formats_refused: document-formats that it refused before it took one.
        copies_refused: it has taken the document, and the copies attribute not.
    """

    job_id: int | None
    framing: Framing
    bytes_sent: int
    copies: int = 1
    chunks_refused: bool = False
    send_document_fails: bool = False
    formats_refused: tuple[str, ...] = ()
    copies_refused: bool = False


class Delivery:
    """The sending of one document, with all its attempts."""

    def __init__(
        self,
        printer: Printer,
        capabilities: Capabilities,
        print_request: PrintRequest,
        document: Document,
        *,
        stop: StopSignal,
        report: Report,
        retry_policy: RetryPolicy,
        check_complete: Callable[[Document], None],
        warn: Callable[[str], None],
        record: Callable[[str, int | None], None],
        show_state: Callable[[Message], None],
    ) -> None:
        """
        Args:
            check_complete: raises DocumentIncomplete when the input ended before the document did.
            warn: says what is not as asked, once in a job.
            record: writes a phase of JobRecord and the job's id to the disk, before the first byte of the document
                leaves and before a job of ours is cancelled.
            show_state: told what the printer says of itself while it stalls.
        """
        self._printer = printer
        self._document = document
        self._stop = stop
        self._report = report
        self._retry_policy = retry_policy
        self._warn = warn
        self._record = record
        self._show_state = show_state
        self._up_time = capabilities.up_time
        self._first_attempt = _first_attempt(printer, capabilities, print_request, document)
        self._job = JobAtPrinter(
            printer, print_request.job_name, report, copies=print_request.copies, up_time=capabilities.up_time
        )
        self._tries = Tries()
        self._sender = Sender(
            printer,
            print_request,
            document,
            self._job,
            self._tries,
            stop=stop,
            report=report,
            retry_policy=retry_policy,
            wait_on=self._wait_on,
            check_complete=check_complete,
            warn=warn,
            record=record,
        )

    # --- for whoever has to clear up

    @property
    def at_risk(self) -> bool:
        """True if bytes of the document went out, so that the printer may have something of the job."""
        return self._job.at_risk

    @property
    def accepted(self) -> bool:
        """True if the printer has all of the document."""
        return self._job.accepted

    @property
    def may_be_there(self) -> bool:
        """True if the printer may have a job of ours, be it an empty one."""
        return self._job.may_be_there

    @property
    def copies(self) -> int:
        """How many copies the printer makes of what it gets."""
        return self._job.copies

    @property
    def sent_in_vain(self) -> int:
        """How often the document was sent, or was about to be, before the attempt at hand."""
        return self._tries.sendings

    @property
    def job_id(self) -> int | None:
        """The job's number at the printer, as soon as it is known."""
        return self._job.job_id

    def number_at(self, printer: Printer) -> int | None:
        """Return the number by which the job can be cancelled at the printer; None if there is no such job.

        Raises:
            IppsError: as Printer.find_job.
        """
        return self._job.number_at(printer)

    # --- the story

    def run(self) -> Delivered:
        """Send until the printer has the job.

        Raises:
            IppsError: it will not have it, or nobody knows.
        """
        if not self._first_attempt.creates_job:
            self._job.note_old_jobs()
        return self._send_until_delivered(self._first_attempt)

    def take_up(self, earlier: JobRecord) -> Delivered:
        """Do what an earlier run began that was killed: ask what became of the job, and go on from there.

        Raises:
            IppsError: as ``run``.
        """
        self._job.inherit(earlier.job_id, earlier.up_time)
        if earlier.phase == CREATING:
            self._sender.adopt_empty()
            if not self._first_attempt.creates_job:
                self._leave_empty_job()
            return self._send_until_delivered(self._first_attempt)
        self._job.at_risk = True  # with a number or without: who ends this run before there is an answer has to know
        outcome = self._ask_about(earlier)
        self._report.debug(f"an earlier run of this job was interrupted: {outcome.decision.value}")
        if outcome.decision is Decision.ADOPT:
            self._job.copies = earlier.copies
            return self._delivered(outcome.attempt, 0)
        return self._send_until_delivered(self._prepare(outcome))

    def _ask_about(self, earlier: JobRecord) -> Outcome:
        """Return what the job of an interrupted run leads to.

        A printer that was switched off and on since does not know jobs that it has not printed either.
        """
        why = ConnectionLost(self._printer.name, "printing", "the print service was interrupted")
        accepted = earlier.phase == ACCEPTED
        restarted = self._up_time is not None and earlier.up_time is not None and self._up_time < earlier.up_time
        outcome = self._sender.ask_printer(
            why, self._first_attempt, all_sent=accepted, forgotten_is_printed=accepted and not restarted
        )
        if earlier.phase == CANCELLED and outcome.decision in (Decision.CANCELLED, Decision.HOLD):
            from backend.delivery.inquiry import is_cancelled_without_a_page

            # It was this side that cancelled it, in order to send it again.
            again = is_cancelled_without_a_page(self._job)
            return replace(outcome, decision=Decision.CANCEL_AND_SEND if again else Decision.HOLD)
        return outcome

    def _send_until_delivered(self, attempt: Attempt) -> Delivered:
        while True:
            self._printer.target = attempt.target
            self._job.copies = attempt.job_attributes.copies
            outcome = self._sender.send(attempt)
            if outcome.decision in _DELIVERED:
                return self._delivered(outcome.attempt, self._document.size_read or self._document.size or 0)
            self._report.debug(f"{in_short(outcome.why)}: {outcome.decision.value}")
            self._tries.sendings += outcome.decision not in _WITH_PATIENCE
            if self._tries.are_all_used:
                self._job.cancel_quietly()
                raise outcome.why
            attempt = self._prepare(outcome)

    def _delivered(self, attempt: Attempt, size: int) -> Delivered:
        self._job.accepted = True
        refused = [each for each in self._first_attempt.formats if each not in attempt.formats]
        return Delivered(
            self.job_id,
            attempt.framing,
            size,
            self.copies,
            attempt.chunks_refused,
            attempt.send_document_fails,
            tuple(refused),
            attempt.job_attributes.copies_refused,
        )

    @cached_property
    def _stalls(self) -> Stalls:
        """What is known of a printer that stands still; few ever do."""
        from backend.delivery.stalls import Stalls

        return Stalls(self._printer, self._report, self._show_state)

    def _wait_on(self, phase: str, seconds: float) -> bool:
        self._report.detail("stall", phase, seconds)
        return self._stalls.wait_on(phase, seconds)

    # --- what comes before the next attempt

    def _prepare(self, outcome: Outcome) -> Attempt:
        """Do what has to be done before the document is sent again, and return how; or raise what ends the job."""
        from backend.delivery import next_attempt

        steps: dict[Decision, Callable[[Outcome], None]] = {
            Decision.WAIT_AND_SEND: self._wait,
            Decision.AUTHENTICATE: self._take_challenge,
            Decision.PRINT_JOB: lambda outcome: self._leave_empty_job(),
            Decision.CANCEL_AND_SEND: self._cancel_lost_job,
        }
        if outcome.decision in steps:
            steps[outcome.decision](outcome)
        now = self._circumstances()
        following = next_attempt.prepare(outcome, now)
        if following is None:
            if outcome.decision not in next_attempt.LEFT_ALONE:
                self._job.cancel_quietly()
            raise next_attempt.last_word(outcome, now)
        if outcome.decision is Decision.WITHOUT_ATTRIBUTES:
            names = ", ".join(following.job_attributes.left_out)
            self._warn(f"{self._printer.name} refuses {names}; the job is sent without")
        if outcome.decision is not Decision.SEND_AGAIN:
            self._printer.disconnect()
        return following

    def _circumstances(self) -> Circumstances:
        from backend.delivery.next_attempt import Circumstances

        return Circumstances(
            printer=self._printer.name,
            size_read=self._document.size_read,
            size=self._document.size or self._document.size_read,
            kept=self._document.kept,
            at_risk=self.at_risk,
            versions=VERSIONS if self._printer.uri.version == "auto" else (),
        )

    def _wait(self, outcome: Outcome) -> None:
        later = outcome.reply.retry_after if outcome.reply else None
        self._retry_policy.wait(PrinterBusy(self._printer.name, in_short(outcome.why), later))

    def _take_challenge(self, outcome: Outcome) -> None:
        if outcome.reply is None or outcome.reply.response.status != 401:
            self._job.cancel_quietly()
            raise self._printer.credentials.refused()
        self._printer.credentials.take_challenge(outcome.reply.response, "document")

    def _leave_empty_job(self) -> None:
        """Cancel a job that was created and gets no document, because Print-Job makes one of its own."""
        self._printer.disconnect()
        self._job.cancel_quietly()
        self._job.forget()
        self._job.note_old_jobs()  # from now on it is found by its name

    def _cancel_lost_job(self, outcome: Outcome) -> None:
        """Cancel what the printer has of the job, and make sure that it is dead and nothing printed."""
        from backend.delivery.inquiry import cancel_for_good

        name, why = self._printer.name, outcome.why
        self._tries.losses += 1
        if self.job_id is not None:
            self._record(CANCELLED, self.job_id)
            cancel_for_good(self._job, self._printer, self._stop, why)
            self._job.forget()
            self._job.at_risk = False  # nothing of it is on paper, nor will be
            self._record(CREATING, None)
        elif not self._printer.uri.resend:
            raise JobInDoubt(name, f"{in_short(why)}; it has the job, and no number to cancel it by")
        if self._tries.is_lost_too_often:
            raise JobLostRepeatedly(name, self._tries.losses, in_short(why))


def _first_attempt(
    printer: Printer, capabilities: Capabilities, print_request: PrintRequest, document: Document
) -> Attempt:
    chunks, size_known = capabilities.facts.chunks, document.size is not None
    return Attempt(
        transfer.choose_framing(printer.uri.transfer, chunks, size_known=size_known),
        formats=print_request.formats or ("",),
        target=printer.target,
        creates_job=capabilities.creates_jobs,
        job_attributes=JobAttributes(print_request.job_attributes, print_request.copies),
    )
