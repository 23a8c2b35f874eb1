"""PDF, pictures and PostScript in a real cupsd: CUPS's own filters, ours, our backend, the scripted printer."""

from __future__ import annotations

import io
import os
import re
import shutil
import struct
from pathlib import Path

import pytest

from tests.cups.pcl_pages import pages_in
from tests.cups.server import CupsServer, wait_until
from tests.drawn_sheets import draw_sheets
from tests.printer import Printer
from tests.unit.filters.pdf_damage import BOMBS, LOST
from tests.unit.filters.pdf_documents import A4, draw_slowly, make_pdf
from tests.unit.filters.test_pdf_inspection import encrypted

UEL = b"\x1b%-12345X"
PCL5E, PCL6, PCL6_COLOR, PDF = (f"ipps443/generic-{name}.ppd" for name in ("pcl5e", "pcl6", "pcl6-color", "pdf"))

pytestmark = pytest.mark.skipif(not shutil.which("gs"), reason="gs (ghostscript) is not installed")


@pytest.fixture
def five_pages(tmp_path: Path) -> Path:
    """A PDF of five pages that say their numbers."""
    path = tmp_path / "five.pdf"
    path.write_bytes(make_pdf(*[A4] * 5))
    return path


def programs(cups: CupsServer, job: int) -> list[str]:
    """Return the names of the programs that cupsd started for a job, in the order of the data."""
    started = [re.search(r"Started (?:filter|backend) \S*/(\w+) \(PID", line) for line in cups.job_log(job)]
    return [found[1] for found in started if found]


def rendered_pages(cups: CupsServer, job: int) -> int:
    """Return how many pages came to pdftopcl, as it says at debug level."""
    found = re.search(r"pdftopcl: (\d+) pages", "\n".join(cups.job_log(job)))
    assert found
    return int(found[1])


def renderers(cups: CupsServer) -> list[str]:
    """Return the processes that work in a temporary folder of a job, as Ghostscript does."""
    found = []
    for process in filter(str.isdigit, os.listdir("/proc")):
        try:
            if os.readlink(f"/proc/{process}/cwd").startswith(str(cups.root / "spool" / "tmp")):
                found.append(process)
        except OSError:
            continue
    return found


@pytest.mark.parametrize("model", [PCL5E, PCL6, PCL6_COLOR])
def test_a_pdf_is_printed(cups: CupsServer, printer: Printer, five_pages: Path, model: str) -> None:
    """Copies, page ranges and pages on a sheet are applied once, both sides are asked for, and the job is whole."""
    queue = "pdf-" + model[16:-4]
    cups.add_queue(queue, printer.uri(pin=True), model)
    options = ("-n", "2", "-P", "2-5", "-o", "number-up=2", "-o", "sides=two-sided-short-edge", "-o", "InputSlot=Tray3")
    job = cups.lp(queue, five_pages, options=options)
    assert cups.wait(job) == "completed"
    assert programs(cups, job) == ["pdfcheck443", "pdftopdf", "pdftopcl", "ipps443"]
    assert rendered_pages(cups, job) == 4
    (received,) = printer.printed
    assert received.complete and received.document.startswith(UEL + b"@PJL JOB") and received.document.endswith(UEL)
    assert pages_in(received.document) == 4
    if model == PCL5E:
        assert b"\x1b&l2s0M" in received.document and b"\x1b&l5H" in received.document
    else:
        assert (
            received.document[:1200].count(b"\xc0\x00\xf8\x35")
            == 1
            == received.document[:1200].count(b"\xc0\x05\xf8\x26")
        )
    sheets = draw_sheets(received.document, 75)
    assert len(sheets) == 4 and sheets[0].tobytes() == sheets[2].tobytes() != sheets[1].tobytes()


def test_a_pdf_printer_gets_pdf(cups: CupsServer, printer: Printer, five_pages: Path) -> None:
    """The generic PDF description sends PDF as pdftopdf made it, with copies and ranges in it."""
    from pypdf import PdfReader

    cups.add_queue("pdfs", printer.uri(pin=True), PDF)
    job = cups.lp("pdfs", five_pages, options=("-n", "2", "-P", "1-2"))
    assert cups.wait(job) == "completed" and programs(cups, job) == ["pdfcheck443", "pdftopdf", "ipps443"]
    (received,) = printer.printed
    assert received.complete and received.document_format == "application/pdf"
    assert len(PdfReader(io.BytesIO(received.document)).pages) == 4


