"""Sizes of paper of a printer, each with its own margins: media-col-database and its kin, PWG 5100.7 and 5101.1.

Measures are in hundredths of a millimetre, as a printer says them. A size that the printer can print to the edge is a
choice of its own, ``.Borderless``, where it can be printed with margins as well; where it cannot, it is the only one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

from filters.common.dataclass import dataclass, field, replace
from filters.common.media import find_size
from filters.common.ppd import PrinterDescription
from filters.description.attributes import PrinterAttributes
from filters.description.words import clean, is_keyword, name_apart, spoken, text_of

#: Sheets that can be made and fed: 5 mm to 10 m.
SHORTEST, LONGEST = 500, 1_000_000
#: More sizes than this are no printer's, and CUPS compares each with each.
MOST_SIZES = 500
#: Notes about sizes, of which some printers have hundreds.
MOST_NOTES = 5
#: Two measures nearer than half a millimetre are one, written in inches and in millimetres.
NEAR = 50
#: What a printer gets that says nothing about its margins: a quarter of an inch.
USUAL_MARGIN = 635

_NAME = re.compile(r"(?:[A-Za-z0-9.+-]+_){1,4}([0-9]{1,6}(?:\.[0-9]{1,6})?)x([0-9]{1,6}(?:\.[0-9]{1,6})?)(mm|in)")
_LIMIT = re.compile(r"(custom|roll)_(min|max)_", re.IGNORECASE)
_EDGES = ("left", "bottom", "right", "top")
_TEXTS = {
    "iso_a4_210x297mm": "A4",
    "iso_dl_110x220mm": "Envelope DL",
    "iso_c5_162x229mm": "Envelope C5",
    "iso_c6_114x162mm": "Envelope C6",
    "jis_b4_257x364mm": "B4 (JIS)",
    "jis_b5_182x257mm": "B5 (JIS)",
    "jpn_hagaki_100x148mm": "Postcard (Hagaki)",
    "na_executive_7.25x10.5in": "Executive",
    "na_index-4x6_4x6in": "4 x 6 in",
    "na_index-5x8_5x8in": "5 x 8 in",
    "na_invoice_5.5x8.5in": "Statement",
    "na_ledger_11x17in": "Tabloid",
    "na_legal_8.5x14in": "US Legal",
    "na_letter_8.5x11in": "US Letter",
    "na_monarch_3.875x7.5in": "Envelope Monarch",
    "na_number-10_4.125x9.5in": "Envelope 10",
}
_NOTHING = PrinterDescription()

Margins = tuple[int, int, int, int]  # left, bottom, right, top
NONE: Margins = (0, 0, 0, 0)


@dataclass(frozen=True)
class Size:
    """One choice of PageSize.

    Attributes:
        name: of PWG 5101.1, as the printer spells it where it does.
        sources: where it can lie, empty where the printer does not say, or says anywhere.
    """

    choice: str
    text: str
    name: str
    width: int
    length: int
    margins: Margins
    is_borderless: bool
    sources: frozenset[str]


@dataclass(frozen=True)
class Limits:
    """Custom sizes, from the least to the most."""

    least: tuple[int, int]
    most: tuple[int, int]
    margins: Margins = NONE


@dataclass(frozen=True)
class Sizes:
    """All sizes, those that are loaded first, and the one that a job gets that names none."""

    listed: tuple[Size, ...]
    default: str
    custom: Limits | None = None

    def of_measures(self, width: int, length: int) -> list[Size]:
        """Return the choices for a sheet."""
        return [each for each in self.listed if _is(each, (width, length))]

    def of_name(self, name: str) -> list[Size]:
        """Return the choices for a sheet by its name."""
        measures = measures_of(name)
        return self.of_measures(*measures) if measures else []


@dataclass
class _Sources:
    """Where a sheet can lie."""

    names: set[str] = field(default_factory=set)
    anywhere: bool = False

    def take(self, names: tuple[str, ...]) -> None:
        """Take the sources of an entry, which without one means anywhere."""
        self.names |= set(names)
        self.anywhere = self.anywhere or not names

    def all(self) -> frozenset[str]:
        """Return the names, none for anywhere."""
        return frozenset() if self.anywhere else frozenset(self.names)


@dataclass
class _Sheet:
    """What is known about one sheet while it is put together."""

    width: int
    length: int
    name: str = ""
    margins: Margins | None = None
    is_borderless: bool = False
    #: A tray for photos that the database has without margins alone takes a picture with margins as well.
    sources: _Sources = field(default_factory=_Sources)
    borderless_sources: _Sources = field(default_factory=_Sources)


def measures_of(name: str) -> tuple[int, int] | None:
    """Return the measures in a self-describing name, None for what is none, or none of a sheet."""
    measures = _measures_in(name)
    return measures if measures and _possible(*measures) else None


def _measures_in(name: str) -> tuple[int, int] | None:
    found = _NAME.fullmatch(name)
    if not found:
        return None
    unit = 100 if found[3] == "mm" else 2540
    width, length = round(float(found[1]) * unit), round(float(found[2]) * unit)
    if name.startswith("disc_"):
        width = length  # the hole, and the edge
    return width, length


def sheets_in(media_col: PrinterAttributes) -> list[tuple[int, int]]:
    """Return the measures of what a media-col names by its media-size; of ranges the first ones."""
    sizes = media_col.collections("media-size")
    sides = ([each.numbers(f"{axis}-dimension")[:1] for axis in "xy"] for each in sizes)
    return [(width[0], length[0]) for width, length in sides if width and length]


def find_sizes(printer: PrinterAttributes, strings: Mapping[str, str], notes: list[str]) -> Sizes:
    """Return the sizes of a printer; A4 and Letter for one that names none."""
    shelf = _Shelf(notes)
    database = printer.collections("media-col-database")
    for entry in database:
        shelf.take_entry(entry)
    for name in printer.keywords("media-supported"):
        shelf.take_name(name)
    for measures in printer.collections("media-size-supported"):
        shelf.take_measures(measures)
    for entry in printer.collections("media-col-ready"):
        shelf.take_entry(entry, margins_count=not database, sources_count=False)
    shelf.limit_by_names()
    sheets = shelf.sheets
    if not sheets:
        notes.append("media: no sizes listed, A4 and US Letter are assumed")
        sheets = [_Sheet(21000, 29700, "iso_a4_210x297mm"), _Sheet(21590, 27940, "na_letter_8.5x11in")]
    fallback = _usual_margins(printer)
    if not database and fallback != NONE:
        for sheet in sheets:  # what is loaded is not all that there is
            sheet.margins = sheet.margins or fallback
    loaded = _loaded(printer)
    sheets = sorted(sheets, key=lambda sheet: _place(sheet, loaded))
    listed = _choices(sheets, fallback, strings)
    custom = replace(shelf.limits, margins=fallback) if shelf.limits else None
    return Sizes(tuple(listed), _default(printer, listed, loaded, notes), custom)


class _Shelf:
    """Sheets while they are collected."""

    def __init__(self, notes: list[str]) -> None:
        self.sheets: list[_Sheet] = []
        self.limits: Limits | None = None
        self._notes = notes
        self._full = False
        self._named_limits: dict[tuple[str, str], tuple[int, int]] = {}
        self._by_place: dict[tuple[int, int], list[_Sheet]] = {}

    def take_entry(self, entry: PrinterAttributes, margins_count: bool = True, sources_count: bool = True) -> None:
        """Take an entry of media-col-database; one of media-col-ready says what is in a tray only for now."""
        name = entry.word("media-size-name")
        sheet = None
        for measures in entry.collections("media-size"):
            sheet = self.take_measures(measures, name)
        if sheet is None and name:
            sheet = self.take_name(name)
        if sheet is None or not margins_count:
            return
        margins = _margins(entry, sheet)
        sources = entry.keywords("media-source") if sources_count else ()
        if margins == NONE:
            sheet.is_borderless = True
            sheet.borderless_sources.take(sources)
        elif margins is not None and sheet.margins is None:
            sheet.margins = margins
        sheet.sources.take(sources)

    def take_measures(self, measures: PrinterAttributes, name: str = "") -> _Sheet | None:
        """Take a media-size; one with ranges gives the limits of custom sizes."""
        for width, length in zip(measures.ranges("x-dimension"), measures.ranges("y-dimension")):
            least, most = (width.lower, length.lower), (width.upper, length.upper)
            if least == most:
                return self._sheet(*least, name)
            self._limit(least, most)
        return None

    def take_name(self, name: str) -> _Sheet | None:
        """Take a name of media-supported; those of trays and types are no sizes."""
        measures = _measures_in(name)
        limit = _LIMIT.match(name)
        if limit and measures:
            self._named_limits.setdefault((limit[1].lower(), limit[2].lower()), measures)
        elif measures and not limit:
            return self._sheet(*measures, name)
        return None

    def limit_by_names(self) -> None:
        """Take custom_min and custom_max, roll_min and roll_max (PWG 5101.1) as limits of custom sizes."""
        for kind in ("custom", "roll"):
            found = [self._named_limits[kind, end] for end in ("min", "max") if (kind, end) in self._named_limits]
            if len(found) == 2:
                self._limit(*found)
            elif found:
                self._notes.append(
                    f"media: {kind} sizes are left out, because only one of {kind}_min and {kind}_max is there"
                )

    def _limit(self, least: tuple[int, int], most: tuple[int, int]) -> None:
        least = _each(max, least, (SHORTEST, SHORTEST))
        most = _each(min, most, (LONGEST, LONGEST))
        if any(low > high for low, high in zip(least, most)):
            self._note("media: limits of custom sizes that nothing fits in are left out")
        elif self.limits is None:
            self.limits = Limits(least, most)
        else:  # a description has one range, which is that of all
            old = self.limits
            self.limits = Limits(_each(min, old.least, least), _each(max, old.most, most))

    def _sheet(self, width: int, length: int, name: str) -> _Sheet | None:
        named = _measures_in(name)
        if named and not name.startswith("disc_") and not _near(named, (width, length)):
            self._note(f"media: {clean(name, 60)} has measures of {_spoken(width, length)}; the name is left out")
            name = ""
        if not _possible(width, length):
            if (width, length) != (0, 0) or name:
                self._note(f"media: a size of {_spoken(width, length)} is left out")
            return None
        here = width // NEAR, length // NEAR
        near = ((here[0] + x, here[1] + y) for x in (0, -1, 1) for y in (0, -1, 1))
        for place in near:
            for sheet in self._by_place.get(place, ()):
                if _near((sheet.width, sheet.length), (width, length)):
                    if name and sheet.name not in ("", name) and (sheet.width, sheet.length) != (width, length):
                        self._note(
                            f"media: {clean(name, 60)} is taken for {clean(sheet.name, 60)}, which is nearly as large"
                        )
                    sheet.name = sheet.name or name
                    return sheet
        if len(self.sheets) >= MOST_SIZES:
            if not self._full:
                self._notes.append(f"media: sizes after the first {MOST_SIZES} are left out")
            self._full = True
            return None
        sheet = _Sheet(width, length, name)
        self.sheets.append(sheet)
        self._by_place.setdefault(here, []).append(sheet)
        return sheet

    def _note(self, text: str) -> None:
        if sum(note.startswith("media: ") for note in self._notes) < MOST_NOTES and text not in self._notes:
            self._notes.append(text)


def _possible(width: int, length: int) -> bool:
    return SHORTEST <= width <= LONGEST and SHORTEST <= length <= LONGEST


def _spoken(width: int, length: int) -> str:
    return f"{width / 100:g} x {length / 100:g} mm"


def _each(choose: Callable[[int, int], int], one: tuple[int, int], other: tuple[int, int]) -> tuple[int, int]:
    return choose(one[0], other[0]), choose(one[1], other[1])


def _near(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return abs(one[0] - other[0]) < NEAR and abs(one[1] - other[1]) < NEAR


# --- margins ----------------------------------------------------------------------------------------------


def _margins(entry: PrinterAttributes, sheet: _Sheet) -> Margins | None:
    """Return the margins of an entry, None where one is missing or they leave nothing of the sheet."""
    found = [next(iter(entry.numbers(f"media-{edge}-margin")), None) for edge in _EDGES]
    sides = [side for side in found if side is not None and side >= 0]
    if len(sides) < 4:
        return None
    left, bottom, right, top = sides
    margins = left, bottom, right, top
    return margins if _leave_room(margins, sheet) else None


def _leave_room(margins: Margins, sheet: _Sheet) -> bool:
    left, bottom, right, top = margins
    return left + right < sheet.width and bottom + top < sheet.length


def _usual_margins(printer: PrinterAttributes) -> Margins:
    """Return the margins of sizes that have none of their own: on each edge the smallest, 0 if there is no other."""
    left, bottom, right, top = (_smallest(printer.numbers(f"media-{edge}-margin-supported")) for edge in _EDGES)
    return left, bottom, right, top


def _smallest(margins: Iterable[int]) -> int:
    possible = [each for each in margins if 0 <= each <= LONGEST]
    return min(filter(None, possible), default=0 if possible else USUAL_MARGIN)


# --- order and default ------------------------------------------------------------------------------------


def _loaded(printer: PrinterAttributes) -> list[tuple[int, int]]:
    """Return the measures of what is loaded, in the printer's order."""
    found = [sheet for entry in printer.collections("media-col-ready") for sheet in sheets_in(entry)]
    return found + [named for name in printer.keywords("media-ready") if (named := measures_of(name))]


