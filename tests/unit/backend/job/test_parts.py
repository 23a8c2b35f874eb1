"""backend.job.parts and backend.job.copies: what is printed one after the other, and how often."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from backend.cupsd.retry import RetryPolicy
from backend.cupsd.stop_signal import StopSignal
from backend.document.document import Document
from backend.document.joined import OURS
from backend.errors import DocumentIncomplete, DocumentUnknown, DocumentUnreadable
from backend.job import copies as module
from backend.job.copies import Copies, pages_in, plan_copies
from backend.job.cups_job import CupsJob
from backend.job.documents import JobAtCupsd
from backend.job.parts import Part, StandardInput, check_complete, print_files
from filters.common.job import Job, parse_options
from filters.common.report import Report
from tests.unit.filters.pdf_documents import A4, make_pdf

UEL = b"\x1b%-12345X"
SINGLE = '*cupsSingleFile: True\n*cupsFilter2: "text/plain application/vnd.hp-PCL 10 ipps443"\n'
JOINED = '*cupsFilter2: "text/plain application/vnd.hp-PCL 10 ipps443"\n'
RAW, PDF = "application/vnd.cups-raw", "application/pdf"


class Queue:
    """A job on a queue, and what cupsd says of it."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.told: JobAtCupsd | None = None
        monkeypatch.setattr(CupsJob, "ask", lambda job: self.told)

    def job(
        self,
        ppd: str,
        copies: int = 1,
        files: tuple[str, ...] = (),
        options: dict[str, str] | None = None,
        **environ: str,
    ) -> CupsJob:
        path = self.folder / "office.ppd"
        if ppd:
            path.write_text(ppd)
        content = environ.get("CONTENT_TYPE", "")
        job = Job(7, "anna", "Report", copies, options or {}, files, "", content, str(path), "ipps443")
        return CupsJob(job, {"TMPDIR": str(self.folder), **environ}, Report())

    @contextlib.contextmanager
    def document(self, content: bytes) -> Iterator[Document]:
        """Give standard input with some octets, and its end."""
        reading, writing = os.pipe()
        os.write(writing, content)
        os.close(writing)
        yield Document(reading, folder=str(self.folder), keep=True)
        os.close(reading)


@pytest.fixture
def queue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Queue:
    """A folder for all of it."""
    return Queue(tmp_path, monkeypatch)


class Prints:
    """Takes parts for printed, so many copies at once, and notes what they were."""

    def __init__(self, at_once: int = 1) -> None:
        self.at_once = at_once
        self.parts: list[tuple[bytes, int, int, bool]] = []

    def __call__(self, part: Part) -> int:
        part.document.wait_for_beginning(StopSignal())
        self.parts.append((part.document.head, part.copies, part.number, part.has_followers))
        part.document.discard_rest(StopSignal())
        return min(self.at_once, part.copies)


@pytest.mark.parametrize("at_once, parts", [(1, [3, 2, 1]), (2, [3, 1]), (3, [3])])
def test_files_are_printed_until_there_are_enough_copies(queue: Queue, at_once: int, parts: list[int]) -> None:
    """However many of them the printer makes at once; only the very last part has nothing behind it."""
    for name in ("one", "two"):
        (queue.folder / name).write_bytes(name.encode())
    files = tuple(str(queue.folder / name) for name in ("one", "two"))
    prints = Prints(at_once)
    print_files(queue.job("", 3, files), keep=True, print_part=prints)
    assert [(head, copies) for head, copies, _, _ in prints.parts] == [
        (name, copies) for name in (b"one", b"two") for copies in parts
    ]
    assert [more for *_, more in prints.parts][:-1] == [True] * (2 * len(parts) - 1)


def test_a_file_that_is_not_there_or_nothing_for_a_printer(queue: Queue) -> None:
    """Neither comes to the printer; that someone says what it is (-o raw) is believed."""
    (queue.folder / "program").write_bytes(b"\x7fELF" + bytes(100))
    files = (str(queue.folder / "program"),)
    missing = (str(queue.folder / "missing"),)
    prints = Prints()
    with pytest.raises(DocumentUnreadable):
        print_files(queue.job(SINGLE, files=missing), keep=True, print_part=prints)
    with pytest.raises(DocumentUnknown):
        print_files(
            queue.job(SINGLE, files=files, CONTENT_TYPE="application/octet-stream"), keep=True, print_part=prints
        )
    assert prints.parts == []
    print_files(queue.job(SINGLE, files=files, CONTENT_TYPE=RAW), keep=True, print_part=prints)
    assert len(prints.parts) == 1


def print_input(job: CupsJob, prints: Prints) -> None:
    """Print standard input to its end."""
    looked_at: list[Document] = []
    policy = cast(RetryPolicy, cast(Any, None))
    StandardInput(
        job,
        keep=True,
        stop=StopSignal(),
        retry_policy=policy,
        report=Report(),
        print_part=prints,
        look_at=looked_at.append,
    ).print_all()


