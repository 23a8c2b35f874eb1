"""backend.session: exchanges over real TLS with a peer that answers early, late, in pieces, or not at all."""

from __future__ import annotations

import contextlib
import os
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from backend import session as session_module
from backend.connection import Connection, connect
from backend.device_uri import Timeouts
from backend.document import BLOCK_SIZE, Document, StoredSource
from backend.errors import ConnectionLost, DocumentUnreadable, MalformedResponse
from backend.http.exchange import Response
from backend.session import Request, Session, Stalled
from backend.stop_signal import JobStopped, StopSignal
from tests.printer import Certificate
from tests.unit.backend.tls_peer import peer, read_to_end, read_until, reset, server_context

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
MESSAGE = b"<ipp>"
CONTENT = bytes(range(256)) * 2048  # 512 KiB
#: Short deadlines: what is tested is which one ends an exchange, never how long it took.
SHORT = Timeouts(connect=5, handshake=5, probe=0.2, write=0.4, reply=0.3, read=0.2)
Script = Callable[[socket.socket], object]


@dataclass
class Talk:
    """A session with a scripted peer."""

    session: Session
    stop: StopSignal
    results: list[object]

    def perform(self, source: object = None, chunked: bool = False, **how: object) -> Response:
        """Send one request."""
        request = Request("/ipp/print", [("Host", "printer")], MESSAGE, chunked)
        return self.session.perform(request, source, **how)  # type: ignore[arg-type]


@contextlib.contextmanager
def talk(certificate: Certificate, script: Script, timeouts: Timeouts = Timeouts()) -> Iterator[Talk]:
    """Yield a session whose peer follows the script."""
    with peer(script, server_context(certificate)) as server:
        stop = StopSignal()
        connection = connect("localhost", server.port, stop=stop, connect_seconds=5, handshake_seconds=5)
        session = Session(connection, "printer", stop, timeouts)
        try:
            yield Talk(session, stop, server.results)
        finally:
            connection.drop()


def source(content: bytes = CONTENT) -> StoredSource:
    """Return a stored document."""
    return StoredSource(lambda offset, count: content[offset : offset + count], len(content))


def head(sock: socket.socket) -> bytes:
    """Read a request's head, byte by byte so that the body stays."""
    found = b""
    while not found.endswith(b"\r\n\r\n"):
        found += sock.recv(1)
    return found


def exactly(sock: socket.socket, count: int) -> bytes:
    """Read so many bytes."""
    found = bytearray()
    while len(found) < count:
        piece = sock.recv(count - len(found))
        if not piece:
            raise ConnectionError("the request ended too early")
        found += piece
    return bytes(found)


def chunks(sock: socket.socket) -> list[bytes]:
    """Read a chunked body, as its chunks."""
    found: list[bytes] = []
    while True:
        line = read_line(sock)
        chunk = exactly(sock, int(line, 16))
        assert exactly(sock, 2) == b"\r\n"
        if not chunk:
            return found
        found.append(chunk)


def read_line(sock: socket.socket) -> bytes:
    """Read up to a line's end."""
    found = b""
    while not found.endswith(b"\r\n"):
        found += sock.recv(1)
    return found


# --- requests as they go out ------------------------------------------------------------------------------


def test_a_request_without_a_document_carries_its_length(certificate: Certificate) -> None:
    """One head, the message, and nothing after it."""

    def script(sock: socket.socket) -> object:
        found = head(sock) + exactly(sock, len(MESSAGE))
        sock.sendall(OK)
        return found + read_to_end(sock)

    with talk(certificate, script) as made:
        response = made.perform()
        assert (response.status, response.body, response.early) == (200, b"ok", False)
        assert made.session.progress.ended and made.session.progress.document_bytes == 0
        made.session.close()
    assert made.results == [b"POST /ipp/print HTTP/1.1\r\nHost: printer\r\nContent-Length: 5\r\n\r\n<ipp>"]


def test_a_chunked_question_is_one_chunk(certificate: Certificate) -> None:
    """The probe's body is a single chunk and the end."""

    def script(sock: socket.socket) -> object:
        first, found = head(sock), chunks(sock)
        sock.sendall(OK)
        return b"Transfer-Encoding: chunked" in first and b"Content-Length" not in first, found

    with talk(certificate, script) as made:
        assert made.perform(chunked=True).complete
    assert made.results == [(True, [MESSAGE])]


