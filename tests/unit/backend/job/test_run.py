"""backend.job.run: the story of a run, with a printer that takes every part: what is sent, watched and written down."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from backend.cupsd.identity import Identity
from backend.cupsd.job_record import ACCEPTED, CREATING, SENDING, WAITING, JobRecord, JobRecords
from backend.cupsd.queue_display import ALL_DELIVERED
from backend.cupsd.stop_signal import StopSignal
from backend.delivery.attempt import Framing, PrintRequest
from backend.delivery.delivery import Delivered
from backend.device_uri import parse_device_uri
from backend.errors import AuditLogUnwritable, DocumentRefused, IppsError, JobInDoubt, PrinterBusy, PrinterUnreachable
from backend.ipp.message import Group, Message, attribute
from backend.ipp.tags import Tag
from backend.job import run as module
from backend.job.cups_job import CupsJob
from backend.job.documents import Place
from backend.job.journal import Journal
from backend.job.run import Run
from backend.printer.capabilities import Capabilities
from backend.printer.learned import Facts
from filters.common.dataclass import replace
from filters.common.job import Job
from tests.unit.backend.job.conftest import Told

SINGLE = '*cupsSingleFile: True\n*cupsFilter2: "text/plain application/vnd.hp-PCL 10 ipps443"\n'
PRINTER_URI = "ipps://printer:443/ipp/print"
LEFT = JobRecord(PRINTER_URI, 0, SENDING, 17, job=7)


class World:
    """A queue, a printer that takes each part, and what happens in which order.

    Attributes:
        at_once: how many copies the printer makes of what it gets.
        job_id: what it calls each job, None if it does not say.
        in_reach: how often it is, before each part.
        accepted_at: when the job was accepted, as it is known while it is watched.
    """

    name, keeps_copy, document_bytes = "printer", True, 0

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder, self.report = folder, Told()
        self.at_once, self.job_id, self.is_hung_up = 1, cast("int | None", 17), False
        self.in_reach, self.accepted_at = 99, 0.0
        self.events = self.report.told
        self.sent: list[tuple[str, int, JobRecord | None, bytes]] = []
        self.watched: list[tuple[int, str, int | None]] = []
        self.counted: list[tuple[int, int | None]] = []
        self.waits: list[str] = []
        self.uri = parse_device_uri("ipps443://printer/ipp/print")
        self.printer = self.retry_policy = self.connections = self
        monkeypatch.setattr(module, "find_destination", lambda *values, **named: self)
        monkeypatch.setattr(module, "Sending", lambda *values, **named: ScriptedSending(self, *values))
        monkeypatch.setattr(module, "watch_job", self._watch)
        monkeypatch.setattr(module, "open_side_channel", lambda drain: None)
        monkeypatch.setattr(module, "is_hung_up", lambda: self.is_hung_up)

    def learn(self, *, size_known: bool, more: tuple[str, ...]) -> Capabilities:
        if len(self.sent) == self.in_reach:
            raise PrinterUnreachable("printer", "it is off")
        said = Group(Tag.PRINTER_ATTRIBUTES, (attribute("printer-up-time", Tag.INTEGER, 90),))
        return Capabilities(Message((2, 0), 0, 1, (said,)), Facts())

    def wait(self, error: PrinterUnreachable) -> None:
        self.waits.append(error.reason)

    def _watch(self, printer: Any, job_id: int, *values: Any, job_name: str, up_time: int | None) -> int:
        self.events.append("watch")
        self.accepted_at = self.run.reached.accepted_at
        self.watched.append((job_id, job_name, up_time))
        return 5

    def print_files(self, copies: int = 1, place: Place = Place(), ppd: str = SINGLE, **more: Any) -> Run:
        """Print a file, as a queue does that has no filters for it."""
        path = self.folder / "document"
        if not path.exists():
            path.write_bytes(b"\x1bEpage\x1bE")
        return self._print(Job(7, "anna", "Report", copies, files=(str(path),), **self._ppd(ppd)), place, **more)

    def print_input(self, copies: int = 1, place: Place = Place(), ppd: str = SINGLE, **more: Any) -> Run:
        """Print standard input."""
        return self._print(Job(7, "anna", "Report", copies, **self._ppd(ppd)), place, **more)

    def _ppd(self, text: str) -> dict[str, Any]:
        path = self.folder / "office.ppd"
        if text:
            path.write_text(text)
        return {"ppd": str(path)}

    def _print(self, job: Job, place: Place, *, side_channel: bool = False, **environ: str) -> Run:
        folder = str(self.folder)
        environ = {"DEVICE_URI": "ipps443://printer/ipp/print", "TMPDIR": folder, "CUPS_SERVERROOT": folder, **environ}
        cups_job = CupsJob(job, environ, self.report)
        run = self.run = Run(cups_job, StopSignal(), self.report)
        cups_job.has_side_channel = side_channel
        self.journal = Journal(self.records, Identity(b"k", ""), place, self.report, job_id=7, joined=False)
        self.journal.begin()
        run.print_job(self.journal)
        return run

    @property
    def records(self) -> JobRecords:
        return JobRecords(str(self.folder), "c0ffee")

    @property
    def names(self) -> list[str]:
        """What the parts were called, without the mark."""
        return [name.rpartition(" ")[0] for name, *_ in self.sent]


class ScriptedSending:
    """A part that the printer takes."""

    def __init__(self, world: World, request: Any, document: Any, index: int, destination: Any, *values: Any) -> None:
        self._world, self._document, self._index = world, document, index
        self.job_name, self.kind, self.capabilities = request.job_name, request.kind, values[0]
        world.journal.touch()

    def deliver(self, left: JobRecord | None) -> Delivered:
        self._world.events.append("deliver")
        self._world.sent.append((self.job_name, self._index, left, self._document.head))
        return Delivered(self._world.job_id, Framing.SIZED, 1, self._world.at_once)

    def remember(self, delivered: Delivered) -> None:
        self._world.events.append("remember")

    def learn_copies(self, delivered: Delivered, impressions: int | None, pages: int | None) -> None:
        self._world.counted.append((delivered.copies, impressions))

    def note(self, phase: str, job_id: int | None) -> None:
        self._world.events.append(phase)
        self._world.journal.note(phase, job_id, printer=PRINTER_URI, index=self._index)


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """A printer that takes what comes."""
    return World(tmp_path, monkeypatch)


def test_a_part_from_its_beginning_to_its_end(world: World) -> None:
    """Delivered, learned from, on record as accepted, watched; then the queue no longer carries that word.

    Since when it is accepted is known while it is watched: its filters may have been ended just before.
    """
    began = time.monotonic()
    run = world.print_files()
    assert began <= world.accepted_at <= time.monotonic()
    assert world.events == ["deliver", f"+{ALL_DELIVERED}", "remember", ACCEPTED, "watch", f"-{ALL_DELIVERED}"]
    assert world.watched == [(17, world.sent[0][0], 90)] and world.counted == [(1, 5)]
    assert run.reached.index == 1 and run.reached.sending is None
    world.journal.end(0)
    record = world.records.read()
    assert record is not None and (record.printed, record.phase, record.empty) == (1, WAITING, "")


@pytest.mark.parametrize("job_id, uri", [(None, "ipps443://printer/"), (17, "ipps443://printer/?waitjob=no")])
def test_a_job_that_cannot_or_need_not_be_watched(world: World, job_id: int | None, uri: str) -> None:
    """It has no number, or the queue does not wait."""
    world.job_id, world.uri = job_id, parse_device_uri(uri)
    world.print_files()
    assert world.watched == [] and ACCEPTED in world.events


@pytest.mark.parametrize(
    "ppd, from_input, names",
    [
        (SINGLE, False, ["Report", "Report (2)", "Report (3)"]),
        ("", False, ["Report", "Report (2)", "Report (3)"]),
        (SINGLE, True, ["Report", "Report (1.2)", "Report (1.3)"]),
    ],
)
def test_copies_are_told_apart(
    world: World, feed: Callable[[bytes], None], ppd: str, from_input: bool, names: list[str]
) -> None:
    """Each is a job of its own at the printer, with a name and a mark of its own."""
    if from_input:
        feed(b"\x1bEpage\x1bE")
        raw = "application/vnd.cups-raw"
        world.print_input(3, ppd=ppd, CONTENT_TYPE=raw, FINAL_CONTENT_TYPE=raw)
    else:
        world.print_files(3, ppd=ppd)
    assert world.names == names
    assert [index for _, index, _, _ in world.sent] == [0, 1, 2]
    assert len({name for name, *_ in world.sent}) == 3


def test_copies_that_the_printer_makes_are_counted(world: World) -> None:
    """Two of four at once: the next part is the third."""
    world.at_once = 2
    run = world.print_files(4)
    assert [index for _, index, _, _ in world.sent] == [0, 2] and run.reached.index == 4


@pytest.mark.parametrize("index, sent", [(0, [0, 1, 2]), (1, [1, 2]), (2, [2]), (3, [])])
def test_what_an_earlier_run_has_printed_is_not_printed_again(world: World, index: int, sent: list[int]) -> None:
    """It was killed at one of three copies: those before it are done, and that one is asked about."""
    left = replace(LEFT, index=index)
    run = world.print_files(3, Place(earlier=left))
    assert [each for _, each, _, _ in world.sent] == sent and {each for _, _, each, _ in world.sent} <= {left}
    assert sum("not printed again" in each for each in world.events) == 3 - len(sent)
    assert run.reached.index == 3


@pytest.mark.parametrize("left, is_checked", [(None, True), (replace(LEFT, phase=WAITING), True), (LEFT, False)])
def test_what_the_printer_may_have_is_not_refused_any_more(
    world: World, monkeypatch: pytest.MonkeyPatch, left: JobRecord | None, is_checked: bool
) -> None:
    """It is asked what became of it; before anything has left the document is looked at."""
    checked: list[object] = []
    monkeypatch.setattr(Run, "_check_passed", lambda run, sending, destination: checked.append(sending))
    world.print_files(place=Place(earlier=left))
    assert len(checked) == is_checked


@pytest.mark.parametrize("trouble", [PrinterUnreachable("printer", "it is off"), PrinterBusy("printer", "it is off")])
def test_a_printer_that_is_gone_or_busy_when_it_is_asked_about_pins_is_waited_for(
    world: World, monkeypatch: pytest.MonkeyPatch, trouble: IppsError
) -> None:
    """cupsd would run the job again at once, and again; and the next member of a class would not get it."""
    gone, make = [trouble] * 2, module.make_print_request

    def ask(*values: Any, **named: Any) -> PrintRequest:
        if gone:
            raise gone.pop()
        return make(*values, **named)

    monkeypatch.setattr(module, "make_print_request", ask)
    world.print_files()
    assert world.waits == ["it is off"] * 2 and len(world.sent) == 1


@pytest.mark.parametrize(
    "is_passed_on, listed, refused, is_kept",
    [
        (True, ("image/urf", "Image/JPEG"), "", False),
        (True, ("image/urf",), "", True),
        (True, ("image/jpeg",), "image/urf image/jpeg", True),
        (False, ("image/urf",), "image/jpeg", False),
    ],
)
def test_a_jpeg_as_it_is(is_passed_on: bool, listed: tuple[str, ...], refused: str, is_kept: bool) -> None:
    """It only goes to a printer that lists JPEG, and has not refused it."""
    run: Any = SimpleNamespace(cups_job=SimpleNamespace(is_passed_on=lambda kind: is_passed_on))
    sending: Any = SimpleNamespace(kind="", facts=Facts(refused=refused), capabilities=SimpleNamespace(formats=listed))
    destination: Any = SimpleNamespace(printer=SimpleNamespace(name="printer"))
    ending: Any = pytest.raises(DocumentRefused) if is_kept else contextlib.nullcontext()
    with ending:
        Run._check_passed(run, sending, destination)


def test_a_part_that_is_printed_is_on_record_before_the_next(world: World) -> None:
    """The printer goes out of reach between two copies: the next run goes on with the second."""
    world.in_reach = 1
    with pytest.raises(PrinterUnreachable):
        world.print_files(3)
    world.journal.end(1)
    record = world.records.read()
    assert record is not None and (record.index, record.phase) == (1, WAITING)


class FullLog:
    """An audit log that takes no record, where nothing goes without."""

    def look_at(self, document: Any) -> None:
        """There is nothing to count for."""

    def begin(self, run: Run) -> None:
        """The disk is full."""
        raise AuditLogUnwritable("audit.log", "No space left on device")


def test_what_was_left_is_still_to_be_asked_about_when_there_is_no_room_for_a_record(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The job is held; that someone lets it go on then is no word to send again what may be printed."""
    monkeypatch.setattr(CupsJob, "may_be_audited", True)
    monkeypatch.setattr("backend.job.audited.open_audited", lambda *arguments: FullLog())
    with pytest.raises(AuditLogUnwritable):
        world.print_files(place=Place(earlier=LEFT))
    world.journal.end(3)
    record = world.records.read()
    assert record is not None and (record.phase, record.untouched, world.sent) == (SENDING, True, [])


