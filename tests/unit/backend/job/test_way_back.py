"""Every option of a description made from a printer arrives at that printer as the attribute it came from."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from backend.ipp.decoder import decode_message
from backend.ipp.message import Collection, Group, Message, Resolution
from backend.ipp.message import attribute as said_of
from backend.ipp.tags import Tag
from backend.job.options import choose_job_attributes
from backend.printer.attributes import plain_attributes
from filters.common.job import parse_options
from filters.common.ppd import PrinterDescription, parse_ppd
from filters.description.finishings import FINISHINGS
from filters.description.generate import describe_printer
from filters.description.options import KINDS
from tests.unit.filters.description.printers import (
    DATA,
    LEAST,
    RECORDED,
    choices,
    complaints,
    described,
    needs_cupstestppd,
    recorded,
)

NUMBERS = {name: number for number, name in FINISHINGS.items()}
OFFICE = "Composite-Office-Finisher"
BORDERLESS = "Example-some-borderless"
COLOR = "Example-color-and-gray"


@lru_cache(maxsize=None)
def description(name: str) -> PrinterDescription:
    return parse_ppd(described(name).text)


@lru_cache(maxsize=None)
def answer(name: str) -> Message:
    return decode_message((DATA / f"{name}.bin").read_bytes()).message


def plain(value: Any) -> Any:
    if isinstance(value, Collection):
        return {each.name: plain(each.value) for each in value.attributes}
    return value


def sent(name: str, options: str, **defaults: str) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return what a job with options sends to a recorded printer, and what is refused; defaults are the queue's."""
    made = description(name)
    changed = PrinterDescription(
        {**made.defaults, **{k.replace("_", "-"): v for k, v in defaults.items()}}, made.values
    )
    chosen = choose_job_attributes(parse_options(options), changed, answer(name), is_file=False)
    found: dict[str, Any] = {}
    for each in chosen.attributes:
        values = [plain(value) for value in each.all]
        found[each.name] = values[0] if len(values) == 1 else values
    return found, chosen.refused


def beyond(name: str, options: str, **defaults: str) -> dict[str, Any]:
    """Return what options add to, or change in, what every job sends; nothing is refused."""
    usual, _ = sent(name, "")
    found, refused = sent(name, options, **defaults)
    assert refused == ()
    return {key: value for key, value in found.items() if usual.get(key) != value}


@pytest.mark.parametrize("name", RECORDED)
def test_a_job_without_options(name: str) -> None:
    """Size, sides and colours as the queue has them; trays, types and bins stay the printer's own matter."""
    found, refused = sent(name, "")
    assert refused == () and "output-bin" not in found and "finishings" not in found
    assert "media-type" not in str(found.get("media-col"))


@needs_cupstestppd
@pytest.mark.parametrize("option, name", [(kind.keyword, kind.attribute) for kind in KINDS])
def test_what_nobody_chooses(option: str, name: str, tmp_path: Path) -> None:
    """A printer that names no default gets the attribute from jobs that ask for it, and from no other."""
    said = {f"{name}-supported": ("word-1", "word-2"), "media-col-supported": ("media-size", name)}
    text = describe_printer({**LEAST, **said}).text
    listed = [said_of(each, Tag.KEYWORD, *words) for each, words in said.items()]
    supported = Message((2, 0), 0, 1, (Group(Tag.PRINTER_ATTRIBUTES, tuple(listed)),))
    for asked, arrives in (("", False), (f"{option}=default", False), (f"{option}=word-1", True)):
        chosen = choose_job_attributes(parse_options(asked), parse_ppd(text), supported, is_file=True)
        assert chosen.refused == () and (name in str(chosen.attributes)) == arrives
    assert complaints(text, tmp_path) == ""


