"""The limit of time of each test: what hangs fails, shows where, and does not keep the others."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
#: Tests that hang, each in a way of its own, one that does not, and one that ends only with its process.
PLANTED = """
import signal, subprocess, threading, time
import pytest
from hypothesis import given, strategies
from tests import time_limit

def test_sleeps():
    time.sleep(60)

def test_waits_for_a_lock():
    lock = threading.Lock()
    lock.acquire()
    lock.acquire()

def test_works():
    while True:
        pass

def test_waits_for_a_program():
    subprocess.run(["sleep", "60"])

def test_takes_it_for_its_own():
    try:
        time.sleep(60)
    except Exception:
        time.sleep(60)

def test_takes_all_for_its_own():
    try:
        time.sleep(60)
    except BaseException:
        time.sleep(60)

@given(strategies.integers())
def test_in_hypothesis(number):
    time.sleep(60)

@pytest.fixture
def fixture():
    yield
    time.sleep(60)

def test_before_its_fixture_hangs(fixture):
    pass

def test_in_time(monkeypatch):
    monkeypatch.setattr(time, "monotonic", lambda: 1e9)
    time.sleep(0.1)

def test_cannot_be_interrupted():
    signal.pthread_sigmask(signal.SIG_BLOCK, [time_limit.SIGNAL])
    time.sleep(60)
"""
#: Short limits; and what went wrong is said at once, as the last test takes the summary with it.
CONFTEST = """
from tests import time_limit
time_limit.MOST_SECONDS, time_limit.GRACE, time_limit.LOOK_SECONDS = 0.2, 1.0, 0.02

def pytest_runtest_logreport(report):
    print(f"\\n= {report.location[2]} {report.when} {report.outcome}", report.longreprtext, sep="\\n")
"""


def test_what_hangs_fails(tmp_path: Path) -> None:
    """Each planted hang ends in time, and the output has its stack; the tests behind it run."""
    (tmp_path / "test_planted.py").write_text(PLANTED)
    (tmp_path / "conftest.py").write_text(CONFTEST)
    command = [sys.executable, "-m", "pytest", "-p", "tests.conftest", "-p", "no:cacheprovider", "-c", "/dev/null"]
    done = subprocess.run([*command, tmp_path], cwd=CHECKOUT, capture_output=True, text=True, timeout=60)
    failed = {
        "test_sleeps call": "test_sleeps",
        "test_waits_for_a_lock call": "test_waits_for_a_lock",
        "test_works call": "test_works",
        "test_waits_for_a_program call": "test_waits_for_a_program",
        "test_takes_it_for_its_own call": "test_takes_it_for_its_own",
        "test_takes_all_for_its_own call": "test_takes_all_for_its_own",
        "test_in_hypothesis call": "test_in_hypothesis",
        "test_before_its_fixture_hangs teardown": "fixture",
    }
    reports = [report.partition("\n") for report in done.stdout.split("\n= ")[1:]]
    stacks = {head.removesuffix(" failed"): text for head, _, text in reports if head.endswith(" failed")}
    assert stacks.keys() == failed.keys(), done.stdout + done.stderr
    assert not [name for name, place in failed.items() if f"in {place}\n" not in stacks[name]]
    assert "test_in_time call passed" in [head for head, _, _ in reports]
    assert done.returncode == 1 and "in test_cannot_be_interrupted\n" in done.stderr
