"""Spooled files with the pages they must become: tests/scs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.scs_pages import SAMPLES, dump, expected_pages, read_pages

FILES = sorted(SAMPLES.glob("*.scs"))
#: What the samples with two-byte text were written in.
DBCS = {"19-truncated-in-dbcs": "930", "jt-5553": "930"}


def settings(path: Path) -> dict[str, Any]:
    """Return what the queue of a sample says."""
    return {"dbcs": DBCS[path.stem]} if path.stem in DBCS else {}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_pages(path: Path) -> None:
    """A sample becomes the pages that are written down beside it."""
    pages, machine = read_pages(path.read_bytes(), **settings(path))
    expected = [] if machine.unwrapping else expected_pages(path.with_suffix(".txt"))
    assert [dump(page) for page in pages] == expected
