"""backend.job.options: options, description and what a printer supports, to Job Template attributes."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.ipp.encoder import encode_message
from backend.ipp.message import (
    Attribute,
    Collection,
    Group,
    LanguageString,
    Message,
    Range,
    Resolution,
    Value,
    attribute,
)
from backend.ipp.operations import Target, create_job
from backend.ipp.tags import Tag
from backend.job.option_rules import READERS, SUPPORTED_ATTRIBUTES
from backend.job.options import ChosenAttributes, choose_job_attributes
from filters.common.job import parse_options
from filters.common.ppd import PrinterDescription

COLLATED, UNCOLLATED = "separate-documents-collated-copies", "separate-documents-uncollated-copies"


def listed(name: str, tag: Tag, *values: Any) -> Attribute:
    """Return what a printer says that it supports."""
    return attribute(f"{name}-supported", tag, *values)


ABILITIES = (
    listed("copies", Tag.RANGE_OF_INTEGER, Range(1, 99)),
    listed("finishings", Tag.ENUM, 3, 4),
    listed("media", Tag.KEYWORD, "iso_a4_210x297mm", "na_letter_8.5x11in"),
    listed("media-col", Tag.KEYWORD, "media-size", "media-source", "media-type"),
    listed(
        "media-size",
        Tag.BEG_COLLECTION,
        Collection((attribute("x-dimension", Tag.INTEGER, 21000), attribute("y-dimension", Tag.INTEGER, 29700))),
        Collection(
            (
                attribute("x-dimension", Tag.RANGE_OF_INTEGER, Range(7600, 21600)),
                attribute("y-dimension", Tag.RANGE_OF_INTEGER, Range(12700, 35600)),
            )
        ),
    ),
    listed("media-source", Tag.KEYWORD, "auto", "tray-1", "Tray-2", "by-pass-tray", "roll-7"),
    listed("media-type", Tag.KEYWORD, "stationery", "transparency"),
    listed("multiple-document-handling", Tag.KEYWORD, COLLATED, UNCOLLATED),
    listed("number-up", Tag.RANGE_OF_INTEGER, Range(1, 4)),
    listed("orientation-requested", Tag.ENUM, 3, 4),
    listed("output-bin", Tag.KEYWORD, "face-down", "face-up"),
    listed("page-ranges", Tag.BOOLEAN, True),
    listed("print-color-mode", Tag.KEYWORD, "auto", "color", "monochrome"),
    listed("print-quality", Tag.ENUM, 3, 4, 5),
    listed("print-scaling", Tag.KEYWORD, "fit"),
    listed("printer-resolution", Tag.RESOLUTION, Resolution(300, 300), Resolution(600, 600)),
    listed("sides", Tag.KEYWORD, "one-sided", "two-sided-long-edge"),
)
DESCRIPTION = PrinterDescription(
    defaults={"PageSize": "A4", "InputSlot": "Auto", "MediaType": "Plain", "ColorModel": "RGB", "Duplex": "None"}
)


def printer(*abilities: Attribute) -> Message:
    """Return a printer's answer."""
    return Message((2, 0), 0, 1, (Group(Tag.PRINTER_ATTRIBUTES, abilities),))


FULL = printer(*ABILITIES)


def choose(options: str, supported: Message | None = FULL, ppd: PrinterDescription | None = None, **more: Any) -> Any:
    """Return the attributes for options, with nothing said by a description unless there is one."""
    given: dict[str, Any] = {"is_file": False, **more}
    return choose_job_attributes(parse_options(options), ppd or PrinterDescription(), supported, **given)


def values(chosen: ChosenAttributes) -> dict[str, Any]:
    """Return attributes as plain values; several in a list, a collection as a dictionary."""
    found = {}
    for each in chosen.attributes:
        plain = [_plain(value) for value in each.all]
        assert each.name not in found
        found[each.name] = plain[0] if len(plain) == 1 else plain
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, Collection):
        return {member.name: _plain(member.value) for member in value.attributes}
    return value


