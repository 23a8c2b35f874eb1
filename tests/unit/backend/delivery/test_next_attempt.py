"""backend.delivery.next_attempt: the table of its docstring, row by row, and what a job comes to without one."""

from __future__ import annotations

import pytest

from backend.delivery.answers import Outcome, in_short
from backend.delivery.attempt import Attempt, Framing, JobAttributes
from backend.delivery.next_attempt import Circumstances, last_word, prepare
from backend.delivery.transfer import Decision
from backend.errors import (
    ConnectionLost,
    CopyNeeded,
    DocumentRefused,
    DocumentTooLarge,
    IppsError,
    JobCancelledAtPrinter,
    JobInDoubt,
    JobRefused,
)
from backend.ipp.message import attribute
from backend.ipp.operations import Target
from backend.ipp.tags import Tag
from filters.common.dataclass import replace

PCL, OCTETS = "application/vnd.hp-PCL", "application/octet-stream"
SIDES, MEDIA = (attribute(name, Tag.KEYWORD, "x") for name in ("sides", "media"))
ATTEMPT = Attempt(
    Framing.CHUNKED,
    (PCL, OCTETS),
    Target("ipps://printer:443/ipp/print", "an\\na", (2, 0)),
    creates_job=True,
    job_attributes=JobAttributes((SIDES, MEDIA)),
)
NOW = Circumstances("printer", size_read=7, size=9, kept=True, at_risk=True, versions=((2, 0), (1, 1), (1, 0)))
REFUSED = JobRefused("printer", "Send-Document", 0x0400, "client-error-bad-request")
LOST, DOUBT = ConnectionLost("printer", "sending", "reset"), JobInDoubt("printer", "some of it may have been printed")
D = Decision
SIZED = replace(ATTEMPT, framing=Framing.SIZED)
PLAIN = replace(ATTEMPT.target, requesting_user_name="anna")


def outcome(decision: Decision, attempt: Attempt = ATTEMPT, why: IppsError = REFUSED) -> Outcome:
    """Return what came of an attempt."""
    return Outcome(decision, why, attempt)


@pytest.mark.parametrize(
    "decision, following",
    [
        (D.SEND_SIZED, replace(SIZED, target=PLAIN, again=True, chunks_refused=True)),
        (D.SEND_AGAIN, SIZED),
        (D.WAIT_AND_SEND, SIZED),
        (D.AUTHENTICATE, SIZED),
        (D.OTHER_FORMAT, replace(SIZED, formats=(OCTETS,))),
        (D.WITHOUT_ATTRIBUTES, replace(SIZED, job_attributes=JobAttributes((SIDES,), 1, 1, ("media",)))),
        (D.LOWER_VERSION, replace(SIZED, target=replace(ATTEMPT.target, version=(1, 1)))),
        (D.PRINT_JOB, replace(SIZED, creates_job=False)),
        (D.CANCEL_AND_SEND, SIZED),
        *((decision, None) for decision in (D.CANCELLED, D.TOO_LARGE, D.UNPRINTABLE, D.REFUSED, D.HOLD)),
    ],
    ids=lambda each: each.name if isinstance(each, Decision) else "",
)
def test_a_decision_leads_to_the_attempt_of_its_row(decision: Decision, following: Attempt | None) -> None:
    """Nothing changes that is not in the row; what was read goes out with its length."""
    assert prepare(outcome(decision), NOW) == following
    unread = prepare(outcome(decision), replace(NOW, size_read=0))
    if following is None:
        assert unread is None
    else:
        assert unread == replace(following, framing=SIZED.framing if decision is D.SEND_SIZED else ATTEMPT.framing)


def test_a_length_that_is_refused_says_nothing_about_chunks() -> None:
    """Only a refusal of chunks is learned, and it stays learned."""
    first = prepare(outcome(D.SEND_SIZED, SIZED), NOW)
    assert first is not None and not first.chunks_refused
    learned = replace(SIZED, chunks_refused=True)
    for decision in (D.OTHER_FORMAT, D.SEND_SIZED):
        later = prepare(outcome(decision, learned), NOW)
        assert later is not None and later.chunks_refused


@pytest.mark.parametrize("version, lower", [((2, 2), (2, 0)), ((2, 0), (1, 1)), ((1, 1), (1, 0)), ((1, 0), None)])
def test_versions_go_down_one_by_one(version: tuple[int, int], lower: tuple[int, int] | None) -> None:
    """Until none is left; a queue that names one keeps it."""
    attempt = replace(ATTEMPT, target=replace(ATTEMPT.target, version=version))
    following = prepare(outcome(D.LOWER_VERSION, attempt), NOW)
    assert (following.target.version if following else None) == lower
    assert prepare(outcome(D.LOWER_VERSION, attempt), replace(NOW, versions=())) is None


def test_without_a_copy_chunks_are_not_sent_again() -> None:
    """A part of the input is gone; an attempt with its length has all of it still, as has one that read nothing."""
    gone = replace(NOW, kept=False)
    assert prepare(outcome(D.SEND_AGAIN), gone) is None
    assert prepare(outcome(D.SEND_AGAIN, SIZED), gone) == SIZED
    assert prepare(outcome(D.SEND_AGAIN), replace(gone, size_read=0)) == ATTEMPT


ONE_FORMAT = replace(ATTEMPT, formats=(PCL,))


@pytest.mark.parametrize(
    "ended, now, error",
    [
        (outcome(D.CANCELLED), NOW, JobCancelledAtPrinter("printer")),
        (outcome(D.TOO_LARGE), NOW, DocumentTooLarge("printer", 9)),
        (outcome(D.UNPRINTABLE), NOW, DocumentRefused("printer", PCL, in_short(REFUSED))),
        (outcome(D.OTHER_FORMAT, ONE_FORMAT), NOW, DocumentRefused("printer", PCL, in_short(REFUSED), of_kind=True)),
        (
            outcome(D.OTHER_FORMAT, Attempt(Framing.SIZED)),
            NOW,
            DocumentRefused("printer", "(not named)", in_short(REFUSED), of_kind=True),
        ),
        (outcome(D.REFUSED), NOW, REFUSED),
        (outcome(D.LOWER_VERSION), NOW, REFUSED),
        (outcome(D.SEND_AGAIN, why=LOST), NOW, CopyNeeded("printer", LOST.text)),
        (outcome(D.HOLD, why=LOST), replace(NOW, at_risk=False), JobInDoubt("printer", in_short(LOST))),
        (outcome(D.HOLD, why=DOUBT), replace(NOW, at_risk=False), DOUBT),
        (outcome(D.HOLD), NOW, JobInDoubt("printer", REFUSED.said)),
        (outcome(D.HOLD), replace(NOW, kept=False), CopyNeeded("printer", REFUSED.said)),
        (outcome(D.HOLD), replace(NOW, at_risk=False), CopyNeeded("printer", REFUSED.said)),
    ],
)
def test_what_a_job_comes_to_without_a_next_attempt(ended: Outcome, now: Circumstances, error: IppsError) -> None:
    """A document in doubt is told from one that only lacks its copy."""
    word = last_word(ended, now)
    assert type(word) is type(error) and word.text == error.text
    assert getattr(word, "of_kind", None) is getattr(error, "of_kind", None)
