"""backend.job.journal: what the next run finds, whatever becomes of this one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from backend.cupsd.identity import Identity
from backend.cupsd.job_record import ACCEPTED, CANCELLED, CREATING, SENDING, WAITING, JobRecord, JobRecords
from backend.device_uri import parse_device_uri
from backend.errors import JobInDoubt
from backend.job.documents import Place
from backend.job.journal import Journal
from backend.job.run import find_left
from filters.common.dataclass import replace
from filters.common.report import Report

NAME = "c0ffee"
URI = parse_device_uri("ipps443://printer/ipp/print")
LEFT = JobRecord(URI.printer_uri, 1, SENDING, 17, since=5, job=7, about=2, document=2, printed=1, pages=3, empty="1")


class Warned(Report):
    """Remembers warnings."""

    def __init__(self) -> None:
        super().__init__()
        self.warnings: list[str] = []

    def warning(self, text: str) -> None:
        self.warnings.append(text)


def journal(folder: Path, place: Place = Place(began=100), report: Report | None = None) -> Journal:
    """Return the journal of a run that has begun."""
    records = JobRecords(str(folder), NAME)
    opened = Journal(records, Identity(b"key", "job"), place, report or Warned(), job_id=7, joined=False)
    opened.begin()
    return opened


def left(folder: Path) -> Any:
    """Return what the next run finds."""
    record = JobRecords(str(folder), NAME).read()
    assert record is not None
    return record


@pytest.mark.parametrize(
    "index, document, what",
    [(0, 1, "all of it"), (1, 1, "what it had not finished"), (0, 2, "what it had not finished")],
)
def test_a_moved_job_does_not_print_what_is_printed(tmp_path: Path, index: int, document: int, what: str) -> None:
    """The warning does not promise the copies and documents that the first printer had finished."""
    place = Place(document=document, printed=document - 1)
    earlier = replace(LEFT, printer="ipps://other:443/", phase=CANCELLED, index=index, about=document)
    report = Warned()
    find_left(journal(tmp_path, replace(place, earlier=earlier), report), URI, in_class=False)
    assert [text.endswith(f"; {what} prints here") for text in report.warnings] == [True]


def test_a_run_that_is_killed_at_once_is_seen(tmp_path: Path) -> None:
    """The record says which document it was for, and has no exit code."""
    journal(tmp_path, Place(document=2, printed=1, pages=3, began=100, completed=0))
    record = left(tmp_path)
    assert (record.document, record.printed, record.pages, record.status, record.job) == (2, 1, 3, None, 7)
    assert (record.began, record.completed, record.phase) == (100, 0, WAITING)


def test_what_an_earlier_run_left_stays_until_it_is_taken_up(tmp_path: Path) -> None:
    """The new run has said nothing of its own about it."""
    opened = journal(tmp_path, Place(document=2, printed=1, earlier=replace(LEFT, status=3, said="held")))
    record = left(tmp_path)
    assert (record.phase, record.job_id, record.index, record.status, record.said) == (SENDING, 17, 1, None, "")
    assert not opened.has_touched
    opened.end(7)
    assert left(tmp_path).untouched


@pytest.mark.parametrize("phase", [WAITING, SENDING])
@pytest.mark.parametrize("status, since", [(7, 5), (3, 0), (1, 0)])
def test_a_job_that_is_let_go_on_waits_anew(tmp_path: Path, phase: str, status: int, since: int) -> None:
    """A job that was held for a day had not been waiting for its printer: contimeout was over at its first trouble."""
    opened = journal(tmp_path, Place(document=2, printed=1, earlier=replace(LEFT, phase=phase)))
    assert left(tmp_path).since == 5, "for the run after one that is killed"
    opened.end(status)
    assert left(tmp_path).since == since


def test_a_part_and_the_next_one(tmp_path: Path) -> None:
    """A phase names its part; when that is done, the next part waits, and nothing of the first is asked for again."""
    opened = journal(tmp_path, Place(document=2))
    opened.note(ACCEPTED, 17, printer=URI.printer_uri, index=0, up_time=60, copies=2)
    record = left(tmp_path)
    assert (record.about, record.index, record.phase, record.job_id, record.copies) == (2, 0, ACCEPTED, 17, 2)
    assert opened.has_touched
    opened.part_done(2)
    opened.end(1)
    record = left(tmp_path)
    assert (record.index, record.phase, record.job_id, record.status, record.untouched) == (2, WAITING, None, 1, False)


@pytest.mark.parametrize("has_content, empty", [(True, ""), (False, "2")])
def test_a_printed_document_is_counted(tmp_path: Path, has_content: bool, empty: str) -> None:
    """With its pages; an empty one is named, because its filter may have failed."""
    opened = journal(tmp_path, Place(document=2, printed=1, pages=3))
    if has_content:
        opened.has_content()
    opened.note(ACCEPTED, 17, printer=URI.printer_uri, index=0)
    opened.document_done(pages=8)
    opened.end(0)
    record = left(tmp_path)
    assert (record.printed, record.pages, record.empty, record.status) == (2, 8, empty, 0)
    assert (record.phase, record.printer, record.job_id) == (WAITING, "", None)


@pytest.mark.parametrize("count, named", [(399, 400), (400, 400)])
def test_so_many_empty_documents_are_named(tmp_path: Path, count: int, named: int) -> None:
    """Each with its whole number: a part of one would be that of a document that is printed."""
    numbers = [str(100_000 + number) for number in range(401)]
    opened = journal(tmp_path, Place(document=100_000 + count, empty=" ".join(numbers[:count])))
    opened.document_done(pages=0)
    opened.end(0)
    assert left(tmp_path).empty.split() == numbers[:named]


def test_an_empty_document_that_prints_now_counts_no_other(tmp_path: Path) -> None:
    """The one after those that are printed is still to come: a document that is tried again says nothing of it."""
    opened = journal(tmp_path, Place(document=1, printed=2, empty="1"))
    opened.has_content()
    opened.document_done(pages=8)
    opened.end(0)
    assert (left(tmp_path).printed, left(tmp_path).empty) == (2, "")


def test_an_earlier_failure_decides_for_the_job(tmp_path: Path) -> None:
    """Whatever this run would say of what it has not come to, the word of the failed document stands."""
    place = Place(document=3, printed=1, earlier=replace(LEFT, untouched=True), status=3, said="held")
    journal(tmp_path, place).end(3, "held", untouched=False)
    assert left(tmp_path).untouched
    journal(tmp_path, replace(place, earlier=LEFT)).end(3, "held", untouched=True)
    assert not left(tmp_path).untouched


def test_long_messages_and_warnings_have_an_end(tmp_path: Path) -> None:
    """A record is never longer than what is read of it."""
    report = Warned()
    opened = journal(tmp_path, report=report)
    for number in range(200):
        opened.warn(f"warning {number}")
    opened.end(1, "x" * 5000)
    record = left(tmp_path)
    assert len(record.said) == 900 and len(record.told) == 450 and len(report.warnings) == 200


def test_warnings_are_said_once_in_a_job(tmp_path: Path) -> None:
    """By the next document's run neither."""
    report = Warned()
    opened = journal(tmp_path, report=report)
    opened.warn("printed without staples")
    opened.warn("printed without staples")
    opened.end(0)
    place = Place(document=2, earlier=left(tmp_path))
    journal(tmp_path, place, report).warn("printed without staples")
    assert report.warnings == ["printed without staples"]


