"""Options of text printing."""

from __future__ import annotations

import pytest

from filters.common.ppd import PrinterDescription
from filters.layout.selection import Selection
from filters.layout.settings import (
    LANDSCAPE,
    PORTRAIT,
    REVERSE_PORTRAIT,
    Margins,
    Settings,
    parse_ranges,
    read_settings,
)
from filters.layout.wrapping import Wrap


def settings_of(options: dict[str, str], **defaults: str) -> Settings:
    """Return settings that must be without problems."""
    settings, problems = read_settings(options, PrinterDescription(dict(defaults)))
    assert not problems
    return settings


def test_nothing_said():
    """Without options everything has a default."""
    assert settings_of({}) == Settings()


def test_the_job_goes_before_the_description():
    """A value of the job is taken, else the description's default, typed values too."""
    assert settings_of({"cpi": "12"}, cpi="17", lpi="8") == Settings(cpi=12, lpi=8)
    assert settings_of({}, cpi="Custom.11.5").cpi == 11.5


def test_a_bad_value_of_the_job_gives_way_to_the_default():
    """A value out of range is told and the description's default taken."""
    settings, problems = read_settings({"cpi": "1000"}, PrinterDescription({"cpi": "12"}))
    assert settings.cpi == 12 and len(problems) == 1 and "cpi=1000" in problems[0]


def test_sides_that_are_not_known():
    """Sides that nobody knows are told and the description's default taken."""
    settings, problems = read_settings({"sides": "foo"}, PrinterDescription({"Duplex": "DuplexTumble"}))
    assert settings.sides == "two-sided-short-edge"
    assert problems == ["option sides=foo is not known, the queue's default is used"]


@pytest.mark.parametrize("value", ["nan", "inf", "", "10cpi", "-1", "1e400"])
def test_numbers_that_are_none(value):
    """Not a number, infinity and words are refused."""
    settings, problems = read_settings({"lpi": value}, PrinterDescription())
    assert settings.lpi == 6 and len(problems) == 1


@pytest.mark.parametrize(
    "options, orientation",
    [
        ({"landscape": "true"}, LANDSCAPE),
        ({"landscape": "false"}, PORTRAIT),
        ({"orientation-requested": "6"}, REVERSE_PORTRAIT),
        ({"landscape": "true", "orientation-requested": "3"}, PORTRAIT),
    ],
)
def test_orientation(options, orientation):
    """orientation-requested goes before landscape."""
    assert settings_of(options).orientation == orientation


def test_margins_and_wrap():
    """Margins are points, and CUPS's own words for wrapping are known."""
    options = {"page-left": "36", "page-bottom": "0.5", "wrap": "word-wrap", "wrap-mark": "true", "tab-width": "4"}
    settings = settings_of(options)
    assert settings.margins == Margins(left=36, bottom=0.5)
    assert (settings.wrap, settings.wrap_mark, settings.tab_width) == (Wrap.WORD, "\\", 4)


@pytest.mark.parametrize("text", ["", "0", "3-2", "a", "1,,2", "-", "1-2-3", "-0"])
def test_ranges_that_are_none(text):
    """Ranges that are empty, backwards or no numbers are refused."""
    with pytest.raises(ValueError):
        parse_ranges(text)


@pytest.mark.parametrize(
    "text, ranges",
    [("4", ((4, 4),)), ("5,1-2", ((1, 2), (5, 5))), ("-3", ((1, 3),)), ("2-", ((2, 2**31 - 1),)), ("1-1", ((1, 1),))],
)
def test_ranges(text: str, ranges: tuple[tuple[int, int], ...]) -> None:
    """They are sorted; an open one begins with 1, or ends with the largest number that IPP has."""
    assert parse_ranges(text) == ranges


@pytest.mark.parametrize(
    "ranges, page_set, sides",
    [
        ("1-", "all", [1, 2, 3, 4, 5, 6]),
        ("1-", "even", [2, 4, 6]),
        ("1-", "odd", [1, 3, 5]),
        ("2-3,5", "all", [2, 3, 5]),
        ("2-3,5", "odd", [3, 5]),
    ],
)
def test_sides_that_are_wanted(ranges: str, page_set: str, sides: list[int]) -> None:
    """Of the ranges, those with numbers that page-set names."""
    selection = Selection(parse_ranges(ranges), page_set)
    assert [number for number in range(1, 7) if selection.wants(number)] == sides


def test_selection_ends():
    """After the last side wanted nothing more need be laid out; an open range has no end."""
    assert not Selection(parse_ranges("5,1-2")).is_over(4) and Selection(parse_ranges("5,1-2")).is_over(5)
    assert not Selection(parse_ranges("2-")).is_over(10**6) and not Selection().is_over(10**6)
