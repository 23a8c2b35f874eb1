"""backend.delivery.transfer: the table of its docstring, cell by cell, and what must never come out of it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.delivery.attempt import Attempt, Framing, JobAttributes
from backend.delivery.transfer import (
    Answer,
    Decision,
    after_answer,
    after_inquiry,
    after_loss,
    after_refusal,
    choose_framing,
)
from backend.ipp.codes import JobState, Status
from backend.ipp.message import attribute
from backend.ipp.tags import Tag
from backend.printer.job_status import Found

SIDES = JobAttributes((attribute("sides", Tag.KEYWORD, "one-sided"),))
#: The three columns of the table.
CHUNKED = Attempt(Framing.CHUNKED, job_attributes=SIDES)
SIZED = Attempt(Framing.SIZED, job_attributes=SIDES)
AGAIN = Attempt(Framing.SIZED, again=True)

#: The codes of the rows with several; statuses are written as RFC 8011 numbers them, not as our names for them.
BAD_REQUEST, FORBIDDEN, NOT_AUTHENTICATED, NOT_AUTHORIZED, NOT_POSSIBLE = 0x400, 0x401, 0x402, 0x403, 0x404
TIMEOUT, NOT_FOUND, TOO_LARGE, FORMAT, ATTRIBUTES, CONFLICT = 0x405, 0x406, 0x408, 0x40A, 0x40B, 0x40E
#: document-format-error, document-password-error, -permission-error, -security-error, -unprintable-error
BAD_DOCUMENT = (0x411, 0x418, 0x419, 0x41A, 0x41B)
INTERNAL, NO_OPERATION, UNAVAILABLE, NO_VERSION, DEVICE = 0x500, 0x501, 0x502, 0x503, 0x504
TEMPORARY, NOT_ACCEPTING, BUSY, JOB_CANCELED, ONE_DOCUMENT = 0x505, 0x506, 0x507, 0x508, 0x509
DEACTIVATED, TOO_MANY, TOO_MANY_DOCUMENTS = 0x50A, 0x50B, 0x50C


def http(*statuses: int) -> list[Answer]:
    """Answers with an HTTP status and no IPP message."""
    return [Answer(status, None, False, whole) for status in statuses for whole in (True, False)]


def ipp(*statuses: int, job_id: bool = False, send_document: bool | None = None) -> list[Answer]:
    """Answers with an IPP status."""
    kinds = (True, False) if send_document is None else (send_document,)
    return [
        Answer(200, status, job_id, whole, kind) for status in statuses for whole in (True, False) for kind in kinds
    ]


D = Decision
THRICE = (D.REFUSED, D.REFUSED, D.REFUSED)
TABLE = [
    # answers, chunked, sized first, sized again
    (http(400) + ipp(BAD_REQUEST), D.SEND_SIZED, D.SEND_SIZED, D.REFUSED),
    (http(411, 417, 501, 505), D.SEND_SIZED, D.REFUSED, D.REFUSED),
    (http(413) + ipp(TOO_LARGE), D.SEND_SIZED, D.TOO_LARGE, D.TOO_LARGE),
    (http(401) + ipp(NOT_AUTHENTICATED, NOT_AUTHORIZED, FORBIDDEN), D.AUTHENTICATE, D.AUTHENTICATE, D.AUTHENTICATE),
    (
        http(429, 503) + ipp(BUSY, UNAVAILABLE, NOT_ACCEPTING, TEMPORARY, TOO_MANY, DEACTIVATED),
        D.WAIT_AND_SEND,
        D.WAIT_AND_SEND,
        D.WAIT_AND_SEND,
    ),
    (ipp(FORMAT), D.OTHER_FORMAT, D.OTHER_FORMAT, D.OTHER_FORMAT),
    (ipp(ATTRIBUTES, CONFLICT, send_document=False), D.WITHOUT_ATTRIBUTES, D.WITHOUT_ATTRIBUTES, D.REFUSED),
    (ipp(NO_VERSION), D.LOWER_VERSION, D.LOWER_VERSION, D.LOWER_VERSION),
    (
        ipp(NOT_FOUND, NOT_POSSIBLE, NO_OPERATION, ONE_DOCUMENT, TOO_MANY_DOCUMENTS, ATTRIBUTES, send_document=True),
        D.PRINT_JOB,
        D.PRINT_JOB,
        D.PRINT_JOB,
    ),
    (ipp(NOT_FOUND, NOT_POSSIBLE, NO_OPERATION, ONE_DOCUMENT, send_document=False), D.REFUSED, D.REFUSED, D.REFUSED),
    (ipp(CONFLICT, send_document=True), D.REFUSED, D.REFUSED, D.REFUSED),
    ([Answer(200, code, False, True, password_asked=False) for code in (FORBIDDEN, NOT_AUTHORIZED)], *THRICE),
    (ipp(0x409, 0x40C, 0x40D, 0x40F, 0x410, 0x412, 0x41C, 0x41D, 0x41E, 0x41F, 0x420, 0x49F, 0x50F), *THRICE),
    (ipp(*BAD_DOCUMENT), D.UNPRINTABLE, D.UNPRINTABLE, D.UNPRINTABLE),
    (ipp(JOB_CANCELED), D.CANCELLED, D.CANCELLED, D.CANCELLED),
    (http(300, 301, 302, 307, 308, 402, 403, 404, 405, 414, 415, 426, 431, 499), D.REFUSED, D.REFUSED, D.REFUSED),
    (ipp(BAD_REQUEST, job_id=True), D.REFUSED, D.REFUSED, D.REFUSED),
    (http(408, 500, 502, 504) + ipp(TIMEOUT, INTERNAL, DEVICE), D.ASK_PRINTER, D.ASK_PRINTER, D.ASK_PRINTER),
    (http(200, 201, 204), D.ASK_PRINTER, D.ASK_PRINTER, D.ASK_PRINTER),
    ([Answer(200, s, True, True) for s in (0, 1, 2, 0xFF)], D.ACCEPTED, D.ACCEPTED, D.ACCEPTED),
    ([Answer(200, s, j, False) for s in (0, 1) for j in (True, False)], D.ASK_PRINTER, D.ASK_PRINTER, D.ASK_PRINTER),
]


@pytest.mark.parametrize(
    "answer, attempt, decision",
    [
        pytest.param(answer, attempt, decision, id=f"{answer.http_status}-{answer.ipp_status}-{column}")
        for answers, *decisions in TABLE
        for answer in answers
        for column, attempt, decision in zip(("chunked", "sized", "again"), (CHUNKED, SIZED, AGAIN), decisions)
    ],
)
def test_an_answer_leads_to_what_the_table_says(answer: Answer, attempt: Attempt, decision: Decision) -> None:
    """Each cell of the table in the module's docstring."""
    assert after_answer(answer, attempt, kept=True) is decision


