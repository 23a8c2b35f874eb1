"""Which sides of a job are printed: page-ranges and page-set of CUPS, which count sides as they would come out."""

from __future__ import annotations

from filters.common.dataclass import dataclass


@dataclass(frozen=True)
class Selection:
    """The sides to print, by number from 1; no ranges means all."""

    ranges: tuple[tuple[int, int], ...] = ()
    page_set: str = "all"

    def wants(self, number: int) -> bool:
        """Tell whether a side is to be printed."""
        if self.page_set == "even" and number % 2 or self.page_set == "odd" and not number % 2:
            return False
        return not self.ranges or any(low <= number <= high for low, high in self.ranges)

    def is_over(self, number: int) -> bool:
        """Tell whether no side after this one is wanted, so that the rest need not be laid out."""
        return bool(self.ranges) and number >= max(high for _, high in self.ranges)
