"""Sizes, options, colours, finishings, constraints and presets, each from what a printer says about it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from filters.description.attributes import PrinterAttributes, Range, Resolution
from filters.description.finishings import FINISHINGS
from filters.description.generate import describe_printer
from filters.description.state import state_of
from filters.description.strings import parse_strings
from filters.description.translations import locale_of
from filters.description.words import name_apart
from tests.unit.filters.description.printers import LEAST, choices, complaints, default, describe, measures, value

A4, LETTER, A5 = (21000, 29700), (21590, 27940), (14800, 21000)
NAME_OF_A4 = "iso_a4_210x297mm"
MARGINS = {f"media-{edge}-margin": (300,) for edge in ("left", "bottom", "right", "top")}


def database(*entries: dict[str, Any], **more: Any) -> Any:
    return describe(media_col_database=entries, **more)


def media(text: str) -> list[str]:
    """Return the choices of PageSize with what each is for the printer."""
    return [" ".join(each) for each in re.findall(r'^\*ipps443Media (\S+): "(.*)"$', text, re.MULTILINE)]


# --- sizes ------------------------------------------------------------------------------------------------


def test_a_printer_that_says_nothing() -> None:
    """PDF alone: A4 and Letter with usual margins, no tray, no Duplex, and a note."""
    made = describe()
    assert choices(made.text, "PageSize") == ["A4", "Letter"] and default(made.text, "PageSize") == "A4"
    assert "InputSlot" not in made.text and "Duplex" not in made.text and "CustomPageSize" not in made.text
    assert choices(made.text, "ColorModel") == ["Gray"]
    assert made.notes == ("media: no sizes listed, A4 and US Letter are assumed",)
    assert media(made.text) == [f"A4 {NAME_OF_A4} 21000 29700", "Letter na_letter_8.5x11in 21590 27940"]
    assert value(made.text, "ImageableArea", "A4") == "18 18 577.28 823.89"


@pytest.mark.parametrize(
    "model, device_id, maker, name",
    [
        ("Example Laser 5", "CMD:PDF;MFG:Example;MDL:Laser 5;", "Example", "Example Laser 5"),
        ("Big Example Laser", "MANUFACTURER: big example", "big example", "Big Example Laser"),
        ("EX Laser", "MFG:Example", "EX", "EX Laser"),
        ("", "", "Unknown", "Unknown Printer"),
        ("(EX) Laser", "", "Printer", "Printer (EX) Laser"),
        ("x" * 71, f"MFG:{'x' * 31}", "x" * 30, "x" * 70),
    ],
)
def test_names_of_printers(model: str, device_id: str, maker: str, name: str) -> None:
    """The maker is that of the device id where the model begins with it, else the first word; no name is empty."""
    text = describe(printer_make_and_model=model, printer_device_id=device_id).text
    assert (value(text, "Manufacturer"), value(text, "ModelName")) == (maker, re.sub("[()]", "", name))
    assert value(text, "NickName") == f"{name} (ipps443, from the printer)"


@pytest.mark.parametrize(
    "said, kept",
    [
        ("SN:1;MFG:Ex;MDL:L-5 (A4)+_.;CMD:PDF,URF;", "MFG:Ex;MDL:L-5 (A4)+_.;CMD:PDF,URF;"),
        ('command set: PCL ;Manufacturer:E"x\u00e4<*>;MODEL:"";', "MFG:Ex;CMD:PCL;"),
        (
            f"MFG:{'x' * 31};MDL:{'y' * 71};{'z' * 2000};CMD:{'z' * 101}",
            f"MFG:{'x' * 30};MDL:{'y' * 70};CMD:{'z' * 100};",
        ),
        ("SN:1", None),
    ],
)
def test_device_id(said: str, kept: str | None) -> None:
    """What CUPS chooses drivers by, as far as a line has room for it: CUPS reads none over 255 octets."""
    assert value(describe(printer_device_id=said).text, "1284DeviceID") == kept


@pytest.mark.parametrize(
    "listed, refused, chosen, notes",
    [
        ("pdf urf", "", "pdf", []),
        ("pdf urf", "pdf", "urf", ["pdf: left out, because the printer has refused it"]),
        ("pdf urf", "urf", "pdf", []),
        ("pdf urf pwg", "pdf urf", "pwg", ["pdf: left out, because the printer has refused it"]),
        ("pdf", "pdf", "pdf", ["pdf: the printer has refused it, and lists nothing else that can be made"]),
        ("pdf jpeg", "pdf", "pdf", ["pdf: the printer has refused it, and lists nothing else that can be made"]),
    ],
)
def test_a_format_that_the_printer_refuses(listed: str, refused: str, chosen: str, notes: list[str]) -> None:
    """The next one that it lists, with a note; a printer with no other one keeps its own."""
    types = {"pdf": "application/pdf", "urf": "image/urf", "pwg": "image/pwg-raster", "jpeg": "image/jpeg"}
    said = {"document-format-supported": [types[each] for each in listed.split()], "media-supported": [NAME_OF_A4]}
    made = describe_printer(said, refused=[types[each] for each in refused.split()])
    assert made.format == types[chosen] and f" {made.format} " in (value(made.text, "cupsFilter2") or "")
    assert [*made.notes] == [note.replace("pdf", types["pdf"]) for note in notes]


def test_jpeg_alone() -> None:
    """JPEG files pass, and nothing is made that would have to be raster or text; the note says so."""
    made = describe(document_format_supported=("image/jpeg",), print_color_mode_supported=("color", "monochrome"))
    assert re.findall(r"^\*cupsFilter2?: (.*)$", made.text, re.MULTILINE) == ['"image/jpeg image/jpeg 0 -"']
    assert "cupsPreFilter" not in made.text and "cupsColorSpace" not in made.text
    assert choices(made.text, "ColorModel") == ["Gray", "RGB"] and "no other document" in " ".join(made.notes)
    assert describe(document_format_supported=("image/jpeg", "image/urf")).format == "image/urf"


@pytest.mark.parametrize("chosen", ["application/pdf", "image/urf", "image/pwg-raster"])
def test_jpeg_beside_others(chosen: str) -> None:
    """What the printer takes of JPEG files as they are, as it says so; nothing if it refuses them or does not scale."""
    said: dict[str, Any] = {
        **LEAST,
        "document-format-supported": ("image/jpeg", chosen),
        "print-scaling-supported": ("auto", "fit"),
        "print-color-mode-supported": ("color", "monochrome"),
    }
    made = describe_printer(said).text
    assert value(made, "ipps443Jpeg") == "0 0 0" and f'"image/jpeg {chosen} 0 imagetopdf443"' in made
    limits = {
        "jpeg-k-octets-supported": (Range(0, 12288),),
        "jpeg-x-dimension-supported": (Range(0, 8192),),
        "jpeg-y-dimension-supported": (Range(1, 20000),),
        "orientation-requested-supported": (3, 4, 7),
    }
    assert value(describe_printer({**said, **limits}).text, "ipps443Jpeg") == "12288 8192 20000 turns"
    nonsense = {"jpeg-k-octets-supported": (-1,), "orientation-requested-supported": (6,)}
    assert value(describe_printer({**said, **nonsense}).text, "ipps443Jpeg") == "0 0 0"
    assert value(describe_printer(said, refused=("image/jpeg",)).text, "ipps443Jpeg") is None
    for name in ("print-scaling-supported", "document-format-supported"):
        assert value(describe_printer({**said, name: (chosen,)}).text, "ipps443Jpeg") is None


@pytest.mark.parametrize(
    "modes, urf, grays, passes",
    [
        ((), ("W8", "SRGB24"), True, False),
        (("auto", "color"), ("W8", "SRGB24"), True, False),
        (("color", "monochrome"), ("W8", "SRGB24"), True, True),
        (("color",), ("SRGB24",), False, True),
    ],
)
def test_jpeg_in_grey(modes: tuple[str, ...], urf: tuple[str, ...], grays: bool, passes: bool) -> None:
    """Where grey pages are made here, and the printer makes no grey of what is coloured, all JPEG become pages."""
    said: dict[str, Any] = {
        **{name: value for name, value in LEAST.items() if name != "print-color-mode-supported"},
        "document-format-supported": ("image/jpeg", "image/urf"),
        "print-scaling-supported": ("fit",),
        "urf-supported": ("V1.4", *urf),
        **({"print-color-mode-supported": modes} if modes else {}),
    }
    made = describe_printer(said).text
    assert ("Gray" in choices(made, "ColorModel")) == grays and (value(made, "ipps443Jpeg") is not None) == passes


@pytest.mark.parametrize(
    "sizes, loaded, own, chosen, notes",
    [
        ("A6 A4 Letter A5", "", "Letter", "Letter", ()),
        ("A6 A4 Letter A5", "A5", "Letter", "A5", ("media-default: Letter is not loaded, A5 is",)),
        ("A6 A4 Letter A5", "A5 Letter", "Letter", "Letter", ()),
        ("A6 A4 Letter A5", "A5 A4", "", "A5", ()),
        ("A6 A4 Letter A5", "", "A3", "A4", ()),
        ("A6 A5 Letter", "", "", "Letter", ()),
        ("A6 A5 B5", "", "", "A6", ()),
    ],
)
def test_default_size(sizes: str, loaded: str, own: str, chosen: str, notes: tuple[str, ...]) -> None:
    """The printer's default, if it does not contradict what is loaded; what is loaded stands first."""
    known = {"A3": (29700, 42000), "A4": A4, "A5": A5, "A6": (10500, 14800), "B5": (18200, 25700), "Letter": LETTER}
    names = {name: f"x_y_{width / 100:g}x{length / 100:g}mm" for name, (width, length) in known.items()}
    entries = {each: measures("", *known[each]) for each in known}
    answers: tuple[dict[str, Any], ...] = (
        {"media_col_ready": tuple(entries[each] for each in loaded.split()), "media_col_default": entries.get(own, ())},
        {"media_ready": tuple(names[each] for each in loaded.split()), "media_default": names.get(own, ())},
    )
    for said in answers:
        made = database(*(entries[each] for each in sizes.split()), **said)
        assert default(made.text, "PageSize") == default(made.text, "ImageableArea") == chosen
        assert made.notes == notes and choices(made.text, "PageSize")[: len(loaded.split())] == loaded.split()


