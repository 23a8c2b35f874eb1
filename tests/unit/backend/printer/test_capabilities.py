"""backend.printer.capabilities: what the answers of a printer say about it. Answers in, capabilities or an error out.

The printer is a script: a list of answers to Get-Printer-Attributes, and what was asked is written down as
"1.1 sized" or "2.0 chunked".
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Union, cast

import pytest

from backend.device_uri import parse_device_uri
from backend.errors import (
    AuthenticationRequired,
    ConnectionLost,
    HttpRefused,
    IppRefused,
    IppsError,
    MalformedResponse,
    PrinterBusy,
    PrinterUnknown,
    PrinterUnreachable,
    UserRefused,
)
from backend.http.exchange import Response
from backend.ipp.codes import Operation, Status
from backend.ipp.message import Attribute, Group, Message, attribute
from backend.ipp.operations import Target
from backend.ipp.tags import Tag
from backend.printer.capabilities import Capabilities, ask_capabilities, parse_version
from backend.printer.credentials import Credentials
from backend.printer.learned import Facts
from backend.printer.printer import Printer, Reply
from filters.common.report import Report

LOST = ConnectionLost("printer", "sending", "reset")
RUBBISH = MalformedResponse("printer", "no HTTP")
UNREACHABLE = PrinterUnreachable("printer", "no answer")
UNTRUSTED = PrinterUnknown("printer", "sha256:00", "valid", "ipps443ctl pin printer")
Answer = Union[Reply, IppsError]
#: Known from an earlier job.
LEARNED = 1_700_000_000


def reply(status: int | None = 0, *attributes: Attribute, http: int = 200, version: str = "1.1") -> Reply:
    """Return an answer; without an IPP status it is no IPP message."""
    group = (Group(Tag.PRINTER_ATTRIBUTES, attributes),) if attributes else ()
    message = None if status is None else Message((2, 0), status, 1, group)
    response = Response(http, "reason", version, (), b"", complete=True, early=False)
    return Reply(response, message)


def proper(*more: Attribute, version: str = "1.1", http: int = 200, status: int = 0) -> Reply:
    """Return an answer with a printer-state in it."""
    return reply(status, attribute("printer-state", Tag.ENUM, 3), *more, version=version, http=http)


EMPTY = reply(0)
OLD_VERSION = reply(Status.SERVER_ERROR_VERSION_NOT_SUPPORTED)
BAD_REQUEST = reply(Status.CLIENT_ERROR_BAD_REQUEST)


@dataclass
class Script:
    """A printer that answers what it is told to; errors among the answers are raised."""

    answers: Sequence[Answer]
    options: str = ""
    name: str = "printer"
    target: Target = Target("ipps://printer:443/ipp/print", "anna", (2, 0))
    asked: list[str] = field(default_factory=list)
    disconnections: int = 0
    unreachable: IppsError | None = None
    credentials: Credentials = field(default_factory=lambda: Credentials(None, None, "printer"))

    expect_message = Printer.expect_message

    @property
    def uri(self) -> Any:
        """The device URI."""
        return parse_device_uri(f"ipps443://printer/?{self.options}")

    def session(self) -> None:
        """Connect."""
        if self.unreachable:
            raise self.unreachable

    def disconnect(self) -> None:
        """Count."""
        self.disconnections += 1

    def get_attributes(
        self, requested: tuple[str, ...] = (), *, chunked: bool = False, reply_seconds: float | None = None
    ) -> Reply:
        """Answer the next question."""
        assert (reply_seconds is not None) == chunked, "only the question that finds out is in a hurry"
        how = "all" if requested else "chunked" if chunked else "sized"
        self.asked.append("{}.{} ".format(*self.target.version) + how)
        answer = self.answers[len(self.asked) - 1]
        if isinstance(answer, IppsError):
            raise answer
        return answer


def ask(script: Script, facts: Facts = Facts(), may_probe: bool = True, more: tuple[str, ...] = ()) -> Capabilities:
    """Ask the printer of a script."""
    quiet = Report(os.open("/dev/null", os.O_WRONLY | os.O_CLOEXEC))
    return ask_capabilities(cast(Printer, cast(Any, script)), facts, quiet, may_probe=may_probe, more=more)


@pytest.mark.parametrize(
    "answers, chunks, asked",
    [
        ([proper()], True, ["2.0 chunked"]),
        ([reply(Status.CLIENT_ERROR_NOT_AUTHORIZED), proper()], None, ["2.0 chunked"]),
        ([reply(None, http=411), proper()], False, ["2.0 chunked", "2.0 sized"]),
        ([reply(None, http=400), proper()], False, ["2.0 chunked", "2.0 sized"]),
        ([reply(None), proper()], False, ["2.0 chunked", "2.0 sized"]),
        ([BAD_REQUEST, proper()], False, ["2.0 chunked", "2.0 sized"]),
        ([EMPTY, proper()], False, ["2.0 chunked", "2.0 sized"]),
        ([LOST, proper()], False, ["2.0 chunked", "2.0 sized"]),
        ([RUBBISH, proper()], False, ["2.0 chunked", "2.0 sized"]),
        ([proper(version="1.0")], False, ["2.0 chunked"]),
        ([reply(None, http=411, version="1.0"), proper()], False, ["2.0 chunked", "2.0 sized"]),
    ],
    ids=["proper", "says-no", "411", "400", "no-ipp", "bad-request", "empty", "lost", "rubbish", "1.0", "1.0-411"],
)
def test_finds_out_about_chunks(answers: list[Answer], chunks: bool | None, asked: list[str]) -> None:
    """A proper answer means that chunks work, any trouble that the job goes out with its length."""
    script = Script(answers)
    if chunks is None:
        with pytest.raises(IppRefused):
            ask(script)
    else:
        assert ask(script).facts.chunks is chunks
    assert script.asked == asked


@pytest.mark.parametrize(
    "answers",
    [[BAD_REQUEST, BAD_REQUEST, proper()], [EMPTY, EMPTY, proper()], [LOST, EMPTY, proper()]],
    ids=["bad-request", "empty", "lost-then-empty"],
)
def test_the_same_trouble_with_a_length_says_nothing_about_chunks(answers: list[Answer]) -> None:
    """What the version was to blame for is not learned as a dislike of chunks."""
    found = ask(Script(answers))
    assert found.facts.chunks is None and found.facts.version == "1.1"


def test_understood_with_a_length_and_not_in_chunks() -> None:
    """A refusal of the version shows that the question was read."""
    scripts: list[tuple[list[Answer], bool]] = [
        ([RUBBISH, OLD_VERSION, proper()], False),
        ([OLD_VERSION, proper()], True),
    ]
    for answers, chunks in scripts:
        found = ask(Script(answers))
        assert (found.facts.chunks, found.facts.version) == (chunks, "1.1")


@pytest.mark.parametrize("known", [True, False])
def test_what_is_known_is_not_asked_again(known: bool) -> None:
    """A printer that was met before gets one question with its length."""
    script = Script([proper()])
    found = ask(script, Facts(chunks=known, learned=LEARNED))
    assert (script.asked, found.facts.chunks) == (["2.0 sized"], known)


def test_a_queue_that_fixes_its_framing_is_not_a_reason_to_find_out() -> None:
    """One question, and nothing is learned about chunks."""
    script = Script([proper()])
    assert ask(script, may_probe=False).facts.chunks is None
    assert script.asked == ["2.0 sized"]


def test_http_1_0_is_learned_without_a_question_of_its_own() -> None:
    """A printer that has become a 1.0 server takes no chunks, whatever was known."""
    assert ask(Script([proper(version="1.0")]), Facts(chunks=True, learned=LEARNED)).facts.chunks is False


@pytest.mark.parametrize(
    "answers, version",
    [
        ([proper()], "2.0"),
        ([OLD_VERSION, proper()], "1.1"),
        ([EMPTY, proper()], "1.1"),
        ([BAD_REQUEST, proper()], "1.1"),
        ([OLD_VERSION, OLD_VERSION, proper()], "1.0"),
        ([EMPTY, EMPTY, proper()], "1.0"),
    ],
    ids=["2.0", "1.1", "empty", "bad-request", "1.0", "empty-twice"],
)
def test_goes_down_to_a_version_that_is_answered(answers: list[Answer], version: str) -> None:
    """Refused, or answered with nothing, the next lower version is tried (Q-80, Q-81)."""
    script = Script(answers)
    assert ask(script, may_probe=False).facts.version == version
    assert "{}.{}".format(*script.target.version) == version, "and the job is sent in it"
    assert len(script.asked) == len(answers)


@pytest.mark.parametrize("answer", [OLD_VERSION, BAD_REQUEST])
def test_no_version_is_taken(answer: Reply) -> None:
    """After the lowest the refusal stands."""
    script = Script([answer] * 4)
    with pytest.raises(IppRefused) as caught:
        ask(script, may_probe=False)
    assert answer.message and caught.value.status == answer.message.code
    assert script.asked[:3] == ["2.0 sized", "1.1 sized", "1.0 sized"]


def test_a_version_of_the_queue_is_kept() -> None:
    """version=2.0 asks once, and the printer's answer is the last word (Q-83)."""
    script = Script([OLD_VERSION], options="version=2.0")
    with pytest.raises(IppRefused):
        ask(script, may_probe=False)
    assert script.asked == ["2.0 sized"]


