"""One part of a job on its way to the printer: a delivery, and what is written down and learned on the way."""

from __future__ import annotations

from collections.abc import Callable

from backend.cupsd.job_record import WAITING, JobRecord
from backend.cupsd.queue_display import QueueDisplay
from backend.cupsd.stop_signal import StopSignal
from backend.delivery.attempt import PrintRequest
from backend.delivery.delivery import Delivered, Delivery
from backend.document.document import Document
from backend.job.destination import Destination
from backend.job.journal import Journal
from backend.printer.capabilities import Capabilities
from filters.common.dataclass import replace
from filters.common.report import Report


class Sending:
    """The delivery of one part."""

    def __init__(
        self,
        request: PrintRequest,
        document: Document,
        index: int,
        destination: Destination,
        capabilities: Capabilities,
        journal: Journal,
        *,
        check_complete: Callable[[Document], None],
        stop: StopSignal,
        display: QueueDisplay,
        report: Report,
    ) -> None:
        """
        Args:
            index: which part it is, from 0.
            check_complete: as of Delivery.
        """
        self.job_name = request.job_name
        self.kind = request.kind
        self.capabilities = capabilities
        #: What is known of the printer by now.
        self.facts = capabilities.facts
        self._is_two_sided = any(each.name == "sides" and each.value != "one-sided" for each in request.job_attributes)
        self._index = index
        self._destination = destination
        self._journal = journal
        self._report = report
        self.delivery = Delivery(
            destination.printer,
            capabilities,
            request,
            document,
            stop=stop,
            report=report,
            retry_policy=destination.retry_policy,
            check_complete=check_complete,
            warn=journal.warn,
            record=self.note,
            show_state=lambda message: display.show_waiting(message, destination.printer.name, is_stalled=True),
        )
        journal.touch()

    def note(self, phase: str, job_id: int | None) -> None:
        """Write down how far the part has got, before it goes further."""
        self._journal.note(
            phase,
            job_id,
            printer=self._destination.uri.printer_uri,
            index=self._index,
            up_time=self.capabilities.up_time,
            copies=self.delivery.copies,
        )

    def deliver(self, left: JobRecord | None) -> Delivered:
        """Send the part, or go on where an earlier run has left it.

        Args:
            left: what that has left of the document.

        Raises:
            IppsError: the printer will not have it, or nobody knows.
        """
        if left is not None and left.index == self._index and left.phase != WAITING:
            delivered = self.delivery.take_up(left)
        else:
            delivered = self.delivery.run()
        self._report.debug(
            f"{self._destination.printer.name} has the job: job-id {delivered.job_id}, {delivered.bytes_sent} bytes,"
            f" {delivered.framing.value}"
        )
        return delivered

    def learn_copies(self, delivered: Delivered, impressions: int | None, pages: int | None) -> None:
        """Look whether the printer has counted no more sides than one copy has; later ones it gets one by one.

        Nothing is sent again: it may have printed all of them, and counted one.

        Args:
            pages: those of one copy, None if nobody knows.
        """
        if delivered.copies < 2 or impressions is None or impressions <= 0:  # who does not count may say -1
            return
        # Of two sides some count the sheet.
        one_copy = ((pages or 0) + 1) // 2 if self._is_two_sided else pages or 0
        if impressions >= delivered.copies and impressions > one_copy:
            return
        facts = replace(self.facts, copies=False)
        if facts != self.facts:
            self.facts = facts
            self._destination.remember(facts)
            name, sides = self._destination.printer.name, "1 side" if impressions == 1 else f"{impressions} sides"
            self._journal.warn(
                f"{name} was to make {delivered.copies} copies and counts {sides}; print what is missing again."
                " From now on it gets copies one by one"
            )

    def remember(self, delivered: Delivered) -> None:
        """Write down for later jobs what the delivery has shown of the printer."""
        facts = self.facts
        if delivered.send_document_fails:
            facts = replace(facts, send_document=False)
        if delivered.chunks_refused:
            facts = replace(facts, chunks=False)
        if delivered.copies_refused:
            facts = replace(facts, copies=False)
        if delivered.formats_refused or facts.refused:
            facts = facts.with_taken(self.kind, delivered.formats_refused)
            if facts.renamed != self.facts.renamed:
                names = ", ".join(filter(None, delivered.formats_refused))
                self._journal.warn(f"{self._destination.printer.name} refuses {names} by name, and takes the document")
        if facts != self.facts:
            self.facts = facts
            self._destination.remember(facts)
