"""backend.cupsd.job_record: what one run leaves for the next, and that damage leads to nothing being known."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import asdict, fields, replace
from pathlib import Path

import pytest

from backend.cupsd import job_record
from backend.cupsd.cache_file import decode_values
from backend.cupsd.job_record import (
    ACCEPTED,
    PHASES,
    WAITING,
    JobRecord,
    JobRecords,
    to_record,
)

pytestmark = pytest.mark.usefixtures("no_descriptor_is_left")
CHECKOUT = Path(__file__).resolve().parents[4]
NAME = "c0ffee005eed4bad9a7e123456789abc"
#: Values that records of 0.1.0 had.
OLD = {"printer", "index", "phase", "job_id", "since", "up_time", "copies", "cupsd"}
#: Values that records have had only for some time.
YOUNG = {field.name for field in fields(JobRecord)} - OLD | {"copies", "cupsd"}
RECORD = JobRecord("ipps://localhost:443/ipp/print", 1, ACCEPTED, 17, 1_700_000_000, 3600)


def decode_record(data: bytes) -> JobRecord | None:
    """Return what the octets of a file say."""
    return to_record(decode_values(data))


def without_run(record: JobRecord | None) -> JobRecord | None:
    """Leave out what a record says of the run that wrote it."""
    return record and replace(record, cupsd="", run="", serial=0)


def test_every_value_has_a_type() -> None:
    """No value is read from a file unseen."""
    assert set(job_record._TYPES) == {field.name for field in fields(JobRecord)}


@pytest.mark.parametrize("phase", PHASES)
@pytest.mark.parametrize("job_id, up_time", [(17, 3600), (None, None), (1, 0), (2**31 - 1, 2**31 - 1)])
def test_next_run_reads_what_was_written(tmp_path: Path, phase: str, job_id: int | None, up_time: int | None) -> None:
    """Another object for the same job finds the record, also over an older one, and no more after its end."""
    record = replace(RECORD, phase=phase, job_id=job_id, up_time=up_time)
    records = JobRecords(str(tmp_path), NAME)
    assert records.write(replace(RECORD, phase=WAITING)) is None and records.write(record) is None
    read = JobRecords(str(tmp_path), NAME).read()
    assert read is not None and without_run(read) == record and read.serial == 2
    assert JobRecords(str(tmp_path), NAME.replace("c", "d")).read() is None
    records.end(replace(record, status=0))
    assert os.listdir(tmp_path) == [f"ended-{NAME}.json"]
    ended = records.read()
    assert ended is not None and ended.status == 0
    records.end(replace(record, status=0))


def end_under(tmp_path: Path, cupsd: str) -> Path:
    """Leave a job behind that has ended under some cupsd; return its file."""
    path = tmp_path / f"ended-{NAME}.json"
    path.write_text(json.dumps(asdict(replace(RECORD, cupsd=cupsd))))
    return path


def test_another_cupsd_hears_of_a_job_that_has_ended(tmp_path: Path) -> None:
    """cupsd died before it had written down how the job ended: the next one must not print it again."""
    end_under(tmp_path, "1234:5678")
    assert JobRecords(str(tmp_path), NAME).read() == replace(RECORD, cupsd="1234:5678")


def test_a_run_that_failed_stays_a_waiting_job(tmp_path: Path) -> None:
    """Its record is kept as long as the job may be held."""
    records = JobRecords(str(tmp_path), NAME)
    records.end(replace(RECORD, status=3, said="why"))
    assert os.listdir(tmp_path) == [f"job-{NAME}.json"]
    read = records.read()
    assert read is not None and (read.status, read.said) == (3, "why")


def test_a_newer_run_counts_more_than_an_end(tmp_path: Path) -> None:
    """What the interrupted run left is read, not what an earlier one did."""
    end_under(tmp_path, "1234:5678")
    records = JobRecords(str(tmp_path), NAME)
    assert records.read() is not None
    records.write(replace(RECORD, phase=WAITING))
    read = records.read()
    assert read is not None and read.phase == WAITING


OUTLIVES = """
import os, sys, time
sys.path.insert(0, sys.argv[1])
from backend.cupsd.job_record import SENDING, JobRecord, JobRecords
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
records.end(JobRecord("ipps://x/", 0, SENDING, status=0))
print("ended")
"""


def test_who_outlives_cupsd_leaves_its_record(tmp_path: Path) -> None:
    """Nobody hears how that run ends; the next one has to find the record, however late it comes."""
    command = [sys.executable, "-I", "-c", OUTLIVES, str(CHECKOUT), str(tmp_path), NAME]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30)
    assert done.stdout == "ended\n" and os.listdir(tmp_path) == [f"job-{NAME}.json"]


def test_record_is_one_file_named_after_the_job(tmp_path: Path) -> None:
    """The name has the job's identity, the file is closed to others."""
    JobRecords(str(tmp_path), NAME).write(RECORD)
    (path,) = tmp_path.iterdir()
    assert path.name == f"job-{NAME}.json"
    assert path.stat().st_mode & 0o777 == 0o600
    record = decode_record(path.read_bytes())
    assert without_run(record) == RECORD


