"""Jobs of several documents, through a real cupsd: each arrives, in its place, as often as asked, and none twice.

Every kind of document stands beside every other, on queues of each language, on a raw one, and on those that still have
a description of 0.1.0, whose documents cupsd joins.
"""

from __future__ import annotations

import io
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cups.lpd import SpooledFile, has_cups_lpd, send
from tests.cups.pcl_pages import pages_in
from tests.cups.server import CupsServer
from tests.printer import Printer
from tests.printer.jobs import ReceivedJob

UEL = b"\x1b%-12345X"
OURS = UEL + b"@PJL JOB"
DATA = Path(__file__).resolve().parents[1] / "data" / "0.1.0"
#: Queues: the description, and whether cupsd joins the documents of a job on their way.
QUEUES = {
    "pcl5": "ipps443/generic-pcl5e.ppd",
    "pclxl": "ipps443/generic-pcl6.ppd",
    "pdf": "ipps443/generic-pdf.ppd",
    "old-pcl5": "generic-pcl5e.ppd",
    "old-pclxl": "generic-pcl6.ppd",
    "old-pdf": "generic-pdf.ppd",
    "raw": None,
}
NEW = ("pcl5", "pclxl", "pdf")
#: Kinds of documents and their pages. A banner comes first or last, as job-sheets.
PAGES = {"text": 1, "pdf": 2, "uel": 1, "pcl": 1, "ps": 3, "jpeg": 1, "banner": 1}
RAW = ("uel", "pcl")
OVER = ("canceled", "aborted", "completed")


def make_documents(folder: Path) -> dict[str, Path]:
    """Write one document of each kind."""
    from PIL import Image
    from reportlab.pdfgen.canvas import Canvas

    paths = {kind: folder / f"{kind}.file" for kind in PAGES if kind != "banner"}
    paths["text"].write_text("A line of text.\n")
    paths["uel"].write_bytes(UEL + b"@PJL ENTER LANGUAGE=PCL\r\n\x1bERAW WITH UEL\r\n\x0c\x1bE" + UEL)
    paths["pcl"].write_bytes(b"\x1bERAW WITHOUT UEL\r\n\x0c\x1bE")
    pages = "".join(f"/Helvetica findfont 20 scalefont setfont 72 700 moveto (Page {n}) show showpage\n" for n in "123")
    paths["ps"].write_text(f"%!PS-Adobe-3.0\n%%Pages: 3\n%%EndComments\n{pages}%%EOF\n")
    canvas = Canvas(str(paths["pdf"]))
    for number in (1, 2):
        canvas.drawString(72, 700, f"Page {number}")
        canvas.showPage()
    canvas.save()
    Image.new("L", (60, 40), 128).save(paths["jpeg"], "JPEG")
    return paths


@dataclass
class World:
    """A cupsd, a printer with each kind of queue, and the documents."""

    cups: CupsServer
    printers: dict[str, Printer]
    paths: dict[str, Path]


