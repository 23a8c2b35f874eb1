"""One TLS connection to a printer, and the HTTP exchanges on it.

Rules of this module:

- it reads while it writes: an answer that comes while the body still goes out ends the sending (Q-18);
- a failed write is not the end: the answer may be there already (Q-33);
- every phase has a deadline that counts from the last progress; only waiting for the job's own data has none;
- a stalled write or a late answer is reported to the caller, who may ask the printer over another connection and
  decide to wait on.
"""

from __future__ import annotations

import select
import time
from collections.abc import Callable

from backend.connection import Connection
from backend.device_uri import Timeouts
from backend.document import Source
from backend.errors import ConnectionLost, MalformedResponse
from backend.http.exchange import Exchange, Headers, Response
from backend.stop_signal import StopSignal
from filters.dataclass import dataclass

#: Seconds without progress after which ``stalled`` is asked, and again after each such time.
STALL_SECONDS = 10.0

#: Reads in a row before somebody else gets a turn: SIGTERM, the deadlines.
MOST_READS = 16
#: Seconds between two looks at whether the last bytes of a body were confirmed.
CONFIRMATION_SECONDS = 0.05

#: Asked with the phase ("sending", "answer") and the seconds without progress; True means: wait on.
Stalled = Callable[[str, float], bool]


@dataclass(frozen=True)
class Request:
    """An HTTP request. ``message`` is the IPP part; a document may follow it.

    Attributes:
        chunked: frame the body in chunks; else its length is announced.
    """

    target: str
    headers: Headers
    message: bytes
    chunked: bool = False


@dataclass
class Progress:
    """How far a request got.

    Attributes:
        document_bytes: what of the document was handed out.
        handed_out: all of the body was.
        ended: and the printer's machine has confirmed all of it; what was only handed out dies with the connection.
        unread: the answer began before that. TCP confirms with each answer what has come until then, so whoever wrote
            this one cannot have read the body to its end, however honest it looks.
    """

    document_bytes: int = 0
    handed_out: bool = False
    ended: bool = False
    unread: bool = False


class Session:
    """Exchanges over one connection, as long as the printer keeps it."""

    def __init__(self, connection: Connection, printer: str, stop: StopSignal, timeouts: Timeouts) -> None:
        self.connection = connection
        self._printer = printer
        self._stop = stop
        self._timeouts = timeouts
        self._exchange = Exchange(printer)
        self.exchanges = 0
        self.progress = Progress()
        self._lost = False

    @property
    def reusable(self) -> bool:
        """True if another request may follow."""
        return not self._lost and (self.exchanges == 0 or self._exchange.reusable)

    def perform(
        self,
        request: Request,
        source: Source | None = None,
        *,
        stalled: Stalled | None = None,
        reply_seconds: float | None = None,
    ) -> Response:
        """Send a request, with the document of ``source`` behind the message, and return the response.

        Args:
            stalled: decides about waiting on; without it, the deadlines of the queue end the exchange.
            reply_seconds: the deadline for the first byte of the answer, if not the queue's.

        Raises:
            ConnectionLost: reset, closed or silent before the response was whole. ``progress`` says how far it got.
            MalformedResponse: the answer is not HTTP.
        """
        self.progress = Progress()
        self._lost = True  # until the exchange has come to its end
        pump = _Pump(self, request, source, stalled, reply_seconds or self._timeouts.reply)
        try:
            response = pump.run()
        finally:
            pump.look_at_confirmation()
        self.exchanges += 1
        self._lost = False
        return response

    def close(self) -> None:
        """Close properly if all was said, else drop the connection."""
        if self.reusable:
            self.connection.close()
        else:
            self.connection.drop()


