"""One value as octets: RFC 8010 section 3.9, with the limits of RFC 8011 section 5.1.

``write_value`` refuses what the syntax does not allow. ``read_value`` returns what it understood together with what is
wrong about it, and raises ValueError only when there is nothing to understand. Writing ends in reading, so whatever is
written is read again without a fault.

Collections are not here: on the wire they are a run of fields, see ``encoding``.
"""

from __future__ import annotations

from backend.ipp.message import LanguageString, Range, Resolution
from backend.ipp.tags import TAGS, Tag

TYPE_CHECKING = False  # typing is slow to import, and only the type checker needs it
if TYPE_CHECKING:
    from typing import Any, Callable

    #: What was read, and what is wrong about it ("" if nothing is).
    Read = tuple[Any, str]

_VISIBLE = bytes(range(0x21, 0x7F))
_LETTERS_DIGITS = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
#: Control characters with which printers were seen to lock up; line ends and tabs may stand in a text, not in a name.
_CONTROLS = bytes(range(0x20)) + b"\x7f"
_CONTROLS_IN_TEXT = _CONTROLS.translate(None, b"\t\n\r")

#: Character strings: fewest octets, most octets (RFC 8011 section 5.1), and the octets allowed in them.
#: RFC 8011 wants keywords in lower case; vendors' names for media are not, and libcups takes them too.
_STRINGS: dict[int, tuple[int, int, bytes]] = {
    Tag.TEXT_WITHOUT_LANGUAGE: (0, 1023, bytes(range(256)).translate(None, _CONTROLS_IN_TEXT)),
    Tag.NAME_WITHOUT_LANGUAGE: (0, 255, bytes(range(256)).translate(None, _CONTROLS)),
    Tag.KEYWORD: (1, 255, _LETTERS_DIGITS + b"-._"),
    Tag.URI: (1, 1023, _VISIBLE),
    Tag.URI_SCHEME: (1, 63, _LETTERS_DIGITS + b"+-."),
    Tag.CHARSET: (1, 63, _VISIBLE),
    Tag.NATURAL_LANGUAGE: (1, 63, _LETTERS_DIGITS + b"-"),
    Tag.MIME_MEDIA_TYPE: (1, 255, _VISIBLE + b" "),
}
_MOST_OCTETS = 1023  # of an octetString

#: What the two signed octets of a name-length or value-length can say.
LONGEST = 32767

#: Octets of a dateTime that have limits, RFC 2579 DateAndTime: which, name, lowest, highest.
#: Seconds reach 60 in a leap second. The RFC ends at 13 hours from UTC; there are countries at 14.
_DATE_TIME = (
    (2, "month", 1, 12),
    (3, "day", 1, 31),
    (4, "hour", 0, 23),
    (5, "minutes", 0, 59),
    (6, "seconds", 0, 60),
    (7, "deci-seconds", 0, 9),
    (9, "hours from UTC", 0, 14),
    (10, "minutes from UTC", 0, 59),
)
_UNITS = (3, 4)  # of a resolution: dots per inch, dots per centimetre


def _exactly(octets: bytes, length: int) -> None:
    if len(octets) != length:
        raise ValueError(f"{len(octets)} octets instead of {length}")


def _of_type(value: Any, kind: type) -> None:
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise ValueError(f"{value!r} is not of type {kind.__name__}")


# integer, enum: 4 octets, signed
def _write_integer(tag: int, value: Any) -> bytes:
    _of_type(value, int)
    if not -(2**31) <= value < 2**31:
        raise ValueError(f"{value} does not fit into four octets")
    return int(value).to_bytes(4, "big", signed=True)


def _read_integer(tag: int, octets: bytes) -> Read:
    _exactly(octets, 4)
    value = int.from_bytes(octets, "big", signed=True)
    return value, (f"enum {value} is below 1" if tag == Tag.ENUM and value < 1 else "")


# boolean: 1 octet, 0 or 1
def _write_boolean(tag: int, value: Any) -> bytes:
    _of_type(value, bool)
    return b"\1" if value else b"\0"


def _read_boolean(tag: int, octets: bytes) -> Read:
    _exactly(octets, 1)
    return octets != b"\0", ("" if octets[0] < 2 else f"boolean is {octets[0]}")


# octetString, and tags that no standard knows: the octets
def _write_octets(tag: int, value: Any) -> bytes:
    _of_type(value, bytes)
    return bytes(value)


def _read_octets(tag: int, octets: bytes) -> Read:
    return octets, (
        f"{len(octets)} octets where at most {_MOST_OCTETS} are allowed" if len(octets) > _MOST_OCTETS else ""
    )


# dateTime: 11 octets
#
#   | year 2 | month | day | hour | minutes | seconds | deci-seconds | "+" or "-" | hours | minutes |
#                                                                     ------- from UTC -------------
def _read_date_time(tag: int, octets: bytes) -> Read:
    _exactly(octets, 11)
    for place, name, lowest, highest in _DATE_TIME:
        if not lowest <= octets[place] <= highest:
            return octets, f"dateTime with {name} {octets[place]}"
    return octets, ("" if octets[8] in b"+-" else "dateTime without direction from UTC")


# resolution: 9 octets
#
#   | cross-feed direction 4 | feed direction 4 | units 1 |
def _write_resolution(tag: int, value: Any) -> bytes:
    _of_type(value, Resolution)
    _of_type(value.units, int)
    if value.units not in _UNITS:
        raise ValueError(f"resolution with units {value.units}")
    return _write_integer(tag, value.x) + _write_integer(tag, value.y) + bytes([value.units])


