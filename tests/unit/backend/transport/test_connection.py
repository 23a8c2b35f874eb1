"""backend.transport.connection: bytes both ways over real TLS, and the ways in which a connection ends."""

from __future__ import annotations

import os
import socket
import ssl
import threading
import time

import pytest

from backend.cupsd.stop_signal import StopSignal
from backend.errors import ClientCertificateWanted, ConnectionLost, IppsError
from backend.transport.connection import Connection, Ready
from tests.printer import Certificate
from tests.unit.backend.tls_peer import peer, read_to_end, read_until, reset, server_context
from tests.unit.backend.transport.loopback import connected

V = ssl.TLSVersion

#: Python warns of TLS 1.0 and 1.1 wherever they are named; the legacy profile names them.
pytestmark = pytest.mark.filterwarnings("ignore:ssl.TLSVersion")


def received(made: Connection) -> bytes | None:
    """Return what arrives next."""
    for _ in range(500):
        data = made.receive_some()
        if data is not None:
            return data
        made.wait(StopSignal(), 1, writing=False)
    return None


def test_bytes_go_both_ways(certificate: Certificate) -> None:
    """What is sent arrives; nothing there yet is None, the end is empty."""

    def script(sock: socket.socket) -> bytes:
        found = read_until(sock, b"!")
        sock.sendall(found * 2)
        return found

    with peer(script, server_context(certificate)) as server:
        made = connected(server.port)
        assert made.receive_some() is None
        assert made.send_some(memoryview(b"hello!")) == 6
        assert received(made) == b"hello!hello!"
        assert received(made) == b""
        made.close()


def test_an_end_without_close_notify_is_the_end(certificate: Certificate) -> None:
    """TCP closed under TLS reads as the end; whether the answer was whole is for its framing to say (Q-68)."""

    def script(sock: socket.socket) -> None:
        sock.sendall(b"x")
        socket.socket.shutdown(sock, socket.SHUT_WR)
        read_to_end(sock)

    for version in (V.TLSv1_2, V.TLSv1_3):
        with peer(script, server_context(certificate, version, version)) as server:
            made = connected(server.port)
            assert (received(made), received(made)) == (b"x", b"")
            made.drop()


def test_a_reset_ends_reading_and_fails_writing(certificate: Certificate) -> None:
    """Python's ssl shows a reset to readers as an end, so the answer's framing decides; writers meet a loss."""
    with peer(reset, server_context(certificate)) as server:
        made = connected(server.port)
        StopSignal().wait(5, {made._sock.fileno(): 0})  # a reset is reported without being asked for
        with pytest.raises(ConnectionLost):
            for _ in range(3):
                assert not made.receive_some()
                made.send_some(memoryview(b"x"))
        made.drop()


def test_a_full_connection_takes_nothing(certificate: Certificate) -> None:
    """send_some never blocks: what the peer does not read stays with us."""
    release = threading.Event()

    def script(sock: socket.socket) -> int:
        release.wait(20)
        return len(read_to_end(sock))

    with peer(script, server_context(certificate)) as server:
        made = connected(server.port)
        block, sent = memoryview(bytes(1 << 20)), 0
        while count := made.send_some(block):
            sent += count
            assert sent < 1 << 30
        release.set()
        while not (count := made.send_some(block)):
            made.wait(StopSignal(), 5, writing=True)
        end = time.monotonic() + 20
        while made.unsent() and time.monotonic() < end:  # to close with unread tickets resets, and loses what waits
            time.sleep(0.01)
        made.close()
    assert sent + count <= server.results[0] <= sent + count + len(block)  # type: ignore[operator]


@pytest.mark.parametrize("drop", [True, False])
def test_closing_says_so_and_dropping_does_not(certificate: Certificate, drop: bool) -> None:
    """close sends close_notify and does not wait for the peer's; drop sends nothing (Q-67)."""

    def script(sock: socket.socket) -> object:
        return sock.recv(1)

    with peer(script, server_context(certificate)) as server:
        made = connected(server.port)
        received_nothing = made.receive_some()
        made.drop() if drop else made.close()
    assert received_nothing is None
    (result,) = server.results
    assert (result == b"") is not drop, result


class SaysOnly:
    """A TLS socket that answers each read with the next of these."""

    def __init__(self, *answers: bytes | str) -> None:
        self._answers = list(answers)

    def __getattr__(self, name: str) -> object:
        return lambda *ignored, **named: None

    def recv(self, count: int) -> bytes:
        answer = self._answers.pop(0)
        if isinstance(answer, bytes):
            return answer
        error = ssl.SSLError(1, answer)
        error.reason = answer
        raise error


