"""backend.ipp.decoder: bad replies as printers send them, and where patience ends.

Q-numbers are those of the list of printer quirks; a row without one is a case the reader has to survive all the same.
"""

from __future__ import annotations

from typing import Any

import pytest

from backend.errors import MalformedMessage
from backend.ipp.decoder import LONGEST_NOTE, MOST_NOTES, MOST_VALUES, decode_message, message_length
from backend.ipp.message import Attribute, Collection, DEEPEST, Group, Message, Value
from backend.ipp.tags import Tag
from tests.unit.ipp.wire import HEAD, field, integer, message

CHARSET = field(0x47, "attributes-charset", "utf-8")
LANGUAGE = field(0x48, "attributes-natural-language", "en")
#: Where the first field of a group behind the operation attributes stands in these tests.
AT = 8 + 1 + len(HEAD) + 1
IDLE = field(0x23, "printer-state", integer(3))
SIZE = field(0x4A, b"", "x-dimension") + field(0x21, b"", integer(21000))
END = field(0x37)


def value_of(read: Message, name: str, tag: Tag | None = None) -> Any:
    """Return the first value of an attribute that must be there."""
    found = read.get(name, tag)
    assert found is not None, name
    return found.value


def plain(value: object) -> object:
    """Return a value without tags: a collection becomes a dict of lists."""
    if isinstance(value, Collection):
        return {member.name: [plain(each) for each in member.all] for member in value.attributes}
    return value


def contents(read: Message) -> list[Any]:
    """Return the groups of a message, without charset and language, as plain lists."""
    head = ("attributes-charset", "attributes-natural-language")
    return [
        (
            group.tag,
            [(each.name, [plain(value) for value in each.all]) for each in group.attributes if each.name not in head],
        )
        for group in read.groups
    ]


def printer(*fields: bytes) -> bytes:
    """Return a Get-Printer-Attributes reply with these printer attributes."""
    return message(0, b"\4", *fields)


STATE = ("printer-state", [3])

