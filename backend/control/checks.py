"""What can be wrong with an installation, one function each, and the command that mends it (spec 2: names and places).

Rules of this module:

- a check looks and changes nothing; without a queue by name none of them goes to the network;
- who may do what is read from owners and modes, because everything here is run by root and used by lp.
"""

from __future__ import annotations

import grp
import importlib.util
import os
import pwd
import shutil
import stat
import subprocess
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from backend import errors
from backend.cache_file import cache_folder
from backend.control.console import Console
from backend.control.descriptions import (
    ask_cups_config,
    conversion_programs,
    data_folder,
    installed_descriptions,
    read_description,
)
from backend.control.host import Misused, PrinterHost, parse_printer_host
from backend.control.queues import STATE_WORDS, STOPPED, carries, reason_of
from backend.control.viewing import environ_of_job
from backend.trust import pin_store
from backend.trust.certificate import CertificateFacts
from backend.trust.certificate_file import NoCertificate, load_certificates
from backend.trust.pins import Pin, PinFile

#: As whom cupsd runs backends and filters (cups-files.conf(5), "User").
USER = "lp"
AUDIT_LOG = "/var/log/ipps443/audit.log"
INSTALL = "./install.sh"
IN_THE_SOURCES = "(in a copy of the sources)"
MEND_ALL = f"{INSTALL}  {IN_THE_SOURCES}"

#: Python packages by import name, and the Debian package that brings each.
PACKAGES = (
    ("h11", "python3-h11"),
    ("cryptography", "python3-cryptography"),
    ("cups", "python3-cups"),
    ("fontTools", "python3-fonttools"),
    ("pypdf", "python3-pypdf"),
    ("reportlab", "python3-reportlab"),
)
#: Programs that a filter of ours starts.
PROGRAMS = {"pdftopcl": ("gs", "ghostscript")}
OWN_FILTERS = ("texttopcl", "pdftopcl", "scstopcl")
#: Those that every installation has, whatever its descriptions name.
ALWAYS_THERE = ("texttopcl", "pdftopcl")

#: How long before its end a certificate is worth a word.
SOON = timedelta(days=30)

#: What cupsd says of a queue without a description.
RAW_MODEL = "Local Raw Printer"

#: The bit of printer-type that says that a queue does not accept jobs (CUPS_PRINTER_REJECTING of cups/cups.h).
REJECTING = 0x80000

READ, WRITE, SEARCH = 4, 2, 1


@dataclass(frozen=True)
class Finding:
    """Something that is wrong, or with ``level`` "note" only worth knowing, and the command that mends it."""

    subject: str
    trouble: str
    mend: str
    level: str = "error"


@dataclass
class Patient:
    """The installation that is looked at."""

    console: Console
    #: The queue that was asked for; None means all.
    queue: str | None = None

    @property
    def server_folder(self) -> str:
        """Return <serverbin>."""
        return self.console.environ.get("CUPS_SERVERBIN") or ask_cups_config("--serverbin", "/usr/lib/cups")

    @property
    def server_root(self) -> str:
        """Return the folder of CUPS's configuration."""
        return os.path.dirname(os.path.dirname(self.console.pins_path))

    def pins(self) -> PinFile | None:
        """Return the pins, None if they cannot be read, which a check of its own says."""
        try:
            return pin_store.read_pins(self.console.pins_path)
        except errors.PinFileUnreadable:
            return None

    def queues(self) -> dict[str, dict[str, Any]]:
        """Return our queues as cupsd knows them; none if it does not answer, which a check of its own says."""
        try:
            queues = self.console.cups().getPrinters()
        except Exception:  # noqa: B902 - pycups has errors of its own, which cannot be named without importing it
            return {}
        return {name: queue for name, queue in queues.items() if _is_ours(queue) and self.queue in (None, name)}


def _is_ours(queue: dict[str, Any]) -> bool:
    return str(queue.get("device-uri", "")).lower().startswith("ipps443://")


# --- who may do what --------------------------------------------------------------------------------------


def may(path: str, wanted: int) -> bool:
    """Tell whether the user of the backend may do something with a file, by its owner and mode."""
    status = os.stat(path)
    user = pwd.getpwnam(USER)
    groups = {user.pw_gid, *(group.gr_gid for group in grp.getgrall() if USER in group.gr_mem)}
    if status.st_uid == user.pw_uid:
        bits = status.st_mode >> 6
    elif status.st_gid in groups:
        bits = status.st_mode >> 3
    else:
        bits = status.st_mode
    return bits & wanted == wanted


def closed_folder(path: str) -> str | None:
    """Return the first folder on the way to a file into which the user of the backend cannot go."""
    folder = "/"
    for part in os.path.dirname(os.path.abspath(path)).split("/")[1:]:
        folder = os.path.join(folder, part)
        if os.path.isdir(folder) and not may(folder, SEARCH):
            return folder
    return None


