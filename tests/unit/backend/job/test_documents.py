"""backend.job.documents: which document a run prints, and what it makes of what earlier runs have left."""

from __future__ import annotations

from dataclasses import asdict, replace

import pytest

from backend.cupsd.job_record import ACCEPTED, CANCELLED, CREATING, SENDING, WAITING, JobRecord, to_record
from backend.job.documents import (
    JobAtCupsd,
    again_in_pass,
    first_in_pass,
    is_of_this_pass,
    is_single_file,
    next_in_pass,
)

NOW = 2_000_000
BEGAN = 1_900_000
THIS, OTHER = "612:1043:abcd", "700:9999:abcd"
#: The second of three documents was being sent when this was written.
RECORD = JobRecord(
    "ipps://printer:443/", 0, SENDING, 17, job=7, cupsd=OTHER, run="51", began=BEGAN, document=2, printed=1
)
#: cupsd has not seen an end of the job.
GOING_ON = JobAtCupsd(3, created=BEGAN - 10)


def test_of_the_same_pass() -> None:
    """The same pipe of the same cupsd; without a pipe nothing is known."""
    record = replace(RECORD, cupsd=THIS)
    assert is_of_this_pass(record, "51", THIS)
    assert not is_of_this_pass(record, "52", THIS) and not is_of_this_pass(record, "51", OTHER)
    assert not is_of_this_pass(replace(record, run=""), "", THIS)


@pytest.mark.parametrize("printed, status, said", [(1, 0, ""), (2, 0, ""), (0, 3, "held [P09]")])
def test_the_same_document_again(printed: int, status: int, said: str) -> None:
    """A wrapper starts a run once more: its own failure is tried again, that of an earlier document still decides."""
    record = replace(RECORD, document=2, printed=printed, status=3, said="held [P09]")
    place = again_in_pass(record)
    assert (place.document, place.earlier, place.killed) == (2, record, False)
    assert (place.status, place.said) == (status, said)


@pytest.mark.parametrize("phase", [WAITING, CREATING, SENDING, ACCEPTED, CANCELLED])
@pytest.mark.parametrize("status", [None, 1, 2, 3, 4, 5, 7])
@pytest.mark.parametrize("untouched", [False, True])
def test_a_repetition_asks_the_printer(phase: str, status: int | None, untouched: bool) -> None:
    """A wrapper repeats held and cancelled jobs as well; what may be at the printer is looked for there."""
    record = replace(RECORD, phase=phase, status=status, untouched=untouched)
    sent_anew = status == 1 and not untouched and phase != CANCELLED
    expected = replace(record, phase=WAITING, job_id=None) if sent_anew else record
    assert again_in_pass(record).earlier == expected


@pytest.mark.parametrize("status, said, killed", [(0, "", False), (3, "held [P09]", False), (None, "", True)])
def test_the_next_document(status: int | None, said: str, killed: bool) -> None:
    """The outcome of the one before decides; one that never ended was killed."""
    place = next_in_pass(replace(RECORD, status=status, said=said))
    assert (place.document, place.status, place.said, place.killed) == (3, status or 0, said, killed)
    assert (place.printed, place.began, place.earlier) == (1, BEGAN, replace(RECORD, status=status, said=said))


@pytest.mark.parametrize("cupsd", [THIS, OTHER])
@pytest.mark.parametrize("status", [None, 0, 1, 3, 4, 5, 7])
@pytest.mark.parametrize("completed", [BEGAN - 1, BEGAN, BEGAN + 5000, NOW + 10**6])
def test_over_for_cupsd_is_over(cupsd: str, status: int | None, completed: int) -> None:
    """Completed, cancelled or aborted since that pass began: somebody wants all of it again, whatever is written."""
    told = replace(GOING_ON, completed=completed)
    place = first_in_pass(replace(RECORD, cupsd=cupsd, status=status), THIS, told, NOW)
    assert (place.document, place.printed, place.earlier, place.completed) == (1, 0, None, completed)


@pytest.mark.parametrize("state, printed", [(5, 0), (6, 0), (7, 3), (8, 3), (9, 3)])
@pytest.mark.parametrize("known", [None, 0, BEGAN - 5])
def test_a_run_of_a_job_that_is_over_prints_nothing(state: int, printed: int, known: int | None) -> None:
    """An orphan of a cupsd that was killed comes to the lock behind the run of the next one, and is no end."""
    told, record = replace(GOING_ON, completed=BEGAN + 5, state=state), replace(RECORD, completed=known)
    place = first_in_pass(record, THIS, told, NOW)
    assert (place.printed, place.is_printed, place.earlier) == (printed, printed > 0, None)
    left = replace(record, cupsd=OTHER, status=0, printed=printed, began=place.began, completed=place.completed)
    wanted_again = first_in_pass(left, THIS, replace(told, state=5), NOW)
    assert printed == 0 or (wanted_again.printed, wanted_again.is_printed) == (0, False)


