"""IPP messages to bytes, RFC 8010 section 3: exact, what the RFC does not allow is refused.

A message, and a field of it (numbers are octets)::

    | version 2 | operation-id or status-code 2 | request-id 4 |       header
    | begin-attribute-group-tag 1 | fields ... |                       once for each group
    | end-of-attributes-tag 1 |

    | value-tag 1 | name-length 2 | name | value-length 2 | value |

An attribute is one field with its name and, for further values (1setOf), fields whose name is empty. A collection is no
field but a run of them; ``decoder`` draws it.
"""

from __future__ import annotations

from backend.errors import MalformedMessage
from backend.ipp.message import (
    DEEPEST,
    Attribute,
    Collection,
    Group,
    Message,
    Value,
    head_fault,
    header_fault,
    values_fault,
)
from backend.ipp.tags import TAGS, Tag
from backend.ipp.values import with_length, write_value

TYPE_CHECKING = False  # typing is slow to import, and only the type checker needs it
if TYPE_CHECKING:
    from typing import Any


def encode_message(message: Message) -> bytes:
    """Return the message as bytes, without a document.

    Raises MalformedMessage for everything that the RFCs do not allow: names and values outside their limits, Python
    types that do not fit the tag, reserved tags, attributes without values or twice in a group, operation attributes
    that are not first or do not begin as they must. Whether the operation has such attributes is not checked.
    """
    return _Encoder().write_message(message)


class _Encoder:
    def __init__(self) -> None:
        self._octets = bytearray()

    def _refuse(self, reason: str) -> MalformedMessage:
        return MalformedMessage(reason, len(self._octets))

    def write_message(self, message: Message) -> bytes:
        fault = header_fault(message.version, message.code, message.request_id) or head_fault(message.groups)
        if fault:
            raise self._refuse(fault)
        charset = message.groups[0].attributes[0].value
        if charset != "utf-8":
            raise self._refuse(f"attributes-charset is {charset!r}, and text is written in utf-8")
        self._octets += bytes(message.version)
        self._octets += message.code.to_bytes(2, "big") + message.request_id.to_bytes(4, "big")
        for number, group in enumerate(message.groups):
            self._write_group(group, number)
        self._octets.append(Tag.END_OF_ATTRIBUTES)
        return bytes(self._octets)

    def _write_group(self, group: Group, number: int) -> None:
        tag = TAGS.get(group.tag)
        if tag is None or not tag.is_group:
            raise self._refuse(f"tag {group.tag!r} begins no group")
        if tag is Tag.OPERATION_ATTRIBUTES and number > 0:
            raise self._refuse("operation attributes behind another group")
        self._octets.append(tag)
        self._refuse_twins(group.attributes)
        for attribute in group.attributes:
            self._write_values(attribute, self._name(attribute), 1)

    def _refuse_twins(self, attributes: tuple[Attribute, ...]) -> None:
        names = [attribute.name for attribute in attributes]
        if len(set(names)) != len(names):
            twin = next(name for name in names if names.count(name) > 1)
            raise self._refuse(f"attribute {twin!r}: it is there twice")

    def _write_values(self, attribute: Attribute, name: bytes, depth: int) -> None:
        fault = values_fault(attribute.values)
        if fault:
            raise self._refuse(f"attribute {attribute.name!r}: {fault}")
        for value in attribute.values:
            if value.tag == Tag.BEG_COLLECTION:
                self._write_collection(attribute, name, value.value, depth)
            else:
                self._write_value(attribute, name, value)
            name = b""

    def _write_value(self, attribute: Attribute, name: bytes, value: Value) -> None:
        try:
            octets = write_value(value.tag, value.value)
            self._write_field(value.tag, name, octets)
        except ValueError as error:
            raise self._refuse(f"attribute {attribute.name!r}: {error}") from None

    def _write_collection(self, attribute: Attribute, name: bytes, collection: Any, depth: int) -> None:
        if not isinstance(collection, Collection):
            raise self._refuse(f"attribute {attribute.name!r}: {collection!r} is no Collection")
        if depth > DEEPEST:
            raise self._refuse(f"attribute {attribute.name!r}: collections more than {DEEPEST} deep")
        self._write_field(Tag.BEG_COLLECTION, name)
        self._refuse_twins(collection.attributes)
        for member in collection.attributes:
            self._write_field(Tag.MEMBER_ATTR_NAME, b"", self._name(member))
            self._write_values(member, b"", depth + 1)
        self._write_field(Tag.END_COLLECTION, b"")

    def _write_field(self, tag: int, name: bytes, octets: bytes = b"") -> None:
        field = with_length(name) + with_length(octets)
        self._octets.append(tag)
        self._octets += field

    def _name(self, attribute: Attribute) -> bytes:
        try:
            return write_value(Tag.KEYWORD, attribute.name)
        except ValueError as error:
            raise self._refuse(f"attribute name {attribute.name!r}: {error}") from None
