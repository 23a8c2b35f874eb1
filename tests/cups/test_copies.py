"""Copies on queues whose description was made from the printer: left to it, and made good where it makes fewer."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pypdf
import pytest

from backend.ipp.message import Range, attribute
from backend.ipp.tags import Tag
from tests.cups.recorded import add, queue_name, words_of
from tests.cups.server import CupsServer
from tests.printer import Faults, Printer
from tests.unit.filters.pdf_documents import A4, make_pdf, needs_gs

OFFICE = "Composite-Office-Finisher"


def printer_of(name: str, copies: str = "ok", *, pages: str = "count", **more: Any) -> Printer:
    """Return a recorded printer that treats copies in some way."""
    faults = Faults(format="unlisted-ok", copies=copies, pages=pages)
    return Printer(faults=faults, attributes={**words_of(name), **more})


def sides(document: bytes) -> int:
    """Return how many sides a document has."""
    return len(pypdf.PdfReader(io.BytesIO(document)).pages)


def print_three(cups: CupsServer, name: str, printer: Printer, path: Path, *options: str) -> list[str]:
    """Print three copies of two pages; return what the log says of it."""
    words = tuple(word for option in options for word in ("-o", option))
    job = cups.lp(queue_name(name), path, options=("-n", "3", *words))
    assert cups.wait(job, 120) == "completed"
    return cups.job_log(job)


@needs_gs
@pytest.mark.parametrize("kind", ["pdf", "text"])
def test_copies_are_left_to_the_printer(cups: CupsServer, tmp_path: Path, kind: str) -> None:
    """Each page goes out once; what the printer says it ignores, or makes no more of at once, is sent again."""
    path = tmp_path / f"a.{kind}"
    path.write_bytes(make_pdf(A4, A4) if kind == "pdf" else b"one\n\ftwo\n")
    two: dict[str, Any] = {"copies-supported": attribute("copies-supported", Tag.RANGE_OF_INTEGER, Range(1, 2))}
    none: dict[str, Any] = {}
    for copies, more, expected in (("ok", none, [3]), ("told", none, [1, 1, 1]), ("ok", two, [2, 1])):
        with printer_of(OFFICE, copies, **more) as printer:
            queue = add(cups, OFFICE, printer)
            log = print_three(cups, OFFICE, printer, path)
            cups.run("lpadmin", "-x", queue)
        # A printer that ignores the attribute gets it once.
        sent = [each.copies for each in printer.printed]
        assert sent == (expected if copies == "ok" else [3, 1, 1]), (copies, sent)
        assert [sides(each.document) for each in printer.printed] == [2] * len(expected)
        assert any("ignores copies" in line for line in log) == (copies == "told")
        handling = printer.printed[0].attributes["multiple-document-handling"]
        assert handling == "separate-documents-collated-copies"


@needs_gs
def test_a_printer_that_ignores_copies_in_silence(cups: CupsServer, tmp_path: Path) -> None:
    """It counts the sides of one: a WARNING, nothing is sent again that may be on paper; later jobs go so often."""
    path = tmp_path / "a.txt"
    path.write_bytes(b"one\n\ftwo\n\fthree\n")
    with printer_of(OFFICE, "ignore", pages="3") as printer:
        queue = add(cups, OFFICE, printer)
        first = print_three(cups, OFFICE, printer, path)
        assert [each.copies for each in printer.printed] == [3]
        assert any("was to make 3 copies and counts 3 sides" in line for line in first)
        second = print_three(cups, OFFICE, printer, path)
        cups.run("lpadmin", "-x", queue)
    assert [each.copies for each in printer.printed] == [3, 1, 1, 1]
    assert not any("was to make" in line for line in second)
