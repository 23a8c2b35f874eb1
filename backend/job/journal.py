"""What a run writes down for the next one: the record of its job, kept up to date from its first moment to its end."""

from __future__ import annotations

import os
from binascii import crc32

from backend.cupsd.identity import Identity
from backend.cupsd.job_record import WAITING, JobRecord, JobRecords
from backend.job.documents import RETRY, Place
from filters.common.dataclass import replace
from filters.common.report import Report

#: Characters of a message that the record keeps for the last document.
LONGEST_MESSAGE = 900
#: How many empty documents it names.
MOST_EMPTY = 400
#: Characters of it for checksums of warnings.
LONGEST_TOLD = 450


class Journal:
    """The record of one job, as this run goes on with it."""

    def __init__(
        self, records: JobRecords, identity: Identity, place: Place, report: Report, *, job_id: int, joined: bool
    ) -> None:
        """
        Args:
            place: where this run stands among those of its job.
            joined: cupsd joins the documents on this queue.
        """
        self.place = place
        self._records = records
        self._identity = identity
        self._report = report
        self._newest = replace(
            place.earlier or JobRecord("", 0, WAITING),
            job=job_id,
            began=place.began,
            completed=place.completed,
            document=place.document,
            printed=place.printed,
            pages=place.pages,
            empty=place.empty,
            status=None,
            said="",
            joined=joined,
        )
        self._troubles: set[str] = set()
        #: This run has come to what an earlier one left of the document.
        self._has_touched = False
        #: There was something to print in the document.
        self._has_content = False

    @property
    def is_written(self) -> bool:
        """True if the next run finds a record of this one."""
        return bool(self._records.written_to)

    def mark(self, index: int) -> str:
        """Return the mark by which a part of the document is found at the printer."""
        return self._identity.mark(self.place.document, index)

    def begin(self) -> None:
        """Write down that this run is at work. A crash of the machine may lose that: nothing has been sent."""
        self._write(self._newest, flush=False)

    def note(
        self,
        phase: str,
        job_id: int | None,
        *,
        printer: str,
        index: int,
        since: int = 0,
        up_time: int | None = None,
        copies: int = 1,
    ) -> None:
        """Write down how far this run has got with a part of the document; the arguments are JobRecord's."""
        self._has_touched = True
        self._newest = replace(
            self._newest,
            printer=printer,
            about=self.place.document,
            index=index,
            phase=phase,
            job_id=job_id,
            since=since,
            up_time=up_time,
            copies=copies,
        )
        self._write(self._newest)

    def waits_since(self, since: int) -> None:
        """Keep since when the job has been waiting, beside what is known of it; ``end`` writes it down."""
        self._newest = replace(self._newest, since=since)

    def touch(self) -> None:
        """From now on this run decides what becomes of what an earlier one has left."""
        self._has_touched = True

    @property
    def has_touched(self) -> bool:
        """True once this run has come to what an earlier one left."""
        return self._has_touched

    def has_content(self) -> None:
        """There is something to print in the document."""
        self._has_content = True

    def part_done(self, index: int) -> None:
        """What follows is about the next file, copy or part of the document, the one with that index."""
        self._newest = replace(self._newest, index=index, phase=WAITING, job_id=None, since=0)

    def document_done(self, pages: int) -> None:
        """The whole document is printed, and with it so many pages; what follows is about the next one."""
        number = self.place.document
        empty = [each for each in self._newest.empty.split() if each != str(number)]
        self._newest = replace(
            self._newest,
            printer="",
            index=0,
            phase=WAITING,
            job_id=None,
            since=0,
            up_time=None,
            copies=1,
            printed=max(number, self._newest.printed),
            pages=pages,
            empty=" ".join((empty + [str(number)] * (not self._has_content))[:MOST_EMPTY]),
        )

    def end(self, status: int, said: str = "", *, untouched: bool = False) -> None:
        """Write down how this run ends. Only the run after one that has been waiting goes on with that.

        Args:
            untouched: as in JobRecord, where this run itself cannot tell.
        """
        if self.place.status:
            untouched = self.place.untouched
        elif self._newest.phase != WAITING and not self._has_touched:
            untouched = True
        since = self._newest.since if status == RETRY else 0
        newest = replace(self._newest, since=since, status=status, said=said[:LONGEST_MESSAGE], untouched=untouched)
        self._records.end(newest)

    def warn(self, text: str) -> None:
        """Warn once in a job, whichever of its documents and copies has the same to say."""
        mark = f"{crc32(text.encode('utf-8', 'replace')):08x}"
        if mark not in self._newest.told.split():
            self._newest = replace(self._newest, told=f"{self._newest.told} {mark}".strip()[-LONGEST_TOLD:])
            self._report.warning(text)

    def _write(self, record: JobRecord, *, flush: bool = True) -> None:
        trouble = self._records.write(record, flush=flush)
        if not trouble:
            return
        where = os.path.dirname(self._records.written_to)
        danger = "if the print service is interrupted, it may be printed twice"
        said = f"No record of this job can be written to {self._records.folder} ({trouble})"
        said = f"{said}; {f'it is in {where}' if where else danger} [D06]"
        if said not in self._troubles:
            self._troubles.add(said)
            self._report.warning(said)
