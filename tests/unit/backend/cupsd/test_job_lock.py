"""backend.cupsd.job_lock: one run of a job at a time, whatever becomes of the other one."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.cupsd.job_lock import JobLock

CHECKOUT = Path(__file__).resolve().parents[4]
pytestmark = pytest.mark.usefixtures("no_descriptor_is_left")
UUID = "c0ffee00-5eed-4bad-9a7e-123456789abc"
OTHER = UUID.replace("c", "d")
RUN = """
import sys
sys.path.insert(0, sys.argv[1])
from backend.cupsd.job_lock import JobLock
lock = JobLock(sys.argv[2], sys.argv[3])
print(lock.take(), flush=True)
sys.stdin.readline()
lock.release()
print("released", flush=True)
sys.stdin.readline()
"""


@contextlib.contextmanager
def run(folder: Path, name: str = "ipps443") -> Iterator[subprocess.Popen[str]]:
    """Another run of the job, which has the lock."""
    pipe = subprocess.PIPE
    command = [sys.executable, "-I", "-c", RUN, str(CHECKOUT), str(folder), UUID, name]
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, bufsize=1) as process:
        assert process.stdout and process.stdout.readline() == "True\n"
        try:
            yield process
        finally:
            process.kill()


def test_one_run_at_a_time(tmp_path: Path) -> None:
    """While another process has the job nobody else gets it; other jobs are not concerned."""
    lock = JobLock(str(tmp_path), UUID)
    with run(tmp_path) as other:
        assert [lock.take(), lock.take()] == [False, False]
        assert lock.holder() == other.pid
        other_job = JobLock(str(tmp_path), OTHER)
        assert other_job.take()
        other_job.release()
        assert other.stdin and other.stdout
        other.stdin.write("\n")
        assert other.stdout.readline() == "released\n"
        assert lock.take() and lock.take(), "and it is ours from then on"
    lock.release()
    lock.release()
    assert not (tmp_path / f"job-{UUID}.lock").exists()


def test_a_run_that_is_killed_has_nothing_any_more(tmp_path: Path) -> None:
    """Its file stays, and the next run uses it."""
    with run(tmp_path):
        pass
    assert (tmp_path / f"job-{UUID}.lock").stat().st_mode & 0o777 == 0o600
    lock = JobLock(str(tmp_path), UUID)
    assert lock.take()
    lock.release()


def test_a_lock_on_a_removed_file_is_none(tmp_path: Path) -> None:
    """Between opening and locking the holder may have removed the file: two runs must not both think they have it."""
    with run(tmp_path):
        (tmp_path / f"job-{UUID}.lock").unlink()
        lock = JobLock(str(tmp_path), UUID)
        assert lock.take(), "a new file, which nobody has"
        lock.release()


@pytest.mark.parametrize("content", ["", "rubbish\n", "-1\n", "1\n", "99999999\n", "ours"])
def test_only_one_of_ours_is_the_holder(tmp_path: Path, content: str) -> None:
    """The number is a file's word: a process that is not a backend is never named, because it will be ended."""
    content = f"{os.getpid()}\n" if content == "ours" else content
    (tmp_path / f"job-{UUID}.lock").write_text(content)
    assert JobLock(str(tmp_path), UUID).holder() is None


@pytest.mark.parametrize("spoil", ["pipe", "link", "folder", "file"])
def test_where_there_is_no_lock_nobody_waits(tmp_path: Path, spoil: str) -> None:
    """A lock that cannot be had costs no job: rubbish in the folder, or no folder."""
    folder, path = tmp_path / "cache", tmp_path / "cache" / f"job-{UUID}.lock"
    if spoil == "file":
        folder.write_text("")
    else:
        folder.mkdir()
        if spoil == "pipe":
            os.mkfifo(path)
        elif spoil == "link":
            (tmp_path / "else").write_text("theirs")
            path.symlink_to(tmp_path / "else")
        else:
            path.mkdir()
    lock = JobLock(str(folder), UUID)
    assert lock.take() and lock.holder() is None
    lock.release()
    assert spoil != "link" or (tmp_path / "else").read_text() == "theirs"


def test_another_name_of_a_file_is_no_lock(tmp_path: Path) -> None:
    """What someone has put there by a hard link is neither written nor removed, and costs no job."""
    (tmp_path / "else").write_text("theirs")
    os.link(tmp_path / "else", tmp_path / f"job-{UUID}.lock")
    lock = JobLock(str(tmp_path), UUID)
    assert lock.take()
    lock.release()
    assert (tmp_path / "else").read_text() == "theirs" and (tmp_path / f"job-{UUID}.lock").exists()


def test_a_file_that_goes_while_it_is_locked_is_no_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The holder removes it between our opening and our locking, and a third run makes a new one: that one has it."""
    path = tmp_path / f"job-{UUID}.lock"

    def flock(descriptor: int, how: int) -> None:
        path.unlink()
        path.write_text("")

    monkeypatch.setattr("backend.cupsd.job_lock.fcntl.flock", flock)
    assert not JobLock(str(tmp_path), UUID).take()


def test_the_file_goes_before_the_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the next run has locked it when it is removed, and the one after that locks a new one."""
    lock, taken = JobLock(str(tmp_path), UUID), []
    assert lock.take()

    def remove_locked(path: str) -> None:
        taken.append(JobLock(str(tmp_path), UUID).take())
        os.unlink(path)

    monkeypatch.setattr("backend.cupsd.job_lock.remove", remove_locked)
    lock.release()
    assert taken == [False]


def test_a_longer_number_of_an_earlier_run(tmp_path: Path) -> None:
    """What is left of it stands on a line of its own, and is not read."""
    (tmp_path / f"job-{UUID}.lock").write_text("4194304999\n")
    with run(tmp_path) as other:
        assert JobLock(str(tmp_path), UUID).holder() == other.pid


@pytest.mark.parametrize("uuid", [None, "../../etc/passwd", "ABC", "12.json"])
def test_without_a_proper_uuid_there_is_no_lock(tmp_path: Path, uuid: str | None) -> None:
    """And nothing is written."""
    assert JobLock(str(tmp_path), uuid).take() and JobLock(str(tmp_path), uuid).take()
    assert os.listdir(tmp_path) == []


def test_another_folder_has_the_lock_where_the_first_cannot(tmp_path: Path) -> None:
    """The first that can be written and is ours alone, as for records."""
    (tmp_path / "cache").write_text("")
    (tmp_path / "second").mkdir(0o777)
    (tmp_path / "second").chmod(0o777)
    folders = (str(tmp_path / "second"), str(tmp_path / "third"))
    lock = JobLock(str(tmp_path / "cache"), UUID, folders)
    assert lock.take() and not JobLock(str(tmp_path / "cache"), UUID, folders).take()
    assert os.listdir(folders[0]) == [] and os.listdir(folders[1]) == [f"job-{UUID}.lock"]
    lock.release()
    assert lock.take() and os.listdir(folders[1])
    lock.release()
