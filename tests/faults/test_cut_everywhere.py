"""A short conversation, cut after each of its octets, in both directions.

From the end of the TLS handshake to the last octet of the last answer; the first connection is cut, in one kind of
run all of them. The normal run takes some of the positions, others each time; --soak takes all.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest

from tests.faults.harness import SHORT, TIMEOUTS, Knowledge, Outcome, device_uri, own_certificate, run_backend
from tests.faults.invariant import violations
from tests.faults.quick import Nursery
from tests.printer import Printer

#: Runs at once; most of them are waiting.
AT_ONCE = 24
#: In the normal run every so manieth position.
STEP = 163
#: The conversations: the faults of the printer, and what is remembered of it.
CONVERSATIONS: dict[str, tuple[str, Knowledge | None]] = {
    "unknown, Create-Job": ("", None),
    "known to chunk, Print-Job": ("missing=Create-Job,", Knowledge(True)),
    "known not to, Create-Job": ("", Knowledge(False)),
}
ENDS = {"reset": "", "FIN": ":fin", "close": ":close"}


@dataclass(frozen=True)
class Cut:
    """Where the conversations of one test are cut."""

    conversation: str
    direction: str
    how: str
    connections: str = "1"

    def faults(self, position: int) -> str:
        only = f",only_connection={self.connections}" if self.connections != "all" else ""
        return f"{CONVERSATIONS[self.conversation][0]}cut={self.direction}:{position}{ENDS[self.how]}{only}"


def converse(nursery: Nursery, conversation: str, faults: str) -> tuple[Outcome, Printer]:
    """Print a short job, known to or unknown to the printer."""
    with Printer(certificate=own_certificate(), faults=faults.strip(",")) as printer:
        uri = device_uri(printer, timeout=TIMEOUTS)
        knows = CONVERSATIONS[conversation][1]
        outcome = run_backend(printer, SHORT, uri=uri, knows=knows, starter=nursery.start)
        return outcome, printer


def length(nursery: Nursery, cut: Cut) -> int:
    """The octets that go in one direction over the first connection when nothing is wrong."""
    outcome, printer = converse(nursery, cut.conversation, CONVERSATIONS[cut.conversation][0])
    assert violations(outcome) == [] and printer.connections == 1, str(outcome)
    return int(getattr(printer.connection_log[0], cut.direction))


def cut_at(nursery: Nursery, cut: Cut, positions: range) -> None:
    """Cut at all these positions and compare each outcome with the invariant."""

    def play(position: int) -> tuple[int, Outcome]:
        return position, converse(nursery, cut.conversation, cut.faults(position))[0]

    wrong: list[str] = []
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for position, outcome in pool.map(play, positions):
            found = violations(outcome)
            if found:
                wrong.append(f"{cut.faults(position)}: {'; '.join(found)}\n{outcome}")
    assert not wrong, f"{len(wrong)} of {len(positions)}\n" + "\n\n".join(wrong[:5])


def cuts() -> Iterator[Cut]:
    """All kinds of cuts."""
    for conversation in CONVERSATIONS:
        for direction in ("received", "sent"):
            for how in ENDS:
                yield Cut(conversation, direction, how)
            yield Cut(conversation, direction, "reset", "all")


@pytest.mark.parametrize(
    "cut", cuts(), ids=lambda cut: f"{cut.conversation}-{cut.direction}-{cut.how}-{cut.connections}"
)
def test_some_positions(cut: Cut, nursery: Nursery) -> None:
    """Wherever the connection is cut, the job is printed once, or not at all, or held where nobody can know."""
    begin = 1 + time.monotonic_ns() // 1000 % STEP
    cut_at(nursery, cut, range(begin, length(nursery, cut) + 1, STEP * (4 if cut.connections == "all" else 1)))


@pytest.mark.soak
@pytest.mark.parametrize(
    "cut", cuts(), ids=lambda cut: f"{cut.conversation}-{cut.direction}-{cut.how}-{cut.connections}"
)
def test_every_position(cut: Cut, nursery: Nursery) -> None:
    """The same, at each single position."""
    cut_at(nursery, cut, range(1, length(nursery, cut) + 1))
