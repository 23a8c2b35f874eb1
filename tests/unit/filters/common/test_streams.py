"""filters.common.streams: what a filter writes arrives whole."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from filters.common.ppd import PrinterDescription
from filters.common.report import Report
from filters.common.streams import load_description, read_description, write_all


@pytest.mark.parametrize("taken", [1, 3, 10, 99])
def test_all_is_written(monkeypatch: pytest.MonkeyPatch, taken: int) -> None:
    """A pipe may take less than there is, as where a signal arrives in the midst of it."""
    pieces: list[bytes] = []

    def write(descriptor: int, data: memoryview) -> int:
        pieces.append(bytes(data[:taken]))
        return len(pieces[-1])

    monkeypatch.setattr(os, "write", write)
    write_all(1, b"0123456789")
    monkeypatch.undo()
    assert b"".join(pieces) == b"0123456789"


def test_descriptions(tmp_path: Path) -> None:
    """None without a path; one that cannot be read is named in a warning, and letters that are none are no trouble."""
    path, said = tmp_path / "queue.ppd", tmp_path / "said"
    with open(said, "wb") as messages:
        report = Report(messages.fileno())
        assert read_description("", report) == load_description("") == PrinterDescription()
        path.write_bytes(b"*DefaultPageSize: A5\n*% \xff\n")
        assert read_description(str(path), report).defaults == {"PageSize": "A5"} and not said.read_bytes()
        path.unlink()
        assert read_description(str(path), report) == PrinterDescription()
    assert said.read_text().startswith("WARNING: the printer description cannot be read, defaults are used: ")
    with pytest.raises(FileNotFoundError):
        load_description(str(path))
