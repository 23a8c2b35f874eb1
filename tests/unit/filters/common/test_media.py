"""Paper by its many names."""

from __future__ import annotations

import pytest

from filters.common.job import parse_options
from filters.common.media import _SIZES, CUSTOM_PAGE, Media, PaperSize, choose_media, find_size
from filters.common.media import in_hundredths_of_mm, known_sizes, media_names, pwg_name
from filters.common.ppd import PrinterDescription, parse_ppd
from tests.pcl_parser import SHEETS

NONE = PrinterDescription()


def known(name: str, description: PrinterDescription = NONE) -> PaperSize:
    """Return a size that is known."""
    size = find_size(name, description)
    assert size
    return size


@pytest.mark.parametrize(
    "name, code",
    [
        ("A4", 26),
        ("a4", 26),
        ("iso_a4_210x297mm", 26),
        ("iso_a4", 26),
        ("iso-a4", 26),
        ("A4.Transverse", 26),
        ("A4Small", 26),
        ("LetterSmall", 2),
        ("Ledger", 6),
        ("Tabloid", 6),
        ("Env10", 81),
        ("com10", 81),
        ("JISB5", 45),
        ("iso_b5_176x250mm", 65),
        ("EnvISOB5", 100),
        ("custom_min_100x200mm", CUSTOM_PAGE),
    ],
)
def test_names_of_sizes(name, code):
    """PPD, PWG, old CUPS and custom names all lead to PCL's code."""
    size = find_size(name, NONE)
    assert size and size.code == code


@pytest.mark.parametrize(
    "name", ["", "A44", "Custom.0x0", "Custom.1e99x1mm", "Custom...x..mm", "Custom.99999x9mm", "4"]
)
def test_names_that_are_no_size(name):
    """What is no paper, or none that could be fed, is not found."""
    assert find_size(name, NONE) is None


@pytest.mark.parametrize("ppd_name, code", [(ppd_name, code) for ppd_name, _, code in _SIZES])
def test_sizes_agree_with_the_reference(ppd_name, code):
    """Measures and the kind of each size agree with the printers' tables, within half a millimetre."""
    size = known(ppd_name)
    width, length, metric = SHEETS[code]
    assert abs(size.width - width * 24) < 150 and abs(size.length - length * 24) < 150
    assert (size.code, size.metric) == (code, metric)


@pytest.mark.parametrize(
    "name, measures",
    [
        ("Custom.254x127mm", (72000, 36000)),
        ("Custom.25.4x12.7cm", (72000, 36000)),
        ("Custom.0.254x0.127m", (72000, 36000)),
        ("Custom.10x5in", (72000, 36000)),
        ("Custom.1x0.5ft", (86400, 43200)),
        ("Custom.720x360pt", (72000, 36000)),
        # Whole points are the whole millimetres that they were before cupsd, where both sides can be.
        ("Custom.720x360", (72000, 36000)),
        ("Custom.226x141", (22677, 14173)),
        ("Custom.360x141", (36000, 14173)),
        ("Custom.359x141", (35900, 14100)),
        ("Custom.226x500", (22600, 50000)),
        # Who writes a unit or a fraction means it.
        ("Custom.226x141pt", (22600, 14100)),
        ("Custom.226.5x141", (22650, 14100)),
        ("Custom.226x141.5", (22600, 14150)),
        # A fifth of an inch to ten feet.
        ("Custom.14.4x8640pt", (1440, 864000)),
        ("Custom.8640x14.4pt", (864000, 1440)),
        ("Custom.14.39x200pt", None),
        ("Custom.200x14.39pt", None),
        ("Custom.200x8640.01pt", None),
        ("Custom.8640.01x200pt", None),
    ],
)
def test_custom_measures(name, measures):
    """Units of custom sizes, and which can be made and fed."""
    size = find_size(name, NONE)
    assert (size and (size.width, size.length)) == measures and not (size and size.metric)


@pytest.mark.parametrize(
    "width, length, name",
    [
        (21050, 29700, "iso_a4_210x297mm"),
        (20951, 29651, "iso_a4_210x297mm"),
        (21051, 29700, "custom_210.51x297mm_210.51x297mm"),
        (21000, 29751, "custom_210x297.51mm_210x297.51mm"),
    ],
)
def test_names_of_measures(width, length, name):
    """A size of the table where both sides are within half a millimetre of it, else its measures."""
    assert media_names({"media-col": f"{{media-size={{x-dimension={width} y-dimension={length}}}}}"}, NONE).size == name
    size = known(name)
    assert pwg_name(size) == name and (name[:3] == "iso" or in_hundredths_of_mm(size) == (width, length))


