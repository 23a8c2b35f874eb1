"""A spooled file up to its sides: options, the queue's table, paper, and SCS to placed pages. All outputs share this.

    job, printer description, table of the queue -> settings
    bytes -> pages (filters.scs) -> sides with their paper, as the printer description names it
"""

from __future__ import annotations

import os
from operator import itemgetter
from typing import Iterable, Iterator, Mapping, NamedTuple, Optional, Union

from filters.common.dataclass import replace
from filters.common.job import Job, find_sides, get_option, unknown_sides
from filters.common.media import (
    UNITS_PER_INCH,
    Media,
    PaperSize,
    choose_media,
    find_bin,
    find_size,
    find_source,
    known_sizes,
    media_names,
)
from filters.common.ppd import PrinterDescription
from filters.common.trusted_file import config_path
from filters.layout.geometry import logical_left
from filters.layout.runs import Placement, Run, RunSide, visible
from filters.layout.selection import Selection
from filters.layout.settings import Settings, read_settings
from filters.scs.machine import HIDDEN_TO_THE_END, Machine
from filters.scs.page import Page, Raw, Setup
from filters.scs.placement import Sheet, move_into_print_area, page_size, place
from filters.scs.queue_table import LARGEST, PageRule, QueueTable, parse_table
from filters.scs.recognition import ENOUGH, OtherData, looks_like_scs, name_of_other
from filters.scs.settings import ScsSettings, read_scs_settings
from filters.scs.state import BEYOND
from filters.text.source import read_blocks, read_to_end

#: Units of paper (1/7200 inch) in one of SCS.
_SCALE = UNITS_PER_INCH // 1440
_TOLERANCE = UNITS_PER_INCH // 10
_DUPLEX = {1: "one-sided", 2: "two-sided-long-edge", 3: "two-sided-short-edge"}
_ENVELOPE = 2
#: Drawers and bins that are the queue's own: the first one, and the one that an operator would set.
_NO_WISH = (0, 1, 0xFF)
#: Forms of pages remembered.
_MOST_FORMS = 1000
#: Names under which descriptions have what SCS has by numbers, best first.
_ENVELOPE_SOURCES = ("Envelope", "EnvFeed", "EnvelopeFeed")
_MANUAL_SOURCES = ("Manual", "ManualFeed")
_DRAWERS = ("Tray{}", "Drawer{}", "Cassette{}")
_BINS = ("Bin{}", "Output{}")


_y = itemgetter(1)


class SetupSide(NamedTuple):
    """One side, and what the printer is to be set to for it."""

    side: RunSide
    media: Media
    sides: Optional[str]
    new_sheet: bool = False
    jog: bool = False

    def empty(self) -> SetupSide:
        """Return a side of the same kind with nothing on it."""
        return self._replace(side=replace(self.side, runs=[], rules=[], transparent=[]))


Output = Union[SetupSide, Raw]


def table_path(environ: Mapping[str, str], queue: str) -> str:
    """Return where the table of a queue is, nothing when there is no such name."""
    if not queue or queue in (".", "..") or "/" in queue or "\0" in queue:
        return ""
    return config_path(environ, "scs", queue)


def read_table(path: str) -> QueueTable:
    """Return the table of a queue; no file is an empty one, and one that cannot be read is a problem."""
    if not path:
        return QueueTable()
    try:
        with open(path, "rb") as file:
            text = file.read(LARGEST + 1)
    except FileNotFoundError:
        return QueueTable()
    except OSError as error:
        return QueueTable(problems=[f"it cannot be read: {error.strerror}"])
    if len(text) > LARGEST:
        return QueueTable(problems=[f"it has more than {LARGEST} bytes"])
    return parse_table(text.decode("utf-8", "replace"))


