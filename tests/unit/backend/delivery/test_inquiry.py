"""backend.delivery.inquiry: how often a printer is asked, and after which pauses."""

from __future__ import annotations

from typing import Any, cast

import pytest

from backend.delivery.inquiry import ask_after_loss, ask_after_refusal
from backend.errors import IppRefused, IppsError, PrinterUnreachable
from backend.printer.job_status import Found
from filters.common.report import Report

GONE = PrinterUnreachable("printer", "it is off")
WORD = Found(None)


class World:
    """A printer, its job and the clock: each question has the next answer."""

    def __init__(self, *answers: IppsError | Found | None) -> None:
        self.answers, self.disconnections = list(answers), 0
        self.pauses: list[float] = []

    def look(self) -> Found | None:
        answer = self.answers.pop(0)
        if isinstance(answer, IppsError):
            raise answer
        return answer

    find = look

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)

    def disconnect(self) -> None:
        self.disconnections += 1


@pytest.mark.parametrize(
    "answers, found, pauses",
    [
        ((WORD,), WORD, []),
        ((GONE, GONE, WORD), WORD, [1, 2]),
        ((GONE,) * 6, None, [1, 2, 5, 10, 20, 30]),
        ((GONE, IppRefused("printer", "Get-Job-Attributes", 0x0500, "server-error-internal-error")), None, [1]),
    ],
)
def test_after_a_loss(answers: tuple[IppsError | Found, ...], found: Found | None, pauses: list[int]) -> None:
    """A printer that restarts needs a while; one that has no answer is not asked again."""
    world = World(*answers)
    assert ask_after_loss(cast(Any, world), cast(Any, world), cast(Any, world), Report()) is found
    assert (world.pauses, world.disconnections) == (pauses, len(pauses))


@pytest.mark.parametrize("answers, pauses", [((WORD,), []), ((None, WORD), [1]), ((None, None), [1])])
def test_after_a_refusal(answers: tuple[Found | None, ...], pauses: list[int]) -> None:
    """Some take a connection only when the last one is gone; no word counts as none."""
    world = World(*answers)
    assert ask_after_refusal(cast(Any, world), cast(Any, world)) == WORD
    assert world.pauses == pauses