@pytest.mark.parametrize("option, name", [("InputSlot", "media-source"), ("MediaType", "media-type")])
def test_what_the_database_alone_lists(option: str, name: str) -> None:
    """Its trays and types can be asked for; the choice that leaves them to the printer sends nothing here either."""
    entries = tuple({name: (word,)} for word in ("word-1", "word-2"))
    text = describe_printer({**LEAST, "media-col-database": entries}).text
    listed = said_of("media-col-supported", Tag.KEYWORD, "media-size", name)
    supported = Message((2, 0), 0, 1, (Group(Tag.PRINTER_ATTRIBUTES, (listed,)),))
    for asked, arrives in ((f"{option}=word-1", True), (f"{option}=default", False), (f"{name}=default", False)):
        chosen = choose_job_attributes(parse_options(asked), parse_ppd(text), supported, is_file=True)
        assert chosen.refused == () and (name in str(chosen.attributes)) == arrives


@pytest.mark.parametrize(
    "sizes, asked, sent",
    [
        ((), "Custom.200x400mm", ""),
        ((), "na_letter_8.5x11in", ""),
        ((), "Custom.210x297mm", "iso_a4_210x297mm"),
        (
            ("custom_max_432x1000mm", "custom_min_76x89mm"),
            "Custom.200x400mm",
            "{'x-dimension': 20000, 'y-dimension': 40000}",
        ),
        (("custom_max_432x1000mm", "custom_min_76x89mm"), "Custom.600x600mm", ""),
    ],
)
def test_sizes_of_which_there_are_no_pages(sizes: tuple[str, ...], asked: str, sent: str) -> None:
    """A printer that does not say which measures it takes: a size that its description lacks is named, not sent."""
    said = {"media-supported": ("iso_a4_210x297mm", *sizes), "media-col-supported": ("media-size",)}
    listed = tuple(said_of(each, Tag.KEYWORD, *words) for each, words in said.items())
    supported = Message((2, 0), 0, 1, (Group(Tag.PRINTER_ATTRIBUTES, listed),))
    text = describe_printer({**LEAST, **said}).text
    # A line that someone has edited, and that says no size, counts as not there.
    edited = (
        "",
        "iso_a4_210x297mm",
        "iso_a4_210x297mm 210mm 297mm",
        "a 0 29700",
        "a 21000 0",
        f"a {10**20} 29700",
        "a 21000 29700 0",
    )
    for line in ("iso_a4_210x297mm 21000 29700", *edited):
        description = parse_ppd(re.sub('(?<=^[*]ipps443Media A4: ").*(?="$)', line, text, flags=re.MULTILINE))
        assert description.values["ipps443Media", "A4"] == line
        chosen = choose_job_attributes({"media": asked}, description, supported, is_file=False)
        assert chosen.refused == (() if sent else (f"media={asked}",))
        words = str([plain(each.value) for each in chosen.attributes])
        assert sent in words if sent else words == "[]"
        a4 = choose_job_attributes({"media": "A4"}, description, supported, is_file=False)
        assert a4.refused == () and "iso_a4_210x297mm" in str([each.value for each in a4.attributes])


@pytest.mark.parametrize("option, attribute", [("InputSlot", "media-source"), ("MediaType", "media-type")])
@pytest.mark.parametrize("name", RECORDED)
def test_trays_and_types(name: str, option: str, attribute: str) -> None:
    """Each choice arrives in media-col, and in the words of IPP it is the same."""
    for choice in choices(described(name).text, option):
        for asked in (f"{option}={choice}", f"{attribute}={choice}"):
            found, refused = sent(name, asked)
            assert refused == () and found["media-col"][attribute] == choice and "media-size" in found["media-col"]


@pytest.mark.parametrize("option", ["OutputBin", "print-scaling", "print-content-optimize"])
@pytest.mark.parametrize("name", RECORDED)
def test_keywords(name: str, option: str) -> None:
    """Each choice arrives as it is; "auto" goes without a word for some where it is what the printer does of itself."""
    attribute = {"OutputBin": "output-bin"}.get(option, option)
    own = parse_ppd(described(name).text).values.get(("ipps443PrinterDefault", option), "auto")
    for choice in choices(described(name).text, option):
        found, refused = sent(name, f"{option}={choice}")
        is_usual = choice == own == "auto" and option != "OutputBin"
        assert refused == () and found.get(attribute) == (None if is_usual else choice)


