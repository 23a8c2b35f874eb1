"""Waiting at a terminal for a printer that wakes up: its first connections may be lost, refused or met with nonsense.

The backend waits for hours without a word to anyone; here someone sits and looks, so it is half a minute, and each
try is announced. What is an answer (not trusted, wrong path) is no reason to wait.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from backend import errors
from backend.control.console import Console

#: Seconds for which a command waits, and its pauses between two tries; the last one repeats.
WAIT_SECONDS = 30
PAUSES = (1, 1, 2, 3, 5)

#: Tries before an answer to the handshake (an alert, something else than TLS) is believed.
ANSWERED_TRIES = 3

Result = TypeVar("Result")


class Waiting:
    """The waiting of one command for one printer; the time of all its steps counts together."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._pauses = 0
        self._began: float | None = None

    def pause(self, error: errors.IppsError, *, at_least: bool = False) -> None:
        """Say what the matter is, and sleep before the next try; raise the error when the time is over.

        Args:
            at_least: go on in any case, because not all has been tried that has to be.
        """
        now = self._console.monotonic()
        self._began = now if self._began is None else self._began
        pause = PAUSES[min(self._pauses, len(PAUSES) - 1)]
        seconds = 0 if self._console.in_list else WAIT_SECONDS
        if now - self._began + pause > seconds and not at_least:
            raise error
        self._pauses += 1
        self._console.note(f"{error.text}; trying again in {pause} s")
        self._console.sleep(pause)

    def until(self, action: Callable[[], Result]) -> Result:
        """Do something until the printer can be reached; what it raises then, or in the end, is the caller's."""
        answered = 0
        while True:
            try:
                return action()
            except errors.PrinterUnreachable as error:
                if is_nowhere(error):
                    raise
                self.pause(error)
            except (errors.TlsRefused, errors.NotTls) as error:
                answered += 1
                if answered >= ANSWERED_TRIES:
                    raise
                self.pause(error)


def is_nowhere(error: errors.IppsError) -> bool:
    """Tell whether the name itself is not known, which no waiting changes; names of mDNS come with the printer."""
    if not isinstance(error, errors.PrinterUnreachable) or error.reason != "its name has no address":
        return False
    return not error.printer.partition(":")[0].endswith(".local")