#: What a printer sends, what is understood of its printer attributes, and the notes (reason, offset).
BAD_PRINTER_ATTRIBUTES: list[tuple[str, list[bytes], list[Any], list[tuple[str, int]]]] = [
    (
        "Q-84 member attribute outside a collection",
        [IDLE, SIZE, field(0x44, "media-default", "a4")],
        [STATE, ("media-default", ["a4"])],
        [
            ("a member attribute stands outside a collection; skipped", len(IDLE)),
            ("a value belongs to no attribute; skipped", len(IDLE) + 16),
        ],
    ),
    (
        "Q-84 collection closed twice, members go on",
        [field(0x34, "media-col-default"), SIZE, END, SIZE, END, IDLE],
        [("media-col-default", [{"x-dimension": [21000]}]), STATE],
        [
            ("a member attribute stands outside a collection; skipped", 22 + len(SIZE + END)),
            ("a value belongs to no attribute; skipped", 22 + len(SIZE + END) + 16),
            ("endCollection outside a collection; skipped", 22 + len(SIZE + END + SIZE)),
        ],
    ),
    (
        "Q-84 empty mimeMediaType",
        [
            field(0x49, "document-format-default"),
            field(0x49, "document-format-supported", "application/pdf"),
            field(0x49),
            field(0x49, b"", "text/plain"),
            IDLE,
        ],
        [("document-format-supported", ["application/pdf", "text/plain"]), STATE],
        [
            ("attribute 'document-format-default': empty value; skipped", 0),
            ("attribute 'document-format-default': there is no value", 0),
            ("attribute 'document-format-supported': empty value; skipped", 28 + 45),
        ],
    ),
    (
        "Q-84 Latin-1 in a text",
        [field(0x41, "printer-location", b"K\xfcche"), IDLE],
        [("printer-location", ["K\u00fcche"]), STATE],
        [("attribute 'printer-location': 'K\u00fcche' is not in UTF-8", 0)],
    ),
    (
        "Q-84 members written like attributes",
        [
            field(0x34, "media-col-default"),
            field(0x34, "media-size"),
            field(0x21, "x-dimension", integer(21000)),
            field(0x21, "y-dimension", integer(29700)),
            END,
            field(0x44, "media-type", "stationery"),
            END,
            IDLE,
        ],
        [
            (
                "media-col-default",
                [{"media-size": [{"x-dimension": [21000], "y-dimension": [29700]}], "media-type": ["stationery"]}],
            ),
            STATE,
        ],
        [
            ("an attribute stands in a collection", 22),
            ("an attribute stands in a collection", 22 + 15),
            ("an attribute stands in a collection", 22 + 15 + 20),
            ("an attribute stands in a collection", 22 + 15 + 40 + 5),
        ],
    ),
    (
        "two collections without end, and attributes behind them",
        [
            field(0x34, "media-col-default"),
            field(0x4A, b"", "media-size"),
            field(0x34),
            SIZE,
            IDLE,
            field(0x44, "media-default", "a4"),
        ],
        [("media-col-default", [{"media-size": [{"x-dimension": [21000]}]}]), STATE, ("media-default", ["a4"])],
        [
            ("an attribute stands in a collection", 22 + 15 + 5 + len(SIZE)),
            ("an attribute stands in a collection", 22 + 15 + 5 + len(SIZE + IDLE)),
            ("a collection has no end", 22 + 15 + 5 + len(SIZE + IDLE) + 20),
            ("a collection has no end", 22 + 15 + 5 + len(SIZE + IDLE) + 20),
        ],
    ),
    (
        "member without value",
        [field(0x34, "col"), field(0x4A, b"", "a"), SIZE, field(0x4A, b"", "b"), END, IDLE],
        [("col", [{"x-dimension": [21000]}]), STATE],
        [("attribute 'a': there is no value", 8), ("attribute 'b': there is no value", 8 + 6 + len(SIZE))],
    ),
    (
        "value in a collection before any member name",
        [field(0x34, "col"), field(0x21, b"", integer(1)), SIZE, END],
        [("col", [{"x-dimension": [21000]}])],
        [("a value belongs to no attribute; skipped", 8)],
    ),
    (
        "empty member name",
        [field(0x34, "col"), SIZE, field(0x4A), field(0x21, b"", integer(1)), END],
        [("col", [{"x-dimension": [21000]}])],
        [
            ("memberAttrName is empty; skipped", 8 + len(SIZE)),
            ("a value belongs to no attribute; skipped", 8 + len(SIZE) + 5),
        ],
    ),
    (
        "marks of a collection with names and values",
        [
            field(0x34, "col", "x"),
            field(0x4A, "name", "x-dimension"),
            field(0x21, b"", integer(1)),
            field(0x37, "col", "x"),
            IDLE,
        ],
        [("col", [{"x-dimension": [1]}]), STATE],
        [
            ("begCollection with a value", 0),
            ("memberAttrName with a name", 9),
            ("endCollection with a name or a value", 9 + 20 + 9),
        ],
    ),
    (
        "end of a collection that never began",
        [IDLE, END, field(0x23, b"", integer(4)), field(0x44, "media-default", "a4")],
        [STATE, ("media-default", ["a4"])],
        [
            ("endCollection outside a collection; skipped", len(IDLE)),
            ("a value belongs to no attribute; skipped", len(IDLE) + 5),
        ],
    ),
    (
        "collection of no attribute",
        [field(0x34), SIZE, END, IDLE],
        [STATE],
        [("a value belongs to no attribute; skipped", 5 + len(SIZE))],
    ),
    (
        "out-of-band value among others",
        [field(0x44, "media-ready", "a4"), field(0x13), IDLE],
        [("media-ready", ["a4", None]), STATE],
        [("attribute 'media-ready': an out-of-band value stands beside others", 0)],
    ),
    (
        "unknown value tag",
        [field(0x60, "vendor-thing", b"\1\2\3"), IDLE],
        [("vendor-thing", [b"\1\2\3"]), STATE],
        [("attribute 'vendor-thing': value tag 0x60 is reserved", 0)],
    ),
    (
        "attribute twice",
        [IDLE, field(0x23, "printer-state", integer(5))],
        [STATE, ("printer-state", [5])],
        [("attribute 'printer-state': it is there twice", len(IDLE))],
    ),
    (
        "Q-111 words that are no keywords",
        [field(0x44, "printer-state-reasons", "Toner low!"), field(0x44, b"", "none-report"), IDLE],
        [("printer-state-reasons", ["Toner low!", "none-report"]), STATE],
        [("attribute 'printer-state-reasons': 'Toner low!' has characters that are not allowed", 0)],
    ),
    (
        "value longer than its signed length can say",
        [field(0x30, "printer-icon", bytes(40000)), IDLE],
        [("printer-icon", [bytes(40000)]), STATE],
        [("a length is above 32767", 0), ("attribute 'printer-icon': 40000 octets where at most 1023 are allowed", 0)],
    ),
    (
        "longest value that a signed length can say",
        [field(0x30, "printer-icon", bytes(32767)), IDLE],
        [("printer-icon", [bytes(32767)]), STATE],
        [("attribute 'printer-icon': 32767 octets where at most 1023 are allowed", 0)],
    ),
    (
        "longest name that a signed length can say",
        [field(0x21, "n" * 32767, integer(1)), IDLE],
        [("n" * 32767, [1]), STATE],
        [("attribute name: 32767 octets where at most 255 are allowed", 0)],
    ),
    (
        "name longer than its signed length can say",
        [field(0x21, "n" * 32768, integer(1)), IDLE],
        [("n" * 32768, [1]), STATE],
        [("a length is above 32767", 0), ("attribute name: 32768 octets where at most 255 are allowed", 0)],
    ),
    (
        "name that is no keyword",
        [field(0x21, b"gr\xf6\xdfe", integer(1)), IDLE],
        [("gr\u00f6\u00dfe", [1]), STATE],
        [("attribute name: 'gr\u00f6\u00dfe' has characters that are not allowed", 0)],
    ),
]


