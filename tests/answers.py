"""What a job does with a printer's answer, from its octets to the lines that cupsd reads."""

from __future__ import annotations

import os

from backend.cupsd.printer_state import needs_someone, texts
from backend.cupsd.queue_display import QueueDisplay
from backend.delivery.transfer import after_inquiry
from backend.document.format import choose_formats
from backend.errors import MalformedMessage
from backend.http.exchange import Response
from backend.ipp.decoder import decode_message
from backend.ipp.message import Message
from backend.ipp.tags import Tag
from backend.printer.capabilities import Capabilities
from backend.printer.job_status import describe_job
from backend.printer.languages import languages_of
from backend.printer.learned import Facts
from backend.printer.printer import Reply
from filters.common.report import Report
from tests.cups_lines import parse_lines, words_left


class Answers:
    """What a job does with an answer, its lines kept where they can be looked at."""

    def __init__(self) -> None:
        self._lines = os.memfd_create("lines")
        self.decoded = self.refused = 0

    def close(self) -> None:
        os.close(self._lines)

    def read(self, octets: bytes) -> None:
        """Read octets as an answer, patiently and strictly, and do with it what a job does."""
        for strict in (False, True):
            try:
                decoded = decode_message(octets, strict=strict)
            except MalformedMessage:
                self.refused += 1
                continue
            self.decoded += 1
            self._use(decoded.message)

    def _use(self, message: Message) -> None:
        os.ftruncate(self._lines, 0)
        os.lseek(self._lines, 0, os.SEEK_SET)
        shown = QueueDisplay(Report(self._lines))
        shown.show(message)
        shown.show_waiting(message, "printer")
        shown.show_pages(message)
        needs_someone(message)
        profile = Capabilities(message, Facts())
        choose_formats("application/vnd.hp-pcl", b"\x1bE", profile.formats)
        languages_of(profile.formats, "".join(texts(message, "printer-device-id", Tag.PRINTER_ATTRIBUTES)))
        _ = (profile.up_time, profile.accepts_jobs, profile.creates_jobs, texts(message, "status-message"))
        reply = Reply(Response(200, "OK", "1.1", (), b"", complete=True, early=False), message)
        _ = (reply.job_id, reply.unsupported)
        after_inquiry(describe_job(message), all_sent=True, kept=True, resend=False)
        shown.clear()
        lines = parse_lines(os.pread(self._lines, 1 << 24, 0))
        assert words_left(lines) == set()
