"""Code pages by number, and what to do with them: IBM's CDRA, and the lists of SCS and IBM i.

A page is chosen by its number however it is written: 37, 037, cp037, IBM-037, ibm037. Numbers with two bytes a
character (mixed CCSIDs: one byte, and two between shift-out and shift-in) are those of ``DOUBLE_BYTE``.
"""

from __future__ import annotations

import re
from typing import NamedTuple, Optional

from filters.codepage.iconv import NoConverter, open_converter
from filters.codepage.symbol_set import CODE_PAGE, PRINTABLE
from filters.codepage.tables import PAGES

FIRST_GRAPHIC, LAST_GRAPHIC = 0x40, 0xFE
UNASSIGNED = "\ufffd"
#: Numbers of pages that print as others: older registrations, and the single-byte parts of mixed pages.
_SAME = {"0": "500", "38": "037", "1159": "037", "28709": "037", "283": "284", "8482": "290", "5123": "1027"}
#: Mixed pages, and what language they are for.
DOUBLE_BYTE = {
    "930": "Japanese, Katakana",
    "939": "Japanese, Latin",
    "1390": "Japanese, Katakana, with the euro",
    "1399": "Japanese, Latin, with the euro",
    "933": "Korean",
    "1364": "Korean, with the euro",
    "935": "Chinese, simplified",
    "1388": "Chinese, simplified, with the euro",
    "937": "Chinese, traditional",
    "1371": "Chinese, traditional, with the euro",
}
_NUMBER = re.compile(r"(?:cp|ibm|ebcdic|ccsid|page)?[-_ ]?0*([0-9]{1,5})", re.I)
#: What a printer shows for a character that prints as another, or not at all: soft hyphen and the blanks.
_PRINTS_AS = {"\u00ad": "-", "\u200b": " ", "\u2003": " "}


class UnknownPage(Exception):
    """There is no code page of this number."""


class CodePage(NamedTuple):
    """A single-byte page, ready for printing."""

    number: str
    #: All 256 characters, for ``codecs.charmap_decode``; controls are blanks, they are gone before anything is decoded.
    characters: str
    #: Codes to symbol set 19U (cp1252), for ``bytes.translate``; 0 stands for what is not in it.
    to_cp1252: bytes


def parse_number(name: str) -> Optional[str]:
    """Return the number in the name of a code page, without zeros in front, or None."""
    found = _NUMBER.fullmatch(name.strip())
    return found.group(1) if found else None


def known_number(name: str) -> Optional[str]:
    """Return the number under which a page is known here, or None."""
    number = parse_number(name)
    if number is None:
        return None
    number = _SAME.get(number, number)
    return next((known for known in (number, number.zfill(3)) if known in PAGES or known in DOUBLE_BYTE), None)


def find_page(name: str) -> CodePage:
    """Return a single-byte page, of a mixed one the single-byte part.

    Raises:
        UnknownPage: there is none of this number.
    """
    number = known_number(name)
    if number is None:
        raise UnknownPage(name)
    if number in DOUBLE_BYTE:
        return _make_page(number, _single_byte_part(number))
    return _make_page(number, PAGES[number])


def _single_byte_part(number: str) -> str:
    """Return the characters 40 to FE of a mixed page; without a converter those of the nearest page of ours."""
    try:
        converter = open_converter(number)
    except NoConverter:
        return PAGES[{"930": "290", "1390": "290", "939": "1027", "1399": "1027"}.get(number, "037")]
    return "".join(converter.single(code) or UNASSIGNED for code in range(FIRST_GRAPHIC, LAST_GRAPHIC + 1))


def _make_page(number: str, graphics: str) -> CodePage:
    shown = "".join(_PRINTS_AS.get(character, character) for character in graphics)
    characters = " " * FIRST_GRAPHIC + shown + " "
    return CodePage(number, characters, bytes(map(_in_cp1252, characters)))


def _in_cp1252(character: str) -> int:
    try:
        code = character.encode(CODE_PAGE)[0]
    except UnicodeEncodeError:
        return 0
    return code if code in PRINTABLE else 0
