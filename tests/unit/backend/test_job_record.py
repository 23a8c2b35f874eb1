"""backend.job_record: what one run leaves for the next, and that damage leads to nothing being known."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from backend.job_record import ACCEPTED, LARGEST, PHASES, WAITING, JobRecord, JobRecords, decode_record

UUID = "c0ffee00-5eed-4bad-9a7e-123456789abc"
RECORD = JobRecord("ipps://localhost:443/ipp/print", 1, ACCEPTED, 17, 1_700_000_000, 3600)


@pytest.mark.parametrize("phase", PHASES)
@pytest.mark.parametrize("job_id, up_time", [(17, 3600), (None, None), (1, 0)])
def test_next_run_reads_what_was_written(tmp_path: Path, phase: str, job_id: int | None, up_time: int | None) -> None:
    """Another object for the same job finds the record, also over an older one, and no more after its removal."""
    record = replace(RECORD, phase=phase, job_id=job_id, up_time=up_time)
    records = JobRecords(str(tmp_path), UUID)
    assert records.write(replace(RECORD, phase=WAITING)) is None and records.write(record) is None
    assert JobRecords(str(tmp_path), UUID).read() == record
    assert JobRecords(str(tmp_path), UUID.replace("c", "d")).read() is None
    records.remove()
    assert records.read() is None and os.listdir(tmp_path) == []
    records.remove()


def test_record_is_one_file_named_after_the_job(tmp_path: Path) -> None:
    """The name has the job-uuid, the file is closed to others."""
    JobRecords(str(tmp_path), UUID).write(RECORD)
    (path,) = tmp_path.iterdir()
    assert path.name == f"job-{UUID}.json"
    assert path.stat().st_mode & 0o777 == 0o600
    assert decode_record(path.read_bytes()) == RECORD


def test_record_is_flushed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is on the disk before a byte of the document can leave."""
    flushed: list[int] = []
    monkeypatch.setattr(os, "fdatasync", flushed.append)
    JobRecords(str(tmp_path), UUID).write(RECORD)
    assert len(flushed) == 1


@pytest.mark.parametrize("uuid", [None, "../../etc/passwd", "urn:uuid:12", "ABC", "12/34", "12.json", "a\0b"])
def test_without_a_proper_uuid_there_is_no_record(tmp_path: Path, uuid: str | None) -> None:
    """What comes with the job's options never becomes part of a path unless it is hexadecimal digits and hyphens."""
    records = JobRecords(str(tmp_path / "cache"), uuid)
    assert records.write(RECORD) is None and records.read() is None
    records.remove()
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    "change",
    [
        {"printer": 3},
        {"printer": None},
        {"index": "1"},
        {"index": True},
        {"index": -1},
        {"index": LARGEST + 1},
        {"phase": "printed"},
        {"phase": None},
        {"job_id": "17"},
        {"job_id": 0},
        {"job_id": -1},
        {"job_id": 1.5},
        {"job_id": LARGEST + 1},
        {"since": None},
        {"since": -1},
        {"since": 10**20},
        {"up_time": -1},
        {"up_time": "1"},
        {"copies": 0},
        {"copies": True},
        {"more": 1},
    ],
    ids=str,
)
def test_damaged_records_say_nothing(change: dict[str, object]) -> None:
    """A value of the wrong type or out of its range, or one too many, makes the whole record worthless."""
    good = asdict(RECORD)
    assert decode_record(json.dumps(good).encode()) == RECORD
    assert decode_record(json.dumps({**good, **change}).encode()) is None


def test_records_of_an_older_version_are_read() -> None:
    """A version that knew no copies wrote a record of a job that an upgrade interrupted."""
    values = {key: value for key, value in asdict(RECORD).items() if key != "copies"}
    assert decode_record(json.dumps(values).encode()) == RECORD


@pytest.mark.parametrize("name", sorted(set(asdict(RECORD)) - {"copies"}))
def test_records_with_a_gap_say_nothing(name: str) -> None:
    """Each value has to be there."""
    values = {key: value for key, value in asdict(RECORD).items() if key != name}
    assert decode_record(json.dumps(values).encode()) is None


def test_half_a_record_says_nothing() -> None:
    """Cut off at every octet."""
    data = json.dumps(asdict(RECORD)).encode()
    assert [decode_record(data[:length]) for length in range(len(data))] == [None] * len(data)


def test_folder_that_cannot_be_written_is_a_reason(tmp_path: Path) -> None:
    """The job goes on without a record, and the reason is told."""
    (tmp_path / "cache").write_text("")
    records = JobRecords(str(tmp_path / "cache"), UUID)
    assert records.write(RECORD) in ("Not a directory", "File exists")
    assert records.read() is None
    records.remove()


@pytest.mark.parametrize("job_id, since, up_time", [(LARGEST, 0, LARGEST - 1), (1, LARGEST - 1, 0)])
def test_largest_numbers_are_numbers(job_id: int, since: int, up_time: int) -> None:
    """Job ids and times up to the largest integer of IPP are believed."""
    record = replace(RECORD, job_id=job_id, since=since, up_time=up_time)
    assert decode_record(json.dumps(asdict(record)).encode()) == record
