"""One TCP connection with TLS: connect, handshake, send, receive, the peer's certificate.

Rules of this module:

- an OSError becomes one of our errors here and nowhere else;
- no byte of HTTP leaves before the caller has judged ``Connection.certificate``: this module only makes the handshake;
- no session is ever resumed, so every connection proves its certificate anew (T-5, Q-71);
- every TLS setting is read back, because a policy that OpenSSL ignores protects nobody (Q-52).

The handshake itself verifies nothing unless it is told what: printers are trusted by pin, and the judgement is
``trust.pins.judge``. With a CA, OpenSSL's verdict is taken here and passed on; with a client certificate the handshake
must end before our own name is shown to a stranger.
"""

from __future__ import annotations

import _thread
import errno
import fcntl
import os
import select
import socket
import ssl
import sys
import termios
import time
from collections.abc import Callable

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
from backend.stop_signal import StopSignal
from filters.dataclass import dataclass

#: The size of one read or write. TLS records carry at most 16 KiB, so more brings nothing; and of a larger write
#: OpenSSL does not tell how many records had left when it fails half way, so nobody could know what is at risk (Q-16).
RECORD_SIZE = 16384
#: Seconds of silence after which TCP asks whether the printer still lives, seconds between questions, their number.
KEEPALIVE_IDLE, KEEPALIVE_INTERVAL, KEEPALIVE_COUNT = 60, 15, 4

#: What a queue offers: lowest version, highest version, and security level of OpenSSL. Level 1 still takes the
#: 1024-bit keys that printers are born with; the pin, not a signature, proves such a certificate (Q-55, Q-56).
TLS_PROFILES: dict[str, tuple[ssl.TLSVersion, ssl.TLSVersion, int]] = {
    "1.2": (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3, 1),
    "1.3": (ssl.TLSVersion.TLSv1_3, ssl.TLSVersion.TLSv1_3, 1),
    "1.2-only": (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_2, 1),
    "legacy": (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_3, 0),
}
#: How ssl.SSLSocket.version() spells the versions, in rising order.
VERSION_NAMES = {
    ssl.TLSVersion.TLSv1: "TLSv1",
    ssl.TLSVersion.TLSv1_1: "TLSv1.1",
    ssl.TLSVersion.TLSv1_2: "TLSv1.2",
    ssl.TLSVersion.TLSv1_3: "TLSv1.3",
}
#: SSL_OP_LEGACY_SERVER_CONNECT of OpenSSL; Python has a name for it only from 3.12 on.
OP_LEGACY_SERVER_CONNECT = 0x4
#: X509_V_FLAG_NO_CHECK_TIME of OpenSSL: an expired pinned certificate is judged afterwards, by the queue's own rule.
VERIFY_NO_CHECK_TIME = 0x200000
#: HTTP statuses of a server that may change to TLS later.
NOT_NOW = (b"500", b"502", b"503", b"504")
#: The longest answer to a request to change to TLS.
LONGEST_UPGRADE_ANSWER = 16384
#: What OpenSSL says of a first record that is none.
NOT_TLS_REASONS = ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "HTTPS_PROXY_REQUEST")


@dataclass(frozen=True)
class Verify:
    """What OpenSSL has to verify in the handshake itself.

    Attributes:
        authorities: PEM text of CA certificates that may vouch for the printer under its name.
        system: the system's CAs may do so as well.
        anchors: PEM text of the pinned certificates; the peer must present one of them, whatever its name and dates.
    """

    authorities: str = ""
    system: bool = False
    anchors: str = ""


@dataclass(frozen=True)
class ClientIdentity:
    """Our own certificate and key for printers that ask for one: paths of PEM files."""

    certificate: str
    key: str


@dataclass(frozen=True)
class PeerCertificate:
    """What a handshake showed: the leaf certificate as DER, and what was agreed."""

    der: bytes
    tls_version: str
    cipher: str


def tls_context(profile: str) -> ssl.SSLContext:
    """Return a context that offers what the profile says, and verify that it does."""
    lowest, highest, level = TLS_PROFILES[profile]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        context.set_ciphers(f"DEFAULT:@SECLEVEL={level}")
        context.minimum_version, context.maximum_version = lowest, highest
    except (ssl.SSLError, ValueError) as error:
        raise InstallationBroken(f"OpenSSL cannot be set to tls={profile}: {error}") from None
    # A peer that shook hands again could show another certificate after the judgement.
    context.options |= ssl.OP_NO_RENEGOTIATION
    if profile == "legacy":
        context.options |= OP_LEGACY_SERVER_CONNECT
    else:
        context.options &= ~OP_LEGACY_SERVER_CONNECT
    _read_back(context, profile)
    return context


