"""A document that a filter is given: opened where it can be read from any place, and looked at within limits."""

from __future__ import annotations

import os
import resource
import signal
from contextlib import contextmanager

from filters.common.memory import limit_memory
from filters.common.streams import write_all
from filters.pdf.inspection import NotRead, PdfRefused
from filters.pdf.whole import HEADER, Extent, NotWhole, find_extent

TYPE_CHECKING = False  # slow to import
if TYPE_CHECKING:
    from typing import BinaryIO, Callable, Iterator, Optional

#: Size of one read.
BLOCK_SIZE = 65536
#: Seconds for looking at a document before it is rendered; thousands of pages take less than one.
LONGEST_LOOK = 20
#: Bytes of address space for it beyond what there is; ordinary documents leave most of it unused.
MOST_MEMORY = 1 << 30
#: Octets behind the end of a document that no reader minds.
MOST_BEHIND_END = 512
TOO_COMPLICATED = "it is damaged or very complicated; save it anew, and print that"


@contextmanager
def open_document(
    path: str, stdin: int, make: Callable[[], BinaryIO], begin: Optional[Callable[[BinaryIO], None]] = None
) -> Iterator[BinaryIO]:
    """Open the document as a file that can be read from any place: a PDF is read from its end.

    Args:
        make: makes an empty file, for a document that comes through a pipe.
        begin: gets the file before the document has come.
    """
    with open(path, "rb") if path else make() as file:
        if begin:
            begin(file)
        while not path and (block := os.read(stdin, BLOCK_SIZE)):
            try:
                # Past the file's own buffer, which could not be emptied when it is closed if there is no room.
                write_all(file.fileno(), block)
            except OSError as error:
                # Whoever has to make room should know where.
                raise OSError(error.errno, error.strerror, os.environ.get("TMPDIR") or "/tmp") from None
        yield file


class within_limits:  # noqa: N801 - used as a statement
    """Look at a document, but not for ever, and not with all memory: a damaged one can lead its reader in circles.

    Raises:
        NotRead: also when it takes too long, or too much.
    """

    def __enter__(self) -> None:
        self._before = signal.signal(signal.SIGALRM, _give_up)
        self._memory = limit_memory(MOST_MEMORY)
        # Again after a second, if something on the way has taken the exception for one of its own.
        signal.setitimer(signal.ITIMER_REAL, LONGEST_LOOK, 1)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        # Memory first, because whatever comes next needs some.
        resource.setrlimit(resource.RLIMIT_AS, self._memory)
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, self._before)
        if kind is not None and issubclass(kind, MemoryError):
            raise NotRead(TOO_COMPLICATED) from None


def _give_up(number: int, frame: object) -> None:
    raise NotRead(TOO_COMPLICATED)


def cut_out(document: BinaryIO, make: Callable[[], BinaryIO]) -> tuple[BinaryIO, Extent]:
    """Return the document without what lies around it, in another file if there is something, and where it lay.

    Args:
        make: makes an empty file.

    Raises:
        PdfRefused: it is empty, no PDF, or a part of it is missing.
    """
    size = document.seek(0, os.SEEK_END)
    if not size:
        raise PdfRefused("it is empty, damaged or protected by a password; save it anew without one, and print that")
    try:
        extent = find_extent(document)
    except NotWhole:
        raise PdfRefused("it is damaged: its end is missing; fetch or save it anew, and print that") from None
    if not extent.header:
        raise PdfRefused("it is damaged or no PDF; save it anew, and print that")
    usual = extent.start == 0 and extent.header == len(HEADER)
    if usual and extent.finished and size - extent.end < MOST_BEHIND_END:
        return document, extent
    spare = make()
    # A header as long as the old one, so that all stays where it was.
    spare.write(HEADER if extent.header == len(HEADER) else b"%PDF-1.4".ljust(extent.header))
    at = extent.start + extent.header
    document.seek(at)
    while block := document.read(min(BLOCK_SIZE, extent.end - at)):
        spare.write(block)
        at += len(block)
    spare.write(b"\n" if extent.finished else b"\n%%EOF\n")
    spare.flush()
    return spare, extent
