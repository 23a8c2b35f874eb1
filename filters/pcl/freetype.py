"""Outlines that are not TrueType's (CFF, CFF2, Type 1), through the C library FreeType.

It comes with CUPS's filters, and is bound by ctypes, because only five functions of it are needed: FreeType 2 API
Reference, "Face Creation", "Glyph Retrieval", "Outline Processing". Curves of third order become those of second order
that printers take; what comes out is as in ``truetype``, in the units of our own fonts. Without the library such fonts
are as good as not installed.
"""

from __future__ import annotations

import ctypes
import math
import os
import struct
import weakref
from typing import Optional

from filters.pcl.soft_font import UNITS_PER_EM
from filters.pcl.truetype import LARGEST_OUTLINE, RESTRICTED, Contours, NoTrueType, Point, encode_outline

_LIBRARIES = ("libfreetype.so.6",)
_LOAD_NO_SCALE = 1
_IS_SCALABLE = 1
#: Tags of points: on the curve; a control point of third order.
_ON, _CUBIC = 1, 2
#: Units that a curve may be away from where it should be: 1/2048 of the em is less than a dot.
_TOLERANCE = 1.5
_MOST_PIECES = 8

_Coordinates = tuple[float, float]


class _Vector(ctypes.Structure):
    _fields_ = (("x", ctypes.c_long), ("y", ctypes.c_long))


class _Outline(ctypes.Structure):
    _fields_ = (
        ("contours", ctypes.c_ushort),
        ("points", ctypes.c_ushort),
        ("point", ctypes.POINTER(_Vector)),
        ("tag", ctypes.POINTER(ctypes.c_ubyte)),
        ("end", ctypes.POINTER(ctypes.c_ushort)),
        ("flags", ctypes.c_int),
    )


class _Generic(ctypes.Structure):
    _fields_ = (("data", ctypes.c_void_p), ("finalizer", ctypes.c_void_p))


class _Bitmap(ctypes.Structure):
    _fields_ = (
        ("rows", ctypes.c_uint),
        ("width", ctypes.c_uint),
        ("pitch", ctypes.c_int),
        ("buffer", ctypes.c_void_p),
        ("grays", ctypes.c_ushort),
        ("pixel_mode", ctypes.c_ubyte),
        ("palette_mode", ctypes.c_ubyte),
        ("palette", ctypes.c_void_p),
    )


class _Slot(ctypes.Structure):
    """FT_GlyphSlotRec, up to its outline."""

    _fields_ = (
        ("library", ctypes.c_void_p),
        ("face", ctypes.c_void_p),
        ("next", ctypes.c_void_p),
        ("glyph", ctypes.c_uint),
        ("generic", _Generic),
        ("metrics", ctypes.c_long * 8),
        ("linear_advance", ctypes.c_long * 2),
        ("advance", _Vector),
        ("format", ctypes.c_int),
        ("bitmap", _Bitmap),
        ("bitmap_place", ctypes.c_int * 2),
        ("outline", _Outline),
    )


class _Face(ctypes.Structure):
    """FT_FaceRec, up to its glyph."""

    _fields_ = (
        ("faces", ctypes.c_long),
        ("index", ctypes.c_long),
        ("flags", ctypes.c_long),
        ("style", ctypes.c_long),
        ("glyphs", ctypes.c_long),
        ("names", ctypes.c_void_p * 2),
        ("sizes", ctypes.c_int),
        ("size_list", ctypes.c_void_p),
        ("charmaps", ctypes.c_int),
        ("charmap_list", ctypes.c_void_p),
        ("generic", _Generic),
        ("box", ctypes.c_long * 4),
        ("units_per_em", ctypes.c_ushort),
        ("heights", ctypes.c_short * 7),
        ("slot", ctypes.POINTER(_Slot)),
    )


