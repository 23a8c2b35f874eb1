"""cupsd, its queues and their descriptions."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from typing import Any
from urllib.parse import urlsplit

from backend import __version__, errors
from backend.control.checks.advice import is_unknown_name
from backend.control.checks.finding import COMPARE_FIRST, ERROR, NOTE, WARNING, Answer, Finding, Installation
from backend.control.checks.programs import OWN_FILTERS, check_filter
from backend.control.checks.jobs import CODE
from backend.control.checks.queue_uri import QueueURI, without_account
from backend.control.cups_folders import description_of_queue
from backend.control.description_text import conversion_programs, read_description, version_of
from backend.control.descriptions import installed_descriptions
from backend.control.host import Misused, is_ours
from backend.control.packages import how_to_install
from backend.control.queues import RAW_MODEL, is_stopped, reason_of
from backend.job.documents import is_single_file

#: The bit of printer-type that says that a queue does not accept jobs (CUPS_PRINTER_REJECTING of cups/cups.h).
REJECTING = 0x80000
#: What has to be done after a new description.
DEFAULTS_ARE_GONE = "set the queue's defaults again (lpadmin -o), which were in the old description"


def check_cupsd(installation: Installation) -> Iterable[Finding]:
    """cupsd answers, and knows the queue that was asked for."""
    try:
        queues = installation.console.cups().getPrinters()
    except ImportError:
        yield Finding("cupsd", "pycups is missing, so it cannot be asked", how_to_install("python3-cups"))
        return
    except Exception as error:  # noqa: B902
        yield Finding("cupsd", f"it does not answer ({reason_of(error)})", "systemctl start cups")
        return
    name = installation.queue
    if name is not None and name not in queues:
        near = get_close_matches(name, [each for each in queues if is_ours(queues[each].get("device-uri"))], 1)
        first, fix = (
            "lpstat -e lists the queues, if it is misspelt; to make it, with the printer's name for HOST",
            f"ipps443ctl add {shlex.quote(name)} ipps443://HOST",
        )
        if near:
            first, fix = (
                f"lpstat -v lists the queues; if {near[0]} is meant",
                f"ipps443ctl doctor {shlex.quote(near[0])}",
            )
        yield Finding(name, "cupsd knows no such queue", fix, first=first)
    elif name is not None and not is_ours(queues[name].get("device-uri")):
        uri = queues[name].get("device-uri", "")
        host = _host_of(uri)
        fix = f"lpadmin -p {shlex.quote(name)} -E -v {shlex.quote(f'ipps443://{host}/ipp/print')}"
        first = (
            f"only if it shall print through ipps443, whose printer is pinned first: ipps443ctl pin {shlex.quote(host)}"
        )
        yield Finding(name, f"it prints to {without_account(uri)}, not through ipps443", fix, first=first)


def _host_of(uri: str) -> str:
    """Return the host of any device URI as ours writes it; HOST if there is none, for anyone may have written it."""
    try:
        host = urlsplit(uri).hostname or "HOST"
    except ValueError:
        return "HOST"
    return f"[{host}]" if ":" in host else host


def check_queues(installation: Installation) -> Iterable[Finding]:
    """The queues run, accept jobs, and their printers are pinned."""
    queues, uris, answers = installation.queues(), installation.uris(), installation.answers()
    for name in uris:
        yield from _check_state(name, queues[name], name in installation.enabled)
        if not isinstance(answers[name].error, errors.TrustError):  # which says it with the fingerprint
            yield from _check_pinned(uris[name], answers[name], installation)


def _check_state(name: str, queue: dict[str, Any], is_enabled: bool) -> Iterator[Finding]:
    """Look at the state of a queue; if a command that is named already enables it, that is only worth a note."""
    enable = f"cupsenable {shlex.quote(name)}"
    if is_stopped(queue):
        why = str(queue.get("printer-state-message") or "no reason given")
        code = CODE.search(why)
        if is_enabled:
            trouble = f"it is stopped{code[0] if code else ''}; the command above starts it again"
            yield Finding(name, trouble, "", NOTE, f"nothing more; if something else has helped: {enable}")
        else:
            first = "once that is put right" if code else "mostly someone has stopped it (cupsdisable): ask why; then"
            yield Finding(name, f"it is stopped: {why}", enable, first=first)
    if int(queue.get("printer-type") or 0) & REJECTING:
        yield Finding(name, "it does not accept jobs", f"cupsaccept {shlex.quote(name)}")


def _check_pinned(uri: QueueURI, answer: Answer, installation: Installation) -> Iterator[Finding]:
    """Say that the next thing will be a missing pin, where the printer cannot be reached to show what to pin."""
    file = installation.pins()
    try:
        printer = uri.printer
    except Misused:
        return  # said by the check of the printer
    if file is None or printer.uri.pins or printer.uri.trust == "system":
        return
    if not file.for_printer(printer.host, printer.port) and not is_unknown_name(answer.error):
        fix = f"ipps443ctl pin {shlex.quote(printer.name)}"
        first = f"reach the printer; then {COMPARE_FIRST}" if answer.error else COMPARE_FIRST
        yield Finding(uri.queue, f"no pin is on file for {printer.key}", fix, NOTE if answer.error else ERROR, first)


def check_queue_descriptions(installation: Installation) -> Iterable[Finding]:
    """The queues have descriptions, whose filters are there."""
    for name, queue in sorted(installation.queues().items()):
        path = description_of_queue(installation.server_root, name)
        fix = _give_description(name, queue, installation)
        if os.path.isfile(path):
            programs = conversion_programs(read_description(path))
            if not programs and "cupsFilter" not in read_description(path):
                again = f"rm {shlex.quote(path)} && {fix}"
                yield Finding(name, f"its description {path} is damaged", again, then=DEFAULTS_ARE_GONE)
                continue
            for program in sorted(programs.difference(OWN_FILTERS)):  # a check of their own looks at ours
                yield from check_filter(program, installation)
            yield from _check_age(name, read_description(path))
        elif queue.get("printer-make-and-model") == RAW_MODEL:
            why = "it has no description: jobs reach the printer unchanged, several documents of one as one"
            yield Finding(name, why, fix, NOTE)
        else:
            yield Finding(name, f"its description {path} is missing", fix, then=DEFAULTS_ARE_GONE)


def _give_description(name: str, queue: dict[str, Any], installation: Installation) -> str:
    """Return the command that gives a queue its description: the one that it had, else the one that its printer needs.

    cupsd tells the NickName of the description, also when the file is gone.
    """
    installed = installed_descriptions(installation.console.environ)
    nickname = str(queue.get("printer-make-and-model") or "")
    found = next((each for each in installed if nickname and each.nickname == nickname), None)
    answer = installation.answers()[name].findings
    if found is None and answer is not None:
        found = answer.choose(installation.console.environ)
    uri = installation.uris()[name]
    if found is not None:
        return f"lpadmin -p {shlex.quote(name)} -m {found.name}"
    return f"ipps443ctl add {shlex.quote(name)} {shlex.quote(uri.text)}"


def _check_age(name: str, text: str) -> Iterator[Finding]:
    """Check that a queue has the description of this version, and that cupsd keeps the documents of a job apart."""
    fix = f"ipps443ctl refresh {shlex.quote(name)}"
    if not is_single_file(text.encode()):
        yield Finding(name, "its description is old: several documents of a job reach the printer as one", fix, WARNING)
    elif version_of(text) != __version__:
        yield Finding(name, f"its description is of version {version_of(text) or 'unknown'}", fix, WARNING)
