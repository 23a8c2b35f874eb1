"""Queues that a printer's certificate had stopped: found through cupsd and enabled again, after the pin is right.

Only queues that are stopped, carry one of our state words, and point at this very host and port. The state words
stay until the next trusted connection removes them. cupsd that does not run is no error: then nothing is stopped now.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from backend.control.console import Console
from backend.control.host import Misused, PrinterHost, Refused, parse_printer_host

#: printer-state of a stopped queue, RFC 8011 section 5.4.11.
STOPPED = 5

STATE_WORDS = ("cups-pki-unknown", "cups-pki-changed", "cups-pki-expired", "cups-certificate-error")

#: Severities that cupsd adds to a reason, RFC 8011 section 5.4.12.
_SEVERITIES = ("-error", "-warning", "-report")


@dataclass(frozen=True)
class Release:
    """What became of the queues of a printer."""

    enabled: tuple[str, ...] = ()
    #: Sentences for the administrator.
    notes: tuple[str, ...] = ()


def release_queues(printer: PrinterHost, connect: Callable[[], Any]) -> Release:
    """Enable the queues that this printer had stopped."""
    try:
        connection = connect()
        queues = connection.getPrinters()
    except ImportError:
        return Release(notes=("python3-cups is missing, so queues were not looked at; see lpstat -p and cupsenable",))
    except Exception as error:  # noqa: B902 - pycups has errors of its own, which cannot be named without importing it
        return Release(notes=(f"cupsd was not asked about stopped queues ({reason_of(error)})",))
    enabled, notes = [], []
    for name in sorted(queues):
        target = _stopped_by(queues[name])
        if target is None or target.key != printer.key:
            continue
        if target.uri.pins:
            notes.append(f"queue {name} has a pin in its device URI, which counts alone: change it with lpadmin -v")
            continue
        note = _enable(connection, name)
        notes += [note] if note else []
        enabled += [] if note else [name]
    return Release(tuple(enabled), tuple(notes))


def connect_to_cupsd(console: Console) -> Any:
    """Return the connection to cupsd for a command that is of no use without it."""
    try:
        return console.cups()
    except ImportError:
        raise Refused("python3-cups is missing; run: apt-get install python3-cups") from None
    except RuntimeError as error:
        raise Refused(f"cupsd does not answer ({reason_of(error)}); start it, then run this again") from None


def _enable(connection: Any, name: str) -> str | None:
    """Enable a queue and return None, or why that failed."""
    try:
        connection.enablePrinter(name)
    except Exception as error:  # noqa: B902
        return f"queue {name} could not be enabled ({reason_of(error)}); run: cupsenable {name}"
    return None


def _stopped_by(queue: dict[str, Any]) -> PrinterHost | None:
    """Return the printer whose certificate stopped this queue, or None."""
    if queue.get("printer-state") != STOPPED or not _carries_state_word(queue.get("printer-state-reasons") or ()):
        return None
    try:
        uri = str(queue.get("device-uri", ""))
        return parse_printer_host(uri) if uri.lower().startswith("ipps443://") else None
    except Misused:
        return None


def _carries_state_word(reasons: str | Iterable[str]) -> bool:
    return any(carries(reasons, word) for word in STATE_WORDS)


def carries(reasons: str | Iterable[str], known: str) -> bool:
    """Tell whether a word stands in printer-state-reasons, with a severity behind it or without."""
    words = [reasons] if isinstance(reasons, str) else reasons
    return any(word in (known, *(known + end for end in _SEVERITIES)) for word in words)


def reason_of(error: Exception) -> str:
    """Return the text of an error of pycups, which carries a number before it."""
    return str(error.args[-1]) if error.args else type(error).__name__
