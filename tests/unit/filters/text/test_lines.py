"""Blocks to whole lines."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from filters.text.lines import LineAssembler


def feed(assembler: LineAssembler, *blocks: bytes) -> list[bytes]:
    """Return what comes out for each block, and at the end."""
    return [*(assembler.feed(block) for block in blocks), assembler.finish()]


@pytest.mark.parametrize(
    "longest, drop_rest, blocks, lines",
    [
        (65536, False, [b"\na\nb", b"c\fd\n", b"e", b"f"], [b"\na\n", b"bc\fd\n", b"", b"", b"ef"]),
        (4, False, [b"x\n", b"abc", b"d\n"], [b"x\n", b"", b"abcd\n", b""]),
        (4, False, [b"abcd", b"\n", b"\n"], [b"abcd\n", b"", b"\n", b""]),
        (4, False, [b"abcd", b"efgh", b"i\n"], [b"abcd\n", b"efgh\n", b"i\n", b""]),
        (4, True, [b"abcdef", b"ghi", b"jk\nne", b"xt\n"], [b"abcdef\n", b"", b"", b"next\n", b""]),
        (4, True, [b"abcdef", b"\nnext\n"], [b"abcdef\n", b"next\n", b""]),
        (4, True, [b"abcdef", b"\fnext\n"], [b"abcdef\n", b"\fnext\n", b""]),
        (4, True, [b"abcdef", b"ghi\fnext\n"], [b"abcdef\n", b"\fnext\n", b""]),
    ],
)
def test_lines(longest: int, drop_rest: bool, blocks: list[bytes], lines: list[bytes]) -> None:
    """What is complete comes at once; of a line over the limit the rest follows, or nothing but a form feed."""
    assert feed(LineAssembler(longest, drop_rest), *blocks) == lines


def test_the_longest_line():
    """A line of 64 KiB is whole."""
    assert feed(LineAssembler(), b"x" * 65535) == [b"", b"x" * 65535]
    assert feed(LineAssembler(), b"x" * 65536) == [b"x" * 65536 + b"\n", b""]


@pytest.mark.parametrize("character", "\x80\u07ff\u0800\uffff\U00010000\U0010ffff")
def test_each_length_of_characters(character):
    """A character of two, three or four bytes is whole before the break, or stands behind it."""
    code = character.encode()
    for cut in range(1, len(code) + 1):
        before, behind = (b"abc", code) if cut < len(code) else (b"abc" + code, b"")
        found = feed(LineAssembler(longest=3 + cut), b"abc" + code[:cut], code[cut:] + b"x\n")
        assert found == [before + b"\n", behind + b"x\n", b""]


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_a_line_of_just_the_limit_is_whole(end):
    """A line that is as long as the limit has one end, is not counted, and may end in the next block."""
    assembler = LineAssembler(longest=4)
    assert feed(assembler, b"abcd", end + b"x" + end, b"y") == [b"abcd\n", b"x" + end, b"", b"y"]
    assert feed(assembler, b"abcd", b"") == [b"abcd\n", b"", b""]
    assert assembler.broken == 1
    assert feed(assembler, end) == [end, b""]


def test_dropping_ends_with_the_document():
    """A long line without end takes nothing away from the document after it."""
    assembler = LineAssembler(longest=4, drop_rest=True)
    assert feed(assembler, b"abcdef", b"ghi") == [b"abcdef\n", b"", b""]
    assert feed(assembler, b"next\n") == [b"next\n", b""]


@given(st.binary(max_size=60).map(lambda b: b.replace(b"\x00", b"\n")), st.lists(st.integers(0, 60), max_size=8))
def test_any_cut_of_the_input_gives_the_same_lines(text, cuts):
    """However the input is cut into blocks, the same bytes come out, whole lines first."""
    edges = sorted({0, len(text), *(cut for cut in cuts if cut < len(text))})
    assembler = LineAssembler()
    pieces = feed(assembler, *(text[start:end] for start, end in zip(edges, edges[1:])))
    assert b"".join(pieces) == text
    assert all(piece[-1:] in (b"\n", b"\f", b"") for piece in pieces[:-1])
