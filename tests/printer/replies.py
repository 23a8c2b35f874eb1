"""How a reply goes out: its framing, its pieces, what replaces it, and where it breaks off.

Q-20, Q-25 to Q-28, Q-32, Q-67, Q-68.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable, Iterator

from tests.printer.http_messages import Reply, error_page
from tests.printer.wire import Break, Gone

if TYPE_CHECKING:
    from tests.printer.exchange import Exchange

GARBAGE = bytes(range(256)) * 2
TRUNCATED_LENGTH = 500  # what a truncated reply promises
ENDLESS = 64 << 20  # octets of headers at most, should a client really read them all


def send_reply(exchange: Exchange, reply: Reply, close: bool) -> bool:
    """Send one reply with the faults that are for it; whether the connection may go on."""
    faults, stream = exchange.faults, exchange.stream
    reply = _replaced(exchange, reply)
    if faults.retry_after != "none" and reply.status in (429, 503):
        reply.headers.append(("Retry-After", faults.retry_after))
    reply.version = f"HTTP/{faults.http}"
    close = close or faults.http == "1.0" or faults.reply == "close" or _ends(exchange)
    stream.wait(float(faults.slow_reply))
    _odd_answers(exchange, reply)
    framing_headers, payload = _framed(reply, faults.reply)
    status_line, headers = reply.head(_wrong_lengths(exchange, reply, framing_headers), close)
    if faults.answer == "bad-status-line":
        status_line = b"HTTQ/one ok\r\n"
    _write_in_phases(exchange, status_line, headers, payload)
    _after(exchange)
    return not close


def _ends(exchange: Exchange) -> bool:
    """Whether the connection ends after this reply, by the printer's wish or by the client's."""
    wish = (exchange.request.header("connection") or "").lower()
    setting = exchange.stream.faults.setting("keepalive")
    old = exchange.request.version == "HTTP/1.0" and "keep-alive" not in wish
    spent = setting.form == "close-after-N" and exchange.request.number >= setting.number
    return "close" in wish or old or setting.form == "close" or spent


def _replaced(exchange: Exchange, reply: Reply) -> Reply:
    """The ``answer`` and ``accept_encoding`` switches; the operation has been carried out all the same."""
    faults = exchange.faults
    if faults.accept_encoding == "gzip-garbage" and "gzip" in (exchange.request.header("accept-encoding") or ""):
        return Reply(200, GARBAGE, "application/ipp", [("Content-Encoding", "gzip")])
    setting = faults.setting("answer")
    replacements: dict[str, Callable[[], Reply]] = {
        "html": lambda: Reply(200, error_page(200), "text/html"),
        "html:CODE": lambda: Reply(setting.code, error_page(setting.code), "text/html"),
        "status:CODE": lambda: Reply(setting.code, b"", None),
        "no-type": lambda: Reply(reply.status, reply.body, None),
        "other-type": lambda: Reply(reply.status, reply.body, "application/octet-stream"),
        "ipp-in:CODE": lambda: Reply(setting.code, reply.body),
        "truncated:CODE": lambda: Reply(setting.code, error_page(setting.code), "text/html"),
        "empty": lambda: Reply(200, b""),
        "garbage": lambda: Reply(200, GARBAGE),
    }
    return replacements.get(setting.form, lambda: reply)()


def _odd_answers(exchange: Exchange, reply: Reply) -> None:
    if exchange.faults.answer == "endless-headers":
        stream = exchange.stream
        stream.write(f"{reply.version} 200 OK\r\n".encode())
        line = b"X-Nothing: " + b"0" * 1000 + b"\r\n"
        for _ in range(ENDLESS // len(line)):
            stream.write(line)
        raise Gone
    if exchange.faults.endless != "none":
        _without_end(exchange, reply)


#: Of replies without end: how they begin behind the head, and what follows again and again.
WITHOUT_END = {
    "interim": (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "head": (b"HTTP/1.1 200 OK\r\nX-Nothing: ", b"0"),
    "body": (b"HTTP/1.1 200 OK\r\n\r\n", b"0"),
    "chunks": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\n0\r\n"),
    "extension": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;x=", b"0"),
    "trailer": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX-Nothing: ", b"0"),
}


def _without_end(exchange: Exchange, reply: Reply) -> None:
    """Send for as long as somebody reads; single bytes with a pause, else much at a time."""
    stream, pause = exchange.stream, float(exchange.faults.drip)
    beginning, rest = WITHOUT_END[exchange.faults.endless]
    stream.write(beginning)
    if not pause:
        for _ in range(ENDLESS // (1000 * len(rest))):
            stream.write(rest * 1000)
        raise Gone
    while True:
        for octet in rest:
            stream.wait(pause)
            stream.write(bytes([octet]))


def _wrong_lengths(exchange: Exchange, reply: Reply, headers: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Lengths that do not fit the body."""
    form = exchange.faults.setting("answer").form
    lengths = {
        "truncated:CODE": [TRUNCATED_LENGTH],
        "long-length": [len(reply.body) + 100],
        "two-lengths": [len(reply.body), len(reply.body) + 1],
    }
    if form not in lengths:
        return headers
    return [("Content-Length", str(length)) for length in lengths[form]]


