"""backend.job.unfinished: what is done for a run that has come so far and no further."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from backend.cupsd.identity import Identity
from backend.cupsd.job_lock import JobLock
from backend.cupsd.job_record import ACCEPTED, CANCELLED, CREATING, SENDING, WAITING, JobRecord, JobRecords
from backend.cupsd.queue_display import QueueDisplay
from backend.cupsd.stop_signal import StopSignal
from backend.device_uri import parse_device_uri
from backend.errors import DocumentRefused, GaveUpWaiting, IppsError, PrinterBusy, PrinterUnreachable
from backend.job.documents import Place
from backend.job.journal import Journal
from backend.job.run import Reached
from backend.job.unfinished import Unfinished
from filters.common.dataclass import replace
from filters.common.report import Report

URI = parse_device_uri("ipps443://printer/ipp/print")
LEFT = JobRecord(URI.printer_uri, 0, SENDING, 17, job=7)
UNREACHABLE = PrinterUnreachable("printer", "it is off")
BUSY = PrinterBusy("printer", "it prints for others")
REFUSED = DocumentRefused("printer", "application/pdf", "no")


class ScriptedPrinter:
    """A printer that notes what it is told, and finds jobs by their names."""

    def __init__(self) -> None:
        self.told: list[Any] = []
        self.read_phase = lambda: ""
        self.phases: list[str] = []  # on record at each cancel
        self.seconds = 0.0

    def disconnect(self) -> None:
        self.told.append("disconnect")

    def beside(self, seconds: float) -> ScriptedPrinter:
        self.seconds = seconds
        return self

    def cancel(self, job_id: int) -> bool:
        self.phases.append(self.read_phase())
        self.told.append(("cancel", job_id))
        return True


class ScriptedDestination:
    """A destination with such a printer, for which the job has been waiting."""

    def __init__(self) -> None:
        self.uri = URI
        self.printer = ScriptedPrinter()
        self.retry_policy = self
        self.since = 1234


class ScriptedSending:
    """A part on its way, about which a delivery knows these things."""

    def __init__(self, journal: Journal, **known: Any) -> None:
        self.delivery = self
        self.job_id: int | None = None
        self.may_be_there = self.at_risk = self.accepted = False
        self.job_now: int | None = None
        self.__dict__.update(known)
        self._journal = journal

    def number_at(self, printer: ScriptedPrinter) -> int | None:
        return self.job_now

    def note(self, phase: str, job_id: int | None) -> None:
        self._journal.note(phase, job_id, printer=URI.printer_uri, index=0)


class World:
    """A run that has come as far as a test says."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.report, self.stop = folder, Report(), StopSignal()
        self.destination = ScriptedDestination()
        self.destination.printer.read_phase = lambda: self.record.phase

    def journal(self, place: Place = Place()) -> Journal:
        journal = Journal(self.records, Identity(b"", ""), place, self.report, job_id=7, joined=False)
        journal.begin()
        return journal

    @property
    def records(self) -> JobRecords:
        return JobRecords(str(self.folder), "c0ffee")

    def reached(self, place: Place = Place(), left: JobRecord | None = None, **known: Any) -> Reached:
        """Return a run that has come to its printer; with what a delivery knows one that is sending."""
        journal = self.journal(place)
        sending = cast(Any, ScriptedSending(journal, **known)) if known else None
        return Reached(JobLock("", None), journal, left, cast(Any, self.destination), sending=sending)

    def unfinished(self, reached: Reached, has_input: bool = False) -> Unfinished:
        display = QueueDisplay(self.report)
        return Unfinished(reached, has_input=has_input, stop=self.stop, display=display, report=self.report)

    @property
    def record(self) -> JobRecord:
        record = self.records.read()
        assert record is not None
        return record

    @property
    def told(self) -> list[Any]:
        return [each for each in self.destination.printer.told if each != "disconnect"]


