"""backend.delivery.unsupported_attributes: what is still sent after a refusal, and how many copies come of it."""

from __future__ import annotations

import pytest

from backend.delivery.attempt import JobAttributes
from backend.delivery.unsupported_attributes import MOST_ROUNDS, after_ignoring, ignored, leave_out
from backend.ipp.message import Attribute, attribute
from backend.ipp.tags import Tag

COPIES = attribute("copies", Tag.INTEGER, 3)
HANDLING = attribute("multiple-document-handling", Tag.KEYWORD, "separate-documents-collated-copies")
MEDIA = attribute("media", Tag.KEYWORD, "iso_a4_210x297mm")
SIDES = attribute("sides", Tag.KEYWORD, "one-sided")
ALL = (COPIES, MEDIA, HANDLING, SIDES)


@pytest.mark.parametrize(
    "unsupported, left, copies",
    [
        ((MEDIA,), ["copies", "multiple-document-handling", "sides"], 3),
        ((MEDIA, SIDES), ["copies", "multiple-document-handling"], 3),
        ((COPIES,), ["media", "sides"], 1),
        ((HANDLING,), ["copies", "media", "sides"], 3),
        ((), ["media", "sides"], 1),
        ((attribute("document-format", Tag.MIME_MEDIA_TYPE, "text/plain"),), ["media", "sides"], 1),
    ],
)
def test_what_is_named_is_left_out(unsupported: tuple[Attribute, ...], left: list[str], copies: int) -> None:
    """When the printer names none of ours, one group; without copies nothing is said about their order."""
    sent = leave_out(JobAttributes(ALL, 3), {each.name for each in unsupported})
    assert (sent.names, sent.copies) == (left, copies)


def keywords(*names: str) -> tuple[Attribute, ...]:
    """Return attributes of these names."""
    return tuple(attribute(name, Tag.KEYWORD, "x") for name in names)


def test_one_group_at_a_time() -> None:
    """A printer that names nothing: media-col goes first, grey and two-sided last."""
    sent = JobAttributes(
        keywords("sides", "print-color-mode", "media-col", "finishings", "print-scaling", "output-bin", "made-up"), 1
    )
    rounds = []
    while sent.attributes:
        sent = leave_out(sent, ())
        rounds.append(sent.left_out)
    assert rounds == [
        ("made-up",),
        ("media-col",),
        ("finishings",),
        ("output-bin",),
        ("print-scaling",),
        ("sides",),
        ("print-color-mode",),
    ]


def test_names_count_every_time() -> None:
    """A printer that names one after the other keeps what it does not name."""
    sent = JobAttributes(ALL, 3)
    for named, left in ((MEDIA, 3), (SIDES, 2), (COPIES, 0)):
        sent = leave_out(sent, {named.name})
        assert sent.left_out == (named.name,) and len(sent.attributes) == left


def test_it_comes_to_an_end() -> None:
    """A printer that names a new one each time does not get the document as often as there are attributes."""
    sent = JobAttributes(keywords(*(f"made-up-{number}" for number in range(40))))
    while sent.attributes:
        sent = leave_out(sent, sent.names[:1])
    assert sent.rounds == MOST_ROUNDS


def test_nothing_is_left_to_leave_out() -> None:
    """A printer that refuses attributes where there are none changes nothing."""
    assert leave_out(JobAttributes(), {"sides"}).left_out == ()


def test_what_is_ignored_is_told_and_stays_but_for_copies() -> None:
    """A later Print-Job must not ask for copies that are sent one by one."""
    sent = JobAttributes(ALL, 3)
    assert ignored(sent, {"sides", "copies"}) == ["copies", "sides"]
    later = after_ignoring(sent, ["copies", "sides"])
    assert (later.names, later.copies) == (["media", "sides"], 1)
    assert ignored(sent, ()) == [] and after_ignoring(sent, ["sides"]) == sent


@pytest.mark.parametrize(
    ("attributes", "rounds", "refused"),
    [
        ((COPIES, SIDES), [("copies",)], True),
        ((COPIES, SIDES), [("copies", "sides")], True),
        ((COPIES, SIDES, MEDIA), [("copies",), ("media",)], True),
        ((COPIES,), [()], True),  # it says no word, and takes the document as soon as they alone are missing
        ((COPIES, HANDLING), [()], False),  # one of the two
        ((COPIES, SIDES), [(), ()], False),  # without copies it was refused as well
        ((COPIES, SIDES), [("sides",)], False),
        ((COPIES, SIDES, MEDIA, HANDLING), [()] * 8, False),
    ],
)
def test_whether_it_was_copies_that_were_refused(
    attributes: tuple[Attribute, ...], rounds: list[tuple[str, ...]], refused: bool
) -> None:
    """Named, or left out alone before the document was taken; not when they only went along with others."""
    sent = JobAttributes(attributes, 3)
    for unsupported in rounds:
        sent = leave_out(sent, unsupported)
    assert sent.copies_refused == refused


def test_copies_that_are_ignored_are_refused() -> None:
    """The printer has said so by their name."""
    sent = JobAttributes((COPIES, SIDES), 3)
    assert (
        after_ignoring(sent, ["copies", "sides"]).copies_refused and not after_ignoring(sent, ["sides"]).copies_refused
    )
