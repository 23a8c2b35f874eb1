"""The change from HTTP to TLS on an open port, RFC 2817 section 3.1."""

from __future__ import annotations

import select
import socket
import time

from backend.cupsd.stop_signal import StopSignal
from backend.errors import HandshakeTimeout, PrinterUnreachable, UpgradeRefused
from backend.transport.tcp import words_of

#: HTTP statuses of a server that may change to TLS later.
NOT_NOW = (b"500", b"502", b"503", b"504")
#: The longest answer to a request to change to TLS.
LONGEST_UPGRADE_ANSWER = 16384


def ask_for_tls(sock: socket.socket, host_field: str, printer: str, seconds: float, stop: StopSignal) -> None:
    """Ask an HTTP server to change to TLS: OPTIONS with exactly the fields that the RFC needs.

    Raises:
        UpgradeRefused: any answer but 101.
        PrinterUnreachable: one that says "not now"; HandshakeTimeout: none.
    """
    end = time.monotonic() + seconds
    sock.send(f"OPTIONS * HTTP/1.1\r\nHost: {host_field}\r\nConnection: Upgrade\r\nUpgrade: TLS/1.2\r\n\r\n".encode())
    answer = b""
    while b"\r\n\r\n" not in answer:
        ready = stop.wait(end - time.monotonic(), {sock.fileno(): select.POLLIN})
        if len(answer) > LONGEST_UPGRADE_ANSWER or not ready or time.monotonic() >= end:
            reason = f"no answer within {seconds:g} seconds to the request to change to TLS"
            raise HandshakeTimeout(printer, reason, seconds, silent=not answer)
        try:
            # Not a byte beyond the answer's head: what follows belongs to the handshake.
            piece = sock.recv(1)
        except OSError as error:
            raise PrinterUnreachable(printer, words_of(error)) from None
        if not piece:
            raise PrinterUnreachable(printer, "the printer closed the connection when asked to change to TLS")
        answer += piece
    status = answer.split(b"\r\n", 1)[0].split(b" ", 2)
    if status[0].startswith(b"HTTP/") and len(status) > 1 and status[1] in NOT_NOW:
        raise PrinterUnreachable(printer, f"it answers HTTP {status[1].decode('ascii', 'replace')}")
    if len(status) < 2 or not status[0].startswith(b"HTTP/") or status[1] != b"101":
        raise UpgradeRefused(printer, answer.split(b"\r\n", 1)[0][:60].decode("ascii", "replace"))
