"""One run of the backend for one job: the story. Each step takes what the steps before it have finished.

    job, environment        -> CupsJob       what cupsd hands us
    its uuid, our secret    -> JobFiles      where runs of the same job leave word for each other
    the last run's record   -> Journal       where we stand, and what is written down from now on
    device URI, pins        -> Destination   the printer; its certificate is judged before the first byte of a request
    input, files            -> Part          what is printed next
    the printer's answers   -> Capabilities, PrintRequest
    all of these            -> Sending       the part on its way, until the printer has it; then it is watched

How far a run has come stands in ``Reached``, for whoever has to end it otherwise (``unfinished``).
"""

from __future__ import annotations

import time

from backend.cupsd.job_lock import JobLock
from backend.cupsd.job_record import ACCEPTED, CANCELLED, SENDING, WAITING, JobRecord
from backend.cupsd.queue_display import ALL_DELIVERED, QueueDisplay
from backend.cupsd.side_channel import SideChannel, is_hung_up, open_side_channel
from backend.cupsd.stop_signal import StopSignal
from backend.device_uri import DeviceURI, parse_device_uri
from backend.document.document import Document
from backend.errors import DocumentRefused, JobAbortedAtPrinter, JobInDoubt, PrinterBusy, PrinterUnreachable
from backend.job.cups_job import CupsJob
from backend.job.destination import Destination, find_destination
from backend.job.documents import Place
from backend.job.earlier_runs import find_files, open_journal, wait_for_earlier_run
from backend.job.journal import Journal
from backend.job.parts import Part, StandardInput, check_complete, print_files
from backend.job.print_request import Wanted, kind_of, make_print_request, name_job, supported_attributes
from backend.job.sending import Sending
from backend.printer.capabilities import Capabilities
from backend.printer.watch import watch_job
from filters.common.dataclass import dataclass, replace
from filters.common.formats import JPEG
from filters.common.report import Report

TYPE_CHECKING = False  # not needed, or only where there is an audit log
if TYPE_CHECKING:
    from backend.delivery.attempt import PrintRequest
    from backend.job.audited import Audited


@dataclass(frozen=True)
class Reached:
    """How far a run has come; what is None it has not come to.

    Attributes:
        left: what an earlier run has left of the document at the printer.
        document: the one that is read, or was read last.
        sending: the part that is on its way, or that the printer is at.
        index: how many files, copies and parts of the document are done.
        audited: records the run in the audit log.
        accepted_at: when the printer had accepted the last part, by the monotonic clock.
    """

    lock: JobLock | None = None
    journal: Journal | None = None
    left: JobRecord | None = None
    destination: Destination | None = None
    document: Document | None = None
    sending: Sending | None = None
    index: int = 0
    accepted_at: float = 0.0
    audited: Audited | None = None


