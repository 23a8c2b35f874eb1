"""backend.transport.session over a scripted network: every deadline, every loss, and writes of any size, at no time."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import pytest

from backend.cupsd.stop_signal import JobStopped
from backend.device_uri import Timeouts
from backend.document.document import Document
from backend.document.sources import BLOCK_SIZE, StoredSource
from backend.errors import ConnectionLost, DocumentUnreadable, MalformedResponse
from backend.http.exchange import Response
from backend.transport.session import ANSWER_READS, CONFIRMATION_SECONDS, STALL_SECONDS, Request, Stalled
from tests.unit.backend.transport.scripted import Saying, Talk

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
MESSAGE = b"<ipp>"
CONTENT = bytes(range(256)) * 2048  # 512 KiB
TIMEOUTS = Timeouts()
RESET = ConnectionLost("printer", "waiting for its answer", "Connection reset by peer")
PIPE = ConnectionLost("printer", "sending", "Broken pipe")
#: How a connection may end: closed, and reset.
ENDS: tuple[Saying, ...] = (b"", RESET)


def source(content: bytes = CONTENT) -> StoredSource:
    """Return a stored document."""
    return StoredSource(lambda offset, count: content[offset : offset + count], len(content))


def perform(talk: Talk, document: object = None, chunked: bool = False, **how: object) -> Response:
    """Send one request."""
    request = Request("/ipp/print", [("Host", "printer")], MESSAGE, chunked)
    return talk.session.perform(request, document, **how)  # type: ignore[arg-type]


def lost(talk: Talk, document: object = None, chunked: bool = False, **how: object) -> ConnectionLost:
    """Send one request, and return the loss in which it ends."""
    with pytest.raises(ConnectionLost) as caught:
        perform(talk, document, chunked, **how)
    assert not talk.session.reusable
    return caught.value


def head_size(document: bytes | None = None, chunked: bool = False) -> int:
    """Return how many bytes of a request come before its body."""
    talk = Talk()
    talk.network.says(OK, after=1)
    perform(talk, None if document is None else source(document), chunked)
    return talk.network.written.index(b"\r\n\r\n") + 4


@pytest.fixture
def pipe() -> Iterator[tuple[int, Callable[[bytes], None]]]:
    """Standard input: what to read from, and what writes to it; b"" ends it."""
    readable, writable = os.pipe()
    open_ends = {writable}

    def write(data: bytes) -> None:
        if data:
            os.write(writable, data)
        else:
            os.close(writable)
            open_ends.clear()

    yield readable, write
    for descriptor in (readable, *open_ends):
        os.close(descriptor)


Pipe = tuple[int, Callable[[bytes], None]]


# --- requests as they go out ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "chunked, rest",
    [
        (False, b"Content-Length: 5\r\n\r\n<ipp>"),
        (True, b"Transfer-Encoding: chunked\r\n\r\n5\r\n<ipp>\r\n0\r\n\r\n"),
    ],
)
def test_a_request_without_a_document_is_the_message(chunked: bool, rest: bytes) -> None:
    """With its length, or as one chunk, and nothing after it."""
    talk = Talk()
    talk.network.says(OK, at=1)
    response = perform(talk, chunked=chunked)
    assert (response.status, response.body, response.early) == (200, b"ok", False)
    assert talk.session.progress.ended and talk.session.progress.document_bytes == 0
    assert talk.network.written == b"POST /ipp/print HTTP/1.1\r\nHost: printer\r\n" + rest


@pytest.mark.parametrize("size", [1, BLOCK_SIZE + 1])
@pytest.mark.parametrize("chunked", [True, False])
def test_a_document_follows_the_message(size: int, chunked: bool) -> None:
    """The message shares the first chunk, every chunk is one block, and all bytes go out in order."""
    talk = Talk()
    talk.network.says(OK, at=1)
    assert perform(talk, source(CONTENT[:size]), chunked).complete and talk.session.reusable
    assert talk.session.progress.document_bytes == size and talk.session.progress.handed_out
    head, _, body = bytes(talk.network.written).partition(b"\r\n\r\n")
    if chunked:
        first, *others = [CONTENT[at : min(at + BLOCK_SIZE, size)] for at in range(0, size, BLOCK_SIZE)]
        assert body == b"".join(b"%x\r\n%s\r\n" % (len(each), each) for each in (MESSAGE + first, *others, b""))
    else:
        assert body == MESSAGE + CONTENT[:size] and f"Content-Length: {len(body)}".encode() in head


def test_the_head_waits_for_the_first_block(pipe: Pipe) -> None:
    """Nothing leaves before it, and then it leaves with it: whoever has read the head may have some of the document."""
    readable, write = pipe
    write(CONTENT[:10])
    talk = Talk()
    left: list[int] = []
    talk.clock.at(1, lambda: left.append(len(talk.network.written) + talk.session.progress.document_bytes))
    talk.clock.at(1, lambda: write(CONTENT[10:20000]))
    talk.network.says(b"", at=2)
    lost(talk, Document(readable, folder="/tmp", keep=False).live(), True)
    assert left == [0] and MESSAGE + CONTENT[:1000] in talk.network.written


# --- writing ----------------------------------------------------------------------------------------------


def test_exchanges_follow_each_other_on_one_connection() -> None:
    """A kept connection serves again, as long as the printer keeps it."""
    talk = Talk()
    for count, reusable in enumerate((True, True, False), 1):
        assert talk.session.reusable
        answer = OK if reusable else OK.replace(b"OK\r\n", b"OK\r\nConnection: close\r\n")
        talk.network.says(answer, after=len(talk.network.written) + 1)
        perform(talk)
        assert (talk.session.exchanges, talk.session.reusable) == (count, reusable)
    assert talk.network.written.count(b"POST /ipp/print HTTP/1.1\r\n") == 3


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize("size", [1, 2, 7, 1000, 16384, 16385])
def test_all_arrives_however_little_is_taken_at_once(size: int, chunked: bool) -> None:
    """Writes of one byte, of parts of a block, of a block and a little, with pauses: the same bytes in order."""
    content = CONTENT[: 300 * size]
    talk, usual = Talk(), Talk()
    usual.network.says(OK, after=len(content))
    perform(usual, source(content), chunked)
    talk.network.says(OK, after=len(usual.network.written))
    talk.network.takes = (count for _ in range(10**6) for count in (size, 0))
    perform(talk, source(content), chunked)
    assert talk.network.written == usual.network.written
    assert talk.session.progress.document_bytes == len(content) and talk.session.progress.ended


@pytest.mark.parametrize("taken", [0, 1, 2, 100, 16383, 16384, 16385, 131_000])
@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize("end", ["write", *ENDS])
def test_a_block_of_which_a_part_has_left_counts(taken: int, chunked: bool, end: Saying | str) -> None:
    """The printer may have all that left, so a break behind the first byte is never "nothing left"; before it, it is.

    More is the safe side: what counts is whole blocks, never less than what has left.
    """
    talk = Talk()
    if end == "write":
        talk.network.takes = [taken, PIPE] if taken else [PIPE]
    else:
        talk.network.takes = [taken]
        talk.network.room = taken
        talk.network.says(end, at=1)  # type: ignore[arg-type]
    lost(talk, source(CONTENT), chunked)
    progress = talk.session.progress
    assert len(talk.network.written) == taken
    assert progress.document_bytes >= taken - head_size(CONTENT, chunked) - len(MESSAGE) - 20
    assert bool(progress.document_bytes) is bool(taken)
    assert not progress.ended and not progress.handed_out


def test_until_something_is_at_risk_single_records_are_written() -> None:
    """Of several records some may have left when the write fails; from then on it makes no difference."""
    talk = Talk()
    talk.network.takes = [0, 0, 5, 0]
    talk.network.says(OK, after=len(CONTENT))
    perform(talk, source(CONTENT))
    assert [one_record for one_record, _ in talk.network.writes][:5] == [True, True, True, False, False]
    assert not any(one_record for one_record, _ in talk.network.writes[3:])


@pytest.mark.parametrize("end", ENDS)
def test_nothing_is_put_at_risk_on_a_connection_that_has_ended(end: Saying) -> None:
    """What the printer said before is read first: a connection that it has closed meanwhile gets no byte."""
    talk = Talk()
    talk.network.says(end)
    lost(talk, source(CONTENT))
    assert talk.session.progress.document_bytes == 0 and not talk.network.written


def test_a_document_that_cannot_be_read_ends_the_exchange() -> None:
    """A file that became shorter: no byte is made up to reach the announced length."""
    talk = Talk()
    shorter = StoredSource(lambda offset, count: CONTENT[offset : offset + count], len(CONTENT) + 1)
    with pytest.raises(DocumentUnreadable):
        perform(talk, shorter)
    assert not talk.session.reusable and not talk.session.progress.ended
    assert len(talk.network.written) < len(MESSAGE) + len(CONTENT) + 200
    talk.session.close()
    assert talk.network.ended == "drop"


# --- answers ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [1, 3, 100])
def test_an_answer_in_pieces_is_read_to_its_end(size: int) -> None:
    """Records of any size, interim responses in between, and a late zero chunk (Q-25, Q-70)."""
    answer = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n"
    talk = Talk()
    talk.network.says(*(answer[at : at + size] for at in range(0, len(answer), size)), after=1, every=0.01)
    talk.network.says(b"0\r\n\r\n", at=30)
    assert perform(talk).body == b"ok"
    assert talk.session.reusable and talk.seconds == pytest.approx(30)


def test_an_answer_that_ends_with_the_connection_is_whole() -> None:
    """HTTP/1.0 without a length."""
    talk = Talk()
    talk.network.says(b"HTTP/1.0 200 OK\r\n\r\nall of it", b"", after=1)
    response = perform(talk)
    assert (response.body, response.http_version, response.complete) == (b"all of it", "1.0", True)
    assert not talk.session.reusable


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 20", OK[:-1], OK[:-2]])
def test_an_end_before_the_answer_is_whole_is_a_loss(answer: bytes, end: Saying) -> None:
    """Reset and close alike: an answer that is not whole is none (Q-68)."""
    talk = Talk()
    talk.network.says(*([answer] if answer else []), end, after=1)
    assert lost(talk).printer == "printer"


def test_rubbish_is_malformed() -> None:
    """Bytes that are no HTTP are the printer's fault, not the network's."""
    talk = Talk()
    talk.network.says(b"garbage\r\n\r\n", after=1)
    with pytest.raises(MalformedResponse):
        perform(talk)
    assert not talk.session.reusable


@pytest.mark.parametrize("end", [None, *ENDS])
def test_a_failed_write_is_the_reason_when_no_answer_comes(end: Saying) -> None:
    """What is told is what happened first, however the connection ends then, or does not."""
    talk = Talk()
    talk.network.takes = [1000, 1000, PIPE]
    if end is not None:
        talk.network.says(end, after=2000)
    error = lost(talk, source())
    assert error.reason == "Broken pipe"
    assert talk.seconds == pytest.approx(2 if end is None else 0, abs=0.02)


def test_an_answer_is_read_although_writing_failed() -> None:
    """A server that answers, and closes with bytes of ours unread, made the write fail; its answer counts (Q-33)."""
    talk = Talk()
    talk.network.takes = [1000, PIPE]
    talk.network.says(OK.replace(b"200", b"401"), b"", at=1)
    response = perform(talk, source())
    assert (response.status, response.complete) == (401, True)
    assert not talk.session.reusable


@pytest.mark.parametrize("confirmed", [0, 1000, None])
def test_an_answer_before_the_body_was_confirmed_is_to_a_body_not_read(confirmed: int | None) -> None:
    """TCP confirms with each answer what has come until then: a printer that says yes earlier has not read it all."""
    talk = Talk()
    talk.network.confirms = confirmed
    talk.network.says(OK, at=1)
    assert perform(talk, source()).complete
    assert talk.session.progress.handed_out
    assert talk.session.progress.unread is (confirmed is not None)
    assert talk.session.progress.ended is (confirmed is None)


@pytest.mark.parametrize("chunked", [True, False])
def test_an_early_answer_ends_the_sending(chunked: bool) -> None:
    """A refusal while the body still goes out is read at once; the rest is not sent, no end is faked (Q-18)."""
    talk = Talk()
    talk.network.room = 100_000
    answer = OK.replace(b"200 OK", b"411 Length Required")
    talk.network.says(answer[:-1], answer[-1:], after=100_000, every=1)
    talk.clock.at(0.5, lambda: setattr(talk.network, "room", None))
    response = perform(talk, source(), chunked)
    assert (response.status, response.complete, response.early) == (411, True, True)
    assert not talk.session.progress.ended and 0 < talk.session.progress.document_bytes < len(CONTENT)
    assert not talk.session.reusable and len(talk.network.written) == 100_000


def test_an_early_answer_is_seen_while_the_job_is_still_being_made(pipe: Pipe) -> None:
    """The filters may take for ever; the printer's refusal is read all the same."""
    readable, write = pipe
    write(CONTENT[:20000])
    talk = Talk()
    talk.network.says(OK.replace(b"200", b"503"), after=1000)
    response = perform(talk, Document(readable, folder="/tmp", keep=False).live(), True)
    assert (response.status, response.early, talk.session.reusable) == (503, True, False)


