"""One job from its arguments to its exit code. backend(7).

The job itself is told in ``run``; only this module reports how it ended and chooses an exit code.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping

from backend.cupsd.stop_signal import JobStopped, StopSignal
from backend.errors import (
    AccountRefused,
    DocumentInterrupted,
    InstallationBroken,
    IppsError,
    PartlyPrinted,
    PassedFormatRefused,
    PrintedUnclear,
    TrustError,
    UsageError,
)
from backend.exit_status import ExitStatus, exit_status
from backend.job.cups_job import CupsJob
from backend.job.run import Run
from backend.trust.pin_store import pins_path
from filters.common.job import JobUsageError, parse_job
from filters.common.report import Report
from filters.common.trusted_file import config_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from backend.job.unfinished import Unfinished

#: Ends of messages after which nobody has anything to do, because the job prints by itself: they are no ERROR.
NOTHING_TO_DO = (f"[{PassedFormatRefused.code}]",)


def _unfinished(run: Run) -> Unfinished:
    """Return what is left to do for a run; the import is for those that need it."""
    from backend.job.unfinished import Unfinished

    has_input = not run.cups_job.job.files
    return Unfinished(run.reached, has_input=has_input, stop=run.stop, display=run.display, report=run.report)


def _finish(run: Run, error: IppsError) -> ExitStatus:
    """Say how the job ended and return the exit code. The line that does is the last one above DEBUG."""
    reached, cause = run.reached, error
    if exit_status(error) is ExitStatus.CUPS_BACKEND_FAILED and reached.index and reached.destination is not None:
        error = PartlyPrinted(reached.destination.printer.name, reached.index, str(error))
    status, unfinished = exit_status(error), _unfinished(run)
    if isinstance(error, TrustError):
        error.may_be_on_paper = unfinished.may_be_on_paper
    unfinished.clean_up(cause)
    if isinstance(error, TrustError):
        run.display.show_distrust(error.state_word)
        run.report.debug(error.detail)
    if isinstance(error, AccountRefused):
        run.display.show_hold(error.keyword)
    return _exit(run, status, str(error), untouched=isinstance(error, TrustError) or unfinished.is_untouched)


def _exit(run: Run, status: ExitStatus, said: str, *, untouched: bool = False) -> ExitStatus:
    """Return the exit code, or keep it for the last document of the job: before that one cupsd may not hear of it."""
    run.end(status, said, untouched=untouched)
    journal = run.reached.journal
    if status is not ExitStatus.CUPS_BACKEND_OK and journal is not None and journal.is_written:
        document = journal.place.document
        if not run.cups_job.standing(document).is_last:
            run.report.warning(f"Document {document} of the job: {said}")
            return ExitStatus.CUPS_BACKEND_OK
    if status is ExitStatus.CUPS_BACKEND_AUTH_REQUIRED:
        run.display.ask_for_password()
    if said:
        say = run.report.warning if said.endswith(NOTHING_TO_DO) else run.report.error
        say(said)
    return status


def _finish_unexpected(run: Run, error: Exception) -> ExitStatus:
    """A fault of ours: hold the job if the printer may have it, else stop the queue; the details go to DEBUG."""
    import traceback

    for line in traceback.format_exc().splitlines():
        run.report.debug(line)
    unfinished = _unfinished(run)
    at_risk = unfinished.may_be_on_paper
    try:
        unfinished.clean_up(None)
    except Exception as second:
        run.report.debug(f"and while cleaning up: {second!r}")
    run.display.clear()
    what = f"{type(error).__name__}: {error}"
    if at_risk:
        said = f"Internal fault of ipps443 ({what}); the job may have been printed, or a part, and is held [I01]"
        return _exit(run, ExitStatus.CUPS_BACKEND_HOLD, said, untouched=True)
    said = f"Internal fault of ipps443 ({what}); nothing was printed, the queue stops. See the error log [I01]"
    return _exit(run, ExitStatus.CUPS_BACKEND_STOP, said, untouched=True)


def _print_document(run: Run) -> ExitStatus:
    """Do what is to be done for the document that cupsd has started this run for."""
    journal = run.open_journal()
    place = journal.place
    if place.killed:
        run.skip()
        killed = DocumentInterrupted(place.document - 1)
        return _exit(run, exit_status(killed), str(killed), untouched=True)
    if place.status:
        run.skip()
        return _exit(run, ExitStatus(place.status), place.said)
    if place.is_unclear:
        raise PrintedUnclear()
    if place.is_printed:
        what = "empty in" if place.was_empty else "printed by"
        run.report.warning(f"Document {place.document} of the job was {what} an earlier run, and is not printed again")
        run.skip()
    else:
        run.print_job(journal)
    run.display.clear()
    if run.reached.destination is not None:
        run.reached.destination.printer.disconnect()
    run.end(ExitStatus.CUPS_BACKEND_OK)  # the last thing of all: a crash after it would print the job again
    return ExitStatus.CUPS_BACKEND_OK


def _stopped(run: Run) -> ExitStatus:
    """SIGTERM: leave in time.

    While documents of the job are to come, a code that cupsd takes for a failure aborts it; and of a job that someone
    has cancelled, any other code keeps its queue busy for ever: cupsd then waits for documents that it does not start.
    """
    stop, journal = run.stop, run.reached.journal
    stop.forgive()
    status = ExitStatus.CUPS_BACKEND_RETRY_CURRENT if stop.is_shutdown else ExitStatus.CUPS_BACKEND_FAILED
    standing = run.cups_job.standing(journal.place.document if journal is not None else 1, wait=0.0)
    last = standing.is_last or (not stop.is_shutdown and standing.is_over)
    stop.exit_at_once_after_cancel = ExitStatus.CUPS_BACKEND_FAILED if last else ExitStatus.CUPS_BACKEND_OK
    unfinished = _unfinished(run)
    is_to_be_cancelled = unfinished.write_down_stop(None if stop.is_shutdown and last else status)
    # The log's disk may stand still: what keeps the job from printing twice comes first.
    if run.reached.audited is not None:
        run.reached.audited.end(run, status, "", is_stopped=True)
    if is_to_be_cancelled:
        unfinished.cancel()
    run.report.debug("stopped by SIGTERM" + (", the job will be run again" if stop.is_shutdown else ""))
    return status if last else ExitStatus.CUPS_BACKEND_OK


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
    if may_be_traced(job.queue, environ):
        from backend.trace.traced import traced_report

        report = traced_report(job, environ, report)
    status = _print(Run(CupsJob(job, environ, report), stop, report))
    report.detail("exit", status)
    return status


def may_be_traced(queue: str, environ: Mapping[str, str]) -> bool:
    """True if the device URI speaks of a trace, or there is a switch for the queue."""
    folder = config_path(environ, "trace")
    return "trace=" in environ.get("DEVICE_URI", "") or (queue != "" and os.path.lexists(os.path.join(folder, queue)))


def _print(run: Run) -> ExitStatus:
    """Print a document, whatever comes in between."""
    try:
        try:
            return _print_document(run)
        except IppsError as error:
            return _finish(run, error)
        except ImportError as error:
            return _finish(run, InstallationBroken(str(error)))
        except Exception as error:
            return _finish_unexpected(run, error)
    except JobStopped:
        return _stopped(run)
    finally:
        if run.reached.lock is not None:
            run.reached.lock.release()


def main(argv: list[str] | None = None, environ: Mapping[str, str] | None = None) -> int:
    """Without arguments list the devices, else print a job."""
    argv = sys.argv if argv is None else argv
    environ = os.environ if environ is None else environ
    if len(argv) == 1:
        from backend.discovery import list_devices

        return list_devices(pins_path(environ), environ)
    return print_job(argv, environ, Report())
