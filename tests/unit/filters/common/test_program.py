"""filters.common.program: how every filter begins and ends."""

from __future__ import annotations

import inspect
import os
import signal
import tempfile
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from filters import image_to_pages, pdf_check, pdf_to_pcl, pdf_to_pwg, scs_to_pcl, scs_to_pdf, text_to_pcl, text_to_pdf
from filters.common.job import Job, JobUsageError
from filters.common.program import run_filter
from filters.common.report import Report

MAINS: dict[str, Callable[..., int]] = {
    "texttopcl": text_to_pcl.main,
    "texttopdf443": text_to_pdf.main,
    "pdftopcl": pdf_to_pcl.main,
    "pdfcheck443": pdf_check.main,
    "scstopcl": scs_to_pcl.main,
    "scstopdf443": scs_to_pdf.main,
    "imagetopcl": partial(image_to_pages.main, "imagetopcl"),
    "imagetopdf443": partial(image_to_pages.main, "imagetopdf443"),
}
MAINS["pdftopwg443"] = pdf_to_pwg.main
WRONG: list[list[str]] = [[], ["1"], ["1", "u", "t", "1"], ["1", "u", "t", "many", ""]]


@pytest.mark.parametrize("program", MAINS)
def test_wrong_arguments(program: str) -> None:
    """One ERROR line and nothing else, and it fails; never with 2."""
    for arguments in WRONG:
        with tempfile.TemporaryFile() as messages, open(os.devnull, "r+b") as null, tempfile.TemporaryFile() as output:
            code = MAINS[program]([program, *arguments], {}, null.fileno(), output.fileno(), messages.fileno())
            messages.seek(0)
            (line,) = messages.read().splitlines()
            assert (code, output.tell()) == (1, 0)
            assert line.startswith(f"ERROR: {program}: ".encode()) and line.endswith(b" [F01]")


@pytest.mark.parametrize("program", MAINS)
def test_streams_are_those_of_the_process(program: str) -> None:
    """Without other numbers a filter reads, writes and speaks where cupsd put its pipes."""
    parameters = inspect.signature(MAINS[program]).parameters
    assert [parameters[name].default for name in ("stdin", "stdout", "stderr")] == [0, 1, 2]


def run(print_job: Callable[[Job, Report], None], **more: Any) -> tuple[int, str]:
    """Return the exit code and the words of a filter that prints so."""
    with tempfile.TemporaryFile() as messages:
        code = run_filter("x", ["x", "1", "u", "t", "1", ""], {}, messages.fileno(), print_job, **more)
        messages.seek(0)
        return code, messages.read().decode()


def refuses(error: Exception, report: Report) -> bool:
    """Say what is wrong with a ValueError."""
    if isinstance(error, ValueError):
        report.error("refused")
    return isinstance(error, ValueError)


@pytest.mark.parametrize(
    "error, more, words",
    [
        (BrokenPipeError(), {"makes": "pages"}, "DEBUG: x: no one reads pages any more\n"),
        (BrokenPipeError(), {}, "DEBUG: x: no one reads the print data any more\n"),
        (OSError("full"), {}, "ERROR: x cannot read the document or write the print data: full [F04]\n"),
        (OSError("full"), {"does": "do it", "refused": refuses}, "ERROR: x cannot do it: full [F04]\n"),
        (ValueError("a"), {"refused": refuses}, "ERROR: refused\n"),
        (ValueError("a"), {}, "ERROR: x has a fault and cannot print this document: ValueError: a [F05]\n"),
        (JobUsageError("odd"), {"refused": refuses}, "ERROR: x: odd [F01]\n"),
    ],
)
def test_errors(error: Exception, more: dict[str, Any], words: str) -> None:
    """Each is one line for the user or the log, and the end is 1."""

    def print_job(job: Job, report: Report) -> None:
        raise error

    code, said = run(print_job, **more)
    assert code == 1 and said.endswith(words) and said.count("ERROR") == words.count("ERROR")


def test_the_end_of_a_job() -> None:
    """With 0, and SIGTERM is heard as before."""
    before = signal.getsignal(signal.SIGTERM)
    assert run(lambda job, report: report.info(job.user)) == (0, "INFO: u\n")
    assert signal.getsignal(signal.SIGTERM) is before


def test_sigterm() -> None:
    """A filter that has something to clean up does so once, and says so; any other leaves at once, and says nothing."""
    cleaned: list[bool] = []

    def print_job(job: Job, report: Report) -> None:
        try:
            signal.raise_signal(signal.SIGTERM)
        finally:
            signal.raise_signal(signal.SIGTERM)  # while it cleans up
            cleaned.append(True)

    assert run(print_job, cleans_up=True) == (1, "DEBUG: x: stopped by SIGTERM\n") and cleaned == [True]
    child = os.fork()
    if not child:
        run(print_job)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 1
