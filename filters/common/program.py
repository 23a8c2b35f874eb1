"""How each filter begins and ends: its job, SIGTERM, its ERROR line and its exit code. filter(7)."""

from __future__ import annotations

import os
import signal

from filters.common.job import Job, JobUsageError, parse_job
from filters.common.report import Report

TYPE_CHECKING = False  # slow to import
if TYPE_CHECKING:
    from typing import Callable, Mapping, Sequence


class Stopped(BaseException):
    """SIGTERM came: clean up and leave, with nothing that looks like the end of a job."""


def _refuses_nothing(error: Exception, report: Report) -> bool:
    return False


def run_filter(
    program: str,
    argv: Sequence[str],
    environ: Mapping[str, str],
    stderr: int,
    print_job: Callable[[Job, Report], None],
    *,
    refused: Callable[[Exception, Report], bool] = _refuses_nothing,
    cleans_up: bool = False,
    does: str = "read the document or write the print data",
    makes: str = "the print data",
) -> int:
    """Print a job and return the exit code.

    Args:
        print_job: prints all documents of the job.
        refused: writes the ERROR line of an error that is the filter's own; False if it is not.
        cleans_up: there are files or programs to take away at SIGTERM; without it the filter leaves at once.
        does: what an OSError keeps the filter from.
        makes: what no one reads any more when the next program is gone.
    """
    report = Report(stderr)
    before = signal.signal(signal.SIGTERM, _stop if cleans_up else _leave)
    try:
        print_job(parse_job(argv, environ), report)
    except JobUsageError as error:
        report.error(f"{program}: {error.reason} [F01]")
    except BrokenPipeError:
        # The next program is gone; whoever ended it says why.
        report.debug(f"{program}: no one reads {makes} any more")
    except Stopped:
        report.debug(f"{program}: stopped by SIGTERM")
    except Exception as error:
        if refused(error, report):
            pass
        elif isinstance(error, OSError):
            report.error(f"{program} cannot {does}: {error} [F04]")
        else:
            report.fault(program, error)
    else:
        return 0
    finally:
        signal.signal(signal.SIGTERM, before)
    return 1


def _leave(number: int, frame: object) -> None:
    """Leave at once, with nothing that looks like the end of a job."""
    os._exit(1)


def _stop(number: int, frame: object) -> None:
    # Once is enough: what cleans up now must not be stopped again.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise Stopped
