"""What a queue says about spooled files: /etc/cups/ipps443/scs/QUEUE, lines of "name = value".

    # comment
    drawer.2 = Tray2                drawers of PPM, by the names of the printer description (InputSlot)
    envelope = Envelope             the same for envelopes
    manual = Manual                 the same for sheets fed by hand (SPSU)
    bin.2 = FaceUp                  output bins (OutputBin)
    page.132x66 = A4 landscape fit  pages of so many columns and lines: paper, way round, reduction, each if wanted
    page.8.5x11in = A4              pages of that size in inches (SPPS): paper
    font.222 = LetterGothic 15      a font by its number: Courier or LetterGothic, and characters per inch
    codepage = 273
    dbcs = 939
    cor = fit                       ibm, fit or off
    landscape = reverse
    transparent = pass              pass on what the host sends for the printer itself
    hidden = print                  print text between INP and ENP
    margin.top = 0.25in             how far everything is moved; also mm, pt
    margin.left = 6mm

Names of trays and paper, never escape sequences. A line that cannot be read is reported with its number and left out.
"""

from __future__ import annotations

import re
from typing import Callable, Iterator, NamedTuple, Optional

from filters.codepage.pages import DOUBLE_BYTE, known_number
from filters.common.dataclass import dataclass, field
from filters.layout.runs import COURIER, GOTHIC, UNITS_PER_INCH

REDUCTIONS = ("ibm", "fit", "off")
ORIENTATIONS = {"portrait": 0, "landscape": 1, "reverse-portrait": 2, "reverse-landscape": 3}
_FACES = {"courier": COURIER, "lettergothic": GOTHIC, "gothic": GOTHIC}
_UNITS = {"in": UNITS_PER_INCH, "mm": UNITS_PER_INCH / 25.4, "cm": UNITS_PER_INCH / 2.54, "pt": UNITS_PER_INCH / 72}
_LENGTH = re.compile(r"(-?[0-9]{1,3}(?:\.[0-9]{1,4})?) *(in|mm|cm|pt)")
_NAME = re.compile(r"[A-Za-z0-9_.-]{1,60}")
_PAGE = re.compile(r"([0-9]{1,3})x([0-9]{1,3})|([0-9]{1,2}(?:\.[0-9]{1,3})?)x([0-9]{1,2}(?:\.[0-9]{1,3})?)in")
#: A table is read for every job; a file larger than that is none.
LARGEST = 64 * 1024


class PageRule(NamedTuple):
    """What becomes of pages of one size; None leaves a thing to the page."""

    paper: Optional[str] = None
    orientation: Optional[int] = None
    reduction: Optional[str] = None


class FontRule(NamedTuple):
    """What a font is printed with: face, and width of a cell or 0."""

    face: str
    cell: float = 0.0


@dataclass
class QueueTable:
    """The table of one queue."""

    drawers: dict[int, str] = field(default_factory=dict)
    bins: dict[int, str] = field(default_factory=dict)
    pages: dict[str, PageRule] = field(default_factory=dict)
    fonts: dict[int, FontRule] = field(default_factory=dict)
    envelope: Optional[str] = None
    manual: Optional[str] = None
    codepage: Optional[str] = None
    dbcs: Optional[str] = None
    reduction: Optional[str] = None
    landscape: Optional[str] = None
    transparent: Optional[str] = None
    hidden: Optional[str] = None
    margin_top: float = 0.0
    margin_left: float = 0.0
    #: Lines that could not be read, with their numbers.
    problems: list[str] = field(default_factory=list)

    def rule_for(self, columns: Optional[int], lines: int, width: float, height: float) -> PageRule:
        """Return what is said about a page of so many columns and lines, or of a size in units."""
        found = self.pages.get(f"{columns or 132}x{lines}")
        if found:
            return found
        for name, rule in self.pages.items():
            if name.endswith("in"):
                wide, high = (float(part) * UNITS_PER_INCH for part in name[:-2].split("x"))
                if abs(wide - width) <= UNITS_PER_INCH / 10 and abs(high - height) <= UNITS_PER_INCH / 10:
                    return rule
        return PageRule()


class BadLine(ValueError):
    """A line that cannot be read; the text says why."""


def parse_table(text: str) -> QueueTable:
    """Read a table; what cannot be read is among its problems."""
    table = QueueTable()
    for number, name, value in _entries(text, table.problems):
        try:
            set_entry(table, name, value)
        except BadLine as error:
            table.problems.append(f"line {number}: {error}")
    return table


def _entries(text: str, problems: list[str]) -> Iterator[tuple[int, str, str]]:
    for number, line in enumerate(text.splitlines(), 1):
        line = line.split("#", 1)[0].strip()
        if not line:
            continue
        name, equals, value = line.partition("=")
        if not equals:
            problems.append(f"line {number}: {line[:40]!r} has no equals sign")
            continue
        yield number, name.strip().lower(), value.strip()


