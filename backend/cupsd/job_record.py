"""What became of a job at the printer, on disk, for the next run of the same job.

A cupsd that is restarted or dies runs the job again. The next run finds here that the printer may have the job already,
and asks the printer before it sends anything.

    job-<name>.json     how far the runs of a job got; flushed to the disk before the first byte of a document leaves
    ended-<name>.json   the same when the last of them has printed its document

Both are in the cache folder, mode 0600; where that cannot be written, in a second one, at last in memory. Their name
is the job's identity.
What the next run makes of a record is decided in ``job.documents``.
"""

from __future__ import annotations

import os
import time

from backend.cupsd.cache_file import (
    is_job_uuid,
    is_private,
    job_file,
    make_private,
    read_values,
    remove,
    write_values,
)
from backend.cupsd.process import this_pass, who_started_us
from filters.common.dataclass import dataclass

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

#: Seconds for which a job that is printed is remembered: cupsd may die before it has written that down itself.
REMEMBERED_SECONDS = 600
#: Beginnings of names in the cache folder, and seconds for which such files are kept; a job may wait for a long time.
KEPT_SECONDS = {"ended": REMEMBERED_SECONDS, "job": 90 * 24 * 3600}

#: The largest integer of IPP.
LARGEST = 2**31 - 1


@dataclass(frozen=True)
class JobRecord:
    """How far the runs of a job got. From ``printer`` to ``up_time`` it is about one document, the one not yet printed.

    Attributes:
        printer: the printer-uri it was sent to.
        index: which of the files, copies and parts of the document, from 0.
        phase: one of PHASES.
        job_id: the job at the printer, None while it is not known.
        since: seconds since 1970: since when the job has been waiting, over all its runs; 0 if it has not.
        up_time: the printer-up-time when this was written, None if the printer does not tell.
        copies: how many copies the printer was asked to make of it.
        cupsd: which cupsd had started the run.
        job: the job's number at cupsd.
        run: which pass of cupsd through the documents of the job it was, see ``cupsd.this_pass``.
        wrapper: which program that cupsd had started for the document has started the run; "" if it was cupsd itself.
        began: seconds since 1970 when that pass began.
        completed: what cupsd had as the time of the job's end then; 0 if there was none, None if it was not asked.
        document: which of the job's documents the run printed, from 1.
        about: the document that the first attributes are about.
        printed: how many of them are printed, from the first one on.
        pages: how many pages those have, as far as the printer counts them.
        empty: numbers of those that were empty: there was nothing to print, or a filter has failed.
        status: the exit code that the run came to; None while it is at work, or if it was killed.
        said: the message that belongs to it.
        untouched: the run has ended before it could clear up what an earlier one had left of the document.
        joined: cupsd joins the documents on that queue, so they are parts of one document, counted by ``index``.
        told: checksums of the warnings that the job has had in this pass, so that no later document repeats them.
        serial: grows with each record of a job, to tell the newest.
    """

    printer: str
    index: int
    phase: str
    job_id: int | None = None
    since: int = 0
    up_time: int | None = None
    copies: int = 1
    cupsd: str = ""
    job: int = 0
    run: str = ""
    wrapper: str = ""
    began: int = 0
    completed: int | None = None
    document: int = 1
    about: int = 1
    printed: int = 0
    pages: int = 0
    empty: str = ""
    status: int | None = None
    said: str = ""
    untouched: bool = False
    joined: bool = False
    told: str = ""
    serial: int = 0

    @property
    def is_at_rest(self) -> bool:
        """True if nothing of the document it is about is at the printer."""
        return self.phase == WAITING and self.index == 0


_TYPES: dict[str, tuple[type, ...]] = {
    "printer": (str,),
    "index": (int,),
    "phase": (str,),
    "job_id": (int, type(None)),
    "since": (int,),
    "up_time": (int, type(None)),
    "copies": (int,),
    "cupsd": (str,),
    "job": (int,),
    "run": (str,),
    "wrapper": (str,),
    "began": (int,),
    "completed": (int, type(None)),
    "document": (int,),
    "about": (int,),
    "printed": (int,),
    "pages": (int,),
    "empty": (str,),
    "status": (int, type(None)),
    "said": (str,),
    "untouched": (bool,),
    "joined": (bool,),
    "told": (str,),
    "serial": (int,),
}
#: What records of 0.1.0 do not have, and the very first ones did not.
_YOUNG = {
    "copies": 1,
    "cupsd": "",
    "job": 0,
    "run": "",
    "wrapper": "",
    "began": 0,
    "completed": None,
    "document": 1,
    "about": 1,
    "printed": 0,
    "pages": 0,
    "empty": "",
    "status": None,
    "said": "",
    "untouched": False,
    "joined": True,
    "told": "",
    "serial": 0,
}


