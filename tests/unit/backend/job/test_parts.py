"""backend.job.parts and backend.job.copies: what is printed one after the other, and how often."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from backend.cupsd.retry import RetryPolicy
from backend.cupsd.stop_signal import StopSignal
from backend.document.document import Document
from backend.document.joined import OURS
from backend.errors import DocumentIncomplete, DocumentUnknown, DocumentUnreadable, IppsError, NoRoomForCopy
from backend.job import copies as module
from backend.job.copies import AS_ONE_SET, Copies, keep_one_set, pages_in, plan_copies
from backend.job.cups_job import CupsJob
from backend.job.documents import JobAtCupsd
from backend.job.parts import Part, StandardInput, check_complete, print_files
from filters.common.job import Job, parse_options
from filters.common.report import Report
from tests.open_descriptors import open_descriptors
from tests.unit.filters.pdf_documents import A4, make_pdf

UEL = b"\x1b%-12345X"
SINGLE = '*cupsSingleFile: True\n*cupsFilter2: "text/plain application/vnd.hp-PCL 10 ipps443"\n'
JOINED = '*cupsFilter2: "text/plain application/vnd.hp-PCL 10 ipps443"\n'
MADE = (
    SINGLE
    + '*ipps443Copies: "True"\n*cupsFilter2: "application/vnd.cups-pdf application/pdf 10 -"\n'
    + '*cupsFilter2: "text/plain application/pdf 0 texttopdf443"\n'
)
RAW, PDF, OCTETS = "application/vnd.cups-raw", "application/pdf", "application/octet-stream"


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
        self.heads: list[bytes] = []
        self.parts: list[str] = []

    def __call__(self, part: Part) -> int:
        document = part.document
        document.wait_for_beginning(StopSignal())
        words = (("more", part.has_followers), ("stored", document.is_file), ("finished", part.finished))
        said = [f"{part.copies}x{part.number}", *(word for word, is_so in words if is_so)]
        self.parts.append(" ".join(said + [f"{part.pages}p"] * (part.pages is not None)))
        self.heads.append(document.head)
        document.discard_rest(StopSignal())
        return min(self.at_once, part.copies)


@pytest.mark.parametrize("at_once, parts", [(1, [3, 2, 1]), (2, [3, 1]), (3, [3])])
def test_files_are_printed_until_there_are_enough_copies(queue: Queue, at_once: int, parts: list[int]) -> None:
    """However many of them the printer makes at once; only the very last part may have nothing behind it."""
    for name in ("one", "two"):
        (queue.folder / name).write_bytes(name.encode())
    files = tuple(str(queue.folder / name) for name in ("one", "two"))
    prints, opened = Prints(at_once), open_descriptors()
    print_files(queue.job("", 3, files), keep=True, print_part=prints)
    assert prints.heads == [b"one"] * len(parts) + [b"two"] * len(parts)
    told = [f"{copies}x1 more stored" for copies in parts * 2]
    assert prints.parts == told[:-1] + ["1x1 stored" if parts[-1] == 1 else told[-1]]
    assert open_descriptors() <= opened


#: What nobody would print, so many bytes of it as are looked at; and files of which the names tell where UEL is in it.
SAMPLE = b"\1" * 16384
FILES: dict[str, bytes | None] = {
    "missing": None,
    "program": b"\x7fELF" + SAMPLE,
    "pcl": b"\x1b" + SAMPLE,
    "beginning": SAMPLE[9:] + UEL + SAMPLE * 2,
    "behind it": SAMPLE[8:] + UEL + SAMPLE * 2,
    "before the end": SAMPLE * 2 + UEL + SAMPLE[8:],
    "end": SAMPLE * 2 + UEL + SAMPLE[9:],
}


@pytest.mark.parametrize(
    "name, kind, error",
    [
        ("missing", OCTETS, DocumentUnreadable),
        ("program", OCTETS, DocumentUnknown),
        ("program", RAW, None),  # someone says what it is
        ("pcl", OCTETS, None),
        ("beginning", OCTETS, None),
        ("behind it", OCTETS, DocumentUnknown),
        ("before the end", OCTETS, DocumentUnknown),
        ("end", OCTETS, None),
    ],
)
def test_files_that_are_nothing_for_a_printer(
    queue: Queue, name: str, kind: str, error: type[IppsError] | None
) -> None:
    """They do not come to it, nor does one that is not there; that someone says what it is (-o raw) is believed."""
    content, prints = FILES[name], Prints()
    if content is not None:
        (queue.folder / name).write_bytes(content)
    ending: Any = pytest.raises(error) if error else contextlib.nullcontext()
    with ending:
        job = queue.job(SINGLE, files=(str(queue.folder / name),), CONTENT_TYPE=kind)
        print_files(job, keep=True, print_part=prints)
    assert prints.parts == ["1x1 stored"] * (error is None)


def print_input(job: CupsJob, prints: Prints, policy: object = None) -> None:
    """Print standard input to its end."""
    looked_at: list[Document] = []
    StandardInput(
        job,
        keep=True,
        stop=StopSignal(),
        retry_policy=cast(RetryPolicy, policy),
        report=Report(),
        print_part=prints,
        look_at=looked_at.append,
    ).print_all()
    assert job.job.copies == 1 or len(looked_at) == 1


@pytest.mark.parametrize(
    "ppd, told, parts",
    [
        ("", JobAtCupsd(2), ["1x1 more", "1x2"]),
        ("", JobAtCupsd(1), ["1x1"]),
        ("", JobAtCupsd(1, copies=2), ["1x1 more", "1x2"]),  # gziptoany has put them there
        (JOINED, JobAtCupsd(1, copies=2), ["1x1"]),
        ("", None, ["1x1"]),
        (SINGLE, JobAtCupsd(2), ["1x1"]),  # a run for each document
    ],
)
def test_joined_documents_are_told_apart_if_cupsd_says_so(
    queue: Queue, feed: Callable[[bytes], None], ppd: str, told: JobAtCupsd | None, parts: list[str]
) -> None:
    """Its count has the last word: one document may look like two."""
    queue.told = told
    feed(b"%PDF-1.4 one\n%%EOF\n" + b"%PDF-1.4 two\n%%EOF\n")
    prints = Prints()
    print_input(queue.job(ppd), prints)
    assert prints.parts == parts


PAGE = b"%PDF-1.4 /Type/Page /Type/Page "


@pytest.mark.parametrize(
    "ppd, copies, options, kind, document, parts, warnings",
    [
        (SINGLE, 1, "", RAW, b"\x1bE", ["1x1"], 0),
        (SINGLE, 2, "", RAW, b"\x1bE", ["2x1 more stored"], 0),
        (SINGLE, 3, "", RAW, b"\x1bE", ["3x1 more stored", "1x1 stored"], 0),
        (SINGLE, 2, "", RAW, PAGE, ["2x1 more stored"], 0),  # nobody knows what it is
        (SINGLE, 3, "", "text/plain", b"\x1bE", ["1x1"], 0),  # its filter has made them
        (SINGLE, 2, "finishings=4", PDF, PAGE + b"2 sets", ["2x1 more stored finished 2p"], 0),
        (SINGLE, 2, "finishings=4", PDF, PAGE, ["1x1 stored finished 2p"], 1),  # they cannot be told apart
        (MADE, 2, "", PDF, PAGE, ["1x1 stored 2p"], 0),  # nothing is done to each
        (SINGLE, 2, "finishings=4", "image/urf", b"UNIRAST", ["1x1"], 1),
        (JOINED, 1, "", "application/vnd.cups-pdf-banner", b"\x1bE", ["2x1 more stored"], 0),
    ],
)
def test_copies_of_standard_input(
    queue: Queue,
    feed: Callable[[bytes], None],
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    ppd: str,
    copies: int,
    options: str,
    kind: str,
    document: bytes,
    parts: list[str],
    warnings: int,
) -> None:
    """They are printed from a copy, two of them at once, as long as nobody else makes them."""
    monkeypatch.setattr(module, "one_set", lambda file, count, most: PAGE if os.pread(file, 99, 31) else None)
    queue.told = JobAtCupsd(2, copies=2)
    feed(document)
    prints, final = Prints(at_once=2), RAW if kind in (RAW, "text/plain") or ppd == JOINED else kind
    job = queue.job(ppd, copies, options=parse_options(options), CONTENT_TYPE=kind, FINAL_CONTENT_TYPE=final)
    print_input(job, prints)
    assert prints.parts == parts and capfd.readouterr().err.count("WARNING") == warnings
    assert set(prints.heads) == {PAGE if kind == PDF else document}


def test_no_room_for_a_copy(queue: Queue, feed: Callable[[bytes], None], monkeypatch: pytest.MonkeyPatch) -> None:
    """It is waited for, and the document is whole then."""
    waited: list[IppsError] = []
    spool, full = Document.spool, NoRoomForCopy("/tmp", "full")

    def try_to_spool(document: Document, stop: StopSignal) -> int:
        if not waited:
            raise full
        return spool(document, stop)

    monkeypatch.setattr(Document, "spool", try_to_spool)
    feed(b"\x1bEraw")
    prints = Prints(at_once=2)
    job = queue.job(SINGLE, 2, CONTENT_TYPE=RAW, FINAL_CONTENT_TYPE=RAW)
    print_input(job, prints, SimpleNamespace(wait=waited.append))
    assert waited == [full] and prints.heads == [b"\x1bEraw"]


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
def test_how_many_pages_a_document_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, document: bytes, pages: int | None
) -> None:
    """Counted in a PDF with open objects; nobody knows it of any other."""
    path = tmp_path / "a"
    path.write_bytes(document)
    with path.open("rb") as file:
        for most, counted in ((len(document), pages), (len(document) - 1, None)):
            monkeypatch.setattr(module, "MOST_BYTES", most)
            assert pages_in(file.fileno()) == counted


def test_one_set_is_written_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that takes less at once cuts nothing off, and one that is full has room for what takes another's place."""
    path, real, sizes = tmp_path / "a", os.pwrite, []
    path.write_bytes(b"x" * 5000)
    monkeypatch.setattr(module, "one_set", lambda descriptor, copies, most: b"set" * 1000)

    def write_less(descriptor: int, data: bytes, offset: int) -> int:
        sizes.append(path.stat().st_size)
        return real(descriptor, data[:700], offset)

    monkeypatch.setattr(os, "pwrite", write_less)
    with path.open("r+b") as file:
        assert keep_one_set(file.fileno(), 3, Report(), finished=True) == 3
    assert path.read_bytes() == b"set" * 1000 and set(sizes) == {5000}


