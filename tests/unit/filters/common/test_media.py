"""Paper by its many names."""

from __future__ import annotations

import pytest

from filters.common.job import parse_options
from filters.common.media import CUSTOM_PAGE, PaperSize, choose_media, find_size, in_hundredths_of_mm, media_names
from filters.common.ppd import PrinterDescription, parse_ppd
from tests.pcl_parser import SHEETS

NONE = PrinterDescription()


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
        ("na_letter", 2),
        ("na-letter", 2),
        ("Ledger", 6),
        ("Tabloid", 6),
        ("Env10", 81),
        ("com10", 81),
        ("JISB5", 45),
        ("iso_b5_176x250mm", 65),
        ("EnvISOB5", 100),
        ("custom_min_100x200mm", CUSTOM_PAGE),
        ("Custom.8x10in", CUSTOM_PAGE),
        ("Custom.500x700", CUSTOM_PAGE),
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


@pytest.mark.parametrize("code", sorted(SHEETS))
def test_sizes_agree_with_the_reference(code):
    """Measures and the kind of each size agree with the printers' tables, within half a millimetre."""
    from filters.common.media import _SIZES

    for ppd_name, _, own_code in _SIZES:
        if own_code == code:
            size = find_size(ppd_name, NONE)
            width, length, metric = SHEETS[code]
            assert size and abs(size.width - width * 24) < 150 and abs(size.length - length * 24) < 150
            assert size.metric == metric


def test_custom_measures():
    """Units of custom sizes are millimetres, centimetres, inches or points."""
    sizes = [
        find_size(name, NONE) for name in ("Custom.254x127mm", "Custom.25.4x12.7cm", "Custom.10x5in", "Custom.720x360")
    ]
    assert [(size.width, size.length) for size in sizes if size] == [(72000, 36000)] * 4


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


def known(name: str, description: PrinterDescription = NONE) -> PaperSize:
    """Return a size that is known."""
    size = find_size(name, description)
    assert size
    return size


def test_points_that_cupsd_has_cut_off():
    """Whole points are the whole millimetres that they were, where both sides can be; points of inches stay."""
    sizes = {"Custom.226x141": (8000, 5000), "Custom.226x595": (8000, 21000), "Custom.288x432": (10160, 15240)}
    for name, measures in sizes.items():
        assert in_hundredths_of_mm(known(name)) == measures
    # 500 points are no whole millimetres, and who writes a unit or a fraction means it.
    for name, width in {"Custom.226x500": 22600, "Custom.226x141pt": 22600, "Custom.226.5x141": 22650}.items():
        assert known(name).width == width


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


@pytest.mark.parametrize("size", ["6x30mm", "80x12mm", "331x400mm", "100x1221mm", "35x400"])
def test_sizes_outside_the_limits(size):
    """A size beyond what the description allows is a problem that names both, and the default is used."""
    media = choose_media({"media": f"Custom.{size}"}, DESCRIBED)
    assert media.size.name == "A4" and "not between 13 x 13 and 330 x 1219 mm" in media.limits
    assert len(media.problems) == 1
    assert not choose_media({"media": f"Custom.{size}"}, NONE).limits


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
    assert known("4x6").code == 74


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
    "name, code",
    [
        ("upper", 1),  # PCL 5 Printer Language Technical Reference Manual, 4 "Paper Source": 1 is the main source
        ("main", 1),
        ("manual", 2),  # 2 feeds paper by hand, 3 envelopes
        ("manualfeed", 2),
        ("envelopemanual", 3),
        ("lower", 4),
        ("largecapacity", 5),
        ("envelope", 6),
        ("auto", 7),  # and 7 chooses; PCL 5 Comparison Guide, of printers since the LaserJet 4000
        ("autoselect", 7),
        ("tray1", 4),  # of workgroup printers: the tray for all kinds of paper is 4, the first drawer below is 1
        ("bypass", 4),
        ("multipurpose", 4),
        ("tray2", 1),
        ("tray3", 5),
        ("tray4", 8),
        ("tray5", 9),
        ("tray6", 10),
        ("tray7", 11),
        ("tray8", 12),
        ("tray9", 13),
    ],
)
def test_sources_by_their_numbers(name, code):
    """Each row of the table of paper sources, for printers without a description."""
    assert choose_media({"InputSlot": name}, NONE).source == code


@pytest.mark.parametrize(
    "name, code",
    [("plain", 0), ("bond", 1), ("special", 2), ("glossy", 3), ("photographic-glossy", 3), ("transparency", 4)],
)
def test_types_by_their_numbers(name, code):
    """Each row of the table of types of paper (4 "Media Type")."""
    assert choose_media({"MediaType": name}, NONE).type_number == code
