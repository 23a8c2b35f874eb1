"""A peer on loopback that does exactly what a test's own few lines say: before, in or after a TLS handshake."""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.printer import Certificate, make_certificate

#: Seconds after which a peer that waits for something gives up, so that no test hangs.
LONGEST = 20
#: Seconds in which it has to be done when its test is: else the other side has left a connection open.
LEFT_OPEN = 10


def server_context(
    certificate: Certificate,
    lowest: ssl.TLSVersion = ssl.TLSVersion.TLSv1_2,
    highest: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3,
) -> ssl.SSLContext:
    """Return a context that shows the certificate; old versions need level 0 of OpenSSL."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    context.options &= ~0x80  # SSL_OP_IGNORE_UNEXPECTED_EOF, which Python sets: a missing close_notify is to be seen
    context.minimum_version, context.maximum_version = lowest, highest
    with tempfile.TemporaryDirectory() as folder:
        context.load_cert_chain(*certificate.write(Path(folder)))
    return context


def reset(sock: socket.socket) -> None:
    """Close so that the other side sees a reset."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()


def read_until(sock: socket.socket, mark: bytes) -> bytes:
    """Read until what was read ends in the mark, or to the end."""
    found = b""
    while not found.endswith(mark):
        piece = sock.recv(65536)
        if not piece:
            break
        found += piece
    return found


def read_to_end(sock: socket.socket) -> bytes:
    """Read until the other side closes, in whatever way."""
    found = b""
    with contextlib.suppress(OSError):
        while piece := sock.recv(65536):
            found += piece
    return found


class Peer:
    """A listener whose connections are all treated by one script; what the script returns is kept in ``results``."""

    def __init__(self, listener: socket.socket) -> None:
        self.listener = listener
        self.port: int = listener.getsockname()[1]
        self.results: list[object] = []
        self.connections = 0
        self.ended = threading.Event()


@contextlib.contextmanager
def peer(
    script: Callable[[socket.socket], object], context: ssl.SSLContext | None = None, host: str = "127.0.0.1"
) -> Iterator[Peer]:
    """Serve connections one after the other: handshake if there is a context, then the script."""
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listener.bind((host, 0))
    listener.listen()
    listener.settimeout(LONGEST)
    served = Peer(listener)

    def serve() -> None:
        while True:
            try:
                sock, _ = listener.accept()
            except OSError:
                return
            served.connections += 1
            sock.settimeout(LONGEST)
            try:
                if context is not None:
                    sock = context.wrap_socket(sock, server_side=True, suppress_ragged_eofs=False)
                served.results.append(script(sock))
            except (OSError, ValueError) as error:
                served.results.append(error)
            finally:
                sock.close()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield served
    finally:
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        served.ended.set()
        thread.join(LEFT_OPEN)
    assert not thread.is_alive(), "a connection was left open"


@pytest.fixture(scope="session")
def certificate() -> Certificate:
    """A certificate for localhost."""
    return make_certificate()
