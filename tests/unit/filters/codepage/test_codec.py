"""Code pages of IBM i as character sets of texts."""

from __future__ import annotations

import codecs

import pytest

from filters.codepage.codec import find_ebcdic_codec
from tests.pcl_parser import parse_job
from tests.unit.filters.text_job import run_job


@pytest.mark.parametrize("size", (1, 2, 3, 100))
def test_two_byte_text_in_pieces(size: int) -> None:
    """Text with SO and SI decodes the same however it comes; SO that is not closed ends with its line."""
    data = "ABC ".encode("cp037") + b"\x0e\x45\x62\x45\x66\x0f\x40\xc4\x25\x0e\x45\x62\x25\xc5"
    codec = find_ebcdic_codec("cp939")
    assert codec and codec.incrementaldecoder
    decoder = codec.incrementaldecoder("replace")
    parts = [decoder.decode(data[at : at + size]) for at in range(0, len(data), size)]
    assert "".join(parts) + decoder.decode(b"", True) == "ABC \u65e5\u672c D\n\u65e5\nE"
    decoder.decode(b"\x0e\x45")
    decoder.reset()
    assert decoder.decode(b"\xc1") == "A"


@pytest.mark.parametrize(
    ("charset", "text", "data"),
    (
        ("cp277", "\u00e6\u00f8\u00e5", b"\xc0\x6a\xd0"),
        ("IBM870", "\u017e", b"\xb6"),
        ("1140", "\u20ac", b"\x9f"),
        ("cp1025", "\u0411", b"\xba"),
    ),
)
def test_texts(charset: str, text: str, data: bytes) -> None:
    """text-charset takes every code page of IBM i by its number."""
    codec = find_ebcdic_codec(charset)
    assert codec and data.decode(codec.name) == text
    assert text.encode(codec.name) == data
    code, output, messages = run_job(data + b"\x15\xc1\x25", f"text-charset={charset} soft-fonts=no")
    assert code == 0 and not [line for line in messages if "text-charset" in line]
    assert len(parse_job(output).pages[0].lines()) == 2


@pytest.mark.parametrize("name", ("utf-8", "cp850", "cp437", "iso8859-1", "latin-1", "cp932"))
def test_other_codecs_are_left_alone(name: str) -> None:
    """Names that are no EBCDIC page of IBM i mean what they mean to Python."""
    assert find_ebcdic_codec(name) is None
    assert codecs.lookup(name)
