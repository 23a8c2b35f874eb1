"""Symbol set 19U, Windows Latin 1: PCL 5 Comparison Guide, appendix C.

The only widespread set in which every code of ASCII prints as ASCII (in Roman-8 and ISO 8859-1 the quotes or the
circumflex and the tilde are accents). Its code page is cp1252, in which 81, 8D, 8F, 90 and 9D are not assigned.
"""

from __future__ import annotations

import re

NAME = "19U"
CODE_PAGE = "cp1252"

_UPPER = "".join(bytes([code]).decode(CODE_PAGE, "ignore") for code in range(0x80, 0xA0))

#: A run of characters that the set does not have; one of these and blanks; one that may have blanks within.
MISSING = re.compile(f"[^ -~\xa0-\xff{_UPPER}]+")
MISSING_OR_BLANK = re.compile(f"[^!-~\xa1-\xff{_UPPER}]+")
MISSING_WORDS = re.compile(f"[^ -~\xa0-\xff{_UPPER}]+(?: +[^ -~\xa0-\xff{_UPPER}]+)*")

#: Codes that print (or advance) under the set, as a table for bytes.translate(None, ...).
PRINTABLE = bytes(range(0x20, 0x7F)) + _UPPER.encode(CODE_PAGE) + bytes(range(0xA0, 0x100))

#: Characters that are counted each on its own when they cannot be printed; all beyond them are counted as ``OTHERS``.
MOST_COUNTED = 1000
OTHERS = ""


def count_missing(missing: dict[str, int], character: str) -> None:
    """Count a character that cannot be printed."""
    if character not in missing and len(missing) >= MOST_COUNTED:
        character = OTHERS
    missing[character] = missing.get(character, 0) + 1