def test_the_document_of_a_run_is_one_part(queue: Queue, feed: Callable[[bytes], None]) -> None:
    """Where cupsd has a run for each document, nothing is told apart."""
    feed(UEL + b"one\x0c" + UEL)
    prints = Prints()
    print_input(queue.job(SINGLE), prints)
    assert prints.parts == [(UEL + b"one\x0c" + UEL, 1, 1, False)]


@pytest.mark.parametrize("documents, parts", [(2, 2), (1, 1)])
def test_joined_documents_are_told_apart_if_cupsd_says_so(
    queue: Queue, feed: Callable[[bytes], None], documents: int, parts: int
) -> None:
    """Its count has the last word: one document may look like two."""
    queue.told = JobAtCupsd(documents)
    feed(b"%PDF-1.4 one\n%%EOF\n" + b"%PDF-1.4 two\n%%EOF\n")
    prints = Prints()
    print_input(queue.job(""), prints)
    assert [(number, more) for _, _, number, more in prints.parts] == [(1, parts == 2), (2, False)][:parts]


def test_copies_of_a_raw_document_are_printed_from_a_copy(queue: Queue, feed: Callable[[bytes], None]) -> None:
    """On a queue of ours nobody else makes them."""
    feed(b"\x1bEraw\x0c")
    prints = Prints(at_once=2)
    print_input(queue.job(SINGLE, 3, CONTENT_TYPE=RAW, FINAL_CONTENT_TYPE=RAW), prints)
    assert prints.parts == [(b"\x1bEraw\x0c", 3, 1, True), (b"\x1bEraw\x0c", 1, 1, False)]


@pytest.mark.parametrize(
    "document, pages",
    [
        (make_pdf(A4, A4), 2),
        (b"%PDF-1.4\n<</Type/Pages/Kids[]>>\n<</Type /Page>>\n<</Type/Page\n>><</Type/PageLabel>>", 2),
        (b"%PDF-1.5\n<</Type/ObjStm>>", None),
        (b"UNIRAST\0 /Type/Page ", None),
        (b"", None),
    ],
)
def test_how_many_pages_a_document_has(tmp_path: Path, document: bytes, pages: int | None) -> None:
    """Counted in a PDF with open objects; nobody knows it of any other."""
    path = tmp_path / "a"
    path.write_bytes(document)
    with path.open("rb") as file:
        assert pages_in(file.fileno()) == pages


@pytest.mark.parametrize(
    "ppd, copies, kind, head, told, plan",
    [
        (SINGLE, 3, RAW, b"\x1bE", None, Copies(3)),
        (SINGLE, 3, "text/plain", b"\x1bE", None, Copies()),  # its filter has made them
        ("", 3, RAW, b"\x1bE", None, Copies()),  # cupsd's gziptoany has
        (JOINED, 3, RAW, b"\x1bE", JobAtCupsd(2, copies=3), Copies(3)),
        (JOINED, 3, RAW, OURS, JobAtCupsd(2, copies=3), Copies()),
        (JOINED, 3, "text/plain", b"\x1bE", JobAtCupsd(1, copies=3), Copies()),
        (JOINED, 1, "application/vnd.cups-pdf-banner", b"\x1bE", JobAtCupsd(2, copies=3), Copies(3)),
        (JOINED, 1, RAW, b"\x1bE", JobAtCupsd(2, copies=3), Copies()),
        (JOINED, 3, RAW, b"\x1bE", None, Copies()),
    ],
)
def test_whose_copies_they_are(
    queue: Queue, ppd: str, copies: int, kind: str, head: bytes, told: JobAtCupsd | None, plan: Copies
) -> None:
    """The first program that knows how makes them, and no one after it."""
    queue.told = told
    job = queue.job(ppd, copies, CONTENT_TYPE=kind, FINAL_CONTENT_TYPE=RAW)
    with queue.document(head + b"page") as document:
        assert plan_copies(job, document, StopSignal(), is_joined=ppd == JOINED) == plan


MADE = (
    SINGLE
    + '*ipps443Copies: "True"\n*cupsFilter2: "application/vnd.cups-pdf application/pdf 10 -"\n'
    + '*cupsFilter2: "text/plain application/pdf 0 texttopdf443"\n'
)


