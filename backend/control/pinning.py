"""ipps443ctl pin, import, unpin: what changes the pin file."""

from __future__ import annotations

import os
import re
from argparse import Namespace
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from backend.control import describe
from backend.control.console import Console
from backend.control.fleet import for_each
from backend.control.host import Misused, PrinterHost, Refused, parse_printer_host
from backend.control.pinned_certificates import copy_name
from backend.control.queues import release_queues
from backend.control.waiting import Waiting
from backend.device_uri import quoted
from backend.trust import pin_store
from backend.trust.certificate import CertificateFacts, cert_sha256, spki_sha256
from backend.trust.certificate_file import (
    NoCertificate,
    as_pem,
    choose_authorities,
    choose_leaf,
    load_certificates,
)
from backend.trust.fingerprint import as_hex, parse_fingerprint
from backend.trust.pin_file import Pin, PinFile
from filters.common.printable import printable

#: No file that a printer exports comes near this.
LARGEST_CERTIFICATE_FILE = 1 << 20


# --- pin --------------------------------------------------------------------------------------------------


def pin(arguments: Namespace, console: Console) -> int:
    """Fetch each printer's certificate, show it, and pin it when the administrator says so."""
    return for_each(arguments, console, _acknowledge if arguments.acknowledge else _pin_one)


def _pin_one(arguments: Namespace, console: Console) -> int:
    printer = parse_printer_host(arguments.host)
    return _end(pin_printer(printer, arguments, console), printer, console)


def pin_printer(printer: PrinterHost, arguments: Namespace, console: Console) -> dict[str, Any]:
    """Do the same for a printer that was found, and return what happened as a value for programs."""
    wanted = wanted_fingerprint(arguments.fingerprint)
    if wanted is None and not arguments.yes and not console.can_ask:
        raise Misused("no one can be asked here; give --fingerprint sha256:... (better) or --yes")
    old = pin_store.read_pins_if_any(console.pins_path).for_printer(printer.host, printer.port)
    peer = Waiting(console).until(lambda: console.fetch(printer))
    facts = CertificateFacts(peer.der)
    console.say(f"Printer {printer.key} presents ({peer.tls_version}, {peer.cipher}):")
    _show(facts, printer, console)
    new = _new_pin(facts, printer, old, arguments.label, console)
    others = [known for known in old if not _is_covered(known, facts)]
    _show_old(others, arguments.replace, console)
    check_fingerprint(facts, wanted, "nothing was pinned")
    if wanted is None:
        _confirm(others, arguments, console)
    return _store(new, facts, printer, arguments.replace, console)


def wanted_fingerprint(fingerprint: str | None) -> bytes | None:
    try:
        return parse_fingerprint(fingerprint) if fingerprint is not None else None
    except ValueError as error:
        raise Misused(f"--fingerprint: {error}") from None


def _show(facts: CertificateFacts, printer: PrinterHost, console: Console) -> None:
    for line in describe.certificate_lines(facts):
        console.say(line)
    for line in describe.unusual_lines(facts, printer.host, console.clock()):
        console.say(line)


def _show_old(others: list[Pin], replaced: bool, console: Console) -> None:
    if others:
        console.say("To be replaced:" if replaced else "Pinned for this printer already, and staying:")
        for line in describe.pin_lines(others):
            console.say(f"  {line}")


def _new_pin(
    facts: CertificateFacts, printer: PrinterHost, old: Iterable[Pin], label: str | None, console: Console
) -> Pin:
    """Return the pin to write, with the words of the one that it replaces."""
    words = next(iter([p for p in old if _is_covered(p, facts)] + list(old)), Pin(printer.host, printer.port))
    is_same = (words.spki_sha256, words.cert_sha256) == (facts.spki_sha256, facts.cert_sha256)
    end = facts.outline.not_after
    return Pin(
        printer.host,
        printer.port,
        spki_sha256=facts.spki_sha256,
        cert_sha256=facts.cert_sha256,
        label=words.label if label is None else _checked_label(label),
        added=words.added if is_same and words.added else f"{console.clock():%Y-%m-%d}",
        path=printer.path or words.path,
        model=words.model,
        not_after=f"{end:%Y-%m-%d}" if end else None,
        acknowledged=words.acknowledged if is_same else None,
        extra=words.extra,
    )


