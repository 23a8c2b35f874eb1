"""backend.connection: real handshakes on loopback, good and bad, and what each failure is called."""

from __future__ import annotations

import datetime
import errno
import socket
import ssl
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from backend import connection
from backend.connection import (
    OP_LEGACY_SERVER_CONNECT,
    TLS_PROFILES,
    ClientIdentity,
    Connection,
    Verify,
    connect,
    fetch_certificate,
    resolve,
    in_dns,
    server_name,
    tls_context,
)
from backend.errors import (
    ConnectionLost,
    InstallationBroken,
    IppsError,
    NotTls,
    NotVerified,
    PrinterUnreachable,
    TlsRefused,
    UpgradeRefused,
)
from backend.stop_signal import JobStopped, StopSignal
from tests.printer import Certificate, Faults, Printer, make_authority, make_certificate
from tests.unit.backend.tls_peer import peer, read_to_end, read_until, reset, server_context

V = ssl.TLSVersion

#: Python warns of TLS 1.0 and 1.1 wherever they are named; the legacy profile names them.
pytestmark = pytest.mark.filterwarnings("ignore:ssl.TLSVersion")


def connected(port: int, host: str = "localhost", **how: Any) -> Connection:
    """Connect to a port of loopback."""
    how = {"connect_seconds": 5, "handshake_seconds": 5, "stop": StopSignal(), **how}
    return connect(host, port, **how)


def failure(port: int, **how: Any) -> IppsError:
    """Return the error that a connection ends in."""
    with pytest.raises(IppsError) as caught:
        connected(port, **how)
    return caught.value


def stays(sock: socket.socket) -> bytes:
    """Read whatever comes until the other side closes."""
    return read_to_end(sock)


# --- a handshake ------------------------------------------------------------------------------------------


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
    "lowest, highest, profile",
    [
        (V.TLSv1, V.TLSv1_1, "1.2"),
        (V.TLSv1, V.TLSv1_1, "1.2-only"),
        (V.TLSv1_2, V.TLSv1_2, "1.3"),
        (V.TLSv1_3, V.TLSv1_3, "1.2-only"),
    ],
)
def test_refuses_a_version_that_was_not_asked_for(
    certificate: Certificate, lowest: V, highest: V, profile: str
) -> None:
    """No version in common is a refusal that says what was offered, and is never tried lower (Q-50)."""
    with peer(stays, server_context(certificate, lowest, highest)) as server:
        error = failure(server.port, tls=profile)
        assert isinstance(error, TlsRefused) and "TLSv1.2" in error.offered or "TLSv1.3" in str(error)
        assert isinstance(error, TlsRefused)
        assert server.connections == 1


def test_sends_nothing_but_the_handshake(certificate: Certificate) -> None:
    """fetch_certificate shows what the peer shows, and no byte of HTTP leaves."""
    with peer(stays, server_context(certificate)) as server:
        fetched = fetch_certificate("localhost", server.port, timeout=5)
        assert (fetched.der, fetched.tls_version) == (certificate.der, "TLSv1.3")
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


@pytest.mark.parametrize(
    "host, name",
    [
        ("printer", "printer"),
        ("printer.local.", "printer.local"),
        ("192.0.2.1", None),
        ("2001:db8::1", None),
        ("fe80::1%eth0", None),
        ("fe80::1%1", None),
        ("a" * 64, None),
        ("1.2.3.4.5", "1.2.3.4.5"),
    ],
)
def test_knows_names_from_addresses(host: str, name: str | None) -> None:
    """RFC 6066 section 3: no addresses, no trailing dot."""
    assert server_name(host) == name


def encoded(encode: Callable[[str], bytes], name: str) -> bytes | None:
    try:
        return encode(name)
    except UnicodeError:
        return None


@pytest.mark.parametrize(
    "name", ("printer", "Printer.local", "dru\u0308cker.example", "a..b", "a" * 63, "a" * 64, "a.", "")
)
def test_names_are_encoded_as_the_codec_does(name: str) -> None:
    """A name of ASCII goes the short way and comes out the same; what cannot be a name is refused the same."""
    assert encoded(in_dns, name) == encoded(lambda text: text.encode("idna"), name)


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
    monkeypatch.setattr(connection, "_connect_tcp", lambda *args: ours)
    error = failure(443)
    theirs.close()
    assert isinstance(error, NotTls) and error.seen == seen


