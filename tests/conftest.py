"""For all tests."""

from __future__ import annotations

import pytest

#: Longer values make names that nobody can type, and certificates make names that differ from run to run.
LONGEST_ID = 32


def pytest_make_parametrize_id(config: pytest.Config, val: object, argname: str) -> str | None:
    """Name a case with a long value after its argument, so that parallel runs agree on the names."""
    return argname if isinstance(val, (str, bytes)) and len(val) > LONGEST_ID else None