@pytest.mark.parametrize("finished", [True, False])
def test_one_set_without_room_leaves_them_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], finished: bool
) -> None:
    """One set may be larger than all of them; the disk is full when some of it is there."""
    path = tmp_path / "a"
    path.write_bytes(b"x" * 50)
    monkeypatch.setattr(module, "one_set", lambda descriptor, copies, most: b"set" * 1000)

    def fill_up(descriptor: int, offset: int, size: int) -> None:
        os.ftruncate(descriptor, size - 1)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", fill_up)
    with path.open("r+b") as file:
        assert keep_one_set(file.fileno(), 3, Report(), finished=finished) == 1
    assert path.read_bytes() == b"x" * 50 and (AS_ONE_SET in capfd.readouterr().err) is finished


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
        (JOINED, 3, RAW, b"plain", JobAtCupsd(2, copies=3), Copies()),  # nobody knows whose it is
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
    head = b"%PDF-1.3\n%\xbf\xf7\n% This file was generated by pdftopdf\n%%PDFTOPDFNumCopies : "
    job = queue.job(ppd, copies, options=parse_options(options), CONTENT_TYPE=PDF, FINAL_CONTENT_TYPE=PDF)
    with queue.document(head + said + b"\n") as document:
        assert plan_copies(job, document, StopSignal(), is_joined=False) == plan


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
        (JOINED, 1, JobAtCupsd(2, copies=3), 2, 2),
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


