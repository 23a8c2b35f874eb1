"""filters.common.finished_sets: one copy out of a document that a filter has filled with copies."""

from __future__ import annotations

import io
import logging
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import cast

import pypdf
import pytest

from filters.common import finished_sets
from filters.common.finished_sets import _first_copy, find_copy, one_set, wants_sets
from tests.unit.filters.pdf_documents import A4, make_pdf


def in_memory(document: bytes) -> int:
    """Return a descriptor of a document."""
    descriptor = os.memfd_create("document")
    os.pwrite(descriptor, document, 0)
    return descriptor


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


@pytest.mark.parametrize(
    "content", [b"", b"%PDF-1.4\nrubbish", b"%PDF-1.7\n1 0 obj <</Pages 1 0 R>>\nstartxref\n7\n%%EOF", b"\x1bE"]
)
def test_what_is_no_document_stays_as_it_is(content: bytes, caplog: pytest.LogCaptureFixture) -> None:
    """Nothing is raised, whatever it is, and pypdf writes nothing that cupsd would take for a line of the filter."""
    logging.getLogger("pypdf").setLevel(logging.NOTSET)
    descriptor = in_memory(content)
    assert one_set(descriptor, 2) is None and not caplog.records
    os.close(descriptor)


def test_one_copy_is_left() -> None:
    """Pages that name the same contents."""
    writer = pypdf.PdfWriter()
    for _ in range(2):
        writer.add_blank_page(200, 300)
        writer.add_blank_page(300, 200)
    made = io.BytesIO()
    writer.write(made)
    descriptor = in_memory(made.getvalue())
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
    descriptor = in_memory(made.getvalue())
    found = find_copy(descriptor, 2)
    os.close(descriptor)
    assert (None if found is None else list(found)) == chosen


PDFTOPDF = Path("/usr/lib/cups/filter/pdftopdf")


def filled(pages: int, copies: int, options: str) -> bytes:
    """Return a document that CUPS's pdftopdf has filled with copies."""
    if not PDFTOPDF.exists():
        pytest.skip("pdftopdf (cups-filters) is not installed")
    command = [str(PDFTOPDF), "1", "u", "t", str(copies), options]
    document = make_pdf(*[(595 + number, 842) for number in range(pages)])
    return subprocess.run(command, input=document, capture_output=True, check=True).stdout


@pytest.mark.parametrize("options", ["Collate=true", "Collate=false", "Collate=true number-up=2"])
def test_what_pdftopdf_writes_needs_no_pypdf(options: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """One copy out of three: the same pages that pypdf finds, in a document of which one and the other see no more."""
    document = filled(4, 3, options)
    count = 2 if "number-up" in options else 4
    descriptor = in_memory(document)
    place = find_copy(descriptor, 3)
    with monkeypatch.context() as patch:
        patch.setitem(cast("dict[str, object]", sys.modules), "pypdf", None)
        found, same_place = one_set(descriptor, 3), find_copy(descriptor, 3)
    assert found is not None and place == same_place and place is not None and len(place) == count
    with monkeypatch.context() as patch:
        patch.setattr(finished_sets, "_open_plainly", lambda *arguments: None)
        by_pypdf = one_set(descriptor, 3)
        assert find_copy(descriptor, 3) == place
    os.close(descriptor)
    assert by_pypdf is not None
    read = [pypdf.PdfReader(io.BytesIO(each)) for each in (found, by_pypdf)]
    sizes, texts = ([[str(look(page)) for page in each.pages] for each in read] for look in LOOKS)
    assert sizes[0] == sizes[1] and texts[0] == texts[1] and len(sizes[0]) == count
    # The backend counts pages so, and no reader may find more of them than are left.
    assert len(re.findall(rb"/Type\s*/Page(?![A-Za-z])", found)) == count and len(found) == len(document)


LOOKS = (lambda page: page.mediabox, lambda page: page.get_contents().get_data())


@pytest.mark.parametrize(
    "old, new",
    [
        (b"/Type /Pages", b"/Rotate 90/Type/Pages"),  # handed down to all pages
        (b"/Kids [", b"/Kids [ 9999 0 R"),
        (b"/Count 6", b"/Count 5"),
        (b"%%EOF", b"%%EOX"),
    ],
)
def test_what_is_not_plain_is_left_to_pypdf(old: bytes, new: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever our reader is not certain of: the same answer as without it."""
    document = filled(2, 3, "Collate=true")
    assert document.count(old) >= 1
    descriptor = in_memory(document.replace(old, new))
    found = one_set(descriptor, 3)
    monkeypatch.setattr(finished_sets, "_open_plainly", lambda *arguments: None)
    assert found == one_set(descriptor, 3)
    os.close(descriptor)


def test_damaged_documents_are_no_trouble() -> None:
    """Any octet of it may be another one."""
    document = bytearray(filled(1, 2, "Collate=true"))
    for at in range(0, len(document), 7):
        damaged = document.copy()
        damaged[at] = 0x3C
        descriptor = in_memory(bytes(damaged))
        one_set(descriptor, 2)
        os.close(descriptor)
