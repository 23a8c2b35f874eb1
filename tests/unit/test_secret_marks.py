"""tests.secret_marks: a leak that is planted is found, and what is not ours is none.

The folders lie outside those that are searched at the end of the tests.
"""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from filters.common.job import parse_job
from filters.common.report import Report
from tests import secret_marks
from tests.secret_marks import MACHINE_SECRET, MARKS, PASSWORD, PIN, TEXT, leaks, marks_in


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder as a run of the backend or a cupsd has it."""
    with tempfile.TemporaryDirectory(prefix="marks-") as name:
        yield Path(name)


def plant(folder: Path, name: str, data: bytes) -> None:
    """Write a file."""
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(b"before\n" + data + b"\nafter\n")


@pytest.mark.parametrize(
    "name",
    [
        "cache/ipps443/job-1.json",
        "cache/ipps443/trace/20261129-office-7.trace",
        "log/error_log",
        "test_one0/log/audit.log",
        "audit.log.1",
        "etc/ipps443/pins",
        "etc/ipps443/trace/office",
        "test_one0/x.trace",
    ],
)
@pytest.mark.parametrize("what", MARKS)
def test_a_planted_leak_is_found(folder: Path, name: str, what: str) -> None:
    """In each kind of file of ours, each kind of secret."""
    plant(folder, name, MARKS[what])
    assert [text for text in leaks(folder) if text == f"{folder}/{name} has {what}"]


@pytest.mark.parametrize(
    "name, data",
    [
        ("log/error_log", b'D [29/Nov/2026] [Job 4] argv[5]="job-password=73519264 sides=one-sided"'),
        ("etc/printers.conf", PASSWORD.encode()),
        ("spool/d00001-001", TEXT.encode()),
        ("etc/ipps443/clients/me.key", MARKS["a private key"]),
        ("etc/ipps443/secret", MACHINE_SECRET),
        ("cache/ipps443/trace/1.keys", MARKS["keys of a connection"]),
        ("cache/ipps443/trace/1.document", TEXT.encode()),
    ],
)
def test_what_is_not_ours_or_was_asked_for(folder: Path, name: str, data: bytes) -> None:
    """cupsd's own line of the options, what tests have put down, and what a trace was to have."""
    plant(folder, name, data)
    assert list(leaks(folder)) == []


def test_keys_and_documents_have_no_other_secret(folder: Path) -> None:
    """What was asked for is not all."""
    plant(folder, "cache/ipps443/trace/1.keys", PASSWORD.encode())
    plant(folder, "cache/ipps443/trace/1.document", MARKS["keys of a connection"])
    assert len(list(leaks(folder))) == 2


def test_a_second_line_with_the_secret_is_found(folder: Path) -> None:
    """cupsd's own line hides none of ours."""
    line = b'D [Job 4] argv[5]="job-password=73519264"\nD [Job 4] options: job-password=73519264'
    assert marks_in(line) == ["a PIN"]


def test_a_trace_that_shows_the_options_is_found(folder: Path) -> None:
    """A trace has none of the PIN of its job; one line that has it is enough."""
    from backend.trace import traced

    environ = {"CUPS_CACHEDIR": str(folder / "cache"), "DEVICE_URI": "ipps443://printer/?trace=yes"}
    job = parse_job(["office", "7", "anna", "Report", "1", f"job-password={PIN}"], {})
    traced.traced_report(job, environ, Report(2))
    assert list(folder.rglob("*.trace")) and list(leaks(folder)) == []
    traced.traced_report(job, environ, Report(2)).debug(f"options: {job.password and job.password.text}")
    assert [text.rpartition(" has ")[2] for text in leaks(folder)] == ["a PIN"]


@pytest.mark.parametrize("folder_of_code, found", [("filters/pdf", ["a PIN"]), ("backend", ["a PIN"]), ("tests", [])])
def test_arguments_of_programs_of_ours_are_looked_at(folder_of_code: str, found: list[str]) -> None:
    """A program that code of ours starts with a secret in its arguments is named; one that a test starts is not."""
    program = f"import subprocess\nsubprocess.run(['true', 'job-password={PIN}'])"
    with secret_marks.arguments_looked_at() as seen:
        exec(compile(program, f"{secret_marks.CHECKOUT}{folder_of_code}/starter.py", "exec"), {})
        subprocess.run(["true", PIN])
    assert [text.rpartition(" have ")[2] for text in seen] == found
