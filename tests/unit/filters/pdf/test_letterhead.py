"""The first page of a PDF as a form in another one."""

from __future__ import annotations

import pytest

from filters.pdf.letterhead import read_letterhead
from filters.pdf.object_writer import ObjectWriter
from tests.unit.filters.test_pdf_inspection import CATALOG, NO_SIZE, built, encrypted

BOX = b"/MediaBox [0 0 900 900] /CropBox [10 20 110 220]"


def taken(*objects: bytes) -> tuple[bytes, str]:
    """Return what is written for a page 300 points long of a document with such objects, and why not."""
    written: list[bytes] = []
    number, trouble = read_letterhead(built(CATALOG, NO_SIZE, *objects).getvalue(), ObjectWriter(written.append), 300)
    assert (number is None) == bool(trouble)
    return b"".join(written), trouble


@pytest.mark.parametrize(
    "turned, matrix",
    [
        (b"", b"1 0 0 1 -10.00 80.00"),
        (b"/Rotate 0", b"1 0 0 1 -10.00 80.00"),
        (b"/Rotate 90", b"0 -1 1 0 -20.00 310.00"),
        (b"/Rotate 180", b"-1 0 0 -1 110.00 320.00"),
        (b"/Rotate -90", b"0 1 -1 0 220.00 190.00"),
    ],
)
def test_pages_are_upright(turned: bytes, matrix: bytes) -> None:
    """What is the upper left corner of a page to its reader comes to that of the other."""
    form, _ = taken(b"<< /Type /Page %b %b >>" % (BOX, turned))
    assert b"/BBox[10.00 20.00 110.00 220.00]/Matrix[%b]/Resources <<>>" % matrix in form


def test_what_comes_along() -> None:
    """Objects that the page needs, each once; no tree of pages, no structure."""
    page = b"<< /Type /Page %b /Resources << /A 4 0 R /B [4 0 R 5 0 R 6 0 R] /Parent 2 0 R >> >>" % BOX
    form, _ = taken(
        page, b"<< /Parent 3 0 R /StructParent 1 /K (k) >>", b"null", b"<< /Length 4 >> stream\ndata\nendstream"
    )
    assert b"/Resources <</A 1 0 R/B [1 0 R 2 0 R 3 0 R]>>" in form
    assert form[15:].startswith(
        b"1 0 obj\n<</K (k)>>\nendobj\n2 0 obj\nnull\nendobj\n3 0 obj\n<</Length 4>>stream\ndata\nendstream\nendobj\n"
    )


@pytest.mark.parametrize("depth, trouble", [(49, ""), (50, "too deep")])
def test_objects_in_objects(depth: int, trouble: str) -> None:
    """Up to fifty in each other."""
    _, said = taken(b"<< /Type /Page %b /Resources << /A %b7%b >> >>" % (BOX, b"[" * depth, b"]" * depth))
    assert (trouble in said) if trouble else said == ""


@pytest.mark.parametrize(
    "data, trouble", [(b"", ""), (encrypted("x", "y").getvalue(), "it is encrypted"), (b"hello", "")]
)
def test_no_letterhead(data: bytes, trouble: str) -> None:
    """Nothing is none without a word; of anything else it is said why."""
    number, said = read_letterhead(data, ObjectWriter(lambda octets: None), 300)
    assert number is None and bool(said) == bool(data) and trouble in said and "()" not in said
