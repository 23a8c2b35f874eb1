"""Text spread to a right edge by wider gaps between its words: JTF for a field, SJM for lines (ALLY B-22, AX 25, 26).

    JTF    begins a field here, which ends at the next JTF, CR, NL, RNL, IRS, FF or RFF
    SJM    makes fields of whole lines up to the right margin of SHM; the last line of a paragraph, which RNL, FF or CR
           ends or RLM marks (ALLY B-18), stays as it is

What does not fit, is printed over, or has one word only stays as it is too.
"""

from __future__ import annotations

import re
from typing import Iterator, NamedTuple

from filters.layout.runs import OVER, UNDERLINE, Run

_HALF = 0.5
_WORDS, _UNDERLINED = re.compile(rb"[^ ]+"), re.compile(rb"[^ ]+ *")
_TEXT_WORDS, _TEXT_UNDERLINED = re.compile(r"[^ ]+"), re.compile(r"[^ ]+ *")


class Field(NamedTuple):
    """A field that is open: its first run, its right edge, and how much of the room becomes gaps."""

    first: int
    right: float
    share: float
    #: SJM has opened it, for one line.
    is_line: bool = False


def justify(runs: list[Run], right: float, share: float) -> list[Run]:
    """Return the runs of one field with wider gaps."""
    if not runs or any(run[1] != runs[0][1] or run[4] & OVER for run in runs):
        return runs
    words = [word for run in runs for word in _words(run)]
    ends = [_end(word) for word in words]
    gaps = [x[0] - end for x, end in zip(words[1:], ends)]
    wide = sum(gap > _HALF for gap in gaps)
    room = right - ends[-1] if ends else 0.0
    if room < _HALF or not wide or any(gap < -_HALF for gap in gaps):
        return runs
    moved, by, step = [words[0]], 0.0, room * share / wide
    for word, gap in zip(words[1:], gaps):
        by += step if gap > _HALF else 0.0
        moved.append((word[0] + by, *word[1:]))
    return moved


def _words(run: Run) -> Iterator[Run]:
    """Give the words of a run; blanks that are underlined stay with the word in front of them."""
    x, y, text, font, style = run
    if isinstance(text, bytes):
        for found in (_UNDERLINED if style & UNDERLINE else _WORDS).finditer(text):
            yield (x + found.start() * font.cell, y, found.group(), font, style)
    else:
        for match in (_TEXT_UNDERLINED if style & UNDERLINE else _TEXT_WORDS).finditer(text):
            yield (x + match.start() * font.cell, y, match.group(), font, style)


def _end(word: Run) -> float:
    x, _, text, font, _ = word
    return x + len(text.rstrip()) * font.cell
