"""Options of a job as IPP Job Template attributes: RFC 8011 section 5.2, PWG 5100.7 (media-col), PWG 5100.13.

Only documents whose language does not carry them need them (``document_format.WITHOUT_OPTIONS``): PCL and PostScript
say in their own data which side, tray and paper they want (Q-114). Pure: options, the printer description and what the
printer supports in, attributes out.

Where a wish comes from, first come, first served: the job's PPD option (ColorModel), the job's IPP option
(print-color-mode), the default of the printer description, which is where the web interface keeps a queue's settings.
What becomes of it:

    the printer supports the value             sent, as the printer spells it
    the printer does not support it            left out; named in ``refused`` if the job asks for it
    the printer does not say what it supports  asked for by the job: sent; a default: left out (Q-112)
    a filter has done it already               left out: number-up and page-ranges of documents from pdftopdf

Copies of a document from the filters are in it. Copies of a file are one attribute if the printer's range allows it
(Q-113), else they are the caller's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from backend.ipp.message import Attribute, Collection, LanguageString, Message, Range, Resolution, Value, attribute
from backend.ipp.tags import Tag
from backend.ipp.values import write_value
from filters.dataclass import dataclass
from filters.job import find_sides, get_option, parse_boolean
from filters.pcl.media import MediaNames, PaperSize, find_size, in_hundredths_of_mm, media_names, pwg_name
from filters.ppd import PrinterDescription, fold

TYPE_CHECKING = False  # typing is slow to import, and only the type checker needs it
if TYPE_CHECKING:
    from typing import Any

#: Choices that leave a matter to the printer, folded: as a default they ask for nothing.
_LEFT_TO_PRINTER = frozenset({"", "auto", "automatic", "autoselect", "default", "none", "plain", "printer"})

#: Choices of printer descriptions, folded, in the words of IPP.
_COLORS = {
    **dict.fromkeys(("gray", "grayscale", "kgray", "black", "blackwhite", "mono", "monochrome"), "monochrome"),
    **dict.fromkeys(("rgb", "srgb", "adobergb", "cmy", "cmyk", "color", "colour"), "color"),
}
_QUALITIES = {"draft": "3", "normal": "4", "high": "5", "best": "5"}
_SOURCES = {"bypass": "by-pass-tray", "multipurpose": "by-pass-tray", "manualfeed": "manual", "upper": "top"}
_TYPES = {
    "plain": "stationery",
    "bond": "stationery-bond",
    "glossy": "photographic-glossy",
    "letterhead": "stationery-letterhead",
    "preprinted": "stationery-preprinted",
}


# --- texts of options to values -------------------------------------------------------------------------------


def _read_keywords(text: str) -> list[Any]:
    return [word.strip() for word in text.split(",") if word.strip()]


def _read_numbers(text: str) -> list[Any]:
    return [int(word) for word in text.split(",")]


def _read_ranges(text: str) -> list[Any]:
    """Read "1-3,7,9-" as CUPS does: an open end is the last page."""
    ranges = []
    for part in text.split(","):
        lower, dash, upper = part.partition("-")
        first = int(lower or "1")
        ranges.append(Range(first, int(upper) if upper else (2**31 - 1 if dash else first)))
        if first < 1 or len(ranges) > 1 and first <= ranges[-2].upper:
            raise ValueError("pages are counted from 1, and ranges rise")  # RFC 8011 section 5.2.7
    return ranges


def _read_resolutions(text: str) -> list[Any]:
    """Read "600dpi", "600x1200dpi" or "240dpcm"."""
    number, unit = (text[:-3], 3) if text.endswith("dpi") else (text.removesuffix("dpcm"), 4)
    x, _, y = number.partition("x")
    return [Resolution(int(x), int(y or x), unit)]


_READERS: dict[Tag, Callable[[str], list[Any]]] = {
    Tag.KEYWORD: _read_keywords,
    Tag.ENUM: _read_numbers,
    Tag.INTEGER: _read_numbers,
    Tag.RANGE_OF_INTEGER: _read_ranges,
    Tag.RESOLUTION: _read_resolutions,
}


@dataclass(frozen=True)
class _Rule:
    """One attribute.

    Attributes:
        ppd: the option of printer descriptions that means the same.
        words: its choices, folded; without them a choice is spelled with hyphens.
        by_filter: pdftopdf does it, so that only files that pass no filter need the attribute.
        usual: a value that cupsd gives to every job; nobody has asked for it.
    """

    name: str
    tag: Tag
    ppd: str = ""
    words: Mapping[str, str] | None = None
    by_filter: bool = False
    usual: str = ""

    def in_words_of_ipp(self, choice: str) -> str:
        """Return what a choice of a printer description means, "" if that is not known."""
        return _hyphenated(choice) if self.words is None else self.words.get(fold(choice), "")


_RULES = (
    _Rule("finishings", Tag.ENUM, usual="3"),
    _Rule("number-up", Tag.INTEGER, by_filter=True, usual="1"),
    _Rule("orientation-requested", Tag.ENUM, by_filter=True),
    _Rule("output-bin", Tag.KEYWORD, "OutputBin"),
    _Rule("page-ranges", Tag.RANGE_OF_INTEGER, by_filter=True),
    _Rule("print-color-mode", Tag.KEYWORD, "ColorModel", _COLORS),
    _Rule("print-content-optimize", Tag.KEYWORD),
    _Rule("print-quality", Tag.ENUM, "cupsPrintQuality", _QUALITIES),
    _Rule("print-rendering-intent", Tag.KEYWORD),
    _Rule("print-scaling", Tag.KEYWORD, by_filter=True),
    _Rule("printer-resolution", Tag.RESOLUTION),
)
#: What to ask a printer for before ``choose_job_attributes``.
SUPPORTED_ATTRIBUTES = tuple(
    f"{name}-supported"
    for name in (
        *(rule.name for rule in _RULES),
        *(
            "copies",
            "media",
            "media-col",
            "media-size",
            "media-source",
            "media-type",
            "multiple-document-handling",
            "sides",
        ),
    )
)


@dataclass(frozen=True)
class JobAttributes:
    """What is to be sent with a document.

    Attributes:
        refused: what the job asks for and the printer does not take, as "sides=two-sided-long-edge".
        copies: how many copies the printer makes of the document.
    """

    attributes: tuple[Attribute, ...] = ()
    refused: tuple[str, ...] = ()
    copies: int = 1


def choose_job_attributes(
    options: Mapping[str, str],
    description: PrinterDescription,
    supported: Message | None,
    *,
    is_file: bool,
    copies: int = 1,
) -> JobAttributes:
    """Return the attributes for a document.

    Args:
        supported: the printer's answer about SUPPORTED_ATTRIBUTES, None if it gave none.
        is_file: the document passed no filter, so that all options are still to be carried out.
        copies: how many are wanted of a file.
    """
    if parse_boolean(get_option(options, "landscape"), False):
        options = {"orientation-requested": "4", **options}  # RFC 8011 section 5.2.10
    choice = _Choice(options, description, supported)
    for rule in _RULES:
        if is_file or not rule.by_filter:
            choice.add_by_rule(rule)
    choice.add_sides()
    choice.add_media()
    made = choice.add_copies(copies) if is_file and copies > 1 else 1
    chosen = sorted(choice.attributes, key=lambda each: each.name)
    return JobAttributes(tuple(chosen), tuple(choice.refused), made)


class _Choice:
    """The attributes of one document while they are chosen."""

    def __init__(self, options: Mapping[str, str], description: PrinterDescription, supported: Message | None) -> None:
        self._options = options
        self._description = description
        self._supported = supported
        self.attributes: list[Attribute] = []
        self.refused: list[str] = []

    # --- what the printer supports

    def _listed(self, name: str) -> tuple[Any, ...] | None:
        """Return the values that the printer lists for an attribute, None if it does not say."""
        found = self._supported.get(f"{name}-supported", Tag.PRINTER_ATTRIBUTES) if self._supported else None
        return found.all if found else None

    def _value(self, name: str, tag: Tag, wanted: Any, asked: bool) -> Value | None:
        """Return a value as the printer spells it, None if it is not to be sent, or cannot be."""
        listed = self._listed(name)
        tags = [tag]
        if listed is None:
            sent = wanted if asked else None
        elif isinstance(wanted, str):
            sent = _spelled(wanted, listed)
            tags.append(Tag.NAME_WITHOUT_LANGUAGE)  # vendors' own values may be names in the place of keywords
        else:
            sent = wanted if _is_among(wanted, listed) else None
        return next((Value(each, sent) for each in tags if sent is not None and _can_be_sent(each, sent)), None)

    def _keyword(self, name: str, wanted: str | None, asked: bool) -> Attribute | None:
        """Return an attribute of one keyword."""
        value = self._value(name, Tag.KEYWORD, wanted, asked) if wanted else None
        return Attribute(name, (value,)) if value else None

    # --- attributes

    def add_by_rule(self, rule: _Rule) -> None:
        """Add the attribute of a rule if somebody wants it."""
        text, asked = self._wish(rule)
        if not text:
            return
        try:
            values = [self._value(rule.name, rule.tag, value, asked) for value in _READERS[rule.tag](text)]
        except ValueError:
            values = []
        sent = tuple(value for value in values if value is not None)
        if sent and len(sent) == len(values):
            self.attributes.append(Attribute(rule.name, sent))
        elif asked:
            self.refused.append(f"{rule.name}={text}")

    def _wish(self, rule: _Rule) -> tuple[str, bool]:
        """Return what is wanted, in the words of IPP, "" for nothing, and whether the job asks for it."""
        default = rule.in_words_of_ipp(self._default(rule.ppd))
        chosen = (get_option(self._options, rule.ppd) or "") if rule.ppd else ""
        if chosen and _leaves_it(chosen):
            return "", True
        meant = rule.in_words_of_ipp(chosen)
        if meant:
            return meant, True
        said = get_option(self._options, rule.name)
        if said and said != rule.usual:
            return said, said != default  # cupsd adds the queue's default colour mode to each job
        return (chosen, True) if chosen else (default, False)

    def _default(self, option: str) -> str:
        """Return the description's default choice, "" if it leaves the matter to the printer."""
        choice = self._description.defaults.get(option, "")
        return "" if _leaves_it(choice) else choice

    def add_sides(self) -> None:
        """Add sides, which has more names in printer descriptions than a rule has room for."""
        asked = find_sides(self._options)
        sides = self._keyword("sides", asked or find_sides(self._description.defaults), bool(asked))
        if sides:
            self.attributes.append(sides)
        elif asked:
            self.refused.append(f"sides={asked}")

    def add_media(self) -> None:
        """Add media if the size alone is wanted, media-col for a source or a type of paper; never both."""
        names = self._media_names()
        members = [
            *self._media_member("media-source", names.source, "InputSlot", _SOURCES),
            *self._media_member("media-type", names.paper_type, "MediaType", _TYPES),
        ]
        size = find_size(names.size or self._description.defaults.get("PageSize") or "", self._description)
        media = self._keyword("media", pwg_name(size), bool(names.size)) if size else None
        if media and not members:
            self.attributes.append(media)
            return
        if size and (names.size or members) and (media or self._takes_size(size, bool(names.size))):
            members.insert(0, _media_size(size))
        elif names.size:
            self.refused.append(f"media={names.size}")
        if members:
            self.attributes.append(attribute("media-col", Tag.BEG_COLLECTION, Collection(tuple(members))))

    def _media_names(self) -> MediaNames:
        """Return what the job says about its media; words that are nobody's else may be this printer's own."""
        names = media_names(self._options, self._description)
        for name in names.unknown:
            if self._keyword("media-source", name, False):
                names.take(source=name)
            elif self._keyword("media-type", name, False):
                names.take(paper_type=name)
            else:
                self.refused.append(f"media={name}")
        return names

    @property
    def _takes_sizes(self) -> bool:
        return "media-size" in (self._listed("media-col") or ())

    def _takes_size(self, size: PaperSize, asked: bool) -> bool:
        """Tell whether a size without a name of its own can be sent: media-size-supported, PWG 5100.7."""
        listed = self._listed("media-size")
        if listed is None:
            return self._takes_sizes and asked
        x, y = in_hundredths_of_mm(size)
        sizes = [each for each in listed if isinstance(each, Collection)]
        return self._takes_sizes and any(
            _reaches(each, "x-dimension", x) and _reaches(each, "y-dimension", y) for each in sizes
        )

    def _media_member(self, name: str, asked: str | None, option: str, words: Mapping[str, str]) -> list[Attribute]:
        """Return a member of media-col, or nothing if it is not wanted or the printer does not take it."""
        choice = asked or self._default(option)
        if not choice:
            return []
        if self._takes_sizes and name in (self._listed("media-col") or ()):
            for spelling in (words.get(fold(choice)) or _hyphenated(choice), choice):
                member = self._keyword(name, spelling, bool(asked))
                if member:
                    return [member]
        if asked and not _leaves_it(asked):
            self.refused.append(f"{name}={asked}")
        return []

    def add_copies(self, copies: int) -> int:
        """Add copies if the printer makes so many; return how many it makes of each document that is sent."""
        listed = self._listed("copies") or ()
        if not any(isinstance(each, Range) and each.lower <= copies <= each.upper for each in listed):
            return 1
        self.attributes.append(attribute("copies", Tag.INTEGER, copies))
        collated = parse_boolean(get_option(self._options, "Collate"), True)
        asked = get_option(self._options, "multiple-document-handling")
        wanted = asked or f"separate-documents-{'' if collated else 'un'}collated-copies"
        handling = self._keyword("multiple-document-handling", wanted, bool(asked))
        if handling:
            self.attributes.append(handling)
        elif asked or not collated:
            self.refused.append(f"multiple-document-handling={wanted}")
        return copies