@pytest.mark.parametrize(
    "options, code, source, kind",
    [
        ({}, 26, None, None),
        ({"media": "Letter"}, 2, None, None),
        ({"media": "letter,tray-3,bond"}, 2, 5, 1),
        ({"media": "Manual,A5"}, 25, 2, None),
        ({"media": "A5", "PageSize": "Legal"}, 3, None, None),
        ({"media": "A5", "PageRegion": "Legal"}, 3, None, None),
        ({"PageRegion": "A5"}, 25, None, None),
        ({"PageRegion": "A5", "PageSize": "Letter"}, 2, None, None),
        ({"PageSize": "A5", "media-col": "{media-size={x-dimension=1}}"}, 25, None, None),
        ({"InputSlot": "Tray4", "media": "A4,Tray3"}, 26, 8, None),
        ({"media-col": "{media-size={x-dimension=21590 y-dimension=27940} media-source=tray-2}"}, 2, 1, None),
        ({"media-col": "{media-size={x-dimension=10000 y-dimension=15000}}"}, CUSTOM_PAGE, None, None),
        ({"media-col": "{media-size-name=iso_a5_148x210mm media-type=transparency}"}, 25, None, 4),
    ],
)
def test_choice(options, code, source, kind):
    """A job's wishes are found in all the options that can carry them."""
    media = choose_media(options, NONE)
    assert (media.size.code, media.source, media.type_number, media.problems) == (code, source, kind, ())


@pytest.mark.parametrize(
    "options, source",
    [
        ("media=4x6 time-at-creation=1 InputSlot=auto PageSize=4x6", None),
        ("media=4x6 time-at-creation=1 InputSlot=Automatic PageSize=4x6", None),
        ("PageSize=4x6.Borderless time-at-creation=1 InputSlot=auto", None),
        ("media=4x6,tray-2 time-at-creation=1 InputSlot=auto PageSize=4x6", "tray-2"),
        ("media=4x6 media-source=tray-2 time-at-creation=1 InputSlot=auto PageSize=4x6", "tray-2"),
        ("media=4x6,tray-2 time-at-creation=1 InputSlot=photo PageSize=4x6", "tray-2"),
        ("media=4x6 time-at-creation=1 InputSlot=photo PageSize=4x6", "photo"),
        # Asked for: by its name before all that cupsd adds, or in a media-col, of which cupsd makes size and tray.
        ("InputSlot=auto media=4x6,tray-2 time-at-creation=1 PageSize=4x6", "auto"),
        ("InputSlot=auto media=4x6,tray-2", "auto"),
        ("time-at-creation=1 InputSlot=auto PageSize=4x6 media=4x6", "auto"),
        ("time-at-creation=1 InputSlot=tray-2 PageSize=4x6 media=4x6", "tray-2"),
    ],
)
def test_a_tray_that_cupsd_guesses(options, source):
    """What CUPS adds to sizes of photographs is weaker than a tray of the job's, and no wish for "auto"."""
    assert media_names(parse_options(options), NONE).source == source


@pytest.mark.parametrize(
    "options",
    [
        {"media-col": "{media-size={x-dimension=8000}}"},
        {"media-col": "{media-size={x-dimension=-1 y-dimension=5000}}"},
        {"media-col": "{media-size={x-dimension=1-8000 y-dimension=1-5000}}"},
        {"media-col": "{media-size=8000x5000}"},
        {"PageRegion": "X"},
        {"media": "A4,Nowhere"},
        {"PageSize": "X"},
        {"InputSlot": "X"},
        {"output-bin": "X"},
    ],
    ids=str,
)
def test_unknown_names_are_told(options):
    """A name that nobody knows is a problem to be told, and the default is taken."""
    media = choose_media(options, NONE)
    assert media.size.code == 26 and len(media.problems) == 1


@pytest.mark.parametrize("option", ["media-type", "MediaType", "InputSlot", "media-source", "output-bin", "OutputBin"])
@pytest.mark.parametrize("word", ["auto", "Auto", "printer", "default"])
def test_what_is_left_to_the_printer_is_no_problem(option, word):
    """Desktops say so with each job."""
    assert choose_media({option: word}, NONE).problems == ()