def set_entry(table: QueueTable, name: str, value: str) -> None:
    """Set one entry.

    Raises:
        BadLine: the name is not known, or the value is not possible.
    """
    kind, dot, which = name.partition(".")
    setter = _SETTERS.get(kind if dot else name)
    if not setter:
        raise BadLine(f"{name!r} is not known")
    setter(table, which, value)


def _named(value: str) -> str:
    if not _NAME.fullmatch(value):
        raise BadLine(f"{value[:40]!r} is no name of a tray, a bin or a paper")
    return value


def _number(which: str, highest: int) -> int:
    if not (which.isascii() and which.isdigit() and len(which) < 10 and 1 <= int(which) <= highest):
        raise BadLine(f"{which[:20]!r} is no number from 1 to {highest}")
    return int(which)


def _one_of(value: str, words: tuple[str, ...]) -> str:
    if value.lower() not in words:
        raise BadLine(f"{value[:20]!r} is not one of {', '.join(words)}")
    return value.lower()


def _set_drawer(table: QueueTable, which: str, value: str) -> None:
    table.drawers[_number(which, 255)] = _named(value)


def _set_bin(table: QueueTable, which: str, value: str) -> None:
    table.bins[_number(which, 255)] = _named(value)


def _set_font(table: QueueTable, which: str, value: str) -> None:
    face, _, pitch = value.partition(" ")
    if face.lower() not in _FACES:
        raise BadLine(f"{face[:20]!r} is neither Courier nor LetterGothic")
    cell = 0.0
    if pitch.strip():
        try:
            cell = UNITS_PER_INCH / float(pitch)
        except (ValueError, ZeroDivisionError):
            cell = 0.0
        if not 36 <= cell <= 720:
            raise BadLine(f"{pitch[:20]!r} is no number of characters per inch from 2 to 40")
    table.fonts[_number(which, 65535)] = FontRule(_FACES[face.lower()], cell)


def _set_page(table: QueueTable, which: str, value: str) -> None:
    if not _PAGE.fullmatch(which):
        raise BadLine(f"{which[:20]!r} is no size such as 132x66 or 8.5x11in")
    rule = PageRule()
    for word in value.split():
        if word.lower() in ORIENTATIONS:
            rule = rule._replace(orientation=ORIENTATIONS[word.lower()])
        elif word.lower() in REDUCTIONS:
            rule = rule._replace(reduction=word.lower())
        else:
            rule = rule._replace(paper=_named(word))
    table.pages[which] = rule


def _set_margin(table: QueueTable, which: str, value: str) -> None:
    found = _LENGTH.fullmatch(value)
    if which not in ("top", "left") or not found:
        raise BadLine("a margin is margin.top or margin.left, and a length such as 0.25in")
    setattr(table, f"margin_{which}", float(found.group(1)) * _UNITS[found.group(2)])


def _set_codepage(table: QueueTable, which: str, value: str) -> None:
    table.codepage = parse_codepage(value)


def _set_dbcs(table: QueueTable, which: str, value: str) -> None:
    table.dbcs = parse_dbcs(value)


def parse_codepage(value: str) -> str:
    """Return the number of a code page that is known."""
    number = known_number(value)
    if number is None:
        raise BadLine(f"code page {value[:20]!r} is not known")
    return number


def parse_dbcs(value: str) -> str:
    """Return the number of a mixed code page that is known, or nothing for none."""
    if value.lower() in ("none", "off", "false"):
        return ""
    number = known_number(value)
    if number not in DOUBLE_BYTE:
        raise BadLine(f"{value[:20]!r} is none of the double-byte code pages {', '.join(sorted(DOUBLE_BYTE))}")
    return str(number)


def _word(attribute: str, *words: str) -> Callable[[QueueTable, str, str], None]:
    def setter(table: QueueTable, which: str, value: str) -> None:
        setattr(table, attribute, _one_of(value, words))

    return setter


def _tray(attribute: str) -> Callable[[QueueTable, str, str], None]:
    def setter(table: QueueTable, which: str, value: str) -> None:
        setattr(table, attribute, _named(value))

    return setter


_SETTERS: dict[str, Callable[[QueueTable, str, str], None]] = {
    "drawer": _set_drawer,
    "bin": _set_bin,
    "font": _set_font,
    "page": _set_page,
    "margin": _set_margin,
    "codepage": _set_codepage,
    "dbcs": _set_dbcs,
    "envelope": _tray("envelope"),
    "manual": _tray("manual"),
    "cor": _word("reduction", *REDUCTIONS),
    "landscape": _word("landscape", "normal", "reverse"),
    "transparent": _word("transparent", "drop", "pass", "text"),
    "hidden": _word("hidden", "suppress", "print"),
}
