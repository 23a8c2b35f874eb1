"""Mistakes in the encoding of replies, made on the finished octets (Q-84). RFC 8010 section 3 says what would be right.

A field is: value-tag 1 | name-length 2 | name | value-length 2 | value. Most mistakes are a wrong field before the
end-of-attributes tag, in the last group.
"""

from __future__ import annotations

import struct
from typing import Callable

from tests.printer.faults import Faults

END = b"\x03"


def field(tag: int, name: bytes, value: bytes, value_length: int | None = None) -> bytes:
    length = len(value) if value_length is None else value_length
    return struct.pack(">BH", tag, len(name)) + name + struct.pack(">H", length) + value


def _before_end(*fields: bytes) -> Callable[[bytes], bytes]:
    return lambda octets: octets[:-1] + b"".join(fields) + END


# Value of the switch: what it makes of a right message.
MISTAKES: dict[str, Callable[[bytes], bytes]] = {
    # memberAttrName and its value without begCollection around them
    "member-outside": _before_end(field(0x4A, b"", b"media-size"), field(0x21, b"", struct.pack(">i", 21000))),
    "empty-mime": _before_end(field(0x49, b"document-format-preferred", b"")),
    "latin1": _before_end(field(0x41, b"printer-organization", "Büro München".encode("latin-1"))),
    "nul-text": _before_end(field(0x41, b"printer-organization", b"Office\x00\x00\x1b")),
    "truncated": lambda octets: octets[: len(octets) // 2],
    "overlong": _before_end(field(0x41, b"printer-organization", b"short", 30000)),
    "no-end": lambda octets: octets[:-1],
    "unknown-group": _before_end(b"\x0f", field(0x21, b"vendor-number", struct.pack(">i", 1))),
    "unknown-tag": _before_end(field(0x3F, b"vendor-thing", b"\x01\x02\x03")),
    # a further value where no attribute has begun: it follows the group's tag at once
    "orphan-value": lambda octets: octets[:-1] + b"\x05" + field(0x44, b"", b"orphan") + END,
    "short-integer": _before_end(field(0x21, b"vendor-number", b"\x00\x01")),
    "open-collection": _before_end(field(0x34, b"vendor-collection", b""), field(0x4A, b"", b"member")),
    "duplicate-group": lambda octets: octets[:-1] + b"\x01" + field(0x47, b"attributes-charset", b"utf-8") + END,
    "trailing-garbage": lambda octets: octets + b"\x00\x1b%-12345X trailing" * 3,
    "bare-status": lambda octets: octets[:8],
}


def spoil(octets: bytes, faults: Faults) -> bytes:
    """The message with the mistakes of the ``encoding`` switch."""
    for setting in faults.settings("encoding"):
        octets = MISTAKES[setting.form](octets)
    return octets