def test_the_description_knows_its_own():
    """Codes, trays, types and bins of the printer description go before the tables."""
    description = parse_ppd(
        '*ipps443PageCode A4: "99"\n*DefaultPageSize: Letter\n*DefaultInputSlot: Side\n'
        '*InputSlot Side/Side: "<</MediaPosition 42>>setpagedevice"\n'
        '*MediaType Stiff/Stiff: "<</MediaType(Stiff)/cupsMediaType 3>>setpagedevice"\n'
        '*ipps443OutputBin Far: "7"\n*ipps443MediaName Stiff: "Heavy"\n'
    )
    media = choose_media({}, description)
    assert (media.size.code, media.source) == (2, 42)
    media = choose_media({"media": "A4,stiff", "OutputBin": "far"}, description)
    assert (media.size.code, media.source, media.type_number, media.type_name) == (99, 42, 3, "Heavy")
    assert media.output_bin == 7


@pytest.mark.parametrize("number", ["²2", "\u0662", "9" * 5000, ""])
def test_numbers_that_are_none(number):
    """Digits of other scripts, superscripts and endless numbers are no numbers, in options and descriptions."""
    collection = f"{{media-size={{x-dimension={number} y-dimension=29700}}}}"
    assert choose_media({"media-col": collection}, NONE).size.name == "A4"
    ppd = parse_ppd(f'*ipps443PageCode A5: "{number}"\n*ipps443OutputBin Upper: "{number}"\n')
    media = choose_media({"PageSize": "A5", "OutputBin": "Upper"}, ppd)
    assert (media.size.code, media.output_bin) == (25, 1)


DESCRIBED = parse_ppd(
    '*PageSize A4/A4: "x"\n*ipps443PageCode A4: "26"\n*CustomPageSize True: "x"\n'
    "*ParamCustomPageSize Width: 1 points 36 936\n*ParamCustomPageSize Height: 2 points 36 3456\n"
)


@pytest.mark.parametrize(
    "options, measures",
    [
        ("media=Custom.80x50mm", (8000, 5000)),
        ("media=Custom.80x50mm PageSize=Custom.226x141", (8000, 5000)),
        ("media=Custom.80.2x50.3mm PageSize=Custom.227x142", (8020, 5030)),
        ("media=custom_label_80x50mm PageSize=Custom.226x141", (8000, 5000)),
        ("media=Custom.3x2in,Tray1 PageSize=Custom.216x144", (7620, 5080)),
        ("media=A4 PageSize=Custom.226x141", (8000, 5000)),
        ("media=Custom.226.51x142pt PageSize=Custom.227.5x142pt", (7991, 5009)),
        ("media=Custom.226.5x142pt PageSize=Custom.227.5x142pt", (8026, 5009)),
        ("media=Custom.142x226.51pt PageSize=Custom.142x227.5pt", (5009, 7991)),
        ("media=Custom.142x226.5pt PageSize=Custom.142x227.5pt", (5009, 8026)),
        ("media=na_index-4x6_4x6in PageSize=Custom.288x432", (10160, 15240)),
        ("media=na_index-4x6", (10160, 15240)),
        ("media=Custom.12.7x1219mm", (1270, 121900)),
    ],
)
def test_custom_sizes_are_exact(options, measures):
    """The job's own words count where cupsd has written whole points beside them; another PageSize counts itself."""
    media = choose_media(parse_options(options), DESCRIBED)
    assert in_hundredths_of_mm(media.size) == measures and not media.limits
    assert media.size.code == CUSTOM_PAGE


@pytest.mark.parametrize(
    "size, is_outside",
    [
        *((size, True) for size in ("6x30mm", "80x12mm", "331x400mm", "100x1221mm", "35x400")),
        *((size, False) for size in ("35.5x400pt", "936.5x400pt", "100x35.5pt", "100x3456.5pt")),
        *((size, True) for size in ("35.49x400pt", "936.51x400pt", "100x35.49pt", "100x3456.51pt")),
    ],
)
def test_sizes_outside_the_limits(size, is_outside):
    """A size beyond what the description allows is a problem that names both, and the default is used."""
    media = choose_media({"media": f"Custom.{size}"}, DESCRIBED)
    assert not choose_media({"media": f"Custom.{size}"}, NONE).limits and len(media.problems) == is_outside
    if is_outside:
        assert media.size.name == "A4" and "not between 13 x 13 and 330 x 1219 mm" in media.limits
    else:
        assert media.size.code == CUSTOM_PAGE and not media.limits


def test_sizes_of_the_list_have_no_limits():
    """What a description lists may be larger than what it allows beside the list."""
    text = '*PageSize A3/A3: "x"\n*ParamCustomPageSize Width: 1 points 36 600\n'
    text += "*ParamCustomPageSize Height: 2 points 36 900\n"
    assert not choose_media({"media": "A3"}, parse_ppd(text)).limits
    text = text.replace("A3/A3", "A4/A4")
    assert choose_media({"media": "A3"}, parse_ppd(text)).limits
    # One that someone has edited, and that is no number, is none.
    assert not choose_media({"media": "A3"}, parse_ppd(text.replace("36 600", "36 6.0.0"))).limits


