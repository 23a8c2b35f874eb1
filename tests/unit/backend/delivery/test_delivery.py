"""backend.delivery.delivery: what is done with a document when the printer answers so or so. Answers in, requests out.

The printer is a script: answers to Create-Job, answers to the document, and what it says of the job when it is asked.
What it was asked is written down in words: "Create-Job", "Send-Document chunked", "look", "cancel 17".
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Union, cast

import pytest

from backend.cupsd.job_record import ACCEPTED, CANCELLED, CREATING, SENDING, JobRecord
from backend.cupsd.retry import RetryPolicy
from backend.cupsd.stop_signal import JobStopped, StopSignal
from backend.delivery.attempt import MOST_INTERNAL_ERRORS, MOST_LOSSES, MOST_SENDINGS, Framing, PrintRequest
from backend.delivery.delivery import Delivered, Delivery
from backend.device_uri import parse_device_uri
from backend.document.document import Document
from backend.document.sources import Source
from backend.errors import (
    AuthenticationRequired,
    ConnectionLost,
    CopyNeeded,
    DocumentIncomplete,
    DocumentRefused,
    DocumentTooLarge,
    GaveUpWaiting,
    HttpRefused,
    JobRefused,
    UserRefused,
    IppRefused,
    IppsError,
    JobCancelledAtPrinter,
    JobInDoubt,
    JobLostRepeatedly,
    JobPasswordNotTaken,
    PrinterUnknown,
    PrinterUnreachable,
)
from backend.http.exchange import Response
from backend.ipp.codes import JobState, Operation, Status, operation_name
from backend.ipp.message import Attribute, Group, Message, attribute
from backend.ipp.operations import Target
from backend.ipp.tags import Tag
from backend.printer.capabilities import Capabilities
from backend.printer.job_status import Found
from backend.printer.learned import Facts
from backend.printer.printer import Printer, Reply
from backend.trace import story
from backend.transport.session import Progress
from filters.common.report import Report
from tests.cups_lines import parse_lines, texts

PCL = "application/vnd.hp-PCL"
DOCUMENT = b"\x1bE" + b"x" * 1000 + b"\x1bE"
UNREACHABLE = PrinterUnreachable("printer", "no answer")
JOB, OTHER_JOB = 17, 18


@dataclass(frozen=True)
class Loss:
    """The exchange breaks after so many bytes of the document.

    ``all_sent``: after all of them were handed out; ``confirmed``: and the printer's machine has them.
    """

    after: int = 0
    all_sent: bool = False
    confirmed: bool = True


def reply(
    status: int | None = 0,
    *,
    job_id: int | None = None,
    http: int = 200,
    early: bool = False,
    unsupported: tuple[str, ...] = (),
) -> Reply:
    """Return an answer to a request; without an IPP status it is no IPP message."""
    attributes = (attribute("job-id", Tag.INTEGER, job_id),) if job_id is not None else ()
    groups = (Group(Tag.JOB_ATTRIBUTES, attributes),) if attributes else ()
    if unsupported:
        named = tuple(attribute(name, Tag.UNSUPPORTED) for name in unsupported)
        groups = (Group(Tag.UNSUPPORTED_ATTRIBUTES, named), *groups)
    message = None if status is None else Message((2, 0), status, 1, groups)
    return Reply(Response(http, "reason", "1.1", (), b"", complete=True, early=early), message)


def http(status: int) -> Reply:
    """Return an HTTP answer without IPP."""
    return reply(None, http=status)


CREATED, TAKEN = reply(job_id=JOB), reply(job_id=JOB)
LOST, LOST_BEFORE, LOST_AFTER = Loss(after=1), Loss(), Loss(after=1, all_sent=True)
Answer = Union[Reply, Loss, IppsError]


@dataclass
class Session:
    """A connection; how far the newest exchange got."""

    exchanges: int = 0
    progress: Progress = field(default_factory=Progress)


@dataclass
class Script:
    """A printer that does what it is told to. The last of a list of answers repeats.

    Attributes:
        created: answers to Create-Job.
        sent: answers to the document, however it is sent.
        found: what it says of the job whenever it is asked, before a cancel.
        after_cancel: and after it.
        known: the job-id by which it knows the job's name, None if it does not.
        named: the job-ids that it lists under the job's name.
        deaf_to_cancels: the cancels that do not reach it, before one does.
        deafness: what comes of those.
        beside_says: what it says of itself over a second connection.
        up_time: its printer-up-time whenever it is asked, None if it does not tell.
        stall: what stands still while the document goes out, and for how long.
        unread: whether its answer to the document begins before it can have all of that.
        on_kept: whether the connection had been used before, for each sending of the document.
    """

    sent: Sequence[Answer] = (TAKEN,)
    created: Sequence[Answer] = (CREATED,)
    found: Sequence[Union[Found, IppsError]] = (Found(None),)
    after_cancel: Found = Found(JobState.CANCELED, (), 0)
    known: int | None = None
    named: Sequence[int] = ()
    reachable_after: int = 0
    deaf_to_cancels: int = 0
    deafness: IppsError = UNREACHABLE
    beside_says: Sequence[str] | None = None
    up_time: int | None = None
    stall: tuple[str, float] | None = None
    unread: bool = False
    options: str = ""
    name: str = "printer"
    target: Target = Target("ipps://printer:443/ipp/print", "an\\na", (2, 0))
    asked: list[str] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    documents: list[bytes] = field(default_factory=list)
    on_kept: list[bool] = field(default_factory=list)
    challenges: int = 0
    let_in: int = 0
    asked_for: bool = False
    _cancelled: bool = False
    _looks: int = 0

    def __post_init__(self) -> None:
        self.uri: Any = parse_device_uri(f"ipps443://printer/?{self.options}")
        self.credentials = self.connections = self
        self.kept = Session()

    expect_message = Printer.expect_message
    has_restarted = Printer.has_restarted

    # --- connections

    def session(self) -> Session:
        """Connect."""
        if self.reachable_after > 0:
            self.reachable_after -= 1
            raise UNREACHABLE
        return self.kept

    def disconnect(self) -> None:
        """End the connection."""
        self.kept = Session()

    def distrust(self) -> None:
        """Not asked about here."""

    def take_challenge(self, response: Response, purpose: str) -> None:
        """As credentials do that have a password for one try."""
        self.challenges += 1
        if self.challenges > 1:
            raise AuthenticationRequired(self.name, 1)

    def refused(self) -> AuthenticationRequired:
        """As credentials do."""
        return AuthenticationRequired(self.name, int(self.asked_for))

    def accepted(self, purpose: str) -> None:
        """Count."""
        self.let_in += 1

    def beside(self, seconds: float) -> Script:
        """Another view of the same printer."""
        if self.beside_says is None:
            raise UNREACHABLE
        return self

    def get_attributes(self, requested: tuple[str, ...]) -> Reply:
        """Say how the printer is."""
        said = [attribute("printer-state-reasons", Tag.KEYWORD, *(self.beside_says or ("none",)))]
        said += [attribute("printer-up-time", Tag.INTEGER, self.up_time)] if self.up_time is not None else []
        message = Message((2, 0), 0, 1, (Group(Tag.PRINTER_ATTRIBUTES, tuple(said)),))
        return replace(reply(), message=message)

    # --- requests

    def next_request_id(self) -> int:
        """Any will do."""
        return 7

    def _next(self, answers: Sequence[Answer], operations: tuple[Operation, ...]) -> Answer:
        number = sum(message.code in operations for message in self.messages)
        return answers[min(number, len(answers)) - 1]

    def ask(self, message: Message, *, idempotent: bool) -> Reply:
        """Answer Create-Job."""
        assert message.code == Operation.CREATE_JOB and not idempotent
        self.asked.append("Create-Job")
        self.messages.append(message)
        answer = self._next(self.created, (Operation.CREATE_JOB,))
        if isinstance(answer, Loss):
            raise ConnectionLost(self.name, "waiting for its answer", "reset")
        if isinstance(answer, IppsError):
            raise answer
        return answer

    def perform(
        self,
        session: Session,
        message: Message,
        source: Source,
        *,
        chunked: bool,
        stalled: Callable[[str, float], bool],
    ) -> Reply:
        """Take the document, as far as the script says."""
        self.asked.append(f"{operation_name(message.code)} {'chunked' if chunked else 'sized'}")
        self.messages.append(message)
        self.on_kept.append(session.exchanges > 0)
        assert self.stall is None or stalled(*self.stall)
        answer = self._next(self.sent, (Operation.PRINT_JOB, Operation.SEND_DOCUMENT))
        session.progress = progress = Progress(unread=self.unread)
        if not (isinstance(answer, Loss) and not answer.after):
            document = b""
            while block := source.next_block():
                document += block
                progress.document_bytes = len(document)
                if isinstance(answer, Loss) and not answer.all_sent:
                    break
                if source.at_end():
                    break
            progress.handed_out = not isinstance(answer, Loss) or answer.all_sent
            progress.ended = progress.handed_out and (not isinstance(answer, Loss) or answer.confirmed)
            self.documents.append(document)
        session.exchanges += 1
        if isinstance(answer, Loss):
            raise ConnectionLost(self.name, "sending", "reset")
        if isinstance(answer, IppsError):
            raise answer
        return answer

    # --- the job at the printer

    def _look(self) -> Found:
        self.asked.append("look")
        if self._cancelled:
            return self.after_cancel
        self._looks += 1
        found = self.found[min(self._looks, len(self.found)) - 1]
        if isinstance(found, IppsError):
            raise found
        return found

    def find_job(self, job_id: int | None, job_name: str, besides: Any = ()) -> tuple[int | None, Found]:
        """Say what is known of a job."""
        if job_id is None and (self.known is None or self.known in besides):
            self.asked.append("look")
            return None, Found(None)
        return job_id or self.known, self._look()

    def jobs_named(self, job_name: str) -> list[tuple[int | None, Found]]:
        """Say which jobs have the name."""
        return [(job_id, Found(None)) for job_id in self.named]

    def cancel(self, job_id: int) -> bool:
        """Cancel."""
        self.asked.append(f"cancel {job_id}")
        if self.deaf_to_cancels > 0:
            self.deaf_to_cancels -= 1
            raise self.deafness
        self._cancelled = True
        return True


class Stop(StopSignal):
    """Nobody sleeps."""

    def __init__(self) -> None:
        super().__init__()
        self.pauses: list[float] = []

    def sleep(self, seconds: float) -> None:
        """Do not."""
        self.pauses.append(seconds)
        self.check()


class Waiting:
    """RetryPolicy, as far as it goes: so many waits, and what for."""

    def __init__(self, most: int = 5) -> None:
        self.waits: list[str] = []
        self.successes = 0
        self._most = most

    def wait(self, error: IppsError) -> None:
        """Count."""
        self.waits.append(type(error).__name__)
        if len(self.waits) > self._most:
            raise GaveUpWaiting(1, str(error))

    def succeeded(self) -> None:
        """Count."""
        self.successes += 1


@dataclass
class Delivering:
    """All that takes part in a delivery."""

    stop: Stop
    report: Report
    lines: int
    make_document: Callable[[bytes, bool], Document]
    retry_policy: Waiting = field(default_factory=Waiting)
    records: list[tuple[str, int | None]] = field(default_factory=list)
    asked_before: list[int] = field(default_factory=list)  # how many requests, for each record
    delivery: Delivery | None = None
    check: Callable[[Document], None] = lambda document: None

    def prepare(
        self,
        script: Script,
        *,
        create_job: bool = True,
        chunks: bool = True,
        formats: tuple[str, ...] = (PCL,),
        attributes: tuple[Attribute, ...] = (),
        password: tuple[Attribute, ...] = (),
        copies: int = 1,
        keep: bool = True,
        up_time: int | None = None,
    ) -> Delivery:
        """Return the delivery of a document from standard input."""
        operations = (Operation.CREATE_JOB, Operation.SEND_DOCUMENT) if create_job else (Operation.PRINT_JOB,)
        said = [attribute("operations-supported", Tag.ENUM, *operations)]
        said += [attribute("printer-up-time", Tag.INTEGER, up_time)] if up_time is not None else []
        script.up_time = up_time if script.up_time is None else script.up_time
        listed = Group(Tag.PRINTER_ATTRIBUTES, tuple(said))
        document = self.make_document(DOCUMENT, keep)
        document.wait_for_beginning(self.stop)

        def record(phase: str, job_id: int | None) -> None:
            self.records.append((phase, job_id))
            self.asked_before.append(len(script.asked))

        self.delivery = Delivery(
            cast(Printer, cast(Any, script)),
            Capabilities(Message((2, 0), 0, 1, (listed,)), Facts(chunks=chunks)),
            PrintRequest("report 0123456789ab", formats, attributes, copies, password),
            document,
            stop=self.stop,
            report=self.report,
            retry_policy=cast(RetryPolicy, cast(Any, self.retry_policy)),
            check_complete=lambda document: self.check(document),
            warn=self.report.warning,
            record=record,
            show_state=lambda message: None,
        )
        return self.delivery

    def run(self, script: Script, **how: Any) -> Delivered:
        """Deliver."""
        return self.prepare(script, **how).run()

    def warnings(self) -> list[str]:
        """Return what the user was told."""
        return texts(parse_lines(os.pread(self.lines, 1 << 20, 0)), "WARNING")


@pytest.fixture
def delivering() -> Iterator[Delivering]:
    """A delivery that has not begun."""
    lines = os.memfd_create("stderr")
    readable: list[int] = []

    def make_document(content: bytes, keep: bool) -> Document:
        read, write = os.pipe()
        os.write(write, content)
        os.close(write)
        readable.append(read)
        return Document(read, folder="/tmp", keep=keep)

    yield Delivering(Stop(), Report(lines), lines, make_document)
    for descriptor in (lines, *readable):
        os.close(descriptor)


# --- what goes well -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("chunks, how", [(True, "chunked"), (False, "sized")])
def test_the_id_is_known_before_the_first_byte(delivering: Delivering, chunks: bool, how: str) -> None:
    """Create-Job, Send-Document, and both are on record before they are asked for."""
    script = Script()
    delivered = delivering.run(script, chunks=chunks)
    assert delivered == Delivered(JOB, Framing(how), len(DOCUMENT))
    assert script.asked == ["Create-Job", f"Send-Document {how}"]
    assert delivering.records == [(CREATING, None), (SENDING, JOB)] and delivering.asked_before == [0, 1]
    assert script.documents == [DOCUMENT]
    job_id = script.messages[1].get("job-id", Tag.OPERATION_ATTRIBUTES)
    assert job_id is not None and job_id.value == JOB
    assert delivering.delivery is not None and delivering.delivery.accepted


@pytest.mark.parametrize("sent, job_id", [(TAKEN, JOB), (reply(), None)])
def test_print_job_where_nothing_else_is_listed(delivering: Delivering, sent: Reply, job_id: int | None) -> None:
    """One request; the job's id comes with its answer, without which it is accepted and not watched (Q-99)."""
    script = Script(sent=[sent])
    assert delivering.run(script, create_job=False).job_id == job_id
    assert script.asked == ["Print-Job chunked"] and delivering.records == [(SENDING, None)]


