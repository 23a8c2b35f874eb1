"""The bytes of a job: from standard input or a file, in blocks, kept as long as they may have to be sent again.

Rules of this module:

- memory stays the same whatever the size: at most MEMORY_LIMIT of a copy and one block are in memory;
- the copy has no name, so it is gone with the process, however that dies (B-28);
- nothing that was read is lost: a block that the full disk did not take is kept until there is room.
"""

from __future__ import annotations

import errno
import fcntl
import os
import select
import stat
from collections.abc import Callable
from typing import Protocol

from backend.errors import DocumentUnreadable, NoRoomForCopy
from backend.stop_signal import StopSignal

#: Bytes of a copy that stay in memory; beyond them an unnamed file takes over.
MEMORY_LIMIT = 1024 * 1024
#: The largest block, and so the largest chunk.
BLOCK_SIZE = 128 * 1024
#: The smallest block but for the last: printers lose data at the borders of tiny chunks (Q-09, Q-10).
SMALLEST_BLOCK = 16 * 1024
#: How much of the beginning and of the end is remembered, to recognise a format and a document that was cut off.
REMEMBERED = 256
#: Linux makes a pipe this large if asked; fewer and larger reads follow.
PIPE_SIZE = 1024 * 1024


class Source(Protocol):
    """Where the blocks of one sending come from."""

    #: Bytes that will come, None if nobody knows yet.
    size: int | None

    def fileno(self) -> int | None:
        """The descriptor to wait for, None if the next block is there already."""

    def next_block(self) -> bytes | None:
        """Return the next block, b"" at the end, None if too little has arrived for one."""

    def at_end(self) -> bool:
        """True if the next block is known to be the empty one."""


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
            self._file = _unnamed_file(self._folder)
        if self._memory is not None:
            _write_at(self._file, self._memory, 0)
            self._memory = None
        _write_at(self._file, data, self.size)

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


def _unnamed_file(folder: str) -> int:
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


def _write_at(descriptor: int, data: bytes | bytearray, offset: int) -> None:
    view = memoryview(data)
    while view:
        written = os.pwrite(descriptor, view, offset)
        view, offset = view[written:], offset + written


class Document:
    """One document of the job, read from a descriptor that is read once, or again and again if it is a file."""

    def __init__(self, descriptor: int, *, folder: str, keep: bool, memory_limit: int = MEMORY_LIMIT) -> None:
        """
        Args:
            descriptor: where the bytes come from; it stays the caller's.
            folder: where a copy may be put.
            keep: keep a copy of what is read, so that it can be sent again.
        """
        status = os.fstat(descriptor)
        self._descriptor = descriptor
        self._is_file = stat.S_ISREG(status.st_mode)
        self._start = os.lseek(descriptor, 0, os.SEEK_CUR) if self._is_file else 0
        self._file_size = max(0, status.st_size - self._start)
        self._new_copy = lambda: Copy(folder, memory_limit)
        self._copy = self._new_copy() if keep and not self._is_file else None
        self._pending = b""
        self._not_kept = b""
        self._ended = False
        self._flush = False
        self.head = b""
        self.tail = b""
        self.size_read = 0
        if stat.S_ISFIFO(status.st_mode):
            _enlarge_pipe(descriptor)

    @property
    def is_file(self) -> bool:
        """True if the document is a file, whose end is known beforehand."""
        return self._is_file

    @property
    def ended(self) -> bool:
        """True once the end of the input has been seen."""
        return self._ended

    @property
    def kept(self) -> bool:
        """True if the document can be sent again from its beginning."""
        return self._is_file or self._copy is not None or self.size_read == len(self._pending)

    @property
    def size(self) -> int | None:
        """The size in bytes, None while it is not known."""
        if self._is_file:
            return self._file_size
        return self.size_read if self._ended and not self._not_kept else None

    def _read(self) -> bytes:
        """Read what is there, once. b"" is the end."""
        data = os.read(self._descriptor, BLOCK_SIZE)
        if data:
            self.head = (self.head + data[:REMEMBERED])[:REMEMBERED]
            self.tail = (self.tail + data[-REMEMBERED:])[-REMEMBERED:]
            self.size_read += len(data)
        else:
            self._ended = True
        return data

    # --- sending while the job is still being produced

    def wait_for_beginning(self, stop: StopSignal) -> bool:
        """Wait for the first byte; False means that the document is empty."""
        while not self.head and not self._ended:
            stop.wait(None, {self._descriptor: select.POLLIN})
            self._take(self._read())
        return bool(self.head)

    def _take(self, data: bytes) -> None:
        """Keep what was read, and put it where next_block finds it."""
        self._pending = self._pending + data if self._pending else data
        if data and self._copy is not None:
            self._not_kept = data
            self._keep()

    def _keep(self) -> None:
        assert self._copy is not None
        if self._not_kept:
            self._copy.append(self._not_kept)
            self._not_kept = b""

    def drain(self) -> bool:
        """Let go of what is held back for a larger block; tell whether all that was written to us has been taken."""
        self._flush = bool(self._pending)
        if self._flush or self._ended:
            return not self._pending
        poll = select.poll()
        poll.register(self._descriptor, select.POLLIN)
        return not poll.poll(0)

    @property
    def _has_block(self) -> bool:
        """True if what was read is enough for a block."""
        return self._ended or len(self._pending) >= SMALLEST_BLOCK or (self._flush and bool(self._pending))

    def live(self) -> LiveSource:
        """Return the input as a source, beginning with what was read already. Once only."""
        return LiveSource(self)

    def drop_copy(self) -> None:
        """Go on without a copy: the document cannot be sent again."""
        if self._copy is not None:
            self._copy.close()
            self._copy = None
        self._not_kept = b""

    # --- sending what is kept

    def read_to_end(self, stop: StopSignal) -> None:
        """Read the rest of the input into the copy; whoever needs the length needs one, whatever ``keep`` said.

        Raises:
            NoRoomForCopy: the disk is full; call again when there is room, nothing was lost.
        """
        if self._is_file:
            end = self._start + self._file_size
            self.tail = os.pread(self._descriptor, REMEMBERED, max(self._start, end - REMEMBERED))
            return
        if self._copy is None:
            assert self.size_read == len(self._pending), "bytes went out of which no copy was kept"
            self._copy, self._not_kept = self._new_copy(), bytes(self._pending)
        self._keep()
        while not self._ended:
            stop.wait(None, {self._descriptor: select.POLLIN})
            data = self._read()
            self._not_kept = data
            self._keep()

    def stored(self) -> StoredSource:
        """Return the kept document as a source, from its beginning. Only when ``size`` is known."""
        size = self.size
        assert size is not None and self.kept
        if self._is_file:
            return StoredSource(lambda offset, count: os.pread(self._descriptor, count, self._start + offset), size)
        assert self._copy is not None
        return StoredSource(self._copy.read, size)

    def discard_rest(self, stop: StopSignal) -> None:
        """Read the input to its end and forget it: cupsd aborts jobs whose backend fails earlier (spec 6)."""
        while not self._ended and not self._is_file:
            stop.wait(None, {self._descriptor: select.POLLIN})
            self._read()

    def close(self) -> None:
        """Give the copy's room back."""
        self.drop_copy()


