"""A folder for a job's files, which is gone when the job is, however it ends.

What tempfile of the standard library does, without what it imports: that takes as long as a page of PDF.
"""

from __future__ import annotations

import os
import signal
from contextlib import ExitStack, contextmanager

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

#: Where folders are made if TMPDIR, which cupsd sets, cannot have any, or is full.
_OTHERS = ("/tmp", "/var/tmp")
#: Bytes that a folder has to have room for.
_LEAST_ROOM = 4096


@contextmanager
def temporary_folder() -> Iterator[str]:
    """Make a folder in TMPDIR, or where there is room, and remove it at the end.

    SIGTERM waits while it is made, or it would stay.

    Raises:
        OSError: it cannot be made, or nothing can be written there.
    """
    folder = ""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    try:
        folder = _make_folder()
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        yield folder
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        if folder:
            _remove(folder)


def _make_folder() -> str:
    places = [place for place in (os.environ.get("TMPDIR"), *_OTHERS) if place]
    trouble: OSError | None = None
    for place in places:
        folder = os.path.join(os.path.abspath(place), f"ipps443-{os.urandom(8).hex()}")
        try:
            os.mkdir(folder, 0o700)
        except OSError as error:
            trouble = trouble or error
            continue
        try:
            with unnamed_file(folder) as file:
                file.write(bytes(_LEAST_ROOM))
        except OSError as error:
            trouble = trouble or error
            _remove(folder)
        else:
            return folder
    assert trouble is not None
    raise trouble


def _remove(folder: str) -> None:
    """Remove a folder; Ghostscript and we make files in it, and no folders."""
    try:
        for name in os.listdir(folder):
            os.unlink(os.path.join(folder, name))
        os.rmdir(folder)
    except OSError:
        import shutil

        shutil.rmtree(folder, ignore_errors=True)


def unnamed_file(folder: str) -> BinaryIO:
    """Return an empty file for reading and writing in a folder of ours, where nobody finds it any more.

    Raises:
        OSError: it cannot be made.
    """
    path = os.path.join(folder, os.urandom(8).hex())
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    os.unlink(path)
    return os.fdopen(descriptor, "w+b")


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
        self._folder = self._folder or self._open.enter_context(temporary_folder())
        return self._open.enter_context(unnamed_file(self._folder))
