"""ipps443ctl show, verify, forget: what leaves the pin file alone."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterable

from backend import errors
from backend.control import describe
from backend.control.console import Console
from backend.control.failure import FAILURES
from backend.control.fleet import read_entries
from backend.control.host import Misused, PrinterHost, Refused, parse_printer_host
from backend.control.monitoring import environ_of_job, nagios_failure, pinned_printers, verify_all
from backend.control.pinned_certificates import certificates_on_file
from backend.control.waiting import Waiting
from backend.trust import pin_store
from backend.trust.certificate import CertificateFacts
from backend.trust.certificate_file import NoCertificate
from backend.trust.judgement import Judgement
from backend.trust.pin_file import Pin


def show(arguments: Namespace, console: Console) -> int:
    """Show what is on file for a printer: its pins, and the certificates as they were when they were pinned."""
    printer = parse_printer_host(arguments.host)
    pins = pin_store.read_pins_if_any(console.pins_path).for_printer(printer.host, printer.port)
    if not pins:
        raise Refused(f"no pin is on file for {printer.key}; run: ipps443ctl pin {printer.name}")
    values: list[dict[str, object]] = []
    for pin in pins:
        stored = _stored_certificates(pin, console)
        _show_pin(pin, stored, printer, console)
        certificates = [describe.certificate_value(facts, printer.host, console.clock()) for facts in stored]
        values.append({**describe.pin_value(pin), "certificates": certificates})
    console.say_json({"pins": values})
    return 0


def _show_pin(pin: Pin, stored: Iterable[CertificateFacts], printer: PrinterHost, console: Console) -> None:
    for line in describe.pin_lines([pin]):
        console.say(line)
    for facts in stored:
        console.say("  as it was when it was pinned:")
        for line in describe.certificate_lines(facts)[:6]:
            console.say("  " + line)
        if not pin.ca:
            for line in describe.unusual_lines(facts, printer.host, console.clock()):
                console.say("    " + line)


def _stored_certificates(pin: Pin, console: Console) -> list[CertificateFacts]:
    """Return the certificates on file for a pin; a CA's that cannot be read is complained about."""
    try:
        certificates = certificates_on_file(pin, console.folder)
    except (errors.PinFileUnreadable, NoCertificate) as error:
        if pin.ca:
            console.complain(f"CA file {pin.ca}: {error}")
        return []
    return [CertificateFacts(der) for der in certificates]


def verify(arguments: Namespace, console: Console) -> int:
    """Connect to printers, judge their certificates as a job would, and say so by the exit code."""
    try:
        return _verify(arguments, console)
    except FAILURES as error:
        if arguments.format != "nagios":
            raise
        status, text = nagios_failure(error)
        console.say(text)
        return status


def _verify(arguments: Namespace, console: Console) -> int:
    if arguments.all:
        if arguments.hosts or arguments.from_file is not None:
            raise Misused("either --all, or HOST, or --from FILE")
        printers = pinned_printers(pin_store.read_pins_if_any(console.pins_path), console)
    else:
        printers = [parse_printer_host(entry.uri) for entry in read_entries(arguments, console)]
    if arguments.format and console.json:
        raise Misused("either --format or --json")
    if len(printers) == 1 and arguments.hosts and arguments.format is None and arguments.warn_days is None:
        return _verify_one(printers[0], console)
    return verify_all(printers, console, arguments.jobs, arguments.warn_days, arguments.format, arguments.all)


def _verify_one(printer: PrinterHost, console: Console) -> int:
    value: dict[str, object] = {"host": printer.address, "port": printer.port}
    try:
        judgement = Waiting(console).until(lambda: console.prove(printer, environ_of_job(printer, console)))
    except errors.TrustError as error:
        console.say_json({**value, "trusted": False, "code": error.code, "message": error.detail})
        raise
    facts = CertificateFacts(judgement.der)
    console.say_json(
        {
            **value,
            "trusted": True,
            "warnings": list(judgement.warnings),
            "renewed": judgement.renewed,
            "certificate": describe.certificate_value(facts, printer.host, console.clock()),
        }
    )
    _say_trusted(judgement, printer, console)
    return 0


def _say_trusted(judgement: Judgement, printer: PrinterHost, console: Console) -> None:
    how = "which is on file"
    if judgement.pin is None or judgement.pin.ca:
        how = f"which {judgement.pin.ca if judgement.pin else 'a CA of this system'} vouches for"
    label = f' "{judgement.pin.label}"' if judgement.pin and judgement.pin.label else ""
    console.say(f"Trusted: {printer.key}{label} presents {judgement.fingerprint}, {how}.")
    if judgement.renewed:
        console.say(f"It was renewed with the same key; to bring the pin up to date: ipps443ctl pin {printer.name}")
    for warning in judgement.warnings:
        console.say(warning)


def forget(arguments: Namespace, console: Console) -> int:
    """Forget what jobs have learned about a printer, such as whether it takes chunks; its pins stay."""
    printer = parse_printer_host(arguments.host)
    known = console.forget(printer)
    console.say(f"{'Forgotten' if known else 'Nothing was remembered'}: {printer.key} (its pins stay).")
    console.say_json({"host": printer.address, "port": printer.port, "forgotten": known})
    return 0
