"""backend.ipp.message"""

from __future__ import annotations

import pytest

from backend.ipp.decoder import Decoded
from backend.ipp.message import (
    Attribute,
    Collection,
    Group,
    LanguageString,
    Message,
    Range,
    Resolution,
    Value,
    attribute,
)
from backend.ipp.operations import Target
from backend.ipp.tags import Tag
from filters.common.dataclass import replace

JOB_1 = Group(Tag.JOB_ATTRIBUTES, (attribute("job-id", Tag.INTEGER, 1),))
JOB_2 = Group(Tag.JOB_ATTRIBUTES, (attribute("job-id", Tag.INTEGER, 2), attribute("job-name", Tag.KEYWORD, "x")))
OPERATION = Group(Tag.OPERATION_ATTRIBUTES, (attribute("attributes-charset", Tag.CHARSET, "utf-8"),))
MESSAGE = Message((2, 0), 0, 1, (OPERATION, JOB_1, JOB_2))


def test_attribute_carries_its_tag_into_every_value():
    """attribute() is the one place where Python values become values."""
    assert attribute("copies", Tag.INTEGER, 1, 2) == Attribute("copies", (Value(Tag.INTEGER, 1), Value(Tag.INTEGER, 2)))


def test_out_of_band_attribute_needs_no_value():
    """attribute() gives an out-of-band tag the value None, and only such a tag."""
    assert attribute("media", Tag.NO_VALUE) == Attribute("media", (Value(Tag.NO_VALUE, None),))
    assert attribute("media", Tag.KEYWORD).values == ()


def test_value_and_all():
    """.value is the first value, .all are all of them, without tags."""
    mixed = Attribute("copies-supported", (Value(Tag.INTEGER, 1), Value(Tag.RANGE_OF_INTEGER, Range(3, 9))))
    assert (mixed.value, mixed.all) == (1, (1, Range(3, 9)))
    assert attribute("media", Tag.KEYWORD).value is None


def test_groups_are_found_by_tag():
    """group() returns the first, groups_of() all; a missing one is None or an empty list."""
    assert MESSAGE.group(Tag.JOB_ATTRIBUTES) is JOB_1
    assert MESSAGE.groups_of(Tag.JOB_ATTRIBUTES) == [JOB_1, JOB_2]
    assert MESSAGE.group(Tag.PRINTER_ATTRIBUTES) is None
    assert MESSAGE.groups_of(Tag.PRINTER_ATTRIBUTES) == []


def test_attributes_are_found_by_name():
    """get() looks into all groups, or into those of one tag, and returns None for what is not there."""
    assert MESSAGE.get("job-id") is JOB_1.attributes[0]
    assert MESSAGE.get("job-name", Tag.JOB_ATTRIBUTES) is JOB_2.attributes[1]
    assert MESSAGE.get("job-id", Tag.OPERATION_ATTRIBUTES) is None
    assert MESSAGE.get("job-uri") is None
    assert JOB_1.get("job-name") is None


def test_members_are_found_by_name():
    """A collection is asked like a group; the first of two members of one name wins."""
    twins = Collection((attribute("media-type", Tag.KEYWORD, "a"), attribute("media-type", Tag.KEYWORD, "b")))
    assert twins.get("media-type") is twins.attributes[0]
    assert twins.get("media-size") is None


def test_messages_are_values():
    """Equal contents make equal messages with equal hashes; another tag makes another value."""
    same = Message((2, 0), 0, 1, (OPERATION, JOB_1, Group(JOB_2.tag, JOB_2.attributes)))
    assert same == MESSAGE and hash(same) == hash(MESSAGE)
    assert attribute("a", Tag.INTEGER, 3) != attribute("a", Tag.ENUM, 3)


@pytest.mark.parametrize(
    "value, name",
    [
        (Range(1, 2), "lower"),
        (Resolution(600, 600), "units"),
        (LanguageString("en", "text"), "text"),
        (Collection(()), "attributes"),
        (Value(Tag.INTEGER, 1), "value"),
        (attribute("a", Tag.INTEGER, 1), "values"),
        (JOB_1, "attributes"),
        (MESSAGE, "groups"),
        (Decoded(MESSAGE, 9), "notes"),
        (Target("ipp://p/"), "version"),
    ],
)
def test_nothing_changes(value, name):
    """What was read or is to be sent stays as it is, and may be kept in sets."""
    with pytest.raises(AttributeError):
        setattr(value, name, ())
    assert {value: "found"}[replace(value)] == "found"
