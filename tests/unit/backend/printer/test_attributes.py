"""backend.printer.attributes: an answer as plain values."""

from __future__ import annotations

from typing import Any

import pytest

from backend.ipp.message import Collection, Group, LanguageString, Message, Range, Resolution, attribute
from backend.ipp.tags import Tag
from backend.printer.attributes import plain_attributes
from filters.description import attributes as plain


@pytest.mark.parametrize(
    "tag, value, expected",
    [
        (Tag.KEYWORD, "auto", "auto"),
        (Tag.INTEGER, 7, 7),
        (Tag.BOOLEAN, True, True),
        (Tag.RANGE_OF_INTEGER, Range(1, 9), plain.Range(1, 9)),
        (Tag.RESOLUTION, Resolution(600, 1200), plain.Resolution(600, 1200)),
        (Tag.RESOLUTION, Resolution(236, 118, 4), plain.Resolution(599, 300)),
        (Tag.TEXT_WITH_LANGUAGE, LanguageString("de", "Fach"), "Fach"),
        (Tag.BEG_COLLECTION, Collection((attribute("x", Tag.INTEGER, 1, 2),)), {"x": (1, 2)}),
    ],
)
def test_values(tag: Tag, value: Any, expected: Any) -> None:
    """Each kind of value."""
    message = Message((2, 0), 0, 1, (Group(Tag.PRINTER_ATTRIBUTES, (attribute("a", tag, value),)),))
    assert plain_attributes(message) == {"a": (expected,)}


def test_left_out() -> None:
    """Out-of-band values, octets, other groups, and what is said twice."""
    said = (
        attribute("none", Tag.NO_VALUE),
        attribute("octets", Tag.OCTET_STRING, b"x"),
        attribute("twice", Tag.KEYWORD, "first"),
        attribute("twice", Tag.KEYWORD, "second"),
    )
    other = Group(Tag.OPERATION_ATTRIBUTES, (attribute("status-message", Tag.TEXT_WITHOUT_LANGUAGE, "x"),))
    message = Message((2, 0), 0, 1, (other, Group(Tag.PRINTER_ATTRIBUTES, said)))
    assert plain_attributes(message) == {"none": (), "octets": (), "twice": ("first",)}
