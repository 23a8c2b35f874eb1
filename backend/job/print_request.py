"""What is asked of the printer for one document: its name there, the formats to try, attributes, and the PIN.

A document that says itself how it is to be printed (PCL, PostScript) needs few attributes; others need them all, and
``options`` knows which. The PIN of a job is never left out (``password``).
"""

from __future__ import annotations

import os
from collections.abc import Callable

from backend.cupsd.printer_state import texts
from backend.delivery.attempt import PrintRequest
from backend.document.format import WITHOUT_OPTIONS, choose_formats, is_plainly_listed, last, real_type, recognise
from backend.errors import ConnectionLost, MalformedResponse, PrinterBusy, PrinterUnreachable
from backend.http import NOT_NOW
from backend.ipp.codes import BUSY, keyword, succeeded
from backend.ipp.message import Attribute
from backend.ipp.operations import clean_name
from backend.job.asked_options import FOR_ANY_LANGUAGE, is_known, wishes, without_values
from filters.common.dataclass import dataclass, replace
from filters.common.passed_jpeg import LINE, TURNS
from filters.common.report import Report

TYPE_CHECKING = False
if TYPE_CHECKING:
    from backend.ipp.message import Message
    from backend.job.cups_job import CupsJob
    from backend.printer.capabilities import Capabilities
    from backend.printer.printer import Printer, Reply
    from filters.common.ppd import PrinterDescription


@dataclass(frozen=True)
class Wanted:
    """One document as it is to be printed.

    Attributes:
        job_name: at the printer.
        kind: the type that CUPS names, "" if it names none.
        head: its first bytes.
        size: in bytes, None while it is still being made.
        copies: how many are wanted of it.
        finished: each of them is finished by itself.
        passed: it is a JPEG that our filter has passed on as it is.
    """

    job_name: str
    kind: str
    head: bytes
    size: int | None = None
    copies: int = 1
    finished: bool = False
    passed: bool = False

    @property
    def real_type(self) -> str:
        """What the document is, "" if nothing tells."""
        return real_type(self.kind, self.head)

    @property
    def by_language(self) -> bool:
        """True if the document says itself how it is to be printed."""
        return not self.real_type.lower().startswith(WITHOUT_OPTIONS)


def name_job(title: str, mark: str, document: int, index: int, *, is_part: bool) -> str:
    """Return a job's name at the printer; it ends in the mark by which the job is found again.

    Args:
        document: which of the job's documents it is, from 1.
        index: which file, copy or part of that, from 0.
        is_part: it is a copy or part of one document of several.
    """
    numbers = [document] if document > 1 or (is_part and index > 0) else []
    numbers += [index + 1] if index else []
    number = f" ({'.'.join(map(str, numbers))})" if numbers else ""
    return clean_name(title, ending=f"{number} {mark}").strip()


def kind_of(kind: str, head: bytes, number: int) -> str:
    """Return the type of a document: the one that cupsd names, which of joined documents is that of the first."""
    if number == 1:
        return kind
    from backend.document.joined import OURS

    return kind if head.startswith(OURS) else recognise(head) or kind


def make_print_request(
    wanted: Wanted,
    cups_job: CupsJob,
    printer: Printer,
    capabilities: Capabilities,
    *,
    report: Report,
    warn: Callable[[str], None],
) -> PrintRequest:
    """Return what is asked of the printer, with the job's options for a document that does not carry them.

    Args:
        warn: says once in a job what is not as asked.

    Raises:
        JobPasswordNotTaken: the printer cannot take the job's PIN.
        JobReleaseNotTaken: the job is to wait there in a different way.
        PrinterBusy, PrinterUnreachable: it is to be asked of PINs later.
        IppsError: it has been asked for more, and refuses to speak to us, or breaks the connection when asked of PINs.
    """
    formats = choose_formats(wanted.kind, wanted.head, capabilities.formats)
    # A printer that refuses JPEG by its name gets pages: who knows what it would take the bytes for under another name.
    formats = formats[:1] if wanted.passed else last(capabilities.facts.renamed, formats)
    size = "still being made" if wanted.size is None else f"{wanted.size} bytes"
    report.debug(f"the document is {wanted.kind or 'of no known type'}, {size}; sent as {formats[0] or 'no type'}")
    _check_release(cups_job, printer)
    password = _password_attributes(cups_job, printer, report)
    _warn_of_language(wanted.real_type, cups_job, printer, capabilities, warn)
    asked = wishes(cups_job.job.options) if wanted.by_language else {}
    if wanted.by_language and not asked:
        return PrintRequest(wanted.job_name, formats, password=password, kind=wanted.real_type)
    from backend.job.options import choose_job_attributes

    options, description = cups_job.job.options, _description(cups_job, report)
    if wanted.passed:
        turns = description.values.get((LINE, ""), "").endswith(TURNS)
        # As the filter would make a page of it.
        options = {**options, "print-scaling": "fit", **({"orientation-requested": "7"} if turns else {})}
    worth_asking = not wanted.by_language or any(name.lower() in FOR_ANY_LANGUAGE for name in asked)
    chosen = choose_job_attributes(
        options,
        description,
        _supported(printer, capabilities, report) if worth_asking else None,
        is_file=bool(cups_job.job.files) or wanted.passed,
        # A printer that takes copies and makes one of them gets them one by one.
        copies=1 if capabilities.facts.copies is False else wanted.copies,
        by_language=wanted.by_language,
        sets=wanted.finished and wanted.copies > 1,
    )
    if chosen.refused:
        refused = chosen.refused if cups_job.job.password is None else without_values(chosen.refused)
        warn(f"{printer.name} does not take {', '.join(refused)}; printed without")
    return PrintRequest(wanted.job_name, formats, chosen.attributes, chosen.copies, password, wanted.real_type)


