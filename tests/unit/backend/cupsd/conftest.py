"""Fixtures of the tests of CUPS's side."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest


@pytest.fixture
def no_descriptor_is_left() -> Iterator[None]:
    """Whatever is opened is closed: ipps443ctl goes through the files of hundreds of printers."""
    before = os.listdir("/proc/self/fd")
    yield
    assert os.listdir("/proc/self/fd") == before