@pytest.mark.parametrize(
    "margins, area",
    [
        ((300, 400, 500, 600), "8.5 11.34 581.1 824.88"),
        ((0, 0, 0, 1), "0 0 595.28 841.86"),
        ((10500, 0, 10499, 0), "297.64 0 297.67 841.89"),
        ((10500, 0, 10500, 0), ""),
        ((1, 14850, 0, 14849), "0.03 420.94 595.28 420.97"),
        ((1, 14850, 0, 14850), ""),
        ((-1, 300, 300, 300), ""),
        ((2**31 - 1, 1, 1, 1), ""),
        ((300, 300, 300), ""),
        ((), ""),
    ],
)
def test_margins(margins: tuple[int, ...], area: str) -> None:
    """Of the size where they leave something of it; else the smallest of the printer that are none."""
    supported = {
        "media_left_margin_supported": (0, 900, 200),
        "media_bottom_margin_supported": (300, -1),
        "media_right_margin_supported": (1, 400),
    }
    made = database(measures("", *A4, *margins), **supported)
    assert value(made.text, "ImageableArea", "A4") == (area or "5.67 8.5 595.25 823.89")


ZERO: dict[str, Any] = {f"media_{edge}_margin_supported": 0 for edge in ("left", "bottom", "right", "top")}


@pytest.mark.parametrize(
    "given, areas",
    [
        ({"media_supported": "iso_a4_210x297mm", **ZERO}, {"A4": "0 0 595.28 841.89"}),
        (
            {"media_supported": "iso_a4_210x297mm", **ZERO, "media_top_margin_supported": (0, 1270)},
            {"A4": "0 0 595.28 805.89"},
        ),
        (
            {"media_col_ready": (measures("", *A4, *(300,) * 4), measures("", 10160, 15240, 0, 0, 0, 0))},
            {"A4": "8.5 8.5 586.77 833.39", "4x6": "18 18 270 414", "4x6.Borderless": "0 0 288 432"},
        ),
        ({"media_supported": "a_10x20mm"}, {"a_10x20mm": "1.42 1.42 26.93 55.28"}),
        (
            {
                "media_col_database": measures("", *A4, *(300,) * 4),
                "media_col_ready": measures("", *A4, 0, 0, 0, 0),
            },
            {"A4": "8.5 8.5 586.77 833.39"},
        ),
    ],
)
def test_margins_without_a_database(given: dict[str, Any], areas: dict[str, str]) -> None:
    """Those of what is loaded; else the printer's smallest, which may be none at all."""
    text = describe(**given).text
    assert {choice: value(text, "ImageableArea", choice) for choice in choices(text, "PageSize")} == areas
    for choice, area in areas.items():
        edges = (value(text, "ipps443Media", choice) or "").split()[3:]
        assert edges == (["0"] * 4 if area in ("0 0 595.28 841.89", "0 0 288 432") else [])


def test_trays_of_what_is_loaded() -> None:
    """A printer that lists neither trays nor a database; what is loaded now excludes nothing."""
    loaded = measures("", *A4, media_source="tray-1", media_type="labels"), measures("", *A5, media_source="photo")
    text = describe(media_col_ready=loaded).text
    assert choices(text, "InputSlot") == ["default", "tray-1", "photo"] and choices(text, "MediaType") == ["labels"]
    assert "UIConstraints" not in text


def test_one_sheet_is_loaded_at_a_place() -> None:
    """Of what is loaded in a range of sizes the first one counts, not each that is between its ends."""
    names = "a_50x50mm", "b_102x202mm", "c_100x200mm"
    ready = measures("", Range(10000, 10200), Range(20000, 20200))
    text = describe(media_supported=names, media_col_ready=ready).text
    assert choices(text, "PageSize") == ["c_100x200mm", "a_50x50mm", "b_102x202mm"]


def lying(*sources: str, margins: tuple[int, ...] = (300,) * 4) -> tuple[dict[str, Any], ...]:
    """Return the entries of A4 in several sources; "" for anywhere."""
    more: list[dict[str, Any]] = [{"media_source": each} if each else {} for each in sources]
    return tuple(measures("", *A4, *margins, **each) for each in more)


@pytest.mark.parametrize(
    "entries, trays, excluded",
    [
        (lying("one"), "auto one two manual", ["A4 two"]),
        (lying("one"), "three one two", ["A4 three", "A4 two"]),
        (lying("one", "two"), "auto one two", []),
        (lying("one", "auto"), "auto one two", []),
        (lying("one", ""), "auto one two", []),
        (lying("one") + lying("two", margins=(0,) * 4), "auto one two", ["A4.Borderless one"]),
        (lying("two", margins=(0,) * 4), "auto one two", ["A4 one"]),
        (lying("one") + lying("two", "", margins=(0,) * 4), "auto one two", []),
    ],
)
def test_where_sizes_lie(entries: tuple[dict[str, Any], ...], trays: str, excluded: list[str]) -> None:
    """In the trays that the database has for them; where nothing is chosen, or later, that excludes no size."""
    own = {"media_default": "iso_a5_148x210mm", "media_source_supported": tuple(trays.split())}
    text = database(*entries, measures("", *A5), **own).text
    found = re.findall(r"^\*UIConstraints: \*PageSize (\S+) \*InputSlot (\S+)$", text, re.MULTILINE)
    assert [" ".join(each) for each in found] == excluded and text.count("*UIConstraints") == 2 * len(excluded)


def test_first_margins_count() -> None:
    """Several entries of one size: the first margins, and borderless if one of them is."""
    made = database(measures("", *A4, *(300,) * 4), measures("", *A4, *(1200,) * 4), measures("", *A4, 0, 0, 0, 0))
    assert choices(made.text, "PageSize") == ["A4", "A4.Borderless"]
    assert value(made.text, "ImageableArea", "A4") == "8.5 8.5 586.77 833.39"
    assert value(made.text, "ImageableArea", "A4.Borderless") == "0 0 595.28 841.89"