@pytest.mark.parametrize("answer", [answer for answer, _ in FOREIGN])
def test_knows_answers_that_are_no_tls(answer: bytes) -> None:
    """A web server that answers the ClientHello is no TLS server, however early its answer is read."""
    with peer(saying(answer)) as server:
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


def test_a_handshake_has_a_deadline() -> None:
    """Silence after the connection is a printer out of reach (Q-69)."""
    with peer(stays) as server:
        error = failure(server.port, handshake_seconds=0.2)
    assert isinstance(error, PrinterUnreachable) and "handshake" in error.reason


def test_a_refused_connection_is_a_printer_out_of_reach() -> None:
    """Nobody listens."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    error = failure(port, host="127.0.0.1", printer="office")
    assert isinstance(error, PrinterUnreachable)
    assert (error.printer, error.reason) == ("office", "127.0.0.1: Connection refused")
    listener.close()


def test_sigterm_ends_a_handshake() -> None:
    """Nothing waits through SIGTERM."""
    stop = StopSignal()
    with peer(stays) as server:
        threading.Timer(0.1, stop.request).start()
        with pytest.raises(JobStopped):
            connected(server.port, stop=stop)


# --- addresses --------------------------------------------------------------------------------------------


def addresses(monkeypatch: pytest.MonkeyPatch, *found: tuple[str, int]) -> None:
    """Let the resolver find these addresses for every name."""
    answers = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", address) for address in found]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **more: answers)


def free_port() -> int:
    """Return a port where nobody listens."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


