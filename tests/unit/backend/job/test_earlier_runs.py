"""What earlier runs mean for this one: a lock that is never given back, and records of 0.1.0."""

from __future__ import annotations

import json
import os
import signal
import time
from fractions import Fraction
from pathlib import Path
from typing import Any, cast

import pytest

from backend.cupsd.identity import Identity
from backend.cupsd.job_lock import JobLock
from backend.cupsd.job_record import (
    ACCEPTED,
    CREATING,
    SENDING,
    WAITING,
    JobRecord,
    JobRecords,
    has_old_record,
    take_old_record,
)
from backend.cupsd.queue_display import QueueDisplay
from backend.cupsd.stop_signal import StopSignal
from backend.errors import PrinterBusy
from backend.job.cups_job import CupsJob
from backend.job.documents import JobAtCupsd, Place
from backend.job.earlier_runs import find_files, open_journal, wait_for_earlier_run
from backend.job.journal import Journal
from backend.job.run import Reached
from backend.job.unfinished import Unfinished
from filters.common.dataclass import replace
from filters.common.job import parse_job
from filters.common.report import Report

UUID = "c0ffee00-5eed-4bad-9a7e-123456789abc"
CREATED = 1_700_000_000
#: As 0.1.0 wrote it.
OLD = {
    "printer": "ipps://printer:443/ipp/print",
    "index": 0,
    "phase": WAITING,
    "job_id": None,
    "since": CREATED + 5,
    "up_time": 3600,
    "copies": 1,
    "cupsd": "612:1043",
}


class HeldLock:
    """A lock that somebody else has for ever."""

    def take(self) -> bool:
        return False

    def holder(self) -> int | None:
        return 4711


class Sleepless(StopSignal):
    """Counts what would be slept, to the tenth of a second."""

    def __init__(self) -> None:
        super().__init__()
        self.slept = Fraction(0)

    def sleep(self, seconds: float) -> None:
        self.slept += Fraction(str(seconds))