PDF_OF_TEXT = {"CONTENT_TYPE": "text/plain", "FINAL_CONTENT_TYPE": "printer/office/application/pdf"}
PDF_OF_PDF = {**PDF_OF_TEXT, "CONTENT_TYPE": "application/pdf"}
PASSED_ON = {"CONTENT_TYPE": "image/jpeg", "FINAL_CONTENT_TYPE": "printer/office/image/urf"}
PDF_PART, JPEG_PART = b"%PDF-1.7\nobjects" + b"x" * 300, b"\xff\xd8\xff\xdb scan" + b"x" * 300


@pytest.mark.parametrize(
    "environ, part, end",
    [
        (PDF_OF_TEXT, PDF_PART, b"startxref\n7\n%%EOF\n"),
        (PDF_OF_PDF, PDF_PART, b"%%EOF" + b"\n" * 200),
        (PASSED_ON, JPEG_PART, b"\xff\xd9"),
        (PASSED_ON, JPEG_PART, b"\xff\xd9" + b"\0" * 200),
        ({**PDF_OF_TEXT, "CONTENT_TYPE": "image/jpeg"}, JPEG_PART, b"\xff\xd9\r\n"),
    ],
)
def test_pdf_and_jpeg_of_a_filter_that_died(queue: Queue, environ: dict[str, Any], part: bytes, end: bytes) -> None:
    """What the filters make, or pass on because it is whole, has its end."""
    job = queue.job(SINGLE, **environ)
    with queue.document(part + end) as document:
        document.read_to_end(StopSignal())
        check_complete(job, document, 1)
    with queue.document(part) as document:
        document.read_to_end(StopSignal())
        with pytest.raises(DocumentIncomplete):
            check_complete(job, document, 1)


