"""A printer description made from what a printer says about itself."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from itertools import chain
from typing import Any

from filters.common import passed_jpeg, printer_copies
from filters.common.dataclass import dataclass
from filters.description import constraints, finishings, formats, options, ppd_text, sizes
from filters.description.attributes import PrinterAttributes
from filters.description.options import Option
from filters.description.ppd_text import quoted
from filters.description.state import state_of
from filters.description.translations import in_ascii, translated_lines
from filters.description.words import clean, plain

#: ``*ipps443Source`` of a description that was made from the printer.
SOURCE = "printer"


class NoFormat(ValueError):
    """The printer lists no format that can be made for it."""

    def __init__(self, listed: tuple[str, ...]) -> None:
        self.listed = listed


@dataclass(frozen=True)
class Generated:
    """A description, and what was left out of it, in words for the administrator."""

    text: str
    notes: tuple[str, ...]
    #: The format that the printer gets.
    format: str


def describe_printer(
    attributes: Mapping[str, Sequence[Any]],
    strings: Mapping[str, str] | None = None,
    version: str = "",
    translations: Mapping[str, Mapping[str, str]] | None = None,
    refused: Collection[str] = (),
) -> Generated:
    """Return the PPD for a printer.

    Args:
        attributes: the printer's answer, see ``filters.description.attributes``.
        strings: the printer's own words by key, see ``filters.description.strings``.
        version: of the product.
        translations: the same in further languages, by locale.
        refused: formats that the printer lists and is known to refuse.

    Raises:
        NoFormat: there is nothing that CUPS could make for it.
    """
    printer = PrinterAttributes(attributes)
    return _Description(printer, strings or {}, version, translations or {}, refused).generate()


class _Description:
    """The parts of one description."""

    def __init__(
        self,
        printer: PrinterAttributes,
        strings: Mapping[str, str],
        version: str,
        translations: Mapping[str, Mapping[str, str]],
        refused: Collection[str],
    ) -> None:
        self._printer = printer
        self._strings = strings
        self._version = version
        self._translations = translations
        self._refused = refused
        self._notes: list[str] = []
        listed = printer.keywords("document-format-supported")
        self._format = formats.choose_format(listed, refused)
        if not self._format:
            raise NoFormat(listed)
        if self._format == formats.JPEG:
            self._notes.append(
                "image/jpeg: all that can be made for it, so that it prints JPEG files and no other document"
            )
        for name in formats.FORMATS:
            if name == self._format and name in refused:
                self._notes.append(f"{name}: the printer has refused it, and lists nothing else that can be made")
            elif name in refused and formats.choose_format(listed) == name:
                self._notes.append(f"{name}: left out, because the printer has refused it")
        self._raster = formats.describe_raster(printer, self._format, self._notes)

    def generate(self) -> Generated:
        """Put the parts together."""
        found = sizes.find_sizes(self._printer, self._strings, self._notes)
        finishers, translated = finishings.finishing_options(self._printer, self._strings, self._notes)
        chosen = [
            *options.keyword_options(self._printer, self._strings, self._notes),
            formats.color_option(self._printer, self._raster, self._format, self._strings, self._notes),
            formats.quality_option(self._printer, self._raster, self._format),
            options.sides_option(self._printer),
            options.collation_option(self._printer, by_filter=self._format != formats.PDF),
            *finishers,
        ]
        offered = [option for option in chosen if option is not None]
        lines = [
            *self._head(),
            *self._abilities(found),
            *_size_lines(found),
            *(line for option in offered for line in _lines_of(option)),
            *(
                quoted("cupsIPPFinishings", f"*{option} {choice}", str(number), choice)
                for number, option, choice in translated
            ),
            *self._constraint_lines(offered, found),
            *self._preset_lines(offered, found),
        ]
        further = translated_lines(self._translations, offered, found.listed)
        plain = in_ascii(lines) if further else None
        if further and plain is None:
            self._notes.append("further languages: left out, because the printer's first language is not English")
        elif plain is not None:
            lines = [*plain, *further]
        return Generated(ppd_text.join(lines), tuple(self._notes), self._format)

    # --- about the printer

    def _head(self) -> list[str]:
        model = plain(self._printer.word("printer-make-and-model"), 70) or "Unknown Printer"
        if not model[0].isalnum():
            model = f"Printer {model}"
        maker = plain(_field(self._printer.word("printer-device-id"), "MFG", "MANUFACTURER"), 30)
        if not maker or not model.lower().startswith(maker.lower()):
            maker = model.split(" ")[0]
        return [
            quoted("PPD-Adobe", "4.3"),
            "*% Made by ipps443 from what the printer says about itself; ipps443ctl refresh makes it anew.",
            quoted("FormatVersion", "4.3"),
            quoted("FileVersion", "1.0"),
            "*LanguageVersion: English",
            "*LanguageEncoding: UTF-8",
            quoted("PCFileName", "IPPS443.PPD"),
            quoted("Manufacturer", maker),
            quoted("Product", f"({model.replace('(', '').replace(')', '')})"),
            quoted("ModelName", model.replace("(", "").replace(")", "")),
            quoted("ShortNickName", f"{model[:31].strip()}"),
            quoted("NickName", f"{model} (ipps443, from the printer)"),
            quoted("PSVersion", "(3010.000) 0"),
            quoted("LanguageLevel", "3"),
            "*FileSystem: False",
            "*DefaultColorSpace: " + ("RGB" if self._raster.color else "Gray"),
            "*ColorDevice: " + str(self._raster.color),
            *self._device_id(),
        ]

    def _device_id(self) -> list[str]:
        said = self._printer.word("printer-device-id")
        kept = []
        for most, *names in ((30, "MFG", "MANUFACTURER"), (70, "MDL", "MODEL"), (100, "CMD", "COMMAND SET")):
            value = re.sub(r"[^A-Za-z0-9 ,.()_+-]", "", _field(said, *names)).strip()[:most]
            if value:
                kept.append(f"{names[0]}:{value};")
        return [quoted("1284DeviceID", "".join(kept))] if kept else []

    def _abilities(self, found: sizes.Sizes) -> list[str]:
        resolution = formats.resolution_of(4, self._raster)
        dpi = f"{resolution.x}" if resolution.x == resolution.y else f"{resolution.x}x{resolution.y}"
        pages = self._printer.most("pages-per-minute")
        jpeg = formats.jpeg_limits(self._printer, self._raster, self._format, self._refused)
        lines = [
            quoted("cupsVersion", "2.4"),
            "*cupsSNMPSupplies: False",
            "*cupsSingleFile: True",
            # pdftopdf leaves copies to the printer and says so in the PDF; raster cannot say it, and has them all.
            f"*cupsManualCopies: {not (self._makes_copies and self._format == formats.PDF)}",
            *([quoted(printer_copies.LINE, "True")] if self._makes_copies else []),
            f"*cupsBackSide: {self._raster.back}",
            f"*DefaultResolution: {dpi}dpi",
            f'*Throughput: "{min(max(pages, 1), 1000)}"',
            *(quoted(keyword, value) for keyword, value in formats.conversions(self._format)),
            *([quoted(passed_jpeg.LINE, jpeg)] if jpeg else []),
            quoted("ipps443Version", self._version),
            quoted("ipps443Source", SOURCE),
            *(quoted("ipps443State", digest, part) for part, digest in state_of(self._printer).items()),
        ]
        password = self._printer.most("job-password-supported")
        if 0 < password:
            lines.append(quoted("cupsJobPassword", self._password_pattern()))
        return lines

    @property
    def _makes_copies(self) -> bool:
        """Tell whether the printer makes copies of a whole document, one after the other."""
        handling = self._printer.keywords("multiple-document-handling-supported")
        taken = self._printer.keywords("job-creation-attributes-supported")
        several = self._printer.most("copies-supported") > 1
        return several and "separate-documents-collated-copies" in handling and (not taken or "copies" in taken)

    def _password_pattern(self) -> str:
        """Return the pattern of a PIN: 1 a digit, A a letter, * any (cupsJobPassword of CUPS's PPD extensions)."""
        length = min(self._printer.most("job-password-supported"), 32)
        longest = self._printer.most("job-password-length-supported")
        words = self._printer.keywords("job-password-repertoire-configured")
        words = words or self._printer.keywords("job-password-repertoire-supported")
        digits = bool(words) and all(word.endswith("_digits") for word in words)
        return ("1" if digits else "*") * (min(length, longest) if longest > 0 else length)

    # --- what depends on options

    def _constraint_lines(self, offered: list[Option], found: sizes.Sizes) -> list[str]:
        pairs = constraints.find_constraints(self._printer, offered, found, self._notes)
        lines = []
        for (option, choice), (other, excluded) in pairs:
            lines.append(f"*UIConstraints: *{option} {choice} *{other} {excluded}")
            lines.append(f"*UIConstraints: *{other} {excluded} *{option} {choice}")
        return lines

    def _preset_lines(self, offered: list[Option], found: sizes.Sizes) -> list[str]:
        """Return APPrinterPreset lines for job-presets-supported."""
        presets = self._printer.collections("job-presets-supported")
        names = options.permitted(
            [each.word("preset-name") for each in presets if each.word("preset-name")], "job-presets", self._notes
        )
        lines = []
        for preset in presets:
            name = preset.word("preset-name")
            if name not in names:
                continue
            names.remove(name)
            chosen: dict[str, str] = {}
            for option, choice in chain.from_iterable(constraints.conditions(preset, offered, found)[0]):
                chosen.setdefault(option, choice)
            words = options.text_of("preset-name", name, self._strings)
            line = quoted("APPrinterPreset", " ".join(f"*{o} {c}" for o, c in chosen.items()), name, words)
            if len(line.encode()) > ppd_text.LONGEST_LINE:
                self._notes.append(f"job-presets: {name} left out, because it chooses more than a line has room for")
            elif chosen:
                lines.append(line)
        return lines


def _lines_of(option: Option) -> list[str]:
    """Return the lines of an option, and what is to be known for the way back to IPP."""
    lines = ppd_text.option_lines(option, 10)
    if option.is_printers:
        lines.append(quoted("ipps443PrinterDefault", option.default, option.keyword))
    if option.attribute == "finishings":
        return lines
    for each in option.choices:
        usual = option.keyword in ("cupsPrintQuality", "Duplex") or each.name in ("Gray", "RGB")
        if each.name != each.keyword and not usual:
            lines.append(quoted("ipps443Keyword", each.keyword, f"{option.keyword}.{each.name}"))
    return lines


def _size_lines(found: sizes.Sizes) -> list[str]:
    """Return PageSize, PageRegion, ImageableArea, PaperDimension, and what each size is for the printer."""
    lines = []
    for keyword, text in (("PageSize", "Media Size"), ("PageRegion", "Media Size")):
        lines += [
            f"*OpenUI *{keyword}/{text}: PickOne",
            f"*OrderDependency: 10 AnySetup *{keyword}",
            f"*Default{keyword}: {found.default}",
        ]
        for size in found.listed:
            code = f"<</PageSize[{_points(size.width)} {_points(size.length)}]>>setpagedevice"
            lines.append(quoted(keyword, code, size.choice, size.text))
        lines.append(f"*CloseUI: *{keyword}")
    lines.append(f"*DefaultImageableArea: {found.default}")
    for size in found.listed:
        left, bottom, right, top = size.margins
        area = left, bottom, size.width - right, size.length - top
        lines.append(quoted("ImageableArea", " ".join(map(_points, area)), size.choice))
    lines.append(f"*DefaultPaperDimension: {found.default}")
    lines += [
        quoted("PaperDimension", f"{_points(size.width)} {_points(size.length)}", size.choice) for size in found.listed
    ]
    for size in found.listed:
        edges = " 0 0 0 0" if size.is_borderless else ""
        lines.append(quoted("ipps443Media", f"{clean(size.name)} {size.width} {size.length}{edges}", size.choice))
    return lines + _custom_lines(found.custom)


def _custom_lines(custom: sizes.Limits | None) -> list[str]:
    if custom is None:
        return []
    width, length = _points(custom.most[0]), _points(custom.most[1])
    code = "pop pop pop <</PageSize[5 -2 roll]/ImagingBBox null>>setpagedevice"
    return [
        "*VariablePaperSize: True",
        "*LeadingEdge Short: " + '""',
        "*DefaultLeadingEdge: Short",
        quoted("MaxMediaWidth", width),
        quoted("MaxMediaHeight", length),
        quoted("HWMargins", " ".join(map(_points, custom.margins))).replace('"', ""),
        quoted("CustomPageSize", code, "True"),
        f"*ParamCustomPageSize Width: 1 points {_points(custom.least[0])} {width}",
        f"*ParamCustomPageSize Height: 2 points {_points(custom.least[1])} {length}",
        "*ParamCustomPageSize WidthOffset: 3 points 0 0",
        "*ParamCustomPageSize HeightOffset: 4 points 0 0",
        "*ParamCustomPageSize Orientation: 5 int 0 3",
    ]


def _points(hundredths: int) -> str:
    """Return hundredths of a millimetre in points."""
    return f"{hundredths * 72 / 2540:.2f}".rstrip("0").rstrip(".")


def _field(device_id: str, *names: str) -> str:
    """Return a field of an IEEE 1284 device id."""
    for part in device_id.split(";"):
        name, _, value = part.partition(":")
        if name.strip().upper() in names:
            return value.strip()
    return ""
