"""Spooled files explained: names, parameters, effects."""

from __future__ import annotations

import pytest

from filters.scs.explain import explain
from filters.scs.machine import Machine

CUT, UNKNOWN = "the file ends within this control", "unknown control "

# One control: name, parameters, effect, what is odd.
STEPS = {
    "2BC10250": ("SHF", "columns 80", "columns of a page", ""),
    "2BC101": ("SHF", "", "columns of a page", ""),
    "2BC2064201000A14": ("SVF", "lines 66, top 1, bottom 0, 0A 14", "lines of a page", ""),
    "2BD20A480000010203040506": ("PPM", "form 1, drawer 2, jog 3, bin 4, quality 5, duplex 6", "paper", ""),
    "2BD2064800000102": ("PPM", "form 1, drawer 2", "paper", ""),
    "2BD20601000005A0": ("STAB", "unit 0, 00 05 A0", "horizontal stops", ""),
    "2BD206402FD03DE0": ("SPPS", "width 12240, height 15840", "size of the page, 1/1440 inch", ""),
    "2BD206110000FFFE": ("SHM", "left 0, right FFFE", "margins, 1/1440 inch", ""),
    "2BD306F600005A00": ("STO", "characters 0, page 5A00 (upside down)", "orientation", ""),
    "2BD306F600001234": ("STO", "characters 0, page 4660", "orientation", ""),
    "2BFD09000080001000207F": ("DGL", "direction 128, 16 32", "grid lines", ""),
    "2BD2048512FF": ("SEA", "12 FF", "what to do about errors", ""),
    "2BD41F0A" + "41" * 29: ("BUS", "1 65, bypass 65, " + "41 " * 24 + "...", "underline", ""),
    "0000": ("NUL", "", "2 times nothing", ""),
    "C140": ("text", '"A "', "at line 1, column 1", ""),
    "34C405": ("AVPP", "line 5", "to a line; up: of the next page; line 5, column 1", ""),
    "34C00B": ("AHPP", "column 11", "to a column; line 1, column 11", ""),
    "0C": ("FF", "", "end of the page; page 2, line 1, column 1", ""),
    "34": ("34", "", "skipped", CUT),
    "2B": ("2B", "", "skipped", CUT),
    "2BD2": ("2B", "", "skipped", CUT),
    "2BD20648": ("PPM", "", "paper", CUT),
    "FF": ("EO", "", "skipped", "FF, which is no graphic"),
    "32": ("32", "", "skipped", UNKNOWN + "32"),
    "2BEE04001122": ("2B EE", "00 11 22", "skipped", UNKNOWN + "2B EE"),
    "349905": ("34 99", "", "skipped", UNKNOWN + "34 99"),
    "2BD10705000B009001": ("SFG", "font 11, width 144, attribute 1", "font", ""),
}


@pytest.mark.parametrize("data", STEPS)
def test_steps(data: str) -> None:
    """A control is told by its name, with as many parameters as there are, and what it does."""
    (step,) = explain(bytes.fromhex(data), Machine())
    assert (step.offset, step.data, step.page) == (0, bytes.fromhex(data), 1)
    assert (step.name, step.parameters, step.effect, step.odd) == STEPS[data]


def test_the_next_page_is_told() -> None:
    """Behind text the end of a page leads to the next one, on which the next text stands."""
    found = [(step.offset, step.name, step.effect, step.page) for step in explain(bytes.fromhex("C1C20CC3"), Machine())]
    assert found == [
        (0, "text", "at line 1, column 1", 1),
        (2, "FF", "end of the page; page 2, line 1, column 1", 1),
        (3, "text", "at line 1, column 1", 2),
    ]