@pytest.mark.parametrize("answer", [LOST, reply(), reply(Status.SERVER_ERROR_OPERATION_NOT_SUPPORTED), http(500)])
def test_print_job_when_no_job_can_be_created(delivering: Delivering, answer: Answer) -> None:
    """Whatever is wrong with Create-Job: nothing is at risk, and there is another way; a lost one is tried again."""
    script = Script(created=[answer, CREATED])
    delivering.run(script)
    again = ["Create-Job", "Send-Document"] if answer is LOST else ["Print-Job"]
    assert [word.split()[0] for word in script.asked if word != "look"] == ["Create-Job", *again]
    assert script.documents == [DOCUMENT]


def test_a_stall_stands_in_the_trace(delivering: Delivering, monkeypatch: pytest.MonkeyPatch) -> None:
    """With what was waited for."""
    told: list[str] = []
    monkeypatch.setattr(Report, "detail", lambda report, event, *values: told.extend(story.EVENTS[event](*values)))
    script = Script(stall=("sending", 10.4))
    delivering.run(script)
    assert told == ["nothing has moved for 10 seconds while sending; asking the printer"]


# --- refusals -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [400, 413])
def test_a_refusal_of_chunks_is_followed_by_the_length(delivering: Delivering, status: int) -> None:
    """The same document from the copy, and a user name that every printer can read (Q-86, Q-87)."""
    script = Script(sent=[http(status), TAKEN])
    delivered = delivering.run(script, create_job=False)
    assert delivered.framing is Framing.SIZED and delivered.chunks_refused
    assert [word for word in script.asked if word != "look"] == ["Print-Job chunked", "Print-Job sized"]
    assert script.documents == [DOCUMENT, DOCUMENT]
    user = script.messages[-1].get("requesting-user-name", Tag.OPERATION_ATTRIBUTES)
    assert user is not None and user.value == "anna"


