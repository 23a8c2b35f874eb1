"""Paper sizes, sources, types and output bins by their CUPS, PPD and PWG names, and their PCL codes.

Sizes are named as PWG 5101.1 (Media Standardized Names) spells them, which gives their measures too; codes are from
the PCL 5 Technical Reference Manual, chapters 4 and 5, and later LaserJet manuals. Sources differ between models, so
a printer description can say better:

    *ipps443PageCode A4: "26"               ESC & l # A      a size without code goes out as a custom size
    *InputSlot Tray2/...: "<</MediaPosition 4>>setpagedevice"     ESC & l # H  (what ppdc writes for "InputSlot 4")
    *MediaType Bond/...: "<</MediaType(Bond)/cupsMediaType 1>>setpagedevice"     ESC & l # M
    *ipps443MediaName Recycled: "Recycled"  ESC & n # W d... takes the place of the number for that media type
    *ipps443OutputBin Upper: "1"            ESC & l # G
    *PaperDimension A4/A4: "595 842"        points, for sizes that are not in the table here
    *ParamCustomPageSize Width: 1 points 36 936      and Height: the least and most of sizes that are not in its list

A size that such a description does not list goes out as a custom size, whatever code it has in the table here: other
programs of the printer may not know that code.

Lengths are in 1/7200 inch, the unit in which printers reckon.
"""

from __future__ import annotations

import re
from filters.common.dataclass import dataclass, field
from filters.common.job import get_option, parse_options
from filters.common.ppd import PrinterDescription, fold

TYPE_CHECKING = False  # slow to import
if TYPE_CHECKING:
    from typing import Callable, Mapping, Optional, TypeVar

    T = TypeVar("T")

UNITS_PER_INCH = 7200
#: PCL's code for a size that Custom Width and Custom Length have described before.
CUSTOM_PAGE = 101

# PPD name, PWG name, PCL code
_SIZES = (
    ("A4", "iso_a4_210x297mm", 26),
    ("Letter", "na_letter_8.5x11in", 2),
    ("Legal", "na_legal_8.5x14in", 3),
    ("A3", "iso_a3_297x420mm", 27),
    ("A5", "iso_a5_148x210mm", 25),
    ("A6", "iso_a6_105x148mm", 24),
    ("B4", "jis_b4_257x364mm", 46),
    ("B5", "jis_b5_182x257mm", 45),
    ("ISOB5", "iso_b5_176x250mm", 65),
    ("Executive", "na_executive_7.25x10.5in", 1),
    ("Tabloid", "na_ledger_11x17in", 6),
    ("Statement", "na_invoice_5.5x8.5in", 15),
    ("Folio", "om_folio_210x330mm", 9),
    ("FanFoldGermanLegal", "na_foolscap_8.5x13in", 10),
    ("16K", "om_16k_195x270mm", 17),
    ("8K", "om_8k_270x390mm", 19),
    ("3x5", "na_index-3x5_3x5in", 78),
    ("4x6", "na_index-4x6_4x6in", 74),
    ("5x8", "na_index-5x8_5x8in", 75),
    ("Postcard", "jpn_hagaki_100x148mm", 71),
    ("DoublePostcard", "jpn_oufuku_148x200mm", 72),
    ("Env9", "na_number-9_3.875x8.875in", 102),
    ("Env10", "na_number-10_4.125x9.5in", 81),
    ("EnvMonarch", "na_monarch_3.875x7.5in", 80),
    ("EnvDL", "iso_dl_110x220mm", 90),
    ("EnvC4", "iso_c4_229x324mm", 93),
    ("EnvC5", "iso_c5_162x229mm", 91),
    ("EnvC6", "iso_c6_114x162mm", 92),
    ("EnvISOB5", "iso_b5_176x250mm", 100),
    ("EnvChou3", "jpn_chou3_120x235mm", 110),
    ("EnvChou4", "jpn_chou4_90x205mm", 111),
)
#: Names that leave a matter to the printer.
_LEFT_TO_PRINTER = frozenset(("auto", "automatic", "default", "printer"))
#: Other names for sizes, folded, to the PPD name of the table.
_SAME_SIZES = {
    "ledger": "Tabloid",
    "11x17": "Tabloid",
    "invoice": "Statement",
    "jisb4": "B4",
    "jisb5": "B5",
    "foolscap": "FanFoldGermanLegal",
    "com10": "Env10",
    "monarch": "EnvMonarch",
    "dl": "EnvDL",
    "c5": "EnvC5",
    "c6": "EnvC6",
}
# HP workgroup printers; others through their description.
_SOURCES = {
    "auto": 7,
    "automatic": 7,
    "autoselect": 7,
    "main": 1,
    "tray1": 4,
    "bypasstray": 4,
    "bypass": 4,
    "multipurpose": 4,
    "tray2": 1,
    "tray3": 5,
    "tray4": 8,
    "tray5": 9,
    "tray6": 10,
    "tray7": 11,
    "tray8": 12,
    "tray9": 13,
    "upper": 1,
    "lower": 4,
    "manual": 2,
    "manualfeed": 2,
    "envelopemanual": 3,
    "envelope": 6,
    "largecapacity": 5,
}
_TYPES = {
    "plain": 0,
    "stationery": 0,
    "bond": 1,
    "stationerybond": 1,
    "special": 2,
    "glossy": 3,
    "photographicglossy": 3,
    "transparency": 4,
}
#: What options are called in messages.
_WORDS = {
    "PageSize": "paper size",
    "InputSlot": "paper source",
    "MediaType": "type of paper",
    "OutputBin": "output bin",
}
_BINS = {"upper": 1, "top": 1, "facedown": 1, "lower": 2, "faceup": 2, "rear": 2}

