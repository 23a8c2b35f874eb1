"""PDF of pictures: the file itself."""

from __future__ import annotations

import io
import re

import pytest

from filters.picture.decoding import Picture
from filters.picture.document import PdfWriter
from filters.picture.placement import Margins, Place, Sheet

Image = pytest.importorskip("PIL.Image")


def test_the_table_of_objects_leads_to_each() -> None:
    """A reader that does not look for objects itself finds them: table, places, sizes, pages."""
    file = io.BytesIO()
    writer = PdfWriter(file)
    for mode, profile in (("1", b""), ("RGB", b"profile"), ("CMYK", b"")):
        picture = Picture(8, 4, (0, 0), Image.new(mode, (8, 4)), profile=profile)
        writer.add_page(picture, Place(0, 0, 8, 4, 0, (0, 0, 8, 4)), Sheet(8, 4, Margins(0, 0, 0, 0)))
    writer.finish()
    data = file.getvalue()
    found = re.search(rb"startxref\n(\d+)\n%%EOF\n$", data)
    assert found
    table = data[int(found[1]) :].split(b"\n")
    count = int(table[1].split()[1])
    assert table[0] == b"xref" and table[1].startswith(b"0 ") and table[2] == b"0000000000 65535 f "
    assert table[count + 2] == b"trailer" and b"/Size %d/" % count in table[count + 3]
    for number in range(1, count):
        assert len(table[number + 2]) == 19
        assert data[int(table[number + 2].split()[0]) :].startswith(b"%d 0 obj\n" % number)
    (kids,) = re.findall(rb"/Count 3/Kids\[(.*?)\]", data)
    for page in kids.split(b" 0 R")[:3]:
        assert re.search(rb"\n%d 0 obj\n<</Type/Page/" % int(page), data)
