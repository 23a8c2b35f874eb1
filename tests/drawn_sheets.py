"""Sheets of PCL 5 and PCL XL as far as Ghostscript writes them for pictures and pages: our own second judge.

PCL 5 is a picture of each page, a bit for each dot: PCL 5 Technical Reference Manual, 2 (logical page), 5
(registration) and 15 (raster graphics). PCL XL has pictures, letters as pictures, rectangles and simple curves: PCL XL
Feature Reference. What is cut off there is drawn. What else a job could have is not read over but fails, so that
nothing is taken for drawn that is not.
"""

from __future__ import annotations

import io
import re
import struct
from functools import partial
from typing import Any, Callable, Optional

from PIL import Image, ImageChops, ImageDraw

from tests.cups.pcl_pages import commands, operators, split_job
from tests.pcl_parser import OFFSETS, SHEETS

#: Sizes of PCL XL's paper by number: width and length in dots of 1/300 inch (PCL XL Feature Reference, MediaSize).
MEDIA = {
    0: SHEETS[2], 1: SHEETS[3], 2: SHEETS[26], 3: SHEETS[1], 4: SHEETS[6], 5: SHEETS[27], 6: SHEETS[81], 7: SHEETS[80],
    8: SHEETS[91], 9: SHEETS[90], 10: SHEETS[46], 11: SHEETS[45], 12: SHEETS[100], 13: SHEETS[45], 14: SHEETS[71],
    15: SHEETS[72], 16: SHEETS[25], 17: SHEETS[24],
}  # fmt: skip
#: Areas are drawn so much finer than the sheet, which is grey where an edge goes through.
_FINER = 4
BEGIN_SESSION, LANDSCAPE, JPEG, DELTA = 0x41, 1, 2, 3
#: Operators after which the sheet looks as before: ends, the source of data, headers of fonts, clipping, and what is
#: said of the ends of lines and of inks that meet, which are all opaque here.
_WITHOUT_INK = {0x42, 0x48, 0x49, 0x4F, 0x50, 0x51, 0x54, 0x62, 0x68, 0x6E, 0x7B, 0x84}


class NotDrawn(Exception):
    """There is something in the job that this module does not draw."""


def draw_sheets(document: bytes, dpi: int) -> list[Any]:
    """Return the sheets of a whole job in colour, upright as they come out.

    Raises:
        NotDrawn: a page has more on it than this module draws.
    """
    language, pages = split_job(document)
    return _Raster(pages).draw(dpi) if language == b"PCL" else _Vectors(pages).draw(dpi)


def unpack_bits(data: bytes) -> bytes:
    """Undo TIFF's packing: a count and as many octets, or a negative count and one octet to repeat."""
    found, at = bytearray(), 0
    while at < len(data):
        count, at = data[at], at + 1
        if count < 128:
            found += data[at : at + count + 1]
            at += count + 1
        elif count > 128:
            found += data[at : at + 1] * (257 - count)
            at += 1
    return bytes(found)


def apply_delta(row: bytes, data: bytes) -> bytes:
    """Return a row that differs from the one above it: of an octet's 8 bits 3 count octets, 5 are a way to go."""
    found, at, place = bytearray(row), 0, 0
    while at < len(data):
        count, way, at = (data[at] >> 5) + 1, data[at] & 31, at + 1
        place, more = place + way, way == 31
        while more:
            place, more, at = place + data[at], data[at] == 255, at + 1
        found += bytes(max(place + count - len(found), 0))
        found[place : place + count] = data[at : at + count]
        at, place = at + count, place + count
    return bytes(found)


