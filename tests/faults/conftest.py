"""Fixtures of the fault tests, and their tables at the end of the run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.faults.ahead import Ahead
from tests.faults.harness import started_by
from tests.faults.quick import Nursery

#: What is printed above each table: its name, and the heads of its columns.
TABLES = {
    "transfer": ("Transfer faults", ("fault", "printer", "came to", "printed")),
    "cut": ("Connections cut", ("conversation", "direction", "how", "positions", "outcomes")),
    "trust": ("Trust faults", ("fault", "verdict", "exit", "octets leaked", "names leaked", "passwords leaked")),
    "cancel": ("SIGTERM", ("phase", "framing", "gone within", "job at the printer", "input")),
    "input": ("Inputs", ("input", "framing", "exit", "printed")),
    "memory": ("Memory", ("job", "framing", "peak MiB", "seconds")),
    "queues": ("Many queues at once", ("queues", "what became of the jobs", "number")),
    "endless": ("Answers without end", ("phase", "part", "drip", "exit", "printed", "peak MiB")),
    "servers": ("Servers that are not ours", ("server", "framing", "exit", "arrived")),
}

Row = Callable[..., None]


@pytest.fixture(scope="session")
def runner() -> Iterator[Ahead]:
    """Runs cases ahead of the tests that ask for them."""
    ahead = Ahead()
    yield ahead
    ahead.close()


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    """Starts backends quickly."""
    with Nursery() as nursery:
        yield nursery


@pytest.fixture(scope="module")
def quickly(nursery: Nursery) -> Iterator[None]:
    """Starts all backends of a file quickly: where what they do is asked, and not how a process begins and ends."""
    with started_by(nursery.start):
        yield


@pytest.fixture
def outcome_of(request: pytest.FixtureRequest, runner: Ahead) -> Callable[[Callable[[Any], Any]], Any]:
    """Gives the outcome of the test's own case, run by the function it is called with."""
    return lambda run: runner.outcome(request.node, run)


@pytest.fixture
def row(record_property: Callable[[str, object], None]) -> Row:
    """Adds a row to one of the tables."""

    def add(table: str, *cells: object) -> None:
        assert len(cells) == len(TABLES[table][1])
        record_property("fault-table", [table, *map(str, cells)])

    return add


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print the tables."""
    rows: dict[str, list[list[str]]] = {}
    for reports in terminalreporter.stats.values():
        for report in reports:
            if getattr(report, "when", None) != "call":
                continue
            for name, value in report.user_properties:
                if name == "fault-table":
                    rows.setdefault(value[0], []).append(value[1:])
    for table, (title, heads) in TABLES.items():
        if table in rows:
            terminalreporter.section(f"{title}: {len(rows[table])} cases")
            lines = _across(rows[table]) if table == "transfer" else [list(heads), *rows[table]]
            for line in _aligned(lines):
                terminalreporter.write_line(line)


#: The columns of the transfer table: what is known of the printer, and whether it has Create-Job.
PRINTERS = ("uc", "up", "cc", "cp", "sc", "sp")
KEY = (
    "u: a printer that is not known yet, c: known to take chunks, s: known not to; c: by Create-Job, p: by Print-Job",
    "0 chunked, 0 sized: printed once and whole, framed so; 0 -: success without printing; else exit code and message,",
    "nothing printed; a star: printed all the same, which only a held job (3 P09) may be",
)


def _across(rows: list[list[str]]) -> list[list[str]]:
    """One line for each fault, with the printers side by side, the key above and what it sums up to below."""
    faults: dict[str, dict[str, str]] = {}
    sums: Counter[str] = Counter()
    for fault, printer, came_to, printed in rows:
        star = "" if printed == ("1" if came_to.startswith("0 ") else "0") else "*" * max(1, int(printed))
        faults.setdefault(fault, {})[printer] = came_to + star
        sums[came_to + star] += 1
    table = [["fault", *PRINTERS]]
    table += [[fault, *(cells.get(printer, "") for printer in PRINTERS)] for fault, cells in faults.items()]
    total = [[f"in all: {', '.join(f'{number} times {what}' for what, number in sorted(sums.items()))}"]]
    return [*([line] for line in KEY), *table, *total]


def _aligned(table: list[list[str]]) -> list[str]:
    """Lines with columns of equal width; those of a single cell are text."""
    rows = [line for line in table if len(line) > 1]
    widths = [max(len(line[column]) for line in rows) for column in range(len(rows[0]))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip() for line in table]