def stop(unfinished: Unfinished, ending: int | None) -> None:
    """Do what SIGTERM leads to."""
    if unfinished.write_down_stop(ending):
        unfinished.cancel()


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A folder for the record, and a printer."""
    return World(tmp_path)


@pytest.fixture
def standard_input() -> Iterator[int]:
    """Standard input as a pipe; the descriptor to write to."""
    kept, (reading, writing) = os.dup(0), os.pipe()
    os.dup2(reading, 0)
    yield writing
    os.dup2(kept, 0)
    for descriptor in (kept, reading):
        os.close(descriptor)


@pytest.mark.parametrize("error", [None, UNREACHABLE])
def test_a_run_that_has_come_to_nothing_has_nothing_to_clear_up(world: World, error: IppsError | None) -> None:
    """Neither after an error nor after SIGTERM; and it leaves no record."""
    world.unfinished(Reached()).clean_up(error)
    stop(world.unfinished(Reached()), 1)
    assert world.records.read() is None and not world.unfinished(Reached()).may_be_on_paper


def test_the_input_is_read_to_its_end(world: World, standard_input: int) -> None:
    """Also before anyone has looked at it: cupsd aborts the job else."""
    os.write(standard_input, b"x" * 1000)
    os.close(standard_input)
    world.unfinished(Reached(), has_input=True).clean_up(None)
    assert os.read(0, 1) == b""


@pytest.mark.parametrize("error", [UNREACHABLE, BUSY])
def test_a_job_that_waits_goes_on_waiting(world: World, error: IppsError) -> None:
    """The next run knows since when."""
    world.unfinished(replace(world.reached(), index=2)).clean_up(error)
    assert (world.record.phase, world.record.since, world.record.index) == (WAITING, 1234, 2) and world.told == []


def test_a_job_that_is_over_does_not_wait(world: World) -> None:
    """A refusal leaves no time since when."""
    world.unfinished(world.reached()).clean_up(REFUSED)
    assert world.record.since == 0


def test_what_this_run_has_not_come_to_stays(world: World) -> None:
    """An earlier run's job at the printer is not forgotten because the printer is out of reach."""
    reached = world.reached(Place(earlier=LEFT), LEFT)
    unfinished = world.unfinished(reached)
    assert unfinished.is_untouched and unfinished.may_be_on_paper
    unfinished.clean_up(UNREACHABLE)
    assert reached.journal is not None
    reached.journal.end(7)
    assert (world.record.phase, world.record.job_id, world.record.untouched) == (SENDING, 17, True)
    assert world.record.since == 1234, "contimeout counts over all runs"


@pytest.mark.parametrize("job_id, now", [(17, 17), (None, 99), (17, 99), (17, None), (None, None)])
def test_what_the_printer_has_begun_is_cancelled_there(world: World, job_id: int | None, now: int | None) -> None:
    """By the number that it has at the printer now, and the record says first that it was us."""
    unfinished = world.unfinished(world.reached(may_be_there=True, at_risk=True, job_id=job_id, job_now=now))
    unfinished.clean_up(BUSY)
    assert world.destination.printer.seconds == 7.5
    assert world.told == ([] if now is None else [("cancel", now)])
    assert world.destination.printer.phases == [CANCELLED] * len(world.told)
    assert (world.record.phase, world.record.job_id) == (CANCELLED, job_id)


@pytest.mark.parametrize("error, since", [(UNREACHABLE, 1234), (BUSY, 1234), (GaveUpWaiting(1, "it is off"), 0)])
def test_what_the_printer_may_have_begun_goes_on_waiting(world: World, error: IppsError, since: int) -> None:
    """It is on record as cancelled, and the next run knows since when it has been waiting."""
    reached = world.reached(may_be_there=True, at_risk=True, job_id=17, job_now=17)
    world.unfinished(reached).clean_up(error)
    assert reached.journal is not None
    reached.journal.end(7)
    assert (world.record.phase, world.record.job_id, world.record.since) == (CANCELLED, 17, since)


@pytest.mark.parametrize("left", [None, LEFT])
@pytest.mark.parametrize("known, is_empty", [({}, True), ({"at_risk": True}, False), ({"accepted": True}, False)])
def test_an_empty_job_is_no_doubt(world: World, known: dict[str, Any], is_empty: bool, left: JobRecord | None) -> None:
    """Nothing of a document had left: the next run sends it. What an earlier run sent may be another copy by now."""
    world.unfinished(world.reached(left=left, may_be_there=True, job_id=17, job_now=17, **known)).clean_up(BUSY)
    assert world.told == [("cancel", 17)]
    assert (world.record.phase, world.record.job_id) == ((CREATING, None) if is_empty else (CANCELLED, 17))


def test_what_the_printer_refuses_is_not_cancelled(world: World) -> None:
    """It has said no to it."""
    world.unfinished(world.reached(may_be_there=True, job_id=17, job_now=17)).clean_up(REFUSED)
    assert world.told == [] and world.record.phase == WAITING


