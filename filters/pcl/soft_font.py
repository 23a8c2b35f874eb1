"""Fonts as a printer loads them: PCL 5 Technical Reference Manual chapter 11, header and characters of format 15.

    header      72 bytes of description | segment GT: a TrueType file of gdir, head, hhea, hmtx, maxp | segment Null
                | 0 | checksum over everything from byte 64
    character   0F 00 02 0F | size | glyph id | outline | 0 | checksum over everything from the size

A font is bound (its codes mean its own glyphs, whatever the symbol set) and of type 1, so codes 21 to 7E and A1 to FF
print, one byte each, on every printer that knows TrueType. Its symbol set value is its own and the rest is that of the
resident face, so that "ESC ( <number> Q" chooses it and keeps the pitch.
"""

from __future__ import annotations

import struct
from itertools import chain
from operator import add

from filters.pcl import commands as pcl

#: Design units of all our fonts: those of the DejaVu family, so that its outlines go out as they are.
UNITS_PER_EM = 2048
ADVANCE = 1233
ASCENT, DESCENT = 1901, 483
#: Codes that print in a font of type 1 on every printer: 7F and A0 are left alone.
CODES = bytes((*range(0x21, 0x7F), *range(0xA1, 0x100)))

#: Symbol sets "<number>Q", one a font. HP gives them out up to 1023; the high ones of class Q are nobody's.
FIRST_SYMBOL_SET, LAST_SYMBOL_SET = 900, 1023
_CLASS = "Q"

_CHECKSUM_MAGIC = 0x5F0F3CF5


#: How a character of a font of this format begins.
_CHARACTER = b"\x0f\x00\x02\x0f"
#: Zero and checksum at its end, by the sum of what is checked.
_CHECKSUMS = [bytes((0, -summed % 256)) for summed in range(2 * 255 + 1)]

# What a character has from its place in a font: the command with its code, its glyph id, and the sum of that.
_CODE_COMMANDS = [pcl.CHARACTER_CODE(code) for code in CODES]
_GLYPH_IDS = [struct.pack(">H", number) for number in range(1, len(CODES) + 1)]
_GLYPH_ID_SUMS = [sum(glyph_id) for glyph_id in _GLYPH_IDS]


class GlyphRecord:
    """A glyph to be sent: its outline, and what of its character record is the same in every font."""

    __slots__ = ("outline", "metrics", "before", "summed")

    def __init__(self, outline: bytes) -> None:
        self.outline = outline
        x_min = struct.unpack_from(">h", outline, 2)[0] if outline else 0
        #: Its entry in the table hmtx.
        self.metrics = struct.pack(">Hh", ADVANCE, x_min)
        size = struct.pack(">H", 4 + len(outline))
        #: The command for its data, and those up to the glyph id.
        self.before = pcl.CHARACTER_DATA(len(_CHARACTER) + 6 + len(outline)) + _CHARACTER + size
        #: The sum of what is checked, but for the glyph id: its lower byte.
        self.summed = (sum(size) + sum(outline)) & 0xFF


def select_font(number: int) -> bytes:
    """Return the command that chooses a font of ours."""
    return pcl.symbol_set(f"{FIRST_SYMBOL_SET + number}{_CLASS}")


def _symbol_set_value(number: int) -> int:
    """Comparison Guide, appendix C: 32 times the number, plus the letter less 64."""
    return (FIRST_SYMBOL_SET + number) * 32 + ord(_CLASS) - 64


def load_font(number: int, glyphs: list[GlyphRecord], typeface: int, bold: bool, name: str = "ipps443") -> bytes:
    """Return everything that loads a font: glyph n has code CODES[n]."""
    header = font_header(number, glyphs, typeface, bold, name)
    sums = map(add, [glyph.summed for glyph in glyphs], _GLYPH_ID_SUMS)
    characters = zip(
        _CODE_COMMANDS,
        [glyph.before for glyph in glyphs],
        _GLYPH_IDS,
        [glyph.outline for glyph in glyphs],
        map(_CHECKSUMS.__getitem__, sums),
    )
    return b"".join((pcl.FONT_ID(number), pcl.FONT_HEADER(len(header)), header, *chain.from_iterable(characters)))


