"""Which installed font suits a language and has a character: fontconfig, which knows them all by what they cover.

Its C library comes with CUPS's filters. It is bound by ctypes and opened when the first such character is looked for:
10 ms with a hundred fonts, where starting its programs would take 50. Developers' Reference, "FcFontMatch".
"""

from __future__ import annotations

import ctypes
import os
from typing import Any, NamedTuple, Optional

_LIBRARY = "libfontconfig.so.1"
_MATCH_PATTERN = 0
_MATCHED = 0
#: From demi-bold on a font is bold; the weight that is asked for is bold's own.
_BOLD_FROM, _BOLD, _REGULAR = 180, 200, 80


_POINTER, _INTEGER = ctypes.c_void_p, ctypes.c_int
#: The functions that are used: what they return, and what they take.
_FUNCTIONS: dict[str, tuple[Any, ...]] = {
    "FcInitLoadConfigAndFonts": (_POINTER,),
    "FcNameParse": (_POINTER, ctypes.c_char_p),
    "FcConfigSubstitute": (_INTEGER, _POINTER, _POINTER, _INTEGER),
    "FcDefaultSubstitute": (None, _POINTER),
    "FcFontMatch": (_POINTER, _POINTER, _POINTER, ctypes.POINTER(_INTEGER)),
    "FcPatternGetString": (_INTEGER, _POINTER, ctypes.c_char_p, _INTEGER, ctypes.POINTER(ctypes.c_char_p)),
    "FcPatternGetInteger": (_INTEGER, _POINTER, ctypes.c_char_p, _INTEGER, ctypes.POINTER(_INTEGER)),
    "FcPatternDestroy": (None, _POINTER),
}


class Match(NamedTuple):
    """A font that is installed: its file, and its number in it."""

    path: str
    number: int
    is_bold: bool


class Fontconfig:
    """The fonts of this system, asked for by language and character."""

    def __init__(self) -> None:
        """Open the library.

        Raises:
            OSError: it is not installed, or has no configuration.
        """
        library = self._library = ctypes.CDLL(_LIBRARY)
        for name, (result, *arguments) in _FUNCTIONS.items():
            getattr(library, name).restype, getattr(library, name).argtypes = result, arguments
        self._config = library.FcInitLoadConfigAndFonts()
        if not self._config:
            raise OSError("fontconfig has no configuration")

    def match(
        self, character: str, language: str = "", bold: bool = False, family: str = "monospace"
    ) -> Optional[Match]:
        """Return the font with outlines that suits best; whether it really has the character is to be looked at."""
        wish = f"{family}:outline=true:color=false:slant=0:weight={_BOLD if bold else _REGULAR}"
        wish += f":charset={ord(character):x}" + (f":lang={language}" if language else "")
        library = self._library
        pattern = library.FcNameParse(wish.encode())
        if not pattern:
            return None
        try:
            library.FcConfigSubstitute(self._config, pattern, _MATCH_PATTERN)
            library.FcDefaultSubstitute(pattern)
            result = ctypes.c_int()
            found = library.FcFontMatch(self._config, pattern, ctypes.byref(result))
        finally:
            library.FcPatternDestroy(pattern)
        if not found:
            return None
        try:
            return self._read(found)
        finally:
            library.FcPatternDestroy(found)

    def _read(self, found: int) -> Optional[Match]:
        path = ctypes.c_char_p()
        if self._library.FcPatternGetString(found, b"file", 0, ctypes.byref(path)) != _MATCHED or not path.value:
            return None
        # The upper half of the number is an instance of a variable font.
        number = self._integer(found, b"index") & 0xFFFF
        return Match(os.fsdecode(path.value), number, self._integer(found, b"weight") >= _BOLD_FROM)

    def _integer(self, found: int, name: bytes) -> int:
        value = ctypes.c_int()
        # A weight may be a range or a fraction; then it is no integer here, and counts as regular.
        self._library.FcPatternGetInteger(found, name, 0, ctypes.byref(value))
        return value.value
