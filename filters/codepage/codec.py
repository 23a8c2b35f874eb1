"""Our code pages as codecs of Python, for texts: registered when they are first asked for.

The controls are those of EBCDIC in every page: 15 is U+0085, 25 a line feed, 0D a carriage return, 0C a form feed. In a
page with two-byte characters SO and SI are gone after decoding, and so is the state when a text ends without SI.
"""

from __future__ import annotations

import codecs
from typing import Any, Optional, Tuple

from filters.codepage.iconv import Converter, NoConverter, open_converter
from filters.codepage.pages import DOUBLE_BYTE, FIRST_GRAPHIC, UNASSIGNED, find_page, known_number
from filters.codepage.tables import PAGES

_PREFIX = "ipps443_"
_SHIFT_OUT, _SHIFT_IN = 0x0E, 0x0F


def find_ebcdic_codec(name: str) -> Optional[codecs.CodecInfo]:
    """Return the codec of a code page of ours, None for a name that is none of them."""
    number = known_number(name)
    if number is None:
        return None
    try:
        return codecs.lookup(_PREFIX + number)
    except LookupError:
        codecs.register(_search)
        return codecs.lookup(_PREFIX + number)


def _search(name: str) -> Optional[codecs.CodecInfo]:
    number = name.removeprefix(_PREFIX)
    if number == name or number not in PAGES and number not in DOUBLE_BYTE:
        return None
    characters = _characters(number)
    encoding_map = codecs.charmap_build(characters)

    class Decoder(MixedDecoder):
        """The decoder of this page."""

        def __init__(self, errors: str = "strict") -> None:
            super().__init__(number, characters, errors)

    def encode(text: str, errors: str = "strict") -> Tuple[bytes, int]:
        return codecs.charmap_encode(text, errors, encoding_map)

    def decode(data: bytes, errors: str = "strict") -> Tuple[str, int]:
        return Decoder(errors).decode(bytes(data), True), len(data)

    return codecs.CodecInfo(encode, decode, name=name, incrementaldecoder=Decoder)  # type: ignore[arg-type]


def _characters(number: str) -> str:
    """Return all 256 characters of a page: the controls are the same in all of them."""
    controls = bytes(range(FIRST_GRAPHIC)).decode("cp037")
    page = PAGES[number] if number in PAGES else find_page(number).characters[FIRST_GRAPHIC:-1]
    return controls + page + "\x9f"


class MixedDecoder(codecs.BufferedIncrementalDecoder):
    """Decodes one byte a character, and two between SO and SI where the page has them."""

    def __init__(self, number: str, characters: str, errors: str = "strict") -> None:
        super().__init__(errors)
        self._number = number
        self._characters = characters
        self._is_mixed = number in DOUBLE_BYTE
        self._pairs = False
        self._converter: Optional[Converter] = None

    def reset(self) -> None:
        """Begin anew."""
        super().reset()
        self._pairs = False

    def _buffer_decode(self, data: Any, errors: str, final: bool) -> Tuple[str, int]:
        if not self._is_mixed:
            return self._singles(data, errors), len(data)
        out = []
        at = 0
        while at < len(data):
            if not self._pairs:
                end = data.find(_SHIFT_OUT, at)
                out.append(self._singles(data[at : end if end >= 0 else len(data)], errors))
                at = end + 1 if end >= 0 else len(data)
                self._pairs = end >= 0
                continue
            code = data[at]
            if code < FIRST_GRAPHIC:
                # Controls act between pairs too; a line end ends them.
                self._pairs = code not in (_SHIFT_IN, 0x15, 0x25, 0x0C, 0x0D)
                out.append("" if code == _SHIFT_IN else self._singles(data[at : at + 1], errors))
                at += 1
            elif at + 1 < len(data):
                out.append(self._pair(data[at : at + 2]))
                at += 2
            elif final:
                out.append(UNASSIGNED)
                at += 1
            else:
                break
        return "".join(out), at

    def _singles(self, data: bytes, errors: str) -> str:
        return codecs.charmap_decode(data, errors, self._characters)[0]  # type: ignore[arg-type]

    def _pair(self, pair: bytes) -> str:
        try:
            self._converter = self._converter or open_converter(self._number)
        except NoConverter:
            return UNASSIGNED
        return self._converter.pair(pair) or UNASSIGNED
