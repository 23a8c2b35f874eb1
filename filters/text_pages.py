"""A text job up to its sides: options, paper and text to pages on a grid. Printing and previewing share this.

    job, printer description -> settings, media, layout
    text -> events (filters.text) -> rows, pages, sides (filters.layout)
"""

from __future__ import annotations

import time
from typing import Iterable, Iterator, Optional

from filters.dataclass import replace
from filters.job import Job
from filters.layout.geometry import PageFrames, plan_layout
from filters.layout.headers import header_line
from filters.layout.page import Block, Side, Style
from filters.layout.pagination import Headers, Paginator
from filters.layout.reverse_order import ReverseOrder
from filters.layout.selection import Selection
from filters.layout.settings import Settings, read_settings
from filters.pcl.media import choose_media
from filters.pcl.model import read_model
from filters.ppd import PrinterDescription
from filters.text.decoding import TextDecoder
from filters.text.events import Event, FormFeed
from filters.text.reader import TextReader


class TextPages:
    """The sides of one job, and how they were made."""

    def __init__(self, job: Job, description: PrinterDescription, stdin: int) -> None:
        settings, problems = read_settings(job.options, description)
        self.media = choose_media(job.options, description)
        self.model = read_model(job.options, description)
        self._reader = TextReader(job, settings, stdin)
        if settings.fit_auto:
            settings = replace(settings, fit=self._reader.measure_first_page())
        self.settings = settings
        self.layout = plan_layout(settings, self.media.size)
        #: What was wrong with the options, a line each.
        self.problems = (
            *problems,
            *self.media.problems,
            *self.model.problems,
            *self._reader.problems,
            *self.layout.problems,
        )
        self._selection = Selection(settings.page_ranges, settings.page_set)
        self._decoder = TextDecoder(settings.tab_width)
        self._paginator = Paginator(
            self.layout, settings.wrap, settings.wrap_mark, settings.line_numbers, page_headers(job, settings)
        )
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
        for text in self._reader.texts():
            yield list(self._wanted(side for event in self._decoder.decode(text) for side in self._paginate(event)))
            if self._over:
                break
        else:
            yield list(self._wanted(self._paginator.finish()))

    def drain(self) -> None:
        """Read what is left of standard input, for the sake of whoever writes it."""
        self._reader.drain()

    def _paginate(self, event: Event) -> Iterator[Side]:
        return self._paginator.form_feed() if isinstance(event, FormFeed) else self._paginator.add_lines(event.lines)

    def _wanted(self, sides: Iterable[Side]) -> Iterator[Side]:
        for side in sides:
            self._over = self._over or self._selection.is_over(side.number)
            if self._selection.wants(side.number):
                yield side

    def warnings(self) -> Iterator[str]:
        """Give what was not as it should be in the text, once it is read."""
        if self._decoder.bad_sequences:
            yield f"{self._decoder.bad_sequences} places in the text are not UTF-8, they print as a box"
        if self._decoder.controls_left_out:
            yield f"{self._decoder.controls_left_out} control characters in the text were left out"
        yield from self._reader.warnings()


def page_headers(job: Job, settings: Settings) -> Optional[Headers]:
    """Return what writes the headers and footers of pages, or None when there are none."""
    if not settings.header and not settings.footer:
        return None
    now = time.localtime()
    fields = {
        "t": job.title,
        "u": job.user,
        "q": job.queue,
        "j": str(job.job_id),
        "d": time.strftime("%Y-%m-%d", now),
        "T": time.strftime("%H:%M", now),
    }
    style = Style.BOLD | (Style.UNDERLINE if settings.rule else Style.PLAIN)

    def write_headers(page: int, frames: PageFrames) -> list[Block]:
        wanted = ((settings.header, frames.header, style), (settings.footer, frames.footer, Style.PLAIN))
        return [
            Block(frame, [header_line(template, {**fields, "p": str(page)}, frame.columns, look)])
            for template, frame, look in wanted
            if frame
        ]

    return write_headers