@pytest.mark.parametrize(
    "known, completed",
    [(None, 0), (None, BEGAN - 100), (0, 0), (BEGAN - 5, BEGAN - 5)],
    ids=["never", "long before", "never, and asked", "as it was known"],
)
def test_an_end_from_before_is_none(known: int | None, completed: int) -> None:
    """A reprint that was interrupted is not taken for one that somebody wants once more."""
    record = replace(RECORD, completed=known)
    place = first_in_pass(record, THIS, replace(GOING_ON, completed=completed), NOW)
    assert (place.document, place.printed, place.earlier) == (1, 1, record)


def test_a_clock_that_was_put_back() -> None:
    """What cupsd says differs from what it said when the pass began, so the job was over since."""
    record = replace(RECORD, completed=BEGAN - 5)
    assert first_in_pass(record, THIS, replace(GOING_ON, completed=5), NOW).printed == 0


@pytest.mark.parametrize("phase", [WAITING, CREATING, SENDING, ACCEPTED, CANCELLED])
@pytest.mark.parametrize("status", [None, 0, 1, 2, 3, 4, 5, 7])
def test_another_cupsd_takes_up_what_was_left(phase: str, status: int | None) -> None:
    """It may know nothing of what became of the run, so the printer is asked."""
    record = replace(RECORD, phase=phase, status=status)
    place = first_in_pass(record, THIS, GOING_ON, NOW)
    assert (place.printed, place.earlier) == (1, record)


@pytest.mark.parametrize("phase", [CREATING, SENDING, ACCEPTED, CANCELLED])
@pytest.mark.parametrize(
    "status, untouched, taken_up",
    [
        (None, False, True),  # killed
        (1, False, False),
        (2, False, False),
        (3, False, False),  # held, and released by somebody
        (3, True, True),  # held before it could be cleared up
        (4, False, False),
        (4, True, True),
        (7, False, True),  # cupsd runs it again by itself
    ],
)
def test_the_same_cupsd_goes_on(phase: str, status: int | None, untouched: bool, taken_up: bool) -> None:
    """Documents that are printed are skipped; the next one is sent anew where its end was known."""
    record = replace(RECORD, cupsd=THIS, phase=phase, status=status, untouched=untouched, said="why [P00]")
    place = first_in_pass(record, THIS, GOING_ON, NOW)
    assert place.printed == 1 and place.earlier is not None
    is_in_doubt = status == 1 and phase == CANCELLED
    assert place.earlier.phase == (phase if taken_up or is_in_doubt else WAITING)


@pytest.mark.parametrize("said", ["", "a filter died [D01]"])
@pytest.mark.parametrize("phase, empty, job_id", [(CANCELLED, "", 17), (SENDING, "", None), (CANCELLED, "1", None)])
def test_the_same_cupsd_has_stopped_it(phase: str, empty: str, job_id: int | None, said: str) -> None:
    """A queue was disabled, a job held, or a filter died: pages may have come out before the cancel there."""
    record = replace(RECORD, cupsd=THIS, phase=phase, empty=empty, status=1, said=said)
    place = first_in_pass(record, THIS, GOING_ON, NOW)
    assert place.earlier is not None and place.earlier.job_id == job_id
    assert replace(place, document=1).is_printed is not bool(empty)  # a filter may have failed, and is tried again


@pytest.mark.parametrize(
    "document, documents, printed",
    [(1, 1, 0), (3, 3, 0), (2, 3, 2)],
    ids=["the only one", "the last one", "stopped between two"],
)
def test_all_was_well_for_the_same_cupsd(document: int, documents: int, printed: int) -> None:
    """It saw the last document printed, so somebody wants the job again; stopped before that, the rest is printed."""
    record = replace(RECORD, cupsd=THIS, status=0, document=document, printed=document, phase=WAITING)
    told = replace(GOING_ON, documents=documents)
    assert first_in_pass(record, THIS, told, NOW).printed == printed


def test_cupsd_does_not_answer() -> None:
    """Then the record alone counts: what the same cupsd saw printed is wanted again, anything else goes on."""
    good = replace(RECORD, cupsd=THIS, status=0, document=1, printed=1, phase=WAITING)
    assert first_in_pass(good, THIS, None, NOW).printed == 0
    assert first_in_pass(replace(good, cupsd=OTHER), THIS, None, NOW).printed == 1
    assert first_in_pass(replace(RECORD, cupsd=THIS, status=3), THIS, None, NOW).printed == 1