class LiveSource:
    """The input as it comes, in blocks of SMALLEST_BLOCK and more."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self.size = document.size
        #: Set when the copy had to be given up for want of room.
        self.copy_lost: NoRoomForCopy | None = None

    def fileno(self) -> int | None:
        """Standard input, unless a block or the end is there already."""
        return None if self._document._has_block else self._document._descriptor

    def next_block(self) -> bytes | None:
        """Return a block. Called when the descriptor is readable, or when there is none to wait for."""
        document = self._document
        if not document._has_block:
            data = document._read()
            try:
                document._take(data)
            except NoRoomForCopy as error:
                self.copy_lost = error
                document.drop_copy()
        if not document._has_block:
            return None
        block, document._pending, document._flush = document._pending, b"", False
        return block

    def at_end(self) -> bool:
        """True once the input has ended and all of it was handed out."""
        return self._document._ended and not self._document._pending


class GuardedSource:
    """A live source whose end is believed only after a look: the last chunk would print a cut-off job (B-04)."""

    def __init__(self, source: LiveSource, check: Callable[[], None]) -> None:
        self._source = source
        self._check = check
        self.size = source.size

    @property
    def copy_lost(self) -> NoRoomForCopy | None:
        """The reason why there is no copy any more, if there is none."""
        return self._source.copy_lost

    def fileno(self) -> int | None:
        """As the source's."""
        return self._source.fileno()

    def next_block(self) -> bytes | None:
        """The source's next block.

        Raises:
            DocumentIncomplete: the input has ended, and the document has not.
        """
        block = self._source.next_block()
        if self._source.at_end():
            self._check()
        return block

    def at_end(self) -> bool:
        """As the source's."""
        return self._source.at_end()


class StoredSource:
    """A kept document; every block is there at once."""

    def __init__(self, read: Callable[[int, int], bytes], size: int) -> None:
        self._read = read
        self._offset = 0
        self.size: int | None = size

    def fileno(self) -> int | None:
        """Nothing to wait for."""
        return None

    def next_block(self) -> bytes | None:
        """Return the next block, b"" at the end.

        Raises:
            DocumentUnreadable: the file became shorter than its announced size.
        """
        assert self.size is not None
        block = self._read(self._offset, min(BLOCK_SIZE, self.size - self._offset))
        if not block and self._offset < self.size:
            raise DocumentUnreadable("(copy of the job)", "it became shorter while it was being sent")
        self._offset += len(block)
        return block

    def at_end(self) -> bool:
        """True once all of the announced size was handed out."""
        return self._offset == self.size


def _enlarge_pipe(descriptor: int) -> None:
    command = getattr(fcntl, "F_SETPIPE_SZ", None)
    if command is not None:
        try:
            fcntl.fcntl(descriptor, command, PIPE_SIZE)
        except OSError:
            pass  # a limit of the system; the pipe stays as it is
