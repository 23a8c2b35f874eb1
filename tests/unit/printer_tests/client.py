"""A raw client for the tests of the scripted printer: it sends exactly what it is told and sees how a connection ends.

TLS runs over memory, so that reset, FIN and close_notify are told apart; `ssl` alone makes one of them.
"""

from __future__ import annotations

import contextlib
import select
import socket
import ssl
from dataclasses import dataclass, field
from typing import Any, Iterable, Union

from backend.ipp.codes import keyword
from backend.ipp.decoder import decode_message
from backend.ipp.encoder import encode_message
from backend.ipp.message import Message
from backend.ipp.operations import Target, get_printer_attributes, print_job

from tests.printer import Certificate, Printer

TIMEOUT = 10.0
Document = Union[bytes, Iterable[bytes]]


class Ended(Exception):
    """The connection ended; ``how`` is "rst", "fin" or "close_notify"."""

    def __init__(self, how: str) -> None:
        super().__init__(how)
        self.how = how


@dataclass
class HTTPReply:
    """A reply as it came, and the 1xx replies before it."""

    status: int
    version: str
    headers: dict[str, str]
    body: bytes = b""
    interim: list[int] = field(default_factory=list)
    all_headers: list[tuple[str, str]] = field(default_factory=list)

    @property
    def message(self) -> Message:
        return decode_message(self.body).message

    @property
    def ipp_status(self) -> str:
        return keyword(self.message.code)

    @property
    def notes(self) -> tuple[str, ...]:
        return decode_message(self.body).notes


