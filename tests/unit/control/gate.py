"""Someone between the administrator and the printer: lets a connection pass, or does something to it."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Optional

from tests.printer.hello import ClientHello, peek_client_hello

#: Decides about a connection, from its number (0 is the first) and what its ClientHello offers: PASS or an action.
Rule = Callable[[int, Optional[ClientHello]], str]

PASS = "pass"
#: What may happen to a connection instead: its end with FIN or RST, silence, alerts of RFC 8446 section 6, no TLS.
ACTIONS = ("close", "reset", "dead", "alert:40", "alert:70", "alert:80", "alert:112", "banner")


def first(count: int, action: str) -> Rule:
    """The first connections meet an action, whoever makes them, as at a printer that wakes up."""
    return lambda number, hello: action if number < count else PASS


def modern(action: str) -> Rule:
    """Whatever does not offer TLS 1.0 meets an action: someone who wants the queue to be made with old TLS."""
    return lambda number, hello: PASS if hello and "TLSv1" in hello.version_names else action


def newest(action: str) -> Rule:
    """Whatever offers TLS 1.3 meets an action."""
    return lambda number, hello: action if hello and hello.offers_tls13 else PASS


def named(action: str) -> Rule:
    """Whatever names the server meets an action."""
    return lambda number, hello: action if hello and hello.server_name else PASS


@dataclass
class Gate:
    """Listens on loopback in front of a printer."""

    target: int
    rule: Rule = field(default=lambda number, hello: PASS)
    #: What happened to each connection.
    log: list[str] = field(default_factory=list)

    def __enter__(self) -> Gate:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self._listener.getsockname()[1]
        self._open: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *exc: object) -> None:
        for sock in [self._listener, *self._open]:
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            sock.close()

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            self._open.append(sock)
            threading.Thread(target=self._serve, args=(sock, len(self._open) - 1), daemon=True).start()

    def _serve(self, sock: socket.socket, number: int) -> None:
        action = self.rule(number, peek_client_hello(sock))
        self.log.append(action)
        if action == PASS:
            self._pass_on(sock)
            return
        if action == "dead":
            return
        try:
            if action == "reset":
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            elif action == "banner":
                sock.sendall(b"220 \x1b[2J\x9b31m ready\r\n")
            elif action.startswith("alert:"):
                sock.sendall(b"\x15\x03\x03\x00\x02\x02" + bytes([int(action[6:])]))
            if action != "reset":
                sock.shutdown(socket.SHUT_WR)
                sock.settimeout(5)
                while sock.recv(65536):
                    pass
        except OSError:
            pass
        sock.close()

    def _pass_on(self, sock: socket.socket) -> None:
        try:
            far = socket.create_connection(("127.0.0.1", self.target))
        except OSError:
            sock.close()
            return
        self._open.append(far)
        threading.Thread(target=_copy, args=(sock, far), daemon=True).start()
        _copy(far, sock)


def _copy(source: socket.socket, target: socket.socket) -> None:
    try:
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        for sock in (source, target):
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