@pytest.mark.parametrize(
    "answer",
    [
        *(reply(Status[f"SERVER_ERROR_{name}"]) for name in ("BUSY", "SERVICE_UNAVAILABLE", "NOT_ACCEPTING_JOBS")),
        *(reply(None, http=status) for status in (500, 502, 503, 504)),
    ],
)
def test_busy_is_waited_for(answer: Reply) -> None:
    """An answer that means "not now" (Q-105), and a printer, or a proxy in front of it, that starts up (Q-109)."""
    with pytest.raises(PrinterBusy):
        ask(Script([answer]), may_probe=False)


@pytest.mark.parametrize("http", [302, 403, 404, 405])
def test_other_http_answers_are_refusals(http: int) -> None:
    """The path is wrong, or we may not."""
    with pytest.raises(HttpRefused) as caught:
        ask(Script([reply(None, http=http)]), may_probe=False)
    assert caught.value.status == http


def test_an_answer_that_is_no_ipp() -> None:
    """HTTP says yes, and nothing of IPP is there."""
    with pytest.raises(MalformedResponse):
        ask(Script([reply(None)]), may_probe=False)


@dataclass
class Particular(Script):
    """A printer that answers some users, and refuses the others."""

    taken: tuple[str, ...] = ()
    refusal: Reply = BAD_REQUEST

    def get_attributes(
        self, requested: tuple[str, ...] = (), *, chunked: bool = False, reply_seconds: float | None = None
    ) -> Reply:
        """Look at the name."""
        self.asked.append(self.target.requesting_user_name)
        return proper() if self.target.requesting_user_name in self.taken else self.refusal


