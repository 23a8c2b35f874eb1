"""Carriage control of line printers."""

from __future__ import annotations

import pytest

from filters.text.carriage_control import AsaRecords, MachineRecords, first_byte_before, first_byte_of_utf_8
from tests.pcl_parser import parse_job
from tests.unit.filters.text_job import run_job, warnings


@pytest.mark.parametrize(
    "records, text",
    [
        (b"1title\n one\n0two\n-three\n", b"title\none\n\ntwo\n\n\nthree"),
        (b" first\n1next\n", b"first\n\fnext"),
        (b"0first\n", b"\nfirst"),
        (b" bold\n+bold\n", b"bold\rbold"),
        (b" a\n2b\nCc\n", b"a\nb\nc"),
        (b" a\n\n b\r\n", b"a\n\nb"),
        (b" a\n1\n1\n", b"a\n\f\n\f"),
    ],
)
def test_asa(records, text):
    """Each record moves the paper first, then prints; the first one does not make an empty page."""
    assert AsaRecords().feed(records) == text


def test_asa_records_with_another_first_character():
    """A record that begins with no control character is printed whole, on the next line, and counted."""
    records = AsaRecords()
    assert records.feed(b" a\nXYZ\n") == b"a\nXYZ" and records.unknown == 1


@pytest.mark.parametrize(
    "records, text",
    [
        (b"\x09one\n\x11two\n\x19three\n", b"one\ntwo\n\nthree\n\n\n"),
        (b"\x0b\n\x13\n\x1b\n\x09x\n", b"\n\n\n\n\n\nx\n"),
        (b"\x01under\n\x09_____\n", b"under\r_____\n"),
        (b"\x89last line\n\x09next page\n", b"last line\n\fnext page\n"),
        (b"\x8bignored\n\x09x\n", b"\fx\n"),
        (b"\x91channel 2\n\xe1channel 12\n\xe3\n\x03\n", b"channel 2\nchannel 12\n\n"),
    ],
)
def test_machine_code(records, text):
    """Each record prints first, then moves the paper."""
    machine = MachineRecords(first_byte_of_utf_8)
    assert (machine.feed(records), machine.unknown) == (text, 0)


def test_structured_fields_are_left_out():
    """Page-mode records and unknown codes print nothing and are counted."""
    records = MachineRecords(first_byte_of_utf_8)
    assert records.feed(b"\x5a\x00\x10\xd3\n\x09x\n\x77?\n") == b"x\n" and records.unknown == 2


def test_machine_code_in_ebcdic():
    """The code is the byte as it was, whatever letter it would be in the text's character set."""
    records = MachineRecords(first_byte_before("cp037"))
    record = (b"\x89" + "Title".encode("cp037")).decode("cp037")
    assert record == "iTitle" and records.feed(record.encode()) == b"Title\n\f"


def test_a_whole_job():
    """A listing with ASA control comes out in its own pages, with bold where records were printed twice."""
    listing = b"1REPORT\n+REPORT\n0total\n1second page\n end\n"
    code, output, messages = run_job(listing, "carriage-control=asa")
    pages = parse_job(output).pages
    assert code == 0 and not warnings(messages)
    assert [[text for _, text in page.lines()] for page in pages] == [["REPORT", "total"], ["second page", "end"]]
    assert all(glyph.bold for glyph in pages[0].glyphs if glyph.text in "REPORT")


def test_machine_code_through_a_whole_job():
    """Machine code in an EBCDIC listing is understood."""
    lines = [(0x09, "one"), (0x89, "two"), (0x09, "three")]
    data = b"".join(bytes((code,)) + text.encode("cp037") + b"\x15" for code, text in lines)
    code, output, messages = run_job(data, "carriage-control=machine text-charset=cp037")
    assert code == 0 and not warnings(messages)
    assert [[text for _, text in page.lines()] for page in parse_job(output).pages] == [["one", "two"], ["three"]]


def test_without_the_option_a_1_is_a_1():
    """Carriage control is never guessed."""
    _, output, _ = run_job(b" one\n1two\n")
    assert [text.strip() for _, text in parse_job(output).pages[0].lines()] == ["one", "1two"]