@pytest.mark.parametrize(
    "fields, understood, notes", [pytest.param(*row[1:], id=row[0]) for row in BAD_PRINTER_ATTRIBUTES]
)
def test_bad_printer_attributes(fields, understood, notes):
    """Of a bad group all is kept that can be understood; the notes, or the strict error, say what and where."""
    octets = printer(*fields)
    decoded = decode_message(octets + b"document")
    assert contents(decoded.message) == [(1, []), (4, understood)]
    assert decoded.length == len(octets) == message_length(octets + b"document")
    assert decoded.notes == tuple(f"{reason} at offset {AT + offset}" for reason, offset in notes)
    with pytest.raises(MalformedMessage) as caught:
        decode_message(octets, strict=True)
    assert f"{caught.value.reason} at offset {caught.value.offset}" in decoded.notes


JOB = field(0x21, "job-id", integer(147)) + field(0x23, "job-state", integer(5))

#: Whole messages: what is sent, what is understood (groups), the notes.
BAD_MESSAGES: list[tuple[str, bytes, list[Any], list[str]]] = [
    (
        "Q-81 and Q-117 request-id 0",
        message(0x0503, version=b"\1\0", request_id=0),
        [(1, [])],
        ["request-id is 0 at offset 0"],
    ),
    ("request-id negative", message(0, request_id=2**32 - 1), [(1, [])], ["request-id is 4294967295 at offset 0"]),
    ("minor version negative", message(0, version=b"\1\xff"), [(1, [])], ["minor version is 255 at offset 0"]),
    ("code negative", message(0xFFFF), [(1, [])], ["code is 65535 at offset 0"]),
    (
        "no operation attributes",
        b"\1\1\0\0\0\0\0\1\2" + JOB + b"\3",
        [(2, [("job-id", [147]), ("job-state", [5])])],
        ["the first group is not the operation attributes at offset 8"],
    ),
    ("no group at all", b"\1\1\0\0\0\0\0\1\3", [], ["the first group is not the operation attributes at offset 8"]),
    (
        "nothing behind the header",
        b"\1\1\0\0\0\0\0\1",
        [],
        [
            "the message ends without end-of-attributes-tag at offset 8",
            "the first group is not the operation attributes at offset 8",
        ],
    ),
    (
        "attributes before the first group",
        b"\1\1\0\0\0\0\0\1" + HEAD + JOB + b"\3",
        [(1, [("job-id", [147]), ("job-state", [5])])],
        ["an attribute stands before the first group at offset 8"],
    ),
    (
        "charset and language exchanged",
        b"\1\1\0\0\0\0\0\1\1" + LANGUAGE + CHARSET + b"\3",
        [(1, [])],
        [
            "the operation attributes do not begin with attributes-charset and attributes-natural-language"
            " at offset 8"
        ],
    ),
    (
        "operation attributes behind others",
        message(0, b"\2", JOB, b"\1", field(0x41, "status-message", "ok")),
        [(1, []), (2, [("job-id", [147]), ("job-state", [5])]), (1, [("status-message", ["ok"])])],
        [f"operation attributes behind another group at offset {AT + len(JOB)}"],
    ),
    (
        "reserved delimiter",
        message(0, b"\x0f", JOB, b"\0"),
        [(1, []), (0x0F, [("job-id", [147]), ("job-state", [5])]), (0, [])],
        [
            f"delimiter tag 0x0f is reserved at offset {AT - 1}",
            f"delimiter tag 0x00 is reserved at offset {AT + len(JOB)}",
        ],
    ),
    (
        "collection without end before another group",
        message(0, b"\2", field(0x34, "media-col"), SIZE, b"\5", field(0x10, "sides")),
        [(1, []), (2, [("media-col", [{"x-dimension": [21000]}])]), (5, [("sides", [None])])],
        [f"a collection has no end at offset {AT + 14 + len(SIZE)}"],
    ),
    (
        "end-of-attributes-tag missing",
        message(0, b"\2", JOB)[:-1],
        [(1, []), (2, [("job-id", [147]), ("job-state", [5])])],
        [f"the message ends without end-of-attributes-tag at offset {AT + len(JOB)}"],
    ),
    (
        "Q-84 length that reaches behind the end",
        message(0, b"\2", JOB, b"\x41\0\x0ejob-state-info\x7f\xffcut off"),
        [(1, []), (2, [("job-id", [147]), ("job-state", [5])])],
        [f"the message ends within a field that wants {32767 - 8} bytes more at offset {AT + len(JOB)}"],
    ),
]


