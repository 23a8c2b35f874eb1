"""filters.common.streams: what a filter writes arrives whole."""

from __future__ import annotations

import os

import pytest

from filters.common.streams import write_all


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