def _add_verification(context: ssl.SSLContext, verify: Verify) -> None:
    """Make the handshake itself fail unless a CA, or being a pinned certificate, vouches for the peer."""
    context.verify_mode = ssl.CERT_REQUIRED
    context.verify_flags |= ssl.VerifyFlags.VERIFY_X509_PARTIAL_CHAIN
    try:
        if verify.anchors:
            context.load_verify_locations(cadata=verify.anchors)
            context.verify_flags |= ssl.VerifyFlags(VERIFY_NO_CHECK_TIME)
        else:
            context.check_hostname = True
            if verify.authorities:
                context.load_verify_locations(cadata=verify.authorities)
            if verify.system:
                context.set_default_verify_paths()
    except (OSError, ValueError) as error:
        raise InstallationBroken(f"certificates on file cannot be read: {error}") from None
    if context.verify_mode != ssl.CERT_REQUIRED or context.check_hostname == bool(verify.anchors):
        raise InstallationBroken("OpenSSL ignores that certificates have to be verified")


def _add_identity(context: ssl.SSLContext, client: ClientIdentity) -> None:
    try:
        context.load_cert_chain(client.certificate, client.key, password="")
    except (OSError, ValueError) as error:
        raise InstallationBroken(f"client certificate {client.certificate} or its key {client.key}: {error}") from None


def _read_back(context: ssl.SSLContext, profile: str) -> None:
    lowest, highest, level = TLS_PROFILES[profile]
    as_asked = (
        context.minimum_version == lowest
        and context.maximum_version == highest
        and getattr(context, "security_level", level) == level
        and bool(context.options & OP_LEGACY_SERVER_CONNECT) == (profile == "legacy")
        and context.get_ciphers()
    )
    if not as_asked:
        raise InstallationBroken(f"OpenSSL ignores the setting tls={profile}")


def offered(profile: str) -> str:
    """Say what a profile offers, for messages."""
    lowest, highest, level = TLS_PROFILES[profile]
    return f"{VERSION_NAMES[lowest]} to {VERSION_NAMES[highest]}, security level {level} of {ssl.OPENSSL_VERSION}"


def server_name(host: str) -> str | None:
    """Return the host as the name for SNI, None for an address (RFC 6066 section 3 allows only names)."""
    bare = host.rstrip(".")
    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            socket.inet_pton(family, bare.partition("%")[0])
            return None
        except OSError:
            continue
    try:
        in_dns(bare)
    except UnicodeError:
        return None
    return bare


def in_dns(name: str) -> bytes:
    """Return a name as it stands in DNS.

    Raises:
        UnicodeError: it cannot stand there.
    """
    if name.isascii() and all(0 < len(label) < 64 for label in name.split(".")):
        return name.encode("ascii")  # the codec would do the same; it takes a millisecond to import
    return name.encode("idna")


# --- addresses and TCP ------------------------------------------------------------------------------------


def resolve(host: str, port: int, seconds: float, stop: StopSignal) -> list[tuple[socket.AddressFamily, tuple]]:
    """Return the addresses of a host in the order the resolver prefers.

    getaddrinfo cannot be interrupted, so it runs in a thread of its own: neither SIGTERM nor a dead name server may
    keep the backend.

    Raises:
        OSError: the name has no address, or the resolver does not answer in time.
    """
    readable, writable = os.pipe()
    answers: list[list[tuple[socket.AddressFamily, tuple]] | OSError] = []

    def look_up() -> None:
        try:
            found = socket.getaddrinfo(in_dns(host), port, type=socket.SOCK_STREAM)
            answers.append([(family, address) for family, _, _, _, address in found])
        except OSError as error:
            answers.append(error)
        except UnicodeError:
            answers.append(socket.gaierror(socket.EAI_NONAME, "the name cannot be written in DNS"))
        os.close(writable)

    try:
        _thread.start_new_thread(look_up, ())
        stop.wait(seconds, {readable: select.POLLIN})
    finally:
        os.close(readable)
    if not answers:
        raise TimeoutError(errno.ETIMEDOUT, "the name server does not answer")
    if isinstance(answers[0], OSError):
        raise answers[0]
    return answers[0]


