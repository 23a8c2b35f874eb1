"""The next attempt, from the last one and what the ladder of ``transfer`` has decided. Values in, values out.

    decision               what the next attempt does differently          before it
    SEND_SIZED             sized, under a sanitised user name
    SEND_AGAIN             nothing                                         a pause, but after the first break
    WAIT_AND_SEND          nothing                                         a wait
    AUTHENTICATE           nothing                                         the printer's challenge is taken
    OTHER_FORMAT           the next format
    WITHOUT_ATTRIBUTES     some job attributes less
    LOWER_VERSION          the next lower IPP version
    PRINT_JOB              Print-Job                                       the empty job is cancelled, older ones noted
    CANCEL_AND_SEND        nothing                                         the job is cancelled, and proven not printed

    CANCELLED, TOO_LARGE, UNPRINTABLE, REFUSED                             the job is cancelled
    HOLD                                                                   it is left as it is

Whatever was read of the document is sent from the copy, and so with its length. Where no further format or version is
left, and where chunks were sent and no copy is there, there is no next attempt, as after the last two rows.
"""

from __future__ import annotations

from collections.abc import Callable

from backend.delivery.answers import Outcome, in_short
from backend.delivery.attempt import Attempt, Framing
from backend.delivery.transfer import Decision
from backend.delivery.unsupported_attributes import leave_out
from backend.errors import (
    ConnectionLost,
    CopyNeeded,
    DocumentRefused,
    DocumentTooLarge,
    IppsError,
    JobCancelledAtPrinter,
    JobInDoubt,
    MalformedResponse,
)
from backend.ipp.operations import sanitised_user
from filters.common.dataclass import dataclass, replace


@dataclass(frozen=True)
class Circumstances:
    """What the next attempt depends on besides the last one.

    Attributes:
        printer: what the printer is called.
        size_read: octets of the document that were read.
        size: of all of it, as far as it is known.
        kept: it can be sent once more.
        at_risk: some of it went out.
        versions: IPP versions that may be tried, the highest first; none where the queue names one.
    """

    printer: str
    size_read: int
    size: int
    kept: bool
    at_risk: bool
    versions: tuple[tuple[int, int], ...]


def prepare(outcome: Outcome, now: Circumstances) -> Attempt | None:
    """Return the next attempt, None if there is none: then ``last_word`` is."""
    step = _STEPS.get(outcome.decision)
    following = step(outcome.attempt, outcome, now) if step else None
    return replace(following, framing=Framing.SIZED) if following and now.size_read else following


def _same(attempt: Attempt, outcome: Outcome, now: Circumstances) -> Attempt | None:
    return attempt


def _again(attempt: Attempt, outcome: Outcome, now: Circumstances) -> Attempt | None:
    lost = now.size_read and attempt.framing is Framing.CHUNKED and not now.kept
    return None if lost else attempt


def _sized(attempt: Attempt, outcome: Outcome, now: Circumstances) -> Attempt | None:
    target = replace(attempt.target, requesting_user_name=sanitised_user(attempt.target.requesting_user_name))
    refused = attempt.chunks_refused or attempt.framing is Framing.CHUNKED
    return replace(attempt, framing=Framing.SIZED, target=target, again=True, chunks_refused=refused)


def _other_format(attempt: Attempt, outcome: Outcome, now: Circumstances) -> Attempt | None:
    return replace(attempt, formats=attempt.formats[1:]) if attempt.formats[1:] else None


def _without_attributes(attempt: Attempt, outcome: Outcome, now: Circumstances) -> Attempt | None:
    return replace(attempt, job_attributes=leave_out(attempt.job_attributes, outcome.unsupported))


def _lower_version(attempt: Attempt, outcome: Outcome, now: Circumstances) -> Attempt | None:
    lower = [version for version in now.versions if version < attempt.target.version]
    return replace(attempt, target=replace(attempt.target, version=lower[0])) if lower else None


def _print_job(attempt: Attempt, outcome: Outcome, now: Circumstances) -> Attempt | None:
    return replace(attempt, creates_job=False)


_STEPS: dict[Decision, Callable[[Attempt, Outcome, Circumstances], Attempt | None]] = {
    Decision.SEND_SIZED: _sized,
    Decision.SEND_AGAIN: _again,
    Decision.WAIT_AND_SEND: _same,
    Decision.AUTHENTICATE: _same,
    Decision.OTHER_FORMAT: _other_format,
    Decision.WITHOUT_ATTRIBUTES: _without_attributes,
    Decision.LOWER_VERSION: _lower_version,
    Decision.PRINT_JOB: _print_job,
    Decision.CANCEL_AND_SEND: _same,
}
#: Decisions after which what the printer has of the job is left as it is.
LEFT_ALONE = frozenset({Decision.HOLD, Decision.SEND_AGAIN})


def last_word(outcome: Outcome, now: Circumstances) -> IppsError:
    """Return what the job comes to when there is no next attempt."""
    decision, why = outcome.decision, outcome.why
    if decision is Decision.CANCELLED:
        return JobCancelledAtPrinter(now.printer)
    if decision is Decision.TOO_LARGE:
        return DocumentTooLarge(now.printer, now.size)
    if decision in (Decision.UNPRINTABLE, Decision.OTHER_FORMAT):
        name = outcome.attempt.document_format or "(not named)"
        return DocumentRefused(now.printer, name, in_short(why), of_kind=decision is Decision.OTHER_FORMAT)
    if decision is Decision.SEND_AGAIN:
        return CopyNeeded(now.printer, why.text)
    if decision is Decision.HOLD:
        lost = isinstance(why, (ConnectionLost, MalformedResponse, JobInDoubt)) or now.at_risk and now.kept
        return (JobInDoubt if lost else CopyNeeded)(now.printer, in_short(why))
    return why
