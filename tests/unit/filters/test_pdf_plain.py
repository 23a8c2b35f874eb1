"""PDF read without pypdf: the same as pypdf says, or nothing for certain."""

from __future__ import annotations

import io
import random
import subprocess
import sys
import zlib
from typing import Optional

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from filters.pdf.correction import Sheet, correct_pages, object_places
from filters.pdf.inspection import PdfFacts, PdfRefused, find_facts, open_pdf, read_facts, read_plainly
from filters.pdf.opening import cut_out, within_limits
from filters.common.plain_pdf import PlainReader
from filters.pdf_check import _look_at, _needs_nothing
from tests.unit.filters.pdf_damage import PLAIN, WORDS, one_page, saved_by_a_browser, stream
from tests.unit.filters.pdf_documents import A4, A5, draw_picture, make_pdf
from tests.unit.filters.pdf_job import CHECK, ROOT
from tests.unit.filters.test_pdf_damage import checked
from tests.unit.filters.test_pdf_fuzz import changed

SHEET = Sheet((595, 842))


def plainly(document: bytes) -> Optional[PdfFacts]:
    """Return what is found without pypdf."""
    return read_plainly(io.BytesIO(document), find_facts)


def with_tables_in_streams(objects: dict[int, bytes], packed: dict[int, bytes]) -> bytes:
    """Return a document whose table of objects, and some of whose objects, are in packed streams, as qpdf writes it."""
    head = " ".join(
        f"{number} {sum(len(each) + 1 for each in list(packed.values())[:at])}" for at, number in enumerate(packed)
    ).encode()
    body = zlib.compress(head + b"\n" + b" ".join(packed.values()))
    container, table = max((*objects, *packed)) + 1, max((*objects, *packed)) + 2
    entries = b"/Type /ObjStm /N %d /First %d /Filter /FlateDecode" % (len(packed), len(head) + 1)
    objects = {**objects, container: stream(body, entries)}
    document, places = b"%PDF-1.5\n", {}
    for number, content in objects.items():
        places[number] = len(document)
        document += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    places[table] = len(document)
    above, rows = bytes(4), b""
    for number in range(table + 1):
        kind, place, last = 0, 0, 0
        if number in places:
            kind, place, last = 1, places[number], 0
        elif number in packed:
            kind, place, last = 2, container, list(packed).index(number)
        row = bytes((kind,)) + place.to_bytes(2, "big") + bytes((last,))
        rows += b"\2" + bytes((a - b) & 255 for a, b in zip(row, above))
        above = row
    entries = b"/Type /XRef /Size %d /W [1 2 1] /Root 1 0 R /Filter /FlateDecode " % (table + 1)
    entries += b"/DecodeParms << /Predictor 12 /Columns 4 >>"
    document += b"%d 0 obj\n%s\nendobj\n" % (table, stream(zlib.compress(rows), entries))
    return document + b"startxref\n%d\n%%%%EOF\n" % places[table]


def hybrid() -> bytes:
    """Return a document with a table of rows whose font and resources are free, and are in a stream (7.5.8.4)."""
    font = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"
    body = zlib.compress(b"5 0 6 %d %s << /Font << /F1 5 0 R >> >>" % (len(font) + 1, font))
    objects = {
        1: b"<< /Type /Catalog /Pages 2 0 R >>",
        2: b"<< /Type /Pages /Count 1 /Kids [3 0 R] >>",
        3: b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources 6 0 R >>",
        4: stream(WORDS),
        7: stream(body, b"/Type /ObjStm /N 2 /First 9 /Filter /FlateDecode"),
    }
    document, rows = b"%PDF-1.5\n", {}
    for number, content in objects.items():
        rows[number] = b"%010d 00000 n \n" % len(document)
        document += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    hidden = len(document)
    entries = b"/Type /XRef /Size 9 /W [1 1 1] /Index [5 2] /Root 1 0 R"
    document += b"8 0 obj\n%s\nendobj\n" % stream(bytes((2, 7, 0, 2, 7, 1)), entries)
    rows[8] = b"%010d 00000 n \n" % hidden
    table = b"".join(rows.get(number, b"0000000000 65535 f \n") for number in range(9))
    trailer = b"<< /Size 9 /Root 1 0 R /XRefStm %d >>" % hidden
    return document + b"xref\n0 9\n%strailer\n%s\nstartxref\n%d\n%%%%EOF\n" % (table, trailer, len(document))


OBJECTS = {4: stream(zlib.compress(WORDS), b"/Filter /FlateDecode")}
PACKED = {
    1: b"<< /Type /Catalog /Pages 2 0 R >>",
    2: b"<< /Type /Pages /Count 1 /Kids [3 0 R] /MediaBox [0 0 595 842] >>",
    3: b"<< /Type /Page /Parent 2 0 R /Contents [4 0 R] /Resources << /Font << /F1 5 0 R >> >> >>",
    5: b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
}
USUAL = {
    "a table": PLAIN,
    "by reportlab": make_pdf(A4, A5, A4),
    "pictures": make_pdf(A4, draw=draw_picture),
    "a comment in a dictionary": one_page(WORDS, b"% so it is\n/ProcSet [/PDF]"),
    "a length by reference": one_page(
        b"", objects=(b"<< /Length 7 0 R >> stream\n%s\nendstream" % WORDS, b"%d" % len(WORDS))
    ).replace(b"/Contents 4 0 R", b"/Contents 6 0 R"),
    "tables in streams": with_tables_in_streams(OBJECTS, PACKED),
    "an addition": saved_by_a_browser(0),
    "objects that old readers do not see": hybrid(),
}


