"""What the audit log has of jobs, and what becomes of jobs that it cannot have."""

from __future__ import annotations

import hashlib
import json
import signal
import socket
import subprocess
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from backend.ipp.message import attribute
from backend.ipp.tags import Tag
from backend.job import audited as module
from backend.job.documents import Place
from filters.common.report import Report
from tests.cups_lines import texts
from tests.printer import Printer, make_certificate
from tests.secret_marks import PASSWORD
from tests.unit.backend.job.test_cupsd_inquiry import OK, message
from tests.unit.backend.test_main import ARGUMENTS, LAUNCHER, MUCH, Backend, finish, pinned

TITLE = "Report of Zo\u00eb Marker-Patient"
JOB = (*ARGUMENTS[:2], TITLE, "1", f"{ARGUMENTS[4]} job-originating-host-name=10.1.2.3")


@pytest.fixture
def audited(tmp_path: Path) -> Audited:
    """A backend whose settings want an audit log."""
    return Audited(tmp_path)


class Audited(Backend):
    """The launcher with an audit log of its own."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.log = folder / "log" / "audit.log"
        self.log.parent.mkdir()
        self.set("audit = yes")

    def set(self, *lines: str) -> None:
        """Write the settings."""
        path = self.root / "ipps443" / "ipps443.conf"
        path.write_text("\n".join([f"audit-log = {self.log}", *lines]) + "\n")
        path.chmod(0o640)

    @property
    def records(self) -> list[dict[str, Any]]:
        """What is in the log."""
        return [json.loads(line) for line in self.log.read_text().splitlines()] if self.log.exists() else []


def warnings(ended: Any, code: str) -> list[str]:
    """Return the warnings with a code."""
    return [text for text in texts(ended.lines, "WARNING") if text.endswith(f"[{code}]")]


def test_a_job_has_two_records(audited: Audited) -> None:
    """Who printed what where on which printer, before it goes and when it is done; and no password."""
    with Printer(faults=f"user=anna,password={PASSWORD}") as printer:
        ended = audited.run(pinned(printer), MUCH, JOB)
        assert ended.status == 0, ended.stderr
        uri = f"ipps://localhost:{printer.port}/ipp/print"
    begin, end = audited.records
    expected = {
        "v": 1,
        "event": "print",
        "queue": "office",
        "job": 7,
        "job-uuid": ARGUMENTS[4].partition("=")[2],
        "document": 1,
        "user": "anna",
        "host": "10.1.2.3",
        "title": TITLE,
        "copies": 1,
        "printer": uri,
        "address": "127.0.0.1",
        "trust": "pin",
        "by": "by a pin of the device URI",
    }
    for record in (begin, end):
        assert {name: record[name] for name in expected} == expected
        assert record["tls"].startswith("TLSv1.") and record["cipher"] and "sha256" in record["key"]
        assert record["time"][10] == "T" and record["time"].endswith("Z")
    assert (begin["phase"], end["phase"], begin["run"]) == ("begin", "end", end["run"])
    assert (end["outcome"], end["exit"], end["bytes"]) == ("success", 0, len(MUCH))
    assert end["sha256"] == hashlib.sha256(MUCH).hexdigest()
    assert end["printer-jobs"] and end["framing"] == "chunked" and end["resent"] == 0 and "code" not in end
    assert PASSWORD not in audited.log.read_text()
    assert audited.log.stat().st_mode & 0o777 == 0o640


def test_a_document_that_was_sent_again(audited: Audited) -> None:
    """The framing that the printer took, and that there was an attempt before."""
    with Printer(faults="chunk=411,only=documents") as printer:
        assert audited.run(printer.uri(pin=True), MUCH, JOB).status == 0
    assert (audited.records[-1]["framing"], audited.records[-1]["resent"]) == ("sized", 1)


def test_documents_are_counted_at_the_end(audited: Audited, tmp_path: Path) -> None:
    """A cupsd that is slow to answer keeps no document waiting: it is asked when the printer has this one."""
    description, path = tmp_path / "office.ppd", tmp_path / "cups.sock"
    description.write_text("*cupsSingleFile: True\n")
    printed_before: list[int] = []
    with Printer() as printer, socket.socket(socket.AF_UNIX) as cupsd:
        cupsd.bind(str(path))
        cupsd.listen()

        def answer() -> None:
            connection, _ = cupsd.accept()
            with connection:
                connection.recv(65536)
                printed_before.append(len(printer.printed))
                connection.sendall(OK + message(attribute("number-of-documents", Tag.INTEGER, 3)))

        asked = threading.Thread(target=answer, daemon=True)
        asked.start()
        ended = audited.run(printer.uri(pin=True), MUCH, JOB, CUPS_SERVER=str(path), PPD=str(description))
        assert ended.status == 0, ended.stderr
        asked.join(20)
    begin, end = audited.records
    assert printed_before == [1]
    assert "documents" not in begin and (end["document"], end["documents"]) == (1, 3)


def test_files_and_copies(audited: Audited, tmp_path: Path) -> None:
    """Files are counted once each, however many copies are made of them."""
    one, two = tmp_path / "one", tmp_path / "two"
    one.write_bytes(b"\x1bEone\x0c")
    two.write_bytes(b"\x1bEtwo\x0c")
    with Printer() as printer:
        ended = audited.run(printer.uri(pin=True), arguments=(*JOB[:3], "2", JOB[4], str(one), str(two)))
        assert ended.status == 0 and len(printer.printed) == 4
    begin, end = audited.records
    assert end["sha256"] == hashlib.sha256(b"\x1bEone\x0c\x1bEtwo\x0c").hexdigest()
    assert (end["copies"], len(end["printer-jobs"].split())) == (2, 4)


def test_titles(audited: Audited) -> None:
    """A title may be the name of a patient: it is there as what only this machine can tell, or not at all."""
    with Printer() as printer:
        for wanted, title in (("hash", TITLE), ("hash", TITLE), ("hash", "other"), ("none", TITLE)):
            audited.set("audit = yes", f"audit-title = {wanted}")
            audited.run(printer.uri(pin=True), arguments=(*JOB[:2], title, *JOB[3:]))
    begun = [record.get("title") for record in audited.records if record["phase"] == "begin"]
    assert begun == [record.get("title") for record in audited.records if record["phase"] == "end"]
    assert begun[0] == begun[1] != begun[2] and begun[3] is None
    assert "Marker-Patient" not in audited.log.read_text()
    assert hashlib.sha256(TITLE.encode()).hexdigest() not in audited.log.read_text()


def test_a_refusal_is_an_event(audited: Audited) -> None:
    """A printer that is not the expected one: one record, with the code, and no beginning."""
    with Printer() as printer:
        uri = printer.uri(pin=True)
        printer.certificate = make_certificate()
        assert audited.run(uri, MUCH, JOB).status == 4
    (record,) = audited.records
    assert (record["event"], record["phase"], record["outcome"], record["code"]) == ("refused", "end", "failure", "T02")
    assert record["user"] == "anna" and record["exit"] == 4 and "different certificate" in record["said"]


def test_a_job_that_waits_has_no_record(audited: Audited) -> None:
    """Nothing of it has been sent; the run that sends it has its records. One that gives up has an end."""
    pin = f"pin=sha256:{'ab' * 32}"
    with audited.started(JOB, f"ipps443://127.0.0.1:1/?{pin}") as run:
        assert run.stderr
        while b"trying again" not in run.stderr.readline():
            pass
        assert audited.records == []
        run.kill()
    assert audited.run(f"ipps443://127.0.0.1:1/?contimeout=1&{pin}", MUCH, JOB).status == 1
    (record,) = audited.records
    assert (record["phase"], record["outcome"], record["code"], record["exit"]) == ("end", "failure", "N03", 1)


def test_cancelled(audited: Audited) -> None:
    """SIGTERM in the middle of a document: the end says so."""
    with Printer() as printer, audited.started(JOB, printer.uri(pin=True)) as run:
        assert run.stdin
        run.stdin.write(MUCH)
        run.stdin.flush()
        wait_for(lambda: len(audited.records) == 1)
        run.send_signal(signal.SIGTERM)
        finish(run)
    begin, end = audited.records
    assert (begin["phase"], end["phase"], begin["run"]) == ("begin", "end", end["run"])
    assert end["outcome"] == "cancelled"


def test_an_end_is_recorded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """SIGTERM may come when it is recorded already; a job that waits has not begun, and has no end."""
    ended: list[int] = []
    monkeypatch.setattr(module.Audited, "_record_end", lambda audited, run, status, *more: ended.append(status))
    unused: Any = None
    audited = module.Audited(unused, unused, Place(), Report())
    for status in (7, 1, 0):
        audited.end(unused, status, "")
    assert ended == [1]


def wait_for(condition: Any) -> None:
    """Wait until something is so, not for ever."""
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_required_and_unwritable(audited: Audited) -> None:
    """Nothing is even said to the printer, and the job is held with a message of its own."""
    audited.set("audit = required")
    audited.log.parent.rmdir()
    with Printer() as printer:
        ended = audited.run(printer.uri(pin=True), MUCH, JOB)
        assert printer.handshakes == 0 and printer.http_bytes == 0
    assert (ended.status, ended.all_read) == (3, True) and "[C09]" in ended.error


def test_not_required_and_unwritable(audited: Audited) -> None:
    """The job prints, with one warning."""
    audited.log.mkdir()
    with Printer() as printer:
        ended = audited.run(printer.uri(pin=True), MUCH, JOB)
        assert ended.status == 0 and len(printer.printed) == 1
    assert len(warnings(ended, "C07")) == 1


@pytest.mark.parametrize("wanted, status", [("required", 3), ("yes", 0)])
def test_a_full_disk(audited: Audited, wanted: str, status: int) -> None:
    """The log has no room: where it is required, no byte of the document goes out."""
    audited.set(f"audit = {wanted}")
    audited.log.write_bytes(b'{"v": 1}\n' * 500)
    limit = f'ulimit -f {audited.log.stat().st_size // 1024}; exec {LAUNCHER} "$@"'
    with Printer() as printer:
        environ = audited.environ(printer.uri(pin=True))
        command = ["bash", "-c", limit, "ipps443", *JOB]
        with subprocess.Popen(command, stdin=-1, stdout=-1, stderr=-1, env=environ) as run:
            ended = finish(run, b"\x1bEx\x0c\x1bE")
        assert ended.status == status, ended.stderr
        assert [job.document for job in printer.printed] == [b"\x1bEx\x0c\x1bE"] * (status == 0)
        assert status == 0 or not {"Print-Job", "Send-Document"} & set(printer.operation_names)
    assert ("[C09]" in ended.error) if status else warnings(ended, "C07")


def test_settings_that_cannot_be_believed(audited: Audited) -> None:
    """They may demand a record: nothing is sent, and the queue stops."""
    (audited.root / "ipps443" / "ipps443.conf").chmod(0o666)
    with Printer() as printer:
        ended = audited.run(printer.uri(pin=True), MUCH, JOB)
        assert printer.handshakes == 0
    assert (ended.status, ended.all_read) == (4, True) and "[C10]" in ended.error


def test_a_mistyped_setting_is_told(audited: Audited) -> None:
    """Whoever writes requierd has to hear that it does not count."""
    audited.set("audit = requierd")
    with Printer() as printer:
        ended = audited.run(printer.uri(pin=True), arguments=JOB)
    (said,) = warnings(ended, "C07")
    assert "line 2" in said and len(audited.records) == 2


def test_one_queue_alone(audited: Audited) -> None:
    """Settings of a queue are for its jobs."""
    audited.set("audit = no", "[queue office]", "audit = yes")
    with Printer() as printer:
        audited.run(printer.uri(pin=True), arguments=JOB)
        audited.run(printer.uri(pin=True), arguments=JOB, PRINTER="attic")
    assert [record["queue"] for record in audited.records] == ["office", "office"]


def test_without_a_log_nothing_is_imported(backend_without: Backend) -> None:
    """No folder, no settings: no module of it, nor of the settings."""
    program = (
        f"import os, sys; sys.path.insert(0, {str(LAUNCHER.parents[1])!r})\n"
        "from backend.main import main\nstatus = main()\n"
        "print([name for name in sys.modules if 'audit' in name or 'settings' in name or 'backend.trace' in name])\n"
        "sys.stdout.flush(); os._exit(status)"
    )
    with Printer() as printer:
        command = ["/usr/bin/python3", "-I", "-c", program, *JOB]
        environ = backend_without.environ(printer.uri(pin=True))
        done = subprocess.run(command, input=b"\x1bEx\x0c\x1bE", env=environ, capture_output=True, timeout=30)
        assert (done.returncode, done.stdout) == (0, b"[]\n"), done.stderr


@pytest.fixture
def backend_without(tmp_path: Path) -> Backend:
    """A backend that nobody has told of an audit log."""
    return Backend(tmp_path)
