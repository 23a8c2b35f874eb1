"""The requests that carry a job: Create-Job and Send-Document, or Print-Job (RFC 8011 sections 4.2 and 4.3.1).

The job's attributes and its PIN go out in the request that makes the job, never in Send-Document. Pure.
"""

from __future__ import annotations

from backend.delivery.attempt import Attempt, PrintRequest
from backend.ipp import operations
from backend.ipp.message import Message


def create_job(attempt: Attempt, asked: PrintRequest, request_id: int) -> Message:
    """Return the Create-Job request of an attempt."""
    return operations.create_job(
        attempt.target,
        request_id,
        asked.job_name,
        operation_attributes=asked.password,
        job_attributes=attempt.job_attributes.attributes,
    )


def document_request(attempt: Attempt, asked: PrintRequest, request_id: int, job_id: int | None) -> Message:
    """Return the request that stands before the document.

    Args:
        job_id: the job that was created for it; without one it is Print-Job.
    """
    if attempt.creates_job and job_id is not None:
        return operations.send_document(attempt.target, request_id, job_id, attempt.document_format)
    return operations.print_job(
        attempt.target,
        request_id,
        asked.job_name,
        attempt.document_format,
        operation_attributes=asked.password,
        job_attributes=attempt.job_attributes.attributes,
    )
