"""One TLS connection: connect, handshake, send, receive, the peer's certificate.

Rules of this room:

- an OSError becomes one of our errors here and nowhere else;
- no byte of HTTP leaves before the caller has judged ``Connection.certificate``: ``connect`` only makes the handshake,
  and with tls=upgrade asks for it before;
- no session is ever resumed, so every connection proves its certificate anew (T-5, Q-71).

The handshake itself verifies nothing unless it is told what: printers are trusted by pin, and the judgement is
``trust.judgement.judge``. With a CA, OpenSSL's verdict is taken here and passed on; with a client certificate the
handshake must end before our own name is shown to a stranger.
"""

from __future__ import annotations

import fcntl
import select
import ssl
import sys
import termios
from collections.abc import Callable

from backend.cupsd.stop_signal import StopSignal
from backend.errors import ClientCertificateWanted, ConnectionLost, PrinterUnreachable
from backend.transport.handshake import alert_of, handshake, is_about_our_certificate
from backend.transport.tcp import BYTES_CONFIRMED, connect_tcp, tcp_count, words_of
from backend.transport.tls_context import (
    ClientIdentity,
    Verify,
    add_identity,
    add_verification,
    offered,
    server_name,
    tls_context,
    verified_name,
)
from backend.trust.addresses import in_dns
from filters.common.dataclass import dataclass

#: The size of one read or write. TLS records carry at most 16 KiB, so more brings nothing; and of a larger write
#: OpenSSL does not tell how many records had left when it fails half way, so nobody could know what is at risk (Q-16).
RECORD_SIZE = 16384


@dataclass(frozen=True)
class PeerCertificate:
    """What a handshake showed: the leaf certificate as DER, and what was agreed."""

    der: bytes
    tls_version: str
    cipher: str


@dataclass(frozen=True)
class Ready:
    """What a wait has ended for; something may have arrived as well, whatever it says.

    Attributes:
        writable: the connection takes something.
        also: the other descriptor can be read.
    """

    writable: bool = False
    also: bool = False