@pytest.mark.parametrize(
    "change, on_paper",
    [
        ({}, False),
        ({"index": 1}, True),
        ({"place": Place(document=2, printed=1)}, True),
        ({"left": LEFT}, True),
        ({"left": replace(LEFT, phase=ACCEPTED)}, True),
        ({"left": replace(LEFT, phase=CANCELLED)}, True),
        ({"left": replace(LEFT, phase=WAITING)}, False),
        ({"left": replace(LEFT, phase=CREATING)}, False),
        ({"at_risk": True}, True),
        ({"at_risk": False, "may_be_there": True}, False),
    ],
    ids=str,
)
def test_what_may_be_on_paper(world: World, change: dict[str, Any], on_paper: bool) -> None:
    """Of this document or one before it, by this run or one before it: after a fault of ours that holds the job."""
    index = change.pop("index", 0)
    reached = replace(world.reached(**change), index=index)
    assert world.unfinished(reached).may_be_on_paper is on_paper


# --- SIGTERM ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("accepted", [True, False])
@pytest.mark.parametrize("is_shutdown", [True, False])
def test_sigterm_cancels_at_the_printer(world: World, is_shutdown: bool, accepted: bool) -> None:
    """Unless the printer has all of it and only this machine goes down: then it prints, and the next run asks."""
    world.stop.request(is_shutdown=is_shutdown)
    known: dict[str, Any] = dict(may_be_there=True, at_risk=True, job_id=17, job_now=17, accepted=accepted)
    stop(world.unfinished(world.reached(**known)), 7)
    left_alone = is_shutdown and accepted
    assert world.told == ([] if left_alone else [("cancel", 17)])
    assert world.destination.printer.seconds == (0 if left_alone else 1.5)
    assert world.record.phase == (WAITING if left_alone else CANCELLED) and world.record.status == 7


def test_a_run_that_counts_as_killed_leaves_no_exit_code(world: World) -> None:
    """The next run has to find it interrupted."""
    world.stop.request(is_shutdown=True)
    stop(world.unfinished(world.reached(may_be_there=True, at_risk=True, job_id=17, job_now=17)), None)
    assert (world.record.status, world.record.phase) == (None, CANCELLED)


@pytest.mark.parametrize("age, told", [(0.0, [("cancel", 17)]), (4.0, [("cancel", 17)]), (6.0, [])])
@pytest.mark.parametrize("end, doubtful", [(b"\x0c", True), (b"\x1bE", False)])
def test_an_end_that_nothing_proves_is_in_doubt_for_a_while(
    world: World, tmp_path: Path, age: float, told: list[Any], end: bytes, doubtful: bool
) -> None:
    """A shutdown ends the filters too, perhaps in mid-page, and the end of their output looks like any other."""
    from backend.document.document import Document

    reading, writing = os.pipe()
    os.write(writing, b"\x1bE page" + end)
    os.close(writing)
    document = Document(reading, folder=str(tmp_path), keep=True)
    document.read_to_end(world.stop)
    world.stop.request(is_shutdown=True)
    reached = world.reached(may_be_there=True, job_id=17, job_now=17, accepted=True)
    stop(world.unfinished(replace(reached, document=document, accepted_at=time.monotonic() - age)), 7)
    assert world.told == (told if doubtful else [])
    os.close(reading)


@pytest.mark.parametrize(
    "is_shutdown, looks, holder, killed, slept",
    [
        (False, 0, 4711, [], "0"),  # nobody else has it
        (False, 3, 4711, [4711], "0.4"),
        (False, 99, 4711, [4711], "1.6"),  # it does not leave, and cupsd wants us gone
        (False, 99, None, [], "0"),
        (True, 99, 4711, [], "0"),
    ],
)
def test_a_job_that_an_earlier_run_still_prints_is_cancelled_there(
    world: World,
    monkeypatch: pytest.MonkeyPatch,
    is_shutdown: bool,
    looks: int,
    holder: int | None,
    killed: list[int],
    slept: str,
) -> None:
    """cupsd knows nothing of that run; at a shutdown it goes on by itself."""
    taken, told, now = iter([False] * looks + [True] * 99), list[int](), [Fraction(0)]
    lock = SimpleNamespace(take=lambda: next(taken), holder=lambda: holder)
    monkeypatch.setattr(os, "kill", lambda pid, number: told.append(pid))
    monkeypatch.setattr(time, "monotonic", lambda: sum(now))
    monkeypatch.setattr(StopSignal, "sleep", lambda stop, seconds: now.append(Fraction(str(seconds))))
    world.stop.request(is_shutdown=is_shutdown)
    stop(world.unfinished(Reached(lock=cast(JobLock, lock))), 7)
    assert told == killed and sum(now) == Fraction(slept)
