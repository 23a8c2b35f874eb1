"""ipps443ctl jobs: the jobs of our queues that wait, are held or have failed, with reason, code and cure."""

from __future__ import annotations

import contextlib
import re
import shlex
import textwrap
from argparse import Namespace
from collections.abc import Collection
from dataclasses import asdict, dataclass
from typing import Any

from backend.control import audit
from backend.control.checks.queue_uri import ACCOUNT, QueueURI
from backend.control.console import Console
from backend.control.explanations import EXPLANATIONS
from backend.control.host import Misused, Refused
from backend.control.queues import connect_to_cupsd, is_stopped, own_queues, queue_of, reason_of
from backend.device_uri import quoted
from backend.ipp.codes import JobState

#: What is asked of cupsd about each job.
ATTRIBUTES = (
    "job-id",
    "job-printer-state-message",
    "job-printer-uri",
    "job-state",
    "job-state-reasons",
)
#: job-state of RFC 8011 section 5.3.7 for people; what is completed or was cancelled is no trouble.
STATES = {
    JobState.PENDING: "waiting",
    JobState.PENDING_HELD: "held",
    JobState.PROCESSING: "at work",
    JobState.PROCESSING_STOPPED: "stopped",
    JobState.ABORTED: "failed",
}
#: How many failed jobs are shown; cupsd keeps five hundred.
MOST_FAILED = 20
#: Words of job-state-reasons with which cupsd itself holds a job.
NOT_READY = "resources-are-not-ready"
HELD_BY_CUPSD = ("cups-held-for-authentication", NOT_READY)
CODE = re.compile(r"\[([A-Z][0-9]{2})\]")
WIDTH = 79


@dataclass(frozen=True)
class Trouble:
    """A job that is not printed, and why."""

    job: int
    queue: str
    user: str
    title: str
    state: str
    reason: str
    code: str
    fix: str

    @property
    def needs_someone(self) -> bool:
        """Tell whether it is held or stopped by its trouble, and not by its user."""
        words = any(word in self.reason for word in HELD_BY_CUPSD)
        return self.state == "stopped" or (self.state == "held" and (bool(self.code) or words))


def jobs(arguments: Namespace, console: Console) -> int:
    """Show them; exit code 1 if one of them is held, stopped or failed."""
    found = find_troubles(connect_to_cupsd(console), arguments.queue, console)
    for trouble in found:
        _say(trouble, console)
    if not found:
        console.say("No job waits, is held or has failed.")
    console.say_json({"jobs": [asdict(trouble) for trouble in found]})
    return 1 if any(trouble.state in ("held", "stopped", "failed") for trouble in found) else 0


def find_troubles(connection: Any, queue: str | None, console: Console) -> list[Trouble]:
    """Return the jobs of our queues, or of one, that are not printed.

    Raises:
        Refused: there is no such queue, or cupsd does not say.
    """
    try:
        queues = own_queues(connection)
    except Exception as error:  # noqa: B902 - pycups has errors of its own
        raise _untold(error) from None
    if queue is None:
        return troubles_of(queues, connection, console)
    if queue not in queues:
        doctor = f"ipps443ctl doctor {shlex.quote(queue)}"
        raise Refused(f"there is no queue {queue} with ipps443; see: {doctor}")
    return troubles_of({queue: queues[queue]}, connection, console)


def troubles_of(queues: dict[str, dict[str, Any]], connection: Any, console: Console) -> list[Trouble]:
    """Return the jobs of these queues that are not printed.

    Raises:
        Refused: cupsd does not say.
    """
    asked = dict(my_jobs=False, requested_attributes=list(ATTRIBUTES))
    try:
        open_jobs = _of(queues, connection.getJobs(which_jobs="not-completed", **asked))
        over = _of(queues, connection.getJobs(which_jobs="completed", **asked))
    except Exception as error:  # noqa: B902
        raise _untold(error) from None
    failed = [number for number in sorted(over) if over[number].get("job-state") == JobState.ABORTED][-MOST_FAILED:]
    chosen = {**{number: over[number] for number in failed}, **open_jobs}
    over_or_held = (JobState.PENDING_HELD, JobState.PROCESSING_STOPPED, JobState.ABORTED)
    untold = any(
        job.get("job-state") in over_or_held and not CODE.search(str(job.get("job-printer-state-message") or ""))
        for job in chosen.values()
    )
    recorded = _recorded(console) if untold else {}
    names = console.names_of_jobs() if chosen else {}
    return [
        _describe(number, chosen[number], names.get(number, ("", "")), queues, recorded)
        for number in sorted(chosen)
        if chosen[number].get("job-state") in STATES
    ]


