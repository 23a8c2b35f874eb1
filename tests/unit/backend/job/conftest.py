"""Fixtures of the tests of a job."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from filters.common.report import Report


class Told(Report):
    """Notes state words and warnings in the order in which they are said."""

    def __init__(self) -> None:
        super().__init__(os.open(os.devnull, os.O_WRONLY | os.O_CLOEXEC))
        self.told: list[str] = []

    def state(self, *words: str) -> None:
        self.told += words

    def warning(self, text: str) -> None:
        self.told.append(f"WARNING {text}")


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
