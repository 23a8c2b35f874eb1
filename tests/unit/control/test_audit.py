"""ipps443ctl audit: what it finds, what it misses, and what it has of commands themselves."""

from __future__ import annotations

import gzip
import json
import os
import shutil
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from backend.control import main as main_module
from backend.control.console import Console
from backend.control.network import Network
from backend.trace.audit_log import encode_record
from tests.printer import make_certificate
from tests.unit.control.conftest import Desk

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only commands of root change what is root's")


@pytest.fixture
def log(desk: Desk) -> Iterator[Path]:
    """The audit log of the desk, which has one."""
    path = desk.folder / "log" / "audit.log"
    path.parent.mkdir()
    path.touch()
    assert desk.run("set", f"audit-log={path}") == 0 and desk.run("set", "audit=yes") == 0
    path.write_bytes(b"")
    yield path


def record(phase: str, run: str, time: str = "2026-05-30T10:00:00.000Z", **more: Any) -> bytes:
    """Return a line of the log."""
    values = {"event": "print", "queue": "office", "job": 7, "user": "anna", "printer": "ipps://hall:443/ipp/print"}
    return encode_record({**values, "v": 1, "time": time, "phase": phase, "run": run, **more})


def whole(run: str, **more: Any) -> bytes:
    """Return the lines of a job that ended."""
    return record("begin", run, **more) + record("end", run, outcome="success", exit=0, bytes=12, **more)


def test_search(desk: Desk, log: Path) -> None:
    """By user, printer, queue and time; what does not fit is not shown, and nothing at all is exit code 1."""
    log.write_bytes(
        whole("1")
        + whole("2", user="Bert", queue="attic", printer="ipps://attic:443/ipp/print")
        + whole("3", time="2026-05-31T23:00:00.000Z", job=9)
    )
    cases: tuple[tuple[list[str], list[int]], ...] = (
        ([], [7, 7, 7, 7, 9, 9]),
        (["search", "--user", "bert"], [7, 7]),
        (["--printer", "hall"], [7, 7, 9, 9]),
        (["--queue", "attic"], [7, 7]),
        (["--since", "2h"], [9, 9]),
        (["--since", "2d"], [7, 7, 7, 7, 9, 9]),
        (["--since", "2026-05-31"], [9, 9]),
        (["--since", "2026-05-31T22:00+00:00"], [9, 9]),
        (["--since", "999999w"], [7, 7, 7, 7, 9, 9]),
    )
    for words, jobs in cases:
        assert [each["job"] for each in desk.value("audit", *words)["records"]] == jobs
    assert desk.run("audit", "--user", "bert") == 0
    assert "2026-05-30T10:00:00Z  success    attic-7 Bert to ipps://attic:443/ipp/print 12 bytes" in desk.output
    assert desk.run("audit", "--user", "nobody") == 1 and desk.run("audit", "--since", "soon") == 2


def test_verify(desk: Desk, log: Path) -> None:
    """Every missing end is named, every broken line too; the older logs count, the oldest first, compressed or not."""
    log.with_name("audit.log.10.gz").write_bytes(gzip.compress(record("begin", "z", job=4)))
    log.with_name("audit.log.2.gz").write_bytes(gzip.compress(whole("0") + record("begin", "a", job=1)))
    log.with_name("audit.log.1").write_bytes(record("begin", "b", job=2) + record("begin", "c", job=3))
    log.with_name("audit.log.old").write_text("no part of it")
    log.write_bytes(record("end", "c", job=3) + b'{"v": 1, "ti\n' + whole("d") + b"\n" + b"[1]\n")
    assert desk.run("audit", "verify") == 1
    missing = [line for line in desk.output.splitlines() if line.startswith("No end: ")]
    assert [line.partition("office-")[2][0] for line in missing] == ["4", "1", "2"]
    assert f"No record: {log}, line 2" in desk.output and f"No record: {log}, line 6" in desk.output
    value = desk.value("audit", "verify")
    assert not value["whole"] and [each["run"] for each in value["without_end"]] == ["z", "a", "b"]