def test_a_record_that_cannot_be_written_is_told_once(tmp_path: Path) -> None:
    """With the folder, and what may come of it."""
    (tmp_path / "file").touch()
    report = Warned()
    opened = journal(tmp_path / "file", report=report)
    opened.note(SENDING, 17, printer=URI.printer_uri, index=0)
    (warning,) = report.warnings
    assert str(tmp_path / "file") in warning and warning.endswith("[D06]") and "printed twice" in warning
    assert not opened.is_written


# --- what is left at which printer --------------------------------------------------------------------------


def test_what_is_left_at_this_printer_is_taken_up(tmp_path: Path) -> None:
    """As the earlier run has left it; of another document of the job it is not this run's."""
    opened = journal(tmp_path, Place(document=2, printed=1, earlier=LEFT))
    assert find_left(opened, URI, in_class=True) == LEFT and not opened.has_touched
    assert find_left(journal(tmp_path, Place(document=3, printed=1, earlier=LEFT)), URI, in_class=True) is None


@pytest.mark.parametrize(
    "phase, in_class", [(SENDING, False), (ACCEPTED, False), (SENDING, True), (ACCEPTED, True), (CANCELLED, True)]
)
def test_a_job_that_is_at_a_different_printer_is_in_doubt(tmp_path: Path, phase: str, in_class: bool) -> None:
    """Nobody can ask that one: the queue has a new device URI, or cupsd goes on with the next member of a class."""
    earlier = replace(LEFT, printer="ipps://other:443/", phase=phase)
    with pytest.raises(JobInDoubt, match="Printer other may have .* it came to printer\\."):
        find_left(journal(tmp_path, Place(document=2, printed=1, earlier=earlier)), URI, in_class=in_class)


@pytest.mark.parametrize("phase, in_class", [(WAITING, False), (WAITING, True), (CREATING, True), (CANCELLED, False)])
def test_a_job_that_only_waits_for_a_different_printer_goes_to_this_one(
    tmp_path: Path, phase: str, in_class: bool
) -> None:
    """Parts that are printed are printed, and the waiting begins anew; someone who moves a job reads what is double."""
    earlier, report = replace(LEFT, printer="ipps://other:443/", phase=phase), Warned()
    opened = journal(tmp_path, Place(document=2, printed=1, earlier=earlier), report)
    found = find_left(opened, URI, in_class=in_class)
    assert found is not None and (found.index, found.phase, found.job_id, found.since) == (1, WAITING, None, 0)
    assert opened.has_touched and ["Printer other may" in text for text in report.warnings] == [True] * (
        phase == CANCELLED
    )
