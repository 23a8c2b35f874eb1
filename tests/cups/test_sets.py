"""Copies that are stapled, in a real cupsd: each set by itself, whether the printer makes the copies or not."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import pypdf
import pytest

from backend.ipp.message import attribute
from backend.ipp.tags import Tag
from tests.cups.server import CupsServer
from tests.printer import Printer
from tests.unit.filters.pdf_documents import A4, make_pdf, needs_gs

MODEL = "ipps443/generic-pdf.ppd"
FINISHER: dict[str, Any] = {
    "finishings-supported": attribute("finishings-supported", Tag.ENUM, 3, 4, 20),
    "print-color-mode-supported": attribute("print-color-mode-supported", Tag.KEYWORD, "color", "monochrome"),
}
UNCOLLATED = {
    "multiple-document-handling-supported": attribute(
        "multiple-document-handling-supported", Tag.KEYWORD, "separate-documents-uncollated-copies"
    )
}


def pages(document: bytes) -> int:
    """Return how many pages a PDF has."""
    return len(pypdf.PdfReader(io.BytesIO(document)).pages)


@needs_gs
@pytest.mark.parametrize(
    "how, count, options, each",
    [
        ("copies", 3, ("-n", "2", "-o", "finishings=20"), 3),
        ("one by one", 3, ("-n", "2", "-o", "finishings=20", "-o", "Collate=True"), 3),
        ("copies", 3, ("-n", "3", "-o", "finishings=4", "-o", "sides=two-sided-long-edge"), 4),
        ("uncollated only", 4, ("-n", "2", "-o", "finishings=4", "-o", "number-up=2"), 2),
        ("one by one", 1, ("-n", "2", "-o", "finishings=4"), 1),
        ("copies", 3, ("-n", "2", "-o", "finishings=4", "-o", "page-ranges=1-2"), 2),
    ],
)
def test_each_copy_is_a_set(
    cups: CupsServer, tmp_path: Path, how: str, count: int, options: tuple[str, ...], each: int
) -> None:
    """One document of one copy, printed so often by the printer, or sent so often."""
    path = tmp_path / "document.pdf"
    path.write_bytes(make_pdf(*[A4] * count))
    faults = "copies=1-1" if how == "one by one" else ""
    said = {**FINISHER, **(UNCOLLATED if how == "uncollated only" else {})}
    with Printer(attributes=said, faults=faults) as printer:
        name = f"sets-{printer.port}"
        cups.add_queue(name, printer.uri(pin=True), MODEL)
        job = cups.lp(name, path, options=options)
        assert cups.wait(job) == "completed"
        copies = int(options[1])
        jobs = printer.printed
        assert [pages(each.document) for each in jobs] == [each] * (1 if how == "copies" else copies)
        assert [each.copies for each in jobs] == ([copies] if how == "copies" else [1] * copies)
        told = [{attr.name: attr.value for attr in each.template} for each in jobs]
        assert all(template["finishings"] == int(options[3].partition("=")[2]) for template in told)
        handling = {template.get("multiple-document-handling", "") for template in told}
        assert handling == {"separate-documents-collated-copies" if how == "copies" else ""}


def feeds(document: bytes) -> int:
    """Return how many form feeds PCL 5 text has, which has no pictures."""
    return document.count(b"\x0c")


@needs_gs
@pytest.mark.parametrize(
    "model, asked",
    [
        ("generic-pcl5e", "finishings=20"),
        ("generic-pcl6", "StapleLocation=UpperLeft"),
        ("ibm-infoprint-1552", "HPFold=Half"),
        ("generic-pcl6", "finishings=20"),
    ],
)
def test_each_copy_in_pcl_is_a_set(cups: CupsServer, tmp_path: Path, model: str, asked: str) -> None:
    """PCL has no word for the end of a set, so each copy is a job, and none asks for more."""
    paths = {"pdf": tmp_path / "document.pdf", "text": tmp_path / "document.txt"}
    paths["pdf"].write_bytes(make_pdf(A4, A4, A4))
    paths["text"].write_text("one\n\x0ctwo\n\x0cthree\n")
    for kind, path in paths.items():
        with Printer(attributes=FINISHER) as printer:
            name = f"pcl-sets-{printer.port}"
            cups.add_queue(name, printer.uri(pin=True), f"ipps443/{model}.ppd")
            (single,) = print_copies(cups, printer, name, path, 1, asked)
            several = print_copies(cups, printer, name, path, 3, asked)
            assert len(several) == 3
            assert {without_comment(each) for each in several} == {without_comment(single)}
            if kind == "text":
                assert feeds(single) == 3
            if asked == "finishings=20":
                assert all(job.attributes["finishings"] == 20 for job in printer.printed)


def without_comment(document: bytes) -> bytes:
    """Return print data without what filters tell the backend, and without times."""
    return re.sub(rb"@PJL COMMENT[^\r\n]*\r\n", b"", document)


def print_copies(cups: CupsServer, printer: Printer, queue: str, path: Path, copies: int, asked: str) -> list[bytes]:
    """Print, and return what has arrived."""
    before = len(printer.printed)
    job = cups.lp(queue, path, options=("-n", str(copies), "-o", asked))
    assert cups.wait(job) == "completed"
    return [each.document for each in printer.printed[before:]]


@needs_gs
def test_copies_for_other_backends_stay_in_the_document(cups: CupsServer, tmp_path: Path) -> None:
    """A queue with our description and a backend of someone else gets what it always got."""
    paths = [tmp_path / "document.pdf", tmp_path / "document.txt"]
    paths[0].write_bytes(make_pdf(A4, A4))
    paths[1].write_text("one\n\x0ctwo\n")
    for path in paths:
        queue = f"others-{path.suffix[1:]}"
        cups.add_capture(queue)
        assert cups.wait(cups.lp(queue, path, options=("-n", "2", "-o", "finishings=20"))) == "completed"
        document, _ = cups.captured(queue)
        assert b"IPPS443" not in document
        assert b"SET COPIES = 2" in document or document.count(b"\x1b&l26A") == 5


def test_sets_where_cupsd_joins_documents(cups: CupsServer, tmp_path: Path) -> None:
    """On a queue with a description of 0.1.0, behind a banner, whose copies cupsd names in the place of the job's."""
    path = tmp_path / "document.txt"
    path.write_text("one\n\x0ctwo\n")
    old = Path(__file__).resolve().parents[1] / "data" / "0.1.0" / "generic-pcl5e.ppd"
    with Printer(attributes=FINISHER) as printer:
        name = f"old-sets-{printer.port}"
        cups.run("lpadmin", "-p", name, "-E", "-v", printer.uri(pin=True), "-P", str(old))
        job = cups.lp(name, path, path, options=("-n", "2", "-o", "finishings=20", "-o", "job-sheets=standard,none"))
        assert cups.wait(job) == "completed"
        texts = [each.document for each in printer.printed if b"\x0ctwo" in each.document or b"two" in each.document]
        assert len(texts) == 4, [len(each.document) for each in printer.printed]