def _place(sheet: _Sheet, loaded: list[tuple[int, int]]) -> int:
    places = (at for at, measures in enumerate(loaded) if _near((sheet.width, sheet.length), measures))
    return next(places, len(loaded))


def _default(printer: PrinterAttributes, listed: list[Size], loaded: list[tuple[int, int]], notes: list[str]) -> str:
    """Return the default size: the printer's own if it is loaded or nobody knows what is, else the first loaded."""
    named = measures_of(printer.word("media-default"))
    wanted = [named] if named else []
    wanted += [sheet for entry in printer.collections("media-col-default") for sheet in sheets_in(entry)]
    own = next((size for sheet in wanted for size in listed if _is(size, sheet)), None)
    ready = [size for size in listed if any(_is(size, sheet) for sheet in loaded)]
    if own and ready and own not in ready:
        notes.append(f"media-default: {own.choice} is not loaded, {ready[0].choice} is")
        own = None
    usual = next((size for size in listed if size.choice in ("A4", "Letter")), listed[0])
    return own.choice if own else next(iter(ready), usual).choice


def _is(size: Size, sheet: tuple[int, int]) -> bool:
    return _near((size.width, size.length), sheet)


# --- choices ----------------------------------------------------------------------------------------------


def _choices(sheets: Iterable[_Sheet], fallback: Margins, strings: Mapping[str, str]) -> list[Size]:
    found = []
    for sheet in sheets:
        name = sheet.name if measures_of(sheet.name) else _invented(sheet)
        choice = _ppd_name(sheet, name)
        text = text_of("media", name, strings, {name: _TEXTS.get(name, "") or _text(choice, name, sheet)})
        sources = (sheet.borderless_sources if sheet.is_borderless else sheet.sources).all()
        size = Size(choice, text, name, sheet.width, sheet.length, NONE, True, sources)
        if sheet.margins or not sheet.is_borderless and fallback != NONE:
            margins = sheet.margins or fallback
            margins = margins if _leave_room(margins, sheet) else _small_margins(sheet)
            found.append(replace(size, margins=margins, is_borderless=False, sources=sheet.sources.all()))
            if not sheet.is_borderless:
                continue
            size = replace(size, choice=f"{choice[:29]}.Borderless")
        found.append(replace(size, text=clean(text, 66) + " (borderless)"))
    names = name_apart(each.choice for each in found)
    return [replace(each, choice=name) for each, name in zip(found, names)]


