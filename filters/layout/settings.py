"""Options of text printing: CUPS Software Users Manual, "Text Options", and what ipps443 adds to them.

A value comes from the job, else from the default of the printer description (an option of the same name there makes
the web interface show it), else from here. A value that cannot be read is reported and the next source asked, never
a reason not to print.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Callable, Mapping, Optional, TypeVar

from filters.common.dataclass import dataclass, field
from filters.common.job import find_sides, get_option, parse_boolean, unknown_sides
from filters.common.overlay import parse_overlay
from filters.common.ppd import PrinterDescription, without_custom
from filters.layout.wrapping import Wrap

T = TypeVar("T")

#: number-up of CUPS, and its layouts: first along a row or a column, then the other way.
NUMBER_UP = (1, 2, 4, 6, 9, 16)
NUMBER_UP_LAYOUTS = ("lrtb", "lrbt", "rltb", "rlbt", "tblr", "tbrl", "btlr", "btrl")
#: Options of CUPS that place pictures of pages on sheets; text is laid out for its sheet to begin with.
WITHOUT_MEANING = ("mirror", "fitplot", "fit-to-page", "print-scaling", "position")
#: What prettyprint puts at the top unless another header is given.
PRETTY_HEADER = "%t|%d, %T|%p"
#: The same around a label.
_LABELLED_HEADER = "%t|{}|%d, %T  %p"

#: The field of headers and footers that says how many pages there are.
_TOTAL = re.compile("(?<!%)(?:%%)*%P")

#: Characters per inch when nobody says otherwise.
USUAL_CPI = 10.0

#: orientation-requested of IPP (RFC 8011, 5.2.10).
PORTRAIT, LANDSCAPE, REVERSE_LANDSCAPE, REVERSE_PORTRAIT = 3, 4, 5, 6


@dataclass(frozen=True)
class Margins:
    """Points from the edges of the sheet as it is read."""

    left: float = 18.0
    right: float = 18.0
    top: float = 36.0
    bottom: float = 36.0


#: Margins of prettyprint: 80 columns of 12 to the inch still stand on A4.
PRETTY_MARGINS = Margins(left=36.0, right=36.0)


@dataclass(frozen=True)
class Settings:
    """All that decides what a side looks like, but for the paper."""

    #: None when nobody said: 10, or the little more with which 80 columns stand on A4.
    cpi: Optional[float] = None
    lpi: float = 6.0
    margins: Margins = Margins()
    #: None when nobody said.
    orientation: Optional[int] = None
    wrap: Wrap = Wrap.CHAR
    wrap_mark: str = ""
    tab_width: int = 8
    sides: Optional[str] = None
    collate: bool = False
    page_ranges: tuple[tuple[int, int], ...] = ()
    page_set: str = "all"
    reverse: bool = False
    columns: int = 1
    number_up: int = 1
    number_up_layout: str = "lrtb"
    page_border: bool = False
    #: Columns and lines that have to fit on a page; 0 lines are as many as there is room for.
    fit: Optional[tuple[int, int]] = None
    #: Find out from the first page of the text what has to fit.
    fit_auto: bool = False
    header: str = ""
    footer: str = ""
    #: There is a rule under the header, and only its left part is bold.
    rule: bool = False
    line_numbers: bool = False
    #: Names of letterheads, for the first side and for the others.
    overlay: tuple[str, ...] = ()
    #: Large grey letters behind the text.
    watermark: str = ""
    #: A language of source code, "auto" or "no"; and whether someone asked for it.
    highlight: str = "no"
    highlight_asked: bool = False
    #: Send glyphs of installed fonts for characters that the printer lacks.
    soft_fonts: bool = True
    #: Choose these fonts by their numbers, for printers that do not find them by their symbol sets.
    fonts_by_number: bool = False
    #: Kilobytes of them that stay in the printer from page to page.
    soft_font_memory: int = 1200
    #: What the printer description says about texts that say nothing.
    charset: Optional[str] = None
    carriage_control: str = "none"
    #: Bytes of a record in files without line ends; 0 for files with them.
    record_length: int = 0

    @property
    def counts_pages(self) -> bool:
        """Whether the number of all pages is to be known before the first one is printed."""
        return _TOTAL.search(self.header + self.footer) is not None


class NotPossible(ValueError):
    """A value that cannot be used; the text says why."""


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
                return parse(without_custom(text.strip()))
            except NotPossible as error:
                self.problems.append(f"option {name}={text} is not possible: {error}; it is left out")
            except (ValueError, OverflowError):
                self.problems.append(f"option {name}={text} is not possible, it is left out")
        return default


def _number(lowest: float, highest: float) -> Callable[[str], float]:
    def parse(text: str) -> float:
        value = float(text)
        if not lowest <= value <= highest:
            raise NotPossible(f"it has to be from {lowest:g} to {highest:g}")
        return value

    return parse


def _integer(lowest: int, highest: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        value = int(text)
        if not lowest <= value <= highest:
            raise NotPossible(f"it has to be from {lowest} to {highest}")
        return value

    return parse


def _record_length(text: str) -> int:
    return 0 if text.lower() in ("none", "off", "false") else _integer(1, 32_767)(text)


def _wrap(text: str) -> Wrap:
    word = text.lower()
    # CUPS itself knows wrap and nowrap, and texttotext its own words.
    known = {"true": "char", "false": "off", "wrap-at-width": "char", "word-wrap": "word"}
    return Wrap(known.get(word, word))


def _wrap_mark(text: str) -> str:
    mark = {"true": "\\", "false": ""}.get(text, text)
    if len(mark) > 8:
        raise NotPossible("it has more than 8 characters")
    if not mark.isprintable():
        raise NotPossible("it has characters that are not printable")
    return mark


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


def _read_orientation(sources: Sources) -> Optional[int]:
    default = sources.read("landscape", lambda text: LANDSCAPE if parse_boolean(text, True) else PORTRAIT, None)
    return sources.read("orientation-requested", _integer(PORTRAIT, REVERSE_PORTRAIT), default)


def _boolean(text: str) -> bool:
    return parse_boolean(text, False)


def _one_of(*words: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text.lower() not in words:
            raise NotPossible(f"it has to be one of {', '.join(words)}")
        return text.lower()

    return parse


def _number_up(text: str) -> int:
    value = int(text)
    if value not in NUMBER_UP:
        raise NotPossible(f"it has to be one of {', '.join(map(str, NUMBER_UP))}")
    return value


def _fit(text: str) -> Optional[tuple[int, int]]:
    """Read "132x66" or "132"; "auto" and "off" fit nothing that is known yet."""
    if text.lower() in ("auto", "off", "false", "none"):
        return None
    columns, by, lines = text.lower().partition("x")
    size = int(columns), int(lines) if by else 0
    if not 1 <= size[0] <= 1000 or not 1 <= size[1] + (not by) <= 1000:
        raise ValueError(text)
    return size


def _watermark(text: str) -> str:
    if len(text) > 60:
        raise NotPossible("it has more than 60 characters")
    return _template(text.strip())


def _highlight(text: str) -> str:
    word = text.lower()
    if not re.fullmatch(r"[\w+#./-]{1,40}", word):
        raise ValueError(text)
    return {"true": "auto", "yes": "auto", "false": "no", "none": "no", "off": "no"}.get(word, word)


def is_formatting(character: str) -> bool:
    """Tell whether a character that is not seen has a meaning for those around it: joiners, blanks, directions."""
    return unicodedata.category(character) in ("Cf", "Zs")


def _template(text: str) -> str:
    if not all(character.isprintable() or is_formatting(character) for character in text):
        raise NotPossible("it has characters that are not printable")
    return "" if text.lower() in ("none", "false", "off") else text


def _read_headers(sources: Sources, pretty: bool) -> tuple[str, str]:
    """Return header and footer; page-label stands in both, in the middle, unless they are given: that of prettyprint
    makes room for it."""
    label = sources.read("page-label", _template, "").replace("%", "%%").replace("|", "/")
    header = sources.read("page-header", _template, None)
    footer = sources.read("page-footer", _template, None)
    if header is None:
        plain = f"|{label}|" if label else ""
        header = (_LABELLED_HEADER.format(label) if label else PRETTY_HEADER) if pretty else plain
    if footer is None:
        footer = f"|{label}|%p" if label else ""
    return header, footer


def _read_margins(sources: Sources, default: Margins) -> Margins:
    points = _number(0, 72 * 48)
    return Margins(
        sources.read("page-left", points, default.left),
        sources.read("page-right", points, default.right),
        sources.read("page-top", points, default.top),
        sources.read("page-bottom", points, default.bottom),
    )


def _read_cpi(sources: Sources, default: Optional[float]) -> Optional[float]:
    cpi = sources.read("cpi", _number(1, 100), default)
    # Descriptions have to name a default; the usual one there asks for nothing.
    return None if cpi == USUAL_CPI and get_option(sources.options, "cpi") is None else cpi


def _read_collate(sources: Sources) -> bool:
    handling = get_option(sources.options, "multiple-document-handling") or ""
    if "collated" in handling:
        return "uncollated" not in handling
    return sources.read("Collate", lambda text: parse_boolean(text, False), False)


def read_settings(options: Mapping[str, str], description: PrinterDescription) -> tuple[Settings, list[str]]:
    """Return the settings of a job, and a line for each value that could not be used."""
    sources = Sources(options, description)
    soft_fonts = sources.read("soft-fonts", str.lower, "true")
    pretty = sources.read("prettyprint", _boolean, False)
    header, footer = _read_headers(sources, pretty)
    # Pretty pages are 12 by 8 to the inch between white margins, of whole words, unless the job itself says otherwise.
    pitches = Sources(options, PrinterDescription(), sources.problems) if pretty else sources
    settings = Settings(
        cpi=_read_cpi(pitches, 12.0 if pretty else None),
        lpi=pitches.read("lpi", _number(0.5, 100), 8.0 if pretty else Settings.lpi),
        margins=_read_margins(pitches, PRETTY_MARGINS if pretty else Margins()),
        orientation=_read_orientation(sources),
        wrap=pitches.read("wrap", _wrap, Wrap.WORD if pretty else Settings.wrap),
        wrap_mark=sources.read("wrap-mark", _wrap_mark, Settings.wrap_mark),
        tab_width=sources.read("tab-width", _integer(1, 80), Settings.tab_width),
        sides=find_sides(options) or find_sides(description.defaults),
        collate=_read_collate(sources),
        page_ranges=sources.read("page-ranges", parse_ranges, ()),
        page_set=sources.read("page-set", _one_of("all", "even", "odd"), Settings.page_set),
        reverse=sources.read("outputorder", _one_of("normal", "reverse"), "normal") == "reverse",
        columns=sources.read("columns", _integer(1, 16), 1),
        number_up=sources.read("number-up", _number_up, 1),
        number_up_layout=sources.read("number-up-layout", _one_of(*NUMBER_UP_LAYOUTS), Settings.number_up_layout),
        page_border=sources.read("page-border", str.lower, "none") not in ("none", "false", "off"),
        fit=sources.read("fit-text", _fit, None),
        fit_auto=sources.read("fit-text", str.lower, "") == "auto",
        header=header,
        footer=footer,
        rule=pretty,
        highlight=sources.read("highlight", _highlight, "auto" if pretty else "no"),
        highlight_asked=sources.read("highlight", _highlight, None) is not None,
        overlay=sources.read("overlay", parse_overlay, ()),
        watermark=sources.read("watermark", _watermark, ""),
        line_numbers=sources.read("line-numbers", _boolean, False),
        charset=description.defaults.get("text-charset"),
        carriage_control=sources.read("carriage-control", _one_of("none", "asa", "machine"), "none"),
        record_length=sources.read("record-length", _record_length, 0),
        soft_fonts=soft_fonts not in ("false", "off", "no", "none", "0"),
        fonts_by_number=soft_fonts == "id",
        soft_font_memory=sources.read("soft-font-memory", _integer(100, 32_000), Settings.soft_font_memory),
    )
    return settings, [*sources.problems, *unknown_sides(options)]
