"""What a job waits for before it begins: a page takes a twentieth of a second, most of it for getting ready."""

from __future__ import annotations

import subprocess
from pathlib import Path


CHECKOUT = Path(__file__).resolve().parents[3]


def imported(program: str) -> str:
    """Run a program that knows of nothing but the checkout; return what it prints."""
    program = f"import sys; sys.path.insert(0, {str(CHECKOUT)!r})\n{program}"
    done = subprocess.run(["/usr/bin/python3", "-ISc", program], capture_output=True, text=True, check=True)
    return done.stdout


def test_expressions_are_compiled_where_they_are_used() -> None:
    """Regular expressions cost a tenth of a millisecond each; nothing compiles one before there is a job to read."""
    program = (
        "import re; found, compiled = [], re._compiler.compile\n"
        "def compile(pattern, flags=0):\n"
        "    found.append(pattern)\n"
        "    return compiled(pattern, flags)\n"
        "re._compiler.compile = compile\n"
        "import dataclasses; found.clear()  # it has one of its own\n"
        "import backend.main; print(found)"
    )
    assert imported(program).strip() == "[]"


def test_what_an_ordinary_job_does_without() -> None:
    """SHA-256 comes from its own small module, and JSON is read when there is a record."""
    without = {"_hashlib", "json", "hashlib", "backend.ipp.operation_names"}
    assert imported(f"import backend.main; print({without!r} & set(sys.modules))").strip() == "set()"
