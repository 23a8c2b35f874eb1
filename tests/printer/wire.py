"""One connection of the scripted printer below HTTP: reading, writing, counting, and every way of ending.

`Stream` works on a plain socket, on one wrapped by `ssl`, or on our own old TLS; all bytes it counts are HTTP bytes,
after the handshake. The ways of ending differ on the wire, and a client may not take one for another:

    close       close_notify, FIN, then whatever the client still sends is read and dropped: nothing is lost
    fin         FIN without close_notify; data that comes later is answered with RST
    rst         RST at once (SO_LINGER 0), data under way is lost
    half_close  FIN without close_notify, but reading goes on
    hang        nothing more, until the client has gone
"""

from __future__ import annotations

import contextlib
import select
import socket
import struct
import time
from dataclasses import dataclass
from typing import Any, Callable

from tests.printer.faults import Faults
from tests.printer.hello import ClientHello

RECORD = 32768  # more than one TLS record, the most that one SSL_read gives
FIN_SENT = (4, 5)  # FIN_WAIT1 and FIN_WAIT2 of Linux's TCP_INFO: our FIN is out, the client's has not come
LINGER_SECONDS = 5.0  # how long an orderly close reads on


class Gone(Exception):
    """The connection has ended, by a fault or by the client."""


class Break(Gone):
    """The connection is to be ended by a fault.

    Raised where the fault strikes, carried out by whoever serves the connection, so that the job is in its final state
    before the client can notice anything.
    """

    def __init__(self, how: str) -> None:
        super().__init__(how)
        self.how = how


@dataclass
class Connection:
    """What the printer has seen of one connection."""

    number: int
    received: int = 0
    sent: int = 0
    handshake: bool = False
    tls_version: str = ""
    cipher: str = ""
    hello: ClientHello | None = None
    client_certificate: bytes | None = None
    requests: int = 0
    certificate_sha256: bytes = b""
    before_tls: int = 0  # bytes before an upgrade to TLS


