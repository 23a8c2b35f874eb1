"""IPP messages as bytes, both ways: RFC 8010 section 3.

Writing is exact: what the RFC does not allow is refused. Reading is patient, because printers are not exact: what is
understood is kept, the rest is skipped, and a note says what and where. No length that a printer sends is believed
before it is compared with what is there, and nothing is read twice, so reading ends with the bytes.

A message, and where this module handles it (numbers are octets)::

    | version 2 | operation-id or status-code 2 | request-id 4 |       header
    | begin-attribute-group-tag 1 | fields ... |                       once for each group
    | end-of-attributes-tag 1 |
    | document ... |                                                   not ours; Decoded.length says where it begins

A field::

    | value-tag 1 | name-length 2 | name | value-length 2 | value |

An attribute is one field with its name and, for further values (1setOf), fields whose name is empty. See ``_Decoder``
for collections.
"""

from __future__ import annotations

from backend.errors import MalformedMessage
from backend.ipp.message import Attribute, Collection, Group, Message, Value
from backend.ipp.tags import FIRST_SYNTAX_TAG, FIRST_VALUE_TAG, TAGS, Tag
from backend.ipp.values import LONGEST, read_value, with_length, write_value
from filters.dataclass import dataclass

TYPE_CHECKING = False  # typing is slow to import, and only the type checker needs it
if TYPE_CHECKING:
    from typing import Any, Sequence

_HEADER = 8
#: IPP has reached 2.2. Text that is taken for a message (a web page, say) begins with 9 at least.
HIGHEST_MAJOR_VERSION = 8

#: Collections within collections. The standards nest three or four; a bound keeps a bad answer from piling them up.
DEEPEST = 16
#: Values kept of one message, about 300 bytes each in memory, which an answer must not fill. There is much room:
#: the full answer of ippeveprinter to Get-Printer-Attributes has 300 values.
MOST_VALUES = 20_000
#: Notes about one message, and characters of a note: a document that is taken for attributes would give one for each
#: of its bytes, with whatever it contains.
MOST_NOTES = 50
LONGEST_NOTE = 200


@dataclass(frozen=True)
class Decoded:
    """What was read: the message, where the document begins behind it, and what was skipped or odd."""

    message: Message
    length: int
    notes: tuple[str, ...] = ()


# --- Rules for both directions: refused when written, noted when read. Each says what is wrong, or "" ------


def _header_fault(version: tuple[int, int], code: int, request_id: int) -> str:
    """Versions, codes and request-ids are signed numbers: RFC 8010 section 3.1.1; 0 is no request-id."""
    for name, number, lowest, highest in (
        ("major version", version[0], 0, HIGHEST_MAJOR_VERSION),
        ("minor version", version[1], 0, 127),
        ("code", code, 0, 2**15 - 1),
        ("request-id", request_id, 1, 2**31 - 1),
    ):
        if not isinstance(number, int) or not lowest <= number <= highest:
            return f"{name} is {number!r}"
    return ""


def _head_fault(groups: Sequence[Group]) -> str:
    """Operation attributes come first, and first in them charset and language: RFC 8011 section 4.1.4."""
    if not groups or groups[0].tag != Tag.OPERATION_ATTRIBUTES:
        return "the first group is not the operation attributes"
    head = [(each.name, [value.tag for value in each.values]) for each in groups[0].attributes[:2]]
    if head != [
        ("attributes-charset", [Tag.CHARSET]),
        ("attributes-natural-language", [Tag.NATURAL_LANGUAGE]),
    ]:
        return "the operation attributes do not begin with attributes-charset and attributes-natural-language"
    return ""


def _values_fault(values: Sequence[Value]) -> str:
    """There is a value, and one that is out of band stands alone: RFC 8010 section 3.5.2."""
    if len(values) == 1:
        return ""
    if any(value.tag < FIRST_SYNTAX_TAG for value in values):
        return "an out-of-band value stands beside others"
    return "" if values else "there is no value"


# --- Writing ----------------------------------------------------------------------------------------------


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
        fault = _header_fault(message.version, message.code, message.request_id) or _head_fault(message.groups)
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
        fault = _values_fault(attribute.values)
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


# --- Reading ----------------------------------------------------------------------------------------------


def decode_message(
    data: bytes, *, strict: bool = False, deepest: int = DEEPEST, most_values: int = MOST_VALUES
) -> Decoded:
    """Read a message from the beginning of ``data``; a document may follow it.

    Raises MalformedMessage if ``data`` does not begin with the header of a message, and with ``strict``, as a printer
    reads requests, also for everything that would otherwise become a note.
    """
    return _Decoder(data, strict, deepest, most_values).read_message()