@pytest.mark.parametrize(
    "document, left, is_printed, is_left",
    [
        (1, dict(about=4), True, False),
        (2, dict(about=4), True, False),  # the record has to keep what is known of the fourth
        (4, dict(about=4), False, True),
        (2, dict(about=2), False, True),  # it was tried again, and that was interrupted
        (3, dict(about=2), True, False),
        (4, dict(about=2), False, False),
        (2, dict(about=4, phase=WAITING), False, False),  # nothing is there that has to be kept
        (2, dict(about=4, phase=WAITING, index=1), True, False),
        (2, dict(about=4, phase=CREATING), True, False),
        (3, dict(about=4, phase=WAITING), True, False),
    ],
)
def test_an_empty_document_is_tried_again(
    document: int, left: dict[str, object], is_printed: bool, is_left: bool
) -> None:
    """Its filter may have failed. Of four documents three are done, of which the second was empty."""
    record = replace(RECORD, printed=3, empty="2", **left)  # type: ignore[arg-type]
    place = replace(first_in_pass(record, THIS, replace(GOING_ON, documents=4), NOW), document=document)
    assert (place.is_printed, place.left is not None) == (is_printed, is_left)
    assert place.was_empty is (document == 2)


#: What a run has left on a queue whose documents are kept apart (True: joined), and how many are printed now; None:
#: that cannot be told.
KINDS = [
    (False, dict(printed=0, phase=WAITING), 3, 0),
    (False, dict(printed=0, phase=CREATING), 3, 0),
    (False, dict(printed=0, phase=SENDING), 3, None),
    (False, dict(printed=1, phase=WAITING), 3, None),
    (False, dict(printed=2, phase=ACCEPTED), 3, None),
    (False, dict(printed=3, phase=WAITING), 3, 3),
    (False, dict(printed=1, phase=WAITING), 1, 1),
    (False, dict(printed=0, phase=SENDING), 1, 0),
    (False, dict(printed=0, index=2, phase=WAITING), 1, 0),
    (True, dict(printed=0, phase=WAITING), 2, 0),
    (True, dict(printed=0, phase=ACCEPTED), 2, None),
    (True, dict(printed=0, index=1, phase=WAITING), 2, None),
    (True, dict(printed=1, phase=WAITING), 50, 50),
    (True, dict(printed=0, index=4, phase=CANCELLED), 1, 0),
]


@pytest.mark.parametrize("was_joined, left, documents, printed", KINDS)
def test_a_queue_of_a_different_kind(
    was_joined: bool, left: dict[str, object], documents: int, printed: int | None
) -> None:
    """A job was moved, or its queue has a different description: what cannot be told is neither left out nor sent."""
    record = replace(RECORD, joined=was_joined, **left)  # type: ignore[arg-type]
    told = replace(GOING_ON, documents=documents)
    place = first_in_pass(record, THIS, told, NOW, not was_joined)
    assert place.is_unclear is (printed is None) and place.printed == (printed or 0)
    assert place.earlier == (None if printed is None else record)
    assert not first_in_pass(record, THIS, told, NOW, was_joined).is_unclear
    over = first_in_pass(record, THIS, replace(told, completed=BEGAN + 5), NOW, not was_joined)
    assert (over.is_unclear, over.printed, over.earlier) == (False, 0, None)


def test_all_of_a_joined_job_is_printed_although_nobody_knows_how_much_that_is() -> None:
    """cupsd does not answer: more documents than a job can have, and the record can still be written."""
    record = replace(RECORD, joined=True, printed=1, phase=WAITING)
    place = first_in_pass(record, THIS, None, NOW, False)
    assert not place.is_unclear and replace(place, document=10**6).is_printed
    again = to_record({**asdict(record), "printed": place.printed})
    assert again is not None and again.printed == place.printed


def test_a_joined_job_that_the_same_cupsd_saw_printed() -> None:
    """It is one document for the runs, however many cupsd has counted: somebody wants it again."""
    record = replace(RECORD, cupsd=THIS, status=0, document=1, printed=1, phase=WAITING, joined=True)
    assert first_in_pass(record, THIS, GOING_ON, NOW, True).printed == 0


@pytest.mark.parametrize(
    "line, wanted",
    [
        (b"*cupsSingleFile: True", True),
        (b'*cupsSingleFile: "True"', True),
        (b"*cupsSingleFile:true", True),
        (b"*cupsSingleFile: False", False),
        (b"*% cupsSingleFile: True", False),
        (b'*NickName: "cupsSingleFile: True"', False),
        (b"", False),
    ],
)
def test_a_description_says_it(line: bytes, wanted: bool) -> None:
    """As cupsd reads it."""
    assert is_single_file(b'*PPD-Adobe: "4.3"\r\n' + line + b"\r\n*FileVersion: x\r\n") is wanted
