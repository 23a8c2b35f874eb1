"""No word of a printer becomes a line of its description: attribute by attribute, and whole answers made at random."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from filters.common.ppd import parse_ppd
from filters.description.attributes import Range, Resolution
from filters.description.generate import NoFormat, describe_printer
from filters.description.ppd_text import UnsafeLine, join
from tests.unit.filters.description.printers import (
    MAIN_KEYWORDS,
    RECORDED,
    complaints,
    described,
    needs_cupstestppd,
    recorded,
    strings_of,
)

#: What an attacker would like to see as a line of its own, or as a filter.
EVIL = (
    'x"\n*FoomaticRIPCommandLine: "evil',
    'x"\r\n*cupsFilter2: "application/pdf application/pdf 0 evil"\n*X: "',
    "x: evil\n*cupsFilter: evil",
    "<0A>*cupsFilter evil/<22>",
    "*End\n*evil",
    'evil"' + "A" * 3000,
    "evil\x00\x1b[2J\u2028*evil: 1",
    "../../evil",
    "%evil",
    "evil/evil: evil",
)
#: Main keywords that descriptions may have beside those of recorded printers.
MORE_KEYWORDS = {"APPrinterPreset", "CustomPageSize", "ParamCustomPageSize", "UIConstraints", "ipps443Keyword"}
MORE_OPTIONS = ("print-rendering-intent", "page-delivery", "FinishingTemplate", "Bind", "Trim", "Booklet")


@cache
def usual_keywords() -> set[str]:
    """Return the main keywords that descriptions have."""
    found = {word for name in RECORDED for word in MAIN_KEYWORDS.findall(described(name).text)} | MORE_KEYWORDS
    return found | {f"{kind}{option}" for kind in ("", "Default") for option in (*MORE_OPTIONS, "OtherFinishing")}


class Noted(dict[str, Any]):
    """What a printer says, and which of it has been asked for."""

    def __init__(self, said: dict[str, Any]) -> None:
        super().__init__(said)
        self.asked: set[str] = set()

    def get(self, name: str, default: Any = ()) -> Any:
        self.asked.add(name)
        return super().get(name, default)


@cache
def attributes_read() -> list[str]:
    """Return the attributes that a description depends on."""
    asked: set[str] = set()
    printers: list[dict[str, Any]] = [{}, *map(recorded, RECORDED)]
    for said in printers:
        for kind in ("application/pdf", "image/pwg-raster"):
            noted = Noted({**said, "document-format-supported": (kind,)})
            describe_printer(noted)
            asked |= noted.asked
    return sorted(asked)


def poisoned(value: Any, evil: str) -> Any:
    """Return a value with the evil word in the place of each string."""
    if isinstance(value, dict):
        return {name: tuple(poisoned(each, evil) for each in values) for name, values in value.items()}
    return evil if isinstance(value, str) else value


def check(text: str, *locales: str) -> None:
    """Check that a description has usual keywords only, is printable, and that nothing evil stands outside texts."""
    usual = usual_keywords()
    if locales:
        usual = usual | {"cupsLanguages"} | {f"{each}{word}" for each in locales for word in (*usual, "Translation")}
    assert set(MAIN_KEYWORDS.findall(text)) <= usual
    assert all(line.startswith("*") and line.isprintable() and len(line) <= 255 for line in text.splitlines())
    for keyword, option in parse_ppd(text).values:
        assert "evil" not in keyword and re.fullmatch(r"\*?[\w.+-]*", option, re.ASCII), (keyword, option)
    filters = re.findall(r"^\*cups(?:Pre)?Filter2?: (.*)$", text, re.MULTILINE)
    if filters[1] == '"image/pwg-raster image/pwg-raster 10 -"':
        assert filters.pop(2) == '"application/vnd.cups-pdf image/pwg-raster 10 pdftopwg443"'
    assert len(filters) == 22 and "evil" not in "".join(filters)
    assert all(line.endswith(' 0 texttopdf443"') for line in filters[2:10])
    assert all(line.endswith(' 0 imagetopdf443"') for line in filters[10:])
    assert all(
        re.fullmatch(r'"[0-9]+ [0-9]+ [0-9]+( turns)?"', each) for each in re.findall(r"ipps443Jpeg: (.*)", text)
    )


@pytest.mark.parametrize("evil", EVIL)
def test_one_attribute_at_a_time(evil: str) -> None:
    """Each attribute of a recorded printer that is read, members of collections too, says something evil."""
    assert len(attributes_read()) > 40
    for name in attributes_read():
        printer = next(
            (each for each in ("Composite-Office-Finisher", *RECORDED) if name in recorded(each)), RECORDED[0]
        )
        said, strings = recorded(printer), strings_of(printer)
        values = tuple(poisoned(each, evil) for each in said.get(name, ())) + (evil,)
        if name == "document-format-supported":
            values += ("application/pdf",)
        check(describe_printer({**said, name: values}, strings).text)


@pytest.mark.parametrize("evil", EVIL)
def test_all_strings(evil: str) -> None:
    """The strings file says something evil for every keyword."""
    said = recorded("Composite-Office-Finisher")
    words = {
        f"{name.removesuffix('-supported')}.{word}": evil
        for name, values in said.items()
        for word in values
        if isinstance(word, str)
    }
    check(describe_printer(said, words, "", {"de": words, "zh_CN": words}).text, "de.", "zh_CN.")
    text = describe_printer(said, words).text
    check(text)
    assert len(text.splitlines()) == len(described("Composite-Office-Finisher").text.splitlines())


@pytest.mark.parametrize(
    "line",
    ['*A: "b" c', '*A b: "c\nd"', "A: b", '*A: "b', "*A b/c:d: e", '*A b/c"d: e', "*A b c: d", "*A: b\x1b", "*A", ""],
)
def test_the_last_look(line: str) -> None:
    """A line that is none is a fault of ours, and no description."""
    with pytest.raises(UnsafeLine):
        join(['*PPD-Adobe: "4.3"', line])


WORDS = st.one_of(
    st.sampled_from(EVIL),
    st.sampled_from(
        ["auto", "tray-1", "color", "monochrome", "two-sided-long-edge", "iso_a4_210x297mm", "image/urf", "none"]
        + ["staple", "W8", "RS600", "custom_min_1x1mm", "custom_max_900x900mm"]
    ),
    st.text(max_size=60),
    st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,45}", fullmatch=True),
)
NUMBERS = st.one_of(st.integers(-(2**31), 2**31 - 1), st.sampled_from([0, 3, 4, 5, 20, 93, 21000, 29700, 300]))
PLAIN = st.one_of(
    WORDS, NUMBERS, st.booleans(), st.builds(Range, NUMBERS, NUMBERS), st.builds(Resolution, NUMBERS, NUMBERS)
)
MEMBERS = [
    "media-size",
    "x-dimension",
    "y-dimension",
    "media-source",
    "media-type",
    "media-size-name",
    "media",
    "sides",
]
MEMBERS += [f"media-{edge}-margin" for edge in ("left", "right", "top", "bottom")]
MEMBERS += ["finishing-template", "preset-name", "media-col", "resolver-name", "print-quality", "finishings"]
COLLECTIONS = st.recursive(
    st.dictionaries(st.sampled_from(MEMBERS), st.lists(PLAIN, max_size=3), max_size=8),
    lambda inner: st.dictionaries(st.sampled_from(MEMBERS), st.lists(inner, max_size=3), max_size=4),
    max_leaves=6,
)


def answers() -> st.SearchStrategy[dict[str, list[Any]]]:
    """Give answers of any attributes that are read; which these are takes a while to find out."""
    values = st.lists(st.one_of(PLAIN, COLLECTIONS), max_size=6)
    return st.dictionaries(st.sampled_from(attributes_read()), values, max_size=25)


ANSWERS = st.deferred(answers)


def _alone_and_on_top(said: dict[str, list[Any]], base: str) -> list[dict[str, Any]]:
    whole: dict[str, Any] = {**recorded(base)}
    return [{**said}, {**whole, **said}]


@settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
@given(ANSWERS, st.sampled_from(["application/pdf", "image/urf", "image/pwg-raster"]), st.sampled_from(RECORDED))
def test_whole_answers(said: dict[str, list[Any]], kind: str, base: str) -> None:
    """Any answer, alone or in the place of a real printer's attributes: a description without a foreign line."""
    for given_ in _alone_and_on_top(said, base):
        listed = tuple(given_.get("document-format-supported", ())) + (kind,)
        check(describe_printer({**given_, "document-format-supported": listed}).text)


@needs_cupstestppd
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(ANSWERS, st.sampled_from(RECORDED))
def test_whole_answers_conform(tmp_path: Path, said: dict[str, list[Any]], base: str) -> None:
    """cupstestppd passes whatever the printer said."""
    listed = tuple(said.get("document-format-supported", ())) + ("application/pdf",)
    for given_ in _alone_and_on_top(said, base):
        text = describe_printer({**given_, "document-format-supported": listed}).text
        assert complaints(text, tmp_path) == "", text


@settings(max_examples=50, deadline=None)
@given(st.lists(st.one_of(PLAIN, COLLECTIONS), max_size=5))
def test_formats_of_any_kind(listed: list[Any]) -> None:
    """document-format-supported of any kind is an answer or a refusal of ours."""
    try:
        check(describe_printer({"document-format-supported": listed}).text)
    except NoFormat:
        pass
