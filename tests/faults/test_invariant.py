"""The judge of all fault tests, judged: what it must complain of, and what it must let pass."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from backend.ipp.message import Attribute, Group, Message, attribute
from backend.ipp.tags import Tag
from tests.faults.harness import PASSWORD, Outcome
from tests.faults.invariant import violations
from tests.faults.lines import read_lines
from tests.printer.call import ReceivedOperation
from tests.printer.http_messages import Request
from tests.printer.jobs import Document, ReceivedJob

GOOD = Outcome(
    exit_code=0,
    seconds=1.0,
    lines=read_lines(b"STATE: +connecting-to-device\nINFO: Sending\nSTATE: -connecting-to-device\nDEBUG: x\n"),
    output=b"",
    jobs=(),
    printed=1,
    same=True,
    framing="chunked",
    left=(),
    unread=0,
    fed=True,
)
HELD = replace(GOOD, exit_code=3, printed=0, lines=read_lines(b"ERROR: Nobody knows. [P09]\nDEBUG: x\n"))
STOPPED = replace(HELD, exit_code=4, lines=read_lines(b"STATE: +cups-pki-changed\nERROR: Changed. [T02]\n"))
WAITING = ReceivedJob(id=1, name=None, user=None, attributes={}, template=(), created=0.0)
TWO = replace(WAITING, documents=[Document("sized", [], complete=True)] * 2)


def sent(name: str, *attributes: Attribute) -> ReceivedOperation:
    """Return a request as the printer saw it."""
    message = Message((1, 1), 2, 1, (Group(Tag.OPERATION_ATTRIBUTES, attributes),))
    return ReceivedOperation(name, message, (), Request("POST", "/", "HTTP/1.1", (), b"", 1, 1))


@pytest.mark.parametrize("outcome", (GOOD, HELD, replace(HELD, printed=1), STOPPED))
def test_lets_pass_what_is_right(outcome: Outcome) -> None:
    """Printed once, held in doubt, and refused are all right."""
    assert violations(outcome) == []


@pytest.mark.parametrize(
    ("outcome", "changes", "word"),
    (
        (GOOD, {"printed": 2}, "printed 2 times"),
        (GOOD, {"printed": 0}, "nothing was printed"),
        (GOOD, {"same": False}, "not what was sent"),
        (GOOD, {"exit_code": None}, "did not come to an end"),
        (GOOD, {"unread": 5}, "not read"),
        (GOOD, {"fed": False}, "not read"),
        (GOOD, {"left": ("tmp/x",)}, "left behind"),
        (GOOD, {"output": b"x"}, "standard output"),
        (GOOD, {"lines": HELD.lines}, "1 ERROR lines with exit 0"),
        (GOOD, {"lines": read_lines(b"STATE: +media-empty\n")}, "left in printer-state-reasons"),
        (GOOD, {"lines": read_lines(f"DEBUG: {PASSWORD}\n".encode())}, "password"),
        (GOOD, {"lines": read_lines(b"DEBUG: no line feed")}, "no line feed"),
        (HELD, {"printed": 2}, "printed 2 times"),
        (HELD, {"exit_code": 4, "printed": 1}, "and it was printed"),
        (HELD, {"lines": read_lines(b"ERROR: What? [P13]\n"), "printed": 1}, "and it was printed"),
        (HELD, {"lines": ()}, "0 ERROR lines"),
        (HELD, {"lines": read_lines(b"ERROR: What?\n")}, "no code"),
        (HELD, {"lines": HELD.lines + read_lines(b"INFO: and then\n")}, "after the ERROR line"),
        (HELD, {"lines": read_lines(b"STATE: +cups-pki-changed\n") + HELD.lines}, "left in printer-state-reasons"),
        (HELD, {"lines": read_lines(b"ERROR: What? [P13]\n"), "jobs": (WAITING,)}, "still waits"),
        (GOOD, {"jobs": (TWO,)}, "a second document"),
        (GOOD, {"operations": (sent("Validate-Job"),)}, "sent: Validate-Job"),
        (GOOD, {"operations": (sent("Print-Job", attribute("compression", Tag.KEYWORD, "gzip")),)}, "sent: Print-Job"),
    ),
)
def test_complains_of_what_is_wrong(outcome: Outcome, changes: dict[str, Any], word: str) -> None:
    """Each rule finds the run that breaks it."""
    assert any(word in each for each in violations(replace(outcome, **changes)))
