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
from typing import TYPE_CHECKING, Callable, Iterator, Mapping, Sequence

from filters.job import Job, JobUsageError, parse_job
from filters.layout.page import Side
from filters.layout.settings import WITHOUT_MEANING, Settings
from filters.pcl.emitter import Emitter
from filters.pcl.symbol_set import OTHERS
from filters.report import Report
from filters.streams import read_description, write_all
from filters.text_pages import TextPages

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
        report.error(f"texttopcl: {error.reason} [F01]")
    except BrokenPipeError:
        # The next program is gone; whoever ended it says why.
        report.debug("texttopcl: nobody reads the print data any more")
    except OSError as error:
        report.error(f"texttopcl cannot read the document or write the print data: {error} [F04]")
    except Exception as error:
        report.fault("texttopcl", error)
    else:
        return 0
    finally:
        signal.signal(signal.SIGTERM, before)
    return 1


def _stop(number: int, frame: object) -> None:
    """Leave at once, with nothing that looks like the end of a job."""
    os._exit(1)


def print_job(job: Job, stdin: int, stdout: int, report: Report) -> None:
    """Print all documents of a job."""
    pages = TextPages(job, read_description(job.ppd, report), stdin)
    for problem in pages.problems:
        report.warning(problem)
    for name in WITHOUT_MEANING:
        if job.option(name) is not None:
            report.debug(f"texttopcl: option {name} has no meaning for text")
    frame = pages.layout.frame
    report.debug(f"texttopcl: {pages.media.size.name}, {frame.columns} columns, {frame.lines} lines")
    if pages.settings.reverse:
        report.info("In reverse order nothing is printed before the whole text is read")
    printing = Printing(job, pages, stdout)
    printing.print_sides()
    pages.drain()
    for warning in (*printing.warnings(), *pages.warnings()):
        report.warning(warning)
    report.debug(f"texttopcl: {printing.printed} sides")


class Printing:
    """Sides to the printer."""

    def __init__(self, job: Job, pages: TextPages, stdout: int) -> None:
        settings = pages.settings
        self._pages = pages
        self._stdout = stdout
        glyphs = make_glyphs(settings) if settings.soft_fonts else None
        self._emitter = Emitter(pages.layout, job.title, job.copies, settings.collate, glyphs, pages.model)
        #: Sides printed so far.
        self.printed = 0

    def print_sides(self) -> None:
        """Write sides as they come, those that come together in one piece; then the end of the job, if it has begun."""
        for sides in self._pages.sides_as_printed():
            write_all(self._stdout, b"".join(map(self._print_side, sides)))
        if self.printed:
            write_all(self._stdout, self._emitter.end_job())

    def _print_side(self, side: Side) -> bytes:
        start = b"" if self.printed else self._emitter.start_job(self._pages.media, self._pages.settings.sides)
        back = self._pages.is_back(self.printed)
        self.printed += 1
        return start + self._emitter.side(side, back)

    def warnings(self) -> Iterator[str]:
        """Give what was not as it should be."""
        if not self.printed:
            yield "nothing to print: the document, or what the options left of it, is empty"
        if self._emitter.missing:
            yield describe_missing(self._emitter.missing)


def make_glyphs(settings: Settings) -> Callable[[int], GlyphStore]:
    """Return what opens the glyphs of the installed fonts; only texts that need them pay for it."""

    def open_glyphs(typeface: int) -> GlyphStore:
        from filters.pcl.font_files import FontChain, find_font_files
        from filters.pcl.glyph_store import GlyphStore

        regular, bold = find_font_files()
        return GlyphStore(FontChain(regular), FontChain(bold), typeface, by_number=settings.fonts_by_number)

    return open_glyphs


def describe_missing(missing: Mapping[str, int]) -> str:
    """Return a line that names the characters that could not be printed, the most frequent first."""
    ordered = sorted(filter(None, missing), key=lambda character: (-missing[character], character))
    named = ", ".join(f"U+{ord(character):04X} ({missing[character]})" for character in ordered[:_NAMED])
    more = f" and {len(ordered) - _NAMED} more" if len(ordered) > _NAMED else ""
    if OTHERS in missing:
        more = f" and more than {len(ordered) - _NAMED} others"
    return f"characters that cannot be printed here were replaced: {named}{more}"
