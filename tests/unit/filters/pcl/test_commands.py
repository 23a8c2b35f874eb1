"""PCL commands and PJL, byte by byte."""

from __future__ import annotations

import pytest

from filters.pcl import commands as pcl, pjl


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


@pytest.mark.parametrize(
    "text, name",
    [
        ("plain", "plain"),
        ('"quoted"', "'quoted'"),
        ("a\r\nb\x1bE\x00c", "a??b?E?c"),
        ("Größe", "Gro?e"),
        ("漢字", "??"),
        ("x" * 100, "x" * 80),
    ],
)
def test_names_in_pjl(text, name):
    """Names are printable ASCII without quotes, and not too long."""
    assert pjl.safe_name(text) == name


def test_wrapper():
    """JOB first, then SET, then LANGUAGE; EOJ and UEL at the end."""
    assert pjl.start_job("t", 2, True) == (
        b'\x1b%-12345X@PJL JOB NAME = "t"\r\n@PJL SET QTY = 2\r\n@PJL ENTER LANGUAGE = PCL\r\n'
    )
    assert pjl.end_job("t") == b'\x1b%-12345X@PJL EOJ NAME = "t"\r\n\x1b%-12345X'
