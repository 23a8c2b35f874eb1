"""What a text is that does not say so: its character set and its line ends, from its first block.

    UTF-16, UTF-32      a byte order mark; or there are NULs, as in each blank and line end, every other byte is one, or
                        read so it has no other characters than texts have
    UTF-8               it is UTF-8, or has at least one character of several bytes that is
    Windows 1252        no such character, and the bytes above ASCII are few, and letters and signs of Western Europe;
                        ISO 8859-1 is the same but for characters that no text has
    line ends CR        no line feed, and what follows a CR is not printed over what is before it
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from typing import Iterator, Optional

_MARKS = (
    (b"\xff\xfe\0\0", "utf-32"),
    (b"\0\0\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
#: Pairs of bytes that are looked at for NULs, and the fewest that tell anything.
_LOOKED_AT, _FEWEST = 2048, 4
#: Lines that are waited for: a page of so many might be printed already.
_MOST_LINES = 20
#: Character sets whose texts have NULs.
_WIDE = ("utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be")
#: What is sure to be in a text; the last is that of Chinese.
_BLANKS = frozenset(" \n\r\f\u3000")
#: Controls that texts have.
_CONTROLS = "\b\t\n\f\r\x1b\x85"
#: Of a hundred characters so many may be none, in a text that is damaged or newer than Python.
_MOST_WRONG = 1
#: Of a hundred characters without NULs so many may be two of ASCII, taken for one, of which Kana are none.
_MOST_TWOS, _ASCII, _KANA = 60, range(0x20, 0x7F), 0x30
#: Bytes that are no characters of Windows 1252.
_UNDEFINED = b"\x81\x8d\x8f\x90\x9d"
#: Bytes above ASCII that a text of Western Europe has at most, in hundredths.
_MOST_ODD = 40
# Well-formed characters of several bytes (Unicode 15, table 3-7).
_SEVERAL_BYTES = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xed[\x80-\x9f][\x80-\xbf]"
    rb"|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2}"
)
# The beginning of a character that the end of a block may cut off.
_CUT = re.compile(rb"[\xc2-\xf4][\x80-\xbf]{0,2}\Z")


def is_enough(block: bytes) -> bool:
    """Tell whether so much of a text may be a page of it, or tells by itself what it is."""
    return len(block) >= 2 * _LOOKED_AT or b"\f" in block or block.count(b"\n") >= _MOST_LINES


def recognise_charset(block: bytes) -> Optional[str]:
    """Return the name of the character set of a text that is not UTF-8, None if it is or nothing tells."""
    for mark, name in _MARKS:
        if block.startswith(mark):
            return name
    odd = len(block.translate(None, bytes(range(128))))
    is_utf_8 = odd > 0 and _is_utf_8(block)  # NULs in it are none of UTF-16, whose letters beyond ASCII are no UTF-8
    if not is_utf_8 and (by_zeros := _without_mark(block)):
        return by_zeros
    if not odd or is_utf_8 or _SEVERAL_BYTES.search(block):
        return None
    if odd * 100 > len(block) * _MOST_ODD or len(block.translate(None, _UNDEFINED)) != len(block):
        return None
    return "cp1252"


def _without_mark(block: bytes) -> Optional[str]:
    block = block[: 2 * _LOOKED_AT]
    if b"\0" not in block or len(block) < 2 * _FEWEST:
        return None
    first, second = block[::2], block[1::2]
    zeros = first.count(0) * 100 // len(first), second.count(0) * 100 // len(second)
    if zeros[1] >= 60 and zeros[0] == 0:
        return "utf-16-le"
    if zeros[0] >= 60 and zeros[1] == 0:
        return "utf-16-be"
    # Read in the wrong order, its blanks, digits and line ends are rather rare letters or none.
    found = {name: text for name in _WIDE if (text := _as_text(block, name))}
    return max(found, key=lambda name: (name in _WIDE[:2], sum(map(str.isascii, found[name])))) if found else None


def _as_text(block: bytes, name: str) -> Optional[str]:
    """Return what a block is in a character set if that is a text."""
    text = codecs.getincrementaldecoder(name)("replace").decode(block)
    if name not in _WIDE[:2] and _BLANKS.isdisjoint(text):
        return None
    wrong = sum(not _is_of_texts(character) for character in text)
    if wrong * 100 > len(text) * _MOST_WRONG:
        return None
    halves = [pair for pair in (divmod(ord(character), 256) for character in text) if all(pair)]
    twos = sum(high in _ASCII and low in _ASCII and high != _KANA for high, low in halves)
    return text if twos * 100 <= len(halves) * _MOST_TWOS else None


def _is_of_texts(character: str) -> bool:
    if character in _CONTROLS:
        return True
    return character != "\ufffd" and unicodedata.category(character) not in ("Cc", "Cn", "Co", "Cs")


def _is_utf_8(block: bytes) -> bool:
    try:
        _CUT.sub(b"", block).decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def ends_lines_with_cr(block: bytes) -> bool:
    """Tell whether CR alone ends the lines of a text in UTF-8."""
    if b"\r" not in block or b"\n" in block:
        return False
    pages = [page.split(b"\r") for page in block.split(b"\f")]
    pairs = ((before, after) for lines in pages for before, after in zip(lines, lines[1:]))
    return any(after.strip() and not _is_printed_over(before, after) for before, after in pairs)


def _is_printed_over(before: bytes, after: bytes) -> bool:
    """Tell whether a line makes the one before it bold or underlined: it is the same, or has lines and blanks only."""
    pairs = zip(before, after.ljust(len(before))[: len(before)])
    rest = after[len(before) :].strip()
    return not rest.strip(b"_-") and all(over in b" _-" or over == under for under, over in pairs)


def with_line_feeds(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """Give a text with LF for each CR alone; CR LF and CR FF stay, also where blocks end between them."""
    held = b""
    for block in blocks:
        text = held + block
        held = b"\r" if text.endswith(b"\r") else b""
        yield re.sub(rb"\r(?![\n\f])", b"\n", text[: len(text) - len(held)])
    yield b"\n" if held else b""