class ScsPages:
    """The sides of one job, and how they were made."""

    def __init__(self, job: Job, description: PrinterDescription, stdin: int, environ: Mapping[str, str]) -> None:
        path = table_path(environ, job.queue)
        table = read_table(path)
        self._job = job
        self._description = description
        self._stdin = stdin
        self.settings, problems = read_scs_settings(job.options, description, table)
        self.print_settings, more = _print_settings(job, description)
        self.media = choose_media(job.options, description)
        self._paper_is_asked_for = media_names(job.options, description).size is not None
        self.sides = find_sides(job.options) or find_sides(description.defaults)
        #: What was wrong with the options and the table, a line each.
        self.problems = (
            *(f"{path}, {problem}" for problem in table.problems),
            *problems,
            *more,
            *self.media.problems,
            *unknown_sides(job.options),
        )
        self.notes: dict[str, int] = {}
        self._selection = Selection(self.print_settings.page_ranges, self.print_settings.page_set)
        self._pages = 0
        #: The next page is the first of a document after another one: a new sheet.
        self._new_document = False
        self._places: dict[tuple[object, ...], tuple[Placement, Media]] = {}
        self._all_media: dict[tuple[object, ...], Media] = {}

    # -- pages ---------------------------------------------------------------------------------------------------------

    def pages(self) -> Iterator[list[Union[Page, Raw]]]:
        """Give pages as they come, those together that one block completes."""
        for path in self._job.files or ("",):
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC) if path else self._stdin
            self._new_document = self._pages > 0
            yield from self._pages_of(descriptor)
            if path:
                os.close(descriptor)

    def _pages_of(self, descriptor: int) -> Iterator[list[Union[Page, Raw]]]:
        machine = make_machine(self.settings)
        start: Optional[bytes] = b""
        for block in read_blocks(descriptor):
            if start is not None:
                start += block
                if len(start) < ENOUGH and looks_like_scs(start) != "SCS":
                    continue
                block, start = self._check(start), None
            yield list(machine.feed(block))
        if start:
            yield list(machine.feed(self._check(start)))
        yield list(machine.finish())
        for note, count in machine.notes.items():
            self.notes[note] = self.notes.get(note, 0) + count

    @staticmethod
    def _check(start: bytes) -> bytes:
        name = name_of_other(start)
        if name:
            raise OtherData(name)
        return start

    def drain(self) -> None:
        """Read what is left of standard input, for the sake of whoever writes it."""
        if not self._job.files:
            read_to_end(self._stdin)

    # -- sides ---------------------------------------------------------------------------------------------------------

    def outputs(self) -> Iterator[list[Output]]:
        """Give what is to be printed, those together that one block completes."""
        for items in self.pages():
            yield list(self._wanted(items))

    def _wanted(self, items: Iterable[Union[Page, Raw]]) -> Iterator[Output]:
        for item in items:
            if isinstance(item, Raw):
                yield item
                continue
            self._pages += 1
            if self._selection.wants(self._pages):
                yield self._side(item)

    def _side(self, page: Page) -> SetupSide:
        placement, media = self._place(page)
        runs = page.runs
        if runs:
            placement = move_into_print_area(runs, placement)
            right = (placement.width - placement.edge - placement.left) / placement.across + 1
            bottom = (placement.length - placement.top) / placement.down
            if max([run[0] + len(run[2]) * run[3].cell for run in runs]) > right or max(runs, key=_y)[1] > bottom:
                runs = [seen for run in runs if (seen := self._clipped(run, *visible(run, placement)))[2]]
        simple = page.font if page.simple else None
        new_sheet, self._new_document = page.starts_job or self._new_document, False
        side = RunSide(self._pages, placement, runs, page.rules, page.transparent, simple)
        return SetupSide(side, media, self._duplex(page.setup), new_sheet, page.setup.jog != 0)

    def _place(self, page: Page) -> tuple[Placement, Media]:
        """Return where a page stands and on what paper; pages of a report all have the same answer."""
        form = (page.setup, page.columns, page.lines, page.by_columns, page.left, page.top, page.line, page.font)
        if page.font is None and page.runs or form not in self._places:
            width, height = page_size(page)
            rule = self.settings.table.rule_for(page.columns, page.lines, width, height)
            size = self._size(page.setup, rule)
            placement = place(page, _sheet(size), self.settings.wishes(rule))
            if placement.small:
                self._note("pages with so many columns that their letters are very small; scs-cor=fit may be better")
            if len(self._places) > _MOST_FORMS:
                self._places.clear()
            self._places[form] = placement, self._media(page.setup, size)
        return self._places[form]

    def _clipped(self, run: Run, first: int, last: int) -> Run:
        """Return as much of a run as a printer can show."""
        x, y, text, font, style = run
        if text[:first].strip() or text[last:].strip():
            self._note(BEYOND)
        return (x + first * font.cell, y, text[first : max(last, first)], font, style)

    def _size(self, setup: Setup, rule: PageRule) -> PaperSize:
        """Return the paper of a page: what the job asks for, the table has, or SPPS measures; else the queue's."""
        if self._paper_is_asked_for:
            return self.media.size
        if rule.paper:
            found = find_size(rule.paper, self._description)
            if found:
                return found
            self._note(f"paper {rule.paper!r} of the queue's table is not known")
        if setup.width and setup.height:
            wanted = sorted((setup.width * _SCALE, setup.height * _SCALE))
            sizes = [self.media.size, *known_sizes(self._description)]
            for size in sizes:
                if all(abs(a - b) <= _TOLERANCE for a, b in zip(wanted, sorted((size.width, size.length)))):
                    return size
        return self.media.size

    def _media(self, setup: Setup, size: PaperSize) -> Media:
        """Return paper, tray and bin; the same object for the same ones."""
        media = self.media
        source = self._source(setup)
        output_bin = self._bin(setup.bin)
        key = (size, media.source if source is None else source, media.output_bin if output_bin is None else output_bin)
        if key not in self._all_media:
            self._all_media[key] = replace(media, size=key[0], source=key[1], output_bin=key[2])
        return self._all_media[key]

    def _source(self, setup: Setup) -> Optional[int]:
        """Return the number of what feeds a page: drawer 1 is the queue's own unless its table has it."""
        table = self.settings.table
        if setup.form == _ENVELOPE:
            return self._find("envelopes", [table.envelope] if table.envelope else list(_ENVELOPE_SOURCES))
        if setup.manual:
            return self._find("sheets fed by hand", [table.manual] if table.manual else list(_MANUAL_SOURCES))
        if setup.drawer in table.drawers:
            return self._find(f"drawer {setup.drawer}", [table.drawers[setup.drawer]])
        if setup.drawer in _NO_WISH:
            return None
        return self._find(f"drawer {setup.drawer}", [name.format(setup.drawer) for name in _DRAWERS])

    def _find(self, what: str, names: list[str]) -> Optional[int]:
        for name in names:
            number = find_source(name, self._description)
            if number is not None:
                return number
        self._note(f"{what}, for which the queue has no tray; ipps443ctl scs-table sets one")
        return None

    def _bin(self, number: int) -> Optional[int]:
        table = self.settings.table
        if number in table.bins:
            found = find_bin(table.bins[number], self._description)
            if found is None:
                self._note(f"output bin {table.bins[number]!r} of the queue's table is not known")
            return found
        if number in _NO_WISH:
            return None
        names = (name.format(number) for name in _BINS)
        found = next((n for n in (find_bin(name, self._description) for name in names) if n is not None), None)
        if found is None:
            self._note(f"output bin {number}, for which the queue has no name; ipps443ctl scs-table sets one")
        return found

    def _duplex(self, setup: Setup) -> Optional[str]:
        return _DUPLEX.get(setup.duplex, self.sides)

    # -- words ---------------------------------------------------------------------------------------------------------

    def _note(self, text: str) -> None:
        self.notes[text] = self.notes.get(text, 0) + 1

    def warnings(self) -> Iterator[str]:
        """Give what was not as it should be in the file, one line for each kind."""
        controls = {
            note: count for note, count in self.notes.items() if note.startswith(("unknown control", "FF, which"))
        }
        for note, count in self.notes.items():
            if note not in controls and note not in HARMLESS:
                yield _describe(note, count)
        if controls:
            named = ", ".join(f"{note.removeprefix('unknown control ')} ({count})" for note, count in controls.items())
            yield f"the spooled file has controls that are not known, they were skipped: {named}"


