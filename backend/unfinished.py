"""What is left to do when a run does not come to its good end: an error, SIGTERM.

The printer is told to forget what it will not get, the next run finds a record of what it has to know, and the input is
read to its end.
"""

from __future__ import annotations

import os
import signal
import time

from backend.document import Document
from backend.document_format import ends_properly
from backend.errors import (
    AuthenticationRequired,
    CopyNeeded,
    DocumentIncomplete,
    DocumentUnreadable,
    GaveUpWaiting,
    IppsError,
    JobLostRepeatedly,
    NoRoomForCopy,
    PrinterBusy,
    PrinterUnreachable,
    TrustError,
)
from backend.job_record import CANCELLED, WAITING
from backend.run import EARLIER_RUN_SECONDS, Run

#: Seconds after SIGTERM in which the printer is told to cancel; cupsd wants us gone within two.
CANCEL_SECONDS = 1.5
#: Seconds after acceptance in which a shutdown makes an end of the input doubtful that nothing proves.
DOUBTFUL_SECONDS = 5.0
#: Errors after which a job that the printer has begun is cancelled there, because it will get no document.
_CANCELLED_AFTER = (
    AuthenticationRequired,
    CopyNeeded,
    DocumentIncomplete,
    DocumentUnreadable,
    GaveUpWaiting,
    JobLostRepeatedly,
    NoRoomForCopy,
    PrinterBusy,
    PrinterUnreachable,
)
#: Errors that end a run while the job waits; the next run goes on waiting.
_WAITING = (NoRoomForCopy, PrinterBusy, PrinterUnreachable)


def clean_up(run: Run, error: IppsError | None) -> None:
    """After an error: end what the printer has of a job that will not be printed, close, read the input's rest."""
    if run.printer is not None:
        run.printer.disconnect()
    if isinstance(error, _CANCELLED_AFTER):
        _record_own_cancel(run)
        _cancel_at_printer(run, CANCEL_SECONDS * 5)
    _leave_record(run, error)
    if run.document is not None:
        run.document.close()
    _discard_input(run)


def _leave_record(run: Run, error: IppsError | None) -> None:
    """Keep what the next run has to know; after an end of our own that is nothing."""
    if error is None or isinstance(error, TrustError):
        return
    if not isinstance(error, _WAITING):
        run.records.end()
    elif run.delivery is None or not run.delivery.may_be_there:
        run.record(WAITING, None, since=run.patience.since)


def _discard_input(run: Run) -> None:
    """Read standard input to its end: cupsd aborts a job of several files whose backend fails earlier (spec 6)."""
    if run.job.files:
        return
    (run.document or Document(0, folder="/", keep=False)).discard_rest(run.stop)


def stop_run(run: Run) -> None:
    """After SIGTERM: the connection is dropped, the job cancelled at the printer, in the little time there is.

    At a shutdown the job will be run again, and what the printer has accepted is left alone then. But SIGTERM from
    cupsd need not be the end either: it stops a job whose queue is disabled, and one that is held, in the same way. So
    the record says in any case that it was us who cancelled.
    """
    run.stop.forgive()
    if run.printer is not None:
        run.printer.disconnect()
    # What has to be done in any case comes before what the printer may take too long for.
    run.leave()
    delivery = run.delivery
    if run.stop.is_shutdown and delivery is not None and delivery.accepted and not _is_doubtful(run):
        return
    _record_own_cancel(run)
    if not run.stop.is_shutdown:
        _stop_earlier_run(run)
        run.records.end()
    _cancel_at_printer(run, CANCEL_SECONDS)


def _record_own_cancel(run: Run) -> None:
    """Write down that it is us who cancels the job at the printer: no next run may take it for a person's wish."""
    if run.delivery is not None and run.delivery.may_be_there:
        run.record(CANCELLED, run.delivery.job_id)


def _stop_earlier_run(run: Run) -> None:
    """A job that is cancelled while we wait for an earlier run of it: cupsd knows nothing of that run, we do."""
    if run.lock.take() or (holder := run.lock.holder()) is None:
        return
    try:
        os.kill(holder, signal.SIGTERM)
    except OSError:
        return  # it has ended meanwhile, or is somebody else's
    end = time.monotonic() + CANCEL_SECONDS
    while not run.lock.take() and time.monotonic() < end:
        run.stop.sleep(EARLIER_RUN_SECONDS)


def _is_doubtful(run: Run) -> bool:
    """Tell whether a document just accepted may lack its end, because its filters were ended before us."""
    document = run.document
    if document is None or document.is_file or ends_properly(document.head, document.tail):
        return False
    return time.monotonic() - run.accepted_at < DOUBTFUL_SECONDS


def _cancel_at_printer(run: Run, seconds: float) -> None:
    delivery = run.delivery
    if run.printer is None or delivery is None or not delivery.may_be_there:
        return
    try:
        printer = run.printer.beside(seconds)
        job_id = delivery.job_id
        if job_id is None:
            job_id, _ = printer.find_job(None, run.job_name, delivery.other_jobs)
        if job_id is not None and printer.cancel(job_id):
            run.report.debug(f"job {job_id} cancelled at the printer")
        printer.disconnect()
    except IppsError as error:
        run.report.debug(f"the job could not be cancelled at the printer: {error.text}")
