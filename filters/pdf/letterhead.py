"""The first page of a PDF as a form in another one: ISO 32000-1 section 8.10, "Form XObjects".

Only what the page needs is taken along, object by object: no links, no scripts, no other pages.
"""

from __future__ import annotations

import io
from typing import Any, Optional

from filters.pdf.object_writer import ObjectWriter

#: Far beyond any letterhead.
_MOST_OBJECTS = 20_000
_DEEPEST = 50


class NotALetterhead(Exception):
    """The file has no page that can be taken."""


def write_letterhead(data: bytes, writer: ObjectWriter, length: float) -> int:
    """Write the first page of a document as a form; return its number.

    Args:
        length: that of the page it is for, in points: where it is as long or not, its head is at the top.

    Raises:
        NotALetterhead: it cannot be read.
    """
    try:
        return _Copy(data, writer).page(length)
    except Exception as error:  # noqa: BLE001 - pypdf raises nearly anything on a damaged file
        raise NotALetterhead(str(error) or type(error).__name__) from None


class _Copy:
    """Objects of one document that go into another."""

    def __init__(self, data: bytes, writer: ObjectWriter) -> None:
        import pypdf

        reader: Any = pypdf.PdfReader(io.BytesIO(data))
        if reader.is_encrypted:
            raise NotALetterhead("it is encrypted")
        self._page: Any = reader.pages[0]
        self._writer = writer
        self._numbers: dict[int, int] = {}

    def page(self, length: float) -> int:
        """Write the page as a form, upright and with its upper left corner so high above the origin."""
        contents = self._page.get_contents()
        box = self._page.cropbox
        left, bottom, right, top = (float(value) for value in (box.left, box.bottom, box.right, box.top))
        turns = int(self._page.get("/Rotate", 0)) // 90 % 4
        matrix = {
            0: (1, 0, 0, 1, -left, length - top),
            1: (0, -1, 1, 0, -bottom, length + left),
            2: (-1, 0, 0, -1, right, length + bottom),
            3: (0, 1, -1, 0, top, length - right),
        }[turns]
        resources = self._page.get("/Resources")
        entries = b"/Type/XObject/Subtype/Form/BBox[%.2f %.2f %.2f %.2f]" % (left, bottom, right, top)
        entries += b"/Matrix[%d %d %d %d %.2f %.2f]" % matrix
        entries += b"/Resources %b" % (self._body(resources.get_object(), 0) if resources is not None else b"<<>>")
        # A page may leave states open; they end with the form.
        return self._writer.add_stream(contents.get_data() if contents is not None else b"", entries)

    def _body(self, value: Any, depth: int) -> bytes:
        """Return an object as PDF writes it; what it refers to is written."""
        from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject

        if depth > _DEEPEST:
            raise NotALetterhead("its objects lie too deep in each other")
        if isinstance(value, IndirectObject):
            return self._reference(value, depth)
        if isinstance(value, DictionaryObject):
            return b"<<%b>>" % self._entries(value, depth)
        if isinstance(value, ArrayObject):
            return b"[%b]" % b" ".join(self._body(part, depth + 1) for part in value)
        out = io.BytesIO()
        value.write_to_stream(out, None)
        return out.getvalue()

    def _entries(self, value: Any, depth: int) -> bytes:
        entries = []
        for name in value:
            # The page tree is what /Parent leads to, and /Length is ours.
            if name not in ("/Parent", "/Length", "/StructParent", "/StructParents"):
                out = io.BytesIO()
                name.write_to_stream(out, None)
                entries.append(out.getvalue() + b" " + self._body(value.raw_get(name), depth + 1))
        return b"".join(entries)

    def _reference(self, reference: Any, depth: int) -> bytes:
        from pypdf.generic import StreamObject

        number = self._numbers.get(reference.idnum)
        if number is None:
            if len(self._numbers) >= _MOST_OBJECTS:
                raise NotALetterhead("it has too many objects")
            number = self._numbers[reference.idnum] = self._writer.reserve()
            value = reference.get_object()
            if isinstance(value, StreamObject):
                data = value._data  # as it stands in the file, with the filters that its dictionary names
                entries = self._entries(value, depth + 1)
                body = b"<<%b/Length %d>>stream\n%b\nendstream" % (entries, len(data), data)
            else:
                body = b"null" if value is None else self._body(value, depth + 1)
            self._writer.add(body, number)
        return b"%d 0 R" % number


def read_letterhead(data: bytes, writer: ObjectWriter, length: float) -> tuple[Optional[int], str]:
    """Return the number of a form with a letterhead for a page so long, None and why if there is none."""
    if not data:
        return None, ""
    try:
        return write_letterhead(data, writer, length), ""
    except NotALetterhead as error:
        return None, f"the overlay is no PDF that can be used ({error}), the text is printed without it"
