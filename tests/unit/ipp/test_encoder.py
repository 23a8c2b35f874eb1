"""backend.ipp.encoder and decoder: examples of RFC 8010 both ways, and what is refused when a message is written."""

from __future__ import annotations

import re

import pytest

from backend.errors import MalformedMessage
from backend.ipp.decoder import decode_message
from backend.ipp.encoder import encode_message
from backend.ipp.message import attribute, Attribute, Collection, DEEPEST, Group, LanguageString, Message, Value
from backend.ipp.tags import Tag
from tests.unit.ipp.wire import HEAD, field, integer, message

PRINTER = "ipp://printer.example.com/ipp/print/pinetree"
HEAD_VALUES = (
    attribute("attributes-charset", Tag.CHARSET, "utf-8"),
    attribute("attributes-natural-language", Tag.NATURAL_LANGUAGE, "en-us"),
)
PRINTER_URI = attribute("printer-uri", Tag.URI, PRINTER)
MEDIA_COL = Collection(
    (
        attribute(
            "media-size",
            Tag.BEG_COLLECTION,
            Collection((attribute("x-dimension", Tag.INTEGER, 21000), attribute("y-dimension", Tag.INTEGER, 29700))),
        ),
        attribute("media-type", Tag.KEYWORD, "stationery"),
    )
)


def operation(*attributes: Attribute) -> Group:
    """Return operation attributes with charset and language before those given."""
    return Group(Tag.OPERATION_ATTRIBUTES, HEAD_VALUES + attributes)


def status_message(text: str) -> Attribute:
    return attribute("status-message", Tag.TEXT_WITHOUT_LANGUAGE, text)


#: RFC 8010 appendix A: section, the message, its octets.
APPENDIX_A = [
    (
        "A.1 Print-Job request",
        Message(
            (1, 1),
            0x0002,
            1,
            (
                operation(
                    PRINTER_URI,
                    attribute("job-name", Tag.NAME_WITHOUT_LANGUAGE, "foobar"),
                    attribute("ipp-attribute-fidelity", Tag.BOOLEAN, True),
                ),
                Group(
                    Tag.JOB_ATTRIBUTES,
                    (attribute("copies", Tag.INTEGER, 20), attribute("sides", Tag.KEYWORD, "two-sided-long-edge")),
                ),
            ),
        ),
        bytes.fromhex(
            "0101 0002 00000001 01"
            "47 0012 617474726962757465732d63686172736574 0005 7574662d38"
            "48 001b 617474726962757465732d6e61747572616c2d6c616e6775616765 0005 656e2d7573"
            "45 000b 7072696e7465722d757269 002c"
            "6970703a2f2f7072696e7465722e6578616d706c652e636f6d2f6970702f7072696e742f70696e6574726565"
            "42 0008 6a6f622d6e616d65 0006 666f6f626172"
            "22 0016 6970702d6174747269627574652d666964656c697479 0001 01"
            "02"
            "21 0006 636f70696573 0004 00000014"
            "44 0005 7369646573 0013 74776f2d73696465642d6c6f6e672d65646765"
            "03"
        ),
    ),
    (
        "A.7 Create-Job request with a collection",
        Message(
            (1, 1),
            0x0005,
            1,
            (
                operation(PRINTER_URI),
                Group(Tag.JOB_ATTRIBUTES, (attribute("media-col", Tag.BEG_COLLECTION, MEDIA_COL),)),
            ),
        ),
        message(
            0x0005,
            field(0x45, "printer-uri", PRINTER),
            bytes.fromhex(
                "02"
                "34 0009 6d656469612d636f6c 0000"
                "4a 0000 000a 6d656469612d73697a65"
                "34 0000 0000"
                "4a 0000 000b 782d64696d656e73696f6e"
                "21 0000 0004 00005208"
                "4a 0000 000b 792d64696d656e73696f6e"
                "21 0000 0004 00007404"
                "37 0000 0000"
                "4a 0000 000a 6d656469612d74797065"
                "44 0000 000a 73746174696f6e657279"
                "37 0000 0000"
            ),
        ),
    ),
    (
        "A.9 Get-Jobs response",
        Message(
            (1, 1),
            0x0000,
            123,
            (
                operation(status_message("successful-ok")),
                Group(
                    Tag.JOB_ATTRIBUTES,
                    (
                        attribute("job-id", Tag.INTEGER, 147),
                        attribute("job-name", Tag.NAME_WITH_LANGUAGE, LanguageString("fr-ca", "fou")),
                    ),
                ),
                Group(Tag.JOB_ATTRIBUTES, ()),
                Group(
                    Tag.JOB_ATTRIBUTES,
                    (
                        attribute("job-id", Tag.INTEGER, 149),
                        attribute("job-name", Tag.NAME_WITH_LANGUAGE, LanguageString("de-CH", "isch guet")),
                    ),
                ),
            ),
        ),
        message(
            0x0000,
            field(0x41, "status-message", "successful-ok"),
            b"\2",
            field(0x21, "job-id", integer(147)),
            bytes.fromhex("36 0008 6a6f622d6e616d65 000c 0005 66722d6361 0003 666f75"),
            b"\2",
            b"\2",
            field(0x21, "job-id", integer(149)),
            bytes.fromhex("36 0008 6a6f622d6e616d65 0012 0005 64652d4348 0009 697363682067756574"),
            request_id=123,
        ),
    ),
]
EXAMPLES = pytest.mark.parametrize(
    "value, octets", [pytest.param(value, octets, id=title) for title, value, octets in APPENDIX_A]
)


