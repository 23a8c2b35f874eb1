"""Text of a spooled file, of one byte and of two bytes a character, to runs on the page."""

from __future__ import annotations

import re
from typing import Union

from filters.codepage.iconv import NoConverter, open_converter
from filters.layout.page import FILLER
from filters.scs.controls import Incomplete
from filters.scs.state import BOX, State

_PAIRS = re.compile(rb"(?:[\x40-\xFE]{2})+")


class TextPrinter(State):
    """Prints text where the state says."""

    def _print(self, text: bytes) -> None:
        """Print text of one byte a character."""
        x, advance = self._x, self._advance
        end = x + len(text) * advance
        if end > self._right:
            self._print_wrapped(text)
            return
        coded: Union[bytes, str] = text.translate(self._to_cp1252)
        if b"\0" in coded:  # type: ignore[operator]
            coded = self._decode(text)
            self._simple = False
        self._x = end
        self._put(x, coded, end)

    def _print_wrapped(self, text: bytes) -> None:
        """Print text that runs over the last column: the rest goes to the next line (SHF)."""
        while text:
            room = int((self._right - self._x) / self._advance)
            if room <= 0:
                if self._x <= self._left + self._indent:
                    room = 1  # a cell wider than the page
                else:
                    self._new_line()
                    continue
            part, text = text[:room], text[room:]
            coded: Union[bytes, str] = part.translate(self._to_cp1252)
            if b"\0" in coded:  # type: ignore[operator]
                coded = self._decode(part)
                self._simple = False
            x = self._x
            self._x = x + len(part) * self._advance
            self._put(x, coded, self._x)

    def _put_one(self, character: str) -> None:
        if self._silent and not self._show_hidden:
            self._x += self._advance
            return
        if self._x + self._advance > self._right and self._x > self._left + self._indent:
            self._new_line(keep_pairs=True)
        x = self._x
        self._x += self._advance
        self._simple = False
        self._put(x, character, self._x)

    def decode(self, text: bytes) -> str:
        """Return graphics as they would be printed now."""
        if not self._pairs:
            return self._decode(text)
        return "".join(self._character(text[at : at + 2]) for at in range(0, len(text) - 1, 2))

    def _take_pairs(self, data: bytes, at: int) -> int:
        found = _PAIRS.match(data, at)
        if not found:
            if at + 1 >= len(data):
                raise Incomplete
            # A control in the place of a second byte: the first one stands for nothing.
            self._note("half of a two-byte character")
            return at + 1
        pairs = found.group()
        characters = [self._character(pairs[n : n + 2]) for n in range(0, len(pairs), 2)]
        if self._silent and not self._show_hidden:
            self._x += len(pairs) * self._advance
            return found.end()
        for character in characters:
            if self._x + 2 * self._advance > self._right and self._x > self._left + self._indent:
                self._new_line(keep_pairs=True)
            self._simple = False
            x = self._x
            self._x += 2 * self._advance
            self._put(x, character + (" " if character == " " else FILLER), self._x)
        return found.end()

    def _character(self, pair: bytes) -> str:
        if self._converter is None:
            self._open_converter()
        character = self._converter.pair(pair) if self._converter else None
        if character is None:
            self._note("characters that the two-byte code page does not have" if self._converter else "no DBCS here")
        return BOX if character is None else " " if character == "\u3000" else character

    def _open_converter(self) -> None:
        if not self._dbcs:
            self._note("DBCS without scs-dbcs")
        try:
            self._converter = open_converter(self._dbcs or "939")
        except NoConverter:
            self._converter = None
