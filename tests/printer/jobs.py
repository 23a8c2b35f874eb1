"""Jobs of the scripted printer: their documents as received, and what becomes of them over time.

Nothing runs in the background: a job knows when it starts and ends, and its state (RFC 8011 section 5.3.7) is worked
out when somebody asks. One job prints at a time.
"""

from __future__ import annotations

import hashlib
import math
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from backend.ipp.codes import JobState
from backend.ipp.message import Attribute

from tests.printer.faults import Faults

FORM_FEED = b"\x0c"


@dataclass(eq=False)
class Document:
    """One document as it came: how it was framed, its size and hash, and where its bytes are."""

    framing: str
    chunk_sizes: list[int]
    format: str | None = None
    path: Path | None = None
    size: int = 0
    complete: bool = False
    form_feeds: int = 0
    stalled: bool = False  # whether reading has stopped once already
    counted_only: bool = False
    _hash: Any = field(default_factory=hashlib.sha256)
    _file: BinaryIO | None = None
    _memory: bytearray = field(default_factory=bytearray)

    def write(self, block: bytes) -> None:
        self.size += len(block)
        if self.counted_only:
            return
        self._hash.update(block)
        if FORM_FEED in block:  # looked for first, because that is many times quicker than counting
            self.form_feeds += block.count(FORM_FEED)
        if self._file:
            self._file.write(block)
        elif self.path is None:
            self._memory += block

    def keep_in(self, path: Path) -> None:
        self.path = path
        self._file = path.open("wb")

    def keep_nothing(self, count_only: bool) -> None:
        """For jobs that are sent for speed: keep the hash, or only the size."""
        self.path = Path("/dev/null")
        self.counted_only = count_only

    def end(self, complete: bool) -> None:
        self.complete = complete
        if self._file:
            self._file.close()
            self._file = None

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()

    @property
    def content(self) -> bytes:
        return self.path.read_bytes() if self.path else bytes(self._memory)


@dataclass(eq=False)
class ReceivedJob:
    """A job at the printer. What counts as printed is decided in ``printed``."""

    id: int
    name: str | None
    user: str | None
    attributes: dict[str, Any]
    template: tuple[Attribute, ...]
    created: float
    document_format: str | None = None
    documents: list[Document] = field(default_factory=list)
    closed: bool = False  # the last document has come
    start: float | None = None
    end: float = math.inf
    paper_out: float = math.inf  # when all its pages are out, whatever the state says
    outcome: JobState = JobState.COMPLETED
    outcome_reason: str = "job-completed-successfully"
    pages: int = 0
    page_time: float = 0.0
    first_byte: float | None = None

    # --- what tests ask ---

    @property
    def document(self) -> bytes:
        """The bytes of all documents."""
        return b"".join(each.content for each in self.documents)

    @property
    def path(self) -> Path | None:
        """The file of the first document, when documents go to files."""
        return self.documents[0].path if self.documents else None

    @property
    def sha256(self) -> str:
        """The hash of the first document."""
        return self.documents[0].sha256 if self.documents else hashlib.sha256().hexdigest()

    @property
    def size(self) -> int:
        return sum(each.size for each in self.documents)

    @property
    def framing(self) -> str | None:
        """How the first document came: "chunked" or "sized"."""
        return self.documents[0].framing if self.documents else None

    @property
    def complete(self) -> bool:
        """Whether the last document came to its end."""
        return self.closed and bool(self.documents) and all(each.complete for each in self.documents)

    @property
    def copies(self) -> int:
        return int(self.attributes.get("copies", 1))

    @property
    def printed(self) -> bool:
        """Whether paper came out for the whole job, whatever its state says."""
        return time.monotonic() >= self.paper_out

    # --- states over time ---

    def state_at(self, now: float) -> JobState:
        if now >= self.end:
            return self.outcome
        if self.start is None:
            return JobState.PENDING if not self.first_byte else JobState.PROCESSING
        if self.outcome == JobState.PENDING_HELD and self.end == math.inf:
            return self.outcome
        return JobState.PENDING if now < self.start else JobState.PROCESSING

    @property
    def state(self) -> JobState:
        return self.state_at(time.monotonic())

    @property
    def incoming(self) -> bool:
        """Whether the printer still waits for the document or its rest."""
        return not self.closed and not self.state.is_final

    @property
    def reasons(self) -> tuple[str, ...]:
        state = self.state
        if state.is_final:
            return (self.outcome_reason,)
        if self.incoming:
            return ("job-incoming",)
        usual = {
            JobState.PENDING: "none",
            JobState.PROCESSING: "job-printing",
            JobState.PENDING_HELD: "job-hold-until-specified",
        }
        return (usual[state],)

    @property
    def impressions(self) -> int:
        """Sides printed so far."""
        now = time.monotonic()
        if now >= self.paper_out:
            return self.pages
        # Only a printer that prints while it receives has a first byte; it prints what has come.
        early = sum(each.form_feeds for each in self.documents) if self.first_byte else 0
        if self.start is None or not self.page_time or self.outcome_reason == "document-format-error":
            return early
        return max(early, min(self.pages, int((min(now, self.end) - self.start) / self.page_time + 1e-6)))

    def finish(self, outcome: JobState, reason: str, now: float) -> None:
        self.outcome, self.outcome_reason, self.end = outcome, reason, now
        self.start = self.start if self.start is not None else now
        self.closed = True
        if self.paper_out > now:
            self.paper_out = math.inf


