"""Fixtures of the tests of a job."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest


@pytest.fixture
def feed(request: pytest.FixtureRequest) -> Callable[[bytes], None]:
    """Puts a document into standard input."""
    kept = os.dup(0)

    def put(document: bytes) -> None:
        reading, writing = os.pipe()
        os.dup2(reading, 0)
        os.close(reading)
        os.write(writing, document)
        os.close(writing)

    def give_back() -> None:
        os.dup2(kept, 0)
        os.close(kept)

    request.addfinalizer(give_back)
    return put
