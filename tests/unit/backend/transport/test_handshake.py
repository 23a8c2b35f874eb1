"""backend.transport.handshake: real handshakes on loopback, good and bad, and what each failure is called."""

from __future__ import annotations

import datetime
import socket
import ssl
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from backend.cupsd.stop_signal import JobStopped, StopSignal
from backend.errors import (
    ClientCertificateWanted,
    HandshakeTimeout,
    IppsError,
    NotTls,
    NotVerified,
    PrinterUnreachable,
    TlsRefused,
)
from backend.transport import connection, handshake, tls_context
from backend.transport.connection import Connection
from backend.transport.tls_context import ClientIdentity, Verify
from tests.printer import Certificate, make_authority, make_certificate
from tests.unit.backend.tls_peer import peer, read_to_end, reset, server_context
from tests.unit.backend.transport.loopback import Drip, connected, failure, stays

V = ssl.TLSVersion

#: Python warns of TLS 1.0 and 1.1 wherever they are named; the legacy profile names them.
pytestmark = pytest.mark.filterwarnings("ignore:ssl.TLSVersion")


@pytest.mark.parametrize(
    "lowest, highest, profile, agreed",
    [
        (V.TLSv1_2, V.TLSv1_3, "1.2", "TLSv1.3"),
        (V.TLSv1_2, V.TLSv1_2, "1.2", "TLSv1.2"),
        (V.TLSv1_2, V.TLSv1_3, "1.3", "TLSv1.3"),
        (V.TLSv1_2, V.TLSv1_3, "1.2-only", "TLSv1.2"),
        (V.TLSv1_2, V.TLSv1_3, "legacy", "TLSv1.3"),
        (V.TLSv1, V.TLSv1_1, "legacy", "TLSv1.1"),
        (V.TLSv1, V.TLSv1, "legacy", "TLSv1"),
    ],
)
def test_agrees_on_a_version(certificate: Certificate, lowest: V, highest: V, profile: str, agreed: str) -> None:
    """The highest version that both sides offer, with the certificate and the suite for whoever judges."""
    with peer(stays, server_context(certificate, lowest, highest)) as server:
        made = connected(server.port, tls=profile)
        assert (made.tls_version, made.certificate) == (agreed, certificate.der)
        assert made.cipher not in ("", "?")
        made.drop()


@pytest.mark.parametrize(
    "lowest, highest, profile, offered",
    [
        (V.TLSv1, V.TLSv1_1, "1.2", "TLSv1.2 to TLSv1.3, "),
        (V.TLSv1, V.TLSv1_1, "1.2-only", "TLSv1.2 to TLSv1.2, "),
        (V.TLSv1_2, V.TLSv1_2, "1.3", "TLSv1.3 to TLSv1.3, "),
        (V.TLSv1_3, V.TLSv1_3, "1.2-only", "TLSv1.2 to TLSv1.2, "),
    ],
)
def test_refuses_a_version_that_was_not_asked_for(
    certificate: Certificate, lowest: V, highest: V, profile: str, offered: str
) -> None:
    """No version in common is a refusal that says what was offered, and is never tried lower (Q-50)."""
    with peer(stays, server_context(certificate, lowest, highest)) as server:
        error = failure(server.port, tls=profile)
        assert isinstance(error, TlsRefused) and error.offered.startswith(offered)
        assert server.connections == 1


def test_sends_nothing_but_the_handshake(certificate: Certificate) -> None:
    """A connection that is made and closed shows what the peer shows, and no byte of HTTP leaves."""
    with peer(stays, server_context(certificate)) as server:
        made = connected(server.port)
        made.close()
        assert (made.certificate, made.tls_version) == (certificate.der, "TLSv1.3")
    assert server.results == [b""]


def test_no_session_is_ever_resumed(certificate: Certificate) -> None:
    """Each connection proves its certificate anew, although the peer hands out tickets (T-5, Q-71)."""

    def script(sock: socket.socket) -> object:
        assert isinstance(sock, ssl.SSLSocket)
        reused = sock.session_reused
        sock.sendall(b"x")
        read_to_end(sock)
        return reused

    for version in (V.TLSv1_2, V.TLSv1_3):
        with peer(script, server_context(certificate, version, version)) as server:
            for _ in range(3):
                made = connected(server.port)
                while made.receive_some() != b"x":
                    time.sleep(0.001)
                made.close()
        assert server.results == [False] * 3


