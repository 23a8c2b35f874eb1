"""A text job up to its sides: options, paper and text to pages on a grid. Printing and previewing share this.

    job, printer description -> settings, media, layout
    text -> events (filters.text) -> rows, pages, sides (filters.layout)
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Iterable, Iterator, Optional

from filters.common.dataclass import replace
from filters.common.job import Job
from filters.common.media import choose_media
from filters.common.ppd import PrinterDescription
from filters.common.report import Report
from filters.layout.geometry import PageFrames, PageLayout, plan_layout
from filters.layout.page import Block, Row, Side, Style
from filters.layout.pagination import Headers, Paginator
from filters.layout.reverse_order import ReverseOrder
from filters.layout.selection import Selection
from filters.layout.settings import WITHOUT_MEANING, Settings, read_settings
from filters.pcl.model import read_model
from filters.text.counting import counted
from filters.text.decoding import TextDecoder
from filters.text.events import Event, FormFeed
from filters.text.headers import cells_of, header_line
from filters.text.reader import TextReader
from filters.text.source import read_blocks

if TYPE_CHECKING:
    from filters.text.highlighting import Highlighter

#: What is counted in two messages.
_CONTROL = "control character"


class TextPages:
    """The sides of one job, and how they were made."""

    def __init__(self, job: Job, description: PrinterDescription, stdin: int) -> None:
        settings, problems = read_settings(job.options, description)
        self.media = choose_media(job.options, description)
        self.model = read_model(job.options, description)
        self._reader = TextReader(job, settings, stdin)
        source = None
        if settings.counts_pages:
            source = _Source(job, stdin)
            self._reader = source.read(settings)
        if settings.fit_auto:
            settings = replace(settings, fit=self._reader.measure_first_page())
        self.settings = settings
        self.layout = plan_layout(settings, self.media.size)
        total = 0
        if source:
            total = _count_pages(source.read(settings), settings, self.layout)
            problems += [problem for problem in self._reader.problems if settings.fit_auto]
            self._reader = source.read(settings)
        #: What was wrong with the options, a line each.
        self.problems = (
            *problems,
            *self.media.problems,
            *self.model.problems,
            *(problem for problem in self._reader.problems if problem not in problems),
            *self.layout.problems,
        )
        self._selection = Selection(settings.page_ranges, settings.page_set)
        self._decoder = TextDecoder(settings.tab_width)
        self._paginator = Paginator(
            self.layout, settings.wrap, settings.wrap_mark, settings.line_numbers, page_headers(job, settings, total)
        )
        #: The cells of the watermark, if there is one.
        self.watermark = _watermark(settings.watermark)
        self._highlighter = _open_highlighter(job, settings)
        self._over = False
        self._duplex = settings.sides in ("two-sided-long-edge", "two-sided-short-edge")

    def sides_as_printed(self) -> Iterator[list[Side]]:
        """Give the sides in the order in which they leave the printer."""
        if not self.settings.reverse:
            yield from self.sides()
            return
        kept = ReverseOrder(self._duplex)
        for sides in self.sides():
            for side in sides:
                kept.add(side)
        for side in kept.sides():
            yield [side]

    def is_back(self, printed: int) -> bool:
        """Tell whether the side after so many printed ones is the back of a sheet."""
        return self._duplex and printed % 2 == 1

    def sides(self) -> Iterator[list[Side]]:
        """Give the sides that are wanted, those together that one piece of text completes."""
        texts = self._reader.texts()
        for text in self._highlighter.highlighted(texts) if self._highlighter else texts:
            yield list(self._wanted(side for event in self._decoder.decode(text) for side in self._paginate(event)))
            if self._over:
                break
        else:
            yield list(self._wanted(self._paginator.finish()))

    def drain(self) -> None:
        """Read what is left of standard input, for the sake of whoever writes it."""
        self._reader.drain()

    def _paginate(self, event: Event) -> Iterator[Side]:
        if isinstance(event, FormFeed):
            return self._paginator.form_feed()
        return self._paginator.add_lines(event.lines, event.trimmed)

    def _wanted(self, sides: Iterable[Side]) -> Iterator[Side]:
        for side in sides:
            self._over = self._over or self._selection.is_over(side.number)
            if self._selection.wants(side.number):
                yield side

    def notes(self) -> Iterator[str]:
        """Give what is worth knowing about the text, once it is read."""
        return self._reader.notes()

    def warnings(self) -> Iterator[str]:
        """Give what was not as it should be in the text, once it is read."""
        if self._highlighter and self._highlighter.problem and self.settings.highlight_asked:
            yield self._highlighter.problem
        if bad := self._decoder.bad_sequences:
            yield f"not UTF-8: {counted(bad, 'place')} in the text, printed as a box"
        controls, commands = self._decoder.controls_left_out, self._reader.commands_left_out
        if commands:
            parts = f"{counted(commands, 'printer command')} ({counted(self._reader.bytes_left_out, 'byte')})"
            parts += f" and {counted(controls, _CONTROL)}" if controls else ""
            yield f"{parts} left out of the text; print it with -o raw if meant for this printer"
        elif controls:
            yield f"{counted(controls, _CONTROL)} left out of the text"
        yield from self._reader.warnings()


def _open_highlighter(job: Job, settings: Settings) -> Optional[Highlighter]:
    if settings.highlight == "no":
        return None
    from filters.text.highlighting import Highlighter

    return Highlighter(settings.highlight, job.title, job.content_type)


def _watermark(text: str) -> Optional[Row]:
    """Return the cells of a watermark; None where nothing of it takes any."""
    row = cells_of(text)
    return row if row.text.strip() else None


class _Source:
    """The documents of a job, which can be read more than once: standard input waits in an unnamed file."""

    def __init__(self, job: Job, stdin: int) -> None:
        self._job = job
        self._stdin = stdin
        self._file = None
        if not job.files:
            import tempfile  # slow, and most jobs do without

            self._file = tempfile.TemporaryFile()
            for block in read_blocks(stdin):
                self._file.write(block)
            self._file.flush()
            self._stdin = self._file.fileno()

    def read(self, settings: Settings) -> TextReader:
        """Return what reads them from their start; what was returned before is not to be used any more."""
        if self._file:
            os.lseek(self._stdin, 0, os.SEEK_SET)
        reader = TextReader(self._job, settings, self._stdin)
        reader.source = self._file  # which is open as long as it is read
        return reader


def _count_pages(reader: TextReader, settings: Settings, layout: PageLayout) -> int:
    """Return how many pages a text makes."""
    decoder = TextDecoder(settings.tab_width)
    paginator = Paginator(layout, settings.wrap, settings.wrap_mark, settings.line_numbers)
    for text in reader.texts():
        for event in decoder.decode(text):
            ended = paginator.form_feed() if isinstance(event, FormFeed) else paginator.add_lines(*event)
            for _ in ended:
                pass
    for _ in paginator.finish():
        pass
    return paginator.pages


def page_headers(job: Job, settings: Settings, total: int) -> Optional[Headers]:
    """Return what writes the headers and footers of pages, or None when there are none.

    Args:
        total: how many pages there are, if that is asked for.
    """
    if not settings.header and not settings.footer:
        return None
    now = time.localtime()
    fields = {
        "t": job.title,
        "u": job.user,
        "P": str(total),
        "q": job.queue,
        "j": str(job.job_id),
        "d": time.strftime("%Y-%m-%d", now),
        "T": time.strftime("%H:%M", now),
    }
    others = Style.PLAIN if settings.rule else None

    def write_headers(page: int, frames: PageFrames) -> list[Block]:
        wanted = ((settings.header, frames.header, Style.BOLD), (settings.footer, frames.footer, Style.PLAIN))
        return [
            Block(frame, [header_line(template, {**fields, "p": str(page)}, frame.columns, look, others)])
            for template, frame, look in wanted
            if frame
        ]

    return write_headers


def announce(pages: TextPages, job: Job, program: str, report: Report) -> None:
    """Say before the first page what is wrong with the options, how it is laid out, and why it may take a while."""
    for problem in pages.problems:
        report.warning(problem)
    for name in WITHOUT_MEANING:
        if job.option(name) is not None:
            report.debug(f"{program}: option {name} has no meaning for text")
    frame = pages.layout.frame
    report.debug(f"{program}: {pages.media.size.name}, {frame.columns} columns, {frame.lines} lines")
    if pages.settings.counts_pages:
        report.info("Pages are counted for %P: nothing is printed before the whole text is read")
    if pages.settings.reverse:
        report.info("In reverse order nothing is printed before the whole text is read")
