"""Descriptions of recorded printers: nothing is missing that they list, and nothing is there that they do not."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

import pytest

from filters.common.ppd import parse_ppd
from filters.description.finishings import FINISHINGS
from filters.description.generate import describe_printer
from filters.description.sizes import measures_of
from filters.description.words import is_keyword
from tests.unit.filters.description.printers import (
    RECORDED,
    choices,
    complaints,
    described,
    needs_cupstestppd,
    recorded,
    strings_of,
    value,
)

FORMATS = {
    "Brother-MFC-J5320DW": "image/urf",
    "Canon-CNMF720C": "image/urf",
    "Composite-Office-Finisher": "application/pdf",
    "Epson-XP-6000": "image/urf",
    "Example-color-and-gray": "application/pdf",
    "Example-some-borderless": "application/pdf",
    "HP-Color-LaserJet-MFP-M477fdw": "application/pdf",
    "HP-DeskJet-3630": "image/urf",
    "HP-LaserJet-400-M401dw": "application/pdf",
    "HP-LaserJet-M605": "application/pdf",
    "HP-OfficeJet-Pro-7740": "image/urf",
    "Xerox-B210": "image/urf",
}
LISTS = {
    "InputSlot": "media-source-supported",
    "MediaType": "media-type-supported",
    "OutputBin": "output-bin-supported",
    "print-scaling": "print-scaling-supported",
    "print-content-optimize": "print-content-optimize-supported",
}
ROOT = Path(__file__).resolve().parents[4]
#: What texttopcl is given on PCL queues.
TEXTS = {
    line.split()[0]
    for line in re.findall(r'cupsFilter2 "" "(.* texttopcl)"', (ROOT / "ppd" / "ipps443.drv").read_text())
}


def test_all_are_here() -> None:
    """Every recorded printer is looked at."""
    assert set(RECORDED) == set(FORMATS)


@needs_cupstestppd
@pytest.mark.parametrize("name", RECORDED)
def test_cupstestppd(name: str, tmp_path: Path) -> None:
    """cupstestppd has no complaint."""
    assert complaints(described(name).text, tmp_path) == ""


@pytest.mark.parametrize("name", RECORDED)
def test_format(name: str) -> None:
    """PDF where it is listed, Apple raster before PWG raster."""
    made = described(name)
    assert made.format == FORMATS[name]
    lines = [line.split() for line in re.findall(r'^\*cupsFilter2: "(.*)"$', made.text, re.MULTILINE)]
    assert {line[1] for line in lines} == {made.format}
    assert {line[0] for line in lines if line[3] == "texttopdf443"} == TEXTS


@pytest.mark.parametrize("option", LISTS)
@pytest.mark.parametrize("name", RECORDED)
def test_keywords(name: str, option: str) -> None:
    """Trays, types, bins and the rest are the very keywords, in the printer's order."""
    listed = [word for word in recorded(name).get(LISTS[option], ()) if is_keyword(word)]
    assert choices(described(name).text, option) == listed


@pytest.mark.parametrize("name", RECORDED)
def test_finishings(name: str) -> None:
    """Each finishing is a choice, with the line that leads back to its number; without a finisher there is nothing."""
    text, numbers = described(name).text, sorted(n for n in recorded(name)["finishings-supported"] if n != 3)
    back = re.findall(r'^\*cupsIPPFinishings (\d+)/(\S+): "\*(\S+) (\S+)"$', text, re.MULTILINE)
    assert sorted(int(number) for number, *_ in back) == numbers
    for number, keyword, option, choice in back:
        assert keyword == choice == FINISHINGS[int(number)] and choice in choices(text, option)
    assert bool(numbers) == ("StaplePosition" in text)


@pytest.mark.parametrize("name", RECORDED)
def test_sizes(name: str) -> None:
    """Every size that is listed by name is there with its measures, once; and no size that is not listed."""
    said = recorded(name)
    text = described(name).text
    description = parse_ppd(text)
    names = {word for word in said["media-supported"] if not word.startswith("custom_m")}
    sheets = {value(text, "ipps443Media", choice) for choice in choices(text, "PageSize")}
    offered = [tuple(map(int, sheet.split()[1:3])) for sheet in sheets if sheet]
    for wanted in (measures_of(each) for each in names):  # two names of one size are one choice
        assert wanted and any(abs(x - wanted[0]) < 50 and abs(y - wanted[1]) < 50 for x, y in offered)
    measures = {(m["x-dimension"][0], m["y-dimension"][0]) for m in said.get("media-size-supported", ())}
    measures |= {_measures(entry) for entry in said.get("media-col-database", ()) if "media-size" in entry}
    for sheet in filter(None, sheets):
        _, width, length, *_edges = sheet.split()
        near = any(
            isinstance(x, int) and isinstance(y, int) and abs(x - int(width)) < 50 and abs(y - int(length)) < 50
            for x, y in measures
        )
        assert near or sheet.split()[0] in names, sheet
    for choice in choices(text, "PageSize"):
        across, along = (float(side) for side in (description.value("PaperDimension", choice) or "").split())
        left, bottom, right, top = (float(e) for e in (description.value("ImageableArea", choice) or "").split())
        assert 0 <= left < right <= across + 0.01 and 0 <= bottom < top <= along + 0.01


def _measures(entry: dict[str, Any]) -> tuple[Any, Any]:
    size = entry["media-size"][0]
    return size["x-dimension"][0], size["y-dimension"][0]


@pytest.mark.parametrize("name", RECORDED)
def test_every_line_has_a_place(name: str) -> None:
    """Options are opened and closed in turn; documents are kept apart; the version is there."""
    text = described(name).text
    opened = re.findall(r"^\*OpenUI \*([^/]+)/", text, re.MULTILINE)
    assert opened == re.findall(r"^\*CloseUI: \*(\S+)$", text, re.MULTILINE) and len(set(opened)) == len(opened)
    assert value(text, "cupsSingleFile") == "True" and value(text, "ipps443Version") == "1.2.3"
    assert value(text, "ipps443Source") == "printer" and "cupsStringsURI" not in text


def test_the_printers_own_words() -> None:
    """What the strings file calls a tray, a type, a bin and a fold is what people read."""
    text = described("Composite-Office-Finisher").text
    for line in (
        '*InputSlot tray-4/Drawer 4 (A3): ""',
        '*MediaType com.example.letterhead-blue/Blue Company Letterhead: ""',
        '*OutputBin stacker-1/Stacker (upper): ""',
        '*Fold fold-half/Booklet fold: ""',
        '*OutputBin stacker-2/Stacker 2: ""',
    ):
        assert line in text.splitlines()


def test_printers_without_a_format() -> None:
    """A printer that takes PCL alone has no description of this kind."""
    from filters.description.generate import NoFormat

    with pytest.raises(NoFormat) as refused:
        describe_printer({**recorded("Xerox-B210"), "document-format-supported": ("application/vnd.hp-PCL",)})
    assert refused.value.listed == ("application/vnd.hp-PCL",)


@pytest.mark.parametrize("name", RECORDED)
def test_it_takes_no_time(name: str) -> None:
    """A description takes at most 0.15 s of the processor, of which the network has no part."""
    said, strings = recorded(name), strings_of(name)
    times = []
    for _ in range(3):
        began = time.process_time()
        describe_printer(said, strings, "1")
        times.append(time.process_time() - began)
    print(f"\n{name:30} {min(times) * 1000:6.1f} ms")
    assert min(times) <= 0.15
