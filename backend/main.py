"""One job from its arguments to its exit code. backend(7).

The job itself is told in ``run``; only this module reports how it ended and chooses an exit code.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping

from backend.errors import InstallationBroken, IppsError, PartlyPrinted, TrustError, UsageError
from backend.exit_status import ExitStatus, exit_status
from backend.run import Run
from backend.stop_signal import JobStopped, StopSignal
from backend.trust.pin_store import pins_path
from backend.unfinished import clean_up, stop_run
from filters.job import JobUsageError, parse_job
from filters.report import Report


def _finish(run: Run, error: IppsError, report: Report) -> ExitStatus:
    """Say how the job ended and return the exit code. The ERROR line is the last one above DEBUG."""
    if exit_status(error) is ExitStatus.CUPS_BACKEND_FAILED and run.index and run.printer is not None:
        error = PartlyPrinted(run.printer.name, run.index, str(error))
    status = exit_status(error)
    clean_up(run, error)
    run.leave()
    if isinstance(error, TrustError):
        report.state(f"+{error.state_word}")
    if status is ExitStatus.CUPS_BACKEND_AUTH_REQUIRED:
        report.attribute("auth-info-required", "username,password")
    report.error(str(error))
    return status


def _finish_unexpected(run: Run, error: Exception, report: Report) -> ExitStatus:
    """A fault of ours: hold the job if the printer may have it, else stop the queue; the details go to DEBUG."""
    import traceback

    for line in traceback.format_exc().splitlines():
        report.debug(line)
    at_risk = run.may_be_on_paper
    try:
        clean_up(run, None)
    except Exception as second:
        report.debug(f"and while cleaning up: {second!r}")
    run.leave()
    what = f"{type(error).__name__}: {error}"
    if at_risk:
        report.error(f"Internal fault of ipps443 ({what}); the job may have been printed, or a part, and is held [I01]")
        return ExitStatus.CUPS_BACKEND_HOLD
    report.error(f"Internal fault of ipps443 ({what}); nothing was printed, the queue stops. See the error log [I01]")
    return ExitStatus.CUPS_BACKEND_STOP


def print_job(argv: list[str], environ: Mapping[str, str], report: Report) -> ExitStatus:
    """Run one job as cupsd asks for it, and return the exit code."""
    stop = StopSignal()
    stop.install()
    try:
        job = parse_job(argv, environ)
    except JobUsageError as error:
        usage = UsageError(str(error))
        report.error(str(usage))
        return exit_status(usage)
    run = Run(job, environ, stop, report)
    try:
        try:
            run.print_job()
        except IppsError as error:
            return _finish(run, error, report)
        except ImportError as error:
            return _finish(run, InstallationBroken(str(error)), report)
        except Exception as error:
            return _finish_unexpected(run, error, report)
        run.leave()
        if run.printer is not None:
            run.printer.disconnect()
        run.records.end()  # the last thing of all: a crash after it would print the job again
        return ExitStatus.CUPS_BACKEND_OK
    except JobStopped:
        stop_run(run)
    finally:
        run.lock.release()
    report.debug("stopped by SIGTERM" + (", the job will be run again" if stop.is_shutdown else ""))
    return ExitStatus.CUPS_BACKEND_RETRY_CURRENT if stop.is_shutdown else ExitStatus.CUPS_BACKEND_FAILED


def main(argv: list[str] | None = None, environ: Mapping[str, str] | None = None) -> int:
    """Without arguments list the devices, else print a job."""
    argv = sys.argv if argv is None else argv
    environ = os.environ if environ is None else environ
    if len(argv) == 1:
        from backend.discovery import list_devices

        return list_devices(pins_path(environ))
    return print_job(argv, environ, Report())