def _blocked(path: str) -> Iterator[Finding]:
    folder = closed_folder(path)
    if folder is not None:
        yield Finding(path, f"{USER} cannot go into the folder {folder}", f"chmod a+x {folder}")


# --- programs and packages --------------------------------------------------------------------------------


def check_packages(patient: Patient) -> Iterable[Finding]:
    """Python packages and programs are there."""
    for module, package in PACKAGES:
        if importlib.util.find_spec(module) is None:
            yield Finding(module, "this Python package is missing", f"apt-get install {package}")
    used = {name for found in installed_descriptions(patient.console.environ) for name in found.filters}
    for name, (program, package) in PROGRAMS.items():
        if name in used and shutil.which(program) is None:
            yield Finding(program, f"this program is missing, which {name} needs", f"apt-get install {package}")


def check_backend(patient: Patient) -> Iterable[Finding]:
    """The backend is where cupsd looks for it, will be run, as lp, and runs."""
    path = os.path.join(patient.server_folder, "backend", "ipps443")
    found = list(_check_program(path, MEND_ALL))
    yield from found
    if not found:
        yield from _try_backend(path, patient)


def check_filters(patient: Patient) -> Iterable[Finding]:
    """Our filters and those that the installed descriptions name are there, and will be run."""
    named = {name for found in installed_descriptions(patient.console.environ) for name in found.filters}
    for name in sorted(named.union(ALWAYS_THERE)):
        yield from _check_filter(name, patient)


def _check_filter(name: str, patient: Patient) -> Iterable[Finding]:
    path = name if name.startswith("/") else os.path.join(patient.server_folder, "filter", name)
    yield from _check_program(path, MEND_ALL if name in OWN_FILTERS else "apt-get install cups cups-filters")


def _check_program(path: str, mend: str) -> Iterator[Finding]:
    """Check what cupsd checks before it runs a program, and that it runs it as lp and not as root."""
    if not os.path.isfile(path):
        yield Finding(path, "it is missing", mend)
        return
    status = os.stat(path)
    repair = f"chown root:root {path} && chmod 0755 {path}"
    if status.st_uid != 0:
        yield Finding(path, "it does not belong to root", repair)
    if status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        yield Finding(path, "others may write it, so cupsd does not run it", repair)
    if status.st_mode & 0o555 != 0o555:
        yield Finding(path, f"{USER} cannot run it; cupsd would run it as root, or not at all", repair)
    yield from _blocked(path)


def _try_backend(path: str, patient: Patient) -> Iterator[Finding]:
    """Let it list its devices, as the user of the backend."""
    environ = {"CUPS_SERVERROOT": patient.server_root, "PATH": "/usr/bin:/bin"}
    try:
        done = subprocess.run(
            [path], env=environ, user=USER, group=USER, extra_groups=[], capture_output=True, text=True, timeout=20
        )
    except (OSError, subprocess.SubprocessError) as error:
        yield Finding(path, f"it does not run ({error})", MEND_ALL)
        return
    if not done.stdout.startswith("network ipps443 "):
        last = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
        yield Finding(path, f"it does not list its devices ({last})", MEND_ALL)


# --- files ------------------------------------------------------------------------------------------------


def check_descriptions(patient: Patient) -> Iterable[Finding]:
    """The printer descriptions are there."""
    folder = os.path.join(data_folder(patient.console.environ), "model", "ipps443")
    found = installed_descriptions(patient.console.environ)
    if not found:
        yield Finding(folder, "no printer description is there", MEND_ALL)
    for description in found:
        if not description.languages:
            yield Finding(os.path.join(folder, os.path.basename(description.name)), "it is damaged", MEND_ALL)


def check_mime(patient: Patient) -> Iterable[Finding]:
    """The MIME rules are there, and cupsd can read them."""
    path = os.path.join(data_folder(patient.console.environ), "mime", "ipps443.types")
    mend = f"{INSTALL} && systemctl restart cups  {IN_THE_SOURCES}"
    if not os.path.isfile(path):
        yield Finding(path, "the MIME rules are missing, so some PCL would be printed as text", mend)
    elif "application/vnd.cups-raw" not in read_description(path):
        yield Finding(path, "the MIME rules are damaged, so some PCL would be printed as text", mend)
    elif not may(path, READ):
        yield Finding(path, "only root can read it", f"chmod 0644 {path} && systemctl restart cups")


