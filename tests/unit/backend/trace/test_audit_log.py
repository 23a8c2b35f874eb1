"""The audit log on disk: lines that are whole, whoever writes at the same time and whatever the disk takes."""

from __future__ import annotations

import json
import multiprocessing
import os
import resource
import signal
import socket
import threading
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.job.cups_job import LOG_FOLDER, CupsJob
from backend.trace import forwarding
from backend.trace.audit import Audit
from backend.trace.audit_log import LONGEST_RECORD, append, encode_record, trouble_with
from backend.trace.audit_settings import AuditSettings, read_audit_settings
from filters.common.job import Job
from filters.common.report import Report
from filters.common.settings import SETTINGS

WRITERS, LINES = 4, 100


def write_many(path: str, writer: int) -> None:
    """Write the records of one writer."""
    for number in range(LINES):
        assert append(path, encode_record({"writer": writer, "number": number, "title": "x" * (number * 7)})) == ""


def test_writers_at_the_same_time(tmp_path: Path) -> None:
    """Each line of each of four is there, whole, and in the order of its writer."""
    path = tmp_path / "audit.log"
    context = multiprocessing.get_context("fork")
    writers = [context.Process(target=write_many, args=(str(path), number)) for number in range(WRITERS)]
    for each in writers:
        each.start()
    for each in writers:
        each.join()
    records = [json.loads(line) for line in path.read_text().splitlines() if line]
    assert len(records) == WRITERS * LINES
    for number in range(WRITERS):
        assert [each["number"] for each in records if each["writer"] == number] == list(range(LINES))


