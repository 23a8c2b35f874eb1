"""A text job through a real cupsd, our filter and our backend, to the scripted printer."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.discovery import found_text
from tests.cups.server import CupsServer
from tests.cups.text import Grid, expected_pages, printed_pages, without_blank_end
from tests.pcl_parser import PrintedJob, parse_job
from tests.printer import Printer, make_certificate

LICENSE = Path(__file__).resolve().parents[2] / "LICENSE"
TEXT = LICENSE.read_text()


@pytest.fixture
def queue(cups: CupsServer, printer: Printer, request: pytest.FixtureRequest) -> Iterator[str]:
    """A queue with a pin for the printer; it goes with the test, and its jobs too."""
    name = "q" + re.sub(r"\W", "-", request.node.name)[:100]
    cups.add_queue(name, printer.uri(pin=True))
    yield name
    cups.run("cancel", "-a", "-x", name, check=False)
    cups.run("lpadmin", "-x", name)


def grid_of(cups: CupsServer, job: int) -> Grid:
    """Return columns and lines that the filter worked with, from what it says at debug level."""
    found = re.search(r"texttopcl: .*, (\d+) columns, (\d+) lines", "\n".join(cups.job_log(job)))
    assert found
    return Grid(int(found[1]), int(found[2]))


def paper(printer: Printer) -> PrintedJob:
    """Read the one job that the printer has printed."""
    assert len(printer.printed) == 1 == len(printer.jobs)
    assert printer.printed[0].complete
    return parse_job(printer.printed[0].document)


def assert_pages(cups: CupsServer, job: int, printed: PrintedJob) -> None:
    """Assert that the printed pages are those of the text, line by line."""
    assert printed_pages(printed) == without_blank_end(expected_pages(TEXT, grid_of(cups, job)))


def test_lp_prints_the_text_page_by_page(cups: CupsServer, printer: Printer, queue: str) -> None:
    """lp prints a text; each page holds the lines of the input, and CUPS lists the job as completed."""
    job = cups.lp(queue, LICENSE)
    assert cups.wait(job) == "completed"
    assert f"{queue}-{job} " in cups.run("lpstat", "-W", "completed", "-o", queue).stdout
    assert printer.printed[0].framing == "chunked"
    assert_pages(cups, job, paper(printer))
    assert cups.job_state(job).sheets == len(paper(printer).pages) > 1
    assert cups.queue_state(queue).reasons == ()
    assert cups.temporary_files == []


def test_options_of_the_description(cups: CupsServer, printer: Printer, queue: str) -> None:
    """Page size, tray and both sides are set by the names of the description, pitch by its own."""
    options = ("-o", "PageSize=A5", "-o", "InputSlot=Tray3", "-o", "sides=two-sided-long-edge", "-o", "cpi=15")
    job = cups.lp(queue, LICENSE, options=options)
    assert cups.wait(job) == "completed"
    printed = paper(printer)
    assert {(page.size, page.source, page.duplex) for page in printed.pages} == {(25, 5, 1)}
    assert printed.pages[0].glyphs[0].width == 7200 // 15
    assert_pages(cups, job, printed)


def test_values_beside_the_lists(cups: CupsServer, printer: Printer, queue: str) -> None:
    """What is not in the description's lists can be set as a default of the queue, and given with a job."""
    cups.run("lpadmin", "-p", queue, "-o", "cpi=Custom.13.7", "-o", "tab-width=Custom.3")
    job = cups.lp(queue, LICENSE, options=("-o", "lpi=7"))
    assert cups.wait(job) == "completed"
    printed = paper(printer)
    assert printed.pages[0].glyphs[0].width == pytest.approx(7200 / 13.7, abs=1)
    rows = sorted({glyph.y for glyph in printed.pages[0].glyphs})
    assert min(b - a for a, b in zip(rows, rows[1:])) == pytest.approx(7200 / 7, abs=13)


