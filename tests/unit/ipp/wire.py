"""Messages written by hand, octet for octet, for the tests of the codec."""

from __future__ import annotations


def field(tag: int, name: str | bytes = b"", value: str | bytes = b"") -> bytes:
    """Return | value-tag 1 | name-length 2 | name | value-length 2 | value |, without looking at what it is."""
    name, value = (part.encode("utf-8") if isinstance(part, str) else part for part in (name, value))
    return bytes([tag]) + len(name).to_bytes(2, "big") + name + len(value).to_bytes(2, "big") + value


def integer(number: int) -> bytes:
    """Return the four octets of an integer."""
    return number.to_bytes(4, "big", signed=True)


#: The first two operation attributes of every message.
HEAD = field(0x47, "attributes-charset", "utf-8") + field(0x48, "attributes-natural-language", "en-us")


def message(code: int, *parts: bytes, version: bytes = b"\1\1", request_id: int = 1) -> bytes:
    """Return a message whose operation attributes begin with HEAD; ``parts`` follow, with their delimiters."""
    header = version + code.to_bytes(2, "big") + request_id.to_bytes(4, "big")
    return header + b"\1" + HEAD + b"".join(parts) + b"\3"