REFUSALS = (
    BAD_REQUEST,
    reply(None, http=400),
    reply(Status.SERVER_ERROR_INTERNAL_ERROR),
    reply(Status.CLIENT_ERROR_REQUEST_VALUE_TOO_LONG),
    reply(Status.CLIENT_ERROR_NOT_AUTHORIZED),
)


@pytest.mark.parametrize("refusal", REFUSALS)
@pytest.mark.parametrize("user, plain", [("dom\\anna", "domanna"), ("j\u00f6rg", "jrg"), ("\u540d", "anybody")])
def test_a_name_that_the_printer_does_not_take_is_made_plain(user: str, plain: str, refusal: Reply) -> None:
    """One odd name stops no queue: the job goes out under its letters and digits, in the version of all others."""
    script = Particular([], taken=(plain,), refusal=refusal, target=Target("ipps://printer:443/", user, (2, 0)))
    assert ask(script, may_probe=False).facts.version == "2.0"
    assert script.target.requesting_user_name == plain and script.asked == [user, plain]


@pytest.mark.parametrize("refusal", [each for each in REFUSALS if each.message])
def test_a_user_who_is_refused_is_no_trouble_of_the_printer(refusal: Reply) -> None:
    """Others are answered: that job is held, and the queue goes on."""
    script = Particular([], taken=("anybody", "bert"), refusal=refusal)
    with pytest.raises(UserRefused):
        ask(script, may_probe=False)
    assert script.target.requesting_user_name == "anna"


@pytest.mark.parametrize(
    "status, error",
    [
        (Status.SERVER_ERROR_INTERNAL_ERROR, PrinterBusy),
        (Status.SERVER_ERROR_DEVICE_ERROR, PrinterBusy),
        (Status.CLIENT_ERROR_TIMEOUT, PrinterBusy),
        (Status.CLIENT_ERROR_NOT_FOUND, IppRefused),
        (Status.SERVER_ERROR_OPERATION_NOT_SUPPORTED, IppRefused),
        (Status.CLIENT_ERROR_BAD_REQUEST, IppRefused),
    ],
)
def test_what_nobody_is_answered_is_the_printers_trouble(status: int, error: type[IppsError]) -> None:
    """A printer that starts up is waited for; the rest is about the path or the printer, and all jobs meet it."""
    with pytest.raises(error) as caught:
        ask(Particular([], refusal=reply(status)), may_probe=False)
    assert not isinstance(caught.value, UserRefused)