class Stream:
    """Bytes of one connection in both directions."""

    def __init__(self, raw: socket.socket, seen: Connection, faults: Faults, wait: Callable[[float], bool]) -> None:
        """`wait` sleeps that many seconds and says whether the printer is being stopped."""
        self.raw = raw
        self.seen = seen
        self.faults = faults
        self.wait = wait
        self.transport: Any = raw
        self.stop_reading_at: int | None = None
        self._buffer = b""
        self._at = 0
        self._dead = False
        self._cutting = False
        cut = faults.setting("cut")
        direction, _, rest = cut.form.partition(":")
        self._cut_in = cut.number if direction == "received" else None
        self._cut_out = cut.number if direction == "sent" else None
        self._cut_how = rest.partition(":")[2] or "rst"
        slow = faults.setting("slow_read")
        self._slow = (slow.number, slow.seconds) if slow.form == "N:S" else None
        if self._slow or faults.stall != "none":
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 131072)
        if faults.rest != "0":
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)

    # --- reading ---

    def read(self, limit: int = RECORD) -> bytes:
        """Some bytes; none at the end."""
        if self._at >= len(self._buffer):
            self._buffer, self._at = self._receive(), 0
        if self._at == 0 and len(self._buffer) <= limit:
            found, self._buffer = self._buffer, b""
            return found
        found = self._buffer[self._at : self._at + limit]
        self._at += len(found)
        return found

    def read_line(self, limit: int = 65536) -> bytes:
        """Up to and with the next line feed; what there is at the end or at the limit."""
        parts = bytearray()
        while len(parts) < limit:
            if self._at >= len(self._buffer):
                self._buffer, self._at = self._receive(), 0
                if not self._buffer:
                    break
            end = self._buffer.find(b"\n", self._at) + 1
            piece = self._buffer[self._at : end or len(self._buffer)]
            self._at += len(piece)
            parts += piece
            if end:
                break
        return bytes(parts)

    def _receive(self) -> bytes:
        """One read of the transport, with the faults of reading."""
        self._check()
        if self.stop_reading_at is not None and self.seen.received >= self.stop_reading_at:
            self.end("hang")
        limit = self._slow[0] if self._slow else RECORD
        try:
            block: bytes = self.transport.recv(limit)
        except TimeoutError:
            raise
        except (OSError, ValueError) as error:
            self._lost()
            raise Gone from error
        if self._cut_in is not None and self.seen.received + len(block) >= self._cut_in:
            block = block[: self._cut_in - self.seen.received]
            self._cutting = True
            if not block:
                self._check()
        self.seen.received += len(block)
        if self._slow and block:
            self.wait(self._slow[1])
        return block

    def _check(self) -> None:
        if self._dead:
            raise Gone
        if self._cutting:
            raise Break(self._cut_how)

    def timeout(self, seconds: float | None) -> None:
        """How long a read may take before it raises TimeoutError."""
        with contextlib.suppress(OSError):
            self.transport.settimeout(seconds)

    # --- writing ---

    def write(self, *pieces: bytes) -> None:
        """Send the pieces as one write each."""
        for piece in pieces:
            self._check()
            cut = self._cut_out is not None and self.seen.sent + len(piece) >= self._cut_out
            if cut and self._cut_out is not None:
                piece = piece[: self._cut_out - self.seen.sent]
            try:
                if piece:
                    self.transport.sendall(piece)
            except (OSError, ValueError) as error:
                self._lost()
                raise Gone from error
            self.seen.sent += len(piece)
            if cut:
                raise Break(self._cut_how)

    # --- ending ---

    def end(self, how: str) -> None:
        """End the connection in one of the ways above, and leave the conversation."""
        if not self._dead:
            self._end(how)
        raise Gone

    def strike(self, phase: str) -> None:
        """The ``at`` switch before the first request."""
        for setting in self.faults.settings("at"):
            if setting.phase == phase:
                self.end(setting.form.partition("@")[0])

    def close(self) -> None:
        """The printer's ordinary end of a connection."""
        if self._dead:
            return
        how = self.faults.close_notify
        self._end({"abrupt": "fin", "no-reply": "hang"}.get(how, "close"))

    def _lost(self) -> None:
        self._dead = True
        self._shut()

    def _end(self, how: str) -> None:
        self._dead = True
        {
            "rst": self._rst,
            "fin": self._fin,
            "hang": self._wait_for_client,
            "half-close": self._half_close,
            "close": self._close,
        }[how]()

    def _rst(self) -> None:
        with contextlib.suppress(OSError):
            # What was read is confirmed first: a machine does that after 40 ms by itself, and RST confirms nothing.
            socket.socket.setsockopt(self._socket(), socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
            self.raw_option(socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._shut()

    def _fin(self) -> None:
        # Both directions, and the descriptor stays: closing it with unread data would send RST in the place of FIN.
        self._shutdown(socket.SHUT_RDWR)
        while self._tcp_state() in FIN_SENT and not self.wait(0.01):
            # Data that waits here would keep the window shut, and later data from getting its RST.
            self._drain(0)
        self._shut()

    def _half_close(self) -> None:
        self._shutdown(socket.SHUT_WR)
        self._drain(None)
        self._shut()

    def _close(self) -> None:
        self._close_notify()
        self._shutdown(socket.SHUT_WR)
        self._drain(LINGER_SECONDS)
        self._shut()

    def _close_notify(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            self.transport.settimeout(0)
            if hasattr(self.transport, "unwrap"):
                self.transport.unwrap()  # sends ours; the client's would be waited for, hence no time for that

    def _drain(self, seconds: float | None) -> None:
        """Read and drop what comes, below TLS: until the client ends, for some seconds, or (0) only what is there."""
        until = time.monotonic() + seconds if seconds else None
        with contextlib.suppress(OSError):
            socket.socket.settimeout(self._socket(), seconds)
            while socket.socket.recv(self._socket(), 65536) and (not until or time.monotonic() < until):
                pass

    def _wait_for_client(self) -> None:
        """Wait until the client has closed or the printer stops, reading nothing."""
        with contextlib.suppress(OSError, ValueError):
            poll = select.poll()
            poll.register(self._socket().fileno(), select.POLLRDHUP)
            while True:
                events = poll.poll(500)
                if events or self.wait(0):
                    break
        self._shut()

    def _tcp_state(self) -> int:
        try:
            return socket.socket.getsockopt(self._socket(), socket.IPPROTO_TCP, socket.TCP_INFO, 8)[0]
        except OSError:
            return 0

    def _socket(self) -> socket.socket:
        return self.transport if isinstance(self.transport, socket.socket) else self.raw

    def raw_option(self, option: int, value: Any) -> None:
        socket.socket.setsockopt(self._socket(), socket.SOL_SOCKET, option, value)

    def _shutdown(self, how: int) -> None:
        # Past SSLSocket.shutdown, which would forget the TLS state.
        with contextlib.suppress(OSError):
            socket.socket.shutdown(self._socket(), how)

    def _shut(self) -> None:
        with contextlib.suppress(OSError):
            socket.socket.close(self._socket())

    def dispose(self) -> None:
        """Free what is left of the connection."""
        self._dead = True
        self._shut()

    def abandon(self) -> None:
        """Wake whoever reads or waits here; called from another thread when the printer stops."""
        self._dead = True
        self._shutdown(socket.SHUT_RDWR)
