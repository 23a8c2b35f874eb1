"""Documents to one text."""

from __future__ import annotations

import pytest

from filters.common.job import parse_job
from filters.common.ppd import PrinterDescription
from filters.layout.settings import read_settings
from filters.text.reader import TextReader


def read(folder, options: str, *documents: bytes) -> bytes:
    """Return the text of some files."""
    names = []
    for number, document in enumerate(documents):
        path = folder / str(number)
        path.write_bytes(document)
        names.append(str(path))
    job = parse_job(["texttopcl", "1", "user", "title", "1", options, *names], {})
    settings, _ = read_settings(job.options, PrinterDescription())
    return b"".join(TextReader(job, settings, -1).texts())


@pytest.mark.parametrize(
    "documents, text",
    [
        ((b"a\n", b"b\n"), b"a\n\fb\n"),
        ((b"a", b"b"), b"a\fb"),
        ((b"a\n\f", b"b\n"), b"a\n\fb\n"),
        ((b"a\n", b"", b"b\n"), b"a\n\fb\n"),
        ((b"", b"b\n"), b"b\n"),
        ((b"a\n\f", b"", b"b\n"), b"a\n\fb\n"),
        ((b"a\n", b"\fb\n"), b"a\n\f\fb\n"),
        # A command that is cut, and what was found about the printer, end with their document.
        ((b"\x1b@a\x1b*b99W", b"b\x1bJ\nc\n"), b"a\fb\nc\n"),
    ],
)
def test_each_document_starts_a_page(tmp_path, documents, text):
    """Between documents there is a form feed, unless the one before has ended its page or is empty."""
    assert read(tmp_path, "", *documents) == text


def test_each_document_of_records_starts_a_page(tmp_path):
    """A new page that the first record of a document asks for is the one it gets anyway."""
    assert read(tmp_path, "carriage-control=asa", b"1a\n b\n", b"1c\n d\n") == b"a\nb\fc\nd"