@EXAMPLES
def test_appendix_a(value, octets):
    """The examples of RFC 8010 appendix A become these octets, and these octets become the examples."""
    assert encode_message(value) == octets
    decoded = decode_message(octets, strict=True)
    assert (decoded.message, decoded.length, decoded.notes) == (value, len(octets), ())


def test_further_values_may_have_other_tags():
    """A 1setOf may mix value tags, and each value keeps its own."""
    mixed = Attribute("media", (Value(Tag.KEYWORD, "a4"), Value(Tag.NAME_WITHOUT_LANGUAGE, "my paper")))
    value = Message((2, 0), 2, 1, (operation(mixed),))
    octets = message(2, field(0x44, "media", "a4"), field(0x42, b"", "my paper"), version=b"\2\0")
    assert encode_message(value) == octets and decode_message(octets, strict=True).message == value


def nested(depth: int) -> Value:
    """Return that many collections within each other."""
    value = Value(Tag.KEYWORD, "innermost")
    for _ in range(depth):
        value = Value(Tag.BEG_COLLECTION, Collection((Attribute("inner", (value,)),)))
    return value


def test_depth():
    """Collections may be DEEPEST deep, which is read again; one more is refused."""
    fits = Message((2, 0), 2, 1, (operation(Attribute("deep", (nested(DEEPEST),))),))
    assert decode_message(encode_message(fits), strict=True).message == fits
    with pytest.raises(MalformedMessage, match=f"collections more than {DEEPEST} deep"):
        encode_message(Message((2, 0), 2, 1, (operation(Attribute("deep", (nested(DEEPEST + 1),))),)))


JOB_ID = attribute("job-id", Tag.INTEGER, 1)
CHARSET, LANGUAGE = HEAD_VALUES


def with_member(member: Attribute) -> tuple[Group, ...]:
    """Return groups in which a collection has this member."""
    return (operation(attribute("col", Tag.BEG_COLLECTION, Collection((member,)))),)


