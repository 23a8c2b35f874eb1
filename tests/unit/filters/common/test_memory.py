"""filters.common.memory: a limit on what a document may take, whatever the process has taken before."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[4]
MIB = 1 << 20
PROGRAM = """
import mmap, resource, sys
sys.path.insert(0, sys.argv[1])
from filters.common.memory import limit_memory
had = mmap.mmap(-1, int(sys.argv[2]))
before = limit_memory(256 << 20)
try:
    mmap.mmap(-1, int(sys.argv[3]))
    print("taken")
except OSError:
    print("refused")
resource.setrlimit(resource.RLIMIT_AS, before)
mmap.mmap(-1, int(sys.argv[3]))
"""


@pytest.mark.parametrize("had", [MIB, 2048 * MIB])
@pytest.mark.parametrize("wanted, outcome", [(128 * MIB, "taken"), (512 * MIB, "refused")])
def test_memory_beyond_what_is_there(had: int, wanted: int, outcome: str) -> None:
    """What the process had counts for nothing, what it takes then does; afterwards the old limits hold."""
    command = [sys.executable, "-I", "-c", PROGRAM, str(CHECKOUT), str(had), str(wanted)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.stdout.strip(), done.stderr) == (outcome, "")
