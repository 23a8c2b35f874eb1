"""filters.common.temporary_folder: nothing stays, even when SIGTERM comes while the folder is made."""

from __future__ import annotations

import os
import signal
import tempfile
from pathlib import Path

import pytest

from filters.common.temporary_folder import temporary_folder


class Stopped(Exception):
    """SIGTERM came."""


def stop(number: int, frame: object) -> None:
    raise Stopped


def test_sigterm_in_the_middle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The signal is heard when the folder has its owner, who takes it away."""
    make = tempfile.mkdtemp
    made: list[str] = []

    def make_and_stop(*arguments: object, **more: object) -> str:
        made.append(make(*arguments, **more))  # type: ignore[call-overload]
        signal.raise_signal(signal.SIGTERM)  # to this thread; others may run in a test
        return made[0]

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(tempfile, "mkdtemp", make_and_stop)
    before = signal.signal(signal.SIGTERM, stop)
    try:
        with pytest.raises(Stopped), temporary_folder():
            raise AssertionError("the signal was not heard")
    finally:
        signal.signal(signal.SIGTERM, before)
    assert made and os.listdir(tmp_path) == []
