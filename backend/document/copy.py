"""What was read of a job, kept so that it can be sent again.

At most MEMORY_LIMIT of it is in memory, and the file that follows has no name, so it is gone with the process, however
that dies (B-28).
"""

from __future__ import annotations

import errno
import os

from backend.errors import NoRoomForCopy

#: Bytes of a copy that stay in memory; beyond them an unnamed file takes over.
MEMORY_LIMIT = 1024 * 1024


class Copy:
    """What was read, kept for sending it again: in memory up to MEMORY_LIMIT, then in an unnamed file."""

    def __init__(self, folder: str, memory_limit: int = MEMORY_LIMIT) -> None:
        self._folder = folder
        self._memory_limit = memory_limit
        self._memory: bytearray | None = bytearray()
        self._file: int | None = None
        self.size = 0

    def append(self, data: bytes) -> None:
        """Keep a block.

        Raises:
            NoRoomForCopy: the disk is full or cannot be written; nothing of the block counts as kept.
        """
        if self._memory is not None and self.size + len(data) <= self._memory_limit:
            self._memory += data
        else:
            try:
                self._write_to_file(data)
            except OSError as error:
                raise NoRoomForCopy(self._folder, error.strerror or str(error)) from None
        self.size += len(data)

    def _write_to_file(self, data: bytes) -> None:
        if self._file is None:
            self._file = unnamed_file(self._folder)
        if self._memory is not None:
            write_at(self._file, self._memory, 0)
            self._memory = None
        write_at(self._file, data, self.size)

    def read(self, offset: int, count: int) -> bytes:
        """Return up to ``count`` bytes from ``offset``."""
        if self._memory is not None:
            return bytes(self._memory[offset : offset + count])
        assert self._file is not None
        return os.pread(self._file, min(count, self.size - offset), offset)

    def close(self) -> None:
        """Give memory and disk back."""
        self._memory = bytearray()
        self.size = 0
        if self._file is not None:
            os.close(self._file)
            self._file = None


def unnamed_file(folder: str) -> int:
    """Return a descriptor of a new file without a name, which is gone with the process; raise OSError."""
    try:
        return os.open(folder, os.O_TMPFILE | os.O_RDWR | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except OSError as error:
        # The file system has no unnamed files, or the kernel is older than they are.
        if error.errno not in (errno.EOPNOTSUPP, errno.EISDIR, errno.EINVAL):
            raise
    path = os.path.join(folder, f"ipps443-{os.getpid()}-{os.urandom(8).hex()}")
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    os.unlink(path)
    return descriptor


def write_at(descriptor: int, data: bytes | bytearray, offset: int) -> None:
    """Write all of it at a place of a file; raise OSError."""
    view = memoryview(data)
    while view:
        written = os.pwrite(descriptor, view, offset)
        view, offset = view[written:], offset + written
