"""Answers without end, byte by byte or as fast as they are read, in each phase of a job: a loss, and what follows one.

The deadline for an answer that has begun is three times that for reading, so the queue's own option makes it short.
"""

from __future__ import annotations

import socket
from dataclasses import dataclass
from typing import Any

import pytest

from tests.faults.harness import SHORT, Knowledge, Outcome, Run, device_uri, own_certificate, run_backend
from tests.faults.invariant import violations
from tests.faults.test_memory import peak_of
from tests.printer import Printer
from tests.unit.backend.tls_peer import peer, read_to_end

TIMEOUTS = "connect:10,handshake:10,probe:5,write:15,reply:5,read:0.2"
#: What the largest answer may take beyond an ordinary job, in KiB: as much as is read of one, and its content.
MORE = 3 * 1024
PARTS = ("interim", "head", "body", "chunks", "extension", "trailer")
#: Where it happens: which requests, how many of them, and what becomes of the job in the end.
PHASES = {
    "first question": ("only=Get-Printer-Attributes,times=1", 0),
    "question, always": ("only=Get-Printer-Attributes", 1),
    "create": ("only=Create-Job,times=1", 0),
    "document": ("only=documents,times=1", 0),
    "watch": ("only=Get-Job-Attributes,times=1", 0),
    "document, one operation": ("only=documents,times=1,missing=Create-Job", 0),
}


@dataclass(frozen=True)
class Case:
    """One part of an answer that does not end, in one phase; single bytes with a pause, or none at all ("0")."""

    phase: str
    part: str
    drip: str = "0.02"


#: Each part in each phase byte by byte, and as fast as it is read where most is at stake.
CASES = [Case(phase, part) for phase in PHASES for part in PARTS] + [Case("document", part, "0") for part in PARTS]


def play(case: Case) -> tuple[Outcome, int]:
    """Run the backend for a case; return what came of it, and its peak of memory."""
    return print_with(f"endless={case.part},drip={case.drip},{PHASES[case.phase][0]}")


def print_with(faults: str) -> tuple[Outcome, int]:
    """Print a short job on a printer with faults; return what came of it, and the backend's peak of memory."""
    peak = 0

    def look(run: Run) -> None:
        nonlocal peak
        peak = max(peak, peak_of(run.pid))

    with Printer(certificate=own_certificate(), faults=faults) as printer:
        uri = device_uri(printer, timeout=TIMEOUTS)
        return run_backend(printer, SHORT, uri=uri, knows=Knowledge(True), watch=look), peak


@pytest.fixture(scope="module")
def ordinary_peak() -> int:
    """What a job takes whose answers are as they should be, with this Python; the printer's pause lets it be seen."""
    outcome, peak = print_with("slow_reply=0.3")
    assert (outcome.exit_code, outcome.printed) == (0, 1), str(outcome)
    return peak


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.phase}-{case.part}-{case.drip}")
def test_an_answer_without_end(case: Case, outcome_of: Any, ordinary_peak: int) -> None:
    """The job is printed once where the printer answers properly later, else it waits; memory stays as it is."""
    outcome, peak = outcome_of(play)
    expected = PHASES[case.phase][1]
    assert violations(outcome) == [], str(outcome)
    assert outcome.exit_code == expected, str(outcome)
    assert outcome.printed == (0 if expected else 1)
    assert 0 < peak <= ordinary_peak + MORE


@pytest.mark.parametrize("late", ("slow:1", "hang,only_connection=1"))
def test_a_handshake_that_takes_longer_is_waited_for(late: str) -> None:
    """The second try has twice the time of the first, and the message between them says what would help."""
    with Printer(certificate=own_certificate(), faults=f"handshake={late}") as printer:
        uri = device_uri(printer, timeout=f"{TIMEOUTS},handshake:0.7".replace("handshake:10,", ""))
        outcome = run_backend(printer, SHORT, uri=uri, knows=Knowledge(True))
    assert violations(outcome) == [], str(outcome)
    assert (outcome.exit_code, outcome.printed) == (0, 1), str(outcome)
    cure = "0.7 seconds. Check the port, or switch it off and on; trying"
    assert any(cure in text for text in outcome.said("INFO")), str(outcome)


def test_a_port_that_says_nothing_gets_four_hellos() -> None:
    """A listener that takes what comes: nothing but hellos reach it, and the queue stops with a message of its own."""
    taken: list[bytes] = []

    def script(sock: socket.socket) -> None:
        taken.append(read_to_end(sock))

    with peer(script) as server:
        uri = f"ipps443://localhost:{server.port}/?pin=sha256:{'0' * 64}&contimeout=600&timeout=handshake:0.05"
        with Printer(certificate=own_certificate()) as other:  # the harness wants one; nothing comes to it
            outcome = run_backend(other, SHORT, uri=uri)
    assert violations(outcome) == [], str(outcome)
    assert (outcome.exit_code, outcome.code, outcome.printed) == (4, "N05", 0), str(outcome)
    assert len(taken) == 4 and all(each.startswith(b"\x16\x03\x01") for each in taken)