def test_long_names_of_borderless_sizes() -> None:
    """What tells it from the one with margins is not cut off."""
    name = f"example_{'n' * 20}_100x200mm"
    entries = measures(name, 10000, 20000, 1, 1, 1, 1), measures(name, 10000, 20000, 0, 0, 0, 0)
    made = describe_printer({**LEAST, "media-col-database": entries}, {f"media.{name}": "t" * 100})
    lines = re.findall(r"^\*PageSize (.*):", made.text, re.MULTILINE)
    assert lines == [f"{name}/{'t' * 80}", f"{name[:29]}.Borderless/{'t' * 66} (borderless)"]


@pytest.mark.parametrize(
    "name, size, noted",
    [
        ("", (0, 0), ""),
        ("a", (0, 0), "0 x 0"),
        ("", (0, 29700), "0 x 297"),
        ("", (-21000, 29700), "-210 x 297"),
        ("", (499, 29700), "4.99 x 297"),
        ("", (29700, 499), "297 x 4.99"),
        ("", (1_000_001, 500), "10000 x 5"),
        ("", (500, 1_000_001), "5 x 10000"),
        ("", (True, 29700), ""),
        ("", (29700, "29700"), ""),
    ],
)
def test_impossible_sizes(name: str, size: Any, noted: str) -> None:
    """Sizes that no sheet has are left out, and named unless the printer means nothing by them."""
    made = database(measures("", *A4), measures(name, *size), measures("", 500, 500), measures("", 500, 1_000_000))
    assert choices(made.text, "PageSize") == ["A4", "w14h14", "w14h28346"]
    assert made.notes == ((f"media: a size of {noted} mm is left out",) if noted else ())


def test_notes_about_sizes() -> None:
    """The first five, each once."""
    made = database(measures("", *A4), *(measures("", 100 * n, 100) for n in (1, 1, 2, 2, 3, 4, 5, 6)))
    assert made.notes == tuple(f"media: a size of {n} x 1 mm is left out" for n in range(1, 6))


@pytest.mark.parametrize("across", (-50, -49, 0, 49, 50))
@pytest.mark.parametrize("along", (-50, -49, 0, 49, 50))
def test_sizes_that_are_nearly_one(across: int, along: int) -> None:
    """Less than half a millimetre apart, on both sides."""
    made = database(measures("", 10025, 20025), measures("", 10025 + across, 20025 + along))
    assert len(choices(made.text, "PageSize")) == (1 if max(abs(across), abs(along)) < 50 else 2)


@pytest.mark.parametrize(
    "name, size, choice, text",
    [
        ("na_letter_8.5x11in", LETTER, "Letter", "US Letter"),
        ("iso_a5_148x210mm", A5, "A5", "A5"),
        ("jis_b5_182x257mm", (18200, 25700), "B5", "B5 (JIS)"),
        ("na_foolscap_8.5x13in", (21590, 33020), "FanFoldGermanLegal", "Foolscap (216 x 330 mm)"),
        ("prc_16k-184x260_184x260mm", (18400, 26000), "prc_16k-184x260_184x260mm", "16k 184x260 (184 x 260 mm)"),
        (
            "com.example_BigRed_thin_100x200mm",
            (10000, 20000),
            "com.example_BigRed_thin_100x200mm",
            "BigRed Thin (100 x 200 mm)",
        ),
        ("plain_100x200mm", (10000, 20000), "plain_100x200mm", "100 x 200 mm"),
        ("com.example_" + "x" * 40 + "_100x200mm", (10000, 20000), "w283h567", f"X{'x' * 39} (100 x 200 mm)"),
        ("custom_label_50x80mm", (5000, 8000), "w142h227", "50 x 80 mm"),
        ('a"b_100x200mm', (10000, 20000), "w283h567", "100 x 200 mm"),
        ("unmeasured", (10000, 20000), "w283h567", "100 x 200 mm"),
        ("", (10000, 20000), "w283h567", "100 x 200 mm"),
        ("", (10160, 15240), "4x6", "4 x 6 in"),
        ("", (20320, 25400), "na_govt-letter_8x10in", "Govt Letter (203 x 254 mm)"),
    ],
)
def test_names_of_sizes(name: str, size: tuple[int, int], choice: str, text: str) -> None:
    """Adobe's where there is one, the printer's if it can be a choice, else the measures in points."""
    made = database(measures(name, *size))
    assert re.findall(r"^\*PageSize (.*):", made.text, re.MULTILINE) == [f"{choice}/{text}"]


def test_sizes_by_names_alone() -> None:
    """A printer without measures: the names; trays and types among them are no sizes."""
    made = database(
        {"media-size-name": ("na_executive_7.25x10.5in",), **MARGINS},
        media_supported=("iso_a4_210x297mm", "tray-1", "stationery", "na_letter_8.5x11in", "iso_a4"),
    )
    assert media(made.text) == [
        "Executive na_executive_7.25x10.5in 18415 26670",
        f"A4 {NAME_OF_A4} 21000 29700",
        "Letter na_letter_8.5x11in 21590 27940",
    ]
    assert value(made.text, "ImageableArea", "Executive") == "8.5 8.5 513.5 747.5"


@pytest.mark.parametrize(
    "names, size, made, noted",
    [
        ((NAME_OF_A4,), A5, "A5 iso_a5_148x210mm 14800 21000", "A4 has measures of 148 x 210 mm; the name is left out"),
        (
            (NAME_OF_A4,),
            A4[::-1],
            "w842h595 custom_297x210mm_297x210mm 29700 21000",
            "A4 has measures of 297 x 210 mm; the name is left out",
        ),
        (("na_letter_8.5x11in",), (21600, 27900), "Letter na_letter_8.5x11in 21600 27900", ""),
        (("disc_standard_40x118mm",), (11800, 11800), "disc_standard_40x118mm disc_standard_40x118mm 11800 11800", ""),
        (("custom_tape_3.5x30mm",), (), "", "a size of 3.5 x 30 mm is left out"),
        (
            ("a_62x29mm", "a_62.3x29.2mm", "a_62.3x29.2mm"),
            (6200, 2900),
            "a_62x29mm a_62x29mm 6200 2900",
            "a_62.3x29.2mm is taken for a_62x29mm, which is nearly as large",
        ),
        (("a_62x29mm", "a_62x29.2mm", "b_62x29mm"), (), "a_62x29mm a_62x29mm 6200 2900", "a_62x29.2mm is taken for"),
        ((NAME_OF_A4, "om_a4_210x297mm"), (), f"A4 {NAME_OF_A4} 21000 29700", ""),
        ((NAME_OF_A4,), (21001, 29701), f"A4 {NAME_OF_A4} 21001 29701", ""),
        (("", "a_100x200mm"), (10001, 20001), "a_100x200mm a_100x200mm 10001 20001", ""),
    ],
)
def test_names_and_measures(names: tuple[str, ...], size: tuple[int, ...], made: str, noted: str) -> None:
    """The measures count where the name has others; what is left out, or taken for its neighbour, is named."""
    sheets = (measures(names[0], *size),) if size else ()
    given = database(*sheets, media_supported=names[bool(size) :])
    notes = [note.replace(NAME_OF_A4, "A4") for note in given.notes if "assumed" not in note]
    assert not made or media(given.text) == [made]
    assert [noted in note for note in notes] == ([True] if noted else [])


def test_too_many_sizes() -> None:
    """More sizes than any printer has: the first ones, and one note."""
    sizes = [measures("", 5000 + 60 * n, 9000 + 60 * n) for n in range(503)]
    assert not database(*sizes[:500]).notes
    made = database(*sizes)
    assert len(choices(made.text, "PageSize")) == 500 and made.notes == (
        "media: sizes after the first 500 are left out",
    )


def reach(across: Any, along: Any) -> dict[str, Any]:
    return {"media_size_supported": measures("", across, along)["media-size"]}