#: The functions that are used, and what they take.
_FUNCTIONS = {
    "FT_Init_FreeType": (ctypes.POINTER(ctypes.c_void_p),),
    "FT_Done_FreeType": (ctypes.c_void_p,),
    "FT_New_Face": (ctypes.c_void_p, ctypes.c_char_p, ctypes.c_long, ctypes.POINTER(ctypes.POINTER(_Face))),
    "FT_Get_FSType_Flags": (ctypes.POINTER(_Face),),
    "FT_Get_Char_Index": (ctypes.POINTER(_Face), ctypes.c_ulong),
    "FT_Load_Glyph": (ctypes.POINTER(_Face), ctypes.c_uint, ctypes.c_int32),
}


class OutlineFont:
    """One font of a file, opened by FreeType; its measures are those of our own fonts."""

    def __init__(self, path: str, number: int = 0) -> None:
        self._library = _load_library()
        handle = ctypes.c_void_p()
        if self._library.FT_Init_FreeType(ctypes.byref(handle)):
            raise NoTrueType("FreeType does not start")
        # With it go its faces, when no one has the font any more, as when it cannot be used.
        weakref.finalize(self, self._library.FT_Done_FreeType, handle)
        face = ctypes.POINTER(_Face)()
        if self._library.FT_New_Face(handle, os.fsencode(path), number, ctypes.byref(face)):
            raise NoTrueType("FreeType does not read it")
        self._face = face
        if self._library.FT_Get_FSType_Flags(face) & 0x000F == RESTRICTED:
            raise NoTrueType("its licence does not allow sending it to a printer")
        if not face.contents.flags & _IS_SCALABLE or not 16 <= face.contents.units_per_em <= 16384:
            raise NoTrueType("no outlines or no scale")
        self.units_per_em = UNITS_PER_EM
        self._scale = UNITS_PER_EM / face.contents.units_per_em
        self._loaded = -1

    def glyph_of(self, code: int) -> int:
        """Return the glyph of a character, 0 if there is none."""
        return int(self._library.FT_Get_Char_Index(self._face, code))

    def advance(self, glyph: int) -> int:
        """Return how far a glyph moves on."""
        return round(self._load(glyph).metrics[4] * self._scale)

    def contours(self, glyph: int) -> Contours:
        """Return the points of a glyph, none for a blank.

        Raises:
            NoTrueType: there is no such glyph.
        """
        return _contours(self._load(glyph).outline, self._scale)

    def outline(self, glyph: int) -> bytes:
        """Return a glyph as a simple outline, empty for a blank.

        Raises:
            NoTrueType: there is no such glyph, or it is too large for a printer.
        """
        data = encode_outline(self.contours(glyph))
        if len(data) > LARGEST_OUTLINE:
            raise NoTrueType(f"glyph {glyph} is too large")
        return data

    def _load(self, glyph: int) -> _Slot:
        if glyph != self._loaded:
            if self._library.FT_Load_Glyph(self._face, glyph, _LOAD_NO_SCALE):
                raise NoTrueType(f"glyph {glyph} cannot be read")
            self._loaded = glyph
        return self._face.contents.slot.contents


def _load_library() -> ctypes.CDLL:
    """Return FreeType.

    Raises:
        NoTrueType: it is not installed.
    """
    for name in _LIBRARIES:
        try:
            library = ctypes.CDLL(name)
        except OSError:
            continue
        for function, arguments in _FUNCTIONS.items():
            getattr(library, function).argtypes = arguments
        library.FT_Get_FSType_Flags.restype = ctypes.c_ushort
        library.FT_Get_Char_Index.restype = ctypes.c_uint
        return library
    raise NoTrueType("FreeType is not installed")


def _contours(outline: _Outline, scale: float) -> Contours:
    """Return the contours of an outline, with curves of second order only."""
    count = outline.points
    if not count:
        return []
    numbers = struct.unpack(f"{2 * count}l", ctypes.string_at(outline.point, 2 * count * ctypes.sizeof(ctypes.c_long)))
    points = [(x * scale, y * scale) for x, y in zip(numbers[::2], numbers[1::2])]
    tags = [tag & (_ON | _CUBIC) for tag in ctypes.string_at(outline.tag, count)]
    contours, start = [], 0
    for last in outline.end[: outline.contours]:
        of_points, of_tags = points[start : last + 1], tags[start : last + 1]
        start = last + 1
        if of_points:
            make = _quadratic if _CUBIC in of_tags else _as_they_are
            contours.append(make(of_points, of_tags))
    return contours


