"""What a printer's answer to a request that makes or fills a job leads to, and which error it is as the last word."""

from __future__ import annotations

import errno
import os

from backend.delivery import transfer
from backend.delivery.attempt import Attempt, Framing, PrintRequest
from backend.delivery.transfer import Answer, Decision
from backend.errors import ConnectionLost, HttpRefused, IppRefused, IppsError, JobInDoubt, MalformedResponse
from backend.ipp.codes import Operation, succeeded
from filters.common.dataclass import dataclass, replace

TYPE_CHECKING = False  # this module takes values; only the type checker needs to know what they are
if TYPE_CHECKING:
    from backend.printer.printer import Printer, Reply

#: Answers to Create-Job after which Print-Job is tried: nothing of the document is at risk, and it may do.
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


@dataclass(frozen=True)
class Outcome:
    """What came of an attempt.

    Attributes:
        decision: what follows.
        why: the error that it is if it is the last word.
        attempt: the attempt itself, with what was learned in it.
        reply: the answer that came last, None after a loss.
    """

    decision: Decision
    why: IppsError
    attempt: Attempt
    reply: Reply | None = None

    @property
    def unsupported(self) -> frozenset[str]:
        """Names of the attributes that the answer calls unsupported."""
        return self.reply.unsupported if self.reply else frozenset()


def judge_creation(reply: Reply, printer: Printer, attempt: Attempt) -> Outcome:
    """Return what the answer to Create-Job leads to; a copy is not needed after it, and chunks were none in it."""
    sized = replace(attempt, framing=Framing.SIZED)
    decision = transfer.after_answer(_answer(reply, printer, whole=True), sized, kept=True)
    if decision in _PRINT_JOB_INSTEAD:
        from backend.printer.statuses import is_final_for_create_job

        decision = decision if is_final_for_create_job(reply.status) else Decision.PRINT_JOB
    return Outcome(decision, _last_word(reply, printer, Operation.CREATE_JOB), attempt, reply)


def judge_document(reply: Reply, printer: Printer, attempt: Attempt, *, whole: bool, kept: bool) -> Outcome:
    """Return what the answer to the document leads to.

    Args:
        whole: the printer can have read all of the document when the answer began.
        kept: the document can be sent once more.
    """
    answer = _answer(reply, printer, whole=whole, send_document=attempt.creates_job)
    decision = transfer.after_answer(answer, attempt, kept=kept)
    return Outcome(decision, _last_word(reply, printer, attempt.operation), attempt, reply)


def disregards_password(outcome: Outcome, asked: PrintRequest, operation: Operation) -> bool:
    """Tell whether the printer has no regard for the PIN: it says so, or refuses attributes where no others are.

    Args:
        operation: what it has answered; Send-Document carries neither, so that refusing it says nothing about them.
    """
    if not asked.password or outcome.reply is None:
        return False
    if not outcome.unsupported.isdisjoint(asked.password_names):
        return True
    if operation is Operation.SEND_DOCUMENT or outcome.attempt.has_attributes:
        return False
    return outcome.reply.status in transfer.ABOUT_ATTRIBUTES


def _answer(reply: Reply, printer: Printer, *, whole: bool, send_document: bool = False) -> Answer:
    return Answer(
        http_status=reply.response.status,
        ipp_status=reply.status,
        has_job_id=reply.job_id is not None,
        whole_body_sent=whole,
        send_document=send_document,
        password_asked=printer.credentials.asked_for,
    )


def _last_word(reply: Reply, printer: Printer, operation: Operation) -> IppsError:
    if reply.status is not None and succeeded(reply.status):
        return MalformedResponse(printer.name, "it says yes to the document before it has all of it")
    from backend.printer.refusals import refusal_in

    return refusal_in(reply, printer, operation)


def in_short(why: IppsError) -> str:
    """Return what a printer has said, without the advice that would only be right for the last word."""
    if isinstance(why, HttpRefused):
        return f"HTTP {why.status} {why.reason}".strip()
    if isinstance(why, JobInDoubt):
        return why.reason
    if isinstance(why, ConnectionLost):
        if "closed the connection" in why.reason or why.reason == os.strerror(errno.ECONNRESET):
            return f"it closed the connection while {why.phase}"
        return f"the connection was lost while {why.phase}: {why.reason}"
    return why.said if isinstance(why, IppRefused) else why.text
