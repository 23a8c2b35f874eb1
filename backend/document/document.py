"""The bytes of a job: from standard input or a file, in blocks, kept as long as they may have to be sent again.

Rules of this module:

- memory stays the same whatever the size: at most MEMORY_LIMIT of a copy and one block are in memory;
- nothing that was read is lost: a block that the full disk did not take is kept until there is room.
"""

from __future__ import annotations

import fcntl
import os
import select
import stat
from collections.abc import Callable

from backend.cupsd.stop_signal import StopSignal
from backend.document.copy import MEMORY_LIMIT, Copy, unnamed_file, write_at
from backend.document.sources import BLOCK_SIZE, LiveSource, StoredSource
from backend.errors import DocumentUnreadable, NoRoomForCopy

TYPE_CHECKING = False  # joined is for queues that cupsd joins documents on
if TYPE_CHECKING:
    from backend.document.joined import JoinedInput

#: The smallest block but for the last: printers lose data at the borders of tiny chunks (Q-09, Q-10).
SMALLEST_BLOCK = 16 * 1024
#: How much of the beginning and of the end is remembered, to recognise a format and a document that was cut off.
REMEMBERED = 256
#: Linux makes a pipe this large if asked; fewer and larger reads follow.
PIPE_SIZE = 1024 * 1024


class Document:
    """One document of the job, read from a descriptor that is read once, or again and again if it is a file."""

    def __init__(
        self,
        descriptor: int,
        *,
        folder: str,
        keep: bool,
        memory_limit: int = MEMORY_LIMIT,
        joined: JoinedInput | None = None,
    ) -> None:
        """
        Args:
            descriptor: where the bytes come from; it stays the caller's.
            joined: reads from it, if it has several documents in a row.
            folder: where a copy may be put.
            keep: keep a copy of what is read, so that it can be sent again.
        """
        status = os.fstat(descriptor)
        self._descriptor = descriptor
        self._joined = joined
        self._is_file = stat.S_ISREG(status.st_mode)
        self._start = os.lseek(descriptor, 0, os.SEEK_CUR) if self._is_file else 0
        self._file_size = max(0, status.st_size - self._start)
        self._folder = folder
        self._new_copy = lambda: Copy(folder, memory_limit)
        self._copy = self._new_copy() if keep and not self._is_file else None
        self._pending = b""
        self._not_kept = b""
        self._ended = False
        self._flush = False
        #: Told of all that is read, as it comes.
        self.on_read: Callable[[bytes], None] | None = None
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
        """Read what is there, once. b"" is the end, if ``_ended`` says so.

        Raises:
            DocumentUnreadable: standard input is none; a file was looked at when it was opened.
        """
        try:
            data = self._joined.read(BLOCK_SIZE) if self._joined else os.read(self._descriptor, BLOCK_SIZE)
        except OSError as error:
            if self._descriptor != 0:
                raise
            raise DocumentUnreadable("(standard input)", error.strerror or str(error)) from None
        if data is None:
            return b""
        if data:
            self.head = (self.head + data[:REMEMBERED])[:REMEMBERED]
            self.tail = (self.tail + data[-REMEMBERED:])[-REMEMBERED:]
            self.size_read += len(data)
            if self.on_read is not None:
                self.on_read(data)
        else:
            self._ended = True
        return data

    @property
    def _is_ready(self) -> bool:
        """True if something can be read without waiting for the descriptor."""
        return self._joined is not None and self._joined.ready

    def _wait(self, stop: StopSignal) -> None:
        """Wait until something can be read."""
        if self._is_ready:
            stop.check()
        else:
            stop.wait(None, {self._descriptor: select.POLLIN})

    # --- sending while the job is still being produced

    def wait_for_beginning(self, stop: StopSignal) -> bool:
        """Wait for the first byte; False means that the document is empty."""
        while not self.head and not self._ended:
            self._wait(stop)
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
        return not (self._is_ready or poll.poll(0))

    @property
    def _has_block(self) -> bool:
        """True if what was read is enough for a block."""
        return self._ended or len(self._pending) >= SMALLEST_BLOCK or (self._flush and bool(self._pending))

    @property
    def waits_for(self) -> int | None:
        """The descriptor to wait for before ``read_on``; None if a block or the end is there already."""
        return None if self._has_block or self._is_ready else self._descriptor

    def read_on(self) -> None:
        """Read what is there, once, unless it is enough for a block already.

        Raises:
            NoRoomForCopy: the disk is full; what was read waits for ``take_block`` all the same.
        """
        if not self._has_block:
            self._take(self._read())

    def take_block(self) -> bytes | None:
        """Return what was read if it is enough for a block, b"" at the end, else None."""
        if not self._has_block:
            return None
        block, self._pending, self._flush = self._pending, b"", False
        return block

    @property
    def is_handed_out(self) -> bool:
        """True once the input has ended and all of it was taken."""
        return self._ended and not self._pending

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
            self._wait(stop)
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

    def spool(self, stop: StopSignal) -> int:
        """Return a descriptor of the whole document as an unnamed file, which is the caller's.

        Raises:
            NoRoomForCopy: the disk is full; call again when there is room, nothing was lost.
        """
        self.read_to_end(stop)
        source, at = self.stored(), 0
        try:
            descriptor = unnamed_file(self._folder)
        except OSError as error:
            raise NoRoomForCopy(self._folder, error.strerror or str(error)) from None
        try:
            while block := source.next_block():
                write_at(descriptor, block, at)
                at += len(block)
        except OSError as error:
            os.close(descriptor)
            raise NoRoomForCopy(self._folder, error.strerror or str(error)) from None
        return descriptor

    def discard_rest(self, stop: StopSignal) -> None:
        """Read the input as far as it can be, and forget it: cupsd aborts jobs whose backend leaves some of it."""
        try:
            while not self._ended and not self._is_file:
                self._wait(stop)
                self._read()
        except DocumentUnreadable:
            pass  # whoever wanted to print it has said so

    def close(self) -> None:
        """Give the copy's room back."""
        self.drop_copy()


def _enlarge_pipe(descriptor: int) -> None:
    command = getattr(fcntl, "F_SETPIPE_SZ", None)
    if command is not None:
        try:
            fcntl.fcntl(descriptor, command, PIPE_SIZE)
        except OSError:
            pass  # a limit of the system; the pipe stays as it is