def _framed(reply: Reply, how: str) -> tuple[list[tuple[str, str]], bytes]:
    """The headers that frame the body, and the body as it goes over the wire; a zero chunk is its last five octets."""
    if how == "close":
        return [], reply.body
    if how in ("chunked", "odd-chunks", "no-zero") or how.startswith("late-zero"):
        pieces = list(_odd_pieces(reply.body)) if how == "odd-chunks" else [reply.body] if reply.body else []
        chunks = b"".join(f"{len(piece):x}\r\n".encode() + piece + b"\r\n" for piece in pieces)
        return [("Transfer-Encoding", "chunked")], chunks + b"0\r\n\r\n"
    return [("Content-Length", str(len(reply.body)))], reply.body


def _odd_pieces(data: bytes) -> Iterator[bytes]:
    """Pieces of 1, 2, 3, 5, 8, ... octets."""
    size, following, at = 1, 2, 0
    while at < len(data):
        yield data[at : at + size]
        at += size
        size, following = following, size + following


def _write_in_phases(exchange: Exchange, status_line: bytes, headers: bytes, payload: bytes) -> None:
    """Write the reply, as one write unless a fault wants its parts."""
    stream, faults = exchange.stream, exchange.faults
    middle = len(payload) // 2
    exchange.reach("reply-status")
    if faults.answer == "short":
        stream.write(status_line + headers + payload[:middle])
        raise Break("fin")
    if not exchange.strikes and faults.reply in ("sized", "chunked", "close", "odd-chunks") and faults.drip == "0":
        stream.write(status_line + headers + payload)
        return
    parts = (
        (status_line, "reply-headers"),
        (headers, "reply-body"),
        (payload[:middle], "reply-middle"),
        (payload[middle:], "reply-end"),
    )
    for octets, phase in parts:
        _write_part(exchange, octets, phase == "reply-end")
        exchange.reach(phase)


def _write_part(exchange: Exchange, octets: bytes, last: bool) -> None:
    stream, faults = exchange.stream, exchange.faults
    setting = faults.setting("reply")
    if faults.drip != "0":
        for octet in octets:
            stream.wait(float(faults.drip))
            stream.write(bytes([octet]))
    elif setting.form == "one-byte":
        stream.write(*(bytes([octet]) for octet in octets))
    elif setting.form == "split":
        stream.write(*_odd_pieces(octets))
    elif last and setting.form in ("late-zero:S", "no-zero"):
        zero = len(octets) - 5
        stream.write(octets[:zero])
        if setting.form == "no-zero":
            stream.end("hang")
        stream.wait(setting.seconds)
        stream.write(octets[zero:])
    else:
        stream.write(octets)


def _after(exchange: Exchange) -> None:
    """Answers that promised more than came stay silent; after others the printer may need a rest."""
    exchange.stream.wait(float(exchange.faults.rest))
    if exchange.faults.setting("answer").form in ("truncated:CODE", "long-length"):
        exchange.stream.end("hang")