def test_a_refusal_of_a_length_does_not_speak_against_chunks(delivering: Delivering) -> None:
    """400 to a sized document is tried once more, with another user name; nothing is learned."""
    script = Script(sent=[http(400), TAKEN])
    assert not delivering.run(script, chunks=False).chunks_refused


def test_too_large(delivering: Delivering) -> None:
    """413 to a document with its length: the job is cancelled there, and fails."""
    script = Script(sent=[http(413)])
    with pytest.raises(DocumentTooLarge) as caught:
        delivering.run(script)
    assert caught.value.size == len(DOCUMENT)
    assert script.asked[-1] == f"cancel {JOB}"
    assert [word for word in script.asked if "Document" in word] == ["Send-Document chunked", "Send-Document sized"]


@pytest.mark.parametrize("answer", [http(503), reply(Status.SERVER_ERROR_BUSY)])
def test_busy_is_waited_for_and_sent_from_the_copy(delivering: Delivering, answer: Reply) -> None:
    """An explicit "not now" after the document (Q-105)."""
    script = Script(sent=[answer, answer, TAKEN])
    delivering.run(script)
    assert delivering.retry_policy.waits == ["PrinterBusy"] * 2
    assert script.documents == [DOCUMENT] * 3
    # Refused as a whole, it is in no doubt for a next run.
    assert delivering.records == [(CREATING, None), *[(SENDING, JOB), (CREATING, None)] * 2, (SENDING, JOB)]


def test_a_password_is_sent_after_the_challenge(delivering: Delivering) -> None:
    """401 to the document: once more with credentials; if those are refused it is over."""
    script = Script(sent=[http(401), TAKEN])
    delivering.run(script)
    assert (script.challenges, script.let_in) == (1, 1) and script.documents == [DOCUMENT] * 2
    with pytest.raises(AuthenticationRequired):
        delivering.run(Script(sent=[http(401)]))


