"""What a printer says about a job that is over, or stands still: job-state-reasons, RFC 8011 section 5.3.8, PWG 5100.

Pure: state, reasons and counts in, a verdict out.

    reasons of a job that is completed or aborted              something came out     nothing, or no count
    the document is not understood                             DOCUMENT               DOCUMENT
    account-...                                                PRINTED, warned        ACCOUNT
    the document could not be got at or unpacked               PRINTED, warned        NOT_PRINTED
    errors                                                     PRINTED, warned        NOT_PRINTED if the count is 0
    warnings                                                   PRINTED, warned        PRINTED, warned
    cancelled by a person, although "completed"                CANCELLED              CANCELLED
    all others                                                 PRINTED                PRINTED

An aborted job is ABORTED where this table says PRINTED or NOT_PRINTED; a cancelled one counts as aborted if its reasons
say that the printer itself gave it up, and none that a person did.
"""

from __future__ import annotations

from enum import Enum

from backend.cupsd.printer_state import number, texts
from backend.ipp.codes import JobState, Status
from backend.ipp.message import Message
from backend.ipp.tags import Tag
from filters.common.dataclass import dataclass

#: What is asked about a job.
JOB_ATTRIBUTES = (
    "job-id",
    "job-impressions",
    "job-impressions-completed",
    "job-media-sheets-completed",
    "job-name",
    "job-state",
    "job-state-message",
    "job-state-reasons",
)
#: Answers of printers that do not know a job, or not any more; to Cancel-Job that there is nothing left to cancel.
JOB_IS_GONE = frozenset(
    {Status.CLIENT_ERROR_NOT_FOUND, Status.CLIENT_ERROR_GONE, Status.CLIENT_ERROR_NOT_POSSIBLE},
)


@dataclass(frozen=True)
class Found:
    """What the printer says about the job after a loss.

    Attributes:
        job_state: None when it does not know the job.
        impressions: None when it does not count.
        name: "" when it does not say.
    """

    job_state: int | None
    reasons: tuple[str, ...] = ()
    impressions: int | None = None
    name: str = ""


def describe_job(message: Message) -> Found:
    """Return what job attributes say about a job."""
    return Found(
        number(message, "job-state", Tag.JOB_ATTRIBUTES),
        texts(message, "job-state-reasons", Tag.JOB_ATTRIBUTES),
        impressions_of(message),
        next(iter(texts(message, "job-name", Tag.JOB_ATTRIBUTES)), ""),
    )


def impressions_of(message: Message) -> int | None:
    """Return how many sides of a job are printed; None if the printer does not count, for which some say -1."""
    found = number(message, "job-impressions-completed", Tag.JOB_ATTRIBUTES)
    return None if found is None or found < 0 else found


class Verdict(Enum):
    """What became of a job."""

    PRINTED = "printed"
    DOCUMENT = "the document is not understood"
    ACCOUNT = "the account does not allow it"
    NOT_PRINTED = "not printed"
    CANCELLED = "cancelled"
    ABORTED = "given up"


#: Job states before the first page.
NOT_BEGUN = frozenset({JobState.PENDING, JobState.PENDING_HELD})
#: The printer could not make anything of the document (Q-104).
NOT_UNDERSTOOD = frozenset(
    """
    document-format-error document-password-error document-permission-error document-security-error
    document-unprintable-error unsupported-compression unsupported-document-format
    """.split()
)
ACCOUNT = frozenset("account-authorization-failed account-closed account-info-needed account-limit-reached".split())
#: Without a count these say that there is no page.
NOTHING_TO_PRINT = frozenset(
    """
    compression-error digital-signature-did-not-verify digital-signature-type-not-supported document-access-error
    job-data-insufficient submission-interrupted
    """.split()
)
ERRORS = frozenset(
    """
    aborted-by-system conflicting-attributes destination-uri-failed errors-detected job-canceled-after-timeout
    job-completed-with-errors job-printed-with-errors job-saved-with-errors resources-are-not-ready
    resources-are-not-supported service-off-line unsupported-attributes-or-values
    """.split()
)
WARNINGS = frozenset(
    """
    job-completed-with-warnings job-printed-with-warnings job-saved-with-warnings warnings-detected
    """.split()
)
BY_A_PERSON = frozenset("job-canceled-at-device job-canceled-by-operator job-canceled-by-user".split())
#: A job that stands still until someone comes to the printer; the backend does not wait for that.
WAITS_FOR_A_PERSON = frozenset(
    """
    account-info-needed job-held-for-authorization job-held-for-button-press job-held-for-release job-held-for-review
    job-password-wait job-release-wait job-suspended-for-approval
    """.split()
)
#: Why a printer ends a job by itself.
GAVE_UP = NOT_UNDERSTOOD | ACCOUNT | NOTHING_TO_PRINT | ERRORS
#: Worth a word to the user, whatever the state.
WORTH_A_WARNING = NOT_UNDERSTOOD | ACCOUNT | NOTHING_TO_PRINT | ERRORS | WARNINGS


def judge_end(state: int, reasons: frozenset[str], impressions: int | None) -> Verdict:
    """Return what became of a job that is completed or aborted: the table above."""
    nothing_out = not impressions
    if reasons & NOT_UNDERSTOOD:
        return Verdict.DOCUMENT
    if state == JobState.COMPLETED and reasons & BY_A_PERSON:
        return Verdict.CANCELLED
    if reasons & ACCOUNT and nothing_out:
        return Verdict.ACCOUNT
    if state == JobState.ABORTED:
        return Verdict.ABORTED
    if reasons & NOTHING_TO_PRINT and nothing_out or reasons & ERRORS and impressions == 0:
        return Verdict.NOT_PRINTED
    return Verdict.PRINTED


def was_cancelled_by_itself(reasons: frozenset[str]) -> bool:
    """Tell whether the reasons of a job in the state "canceled" say that no person has cancelled it."""
    return bool(reasons & GAVE_UP) and not reasons & BY_A_PERSON


def explained(reasons: frozenset[str], sentence: str) -> str:
    """Return reasons and the printer's own sentence as one text, without what says nothing."""
    words = ", ".join(sorted(reasons - {"none", "job-completed-successfully"}))
    if not sentence or sentence == words:
        return words or "no reason given"
    return f"{sentence} ({words})" if words else sentence