def test_report_that_has_to_fit(cups: CupsServer, printer: Printer, queue: str) -> None:
    """fit-text as a default of the queue gives every page its columns and lines."""
    cups.run("lpadmin", "-p", queue, "-o", "fit-text=132x66")
    text = "".join("\n".join(f"{page} {line}".ljust(131) + "|" for line in range(66)) + "\f" for page in range(3))
    job = cups.lp(queue, text=text)
    assert cups.wait(job) == "completed"
    printed = printed_pages(paper(printer))
    assert printed == expected_pages(text, Grid(132, 66))


def test_other_certificate_gets_nothing(cups: CupsServer, printer: Printer, queue: str) -> None:
    """A different certificate stops the queue; the message says who tells more, the log shows both fingerprints."""
    expected = printer.certificate
    printer.certificate = impostor = make_certificate()
    job = cups.lp(queue, LICENSE)
    state = cups.wait_for_queue(queue, ("stopped",))
    assert "cups-pki-changed" in state.reasons
    assert "presents a different certificate than pin= in the URI. Nothing was sent. Compare: " in state.message
    assert "ipps443ctl doctor [T02]" in state.message
    log = cups.log().replace(":", "").lower()
    assert expected.cert_sha256.hex() in log and impostor.cert_sha256.hex() in log
    assert printer.handshakes > 0 and printer.http_bytes == 0 and printer.jobs == []
    assert cups.job_state(job).state in ("pending", "processing-stopped")
    cups.run("lpadmin", "-p", queue, "-v", printer.uri(pin=True))
    cups.run("cupsenable", queue)
    assert cups.wait(job) == "completed"
    assert_pages(cups, job, paper(printer))
    assert cups.queue_state(queue).reasons == ()


def test_pin_file(cups: CupsServer, printer: Printer, queue: str) -> None:
    """Without a pin nothing is sent; with a line in the pin file the job that waited is printed."""
    cups.run("lpadmin", "-p", queue, "-v", printer.uri())
    cups.write_pins("")
    job = cups.lp(queue, LICENSE)
    state = cups.wait_for_queue(queue, ("stopped",))
    assert "cups-pki-unknown" in state.reasons and f"ipps443ctl pin localhost:{printer.port}" in state.message
    assert printer.http_bytes == 0
    cups.write_pins(f"localhost:{printer.port} spki-sha256:{printer.certificate.spki_sha256.hex()}\n")
    cups.run("cupsenable", queue)
    assert cups.wait(job) == "completed"
    assert_pages(cups, job, paper(printer))


def test_found_printers_in_the_device_list(cups: CupsServer) -> None:
    """Beside the backend and the pinned printers, what a stranger announces stands there as not pinned, while root
    wants it."""
    cups.write_pins(f'printer.example.com:443 spki-sha256:{"ab" * 32} label="Room 3"\n')
    name = 'Hall "x" \\ <b>\x1b[2J\nnetwork ipps443://evil "a" "b"'
    path, conf = cups.root / "cache" / "ipps443" / "found", cups.root / "etc" / "ipps443" / "ipps443.conf"
    path.write_text(found_text([("ipps443://192.0.2.7:631", "Make 7", name)], time.time()))
    path.chmod(0o644)
    try:
        listed = cups.run("lpinfo", "-v").stdout
        assert "\nnetwork ipps443\n" in f"\n{listed}" and "\nnetwork ipps443://printer.example.com" in listed
        assert "192.0.2.7" not in listed
        conf.write_text("found-in-device-list = on\n")
        conf.chmod(0o644)
        listed = cups.run("lpinfo", "-l", "-v").stdout
    finally:
        conf.unlink(missing_ok=True)
        path.unlink()
        cups.write_pins("")
    device = listed.partition("uri = ipps443://192.0.2.7:631\n")[2].partition("Device: ")[0]
    shown = 'not pinned: Hall "x" \\ <b> [2J network ipps443://evil "a" "b"'
    assert f"info = {shown}\n" in device and "make-and-model = Make 7\n" in device
    assert "uri = ipps443://evil" not in listed