def test_a_challenge_in_mid_document_costs_no_question(delivering: Delivering) -> None:
    """A printer that lets nobody in has made nothing of the document: again with the password, and at once."""
    script = Script(sent=[reply(None, http=401, early=True), TAKEN])
    delivering.run(script)
    assert script.asked == ["Create-Job", "Send-Document chunked", "Send-Document sized"] and script.challenges == 1


@pytest.mark.parametrize("status", [401, 403])
def test_a_refusal_of_what_is_printed_all_the_same(delivering: Delivering, status: int) -> None:
    """There are printers that ask for the password then, and proxies that say no: it is not printed twice."""
    script = Script(sent=[http(status), TAKEN], found=[Found(JobState.PROCESSING, (), 1)])
    assert delivering.run(script).job_id == JOB
    assert len(script.documents) == 1 and script.challenges == 0 and len(delivering.warnings()) == 1


def test_formats_are_tried_in_turn(delivering: Delivering) -> None:
    """Until none is left (Q-97)."""
    no = reply(Status.CLIENT_ERROR_DOCUMENT_FORMAT_NOT_SUPPORTED)
    script = Script(sent=[no, no, TAKEN])
    delivering.run(script, formats=(PCL, "application/octet-stream", ""))
    said = [message.get("document-format", Tag.OPERATION_ATTRIBUTES) for message in script.messages[1:]]
    assert [value and value.value for value in said] == [PCL, "application/octet-stream", None]
    with pytest.raises(DocumentRefused) as refused:
        delivering.run(Script(sent=[no]), formats=(PCL, ""))
    assert "format-not-supported" in refused.value.reason and "Held" not in refused.value.reason


def test_attributes_that_are_refused_are_left_out(delivering: Delivering) -> None:
    """With a WARNING, once (Q-112)."""
    no = reply(Status.CLIENT_ERROR_ATTRIBUTES_OR_VALUES_NOT_SUPPORTED)
    script = Script(sent=[no, TAKEN])
    delivering.run(script, create_job=False, attributes=(attribute("sides", Tag.KEYWORD, "two-sided-long-edge"),))
    groups = [len(message.groups_of(Tag.JOB_ATTRIBUTES)) for message in script.messages]
    assert groups == [1, 0] and len(delivering.warnings()) == 1
    # Without any left, the message has those that the printer names, and nothing that is no name.
    for names, said in (
        ((), "client-error-conflicting-attributes"),
        (("sides", "x. Held; run rm", "\x1b[1m", "media-col"), "conflicting-attributes (media-col, sides)"),
        (tuple("edcba"), "conflicting-attributes (a, b, c, d, ...)"),
    ):
        no = reply(Status.CLIENT_ERROR_CONFLICTING_ATTRIBUTES, unsupported=names)
        with pytest.raises(JobRefused, match=re.escape(f"refuses this job: {said}. Held")):
            delivering.run(Script(sent=[no]), create_job=False)


def test_lower_versions_are_tried(delivering: Delivering) -> None:
    """2.0, 1.1, 1.0, and then the refusal stands; a version of the queue is kept."""
    no = reply(Status.SERVER_ERROR_VERSION_NOT_SUPPORTED)
    for options, versions in (("", [(2, 0), (1, 1), (1, 0)]), ("version=2.0", [(2, 0)])):
        script = Script(sent=[no], options=options)
        with pytest.raises(IppRefused):
            delivering.run(script, create_job=False)
        assert [message.version for message in script.messages] == versions


@pytest.mark.parametrize("status", [Status.SERVER_ERROR_OPERATION_NOT_SUPPORTED, Status.CLIENT_ERROR_NOT_FOUND])
def test_send_document_that_fails_although_it_is_listed(delivering: Delivering, status: int) -> None:
    """The empty job is cancelled, the document goes out by Print-Job, and that is learned (Q-93)."""
    script = Script(sent=[reply(status), TAKEN])
    assert delivering.run(script).send_document_fails
    words = [word for word in script.asked if word != "look"]
    assert words == ["Create-Job", "Send-Document chunked", f"cancel {JOB}", "Print-Job sized"]


@pytest.mark.parametrize(
    "answer, error",
    [
        *((http(status), UserRefused) for status in (403, 451)),
        *((http(status), JobRefused) for status in (402, 404)),
        *((http(status), HttpRefused) for status in (301, 426)),
    ],
    ids=lambda each: str(each.response.status) if isinstance(each, Reply) else "",
)
def test_a_refusal_is_a_refusal(delivering: Delivering, answer: Reply, error: type[IppsError]) -> None:
    """Nothing is sent a second time, and no empty job stays behind."""
    script = Script(sent=[answer])
    with pytest.raises(error):
        delivering.run(script)
    assert len(script.documents) == 1 and script.asked[-1] == f"cancel {JOB}"


@pytest.mark.parametrize("silent", [0, 1, 2])
def test_a_refusal_is_asked_about_twice(delivering: Delivering, silent: int) -> None:
    """One that takes one connection may count that of the refusal for a moment; without a word the refusal stands."""
    aborted = Found(JobState.ABORTED, (), 0)
    script = Script(sent=[reply(Status.SERVER_ERROR_JOB_CANCELED), TAKEN], found=[*[UNREACHABLE] * silent, aborted])
    if silent < 2:
        assert delivering.run(script).job_id and len(script.documents) == 2
    else:
        with pytest.raises(JobCancelledAtPrinter):
            delivering.run(script)


@pytest.mark.parametrize("answer", [http(411), reply(Status.SERVER_ERROR_OPERATION_NOT_SUPPORTED)])
def test_pages_of_a_document_that_is_refused_are_a_doubt(delivering: Delivering, answer: Reply) -> None:
    """What would be sent again is not, and the message says both: the refusal, and that something came out."""
    script = Script(sent=[answer, TAKEN], found=[Found(JobState.ABORTED, (), 2)])
    with pytest.raises(JobInDoubt) as caught:
        delivering.run(script)
    assert caught.value.reason.endswith("; some of it may have been printed") and len(script.documents) == 1
    assert caught.value.reason.startswith("HTTP 411" if answer.message is None else "server-error-operation-not")


@pytest.mark.parametrize(
    "answers, successes",
    [([TAKEN], 1), ([http(411), TAKEN], 2), ([reply(Status.SERVER_ERROR_BUSY), TAKEN], 1), ([LOST_BEFORE, TAKEN], 1)],
)
def test_an_answer_is_the_end_of_waiting(delivering: Delivering, answers: list[Answer], successes: int) -> None:
    """Also a refusal: the next trouble begins with short pauses again. Busy, or lost, is none."""
    delivering.run(Script(sent=answers), create_job=False)
    assert delivering.retry_policy.successes == successes


