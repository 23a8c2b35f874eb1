"""backend.cupsd.stop_signal: SIGTERM reaches everything that waits, and the second one ends the process."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from backend.cupsd.process import Cupsd
from backend.cupsd.stop_signal import JobStopped, StopSignal

CHECKOUT = Path(__file__).resolve().parents[4]


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    """A pipe."""
    ends = os.pipe()
    yield ends
    for end in ends:
        try:
            os.close(end)
        except OSError:
            pass


def test_waits_for_what_is_wanted(pipe: tuple[int, int]) -> None:
    """Ready descriptors with their events; nothing when the time is over."""
    readable, writable = pipe
    stop = StopSignal()
    assert stop.wait(0.01, {readable: select.POLLIN}) == {}
    assert stop.wait(0) == {}
    assert stop.wait(5, {writable: select.POLLOUT}) == {writable: select.POLLOUT}
    os.write(writable, b"x")
    assert stop.wait(None, {readable: select.POLLIN}) == {readable: select.POLLIN}
    assert stop.wait(-5, {readable: select.POLLIN}) == {readable: select.POLLIN}
    os.read(readable, 1)
    os.close(writable)
    assert stop.wait(5, {readable: 0})[readable] & select.POLLHUP, "an end is told although nobody asked for input"


@pytest.mark.parametrize("before", [True, False])
def test_sigterm_ends_a_wait(pipe: tuple[int, int], before: bool) -> None:
    """Before the wait or during it, and although something is ready."""
    stop = StopSignal()
    threading.Timer(0 if before else 0.1, stop.request).start()
    with pytest.raises(JobStopped):
        stop.wait(20, {pipe[0]: select.POLLIN})
    assert stop.came and not stop.is_shutdown
    with pytest.raises(JobStopped):
        stop.wait(0, {pipe[1]: select.POLLOUT})
    with pytest.raises(JobStopped):
        stop.sleep(20)
    with pytest.raises(JobStopped):
        stop.check()


def test_the_clean_up_may_wait_again(pipe: tuple[int, int]) -> None:
    """After forgive nothing is raised, and the old signal wakes nobody."""
    stop = StopSignal()
    stop.request()
    stop.forgive()
    stop.check()
    stop.sleep(0.01)
    assert stop.wait(0.01, {pipe[0]: select.POLLIN}) == {}
    assert stop.came


def test_job_stopped_passes_by_whoever_mends_errors() -> None:
    """It is no Exception."""
    assert not issubclass(JobStopped, Exception)


def test_attended_descriptors_are_served_while_somebody_waits(pipe: tuple[int, int]) -> None:
    """The side channel is answered during any wait, and does not end it, until it says that it is over."""
    readable, writable = pipe
    stop, seen = StopSignal(), []

    def serve() -> bool:
        seen.append(os.read(readable, 1))
        return len(seen) < 2

    stop.attend(readable, serve)
    os.write(writable, b"abc")
    assert stop.wait(0.05) == {}
    assert seen == [b"a", b"b"]
    assert os.read(readable, 1) == b"c"


PROGRAM = """
import os, signal, sys
sys.path.insert(0, {checkout!r})
from backend.cupsd.stop_signal import JobStopped, StopSignal
{before}
stop = StopSignal()
stop.install()
os.write(1, b"r")
try:
    stop.wait(20)
except JobStopped:
    os.write(1, b"s" if stop.is_shutdown else b"c")
    stop.forgive()
    stop.wait(20)
os.write(1, b"never")
"""


def run(before: str = "") -> subprocess.Popen[bytes]:
    """Start a process that waits for SIGTERM, twice."""
    program = PROGRAM.format(checkout=str(CHECKOUT), before=before)
    process = subprocess.Popen([sys.executable, "-I", "-c", program], stdout=subprocess.PIPE)
    assert process.stdout and process.stdout.read(1) == b"r"
    return process


@pytest.mark.parametrize("before", ["", "signal.signal(signal.SIGTERM, signal.SIG_IGN)"])
def test_a_real_sigterm_and_a_second_one(before: str) -> None:
    """The first wakes whoever waits, also when the parent ignored SIGTERM; the second ends the process at once."""
    with run(before) as process:
        process.send_signal(signal.SIGTERM)
        assert process.stdout and process.stdout.read(1) == b"c", "cupsd, our parent, cancels"
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 1
        assert process.stdout.read() == b""


def test_sigterm_from_somebody_else_is_a_shutdown() -> None:
    """Only the parent cancels jobs; after a shutdown the job will be run again."""
    with run() as process:
        subprocess.run(["/bin/sh", "-c", f"kill -TERM {process.pid}"], check=True)
        assert process.stdout and process.stdout.read(1) == b"s"
        process.kill()


ORPHAN = """
import os, sys
sys.path.insert(0, {checkout!r})
from backend.cupsd.stop_signal import JobStopped, StopSignal
parent = os.getpid()
if os.fork():
    sys.stdin.readline()
    os._exit(0)
stop = StopSignal()
stop.install()
os.write(1, b"r")
try:
    stop.sleep(60)
except JobStopped:
    os.write(1, b"s" if stop.is_shutdown else b"c")
    stop.forgive()
    stop.sleep(0.01)
os.write(1, b"e")
"""


def test_nobody_sleeps_once_cupsd_is_gone() -> None:
    """A crash of cupsd is as a shutdown: the next one runs the job again, and waits for us to leave it."""
    program = ORPHAN.format(checkout=str(CHECKOUT))
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-I", "-c", program], stdin=pipe, stdout=pipe) as process:
        assert process.stdout and process.stdin and process.stdout.read(1) == b"r"
        process.stdin.close()
        assert process.wait(10) == 0
        assert process.stdout.read() == b"se"


@pytest.mark.parametrize("looks, slept", [(9, [1.0, 1.0, 0.5]), (2, [1.0, 1.0, "gone"]), (0, ["gone"])])
def test_whoever_sleeps_looks_at_cupsd_each_second(
    monkeypatch: pytest.MonkeyPatch, looks: int, slept: list[object]
) -> None:
    """As long as it is asked to, and not through the end of its cupsd."""
    stop, seen = StopSignal(), list[Any]()
    stop._cupsd = cast(Cupsd, SimpleNamespace(is_gone=lambda: len(seen) >= looks))
    monkeypatch.setattr(time, "monotonic", lambda: sum(seen))

    def wait(seconds: float) -> None:
        stop.check()
        seen.append(seconds)

    monkeypatch.setattr(stop, "wait", wait)
    with contextlib.suppress(JobStopped):
        stop.sleep(2.5)
    assert seen + ["gone"] * stop.is_shutdown == slept


@pytest.mark.parametrize("sender, is_shutdown, status", [(0, False, 9), (10, False, 9), (11, False, 9), (12, True, 1)])
def test_the_end_comes_in_time(monkeypatch: pytest.MonkeyPatch, sender: int, is_shutdown: bool, status: int) -> None:
    """Whatever the clean-up hangs in: within two seconds, with the exit code for a cancel if cupsd has sent it."""
    stop, done = StopSignal(), list[object]()
    stop.exit_at_once_after_cancel = 9
    monkeypatch.setattr(signal, "sigwaitinfo", lambda signals: SimpleNamespace(si_pid=sender))
    monkeypatch.setattr(signal, "sigtimedwait", lambda signals, seconds: done.append(seconds))
    monkeypatch.setattr(os, "_exit", done.append)
    stop._wait_for_sigterm(Cupsd(10, "", 11))
    assert done == [1.8, status] and stop.came and stop.is_shutdown is is_shutdown
