"""The tests themselves, run where a shell or nohup has them ignore signals: tests/run & is tests/run."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
SIGNALS = (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP, signal.SIGTERM)


@pytest.mark.parametrize("number", SIGNALS, ids=lambda number: number.name)
def test_signal_ends_a_program(number: signal.Signals) -> None:
    """A program that a test starts gets the signals that the test sends."""
    with subprocess.Popen(["sleep", "30"], start_new_session=True) as process:
        try:
            process.send_signal(number)
            assert process.wait(2) == -number
        finally:
            process.kill()


@pytest.mark.parametrize("ignored", ("INT QUIT", "HUP", "INT QUIT HUP"))
def test_signals_ignored_from_the_start(ignored: str) -> None:
    """The tests above pass in the background of a shell without job control, under nohup, and under both."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:cov", "-k", "ends_a_program"]
    done = subprocess.run(
        ["bash", "-c", f"trap '' {ignored}; exec \"$@\"", "bash", *command, __file__],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout
    assert f"{len(SIGNALS)} passed" in done.stdout