@pytest.mark.parametrize("early", [True, False])
@pytest.mark.parametrize("status", [401, 411])
def test_after_a_refusal_the_document_goes_out_on_a_new_connection(
    delivering: Delivering, status: int, early: bool
) -> None:
    """What was still on its way on the old one would be read as the next request."""
    script = Script(sent=[reply(None, http=status, early=early), TAKEN])
    delivering.run(script, create_job=False)
    assert script.on_kept == [False, False]


def test_answers_in_circles_come_to_an_end(delivering: Delivering) -> None:
    """A printer that wants another framing or format each time does not keep us for ever."""
    no = reply(Status.CLIENT_ERROR_DOCUMENT_FORMAT_NOT_SUPPORTED)
    script = Script(sent=[no])
    with pytest.raises(IppsError):
        delivering.run(script, formats=(PCL,) * 100)
    assert len(script.documents) == MOST_SENDINGS


@pytest.mark.parametrize(
    "script, there, at_risk, accepted",
    [
        (Script(reachable_after=99), True, False, False),  # it was asked to create a job
        (Script(sent=[LOST_BEFORE]), True, False, False),
        (Script(sent=[LOST]), True, True, False),
        (Script(sent=[reply(Status.SERVER_ERROR_BUSY)]), True, False, False),
        (Script(sent=[http(401)]), True, False, False),
        (Script(sent=[reply(Status.SERVER_ERROR_BUSY), LOST]), True, True, False),
        (Script(sent=[TAKEN]), True, True, True),
    ],
)
def test_what_is_known_of_a_delivery(
    delivering: Delivering, script: Script, there: bool, at_risk: bool, accepted: bool
) -> None:
    """For whoever has to end it: whether the printer may have a job, some of the document, or all of it."""
    delivery = delivering.prepare(script)
    assert (delivery.may_be_there, delivery.at_risk, delivery.accepted) == (False, False, False)
    try:
        delivery.run()
    except IppsError:
        pass
    assert (delivery.may_be_there, delivery.at_risk, delivery.accepted) == (there, at_risk, accepted)
    assert delivery.job_id == JOB and delivery.copies == 1


def test_a_job_that_may_have_been_created_may_be_there(delivering: Delivering) -> None:
    """The answer with its number was lost, each time: whoever ends this run looks for it by its name."""
    delivery = delivering.prepare(Script(created=[LOST_AFTER]))
    with pytest.raises(IppsError):
        delivery.run()
    assert (delivery.may_be_there, delivery.at_risk, delivery.job_id) == (True, False, None)


# --- a job with a PIN -----------------------------------------------------------------------------------------

PIN = (attribute("job-password", Tag.OCTET_STRING, b"1234"), attribute("job-password-encryption", Tag.KEYWORD, "none"))
SIDES = (attribute("sides", Tag.KEYWORD, "two-sided-long-edge"),)
NO_SUCH_ATTRIBUTE = reply(Status.CLIENT_ERROR_ATTRIBUTES_OR_VALUES_NOT_SUPPORTED)
IGNORED = reply(1, job_id=JOB, unsupported=("job-password",))


def carriers(script: Script) -> list[str]:
    """Return which requests have the PIN."""
    return [operation_name(each.code) for each in script.messages if each.get("job-password")]


@pytest.mark.parametrize("create_job, carrier", [(True, "Create-Job"), (False, "Print-Job")])
def test_the_pin_is_where_the_job_is_made(delivering: Delivering, create_job: bool, carrier: str) -> None:
    """In that request and in no other."""
    script = Script()
    delivering.run(script, create_job=create_job, password=PIN)
    assert carriers(script) == [carrier] and script.documents == [DOCUMENT]


@pytest.mark.parametrize("answer", [IGNORED, NO_SUCH_ATTRIBUTE, reply(0x040B, unsupported=("job-password",))])
def test_a_printer_that_will_not_have_the_pin_gets_no_document(delivering: Delivering, answer: Reply) -> None:
    """Create-Job says so; what was made there is cancelled, and nothing goes out by another way."""
    script = Script(created=[answer])
    with pytest.raises(JobPasswordNotTaken) as caught:
        delivering.run(script, password=PIN)
    assert caught.value.reason == ("ignores it" if answer is IGNORED else "refuses it")
    assert script.documents == []
    assert script.asked == (["Create-Job", f"cancel {JOB}"] if answer is IGNORED else ["Create-Job"])


def test_send_document_says_nothing_about_the_pin(delivering: Delivering) -> None:
    """It carries no attribute of the job: refused for attributes it fails as a whole (Q-93), and Print-Job has the PIN.

    Copies that the printer ignores are dropped before, so that no attribute is left.
    """
    taken = reply(1, job_id=JOB, unsupported=("copies",))
    script = Script(created=[taken], sent=[NO_SUCH_ATTRIBUTE, reply()])
    copies = (attribute("copies", Tag.INTEGER, 3),)
    delivered = delivering.run(script, password=PIN, attributes=copies, copies=3)
    assert delivered.copies == 1 and delivered.copies_refused and len(delivering.warnings()) == 1
    assert carriers(script) == ["Create-Job", "Print-Job"] and f"cancel {JOB}" in script.asked
    assert script.messages[-1].get("copies") is None


@pytest.mark.parametrize(
    "answer, error", [(reply(1, unsupported=("job-password",)), JobInDoubt), (NO_SUCH_ATTRIBUTE, JobPasswordNotTaken)]
)
def test_print_job_whose_pin_is_not_taken(delivering: Delivering, answer: Reply, error: type[IppsError]) -> None:
    """The document is there already: ignored, some of it may be on paper; refused, none of it is."""
    script = Script(sent=[answer])
    with pytest.raises(error):
        delivering.run(script, create_job=False, password=PIN)
    assert len(script.documents) == 1


@pytest.mark.parametrize("create_job", [True, False])
def test_the_pin_stays_when_attributes_go(delivering: Delivering, create_job: bool) -> None:
    """What the printer refuses may be about the others; without any it is about the PIN."""
    answers: list[Answer] = [NO_SUCH_ATTRIBUTE]
    script = Script(created=answers) if create_job else Script(sent=answers)
    with pytest.raises(JobPasswordNotTaken):
        delivering.run(script, create_job=create_job, password=PIN, attributes=SIDES)
    assert carriers(script) == ["Create-Job" if create_job else "Print-Job"] * 2
    assert [each.get("sides") is not None for each in script.messages] == [True, False]