def test_record_is_flushed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is on the disk before a byte of the document can leave."""
    flushed: list[int] = []
    monkeypatch.setattr(os, "fdatasync", flushed.append)
    JobRecords(str(tmp_path), NAME).write(RECORD)
    assert len(flushed) == 1


@pytest.mark.parametrize("uuid", [None, "../../etc/passwd", "urn:uuid:12", "ABC", "12/34", "12.json", "a\0b"])
def test_without_a_proper_uuid_there_is_no_record(tmp_path: Path, uuid: str | None) -> None:
    """What comes with the job's options never becomes part of a path unless it is hexadecimal digits and hyphens."""
    records = JobRecords(str(tmp_path / "cache"), uuid)
    assert records.write(RECORD) is None and records.read() is None
    records.end(replace(RECORD, status=0))
    assert os.listdir(tmp_path) == []


#: Values of the wrong type or out of their range.
DAMAGED: dict[str, tuple[object, ...]] = {
    "printer": (3, None),
    "index": ("1", True, -1, 2**31),
    "phase": ("printed", None),
    "job_id": ("17", 0, -1, 1.5, 2**31),
    "since": (None, -1, 10**20),
    "up_time": (-1, "1"),
    "copies": (0, True),
    "cupsd": (7,),
    "more": (1,),
}


@pytest.mark.parametrize("name, value", [(name, value) for name, values in DAMAGED.items() for value in values])
def test_damaged_records_say_nothing(name: str, value: object) -> None:
    """One such value, or one too many, makes the whole record worthless."""
    good = asdict(RECORD)
    assert decode_record(json.dumps(good).encode()) == RECORD
    assert decode_record(json.dumps({**good, name: value}).encode()) is None


def test_records_of_an_older_version_are_read() -> None:
    """A version that knew no documents, copies, nor cupsd wrote a record of a job that goes on after an upgrade."""
    values = {key: value for key, value in asdict(RECORD).items() if key not in YOUNG}
    assert decode_record(json.dumps(values).encode()) == replace(RECORD, cupsd="", joined=True)


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
    records = JobRecords(str(tmp_path / "cache"), NAME)
    assert records.write(RECORD) in ("Not a directory", "File exists")
    assert records.written_to == "" and records.read() is None
    records.end(replace(RECORD, status=0))


def test_a_record_that_can_no_longer_be_written_is_nowhere(tmp_path: Path) -> None:
    """cupsd then has to hear at once of what would have been kept for the last document."""
    folder = tmp_path / "cache"
    records = JobRecords(str(folder), NAME)
    assert not records.written_to and records.write(RECORD) is None and records.written_to
    (folder / f"job-{NAME}.json").unlink()
    folder.rmdir()
    folder.write_text("")
    assert records.write(RECORD) and records.written_to == ""


DAYS = 24 * 3600


@pytest.mark.parametrize(
    "name, seconds, stays",
    [
        (f"job-{NAME}.json", 90 * DAYS, True),
        (f"job-{NAME}.json", 90 * DAYS + 1, False),
        (f"ended-{NAME}.json", 600, True),
        (f"ended-{NAME}.json", 601, False),
        (f"ended-{NAME}.json", -5, True),  # a clock that was put back makes nothing old
        (f"ended-{NAME}.json", -(10**8), True),
        (f"job-{NAME}.lock", 91 * DAYS, False),
        ("job-office.json", 91 * DAYS, True),
        (f"other-{NAME}.json", 91 * DAYS, True),
        ("printer_443.json", 91 * DAYS, True),
        ("secret", 91 * DAYS, True),
    ],
)
def test_only_what_is_left_of_jobs_is_taken_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, seconds: int, stays: bool
) -> None:
    """The next job that ends does it; what was learned of printers, and the secret, have the same folder."""
    path = tmp_path / name
    path.write_text(json.dumps(asdict(RECORD)))
    os.utime(path, (10**9,) * 2)
    monkeypatch.setattr(time, "time", lambda: 10**9 + seconds)
    read = JobRecords(str(tmp_path), NAME).read()
    assert not name.startswith("ended") or (read == RECORD if stays else read is None)
    JobRecords(str(tmp_path), NAME.replace("c", "d")).end(replace(RECORD, status=0))
    assert path.exists() is stays


