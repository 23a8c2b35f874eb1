"""What became of a job at the printer, on disk, for the next run of the same job (spec 6).

A cupsd that is restarted or dies kills the backend and runs the job again. The next run finds here that the printer
may have the job already, and asks the printer before it sends anything. The record is gone when a run has come to an
end of its own, good or bad.

    <cache folder>/job-<job-uuid>.json, mode 0600, flushed to the disk before the first byte of the document leaves
"""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass

#: A file longer than this was not written by us.
LONGEST_FILE = 4096


@dataclass(frozen=True)
class JobRecord:
    """How far a run of this job got with one printer.

    Attributes:
        printer: host and port it was sent to.
        index: which of the job's documents and copies, from 0.
        job_id: the job at the printer, None while it is not known.
        accepted: the printer has all of the document.
    """

    printer: str
    index: int
    job_id: int | None
    accepted: bool


_TYPES: dict[str, tuple[type, ...]] = {
    "printer": (str,),
    "index": (int,),
    "job_id": (int, type(None)),
    "accepted": (bool,),
}


def decode_record(data: bytes) -> JobRecord | None:
    """Return the record in a file's bytes, None if they are damaged."""
    import json

    try:
        values = json.loads(data.decode("utf-8"))
    except (ValueError, RecursionError):
        return None
    if not isinstance(values, dict) or values.keys() != _TYPES.keys():
        return None
    if not all(type(values[name]) in kinds for name, kinds in _TYPES.items()):
        return None
    return JobRecord(**values)


class JobRecords:
    """The record of one job. Without a job-uuid, or where the folder cannot be written, there is none."""

    def __init__(self, folder: str, job_uuid: str | None) -> None:
        safe = job_uuid is not None and all(c in "0123456789abcdef-" for c in job_uuid)
        self._path = os.path.join(folder, f"job-{job_uuid}.json") if safe else None

    def read(self) -> JobRecord | None:
        """Return what an earlier run left behind."""
        if self._path is None:
            return None
        try:
            descriptor = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
        except OSError:
            return None
        try:
            return decode_record(os.read(descriptor, LONGEST_FILE))
        except OSError:
            return None
        finally:
            os.close(descriptor)

    def write(self, record: JobRecord) -> str | None:
        """Write a record to the disk; return None, or why that was not possible."""
        if self._path is None:
            return None
        import json

        temporary = f"{self._path}.new"
        try:
            descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
            try:
                os.write(descriptor, json.dumps(asdict(record)).encode("utf-8"))
                os.fdatasync(descriptor)
            finally:
                os.close(descriptor)
            os.rename(temporary, self._path)
        except OSError as error:
            return error.strerror or str(error)
        return None

    def remove(self) -> None:
        """Forget the job."""
        if self._path is not None:
            for path in (self._path, f"{self._path}.new"):
                try:
                    os.unlink(path)
                except OSError:
                    pass