@pytest.mark.parametrize(
    "given, width, height",
    [
        ({"media_supported": ("custom_min_76.2x127mm", "custom_max_215.9x355.6mm")}, "216 612", "360 1008"),
        (reach(Range(7620, 21590), Range(12700, 35560)), "216 612", "360 1008"),
        (reach(21000, Range(12700, 35560)), "595.28 595.28", "360 1008"),
        ({"media_supported": ("custom_max_215.9x355.6mm", "custom_min_76.2x127mm")}, "216 612", "360 1008"),
        ({"media_supported": ("roll_max_215.9x355.6mm", "ROLL_min_76.2x127mm")}, "216 612", "360 1008"),
        (
            {
                "media_supported": ("custom_min_76.2x127mm", "roll_max_62x1000mm", "custom_max_215.9x355.6mm")
                + ("roll_min_25.4x25.4mm",)
            },
            "72 612",
            "72 2834.65",
        ),
        (
            {
                "media_col_database": (
                    measures("", Range(7620, 21590), Range(12700, 35560)),
                    measures("", Range(8890, 43180), Range(8890, 1000000)),
                )
            },
            "216 1224",
            "252 28346.46",
        ),
        ({"media_supported": ("custom_min_100x100mm", "custom_max_100x200mm")}, "283.46 283.46", "283.46 566.93"),
        ({"media_supported": ("custom_min_100x100mm", "custom_max_200x100mm")}, "283.46 566.93", "283.46 283.46"),
        ({"media_supported": ("custom_max_215.9x355.6mm", "roll_min_20x20mm")}, None, None),
        ({"media_supported": ("custom_min_100x300mm", "custom_max_200x200mm")}, None, None),
        ({"media_supported": ("custom_min_300x100mm", "custom_max_200x200mm")}, None, None),
        (reach(Range(-5, 2**31 - 1), Range(0, 2**31 - 1)), "14.17 28346.46", "14.17 28346.46"),
    ],
)
def test_custom_sizes(given: dict[str, Any], width: str | None, height: str | None) -> None:
    """The printer's limits, of several ranges those of all; none where it has none, or none that anything fits in."""
    made = describe(**given)
    text = made.text
    assert bool([note for note in made.notes if "left out" in note]) == (width is None)
    assert not [choice for choice in choices(text, "PageSize") if "_m" in choice]
    assert value(text, "ParamCustomPageSize", "Width") == (width and f"1 points {width}")
    assert value(text, "ParamCustomPageSize", "Height") == (height and f"2 points {height}")
    assert value(text, "HWMargins") == (width and "18 18 18 18")
    assert ("*CustomPageSize True" in text) == (width is not None) == ("*VariablePaperSize: True" in text)


def test_many_limits_that_nothing_fits_in() -> None:
    """They have one note, as they have one range."""
    backwards = (Range(20000, 10000), Range(30000, 20000))
    made = describe(media_supported=NAME_OF_A4, media_size_supported={f"{axis}-dimension": backwards for axis in "xy"})
    assert made.notes == ("media: limits of custom sizes that nothing fits in are left out",)


# --- options ----------------------------------------------------------------------------------------------


OPTION_LINES = """\
*OpenUI *InputSlot/Paper source: PickOne
*OrderDependency: 10 AnySetup *InputSlot
*DefaultInputSlot: default
*InputSlot default/As the printer is set: ""
*InputSlot Tray-1/Tray 1: ""
*InputSlot tray-1-2/Tray 1: ""
*InputSlot TRAY-1-3/TRAY 1: ""
*CloseUI: *InputSlot
*ipps443PrinterDefault InputSlot: "default"
*ipps443Keyword InputSlot.tray-1-2: "tray-1"
*ipps443Keyword InputSlot.TRAY-1-3: "TRAY-1"
*OpenUI *ColorModel/Color mode: PickOne
*OrderDependency: 10 AnySetup *ColorModel
*DefaultColorModel: RGB
*ColorModel RGB/Color: ""
*CloseUI: *ColorModel
*OpenUI *Duplex/Two-sided: PickOne
*OrderDependency: 10 AnySetup *Duplex
*DefaultDuplex: None
*Duplex None/Off: "<</Duplex false>>setpagedevice"
*Duplex DuplexTumble/Short edge (landscape): "<</Duplex true/Tumble true>>setpagedevice"
*CloseUI: *Duplex
*OpenUI *StaplePosition/Staple: PickOne
*OrderDependency: 10 AnySetup *StaplePosition
*DefaultStaplePosition: none
*StaplePosition none/None: ""
*StaplePosition staple/Staple: ""
*CloseUI: *StaplePosition
*ipps443PrinterDefault StaplePosition: "none"
*cupsIPPFinishings 4/staple: "*StaplePosition staple"
"""


def test_lines_of_options() -> None:
    """All that is said of them; of trays that differ in case, which are one for CUPS, one line says what each means."""
    text = describe(
        media_source_supported=("Tray-1", "tray-1", "TRAY-1"),
        color_supported=True,
        sides_supported="two-sided-short-edge",
        finishings_supported=4,
    ).text
    assert text.endswith(OPTION_LINES)


@pytest.mark.parametrize(
    "word", ["a b", "a/b", "a:b", 'a"b', "*a", "-a", "", "ä", "x" * 41, "Custom", "custom.5", "True", "a\nb", "a\x00"]
)
def test_words_that_are_no_choices(word: str) -> None:
    """They are left out with a note that is safe to show."""
    made = describe(media_source_supported=("tray-1", word), output_bin_supported=(word,))
    assert choices(made.text, "InputSlot") == ["tray-1"] and "OutputBin" not in made.text
    assert not word or any(note.startswith("media-source: 1 left out") and note.isprintable() for note in made.notes)


@pytest.mark.parametrize(
    "listed, own, chosen, is_printers",
    [
        (("tray-1", "auto", "tray-2"), "tray-2", "auto", False),
        (("tray-1", "auto"), "auto", "auto", True),
        (("tray-1", "tray-2"), "tray-2", "tray-2", True),
        (("manual", "tray-2"), "gone", "default", True),
        (("manual", "tray-2"), None, "default", True),
        (("tray-2", "default"), None, "default", True),
        (("manual",), None, "manual", True),
    ],
)
def test_default_tray(listed: tuple[str, ...], own: str | None, chosen: str, is_printers: bool) -> None:
    """Automatic before the tray that happens to be the default; where none is named no job asks for any."""
    made = describe(media_source_supported=listed, media_col_default=({"media-source": (own,)},) if own else ())
    assert default(made.text, "InputSlot") == chosen
    assert choices(made.text, "InputSlot") == [*(["default"] if chosen not in listed else []), *listed]
    assert value(made.text, "ipps443PrinterDefault", "InputSlot") == (chosen if is_printers else None)


@pytest.mark.parametrize(
    "own, chosen, is_printers",
    [("face-up", "face-up", True), ("auto", "auto", True), ((), "auto", True), ("gone", "auto", True)],
)
def test_default_bin(own: Any, chosen: str, is_printers: bool) -> None:
    """The printer's own before the automatic one."""
    text = describe(output_bin_supported=("face-down", "auto", "face-up"), output_bin_default=own).text
    assert default(text, "OutputBin") == chosen
    assert value(text, "ipps443PrinterDefault", "OutputBin") == (chosen if is_printers else None)


def test_too_many_choices() -> None:
    """The first 400, and a note."""
    bins = [f"bin-{n}" for n in range(401)]
    made = [describe(output_bin_supported=tuple(bins[:most]), output_bin_default="bin-0") for most in (400, 401)]
    assert [choices(each.text, "OutputBin") for each in made] == [bins[:400]] * 2
    assert [each.notes[1:] for each in made] == [(), ("output-bin: 1 left out, such as 'bin-400'",)]


@pytest.mark.parametrize(
    "sides, own, listed, chosen",
    [
        (("one-sided",), "one-sided", [], ""),
        ((), "two-sided-long-edge", [], ""),
        (("one-sided", "two-sided-long-edge"), "two-sided-long-edge", ["None", "DuplexNoTumble"], "DuplexNoTumble"),
        (("two-sided-short-edge",), None, ["None", "DuplexTumble"], "None"),
        (("one-sided", "two-sided-long-edge"), "two-sided-short-edge", ["None", "DuplexNoTumble"], "None"),
    ],
)
def test_sides(sides: tuple[str, ...], own: str | None, listed: list[str], chosen: str) -> None:
    """Only sides that are there, and a default among them."""
    text = describe(sides_supported=sides, sides_default=own or ()).text
    assert (choices(text, "Duplex"), default(text, "Duplex")) == (listed, chosen)


