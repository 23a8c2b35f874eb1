"""How a document gets into a job of the scripted printer, and what a loss leaves behind. Q-16, Q-45, Q-106."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable

from backend.ipp.codes import Status

from tests.printer.body import Refused
from tests.printer.call import Call, Refuse
from tests.printer.faults import Faults
from tests.printer.ipp_messages import text_of
from tests.printer.jobs import Document, JobList, ReceivedJob
from tests.printer.wire import Break


@dataclass
class Intake:
    """Takes documents; one printer has one."""

    jobs: JobList
    wait: Callable[[float], bool]
    directory: Path | None
    on_job: Callable[[ReceivedJob], None]
    stalled: str | None = None  # the state reason while reading stops
    released: threading.Event = field(default_factory=threading.Event)
    _abort: threading.Event = field(default_factory=threading.Event)

    def receive(self, call: Call, job: ReceivedJob, last: bool, forget: bool) -> None:
        """Take the document into the job; what a loss or a refusal on the way leaves behind is decided here."""
        document = self._new_document(call, job)
        job.documents.append(document)
        try:
            self._take_blocks(call, job, document)
        except Refused:
            if job.first_byte is None:
                self._drop(job, document, forget)
            else:  # pages of it are out, whatever the answer says
                document.end(complete=False)
                self._broken_off(call.faults, job, document, forget)
            raise
        except Refuse:
            document.end(complete=False)
            raise
        except Exception:
            document.end(complete=False)
            self._broken_off(call.faults, job, document, forget)
            raise
        document.end(complete=True)
        self._accept(call, job, document, last, forget)

    def _accept(self, call: Call, job: ReceivedJob, document: Document, last: bool, forget: bool) -> None:
        lost = call.faults.setting("lose_reply")
        if lost.form != "none":
            self.wait(float(call.faults.slow_reply))
        when, _, how = lost.form.partition(":")
        if when == "before-accept":
            self._drop(job, document, forget)
            raise Break(how or "rst")
        if last:
            self.jobs.print(job, call.faults)
        self.on_job(job)
        if when == "after-accept":
            raise Break(how or "rst")
        if call.faults.reply_when == "printed" and last:
            self.wait(max(0.0, job.end - time.monotonic()))

    def _drop(self, job: ReceivedJob, document: Document, forget: bool) -> None:
        document.end(complete=False)
        job.documents.remove(document)
        if forget:
            self.jobs.forget(job)

    def _broken_off(self, faults: Faults, job: ReceivedJob, document: Document, forget: bool) -> None:
        """The ``partial`` switch."""
        if faults.partial == "vanish":
            self._drop(job, document, forget)
        elif faults.partial == "abort" and not job.state.is_final:
            self.jobs.abort(job)
        self.on_job(job)

    def _new_document(self, call: Call, job: ReceivedJob) -> Document:
        message = call.message
        document = Document(
            framing=call.operation.framing,
            chunk_sizes=call.operation.chunk_sizes,
            format=text_of(message, "document-format"),
        )
        job.document_format = job.document_format or document.format
        if call.faults.store != "keep":
            document.keep_nothing(call.faults.store == "count")
        elif self.directory is not None:
            ending = "" if not job.documents else f"-{len(job.documents) + 1}"
            document.keep_in(self.directory / f"job-{job.id}{ending}.prn")
        return document

    def _take_blocks(self, call: Call, job: ReceivedJob, document: Document) -> None:
        stalls = call.faults.stall != "none"
        for block in call.blocks():
            call.operation.document_bytes += len(block)
            if job.first_byte is None and call.faults.begin == "first-byte":
                job.first_byte = time.monotonic()
            document.write(block)
            if self._abort.is_set() or job.closed:
                self._interrupted(job)
            if stalls:
                self._stall(document, call.faults)

    def _interrupted(self, job: ReceivedJob) -> None:
        """The job was cancelled while its document came in, or a surplus connection made the printer abort."""
        if self._abort.is_set():
            self._abort.clear()
            self.jobs.abort(job)
        raise Refuse(Status.SERVER_ERROR_JOB_CANCELED)

    def abort_incoming(self) -> None:
        """What max-conn=N:abort does to the job that is coming in."""
        if any(job.incoming for job in self.jobs.jobs):
            self._abort.set()

    def _stall(self, document: Document, faults: Faults) -> None:
        """The ``stall`` switch: once for each document that grows beyond N bytes."""
        setting = faults.setting("stall")
        if document.size < setting.number or document.stalled:
            return
        document.stalled = True
        self.stalled = setting.places.get("text") or "media-empty-error"
        seconds = float(setting.places["seconds"]) if "seconds" in setting.places else None
        self.released.clear()
        until = time.monotonic() + (seconds if seconds is not None else 1e9)
        while not self.released.is_set() and time.monotonic() < until and not self.wait(0.02):
            pass
        self.stalled = None