@pytest.mark.parametrize("name", USUAL)
def test_usual_forms(name: str) -> None:
    """What everyday programs write is certain and passed on; pages, sizes and boxes are those that pypdf finds."""
    assert checked(USUAL[name], "media=A4").output == USUAL[name]
    document = io.BytesIO(USUAL[name])
    reader, other = PlainReader(document), open_pdf(document)
    assert find_facts(reader) == read_facts(other)
    assert reader.places == object_places(other)
    assert correct_pages(reader, SHEET, 5000) == correct_pages(other, SHEET, 5000)


#: Of the form that is read, but for one thing; each condition of the reader's own is in common/test_plain_pdf.
UNUSUAL = {
    "a string in a string": one_page(WORDS, b"/ProcSet [((x))]"),
    "a page that is missing": PLAIN.replace(b"/Kids [3 0 R]", b"/Kids [9 0 R]"),
    "content that is missing": PLAIN.replace(b"/Contents 4 0 R", b"/Contents 9 0 R"),
    "content that is damaged": one_page(zlib.compress(WORDS)[:-20], filters=b"/Filter /FlateDecode"),
    "a circle of pages": PLAIN.replace(b"/Kids [3 0 R]", b"/Kids [2 0 R]"),
    "a table behind blanks": saved_by_a_browser(),
    "a picture that is missing, in resources by number": one_page(
        WORDS, objects=(b"<< /Font << /F1 5 0 R >> /XObject << /I 9 0 R >> >>",)
    ).replace(b"/Resources << /Font << /F1 5 0 R >>  >>", b"/Resources 6 0 R"),
    "nothing": b"",
    "no PDF": b"%PDF-1.4\nstartxref\n0\n%%EOF\n",
}


@pytest.mark.parametrize("name", UNUSUAL)
def test_unusual_forms(name: str) -> None:
    """What is not exactly of that form is left to pypdf."""
    assert UNUSUAL[name] not in USUAL.values() and plainly(UNUSUAL[name]) is None


def test_objects_that_old_readers_do_not_see() -> None:
    """What is free in the rows of a table and there in its stream is found."""
    resources = PlainReader(io.BytesIO(hybrid())).get_object(6)
    assert resources["/Font"]["/F1"]["/BaseFont"] == "/Helvetica"


@pytest.mark.parametrize(
    "entry", [b"/T (%s)" % (b"a" * 3_000_000), b" " * 12_000_000, b"/T (%s)" % (b"\\)" * 3_000_000)]
)
def test_long_words(entry: bytes) -> None:
    """A string or blanks of any length are read, or left to pypdf, within the memory that a document may take."""
    document = one_page(WORDS, page=b"/MediaBox [0 0 595 842] " + entry)
    with within_limits():
        assert plainly(document) in (None, PdfFacts(1, ((595, 842),)))


def same_as_pypdf(document: bytes) -> bool:
    """Look at a document in both ways; return whether it was certain without pypdf."""
    with within_limits():
        try:
            whole, extent = cut_out(io.BytesIO(document), io.BytesIO)
            pages, facts = _needs_nothing(whole, extent, SHEET), read_plainly(whole, find_facts)
        except PdfRefused:
            return False
        if facts is not None and not extent.repaired and not extent.numbered_wrongly:
            assert read_facts(open_pdf(whole)) == facts
        if pages is not None:
            _, found, corrections = _look_at(whole, SHEET)
            assert (found.pages, found.counted_wrongly, corrections) == (pages, False, {})
    return pages is not None


@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    st.sampled_from(sorted(USUAL)),
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 9), st.binary(max_size=6) | st.sampled_from((b"0", b" 0 R")))),
)
def test_changed_documents(name: str, changes: list[tuple[float, int, bytes]]) -> None:
    """However a document is changed, it is what pypdf says, or not certain."""
    document = USUAL[name]
    for place, size, put in changes:
        at = int(place * len(document))
        document = document[:at] + put + document[at + size :]
    same_as_pypdf(document)


def test_fuzzed_documents() -> None:
    """The same with documents that have faults to begin with; some of them are certain all the same."""
    certain = [same_as_pypdf(changed(random.Random(f"plain {number}"))) for number in range(300)]
    assert 5 < sum(certain) < 295


@pytest.mark.soak
def test_many_fuzzed_documents() -> None:
    """The same with many."""
    for number in range(20_000):
        try:
            same_as_pypdf(changed(random.Random(f"many {number}")))
        except Exception as error:
            raise AssertionError(f"document {number}") from error


def test_without_pypdf() -> None:
    """A document of the usual form goes through pdfcheck443 as it is, and pypdf is not imported."""
    program = (
        "import sys, runpy; sys.modules['pypdf'] = None; sys.argv = sys.argv[1:]; "
        "sys.exit(__import__('filters.pdf_check').pdf_check.main(sys.argv, {}))"
    )
    arguments = [sys.executable, "-c", program, CHECK, "1", "user", "title", "1", "media=A4"]
    done = subprocess.run(arguments, cwd=ROOT, input=PLAIN, capture_output=True)
    assert (done.returncode, done.stdout) == (0, PLAIN), done.stderr
    done = subprocess.run(arguments, cwd=ROOT, input=UNUSUAL["a string in a string"], capture_output=True)
    assert done.returncode == 1
