"""Spooled files of IBM i through a real cupsd: from lp, lpr, and remote output queues by way of cups-lpd."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cups.lpd import SpooledFile, has_cups_lpd, send
from tests.cups.server import CupsServer, wait_until
from tests.pcl_parser import PrintedJob, parse_job
from tests.printer import Printer
from tests.scs_pages import SAMPLES

JOB_LOG = SAMPLES / "01-joblog-132x66.scs"
needs_cups_lpd = pytest.mark.skipif(not has_cups_lpd(), reason="cups-lpd is missing: install cups")


@pytest.fixture
def queue(cups: CupsServer, request: pytest.FixtureRequest) -> Iterator[str]:
    """A queue whose printer is a file."""
    name = "s" + re.sub(r"\W", "-", request.node.name)[:100]
    cups.add_capture(name)
    yield name
    cups.run("cancel", "-a", "-x", name, check=False)
    cups.run("lpadmin", "-x", name)


def pages_of(printed: PrintedJob) -> list[str]:
    """Return the text of each page, lines from the top."""
    return ["\n".join(line for _, line in page.lines()) for page in printed.pages]


def assert_job_log(pages: list[str]) -> None:
    """Assert that the pages are those of the job log."""
    assert len(pages) == 3
    assert all("5770SS1 V7R4M0 190621" in page and "CPF1001" in page for page in pages)


def test_a_spooled_file_is_recognised(cups: CupsServer, queue: str) -> None:
    """A spooled file prints as pages, without being told what it is."""
    cups.run("lpr", "-P", queue, str(JOB_LOG))
    assert cups.wait(cups.newest_job(queue)) == "completed"
    data, kind = cups.captured(queue)
    assert kind == "application/vnd.hp-pcl"
    assert_job_log(pages_of(parse_job(data)))


def test_a_printer_session(cups: CupsServer, queue: str) -> None:
    """What lp5250d hands to lp has no header to know it by; the type that it says is enough."""
    text = "First line".encode("cp037") + b"\x15" + "second".encode("cp037") + b"\x0c"
    path = cups.root / "session"
    path.write_bytes(text)
    path.chmod(0o644)
    cups.run("sh", "-c", f"lp -d {queue} -o document-format=application/vnd.ibm-scs < {path}")
    assert cups.wait(cups.newest_job(queue)) == "completed"
    (page,) = pages_of(parse_job(cups.captured(queue)[0]))
    assert [line.strip() for line in page.splitlines()] == ["First line", "second"]


def test_the_table_of_the_queue(cups: CupsServer, queue: str) -> None:
    """The table in the server's folder decides about a job."""
    folder = cups.etc / "ipps443" / "scs"
    folder.mkdir(exist_ok=True)
    (folder / queue).write_text("page.132x66 = Letter portrait fit\n")
    assert cups.wait(cups.lp(queue, JOB_LOG)) == "completed"
    pages = parse_job(cups.captured(queue)[0]).pages
    assert {(page.size, page.orientation) for page in pages} == {(2, 0)}


def print_remotely(cups: CupsServer, queue: str, file: SpooledFile) -> int:
    """Let a remote writer send a file, and return its job once it is printed."""
    send(cups, queue, file)
    job = wait_until(lambda: cups.newest_job(queue), 20, "job")
    assert cups.wait(job) == "completed"
    return job


@needs_cups_lpd
@pytest.mark.parametrize("prints, control_first", (("l", False), ("f", True)), ids=("data-first", "control-first"))
def test_remote_output_queue(cups: CupsServer, queue: str, prints: str, control_first: bool) -> None:
    """What a remote writer sends prints as pages, in either order of its files, with l and with f."""
    job = print_remotely(cups, queue, SpooledFile(JOB_LOG.read_bytes(), prints, control_first=control_first))
    assert cups.job_attributes(job)["job-originating-user-name"] == "QSECOFR"
    assert_job_log(pages_of(parse_job(cups.captured(queue)[0])))


@needs_cups_lpd
@pytest.mark.parametrize(("page", "sign"), (("273", "\xa4"), ("1141", "\u20ac")))
def test_code_page_of_a_remote_output_queue(cups: CupsServer, queue: str, page: str, sign: str) -> None:
    """A file with NULs in front, of the queue's code page with or without the euro, prints with its own letters."""
    cups.run("lpadmin", "-p", queue, "-o", f"scs-codepage={page}")
    text = bytes.fromhex("2BD20345FF 2BC10250 2BC20242 2BD10381FF") + b"\xc0\x9f\xd0\x15\x0c"
    print_remotely(cups, queue, SpooledFile(bytes(15) + text))
    assert [page.strip() for page in pages_of(parse_job(cups.captured(queue)[0]))] == [f"\xe4{sign}\xfc"]


@needs_cups_lpd
def test_copies_of_a_remote_output_queue(cups: CupsServer, queue: str) -> None:
    """DESTOPT('XAIX') repeats the print line: the file prints as often."""
    print_remotely(cups, queue, SpooledFile(JOB_LOG.read_bytes(), "ll"))
    assert cups.captured(queue)[0].count(b"\r\x0c") == 6


@needs_cups_lpd
def test_separator_page(cups: CupsServer, queue: str) -> None:
    """A separator page, the default of an output queue, prints before the file and takes nothing from it."""
    print_remotely(cups, queue, SpooledFile(JOB_LOG.read_bytes(), "l", separator=True))
    data, _ = cups.captured(queue)
    jobs = data.split(b"@PJL JOB")[1:]
    assert [part.count(b"5770SS1 V7R4M0 190621") for part in jobs] == [0, 3]