@pytest.mark.parametrize("name", RECORDED)
def test_enums_and_colors(name: str) -> None:
    """Quality by number, colours and sides by keyword."""
    text = described(name).text
    mode = "color" if "RGB" in choices(text, "ColorModel") else "monochrome"
    table: tuple[tuple[str, str, dict[str, Any]], ...] = (
        ("cupsPrintQuality", "print-quality", {"Draft": 3, "Normal": 4, "High": 5}),
        ("ColorModel", "print-color-mode", {"Gray": "monochrome", "RGB": "color"}),
        (
            "Duplex",
            "sides",
            {"None": "one-sided", "DuplexNoTumble": "two-sided-long-edge", "DuplexTumble": "two-sided-short-edge"},
        ),
    )
    for option, attribute, words in table:
        for choice in choices(text, option):
            # cupsd adds the queue's own colour mode to each job.
            found, refused = sent(name, f"{option}={choice} print-color-mode={mode}")
            assert refused == () and found[attribute] == words.get(choice, choice)


@pytest.mark.parametrize("name", RECORDED)
def test_sizes(name: str) -> None:
    """Each size arrives by the printer's name or its measures; borderless ones with four margins of 0."""
    text = described(name).text
    for choice, line in re.findall(r'^\*ipps443Media ([^:]+): "(.*)"$', text, re.MULTILINE):
        keyword, width, length, *margins = line.split()
        found, refused = sent(name, f"PageSize={choice}")
        assert refused == ()
        size = {"x-dimension": int(width), "y-dimension": int(length)}
        if margins:
            edges: dict[str, Any] = {f"media-{edge}-margin": 0 for edge in ("left", "bottom", "right", "top")}
            assert found["media-col"] == {"media-size": size, **edges} and "media" not in found
        else:
            assert found.get("media") == keyword or found["media-col"]["media-size"] == size


@pytest.mark.parametrize("media", ["com.example.letterhead-blue", "large-capacity", "mailbox-9"])
def test_words_of_this_printer_in_media(media: str) -> None:
    """A type or tray that only this printer has is found in media; what it does not have is named."""
    found, refused = sent(OFFICE, f"media=A4,{media}")
    assert refused == (("media=mailbox-9",) if media == "mailbox-9" else ())
    assert media == "mailbox-9" or media in found["media-col"].values()


def test_every_finishing() -> None:
    """Each choice of each kind."""
    for option in ("StaplePosition", "Punch", "Fold"):
        for choice in choices(described(OFFICE).text, option)[1:]:
            assert beyond(OFFICE, f"{option}={choice}") == {"finishings": NUMBERS[choice]}


@pytest.mark.parametrize(
    "options, defaults, expected",
    [
        ("", {"StaplePosition": "staple"}, {"finishings": 4}),
        ("StaplePosition=none", {"StaplePosition": "staple"}, {}),
        ("StaplePosition=staple-top-left", {"StaplePosition": "staple"}, {"finishings": 20}),
        ("Punch=punch", {"StaplePosition": "staple"}, {"finishings": [4, 5]}),
        ("", {"OutputBin": "stacker-1"}, {"output-bin": "stacker-1"}),
        ("", {"OutputBin": "tray-1"}, {}),
        ("OutputBin=tray-1", {"OutputBin": "stacker-1"}, {"output-bin": "tray-1"}),
        ("", {"print_scaling": "none"}, {"print-scaling": "none"}),
        ("", {"Duplex": "DuplexTumble"}, {"sides": "two-sided-short-edge"}),
        (
            "",
            {"MediaType": "labels"},
            {"media-col": {"media-size": {"x-dimension": 21000, "y-dimension": 29700}, "media-type": "labels"}},
        ),
    ],
)
def test_defaults_of_the_queue(options: str, defaults: dict[str, str], expected: dict[str, Any]) -> None:
    """What somebody has set for the queue is asked for, and the job's own word wins."""
    assert beyond(OFFICE, options, **defaults) == expected


