"""Runs of a job one after the other: what a run leaves behind when it is stopped, held, or restarted by hand.

cupsd stops a job by SIGTERM when it is cancelled, but also when its queue is disabled or the job is held, and runs it
again later, perhaps after it was restarted itself. In the tests the other cupsd is one with another number in the file.
"""

from __future__ import annotations

import pytest

from backend.errors import SENT_BEFORE
from tests.faults.harness import DOCUMENT, SHORT, UEL, Run, comes_from_another_cupsd, device_uri, own_certificate
from tests.faults.harness import places, record_in, run_backend
from tests.printer import Faults, Printer


def has_begun(run: Run) -> bool:
    """A part of the document is at the printer."""
    return bool(run.printer.jobs) and run.printer.jobs[0].size > 0


@pytest.mark.parametrize("operations", ["", ",missing=Create-Job"])
def test_stopped_while_sending_and_run_again(operations: str) -> None:
    """It is ourselves who cancelled at the printer; the job is printed by the next run."""
    faults = "slow_read=20000:0.2" + operations
    with places() as folder, Printer(certificate=own_certificate(), faults=faults) as printer:
        uri = device_uri(printer)
        run_backend(printer, DOCUMENT, uri=uri, folder=folder, stop_when=has_begun)
        comes_from_another_cupsd(record_in(folder / "cache" / "ipps443"))
        outcome = run_backend(printer, DOCUMENT, uri=uri, folder=folder)
        assert outcome.exit_code == 0 and len(printer.printed) == 1, str(outcome)


@pytest.mark.parametrize("faults", ["busy=1@Print-Job,missing=Create-Job", "busy=1@Send-Document,history=none"])
def test_stopped_while_busy_and_run_again(faults: str) -> None:
    """The printer has refused all of it, and knows no job: there is no doubt."""
    with places() as folder, Printer(certificate=own_certificate(), faults=faults) as printer:
        uri = device_uri(printer, contimeout="600")
        run_backend(printer, SHORT, uri=uri, folder=folder, stop_when=lambda run: run.said("trying again"))
        comes_from_another_cupsd(record_in(folder / "cache" / "ipps443"))
        outcome = run_backend(printer, SHORT, uri=uri, folder=folder)
        assert outcome.exit_code == 0 and len(printer.printed) == 1, str(outcome)


def test_stopped_while_printing_and_run_again() -> None:
    """A job that was cancelled before its first page came out is printed by the next run."""
    with places() as folder, Printer(certificate=own_certificate(), faults="page_time=3") as printer:
        uri = device_uri(printer)
        waiting = "Waiting for the printer to finish"
        run_backend(printer, SHORT, uri=uri, folder=folder, stop_when=lambda run: run.said(waiting))
        comes_from_another_cupsd(record_in(folder / "cache" / "ipps443"))
        outcome = run_backend(printer, SHORT, uri=uri, folder=folder)
        assert outcome.exit_code == 0 and len(printer.printed) == 1, str(outcome)


@pytest.mark.parametrize("phase", ["sending", "accepted"])
def test_stopped_while_the_printer_is_asked_and_run_again(phase: str) -> None:
    """A run that was to find out what became of a job without a number leaves that to the next one."""
    with places() as folder, Printer(certificate=own_certificate(), faults="missing=Create-Job") as printer:
        uri = device_uri(printer)
        assert run_backend(printer, SHORT, uri=uri, folder=folder).exit_code == 0
        left = record_in(folder / "cache" / "ipps443")
        place = f"ipps://localhost:{printer.port}/ipp/print"
        comes_from_another_cupsd(left, printer=place, printed=0, status=None, phase=phase, job_id=None)
        printer.faults = Faults.parse("missing=Create-Job,at=rst@headers,only=Get-Jobs")
        run_backend(printer, SHORT, uri=uri, folder=folder, stop_when=lambda run: run.said("asking again what became"))
        printer.faults = Faults.parse("missing=Create-Job")
        outcome = run_backend(printer, SHORT, uri=uri, folder=folder)
        assert (outcome.exit_code, len(printer.printed)) == (3, 1), str(outcome)


def test_the_number_of_an_earlier_run_is_of_a_different_job_by_now() -> None:
    """A printer was exchanged, or counts anew: what became of the other job does not say what became of ours."""
    with places() as folder, Printer(certificate=own_certificate(), faults="page_time=3") as printer:
        uri = device_uri(printer)
        waiting = "Waiting for the printer to finish"
        run_backend(printer, SHORT, uri=uri, folder=folder, stop_when=lambda run: run.said(waiting))
        other = ("8", "someone", "payroll", "1", "")
        assert run_backend(printer, SHORT, uri=uri, folder=folder, arguments=other).exit_code == 0
        comes_from_another_cupsd(record_in(folder / "cache" / "ipps443"), job_id=2)
        outcome = run_backend(printer, SHORT, uri=uri, folder=folder)
        assert (outcome.exit_code, len(printer.printed)) == (0, 2), str(outcome)