# --- colours and qualities --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "modes, own, color, listed, chosen",
    [
        (("auto", "color", "monochrome"), "auto", True, ["Gray", "RGB"], "RGB"),
        (("color", "monochrome"), "monochrome", True, ["Gray", "RGB"], "Gray"),
        (("auto", "monochrome"), "auto", False, ["Gray"], "Gray"),
        (("color",), "color", True, ["RGB"], "RGB"),
        ((), None, True, ["RGB"], "RGB"),
        ((), None, False, ["Gray"], "Gray"),
        (
            ("auto", "auto-monochrome", "color", "process-monochrome"),
            "auto-monochrome",
            True,
            ["Gray", "RGB", "auto-monochrome", "process-monochrome"],
            "auto-monochrome",
        ),
        (("gray", "color", "x y"), "auto", True, ["Gray", "RGB", "gray-2"], "RGB"),
    ],
)
def test_colors(modes: tuple[str, ...], own: str | None, color: bool, listed: list[str], chosen: str) -> None:
    """Gray and RGB by what the printer lists, and its other modes by their own names."""
    text = describe(print_color_mode_supported=modes, print_color_mode_default=own or (), color_supported=color).text
    assert (choices(text, "ColorModel"), default(text, "ColorModel")) == (listed, chosen)
    assert value(text, "ColorDevice") == str("RGB" in listed)
    assert value(text, "DefaultColorSpace") == ("RGB" if "RGB" in listed else "Gray")


@pytest.mark.parametrize(
    "urf, back, colors, qualities",
    [
        (
            ("V1.4", "W8", "SRGB24", "RS300-600", "DM3"),
            "Rotated",
            ["Gray", "RGB"],
            {"Draft": 300, "Normal": 300, "High": 600},
        ),
        (("W8", "RS1200-300-600", "DM4"), "ManualTumble", ["Gray"], {"Draft": 300, "Normal": 600, "High": 1200}),
        (("SRGB24", "RS600", "DM2"), "Flipped", ["RGB"], {"Draft": 600, "Normal": 600, "High": 600}),
        (("W8", "SRGB24", "DM9", "RSx"), "Normal", ["Gray", "RGB"], {"Draft": 300, "Normal": 300, "High": 300}),
    ],
)
def test_apple_raster(urf: tuple[str, ...], back: str, colors: list[str], qualities: dict[str, int]) -> None:
    """The back side, colours and resolutions of urf-supported, whatever PWG raster would be like."""
    text = describe(
        document_format_supported=("image/pwg-raster", "image/urf"),
        urf_supported=urf,
        pwg_raster_document_sheet_back="normal",
        pwg_raster_document_resolution_supported=Resolution(100, 100),
        print_quality_supported=(3, 4, 5),
    ).text
    assert value(text, "cupsBackSide") == back and choices(text, "ColorModel") == colors
    for quality, dpi in qualities.items():
        assert value(text, "cupsPrintQuality", quality) == f"<</HWResolution[{dpi} {dpi}]>>setpagedevice"
    assert value(text, "cupsFilter2") == "application/vnd.cups-raster image/urf 10 rastertopwg"


@pytest.mark.parametrize(
    "said, back",
    [
        ({"pwg_raster_document_sheet_back": "normal"}, "Normal"),
        ({"pwg_raster_document_sheet_back": "Rotated"}, "Rotated"),
        ({"pwg_raster_document_sheet_back": "manual-tumble"}, "ManualTumble"),
        ({"pwg_raster_document_sheet_back": "?"}, "Normal"),
        ({"pwg_raster_document_sheet_back_supported": "flipped"}, "Flipped"),
    ],
)
def test_pwg_raster(said: dict[str, str], back: str) -> None:
    """PWG raster where there is no Apple raster; resolutions that are not square, and unsorted."""
    text = describe(
        document_format_supported=("text/plain", "Image/PWG-Raster; version=1"),
        **said,
        pwg_raster_document_type_supported=("srgb_8", "sgray_8", "adobe-rgb_16"),
        pwg_raster_document_resolution_supported=(Resolution(1200, 600), Resolution(300, 300), Resolution(600, 600)),
        print_quality_supported=(5, 3),
    ).text
    assert value(text, "cupsBackSide") == back and choices(text, "ColorModel") == ["Gray", "RGB"]
    assert value(text, "cupsPrintQuality", "Draft") == "<</HWResolution[300 300]>>setpagedevice"
    assert value(text, "cupsPrintQuality", "High") == "<</HWResolution[1200 600]>>setpagedevice"
    assert choices(text, "cupsPrintQuality") == ["Draft", "High"] and default(text, "cupsPrintQuality") == "Draft"
    assert value(text, "DefaultResolution") == "300dpi"


def test_resolutions_of_pwg_raster() -> None:
    """Those of the printer where it has none for raster; where none is square, those."""
    text = describe(
        document_format_supported="image/pwg-raster",
        printer_resolution_supported=(Resolution(1200, 600), Resolution(600, 300), Resolution(300, 600)),
    ).text
    assert choices(text, "cupsPrintQuality") == ["Normal"] and "cupsPrintQuality" not in describe().text
    assert value(text, "cupsPrintQuality", "Normal") == "<</HWResolution[600 300]>>setpagedevice"
    assert value(text, "DefaultResolution") == "600x300dpi"


@pytest.mark.parametrize(
    "listed, own, chosen",
    [
        ((3, 4, 5), 5, "High"),
        ((3, 4, 5), 3, "Draft"),
        ((3, 4, 5), (), "Normal"),
        ((3, 5), 4, "Draft"),
        ((5,), 3, "High"),
    ],
)
def test_default_quality(listed: tuple[int, ...], own: Any, chosen: str) -> None:
    """The printer's, else normal, else the first that there is."""
    text = describe(print_quality_supported=listed, print_quality_default=own).text
    assert default(text, "cupsPrintQuality") == chosen


@pytest.mark.parametrize(
    "kind, types, modes, sent",
    [
        ("urf", ("SRGB24",), ("auto", "color", "monochrome"), {"Gray": "19 8", "RGB": "19 8"}),
        ("urf", ("SRGB24",), ("color",), {"RGB": "19 8"}),
        ("urf", ("SRGB24",), ("monochrome", "bi-level"), {"Gray": "19 8", "bi-level": "19 8"}),
        ("urf", ("W8", "SRGB24"), ("auto", "monochrome"), {"Gray": "18 8"}),
        ("urf", ("DEVRGB24",), ("color",), {"RGB": "19 8", "note": "DEVRGB24"}),
        ("pwg-raster", ("SRGB_8", "sgray_16"), ("color", "process-monochrome"), dict.fromkeys(("Gray", "RGB"), "19 8")),
        (
            "pwg-raster",
            ("srgb_8", "sgray_8"),
            ("color", "highlight", "bi-level"),
            {"highlight": "19 8", "bi-level": "18 8"},
        ),
        ("pwg-raster", ("sgray_8", "black_1"), ("monochrome", "bi-level"), {"Gray": "18 8", "bi-level": "3 1"}),
        ("pwg-raster", ("black_1", "sgray_1"), ("process-bi-level",), {"Gray": "3 1", "process-bi-level": "3 1"}),
        ("pwg-raster", ("black_1", "sgray_8"), ("process-bi-level",), {"Gray": "18 8", "process-bi-level": "3 1"}),
        ("pwg-raster", (), (), {"Gray": "18 8"}),
        ("pwg-raster", ("sgray_16",), ("monochrome",), {"Gray": "18 16"}),
        ("pwg-raster", ("cmyk_8",), (), {"Gray": "18 8", "note": "cmyk_8"}),
    ],
)
def test_no_type_of_raster_that_is_not_listed(
    kind: str, types: tuple[str, ...], modes: tuple[str, ...], sent: dict[str, str]
) -> None:
    """Grey is sent in sRGB, or in black alone, where nothing else is listed. Codes are cupsColorSpace and bits."""
    made = describe(
        document_format_supported=f"image/{kind}",
        urf_supported=types,
        pwg_raster_document_type_supported=types,
        print_color_mode_supported=modes,
    )
    noted = sent.pop("note", "")
    note = f"image/{kind}: nothing of {noted} can be made; the printer gets what it may refuse"
    assert made.notes[:-1] == ((note,) if noted else ())
    assert ("*ColorModel Gray/Black and white:" in made.text) == (sent.get("Gray") == "3 1")
    codes = re.findall(r"^\*ColorModel (\S+)/.*ColorSpace (\d+)/cupsBitsPerColor (\d+)/", made.text, re.MULTILINE)
    found = {choice: f"{space} {bits}" for choice, space, bits in codes}
    assert found.items() >= sent.items() and ("RGB" in found) == (_is_color(types) and "color" in modes)