# --- deadlines --------------------------------------------------------------------------------------------


def test_no_answer_ends_at_the_reply_deadline() -> None:
    """A printer that takes the request and says nothing is lost while its answer is waited for."""
    talk = Talk()
    error = lost(talk)
    assert error.phase == "waiting for its answer" and "nothing moved for 300 seconds" in error.reason
    assert talk.session.progress.ended and talk.seconds == pytest.approx(TIMEOUTS.reply, abs=0.02)


def test_a_question_may_have_a_deadline_of_its_own() -> None:
    """reply_seconds takes the place of the queue's deadline."""
    talk = Talk()
    assert "nothing moved for 7 seconds" in lost(talk, reply_seconds=7.0).reason


@pytest.mark.parametrize("answer", [OK[:-1], b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"])
def test_a_half_answer_ends_at_the_read_deadline(answer: bytes) -> None:
    """An answer that began and stopped is not waited for as long as one that has not begun."""
    talk = Talk()
    talk.network.says(answer, at=1)
    error = lost(talk)
    assert error.phase == "reading its answer" and "nothing moved" in error.reason
    assert talk.seconds == pytest.approx(1 + TIMEOUTS.read, abs=0.02)


CHUNKED_HEAD = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
#: Answers that go on and on: how they begin, what comes again and again, and how they would end all the same.
DRIPS = {
    "status line": (b"HTTP/1.1 200 ", b"o", b"\r\nContent-Length: 0\r\n\r\n"),
    "field": (b"HTTP/1.1 200 OK\r\nX: ", b"y", b"\r\nContent-Length: 0\r\n\r\n"),
    "body": (b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n", b"y", b"y" * 500),
    "body to the end": (b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", b"y", b""),
    "chunks": (CHUNKED_HEAD, b"1\r\ny\r\n", b"0\r\n\r\n"),
    "chunk size": (CHUNKED_HEAD + b"1;", b"x", b"\r\ny\r\n0\r\n\r\n"),
    "trailer": (CHUNKED_HEAD + b"0\r\nX: ", b"y", b"\r\n\r\n"),
    "trailers": (CHUNKED_HEAD + b"0\r\n", b"X: y\r\n", b"\r\n"),
    "interim": (b"", b"HTTP/1.1 102 x\r\n\r\n", OK),
    "interim field": (b"HTTP/1.1 103 x\r\nX: ", b"y", b"\r\n\r\n" + OK),
}


@pytest.mark.parametrize("document", [False, True])
@pytest.mark.parametrize("kind", DRIPS)
def test_an_answer_that_drips_is_a_loss(kind: str, document: bool) -> None:
    """Every byte is progress, and yet the whole of an answer has its own deadline; interim responses are none."""
    beginning, drop, rest = DRIPS[kind]
    talk = Talk()
    pieces = ([beginning] if beginning else []) + [drop] * 90 + [rest]
    talk.network.says(*pieces, after=1 if not document else len(CONTENT), every=5)
    lost(talk, source() if document else None)
    assert talk.session.progress.ended
    whole = ANSWER_READS * TIMEOUTS.read
    longest = whole if kind != "interim" else TIMEOUTS.reply
    assert min(whole, longest) - 5.1 <= talk.seconds <= longest + 0.1
    talk.session.close()
    assert talk.network.ended == "drop"


def test_an_answer_in_slow_pieces_is_no_drip() -> None:
    """What comes slowly and is whole in its time is an answer."""
    talk = Talk()
    talk.network.says(*(bytes([octet]) for octet in OK), after=1, every=4)
    assert perform(talk).body == b"ok"
    assert talk.seconds > 2 * TIMEOUTS.read


def test_waiting_for_a_slow_filter_does_not_excuse_a_drip(pipe: Pipe) -> None:
    """While the job is still being made nothing has a deadline but an answer that has begun."""
    readable, write = pipe
    write(CONTENT[:20000])
    talk = Talk()
    talk.network.says(b"H", *[b"T"] * 90, after=1, every=5)
    error = lost(talk, Document(readable, folder="/nowhere", keep=False).live(), True)
    assert "is not whole after 180 seconds" in str(error)
    assert talk.seconds == pytest.approx(180, abs=0.1)


def test_what_tls_says_on_its_own_is_no_progress() -> None:
    """Session tickets and key updates without end keep no deadline from being met."""
    talk = Talk()
    talk.network.says(*[None] * 200, after=1, every=5)
    assert "nothing moved for 300 seconds" in lost(talk).reason
    assert talk.seconds == pytest.approx(TIMEOUTS.reply, abs=0.02)


def test_a_printer_that_takes_no_more_ends_at_the_write_deadline() -> None:
    """Without anybody to ask, a stalled sending is a loss."""
    talk = Talk()
    talk.network.room = 200_000
    error = lost(talk, source())
    assert error.phase == "sending" and talk.seconds == pytest.approx(TIMEOUTS.write, abs=0.02)


def test_a_printer_that_takes_little_by_little_is_not_stalled() -> None:
    """Progress by writing alone puts the deadline off, however small the step."""
    talk = Talk()
    talk.network.room = 1000

    def take_more() -> None:
        talk.network.room += 60_000  # type: ignore[operator]
        talk.clock.at(100, take_more)

    talk.clock.at(100, take_more)
    talk.network.says(OK, after=len(CONTENT))
    assert perform(talk, source()).complete
    assert talk.seconds > 6 * 100


def test_confirmations_alone_put_the_deadline_off() -> None:
    """All is handed out, and the printer's machine takes it slowly: as long as it confirms something it is no loss."""
    talk = Talk()
    talk.network.confirms = 0

    def confirm_more() -> None:
        talk.network.confirms += 60_000  # type: ignore[operator]
        talk.clock.at(100, confirm_more)

    talk.clock.at(100, confirm_more)
    talk.network.says(OK, at=1000)
    response = perform(talk, source(), stalled=lambda phase, seconds: False)
    assert response.complete and not talk.session.progress.unread
    assert talk.seconds == pytest.approx(1000)


def test_a_printer_that_confirms_nothing_is_stalled_in_sending() -> None:
    """What was handed out dies with the connection, so the deadline for writing counts."""
    talk = Talk()
    talk.network.confirms = 0
    error = lost(talk, source(), stalled=lambda phase, seconds: False)
    assert error.phase == "sending" and not talk.session.progress.ended and talk.session.progress.handed_out
    assert talk.seconds == pytest.approx(TIMEOUTS.write, abs=0.1)


def test_waiting_for_the_job_has_no_deadline(pipe: Pipe) -> None:
    """A filter that thinks longer than every deadline loses nothing, and nobody is asked about the printer."""
    readable, write = pipe
    write(CONTENT[:20000])
    talk = Talk()
    left: list[bytes] = []
    talk.clock.at(1, lambda: left.append(bytes(talk.network.written)))
    talk.clock.at(3000, lambda: write(b"end"))
    talk.clock.at(6000, lambda: write(b""))
    talk.clock.at(6001, lambda: talk.network.says(OK))
    stalled, asked = asking([False])
    assert perform(talk, Document(readable, folder="/tmp", keep=False).live(), True, stalled=stalled).complete
    assert asked == [] and talk.seconds == pytest.approx(6001, abs=0.1)
    assert talk.network.written.endswith(b"3\r\nend\r\n0\r\n\r\n")
    assert left[0].endswith(CONTENT[:20000] + b"\r\n"), "what is there leaves while the input is still open"


# --- stalls -----------------------------------------------------------------------------------------------


def asking(answers: list[bool], then: Callable[[], object] = lambda: None) -> tuple[Stalled, list[tuple[str, float]]]:
    """Return a stalled callback that gives these answers, the last one for ever, and the list of its calls."""
    calls: list[tuple[str, float]] = []

    def stalled(phase: str, seconds: float) -> bool:
        calls.append((phase, seconds))
        answer = answers[min(len(calls), len(answers)) - 1]
        if len(calls) == len(answers):
            then()
        return answer

    return stalled, calls


def test_a_stalled_sending_asks_and_goes_on() -> None:
    """Every ten seconds without progress; while the answer is to wait on, waiting goes on beyond the deadline."""
    talk = Talk()
    talk.network.room = 200_000
    talk.network.says(OK, after=len(CONTENT))
    stalled, calls = asking([True] * 20, lambda: setattr(talk.network, "room", None))
    assert perform(talk, source(), stalled=stalled).complete
    assert {phase for phase, _ in calls} == {"sending"}
    seconds = [asked_after for _, asked_after in calls]
    assert seconds[:12] == pytest.approx([STALL_SECONDS * n for n in range(1, 13)], abs=0.1)
    assert seconds[12:] == pytest.approx([STALL_SECONDS * n for n in range(1, 9)], abs=0.1), "after a deadline anew"


def test_what_lies_in_buffers_is_still_being_sent() -> None:
    """A document that the buffers of this machine take whole and the printer does not read has stalled in mid-body."""
    talk = Talk()
    talk.network.confirms = 0

    def read_on() -> None:
        talk.network.confirms = None
        talk.network.says(OK, at=1)

    stalled, calls = asking([True] * 8, read_on)
    assert perform(talk, source(), stalled=stalled).complete
    assert talk.session.progress.ended and {phase for phase, _ in calls} == {"sending"} and len(calls) == 8
    pauses = [STALL_SECONDS * n for n in range(1, 9)]
    assert [after for _, after in calls] == pytest.approx(pauses, abs=0.1), "no question without a pause before it"


def test_a_stalled_sending_ends_when_told_to() -> None:
    """Once the answer is no and the deadline is over, the connection counts as lost; not before."""
    talk = Talk()
    talk.network.room = 200_000
    stalled, calls = asking([True, False])
    error = lost(talk, source(), stalled=stalled)
    assert error.phase == "sending" and talk.seconds == pytest.approx(TIMEOUTS.write, abs=0.1)
    assert len(calls) == TIMEOUTS.write / STALL_SECONDS


def test_a_late_answer_asks_as_well() -> None:
    """Silence after the whole body is asked about under its own name, and the answer is awaited."""
    talk = Talk()
    stalled, calls = asking([True] * 60, lambda: talk.network.says(OK))
    assert perform(talk, stalled=stalled).complete
    assert {phase for phase, _ in calls} == {"waiting for its answer"} and len(calls) == 60
    assert talk.seconds == pytest.approx(60 * STALL_SECONDS, abs=0.1)


def test_the_last_confirmation_is_looked_for_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """No event tells of it, so it is looked for in short steps, and only until it is there."""
    talk = Talk()
    talk.network.confirms = 0
    talk.clock.at(0.22, lambda: setattr(talk.network, "confirms", None))
    seen: list[float] = []
    original = talk.network.unsent

    def unsent() -> int:
        seen.append(talk.seconds)
        return original()

    monkeypatch.setattr(talk.network, "unsent", unsent)
    talk.network.says(OK, at=100)
    perform(talk, source())
    assert talk.session.progress.ended and max(seen) <= 0.22 + CONFIRMATION_SECONDS + 0.01


# --- SIGTERM, and the end ---------------------------------------------------------------------------------


@pytest.mark.parametrize("where", ["sending", "answer", "input"])
def test_sigterm_ends_every_wait(where: str, pipe: Pipe) -> None:
    """Whatever is being waited for, SIGTERM ends it, and a chunked body gets no end."""
    readable, write = pipe
    write(CONTENT[:20000])
    talk = Talk()
    talk.network.room = 1000 if where == "sending" else None
    talk.clock.at(1, talk.stop.request)
    document = Document(readable, folder="/tmp", keep=True).live() if where == "input" else source()
    with pytest.raises(JobStopped):
        perform(talk, document, where != "answer")
    assert talk.seconds == pytest.approx(1, abs=0.1)
    assert not talk.session.reusable and not talk.network.written.endswith(b"0\r\n\r\n")
    talk.session.close()
    assert talk.network.ended == "drop"


@pytest.mark.parametrize("broken", [False, True])
def test_closing_is_proper_only_after_all_was_said(broken: bool) -> None:
    """A session that has come to its end is closed; one in the middle of an exchange is dropped without a word."""
    talk = Talk()
    if broken:
        lost(talk)
    talk.session.close()
    assert talk.network.ended == ("drop" if broken else "close")
