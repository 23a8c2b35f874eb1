"""Reading a document from a descriptor, in pieces as they come, so that a page can leave while the next is written."""

from __future__ import annotations

import os
from typing import Iterator

#: A pipe holds as much, so no read waits for more than is there.
BLOCK_SIZE = 65536


def read_blocks(descriptor: int, size: int = BLOCK_SIZE) -> Iterator[bytes]:
    """Give what is there, as soon as something is, until the end."""
    while block := os.read(descriptor, size):
        yield block


def read_to_end(descriptor: int, size: int = BLOCK_SIZE) -> None:
    """Take what is left and do nothing with it, so that whoever writes it is not killed."""
    while os.read(descriptor, size):
        pass
