"""backend.ipp.encoder and decoder: what holds for all messages, tried on many that hypothesis makes up."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

import pytest

from backend.errors import MalformedMessage
from backend.ipp.decoder import MOST_NOTES, Decoded, decode_message, message_length
from backend.ipp.encoder import encode_message
from backend.ipp.message import Collection, DEEPEST, HIGHEST_MAJOR_VERSION, Message
from backend.ipp.tags import Tag
from tests.unit.ipp.strategies import MARKS, damaged, messages, quick
from tests.unit.ipp.wire import HEAD


@quick
@given(messages(), st.binary(max_size=20))
def test_round_trip(message, document):
    """Every legal message comes back from its octets, and its octets from it, whatever follows them."""
    octets = encode_message(message)
    for decoded in (decode_message(octets + document), decode_message(octets + document, strict=True)):
        assert decoded.message == message
        assert (decoded.length, decoded.notes) == (len(octets), ())
        assert encode_message(decoded.message) == octets
    assert message_length(octets + document) == len(octets)


def survives(octets: bytes) -> Decoded:
    """Check what holds for whatever is read patiently, and return it."""
    decoded = decode_message(octets)
    assert 8 <= decoded.length <= len(octets)
    assert message_length(octets) in (None, decoded.length)
    assert len(decoded.notes) <= MOST_NOTES
    assert depth(decoded.message) <= DEEPEST
    assert values(decoded.message) * 5 <= len(octets), "a value is made of no octets"
    hash(decoded.message), repr(decoded.message)
    return decoded


def depth(read: Message) -> int:
    """Return how deep the collections of a message are."""
    found, todo = 0, [(1, value) for group in read.groups for each in group.attributes for value in each.all]
    while todo:
        level, value = todo.pop()
        if isinstance(value, Collection):
            found = max(found, level)
            todo += [(level + 1, each) for member in value.attributes for each in member.all]
    return found


def values(read: Message) -> int:
    """Count the values of a message, in collections too."""
    found, todo = 0, [value for group in read.groups for each in group.attributes for value in each.all]
    while todo:
        value = todo.pop()
        found += 1
        if isinstance(value, Collection):
            todo += [each for member in value.attributes for each in member.all]
    return found


def check(octets: bytes) -> None:
    """Nothing but MalformedMessage comes out of the readers, and what a strict one takes, we would have written."""
    readable = len(octets) >= 8 and octets[0] <= HIGHEST_MAJOR_VERSION
    if not readable:
        for strict in (False, True):
            with pytest.raises(MalformedMessage):
                decode_message(octets, strict=strict)
        return
    patient = survives(octets)
    if patient.notes:
        with pytest.raises(MalformedMessage) as caught:
            decode_message(octets, strict=True)
        assert f"{caught.value.reason} at offset {caught.value.offset}" in patient.notes
        assert 0 <= caught.value.offset <= len(octets)
        return
    assert decode_message(octets, strict=True) == patient
    charset = patient.message.get("attributes-charset", Tag.OPERATION_ATTRIBUTES)
    if charset is not None and charset.value == "utf-8":
        assert encode_message(patient.message) == octets[: patient.length]


@quick
@given(st.binary(max_size=200))
def test_any_bytes(octets):
    """Arbitrary bytes are refused or read, never anything else."""
    check(octets)


@quick
@given(st.lists(st.sampled_from([*MARKS, HEAD, b"\1", b"\2"]) | st.binary(max_size=4), max_size=40))
def test_any_fields(parts):
    """Marks in any order behind a good header are read, never anything else."""
    check(b"\2\0\0\0\0\0\0\1\1" + HEAD + b"".join(parts))


@quick
@given(messages().map(encode_message).flatmap(damaged))
def test_damaged_messages(octets):
    """Legal messages after an accident are read or refused; those that are still legal are what we would write."""
    check(octets)
