"""Records of one length without line ends: what binary FTP of a spooled file in FCFC form brings."""

from __future__ import annotations

import pytest

from filters.text.records import cut_records
from tests.pcl_parser import parse_job
from tests.unit.filters.text_job import run_job

LINES = ["1First page", " second line", "0after a blank one", "+_____", "1Second page"]


def records(charset: str, length: int = 133) -> bytes:
    """Return the lines as records."""
    return b"".join(line.ljust(length).encode(charset) for line in LINES)


@pytest.mark.parametrize("charset, length", [("cp037", 133), ("cp870", 80), ("iso8859-1", 133)])
def test_fcfc_files(charset: str, length: int) -> None:
    """ASA records without line ends print as pages, in EBCDIC and in ASCII."""
    data = records("cp037" if charset.startswith("cp") else charset, length)
    options = f"record-length={length} carriage-control=asa text-charset={charset}"
    _, output, _ = run_job(data, options)
    pages = [[text for _, text in page.lines() if text.strip()] for page in parse_job(output).pages]
    assert [[text.strip() for text in page] for page in pages] == [
        ["First page", "second line", "after a blank one"],
        ["Second page"],
    ]


def test_machine_code() -> None:
    """Machine codes of records without line ends act after their record."""
    data = b"".join(
        code + text.ljust(132).encode("cp037")
        for code, text in ((b"\x11", "one"), (b"\x89", "two"), (b"\x09", "three"))
    )
    _, output, _ = run_job(data, "record-length=133 carriage-control=machine text-charset=cp277")
    pages = [[(y, text.strip()) for y, text in page.lines() if text.strip()] for page in parse_job(output).pages]
    assert [[text for _, text in page] for page in pages] == [["one", "two"], ["three"]]


@pytest.mark.parametrize("size", (1, 7, 133, 134, 1000))
def test_blocks_may_end_anywhere(size: int) -> None:
    """However a file comes in blocks, its records are the same."""
    data = records("cp037")
    blocks = (data[at : at + size] for at in range(0, len(data), size))
    assert b"".join(cut_records(blocks, 133, True)) == b"".join(line.encode("cp037") + b"\x25" for line in LINES)


def test_a_last_record_may_be_short() -> None:
    """What is left at the end of a file is a record too."""
    assert b"".join(cut_records(iter([b"abcdef"]), 4, False)) == b"abcd\nef\n"
