"""PDF written as it comes: ISO 32000-1 section 7.5, "File structure".

    %PDF-1.5  objects, in the order of their writing  xref  trailer  startxref  %%EOF

An object that others name before it is written has its number reserved. Of what is written only the offsets stay here,
eight bytes an object; what is not finished lacks its end, and everyone can see that it is not whole.
"""

from __future__ import annotations

import zlib
from array import array
from itertools import islice
from typing import Callable, Iterator, Optional, Sequence

_HEADER = b"%PDF-1.5\n%\xe2\xe3\xcf\xd3\n"
#: Pages in one node of the page tree.
_PAGES_IN_NODE = 100


class ObjectWriter:
    """Writes the objects of one file."""

    def __init__(self, write: Callable[[bytes], object]) -> None:
        self._write_bytes = write
        self._at = 0
        #: Offset of each object, 0 while it is only reserved.
        self._offsets = array("Q")

    def _write(self, data: bytes) -> None:
        if not self._at:
            data = _HEADER + data
        self._write_bytes(data)
        self._at += len(data)

    def reserve(self) -> int:
        """Return the number of an object to be written later."""
        self._offsets.append(0)
        return len(self._offsets)

    def add(self, body: bytes, number: Optional[int] = None) -> int:
        """Write an object, and return its number."""
        number = number or self.reserve()
        self._offsets[number - 1] = self._at or len(_HEADER)
        self._write(b"%d 0 obj\n%b\nendobj\n" % (number, body))
        return number

    def add_stream(self, data: bytes, entries: bytes = b"", number: Optional[int] = None) -> int:
        """Write a stream, compressed, with further entries of its dictionary, and return its number."""
        packed = zlib.compress(data)
        body = b"<</Length %d/Filter/FlateDecode%b>>stream\n%b\nendstream" % (len(packed), entries, packed)
        return self.add(body, number)

    def add_pages(self, contents: Iterator[int], count: int, page: bytes, number: int) -> None:
        """Write the page tree.

        Args:
            contents: the numbers of the streams, one a page; a page that comes several times is printed several times.
            count: how many there are.
            page: the entries that all pages have in common.
            number: that of the root of the tree.
        """
        nodes = []
        for _ in range(0, count, _PAGES_IN_NODE):
            part, node = islice(contents, _PAGES_IN_NODE), self.reserve()
            pages = [self.add(b"<</Type/Page/Parent %d 0 R/Contents %d 0 R>>" % (node, each)) for each in part]
            self.add(b"<</Type/Pages/Parent %d 0 R/Count %d/Kids[%b]>>" % (number, len(pages), refer(pages)), node)
            nodes.append(node)
        body = b"<</Type/Pages/Count %d/Kids[%b]%b>>" % (count, refer(nodes), page)
        self.add(body, number)

    def finish(self, root: int, information: int) -> None:
        """Write the cross-reference table and the end."""
        size, at = len(self._offsets) + 1, self._at
        self._write(b"xref\n0 %d\n0000000000 65535 f \n" % size)
        for start in range(0, len(self._offsets), 1000):
            self._write(b"".join([b"%010d 00000 n \n" % offset for offset in self._offsets[start : start + 1000]]))
        trailer = b"trailer\n<</Size %d/Root %d 0 R/Info %d 0 R>>\nstartxref\n%d\n%%%%EOF\n"
        self._write(trailer % (size, root, information, at))


def refer(numbers: Sequence[int]) -> bytes:
    """Return references to objects."""
    return b" ".join([b"%d 0 R" % number for number in numbers])


def write_string(text: str) -> bytes:
    """Return a text string (section 7.9.2.2)."""
    return b"<%b>" % ("\ufeff" + text).encode("utf-16-be", "replace").hex().encode("ascii")
