"""Files whose type CUPS finds by looking at them: PCL by any first command, text, and what nobody can print."""

from __future__ import annotations

import io
import itertools
import random
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cups.server import PCL5E, CupsServer
from tests.pcl_parser import parse_job
from tests.printer import Printer

ESC = b"\x1b"
RASTER = bytes(range(256)) * 8


@pytest.fixture(scope="module")
def printer() -> Iterator[Printer]:
    """A printer without faults."""
    with Printer() as printer:
        yield printer


@pytest.fixture(scope="module")
def queues(cups: CupsServer, printer: Printer) -> Iterator[dict[str, str]]:
    """A queue with a description of ours, one for PDF, and one without a description."""
    names = {"pcl": "unknown-pcl", "pdf": "unknown-pdf", "raw": "unknown-raw"}
    for model, name in zip((PCL5E, "ipps443/generic-pdf.ppd", None), names.values()):
        cups.add_queue(name, printer.uri(pin=True), model)
    yield names
    for name in names.values():
        cups.run("lpadmin", "-x", name)


def zipped(*names: str) -> bytes:
    """Return a zip file with some members."""
    with io.BytesIO() as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as members:
            for name in names:
                members.writestr(name, random.Random(name).randbytes(40000))
        return file.getvalue()


PCL_FILES = {
    "pitch": b"\x1b(s16.67HREPORT\r\nline two\r\n\f",
    "page": b"\x1b&l1o5.4c8d\x1b(s16.67HREPORT\r\nline two\r\n\f",
    "symbols": b"\x1b(8URoman\r\n",
    "place": b"\x1b*p300x400YHere\x1b*p300x500YThere\f",
    "stairs": b"\x1b&k2GREPORT\nline two\n\f",
    "raster": b"\x1b*t300R\x1b*r1A\x1b*b2048W" + RASTER + b"\x1b*rB\f",
    "reset": b"\x1bE\x1b&l1OREPORT\n",
    "behind-nuls": bytes(64) + b"\x1bE\x1b&l1OREPORT\r\n\x1bE",
}
#: Texts, and the lines that are printed of them.
TEXTS = {
    "pitch": (b"\x1b(s16.67HREPORT\nline two\n", ["REPORT", "line two"]),
    "later": (b"INVOICE\r\n\x1b(s16.67H\x1b&l8D small\r\n", ["INVOICE", "small"]),
    "colour": (b"\x1b[1mREPORT\x1b[0m\r\nline two\r\n", ["REPORT", "line two"]),
    "escp": (b"\x1b@\x1bG\x1bx\x01REPORT\x1bH\r\n", ["REPORT"]),
    "escp-later": (b"INVOICE\r\n\x1bW\x01small\x1bW\x00\r\n", ["INVOICE", "small"]),
    "escp-printable": (b"\x1b@\x1bW1REPORT\x1bW0\r\nline two\r\n", ["REPORT", "line two"]),
    "receipt": (b"\x1b@\x1b!\x30REPORT\n\x1ba\x01line two\n\x1bd\x03\x1dV\x00", ["REPORT", "line two"]),
    **{
        name: ("REPORT\nzwei Größen €\n".encode(name), ["REPORT", "zwei Größen €"])
        for name in ("utf-16", "utf-16-le", "utf-16-be", "cp1252")
    },
    "cr": (b"REPORT\rline two\r", ["REPORT", "line two"]),
    "dos": (b"A text of the old days\r\n\x1a", ["A text of the old days"]),
}
UNKNOWN = {
    "random": random.Random(1).randbytes(40000),
    "elf": b"\x7fELF\x02\x01\x01" + bytes(9) + RASTER,
    "zip": zipped("a.bin", "b.bin"),
    "docx": zipped("[Content_Types].xml", "_rels/.rels", "word/document.xml"),
    "short": bytes((1, 2, 0, 255, 254, 3)),
    "sqlite": b"SQLite format 3\0" + RASTER,
}
FOR_PRINTERS = {
    "xps": zipped("[Content_Types].xml", "_rels/.rels", "FixedDocumentSequence.fdseq", "Documents/1/Pages/1.fpage"),
    "pcl-xl": b") HP-PCL XL;3;0;Comment\n\xd1X\x02X\x02\xf8\x89" + RASTER,
    "pjl-in-junk": b"\x01\x02\0junk\r\n\x1b%-12345X@PJL ENTER LANGUAGE=PCL\r\n\x1bE\x1b*b4W\0\0\0\0\x1bE\x1b%-12345X",
    "zjs": b"JZJZ" + RASTER,
    "pdf-in-junk": b"\0\0\x01\x02%PDF-1.4\n%\xe2\xe3\n" + RASTER + b"%%EOF\n",
    "postscript-in-junk": b"\x01\x00%!PS-Adobe-3.0\nshowpage\n" + RASTER,
    "pcl-raster": b"Text before\r\n" + bytes(30) + b"\x1b*t300R\x1b*r1A\x1b*b2048W" + RASTER + b"\x1b*rB\f",
    "hardly-text": b"A text of the old days\r\n\x01\r\n",
}


