"""backend.printer.printer: what is asked of a printer and how often, and which of its jobs is ours.

The printer is a list of answers in HTTP, one for each request, of which the last repeats.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Any, Union, cast

import pytest

from backend.cupsd.stop_signal import StopSignal
from backend.device_uri import parse_device_uri
from backend.errors import AuthenticationRequired, ConnectionLost, HttpRefused, IppRefused, IppsError, MalformedResponse
from backend.http.exchange import Response
from backend.ipp.codes import JobState, Operation, Status, operation_name
from backend.ipp.decoder import decode_message
from backend.ipp.encoder import encode_message
from backend.ipp.message import Attribute, Group, Message, attribute
from backend.ipp.operations import cancel_job, create_job
from backend.ipp.tags import Tag
from backend.printer.credentials import Credentials
from backend.printer.job_status import Found
from backend.printer.printer import STATE_ATTRIBUTES, Printer
from backend.transport.pin_check import PinCheck
from backend.transport.session import Request
from filters.common.report import Report

LOST = ConnectionLost("printer", "asking", "reset")
RUBBISH = MalformedResponse("printer", "not HTTP")
Answer = Union[Response, IppsError]


def http(status: int, body: bytes = b"", /, **headers: str) -> Response:
    """Return an answer without IPP, unless that is its body."""
    named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Response(status, "reason", "1.1", named, body, complete=True, early=False)


def message(status: int = 0, *groups: Group) -> bytes:
    """Return the octets of an answer in IPP."""
    begin = (
        attribute("attributes-charset", Tag.CHARSET, "utf-8"),
        attribute("attributes-natural-language", Tag.NATURAL_LANGUAGE, "en"),
    )
    return encode_message(Message((2, 0), status, 1, (Group(Tag.OPERATION_ATTRIBUTES, begin), *groups)))


def ipp(status: int = 0, *groups: Group, **headers: str) -> Response:
    """Return an answer in IPP."""
    return http(200, message(status, *groups), **headers)


def one_job(job_id: int, state: int | None, *reasons: str, count: int | None = None, name: str = "ours") -> Group:
    """Return a job as the printer lists it."""
    attributes: list[Attribute] = [
        attribute("job-id", Tag.INTEGER, job_id),
        attribute("job-name", Tag.NAME_WITHOUT_LANGUAGE, name),
        attribute("job-state-reasons", Tag.KEYWORD, *(reasons or ("none",))),
    ]
    attributes += [attribute("job-state", Tag.ENUM, state)] if state is not None else []
    attributes += [attribute("job-impressions-completed", Tag.INTEGER, count)] if count is not None else []
    return Group(Tag.JOB_ATTRIBUTES, tuple(attributes))


@dataclass
class Script:
    """Connections to a printer that answers so, each of which is kept until it breaks.

    Attributes:
        asked: what came: the operation, and "chunked", "authorized" and "kept" where it was.
    """

    answers: list[Answer]
    asked: list[str] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    distrusted: int = 0
    exchanges: int = 0
    pin_check: Any = None

    def session(self) -> Script:
        """Return the connection that is open, or a new one."""
        return self

    def disconnect(self) -> None:
        """The next request goes out on a new connection."""
        self.exchanges = 0

    def distrust(self) -> None:
        """Keep no connection."""
        self.distrusted += 1
        self.disconnect()

    def perform(self, request: Request, source: None, *, stalled: None, reply_seconds: float | None) -> Response:
        """Answer."""
        self.messages.append(decode_message(request.message).message)
        words = [operation_name(self.messages[-1].code), "chunked" * request.chunked, "kept" * (self.exchanges > 0)]
        words.insert(2, "authorized" * any(name == "Authorization" for name, _ in request.headers))
        self.asked.append(" ".join(filter(None, words)))
        answer = self.answers[min(len(self.asked), len(self.answers)) - 1]
        if isinstance(answer, IppsError):
            raise answer
        self.exchanges += 1
        return answer


def printer_of(script: Script, password: str | None = None) -> Printer:
    """Return the printer of a script."""
    printer = Printer(
        parse_device_uri("ipps443://printer/ipp/print"),
        user="anna",
        stop=StopSignal(),
        report=Report(os.open(os.devnull, os.O_WRONLY | os.O_CLOEXEC)),
        pin_check=cast(PinCheck, None),
        credentials=Credentials("anna", password, "printer"),
    )
    printer.connections = cast(Any, script)
    return printer


# --- requests -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("octets", [b"\0\0\0", b"\xff\xff\xff"])
def test_the_request_id_is_positive(monkeypatch: pytest.MonkeyPatch, octets: bytes) -> None:
    """Whatever it begins with, and it grows (Q-117)."""
    monkeypatch.setattr(os, "urandom", lambda size: octets)
    printer = printer_of(Script([]))
    first = printer.next_request_id()
    assert 1 <= first < 2**31 and printer.next_request_id() == first + 1


@pytest.mark.parametrize("trouble", [LOST, RUBBISH])
def test_a_kept_connection_that_breaks_is_no_answer(trouble: IppsError) -> None:
    """Asked once more on a new one, and none is kept from then on (Q-29, Q-30)."""
    script = Script([ipp(), trouble, ipp()])
    printer = printer_of(script)
    printer.get_attributes()
    printer.get_attributes()
    assert script.asked == ["Get-Printer-Attributes", "Get-Printer-Attributes kept", "Get-Printer-Attributes"]
    assert script.distrusted == 1


@pytest.mark.parametrize("trouble", [LOST, RUBBISH])
def test_a_new_connection_that_breaks_is_a_loss(trouble: IppsError) -> None:
    """Whoever waits for the printer asks again."""
    script = Script([trouble])
    with pytest.raises(type(trouble)):
        printer_of(script).get_attributes()
    assert len(script.asked) == 1 and script.distrusted == 0


def test_a_job_is_not_created_twice() -> None:
    """A connection that breaks at Create-Job may have made one: whoever asked for it looks first."""
    script = Script([ipp(), LOST])
    printer = printer_of(script)
    printer.get_attributes()
    with pytest.raises(ConnectionLost):
        printer.ask(create_job(printer.target, 7, "ours"), idempotent=False)
    assert len(script.asked) == 2 and script.distrusted == 1


CHALLENGE = http(401, www_authenticate='Basic realm="x"')


def test_a_challenge_is_answered() -> None:
    """And the requests after it carry the answer at once."""
    script = Script([CHALLENGE, ipp(), ipp()])
    printer = printer_of(script, "secret")
    printer.get_attributes()
    printer.get_attributes()
    words = [each.removeprefix("Get-Printer-Attributes") for each in script.asked]
    assert words == ["", " authorized kept", " authorized kept"]


def test_a_password_that_is_refused_is_not_tried_for_ever() -> None:
    """Twice the same challenge is a no."""
    script = Script([CHALLENGE])
    with pytest.raises(AuthenticationRequired):
        printer_of(script, "wrong").get_attributes()
    assert len(script.asked) == 2


@pytest.mark.parametrize("status", [400, 411, 413, 417, 501, 505])
def test_a_printer_that_takes_nothing_but_chunks_gets_them(status: int) -> None:
    """Where chunks are known to work; what works is kept (Q-03)."""
    script = Script([http(status), ipp(), ipp()])
    printer = printer_of(script)
    printer.takes_chunks = True
    assert printer.get_attributes().message is not None
    printer.get_attributes()
    words = [each.removeprefix("Get-Printer-Attributes") for each in script.asked]
    assert words == ["", " chunked", " chunked kept"]


@pytest.mark.parametrize("answer", [http(411), LOST, RUBBISH])
def test_chunks_that_do_not_help_change_nothing(answer: Answer) -> None:
    """The first refusal stands, and the next question has its length again."""
    script = Script([http(411), answer, ipp()])
    printer = printer_of(script)
    printer.takes_chunks = True
    assert printer.get_attributes().response.status == 411
    printer.get_attributes()
    assert script.asked[2].split()[1:] in ([], ["kept"])


@pytest.mark.parametrize("takes_chunks, chunked, status", [(False, False, 411), (True, True, 411), (True, False, 403)])
def test_other_refusals_are_not_tried_in_chunks(takes_chunks: bool, chunked: bool, status: int) -> None:
    """Where they are not known to work, went out already, or have nothing to do with it."""
    script = Script([http(status), ipp()])
    printer = printer_of(script)
    printer.takes_chunks = takes_chunks
    assert printer.get_attributes(chunked=chunked).response.status == status and len(script.asked) == 1


@pytest.mark.parametrize(
    "answer",
    [
        http(200, b"<html>", content_type="text/html"),
        http(200, message(), content_type="text/html; charset=utf-8"),
        http(200),
        http(200, b"\x02\x00"),
        http(200, b"\x07\x00" + message()[2:]),
    ],
    ids=["html", "called-html", "empty", "cut", "version-7"],
)
def test_what_is_no_ipp(answer: Response) -> None:
    """HTTP says yes, and there is no message."""
    printer = printer_of(Script([answer]))
    reply = printer.get_attributes()
    assert reply.message is None
    with pytest.raises(MalformedResponse):
        printer.expect_message(reply)


@pytest.mark.parametrize("headers, kind", [({"content_type": "text/html"}, "text/html"), ({}, "no type")])
def test_the_message_names_what_came_instead(headers: dict[str, str], kind: str) -> None:
    """A web page is known by its type."""
    printer = printer_of(Script([http(200, b"<html>" * bool(headers), **headers)]))
    with pytest.raises(MalformedResponse, match=f"{kind} instead of application/ipp"):
        printer.expect_message(printer.get_attributes())


@pytest.mark.parametrize("headers, location", [({"location": "/printers/x"}, "/printers/x"), ({}, "")])
def test_a_refusal_says_where_to_go(headers: dict[str, str], location: str) -> None:
    """A redirect is not followed, and named."""
    printer = printer_of(Script([http(302, **headers)]))
    with pytest.raises(HttpRefused) as caught:
        printer.expect_message(printer.get_attributes())
    assert (caught.value.status, caught.value.location, caught.value.path) == (302, location, "/ipp/print")


def test_ipp_counts_whatever_http_says() -> None:
    """Printers answer 400 and more with a good message in it (Q-28)."""
    body = message(Status.CLIENT_ERROR_BAD_REQUEST)
    printer = printer_of(Script([http(400, body, content_type="application/ipp")]))
    assert printer.expect_message(printer.get_attributes()).code == Status.CLIENT_ERROR_BAD_REQUEST


def test_a_second_view_has_times_and_a_connection_of_its_own() -> None:
    """What is known of the printer goes with it; the connection that is busy is left alone."""
    script = Script([ipp()])
    printer = printer_of(script)
    printer.takes_chunks = True
    beside = printer.beside(8)
    assert (beside.name, beside.target, beside.credentials) == (printer.name, printer.target, printer.credentials)
    times = beside.uri.timeouts
    assert {times.connect, times.handshake, times.write, times.reply, times.read} == {8}
    assert beside.takes_chunks and beside.connections is not printer.connections


@pytest.mark.parametrize(
    "before, now, restarted", [(90, 89, True), (90, 1, True), (90, 90, False), (90, 91, False), (90, None, False)]
)
def test_a_restart_is_seen_by_the_up_time(before: int, now: int | None, restarted: bool) -> None:
    """It has run for less time than it had before."""
    said = (attribute("printer-up-time", Tag.INTEGER, now),) if now is not None else ()
    assert printer_of(Script([ipp(0, Group(Tag.PRINTER_ATTRIBUTES, said))])).has_restarted(before) is restarted


def test_no_restart_is_seen_where_nothing_is_known() -> None:
    """Nothing is asked then; and an answer that is no IPP tells nothing."""
    script = Script([http(200)])
    assert not printer_of(script).has_restarted(None) and script.asked == []
    assert not printer_of(script).has_restarted(90)


# --- jobs -----------------------------------------------------------------------------------------------------

DONE, PENDING, PROCESSING = JobState.COMPLETED, JobState.PENDING, JobState.PROCESSING
ABORTED, CANCELED = JobState.ABORTED, JobState.CANCELED


@pytest.mark.parametrize("count, impressions", [(2, 2), (0, 0), (-1, None)])
def test_a_job_is_asked_for_by_its_number(count: int, impressions: int | None) -> None:
    """With its state, reasons and pages; -1 is no count, and by no means a page."""
    script = Script([ipp(0, one_job(17, PROCESSING, "job-incoming", count=count))])
    assert printer_of(script).find_job(17, "ours") == (17, Found(PROCESSING, ("job-incoming",), impressions, "ours"))
    assert script.asked == ["Get-Job-Attributes"]


@pytest.mark.parametrize(
    "status", [Status.CLIENT_ERROR_NOT_FOUND, Status.CLIENT_ERROR_GONE, Status.CLIENT_ERROR_NOT_POSSIBLE]
)
def test_a_number_that_the_printer_does_not_know(status: int) -> None:
    """The job is gone, and that is an answer; another refusal is none."""
    assert printer_of(Script([ipp(status)])).find_job(17, "ours") == (17, Found(None))
    with pytest.raises(IppRefused):
        printer_of(Script([ipp(Status.CLIENT_ERROR_FORBIDDEN)])).find_job(17, "ours")


@pytest.mark.parametrize(
    "furthest, others",
    [
        (one_job(3, PROCESSING, count=1), [one_job(9, PENDING, "job-incoming")]),
        (one_job(3, PENDING), [one_job(9, PROCESSING, "job-incoming", count=0)]),
        (one_job(3, DONE), [one_job(9, PENDING)]),
        (one_job(3, DONE, count=4), [one_job(9, PROCESSING)]),
        (one_job(3, PENDING), [one_job(9, DONE, count=0)]),
        (one_job(3, DONE, count=0), [one_job(9, PENDING, "job-incoming")]),
        (one_job(3, ABORTED, count=1), [one_job(9, PROCESSING)]),
        (one_job(3, CANCELED, count=1), [one_job(9, PENDING)]),
        (one_job(3, PENDING, "job-incoming"), [one_job(9, ABORTED, count=0), one_job(8, CANCELED)]),
        (one_job(9, ABORTED), [one_job(3, CANCELED, count=0)]),
        (one_job(9, DONE), [one_job(3, DONE, count=7)]),
    ],
)
@pytest.mark.parametrize("order", [1, -1])
def test_of_several_jobs_of_the_name_the_one_that_got_furthest_counts(
    furthest: Group, others: list[Group], order: int
) -> None:
    """An empty job that was created on the way must not hide one that printed; of equals it is the last."""
    listed = [furthest, *others][::order]
    found, _ = printer_of(Script([ipp(0, *listed), ipp(0)])).find_job(None, "ours")
    assert found == next(each.value for each in furthest.attributes if each.name == "job-id")


def test_jobs_that_are_done_with_and_of_other_names_are_left_out() -> None:
    """Older prints are known by their numbers, and everybody else's by their names."""
    jobs = [one_job(3, DONE), one_job(4, PENDING), one_job(5, DONE, name="ours too"), one_job(6, DONE, name="")]
    script = Script([ipp(0, *jobs), ipp(0)])
    assert printer_of(script).find_job(None, "ours", {3}) == (4, Found(PENDING, ("none",), name="ours"))
    assert printer_of(Script([ipp(0, *jobs), ipp(0)])).find_job(None, "ours", {3, 4}) == (None, Found(None))


