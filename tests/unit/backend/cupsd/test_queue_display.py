"""backend.cupsd.queue_display: each word that the queue carries for a job is taken back; what outlives the job is not.

How this goes together with a job that is watched is tested with the watch.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator

import pytest

from backend.cupsd.queue_display import ALL_DELIVERED, CONNECTING, QueueDisplay
from backend.ipp.codes import JobState, PrinterState
from backend.ipp.message import Group, Message, attribute
from backend.ipp.tags import Tag
from filters.common.report import Report
from tests.cups_lines import parse_lines, texts, words_left


class Shown:
    """A display and what cupsd reads of it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 5000.0
        monkeypatch.setattr(time, "monotonic", lambda: self.now)
        self.reading, writing = os.pipe()
        self.report = Report(writing)
        self.display = QueueDisplay(self.report)

    def progress(self) -> list[str]:
        """Return the lines about progress, a message and its number as one."""
        lines = parse_lines(self.lines())
        return [line.text for line in lines if line.prefix == "INFO" or line.text.startswith("job-media-progress")]

    def lines(self) -> bytes:
        os.set_blocking(self.reading, False)
        try:
            return os.read(self.reading, 65536)
        except BlockingIOError:
            return b""


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> Iterator[Shown]:
    """A display that has shown nothing yet."""
    shown = Shown(monkeypatch)
    yield shown
    os.close(shown.reading)
    os.close(shown.report._descriptor)


def test_words_are_taken_back_once(shown: Shown) -> None:
    """One that is not carried needs no line."""
    shown.display.show_word(CONNECTING)
    shown.display.take_back(CONNECTING)
    shown.display.take_back(CONNECTING)
    shown.display.take_back(ALL_DELIVERED)
    assert texts(parse_lines(shown.lines()), "STATE") == [f"+{CONNECTING}", f"-{CONNECTING}"]


def test_no_word_outlives_the_job(shown: Shown) -> None:
    """Whatever is shown at the end is taken back, once."""
    shown.display.show_word(CONNECTING)
    shown.display.show_word(ALL_DELIVERED)
    shown.display.clear()
    assert words_left(parse_lines(shown.lines())) == set()
    shown.display.clear()
    assert shown.lines() == b""


def test_distrust_outlives_the_job_until_the_printer_is_trusted(shown: Shown) -> None:
    """The queue says what is the matter until a job has seen the expected printer; that is said once."""
    shown.display.show_distrust("cups-pki-changed")
    shown.display.clear()
    first = shown.lines()
    assert words_left(parse_lines(first)) == {"cups-pki-changed"}
    assert shown.display.show_trust() and not shown.display.show_trust()
    second = shown.lines()
    assert words_left(parse_lines(first + second)) == set() and second.count(b"STATE") == 1


def test_what_cupsd_is_told_of_the_job(shown: Shown) -> None:
    """The word of the printer's accounting without the kind of status, and which words to ask the user for."""
    shown.display.show_hold("client-error-account-limit-reached")
    shown.display.ask_for_password()
    lines = parse_lines(shown.lines())
    assert texts(lines, "JOBSTATE") == ["account-limit-reached"]
    assert texts(lines, "ATTR") == ["auth-info-required=username,password"]


# --- what the printer says of itself


def test_supplies_are_told_when_they_change(shown: Shown) -> None:
    """Levels go out once, and again when one has fallen."""
    for level in (80, 80, 79):
        levels = Group(Tag.PRINTER_ATTRIBUTES, (attribute("marker-levels", Tag.INTEGER, level),))
        shown.display.show(Message((2, 0), 0, 1, (levels,)))
    assert texts(parse_lines(shown.lines()), "ATTR") == ["marker-levels=80", "marker-levels=79"]


# --- progress


def pages(
    done: int | None = None, total: int | None = None, sheets: int | None = None, state: int = JobState.PROCESSING
) -> Message:
    """Return how far a printer says that a job is."""
    counts = {"job-impressions-completed": done, "job-impressions": total, "job-media-sheets-completed": sheets}
    said = [attribute(name, Tag.INTEGER, count) for name, count in counts.items() if count is not None]
    said.append(attribute("job-state", Tag.ENUM, state))
    return Message((2, 0), 0, 1, (Group(Tag.JOB_ATTRIBUTES, tuple(said)),))


