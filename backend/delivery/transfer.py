"""Chunked or sized, and what a refusal or a loss leads to. Events in, decisions out; nothing here does anything.

The ladder for the document request, to be read against docs/quirks.md, Q-01 ... Q-18. "First" is the first refusal of
this document:

    event                                      chunked              sized, first        sized, again
    HTTP 400, IPP bad-request without job-id   SEND_SIZED           SEND_SIZED *        REFUSED
    HTTP 411, 417, 501, 505                    SEND_SIZED           REFUSED             REFUSED
    HTTP 413, IPP request-entity-too-large     SEND_SIZED           TOO_LARGE           TOO_LARGE
    HTTP 401, IPP not-authenticated; if a
        password was asked for, IPP
        not-authorized, forbidden              AUTHENTICATE         AUTHENTICATE        AUTHENTICATE
    HTTP 429, 503, IPP busy and relatives      WAIT_AND_SEND        WAIT_AND_SEND       WAIT_AND_SEND
    IPP document-format-not-supported          OTHER_FORMAT         OTHER_FORMAT        OTHER_FORMAT
    IPP attributes-or-values-not-supported,
        conflicting-attributes **              WITHOUT_ATTRIBUTES   WITHOUT_ATTRIBUTES  WITHOUT_ATTRIBUTES
    IPP version-not-supported                  LOWER_VERSION        LOWER_VERSION       LOWER_VERSION
    IPP not-found, not-possible, operation-
        not-supported, multiple-document-jobs-
        not-supported, too-many-documents,
        attributes-or-values-not-supported
        to Send-Document                       PRINT_JOB            PRINT_JOB           PRINT_JOB
    IPP document-format-error and its
        relatives                              UNPRINTABLE          UNPRINTABLE         UNPRINTABLE
    IPP job-canceled                           CANCELLED            CANCELLED           CANCELLED
    other HTTP 3xx, 4xx, other IPP errors      REFUSED              REFUSED             REFUSED
    HTTP 408, 500, 502, 504, IPP timeout,
        internal-error, device-error           ASK_PRINTER          ASK_PRINTER         ASK_PRINTER
    HTTP 2xx without an IPP message            ASK_PRINTER          ASK_PRINTER         ASK_PRINTER
    success, all of the body read              ACCEPTED             ACCEPTED            ACCEPTED
    success before the body's end              ASK_PRINTER          ASK_PRINTER         ASK_PRINTER
    loss or silence, no document byte sent     SEND_AGAIN           SEND_AGAIN          SEND_AGAIN
    loss or silence after any document byte    ASK_PRINTER          ASK_PRINTER         ASK_PRINTER

    *  names sanitised in the same attempt (Q-86, Q-87); a chunked attempt's successor is sanitised as well.
    ** and it had some; without any of them it is REFUSED. IPP bad-request becomes this as well where it would be
       REFUSED. What REFUSED does to job and queue stands in ``statuses``.

What would be sent again is held instead when no copy is there. And when a byte of the document had left before the
answer came, the printer is asked what it has made of the job all the same (``after_refusal``):

    it prints, or is printed, and the whole body can have been read                                ADOPT
    cancelled by a person                                                                          CANCELLED
    aborted by itself, and the answer was job-canceled                               as after an inquiry
    impressions counted, and it would be sent again                                                HOLD
    otherwise, and when the printer has nothing to say                               as the table above says

What the printer's answer to the question leads to (``after_inquiry``):

    all bytes sent, and the job is completed, or in any other live state and no longer incoming    ADOPT
    cancelled by a person                                                                          CANCELLED
    aborted or cancelled by itself, no impressions counted, and a copy is there                    CANCEL_AND_SEND
    incoming, or not all bytes sent; 0 impressions, or none counted and not yet begun; and a copy  CANCEL_AND_SEND
    impressions counted, or not counted although it began; not found; no copy; not reachable;
        a state that IPP does not have                                                             HOLD
                                                                              (resend=yes and a copy: CANCEL_AND_SEND)
"""

from __future__ import annotations

from enum import Enum

from backend.delivery.attempt import Attempt, Framing
from backend.http import FRAMING_REFUSALS, NOT_NOW
from backend.ipp.codes import BUSY, JobState, MAY_NOT, Status
from backend.printer.job_status import BY_A_PERSON, NOT_BEGUN, Found
from filters.common.dataclass import dataclass


