"""A printer's answer as plain values, for what is no matter of IPP: ``filters.description``. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from backend.ipp.message import Attribute, Collection, LanguageString, Message, Range, Resolution
from backend.ipp.tags import Tag
from filters.description import attributes as plain

#: units of a resolution, RFC 8010 section 3.9.
_PER_CENTIMETRE = 4


def plain_attributes(message: Message) -> dict[str, tuple[Any, ...]]:
    """Return the printer attributes of an answer by name; out-of-band values and octets are left out."""
    groups = message.groups_of(Tag.PRINTER_ATTRIBUTES)
    return _plain_all(each for group in groups for each in group.attributes)


def _plain_all(attributes: Iterable[Attribute]) -> dict[str, tuple[Any, ...]]:
    found: dict[str, tuple[Any, ...]] = {}
    for each in attributes:
        values = (_plain(value) for value in each.all)
        found.setdefault(each.name, tuple(value for value in values if value is not None))
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, Range):
        return plain.Range(value.lower, value.upper)
    if isinstance(value, Resolution):
        per_inch = 2.54 if value.units == _PER_CENTIMETRE else 1
        return plain.Resolution(round(value.x * per_inch), round(value.y * per_inch))
    if isinstance(value, LanguageString):
        return value.text
    if isinstance(value, Collection):
        return _plain_all(value.attributes)
    return value if isinstance(value, (str, int)) else None