def test_waiting_for_an_earlier_run_has_an_end(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """It is told to leave after a while; if it does not, the job is run again instead of waiting for ever."""
    stop, told = Sleepless(), list[tuple[int, int, Fraction]]()
    monkeypatch.setattr(time, "monotonic", lambda: stop.slept)
    monkeypatch.setattr(os, "kill", lambda pid, number: told.append((pid, number, stop.slept)))
    with pytest.raises(PrinterBusy, match="earlier run"):
        wait_for_earlier_run(cast(JobLock, HeldLock()), "office", stop, Report())
    assert told == [(4711, signal.SIGTERM, 900)] and stop.slept == 905
    said = capfd.readouterr().err
    assert (said.count("INFO: "), said.count("WARNING: ")) == (1, 1)


def test_waiting_for_an_earlier_run_is_sleeping() -> None:
    """Two looks, and a pause after each; then the job is ours."""

    class Lock(HeldLock):
        def take(self) -> bool:
            return stop.slept == Fraction("0.4")

    stop = Sleepless()
    wait_for_earlier_run(cast(JobLock, Lock()), "office", stop, Report())


class Job:
    """A job on a queue of which cupsd says that it has three documents and was created then."""

    def __init__(self, folder: Path, job_id: int = 7, uuid: str | None = f"urn:uuid:{UUID}") -> None:
        options = {"job-uuid": uuid} if uuid else {}
        self.job = parse_job(["ipps443", str(job_id), "anna", "Report", "1", ""], {})
        self.job = replace(self.job, options=options)
        self.cache = str(folder / "cache")
        self.environ = {"CUPS_CACHEDIR": str(folder), "CUPS_SERVERROOT": str(folder)}
        self.is_single_file = True

    def ask(self) -> JobAtCupsd:
        return JobAtCupsd(3, created=CREATED)


def opened(job: Job) -> Journal:
    """Return the journal of the next run."""
    return open_journal(cast(CupsJob, job), find_files(cast(CupsJob, job), Report()), Report())


def test_the_next_run_goes_on_where_the_last_one_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the same pass it is the next document; in a new one it is the first again, and what is printed stays so."""
    monkeypatch.setattr("backend.cupsd.job_record.this_pass", lambda: "1")
    first = opened(Job(tmp_path))
    assert (first.place.document, first.place.earlier) == (1, None)
    first.has_content()
    first.document_done(5)
    first.end(0)
    second = opened(Job(tmp_path))
    assert (second.place.document, second.place.printed, second.place.pages) == (2, 1, 5)
    second.end(7)
    monkeypatch.setattr("backend.cupsd.job_record.this_pass", lambda: "2")
    again = opened(Job(tmp_path))
    assert (again.place.document, again.place.printed, again.place.is_printed) == (1, 1, True)


@pytest.mark.parametrize("job", [{"job_id": 8}, {"uuid": UUID.replace("c", "d")}, {"uuid": None}])
def test_a_different_job_begins_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, job: dict[str, Any]) -> None:
    """With another number, another uuid or none; its marks are its own as well."""
    monkeypatch.setattr("backend.cupsd.job_record.this_pass", lambda: "1")
    first = opened(Job(tmp_path))
    first.document_done(5)
    first.end(0)
    other = opened(Job(tmp_path, **job))
    assert (other.place.document, other.place.printed) == (1, 0)
    assert other.mark(0) != first.mark(0) and other.mark(0) != other.mark(1)


LEFT = JobRecord("ipps://printer:443/ipp/print", 0, SENDING, 17, job=7, about=3, document=3, printed=2, cupsd="1:2:3")


@pytest.mark.parametrize(
    "place, phase, come_to_it, untouched",
    [
        (Place(document=1, printed=2, earlier=LEFT), SENDING, False, True),  # it only left out what is printed
        (Place(document=3, printed=2, earlier=LEFT), ACCEPTED, False, True),  # it never reached the printer
        (Place(document=3, printed=2, earlier=LEFT), CREATING, False, True),
        (Place(document=3, printed=2, earlier=LEFT), SENDING, True, False),
        (Place(document=3, printed=2, earlier=LEFT), WAITING, False, False),
        (
            Place(document=4, printed=2, earlier=LEFT, status=3),
            SENDING,
            False,
            False,
        ),  # the third is held, and it is known
        (Place(document=4, printed=2, earlier=replace(LEFT, untouched=True), status=4), SENDING, False, True),
    ],
)
@pytest.mark.parametrize("stopped", [True, False], ids=["SIGTERM", "end"])
def test_what_a_run_has_not_come_to_stays_in_doubt(
    tmp_path: Path, place: Place, phase: str, come_to_it: bool, untouched: bool, stopped: bool
) -> None:
    """A person's word after it (cupsenable, a release) is no reason to send the document again unasked."""
    records = JobRecords(str(tmp_path), "c0ffee")
    place = replace(place, earlier=replace(LEFT, phase=phase, untouched=place.untouched))
    journal = Journal(records, Identity(b"", ""), place, Report(), job_id=7, joined=False)
    if come_to_it:
        journal.note(phase, 17, printer=LEFT.printer, index=0)
    if stopped:
        report = Report()
        reached = Reached(JobLock("", None), journal)
        unfinished = Unfinished(
            reached, has_input=False, stop=StopSignal(), display=QueueDisplay(report), report=report
        )
        assert unfinished.write_down_stop(1)
    else:
        journal.end(place.status, untouched=place.untouched)
    record = records.read()
    assert record is not None and record.untouched is untouched and record.phase == phase


def write(folder: Path, age: int = 60, **change: object) -> None:
    """Leave a record as 0.1.0 did, so many seconds after cupsd got its job."""
    path = folder / f"job-{UUID}.json"
    path.write_text(json.dumps({**OLD, **change}))
    os.utime(path, (CREATED + age,) * 2)


@pytest.mark.parametrize("phase", [WAITING, SENDING])
def test_a_record_of_the_first_version_is_understood_once(tmp_path: Path, phase: str) -> None:
    """A job that waits over the upgrade goes on where it was; nobody reads the record a second time."""
    write(tmp_path, phase=phase)
    assert has_old_record(str(tmp_path), UUID)
    record = take_old_record(str(tmp_path), UUID, CREATED)
    assert record is not None and (record.phase, record.since, record.status) == (phase, CREATED + 5, None)
    assert not has_old_record(str(tmp_path), UUID) and take_old_record(str(tmp_path), UUID, CREATED) is None


def test_a_job_with_a_borrowed_uuid_does_not_get_it(tmp_path: Path) -> None:
    """A job that came after the record was written is another one, whatever its uuid; the record stays for its own."""
    write(tmp_path)
    assert take_old_record(str(tmp_path), UUID, CREATED + 61) is None
    assert has_old_record(str(tmp_path), UUID)


@pytest.mark.parametrize("uuid", ["../../etc/passwd", "", "x" * 36, UUID.replace("c", "d")])
def test_no_uuid_leads_anywhere_else(tmp_path: Path, uuid: str) -> None:
    """Only one of hexadecimal digits and hyphens names a file."""
    write(tmp_path)
    assert not has_old_record(str(tmp_path), uuid) and take_old_record(str(tmp_path), uuid, CREATED) is None
