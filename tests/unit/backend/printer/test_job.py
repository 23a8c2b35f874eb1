"""backend.printer.job: what is known of our job at the printer, and of those that are done with."""

from __future__ import annotations

import os
from typing import Any, cast

import pytest

from backend.errors import ConnectionLost, IppRefused
from backend.ipp.codes import JobState
from backend.ipp.message import Group, Message, attribute
from backend.ipp.tags import Tag
from backend.printer.job import JobAtPrinter
from backend.printer.job_status import Found
from backend.printer.printer import Printer, Reply
from filters.common.report import Report

OURS = "Letter c0ffee012345"
LOST = ConnectionLost("printer", "asking", "reset")


class Script:
    """A printer that knows these jobs under the name, all of one state; None: it does not answer."""

    name = "printer"

    def __init__(self, jobs: list[int] | None, found: Found = Found(JobState.PENDING)) -> None:
        self.jobs, self.found = jobs, found
        self.others: dict[int, str] = {}
        self.is_restarted = False
        self.cancelled: list[int] = []
        self.disconnections = 0

    def disconnect(self) -> None:
        self.disconnections += 1

    def has_restarted(self, up_time: int | None) -> bool:
        return self.is_restarted

    def jobs_named(self, name: str) -> list[tuple[int | None, Found]]:
        if self.jobs is None:
            raise LOST
        return [(job_id, self.found) for job_id in self.jobs]

    def find_job(self, job_id: int | None, name: str, besides: Any = ()) -> tuple[int | None, Found]:
        if job_id in self.others:
            return job_id, Found(JobState.PENDING, name=self.others[job_id])
        left = [each for each, _ in self.jobs_named(name) if each not in besides]
        if job_id is not None:
            return job_id, self.found if job_id in left else Found(None)
        return (left[-1], self.found) if left else (None, Found(None))

    def cancel(self, job_id: int) -> bool:
        if self.jobs is None:
            raise LOST
        self.cancelled.append(job_id)
        return True


def job_at(script: Script) -> JobAtPrinter:
    """Return our job there, of which nothing is known yet."""
    quiet = Report(os.open(os.devnull, os.O_WRONLY | os.O_CLOEXEC))
    return JobAtPrinter(cast(Printer, cast(Any, script)), OURS, quiet)


@pytest.mark.parametrize("known", ["job_id", "at_risk", "asked_to_create"])
def test_what_the_printer_may_have(known: str) -> None:
    """A number, bytes of the document, or a Create-Job whose answer was lost: one of them will do."""
    job = job_at(Script([]))
    assert job.may_be_there is False
    setattr(job, known, 17 if known == "job_id" else True)
    assert job.may_be_there is True


def test_older_jobs_are_left_out() -> None:
    """A reprint is not taken for its original; a printer that does not list them has none."""
    script = Script([3, 4])
    job = job_at(script)
    job.note_old_jobs()
    script.jobs = [3, 4, 5]
    assert job._done_with == {3, 4} and job.find() == script.found and job.job_id == 5
    job = job_at(Script(None))
    job.note_old_jobs()
    assert job._done_with == set()


@pytest.mark.parametrize(
    "state, is_used",
    [
        (JobState.PENDING, True),
        (JobState.PENDING_HELD, True),
        (JobState.PROCESSING, True),
        (JobState.COMPLETED, False),
        (JobState.ABORTED, False),
        (JobState.CANCELED, False),
        (JobState.PROCESSING_STOPPED, False),
    ],
)
def test_only_a_job_that_still_waits_for_its_document_is_used(state: JobState, is_used: bool) -> None:
    """One that is over is not the one that was just created."""
    job = job_at(Script([7], Found(state)))
    job.adopt_empty()
    assert job.job_id == (7 if is_used else None)


def test_a_printer_that_does_not_answer_tells_nothing() -> None:
    """And is not told anything on the connection that broke."""
    script = Script(None)
    job = job_at(script)
    job.job_id = 17
    assert job.look() is None
    job.cancel_quietly()
    job.adopt_empty()
    assert job.job_id == 17 and script.disconnections == 3


