"""PCL commands, byte by byte."""

from __future__ import annotations

import pytest

from filters.pcl import commands as pcl


@pytest.mark.parametrize(
    "value, text",
    [(0, b"0"), (26, b"26"), (-3, b"-3"), (10.0, b"10"), (13.33, b"13.33"), (7.27272727, b"7.2727"), (-0.00001, b"0")],
)
def test_numbers(value, text):
    """Numbers have at most four decimals and no needless ones."""
    assert pcl.number(value) == text


def test_commands_join():
    """Commands of one group share their escape character; only the last final letter stays upper case."""
    joined = pcl.combine(pcl.PAGE_SIZE(26), pcl.PAPER_SOURCE(1), pcl.HORIZONTAL_MOTION_INDEX(12), pcl.ORIENTATION(1))
    assert joined == b"\x1b&l26a1H\x1b&k12H\x1b&l1O"


def test_commands_without_value_do_not_join():
    """Two-character commands and the symbol set stand alone."""
    assert pcl.combine(pcl.RESET, pcl.symbol_set("19U"), pcl.symbol_set("8U")) == b"\x1bE\x1b(19U\x1b(8U"


def test_media_type_by_name():
    """The count before a name counts the letter d with it."""
    assert pcl.name_media_type("Plain") == b"\x1b&n6WdPlain"
