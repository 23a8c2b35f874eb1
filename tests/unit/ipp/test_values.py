"""backend.ipp.values: one value as octets, both ways."""

from __future__ import annotations

from typing import Any

import pytest

from backend.ipp.message import Collection, LanguageString, Range, Resolution
from backend.ipp.tags import FIRST_VALUE_TAG, Tag
from backend.ipp.values import LONGEST, read_value, with_length, write_value

NEW_YEAR = bytes([0x07, 0xE7, 12, 31, 23, 59, 60, 9]) + b"-" + bytes([14, 59])

#: Tag, Python value, octets: each row is checked in both directions.
EXAMPLES = [
    (Tag.INTEGER, 20, "00000014"),
    (Tag.INTEGER, -1, "ffffffff"),
    (Tag.INTEGER, 2**31 - 1, "7fffffff"),
    (Tag.INTEGER, -(2**31), "80000000"),
    (Tag.ENUM, 1, "00000001"),
    (Tag.BOOLEAN, True, "01"),
    (Tag.BOOLEAN, False, "00"),
    (Tag.OCTET_STRING, b"\x00\xff", "00ff"),
    (Tag.OCTET_STRING, b"", ""),
    (Tag.DATE_TIME, NEW_YEAR, NEW_YEAR.hex()),
    (Tag.DATE_TIME, b"\0\0\1\1\0\0\0\0+\0\0", "0000" "0101" "00000000" "2b" "0000"),
    (Tag.RESOLUTION, Resolution(600, 1200), "00000258" "000004b0" "03"),
    (Tag.RESOLUTION, Resolution(236, 236, 4), "000000ec" "000000ec" "04"),
    (Tag.RANGE_OF_INTEGER, Range(-1, 999), "ffffffff" "000003e7"),
    (Tag.RESOLUTION, Resolution(1, 2**31 - 1), "00000001" "7fffffff" "03"),
    (Tag.RESOLUTION, Resolution(2**31 - 1, 1), "7fffffff" "00000001" "03"),
    (Tag.RANGE_OF_INTEGER, Range(7, 7), "00000007" "00000007"),
    (Tag.RANGE_OF_INTEGER, Range(-(2**31), 2**31 - 1), "80000000" "7fffffff"),
    (Tag.TEXT_WITH_LANGUAGE, LanguageString("de", "f\u00fcr\n"), "0002" "6465" "0005" "66c3bc720a"),
    (Tag.NAME_WITH_LANGUAGE, LanguageString("fr-ca", "fou"), "0005" "66722d6361" "0003" "666f75"),
    (Tag.NAME_WITH_LANGUAGE, LanguageString("en", ""), "0002" "656e" "0000"),
    (Tag.TEXT_WITHOUT_LANGUAGE, "\u20ac", "e282ac"),
    (Tag.TEXT_WITHOUT_LANGUAGE, "", ""),
    (Tag.NAME_WITHOUT_LANGUAGE, "report 1", "7265706f72742031"),
    (Tag.KEYWORD, "iso_a4_210x297mm", "69736f5f61345f323130783239376d6d"),
    (Tag.URI, "ipp://p/", "6970703a2f2f702f"),
    (Tag.URI_SCHEME, "ipps", "69707073"),
    (Tag.CHARSET, "utf-8", "7574662d38"),
    (Tag.NATURAL_LANGUAGE, "en-us", "656e2d7573"),
    (Tag.MIME_MEDIA_TYPE, "text/plain; charset=utf-8", b"text/plain; charset=utf-8".hex()),
    (Tag.EXTENSION, b"\x40\x00\x00\x01value", "40000001" "76616c7565"),
    (Tag.EXTENSION, b"\x7f\xff\xff\xff", "7fffffff"),
    (Tag.UNSUPPORTED, None, ""),
    (Tag.UNKNOWN, None, ""),
    (Tag.NO_VALUE, None, ""),
    (Tag.NOT_SETTABLE, None, ""),
    (Tag.DELETE_ATTRIBUTE, None, ""),
    (Tag.ADMIN_DEFINE, None, ""),
]


@pytest.mark.parametrize("tag, value, octets", EXAMPLES)
def test_both_directions(tag, value, octets):
    """A value becomes these octets, and these octets become the value, of the same type."""
    assert write_value(tag, value).hex() == octets
    read, fault = read_value(tag, bytes.fromhex(octets))
    assert (read, type(read), fault) == (value, type(value), "")


