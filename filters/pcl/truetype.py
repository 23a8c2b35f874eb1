"""Reading TrueType fonts: OpenType specification 1.9, tables head, hhea, hmtx, maxp, cmap (4, 12), loca, glyf, OS/2.

Outlines come out as a printer takes them: no instructions, and glyphs that are put together from others (accents on
letters) flattened into one. Not read: outlines of PostScript fonts (CFF), bitmaps, variations, everything that shapes
text. Nothing is trusted: a table that reaches over the end of the file is one that is not there.
"""

from __future__ import annotations

import mmap
import struct
from bisect import bisect_left
from operator import sub
from typing import Callable, NamedTuple, Optional, Sequence

#: OS/2.fsType: the font may not be embedded, and a download to a printer is just that.
RESTRICTED = 0x0002
#: Glyphs within glyphs within glyphs; more is a loop.
_DEEPEST = 6
#: Bytes of an outline that fit into one character record with its count (PCL: 32767 in all).
LARGEST_OUTLINE = 32000


class NoTrueType(Exception):
    """A file that is no TrueType font, or none that may be used."""


#: What a font can raise that is broken where it says nothing of it when it is opened.
BROKEN_FONT = (NoTrueType, struct.error, IndexError, ValueError)


class Point(NamedTuple):
    """A point of an outline, in design units."""

    x: int
    y: int
    on_curve: bool


Contours = list[list[Point]]


class Points(NamedTuple):
    """The points of an outline one after the other, which takes less to work with than contours of them."""

    xs: Sequence[float]
    ys: Sequence[float]
    #: Whether they are on the curve.
    on_curve: Sequence[int]
    #: The number of the last point of each contour, from 0.
    ends: Sequence[int]


