"""ipps443ctl find: printers that announce themselves by DNS-SD, and what the pins say of each."""

from __future__ import annotations

import shlex
from argparse import Namespace

from backend.control import device_list
from backend.control.console import Console
from backend.control.describe import as_rfc3339
from backend.control.failure import DONE, REFUSED
from backend.control.found import Found, State, as_host
from backend.control.host import Misused
from backend.control.search import SECONDS, Search, look_around, may_be_added
from backend.device_uri import quoted
from backend.trust.certificate import CertificateFacts, cert_sha256, spki_sha256
from backend.trust.fingerprint import as_hex

#: What may be said as --timeout.
MOST_SECONDS = 600


def find(arguments: Namespace, console: Console) -> int:
    """List the printers that announce themselves, or let the device list of CUPS do so."""
    if arguments.in_device_list is not None:
        return device_list.switch(arguments.in_device_list == "on", console)
    if arguments.fill_device_list:
        return device_list.fill(console)
    search = look_around(seconds_of(arguments.timeout), console)
    for row, queue, uri in zip(search.found, search.queues, search.uris):
        console.say("  ".join(columns(row, queue, uri)))
    _say_end(search, console)
    values = [_value(row, queue, uri) for row, queue, uri in zip(search.found, search.queues, search.uris)]
    console.say_json({"printers": values, "left_out": search.left_out})
    has_changed = any(row.state in (State.CHANGED, State.REFUSED) for row in search.found)
    return REFUSED if has_changed or not search.found else DONE


def seconds_of(text: str | None) -> float:
    """Return what --timeout says; raise Misused."""
    try:
        seconds = float(SECONDS if text is None else text)
    except ValueError:
        seconds = 0
    if not 1 <= seconds <= MOST_SECONDS:
        raise Misused(f"--timeout: seconds, 1 to {MOST_SECONDS}")
    return seconds


# --- saying it --------------------------------------------------------------------------------------------


def columns(row: Found, queue: str, uri: str, *, with_command: bool = True) -> list[str]:
    """Return what there is to say of a printer: verdict, name, model, place, key, end, and what to do."""
    words = [f"{row.state.value:10}", row.printer.name or "(no name)", row.printer.model or "(model unknown)"]
    words.append(_place(row))
    if row.pinned_as and row.state is State.PINNED and row.pinned_as != _place(row):
        words.append(f"as {row.pinned_as}")
    if row.der:
        words.append(as_hex(cert_sha256(row.der)))
        end = CertificateFacts(row.der).outline.not_after
        words.append(f"ends {end:%Y-%m-%d}" if end else "without an end")
    if row.text:
        words.append(row.text)
    if with_command and may_be_added(row):
        words.append(add_command(queue, uri))
    return words


def add_command(queue: str, uri: str) -> str:
    """Return the command that makes a queue, and asks before it pins."""
    return f"ipps443ctl add {shlex.quote(queue)} {quoted(uri)}"


def _place(row: Found) -> str:
    return f"{as_host(row.address)}:{row.port}"


def _say_end(search: Search, console: Console) -> None:
    if not search.found:
        console.say("No printer announces itself here. Those of other networks do not; try: ipps443ctl probe HOST")
    console.output.flush()
    if search.left_out:
        console.note(f"{search.left_out} more announcements were left out")
    states = {row.state for row in search.found}
    if states & {State.CHANGED, State.REFUSED}:
        console.note("CHANGED may be a printer with a new certificate, or an impostor: ask whoever keeps the printer")
    if State.NOT_PINNED in states:
        console.note("Found is not trusted: compare the fingerprint with the printer's own page when add asks")


def _value(row: Found, queue: str, uri: str) -> dict[str, object]:
    value: dict[str, object] = {
        "name": row.printer.name,
        "model": row.printer.model or None,
        "location": row.printer.location or None,
        "host": row.printer.host or None,
        "address": row.address,
        "port": row.port,
        "state": row.state.value,
        "trusted": row.state is State.PINNED,
        "pinned_as": row.pinned_as or None,
        "text": row.text or None,
        "cert_sha256": None,
        "spki_sha256": None,
        "not_after": None,
        "device_uri": uri,
        "command": add_command(queue, uri) if may_be_added(row) else None,
    }
    if row.der:
        key = spki_sha256(row.der)
        value["cert_sha256"] = cert_sha256(row.der).hex()
        value["spki_sha256"] = key.hex() if key else None
        value["not_after"] = as_rfc3339(CertificateFacts(row.der).outline.not_after)
    return value