class Client:
    """One connection to a printer."""

    def __init__(
        self,
        printer: Printer,
        context: ssl.SSLContext | None = None,
        server_name: str | None = "localhost",
        plain: bool = False,
        handshake: bool = True,
        timeout: float = TIMEOUT,
    ) -> None:
        self.printer = printer
        try:
            self.raw = socket.create_connection((printer.host, printer.port), TIMEOUT)
            self.raw.settimeout(timeout)
        except ConnectionResetError as error:
            raise Ended("rst") from error
        self.raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.plain = plain
        self.buffer = b""
        self.reads: list[bytes] = []
        if not plain:
            self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
            chosen = context or trusting(printer)
            self.tls = chosen.wrap_bio(self._incoming, self._outgoing, server_hostname=server_name)
            if handshake:
                self._handshake_or_close()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *exc: object) -> None:
        self.raw.close()

    # --- bytes ---

    def handshake(self) -> None:
        self._tls(self.tls.do_handshake)

    def _handshake_or_close(self) -> None:
        try:
            self.handshake()
        except (Ended, OSError):
            self.raw.close()
            raise

    def _tls(self, step: Any, *arguments: Any) -> Any:
        """Let TLS do a step, moving bytes as it needs."""
        while True:
            try:
                result = step(*arguments)
                self._flush()
                return result
            except ssl.SSLWantReadError:
                self._flush()
                self._feed()
            except ssl.SSLZeroReturnError as error:
                raise Ended("close_notify") from error

    def _flush(self) -> None:
        pending = self._outgoing.read()
        if pending:
            try:
                self.raw.sendall(pending)
            except (BrokenPipeError, ConnectionResetError) as error:
                raise Ended("while sending") from error

    def _feed(self) -> None:
        self._incoming.write(self._raw_bytes())

    def _raw_bytes(self) -> bytes:
        try:
            block = self.raw.recv(65536)
        except ConnectionResetError as error:
            raise Ended("rst") from error
        if not block:
            raise Ended("fin")
        return block

    def send(self, data: bytes) -> None:
        if self.plain:
            self.raw.sendall(data)
        else:
            for at in range(0, len(data), 16384):
                self._tls(self.tls.write, data[at : at + 16384])

    def receive(self) -> bytes:
        """Some bytes, as one TLS record gives them; raises Ended."""
        block = self._raw_bytes() if self.plain else self._tls(self.tls.read, 65536)
        if not block:
            raise Ended("close_notify")
        self.reads.append(block)
        return bytes(block)

    def is_silent(self, seconds: float = 0.1) -> bool:
        """Whether nothing comes and nothing ends for a moment."""
        poll = select.poll()
        poll.register(self.raw, select.POLLIN)
        return not poll.poll(seconds * 1000)

    def _tls_close(self) -> None:
        """Send close_notify and do not wait for the printer's."""
        with contextlib.suppress(ssl.SSLWantReadError):
            self.tls.unwrap()
        self._flush()

    def ending(self) -> str:
        """Read to the end, and say how it ended."""
        try:
            while True:
                self.receive()
        except Ended as end:
            return end.how

    # --- HTTP ---

    def line(self) -> bytes:
        while b"\n" not in self.buffer:
            self.buffer += self.receive()
        line, _, self.buffer = self.buffer.partition(b"\n")
        return line + b"\n"

    def exactly(self, count: int) -> bytes:
        while len(self.buffer) < count:
            self.buffer += self.receive()
        data, self.buffer = self.buffer[:count], self.buffer[count:]
        return data

    def reply(self) -> HTTPReply:
        """The next final reply with its body."""
        found = self.reply_head()
        found.body = self._body(found)
        return found

    def reply_head(self) -> HTTPReply:
        """The head of the next final reply, with what came before it."""
        interim: list[int] = []
        while True:
            found = self._head()
            found.interim = interim
            if found.status >= 200 or found.status == 101:
                return found
            interim.append(found.status)

    def _head(self) -> HTTPReply:
        version, status, *_ = self.line().decode().split(" ", 2)
        headers = []
        while (line := self.line()) != b"\r\n":
            name, _, value = line.decode("latin-1").partition(":")
            headers.append((name.lower(), value.strip()))
        return HTTPReply(int(status), version, dict(headers), all_headers=headers)

    def _body(self, reply: HTTPReply) -> bytes:
        if reply.headers.get("transfer-encoding") == "chunked":
            return self._chunks()
        if "content-length" in reply.headers:
            return self.exactly(int(reply.headers["content-length"]))
        if reply.status == 101:
            return b""
        try:
            while True:
                self.buffer += self.receive()
        except Ended as end:
            if end.how == "rst":
                raise
            data, self.buffer = self.buffer, b""
            return data

    def _chunks(self) -> bytes:
        data = b""
        while size := int(self.line(), 16):
            data += self.exactly(size)
            assert self.line() == b"\r\n"
        assert self.line() == b"\r\n"
        return data

    # --- requests ---

    def head(self, *headers: str, **request: str) -> None:
        """Send the head of a request."""
        self.send(self._request_head(*headers, **request))

    def _request_head(
        self, *headers: str, path: str = "/ipp/print", method: str = "POST", version: str = "1.1"
    ) -> bytes:
        """A head; Host and Content-Type are there unless a Host is given."""
        lines = [f"{method} {path} HTTP/{version}", "Content-Type: application/ipp"]
        if not any(header.lower().startswith("host:") for header in headers):
            lines.append(f"Host: localhost:{self.printer.port}")
        return "".join(f"{line}\r\n" for line in (*lines, *headers)).encode() + b"\r\n"

    def chunk(self, data: bytes) -> None:
        self.send(as_chunk(data))

    def post(
        self, message: Message | bytes, document: Document = b"", chunked: bool = False, *headers: str, **head: Any
    ):
        """Send a whole request, sized or chunked; a document that is no bytes gives its chunks."""
        self.send(self.request(message, document, chunked, *headers, **head))

    def request(
        self, message: Message | bytes, document: Document = b"", chunked: bool = False, *headers: str, **head: Any
    ) -> bytes:
        """The octets of a request."""
        octets = message if isinstance(message, bytes) else encode_message(message)
        parts = [document] if isinstance(document, bytes) else list(document)
        if chunked:
            body = b"".join(as_chunk(part) for part in (octets, *parts) if part) + b"0\r\n\r\n"
            return self._request_head("Transfer-Encoding: chunked", *headers, **head) + body
        body = octets + b"".join(parts)
        return self._request_head(f"Content-Length: {len(body)}", *headers, **head) + body

    def ask(self, message: Message | bytes, document: Document = b"", chunked: bool = False) -> HTTPReply:
        self.post(message, document, chunked)
        return self.reply()