@pytest.mark.parametrize(
    "ppd, environ, options, content",
    [
        (JOINED, PDF_OF_TEXT, {}, PDF_PART),  # something else may follow
        ("", PDF_OF_TEXT, {}, PDF_PART),
        (SINGLE, {**PDF_OF_TEXT, "CONTENT_TYPE": "application/vnd.cups-pdf"}, {}, PDF_PART),
        (SINGLE, {"FINAL_CONTENT_TYPE": "application/pdf"}, {}, PDF_PART),
        (SINGLE, PDF_OF_PDF, {"filter-streaming-mode": "true"}, PDF_PART),
        (SINGLE, {**PDF_OF_PDF, "FINAL_CONTENT_TYPE": "application/vnd.cups-raw"}, {}, PDF_PART),
        (SINGLE, PDF_OF_TEXT, {}, b"data of the host" + PDF_PART),
        (SINGLE, {"CONTENT_TYPE": "image/jpeg", "FINAL_CONTENT_TYPE": "image/jpeg"}, {}, JPEG_PART),
        (SINGLE, PASSED_ON, {}, b"UNIRAST\0" + JPEG_PART),
        (SINGLE, PASSED_ON, {}, JPEG_PART + b"\0" * 300),  # its end may be in front of all that
    ],
)
def test_what_no_filter_has_made_ends_as_it_likes(
    queue: Queue, ppd: str, environ: dict[str, Any], options: dict[str, str], content: bytes
) -> None:
    """Nobody knows what belongs there."""
    with queue.document(content) as document:
        document.read_to_end(StopSignal())
        check_complete(queue.job(ppd, options=options, **environ), document, 1)


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
