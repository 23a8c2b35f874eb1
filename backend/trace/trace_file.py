"""Traces on disk: one file per run, for lp alone, and of each queue the last twenty.

    <cache>/trace/20260601T101500-office-7-4f3a.trace       the story
    ... .document                                           what was sent, if wanted
    ... .keys                                               the keys of its connections (NSS key log), if wanted

Rules of this module:

- each file is made new, with mode 0600 from its first moment, whatever the umask is: OpenSSL would make a readable one;
- a trace that cannot be written ends, and the job goes on.
"""

from __future__ import annotations

import os
import time

KEPT = 20
SUFFIXES = (".trace", ".document", ".keys")


def trace_folder(cache: str) -> str:
    """Return the folder of the traces."""
    return os.path.join(cache, "trace")


def open_trace_folder(cache: str) -> int | None:
    """Return a descriptor of the folder of the traces, None without one; raise PermissionError.

    Root looks in there and deletes, and lp may write around it: neither it nor the cache is followed if it is a link.
    """
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        around = os.open(cache, flags)
        try:
            return os.open(os.path.basename(trace_folder(cache)), flags, dir_fd=around)
        finally:
            os.close(around)
    except PermissionError:
        raise
    except OSError:
        return None


def names(folder: str | int, *suffixes: str) -> list[str]:
    """Return the names of the traces of which any file is left, or one with one of these ends, the oldest first."""
    try:
        found = os.listdir(folder)
    except OSError:
        return []
    ends = suffixes or SUFFIXES
    return sorted({name.removesuffix(end) for name in found for end in ends if name.endswith(end)})


def names_of(folder: str | int, queue: str, *suffixes: str) -> list[str]:
    """Return the names of the traces of a queue, the oldest first."""
    return [name for name in names(folder, *suffixes) if queue_of(name) == safe_queue(queue)]


def safe_queue(queue: str) -> str:
    """Return what stands for a queue in the names of its traces: plain letters, 60 at most."""
    return "".join(c if c.isalnum() and c.isascii() or c in "_-." else "_" for c in queue)[:60] or "queue"


def queue_of(name: str) -> str:
    """Return what stands for the queue in the name of a trace."""
    return name.partition("-")[2].rpartition("-")[0].rpartition("-")[0]


def began(name: str) -> int:
    """Return when a trace began, in seconds since 1970; 0 if its name is none of ours."""
    try:
        from calendar import timegm

        return timegm(time.strptime(name[:15], "%Y%m%dT%H%M%S"))
    except ValueError:
        return 0


def new_name(queue: str, job_id: int) -> str:
    """Return a name for a new trace."""
    return f"{time.strftime('%Y%m%dT%H%M%S', time.gmtime())}-{safe_queue(queue)}-{job_id}-{os.urandom(2).hex()}"


def prune(folder: str, queue: str, kept: int = KEPT) -> None:
    """Delete all but the newest traces of a queue, with what belongs to them; a switch counts those that are there."""
    for name in names_of(folder, queue)[:-kept]:
        remove(folder, name)


def remove(folder: str, name: str) -> None:
    """Delete one trace."""
    for suffix in SUFFIXES:
        try:
            os.unlink(os.path.join(folder, name + suffix))
        except OSError:
            pass


def make(folder: str, name: str) -> int:
    """Make a file that nobody else can read, and return its descriptor; raise OSError."""
    os.makedirs(folder, 0o700, exist_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW
    return os.open(os.path.join(folder, name), flags, 0o600)
