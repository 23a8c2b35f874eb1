"""backend.cupsd.process: which of the processes above us is cupsd, and whether it is still the same."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from backend.cupsd.process import who_started_us

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