@pytest.mark.parametrize(
    "options, ppd, copies, content, kind, plan",
    [
        ("finishings=4", SINGLE, 3, PDF, PDF, Copies(sets=True, finished=True)),
        ("finishings=4", SINGLE, 3, PDF, "Application/PDF", Copies(sets=True, finished=True)),
        ("finishings=4", SINGLE, 1, PDF, PDF, Copies()),  # there is one of it
        ("", SINGLE, 3, PDF, PDF, Copies()),  # nothing is done to each
        ("finishings=4", SINGLE, 3, PDF, "application/vnd.hp-PCL", Copies()),  # its filter has left the copies to us
        ("finishings=4", "", 3, PDF, PDF, Copies()),
        ("", MADE, 3, PDF, PDF, Copies(sets=True)),
        ("finishings=4", MADE, 3, PDF, PDF, Copies(sets=True, finished=True)),
        ("", MADE, 1, PDF, PDF, Copies()),
        ("", MADE.replace("True", "False"), 3, PDF, PDF, Copies()),
        ("", MADE, 3, PDF, "image/urf", Copies()),  # raster, in which the filters have made them
        ("finishings=4", MADE, 3, PDF, "image/urf", Copies(finished=True)),
        ("", MADE, 3, "text/plain", PDF, Copies(3)),
        ("", MADE, 3, "text/plain", "image/urf", Copies(3)),
        ("finishings=4", MADE, 3, "text/plain", PDF, Copies(3, finished=True)),
        ("", MADE, 3, "text/other", PDF, Copies(sets=True)),
        ("", MADE.replace("True", "False"), 3, "text/plain", PDF, Copies()),
    ],
)
def test_copies_in_a_pdf(
    queue: Queue, options: str, ppd: str, copies: int, content: str, kind: str, plan: Copies
) -> None:
    """Our own filter has left them, those of CUPS have made them: they are in a PDF, and stay in raster.

    Those that are finished each for itself have to be told apart.
    """
    job = queue.job(ppd, copies, options=parse_options(options), CONTENT_TYPE=content, FINAL_CONTENT_TYPE=kind)
    with queue.document(b"%PDF-1.4 page") as document:
        assert plan_copies(job, document, StopSignal(), is_joined=False) == plan


@pytest.mark.parametrize(
    "said, options, ppd, copies, plan",
    [
        (b"3", "", MADE, 3, Copies(3)),
        (b"3", "", SINGLE, 3, Copies(3)),  # a description without cupsManualCopies
        (b"3", "", SINGLE, 2, Copies(2)),
        (b"3", "finishings=4", MADE, 3, Copies(3, finished=True)),
        (b"1", "", MADE, 3, Copies(sets=True)),
        (b"0", "", SINGLE, 3, Copies()),
        (b"3", "", "", 3, Copies()),
    ],
)
def test_copies_that_pdftopdf_has_left(
    queue: Queue, said: bytes, options: str, ppd: str, copies: int, plan: Copies
) -> None:
    """It says so behind the first line of its PDF."""
    reading, writing = os.pipe()
    os.write(
        writing, b"%PDF-1.3\n%\xbf\xf7\n% This file was generated by pdftopdf\n%%PDFTOPDFNumCopies : " + said + b"\n"
    )
    os.close(writing)
    document = Document(reading, folder=str(queue.folder), keep=True)
    job = queue.job(ppd, copies, options=parse_options(options), CONTENT_TYPE=PDF, FINAL_CONTENT_TYPE=PDF)
    assert plan_copies(job, document, StopSignal(), is_joined=False) == plan
    os.close(reading)


LEFT_TO_US = OURS + b" DISPLAY\r\n"


@pytest.mark.parametrize(
    "ppd, copies, told, left, plan",
    [
        (SINGLE, 3, None, 3, 3),
        (SINGLE, 2, None, 3, 2),  # no more than are wanted
        (SINGLE, 1, None, 3, 1),
        (SINGLE, 3, None, 1, 1),
        (JOINED, 1, JobAtCupsd(2, copies=3), 3, 3),
        (JOINED, 1, JobAtCupsd(2, copies=2), 3, 2),
        (JOINED, 1, None, 3, 3),
        ("", 3, None, 3, 1),
    ],
)
def test_copies_that_a_filter_has_left(
    queue: Queue, monkeypatch: pytest.MonkeyPatch, ppd: str, copies: int, told: JobAtCupsd | None, left: int, plan: int
) -> None:
    """Its document says how many, and the job how many there can be."""
    queue.told = told
    monkeypatch.setattr(module, "sets_in", lambda head: left)
    job = queue.job(ppd, copies, CONTENT_TYPE="text/plain", FINAL_CONTENT_TYPE="application/vnd.hp-PCL")
    with queue.document(LEFT_TO_US) as document:
        assert plan_copies(job, document, StopSignal(), is_joined=ppd == JOINED) == Copies(plan)


@pytest.mark.parametrize(
    "ppd, told, number, end, is_complete",
    [
        (SINGLE, None, 1, b"", False),
        (SINGLE, None, 1, UEL, True),
        ("", None, 1, b"", True),  # nobody knows what a raw document ends with
        (JOINED, JobAtCupsd(2), 1, b"", True),  # the end of what follows is its own
        (JOINED, JobAtCupsd(2), 2, b"", False),
        (JOINED, None, 2, b"", False),
    ],
)
def test_a_document_of_a_filter_that_died(
    queue: Queue, ppd: str, told: JobAtCupsd | None, number: int, end: bytes, is_complete: bool
) -> None:
    """PCL of our own filters begins and ends with UEL; without its end it is not printed."""
    queue.told = told
    with queue.document(UEL + b"page" + end) as document:
        document.read_to_end(StopSignal())
        if is_complete:
            check_complete(queue.job(ppd), document, number)
        else:
            with pytest.raises(DocumentIncomplete):
                check_complete(queue.job(ppd), document, number)