class TrueTypeFont:
    """One font of a file, opened: characters to glyphs, glyphs to outlines."""

    def __init__(self, data: bytes | mmap.mmap, number: int = 0) -> None:
        self._data = data
        try:
            self._tables = self._read_directory(number)
            self._check_licence()
            self.units_per_em: int = struct.unpack_from(">H", data, self._table("head")[0] + 18)[0]
            self._long_offsets = bool(struct.unpack_from(">h", data, self._table("head")[0] + 50)[0])
            self._metrics: int = struct.unpack_from(">H", data, self._table("hhea")[0] + 34)[0]
            self._glyphs: int = struct.unpack_from(">H", data, self._table("maxp")[0] + 4)[0]
            self.glyph_of: Callable[[int], int] = self._read_cmap()
            self._table("glyf")
            self._table("loca")
        except (struct.error, IndexError) as error:
            raise NoTrueType(str(error)) from error
        if not 16 <= self.units_per_em <= 16384 or not self._metrics:
            raise NoTrueType("no scale or no metrics")

    # -- tables --------------------------------------------------------------------------------------------------------

    def _read_directory(self, number: int) -> dict[str, tuple[int, int]]:
        data, start = self._data, 0
        if data[:4] == b"ttcf":
            (start,) = struct.unpack_from(">I", data, 12 + 4 * number)
        if data[start : start + 4] not in (b"\0\1\0\0", b"true"):
            raise NoTrueType("not a TrueType font")
        (count,) = struct.unpack_from(">H", data, start + 4)
        tables = {}
        for entry in range(count):
            tag, _, offset, length = struct.unpack_from(">4sIII", data, start + 12 + 16 * entry)
            if offset + length <= len(data):
                tables[tag.decode("latin-1")] = (offset, length)
        return tables

    def _table(self, tag: str) -> tuple[int, int]:
        if tag not in self._tables:
            raise NoTrueType(f"no table {tag}")
        return self._tables[tag]

    def _check_licence(self) -> None:
        if "OS/2" in self._tables:
            (fs_type,) = struct.unpack_from(">H", self._data, self._tables["OS/2"][0] + 8)
            if fs_type & 0x000F == RESTRICTED:
                raise NoTrueType("its licence does not allow sending it to a printer")

    def _read_cmap(self) -> Callable[[int], int]:
        start, _ = self._table("cmap")
        (count,) = struct.unpack_from(">H", self._data, start + 2)
        found: dict[int, int] = {}
        for entry in range(count):
            platform, encoding, offset = struct.unpack_from(">HHI", self._data, start + 4 + 8 * entry)
            (form,) = struct.unpack_from(">H", self._data, start + offset)
            if (platform, encoding) in ((3, 1), (3, 10), (0, 3), (0, 4), (0, 6)) and form in (4, 12):
                found[form] = start + offset
        if 12 in found:
            return self._cmap_12(found[12])
        if 4 in found:
            return self._cmap_4(found[4])
        raise NoTrueType("no Unicode character map")

    def _cmap_4(self, at: int) -> Callable[[int], int]:
        data = self._data
        count = struct.unpack_from(">H", data, at + 6)[0] // 2
        ends = struct.unpack_from(f">{count}H", data, at + 14)
        starts = struct.unpack_from(f">{count}H", data, at + 16 + 2 * count)
        deltas = struct.unpack_from(f">{count}H", data, at + 16 + 4 * count)
        ranges_at = at + 16 + 6 * count
        ranges = struct.unpack_from(f">{count}H", data, ranges_at)

        def glyph_of(code: int) -> int:
            segment = bisect_left(ends, code)
            if segment == count or code < starts[segment]:
                return 0
            if not ranges[segment]:
                return (code + deltas[segment]) & 0xFFFF
            place = ranges_at + 2 * segment + ranges[segment] + 2 * (code - starts[segment])
            glyph = int.from_bytes(data[place : place + 2], "big")
            return (glyph + deltas[segment]) & 0xFFFF if glyph else 0

        return glyph_of

    def _cmap_12(self, at: int) -> Callable[[int], int]:
        (count,) = struct.unpack_from(">I", self._data, at + 12)
        groups = list(struct.iter_unpack(">III", self._data[at + 16 : at + 16 + 12 * count]))
        ends = [end for _, end, _ in groups]

        def glyph_of(code: int) -> int:
            group = bisect_left(ends, code)
            if group == len(groups) or code < groups[group][0]:
                return 0
            return groups[group][2] + code - groups[group][0]

        return glyph_of

    # -- glyphs --------------------------------------------------------------------------------------------------------

    def advance(self, glyph: int) -> int:
        """Return how far a glyph moves on."""
        offset, _ = self._table("hmtx")
        (advance,) = struct.unpack_from(">H", self._data, offset + 4 * min(glyph, self._metrics - 1))
        return int(advance)

    def outline(self, glyph: int) -> bytes:
        """Return a glyph as a simple outline without instructions, empty for a blank.

        Raises:
            NoTrueType: the font is broken here, or the outline too large for a printer.
        """
        try:
            data = self._glyph_data(glyph)
            if len(data) < 12:
                return b""
            if struct.unpack_from(">h", data)[0] < 0:
                data = encode_outline(self._flatten(glyph, _DEEPEST))
            else:
                data = _without_instructions(data)
        except (struct.error, IndexError) as error:
            raise NoTrueType(f"glyph {glyph}: {error}") from error
        if len(data) > LARGEST_OUTLINE:
            raise NoTrueType(f"glyph {glyph} is too large")
        return data

    def points(self, glyph: int) -> Points:
        """Return the points of a glyph, none for a blank.

        Raises:
            NoTrueType: the font is broken here, or the outline too large for a printer.
        """
        outline = self.outline(glyph)
        return decode_points(outline) if outline else Points((), (), (), ())

    def _glyph_data(self, glyph: int) -> bytes:
        if not 0 <= glyph < self._glyphs:
            return b""
        loca, _ = self._table("loca")
        if self._long_offsets:
            start, end = struct.unpack_from(">II", self._data, loca + 4 * glyph)
        else:
            start, end = (2 * half for half in struct.unpack_from(">HH", self._data, loca + 2 * glyph))
        glyf, length = self._table("glyf")
        return bytes(self._data[glyf + start : glyf + min(end, length)])

    def _flatten(self, glyph: int, depth: int) -> Contours:
        data = self._glyph_data(glyph)
        if len(data) < 12 or not depth:
            return []
        if struct.unpack_from(">h", data)[0] >= 0:
            return decode_outline(data)
        contours: Contours = []
        at, more = 10, True
        while more:
            flags, component = struct.unpack_from(">HH", data, at)
            at += 4
            dx, dy = struct.unpack_from(">hh" if flags & 0x0001 else ">bb", data, at)
            at += 4 if flags & 0x0001 else 2
            scale, at = _component_scale(data, at, flags)
            if not flags & 0x0002:
                dx = dy = 0  # placed by points that have to meet: rare, and nearly always at the origin
            contours += transform(self._flatten(component, depth - 1), *scale, dx, dy)
            more = bool(flags & 0x0020)
        return contours


