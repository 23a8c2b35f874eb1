"""cupsd's error log: quiet about jobs that go well, and at LogLevel debug a story that can be followed."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests import secret_marks
from tests.cups.server import CupsServer
from tests.printer import Faults, Printer

TEXT = f"{secret_marks.TEXT} is a line of text.\n" * 500


@pytest.fixture(scope="module")
def quiet() -> Iterator[CupsServer]:
    """A cupsd that logs as it does unless told otherwise."""
    with CupsServer("LogLevel warn") as server:
        yield server


def lines_of(server: CupsServer, before: str) -> list[str]:
    """Return the lines that were added to the error log."""
    return server.log()[len(before) :].splitlines()


@pytest.mark.parametrize("faults", ["", "chunk=411", "auth=digest-sha256,user=anna,password=x", "ipp=1.1-only"])
def test_a_job_that_goes_well_is_no_matter_for_the_log(quiet: CupsServer, faults: str) -> None:
    """At LogLevel warn, as cupsd is installed, nothing is said of it; how a printer has to be treated is no warning."""
    with Printer(faults=faults) as printer:
        quiet.add_queue("ordinary", printer.uri(pin=True).replace("://", "://anna:x@"))
        before = quiet.log()
        assert quiet.wait(quiet.lp("ordinary", text=TEXT)) == "completed"
    assert lines_of(quiet, before) == []


def test_a_job_with_something_to_know_says_that_and_no_more(quiet: CupsServer) -> None:
    """An empty job: one warning, in words, without a traceback or an attribute's name."""
    with Printer() as printer:
        quiet.add_queue("empty", printer.uri(pin=True))
        before = quiet.log()
        assert quiet.wait(quiet.lp("empty", text=TEXT, options=("-o", "page-ranges=99"))) == "completed"
    said = lines_of(quiet, before)
    assert 1 <= len(said) <= 3 and all(re.match(r"W \[.*\] \[Job \d+\] \S.*", line) for line in said), said


def test_a_job_that_cannot_be_printed_says_why_once(quiet: CupsServer, printer: Printer) -> None:
    """The message of the queue, with its code, stands in the log as it does in lpstat; a handful of lines in all."""
    quiet.add_queue("unknown", printer.uri())
    before = quiet.log()
    job = quiet.lp("unknown", text=TEXT)
    message = quiet.wait_for_queue("unknown", ("stopped",)).message
    quiet.run("cancel", str(job))
    said = lines_of(quiet, before)
    assert len([line for line in said if message[:60] in line and line.endswith("[T01]")]) == 1
    assert len(said) <= 5, said


#: What whoever reads the log of a job at LogLevel debug wants to see, in this order.
STORY = (
    r"ipps443 [\d.]+ to ipps://localhost:\d+/ipp/print, chunks not known",
    r"localhost:\d+ is trusted: certificate sha256:[0-9a-f]{64}, by a pin of the device URI",
    r"TLSv1\.[23] with \S+ to localhost",
    r"localhost:\d+ is .+, takes chunks, IPP 2\.0, prints by Create-Job and Send-Document",
    r"the document is application/vnd\.hp-pcl, .*; sent as application/vnd\.hp-PCL",
    r"Create-Job: HTTP 200, successful-ok",
    r"Send-Document: HTTP 411",
    r"HTTP 411 Length Required: send again with its length",
    r"Send-Document: HTTP 200, successful-ok",
    r"localhost:\d+ has the job: job-id 1, \d+ bytes, sized",
    r"job 1 is processing: ",
    r"job 1 is completed: ",
)


def test_the_log_tells_the_story_of_a_job(cups: CupsServer, printer: Printer) -> None:
    """Which program, to whom, why trusted, what it takes, what was sent how, what came back, how it ended."""
    printer.faults = Faults(chunk="411", only="documents", job_time="1")
    cups.add_queue("followed", printer.uri(pin=True))
    job = cups.lp("followed", text=TEXT)
    assert cups.wait(job) == "completed"
    log = cups.job_log(job)
    at = 0
    for step in STORY:
        found = [number for number, line in enumerate(log) if number >= at and re.match(step, line)]
        assert found, f"{step!r} is not there, or earlier, in:\n" + "\n".join(log)
        at = found[0]


def test_the_log_of_a_long_job_is_not_flooded(cups: CupsServer, printer: Printer) -> None:
    """Supplies are told once while they stay the same, and so is the state of a job."""
    printer.faults = Faults(job_time="6")
    cups.add_queue("long", printer.uri(pin=True))
    job = cups.lp("long", text=TEXT)
    assert cups.wait(job) == "completed"
    log = cups.job_log(job)
    told = [line for line in log if line.startswith(("ATTR: marker", "job 1 is"))]
    assert told and len(told) == len(set(told)), told
