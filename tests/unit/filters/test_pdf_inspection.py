"""Looking at a PDF before it is rendered."""

from __future__ import annotations

import io

import pytest

from filters.pdf.inspection import PAGES_LOOKED_AT, PdfRefused, inspect_pdf
from tests.unit.filters.pdf_documents import A4, LETTER, make_pdf

HEAD = b"%PDF-1.4\n"


def built(*objects: bytes) -> io.BytesIO:
    """Return a PDF of these objects, numbered from 1; the first is the catalogue."""
    text, places = HEAD, []
    for number, content in enumerate(objects, 1):
        places.append(len(text))
        text += b"%d 0 obj %s endobj\n" % (number, content)
    table = b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    table += b"".join(b"%010d 00000 n \n" % place for place in places)
    trailer = b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, len(text))
    return io.BytesIO(text + table + trailer)


def encrypted(user_password: str, owner_password: str) -> io.BytesIO:
    """Return an encrypted PDF."""
    from pypdf import PdfReader, PdfWriter

    writer, result = PdfWriter(), io.BytesIO()
    writer.add_page(PdfReader(io.BytesIO(make_pdf(A4))).pages[0])
    writer.encrypt(user_password, owner_password, use_128bit=True)
    writer.write(result)
    return result


def test_pages_and_sizes():
    """Pages are counted, and each size is told once, in the order of appearance."""
    facts = inspect_pdf(io.BytesIO(make_pdf(A4, LETTER, A4, (842, 595))))
    assert (facts.pages, facts.sizes) == (4, ((595, 842), (612, 792), (842, 595)))


def test_sizes_are_inherited_turned_and_scaled():
    """Size and rotation come from the tree where a page has none; pages are told as they are read; UserUnit counts."""
    tree = b"<< /Type /Pages /Count 3 /MediaBox [0 0 100 200] /Kids [3 0 R 4 0 R 5 0 R] >>"
    pages = (b"<< /Type /Page >>", b"<< /Type /Page /Rotate 90 >>", b"<< /Type /Page /UserUnit 2 >>")
    facts = inspect_pdf(built(b"<< /Type /Catalog /Pages 2 0 R >>", tree, *pages))
    assert (facts.pages, facts.sizes) == (3, ((100, 200), (200, 100), (200, 400)))


@pytest.mark.parametrize(
    "end, flushed",
    [
        (b"\x00\x00\xff\xffendstream", True),
        (b"\x00\x00\xff\xff\r\nendstream", True),
        (b"\x00\x00\xff\xff\n\nendstream", False),
        (b"\x00\xff\xff\nendstream", False),
    ],
)
def test_streams_that_are_flushed(end: bytes, flushed: bool) -> None:
    """Packed data that end with an empty block, not as packed data end, are told of wherever they are."""
    stream = b"<< >> stream\n" + end
    tree = b"<< /Type /Pages /Count 1 /MediaBox [0 0 100 200] /Kids [4 0 R] >>"
    first = built(b"<< /Type /Catalog /Pages 3 0 R >>", stream, tree, b"<< /Type /Page >>")
    last = built(b"<< /Type /Catalog /Pages 3 0 R >>", b"(" + b" " * 100000 + b")", tree, b"<< /Type /Page >>", stream)
    assert (inspect_pdf(first).flushed, inspect_pdf(last).flushed) == (flushed, flushed)


@pytest.mark.parametrize(
    "box", ["", "null", "[0 0 0 0]", "[0 0 0 400]", "[5 5 5 5]", "[0 0 300]", "[0 0 300 400 5]", "[/a /b /c /d]", "7"]
)
def test_a_page_without_a_size_is_us_letter(box):
    """A page that has no MediaBox anywhere, or one that is none, is as large as readers take it."""
    page = b"<< /Type /Page %s >>" % (f"/MediaBox {box}".encode() if box else b"")
    assert inspect_pdf(built(CATALOG, NO_SIZE, page)).sizes == ((612, 792),)


def test_long_documents_are_looked_at_in_part():
    """Of a document of thousands of pages only the first are looked at, and its own count is believed."""
    kids = b" ".join([b"3 0 R"] * (PAGES_LOOKED_AT + 1) + [b"4 0 R"])
    tree = b"<< /Type /Pages /Count 70000 /MediaBox [0 0 100 200] /Kids [%s] >>" % kids
    huge = b"<< /Type /Page /MediaBox [0 0 99999 99999] >>"
    facts = inspect_pdf(built(b"<< /Type /Catalog /Pages 2 0 R >>", tree, b"<< /Type /Page >>", huge))
    assert (facts.pages, facts.sizes) == (70000, ((100, 200),))


def test_restrictions_without_password():
    """A file that opens without a password is printed, whatever else its author did not want."""
    assert inspect_pdf(encrypted("", "secret")).pages == 1


CATALOG = b"<< /Type /Catalog /Pages 2 0 R >>"
NO_PAGES = b"<< /Type /Pages /Count 0 /Kids [] >>"
CIRCLE = b"<< /Type /Pages /Count 1 /Kids [2 0 R 2 0 R] >>"
NO_SIZE = b"<< /Type /Pages /Count 1 /Kids [3 0 R] >>"
HUGE = b"<< /Type /Pages /Count 1 /MediaBox [0 0 4000 500] /Kids [3 0 R] >>"


@pytest.mark.parametrize(
    "file, words",
    [
        (lambda: encrypted("secret", "secret"), "password"),
        (lambda: io.BytesIO(b""), "empty, damaged or protected"),
        (lambda: io.BytesIO(b"hello, world\n" * 100), "damaged or no PDF"),
        (lambda: io.BytesIO(make_pdf(A4)[:700]), "damaged or no PDF"),
        (lambda: io.BytesIO(HEAD + bytes(2000)), "damaged or no PDF"),
        (lambda: built(CATALOG, NO_PAGES), "it has no pages; save it anew"),
        (lambda: built(CATALOG, CIRCLE), "page tree has no end"),
        (lambda: built(CATALOG, HUGE, b"<< /Type /Page >>"), "56 x 7 inches is too large"),
    ],
)
def test_refused(file, words):
    """What cannot print is refused in one line that says what is wrong with it."""
    with pytest.raises(PdfRefused) as caught:
        inspect_pdf(file())
    assert words in caught.value.reason and "\n" not in caught.value.reason