def test_a_second_folder_takes_the_record(tmp_path: Path) -> None:
    """Where the first one cannot be written; the reason is told, the record is found again, and its end too."""
    (tmp_path / "cache").write_text("")
    second = tmp_path / "second"
    records = JobRecords(str(tmp_path / "cache"), NAME, (str(second),))
    assert records.write(RECORD) in ("Not a directory", "File exists")
    assert records.written_to == str(second / f"job-{NAME}.json")
    assert second.stat().st_mode & 0o777 == 0o700
    next_one = JobRecords(str(tmp_path / "cache"), NAME, (str(second),))
    assert without_run(next_one.read()) == RECORD
    next_one.end(replace(RECORD, status=0))
    assert os.listdir(second) == [f"ended-{NAME}.json"]


def test_a_third_folder_where_the_second_is_someone_else_s(tmp_path: Path) -> None:
    """The next document of the job finds in it how the last one ended, and a later record is read from where it is."""
    (tmp_path / "cache").write_text("")
    (tmp_path / "second").mkdir(0o777)
    (tmp_path / "second").chmod(0o777)
    folders = (str(tmp_path / "second"), str(tmp_path / "third"))
    records = JobRecords(str(tmp_path / "cache"), NAME, folders)
    records.end(replace(RECORD, status=4, said="stopped"))
    assert records.written_to == str(tmp_path / "third" / f"job-{NAME}.json") and not os.listdir(folders[0])
    read = JobRecords(str(tmp_path / "cache"), NAME, folders).read()
    assert read is not None and (read.status, read.said) == (4, "stopped")


@pytest.mark.parametrize("place", ["open to others", "somebody else's", "a link", "a file"])
def test_a_second_folder_of_somebody_else_is_none(tmp_path: Path, place: str) -> None:
    """In a folder where everybody may write, others may have been there first; what they put there is not read."""
    mine, second = tmp_path / "mine", tmp_path / "second"
    records = JobRecords(str(mine), NAME, (str(mine),))
    mine.mkdir(0o700)
    records.write(RECORD)
    if place == "a link":
        second.symlink_to(mine)
    elif place == "a file":
        second.write_text("")
    else:
        mine.rename(second)
        if place == "open to others":
            second.chmod(0o707)
        elif os.geteuid():
            pytest.skip("only root can give a folder away")
        else:
            os.chown(second, 1234, -1)
    (tmp_path / "cache").write_text("")
    records = JobRecords(str(tmp_path / "cache"), NAME, (str(second),))
    assert records.read() is None
    assert records.write(RECORD) is not None and records.written_to == ""


def test_the_newest_of_two_places_counts(tmp_path: Path) -> None:
    """The first folder was full for a while: what was written to the second one is newer, and then older again."""
    first, second = tmp_path / "cache", tmp_path / "second"
    both = (str(first), NAME, (str(second),))
    JobRecords(*both).write(replace(RECORD, index=1))
    first.rename(tmp_path / "away")
    first.write_text("")
    records = JobRecords(*both)
    records.read()
    first.unlink()
    (tmp_path / "away").rename(first)
    records = JobRecords(*both)
    records.read()
    records._folders = ("/proc/nowhere", str(second))
    records.write(replace(RECORD, index=2))
    newest = JobRecords(*both).read()
    assert newest is not None and newest.index == 2
    records = JobRecords(*both)
    records.read()
    records.write(replace(RECORD, index=3))
    newest = JobRecords(*both).read()
    assert newest is not None and newest.index == 3
    records.end(replace(RECORD, index=3, status=0))
    assert os.listdir(first) == [f"ended-{NAME}.json"] and os.listdir(second) == []


def test_a_leftover_of_the_same_process_id_is_no_obstacle(tmp_path: Path) -> None:
    """In a container the same process ids come again; a file that a killed run was just writing stays behind."""
    (tmp_path / f"job-{NAME}.json.{os.getpid()}.new").write_text("{")
    assert JobRecords(str(tmp_path), NAME).write(RECORD) is None


@pytest.mark.parametrize("job_id, since, up_time", [(2**31 - 1, 0, 2**31 - 2), (1, 2**31 - 2, 0)])
def test_largest_numbers_are_numbers(job_id: int, since: int, up_time: int) -> None:
    """Job ids and times up to the largest integer of IPP are believed."""
    record = replace(RECORD, job_id=job_id, since=since, up_time=up_time)
    assert decode_record(json.dumps(asdict(record)).encode()) == record
