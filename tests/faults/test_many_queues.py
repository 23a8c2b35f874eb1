"""Many queues at once with faults at random: nothing is lost, nothing printed twice."""

from __future__ import annotations

import random
import threading
import time

import pytest

from tests.faults.harness import SHORT_TIMEOUTS, Knowledge, Outcome, device_uri, own_certificate, pcl, run_backend
from tests.faults.invariant import violations
from tests.faults.test_transfer_faults import CASES, LIES, SILENCES, UNSEEN, Case
from tests.printer import Faults, Printer

QUEUES = 50
#: Faults that silently spoil what is printed cannot be noticed, nor can lies about short documents (KNOWN); those that
#: are silent only make the queue wait.
LEFT_OUT = (*UNSEEN, *LIES)
FAULTS = [
    case
    for case in CASES
    if not case.fault.startswith(LEFT_OUT) and not any(word in case.fault for word in SILENCES) and not case.size
]


class Queue:
    """One queue: prints job after job, each to a printer with another fault, half of them with none."""

    def __init__(self, number: int, seed: int, end: float) -> None:
        self._random = random.Random(seed * 1000 + number)
        self._end = end
        self.wrong: list[str] = []
        self.thread = threading.Thread(target=self._print_jobs, daemon=True)

    def _print_jobs(self) -> None:
        while time.monotonic() < self._end:
            case = self._random.choice(FAULTS) if self._random.random() < 0.5 else None
            try:
                outcome = self._print_one(case)
            except Exception as error:
                self.wrong.append(f"{case and case.fault}: {error!r}")
                continue
            self.wrong += [f"{case and case.name}: {what}\n{outcome}" for what in violations(outcome)]
            if case is None and (outcome.exit_code, outcome.printed) != (0, 1):
                self.wrong.append(f"a fair printer: {outcome}")

    def _print_one(self, case: Case | None) -> Outcome:
        document = pcl(self._random.choice((300, 5_000, 40_000, 200_000)), self._random.randrange(1000))
        faults: Faults | str = case.faults if case is not None else Faults()
        knows = self._random.choice((None, Knowledge(True), Knowledge(False)))
        with Printer(certificate=own_certificate(), faults=faults) as printer:
            # A loaded machine is no lost printer: patience where the fault does not need the contrary.
            uri = device_uri(printer, timeout=SHORT_TIMEOUTS.replace("3", "60").replace("2", "60"))
            return run_backend(printer, document, uri=uri, knows=knows, patience=300.0)


def print_at_once(queues: int, seconds: float) -> list[str]:
    """Run so many queues for so long; return what went wrong."""
    seed = random.SystemRandom().randrange(10**6)
    end = time.monotonic() + seconds
    all_queues = [Queue(number, seed, end) for number in range(queues)]
    for queue in all_queues:
        queue.thread.start()
    for queue in all_queues:
        queue.thread.join(seconds + 600)
    return [f"seed {seed}: {what}" for queue in all_queues for what in queue.wrong]


def test_a_few_queues_at_once() -> None:
    """Eight queues print side by side for some seconds."""
    assert print_at_once(8, 4) == []


@pytest.mark.soak
def test_fifty_queues_at_once() -> None:
    """Fifty queues print side by side for two minutes."""
    assert print_at_once(QUEUES, 120) == []
