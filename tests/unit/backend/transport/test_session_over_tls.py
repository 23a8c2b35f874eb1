"""backend.transport.session over real TLS: what depends on how TCP and TLS carry, confirm and end things."""

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

from backend.cupsd.stop_signal import StopSignal
from backend.device_uri import Timeouts
from backend.document.document import Document
from backend.document.sources import StoredSource
from backend.errors import ConnectionLost
from backend.http.exchange import Response
from backend.transport.connection import Connection, connect
from backend.transport.session import Request, Session
from tests.printer import Certificate
from tests.unit.backend.tls_peer import peer, read_to_end, reset, server_context

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


# --- answers ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("reads, chunked", [(True, True), (False, False)])
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


class WritesAtTheEnd:
    """A connection whose TLS writes an alert when the stream ends without close_notify, as OpenSSL 3.5 does."""

    def __init__(self, real: Connection) -> None:
        self._real = real

    def __getattr__(self, name: str) -> object:
        return getattr(self._real, name)

    def receive_some(self) -> bytes | None:
        data = self._real.receive_some()
        if data == b"":
            with contextlib.suppress(OSError):
                socket.socket.send(self._real._sock, bytes(24))
        return data


@pytest.mark.parametrize("begun", [b"", OK[:-1]])
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize("chunked", [False, True])
def test_what_tls_writes_on_its_own_is_not_the_body(
    certificate: Certificate, chunked: bool, version: ssl.TLSVersion, begun: bytes
) -> None:
    """A printer that reads all of a body and closes has read it, whatever it never confirms after that."""
    size = len(CONTENT) + len(MESSAGE)

    def script(sock: socket.socket) -> None:
        head(sock)
        assert sum(map(len, chunks(sock))) == size if chunked else exactly(sock, size)
        if begun:
            sock.sendall(begun)

    with peer(script, server_context(certificate, version, version)) as server:
        connection = connect("localhost", server.port, stop=StopSignal(), connect_seconds=5, handshake_seconds=5)
        session = Session(WritesAtTheEnd(connection), "printer", StopSignal(), Timeouts())  # type: ignore[arg-type]
        request = Request("/ipp/print", [("Host", "printer")], MESSAGE, chunked)
        with pytest.raises(ConnectionLost):
            session.perform(request, source())
        connection.drop()
        assert session.progress.document_bytes == len(CONTENT) and session.progress.ended
        assert not session.progress.unread


@pytest.mark.parametrize("counted", [True, False])
def test_a_body_that_was_not_confirmed_has_not_ended(
    certificate: Certificate, counted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a printer that resets the connection had not taken counts as not taken, however the system counts."""
    if not counted:
        monkeypatch.setattr(Connection, "_confirmed", lambda self: 0)

    def script(sock: socket.socket) -> None:
        head(sock)
        time.sleep(0.2)
        reset(sock)

    with talk(certificate, script, SHORT) as made:
        with pytest.raises(ConnectionLost):
            made.perform(source(CONTENT * 8))
        assert made.session.progress.document_bytes and not made.session.progress.ended


def test_confirmations_of_other_bytes_are_no_progress(certificate: Certificate) -> None:
    """A body is confirmed once; what is confirmed after that is something that TLS wrote, and nothing of the job."""

    def script(sock: socket.socket) -> object:
        head(sock)
        exactly(sock, len(MESSAGE))
        return read_to_end(sock)

    with talk(certificate, script, Timeouts(reply=0.5)) as made:
        connection = made.session.connection
        assert isinstance(connection, Connection)
        with pytest.raises(ConnectionLost):
            made.perform()
        assert connection.unsent() == 0
        socket.socket.send(connection._sock, bytes(100))
        assert connection.unsent() == 0
