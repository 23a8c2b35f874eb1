"""Jobs as pdftopcl writes them, looked at without drawing them: whether they are whole, and how many pages they have.

PCL 5 is read command by command, and the form feeds between them count: PCL 5 Technical Reference Manual, chapter 2.
PCL XL is read tag by tag: PCL XL Feature Reference, "Binary stream": operators, typed values, arrays with their length,
attributes, and data with its length.
"""

from __future__ import annotations

import re
import struct

UEL = b"\x1b%-12345X"
FORM_FEED = 0x0C
#: ESC and one character; or ESC, two characters and values with a letter each, the last one upper case. After W come
#: as many octets of data as its value says.
COMMAND = re.compile(rb"\x1b(?:[0-~]|[!-/][`-~](?:[-+0-9.]*[`-~])*(?P<value>[-+0-9.]*)(?P<end>[@-^]))")
END_PAGE = 0x44
UINT16, PAGE_COPIES = 0xC1, 49
#: Octets of a value by the last three bits of its tag: ubyte, uint16, uint32, sint16, sint32, real32.
SIZES = (1, 2, 4, 2, 4, 4)
#: Values by the first five bits of a tag -> how many of them follow; an array has its length in front.
SINGLE, ARRAY, PAIR, BOX = 0xC0, 0xC8, 0xD0, 0xE0
NUMBERS = {SINGLE: 1, PAIR: 2, BOX: 4}
ATTRIBUTE, WIDE_ATTRIBUTE, DATA, SHORT_DATA = 0xF8, 0xF9, 0xFA, 0xFB


def pages_in(document: bytes) -> int:
    """Return the number of pages of a job that begins and ends with UEL, as every whole one does, with their copies."""
    assert document.startswith(UEL + b"@PJL") and document.endswith(UEL)
    _, _, body = document.partition(b"@PJL ENTER LANGUAGE = ")
    language, _, pages = body.partition(b"\n")
    return {b"PCL": _form_feeds, b"PCLXL": _ends_of_pages}[language.strip()](pages)


def _form_feeds(pages: bytes) -> int:
    """Return how many pages a PCL 5 stream ejects up to the UEL behind it."""
    at, found, copies = 0, 0, 1
    while not pages.startswith(UEL, at):
        command = COMMAND.match(pages, at)
        if command is None:
            found += copies * (pages[at] == FORM_FEED)
            at += 1
        else:
            if command.group().startswith(b"\x1b&l") and command["end"] == b"X":
                copies = int(command["value"])
            at = command.end() + (int(command["value"] or 0) if command["end"] == b"W" else 0)
    return found


def _ends_of_pages(pages: bytes) -> int:
    """Return how many pages a PCL XL stream has up to the UEL behind it."""
    header, _, _ = pages.partition(b"\n")
    assert header.startswith(b") HP-PCL XL;"), "not binary, or the other order of octets"
    at, found, value, copies = len(header) + 1, 0, 1, 1
    while not pages.startswith(UEL, at):
        tag = pages[at]
        if tag == UINT16:
            (value,) = struct.unpack_from("<H", pages, at + 1)
        elif tag == ATTRIBUTE and pages[at + 1] == PAGE_COPIES:
            copies = value
        elif tag == END_PAGE:
            found, copies = found + copies, 1
        at += _length(pages, at)
    return found


def _length(pages: bytes, at: int) -> int:
    """Return how many octets a tag and what belongs to it take."""
    tag = pages[at]
    if 0x41 <= tag < 0xC0:
        return 1
    if tag in (ATTRIBUTE, WIDE_ATTRIBUTE):
        return 2 + (tag == WIDE_ATTRIBUTE)
    if tag == DATA:
        return 5 + int(struct.unpack_from("<I", pages, at + 1)[0])
    if tag == SHORT_DATA:
        return 2 + pages[at + 1]
    kind, size = tag & 0xF8, SIZES[tag & 7]
    if kind == ARRAY:
        wide = {SINGLE: 0, SINGLE + 1: 1}[pages[at + 1]]
        count = struct.unpack_from("<H" if wide else "<B", pages, at + 2)[0]
        return 3 + wide + int(count) * size
    return 1 + NUMBERS[kind] * size