class Decision(Enum):
    """What to do next with the document."""

    ACCEPTED = "accepted"
    SEND_SIZED = "send again with its length"
    SEND_AGAIN = "send again, nothing was at risk"
    WAIT_AND_SEND = "wait, then send again"
    AUTHENTICATE = "send again with a user name and password"
    OTHER_FORMAT = "send again as another document-format"
    WITHOUT_ATTRIBUTES = "send again without job attributes"
    LOWER_VERSION = "send again in a lower IPP version"
    PRINT_JOB = "cancel, and send again by Print-Job"
    ASK_PRINTER = "ask the printer what became of the job"
    ADOPT = "the printer has it"
    CANCEL_AND_SEND = "cancel what the printer has of it, and send again"
    CANCELLED = "cancelled at the printer"
    HOLD = "hold the job"
    TOO_LARGE = "too large for the printer"
    UNPRINTABLE = "the document itself is refused"
    REFUSED = "refused"


@dataclass(frozen=True)
class Answer:
    """The answer to a document request.

    Attributes:
        ipp_status: None when the body is no IPP message.
        whole_body_sent: the request's body can have been read to its end when the answer began.
        send_document: the request was Send-Document.
        password_asked: the printer has asked for a password before, so that "forbidden" may mean that one.
    """

    http_status: int
    ipp_status: int | None
    has_job_id: bool
    whole_body_sent: bool
    send_document: bool = False
    password_asked: bool = True


#: HTTP statuses after which a server or a proxy in front of it may have passed the document on all the same; 408 says
#: that the filters were too slow for it (Q-15), and what it had until then may be on paper.
UNCLEAR = frozenset({408, 500, 502, 504})

_BY_IPP_STATUS: dict[int, Decision] = {
    **{status: Decision.WAIT_AND_SEND for status in BUSY},
    Status.CLIENT_ERROR_NOT_AUTHENTICATED: Decision.AUTHENTICATE,
    Status.CLIENT_ERROR_DOCUMENT_FORMAT_NOT_SUPPORTED: Decision.OTHER_FORMAT,
    Status.SERVER_ERROR_VERSION_NOT_SUPPORTED: Decision.LOWER_VERSION,
    Status.CLIENT_ERROR_TIMEOUT: Decision.ASK_PRINTER,
    Status.SERVER_ERROR_INTERNAL_ERROR: Decision.ASK_PRINTER,
    Status.SERVER_ERROR_DEVICE_ERROR: Decision.ASK_PRINTER,
    Status.SERVER_ERROR_JOB_CANCELED: Decision.CANCELLED,
    Status.CLIENT_ERROR_DOCUMENT_FORMAT_ERROR: Decision.UNPRINTABLE,
    Status.CLIENT_ERROR_DOCUMENT_PASSWORD_ERROR: Decision.UNPRINTABLE,
    Status.CLIENT_ERROR_DOCUMENT_PERMISSION_ERROR: Decision.UNPRINTABLE,
    Status.CLIENT_ERROR_DOCUMENT_SECURITY_ERROR: Decision.UNPRINTABLE,
    Status.CLIENT_ERROR_DOCUMENT_UNPRINTABLE_ERROR: Decision.UNPRINTABLE,
}

#: What a printer says that lists Send-Document and cannot do it (Q-93). The job's attributes are not in that request.
SEND_DOCUMENT_FAILS = frozenset(
    {
        Status.CLIENT_ERROR_ATTRIBUTES_OR_VALUES_NOT_SUPPORTED,
        Status.CLIENT_ERROR_NOT_FOUND,
        Status.CLIENT_ERROR_NOT_POSSIBLE,
        Status.SERVER_ERROR_OPERATION_NOT_SUPPORTED,
        Status.SERVER_ERROR_MULTIPLE_DOCUMENT_JOBS_NOT_SUPPORTED,
        Status.SERVER_ERROR_TOO_MANY_DOCUMENTS,
    }
)

#: What may be about the job's attributes.
ABOUT_ATTRIBUTES = frozenset(
    {Status.CLIENT_ERROR_ATTRIBUTES_OR_VALUES_NOT_SUPPORTED, Status.CLIENT_ERROR_CONFLICTING_ATTRIBUTES}
)


def choose_framing(option: str, chunks_work: bool | None, *, size_known: bool) -> Framing:
    """Return the framing of the first attempt.

    Args:
        option: the queue's transfer option.
        chunks_work: what is known about the printer, None if nothing is.
        size_known: the document is a file; its length costs nothing.
    """
    if option == "chunked":
        return Framing.CHUNKED
    if option == "sized" or size_known or not chunks_work:
        return Framing.SIZED
    return Framing.CHUNKED


def after_answer(answer: Answer, attempt: Attempt, *, kept: bool) -> Decision:
    """Return what an answer to the document request leads to: the table above.

    Args:
        kept: the document can be sent once more.
    """
    status = answer.ipp_status
    decision = _from_http(answer, attempt) if status is None else _from_ipp(status, answer, attempt)
    if decision in SENDING_AGAIN and not kept:
        return Decision.HOLD
    return decision