def _small_margins(sheet: _Sheet) -> Margins:
    edge = min(sheet.width, sheet.length) // 20
    return (edge, edge, edge, edge)


def _invented(sheet: _Sheet) -> str:
    """Return a name for a sheet to which the printer gives none: a standard one where the measures are, else custom."""
    measures = f"{sheet.width / 100:.10g}x{sheet.length / 100:.10g}mm"
    return next(
        (name for name in _STANDARD if _near(_STANDARD[name], (sheet.width, sheet.length))),
        f"custom_{measures}_{measures}",
    )


def _ppd_name(sheet: _Sheet, name: str) -> str:
    """Return Adobe's name for a sheet, else the printer's, else one of its measures in points."""
    known = find_size(name, _NOTHING)
    if known and known.name != name:
        return known.name
    if is_keyword(name) and not name.lower().startswith("custom"):
        return name
    return f"w{_points(sheet.width)}h{_points(sheet.length)}"


def _points(hundredths: int) -> str:
    return f"{hundredths * 72 / 2540:.0f}"


def _text(choice: str, name: str, sheet: _Sheet) -> str:
    """Return what people read for a size."""
    if re.fullmatch(r"[A-C][0-9]{1,2}|[A-Z][a-z]+", choice):
        return choice
    millimetres = f"{sheet.width / 100:.0f} x {sheet.length / 100:.0f} mm"
    middle = spoken("-".join(name.split("_")[1:-1]))
    return clean(f"{middle} ({millimetres})" if middle and not name.startswith("custom") else millimetres)


#: Standard names with their measures.
_STANDARD = {
    name: measures
    for name in (
        *_TEXTS,
        "iso_a3_297x420mm",
        "iso_a5_148x210mm",
        "iso_a6_105x148mm",
        "iso_b5_176x250mm",
        "jis_b6_128x182mm",
        "jpn_chou3_120x235mm",
        "jpn_chou4_90x205mm",
        "jpn_oufuku_148x200mm",
        "na_5x7_5x7in",
        "na_foolscap_8.5x13in",
        "na_govt-letter_8x10in",
        "na_index-3x5_3x5in",
        "oe_photo-l_3.5x5in",
        "om_folio_210x330mm",
    )
    if (measures := measures_of(name))
}
