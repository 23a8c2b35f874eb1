"""Data of someone else among our own: what of it goes to the printer."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from filters.pcl.transparent import safe_commands


@pytest.mark.parametrize(
    "data, kept",
    [
        (b"text\x00\x07\x0b\x0c\x1a\x08\t\n\r\x0e\x0f\x80", b"text\x08\t\n\r\x0e\x0f\x80"),
        (b"\x1b*p300x300Ya\x1b(s3Bb\x1b9c", b"\x1b*p300x300Ya\x1b(s3Bb\x1b9c"),
        # Data are not looked at, and as many of them stay as the command says.
        (b"\x1b*b4W\x1bE\x0c\x00x\x0c", b"\x1b*b4W\x1bE\x0c\x00x"),
        (b"\x1b*b3m+2W\x0c\x0c\x0c", b"\x1b*b3m+2W\x0c\x0c"),
        (b"\x1b*bW\x0ca", b"\x1b*bWa"),
        (b"\x1b*b2V\x0c\x0c\x1b*b1W\x0c", b"\x1b*b2V\x0c\x0c\x1b*b1W\x0c"),
        (b"\x1b&p2X\x0c\x0ca", b"\x1b&p2X\x0c\x0ca"),
        # What would end the job or the page, or set up the printer anew.
        (b"a\x1bEb\x1b&l1Oc\x1b&f1Xd\x1b%-1Be", b"abcde"),
        (b"a\x1b%-12345X@PJL RESET", b"a"),
        # What is not whole would take our next bytes for its own.
        (b"a\x1b*b5Wabcd", b"a"),
        (b"a\x1b*p30", b"a"),
        (b"a\x1b", b"a"),
        # A drawing is left again.
        (b"\x1b%0BPD;", b"\x1b%0BPD;\x03\x1b%0A"),
        (b"\x1b%0BLBopen", b"\x1b%0BLBopen\x03\x1b%0A"),
        (b"\x1b%0BPD;\x1b*r1Aa", b"\x1b%0BPD;\x03\x1b%0A"),
        (b"\x1b%0BPD;\x1b%0Aa", b"\x1b%0BPD;\x1b%0Aa"),
        # A label ends with the character that was defined for it, also where the data leave HP-GL/2 themselves.
        (b"\x1b%0BDT~;LBa~LBopen", b"\x1b%0BDT~;LBa~LBopen~\x1b%0A"),
        (b"\x1b%0BDT~;LBopen\x03\x1b%0Aa", b"\x1b%0BDT~;LBopen\x03~\x1b%0Aa"),
        (b"\x1b%0Bdt#lba#DT;LBopen#", b"\x1b%0Bdt#lba#DT;LBopen#\x03\x1b%0A"),
        (b"\x1b%0BDT~;PELB?;LBDT!~", b"\x1b%0BDT~;PELB?;LBDT!~\x03\x1b%0A"),
        (b"\x1b%0BDT~;\x1b%0ALB\x1b%0BLBopen", b"\x1b%0BDT~;\x1b%0ALB\x1b%0BLBopen~\x1b%0A"),
        (b"\x1b%0BDT~;LBa~IN;LBopen", b"\x1b%0BDT~;LBa~IN;LBopen\x03\x1b%0A"),
        (b"\x1b%0BDTB;LBxLB;", b"\x1b%0BDTB;LBxLB;\x03\x1b%0A"),
    ],
)
def test_what_stays(data: bytes, kept: bytes) -> None:
    """Whole commands and text stay; what ends or turns pages does not, nor what is cut."""
    assert safe_commands(data) == kept


#: What a printer that sees another length would take for commands.
PAYLOAD = b"\x1b%-12345X@PJL RDYMSG\r\n"


@pytest.mark.parametrize(
    "command",
    [
        *(
            b"\x1b%s%dW" % (group, len(PAYLOAD))
            for group in (b"*z", b"*", b"(", b"&k", b"*p", b"%", b"!a", b"(s", b"*b")
        ),
        b"\x1b&p6X\x1b*b%dW" % len(PAYLOAD),
        b"\x1b*b3w%dW" % len(PAYLOAD),
        b"\x1bY\x1b*b%dW" % (len(PAYLOAD) + 2),
        b"\x1b*b6.5W\x1b*b%dW" % len(PAYLOAD),
        b"\x1b*b-%dW" % len(PAYLOAD),
        b"\x1b*b000000006W\x1b*b%dW" % len(PAYLOAD),
        b"\x1b%%0BLB\x1b*b%dW" % len(PAYLOAD),
    ],
)
def test_no_end_of_the_job_among_data(command: bytes) -> None:
    """UEL is left out wherever it stands, and no command stays of which printers may see another length."""
    kept = safe_commands(b"a" + command + PAYLOAD + b"b")
    assert b"\x1b%-12345X" not in kept and b"PJL" not in kept and kept.startswith(b"a")
    split = command + PAYLOAD[:5]
    assert b"\x1b%-12345X" not in safe_commands(re.sub(rb"%d" % len(PAYLOAD), b"5", split) + PAYLOAD[5:])


@pytest.mark.parametrize(
    "command", [b"\x1b*z3W", b"\x1b*b1w3W", b"\x1bY", b"\x1b*b1.5W", b"\x1b*b-3W", b"\x1b*b999999999W"]
)
def test_commands_that_printers_see_differently(command: bytes) -> None:
    """The data end before a command whose length is not certain."""
    assert safe_commands(b"a" + command + b"abcdef") == b"a"


PARTS = st.sampled_from(
    [b"\x1bE", b"\x1b&l", b"\x1b*b", b"\x1b", b"3", b"W", b"x", b"\x0c", b"\x1b%-12345X", b"\x1b%0B"]
)


@given(st.lists(PARTS).map(b"".join))
@settings(deadline=None)
def test_what_is_safe_stays_as_it_is(data: bytes) -> None:
    """Whatever comes, what is kept has nothing more to be left out, and ends where a command may begin."""
    kept = safe_commands(data)
    assert b"\x1b%-12345X" not in kept
    assert safe_commands(kept) == kept and safe_commands(kept + b"\x1b9z") == kept + b"\x1b9z"