def with_password(is_asked_for: bool) -> Credentials:
    """Return credentials, which the printer may have asked for."""
    credentials = Credentials("anna", "secret", "printer")
    if is_asked_for:
        fields = (("www-authenticate", 'Basic realm="x"'),)
        credentials.take_challenge(Response(401, "", "1.1", fields, b"", complete=True, early=False))
    return credentials


@pytest.mark.parametrize(
    "answer, asked, error",
    [
        (reply(Status.CLIENT_ERROR_NOT_AUTHENTICATED), False, AuthenticationRequired),
        (reply(Status.CLIENT_ERROR_NOT_AUTHENTICATED), True, AuthenticationRequired),
        (reply(Status.CLIENT_ERROR_FORBIDDEN), True, AuthenticationRequired),
        (reply(Status.CLIENT_ERROR_NOT_AUTHORIZED), True, AuthenticationRequired),
        (reply(Status.CLIENT_ERROR_FORBIDDEN), False, UserRefused),
        (reply(None, http=403), True, UserRefused),
        (reply(None, http=404), True, HttpRefused),
    ],
)
def test_who_may_not_ask(answer: Reply, asked: bool, error: type[IppsError]) -> None:
    """Where the printer asked for a password, its no in IPP means that one, and in HTTP the user; see above without."""
    with pytest.raises(error):
        ask(Script([answer] * 3, credentials=with_password(asked)), may_probe=False)


def test_good_attributes_with_a_bad_status_are_good_attributes() -> None:
    """There are printers that always say internal-error (Q-109)."""
    found = ask(Script([proper(status=Status.SERVER_ERROR_INTERNAL_ERROR)]), may_probe=False)
    assert found.accepts_jobs


@pytest.mark.parametrize("error", [UNREACHABLE, UNTRUSTED], ids=["unreachable", "untrusted"])
def test_a_printer_out_of_reach_says_nothing_about_chunks(error: IppsError) -> None:
    """No connection, or one that is not trusted, is not taken for a refusal of chunks: nothing is asked."""
    script = Script([], unreachable=error)
    with pytest.raises(type(error)):
        ask(script)
    assert script.asked == []


@pytest.mark.parametrize("error", [LOST, UNREACHABLE], ids=["lost", "unreachable"])
def test_a_question_that_is_lost_is_lost(error: IppsError) -> None:
    """Whoever waits for the printer asks again; here nothing is repeated."""
    with pytest.raises(type(error)):
        ask(Script([error]), may_probe=False)


def test_other_firmware_makes_everything_unknown() -> None:
    """What was learned of the old firmware is found out anew; the new one is written down."""
    firmware = attribute("printer-firmware-string-version", Tag.TEXT_WITHOUT_LANGUAGE, "2.0")
    known = Facts(chunks=False, version="1.1", send_document=False, firmware="1.0", learned=LEARNED)
    script = Script([proper(firmware), proper(firmware)])
    found = ask(script, known)
    assert found.facts == Facts(chunks=True, version="2.0", firmware="2.0")
    assert script.asked == ["2.0 sized", "2.0 chunked"]


def test_the_same_firmware_changes_nothing() -> None:
    """One question, and the facts are as they were."""
    firmware = attribute("printer-firmware-string-version", Tag.TEXT_WITHOUT_LANGUAGE, "1.0")
    known = Facts(chunks=False, version="2.0", send_document=False, firmware="1.0", learned=LEARNED)
    assert ask(Script([proper(firmware)]), known).facts == known


# --- the capabilities ----------------------------------------------------------------------------------------------


def capabilities(*attributes: Attribute, **facts: Any) -> Capabilities:
    """Return the capabilities in these attributes."""
    message = proper(*attributes).message
    assert message is not None
    return Capabilities(message, replace(Facts(), **facts))


CREATE, SEND = Operation.CREATE_JOB, Operation.SEND_DOCUMENT


