"""The pin file, and the certificates that are pinned."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from backend import errors
from backend.control.checks.access import READ, USER, blocked, damaged_line, distrusted, may, repair_file
from backend.control.checks.finding import (
    COMPARE_FIRST,
    ERROR,
    REINSTALL,
    WARNING,
    Finding,
    Installation,
    NotLookedAt,
)
from backend.control.host import Misused
from backend.control.pinned_certificates import certificates_on_file, end_on_file
from backend.trust import pin_store
from backend.trust.certificate import CertificateFacts
from backend.trust.certificate_file import NoCertificate
from backend.trust.pin_file import Pin

#: What has to be done when others could have written pins.
LOOK_AT_PINS = (
    "others could have put pins of their own there: before queues are enabled, compare what ipps443ctl list shows with"
    " a backup, or with what the printers themselves show"
)
#: How long before its end a certificate is worth a word.
SOON = timedelta(days=30)


def check_pins(installation: Installation) -> Iterable[Finding]:
    """The pin file can be read by lp, written by nobody but root, and understood."""
    path = installation.console.pins_path
    if not os.path.lexists(path):
        yield _missing(path, installation)
        return
    try:
        pin_store.read_pins(path)
    except errors.PinFileUnreadable as error:
        if error.line:
            yield damaged_line(path, error.line, error.reason)
        else:
            yield distrusted(path, error.reason, ", so every job stops [T05]", LOOK_AT_PINS)
        return
    if not may(path, READ):
        yield Finding(path, f"{USER} cannot read it, so every job stops", repair_file(path))
    yield from blocked(path)


def check_certificates(installation: Installation) -> Iterable[Finding]:
    """The pinned certificates and CAs are there, and stay in their dates for 30 days."""
    file = installation.pins()
    if file is None:
        raise NotLookedAt("the pin file cannot be read")
    pins = file.pins
    for key in dict.fromkeys(pin.key for pin in pins):
        yield from _check_dates([pin for pin in pins if pin.key == key], installation)


def _missing(path: str, installation: Installation) -> Finding:
    """Return the finding for a missing pin file; it comes back with the first pin."""
    trouble = "the pin file is missing, and with it the pins of all printers, so every job stops [T05]"
    queues: dict[str, list[str]] = {}
    with contextlib.suppress(NotLookedAt):
        for name, uri in installation.uris().items():
            with contextlib.suppress(Misused):
                if not uri.printer.uri.pins and uri.printer.uri.trust != "system":
                    queues.setdefault(uri.printer.name, []).append(name)
    first = f"if there is a backup, restore it from that, of root:{USER} with mode 0640"
    if not queues:
        return Finding(path, trouble, REINSTALL, first=first)
    printer, *others = queues
    installation.enabled.update(queues[printer])  # pinning starts them again
    then = f"the same for {', '.join(others)}" if others else ""
    return Finding(path, trouble, f"ipps443ctl pin {printer}", first=f"{first}; else {COMPARE_FIRST}", then=then)


def _check_dates(pins: list[Pin], installation: Installation) -> Iterator[Finding]:
    """Check the pins of one printer; it is well as long as one of its certificates is."""
    ends: list[tuple[datetime, bool]] = []
    for pin in pins:
        if pin.ca:
            yield from _check_authority(pin, installation)
        ends += [(end, pin.acknowledged is not None) for end in _ends(pin, installation) if end]
    if not ends:
        return
    last, is_acknowledged = max(ends)
    if last < installation.console.clock() + SOON and not is_acknowledged:
        past = last < installation.console.clock()
        name = pins[0].key.removesuffix(":443")
        fix, first = f"ipps443ctl pin {name} --replace", f"make a new one at the printer; {COMPARE_FIRST}"
        if pins[0].ca:
            fix, first = f"ipps443ctl import --ca FILE {name} --replace", "get the new one from who runs the CA"
        trouble = f"its certificate {'ended' if past else 'ends'} on {last:%Y-%m-%d}"
        yield Finding(pins[0].key, trouble, fix, ERROR if past and pins[0].ca else WARNING, first)


def _check_authority(pin: Pin, installation: Installation) -> Iterator[Finding]:
    path = os.path.join(installation.console.folder, pin.ca or "")
    name = pin.key.removesuffix(":443")
    try:
        certificates_on_file(pin, installation.console.folder)
        if not may(path, READ):
            yield Finding(path, f"{USER} cannot read this CA", f"chown root:{USER} {path} && chmod 0640 {path}")
    except (errors.PinFileUnreadable, NoCertificate) as error:
        reason = error.reason if isinstance(error, errors.PinFileUnreadable) else str(error)
        if isinstance(error, errors.PinFileUnreadable) and os.path.lexists(path):
            yield distrusted(path, f"the CA of {pin.key}: {reason}")
            return
        first = "get the CA's certificate from who runs it"
        fix = f"ipps443ctl import --ca FILE {name} --replace"
        yield Finding(path, f"the CA of {pin.key}: {reason}", fix, first=first)


def _ends(pin: Pin, installation: Installation) -> list[datetime | None]:
    """Return the last days of the certificates on file for a pin; for one without a copy, what its line says."""
    found: tuple[bytes, ...] = ()
    with contextlib.suppress(errors.PinFileUnreadable, NoCertificate):
        found = certificates_on_file(pin, installation.console.folder)
    return [CertificateFacts(der).outline.not_after for der in found] or [end_on_file(pin)]
