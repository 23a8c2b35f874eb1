"""Queues that a printer's certificate had stopped: found through cupsd and enabled again, after the pin is right.

Only queues that are stopped, carry one of our state words, and point at this very host and port. The state words
stay until the next trusted connection removes them. cupsd that does not run is no error: then nothing is stopped now.
"""

from __future__ import annotations

import os
import shlex
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from backend.control.console import Console
from backend.control.host import Misused, PrinterHost, Refused, is_ours, parse_printer_host
from backend.control.packages import how_to_install
from backend.cupsd.printer_state import SUFFIXES
from backend.ipp.codes import PrinterState
from backend.trust.pin_store import RUN_WITH_SUDO

#: What cupsd says of a queue without a description, which accepts everything and converts nothing.
RAW_MODEL = "Local Raw Printer"

#: What cupsd says to someone who may not do that: RFC 8011 section 13.1.4, and HTTP where pycups gives nothing else.
NOT_ALLOWED = ("client-error-forbidden", "client-error-not-authenticated", "client-error-not-authorized", "401", "403")

STATE_WORDS = ("cups-pki-unknown", "cups-pki-changed", "cups-pki-expired", "cups-certificate-error")

_NO_PYCUPS = "pycups is missing, so no stopped queue was started; see lpstat -p and cupsenable, and run: {}"


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
        return Release(notes=(_NO_PYCUPS.format(how_to_install("python3-cups")),))
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
        raise Refused(f"pycups is missing; run: {how_to_install('python3-cups')}") from None
    except RuntimeError as error:
        raise Refused(f"cupsd does not answer ({reason_of(error)}); start it, then run this again") from None


def own_queues(connection: Any) -> dict[str, dict[str, Any]]:
    """Return the queues that print through this backend, by name; errors of pycups are the caller's."""
    return {name: queue for name, queue in connection.getPrinters().items() if is_ours(queue.get("device-uri"))}


def own_queue(name: str, connection: Any) -> dict[str, Any]:
    """Return the attributes of one of our queues.

    Raises:
        Misused: there is none of this name, or it prints otherwise.
        Refused: cupsd does not say.
    """
    try:
        queue: dict[str, Any] | None = connection.getPrinters().get(name)
    except Exception as error:  # noqa: B902 - pycups has errors of its own, which cannot be named without importing it
        raise Refused(f"cupsd does not say what queues there are ({reason_of(error)})") from None
    if queue is None:
        raise Misused(f"cupsd knows no queue {name}")
    if not is_ours(queue.get("device-uri")):
        raise Misused(f"queue {name} does not print through ipps443")
    return queue


def printer_of(name: str, queue: dict[str, Any]) -> PrinterHost:
    """Return the printer of one of our queues, from its attributes; raise Refused if its device URI is damaged."""
    try:
        return parse_printer_host(str(queue.get("device-uri", "")))
    except Misused as error:
        raise Refused(f"queue {name}: {error}") from None


def queue_of(job: dict[str, Any]) -> str:
    """Return the name of a job's queue, from the job's attributes."""
    return str(job.get("job-printer-uri") or "").rpartition("/")[2]


def give_description(name: str, text: str, connection: Any, **words: str) -> None:
    """Give a queue a description, and make it if it is not there.

    Args:
        words: what else of the queue is set, as pycups calls it; what is not said stays.
    """
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", suffix=".ppd") as file:
        file.write(text)
        file.flush()
        connection.addPrinter(name, filename=file.name, **words)


def _enable(connection: Any, name: str) -> str | None:
    """Enable a queue and return None, or why that failed."""
    try:
        connection.enablePrinter(name)
    except Exception as error:  # noqa: B902
        return f"queue {name} could not be enabled ({reason_of(error)}); run: cupsenable {shlex.quote(name)}"
    return None


def _stopped_by(queue: dict[str, Any]) -> PrinterHost | None:
    """Return the printer whose certificate stopped this queue, or None."""
    if not is_stopped(queue) or not _carries_state_word(queue.get("printer-state-reasons") or ()):
        return None
    uri = queue.get("device-uri")
    try:
        return parse_printer_host(str(uri)) if is_ours(uri) else None
    except Misused:
        return None


def is_stopped(queue: dict[str, Any]) -> bool:
    """Tell whether a queue is stopped, from its attributes."""
    return bool(queue.get("printer-state") == PrinterState.STOPPED)


def _carries_state_word(reasons: str | Iterable[str]) -> bool:
    return any(carries(reasons, word) for word in STATE_WORDS)


def carries(reasons: str | Iterable[str], known: str) -> bool:
    """Tell whether a word stands in printer-state-reasons, with a severity behind it or without."""
    words = [reasons] if isinstance(reasons, str) else reasons
    return any(word in (known, *(known + end for end in SUFFIXES)) for word in words)


def reason_of(error: Exception) -> str:
    """Return the text of an error of pycups, which carries a number before it, and the way out for who is not root."""
    reason = str(error.args[-1]) if error.args else type(error).__name__
    needs_root = os.geteuid() != 0 and reason in NOT_ALLOWED
    return f"{reason}; {RUN_WITH_SUDO}" if needs_root else reason
