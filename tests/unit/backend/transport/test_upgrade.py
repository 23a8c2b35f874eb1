"""backend.transport.upgrade: the change from HTTP to TLS, exactly these bytes, and all answers but the right one."""

from __future__ import annotations

import socket
from collections.abc import Callable

import pytest

from backend.cupsd.stop_signal import StopSignal
from backend.errors import HandshakeTimeout, PrinterUnreachable, UpgradeRefused
from backend.transport import upgrade
from tests.printer import Certificate
from tests.unit.backend.tls_peer import peer, read_to_end, read_until, server_context
from tests.unit.backend.transport.loopback import Drip, connected, failure


REQUEST = b"OPTIONS * HTTP/1.1\r\nHost: printer:631\r\nConnection: Upgrade\r\nUpgrade: TLS/1.2\r\n\r\n"


def upgrading(answer: bytes, certificate: Certificate) -> Callable[[socket.socket], object]:
    """Return a script that answers the request to change, and changes."""

    def script(sock: socket.socket) -> object:
        request = read_until(sock, b"\r\n\r\n")
        sock.sendall(answer)
        if b" 101 " in answer:
            with server_context(certificate).wrap_socket(sock, server_side=True) as tls:
                assert read_to_end(tls) == b""
        return request

    return script


def test_changes_to_tls_with_exactly_these_bytes(certificate: Certificate) -> None:
    """What precedes the judgement has no name, no path and no body."""
    answer = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: TLS/1.2, HTTP/1.1\r\nConnection: Upgrade\r\n\r\n"
    with peer(upgrading(answer, certificate)) as server:
        made = connected(server.port, upgrade_host="printer:631", tls="1.2")
        assert made.certificate == certificate.der
        made.close()
    assert server.results == [REQUEST]


@pytest.mark.parametrize(
    "answer, error",
    [
        (b"HTTP/1.1 200 OK\r\n\r\n", UpgradeRefused),
        (b"HTTP/1.1 426 Upgrade Required\r\n\r\n", UpgradeRefused),
        (b"HTTP/1.1 1010 x\r\n\r\n", UpgradeRefused),
        (b"\r\n\r\n", UpgradeRefused),
        (b"101 x\r\n\r\n", UpgradeRefused),
        (b"HTTP/1.1 503 Busy\r\n\r\n", PrinterUnreachable),
        (b"HTTP/1.1 101", PrinterUnreachable),
        (b"", PrinterUnreachable),
        (b"HTTP/1.1 101 x\r\n" + b"X: y\r\n" * 5000, PrinterUnreachable),
    ],
    ids=lambda value: None,
)
def test_a_printer_that_does_not_change_is_refused(certificate: Certificate, answer: bytes, error: type) -> None:
    """Any answer but 101, and none, end before anything else is said; no answer and "not now" are waited for."""
    with peer(upgrading(answer.replace(b" 101 x\r\n\r\n", b" 101x\r\n\r\n"), certificate)) as server:
        assert isinstance(failure(server.port, upgrade_host="printer:631"), error)


@pytest.mark.parametrize("drops", [1000, 4])
@pytest.mark.parametrize("beginning", [b"", b"HTTP/1.1 101 x\r\nX: ", b"HTTP/1.1 100 Continue\r\n\r"])
def test_an_answer_about_changing_to_tls_that_drips_has_a_deadline(
    beginning: bytes, drops: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same before the handshake."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.setblocking(False)
        theirs.send(beginning[-1:] or b"H")
        drip = Drip(theirs, b"0", drops)
        monkeypatch.setattr(upgrade, "time", drip)
        with pytest.raises(HandshakeTimeout) as caught:
            upgrade.ask_for_tls(ours, "printer:631", "printer", 30, drip)
    assert drip.now == 30 and not caught.value.silent


@pytest.mark.parametrize("behind", [b"\x16", b"\x16\x03\x03\0\x05hello", b"\r\n\r\n", bytes(1000)])
def test_nothing_behind_the_answer_is_read(behind: bytes) -> None:
    """What comes with the answer, in one segment, belongs to the handshake; one byte of it less and it would fail."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.setblocking(False)
        theirs.sendall(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: TLS/1.2\r\n\r\n" + behind)
        upgrade.ask_for_tls(ours, "printer:631", "printer", 5, StopSignal())
        assert ours.recv(2000) == behind
        assert theirs.recv(2000) == REQUEST
