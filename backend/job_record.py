"""What became of a job at the printer, on disk, for the next run of the same job (spec 6).

A cupsd that is restarted or dies runs the job again. The next run finds here that the printer may have the job already,
and asks the printer before it sends anything.

    job-<job-uuid>.json     how far a run got; flushed to the disk before the first byte of the document leaves
    ended-<job-uuid>.json   the same of a run that has come to an end of its own, good or bad

Both are in the cache folder, mode 0600. cupsd may die before it has written down how a run ended, which it does up to
half a minute later. So a job that has ended is remembered for a while, but only for another cupsd than the one that saw
its end: when that one runs the job again, somebody wants it.
"""

from __future__ import annotations

import os
import time

from backend.cache_file import decode_values, is_job_uuid, job_file, read_values, remove, write_values
from backend.cupsd import who_started_us
from filters.dataclass import asdict, dataclass, fields, replace

#: Nothing was sent, the printer was out of reach or busy since ``since``.
WAITING = "waiting"
#: An empty job may have been created at the printer; nothing of the document has left.
CREATING = "creating"
#: Bytes of the document may have left.
SENDING = "sending"
#: The printer has said that it has all of it.
ACCEPTED = "accepted"
#: We have told the printer to cancel what it has of it, or were about to.
CANCELLED = "cancelled"
PHASES = (WAITING, CREATING, SENDING, ACCEPTED, CANCELLED)

#: Seconds for which a job that has come to its end is remembered.
REMEMBERED_SECONDS = 600
#: Beginnings of names in the cache folder, and seconds for which such files are kept; a job may wait for a long time.
KEPT_SECONDS = {"ended": REMEMBERED_SECONDS, "job": 90 * 24 * 3600}

#: The largest integer of IPP.
LARGEST = 2**31 - 1


@dataclass(frozen=True)
class JobRecord:
    """How far a run of this job got with one printer.

    Attributes:
        printer: the printer-uri it was sent to.
        index: which of the job's documents and copies, from 0.
        phase: one of PHASES.
        job_id: the job at the printer, None while it is not known.
        since: seconds since 1970: since when the job has been waiting, over all its runs; 0 if it has not.
        up_time: the printer-up-time when this was written, None if the printer does not tell.
        copies: how many copies the printer was asked to make of it.
        cupsd: which cupsd had started the run.
    """

    printer: str
    index: int
    phase: str
    job_id: int | None = None
    since: int = 0
    up_time: int | None = None
    copies: int = 1
    cupsd: str = ""


_TYPES: dict[str, tuple[type, ...]] = {
    "printer": (str,),
    "index": (int,),
    "phase": (str,),
    "job_id": (int, type(None)),
    "since": (int,),
    "up_time": (int, type(None)),
    "copies": (int,),
    "cupsd": (str,),
}
assert set(_TYPES) == {field.name for field in fields(JobRecord)}


def decode_record(data: bytes) -> JobRecord | None:
    """Return the record in a file's bytes, None if they are damaged."""
    return _to_record(decode_values(data))


def _to_record(values: dict[str, object]) -> JobRecord | None:
    values = {"copies": 1, "cupsd": "", **values}  # an older version knew neither
    if values.keys() != _TYPES.keys() or not all(type(values[name]) in kinds for name, kinds in _TYPES.items()):
        return None
    record = JobRecord(**values)  # type: ignore[arg-type]
    numbers = (
        record.index,
        record.since,
        record.up_time or 0,
        (1 if record.job_id is None else record.job_id) - 1,
        record.copies - 1,
    )
    if record.phase not in PHASES or not all(0 <= number < LARGEST for number in numbers):
        return None
    return record


class JobRecords:
    """The record of one job. Without a job-uuid, or where the folder cannot be written, there is none."""

    def __init__(self, folder: str, job_uuid: str | None) -> None:
        self._cupsd = who_started_us()
        self._folder = folder
        self._path = job_file(folder, "job-{}.json", job_uuid)
        self._ended = job_file(folder, "ended-{}.json", job_uuid)

    def read(self) -> JobRecord | None:
        """Return what an earlier run left behind that nobody has seen the end of."""
        return (_to_record(read_values(self._path)) if self._path else None) or self._read_ended()

    def _read_ended(self) -> JobRecord | None:
        record = _to_record(read_values(self._ended)) if self._ended else None
        if record is None or record.cupsd == str(self._cupsd) or not self._ended or _is_old(self._ended):
            return None
        return record

    def write(self, record: JobRecord) -> str | None:
        """Write a record to the disk; return None, or why that was not possible."""
        if not self._path:
            return None
        return write_values(self._path, asdict(replace(record, cupsd=str(self._cupsd))), flush=True)

    def end(self) -> None:
        """The run has come to its end: leave word of that for another cupsd, if this one should die of a sudden.

        If it has died already, nobody hears how this run ends, and the job is run again, whenever that may be.
        """
        if not self._path or not self._ended or self._cupsd.is_gone():
            return
        try:
            os.rename(self._path, self._ended)
            os.utime(self._ended)
        except OSError:
            pass  # nothing of the job had been sent
        self._forget_old_ones()

    def _forget_old_ones(self) -> None:
        """Delete what is left of jobs that nobody asks about any more: after an end, after runs that were killed."""
        try:
            names = os.listdir(self._folder)
        except OSError:
            return
        for name in names:
            beginning, _, rest = name.partition("-")
            of_a_job = is_job_uuid(rest[:36]) and beginning in KEPT_SECONDS
            path = os.path.join(self._folder, name)
            if of_a_job and _is_old(path, KEPT_SECONDS[beginning]):
                remove(path)


def _is_old(path: str, kept: int = REMEMBERED_SECONDS) -> bool:
    try:
        return not 0 <= time.time() - os.stat(path).st_mtime <= kept
    except OSError:
        return True
