"""What became of a job: asked after a loss, and made sure of before the document is sent once more.

A printer that breaks a connection may restart, so it is asked for as long as that takes. What it says is judged in
``transfer``; here it is only found out.
"""

from __future__ import annotations

from backend.cupsd.stop_signal import StopSignal
from backend.delivery.answers import in_short
from backend.errors import (
    AuthenticationRequired,
    ConnectionLost,
    HttpRefused,
    IppRefused,
    IppsError,
    JobInDoubt,
    MalformedResponse,
    PrinterUnreachable,
    TrustError,
)
from backend.ipp.codes import JobState
from backend.printer.job import DEAD, JobAtPrinter
from backend.printer.job_status import Found
from backend.printer.printer import Printer
from filters.common.report import Report

#: Seconds between the questions after a loss; a printer that restarts needs a while.
INQUIRY_PAUSES = (1, 2, 5, 10, 20, 30)
#: Seconds between the tries to cancel: it has just answered, and some take a connection only when the last is gone.
CANCEL_PAUSES = (1, 2, 5)
#: Seconds until it is asked again, for the same reason, about a document that it has refused.
REFUSAL_PAUSE = 1


def ask_after_loss(job: JobAtPrinter, printer: Printer, stop: StopSignal, report: Report) -> Found | None:
    """Ask the printer for the job, again and again while it does not answer; None if it has no answer to that."""
    for pause in INQUIRY_PAUSES:
        try:
            return job.find()
        except (PrinterUnreachable, ConnectionLost, MalformedResponse) as error:
            report.info(f"{error.text}; asking again what became of the job")
            printer.disconnect()
            stop.sleep(pause)
        except (IppRefused, HttpRefused, AuthenticationRequired) as error:
            report.debug(error.text)
            break
    return None


def ask_after_refusal(job: JobAtPrinter, stop: StopSignal) -> Found:
    """Ask the printer what it has made of a document to which it has said no; ``Found(None)`` if it has no word."""
    found = job.look()
    if found is None:
        stop.sleep(REFUSAL_PAUSE)
        found = job.look()
    return found or Found(None)


def cancel_for_good(job: JobAtPrinter, printer: Printer, stop: StopSignal, why: IppsError) -> None:
    """Cancel the job, and make sure that it is dead and nothing of it is on paper.

    A cancel may come too late: a job that is completed by then has printed, unless its pages are counted and none.

    Raises:
        JobInDoubt: it could not be cancelled, or something of it may have been printed.
        TrustError: there is someone else by now; the next run asks what became of it.
    """
    found = _cancel_with_patience(job, printer, stop, why)
    empty = found is not None and found.job_state == JobState.COMPLETED and found.impressions == 0
    if not (empty or _is_dead_without_a_page(found)):
        raise JobInDoubt(printer.name, f"{in_short(why)}; some of it may have been printed")


def _cancel_with_patience(job: JobAtPrinter, printer: Printer, stop: StopSignal, why: IppsError) -> Found | None:
    for pause in (*CANCEL_PAUSES, None):
        try:
            return job.cancel()
        except TrustError:
            raise
        except IppsError as error:
            if pause is None or not isinstance(error, (PrinterUnreachable, ConnectionLost)):
                raise JobInDoubt(
                    printer.name, f"{in_short(why)}; it could not be cancelled there: {in_short(error)}"
                ) from None
            printer.disconnect()
            stop.sleep(pause)
    return None


def is_cancelled_without_a_page(job: JobAtPrinter) -> bool:
    """Tell whether a job that an earlier run has cancelled is dead, and nothing of it is on paper.

    One that the printer does not know any more may have been printed before the cancel came.
    """
    found = job.look()
    return found is not None and found.job_state is not None and _is_dead_without_a_page(found)


def _is_dead_without_a_page(found: Found | None) -> bool:
    return found is not None and found.job_state in DEAD and not found.impressions
