"""Words of a printer that may stand in a PPD: keywords as they are or not at all, texts cleaned.

A keyword ends at a blank, a slash or a colon, a text at a colon or a quote, a line at its end; "<" begins hexadecimal
digits (PPD 4.3 sections 2.2 to 2.5). None of them is left in what these functions return.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from filters.common.printable import printable

#: What a choice of an option may be.
KEYWORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,39}")
#: Octets of a text: PPD_MAX_TEXT of libcups, less one.
LONGEST_TEXT = 80
#: Names that mean something else to CUPS: a size or value typed by the user, and what its parser takes for a default.
_TAKEN = re.compile(r"custom(\..*)?|unknown|true|false", re.IGNORECASE)

_INSTEAD = str.maketrans(
    {'"': "'", ":": ";", "/": "-", "\\": "-", "<": "(", ">": ")", "*": "x", "\t": " ", "\n": " ", "\r": " "}
)
_VENDOR = re.compile(r"^(?:[a-z]{2,3}\.[a-z0-9-]+\.)+(?=.)", re.IGNORECASE)


def is_keyword(word: str) -> bool:
    """Tell whether a word can be a choice of an option."""
    return KEYWORD.fullmatch(word) is not None and not _TAKEN.fullmatch(word)


def clean(text: str, most: int = LONGEST_TEXT) -> str:
    """Return a text as it may stand in a translation or between quotes, at most so many octets long."""
    text = printable(" ".join(text.translate(_INSTEAD).split()))
    return text.encode("utf-8", "replace")[:most].decode("utf-8", "ignore").strip()


def plain(text: str, most: int) -> str:
    """Return what is left of a text when only the characters remain that a model's name may have."""
    return re.sub(r"[^A-Za-z0-9 ./+()-]+", " ", printable(text)).strip()[:most].strip()


def spoken(keyword: str) -> str:
    """Return a keyword as words: "com.example.letterhead-blue" is "Letterhead Blue"."""
    words = re.split(r"[-_. ]+", _VENDOR.sub("", keyword))
    return clean(" ".join(word if word[:1].isupper() else word.capitalize() for word in words if word)) or keyword


def text_of(attribute: str, keyword: str, strings: Mapping[str, str], known: Mapping[str, str] = {}) -> str:
    """Return what people read for a keyword: the printer's own words, ours, or the keyword as words."""
    return clean(strings.get(f"{attribute}.{keyword}", "")) or known.get(keyword, "") or spoken(keyword)


def name_apart(wanted: Iterable[str]) -> list[str]:
    """Return names that differ in more than case: CUPS takes Tray-1 and tray-1 for one, so the second gets a number."""
    used: set[str] = set()
    names = []
    for word in wanted:
        name, number = word, 2
        while name.lower() in used:
            ending = f"-{number}"
            name, number = word[: 40 - len(ending)] + ending, number + 1
        used.add(name.lower())
        names.append(name)
    return names
