"""Fixtures of the fault tests, and their tables at the end of the run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.faults.ahead import Ahead

#: What is printed above each table: its name, and the heads of its columns.
TABLES = {
    "transfer": ("Transfer faults", ("fault", "printer is", "sends with", "exit", "framing", "printed", "seconds")),
    "cut": ("Connections cut", ("conversation", "direction", "how", "positions", "outcomes")),
    "trust": ("Trust faults", ("fault", "verdict", "exit", "octets leaked", "names leaked", "passwords leaked")),
    "cancel": ("SIGTERM", ("phase", "framing", "gone within", "job at the printer", "input")),
    "input": ("Inputs", ("input", "framing", "exit", "printed")),
    "memory": ("Memory", ("job", "framing", "peak MiB", "seconds")),
    "queues": ("Many queues at once", ("queues", "what became of the jobs", "number")),
    "servers": ("Servers that are not ours", ("server", "framing", "exit", "arrived")),
}

Row = Callable[..., None]


@pytest.fixture(scope="session")
def runner() -> Iterator[Ahead]:
    """Runs cases ahead of the tests that ask for them."""
    ahead = Ahead()
    yield ahead
    ahead.close()


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
            for line in _aligned([list(heads), *rows[table]]):
                terminalreporter.write_line(line)


def _aligned(table: list[list[str]]) -> list[str]:
    widths = [max(len(line[column]) for line in table) for column in range(len(table[0]))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip() for line in table]
