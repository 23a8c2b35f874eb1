"""backend.printer.watch: how a job that the printer has comes to its end, and what the queue shows until then.

The printer is a script: a list of answers about the job, of which the last repeats, and one about itself. Time passes
only by sleeping.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Union, cast

import pytest

from backend.cupsd.queue_display import QueueDisplay
from backend.cupsd.stop_signal import JobStopped, StopSignal
from backend.errors import (
    AccountRefused,
    AuthenticationRequired,
    ConnectionLost,
    DocumentRefused,
    HttpRefused,
    IppsError,
    JobAbortedAtPrinter,
    JobCancelledAtPrinter,
    JobInDoubt,
    PrinterUnknown,
    PrinterUnreachable,
)
from backend.http.exchange import Response
from backend.ipp.codes import JobState, Operation, PrinterState, Status
from backend.ipp.message import Group, Message, attribute
from backend.ipp.operations import Target
from backend.ipp.tags import Tag
from backend.printer import watch
from backend.printer.printer import Printer, Reply
from backend.printer.watch import (
    FIRST_PAUSE,
    LONGEST_PAUSE,
    NOT_BEGUN_SECONDS,
    SILENCE_SECONDS,
    STUCK_SECONDS,
    watch_job,
)
from filters.common.report import Report
from tests.cups_lines import Line, parse_lines, texts, words_left

LOST = ConnectionLost("printer", "asking", "reset")
UNREACHABLE = PrinterUnreachable("printer", "no answer")
Answer = Union[Message, IppsError]
NAME = "report 0123456789ab"
COMPLETED, PROCESSING, PENDING = JobState.COMPLETED, JobState.PROCESSING, JobState.PENDING


def job(
    state: int | None,
    *reasons: str,
    impressions: int | None = None,
    sheets: int | None = None,
    total: int | None = None,
    name: str | None = NAME,
    message: str = "",
) -> Message:
    """Return an answer about a job."""
    attributes = [attribute("job-state", Tag.ENUM, state)] if state is not None else []
    attributes += [attribute("job-name", Tag.NAME_WITHOUT_LANGUAGE, name)] if name is not None else []
    attributes += [attribute("job-state-reasons", Tag.KEYWORD, *reasons)] if reasons else []
    attributes += [attribute("job-state-message", Tag.TEXT_WITHOUT_LANGUAGE, message)] if message else []
    counts = {"job-impressions": total, "job-impressions-completed": impressions, "job-media-sheets-completed": sheets}
    attributes += [attribute(name, Tag.INTEGER, count) for name, count in counts.items() if count is not None]
    return Message((2, 0), 0, 1, (Group(Tag.JOB_ATTRIBUTES, tuple(attributes)),))


def refusal(status: int) -> Message:
    """Return an answer that says no."""
    return Message((2, 0), status, 1, ())


def printer_says(state: int = PrinterState.PROCESSING, *reasons: str, up_time: int | None = 100) -> Message:
    """Return an answer of the printer about itself."""
    attributes = [attribute("printer-state", Tag.ENUM, state)]
    attributes += [attribute("printer-state-reasons", Tag.KEYWORD, *(reasons or ("none",)))]
    attributes += [attribute("printer-up-time", Tag.INTEGER, up_time)] if up_time is not None else []
    return Message((2, 0), 0, 1, (Group(Tag.PRINTER_ATTRIBUTES, tuple(attributes)),))


@dataclass
class Script:
    """A printer that answers what it is told to; errors among the answers are raised."""

    about_job: Sequence[Answer]
    about_itself: Sequence[Answer] = field(default_factory=lambda: [printer_says()])
    name: str = "printer"
    target: Target = Target("ipps://printer:443/ipp/print", "anna")
    asked: list[str] = field(default_factory=list)
    disconnections: int = 0

    has_restarted = Printer.has_restarted

    def next_request_id(self) -> int:
        """Any will do."""
        return 7

    def _play(self, answers: Sequence[Answer]) -> Reply:
        played = self.asked.count("job" if answers is self.about_job else "printer")
        answer = answers[min(played, len(answers)) - 1]
        if isinstance(answer, IppsError):
            raise answer
        return Reply(cast(Response, None), answer)

    def ask(self, message: Message) -> Reply:
        """Answer about the job."""
        assert message.code == Operation.GET_JOB_ATTRIBUTES
        wanted = message.get("job-id", Tag.OPERATION_ATTRIBUTES)
        assert wanted is not None and wanted.value == 17
        self.asked.append("job")
        return self._play(self.about_job)

    def get_attributes(self, requested: tuple[str, ...]) -> Reply:
        """Answer about the printer."""
        self.asked.append("printer")
        return self._play(self.about_itself)

    def expect_message(self, reply: Reply) -> Message:
        """As the real one."""
        assert reply.message is not None
        return reply.message

    def disconnect(self) -> None:
        """Count."""
        self.disconnections += 1


class Clock(StopSignal):
    """Time that passes only by sleeping."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        super().__init__()
        self.now = 5000.0
        self.sleeps: list[float] = []
        monkeypatch.setattr(time, "monotonic", lambda: self.now)

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.check()
        assert len(self.sleeps) < 10_000, "this watch does not end"
        self.sleeps.append(seconds)
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """A clock of its own."""
    return Clock(monkeypatch)


