"""Runs the cases that come next while one is waited for: most of them are waiting themselves.

A test asks for the outcome of its own case; the cases of the same test function that were selected behind it are begun
with it. Without pytest-xdist this keeps both processors busy, and with it each worker does so for its own file.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest

#: Runs at once. Each is a process, and a printer in ours; two processors take about so many.
AT_ONCE = 12


class Ahead:
    """The runs that are going on, by the names of their tests."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="case")
        self._begun: dict[str, Future[Any]] = {}

    def outcome(self, item: pytest.Function, run: Callable[[Any], Any]) -> Any:
        """Return ``run(case)`` of a test, where case is its parameter of that name."""
        for other in self._next(item):
            if other.nodeid not in self._begun:
                self._begun[other.nodeid] = self._pool.submit(run, other.callspec.params["case"])
        return self._begun.pop(item.nodeid).result()

    def _next(self, item: pytest.Function) -> list[pytest.Function]:
        items = item.session.items
        # More than run at once, so that a slow one does not keep the others.
        following = items[items.index(item) :][: 5 * AT_ONCE]
        alike = [each for each in following if isinstance(each, pytest.Function) and each.parent is item.parent]
        return [each for each in alike if each.originalname == item.originalname]

    def close(self) -> None:
        """Begin nothing more."""
        self._pool.shutdown(wait=False, cancel_futures=True)
