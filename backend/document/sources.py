"""Where the blocks of one sending come from: the input as it comes, or a document that is kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from backend.errors import DocumentUnreadable, NoRoomForCopy

TYPE_CHECKING = False  # a document makes its sources
if TYPE_CHECKING:
    from backend.document.document import Document

#: The largest block, and so the largest chunk.
BLOCK_SIZE = 128 * 1024


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


class LiveSource:
    """The input as it comes, in blocks of SMALLEST_BLOCK and more."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self.size = document.size
        #: Set when the copy had to be given up for want of room.
        self.copy_lost: NoRoomForCopy | None = None

    def fileno(self) -> int | None:
        """Standard input, unless a block or the end is there already."""
        return self._document.waits_for

    def next_block(self) -> bytes | None:
        """Return a block. Called when the descriptor is readable, or when there is none to wait for."""
        try:
            self._document.read_on()
        except NoRoomForCopy as error:
            self.copy_lost = error
            self._document.drop_copy()
        return self._document.take_block()

    def at_end(self) -> bool:
        """True once the input has ended and all of it was handed out."""
        return self._document.is_handed_out


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