@pytest.mark.parametrize("known, named, job_id", [(None, 7, 7), (None, None, None), (None, 0, None), (17, 7, 17)])
def test_a_number_is_learned_once(known: int | None, named: int | None, job_id: int | None) -> None:
    """From the first answer that names one; 0 and less are no numbers (RFC 8011 section 5.3.2)."""
    job = job_at(Script([]))
    job.job_id = known
    group = () if named is None else (Group(Tag.JOB_ATTRIBUTES, (attribute("job-id", Tag.INTEGER, named),)),)
    reply = Reply(cast(Any, None), Message((2, 0), 0, 1, group))
    job.learn_id(reply)
    assert job.job_id == job_id
    assert job.is_not_in(reply) is (known == 17)


@pytest.mark.parametrize("learn, job_id", [(True, 7), (False, None)])
def test_a_look_learns_only_when_told_to(learn: bool, job_id: int | None) -> None:
    """A job that is found by its name may not be the one that counts."""
    job = job_at(Script([7]))
    assert job.look(learn=learn) == Found(JobState.PENDING)
    assert job.job_id == job_id


def test_a_job_without_a_number_is_not_cancelled() -> None:
    """There is nothing to cancel it by."""
    script = Script([7])
    job = job_at(script)
    job.cancel_quietly()
    assert job.cancel() is None and script.cancelled == []
    job.job_id = 7
    job.cancel_quietly()
    assert job.cancel() == script.found and script.cancelled == [7, 7]


def test_a_job_that_is_left_behind_is_not_found_again() -> None:
    """The document becomes another one."""
    job = job_at(Script([7, 8]))
    job.job_id = 8
    job.forget()
    assert job.job_id is None and job._done_with == {8}
    job.find()
    assert job.job_id == 7


#: What a printer says a job is called, and whether that proves anything against a number from an earlier run.
NAMES = [
    ("Payroll 0123456789ab", True),
    ("Payroll", True),
    ("Letter 0123456789ab", True),
    (OURS, False),
    ("LETTER_c0ffee012345.pdf", False),
    ("Letter c0f", False),
    ("Letter", False),
    ("", False),
]


@pytest.mark.parametrize("name, is_different", NAMES)
def test_a_number_from_an_earlier_run_may_be_of_a_different_job(name: str, is_different: bool) -> None:
    """A printer was exchanged, or counts anew: the job of somebody else is not cancelled, ours is, by its name."""
    nothing: list[int] = []
    for ours in (nothing, [8]):
        script = Script(ours)
        script.others[17] = name
        job = job_at(script)
        job.inherit(17, None)
        job.cancel_quietly()
        assert script.cancelled == (ours if is_different else [17])
        script.cancelled.clear()
        job.cancel()
        assert script.cancelled == (ours if is_different else [17])


def test_a_number_of_this_run_is_of_our_job_unless_the_printer_was_restarted() -> None:
    """Some printers make up names; one that was switched off and on may have given the number away."""
    script = Script([8])
    script.others[17] = "Print job 17"
    job = job_at(script)
    job.job_id = 17
    job._learned_at = 0.0  # a while ago
    assert job.number_at(cast(Printer, cast(Any, script))) == 17
    script.is_restarted = True
    assert job.number_at(cast(Printer, cast(Any, script))) == 8
    assert job.cancel() == script.found and script.cancelled == [8]


@pytest.mark.parametrize("is_of_this_run", [True, False])
def test_a_printer_that_tells_nobody_about_jobs(is_of_this_run: bool) -> None:
    """A number of this run is cancelled, seconds later too; one of an earlier run may be anyone's, and is not."""
    refused = IppRefused("printer", "Get-Job-Attributes", 0x0501, "server-error-operation-not-supported")
    script = Script([17])
    script.find_job = lambda *asked: raise_(refused)  # type: ignore[method-assign, assignment]
    job = job_at(script)
    job.job_id, job._learned_at = 17, 0.0 if is_of_this_run else None
    job.cancel_quietly()
    assert script.cancelled == [17] * is_of_this_run
    with pytest.raises(IppRefused):
        job.cancel()  # nobody knows what became of it
    assert script.cancelled == [17, 17] * is_of_this_run


def raise_(error: Exception) -> tuple[int | None, Found]:
    raise error