A4, LETTER = "iso_a4_210x297mm", "na_letter_8.5x11in"
A4_SIZE = {"x-dimension": 21000, "y-dimension": 29700}


@pytest.mark.parametrize(
    "options, wanted",
    [
        ("", {}),
        ("sides=two-sided-long-edge", {"sides": "two-sided-long-edge"}),
        ("Duplex=DuplexNoTumble", {"sides": "two-sided-long-edge"}),
        ("Duplex=None", {"sides": "one-sided"}),
        ("media=a4", {"media": A4}),
        ("PageSize=Letter", {"media": LETTER}),
        ("PageSize=Letter media=a4", {"media": LETTER}),
        ("media=na_letter_8.5x11in", {"media": LETTER}),
        ("media=a4,tray-2", {"media-col": {"media-size": A4_SIZE, "media-source": "Tray-2"}}),
        ("media=a4,roll-7", {"media-col": {"media-size": A4_SIZE, "media-source": "roll-7"}}),
        ("InputSlot=Tray1 PageSize=A4", {"media-col": {"media-size": A4_SIZE, "media-source": "tray-1"}}),
        ("InputSlot=Bypass", {"media-col": {"media-source": "by-pass-tray"}}),
        ("MediaType=Plain", {"media-col": {"media-type": "stationery"}}),
        ("media=Custom.100x200mm", {"media-col": {"media-size": {"x-dimension": 10000, "y-dimension": 20000}}}),
        (
            "media=Custom.100x200mm PageSize=Custom.283x566",
            {"media-col": {"media-size": {"x-dimension": 10000, "y-dimension": 20000}}},
        ),
        (
            "media-col={media-size={x-dimension=21000 y-dimension=29700} media-type=transparency}",
            {"media-col": {"media-size": A4_SIZE, "media-type": "transparency"}},
        ),
        ("ColorModel=Gray", {"print-color-mode": "monochrome"}),
        ("ColorModel=CMYK", {"print-color-mode": "color"}),
        ("print-color-mode=monochrome", {"print-color-mode": "monochrome"}),
        ("ColorModel=RGB print-color-mode=monochrome", {"print-color-mode": "color"}),
        ("print-quality=5", {"print-quality": 5}),
        ("cupsPrintQuality=Draft", {"print-quality": 3}),
        ("output-bin=face-up", {"output-bin": "face-up"}),
        ("OutputBin=FaceUp", {"output-bin": "face-up"}),
        ("finishings=4", {"finishings": 4}),
        ("finishings=3,4", {"finishings": [3, 4]}),
        ("finishings=3 number-up=1", {}),  # which cupsd gives to every job
        ("printer-resolution=600dpi", {"printer-resolution": Resolution(600, 600)}),
        ("printer-resolution=300x300dpi", {"printer-resolution": Resolution(300, 300)}),
        # pdftopdf has done these, and the spooler the last two
        ("number-up=2 orientation-requested=4 page-ranges=2-3 print-scaling=fit", {}),
        ("job-priority=50 job-hold-until=no-hold copies=3", {}),
    ],
)
def test_options_become_attributes(options: str, wanted: dict[str, Any]) -> None:
    """What a job asks for is sent, each attribute once, in the printer's spelling."""
    chosen = choose(options)
    assert (values(chosen), chosen.refused, chosen.copies) == (wanted, (), 1)


@pytest.mark.parametrize(
    "options, wanted",
    [
        ("number-up=2 finishings=3", {"number-up": 2}),
        ("number-up=1", {}),
        ("orientation-requested=4", {"orientation-requested": 4}),
        ("page-ranges=2-3,7,9-", {"page-ranges": [Range(2, 3), Range(7, 7), Range(9, 2**31 - 1)]}),
        ("page-ranges=-4", {"page-ranges": Range(1, 4)}),
        ("print-scaling=fit", {"print-scaling": "fit"}),
        ("landscape", {"orientation-requested": 4}),
        ("nolandscape", {}),
    ],
)
def test_files_bring_all_their_options(options: str, wanted: dict[str, Any]) -> None:
    """What filters do with other documents the printer has to do with a file that passes none."""
    assert values(choose(options, is_file=True)) == wanted


