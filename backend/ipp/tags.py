"""Tags of IPP messages: RFC 8010 section 3.5, with those that RFC 3380, RFC 3995 and PWG 5100 registered since.

One octet opens every part of a message. Below 0x10 it is a delimiter and begins a group (or ends the message);
from there on it is the syntax of a value.
"""

from __future__ import annotations

from enum import IntEnum


class Tag(IntEnum):
    """A delimiter tag or a value tag, named as the RFC spells it."""

    # Delimiters: RFC 8010 section 3.5.1
    OPERATION_ATTRIBUTES = 0x01
    JOB_ATTRIBUTES = 0x02
    END_OF_ATTRIBUTES = 0x03
    PRINTER_ATTRIBUTES = 0x04
    UNSUPPORTED_ATTRIBUTES = 0x05
    SUBSCRIPTION_ATTRIBUTES = 0x06  # RFC 3995
    EVENT_NOTIFICATION_ATTRIBUTES = 0x07  # RFC 3995
    RESOURCE_ATTRIBUTES = 0x08  # PWG 5100.22
    DOCUMENT_ATTRIBUTES = 0x09  # PWG 5100.5
    SYSTEM_ATTRIBUTES = 0x0A  # PWG 5100.22

    # Out-of-band values: there is no value, and the tag says why
    UNSUPPORTED = 0x10
    UNKNOWN = 0x12
    NO_VALUE = 0x13
    NOT_SETTABLE = 0x15  # RFC 3380
    DELETE_ATTRIBUTE = 0x16  # RFC 3380
    ADMIN_DEFINE = 0x17  # RFC 3380

    # Integers
    INTEGER = 0x21
    BOOLEAN = 0x22
    ENUM = 0x23

    # Octet strings of a given shape, and the marks of a collection
    OCTET_STRING = 0x30
    DATE_TIME = 0x31
    RESOLUTION = 0x32
    RANGE_OF_INTEGER = 0x33
    BEG_COLLECTION = 0x34
    TEXT_WITH_LANGUAGE = 0x35
    NAME_WITH_LANGUAGE = 0x36
    END_COLLECTION = 0x37

    # Character strings
    TEXT_WITHOUT_LANGUAGE = 0x41
    NAME_WITHOUT_LANGUAGE = 0x42
    KEYWORD = 0x44
    URI = 0x45
    URI_SCHEME = 0x46
    CHARSET = 0x47
    NATURAL_LANGUAGE = 0x48
    MIME_MEDIA_TYPE = 0x49
    MEMBER_ATTR_NAME = 0x4A

    # The value begins with the real tag, four octets long
    EXTENSION = 0x7F

    @property
    def is_group(self) -> bool:
        """Whether the tag begins a group."""
        return self < FIRST_VALUE_TAG and self is not Tag.END_OF_ATTRIBUTES

    @property
    def is_out_of_band(self) -> bool:
        """Whether the tag stands for a missing value."""
        return FIRST_VALUE_TAG <= self < FIRST_SYNTAX_TAG


#: Tags from here on belong to values.
FIRST_VALUE_TAG = 0x10
#: Value tags from here on have a syntax; those before are out of band.
FIRST_SYNTAX_TAG = 0x20

#: Octets to tags; an octet that is missing here is reserved.
TAGS: dict[int, Tag] = {int(tag): tag for tag in Tag}
