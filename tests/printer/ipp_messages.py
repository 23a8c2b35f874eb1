"""IPP messages as the scripted printer reads and begins them: RFC 8010 section 3.1, RFC 8011 section 4.1."""

from __future__ import annotations

from typing import Any

from backend.ipp.codes import Status
from backend.ipp.decoder import message_length
from backend.ipp.encoder import encode_message
from backend.ipp.message import Attribute, Group, Message, attribute
from backend.ipp.tags import Tag

from tests.printer.attributes import VERSIONS
from tests.printer.body import Body
from tests.printer.faults import Faults

HEADER_LIMIT = 1 << 20  # octets of attributes before a request is taken for rubbish
#: An attribute whose text is no UTF-8 (Q-84).
LATIN1 = b"\x41\x00\x14printer-organization\x00\x0c" + "Büro München".encode("latin-1")
REPLY_HEAD: tuple[Attribute, ...] = (
    attribute("attributes-charset", Tag.CHARSET, "utf-8"),
    attribute("attributes-natural-language", Tag.NATURAL_LANGUAGE, "en"),
)


def read_message(body: Body) -> tuple[bytes | None, bytes]:
    """The octets of the IPP message at the beginning of a body, and the document bytes that came along.

    None and the octets read when they are no message to its end.
    """
    octets = bytearray()
    for block in body:
        octets += block
        length = message_length(bytes(octets))
        if length is not None:
            return bytes(octets[:length]), bytes(octets[length:])
        if len(octets) > HEADER_LIMIT:
            break
    return None, bytes(octets)


def bare_reply(status: Status, octets: bytes = b"") -> bytes:
    """A reply to something that is no IPP message; its request-id is echoed when there is one."""
    request_id = octets[4:8] if len(octets) >= 8 else bytes(4)
    message = Message((1, 1), int(status), 1, (Group(Tag.OPERATION_ATTRIBUTES, REPLY_HEAD),))
    encoded = encode_message(message)
    return encoded[:4] + request_id + encoded[8:]


def text_of(message: Message, name: str, default: Any = None) -> Any:
    """The text of an attribute, also of one with a language."""
    found = message.get(name)
    if found is None or found.value is None:
        return default
    return getattr(found.value, "text", found.value)


def requested_attributes(message: Message, default: tuple[str, ...]) -> tuple[str, ...]:
    found = message.get("requested-attributes")
    return found.all if found is not None else default


def begins_right(message: Message) -> bool:
    """RFC 8011 section 4.1.4: charset and language come first, in that order."""
    if not message.groups or message.groups[0].tag != Tag.OPERATION_ATTRIBUTES:
        return False
    names = [each.name for each in message.groups[0].attributes[:2]]
    return names == ["attributes-charset", "attributes-natural-language"]


def status_code(word: str) -> int:
    """The number of a status keyword, or of "0x0499" for one that no standard knows."""
    return int(word, 16) if word.startswith("0x") else Status[word.upper().replace("-", "_")]


def reply_version(message: Message, status: int, faults: Faults) -> tuple[int, int]:
    if faults.reply_version != "echo":
        major, _, minor = faults.reply_version.partition(".")
        return int(major), int(minor)
    if status == Status.SERVER_ERROR_VERSION_NOT_SUPPORTED:
        # RFC 8011 section 4.1.8: the closest version that is supported.
        known = [tuple(map(int, version.split("."))) for version in VERSIONS[faults.ipp]]
        lower = [version for version in known if version <= message.version]
        return max(lower) if lower else min(known)  # type: ignore[return-value]
    return message.version