#: What is refused: name, fields of the message that differ from a right one, words of the reason.
REFUSED: list[tuple[str, dict[str, object], str]] = [
    ("major version", {"version": (9, 0)}, "major version is 9"),
    ("negative version", {"version": (-1, 0)}, "major version is -1"),
    ("minor version", {"version": (2, 128)}, "minor version is 128"),
    ("negative minor version", {"version": (2, -1)}, "minor version is -1"),
    ("code too large", {"code": 2**15}, "code is 32768"),
    ("code negative", {"code": -1}, "code is -1"),
    ("code no number", {"code": "Print-Job"}, "code is 'Print-Job'"),
    ("request-id zero", {"request_id": 0}, "request-id is 0"),
    ("request-id too large", {"request_id": 2**31}, "request-id is 2147483648"),
    ("request-id missing", {"request_id": None}, "request-id is None"),
    ("no group", {"groups": ()}, "first group is not the operation attributes"),
    ("other group first", {"groups": (Group(Tag.JOB_ATTRIBUTES, HEAD_VALUES),)}, "first group is not the operation"),
    ("no charset", {"groups": (Group(Tag.OPERATION_ATTRIBUTES, ()),)}, "do not begin with attributes-charset"),
    ("wrong order", {"groups": (Group(Tag.OPERATION_ATTRIBUTES, (LANGUAGE, CHARSET)),)}, "do not begin with"),
    ("no language", {"groups": (Group(Tag.OPERATION_ATTRIBUTES, (CHARSET, JOB_ID)),)}, "do not begin with"),
    (
        "charset of wrong tag",
        {
            "groups": (
                Group(Tag.OPERATION_ATTRIBUTES, (attribute("attributes-charset", Tag.KEYWORD, "utf-8"), LANGUAGE)),
            )
        },
        "do not begin with",
    ),
    (
        "other charset",
        {
            "groups": (
                Group(Tag.OPERATION_ATTRIBUTES, (attribute("attributes-charset", Tag.CHARSET, "iso-8859-1"), LANGUAGE)),
            )
        },
        "attributes-charset is 'iso-8859-1'",
    ),
    ("operation attributes twice", {"groups": (operation(), operation())}, "operation attributes behind another group"),
    ("end as group", {"groups": (operation(), Group(Tag.END_OF_ATTRIBUTES, ()))}, "begins no group"),
    ("reserved group", {"groups": (operation(), Group(0x0B, ()))}, "tag 11 begins no group"),
    ("zero as group", {"groups": (operation(), Group(0x00, ()))}, "tag 0 begins no group"),
    ("attribute twice", {"groups": (operation(JOB_ID, JOB_ID),)}, "attribute 'job-id': it is there twice"),
    ("charset twice", {"groups": (operation(CHARSET),)}, "attribute 'attributes-charset': it is there twice"),
    ("empty 1setOf", {"groups": (operation(Attribute("media", ())),)}, "attribute 'media': there is no value"),
    (
        "out of band among others",
        {"groups": (operation(Attribute("media", (Value(Tag.KEYWORD, "a4"), Value(Tag.NO_VALUE, None)))),)},
        "an out-of-band value stands beside others",
    ),
    ("empty name", {"groups": (operation(attribute("", Tag.INTEGER, 1)),)}, "attribute name '': empty value"),
    ("long name", {"groups": (operation(attribute("a" * 256, Tag.INTEGER, 1)),)}, "256 octets where at most 255"),
    ("name with space", {"groups": (operation(attribute("job id", Tag.INTEGER, 1)),)}, "not allowed"),
    ("name no text", {"groups": (operation(attribute(b"x", Tag.INTEGER, 1)),)}, "not of type str"),  # type: ignore
    ("value of wrong type", {"groups": (operation(attribute("x", Tag.INTEGER, "1")),)}, "'x': '1' is not of type int"),
    ("mark as value", {"groups": (operation(attribute("x", Tag.END_COLLECTION, b"")),)}, "belongs to no value"),
    ("long extension", {"groups": (operation(attribute("x", Tag.EXTENSION, bytes(32768))),)}, "at most 32767"),
    ("no collection", {"groups": (operation(attribute("x", Tag.BEG_COLLECTION, {"a": 1})),)}, "is no Collection"),
    ("member without value", {"groups": with_member(Attribute("m", ()))}, "attribute 'm': there is no value"),
    ("member with empty name", {"groups": with_member(attribute("", Tag.INTEGER, 1))}, "attribute name ''"),
    ("member of wrong type", {"groups": with_member(attribute("m", Tag.INTEGER, b"1"))}, "'m': b'1' is not of type"),
    (
        "member twice",
        {"groups": (operation(attribute("col", Tag.BEG_COLLECTION, Collection((JOB_ID, JOB_ID)))),)},
        "attribute 'job-id': it is there twice",
    ),
]


@pytest.mark.parametrize("change, reason", [pytest.param(change, reason, id=name) for name, change, reason in REFUSED])
def test_refused(change, reason):
    """A message that the RFCs do not allow is not written, and the error says what is wrong with it."""
    right: dict[str, object] = {"version": (2, 0), "code": 2, "request_id": 1, "groups": (operation(JOB_ID),)}
    assert encode_message(Message(**right)) == message(  # type: ignore[arg-type]
        2, field(0x21, "job-id", integer(1)), version=b"\2\0"
    )
    with pytest.raises(MalformedMessage) as caught:
        encode_message(Message(**{**right, **change}))  # type: ignore[arg-type]
    assert re.search(reason, caught.value.reason)


@pytest.mark.parametrize("version", [(0, 0), (8, 127)])
@pytest.mark.parametrize("code", [0, 2**15 - 1])
@pytest.mark.parametrize("request_id", [1, 2**31 - 1])
def test_header(version, code, request_id):
    """The lowest and the highest version, code and request-id go through in both directions."""
    value = Message(version, code, request_id, (operation(),))
    octets = bytes(version) + code.to_bytes(2, "big") + request_id.to_bytes(4, "big") + b"\1" + HEAD + b"\3"
    assert encode_message(value) == octets and decode_message(octets, strict=True).message == value


def test_refusal_says_how_far_it_came():
    """The offset of a refusal is the number of octets before the attribute that is wrong."""
    with pytest.raises(MalformedMessage) as caught:
        encode_message(Message((2, 0), 2, 1, (operation(attribute("x", Tag.INTEGER, "1")),)))
    assert caught.value.offset == 8 + 1 + len(HEAD)
    assert f" at offset {8 + 1 + len(HEAD)}." in caught.value.text


def test_the_same_name_may_stand_in_two_groups():
    """Only within a group or a collection is a second attribute of one name refused."""
    groups = (operation(JOB_ID), Group(Tag.JOB_ATTRIBUTES, (JOB_ID,)), Group(Tag.JOB_ATTRIBUTES, (JOB_ID,)))
    assert decode_message(encode_message(Message((2, 0), 2, 1, groups)), strict=True).message.groups == groups
