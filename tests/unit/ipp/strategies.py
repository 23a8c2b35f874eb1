"""Legal IPP messages for hypothesis, small enough to be quick and odd enough to be worth it."""

from __future__ import annotations

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from backend.ipp.message import Attribute, Collection, Group, LanguageString, Message, Range, Resolution, Value
from backend.ipp.tags import Tag

#: Nothing is timed, nothing is left on the disk, and the folder stays quick.
quick = settings(max_examples=40, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])

_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
_INT32 = st.integers(-(2**31), 2**31 - 1) | st.sampled_from((-(2**31), -1, 0, 1, 2**31 - 1))


def _characters(alphabet: str, shortest: int, longest: int) -> st.SearchStrategy[str]:
    """Texts of those characters, short ones mostly, the longest sometimes."""
    usual = st.text(alphabet, min_size=shortest, max_size=min(longest, 12))
    return usual | st.sampled_from(alphabet).map(lambda character: character * longest)


def _unicode(longest: int, controls: str = "") -> st.SearchStrategy[str]:
    allowed = st.characters(blacklist_categories=("Cs", "Cc"), whitelist_characters=controls)
    return st.text(allowed, max_size=20) | st.just("a" * longest) | st.just("\u00fc" * (longest // 2))


_VISIBLE = "".join(map(chr, range(0x21, 0x7F)))
_NAMES = _characters(_LETTERS + "-._", 1, 255)
_TEXTS = _unicode(1023, "\t\n\r")
_SHORT_NAMES = _unicode(255)
_LANGUAGES = _characters(_LETTERS + "-", 1, 63)
_OCTETS = st.binary(max_size=40) | st.just(b"\0" * 1023)


@st.composite
def _ranges(draw: st.DrawFn) -> Range:
    lower, upper = sorted((draw(_INT32), draw(_INT32)))
    return Range(lower, upper)


@st.composite
def _dates(draw: st.DrawFn) -> bytes:
    numbers = [draw(st.integers(*ends)) for ends in ((1, 12), (1, 31), (0, 23), (0, 59), (0, 60), (0, 9))]
    year, zone = draw(st.integers(0, 65535)), [draw(st.integers(0, 14)), draw(st.integers(0, 59))]
    return year.to_bytes(2, "big") + bytes(numbers) + draw(st.sampled_from((b"+", b"-"))) + bytes(zone)


_POSITIVE = st.integers(1, 2**31 - 1)

#: Python values by tag, without collections and out-of-band values.
VALUES: dict[Tag, st.SearchStrategy[object]] = {
    Tag.INTEGER: _INT32,
    Tag.BOOLEAN: st.booleans(),
    Tag.ENUM: _POSITIVE,
    Tag.OCTET_STRING: _OCTETS,
    Tag.DATE_TIME: _dates(),
    Tag.RESOLUTION: st.builds(Resolution, _POSITIVE, _POSITIVE, st.sampled_from((3, 4))),
    Tag.RANGE_OF_INTEGER: _ranges(),
    Tag.TEXT_WITH_LANGUAGE: st.builds(LanguageString, _LANGUAGES, _TEXTS),
    Tag.NAME_WITH_LANGUAGE: st.builds(LanguageString, _LANGUAGES, _SHORT_NAMES),
    Tag.TEXT_WITHOUT_LANGUAGE: _TEXTS,
    Tag.NAME_WITHOUT_LANGUAGE: _SHORT_NAMES,
    Tag.KEYWORD: _NAMES,
    Tag.URI: _characters(_VISIBLE, 1, 1023),
    Tag.URI_SCHEME: _characters(_LETTERS + "+-.", 1, 63),
    Tag.CHARSET: _characters(_VISIBLE, 1, 63),
    Tag.NATURAL_LANGUAGE: _LANGUAGES,
    Tag.MIME_MEDIA_TYPE: _characters(_VISIBLE + " ", 1, 255),
    Tag.EXTENSION: st.builds(lambda tag, rest: tag.to_bytes(4, "big") + rest, st.integers(0, 2**31 - 1), _OCTETS),
}
OUT_OF_BAND = [tag for tag in Tag if tag.is_out_of_band]
GROUPS = [tag for tag in Tag if tag.is_group and tag is not Tag.OPERATION_ATTRIBUTES]

_plain_value = st.sampled_from(sorted(VALUES)).flatmap(lambda tag: st.builds(Value, st.just(tag), VALUES[tag]))
_out_of_band = st.sampled_from(OUT_OF_BAND).map(lambda tag: (Value(tag, None),))


def _attributes(values: st.SearchStrategy[Value], most: int) -> st.SearchStrategy[tuple[Attribute, ...]]:
    some = st.lists(values, min_size=1, max_size=3).map(lambda found: tuple(found)) | _out_of_band
    each = st.builds(Attribute, _NAMES, some)
    return st.lists(each, max_size=most, unique_by=lambda attribute: attribute.name).map(lambda found: tuple(found))


_value = st.recursive(
    _plain_value,
    lambda inner: st.builds(lambda found: Value(Tag.BEG_COLLECTION, Collection(found)), _attributes(inner, 3)),
    max_leaves=6,
)

HEAD = (
    Attribute("attributes-charset", (Value(Tag.CHARSET, "utf-8"),)),
    Attribute("attributes-natural-language", (Value(Tag.NATURAL_LANGUAGE, "en"),)),
)


@st.composite
def messages(draw: st.DrawFn) -> Message:
    """Everything the RFCs allow: all tags, mixed 1setOf, nested collections, empty groups, any order of groups."""
    names = {attribute.name for attribute in HEAD}
    found = draw(_attributes(_value, 4))
    first = Group(
        Tag.OPERATION_ATTRIBUTES, HEAD + tuple(attribute for attribute in found if attribute.name not in names)
    )
    others = st.builds(Group, st.sampled_from(GROUPS), _attributes(_value, 4))
    return Message(
        version=draw(st.tuples(st.integers(0, 8), st.integers(0, 127))),
        code=draw(st.integers(0, 2**15 - 1)),
        request_id=draw(_POSITIVE),
        groups=(first, *draw(st.lists(others, max_size=3))),
    )


@st.composite
def damaged(draw: st.DrawFn, encoded: bytes) -> bytes:
    """The message after some octets were changed, cut out, put in twice or put in."""
    octets = bytearray(encoded)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(octets)))
        end = min(at + draw(st.integers(0, 8)), len(octets))
        new = draw(st.binary(max_size=3) | st.just(bytes(octets[at:end] * 2)) | st.sampled_from(MARKS))
        octets[at:end] = new
    return bytes(octets)


#: Fields that change the meaning of those around them.
MARKS = [
    b"\x03",
    b"\x04",
    b"\x34\0\0\0\0",
    b"\x34\0\1x\0\0",
    b"\x37\0\0\0\0",
    b"\x4a\0\0\0\1m",
    b"\x21\0\0\0\4\0\0\0\1",
    b"\x44\0\1k\0\0",
    b"\x41\xff\xff",
    b"\x13\0\0\0\0",
]