def to_record(values: dict[str, object]) -> JobRecord | None:
    """Return the record that a file has the values of, None if they are not those of one."""
    values = {**_YOUNG, **values}
    if values.keys() != _TYPES.keys() or not all(type(values[name]) in kinds for name, kinds in _TYPES.items()):
        return None
    record = JobRecord(**values)  # type: ignore[arg-type]
    numbers = (
        record.index,
        record.since,
        record.up_time or 0,
        record.job,
        record.began,
        record.completed or 0,
        record.printed,
        record.pages,
        record.status or 0,
        record.serial,
    )
    from_one = (1 if record.job_id is None else record.job_id, record.copies, record.document, record.about)
    if not all(0 <= number <= LARGEST for number in numbers) or not all(1 <= number <= LARGEST for number in from_one):
        return None
    if record.phase not in PHASES:
        return None
    return record


class JobRecords:
    """The record of one job. Without a name there is none."""

    def __init__(self, folder: str, name: str | None, more_folders: tuple[str, ...] = ()) -> None:
        """
        Args:
            name: from Identity.name.
            more_folders: where the record goes if it cannot be written to the first one.
        """
        self.cupsd = str(who := who_started_us())
        self.this_pass = this_pass()
        self.wrapper = who.wrapper
        self._who = who
        #: Where the record belongs.
        self.folder = folder
        self._folders = (folder, *more_folders)
        self._name = name if name and is_job_uuid(name) else None
        self._serial = 0
        #: Where the record is that was written last.
        self.written_to = ""

    def _paths(self, beginning: str) -> list[str]:
        found = (job_file(folder, beginning + "-{}.json", self._name) for folder in self._folders)
        return [path for path in found if path]

    def _readable(self, beginning: str) -> list[str]:
        first, *more = self._paths(beginning) or [""]
        return [path for path in (first, *(path for path in more if is_private(os.path.dirname(path)))) if path]

    def read(self) -> JobRecord | None:
        """Return what earlier runs left behind."""
        paths = self._readable("job") + [path for path in self._readable("ended") if not _is_old(path)]
        records = [record for path in paths if (record := to_record(read_values(path)))]
        newest = max(records, key=lambda record: record.serial, default=None)
        self._serial = newest.serial if newest else 0
        return newest

    def write(self, record: JobRecord, *, flush: bool = True) -> str | None:
        """Write a record to the disk; return None, or why that was not possible in the first place that it belongs."""
        if not self._name:
            return None
        self._serial += 1
        ours = {"cupsd": self.cupsd, "run": self.this_pass, "wrapper": self.wrapper, "serial": self._serial}
        values = {**vars(record), **ours}
        trouble = None
        for number, path in enumerate(self._paths("job")):
            if number and not make_private(os.path.dirname(path)):
                continue
            why = write_values(path, values, flush=flush)
            if why is None:
                self.written_to = path
                return trouble
            trouble = trouble or why
        self.written_to = ""
        return trouble

    def end(self, record: JobRecord) -> None:
        """The run has come to its end, with the exit code that is in the record.

        If its cupsd has died already, nobody hears of that, and the job is run again, whenever that may be.
        """
        if not self._name or self._who.is_gone():
            return
        self.write(record, flush=False)
        if record.status or not self.written_to:
            return
        for path in self._paths("job"):
            if path != self.written_to:
                remove(path)
        path = self.written_to
        try:
            os.rename(path, os.path.join(os.path.dirname(path), os.path.basename(path).replace("job-", "ended-", 1)))
        except OSError:
            pass  # it is read all the same
        self._forget_old_ones()

    def _forget_old_ones(self) -> None:
        """Delete what is left of jobs that nobody asks about any more: after an end, after runs that were killed."""
        for number, folder in enumerate(self._folders):
            if number and not is_private(folder):
                continue
            try:
                names = os.listdir(folder)
            except OSError:
                continue
            for name in names:
                beginning, _, rest = name.partition("-")
                of_a_job = beginning in KEPT_SECONDS and is_job_uuid(rest.partition(".")[0])
                path = os.path.join(folder, name)
                if of_a_job and _is_old(path, KEPT_SECONDS[beginning]):
                    remove(path)


def take_old_record(folder: str, job_uuid: str, created: int) -> JobRecord | None:
    """Return what 0.1.0 left of a job that waits over the upgrade, once: its records had the job-uuid for a name.

    Args:
        created: when cupsd got the job; a job that is younger than the record has only borrowed its uuid.
    """
    path = job_file(folder, "job-{}.json", job_uuid)
    record = to_record(read_values(path)) if path else None
    if record is None or not path:
        return None
    try:
        if os.stat(path).st_mtime < created:
            return None
    except OSError:
        return None
    remove(path)
    return record


def has_old_record(folder: str, job_uuid: str) -> bool:
    """Tell whether 0.1.0 left something of a job with this uuid."""
    path = job_file(folder, "job-{}.json", job_uuid)
    return path is not None and os.path.exists(path)


def _is_old(path: str, kept: int = REMEMBERED_SECONDS) -> bool:
    """Tell whether a file is older than that. One of the future is not: a clock that was put back makes nothing old."""
    try:
        return time.time() - os.stat(path).st_mtime > kept
    except OSError:
        return True
