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
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Iterable, Iterator, Mapping, Optional, Sequence

from filters.job import Job, JobUsageError, parse_job
from filters.layout.fitting import measure_page, take_first_page
from filters.layout.geometry import PageFrames, PageLayout, plan_layout
from filters.layout.headers import header_line
from filters.layout.page import Block, Side, Style
from filters.layout.pagination import Headers, Paginator
from filters.layout.reverse_order import ReverseOrder
from filters.layout.selection import Selection
from filters.layout.settings import Settings, read_settings
from filters.layout.wrapping import Wrap
from filters.pcl.emitter import Emitter
from filters.pcl.media import Media, choose_media
from filters.ppd import PrinterDescription, parse_ppd
from filters.report import Report
from filters.text.carriage_control import AsaRecords, MachineRecords, first_byte_before, first_byte_of_utf_8
from filters.text.charset import UTF_8, Transcoder, UnknownCharset, choose_charset, find_codec
from filters.text.decoding import TextDecoder
from filters.text.events import Event, FormFeed
from filters.text.lines import LineAssembler
from filters.text.source import read_blocks, read_to_end

if TYPE_CHECKING:
    from filters.pcl.glyph_store import GlyphStore

#: Characters named in the warning about those that could not be printed.
_NAMED = 12


def main(argv: Sequence[str], environ: Mapping[str, str], stdin: int = 0, stdout: int = 1, stderr: int = 2) -> int:
    """Print a job and return the exit code."""
    report = Report(stderr)
    before = signal.signal(signal.SIGTERM, _stop)
    try:
        print_job(parse_job(argv, environ), stdin, stdout, report)
    except JobUsageError as error:
        report.error(f"texttopcl: {error.reason}")
    except BrokenPipeError:
        # The next program is gone; whoever ended it says why.
        report.debug("texttopcl: nobody reads the print data any more")
    except OSError as error:
        report.error(f"texttopcl cannot read the document or write the print data: {error}")
    except Exception as error:
        _report_fault(error, report)
    else:
        return 0
    finally:
        signal.signal(signal.SIGTERM, before)
    return 1


def _report_fault(error: Exception, report: Report) -> None:
    """Tell about a fault of this program: one line for the user, the rest for whoever mends it."""
    import traceback

    for line in "".join(traceback.format_exception(error)).splitlines():
        report.debug(line)
    report.error(f"texttopcl has a fault and cannot print this document: {type(error).__name__}: {error}")


def _stop(number: int, frame: object) -> None:
    """Leave at once, with nothing that looks like the end of a job."""
    os._exit(1)


def print_job(job: Job, stdin: int, stdout: int, report: Report) -> None:
    """Print all documents of a job."""
    description = read_description(job.ppd, report)
    settings, problems = read_settings(job.options, description)
    media = choose_media(job.options, description)
    for problem in (*problems, *media.problems):
        report.warning(problem)
    reader = TextReader(job, settings, stdin, report)
    if settings.fit_auto:
        settings = replace(settings, fit=reader.measure_first_page())
    layout = plan_layout(settings, media.size)
    for problem in layout.problems:
        report.warning(problem)
    frame = layout.frame
    report.debug(f"texttopcl: {media.size.name}, {frame.columns} columns, {frame.lines} lines")
    printing = Printing(job, settings, media, layout, stdout)
    printing.print_text(reader)
    reader.drain()
    for warning in (*printing.warnings(), *reader.warnings()):
        report.warning(warning)
    if settings.reverse:
        report.debug("texttopcl: reverse order, so nothing was printed before all was read")
    report.debug(f"texttopcl: {printing.printed} sides")


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


class TextReader:
    """The documents of a job as whole lines of UTF-8, one after the other."""

    def __init__(self, job: Job, settings: Settings, stdin: int, report: Report) -> None:
        self._job = job
        self._tab_width = settings.tab_width
        self._stdin = stdin
        self._transcoder = self._find_transcoder(choose_charset(job.options, settings.charset), report)
        self._control = self._find_control(settings.carriage_control)
        drop_rest = settings.wrap in (Wrap.TRUNCATE, Wrap.OFF) and not self._control
        self._records = LineAssembler(drop_rest=drop_rest)
        self._lines = LineAssembler()
        self._texts = self._read()
        self._first_page = b""

    def _find_transcoder(self, charset: str, report: Report) -> Optional[Transcoder]:
        self._charset = charset
        if charset.lower().replace("_", "-") in (UTF_8, "utf8", "us-ascii", "ascii"):
            return None
        try:
            return Transcoder(find_codec(charset))
        except UnknownCharset:
            report.warning(f"text-charset={charset} is not known, the text is read as UTF-8")
            return None

    def _find_control(self, kind: str) -> AsaRecords | MachineRecords | None:
        if kind == "machine":
            return MachineRecords(first_byte_before(self._charset) if self._transcoder else first_byte_of_utf_8)
        return AsaRecords() if kind == "asa" else None

    def texts(self) -> Iterator[bytes]:
        """Give whole lines, as soon as they are there."""
        if self._first_page:
            yield self._first_page
        yield from self._texts

    def measure_first_page(self) -> tuple[int, int]:
        """Return the columns and lines of the first page, which stays to be read."""
        self._first_page = take_first_page(self._texts)
        columns, lines = measure_page(self._first_page, self._tab_width)
        return max(columns, 1), lines

    def _read(self) -> Iterator[bytes]:
        for number, path in enumerate(self._job.files or ("",)):
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC) if path else self._stdin
            if number:
                yield b"\f"  # each document starts a page
            yield from filter(None, self._controlled(self._assembled(descriptor)))
            if path:
                os.close(descriptor)

    def _assembled(self, descriptor: int) -> Iterator[bytes]:
        for block in read_blocks(descriptor):
            yield self._records.feed(self._transcoder.feed(block) if self._transcoder else block)
        if self._transcoder:
            yield self._records.feed(self._transcoder.feed(b"", final=True))
        yield self._records.finish()

    def _controlled(self, texts: Iterator[bytes]) -> Iterator[bytes]:
        """Turn carriage control into line feeds and form feeds; without it there is nothing to do."""
        if not self._control:
            yield from texts
            return
        for text in texts:
            yield self._lines.feed(self._control.feed(text)) if text else b""
        yield self._lines.finish()

    def drain(self) -> None:
        """Read standard input to its end, for the sake of whoever writes it."""
        if not self._job.files:
            read_to_end(self._stdin)

    def warnings(self) -> Iterator[str]:
        """Give what was not as it should be."""
        if self._transcoder and self._transcoder.bad_sequences:
            yield f"{self._transcoder.bad_sequences} places in the text are not {self._charset}, they print as a box"
        if self._records.broken or self._lines.broken:
            yield f"{self._records.broken + self._lines.broken} lines have more than 64 KiB and were broken there"
        if self._control and self._control.unknown:
            yield f"{self._control.unknown} records have a carriage control that is not known"


