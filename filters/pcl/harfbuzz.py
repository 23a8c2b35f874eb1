"""Letters to glyphs and their places: the C library HarfBuzz, which knows the rules of all scripts and fonts.

It is bound by ctypes: its Python package, uharfbuzz, is compiled for one Python and is not packaged everywhere, and of
the library a dozen functions are needed. HarfBuzz Manual, "Buffers, language, script and direction", "hb-shape".
"""

from __future__ import annotations

import ctypes
import os
import struct
import sys
import weakref
from typing import Any, NamedTuple

from filters.pcl.soft_font import UNITS_PER_EM

_LIBRARY = "libharfbuzz.so.0"
#: Characters as numbers of 32 bits, in the order of this machine.
_NATIVE = "utf-32-le" if sys.byteorder == "little" else "utf-32-be"
#: hb_glyph_info_t and hb_glyph_position_t: five numbers of 32 bits each.
_INFO, _POSITION = struct.Struct("=5I"), struct.Struct("=4iI")


class PlacedGlyph(NamedTuple):
    """A glyph of a font, how far it moves on, and how far from there it stands, in units of our own fonts."""

    glyph: int
    advance: int
    x: int
    y: int


_NONE, _POINTER, _UNSIGNED, _SIGNED = None, ctypes.c_void_p, ctypes.c_uint, ctypes.c_int
_COUNT = ctypes.POINTER(ctypes.c_uint)
#: The functions that are used: what they return, and what they take.
_FUNCTIONS: dict[str, tuple[Any, ...]] = {
    "hb_blob_create_from_file": (_POINTER, ctypes.c_char_p),
    "hb_blob_get_length": (_UNSIGNED, _POINTER),
    "hb_blob_destroy": (_NONE, _POINTER),
    "hb_face_create": (_POINTER, _POINTER, _UNSIGNED),
    "hb_face_destroy": (_NONE, _POINTER),
    "hb_font_create": (_POINTER, _POINTER),
    "hb_font_set_scale": (_NONE, _POINTER, _SIGNED, _SIGNED),
    "hb_font_destroy": (_NONE, _POINTER),
    "hb_buffer_create": (_POINTER,),
    "hb_buffer_add_utf32": (_NONE, _POINTER, ctypes.c_char_p, _SIGNED, _UNSIGNED, _SIGNED),
    "hb_buffer_guess_segment_properties": (_NONE, _POINTER),
    "hb_buffer_get_glyph_infos": (_POINTER, _POINTER, _COUNT),
    "hb_buffer_get_glyph_positions": (_POINTER, _POINTER, _COUNT),
    "hb_buffer_destroy": (_NONE, _POINTER),
    "hb_shape": (_NONE, _POINTER, _POINTER, _POINTER, _UNSIGNED),
}


class Shaper:
    """Shapes text in one font."""

    def __init__(self, path: str, number: int = 0, em: int = UNITS_PER_EM) -> None:
        """Open a font.

        Args:
            em: its em, in units of our own fonts.

        Raises:
            OSError: HarfBuzz is not installed, or the font cannot be read.
        """
        library = self._library = ctypes.CDLL(_LIBRARY)
        for name, (result, *arguments) in _FUNCTIONS.items():
            getattr(library, name).restype, getattr(library, name).argtypes = result, arguments
        blob = library.hb_blob_create_from_file(os.fsencode(path))
        try:
            if not library.hb_blob_get_length(blob):
                raise OSError(f"{path} cannot be read")
            face = library.hb_face_create(blob, number)
            # What has been made of something keeps it as long as that is needed.
            self._font = library.hb_font_create(face)
            library.hb_face_destroy(face)
        finally:
            library.hb_blob_destroy(blob)
        weakref.finalize(self, library.hb_font_destroy, self._font)
        library.hb_font_set_scale(self._font, em, em)

    def shape(self, text: str) -> list[PlacedGlyph]:
        """Return the glyphs of a text from left to right."""
        library = self._library
        buffer = library.hb_buffer_create()
        try:
            coded = text.encode(_NATIVE, "replace")
            library.hb_buffer_add_utf32(buffer, coded, len(text), 0, len(text))
            library.hb_buffer_guess_segment_properties(buffer)
            library.hb_shape(self._font, buffer, None, 0)
            count = ctypes.c_uint()
            infos = library.hb_buffer_get_glyph_infos(buffer, ctypes.byref(count))
            places = library.hb_buffer_get_glyph_positions(buffer, ctypes.byref(count))
            size = _INFO.size * count.value
            if not size:
                return []
            pairs = zip(
                _INFO.iter_unpack(ctypes.string_at(infos, size)), _POSITION.iter_unpack(ctypes.string_at(places, size))
            )
            return [PlacedGlyph(info[0], place[0], place[2], place[3]) for info, place in pairs]
        finally:
            library.hb_buffer_destroy(buffer)