@pytest.fixture(scope="module")
def world(cups: CupsServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Queues of every kind, each with a printer of its own."""
    folder = tmp_path_factory.mktemp("documents")
    folder.chmod(0o755)
    printers: dict[str, Printer] = {}
    try:
        for name, model in QUEUES.items():
            printers[name] = Printer()
            printers[name].start()
            uri = printers[name].uri(pin=True)
            if name.startswith("old-"):
                cups.run("lpadmin", "-p", f"sd-{name}", "-E", "-v", uri, "-P", str(DATA / str(model)))
            else:
                cups.add_queue(f"sd-{name}", uri, model=model)
        yield World(cups, printers, make_documents(folder))
    finally:
        for name, printer in printers.items():
            cups.run("cancel", "-a", "-x", f"sd-{name}", check=False)
            cups.run("lpadmin", "-x", f"sd-{name}", check=False)
            printer.stop()


def submit(world: World, queue: str, kinds: tuple[str, ...], copies: int) -> int:
    """Print documents; a banner at the beginning or at the end is one of cupsd."""
    sheets = ("standard" if kinds[0] == "banner" else "none", "standard" if kinds[-1] == "banner" else "none")
    options = ("-n", str(copies), "-o", f"job-sheets={sheets[0]},{sheets[1]}")
    paths = [world.paths[kind] for kind in kinds if kind != "banner"]
    return world.cups.lp(f"sd-{queue}", *paths, options=options)


def sheets_of(document: bytes) -> int:
    """Return how many pages come out for what a printer got."""
    if document.startswith(b"%PDF-"):
        from pypdf import PdfReader

        return len(PdfReader(io.BytesIO(document)).pages)
    if document.startswith(OURS):
        made = re.search(rb"@PJL SET (?:QTY|COPIES) = (\d+)", document[:2000])
        return pages_in(document) * int(made[1] if made else 1)
    return document.count(b"\x0c")


def kind_of(document: bytes, world: World) -> str:
    """Return which raw document it is, or that it is none."""
    return next((kind for kind in RAW if document == world.paths[kind].read_bytes()), "made")


def expected(kinds: tuple[str, ...], copies: int) -> list[tuple[str, int]]:
    """Return what has to arrive on a queue that keeps documents apart: kind and sheets of each."""
    found: list[tuple[str, int]] = []
    for kind in kinds:
        if kind in RAW:
            found += [(kind, 1)] * copies
        else:
            found.append(("made", PAGES[kind] * (1 if kind == "banner" else copies)))
    return found


def check_kept_apart(world: World, queue: str, kinds: tuple[str, ...], copies: int, jobs: list[ReceivedJob]) -> str:
    """Compare document by document; return what is wrong."""
    arrived = [(kind_of(job.document, world), sheets_of(job.document) * job.copies) for job in jobs]
    wanted = expected(kinds, copies)
    return "" if arrived == wanted else f"{queue} {kinds} x{copies}: {arrived}, not {wanted}"


def check_joined(world: World, queue: str, kinds: tuple[str, ...], copies: int, jobs: list[ReceivedJob]) -> str:
    """Compare all that arrived with all that was sent: on a raw queue byte by byte, else sheets and raw documents."""
    whole = b"".join(job.document for job in jobs)
    if queue == "raw":
        at = 0
        for kind in kinds:
            if kind == "banner":  # cupsd's own file of instructions
                found = re.compile(rb"#PDF-BANNER.*?\n(?=\n|\x1b|%|A line|\xff\xd8|$)", re.DOTALL).match(whole, at)
                at = found.end() if found else at
                at += whole.startswith(b"\n", at)
                continue
            sent = world.paths[kind].read_bytes() * copies
            if not whole.startswith(sent, at):
                return f"{queue} {kinds} x{copies}: no {kind} at {at} of {whole!r}"[:1000]
            at += len(sent)
        return "" if at == len(whole) else f"{queue} {kinds} x{copies}: {len(whole) - at} octets too many"
    counted = 0
    for job in jobs:
        parts = re.split(rb"(?<=\x1b%-12345X)(?=\x1b%-12345X@PJL JOB)", job.document)
        parts = [piece for part in parts for piece in re.split(rb"(?<=\x1bE)(?=\x1b%-12345X@PJL JOB)", part)]
        counted += sum(map(sheets_of, parts)) * job.copies
    wanted = sum(count for _, count in expected(kinds, copies))
    raw = {kind: whole.count(world.paths[kind].read_bytes()[-30:]) for kind in RAW if kind in kinds}
    wanted_raw = {kind: kinds.count(kind) * copies for kind in raw}
    good = counted == wanted and raw == wanted_raw
    return "" if good else f"{queue} {kinds} x{copies}: {counted} sheets and {raw}, not {wanted} and {wanted_raw}"


def print_all(world: World, queues: tuple[str, ...], jobs_of_each: list[tuple[tuple[str, ...], int]]) -> None:
    """Print documents in so many copies on every queue, one job at a time on each, and compare."""
    wrong: list[str] = []
    for kinds, copies in jobs_of_each:
        before = {queue: len(world.printers[queue].jobs) for queue in queues}
        jobs = {queue: submit(world, queue, kinds, copies) for queue in queues}
        for queue, job in jobs.items():
            ended = world.cups.wait_for_job(job, (*OVER, "pending-held"), 120)
            received = world.printers[queue].jobs[before[queue] :]
            check = check_kept_apart if queue in NEW else check_joined
            trouble = check(world, queue, kinds, copies, received)
            if ended != "completed":
                trouble += f"; {queue} {kinds} x{copies} {ended}: {world.cups.job_state(job).message}"
            wrong += [trouble] if trouble else []
    assert not wrong, "\n".join(wrong)


def may_stand(kinds: tuple[str, ...]) -> bool:
    """A banner stands at an end, and a job has a document of its own."""
    return "banner" not in kinds[1:-1] and any(kind != "banner" for kind in kinds)


#: What was lost, held for ever, or printed twice in 0.1.0, and in how many copies; the long run has all in one and two.
CHOSEN: list[tuple[tuple[str, ...], int]] = [
    (("pdf", "pdf"), 2),
    (("text", "pcl"), 2),
    (("pcl", "pdf"), 1),
    (("banner", "pcl", "uel"), 2),
    (("uel", "jpeg", "banner"), 1),
    (("ps", "pcl", "text"), 2),
]


def test_every_document_arrives(world: World) -> None:
    """Once and twice, on all queues whose documents are kept apart."""
    print_all(world, NEW, CHOSEN)


def test_every_document_arrives_where_cupsd_joins_them(world: World) -> None:
    """On a raw queue, and with descriptions of 0.1.0: nothing is lost, held or printed twice."""
    print_all(world, ("old-pcl5", "old-pclxl", "old-pdf", "raw"), CHOSEN)


@pytest.mark.soak
@pytest.mark.parametrize("number", [2, 3])
@pytest.mark.parametrize("queues", [NEW, ("old-pcl5", "old-pclxl", "old-pdf", "raw")], ids=["apart", "joined"])
def test_every_order(world: World, queues: tuple[str, ...], number: int) -> None:
    """All orders of two and three of all kinds."""
    orders = filter(may_stand, itertools.product(PAGES, repeat=number))
    print_all(world, queues, list(itertools.product(orders, (1, 2))))


FINISHINGS = ("-o", "finishings=20")
#: Documents on queues where cupsd joins them -> what arrives for two copies: type, and beginning.
JOINED_TYPES: list[tuple[str, tuple[str, ...], list[str], tuple[str, ...]]] = [
    ("raw", ("pdf", "pdf"), ["pdf"] * 4, ()),
    ("raw", ("pdf", "pcl", "pdf"), ["pdf", "pdf", "pcl", "pdf", "pdf"], FINISHINGS),
    ("raw", ("pcl", "pdf"), ["pcl", "pdf", "pdf"], ()),
    ("raw", ("uel", "pdf"), ["pcl", "pdf", "pdf"], FINISHINGS),
    ("old-pdf", ("pdf", "pcl"), ["pdf", "pcl", "pcl"], ()),
    ("old-pdf", ("pcl", "pdf", "text"), ["pcl", "pcl", "pdf", "pdf"], FINISHINGS),
]


@pytest.mark.parametrize("queue, kinds, arrives, options", JOINED_TYPES)
def test_joined_documents_have_their_own_types(
    world: World, queue: str, kinds: tuple[str, ...], arrives: list[str], options: tuple[str, ...]
) -> None:
    """cupsd names the type of the first document only, and on a raw queue it puts copies one after the other."""
    before = len(world.printers[queue].jobs)
    paths = [world.paths[kind] for kind in kinds]
    job = world.cups.lp(f"sd-{queue}", *paths, options=("-n", "2", *options))
    assert world.cups.wait(job) == "completed"
    assert "told apart" not in world.cups.job_state(job).message
    received = world.printers[queue].jobs[before:]
    types = {"pdf": "application/pdf", "pcl": "application/vnd.hp-PCL"}
    assert [job.document_format for job in received] == [types[kind] for kind in arrives]
    heads = {"pdf": (b"%PDF-",), "pcl": (b"\x1bE", UEL)}
    assert all(job.document.startswith(heads[kind]) for job, kind in zip(received, arrives))
    assert max(job.document.count(b"%%EOF") for job in received) == 1


@pytest.mark.skipif(not has_cups_lpd(), reason="cups-lpd is missing: install cups-bsd")
@pytest.mark.parametrize("copies", [1, 3])
@pytest.mark.parametrize("control_first", [True, False])
def test_a_remote_output_queue_with_a_separator_page(world: World, control_first: bool, copies: int) -> None:
    """LPR as an IBM i sends it, with an L line: a banner and raw PCL behind it, through cups-lpd as inetd runs it."""
    data = b"\x1bE\x1b&l26A\x1b(10U" + b"INVOICE 4711\r\n" * 20 + b"\x0c\x1bE"
    before = len(world.printers["pcl5"].jobs)
    send(world.cups, "sd-pcl5", SpooledFile(data, "l" * copies, separator=True, control_first=control_first))
    assert world.cups.wait(world.cups.newest_job("sd-pcl5")) == "completed"
    arrived = world.printers["pcl5"].jobs[before:]
    assert sum(job.document == data for job in arrived) == copies
    assert sum(job.document.startswith(OURS) for job in arrived) >= 1
    assert sum(job.document.count(b"INVOICE 4711") for job in arrived) == 20 * copies
