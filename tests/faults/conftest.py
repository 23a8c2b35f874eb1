"""Fixtures of the fault tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.faults.ahead import Ahead
from tests.faults.harness import started_by
from tests.faults.quick import Nursery


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