def check_cache(patient: Patient) -> Iterable[Finding]:
    """What jobs learn can be written by lp."""
    folder = cache_folder(patient.console.environ)
    # As lp itself, who may write around it: what root gives away there could be a link to something else.
    mend = f"rm -rf {folder} && setpriv --reuid {USER} --regid {USER} --clear-groups mkdir -m 0750 {folder}"
    if not os.path.isdir(folder):
        yield Finding(folder, "the folder for what jobs learn is missing", mend)
        return
    if not may(folder, READ | WRITE | SEARCH):
        yield Finding(folder, f"{USER} cannot write into it, so nothing is learned", mend)
    yield from _blocked(os.path.join(folder, "-"))


def check_audit(patient: Patient) -> Iterable[Finding]:
    """The audit log can be written by lp."""
    mend = f"install -d -m 0755 {os.path.dirname(AUDIT_LOG)} && "
    if not os.path.isfile(AUDIT_LOG):
        yield Finding(
            AUDIT_LOG, "the audit log is missing", f"{mend}install -o lp -g adm -m 0640 /dev/null {AUDIT_LOG}"
        )
        return
    if not may(AUDIT_LOG, WRITE):
        yield Finding(AUDIT_LOG, f"{USER} cannot write it", f"chown lp:adm {AUDIT_LOG} && chmod 0640 {AUDIT_LOG}")
    yield from _blocked(AUDIT_LOG)


# --- pins -------------------------------------------------------------------------------------------------


def check_pins(patient: Patient) -> Iterable[Finding]:
    """The pin file can be read by lp, written by nobody but root, and understood."""
    path = patient.console.pins_path
    folder = os.path.dirname(path)
    repair = f"chown root:root {folder} && chmod 0755 {folder} && chown root:{USER} {path} && chmod 0640 {path}"
    if not os.path.lexists(path):
        yield Finding(path, "the pin file is missing, so every job stops", f"ipps443ctl pin HOST  or  {MEND_ALL}")
        return
    try:
        pin_store.read_pins(path)
    except errors.PinFileUnreadable as error:
        mend = f"correct line {error.line} of {path}, or remove it" if error.line else repair
        yield Finding(path, error.reason, mend)
        return
    if not may(path, READ):
        yield Finding(path, f"{USER} cannot read it, so every job stops", repair)
    yield from _blocked(path)


def check_certificates(patient: Patient) -> Iterable[Finding]:
    """The pinned certificates and CAs are there, and stay in their dates for 30 days."""
    file = patient.pins()
    pins = file.pins if file else ()
    for key in dict.fromkeys(pin.key for pin in pins):
        yield from _check_dates([pin for pin in pins if pin.key == key], patient)


def _check_dates(pins: list[Pin], patient: Patient) -> Iterator[Finding]:
    """Check the pins of one printer; it is well as long as one of its certificates is."""
    ends: list[datetime] = []
    for pin in pins:
        if pin.ca:
            yield from _check_authority(pin, patient)
        ends += [end for end in _ends(pin, patient) if end]
    if ends and max(ends) < patient.console.clock() + SOON:
        past = max(ends) < patient.console.clock()
        name = pins[0].key.removesuffix(":443")
        mend = f"renew it at the printer, then: ipps443ctl pin {name}"
        if pins[0].ca:
            mend = f"ipps443ctl import --ca FILE {name} --replace"
        yield Finding(pins[0].key, f"its certificate {'ended' if past else 'ends'} on {max(ends):%Y-%m-%d}", mend)


def _check_authority(pin: Pin, patient: Patient) -> Iterator[Finding]:
    path = os.path.join(os.path.dirname(patient.console.pins_path), pin.ca or "")
    name = pin.key.removesuffix(":443")
    try:
        load_certificates(pin_store.read_trusted_file(path))
        if not may(path, READ):
            yield Finding(path, f"{USER} cannot read this CA", f"chown root:{USER} {path} && chmod 0640 {path}")
    except (errors.PinFileUnreadable, NoCertificate) as error:
        reason = error.reason if isinstance(error, errors.PinFileUnreadable) else str(error)
        yield Finding(path, f"the CA of {pin.key}: {reason}", f"ipps443ctl import --ca FILE {name} --replace")


def _ends(pin: Pin, patient: Patient) -> list[datetime | None]:
    """Return the last days of the certificates on file for a pin; a pin without a copy says nothing."""
    name = pin.ca or (pin.cert_sha256 and f"certificates/{pin.cert_sha256.hex()}.pem")
    if not name:
        return []
    path = os.path.join(os.path.dirname(patient.console.pins_path), name)
    try:
        found = load_certificates(pin_store.read_trusted_file(path))
    except (errors.PinFileUnreadable, NoCertificate):
        return []
    return [CertificateFacts(der).outline.not_after for der in found]


# --- cupsd and queues -------------------------------------------------------------------------------------