def _checked_label(label: str) -> str | None:
    if printable(label) != label:
        raise Misused("--label: only one line of printable characters")
    return label or None


def _is_covered(known: Pin, facts: CertificateFacts) -> bool:
    """Say whether the new pin makes a known one needless: it means the same key, or this very certificate."""
    if known.spki_sha256 is None:
        return known.cert_sha256 == facts.cert_sha256
    if known.spki_sha256 == known.cert_sha256 == facts.cert_sha256:
        return True  # pinned by a fingerprint that might have been either
    return known.spki_sha256 == facts.spki_sha256


def check_fingerprint(facts: CertificateFacts, wanted: bytes | None, consequence: str) -> None:
    """Refuse a certificate that has not the fingerprint that was given, whether that is of its key or of itself."""
    if wanted is not None and wanted not in (facts.cert_sha256, facts.spki_sha256):
        raise Refused(f"the certificate's fingerprint is not {as_hex(wanted)}; {consequence}")


def _confirm(others: list[Pin], arguments: Namespace, console: Console) -> None:
    if arguments.yes:
        if others and not arguments.replace:
            raise Refused("other pins are on file for this printer; add --replace, or --fingerprint to keep them too")
        return
    console.say("Compare a fingerprint with what the printer's own page or panel shows.")
    if not console.ask("Replace the old pins by this certificate?" if arguments.replace else "Trust this certificate?"):
        raise Refused("nothing was pinned")


def _store(new: Pin, facts: CertificateFacts, printer: PrinterHost, replaced: bool, console: Console) -> dict[str, Any]:
    """Write certificate and pin, then let the waiting jobs go on."""
    if not console.dry_run:
        pin_store.write_beside(console.pins_path, copy_name(facts.cert_sha256), as_pem(facts.der))
    return _write_pin(new, lambda known: replaced or _is_covered(known, facts), printer, console)


def _write_pin(new: Pin, drops: Callable[[Pin], bool], printer: PrinterHost, console: Console) -> dict[str, Any]:
    """Put the pin into the file, without the printer's pins that it drops; say so, and enable the stopped queues."""
    dropped: list[Pin] = []
    before = ""

    def edit(file: PinFile) -> PinFile:
        """Change the file as it is now."""
        nonlocal before
        before = file.text
        pins = file.for_printer(new.host, new.port)
        dropped[:] = [known for known in pins if drops(known)]
        kept = [known for known in pins if known not in dropped]
        return file.with_pin(new).without(new.host, new.port, keep=[*kept, new])

    file = update_pins(edit, console)
    changed = file.text != before
    if console.dry_run:
        console.say(f"Would be pinned: {printer.key}" if changed else f"Is pinned already: {printer.key}")
        return {"pinned": describe.pin_value(new), "changed": changed, "enabled": [], "notes": []}
    _remove_copies(dropped, file, console)
    return {**_finish(new, len(file.for_printer(new.host, new.port)), printer, console), "changed": changed}


def update_pins(edit: Callable[[PinFile], PinFile], console: Console) -> PinFile:
    """Change the pin file and return its new version; with --dry-run return it, and change nothing."""
    if console.dry_run:
        return edit(pin_store.read_pins_if_any(console.pins_path))
    return pin_store.update_pins(console.pins_path, edit)


def pin_fingerprint(printer: PrinterHost, arguments: Namespace, console: Console) -> bool:
    """Pin a printer that is out of reach by its fingerprint, which may be that of certificate or key; either suffices.

    Raises:
        Refused: it has other pins, which no handshake can tell from the new one.
    """
    wanted = wanted_fingerprint(arguments.fingerprint)
    old = pin_store.read_pins_if_any(console.pins_path).for_printer(printer.host, printer.port)
    if any(wanted in (known.cert_sha256, known.spki_sha256) for known in old):
        return False
    if old and not arguments.replace:
        raise Refused("other pins are on file for this printer, which is out of reach; add --replace")
    new = Pin(
        printer.host,
        printer.port,
        spki_sha256=wanted,
        cert_sha256=wanted,
        label=_checked_label(arguments.label) if arguments.label else None,
        added=f"{console.clock():%Y-%m-%d}",
        path=printer.path,
    )
    return bool(_write_pin(new, lambda known: True, printer, console)["changed"])