def message_length(data: bytes) -> int | None:
    """Return where the document begins, or None while the attributes have not all arrived.

    Only lengths are looked at, so this is the way to learn when a request whose document still comes can be decoded.
    """
    at = _HEADER
    while at < len(data):
        if data[at] == Tag.END_OF_ATTRIBUTES:
            return at + 1
        at = at + 1 if data[at] < FIRST_VALUE_TAG else _field_ends(data, at)[1]
    return None


def _field_ends(data: bytes, at: int) -> tuple[int, int]:
    """Return where the name and where the value of the field at ``at`` ends; possibly behind the data."""
    name_end = at + 3 + _number(data[at + 1 : at + 3])
    return name_end, name_end + 2 + _number(data[name_end : name_end + 2])


def _number(octets: bytes) -> int:
    return int.from_bytes(octets, "big")


class _Level:
    """Attributes of a group or a collection while they are read; the last of them may still get values."""

    def __init__(self, tag: int) -> None:
        self.tag = tag
        self.attributes: list[Attribute] = []
        self.names: set[str] = set()
        #: Name of the attribute that gets the next values; None while values belong nowhere and are skipped.
        self.name: str | None = None
        self.values: list[Value] = []
        self.offset = 0
        #: How many members came before what was written like an attribute; of use in collections only.
        self.members: int | None = None