def test_what_was_left_at_a_different_printer(world: World) -> None:
    """The queue was moved, or its device URI changed: that printer cannot be asked."""
    for phase in (SENDING, ACCEPTED):
        with pytest.raises(JobInDoubt):
            world.print_files(3, Place(earlier=replace(LEFT, printer="ipps://other:443/ipp/print", phase=phase)))
    assert world.sent == []
    world.print_files(3, Place(earlier=replace(LEFT, printer="ipps://other:443/ipp/print", phase=CREATING, index=1)))
    assert [(index, left.phase if left else "", left.job_id if left else 0) for _, index, left, _ in world.sent] == [
        (1, WAITING, None),
        (2, WAITING, None),
    ]


def test_an_empty_document_is_not_sent(world: World, feed: Callable[[bytes], None]) -> None:
    """With a warning, and on record as empty: its filter may have failed."""
    feed(b"")
    world.print_input()
    assert world.sent == [] and [each for each in world.events if "empty" in each]
    world.journal.end(0)
    record = world.records.read()
    assert record is not None and record.empty == "1"


@pytest.mark.parametrize(
    "ppd, side_channel, hung_up, shown",
    [
        (SINGLE, True, True, True),
        (SINGLE, True, False, False),  # cupsd has a document to come, and would take the job for done
        (SINGLE, False, False, True),
        ("", True, False, True),
    ],
)
def test_cupsd_is_told_that_the_printer_has_all_of_the_job(
    world: World, feed: Callable[[bytes], None], ppd: str, side_channel: bool, hung_up: bool, shown: bool
) -> None:
    """Only then: stopped after that word it counts the job as completed."""
    world.is_hung_up = hung_up
    feed(b"\x1bEpage\x1bE")
    world.print_input(ppd=ppd, side_channel=side_channel)
    assert (f"+{ALL_DELIVERED}" in world.events) is shown and world.events.count("deliver") == 1


def test_before_the_last_part_it_is_not_told(world: World) -> None:
    """Of three copies only the last one is all."""
    world.print_files(3)
    words = [each for each in world.events if each in ("deliver", f"+{ALL_DELIVERED}")]
    assert words == ["deliver"] * 3 + [f"+{ALL_DELIVERED}"]
