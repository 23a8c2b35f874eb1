"""HTTP/1.1 as a server sees it: request heads, bodies by length and by chunks, reply heads. RFC 9112 sections 3, 6, 7.

Written by hand, not on h11, because the faults need what a correct library forbids. The reading is strict: what is
not HTTP raises `NotHTTP`, so that a client's mistakes show up. Nothing here knows of faults.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field
from email.utils import formatdate
from http import HTTPStatus
from typing import Callable, Iterator

from tests.printer.wire import RECORD, Break, Gone, Stream

HEAD_LIMIT = 65536
_REQUEST_LINE = re.compile(rb"([A-Z]+) (\S+) (HTTP/\d\.\d)\r\n")
_FIELD = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*\r\n")
_CHUNK_SIZE = re.compile(rb"([0-9A-Fa-f]+)((?:;[^\r\n]*)?)\r\n")


class NotHTTP(Exception):
    """What came is not a request, or not the body that the head announced."""


@dataclass(eq=False)
class Request:
    """One request as it came, and what became of it."""

    method: str
    target: str
    version: str
    headers: tuple[tuple[str, str], ...]
    head: bytes
    connection: int
    number: int
    framing: BodyFraming = field(default_factory=lambda: BodyFraming())
    operation: str = ""
    http_status: int = 0

    def header(self, name: str) -> str | None:
        """The first header of that name."""
        return next((value for key, value in self.headers if key == name), None)

    def all_headers(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key == name]


@dataclass(eq=False)
class BodyFraming:
    """How a body came: "chunked", "sized" or "none", and in which pieces."""

    kind: str = "none"
    length: int | None = None
    chunk_sizes: list[int] = field(default_factory=list)
    received: int = 0
    complete: bool = False


def read_request(stream: Stream, first: bytes = b"") -> Request | None:
    """The next request's head; None when the client has ended orderly between requests."""
    lines = [first or stream.read_line(HEAD_LIMIT)]
    if not lines[0]:
        return None
    start = _REQUEST_LINE.fullmatch(lines[0])
    if not start:
        raise NotHTTP(f"request line {lines[0][:80]!r}")
    headers = []
    while True:
        line = stream.read_line(HEAD_LIMIT)
        lines.append(line)
        if line == b"\r\n":
            break
        found = _FIELD.fullmatch(line)
        if not found or sum(map(len, lines)) > HEAD_LIMIT:
            raise NotHTTP(f"header {line[:80]!r}")
        headers.append((found[1].decode().lower(), found[2].decode("latin-1")))
    method, target, version = (part.decode() for part in start.groups())
    stream.seen.requests += 1
    request = Request(
        method, target, version, tuple(headers), b"".join(lines), stream.seen.number, stream.seen.requests
    )
    request.framing = _framing(request)
    return request


def _framing(request: Request) -> BodyFraming:
    coding, lengths = request.header("transfer-encoding"), request.all_headers("content-length")
    if coding is not None and lengths:
        raise NotHTTP("both Transfer-Encoding and Content-Length")
    if coding is not None:
        if coding.lower() != "chunked":
            raise NotHTTP(f"Transfer-Encoding {coding}")
        return BodyFraming("chunked")
    if not lengths:
        return BodyFraming("none", 0)
    if len(set(lengths)) > 1 or not lengths[0].isdigit():
        raise NotHTTP(f"Content-Length {lengths}")
    return BodyFraming("sized", int(lengths[0]))


def sized_body(stream: Stream, framing: BodyFraming) -> Iterator[bytes]:
    """The blocks of a body with Content-Length."""
    missing = framing.length or 0
    while missing:
        block = stream.read(min(RECORD, missing))
        if not block:
            raise Gone
        missing -= len(block)
        framing.received += len(block)
        yield block
    framing.complete = True


def chunked_body(
    stream: Stream, framing: BodyFraming, largest_gap: Callable[[], float], raw: Callable[[], bool]
) -> Iterator[bytes]:
    """The blocks of a chunked body, decoded. A block never spans two chunks.

    Args:
        largest_gap: seconds allowed between a chunk's size line and its data.
        raw: while it says so, the lines between the data are part of what is yielded.

    Raises:
        NotHTTP: chunk lines or ends that are not what RFC 9112 section 7.1 says.
        Break: a gap was longer than that.
    """
    while True:
        line, size = _chunk_size(stream)
        arrived = time.monotonic()
        if raw():
            yield line
        if not size:
            break
        missing = size
        while missing:
            block = stream.read(min(RECORD, missing))
            if not block:
                raise Gone
            if missing == size:
                if time.monotonic() - arrived > largest_gap():
                    raise Break("rst")
            missing -= len(block)
            framing.received += len(block)
            if not missing:
                _expect_line(stream, b"\r\n")
                framing.chunk_sizes.append(size)
            yield block
        if raw():
            yield b"\r\n"
    while (line := stream.read_line()) != b"\r\n":
        if not line:
            raise Gone
        if not _FIELD.fullmatch(line):
            raise NotHTTP(f"trailer {line[:80]!r}")
    framing.complete = True
    if raw():
        yield b"\r\n"


def _chunk_size(stream: Stream) -> tuple[bytes, int]:
    line = stream.read_line()
    if not line:
        raise Gone
    found = _CHUNK_SIZE.fullmatch(line)
    if not found:
        raise NotHTTP(f"chunk size {line[:80]!r}")
    return line, int(found[1], 16)


def _expect_line(stream: Stream, expected: bytes) -> None:
    line = stream.read_line(len(expected))
    if line != expected:
        if expected.startswith(line):
            raise Gone
        raise NotHTTP(f"end of chunk {line!r}")


@dataclass
class Reply:
    """A final reply before it is framed."""

    status: int
    body: bytes = b""
    content_type: str | None = "application/ipp"
    headers: list[tuple[str, str]] = field(default_factory=list)
    version: str = "HTTP/1.1"

    def head(self, framing_headers: list[tuple[str, str]], close: bool) -> tuple[bytes, bytes]:
        """Status line, and header block with its end."""
        fields = [("Date", formatdate(usegmt=True)), ("Server", "scripted-printer")]
        if self.content_type:
            fields.append(("Content-Type", self.content_type))
        fields += self.headers + framing_headers
        if close:
            fields.append(("Connection", "close"))
        elif self.version == "HTTP/1.1":
            fields.append(("Connection", "Keep-Alive"))
        lines = "".join(f"{name}: {value}\r\n" for name, value in fields)
        return f"{self.version} {self.status} {reason(self.status)}\r\n".encode(), f"{lines}\r\n".encode("latin-1")


def reason(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Other"


def interim(status: int, headers: str = "") -> bytes:
    """A 1xx reply."""
    return f"HTTP/1.1 {status} {reason(status)}\r\n{headers}\r\n".encode()


def error_page(status: int) -> bytes:
    """The HTML that printers send with an error."""
    text = f"{status} {reason(status)}"
    return f"<html><head><title>{text}</title></head><body><h1>{text}</h1></body></html>\n".encode()