@pytest.mark.parametrize(
    "asked, mode",
    [
        *((f"{option}=monochrome", "monochrome") for option in ("print-color-mode", "output-mode")),
        *((f"{option}=color", "color") for option in ("print-color-mode", "output-mode")),
        ("ColorModel=Gray", "monochrome"),
        ("ColorModel=RGB", "color"),
    ],
)
@pytest.mark.parametrize("default", ["RGB", "Gray"])
def test_colors_in_all_ways(asked: str, mode: str, default: str) -> None:
    """What is asked for, whatever the queue's default; that is for those who ask for nothing."""
    found, refused = sent(COLOR, asked, ColorModel=default)
    assert found["print-color-mode"] == mode and refused == ()
    assert sent(COLOR, "", ColorModel=default)[0]["print-color-mode"] == {"RGB": "color", "Gray": "monochrome"}[default]


def test_borderless_photo() -> None:
    """By any of its names, as the only kind of a size, and with a type of paper."""
    edges = {f"media-{edge}-margin": 0 for edge in ("left", "bottom", "right", "top")}
    photo: dict[str, Any] = {"media-size": {"x-dimension": 10160, "y-dimension": 15240}, **edges}
    for asked in ("media=4x6.Borderless", "PageSize=4x6.Borderless", "PageSize=4x6.Borderless media=4x6.Borderless"):
        assert sent(BORDERLESS, asked)[0]["media-col"] == photo
    labels = sent(BORDERLESS, "media=4x6.Borderless,labels")[0]["media-col"]
    assert labels == {**photo, "media-type": "labels"}
    assert sent(BORDERLESS, "media=4x6")[0]["media"] == "na_index-4x6_4x6in"
    card: dict[str, Any] = {"media-size": {"x-dimension": 10000, "y-dimension": 14800}, **edges}
    assert sent(BORDERLESS, "media=jpn_hagaki_100x148mm")[0]["media-col"] == card
    assert sent(BORDERLESS, "", PageSize="Postcard")[0]["media-col"] == card


def test_borderless_of_a_printer_that_takes_no_margins() -> None:
    """They are named as not printed; a size that is borderless by the queue's default is no wish."""
    (group,) = answer(BORDERLESS).groups_of(Tag.PRINTER_ATTRIBUTES)
    kept = tuple(each for each in group.attributes if each.name != "media-col-supported")
    members = said_of("media-col-supported", Tag.KEYWORD, "media-size", "media-source", "media-type")
    message = Message((2, 0), 0, 1, (Group(Tag.PRINTER_ATTRIBUTES, (*kept, members)),))
    cases = (("media=4x6.Borderless", ("media=4x6.Borderless without margins",)), ("", ()))
    for options, refused in cases:
        made = PrinterDescription({"PageSize": "4x6.Borderless"}, description(BORDERLESS).values)
        chosen = choose_job_attributes(parse_options(options), made, message, is_file=False)
        assert chosen.refused == refused and "margin" not in str(chosen.attributes)


def test_names_that_differ_in_case_only() -> None:
    """The choice with the number means the keyword that it stands for, and each tray is the very one."""
    said = {"document-format-supported": ("application/pdf",), "media-source-supported": ("Tray-1", "tray-1")}
    made = parse_ppd(describe_printer(said).text)
    found = answer(OFFICE)
    own = said_of("media-source-supported", Tag.KEYWORD, "Tray-1", "tray-1")
    group = found.groups_of(Tag.PRINTER_ATTRIBUTES)[0]
    kept = tuple(each for each in group.attributes if each.name != own.name)
    message = Message((2, 0), 0, 1, (Group(Tag.PRINTER_ATTRIBUTES, (*kept, own)),))
    for choice, keyword in (("Tray-1", "Tray-1"), ("tray-1-2", "tray-1")):
        chosen = choose_job_attributes({"InputSlot": choice}, made, message, is_file=False)
        (column,) = (plain(each.value) for each in chosen.attributes if each.name == "media-col")
        assert column["media-source"] == keyword


RING = "FinishingTemplate=com.example.ring"


