"""Texts in other character sets to UTF-8: the EBCDIC pages of IBM i (``filters.codepage``), and any codec of Python.

In EBCDIC a line ends with NL (15), which Python decodes to U+0085, or LF (25); both become line feeds here. Which
codecs are EBCDIC shows in where they have their digits.
"""

from __future__ import annotations

import codecs
import re
from typing import Mapping, Optional

from filters.common.job import get_option
from filters.common.ppd import without_custom

UTF_8 = "utf-8"
_CHARSET = re.compile(r";\s*charset=\"?([^\s;\"]+)", re.I)
_REPLACEMENT = "\ufffd"
#: What a codec of texts decodes to something without complaint; those of host names do not.
_PROBES = (b"    ", b"\xf0\xf1")
_ASCII = bytes(range(128))
#: Their texts start with a byte order mark, or should. Without one they are big-endian (RFC 2781 4.3) unless their zero
#: bytes, of which most texts are full, say otherwise.
_WITH_MARK = ("utf-16", "utf-32")


class UnknownCharset(Exception):
    """A character set that Python does not know, or that is none."""


def choose_charset(options: Mapping[str, str], default: Optional[str] = None) -> str:
    """Return the name of a job's character set: text-charset, else the charset of document-format, else the default."""
    found = _CHARSET.search(get_option(options, "document-format") or "")
    chosen = get_option(options, "text-charset") or (found.group(1) if found else "") or default or UTF_8
    return without_custom(chosen)


def says_charset(options: Mapping[str, str]) -> bool:
    """Tell whether the job itself says what its character set is."""
    said = _CHARSET.search(get_option(options, "document-format") or "")
    return bool(said or get_option(options, "text-charset"))


def find_codec(name: str) -> codecs.CodecInfo:
    """Return the codec of a name.

    Raises:
        UnknownCharset: there is none, or it is one that does not make text out of bytes.
    """
    from filters.codepage.codec import find_ebcdic_codec  # tables that only texts in EBCDIC need

    try:
        codec = find_ebcdic_codec(name) or codecs.lookup(name)
    except (LookupError, ValueError):
        raise UnknownCharset(name) from None
    try:
        if all(isinstance(probe.decode(codec.name, "replace"), str) for probe in _PROBES):
            return codec
    except (LookupError, ValueError):
        pass
    raise UnknownCharset(name)


class Transcoder:
    """Takes blocks in some character set, gives UTF-8."""

    def __init__(self, codec: codecs.CodecInfo) -> None:
        self._name = codec.name
        #: The name under which Python knows the character set.
        self.name = codec.name
        self._decoder = codec.incrementaldecoder("replace")
        #: Soft hyphens of other sets are printed: programs and printers take them for hyphens.
        self._is_unicode = codec.name.startswith(("utf", "gb18030"))
        #: Whether the bytes of ASCII mean in it what they mean there, ESC too.
        self.has_ascii = _ASCII.decode(codec.name, "replace") == _ASCII.decode("ascii")
        #: Whether its digits and line ends are those of EBCDIC.
        self.is_ebcdic = b"\xf0\xf1".decode(codec.name, "replace") == "01"
        #: Places that are no text in this character set.
        self.bad_sequences = 0

    def feed(self, block: bytes, final: bool = False) -> bytes:
        """Return a block in UTF-8; what is cut at its end waits for the next."""
        held = self._decoder.getstate()[0]
        try:
            text = self._decoder.decode(block, final)
        except UnicodeError:
            text = self._decode_anyway(held + block, final)
        if self.is_ebcdic:
            text = text.replace("\x85", "\n")
        if not self._is_unicode:
            text = text.replace("\xad", "-")
        self.bad_sequences += text.count(_REPLACEMENT)
        return text.encode("utf-8", "replace")

    def _decode_anyway(self, block: bytes, final: bool) -> str:
        """Decode what a codec refuses as a whole: UTF-16 and UTF-32 that do not start with a byte order mark."""
        if self._name not in _WITH_MARK:
            self._decoder.reset()
            return _REPLACEMENT
        order = "le" if _zeros(block[1::2]) > _zeros(block[::2]) else "be"
        self._decoder = codecs.lookup(f"{self._name}-{order}").incrementaldecoder("replace")
        return self._decoder.decode(block, final)


def _zeros(half: bytes) -> int:
    return half.count(0)
