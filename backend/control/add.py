"""ipps443ctl add: pin, probe and lpadmin in one.

The queue is made through pycups and not by the lpadmin program, because a device URI may hold a password, and whatever
stands in an argument list everybody on the machine can read.
"""

from __future__ import annotations

from argparse import Namespace
from dataclasses import dataclass, replace
from typing import Any

from backend import errors
from backend.control.console import Console
from backend.control.descriptions import installed_descriptions
from backend.control.host import Misused, PrinterHost, Refused, parse_printer_host
from backend.control.pinning import pin_printer, wanted_fingerprint
from backend.control.probe import Findings, device_uri_text, examine, find_tls, findings_value
from backend.control.queues import connect_to_cupsd, reason_of
from backend.control.viewing import environ_of_job
from backend.trust import pin_store
from backend.trust.certificate import CertificateFacts
from backend.trust.fingerprint import as_hex
from backend.trust.judgement import Judgement
from backend.trust.pins import PinFile

#: lpadmin(8): a name is printable, and has no space, slash or number sign; cupsd takes up to 127 bytes.
FORBIDDEN = " \t/\\?'\"#"
LONGEST_NAME = 127


@dataclass(frozen=True)
class Queue:
    """A queue that is to be made."""

    name: str
    uri: str
    description: str
    info: str
    location: str


def add(arguments: Namespace, console: Console) -> int:
    """Make a queue for a printer that is pinned already, or that the administrator pins now."""
    name = _checked_name(arguments.queue)
    printer = parse_printer_host(arguments.uri)
    cups = connect_to_cupsd(console)
    _check_free(name, printer, cups)
    printer, option, peer = find_tls(printer, console)
    pinned = _pin_if_unknown(printer, arguments, console)
    findings = examine(printer, option, console)
    description = arguments.model or _choose(findings, arguments, console)
    queue = Queue(
        name,
        device_uri_text(arguments.uri, findings, password=True),
        description,
        arguments.label or findings.text("printer-info") or findings.text("printer-make-and-model"),
        findings.text("printer-location"),
    )
    _note_in_pins(findings, console)
    _make(queue, cups)
    shown = device_uri_text(arguments.uri, findings, password=False)
    console.say(f"Queue {name} prints to {shown} with {description}.")
    console.say(f"Print with: lp -d {name} FILE   or a page about itself: ipps443ctl testpage {name}")
    console.say_json(
        {
            "queue": name,
            "device_uri": shown,
            "description": description,
            "pinned": pinned.get("pinned"),
            "printer": findings_value(findings, shown, None, console) | {"description": description},
        }
    )
    return 0


def _checked_name(name: str) -> str:
    if not name or not name.isprintable() or any(c in FORBIDDEN for c in name) or name.startswith("-"):
        raise Misused(f"{name!r} is no name for a queue: no spaces, quotes, / \\ ? #")
    if len(name.encode("utf-8")) > LONGEST_NAME:
        raise Misused(f"the name of a queue has at most {LONGEST_NAME} bytes")
    return name


def _check_free(name: str, printer: PrinterHost, cups: Any) -> None:
    """Refuse to turn a queue that prints somewhere else; one for the same printer is set up anew."""
    known = cups.getPrinters().get(name)
    if known is None:
        return
    uri = str(known.get("device-uri", ""))
    try:
        same = uri.lower().startswith("ipps443://") and parse_printer_host(uri).key == printer.key
    except Misused:
        same = False
    if not same:
        raise Refused(f"queue {name} exists and prints to {uri}; take another name, or remove it: lpadmin -x {name}")


# --- trust ------------------------------------------------------------------------------------------------


def _pin_if_unknown(printer: PrinterHost, arguments: Namespace, console: Console) -> dict[str, Any]:
    """Pin a printer that nobody has pinned; one with another certificate than the pinned one is refused."""
    try:
        judgement = console.prove(printer, environ_of_job(printer, console))
    except errors.PrinterUnknown:
        if printer.uri.pins:
            raise
        return pin_printer(printer, arguments, console)
    except errors.CertificateChanged:
        if printer.uri.pins or not arguments.replace:
            raise
        return pin_printer(printer, arguments, console)
    except errors.PinFileUnreadable:
        if pin_store.read_pins_if_any(console.pins_path).pins:
            raise
        return pin_printer(printer, arguments, console)
    _check_fingerprint(judgement, arguments)
    console.say(f"Trusted: {printer.key} presents {judgement.fingerprint}.")
    return {}


def _check_fingerprint(judgement: Judgement, arguments: Namespace) -> None:
    wanted = wanted_fingerprint(arguments.fingerprint)
    facts = CertificateFacts(judgement.der)
    if wanted is not None and wanted not in (facts.cert_sha256, facts.spki_sha256):
        raise Refused(f"the certificate's fingerprint is not {as_hex(wanted)}; no queue was made")


def _note_in_pins(findings: Findings, console: Console) -> None:
    """Write model and path beside the printer's pins, so that the device list shows them."""
    printer = findings.printer
    model = " ".join(findings.text("printer-make-and-model").split()) or None

    def edit(file: PinFile) -> PinFile:
        """Change the words of the printer's pins, never what they trust."""
        for known in file.for_printer(printer.host, printer.port):
            words = replace(known, path=printer.path or known.path, model=model or known.model)
            if words != known:
                others = [pin for pin in file.for_printer(printer.host, printer.port) if pin != known]
                file = file.with_pin(words).without(printer.host, printer.port, keep=[*others, words])
        return file

    if pin_store.read_pins_if_any(console.pins_path).for_printer(printer.host, printer.port):
        pin_store.update_pins(console.pins_path, edit)


# --- the queue --------------------------------------------------------------------------------------------


def _choose(findings: Findings, arguments: Namespace, console: Console) -> str:
    description = findings.choose(console.environ)
    if description is not None:
        return description.name
    known = " ".join(found.name for found in installed_descriptions(console.environ)) or "none; run install.sh"
    if findings.profile is None:
        why = "it wants a user name and password before it says what it is (write them into the URI)"
    else:
        why = f"no description fits what it takes ({', '.join(findings.formats) or 'it does not say'})"
    raise Refused(f"{findings.printer.key}: {why}; choose one with --model. Installed: {known}")


def _make(queue: Queue, cups: Any) -> None:
    try:
        cups.addPrinter(
            queue.name, ppdname=queue.description, info=queue.info, location=queue.location, device=queue.uri
        )
        cups.acceptJobs(queue.name)
        cups.enablePrinter(queue.name)
    except Exception as error:  # noqa: B902 - pycups has errors of its own, which cannot be named without importing it
        raise Refused(f"cupsd does not make the queue {queue.name}: {reason_of(error)}") from None
