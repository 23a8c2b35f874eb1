"""Pictures through a real cupsd: which filter prints them, and what the printer gets."""

from __future__ import annotations

import io
import itertools
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cups.pcl_pages import pages_in
from tests.cups.server import CupsServer
from tests.printer import Printer
from tests.unit.filters.picture_files import PICTURES, drawing, saved

MODELS = {"pcl5e": "generic-pcl5e", "pcl6": "generic-pcl6", "color": "generic-pcl6-color", "pdf": "generic-pdf"}


@pytest.fixture(scope="module")
def printer() -> Iterator[Printer]:
    """A printer without faults."""
    with Printer() as printer:
        yield printer


@pytest.fixture(scope="module")
def queues(cups: CupsServer, printer: Printer) -> Iterator[dict[str, str]]:
    """A queue for each language, and one without a description."""
    names = {kind: f"pictures-{kind}" for kind in (*MODELS, "raw")}
    for kind, name in names.items():
        cups.add_queue(name, printer.uri(pin=True), f"ipps443/{MODELS[kind]}.ppd" if kind in MODELS else None)
    yield names
    for name in names.values():
        cups.run("lpadmin", "-x", name)


def pages(document: bytes) -> int:
    """Return the number of pages of what the printer got."""
    if document.startswith(b"%PDF-"):
        from pypdf import PdfReader

        return len(PdfReader(io.BytesIO(document)).pages)
    return pages_in(document)


def without_jfif() -> bytes:
    """Return a JPEG that begins with its tables."""
    return re.sub(rb"^\xff\xd8\xff\xe0..JFIF.{10}", b"\xff\xd8", saved(drawing(), "JPEG"), flags=re.S)


DOCUMENTS = {
    "webp": (lambda: PICTURES["RGBA WebP"]()[0], 1),
    "tif": (lambda: PICTURES["pages LZW"]()[0], 3),
    "gif": (lambda: PICTURES["moving GIF"]()[0], 1),
    "jpg": (lambda: PICTURES["JPEG turned 6"]()[0], 1),
    "tables.jpg": (without_jfif, 1),
    "bmp": (lambda: PICTURES["palette BMP"]()[0], 1),
    "png": (lambda: PICTURES["16 bits PNG"]()[0], 1),
    "ppm": (lambda: PICTURES["PPM"]()[0], 1),
}


@pytest.mark.parametrize("name, kind", zip(DOCUMENTS, itertools.cycle(MODELS)))
def test_pictures_print(
    cups: CupsServer, printer: Printer, queues: dict[str, str], tmp_path: Path, name: str, kind: str
) -> None:
    """CUPS knows each kind of picture by its first bytes, and our filter prints all its pages."""
    make, count = DOCUMENTS[name]
    (path := tmp_path / "file").write_bytes(make())
    job = cups.lp(queues[kind], path)
    assert cups.wait(job) == "completed"
    assert pages(printer.printed[-1].document) == count
    log = "\n".join(cups.job_log(job))
    assert f"Started filter {cups.root}/bin/filter/{'imagetopdf443' if kind == 'pdf' else 'imagetopcl'}" in log
    assert cups.temporary_files == []


@pytest.mark.parametrize(
    "kind, options, count",
    [
        ("pcl5e", ("-n", "2"), 6),
        ("pdf", ("-n", "2"), 6),
        ("pcl6", ("-P", "2"), 1),
        ("color", ("-n", "2", "-o", "number-up=4"), 2),
        ("pdf", ("-o", "number-up=2"), 2),
    ],
)
def test_copies_and_pages(
    cups: CupsServer,
    printer: Printer,
    queues: dict[str, str],
    tmp_path: Path,
    kind: str,
    options: tuple[str, ...],
    count: int,
) -> None:
    """Copies are made once, and pages chosen once, whoever does it."""
    (path := tmp_path / "file").write_bytes(PICTURES["pages LZW"]()[0])
    job = cups.lp(queues[kind], path, options=options)
    assert cups.wait(job) == "completed"
    assert printer.printed[-1].attributes.get("copies", 1) == 1
    assert pages(printer.printed[-1].document) == count