@pytest.mark.parametrize(
    "host, sni, expected", [("localhost", True, "localhost"), ("localhost", False, None), ("127.0.0.1", True, None)]
)
def test_the_name_goes_along_only_when_it_is_one(
    certificate: Certificate, host: str, sni: bool, expected: str | None
) -> None:
    """SNI has names and never addresses, and can be left out (Q-66)."""
    names = []
    context = server_context(certificate)
    context.sni_callback = lambda sock, name, context: names.append(name)  # type: ignore[func-returns-value]
    with peer(stays, context) as server:
        connected(server.port, host, sni=sni).drop()
    assert names == [expected]


def test_the_wait_for_the_handshake_is_used(certificate: Certificate) -> None:
    """What can be done meanwhile is done once, after our ClientHello has left and before the printer answers."""
    order: list[str] = []

    def slow(sock: socket.socket) -> object:
        order.append("hello" if sock.recv(65536, socket.MSG_PEEK) else "nothing")
        done.wait(5)
        with server_context(certificate).wrap_socket(sock, server_side=True) as wrapped:
            return stays(wrapped)

    done = threading.Event()

    def meanwhile() -> None:
        while not order:
            time.sleep(0.01)
        order.append("meanwhile")
        done.set()

    with peer(slow) as server:
        connected(server.port, meanwhile=meanwhile).drop()
    assert order == ["hello", "meanwhile"]


# --- what answers is no TLS, or no printer ----------------------------------------------------------------

ALERT = b"\x15\x03\x03\0\x02\x02\x28"


def saying(answer: bytes) -> Callable[[socket.socket], object]:
    """Return a script that reads the ClientHello, answers with the bytes and waits."""

    def script(sock: socket.socket) -> object:
        sock.recv(65536)
        sock.sendall(answer)
        return read_to_end(sock)

    return script


FOREIGN = [
    (b"HTTP/1.1 400 Bad Request\r\n\r\n", "HTTP/1.1 400 Bad Request"),
    (b"SSH-2.0-printer\r\n", "SSH-2.0-printer"),
    (bytes(70), "\0" * 64),
    (b"\x16\x02\x00\x00\x05hello", "\x16\x02\x00\x00\x05hello"),
    (b"220 \xff printer\r\n", "220 \ufffd printer"),
]


@pytest.mark.parametrize("answer, seen", FOREIGN)
def test_says_what_speaks_instead_of_tls(monkeypatch: pytest.MonkeyPatch, answer: bytes, seen: str) -> None:
    """What speaks first, without TLS, is named as that, with its first words (Q-73)."""
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    theirs.sendall(answer)
    monkeypatch.setattr(connection, "connect_tcp", lambda *args: ours)
    error = failure(443)
    theirs.close()
    assert isinstance(error, NotTls) and error.seen == seen


@pytest.mark.parametrize("answer, seen", [FOREIGN[0], (FOREIGN[1][0], ""), (b"HTTP/2 x\r\n", "")])
def test_says_it_when_the_beginning_is_read(monkeypatch: pytest.MonkeyPatch, answer: bytes, seen: str) -> None:
    """OpenSSL has often read the first bytes before they are looked at: HTTP is known by what is left of its line."""
    first_bytes = handshake._first_bytes

    def too_late(sock: ssl.SSLSocket) -> bytes:
        found = first_bytes(sock)
        return b"" if found.startswith(answer[:5]) else found

    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    theirs.sendall(answer)
    monkeypatch.setattr(connection, "connect_tcp", lambda *args: ours)
    monkeypatch.setattr(handshake, "_first_bytes", too_late)
    error = failure(443)
    theirs.close()
    assert isinstance(error, NotTls) and error.seen == seen


