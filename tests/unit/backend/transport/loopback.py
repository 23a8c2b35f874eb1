"""Connections to a peer on loopback, good ones and bad ones."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from backend.cupsd.stop_signal import StopSignal
from backend.errors import IppsError
from backend.transport.connection import Connection, connect
from tests.unit.backend.tls_peer import read_to_end


def connected(port: int, host: str = "localhost", **how: Any) -> Connection:
    """Connect to a port of loopback."""
    how = {"connect_seconds": 5, "handshake_seconds": 5, "stop": StopSignal(), **how}
    return connect(host, port, **how)


def failure(port: int, **how: Any) -> IppsError:
    """Return the error that a connection ends in."""
    with pytest.raises(IppsError) as caught:
        connected(port, **how)
    return caught.value


class Drip(StopSignal):
    """A wait in which the peer says one more byte every five seconds, so many times, on a clock of its own."""

    def __init__(self, theirs: socket.socket, drop: bytes = b"\0", drops: int = 1000) -> None:
        super().__init__()
        self._theirs, self._drop, self._drops = theirs, drop, drops
        self.now = 0.0

    def monotonic(self) -> float:
        """Be the ``time`` of a module."""
        return self.now

    def wait(
        self, seconds: float | None, wanted: dict[int, int] | None = None, *, until_served: bool = False
    ) -> dict[int, int]:
        """Let time pass."""
        assert seconds is not None and self.now < 1000, "it waits for ever"
        if seconds < 5 or not self._drops:
            self.now += max(seconds, 0)
            return {}
        self.now += 5
        self._drops -= 1
        self._theirs.send(self._drop)
        return dict(wanted or {})


def stays(sock: socket.socket) -> bytes:
    """Read whatever comes until the other side closes."""
    return read_to_end(sock)
