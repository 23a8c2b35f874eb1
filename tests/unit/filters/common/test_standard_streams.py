"""filters.common.standard_streams: what stands in for standard streams that are closed."""

from __future__ import annotations

import fcntl
import os

import pytest

from filters.common.standard_streams import hold_closed_streams


@pytest.mark.parametrize("closed", [(), (0,), (1,), (2,), (0, 1, 2)])
def test_closed_streams(closed: tuple[int, ...]) -> None:
    """A null device that programs inherit: no document can be read of it, no print data written; others stay."""
    child = os.fork()
    if not child:
        held = False
        try:
            fd = os.open("/dev/zero", os.O_RDONLY)
            for number in range(3):
                os.dup2(fd, number)
            os.close(fd)
            for number in closed:
                os.close(number)
            hold_closed_streams()
            held = all(
                (os.readlink(f"/proc/self/fd/{number}"), fcntl.fcntl(number, fcntl.F_GETFL) & os.O_ACCMODE)
                == (("/dev/null", mode) if number in closed else ("/dev/zero", os.O_RDONLY))
                and os.get_inheritable(number)
                for number, mode in ((0, os.O_WRONLY), (1, os.O_RDONLY), (2, os.O_RDWR))
            )
        finally:
            os._exit(not held)
    assert os.waitpid(child, 0)[1] == 0
