"""Parts of the administrator's command that other tests only pass by."""

from __future__ import annotations

import errno
import io
import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from backend import errors
from backend.control import main as command, probe
from backend.control.checks import advice
from backend.control.checks.access import READ, WRITE, damaged_line, may
from backend.control.checks.finding import Installation
from backend.control.checks.queue_uri import QueueURI, without_account
from backend.control.command_line import Parser
from backend.control.cups_folders import data_folder, program_folder
from backend.control.description_text import state_of_printer
from backend.control.descriptions import Description
from backend.control.examination import Findings
from backend.control.host import parse_printer_host
from backend.control.jobs import Trouble, _say
from backend.control.progress import Progress
from backend.control.queues import is_stopped
from backend.control.testpage import A4, sheet_size
from backend.ipp.codes import PrinterState
from tests.unit.control.conftest import Desk


@pytest.mark.parametrize(
    "media, size",
    [
        ("iso_a4_210x297mm", (210 * 72 / 25.4, 297 * 72 / 25.4)),
        ("iso_a6_105x148mm", A4),  # too small for the page
        ("na_number-10_4.125x9.5in", A4),
        ("na_letter_8.5x11in", (612, 792)),
        ("custom_min_300x300", A4),
        ("", A4),
    ],
)
def test_the_sheet_of_a_test_page(media: str, size: tuple[float, float]) -> None:
    """Inches and millimetres; A4 for what is no size, or none on which the page has room."""
    assert sheet_size(media) == pytest.approx(size)


@pytest.mark.parametrize(
    "uri, without",
    [
        ("ipps443://anna:x@printer/ipp/print?a=b@c", "ipps443://printer/ipp/print?a=b@c"),
        ("ipps443://printer/a@b", "ipps443://printer/a@b"),
        ("ipps443://anna@printer?waitjob=no", "ipps443://printer?waitjob=no"),
        ("file:///dev/a@b", "file:///dev/a@b"),
        ("file:///dev/a@b?c=d@e", "file:///dev/a@b?c=d@e"),
        ("ipps443://anna@printer", "ipps443://printer"),
        ("ipps443://anna:x?y@printer/ipp/print?a=b@c", "ipps443://printer/ipp/print?a=b@c"),
        ("ipps443://anna:12?3@printer", "ipps443://printer"),
        ("ipps443://anna:x@printer?a=b@c", "ipps443://printer?a=b@c"),
    ],
)
def test_a_device_uri_without_its_account(uri: str, without: str) -> None:
    """What stands before the host is the account, and nothing behind it."""
    assert without_account(uri) == without


@pytest.mark.parametrize(
    "program, data, programs",
    [
        (None, "/usr/share/cups", "/usr/lib/cups"),
        ("echo /opt/cups$1", "/opt/cups--datadir", "/opt/cups--serverbin"),
        ("exit 1", "/usr/share/cups", "/usr/lib/cups"),
    ],
)
def test_folders_of_cups(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str | None, data: str, programs: str
) -> None:
    """What the environment says, else cups-config where it is installed, else where CUPS usually is."""
    monkeypatch.setenv("PATH", str(tmp_path))
    if program is not None:
        (tmp_path / "cups-config").write_text(f"#!/bin/sh\n{program}\n")
        (tmp_path / "cups-config").chmod(0o755)
    assert (data_folder({}), program_folder({})) == (data, programs)
    environ = {"CUPS_DATADIR": "/data", "CUPS_SERVERBIN": "/programs"}
    assert (data_folder(environ), program_folder(environ)) == ("/data", "/programs")


def test_what_a_description_says_of_its_printer() -> None:
    """A hash for each part, and nothing from other lines."""
    text = '*ipps443State trays: "00ff"\n*ipps443State sizes: "12"\n*% *ipps443State no: "34"\n'
    assert state_of_printer(text) == {"trays": "00ff", "sizes": "12"} and state_of_printer("") == {}


