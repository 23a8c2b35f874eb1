"""Options of text printing."""

from __future__ import annotations

from typing import Any

import pytest

from filters.common.ppd import PrinterDescription
from filters.layout.selection import Selection
from filters.layout.settings import (
    LANDSCAPE,
    PORTRAIT,
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
    found = settings_of({})
    assert found == Settings()
    assert (found.cpi, found.lpi, found.margins) == (None, 6, Margins(18, 18, 36, 36))
    assert (found.tab_width, found.soft_font_memory, found.highlight_asked) == (8, 1200, False)
    pretty = settings_of({"prettyprint": "true"})
    assert (pretty.cpi, pretty.lpi, pretty.margins) == (12, 8, Margins(36, 36, 36, 36))


@pytest.mark.parametrize("template, counts", [("%p %P", True), ("%%P", False), ("%%%P", True), ("P%", False)])
def test_the_number_of_all_pages(template, counts):
    """Only %P asks for it, in a header or a footer, and not a percent sign before a P."""
    assert Settings(header=template).counts_pages is counts is Settings(footer=template).counts_pages


def test_the_job_goes_before_the_description():
    """A value of the job is taken, else the description's default, typed values too."""
    assert settings_of({"cpi": "12"}, cpi="17", lpi="8") == Settings(cpi=12, lpi=8)
    assert settings_of({}, cpi="Custom.11.5").cpi == 11.5
    assert (settings_of({}, cpi="10").cpi, settings_of({"cpi": "10"}).cpi) == (None, 10)


def test_a_bad_value_of_the_job_gives_way_to_the_default():
    """A value out of range is told and the description's default taken."""
    settings, problems = read_settings({"cpi": "1000"}, PrinterDescription({"cpi": "12"}))
    assert settings.cpi == 12 and len(problems) == 1 and "cpi=1000" in problems[0]


def test_sides_that_are_not_known():
    """Sides that nobody knows are told and the description's default taken."""
    settings, problems = read_settings({"sides": "foo"}, PrinterDescription({"Duplex": "DuplexTumble"}))
    assert settings.sides == "two-sided-short-edge"
    assert problems == ["option sides=foo is not known, the queue's default is used"]


def same(*words: str) -> dict[str, Any]:
    """Return words that stand for themselves."""
    return {word: word for word in words}


def numbers(*values: int) -> dict[str, Any]:
    """Return numbers by how they are written."""
    return {str(value): value for value in values}


POINTS = numbers(0, 36, 3456), ["-0.1", "3456.1"]


@pytest.mark.parametrize(
    "option, setting, taken, refused",
    [
        ("cpi", "cpi", numbers(1, 100), ["0.99", "100.1", "10cpi"]),
        ("lpi", "lpi", {"0.5": 0.5, "100": 100}, ["0.49", "100.1", "nan", "inf", "", "-1", "1e400"]),
        ("page-left", "left", *POINTS),
        ("page-right", "right", *POINTS),
        ("page-top", "top", *POINTS),
        ("page-bottom", "bottom", *POINTS),
        ("landscape", "orientation", {"true": LANDSCAPE, "": LANDSCAPE, "false": PORTRAIT}, []),
        ("orientation-requested", "orientation", numbers(3, 4, 5, 6), ["2", "7", "portrait"]),
        (
            "wrap",
            "wrap",
            {"true": Wrap.CHAR, "wrap-at-width": Wrap.CHAR, "false": Wrap.OFF, "word-wrap": Wrap.WORD},
            [""],
        ),
        ("wrap-mark", "wrap_mark", {"true": "\\", "false": "", **same("12345678")}, ["123456789", "\x07"]),
        ("tab-width", "tab_width", numbers(1, 80), ["0", "81", "8.0"]),
        ("page-set", "page_set", {**same("all", "even", "odd"), "EVEN": "even"}, ["both"]),
        ("outputorder", "reverse", {"normal": False, "reverse": True}, ["backwards"]),
        ("columns", "columns", numbers(1, 16), ["0", "17"]),
        ("number-up", "number_up", numbers(1, 2, 4, 6, 9, 16), ["0", "3", "5", "8", "15", "17", ""]),
        (
            "number-up-layout",
            "number_up_layout",
            same("lrtb", "lrbt", "rltb", "rlbt", "tblr", "tbrl", "btlr"),
            ["lrlr"],
        ),
        ("page-border", "page_border", {"single": True, "none": False, "false": False, "off": False}, []),
        (
            "fit-text",
            "fit",
            {"1": (1, 0), "1000x1": (1000, 1), "1X1000": (1, 1000)},
            ["0", "1001", "1x0", "1x1001", "x1"],
        ),
        ("fit-text", "fit", dict.fromkeys(("auto", "Off", "false", "none")), []),
        ("fit-text", "fit_auto", {"Auto": True, "off": False}, []),
        ("page-header", "header", {**same("%t"), "none": "", "False": "", "off": ""}, ["\x07"]),
        ("page-label", "footer", {"a|b%": "|a/b%%|%p", "none": ""}, ["\x07"]),
        ("prettyprint", "rule", {"true": True, "no": False}, []),
        ("line-numbers", "line_numbers", {"true": True, "no": False}, []),
        ("watermark", "watermark", {"x" * 60: "x" * 60, " x ": "x"}, ["x" * 61, "\x07"]),
        ("highlight", "highlight", {**same("c++", "x" * 40), "yes": "auto", "None": "no"}, ["", "x" * 41, "a b"]),
        ("carriage-control", "carriage_control", same("none", "asa", "machine"), ["ibm"]),
        ("record-length", "record_length", {"None": 0, "off": 0, "false": 0, **numbers(1, 32767)}, ["0", "32768"]),
        ("soft-fonts", "soft_fonts", {"Id": True, **dict.fromkeys(("false", "off", "no", "none", "0"), False)}, []),
        ("soft-fonts", "fonts_by_number", {"Id": True, "true": False}, []),
        ("soft-font-memory", "soft_font_memory", numbers(100, 32000), ["99", "32001"]),
        ("Collate", "collate", {"true": True, "false": False}, []),
        (
            "multiple-document-handling",
            "collate",
            {"separate-documents-collated-copies": True, "x-uncollated": False},
            [],
        ),
    ],
)
def test_values(option: str, setting: str, taken: dict[str, Any], refused: list[str]) -> None:
    """Each option has these values; one that it has not is told, and leaves the default."""
    for text, value in taken.items():
        settings = settings_of({option: text})
        assert getattr(settings, setting, None) == value or getattr(settings.margins, setting) == value, text
    for text in refused:
        settings, problems = read_settings({option: text}, PrinterDescription())
        assert settings == Settings(), text
        assert problems and all(f"option {option}={text} is not possible" in problem for problem in problems), text


def test_the_orientation_of_ipp_goes_before_that_of_cups() -> None:
    """orientation-requested goes before landscape."""
    assert settings_of({"landscape": "true", "orientation-requested": "3"}).orientation == PORTRAIT


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
