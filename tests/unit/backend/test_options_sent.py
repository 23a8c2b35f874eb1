"""backend.options_sent: what is still sent after a refusal, and how many copies come of it."""

from __future__ import annotations

import pytest

from backend.ipp.message import Attribute, Group, Message, attribute
from backend.ipp.tags import Tag
from backend.options_sent import OptionsSent

COPIES = attribute("copies", Tag.INTEGER, 3)
HANDLING = attribute("multiple-document-handling", Tag.KEYWORD, "separate-documents-collated-copies")
MEDIA = attribute("media", Tag.KEYWORD, "iso_a4_210x297mm")
SIDES = attribute("sides", Tag.KEYWORD, "one-sided")
ALL = (COPIES, MEDIA, HANDLING, SIDES)


def answer(*unsupported: Attribute) -> Message:
    """Return an answer that names attributes as unsupported."""
    return Message((2, 0), 1, 1, (Group(Tag.UNSUPPORTED_ATTRIBUTES, unsupported),))


def names(options: OptionsSent) -> list[str]:
    """Return the names of what the next request carries."""
    return [each.name for each in options.attributes]


@pytest.mark.parametrize(
    "unsupported, left, copies",
    [
        ((MEDIA,), ["copies", "multiple-document-handling", "sides"], 3),
        ((MEDIA, SIDES), ["copies", "multiple-document-handling"], 3),
        ((COPIES,), ["media", "sides"], 1),
        ((HANDLING,), ["copies", "media", "sides"], 3),
        ((), [], 1),
        ((attribute("document-format", Tag.MIME_MEDIA_TYPE, "text/plain"),), [], 1),
    ],
)
def test_what_is_named_is_left_out(unsupported: tuple[Attribute, ...], left: list[str], copies: int) -> None:
    """When the printer names none of ours, all; without copies nothing is said about their order."""
    options = OptionsSent(ALL, 3)
    options.hear(answer(*unsupported))
    options.leave_out()
    assert (names(options), options.copies) == (left, copies)


def test_the_second_time_all_are_left_out() -> None:
    """A printer that names one after the other does not get the document as often as there are attributes."""
    options = OptionsSent(ALL, 3)
    options.hear(answer(MEDIA))
    assert options.leave_out() == ["media"]
    options.hear(answer(SIDES))
    assert options.leave_out() == ["copies", "multiple-document-handling", "sides"]
    assert (names(options), options.copies) == ([], 1)


def test_what_is_ignored_is_told_and_stays_but_for_copies() -> None:
    """A later Print-Job must not ask for copies that are sent one by one."""
    options = OptionsSent(ALL, 3)
    options.hear(answer(SIDES, COPIES))
    assert options.ignored() == ["copies", "sides"]
    assert (names(options), options.copies) == (["media", "sides"], 1)
    options.hear(None)
    assert options.ignored() == []
