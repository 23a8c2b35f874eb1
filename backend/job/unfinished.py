"""What is left to do when a run does not come to its good end: an error, SIGTERM.

The printer is told to forget what it will not get, the next run finds a record of what it has to know, and the input is
read to its end.
"""

from __future__ import annotations

import time

from backend.cupsd.job_record import ACCEPTED, CANCELLED, CREATING, SENDING, WAITING
from backend.cupsd.queue_display import QueueDisplay
from backend.cupsd.stop_signal import StopSignal
from backend.delivery.delivery import Delivery
from backend.document.document import Document
from backend.document.format import ends_properly
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
)
from backend.job.earlier_runs import EARLIER_RUN_SECONDS, stop_earlier_run
from backend.job.run import Reached
from filters.common.report import Report

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


class Unfinished:
    """A run that ends before its good end, as far as it has come."""

    def __init__(
        self, reached: Reached, *, has_input: bool, stop: StopSignal, display: QueueDisplay, report: Report
    ) -> None:
        """
        Args:
            has_input: the job comes through standard input, not as files.
        """
        self._reached = reached
        self._has_input = has_input
        self._stop = stop
        self._display = display
        self._report = report

    # --- what is known of it

    @property
    def may_be_on_paper(self) -> bool:
        """True if something of the job may have been printed: by this run, or by one before it."""
        journal, left, delivery = self._reached.journal, self._reached.left, self._delivery
        earlier = left is not None and left.phase in (SENDING, ACCEPTED, CANCELLED)
        printed = journal is not None and journal.place.printed > 0
        return self._reached.index > 0 or printed or earlier or (delivery is not None and delivery.at_risk)

    @property
    def is_untouched(self) -> bool:
        """True if an earlier run has left something at the printer that this one has not come to."""
        journal, left = self._reached.journal, self._reached.left
        return journal is not None and not journal.has_touched and left is not None and left.phase != WAITING

    @property
    def _delivery(self) -> Delivery | None:
        return self._reached.sending.delivery if self._reached.sending is not None else None

    # --- after an error

    def clean_up(self, error: IppsError | None) -> None:
        """End what the printer has of a job that will not be printed, close, read the input's rest."""
        self._disconnect()
        if isinstance(error, _CANCELLED_AFTER):
            self._record_own_cancel()
            self._cancel_at_printer(CANCEL_SECONDS * 5)
        if isinstance(error, _WAITING):
            self._record_waiting()
        if self._reached.document is not None:
            self._reached.document.close()
        if self._has_input:
            # cupsd aborts a job of several files whose backend fails before it has read its input to the end.
            (self._reached.document or Document(0, folder="/", keep=False)).discard_rest(self._stop)
        self._display.clear()

    def _disconnect(self) -> None:
        if self._reached.destination is not None:
            self._reached.destination.printer.disconnect()

    def _record_waiting(self) -> None:
        """Keep what the next run has to know of a job that waits."""
        reached = self._reached
        if reached.journal is None or reached.destination is None:
            return
        printer, since = reached.destination.uri.printer_uri, reached.destination.retry_policy.since
        if self.is_untouched or (self._delivery is not None and self._delivery.may_be_there):
            reached.journal.waits_since(since)
        else:
            reached.journal.note(WAITING, None, printer=printer, index=reached.index, since=since)

    # --- after SIGTERM

    def write_down_stop(self, ending: int | None) -> bool:
        """Drop the connection, and write down what will have become of the job; tell whether it is to be cancelled.

        At a shutdown the job will be run again, and what the printer has accepted is left alone then. But SIGTERM from
        cupsd need not be the end either: it stops a job whose queue is disabled, and one that is held, in the same way.
        So the record says in any case that it was us who cancelled.

        Args:
            ending: the exit code to be written down; None if the run counts as one that was killed.
        """
        self._stop.forgive()
        self._disconnect()
        # What has to be done in any case comes before what the printer may take too long for.
        self._display.clear()
        delivery = self._delivery
        left_alone = self._stop.is_shutdown and delivery is not None and delivery.accepted and not self._is_doubtful
        if not left_alone:
            self._record_own_cancel()
        if ending is not None and self._reached.journal is not None:
            self._reached.journal.end(ending)
        return not left_alone

    def cancel(self) -> None:
        """Cancel the job at the printer, in the little time there is; that is the last thing, it may take too long."""
        if not self._stop.is_shutdown:
            self._stop_earlier_run()
        self._cancel_at_printer(CANCEL_SECONDS)

    def _stop_earlier_run(self) -> None:
        """A job that is cancelled while we wait for an earlier run of it: cupsd knows nothing of that run, we do."""
        lock = self._reached.lock
        if lock is None or lock.take() or not stop_earlier_run(lock):
            return
        end = time.monotonic() + CANCEL_SECONDS
        while not lock.take() and time.monotonic() < end:
            self._stop.sleep(EARLIER_RUN_SECONDS)

    @property
    def _is_doubtful(self) -> bool:
        """True if a document just accepted may lack its end, because its filters were ended before us."""
        document = self._reached.document
        if document is None or document.is_file or ends_properly(document.head, document.tail):
            return False
        return time.monotonic() - self._reached.accepted_at < DOUBTFUL_SECONDS

    # --- what the printer has of it

    def _record_own_cancel(self) -> None:
        """Write down that it is us who cancels the job at the printer: no next run may take it for a person's wish."""
        sending = self._reached.sending
        if sending is None or not sending.delivery.may_be_there:
            return
        if sending.delivery.at_risk or sending.delivery.accepted:
            sending.note(CANCELLED, sending.delivery.job_id)
        else:
            sending.note(CREATING, None)  # an empty job at most, of which there are no pages

    def _cancel_at_printer(self, seconds: float) -> None:
        sending, destination = self._reached.sending, self._reached.destination
        if sending is None or destination is None or not sending.delivery.may_be_there:
            return
        try:
            printer = destination.printer.beside(seconds)
            job_id = sending.delivery.number_at(printer)
            if job_id is not None and printer.cancel(job_id):
                self._report.debug(f"job {job_id} cancelled at the printer")
            printer.disconnect()
        except IppsError as error:
            self._report.debug(f"the job could not be cancelled at the printer: {error.text}")