@pytest.mark.parametrize("number", [0, -1, -(2**31)])
def test_a_number_that_is_none(number: int) -> None:
    """Jobs begin with 1; with another number it is found, and has none."""
    assert printer_of(Script([ipp(0, one_job(number, DONE)), ipp(0)])).jobs_named("ours") == [
        (None, Found(DONE, ("none",), name="ours"))
    ]


def test_jobs_that_are_over_are_looked_through_as_well() -> None:
    """What is printed by now is among the completed ones."""
    script = Script([ipp(0), ipp(0, one_job(3, DONE))])
    assert printer_of(script).jobs_named("ours") == [(3, Found(DONE, ("none",), name="ours"))]
    which = [each.get("which-jobs") for each in script.messages]
    assert [each.value if each else None for each in which] == ["not-completed", "completed"]


def test_a_printer_without_history_has_no_completed_jobs() -> None:
    """That it refuses to list them is no trouble (Q-100); that it lists none at all is."""
    no = ipp(Status.CLIENT_ERROR_ATTRIBUTES_OR_VALUES_NOT_SUPPORTED, one_job(9, DONE))
    assert printer_of(Script([ipp(0, one_job(3, PENDING)), no])).jobs_named("ours") == [
        (3, Found(PENDING, ("none",), name="ours"))
    ]
    with pytest.raises(IppRefused):
        printer_of(Script([no])).jobs_named("ours")


@pytest.mark.parametrize(
    "status, cancelled",
    [
        (0, True),
        (Status.CLIENT_ERROR_NOT_POSSIBLE, True),
        (Status.CLIENT_ERROR_NOT_FOUND, True),
        (Status.CLIENT_ERROR_GONE, True),
        (Status.CLIENT_ERROR_NOT_AUTHORIZED, False),
        (Status.SERVER_ERROR_INTERNAL_ERROR, False),
    ],
)
def test_a_cancel_says_whether_there_is_anything_left(status: int, cancelled: bool) -> None:
    """Done, or nothing to do; a refusal is neither."""
    script = Script([ipp(status)])
    printer = printer_of(script)
    assert printer.cancel(17) is cancelled
    sent, expected = script.messages[0], cancel_job(printer.target, 1, 17)
    assert (sent.code, sent.groups) == (Operation.CANCEL_JOB, expected.groups)


def test_what_is_asked_while_a_job_prints() -> None:
    """No more than what is shown: all of it takes some printers ten seconds (Q-42)."""
    script = Script([ipp()])
    printer_of(script).get_attributes(STATE_ATTRIBUTES)
    requested = script.messages[0].get("requested-attributes")
    assert requested is not None and requested.all == STATE_ATTRIBUTES
