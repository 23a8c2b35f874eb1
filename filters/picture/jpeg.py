"""JPEG files that every printer of JPEG prints rightly: ITU-T T.81 (markers, annex B), JFIF 1.02, Exif 2.3.

Baseline, eight bits, grey or YCbCr in the usual sampling, upright, with square pixels, in sRGB as far as the file says,
and whole. Only markers are read: nothing is decoded.

    SOI  FF D8    APPn  FF En length data    DQT  FF DB    SOF0  FF C0 length bits height width count (id HV table)...
    DHT  FF C4    SOS   FF DA length ... and then data, in which FF is followed by 00 or by RST0 to RST7, up to a marker
    EOI  FF D9
"""

from __future__ import annotations

import re

from filters.common.dataclass import dataclass

TYPE_CHECKING = False  # slow to import
if TYPE_CHECKING:
    from mmap import mmap
    from typing import Optional

_EXIF, _JFIF, _ADOBE, _PROFILE, _SEVERAL = b"Exif\0\0", b"JFIF\0", b"Adobe", b"ICC_PROFILE\0", b"MPF\0"
_EXIF_ORIENTATION = 0x0112
#: Segments that are passed over: tables, comments, restart intervals.
_SKIPPED = frozenset((0xDB, 0xC4, 0xDD, 0xFE))
#: Those without which nothing can be decoded: DQT, DHT, SOF0.
_NEEDED = frozenset((0xDB, 0xC4, 0xC0))
_SOF0, _SOS, _EOI, _APP0, _APP15 = 0xC0, 0xDA, 0xD9, 0xE0, 0xEF
#: A marker in the data of a scan that ends it: no stuffed FF, no RSTn.
_MARKER = rb"\xff[^\x00\xd0-\xd7\xff]"
_NOT_EMPTY = rb"[^\0\r\n]"
#: Pixels for which a byte of a scan can do: 8 x 8 have two codes at least, of one bit each.
_MOST_PIXELS_PER_BYTE = 256
#: Segments before the first scan; more are no picture's.
_MOST_SEGMENTS = 1000


@dataclass(frozen=True)
class PlainJpeg:
    """A JPEG file that a printer may get as it is; sides in pixels."""

    width: int
    height: int


class _NotPlain(Exception):
    """Some printer may not print it, or not so."""


def find_plain_jpeg(data: bytes | mmap) -> Optional[PlainJpeg]:
    """Return what a file is, None for one that is to be looked at by a decoder."""
    try:
        return _read(data)
    except (_NotPlain, IndexError):
        return None


def _read(data: bytes | mmap) -> PlainJpeg:
    if data[:2] != b"\xff\xd8":
        raise _NotPlain
    at, frame, transform, is_jfif, kinds = 2, b"", None, False, set()
    for _ in range(_MOST_SEGMENTS):
        kind, segment, at = _segment(data, at)
        kinds.add(kind)
        if kind == _SOS:
            break
        if kind == _SOF0 and not frame:
            frame = segment
        elif _APP0 <= kind <= _APP15:
            _check_application(segment)
            is_jfif = is_jfif or segment.startswith(_JFIF)
            transform = segment[11] if segment.startswith(_ADOBE) else transform
        elif kind not in _SKIPPED:
            raise _NotPlain  # progressive, arithmetic, lossless, several frames
    else:
        raise _NotPlain
    found = _frame(frame, transform, is_jfif)
    # SOS: count, (id tables)..., 0 63 0; with fewer components they come in scans of their own.
    is_whole = segment[:1] + segment[1:-3:2] == frame[5:6] + frame[6::3] and segment[-3:] == b"\0\x3f\0"
    if not _NEEDED.issubset(kinds) or not is_whole:
        raise _NotPlain
    if found.width * found.height > (_end(data, at) - at) * _MOST_PIXELS_PER_BYTE:
        raise _NotPlain
    return found


def _segment(data: bytes | mmap, at: int) -> tuple[int, bytes, int]:
    """Return the marker at a place, what belongs to it, and where the next one is."""
    while data[at] == 0xFF and data[at + 1] == 0xFF:  # fill bytes
        at += 1
    length = int.from_bytes(data[at + 2 : at + 4], "big")
    segment = bytes(data[at + 4 : at + 2 + length])
    if data[at] != 0xFF or len(segment) != length - 2:
        raise _NotPlain
    return data[at + 1], segment, at + 2 + length


def _check_application(segment: bytes) -> None:
    """Raise _NotPlain for a picture that is turned, oblong, one of several, or in other colours than sRGB."""
    if segment.startswith(_JFIF):
        across, down = segment[8:10], segment[10:12]
        if across != down:
            raise _NotPlain
    elif segment.startswith(_EXIF):
        if _orientation(segment[len(_EXIF) :]) != 1:
            raise _NotPlain
    elif segment.startswith(_PROFILE):
        # One in several parts is a printer's, or a camera's of other colours.
        if segment[12:14] != b"\1\1" or not (b"sRGB" in segment or b"s\0R\0G\0B" in segment):
            raise _NotPlain
    elif segment.startswith(_SEVERAL):
        raise _NotPlain


def _orientation(tiff: bytes) -> int:
    """Return the orientation in Exif's first directory, 1 for upright, 0 if that cannot be read."""
    order = {b"II*\0": "little", b"MM\0*": "big"}.get(tiff[:4])
    if order is None:
        return 0

    def number(at: int, size: int) -> int:
        if at + size > len(tiff):
            raise _NotPlain
        return int.from_bytes(tiff[at : at + size], order)  # type: ignore[arg-type]

    directory = number(4, 4)
    for index in range(number(directory, 2)):
        entry = directory + 2 + 12 * index
        if number(entry, 2) == _EXIF_ORIENTATION:
            is_short = number(entry + 2, 2) == 3 and number(entry + 4, 4) == 1
            return number(entry + 8, 2) if is_short else 0
    return 1


def _frame(frame: bytes, transform: Optional[int], is_jfif: bool) -> PlainJpeg:
    """Return what SOF0 says, if it is eight bits of grey or of YCbCr in the usual sampling."""
    if len(frame) != 6 + 3 * frame[5] or frame[0] != 8:
        raise _NotPlain
    height, width = int.from_bytes(frame[1:3], "big"), int.from_bytes(frame[3:5], "big")
    if not width or not height:
        raise _NotPlain
    names, sampling = tuple(frame[6::3]), tuple(frame[7::3])
    if len(names) == 1:
        return PlainJpeg(width, height)
    # Without a word about it, components are YCbCr by the names that JFIF gives them.
    is_ycc = transform == 1 or transform is None and (is_jfif or names == (1, 2, 3))
    if len(names) != 3 or not is_ycc or sampling[0] not in (0x11, 0x21, 0x12, 0x22) or sampling[1:] != (0x11, 0x11):
        raise _NotPlain
    return PlainJpeg(width, height)


def _end(data: bytes | mmap, at: int) -> int:
    """Return where the one scan ends, which has to go on up to EOI, with nothing but empty bytes behind that."""
    found = re.compile(_MARKER).search(data, at)
    if not found or data[found.end() - 1] != _EOI or re.compile(_NOT_EMPTY).search(data, found.end()):
        raise _NotPlain
    return found.start()
