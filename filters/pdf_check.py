"""One PDF before CUPS's pdftopdf: what is not whole is refused, and pages get the boxes that pdftopdf understands.

pdftopdf repairs a damaged document as well as it can, and what it could not find becomes an empty page, without a word
(qpdf 12). So the document is looked at as the user sent it. It goes on as it came; only where a page needs other boxes,
see filters.pdf.boxes, there is something behind it, see filters.pdf.correction.

A description names this filter with "cupsPreFilter", so CUPS puts it before pdftopdf, and changes nothing else.
"""

from __future__ import annotations

import re

from filters.common.job import Job, get_option, parse_boolean
from filters.common.media import UNITS_PER_INCH, asked_size, choose_media, find_size, pwg_name
from filters.common.ppd import PrinterDescription
from filters.common.program import run_filter
from filters.common.report import Report
from filters.common.streams import read_description, write_all
from filters.common.temporary_folder import TemporaryFiles
from filters.pdf.contents import find_damaged_stream, find_missing_object, table_places
from filters.pdf.correction import Sheet, correct_pages, object_places, update, write_anew
from filters.pdf.inspection import (
    PASSWORD,
    EncryptionUnknown,
    NotRead,
    PdfFacts,
    PdfRefused,
    damage_refused,
    find_facts,
    open_pdf,
    read_facts,
    read_plainly,
)
from filters.pdf.opening import BLOCK_SIZE, cut_out, open_document, within_limits
from filters.common.plain_pdf import NotCertain, PlainReader

TYPE_CHECKING = False  # slow to import
if TYPE_CHECKING:
    from typing import BinaryIO, Callable, Mapping, Optional, Sequence

    from pypdf import PdfReader

    from filters.pdf.boxes import Boxes
    from filters.pdf.second_opinion import SecondOpinion
    from filters.pdf.whole import Extent

#: Pages whose boxes are looked at.
MOST_PAGES = 5000
#: The end of a self-describing name of a size (PWG 5101.1), which cupsd reads for media.
_SELF_DESCRIBING = re.compile(r"_[0-9.]+x[0-9.]+(mm|in)$")
#: Values of print-scaling (PWG 5100.16) for which a page has no place of its own on the sheet.
_SCALED = frozenset(("fit", "fill", "auto-fit"))
#: pdftopdf's own options of that kind.
_SCALING_OPTIONS = ("fit-to-page", "fitplot", "fill")
_PART_MISSING = "it is damaged: a part of it is missing; fetch or save it anew, and print that"


def main(argv: Sequence[str], environ: Mapping[str, str], stdin: int = 0, stdout: int = 1, stderr: int = 2) -> int:
    """Check a job's document and return the exit code."""

    def work(job: Job, report: Report) -> None:
        check_job(job, environ, stdin, stdout, report)

    does, makes = "read or write the document", "the document"
    return run_filter(
        "pdfcheck443", argv, environ, stderr, work, refused=_refused, cleans_up=True, does=does, makes=makes
    )


def _refused(error: Exception, report: Report) -> bool:
    from filters.common.settings_file import SettingsUnreadable

    if isinstance(error, PdfRefused):
        report.error(f"The document cannot be printed: {error.reason} [F02]")
    elif isinstance(error, SettingsUnreadable):
        report.error(f"The settings {error} [F07]")
    else:
        return False
    return True


def check_job(job: Job, environ: Mapping[str, str], stdin: int, stdout: int, report: Report) -> None:
    """Pass the documents of a job on.

    Raises:
        PdfRefused, SettingsUnreadable, OSError: nothing of this document has been passed on.
    """
    description = read_description(job.ppd, report)
    media = choose_media(job.options, description)
    if media.limits:
        raise PdfRefused(f"{media.limits}; choose another size")
    size = media.size
    if unknown := unknown_to_cups(job.options, description):
        report.warning(unknown)
    points = (size.width * 72 / UNITS_PER_INCH, size.length * 72 / UNITS_PER_INCH)
    sheet = Sheet(points, is_scaled(job.options))

    def ask() -> SecondOpinion:
        from filters.common.settings_file import read_settings
        from filters.common.trusted_file import settings_path
        from filters.pdf.renderer import Limits
        from filters.pdf.second_opinion import SecondOpinion

        limits = Limits.from_settings(read_settings(settings_path(environ), job.queue))
        return SecondOpinion(environ, limits, report)

    for path in job.files or ("",):
        with TemporaryFiles() as files, open_document(path, stdin, files.make) as document:
            _pass_on(document, files.make, sheet, stdout, report, ask)


def unknown_to_cups(options: Mapping[str, str], description: PrinterDescription) -> str:
    """Return words about a paper size that we know by a name that pdftopdf does not know, so that it uses another."""
    asked = asked_size(options)
    written = "PageSize" if get_option(options, "PageSize") else "PageRegion"
    if not asked:
        written, media = "media", get_option(options, "media") or ""
        asked = next((part for part in map(str.strip, media.split(",")) if find_size(part, description)), "")
    known = asked.lower().startswith("custom.") or description.choice("PageSize", asked) is not None
    size = find_size(asked, description)
    if known or size is None or (written == "media" and _SELF_DESCRIBING.search(asked)):
        return ""
    return f"CUPS does not know the size {written}={asked[:40]}; write media={pwg_name(size)}"


