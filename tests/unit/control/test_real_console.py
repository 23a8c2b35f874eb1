"""backend.control.real_console: the streams of a real run."""

from __future__ import annotations

import io
import sys

import pytest

from backend.control.real_console import make_console


def test_a_terminal_with_few_characters(monkeypatch: pytest.MonkeyPatch) -> None:
    """What it lacks is shown as a question mark, and ends no command; without any input there is an empty one."""
    output, problems = io.BytesIO(), io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(output, "ascii"))
    monkeypatch.setattr(sys, "stderr", io.TextIOWrapper(problems, "ascii"))
    monkeypatch.setattr(sys, "stdin", None)
    console = make_console({})
    console.output.write("Zürich\n")
    console.errors.write("außen\n")
    console.output.flush()
    console.errors.flush()
    assert (output.getvalue(), problems.getvalue()) == (b"Z?rich\n", b"au?en\n")
    assert console.ask_for("Which?") == ""