def _reason(error: OSError) -> str:
    """Return what the system says, without numbers and file names."""
    if isinstance(error, socket.gaierror):
        return "its name has no address" if error.errno in (socket.EAI_NONAME, -5) else str(error.strerror)
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, (ssl.SSLEOFError, ssl.SSLZeroReturnError)):
        return "it closed the connection"
    if isinstance(error, ssl.SSLError) and error.reason:
        return "TLS: " + error.reason.lower().replace("_", " ")
    return error.strerror or str(error) or type(error).__name__


def _connect_one(family: socket.AddressFamily, address: tuple, seconds: float, stop: StopSignal) -> socket.socket:
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setblocking(False)
        code = sock.connect_ex(address)
        if code not in (0, errno.EINPROGRESS):
            raise OSError(code, os.strerror(code))
        if code and not stop.wait(seconds, {sock.fileno(): select.POLLOUT}):
            raise TimeoutError(errno.ETIMEDOUT, "no answer in time")
        code = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if code:
            raise OSError(code, os.strerror(code))
        _set_socket_options(sock)
    except BaseException:
        sock.close()
        raise
    return sock


def _set_socket_options(sock: socket.socket) -> None:
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in (
        ("TCP_KEEPIDLE", KEEPALIVE_IDLE),
        ("TCP_KEEPINTVL", KEEPALIVE_INTERVAL),
        ("TCP_KEEPCNT", KEEPALIVE_COUNT),
    ):
        if hasattr(socket, option):
            sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)


def _connect_tcp(host: str, port: int, printer: str, seconds: float, stop: StopSignal) -> socket.socket:
    """Connect to the first address that answers; each gets an equal part of the time that is left."""
    end = time.monotonic() + seconds
    try:
        addresses = resolve(host, port, seconds, stop)
    except OSError as error:
        raise PrinterUnreachable(printer, _reason(error)) from None
    reasons: list[str] = []
    for index, (family, address) in enumerate(addresses):
        share = max(0.1, (end - time.monotonic()) / (len(addresses) - index))
        try:
            return _connect_one(family, address, share, stop)
        except OSError as error:
            reasons.append(f"{address[0]}: {_reason(error)}")
    raise PrinterUnreachable(printer, "; ".join(dict.fromkeys(reasons)))


# --- TLS --------------------------------------------------------------------------------------------------


class Connection:
    """A TLS connection after its handshake. Nothing has been sent on it, and nothing verified."""

    def __init__(self, sock: ssl.SSLSocket, printer: str) -> None:
        self._sock = sock
        self._printer = printer
        self.certificate = sock.getpeercert(binary_form=True) or b""
        self.tls_version = sock.version() or "?"
        self.cipher = (sock.cipher() or ("?", "", 0))[0]
        #: What TLS itself waits for before it can write or read on (a key update, a re-handshake).
        self._write_needs_reading = False

    @property
    def has_forward_secrecy(self) -> bool:
        """False if the session's key can be found out from the printer's: RSA key exchange (Q-53)."""
        return self.tls_version == "TLSv1.3" or self.cipher.startswith(("ECDHE", "DHE"))

    def fileno(self) -> int:
        """The descriptor to poll."""
        return self._sock.fileno()

    def poll_mask(self, writing: bool) -> int:
        """Return what to poll for: always input, and output if there is something to write that TLS can write now."""
        return select.POLLIN | (select.POLLOUT if writing and not self._write_needs_reading else 0)

    def unsent(self) -> int:
        """Return how many bytes the printer's machine has not confirmed yet (tcp(7), SIOCOUTQ); 0 if nobody tells."""
        try:
            answer = fcntl.ioctl(self._sock.fileno(), termios.TIOCOUTQ, bytes(4))
        except OSError:
            return 0
        return int.from_bytes(answer, sys.byteorder)

    def pending(self) -> bool:
        """Tell whether decrypted input waits inside TLS, where poll cannot see it (Q-70)."""
        return self._sock.pending() > 0

    def send_some(self, data: memoryview, *, one_record: bool = False) -> int:
        """Send what the connection takes now, and return how much; 0 means: poll first.

        Args:
            one_record: send one TLS record at most. Of several, some may have left when 0 is returned or an error
                raised; of a single one the peer can then read nothing.

        Raises:
            ConnectionLost: the peer is gone.
        """
        self._write_needs_reading = False
        try:
            return self._sock.send(data[:RECORD_SIZE] if one_record else data)
        except ssl.SSLWantWriteError:
            return 0
        except ssl.SSLWantReadError:
            self._write_needs_reading = True
            return 0
        except OSError as error:
            raise ConnectionLost(self._printer, "sending", _reason(error)) from None

    def receive_some(self) -> bytes | None:
        """Return what has arrived, b"" at the end of the stream, None if nothing is there yet.

        An end without close_notify also gives b"": HTTP framing decides whether the answer was whole (Q-68).

        Raises:
            ConnectionLost: the connection was reset or what arrives is not TLS.
        """
        self._write_needs_reading = False
        try:
            return self._sock.recv(RECORD_SIZE)
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return None
        except (ssl.SSLEOFError, ssl.SSLZeroReturnError):
            return b""
        except OSError as error:
            if "UNEXPECTED_EOF" in (getattr(error, "reason", None) or ""):
                return b""
            raise ConnectionLost(self._printer, "waiting for its answer", _reason(error)) from None

    def close(self) -> None:
        """Send close_notify, do not wait for the peer's (Q-67), and close."""
        try:
            self._sock.unwrap()
        except (OSError, ValueError):
            pass
        self.drop()

    def drop(self) -> None:
        """Close without a word; a body that has not ended stays without an end."""
        self._sock.close()