@pytest.mark.parametrize("password, status", [(PIN, Status.CLIENT_ERROR_REQUEST_VALUE_TOO_LONG), ((), 0x040B)])
def test_other_refusals_are_not_about_the_pin(
    delivering: Delivering, password: tuple[Attribute, ...], status: int
) -> None:
    """What is refused for something else, or has no PIN, is held as any other job."""
    with pytest.raises(JobRefused):
        delivering.run(Script(sent=[reply(status)]), create_job=False, password=password)


@pytest.mark.parametrize("password, copies, is_used", [((), 1, True), (PIN, 1, False), ((), 2, False)])
def test_an_empty_job_is_not_used_where_its_answer_mattered(
    delivering: Delivering, password: tuple[Attribute, ...], copies: int, is_used: bool
) -> None:
    """It may have said that the PIN is ignored, or copies: that job goes, and another is made; else it is used."""
    empty = Found(JobState.PENDING_HELD, ("job-incoming",), 0)
    script = Script(created=[LOST, reply(job_id=OTHER_JOB)], found=[empty], known=JOB, sent=[reply()])
    made = (attribute("copies", Tag.INTEGER, copies),) if copies > 1 else ()
    delivered = delivering.run(script, password=password, attributes=made, copies=copies)
    assert delivered.job_id == (JOB if is_used else OTHER_JOB)
    assert (f"cancel {JOB}" in script.asked) is not is_used and script.asked.count("Create-Job") == 2 - is_used


# --- losses ---------------------------------------------------------------------------------------------------


def test_a_loss_before_the_first_byte_is_none(delivering: Delivering) -> None:
    """Nothing was at risk: again, at once the first time, then with patience."""
    script = Script(sent=[LOST_BEFORE, LOST_BEFORE, LOST_BEFORE, TAKEN], created=[CREATED])
    delivering.run(script)
    assert delivering.retry_policy.waits == ["ConnectionLost"] * 2
    assert script.documents == [DOCUMENT] and "look" not in script.asked


def test_out_of_reach_is_waited_for(delivering: Delivering) -> None:
    """With the copy nothing is lost meanwhile."""
    delivering.run(Script(reachable_after=3))
    assert delivering.retry_policy.waits == ["PrinterUnreachable"] * 3


PROCESSING, PENDING, COMPLETED = JobState.PROCESSING, JobState.PENDING, JobState.COMPLETED
INCOMING = ("job-incoming",)


@pytest.mark.parametrize("found", [Found(COMPLETED, (), 3), Found(PENDING)])
def test_what_the_printer_has_whole_is_adopted(delivering: Delivering, found: Found) -> None:
    """The answer was lost, the job was not: it is not sent again."""
    script = Script(sent=[LOST_AFTER], found=[found])
    assert delivering.run(script) == Delivered(JOB, Framing.CHUNKED, len(DOCUMENT))
    assert len(script.documents) == 1


@pytest.mark.parametrize(
    "loss, found",
    [
        (LOST, Found(JobState.ABORTED)),
        (LOST, Found(PENDING, INCOMING, 0)),
        (LOST, Found(COMPLETED, (), 0)),
        (LOST_AFTER, Found(PROCESSING, INCOMING, 0)),
    ],
)
def test_what_is_provably_not_printed_is_sent_again(delivering: Delivering, loss: Loss, found: Found) -> None:
    """Cancelled first, made sure that it is dead, then from the copy with its length, as another job."""
    script = Script(sent=[loss, reply(job_id=OTHER_JOB)], found=[found], created=[CREATED, reply(job_id=OTHER_JOB)])
    assert delivering.run(script).job_id == OTHER_JOB
    words = [word for word in script.asked if word != "look"]
    again = ["Create-Job", "Send-Document sized"]
    assert words == ["Create-Job", "Send-Document chunked", f"cancel {JOB}", *again]
    assert script.documents[-1] == DOCUMENT
    assert (CANCELLED, JOB) in delivering.records, "the next run has to know that it was us"


@pytest.mark.parametrize(
    "loss, found",
    [
        (LOST, Found(None)),
        (LOST_AFTER, Found(None)),
        (LOST, Found(PROCESSING, INCOMING, 2)),
        (LOST, Found(JobState.ABORTED, (), 1)),
        (LOST, Found(COMPLETED)),
        (Loss(after=1, all_sent=True, confirmed=False), Found(COMPLETED)),  # its end died with the connection
        (LOST, UNREACHABLE),
        (LOST, IppRefused("printer", "Get-Jobs", 0x0501, "server-error-operation-not-supported")),
    ],
)
def test_what_nobody_can_know_is_held(delivering: Delivering, loss: Loss, found: Union[Found, IppsError]) -> None:
    """Printing twice is worse than printing late: not sent again, unless the queue says resend=yes."""
    script = Script(sent=[loss], found=[found])
    with pytest.raises(JobInDoubt):
        delivering.run(script)
    assert len(script.documents) == 1


def test_resend(delivering: Delivering) -> None:
    """The administrator has decided otherwise."""
    script = Script(sent=[LOST, TAKEN], found=[Found(None)], options="resend=yes")
    delivering.run(script)
    assert script.documents[-1] == DOCUMENT and len(script.documents) == 2


PAGES_OUT = [
    *(Found(state, (), count) for state in (COMPLETED, JobState.CANCELED, JobState.ABORTED) for count in (1, 2)),
    Found(COMPLETED),
]
STILL_ALIVE = [Found(state, (), count) for state in (PENDING, PROCESSING) for count in (0, 1, None)]
NO_PAGE = [
    Found(COMPLETED, (), 0),
    *(Found(state, (), count) for state in (JobState.CANCELED, JobState.ABORTED) for count in (0, None)),
    Found(None),
]


@pytest.mark.parametrize("after", [*PAGES_OUT, *STILL_ALIVE])
def test_a_cancel_that_comes_too_late_is_a_doubt(delivering: Delivering, after: Found) -> None:
    """Pages came out meanwhile, or may still come: what may be on paper is not sent again."""
    script = Script(sent=[LOST, TAKEN], found=[Found(PENDING, INCOMING, 0)], after_cancel=after)
    with pytest.raises(JobInDoubt):
        delivering.run(script)
    assert len(script.documents) == 1


