"""Paper by its many names."""

from __future__ import annotations

import pytest

from filters.pcl.media import CUSTOM_PAGE, choose_media, find_size
from filters.ppd import PrinterDescription, parse_ppd
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
    from filters.pcl.media import _SIZES

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
    "options", [{"media": "A4,Nowhere"}, {"PageSize": "X"}, {"InputSlot": "X"}, {"output-bin": "X"}]
)
def test_unknown_names_are_told(options):
    """A name that nobody knows is a problem to be told, and the default is taken."""
    media = choose_media(options, NONE)
    assert media.size.code == 26 and len(media.problems) == 1


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
