"""What the audit log is told of one run: where a document goes, before its first byte does, and how that ended."""

from __future__ import annotations

import os
import time

from backend.document.document import Document
from backend.job.cups_job import CupsJob
from backend.job.documents import RETRY, Place
from backend.trace.audit import Audit
from backend.trace.audit_settings import read_audit_settings
from backend.trust.certificate import spki_sha256
from backend.trust.fingerprint import as_hex, sha256
from filters.common.report import Report

TYPE_CHECKING = False
if TYPE_CHECKING:
    from backend.delivery.delivery import Delivered
    from backend.job.run import Reached, Run

#: How a run has ended, for each exit code (ExitStatus).
OUTCOMES = ("success", "failure", "held", "held", "failure", "cancelled", "waiting", "waiting")
#: Octets of a file that are read at once.
BLOCK_SIZE = 1 << 20


def open_audited(cups_job: CupsJob, place: Place, report: Report) -> Audited | None:
    """Return what records this run; None if the settings do not want that.

    Raises:
        SettingsUnreadable: nobody knows what they want.
        AuditLogUnwritable: they want a record of each job, and there can be none.
    """
    settings = read_audit_settings(cups_job.environ, cups_job.job.queue)
    if settings is None:
        return None
    audit = Audit(settings, report)
    audit.check()
    return Audited(audit, cups_job, place, report)


class Audited:
    """The records of one run: at most one of its beginning, and one of its end."""

    def __init__(self, audit: Audit, cups_job: CupsJob, place: Place, report: Report) -> None:
        self._audit = audit
        self._cups_job = cups_job
        self._place = place
        self._report = report
        self._began_at = time.monotonic()
        self._about: dict[str, object] = {}
        self._has_begun = self._has_ended = False
        self._hash = sha256()
        self._bytes = 0
        #: What printers have said yes to: numbers of jobs there, how they were sent, how often.
        self._printer_jobs: list[str] = []
        self._framing: str | None = None
        self._resent = 0

    def look_at(self, document: Document) -> None:
        """Count what is read of standard input, as cupsd hands it over; files are read at the end."""
        if not document.is_file:
            document.on_read = self._count

    def _count(self, data: bytes) -> None:
        self._hash.update(data)
        self._bytes += len(data)

    # --- the beginning

    def begin(self, run: Run) -> None:
        """Record where the document is about to go, once in a run.

        Raises:
            AuditLogUnwritable: that is not possible, and it must not go without.
        """
        if self._has_begun:
            return
        self._about = {**self._job(run.reached), **_printer(run.reached)}
        self._audit.write("print", {"phase": "begin", **self._about}, is_decisive=True)
        self._has_begun = True

    def _documents(self) -> int | None:
        """Ask cupsd how many documents the job has; None if it does not say, or joins them.

        A busy cupsd takes its time; so this is asked when the document is out, not before.
        """
        cups_job = self._cups_job
        told = cups_job.ask() if cups_job.job.option("job-uuid") and cups_job.is_single_file else None
        return told.documents if told else None

    def _job(self, reached: Reached) -> dict[str, object]:
        cups_job, job = self._cups_job, self._cups_job.job
        return {
            "queue": job.queue,
            "job": job.job_id,
            "job-uuid": job.option("job-uuid"),
            "document": self._place.document,
            "user": job.user,
            "host": job.option("job-originating-host-name"),
            "title": self._title(),
            "copies": job.copies,
            "format": cups_job.kind_of(reached.document.head if reached.document else b"") or None,
        }

    def _title(self) -> str | None:
        """Return the job's title, or what the settings want in its place: it may be the name of a patient.

        A plain hash of a name is found by trying names; so it is one under the secret of this machine.
        """
        title, wanted = self._cups_job.job.title, self._audit.settings.title
        if wanted == "none":
            return None
        if wanted == "full":
            return title
        from backend.cupsd.identity import read_secret

        return f"hmac-sha256:{title_hash(read_secret(self._cups_job.environ).key, title)}"

    # --- on the way

    def delivered(self, delivered: Delivered, sent_in_vain: int) -> None:
        """Note that a printer has a part of the document.

        Args:
            sent_in_vain: how often it was sent before that.
        """
        self._printer_jobs += [] if delivered.job_id is None else [str(delivered.job_id)]
        self._framing = delivered.framing.value
        self._resent += sent_in_vain

    # --- the end

    def end(self, run: Run, status: int, said: str, *, is_stopped: bool = False) -> None:
        """Record how the run ends; whatever goes wrong here changes nothing of that.

        Args:
            said: the message that explains it, "" if all is well.
            is_stopped: by SIGTERM; there is no time for more than what is known.
        """
        if self._has_ended or (not self._has_begun and status == RETRY):
            return  # a job that waits has not begun, and goes on with the next run
        self._has_ended = True
        try:
            self._record_end(run, int(status), said, is_stopped)
        except Exception as error:
            self._report.warning(f"The end of this job is missing in the audit log ({error!r}) [C07]")

    def _record_end(self, run: Run, status: int, said: str, is_stopped: bool) -> None:
        reached = run.reached
        code = said[-4:-1] if said.endswith("]") and said[-5:-4] == "[" else None
        about = self._about or {**self._job(reached), **_printer(reached)}
        if not is_stopped:
            self._read_files()
        outcome = OUTCOMES[status]
        if is_stopped:
            outcome = "interrupted" if run.stop.is_shutdown else "cancelled"
        jobs = self._printer_jobs
        sending = reached.sending
        if sending is not None and sending.delivery.job_id is not None:
            jobs = [*jobs, str(sending.delivery.job_id)]
        self._audit.write(
            "refused" if code is not None and code.startswith("T") else "print",
            {
                "phase": "end",
                "outcome": outcome,
                "code": code,
                "said": said or None,
                "exit": status,
                **about,
                "documents": None if is_stopped else self._documents(),
                "pages": run.display.pages - self._place.pages,
                "bytes": self._bytes,
                "sha256": self._hash.hexdigest() if self._bytes else None,
                "printer-jobs": " ".join(jobs) or None,
                "framing": self._framing,
                "trace": self._report.traced or None,
                "resent": self._resent,
                "seconds": round(time.monotonic() - self._began_at, 3),
            },
            in_haste=is_stopped,
        )

    def _read_files(self) -> None:
        """Count the files of a job that has some, each of them once."""
        for path in self._cups_job.job.files:
            try:
                with open(path, "rb") as file:
                    while block := file.read(BLOCK_SIZE):
                        self._count(block)
            except OSError as error:
                self._report.debug(f"{os.path.basename(path)} is not counted for the audit log: {error.strerror}")


def _printer(reached: Reached) -> dict[str, object]:
    """Return what is known of the printer and of how it was proven."""
    destination = reached.destination
    if destination is None:
        return {}
    connections = destination.printer.connections
    values: dict[str, object] = {"printer": destination.uri.printer_uri}
    proven, judgement = connections.proven, connections.pin_check.trusted
    if proven is not None and judgement is not None:
        pin = judgement.pin
        key = spki_sha256(judgement.der)
        values |= {
            "address": proven.address,
            "key": as_hex(key) if key else None,
            "trust": "system" if pin is None else "ca" if pin.ca else "pin",
            "by": judgement.by,
            "tls": proven.tls_version,
            "cipher": proven.cipher,
        }
    return values


def title_hash(key: bytes, title: str) -> str:
    """Return what stands for a title in the audit log."""
    from backend.cupsd.identity import keyed

    return keyed(key, f"title\0{title}")