RECORD = "A RECORD WITHOUT ANY CONTROL".ljust(133).encode("cp037")
MAP = b"\x5a\x00\x10\xd3\xab\xcc\x00\x00\x00" + "MAP00001".encode("cp037")
OTHERS = {
    "*AFPDS": b"\x5a\x00\x10\xd3\xa8\xa8\x00\x00\x00" + "DOC00001".encode("cp037") + b"\x5a\x00\x10\xd3\xa8\xaf",
    "*IPDS": b"\x00\x05\xd6\x97\x00" * 20,
    "*LINE": RECORD * 40,
    "*AFPDSLINE": RECORD + MAP + RECORD * 40,
}


@pytest.mark.parametrize("name", OTHERS)
def test_other_types_are_refused_by_name(cups: CupsServer, queue: str, tmp_path: Path, name: str) -> None:
    """A file that is no SCS is refused, and the message names it and what to change on the IBM i."""
    path = tmp_path / "file"
    path.write_bytes(OTHERS[name])
    job = cups.lp(queue, path)
    message = wait_until(lambda: _refusal(cups, job), 30, "message")
    assert f" is {name}, not *SCS" in message and "DEVTYPE(*SCS)" in message
    assert cups.captured(queue)[0] == b""


def test_records_print_where_the_job_names_their_code_page(cups: CupsServer, queue: str, tmp_path: Path) -> None:
    """A file in FCFC form, brought by binary FTP, prints as text."""
    path = tmp_path / "file"
    path.write_bytes(b"".join(f"{line:133}".encode("cp037") for line in ("1HEAD", " TEXT", "0MORE", "1NEXT")))
    path.chmod(0o644)
    options = ("-o", "record-length=133", "-o", "carriage-control=asa", "-o", "text-charset=cp037")
    assert cups.wait(cups.lp(queue, path, options=options)) == "completed"
    pages = pages_of(parse_job(cups.captured(queue)[0]))
    assert [page.split() for page in pages] == [["HEAD", "TEXT", "MORE"], ["NEXT"]]


def _refusal(cups: CupsServer, job: int) -> str:
    return next((line for line in cups.job_log(job) if "[F10]" in line), "")


def test_pdf_queue(cups: CupsServer) -> None:
    """On a queue for PDF a spooled file becomes a PDF with its pages, whose copies CUPS's own filter makes, once."""
    pypdf = pytest.importorskip("pypdf")
    import io

    cups.add_capture("s-pdf", "ipps443/generic-pdf.ppd")
    try:
        assert cups.wait(cups.lp("s-pdf", JOB_LOG, options=("-n", "2"))) == "completed"
        data, kind = cups.captured("s-pdf")
    finally:
        cups.run("lpadmin", "-x", "s-pdf")
    assert kind == "application/pdf"
    pages = pypdf.PdfReader(io.BytesIO(data)).pages
    assert len(pages) == 6
    assert "CPF1001" in pages[0].extract_text()


def test_queues_of_others(cups: CupsServer) -> None:
    """A raw queue passes a spooled file on as it is; a queue with another driver prints its pages."""
    data = (SAMPLES / "jt-3812.scs").read_bytes()
    cups.add_capture("s-raw", None)
    cups.add_capture("s-laserjet", "drv:///sample.drv/laserjet.ppd")
    try:
        assert cups.wait(cups.lp("s-raw", SAMPLES / "jt-3812.scs")) == "completed"
        assert cups.captured("s-raw")[0] == data
        job = cups.lp("s-laserjet", SAMPLES / "jt-3812.scs")
        assert cups.wait(job) == "completed"
        assert any("scstopdf443" in line for line in cups.job_log(job))
        assert cups.captured("s-laserjet")[0].count(b"\x0c") >= 2
    finally:
        cups.run("lpadmin", "-x", "s-raw")
        cups.run("lpadmin", "-x", "s-laserjet")


@pytest.mark.parametrize("name", ("*AFPDS", "*IPDS", "*AFPDSLINE", "*SCS"))
def test_printers_of_ibm(cups: CupsServer, tmp_path: Path, name: str) -> None:
    """A queue whose own description takes a type of IBM i gets its files as they are."""
    data = JOB_LOG.read_bytes() if name == "*SCS" else OTHERS[name]
    kind = {
        "*AFPDS": "application/vnd.ibm.modcap",
        "*IPDS": "application/vnd.ibm-ipds",
        "*AFPDSLINE": "application/vnd.ibm.afplinedata",
        "*SCS": "application/vnd.ibm-scs",
    }[name]
    queue = f"s-ibm{name[1:]}"
    cups.add_capture(queue, "drv:///sample.drv/laserjet.ppd")
    try:
        description, path = tmp_path / "ibm.ppd", tmp_path / "file"
        own = f'*cupsFilter2: "{kind} {kind} 0 -"\n'
        description.write_text((cups.etc / "ppd" / f"{queue}.ppd").read_text() + own)
        path.write_bytes(data)
        for each in (description, path):
            each.chmod(0o644)
        cups.run("lpadmin", "-p", queue, "-P", str(description))
        assert cups.wait(cups.lp(queue, path)) == "completed"
        assert cups.captured(queue) == (data, kind)
    finally:
        cups.run("lpadmin", "-x", queue)


def test_through_the_backend(cups: CupsServer) -> None:
    """A spooled file reaches the printer over TLS, whole, and the job is completed."""
    with Printer() as printer:
        cups.add_queue("s-ipps443", printer.uri(pin=True))
        try:
            assert cups.wait(cups.lp("s-ipps443", JOB_LOG)) == "completed"
        finally:
            cups.run("lpadmin", "-x", "s-ipps443")
        assert len(printer.printed) == 1 and printer.printed[0].complete
        assert_job_log(pages_of(parse_job(printer.printed[0].document)))
