"""tests.cups_lines: the grammar refuses what cupsd would read wrongly."""

from __future__ import annotations

import pytest

from tests.cups_lines import Line, NotForCups, explaining_error, parse_lines, words_left


@pytest.mark.parametrize(
    "stderr",
    [
        b"",
        b"ERROR: x\n",
        b"STATE: +a,b-c\nSTATE: -a\n",
        b"PAGE: total 3\nPAGE: 1 1\n",
        b'ATTR: marker-levels=1,-2\nATTR: marker-names=a,"b c"\nATTR: auth-info-required=username,password\n',
        b"DEBUG: \n",
        "INFO: Büro\n".encode(),
    ],
)
def test_takes_lines_of_cups(stderr: bytes) -> None:
    """What cupsd reads."""
    parse_lines(stderr)


@pytest.mark.parametrize(
    "stderr",
    [
        *(b"x\n", b"ERROR: x", b"ERROR:x\n", b"error: x\n", b"ERROR: \n", b"\n", b"ERROR: a\rb\n", b"ERROR: \xff\n"),
        *(b"ERROR: " + b"x" * 1020 + b"\n", b"Traceback (most recent call last):\n", b"  File\n"),
        *(b"STATE: x\n", b"STATE: +\n", b"STATE: +a b\n", b"STATE: +a,-b\n", b"PAGE: 1\n", b"ATTR: x\n"),
        *(b'ATTR: a="b\n', b"ATTR: a=b c\n", b"STATE: ++a\n", b"PAGE: total\n", b"LOUD: x\n", b"INFO: \x1b[1m\n"),
    ],
)
def test_refuses_other_lines(stderr: bytes) -> None:
    """Each of these would be lost, cut or misread."""
    with pytest.raises(NotForCups):
        parse_lines(stderr)


def test_knows_which_words_are_left() -> None:
    """Added and taken back."""
    assert words_left(parse_lines(b"STATE: +a,b\nSTATE: -a\nSTATE: +c\n")) == {"b", "c"}


@pytest.mark.parametrize("prefixes", ["", "INFO", "ERROR ERROR", "ERROR INFO"])
def test_the_explaining_error_is_one_and_last(prefixes: str) -> None:
    """None, two, or one with something behind it is refused; DEBUG may follow."""
    with pytest.raises(NotForCups):
        explaining_error([Line(prefix, "x") for prefix in prefixes.split()])
    assert explaining_error([Line("INFO", "x"), Line("ERROR", "why"), Line("DEBUG", "x")]) == "why"
