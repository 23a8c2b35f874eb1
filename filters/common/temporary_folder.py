"""A folder for a job's files, which is gone when the job is, however it ends."""

from __future__ import annotations

import signal
from contextlib import contextmanager

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def temporary_folder() -> Iterator[str]:
    """Make a folder in TMPDIR, and remove it at the end. SIGTERM waits while it is made, or it would stay.

    Raises:
        OSError: it cannot be made.
    """
    import tempfile

    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    try:
        with tempfile.TemporaryDirectory(prefix="ipps443-") as folder:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
            yield folder
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
