"""A printer that refuses a format that it lists (Q-97): it is learned, and the job is held for a different description.

What a filter has made cannot become anything else here. But cupsd keeps the job's own document, and makes it anew once
the queue has a description for a different format, which ``ipps443ctl refresh`` chooses from then on. A JPEG that our
filter has passed on as it is needs no different description: the filter makes pages of it when the job is run again.
Of its own accord that is done only if the printer has refused it before it accepted the job. What it has given up later
may be on paper: that ends as it does for others, and becomes pages for whoever prints or releases it again.
"""

from __future__ import annotations

import time
from shlex import quote

from backend.cupsd.job_record import WAITING
from backend.cupsd.printer_state import texts
from backend.document.format import UNTOLD
from backend.errors import DocumentRefused, IppsError, JobAbortedAtPrinter, ListedFormatRefused, PassedFormatRefused
from backend.job.cups_job import CupsJob
from backend.job.destination import Destination
from backend.job.sending import Sending
from backend.printer.languages import PCL_FAMILY, advice, language_of, languages_of
from filters.common.formats import JPEG
from filters.common.learned_formats import formats_refused

#: What a description can be made for from what the printer says.
_MADE = frozenset(("PDF", "Apple raster", "PWG raster"))


def take_refusal(
    error: DocumentRefused | JobAbortedAtPrinter, sending: Sending, destination: Destination, cups_job: CupsJob
) -> IppsError:
    """Learn a refusal, and return what the job comes to: held, if a different description prints it."""
    capabilities, kind = sending.capabilities, sending.kind.lower()
    is_passed = cups_job.is_passed_on(kind)
    if not is_passed and (isinstance(error, JobAbortedAtPrinter) or not error.of_kind):
        return error
    if not is_passed and kind not in (name.partition(";")[0].strip().lower() for name in capabilities.formats):
        return error
    facts = sending.facts.with_refused(kind)
    if facts != sending.facts:
        destination.remember(facts)
    if isinstance(error, JobAbortedAtPrinter) or error.may_be_on_paper:
        return error
    if cups_job.job.files or not cups_job.has_own_description or cups_job.environ.get("CONTENT_TYPE", "") in UNTOLD:
        return error  # no filter has made it, so that none would make anything else
    # The printer has said no to all of it: the next run begins anew, and asks nobody about this one.
    sending.note(WAITING, None)
    # If the filter cannot read what was learned, it would do the same for ever.
    if is_passed and JPEG in formats_refused(cups_job.environ, time.time()):
        return PassedFormatRefused(destination.printer.name, kind)
    refused = {language_of(each) for each in facts.refused.split()}
    device_id = "".join(texts(capabilities.attributes, "printer-device-id"))
    left = [each for each in languages_of(capabilities.formats, device_id) if each not in refused]
    command = _command(left, cups_job, destination)
    return ListedFormatRefused(destination.printer.name, kind, command)


def _command(left: list[str], cups_job: CupsJob, destination: Destination) -> str:
    """Return the command that gives the queue a description for one of the languages that are left."""
    if _MADE.intersection(left):
        return (
            f"ipps443ctl refresh {quote(cups_job.queue)}{'' if cups_job.is_made_from_printer else ' --model printer'}"
        )
    return advice([each for each in left if each in PCL_FAMILY], cups_job.queue, destination.uri.plain)
