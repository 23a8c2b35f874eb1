"""What monitoring sees of our queues: those that are stopped, and jobs that are held by their trouble.

A job that its user holds says nothing, and neither does one that waits: its printer is looked at as well.
"""

from __future__ import annotations

from dataclasses import dataclass

from backend.control.console import Console
from backend.control.jobs import troubles_of
from backend.control.queues import connect_to_cupsd, is_stopped, own_queues


@dataclass(frozen=True)
class QueueResult:
    """One queue at this moment."""

    name: str
    is_stopped: bool
    #: Numbers of the jobs that need someone.
    held: tuple[int, ...]
    #: What there is to say of it, and of each of these jobs.
    text: str = ""
    job_texts: tuple[str, ...] = ()


def look_at_queues(console: Console) -> list[QueueResult] | None:
    """Return our queues by name, None where there is no cupsd to ask, as on a machine that only has the pins."""
    try:
        connection = connect_to_cupsd(console)
        queues = own_queues(connection)
        troubles = [trouble for trouble in troubles_of(queues, connection, console) if trouble.needs_someone]
    except Exception:  # noqa: B902 - pycups has errors of its own, which cannot be named without importing it
        return None
    found = []
    for name in sorted(queues):
        own = [trouble for trouble in troubles if trouble.queue == name]
        found.append(
            QueueResult(
                name,
                is_stopped(queues[name]),
                tuple(trouble.job for trouble in own),
                str(queues[name].get("printer-state-message") or "no reason given"),
                tuple(trouble.reason for trouble in own),
            )
        )
    return found


def _sums(queues: list[QueueResult]) -> tuple[int, int]:
    """Return how many queues are stopped, and how many jobs are held."""
    return sum(queue.is_stopped for queue in queues), sum(len(queue.held) for queue in queues)


def summary(queues: list[QueueResult]) -> str:
    """Return how many queues are stopped and how many jobs are held."""
    stopped, held = _sums(queues)
    return f"{len(queues)} queues: {stopped} stopped, {held} job{'' if held == 1 else 's'} held"


def nagios_part(queues: list[QueueResult]) -> tuple[int, str, list[str]]:
    """Return the state of a plugin, its perfdata, and a line for what is not well: stopped is 2, held is 1."""
    lines = [f"stopped: {queue.name}: {queue.text}" for queue in queues if queue.is_stopped]
    lines += [f"held: {queue.name}-{job}: {text}" for queue in queues for job, text in zip(queue.held, queue.job_texts)]
    stopped, held = _sums(queues)
    data = f"'queues stopped'={stopped};;;0;{len(queues)} 'jobs held'={held};;;0"
    return 2 if stopped else 1 if held else 0, data, lines


#: Metrics: name and what it is.
METRICS = (
    ("ipps443_queue_stopped", "Whether the queue is stopped."),
    ("ipps443_queue_held_jobs", "Jobs of the queue that are held by their trouble, or have stopped."),
)


def measures(queue: QueueResult) -> tuple[int, ...]:
    """Return the values of these metrics for a queue."""
    return int(queue.is_stopped), len(queue.held)
