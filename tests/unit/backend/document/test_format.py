"""backend.document.format: which document-format is tried, and which next."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.document.format import (
    OCTET_STREAM,
    PCL,
    choose_formats,
    cups_type,
    ends_properly,
    last,
    may_be_for_printer,
    recognise,
)

UEL = b"\x1b%-12345X"
PCLXL, PDF = "application/vnd.hp-PCLXL", "application/pdf"


@pytest.mark.parametrize(
    "final, first, kind",
    [
        ("", "", ""),
        ("printer/office/application/pdf", "text/plain", PDF),
        ("application/pdf", "", PDF),
        ("", "image/jpeg", "image/jpeg"),
        ("printer/a", "", ""),
        ("printer/office/application/vnd.cups-raw", "text/plain", ""),
        ("application/octet-stream", "", ""),
        ("", "application/vnd.cups-command", ""),
        ("printer/office/application/vnd.hp-PCL", "", PCL),
    ],
)
def test_reads_the_type_that_cups_names(final: str, first: str, kind: str) -> None:
    """FINAL_CONTENT_TYPE decides, without the queue before it; types that say nothing count as none."""
    assert cups_type(final, first) == kind


#: Types, and beginnings by which they are known.
BEGINNINGS: dict[str, tuple[bytes, ...]] = {
    "": (b"", b"\x1b", b"\x1b&l", b"\x1b(B", b"\x1b[1m", b"\x1b@", b"hello"),
    PCL: (
        *(b"\x1bE", b"\x1bE\x1b&l1O", b"\x1b&l1O", b"\x1b(s16.67H", b"\x1b)8U", b"\x1b*t300R", UEL),
        UEL + b"@PJL JOB\r\n@PJL ENTER LANGUAGE=PCL\r\n\x1bE",
    ),
    PCLXL: (UEL + b"@PJL ENTER LANGUAGE = PCLXL\r\n) HP-PCL XL;2;0", b") HP-PCL XL;3;0"),
    "application/postscript": (UEL + b"@PJL enter language=postscript\n%!PS", b"%!PS-Adobe-3.0"),
    PDF: (UEL + b"@PJL ENTER LANGUAGE=PDF\n%PDF-1.7", b"%PDF-1.4"),
    "image/png": (b"\x89PNG\r\n",),
    "image/jpeg": (b"\xff\xd8\xff\xe0",),
    "image/pwg-raster": (b"RaS2PwgRaster",),
    "image/urf": (b"UNIRAST\0",),
}


@pytest.mark.parametrize("head, kind", [(head, kind) for kind, heads in BEGINNINGS.items() for head in heads])
def test_recognises_documents_by_their_beginning(head: bytes, kind: str) -> None:
    """Raw jobs that begin with ESC E or UEL are PCL, unless their PJL names another language."""
    assert recognise(head) == kind


@pytest.mark.parametrize(
    "kind, head, supported, formats",
    [
        (PDF, b"", (PDF, OCTET_STREAM), (PDF, OCTET_STREAM, "")),
        (PDF, b"", (OCTET_STREAM,), (OCTET_STREAM, "")),
        (PDF, b"", (PCL,), ("",)),
        (PDF, b"", (), (PDF, "")),
        ("", b"\x1bE", ("application/VND.HP-pcl", OCTET_STREAM), ("application/VND.HP-pcl", OCTET_STREAM, "")),
        ("", UEL, (OCTET_STREAM,), (OCTET_STREAM, "")),
        ("", b"hello", (PCL, OCTET_STREAM), (OCTET_STREAM, "")),
        ("", b"hello", (), ("",)),
        ("text/plain", b"\x1bE", (PCL, "text/plain"), ("text/plain", "")),
    ],
)
def test_chooses_formats_in_turn(kind: str, head: bytes, supported: tuple[str, ...], formats: tuple[str, ...]) -> None:
    """The real type if it is listed, in the printer's own spelling, else octet-stream, else none (Q-97)."""
    assert choose_formats(kind, head, supported) == formats