def test_sending_is_shown_once_a_second(shown: Shown) -> None:
    """However often the sending looks by, one message a second; a number only where the size is known."""
    for step in range(40):
        shown.display.show_sent(step * 100_000, 4_000_000)
        shown.now += 0.1
    assert shown.progress() == [
        "Sending the job: 1.0 of 4.0 MB", "job-media-progress=25",
        "Sending the job: 2.0 of 4.0 MB", "job-media-progress=50",
        "Sending the job: 3.0 of 4.0 MB", "job-media-progress=75",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "steps, size, told",
    [
        ((0, 99_999, 1_000_000, 1_000_000, 2_500_000), None, ["Sending the job: 1.0 MB", "Sending the job: 2.5 MB"]),
        ((99_999, 100_000), 100_000, ["Sending the job: 0.1 of 0.1 MB", "job-media-progress=99"]),
    ],
)
def test_sending_of_little_or_of_unknown_size(
    shown: Shown, steps: tuple[int, ...], size: int | None, told: list[str]
) -> None:
    """Nothing is made up, a stall repeats nothing, a little is worth no word, and all bytes out are not all of it."""
    for sent in steps:
        shown.now += 1
        shown.display.show_sent(sent, size)
    assert shown.progress() == told


@pytest.mark.parametrize(
    "total, percent", [*((total, None) for total in (None, 0, 1, 2, -5)), (3, 99), (4, 75), (300, 1), (400, 0)]
)
def test_pages_of_a_whole(shown: Shown, total: int | None, percent: int | None) -> None:
    """Where the printer tells how many there will be, and no rubbish; as long as it works, that number may grow."""
    shown.now += 1
    shown.display.show_pages(pages(3, total))
    of_a_whole = [f"Pages printed: 3 of {total}", f"job-media-progress={percent}"]
    assert shown.progress() == (["Pages printed: 3"] if percent is None else of_a_whole)


def test_all_is_what_the_printer_calls_completed(shown: Shown) -> None:
    """100 percent come with the end, also within the second after the line before."""
    shown.now += 1
    shown.display.show_pages(pages(3, 3))
    shown.display.show_pages(pages(3, 3, state=JobState.COMPLETED))
    assert shown.progress() == ["Pages printed: 3 of 3", "job-media-progress=99", "job-media-progress=100"]


# --- why it does not go on


def printer_says(state: int, *reasons: str, said: str = "") -> Message:
    """Return what a printer says of itself."""
    found = [attribute("printer-state", Tag.ENUM, state)]
    found.append(attribute("printer-state-reasons", Tag.KEYWORD, *(reasons or ("none",))))
    found += [attribute("printer-state-message", Tag.TEXT_WITHOUT_LANGUAGE, said)] if said else []
    return Message((2, 0), 0, 1, (Group(Tag.PRINTER_ATTRIBUTES, tuple(found)),))


STOPPED, WORKING, IDLE = PrinterState.STOPPED, PrinterState.PROCESSING, PrinterState.IDLE


def test_a_printer_that_waits_says_why_and_the_stage_comes_back(shown: Shown) -> None:
    """Once, in our words and its own, and what the job is at when it goes on."""
    shown.display.show_stage("Waiting for the printer to finish the job")
    for _ in range(3):
        shown.display.show_waiting(printer_says(STOPPED, "media-empty", said="Load A4\nin tray 2"), "printer")
    shown.display.show_waiting(printer_says(WORKING), "printer")
    shown.display.show_waiting(printer_says(WORKING), "printer")
    assert shown.progress() == [
        "Waiting for the printer to finish the job",
        "Waiting for the printer: it is out of paper (Load A4 in tray 2)",
        "Waiting for the printer to finish the job",
    ]


