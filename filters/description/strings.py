"""A printer's strings file: printer-strings-uri, PWG 5100.13 section 5.6.

    "media-source.tray-4" = "Drawer 4 (A3)";

The form of Apple's localisation files, in UTF-8, or in UTF-16 with a byte order mark. Whatever is in no such line is
skipped; nothing of it is looked up anywhere.
"""

from __future__ import annotations

import codecs
import re

#: The files of printers have a few hundred lines.
MOST_OCTETS, MOST_STRINGS = 1 << 20, 20_000

_STRING = re.compile(r'"([A-Za-z0-9._+-]{1,120})"[ \t]{0,20}=[ \t]{0,20}"((?:[^"\\\n]|\\.){0,1000})"[ \t]{0,20};')
_ESCAPES = {"n": " ", "t": " ", "r": " "}
_ENTITIES = (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&apos;", "'"), ("&amp;", "&"))


def parse_strings(octets: bytes) -> dict[str, str]:
    """Return the strings of a file by their keys, as the printer says them: they are not clean."""
    octets = octets[:MOST_OCTETS]
    utf16 = octets.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    text = octets.decode("utf-16" if utf16 else "utf-8-sig", "replace")
    found: dict[str, str] = {}
    for match in _STRING.finditer(text):
        if len(found) >= MOST_STRINGS:
            break
        found.setdefault(match[1], _unescape(match[2]))
    return found


def _unescape(text: str) -> str:
    text = re.sub(r"\\(.)", lambda found: _ESCAPES.get(found[1], found[1]), text)
    for entity, character in _ENTITIES:
        text = text.replace(entity, character)
    return text
