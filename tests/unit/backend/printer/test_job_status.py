"""backend.printer.job_status: each job-state-reason of the standards, for jobs that are completed or aborted."""

from __future__ import annotations

import pytest

from backend.ipp.codes import JobState
from backend.printer import job_status as outcomes
from backend.printer.job_status import Verdict, explained, judge_end

V = Verdict
#: job-state-reasons of RFC 8011 and PWG 5100, by what they are to a job that is completed: with 2 impressions, with 0,
#: and without a count.
TABLE = {
    (V.DOCUMENT, V.DOCUMENT, V.DOCUMENT): (
        "document-format-error document-password-error document-permission-error document-security-error"
        " document-unprintable-error unsupported-compression unsupported-document-format"
    ),
    (V.PRINTED, V.ACCOUNT, V.ACCOUNT): (
        "account-authorization-failed account-closed account-info-needed account-limit-reached"
    ),
    (V.PRINTED, V.NOT_PRINTED, V.NOT_PRINTED): (
        "compression-error digital-signature-did-not-verify digital-signature-type-not-supported document-access-error"
        " job-data-insufficient submission-interrupted"
    ),
    (V.PRINTED, V.NOT_PRINTED, V.PRINTED): (
        "aborted-by-system conflicting-attributes destination-uri-failed errors-detected job-canceled-after-timeout"
        " job-completed-with-errors job-printed-with-errors job-saved-with-errors resources-are-not-ready"
        " resources-are-not-supported service-off-line unsupported-attributes-or-values"
    ),
    (V.CANCELLED, V.CANCELLED, V.CANCELLED): "job-canceled-at-device job-canceled-by-operator job-canceled-by-user",
    (V.PRINTED, V.PRINTED, V.PRINTED): (
        "connected-to-destination connecting-to-destination fetchable job-completed-successfully"
        " job-completed-with-warnings job-delay-output-until-specified job-digital-signature-wait job-fetchable"
        " job-held-for-review job-hold-until-specified job-incoming job-interpreting job-outgoing job-password-wait"
        " job-printed-successfully job-printed-with-warnings job-printing job-queued job-queued-for-marker"
        " job-release-wait job-restartable job-resuming job-saved-successfully job-saved-with-warnings job-spooling"
        " job-streaming job-suspended job-suspended-by-operator job-suspended-by-system job-suspended-by-user"
        " job-suspended-for-approval job-suspending job-transferring job-transforming none printer-stopped"
        " printer-stopped-partly processing-to-stop-point queued-in-device warnings-detected x-made-up"
    ),
}
ROWS = [(word, verdicts) for verdicts, words in TABLE.items() for word in words.split()]


@pytest.mark.parametrize("reason, verdicts", ROWS)
def test_a_completed_job(reason: str, verdicts: tuple[Verdict, ...]) -> None:
    """What the printer counts decides about many of them."""
    found = tuple(judge_end(JobState.COMPLETED, frozenset((reason,)), count) for count in (2, 0, None))
    assert found == verdicts


@pytest.mark.parametrize("reason, verdicts", ROWS)
def test_an_aborted_job(reason: str, verdicts: tuple[Verdict, ...]) -> None:
    """It never counts as printed, nor as cancelled by a person."""
    for count, completed in zip((2, 0, None), verdicts):
        expected = completed if completed in (V.DOCUMENT, V.ACCOUNT) else V.ABORTED
        assert judge_end(JobState.ABORTED, frozenset((reason,)), count) is expected


def test_no_printed_job_has_errors_without_a_word() -> None:
    """Whatever is no plain success is worth a warning."""
    silent = {word for word, verdicts in ROWS if set(verdicts) == {V.PRINTED} and "warnings" not in word}
    assert not silent & outcomes.WORTH_A_WARNING
    assert {word for word, verdicts in ROWS if V.CANCELLED not in verdicts} - silent == outcomes.WORTH_A_WARNING


@pytest.mark.parametrize(
    "reasons, sentence, text",
    [
        ((), "", "no reason given"),
        (("none",), "Out of ink", "Out of ink"),
        (("aborted-by-system",), "", "aborted-by-system"),
        (("aborted-by-system", "errors-detected"), "PIN missing", "PIN missing (aborted-by-system, errors-detected)"),
        (("errors-detected",), "errors-detected", "errors-detected"),
    ],
)
def test_reasons_and_sentence_are_one_text(reasons: tuple[str, ...], sentence: str, text: str) -> None:
    """The printer's own words come first."""
    assert explained(frozenset(reasons), sentence) == text
