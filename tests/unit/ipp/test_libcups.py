"""The codec beside libcups: both read what the other writes, and read the same."""

from __future__ import annotations

from typing import Callable, Iterable

import pytest
from hypothesis import given

from backend.ipp.codes import keyword, operation_name
from backend.ipp.decoder import decode_message
from backend.ipp.encoder import encode_message
from backend.ipp.message import Group, Message, Value
from backend.ipp.tags import Tag
from tests.unit.ipp import libcups
from tests.unit.ipp.strategies import messages, quick

LIBRARY = libcups.load()
needs_libcups = pytest.mark.skipif(LIBRARY is None, reason="libcups (libcups2) is not installed")


def only(message: Message, can: Callable[[tuple[Value, ...]], bool]) -> Message:
    """Return the message without what the other side cannot express; empty groups it does not write."""
    groups = (Group(g.tag, tuple(each for each in g.attributes if can(each.values))) for g in message.groups)
    return Message(
        message.version, message.code, message.request_id, tuple(group for group in groups if group.attributes)
    )


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