@pytest.mark.parametrize(
    "options, refused",
    [
        *((each, each) for each in ("sides=two-sided-short-edge", "print-quality=6", "print-quality=best")),
        *((each, each) for each in ("finishings=3,x", "print-color-mode=bi-level", "output-bin=mailbox-3")),
        *((each, each) for each in ("printer-resolution=1200dpi", "printer-resolution=finest")),
        ("print-color-mode=color,bi-level", "print-color-mode=color,bi-level"),
        ("media=a4,no-such-word", "media=no-such-word"),
        ("PageSize=NoSuchSize", "media=NoSuchSize"),
        ("PageSize=A3", "media=A3"),
        ("InputSlot=Tray9", "media-source=Tray9"),
        ("MediaType=Glossy", "media-type=Glossy"),
    ],
)
def test_what_the_printer_does_not_take_is_named(options: str, refused: str) -> None:
    """A wish that cannot be met is left out and told, and does not end the job."""
    chosen = choose(options)
    assert chosen.refused == (refused,)
    assert values(chosen) == ({"media": A4} if "a4" in options else {})


def test_defaults_of_the_description() -> None:
    """A queue's settings are sent as far as the printer lists them; those that leave it to the printer are not."""
    assert values(choose("", ppd=DESCRIPTION)) == {"media": A4, "print-color-mode": "color", "sides": "one-sided"}
    changed = PrinterDescription({**DESCRIPTION.defaults, "Duplex": "DuplexTumble", "InputSlot": "Tray2"})
    chosen = choose("ColorModel=Gray", ppd=changed)
    assert values(chosen) == {
        "media-col": {"media-size": A4_SIZE, "media-source": "Tray-2"},
        "print-color-mode": "monochrome",
    }
    assert chosen.refused == (), "nobody asked for the other side in this job"


def test_what_the_queue_says_anyway_is_not_asked_for() -> None:
    """cupsd gives the queue's own colour mode to each job; a printer that does not list it is not nagged about."""
    mono = printer(listed("print-color-mode", Tag.KEYWORD, "auto", "monochrome"))
    for supported in (mono, printer(), None):
        chosen = choose("print-color-mode=color", supported, DESCRIPTION)
        assert "print-color-mode" not in values(chosen) and chosen.refused == ()
    assert values(choose("print-color-mode=color", FULL, DESCRIPTION))["print-color-mode"] == "color"
    assert choose("print-color-mode=color", mono).refused == ("print-color-mode=color",)


@pytest.mark.parametrize("choice", ["Printer", "Auto", "Default"])
@pytest.mark.parametrize("option, name", [("OutputBin", "output-bin"), ("cupsPrintQuality", "print-quality")])
def test_what_is_left_to_the_printer_is_not_sent(option: str, name: str, choice: str) -> None:
    """Neither as a default nor when a job takes back what the queue says."""
    changed = PrinterDescription({"OutputBin": "FaceUp", "cupsPrintQuality": "High"})
    for supported in (FULL, None):
        assert choose(f"{option}={choice}", supported) == ChosenAttributes()
        assert name not in values(choose(f"{option}={choice}", supported, changed))


def test_a_tray_without_the_size_of_the_queue() -> None:
    """A size that is only the queue's default, and that the printer does not have, does not spoil the tray."""
    letter = [each for each in ABILITIES if each.name not in ("media-supported", "media-size-supported")]
    small = printer(
        *letter,
        listed("media", Tag.KEYWORD, LETTER),
        listed("media-size", Tag.BEG_COLLECTION, Collection((attribute("x-dimension", Tag.INTEGER, 21590),))),
    )
    chosen = choose("InputSlot=Tray2", small, DESCRIPTION)
    assert values(chosen)["media-col"] == {"media-source": "Tray-2"} and chosen.refused == ()


