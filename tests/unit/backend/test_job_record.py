"""backend.job_record: what one run leaves for the next, and that damage leads to nothing being known."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from backend.cupsd import who_started_us
from backend.job_record import (
    ACCEPTED,
    LARGEST,
    PHASES,
    REMEMBERED_SECONDS,
    WAITING,
    JobRecord,
    JobRecords,
    decode_record,
)

CHECKOUT = Path(__file__).resolve().parents[3]
UUID = "c0ffee00-5eed-4bad-9a7e-123456789abc"
#: Values that records have had only for some time.
YOUNG = {"copies", "cupsd"}
RECORD = JobRecord("ipps://localhost:443/ipp/print", 1, ACCEPTED, 17, 1_700_000_000, 3600)


@pytest.mark.parametrize("phase", PHASES)
@pytest.mark.parametrize("job_id, up_time", [(17, 3600), (None, None), (1, 0)])
def test_next_run_reads_what_was_written(tmp_path: Path, phase: str, job_id: int | None, up_time: int | None) -> None:
    """Another object for the same job finds the record, also over an older one, and no more after its end."""
    record = replace(RECORD, phase=phase, job_id=job_id, up_time=up_time)
    records = JobRecords(str(tmp_path), UUID)
    assert records.write(replace(RECORD, phase=WAITING)) is None and records.write(record) is None
    read = JobRecords(str(tmp_path), UUID).read()
    assert read is not None and replace(read, cupsd="") == record
    assert JobRecords(str(tmp_path), UUID.replace("c", "d")).read() is None
    records.end()
    assert records.read() is None and os.listdir(tmp_path) == [f"ended-{UUID}.json"]
    records.end()


def end_under(tmp_path: Path, cupsd: str) -> Path:
    """Leave a job behind that has ended under some cupsd; return its file."""
    path = tmp_path / f"ended-{UUID}.json"
    path.write_text(json.dumps(asdict(replace(RECORD, cupsd=cupsd))))
    return path


def test_another_cupsd_hears_of_a_job_that_has_ended(tmp_path: Path) -> None:
    """cupsd died before it had written down how the job ended: the next one must not print it again."""
    end_under(tmp_path, "1234:5678")
    assert JobRecords(str(tmp_path), UUID).read() == replace(RECORD, cupsd="1234:5678")


def test_the_same_cupsd_does_not(tmp_path: Path) -> None:
    """It saw the end, so somebody wants the job to be printed again (lp -i JOB -H restart)."""
    end_under(tmp_path, str(who_started_us()))
    assert JobRecords(str(tmp_path), UUID).read() is None


@pytest.mark.parametrize("seconds", [REMEMBERED_SECONDS + 5, -3600])
def test_an_end_is_not_remembered_for_ever(tmp_path: Path, seconds: int) -> None:
    """After a while another cupsd may print the job again as well; a clock that was put back is no reason not to."""
    path = end_under(tmp_path, "1234:5678")
    os.utime(path, (time.time() - seconds, time.time() - seconds))
    records = JobRecords(str(tmp_path), UUID)
    assert records.read() is None
    JobRecords(str(tmp_path), UUID.replace("c", "d")).end()
    assert not path.exists(), "and the next job that ends takes it away"


def test_a_newer_run_counts_more_than_an_end(tmp_path: Path) -> None:
    """What the interrupted run left is read, not what an earlier one did."""
    end_under(tmp_path, "1234:5678")
    records = JobRecords(str(tmp_path), UUID)
    records.write(replace(RECORD, phase=WAITING))
    read = records.read()
    assert read is not None and read.phase == WAITING


OUTLIVES = """
import os, sys, time
sys.path.insert(0, sys.argv[1])
from backend.job_record import SENDING, JobRecord, JobRecords
readable, writable = os.pipe()
if os.fork():
    os.read(readable, 1)
    os._exit(0)
parent = os.getppid()
records = JobRecords(*sys.argv[2:])
records.write(JobRecord("ipps://x/", 0, SENDING))
os.write(writable, b"x")
while os.getppid() == parent:
    time.sleep(0.01)
records.end()
print("ended")
"""


def test_who_outlives_cupsd_leaves_its_record(tmp_path: Path) -> None:
    """Nobody hears how that run ends; the next one has to find the record, however late it comes."""
    command = [sys.executable, "-I", "-c", OUTLIVES, str(CHECKOUT), str(tmp_path), UUID]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30)
    assert done.stdout == "ended\n" and os.listdir(tmp_path) == [f"job-{UUID}.json"]


def test_record_is_one_file_named_after_the_job(tmp_path: Path) -> None:
    """The name has the job-uuid, the file is closed to others."""
    JobRecords(str(tmp_path), UUID).write(RECORD)
    (path,) = tmp_path.iterdir()
    assert path.name == f"job-{UUID}.json"
    assert path.stat().st_mode & 0o777 == 0o600
    record = decode_record(path.read_bytes())
    assert record is not None and replace(record, cupsd="") == RECORD


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
    records.end()
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
        {"cupsd": 7},
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
    """A version that knew no copies, nor the cupsd, wrote a record of a job that an upgrade interrupted."""
    values = {key: value for key, value in asdict(RECORD).items() if key not in YOUNG}
    assert decode_record(json.dumps(values).encode()) == replace(RECORD, cupsd="")


@pytest.mark.parametrize("name", sorted(set(asdict(RECORD)) - YOUNG))
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
    records.end()


@pytest.mark.parametrize("job_id, since, up_time", [(LARGEST, 0, LARGEST - 1), (1, LARGEST - 1, 0)])
def test_largest_numbers_are_numbers(job_id: int, since: int, up_time: int) -> None:
    """Job ids and times up to the largest integer of IPP are believed."""
    record = replace(RECORD, job_id=job_id, since=since, up_time=up_time)
    assert decode_record(json.dumps(asdict(record)).encode()) == record