def test_verify_of_a_whole_log(desk: Desk, log: Path) -> None:
    """A run that may be at work is no missing end; one that another run of the same job has followed is."""
    young = record("begin", "e", time="2026-05-31T23:30:00.000Z", job=11)
    log.write_bytes(whole("d") + young)
    assert desk.run("audit", "verify") == 0 and "Not ended yet" in desk.output
    log.write_bytes(whole("d") + young + whole("f", time="2026-05-31T23:40:00.000Z", job=11))
    assert desk.run("audit", "verify") == 1 and "No end" in desk.output


def test_a_hostile_log(desk: Desk, log: Path) -> None:
    """Whoever runs as lp can write there: nothing of it moves a terminal's cursor, and nothing stops the command."""
    lines = [
        *(b"\xff\xfe\n", b"[" * 100000 + b"\n", b'{"time": 5}\n'),
        *(record("end", "x", outcome={}), record("end", "x", outcome=[1]), record("begin", "x", job=[])),
        record("begin", "x", user="\x1b[31m", job=True, outcome=1e308),
    ]
    log.write_bytes(b"".join(lines) + b'{"time": "2026", "phase": "begin", "run": "y"}')
    for words, code in (("", 0), ("verify", 1), ("--json", 0), ("verify --json", 1)):
        assert desk.run("audit", *words.split()) == code
        assert "\x1b" not in desk.output + desk.errors
    assert len(desk.kept["broken"]) == 7


