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
from backend.trust.pins import Judgement, Pin, PinFile, judge, to_error, uri_pins


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
    pins = _pins_of_queue(printer, console)
    peer = console.fetch(printer)
    judgement = judge(
        pins,
        printer.host,
        printer.port,
        peer.der,
        now=console.clock(),
        expired=printer.expired,
        trust=printer.trust,
        legacy=printer.tls == "legacy",
    )
    facts = CertificateFacts(peer.der)
    console.say_json(
        {
            "host": printer.address,
            "port": printer.port,
            "trusted": judgement.trusted,
            "verdict": judgement.verdict.value,
            "tls_version": peer.tls_version,
            "cipher": peer.cipher,
            "warnings": list(judgement.warnings),
            "certificate": describe.certificate_value(facts, printer.host, console.clock()),
        }
    )
    if not judgement.trusted:
        raise to_error(judgement, device_uri=printer.uri if printer.own_pins else None)
    _say_trusted(judgement, printer, console)
    return 0


def _pins_of_queue(printer: PrinterHost, console: Console) -> PinFile | tuple[Pin, ...]:
    """Return the pins that count: those in the device URI, if it has any, else the pin file."""
    if printer.own_pins:
        return uri_pins(printer.host, printer.port, printer.own_pins)
    return pin_store.read_pins(console.pins_path)


def _say_trusted(judgement: Judgement, printer: PrinterHost, console: Console) -> None:
    label = f' "{judgement.pin.label}"' if judgement.pin and judgement.pin.label else ""
    console.say(f"Trusted: {printer.key}{label} presents {judgement.fingerprint}, which is on file.")
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