def test_every_syntax_has_an_example():
    """No tag of a value is missing above, except those that collections are made of."""
    marks = {Tag.BEG_COLLECTION, Tag.END_COLLECTION, Tag.MEMBER_ATTR_NAME}
    assert {tag for tag in Tag if tag >= FIRST_VALUE_TAG} - {tag for tag, _, _ in EXAMPLES} == marks


#: The most and the fewest octets of values, by RFC 8011 section 5.1.
LENGTHS = {
    (1023, 0): (Tag.OCTET_STRING, Tag.TEXT_WITHOUT_LANGUAGE),
    (255, 0): (Tag.NAME_WITHOUT_LANGUAGE,),
    (1023, 1): (Tag.URI,),
    (255, 1): (Tag.KEYWORD, Tag.MIME_MEDIA_TYPE),
    (63, 1): (Tag.URI_SCHEME, Tag.CHARSET, Tag.NATURAL_LANGUAGE),
}


@pytest.mark.parametrize("tag, longest, shortest", [(tag, *ends) for ends, tags in LENGTHS.items() for tag in tags])
def test_lengths(tag, longest, shortest):
    """Each syntax ends at the octet where RFC 8011 section 5.1 ends it; what is longer is refused, but read."""
    fits, too_long = (b"a" * length for length in (longest, longest + 1))
    of_type = bytes if tag == Tag.OCTET_STRING else bytes.decode
    assert write_value(tag, of_type(fits)) == fits  # type: ignore[operator]
    with pytest.raises(ValueError, match=f"{longest + 1} octets where at most {longest} are allowed"):
        write_value(tag, of_type(too_long))  # type: ignore[operator]
    assert read_value(tag, too_long)[0] == of_type(too_long)  # type: ignore[operator]
    if shortest:
        with pytest.raises(ValueError, match="empty value"):
            write_value(tag, "")
        with pytest.raises(ValueError, match="empty value"):
            read_value(tag, b"")


LETTERS_DIGITS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
VISIBLE = LETTERS_DIGITS + "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"


@pytest.mark.parametrize(
    "tag, allowed",
    [
        (Tag.TEXT_WITHOUT_LANGUAGE, VISIBLE + " \t\n\r"),
        (Tag.NAME_WITHOUT_LANGUAGE, VISIBLE + " "),
        (Tag.KEYWORD, LETTERS_DIGITS + "-._"),
        (Tag.URI, VISIBLE),
        (Tag.URI_SCHEME, LETTERS_DIGITS + "+-."),
        (Tag.CHARSET, VISIBLE),
        (Tag.NATURAL_LANGUAGE, LETTERS_DIGITS + "-"),
        (Tag.MIME_MEDIA_TYPE, VISIBLE + " "),
    ],
)
def test_characters(tag, allowed):
    """Of US-ASCII exactly these characters may stand in the syntax, the others are refused, but read."""
    for character in map(chr, range(128)):
        octets = character.encode()
        text, fault = read_value(tag, octets)
        assert text == character
        if character in allowed:
            assert (write_value(tag, character), fault) == (octets, "")
        else:
            assert fault == f"{character!r} has characters that are not allowed"
            with pytest.raises(ValueError, match="has characters that are not allowed"):
                write_value(tag, character)


def test_lengths_count_octets():
    """128 umlauts are 256 octets, one more than a name has room for."""
    assert len(write_value(Tag.NAME_WITHOUT_LANGUAGE, "\u00fc" * 127 + "x")) == 255
    with pytest.raises(ValueError, match="256 octets where at most 255"):
        write_value(Tag.NAME_WITHOUT_LANGUAGE, "\u00fc" * 128)


