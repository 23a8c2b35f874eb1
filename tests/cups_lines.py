"""The grammar of what a backend or filter may say on standard error: filter(7) and backend(7), "MESSAGES"."""

from __future__ import annotations

import re
from dataclasses import dataclass

#: Longest line with its line feed; ours are shorter than 1 KiB, so that one write is one line whoever else writes.
LONGEST_LINE = 1024
WORD = r"[a-z0-9]+(?:-[a-z0-9]+)*"
VALUE = r'(?:"(?:[^"\\]|\\.)*"|[^\s",=]+)'

#: What stands behind each prefix.
GRAMMAR = {
    "ERROR": r"\S.*",
    "WARNING": r"\S.*",
    "NOTICE": r"\S.*",
    "INFO": r"\S.*",
    "DEBUG": r".*",
    "DEBUG2": r".*",
    "STATE": rf"[-+]{WORD}(?:,{WORD})*",
    "JOBSTATE": WORD,
    "PAGE": r"total \d+|\d+ \d+",
    "ATTR": rf"{WORD}={VALUE}(?:,{VALUE})*",
    "PPD": rf"\S+={VALUE}",
}


class NotForCups(AssertionError):
    """A line that cupsd would read wrongly."""


@dataclass(frozen=True)
class Line:
    """One line: its prefix, and what stands behind it."""

    prefix: str
    text: str


def parse_lines(stderr: bytes) -> list[Line]:
    """Return the lines of standard error.

    Raises:
        NotForCups: a line without a prefix of CUPS, too long, cut off, or with a control character.
    """
    if stderr and not stderr.endswith(b"\n"):
        raise NotForCups(f"no line feed at the end: {stderr[-200:]!r}")
    return [parse_line(line) for line in stderr.split(b"\n")[:-1]]


def parse_line(line: bytes) -> Line:
    """Return one line, which has no line feed any more."""
    if len(line) + 1 > LONGEST_LINE:
        raise NotForCups(f"{len(line) + 1} bytes: {line[:200]!r}")
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError:
        raise NotForCups(f"not UTF-8: {line!r}") from None
    if any(ord(c) < 32 or ord(c) == 127 for c in text):
        raise NotForCups(f"a control character: {line!r}")
    prefix, colon, rest = text.partition(": ")
    if not colon or prefix not in GRAMMAR or not re.fullmatch(GRAMMAR[prefix], rest):
        raise NotForCups(f"not a line for cupsd: {text!r}")
    return Line(prefix, rest)


def texts(lines: list[Line], prefix: str) -> list[str]:
    """Return what stands behind one prefix."""
    return [line.text for line in lines if line.prefix == prefix]


def words_left(lines: list[Line]) -> set[str]:
    """Return the printer-state-reasons that a queue carries after these lines."""
    words: set[str] = set()
    for text in texts(lines, "STATE"):
        change = set(text[1:].split(","))
        words = words | change if text[0] == "+" else words - change
    return words


def explaining_error(lines: list[Line]) -> str:
    """Return the one ERROR line, which must be the last above DEBUG.

    Raises:
        NotForCups: there is none, several, or something is said after it.
    """
    said = [line for line in lines if not line.prefix.startswith("DEBUG")]
    if not said or said[-1].prefix != "ERROR" or len(texts(lines, "ERROR")) != 1:
        raise NotForCups(f"the ERROR line is not the one and last: {said!r}")
    return said[-1].text