def test_a_device_uri_of_a_printer() -> None:
    """With its path, and the zone of its address as a URI has it."""
    assert parse_printer_host("ipps443://printer:8443/ipp/other").device_uri == "ipps443://printer:8443/ipp/other"
    assert parse_printer_host("printer").device_uri == "ipps443://printer/ipp/print"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_all_groups_of_lp_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also those that it was added to; whoever is in none of them has the rights of others."""
    monkeypatch.setattr(os, "getgrouplist", lambda user, group: [group, 4242])
    for group, readable in ((4242, True), (4243, False)):
        (path := tmp_path / "file").touch()
        os.chown(path, 0, group)
        path.chmod(0o640)
        assert may(str(path), READ) is readable and not may(str(path), WRITE)


def test_a_line_that_cannot_be_understood() -> None:
    """It is to be corrected, and the command only takes it away."""
    found = damaged_line("/etc/a b", 7, "no hash")
    assert (found.fix, found.first[:31]) == ("sed -i 7d '/etc/a b'", "correct line 7 of /etc/a b; onl")
    assert "line 7: no hash" in str(found)


@pytest.mark.parametrize("path", [None, "/ipp/other"])
def test_a_lost_connection(path: str | None) -> None:
    """The path on which the printer answers, if there is one; else a look at it."""
    uri = QueueURI("office", "ipps443://printer/ipp/print", "ipps443://printer/ipp/print")
    case = advice.Case(
        uri, parse_printer_host("printer"), "/etc/cups/ipps443/pins", lambda: path, list, lambda tls: False
    )
    (found,) = advice.find_for(errors.ConnectionLost("printer", "sending", "reset"), case)
    assert ("lpadmin" in found.fix and "/ipp/other" in found.fix) is (path is not None)
    assert ("ipps443ctl probe" in found.fix) is (path is None)


def test_a_parser_without_anywhere_to_write(capsys: pytest.CaptureFixture[str]) -> None:
    """It says nothing, and does not fail at that."""
    file = io.StringIO()
    for message, where in (("text", None), ("", file), ("a\x1b[2Jb\nc", file)):
        Parser()._print_message(message, where)
    assert "\x1b" not in file.getvalue() and file.getvalue().endswith("b\nc")


def test_jobs_fit_a_terminal() -> None:
    """As wide as a line has room for, behind what it is about."""
    lines: list[str] = []
    _say(
        Trouble(7, "q", "anna", "a letter", "held", "ab " * 60, "", "go"), cast(Any, SimpleNamespace(say=lines.append))
    )
    assert lines[0] == "q-7  held  anna  a letter" and lines[-1] == "  fix      go"
    assert [len(line) for line in lines[1:-1]] == [79, 79, 11 + 3 * 14 - 1]
    assert [line[:12] for line in lines[1:3]] == ["  reason   a", "           a"]


@pytest.mark.parametrize(
    "text, root",
    [(None, "/var/spool/cups"), ("RequestRoot\n# RequestRoot /a\n", "/var/spool/cups"), ("\nRequestRoot /b c\n", "/b")],
)
def test_where_cupsd_keeps_its_jobs(tmp_path: Path, text: str | None, root: str) -> None:
    """As cups-files.conf(5) says, if it says so."""
    if text is not None:
        (tmp_path / "cups-files.conf").write_text(text)
    assert Installation(cast(Any, SimpleNamespace(server_root=str(tmp_path)))).request_root == root


@pytest.mark.parametrize("name, status", [(None, 1), ("/a/file", None)])
def test_a_full_disk_is_that_of_standard_output(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, name: str | None, status: int | None
) -> None:
    """An error that names a file is about that file, and none of what this command says."""

    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device", name)

    monkeypatch.setattr(command, "_run", full)
    monkeypatch.setattr(command, "_end_of_reader", lambda: 1)
    if status is None:
        with pytest.raises(OSError):
            desk.run("list")
    else:
        assert desk.run("list") == status and "standard output cannot be written: No space" in desk.errors


@pytest.mark.parametrize(
    "formats, description, said",
    [
        (("application/pdf",), "pcl6", "add makes one from what the printer says (application/pdf); or pcl6 with"),
        (("application/pdf",), None, "add makes one from what the printer says (application/pdf)"),
        (("image/urf",), "pcl6", "add makes one from what the printer says (image/urf); or pcl6 with"),
        (("image/urf",), None, "add makes one from what the printer says (image/urf)"),
        ((), "pcl6", "pcl6  (PCL 6)"),
        ((), None, "cannot be told"),
    ],
)
def test_the_description_that_a_printer_gets(formats: tuple[str, ...], description: str | None, said: str) -> None:
    """Made from the printer wherever that can be made, else one that is installed."""
    made = SimpleNamespace(made_format=lambda console: "".join(formats), languages=(), listed=())
    console = cast(Any, SimpleNamespace(environ={}))
    found = cast(Description, SimpleNamespace(name=description, nickname="PCL 6")) if description else None
    assert probe._describe_choice(cast(Findings, made), found, console).startswith(said)


def test_what_is_said_while_one_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """A word after three seconds, and one every five seconds from then on, until it is about something else."""
    said: list[str] = []
    progress = Progress(cast(Any, SimpleNamespace(note=said.append)), "asking")
    waits: list[float] = []

    def wait(seconds: float) -> bool:
        waits.append(seconds)
        progress.what = "asking" if len(waits) < 4 else "looking"
        return len(waits) > 5

    monkeypatch.setattr(progress._over, "wait", wait)
    progress._speak()
    assert said == ["asking (3 s)", "asking (8 s)", "asking (13 s)", "looking (3 s)"]
    assert waits == [3, 5, 5, 5, 3, 5]


def test_a_queue_is_stopped_in_one_state() -> None:
    """And in no other."""
    assert [is_stopped({"printer-state": state}) for state in PrinterState] == [
        state is PrinterState.STOPPED for state in PrinterState
    ]