@pytest.mark.parametrize(
    "options, numbers, templates, refused",
    [
        (RING, None, ["com.example.ring"], ()),
        (f"{RING} StaplePosition=staple", None, ["staple", "com.example.ring"], ()),
        (f"{RING} StaplePosition=staple Punch=punch", None, ["staple", "punch", "com.example.ring"], ()),
        (f"{RING} finishings=4,200", [4, 200], None, (RING,)),  # all of the others, or none of them
        ("FinishingTemplate=none StaplePosition=staple", [4], None, ()),
        (f"finishings=3 {RING}", None, ["com.example.ring"], ()),
        ("FinishingTemplate=com.example.bow", None, None, ("FinishingTemplate=com.example.bow",)),
        ("FinishingTemplate=com.example.bow Punch=punch", [5], None, ("FinishingTemplate=com.example.bow",)),
        ("finishings=4,99", [4], None, ("finishings=99",)),
        ("finishings=99", None, None, ("finishings=99",)),
        ("finishings=0", None, None, ()),  # what CUPS makes of "none"
    ],
)
def test_templates(
    options: str, numbers: list[int] | None, templates: list[str] | None, refused: tuple[str, ...]
) -> None:
    """A finishing without a number goes in finishings-col, and the others with it."""
    template = (said_of("finishing-template", Tag.KEYWORD, "com.example.ring"),)
    group = Group(
        Tag.PRINTER_ATTRIBUTES,
        (
            said_of("document-format-supported", Tag.MIME_MEDIA_TYPE, "application/pdf"),
            said_of("finishings-supported", Tag.ENUM, 3, 4, 5, 200),
            said_of("finishings-col-supported", Tag.KEYWORD, "finishing-template"),
            said_of("finishings-col-database", Tag.BEG_COLLECTION, Collection(template)),
            said_of("printer-resolution-supported", Tag.RESOLUTION, Resolution(600, 600)),
        ),
    )
    message = Message((2, 0), 0, 1, (group,))
    made = parse_ppd(describe_printer(plain_attributes(message)).text)
    chosen = choose_job_attributes(parse_options(options), made, message, is_file=False)
    found = {each.name: [plain(value) for value in each.all] for each in chosen.attributes}
    columns = found.get("finishings-col")
    assert (found.get("finishings"), columns and [each["finishing-template"] for each in columns]) == (
        numbers,
        templates,
    )
    assert chosen.refused == refused


@pytest.mark.parametrize(
    "spellings",
    [
        ("InputSlot=tray-2", "media-source=tray-2", "media=tray-2", "media=A4,tray-2", "media=iso_a4_210x297mm,tray-2"),
        ("PageSize=A4 InputSlot=tray-2", "PageSize=A4 media-source=tray-2", "media-col={media-source=tray-2}"),
        ("MediaType=labels", "media-type=labels", "media=A4,labels", "media=labels"),
        ("InputSlot=tray-2 MediaType=labels", "media=A4,tray-2,labels", "media=tray-2 media-type=labels"),
        ("PageSize=A5", "media=A5", "media=iso_a5_148x210mm", "PageRegion=A5 media=A5"),
        ("OutputBin=stacker-2", "output-bin=stacker-2"),
        ("Duplex=DuplexNoTumble", "sides=two-sided-long-edge"),
        ("ColorModel=Gray", "print-color-mode=monochrome", "output-mode=monochrome"),
        ("cupsPrintQuality=High", "print-quality=5"),
        ("StaplePosition=staple-top-left", "finishings=20"),
        (
            "StaplePosition=staple-dual-left Punch=punch-quad-left",
            "finishings=28,82",
            "finishings=28 Punch=punch-quad-left",
        ),
    ],
    ids=lambda spellings: spellings[0],
)
def test_spellings_of_the_same(spellings: tuple[str, ...]) -> None:
    """Names of the description and of IPP, alone and together: one result."""
    (first, *others) = [beyond(OFFICE, each) for each in spellings]
    assert first and all(each == first for each in others)


