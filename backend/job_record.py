"""What became of a job at the printer, on disk, for the next run of the same job (spec 6).

A cupsd that is restarted or dies kills the backend and runs the job again. The next run finds here that the printer
may have the job already, and asks the printer before it sends anything. The record is gone when a run has come to an
end of its own, good or bad.

    <cache folder>/job-<job-uuid>.json, mode 0600, flushed to the disk before the first byte of the document leaves
"""

from __future__ import annotations

import os

from backend.cache_file import decode_values, read_values, write_values
from filters.dataclass import dataclass, asdict, fields

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
    """

    printer: str
    index: int
    phase: str
    job_id: int | None = None
    since: int = 0
    up_time: int | None = None
    copies: int = 1


_TYPES: dict[str, tuple[type, ...]] = {
    "printer": (str,),
    "index": (int,),
    "phase": (str,),
    "job_id": (int, type(None)),
    "since": (int,),
    "up_time": (int, type(None)),
    "copies": (int,),
}
assert set(_TYPES) == {field.name for field in fields(JobRecord)}


def decode_record(data: bytes) -> JobRecord | None:
    """Return the record in a file's bytes, None if they are damaged."""
    return _to_record(decode_values(data))


def _to_record(values: dict[str, object]) -> JobRecord | None:
    values = {"copies": 1, **values}  # a version that had no copies may have written it
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
        self._parent = os.getppid()
        safe = job_uuid is not None and all(c in "0123456789abcdef-" for c in job_uuid)
        self._path = os.path.join(folder, f"job-{job_uuid}.json") if safe else None

    def read(self) -> JobRecord | None:
        """Return what an earlier run left behind."""
        return _to_record(read_values(self._path)) if self._path else None

    def write(self, record: JobRecord) -> str | None:
        """Write a record to the disk; return None, or why that was not possible."""
        return write_values(self._path, asdict(record), flush=True) if self._path else None

    def remove(self) -> None:
        """Forget the job, unless cupsd has died meanwhile: nobody hears how this run ends, and the job is run again."""
        if self._path is not None and os.getppid() == self._parent:
            try:
                os.unlink(self._path)
            except OSError:
                pass
