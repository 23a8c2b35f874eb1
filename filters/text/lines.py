"""Pieces of a stream to pieces that end where lines or pages end.

Nothing is held back but the line that is not complete, and that not beyond a limit: a line longer than it is broken
there (or, where long lines are cut anyway, its rest is left out), so that a file without line ends needs no more
memory than any other.
"""

from __future__ import annotations

#: Bytes of the longest line kept whole: 16 pages of it.
LONGEST_LINE = 65536


class LineAssembler:
    """Takes blocks of UTF-8, gives bytes that end with a line feed or form feed (or where a line had to be broken)."""

    def __init__(self, longest: int = LONGEST_LINE, drop_rest: bool = False) -> None:
        self._longest = longest
        #: Of a line that is longer than the limit the rest is left out.
        self.drops_rest = drop_rest
        self._dropping = False
        #: The line was broken at all there was of it.
        self._at_break = False
        self._pieces: list[bytes] = []
        self._held = 0
        #: Places where lines were broken or cut.
        self.broken = 0

    def feed(self, block: bytes) -> bytes:
        """Take a block, return all that is complete with it."""
        if self._dropping:
            block = self._after_line(block)
        if self._at_break and block:
            block = self._after_break(block)
        end = max(block.rfind(b"\n"), block.rfind(b"\f")) + 1
        if not end:
            self._hold(block)
            return self._break_line() if self._held >= self._longest else b""
        self._pieces.append(block[:end])
        complete = b"".join(self._pieces)
        self._pieces, self._held = [], 0
        self._hold(block[end:])
        return complete

    def _hold(self, piece: bytes) -> None:
        if piece:
            self._pieces.append(piece)
            self._held += len(piece)

    def _after_line(self, block: bytes) -> bytes:
        ends = [at for at in (block.find(b"\n"), block.find(b"\f")) if at >= 0]
        if not ends:
            return b""
        self._dropping = False
        end = min(ends)
        # The line feed belongs to what has gone already; a form feed still has its own work to do.
        return block[end + 1 :] if block[end : end + 1] == b"\n" else block[end:]

    def _after_break(self, block: bytes) -> bytes:
        """Leave out the end of a line that has got one; it was not too long then."""
        self._at_break = False
        rest = block[2:] if block.startswith(b"\r\n") else block.removeprefix(b"\n")
        self.broken -= rest != block
        return rest

    def _break_line(self) -> bytes:
        line = b"".join(self._pieces)
        end = _character_border(line)
        self.broken += 1
        self._pieces, self._held = [], 0
        if self.drops_rest:
            self._dropping = True
        else:
            self._hold(line[end:])
            self._at_break = not self._pieces
        return line[:end] + b"\n"

    def finish(self) -> bytes:
        """Return the last line, which has no end."""
        line = b"".join(self._pieces)
        self._pieces, self._held = [], 0
        self._dropping = self._at_break = False
        return line


def _character_border(text: bytes) -> int:
    """Return the last place in UTF-8 text that is not within a character; a control sequence may be cut."""
    for back in range(1, min(4, len(text)) + 1):
        byte = text[-back]
        if byte < 0x80:
            break
        if byte >= 0xC0:
            # A lead byte: whole if as many bytes follow as it asks for.
            needed = 2 + (byte >= 0xE0) + (byte >= 0xF0)
            return len(text) if back >= needed else len(text) - back
    return len(text)