def as_chunk(data: bytes) -> bytes:
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"


def trusting(printer: Printer) -> ssl.SSLContext:
    """A client's context that knows the printer's certificate and nothing else."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata="".join(each.pem_chain.decode() for each in printer.certificates))
    context.options &= ~0x80  # SSL_OP_IGNORE_UNEXPECTED_EOF, which would hide a missing close_notify
    return context


def outcome(
    printer: Printer,
    message: Message | bytes | None = None,
    document: Document = b"text",
    chunked: bool = False,
    *headers: str,
    silent: bool = False,
    **more: Any,
) -> str:
    """What a request on a connection of its own comes to, in words.

    These are the statuses that came, interim ones too, as numbers; in the place of 200 with an IPP message, its
    status; and how the connection ended: "rst", "fin", "close_notify", or "silence".

    Args:
        message: Print-Job when None.
        silent: silence is what is expected, so it is not waited for long.
        more: for the head of the request.
    """
    words: list[str] = []
    try:
        with Client(
            printer, plain=printer.faults.tls.startswith("plain"), timeout=0.2 if silent else TIMEOUT
        ) as client:
            client.post(print_request(printer) if message is None else message, document, chunked, *headers, **more)
            found = client.reply_head()
            words += map(str, (*found.interim, found.status))
            found.body = client._body(found)
            if found.status == 200 and found.headers.get("content-type") == "application/ipp" and found.body:
                words[-1] = found.ipp_status
            if found.headers.get("connection") == "close":
                words.append(client.ending())
    except Ended as end:
        # Of a connection that is reset early the client may hear while it still sends.
        words.append("rst" if end.how == "while sending" else end.how)
    except TimeoutError:
        words.append("silence")
    return " ".join(words)


def target(printer: Printer, user: str = "somebody", version: tuple[int, int] = (2, 0)) -> Target:
    return Target(f"ipps://localhost:{printer.port}/ipp/print", user, version=version)


def attributes_request(printer: Printer, *requested: str, **options: Any) -> Message:
    return get_printer_attributes(target(printer, **options), 11, requested)


def print_request(printer: Printer, **options: Any) -> Message:
    return print_job(target(printer, **options), 12, "report", "application/octet-stream")


def value(message: Message, name: str, tag: int | None = None) -> Any:
    """The first value of an attribute; None when it is missing."""
    found = message.get(name, tag)
    return found.value if found else None


def values(message: Message, name: str) -> list[Any]:
    """The values of an attribute; none when it is missing."""
    found = message.get(name)
    return list(found.all) if found else []


def http_post(port: int, certificate: Certificate, document: bytes, chunked: bool) -> int:
    """Print a document with the standard library's client; the HTTP status."""
    import http.client

    message = print_job(Target(f"ipps://localhost:{port}/ipp/print", "somebody"), 1, "x", "application/octet-stream")
    context = ssl.create_default_context(cadata=certificate.cert_pem.decode())
    connection = http.client.HTTPSConnection("localhost", port, context=context, timeout=TIMEOUT)
    body = encode_message(message)
    headers = {"Content-Type": "application/ipp"}
    try:
        if chunked:
            connection.request("POST", "/ipp/print", iter([body, document]), headers, encode_chunked=True)
        else:
            connection.request("POST", "/ipp/print", body + document, headers)
        return connection.getresponse().status
    finally:
        connection.close()
