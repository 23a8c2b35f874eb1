"""backend.delivery.answers: what an answer to Create-Job leads to, and what is said when it is the last word."""

from __future__ import annotations

from typing import Any, cast

import pytest

from backend.delivery.answers import Outcome, disregards_password, in_short, judge_creation, judge_document
from backend.delivery.attempt import Attempt, Framing, JobAttributes, PrintRequest
from backend.delivery.transfer import Decision
from backend.device_uri import parse_device_uri
from backend.errors import (
    AccountRefused,
    ConnectionLost,
    HttpRefused,
    IppRefused,
    IppsError,
    JobInDoubt,
    JobRefused,
    MalformedResponse,
    UserRefused,
)
from backend.http.exchange import Response
from backend.ipp.codes import Operation, Status
from backend.ipp.message import Group, Message, attribute
from backend.ipp.tags import Tag
from backend.printer.credentials import Credentials
from backend.printer.printer import Printer, Reply
from filters.common.dataclass import replace

D = Decision
SIDES = attribute("sides", Tag.KEYWORD, "one-sided")
ATTEMPT = Attempt(Framing.CHUNKED, ("application/pdf",), creates_job=True)


class Script:
    """A printer, as far as its answers need one."""

    name = "printer"
    uri = parse_device_uri("ipps443://printer/ipp/print")
    credentials = Credentials("anna", None, "printer")


PRINTER = cast(Printer, cast(Any, Script()))


def reply(status: int | None, http: int = 200, said: str = "") -> Reply:
    """Return an answer; without a status of IPP it is none of IPP."""
    groups = (Group(Tag.OPERATION_ATTRIBUTES, (attribute("status-message", Tag.TEXT_WITHOUT_LANGUAGE, said),)),)
    message = None if status is None else Message((2, 0), status, 1, groups if said else ())
    return Reply(Response(http, "reason", "1.1", (), b"", complete=True, early=False), message)


@pytest.mark.parametrize(
    "answer, decision",
    [
        (reply(0), D.ACCEPTED),
        (reply(1), D.ACCEPTED),
        *((reply(status), D.WAIT_AND_SEND) for status in (0x0502, 0x0505, 0x0506, 0x0507, 0x050A, 0x050B)),
        (reply(Status.CLIENT_ERROR_NOT_AUTHENTICATED), D.AUTHENTICATE),
        (reply(Status.SERVER_ERROR_VERSION_NOT_SUPPORTED), D.LOWER_VERSION),
        (reply(None, 503), D.WAIT_AND_SEND),
        (reply(None, 429), D.WAIT_AND_SEND),
        (reply(None, 400), D.SEND_SIZED),
        # The user, the account, and what is the same in both: Print-Job fares no better.
        *((reply(status), D.REFUSED) for status in (0x0401, 0x0403, 0x0409, 0x040C, 0x040D)),
        *((reply(status), D.REFUSED) for status in (0x041C, 0x041D, 0x041E, 0x041F)),
        # Nothing of the document is at risk, and Print-Job may do.
        *((reply(status), D.PRINT_JOB) for status in (0x0404, 0x0405, 0x0406, 0x0408, 0x040A, 0x040B, 0x040E)),
        *((reply(status), D.PRINT_JOB) for status in (0x0411, 0x0418, 0x0500, 0x0501, 0x0504, 0x0508, 0x0509)),
        *((reply(None, status), D.PRINT_JOB) for status in (200, 302, 403, 404, 408, 411, 413, 500, 502, 504)),
    ],
    ids=lambda each: f"{each.status}-{each.response.status}" if isinstance(each, Reply) else each.name,
)
def test_what_the_answer_to_create_job_leads_to(answer: Reply, decision: Decision) -> None:
    """Print-Job wherever that may do, and no copy of the document is needed for any of it."""
    outcome = judge_creation(answer, PRINTER, ATTEMPT)
    assert (outcome.decision, outcome.attempt, outcome.reply) == (decision, ATTEMPT, answer)


def test_attributes_go_before_create_job_does() -> None:
    """A refusal may be about those."""
    attempt = replace(ATTEMPT, job_attributes=JobAttributes((SIDES,)))
    for status in (0x040B, 0x040E):
        assert judge_creation(reply(status), PRINTER, attempt).decision is D.WITHOUT_ATTRIBUTES


