"""Waiting for a printer that is out of reach or busy: how long, and what the user sees meanwhile.

cupsd loses jobs whose backend exits too often (five times with code 6, or 1 under the default error policy), and spins
when it exits with 7 at once. So the waiting is done here, inside one run, and a run ends in good time before cupsd's
MaxJobTime of three hours.
"""

from __future__ import annotations

import time

from backend.cupsd.stop_signal import StopSignal
from backend.errors import GaveUpWaiting, IppsError, PrinterBusy
from filters.common.report import Report

#: Seconds between two tries: growing from the first to the last, which repeats.
PAUSES = (5, 5, 10, 10, 20, 30)
#: Seconds of waiting at which the error log is told of it, at its usual level.
TOLD_AT = (0, 60, 600, 3600)
#: Seconds after which the next member of a class gets the job.
CLASS_SECONDS = 5
#: Seconds that one run may wait in all. MaxJobTime is 10800; two hours leave room for the job itself.
RUN_SECONDS = 6600
#: What is left of it for the later documents of a job, however long the earlier ones have taken.
LEAST_SECONDS = 120


class RetryPolicy:
    """The waiting of one run. One object for all reasons, so that their times add up."""

    def __init__(
        self,
        stop: StopSignal,
        report: Report,
        *,
        in_class: bool,
        contimeout: int,
        since: int = 0,
        run_seconds: float = RUN_SECONDS,
    ) -> None:
        """
        Args:
            contimeout: seconds of waiting, over all runs of a job, after which it has failed.
            since: seconds since 1970; since when earlier runs of the job have been waiting, 0 if they have not.
        """
        #: Since when the job has been waiting, in seconds since 1970; 0 if it has not.
        self.since = since
        self._before = max(0.0, time.time() - since) if since else 0.0
        self._stop = stop
        self._report = report
        self._in_class = in_class
        self._contimeout = contimeout
        self._run_seconds = run_seconds
        self._tries = 0
        #: How many of TOLD_AT are over; an earlier run has told of those before.
        self._told = sum(self._before >= seconds for seconds in TOLD_AT) if since else 0
        self._began: float | None = None
        self._waited = 0.0

    def wait(self, error: IppsError) -> None:
        """Sleep before the next try.

        Raises:
            GaveUpWaiting: in a class, or after contimeout: exit 1.
            IppsError: ``error`` itself, when this run has waited long enough: exit 7, and cupsd starts the next run.
        """
        now = time.monotonic()
        if self._began is None:
            self._began = now
            self.since = self.since or int(time.time())
        waited = self._before + now - self._began
        if self._in_class:
            self._stop.sleep(CLASS_SECONDS)
            raise GaveUpWaiting(CLASS_SECONDS, str(error))
        if waited >= self._contimeout:
            raise GaveUpWaiting(int(waited), str(error))
        if self._waited + now - self._began >= self._run_seconds:
            raise error
        pause: float = PAUSES[min(self._tries, len(PAUSES) - 1)]
        if isinstance(error, PrinterBusy) and error.retry_after is not None:
            # A printer that never gets ready is not believed for ever that it will be in a second.
            pause = error.retry_after if self._tries < len(PAUSES) else max(pause, error.retry_after)
        pause = min(pause, max(0.0, self._contimeout - waited))
        self._tries += 1
        self._tell(error, waited)
        self._report.info(f"{error.text}; trying again in {pause:.0f} seconds [{error.code}]")
        self._stop.sleep(pause)

    def _tell(self, error: IppsError, waited: float) -> None:
        """Warn of the waiting when it begins, and then more and more rarely."""
        due = sum(waited >= seconds for seconds in TOLD_AT)
        if due > self._told:
            self._told = due
            self._report.warning(str(error))

    def succeeded(self) -> None:
        """What was waited for has come: the next trouble begins with short pauses again."""
        if self._began is not None:
            self._waited += time.monotonic() - self._began
        self._began, self._tries, self.since, self._before, self._told = None, 0, 0, 0.0, 0