def _can_be_sent(tag: Tag, value: Any) -> bool:
    """Tell whether the syntax of a tag allows a value."""
    try:
        write_value(tag, value)
    except ValueError:
        return False
    return True


def _spelled(wanted: str, listed: tuple[Any, ...]) -> str | None:
    """Return that one of a printer's values that means a keyword: equal but for case, blanks and punctuation."""
    words = [str(getattr(each, "text", each)) for each in listed if isinstance(each, (str, LanguageString))]
    alike = [each for each in words if each == wanted or fold(each) == fold(wanted) != ""]
    return alike[0] if alike else None


def _is_among(wanted: Any, listed: tuple[Any, ...]) -> bool:
    """Tell whether a printer's values, or ranges of values, have one; page-ranges-supported is a boolean."""
    if isinstance(wanted, Range):
        return True in listed
    ranges = (each for each in listed if isinstance(each, Range) and isinstance(wanted, int))
    return wanted in listed or any(each.lower <= wanted <= each.upper for each in ranges)


def _leaves_it(choice: str) -> bool:
    """Tell whether a choice leaves the matter to the printer."""
    return fold(choice) in _LEFT_TO_PRINTER


def _reaches(size: Collection, dimension: str, wanted: int) -> bool:
    """Tell whether a listed size, or a range of sizes, is as wide or long as wanted, within half a millimetre."""
    found = size.get(dimension)
    value = found.value if found else None
    if isinstance(value, Range):
        return value.lower <= wanted <= value.upper
    return isinstance(value, int) and abs(value - wanted) < 50


def _media_size(size: PaperSize) -> Attribute:
    x, y = in_hundredths_of_mm(size)
    dimensions = (attribute("x-dimension", Tag.INTEGER, x), attribute("y-dimension", Tag.INTEGER, y))
    return attribute("media-size", Tag.BEG_COLLECTION, Collection(dimensions))


def _hyphenated(choice: str) -> str:
    """Return a choice of a printer description as CUPS makes a keyword of it: "FaceUp" is "face-up"."""
    spelled = ""
    for before, character in zip(" " + choice, choice):
        border = character.isupper() and before.islower() or character.isdigit() and before.isalpha()
        spelled += ("-" if border else "") + character.lower()
    return spelled.replace("_", "-").replace(" ", "-")
