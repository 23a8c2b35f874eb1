"""IPP messages as values: RFC 8010 section 3.1 (structure) and RFC 8011 section 5.1 (attribute syntaxes).

Rules of this module:

- nothing is refused here. Three rules have their home here, because the encoder refuses what breaks them and the
  decoder notes it; what a value may be is decided where it becomes bytes (``values``);
- attributes keep their order and their tags, so a message that was read can be written again unchanged.

Python values by tag: integer and enum are ``int``, boolean is ``bool``, all character strings are ``str``, octetString,
dateTime (the 11 octets of RFC 2579 DateAndTime), extensions (their tag first) and values of reserved tags
are ``bytes``, out-of-band values are ``None``; the rest are the small classes below.
"""

from __future__ import annotations

from backend.ipp.tags import FIRST_SYNTAX_TAG, Tag
from filters.common.dataclass import dataclass

TYPE_CHECKING = False  # typing is slow to import, and only the type checker needs it
if TYPE_CHECKING:
    from typing import Any, Sequence

#: IPP has reached 2.2. Text that is taken for a message (a web page, say) begins with 9 at least.
HIGHEST_MAJOR_VERSION = 8
#: Collections within collections. The standards nest three or four; a bound keeps a bad answer from piling them up.
DEEPEST = 16


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


# --- Rules for both directions. Each says what is wrong, or "" ------------------------------------------------


def header_fault(version: tuple[int, int], code: int, request_id: int) -> str:
    """Versions, codes and request-ids are signed numbers: RFC 8010 section 3.1.1; 0 is no request-id."""
    for name, number, lowest, highest in (
        ("major version", version[0], 0, HIGHEST_MAJOR_VERSION),
        ("minor version", version[1], 0, 127),
        ("code", code, 0, 2**15 - 1),
        ("request-id", request_id, 1, 2**31 - 1),
    ):
        if not isinstance(number, int) or not lowest <= number <= highest:
            return f"{name} is {number!r}"
    return ""


def head_fault(groups: Sequence[Group]) -> str:
    """Operation attributes come first, and first in them charset and language: RFC 8011 section 4.1.4."""
    if not groups or groups[0].tag != Tag.OPERATION_ATTRIBUTES:
        return "the first group is not the operation attributes"
    head = [(each.name, [value.tag for value in each.values]) for each in groups[0].attributes[:2]]
    if head != [
        ("attributes-charset", [Tag.CHARSET]),
        ("attributes-natural-language", [Tag.NATURAL_LANGUAGE]),
    ]:
        return "the operation attributes do not begin with attributes-charset and attributes-natural-language"
    return ""


def values_fault(values: Sequence[Value]) -> str:
    """There is a value, and one that is out of band stands alone: RFC 8010 section 3.5.2."""
    if len(values) == 1:
        return ""
    if any(value.tag < FIRST_SYNTAX_TAG for value in values):
        return "an out-of-band value stands beside others"
    return "" if values else "there is no value"