class JobList:
    """All jobs of a printer, in order, and the time at which it is free again."""

    def __init__(self) -> None:
        self.jobs: list[ReceivedJob] = []
        self.free_at = 0.0
        self._next = 1
        self._lock = threading.Lock()

    def new(self, **values: Any) -> ReceivedJob:
        with self._lock:
            job = ReceivedJob(id=self._next, created=time.monotonic(), **values)
            self._next += 1
            self.jobs.append(job)
            return job

    def forget(self, job: ReceivedJob) -> None:
        """The job has never been."""
        with self._lock:
            if job in self.jobs:
                self.jobs.remove(job)

    def find(self, job_id: int | None) -> ReceivedJob | None:
        return next((job for job in self.jobs if job.id == job_id), None)

    def print(self, job: ReceivedJob, faults: Faults) -> None:
        """All has come: from now on the job prints, or does what the ``state`` fault says."""
        with self._lock:
            now = time.monotonic()
            job.closed = True
            if job.end <= now:
                return
            job.start = max(now, self.free_at)
            job.page_time = float(faults.page_time)
            job.pages = _pages(job, faults)
            wanted = faults.setting("state")
            printed_pages = min(wanted.number, job.pages) if wanted.form == "canceled@pageN" else job.pages
            job.end = job.start + float(faults.job_time) + printed_pages * job.page_time
            job.outcome, job.outcome_reason = OUTCOMES[wanted.form]
            if wanted.form == "canceled@pageN" and not job.page_time:
                # Without a time per page the pages before the cancelling are counted all the same.
                job.page_time = (job.end - job.start) / printed_pages if printed_pages else 0.0
            if job.outcome == JobState.COMPLETED and job.outcome_reason != "document-format-error" and job.pages:
                job.paper_out = job.end
            if job.outcome == JobState.PENDING_HELD:
                job.end = math.inf
            else:
                self.free_at = job.end

    def end_printing(self) -> bool:
        """Let what is printing, or waits for that, be on paper now; tell whether there was any."""
        with self._lock:
            now = time.monotonic()
            found = [job for job in self.jobs if job.start is not None and now < job.end < math.inf]
            for job in found:
                job.start = min(job.start or now, now)
                job.end = now
                job.paper_out = min(job.paper_out, now)
            self.free_at = now
            return bool(found)

    def cancel(self, job: ReceivedJob, reason: str = "job-canceled-by-user") -> None:
        with self._lock:
            now = time.monotonic()
            if self.free_at == job.end:
                self.free_at = now
            job.finish(JobState.CANCELED, reason, now)

    def abort(self, job: ReceivedJob, reason: str = "aborted-by-system") -> None:
        with self._lock:
            job.finish(JobState.ABORTED, reason, time.monotonic())


# What the ``state`` switch brings a job to: state and job-state-reasons. A held job stays so for ever.
OUTCOMES: dict[str, tuple[JobState, str]] = {
    "completed": (JobState.COMPLETED, "job-completed-successfully"),
    "pending-held": (JobState.PENDING_HELD, "job-hold-until-specified"),
    "canceled@pageN": (JobState.CANCELED, "job-canceled-at-device"),
    "aborted": (JobState.ABORTED, "aborted-by-system"),
    "document-format-error": (JobState.COMPLETED, "document-format-error"),
}


def _pages(job: ReceivedJob, faults: Faults) -> int:
    """A document has as many pages as form feeds, and one for what follows the last; it may be told otherwise."""
    setting = faults.setting("pages")
    each = setting.number if setting.form == "N" else max(1, sum(document.form_feeds for document in job.documents))
    if not job.size and setting.form != "N":
        return 0
    return each * (job.copies if faults.copies == "ok" else 1)