class Connection:
    """A TLS connection after its handshake. Nothing has been sent on it, and nothing verified."""

    def __init__(self, sock: ssl.SSLSocket, printer: str, *, offered: str = "", shown: bool = False) -> None:
        """
        Args:
            offered: what was offered in the handshake, for messages.
            shown: we have a client certificate for whoever asks.
        """
        self._sock = sock
        self._printer = printer
        self._offered = offered
        self._shown = shown
        self._has_read = False
        self.certificate = sock.getpeercert(binary_form=True) or b""
        self.tls_version = sock.version() or "?"
        self.cipher = (sock.cipher() or ("?", "", 0))[0]
        #: What TLS itself waits for before it can write or read on (a key update, a re-handshake).
        self._write_needs_reading = False
        #: The count of confirmed bytes at which all is confirmed that ``note_sent`` was told of; None if nobody counts.
        self._confirmed_at: int | None = None

    @property
    def address(self) -> str:
        """The address at the other end, "" once that is gone."""
        try:
            return str(self._sock.getpeername()[0])
        except OSError:
            return ""

    @property
    def has_forward_secrecy(self) -> bool:
        """False if the session's key can be found out from the printer's: RSA key exchange (Q-53)."""
        return self.tls_version == "TLSv1.3" or self.cipher.startswith(("ECDHE", "DHE"))

    def wait(self, stop: StopSignal, seconds: float | None, *, writing: bool, also: int | None = None) -> Ready | None:
        """Wait until something has arrived, or until TLS can write if there is something to write.

        Decrypted input waits inside TLS, where poll cannot see it (Q-70): with some of it there is no wait.

        Args:
            also: a descriptor whose input ends the wait as well.

        Returns:
            None: the time is over, or a descriptor that ``stop`` attends was served meanwhile.

        Raises:
            JobStopped: SIGTERM arrived.
        """
        ours = self._sock.fileno()
        wanted = {ours: select.POLLIN | (select.POLLOUT if writing and not self._write_needs_reading else 0)}
        if also is not None:
            wanted[also] = select.POLLIN
        ready = stop.wait(0.0 if self._sock.pending() else seconds, wanted, until_served=True)
        if not ready and not self._sock.pending():
            return None
        return Ready(bool(ready.get(ours, 0) & select.POLLOUT), also in ready)

    def note_sent(self) -> None:
        """Remember that what was written until now is all of a body: ``unsent`` counts nothing that comes later.

        TLS writes on its own as well: an alert at an end of the stream without close_notify (OpenSSL 3.5), its part of
        a key update, a refusal to shake hands again. A printer that has closed confirms none of that.
        """
        while True:
            confirmed, queued = self._confirmed(), self._queued()
            if confirmed == self._confirmed():
                break
        self._confirmed_at = confirmed + queued if confirmed else None

    def unsent(self) -> int:
        """Return how many bytes of the body the printer's machine has not confirmed yet; 0 if nobody tells."""
        if self._confirmed_at is None:
            return self._queued()
        return max(0, self._confirmed_at - self._confirmed())

    def _queued(self) -> int:
        """Return how many bytes wait for a confirmation, whatever they are (tcp(7), SIOCOUTQ)."""
        try:
            answer = fcntl.ioctl(self._sock.fileno(), termios.TIOCOUTQ, bytes(4))
        except OSError:
            return 0
        return int.from_bytes(answer, sys.byteorder)

    def _confirmed(self) -> int:
        """Return how many bytes of this connection were ever confirmed, 0 where TCP does not count them (RFC 4898)."""
        return tcp_count(self._sock, BYTES_CONFIRMED)

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
            raise ConnectionLost(self._printer, "sending", words_of(error)) from None

    def receive_some(self) -> bytes | None:
        """Return what has arrived, b"" at the end of the stream, None if nothing is there yet.

        An end without close_notify also gives b"": HTTP framing decides whether the answer was whole (Q-68).

        Raises:
            ConnectionLost: the connection was reset or what arrives is not TLS.
            ClientCertificateWanted: the first that arrives is an alert about our certificate.
        """
        self._write_needs_reading = False
        try:
            data = self._sock.recv(RECORD_SIZE)
            self._has_read = True
            return data
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return None
        except (ssl.SSLEOFError, ssl.SSLZeroReturnError):
            return b""
        except OSError as error:
            if "UNEXPECTED_EOF" in (getattr(error, "reason", None) or ""):
                return b""
            if not self._has_read and is_about_our_certificate(error):
                wanted = ClientCertificateWanted(self._printer, alert_of(error), self._offered, self._shown)
                raise wanted from None
            raise ConnectionLost(self._printer, "waiting for its answer", words_of(error)) from None

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
    key_log: str = "",
    server: str = "",
) -> Connection:
    """Connect and make the handshake. The caller judges ``certificate`` before it sends anything.

    Args:
        printer: what messages call the printer; host and port unless given.
        tls: a key of TLS_PROFILES.
        verify: what OpenSSL has to verify; None: nothing.
        client: our own certificate, shown if the printer asks for it; only together with ``verify.anchors``.
        upgrade_host: change from HTTP to TLS on the open port first (RFC 2817); this is the value of Host.
        meanwhile: done while the printer works on its part of the handshake, if it has to be waited for.
        key_log: a file that is there, into which OpenSSL writes the keys.
        server: the name for which OpenSSL asks and verifies, where ``host`` is an address that was announced for it.

    Raises:
        NotVerified: what had to be verified was not.
        UpgradeRefused: the printer does not change to TLS.
        PrinterUnreachable: no address, refused, no answer, or the handshake timed out (HandshakeTimeout) or was reset.
        TlsRefused: an alert, or no version or suite in common; ClientCertificateWanted: an alert about our certificate.
        NotTls: something else than TLS answers on the port.
    """
    name = printer or f"{host}:{port}"
    context = tls_context(tls)
    if key_log:
        try:
            context.keylog_filename = key_log
        except OSError:
            pass  # a fault of a trace must not become one of the job
    if client is not None:
        assert verify is not None and verify.anchors
        add_identity(context, client)
    if verify is not None:
        add_verification(context, verify)
    raw = connect_tcp(host, port, name, connect_seconds, stop)
    wanted = server or host
    shown = verified_name(wanted) if context.check_hostname else server_name(wanted) if sni else None
    try:
        if upgrade_host is not None:
            from backend.transport.upgrade import ask_for_tls

            ask_for_tls(raw, upgrade_host, name, handshake_seconds, stop)
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
        handshake(sock, name, tls, handshake_seconds, stop, meanwhile, client is not None)
        return Connection(sock, name, offered=offered(tls), shown=client is not None)
    except BaseException:
        sock.close()
        raise
