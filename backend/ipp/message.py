"""IPP messages as values: RFC 8010 section 3.1 (structure) and RFC 8011 section 5.1 (attribute syntaxes).

Rules of this module:

- nothing is checked here; what a message may contain is decided where it becomes bytes (``values``, ``encoding``);
- attributes keep their order and their tags, so a message that was read can be written again unchanged.

Python values by tag: integer and enum are ``int``, boolean is ``bool``, all character strings are ``str``, octetString,
dateTime (the 11 octets of RFC 2579 DateAndTime), extensions (their tag first) and values of reserved tags
are ``bytes``, out-of-band values are ``None``; the rest are the small classes below.
"""

from __future__ import annotations

from backend.ipp.tags import Tag
from filters.dataclass import dataclass

TYPE_CHECKING = False  # typing is slow to import, and only the type checker needs it
if TYPE_CHECKING:
    from typing import Any


@dataclass(frozen=True)
class Range:
    """rangeOfInteger: both ends belong to it."""

    lower: int
    upper: int


@dataclass(frozen=True)
class Resolution:
    """resolution: cross-feed and feed direction, in ``units`` (3 is dots per inch, 4 dots per centimetre)."""

    x: int
    y: int
    units: int = 3


@dataclass(frozen=True)
class LanguageString:
    """textWithLanguage or nameWithLanguage."""

    language: str
    text: str


@dataclass(frozen=True)
class Value:
    """One value with its tag. A tag that no standard knows is an ``int``, and its value the octets."""

    tag: int
    value: Any


@dataclass(frozen=True)
class Attribute:
    """A name and its values, of which there is at least one."""

    name: str
    values: tuple[Value, ...]

    @property
    def value(self) -> Any:
        """The first value; None for an out-of-band value."""
        return self.values[0].value if self.values else None

    @property
    def all(self) -> tuple[Any, ...]:
        """All values, without their tags."""
        return tuple(value.value for value in self.values)


class _Attributes:
    """What groups and collections have in common: attributes that are found by name."""

    attributes: tuple[Attribute, ...]

    def get(self, name: str) -> Attribute | None:
        """Return the attribute of that name (the first, where a printer sends it twice)."""
        return next((attribute for attribute in self.attributes if attribute.name == name), None)


@dataclass(frozen=True)
class Collection(_Attributes):
    """collection: member attributes."""

    attributes: tuple[Attribute, ...]


@dataclass(frozen=True)
class Group(_Attributes):
    """Attributes behind one delimiter tag."""

    tag: int
    attributes: tuple[Attribute, ...]


@dataclass(frozen=True)
class Message:
    """A request (``code`` is the operation) or a response (``code`` is the status)."""

    version: tuple[int, int]
    code: int
    request_id: int
    groups: tuple[Group, ...]

    def group(self, tag: int) -> Group | None:
        """Return the first group with that tag."""
        return next((group for group in self.groups if group.tag == tag), None)

    def groups_of(self, tag: int) -> list[Group]:
        """Return all groups with that tag; Get-Jobs answers with one for each job."""
        return [group for group in self.groups if group.tag == tag]

    def get(self, name: str, tag: int | None = None) -> Attribute | None:
        """Return the first attribute of that name, in any group or in those with ``tag``."""
        groups = (group.get(name) for group in self.groups if tag is None or group.tag == tag)
        return next((attribute for attribute in groups if attribute is not None), None)


def attribute(name: str, tag: Tag, *python_values: Any) -> Attribute:
    """Return an attribute whose values all have the same tag; an out-of-band tag needs no value."""
    if tag.is_out_of_band and not python_values:
        python_values = (None,)
    return Attribute(name, tuple(Value(tag, value) for value in python_values))
