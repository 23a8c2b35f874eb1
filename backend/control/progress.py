"""Words for whoever waits at a terminal while a printer takes its time."""

from __future__ import annotations

from threading import Event, Thread
from types import TracebackType

from backend.control.console import Console

#: Seconds until the first word, and between two: printers that sleep take half a minute for an answer (Q-42).
FIRST, EVERY = 3.0, 5.0


class Progress:
    """Says on standard error what is going on, for as long as it goes on.

    Attributes:
        what: such as "connecting to printer07"; the next word says what it is by then.
    """

    def __init__(self, console: Console, what: str = "") -> None:
        self.what = what
        self._console = console
        self._over = Event()
        self._thread = Thread(target=self._speak, daemon=True)

    def __enter__(self) -> Progress:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def _speak(self) -> None:
        pause, seconds, about = FIRST, 0.0, self.what
        while not self._over.wait(pause):
            if self.what != about:
                pause, seconds, about = FIRST, 0.0, self.what
                continue
            seconds += pause
            self._console.note(f"{about} ({seconds:.0f} s)")
            pause = EVERY