@pytest.mark.parametrize("width, reaches", [(9951, True), (9950, False), (10049, True), (10050, False)])
def test_a_listed_size_is_within_half_a_millimetre(width: int, reaches: bool) -> None:
    """Inches and millimetres of the same sheet differ by less."""
    size = Collection((attribute("x-dimension", Tag.INTEGER, width), attribute("y-dimension", Tag.INTEGER, 20000)))
    others = [each for each in ABILITIES if each.name != "media-size-supported"]
    chosen = choose("media=Custom.100x200mm", printer(*others, listed("media-size", Tag.BEG_COLLECTION, size)))
    assert ("media-col" in values(chosen), chosen.refused == ()) == (reaches, reaches)


@pytest.mark.parametrize("text", ["0-3", "3,1-2", "2-5,4", "x"])
def test_page_ranges_rise(text: str) -> None:
    """RFC 8011 section 5.2.7."""
    assert choose(f"page-ranges={text}", is_file=True).refused == (f"page-ranges={text}",)


@pytest.mark.parametrize("supported", [None, printer()], ids=["no answer", "empty answer"])
def test_a_printer_that_does_not_say(supported: Message | None) -> None:
    """It gets what the job asks for and nothing else; trays and types only if it knows media-col (Q-112)."""
    chosen = choose("sides=two-sided-short-edge PageSize=A5 output-bin=rear", supported, DESCRIPTION)
    assert values(chosen) == {"sides": "two-sided-short-edge", "media": "iso_a5_148x210mm", "output-bin": "rear"}
    assert choose("InputSlot=Tray2", supported).refused == ("media-source=Tray2",)
    assert choose("output-bin='left side'", supported).refused == ("output-bin=left side",)


def test_a_printer_with_media_and_without_sizes() -> None:
    """Where media-col does not take sizes the size goes out as media, and the tray cannot be chosen."""
    without = printer(*(each for each in ABILITIES if each.name != "media-col-supported"))
    chosen = choose("PageSize=A4 InputSlot=Tray1", without)
    assert (values(chosen), chosen.refused) == ({"media": A4}, ("media-source=Tray1",))


@pytest.mark.parametrize(
    "options, handling", [("", COLLATED), ("Collate=True", COLLATED), ("collate=false", UNCOLLATED)]
)
def test_copies_of_a_file(options: str, handling: str) -> None:
    """A file goes out once with the number of its copies."""
    chosen = choose(options, is_file=True, copies=3)
    assert values(chosen) == {"copies": 3, "multiple-document-handling": handling} and chosen.copies == 3


def test_copies_that_the_printer_does_not_make() -> None:
    """As many as it makes at once, the rest is left to the caller; without a range all are."""
    assert choose("", is_file=True, copies=100).copies == 99
    assert (
        choose("", printer(listed("copies", Tag.RANGE_OF_INTEGER, Range(1, 1))), is_file=True, copies=2)
        == ChosenAttributes()
    )
    assert choose("", printer(), is_file=True, copies=2) == ChosenAttributes()
    assert choose("", None, is_file=True, copies=2) == ChosenAttributes()
    one_way = printer(*(each for each in ABILITIES if not each.name.startswith("multiple")))
    assert choose("Collate=false", one_way, is_file=True, copies=2).refused == (
        f"multiple-document-handling={UNCOLLATED}",
    )


def test_each_attribute_is_asked_for() -> None:
    """All that this module looks up is in the question to the printer."""
    assert {each.name for each in ABILITIES} <= set(SUPPORTED_ATTRIBUTES)


