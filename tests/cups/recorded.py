"""Recorded printers that can be printed on: the scripted printer, with the words of a real one."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

from backend.ipp.decoder import decode_message
from backend.ipp.message import Collection
from backend.ipp.tags import Tag
from tests.cups.server import CupsServer
from tests.printer import Faults, Printer

DATA = Path(__file__).resolve().parents[1] / "data" / "printers"
RECORDED = sorted(path.stem for path in DATA.glob("*.bin"))
LAUNCHER = Path(__file__).resolve().parents[2] / "backend" / "ipps443ctl"

#: What the scripted printer says for itself: how it is reached, and what it is doing.
_ITS_OWN = (
    "charset-",
    "compression-supported",
    "ipp-versions-supported",
    "job-ids-supported",
    "multiple-",
    "operations-supported",
    "printer-is-accepting-jobs",
    "printer-state",
    "printer-strings-uri",
    "printer-up-time",
    "printer-uri-supported",
    "queued-job-count",
    "uri-",
    "which-jobs-supported",
)


def words_of(name: str) -> dict[str, Any]:
    """Return what a recorded printer says of itself."""
    message = decode_message((DATA / f"{name}.bin").read_bytes()).message
    group = message.groups_of(Tag.PRINTER_ATTRIBUTES)[0]
    return {each.name: each for each in group.attributes if not each.name.startswith(_ITS_OWN)}


def make_printer(name: str, **more: Any) -> Printer:
    """Return a printer that says what a recorded one says, and takes whatever comes."""
    return Printer(faults=Faults(format="unlisted-ok"), attributes={**words_of(name), **more})


def plain(value: Any) -> Any:
    """Return a value of IPP with each collection in it as a dictionary."""
    return {each.name: plain(each.value) for each in value.attributes} if isinstance(value, Collection) else value


def environ_of_control(cups: CupsServer) -> dict[str, str]:
    """Return the environment in which ipps443ctl belongs to this cupsd."""
    return {
        "CUPS_SERVERROOT": str(cups.etc),
        "CUPS_SERVER": cups.socket,
        "CUPS_CACHEDIR": str(cups.root / "cache"),
        "CUPS_DATADIR": str(cups.root / "data"),
        "CUPS_SERVERBIN": str(cups.root / "bin"),
        "PATH": os.environ["PATH"],
    }


def control(cups: CupsServer, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run ipps443ctl against this cupsd."""
    environ = environ_of_control(cups)
    return subprocess.run([str(LAUNCHER), *arguments], env=environ, capture_output=True, text=True, timeout=60)


def queue_name(name: str) -> str:
    """Return a name for the queue of a recorded printer."""
    return f"made-{name.lower()}"


def add(cups: CupsServer, name: str, printer: Printer, *more: str) -> str:
    """Make a queue as an administrator does, and return its name."""
    done = control(cups, "add", queue_name(name), printer.uri(pin=True), *more)
    assert done.returncode == 0, done.stderr
    return queue_name(name)