@pytest.mark.parametrize(
    "options, wins",
    [
        ("InputSlot=tray-2 media-source=tray-1", "InputSlot=tray-2"),
        ("media-source=tray-1 InputSlot=tray-2", "InputSlot=tray-2"),
        ("InputSlot=tray-2 media=A4,tray-1", "InputSlot=tray-2"),
        ("media-source=tray-2 media=A4,tray-1", "InputSlot=tray-2"),
        ("MediaType=labels media-type=stationery", "MediaType=labels"),
        ("PageSize=A5 media=A4", "PageSize=A5"),
        ("OutputBin=stacker-2 output-bin=stacker-1", "OutputBin=stacker-2"),
        ("sides=one-sided Duplex=DuplexNoTumble", "sides=one-sided"),
        ("ColorModel=Gray print-color-mode=color", "ColorModel=Gray"),
        ("print-color-mode=color ColorModel=Gray", "ColorModel=Gray"),
        ("output-mode=monochrome print-color-mode=color", "print-color-mode=monochrome"),
        ("print-quality=5 cupsPrintQuality=Draft", "cupsPrintQuality=Draft"),
        ("cupsPrintQuality=Draft print-quality=5", "cupsPrintQuality=High"),  # to CUPS they are one option
        ("finishings=4 finishings=5", "finishings=5"),
        ("StaplePosition=none finishings=20", "finishings=20"),
    ],
)
def test_options_that_conflict(options: str, wins: str) -> None:
    """One of them counts, whatever the order: the option of the description, and of one option the last word."""
    assert sent(OFFICE, options) == sent(OFFICE, wins)


STAPLES = {"finishings-default": (20,)}
FILLS = {"print-scaling-default": ("fill",)}


@pytest.mark.parametrize(
    "own, options, queue, name, value",
    [
        (STAPLES, "", {}, "finishings", None),
        (STAPLES, "StaplePosition=none", {}, "finishings", 3),
        (STAPLES, "stapleposition=none", {}, "finishings", 3),
        (STAPLES, "", {"StaplePosition": "none"}, "finishings", 3),
        (STAPLES, "finishings=20", {"StaplePosition": "none"}, "finishings", 20),
        (STAPLES, "StaplePosition=staple-dual-top", {}, "finishings", 29),
        (STAPLES, "Punch=punch-dual-left", {}, "finishings", [20, 74]),
        (STAPLES, "", {"Punch": "punch-dual-left"}, "finishings", [20, 74]),
        (STAPLES, "Punch=punch-dual-left StaplePosition=none", {}, "finishings", 74),
        (STAPLES, "finishings=74", {}, "finishings", 74),  # IPP's own words take the place of the printer's
        (STAPLES, "stapleposition=none Punch=none", {"Punch": "punch-dual-left"}, "finishings", 3),
        ({}, "StaplePosition=none", {}, "finishings", None),
        ({}, "", {"StaplePosition": "staple-top-left"}, "finishings", 20),
        ({}, "StaplePosition=none", {"StaplePosition": "staple-top-left"}, "finishings", None),
        ({}, "stapleposition=none", {"StaplePosition": "staple-top-left"}, "finishings", None),
        ({}, "StaplePosition=staple-dual-top", {"StaplePosition": "staple-top-left"}, "finishings", 29),
        ({}, "StaplePosition=none Punch=punch-dual-left", {"StaplePosition": "staple-top-left"}, "finishings", 74),
        ({}, "finishings=74", {"StaplePosition": "staple-top-left"}, "finishings", [74, 20]),
        (FILLS, "", {}, "print-scaling", None),
        (FILLS, "print-scaling=auto", {}, "print-scaling", "auto"),
        (FILLS, "", {"print_scaling": "auto"}, "print-scaling", "auto"),
        (FILLS, "", {"print_scaling": "none"}, "print-scaling", "none"),
        ({}, "print-scaling=auto", {}, "print-scaling", None),
    ],
)
def test_what_a_printer_does_by_itself_can_be_declined(
    own: dict[str, tuple[Any, ...]], options: str, queue: dict[str, str], name: str, value: Any
) -> None:
    """And what it does besides is not lost when something is added."""
    description = parse_ppd(describe_printer({**recorded(OFFICE), **own}, {}, "1").text)
    defaults = {**description.defaults, **{k.replace("_", "-"): v for k, v in queue.items()}}
    changed = PrinterDescription(defaults, description.values)
    for usual in ("", "finishings=3 number-up=1 "):  # what lp sends with each job
        if usual and options.startswith("finishings"):
            continue
        chosen = choose_job_attributes(parse_options(usual + options), changed, answer(OFFICE), is_file=False)
        assert chosen.refused == ()
        found = [list(each.all) for each in chosen.attributes if each.name == name]
        assert found == ([] if value is None else [value if isinstance(value, list) else [value]])
