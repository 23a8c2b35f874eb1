"""The HTTP exchanges on one connection to a printer.

Rules of this module:

- it reads while it writes: an answer that comes while the body still goes out ends the sending (Q-18);
- a failed write is not the end: the answer may be there already (Q-33);
- every phase has a deadline that counts from the last progress; only waiting for the job's own data has none;
- an answer that has begun has a deadline for all of it as well, which no drip of single bytes puts off; what TLS says
  on its own, interim responses and the beginning of a head are no progress;
- a stalled write or a late answer is reported to the caller, who may ask the printer over another connection and
  decide to wait on.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol

from backend.cupsd.stop_signal import StopSignal
from backend.device_uri import Timeouts
from backend.document.sources import Source
from backend.errors import ConnectionLost, MalformedResponse
from backend.http.exchange import Exchange, Headers, Response
from backend.transport.connection import Ready
from filters.common.dataclass import dataclass

#: Seconds without progress after which ``stalled`` is asked, and again after each such time.
STALL_SECONDS = 10.0

#: Reads in a row before SIGTERM and the deadlines are looked at.
MOST_READS = 16
#: How many times the deadline for progress a whole answer may take, from its first byte on.
ANSWER_READS = 3
#: Seconds between two looks at whether the last bytes of a body were confirmed.
CONFIRMATION_SECONDS = 0.05

#: Asked with the phase ("sending", "answer") and the seconds without progress; True means: wait on.
Stalled = Callable[[str, float], bool]


class Network(Protocol):
    """What a session needs of a connection: to wait, send, receive and close, and to know what has arrived."""

    def wait(self, stop: StopSignal, seconds: float | None, *, writing: bool, also: int | None = None) -> Ready | None:
        """Wait until something can be received, or sent if there is something to send, or ``also`` can be read.

        Returns:
            None: the time is over, or questions of filters were answered.

        Raises:
            JobStopped: SIGTERM arrived.
        """

    def send_some(self, data: memoryview, *, one_record: bool = False) -> int:
        """Send what the connection takes now, and return how much; raise ConnectionLost."""

    def receive_some(self) -> bytes | None:
        """Return what has arrived, b"" at the end, None if nothing is there yet; raise ConnectionLost."""

    def note_sent(self) -> None:
        """Remember that what was sent until now is all of a body."""

    def unsent(self) -> int:
        """Return how many bytes of the body the printer's machine has not confirmed yet."""

    def close(self) -> None:
        """Close in good order."""

    def drop(self) -> None:
        """Close without a word."""


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
    method: str = "POST"


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

    def __init__(
        self,
        connection: Network,
        printer: str,
        stop: StopSignal,
        timeouts: Timeouts,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.connection = connection
        self._clock = clock
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
        self._clock = session._clock
        self._reply_seconds = reply_seconds
        self._request = request
        self._source = source
        self._stalled = stalled
        self._out = memoryview(b"")
        self._out_document_bytes = 0
        self._prefix = request.message
        self._body_ended = False
        self._answer_began = False
        #: When the first byte came of an answer, or of an interim one, that is not whole yet.
        self._open_since: float | None = None
        self._write_error: ConnectionLost | None = None
        #: Bytes that were handed out and not confirmed when it was looked last.
        self._unsent = 0
        self._last_progress = self._clock()
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
        return self._exchange.begin(request.method, request.target, headers)

    # --- writing

    @property
    def _has_more(self) -> bool:
        """True if there is something to write. The head waits for the first block: alone it begins nothing."""
        return bool(self._out) and not self._prefix

    @property
    def _writing(self) -> bool:
        return self._has_more and self._write_error is None and not self._answer_began

    @property
    def _wants_block(self) -> bool:
        return not (self._body_ended or self._has_more or self._write_error or self._answer_began)

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
            self._connection.note_sent()
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
            self.look_at_confirmation()  # before TLS writes an alert of its own at the end of the stream
            try:
                data = self._connection.receive_some()
            except ConnectionLost as error:
                raise self._write_error or self._lost(error.reason) from None
            if data is None:
                return
            self._feed(data)
            response = self._exchange.response
            if response is not None:
                self._moved()
            if not self._exchange.open:
                self._open_since = None
            elif self._open_since is None:
                self._open_since = self._clock()
            if response is not None and not self._answer_began:
                self._answer_began = True
                self.look_at_confirmation()
                self._progress.unread = not self._progress.ended
            if response is not None and response.complete:
                return
            if not data:
                raise self._write_error or self._lost("the printer closed the connection before its answer was whole")

    def _feed(self, data: bytes) -> None:
        try:
            self._exchange.feed(data)
        except MalformedResponse:
            if data:
                raise
            raise self._write_error or self._lost(
                "the printer closed the connection before its answer was whole"
            ) from None

    # --- waiting

    def _wait_and_move(self) -> None:
        descriptor = self._source.fileno() if self._source is not None and self._wants_block else None
        self.look_at_confirmation()
        timeout = self._time_left(waiting_for_job=self._wants_block)
        unconfirmed = self._progress.handed_out and not self._progress.ended
        if unconfirmed:
            # No event tells that the last bytes were confirmed; it is a matter of milliseconds, or the peer is gone.
            timeout = min(CONFIRMATION_SECONDS, CONFIRMATION_SECONDS if timeout is None else timeout)
        ready = self._connection.wait(self._stop, timeout, writing=self._writing, also=descriptor)
        if ready is not None:
            if ready.writable and self._writing and not self._progress.document_bytes:
                self._read()  # nothing is put at risk on a connection that the printer has closed meanwhile
            if ready.writable and self._writing:
                self._write()
            self._read()
            if ready.also and self._wants_block:
                self._take_block()
        self._check_answer_ends()
        if not self._wants_block:  # else it is the job that is waited for
            self._look_at_deadlines()

    def _moved(self) -> None:
        self._last_progress = self._clock()
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
        now = self._clock()
        whole = None if self._open_since is None else max(0.0, self._open_since + self._answer_seconds - now)
        if waiting_for_job:
            return whole
        deadline = self._phase[1]
        if self._may_ask:
            deadline = min(deadline, self._asked_at + STALL_SECONDS)
        left = max(0.0, self._last_progress + deadline - now)
        return left if whole is None else min(left, whole)

    @property
    def _answer_seconds(self) -> float:
        """How long an answer may take from its first byte to its last."""
        return ANSWER_READS * self._timeouts.read

    def _check_answer_ends(self) -> None:
        """Raise ConnectionLost for an answer that goes on and on, however well it moves."""
        if self._open_since is not None and self._clock() - self._open_since >= self._answer_seconds - 0.01:
            raise self._write_error or self._lost(f"its answer is not whole after {self._answer_seconds:g} seconds")

    @property
    def _may_ask(self) -> bool:
        return self._stalled is not None and not self._answer_began and self._write_error is None

    def _look_at_deadlines(self) -> None:
        """Ask whether to wait on when nothing has moved for long enough, or give up."""
        idle = self._clock() - self._last_progress
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