def test_knows_answers_that_are_no_tls() -> None:
    """A web server that answers the ClientHello is no TLS server, however early its answer is read."""
    with peer(saying(FOREIGN[0][0])) as server:
        error = failure(server.port)
    assert isinstance(error, NotTls) and error.printer == f"localhost:{server.port}"


@pytest.mark.parametrize(
    "answer", [ALERT, b"\x16\x03\x03\0\x04\x02\xff\xff\xff", b"\x16\x03\x03\0\x05hello", b"\x15\x03\x03\0\x02\x01\x00"]
)
def test_an_alert_or_rubbish_in_tls_is_a_refusal(answer: bytes) -> None:
    """TLS was spoken and came to no end."""
    with peer(saying(answer)) as server:
        assert isinstance(failure(server.port), (TlsRefused, PrinterUnreachable))
    with peer(saying(ALERT)) as server:
        assert isinstance(failure(server.port), TlsRefused)


def test_a_server_that_answers_in_single_bytes_speaks_tls(certificate: Certificate) -> None:
    """How a slow device cuts its first record does not make it something else than TLS."""

    def script(raw: socket.socket) -> object:
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = server_context(certificate).wrap_bio(incoming, outgoing, server_side=True)
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while True:
            try:
                tls.do_handshake()
                done = True
            except ssl.SSLWantReadError:
                done = False
            answer = outgoing.read()
            for at in range(5 if answer else 0):
                raw.sendall(answer[at : at + 1])
                time.sleep(0.02)
            raw.sendall(answer[5:])
            if done:
                return read_to_end(raw)
            incoming.write(raw.recv(65536))

    with peer(script) as server:
        made = connected(server.port)
        assert made.certificate == certificate.der
        made.drop()


@pytest.mark.parametrize("at_once", [True, False])
@pytest.mark.parametrize("end", [reset, socket.socket.close])
def test_an_end_in_the_handshake_is_a_printer_out_of_reach(end: Callable[[socket.socket], None], at_once: bool) -> None:
    """A reset or a close says nothing about TLS: the printer may be starting."""

    def script(sock: socket.socket) -> None:
        if not at_once:
            sock.recv(65536)
            sock.sendall(b"\x16\x03\x03\0\x40\x02")
        end(sock)

    with peer(script) as server:
        assert isinstance(failure(server.port), PrinterUnreachable)


@pytest.mark.parametrize(
    "upgrade, reason",
    [
        (False, "no TLS handshake within 0.2 seconds"),
        (True, "no answer within 0.2 seconds to the request to change to TLS"),
    ],
)
def test_a_byte_is_no_silence(upgrade: bool, reason: str) -> None:
    """A port that says something and goes no further is told from one that says nothing (Q-69)."""

    def script(sock: socket.socket) -> None:
        sock.sendall(b"HTTP/1.1 1" if upgrade else b"\x16\x03")
        read_to_end(sock)

    how = {"upgrade_host": "printer"} if upgrade else {}
    with peer(script) as server:
        error = failure(server.port, handshake_seconds=0.3, **how)
    assert isinstance(error, HandshakeTimeout) and not error.silent
    with peer(stays) as server:
        error = failure(server.port, handshake_seconds=0.2, **how)
    assert isinstance(error, HandshakeTimeout) and error.silent
    assert f"{reason}. Check the port" in error.text


#: The beginning of a record of the handshake that will be long, of one of alerts, and of one that no TLS knows.
RECORDS = [b"\x16\x03\x03\x40\0\x02\0\x3f\xfc\x03\x03", b"\x16\x03\x03\0\x01\x02" * 3, b"\x15\x03\x03\0\x02\x01"]


