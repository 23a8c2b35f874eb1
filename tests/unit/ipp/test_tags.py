"""backend.ipp.tags"""

from __future__ import annotations

import pytest

from backend.ipp.tags import TAGS, Tag


#: Whether it begins a group, and whether it stands for a missing value: tags of which that is so.
NATURES = {
    (True, False): (Tag.OPERATION_ATTRIBUTES, Tag.JOB_ATTRIBUTES, Tag.SYSTEM_ATTRIBUTES),
    (False, True): (Tag.UNSUPPORTED, Tag.NO_VALUE, Tag.ADMIN_DEFINE),
    (False, False): (Tag.END_OF_ATTRIBUTES, Tag.INTEGER, Tag.BEG_COLLECTION, Tag.MEMBER_ATTR_NAME, Tag.EXTENSION),
}


@pytest.mark.parametrize("tag, nature", [(tag, nature) for nature, tags in NATURES.items() for tag in tags])
def test_nature(tag, nature):
    """A tag knows whether it is a delimiter, begins a group, or stands for a missing value."""
    assert (tag.is_group, tag.is_out_of_band) == nature


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