def _finish(new: Pin, count: int, printer: PrinterHost, console: Console) -> dict[str, Any]:
    console.say(f"Pinned: {printer.key}" + (f" (one of {count} pins)" if count > 1 else ""))
    release = release_queues(printer, console.cups)
    for name in release.enabled:
        console.say(f"Queue {name} is enabled again; its jobs go on.")
    for note in release.notes:
        console.complain(note)
    return {"pinned": describe.pin_value(new), "enabled": list(release.enabled), "notes": list(release.notes)}


def _end(value: dict[str, Any], printer: PrinterHost, console: Console) -> int:
    """Say what to do next."""
    if not value["enabled"] and not console.in_list and not console.dry_run:
        console.say(f"For a new queue: ipps443ctl add QUEUE {quoted(printer.device_uri)}")
    console.say_json(value)
    return 0


def _remove_copies(dropped: Iterable[Pin], file: PinFile, console: Console) -> None:
    """Remove the copies of certificates that no pin means any more; they are no secret, only litter."""
    wanted = {known.cert_sha256 for known in file.pins}
    for known in dropped:
        if known.cert_sha256 and known.cert_sha256 not in wanted:
            try:
                os.unlink(os.path.join(console.folder, copy_name(known.cert_sha256)))
            except OSError:
                pass


# --- acknowledge ------------------------------------------------------------------------------------------


def _acknowledge(arguments: Namespace, console: Console) -> int:
    """Note in a printer's pins that someone knows of their end; the next certificate begins without that.

    A pin that is staged beside them ends later: those are meant that monitoring names, else the one that ends first.
    """
    from backend.control.monitoring import WARN_DAYS

    printer = parse_printer_host(arguments.host)
    today, soon = (f"{console.clock() + timedelta(days=days):%Y-%m-%d}" for days in (0, WARN_DAYS))
    known_pins = pin_store.read_pins_if_any(console.pins_path).for_printer(printer.host, printer.port)
    if not known_pins:
        raise Refused(f"no pin is on file for {printer.key}")
    before = ""

    def edit(file: PinFile) -> PinFile:
        """Change what has no such word yet."""
        nonlocal before
        before = file.text
        pins = file.for_printer(printer.host, printer.port)
        first = min((_last_day(pin) for pin in pins if pin.not_after), default="")
        for known in pins:
            if known.acknowledged is None and _last_day(known) <= max(first, soon):
                file = file.with_pin(replace(known, acknowledged=today))
        return file

    changed = update_pins(edit, console).text != before
    noted = min((pin.acknowledged or today for pin in known_pins), default=today)
    done = "Would be acknowledged" if console.dry_run and changed else "Acknowledged"
    console.say(f"{done}: the pinned certificate of {printer.key} may be out of its dates.")
    console.say_json({"host": printer.address, "port": printer.port, "acknowledged": noted, "changed": changed})
    return 0


def _last_day(pin: Pin) -> str:
    return (pin.not_after or "")[:10]


# --- import -----------------------------------------------------------------------------------------------


def import_(arguments: Namespace, console: Console) -> int:
    """Pin the certificate in a file, or with --ca let the CA in a file vouch for the printer."""
    printer = parse_printer_host(arguments.host)
    wanted = wanted_fingerprint(arguments.fingerprint)
    try:
        certificates = load_certificates(_read(arguments.file))
        if arguments.ca:
            return _import_authorities(choose_authorities(certificates), wanted, arguments, printer, console)
        facts = CertificateFacts(choose_leaf(certificates, printer.host, console.clock(), wanted))
    except NoCertificate as error:
        raise Refused(f"{arguments.file}: {error}") from None
    old = pin_store.read_pins_if_any(console.pins_path).for_printer(printer.host, printer.port)
    console.say(f"Certificate in {arguments.file} for printer {printer.key}:")
    _show(facts, printer, console)
    _show_old([known for known in old if not _is_covered(known, facts)], arguments.replace, console)
    new = _new_pin(facts, printer, old, arguments.label, console)
    return _end(_store(new, facts, printer, arguments.replace, console), printer, console)