class _Decoder:
    """Reads field after field; ``_levels`` holds the open group and, inside it, the open collections.

    A collection is no field but a run of them, because the fields of RFC 2910, whose readers had to go on working,
    have no room for members. A member's name is a value, and its own values look like further values of the attribute::

        | begCollection  | name of the attribute | no value |
        | memberAttrName | no name | name of the member |
        | value-tag      | no name | value of the member |         again for each further value
        | memberAttrName | ...
        | endCollection  | no name | no value |
    """

    def __init__(self, data: bytes, strict: bool, deepest: int, most_values: int) -> None:
        self._data = bytes(data)
        self._strict = strict
        self._deepest = deepest
        self._values_left = most_values
        self._notes: list[str] = []
        self._groups: list[Group] = []
        self._levels: list[_Level] = []
        self._too_deep = 0  # open collections that are skipped

    def _note(self, reason: str, offset: int) -> None:
        """Tell what is skipped or odd, if anything."""
        if not reason:
            return
        reason = reason[:LONGEST_NOTE]
        if self._strict:
            raise MalformedMessage(reason, offset)
        if len(self._notes) < MOST_NOTES:
            self._notes.append(f"{reason} at offset {offset}")

    def read_message(self) -> Decoded:
        version, code, request_id = self._read_header()
        length = self._read_parts()
        self._end_group(length)
        self._note(_head_fault(self._groups), _HEADER)
        return Decoded(Message(version, code, request_id, tuple(self._groups)), length, tuple(self._notes))

    def _read_header(self) -> tuple[tuple[int, int], int, int]:
        data = self._data
        if len(data) < _HEADER:
            raise MalformedMessage(f"{len(data)} bytes are too few", len(data))
        if data[0] > HIGHEST_MAJOR_VERSION:
            raise MalformedMessage(f"there is no version {data[0]}.{data[1]}", 0)
        version, code, request_id = (data[0], data[1]), _number(data[2:4]), _number(data[4:8])
        self._note(_header_fault(version, code, request_id), 0)
        return version, code, request_id

    def _read_parts(self) -> int:
        """Read groups and fields; return where they end."""
        data, at = self._data, _HEADER
        while at < len(data):
            tag = data[at]
            if tag == Tag.END_OF_ATTRIBUTES:
                self._end_group(at)
                return at + 1
            if tag < FIRST_VALUE_TAG:
                self._begin_group(tag, at)
                at += 1
                continue
            name_end, end = _field_ends(data, at)
            if end > len(data):
                self._note(f"the message ends within a field that wants {end - len(data)} bytes more", at)
                return len(data)
            self._take_field(tag, data[at + 3 : name_end], data[name_end + 2 : end], at)
            at = end
        self._note("the message ends without end-of-attributes-tag", at)
        return at

    def _take_field(self, tag: int, name: bytes, octets: bytes, at: int) -> None:
        if len(name) > LONGEST or len(octets) > LONGEST:
            self._note(f"a length is above {LONGEST}", at)
        if not self._levels:
            self._note("an attribute stands before the first group", at)
            self._begin_group(Tag.OPERATION_ATTRIBUTES, at)
        if self._too_deep:
            self._too_deep += (tag == Tag.BEG_COLLECTION) - (tag == Tag.END_COLLECTION)
        elif tag == Tag.MEMBER_ATTR_NAME:
            self._begin_member(name, octets, at)
        elif tag == Tag.END_COLLECTION:
            self._end_collection(name + octets, at)
        else:
            if name:
                self._begin_attribute(name, at)
            if tag == Tag.BEG_COLLECTION:
                self._begin_collection(octets, at)
            else:
                self._take_value(tag, octets, at)

    def _begin(self, octets: bytes, at: int) -> None:
        """Begin an attribute or a member of that name."""
        self._finish()
        name, fault = read_value(Tag.KEYWORD, octets)
        self._note(fault and f"attribute name: {fault}", at)
        level = self._levels[-1]
        level.name, level.values, level.offset = name, [], at

    def _finish(self) -> None:
        """Finish the attribute that was begun last; values that follow belong nowhere."""
        level = self._levels[-1]
        if level.name is None:
            return
        fault = _values_fault(level.values) or ("it is there twice" if level.name in level.names else "")
        self._note(fault and f"attribute {level.name!r}: {fault}", level.offset)
        if level.values:
            level.attributes.append(Attribute(level.name, tuple(level.values)))
            level.names.add(level.name)
        level.name = None

    # Groups

    def _begin_group(self, tag: int, at: int) -> None:
        self._end_group(at)
        if tag not in TAGS:
            self._note(f"delimiter tag 0x{tag:02x} is reserved", at)
        if tag == Tag.OPERATION_ATTRIBUTES and self._groups:
            self._note("operation attributes behind another group", at)
        self._levels = [_Level(TAGS.get(tag, tag))]

    def _end_group(self, at: int) -> None:
        while len(self._levels) > 1:
            self._note("a collection has no end", at)
            self._abandon_collection(at)
        if self._levels:
            self._finish()
            level = self._levels.pop()
            # An empty group costs as much as a value; one with attributes has paid for them.
            if level.attributes or self._spend(at):
                self._groups.append(Group(level.tag, tuple(level.attributes)))
        self._too_deep = 0

    # Attributes and values

    def _begin_attribute(self, octets: bytes, at: int) -> None:
        if len(self._levels) > 1:
            # Either the printer writes members like attributes (goipp knows one that does), or the end of the
            # collection is missing. How the collection ends will tell.
            self._note("an attribute stands in a collection", at)
        self._end_members()
        self._begin(octets, at)

    def _end_members(self) -> None:
        self._finish()
        level = self._levels[-1]
        if level.members is None:
            level.members = len(level.attributes)

    def _take_value(self, tag: int, octets: bytes, at: int) -> None:
        try:
            value, fault = read_value(tag, octets)
        except ValueError as error:
            self._note(f"attribute {self._levels[-1].name!r}: {error}; skipped", at)
            return
        self._note(fault and f"attribute {self._levels[-1].name!r}: {fault}", at)
        self._add(Value(TAGS.get(tag, tag), value), at)

    def _add(self, value: Value, at: int) -> None:
        level = self._levels[-1]
        if level.name is None:
            self._note("a value belongs to no attribute; skipped", at)
        elif self._spend(at):
            level.values.append(value)

    def _spend(self, at: int) -> bool:
        """Count a value or a group against the limit; return whether it may be kept."""
        self._values_left -= 1
        if self._values_left == -1:
            self._note("too many values; the rest is skipped", at)
        return self._values_left >= 0

    # Collections

    def _begin_collection(self, octets: bytes, at: int) -> None:
        if octets:
            self._note("begCollection with a value", at)
        if len(self._levels) > self._deepest:
            self._note(f"collections more than {self._deepest} deep; skipped", at)
            self._too_deep = 1
        else:
            self._levels.append(_Level(Tag.BEG_COLLECTION))

    def _begin_member(self, name: bytes, octets: bytes, at: int) -> None:
        if name:
            self._note("memberAttrName with a name", at)
        if len(self._levels) == 1:
            self._note("a member attribute stands outside a collection; skipped", at)
            self._finish()
        elif not octets:
            self._note("memberAttrName is empty; skipped", at)
            self._finish()
        else:
            self._begin(octets, at)

    def _end_collection(self, octets: bytes, at: int) -> None:
        if octets:
            self._note("endCollection with a name or a value", at)
        if len(self._levels) == 1:
            self._note("endCollection outside a collection; skipped", at)
            self._finish()
            return
        self._finish()
        level = self._levels.pop()
        self._add(Value(Tag.BEG_COLLECTION, Collection(tuple(level.attributes))), at)

    def _abandon_collection(self, at: int) -> None:
        """End a collection that does not end: what was written like an attribute behind its members was one."""
        self._finish()
        level = self._levels.pop()
        members = len(level.attributes) if level.members is None else level.members
        self._add(Value(Tag.BEG_COLLECTION, Collection(tuple(level.attributes[:members]))), at)
        if level.attributes[members:]:
            self._end_members()
            self._levels[-1].attributes += level.attributes[members:]
