"""ipps443ctl list, show, verify, forget: what leaves the pin file alone."""

from __future__ import annotations

import os
from argparse import Namespace
from collections.abc import Iterable

from backend import errors
from backend.control import describe
from backend.control.console import Console
from backend.control.host import PrinterHost, Refused, parse_printer_host
from backend.trust import pin_store
from backend.trust.certificate import CertificateFacts, cert_sha256
from backend.trust.certificate_file import NoCertificate, load_certificates
from backend.trust.pins import Judgement, Pin


def list_(arguments: Namespace, console: Console) -> int:
    """List all pins."""
    pins = pin_store.read_pins_if_any(console.pins_path).pins
    for line in describe.pin_lines(pins):
        console.say(line)
    if not pins:
        console.say("No printer is pinned. Begin with: ipps443ctl pin HOST")
    console.say_json([describe.pin_value(pin) for pin in pins])
    return 0


def show(arguments: Namespace, console: Console) -> int:
    """Show what is on file for a printer: its pins, and the certificates as they were when they were pinned."""
    printer = parse_printer_host(arguments.host)
    pins = pin_store.read_pins_if_any(console.pins_path).for_printer(printer.host, printer.port)
    if not pins:
        raise Refused(f"no pin is on file for {printer.key}; run: ipps443ctl pin {printer.name}")
    values: list[dict[str, object]] = []
    for pin in pins:
        stored = list(_stored_certificates(pin, console))
        _show_pin(pin, stored, printer, console)
        certificates = [describe.certificate_value(facts, printer.host, console.clock()) for facts in stored]
        values.append({**describe.pin_value(pin), "certificates": certificates})
    console.say_json(values)
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


def _stored_certificates(pin: Pin, console: Console) -> Iterable[CertificateFacts]:
    """Return the CA's certificates, or the copy of the pinned one if there is one with the right hash."""
    name = pin.ca or (pin.cert_sha256 and f"certificates/{pin.cert_sha256.hex()}.pem")
    if not name:
        return
    try:
        content = pin_store.read_trusted_file(os.path.join(os.path.dirname(console.pins_path), name))
        certificates = load_certificates(content)
    except (errors.PinFileUnreadable, NoCertificate) as error:
        if pin.ca:
            console.complain(f"CA file {pin.ca}: {error}")
        return
    for der in certificates:
        if pin.ca or cert_sha256(der) == pin.cert_sha256:
            yield CertificateFacts(der)


def verify(arguments: Namespace, console: Console) -> int:
    """Connect to a printer, judge its certificate as a job would, and say so by the exit code."""
    printer = parse_printer_host(arguments.host)
    value: dict[str, object] = {"host": printer.address, "port": printer.port}
    try:
        judgement = console.prove(printer, environ_of_job(printer, console))
    except errors.TrustError as error:
        console.say_json({**value, "trusted": False, "code": error.code, "message": error.text})
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


def environ_of_job(printer: PrinterHost, console: Console) -> dict[str, str]:
    """Return what cupsd would tell the backend about the queue."""
    root = os.path.dirname(os.path.dirname(console.pins_path))
    return {**console.environ, "CUPS_SERVERROOT": root, "DEVICE_URI": printer.text or printer.device_uri}


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