def test_held_for_want_of_a_copy_and_released() -> None:
    """The message says that the job can be released, and then it prints."""
    faults = "chunk=411,refuse_at=end,only=Send-Document,times=1"
    with places() as folder, Printer(certificate=own_certificate(), faults=faults) as printer:
        uri = device_uri(printer, spool="no")
        held = run_backend(printer, DOCUMENT, uri=uri, folder=folder)
        assert (held.exit_code, held.code) == (3, "P12")
        comes_from_another_cupsd(record_in(folder / "cache" / "ipps443"))
        outcome = run_backend(printer, DOCUMENT, uri=uri, folder=folder)
        assert outcome.exit_code == 0 and len(printer.printed) == 1, str(outcome)


@pytest.mark.parametrize(
    "status, exit_code",
    [
        ("server-error-busy", 0),
        ("client-error-document-format-not-supported", 0),
        ("client-error-bad-request", 0),
        ("server-error-internal-error", 3),  # nobody knows
    ],
)
def test_a_reprint_is_not_taken_for_its_original(status: str, exit_code: int) -> None:
    """A printer that refuses Create-Job and then the document has printed the job of that name before, not this one."""
    faults = f"status=Create-Job:client-error-not-possible*1+Print-Job:{status}*1,only=Print-Job+Create-Job,skip=1"
    with places() as folder, Printer(certificate=own_certificate(), faults=faults) as printer:
        uri = device_uri(printer, contimeout="30")
        assert run_backend(printer, SHORT, uri=uri, folder=folder).exit_code == 0
        outcome = run_backend(printer, SHORT, uri=uri, folder=folder)
        assert (outcome.exit_code, len(printer.printed)) == (exit_code, 1 if exit_code else 2), str(outcome)


def test_a_cancel_of_a_reprint() -> None:
    """It is the new job of that name that is cancelled at the printer, whatever became of the old one."""
    faults = "missing=Create-Job,slow_reply=5,only=Print-Job,skip=1,page_time=3"
    with places() as folder, Printer(certificate=own_certificate(), faults=faults) as printer:
        uri = device_uri(printer)
        assert run_backend(printer, SHORT, uri=uri, folder=folder).exit_code == 0

        def is_at_the_printer(run: Run) -> bool:
            return len(printer.jobs) > 1 and printer.jobs[1].size >= len(SHORT)

        run_backend(printer, SHORT, uri=uri, folder=folder, stop_when=is_at_the_printer)
        assert [job.state.name for job in printer.jobs] == ["COMPLETED", "CANCELED"]


def test_a_certificate_that_changes_behind_the_document() -> None:
    """The printer had it before: no message says that nothing was sent, and the next run asks what became of it."""
    faults = "lose_reply=after-accept,only=documents,times=1,cert=rotate-after-1"
    with places() as folder, Printer(faults=faults) as printer:
        uri = device_uri(printer)
        outcome = run_backend(printer, SHORT, uri=uri, folder=folder)
        assert (outcome.exit_code, outcome.code, outcome.printed) == (4, "T02", 1), str(outcome)
        assert SENT_BEFORE in outcome.errors[-1]
        printer.faults = Faults()
        outcome = run_backend(printer, SHORT, uri=device_uri(printer), folder=folder)
        assert len(printer.printed) == 1, str(outcome)


@pytest.mark.parametrize("pages", [0, 2])
def test_a_filter_died_and_the_job_is_tried_again(pages: int) -> None:
    """By the queue's error policy, without anyone's word: pages that came out meanwhile are not printed once more."""
    document = UEL + b"@PJL\r\n\x1bE" + b"page\x0c" * pages + DOCUMENT[60:]
    with places() as folder, Printer(certificate=own_certificate(), faults="begin=first-byte") as printer:
        ppd = folder / "etc" / "office.ppd"
        ppd.write_text('*PPD-Adobe: "4.3"\n*% made from ipps443.drv\n')
        uri, environ = device_uri(printer), {"PPD": str(ppd)}
        died = run_backend(printer, document[:150_000], uri=uri, folder=folder, environ=environ)
        assert (died.exit_code, died.code, died.jobs[0].impressions) == (1, "D01", pages), str(died)
        again = run_backend(printer, document, uri=uri, folder=folder, environ=environ)
        expected = (3, "P09", 0) if pages else (0, "", 1)
        assert (again.exit_code, again.code, again.printed) == expected, str(again)
