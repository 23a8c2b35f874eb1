"""What a printer says about a job that is over, or busy for a while: what becomes of it, and what the user reads."""

from __future__ import annotations

import pytest

from backend.printer.credentials import Credentials
from tests.faults.harness import PASSWORD, Knowledge, device_uri, own_certificate, run_backend
from tests.printer import Printer

pytestmark = pytest.mark.usefixtures("quickly")

SAYS = "PIN missing; ask Anna"


@pytest.mark.parametrize(
    "reasons, pages, counts, exit_code, code",
    [
        # "", the usual reason, counts as printed whatever is counted
        ("usual", "0", "ok", 0, ""),
        ("job-completed-with-errors", "1", "ok", 0, "warned"),
        ("job-completed-with-errors", "0", "ok", 3, "P25"),
        ("job-completed-with-errors", "0", "missing", 0, "warned"),
        ("submission-interrupted", "2", "ok", 0, "warned"),
        ("submission-interrupted", "2", "missing", 3, "P25"),
        ("account-limit-reached", "0", "missing", 3, "P22"),
        ("document-format-error", "0", "ok", 5, "P04"),
        ("job-canceled-by-user", "0", "missing", 5, "P07"),
    ],
)
def test_completed_with_a_reason(reasons: str, pages: str, counts: str, exit_code: int, code: str) -> None:
    """Nothing is printed without a word; without a count only clear reasons are believed.

    What each of the reasons says: tests/unit/backend/printer/test_job_status.py.
    """
    faults = f"end_reasons={reasons},pages={pages},job_message={SAYS},impressions={counts}"
    with Printer(certificate=own_certificate(), faults=faults) as printer:
        outcome = run_backend(printer, knows=Knowledge(chunks=True))
    assert (outcome.exit_code, outcome.code) == (exit_code, code.replace("warned", "")), str(outcome)
    told = outcome.errors or [line for line in outcome.said("WARNING") if "reports" in line] or outcome.said("INFO")
    assert code == "P07" or any(SAYS in line for line in told), str(outcome)
    assert bool([line for line in outcome.said("WARNING") if "reports" in line]) == (code == "warned")
    assert not [line for line in outcome.lines if line.fault]


@pytest.mark.parametrize("reasons", ["aborted-by-system", "usual"])
def test_an_aborted_job_says_why(reasons: str) -> None:
    """The job-state-message stands in the ERROR line."""
    faults = f"state=aborted,end_reasons={reasons},job_message={SAYS}"
    with Printer(certificate=own_certificate(), faults=faults) as printer:
        outcome = run_backend(printer, knows=Knowledge(chunks=True))
    assert (outcome.exit_code, outcome.code) == (3, "P08"), str(outcome)
    assert SAYS in outcome.errors[-1] and len(outcome.errors[-1]) <= 160


def test_a_message_on_the_way() -> None:
    """What the printer says while it prints is an INFO line, once."""
    with Printer(certificate=own_certificate(), faults=f"job_time=1,job_message={SAYS}") as printer:
        outcome = run_backend(printer, knows=Knowledge(chunks=True))
    assert outcome.exit_code == 0
    assert [line for line in outcome.said("INFO") if SAYS in line] == [f"localhost:{printer.port}: {SAYS}"]


# --- busy -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "faults, words",
    [
        ("answer=status:503,retry_after=1,only=Get-Printer-Attributes,times=1", "again in 1 seconds"),
        ("answer=status:429,retry_after=1,only=Get-Printer-Attributes,times=1", "again in 1 seconds"),
        ("answer=status:429,retry_after=0,only=Create-Job,times=1", "again in 1 seconds"),
        ("answer=status:503,retry_after=2,only=Create-Job,times=1", "again in 2 seconds"),
        ("answer=status:503,retry_after=Thu; 01 Jan 1970 00:00:00 GMT,only=Create-Job,times=1", "again in 5 seconds"),
        ("boot=1,retry_after=1", "again in 1 seconds"),
    ],
)
def test_retry_after_counts(faults: str, words: str) -> None:
    """The pause is the one that the printer asks for; what is no date counts for nothing."""
    with Printer(certificate=own_certificate(), faults=faults) as printer:
        outcome = run_backend(printer, uri=device_uri(printer, contimeout="60"), knows=Knowledge(chunks=True))
    assert (outcome.exit_code, outcome.printed) == (0, 1), str(outcome)
    assert any(words in line for line in outcome.said("INFO")), str(outcome)


# --- questions that are refused ----------------------------------------------------------------------------------


@pytest.mark.parametrize("answer", ["status:404", "html:403"])
def test_a_printer_that_refuses_all_questions_about_jobs(answer: str) -> None:
    """Refusals that never change are no reason to wait for ten minutes; the job counts as printed, with a WARNING."""
    faults = f"answer={answer},only=Get-Job-Attributes"
    with Printer(certificate=own_certificate(), faults=faults) as printer:
        outcome = run_backend(printer, knows=Knowledge(chunks=True), patience=40)
    assert (outcome.exit_code, outcome.printed) == (0, 1), str(outcome)
    assert any("does not tell what becomes of it" in line for line in outcome.said("WARNING"))


@pytest.mark.parametrize("sized", ["400", "501"])
def test_a_printer_that_takes_chunks_only(sized: str) -> None:
    """It is asked about the job in chunks, and tells."""
    faults = f"sized={sized},missing=Create-Job,only=Print-Job+Get-Job-Attributes,job_time=0.3"
    with Printer(certificate=own_certificate(), faults=faults) as printer:
        outcome = run_backend(printer, knows=Knowledge(chunks=True), patience=40)
    assert (outcome.exit_code, outcome.printed, outcome.said("PAGE")) == (0, 1, ["total 1"]), str(outcome)


# --- who may print -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "scheme, operations", [("basic", "Send-Document"), ("digest-md5", "all"), ("digest-sha256", "Create-Job")]
)
def test_what_cups_was_given_counts_after_a_refusal(scheme: str, operations: str) -> None:
    """The password in the URI is wrong; the one that somebody gave CUPS for this job opens."""
    faults = f"auth={scheme},auth_ops={operations},user=anna,password={PASSWORD}"
    with Printer(certificate=own_certificate(), faults=faults) as printer:
        uri = device_uri(printer, user="anna:wrong-4712")
        refused = run_backend(printer, uri=uri, knows=Knowledge(chunks=True))
        given = {"AUTH_USERNAME": "anna", "AUTH_PASSWORD": PASSWORD}
        printed = run_backend(printer, uri=uri, environ=given, knows=Knowledge(chunks=True))
        both_wrong = run_backend(printer, uri=uri, environ={**given, "AUTH_PASSWORD": "wrong"}, knows=Knowledge(True))
    assert (refused.exit_code, refused.code) == (2, "P06") and "device URI" in refused.errors[-1], str(refused)
    assert "lpadmin -v" in refused.errors[-1]
    assert (printed.exit_code, printed.printed) == (0, 1), str(printed)
    assert (both_wrong.exit_code, both_wrong.code) == (2, "P06"), str(both_wrong)
    assert "device URI" not in both_wrong.errors[-1]
    for outcome in (refused, printed, both_wrong):
        assert PASSWORD not in str(outcome) and "wrong-4712" not in str(outcome)


def test_the_same_account_is_not_tried_twice() -> None:
    """CUPS was given what stands in the URI."""
    credentials = Credentials("anna", "x", "printer", in_uri=True, others=(("anna", "x"),))
    assert credentials.refused().tried == 0 and not credentials._others
