"""One attempt carried out: the job is created, the document sent, and what came of it judged.

Whatever happens is noted where others find it at once, because SIGTERM may end it anywhere: in the record on the disk,
before the first byte of the document leaves, and in what the printer may have of the job.
"""

from __future__ import annotations

from collections.abc import Callable

from backend.cupsd.job_record import CREATING, SENDING
from backend.cupsd.retry import RetryPolicy
from backend.cupsd.stop_signal import StopSignal
from backend.delivery import transfer
from backend.delivery.answers import Outcome, disregards_password, in_short, judge_creation, judge_document
from backend.delivery.attempt import Attempt, Framing, PrintRequest, Tries
from backend.delivery.requests import create_job, document_request
from backend.delivery.transfer import Decision
from backend.document.document import Document
from backend.document.format import ends_properly
from backend.document.sources import GuardedSource, Source
from backend.errors import (
    ConnectionLost,
    DocumentIncomplete,
    IppsError,
    JobInDoubt,
    JobPasswordNotTaken,
    MalformedResponse,
    NoRoomForCopy,
    PrinterUnreachable,
)
from backend.ipp.codes import Operation, Status, succeeded
from backend.printer.job import JobAtPrinter
from backend.printer.printer import Printer, Reply
from filters.common.dataclass import replace
from filters.common.report import Report

TYPE_CHECKING = False  # slow to import, see connections._import_session
if TYPE_CHECKING:
    from backend.transport.session import Session

#: Decisions about a document that are no refusals.
_NO_REFUSALS = frozenset({Decision.ACCEPTED, Decision.ASK_PRINTER})
#: Answers of printers that list Send-Document and do not have it (Q-93).
LACKS_SEND_DOCUMENT = (Status.SERVER_ERROR_OPERATION_NOT_SUPPORTED, Status.CLIENT_ERROR_NOT_FOUND)
#: Seconds between an end of the input that nothing proves and ours.
UNPROVEN_END_SECONDS = 0.2