_PWG_SIZE = re.compile(r"^(?:[a-z0-9.-]+_)*([0-9.]+)x([0-9.]+)(mm|in)$")
_CUSTOM_SIZE = re.compile(r"^custom\.([0-9.]+)x([0-9.]+)(mm|cm|in|ft|m|pt)?$")
_UNIT = {"mm": 7200 / 25.4, "cm": 7200 / 2.54, "m": 7200 / 0.0254, "in": 7200.0, "ft": 86400.0, "pt": 100.0, "": 100.0}
_SUFFIX = re.compile(r"(\.?(transverse|fullbleed|borderless|duplex|small|rotated))+$", re.I)
_DIGITS = re.compile("[0-9]{1,9}")
_POSITION = re.compile(r"/MediaPosition[ ]*([0-9]+)")
_TYPE_NUMBER = re.compile(r"/cupsMediaType[ ]*([0-9]+)")
_PARAMETER = re.compile(r"[0-9]+ points ([0-9]{1,6}(?:\.[0-9]*)?) ([0-9]{1,6}(?:\.[0-9]*)?)")
#: Sheets of these lengths can be made and fed; anything else is a slip of the pen or an attack.
_SHORTEST, _LONGEST = UNITS_PER_INCH // 5, 10 * 12 * UNITS_PER_INCH


@dataclass(frozen=True)
class PaperSize:
    """A sheet, upright; ``metric`` decides how far in PCL's logical page starts."""

    name: str
    width: int
    length: int
    code: int = CUSTOM_PAGE
    metric: bool = False


@dataclass(frozen=True)
class Media:
    """What a job asks for; None leaves it to the printer."""

    size: PaperSize
    source: Optional[int] = None
    type_number: Optional[int] = None
    type_name: Optional[str] = None
    output_bin: Optional[int] = None
    problems: tuple[str, ...] = ()
    #: What is wrong with a size that the printer cannot take.
    limits: str = ""


def find_size(name: str, description: PrinterDescription) -> Optional[PaperSize]:
    """Return the sheet that a PPD, PWG or old CUPS name means."""
    plain = _SUFFIX.sub("", name.strip())
    return _size_from_table(plain, description) or _size_from_name(plain) or _size_described(plain, description)


def known_sizes(description: PrinterDescription) -> list[PaperSize]:
    """Return the sheets that a description lists, all of the table when it lists none."""
    listed = [choice for keyword, choice in description.values if keyword == "PageSize" and choice]
    names = listed or [ppd_name for ppd_name, _, _ in _SIZES]
    return [size for name in names if (size := find_size(name, description))]