#: What is refused: a tag, the reason, values.
REFUSED: list[tuple[Any, ...]] = [
    (Tag.INTEGER, "does not fit into four octets", 2**31, -(2**31) - 1),
    (Tag.INTEGER, "is not of type int", True, "3", 3.0, None),
    (Tag.ENUM, "enum 0 is below 1", 0),
    (Tag.BOOLEAN, "1 is not of type bool", 1),
    (Tag.OCTET_STRING, "is not of type bytes", "text", bytearray(b"x")),
    (Tag.DATE_TIME, "10 octets instead of 11", NEW_YEAR[:10]),
    (Tag.DATE_TIME, "is not of type bytes", "2023-12-31"),
    (Tag.RESOLUTION, "is not of type Resolution", (600, 600, 3)),
    (Tag.RESOLUTION, "resolution of", Resolution(600, 0), Resolution(0, 600), Resolution(-1, 600)),
    (Tag.RESOLUTION, "resolution with units", Resolution(600, 600, 5), Resolution(600, 600, 259)),
    (Tag.RESOLUTION, "None is not of type int", Resolution(600, 600, None)),  # type: ignore[arg-type]
    (Tag.RESOLUTION, "600.0 is not of type int", Resolution(600.0, 600)),  # type: ignore[arg-type]
    (Tag.RANGE_OF_INTEGER, "range from 2 down to 1", Range(2, 1)),
    (Tag.RANGE_OF_INTEGER, "does not fit into four octets", Range(1, 2**31)),
    (Tag.RANGE_OF_INTEGER, "is not of type Range", (1, 2)),
    (Tag.TEXT_WITH_LANGUAGE, "is not of type LanguageString", "text"),
    (Tag.TEXT_WITH_LANGUAGE, "empty value", LanguageString("", "text")),
    (Tag.TEXT_WITH_LANGUAGE, "type str", LanguageString("en", b"text")),  # type: ignore[arg-type]
    (Tag.TEXT_WITH_LANGUAGE, "characters that are not allowed", LanguageString("d\u00e9", "text")),
    (Tag.TEXT_WITH_LANGUAGE, "1024 octets where at most 1023", LanguageString("en", "a" * 1024)),
    (Tag.TEXT_WITH_LANGUAGE, "70000 octets where a length", LanguageString("en", "a" * 70000)),
    (Tag.NAME_WITH_LANGUAGE, "256 octets where at most 255", LanguageString("en", "a" * 256)),
    (Tag.NAME_WITH_LANGUAGE, "characters that are not allowed", LanguageString("en", "a\n")),
    (Tag.TEXT_WITHOUT_LANGUAGE, "is not of type str", b"text"),
    (Tag.TEXT_WITHOUT_LANGUAGE, "is no Unicode text", "\udcfc"),
    (Tag.TEXT_WITHOUT_LANGUAGE, "characters that are not allowed", "a\x00"),
    (Tag.NAME_WITHOUT_LANGUAGE, "characters that are not allowed", "Ctrl-S \x13", "two\nlines"),
    (Tag.KEYWORD, "characters that are not allowed", "two words", "gr\u00fcn"),
    (Tag.EXTENSION, "extension without tag", b"\x00\x00\x01"),
    (Tag.EXTENSION, "extension tag 0x80000000 is reserved", b"\x80\x00\x00\x00x"),
    (Tag.EXTENSION, "is not of type bytes", (1, b"x")),
    (Tag.NO_VALUE, "is not of type NoneType", ""),
    (Tag.BEG_COLLECTION, "belongs to no value", Collection(())),
    (Tag.MEMBER_ATTR_NAME, "belongs to no value", "media-size"),
    (Tag.JOB_ATTRIBUTES, "belongs to no value", 1),
    (0x11, "value tag 17 is reserved", None),
    (0x80, "value tag 128 is reserved", b""),
    ("keyword", "value tag 'keyword' is reserved", "x"),
    (None, "value tag None is reserved", None),
]


@pytest.mark.parametrize("tag, reason, value", [(tag, why, each) for tag, why, *values in REFUSED for each in values])
def test_refused(tag, reason, value):
    """What the syntax of the tag does not allow is not written, and the reason says why."""
    with pytest.raises(ValueError, match=reason):
        write_value(tag, value)


@pytest.mark.parametrize(
    "first, octets, fault",
    [
        (2, [0], "dateTime with month 0"),
        (2, [13], "dateTime with month 13"),
        (3, [0], "dateTime with day 0"),
        (3, [32], "dateTime with day 32"),
        (4, [24], "dateTime with hour 24"),
        (5, [60], "dateTime with minutes 60"),
        (6, [61], "dateTime with seconds 61"),
        (7, [10], "dateTime with deci-seconds 10"),
        (8, [0], "dateTime without direction from UTC"),
        (9, [15], "dateTime with hours from UTC 15"),
        (10, [60], "dateTime with minutes from UTC 60"),
    ],
)
def test_date_time_is_validated(first, octets, fault):
    """Every field of a dateTime has its limits: refused when written, noted and kept when read."""
    wrong = NEW_YEAR[:first] + bytes(octets) + NEW_YEAR[first + 1 :]
    with pytest.raises(ValueError, match=fault):
        write_value(Tag.DATE_TIME, wrong)
    assert read_value(Tag.DATE_TIME, wrong) == (wrong, fault)


