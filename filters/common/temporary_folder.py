"""A folder for a job's files, which is gone when the job is, however it ends."""

from __future__ import annotations

import signal
from contextlib import ExitStack, contextmanager

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO


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


class TemporaryFiles:
    """Files without names, in a folder that is made with the first of them: most jobs need none."""

    def __enter__(self) -> TemporaryFiles:
        self._open = ExitStack()
        self._folder = ""
        return self

    def __exit__(self, *error: object) -> None:
        self._open.close()

    def make(self) -> BinaryIO:
        """Return an empty file for reading and writing.

        Raises:
            OSError: it cannot be made.
        """
        import tempfile

        self._folder = self._folder or self._open.enter_context(temporary_folder())
        return self._open.enter_context(tempfile.TemporaryFile(dir=self._folder))  # type: ignore[return-value]