class _Pump:
    """The loop of one exchange: what is to be written, what has come, and how long nothing moved."""

    def __init__(
        self, session: Session, request: Request, source: Source | None, stalled: Stalled | None, reply_seconds: float
    ) -> None:
        self._connection = session.connection
        self._exchange = session._exchange
        self._printer = session._printer
        self._stop = session._stop
        self._progress = session.progress
        self._timeouts = session._timeouts
        self._reply_seconds = reply_seconds
        self._request = request
        self._source = source
        self._stalled = stalled
        self._out = memoryview(b"")
        self._out_document_bytes = 0
        self._prefix = request.message
        self._body_ended = False
        self._answer_began = False
        self._write_error: ConnectionLost | None = None
        #: Bytes that were handed out and not confirmed when it was looked last.
        self._unsent = 0
        self._last_progress = time.monotonic()
        self._asked_at = 0.0

    def run(self) -> Response:
        self._out = memoryview(self._head())
        if self._source is None:
            self._add_block(b"")
        while True:
            response = self._exchange.response
            if response is not None and response.complete:
                return response
            self._fill()
            self._wait_and_move()

    def _head(self) -> bytes:
        request = self._request
        headers = list(request.headers)
        if request.chunked:
            headers.append(("Transfer-Encoding", "chunked"))
        else:
            document = 0 if self._source is None else self._source.size
            assert document is not None, "a sized request needs the document's size"
            headers.append(("Content-Length", str(len(request.message) + document)))
        return self._exchange.begin("POST", request.target, headers)

    # --- writing

    @property
    def _writing(self) -> bool:
        return bool(self._out) and self._write_error is None and not self._answer_began

    @property
    def _wants_block(self) -> bool:
        return not (self._body_ended or self._out or self._write_error or self._answer_began)

    def _fill(self) -> None:
        """Take the next block if one is there without waiting."""
        if self._wants_block and self._source is not None and self._source.fileno() is None:
            self._take_block()

    def _take_block(self) -> None:
        assert self._source is not None
        block = self._source.next_block()
        if block is not None:
            self._add_block(block)

    def _add_block(self, block: bytes) -> None:
        """Put a block behind what is still to be written: the message with the first one, the end with the last."""
        data = self._prefix + block if self._prefix else block
        self._prefix = b""
        parts = [bytes(self._out)] if self._out else []
        if data:
            parts += self._exchange.body(data)
        if not block or (self._source is not None and self._source.at_end()):
            parts.append(self._exchange.end())
            self._body_ended = True
        self._out = memoryview(b"".join(parts) if len(parts) > 1 else parts[0])
        self._out_document_bytes += len(block)
        self._moved()

    def _write(self) -> None:
        """Write until the connection takes no more."""
        while self._out:
            try:
                # Until something of the document is at risk it matters whether nothing or a part of a block has left.
                sent = self._connection.send_some(self._out, one_record=not self._progress.document_bytes)
            except ConnectionLost as error:
                self._write_error = error
                return
            if not sent:
                return
            # Counted as soon as any of it has left: more is the safe side of the question "did anything print".
            self._progress.document_bytes += self._out_document_bytes
            self._out_document_bytes = 0
            self._out = self._out[sent:]
            self._moved()
        if self._body_ended:
            self._progress.handed_out = True
            self.look_at_confirmation()

    def look_at_confirmation(self) -> None:
        """Note it when more of what was handed out has been confirmed, and when all of it has."""
        if self._progress.handed_out and not self._progress.ended:
            unsent = self._connection.unsent()
            if unsent < self._unsent:
                self._moved()
            self._unsent = unsent
            self._progress.ended = unsent == 0

    # --- reading

    def _read(self) -> None:
        """Read all that has arrived; the end of the stream may complete the answer, or break it off."""
        for _ in range(MOST_READS):
            try:
                data = self._connection.receive_some()
            except ConnectionLost as error:
                raise self._write_error or self._lost(error.reason) from None
            if data is None:
                return
            self._moved()
            self._feed(data)
            response = self._exchange.response
            if response is not None and not self._answer_began:
                self._answer_began = True
                self.look_at_confirmation()
                self._progress.unread = not self._progress.ended
            if response is not None and response.complete:
                return
            if not data:
                raise self._write_error or self._lost("it closed the connection before its answer was whole")

    def _feed(self, data: bytes) -> None:
        try:
            self._exchange.feed(data)
        except MalformedResponse:
            if data:
                raise
            raise self._write_error or self._lost("it closed the connection before its answer was whole") from None

    # --- waiting

    def _wait_and_move(self) -> None:
        wanted = {self._connection.fileno(): self._connection.poll_mask(self._writing)}
        descriptor = self._source.fileno() if self._source is not None and self._wants_block else None
        if descriptor is not None:
            wanted[descriptor] = select.POLLIN
        self.look_at_confirmation()
        timeout = 0.0 if self._connection.pending() else self._time_left(waiting_for_job=self._wants_block)
        unconfirmed = self._progress.handed_out and not self._progress.ended
        if unconfirmed:
            # No event tells that the last bytes were confirmed; it is a matter of milliseconds, or the peer is gone.
            timeout = min(CONFIRMATION_SECONDS, CONFIRMATION_SECONDS if timeout is None else timeout)
        ready = self._stop.wait(timeout, wanted, until_served=True)
        if not ready and not self._connection.pending():
            if not self._wants_block:  # else a filter asked to let go of what is held back for a larger block
                self._nothing_moved()
            return
        if self._writing and ready.get(self._connection.fileno(), 0) & select.POLLOUT:
            self._write()
        self._read()
        if descriptor is not None and descriptor in ready and self._wants_block:
            self._take_block()

    def _moved(self) -> None:
        self._last_progress = time.monotonic()
        self._asked_at = 0.0

    @property
    def _phase(self) -> tuple[str, float]:
        if self._answer_began:
            return "reading its answer", self._timeouts.read
        if self._writing:
            return "sending", self._timeouts.write
        if self._write_error:
            return "sending", min(2.0, self._timeouts.read)
        if self._stalled is not None and self._progress.handed_out and not self._progress.ended:
            # The last megabytes lie in buffers, and the printer does not read on.
            return "sending", self._timeouts.write
        return "waiting for its answer", self._reply_seconds

    def _time_left(self, waiting_for_job: bool) -> float | None:
        if waiting_for_job:
            return None
        idle = time.monotonic() - self._last_progress
        deadline = self._phase[1]
        if self._may_ask:
            deadline = min(deadline, self._asked_at + STALL_SECONDS)
        return max(0.0, deadline - idle)

    @property
    def _may_ask(self) -> bool:
        return self._stalled is not None and not self._answer_began and self._write_error is None

    def _nothing_moved(self) -> None:
        """The poll ended without an event: ask whether to wait on, or give up."""
        idle = time.monotonic() - self._last_progress
        phase, deadline = self._phase
        if self._may_ask and idle >= min(deadline, self._asked_at + STALL_SECONDS) - 0.01:
            assert self._stalled is not None
            self._asked_at = idle
            if self._stalled(phase, idle):
                if idle >= deadline:
                    self._moved()
                return
        if idle >= deadline - 0.01:
            raise self._write_error or self._lost(f"nothing moved for {idle:.0f} seconds")

    def _lost(self, reason: str) -> ConnectionLost:
        return ConnectionLost(self._printer, self._phase[0], reason)
