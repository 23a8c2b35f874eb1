"""What a ClientHello offers, read without taking it from the socket. RFC 8446 section 4.1.2, RFC 6066 section 3.

    record       type=22 | version | length handshake    type=1 | length(3) | legacy_version | random(32) |
    session_id<0..32> | cipher_suites<2..> | compression<1..> extensions   length(2), each: type(2) | length(2) | data
"""

from __future__ import annotations

import socket
import struct
from dataclasses import dataclass

SERVER_NAME, SUPPORTED_VERSIONS = 0, 43
VERSION_NAMES = {0x0300: "SSLv3", 0x0301: "TLSv1", 0x0302: "TLSv1.1", 0x0303: "TLSv1.2", 0x0304: "TLSv1.3"}


@dataclass(frozen=True)
class ClientHello:
    """What matters to the faults."""

    versions: tuple[int, ...]
    suites: tuple[int, ...]
    server_name: str | None

    @property
    def version_names(self) -> tuple[str, ...]:
        return tuple(VERSION_NAMES[version] for version in self.versions if version in VERSION_NAMES)

    @property
    def offers_tls13(self) -> bool:
        return 0x0304 in self.versions


def peek_client_hello(raw: socket.socket) -> ClientHello | None:
    """The ClientHello that waits in a socket; None when it is something else or the client has gone."""
    try:
        head = raw.recv(5, socket.MSG_PEEK | socket.MSG_WAITALL)
        if len(head) < 5 or head[0] != 22:
            return None
        length = struct.unpack(">H", head[3:5])[0]
        record = raw.recv(5 + length, socket.MSG_PEEK | socket.MSG_WAITALL)
        return parse_client_hello(record[5:])
    except (OSError, IndexError, struct.error):
        return None


def parse_client_hello(handshake: bytes) -> ClientHello | None:
    """A ClientHello from its handshake message; None when it is another message."""
    if len(handshake) < 38 or handshake[0] != 1:
        return None
    legacy = struct.unpack(">H", handshake[4:6])[0]
    at = 38
    _, at = _vector(handshake, at, 1)
    suites, at = _vector(handshake, at, 2)
    _, at = _vector(handshake, at, 1)
    extensions = _extensions(handshake, at)
    offered = extensions.get(SUPPORTED_VERSIONS)
    versions = _numbers(offered[1:]) if offered else (legacy,)
    return ClientHello(versions, _numbers(suites), _server_name(extensions.get(SERVER_NAME)))


def _vector(data: bytes, at: int, size: int) -> tuple[bytes, int]:
    length = int.from_bytes(data[at : at + size], "big")
    return data[at + size : at + size + length], at + size + length


def _numbers(data: bytes) -> tuple[int, ...]:
    return tuple(int.from_bytes(data[i : i + 2], "big") for i in range(0, len(data) - 1, 2))


def _extensions(data: bytes, at: int) -> dict[int, bytes]:
    block, _ = _vector(data, at, 2)
    found, at = {}, 0
    while at + 4 <= len(block):
        kind = int.from_bytes(block[at : at + 2], "big")
        found[kind], at = _vector(block, at + 2, 2)
    return found


def _server_name(extension: bytes | None) -> str | None:
    if not extension:
        return None
    return extension[5:].decode("ascii", "replace")