class _Raster:
    """Pages of PCL 5, each of which is one picture in black and white."""

    def __init__(self, pages: bytes) -> None:
        self._pages = pages
        #: The last value of each command, as b"&lA"; those of positions are in dots of 1/7200 inch.
        self._set: dict[bytes, float] = {}
        self._x = self._y = 0.0
        self._rows: list[bytes] = []

    def draw(self, dpi: int) -> list[Any]:
        sheets = []
        for command, data in commands(self._pages):
            if command == b"\x0c":
                sheets.append(self._sheet(dpi))
                self._x, self._y, self._rows = 0, 0, []
            elif command != b"\x1bE":
                assert command.startswith(b"\x1b"), command
                for value, final in re.findall(rb"([-+0-9.]*)([a-zA-Z])", command[3:]):
                    self._act(command[1:3] + final.upper(), value, data)
        return sheets

    def _act(self, command: bytes, value: bytes, data: bytes) -> None:
        number = float(value or 0)
        unit = 7200 / self._set.get(b"&uD", 300)
        if command == b"*pX":
            self._x = number * unit + self._x * (value[:1] in b"+-")
        elif command == b"*pY":
            self._y = number * unit + self._y * (value[:1] in b"+-")
        elif command == b"*rA":
            if self._rows or number != 1:
                raise NotDrawn("a second picture, or one that is not where the cursor is")
        elif command == b"*bY":
            self._rows += [b""] * int(number)
        elif command == b"*bW":
            before = self._rows[-1] if self._rows else b""
            modes: dict[int, Callable[[bytes], bytes]] = {0: bytes, 2: unpack_bits, 3: partial(apply_delta, before)}
            self._rows.append(modes[int(self._set.get(b"*bM", 0))](data))
        else:
            known = b"&lA &lO &lS &lM &lH &lG &lL &lE &lX &lU &lZ &fI &fJ &uD &nW *rF *rB *tR *bM".split()
            assert command in known and (command, number) != (b"*rF", 3), command
            self._set[command] = number

    def _sheet(self, dpi: int) -> Any:
        size, lies = int(self._set.get(b"&lA", 2)), bool(self._set.get(b"&lO"))
        measures = (self._set.get(b"&fI", 0) / 7200 * 10, self._set.get(b"&fJ", 0) / 7200 * 10)
        width, length, metric = (*measures, False) if size == 101 else SHEETS[size]
        inch = int(self._set[b"*tR"])
        unit = inch / (1 if size == 101 else 300)
        edge = OFFSETS[metric][lies] / 300
        right, down = self._set.get(b"&lU", 0) / 720, self._set.get(b"&lZ", 0) / 720
        # Registration is of the sheet, the place of the picture of the page, which may lie.
        left, top = (edge - down, right) if lies else (edge + right, down)
        across = max(map(len, self._rows), default=0)
        picture = Image.frombytes(
            "1", (across * 8, len(self._rows)), b"".join(r.ljust(across, b"\0") for r in self._rows)
        )
        long, wide = round(length * unit), round(width * unit)
        sheet = Image.new("L", (long, wide) if lies else (wide, long), 255)
        sheet.paste(0, (round((left + self._x / 7200) * inch), round((top + self._y / 7200) * inch)), picture)
        sheet = sheet.transpose(Image.Transpose.ROTATE_90) if lies else sheet
        return _at(sheet, inch, dpi).convert("RGB")