def _of(queues: Collection[str], jobs: dict[int, dict[str, Any]]) -> dict[int, dict[str, Any]]:
    return {number: job for number, job in jobs.items() if queue_of(job) in queues}


def _untold(error: Exception) -> Refused:
    return Refused(f"cupsd does not say what jobs there are: {reason_of(error)}")


def _recorded(console: Console) -> dict[tuple[str, int], str]:
    """Return what the audit log has said last of each job: cupsd forgets its messages when it starts anew."""
    try:
        log = audit.read_log(audit.path_of_log(console))
    except Refused:
        return {}
    said = {}
    for record in log.records:
        queue, job = record.get("queue"), record.get("job")
        if record.get("phase") == "end" and isinstance(queue, str) and isinstance(job, int):
            said[queue, job] = str(record.get("said") or "")
    return said


def _describe(
    number: int,
    job: dict[str, Any],
    names: tuple[str, str],
    queues: dict[str, dict[str, Any]],
    recorded: dict[tuple[str, int], str],
) -> Trouble:
    name, state = queue_of(job), STATES[job["job-state"]]
    queue = queues.get(name, {})
    reason = str(job.get("job-printer-state-message") or "")
    if state in ("waiting", "at work") and (not reason or is_stopped(queue)):
        reason = str(queue.get("printer-state-message") or reason)
    if not CODE.search(reason) and recorded.get((name, number)):
        reason = recorded[name, number] if state in ("held", "stopped", "failed") else reason
    code = CODE.findall(reason)[-1:]  # a printer, or a certificate, may have said others
    cure = next((each.cure_for(reason) for each in EXPLANATIONS if [each.code] == code), "")
    cure = _with_names(cure, name, f"{name}-{number}", str(queue.get("device-uri") or ""))
    return Trouble(
        number,
        name,
        names[0] or "?",
        names[1],
        state,
        reason or _in_words(state, job.get("job-state-reasons")),
        "".join(code),
        cure.replace("`", "")
        or _own_cure(state, name, number, queue, reason or str(job.get("job-state-reasons") or "")),
    )


def _with_names(cure: str, queue: str, job: str, device_uri: str) -> str:
    """Put queue, job and printer in the place of the words in capitals; HOST is the printer as commands take it."""
    names = {"QUEUE": shlex.quote(queue), "JOB": shlex.quote(job)}
    uri = QueueURI.of(queue, device_uri, {})
    with contextlib.suppress(Misused):
        printer = uri.printer
        names["'ipps443://USER:PASSWORD@HOST/ipp/print'"] = quoted(uri.text.replace("://", f"://{ACCOUNT}", 1))
        names["HOST:PORT"] = shlex.quote(printer.key)
        names["HOST"] = shlex.quote(printer.name)
    words = "|".join(map(re.escape, sorted(names, key=len, reverse=True)))
    return re.sub(rf"(?<!\w)({words})(?!\w)", lambda found: names[found[1]], cure)


def _in_words(state: str, reasons: object) -> str:
    if state == "stopped":
        return "CUPS could not start one of its programs, the backend or a filter"
    words = [reasons] if isinstance(reasons, str) else reasons if isinstance(reasons, list) else []
    if NOT_READY in words:
        return f"cupsd cannot run the backend ({NOT_READY})"
    return ", ".join(str(word) for word in words if word != "none")


def _own_cure(state: str, name: str, number: int, queue: dict[str, Any], reason: str) -> str:
    """Return what helps where no code says it."""
    name = shlex.quote(name)
    if state == "held" and NOT_READY in reason:
        return f"sudo ipps443ctl doctor {name}, then: lp -i {name}-{number} -H resume"
    if state == "held":
        return f"lp -i {name}-{number} -H resume"
    if state == "waiting" and is_stopped(queue):
        return f"Mostly someone has stopped the queue (cupsdisable): ask why, then: cupsenable {name}"
    if state == "stopped":
        return f"sudo ipps443ctl doctor {name}, then: lp -i {name}-{number} -H restart"
    if state == "at work":
        is_waiting = reason.startswith("Waiting for the printer")
        return "Go to the printer and do what it asks for; the job goes on by itself" if is_waiting else ""
    return f"sudo ipps443ctl doctor {name}" if state == "failed" else ""


def _say(trouble: Trouble, console: Console) -> None:
    console.say(f"{trouble.queue}-{trouble.job}  {trouble.state}  {trouble.user}  {trouble.title}")
    for name, text in (("reason", trouble.reason), ("fix", trouble.fix)):
        lines = textwrap.wrap(text, WIDTH - 11, break_long_words=False, break_on_hyphens=False)
        for number, line in enumerate(lines):
            console.say(f"  {name if not number else '':9}{line}")