def test_codes_of_sizes_that_are_not_listed():
    """A description with codes of its own sends what it does not list as a custom size; others use the usual code."""
    assert known("4x6", DESCRIBED).code == CUSTOM_PAGE and known("A4", DESCRIBED).code == 26
    for text in ("", '*ipps443PageCode A4: "26"\n', '*CustomPageSize True: "x"\n'):
        assert known("4x6", parse_ppd(text)).code == 74
    described = parse_ppd('*PaperDimension Odd: "100 200"\n*PaperDimension X: "9 9 9"\n*PaperDimension Y: "100"\n')
    assert known("Odd", described) == PaperSize("Odd", 10000, 20000, CUSTOM_PAGE)
    assert find_size("X", described) is find_size("Y", described) is None
    assert known("Odd", parse_ppd('*PaperDimension Odd: "99 99"\n*ipps443PageCode Odd: "42"\n')).code == 42


def test_known_sizes():
    """Those that a description lists, or all."""
    assert [size.name for size in known_sizes(NONE)] == [name for name, _, _ in _SIZES]
    assert [size.name for size in known_sizes(DESCRIBED)] == ["A4"]


def test_defaults_of_a_description():
    """Size, source, type and bin, where the job names none; the job's own come first."""
    text = "*DefaultPageSize: A5\n*DefaultInputSlot: Tray3\n*DefaultMediaType: Bond\n*DefaultOutputBin: Lower\n"
    described = parse_ppd(text + '*ipps443MediaName Bond: "Firm"\n*ipps443MediaName Glossy: "Shiny"\n')
    assert choose_media({}, described) == Media(known("A5"), 5, 1, "Firm", 2)
    options = "media=A4,Manual,Glossy output-bin=upper"
    assert choose_media(parse_options(options), described) == Media(known("A4"), 2, 3, "Shiny", 1)


@pytest.mark.parametrize(
    "options",
    ["InputSlot=tray-77", "media-source=tray-77", "MediaType=com.example.blue", "OutputBin=bin-7", "media=A4,tray-77"],
)
def test_choices_without_numbers_are_no_problem(options: str) -> None:
    """What a description lists without a number of PCL is left to the backend; what it does not list is told."""
    listed = ("InputSlot tray-77", "MediaType com.example.blue", "OutputBin bin-7")
    description = parse_ppd("".join(f'*{choice}/x: ""\n' for choice in listed))
    media = choose_media(parse_options(options), description)
    assert (media.problems, media.source, media.type_number, media.output_bin) == ((), None, None, None)
    assert choose_media(parse_options(options), NONE).problems


@pytest.mark.parametrize(
    "option, names, code",
    [
        ("InputSlot", "upper main", 1),  # PCL 5 Technical Reference Manual, 4 "Paper Source": 1 is the main source
        ("InputSlot", "manual ManualFeed", 2),  # 2 feeds paper by hand, 3 envelopes
        ("InputSlot", "EnvelopeManual", 3),
        ("InputSlot", "lower", 4),
        ("InputSlot", "LargeCapacity", 5),
        ("InputSlot", "envelope", 6),
        ("InputSlot", "auto automatic autoselect", 7),  # and 7 chooses; PCL 5 Comparison Guide, since LaserJet 4000
        ("InputSlot", "tray1 bypass bypass-tray multipurpose", 4),  # of workgroup printers: the tray for all paper
        ("InputSlot", "tray2", 1),  # is 4, the first drawer below is 1
        ("InputSlot", "tray3", 5),
        *(("InputSlot", f"tray{number}", number + 4) for number in range(4, 10)),
        ("MediaType", "plain stationery", 0),  # 4 "Media Type"
        ("MediaType", "bond stationery-bond", 1),
        ("MediaType", "special", 2),
        ("MediaType", "glossy photographic-glossy", 3),
        ("MediaType", "transparency", 4),
        ("OutputBin", "upper top face-down", 1),
        ("OutputBin", "lower face-up rear", 2),
    ],
)
def test_numbers_of_names(option, names, code):
    """Each row of the tables of sources, types and bins, for printers without a description."""
    for name in names.split():
        media = choose_media({option: name}, NONE)
        found = {"InputSlot": media.source, "MediaType": media.type_number, "OutputBin": media.output_bin}
        assert found == {**dict.fromkeys(found), option: code} and not media.problems
