"""A limit of time for each test, so that one that hangs fails and shows where, and the others go on.

Rules of this module:

- the signal is none that the product or a test uses: filters set SIGALRM and its timer for themselves;
- the clock is taken on import: tests put other clocks in the place of ``time.monotonic``;
- what it raises is no Exception, so that neither the code under test nor Hypothesis takes it for one of its own;
- whoever cannot be interrupted ends with the process: pytest-xdist then says which test it was, and starts another one.
"""

from __future__ import annotations

import faulthandler
import os
import signal
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic, sleep
from types import FrameType

#: Seconds for a test, its fixtures, and what they leave, each: many times what any of them takes on a loaded machine.
MOST_SECONDS = 150.0
#: The same for long rounds.
MOST_SECONDS_OF_SOAK = 3600.0
#: After so many more the process ends.
GRACE = 30.0
#: How often somebody looks at the clock; and the signal comes again then, should the first one come to nothing.
LOOK_SECONDS = 1.0

SIGNAL = signal.SIGRTMIN + 7


class TookTooLong(BaseException):
    """A test hangs, or nearly so; the text has what each thread was doing."""


class TimeLimit:
    """The clock of one process, which runs one test at a time in its main thread."""

    def __init__(self, standard_error: int = 2) -> None:
        """Begin to look; what ends the process is said on a copy of standard error, which pytest may redirect later."""
        self._end = float("inf")
        self._limit = 0.0
        self._errors = os.dup(standard_error)
        self._main = threading.main_thread().ident or 0
        signal.signal(SIGNAL, self._give_up)
        threading.Thread(target=self._look, name="time limit", daemon=True).start()

    @contextmanager
    def seconds(self, limit: float) -> Iterator[None]:
        """Raise TookTooLong in what is done here when it takes longer."""
        faulthandler.dump_traceback_later(limit + GRACE, exit=True, file=self._errors)
        self._limit, self._end = limit, monotonic() + limit
        try:
            yield
        finally:
            self._end = float("inf")
            faulthandler.cancel_dump_traceback_later()

    def _look(self) -> None:
        while True:
            sleep(LOOK_SECONDS)
            if monotonic() > self._end:
                signal.pthread_kill(self._main, SIGNAL)

    def _give_up(self, number: int, frame: FrameType | None) -> None:
        if monotonic() <= self._end:
            return  # it came to an end in this very moment
        with tempfile.TemporaryFile() as file:
            faulthandler.dump_traceback(file, all_threads=True)
            file.seek(0)
            stacks = file.read().decode(errors="replace")
        raise TookTooLong(f"not done after {self._limit:g} seconds; innermost call first:\n{stacks}")
