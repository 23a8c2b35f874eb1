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
from filters.pcl.truetype import LARGEST_OUTLINE, RESTRICTED, NoTrueType, Points, encode_points

_LIBRARIES = ("libfreetype.so.6",)
_LOAD_NO_SCALE = 1
_IS_SCALABLE = 1
#: Tags of points: on the curve; a control point of third order. FreeType keeps other things in the upper bits.
_ON, _CUBIC = 1, 2
_TAGS = bytes([_ON if tag & _ON else tag & _CUBIC for tag in range(256)])
#: Units that a curve may be away from where it should be: a sixth of a dot at 12 points and 600 dots per inch.
_TOLERANCE = 3.0
_MOST_PIECES = 8
#: Squares of the third difference of a curve, up to which it is one piece or two: it is off by sqrt(3)/36 of that, and
#: n pieces are n cubed times nearer.
_ONE_PIECE = (_TOLERANCE * 36) ** 2 / 3
_TWO_PIECES = _ONE_PIECE * 2**6


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

    def points(self, glyph: int) -> Points:
        """Return the points of a glyph, none for a blank.

        Raises:
            NoTrueType: there is no such glyph.
        """
        return _points(self._load(glyph).outline, self._scale)

    def outline(self, glyph: int) -> bytes:
        """Return a glyph as a simple outline, empty for a blank.

        Raises:
            NoTrueType: there is no such glyph, or it is too large for a printer.
        """
        data = encode_points(self.points(glyph))
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


def _points(outline: _Outline, scale: float) -> Points:
    """Return the points of an outline, with curves of second order only."""
    count = outline.points
    if not count:
        return Points((), (), (), ())
    numbers = struct.unpack(f"{2 * count}l", ctypes.string_at(outline.point, 2 * count * ctypes.sizeof(ctypes.c_long)))
    xs, ys = [x * scale for x in numbers[::2]], [y * scale for y in numbers[1::2]]
    tags = ctypes.string_at(outline.tag, count).translate(_TAGS)
    ends = outline.end[: outline.contours]
    return _quadratic(xs, ys, tags, ends) if _CUBIC in tags else Points(xs, ys, tags, ends)


def _quadratic(xs: list[float], ys: list[float], tags: bytes, ends: list[int]) -> Points:
    """Return points with curves of second order for those of third; contours with such begin on the curve."""
    out_x: list[float] = []
    out_y: list[float] = []
    on_curve: list[int] = []
    out_ends: list[int] = []
    start = 0
    for last in ends:
        end = last + 1
        if _CUBIC in tags[start:end]:
            first = max(tags.find(_ON, start, end), start)
            up_to = slice(start, first + 1)
            _add_curves(
                *(xs[first:end] + xs[up_to], ys[first:end] + ys[up_to], tags[first:end] + tags[up_to]),
                *(out_x, out_y, on_curve),
            )
        else:
            out_x += xs[start:end]
            out_y += ys[start:end]
            on_curve += tags[start:end]
        if end > start:
            out_ends.append(len(out_x) - 1)
        start = end
    return Points(out_x, out_y, on_curve, out_ends)


def _add_curves(
    xs: list[float], ys: list[float], kinds: bytes, out_x: list[float], out_y: list[float], on_curve: list[int]
) -> None:
    """Add the points of a contour whose last point is the first one again.

    A curve of third order with points a, b, c, d is nearly one of second order about the point (3b + 3c - a - d) / 4,
    or two of them that meet in its middle, or more.
    """
    at, last = 0, len(xs) - 1
    dx = dy = 0.0
    while at <= last:
        if kinds[at] != _CUBIC or at + 2 > last:
            dx, dy = xs[at], ys[at]
            out_x.append(dx)
            out_y.append(dy)
            on_curve.append(1)
            at += 1
            continue
        ax, ay, bx, by, cx, cy, dx, dy = dx, dy, xs[at], ys[at], xs[at + 1], ys[at + 1], xs[at + 2], ys[at + 2]
        at += 3
        # By how much one piece is off goes with the third difference; two are eight times nearer.
        off = (dx - ax + 3 * (bx - cx)) ** 2 + (dy - ay + 3 * (by - cy)) ** 2
        if off <= _ONE_PIECE:
            out_x += (3 * (bx + cx) - ax - dx) / 4, dx
            out_y += (3 * (by + cy) - ay - dy) / 4, dy
            on_curve += 0, 1
        elif off <= _TWO_PIECES:
            middle_x, middle_y = (ax + 3 * (bx + cx) + dx) / 8, (ay + 3 * (by + cy) + dy) / 8
            out_x += (9 * ax + 21 * bx + 3 * cx - dx) / 32, middle_x, (9 * dx + 21 * cx + 3 * bx - ax) / 32, dx
            out_y += (9 * ay + 21 * by + 3 * cy - dy) / 32, middle_y, (9 * dy + 21 * cy + 3 * by - ay) / 32, dy
            on_curve += 0, 1, 0, 1
        else:
            pieces = min(math.ceil((off / _ONE_PIECE) ** (1 / 6)), _MOST_PIECES)
            out_x += _pieces(ax, bx, cx, dx, pieces)
            out_y += _pieces(ay, by, cy, dy, pieces)
            on_curve += (0, 1) * pieces
    if last:
        del out_x[-1], out_y[-1], on_curve[-1]


def _pieces(a: float, b: float, c: float, d: float, pieces: int) -> list[float]:
    """Return one coordinate of control and end points of a curve in pieces of second order, but for its start."""
    out: list[float] = []
    last = a
    slope = 3 * (b - a)
    for piece in range(1, pieces + 1):
        t = piece / pieces
        s = 1 - t
        end = s * s * s * a + 3 * s * s * t * b + 3 * s * t * t * c + t * t * t * d
        bend = 3 * s * s * (b - a) + 6 * s * t * (c - b) + 3 * t * t * (d - c)
        # The control point of the piece is in the middle of where both tangents lead.
        out += (last + end) / 2 + (slope - bend) / (4 * pieces), end
        last, slope = end, bend
    return out


def open_outline_font(path: str, number: int = 0) -> Optional[OutlineFont]:
    """Open a font file of any kind; None if it cannot be used."""
    try:
        return OutlineFont(path, number)
    except NoTrueType:
        return None
