"""A printer that takes nothing more, or does not answer: asked over a second connection what is the matter with it.

Whoever has no paper, or an open door, is waited for as long as that lasts; whoever says nothing of the kind, or nothing
at all, has the time of the queue's time-outs and no more.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from backend.cupsd.printer_state import needs_someone
from backend.errors import IppsError
from backend.ipp.message import Message
from backend.printer.printer import STATE_ATTRIBUTES, Printer
from filters.common.report import Report

#: Seconds an inquiry beside a stalled sending may take.
BESIDE_SECONDS = 8.0
#: Seconds that a printer gets to go on after someone has brought paper or closed a door: it may have to warm up.
FIXED_SECONDS = 30.0


class Stalls:
    """Decides about waiting on, for all exchanges of one document."""

    def __init__(self, printer: Printer, report: Report, show_state: Callable[[Message], None]) -> None:
        """
        Args:
            show_state: told what the printer says of itself.
        """
        self._printer = printer
        self._report = report
        self._show_state = show_state
        #: When the printer was last seen waiting for someone.
        self._needed_someone_at = -math.inf

    def wait_on(self, phase: str, seconds: float) -> bool:
        """Tell whether to wait on for an exchange in which nothing has moved for so many seconds."""
        timeouts = self._printer.uri.timeouts
        limit = timeouts.write if phase == "sending" else timeouts.reply
        if phase != "sending" and seconds < limit:
            return True
        try:
            message = self._ask_beside()
        except IppsError as error:
            self._report.debug(f"stalled for {seconds:.0f} s, and no answer to a question: {error.text}")
            return seconds < limit
        self._show_state(message)
        if needs_someone(message):
            self._needed_someone_at = time.monotonic()
        return seconds < limit or time.monotonic() - self._needed_someone_at < FIXED_SECONDS

    def _ask_beside(self) -> Message:
        """Ask the printer how it is over a second connection, which is gone afterwards: some take no more than two."""
        beside = self._printer.beside(BESIDE_SECONDS)
        try:
            return beside.expect_message(beside.get_attributes(STATE_ATTRIBUTES))
        finally:
            beside.disconnect()