def _component_scale(data: bytes, at: int, flags: int) -> tuple[tuple[float, float, float, float], int]:
    """Return xx, xy, yx, yy of a component, from numbers of 2.14 bits."""
    form = ">h" if flags & 0x0008 else ">hh" if flags & 0x0040 else ">hhhh" if flags & 0x0080 else ">"
    numbers = [number / 16384 for number in struct.unpack_from(form, data, at)]
    at += 2 * len(numbers)
    if len(numbers) == 4:
        return (numbers[0], numbers[1], numbers[2], numbers[3]), at
    xx, yy = (numbers * 2)[:2] if numbers else (1.0, 1.0)
    return (xx, 0.0, 0.0, yy), at


def transform(contours: Contours, xx: float, xy: float, yx: float, yy: float, dx: float, dy: float) -> Contours:
    """Return contours turned, stretched and moved."""
    return [[Point(round(x * xx + y * yx + dx), round(x * xy + y * yy + dy), on) for x, y, on in c] for c in contours]


def _without_instructions(data: bytes) -> bytes:
    (count,) = struct.unpack_from(">h", data)
    at = 10 + 2 * count
    (length,) = struct.unpack_from(">H", data, at)
    points = struct.unpack_from(">H", data, at - 2)[0] + 1 if count else 0
    body = data[at + 2 + length :]
    return data[:at] + b"\0\0" + body[: _body_length(body, points)]


def _read_flags(body: bytes, points: int) -> tuple[list[int], int]:
    """Return the flags of so many points and where the coordinates start."""
    flags: list[int] = []
    at = 0
    while len(flags) < points:
        flag = body[at]
        at += 1
        flags.append(flag)
        if flag & 0x08:
            flags += [flag] * body[at]
            at += 1
    return flags[:points], at


def _body_length(body: bytes, points: int) -> int:
    """Return the bytes that flags and coordinates take; what follows is padding."""
    flags, at = _read_flags(body, points)
    xs = sum(1 if flag & 0x02 else 0 if flag & 0x10 else 2 for flag in flags)
    ys = sum(1 if flag & 0x04 else 0 if flag & 0x20 else 2 for flag in flags)
    return at + xs + ys


def decode_outline(data: bytes) -> Contours:
    """Return the contours of a simple outline."""
    xs, ys, flags, ends = _decode(data)
    all_points = [Point(x, y, bool(flag & 1)) for x, y, flag in zip(xs, ys, flags)]
    starts = [0, *(end + 1 for end in ends)]
    return [all_points[start:end] for start, end in zip(starts, starts[1:])]


def decode_points(data: bytes) -> Points:
    """Return the points of a simple outline."""
    xs, ys, flags, ends = _decode(data)
    return Points(xs, ys, [flag & 1 for flag in flags], ends)


