"""A reader of Apple raster (URF) and PWG raster (PWG 5102.4), as far as tests need it: pages with their pixels.

Both have the same packing: a count of repeated lines, then for each pixel or run of pixels a count and the pixels.
URF fills the rest of a line with white at a count of 128.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

URF, PWG = b"UNIRAST\0", b"RaS2"
#: cupsColorSpace with bits per pixel: sGray, sRGB, black.
SPACES = {18: 8, 19: 24, 3: 1}


@dataclass(frozen=True)
class Page:
    """One page. ``bits`` per pixel: 8 is grey, 24 colour, 1 black; ``duplex`` says that it is one side of a sheet."""

    width: int
    height: int
    bits: int
    dpi: tuple[int, int]
    duplex: bool
    tumble: bool
    pixels: bytes

    @property
    def ink(self) -> int:
        """How many bytes are not white."""
        return len(self.pixels) - self.pixels.count(0xFF)

    def rows_with_ink(self) -> list[int]:
        """Return the rows that are not white."""
        length = self.width * self.bits // 8
        white = b"\xff" * length
        rows = (self.pixels[at : at + length] for at in range(0, len(self.pixels), length))
        return [number for number, row in enumerate(rows) if row != white]


def read_raster(data: bytes) -> list[Page]:
    """Return the pages of a document."""
    if data.startswith(URF):
        return _read_urf(data)
    assert data.startswith(PWG), data[:16]
    return _read_pwg(data)


def _read_urf(data: bytes) -> list[Page]:
    pages, at = [], 12
    while at < len(data):
        bits, space, duplex, _quality = data[at : at + 4]
        width, height, dpi = struct.unpack(">III", data[at + 12 : at + 24])
        assert (bits, space) in ((8, 0), (24, 1)), (bits, space)
        pixels, at = _unpack(data, at + 32, width, height, bits // 8)
        pages.append(Page(width, height, bits, (dpi, dpi), duplex != 1, duplex == 2, pixels))
    return pages


def _read_pwg(data: bytes) -> list[Page]:
    pages, at = [], 4
    while at < len(data):
        head = data[at : at + 1796]
        (duplex,) = struct.unpack(">I", head[272:276])
        dpi = struct.unpack(">II", head[276:284])
        (tumble,) = struct.unpack(">I", head[368:372])
        width, height = struct.unpack(">II", head[372:380])
        _bits, bits, line, _order, space = struct.unpack(">IIIII", head[384:404])
        assert SPACES[space] == bits
        size = max(bits // 8, 1)
        pixels, at = _unpack(data, at + 1796, line // size, height, size)
        pages.append(Page(width, height, bits, (dpi[0], dpi[1]), bool(duplex), bool(tumble), pixels))
    return pages


def _unpack(data: bytes, at: int, width: int, height: int, size: int) -> tuple[bytes, int]:
    """Return the pixels of a page, and where the next one begins."""
    lines: list[bytes] = []
    while len(lines) < height:
        repeated, at = data[at] + 1, at + 1
        line = bytearray()
        while len(line) < width * size:
            count, at = data[at], at + 1
            if count == 128:
                line += b"\xff" * (width * size - len(line))
            elif count < 128:
                line += data[at : at + size] * (count + 1)
                at += size
            else:
                line += data[at : at + size * (257 - count)]
                at += size * (257 - count)
        assert len(line) == width * size
        lines += [bytes(line)] * repeated
    assert len(lines) == height
    return b"".join(lines), at
