"""Keywords, comments and strings of source code, told apart by Pygments."""

from __future__ import annotations

import re
from types import SimpleNamespace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from filters.text.highlighting import LARGEST, Highlighter
from tests.pcl_parser import parse_job
from tests.unit.filters.looks import PYTHON, SOURCE
from tests.unit.filters.text_job import run_job, warnings
from tests.unit.filters.text_pdf import read_sheets, run_pdf_job

pytest.importorskip("pygments")
Token = pytest.importorskip("pygments.token")


def highlighted(text: bytes, language: str = "auto", title: str = "", content_type: str = "") -> bytes:
    """Return a text with SGR; without, it must be the text."""
    out = b"".join(Highlighter(language, title, content_type).highlighted([text[:100], text[100:]]))
    assert re.sub(b"\\x1b\\[[0-9]*m", b"", out) == text
    return out


@pytest.mark.parametrize(
    "how",
    [
        {"language": "c"},
        {"title": "count.c"},
        {"content_type": "text/x-csource"},
        {"content_type": "application/x-csource"},
    ],
)
def test_a_language_is_named_or_found_out(how):
    """By the option, the name of the file, or the type that CUPS gives it."""
    out = highlighted(SOURCE, **how)
    assert b"\x1b[1mwhile\x1b[m" in out and b"\x1b[3m/* Counts" in out and b"\x1b[2m%lu lines\x1b[m" in out


@pytest.mark.parametrize("line", [b"#!/usr/bin/env python3", b"#!/usr/bin/python3.11 -I", b"#! /usr/bin/python"])
def test_a_script_says_its_language(line):
    """By its first line."""
    assert b"\x1b[1mdef\x1b[m" in highlighted(line + b"\n" + PYTHON, title="stdin")


@pytest.mark.parametrize(
    "text, how",
    [
        (b"while the rain falls, return\n", {"title": "letter.txt"}),
        (b"while the rain falls, return\n", {"title": "letter"}),
        (SOURCE, {"title": "count.nothing-known"}),
        (b"\x1b[1mint\x1b[m x;\n", {"language": "c"}),
        (b"i\bint x;\n", {"language": "c"}),
        (b"", {"language": "c"}),
    ],
)
def test_what_stays_as_it_is(text, how):
    """Prose, what nothing is known of, and texts with styles of their own."""
    assert (
        b"".join(Highlighter(**{"language": "auto", "title": "", "content_type": "", **how}).highlighted([text]))
        == text
    )


SESSION = b">>> import sys\n>>> if sys:\n...     1 / 0\n...\nZeroDivisionError: division by zero\n>>> None\n"
TABLE = "*** Test Cases ***\nOne\n  Log  a\n\fTwo\n  Log  b\x0b\x85 c\u2028 d\n# comment\n"


@pytest.mark.parametrize("language, text, words", [("pycon", SESSION, 2), ("robotframework", TABLE.encode(), 1)])
def test_lexers_that_lose_their_place(language, text, words):
    """What they say about ends of lines, and where a word stands, is not believed: the text stays what it is."""
    assert highlighted(text, language).count(b"\x1b[1m") >= words


@pytest.mark.parametrize("words, fits", [(("ab", "cd\n"), True), (("ab", "cd"), True), (("ab", "CD\n"), False)])
def test_words_of_a_lexer_are_those_of_the_text(monkeypatch, words, fits):
    """One that gives others is not believed at all; one that gives fewer leaves the rest as it is."""
    lexer = SimpleNamespace(get_tokens_unprocessed=lambda text: [(0, Token.Keyword, word) for word in words])
    highlighter = Highlighter("auto", "", "")
    monkeypatch.setattr(highlighter, "_find_lexer", lambda text: lexer)
    out = b"".join(highlighter.highlighted([b"abcd\n"]))
    assert (b"\x1b[1m" in out, highlighter.problem == "") == (fits, fits)
    assert re.sub(b"\x1b\\[[0-9]*m", b"", out) == b"abcd\n"


def test_a_large_text_is_not_kept_in_memory():
    """Beyond a limit the text goes on as it came, and there is a warning."""
    highlighter = Highlighter("c", "", "")
    pieces = [b"int x;\n" * 10000] * (LARGEST // 70000 + 3)
    assert list(highlighter.highlighted(pieces)) == pieces and "larger than 1 MiB" in highlighter.problem


def test_an_unknown_language_is_named():
    """It is one warning, and the text is printed as it is; a value that is no name is left out."""
    code, output, messages = run_job(b"int x;\n", "highlight=klingonese")
    assert code == 0 and "klingonese" in warnings(messages)[0]
    assert "".join(glyph.text for glyph in parse_job(output).pages[0].glyphs) == "int x;"
    assert "is not possible" in warnings(run_job(b"x", "highlight='a b'")[2])[0]


def test_without_pygments(monkeypatch):
    """Who asked for highlighting is told which package to install; prettyprint prints without it."""
    monkeypatch.setitem(__import__("sys").modules, "pygments.lexers", None)
    assert "python3-pygments" in warnings(run_job(b"int x;\n", "highlight=c")[2])[0]
    assert not warnings(run_job(b"int x;\n", "prettyprint", title="x.c")[2])


@pytest.mark.parametrize("options", ["prettyprint", "highlight=auto"])
def test_looks_on_paper(options):
    """Keywords are bold, comments italic, strings grey, in PCL and in PDF; nothing else is."""
    code, output, messages = run_job(SOURCE, f"{options} page-header=none", title="count.c")
    glyphs = parse_job(output).pages[0].glyphs
    assert code == 0 and not warnings(messages)
    bold = "".join(glyph.text for glyph in glyphs if glyph.bold)
    assert "staticint" in bold.replace(" ", "") and "while" in bold and "main" not in bold
    assert "Counts the lines" in "".join(glyph.text for glyph in glyphs if glyph.italic)
    assert "%lu lines" in "".join(glyph.text for glyph in glyphs if glyph.grey < 100)
    assert {glyph.grey for glyph in glyphs} == {85, 100}
    code, document, _ = run_pdf_job(SOURCE, f"{options.replace('auto', 'c')} page-header=none highlight=c")
    fonts = {mark.font for sheet in read_sheets(document) for mark in sheet.marks}
    assert code == 0 and len(fonts) == 3


@pytest.mark.parametrize("language", ["c", "python", "bash", "html", "json"])
@example(text="\r\r\n")
@given(text=st.text("abi f\"'/*#<>\\\n\r\f\t{}=\u0301é漢", max_size=80))
@settings(max_examples=25, deadline=None)
def test_no_byte_is_lost(language, text):
    """Whatever stands in a file, all of it is there, in its order; CR LF is LF."""
    out = b"".join(Highlighter(language, "", "").highlighted([text.encode() + b"\xff\n"]))
    shown, whole = (
        re.sub(b"\r+\n", b"\n", each) for each in (re.sub(b"\\x1b\\[[0-9]*m", b"", out), text.encode() + b"\xff\n")
    )
    assert shown == whole
