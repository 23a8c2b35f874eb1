"""backend.delivery.stalls: how long a printer that stands still is waited for, and how often it is asked why."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import pytest

from backend.delivery.stalls import FIXED_SECONDS, Stalls
from backend.device_uri import parse_device_uri
from backend.errors import ConnectionLost, PrinterUnreachable
from backend.ipp.message import Group, Message, attribute
from backend.ipp.tags import Tag
from backend.printer.printer import Printer
from filters.common.report import Report


@dataclass
class Script:
    """A printer that says so about itself over a second connection; None: there is no second connection."""

    says: Sequence[str] | None
    uri: Any = parse_device_uri("ipps443://printer/")
    questions: int = 0
    open: int = 0
    breaks: bool = False

    def beside(self, seconds: float) -> Script:
        """Another view of the same printer."""
        self.questions += 1
        if self.says is None:
            raise PrinterUnreachable("printer", "no answer")
        self.open += 1
        return self

    def get_attributes(self, requested: tuple[str, ...]) -> Message:
        """Say how the printer is."""
        if self.breaks:
            raise ConnectionLost("printer", "asking", "reset")
        reasons = attribute("printer-state-reasons", Tag.KEYWORD, *(self.says or ()))
        return Message((2, 0), 0, 1, (Group(Tag.PRINTER_ATTRIBUTES, (reasons,)),))

    def expect_message(self, message: Message) -> Message:
        """It is one."""
        return message

    def disconnect(self) -> None:
        """End the second connection."""
        self.open -= 1


def stalls(script: Script) -> Stalls:
    """Return what decides about the printer of a script."""
    quiet = Report(os.open(os.devnull, os.O_WRONLY | os.O_CLOEXEC))
    return Stalls(cast(Printer, cast(Any, script)), quiet, lambda message: None)


@pytest.mark.parametrize(
    "says, seconds, waits",
    [
        (["media-empty-error"], 10, True),
        (["media-empty-error"], 4000, True),
        (["cover-open"], 4000, True),
        (["none"], 10, True),
        (["none"], 4000, False),
        (None, 10, True),
        (None, 4000, False),
    ],
)
def test_a_stall_is_waited_for_while_somebody_is_needed(
    says: Sequence[str] | None, seconds: float, waits: bool
) -> None:
    """No paper is no loss, however long it lasts; a printer that says nothing, or nothing of the kind, is given up."""
    assert stalls(Script(says)).wait_on("sending", seconds) is waits


def test_a_printer_that_was_fixed_gets_time_to_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """Paper was brought just before the deadline: the printer warms up before it reads on, and that is no loss."""
    now = 5000.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    script = Script(["media-empty-error"])
    deciding = stalls(script)
    assert deciding.wait_on("sending", 4000)
    script.says = ["none"]
    assert deciding.wait_on("sending", 4000)
    now += FIXED_SECONDS - 1
    assert deciding.wait_on("sending", 4000)
    now += 1
    assert not deciding.wait_on("sending", 4000)


def test_a_late_answer_is_asked_about_once_it_is_overdue() -> None:
    """A printer that has all of it prints first and answers then; within the time of the queue nobody asks."""
    script = Script(["none"])
    limit = script.uri.timeouts.reply
    assert stalls(script).wait_on("answer", limit - 1) and script.questions == 0
    assert not stalls(script).wait_on("answer", limit) and script.questions == 1


@pytest.mark.parametrize("breaks", [True, False])
def test_the_second_connection_does_not_stay(breaks: bool) -> None:
    """Whatever came of the question: the next one is a new one, and some printers take no third."""
    script = Script(["none"], breaks=breaks)
    assert stalls(script).wait_on("sending", 10) and (script.questions, script.open) == (1, 0)
