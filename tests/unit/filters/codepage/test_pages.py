"""Our tables of code pages against independent ones: Python's codecs and the C library's iconv."""

from __future__ import annotations

import codecs
import shutil
import subprocess
from typing import Optional

import pytest

from filters.codepage.iconv import NoConverter, open_converter
from filters.codepage.pages import (
    DOUBLE_BYTE,
    FIRST_GRAPHIC,
    LAST_GRAPHIC,
    UNASSIGNED,
    UnknownPage,
    find_page,
    known_number,
)
from filters.codepage.tables import PAGES

CODES = range(FIRST_GRAPHIC, LAST_GRAPHIC + 1)
needs_iconv = pytest.mark.skipif(not shutil.which("iconv"), reason="iconv is missing: install libc-bin")

#: Where Python differs: IBM's 273 has a macron at BC, not an overline; in 424 glibc and ICU agree against it.
PYTHON_DIFFERS = {"273": {0xBC}, "424": {0xB3, 0xBC}}
#: Where glibc differs from IBM's tables as ICU has them: 278 and 871 have two letters the wrong way round, 290 has wide
#: kana, 875 and others have look-alikes. Each is a code, and what we have there.
GLIBC_DIFFERS = {
    "278": {0x71: "\\", 0xE0: "É"},
    "871": {0x4A: "Þ", 0xC0: "þ"},
    "285": {0xA1: "¯"},
    "424": {0x78: "‗", 0x8F: "±", 0xB3: "•", 0xBC: "‾"},
    "870": {0xB0: "˙"},
    "875": {0x6A: "|", 0x74: "\N{NO-BREAK SPACE}", 0xDD: "\u0387"},
    "1026": {0x9D: "¸", 0xBC: "¯"},
    "1132": {0x70: "\u20ad"},
}
#: Pages that glibc does not have, or has quite otherwise.
NOT_IN_GLIBC = {"833", "836", "838", "1027", "290"}


def graphics_of_python(page: str) -> Optional[str]:
    """Return the characters 40 to FE of Python's own codec."""
    try:
        return bytes(CODES).decode(f"cp{page}", "replace") if codecs.lookup(f"cp{page}") else None
    except LookupError:
        return None


def graphics_of_glibc(page: str) -> list[Optional[str]]:
    """Return the characters 40 to FE of the C library, None for what it does not assign."""
    try:
        converter = open_converter(page)
    except NoConverter:
        return []
    return [converter.single(code) for code in CODES]


@pytest.mark.parametrize("page", [page for page in PAGES if graphics_of_python(page)])
def test_python_has_the_same(page: str) -> None:
    """Every page that Python has is the same here, but where Python is wrong."""
    theirs = graphics_of_python(page)
    assert theirs
    differs = {code for code, ours, other in zip(CODES, PAGES[page], theirs) if ours != other}
    assert differs == PYTHON_DIFFERS.get(page, set()) | {c for c in differs if theirs[c - FIRST_GRAPHIC] < " "}


@needs_iconv
@pytest.mark.parametrize("page", [page for page in PAGES if page not in NOT_IN_GLIBC])
def test_the_c_library_has_the_same(page: str) -> None:
    """Every page that glibc has is the same here, but where glibc differs from IBM's tables."""
    theirs = graphics_of_glibc(page)
    if not theirs:
        pytest.skip(f"this C library has no IBM{page}")
    differs = {
        code: ours
        for code, ours, other in zip(CODES, PAGES[page], theirs)
        if ours != other and not (other is None and (ours == UNASSIGNED or not ours.isprintable()))
    }
    assert differs == GLIBC_DIFFERS.get(page, {})


@pytest.mark.parametrize(("page", "number"), (("836", "935"), ("1027", "939"), ("833", "933")))
def test_halves_of_mixed_pages(page: str, number: str) -> None:
    """Single-byte pages of Japan, Korea and China are what the mixed pages have for one byte."""
    converter = open_converter(number)
    singles = [converter.single(code) or UNASSIGNED for code in CODES]
    differs = {code for code, ours, other in zip(CODES, PAGES[page], singles) if ours != other and other != UNASSIGNED}
    assert len(differs) <= 3


@pytest.mark.parametrize("page", PAGES)
def test_every_page_has_the_invariant_characters(page: str) -> None:
    """Digits and capital letters stand in the same places in all pages, and no code is a control."""
    text = PAGES[page]
    assert len(text) == len(CODES)
    assert text[0xF0 - 0x40 : 0xFA - 0x40] == "0123456789"
    assert text[0xC1 - 0x40 : 0xCA - 0x40] == "ABCDEFGHI"
    assert not any(ord(character) < 0x20 or 0x7F <= ord(character) < 0xA0 for character in text)


def convert(number: str, pairs: bytes) -> str:
    """Convert two-byte text as a whole, as another program would."""
    done = subprocess.run(
        ["iconv", "-f", f"IBM{number}", "-t", "UTF-8"], input=b"\x0e" + pairs + b"\x0f", capture_output=True, check=True
    )
    return done.stdout.decode()


@needs_iconv
@pytest.mark.parametrize("number", ("930", "933", "935", "937", "939", "1364", "1371", "1388", "1390", "1399"))
def test_double_byte_pages(number: str) -> None:
    """Each pair of a double-byte page is the character that the iconv program makes of it."""
    converter = open_converter(number)
    known = [pair for a in range(0x41, 0x70) for b in range(0x41, 0xFF, 7) if converter.pair(pair := bytes((a, b)))]
    assert len(known) > 200
    assert "".join(converter.pair(pair) or "" for pair in known) == convert(number, b"".join(known))
    assert converter.pair(b"\xff\xff") is None


def test_no_converter() -> None:
    """A mixed page that the C library lacks is told, and its single-byte part is the nearest page of ours."""
    for number in DOUBLE_BYTE:
        assert find_page(number).number == number


@pytest.mark.parametrize(
    ("name", "number"),
    (
        ("37", "037"),
        ("cp037", "037"),
        ("IBM-1141", "1141"),
        ("ibm00273", "273"),
        ("CCSID 500", "500"),
        ("939", "939"),
        ("38", "037"),
        ("28709", "037"),
        ("9999", None),
        ("latin-1", None),
        ("", None),
    ),
)
def test_names(name: str, number: Optional[str]) -> None:
    """Pages are found by their number, however it is written; others are not."""
    assert known_number(name) == number
    if number is None:
        with pytest.raises(UnknownPage):
            find_page(name)


def test_a_soft_hyphen_and_wide_blanks_print():
    """As the hyphen and the blanks that a line printer has for them, on every page."""
    assert find_page("37").characters[0xCA] == "-"
    for number in PAGES:
        assert not {"\u00ad", "\u200b", "\u2003"} & {*find_page(number).characters}, number


@pytest.mark.parametrize("number", PAGES)
def test_codes_of_the_printer(number: str) -> None:
    """Each code becomes that of its character in Windows 1252, or 0 where that has none."""
    page = find_page(number)
    assert len(page.characters) == 256 and not page.characters[:FIRST_GRAPHIC].strip() and page.characters[0xFF] == " "
    shown = "".join(chr(code) for code in (*range(0x20, 0x7F), *range(0xA0, 0x100)))
    shown += "€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ"
    coded = [ord(character.encode("cp1252")) if character in shown else 0 for character in page.characters]
    assert page.to_cp1252 == bytes(coded)