class _Vectors:
    """Pages of PCL XL."""

    def __init__(self, pages: bytes) -> None:
        self._pages = pages
        self._sheets: list[Any] = []
        self._turns, self._cursor, self._space = 0, (0, 0), 1
        self._brush: Optional[tuple[int, ...]] = (0, 0, 0)
        self._pen: Optional[tuple[int, ...]] = (0, 0, 0)
        self._palette, self._letters = b"", dict[tuple[bytes, int], bytes]()
        self._font, self._character, self._width = b"", (b"", 0), 1
        self._image: dict[int, Any] = {}
        self._rows, self._path = b"", list[list[tuple[float, float]]]()

    def draw(self, dpi: int) -> list[Any]:
        for operator, values, data in operators(self._pages):
            if operator == BEGIN_SESSION:
                self._inch, self._scale = values[137][0], dpi / values[137][0]
                assert values[134] == 0, "its measure is not the inch"
            elif operator in _ACTS:
                _ACTS[operator](self, values, data)
            elif operator not in _WITHOUT_INK:
                raise NotDrawn(f"operator {operator:02X}")
        return self._sheets

    def _begin_page(self, values: dict[int, Any], data: bytes) -> None:
        if 47 in values:
            sides = [length / {0: 1, 1: 25.4}[values[48]] for length in values[47]]
        else:
            sides = [length / 300 for length in MEDIA[values[37]][:2]]
        inch, self._lies = self._inch * self._scale, values[40] == LANDSCAPE
        if values[40] not in (0, LANDSCAPE):
            raise NotDrawn("a page on its head")
        size = round(sides[0] * inch), round(sides[1] * inch)
        self._sheets.append(Image.new("RGB", size[:: -1 if self._lies else 1], "white"))
        self._turns, self._space = 0, 1

    def _end_page(self, values: dict[int, Any], data: bytes) -> None:
        if self._lies:
            self._sheets[-1] = self._sheets[-1].transpose(Image.Transpose.ROTATE_90)

    def _rotate(self, values: dict[int, Any], data: bytes) -> None:
        self._turns += values[41] // 90

    def _place(self, x: float, y: float) -> tuple[float, float]:
        """Return where a point is on the sheet; coordinates are turned left by quarters."""
        for _ in range(self._turns % 4):
            x, y = y, -x
        return x * self._scale, y * self._scale

    def _paste(self, picture: Any, x: float, y: float, size: tuple[float, float], mask: Any = None) -> None:
        """Put a picture with its first corner at a point of the page."""
        corners = self._place(x, y), self._place(x + size[0], y + size[1])
        left, right = sorted(round(corner[0]) for corner in corners)
        top, bottom = sorted(round(corner[1]) for corner in corners)
        turns = (None, Image.Transpose.ROTATE_90, Image.Transpose.ROTATE_180, Image.Transpose.ROTATE_270)
        turn, box = turns[self._turns % 4], (max(right - left, 1), max(bottom - top, 1))

        def fit(image: Any) -> Any:
            return (image.transpose(turn) if turn is not None else image).resize(box, Image.Resampling.BOX)

        if mask is None:
            self._sheets[-1].paste(fit(picture), (left, top))
        else:
            self._sheets[-1].paste(picture, (left, top), fit(mask))

    def _choose_color(self, values: dict[int, Any]) -> Optional[tuple[int, ...]]:
        if 9 in values:
            return (values[9],) * 3
        if 11 in values:
            return tuple(values[11])
        if not values.keys() <= {4, 5}:
            raise NotDrawn(f"a pattern, or a colour of another kind: {values}")
        return None

    def _set_brush(self, values: dict[int, Any], data: bytes) -> None:
        self._brush = self._choose_color(values)

    def _set_pen(self, values: dict[int, Any], data: bytes) -> None:
        self._pen = self._choose_color(values)

    def _set_width(self, values: dict[int, Any], data: bytes) -> None:
        self._width = max(round(values[75] * self._scale), 1)

    def _set_space(self, values: dict[int, Any], data: bytes) -> None:
        self._space, self._palette = values[3], values.get(6, b"")

    def _move(self, values: dict[int, Any], data: bytes) -> None:
        self._cursor = values[76]
        self._path.append([self._cursor])

    # Pictures

    def _begin_image(self, values: dict[int, Any], data: bytes) -> None:
        self._image, self._rows = values, b""

    def _read_image(self, values: dict[int, Any], data: bytes) -> None:
        width, depth = self._image[108], (1, 4, 8)[self._image[98]]
        channels = 3 if self._space == 2 and not self._image[100] else 1
        line, rows = (width * depth * channels + 7) // 8, values[99]
        padded = (line + 3) // 4 * 4
        if values[101] == JPEG:
            self._rows += Image.open(io.BytesIO(data)).convert(("L", "RGB")[channels == 3]).tobytes()
            return
        if values[101] == DELTA:
            unpacked, row, at = b"", bytes(line), 0
            for _ in range(rows):
                length = int.from_bytes(data[at : at + 2], "little")
                row = apply_delta(row, data[at + 2 : at + 2 + length])
                unpacked, at, padded = unpacked + row, at + 2 + length, line
        else:
            unpacked = unpack_bits(data) if values[101] else data
        assert len(unpacked) == rows * padded, (len(unpacked), rows, padded)
        self._rows += b"".join(unpacked[row * padded :][:line] for row in range(rows))

    def _end_image(self, values: dict[int, Any], data: bytes) -> None:
        size, indexed = (self._image[108], self._image[107]), self._image[100]
        one_bit, color = self._image[98] == 0, self._space == 2
        mode = "1" if one_bit else "RGB" if color and not indexed else "L"
        picture = Image.frombytes(mode, size, self._rows)
        if indexed:
            step = 3 if color else 1
            colors = [self._palette[at : at + step] * (3 // step) for at in range(0, len(self._palette), step)]
            picture = picture.point(lambda value: value and 1, "L") if one_bit else picture
            picture.putpalette(b"".join(colors))
        self._paste(picture.convert("RGB"), *self._cursor, self._image[103])

    # Letters

    def _begin_letter(self, values: dict[int, Any], data: bytes) -> None:
        self._font = values[168]

    def _read_letter(self, values: dict[int, Any], data: bytes) -> None:
        self._letters[self._font, values[162]] = data

    def _set_font(self, values: dict[int, Any], data: bytes) -> None:
        self._font = values[168]

    def _write(self, values: dict[int, Any], data: bytes) -> None:
        if len(values[171]) != 1 or (self._font, values[171][0]) not in self._letters:
            raise NotDrawn("letters whose distance or shape is not known")
        letter = self._letters[self._font, values[171][0]]
        left, top, width, height = struct.unpack_from(">hhHH", letter, 2)
        if letter[:2] != b"\0\0" or self._brush is None:
            raise NotDrawn("letters that are no pictures, or have no colour")
        mask = Image.frombytes("1", (width, height), letter[10:]).convert("L")
        self._paste(self._brush, self._cursor[0] + left, self._cursor[1] - top, (width, height), mask)

    # Lines and areas

    def _new_path(self, values: dict[int, Any], data: bytes) -> None:
        self._path = []

    def _rectangle(self, values: dict[int, Any], data: bytes) -> None:
        left, top, right, bottom = values[66]
        self._path = [[(left, top), (right, top), (right, bottom), (left, bottom), (left, top)]]
        self._paint(values, data)

    def _add_lines(self, values: dict[int, Any], data: bytes) -> None:
        self._path[-1] += _points(values, data)

    def _add_relative_lines(self, values: dict[int, Any], data: bytes) -> None:
        for right, down in _points(values, data):
            x, y = self._path[-1][-1]
            self._path[-1].append((x + right, y + down))

    def _add_curves(self, values: dict[int, Any], data: bytes, relative: bool = False) -> None:
        found = _points(values, data)
        for at in range(0, len(found), 3):
            x, y = self._path[-1][-1]
            ends = [(0, 0), *found[at : at + 3]] if relative else [(x, y), *found[at : at + 3]]
            if relative:
                ends = [(x + right, y + down) for right, down in ends]
            for step in range(1, 17):
                t = step / 16
                shares = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3)
                x, y = (sum(share * end[axis] for share, end in zip(shares, ends)) for axis in (0, 1))
                self._path[-1].append((x, y))

    def _add_relative_curves(self, values: dict[int, Any], data: bytes) -> None:
        self._add_curves(values, data, relative=True)

    def _paint(self, values: dict[int, Any], data: bytes) -> None:
        sheet = self._sheets[-1]
        paths = [[self._place(*point) for point in path] for path in self._path if len(path) > 1]
        if self._brush is not None and paths:
            across, down = ([point[axis] for points in paths for point in points] for axis in (0, 1))
            left, top = max(int(min(across)), 0), max(int(min(down)), 0)
            right, bottom = min(int(max(across)) + 1, sheet.width), min(int(max(down)) + 1, sheet.height)
            area = Image.new("1", (max(right - left, 0) * _FINER, max(bottom - top, 0) * _FINER))
            for points in paths:  # what lies in a second one is a hole
                part = Image.new("1", area.size)
                finer = [((x - left) * _FINER, (y - top) * _FINER) for x, y in points]
                ImageDraw.Draw(part).polygon(finer, fill=1)
                area = ImageChops.logical_xor(area, part)
            if right > left and bottom > top:
                sheet.paste(self._brush, (left, top, right, bottom), area.convert("L").reduce(_FINER))
        for points in paths if self._pen is not None else ():
            ImageDraw.Draw(sheet).line(points, fill=self._pen, width=self._width)


def _points(values: dict[int, Any], data: bytes) -> list[tuple[float, float]]:
    if 77 not in values:
        return [values[each] for each in (81, 82, 69) if each in values]  # two points to bend towards, and the end
    numbers = struct.unpack_from(f"<{2 * values[77]}{'Bb?h'[values[80]]}", data)
    return list(zip(numbers[::2], numbers[1::2]))


_ACTS: dict[int, Callable[[_Vectors, dict[int, Any], bytes], None]] = {
    0x43: _Vectors._begin_page,
    0x44: _Vectors._end_page,
    0x52: _Vectors._begin_letter,
    0x53: _Vectors._read_letter,
    0x63: _Vectors._set_brush,
    0x6A: _Vectors._set_space,
    0x6B: _Vectors._move,
    0x6F: _Vectors._set_font,
    0x76: _Vectors._rotate,
    0x79: _Vectors._set_pen,
    0x7A: _Vectors._set_width,
    0x85: _Vectors._new_path,
    0x86: _Vectors._paint,
    0x93: _Vectors._add_curves,
    0x95: _Vectors._add_relative_curves,
    0x9B: _Vectors._add_lines,
    0x9D: _Vectors._add_relative_lines,
    0xA0: _Vectors._rectangle,
    0xA8: _Vectors._write,
    0xB0: _Vectors._begin_image,
    0xB1: _Vectors._read_image,
    0xB2: _Vectors._end_image,
}


def _at(image: Any, inch: float, dpi: int) -> Any:
    """Return a picture of so many dots to the inch with others."""
    if inch == dpi:
        return image
    return image.resize((round(image.width * dpi / inch), round(image.height * dpi / inch)), Image.Resampling.BOX)
