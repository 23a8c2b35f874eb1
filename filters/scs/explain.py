"""A spooled file explained, control by control: what stands where, what it is called, and what it does.

    offset   bytes                name  parameters        effect
    00000F   2BD20345FF           SIC   kind 255          start of a job
    00004F   34C402               AVPP  line 2            to line 2
    000055   F5F7F7F0 ...         text  "5770SS1 V7R4M0"  at column 2 of line 2
"""

from __future__ import annotations

import re
from typing import Iterator, NamedTuple

from filters.scs.controls import (
    CONTROL_SEQUENCE,
    LONGEST_SURE,
    PRESENTATION_POSITION,
    Control,
    Incomplete,
    after_damage,
    claims_too_much,
    describe_unknown,
    find_control,
    length_at,
    parameters_of,
)
from filters.scs.machine import Machine

_TEXT = re.compile(rb"[\x40-\xFE]+")
_NULS = re.compile(rb"\x00+")
_SIZE = re.compile(r"^(.*?) ?(?:\((\d)\))?(?:\.\.\.)?$")


#: Controls of which one byte says nothing.
_LONGER = (CONTROL_SEQUENCE, PRESENTATION_POSITION)


class Step(NamedTuple):
    """One control, or text up to the next one."""

    offset: int
    data: bytes
    name: str
    #: Parameters with their names, text in quotes.
    parameters: str
    effect: str
    #: The page it works on.
    page: int
    #: What is odd about it, nothing if all is well.
    odd: str = ""


def explain(data: bytes, machine: Machine) -> Iterator[Step]:
    """Give the steps of a stream, with what a machine makes of them."""
    at = 0
    while at < len(data):
        size, odd = _size_of_step(data, at)
        step = data[at : at + size]
        before, notes = machine.place, dict(machine.notes)
        machine.feed(step)
        after = machine.place
        found = [note for note, count in machine.notes.items() if count != notes.get(note, 0)]
        yield _describe(at, step, before, after, odd or "; ".join(found), machine)
        at += size
    machine.finish()


def _size_of_step(data: bytes, at: int) -> tuple[int, str]:
    """Return how many bytes belong together, and what is odd about that."""
    code = data[at]
    pattern = _NULS if code == 0 else _TEXT if 0x40 <= code < 0xFF else None
    if pattern:
        found = pattern.match(data, at)
        assert found
        return found.end() - at, ""
    if code == 0xFF:
        return 1, ""
    try:
        size = length_at(data, at)
    except Incomplete:
        left = data[at:]
        if claims_too_much(left):
            return after_damage(data, at) - at, "a control whose length is wrong"
        return len(left), "the file ends within this control"
    if size > LONGEST_SURE and claims_too_much(data[at : at + size]):
        return after_damage(data, at) - at, "a control whose length is wrong"
    return size, ""


_Place = tuple[int, float, float, float]


def _describe(offset: int, step: bytes, before: _Place, after: _Place, odd: str, machine: Machine) -> Step:
    code = step[0]
    page = before[0]
    if code == 0:
        return Step(offset, step, "NUL", "", f"{len(step)} times nothing", page, odd)
    if 0x40 <= code < 0xFF:
        return Step(offset, step, "text", f'"{machine.decode(step)}"', f"at {_where(before, machine)}", page, odd)
    control = find_control(step) if code < 0x40 and not (code in _LONGER and len(step) < 2) else None
    if control is None:
        name = describe_unknown(step) if code < 0x40 and len(step) > 2 else "EO" if code == 0xFF else f"{code:02X}"
        return Step(offset, step, name, step[3:].hex(" ").upper(), "skipped", page, odd or "not known")
    effect = control.summary
    if after[0] != before[0]:
        effect += f"; page {after[0]}, {_where(after, machine)}"
    elif after[1:] != before[1:]:
        effect += f"; {_where(after, machine)}"
    return Step(offset, step, control.name, _parameters(control, step), effect, page, odd)


def _where(place: _Place, machine: Machine) -> str:
    return f"line {place[1]:g}, column {place[2] / machine.font.cell + 1:.4g}"


def _parameters(control: Control, step: bytes) -> str:
    """Return the parameters with their names; what has no name is hexadecimal."""
    values = parameters_of(step)
    names = [_SIZE.match(name) for name in control.parameters.split(", ")] if control.parameters else []
    words, at = [], 0
    for found in names:
        assert found
        name, size = found[1], int(found[2] or 1)
        is_list = found[0].endswith("...")
        if at >= len(values) or name.startswith("(") or name in ("data", "text", "stops"):
            break
        if is_list:
            words.append(" ".join(str(int.from_bytes(values[n : n + 2], "big")) for n in range(at, len(values) - 1, 2)))
            return ", ".join(words)
        part = values[at : at + size]
        at += size
        if name == "0":
            continue
        words.append(f"{name} {_value(name, part)}")
    rest = values[at:]
    if rest.strip(b"\0") or (rest and not words):
        words.append(rest[:24].hex(" ").upper() + (" ..." if len(rest) > 24 else ""))
    return ", ".join(words)


def _value(name: str, part: bytes) -> str:
    number = int.from_bytes(part, "big")
    if name == "page" and len(part) == 2 and number in _ROTATIONS:
        return _ROTATIONS[number]
    return str(number) if number < 0xFFF0 else f"{number:04X}"


_ROTATIONS = {
    0x0000: "0 (upright)",
    0x2D00: "2D00 (landscape)",
    0x5A00: "5A00 (upside down)",
    0x8700: "8700 (landscape, reverse)",
    0xFFFE: "FFFE (COR)",
    0xFFFF: "FFFF (automatic)",
}
