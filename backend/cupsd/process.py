"""Which cupsd has started us, and whether it still lives. proc(5).

Our parent is cupsd, or a wrapper like beh that cupsd has started. A cupsd that crashed and was started again is another
one, even if it got the same number: it runs the jobs again that the first one was printing.
"""

from __future__ import annotations

import os
import stat

from filters.common.dataclass import dataclass

#: How many wrappers there may be between cupsd and us.
MOST_WRAPPERS = 3
#: The descriptors that cupsd makes anew for each pass: the side channel, the back channel, and the pipe for messages.
OF_A_PASS = ((4, stat.S_ISSOCK), (3, stat.S_ISFIFO), (2, stat.S_ISFIFO))


@dataclass(frozen=True)
class Cupsd:
    """A process. ``started`` is in clock ticks after the boot, "" where /proc does not tell.

    Attributes:
        parent: our parent, which is cupsd or a wrapper.
        child: the process that cupsd has started for the document, a wrapper; 0 if that is us.
    """

    pid: int
    started: str
    parent: int
    child: int = 0

    def __str__(self) -> str:
        return f"{self.pid}:{self.started}:{_boot()}"

    @property
    def wrapper(self) -> str:
        """Tell the program between it and us from all others; "" if there is none."""
        return f"{self.child}:{_look_at(self.child)[2]}" if self.child else ""

    def is_gone(self) -> bool:
        """Tell whether it has ended since: who outlives it is nobody's child any more, and nobody hears its end."""
        if os.getppid() != self.parent:
            return True
        return self.pid != self.parent and _look_at(self.pid)[2] != self.started


def who_started_us() -> Cupsd:
    """Return the cupsd above us; our parent, if none of those above us is called cupsd."""
    parent = pid = os.getppid()
    child = 0
    for _ in range(1 + MOST_WRAPPERS):
        name, above, started = _look_at(pid)
        if name == "cupsd":
            return Cupsd(pid, started, parent, child)
        pid, child = above, pid
    return Cupsd(parent, _look_at(parent)[2], parent)


def this_pass() -> str:
    """Tell one pass of cupsd through the documents of a job from all others; "" where nothing tells.

    cupsd makes its channels once for all programs of a pass; it numbers neither passes nor documents. A wrapper may
    keep some of them to itself, or put the messages elsewhere, and something new there for each document.
    """
    for descriptor, is_its_kind in OF_A_PASS:
        try:
            status = os.fstat(descriptor)
        except OSError:
            continue
        if is_its_kind(status.st_mode) and os.get_inheritable(descriptor):  # else it is one that we have opened
            return str(status.st_ino)
    return ""


def _boot() -> str:
    """Tell one start of the machine from others: a process may have the same number and time after each."""
    try:
        with open("/proc/sys/kernel/random/boot_id", "rb") as file:
            return file.read(8).decode("latin-1")
    except OSError:
        return ""


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
