"""Which JPEG goes to the printer as it is: one that every printer prints rightly, of a job that asks nothing of pages.

The backend asks the printer for print-scaling "fit", which is what our own pages do. Whatever is not certain to come
out the same becomes a page: options that are not known here, too.
"""

from __future__ import annotations

from filters.common.passed_jpeg import LINE, TURNS

TYPE_CHECKING = False  # slow to import
if TYPE_CHECKING:
    from filters.common.job import Job
    from filters.common.ppd import PrinterDescription
    from filters.picture.jpeg import PlainJpeg
    from filters.picture.placement import Sheet

#: Options that are nothing to a page: the backend passes them on, or they are about the job.
_OF_THE_JOB = frozenset(
    """
    attributes-charset attributes-natural-language collate compression copies finishings
    ipp-attribute-fidelity media media-col media-source media-type multiple-document-handling output-bin outputorder
    page-delivery print-color-mode print-content-optimize print-quality print-rendering-intent printer-resolution
    printer-uri requesting-user-name sides
    """.split()
)
_BEGINNINGS = ("cups-", "date-time-at-", "document-", "job-", "notify-", "time-at-")
#: Values with which options of pages ask for nothing.
_USUAL = frozenset((("number-up", "1"), ("page-set", "all"), ("print-scaling", "auto")))
#: The option by which the printer is told how to scale.
_SCALING = "print-scaling"


def may_pass(job: Job, description: PrinterDescription) -> bool:
    """Tell whether the options of a job, and the description, leave a JPEG to the printer."""
    if job.backend != "ipps443" or not description.values.get((LINE, "")) or len(job.files) > 1:
        return False
    if job.copies > 1:
        return False  # refused after the first copies, it could not go on as pages: raster has all copies in it
    scaling = description.defaults.get(_SCALING)
    if scaling not in ("auto", "auto-fit", "fit", None):
        return False  # someone wants what a page does not have, and the printer has it for all
    offered = {name.lower() for name in description.defaults} - {_SCALING}
    return all(_is_of_the_job(name.lower(), value, offered) for name, value in job.options.items())


def _is_of_the_job(name: str, value: str, offered: set[str]) -> bool:
    known = name in offered or name in _OF_THE_JOB or name.startswith(_BEGINNINGS)
    return known or (name, value.strip().lower()) in _USUAL


def is_taken(jpeg: PlainJpeg, size: int, sheet: Sheet, description: PrinterDescription) -> bool:
    """Tell whether a printer takes a JPEG of so many bytes, and turns it as a page would be turned."""
    words = description.values[LINE, ""].split()
    if len(words) < 3 or not all(word.isdecimal() for word in words[:3]):
        return False
    limits = [int(word) for word in words[:3]]
    found = (size + 1023) // 1024, jpeg.width, jpeg.height
    is_small = all(not most or each <= most for each, most in zip(found, limits))
    lies = (jpeg.width > jpeg.height) != (sheet.width > sheet.length) and jpeg.width != jpeg.height
    return is_small and (not lies or TURNS in words[3:])
