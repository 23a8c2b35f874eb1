"""backend.patience: how long one run waits, in which steps, and what ends it."""

from __future__ import annotations

import os
import time
from typing import Any

import pytest

from backend.errors import GaveUpWaiting, PrinterBusy, PrinterUnreachable
from backend.patience import CLASS_SECONDS, PAUSES, RUN_SECONDS, Patience
from backend.stop_signal import JobStopped, StopSignal
from filters.report import Report
from tests.cups_lines import parse_lines, texts

ERROR = PrinterUnreachable("printer", "no answer")
WEEK = 604800


class FakeStop(StopSignal):
    """Time that passes only by sleeping."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        super().__init__()
        self.now = 1000.0
        self.sleeps: list[float] = []
        monkeypatch.setattr(time, "monotonic", lambda: self.now)

    def sleep(self, seconds: float) -> None:
        self.check()
        self.sleeps.append(seconds)
        self.now += seconds


@pytest.fixture
def stop(monkeypatch: pytest.MonkeyPatch) -> FakeStop:
    """A clock of its own."""
    return FakeStop(monkeypatch)


def patience(stop: FakeStop, in_class: bool = False, contimeout: int = WEEK, **more: Any) -> Patience:
    """Return the waiting of one run, whose lines nobody reads."""
    return Patience(stop, Report(os.open("/dev/null", os.O_WRONLY)), in_class=in_class, contimeout=contimeout, **more)


def test_pauses_grow(stop: FakeStop) -> None:
    """From 5 to 30 seconds, and 30 from then on."""
    waiting = patience(stop)
    for _ in range(10):
        waiting.wait(ERROR)
    assert stop.sleeps == [5, 5, 10, 10, 20, 30, 30, 30, 30, 30]
    assert list(PAUSES) == sorted(PAUSES) and (PAUSES[0], PAUSES[-1]) == (5, 30)


def test_a_run_ends_in_good_time(stop: FakeStop) -> None:
    """The error itself, which leads to exit 7, well before cupsd's MaxJobTime of three hours."""
    waiting = patience(stop)
    with pytest.raises(PrinterUnreachable) as caught:
        for _ in range(10000):
            waiting.wait(ERROR)
    assert caught.value is ERROR
    assert RUN_SECONDS <= sum(stop.sleeps) <= RUN_SECONDS + PAUSES[-1] < 7200


@pytest.mark.parametrize("contimeout, sleeps", [(0, []), (1, [1]), (5, [5]), (12, [5, 5, 2])])
def test_contimeout_ends_it(stop: FakeStop, contimeout: int, sleeps: list[int]) -> None:
    """To the second, with what was wrong last."""
    waiting = patience(stop, contimeout=contimeout)
    with pytest.raises(GaveUpWaiting) as caught:
        for _ in range(100):
            waiting.wait(ERROR)
    assert stop.sleeps == sleeps
    assert caught.value.waited == contimeout and "no answer" in caught.value.last


def test_a_class_waits_once(stop: FakeStop) -> None:
    """The next member gets the job after five seconds."""
    with pytest.raises(GaveUpWaiting):
        patience(stop, in_class=True).wait(ERROR)
    assert stop.sleeps == [CLASS_SECONDS] == [5]


def test_success_begins_anew_but_the_run_ends_all_the_same(stop: FakeStop) -> None:
    """Pauses are short again after a success, and the times of all waits of a run add up."""
    waiting = patience(stop, run_seconds=60)
    for _ in range(3):
        waiting.wait(ERROR)
    waiting.succeeded()
    stop.now += 10000  # the job itself, which is no waiting
    waiting.wait(ERROR)
    waiting.succeeded()
    assert stop.sleeps == [5, 5, 10, 5]
    with pytest.raises(PrinterUnreachable):
        for _ in range(20):
            waiting.wait(ERROR)
    assert 60 <= sum(stop.sleeps) <= 90


def test_contimeout_counts_from_the_last_success(stop: FakeStop) -> None:
    """A printer that came back and went again is waited for as long as at first."""
    waiting = patience(stop, contimeout=12)
    for _ in range(3):
        for _ in range(2):
            waiting.wait(ERROR)
        waiting.succeeded()
    assert stop.sleeps == [5, 5] * 3


def test_success_without_waiting_means_nothing(stop: FakeStop) -> None:
    """It may be told at any time."""
    waiting = patience(stop)
    waiting.succeeded()
    waiting.wait(ERROR)
    assert stop.sleeps == [5]


def test_sigterm_ends_it(stop: FakeStop) -> None:
    """Nothing waits through SIGTERM."""
    stop.request()
    with pytest.raises(JobStopped):
        patience(stop).wait(ERROR)


def test_says_what_is_waited_for(stop: FakeStop) -> None:
    """One INFO line: what is wrong, and when it is tried again."""
    readable, writable = os.pipe()
    Patience(stop, Report(writable), in_class=False, contimeout=WEEK).wait(PrinterBusy("printer", "it prints"))
    os.close(writable)
    (text,) = texts(parse_lines(os.read(readable, 4096)), "INFO")
    os.close(readable)
    assert "it prints" in text and "5 seconds" in text