_WORDS = {
    "transparent data": "{} pieces of data for the printer itself were left out; scs-transparent=pass sends them",
    HIDDEN_TO_THE_END: "text after INP without ENP is hidden to the end of the spooled file; scs-inp=print prints it",
    "DBCS without scs-dbcs": "two-byte text is read as Japanese (939); say what it is with scs-dbcs",
    "no DBCS here": "{} two-byte characters print as boxes; install iconv's code pages (Fedora: glibc-gconv-extra)",
}


#: What IBM's own programs do, and nobody need be told of.
HARMLESS = frozenset(("two-byte text without a shift-in at its end",))


def _describe(note: str, count: int) -> str:
    words = _WORDS.get(note)
    return words.format(count) if words else f"the spooled file has {note} ({count} times)"


def _sheet(size: PaperSize) -> Sheet:
    lefts = (logical_left(size, landscape) / _SCALE for landscape in (False, True))
    return Sheet(size.width / _SCALE, size.length / _SCALE, *lefts)


def make_machine(settings: ScsSettings) -> Machine:
    """Return a machine for one document."""
    return Machine(settings.codepage, settings.dbcs, settings.transparent, settings.show_hidden, settings.table.fonts)


#: Options of printing that have no meaning for pages that are made already.
WITHOUT_MEANING = ("number-up", "cpi", "lpi", "columns", "prettyprint", "wrap", "fit-text", "page-left", "page-top")


def _print_settings(job: Job, description: PrinterDescription) -> tuple[Settings, list[str]]:
    """Return the options that choose pages and copies; those that lay out texts are left alone."""
    wanted = (
        *("page-ranges", "page-set", "outputorder", "Collate", "multiple-document-handling"),
        *("soft-fonts", "soft-font-memory"),
    )
    options = {name: value for name in wanted if (value := get_option(job.options, name)) is not None}
    defaults = {name: value for name, value in description.defaults.items() if name in wanted}
    return read_settings(options, PrinterDescription(defaults))
