"""SIGTERM, as everything that waits sees it: a flag, and a descriptor that becomes readable.

cupsd cancels a job by SIGTERM, and the backend has to be gone within two seconds. So nothing may sleep or poll
without the descriptor of this module in its set. A second SIGTERM ends the process at once.

SIGTERM from someone other than cupsd (systemd ending the whole service, a shutdown) is no cancel: cupsd runs the job
again later. A signal handler cannot tell who sent the signal, so a thread waits for it instead (sigwaitinfo(2)).

A cupsd that crashes sends nothing. Whoever would sleep after that stops as at a shutdown: the next cupsd runs the job
again, and two runs of one job would print it twice.
"""

from __future__ import annotations

import _thread
import os
import select
import signal
import time
from collections.abc import Callable

from backend.cupsd.process import Cupsd, who_started_us

#: Exit code after a second SIGTERM; cupsd ignores it, because it has cancelled the job itself.
EXIT_AT_ONCE = 1
#: Seconds from SIGTERM to the end; cupsd wants us gone within two.
LONGEST_CLEAN_UP = 1.8
#: Seconds between two looks at cupsd while someone sleeps.
LOOK_SECONDS = 1.0


class JobStopped(BaseException):
    """SIGTERM arrived. Not an IppsError: nothing that clears errors up may catch it on the way up."""


class StopSignal:
    """Tells whether SIGTERM came, and wakes up whoever waits.

    Waiting raises JobStopped after SIGTERM until ``forgive`` was called: the clean-up that follows must be able to
    talk to the printer, for the little time that is left.
    """

    def __init__(self) -> None:
        self._readable, self._writable = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        self._came = False
        self._forgiven = False
        self._attended: dict[int, Callable[[], bool]] = {}
        self._chores: list[Callable[[], None]] = []
        self._cupsd: Cupsd | None = None
        #: SIGTERM came from someone other than cupsd: a shutdown, after which the job will be run again.
        self.is_shutdown = False
        #: The exit code after a cancel when the main thread does not end in time; 0 where cupsd would abort the job.
        self.exit_at_once_after_cancel = EXIT_AT_ONCE

    def __del__(self) -> None:
        os.close(self._readable)
        os.close(self._writable)

    def install(self) -> None:
        """Take SIGTERM. SIGPIPE stays ignored, as Python leaves it: death by SIGPIPE counts as success (B-03)."""
        signal.signal(signal.SIGPIPE, signal.SIG_IGN)
        # A signal that is ignored (nohup, a careless parent) is never delivered to sigwaitinfo.
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        self._cupsd = who_started_us()
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
        # Not threading.Thread, whose import and start take a millisecond; the process ends without waiting for it.
        _thread.start_new_thread(self._wait_for_sigterm, (self._cupsd,))

    def _wait_for_sigterm(self, cupsd: Cupsd) -> None:
        information = signal.sigwaitinfo({signal.SIGTERM})
        self.request(is_shutdown=information.si_pid not in (0, cupsd.pid, cupsd.parent))
        # Gone in time, whatever the main thread hangs in; or at once, if someone asks a second time.
        signal.sigtimedwait({signal.SIGTERM}, LONGEST_CLEAN_UP)
        os._exit(EXIT_AT_ONCE if self.is_shutdown else self.exit_at_once_after_cancel)

    def request(self, is_shutdown: bool = False) -> None:
        """Do what SIGTERM does the first time."""
        self.is_shutdown = is_shutdown
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

    def attend(self, descriptor: int, serve: Callable[[], bool]) -> None:
        """Call ``serve`` whenever the descriptor is readable while someone waits, until it returns False."""
        self._attended[descriptor] = serve

    def before_waiting(self, chore: Callable[[], None]) -> None:
        """Do a small chore each time someone is about to wait."""
        self._chores.append(chore)

    def check(self) -> None:
        """Raise JobStopped if SIGTERM has arrived and nobody is cleaning up yet."""
        if self._came and not self._forgiven:
            raise JobStopped

    def wait(
        self, seconds: float | None, wanted: dict[int, int] | None = None, *, until_served: bool = False
    ) -> dict[int, int]:
        """Poll descriptors until one is ready, the time is over, or SIGTERM comes.

        Args:
            seconds: the longest wait; None is for ever.
            wanted: descriptor -> select.POLLIN | select.POLLOUT; a mask of 0 still reports errors and hang-ups.
            until_served: return also when an attended descriptor was served, because that may have changed something.

        Returns:
            descriptor -> events, empty when the time is over.

        Raises:
            JobStopped: SIGTERM arrived.
        """
        end = None if seconds is None else time.monotonic() + max(0.0, seconds)
        while True:
            self.check()
            for chore in self._chores:
                chore()
            events = self._poll(end, wanted or {})
            self.check()
            asked = self._attended.keys() & events.keys()
            for descriptor in asked:
                self._serve(descriptor)
            ready = {descriptor: mask for descriptor, mask in events.items() if descriptor in (wanted or {})}
            if ready or not asked or until_served:
                return ready

    def _poll(self, end: float | None, wanted: dict[int, int]) -> dict[int, int]:
        poll = select.poll()
        for descriptor, mask in wanted.items():
            poll.register(descriptor, mask)
        for descriptor in self._attended:
            poll.register(descriptor, select.POLLIN)
        if not self._forgiven:
            poll.register(self._readable, select.POLLIN)
        return dict(poll.poll(None if end is None else max(0.0, end - time.monotonic()) * 1000))

    def _serve(self, descriptor: int) -> None:
        if not self._attended[descriptor]():
            del self._attended[descriptor]

    def sleep(self, seconds: float) -> None:
        """Sleep, but not through SIGTERM, and not any more once cupsd is gone."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if self._cupsd is not None and not self._came and self._cupsd.is_gone():
                self.request(is_shutdown=True)
            self.wait(min(left, LOOK_SECONDS))