def test_postscript(cups: CupsServer, tmp_path: Path) -> None:
    """PostScript comes to pdftopcl by way of CUPS's own filters, and prints."""
    path = tmp_path / "words.ps"
    path.write_text("%!PS-Adobe-3.0\n/Courier findfont 40 scalefont setfont 90 400 moveto (words) show showpage\n")
    cups.add_capture("postscript", PCL6)
    job = cups.lp("postscript", path)
    assert cups.wait(job) == "completed" and programs(cups, job)[-2:] == ["pdftopcl", "capture"]
    document, final_type = cups.captured("postscript")
    assert (rendered_pages(cups, job), final_type) == (1, "application/vnd.hp-pclxl")
    (sheet,) = draw_sheets(document, 75)
    assert sheet.histogram()[0] > 100


#: Queues, documents that cannot be printed, or of which something is lost, and what lpstat shows of them, as
#: pdftopcl(8) and docs/errors.md say; or only that the filter failed, if cupsd read too late.
REFUSED = [
    (
        PCL5E,
        "protected",
        encrypted("secret", "secret").getvalue(),
        r"protected by a password.* \[F02\]|invalid password",
    ),
    (PCL5E, "damaged", make_pdf(*[A4] * 3)[:1500], r"save it anew.* \[F02\]|damaged file"),
    (PCL6, "content-not-there", LOST["content-not-there"], r"it is damaged: .* \[F02\]"),
    (PDF, "packed-cut-off", LOST["packed-cut-off"], r"it is damaged: .* \[F02\]"),
]


@pytest.mark.parametrize("model, name, document, status", REFUSED, ids=[row[1] for row in REFUSED])
def test_what_cannot_be_printed(
    cups: CupsServer, printer: Printer, tmp_path: Path, model: str, name: str, document: bytes, status: str
) -> None:
    """A PDF that cannot be printed reaches no printer; the queue goes on, the log says what to do.

    Its job waits, lpstat shows a message about it, and it can be cancelled, as pdftopcl(8) and errors.md say.
    """
    (tmp_path / "document.pdf").write_bytes(document)
    queue = f"refused-{name}"
    cups.add_queue(queue, printer.uri(pin=True), model)
    job = cups.lp(queue, tmp_path / "document.pdf")
    cups.wait_for_job(job, ("processing-stopped",))
    assert cups.queue_state(queue).state == "idle" and not [job for job in printer.jobs if job.document]
    assert any("save it" in line and "[F02]" in line for line in cups.job_log(job))
    assert cups.temporary_files == []
    shown = cups.run("lpstat", "-l", "-o", queue).stdout
    assert re.search(f"Status: .*({status}|Filter failed)$", shown, re.M), shown
    cups.run("cancel", str(job))
    assert cups.wait(job) == "canceled"


def test_a_page_larger_than_any_paper(cups: CupsServer, tmp_path: Path) -> None:
    """pdftopdf makes a plan as small as the paper before it comes to us, so it is printed."""
    (tmp_path / "plan.pdf").write_bytes(make_pdf((9000, 9000)))
    cups.add_capture("plan", PCL5E)
    job = cups.lp("plan", tmp_path / "plan.pdf")
    assert cups.wait(job) == "completed" and rendered_pages(cups, job) == 1


def test_a_cancelled_job(cups: CupsServer, tmp_path: Path) -> None:
    """Cancelling a job while it is rendered ends Ghostscript and leaves no files."""
    (tmp_path / "slow.pdf").write_bytes(make_pdf(*[A4] * 60, draw=draw_slowly))
    cups.add_capture("slow", PCL5E)
    job = cups.lp("slow", tmp_path / "slow.pdf")
    wait_until(lambda: any("Rendering page" in line for line in cups.job_log(job)), 60, "page")
    assert len(renderers(cups)) == 1
    cups.run("cancel", str(job))
    assert cups.wait(job) == "canceled"
    wait_until(lambda: not cups.temporary_files, 10, "empty folder of temporary files")
    assert not renderers(cups)


MODELS = {"pcl5e": PCL5E, "pcl6": PCL6, "pdf": PDF}


