"""Sides in reverse order: the only way of printing that has to know the end before it can start.

Sides wait in an unnamed temporary file, so memory stays what it is. On both sides of the paper whole sheets change
their order, and each keeps its front and back; a last sheet without back gets an empty one, so that the others are not
turned over.
"""

from __future__ import annotations

from typing import Any, Iterator

from filters.layout.page import Side


class ReverseOrder:
    """Keeps sides and gives them back, the last sheet first."""

    def __init__(self, duplex: bool) -> None:
        import tempfile  # slow, and most jobs do without

        #: Both sides of a sheet stay together.
        self.duplex = duplex
        self._file = tempfile.TemporaryFile()
        self._offsets: list[int] = []

    def add(self, side: Any) -> None:
        """Keep a side."""
        import pickle

        self._offsets.append(self._file.tell())
        pickle.dump(side, self._file, pickle.HIGHEST_PROTOCOL)

    def sides(self) -> Iterator[Any]:
        """Give the sides in the order in which they are printed."""
        count = 2 if self.duplex else 1
        self._offsets += [-1] * (-len(self._offsets) % count)
        for sheet in range(len(self._offsets) - count, -1, -count):
            for offset in self._offsets[sheet : sheet + count]:
                yield self._load(offset) if offset >= 0 else Side(0, ())
        self._file.close()

    def _load(self, offset: int) -> Any:
        import pickle

        self._file.seek(offset)
        side = pickle.load(self._file)  # our own file, which nobody else can open
        return side
