"""The printers of the queues, asked as jobs ask them; the only checks that go to the network."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from backend import errors
from backend.control.checks import advice
from backend.control.checks.finding import (
    AT_ONCE,
    ERROR,
    NOTE,
    UNSEEN,
    WARNING,
    Answer,
    Finding,
    Installation,
    NotLookedAt,
)
from backend.control.checks.queue_uri import QueueURI
from backend.control.console import Console
from backend.control.cups_folders import description_of_queue
from backend.control.description_text import (
    is_made_from_printer,
    read_description,
    state_of_printer,
    types_written,
)
from backend.control.descriptions import parse_description
from backend.control.examination import TIMEOUTS, Findings, find_path, find_ports, make_printer
from backend.control.host import Misused, PrinterHost, Refused
from backend.control.made import ask_all
from backend.control.monitoring import environ_of_job
from backend.cupsd.cache_file import cache_folder
from backend.cupsd.printer_state import REASON_WORDS, texts
from backend.ipp.tags import Tag
from backend.printer import learned
from backend.printer.languages import advice as description_advice, languages_of
from backend.transport.pin_check import PinCheck
from filters.common.printable import printable
from filters.description.attributes import PrinterAttributes
from filters.description.state import state_of

#: Ends of printer-state-reasons that say how bad it is (RFC 8011 section 5.4.12); without one it is an error.
SEVERITIES = {"-report": NOTE, "-warning": NOTE, "-error": WARNING}
#: What someone at the printer does about its printer-state-reasons.
ACTIONS = {
    "media-empty": "put paper in",
    "media-needed": "put the paper in that it asks for",
    "media-jam": "take out the paper that is jammed",
    "door-open": "close the door",
    "cover-open": "close the cover",
    "interlock-open": "close doors and covers",
    "input-tray-missing": "put the tray in",
    "output-area-full": "take the paper away",
    "output-tray-missing": "put the output tray in",
    "toner-empty": "put in a new toner cartridge",
    "marker-supply-empty": "put in a new cartridge",
    "paused": "let it go on, at its panel",
    "shutdown": "switch it on",
}
#: Reasons that say nothing about the printer's health.
HEALTHY = (
    "none",
    "cups-waiting-for-job-completed",
    "connecting-to-device",
    "moving-to-paused",
    "spool-area-full-report",
)


def check_printer(installation: Installation) -> Iterable[Finding]:
    """The printers can be reached and proven, answer, and take jobs."""
    uris, answers = installation.uris(), installation.answers()
    with ThreadPoolExecutor(AT_ONCE) as pool:  # what does not answer takes its time
        found = pool.map(lambda name: list(_look_at(answers[name], uris[name], installation)), answers)
    for name, findings in zip(answers, found):
        for finding in findings:
            if finding.enables:
                installation.enabled.add(name)
            yield finding


def _look_at(answer: Answer, uri: QueueURI, installation: Installation) -> Iterator[Finding]:
    if isinstance(answer.error, Misused):
        yield advice.for_bad_uri(answer.error, uri)
    elif isinstance(answer.error, errors.IppsError):
        yield from _explain(answer.error, uri, installation)
    elif answer.error is not None:
        yield Finding(uri.queue, str(answer.error), f"ipps443ctl probe {shlex.quote(uri.text)}")
    elif answer.findings is not None:
        yield from _check_answer(uri, answer.findings)


def _explain(error: errors.IppsError, uri: QueueURI, installation: Installation) -> Iterator[Finding]:
    """Say what a job would meet; what is said by a check of its own makes this one say that it has not looked."""
    console = installation.console
    if isinstance(error, errors.BadDeviceURI):
        yield advice.for_bad_uri(Misused(f"{error.detail} [{error.code}]"), uri)
        return
    printer = uri.printer
    environ = {**environ_of_job(printer, console), "PRINTER": uri.queue}
    case = advice.Case(
        uri,
        printer,
        console.pins_path,
        lambda: find_path(printer, environ),
        lambda ports: find_ports(printer, ports),
        lambda tls: _shakes_hands(replace(printer, uri=replace(printer.uri, tls=tls)), console),
    )
    found = advice.find_for(error, case)
    yield from found or [Finding(uri.queue, "no job gets as far as its printer, see above", "", UNSEEN)]


def _shakes_hands(printer: PrinterHost, console: Console) -> bool:
    try:
        console.fetch(printer)
    except (errors.IppsError, Misused, Refused):
        return False
    return True


def _check_answer(uri: QueueURI, findings: Findings) -> Iterator[Finding]:
    """Look at what a printer says of itself."""
    for warning in findings.judgement.warnings:
        fix = f"ipps443ctl verify {shlex.quote(uri.text)}"
        yield Finding(uri.queue, warning, fix, WARNING)
    capabilities = findings.capabilities
    if capabilities is None:
        return
    if not capabilities.accepts_jobs:
        trouble = "the printer takes no jobs now, so they wait (printer-is-accepting-jobs is false) [P03]"
        first = "let it take jobs, at its panel or on its web page; it may be full, in its menu, or switched to offline"
        yield Finding(uri.queue, trouble, "", ERROR, first)
    message = printable(" ".join(texts(capabilities.attributes, "printer-state-message", Tag.PRINTER_ATTRIBUTES)))
    for reason in texts(capabilities.attributes, "printer-state-reasons", Tag.PRINTER_ATTRIBUTES):
        yield from _check_reason(uri.queue, printable(reason), message)


def _check_reason(name: str, reason: str, message: str) -> Iterator[Finding]:
    if reason in HEALTHY or not reason:
        return
    end = next((end for end in SEVERITIES if reason.endswith(end)), "")
    bare = reason.removesuffix(end)
    # A word without a known meaning and without a severity says nothing that could be acted on.
    level = SEVERITIES.get(end, WARNING if bare in REASON_WORDS else NOTE)
    if bare.endswith("-low"):
        level = NOTE
    said = f"{reason}: {message}" if message else reason
    first = f"look at the printer: {ACTIONS.get(bare, 'its panel says more')}; then it goes on by itself"
    yield Finding(name, f"the printer says: {REASON_WORDS.get(bare, bare)} ({said})", "", level, first)


def check_language(installation: Installation) -> Iterable[Finding]:
    """The printers list the language that the descriptions of their queues write."""
    uris, looked = installation.uris(), False
    for name, answer in installation.answers().items():
        if answer.findings is None or answer.findings.capabilities is None:
            continue
        looked = True
        yield from _check_language(uris[name], answer.findings, installation)
    if not looked:
        raise NotLookedAt("no printer could be asked, see above")


def _check_language(uri: QueueURI, findings: Findings, installation: Installation) -> Iterator[Finding]:
    name = uri.queue
    text = read_description(description_of_queue(installation.server_root, name))
    yield from _check_refused(uri, text, findings, installation)
    description = parse_description(name, text)
    taken = languages_of(findings.formats, findings.text("printer-device-id"))
    if not description.languages or not taken or description.languages <= set(taken):
        return
    written = ", ".join(sorted(description.languages))
    trouble = f"its description writes {written}, and the printer lists {', '.join(taken)}: it may print rubbish"
    then = "files that are sent with -o raw stay as they are: print them without it"
    yield Finding(name, trouble, description_advice(taken, shlex.quote(name), uri.text), then=then)


def _check_refused(uri: QueueURI, text: str, findings: Findings, installation: Installation) -> Iterator[Finding]:
    """Name formats of a description that jobs have found the printer to list and to refuse."""
    console, settings = installation.console, uri.printer.uri
    facts = learned.recall(cache_folder(console.environ), settings.host, settings.port, console.clock().timestamp())
    attributes = findings.capabilities.attributes if findings.capabilities else None
    firmware = (
        " ".join(texts(attributes, "printer-firmware-string-version", Tag.PRINTER_ATTRIBUTES)) if attributes else ""
    )
    refused = sorted(facts.formats_refused(firmware) & types_written(text))
    if refused:
        fix = f"ipps443ctl refresh {shlex.quote(uri.queue)}"
        fix += "" if is_made_from_printer(text) else " --model printer"
        trouble = f"the printer refuses {', '.join(refused)}, which it lists and the description makes"
        yield Finding(uri.queue, trouble, fix)


def check_changes(installation: Installation) -> Iterable[Finding]:
    """The printers are what they were when the descriptions of their queues were made from them."""
    answers = installation.answers()
    if not any(answer.findings for answer in answers.values()):
        raise NotLookedAt("no printer could be asked, see above")
    for name, uri in installation.uris().items():
        before = state_of_printer(read_description(description_of_queue(installation.server_root, name)))
        if before and answers[name].findings is not None:
            yield from _check_changes(uri, before, installation)


def _check_changes(uri: QueueURI, before: dict[str, str], installation: Installation) -> Iterator[Finding]:
    host, console = uri.printer, installation.console
    settings = replace(host.uri, timeouts=TIMEOUTS)
    printer = make_printer(settings, PinCheck(settings, environ_of_job(host, console), lambda _judgement: None))
    try:
        now = state_of(PrinterAttributes(ask_all(printer)))
    except (Refused, errors.IppsError) as error:
        yield Finding(uri.queue, str(error), "", UNSEEN)
        return
    finally:
        printer.disconnect()
    changed = [part for part in {**before, **now} if before.get(part) != now.get(part)]
    if changed:
        what = " and ".join(filter(None, (", ".join(changed[:-1]), changed[-1])))
        trouble = f"the printer's {what} changed since its description was made"
        yield Finding(uri.queue, trouble, f"ipps443ctl refresh {shlex.quote(uri.queue)}", NOTE)