def supported_attributes(kind: str) -> tuple[str, ...]:
    """Return what a printer is asked for on account of a document's options, none for one that carries them."""
    if not kind.lower().startswith(WITHOUT_OPTIONS):
        return ()
    from backend.job.option_rules import SUPPORTED_ATTRIBUTES

    return SUPPORTED_ATTRIBUTES


def _supported(printer: Printer, capabilities: Capabilities, report: Report) -> Message | None:
    """Return what the printer says about options, which it may have said with the rest."""
    if capabilities.has_more:
        return capabilities.attributes
    from backend.job.option_rules import SUPPORTED_ATTRIBUTES

    return ask_about(printer, SUPPORTED_ATTRIBUTES, report)


def ask_about(printer: Printer, attributes: tuple[str, ...], report: Report, *, needed: bool = False) -> Message | None:
    """Ask the printer for some of its attributes; None if it has no answer to that.

    Args:
        needed: a connection that is lost, or a printer that is busy, is raised, and not taken for an answer.
    """
    try:
        reply = printer.get_attributes(attributes)
    except (ConnectionLost, MalformedResponse, PrinterUnreachable) as error:
        if needed and not isinstance(error, MalformedResponse):
            raise
        report.debug(f"no word about {attributes[0]} and others: {error.text}")
        printer.disconnect()
        return None
    if needed:
        _check_not_busy(reply, printer)
    return reply.message if reply.message and succeeded(reply.message.code) else None


def _check_not_busy(reply: Reply, printer: Printer) -> None:
    if reply.message is None:
        status = reply.response.status
        reason = f"HTTP {status} {reply.response.reason}" if status in NOT_NOW else ""
    else:
        reason = keyword(reply.message.code) if reply.message.code in BUSY else ""
    if reason:
        raise PrinterBusy(printer.name, reason, reply.retry_after)


def _description(cups_job: CupsJob, report: Report) -> PrinterDescription:
    """Return the queue's printer description; cupsd names one for raw queues as well, which have none."""
    from filters.common.streams import read_description

    ppd = cups_job.job.ppd
    return read_description(ppd if os.path.exists(ppd) else "", report)


def _check_release(cups_job: CupsJob, printer: Printer) -> None:
    """Let no job out that would print openly and is to wait for someone: job-release-action, PWG 5100.11.

    One that waits for its PIN does so by job-password alone.
    """
    action = (cups_job.job.option("job-release-action") or "").strip().lower()
    if action in ("", "none") or (action == "job-password" and cups_job.job.password is not None):
        return
    from backend.errors import JobReleaseNotTaken
    from filters.common.printable import printable

    raise JobReleaseNotTaken(printer.name, printable(action)[:40])


def _password_attributes(cups_job: CupsJob, printer: Printer, report: Report) -> tuple[Attribute, ...]:
    """Return the attributes for the PIN that the job asks for; a printer that cannot take it gets nothing."""
    password = cups_job.job.password
    if password is None:
        return ()
    from backend.job.password import ABILITIES, job_password_attributes

    if not is_known(password.following):
        description = _description(cups_job, report)
        known = {name.lower() for name, _ in description.values} | {name.lower() for name in description.defaults}
        password = replace(password, whole=password.whole and password.following in known)
    return job_password_attributes(password, ask_about(printer, ABILITIES, report, needed=True), printer.name)


def _warn_of_language(
    kind: str, cups_job: CupsJob, printer: Printer, capabilities: Capabilities, warn: Callable[[str], None]
) -> None:
    """Say once that the printer does not list what it gets, and which command helps."""
    device_id = "".join(texts(capabilities.attributes, "printer-device-id"))
    if not kind or is_plainly_listed(kind, capabilities.formats, device_id):
        return
    from backend.printer.languages import advice, unlisted

    found = unlisted(kind, capabilities.formats, device_id)
    if found is None:
        return
    language, listed = found
    command = advice(listed, cups_job.queue, printer.uri.plain)
    warn(f"{printer.name} does not list {language} and may print rubbish; if it does, run: {command}")
