"""Texts that are not UTF-8."""

from __future__ import annotations

import codecs

import pytest

from filters.text.charset import Transcoder, UnknownCharset, choose_charset, find_codec
from tests.pcl_parser import parse_job
from tests.unit.filters.text_job import run_job, warnings


@pytest.mark.parametrize(
    "options, default, charset",
    [
        ({}, None, "utf-8"),
        ({}, "cp850", "cp850"),
        ({"document-format": "text/plain; charset=ISO-8859-15"}, "cp850", "ISO-8859-15"),
        ({"document-format": 'text/plain;charset="koi8-r"', "text-charset": "cp037"}, None, "cp037"),
        ({"document-format": "text/plain"}, None, "utf-8"),
    ],
)
def test_choice(options, default, charset):
    """The job's own word goes first, then what its document-format says, then the queue's default."""
    assert choose_charset(options, default) == charset


@pytest.mark.parametrize("name", ["nonsense", "hex", "rot13", "zip", "", "\0", "a" * 1000])
def test_what_is_no_character_set(name):
    """Unknown names are refused, and so are codecs that do not decode bytes to text."""
    with pytest.raises(UnknownCharset):
        find_codec(name)


@pytest.mark.parametrize("charset", ["latin-1", "koi8-r", "cp437", "utf-16", "utf-16-be", "shift_jis", "big5", "cp500"])
def test_any_cut_gives_the_same_text(charset):
    """However the blocks are cut, also within characters, the text is the same."""
    text = {"koi8-r": "жук\n", "cp437": "┌─┐é\n", "shift_jis": "漢字\n", "big5": "漢字\n"}.get(charset, "äöü ABC\n")
    encoded = text.encode(charset)
    transcoder = Transcoder(find_codec(charset))
    out = b"".join(transcoder.feed(encoded[i : i + 1]) for i in range(len(encoded))) + transcoder.feed(b"", True)
    assert out.decode() == text and not transcoder.bad_sequences


def test_ends_of_lines_in_ebcdic():
    """NL and LF of EBCDIC both end a line; U+0085 of other sets stays what it is."""
    text = codecs.encode("one", "cp037") + b"\x15" + codecs.encode("two", "cp037") + b"\x25"
    assert Transcoder(find_codec("cp037")).feed(text) == b"one\ntwo\n"
    assert Transcoder(find_codec("latin-1")).feed(b"a\x85b") == "a\x85b".encode()


@pytest.mark.parametrize("charset, shown", [("latin-1", "co-op"), ("cp1252", "co-op"), ("utf-16", "co\xadop")])
def test_soft_hyphens(charset: str, shown: str) -> None:
    """In sets of one byte they are hyphens, as printers have always shown them; in Unicode the decoder knows."""
    assert Transcoder(find_codec(charset)).feed("co\xadop".encode(charset)).decode() == shown


def test_a_whole_job():
    """A text in another character set prints as itself; bytes that are none of its characters cost one warning."""
    _, output, messages = run_job("Größe Ä\n".encode("cp850"), "text-charset=cp850")
    assert not warnings(messages)
    assert [text for _, text in parse_job(output).pages[0].lines()] == ["Größe Ä"]
    code, output, messages = run_job("one\n".encode("utf-16")[:-1], "text-charset=utf-16")
    assert code == 0 and len(warnings(messages)) == 1 and "utf-16" in warnings(messages)[0]


def test_an_unknown_character_set_is_no_reason_to_fail():
    """With a set that is not known the text is taken for UTF-8, with a warning."""
    code, output, messages = run_job("é\n".encode(), "text-charset=klingon")
    assert code == 0 and len(warnings(messages)) == 1 and "klingon" in warnings(messages)[0]
    assert parse_job(output).pages[0].glyphs[0].text == "é"


@pytest.mark.parametrize("size", [1, 2, 3, 1000])
@pytest.mark.parametrize("charset", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"])
def test_byte_order_without_a_mark(charset, size):
    """UTF-16 and UTF-32 are read in their byte order, with a mark or without, however they are cut into blocks."""
    text = "some text, Жук\n" * 3
    coded = text.encode(charset)
    transcoder = Transcoder(find_codec(charset[:6]))
    blocks = [coded[at : at + size] for at in range(0, len(coded), size)]
    found = b"".join(map(transcoder.feed, blocks)) + transcoder.feed(b"", final=True)
    assert (found.decode(), transcoder.bad_sequences) == (text, 0)


@pytest.mark.parametrize("charset", ["utf-7", "utf-16", "utf-32", "hz", "iso2022_jp", "cp037", "idna", "punycode"])
def test_any_codec_takes_any_bytes(charset):
    """No bytes are a reason not to print, whatever codec a user names."""
    try:
        transcoder = Transcoder(find_codec(charset))
    except UnknownCharset:
        return
    for block in (b"\0\0", bytes(range(256)), b"\xff\xff+ABC-~{\x1b$B", b""):
        transcoder.feed(block)
    transcoder.feed(b"\xd8", final=True)