class Sender:
    """Carries out one attempt after the other."""

    def __init__(
        self,
        printer: Printer,
        print_request: PrintRequest,
        document: Document,
        job: JobAtPrinter,
        tries: Tries,
        *,
        stop: StopSignal,
        report: Report,
        retry_policy: RetryPolicy,
        wait_on: Callable[[str, float], bool],
        check_complete: Callable[[Document], None],
        warn: Callable[[str], None],
        record: Callable[[str, int | None], None],
    ) -> None:
        """
        Args:
            wait_on: decides about a stalled exchange, as ``Stalls`` does.
            check_complete, warn, record: as for ``Delivery``.
        """
        self._printer = printer
        self._print_request = print_request
        self._document = document
        self._job = job
        self._tries = tries
        self._stop = stop
        self._report = report
        self._retry_policy = retry_policy
        self._wait_on = wait_on
        self._check_complete = check_complete
        self._warn = warn
        self._record = record

    def send(self, attempt: Attempt) -> Outcome:
        """Make one attempt; return what follows.

        Raises:
            IppsError: there is no point in another one, or no time.
        """
        try:
            if attempt.creates_job and self._job.job_id is None:
                created = self._create_job(attempt)
                if created.decision is not Decision.ACCEPTED:
                    return created
                attempt = created.attempt
            source = self._source(attempt)
            session = self._printer.session()
        except PrinterUnreachable as error:
            self._retry_policy.wait(error)
            return Outcome(Decision.SEND_AGAIN, error, attempt)
        except (ConnectionLost, MalformedResponse) as error:
            self._printer.disconnect()
            self._pause_after_break(error)
            self.adopt_empty()
            return Outcome(Decision.SEND_AGAIN, error, attempt)
        return self._send_document(attempt, session, source)

    def _pause_after_break(self, error: IppsError) -> None:
        """Wait before the same is tried again, but not the first time."""
        self._tries.breaks += 1
        if not self._tries.may_be_chance:
            self._retry_policy.wait(error)

    # --- the job

    def _create_job(self, attempt: Attempt) -> Outcome:
        """Create the job; accepted means that it is known by its number."""
        self._job.asked_to_create = True
        self._record(CREATING, None)
        message = create_job(attempt, self._print_request, self._printer.next_request_id())
        reply = self._printer.ask(message, idempotent=False)
        outcome = judge_creation(reply, self._printer, attempt)
        self._check_password(outcome, reply, Operation.CREATE_JOB)
        if outcome.decision is not Decision.ACCEPTED:
            return outcome
        attempt = self._note_accepted(attempt, reply)
        if self._job.job_id is None:
            self._job.adopt_empty()
        decision = Decision.PRINT_JOB if self._job.job_id is None else Decision.ACCEPTED
        return Outcome(decision, outcome.why, attempt, reply)

    def adopt_empty(self) -> None:
        """Use the empty job of a Create-Job whose answer was lost, unless the answer would have mattered.

        It may have told that the printer ignores copies, or the PIN.
        """
        self._job.adopt_empty()
        if self._job.job_id is not None and (self._job.copies > 1 or self._print_request.password):
            self._job.cancel_quietly()
            self._job.forget()

    def _note_accepted(self, attempt: Attempt, reply: Reply) -> Attempt:
        """Take from an answer that says yes which job it is; return the attempt without copies that are ignored."""
        self._job.learn_id(reply)
        if not reply.unsupported:
            return attempt
        from backend.delivery.unsupported_attributes import after_ignoring, ignored

        names = ignored(attempt.job_attributes, reply.unsupported)
        if names:
            attempt = replace(attempt, job_attributes=after_ignoring(attempt.job_attributes, names))
            self._job.copies = attempt.job_attributes.copies
            self._warn(f"{self._printer.name} ignores {', '.join(names)}")
        return attempt

    def _check_password(self, outcome: Outcome, reply: Reply, operation: Operation) -> None:
        """Go no further with a printer that does not take the PIN: what it has of the job must not be printed.

        Raises:
            JobPasswordNotTaken: and nothing of the document is there.
            JobInDoubt: some of it is there, and may have been printed.
        """
        if not disregards_password(outcome, self._print_request, operation):
            return
        self._job.learn_id(reply)
        self._job.cancel_quietly()
        if self._job.at_risk and outcome.decision in _NO_REFUSALS:
            raise JobInDoubt(self._printer.name, "it has no regard for the PIN, and the job was cancelled there")
        raise JobPasswordNotTaken(self._printer.name, "ignores it" if succeeded(reply.status or 0) else "refuses it")

    # --- the document

    def _source(self, attempt: Attempt) -> Source:
        """Return where the bytes of an attempt come from; read the input to its end first if its size is needed."""
        if attempt.framing is Framing.CHUNKED:
            return GuardedSource(self._document.live(), self._check_document)
        waited = False
        while True:
            try:
                self._document.read_to_end(self._stop)
                break
            except NoRoomForCopy as error:
                self._retry_policy.wait(error)
                waited = True
        if waited:
            self._retry_policy.succeeded()
        self._check_document()
        return self._document.stored()

    def _check_document(self) -> None:
        """Look whether the end of the input may be believed.

        A cancel, and a restart of the print service, end the filters as well as us, and their end may arrive first. A
        document that ends as it began is whole whatever happens; for others it is worth a moment to see what comes.
        """
        self._stop.check()
        try:
            self._check_complete(self._document)
        except DocumentIncomplete:
            self._stop.sleep(UNPROVEN_END_SECONDS)
            raise
        if not self._document.is_file and not ends_properly(self._document.head, self._document.tail):
            self._stop.sleep(UNPROVEN_END_SECONDS)

    def _send_document(self, attempt: Attempt, session: Session, source: Source) -> Outcome:
        kept, was_at_risk = session.exchanges > 0, self._job.at_risk
        self._record(SENDING, self._job.job_id)
        try:
            reply = self._perform(attempt, session, source)
        except (ConnectionLost, MalformedResponse) as error:
            self._printer.disconnect()
            if kept:
                self._printer.connections.distrust()
            if transfer.after_loss(session.progress.document_bytes) is Decision.SEND_AGAIN:
                self._pause_after_break(error)
                return Outcome(Decision.SEND_AGAIN, error, attempt)
            return self.ask_printer(error, attempt, all_sent=session.progress.ended)
        whole = not (session.progress.unread or reply.response.early or self._job.is_not_in(reply))
        outcome = self._judge_reply(attempt, reply, whole=whole, is_begun=session.progress.document_bytes > 0)
        if outcome.decision in transfer.SENDING_AGAIN and not was_at_risk:
            # It has refused all that it got. That is sent again without a question, by the next run as well; and is
            # looked for where the job is cancelled, for there are printers that say no and have it.
            self._job.at_risk, self._job.asked_to_create = False, True
            if outcome.decision is Decision.WAIT_AND_SEND:
                self._record(CREATING, None)
        return outcome

    def _perform(self, attempt: Attempt, session: Session, source: Source) -> Reply:
        """Send the document; whatever ends that, SIGTERM and a dead filter too, what is at risk is noted."""
        request_id, job_id = self._printer.next_request_id(), self._job.job_id
        message = document_request(attempt, self._print_request, request_id, job_id)
        chunked = attempt.framing is Framing.CHUNKED
        try:
            return self._printer.perform(session, message, source, chunked=chunked, stalled=self._wait_on)
        finally:
            if session.progress.document_bytes:
                self._job.at_risk = True
            lost = getattr(source, "copy_lost", None)
            if lost is not None:
                self._report.warning(f"{lost.text}; the job goes on without one")

    # --- what came of it

    def _judge_reply(self, attempt: Attempt, reply: Reply, *, whole: bool, is_begun: bool) -> Outcome:
        """Return what the answer to the document leads to.

        Args:
            whole: the printer can have read all of it when the answer began.
            is_begun: some of it had left by then.
        """
        outcome = judge_document(reply, self._printer, attempt, whole=whole, kept=self._document.kept)
        self._check_password(outcome, reply, attempt.operation)
        if outcome.decision not in _NO_REFUSALS and is_begun:
            outcome = self._after_refusal(outcome, reply, whole)
            if outcome.decision is Decision.ADOPT:
                return outcome
        if outcome.decision is not Decision.WAIT_AND_SEND:
            self._retry_policy.succeeded()
        if reply.response.status != 401:
            self._printer.credentials.accepted("document")
        if outcome.decision in _NO_REFUSALS:
            outcome = replace(outcome, attempt=self._note_accepted(attempt, reply))
        if outcome.decision is Decision.ASK_PRINTER:
            self._printer.disconnect()
            return self._not_for_ever(self.ask_printer(outcome.why, outcome.attempt, all_sent=whole), reply)
        return outcome

    def _after_refusal(self, outcome: Outcome, reply: Reply, whole: bool) -> Outcome:
        """Ask what the printer has made of a document of which it got something, and then said no."""
        if outcome.decision is Decision.AUTHENTICATE and not whole:
            return outcome  # it has not let anyone in yet
        from backend.delivery.inquiry import ask_after_refusal

        found = ask_after_refusal(self._job, self._stop)
        kept, resend = self._document.kept, self._printer.uri.resend
        after = transfer.after_refusal(outcome.decision, found, whole=whole, kept=kept, resend=resend)
        if after is not outcome.decision:
            self._job.look(learn=True)
        if after is Decision.ADOPT:
            self._report.warning(f"{self._printer.name} refused the job and prints it; not sent again")
        elif after is Decision.HOLD and outcome.decision is not Decision.HOLD:
            reason = f"{in_short(outcome.why)}; some of it may have been printed"
            return replace(outcome, decision=after, why=JobInDoubt(self._printer.name, reason))
        elif after is Decision.PRINT_JOB:
            learned = replace(outcome.attempt, send_document_fails=reply.status in LACKS_SEND_DOCUMENT)
            return replace(outcome, attempt=learned)
        return replace(outcome, decision=after)

    def ask_printer(
        self, why: IppsError, attempt: Attempt, *, all_sent: bool, forgotten_is_printed: bool = False
    ) -> Outcome:
        """Ask the printer what became of the job.

        Args:
            all_sent: it can have all of the document.
            forgotten_is_printed: a job that the printer does not know any more was printed (Q-100).
        """
        from backend.delivery.inquiry import ask_after_loss

        found = ask_after_loss(self._job, self._printer, self._stop, self._report)
        self._report.debug(f"after the loss: {found}, all sent: {all_sent}")
        if forgotten_is_printed and found is not None and found.job_state is None:
            return Outcome(Decision.ADOPT, why, attempt)
        kept, resend = self._document.kept, self._printer.uri.resend
        return Outcome(transfer.after_inquiry(found, all_sent=all_sent, kept=kept, resend=resend), why, attempt)

    def _not_for_ever(self, outcome: Outcome, reply: Reply) -> Outcome:
        """Give up on a printer that answers "internal error" whenever the job is sent."""
        if outcome.decision is Decision.CANCEL_AND_SEND and reply.status == Status.SERVER_ERROR_INTERNAL_ERROR:
            self._tries.internal_errors += 1
            self._stop.sleep(self._tries.internal_errors)
            if self._tries.fails_for_good:
                return replace(outcome, decision=Decision.REFUSED)
        return outcome
