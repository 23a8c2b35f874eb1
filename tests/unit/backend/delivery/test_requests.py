"""backend.delivery.requests: which request stands before the document, and what is in it."""

from __future__ import annotations

import pytest

from backend.delivery.attempt import Attempt, Framing, JobAttributes, PrintRequest
from backend.delivery.requests import create_job, document_request
from backend.ipp.codes import Operation
from backend.ipp.message import Message, attribute
from backend.ipp.operations import Target
from backend.ipp.tags import Tag

ASKED = PrintRequest("ours", ("application/pdf",), password=(attribute("job-password", Tag.OCTET_STRING, b"1"),))
SIDES = attribute("sides", Tag.KEYWORD, "one-sided")


def attempt(creates_job: bool) -> Attempt:
    """Return an attempt with an attribute."""
    target = Target("ipps://printer:443/ipp/print", "anna")
    return Attempt(Framing.SIZED, ("application/pdf",), target, creates_job, JobAttributes((SIDES,)))


def names(message: Message) -> set[str]:
    """Return what a message has of these."""
    return {name for name in ("job-id", "job-name", "job-password", "sides", "document-format") if message.get(name)}


@pytest.mark.parametrize(
    "creates_job, job_id, operation",
    [
        (True, 17, Operation.SEND_DOCUMENT),
        (True, None, Operation.PRINT_JOB),
        (False, 17, Operation.PRINT_JOB),  # of an attempt before it
        (False, None, Operation.PRINT_JOB),
    ],
)
def test_the_request_before_the_document(creates_job: bool, job_id: int | None, operation: Operation) -> None:
    """Send-Document needs a job that was created for it, and carries nothing of the job; Print-Job carries all."""
    message = document_request(attempt(creates_job), ASKED, 7, job_id)
    assert (message.code, message.request_id) == (operation, 7)
    of_job = {"job-name", "job-password", "sides"}
    assert names(message) == {"document-format", *({"job-id"} if operation is Operation.SEND_DOCUMENT else of_job)}
    assert attempt(creates_job).operation is (Operation.SEND_DOCUMENT if creates_job else Operation.PRINT_JOB)


def test_the_request_that_makes_the_job() -> None:
    """All but the document."""
    message = create_job(attempt(True), ASKED, 7)
    assert message.code == Operation.CREATE_JOB and names(message) == {"job-name", "job-password", "sides"}
