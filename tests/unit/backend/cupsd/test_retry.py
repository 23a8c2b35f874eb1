"""backend.cupsd.retry: how long one run waits, in which steps, and what ends it."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pytest

from backend.cupsd.retry import RetryPolicy
from backend.cupsd.stop_signal import JobStopped, StopSignal
from backend.errors import GaveUpWaiting, PrinterBusy, PrinterUnreachable
from filters.common.report import Report
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


def retry_policy(stop: FakeStop, in_class: bool = False, contimeout: int = WEEK, **more: Any) -> RetryPolicy:
    """Return the waiting of one run, whose lines nobody reads."""
    return RetryPolicy(
        stop, Report(os.open("/dev/null", os.O_WRONLY)), in_class=in_class, contimeout=contimeout, **more
    )


def test_pauses_grow(stop: FakeStop) -> None:
    """From 5 to 30 seconds, and 30 from then on."""
    waiting = retry_policy(stop)
    for _ in range(10):
        waiting.wait(ERROR)
    assert stop.sleeps == [5, 5, 10, 10, 20, 30, 30, 30, 30, 30]


def test_a_run_ends_in_good_time(stop: FakeStop) -> None:
    """The error itself, which leads to exit 7, well before cupsd's MaxJobTime of three hours."""
    waiting = retry_policy(stop)
    for seconds in (0, 6599):
        stop.now = 1000.0 + seconds
        waiting.wait(ERROR)
    stop.now = 1000.0 + 6600
    with pytest.raises(PrinterUnreachable) as caught:
        waiting.wait(ERROR)
    assert caught.value is ERROR


@pytest.mark.parametrize("contimeout, sleeps", [(0, []), (1, [1]), (5, [5]), (12, [5, 5, 2])])
def test_contimeout_ends_it(stop: FakeStop, contimeout: int, sleeps: list[int]) -> None:
    """To the second, with what was wrong last."""
    waiting = retry_policy(stop, contimeout=contimeout)
    with pytest.raises(GaveUpWaiting) as caught:
        for _ in range(100):
            waiting.wait(ERROR)
    assert stop.sleeps == sleeps
    assert caught.value.waited == contimeout and "no answer" in caught.value.last


def test_a_class_waits_once(stop: FakeStop) -> None:
    """The next member gets the job after five seconds."""
    with pytest.raises(GaveUpWaiting):
        retry_policy(stop, in_class=True).wait(ERROR)
    assert stop.sleeps == [5]


def test_success_begins_anew_but_the_run_ends_all_the_same(stop: FakeStop) -> None:
    """Pauses are short again after a success, and the times of all waits of a run add up."""
    waiting = retry_policy(stop, run_seconds=60)
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


@pytest.mark.parametrize("since", [0, 1])
def test_contimeout_counts_from_the_last_success(stop: FakeStop, since: int) -> None:
    """A printer that came back and went again is waited for as long as at first, also where earlier runs waited."""
    waiting = retry_policy(stop, contimeout=12, since=since)
    waiting.succeeded()
    for _ in range(3):
        for _ in range(2):
            waiting.wait(ERROR)
        waiting.succeeded()
    assert stop.sleeps == [5, 5] * 3


def test_success_without_waiting_means_nothing(stop: FakeStop) -> None:
    """It may be told at any time."""
    waiting = retry_policy(stop)
    waiting.succeeded()
    waiting.wait(ERROR)
    assert stop.sleeps == [5]


def test_sigterm_ends_it(stop: FakeStop) -> None:
    """Nothing waits through SIGTERM."""
    stop.request()
    with pytest.raises(JobStopped):
        retry_policy(stop).wait(ERROR)


def test_says_what_is_waited_for(stop: FakeStop) -> None:
    """One INFO line: what is wrong, and when it is tried again."""
    readable, writable = os.pipe()
    RetryPolicy(stop, Report(writable), in_class=False, contimeout=WEEK).wait(PrinterBusy("printer", "it prints"))
    os.close(writable)
    (text,) = texts(parse_lines(os.read(readable, 4096)), "INFO")
    os.close(readable)
    assert "it prints" in text and "5 seconds" in text


@pytest.mark.parametrize("asked, pauses", [(1.0, [1] * 6 + [30, 30]), (60.0, [60] * 8), (7.0, [7] * 6 + [30, 30])])
def test_a_printer_that_says_when(stop: FakeStop, asked: float, pauses: list[float]) -> None:
    """Its pause counts; one that is never ready is not asked every second for hours."""
    waiting = retry_policy(stop)
    for _ in pauses:
        waiting.wait(PrinterBusy("printer", "busy", asked))
    assert stop.sleeps == pauses


def test_what_a_printer_asks_for_is_bounded_by_contimeout_and_class(stop: FakeStop) -> None:
    """The administrator's limits are stronger."""
    with pytest.raises(GaveUpWaiting):
        waiting = retry_policy(stop, contimeout=20)
        while True:
            waiting.wait(PrinterBusy("printer", "busy", 300.0))
    assert stop.sleeps == [20]
    with pytest.raises(GaveUpWaiting):
        retry_policy(stop, in_class=True).wait(PrinterBusy("printer", "busy", 300.0))
    assert stop.sleeps == [20, 5]


@pytest.mark.parametrize(
    "before, told",
    [
        (0, {0: 1, 59: 1, 60: 2, 599: 2, 600: 3, 3599: 3, 3600: 4}),
        (30, {0: 0, 29: 0, 30: 1, 569: 1, 570: 2}),
        (60, {0: 0, 539: 0, 540: 1}),
        (5000, {0: 0, 1500: 0}),
    ],
)
def test_waiting_is_told_more_and_more_rarely(
    stop: FakeStop, monkeypatch: pytest.MonkeyPatch, before: int, told: dict[int, int], tmp_path: Path
) -> None:
    """A WARNING with its code at the first try, after 1, 10 and 60 minutes; a later run of the job goes on there."""
    path = tmp_path / "said"
    report = Report(os.open(path, os.O_WRONLY | os.O_CREAT))
    monkeypatch.setattr(time, "time", lambda: 1_700_000_000.0)
    since = 1_700_000_000 - before if before else 0
    waiting = RetryPolicy(stop, report, in_class=False, contimeout=WEEK, since=since)

    def warnings() -> list[str]:
        waiting.wait(ERROR)
        return texts(parse_lines(path.read_bytes()), "WARNING")

    for seconds, count in told.items():
        stop.now = 1000 + seconds
        assert warnings() == [str(ERROR)] * count and str(ERROR).endswith("[N01]")
    waiting.succeeded()
    assert len(warnings()) == count + 1