@pytest.mark.parametrize("octets, understood, notes", [pytest.param(*row[1:], id=row[0]) for row in BAD_MESSAGES])
def test_bad_messages(octets, understood, notes):
    """A message whose frame is wrong still gives its groups; the notes, or the strict error, say what and where."""
    decoded = decode_message(octets)
    assert contents(decoded.message) == understood
    assert list(decoded.notes) == notes
    assert decoded.length == len(octets)
    with pytest.raises(MalformedMessage) as caught:
        decode_message(octets, strict=True)
    assert f"{caught.value.reason} at offset {caught.value.offset}" in notes


#: Poor answers that are legal IPP: what is missing is for others to find out.
POOR = [
    ("Q-80 success and nothing else", message(0, version=b"\2\0"), "printer-state", None),
    ("Q-82 older version", message(0, b"\4", IDLE, version=b"\1\0"), "printer-state", 3),
    ("Q-99 no job-id, job-uri only", message(0, b"\2", field(0x45, "job-uri", "ipp://p/1")), "job-id", None),
    ("Q-99 job-id among operation attributes", message(0, JOB), "job-id", 147),
    ("Q-101 no job-state", message(0, b"\2", field(0x21, "job-id", integer(1))), "job-state", None),
    (
        "Q-111 word of the printer's own",
        message(0, b"\4", field(0x44, "reasons", "none-report")),
        "reasons",
        "none-report",
    ),
    (
        "Q-115 value that is its own name",
        message(0, b"\4", field(0x41, "cups-version", "cups-version")),
        "cups-version",
        "cups-version",
    ),
    ("empty job group", message(0, b"\2"), "job-id", None),
]