@pytest.mark.parametrize("size", [1, 1024, 2**40])
def test_a_loss_after_any_document_byte_is_never_a_refusal(size: int) -> None:
    """Only a loss before the first document byte may be answered by sending again (Q-16)."""
    assert after_loss(0) is Decision.SEND_AGAIN
    assert after_loss(size) is Decision.ASK_PRINTER


@pytest.mark.parametrize(
    "option, chunks_work, size_known, framing",
    [
        ("auto", True, False, Framing.CHUNKED),
        ("auto", True, True, Framing.SIZED),
        ("auto", False, False, Framing.SIZED),
        ("auto", None, False, Framing.SIZED),
        ("chunked", False, True, Framing.CHUNKED),
        ("chunked", None, False, Framing.CHUNKED),
        ("sized", True, False, Framing.SIZED),
        ("sized", None, True, Framing.SIZED),
    ],
)
def test_chooses_the_framing(option: str, chunks_work: bool | None, size_known: bool, framing: Framing) -> None:
    """Chunks go only where they are known to work, or where the queue says so."""
    assert choose_framing(option, chunks_work, size_known=size_known) is framing


INCOMING = ("job-incoming",)
BY_USER, BY_SYSTEM = ("job-canceled-by-user",), ("aborted-by-system",)
PENDING, HELD, PROCESSING, STOPPED = JobState.PENDING, JobState.PENDING_HELD, JobState.PROCESSING, 6
CANCELED, ABORTED, COMPLETED = JobState.CANCELED, JobState.ABORTED, JobState.COMPLETED