@given(st.sampled_from(["", PDF, PCL, "x/y"]), st.binary(max_size=40), st.lists(st.sampled_from([PDF, PCL, "X/Y", ""])))
def test_there_is_always_a_last_resort(kind: str, head: bytes, supported: list[str]) -> None:
    """The attempt without the attribute comes last, once, and nothing is named that the printer does not list."""
    formats = choose_formats(kind, head, tuple(supported))
    assert formats[-1] == "" and formats.count("") == 1 and len(set(formats)) == len(formats)
    if supported:
        assert set(formats) <= {*supported, ""}


@pytest.mark.parametrize("size", [40, 300, 5000, 32768])
def test_chance_is_nothing_for_a_printer(size: int) -> None:
    """Bytes as chance makes them are refused, whatever their number; a command at their beginning is not looked for."""
    taken = [seed for seed in range(300) if may_be_for_printer(b"\x81" + random.Random(seed).randbytes(size))]
    assert len(taken) <= 2


@pytest.mark.parametrize(
    "sample, wanted",
    [
        (b"\0" * 600 + b"\x1b@\x1b(G\x01\0\x01", True),
        (b"\r\n\x1bE", True),
        (b"\x04%!PS-Adobe", True),
        (b"RaS3" + bytes(99), True),
        *((b"\x81\0" * 50 + inside + bytes(99), True) for inside in (UEL, b"%PDF-1.4", b"%!PS", b"\x1b&l1O")),
        *((b"\x81\0" + bytes(1022 - size) + b"%PDF-" + bytes(99), size > 4) for size in (4, 5)),
        *((b"\x81\0" + bytes(1022 - size) + b"%!PS" + bytes(99), size > 3) for size in (3, 4)),
        (b"A text with one odd byte:\x01 it goes on for a while", True),
        (b"\x1bLua\x53" + bytes(99), False),
        (b"MZ\x90\0" + b"\x1b&l1O" + bytes(99), False),
        (b"RIFF\x24\0\0\0WAVEfmt ", False),
        (b"PK\x03\x04" + bytes(99) + b"word/document.xml", False),
        (b"PK\x03\x04" + bytes(99) + b"Documents/1/Pages/1.fpage", True),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(99), False),
        (b"\x1f\x8b\x08" + bytes(99), False),
        ("Ÿÿ".encode("utf-16-le") * 50, False),
        (b"", True),
    ],
)
def test_tells_print_data_from_other_files(sample: bytes, wanted: bool) -> None:
    """Languages for printers are known by their beginning, or in the middle; other files never are."""
    assert may_be_for_printer(sample) is wanted


def test_names_that_are_refused_come_last() -> None:
    """In their order, and the others in theirs."""
    formats = ("application/pdf", OCTET_STREAM, "")
    assert last("", formats) == last("image/urf", formats) == formats
    assert last("application/pdf", formats) == (OCTET_STREAM, "", "application/pdf")
    assert last("application/pdf application/octet-stream", formats) == ("", "application/pdf", OCTET_STREAM)


@pytest.mark.parametrize(
    "head, tail, is_whole",
    [
        (UEL + b"@PJL", b"\x1bE" + UEL, True),
        (UEL + b"@PJL", b"\x1bE" + UEL + b"\r\n\0", True),
        (UEL + b"@PJL", b"\x1bE", False),
        (b"\x1bE", b"\x0c\x1bE", True),
        (b"\x1bE", UEL, True),
        (b"\x1bE", b"\x0c", False),
        (b"%PDF-1.7", b"startxref\n1\n%%EOF\n", True),
        (b"%PDF-1.7", b"%%EOF" + b"x" * 80, False),
        (b"%!PS", b"showpage\n%%EOF", True),
        (b"%!PS", b"showpage\n\x04", True),
        (b"%!PS", b"showpage\n", False),
        (b"\xff\xd8\xff\xe0", b"\x12\xff\xd9", True),
        (b"\xff\xd8\xff\xe0", b"\x12\xff", False),
        (b"UNIRAST\0", b"\xff\xd9", False),
        (b"text", b"text", False),
        (b"", b"", False),
    ],
)
def test_the_end_that_belongs_to_a_beginning(head: bytes, tail: bytes, is_whole: bool) -> None:
    """Each language has its own; where none is known, nothing can be told."""
    assert ends_properly(head, tail) is is_whole