@pytest.mark.parametrize("after", NO_PAGE)
def test_a_cancel_that_comes_in_time_is_none(delivering: Delivering, after: Found) -> None:
    """The job is dead, and no page was counted: it is sent again."""
    ids = [CREATED, reply(job_id=OTHER_JOB)]
    script = Script(sent=[LOST, reply()], found=[Found(PENDING, INCOMING, 0)], after_cancel=after, created=ids)
    assert delivering.run(script).job_id == OTHER_JOB
    assert script.documents[-1] == DOCUMENT and len(script.documents) == 2


@pytest.mark.parametrize("deaf, documents", [(1, 2), (3, 2), (4, 1)])
def test_a_cancel_that_does_not_reach_the_printer_is_tried_again(
    delivering: Delivering, deaf: int, documents: int
) -> None:
    """One connection too many is no doubt; a printer that stays out of reach leaves one."""
    ids = [CREATED, reply(job_id=OTHER_JOB)]
    script = Script(sent=[LOST, reply()], found=[Found(PENDING, INCOMING, 0)], created=ids, deaf_to_cancels=deaf)
    if documents == 2:
        assert delivering.run(script).job_id == OTHER_JOB
    else:
        with pytest.raises(JobInDoubt):
            delivering.run(script)
    assert len(script.documents) == documents and script.asked.count(f"cancel {JOB}") == min(deaf + 1, 4)


def test_somebody_else_is_told_of_no_cancel(delivering: Delivering) -> None:
    """That stops the queue, and the record says what the next run has to ask about."""
    stranger = PrinterUnknown("printer", "sha256:00", "valid", "ipps443ctl pin printer")
    script = Script(sent=[LOST], found=[Found(PENDING, INCOMING, 0)], deaf_to_cancels=1, deafness=stranger)
    with pytest.raises(PrinterUnknown):
        delivering.run(script)
    assert delivering.records[-1] == (CANCELLED, JOB) and len(script.documents) == 1


WITH_OUR_NUMBER = [Found(COMPLETED, (), 3), Found(PENDING, INCOMING, 0), Found(JobState.ABORTED, (), 0)]


@pytest.mark.parametrize("found", WITH_OUR_NUMBER)
@pytest.mark.parametrize("loss", [LOST, LOST_AFTER])
def test_a_restart_in_mid_job_may_give_its_number_to_another(delivering: Delivering, loss: Loss, found: Found) -> None:
    """The loss was the printer's restart, and it counts anew: that job is neither adopted nor cancelled for ours."""
    script = Script(sent=[loss], found=[found], up_time=5)
    with pytest.raises(JobInDoubt):
        delivering.run(script, up_time=90)
    assert len(script.documents) == 1 and not any("cancel" in word for word in script.asked)


@pytest.mark.parametrize(
    "before, now, named", [(90, 90, ()), (90, 91, ()), (None, 5, ()), (90, None, ()), (90, 5, (JOB,))]
)
def test_without_a_restart_the_number_is_believed(
    delivering: Delivering, before: int | None, now: int | None, named: tuple[int, ...]
) -> None:
    """And after one, if the printer still has the job under its name."""
    script = Script(sent=[LOST_AFTER], found=[Found(COMPLETED, (), 3)], up_time=now, named=named)
    delivering.prepare(script, up_time=before)
    script.up_time = now
    assert delivering.delivery is not None and delivering.delivery.run().job_id == JOB


def test_somebody_cancelled_it_there(delivering: Delivering) -> None:
    """That is the end of the job, not a loss."""
    script = Script(sent=[LOST], found=[Found(JobState.CANCELED, ("job-canceled-by-user",), 0)])
    with pytest.raises(JobCancelledAtPrinter):
        delivering.run(script)


@pytest.mark.parametrize(
    "answer, error, most, pauses",
    [
        (LOST, JobLostRepeatedly, MOST_LOSSES, []),
        (reply(Status.SERVER_ERROR_INTERNAL_ERROR), JobRefused, MOST_INTERNAL_ERRORS, [1, 2, 3]),
    ],
)
def test_a_document_is_not_sent_for_ever(
    delivering: Delivering, answer: Answer, error: type[IppsError], most: int, pauses: list[float]
) -> None:
    """To a printer that loses everything, or falls over each time: the job is held, and says so."""
    ids = [reply(job_id=number) for number in range(JOB, JOB + 9)]
    script = Script(sent=[answer], found=[Found(JobState.ABORTED, (), 0)], created=ids)
    with pytest.raises(error):
        delivering.run(script)
    assert len(script.documents) == most and [each for each in delivering.stop.pauses if each >= 1] == pauses


@pytest.mark.parametrize("create_job, found, at_risk", [(False, Found(None), True), (True, Found(COMPLETED), False)])
def test_what_was_at_risk_stays_at_risk(delivering: Delivering, create_job: bool, found: Found, at_risk: bool) -> None:
    """A later attempt that breaks before its first byte takes nothing back: the error says what may be on paper.

    But a job that was cancelled, and is dead without a page, will not be; the next run need not ask about it.
    """
    script = Script(sent=[LOST, LOST_BEFORE], found=[found], options="resend=yes")
    with pytest.raises(GaveUpWaiting):
        delivering.run(script, create_job=create_job)
    assert delivering.delivery is not None and delivering.delivery.at_risk is at_risk
    if not at_risk:
        assert delivering.records[2:4] == [(CANCELLED, JOB), (CREATING, None)] and (SENDING, JOB) in delivering.records


@pytest.mark.parametrize("phase", [SENDING, ACCEPTED, CANCELLED])
def test_a_job_without_a_number_that_is_being_asked_about_is_at_risk(delivering: Delivering, phase: str) -> None:
    """Stopped meanwhile, this run has to leave word of it, and to cancel it by its name."""
    delivery = delivering.prepare(Script(known=JOB, found=[UNREACHABLE]))
    delivering.stop.request()
    with pytest.raises(JobStopped):
        delivery.take_up(record(phase, None))
    assert delivery.job_id is None and delivery.at_risk and delivery.may_be_there


@pytest.mark.parametrize("loss, error", [(LOST, CopyNeeded), (http(411), CopyNeeded)])
def test_without_a_copy_nothing_is_sent_again(delivering: Delivering, loss: Answer, error: type[IppsError]) -> None:
    """spool=no: what would need the copy holds the job, and the message names the want of it."""
    script = Script(sent=[loss], found=[Found(JobState.ABORTED, (), 0)])
    with pytest.raises((error, JobInDoubt)):
        delivering.run(script, keep=False)
    assert len(script.documents) == 1