@pytest.mark.parametrize(
    "model, options",
    [("pcl5e", "page-ranges=7-9"), ("pcl6", "number-up=2 page-ranges=3"), ("pdf", "page-set=even")],
)
def test_a_selection_that_leaves_nothing(
    cups: CupsServer, printer: Printer, tmp_path: Path, model: str, options: str
) -> None:
    """A selection of no page is done at once: nothing is printed, no queue or job waits, and the log says why."""
    (tmp_path / "page.pdf").write_bytes(make_pdf(A4))
    queue = f"none-{model}-{options[:8]}".replace("=", "")
    cups.add_queue(queue, printer.uri(pin=True), MODELS[model])
    job = cups.lp(
        queue, tmp_path / "page.pdf", options=tuple(word for option in options.split() for word in ("-o", option))
    )
    assert cups.wait(job) == "completed" and not printer.jobs
    said = "\n".join(cups.job_log(job))
    assert ("The job is empty; nothing was printed" in said) and ("nothing to print" in said or model == "pdf")
    assert cups.queue_state(queue).state == "idle"
    # One page is one page.
    assert (
        cups.wait(cups.lp(queue, tmp_path / "page.pdf", options=("-P", "1"))) == "completed" and len(printer.jobs) == 1
    )


#: What a job says, and the measures that reach the printer in 1/100 mm; all else that a job may say, such as other
#: units: tests/unit/filters/common/test_media.py.
CUSTOM_SIZES = {
    "media=Custom.80x50mm": (8000, 5000),
    "media=Custom.227x142": (8008, 5009),
    "media=Tray1,na_index-5x8": (12700, 20320),
    "PageSize=Custom.80x50mm": (8000, 5000),
    "media-col={media-size={x-dimension=8000 y-dimension=5000}}": (8000, 5000),
}


@pytest.mark.parametrize("option", CUSTOM_SIZES)
def test_custom_sizes(cups: CupsServer, printer: Printer, tmp_path: Path, option: str) -> None:
    """A size that is in no list reaches the printer as it was asked for, in text and PDF, not turned."""
    from pypdf import PdfReader

    width, length = CUSTOM_SIZES[option]
    points = (width * 72 / 2540, length * 72 / 2540)
    (tmp_path / "page.pdf").write_bytes(make_pdf(points))
    (tmp_path / "page.txt").write_text("hello\n")
    number = list(CUSTOM_SIZES).index(option)
    for model in MODELS:
        cups.add_queue(f"size{number}-{model}", printer.uri(pin=True), MODELS[model])
        for document in ("page.pdf", "page.txt"):
            job = cups.lp(f"size{number}-{model}", tmp_path / document, options=("-o", option))
            assert cups.wait(job) == "completed", (model, document)
            data = printer.printed[-1].document
            if model == "pdf":
                box = PdfReader(io.BytesIO(data)).pages[0].mediabox
                assert [float(box.width), float(box.height)] == pytest.approx(points, abs=1.5), document
            elif data.find(b"LANGUAGE = PCLXL") >= 0 or data.find(b"LANGUAGE=PCLXL") >= 0:
                # CustomMediaSize in inches, two real32.
                at = data.index(b"\xf8\x2f")
                sides = struct.unpack("<2f", data[at - 8 : at])
                assert sides == pytest.approx((width / 2540, length / 2540), abs=0.02), document
            else:
                found = re.search(rb"\x1b&f([0-9]+)i([0-9]+)J\x1b&l(?:0s)?101[Aa]", data)
                assert found and b"\x1b&l1O" not in data, document
                assert (int(found[1]), int(found[2])) == (round(width * 7.2 / 25.4), round(length * 7.2 / 25.4))


@pytest.mark.parametrize("name", ["forms", "picture"])
def test_bombs_leave_cups_alone(cups: CupsServer, tmp_path: Path, name: str) -> None:
    """A document that takes all there is ends by itself, with a message; the next job of the queue prints."""
    (tmp_path / "bomb.pdf").write_bytes(BOMBS[name][0]())
    (tmp_path / "page.pdf").write_bytes(make_pdf(A4))
    settings = cups.etc / "ipps443" / "ipps443.conf"
    settings.write_text("render-seconds-per-page = 3\n")
    shutil.chown(settings, "root", "lp")
    settings.chmod(0o640)
    try:
        cups.add_capture(f"bomb-{name}", PCL5E)
        job = cups.lp(f"bomb-{name}", tmp_path / "bomb.pdf")
        cups.wait_for_job(job, ("processing-stopped",))
        assert any(BOMBS[name][1] in line and "[F0" in line for line in cups.job_log(job))
        assert not renderers(cups) and cups.temporary_files == []
        assert cups.wait(cups.lp(f"bomb-{name}", tmp_path / "page.pdf")) == "completed"
        cups.run("cancel", str(job))
    finally:
        settings.unlink()