@pytest.mark.parametrize(
    "tag, octets, value, fault",
    [
        (Tag.ENUM, b"\0\0\0\0", 0, "enum 0 is below 1"),
        (Tag.BOOLEAN, b"\xff", True, "boolean is 255"),
        (Tag.BOOLEAN, b"\2", True, "boolean is 2"),
        (Tag.RESOLUTION, b"\0\0\2\x58\0\0\2\x58\x05", Resolution(600, 600, 5), "resolution with units 5"),
        (Tag.RESOLUTION, b"\0\0\0\0\0\0\0\0\x03", Resolution(0, 0), "resolution of 0 by 0"),
        (Tag.RANGE_OF_INTEGER, b"\0\0\0\2\0\0\0\1", Range(2, 1), "range from 2 down to 1"),
        (Tag.TEXT_WITHOUT_LANGUAGE, b"K\xfcche", "K\u00fcche", "'K\u00fcche' is not in UTF-8"),
        (Tag.NAME_WITHOUT_LANGUAGE, b"B\xfcro", "B\u00fcro", "'B\u00fcro' is not in UTF-8"),
        (Tag.TEXT_WITH_LANGUAGE, b"\0\2de\0\1\xfc", LanguageString("de", "\u00fc"), "'\u00fc' is not in UTF-8"),
        (Tag.KEYWORD, b"two words", "two words", "'two words' has characters that are not allowed"),
        (Tag.NO_VALUE, b"none", None, "out-of-band value of 4 octets"),
        (Tag.EXTENSION, b"\xff\0\0\0", b"\xff\0\0\0", "extension tag 0xff000000 is reserved"),
        (0x2F, b"xyz", b"xyz", "value tag 0x2f is reserved"),
        (0x11, b"", b"", "value tag 0x11 is reserved"),
        (0xFF, b"", b"", "value tag 0xff is reserved"),
    ],
)
def test_odd_but_understood(tag, octets, value, fault):
    """What can be understood is returned together with what is wrong about it."""
    assert read_value(tag, octets) == (value, fault)


@pytest.mark.parametrize(
    "tag, octets, reason",
    [
        (Tag.INTEGER, b"", "0 octets instead of 4"),
        (Tag.INTEGER, b"\0\1", "2 octets instead of 4"),
        (Tag.ENUM, b"\0\0\0\0\1", "5 octets instead of 4"),
        (Tag.BOOLEAN, b"", "0 octets instead of 1"),
        (Tag.BOOLEAN, b"\0\0\0\1", "4 octets instead of 1"),
        (Tag.DATE_TIME, b"\0" * 8, "8 octets instead of 11"),
        (Tag.RESOLUTION, b"\0" * 8, "8 octets instead of 9"),
        (Tag.RANGE_OF_INTEGER, b"\0" * 4, "4 octets instead of 8"),
        (Tag.TEXT_WITH_LANGUAGE, b"", "lengths of language and text do not fit"),
        (Tag.TEXT_WITH_LANGUAGE, b"\0\2de", "lengths of language and text do not fit"),
        (Tag.TEXT_WITH_LANGUAGE, b"\0\2de\0\2x", "lengths of language and text do not fit"),
        (Tag.TEXT_WITH_LANGUAGE, b"\0\2de\0\1xy", "lengths of language and text do not fit"),
        (Tag.TEXT_WITH_LANGUAGE, b"\xff\xffde\0\1x", "lengths of language and text do not fit"),
        (Tag.TEXT_WITH_LANGUAGE, b"plain text", "lengths of language and text do not fit"),
        (Tag.NAME_WITH_LANGUAGE, b"\0\0\0\1x", "empty value"),
        (Tag.MIME_MEDIA_TYPE, b"", "empty value"),
        (Tag.EXTENSION, b"\0\0\0", "extension without tag"),
        (Tag.BEG_COLLECTION, b"", "belongs to no value"),
        (Tag.MEMBER_ATTR_NAME, b"x", "belongs to no value"),
    ],
)
def test_not_understood(tag, octets, reason):
    """What no value can be made of is an error with its reason."""
    with pytest.raises(ValueError, match=reason):
        read_value(tag, octets)


def test_with_length():
    """A length is two octets, and signed, so 32767 is the most it can say."""
    assert with_length(b"abc") == b"\0\3abc"
    assert with_length(b"a" * LONGEST)[:2] == b"\x7f\xff"
    with pytest.raises(ValueError, match="32768 octets where a length can say at most 32767"):
        with_length(b"a" * (LONGEST + 1))
