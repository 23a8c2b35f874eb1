"""backend.cupsd.process: which of the processes above us is cupsd, and whether it is still the same."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from backend.cupsd import process
from backend.cupsd.process import this_pass, who_started_us

CHECKOUT = Path(__file__).resolve().parents[4]
#: Says who started it; then again, each time it is asked, whether that one is gone.
CHILD = f"""
import os, sys
sys.path.insert(0, {str(CHECKOUT)!r})
from backend.cupsd.process import who_started_us
found = who_started_us()
print(found.pid, found.started, found.parent, found.child, found.wrapper or "-", flush=True)
for line in sys.stdin:
    print(found.is_gone(), flush=True)
"""


def test_without_a_cupsd_it_is_the_parent() -> None:
    """A test, or somebody at a shell."""
    found = who_started_us()
    assert (found.pid, found.parent) == (os.getppid(), os.getppid())
    boot = Path("/proc/sys/kernel/random/boot_id").read_text()[:8]
    assert found.started.isdigit() and str(found) == f"{found.pid}:{found.started}:{boot}"
    assert not found.is_gone() and (found.child, found.wrapper) == (0, "")


@pytest.fixture
def cupsd(tmp_path: Path) -> Path:
    """A shell that is called cupsd."""
    path = tmp_path / "cupsd"
    shutil.copy(shutil.which("bash") or "/bin/bash", path)
    return path


@pytest.mark.parametrize("wrappers", [0, 1, 2])
def test_finds_cupsd_above_wrappers(cupsd: Path, wrappers: int, tmp_path: Path) -> None:
    """Directly above us, or above beh; and it notices when that one is killed, although its own parent lives."""
    child = tmp_path / "child.py"
    child.write_text(CHILD)
    command = f"{sys.executable} -I {child}; true"
    for _ in range(wrappers):
        command = f"/bin/bash -c '{command}'; true" if "'" not in command else f'/bin/bash -c "{command}"; true'
    pipe = subprocess.PIPE
    with subprocess.Popen([cupsd, "-c", command], stdin=pipe, stdout=pipe, text=True, bufsize=1) as started:
        assert started.stdin and started.stdout
        pid, ticks, parent, first, wrapper = started.stdout.readline().split()
        assert int(pid) == started.pid and ticks.isdigit()
        assert (int(parent) == started.pid) == (wrappers == 0)
        # Between cupsd and us stands what it has started for the document: nothing, or the first of the wrappers.
        assert (first, wrapper) == ("0", "-") if wrappers == 0 else wrapper.startswith(f"{first}:")
        assert (first == parent) == (wrappers == 1)
        started.stdin.write("?\n")
        assert started.stdout.readline() == "False\n"
        started.kill()
        started.wait()
        started.stdin.write("?\n")
        assert started.stdout.readline() == "True\n"


@pytest.mark.parametrize("wrappers, is_found", [(0, True), (1, True), (3, True), (4, False)])
def test_what_is_above_too_many_wrappers_is_none_of_ours(
    monkeypatch: pytest.MonkeyPatch, wrappers: int, is_found: bool
) -> None:
    """Three of them may be between cupsd and us."""
    first = os.getppid()
    last = first + wrappers
    above = {pid: ("beh", pid + 1, str(pid)) for pid in range(first, last)} | {last: ("cupsd", 1, "7")}
    monkeypatch.setattr(process, "_look_at", above.__getitem__)
    found = who_started_us()
    expected = (last, "7", first, last - 1 if wrappers else 0) if is_found else (first, str(first), first, 0)
    assert (found.pid, found.started, found.parent, found.child) == expected


SOCKET, PIPE, FILE = stat.S_IFSOCK, stat.S_IFIFO, stat.S_IFREG


@pytest.mark.parametrize(
    "descriptors, found",
    [
        ({4: SOCKET, 3: PIPE, 2: PIPE}, "4"),
        ({4: PIPE, 3: PIPE, 2: PIPE}, "3"),
        ({3: SOCKET, 2: PIPE}, "2"),
        ({4: SOCKET + 1, 3: PIPE + 1, 2: PIPE}, "2"),  # opened by ourselves
        ({5: SOCKET, 1: PIPE, 2: FILE}, ""),
    ],
)
def test_a_pass_is_told_by_what_cupsd_makes_for_it(
    monkeypatch: pytest.MonkeyPatch, descriptors: dict[int, int], found: str
) -> None:
    """Its side channel, else the back channel, else where messages go."""

    def fstat(descriptor: int) -> SimpleNamespace:
        if descriptor not in descriptors:
            raise OSError
        return SimpleNamespace(st_mode=descriptors[descriptor], st_ino=descriptor)

    monkeypatch.setattr(os, "fstat", fstat)
    monkeypatch.setattr(os, "get_inheritable", lambda descriptor: descriptors[descriptor] % 2 == 0)
    assert this_pass() == found
