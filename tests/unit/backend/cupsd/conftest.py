"""Fixtures of the tests of CUPS's side."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.open_descriptors import open_descriptors


@pytest.fixture
def no_descriptor_is_left() -> Iterator[None]:
    """Whatever is opened is closed: ipps443ctl goes through the files of hundreds of printers."""
    before = open_descriptors()
    yield
    assert open_descriptors() <= before
