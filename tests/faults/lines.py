"""What a backend may write on standard error: filter(7) and backend(7), "MESSAGES", read without mercy.

cupsd takes a line with a prefix it does not know for a debug message, cuts lines at 4096 octets, and reads words of
``STATE:`` and ``ATTR:`` into the queue's attributes, so each of these has a grammar of its own here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

#: Octets of the longest line with its line feed; ours are all below (filters/report.py).
LONGEST = 1000
#: Prefixes whose text people read.
LEVELS = ("DEBUG", "DEBUG2", "INFO", "NOTICE", "WARNING", "ERROR", "ALERT", "CRIT", "EMERG")

_WORD = r"[a-z0-9]+(?:[-.][a-z0-9]+)*"
_VALUE = r"(?:\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|[^\s\"'\\]|\\.)+"
GRAMMAR: dict[str, re.Pattern[str]] = {
    **{level: re.compile(r"\S.*") for level in LEVELS},
    "STATE": re.compile(rf"[+-]?{_WORD}(?:,{_WORD})*"),
    "ATTR": re.compile(rf"{_WORD}={_VALUE}(?: {_WORD}={_VALUE})*"),
    "PAGE": re.compile(r"total \d+|\d+ \d+"),
}


@dataclass(frozen=True)
class Line:
    """One line: its prefix and its text; ``fault`` says what is wrong with it."""

    prefix: str
    text: str
    fault: str = ""

    def __str__(self) -> str:
        return f"{self.prefix}: {self.text}"


def read_line(octets: bytes) -> Line:
    """Read one line without its line feed."""
    try:
        text = octets.decode("utf-8")
    except UnicodeDecodeError:
        return Line("?", repr(octets), "not UTF-8")
    prefix, colon, rest = text.partition(": ")
    grammar = GRAMMAR.get(prefix)
    if not colon or grammar is None:
        return Line("?", text, "no prefix that CUPS knows")
    if len(octets) + 1 > LONGEST:
        return Line(prefix, rest, f"{len(octets) + 1} octets long")
    if not rest.isprintable():
        return Line(prefix, rest, "control characters")
    return Line(prefix, rest, "" if grammar.fullmatch(rest) else f"no proper {prefix} line")


def read_lines(octets: bytes) -> tuple[Line, ...]:
    """Read all lines of a run; what follows the last line feed is a fault."""
    *whole, rest = octets.split(b"\n")
    lines = [read_line(line) for line in whole]
    return tuple(lines + ([Line("?", repr(rest), "no line feed at the end")] if rest else []))


def words_left(lines: tuple[Line, ...]) -> frozenset[str]:
    """Return the printer-state-reasons that the lines leave behind."""
    left: set[str] = set()
    for line in lines:
        if line.prefix == "STATE":
            sign, names = line.text[0], line.text.lstrip("+-").split(",")
            left = left - set(names) if sign == "-" else left | set(names) if sign == "+" else set(names)
    return frozenset(left)
