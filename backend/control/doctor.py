"""ipps443ctl doctor: finds what is wrong with an installation, and says the command that fixes it."""

from __future__ import annotations

import os
from argparse import Namespace
from collections.abc import Callable, Iterable
from dataclasses import asdict

from backend.control import describe
from backend.control.checks import clients, files, jobs, pins, printers, programs, queues
from backend.control.checks.finding import ERROR, NOTE, UNSEEN, WARNING, Finding, Installation, NotLookedAt
from backend.control.console import Console
from backend.control.examination import ask_once
from backend.control.host import Refused
from backend.control.progress import Progress
from backend.trust.pin_store import RUN_WITH_SUDO

#: All checks in the order in which one needs the other, with what each looks at.
CHECKS: tuple[tuple[str, Callable[[Installation], Iterable[Finding]]], ...] = (
    ("packages", programs.check_packages),
    ("backend", programs.check_backend),
    ("filters", programs.check_filters),
    ("descriptions", files.check_descriptions),
    ("MIME rules", files.check_mime),
    ("cache", files.check_cache),
    ("audit log", files.check_audit),
    ("traces", files.check_traces),
    ("secret", files.check_secret),
    ("room", jobs.check_room),
    ("pin file", pins.check_pins),
    ("settings", files.check_settings),
    ("device list", files.check_device_list),
    ("certificates", pins.check_certificates),
    ("cupsd", queues.check_cupsd),
    ("tables", files.check_tables),
    ("client certificates", clients.check_clients),
    ("printer", printers.check_printer),
    ("queues", queues.check_queues),
    ("queue descriptions", queues.check_queue_descriptions),
    ("language", printers.check_language),
    ("changes", printers.check_changes),
    ("jobs", jobs.check_jobs),
)

#: Exit codes: nothing is wrong; something is; there are only warnings.
WELL, WRONG, WARNED = 0, 1, 4
#: How findings are marked.
WORDS = {ERROR: "WRONG", WARNING: "warn ", NOTE: "note "}
MARGIN = describe.MARGIN + 8


def doctor(arguments: Namespace, console: Console) -> int:
    """Go through all checks; the exit code says how bad the worst finding is."""
    if os.geteuid() != 0:
        raise Refused(f"only root can look at all of it; {RUN_WITH_SUDO}")
    installation = Installation(console, arguments.queue, ask=ask_once)
    values: list[dict[str, object]] = []
    unseen: list[dict[str, object]] = []
    with Progress(console) as progress:
        for name, check in CHECKS:
            progress.what = f"looking at {name}"
            findings = _look(check, installation)
            _say(name, findings, console)
            for finding in findings:
                value: dict[str, object] = {"check": name, **asdict(finding)}
                (unseen if finding.level == UNSEEN else values).append(value)
    levels = {str(value["level"]) for value in values}
    status = WRONG if ERROR in levels else WARNED if WARNING in levels else WELL
    console.say(_last_line(status, bool(unseen)))
    not_looked_at = [{"check": value["check"], "why": value["trouble"]} for value in unseen]
    console.say_json({"healthy": status == WELL, "findings": values, "not_looked_at": not_looked_at})
    return status


def _look(check: Callable[[Installation], Iterable[Finding]], installation: Installation) -> list[Finding]:
    try:
        return list(dict.fromkeys(check(installation)))
    except NotLookedAt as error:
        return [Finding("", str(error), "", UNSEEN)]


def _last_line(status: int, unseen: bool) -> str:
    if status == WRONG:
        return "Fix what is marked WRONG from the top down; the commands are for root."
    if status == WARNED:
        return "No errors; look at what is marked warn."
    return "Nothing is wrong with what was looked at." if unseen else "Nothing is wrong."


def _say(name: str, findings: list[Finding], console: Console) -> None:
    if not findings:
        console.say(f"{name:{MARGIN}}ok")
    for finding in findings:
        subject = f"{finding.subject}: " * bool(finding.subject)
        if finding.level == UNSEEN:
            console.say(f"{name:{MARGIN}}not looked at: {subject}{finding.trouble}")
            continue
        console.say(f"{name:{MARGIN}}{WORDS[finding.level]}  {subject}{finding.trouble}")
        if finding.first:
            console.say(f"{'':{MARGIN}}{'first:' if finding.fix else 'do:   '} {finding.first}")
        if finding.fix:
            console.say(f"{'':{MARGIN}}fix:   {finding.fix}")
        if finding.then:
            console.say(f"{'':{MARGIN}}then:  {finding.then}")
        if finding.other:
            console.say(f"{'':{MARGIN}}or:    {finding.other}")