def connect(
    host: str,
    port: int,
    *,
    stop: StopSignal,
    printer: str | None = None,
    tls: str = "1.2",
    sni: bool = True,
    verify: Verify | None = None,
    client: ClientIdentity | None = None,
    upgrade_host: str | None = None,
    connect_seconds: float = 30,
    handshake_seconds: float = 30,
    meanwhile: Callable[[], None] | None = None,
) -> Connection:
    """Connect and make the handshake. The caller judges ``certificate`` before it sends anything.

    Args:
        printer: what messages call the printer; host and port unless given.
        tls: a key of TLS_PROFILES.
        verify: what OpenSSL has to verify; None: nothing.
        client: our own certificate, shown if the printer asks for it; only together with ``verify.anchors``.
        upgrade_host: change from HTTP to TLS on the open port first (RFC 2817); this is the value of Host.
        meanwhile: done while the printer works on its part of the handshake, if it has to be waited for.

    Raises:
        NotVerified: what had to be verified was not.
        UpgradeRefused: the printer does not change to TLS.
        PrinterUnreachable: no address, refused, no answer, or the handshake timed out or was reset.
        TlsRefused: an alert, or no version or suite in common.
        NotTls: something else than TLS answers on the port.
    """
    name = printer or f"{host}:{port}"
    context = tls_context(tls)
    if client is not None:
        assert verify is not None and verify.anchors
        _add_identity(context, client)
    if verify is not None:
        _add_verification(context, verify)
    raw = _connect_tcp(host, port, name, connect_seconds, stop)
    shown = _verified_name(host) if context.check_hostname else server_name(host) if sni else None
    try:
        if upgrade_host is not None:
            _upgrade(raw, upgrade_host, name, handshake_seconds, stop)
        sock = context.wrap_socket(
            raw,
            server_hostname=None if shown is None else in_dns(shown),  # type: ignore[arg-type]
            do_handshake_on_connect=False,
            suppress_ragged_eofs=False,
        )
    except (OSError, ValueError) as error:
        raw.close()
        raise PrinterUnreachable(name, str(error)) from None
    except BaseException:
        raw.close()
        raise
    try:
        _handshake(sock, name, tls, handshake_seconds, stop, meanwhile)
        return Connection(sock, name)
    except BaseException:
        sock.close()
        raise


def _handshake(
    sock: ssl.SSLSocket,
    printer: str,
    profile: str,
    seconds: float,
    stop: StopSignal,
    meanwhile: Callable[[], None] | None,
) -> None:
    end = time.monotonic() + seconds
    wanted, seen = select.POLLOUT, b""
    while True:
        if not stop.wait(end - time.monotonic(), {sock.fileno(): wanted}):
            raise PrinterUnreachable(printer, f"no TLS handshake within {seconds:g} seconds")
        seen = seen or _first_bytes(sock)
        try:
            sock.do_handshake()
            break
        except ssl.SSLWantReadError:
            wanted = select.POLLIN
            if meanwhile is not None:
                meanwhile()
                meanwhile = None
        except ssl.SSLWantWriteError:
            wanted = select.POLLOUT
        except OSError as error:
            raise _handshake_error(error, printer, profile, seen) from None
    _check_agreed(sock, printer, profile)