def _size_from_table(name: str, description: PrinterDescription) -> Optional[PaperSize]:
    wanted = fold(name)
    wanted = fold(_SAME_SIZES.get(wanted, wanted))
    for ppd_name, pwg_name, code in _SIZES:
        # na_letter, iso-a4 and the whole PWG name, too
        if wanted in (fold(ppd_name), fold(pwg_name), fold(pwg_name.rpartition("_")[0])):
            described = description.value("ipps443PageCode", ppd_name)
            number = _read_number(described, CUSTOM_PAGE if _lists_its_sizes(description) else code)
            measures = _measures(pwg_name)
            assert measures
            return PaperSize(ppd_name, *measures, number, pwg_name.endswith("mm"))
    return None


def _lists_its_sizes(description: PrinterDescription) -> bool:
    """Tell whether a description has codes of its own and takes other sizes by their measures."""
    codes = any(keyword == "ipps443PageCode" for keyword, _ in description.values)
    return codes and description.value("CustomPageSize", "True") is not None


def outside_limits(size: PaperSize, description: PrinterDescription) -> str:
    """Return words about a size that is neither in the list of a description nor within its limits, or ""."""
    if description.value("PageSize", size.name) is not None:
        return ""
    limits = [_limits(description.value("ParamCustomPageSize", name)) for name in ("Width", "Height")]
    if None in limits:
        return ""
    measures = size.width / 100, size.length / 100
    # Half a point for those that have been in millimetres.
    if all(limit and limit[0] - 0.5 <= side <= limit[1] + 0.5 for limit, side in zip(limits, measures)):
        return ""
    (least_x, most_x), (least_y, most_y) = ([round(edge * 25.4 / 72) for edge in limit or ()] for limit in limits)
    sides = " x ".join(f"{side * 25.4 / 72:.0f}" for side in measures)
    return f"paper of {sides} mm is not between {least_x} x {least_y} and {most_x} x {most_y} mm"


def _limits(parameter: Optional[str]) -> Optional[tuple[float, float]]:
    found = _PARAMETER.fullmatch(parameter or "")
    return (float(found[1]), float(found[2])) if found else None


def _measures(pwg_name: str) -> Optional[tuple[int, int]]:
    found = _CUSTOM_SIZE.match(pwg_name) or _PWG_SIZE.match(pwg_name)
    if not found:
        return None
    try:
        unit = _UNIT[found.group(3) or ""]
        width, length = round(float(found.group(1)) * unit), round(float(found.group(2)) * unit)
    except (ValueError, OverflowError):
        return None
    if found.re is _CUSTOM_SIZE and not found.group(3):
        width, length = _whole_millimetres(width, length)
    possible = _SHORTEST <= width <= _LONGEST and _SHORTEST <= length <= _LONGEST
    return (width, length) if possible else None