@pytest.mark.parametrize("drops", [1000, 4])
@pytest.mark.parametrize("beginning", RECORDS)
def test_a_handshake_that_drips_has_the_same_deadline(
    beginning: bytes, drops: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bytes that come one by one put the end off by nothing, nor does the silence that follows some of them."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.setblocking(False)
        theirs.send(beginning)
        drip = Drip(theirs, drops=drops)
        monkeypatch.setattr(handshake, "time", drip)
        with tls_context.tls_context("1.2").wrap_socket(ours, do_handshake_on_connect=False) as sock:
            with pytest.raises(IppsError):
                handshake.handshake(sock, "printer", "1.2", 30, drip, None, False)
    assert drip.now <= 30


def test_a_handshake_that_floods_has_the_same_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is always something to read, and never an end; the clock moves with each look at it."""
    now, calls = [time.monotonic()], []

    def monotonic() -> float:
        now[0] += 0.01
        return now[0]

    def wants_more(self: ssl.SSLSocket) -> None:
        calls.append(1)
        if len(calls) > 500:
            raise ssl.SSLZeroReturnError  # enough for the test
        raise ssl.SSLWantReadError

    def script(sock: socket.socket) -> None:
        sock.sendall(bytes(1000))
        read_to_end(sock)

    monkeypatch.setattr(ssl.SSLSocket, "do_handshake", wants_more)
    with peer(script) as server:
        monkeypatch.setattr(handshake.time, "monotonic", monotonic)
        error = failure(server.port, host="127.0.0.1", handshake_seconds=2)
    assert isinstance(error, PrinterUnreachable) and "within 2 seconds" in error.reason


def test_sigterm_ends_a_handshake() -> None:
    """Nothing waits through SIGTERM."""
    stop = StopSignal()
    with peer(stays) as server:
        threading.Timer(0.1, stop.request).start()
        with pytest.raises(JobStopped):
            connected(server.port, stop=stop)


# --- verification in the handshake ------------------------------------------------------------------------


def test_a_ca_vouches_for_the_name() -> None:
    """The expected CA and the right name; another CA, another name or none of them is refused by the handshake."""
    authority, stranger = make_authority("Office CA"), make_authority("Other CA")
    named = server_context(make_certificate(issuer=authority))
    other = server_context(make_certificate("other", names=("other.example",), issuer=authority))
    old = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=3)
    expired = make_certificate(issuer=authority, not_before=old - datetime.timedelta(days=3), not_after=old)
    verify = Verify(authorities=authority.cert_pem.decode())
    with peer(stays, named) as server:
        for host in ("localhost", "127.0.0.1"):
            connected(server.port, host, verify=verify).drop()
        for others in (Verify(authorities=stranger.cert_pem.decode()), Verify(system=True), Verify()):
            assert isinstance(failure(server.port, verify=others), NotVerified)
        connected(server.port, sni=False, verify=verify).drop()
    with peer(stays, other) as server:
        assert isinstance(failure(server.port, verify=verify), NotVerified)
    with peer(stays, server_context(expired)) as server:
        assert isinstance(failure(server.port, verify=verify), NotVerified)


def test_a_pinned_certificate_anchors_the_handshake(certificate: Certificate) -> None:
    """With anchors the peer must show one of them, whatever its name and dates."""
    old = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=3)
    expired = make_certificate("x", names=(), not_before=old - datetime.timedelta(days=3), not_after=old)
    anchors = certificate.cert_pem.decode() + expired.cert_pem.decode()
    for shown in (certificate, expired):
        with peer(stays, server_context(shown)) as server:
            connected(server.port, verify=Verify(anchors=anchors)).drop()
    with peer(stays, server_context(make_certificate())) as server:
        assert isinstance(failure(server.port, verify=Verify(anchors=anchors)), NotVerified)


def test_our_own_name_is_shown_only_to_the_anchored_peer(tmp_path: Path, certificate: Certificate) -> None:
    """A client certificate goes to the pinned printer, and not a byte of it to another."""
    own = make_certificate("print-server", names=())
    cert, key = own.write(tmp_path)
    seen = []

    def script(sock: socket.socket) -> bytes:
        assert isinstance(sock, ssl.SSLSocket)
        seen.append(sock.getpeercert(binary_form=True))
        return read_to_end(sock)

    def asking(shown: Certificate) -> ssl.SSLContext:
        context = server_context(shown)
        context.verify_mode = ssl.CERT_OPTIONAL
        context.load_verify_locations(cadata=own.cert_pem.decode())
        return context

    how: dict[str, Any] = {
        "verify": Verify(anchors=certificate.cert_pem.decode()),
        "client": ClientIdentity(str(cert), str(key)),
    }
    with peer(script, asking(certificate)) as server:
        connected(server.port, **how).close()
    assert seen == [own.der]
    with peer(script, asking(make_certificate())) as server:
        assert isinstance(failure(server.port, **how), NotVerified)
    assert seen == [own.der]


def first_answer(made: Connection) -> IppsError:
    """Return the error that reading the first bytes ends in."""
    with pytest.raises(IppsError) as caught:
        until = time.monotonic() + 10
        while made.receive_some() is None and time.monotonic() < until:
            time.sleep(0.005)
    made.drop()
    return caught.value


@pytest.mark.parametrize("version", [V.TLSv1_2, V.TLSv1_3])
@pytest.mark.parametrize("shown", [False, True])
def test_a_printer_that_demands_a_client_certificate(
    tmp_path: Path, certificate: Certificate, version: V, shown: bool
) -> None:
    """It says so in the handshake, or in TLS 1.3 after it; that is no broken connection, and no matter of versions."""
    authority, foreign = make_authority("Client CA"), make_authority("Other CA")
    ours = make_certificate("queue", names=("queue",), issuer=foreign)
    identity = ClientIdentity(*map(str, ours.write(tmp_path, "client")))
    how: dict[str, Any] = {}
    if shown:
        how = {"client": identity, "verify": Verify(anchors=certificate.cert_pem.decode())}
    context = server_context(certificate, version, version)
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(cadata=authority.cert_pem.decode())
    with peer(stays, context) as server:
        if version == V.TLSv1_2:
            error = failure(server.port, **how)
        else:
            error = first_answer(connected(server.port, **how))
    assert isinstance(error, ClientCertificateWanted) and error.code == "T11"
    assert error.shown is shown
    assert ("refuses the client certificate" if shown else "demands a client certificate") in error.text
    assert len(str(error)) <= 200


RETRY = bytes.fromhex("160303005802000054" + "0303cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c")


@pytest.mark.parametrize("before", [b"", RETRY, b"\x16\x03\x03"])
def test_an_alert_before_anything_is_agreed_is_about_tls(before: bytes) -> None:
    """A refusal of our hello has the same number."""

    def script(sock: socket.socket) -> None:
        sock.recv(65536)
        sock.sendall(before + b"\x15\x03\x03\0\x02\x02\x28")

    with peer(script) as server:
        error = failure(server.port)
    assert not isinstance(error, ClientCertificateWanted)


class Agreed:
    """A TLS socket after a handshake in which this was agreed."""

    def __init__(self, version: str | None, certificate: bytes) -> None:
        self._version, self._certificate = version, certificate

    def version(self) -> str | None:
        return self._version

    def getpeercert(self, binary_form: bool) -> bytes:
        return self._certificate


@pytest.mark.parametrize(
    "profile, version, certificate, words",
    [
        ("1.2", "TLSv1.2", b"x", ""),
        ("1.2", "TLSv1.3", b"x", ""),
        ("1.2", "TLSv1.1", b"x", "TLSv1.1 was agreed and not asked for"),
        ("1.2", "SSLv3", b"x", "SSLv3 was agreed"),
        ("1.2", None, b"x", "None was agreed"),
        ("1.3", "TLSv1.2", b"x", "TLSv1.2 was agreed"),
        ("1.2-only", "TLSv1.3", b"x", "TLSv1.3 was agreed"),
        ("legacy", "TLSv1", b"x", ""),
        ("legacy", "SSLv3", b"x", "SSLv3 was agreed"),
        ("1.2", "TLSv1.3", b"", "it shows no certificate"),
    ],
)
def test_what_was_agreed_is_compared_with_what_was_asked_for(
    profile: str, version: str | None, certificate: bytes, words: str
) -> None:
    """OpenSSL would not agree on it; a policy is looked at all the same where it took effect (Q-52)."""
    sock: Any = Agreed(version, certificate)
    if not words:
        handshake._check_agreed(sock, "printer", profile)
        return
    with pytest.raises(TlsRefused) as caught:
        handshake._check_agreed(sock, "printer", profile)
    assert words in caught.value.reason