def test_tries_all_addresses(certificate: Certificate, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first one that answers is taken, in the resolver's order."""
    with peer(stays, server_context(certificate)) as server:
        addresses(monkeypatch, ("127.0.0.2", free_port()), ("127.0.0.1", server.port), ("127.0.0.3", 1))
        made = connected(server.port, "printer")
        assert made.certificate == certificate.der
        made.drop()


def test_names_each_address_that_did_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """All of them with their reasons."""
    port = free_port()
    addresses(monkeypatch, ("127.0.0.2", port), ("127.0.0.3", port))
    error = failure(port, host="printer")
    assert isinstance(error, PrinterUnreachable)
    assert error.reason == "127.0.0.2: Connection refused; 127.0.0.3: Connection refused"


@pytest.mark.parametrize(
    "code, words", [(socket.EAI_NONAME, "its name has no address"), (socket.EAI_AGAIN, "try later")]
)
def test_a_name_without_an_address_is_a_printer_out_of_reach(
    monkeypatch: pytest.MonkeyPatch, code: int, words: str
) -> None:
    """What the resolver says becomes the reason."""

    def getaddrinfo(*args: object, **more: object) -> None:
        raise socket.gaierror(code, "try later")

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    error = failure(443, host="printer")
    assert isinstance(error, PrinterUnreachable) and error.reason == words


def test_a_dead_name_server_does_not_keep_the_backend(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the deadline nor SIGTERM waits for the resolver, and its late answer hurts nobody."""
    release, left = threading.Event(), threading.Event()

    def getaddrinfo(*args: object, **more: object) -> list[object]:
        release.wait(20)
        left.set()
        return []

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    error = failure(443, host="printer", connect_seconds=0.1)
    assert isinstance(error, PrinterUnreachable) and error.reason == "no answer in time"
    stop = StopSignal()
    threading.Timer(0.1, stop.request).start()
    with pytest.raises(JobStopped):
        resolve("printer", 443, 20, stop)
    release.set()
    assert left.wait(5)


def test_a_name_that_cannot_be_written_is_out_of_reach() -> None:
    """A label of 64 letters never reaches a name server."""
    assert isinstance(failure(443, host="a" * 64), PrinterUnreachable)


# --- settings ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("profile", sorted(TLS_PROFILES))
def test_a_context_offers_what_its_profile_says(profile: str) -> None:
    """Versions, level, RFC 5746; and no verification that nobody asked for."""
    lowest, highest, level = TLS_PROFILES[profile]
    context = tls_context(profile)
    assert (context.minimum_version, context.maximum_version) == (lowest, highest)
    assert getattr(context, "security_level", level) == level
    assert bool(context.options & OP_LEGACY_SERVER_CONNECT) is (profile == "legacy")
    assert context.options & ssl.OP_NO_COMPRESSION


@pytest.mark.parametrize("changed", [(V.TLSv1_2, V.TLSv1_3, 9), (V.TLSv1_3, V.TLSv1_3, 99)])
def test_a_setting_that_openssl_ignores_is_an_error(monkeypatch: pytest.MonkeyPatch, changed: tuple[V, V, int]) -> None:
    """A policy that did not take effect protects nobody (Q-52)."""
    monkeypatch.setattr(connection, "TLS_PROFILES", {**TLS_PROFILES, "1.2": changed})
    with pytest.raises(InstallationBroken):
        tls_context("1.2")


def test_old_versions_are_for_one_queue_only() -> None:
    """No profile but legacy goes below TLS 1.2 or level 1."""
    for name, (lowest, _, level) in TLS_PROFILES.items():
        assert (lowest >= V.TLSv1_2 and level >= 1) is (name != "legacy")


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
        assert isinstance(failure(server.port, verify=Verify(authorities=stranger.cert_pem.decode())), NotVerified)
        assert isinstance(failure(server.port, verify=Verify(system=True)), NotVerified)
        connected(server.port, sni=False, verify=verify).drop()
    with peer(stays, other) as server:
        assert isinstance(failure(server.port, verify=verify), NotVerified)
    with peer(stays, server_context(expired)) as server:
        assert isinstance(failure(server.port, verify=verify), NotVerified)


@pytest.mark.parametrize(
    "verify", [Verify(authorities="no certificate"), Verify(anchors="no certificate"), Verify(authorities="\n")]
)
def test_text_that_is_no_certificate_is_an_error(verify: Verify) -> None:
    """It never means that nothing is verified."""
    with peer(stays) as server, pytest.raises(InstallationBroken):
        connected(server.port, verify=verify)


def test_nobody_vouches_when_no_ca_is_named(certificate: Certificate) -> None:
    """Verification without a CA refuses everybody."""
    with peer(stays, server_context(certificate)) as server:
        assert isinstance(failure(server.port, verify=Verify()), NotVerified)


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


def test_a_client_key_that_cannot_be_used_is_an_error(tmp_path: Path, certificate: Certificate) -> None:
    """The key is missing, or belongs to another certificate."""
    cert, _ = make_certificate().write(tmp_path, "one")
    _, key = make_certificate().write(tmp_path, "two")
    for wrong in (key, tmp_path / "missing"):
        with pytest.raises(InstallationBroken):
            connected(
                1,
                verify=Verify(anchors=certificate.cert_pem.decode()),
                client=ClientIdentity(str(cert), str(wrong)),
            )


# --- RFC 2817 ---------------------------------------------------------------------------------------------

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


def test_changes_at_the_scripted_printer() -> None:
    """The scripted printer, which knows nothing of this module, agrees."""
    with Printer(faults=Faults(upgrade="accept")) as printer:
        made = connected(printer.port, upgrade_host=f"localhost:{printer.port}")
        assert made.certificate == printer.certificate.der
        made.close()


# --- bytes ------------------------------------------------------------------------------------------------


def received(made: Connection) -> bytes | None:
    """Return what arrives next."""
    for _ in range(500):
        data = made.receive_some()
        if data is not None:
            return data
        StopSignal().wait(1, {made.fileno(): made.poll_mask(False)})
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
        StopSignal().wait(5, {made.fileno(): 0})  # a reset is reported without being asked for
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
            StopSignal().wait(5, {made.fileno(): made.poll_mask(True)})
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


def test_decrypted_bytes_are_told(certificate: Certificate) -> None:
    """What poll cannot see, pending does (Q-70)."""

    def script(sock: socket.socket) -> object:
        sock.sendall(b"x" * 16384 + b"y" * 16384)
        return read_to_end(sock)

    with peer(script, server_context(certificate)) as server:
        made = connected(server.port)
        found = b""
        while len(found) < 32768:
            found += received(made) or b""
        assert not made.pending()
        made.drop()


def test_errors_have_names_and_no_numbers() -> None:
    """What people read is what the system says, without errno."""
    assert connection._reason(OSError(errno.EHOSTUNREACH, "No route to host")) == "No route to host"
    assert connection._reason(TimeoutError(errno.ETIMEDOUT, "x")) == "no answer in time"
    assert connection._reason(OSError()) == "OSError"
