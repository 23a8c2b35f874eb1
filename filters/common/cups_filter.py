"""CUPS's own filters, started as cupsd would start them: filter(7)."""

from __future__ import annotations

import os

TYPE_CHECKING = False  # slow to import
if TYPE_CHECKING:
    from typing import Mapping

    from filters.common.job import Job

DEFAULT_SERVERBIN = "/usr/lib/cups"


def filter_command(
    name: str, job: Job, environ: Mapping[str, str], copies: int, options: str, *files: str
) -> list[str]:
    """Return the arguments that start a filter of CUPS on a document of a job."""
    path = os.path.join(environ.get("CUPS_SERVERBIN") or DEFAULT_SERVERBIN, "filter", name)
    return [path, str(job.job_id), job.user, job.title, str(copies), options, *files]