@pytest.mark.parametrize("size", [1, BLOCK_SIZE, BLOCK_SIZE + 1, len(CONTENT)])
@pytest.mark.parametrize("chunked", [True, False])
def test_a_document_follows_the_message(certificate: Certificate, size: int, chunked: bool) -> None:
    """The message shares the first chunk, every chunk is one block, and all bytes arrive in order."""

    def script(sock: socket.socket) -> object:
        first = head(sock)
        found = chunks(sock) if chunked else [exactly(sock, len(MESSAGE) + size)]
        sock.sendall(OK)
        return first, found

    with talk(certificate, script) as made:
        assert made.perform(source(CONTENT[:size]), chunked).complete
        assert made.session.progress.document_bytes == size and made.session.progress.handed_out
        assert made.session.reusable
    (result,) = made.results
    assert isinstance(result, tuple)
    first, found = result
    assert b"".join(found) == MESSAGE + CONTENT[:size]
    if chunked:
        assert len(found[0]) > len(MESSAGE) and len(found) == -(-size // BLOCK_SIZE)
    else:
        assert f"Content-Length: {len(MESSAGE) + size}\r\n".encode() in first


def test_a_live_document_goes_out_as_it_comes(certificate: Certificate) -> None:
    """Bytes leave while the input is still open, and the zero chunk only at its end."""
    readable, writable = os.pipe()
    arrived = threading.Event()

    def script(sock: socket.socket) -> object:
        head(sock)
        found = exactly(sock, int(read_line(sock), 16) + 2)[:-2]
        arrived.set()
        found += b"".join(chunks(sock))
        sock.sendall(OK)
        return found

    def produce() -> None:
        os.write(writable, CONTENT[:20000])
        assert arrived.wait(10), "nothing left although a block was there"
        os.write(writable, CONTENT[20000:20010])
        os.close(writable)

    with talk(certificate, script) as made:
        producer = threading.Thread(target=produce)
        producer.start()
        document = Document(readable, folder="/tmp", keep=True)
        assert made.perform(document.live(), True).complete
        producer.join()
        os.close(readable)
    assert made.results == [MESSAGE + CONTENT[:20010]]


def test_a_drain_lets_go_of_what_is_held_back(certificate: Certificate) -> None:
    """A filter that waits for its bytes to leave writes no more meanwhile; they leave although they fill no block."""
    readable, writable = os.pipe()
    asking, asked = os.pipe()
    arrived = threading.Event()

    def script(sock: socket.socket) -> object:
        head(sock)
        found = exactly(sock, int(read_line(sock), 16) + 2)[:-2]
        arrived.set()
        found += b"".join(chunks(sock))
        sock.sendall(OK)
        return found

    def filter_waits() -> None:
        os.write(asked, b"?")
        in_time.append(arrived.wait(5))
        os.close(writable)

    in_time: list[bool] = []
    with talk(certificate, script) as made:
        document = Document(readable, folder="/tmp", keep=True)
        os.write(writable, b"few bytes")
        assert document.wait_for_beginning(made.stop)
        made.stop.attend(asking, lambda: bool(os.read(asking, 1)) and (document.drain() or True))
        waiting = threading.Timer(0.2, filter_waits)
        waiting.start()
        assert made.perform(document.live(), True).complete
        waiting.join()
    for descriptor in (readable, asking, asked):
        os.close(descriptor)
    assert made.results == [MESSAGE + b"few bytes"]
    assert in_time == [True]


def test_exchanges_follow_each_other_on_one_connection(certificate: Certificate) -> None:
    """A kept connection serves again, as long as the printer keeps it."""

    def script(sock: socket.socket) -> object:
        for answer in (OK, OK, OK.replace(b"OK\r\n", b"OK\r\nConnection: close\r\n")):
            head(sock)
            exactly(sock, len(MESSAGE))
            sock.sendall(answer)
        return read_to_end(sock)

    with talk(certificate, script) as made:
        for count, reusable in enumerate((True, True, False), 1):
            assert made.session.reusable
            made.perform()
            assert (made.session.exchanges, made.session.reusable) == (count, reusable)


# --- answers ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [1, 3, 100])
def test_an_answer_in_pieces_is_read_to_its_end(certificate: Certificate, size: int) -> None:
    """Records of any size, interim responses in between, and a late zero chunk (Q-25, Q-70)."""
    answer = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n"

    def script(sock: socket.socket) -> None:
        head(sock)
        for at in range(0, len(answer), size):
            sock.sendall(answer[at : at + size])
        time.sleep(0.05)
        sock.sendall(b"0\r\n\r\n")

    with talk(certificate, script) as made:
        assert made.perform().body == b"ok"
        assert made.session.reusable


@pytest.mark.parametrize("chunked", [True, False])
def test_an_early_answer_ends_the_sending(certificate: Certificate, chunked: bool) -> None:
    """A refusal while the body still goes out is read at once; the rest is not sent, no end is faked (Q-18)."""

    def script(sock: socket.socket) -> object:
        head(sock)
        exactly(sock, 1000)
        sock.sendall(OK.replace(b"200 OK", b"411 Length Required"))
        return read_to_end(sock)

    big = source(CONTENT * 64)  # 32 MiB
    with talk(certificate, script) as made:
        response = made.perform(big, chunked)
        assert (response.status, response.complete, response.early) == (411, True, True)
        assert not made.session.progress.ended and 0 < made.session.progress.document_bytes < 32 * 2**20
        assert not made.session.reusable
        made.session.close()
    (rest,) = made.results
    assert isinstance(rest, bytes) and not rest.endswith(b"0\r\n\r\n")


@pytest.mark.parametrize("reads", [True, False])
@pytest.mark.parametrize("chunked", [True, False])
def test_an_answer_before_the_body_was_confirmed_is_to_a_body_not_read(
    certificate: Certificate, reads: bool, chunked: bool
) -> None:
    """A body that fits into the buffers on the way is handed out at once; only who has read it answers after its end.

    A printer that takes a chunked body for empty, and says yes, is found out by that.
    """
    talks: list[Talk] = []

    def script(sock: socket.socket) -> object:
        head(sock)
        until = time.monotonic() + 10
        while not (talks and talks[0].session.progress.handed_out) and time.monotonic() < until:
            time.sleep(0.01)
        if reads:
            chunks(sock) if chunked else exactly(sock, len(MESSAGE) + size)
        sock.sendall(OK)
        time.sleep(0.2)  # as over a network: what is read only now is confirmed after the answer has arrived
        return read_to_end(sock)

    size = 300_000
    with talk(certificate, script) as made:
        talks.append(made)
        response = made.perform(source(CONTENT[:size]), chunked)
        assert response.complete and not response.early and made.session.progress.handed_out
        assert made.session.progress.unread is not reads


def test_an_early_answer_is_seen_while_the_job_is_still_being_made(certificate: Certificate) -> None:
    """The filters may take for ever; the printer's refusal is read all the same."""
    readable, writable = os.pipe()
    os.write(writable, bytes(20000))

    def script(sock: socket.socket) -> object:
        head(sock)
        exactly(sock, 1000)
        sock.sendall(OK.replace(b"200", b"503"))
        return read_to_end(sock)

    with talk(certificate, script) as made:
        response = made.perform(Document(readable, folder="/tmp", keep=True).live(), True)
        assert (response.status, response.early) == (503, True)
        assert not made.session.reusable
    os.close(readable)
    os.close(writable)


class WriteFails:
    """A connection on which nothing can be written any more after some bytes, once the peer answered if it does."""

    def __init__(self, real: Connection, answered: threading.Event | None = None) -> None:
        self._real, self._answered, self._left = real, answered, 3
        self.failed = threading.Event()

    def __getattr__(self, name: str) -> object:
        return getattr(self._real, name)

    def send_some(self, data: memoryview, *, one_record: bool = False) -> int:
        self._left -= 1
        if self._left > 0:
            return self._real.send_some(data[:1000], one_record=one_record)
        self.failed.set()
        if self._answered:
            self._answered.wait(10)
        raise ConnectionLost("printer", "sending", "Broken pipe")


@pytest.mark.parametrize("end", [reset, socket.socket.close, read_to_end])
def test_a_failed_write_is_the_reason_when_no_answer_comes(
    certificate: Certificate, end: Callable[[socket.socket], object]
) -> None:
    """What is told is what happened first, however the connection ends then, or does not."""
    connections: list[WriteFails] = []

    def script(sock: socket.socket) -> None:
        head(sock)
        connections[0].failed.wait(10)
        end(sock)

    with talk(certificate, script, SHORT) as made:
        connections.append(WriteFails(made.session.connection))
        made.session.connection = connections[0]  # type: ignore[assignment]
        with pytest.raises(ConnectionLost) as caught:
            made.perform(source())
        assert caught.value.reason == "Broken pipe"


def test_an_answer_is_read_although_writing_failed(certificate: Certificate) -> None:
    """A server that answers, and closes with bytes of ours unread, made the write fail; its answer counts (Q-33)."""

    answered = threading.Event()

    def script(sock: socket.socket) -> None:
        head(sock)
        sock.sendall(OK.replace(b"200", b"401"))
        answered.set()
        read_to_end(sock)

    with talk(certificate, script) as made:
        made.session.connection = WriteFails(made.session.connection, answered)  # type: ignore[assignment]
        response = made.perform(source())
        assert (response.status, response.complete) == (401, True)
        assert not made.session.reusable


@pytest.mark.parametrize("end", [reset, socket.socket.close, lambda sock: sock.unwrap()])
@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 20", OK[:-1], OK[:-2]])
def test_an_end_before_the_answer_is_whole_is_a_loss(
    certificate: Certificate, answer: bytes, end: Callable[[socket.socket], object]
) -> None:
    """Reset, close and close_notify alike: an answer that is not whole is none (Q-68)."""

    def script(sock: socket.socket) -> None:
        head(sock)
        exactly(sock, len(MESSAGE))
        sock.sendall(answer)
        end(sock)

    with talk(certificate, script) as made:
        with pytest.raises(ConnectionLost) as caught:
            made.perform()
        assert caught.value.printer == "printer" and not made.session.reusable


def test_an_answer_that_ends_with_the_connection_is_whole(certificate: Certificate) -> None:
    """HTTP/1.0 without a length."""

    def script(sock: socket.socket) -> None:
        head(sock)
        exactly(sock, len(MESSAGE))
        sock.sendall(b"HTTP/1.0 200 OK\r\n\r\nall of it")

    with talk(certificate, script) as made:
        response = made.perform()
        assert (response.body, response.http_version, response.complete) == (b"all of it", "1.0", True)
        assert not made.session.reusable


def test_rubbish_is_malformed(certificate: Certificate) -> None:
    """Bytes that are no HTTP are the printer's fault, not the network's."""

    def script(sock: socket.socket) -> None:
        head(sock)
        sock.sendall(b"garbage\r\n\r\n")
        read_to_end(sock)

    with talk(certificate, script) as made:
        with pytest.raises(MalformedResponse):
            made.perform()
        assert not made.session.reusable


@pytest.mark.parametrize("mid_body", [True, False])
def test_a_loss_says_how_much_was_at_risk(certificate: Certificate, mid_body: bool) -> None:
    """Progress tells whether any document byte may have left, and whether all did."""

    def script(sock: socket.socket) -> None:
        head(sock)
        exactly(sock, 1000 if mid_body else len(MESSAGE) + len(CONTENT))
        time.sleep(0 if mid_body else 0.3)  # a machine confirms what it has read, but not at once
        reset(sock)

    with talk(certificate, script) as made:
        with pytest.raises(ConnectionLost):
            made.perform(source(CONTENT * 64 if mid_body else CONTENT))
        progress = made.session.progress
        assert progress.ended is not mid_body
        assert (
            (0 < progress.document_bytes < len(CONTENT) * 64) if mid_body else (progress.document_bytes == len(CONTENT))
        )


def test_a_connection_that_is_gone_before_the_request_costs_nothing(certificate: Certificate) -> None:
    """No document byte counts as sent when the first write already fails, or nothing was written."""

    def script(sock: socket.socket) -> None:
        assert isinstance(sock, ssl.SSLSocket)
        sock.unwrap()

    with talk(certificate, script) as made:
        while made.session.connection.receive_some() is None:
            time.sleep(0.001)
        with pytest.raises(ConnectionLost):
            made.perform(source())
        assert not made.session.progress.ended


def test_a_document_that_cannot_be_read_ends_the_exchange(certificate: Certificate) -> None:
    """A file that became shorter: no byte is made up to reach the announced length."""

    def script(sock: socket.socket) -> object:
        head(sock)
        return read_to_end(sock)

    with talk(certificate, script) as made:
        shorter = StoredSource(lambda offset, count: CONTENT[offset : offset + count], len(CONTENT) + 1)
        with pytest.raises(DocumentUnreadable):
            made.perform(shorter)
        assert not made.session.reusable and not made.session.progress.ended
        made.session.close()
    (found,) = made.results
    assert isinstance(found, bytes) and len(found) <= len(MESSAGE) + len(CONTENT)


# --- deadlines --------------------------------------------------------------------------------------------


def silent(sock: socket.socket) -> object:
    """Read everything and say nothing."""
    return read_to_end(sock)


def test_no_answer_ends_at_the_reply_deadline(certificate: Certificate) -> None:
    """A printer that takes the request and says nothing is lost while its answer is waited for."""
    with talk(certificate, silent, SHORT) as made:
        with pytest.raises(ConnectionLost) as caught:
            made.perform()
        assert caught.value.phase == "waiting for its answer" and "nothing moved" in caught.value.reason
        assert made.session.progress.ended


def test_a_question_may_have_a_deadline_of_its_own(certificate: Certificate) -> None:
    """reply_seconds takes the place of the queue's deadline."""
    with talk(certificate, silent, Timeouts()) as made:
        with pytest.raises(ConnectionLost) as caught:
            made.perform(reply_seconds=0.1)
        assert "nothing moved" in caught.value.reason


def test_a_half_answer_ends_at_the_read_deadline(certificate: Certificate) -> None:
    """An answer that began and stopped is not waited for as long as one that has not begun."""

    def script(sock: socket.socket) -> object:
        head(sock)
        sock.sendall(OK[:-1])
        return read_to_end(sock)

    with talk(certificate, script, Timeouts(read=0.2)) as made:
        with pytest.raises(ConnectionLost) as caught:
            made.perform()
        assert caught.value.phase == "reading its answer" and "nothing moved" in caught.value.reason


def stuck(release: threading.Event, answer: bytes = OK, blocks: int = 64) -> Script:
    """Return a script that stops reading until it is released."""

    def script(sock: socket.socket) -> object:
        head(sock)
        release.wait(15)
        try:
            count = len(exactly(sock, len(MESSAGE) + len(CONTENT) * blocks))
        except OSError:
            return None
        sock.sendall(answer)
        return count

    return script


def test_a_printer_that_takes_no_more_ends_at_the_write_deadline(certificate: Certificate) -> None:
    """Without anybody to ask, a stalled sending is a loss."""
    release = threading.Event()
    with talk(certificate, stuck(release), SHORT) as made:
        with pytest.raises(ConnectionLost) as caught:
            made.perform(source(CONTENT * 64))
        assert caught.value.phase == "sending"
        made.session.close()
        release.set()


def test_waiting_for_the_job_has_no_deadline(certificate: Certificate) -> None:
    """A filter that thinks longer than every deadline loses nothing."""
    readable, writable = os.pipe()
    os.write(writable, CONTENT[:20000])

    def script(sock: socket.socket) -> object:
        head(sock)
        found = b"".join(chunks(sock))
        sock.sendall(OK)
        return found

    def produce() -> None:
        time.sleep(1)
        os.write(writable, b"end")
        os.close(writable)

    stalled, asked = asking([False])
    with talk(certificate, script, Timeouts(write=0.2, reply=0.2, read=0.2)) as made:
        producer = threading.Thread(target=produce)
        producer.start()
        document = Document(readable, folder="/tmp", keep=False)
        response = made.perform(document.live(), True, stalled=stalled)
        assert response.complete
        producer.join()
        os.close(readable)
    assert made.results == [MESSAGE + CONTENT[:20000] + b"end"]
    assert asked == []


# --- stalls -----------------------------------------------------------------------------------------------


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask after a tenth of a second."""
    monkeypatch.setattr(session_module, "STALL_SECONDS", 0.1)


def asking(answers: list[bool], then: Callable[[], None] = lambda: None) -> tuple[Stalled, list[tuple[str, float]]]:
    """Return a stalled callback that gives these answers, the last one for ever, and the list of its calls."""
    calls: list[tuple[str, float]] = []

    def stalled(phase: str, seconds: float) -> bool:
        calls.append((phase, seconds))
        answer = answers[min(len(calls), len(answers)) - 1]
        if len(calls) == len(answers):
            then()
        return answer

    return stalled, calls


def test_a_stalled_sending_asks_and_goes_on(certificate: Certificate, quick: None) -> None:
    """While the answer is to wait on, waiting goes on beyond the deadline, and the job goes out in the end."""
    release = threading.Event()
    stalled, calls = asking([True] * 8, release.set)
    with talk(certificate, stuck(release), SHORT) as made:
        assert made.perform(source(CONTENT * 64), stalled=stalled).complete
        made.session.close()
    assert made.results == [len(MESSAGE) + len(CONTENT) * 64]
    assert len(calls) >= 8 and calls[0][0] == "sending"
    seconds = [asked_after for _, asked_after in calls]
    assert max(seconds) > 2 * min(seconds), "the time without progress grows from question to question"


def test_what_lies_in_buffers_is_still_being_sent(certificate: Certificate, quick: None) -> None:
    """A document that the buffers of this machine take whole and the printer does not read has stalled in mid-body."""
    release = threading.Event()
    stalled, calls = asking([True] * 8, release.set)
    handed_out = []

    def note(phase: str, seconds: float) -> bool:
        handed_out.append(made.session.progress.handed_out)
        return stalled(phase, seconds)

    with talk(certificate, stuck(release, blocks=1), SHORT) as made:
        assert made.perform(source(), stalled=note).complete
        made.session.close()
    assert made.results == [len(MESSAGE) + len(CONTENT)]
    assert handed_out[-1] and {phase for phase, _ in calls} == {"sending"}


def test_a_stalled_sending_ends_when_told_to(certificate: Certificate, quick: None) -> None:
    """Once the answer is no and the deadline is over, the connection counts as lost."""
    release = threading.Event()
    stalled, calls = asking([True, False])
    with talk(certificate, stuck(release), SHORT) as made:
        with pytest.raises(ConnectionLost) as caught:
            made.perform(source(CONTENT * 64), stalled=stalled)
        assert caught.value.phase == "sending" and len(calls) >= 2
        made.session.close()
        release.set()


def test_a_late_answer_asks_as_well(certificate: Certificate, quick: None) -> None:
    """Silence after the whole body is asked about under its own name, and the answer is awaited."""
    release = threading.Event()

    def script(sock: socket.socket) -> None:
        head(sock)
        release.wait(15)
        sock.sendall(OK)
        read_to_end(sock)

    stalled, calls = asking([True] * 6, release.set)
    with talk(certificate, script, SHORT) as made:
        assert made.perform(stalled=stalled).complete
    assert {phase for phase, _ in calls} == {"waiting for its answer"} and len(calls) >= 6


# --- SIGTERM ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("where", ["sending", "answer", "input"])
def test_sigterm_ends_every_wait(certificate: Certificate, where: str) -> None:
    """Whatever is being waited for, SIGTERM ends it, and a chunked body gets no end."""
    release = threading.Event()
    readable, writable = os.pipe()
    os.write(writable, bytes(20000))

    def script(sock: socket.socket) -> object:
        head(sock)
        if where == "sending":
            release.wait(15)
        return read_to_end(sock)

    with talk(certificate, script) as made:
        threading.Timer(0.2, made.stop.request).start()
        with pytest.raises(JobStopped):
            if where == "input":
                made.perform(Document(readable, folder="/tmp", keep=True).live(), True)
            else:
                made.perform(source(CONTENT * 64 if where == "sending" else b"x"), where == "sending")
        assert not made.session.reusable
        made.session.close()
        release.set()
    os.close(readable)
    os.close(writable)
    (found,) = made.results
    assert isinstance(found, bytes) and not found.endswith(b"0\r\n\r\n")


def test_closing_is_proper_only_after_all_was_said(certificate: Certificate) -> None:
    """close_notify ends a session in good order; one in the middle of an exchange is dropped without a word."""

    def script(sock: socket.socket) -> object:
        sock.settimeout(10)
        found = read_until(sock, b"never")
        return found

    for broken in (False, True):
        with talk(certificate, script, SHORT) as made:
            if broken:
                with pytest.raises(ConnectionLost):
                    made.perform()
            made.session.close()
        (result,) = made.results
        assert isinstance(result, OSError) is broken, result
