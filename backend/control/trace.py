"""ipps443ctl trace: turns the trace of a queue's jobs on for a while, and shows what it has."""

from __future__ import annotations

import os
import shlex
import stat
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager

from backend.control.audit import SPAN, UNITS
from backend.control.console import Console
from backend.control.host import Misused, Refused
from backend.control.sudo import sudo_advice
from backend.cupsd.cache_file import cache_folder
from backend.trace.trace_file import began, names_of, open_trace_folder, trace_folder
from backend.trace.trace_switch import WORDS, Switch, read_switch, switch_path
from backend.trust import pin_store

#: For how long a trace is on unless something else is said, and the longest.
FOR, LONGEST = "30m", 7 * 86400
#: How many runs are traced unless something else is said, and the most.
JOBS, MOST_JOBS = 5, 20
#: More of a trace than anyone reads.
LARGEST_TRACE = 64 << 20


def trace(arguments: Namespace, console: Console) -> int:
    """Turn it on or off, or show it."""
    path = switch_path(console.folder, arguments.queue)
    if path is None:
        raise Misused(f"{arguments.queue} cannot be the name of a queue")
    if arguments.switch == "on":
        return _on(arguments, console)
    if arguments.switch == "off":
        return _off(path, arguments.queue, console)
    return _show(path, arguments, console)


@contextmanager
def _opened(console: Console) -> Iterator[int | None]:
    """Open the folder of the traces, itself and no link to another one; None if there is none."""
    cache = cache_folder(console.environ)
    try:
        folder = open_trace_folder(cache)
    except PermissionError as error:
        raise Refused(f"{trace_folder(cache)} cannot be read: {error.strerror}{sudo_advice(error)}") from None
    try:
        yield folder
    finally:
        if folder is not None:
            os.close(folder)


def _on(arguments: Namespace, console: Console) -> int:
    span = SPAN.fullmatch((arguments.span or FOR).strip())
    seconds = int(span[1]) * UNITS[span[2]] if span else 0
    if not 0 < seconds <= LONGEST:
        raise Misused("--for: write 30m, 12h or 2d, up to 7d")
    jobs = arguments.jobs or str(JOBS)
    if not jobs.isascii() or not jobs.isdigit() or len(jobs) > 9 or not 0 < int(jobs) <= MOST_JOBS:
        raise Misused(f"--jobs: a number from 1 to {MOST_JOBS}")
    now = int(console.clock().timestamp())
    words = frozenset(word for word in WORDS if getattr(arguments, word))
    switch = Switch(words, now, now + seconds, int(jobs))
    pin_store.write_beside(console.pins_path, f"trace/{arguments.queue}", switch.as_line().encode("ascii"))
    also = f" with {', '.join(sorted(words))}" if words else ""
    console.say(
        f"The next {jobs} jobs of queue {arguments.queue} are traced{also}, for {arguments.span or FOR} at most."
    )
    if "keys" in words:
        console.say(
            "Whoever records the network and gets the keys can read these jobs, and passwords; turn it off soon."
        )
    console.say(f"To read it: ipps443ctl trace {shlex.quote(arguments.queue)} show")
    console.say_json(
        {"queue": arguments.queue, "on": True, "until": switch.until, "jobs": switch.jobs, "words": sorted(words)}
    )
    return 0


def _off(path: str, queue: str, console: Console) -> int:
    try:
        os.unlink(path)
    except FileNotFoundError:
        pass
    except OSError as error:
        raise Refused(f"{path} cannot be removed: {error.strerror}{sudo_advice(error)}") from None
    with _opened(console) as folder:
        for name in names_of(folder, queue, ".keys") if folder is not None else []:
            try:
                os.unlink(f"{name}.keys", dir_fd=folder)
            except OSError:
                pass
    console.say(
        f"The trace of queue {queue} is off, and no keys of its connections are kept; what it has so far stays."
    )
    console.say_json({"queue": queue, "on": False})
    return 0


def _show(path: str, arguments: Namespace, console: Console) -> int:
    with _opened(console) as folder:
        return _show_from(folder, path, arguments, console)


def _show_from(folder: int | None, path: str, arguments: Namespace, console: Console) -> int:
    place, queue = trace_folder(cache_folder(console.environ)), arguments.queue
    found = names_of(folder, queue, ".trace") if folder is not None else []
    if arguments.job is None:
        switch = read_switch(path)
        now = console.clock().timestamp()
        is_on = switch is not None and now < switch.until
        left = switch.jobs - sum(began(name) >= switch.since for name in found) if switch else 0
        is_on = is_on and left > 0
        console.say(f"The trace of queue {queue} is {f'on for {left} more jobs' if is_on else 'off'}.")
        for name in found:
            console.say(f"job {_job_of(name):8} {name[:15]}  {os.path.join(place, name)}.trace")
        console.say_json({"queue": queue, "on": is_on, "traces": found})
        return 0
    of_job = [name for name in found if _job_of(name) == arguments.job]
    if not of_job or folder is None:
        show = f"ipps443ctl trace {shlex.quote(queue)} show"
        raise Refused(f"queue {queue} has no trace of job {arguments.job}; {show} lists them")
    text = _read(folder, f"{of_job[-1]}.trace", place)
    for line in text.splitlines():
        console.say(line)
    console.say_json({"queue": queue, "job": arguments.job, "lines": text.splitlines()})
    return 0


def _job_of(name: str) -> str:
    return name.rsplit("-", 2)[-2]


def _read(folder: int, name: str, place: str) -> str:
    """Return a trace; lp may have put anything in its place."""
    path = os.path.join(place, name)
    try:
        descriptor = os.open(name, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
    except OSError as error:
        raise Refused(f"{path} cannot be read: {error.strerror}{sudo_advice(error)}") from None
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise Refused(f"{path} is no file")
        return file.read(LARGEST_TRACE).decode("utf-8", "replace")