@pytest.mark.parametrize(
    "listed, send_document, creates",
    [
        ((CREATE, SEND), None, True),
        ((CREATE, SEND), False, False),
        ((CREATE,), None, False),
        ((SEND,), None, False),
        ((), None, False),
    ],
)
def test_creates_jobs_only_with_both_operations(
    listed: tuple[int, ...], send_document: bool | None, creates: bool
) -> None:
    """Create-Job and Send-Document, listed and not known to fail (Q-93)."""
    attributes = (attribute("operations-supported", Tag.ENUM, *listed),) if listed else ()
    assert capabilities(*attributes, send_document=send_document).creates_jobs is creates


@pytest.mark.parametrize("value, accepts", [(True, True), (False, False), (None, True)])
def test_accepts_jobs_unless_it_says_otherwise(value: bool | None, accepts: bool) -> None:
    """A printer that does not say is believed to."""
    attributes = () if value is None else (attribute("printer-is-accepting-jobs", Tag.BOOLEAN, value),)
    assert capabilities(*attributes).accepts_jobs is accepts


def test_values_of_another_type_do_not_count() -> None:
    """A number that is a text, a format that is a number."""
    odd = capabilities(
        attribute("printer-up-time", Tag.TEXT_WITHOUT_LANGUAGE, "soon"),
        attribute("document-format-supported", Tag.INTEGER, 7),
        attribute("printer-is-accepting-jobs", Tag.INTEGER, 0),
    )
    assert (odd.up_time, odd.formats, odd.accepts_jobs) == (None, (), True)
    assert capabilities(attribute("printer-up-time", Tag.INTEGER, -1)).up_time is None


@pytest.mark.parametrize(
    "text, version", [("2.2", (2, 2)), ("1.0", (1, 0)), ("3.0", None), ("", None), (None, None), ("auto", None)]
)
def test_reads_versions(text: str | None, version: tuple[int, int] | None) -> None:
    """What the option and the memory may say, and what they may not."""
    assert parse_version(text) == version


KNOWN = Facts(chunks=True, version="2.0", learned=1)


@pytest.mark.parametrize(
    "facts, answers, asked, has_more",
    [
        (KNOWN, [proper()], ["2.0 all"], True),
        (Facts(), [proper()], ["2.0 chunked"], False),  # what is to be found out first is asked as ever
        (KNOWN, [LOST, proper()], ["2.0 all", "2.0 sized"], False),
        (KNOWN, [RUBBISH, proper()], ["2.0 all", "2.0 sized"], False),
        (KNOWN, [BAD_REQUEST, proper()], ["2.0 all", "2.0 sized"], False),
        (KNOWN, [EMPTY, proper()], ["2.0 all", "2.0 sized"], False),
        (KNOWN, [reply(None, http=500), proper()], ["2.0 all", "2.0 sized"], False),
        (KNOWN, [proper(version="1.0"), proper()], ["2.0 all", "2.0 sized"], False),
    ],
)
def test_more_is_asked_along_with_the_rest(
    facts: Facts, answers: list[Answer], asked: list[str], has_more: bool
) -> None:
    """Of a printer that is known; after any trouble with it the usual question decides, in later jobs at once."""
    script = Script(answers)
    found = ask(script, facts, more=("sides-supported",))
    assert (script.asked, found.has_more) == (asked, has_more)
    assert (found.facts.chunks, found.facts.version) == (True, "2.0")
    assert script.disconnections == sum(isinstance(each, IppsError) for each in answers)
    later = Script([proper()])
    assert ask(later, replace(found.facts, learned=1), more=("sides-supported",)).has_more is (len(answers) == 1)
    assert later.asked == ["2.0 all" if len(answers) == 1 else "2.0 sized"]


def test_trouble_that_is_not_about_more() -> None:
    """The usual question meets it as well: that says nothing about more."""
    found = ask(Script([BAD_REQUEST, OLD_VERSION, proper()]), KNOWN, more=("sides-supported",))
    assert found.facts == replace(KNOWN, version="1.1")


def test_more_of_a_printer_with_different_firmware() -> None:
    """What was learned is asked anew, and what is known of options comes from a question of its own."""
    script = Script([proper(), proper()])
    found = ask(script, replace(KNOWN, firmware="old"), more=("sides-supported",))
    assert not found.has_more and script.asked == ["2.0 all", "2.0 chunked"]
