"""Fixtures for tests with a real cupsd; without root or without CUPS they are skipped, and say which one is missing."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cups.server import CupsServer, why_not


@pytest.fixture(scope="session")
def shared_cups() -> Iterator[CupsServer]:
    """A cupsd that all files of tests share."""
    reason = why_not()
    if reason:
        pytest.skip(reason)
    with CupsServer() as server:
        yield server


@pytest.fixture(scope="module")
def cups(shared_cups: CupsServer) -> Iterator[CupsServer]:
    """The shared cupsd as if it were new: no queue, no pin and nothing learned is left by another file of tests."""
    yield shared_cups
    shared_cups.clear()


@pytest.fixture(scope="module")
def pictures(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for pictures that somebody may want to look at; tests/run names one that outlives the tests."""
    name = request.module.__name__.rpartition(".")[2].removeprefix("test_")
    parent = os.environ.get("IPPS443_PICTURES")
    if not parent:
        return tmp_path_factory.mktemp(name)
    (folder := Path(parent, name)).mkdir(parents=True, exist_ok=True)
    return folder
