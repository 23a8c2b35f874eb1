"""SIGTERM, as everything that waits sees it: a flag, and a descriptor that becomes readable.

cupsd cancels a job by SIGTERM, and the backend has to be gone within two seconds. So nothing may sleep or poll
without the descriptor of this module in its set. A second SIGTERM ends the process at once.
"""

from __future__ import annotations

import os
import select
import signal
import time
from types import FrameType

#: Exit code after a second SIGTERM; cupsd ignores it, because it has cancelled the job itself.
EXIT_AT_ONCE = 1


class JobStopped(BaseException):
    """SIGTERM arrived. Not an IppsError: nothing that mends errors may catch it on the way up."""


class StopSignal:
    """Tells whether SIGTERM came, and wakes up whoever waits.

    ``check`` raises JobStopped after SIGTERM until ``forgive`` was called: the clean-up that follows must be able to
    talk to the printer, for the little time that is left.
    """

    def __init__(self) -> None:
        self._readable, self._writable = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        self._came = False
        self._forgiven = False

    def install(self) -> None:
        """Take SIGTERM. SIGPIPE stays ignored, as Python leaves it: death by SIGPIPE counts as success (B-03)."""
        signal.signal(signal.SIGTERM, self._on_sigterm)
        signal.signal(signal.SIGPIPE, signal.SIG_IGN)

    def _on_sigterm(self, number: int, frame: FrameType | None) -> None:
        if self._came:
            os._exit(EXIT_AT_ONCE)
        self.request()

    def request(self) -> None:
        """Do what SIGTERM does the first time."""
        self._came = True
        os.write(self._writable, b"T")

    @property
    def came(self) -> bool:
        """True once SIGTERM has arrived."""
        return self._came

    def forgive(self) -> None:
        """Let the clean-up wait again, without being woken."""
        self._forgiven = True

    def fileno(self) -> int:
        """The descriptor to poll beside one's own."""
        return self._readable

    def check(self) -> None:
        """Raise JobStopped if SIGTERM has arrived and nobody is cleaning up yet."""
        if self._came and not self._forgiven:
            raise JobStopped

    def wait(self, seconds: float | None, wanted: dict[int, int] | None = None) -> dict[int, int]:
        """Poll descriptors until one is ready, the time is over, or SIGTERM comes.

        Args:
            seconds: the longest wait; None is for ever.
            wanted: descriptor -> select.POLLIN | select.POLLOUT; a mask of 0 still reports errors and hang-ups.

        Returns:
            descriptor -> events, empty when the time is over.

        Raises:
            JobStopped: SIGTERM arrived.
        """
        self.check()
        poll = select.poll()
        for descriptor, mask in (wanted or {}).items():
            poll.register(descriptor, mask)
        if not self._forgiven:
            poll.register(self._readable, select.POLLIN)
        events = poll.poll(None if seconds is None else max(0, seconds) * 1000)
        self.check()
        return dict(events)

    def sleep(self, seconds: float) -> None:
        """Sleep, but not through SIGTERM."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self.wait(left)
