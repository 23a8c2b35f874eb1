"""What a printer gets, and what follows from it: conversions, colours, qualities, the back side.

PDF where the printer lists it, else Apple raster (URF), else PWG raster; PWG 5102.4 and 5100.14. JPEG files go as they
are where the printer lists JPEG too, and neither file nor job needs a page. A printer that lists JPEG alone prints JPEG
files, which are no pages, and nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from filters.common.dataclass import dataclass, replace
from filters.common.formats import JPEG, PDF, PWG, URF
from filters.common.passed_jpeg import TURNS
from filters.common.raster_type import TYPES
from filters.description.attributes import PrinterAttributes, Resolution
from filters.description.options import Choice, Option, permitted
from filters.description.words import clean, name_apart, text_of

#: The best first. Grey jobs come out as grey on the way over URF; PWG raster may be printed as colour.
FORMATS = (PDF, URF, PWG, JPEG)
#: Those of which nothing has to be made here in colours and dots.
_NO_RASTER = (PDF, JPEG)

#: All types of text that CUPS knows, and ours for what it takes for something else.
_TEXTS = (
    "text/plain",
    "application/vnd.ipps443-text",
    "text/html",
    "text/css",
    "application/x-csource",
    "application/x-cshell",
    "application/x-perl",
    "application/x-shell",
)

#: All types of pictures that our filter makes pages of.
_PICTURES = (
    "image/gif",
    "image/png",
    JPEG,
    "image/tiff",
    "image/webp",
    "image/x-bitmap",
    "image/x-portable-anymap",
    "image/x-portable-bitmap",
    "image/x-portable-graymap",
    "image/x-portable-pixmap",
    "image/x-sgi-rgb",
    "image/x-sun-raster",
)

#: Names of TYPES.
_SGRAY, _SRGB, _BLACK = "sgray_8", "srgb_8", "black_1"
#: What grey pages are sent in, the best first: sRGB has greys as well.
_FOR_GRAY = (_SGRAY, _SRGB, "sgray_16", _BLACK)
#: print-color-mode beside color and monochrome that people can choose.
_MODES = {
    "auto-monochrome": "Grayscale, of inks that the printer chooses",
    "bi-level": "Black and white, no greys",
    "highlight": "Black and one colour",
    "process-bi-level": "Black and white, of all inks",
    "process-monochrome": "Grayscale, of all inks",
}
_QUALITIES = ((3, "Draft"), (4, "Normal"), (5, "High"))
_BACKS = {"normal": "Normal", "flipped": "Flipped", "rotated": "Rotated", "manualtumble": "ManualTumble"}
_URF_BACKS = {"DM1": "Normal", "DM2": "Flipped", "DM3": "Rotated", "DM4": "ManualTumble"}
#: What raster is made in when the printer names nothing.
USUAL = Resolution(300, 300)


@dataclass(frozen=True)
class Raster:
    """What raster for a printer is like."""

    resolutions: tuple[Resolution, ...]
    gray: bool
    color: bool
    back: str
    #: What the printer itself prints in.
    usual: Resolution | None = None
    #: Those of TYPES that it takes.
    types: frozenset[str] = frozenset(TYPES)

    def type_of(self, mode: str) -> str:
        """Return what pages are sent in for a print-color-mode: a type that the printer lists, sGray without one."""
        wanted: tuple[str, ...] = _FOR_GRAY
        if mode in ("color", "highlight"):
            wanted = (_SRGB, *_FOR_GRAY)
        elif mode in ("bi-level", "process-bi-level"):
            wanted = (_BLACK, *_FOR_GRAY)
        return next((each for each in wanted if each in self.types), _SGRAY)


def choose_format(formats: tuple[str, ...], refused: Collection[str] = ()) -> str:
    """Return the best of the formats that a printer lists, "" if none of them can be made for it.

    Args:
        refused: those that it is known to refuse all the same; they come last.
    """
    listed = {each.partition(";")[0].strip().lower() for each in formats}
    found = [each for each in FORMATS if each in listed]
    pages = [each for each in found if each != JPEG and each not in refused]
    return next(iter(pages or found), "")


def conversions(chosen: str) -> list[tuple[str, str]]:
    """Return the lines that say to CUPS how documents become that format."""
    if chosen == JPEG:
        return [("cupsFilter2", f"{JPEG} {JPEG} 0 -")]
    if chosen == PDF:
        line = f"application/vnd.cups-pdf {PDF} 10 -"
    elif chosen == URF:
        line = f"application/vnd.cups-raster {URF} 10 rastertopwg"
    else:
        # pdftopdf counts the pages where the first line of that type has no program.
        line = f"{PWG} {PWG} 10 -"
    return [
        ("cupsPreFilter", f"{PDF} 0 pdfcheck443"),
        ("cupsFilter2", line),
        *([("cupsFilter2", f"application/vnd.cups-pdf {PWG} 10 pdftopwg443")] if chosen == PWG else []),
        *(("cupsFilter2", f"{text} {chosen} 0 texttopdf443") for text in _TEXTS),
        *(("cupsFilter2", f"{picture} {chosen} 0 imagetopdf443") for picture in _PICTURES),
    ]


def jpeg_limits(printer: PrinterAttributes, raster: Raster, chosen: str, refused: Collection[str] = ()) -> str:
    """Return what a printer takes of JPEG files as they are, as ``filters.common.passed_jpeg`` has it; "" for none.

    Args:
        raster: what Gray is made in; of a JPEG the printer alone can make it.
        chosen: the format of all else.
        refused: formats that it is known to refuse.
    """
    listed = {each.partition(";")[0].strip().lower() for each in printer.keywords("document-format-supported")}
    scales = "fit" in printer.keywords("print-scaling-supported")
    grays = not raster.gray or "monochrome" in printer.keywords("print-color-mode-supported")
    if chosen == JPEG or JPEG not in listed or JPEG in refused or not scales or not grays:
        return ""
    limits = (printer.most(f"jpeg-{each}-supported") for each in ("k-octets", "x-dimension", "y-dimension"))
    turns = 7 in printer.numbers("orientation-requested-supported")
    return " ".join([*(str(max(each, 0)) for each in limits), *([TURNS] if turns else [])])


def describe_raster(printer: PrinterAttributes, chosen: str, notes: list[str]) -> Raster:
    """Return what raster the printer takes; for PDF what it prints in."""
    urf = [word.upper() for word in printer.keywords("urf-supported")]
    modes = printer.keywords("print-color-mode-supported")
    types = _types(printer, chosen, urf, notes)
    grays = any(mode not in ("color", "auto", "highlight") for mode in modes)
    if types:
        gray = grays or bool(types - {_SRGB})
        color = _SRGB in types and ("color" in modes or not modes or not gray)
    else:
        color = "color" in modes or not modes and printer.boolean("color-supported") is True
        gray = grays or not color
        types = frozenset((_SGRAY, _SRGB))
    resolutions = _resolutions(printer, chosen, urf)
    usual = next((each for each in printer.resolutions("printer-resolution-default") if each in resolutions), None)
    return Raster(resolutions, gray or not color, color, _back(printer, chosen, urf), usual, types)


def _types(printer: PrinterAttributes, chosen: str, urf: list[str], notes: list[str]) -> frozenset[str]:
    """Return those of TYPES that a printer of raster lists, none where it does not say."""
    if chosen == URF:
        listed = [word for word in urf if word.startswith(("W8", "SRGB", "DEVW", "DEVRGB", "ADOBERGB"))]
        found = {_SGRAY for word in listed if word.startswith("W8")}
        found |= {_SRGB for word in listed if word.startswith("SRGB24")}
    elif chosen == PWG:
        listed = [word.lower() for word in printer.keywords("pwg-raster-document-type-supported")]
        found = {word for word in listed if word in TYPES}
    else:
        return frozenset()
    if listed and not found:
        notes.append(
            f"{chosen}: nothing of {clean(', '.join(listed), 60)} can be made; the printer gets what it may refuse"
        )
    return frozenset(found)


def _resolutions(printer: PrinterAttributes, chosen: str, urf: list[str]) -> tuple[Resolution, ...]:
    """Return what there is, from the coarsest to the finest."""
    found = printer.resolutions("printer-resolution-supported")
    if chosen == PWG:
        found = printer.resolutions("pwg-raster-document-resolution-supported") or found
    elif chosen == URF:
        numbers = [int(each) for word in urf if word.startswith("RS") for each in re.findall("[0-9]{2,4}", word)]
        found = tuple(Resolution(each, each) for each in numbers if 50 <= each <= 9600) or found
    return tuple(sorted(found, key=lambda each: (each.x * each.y, each.x))) or (USUAL,)


def _back(printer: PrinterAttributes, chosen: str, urf: list[str]) -> str:
    """Return how the back of a sheet is sent."""
    if chosen == URF:
        return next((_URF_BACKS[word] for word in urf if word in _URF_BACKS), "Normal")
    said = printer.word("pwg-raster-document-sheet-back") or printer.word("pwg-raster-document-sheet-back-supported")
    return _BACKS.get(said.lower().replace("-", ""), "Normal")


def color_option(
    printer: PrinterAttributes, raster: Raster, chosen: str, strings: Mapping[str, str], notes: list[str]
) -> Option:
    """Return ColorModel: Gray and RGB as far as they are there, and what else the printer makes of colours."""
    modes = permitted(printer.keywords("print-color-mode-supported"), "print-color-mode", notes)
    choices = []
    if raster.gray:
        text = "Black and white" if raster.type_of("monochrome") == _BLACK else "Grayscale"
        choices.append(Choice("Gray", text, "monochrome"))
    if raster.color:
        choices.append(Choice("RGB", "Color", "color"))
    others = [mode for mode in modes if mode not in ("auto", "color", "monochrome")]
    names = name_apart(["Gray", "RGB", *others])[2:]
    choices += [
        Choice(name, text_of("print-color-mode", mode, strings, _MODES), mode) for name, mode in zip(names, others)
    ]
    if chosen not in _NO_RASTER:
        choices = [replace(each, code=_code(raster.type_of(each.keyword))) for each in choices]
    own = printer.word("print-color-mode-default")
    usual = "RGB" if raster.color else "Gray"
    default = next((each.name for each in choices if each.keyword == own), usual)
    return Option("ColorModel", "Color mode", "print-color-mode", tuple(choices), default)


def _code(kind: str) -> str:
    space, bits = TYPES[kind]
    return f"<</cupsColorSpace {space}/cupsBitsPerColor {bits}/cupsColorOrder 0/cupsCompression 0>>setpagedevice"


def quality_option(printer: PrinterAttributes, raster: Raster, chosen: str) -> Option | None:
    """Return cupsPrintQuality; on the way over raster each quality has a resolution, and there is always one."""
    listed = printer.numbers("print-quality-supported")
    offered = [(number, name) for number, name in _QUALITIES if number in listed]
    if not offered:
        if chosen in _NO_RASTER:
            return None
        offered = [_QUALITIES[1]]
    choices = tuple(
        Choice(name, name, str(number), "" if chosen in _NO_RASTER else _resolution_code(resolution_of(number, raster)))
        for number, name in offered
    )
    own = printer.numbers("print-quality-default")
    usual = next((each.name for each in choices if each.name == "Normal"), choices[0].name)
    default = next((each.name for each in choices if int(each.keyword) in own), usual)
    return Option("cupsPrintQuality", "Print quality", "print-quality", choices, default)


def resolution_of(quality: int, raster: Raster) -> Resolution:
    """Return the resolution for a quality: draft the coarsest, high the finest, normal the printer's own."""
    listed = raster.resolutions
    square = [each for each in listed if each.x == each.y] or list(listed)
    usual = raster.usual or square[(len(square) - 1) // 2]
    return {3: listed[0], 5: listed[-1]}.get(quality, usual)


def _resolution_code(resolution: Resolution) -> str:
    return f"<</HWResolution[{resolution.x} {resolution.y}]>>setpagedevice"
