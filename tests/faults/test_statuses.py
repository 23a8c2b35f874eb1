"""IPP statuses of each kind as the answer to every operation: what becomes of job and queue, and why.

Of which kind each status of the standards is: tests/unit/backend/printer/test_statuses.py.
"""

from __future__ import annotations

from typing import Any

import pytest

from backend.ipp.codes import keyword
from backend.printer.statuses import TROUBLES
from tests.faults.harness import DOCUMENT, Knowledge, Outcome, own_certificate, run_backend
from tests.faults.quick import Nursery
from tests.printer import Printer
from tests.printer.faults import Faults

pytestmark = pytest.mark.usefixtures("quickly")

OPERATIONS = ("Create-Job", "Send-Document", "Print-Job", "Validate-Job", "Get-Printer-Attributes")
SENTENCE = "Quota of user anna\nis used\u202e\tup."
SHOWN = "Quota of user anna is used up"
PRINTED, FAILED, LOGIN, HELD, STOPPED, CANCELLED = 0, 1, 2, 3, 4, 5

#: Exit code and code of the message: for Create-Job (also where it leads to Print-Job), Send-Document, Print-Job. The
#: job is printed where another operation, an empty job or fewer attributes get round the refusal.
ACCOUNT, JOB, USER = (HELD, "P22"), (HELD, "P21"), (HELD, "P23")
BUSY, DOUBT, DOCUMENT_REFUSED, GOES_ON = (FAILED, "N03"), (HELD, "P09"), (CANCELLED, "P04"), (PRINTED, "")
PRINTER = (STOPPED, "P02")
EXPECTED: dict[int, tuple[tuple[int, str], tuple[int, str], tuple[int, str]]] = {
    0x0301: (GOES_ON, PRINTER, PRINTER),
    0x0400: (GOES_ON, JOB, JOB),
    0x0402: ((LOGIN, "P06"), (LOGIN, "P06"), (LOGIN, "P06")),
    0x0403: (USER, USER, USER),
    0x0404: (GOES_ON, GOES_ON, JOB),
    0x0405: (GOES_ON, (HELD, "P13"), DOUBT),
    0x0406: (GOES_ON, GOES_ON, PRINTER),
    0x0407: (GOES_ON, PRINTER, PRINTER),
    0x0408: (GOES_ON, (CANCELLED, "P05"), (CANCELLED, "P05")),
    0x0409: (JOB, JOB, JOB),
    0x040A: (GOES_ON, DOCUMENT_REFUSED, DOCUMENT_REFUSED),
    0x040B: (GOES_ON, GOES_ON, JOB),
    0x040C: (PRINTER, PRINTER, PRINTER),
    0x041B: (GOES_ON, DOCUMENT_REFUSED, DOCUMENT_REFUSED),
    0x041E: (ACCOUNT, ACCOUNT, ACCOUNT),
    0x0500: (GOES_ON, JOB, DOUBT),
    0x0501: (GOES_ON, GOES_ON, PRINTER),
    0x0503: (PRINTER, PRINTER, PRINTER),
    0x0504: (GOES_ON, (HELD, "P13"), DOUBT),
    0x0507: (BUSY, BUSY, BUSY),
    0x0508: (GOES_ON, (CANCELLED, "P07"), (CANCELLED, "P07")),
    0x0509: (GOES_ON, GOES_ON, JOB),
    0x0580: (GOES_ON, JOB, JOB),
}
#: What differs in the answer to the question about the printer; Validate-Job is never sent, so that one is enough.
OF_THE_PRINTER, NEVER_SENT = (0x0400, 0x0402, 0x041E, 0x0503, 0x0507), (0x041E,)


def expected(status: int, operation: str) -> tuple[int, str]:
    """Return exit code and code of the message, "" for a job that goes well."""
    if operation == "Validate-Job":
        return GOES_ON  # it is never sent: what it would refuse, the job itself is refused for
    if operation == "Get-Printer-Attributes":
        if EXPECTED[status][0] in (ACCOUNT, BUSY):
            return EXPECTED[status][0]
        return {0x0402: (LOGIN, "P06"), 0x0503: PRINTER}.get(status, USER)  # others are answered
    return EXPECTED[status][("Create-Job", "Send-Document", "Print-Job").index(operation)]


def faults_for(status: int, operation: str) -> Faults:
    """Return the faults of a printer that answers one operation so, for somebody only."""
    missing = "Create-Job" if operation == "Print-Job" else "none"
    word = keyword(status) if status in TROUBLES else f"0x{status:04x}"
    return Faults(status=f"{operation}:{word}", missing=missing, says=SENTENCE, status_user="somebody")


def run(printer: Printer, nursery: Nursery, user: str) -> Outcome:
    """Print one document of a user."""
    arguments = ("7", user, "a title", "1", "finishings=3 number-up=1")
    return run_backend(
        printer, DOCUMENT, arguments=arguments, knows=Knowledge(chunks=True), starter=nursery.start, patience=90
    )


SENT = {"Validate-Job": NEVER_SENT, "Get-Printer-Attributes": OF_THE_PRINTER}
CASES = [(status, operation) for operation in OPERATIONS for status in SENT.get(operation, tuple(EXPECTED))]


def play(case: tuple[int, str], nursery: Nursery) -> tuple[Outcome, Outcome | None]:
    """Print a document of the user who gets the status, and after one that is refused another user's."""
    with Printer(certificate=own_certificate(), faults=faults_for(*case)) as printer:
        outcome = run(printer, nursery, "somebody")
        return outcome, run(printer, nursery, "bert") if outcome.exit_code != PRINTED else None


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"0x{case[0]:04x}-{case[1]}")
def test_what_becomes_of_job_and_queue(case: tuple[int, str], outcome_of: Any, nursery: Nursery) -> None:
    """Exit code and message for each status and operation; the job of the next user prints at once."""
    status, operation = case
    outcome, after = outcome_of(lambda each: play(each, nursery))
    message = outcome.errors[-1] if outcome.errors else "printed"
    assert (outcome.exit_code, outcome.code) == expected(status, operation), str(outcome)
    assert after is None or (after.exit_code, after.printed) == (0, 1), str(after)
    assert not [line for line in outcome.lines if line.fault]
    assert outcome.printed == (outcome.exit_code == PRINTED)
    if outcome.code in ("P21", "P22", "P23", "P02"):
        assert SHOWN in message and len(message) <= 160
    states = [word.removeprefix("client-error-") for word in (keyword(status),) if outcome.code == "P22"]
    assert outcome.said("JOBSTATE") == states
