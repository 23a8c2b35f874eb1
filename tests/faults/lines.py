"""The lines of a run, read by the grammar that all tests share; one that cupsd would misread is kept with its fault."""

from __future__ import annotations

from dataclasses import dataclass

from tests import cups_lines
from tests.cups_lines import NotForCups, parse_line

__all__ = ["Line", "read_line", "read_lines", "words_left"]


@dataclass(frozen=True)
class Line(cups_lines.Line):
    """One line; ``fault`` says what is wrong with it."""

    fault: str = ""

    def __str__(self) -> str:
        return f"{self.prefix}: {self.text}"


def read_line(octets: bytes) -> Line:
    """Read one line without its line feed."""
    try:
        line = parse_line(octets)
    except NotForCups as error:
        return Line("?", octets.decode("utf-8", "backslashreplace"), str(error))
    return Line(line.prefix, line.text)


def read_lines(octets: bytes) -> tuple[Line, ...]:
    """Read all lines of a run; what follows the last line feed is a fault."""
    *whole, rest = octets.split(b"\n")
    lines = [read_line(line) for line in whole]
    return tuple(lines + ([Line("?", repr(rest), "no line feed at the end")] if rest else []))


def words_left(lines: tuple[Line, ...]) -> frozenset[str]:
    """Return the printer-state-reasons that the lines leave behind."""
    return frozenset(cups_lines.words_left(list(lines)))