def _is_color(types: tuple[str, ...]) -> bool:
    return any("RGB" in each.upper() for each in types)


@pytest.mark.parametrize(
    "listed, own, dots",
    [
        ("RS300-450-600-1200", Resolution(600, 600), (300, 600, 1200)),
        ("RS300-450-600-1200", Resolution(2400, 2400), (300, 450, 1200)),
        ("RS300-450-600-1200", None, (300, 450, 1200)),
        ("RS49-9601", None, (300, 300, 300)),
        ("RS50-9600", None, (50, 50, 9600)),
        ("SRGB24", None, (150, 150, 200)),
    ],
)
def test_resolutions_of_qualities(listed: str, own: Resolution | None, dots: tuple[int, ...]) -> None:
    """Draft is the coarsest, High the finest; Normal the printer's own if raster can be made in it, else the middle."""
    text = describe(
        document_format_supported="image/urf",
        urf_supported=("W8", listed),
        print_quality_supported=(5, 4, 3),
        printer_resolution_default=own or (),
        printer_resolution_supported=tuple(Resolution(each, each) for each in (200, 150) if listed == "SRGB24"),
    ).text
    codes = {name: f"<</HWResolution[{n} {n}]>>setpagedevice" for name, n in zip(("Draft", "Normal", "High"), dots)}
    assert {name: value(text, "cupsPrintQuality", name) for name in choices(text, "cupsPrintQuality")} == codes
    assert value(text, "DefaultResolution") == f"{dots[1]}dpi"


# --- finishings, constraints, presets, PIN ----------------------------------------------------------------


def test_finishers() -> None:
    """One option for each kind, with "none"; numbers that no standard knows are noted."""
    made = describe(finishings_supported=(3, 22, 4, 70, Range(90, 92), 7, 60, 13, 14, 999), finishings_default=22)
    assert choices(made.text, "StaplePosition") == ["none", "staple", "staple-top-right"]
    assert default(made.text, "StaplePosition") == "staple-top-right"
    assert choices(made.text, "Punch") == ["none", "punch-top-left"]
    assert choices(made.text, "Fold") == ["none", "fold-accordion", "fold-double-gate", "fold-gate"]
    assert choices(made.text, "Bind") == ["none", "bind"] and choices(made.text, "Trim") == ["none", "trim-after-pages"]
    assert choices(made.text, "Booklet") == ["none", "booklet-maker"]
    assert choices(made.text, "OtherFinishing") == ["none", "jog-offset"]
    assert made.notes[1:] == ("finishings: 1 left out that no standard knows, such as 999",)


def test_numbers_of_finishings() -> None:
    """As PWG 5100.1 has them."""
    singles = "staple punch cover bind saddle-stitch edge-stitch fold trim bale booklet-maker jog-offset coat laminate"
    corners, edges = ("top-left", "bottom-left", "top-right", "bottom-right"), ("left", "top", "right", "bottom")
    folds = "accordion double-gate gate half half-z left-gate letter parallel poster right-gate z engineering-z"
    after = ("pages", "documents", "copies", "job")
    expected = dict(enumerate(singles.split(), 4))
    for first, kind, ways in (
        (20, "staple", corners),
        (24, "edge-stitch", edges),
        (28, "staple-dual", edges),
        (32, "staple-triple", edges),
        (50, "bind", edges),
        (60, "trim-after", after),
        (70, "punch", corners),
        (74, "punch-dual", edges),
        (78, "punch-triple", edges),
        (82, "punch-quad", edges),
        (86, "punch-multiple", edges),
        (90, "fold", folds.split()),
    ):
        expected |= {first + at: f"{kind}-{way}" for at, way in enumerate(ways)}
    assert FINISHINGS == expected


def test_templates_without_a_number() -> None:
    """finishing-template where it says more than finishings."""
    given: dict[str, Any] = {
        "finishings_supported": (3, 4),
        "finishings_col_supported": "finishing-template",
        "finishings_col_database": tuple(
            {"finishing-template": (each,)} for each in ("staple", "none", "ring", "None")
        ),
        "finishing_template_supported": ("ring", "wire"),
    }
    text = describe(**given).text
    assert choices(text, "FinishingTemplate") == ["none", "ring", "None-2", "wire"]
    assert value(text, "ipps443PrinterDefault", "FinishingTemplate") == "none"
    without = describe(**{**given, "finishings_col_supported": ()})
    note = "finishing-template: 3 left out, such as ring, because finishings-col-supported lacks it"
    assert "FinishingTemplate" not in without.text and without.notes[1:] == (note,)


def constraint(**members: Any) -> dict[str, Any]:
    return {name.replace("_", "-"): each if isinstance(each, tuple) else (each,) for name, each in members.items()}


#: Beside both sides: more than a pair of choices can say.
THREE_THINGS: tuple[dict[str, Any], ...] = (
    {"media_col": {"media-type": ("labels",)}, "printer_resolution": Resolution(1200, 1200)},
    {"media_col": {"media-type": ("labels",)}, "print_quality": 7},
    {"media_col": {"media-type": ("labels",), "media-weight-metric": (200,)}},
    {"media_col": {"media-size-name": ("iso_a4_210x297mm",), "media-top-margin": (0,)}},
    {"media": "iso_a4_210x297mm", "media_type": "labels"},
    {"media_col": ({"media-type": ("labels",)}, {"media-type": ("labels",), "media-color": ("blue",)})},
)


@pytest.mark.parametrize(
    "said, lines, noted",
    [
        (
            constraint(resolver_name="x", sides="two-sided-long-edge", media_col={"media-type": ("labels",)}),
            ["*Duplex DuplexNoTumble *MediaType labels"],
            False,
        ),
        (
            constraint(sides="two-sided-long-edge", media="na_letter_8.5x11in"),
            ["*Duplex DuplexNoTumble *PageSize Letter"],
            False,
        ),
        (
            constraint(
                media_col=(
                    {"media-size": ({"x-dimension": (21590,), "y-dimension": (27940,)},), "media-source": ("tray-2",)},
                )
            ),
            ["*PageSize Letter *InputSlot tray-2"],
            False,
        ),
        (
            constraint(finishings=(20, 22), output_bin="face-up"),
            [
                "*StaplePosition staple-top-left *OutputBin face-up",
                "*StaplePosition staple-top-right *OutputBin face-up",
            ],
            False,
        ),
        (constraint(print_quality=5, print_color_mode="color"), ["*cupsPrintQuality High *ColorModel RGB"], False),
        (constraint(sides="two-sided-long-edge", output_bin="face-up", print_quality=5), [], True),
        (constraint(sides="two-sided-long-edge"), [], True),
        (constraint(sides="one-sided", print_quality=4), [], False),
        (constraint(sides="nonsense", output_bin="face-up"), [], True),
        *((constraint(sides="two-sided-long-edge", **more), [], True) for more in THREE_THINGS),
        (
            constraint(
                output_bin="face-up",
                media_col=({"media-type": ("labels",)}, {"media-source": ("tray-1",)}),
            ),
            ["*OutputBin face-up *MediaType labels", "*OutputBin face-up *InputSlot tray-1"],
            False,
        ),
        (constraint(print_scaling="none", output_bin="face-up"), ["*print-scaling none *OutputBin face-up"], False),
        (
            (constraint(print_quality=5, output_bin="face-up"), constraint(output_bin="face-up", print_quality=(5, 3))),
            ["*cupsPrintQuality High *OutputBin face-up", "*OutputBin face-up *cupsPrintQuality Draft"],
            False,
        ),
        (constraint(media="na_letter_8.5x11in", media_col={"media-size-name": (NAME_OF_A4,)}), [], False),
    ],
)
def test_constraints(said: Any, lines: list[str], noted: bool) -> None:
    """Pairs of choices, both ways round; what is about three things, one, or the defaults alone is left out."""
    made = describe(
        sides_supported=("one-sided", "two-sided-long-edge"),
        media_supported=("iso_a4_210x297mm", "na_letter_8.5x11in"),
        media_source_supported=("auto", "tray-1", "tray-2"),
        media_type_supported=("stationery", "labels"),
        output_bin_supported=("face-down", "face-up"),
        print_quality_supported=(3, 4, 5),
        print_color_mode_supported=("color", "monochrome"),
        finishings_supported=(3, 20, 22),
        print_scaling_supported=("auto", "none"),
        job_constraints_supported=said,
    )
    found = re.findall(r"^\*UIConstraints: (.*)$", made.text, re.MULTILINE)
    assert found[::2] == lines and len(found) == 2 * len(lines)
    assert any("job-constraints" in note for note in made.notes) == noted


