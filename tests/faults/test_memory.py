"""Memory stays the same whatever the size of the job: B-11. A bound, not a measurement of speed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.harness import UEL, Knowledge, Outcome, Run, device_uri, own_certificate, run_backend
from tests.faults.invariant import violations
from tests.printer import Printer

LIMIT = 32 * 1024  # KiB
BLOCK = bytes(range(32, 96)) * 16384  # 1 MiB, and no form feed


def blocks(mebibytes: int) -> Iterator[bytes]:
    """Give a job of that size that is never in memory as a whole."""
    yield UEL
    for number in range(mebibytes):
        yield number.to_bytes(8, "big").hex().encode() + BLOCK[16:]
    yield UEL


def peak_of(pid: int) -> int:
    """Return the most that was resident of a process, in KiB (proc(5), VmHWM); 0 if it has gone."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("VmHWM:")), 0)


def send(how: str, mebibytes: int) -> Outcome:
    """Send a job of that size; compare hash and memory."""
    peak = 0

    def look(run: Run) -> None:
        nonlocal peak
        peak = max(peak, peak_of(run.pid))

    with Printer(certificate=own_certificate(), faults="store=hash") as printer:
        outcome = run_backend(
            printer,
            uri=device_uri(printer, timeout="write:300,reply:300"),
            feed=lambda run: blocks(mebibytes),
            knows=Knowledge(how == "chunked"),
            watch=look,
            patience=1800,
        )
    assert violations(outcome, corrupts=True) == [], str(outcome)
    expected = hashlib.sha256()
    for block in blocks(mebibytes):
        expected.update(block)
    assert outcome.jobs[0].sha256 == expected.hexdigest() and outcome.framing == how
    assert 0 < peak <= LIMIT
    return outcome


@pytest.mark.parametrize("how", ("chunked", "sized"))
def test_three_hundred_mebibytes(how: str) -> None:
    """300 MiB through standard input: they arrive, and the backend stays below 32 MiB."""
    send(how, 300)


@pytest.mark.soak
@pytest.mark.parametrize("how", ("chunked", "sized"))
def test_two_gibibytes(how: str) -> None:
    """The same with 2 GiB: memory does not grow with the job."""
    send(how, 2048)
