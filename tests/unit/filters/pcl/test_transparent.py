"""Data of someone else among our own: what of it goes to the printer."""

from __future__ import annotations

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
        (b"\x1b*b999999999Wa", b"\x1b*b999999999Wa"),
        # What would end the job or the page, or set up the printer anew.
        (b"a\x1bEb\x1b&l1Oc\x1b&f1Xd\x1b%-1Be", b"abcde"),
        (b"a\x1b%-12345X@PJL RESET", b"a"),
        # What is not whole would take our next bytes for its own.
        (b"a\x1b*b5Wabcd", b"a"),
        (b"a\x1b*p30", b"a"),
        (b"a\x1b", b"a"),
        # A drawing is left again.
        (b"\x1b%0BPD;", b"\x1b%0BPD;\x1b%0A"),
        (b"\x1b%0BPD;\x1b%0Aa", b"\x1b%0BPD;\x1b%0Aa"),
    ],
)
def test_what_stays(data: bytes, kept: bytes) -> None:
    """Whole commands and text stay; what ends or turns pages does not, nor what is cut."""
    assert safe_commands(data) == kept


PARTS = st.sampled_from(
    [b"\x1bE", b"\x1b&l", b"\x1b*b", b"\x1b", b"3", b"W", b"x", b"\x0c", b"\x1b%-12345X", b"\x1b%0B"]
)


@given(st.lists(PARTS).map(b"".join))
@settings(deadline=None)
def test_what_is_safe_stays_as_it_is(data: bytes) -> None:
    """Whatever comes, what is kept has nothing more to be left out, and ends where a command may begin."""
    kept = safe_commands(data)
    assert safe_commands(kept) == kept and safe_commands(kept + b"\x1b9z") == kept + b"\x1b9z"
