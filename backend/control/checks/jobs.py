"""Jobs of our queues that are held or wait, and room for what comes."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterable, Iterator
from typing import Any

from backend.control.checks.finding import ERROR, NOTE, WARNING, Finding, Installation, NotLookedAt
from backend.control.queues import queue_of, reason_of
from backend.errors import ANEW
from backend.cupsd.cache_file import cache_folder
from backend.ipp.codes import JobState
from filters.common.printable import printable

ATTRIBUTES = ["job-id", "job-printer-uri", "job-state", "job-state-reasons", "job-printer-state-message"]
#: More held jobs than this of one queue say nothing new.
MOST_JOBS = 10
#: The code at the end of a message of ours.
CODE = re.compile(r" \[([A-Z]\d\d)\]$")
#: What has to be done before a job with this code is released; the others need what the message says.
IN_DOUBT = ("P09", "P14", "D05", "D07")

#: What has to be done before the others are released.
FIRST = {
    "N02": "look at the printer",
    "C09": "make the audit log writable, see above",
    "P08": "look at the printer for the reason; if it is given up again, see ipps443ctl explain P08",
    "P12": "take spool=no out of the device URI, or make room for copies",
    "P13": "look at the printer and the network",
    "P21": "look at the printer, which fails at this job",
    "P22": "have the account opened, or its quota raised, where the printer's accounts are kept",
    "P23": "allow this user at the printer",
    "P24": "print it again with a PIN that the printer takes, and cancel this one; or change the printer",
    "P25": "look at the printer",
    "P26": "run the command of the message",
    "P28": "print it again with a PIN (lp -o job-password=...), and cancel this one",
}

#: Bytes below which jobs come to a stop, and below which that is near.
NO_ROOM, LITTLE_ROOM = 16 << 20, 200 << 20


def check_jobs(installation: Installation) -> Iterable[Finding]:
    """No job of our queues is held by its trouble."""
    queues = installation.queues()
    try:
        jobs = installation.console.cups().getJobs(which_jobs="not-completed", requested_attributes=ATTRIBUTES)
    except Exception as error:  # noqa: B902 - pycups has errors of its own, which cannot be named without importing it
        raise NotLookedAt(f"cupsd does not tell its jobs ({reason_of(error)})") from None
    for name in sorted(queues):
        held = {number: job for number, job in sorted(jobs.items()) if queue_of(job) == name}
        yield from _check_jobs_of(name, held)


def _check_jobs_of(name: str, jobs: dict[int, dict[str, Any]]) -> Iterator[Finding]:
    found = [finding for number, job in jobs.items() for finding in _check_job(name, number, job)]
    yield from found[:MOST_JOBS]
    if len(found) > MOST_JOBS:
        more = f"{len(found) - MOST_JOBS} more jobs are held or wait"
        yield Finding(name, more, f"lpstat -l -o {shlex.quote(name)}", WARNING)


def _check_job(name: str, number: int, job: dict[str, Any]) -> Iterator[Finding]:
    """Look at one job; what its user holds says nothing."""
    message = printable(str(job.get("job-printer-state-message") or ""))
    held, message_or = f"the job is held: {message}", message or "CUPS could not start one of its programs"
    reasons = job.get("job-state-reasons") or ()
    code = CODE.search(message)
    subject = f"{name}-{number}"
    job_id = shlex.quote(subject)
    release = f"lp -i {job_id} -H resume"
    if job.get("job-state") == JobState.PENDING_HELD:
        if "cups-held-for-authentication" in reasons:
            trouble, in_web = f"the job is held for a password: {message}", "in the web interface, which asks for them"
            if "of the device URI" in message:
                first = "once the device URI is put right, see above"
                yield Finding(subject, trouble, release, WARNING, first, f"give others {in_web}")
            else:
                yield Finding(subject, trouble, "", WARNING, f"give user name and password {in_web}")
        elif "resources-are-not-ready" in reasons:
            first = "once the backend is put right, see above"
            yield Finding(subject, "the job is held: cupsd cannot run the backend", release, WARNING, first)
        elif code and code[1] in IN_DOUBT:
            first = "look what came out of the printer; if it is not complete (what came out prints again)"
            yield Finding(subject, held, release, WARNING, first, other=f"if all of it is on paper: cancel {job_id}")
        elif message.endswith(f"{ANEW} [P21]"):
            first = f"{message.rpartition('Held; ')[2].rpartition(ANEW)[0]}; then"
            yield Finding(subject, held, f"cancel {job_id}", WARNING, first)
        elif code:
            first = f"{FIRST.get(code[1], 'put right what the message says')}; then"
            yield Finding(subject, held, release, WARNING, first, f"if it is not wanted any more: cancel {job_id}")
    elif job.get("job-state") == JobState.PROCESSING_STOPPED:
        first = "once what stands above is put right"
        is_of_filter = code is not None and code[1].startswith("F")
        other = f"if the document is damaged: cancel {job_id}, and print it anew" if is_of_filter else ""
        yield Finding(subject, f"the job is stopped: {message_or}", f"lp -i {job_id} -H restart", WARNING, first, other)
    elif code:
        waits = f"the job waits{code[0]}; it prints by itself once that is put right"
        yield Finding(subject, waits, "", NOTE, f"nothing; if it is not wanted any more: cancel {job_id}")


def check_room(installation: Installation) -> Iterable[Finding]:
    """There is room for the jobs in the spool, for their copies, and for what is remembered of them."""
    spool = os.path.join(installation.request_root, "tmp")
    devices: set[int] = set()
    for folder, what in (
        (installation.request_root, "CUPS keeps its jobs"),
        (spool, "copies of jobs are kept"),
        (cache_folder(installation.console.environ), "what jobs learn is kept"),
        (installation.console.folder, "pins are kept"),
    ):
        if not os.path.isdir(folder) or os.stat(folder).st_dev in devices:
            continue
        devices.add(os.stat(folder).st_dev)
        room = os.statvfs(folder)
        free = room.f_bavail * room.f_frsize
        fix, first = f"du -xh --max-depth=2 {shlex.quote(folder)} | sort -h", "delete what is not needed; this shows it"
        if room.f_files and not room.f_favail:
            yield Finding(folder, f"no more files can be made where {what}", fix, ERROR, first)
        elif free < LITTLE_ROOM:
            level = ERROR if free < NO_ROOM else WARNING
            yield Finding(folder, f"only {free >> 20} MB are free where {what} (df -h)", fix, level, first)