#: Decisions that need the copy; what was sent is refused as a whole.
SENDING_AGAIN = frozenset(
    {
        Decision.SEND_SIZED,
        Decision.WAIT_AND_SEND,
        Decision.AUTHENTICATE,
        Decision.OTHER_FORMAT,
        Decision.WITHOUT_ATTRIBUTES,
        Decision.LOWER_VERSION,
        Decision.PRINT_JOB,
    }
)


def _from_http(answer: Answer, attempt: Attempt) -> Decision:
    status = answer.http_status
    if status == 401:
        return Decision.AUTHENTICATE
    if status in NOT_NOW:
        return Decision.WAIT_AND_SEND
    if status in UNCLEAR or 200 <= status < 300:
        return Decision.ASK_PRINTER
    if status in FRAMING_REFUSALS:
        return _framing_refused(status, attempt)
    return Decision.REFUSED


def _framing_refused(status: int, attempt: Attempt) -> Decision:
    if attempt.framing is Framing.CHUNKED:
        return Decision.SEND_SIZED
    if status == 413:
        return Decision.TOO_LARGE
    return Decision.SEND_SIZED if status == 400 and not attempt.again else Decision.REFUSED


def _from_ipp(status: int, answer: Answer, attempt: Attempt) -> Decision:
    if status < 0x0100:
        return Decision.ACCEPTED if answer.whole_body_sent else Decision.ASK_PRINTER
    if status in _BY_IPP_STATUS:
        return _BY_IPP_STATUS[status]
    if status in MAY_NOT:
        return Decision.AUTHENTICATE if answer.password_asked else Decision.REFUSED
    if status == Status.CLIENT_ERROR_BAD_REQUEST and not answer.has_job_id:
        decision = _framing_refused(400, attempt)
        return decision if decision is not Decision.REFUSED else _without_attributes(answer, attempt)
    if status == Status.CLIENT_ERROR_REQUEST_ENTITY_TOO_LARGE:
        return _framing_refused(413, attempt)
    if status in SEND_DOCUMENT_FAILS and answer.send_document:
        return Decision.PRINT_JOB
    return _without_attributes(answer, attempt) if status in ABOUT_ATTRIBUTES else Decision.REFUSED


def _without_attributes(answer: Answer, attempt: Attempt) -> Decision:
    """Send-Document carries none of them, so that leaving them out would change nothing."""
    if not attempt.has_attributes or answer.send_document:
        return Decision.REFUSED
    return Decision.WITHOUT_ATTRIBUTES


def after_refusal(decision: Decision, found: Found, *, whole: bool, kept: bool, resend: bool) -> Decision:
    """Return what a refusal leads to when the printer may have made something of the document all the same.

    There are printers, and proxies in front of them, that say no and print: the job, or what they have got of it.

    Args:
        decision: what the answer alone leads to.
        found: what the printer says about the job; ``Found(None)`` if it has no clear word, then the refusal stands.
        whole: the body can have been read to its end when the answer began.
        kept, resend: as for ``after_inquiry``.
    """
    dead = found.job_state in (JobState.ABORTED, JobState.CANCELED)
    printed = bool(found.impressions) or (found.job_state == JobState.COMPLETED and found.impressions is None)
    if whole and printed and not dead:
        return Decision.ADOPT
    if BY_A_PERSON & set(found.reasons):
        return Decision.CANCELLED
    if decision is Decision.CANCELLED and found.job_state == JobState.ABORTED:
        return after_inquiry(found, all_sent=whole, kept=kept, resend=resend)
    return Decision.HOLD if found.impressions and decision in SENDING_AGAIN else decision


#: What a job can be in. A state that IPP does not have says no more than none.
_STATES = frozenset(JobState)


def after_loss(document_bytes: int) -> Decision:
    """Return what silence or loss leads to: it is never a refusal once a document byte has left (Q-16)."""
    return Decision.SEND_AGAIN if document_bytes == 0 else Decision.ASK_PRINTER


def after_inquiry(found: Found | None, *, all_sent: bool, kept: bool, resend: bool) -> Decision:
    """Return what the printer's knowledge of the job leads to.

    Args:
        found: None when the printer could not be asked.
        all_sent: the whole body had been handed out.
        kept: the document can be sent once more.
        resend: the queue has resend=yes: after a loss that nothing clears up, send again.
    """
    send_again = Decision.CANCEL_AND_SEND if kept else Decision.HOLD
    unclear = send_again if resend else Decision.HOLD
    if found is None or found.job_state not in _STATES:
        return unclear
    if found.job_state in (JobState.ABORTED, JobState.CANCELED):
        if BY_A_PERSON & set(found.reasons):
            return Decision.CANCELLED
        return unclear if found.impressions else send_again
    if all_sent and (found.job_state == JobState.COMPLETED or "job-incoming" not in found.reasons):
        return Decision.ADOPT
    nothing_printed = found.impressions == 0 or (found.impressions is None and found.job_state in NOT_BEGUN)
    return send_again if nothing_printed else unclear
