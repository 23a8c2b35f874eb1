"""ipps443ctl doctor: finds what is wrong with an installation, and says the command that mends it."""

from __future__ import annotations

import os
from argparse import Namespace
from dataclasses import asdict

from backend.control import describe
from backend.control.checks import CHECKS, Finding, Patient
from backend.control.console import Console
from backend.control.host import Refused


def doctor(arguments: Namespace, console: Console) -> int:
    """Go through all checks; exit code 1 if one of them finds an error."""
    if os.geteuid() != 0:
        raise Refused("only root can look at all of it; run the command with sudo")
    patient = Patient(console, arguments.queue)
    values: list[dict[str, object]] = []
    healthy = True
    for name, check in CHECKS:
        if name == "printer" and patient.queue is None:
            continue
        findings = list(dict.fromkeys(check(patient)))
        healthy = healthy and all(finding.level != "error" for finding in findings)
        _say(name, findings, console)
        values += [{"check": name, **asdict(finding)} for finding in findings]
    console.say("Nothing is wrong." if healthy else "Mend what is marked WRONG from the top down.")
    console.say_json({"healthy": healthy, "findings": values})
    return 0 if healthy else 1


def _say(name: str, findings: list[Finding], console: Console) -> None:
    if not findings:
        console.say(f"{name:{describe.MARGIN + 8}}ok")
    for finding in findings:
        word = "WRONG" if finding.level == "error" else "note"
        console.say(f"{name:{describe.MARGIN + 8}}{word}  {finding.subject}: {finding.trouble}")
        console.say(f"{'':{describe.MARGIN + 8}}mend:  {finding.mend}")