@pytest.mark.parametrize(
    "state, reasons, words",
    [
        (STOPPED, ("media-empty-report", "door-open"), "it is out of paper, a door is open"),
        (STOPPED, (), "it has stopped"),
        (STOPPED, ("com.example-grumpy",), "it has stopped"),
        (WORKING, ("media-jam-error",), "paper is jammed"),
        (WORKING, ("media-jam", "door-open-warning"), "paper is jammed"),
        (WORKING, ("media-empty",), ""),
        (WORKING, ("toner-low-error",), ""),
        (IDLE, ("media-empty",), "it is out of paper"),
        (IDLE, ("media-empty-report", "toner-empty-warning"), ""),
        (IDLE, (), ""),
    ],
)
def test_what_counts_as_standing_still(shown: Shown, state: int, reasons: tuple[str, ...], words: str) -> None:
    """An empty tray is none while the printer prints from another one."""
    shown.display.show_waiting(printer_says(state, *reasons), "printer")
    assert shown.progress() == ([f"Waiting for the printer: {words}"] if words else [])


def test_a_printer_that_takes_nothing_more(shown: Shown) -> None:
    """What it says without calling it an error counts when the document stands still."""
    shown.display.show_waiting(printer_says(WORKING, "media-empty"), "printer", is_stalled=True)
    assert shown.progress() == ["Waiting for the printer: it is out of paper"]


def test_the_error_log_hears_of_it_later(shown: Shown) -> None:
    """After 1, 10 and 60 minutes, each once, with the code; a pause in between begins anew."""
    lines = []
    for seconds in (0, 59, 1, 500, 39, 1, 3000, 9000):
        shown.now += seconds
        shown.display.show_waiting(printer_says(STOPPED, "media-jam"), "printer")
        lines.append(len(texts(parse_lines(shown.lines()), "WARNING")))
    assert lines == [0, 0, 1, 0, 0, 1, 1, 0]
    shown.display.show_waiting(printer_says(WORKING), "printer")
    shown.display.show_waiting(printer_says(STOPPED, "media-jam"), "printer")
    shown.now += 60
    shown.lines()
    shown.display.show_waiting(printer_says(STOPPED, "media-jam"), "printer")
    (warning,) = texts(parse_lines(shown.lines()), "WARNING")
    assert warning == "Printer printer waits for someone: paper is jammed. Go and look [P27]"


def test_progress_takes_the_place_of_a_standstill(shown: Shown) -> None:
    """A page came out: what was in the way is over, and is told again when it comes back."""
    shown.display.show_waiting(printer_says(STOPPED, "media-jam"), "printer")
    shown.now += 1
    shown.display.show_pages(pages(1))
    shown.display.show_waiting(printer_says(STOPPED, "media-jam"), "printer")
    jam = "Waiting for the printer: paper is jammed"
    assert shown.progress() == [jam, "Pages printed: 1", jam]


@pytest.mark.parametrize(
    "message, total", [(pages(1), 1), (pages(0, sheets=2), 2), (pages(-1, sheets=2), 2), (pages(3, sheets=2), 3)]
)
def test_pages_are_counted_over_all_documents(shown: Shown, message: Message, total: int) -> None:
    """Impressions, else sheets; each document begins with 1 and the job does not."""
    shown.display.show_pages(message)
    assert shown.display.pages == total
    shown.display.document_done()
    shown.display.show_pages(pages(1))
    shown.display.show_pages(pages(1))
    assert texts(parse_lines(shown.lines()), "PAGE") == [f"total {total}", f"total {total + 1}"]
    assert (shown.display.pages, shown.display.earlier_pages) == (total + 1, total)


def test_a_count_beyond_all_bounds(shown: Shown) -> None:
    """What a printer says must fit into our own record, with what is printed already."""
    shown.display.show_pages(pages(5))
    shown.display.document_done()
    shown.display.show_pages(pages(2**31 - 1))
    assert shown.display.pages == 2**31 - 1


def test_no_pages_are_no_progress(shown: Shown) -> None:
    """A printer that does not count says nothing, 0 or -1."""
    shown.now += 1
    for message in (pages(), pages(0), pages(-1), pages(0, sheets=0), pages(total=9)):
        shown.display.show_pages(message)
    assert shown.lines() == b""