INQUIRIES = [
    # found, all sent, decision with a copy; without one a sending becomes HOLD
    (Found(COMPLETED), True, D.ADOPT),
    (Found(COMPLETED, INCOMING, 0), True, D.ADOPT),
    *(
        (Found(state, (), count), True, D.ADOPT)
        for state in (PENDING, HELD, PROCESSING, STOPPED)
        for count in (None, 0, 3)
    ),
    *((Found(state, BY_USER, 2), sent, D.CANCELLED) for state in (CANCELED, ABORTED) for sent in (True, False)),
    (Found(CANCELED, ("job-canceled-at-device",)), True, D.CANCELLED),
    (Found(CANCELED, ("job-canceled-by-operator", "job-incoming"), 0), False, D.CANCELLED),
    (Found(ABORTED, BY_SYSTEM, 0), True, D.CANCEL_AND_SEND),
    (Found(ABORTED), False, D.CANCEL_AND_SEND),
    (Found(ABORTED, (), 0), False, D.CANCEL_AND_SEND),
    (Found(CANCELED, BY_SYSTEM, 0), False, D.CANCEL_AND_SEND),
    (Found(CANCELED, BY_SYSTEM, None), True, D.CANCEL_AND_SEND),
    (Found(PROCESSING, INCOMING, 0), True, D.CANCEL_AND_SEND),
    (Found(PROCESSING, INCOMING, 0), False, D.CANCEL_AND_SEND),
    (Found(PENDING, INCOMING, None), True, D.CANCEL_AND_SEND),
    (Found(HELD, INCOMING, None), False, D.CANCEL_AND_SEND),
    (Found(COMPLETED, (), 0), False, D.CANCEL_AND_SEND),
    (Found(COMPLETED, (), None), False, D.HOLD),
    (Found(COMPLETED, (), 1), False, D.HOLD),
    (Found(PROCESSING, INCOMING, None), True, D.HOLD),
    (Found(PROCESSING, INCOMING, 1), True, D.HOLD),
    (Found(PROCESSING, (), 1), False, D.HOLD),
    (Found(PROCESSING), False, D.HOLD),
    (Found(ABORTED, (), 1), True, D.HOLD),
    (Found(CANCELED, BY_SYSTEM, 7), False, D.HOLD),
    *((Found(state, (), count), sent, D.HOLD) for state in (0, 42) for count in (None, 0) for sent in (True, False)),
    (Found(None), True, D.HOLD),
    (Found(None), False, D.HOLD),
    (None, True, D.HOLD),
    (None, False, D.HOLD),
]


@pytest.mark.parametrize("found, all_sent, decision", INQUIRIES)
def test_an_inquiry_leads_to_what_the_table_says(found: Found | None, all_sent: bool, decision: Decision) -> None:
    """What the printer knows of the job decides; without a copy what would be sent again is held."""
    assert after_inquiry(found, all_sent=all_sent, kept=True, resend=False) is decision
    poorer = Decision.HOLD if decision is Decision.CANCEL_AND_SEND else decision
    assert after_inquiry(found, all_sent=all_sent, kept=False, resend=False) is poorer
    assert after_inquiry(found, all_sent=all_sent, kept=False, resend=True) is poorer
    bolder = Decision.CANCEL_AND_SEND if decision is Decision.HOLD else decision
    assert after_inquiry(found, all_sent=all_sent, kept=True, resend=True) is bolder


REFUSALS = [
    # the decision of the answer alone, what the printer says of the job, all read, the decision
    (D.SEND_SIZED, Found(COMPLETED, (), 2), True, D.ADOPT),
    (D.REFUSED, Found(COMPLETED, (), 2), True, D.ADOPT),
    (D.REFUSED, Found(COMPLETED), True, D.ADOPT),
    (D.TOO_LARGE, Found(PROCESSING, (), 1), True, D.ADOPT),
    (D.REFUSED, Found(COMPLETED, (), 0), True, D.REFUSED),
    (D.SEND_SIZED, Found(ABORTED, (), 3), True, D.HOLD),
    (D.REFUSED, Found(ABORTED, (), 3), True, D.REFUSED),
    (D.SEND_SIZED, Found(COMPLETED, (), 3), False, D.HOLD),
    (D.SEND_SIZED, Found(COMPLETED), False, D.SEND_SIZED),
    (D.SEND_SIZED, Found(PROCESSING, INCOMING, 1), False, D.HOLD),
    (D.WAIT_AND_SEND, Found(ABORTED, (), 3), False, D.HOLD),
    (D.PRINT_JOB, Found(ABORTED, (), 3), False, D.HOLD),
    (D.TOO_LARGE, Found(ABORTED, (), 3), False, D.TOO_LARGE),
    (D.REFUSED, Found(PROCESSING, INCOMING, 1), False, D.REFUSED),
    *((decision, Found(None), True, decision) for decision in D if decision is not D.ACCEPTED),
    *((decision, Found(PENDING, INCOMING, 0), False, decision) for decision in D if decision is not D.ACCEPTED),
    (D.PRINT_JOB, Found(CANCELED, BY_USER, 0), False, D.CANCELLED),
    (D.SEND_SIZED, Found(CANCELED, BY_USER, 1), False, D.CANCELLED),
    (D.CANCELLED, Found(CANCELED, BY_SYSTEM, 0), True, D.CANCELLED),
    (D.CANCELLED, Found(ABORTED, BY_SYSTEM, 0), False, D.CANCEL_AND_SEND),
    (D.CANCELLED, Found(ABORTED, BY_SYSTEM, 1), False, D.HOLD),
]


