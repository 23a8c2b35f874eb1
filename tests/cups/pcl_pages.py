"""Jobs as pdftopcl writes them, looked at without drawing them: whether they are whole, and how many pages they have.

PCL 5 is read command by command, and the form feeds between them count: PCL 5 Technical Reference Manual, chapter 2.
PCL XL is read tag by tag: PCL XL Feature Reference, "Binary stream": operators, typed values, arrays with their length,
attributes, and data with its length.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from typing import Any

UEL = b"\x1b%-12345X"
FORM_FEED = 0x0C
#: ESC and one character; or ESC, two characters and values with a letter each, the last one upper case. After W come
#: as many octets of data as its value says.
COMMAND = re.compile(rb"\x1b(?:[0-~]|[!-/][`-~](?:[-+0-9.]*[`-~])*(?P<value>[-+0-9.]*)(?P<end>[@-^]))")
END_PAGE, PAGE_COPIES = 0x44, 49
#: Values by the last three bits of their tag, as struct has them: ubyte, uint16, uint32, sint16, sint32, real32.
TYPES = "BHIhif"
#: Values by the first five bits of a tag -> how many of them follow; an array has its length in front.
SINGLE, ARRAY, PAIR, BOX = 0xC0, 0xC8, 0xD0, 0xE0
NUMBERS = {SINGLE: 1, PAIR: 2, BOX: 4}
#: What has its length in front, and how struct has that.
ATTRIBUTE, DATA = 0xF8, {0xFA: "<I", 0xFB: "<B"}
LENGTHS = {0xC0: "<B", 0xC1: "<H"}


def pages_in(document: bytes) -> int:
    """Return the number of pages of a job that begins and ends with UEL, as every whole one does, with their copies."""
    language, pages = split_job(document)
    if language == b"PCL":
        return _form_feeds(pages)
    return sum(values.get(PAGE_COPIES, 1) for operator, values, _ in operators(pages) if operator == END_PAGE)


def split_job(document: bytes) -> tuple[bytes, bytes]:
    """Return the language of a whole job, PCL or PCLXL, and what is written in it, and behind that."""
    assert document.startswith(UEL + b"@PJL") and document.endswith(UEL)
    _, _, body = document.partition(b"@PJL ENTER LANGUAGE = ")
    language, _, pages = body.partition(b"\n")
    assert language.strip() in (b"PCL", b"PCLXL"), language
    return language.strip(), pages


def commands(pages: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Give each command of PCL 5 up to UEL and the data behind it; the command of a single octet is that octet."""
    at = 0
    while not pages.startswith(UEL, at):
        command = COMMAND.match(pages, at)
        end = command.end() if command else at + 1
        length = int(command["value"] or 0) if command and command["end"] == b"W" else 0
        yield pages[at:end], pages[end : end + length]
        at = end + length


def _form_feeds(pages: bytes) -> int:
    """Return how many pages a PCL 5 stream ejects."""
    found, copies = 0, 1
    for command, _ in commands(pages):
        asked = re.search(rb"^\x1b&l.*?([0-9]+)X$", command)
        copies = int(asked[1]) if asked else copies
        found += copies * (command[0] == FORM_FEED)
    return found


def operators(pages: bytes) -> Iterator[tuple[int, dict[int, Any], bytes]]:
    """Give each operator of PCL XL up to UEL, its attributes by number, and the data behind it.

    A single value is a number, an array of octets is bytes, all others are tuples of numbers.
    """
    header, _, _ = pages.partition(b"\n")
    assert header.startswith(b") HP-PCL XL;"), "not binary, or the other order of octets"
    at, value, attributes, last = len(header) + 1, None, dict[int, Any](), None
    while not pages.startswith(UEL, at):
        tag, at = pages[at], at + 1
        if 0x41 <= tag < 0xC0:
            if last:
                yield last
            last, attributes = (tag, attributes, b""), {}
        elif tag in DATA:
            length, at = struct.unpack_from(DATA[tag], pages, at)[0], at + struct.calcsize(DATA[tag])
            assert last, "data of no operator"
            last, at = (*last[:2], last[2] + pages[at : at + length]), at + length
        elif tag == ATTRIBUTE:
            attributes[pages[at]], at = value, at + 1
        else:
            value, at = _value(pages, tag, at)
    if last:
        yield last


def _value(pages: bytes, tag: int, at: int) -> tuple[Any, int]:
    """Return the value behind a tag, and where it ends."""
    kind, number = tag & 0xF8, TYPES[tag & 7]
    if kind == ARRAY:
        length = LENGTHS[pages[at]]
        count, at = struct.unpack_from(length, pages, at + 1)[0], at + 1 + struct.calcsize(length)
    else:
        count = NUMBERS[kind]
    pattern = f"<{count}{number}"
    found, end = struct.unpack_from(pattern, pages, at), at + struct.calcsize(pattern)
    if kind == ARRAY and number == "B":
        return bytes(found), end
    return found[0] if kind == SINGLE else found, end