@pytest.mark.parametrize(
    "options, name, tag, spelled",
    [
        ("output-bin=face-up", "output-bin", Tag.NAME_WITHOUT_LANGUAGE, "Face Up"),
        ("media-type=custom-type-1", "media-type", Tag.NAME_WITHOUT_LANGUAGE, "Custom Type 1"),
        ("InputSlot=Tray1", "media-source", Tag.NAME_WITH_LANGUAGE, LanguageString("en", "Tray 1")),
        ("media=A4", "media", Tag.NAME_WITHOUT_LANGUAGE, "ISO A4 210x297mm"),
    ],
)
def test_names_in_the_place_of_keywords(options: str, name: str, tag: Tag, spelled: Any) -> None:
    """RFC 8011 section 5.1.4: vendors' own values may be names; they go back as such."""
    others = [each for each in ABILITIES if each.name != f"{name}-supported"]
    (found,) = choose(options, printer(*others, listed(name, tag, spelled))).attributes
    members = found.value.attributes if found.name == "media-col" else (found,)
    (sent,) = [each for each in members if each.name == name]
    assert sent == attribute(name, Tag.NAME_WITHOUT_LANGUAGE, getattr(spelled, "text", spelled))


@pytest.mark.parametrize("options", ["media-type=x!y", "media-source=x/y", "multiple-document-handling='a b'"])
def test_what_cannot_be_sent_is_refused(options: str) -> None:
    """Whatever a user writes, the request can be made: a printer that lists nothing is not told it."""
    lists = ("copies-supported", "media-col-supported")
    quiet = printer(*(each for each in ABILITIES if each.name in lists))
    chosen = choose(options, quiet, is_file=True, copies=2)
    assert len(chosen.refused) == 1 and {each.name for each in chosen.attributes} == {"copies"}


def test_choices_that_mean_nothing_in_ipp() -> None:
    """An unknown choice of a vendor's description gives way to the IPP option, else it is named."""
    assert values(choose("ColorModel=DeviceN print-color-mode=monochrome")) == {"print-color-mode": "monochrome"}
    assert choose("ColorModel=DeviceN").refused == ("print-color-mode=DeviceN",)


TRANSLATED = PrinterDescription(
    values={
        ("cupsIPPFinishings", "4"): "*Staple Single",
        ("cupsIPPFinishings", "5"): "*Punch Two *Fold Half",
        ("cupsIPPFinishings", "8"): "*Staple None",
    }
)


@pytest.mark.parametrize(
    "options, numbers",
    [
        ("Staple=Single", (4,)),
        ("Staple=None", ()),  # that leaves the matter to the printer
        ("Punch=Two", ()),
        ("Punch=Two Fold=Half", (5,)),
        ("Punch=Two Fold=None", ()),
        ("Staple=Single Punch=Two Fold=Half", (4, 5)),
        ("Staple=Single finishings=3", (4,)),
        ("Staple=Single finishings=5", (4, 5)),
    ],
)
def test_choices_that_a_description_translates(options: str, numbers: tuple[int, ...]) -> None:
    """cupsIPPFinishings: all of its choices together are one finishing, and it goes with those that the job names."""
    three = listed("finishings", Tag.ENUM, 3, 4, 5, 8)
    supported = printer(*(each for each in ABILITIES if each.name != three.name), three)
    found = [each.all for each in choose(options, supported, TRANSLATED).attributes if each.name == "finishings"]
    assert [sorted(each) for each in found] == ([list(numbers)] if numbers else [])