def _read(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            content = file.read(LARGEST_CERTIFICATE_FILE + 1)
    except OSError as error:
        raise Misused(f"{path}: {error.strerror}") from None
    if len(content) > LARGEST_CERTIFICATE_FILE:
        raise Refused(f"{path}: too large for certificates")
    return content


def _import_authorities(
    authorities: tuple[bytes, ...], wanted: bytes | None, arguments: Namespace, printer: PrinterHost, console: Console
) -> int:
    if wanted is not None:
        authorities = tuple(der for der in authorities if wanted in (cert_sha256(der), spki_sha256(der)))
        if not authorities:
            raise Refused(f"{arguments.file}: no CA certificate in it has the fingerprint {as_hex(wanted)}")
    console.say(f"Printer {printer.key} will be trusted under this name with any certificate signed by:")
    for der in authorities:
        _show_authority(CertificateFacts(der), console)
    name = _authority_file(arguments.file, authorities)
    old = pin_store.read_pins_if_any(console.pins_path).for_printer(printer.host, printer.port)
    _show_old([known for known in old if known.ca != name], arguments.replace, console)
    words = next(iter(old), Pin(printer.host, printer.port))
    new = Pin(
        printer.host,
        printer.port,
        ca=name,
        label=words.label if arguments.label is None else _checked_label(arguments.label),
        added=f"{console.clock():%Y-%m-%d}",
        path=printer.path or words.path,
        model=words.model,
    )
    pin_store.write_beside(console.pins_path, name, b"".join(as_pem(der) for der in authorities))
    return _end(_write_pin(new, lambda known: arguments.replace, printer, console), printer, console)


def _show_authority(facts: CertificateFacts, console: Console) -> None:
    for line in describe.certificate_lines(facts):
        console.say(line)
    if not facts.in_its_dates(console.clock()):
        console.say("Unusual:")
        console.say("  - it is out of its dates, so nothing it signed will be trusted")


def _authority_file(path: str, authorities: tuple[bytes, ...]) -> str:
    """Return a name that says where the CA came from, and that another CA never has."""
    stem = re.sub(r"[^A-Za-z0-9_-]+", "-", os.path.splitext(os.path.basename(path))[0]).strip("-_")[:40]
    return f"{stem or 'ca'}-{cert_sha256(b''.join(authorities)).hex()[:12]}.pem"


# --- unpin ------------------------------------------------------------------------------------------------


def unpin(arguments: Namespace, console: Console) -> int:
    """Remove the pins of printers, or one of them. Their queues stop at their next job."""
    return for_each(arguments, console, _unpin_one)


def _unpin_one(arguments: Namespace, console: Console) -> int:
    printer = parse_printer_host(arguments.host)
    wanted = wanted_fingerprint(arguments.fingerprint)
    removed: list[Pin] = []

    def edit(file: PinFile) -> PinFile:
        """Take out what the command means, from the file as it is now."""
        pins = file.for_printer(printer.host, printer.port)
        removed[:] = [p for p in pins if wanted is None or wanted in (p.cert_sha256, p.spki_sha256)]
        return file.without(printer.host, printer.port, keep=[p for p in pins if p not in removed])

    if not os.path.lexists(console.pins_path) and not console.in_list:
        raise Refused(f"no pin is on file for {printer.key}")
    file = update_pins(edit, console)
    if not removed and not console.in_list:
        raise Refused(f"no such pin is on file for {printer.key}")
    if not console.dry_run:
        _remove_copies(removed, file, console)
    console.say("Would be removed:" if console.dry_run else "Removed:")
    for line in describe.pin_lines(removed):
        console.say(f"  {line}")
    left = len(file.for_printer(printer.host, printer.port))
    console.say(f"{left or 'No'} pin{'' if left == 1 else 's'} left for {printer.key}.")
    values = [describe.pin_value(pin) for pin in removed]
    console.say_json({"removed": values, "left": left, "changed": bool(removed)})
    return 0