DEMANDS = ["TLSV13_ALERT_CERTIFICATE_REQUIRED", "SSLV3_ALERT_HANDSHAKE_FAILURE", "SSLV3_ALERT_BAD_CERTIFICATE"]
DEMANDS += ["TLSV1_ALERT_UNKNOWN_CA", "TLSV1_ALERT_ACCESS_DENIED"]
OTHERS = ("TLSV1_ALERT_INTERNAL_ERROR", "TLSV1_ALERT_DECODE_ERROR", "SSLV3_ALERT_UNEXPECTED_MESSAGE")


@pytest.mark.parametrize(
    "answers, wanted",
    [
        *(((alert,), True) for alert in DEMANDS),
        *(((alert,), False) for alert in (*OTHERS, "DECRYPTION_FAILED_OR_BAD_RECORD_MAC")),
        *(((b"HTTP/1.1 ", alert), False) for alert in DEMANDS[:2]),
    ],
)
def test_only_a_first_alert_about_certificates_demands_one(answers: tuple[bytes | str, ...], wanted: bool) -> None:
    """Others, and one that comes behind an answer, are a connection that broke."""
    made = Connection(SaysOnly(*answers), "printer")  # type: ignore[arg-type]
    error: IppsError | None = None
    while error is None:
        try:
            made.receive_some()
        except IppsError as caught:
            error = caught
    assert type(error) is (ClientCertificateWanted if wanted else ConnectionLost)


class HoldsInput(SaysOnly):
    """A TLS socket that has decrypted more than was taken of it, over a connection on which nothing comes."""

    def __init__(self, sock: socket.socket, held: int) -> None:
        super().__init__()
        self._quiet, self._held = sock, held

    def fileno(self) -> int:
        return self._quiet.fileno()

    def pending(self) -> int:
        return self._held


def test_decrypted_input_ends_a_wait() -> None:
    """What poll cannot see is there all the same (Q-70)."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        holding, empty = (Connection(HoldsInput(ours, held), "printer") for held in (5, 0))  # type: ignore[arg-type]
        assert holding.wait(StopSignal(), 0.2, writing=False) == Ready()
        assert empty.wait(StopSignal(), 0.01, writing=False) is None
        assert empty.wait(StopSignal(), 5, writing=True) == Ready(writable=True)
        assert empty.wait(StopSignal(), 5, writing=False, also=_readable()) == Ready(also=True)


def _readable() -> int:
    """Return a descriptor with something to read."""
    readable, writable = os.pipe()
    os.write(writable, b"x")
    os.close(writable)
    return readable


def test_a_write_for_which_tls_must_read_first_waits_for_input() -> None:
    """In a key update or the like the connection takes nothing before its part has come; room for more is no news."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        sock = HoldsInput(ours, 0)
        made = Connection(sock, "printer")  # type: ignore[arg-type]

        def send(data: memoryview) -> int:
            raise ssl.SSLWantReadError

        sock.send = send  # type: ignore[attr-defined]
        assert made.send_some(memoryview(b"x")) == 0
        assert made.wait(StopSignal(), 0.01, writing=True) is None
        theirs.send(b"x")
        assert made.wait(StopSignal(), 5, writing=True) == Ready()


class Takes:
    """A TLS socket that takes whatever it is offered, and ends a read with an error."""

    def __init__(self, error: OSError | None = None) -> None:
        self.offered: list[int] = []
        self._error = error

    def __getattr__(self, name: str) -> object:
        return lambda *ignored, **named: None

    def send(self, data: memoryview) -> int:
        self.offered.append(len(data))
        return len(data)

    def recv(self, count: int) -> bytes:
        assert self._error is not None
        raise self._error


def test_one_record_is_one_record() -> None:
    """Of a larger write OpenSSL does not tell how much had left when it fails half way (Q-16)."""
    sock = Takes()
    made = Connection(sock, "printer")  # type: ignore[arg-type]
    data = memoryview(bytes(100_000))
    assert made.send_some(data, one_record=True) == 16384
    assert made.send_some(data[:5], one_record=True) == 5
    assert made.send_some(data) == 100_000
    assert sock.offered == [16384, 5, 100_000]


@pytest.mark.parametrize(
    "error, end",
    [
        (ssl.SSLEOFError(8, "EOF occurred in violation of protocol"), True),
        (ssl.SSLZeroReturnError(6, "TLS/SSL connection has been closed"), True),
        (ConnectionResetError(104, "Connection reset by peer"), False),
    ],
)
def test_what_is_an_end_and_what_is_a_loss(error: OSError, end: bool) -> None:
    """An end without close_notify is one as well; how OpenSSL calls it changes from version to version (Q-68)."""
    made = Connection(Takes(error), "printer")  # type: ignore[arg-type]
    if end:
        assert made.receive_some() == b""
    else:
        with pytest.raises(ConnectionLost):
            made.receive_some()
