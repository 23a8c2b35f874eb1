"""Bytes that atheris makes up, read as a printer's answer, and what a job makes of them.

    python3 -m venv --system-site-packages /tmp/fuzz && /tmp/fuzz/bin/pip install atheris
    /tmp/fuzz/bin/python -m tests.bench.fuzz_answers -max_total_time=300 -max_len=4096

Whatever the bytes are: they are read or refused, what is read ends in lines that cupsd understands, and nothing else
happens (Q-84). hypothesis tries the same in tests/unit/ipp; this is for the hours in which somebody changes the
decoder. atheris is not among the dependencies.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["backend", "filters"]):
    from backend.errors import IppsError
    from backend.ipp.encoder import encode_message
    from backend.ipp.message import Group, Message, attribute
    from backend.ipp.tags import Tag
    from tests.answers import Answers

from tests.printer.bad_encodings import MISTAKES

HEAD = b"\x02\x00\x00\x00\x00\x00\x00\x01"
#: The groups of an answer, so that the fuzzer need not find out how one begins.
GROUPS = (b"\x01", b"\x02", b"\x04")


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
