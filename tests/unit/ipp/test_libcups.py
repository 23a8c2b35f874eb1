"""The codec beside libcups: both read what the other writes, and read the same."""

from __future__ import annotations

import io
from typing import Any, Callable, Iterable

import pytest
from hypothesis import given

from backend.ipp.codes import keyword, operation_name
from backend.ipp.decoder import decode_message
from backend.ipp.encoder import encode_message
from backend.ipp.message import Attribute, Group, Message, Range, Value, attribute
from backend.ipp.tags import Tag
from tests.unit.ipp import libcups
from tests.unit.ipp.strategies import HEAD, messages, quick
from tests.unit.ipp.test_encoder import APPENDIX_A

LIBRARY = libcups.load()
needs_libcups = pytest.mark.skipif(LIBRARY is None, reason="libcups (libcups2) is not installed")

#: Tags whose values pycups shows; for some others it crashes.
SHOWN = {
    Tag.INTEGER,
    Tag.ENUM,
    Tag.BOOLEAN,
    Tag.TEXT_WITHOUT_LANGUAGE,
    Tag.NAME_WITHOUT_LANGUAGE,
    Tag.KEYWORD,
    Tag.URI,
    Tag.CHARSET,
    Tag.NATURAL_LANGUAGE,
    Tag.MIME_MEDIA_TYPE,
}


def only(message: Message, can: Callable[[tuple[Value, ...]], bool]) -> Message:
    """Return the message without what the other side cannot express; empty groups it does not write."""
    groups = (Group(g.tag, tuple(each for each in g.attributes if can(each.values))) for g in message.groups)
    return Message(
        message.version, message.code, message.request_id, tuple(group for group in groups if group.attributes)
    )


def can_show(values: tuple[Value, ...]) -> bool:
    return libcups.can_read(values) and values[0].tag in SHOWN


def through_pycups(octets: bytes) -> tuple[int, list[Any]]:
    """Let pycups read a message; return its code and its attributes as plain lists."""
    cups = pytest.importorskip("cups", reason="pycups (python3-cups) is not installed")
    request, source = cups.IPPRequest(), io.BytesIO(octets)
    assert request.readIO(source.read) == libcups.IPP_STATE_DATA
    assert source.read() == b"", "pycups did not read to the end"
    attributes = [each for each in request.attributes if each.name]
    return request.operation, [(each.group_tag, each.name, each.value_tag, each.values) for each in attributes]


def as_pycups(message: Message) -> tuple[int, list[Any]]:
    return message.code, [
        (group.tag, each.name, each.values[0].tag, list(each.all))
        for group in message.groups
        for each in group.attributes
    ]


@quick
@given(messages())
def test_pycups_reads_what_we_write(message):
    """pycups finds the same groups, names, tags and values in our octets, for all values that it can show."""
    message = only(message, can_show)
    assert through_pycups(encode_message(message)) == as_pycups(message)


def test_pycups_comparison_can_fail():
    """The comparison above sees another value, another tag and another group."""
    octets = encode_message(message_with(attribute("copies", Tag.INTEGER, 2)))
    assert through_pycups(octets) == as_pycups(message_with(attribute("copies", Tag.INTEGER, 2)))
    assert through_pycups(octets) != as_pycups(message_with(attribute("copies", Tag.INTEGER, 3)))
    assert through_pycups(octets) != as_pycups(message_with(attribute("copies", Tag.ENUM, 2)))
    assert through_pycups(octets) != as_pycups(
        message_with(attribute("copies", Tag.INTEGER, 2), Tag.PRINTER_ATTRIBUTES)
    )


def message_with(added: Attribute, group: Tag = Tag.JOB_ATTRIBUTES) -> Message:
    return Message((2, 0), 2, 1, (Group(Tag.OPERATION_ATTRIBUTES, HEAD), Group(group, (added,))))


def rewritten(octets: bytes) -> bytes:
    """Let libcups read a message and write what it has understood."""
    assert LIBRARY is not None
    ipp, state, taken = libcups.read(LIBRARY, octets)
    assert (state, taken) == (libcups.IPP_STATE_DATA, len(octets))
    return libcups.write(LIBRARY, ipp)


@needs_libcups
@quick
@given(messages())
def test_each_understands_what_the_other_writes(message):
    """libcups reads our octets to the end, but not when they are cut, and writes them again octet for octet.

    A message put together with its own functions is strictly right, and the one we would write.
    """
    assert LIBRARY is not None
    octets = encode_message(only(message, libcups.can_read))
    assert rewritten(octets) == octets
    ipp, state, _ = libcups.read(LIBRARY, octets[:-1])
    LIBRARY.ippDelete(ipp)
    assert state != libcups.IPP_STATE_DATA
    message = only(message, libcups.can_build)
    octets = libcups.write(LIBRARY, libcups.build(LIBRARY, message))
    assert decode_message(octets, strict=True).message == message
    assert octets == encode_message(message)


@needs_libcups
@pytest.mark.parametrize(
    "message", [pytest.param(message, id=title) for title, message, _ in APPENDIX_A if "A.9" not in title]
)
def test_libcups_writes_the_examples_of_the_rfc(message):
    """libcups makes the same octets of RFC 8010's examples (but of A.9, because it leaves out empty groups)."""
    assert LIBRARY is not None
    assert libcups.write(LIBRARY, libcups.build(LIBRARY, message)) == encode_message(message)


@needs_libcups
@pytest.mark.parametrize(
    "values",
    [
        (Value(Tag.KEYWORD, "a4"), Value(Tag.NAME_WITHOUT_LANGUAGE, "my paper")),
        (Value(Tag.INTEGER, 1), Value(Tag.RANGE_OF_INTEGER, Range(3, 9))),
    ],
)
def test_libcups_reads_mixed_values(values):
    """libcups accepts the mixes of tags that the standards use, though it then gives all one tag."""
    assert LIBRARY is not None
    octets = encode_message(message_with(Attribute("mixed", values)))
    ipp, state, taken = libcups.read(LIBRARY, octets)
    LIBRARY.ippDelete(ipp)
    assert (state, taken) == (libcups.IPP_STATE_DATA, len(octets))


@needs_libcups
def test_names_are_those_of_libcups():
    """Operations and statuses that libcups knows are known here too, by the same names."""
    assert LIBRARY is not None
    operations = named(range(0x68), LIBRARY.ippOpString)
    assert len(operations) > 90 and operations == {code: operation_name(code) for code in operations}
    statuses = named([*range(0x0010), *range(0x0400, 0x0430), *range(0x0500, 0x0510)], LIBRARY.ippErrorString)
    assert len(statuses) > 45 and statuses == {code: keyword(code) for code in statuses}


def named(codes: Iterable[int], name_of: Callable[[int], bytes]) -> dict[int, str]:
    """Return the names that libcups has; there obsolete ones stand in parentheses, and unknown ones are numbers."""
    names = {code: name_of(code).decode() for code in codes}
    return {code: name for code, name in names.items() if not name.startswith(("0x", "("))}


@needs_libcups
def test_tags_are_those_of_libcups():
    """Tags have the names that libcups gives their numbers."""
    assert LIBRARY is not None
    names = {tag: LIBRARY.ippTagString(int(tag)).decode() for tag in Tag}
    spelled = {tag: name.removesuffix("-tag").replace("-", "").lower() for tag, name in names.items()}
    spelled[Tag.BEG_COLLECTION] = "begcollection"  # there it is just a collection
    del spelled[Tag.EXTENSION]  # there it has no name
    assert spelled == {tag: tag.name.replace("_", "").lower() for tag in spelled}