@pytest.mark.parametrize("decision, found, whole, after", REFUSALS)
def test_a_refusal_is_held_against_what_the_printer_made_of_the_job(
    decision: Decision, found: Found, whole: bool, after: Decision
) -> None:
    """Printed all the same is adopted, pages of a part are not printed again, no clear word changes nothing."""
    assert after_refusal(decision, found, whole=whole, kept=True, resend=False) is after


# --- what must never come out -----------------------------------------------------------------------------

#: All decisions by which document bytes go out once more.
SENDING = {
    D.SEND_SIZED,
    D.SEND_AGAIN,
    D.WAIT_AND_SEND,
    D.AUTHENTICATE,
    D.OTHER_FORMAT,
    D.WITHOUT_ATTRIBUTES,
    D.LOWER_VERSION,
    D.PRINT_JOB,
    D.CANCEL_AND_SEND,
}
ANSWERS = st.builds(
    Answer,
    st.integers(100, 999),
    st.one_of(st.none(), st.sampled_from(list(map(int, Status))), st.integers(0, 0xFFFF)),
    st.booleans(),
    st.booleans(),
    st.booleans(),
)
ATTEMPTS = st.builds(
    Attempt,
    st.sampled_from(Framing),
    creates_job=st.booleans(),
    job_attributes=st.sampled_from([SIDES, JobAttributes()]),
    again=st.booleans(),
)
FOUND = st.builds(
    Found,
    st.one_of(st.none(), st.integers(-1, 12)),
    st.lists(st.sampled_from([*INCOMING, *BY_USER, *BY_SYSTEM, "none", "job-printing"])).map(tuple),
    st.one_of(st.none(), st.integers(0, 3)),
)


@given(ANSWERS, ATTEMPTS, st.booleans())
@settings(deadline=None, max_examples=200)
def test_no_answer_breaks_the_promises(answer: Answer, attempt: Attempt, kept: bool) -> None:
    """Accepted is only a success with the whole body sent, and nothing is sent again without a copy."""
    decision = after_answer(answer, attempt, kept=kept)
    success = answer.ipp_status is not None and answer.ipp_status < 0x100
    assert (decision is Decision.ACCEPTED) == (success and answer.whole_body_sent)
    if not kept:
        assert decision not in SENDING
    if success and not answer.whole_body_sent:
        assert decision is Decision.ASK_PRINTER
    if attempt.again and attempt.framing is Framing.SIZED:
        assert decision is not Decision.SEND_SIZED, "sized a third time"


@given(st.one_of(st.none(), FOUND), st.booleans(), st.booleans(), st.booleans())
@settings(deadline=None, max_examples=200)
def test_no_inquiry_breaks_the_promises(found: Found | None, all_sent: bool, kept: bool, resend: bool) -> None:
    """Adopted is only a job of which all was sent; counted pages are sent again only if the queue says so."""
    decision = after_inquiry(found, all_sent=all_sent, kept=kept, resend=resend)
    assert decision in {D.ADOPT, D.CANCELLED, D.CANCEL_AND_SEND, D.HOLD}
    if decision is Decision.ADOPT:
        assert all_sent and found is not None and found.job_state is not None
    if decision is Decision.CANCEL_AND_SEND:
        assert kept
        assert resend or (found is not None and found.job_state is not None and not found.impressions)


@given(ANSWERS, ATTEMPTS, FOUND, st.booleans(), st.booleans())
@settings(deadline=None, max_examples=200)
def test_no_refusal_breaks_the_promises(
    answer: Answer, attempt: Attempt, found: Found, whole: bool, kept: bool
) -> None:
    """Counted pages are never sent again, and only a whole document is adopted."""
    decision = after_answer(answer, attempt, kept=kept)
    after = after_refusal(decision, found, whole=whole, kept=kept, resend=False)
    if found.impressions or not kept:
        assert after not in SENDING
    if after is Decision.ADOPT:
        assert whole


def test_a_bad_request_for_the_third_time_may_be_about_attributes() -> None:
    """Sized and sanitised it is still refused: what is left to leave out are the job's attributes."""
    again = Attempt(Framing.SIZED, job_attributes=SIDES, again=True)
    assert after_answer(Answer(200, BAD_REQUEST, False, True), again, kept=True) is D.WITHOUT_ATTRIBUTES
    assert after_answer(Answer(200, BAD_REQUEST, False, True, True), again, kept=True) is D.REFUSED


def test_every_decision_can_come_out() -> None:
    """No decision exists that no table knows."""
    known = {decision for _, *decisions in TABLE for decision in decisions}
    assert known | {decision for *_, decision in INQUIRIES} | {Decision.SEND_AGAIN} == set(Decision)