class Run:
    """One run of the backend for one job."""

    def __init__(self, cups_job: CupsJob, stop: StopSignal, report: Report) -> None:
        self.cups_job = cups_job
        self.stop = stop
        self.report = report
        self.display = QueueDisplay(report)
        self.reached = Reached()

    def open_journal(self) -> Journal:
        """Wait for the end of an earlier run of this job, and find out what is left for this one to do."""
        files = find_files(self.cups_job, self.report)
        self.reached = replace(self.reached, lock=files.lock)
        wait_for_earlier_run(files.lock, self.cups_job.job.queue, self.stop, self.report)
        journal = open_journal(self.cups_job, files, self.report)
        self.reached = replace(self.reached, journal=journal)
        self.display.earlier_pages = journal.place.pages
        return journal

    def skip(self) -> None:
        """Read the document away unsent."""
        if not self.cups_job.job.files:
            Document(0, folder="/", keep=False).discard_rest(self.stop)

    def print_job(self, journal: Journal) -> None:
        """Print the document for which cupsd has started this run, in all its parts and copies."""
        self._open_audit(journal.place)
        uri = parse_device_uri(self.cups_job.environ.get("DEVICE_URI", ""))
        side_channel = self._open_side_channel()
        left = find_left(journal, uri, in_class="CLASS" in self.cups_job.environ)
        self.reached = replace(self.reached, left=left)
        destination = find_destination(
            self.cups_job,
            uri,
            journal,
            stop=self.stop,
            display=self.display,
            report=self.report,
            side_channel=side_channel,
            waiting_since=left.since if left else 0,
        )
        self.reached = replace(self.reached, destination=destination)
        self.stop.before_waiting(self._show_progress)
        self._print_parts(destination, journal, left)
        journal.document_done(self.display.earlier_pages)

    def end(self, status: int, said: str = "", *, untouched: bool = False) -> None:
        """Write down how this run ends, for the next one."""
        if self.reached.journal is not None:
            self.reached.journal.end(status, said, untouched=untouched)
        if self.reached.audited is not None:
            self.reached.audited.end(self, status, said)

    def _open_audit(self, place: Place) -> None:
        """Make ready to record the run, if it is to be recorded; raises what no job may go on with."""
        if self.cups_job.may_be_audited:
            from backend.job.audited import open_audited

            self.reached = replace(self.reached, audited=open_audited(self.cups_job, place, self.report))

    def _open_side_channel(self) -> SideChannel | None:
        side_channel = open_side_channel(self._drain)
        if side_channel is not None:
            self.stop.attend(side_channel.descriptor, side_channel.serve)
            self.stop.before_waiting(side_channel.answer_drain)
        return side_channel

    def _drain(self) -> bool:
        return self.reached.document is None or self.reached.document.drain()

    def _show_progress(self) -> None:
        destination, document = self.reached.destination, self.reached.document
        if destination is not None and document is not None:
            self.display.show_sent(destination.printer.connections.document_bytes, document.size)

    # --- one part after the other

    def _print_parts(self, destination: Destination, journal: Journal, left: JobRecord | None) -> None:
        def print_part(part: Part) -> int:
            return self._print_part(part, destination, journal, left)

        if self.cups_job.job.files:
            print_files(self.cups_job, keep=destination.keeps_copy, print_part=print_part)
            return
        StandardInput(
            self.cups_job,
            keep=destination.keeps_copy,
            stop=self.stop,
            retry_policy=destination.retry_policy,
            report=self.report,
            print_part=print_part,
            look_at=self._look_at,
        ).print_all()

    def _look_at(self, document: Document) -> None:
        self.reached = replace(self.reached, document=document)
        if self.reached.audited is not None:
            self.reached.audited.look_at(document)

    def _print_part(self, part: Part, destination: Destination, journal: Journal, left: JobRecord | None) -> int:
        """Print one part, unless an earlier run of this job that was killed has done it; return the copies made."""
        self._look_at(part.document)
        if left is not None and left.index > self.reached.index:
            journal.has_content()
            self.report.warning("A part of the job was printed by an earlier run, and is not printed again")
            part.document.discard_rest(self.stop)
            return self._count(1)
        more = supported_attributes(self.cups_job.kind)
        capabilities = destination.learn(size_known=part.document.size is not None, more=more)
        if not part.document.wait_for_beginning(self.stop):
            self.report.warning("The job is empty; nothing was printed")
            return self._count(1)
        journal.has_content()
        if self.reached.audited is not None:
            # Where that ends the run, it has not come to what an earlier one has left at the printer.
            self.reached.audited.begin(self)
        sending = self._start_sending(part, destination, capabilities, journal)
        self.reached = replace(self.reached, sending=sending)
        try:
            if left is None or left.phase == WAITING:  # else the printer may have it already
                self._check_passed(sending, destination)
            copies = self._send(part, sending, destination, left)
        except (DocumentRefused, JobAbortedAtPrinter) as error:
            from backend.job.refused_formats import take_refusal

            raise take_refusal(error, sending, destination, self.cups_job) from None
        self.reached = replace(self.reached, sending=None)
        made = self._count(copies)
        journal.part_done(self.reached.index)
        return made

    def _check_passed(self, sending: Sending, destination: Destination) -> None:
        """Let no JPEG out as it is that the printer does not list, or is known to refuse."""
        if not self.cups_job.is_passed_on(sending.kind):
            return
        if JPEG in sending.facts.refused.split() or JPEG not in map(str.lower, sending.capabilities.formats):
            raise DocumentRefused(destination.printer.name, JPEG, "it is not listed", of_kind=True)

    def _count(self, copies: int) -> int:
        self.reached = replace(self.reached, index=self.reached.index + copies)
        return copies

    def _start_sending(
        self, part: Part, destination: Destination, capabilities: Capabilities, journal: Journal
    ) -> Sending:
        """Return the delivery of a part, after asking the printer what there is to ask about it."""
        index, document, cups_job = self.reached.index, part.document, self.cups_job
        is_part = cups_job.is_single_file and not cups_job.job.files
        kind = kind_of(cups_job.kind_of(document.head), document.head, part.number)
        wanted = Wanted(
            name_job(cups_job.job.title, journal.mark(index), journal.place.document, index, is_part=is_part),
            kind,
            document.head,
            document.size,
            part.copies,
            part.finished,
            cups_job.is_passed_on(kind),
        )
        return Sending(
            self._request(wanted, destination, capabilities, journal),
            document,
            index,
            destination,
            capabilities,
            journal,
            check_complete=lambda document: check_complete(cups_job, document, part.number),
            stop=self.stop,
            display=self.display,
            report=self.report,
        )

    def _request(
        self, wanted: Wanted, destination: Destination, capabilities: Capabilities, journal: Journal
    ) -> PrintRequest:
        """Return what is asked of the printer; one that has to be asked about PINs is waited for."""
        while True:
            try:
                return make_print_request(
                    wanted, self.cups_job, destination.printer, capabilities, report=self.report, warn=journal.warn
                )
            except (PrinterBusy, PrinterUnreachable) as error:
                destination.retry_policy.wait(error)

    def _send(self, part: Part, sending: Sending, destination: Destination, left: JobRecord | None) -> int:
        """Send a part, and watch the printer until it is printed; return how many copies it makes."""
        self.display.show_stage("Sending the job")
        delivered = sending.deliver(left)
        if self.reached.audited is not None:
            self.reached.audited.delivered(delivered, sending.delivery.sent_in_vain)
        if self._is_all_delivered(part):
            self.display.show_word(ALL_DELIVERED)
        sending.remember(delivered)
        self.reached = replace(self.reached, accepted_at=time.monotonic())
        sending.note(ACCEPTED, delivered.job_id)
        if delivered.job_id is not None and destination.uri.waitjob:
            self.display.show_stage("Waiting for the printer to finish the job")
            impressions = watch_job(
                destination.printer,
                delivered.job_id,
                self.report,
                self.stop,
                self.display,
                job_name=sending.job_name,
                up_time=sending.capabilities.up_time,
            )
            sending.learn_copies(delivered, impressions, part.pages)
        self.display.document_done()
        part.document.discard_rest(self.stop)
        part.document.close()
        self.display.take_back(ALL_DELIVERED)
        return delivered.copies

    def _is_all_delivered(self, part: Part) -> bool:
        """Tell whether the printer has all of the job now.

        cupsd takes the job for completed then, if it is stopped while the printer is still at it.
        """
        if part.has_followers:
            return False
        return not (self.cups_job.is_single_file and self.cups_job.has_side_channel) or is_hung_up()


def find_left(journal: Journal, uri: DeviceURI, *, in_class: bool) -> JobRecord | None:
    """Return what an earlier run has left of the document at this printer.

    What was stopped at a different one prints here as a whole: whoever moves a job wants that. To the next member of
    a class cupsd moves it unasked.

    Raises:
        JobInDoubt: it has left it at a different one, which we cannot ask.
    """
    earlier = journal.place.left
    if earlier is None or earlier.printer == uri.printer_uri:
        return earlier
    journal.touch()
    if earlier.phase in (SENDING, ACCEPTED) or (in_class and earlier.phase == CANCELLED):
        raise JobInDoubt(_host(earlier), f"it was sent there before it came to {uri.printer_name}")
    if earlier.phase == CANCELLED:
        what = "what it had not finished" if earlier.index or journal.place.printed else "all of it"
        journal.warn(
            f"Printer {_host(earlier)} may have printed some of the job, which was stopped there; {what} prints here"
        )
    return replace(earlier, phase=WAITING, job_id=None, since=0)


def _host(record: JobRecord) -> str:
    """Return what people are shown of the printer of a record, as ``DeviceURI.printer_name`` does."""
    return record.printer.partition("://")[2].partition("/")[0].removesuffix(":443")
