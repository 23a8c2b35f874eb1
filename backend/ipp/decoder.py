"""IPP messages from bytes, RFC 8010 section 3: patient, because printers are not exact.

What is understood is kept, the rest is skipped, and a note says what and where. No length that a printer sends is
believed before it is compared with what is there, and nothing is read twice, so reading ends with the bytes.

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
from backend.ipp.message import (
    DEEPEST,
    HIGHEST_MAJOR_VERSION,
    Attribute,
    Collection,
    Group,
    Message,
    Value,
    head_fault,
    header_fault,
    values_fault,
)
from backend.ipp.tags import FIRST_VALUE_TAG, TAGS, Tag
from backend.ipp.values import LONGEST, read_value
from filters.common.dataclass import dataclass

_HEADER = 8

#: Values kept of one message, about 300 bytes each in memory, which an answer must not fill. There is much room:
#: the full answer of ippeveprinter to Get-Printer-Attributes has 300 values.
MOST_VALUES = 10_000
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
        self._note(head_fault(self._groups), _HEADER)
        return Decoded(Message(version, code, request_id, tuple(self._groups)), length, tuple(self._notes))

    def _read_header(self) -> tuple[tuple[int, int], int, int]:
        data = self._data
        if len(data) < _HEADER:
            raise MalformedMessage(f"{len(data)} bytes are too few", len(data))
        if data[0] > HIGHEST_MAJOR_VERSION:
            raise MalformedMessage(f"there is no version {data[0]}.{data[1]}", 0)
        version, code, request_id = (data[0], data[1]), _number(data[2:4]), _number(data[4:8])
        self._note(header_fault(version, code, request_id), 0)
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
        fault = values_fault(level.values) or ("it is there twice" if level.name in level.names else "")
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
