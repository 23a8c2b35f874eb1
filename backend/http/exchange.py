"""One HTTP/1.1 connection's exchanges as values: requests to bytes, bytes to responses. RFC 9112, through h11.

Rules of this module:

- it owns no socket: what is to be sent is returned, what was received is fed;
- a response may come before the request has been sent to its end; then this connection cannot be used again;
- any number of interim responses (1xx) is skipped, wherever they come, and their fields are not looked at (Q-21, Q-23);
- a response is complete when its HTTP framing says so, never because the IPP message inside is whole (Q-25);
- every byte that comes counts, be it head, framing of chunks, trailer or interim response: one without end is a loss.
"""

from __future__ import annotations

import h11

from backend.errors import ConnectionLost, MalformedResponse
from filters.common.dataclass import dataclass

#: A printer's answer is a few KiB, 100 KiB with every attribute there is; beyond this it is not an answer (Q-84), and
#: reading it would take more memory than all the rest of a job.
LONGEST_RESPONSE = 1024 * 1024
#: All that may come for one request: some printers send chunks of a few bytes, whose framing is the larger part.
MOST_RECEIVED = 2 * LONGEST_RESPONSE
#: h11's own limit of 16 KiB is met by printers that send cookies and policies along.
LONGEST_HEADER = 64 * 1024

#: Interim responses (1xx) to one request; a peer that sends them without end is none.
MOST_INTERIM = 100

Headers = list[tuple[str, str]]


@dataclass(frozen=True)
class Response:
    """A response whose head has arrived; ``body`` is there when ``complete``.

    Attributes:
        status: the HTTP status code.
        http_version: "1.0" or "1.1", as the peer wrote it.
        headers: field names in lower case.
        early: the response began before the request had been sent to its end.
    """

    status: int
    reason: str
    http_version: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    complete: bool
    early: bool

    def header(self, name: str) -> str | None:
        """Return the first value of a field, None if it is missing."""
        return next((value for field, value in self.headers if field == name), None)

    def all(self, name: str) -> list[str]:
        """Return all values of a field, one for each line (Q-34)."""
        return [value for field, value in self.headers if field == name]


class Exchange:
    """The exchanges on one connection, one after the other.

    begin, body ..., end give the bytes to send; feed takes what arrives; response tells what has arrived so far.
    """

    def __init__(self, printer: str) -> None:
        self._printer = printer
        self._h11 = h11.Connection(h11.CLIENT, max_incomplete_event_size=LONGEST_HEADER)
        self._clear()

    def _clear(self) -> None:
        self._head: h11.Response | None = None
        self._body = bytearray()
        self.received = 0
        self._complete = False
        self._early = False
        self.interim = 0
        #: A response, or an interim one, has begun and is not whole.
        self.open = False

    def begin(self, method: str, target: str, headers: Headers) -> bytes:
        """Return the head of the next request. Only when ``reusable``, or at first."""
        if self._complete:
            self._h11.start_next_cycle()
            self._clear()
        fields = [(name.encode("ascii"), value.encode("latin-1")) for name, value in headers]  # as they are read
        return self._h11.send(h11.Request(method=method, target=target, headers=fields)) or b""

    def body(self, data: bytes) -> list[bytes]:
        """Return the body bytes as they go out, in pieces to be joined: one chunk, or the bytes themselves."""
        return self._h11.send_with_data_passthrough(h11.Data(data=data)) or []

    def end(self) -> bytes:
        """Return what ends the body: the last chunk, or nothing."""
        return self._h11.send(h11.EndOfMessage()) or b""

    @property
    def sent(self) -> bool:
        """True once the whole request has been handed out."""
        return self._h11.our_state not in (h11.IDLE, h11.SEND_BODY)

    def feed(self, data: bytes) -> None:
        """Take bytes that arrived, b"" for the end of the stream.

        Raises:
            MalformedResponse: this is not HTTP, or ends too early.
            ConnectionLost: it is too long.
        """
        was_sent, interim = self.sent, self.interim
        self.received += len(data)
        if self.received > MOST_RECEIVED:
            raise self._endless(f"more than {MOST_RECEIVED} bytes")
        try:
            self._h11.receive_data(data)
            while not self._complete:
                event = self._h11.next_event()
                if event is h11.NEED_DATA or event is h11.PAUSED:
                    break
                if isinstance(event, h11.ConnectionClosed):
                    break
                self._take(event, was_sent)
        except h11.RemoteProtocolError as error:
            raise MalformedResponse(self._printer, str(error), bytes(data[:64])) from None
        # What follows an interim response in the same piece is counted from the next one on.
        self.open = not self._complete and (self._head is not None or self.interim == interim)

    def _endless(self, what: str) -> ConnectionLost:
        return ConnectionLost(self._printer, "reading its answer", f"its answer does not end ({what})")

    def _take(self, event: object, was_sent: bool) -> None:
        if isinstance(event, h11.InformationalResponse):
            self.interim += 1
            if self.interim > MOST_INTERIM:
                raise self._endless(f"more than {MOST_INTERIM} interim responses")
        elif isinstance(event, h11.Response):
            self._head = event
            self._early = not was_sent
        elif isinstance(event, h11.Data):
            self._body += event.data
            if len(self._body) > LONGEST_RESPONSE:
                raise self._endless(f"longer than {LONGEST_RESPONSE} bytes")
        elif isinstance(event, h11.EndOfMessage):
            self._complete = True

    @property
    def response(self) -> Response | None:
        """The response as far as it has arrived, None before its head is whole."""
        if self._head is None:
            return None
        return Response(
            status=self._head.status_code,
            reason=self._head.reason.decode("latin-1"),
            http_version=self._head.http_version.decode("ascii"),
            headers=tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in self._head.headers),
            body=bytes(self._body) if self._complete else b"",
            complete=self._complete,
            early=self._early,
        )

    @property
    def reusable(self) -> bool:
        """True if another request may follow on this connection.

        None may where bytes follow the response: they would be taken for the next one (RFC 9112 section 6.3).
        """
        both_done = self._h11.our_state is h11.DONE and self._h11.their_state is h11.DONE
        return self._complete and both_done and self._h11.trailing_data == (b"", False)
