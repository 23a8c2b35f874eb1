"""One PDF for a printer of PWG raster: CUPS's program for that is told which of the printer's types to make."""

from __future__ import annotations

import os
from functools import partial
from typing import Mapping, Sequence

from filters.common.job import Job
from filters.common.program import run_filter
from filters.common.raster import refused, start_raster
from filters.common.report import Report
from filters.common.streams import write_all

_BLOCK_SIZE = 65536


def main(argv: Sequence[str], environ: Mapping[str, str], stdin: int = 0, stdout: int = 1, stderr: int = 2) -> int:
    """Print a job and return the exit code."""

    def work(job: Job, report: Report) -> None:
        print_job(job, environ, stdin, stdout)

    return run_filter("pdftopwg443", argv, environ, stderr, work, refused=partial(refused, "document"), cleans_up=True)


def print_job(job: Job, environ: Mapping[str, str], stdin: int, stdout: int) -> None:
    """Print a PDF, which pdftopdf has put on sheets.

    Raises:
        NoRaster, OSError: the job ends without its end.
    """
    source = os.open(job.files[0], os.O_RDONLY) if job.files else stdin
    with start_raster(job, environ, stdout) as raster:
        count = 0
        while block := os.read(source, _BLOCK_SIZE):
            count += len(block)
            write_all(raster.descriptor, block)
        raster.has_pages = count > 0  # pdftopdf writes nothing where page-ranges leaves nothing