def test_constraints_that_cannot_be_said() -> None:
    """Each is named with what it is about and why; beyond ten their number."""
    three = constraint(resolver_name="r", sides="two-sided-long-edge", output_bin="face-up", print_quality=5)
    one = constraint(sides="two-sided-long-edge")
    long = constraint(sides="two-sided-long-edge", **{"x" * 101: "y"})
    made = describe(
        sides_supported=("one-sided", "two-sided-long-edge"),
        output_bin_supported=("face-down", "face-up"),
        print_quality_supported=(4, 5),
        job_constraints_supported=(three, one, long, {}, *[one] * 7),
    )
    begins = "job-constraints-supported: left out: "
    notes = [note for note in made.notes if note.startswith("job-constraints")]
    assert notes[0] == f"{begins}output-bin, print-quality, sides (a description can exclude two choices, not 3)"
    assert notes[1] == f"{begins}sides (not about two options that it has)"
    assert notes[2] == f"{begins}sides, {'x' * 93} (not about two options that it has)"
    assert notes[3] == f"{begins}nothing (not about two options that it has)"
    assert len(notes) == 11 and notes[-1].startswith("job-constraints-supported: 1 more left out")
    made = describe(job_constraints_supported=(one,) * 10)
    assert len([note for note in made.notes if note.startswith("job-constraints")]) == 10


def test_presets() -> None:
    """job-presets-supported as presets of the print dialogue, with the choices of this description."""
    kind, tray, fitting = "t" * 40, "b" * 40, "s" * 34
    full = {"media_col": {"media-type": (kind,)}, "output_bin": tray}
    made = describe(
        sides_supported=("one-sided", "two-sided-long-edge"),
        print_quality_supported=(3, 4),
        finishings_supported=(20, 22, 70),
        media_type_supported=("labels", kind),
        output_bin_supported=tray,
        print_scaling_supported=(fitting, f"{fitting}s"),
        job_presets_supported=(
            constraint(preset_name="draft-duplex", sides="two-sided-long-edge", print_quality=3),
            constraint(preset_name="bad name", print_quality=3),
            constraint(preset_name="draft-duplex", print_quality=4),
            constraint(preset_name="nothing", print_quality=77),
            constraint(preset_name="firsts", finishings=(20, 70, 22), media_col=({}, {"media-type": (kind,)})),
            constraint(preset_name="p" * 40, print_scaling=fitting, **full),
            constraint(preset_name="q" * 40, print_scaling=f"{fitting}s", **full),
        ),
    )
    assert re.findall(r"^\*APPrinterPreset (.*)$", made.text, re.MULTILINE) == [
        'draft-duplex/Draft Duplex: "*Duplex DuplexNoTumble *cupsPrintQuality Draft"',
        'firsts/Firsts: "*StaplePosition staple-top-left *Punch punch-top-left"',
        f'{"p" * 40}/P{"p" * 39}: "*print-scaling {fitting} *OutputBin {tray} *MediaType {kind}"',
    ]
    assert [note for note in made.notes if "presets" in note] == [
        "job-presets: 1 left out, such as 'bad name'",
        f"job-presets: {'q' * 40} left out, because it chooses more than a line has room for",
    ]


@pytest.mark.parametrize(
    "handling, own, kind, listed, chosen",
    [
        (("uncollated", "collated"), "collated", "application/pdf", ["True", "False"], "True"),
        (("uncollated", "collated"), None, "application/pdf", ["True", "False"], "True"),
        (("uncollated", "collated"), "uncollated", "application/pdf", ["True", "False"], "False"),
        (("uncollated", "collated"), "collated", "image/urf", ["True", "False"], "False"),
        (("uncollated",), "uncollated", "application/pdf", [], ""),
        ((), None, "application/pdf", [], ""),
    ],
)
def test_collation(
    handling: tuple[str, ...], own: str | None, kind: str, listed: list[str], chosen: str | None
) -> None:
    """As the printer does it by itself; the filters that make raster do not know the description's default."""
    words = [f"separate-documents-{each}-copies" for each in handling]
    text = describe(
        document_format_supported=kind,
        multiple_document_handling_supported=tuple(words),
        multiple_document_handling_default=f"separate-documents-{own}-copies" if own else (),
    ).text
    assert choices(text, "Collate") == listed and default(text, "Collate") == chosen


@pytest.mark.parametrize(
    "most, handling, taken, left",
    [
        (2, "separate-documents-collated-copies", (), True),
        (99, "separate-documents-collated-copies", ("copies", "media"), True),
        (99, "separate-documents-collated-copies", ("media",), False),
        (99, "separate-documents-uncollated-copies", (), False),
        (1, "separate-documents-collated-copies", (), False),
    ],
)
def test_copies_that_are_left_to_the_printer(most: int, handling: str, taken: tuple[str, ...], left: bool) -> None:
    """Only where it says that it makes several, of whole documents, and takes the attribute with a job."""
    said = {
        "copies_supported": Range(1, most),
        "multiple_document_handling_supported": handling,
        "job_creation_attributes_supported": taken,
    }
    for kind, manual in (("application/pdf", not left), ("image/urf", True)):
        text = describe(**said, document_format_supported=kind).text
        assert (value(text, "ipps443Copies") == "True") == left and f"*cupsManualCopies: {manual}" in text


@pytest.mark.parametrize(
    "given, pattern",
    [
        ({"job_password_supported": 4}, "****"),
        ({"job_password_supported": 4, "job_password_repertoire_configured": "iana_us-ascii_digits"}, "1111"),
        (
            {
                "job_password_supported": 4,
                "job_password_repertoire_configured": "iana_us-ascii_any",
                "job_password_repertoire_supported": "iana_us-ascii_digits",
            },
            "****",
        ),
        ({"job_password_supported": 4, "job_password_repertoire_supported": "iana_utf-8_digits"}, "1111"),
        ({"job_password_supported": 4, "job_password_repertoire_supported": ("x_any", "x_digits")}, "****"),
        ({"job_password_supported": 255}, "*" * 32),
        ({"job_password_supported": 8, "job_password_length_supported": Range(4, 6)}, "*" * 6),
        ({"job_password_supported": 8, "job_password_length_supported": 1}, "*"),
        ({"job_password_supported": 1}, "*"),
        ({"job_password_supported": 0}, None),
        ({}, None),
    ],
)
def test_pin(given: dict[str, Any], pattern: str | None) -> None:
    """Whether the printer takes a PIN, and what it looks like."""
    assert value(describe(**given).text, "cupsJobPassword") == pattern


# --- strings ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "octets, found",
    [
        (b'"media-source.tray-4" = "Drawer 4";', {"media-source.tray-4": "Drawer 4"}),
        (b'/* c */ "a.b"="x";\n  "c.d" = "y \\"z\\"\\n";', {"a.b": "x", "c.d": 'y "z" '}),
        ('"a.b" = "Schub\u00fc";'.encode("utf-16"), {"a.b": "Schub\u00fc"}),
        ('\ufeff"a.b" = "\u7d19";'.encode(), {"a.b": "\u7d19"}),
        (b'"a.b" = "Tom &amp; Co &lt;3&gt; &#10; &bomb;";', {"a.b": "Tom & Co <3> &#10; &bomb;"}),
        (b'"a.b" = "first"; "a.b" = "second";', {"a.b": "first"}),
        (b'"a b" = "x"; "a.b" = "never ends\n"c.d" = "y";', {"c.d": "y"}),
        (b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", {}),
        (b"\xff\xfe\x00", {}),
        (b"", {}),
    ],
)
def test_strings(octets: bytes, found: dict[str, str]) -> None:
    """UTF-8 and UTF-16; what is in no line of the form is skipped, and nothing is looked up."""
    assert parse_strings(octets) == found


