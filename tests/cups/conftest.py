"""Fixtures for tests with a real cupsd; without root or without CUPS they are skipped, and say which one is missing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.cups.server import CupsServer, why_not


@pytest.fixture(scope="session")
def cups() -> Iterator[CupsServer]:
    """A cupsd that the tests share; each makes queues with names of its own."""
    reason = why_not()
    if reason:
        pytest.skip(reason)
    with CupsServer() as server:
        yield server
