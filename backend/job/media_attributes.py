"""Media of a job as IPP attributes: media if the size alone is wanted, else media-col. PWG 5100.7, PWG 5101.1. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from backend.ipp.message import Attribute, Collection, Range, attribute
from backend.ipp.tags import Tag
from backend.job.option_rules import SOURCES, TYPES, hyphenated, leaves_it
from backend.job.supported import Supported
from filters.common.dataclass import dataclass
from filters.common.media import (
    UNITS_PER_INCH,
    MediaNames,
    PaperSize,
    find_size,
    in_hundredths_of_mm,
    media_names,
    outside_limits,
    pwg_name,
)
from filters.common.ppd import PrinterDescription, fold


@dataclass(frozen=True)
class Sheet:
    """A sheet by its PWG name and its measures in 1/100 mm; only a borderless one has margins."""

    name: str
    x: int
    y: int
    margins: tuple[int, ...] = ()


class MediaChoice:
    """The media of one document while they are chosen."""

    def __init__(
        self,
        options: Mapping[str, str],
        description: PrinterDescription,
        supported: Supported,
        default: Callable[[str], str],
        keyword_of: Callable[[str, str], str],
    ) -> None:
        """
        Args:
            default: the description's default choice of an option, "" if it leaves the matter to the printer.
            keyword_of: the keyword that a description means by the choice of an option.
        """
        self._options = options
        self._description = description
        self._supported = supported
        self._default = default
        self._keyword_of = keyword_of
        self.attributes: list[Attribute] = []
        self.refused: list[str] = []

    def choose(self) -> None:
        """Add media if the size alone is wanted, media-col for a source or a type of paper; never both."""
        names = self._media_names()
        members = [
            *self._media_member("media-source", names.source, "InputSlot", SOURCES),
            *self._media_member("media-type", names.paper_type, "MediaType", TYPES),
        ]
        sheet = self._sheet(names.size or self._description.defaults.get("PageSize") or "")
        media = self._supported.keyword("media", sheet.name, bool(names.size)) if sheet else None
        margins = self._margins(sheet, names.size)
        if media and not members and not margins:
            self.attributes.append(media)
            return
        if sheet and (names.size or members or margins) and (media or self._takes_size(sheet, bool(names.size))):
            members = [_media_size(sheet), *margins, *members]
        elif names.size:
            self.refused.append(f"media={names.size}")
        if members:
            self.attributes.append(attribute("media-col", Tag.BEG_COLLECTION, Collection(tuple(members))))

    def _media_names(self) -> MediaNames:
        """Return what the job says about its media; words that are nobody's else may be this printer's own."""
        names = media_names(self._options, self._description)
        for name in names.unknown:
            if self._supported.keyword("media-source", name, False):
                names.take(source=name)
            elif self._supported.keyword("media-type", name, False):
                names.take(paper_type=name)
            else:
                self.refused.append(f"media={name}")
        return names

    def _sheet(self, name: str) -> Sheet | None:
        """Return the sheet that a name means: as the description says it, else by its measures."""
        said = self._description.values
        described = said.get(("ipps443Media", name)) or next(
            (
                value
                for (keyword, _), value in said.items()
                if keyword == "ipps443Media" and value.split()[:1] == [name]
            ),
            None,
        )
        size = find_size(name, self._description)
        line = described or self._description.value("ipps443Media", size.name if size else name) or ""
        return _read_sheet(line) or (Sheet(pwg_name(size), *in_hundredths_of_mm(size)) if size else None)

    def _margins(self, sheet: Sheet | None, asked: str | None) -> list[Attribute]:
        """Return the margins of a borderless sheet as members of media-col."""
        if sheet is None or not sheet.margins:
            return []
        names = [f"media-{edge}-margin" for edge in ("left", "bottom", "right", "top")]
        if self._takes_sizes and set(names) <= set(self._supported.listed("media-col") or ()):
            return [attribute(name, Tag.INTEGER, margin) for name, margin in zip(names, sheet.margins)]
        if asked:
            self.refused.append(f"media={asked} without margins")
        return []

    @property
    def _takes_sizes(self) -> bool:
        return self._takes_member("media-size")

    def _takes_member(self, name: str) -> bool:
        """Tell whether media-col may have a member; if the printer lists none, its description offers what it has."""
        members = self._supported.listed("media-col")
        if members is None and ("ipps443Source", "") in self._description.values:
            return self._supported.listed(name) is not None
        return name in (members or ())

    def _takes_size(self, sheet: Sheet, asked: bool) -> bool:
        """Tell whether a size without a name of its own can be sent: media-size-supported, PWG 5100.7."""
        listed = self._supported.listed("media-size")
        if listed is None:
            return self._takes_sizes and asked and self._is_offered(sheet)
        sizes = [each for each in listed if isinstance(each, Collection)]
        return self._takes_sizes and any(
            _reaches(each, "x-dimension", sheet.x) and _reaches(each, "y-dimension", sheet.y) for each in sizes
        )

    def _is_offered(self, sheet: Sheet) -> bool:
        """Tell whether a description made from the printer has a size, so that there are pages of it; others may."""
        said = self._description.values
        if ("ipps443Source", "") not in said:
            return True
        listed = (_read_sheet(value) for (keyword, _), value in said.items() if keyword == "ipps443Media")
        if any(abs(each.x - sheet.x) < 50 and abs(each.y - sheet.y) < 50 for each in listed if each):
            return True
        width, length = (round(side * UNITS_PER_INCH / 2540) for side in (sheet.x, sheet.y))
        size = PaperSize(sheet.name, width, length)
        return ("CustomPageSize", "True") in said and not outside_limits(size, self._description)

    def _media_member(self, name: str, asked: str | None, option: str, words: Mapping[str, str]) -> list[Attribute]:
        """Return a member of media-col, or nothing if it is not wanted or the printer does not take it."""
        choice = asked or self._default(option)
        if not choice or leaves_it(choice) and self._supported.listed(name) is None:
            return []
        if self._takes_sizes and self._takes_member(name):
            own = self._keyword_of(option, choice)
            exact = own in (self._supported.listed(name) or ())
            for spelling in (own,) if exact else (words.get(fold(choice)) or hyphenated(choice), choice):
                member = self._supported.keyword(name, spelling, bool(asked))
                if member:
                    return [member]
        if asked and not leaves_it(asked):
            self.refused.append(f"{name}={asked}")
        return []


def _read_sheet(line: str) -> Sheet | None:
    """Return the sheet of a line *ipps443Media, None for one that says none: people edit descriptions."""
    name, *words = line.split() or [""]
    if len(words) not in (2, 6) or not all(word.isdecimal() and len(word) < 10 for word in words):
        return None
    x, y, *margins = map(int, words)
    return Sheet(name, x, y, tuple(margins)) if x and y else None


def _reaches(size: Collection, dimension: str, wanted: int) -> bool:
    """Tell whether a listed size, or a range of sizes, is as wide or long as wanted, within half a millimetre."""
    found = size.get(dimension)
    value = found.value if found else None
    if isinstance(value, Range):
        return value.lower <= wanted <= value.upper
    return isinstance(value, int) and abs(value - wanted) < 50


def _media_size(sheet: Sheet) -> Attribute:
    dimensions = (attribute("x-dimension", Tag.INTEGER, sheet.x), attribute("y-dimension", Tag.INTEGER, sheet.y))
    return attribute("media-size", Tag.BEG_COLLECTION, Collection(dimensions))
