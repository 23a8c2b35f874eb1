"""Inputs that end too early, are empty, trickle or stall, and disks that are full or cannot be written.

Nothing goes out before the first byte; the end of input is the end of a job only if nothing says otherwise; a full disk
costs the copy, never the job. B-04, B-07, B-09, B-10, B-11, Q-10, Q-14, Q-15.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from backend.ipp.codes import JobState
from tests.faults.harness import (
    DOCUMENT,
    PATIENCE,
    UEL,
    Feed,
    Knowledge,
    Outcome,
    Run,
    after,
    device_uri,
    own_certificate,
    pcl,
    places,
    run_backend,
    wait_until,
)
from tests.faults.invariant import violations
from tests.printer import Printer

pytestmark = pytest.mark.usefixtures("quickly")

#: The printers of each test: known to chunk or not, with Create-Job or without.
PRINTERS = {
    "chunked": ("", True),
    "sized": ("", False),
    "chunked, Print-Job": ("missing=Create-Job", True),
    "sized, Print-Job": ("missing=Create-Job", False),
}
OUR_PPD = '*PPD-Adobe: "4.3"\n*% made from ipps443.drv\n'
OTHER_PPD = '*PPD-Adobe: "4.3"\n*% made by somebody else\n'


@pytest.fixture(params=("chunked", "sized, Print-Job"))
def how(request: pytest.FixtureRequest) -> str:
    """The framing, and the operations of the printer: where nothing is lost by them, two of the four."""
    return str(request.param)


@contextlib.contextmanager
def printing(how: str, more: str = "") -> Iterator[tuple[Printer, Knowledge]]:
    """A printer of that kind, and what is known of it."""
    faults, chunks = PRINTERS[how]
    with Printer(certificate=own_certificate(), faults=",".join(filter(None, (faults, more)))) as printer:
        yield printer, Knowledge(chunks)


def with_ppd(folder: Path, text: str) -> dict[str, Any]:
    """Write a printer description and return what names it."""
    path = folder / "faulty.ppd"
    path.write_text(text)
    return {"PPD": str(path)}


# --- documents that end too early ------------------------------------------------------------------------------


@pytest.mark.parametrize("how", PRINTERS)
@pytest.mark.parametrize("size, spool", [(40, "auto"), (9_000, "no"), (150_000, "auto"), (150_000, "no")])
def test_a_document_without_its_end_is_not_printed(how: str, size: int, spool: str, tmp_path: Path) -> None:
    """PCL from our own description that does not end with UEL: a filter died; exit 1, cancelled, nothing printed."""
    with printing(how) as (printer, knows):
        uri = device_uri(printer, spool=spool)
        outcome = run_backend(printer, DOCUMENT[:size], uri=uri, knows=knows, environ=with_ppd(tmp_path, OUR_PPD))
    assert (outcome.exit_code, outcome.code, outcome.printed) == (1, "D01", 0), str(outcome)
    assert violations(outcome) == []
    assert not any(document.complete for job in outcome.jobs for document in job.documents)
    assert all(job.state in (JobState.CANCELED, JobState.ABORTED) for job in outcome.jobs)


@pytest.mark.parametrize("how", PRINTERS)
@pytest.mark.parametrize("spool", ("auto", "no"))
def test_a_filter_dies_while_the_document_is_on_its_way(how: str, spool: str, tmp_path: Path) -> None:
    """The input ends when the printer has half of the job already: the body gets no end."""
    half = DOCUMENT[:120_000]
    with printing(how, "begin=first-byte") as (printer, knows):
        feed = after(half, 100_000, lambda run: "chunked" not in how or sum(job.size for job in printer.jobs) > 50_000)
        uri, environ = device_uri(printer, spool=spool), with_ppd(tmp_path, OUR_PPD)
        outcome = run_backend(printer, half, uri=uri, feed=feed, knows=knows, environ=environ)
    assert (outcome.exit_code, outcome.code, outcome.printed) == (1, "D01", 0), str(outcome)
    assert violations(outcome) == []


def test_another_description_promises_no_end(how: str, tmp_path: Path) -> None:
    """A document of another description, or a raw one, may end as it likes."""
    for environ in (with_ppd(tmp_path, OTHER_PPD), {"PPD": None}, {"PPD": str(tmp_path / "none.ppd")}):
        with printing(how) as (printer, knows):
            outcome = run_backend(printer, DOCUMENT[:50_000], knows=knows, environ=environ)
        assert outcome.exit_code == 0 and violations(outcome) == [], str(outcome)


def test_our_description_and_a_whole_document(how: str, tmp_path: Path) -> None:
    """A whole document of our description is printed, in whatever pieces its end comes."""
    with printing(how) as (printer, knows):
        feed: Feed = lambda run: (DOCUMENT[:-3], DOCUMENT[-3:-2], DOCUMENT[-2:])
        outcome = run_backend(printer, feed=feed, knows=knows, environ=with_ppd(tmp_path, OUR_PPD))
    assert outcome.exit_code == 0 and violations(outcome) == [], str(outcome)


# --- empty, small, trickling ------------------------------------------------------------------------------------


def test_empty_input_prints_nothing(how: str) -> None:
    """Empty input succeeds with a WARNING, and no job is created."""
    with printing(how) as (printer, knows):
        outcome = run_backend(printer, b"", knows=knows)
    assert (outcome.exit_code, outcome.printed, len(outcome.jobs)) == (0, 0, 0), str(outcome)
    assert violations(outcome) == ["exit 0, and nothing was printed"]
    assert len(outcome.said("WARNING")) == 1


SIZES = (1, 2, 16_383, 16_384, 16_385, 131_072, 1_048_576, 1_048_577)


@pytest.mark.parametrize("size", SIZES)
def test_any_size_arrives(how: str, size: int) -> None:
    """Documents of sizes at the borders of blocks, chunks and the copy in memory arrive as they are."""
    document = (UEL + pcl(size + 100))[:size]
    with printing(how) as (printer, knows):
        outcome = run_backend(printer, document, knows=knows, environ={"PPD": None})
    assert outcome.exit_code == 0 and violations(outcome) == [], str(outcome)


def drops(document: bytes, size: int, pause: float) -> Feed:
    """Feed a document in pieces with pauses."""

    def feed(run: Run) -> Iterable[bytes]:
        for at in range(0, len(document), size):
            yield document[at : at + size]
            time.sleep(pause)

    return feed


def test_trickling_input_makes_no_tiny_chunks() -> None:
    """Input in drops goes out in chunks of 16 KiB and more, but for the last (Q-10); none before the end is empty."""
    document = pcl(60_000)
    with printing("chunked", "chunk=min-16384") as (printer, knows):
        outcome = run_backend(printer, document, feed=drops(document, 997, 0.002), knows=knows)
        sizes = next(each.chunk_sizes for each in printer.operations if each.name == "Send-Document")
    assert outcome.exit_code == 0 and violations(outcome) == [], str(outcome)
    assert all(size >= 16384 for size in sizes[:-1]) and 0 not in sizes[:-1]


def test_nothing_is_sent_before_the_first_octet(how: str) -> None:
    """While the filters have given nothing, the printer sees one question and no job (Q-15)."""
    seen: list[list[str]] = []

    def feed(run: Run) -> Iterator[bytes]:
        wait_until(lambda: bool(run.operations) or run.over.is_set())
        time.sleep(0.3)
        seen.append(run.operations)
        yield DOCUMENT

    with printing(how) as (printer, knows):
        outcome = run_backend(printer, feed=feed, knows=knows)
    assert outcome.exit_code == 0 and violations(outcome) == [], str(outcome)
    assert seen == [["Get-Printer-Attributes"]]


@pytest.mark.parametrize(
    ("fault", "how"),
    (
        ("idle_close=0.2", "chunked"),
        ("idle_close=0.2", "sized"),
        ("idle_close=0.2", "sized, Print-Job"),
        ("idle_limit=0.3", "chunked"),
        ("idle_limit=0.3", "chunked, Print-Job"),
        ("gap=0.3", "chunked"),
    ),
)
def test_slow_filter(how: str, fault: str) -> None:
    """A pause of the filter that the printer does not wait for costs a new attempt, not the job (Q-14, Q-15, Q-30)."""
    only = ",only=documents,times=1" if fault != "idle_close=0.2" else ""
    with printing(how, fault + only) as (printer, knows):
        document = pcl(100_000)
        feed = drops(document, 50_000, 0.8)
        outcome = run_backend(printer, document, feed=feed, knows=knows)
    assert outcome.exit_code == 0 and violations(outcome) == [], str(outcome)


# --- waiting ----------------------------------------------------------------------------------------------------

#: Printers that stall or are silent for a while, and connections that end in an odd way.
WAITS = (
    "stall=100000:4",
    "at=half-close@body-first,only=documents,times=1",
    "at=hang@body-middle,only=documents,times=1",
    "slow_reply=1.5",
    "slow_read=4000:0.05",
    "idle_close=0.2",
)


def wait_and_measure(how: str, fault: str) -> tuple[str, Outcome, float]:
    """Print from a filter that takes its time; the outcome, and the processor time that it took."""
    used = 0.0

    def look(run: Run) -> None:
        nonlocal used
        with contextlib.suppress(OSError):
            user, system = Path(f"/proc/{run.pid}/stat").read_text().rpartition(")")[2].split()[11:13]
            used = max(used, (int(user) + int(system)) / os.sysconf("SC_CLK_TCK"))

    with printing(how, fault) as (printer, knows):
        uri = device_uri(printer, timeout="connect:5,handshake:5,write:3,reply:5,read:3")
        outcome = run_backend(printer, uri=uri, feed=drops(DOCUMENT, 70_000, 1.0), knows=knows, watch=look)
    return fault, outcome, used


@pytest.mark.parametrize("how", ("chunked", "sized, Print-Job"))
def test_waiting_costs_no_processor_time(how: str) -> None:
    """A printer that stalls, a connection that is half closed, a filter that takes its time: nothing spins (Q-31)."""
    with ThreadPoolExecutor(len(WAITS)) as pool:
        for fault, outcome, used in pool.map(lambda fault: wait_and_measure(how, fault), WAITS):
            assert outcome.exit_code == 0 and violations(outcome) == [], str(outcome)
            assert outcome.seconds > 3 and 0 < used < 1.0


def out_of_paper(how: str, spool: str, seconds: float, timeout: str | None) -> Outcome:
    """Print to a printer that stops in mid-body for want of paper, and then goes on."""
    with printing(how, f"stall=1000000:{seconds:g}") as (printer, knows):
        uri = device_uri(printer, timeout=timeout, spool=spool)
        return run_backend(printer, LARGE, uri=uri, knows=knows, patience=seconds + PATIENCE)


def check_out_of_paper(seconds: float, timeout: str | None) -> None:
    """In all framings, with a copy and without one."""
    cases = [(how, spool, seconds, timeout) for how in PRINTERS for spool in ("auto", "no")]
    with ThreadPoolExecutor(len(cases)) as pool:
        for (how, spool, _, _), outcome in zip(cases, pool.map(lambda case: out_of_paper(*case), cases)):
            assert outcome.exit_code == 0 and violations(outcome) == [], str(outcome)
            assert outcome.seconds > seconds and len(outcome.jobs) == 1
            assert any("+media-empty" in text for text in outcome.said("STATE")), str(outcome)


def test_out_of_paper() -> None:
    """Longer than the deadline for writing: the reason is shown and taken back, the job goes on where it was."""
    check_out_of_paper(7, "write:2,reply:2")


@pytest.mark.soak
def test_out_of_paper_for_minutes() -> None:
    """The same with the deadlines as they are, and somebody who takes three minutes to bring paper."""
    check_out_of_paper(180, None)


# --- files ------------------------------------------------------------------------------------------------------


def test_files_and_copies(how: str, tmp_path: Path) -> None:
    """Files are opened by us, as often as copies are wanted, and standard input is left alone (B-07, B-10)."""
    path = tmp_path / "job.pcl"
    path.write_bytes(DOCUMENT)
    arguments = ("7", "somebody", "a title", "2", "number-up=1")
    with printing(how) as (printer, knows):
        outcome = run_backend(printer, knows=knows, arguments=arguments, files=(str(path), str(path)))
    assert (outcome.exit_code, outcome.printed, outcome.same) == (0, 4, True), str(outcome)
    assert violations(outcome) == ["printed 4 times"]


def test_a_copy_that_fails_leaves_no_empty_job_behind(tmp_path: Path) -> None:
    """The first one is printed and the rest is held; the job that was created for it would keep the printer waiting."""
    path = tmp_path / "job.pcl"
    path.write_bytes(DOCUMENT)
    arguments = ("7", "somebody", "a title", "2", "")
    with printing("chunked", "busy=always@Send-Document,only=Send-Document,skip=1") as (printer, knows):
        outcome = run_backend(printer, knows=knows, arguments=arguments, files=(str(path),))
        assert (outcome.exit_code, outcome.code) == (3, "P14"), str(outcome)
        assert [job.state for job in printer.jobs] == [JobState.COMPLETED, JobState.CANCELED]


def test_copies_of_standard_input_are_applied_already(how: str) -> None:
    """A job on standard input is sent once, whatever argv says of copies (B-10)."""
    with printing(how) as (printer, knows):
        outcome = run_backend(printer, knows=knows, arguments=("7", "somebody", "a title", "3", ""))
        assert all(job.copies == 1 for job in printer.jobs)
    assert outcome.exit_code == 0 and violations(outcome) == [], str(outcome)


def test_a_file_that_is_not_there() -> None:
    """A file that cannot be read ends the job with exit 1 and prints nothing."""
    with printing("chunked") as (printer, knows):
        outcome = run_backend(printer, knows=knows, files=("/nonexistent/job.pcl",))
    assert (outcome.exit_code, outcome.code, outcome.printed) == (1, "D02", 0), str(outcome)
    assert violations(outcome) == []


# --- disks ------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def small_disk(folder: Path, size: str, *options: str) -> Iterator[Path]:
    """Mount a small disk in memory as TMPDIR of a run."""
    if os.geteuid() != 0:
        pytest.skip("mounting needs root")
    target = folder / "tmp"
    mount = ["mount", "-t", "tmpfs", "-o", ",".join((f"size={size}", *options)), "tmpfs", str(target)]
    if subprocess.run(mount, capture_output=True).returncode != 0:
        pytest.skip("no file system can be mounted here")
    try:
        yield target
    finally:
        subprocess.run(["umount", str(target)], check=True)


LARGE = pcl(4_000_000)


def test_full_disk_chunked_goes_on_without_a_copy() -> None:
    """A disk that is too small for the copy costs a WARNING, not the job, while chunks are taken."""
    with places() as folder, small_disk(folder, "2m"), printing("chunked, Print-Job") as (printer, knows):
        outcome = run_backend(printer, LARGE, knows=knows, folder=folder)
    assert outcome.exit_code == 0 and violations(outcome) == [], str(outcome)
    assert any("copy" in text for text in outcome.said("WARNING")), str(outcome)


def test_no_copy_needs_no_disk() -> None:
    """With spool=no a full disk, and one that cannot be written, are not even noticed while chunks are taken."""
    for options in ((), ("ro",)):
        with places() as folder, small_disk(folder, "1m", *options), printing("chunked") as (printer, knows):
            outcome = run_backend(printer, LARGE, uri=device_uri(printer, spool="no"), knows=knows, folder=folder)
        assert outcome.exit_code == 0 and violations(outcome) == [], str(outcome)
        assert outcome.said("WARNING") == []


def test_full_disk_and_a_refusal_hold_the_job() -> None:
    """Without a copy a refusal cannot be mended: the job is held, nothing is printed, and the message says why."""
    for how in ("chunked", "chunked, Print-Job"):
        fault = "chunk=413@3500000,only=documents"
        with places() as folder, small_disk(folder, "2m"), printing(how, fault) as (printer, knows):
            outcome = run_backend(printer, LARGE, knows=knows, folder=folder)
        assert (outcome.exit_code, outcome.code, outcome.printed) == (3, "P12", 0), str(outcome)
        assert violations(outcome) == []


def test_full_disk_sized_waits_for_room() -> None:
    """Sized, the job waits for room, shows that it waits, and goes on when there is some."""
    with places() as folder, small_disk(folder, "6m") as disk, printing("sized") as (printer, knows):
        ballast = disk / "ballast"
        ballast.write_bytes(bytes(3_500_000))

        def make_room(run: Run) -> None:
            if run.said("No room"):
                ballast.unlink(missing_ok=True)

        uri = device_uri(printer, contimeout="60")
        outcome = run_backend(printer, LARGE, uri=uri, knows=knows, folder=folder, watch=make_room)
    assert outcome.exit_code == 0 and violations(outcome) == [], str(outcome)
    assert any("No room" in text for text in outcome.said("INFO"))


def test_full_disk_sized_for_good() -> None:
    """When no room appears within contimeout the job fails with exit 1, its message names the folder."""
    with places() as folder, small_disk(folder, "2m"), printing("sized") as (printer, knows):
        outcome = run_backend(printer, LARGE, knows=knows, folder=folder)
        assert str(folder / "tmp") in outcome.errors[-1]
    assert (outcome.exit_code, outcome.printed) == (1, 0), str(outcome)
    assert violations(outcome) == []


def test_disk_that_cannot_be_written() -> None:
    """A read-only TMPDIR: what fits into memory prints in any framing, larger jobs in chunks, with a WARNING."""
    for how, document, code in (
        ("chunked", DOCUMENT, 0),
        ("sized", DOCUMENT, 0),
        ("chunked", LARGE, 0),
        ("sized", LARGE, 1),
    ):
        with places() as folder, small_disk(folder, "2m", "ro"), printing(how) as (printer, knows):
            outcome = run_backend(printer, document, knows=knows, folder=folder)
        assert outcome.exit_code == code and violations(outcome) == [], str(outcome)


def test_no_folder_for_temporary_files() -> None:
    """A TMPDIR that does not exist is as a disk that cannot be written."""
    with printing("chunked") as (printer, knows):
        outcome = run_backend(printer, LARGE, knows=knows, environ={"TMPDIR": "/nonexistent"})
    assert outcome.exit_code == 0 and violations(outcome) == [], str(outcome)


def test_cache_that_cannot_be_used() -> None:
    """Without a folder for what is learned, and with rubbish in it, jobs print as to an unknown printer."""
    for spoil in ("missing", "rubbish", "file"):
        with places() as folder, printing("chunked") as (printer, knows):
            cache = folder / "cache" / "ipps443"
            if spoil == "rubbish":
                (cache / f"localhost_{printer.port}.json").write_bytes(b"\xff{rubbish" * 100)
            else:
                cache.rmdir()
            if spoil == "file":
                cache.write_text("")
            outcome = run_backend(printer, folder=folder)
        left = ["left behind: cache/ipps443"] if spoil == "file" else []
        assert outcome.exit_code == 0 and violations(outcome) == left, str(outcome)
