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
from typing import TYPE_CHECKING, Callable, Iterator, Mapping, Sequence

from filters.codepage.symbol_set import OTHERS
from filters.common.finished_sets import are_left_to_backend
from filters.common.job import Job
from filters.common.overlay import Overlays, read_overlays
from filters.common.program import run_filter
from filters.common.report import Report
from filters.common.streams import read_description, write_all
from filters.layout.page import Side
from filters.layout.settings import Settings
from filters.pcl.emitter import Emitter
from filters.pcl.transparent import safe_commands
from filters.text_pages import TextPages, announce

if TYPE_CHECKING:
    from filters.pcl.glyph_store import GlyphStore

#: Characters named in the warning about those that could not be printed.
_NAMED = 12


def main(argv: Sequence[str], environ: Mapping[str, str], stdin: int = 0, stdout: int = 1, stderr: int = 2) -> int:
    """Print a job and return the exit code."""

    def work(job: Job, report: Report) -> None:
        print_job(job, stdin, stdout, report, environ)

    return run_filter("texttopcl", argv, environ, stderr, work)


def print_job(job: Job, stdin: int, stdout: int, report: Report, environ: Mapping[str, str] = os.environ) -> None:
    """Print all documents of a job."""
    pages = TextPages(job, read_description(job.ppd, report), stdin)
    announce(pages, job, "texttopcl", report)
    overlays = read_overlays(pages.settings.overlay, ".pcl", environ)
    for problem in (*overlays.problems, *_empty_overlays(pages.settings.overlay, overlays)):
        report.warning(problem)
    printing = Printing(job, pages, stdout, overlays)
    printing.print_sides()
    pages.drain()
    for note in pages.notes():
        report.info(note)
    for warning in (*printing.warnings(), *pages.warnings()):
        report.warning(warning)
    report.debug(f"texttopcl: {printing.printed} sides")


def _empty_overlays(names: Sequence[str], overlays: Overlays) -> Iterator[str]:
    """Tell of overlays of which nothing is printed."""
    for name, data in dict(zip(names, overlays[:2])).items():
        if data and not safe_commands(data).strip():
            yield (
                f"nothing of the overlay {name} is printed: commands of PCL are kept up to the first UEL; "
                "take PJL off its beginning"
            )


class Printing:
    """Sides to the printer."""

    def __init__(self, job: Job, pages: TextPages, stdout: int, overlays: Overlays = Overlays()) -> None:
        settings = pages.settings
        self._pages = pages
        self._stdout = stdout
        glyphs = make_glyphs(settings) if settings.soft_fonts else None
        sets = are_left_to_backend(job)
        self._emitter = Emitter(
            *(pages.layout, job.title, job.copies, settings.collate, glyphs, pages.model, sets),
            *(pages.watermark, overlays),
        )
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
        if self._pages.watermark and not self._pages.settings.soft_fonts:
            yield "a watermark needs soft fonts, it is left out"
        if not self.printed:
            yield "nothing to print: the document, or what the options left of it, is empty"
        if self._emitter.missing:
            yield describe_missing(self._emitter.missing, self._pages.settings.soft_fonts)


def make_glyphs(settings: Settings) -> Callable[[int], GlyphStore]:
    """Return what opens the glyphs of the installed fonts; only texts that need them pay for it."""

    def open_glyphs(typeface: int) -> GlyphStore:
        from filters.pcl.font_files import FontChain, FontChooser, find_font_files
        from filters.pcl.glyph_store import GlyphStore

        regular, bold = find_font_files()
        chooser = FontChooser(os.environ.get("LANG", ""))
        chains = FontChain(regular, chooser), FontChain(bold, chooser, bold=True)
        most = settings.soft_font_memory * 1000
        return GlyphStore(*chains, typeface, most_bytes=most, by_number=settings.fonts_by_number)

    return open_glyphs


def describe_missing(missing: Mapping[str, int], soft_fonts: bool = True) -> str:
    """Return a line that names the characters that could not be printed, the most frequent first, and what has them.

    Args:
        soft_fonts: whether fonts of packages would be sent to the printer.
    """
    from filters.pcl.scripts import package_with  # most texts have all their characters

    ordered = sorted(filter(None, missing), key=lambda character: (-missing[character], character))
    named = ", ".join(f"U+{ord(character):04X} ({missing[character]})" for character in ordered[:_NAMED])
    more = f" and {len(ordered) - _NAMED} more" if len(ordered) > _NAMED else ""
    if OTHERS in missing:
        more = f" and more than {len(ordered) - _NAMED} others"
    packages = dict.fromkeys(filter(None, map(package_with, ordered))) if soft_fonts else ()
    cure = f"; on Debian: apt install {' '.join(packages)}" if packages else ""
    return f"characters that cannot be printed here were replaced: {named}{more}{cure}"
