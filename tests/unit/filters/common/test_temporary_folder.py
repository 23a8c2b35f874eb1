"""filters.common.temporary_folder: nothing stays, even when SIGTERM comes while the folder is made."""

from __future__ import annotations

import os
import signal
import stat
from pathlib import Path
from typing import BinaryIO

import pytest

from filters.common.temporary_folder import TemporaryFiles, temporary_folder, unnamed_file


class Stopped(Exception):
    """SIGTERM came."""


def stop(number: int, frame: object) -> None:
    raise Stopped


def test_sigterm_in_the_middle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The signal is heard when the folder has its owner, who takes it away."""
    make = os.mkdir
    made: list[str] = []

    def make_and_stop(path: str, mode: int) -> None:
        make(path, mode)
        made.append(path)
        signal.raise_signal(signal.SIGTERM)  # to this thread; others may run in a test

    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(os, "mkdir", make_and_stop)
    before = signal.signal(signal.SIGTERM, stop)
    try:
        with pytest.raises(Stopped), temporary_folder():
            raise AssertionError("the signal was not heard")
    finally:
        signal.signal(signal.SIGTERM, before)
    assert made and os.listdir(tmp_path) == []


def test_a_folder_and_its_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder is ours alone, its files have no names; all is gone at the end, whatever someone has put there."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    with temporary_folder() as folder:
        assert Path(folder).parent == tmp_path and stat.S_IMODE(os.stat(folder).st_mode) == 0o700
        with unnamed_file(folder) as file:
            file.write(b"abc")
            file.seek(0)
            assert file.read() == b"abc" and os.listdir(folder) == []
        Path(folder, "left").write_text("x")
        Path(folder, "more").mkdir()
        Path(folder, "more", "left").write_text("x")
    assert os.listdir(tmp_path) == []
    with TemporaryFiles() as files:
        assert os.listdir(tmp_path) == []
        first, second = files.make(), files.make()
        assert len(os.listdir(tmp_path)) == 1
    assert os.listdir(tmp_path) == [] and first.closed and second.closed


def test_a_folder_that_cannot_be_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without TMPDIR, or where that is no folder, another place serves; if none does, the first reason is told."""
    for place in (str(tmp_path / "missing"), ""):
        monkeypatch.setenv("TMPDIR", place)
        with temporary_folder() as folder:
            assert folder.startswith("/tmp/ipps443-")
        assert not os.path.exists(folder)
    monkeypatch.setenv("TMPDIR", str(tmp_path / "missing"))
    monkeypatch.setattr("filters.common.temporary_folder._OTHERS", ())
    with pytest.raises(FileNotFoundError, match="missing"), temporary_folder():
        pass


def test_a_place_that_is_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a folder can be made and nothing be written, another place serves, and no folder stays."""

    def file_unless_full(folder: str) -> BinaryIO:
        return open("/dev/full", "wb") if folder.startswith(str(tmp_path)) else unnamed_file(folder)

    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("filters.common.temporary_folder.unnamed_file", file_unless_full)
    with temporary_folder() as folder:
        assert folder.startswith("/tmp/ipps443-") and os.listdir(tmp_path) == []
    assert not os.path.exists(folder)
    monkeypatch.setattr("filters.common.temporary_folder._OTHERS", ())
    with pytest.raises(OSError, match="No space left"), temporary_folder():
        pass
    assert os.listdir(tmp_path) == []