class Said:
    """What was written for cupsd."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def all_lines(self) -> list[Line]:
        """Return all of it."""
        return parse_lines(os.pread(self._descriptor, 1 << 20, 0))

    def lines(self, prefix: str) -> list[str]:
        """Return what stands behind one prefix."""
        return texts(self.all_lines(), prefix)

    def words_left(self) -> set[str]:
        """Return the words that the queue carries now."""
        return words_left(self.all_lines())


@pytest.fixture
def said() -> Iterator[Said]:
    """A file in the place of standard error."""
    descriptor = os.memfd_create("stderr")
    yield Said(descriptor)
    os.close(descriptor)


@dataclass
class Watched:
    """All that takes part in a watch."""

    clock: Clock
    said: Said
    shown: QueueDisplay
    report: Report

    def run(self, script: Script, up_time: int | None = 90) -> float:
        """Watch job 17, and return the seconds that took."""
        began = self.clock.now
        watch_job(
            cast(Printer, cast(Any, script)), 17, self.report, self.clock, self.shown, job_name=NAME, up_time=up_time
        )
        return self.clock.now - began


@pytest.fixture
def watched(clock: Clock, said: Said) -> Watched:
    """A watch that has shown nothing yet."""
    report = Report(said._descriptor)
    return Watched(clock, said, QueueDisplay(report), report)


def test_questions_are_quick_at_first_and_slower_later(watched: Watched) -> None:
    """50 ms, growing by the same factor up to four seconds, which repeat; the log has each state once."""
    watched.run(Script([job(PROCESSING)] * 40 + [job(COMPLETED)]))
    sleeps = watched.clock.sleeps
    states = [line for line in watched.said.lines("DEBUG") if " is " in line]
    assert states == [f"job 17 is {state}: no reason given" for state in ("processing", "completed")]
    assert sleeps[0] == FIRST_PAUSE == 0.05 and sleeps[-1] == LONGEST_PAUSE == 4.0
    assert sleeps == sorted(sleeps)


@pytest.mark.parametrize("status", ["NOT_FOUND", "GONE", "NOT_POSSIBLE"])
def test_a_vanished_job_is_printed(watched: Watched, status: str) -> None:
    """A printer without history forgets a job as soon as it is printed (Q-100)."""
    watched.run(Script([job(PROCESSING), refusal(Status[f"CLIENT_ERROR_{status}"])]))


def test_a_job_that_vanished_over_a_restart_is_in_doubt(watched: Watched) -> None:
    """The printer has been switched off since it took the job: nobody knows what came out."""
    script = Script([refusal(Status.CLIENT_ERROR_NOT_FOUND)], [printer_says(up_time=5)])
    with pytest.raises(JobInDoubt):
        watched.run(script, up_time=90)


@pytest.mark.parametrize("before, now", [(None, 5), (90, None), (90, 90), (90, 3000), (None, None)])
def test_up_times_that_prove_nothing(watched: Watched, before: int | None, now: int | None) -> None:
    """A printer that does not tell its up-time, or has run on, has printed the job that it forgot."""
    script = Script([refusal(Status.CLIENT_ERROR_NOT_FOUND)], [printer_says(up_time=now)])
    watched.run(script, up_time=before)


@pytest.mark.parametrize("status", sorted(watch.TELLS_NOBODY))
def test_a_printer_that_tells_nobody_has_the_job(watched: Watched, status: int) -> None:
    """Get-Job-Attributes not supported, or not for us: the job counts as delivered, and nobody waits."""
    assert watched.run(Script([refusal(status)])) == 0


@pytest.mark.parametrize(
    "answer, error",
    [
        (job(JobState.ABORTED, "aborted-by-system"), JobAbortedAtPrinter),
        (job(JobState.ABORTED), JobAbortedAtPrinter),
        (job(COMPLETED, "document-format-error"), DocumentRefused),
        (job(JobState.ABORTED, "unsupported-compression", "aborted-by-system"), DocumentRefused),
        (job(COMPLETED, "document-unprintable-error"), DocumentRefused),
    ],
)
def test_other_ends(watched: Watched, answer: Message, error: type[IppsError]) -> None:
    """Aborted, and completed without having been understood, are different ends (Q-103, Q-104)."""
    with pytest.raises(error):
        watched.run(Script([job(PROCESSING), answer]))


@pytest.mark.parametrize(
    "reason, impressions, of_kind, may_be_on_paper",
    [
        ("unsupported-document-format", None, True, False),
        ("unsupported-document-format", 0, True, False),
        ("unsupported-document-format", 1, False, True),
        ("document-format-error", 0, False, True),
        ("document-format-error", None, False, True),
    ],
)
def test_a_format_that_the_printer_finds_it_has_not(
    watched: Watched, reason: str, impressions: int | None, of_kind: bool, may_be_on_paper: bool
) -> None:
    """Nothing else of the kind will print either, unless some of it did."""
    with pytest.raises(DocumentRefused) as caught:
        watched.run(Script([job(JobState.ABORTED, reason, impressions=impressions)]))
    assert (caught.value.of_kind, caught.value.may_be_on_paper) == (of_kind, may_be_on_paper)


def test_the_printers_reasons_are_told(watched: Watched) -> None:
    """Why a job was given up stands in the error, without "none"."""
    with pytest.raises(JobAbortedAtPrinter) as caught:
        watched.run(Script([job(JobState.ABORTED, "none", "memory-exceeded", "a-fault")]))
    assert caught.value.reason == "a-fault, memory-exceeded"


@pytest.mark.parametrize("state", [COMPLETED, PROCESSING, JobState.CANCELED, JobState.ABORTED])
def test_a_number_given_anew_after_a_restart_is_a_doubt(watched: Watched, state: int) -> None:
    """The printer was switched off and on and counts anew: how a different job ends says nothing about ours."""
    script = Script([job(PROCESSING), UNREACHABLE, job(state, name="other")], [printer_says(up_time=5)])
    with pytest.raises(JobInDoubt):
        watched.run(script, up_time=90)


@pytest.mark.parametrize(
    "away, name, up_time",
    [([UNREACHABLE], NAME, 5), ([LOST], None, 5), ([LOST], "other", 91), ([LOST], "other", None), ([], "other", 5)],
)
def test_a_job_that_comes_back_under_its_number_is_ours(
    watched: Watched, away: list[IppsError], name: str | None, up_time: int | None
) -> None:
    """With its name, without a restart that is proven, or without a break: printers change names as they like."""
    watched.run(Script([job(PROCESSING), *away, job(COMPLETED, name=name)], [printer_says(up_time=up_time)]))


def test_the_printer_is_asked_once_after_a_break(watched: Watched) -> None:
    """Not with each later answer about the job, of a printer that has a name of its own for it."""
    script = Script([job(PROCESSING), LOST, job(PROCESSING, name="other"), job(COMPLETED, name="other")])
    assert watched.run(script) < watch.FIRST_LOOK
    assert script.asked.count("printer") == 1


@pytest.mark.parametrize(
    "answer, why",
    [
        (job(JobState.PENDING_HELD, "job-hold-until-specified"), ""),
        (job(PROCESSING, "job-password-wait"), ": job-password-wait"),
        (job(JobState.PENDING_HELD, message="Enter your PIN"), ": Enter your PIN"),
    ],
)
def test_a_job_held_at_the_printer_is_delivered(watched: Watched, answer: Message, why: str) -> None:
    """Somebody has to release it there; the queue goes on (Q-102). What it waits for is said where that is known."""
    assert watched.run(Script([answer])) == 0
    assert any(line.endswith(f"until someone releases it there{why}") for line in watched.said.lines("INFO"))


@pytest.mark.parametrize("state", [PROCESSING, PENDING, JobState.PENDING_HELD, JobState.CANCELED, COMPLETED])
def test_what_the_printer_says_in_words_is_passed_on(watched: Watched, state: int) -> None:
    """Once each, whatever state the job is in."""
    said = attribute("job-state-message", Tag.TEXT_WITHOUT_LANGUAGE, "Out of luck.")
    found = job(state)
    spoken = Message((2, 0), 0, 1, (Group(Tag.JOB_ATTRIBUTES, (*found.groups[0].attributes, said)),))
    try:
        watched.run(Script([spoken, spoken, job(COMPLETED)]))
    except JobCancelledAtPrinter:
        assert state == JobState.CANCELED
    lines = [line for line in watched.said.lines("INFO") if line == "printer: Out of luck"]
    assert len(lines) == 1


def test_a_held_job_that_still_comes_in_is_not_delivered(watched: Watched) -> None:
    """Printers hold a job while its document is being stored; that is no end."""
    script = Script([job(JobState.PENDING_HELD, "job-incoming")] * 3 + [job(COMPLETED)])
    watched.run(script)
    assert script.asked.count("job") == 4


@pytest.mark.parametrize("reason, warned", [("job-completed-with-warnings", True), ("none", False)])
def test_what_a_printer_reports_of_a_printed_job(watched: Watched, reason: str, warned: bool) -> None:
    """That it printed with warnings is one here; its own sentence alone is none."""
    watched.run(Script([job(COMPLETED, reason, impressions=1, message="Toner was low")]))
    said = ["printer printed the job and reports: Toner was low (job-completed-with-warnings)"] if warned else []
    assert watched.said.lines("WARNING") == said


@pytest.mark.parametrize(
    "reasons, error",
    [
        (("aborted-by-system",), JobAbortedAtPrinter),
        (("job-canceled-after-timeout",), JobAbortedAtPrinter),
        (("resources-are-not-ready", "processing-to-stop-point"), JobAbortedAtPrinter),
        (("submission-interrupted",), JobAbortedAtPrinter),
        (("account-limit-reached",), AccountRefused),
        (("document-format-error",), DocumentRefused),
        (("aborted-by-system", "job-canceled-by-user"), JobCancelledAtPrinter),
        (("job-canceled-at-device",), JobCancelledAtPrinter),
        (("none",), JobCancelledAtPrinter),
        (("job-completed-with-warnings",), JobCancelledAtPrinter),
        ((), JobCancelledAtPrinter),
    ],
)
def test_a_job_that_the_printer_itself_cancelled_is_not_lost(
    watched: Watched, reasons: tuple[str, ...], error: type[IppsError]
) -> None:
    """Some call "canceled" what they gave up; only what a person has cancelled there is cancelled here too."""
    with pytest.raises(error):
        watched.run(Script([job(JobState.CANCELED, *reasons)]))


def test_states_missing_now_and_then_do_not_add_up(watched: Watched) -> None:
    """Only three in a row count."""
    answers = [job(None), job(None), job(PROCESSING)] * 3 + [job(COMPLETED)]
    script = Script(list(answers))
    watched.run(script)
    assert script.asked.count("job") == len(answers)


@pytest.mark.parametrize("reasons", [(), ("toner-low-warning",), ("made-up",)])
def test_a_job_stuck_at_an_idle_printer_is_over(watched: Watched, reasons: tuple[str, ...]) -> None:
    """Idle for 30 seconds without a reason, and the job still processing: taken as printed, with a WARNING."""
    seconds = watched.run(Script([job(PROCESSING)], [printer_says(PrinterState.IDLE, *reasons)]))
    assert STUCK_SECONDS <= seconds <= STUCK_SECONDS + 3 * LONGEST_PAUSE
    assert len(watched.said.lines("WARNING")) == 1


@pytest.mark.parametrize(
    "itself, why",
    [
        (printer_says(PrinterState.PROCESSING), ""),
        (printer_says(PrinterState.STOPPED), "it has stopped"),
        (printer_says(PrinterState.IDLE, "media-empty-error"), "it is out of paper"),
        (refusal(Status.SERVER_ERROR_INTERNAL_ERROR), ""),
    ],
    ids=["processing", "stopped", "no-paper", "says-nothing"],
)
def test_a_printer_that_works_or_waits_for_somebody_is_waited_for(watched: Watched, itself: Message, why: str) -> None:
    """Out of paper for an hour is no end, and is said; a printer that does not say how it is is no end either."""
    watched.run(Script([job(PROCESSING)] * 800 + [job(COMPLETED)], [itself]))
    assert watched.clock.now > 3600
    told = [f"Printer printer waits for someone: {why}. Go and look [P27]"] if why else []
    assert sorted(set(watched.said.lines("WARNING"))) == told
    assert watched.said.lines("INFO") == ([f"Waiting for the printer: {why}"] if why else [])


def test_a_job_that_waits_its_turn_at_an_idle_printer_is_waited_for(watched: Watched) -> None:
    """Pending is not stuck."""
    watched.run(Script([job(PENDING)] * 100 + [job(COMPLETED)], [printer_says(PrinterState.IDLE)]))
    assert watched.said.lines("WARNING") == []


@pytest.mark.parametrize("state", [PENDING, JobState.PROCESSING_STOPPED])
def test_a_job_that_an_idle_printer_never_begins_is_in_doubt(watched: Watched, state: JobState) -> None:
    """Not waited for without end, which would keep its queue from everyone; someone has to look."""
    began = watched.clock.now
    with pytest.raises(JobInDoubt):
        watched.run(Script([job(state)], [printer_says(PrinterState.IDLE)]))
    assert NOT_BEGUN_SECONDS <= watched.clock.now - began < NOT_BEGUN_SECONDS * 2


@pytest.mark.parametrize("state", [None, -1, 0, 2, 10, 99, 2**31 - 1])
def test_a_job_without_a_state_of_ipp_is_delivered_after_three_questions(watched: Watched, state: int | None) -> None:
    """A printer that does not say how jobs are (Q-101), or makes up states, is not asked for ever (RFC 8011 5.3.7)."""
    script = Script([job(state)], [printer_says(PrinterState.IDLE)])
    watched.run(script)
    assert script.asked == ["job"] * 3


def test_idle_seconds_begin_anew_when_the_printer_works(watched: Watched) -> None:
    """An idle moment now and then, between two copies, is not being stuck."""
    looks: Sequence[Answer] = [printer_says(PrinterState.IDLE), printer_says(PrinterState.PROCESSING)] * 60
    watched.run(Script([job(PROCESSING)] * 100 + [job(COMPLETED)], looks))
    assert watched.said.lines("WARNING") == []


def test_a_job_that_never_stops_coming_in_is_in_doubt(watched: Watched) -> None:
    """The printer took all of it, is idle, and waits for more."""
    with pytest.raises(JobInDoubt):
        watched.run(Script([job(PENDING, "job-incoming")], [printer_says(PrinterState.IDLE)]))


@pytest.mark.parametrize(
    "trouble", [LOST, UNREACHABLE, HttpRefused("printer", "/ipp/print", 500)], ids=lambda e: e.code
)
def test_questions_that_fail_change_nothing(watched: Watched, trouble: IppsError) -> None:
    """The printer has the job: a lost connection is dropped, and the question asked again (Q-108)."""
    script = Script([job(PROCESSING), *[trouble] * 5, job(COMPLETED)])
    watched.run(script)
    assert script.disconnections == 5
    assert watched.said.lines("ERROR") == [] == watched.said.lines("WARNING")


@pytest.mark.parametrize("answer", [UNREACHABLE, refusal(Status.SERVER_ERROR_INTERNAL_ERROR)], ids=["gone", "error"])
def test_ten_silent_minutes_are_a_doubt(watched: Watched, answer: Answer) -> None:
    """After that nobody knows what became of the job, and it is held."""
    began = watched.clock.now
    with pytest.raises(JobInDoubt):
        watched.run(Script([job(PROCESSING), answer]))
    assert SILENCE_SECONDS <= watched.clock.now - began <= SILENCE_SECONDS + 3 * LONGEST_PAUSE


def test_silence_begins_anew_with_each_answer(watched: Watched) -> None:
    """A printer that answers now and then is not silent."""
    gap: Sequence[Answer] = [UNREACHABLE] * 100
    watched.run(Script([job(PROCESSING), *gap, job(PROCESSING), *gap, job(COMPLETED)]))


@pytest.mark.parametrize(
    "error",
    [AuthenticationRequired("printer", 1), PrinterUnknown("printer", "sha256:00", "valid", "ipps443ctl pin printer")],
    ids=["password", "trust"],
)
def test_trust_lost_after_acceptance_is_a_warning(watched: Watched, error: IppsError) -> None:
    """The printer had the whole job; no question goes to somebody else, and the job is not printed again."""
    script = Script([job(PROCESSING), error])
    watched.run(script)
    assert script.asked == ["job", "job"] and script.disconnections == 1
    (warning,) = watched.said.lines("WARNING")
    assert "had taken the whole job" in warning and "Nothing was sent" not in warning


def test_sigterm_ends_the_watch(watched: Watched) -> None:
    """A cancel is not slept through."""
    watched.clock.request()
    with pytest.raises(JobStopped):
        watched.run(Script([job(PROCESSING)]))


def test_pages_are_told_as_totals_and_never_fall(watched: Watched) -> None:
    """PAGE: total from impressions, each number once (B-19)."""
    counts = [0, 1, 1, 3, 2, 5]
    watched.run(Script([*(job(PROCESSING, impressions=count) for count in counts), job(COMPLETED, impressions=5)]))
    assert watched.said.lines("PAGE") == ["total 1", "total 3", "total 5"]


def test_sheets_are_counted_where_impressions_are_not(watched: Watched) -> None:
    """Q-116; and with neither there is no line."""
    watched.run(Script([job(PROCESSING, sheets=2), job(COMPLETED, impressions=0, sheets=4)]))
    watched.run(Script([job(COMPLETED)]))
    assert watched.said.lines("PAGE") == ["total 2", "total 4"]


def test_reasons_are_shown_while_they_last(watched: Watched) -> None:
    """Out of paper appears, is not repeated, and is taken back when there is paper again."""
    looks: Sequence[Answer] = [printer_says(PrinterState.STOPPED, "media-empty-error", "made-up")] * 3
    watched.run(Script([job(PROCESSING)] * 30 + [job(COMPLETED)], [*looks, printer_says()]))
    assert watched.said.lines("STATE") == ["+media-empty-error", "-media-empty-error"]


def test_the_printer_is_looked_at_often_enough(watched: Watched) -> None:
    """Also in a job of an hour no five seconds pass without a look, so that the queue shows it in time."""
    looks: list[float] = []

    class Looked(Script):
        def get_attributes(self, requested: tuple[str, ...]) -> Reply:
            looks.append(watched.clock.now)
            return super().get_attributes(requested)

    watched.run(Looked([job(PROCESSING)] * 900 + [job(COMPLETED)]))
    assert looks[-1] - looks[0] > 3000
    assert max(later - earlier for earlier, later in zip(looks, looks[1:])) < 5


def test_what_still_lasts_at_the_end_is_taken_back_by_clear(watched: Watched) -> None:
    """A job leaves nothing in the queue."""
    watched.run(Script([job(PROCESSING)] * 30 + [job(COMPLETED)], [printer_says(PrinterState.IDLE, "toner-low")]))
    assert watched.said.words_left() == {"toner-low"}
    watched.shown.clear()
    watched.shown.clear()
    assert watched.said.words_left() == set() and watched.said.lines("STATE") == ["+toner-low", "-toner-low"]


def test_a_short_job_is_not_asked_about_the_printer(watched: Watched) -> None:
    """Within the first half second only the job is asked about."""
    script = Script([job(PROCESSING)] * 4 + [job(COMPLETED)])
    assert watched.run(script) < watch.FIRST_LOOK
    assert set(script.asked) == {"job"}


# --- progress -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "answer, over",
    [
        *((HttpRefused("printer", "/", status), True) for status in (400, 404, 407, 501)),
        *((refusal(status), True) for status in (Status.CLIENT_ERROR_BAD_REQUEST, 0x04FF)),
        *((HttpRefused("printer", "/", status), False) for status in (408, 429, 500, 503)),
        (refusal(Status.SERVER_ERROR_BUSY), False),
        (refusal(Status.CLIENT_ERROR_TIMEOUT), False),
        (LOST, False),
    ],
)
def test_refusals_that_never_change(watched: Watched, answer: Answer, over: bool) -> None:
    """They end the watch in seconds, with a WARNING; what may pass is waited for."""
    if over:
        assert watched.run(Script([answer])) < 10
        assert any("does not tell what becomes of it" in line for line in watched.said.lines("WARNING"))
    else:
        with pytest.raises(JobInDoubt):
            watched.run(Script([answer]))


def test_refusals_that_change_are_none(watched: Watched) -> None:
    """A printer that answers in between, or says no in different ways, has not made up its mind."""
    no, other = HttpRefused("printer", "/", 400), HttpRefused("printer", "/", 404)
    script = Script([no, no, no, no, job(PROCESSING), no, no, other, no, other, no, job(COMPLETED)])
    watched.run(script)
    assert not watched.said.lines("WARNING") and script.asked.count("job") == 12
