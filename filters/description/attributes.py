"""A printer's attributes as plain values, read with patience: RFC 8011 section 5.1.

A value is a string, a number, a boolean, a ``Range``, a ``Resolution``, or a collection: a mapping of its own. What has
another type than the standard says is as if it were not there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

from filters.common.dataclass import dataclass

#: Numbers of enums are far below; a range of more is none of choices.
MOST_ENUMS = 200


@dataclass(frozen=True)
class Range:
    """rangeOfInteger: both ends belong to it."""

    lower: int
    upper: int


@dataclass(frozen=True)
class Resolution:
    """Dots per inch, across and along the feed."""

    x: int
    y: int


class PrinterAttributes:
    """Attributes by name, each with its values."""

    def __init__(self, values: Mapping[str, Sequence[Any]]) -> None:
        self._values = values

    def all(self, name: str) -> Sequence[Any]:
        """Return all values as they are."""
        return self._values.get(name, ())

    def keywords(self, name: str) -> tuple[str, ...]:
        """Return the strings among the values, each once."""
        return tuple(dict.fromkeys(each for each in self.all(name) if isinstance(each, str) and each))

    def word(self, name: str) -> str:
        """Return the first string, "" without one."""
        return next(iter(self.keywords(name)), "")

    def boolean(self, name: str) -> bool | None:
        """Return the boolean, None without one."""
        return next((each for each in self.all(name) if isinstance(each, bool)), None)

    def ranges(self, name: str) -> tuple[Range, ...]:
        """Return the ranges, and of each integer and enum the range that it is."""
        return tuple(each if isinstance(each, Range) else Range(each, each) for each in self.all(name) if _counts(each))

    def numbers(self, name: str) -> tuple[int, ...]:
        """Return the integers and enums, ranges of a few written out, each once."""
        few = (range(each.lower, each.upper + 1) for each in self.ranges(name) if each.upper - each.lower <= MOST_ENUMS)
        return tuple(dict.fromkeys(chain.from_iterable(few)))

    def most(self, name: str) -> int:
        """Return the largest number of integers and ranges, 0 without one."""
        return max((each.upper for each in self.ranges(name)), default=0)

    def resolutions(self, name: str) -> tuple[Resolution, ...]:
        """Return the resolutions that a printer can have, each once."""
        found = (each for each in self.all(name) if isinstance(each, Resolution))
        return tuple(dict.fromkeys(each for each in found if 50 <= each.x <= 9600 and 50 <= each.y <= 9600))

    def collections(self, name: str) -> tuple[PrinterAttributes, ...]:
        """Return the collections."""
        return tuple(PrinterAttributes(each) for each in self.all(name) if isinstance(each, Mapping))

    def names(self) -> tuple[str, ...]:
        """Return the names of all attributes."""
        return tuple(self._values)


def _counts(value: Any) -> bool:
    return isinstance(value, Range) or isinstance(value, int) and not isinstance(value, bool)