def _as_they_are(points: list[_Coordinates], tags: list[int]) -> list[Point]:
    return [Point(round(x), round(y), bool(tag & _ON)) for (x, y), tag in zip(points, tags)]


def _quadratic(points: list[_Coordinates], tags: list[int]) -> list[Point]:
    """Return a contour of lines and curves of third order, which begins on the curve, with ones of second order."""
    first = next((at for at, tag in enumerate(tags) if tag & _ON), 0)
    points, tags = points[first:] + points[: first + 1], tags[first:] + tags[: first + 1]
    out = [Point(round(points[0][0]), round(points[0][1]), True)]
    at = 1
    while at < len(points):
        if tags[at] == _CUBIC and at + 2 < len(points):
            out += _curve(points[at - 1], points[at], points[at + 1], points[at + 2])
            at += 3
        else:
            out.append(Point(round(points[at][0]), round(points[at][1]), True))
            at += 1
    # The last point is the first one again.
    return out[:-1] if len(out) > 1 else out


def _curve(a: _Coordinates, b: _Coordinates, c: _Coordinates, d: _Coordinates) -> list[Point]:
    """Return control and end points of pieces of second order that are a curve of third order, but for the start."""
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = a, b, c, d
    # How far one piece would be off: sqrt(3)/36 of the third difference; n pieces are n cubed times nearer.
    off = math.hypot(dx - 3 * cx + 3 * bx - ax, dy - 3 * cy + 3 * by - ay) * math.sqrt(3) / 36
    if off <= _TOLERANCE:
        x, y = (ax + dx) / 2 + 0.75 * (bx - ax - dx + cx), (ay + dy) / 2 + 0.75 * (by - ay - dy + cy)
        return [Point(round(x), round(y), False), Point(round(dx), round(dy), True)]
    pieces = min(math.ceil((off / _TOLERANCE) ** (1 / 3)), _MOST_PIECES)
    out, last = [], a
    slope = 3 * (bx - ax), 3 * (by - ay)
    for k, m, n, o, kk, mm, nn in _PIECES[pieces]:
        end = k * ax + m * bx + n * cx + o * dx, k * ay + m * by + n * cy + o * dy
        bend = kk * (bx - ax) + mm * (cx - bx) + nn * (dx - cx), kk * (by - ay) + mm * (cy - by) + nn * (dy - cy)
        # The control point of the piece is in the middle of where both tangents lead.
        x = (last[0] + end[0]) / 2 + (slope[0] - bend[0]) / (4 * pieces)
        y = (last[1] + end[1]) / 2 + (slope[1] - bend[1]) / (4 * pieces)
        out += [Point(round(x), round(y), False), Point(round(end[0]), round(end[1]), True)]
        last, slope = end, bend
    return out


def _weights(pieces: int) -> list[tuple[float, ...]]:
    """Return what each control point counts at the end of each piece, and each difference of them for the slope."""
    weights: list[tuple[float, ...]] = []
    for piece in range(1, pieces + 1):
        t = piece / pieces
        s = 1 - t
        weights.append((s * s * s, 3 * s * s * t, 3 * s * t * t, t * t * t, 3 * s * s, 6 * s * t, 3 * t * t))
    return weights


#: The weights by the number of pieces.
_PIECES = [_weights(pieces) for pieces in range(_MOST_PIECES + 1)]


def open_outline_font(path: str, number: int = 0) -> Optional[OutlineFont]:
    """Open a font file of any kind; None if it cannot be used."""
    try:
        return OutlineFont(path, number)
    except NoTrueType:
        return None
