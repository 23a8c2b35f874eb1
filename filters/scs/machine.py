"""Spooled files to pages: bytes in, pages out.

Rules:

- A control may straddle two blocks; what is not whole waits for the next block, and at the end it is left out.
- Whatever comes is text, a control that is known, or one that is skipped by its length; nothing stops the job.
- The last page prints if it has a mark.
"""

from __future__ import annotations

import re

from filters.scs.actions import ACTIONS, ControlledPrinter
from filters.scs.controls import (
    LONGEST_SURE,
    Incomplete,
    after_damage,
    claims_too_much,
    describe_unknown,
    find_control,
    length_at,
    parameters_of,
)
from filters.scs.state import Item

#: Text, perhaps with a line and a column to go to before and a line end after it: most of every report.
_TEXT = re.compile(rb"(?:\x34\xC4(.))?(?:\x34([\xC0\xC8].))?([\x40-\xFE]+)(\x15?)", re.S)
#: Controls that end a run of two-byte characters: JTOpen leaves out the last SI of a line.
_END_OF_PAIRS = frozenset((0x06, 0x0C, 0x0D, 0x15, 0x1E, 0x25, 0x33, 0x3A))
#: The note about INP without ENP. In a damaged file it may be no INP at all, but a column without its control.
HIDDEN_TO_THE_END = "text hidden to the end"


class Machine(ControlledPrinter):
    """Reads a stream."""

    def feed(self, block: bytes) -> list[Item]:
        """Take a block and return the pages that it completes."""
        data = self._tail + block if self._tail else block
        at, end = 0, len(data)
        match = _TEXT.match
        while at < end:
            found = None if self._pairs or self._silent or self.unwrapping else match(data, at)
            if found:
                down, across, text, new_line = found.groups()
                if down:
                    self._absolute_line(down[0])
                if across:
                    if across[0] == 0xC0:
                        if across[1]:
                            self._x = self._left + (across[1] - 1) * self._advance
                    else:
                        self._x += across[1] * self._advance
                self._print(text)
                if new_line:
                    if self._field:
                        self._end_field()
                    self._x = self._left + self._indent
                    self._past_margin = False
                    if self._half_lines == 2 and self._line < self._lines:
                        self._line += 1
                        self._y += self._line_pitch
                    else:
                        self._down(self._half_lines / 2)
                at = found.end()
                continue
            try:
                at = self._take(data, at)
            except Incomplete:
                break
        self._tail = data[at:]
        done, self._done = self._done, []
        return done

    def _recover(self) -> None:
        """Read what a control at the end claims for itself although the end comes before: its length may be wrong."""
        while self._tail:
            self._note("a control at its end that is not whole")
            data, self._tail = self._tail, b""
            if not claims_too_much(data):
                break
            self._done += self.feed(data[after_damage(data, 0) :])

    def finish(self) -> list[Item]:
        """Return the last page; a control without its end is left out."""
        self._recover()
        if self._silent and not self._show_hidden:
            self._note(HIDDEN_TO_THE_END)
        if self._pairs:
            self._note("two-byte text without a shift-in at its end")
            self._pairs = False
        if self._field:
            self._end_field(ends_line=False)
        if self.has_marks:
            self._done.append(self._take_page())
            self._start_page(1)
        done, self._done = self._done, []
        return done

    def _take(self, data: bytes, at: int) -> int:
        """Take a control, or text that is not printed as it comes; return where the next one begins."""
        code = data[at]
        if code < 0x40:
            length = length_at(data, at)
            control = data[at : at + length]
            if length > LONGEST_SURE and claims_too_much(control):
                self._note("a control with a wrong length")
                return after_damage(data, at)
            self._control(code, control)
            return at + length
        if code == 0xFF:
            self._note("FF, which is no graphic")
            return at + 1
        if self.unwrapping:
            self._note("text beside print data")
            return at + 1
        if self._pairs:
            return self._take_pairs(data, at)
        # Hidden text: the place moves on.
        found = _TEXT.match(data, at)
        assert found
        if self._show_hidden:
            self._print(found.group(3))
        else:
            self._x += len(found.group(3)) * self._advance
        return at + len(found.group(3))

    def _control(self, code: int, control: bytes) -> None:
        if self.unwrapping and code != 0x03 and code != 0x35:
            return
        if self._pairs and code in _END_OF_PAIRS:
            self._end_pairs()
        entry = find_control(control)
        if entry is None:
            self._note(f"unknown control {describe_unknown(control)}")
            return
        act = ACTIONS.get(entry.name)
        if act:
            parameters = parameters_of(control)
            try:
                act(self, parameters)
            except IndexError:
                self._note(f"{entry.name} without its parameters")
