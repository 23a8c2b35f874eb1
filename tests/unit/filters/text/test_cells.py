"""Characters over each other."""

from __future__ import annotations

import sys
from types import FrameType

import pytest

from filters.layout.wrapping import Wrap, wrap_line
from filters.text.decoding import TextDecoder
from filters.text.events import Lines


def row_of(text: str):
    """Return the only line of a text."""
    (event,) = TextDecoder().decode(text.encode() + b"\n")
    assert isinstance(event, Lines)
    (line,) = event.lines
    return line


def test_only_some_marks_of_a_heap_are_kept():
    """Of any number of marks on a letter four are printed, in their order, and what composes is composed."""
    row = row_of("xe" + "\u0301" + "\u0316\u0300" * 20000 + "y")
    assert row.text == "xéy"
    assert [cell for cell, _ in row.over] == [1] * 4


def test_each_cell_takes_only_some_characters():
    """Overprinted line by line, each cell takes four characters more, in the order of the cells."""
    row = row_of("\r".join(["abc", "def", "ghi", "jkl", "mno", "pqr", "stu"]))
    assert row.text == "abc"
    assert row.over == tuple(zip([0] * 4 + [1] * 4 + [2] * 4, "dgjmehknfilo"))


def test_a_wrapped_line_takes_its_overstrikes_along():
    """Each piece of a broken line has the characters over its own cells, also when they were written right to left."""
    row = row_of("abcdef" + "\b" * 2 + "x" + "\b" * 4 + "y")
    first, second = wrap_line(row, 3, Wrap.CHAR)
    assert not isinstance(first, bytes) and not isinstance(second, bytes)
    assert (first.over, second.over) == (((1, "y"),), ((1, "x"),))


@pytest.mark.parametrize("unit", ["e\u0323\u0301\u0316"])
def test_work_grows_with_the_line(unit):
    """A line of ten times the length takes about ten times the steps, not a hundred times."""

    def steps(count: int) -> int:
        counted = 0

        def count_step(frame: FrameType, event: str, argument: object):
            nonlocal counted
            counted += event == "line"
            return count_step

        before = sys.gettrace()
        sys.settrace(count_step)
        try:
            wrap_line(row_of(unit * count), 80, Wrap.CHAR)
        finally:
            sys.settrace(before)
        return counted

    assert steps(2000) < 15 * steps(200)
