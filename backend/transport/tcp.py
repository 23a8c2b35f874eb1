"""TCP to the first address of a host that answers, and what TCP itself tells of a connection.

An OSError has a name for people here and nowhere else.
"""

from __future__ import annotations

import _thread
import errno
import os
import select
import socket
import ssl
import sys
import time

from backend.cupsd.stop_signal import StopSignal
from backend.errors import PrinterUnreachable
from backend.trust.addresses import in_dns

#: Seconds of silence after which TCP asks whether the printer still lives, seconds between questions, their number.
KEEPALIVE_IDLE, KEEPALIVE_INTERVAL, KEEPALIVE_COUNT = 60, 15, 4

#: Where tcpi_bytes_acked and tcpi_bytes_received lie in Linux's struct tcp_info; an older one does not reach them.
BYTES_CONFIRMED, BYTES_RECEIVED = slice(120, 128), slice(128, 136)


def resolve(host: str, port: int, seconds: float, stop: StopSignal) -> list[tuple[socket.AddressFamily, tuple]]:
    """Return the addresses of a host in the order the resolver prefers.

    getaddrinfo cannot be interrupted, so it runs in a thread of its own: neither SIGTERM nor a dead name server may
    keep the backend.

    Raises:
        OSError: the name has no address, or the resolver does not answer in time.
    """
    readable, writable = os.pipe()
    answers: list[list[tuple[socket.AddressFamily, tuple]] | OSError] = []

    def look_up() -> None:
        try:
            found = socket.getaddrinfo(in_dns(host), port, type=socket.SOCK_STREAM)
            answers.append([(family, address) for family, _, _, _, address in found])
        except OSError as error:
            answers.append(error)
        except UnicodeError:
            answers.append(socket.gaierror(socket.EAI_NONAME, "the name cannot be written in DNS"))
        os.close(writable)

    try:
        _thread.start_new_thread(look_up, ())
        stop.wait(seconds, {readable: select.POLLIN})
    finally:
        os.close(readable)
    if not answers:
        raise TimeoutError(errno.ETIMEDOUT, "the name server does not answer")
    if isinstance(answers[0], OSError):
        raise answers[0]
    return answers[0]


def words_of(error: OSError) -> str:
    """Return what the system or OpenSSL says of a failure, without numbers and file names."""
    if isinstance(error, socket.gaierror):
        return "its name has no address" if error.errno in (socket.EAI_NONAME, -5) else str(error.strerror)
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, (ssl.SSLEOFError, ssl.SSLZeroReturnError)):
        return "the printer closed the connection"
    if isinstance(error, ssl.SSLError) and error.reason:
        return "TLS: " + error.reason.lower().replace("_", " ")
    return error.strerror or str(error) or type(error).__name__


def _connect_one(family: socket.AddressFamily, address: tuple, seconds: float, stop: StopSignal) -> socket.socket:
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setblocking(False)
        code = sock.connect_ex(address)
        if code not in (0, errno.EINPROGRESS):
            raise OSError(code, os.strerror(code))
        if code and not stop.wait(seconds, {sock.fileno(): select.POLLOUT}):
            raise TimeoutError(errno.ETIMEDOUT, "no answer in time")
        code = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if code:
            raise OSError(code, os.strerror(code))
        _set_socket_options(sock)
    except BaseException:
        sock.close()
        raise
    return sock


def _set_socket_options(sock: socket.socket) -> None:
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in (
        ("TCP_KEEPIDLE", KEEPALIVE_IDLE),
        ("TCP_KEEPINTVL", KEEPALIVE_INTERVAL),
        ("TCP_KEEPCNT", KEEPALIVE_COUNT),
    ):
        if hasattr(socket, option):
            sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)


def connect_tcp(host: str, port: int, printer: str, seconds: float, stop: StopSignal) -> socket.socket:
    """Connect to the first address that answers; each gets an equal part of the time that is left."""
    end = time.monotonic() + seconds
    try:
        addresses = resolve(host, port, seconds, stop)
    except OSError as error:
        raise PrinterUnreachable(printer, words_of(error)) from None
    reasons: list[str] = []
    for index, (family, address) in enumerate(addresses):
        share = max(0.1, (end - time.monotonic()) / (len(addresses) - index))
        try:
            return _connect_one(family, address, share, stop)
        except OSError as error:
            reasons.append(f"{address[0]}: {words_of(error)}")
    raise PrinterUnreachable(printer, "; ".join(dict.fromkeys(reasons)))


def tcp_count(sock: socket.socket, where: slice) -> int:
    """Return one of TCP's counts for a connection (RFC 4898), 0 where it does not count."""
    try:
        answer = sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, where.stop)
    except (AttributeError, OSError):
        return 0
    return int.from_bytes(answer[where], sys.byteorder)
