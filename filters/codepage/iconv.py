"""Double-byte EBCDIC through iconv(3) of the C library: no package, and the same letters as IBM's own tables.

In such a page SO (0E) starts pairs of bytes and SI (0F) ends them. glibc has IBM930, IBM933, IBM935, IBM937, IBM939,
IBM1364, IBM1371, IBM1388, IBM1390 and IBM1399 (on Fedora in glibc-gconv-extra); musl has none of them.
"""

from __future__ import annotations

from typing import Any, Optional

SHIFT_OUT, SHIFT_IN = b"\x0e", b"\x0f"
#: The wide blank, which prints nothing and takes two cells.
WIDE_BLANK = b"\x40\x40"
#: Bytes that the longest answer to one character takes.
_ROOM = 32


class NoConverter(Exception):
    """The C library does not know a code page."""


class Converter:
    """Characters of one mixed page, each asked for once."""

    def __init__(self, libc: Any, handle: Any, number: str) -> None:
        self._libc = libc
        self._handle = handle
        #: The number of the page.
        self.number = number
        self._pairs: dict[bytes, Optional[str]] = {WIDE_BLANK: "\u3000"}

    def pair(self, pair: bytes) -> Optional[str]:
        """Return the character of two bytes, or None if there is none."""
        try:
            return self._pairs[pair]
        except KeyError:
            found = self._pairs[pair] = self._convert(SHIFT_OUT + pair + SHIFT_IN)
            return found

    def single(self, code: int) -> Optional[str]:
        """Return the character of one byte, or None."""
        return self._convert(bytes((code,)))

    def _convert(self, source: bytes) -> Optional[str]:
        import ctypes
        import unicodedata

        text_in = ctypes.create_string_buffer(source, len(source))
        text_out = ctypes.create_string_buffer(_ROOM)
        at_in, at_out = ctypes.c_void_p(ctypes.addressof(text_in)), ctypes.c_void_p(ctypes.addressof(text_out))
        left_in, left_out = ctypes.c_size_t(len(source)), ctypes.c_size_t(_ROOM)
        self._libc.iconv(self._handle, None, None, None, None)
        done = self._libc.iconv(
            self._handle, ctypes.byref(at_in), ctypes.byref(left_in), ctypes.byref(at_out), ctypes.byref(left_out)
        )
        if done == ctypes.c_size_t(-1).value or left_in.value:
            return None
        # A converter may keep the last character back until it is told that no accent follows.
        self._libc.iconv(self._handle, None, None, ctypes.byref(at_out), ctypes.byref(left_out))
        text = text_out.raw[: _ROOM - left_out.value].decode("utf-8", "replace")
        if len(text) > 1:
            text = unicodedata.normalize("NFC", text)
        return text if len(text) == 1 and text.isprintable() or text in ("\u3000", "\u00a0", "\u00ad") else None


def open_converter(number: str) -> Converter:
    """Return the converter of a mixed page.

    Raises:
        NoConverter: there is none in this C library.
    """
    import ctypes

    try:
        libc = ctypes.CDLL(None)
        libc.iconv_open.restype = ctypes.c_void_p
        libc.iconv_open.argtypes = [ctypes.c_char_p, ctypes.c_char_p]
        libc.iconv.restype = ctypes.c_size_t
        libc.iconv.argtypes = [ctypes.c_void_p] * 5
    except (OSError, AttributeError):
        raise NoConverter(number) from None
    for name in (f"IBM{number}", f"IBM-{number}", f"CP{number}"):
        handle = libc.iconv_open(b"UTF-8", name.encode("ascii"))
        if handle != ctypes.c_void_p(-1).value:
            return Converter(libc, handle, number)
    raise NoConverter(number)
