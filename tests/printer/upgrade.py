"""RFC 2817 on a plain port: OPTIONS with Upgrade: TLS, and what printers answer.

Everything else gets 426 Upgrade Required (Q-38).
"""

from __future__ import annotations

from tests.printer.http_messages import NotHTTP, Reply, error_page, read_request
from tests.printer.wire import Break, Stream

UPGRADE = [("Upgrade", "TLS/1.2, HTTP/1.1"), ("Connection", "Upgrade")]


def serve_upgrade(stream: Stream) -> None:
    """Wait for the request to upgrade and answer it; returns when TLS (or a liar's plain HTTP) follows."""
    setting = stream.faults.setting("upgrade")
    try:
        request = read_request(stream)
    except NotHTTP:  # a ClientHello, as from a client that was not told to ask first
        request = None
    if request is None:
        raise Break("fin")
    asked = (
        "tls" in (request.header("upgrade") or "").lower() and "upgrade" in (request.header("connection") or "").lower()
    )
    if setting.form in ("close", "rst", "hang"):
        raise Break("fin" if setting.form == "close" else setting.form)
    if not asked or request.method != "OPTIONS":
        _decline(stream, 426)
    if setting.form == "decline:CODE":
        _decline(stream, setting.code)
    line, headers = Reply(101, content_type=None, headers=UPGRADE, version="HTTP/1.1").head([], False)
    stream.write(line + headers)
    # What came before TLS is not part of what is counted afterwards.
    stream.seen.before_tls, stream.seen.received = stream.seen.received, 0


def _decline(stream: Stream, status: int) -> None:
    page = error_page(status)
    reply = Reply(status, page, "text/html", UPGRADE[:1] if status == 426 else [])
    line, headers = reply.head([("Content-Length", str(len(page)))], True)
    stream.write(line + headers + page)
    raise Break("close")
