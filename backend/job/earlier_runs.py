"""What earlier runs of a job mean for this one: it waits for their end, and takes up what they have written down."""

from __future__ import annotations

import os
import signal
import time

from backend.cupsd.cache_file import memory_folder, second_folder
from backend.cupsd.identity import Identity, identify, read_secret
from backend.cupsd.job_lock import JobLock
from backend.cupsd.job_record import JobRecord, JobRecords, has_old_record, take_old_record
from backend.cupsd.stop_signal import StopSignal
from backend.errors import PrinterBusy
from backend.job.cups_job import CupsJob
from backend.job.documents import Place, again_in_pass, first_in_pass, is_of_this_pass, next_in_pass
from backend.job.journal import Journal
from filters.common.dataclass import dataclass
from filters.common.job import get_option
from filters.common.report import Report

#: Seconds between two looks whether an earlier run of the job has ended.
EARLIER_RUN_SECONDS = 0.2
#: Seconds after which a run that has outlived its cupsd is told to leave, and seconds that it gets for that.
EARLIER_RUN_LIMIT = 900.0
LEAVING_SECONDS = 5.0


@dataclass(frozen=True)
class JobFiles:
    """What this machine knows a job by, and where its runs leave word for each other.

    Attributes:
        job_uuid: "" if it was not cupsd who called us.
    """

    identity: Identity
    records: JobRecords
    lock: JobLock
    job_uuid: str = ""


def find_files(cups_job: CupsJob, report: Report) -> JobFiles:
    """Return the files of a job; without a job-uuid there are none, and nobody asks for its mark later."""
    job_uuid = get_option(cups_job.job.options, "job-uuid")
    if job_uuid is None:
        return JobFiles(Identity(os.urandom(32), ""), JobRecords(cups_job.cache, None), JobLock("", None))
    secret = read_secret(cups_job.environ)
    if secret.warning:
        report.warning(secret.warning)
    identity = identify(secret, job_uuid, cups_job.job.job_id, cups_job.job.user)
    others = (second_folder(cups_job.cache), memory_folder(cups_job.cache))
    records = JobRecords(cups_job.cache, identity.name, others)
    return JobFiles(identity, records, JobLock(cups_job.cache, identity.name, others), job_uuid)


def wait_for_earlier_run(lock: JobLock, queue: str, stop: StopSignal, report: Report) -> None:
    """Wait for a run of this job whose cupsd was killed and that still sends; it stops where it would sleep.

    Raises:
        PrinterBusy: it does not leave.
    """
    began = time.monotonic()
    has_waited = has_told = False
    while not lock.take():
        waited = time.monotonic() - began
        if not has_waited:
            has_waited = True
            report.info("An earlier run of this job is still at work; waiting for its end")
        if waited >= EARLIER_RUN_LIMIT and not has_told:
            has_told = True
            report.warning("An earlier run of this job does not end; it is told to leave")
            stop_earlier_run(lock)
        if waited >= EARLIER_RUN_LIMIT + LEAVING_SECONDS:
            raise PrinterBusy(queue or "of this queue", "an earlier run of this job still prints on it")
        stop.sleep(EARLIER_RUN_SECONDS)


def stop_earlier_run(lock: JobLock) -> bool:
    """Tell the run that has the job to leave; False if it is not known."""
    holder = lock.holder()
    try:
        if holder is not None:
            os.kill(holder, signal.SIGTERM)
    except OSError:
        return False  # it has ended meanwhile, or is someone else's
    return holder is not None


def find_place(cups_job: CupsJob, files: JobFiles) -> Place:
    """Return where this run stands among those of its job, from what the last one has left."""
    now, records = int(time.time()), files.records
    record = records.read() or _find_old_record(cups_job, files.job_uuid)
    if record is None or record.job not in (0, cups_job.job.job_id):
        return Place(began=now)
    if not is_of_this_pass(record, records.this_pass, records.cupsd):
        return first_in_pass(record, records.cupsd, cups_job.ask(), now, not cups_job.is_single_file)
    is_again = bool(record.wrapper) and record.wrapper == records.wrapper
    return again_in_pass(record) if is_again else next_in_pass(record)


def _find_old_record(cups_job: CupsJob, job_uuid: str) -> JobRecord | None:
    """Return what version 0.1.0 has left of this job, which has then been waiting since before the upgrade."""
    from_urn = job_uuid.lower().removeprefix("urn:uuid:")
    if not has_old_record(cups_job.cache, from_urn):
        return None
    told = cups_job.ask()
    return take_old_record(cups_job.cache, from_urn, told.created) if told else None


def open_journal(cups_job: CupsJob, files: JobFiles, report: Report) -> Journal:
    """Go on with what earlier runs of the job have written down, and write down that this one is at work."""
    place, joined = find_place(cups_job, files), not cups_job.is_single_file
    journal = Journal(files.records, files.identity, place, report, job_id=cups_job.job.job_id, joined=joined)
    journal.begin()
    return journal
