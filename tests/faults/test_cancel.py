"""SIGTERM in every phase of a job: gone within two seconds, cancelled at the printer, nothing left. B-04, B-05.

The two seconds are what someone who cancels will wait for, not a measurement of speed; a case that needs more says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from backend.ipp.codes import JobState
from tests.faults.harness import (
    DOCUMENT,
    JOB_UUID,
    LAUNCHER,
    Knowledge,
    Outcome,
    Run,
    after,
    device_uri,
    environment,
    own_certificate,
    pcl,
    places,
    run_backend,
    wait_until,
)
from tests.faults.invariant import violations
from tests.printer import Printer

#: Seconds in which the backend has to be gone, and what a loaded machine may add until the process is reaped.
GONE, GRACE = 2.0, 3.0
LARGE = pcl(6_000_000)
Moment = Callable[[Run], bool]
#: A printer that sees Cancel-Job before it can see that the document has broken off: else time would decide which of
#: the two ends its job.
NOT_READING = "stall=60000:release"


def never(run: Run) -> bool:
    return False


def connected(run: Run) -> bool:
    return run.printer.connections > 0


def asked(operation: str) -> Moment:
    """An operation has arrived at the printer."""
    return lambda run: operation in run.operations


def received(octets: int) -> Moment:
    """So many octets of the document are at the printer."""
    return lambda run: sum(job.size for job in run.printer.jobs) >= octets


def read_on(run: Run) -> None:
    """Let the printer read the rest once it has cancelled the job."""
    if any(job.state == JobState.CANCELED for job in run.printer.jobs):
        run.printer.release()


def said(text: str) -> Moment:
    return lambda run: run.said(text)


@dataclass(frozen=True)
class Case:
    """A moment to send SIGTERM.

    Attributes:
        stays: octets of the input after which it does not go on; None: it ends.
        job: what the job at the printer comes to; None: there is none.
    """

    phase: str
    moment: Moment
    faults: str = ""
    chunks: bool | None = True
    stays: int | None = None
    job: JobState | None = JobState.CANCELED
    document: bytes = DOCUMENT
    options: tuple[tuple[str, str], ...] = ()
    environ: tuple[tuple[str, str], ...] = ()


def cases() -> Iterator[Case]:
    """All phases, chunked and sized where there is a difference."""
    in_tls = {"stays": 1000, "job": None}
    yield Case("printer out of reach", said("trying again"), "sleep=99", job=None, options=(("contimeout", "600"),))
    yield Case("handshake", connected, "handshake=hang", **in_tls)  # type: ignore[arg-type]
    yield Case("half a handshake", connected, "handshake=hang@half", **in_tls)  # type: ignore[arg-type]
    yield Case("probe", asked("Get-Printer-Attributes"), "gpa_delay=30", None, **in_tls)  # type: ignore[arg-type]
    yield Case("busy printer", said("trying again"), "boot=60:busy", job=None, options=(("contimeout", "600"),))
    yield Case("waiting for the first octet", asked("Get-Printer-Attributes"), stays=0, job=None)
    yield Case("Create-Job without an answer", asked("Create-Job"), "at=hang@reply-status,only=Create-Job")
    for chunks in (True, False):
        how = "chunked" if chunks else "sized"
        yield Case(
            f"{how}, waiting for input", asked("Create-Job"), chunks=chunks, stays=100_000, job=JobState.CANCELED
        )
        yield Case(f"{how}, in the middle", received(500_000), "slow_read=100000:0.1", chunks, document=LARGE)
        yield Case(f"{how}, stalled", received(500_000), "stall=500000:60", chunks, document=LARGE)
        silent, slow = "at=hang@reply-status,only=documents,job_time=60", "slow_read=100000:0.1,missing=Create-Job"
        yield Case(f"{how}, waiting for the answer", received(len(DOCUMENT)), silent, chunks)
        yield Case(f"{how}, Print-Job, in the middle", received(500_000), slow, chunks, document=LARGE)
    yield Case("giving the job back to a class", said("+connecting-to-device"), "sleep=99", job=None,
               environ=(("CLASS", "offices"),))  # fmt: skip
    yield Case("watching", said("Waiting for the printer"), "job_time=60")
    yield Case("watching, the printer is silent", asked("Get-Job-Attributes"), "job_time=60,at=hang@reply-status,"
               "only=Get-Job-Attributes")  # fmt: skip
    yield Case("asking after a loss", said("asking again what became"),
               "at=rst@body-middle,only=Print-Job+Get-Jobs,missing=Create-Job", job=JobState.ABORTED)  # fmt: skip
    yield Case("the printer cannot be reached for the cancel", said("Waiting for the printer"),
               "job_time=60,at=hang@headers,only=Cancel-Job", job=JobState.PROCESSING)  # fmt: skip


CASES = list(cases())


def play(case: Case) -> tuple[Outcome, list[Any]]:
    """Run the backend and stop it at the moment of the case."""
    with Printer(certificate=own_certificate(), faults=case.faults) as printer:
        feed = None if case.stays is None else after(case.document, case.stays, never)
        knows = None if case.chunks is None else Knowledge(case.chunks)
        uri = device_uri(printer, **dict(case.options))
        outcome = run_backend(
            printer,
            case.document,
            uri=uri,
            feed=feed,
            knows=knows,
            environ=dict(case.environ),
            stop_when=case.moment,
            patience=30,
        )
        return outcome, [(job.state, job.closed, job.complete) for job in printer.jobs]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.phase)
def test_gone_in_time(case: Case, outcome_of: Any) -> None:
    """After SIGTERM the backend is gone in two seconds, the job is cancelled at the printer, and nothing is left."""
    outcome, jobs = outcome_of(play)
    assert violations(outcome, stopped=True) == [], str(outcome)
    assert outcome.exit_code == 1 and outcome.printed == 0, str(outcome)
    assert outcome.stopped_within is not None and outcome.stopped_within < GONE + GRACE, str(outcome)
    # A job whose document breaks off is aborted by the printer itself, perhaps before our Cancel-Job comes.
    states_left = [case.job if state == JobState.ABORTED and not whole else state for state, _, whole in jobs]
    assert states_left == ([case.job] if case.job else []), str(outcome)


@pytest.mark.parametrize("operations", ("", ",missing=Create-Job"), ids=("Create-Job", "Print-Job"))
def test_no_last_chunk_before_the_end_of_input(operations: str) -> None:
    """SIGTERM between two chunks: the body is left without its last chunk, so that no part of the job is printed."""
    with Printer(certificate=own_certificate(), faults=f"begin=first-byte{operations}") as printer:
        feed = after(DOCUMENT, 100_000, never)
        outcome = run_backend(printer, feed=feed, knows=Knowledge(True), stop_when=received(60_000))
        assert not any(document.complete for job in printer.jobs for document in job.documents)
        requests = [request for request in printer.requests if request.framing.kind == "chunked"]
        assert len(requests) == 1 and 0 not in requests[0].framing.chunk_sizes
    assert outcome.exit_code == 1 and violations(outcome, stopped=True) == [], str(outcome)


def test_a_second_sigterm_ends_it_at_once() -> None:
    """A second SIGTERM is not waited for, not even by the cancelling."""
    import os
    import signal

    sent: list[float] = []

    def again(run: Run) -> None:
        if asked("Cancel-Job")(run) and not sent:
            sent.append(1)
            os.kill(run.pid, signal.SIGTERM)

    with Printer(certificate=own_certificate(), faults="job_time=60,at=hang@reply-status,only=Cancel-Job") as printer:
        outcome = run_backend(printer, stop_when=said("Waiting for the printer"), watch=again)
    assert outcome.exit_code == 1 and sent


def test_between_two_copies(tmp_path: Path) -> None:
    """What was printed before stays printed; the copy that goes out is cancelled, and none follows."""

    def in_second_copy(run: Run) -> bool:
        if len(run.printer.jobs) == 1:
            run.printer.release()
        return len(run.printer.jobs) == 2 and run.printer.jobs[1].size > 0

    path = tmp_path / "job.pcl"
    path.write_bytes(DOCUMENT)
    arguments = ("7", "somebody", "a title", "3", f"job-uuid={JOB_UUID}")
    with Printer(certificate=own_certificate(), faults=NOT_READING) as printer:
        outcome = run_backend(
            printer,
            DOCUMENT,
            arguments=arguments,
            files=(str(path),),
            stop_when=in_second_copy,
            watch=read_on,
        )
        states = [job.state for job in printer.jobs]
    assert outcome.exit_code == 1 and outcome.printed == 1, str(outcome)
    assert states == [JobState.COMPLETED, JobState.CANCELED], str(outcome)
    assert violations(outcome, stopped=True) == ["exit 1 , and it was printed"], str(outcome)


ARGUMENTS = ("7", "somebody", "a title", "1", f"job-uuid={JOB_UUID}")


def outlive_cupsd(printer: Printer, folder: Path) -> int:
    """Begin to print, kill what stands for cupsd, and return the process of the run that goes on."""
    import subprocess

    path = folder / "job.pcl"
    path.write_bytes(DOCUMENT)
    shell = ["/bin/sh", "-c", '"$@" <"$0" & echo $!; wait', str(path), str(LAUNCHER), *ARGUMENTS]
    environ = environment(folder, device_uri(printer))
    with subprocess.Popen(shell, env=environ, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as cupsd:
        assert cupsd.stdout
        first = int(cupsd.stdout.readline())
        assert printer.wait_until(lambda: bool(printer.jobs) and printer.jobs[0].size > 0)
        cupsd.kill()
    return first


def test_a_run_that_outlived_its_cupsd_is_cancelled_too() -> None:
    """cupsd was killed and started again, and cancels the job: it knows the second run only, which tells the first."""
    import os

    with places() as folder, Printer(certificate=own_certificate(), faults=NOT_READING) as printer:
        first = outlive_cupsd(printer, folder)
        waiting = "An earlier run of this job is still at work"
        outcome = run_backend(
            printer, DOCUMENT, arguments=ARGUMENTS, folder=folder, stop_when=said(waiting), watch=read_on
        )
        printer.wait_until(lambda: printer.jobs[0].state.is_final)
        assert [job.state for job in printer.jobs] == [JobState.CANCELED], str(outcome)
        assert wait_until(lambda: not os.path.exists(f"/proc/{first}"), GONE + GRACE), "the first run is over as well"
    assert outcome.printed == 0 and outcome.exit_code == 1, str(outcome)
    assert outcome.stopped_within is not None and outcome.stopped_within < GONE + GRACE


def test_the_next_run_waits_for_one_that_outlived_its_cupsd() -> None:
    """And finds what became of the job: it is printed once."""
    with places() as folder, Printer(certificate=own_certificate(), faults="slow_read=20000:0.2") as printer:
        outlive_cupsd(printer, folder)
        outcome = run_backend(printer, DOCUMENT, arguments=ARGUMENTS, folder=folder)
        assert len(printer.printed) == 1 and len(printer.jobs) == 1, str(outcome)
    assert outcome.exit_code == 0 and any("An earlier run" in text for text in outcome.said("INFO")), str(outcome)
    assert violations(outcome) == []