@pytest.mark.parametrize(
    "answer, creates_job, error, named",
    [
        (reply(0x0400), True, JobRefused, "Send-Document"),
        (reply(0x0400), False, JobRefused, "Print-Job"),
        (reply(0x041D), True, AccountRefused, "Send-Document"),
        (reply(0x0403), False, UserRefused, "Print-Job"),
        (reply(0x0406), False, IppRefused, "Print-Job"),
        (reply(None, 415), True, JobRefused, "Send-Document"),
        (reply(None, 302), True, HttpRefused, ""),
        (reply(0), True, MalformedResponse, ""),
    ],
)
def test_the_last_word_about_a_document(answer: Reply, creates_job: bool, error: type[IppsError], named: str) -> None:
    """The refusal, of the operation that it was; a yes can only have come too early."""
    attempt = replace(ATTEMPT, creates_job=creates_job)
    why = judge_document(answer, PRINTER, attempt, whole=False, kept=True).why
    assert type(why) is error and getattr(why, "operation", "") == named


def test_the_last_word_about_a_job_is_of_create_job() -> None:
    """No document was sent yet."""
    why = judge_creation(reply(0x0403), PRINTER, ATTEMPT).why
    assert isinstance(why, UserRefused) and why.operation == "Create-Job"


@pytest.mark.parametrize(
    "why, said",
    [
        (judge_document(reply(0x0400, said="no"), PRINTER, ATTEMPT, whole=True, kept=True).why, "bad-request (no)"),
        (HttpRefused("printer", "/", 404, "Not Found"), "HTTP 404 Not Found"),
        (HttpRefused("printer", "/", 404), "HTTP 404"),
        (JobInDoubt("printer", "some of it may have been printed"), "some of it may have been printed"),
        (ConnectionLost("printer", "sending", "reset"), "the connection was lost while sending: reset"),
        (
            ConnectionLost(
                "printer", "waiting for it", "the printer closed the connection before its answer was whole"
            ),
            "it closed the connection while waiting for it",
        ),
    ],
)
def test_in_short_it_is_without_advice(why: IppsError, said: str) -> None:
    """Which would only be right for the last word."""
    assert in_short(why) == said


def test_what_an_answer_calls_unsupported() -> None:
    """After a loss there is no answer."""
    group = Group(Tag.UNSUPPORTED_ATTRIBUTES, (attribute("sides", Tag.UNSUPPORTED), attribute("x", Tag.UNSUPPORTED)))
    answer = replace(reply(0), message=Message((2, 0), 1, 1, (group,)))
    assert Outcome(D.ACCEPTED, JobInDoubt("printer", ""), ATTEMPT, answer).unsupported == {"sides", "x"}
    assert Outcome(D.ACCEPTED, JobInDoubt("printer", ""), ATTEMPT).unsupported == frozenset()


PIN = PrintRequest("ours", ("application/pdf",), password=(attribute("job-password", Tag.OCTET_STRING, b"1"),))
OPEN = PrintRequest("ours", ("application/pdf",))
NAMED = Group(Tag.UNSUPPORTED_ATTRIBUTES, (attribute("job-password", Tag.UNSUPPORTED),))
CREATE, SEND, PRINT = Operation.CREATE_JOB, Operation.SEND_DOCUMENT, Operation.PRINT_JOB


@pytest.mark.parametrize(
    "asked, status, named, has_attributes, disregarding",
    [
        (PIN, 0x040B, False, False, {CREATE, PRINT}),  # nothing else is left that it can be about
        (PIN, 0x040E, False, False, {CREATE, PRINT}),
        (PIN, 0x040B, False, True, set()),
        (PIN, 0x040B, True, True, {CREATE, SEND, PRINT}),
        (PIN, 0x0001, True, False, {CREATE, SEND, PRINT}),
        (PIN, 0x0000, False, False, set()),
        (PIN, 0x0400, False, False, set()),
        (PIN, None, False, False, set()),
        (OPEN, 0x040B, False, False, set()),
        (OPEN, 0x0001, True, False, set()),
    ],
)
def test_no_regard_for_the_pin(
    asked: PrintRequest, status: int | None, named: bool, has_attributes: bool, disregarding: set[Operation]
) -> None:
    """It is called unsupported, or refused where no attribute but it was sent; after a loss nobody knows."""
    attempt = replace(ATTEMPT, job_attributes=JobAttributes((SIDES,) * has_attributes))
    message = Message((2, 0), status, 1, (NAMED,) * named) if status is not None else None
    answer = replace(reply(0), message=message) if message else None
    outcome = Outcome(D.REFUSED, JobInDoubt("printer", ""), attempt, answer)
    operations = (CREATE, SEND, PRINT)
    assert {each for each in operations if disregards_password(outcome, asked, each)} == disregarding