def test_strings_of_any_length() -> None:
    """What is beyond a megabyte of a file, or 20,000 strings, is not looked at."""
    end, many = b'"a"="x";', b"".join(b'"%d"="";' % n for n in range(20_001))
    assert parse_strings(b" " * ((1 << 20) - len(end)) + end) == {"a": "x"}
    assert not parse_strings(b" " * ((1 << 20) - len(end) + 1) + end)
    assert list(parse_strings(many)) == [str(n) for n in range(20_000)]


@pytest.mark.parametrize(
    "text, shown",
    [
        ('A "B" <0A>: *C/D\\', "A 'B' (0A); xC-D-"),
        ("\x1b[31mred\u202e", "?[31mred?"),
        ("x" * 3000, "x" * 80),
        ("\u7d19" * 3000, "\u7d19" * 26),
        (" " * 1000 + "x", "x"),
        (" \n\t ", "Tray 1"),
        ("a\nb", "a b"),
    ],
)
def test_texts_are_clean(text: str, shown: str) -> None:
    """What people read is one line without anything that a PPD or a terminal understands."""
    given = {**LEAST, "media-source-supported": ("tray-1",)}
    made = describe_printer(given, {"media-source.tray-1": text})
    assert f'*InputSlot tray-1/{shown}: ""' in made.text.splitlines()


def test_the_state_of_a_printer() -> None:
    """Each part has a hash of its own, whatever the order in which a printer lists it; what is in the trays is none."""
    turned: dict[str, Any] = {"y-dimension": (2000, 1000)}
    wider: dict[str, Any] = {"x-dimension": (2001,)}
    small, large = ({"x-dimension": (side,), "y-dimension": (side, 2 * side)} for side in (1000, 2000))
    one = {"media-source-supported": ("a", "b"), "media-size-supported": (small, large), "media-ready": ("x",)}
    changes: tuple[dict[str, Any], ...] = (
        {},
        {"media-source-supported": ("b", "a"), "media-ready": ("y",)},
        {"media-size-supported": (dict(reversed(large.items())), {**small, **turned})},
        {"media-size-supported": (small, {**large, **wider})},
    )
    first, *same, other = (state_of(PrinterAttributes({**one, **change})) for change in changes)
    assert same == [first, first] and set(first) == {"trays", "paper"}
    assert first["trays"] == other["trays"] and first["paper"] != other["paper"] and len(first["paper"]) == 16


@pytest.mark.parametrize(
    "values, numbers, most",
    [
        ((5, 3, 5, "7", True), (5, 3), 5),
        ((Range(2, 4), 3, 9), (2, 3, 4, 9), 9),
        ((Range(0, 200),), tuple(range(201)), 200),
        ((1, Range(0, 201)), (1,), 201),
        ((Range(4, 2),), (), 2),
        ((), (), 0),
    ],
)
def test_numbers_of_printers(values: tuple[Any, ...], numbers: tuple[int, ...], most: int) -> None:
    """Each once, and ranges of a few written out."""
    printer = PrinterAttributes({"copies-supported": values})
    assert (printer.numbers("copies-supported"), printer.most("copies-supported")) == (numbers, most)


def test_resolutions_of_printers() -> None:
    """Those that there can be, each once."""
    possible = Resolution(50, 9600), Resolution(9600, 50)
    listed = *possible, *possible, *(Resolution(*each) for each in ((49, 50), (50, 49), (9601, 50), (50, 9601)))
    assert PrinterAttributes({"a": (*listed, 300)}).resolutions("a") == possible


def test_names_are_told_apart() -> None:
    """Within what a choice may be long."""
    assert name_apart(["x" * 40, "X" * 40, "x" * 38 + "yy"] + ["a"] * 11) == [
        "x" * 40,
        f"{'X' * 38}-2",
        "x" * 38 + "yy",
        "a",
        *(f"a-{n}" for n in range(2, 12)),
    ]


def test_lines_of_a_language() -> None:
    """All that people read, in the printer's words where it has some; kinds of finishing keep their own names."""
    words = {
        "media": "Papier",
        "media.iso_a4_210x297mm": "g" * 81,
        "media-source": "Fach",
        "media-source.tray-1": "Fach 1",
        "finishings": "Fertigstellung",
        "finishing-template.staple": "Heften",
    }
    said = {
        **LEAST,
        "media-col-database": (measures("", *A4, 300, 300, 300, 300), measures("", *A4, 0, 0, 0, 0), measures("", *A5)),
        "media-source-supported": ("tray-1", "tray-2"),
        "media-col-default": ({"media-source": ("tray-1",)},),
        "finishings-supported": (4,),
    }
    lines = [
        line.removesuffix(': ""') for line in describe_printer(said, {}, "", {"de": words, "fr": {}}).text.split("\n")
    ]
    sizes = [f"A4/{'g' * 66}", f"A4.Borderless/{'g' * 66} (borderless)", "A5/A5"]
    assert lines[lines.index('*cupsLanguages: "de"') + 1 : -1] == [
        *(
            line
            for keyword in ("PageSize", "PageRegion")
            for line in (f"*de.Translation {keyword}/Papier", *(f"*de.{keyword} {size}" for size in sizes))
        ),
        "*de.Translation InputSlot/Fach",
        "*de.InputSlot tray-1/Fach 1",
        "*de.InputSlot tray-2/Tray 2",
        "*de.Translation ColorModel/Color mode",
        "*de.ColorModel Gray/Grayscale",
        "*de.Translation StaplePosition/Staple",
        "*de.StaplePosition none/None",
        "*de.StaplePosition staple/Heften",
    ]


@pytest.mark.parametrize(
    "language, locale",
    [
        ("de", "de"),
        ("fr-CA", "fr"),
        ("pt_BR", "pt"),
        ("zh-Hans", "zh_CN"),
        ("zh-hant", "zh_TW"),
        ("en", ""),
        ("en-us", ""),
        ("x-klingon", ""),
        ("de\n*evil", ""),
        ("", ""),
    ],
)
def test_locales(language: str, locale: str) -> None:
    """A language of IPP as CUPS names it; English is there anyhow."""
    assert locale_of(language) == locale


@pytest.mark.parametrize("first, translated", [("Caf\u00e9", True), ("\u30c8\u30ec\u30a4", False)])
def test_first_languages(first: str, translated: bool) -> None:
    """Beside translations the first language is in ASCII; one that cannot be is alone."""
    said = {"document-format-supported": ("application/pdf",), "media-source-supported": ("tray-1",)}
    german = {"de": {"media-source.tray-1": "Fach \u00fc"}}
    made = describe_printer(said, {"media-source.tray-1": first}, "", german)
    lines = made.text.splitlines()
    assert ('*de.InputSlot tray-1/Fach \u00fc: ""' in lines) == translated
    assert ('*InputSlot tray-1/Cafe: ""' in lines) == translated
    assert ("*LanguageEncoding: ISOLatin1" in lines) == translated
    assert any("further languages" in note for note in made.notes) != translated


def test_a_tray_called_as_ours_is(tmp_path: Path) -> None:
    """Choices that differ in case alone are told apart by a number."""
    text = describe(media_source_supported=("Default", "tray-1")).text
    assert choices(text, "InputSlot") == ["default", "Default-2", "tray-1"] and complaints(text, tmp_path) == ""


@pytest.mark.parametrize(
    "trays, kinds, times, kept, noted",
    [
        (40, 50, 1, 2000, ""),
        (41, 49, 1, 2000, "2000 are"),
        (20, 20, 250, 400, ""),
        (20, 20, 251, 400, "100000 pairs are"),
    ],
)
def test_constraints_without_end(trays: int, kinds: int, times: int, kept: int, noted: str) -> None:
    """No more than CUPS can look at; and of so many that say the same not all are looked at."""
    many = {"media-source": tuple(f"s{n}" for n in range(trays)), "media-type": tuple(f"t{n}" for n in range(kinds))}
    other = {"media-source": ("other",), "media-type": ("t0",)}
    made = describe(
        media_source_supported=(*many["media-source"], "other"),
        media_type_supported=many["media-type"],
        job_constraints_supported={"media-col": (*(many,) * min(times, 250), *(other,) * (times - 250))},
    )
    notes = (f"constraints: those after the first {noted} left out",) if noted else ()
    assert made.text.count("*UIConstraints") == 2 * kept and made.notes[1:] == notes