def check_cupsd(patient: Patient) -> Iterable[Finding]:
    """cupsd answers, and knows the queue that was asked for."""
    try:
        queues = patient.console.cups().getPrinters()
    except ImportError:
        yield Finding("cupsd", "python3-cups is missing, so it cannot be asked", "apt-get install python3-cups")
        return
    except Exception as error:  # noqa: B902
        yield Finding("cupsd", f"it does not answer ({reason_of(error)})", "systemctl start cups")
        return
    name = patient.queue
    if name is not None and name not in queues:
        yield Finding(name, "cupsd knows no such queue", f"ipps443ctl add {name} ipps443://HOST")
    elif name is not None and not _is_ours(queues[name]):
        uri = queues[name].get("device-uri", "")
        yield Finding(name, f"it prints to {uri}, not through ipps443", f"lpadmin -p {name} -v ipps443://HOST")


def check_queues(patient: Patient) -> Iterable[Finding]:
    """The queues run, accept jobs, and their printers are pinned."""
    for name, queue in sorted(patient.queues().items()):
        try:
            printer = parse_printer_host(str(queue["device-uri"]))
        except Misused as error:
            yield Finding(name, str(error), f"lpadmin -p {name} -v ipps443://HOST")
            continue
        yield from _check_state(name, queue, printer)
        yield from _check_pinned(name, printer, patient)


def _check_state(name: str, queue: dict[str, Any], printer: PrinterHost) -> Iterator[Finding]:
    if queue.get("printer-state") == STOPPED:
        pin = f"ipps443ctl pin {printer.name}"
        mends = dict(
            zip(STATE_WORDS, (pin, f"{pin} --replace", f"{pin} --replace", f"ipps443ctl verify {printer.name}"))
        )
        words = [word for word in STATE_WORDS if carries(queue.get("printer-state-reasons") or (), word)]
        why = str(queue.get("printer-state-message") or "no reason given")
        yield Finding(name, f"it is stopped: {why}", mends[words[0]] if words else f"cupsenable {name}")
    if int(queue.get("printer-type") or 0) & REJECTING:
        yield Finding(name, "it does not accept jobs", f"cupsaccept {name}")


def _check_pinned(name: str, printer: PrinterHost, patient: Patient) -> Iterator[Finding]:
    file = patient.pins()
    if file is None or printer.uri.pins or printer.uri.trust == "system":
        return
    if not file.for_printer(printer.host, printer.port):
        yield Finding(name, f"no pin is on file for {printer.key}", f"ipps443ctl pin {printer.name}")


def check_queue_descriptions(patient: Patient) -> Iterable[Finding]:
    """The queues have descriptions, whose filters are there."""
    for name, queue in sorted(patient.queues().items()):
        path = os.path.join(patient.server_root, "ppd", f"{name}.ppd")
        mend = f"lpadmin -p {name} -m ipps443/...  (lpinfo -m lists them)"
        if os.path.isfile(path):
            programs = conversion_programs(read_description(path))
            if not programs and "cupsFilter" not in read_description(path):
                yield Finding(name, f"its description {path} is damaged", mend)
            for program in sorted(programs):
                yield from _check_filter(program, patient)
        elif queue.get("printer-make-and-model") == RAW_MODEL:
            yield Finding(name, "it has no description, so jobs reach the printer unchanged", mend, "note")
        else:
            yield Finding(name, f"its description {path} is missing", mend)


def check_printer(patient: Patient) -> Iterable[Finding]:
    """The printer of the queue that was asked for can be reached and proven."""
    queue = patient.queues().get(patient.queue or "")
    if queue is None:
        return
    try:
        printer = parse_printer_host(str(queue["device-uri"]))
        judgement = patient.console.prove(printer, environ_of_job(printer, patient.console))
    except Misused:
        return  # said by another check
    except errors.TrustError as error:
        yield Finding(str(patient.queue), str(error), f"ipps443ctl pin {printer.name} --replace  after a comparison")
    except errors.IppsError as error:
        yield Finding(str(patient.queue), str(error), f"ipps443ctl probe {printer.name}")
    else:
        for warning in judgement.warnings:
            yield Finding(str(patient.queue), warning, f"ipps443ctl verify {printer.name}", "note")


#: All checks in the order in which one needs the other, with what each looks at.
CHECKS: tuple[tuple[str, Callable[[Patient], Iterable[Finding]]], ...] = (
    ("packages", check_packages),
    ("backend", check_backend),
    ("filters", check_filters),
    ("descriptions", check_descriptions),
    ("MIME rules", check_mime),
    ("cache", check_cache),
    ("audit log", check_audit),
    ("pin file", check_pins),
    ("certificates", check_certificates),
    ("cupsd", check_cupsd),
    ("queues", check_queues),
    ("queue descriptions", check_queue_descriptions),
    ("printer", check_printer),
)
