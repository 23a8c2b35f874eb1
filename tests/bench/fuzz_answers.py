"""Bytes that atheris makes up, read as a printer's answer, and what a job makes of them.

    python3 -m venv --system-site-packages /tmp/fuzz && /tmp/fuzz/bin/pip install atheris
    /tmp/fuzz/bin/python -m tests.bench.fuzz_answers -max_total_time=300 -max_len=4096

Whatever the bytes are: they are read or refused, what is read ends in lines that cupsd understands, and nothing else
happens (Q-84). hypothesis tries the same in tests/unit/ipp; this is for the hours in which somebody changes the
decoder. atheris is not among the dependencies.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["backend", "filters"]):
    from backend.document_format import choose_formats
    from backend.errors import IppsError, MalformedMessage
    from backend.interview import Profile
    from backend.ipp.encoding import decode_message, encode_message
    from backend.ipp.message import Group, Message, attribute
    from backend.ipp.tags import Tag
    from backend.job_at_printer import _job_id
    from backend.learned import Facts
    from backend.printer import describe_job
    from backend.printer_state import needs_somebody, texts
    from backend.transfer import after_inquiry
    from backend.watch import StateShown
    from filters.report import Report

from tests.cups_lines import parse_lines, words_left
from tests.printer.bad_encodings import MISTAKES

HEAD = b"\x02\x00\x00\x00\x00\x00\x00\x01"
#: The groups of an answer, so that the fuzzer need not find out how one begins.
GROUPS = (b"\x01", b"\x02", b"\x04")


class Answers:
    """What a job does with an answer, its lines kept where they can be looked at."""

    def __init__(self) -> None:
        self._lines = os.memfd_create("lines")
        self.decoded = self.refused = 0

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
        shown = StateShown(Report(self._lines))
        shown.show(message)
        shown.show_pages(message)
        needs_somebody(message)
        profile = Profile(message, Facts())
        choose_formats("application/vnd.hp-pcl", b"\x1bE", profile.formats)
        _ = (profile.up_time, profile.accepts_jobs, profile.creates_jobs, texts(message, "status-message"))
        _job_id(message)
        after_inquiry(describe_job(message), all_sent=True, kept=True, resend=False)
        shown.clear()
        lines = parse_lines(os.pread(self._lines, 1 << 24, 0))
        assert words_left(lines) == set()


def seeds() -> list[bytes]:
    """Return answers to begin with: a proper one, and what printers are known to make of it."""
    operation = Group(
        Tag.OPERATION_ATTRIBUTES,
        (
            attribute("attributes-charset", Tag.CHARSET, "utf-8"),
            attribute("attributes-natural-language", Tag.NATURAL_LANGUAGE, "en"),
        ),
    )
    printer = Group(
        Tag.PRINTER_ATTRIBUTES,
        (
            attribute("printer-state", Tag.ENUM, 5),
            attribute("printer-state-reasons", Tag.KEYWORD, "media-empty-error", "toner-low-warning"),
            attribute("marker-names", Tag.NAME_WITHOUT_LANGUAGE, "Black", 'Ye"llow'),
            attribute("marker-levels", Tag.INTEGER, 80, -3),
            attribute("operations-supported", Tag.ENUM, 2, 5, 6),
            attribute("document-format-supported", Tag.MIME_MEDIA_TYPE, "application/vnd.hp-PCL"),
            attribute("printer-is-accepting-jobs", Tag.BOOLEAN, True),
        ),
    )
    job = Group(
        Tag.JOB_ATTRIBUTES,
        (
            attribute("job-id", Tag.INTEGER, 7),
            attribute("job-state", Tag.ENUM, 9),
            attribute("job-state-reasons", Tag.KEYWORD, "job-completed-successfully"),
            attribute("job-impressions-completed", Tag.INTEGER, 3),
        ),
    )
    proper = encode_message(Message((2, 0), 0, 1, (operation, printer, job)))
    return [proper, *(spoil(proper) for spoil in MISTAKES.values())]


def main() -> None:
    """Let atheris try until it is told to stop; options are libFuzzer's."""
    answers = Answers()
    corpus = tempfile.mkdtemp(prefix="fuzz-answers-")
    for number, seed in enumerate(seeds()):
        Path(corpus, str(number)).write_bytes(seed)

    def one_input(octets: bytes) -> None:
        try:
            answers.read(octets)
            for group in GROUPS:
                answers.read(HEAD + group + octets)
        except IppsError as error:
            raise AssertionError(f"an answer leads to {error!r}") from error

    atheris.Setup([*sys.argv, corpus], one_input)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
