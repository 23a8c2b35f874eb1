"""The one way to make words of others printable: names, models and messages of printers, documents, files, cupsd.

What a printer says of itself, what stands in a certificate or in an answer before its sender has proven anything, may
hold escape sequences that move a terminal's cursor, set its title or type into it (C0, C1 and DEL), characters that
turn the reading direction so that a fingerprint or a command looks like a different one (bidi controls), and
characters that nobody sees. None of them reaches a terminal, a log or a page: each becomes one visible character.
Letters of all scripts stay as they are.
"""

from __future__ import annotations

TYPE_CHECKING = False  # typing is slow to import, and only the type checker needs it
if TYPE_CHECKING:
    from typing import Callable

#: Characters that str.isprintable lets pass and that take no room or show nothing (Default_Ignorable_Code_Point of
#: Unicode's DerivedCoreProperties.txt, and the two blanks that are no spaces).
UNSEEN = frozenset(
    chr(code)
    for first, last in (
        (0x034F, 0x034F),  # combining grapheme joiner
        (0x115F, 0x1160),  # Hangul fillers
        (0x17B4, 0x17B5),  # Khmer inherent vowels
        (0x180B, 0x180F),  # Mongolian selectors
        (0x2800, 0x2800),  # Braille blank
        (0x3164, 0x3164),  # Hangul filler
        (0xFE00, 0xFE0F),  # variation selectors
        (0xFFA0, 0xFFA0),  # half-width Hangul filler
    )
    for code in range(first, last + 1)
)


def is_printable(character: str) -> bool:
    """Tell whether a character shows itself, moves nothing and hides nothing."""
    # Not printable for Python: Cc, Cf (bidi, zero width, tags), Cs, Co, Cn, Zl, Zp, and all spaces but the usual one.
    return character.isprintable() and character not in UNSEEN and not "\U000e0100" <= character <= "\U000e01ef"


def printable(text: str, instead: str = "?") -> str:
    """Return the text with ``instead`` for each character that is not printable; line ends are none."""
    return replace_odd(text, lambda _character: instead)


def replace_odd(text: str, replacement: Callable[[str], str]) -> str:
    """Return the text with a replacement of one's own for each character that is not printable."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(character if is_printable(character) else replacement(character) for character in text)


def escape_in_json(text: str) -> str:
    r"""Return JSON text with \u escapes for what is not printable, so that it means the same and is safe to look at.

    Between strings JSON has nothing but ASCII; the line ends of its layout stay.
    """
    return replace_odd(text, lambda character: character if character == "\n" else _escape(character))


def _escape(character: str) -> str:
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))
