"""backend.ipp.tags"""

from __future__ import annotations

import pytest

from backend.ipp.tags import TAGS, Tag


def kind(tag: Tag) -> str:
    """Name what a tag is, by its two properties."""
    return f"{tag.is_group:d}{tag.is_out_of_band:d}"


@pytest.mark.parametrize(
    "tag, expected",
    [
        (Tag.OPERATION_ATTRIBUTES, "10"),
        (Tag.JOB_ATTRIBUTES, "10"),
        (Tag.SYSTEM_ATTRIBUTES, "10"),
        (Tag.END_OF_ATTRIBUTES, "00"),
        (Tag.UNSUPPORTED, "01"),
        (Tag.NO_VALUE, "01"),
        (Tag.ADMIN_DEFINE, "01"),
        (Tag.INTEGER, "00"),
        (Tag.BEG_COLLECTION, "00"),
        (Tag.MEMBER_ATTR_NAME, "00"),
        (Tag.EXTENSION, "00"),
    ],
)
def test_nature(tag, expected):
    """A tag knows whether it is a delimiter, begins a group, or stands for a missing value."""
    assert kind(tag) == expected


def test_numbers():
    """The numbers are those of RFC 8010 section 3.5, and TAGS finds each by its number."""
    assert [Tag.END_OF_ATTRIBUTES, Tag.NO_VALUE, Tag.ENUM, Tag.RANGE_OF_INTEGER, Tag.END_COLLECTION] == [
        0x03,
        0x13,
        0x23,
        0x33,
        0x37,
    ]
    assert [Tag.TEXT_WITHOUT_LANGUAGE, Tag.KEYWORD, Tag.MIME_MEDIA_TYPE, Tag.MEMBER_ATTR_NAME] == [
        0x41,
        0x44,
        0x49,
        0x4A,
    ]
    assert all(TAGS[int(tag)] is tag for tag in Tag) and 0x11 not in TAGS and 0x00 not in TAGS
