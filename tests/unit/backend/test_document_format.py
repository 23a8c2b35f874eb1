"""backend.document_format: which document-format is tried, and which next."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.document_format import OCTET_STREAM, PCL, choose_formats, cups_type, recognise

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


@pytest.mark.parametrize(
    "head, kind",
    [
        (b"", ""),
        (b"\x1bE", PCL),
        (b"\x1bE\x1b&l1O", PCL),
        (b"\x1b", ""),
        (b"\x1b&l1O", ""),
        (UEL, PCL),
        (UEL + b"@PJL JOB\r\n@PJL ENTER LANGUAGE=PCL\r\n\x1bE", PCL),
        (UEL + b"@PJL ENTER LANGUAGE = PCLXL\r\n) HP-PCL XL;2;0", PCLXL),
        (UEL + b"@PJL enter language=postscript\n%!PS", "application/postscript"),
        (UEL + b"@PJL ENTER LANGUAGE=PDF\n%PDF-1.7", PDF),
        (b"%PDF-1.4", PDF),
        (b"%!PS-Adobe-3.0", "application/postscript"),
        (b") HP-PCL XL;3;0", PCLXL),
        (b"\x89PNG\r\n", "image/png"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"RaS2PwgRaster", "image/pwg-raster"),
        (b"UNIRAST\0", "image/urf"),
        (b"hello", ""),
    ],
)
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
