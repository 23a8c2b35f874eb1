"""Options of text printing: CUPS Software Users Manual, "Text Options", and what ipps443 adds to them.

A value comes from the job, else from the default of the printer description (an option of the same name there makes
the web interface show it), else from here. A value that cannot be read is reported and the next source asked, never
a reason not to print.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Callable, Mapping, Optional, TypeVar

from filters.job import find_sides, get_option, parse_boolean
from filters.layout.wrapping import Wrap
from filters.ppd import PrinterDescription

T = TypeVar("T")

#: orientation-requested of IPP (RFC 8011, 5.2.10).
PORTRAIT, LANDSCAPE, REVERSE_LANDSCAPE, REVERSE_PORTRAIT = 3, 4, 5, 6


@dataclass(frozen=True)
class Margins:
    """Points from the edges of the sheet as it is read."""

    left: float = 18.0
    right: float = 18.0
    top: float = 36.0
    bottom: float = 36.0


@dataclass(frozen=True)
class Settings:
    """All that decides what a side looks like, but for the paper."""

    cpi: float = 10.0
    lpi: float = 6.0
    margins: Margins = Margins()
    orientation: int = PORTRAIT
    wrap: Wrap = Wrap.CHAR
    wrap_mark: str = ""
    tab_width: int = 8
    sides: Optional[str] = None
    collate: bool = False
    page_ranges: tuple[tuple[int, int], ...] = ()
    page_set: str = "all"


@dataclass
class Sources:
    """Where values come from, and what was wrong with some."""

    options: Mapping[str, str]
    description: PrinterDescription
    problems: list[str] = field(default_factory=list)

    def read(self, name: str, parse: Callable[[str], T], default: T) -> T:
        """Return the first value of an option that can be read."""
        for text in (get_option(self.options, name), self.description.defaults.get(name)):
            if text is None:
                continue
            try:
                return parse(_without_custom(text.strip()))
            except (ValueError, OverflowError):
                self.problems.append(f"option {name}={text} is not possible, it is left out")
        return default


def _without_custom(text: str) -> str:
    """Return a value without the prefix that PPD files give to values a user types."""
    return text[7:] if text.startswith("Custom.") else text


def _number(lowest: float, highest: float) -> Callable[[str], float]:
    def parse(text: str) -> float:
        value = float(text)
        if not lowest <= value <= highest:
            raise ValueError(text)
        return value

    return parse


def _integer(lowest: int, highest: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        value = int(text)
        if not lowest <= value <= highest:
            raise ValueError(text)
        return value

    return parse


def _wrap(text: str) -> Wrap:
    word = text.lower()
    # CUPS itself knows wrap and nowrap, and texttotext its own words.
    known = {"true": "char", "false": "off", "wrap-at-width": "char", "word-wrap": "word"}
    return Wrap(known.get(word, word))


def _wrap_mark(text: str) -> str:
    mark = {"true": "\\", "false": ""}.get(text, text)
    if len(mark) > 8 or not mark.isprintable():
        raise ValueError(text)
    return mark


def _page_set(text: str) -> str:
    if text.lower() not in ("all", "even", "odd"):
        raise ValueError(text)
    return text.lower()


def parse_ranges(text: str) -> tuple[tuple[int, int], ...]:
    """Read page-ranges such as "1-3,5,7-"; an open range goes to the end."""
    ranges = []
    for part in text.split(","):
        first, dash, last = part.strip().partition("-")
        low = int(first) if first else 1
        high = (int(last) if last else 2**31 - 1) if dash else low
        if not (first or last) or not 1 <= low <= high:
            raise ValueError(text)
        ranges.append((low, high))
    return tuple(sorted(ranges))


def _read_orientation(sources: Sources) -> int:
    default = sources.read("landscape", lambda text: LANDSCAPE if parse_boolean(text, True) else PORTRAIT, PORTRAIT)
    return sources.read("orientation-requested", _integer(PORTRAIT, REVERSE_PORTRAIT), default)


def _read_margins(sources: Sources) -> Margins:
    points = _number(0, 72 * 48)
    default = Margins()
    return Margins(
        sources.read("page-left", points, default.left),
        sources.read("page-right", points, default.right),
        sources.read("page-top", points, default.top),
        sources.read("page-bottom", points, default.bottom),
    )


def _read_collate(sources: Sources) -> bool:
    handling = get_option(sources.options, "multiple-document-handling") or ""
    if "collated" in handling:
        return "uncollated" not in handling
    return sources.read("Collate", lambda text: parse_boolean(text, False), False)


def read_settings(options: Mapping[str, str], description: PrinterDescription) -> tuple[Settings, list[str]]:
    """Return the settings of a job, and a line for each value that could not be used."""
    sources = Sources(options, description)
    settings = Settings(
        cpi=sources.read("cpi", _number(1, 100), Settings.cpi),
        lpi=sources.read("lpi", _number(0.5, 100), Settings.lpi),
        margins=_read_margins(sources),
        orientation=_read_orientation(sources),
        wrap=sources.read("wrap", _wrap, Settings.wrap),
        wrap_mark=sources.read("wrap-mark", _wrap_mark, Settings.wrap_mark),
        tab_width=sources.read("tab-width", _integer(1, 80), Settings.tab_width),
        sides=find_sides(options) or find_sides(description.defaults),
        collate=_read_collate(sources),
        page_ranges=sources.read("page-ranges", parse_ranges, ()),
        page_set=sources.read("page-set", _page_set, Settings.page_set),
    )
    return settings, sources.problems
