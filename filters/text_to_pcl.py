"""One text job, top to bottom: CUPS filter contract (filter(7)) on the outside, text to PCL 5 on the inside.

Standard input or the file is read in pieces, and each side is written before more is read. What the printer gets ends
with UEL; the backend takes a job without it for one whose filter died, so a job that is stopped or fails must not
have it.

Pages are counted by the backend, from what the printer says it has printed; this filter writes no PAGE lines. cupsd
adds up what all programs of a job say, and "PAGE: total" only raises the sum, so a filter that counts ahead of the
printer would make the accounts show sheets that a jam or a cancel kept from being printed. For a printer that reports
neither impressions nor sheets the job's page count stays 0, which is at least not wrong.
"""

from __future__ import annotations

import os
import signal
from typing import Iterator, Mapping, Sequence

from filters.job import Job, JobUsageError, parse_job
from filters.layout.geometry import PageLayout, plan_layout
from filters.layout.page import Side
from filters.layout.pagination import Paginator
from filters.layout.selection import Selection
from filters.layout.settings import Settings, read_settings
from filters.layout.wrapping import Wrap
from filters.pcl.emitter import Emitter
from filters.pcl.media import Media, choose_media
from filters.ppd import PrinterDescription, parse_ppd
from filters.report import Report
from filters.text.decoding import TextDecoder
from filters.text.events import Event, FormFeed
from filters.text.lines import LineAssembler
from filters.text.source import read_blocks, read_to_end

#: Characters named in the warning about those that could not be printed.
_NAMED = 12


def main(argv: Sequence[str], environ: Mapping[str, str], stdin: int = 0, stdout: int = 1, stderr: int = 2) -> int:
    """Print a job and return the exit code."""
    report = Report(stderr)
    signal.signal(signal.SIGTERM, _stop)
    try:
        print_job(parse_job(argv, environ), stdin, stdout, report)
    except JobUsageError as error:
        report.error(f"texttopcl: {error.reason}")
        return 1
    except BrokenPipeError:
        # The next program is gone; whoever ended it says why.
        return 1
    except OSError as error:
        report.error(f"texttopcl cannot read the document or write the print data: {error}")
        return 1
    return 0


def _stop(number: int, frame: object) -> None:
    """Leave at once, with nothing that looks like the end of a job."""
    os._exit(1)


def print_job(job: Job, stdin: int, stdout: int, report: Report) -> None:
    """Print all documents of a job."""
    description = read_description(job.ppd, report)
    settings, problems = read_settings(job.options, description)
    media = choose_media(job.options, description)
    layout = plan_layout(settings, media.size)
    for problem in (*problems, *media.problems, *layout.problems):
        report.warning(problem)
    frame = layout.frame
    report.debug(f"texttopcl: {media.size.name}, {frame.columns} columns, {frame.lines} lines")
    TextJob(job, settings, media, layout, report).print_documents(stdin, stdout)


def read_description(path: str, report: Report) -> PrinterDescription:
    """Return the printer description; without one everything has a default."""
    if not path:
        return PrinterDescription()
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return parse_ppd(file.read())
    except OSError as error:
        report.warning(f"the printer description cannot be read, defaults are used: {error}")
        return PrinterDescription()


class TextJob:
    """The parts of one job, connected."""

    def __init__(self, job: Job, settings: Settings, media: Media, layout: PageLayout, report: Report) -> None:
        self._job = job
        self._settings = settings
        self._media = media
        self._report = report
        self._selection = Selection(settings.page_ranges, settings.page_set)
        self._assembler = LineAssembler(drop_rest=settings.wrap in (Wrap.TRUNCATE, Wrap.OFF))
        self._decoder = TextDecoder(settings.tab_width)
        self._paginator = Paginator(layout.frames, settings.wrap, settings.wrap_mark)
        self._emitter = Emitter(layout, job.title, job.copies, settings.collate)
        self._started = False
        self._sides = 0
        self._over = False

    def print_documents(self, stdin: int, stdout: int) -> None:
        """Read, lay out and write, side by side, then say what was not as it should be."""
        for text in self._read(stdin):
            write_all(stdout, b"".join(map(self._print_side, self._wanted(self._lay_out(text)))))
            if self._over:
                break
        if self._over and not self._job.files:
            read_to_end(stdin)
        if not self._over:
            write_all(stdout, b"".join(map(self._print_side, self._wanted(self._paginator.finish()))))
        if self._started:
            write_all(stdout, self._emitter.end_job())
        self._warn()

    def _read(self, stdin: int) -> Iterator[bytes]:
        """Give whole lines of all documents; each of them starts a page."""
        for number, path in enumerate(self._job.files or ("",)):
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC) if path else stdin
            if number:
                yield b"\f"
            for block in read_blocks(descriptor):
                if text := self._assembler.feed(block):
                    yield text
            if rest := self._assembler.finish():
                yield rest
            if path:
                os.close(descriptor)

    def _lay_out(self, text: bytes) -> Iterator[Side]:
        for event in self._decoder.decode(text):
            yield from self._paginate(event)

    def _paginate(self, event: Event) -> Iterator[Side]:
        return self._paginator.form_feed() if isinstance(event, FormFeed) else self._paginator.add_lines(event.lines)

    def _wanted(self, sides: Iterator[Side]) -> Iterator[Side]:
        for side in sides:
            self._over = self._over or self._selection.is_over(side.number)
            if self._selection.wants(side.number):
                yield side

    def _print_side(self, side: Side) -> bytes:
        self._sides += 1
        start = b"" if self._started else self._emitter.start_job(self._media, self._settings.sides)
        self._started = True
        return start + self._emitter.side(side)

    def _warn(self) -> None:
        warn = self._report.warning
        if not self._sides:
            warn("nothing to print: the document, or what the options left of it, is empty")
        if self._decoder.bad_sequences:
            warn(f"{self._decoder.bad_sequences} places in the text are not UTF-8 and print as a replacement")
        if self._assembler.broken:
            warn(f"{self._assembler.broken} lines have more than 64 KiB and were broken there")
        if self._decoder.controls_left_out:
            warn(f"{self._decoder.controls_left_out} control characters in the text were left out")
        if self._emitter.missing:
            warn(describe_missing(self._emitter.missing))
        self._report.debug(f"texttopcl: {self._sides} sides")


def describe_missing(missing: Mapping[str, int]) -> str:
    """Return a line that names the characters that could not be printed, the most frequent first."""
    ordered = sorted(missing, key=lambda character: (-missing[character], character))
    named = ", ".join(f"U+{ord(character):04X} ({missing[character]})" for character in ordered[:_NAMED])
    more = f" and {len(ordered) - _NAMED} more" if len(ordered) > _NAMED else ""
    return f"characters this printer has no glyph for were replaced: {named}{more}"


def write_all(descriptor: int, output: bytes) -> None:
    """Write everything, however much the pipe takes at a time."""
    view = memoryview(output)
    while view:
        view = view[os.write(descriptor, view) :]