def _decode(data: bytes) -> tuple[list[int], list[int], list[int], tuple[int, ...]]:
    """Return coordinates and flags of all points, and the last point of each contour.

    contours (2), xMin yMin xMax yMax (8), last point of each contour (2 each), instructions (2 + n), flags, xs, ys
    """
    (count,) = struct.unpack_from(">h", data)
    ends = struct.unpack_from(f">{count}H", data, 10)
    at = 10 + 2 * count
    at += 2 + struct.unpack_from(">H", data, at)[0]
    flags, used = _read_flags(data[at:], ends[-1] + 1 if ends else 0)
    xs, at = _read_coordinates(data, at + used, flags, 0x02, 0x10)
    ys, at = _read_coordinates(data, at, flags, 0x04, 0x20)
    return xs, ys, flags, ends


def _read_coordinates(data: bytes, at: int, flags: list[int], short: int, same: int) -> tuple[list[int], int]:
    values, value = [], 0
    for flag in flags:
        if flag & short:
            value += data[at] if flag & same else -data[at]
            at += 1
        elif not flag & same:
            value += struct.unpack_from(">h", data, at)[0]
            at += 2
        values.append(value)
    return values, at


def encode_outline(contours: Contours) -> bytes:
    """Return a simple outline without instructions."""
    points = [point for contour in contours for point in contour]
    ends, last = [], -1
    for contour in contours:
        last += len(contour)
        ends.append(last)
    xs, ys = [x for x, _, _ in points], [y for _, y, _ in points]
    return encode_points(Points(xs, ys, [on for _, _, on in points], ends))


def encode_points(points: Points) -> bytes:
    """Return a simple outline without instructions; nothing for no points.

    Raises:
        struct.error: they are too far from each other.
    """
    if not points.xs:
        return b""
    whole: Callable[[float], int] = round
    xs, ys = list(map(whole, points.xs)), list(map(whole, points.ys))
    on_curve, ends = points.on_curve, points.ends
    head = struct.pack(f">hhhhh{len(ends)}Hxx", len(ends), min(xs), min(ys), max(xs), max(ys), *ends)
    x_steps, y_steps = list(map(sub, xs, (0, *xs))), list(map(sub, ys, (0, *ys)))
    # The bits of all points at once: one long number is less work than many short ones.
    of_points = (on_curve, map(_X_FLAGS.__getitem__, x_steps), map(_Y_FLAGS.__getitem__, y_steps))
    on, x_flags, y_flags = [int.from_bytes(bytes(flags), "big") for flags in of_points]
    flags = (on | x_flags | y_flags).to_bytes(len(xs), "big")
    step = _STEPS.__getitem__
    return b"".join((head, flags, *map(step, x_steps), *map(step, y_steps)))


#: What is longer is worked out each time.
_USUAL_STEPS = range(-2048, 2049)


class _Flags(dict[int, int]):
    """Flags of a point by its distance from the one before: in one byte, forward or back; none; in two bytes."""

    def __init__(self, short: int, same: int) -> None:
        super().__init__(dict.fromkeys(_USUAL_STEPS, 0))
        self.update(dict.fromkeys(range(-255, 0), short))
        self.update(dict.fromkeys(range(1, 256), short | same))
        self[0] = same

    def __missing__(self, step: int) -> int:
        return 0


class _Steps(dict[int, bytes]):
    """The bytes of a distance."""

    def __init__(self) -> None:
        super().__init__({step: struct.pack(">h", step) for step in _USUAL_STEPS})
        self.update({step: bytes((abs(step),)) for step in range(-255, 256) if step})
        self[0] = b""

    def __missing__(self, step: int) -> bytes:
        return struct.pack(">h", step)


_X_FLAGS, _Y_FLAGS = _Flags(0x02, 0x10), _Flags(0x04, 0x20)
_STEPS = _Steps()


def open_font(path: str, number: int = 0) -> Optional[TrueTypeFont]:
    """Open a font file, or a font of a collection; None if it cannot be used."""
    try:
        with open(path, "rb") as file:
            return TrueTypeFont(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ), number)
    except (OSError, ValueError, NoTrueType):
        return None