def delete_font(number: int) -> bytes:
    """Return the command that deletes a font; to be sent before the first mark of a page."""
    return pcl.combine(pcl.FONT_ID(number), pcl.FONT_CONTROL(2))


def font_header(number: int, glyphs: list[GlyphRecord], typeface: int, bold: bool, name: str) -> bytes:
    """Return the header of a font."""
    truetype = truetype_file(glyphs)
    description = struct.pack(
        ">HBBBBHHHBBHHHHbBbBBBBbbBHHHHBBHI16s",
        72,  # size of this description
        15,  # format: TrueType
        1,  # bound, 8 bits
        0,  # style, upper byte
        0,  # reserved
        ASCENT,  # baseline
        ADVANCE,  # cell width
        ASCENT + DESCENT,  # cell height
        0,  # orientation
        0,  # spacing: fixed
        _symbol_set_value(number),
        ADVANCE,  # pitch, in design units: the printer scales by it
        0,  # height
        0,  # x-height
        0,  # width type
        0,  # style, lower byte
        3 if bold else 0,  # stroke weight
        typeface & 0xFF,
        typeface >> 8,
        0,  # serif style
        2,  # quality: letter
        0,  # placement
        0,  # underline position
        0,  # underline thickness
        0,  # text height
        ADVANCE,  # text width
        CODES[0],  # first code
        CODES[-1],  # last code
        0,  # pitch extended
        0,  # height extended
        0,  # cap height
        0,  # font number
        name.encode("ascii", "replace")[:16].ljust(16),
    )
    return _sealed(description, truetype)


def _sealed(description: bytes, truetype: bytes) -> bytes:
    scale = struct.pack(">HhHBB", UNITS_PER_EM, -130, 90, 1, 0)  # em, underline: position, thickness; TrueType, variety
    segments = b"GT" + struct.pack(">H", len(truetype)) + truetype + b"\xff\xff\0\0"
    summed = scale + segments + b"\0"
    return description + summed + bytes((-sum(summed) % 256,))


def truetype_file(glyphs: list[GlyphRecord]) -> bytes:
    """Return a TrueType file without outlines, for glyph 0, which is blank, and those given."""
    count = len(glyphs) + 1
    metrics = struct.pack(">Hh", ADVANCE, 0)
    metrics += b"".join([glyph.metrics for glyph in glyphs])
    horizontal = (ASCENT, -DESCENT, 0, ADVANCE, 0, 0, ADVANCE, 1, 0, 0)
    tables = {
        b"gdir": b"",
        b"head": _head(),
        b"hhea": struct.pack(">IhhhHhhhhhh8xhH", 0x10000, *horizontal, 0, count),
        b"hmtx": metrics,
        b"maxp": struct.pack(">IHHHHHHHHHHHHHH", 0x10000, count, 2000, 200, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0),
    }
    directory = struct.pack(">IHHHH", 0x10000, len(tables), 64, 2, len(tables) * 16 - 64)
    body = b""
    start = len(directory) + 16 * len(tables)
    for tag, table in tables.items():
        padded = table + bytes(-len(table) % 4)
        offset = start + len(body) if table else 0
        directory += struct.pack(">4sIII", tag, _checksum(padded), offset, len(table))
        body += padded
    return directory + body


def _head() -> bytes:
    return struct.pack(
        ">IIIIHHQQhhhhHHhhh", 0x10000, 0x10000, 0, _CHECKSUM_MAGIC, 3, UNITS_PER_EM, 0, 0,
        -ADVANCE, -DESCENT, 2 * ADVANCE, ASCENT, 0, 8, 2, 0, 0,
    )  # fmt: skip


def _checksum(padded: bytes) -> int:
    return sum(struct.unpack(f">{len(padded) // 4}I", padded)) & 0xFFFFFFFF