def is_scaled(options: Mapping[str, str]) -> bool:
    """Tell whether pages are made to fit the sheet, or stand on it with others."""
    if (get_option(options, "print-scaling") or "").lower() in _SCALED:
        return True
    if any(parse_boolean(get_option(options, name), False) for name in _SCALING_OPTIONS):
        return True
    if get_option(options, "scaling") or parse_boolean(get_option(options, "booklet"), False):
        return True
    return (get_option(options, "number-up") or "1").strip() not in ("", "1")


def _pass_on(
    document: BinaryIO,
    make: Callable[[], BinaryIO],
    sheet: Sheet,
    stdout: int,
    report: Report,
    ask: Callable[[], SecondOpinion],
) -> None:
    with within_limits():
        whole, extent = cut_out(document, make)
    try:
        with within_limits():
            pages = _needs_nothing(whole, extent, sheet)
            if pages is None:
                reader, facts, corrections = _look_at(whole, sheet)
        if pages is not None:
            report.debug(f"pdfcheck443: {pages} pages in the usual form, passed on as they are")
            _copy(whole, stdout)
            return
        report.debug(f"pdfcheck443: {facts.pages} pages, other boxes for {len(corrections)} of them")
        anew = extent.numbered_wrongly or facts.counted_wrongly
        _write(whole, reader, corrections, anew, anew or extent.repaired, stdout, report)
    except EncryptionUnknown:
        if ask().asks_for_password(whole):
            raise PdfRefused(PASSWORD) from None
        # pdftopdf knows more ways, and finds fault itself with what it cannot read.
        report.debug("pdfcheck443: encrypted in a way that is not known here; passed on as it is")
        _copy(whole, stdout)
    except NotRead as error:
        if not ask().can_draw_all(whole):
            raise
        report.debug(f"pdfcheck443: passed on as it is, for Ghostscript can draw it, although {error.reason}")
        _copy(whole, stdout)


def _needs_nothing(whole: BinaryIO, extent: Extent, sheet: Sheet) -> Optional[int]:
    """Return the number of pages of a document that is certain to be whole, and to need no other boxes, else None.

    Raises:
        NotRead: it takes too long to look.
    """
    if extent.repaired or extent.numbered_wrongly:
        return None

    def look(reader: PlainReader) -> int:
        facts = find_facts(reader)
        places = (at for _, at in reader.places)
        if facts.counted_wrongly or find_damaged_stream(whole, places) or correct_pages(reader, sheet, MOST_PAGES):
            raise NotCertain("there is something to do")
        return facts.pages

    return read_plainly(whole, look)


def _look_at(whole: BinaryIO, sheet: Sheet) -> tuple[PdfReader, PdfFacts, Mapping[int, Boxes]]:
    """Return what there is in a document, and the boxes that it needs.

    Raises:
        PdfRefused: something of it is missing or damaged, or it cannot be read.
    """
    if find_missing_object(whole, table_places(whole)) is not None:
        raise PdfRefused(_PART_MISSING)
    reader = open_pdf(whole)
    facts = read_facts(reader)
    with damage_refused():
        places = object_places(reader)
        if find_missing_object(whole, places) is not None:
            raise PdfRefused(_PART_MISSING)
        if not reader.is_encrypted and find_damaged_stream(whole, (at for _, at in places)):
            raise PdfRefused("it is damaged: a part of it cannot be unpacked; save it anew, and print that")
        return reader, facts, correct_pages(reader, sheet, MOST_PAGES)


def _write(
    whole: BinaryIO,
    reader: PdfReader,
    corrections: Mapping[int, Boxes],
    changed: bool,
    anew: bool,
    stdout: int,
    report: Report,
) -> None:
    """Write a document with other boxes: as it is where it needs none, then with an addition, else anew."""
    if not corrections and not changed:
        _copy(whole, stdout)
        return
    try:
        if reader.is_encrypted or anew:
            raise ValueError("it cannot be added to")
        behind = b"".join(update(reader, whole, corrections))
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        report.debug(f"pdfcheck443: written anew, because {error}")
        _write_anew(reader, corrections, stdout)
    else:
        _copy(whole, stdout)
        write_all(stdout, behind)


def _write_anew(reader: PdfReader, corrections: Mapping[int, Boxes], stdout: int) -> None:
    import io

    result = io.BytesIO()
    with within_limits(), damage_refused():
        write_anew(reader, corrections, result)
    write_all(stdout, result.getvalue())


def _copy(document: BinaryIO, stdout: int) -> None:
    document.seek(0)
    while block := document.read(BLOCK_SIZE):
        write_all(stdout, block)