def _first_bytes(sock: ssl.SSLSocket) -> bytes:
    """Return what waits to be read, for the message if it turns out to be no TLS (Q-73).

    It decides nothing: OpenSSL may have read the beginning already.
    """
    try:
        return socket.socket.recv(sock, 64, socket.MSG_PEEK)
    except OSError:
        return b""  # nothing yet, or an error that do_handshake meets as well


def _handshake_error(error: OSError, printer: str, profile: str, seen: bytes) -> IppsError:
    """A reset or a close is a printer that cannot be reached; whatever else OpenSSL says is a refusal."""
    reason = getattr(error, "reason", None) or ""
    if isinstance(error, ssl.SSLCertVerificationError):
        return NotVerified(printer, error.verify_code, error.verify_message)
    if isinstance(error, (ssl.SSLEOFError, ssl.SSLZeroReturnError)) or "UNEXPECTED_EOF" in reason:
        return PrinterUnreachable(printer, "it closed the connection during the TLS handshake")
    if not isinstance(error, ssl.SSLError) or isinstance(error, ssl.SSLSyscallError):
        return PrinterUnreachable(printer, f"TLS handshake: {_reason(error)}")
    if reason in NOT_TLS_REASONS:
        return NotTls(printer, seen.split(b"\r\n")[0].decode("ascii", "replace"))
    words = reason.lower().replace("_", " ") or _reason(error)
    return TlsRefused(printer, words, offered(profile))


def _check_agreed(sock: ssl.SSLSocket, printer: str, profile: str) -> None:
    """Check what was agreed against what was asked for, and that there is a certificate."""
    lowest, highest, _ = TLS_PROFILES[profile]
    names = list(VERSION_NAMES.values())
    allowed = names[names.index(VERSION_NAMES[lowest]) : names.index(VERSION_NAMES[highest]) + 1]
    if sock.version() not in allowed:
        raise TlsRefused(printer, f"{sock.version()} was agreed and not asked for", offered(profile))
    if not sock.getpeercert(binary_form=True):
        raise TlsRefused(printer, "it shows no certificate", offered(profile))


def _verified_name(host: str) -> str:
    """Return the name or address that the certificate must have when a CA vouches for it."""
    return host.rstrip(".").partition("%")[0]


def _upgrade(sock: socket.socket, host_field: str, printer: str, seconds: float, stop: StopSignal) -> None:
    """Ask an HTTP server to change to TLS: OPTIONS with exactly the fields that RFC 2817 section 3.1 needs.

    Raises:
        UpgradeRefused: any answer but 101.
        PrinterUnreachable: none, or one that says "not now".
    """
    end = time.monotonic() + seconds
    sock.send(f"OPTIONS * HTTP/1.1\r\nHost: {host_field}\r\nConnection: Upgrade\r\nUpgrade: TLS/1.2\r\n\r\n".encode())
    answer = b""
    while b"\r\n\r\n" not in answer:
        if len(answer) > LONGEST_UPGRADE_ANSWER or not stop.wait(
            end - time.monotonic(), {sock.fileno(): select.POLLIN}
        ):
            raise PrinterUnreachable(printer, "it does not answer the request to change to TLS")
        try:
            # Not a byte beyond the answer's head: what follows belongs to the handshake.
            piece = sock.recv(1)
        except OSError as error:
            raise PrinterUnreachable(printer, _reason(error)) from None
        if not piece:
            raise PrinterUnreachable(printer, "it closed the connection when asked to change to TLS")
        answer += piece
    status = answer.split(b"\r\n", 1)[0].split(b" ", 2)
    if status[0].startswith(b"HTTP/") and len(status) > 1 and status[1] in NOT_NOW:
        raise PrinterUnreachable(printer, f"it answers HTTP {status[1].decode('ascii', 'replace')}")
    if len(status) < 2 or not status[0].startswith(b"HTTP/") or status[1] != b"101":
        raise UpgradeRefused(printer, answer.split(b"\r\n", 1)[0][:60].decode("ascii", "replace"))


def fetch_certificate(
    host: str, port: int, *, timeout: float = 30, tls: str = "1.2", sni: bool = True, stop: StopSignal | None = None
) -> PeerCertificate:
    """Make a handshake only, and return what it showed. No byte of HTTP is sent.

    Raises: as ``connect``.
    """
    connection = connect(
        host,
        port,
        stop=stop or StopSignal(),
        tls=tls,
        sni=sni,
        connect_seconds=timeout,
        handshake_seconds=timeout,
    )
    connection.close()
    return PeerCertificate(connection.certificate, connection.tls_version, connection.cipher)
