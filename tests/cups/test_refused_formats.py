"""Printers that list a format and refuse it: learned, and no document lost. Q-97."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from backend.ipp.message import attribute
from backend.ipp.tags import Tag
from tests.cups.recorded import control, words_of
from tests.cups.server import CupsServer
from tests.printer import Faults, Printer
from tests.raster_reader import read_raster
from tests.unit.filters.pdf_documents import needs_gs

INKJET = "HP-OfficeJet-Pro-7740"


def refusing(how: str, *formats: str) -> Printer:
    """Return a printer that lists formats, and refuses PDF."""
    listed = attribute("document-format-supported", Tag.MIME_MEDIA_TYPE, *formats)
    return Printer(faults=Faults(format=how), attributes={**words_of(INKJET), "document-format-supported": listed})


@contextmanager
def queue_for(cups: CupsServer, printer: Printer) -> Iterator[tuple[Printer, str]]:
    """A running printer, and its queue with our description for PDF."""
    with printer:
        queue = f"refuses-{printer.port}"
        cups.add_queue(queue, printer.uri(pin=True), "ipps443/generic-pdf.ppd")
        yield printer, queue
        cups.run("lpadmin", "-x", queue)


@needs_gs
@pytest.mark.parametrize("model", ["printer", "ipps443/generic-pdf.ppd"])
def test_the_next_format_after_a_refresh(cups: CupsServer, page: Path, model: str) -> None:
    """The job is held with the command; after it the same job prints as what the printer lists next."""
    with refusing("refuse-pdf", "application/pdf", "image/urf") as printer:
        queue = f"refuses-{printer.port}"
        assert control(cups, "add", queue, printer.uri(pin=True), "--model", model).returncode == 0
        job = cups.lp(queue, page)
        cups.wait_for_job(job, ("pending-held",))
        assert not printer.printed
        said = [line for line in cups.job_log(job) if "[P26]" in line][0]
        command = f"ipps443ctl refresh {queue}" + ("" if model == "printer" else " --model printer")
        assert said.endswith(f"refuses application/pdf, which it lists. Held; release it after: {command} [P26]")
        found = control(cups, "doctor", queue)
        assert "refuses application/pdf, which it lists" in found.stdout and command in found.stdout
        done = control(cups, *command.split()[1:])
        assert done.returncode == 0 and "application/pdf: left out" in done.stderr
        cups.run("lp", "-i", str(job), "-H", "resume")
        assert cups.wait(job, 120) == "completed"
        assert [each.document_format for each in printer.printed] == ["image/urf"]
        assert len(read_raster(printer.printed[0].document)) == 1
        assert cups.wait(cups.lp(queue, page), 120) == "completed"
        cups.run("lpadmin", "-x", queue)


def test_a_format_that_is_refused_by_name(cups: CupsServer, page: Path) -> None:
    """The same document without its name: once with a WARNING, then at once under the name that is taken."""
    fault = refusing("refuse-pdf-name", "application/pdf", "application/octet-stream")
    with queue_for(cups, fault) as (printer, queue):
        warnings = []
        for _ in range(2):
            job = cups.lp(queue, page)
            assert cups.wait(job) == "completed"
            said = f"localhost:{printer.port} refuses application/pdf by name, and takes the document"
            warnings.append([line for line in cups.job_log(job) if line == said])
        assert [each.document_format for each in printer.printed] == ["application/octet-stream"] * 2
        assert [len(each) for each in warnings] == [1, 0]
        assert printer.operation_names.count("Send-Document") == 3


def test_a_picture_that_is_refused_as_it_is(cups: CupsServer, jpeg: Path) -> None:
    """It is made anew as pages without anyone's help, once; later pictures are pages at once, and not for ever.

    Other ways of a refusal: tests/unit/backend/job/test_refused_formats.py.
    """
    faults = Faults(format="refuse-jpeg")
    with Printer(faults=faults, attributes=words_of("Composite-Office-Finisher")) as printer:
        queue = f"pictures-{printer.port}"
        assert control(cups, "add", queue, printer.uri(pin=True)).returncode == 0
        job = cups.lp(queue, jpeg)
        assert cups.wait(job, 120) == "completed"
        assert printer.printed[-1].document.startswith(b"%PDF-")
        said = [line for line in cups.job_log(job) if line.endswith("[P29]")]
        assert len(said) == len(printer.printed) == 1 and said[0].endswith("as pages [P29]")
        second = cups.lp(queue, jpeg)
        assert cups.wait(second) == "completed"
        assert printer.printed[-1].document.startswith(b"%PDF-")
        assert not any("[P29]" in line for line in cups.job_log(second))
        # Once forgotten, it is tried as it is again.
        printer.faults = Faults()
        assert control(cups, "forget", f"localhost:{printer.port}").returncode == 0
        assert cups.wait(cups.lp(queue, jpeg)) == "completed"
        assert printer.printed[-1].document == jpeg.read_bytes()
        cups.run("lpadmin", "-x", queue)
