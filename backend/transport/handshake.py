"""The TLS handshake in its time, and what each way in which it fails is called."""

from __future__ import annotations

import re
import select
import socket
import ssl
import time
from collections.abc import Callable

from backend.cupsd.stop_signal import StopSignal
from backend.errors import (
    ClientCertificateWanted,
    HandshakeTimeout,
    IppsError,
    NotTls,
    NotVerified,
    PrinterUnreachable,
    TlsRefused,
)
from backend.transport.tcp import BYTES_RECEIVED, tcp_count, words_of
from backend.transport.tls_context import TLS_PROFILES, VERSION_NAMES, offered

#: What OpenSSL says of a first record that is none.
NOT_TLS_REASONS = ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "HTTPS_PROXY_REQUEST")
#: Alerts about a certificate (RFC 8446 section 6.2), and the one that many send for want of one. From a server they can
#: only be about ours, once it has agreed to our hello; in TLS 1.3 they come when we believe that all is well.
CERTIFICATE_ALERTS = (
    "ALERT_CERTIFICATE_REQUIRED",
    "ALERT_HANDSHAKE_FAILURE",
    "ALERT_NO_CERTIFICATE",
    "ALERT_BAD_CERTIFICATE",
    "ALERT_UNSUPPORTED_CERTIFICATE",
    "ALERT_CERTIFICATE_REVOKED",
    "ALERT_CERTIFICATE_EXPIRED",
    "ALERT_CERTIFICATE_UNKNOWN",
    "ALERT_UNKNOWN_CA",
    "ALERT_ACCESS_DENIED",
)
#: The type of a record of the handshake, and the random of a ServerHello that only asks for another hello (RFC 8446
#: section 4.1.3), which agrees to nothing yet; and the most bytes before a server's certificate, mostly much fewer.
HANDSHAKE_RECORD = b"\x16"
MOST_WITHOUT_CERTIFICATE = 256
RETRY_RANDOM = bytes.fromhex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c")


def handshake(
    sock: ssl.SSLSocket,
    printer: str,
    profile: str,
    seconds: float,
    stop: StopSignal,
    meanwhile: Callable[[], None] | None,
    shown: bool,
) -> None:
    """Make the handshake; nothing else is sent.

    Args:
        profile: what the socket's context offers, a key of TLS_PROFILES.
        meanwhile: done while the printer works on its part, if it has to be waited for.
        shown: we have a client certificate for whoever asks.

    Raises:
        IppsError: as ``connect`` does.
    """
    end = time.monotonic() + seconds
    wanted, seen = select.POLLOUT, b""
    while True:
        ready = stop.wait(end - time.monotonic(), {sock.fileno(): wanted})
        if not ready or time.monotonic() >= end:  # the deadline is for all of it, however well single bytes come
            reason = f"no TLS handshake within {seconds:g} seconds"
            raise HandshakeTimeout(printer, reason, seconds, silent=not (seen or tcp_count(sock, BYTES_RECEIVED)))
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
            received = tcp_count(sock, BYTES_RECEIVED)
            found = error_of(error, printer, profile, seen, received, shown)
            if isinstance(found, NotTls) and not found.seen:
                found.seen = _status_line(_first_bytes(sock))
            raise found from None
    _check_agreed(sock, printer, profile)


def _first_bytes(sock: ssl.SSLSocket) -> bytes:
    """Return what waits to be read, for the message if it turns out to be no TLS (Q-73).

    It decides nothing: OpenSSL may have read the beginning already.
    """
    try:
        return socket.socket.recv(sock, 64, socket.MSG_PEEK)
    except OSError:
        return b""  # nothing yet, or an error that do_handshake meets as well


def _status_line(rest: bytes) -> str:
    """Return the status line of HTTP without TLS, of which OpenSSL has read as much as the header of a record."""
    return f"HTTP/{rest.splitlines()[0].decode('ascii', 'replace')}" if re.match(rb"1\.[01] \d{3}", rest) else ""


def error_of(error: OSError, printer: str, profile: str, seen: bytes, received: int, shown: bool) -> IppsError:
    """A reset or a close is a printer that cannot be reached; whatever else OpenSSL says is a refusal."""
    reason = getattr(error, "reason", None) or ""
    if isinstance(error, ssl.SSLCertVerificationError):
        return NotVerified(printer, error.verify_code, error.verify_message)
    if isinstance(error, (ssl.SSLEOFError, ssl.SSLZeroReturnError)) or "UNEXPECTED_EOF" in reason:
        return PrinterUnreachable(printer, "the printer closed the connection during the TLS handshake")
    if not isinstance(error, ssl.SSLError) or isinstance(error, ssl.SSLSyscallError):
        return PrinterUnreachable(printer, f"TLS handshake: {words_of(error)}")
    if reason in NOT_TLS_REASONS:
        return NotTls(printer, seen.split(b"\r\n")[0].decode("ascii", "replace"))
    # What OpenSSL has read before it could be looked at is known by its length: a certificate was in it.
    agreed = seen.startswith(HANDSHAKE_RECORD) or received > MOST_WITHOUT_CERTIFICATE
    if agreed and RETRY_RANDOM not in seen and is_about_our_certificate(error):
        return ClientCertificateWanted(printer, alert_of(error), offered(profile), shown)
    # OpenSSL says of alerts in which version it first knew them, which is not the version that was spoken.
    words = reason.lower().replace("_", " ").removeprefix("tlsv1 ").removeprefix("sslv3 ") or words_of(error)
    return TlsRefused(printer, words, offered(profile))


def is_about_our_certificate(error: OSError) -> bool:
    """Whether TLS failed by an alert about the certificate that we show, or do not show."""
    return (getattr(error, "reason", None) or "").endswith(CERTIFICATE_ALERTS)


def alert_of(error: OSError) -> str:
    """Return the words of an alert, without the version that OpenSSL calls it by."""
    return (getattr(error, "reason", None) or "").rpartition("ALERT_")[2].lower().replace("_", " ")


def _check_agreed(sock: ssl.SSLSocket, printer: str, profile: str) -> None:
    """Check what was agreed against what was asked for, and that there is a certificate."""
    lowest, highest, _ = TLS_PROFILES[profile]
    names = list(VERSION_NAMES.values())
    allowed = names[names.index(VERSION_NAMES[lowest]) : names.index(VERSION_NAMES[highest]) + 1]
    if sock.version() not in allowed:
        raise TlsRefused(printer, f"{sock.version()} was agreed and not asked for", offered(profile))
    if not sock.getpeercert(binary_form=True):
        raise TlsRefused(printer, "it shows no certificate", offered(profile))
