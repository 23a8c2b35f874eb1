"""Fixtures for tests with a real cupsd."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.printer import Printer
from tests.unit.filters.pdf_documents import A4, make_pdf


@pytest.fixture(scope="module")
def pictures(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for pictures that somebody may want to look at; tests/run names one that outlives the tests."""
    name = request.module.__name__.rpartition(".")[2].removeprefix("test_")
    parent = os.environ.get("IPPS443_PICTURES")
    if not parent:
        return tmp_path_factory.mktemp(name)
    (folder := Path(parent, name)).mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture
def printer() -> Iterator[Printer]:
    """A printer without faults."""
    with Printer() as printer:
        yield printer


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """A PDF of one page."""
    path = tmp_path / "page.pdf"
    path.write_bytes(make_pdf(A4))
    return path


@pytest.fixture
def jpeg(tmp_path: Path) -> Path:
    """A picture, two wide and three high."""
    path = tmp_path / "a.jpg"
    pytest.importorskip("PIL.Image").new("RGB", (200, 300), (200, 30, 30)).save(path)
    return path