@pytest.mark.parametrize("octets, name, value", [pytest.param(*row[1:], id=row[0]) for row in POOR])
def test_poor_but_legal(octets, name, value):
    """An answer that only lacks something passes the strict reader too."""
    decoded = decode_message(octets, strict=True)
    found = decoded.message.get(name)
    assert (found.value if found else None) == value
    assert decode_message(octets) == decoded and decoded.notes == ()


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize(
    "octets, reason, offset",
    [
        (b"", "0 bytes are too few", 0),
        (b"\1\1\0\0\0\0\0", "7 bytes are too few", 7),
        (b"<html><body>It works</body></html>", "there is no version 60.104", 0),
        (b"\x16\x03\x03\x00\x02\x02\x28\x00", "there is no version 22.3", 0),
        (b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03", "there is no version 31.139", 0),
    ],
)
def test_no_message(octets, reason, offset, strict):
    """Bytes without the header of a message (nothing, a web page, TLS, gzip) are an error, patience or not."""
    with pytest.raises(MalformedMessage) as caught:
        decode_message(octets, strict=strict)
    assert (caught.value.reason, caught.value.offset) == (reason, offset)
    assert (
        str(caught.value) == f"Not an IPP message: {reason} at offset {offset}. Check the path in the device URI [P10]"
    )


def test_versions_to_come():
    """A version that nobody has written yet is read all the same; telling the printer off is not our task."""
    assert decode_message(message(0, version=b"\x08\0"), strict=True).message.version == (8, 0)


#: A job's answer with something of everything.
RICH = message(
    0,
    field(0x41, "status-message", "successful-ok"),
    b"\5",
    field(0x10, "sides"),
    b"\2",
    JOB,
    field(0x34, "media-col"),
    field(0x4A, b"", "media-size"),
    field(0x34),
    SIZE,
    END,
    field(0x4A, b"", "media-type"),
    field(0x44, b"", "stationery"),
    END,
    field(0x44, "job-state-reasons", "job-printing"),
    field(0x44, b"", "job-incoming"),
    field(0x36, "job-name", b"\0\5fr-ca\0\3fou"),
)


def flat(read: Message) -> list[tuple[int, str, object]]:
    """Return all values outside collections, in order."""
    return [(g.tag, each.name, value) for g in read.groups for each in g.attributes for value in each.all]


def is_part(part: object, whole: object) -> bool:
    """Say whether a collection is the beginning of another; any other value must be the same."""
    if isinstance(part, Collection) and isinstance(whole, Collection):
        pairs = list(zip(part.attributes, whole.attributes))
        return len(pairs) == len(part.attributes) and all(
            small.name == large.name and all(is_part(a, b) for a, b in zip(small.all, large.all))
            for small, large in pairs
        )
    return part == whole


def test_truncated():
    """A message cut at any octet gives what was complete before the cut, and nothing that was not sent."""
    whole = flat(decode_message(RICH, strict=True).message)
    assert [message_length(RICH[:size]) for size in range(len(RICH))] == [None] * len(RICH)
    for size in range(8, len(RICH)):
        decoded = decode_message(RICH[:size])
        found = flat(decoded.message)
        assert decoded.length == size and decoded.notes
        assert len(found) <= len(whole)
        for (tag, name, value), (whole_tag, whole_name, whole_value) in zip(found, whole):
            assert (tag, name) == (whole_tag, whole_name) and is_part(value, whole_value)
        with pytest.raises(MalformedMessage):
            decode_message(RICH[:size], strict=True)


def test_truncated_job_answer_still_has_its_job_id():
    """For Print-Job only status and job-id are needed, and a cut behind them leaves them (Q-84)."""
    decoded = decode_message(RICH[: RICH.index(b"media-col")])
    assert (decoded.message.code, value_of(decoded.message, "job-id", Tag.JOB_ATTRIBUTES)) == (0, 147)


def deep(depth: int) -> bytes:
    """Return collections within each other, the innermost with one member, and one attribute behind them."""
    opened = field(0x34, "deep") + b"".join(field(0x4A, b"", "in") + field(0x34) for _ in range(depth - 1))
    return printer(opened, SIZE, END * depth, IDLE)


def depth_of(value: object) -> int:
    """Count collections within each other, without recursion."""
    depth = 0
    while isinstance(value, Collection):
        depth += 1
        value = value.attributes[0].value if value.attributes else None
    return depth


def test_depth_is_bounded():
    """DEEPEST collections within each other are read; deeper ones are skipped, and what follows is not."""
    decoded = decode_message(deep(DEEPEST), strict=True)
    assert depth_of(value_of(decoded.message, "deep")) == DEEPEST
    for depth in (DEEPEST + 1, DEEPEST + 2):
        decoded = decode_message(deep(depth))
        assert depth_of(value_of(decoded.message, "deep")) == DEEPEST
        assert value_of(decoded.message, "printer-state") == 3
        assert [note.rpartition(" at offset ")[0] for note in decoded.notes] == [
            f"collections more than {DEEPEST} deep; skipped",
            "attribute 'in': there is no value",
        ]
        with pytest.raises(MalformedMessage, match="deep"):
            decode_message(deep(depth), strict=True)


def test_depth_that_is_never_left():
    """Five thousand collections without end neither exhaust the stack nor hide the group behind them."""
    octets = printer(field(0x34, "deep"), (field(0x4A, b"", "in") + field(0x34)) * 5_000, b"\2", JOB)
    decoded = decode_message(octets)
    assert depth_of(value_of(decoded.message, "deep")) == DEEPEST
    assert value_of(decoded.message, "job-id", Tag.JOB_ATTRIBUTES) == 147


def test_values_are_bounded():
    """Values above the limit are counted as skipped, those before it are kept, and the end is still found."""
    values = [field(0x21, f"a{number}", integer(number)) for number in range(20)]
    octets = printer(*values) + b"document"
    decoded = decode_message(octets, most_values=10)
    assert [value for _, _, value in flat(decoded.message)] == ["utf-8", "en-us", *range(8)]
    assert decoded.length == len(octets) - len(b"document")
    too_many = AT + sum(map(len, values[:8]))
    assert decoded.notes[0] == f"too many values; the rest is skipped at offset {too_many}"
    assert decode_message(octets, most_values=22).notes == ()
    with pytest.raises(MalformedMessage, match="too many values"):
        decode_message(octets, strict=True, most_values=21)


def test_empty_groups_are_bounded():
    """A group without attributes counts like a value, so zeros behind a message do not become groups for ever."""
    decoded = decode_message(message(0)[:-1] + bytes(MOST_VALUES))
    assert len(decoded.message.groups) == MOST_VALUES - 1


def test_nothing_useful_in_much():
    """Names without usable values leave nothing behind but a few notes."""
    octets = printer(*(field(0x21, f"a{number}") for number in range(3_000)))
    decoded = decode_message(octets)
    assert contents(decoded.message) == [(1, []), (4, [])]
    assert len(decoded.notes) == MOST_NOTES and decoded.length == len(octets)


def test_notes_are_short():
    """A note that quotes what the printer sent quotes only so much of it."""
    decoded = decode_message(printer(field(0x60, "n" * 5_000, "value")))
    assert value_of(decoded.message, "n" * 5_000) == b"value"
    assert [note[:15] for note in decoded.notes] == ["attribute name:", "attribute 'nnnn"]
    assert len(decoded.notes[1]) == LONGEST_NOTE + len(f" at offset {AT}")


def test_all_kinds_of_bytes():
    """bytearray is read like bytes, and leaves no bytearray behind."""
    decoded = decode_message(bytearray(printer(field(0x30, "octets", b"\1\2"), field(0x60, "odd", b"\3"))))
    assert [type(value) for _, _, value in flat(decoded.message)] == [str, str, bytes, bytes]


def test_tags_are_tags():
    """Known tags come back as Tag, reserved ones as plain numbers."""
    decoded = decode_message(message(0, b"\x0f", field(0x60, "odd"), b"\2", field(0x44, "a", "b")))
    assert decoded.message.groups[1] == Group(0x0F, (Attribute("odd", (Value(0x60, b""),)),))
    assert decoded.message.groups[2].tag is Tag.JOB_ATTRIBUTES
    assert decoded.message.groups[2].attributes[0].values[0].tag is Tag.KEYWORD