class Printing:
    """Lines to sides, sides to the printer."""

    def __init__(self, job: Job, settings: Settings, media: Media, layout: PageLayout, stdout: int) -> None:
        self._settings = settings
        self._media = media
        self._stdout = stdout
        self._duplex = settings.sides in ("two-sided-long-edge", "two-sided-short-edge")
        self._selection = Selection(settings.page_ranges, settings.page_set)
        self._decoder = TextDecoder(settings.tab_width)
        self._paginator = Paginator(
            layout, settings.wrap, settings.wrap_mark, settings.line_numbers, page_headers(job, settings)
        )
        self._emitter = Emitter(
            layout, job.title, job.copies, settings.collate, open_glyphs if settings.soft_fonts else None
        )
        self._over = False
        #: Sides printed so far.
        self.printed = 0

    def print_text(self, reader: TextReader) -> None:
        """Lay out and write, side by side."""
        if self._settings.reverse:
            self._print_reversed(reader)
        else:
            for sides in self._lay_out(reader):
                write_all(self._stdout, b"".join(map(self._print_side, sides)))
        if self.printed:
            write_all(self._stdout, self._emitter.end_job())

    def _print_reversed(self, reader: TextReader) -> None:
        kept = ReverseOrder(self._duplex)
        for sides in self._lay_out(reader):
            for side in sides:
                kept.add(side)
        for side in kept.sides():
            write_all(self._stdout, self._print_side(side))

    def _lay_out(self, reader: TextReader) -> Iterator[list[Side]]:
        """Give the sides that are wanted, those together that one piece of text completes."""
        for text in reader.texts():
            yield list(self._wanted(side for event in self._decoder.decode(text) for side in self._paginate(event)))
            if self._over:
                return
        yield list(self._wanted(self._paginator.finish()))

    def _paginate(self, event: Event) -> Iterator[Side]:
        return self._paginator.form_feed() if isinstance(event, FormFeed) else self._paginator.add_lines(event.lines)

    def _wanted(self, sides: Iterable[Side]) -> Iterator[Side]:
        for side in sides:
            self._over = self._over or self._selection.is_over(side.number)
            if self._selection.wants(side.number):
                yield side

    def _print_side(self, side: Side) -> bytes:
        start = b"" if self.printed else self._emitter.start_job(self._media, self._settings.sides)
        back = self._duplex and self.printed % 2 == 1
        self.printed += 1
        return start + self._emitter.side(side, back)

    def warnings(self) -> Iterator[str]:
        """Give what was not as it should be."""
        if not self.printed:
            yield "nothing to print: the document, or what the options left of it, is empty"
        if self._decoder.bad_sequences:
            yield f"{self._decoder.bad_sequences} places in the text are not UTF-8, they print as a box"
        if self._decoder.controls_left_out:
            yield f"{self._decoder.controls_left_out} control characters in the text were left out"
        if self._emitter.missing:
            yield describe_missing(self._emitter.missing)


def open_glyphs(typeface: int) -> GlyphStore:
    """Return the glyphs of the installed fonts; only texts that need them pay for it."""
    from filters.pcl.font_files import FontChain, find_font_files
    from filters.pcl.glyph_store import GlyphStore

    regular, bold = find_font_files()
    return GlyphStore(FontChain(regular), FontChain(bold), typeface)


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


def describe_missing(missing: Mapping[str, int]) -> str:
    """Return a line that names the characters that could not be printed, the most frequent first."""
    ordered = sorted(missing, key=lambda character: (-missing[character], character))
    named = ", ".join(f"U+{ord(character):04X} ({missing[character]})" for character in ordered[:_NAMED])
    more = f" and {len(ordered) - _NAMED} more" if len(ordered) > _NAMED else ""
    return f"characters that cannot be printed here were replaced: {named}{more}"


def write_all(descriptor: int, output: bytes) -> None:
    """Write everything, however much the pipe takes at a time."""
    view = memoryview(output)
    while view:
        view = view[os.write(descriptor, view) :]