def _whole_millimetres(width: int, length: int) -> tuple[int, int]:
    """Return measures as they were before cupsd cut them off to whole points: 226 x 141 is 80 x 50 mm."""
    if width % 100 or length % 100:
        return width, length
    whole = [-(-side * 254 // 72000) for side in (width, length)]
    exact = [round(millimetres * _UNIT["mm"]) for millimetres in whole]
    return (exact[0], exact[1]) if all(a <= b < a + 100 for a, b in zip((width, length), exact)) else (width, length)


def _size_from_name(name: str) -> Optional[PaperSize]:
    measures = _measures(name.lower())
    return PaperSize(name, measures[0], measures[1]) if measures else None


def _size_described(name: str, description: PrinterDescription) -> Optional[PaperSize]:
    dimension = (description.value("PaperDimension", name) or "").split()
    measures = _measures(f"custom.{dimension[0]}x{dimension[1]}pt") if len(dimension) == 2 else None
    if not measures:
        return None
    code = _read_number(description.value("ipps443PageCode", name), CUSTOM_PAGE)
    return PaperSize(name, measures[0], measures[1], code)


def _read_number(text: Optional[str], otherwise: T) -> int | T:
    """Return a number of a sane length; a superscript is a digit to Python, but none to us."""
    return int(text) if text and _DIGITS.fullmatch(text) else otherwise


def _number(pattern: re.Pattern[str], text: Optional[str]) -> Optional[int]:
    found = pattern.search(text or "")
    return _read_number(found.group(1), None) if found else None


def find_source(name: str, description: PrinterDescription) -> Optional[int]:
    """Return PCL's number for an input slot."""
    described = _number(_POSITION, description.value("InputSlot", name))
    return described if described is not None else _SOURCES.get(fold(name))


def find_type(name: str, description: PrinterDescription) -> Optional[int]:
    """Return PCL's number for a type of paper."""
    described = _number(_TYPE_NUMBER, description.value("MediaType", name))
    return described if described is not None else _TYPES.get(fold(name))


def find_bin(name: str, description: PrinterDescription) -> Optional[int]:
    """Return PCL's number for an output bin."""
    return _read_number(description.value("ipps443OutputBin", name), _BINS.get(fold(name)))


@dataclass
class MediaNames:
    """Names that a job gives, as it gives them: of a size, a source and a type of paper; and those without meaning."""

    size: Optional[str] = None
    source: Optional[str] = None
    paper_type: Optional[str] = None
    unknown: list[str] = field(default_factory=list)

    def take(self, size: Optional[str] = None, source: Optional[str] = None, paper_type: Optional[str] = None) -> None:
        """Add names; what is there already stays."""
        self.size, self.source = self.size or size, self.source or source
        self.paper_type = self.paper_type or paper_type


def media_names(options: Mapping[str, str], description: PrinterDescription) -> MediaNames:
    """Return what a job says about its media.

    The order is libcups': PageSize or PageRegion, InputSlot and MediaType, then media-col, then the parts of media. A
    tray that nobody asked for comes last.
    """
    slot, guess = get_option(options, "InputSlot"), None
    if slot and _is_guessed(options):
        slot, guess = None, slot
    names = MediaNames(
        _exact_size(options, description) or asked_size(options),
        slot or get_option(options, "media-source"),
        get_option(options, "MediaType") or get_option(options, "media-type"),
    )
    _take_media_col(names, get_option(options, "media-col") or "")
    _take_media(names, get_option(options, "media") or "", description)
    if guess and not fold(guess).startswith("auto"):
        names.take(source=guess)
    return names


def _is_guessed(options: Mapping[str, str]) -> bool:
    """Tell whether cupsd has added InputSlot to a job that names a size itself: a guess for sizes of photographs.

    For 5 x 7 inches and less that is "photo", since CUPS 2.4.3 "auto" first, whatever tray media names besides and
    whatever the queue's default is. What cupsd makes of other options stands behind all attributes of the job, the
    last of which is time-at-creation. Without a size there the tray is that of a media-col, which no filter sees.
    """
    places = {name.lower(): place for place, name in enumerate(options)}
    end = places.get("time-at-creation")
    if end is None or places["inputslot"] < end:
        return False
    return any(places.get(name, end) < end for name in ("media", "pagesize", "pageregion"))


def asked_size(options: Mapping[str, str]) -> Optional[str]:
    """Return the size that a job names in the words of the description; PageRegion means the same as PageSize."""
    return get_option(options, "PageSize") or get_option(options, "PageRegion")


def _exact_size(options: Mapping[str, str], description: PrinterDescription) -> Optional[str]:
    """Return the job's own name of the custom size that cupsd has written as PageSize in whole points, or None.

    cupsd adds PageSize to the options when it understands the job's media, and cuts off what is behind the point.
    """
    rounded = asked_size(options) or ""
    cut = find_size(rounded, description) if _CUSTOM_SIZE.match(rounded.lower()) else None
    if cut is None:
        return None
    names = MediaNames()
    _take_media_col(names, get_option(options, "media-col") or "")
    _take_media(names, get_option(options, "media") or "", description)
    named = find_size(names.size, description) if names.size else None
    near = named and abs(named.width - cut.width) < 100 and abs(named.length - cut.length) < 100
    return names.size if near else None


def choose_media(options: Mapping[str, str], description: PrinterDescription) -> Media:
    """Return the media of a job: its own options first, then the defaults of the description, then A4."""
    names = media_names(options, description)
    problems = [f"media {name!r} is not known, the queue's default is used" for name in names.unknown]
    defaults = description.defaults
    size = _checked(find_size, names.size, description, "PageSize", problems)
    limits = outside_limits(size, description) if size else ""
    if limits:
        problems.append(f"{limits}, the queue's default is used")
    size = (
        (None if limits else size)
        or find_size(defaults.get("PageSize", ""), description)
        or find_size("A4", description)
    )
    assert size is not None
    source = _checked(find_source, names.source, description, "InputSlot", problems)
    type_number = _checked(find_type, names.paper_type, description, "MediaType", problems)
    bin_name = get_option(options, "OutputBin") or get_option(options, "output-bin")
    output_bin = _checked(find_bin, bin_name, description, "OutputBin", problems)
    default_type = defaults.get("MediaType", "")
    return Media(
        size,
        source if source is not None else find_source(defaults.get("InputSlot", ""), description),
        type_number if type_number is not None else find_type(default_type, description),
        description.value("ipps443MediaName", names.paper_type or default_type),
        output_bin if output_bin is not None else find_bin(defaults.get("OutputBin", ""), description),
        tuple(problems),
        limits,
    )


def _checked(
    find: Callable[[str, PrinterDescription], Optional[T]],
    name: Optional[str],
    description: PrinterDescription,
    keyword: str,
    problems: list[str],
) -> Optional[T]:
    """Return what a name means; a name without meaning is a problem, but for one that leaves it to the printer.

    Choices of a description without numbers of PCL have a meaning, though none here: the backend asks for them.
    """
    found = find(name, description) if name else None
    if name and found is None and name.lower() not in _LEFT_TO_PRINTER and not description.choice(keyword, name):
        problems.append(f"{_WORDS[keyword]} {name!r} is not known, the queue's default is used")
    return found


def _take_media_col(names: MediaNames, collection: str) -> None:
    members = parse_options(collection) if collection.startswith("{") else {}
    size = parse_options(members.get("media-size", ""))
    name = members.get("media-size-name")
    width, length = (_read_number(size.get(dimension), None) for dimension in ("x-dimension", "y-dimension"))
    if not name and width is not None and length is not None:
        name = _name_of_measures(width, length)
    if "media-size" in members and not name and not names.size:
        names.unknown.append(f"media-size={members['media-size']}")
    names.take(name, members.get("media-source"), members.get("media-type"))


def in_hundredths_of_mm(size: PaperSize) -> tuple[int, int]:
    """Return width and length in 1/100 mm, the unit of media-size (PWG 5100.7)."""
    return round(size.width * 2540 / UNITS_PER_INCH), round(size.length * 2540 / UNITS_PER_INCH)


def pwg_name(size: PaperSize) -> str:
    """Return the self-describing name of a size (PWG 5101.1)."""
    return _name_of_measures(*in_hundredths_of_mm(size))


def _name_of_measures(width: int, length: int) -> str:
    """Return the PWG name for measures in 1/100 mm, that of the table when one is within half a millimetre."""
    for _, pwg_name, _ in _SIZES:
        measures = _measures(pwg_name)
        assert measures
        if all(abs(known * 2540 / UNITS_PER_INCH - wish) < 50 for known, wish in zip(measures, (width, length))):
            return pwg_name
    return f"custom_{width / 100:g}x{length / 100:g}mm_{width / 100:g}x{length / 100:g}mm"


def _take_media(names: MediaNames, media: str, description: PrinterDescription) -> None:
    for name in filter(None, (part.strip() for part in media.split(","))):
        if find_size(name, description):
            names.take(size=name)
        elif find_source(name, description) is not None or description.choice("InputSlot", name):
            names.take(source=name)
        elif find_type(name, description) is not None or description.choice("MediaType", name):
            names.take(paper_type=name)
        else:
            names.unknown.append(name)