def test_older_parts_that_are_damaged(desk: Desk, log: Path) -> None:
    """A disk that was full when logrotate packed them: what can be read is, and the rest is named."""
    packed = gzip.compress(b"".join(whole(os.urandom(8).hex()) for _ in range(50)))
    for name, data in ((f"{log}.2.gz", packed[: len(packed) // 2]), (f"{log}.3.gz", packed[:20] + b"\xff" * 40)):
        Path(name).write_bytes(data)
    assert desk.run("audit", "verify") == 1
    assert ".2.gz, its end" in desk.output and ".3.gz, its end" in desk.output and not desk.errors


def broken_pipe(arguments: Namespace, console: Console) -> int:
    """A command whose reader is gone."""
    raise BrokenPipeError


@needs_root
def test_commands_are_recorded_when_no_one_reads_on(desk: Desk, log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in "pin ... | true": what was changed stands in the log, whatever became of the words."""
    monkeypatch.setattr(main_module, "_run", broken_pipe)
    monkeypatch.setattr(main_module, "_end_of_reader", lambda: 1)
    assert desk.run("unpin", "printer:443") == 1
    assert json.loads(log.read_text())["words"] == "unpin printer:443"


def test_without_a_log(desk: Desk, log: Path) -> None:
    """It says what is missing, and where to look."""
    log.unlink()
    assert desk.run("audit") == 1 and "doctor" in desk.errors


@needs_root
def test_commands_are_recorded(desk: Desk, log: Path, tmp_path: Path) -> None:
    """Who changed whom to trust, how, and which keys that leaves; commands that only look are not."""
    certificate = tmp_path / "printer.pem"
    certificate.write_bytes(make_certificate().cert_pem)
    desk.environ["SUDO_USER"] = "carla"
    assert desk.run("import", str(certificate), "ipps443://u:s3cr3t@hall.example/ipp/print", "--label", "the hall") == 0
    assert desk.run("list") == 0 and desk.run("unpin", "hall.example") == 0 and desk.run("unpin", "hall.example") == 1
    first, second, third = (json.loads(line) for line in log.read_text().splitlines())
    assert (first["event"], first["outcome"], first["user"]) == ("admin", "success", "carla")
    assert first["words"] == f"import {certificate} ipps443://hall.example/ipp/print --label 'the hall'"
    assert first["keys"].startswith("sha256:") and "keys" not in second and third["outcome"] == "failure"
    assert "s3cr3t" not in log.read_text()
    assert desk.run("audit") == 0 and "carla: ipps443ctl unpin hall.example" in desk.output


@needs_root
@pytest.mark.parametrize("words", [["--in-device-list", "off"], ["--in-device-list=off"]])
def test_the_switch_of_the_device_list_is_recorded(desk: Desk, log: Path, words: list[str]) -> None:
    """It is a setting like others; a look around changes nothing, and neither does what the timer runs."""
    desk.environ["CUPS_CACHEDIR"] = str(desk.folder / "cache")
    (desk.folder / "cache" / "ipps443").mkdir(parents=True)
    desk.network = Network({}, folders=str(desk.folder))
    assert desk.run("find") == 1 and desk.run("find", "--fill-device-list") == 0 and log.read_bytes() == b""
    assert desk.run("find", *words) == 0
    (line,) = log.read_text().splitlines()
    assert (json.loads(line)["words"], json.loads(line)["outcome"]) == (" ".join(["find", *words]), "success")


@needs_root
def test_each_printer_of_a_list_is_recorded(desk: Desk, log: Path, tmp_path: Path) -> None:
    """Which ones a list changed or could not change, with the keys that are left; not those that were right already."""
    keys = {name: letter * 64 for name, letter in (("one", "a"), ("two", "b"), ("three", "c"))}
    desk.write("".join(f"{name}:443 spki-sha256:{key}\n" for name, key in keys.items()))
    path = tmp_path / "fleet.csv"
    path.write_text(f"uri,fingerprint\none,\nipps443://u:s3cr3t@two,{keys['two']}\nfour,\n")
    assert desk.run("unpin", "--from", str(path), "--dry-run") == 0
    assert desk.run("unpin", "--from", str(path)) == 0
    assert desk.run("pin", "three", "five", "--acknowledge") == 1
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert [(each.get("printer"), each["outcome"]) for each in lines] == [
        (None, "success"),
        ("one:443", "success"),
        ("two:443", "success"),
        (None, "success"),
        ("three:443", "success"),
        ("five:443", "failure"),
        (None, "failure"),
    ]
    assert lines[4]["keys"] == f"sha256:{keys['three']}" and "keys" not in lines[1]
    assert "s3cr3t" not in log.read_text()
    assert len(desk.value("audit", "--printer", "two")["records"]) == 1
    assert desk.run("audit", "--printer", "two:443") == 0 and desk.output.endswith(f"unpin --from {path} [two:443]\n")


@needs_root
def test_interrupted_list_is_recorded(desk: Desk, log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C half-way: the printers that were done stand in the log, and in the JSON."""
    from backend.control import pinning

    real = pinning.update_pins
    done: list[str] = []

    def update_pins(*arguments: Any) -> Any:
        if done:
            raise KeyboardInterrupt
        done.append("one")
        return real(*arguments)

    monkeypatch.setattr(pinning, "update_pins", update_pins)
    desk.write(f"one:443 spki-sha256:{'a' * 64}\ntwo:443 spki-sha256:{'b' * 64}\n")
    value = desk.value("unpin", "one", "two")
    assert [each["host"] for each in value["printers"]] == ["one"] and value["changed"] is True
    assert value["error"]["code"] == "interrupted"
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert [each.get("printer") for each in lines] == ["one:443", None] and [pin.host for pin in desk.pins.pins] == [
        "two"
    ]


@needs_root
def test_a_command_that_cannot_be_recorded(desk: Desk, log: Path) -> None:
    """It has been carried out, and says so."""
    shutil.rmtree(log.parent)
    assert desk.run("set", "render-memory=2G") == 0
    assert "this command is missing in the audit log" in desk.errors
    desk.write("".join(f"printer{n}:443 spki-sha256:{'a' * 64}\n" for n in range(3)))
    assert desk.run("unpin", *(f"printer{n}" for n in range(3))) == 0
    assert desk.errors.count("this command is missing in the audit log") == 1  # and not for each printer
