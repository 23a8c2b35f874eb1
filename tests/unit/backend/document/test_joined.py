"""backend.document.joined: documents are told apart where that is certain, wherever the stream is cut into reads."""

from __future__ import annotations

import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.document.joined import JoinedInput

UEL = b"\x1b%-12345X"
OURS = UEL + b'@PJL JOB NAME = "a"\r\n@PJL ENTER LANGUAGE = PCL\r\n\x1bEtext\x0c\x1bE' + UEL
OURS += b'@PJL EOJ NAME = "a"\r\n' + UEL
FOREIGN = UEL + b"@PJL ENTER LANGUAGE=PCL\r\n\x1bEforeign\x0c\x1bE" + UEL
PCL = b"\x1bEraw\x0c\x1bE"
PDF = b"%PDF-1.4\nobjects\n%%EOF\n"
WRAPPED = UEL + b"@PJL ENTER LANGUAGE=PDF\r\n" + PDF + UEL
POSTSCRIPT = b"%!PS-Adobe-3.0\n%%BeginDocument: a\n%!PS-Adobe-3.0 EPSF-3.0\n%%EOF\n%%EndDocument\nshowpage\n%%EOF\n"
JPEG = b"\xff\xd8\xff\xe0picture\xff\xd9"
PNG = b"\x89PNG\r\n\x1a\npicture"
LONG = b"%PDF-1.7\n" + bytes(range(256)) * 40 + b"\n%%EOF"


def parts_of(stream: bytes, sizes: list[int], joined: bool = True) -> list[bytes]:
    """Read a stream that arrives in pieces."""
    readable, writable = os.pipe()
    source = JoinedInput(readable, lambda: joined)
    parts, at = [b""], 0
    closed = False
    try:
        while True:
            if not source.ready and not closed:
                size = sizes.pop(0) if sizes else len(stream)
                if at < len(stream):
                    os.write(writable, stream[at : at + size])
                    at += size
                else:
                    os.close(writable)
                    closed = True
            data = source.read(1 << 17)
            if data:
                parts[-1] += data
            elif data is not None:
                if not source.next_part():
                    return parts
                parts.append(b"")
    finally:
        os.close(readable)
        if not closed:
            os.close(writable)


@pytest.mark.parametrize(
    "documents",
    [
        (PDF, PDF),
        (PDF, LONG, PDF),
        (PDF, PCL),
        (PDF, FOREIGN),
        (PDF, OURS, PDF),
        (OURS, OURS),
        (OURS, PCL),
        (OURS, FOREIGN),
        (OURS, PDF),
        (PCL, OURS),
        (PCL, PDF),
        (FOREIGN, OURS, PCL),
        (FOREIGN, PDF),
        (WRAPPED, OURS),
        (PDF, POSTSCRIPT),
        (PDF, JPEG),
        (LONG, PNG),
        (POSTSCRIPT, PDF, POSTSCRIPT),
        (POSTSCRIPT, OURS),
        (POSTSCRIPT + b"\x04", PDF),
    ],
)
@pytest.mark.parametrize("size", [1, 7, 100, 100_000])
def test_told_apart(documents: tuple[bytes, ...], size: int) -> None:
    """Whatever the reads, each document comes as it was."""
    stream = b"".join(documents)
    assert parts_of(stream, [size] * (len(stream) // size + 1)) == list(documents)


@pytest.mark.parametrize(
    "stream",
    [
        b"",
        b"x",
        PDF,
        OURS,
        WRAPPED,
        PCL + PCL,
        PCL + FOREIGN,
        b"text\n" + PDF,
        b"\xff\xd8\xff" + PDF + PDF,
        PDF + b"text behind it\n",
        PDF + b"\n\n\0",
        b"%PDF-1.4\n(%%EOF)\n" + PDF[9:],
        POSTSCRIPT + POSTSCRIPT,
        POSTSCRIPT + b"\x04" + UEL + PDF,
    ],
)
def test_left_as_it_is(stream: bytes) -> None:
    """Where nothing is certain, and where nothing follows."""
    assert parts_of(stream, [5] * 40) == [stream]


def test_cupsd_has_the_last_word() -> None:
    """A job that has one document has one, whatever is in it."""
    assert parts_of(PDF + PDF + OURS + PCL, [11] * 40, joined=False) == [PDF + PDF + OURS + PCL]


@settings(max_examples=60)
@given(st.lists(st.sampled_from([OURS, PDF, PCL, FOREIGN, b"text\n", LONG]), max_size=6), st.lists(st.integers(1, 300)))
def test_no_octet_is_lost(documents: list[bytes], sizes: list[int]) -> None:
    """Of any sequence, in any pieces."""
    stream = b"".join(documents)
    assert b"".join(parts_of(stream, sizes)) == stream