@pytest.mark.parametrize(
    "answer, unread", [(reply(job_id=JOB, early=True), False), (reply(job_id=JOB), True), (reply(job_id=99), False)]
)
def test_success_before_the_end_or_about_another_job_is_none(
    delivering: Delivering, answer: Reply, unread: bool
) -> None:
    """A yes that comes while the document still goes out, waits to be read, or names another, is asked about (Q-18)."""
    script = Script(sent=[answer], found=[Found(PROCESSING, INCOMING, 1)], unread=unread)
    with pytest.raises(IppsError):
        delivering.run(script)
    assert len(script.documents) == 1


def test_a_document_without_its_end_is_not_ended(delivering: Delivering) -> None:
    """The look at the end comes before the last byte, in both framings."""

    def incomplete(document: Document) -> None:
        raise DocumentIncomplete("a filter died")

    delivering.check = incomplete
    for chunks in (True, False):
        script = Script()
        with pytest.raises(DocumentIncomplete):
            delivering.run(script, chunks=chunks)
        assert script.documents == [], "the script would have taken the end"


@pytest.mark.parametrize("chunks", [True, False])
def test_an_end_that_is_missing_may_be_a_cancel(delivering: Delivering, chunks: bool) -> None:
    """cupsd ends the filters as well as us: that is no filter that died, for which a queue would be stopped."""

    def end(document: Document) -> None:
        delivering.stop.request()
        raise DocumentIncomplete("a filter was ended")

    delivering.check = end
    with pytest.raises(JobStopped):
        delivering.run(Script(), chunks=chunks)


# --- after a run that was interrupted --------------------------------------------------------------------------


def record(phase: str, job_id: int | None = JOB, up_time: int | None = None) -> JobRecord:
    """Return what the interrupted run had written."""
    return JobRecord("ipps://printer:443/ipp/print", 0, phase, job_id, up_time=up_time)


@pytest.mark.parametrize(
    "earlier, found, sends",
    [
        (record(ACCEPTED), Found(COMPLETED, (), 3), False),
        (record(ACCEPTED), Found(PROCESSING, (), 1), False),
        (record(SENDING), Found(JobState.ABORTED, (), 0), True),
        (record(SENDING), Found(PENDING, INCOMING, 0), True),
        (record(CANCELLED), Found(JobState.CANCELED, (), 0), True),
        (record(CANCELLED), Found(JobState.CANCELED), True),
        (record(CANCELLED), Found(JobState.CANCELED, ("job-canceled-by-user",), 0), True),
        (record(CREATING, None), Found(PENDING, INCOMING, 0), True),
        (record(CREATING, None), Found(None), True),
    ],
)
def test_takes_up_what_was_interrupted(delivering: Delivering, earlier: JobRecord, found: Found, sends: bool) -> None:
    """What the printer has is left to it; what it provably has not is sent, once."""
    known = JOB if found.job_state is not None else None
    ids = [reply(job_id=OTHER_JOB)]
    script = Script(found=[found], known=known, created=ids, sent=[reply()])
    delivering.prepare(script).take_up(earlier)
    assert script.documents == ([DOCUMENT] if sends else [])


def test_an_empty_job_is_cancelled_where_print_job_follows(delivering: Delivering) -> None:
    """The printer was found to fail at Send-Document meanwhile: its answer names the job that counts."""
    empty = Found(PENDING, INCOMING, 0)
    script = Script(found=[empty], known=JOB, sent=[reply(job_id=OTHER_JOB)])
    delivered = delivering.prepare(script, create_job=False).take_up(record(CREATING, None))
    assert delivered.job_id == OTHER_JOB and script.documents == [DOCUMENT]
    assert [word for word in script.asked if word != "look"] == [f"cancel {JOB}", "Print-Job chunked"]


@pytest.mark.parametrize(
    "earlier, found",
    [
        (record(SENDING), Found(None)),
        (record(SENDING), Found(PROCESSING, INCOMING, 2)),
        (record(SENDING), Found(COMPLETED, (), 1)),
        (record(ACCEPTED), IppRefused("printer", "Get-Job-Attributes", 0x0401, "client-error-forbidden")),
        (record(SENDING, None), Found(None)),
        (record(CANCELLED), Found(JobState.CANCELED, (), 1)),
        (record(CANCELLED), Found(JobState.CANCELED, ("job-canceled-by-user",), 2)),
        (record(CANCELLED), Found(COMPLETED, (), 1)),
        (record(CANCELLED), Found(COMPLETED)),
        (record(CANCELLED), Found(None)),  # printed, perhaps, and forgotten before the cancel came
    ],
)
def test_holds_what_an_interrupted_run_leaves_in_doubt(
    delivering: Delivering, earlier: JobRecord, found: Union[Found, IppsError]
) -> None:
    """Nobody can know, so nothing is sent; a printer that does not say has not forgotten the job."""
    script = Script(found=[found])
    with pytest.raises(JobInDoubt):
        delivering.prepare(script).take_up(earlier)
    assert script.documents == []


@pytest.mark.parametrize(
    "before, now, state, named",
    [
        *((before, now, None, ()) for before, now in ((None, 5), (90, None), (90, 90), (90, 91), (None, None))),
        (90, 5, COMPLETED, (JOB,)),
    ],
)
def test_a_job_that_was_taken_is_adopted(
    delivering: Delivering, before: int | None, now: int | None, state: int | None, named: tuple[int, ...]
) -> None:
    """Forgotten by a printer without history that has run on since as far as anybody knows (Q-100), or still listed."""
    script = Script(found=[Found(state)], named=named)
    delivery = delivering.prepare(script, up_time=now)
    assert delivery.take_up(record(ACCEPTED, up_time=before)).job_id == JOB
    assert script.documents == []


@pytest.mark.parametrize("phase", [SENDING, ACCEPTED, CANCELLED])
@pytest.mark.parametrize("found", [*WITH_OUR_NUMBER, Found(None)])
def test_a_number_over_a_restart_is_not_our_job(delivering: Delivering, phase: str, found: Found) -> None:
    """The printer counts anew, and forgets what it has not printed: nothing is adopted, or cancelled for ours."""
    script = Script(found=[found])
    with pytest.raises(JobInDoubt):
        delivering.prepare(script, up_time=89).take_up(record(phase, up_time=90))
    assert script.documents == [] and not any("cancel" in word for word in script.asked)