def write_to_a_full_disk(path: str, room: int) -> None:
    """Write two records where there is room for the one and a part of the other; tell what was said by the exit."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))
    said = [append(path, b'{"a": 1}\n'), append(path, b'{"b": 2}\n'), append(path, b'{"c": 3}\n')]
    os._exit(0 if said[0] == "" and said[1] and said[2] else 1)


def test_a_full_disk_spoils_no_other_line(tmp_path: Path) -> None:
    """What was cut short is told, and stands alone; the next record is whole again."""
    path = tmp_path / "audit.log"
    child = multiprocessing.get_context("fork").Process(target=write_to_a_full_disk, args=(str(path), 13))
    child.start()
    child.join()
    assert child.exitcode == 0 and path.read_bytes() == b'{"a": 1}\n{"b"'
    assert append(str(path), b'{"d": 4}\n', flush=True) == ""
    assert path.read_bytes() == b'{"a": 1}\n{"b"\n{"d": 4}\n'


@pytest.mark.parametrize("required, decisive", [(True, True), (True, False), (False, True)])
def test_a_record_that_nothing_goes_without_is_on_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, required: bool, decisive: bool
) -> None:
    """Before the document leaves, all of it is; the others take no time for that."""
    path, sizes = tmp_path / "audit.log", list[int]()
    monkeypatch.setattr(os, "fdatasync", lambda descriptor: sizes.append(os.fstat(descriptor).st_size))
    Audit(AuditSettings(str(path), is_required=required), Report(2)).write("print", {}, is_decisive=decisive)
    assert sizes == ([path.stat().st_size] if required and decisive else []) and path.read_bytes()


def test_a_log_that_is_put_away_meanwhile(tmp_path: Path) -> None:
    """Between the renaming and the new log there is a moment without one; the record waits for it."""
    path = tmp_path / "audit.log"
    path.write_bytes(b'{"a": 1}\n')
    os.chmod(tmp_path, 0o755)
    os.rename(path, tmp_path / "audit.log.1")
    said: list[str] = []
    real_open = os.open

    def may_not_make(name: str, flags: int, mode: int = 0o777) -> int:
        if flags & os.O_CREAT:
            raise PermissionError(13, "Permission denied")
        return real_open(name, flags, mode)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "open", may_not_make)
        writer = threading.Thread(target=lambda: said.append(append(str(path), b'{"b": 2}\n')))
        writer.start()
        time.sleep(0.1)
        os.close(real_open(path, os.O_CREAT | os.O_WRONLY, 0o640))
        writer.join()
    assert said == [""] and path.read_bytes() == b'{"b": 2}\n'


@pytest.mark.parametrize("in_haste, longest", [(True, 0.2), (False, 1.1)])
def test_a_log_that_nobody_makes_again_is_waited_for_in_vain(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, in_haste: bool, longest: float
) -> None:
    """A moment; a run that was cancelled has to tell the printer meanwhile, and to be gone."""
    slept: list[float] = []

    def may_not_make(name: str, flags: int, mode: int = 0o777) -> int:
        raise PermissionError(13, "Permission denied") if flags & os.O_CREAT else FileNotFoundError(2, "not there")

    monkeypatch.setattr(os, "open", may_not_make)
    monkeypatch.setattr(time, "sleep", slept.append)
    assert append(str(tmp_path / "audit.log"), b"{}\n", in_haste=in_haste) == "Permission denied"
    assert longest / 4 < sum(slept) < longest


@pytest.mark.parametrize("what", ["folder", "pipe", "link", "no folder"])
def test_what_is_no_log(tmp_path: Path, what: str) -> None:
    """It is told before anything is sent, without waiting, and nothing is written there."""
    path = tmp_path / "audit.log"
    if what == "folder":
        path.mkdir()
    elif what == "pipe":
        os.mkfifo(path)
    elif what == "link":
        (tmp_path / "else").write_text("")
        path.symlink_to("else")
    else:
        path = tmp_path / "gone" / "audit.log"
    began = time.monotonic()
    assert trouble_with(str(path)) and append(str(path), b"{}\n")
    assert time.monotonic() - began < 0.5 or what == "no folder"
    assert what != "link" or (tmp_path / "else").read_text() == ""


@given(st.dictionaries(st.sampled_from(["title", "user", "host", "job-uuid", "said"]), st.text(max_size=3000)))
def test_no_record_is_too_long(values: dict[str, str]) -> None:
    """Whatever clients and printers say, a record is one line of ASCII below 4 KiB that reads as JSON."""
    line = encode_record({"run": "0" * 16, "sha256": "0" * 64, **values})
    assert len(line) <= LONGEST_RECORD and line.count(b"\n") == 1 and line.isascii()
    assert json.loads(line)["sha256"] == "0" * 64


def test_the_folder_has_one_name() -> None:
    """The one that jobs look for is that of the log in the settings."""
    assert os.path.dirname(str(SETTINGS["audit-log"].default)) == LOG_FOLDER


@pytest.mark.parametrize("way", ["syslog", "journal"])
def test_forwarding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    """A record arrives as one datagram in the logger's own form; a logger that is not there is told."""
    place = str(tmp_path / "socket")
    monkeypatch.setattr(forwarding, way.upper(), place)
    line = encode_record({"event": "print", "title": "Zo\u00eb\nx"})
    assert place in forwarding.forward(way, "2026-06-01T10:00:00.000Z", line)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as logger:
        logger.bind(place)
        assert forwarding.forward(way, "2026-06-01T10:00:00.000Z", line) == ""
        datagram = logger.recv(65536)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as busy:
        os.unlink(place)
        busy.bind(place)
        began = time.monotonic()
        while not (trouble := forwarding.forward(way, "2026-06-01T10:00:00.000Z", line, in_haste=True)):
            assert time.monotonic() - began < 10
        assert place in trouble
    if way == "syslog":
        head, brace, rest = datagram.partition(b"{")
        priority, time_, host, name, process, kind, data, end = head.split(b" ")
        assert (priority, time_, name, kind, data, end) == (
            b"<110>1",
            b"2026-06-01T10:00:00.000Z",
            b"ipps443",
            b"audit",
            b"-",
            b"",
        )
        assert host and process == str(os.getpid()).encode()
        assert json.loads(brace + rest)["title"] == "Zo\u00eb\nx"
    else:
        fields = {part.partition(b"=")[0]: part.partition(b"=")[2] for part in datagram.rstrip(b"\n").split(b"\n")}
        assert json.loads(fields[b"MESSAGE"])["event"] == "print" and fields[b"PRIORITY"] == b"6"


def test_the_installers_log_is_the_systems(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A cupsd with a ServerRoot of its own has no part in the log of /var/log, unless its settings name that."""
    monkeypatch.setattr(os.path, "isdir", lambda path: True)
    environ = {"CUPS_SERVERROOT": str(tmp_path)}
    job, report = Job(7, "anna", "Report", 1), Report(2)
    assert read_audit_settings(environ, "q") is None and not CupsJob(job, environ, report).may_be_audited
    assert CupsJob(job, {"CUPS_SERVERROOT": "/etc/cups"}, report).may_be_audited
    (tmp_path / "ipps443").mkdir()
    (tmp_path / "ipps443/ipps443.conf").write_text("audit = yes\n")
    assert CupsJob(job, environ, report).may_be_audited