def write(folder: Path, name: str, data: bytes) -> Path:
    """Write a file whose name says nothing about its type."""
    path = folder / name
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("name", PCL_FILES)
def test_pcl_is_pcl_whatever_its_first_command(
    cups: CupsServer, printer: Printer, queues: dict[str, str], tmp_path: Path, name: str
) -> None:
    """A file that begins with a command of PCL reaches the printer as it is."""
    job = cups.lp(queues["pcl"], write(tmp_path, name, PCL_FILES[name]))
    assert cups.wait(job) == "completed"
    assert printer.printed[-1].document == PCL_FILES[name]


@pytest.mark.parametrize("name", TEXTS)
def test_text_with_commands_is_text(
    cups: CupsServer, printer: Printer, queues: dict[str, str], tmp_path: Path, name: str
) -> None:
    """Text with line feeds alone behind a command, with commands later, or with other commands, prints as text."""
    text, lines = TEXTS[name]
    job = cups.lp(queues["pcl"], write(tmp_path, name, text))
    assert cups.wait(job) == "completed"
    document = printer.printed[-1].document
    assert document.startswith(b"\x1b%-12345X@PJL")
    (page,) = parse_job(document).pages
    assert [text.strip() for _, text in page.lines()] == lines


@pytest.mark.parametrize("name, queue", zip(UNKNOWN, itertools.cycle(("pcl", "pdf"))))
def test_unknown_files_are_refused(
    cups: CupsServer, printer: Printer, queues: dict[str, str], tmp_path: Path, name: str, queue: str
) -> None:
    """A file that is nothing for a printer is not sent to it; the job ends with a message, and the queue goes on."""
    before = len(printer.jobs)
    job = cups.lp(queues[queue], write(tmp_path, name, UNKNOWN[name]))
    assert cups.wait(job) == "canceled"
    assert len(printer.jobs) == before
    assert re.search(r"no type that can be printed here.*-o raw \[D04\]", "\n".join(cups.job_log(job)))
    assert cups.queue_state(queues[queue]).state == "idle"


@pytest.mark.parametrize(
    "document, queue, options", [(UNKNOWN["random"], "pcl", ("-o", "raw")), (TEXTS["escp"][0], "raw", ())]
)
def test_raw_printing_sends_anything(
    cups: CupsServer,
    printer: Printer,
    queues: dict[str, str],
    tmp_path: Path,
    queue: str,
    options: tuple[str, ...],
    document: bytes,
) -> None:
    """With -o raw, and on a queue without a description, nobody looks at what is sent."""
    job = cups.lp(queues[queue], write(tmp_path, "file", document), options=options)
    assert cups.wait(job) == "completed"
    assert printer.printed[-1].document == document


@pytest.mark.parametrize("name", FOR_PRINTERS)
def test_print_data_of_no_known_type_passes(
    cups: CupsServer, printer: Printer, queues: dict[str, str], tmp_path: Path, name: str
) -> None:
    """What is in a language of printers is sent, also where CUPS has no type for it."""
    job = cups.lp(queues["pcl"], write(tmp_path, name, FOR_PRINTERS[name]))
    assert cups.wait(job) == "completed"
    assert printer.printed[-1].document == FOR_PRINTERS[name]
