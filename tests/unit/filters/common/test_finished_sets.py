"""filters.common.finished_sets: one copy out of a document that a filter has filled with copies."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pypdf
import pytest

from filters.common.finished_sets import _first_copy, find_copy, one_set, wants_sets
from tests.unit.filters.pdf_documents import A4, make_pdf


@pytest.mark.parametrize(
    "pages, copies, chosen",
    [
        ("abcabc", 2, [0, 1, 2]),
        ("aabbcc", 2, [0, 2, 4]),
        ("abab" "ab", 3, [0, 1]),
        ("aa", 2, [0]),
        ("aaaa", 2, [0, 1]),
        ("abcabd", 2, None),
        ("abcab", 2, None),
        ("aabbcd", 2, None),
        ("", 2, None),
    ],
)
def test_copies_are_told_by_their_pages(pages: str, copies: int, chosen: list[int] | None) -> None:
    """Collated or not; anything that is no row of copies stays as it is."""
    found = _first_copy([(page,) for page in pages], copies)
    assert (None if found is None else list(found)) == chosen


@pytest.mark.parametrize(
    "options, copies, wanted",
    [
        ({"finishings": "20"}, 2, True),
        ({"finishings": "3"}, 2, False),
        ({"finishings": "20"}, 1, False),
        ({"StapleLocation": "UpperLeft"}, 3, True),
        ({"StapleLocation": "None"}, 3, False),
        ({"HPFoldOptions": "ZFold"}, 2, True),
        ({}, 9, False),
    ],
)
def test_who_wants_sets(options: dict[str, str], copies: int, wanted: bool) -> None:
    """Staples and folds of several copies."""
    assert wants_sets(options, copies) is wanted


@pytest.mark.parametrize("content", [b"", b"%PDF-1.4\nrubbish", b"%PDF-1.7\n1 0 obj <</Pages 1 0 R>>\n%%EOF", b"\x1bE"])
def test_what_is_no_document_stays_as_it_is(content: bytes) -> None:
    """Nothing is raised, whatever it is."""
    descriptor = os.memfd_create("document")
    os.pwrite(descriptor, content, 0)
    assert one_set(descriptor, 2) is None
    os.close(descriptor)


def test_one_copy_is_left() -> None:
    """Pages that name the same contents."""
    writer = pypdf.PdfWriter()
    for _ in range(2):
        writer.add_blank_page(200, 300)
        writer.add_blank_page(300, 200)
    made = io.BytesIO()
    writer.write(made)
    descriptor = os.memfd_create("document")
    os.pwrite(descriptor, made.getvalue(), 0)
    found = one_set(descriptor, 2)
    os.close(descriptor)
    assert found is not None
    assert [page.mediabox.width for page in pypdf.PdfReader(io.BytesIO(found)).pages] == [200, 300]


def test_a_document_that_is_not_worth_it(tmp_path: Path) -> None:
    """A long document with unfinished copies is printed as it is: taking it apart would take memory."""
    pages = make_pdf(A4)
    path = tmp_path / "a.pdf"
    path.write_bytes(pages)
    with path.open("rb") as file:
        assert one_set(file.fileno(), 1, len(pages)) is not None
        assert one_set(file.fileno(), 1, len(pages) - 1) is None


@pytest.mark.parametrize("order, chosen", [("abab", [0, 1]), ("aabb", [0, 2]), ("abba", None)])
def test_pages_that_share_their_contents(order: str, chosen: list[int] | None) -> None:
    """Pages of a scan that are drawn by the same words are told apart by their pictures."""
    writer = pypdf.PdfWriter()
    drawing = pypdf.generic.DecodedStreamObject()
    drawing.set_data(b"/P Do")
    contents = writer._add_object(drawing)
    pictures = {name: writer._add_object(pypdf.generic.DictionaryObject()) for name in "ab"}
    for name in order:
        page = writer.add_blank_page(200, 300)
        page[pypdf.generic.NameObject("/Contents")] = contents
        page[pypdf.generic.NameObject("/Resources")] = pictures[name]
    made = io.BytesIO()
    writer.write(made)
    descriptor = os.memfd_create("document")
    os.pwrite(descriptor, made.getvalue(), 0)
    found = find_copy(descriptor, 2)
    os.close(descriptor)
    assert (None if found is None else list(found)) == chosen
