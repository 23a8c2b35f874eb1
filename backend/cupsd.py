"""Which cupsd has started us, and whether it still lives. proc(5).

Our parent is cupsd, or a wrapper like beh that cupsd has started. A cupsd that crashed and was started again is another
one, even if it got the same number: it runs the jobs again that the first one was printing.
"""

from __future__ import annotations

import os

from filters.dataclass import dataclass

#: How many wrappers there may be between cupsd and us.
MOST_WRAPPERS = 3


@dataclass(frozen=True)
class Cupsd:
    """A process. ``started`` is in clock ticks after the boot, "" where /proc does not tell."""

    pid: int
    started: str
    parent: int

    def __str__(self) -> str:
        return f"{self.pid}:{self.started}"

    def is_gone(self) -> bool:
        """Tell whether it has ended since: who outlives it is nobody's child any more, and nobody hears its end."""
        if os.getppid() != self.parent:
            return True
        return self.pid != self.parent and _look_at(self.pid)[2] != self.started


def who_started_us() -> Cupsd:
    """Return the cupsd above us; our parent, if none of those above us is called cupsd."""
    parent = pid = os.getppid()
    for _ in range(1 + MOST_WRAPPERS):
        name, above, started = _look_at(pid)
        if name == "cupsd":
            return Cupsd(pid, started, parent)
        pid = above
    return Cupsd(parent, _look_at(parent)[2], parent)


def _look_at(pid: int) -> tuple[str, int, str]:
    """Return name, parent and start of a process; empty values if it is gone or may not be seen."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            before, _, after = file.read().decode("latin-1").rpartition(")")
    except OSError:
        return "", 0, ""
    # pid (name) state ppid pgrp session tty tpgid flags minflt cminflt majflt cmajflt utime stime cutime cstime
    # priority nice threads itrealvalue starttime ...
    fields = after.split()
    return before.partition("(")[2], int(fields[1]), fields[19]
