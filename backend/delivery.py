"""One document to one printer: carries out what ``transfer`` decides, until the printer has the job or refuses it.

Create-Job and Send-Document wherever the printer lists both, so that the job's id is known before the first byte of the
document leaves; else Print-Job. After a loss the printer is asked for the job before anything is sent again (spec 5.6).
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from backend import transfer
from backend.document import Document, GuardedSource, Source
from backend.document_format import ends_properly
from backend.errors import (
    AuthenticationRequired,
    ConnectionLost,
    CopyNeeded,
    DocumentRefused,
    DocumentTooLarge,
    HttpRefused,
    IppRefused,
    IppsError,
    JobCancelledAtPrinter,
    JobInDoubt,
    JobLostRepeatedly,
    MalformedResponse,
    NoRoomForCopy,
    PrinterBusy,
    PrinterUnreachable,
)
from backend.interview import Profile
from backend.ipp import operations
from backend.ipp.message import Attribute, Message
from backend.ipp.operations import JobState, Status, keyword, sanitised_user, succeeded
from backend.ipp.tags import Tag
from backend.job_at_printer import DEAD, JobAtPrinter
from backend.job_record import ACCEPTED, CANCELLED, CREATING, SENDING, JobRecord
from backend.options_sent import OptionsSent
from backend.patience import Patience
from backend.printer import STATE_ATTRIBUTES, VERSIONS, Printer, Reply
from backend.printer_state import needs_somebody, number, texts
from backend.stop_signal import StopSignal
from backend.transfer import Answer, Attempt, Decision, Found, Framing
from filters.dataclass import dataclass, replace
from filters.report import Report

TYPE_CHECKING = False  # slow to import, see printer._import_session
if TYPE_CHECKING:
    from backend.session import Session

#: Decisions whose number Patience limits.
_WITH_PATIENCE = frozenset({Decision.SEND_AGAIN, Decision.WAIT_AND_SEND})
#: Decisions about a document that are no refusals.
_NO_REFUSALS = frozenset({Decision.ACCEPTED, Decision.ASK_PRINTER})
#: Answers to Create-Job after which Print-Job is tried.
_PRINT_JOB_INSTEAD = frozenset(
    {
        Decision.ASK_PRINTER,
        Decision.CANCELLED,
        Decision.OTHER_FORMAT,
        Decision.REFUSED,
        Decision.TOO_LARGE,
        Decision.UNPRINTABLE,
    }
)
#: Answers of printers that list Send-Document and have it not (Q-93).
LACKS_SEND_DOCUMENT = (Status.SERVER_ERROR_OPERATION_NOT_SUPPORTED, Status.CLIENT_ERROR_NOT_FOUND)
#: Seconds between the questions after a loss; a printer that restarts needs a while.
INQUIRY_PAUSES = (1, 2, 5, 10, 20, 30)
#: Seconds an inquiry beside a stalled sending may take.
BESIDE_SECONDS = 8.0
#: Seconds that a printer gets to go on after somebody has brought paper or closed a door: it may have to warm up.
MENDED_SECONDS = 30.0
#: Seconds between an end of the input that nothing proves and ours.
UNPROVEN_END_SECONDS = 0.2
#: A document is sent at most so often, whatever the answers say: a printer that answers in circles must not keep us.
MOST_SENDINGS = 12
#: How often a document is sent again after the printer lost it.
MOST_LOSSES = 3
#: Answers of "internal error" after which a job that is provably not there is sent again.
MOST_INTERNAL_ERRORS = 3


@dataclass(frozen=True)
class Order:
    """What is asked for.

    Attributes:
        job_name: it ends in the job's own mark.
        formats: those to try in turn.
        job_attributes: what the printer is told because the document does not say it itself.
        copies: how many copies the printer makes because of them.
    """

    job_name: str
    formats: tuple[str, ...]
    job_attributes: tuple[Attribute, ...] = ()
    copies: int = 1


@dataclass(frozen=True)
class Delivered:
    """The printer has the job. ``job_id`` is None when it did not say (Q-99). It makes so many ``copies``."""

    job_id: int | None
    framing: Framing
    bytes_sent: int
    copies: int = 1


class Delivery:
    """The sending of one document, with all its attempts."""

    def __init__(
        self,
        printer: Printer,
        profile: Profile,
        order: Order,
        document: Document,
        *,
        stop: StopSignal,
        report: Report,
        patience: Patience,
        check_complete: Callable[[Document], None],
        record: Callable[[str, int | None], None],
        show_state: Callable[[Message], None],
    ) -> None:
        """
        Args:
            check_complete: raises DocumentIncomplete when the input ended before the document did.
            record: writes a phase of JobRecord and the job's id to the disk, before the first byte of the document
                leaves and before a job of ours is cancelled.
            show_state: told what the printer says of itself while it stalls.
        """
        self._printer = printer
        self._profile = profile
        self._order = order
        self._document = document
        self._stop = stop
        self._report = report
        self._patience = patience
        self._check_complete = check_complete
        self._record = record
        self._show_state = show_state
        self._formats = list(order.formats) or [""]
        self._options = OptionsSent(order.job_attributes, order.copies)
        self._use_create_job = profile.creates_jobs
        self._attempt = Attempt(
            transfer.choose_framing(printer.uri.transfer, profile.facts.chunks, size_known=document.size is not None),
            without_attributes=not order.job_attributes,
        )
        #: When the printer was last seen waiting for somebody.
        self._needed_somebody_at = -math.inf
        self._internal_errors = 0
        self._again = 0
        self._losses = 0
        self._challenged: Reply | None = None
        self._job = JobAtPrinter(printer, order.job_name, report)
        #: Bytes of the document went out, so the printer may have something of the job.
        self.at_risk = False
        self._asked_to_create = False
        #: The printer has all of the document.
        self.accepted = False
        #: Set when Send-Document failed although the printer lists it (Q-93).
        self.send_document_fails = False
        #: Set when the printer refused the document for its chunks; true only once it has taken it with a length.
        self.chunks_refused = False

    @property
    def may_be_there(self) -> bool:
        """True if the printer may have a job of ours, be it an empty one."""
        return self.job_id is not None or self.at_risk or self._asked_to_create

    @property
    def copies(self) -> int:
        """How many copies the printer makes of what it gets."""
        return self._options.copies

    @property
    def job_id(self) -> int | None:
        """The job's number at the printer, as soon as it is known."""
        return self._job.job_id

    @property
    def other_jobs(self) -> frozenset[int]:
        """Numbers of jobs of the same name that are not the one: older prints, and what was left behind."""
        return self._job.others

    # --- the story

    def run(self) -> Delivered:
        """Send until the printer has the job.

        Raises:
            IppsError: it will not have it, or nobody knows.
        """
        if not self._use_create_job:
            self._job.note_old_jobs()
        return self._send_until_delivered()

    def take_up(self, earlier: JobRecord) -> Delivered:
        """Do what an earlier run began that was killed: ask what became of the job, and go on from there.

        Raises:
            IppsError: as ``run``.
        """
        self._job.job_id = earlier.job_id
        if earlier.phase == CREATING:
            self._adopt_empty()
            return self._send_until_delivered()
        interrupted = ConnectionLost(self._printer.name, "printing", "the print service was interrupted")
        accepted = earlier.phase == ACCEPTED
        up_time = self._profile.up_time
        restarted = up_time is not None and earlier.up_time is not None and up_time < earlier.up_time
        decision, why = self._ask_printer(interrupted, accepted, forgotten_is_printed=accepted and not restarted)
        if earlier.phase == CANCELLED and decision in (Decision.CANCELLED, Decision.HOLD):
            # It was this side that cancelled it, in order to send it again.
            decision = self._after_own_cancel()
        self._report.debug(f"an earlier run of this job was interrupted: {decision.value}")
        if decision is Decision.ADOPT:
            self.accepted, self._options.copies = True, earlier.copies
            return Delivered(self.job_id, self._attempt.framing, 0, self.copies)
        self._prepare(decision, why)
        return self._send_until_delivered()

    def _send_until_delivered(self) -> Delivered:
        sendings = 0
        while True:
            decision, why = self._send_once()
            if decision in (Decision.ACCEPTED, Decision.ADOPT):
                self.accepted = True
                size = self._document.size_read or self._document.size or 0
                return Delivered(self.job_id, self._attempt.framing, size, self.copies)
            # The advice of a refusal that is the last word would lead astray here.
            short = f"HTTP {why.status} {why.reason}" if isinstance(why, HttpRefused) else why.text
            self._report.debug(f"{short}: {decision.value}")
            sendings += decision not in _WITH_PATIENCE
            if sendings >= MOST_SENDINGS:
                self._job.cancel_quietly()
                raise why
            self._prepare(decision, why)

    def _send_once(self) -> tuple[Decision, IppsError]:
        """Make one attempt; return what follows, and why."""
        try:
            if self._use_create_job and self.job_id is None:
                decision = self._create_job()
                if decision is not None:
                    return decision
            source = self._source()
            session = self._printer.session()
        except PrinterUnreachable as error:
            self._patience.wait(error)
            return Decision.SEND_AGAIN, error
        except (ConnectionLost, MalformedResponse) as error:
            self._printer.disconnect()
            self._pause_before_again(error)
            self._adopt_empty()
            return Decision.SEND_AGAIN, error
        return self._send_document(session, source)

    def _after_own_cancel(self) -> Decision:
        """Return what follows when a run was killed after it had cancelled its job: again, unless something printed."""
        found = self._job.look()
        dead = found is not None and found.job_state in DEAD and not found.impressions
        return Decision.CANCEL_AND_SEND if dead else Decision.HOLD

    def _adopt_empty(self) -> None:
        """Use the empty job of a Create-Job whose answer was lost, unless the answer would have mattered.

        It may have told that the printer ignores copies.
        """
        self._job.adopt_empty()
        if self.copies > 1 and self.job_id is not None:
            self._job.cancel_quietly()
            self._job.forget()

    def _pause_before_again(self, error: IppsError) -> None:
        """Wait before the same is tried again, but not the first time: a broken connection may have been just that."""
        self._again += 1
        if self._again > 1:
            self._patience.wait(error)

    def _send_document(self, session: Session, source: Source) -> tuple[Decision, IppsError]:
        kept = session.exchanges > 0
        self._record(SENDING, self.job_id)
        try:
            reply = self._perform(session, source)
        except (ConnectionLost, MalformedResponse) as error:
            self._printer.disconnect()
            if kept:
                self._printer.distrust_connections()
            decision = transfer.after_loss(session.progress.document_bytes)
            if decision is Decision.SEND_AGAIN:
                self._pause_before_again(error)
                return decision, error
            return self._ask_printer(error, session.progress.ended)
        whole = not (session.progress.unread or reply.response.early or self._job.is_about_another(reply.message))
        decision, why = self._judge_reply(reply, whole)
        if decision not in _NO_REFUSALS and session.progress.document_bytes:
            decision, why = self._after_refusal(decision, why, reply, whole)
            if decision is Decision.ADOPT:
                return decision, why
        if decision is not Decision.WAIT_AND_SEND:
            self._patience.succeeded()
        self._challenged = reply if reply.response.status == 401 else None
        if decision in (Decision.ACCEPTED, Decision.ASK_PRINTER):
            self._job.learn_id(reply.message)
            self._note_ignored_attributes()
        if decision is Decision.ASK_PRINTER:
            self._printer.disconnect()
            decision, why = self._ask_printer(why, whole)
            return self._not_for_ever(reply, decision), why
        return decision, why

    def _perform(self, session: Session, source: Source) -> Reply:
        """Send the document; whatever ends that, SIGTERM and a dead filter too, what is at risk is noted."""
        try:
            return self._printer.perform(
                session,
                self._document_message(),
                source,
                chunked=self._attempt.framing is Framing.CHUNKED,
                stalled=self._wait_on,
            )
        finally:
            self._note_risk(session, source)

    def _after_refusal(
        self, decision: Decision, why: IppsError, reply: Reply, whole: bool
    ) -> tuple[Decision, IppsError]:
        """Ask what the printer has made of a document of which it got something, and then said no."""
        if decision is Decision.AUTHENTICATE and not whole:
            return decision, why  # it did not let anybody in yet
        found = self._job.look() or Found(None)
        kept, resend = self._document.kept, self._printer.uri.resend
        after = transfer.after_refusal(decision, found, whole=whole, kept=kept, resend=resend)
        if after is not decision:
            self._job.look(learn=True)
        if after is Decision.ADOPT:
            self._report.warning(f"{self._printer.name} refused the job and prints it; not sent again")
        elif after is Decision.HOLD and decision is not Decision.HOLD:
            why = JobInDoubt(self._printer.name, f"{why.text}; some of it may have been printed")
        elif after is Decision.PRINT_JOB:
            self.send_document_fails = reply.status in LACKS_SEND_DOCUMENT
        return after, why

    def _not_for_ever(self, reply: Reply, decision: Decision) -> Decision:
        """Give up on a printer that answers "internal error" whenever the job is sent."""
        if decision is Decision.CANCEL_AND_SEND and reply.status == Status.SERVER_ERROR_INTERNAL_ERROR:
            self._internal_errors += 1
            self._stop.sleep(self._internal_errors)
            return Decision.REFUSED if self._internal_errors >= MOST_INTERNAL_ERRORS else decision
        return decision

    def _note_risk(self, session: Session, source: Source) -> None:
        if session.progress.document_bytes:
            self.at_risk = True
        lost = getattr(source, "copy_lost", None)
        if lost is not None:
            self._report.warning(f"{lost.text}; the job goes on without one")
        self._attempt = replace(self._attempt, kept=self._document.kept)

    # --- requests

    def _create_job(self) -> tuple[Decision, IppsError] | None:
        """Create the job; None if that worked."""
        printer = self._printer
        message = operations.create_job(
            printer.target, printer.next_request_id(), self._order.job_name, job_attributes=self._options.attributes
        )
        self._asked_to_create = True
        self._record(CREATING, None)
        reply = printer.ask(message, idempotent=False)
        decision, why = self._judge_reply(reply, whole=True, creating=True)
        if decision is Decision.ACCEPTED:
            self._job.learn_id(reply.message)
            self._note_ignored_attributes()
            if self.job_id is None:
                self._job.adopt_empty()
            if self.job_id is not None:
                return None
            return Decision.PRINT_JOB, why
        return decision, why

    def _document_message(self) -> Message:
        printer = self._printer
        if self._use_create_job and self.job_id is not None:
            return operations.send_document(printer.target, printer.next_request_id(), self.job_id, self._formats[0])
        return operations.print_job(
            printer.target,
            printer.next_request_id(),
            self._order.job_name,
            self._formats[0],
            job_attributes=self._options.attributes,
        )

    def _source(self) -> Source:
        """Return where the bytes of this attempt come from; read the input to its end first if its size is needed."""
        if self._attempt.framing is Framing.CHUNKED:
            return GuardedSource(self._document.live(), self._check_document)
        waited = False
        while True:
            try:
                self._document.read_to_end(self._stop)
                break
            except NoRoomForCopy as error:
                self._patience.wait(error)
                waited = True
        if waited:
            self._patience.succeeded()
        self._check_document()
        return self._document.stored()

    def _check_document(self) -> None:
        """Look whether the end of the input may be believed.

        A cancel, and a restart of the print service, end the filters as well as us, and their end may arrive first. A
        document that ends as it began is whole whatever happens; for others it is worth a moment to see what comes.
        """
        self._stop.check()
        self._check_complete(self._document)
        if not self._document.is_file and not ends_properly(self._document.head, self._document.tail):
            self._stop.sleep(UNPROVEN_END_SECONDS)

    # --- answers

    def _judge_reply(self, reply: Reply, whole: bool, creating: bool = False) -> tuple[Decision, IppsError]:
        """Return what a reply leads to, and the error that it would be if it were the last word."""
        answer = Answer(
            http_status=reply.response.status,
            ipp_status=reply.status,
            has_job_id=reply.message is not None and number(reply.message, "job-id", Tag.JOB_ATTRIBUTES) is not None,
            whole_body_sent=whole,
            send_document=not creating and self._use_create_job,
        )
        self._options.hear(reply.message)
        attempt = replace(self._attempt, framing=Framing.SIZED, kept=True) if creating else self._attempt
        decision = transfer.after_answer(answer, attempt)
        if creating and decision in _PRINT_JOB_INSTEAD:
            # Nothing of the document is at risk, and Print-Job may do where Create-Job does not.
            decision = Decision.PRINT_JOB
        return decision, self._describe(reply, "Create-Job" if creating else "the document")

    def _describe(self, reply: Reply, what: str) -> IppsError:
        response = reply.response
        if reply.message is None:
            location = response.header("location") or ""
            return HttpRefused(self._printer.name, self._printer.uri.path, response.status, response.reason, location)
        if succeeded(reply.message.code):
            return MalformedResponse(self._printer.name, f"it says yes to {what} before it has all of it")
        said = " ".join(texts(reply.message, "status-message"))
        return IppRefused(self._printer.name, what, reply.message.code, keyword(reply.message.code), said)

    # --- what comes before the next attempt

    def _prepare(self, decision: Decision, why: IppsError) -> None:
        """Change what has to be changed before the document is sent again, or raise what ends the job."""
        steps: dict[Decision, Callable[[IppsError], None]] = {
            Decision.SEND_SIZED: self._prepare_sized,
            Decision.SEND_AGAIN: self._prepare_again,
            Decision.WAIT_AND_SEND: self._prepare_after_busy,
            Decision.AUTHENTICATE: self._prepare_authenticated,
            Decision.OTHER_FORMAT: self._prepare_other_format,
            Decision.WITHOUT_ATTRIBUTES: self._prepare_without_attributes,
            Decision.LOWER_VERSION: self._prepare_lower_version,
            Decision.PRINT_JOB: self._prepare_print_job,
            Decision.CANCEL_AND_SEND: self._prepare_after_cancel,
            Decision.CANCELLED: self._give_up_cancelled,
            Decision.HOLD: self._hold,
            Decision.TOO_LARGE: self._give_up_too_large,
            Decision.UNPRINTABLE: self._give_up_unprintable,
            Decision.REFUSED: self._give_up,
        }
        steps[decision](why)

    def _from_copy(self) -> None:
        """What was sent is sent again from the copy, so with its length."""
        self._printer.disconnect()
        if self._document.size_read:
            self._attempt = replace(self._attempt, framing=Framing.SIZED)

    def _prepare_sized(self, why: IppsError) -> None:
        self.chunks_refused = self.chunks_refused or self._attempt.framing is Framing.CHUNKED
        self._from_copy()
        self._attempt = replace(self._attempt, framing=Framing.SIZED, again=True)
        user = sanitised_user(self._printer.target.requesting_user_name)
        self._printer.target = replace(self._printer.target, requesting_user_name=user)

    def _prepare_again(self, why: IppsError) -> None:
        if self._document.size_read and self._attempt.framing is Framing.CHUNKED:
            if not self._document.kept:
                raise CopyNeeded(self._printer.name, why.text)
            self._from_copy()

    def _prepare_after_busy(self, why: IppsError) -> None:
        reason = why.keyword if isinstance(why, IppRefused) else why.text
        self._patience.wait(PrinterBusy(self._printer.name, reason))
        self._from_copy()

    def _prepare_authenticated(self, why: IppsError) -> None:
        if self._challenged is None:
            raise AuthenticationRequired(self._printer.name, 1)
        self._printer.credentials.take_challenge(self._challenged.response)
        self._from_copy()

    def _prepare_other_format(self, why: IppsError) -> None:
        refused = self._formats.pop(0)
        if not self._formats:
            self._job.cancel_quietly()
            raise DocumentRefused(self._printer.name, refused or "(not named)", why.text)
        self._from_copy()

    def _prepare_without_attributes(self, why: IppsError) -> None:
        left_out = self._options.leave_out()
        self._report.warning(f"{self._printer.name} refuses {', '.join(left_out)}; the job is sent without")
        self._attempt = replace(self._attempt, without_attributes=not self._options.attributes)
        self._from_copy()

    def _note_ignored_attributes(self) -> None:
        ignored = self._options.ignored()
        if ignored:
            self._report.warning(f"{self._printer.name} ignores {', '.join(ignored)}")

    def _prepare_lower_version(self, why: IppsError) -> None:
        target = self._printer.target
        lower = [version for version in VERSIONS if version < target.version]
        if not lower or self._printer.uri.version != "auto":
            self._give_up(why)
        self._printer.target = replace(target, version=lower[0])
        self._from_copy()

    def _prepare_print_job(self, why: IppsError) -> None:
        self._printer.disconnect()
        self._job.cancel_quietly()
        self._job.forget()
        self._job.note_old_jobs()  # from now on it is found by its name
        self._use_create_job = False
        self._from_copy()

    def _prepare_after_cancel(self, why: IppsError) -> None:
        """Cancel what the printer has of the job, make sure that it is dead and nothing printed, then send again."""
        self._losses += 1
        if self.job_id is not None:
            self._record(CANCELLED, self.job_id)
            self._cancel_for_good(why)
            self._job.forget()
        elif not self._printer.uri.resend:
            raise JobInDoubt(self._printer.name, f"{why.text}; it has the job, and no number to cancel it by")
        if self._losses >= MOST_LOSSES:
            raise JobLostRepeatedly(self._printer.name, self._losses, why.text)
        self._from_copy()

    def _cancel_for_good(self, why: IppsError) -> None:
        try:
            found = self._job.cancel()
        except IppsError as error:
            reason = f"{why.text}; it could not be cancelled there: {error.text}"
            raise JobInDoubt(self._printer.name, reason) from None
        empty = found is not None and found.job_state == JobState.COMPLETED and found.impressions == 0
        dead = found is not None and found.job_state in DEAD and not found.impressions
        if not (dead or empty):
            raise JobInDoubt(self._printer.name, f"{why.text}; some of it may have been printed")

    def _give_up_cancelled(self, why: IppsError) -> None:
        self._job.cancel_quietly()  # where it is said and not done
        raise JobCancelledAtPrinter(self._printer.name)

    def _give_up_too_large(self, why: IppsError) -> None:
        self._job.cancel_quietly()
        raise DocumentTooLarge(self._printer.name, self._document.size or self._document.size_read)

    def _give_up_unprintable(self, why: IppsError) -> None:
        self._job.cancel_quietly()
        raise DocumentRefused(self._printer.name, self._formats[0] or "(not named)", why.text)

    def _give_up(self, why: IppsError) -> None:
        self._job.cancel_quietly()
        raise why

    def _hold(self, why: IppsError) -> None:
        if isinstance(why, (ConnectionLost, MalformedResponse, JobInDoubt)) or self.at_risk and self._document.kept:
            raise JobInDoubt(self._printer.name, why.text)
        raise CopyNeeded(self._printer.name, why.text)

    # --- losses

    def _ask_printer(
        self, why: IppsError, all_sent: bool, forgotten_is_printed: bool = False
    ) -> tuple[Decision, IppsError]:
        """Ask the printer what became of the job, for as long as it takes to restart.

        Args:
            forgotten_is_printed: a job that the printer does not know any more was printed (Q-100).
        """
        found: Found | None = None
        for pause in INQUIRY_PAUSES:
            try:
                found = self._job.find()
                break
            except (PrinterUnreachable, ConnectionLost, MalformedResponse) as error:
                self._report.info(f"{error.text}; asking again what became of the job")
                self._printer.disconnect()
                self._stop.sleep(pause)
            except (IppRefused, HttpRefused, AuthenticationRequired) as error:
                self._report.debug(error.text)
                break
        self._report.debug(f"after the loss: {found}, all sent: {all_sent}")
        if forgotten_is_printed and found is not None and found.job_state is None:
            return Decision.ADOPT, why
        resend = self._printer.uri.resend
        decision = transfer.after_inquiry(found, all_sent=all_sent, kept=self._document.kept, resend=resend)
        return decision, why

    def _wait_on(self, phase: str, seconds: float) -> bool:
        """Decide about a stalled exchange: ask over a second connection why nothing moves."""
        limit = self._printer.uri.timeouts.write if phase == "sending" else self._printer.uri.timeouts.reply
        if phase != "sending" and seconds < limit:
            return True
        try:
            beside = self._printer.beside(BESIDE_SECONDS)
            message = beside.expect_message(beside.get_attributes(STATE_ATTRIBUTES))
            beside.disconnect()
        except IppsError as error:
            self._report.debug(f"stalled for {seconds:.0f} s, and no answer to a question: {error.text}")
            return seconds < limit
        self._show_state(message)
        if needs_somebody(message):
            self._needed_somebody_at = time.monotonic()
        return seconds < limit or time.monotonic() - self._needed_somebody_at < MENDED_SECONDS