def _read_resolution(tag: int, octets: bytes) -> Read:
    _exactly(octets, 9)
    x, y = _signed(octets[:4]), _signed(octets[4:8])
    if octets[8] not in _UNITS:
        return Resolution(x, y, octets[8]), f"resolution with units {octets[8]}"
    return Resolution(x, y, octets[8]), ("" if x > 0 and y > 0 else f"resolution of {x} by {y}")


# rangeOfInteger: 8 octets
#
#   | lower bound 4 | upper bound 4 |
def _write_range(tag: int, value: Any) -> bytes:
    _of_type(value, Range)
    return _write_integer(tag, value.lower) + _write_integer(tag, value.upper)


def _read_range(tag: int, octets: bytes) -> Read:
    _exactly(octets, 8)
    lower, upper = _signed(octets[:4]), _signed(octets[4:])
    return Range(lower, upper), ("" if lower <= upper else f"range from {lower} down to {upper}")


# Character strings: UTF-8 in text and name, US-ASCII in all others
def _write_string(tag: int, value: Any) -> bytes:
    _of_type(value, str)
    try:
        return str(value).encode("utf-8")
    except UnicodeEncodeError:
        raise ValueError(f"{value!r} is no Unicode text") from None


def _read_string(tag: int, octets: bytes) -> Read:
    shortest, longest, allowed = _STRINGS[tag]
    if len(octets) < shortest:
        raise ValueError("empty value")
    text, fault = read_text(octets)
    if len(octets) > longest:
        fault = f"{len(octets)} octets where at most {longest} are allowed"
    elif octets.translate(None, allowed):
        fault = f"{text!r} has characters that are not allowed"
    return text, fault


# textWithLanguage, nameWithLanguage
#
#   | length 2 | naturalLanguage | length 2 | text or name |
def _write_language_string(tag: int, value: Any) -> bytes:
    _of_type(value, LanguageString)
    parts = (_write_string(tag, part) for part in (value.language, value.text))
    return b"".join(with_length(part) for part in parts)


def _read_language_string(tag: int, octets: bytes) -> Read:
    middle = 2 + int.from_bytes(octets[:2], "big")
    if len(octets) != middle + 2 + int.from_bytes(octets[middle : middle + 2], "big"):
        raise ValueError("lengths of language and text do not fit the value")
    text_tag = Tag.TEXT_WITHOUT_LANGUAGE if tag == Tag.TEXT_WITH_LANGUAGE else Tag.NAME_WITHOUT_LANGUAGE
    language, fault = _read_string(Tag.NATURAL_LANGUAGE, octets[2:middle])
    text, second_fault = _read_string(text_tag, octets[middle + 2 :])
    return LanguageString(language, text), fault or second_fault


# Extension: kept as it is on the wire
#
#   | tag 4 | octets |
def _read_extension(tag: int, octets: bytes) -> Read:
    if len(octets) < 4:
        raise ValueError("extension without tag")
    return octets, ("" if octets[0] < 0x80 else f"extension tag 0x{octets[:4].hex()} is reserved")


_SYNTAXES: dict[int, tuple[Callable[[int, Any], bytes], Callable[[int, bytes], Read]]] = {
    Tag.INTEGER: (_write_integer, _read_integer),
    Tag.ENUM: (_write_integer, _read_integer),
    Tag.BOOLEAN: (_write_boolean, _read_boolean),
    Tag.OCTET_STRING: (_write_octets, _read_octets),
    Tag.DATE_TIME: (_write_octets, _read_date_time),
    Tag.RESOLUTION: (_write_resolution, _read_resolution),
    Tag.RANGE_OF_INTEGER: (_write_range, _read_range),
    Tag.TEXT_WITH_LANGUAGE: (_write_language_string, _read_language_string),
    Tag.NAME_WITH_LANGUAGE: (_write_language_string, _read_language_string),
    Tag.EXTENSION: (_write_octets, _read_extension),
    **{tag: (_write_string, _read_string) for tag in _STRINGS},
}


def _signed(octets: bytes) -> int:
    return int.from_bytes(octets, "big", signed=True)


def with_length(octets: bytes) -> bytes:
    """Return the octets behind their length, which has two octets and is signed."""
    if len(octets) > LONGEST:
        raise ValueError(f"{len(octets)} octets where a length can say at most {LONGEST}")
    return len(octets).to_bytes(2, "big") + octets


def read_text(octets: bytes) -> Read:
    """Read characters: UTF-8 as it must be, else Latin-1, which printers send instead and which never fails."""
    try:
        return octets.decode("utf-8"), ""
    except UnicodeDecodeError:
        text = octets.decode("latin-1")
        return text, f"{text!r} is not in UTF-8"


def write_value(tag: int, value: Any) -> bytes:
    """Return the octets of a value.

    Raises ValueError, whose text is the reason, for anything that the syntax of the tag does not allow.
    """
    if tag not in TAGS:
        raise ValueError(f"value tag {tag!r} is reserved")
    if TAGS[tag].is_out_of_band:
        _of_type(value, type(None))
        return b""
    if tag not in _SYNTAXES:
        raise ValueError(f"tag {tag!r} belongs to no value")
    write, read = _SYNTAXES[tag]
    octets = write(tag, value)
    fault = read(tag, octets)[1]
    if fault:
        raise ValueError(fault)
    return octets


def read_value(tag: int, octets: bytes) -> Read:
    """Return a value, and what is wrong about it ("" if nothing is).

    Raises ValueError, whose text is the reason, if no value can be made of the octets.
    """
    if tag in _SYNTAXES:
        return _SYNTAXES[tag][1](tag, octets)
    if tag not in TAGS:
        return octets, f"value tag 0x{tag:02x} is reserved"
    if not TAGS[tag].is_out_of_band:
        raise ValueError(f"tag 0x{tag:02x} belongs to no value")
    return None, (f"out-of-band value of {len(octets)} octets" if octets else "")
