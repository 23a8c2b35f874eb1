"""ipps443ctl set: what it writes, and what it refuses."""

from __future__ import annotations

import multiprocessing
import os
import stat
from pathlib import Path

import pytest

from filters.common.settings_file import read_settings
from tests.unit.control.conftest import Desk


def settings(desk: Desk) -> Path:
    """Return the path of the settings."""
    return Path(desk.path).with_name("ipps443.conf")


def test_for_all_queues_and_for_one(desk: Desk) -> None:
    """A setting is written where it belongs, and the next job reads it there."""
    for words in (["render-memory=2G"], ["office", "render-memory=512M"], ["Attic", "RENDER-OUTPUT=1G"]):
        assert desk.run("set", *words) == 0
    path = str(settings(desk))
    assert [read_settings(path, queue)["render-memory"] for queue in ("", "x", "office")] == [2 << 30, 2 << 30, 1 << 29]
    assert read_settings(path, "attic")["render-output"] == 1 << 30
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o640 and read_settings(path).problems == ()


def test_set_again(desk: Desk) -> None:
    """A setting that is there is replaced where it stands; comments, order and all else stay."""
    text = "# first\nrender-memory = 1G  \n\n[queue office]\n# second\nrender-memory=256M\n\n[queue attic]\nodd line\n"
    assert desk.run("set", "render-output=1G") == 0
    settings(desk).write_text(text)
    assert desk.run("set", "office", "render-memory=300M") == 0 and "line 9" in desk.errors
    assert settings(desk).read_text() == text.replace("render-memory=256M", "render-memory = 300M")
    assert desk.run("set", "office", "render-output=3M") == 0 and desk.run("set", "render-memory=4G") == 0
    expected = text.replace("render-memory=256M", "render-memory = 300M\nrender-output = 3M")
    assert settings(desk).read_text() == expected.replace("render-memory = 1G  ", "render-memory = 4G")


@pytest.mark.parametrize(
    "words",
    [
        ["render-memory"],
        ["=1"],
        ["render-colour=1"],
        ["render-memory=127M"],
        ["render-memory=lots"],
        ["render-memory="],
        ["render-seconds-per-page=0"],
        ["render-seconds-per-page=1.5"],
        ["render-output=-1"],
        ["office", "attic", "render-output=1G"],
        ["of fice", "render-output=1G"],
        ["office]", "render-output=1G"],
        ["render-output=1G\nrender-memory=1G"],
    ],
)
def test_refused(desk: Desk, words: list[str]) -> None:
    """What makes no sense is wrong usage, said in one line, and nothing is written."""
    assert desk.run("set", *words) == 2 and desk.errors.count("\n") == 1
    assert not settings(desk).exists()


def test_a_file_that_others_may_write(desk: Desk) -> None:
    """What others have written is not made ours by writing it again."""
    assert desk.run("set", "render-memory=1G") == 0
    settings(desk).chmod(0o666)
    before = settings(desk).read_text()
    assert desk.run("set", "render-memory=2G") == 1 and "others may write" in desk.errors
    assert settings(desk).read_text() == before


def _set(path: Path, queue: str) -> None:
    assert Desk(path).run("set", queue, "render-memory=1G") == 0


def test_two_at_once(tmp_path: Path) -> None:
    """Administrators who work at the same time do not undo each other's work."""
    queues = [f"queue{number}" for number in range(8)]
    processes = [multiprocessing.Process(target=_set, args=(tmp_path, queue)) for queue in queues]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
        assert process.exitcode == 0
    text = settings(Desk(tmp_path)).read_text()
    assert all(text.count(f"[queue {queue}]\nrender-memory = 1G\n") == 1 for queue in queues)


def test_json(desk: Desk) -> None:
    """For programs it is one value."""
    value = desk.value("set", "office", "render-seconds-per-page=60")
    assert (value["queue"], value["name"], value["value"]) == ("office", "render-seconds-per-page", "60")