@pytest.mark.parametrize(
    "options, is_file, sent, refused",
    [
        ("output-bin=face-up", False, {"output-bin": "face-up"}, ()),
        ("output-bin=mailbox-3", False, {}, ("output-bin=mailbox-3",)),
        ("output-bin=upper", False, {}, ()),  # our filters have said it in PCL
        ("output-bin=upper", True, {}, ("output-bin=upper",)),  # nobody has
        ("finishings=7 output-bin=upper", False, {}, ("finishings=7",)),
        ("output-mode=monochrome", False, {"print-color-mode": "monochrome"}, ()),
        ("output-mode=sepia", False, {}, ("output-mode=sepia",)),
        ("print-color-mode=monochrome", False, {}, ()),
        ("output-mode=monochrome print-quality=5", False, {"print-color-mode": "monochrome"}, ()),
        ("finishings=4", False, {"finishings": 4}, ()),
        ("sides=two-sided-long-edge", False, {}, ()),
        ("highlight=python overlay=letterhead soft-font-memory=400 watermark=DRAFT", False, {}, ()),
    ],
)
def test_what_no_page_language_carries(
    options: str, is_file: bool, sent: dict[str, Any], refused: tuple[str, ...]
) -> None:
    """PCL says the rest itself, and what it cannot say goes to the printer as an attribute, or is named."""
    chosen = choose(options, is_file=is_file, by_language=True)
    assert (values(chosen), chosen.refused) == (sent, refused)


WORDS = st.text("abcdefgh-_.0123456789 ,xX{}=\u00e4\x00", max_size=20)
NAMES = st.sampled_from(
    [name.removesuffix("-supported") for name in SUPPORTED_ATTRIBUTES]
    + ["PageSize", "InputSlot", "MediaType", "OutputBin", "ColorModel", "cupsPrintQuality", "Duplex", "Collate"]
)


#: What printers may list: values of the right kind, and others.
VALUES = st.one_of(
    st.tuples(st.sampled_from([Tag.KEYWORD, Tag.NAME_WITHOUT_LANGUAGE]), WORDS),
    st.tuples(st.just(Tag.NAME_WITH_LANGUAGE), st.builds(LanguageString, st.just("en"), WORDS)),
    st.tuples(st.just(Tag.INTEGER), st.integers(-(2**31), 2**31 - 1)),
    st.tuples(st.just(Tag.RANGE_OF_INTEGER), st.builds(Range, st.integers(-9, 9), st.integers(-9, 99999))),
    st.tuples(st.just(Tag.BOOLEAN), st.booleans()),
    st.tuples(st.just(Tag.NO_VALUE), st.none()),
)
ODD_PRINTERS = st.dictionaries(st.sampled_from(SUPPORTED_ATTRIBUTES), st.lists(VALUES, min_size=1, max_size=3)).map(
    lambda said: printer(*(Attribute(name, tuple(Value(*each) for each in given)) for name, given in said.items()))
)


@given(
    st.dictionaries(NAMES, WORDS),
    st.dictionaries(NAMES, WORDS),
    st.one_of(st.sampled_from([None, FULL, printer()]), ODD_PRINTERS),
    st.booleans(),
    st.integers(1, 32767),
)
def test_whatever_the_options_a_request_can_be_made(
    options: dict[str, str], defaults: dict[str, str], supported: Message | None, is_file: bool, copies: int
) -> None:
    """No option leads to an attribute that cannot be sent."""
    chosen = choose_job_attributes(options, PrinterDescription(defaults), supported, is_file=is_file, copies=copies)
    encode_message(create_job(Target("ipps://printer/"), 1, job_attributes=chosen.attributes))
    assert len({each.name for each in chosen.attributes}) == len(chosen.attributes)


@pytest.mark.parametrize(
    "text, resolution",
    [
        ("600dpi", Resolution(600, 600, 3)),
        ("600x1200dpi", Resolution(600, 1200, 3)),
        ("240dpcm", Resolution(240, 240, 4)),
        ("240x120dpcm", Resolution(240, 120, 4)),
    ],
)
def test_units_of_resolutions(text: str, resolution: Resolution) -> None:
    """Dots per inch are 3, dots per centimetre 4 (RFC 8010 section 3.9)."""
    assert READERS[Tag.RESOLUTION](text) == [resolution]
