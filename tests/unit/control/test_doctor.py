"""ipps443ctl doctor: each check is broken on purpose, is found, and has a command that fixes it."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import sys
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from backend import __version__, errors
from backend.control import doctor as command, progress
from backend.control.checks import jobs, printers, programs, queues
from backend.control.doctor import CHECKS
from backend.control.examination import Findings, ask_once
from backend.control.host import PrinterHost, parse_printer_host
from backend.ipp.message import attribute
from backend.ipp.tags import Tag
from backend.trust.der import outline
from backend.trust.judgement import Judgement, Verdict
from tests.printer import Certificate, Faults, Printer, make_authority, make_certificate
from tests.unit.backend.printer.test_languages import given
from tests.unit.control.conftest import Cups, Desk
from tests.unit.control.models import install_models
from tests.unit.trust.certificates import day

OWN, OTHER = (make_certificate("printer", not_before=day(2020), not_after=day(2035)) for _ in range(2))
#: The desk's clock says 2026-06-01.
SHORT = make_certificate("printer", not_before=day(2020), not_after=day(2020) + timedelta(days=2363))

#: The NickName of the description.
MODEL = "PCL 5 (ipps443)"

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="doctor needs root")


class Machine:
    """A machine on which all is well: files as the installer leaves them, below a folder that lp can go into."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.desk = Desk(root / "etc", environ=install_models(root / "data"))
        self.backend = root / "bin" / "backend" / "ipps443"
        self.filters = root / "bin" / "filter"
        self.models = root / "data" / "model" / "ipps443"
        self.mime = root / "data" / "mime" / "ipps443.types"
        self.cache = root / "cache" / "ipps443"
        self.pins = root / "etc" / "ipps443" / "pins"
        self.settings = self.pins.with_name("ipps443.conf")
        self.ppd = root / "etc" / "ppd" / "q.ppd"
        self.audit = root / "a log" / "audit.log"
        self.queue: dict[str, Any] = {
            "device-uri": "ipps443://printer/ipp/print",
            "printer-state": 3,
            "printer-type": 0,
            "printer-make-and-model": MODEL,
        }
        self.cups = Cups({"q": self.queue, "other": {"device-uri": "ipp://x/", "printer-state": 5}})
        self.desk.cups = lambda: self.cups
        judgement = Judgement(Verdict.TRUSTED, "printer", 443, b"", outline(b""), self.desk.now)
        host = parse_printer_host("printer")
        self.answers: Findings | Exception | None = Findings(host, "", judgement, "TLSv1.3", "AES", (), ())
        self.desk.environ.update(CUPS_SERVERBIN=str(root / "bin"), CUPS_CACHEDIR=str(root / "cache"))
        self._lay_out()

    def _lay_out(self) -> None:
        for file in (self.backend, self.mime, self.cache / "x", self.pins, self.ppd, self.filters / "x"):
            file.parent.mkdir(parents=True)
        self.program(self.backend, 'echo \'network ipps443 "Unknown" "x"\'')
        for name in (*programs.OWN_FILTERS, "rastertohp"):
            self.program(self.filters / name, "true")
        self.mime.write_text("application/vnd.cups-raw string(0,x)\n")
        kept_apart = f'*cupsSingleFile: True\n*ipps443Version: "{__version__}"\n'
        self.ppd.write_text((self.models / "pcl5.ppd").read_text() + kept_apart)
        self.make_secret()
        shutil.chown(self.cache, "lp", "lp")
        # As cupsd makes it.
        shutil.chown(self.cache.parent, "root", "lp")
        self.cache.parent.chmod(0o770)
        certificate = self.root / "printer.pem"
        certificate.write_bytes(OWN.cert_pem)
        assert self.desk.run("import", str(certificate), "printer") == 0

    def keep_audit(self) -> Path:
        """Let jobs be recorded, and return the path of the log, which is not there."""
        self.set(f"audit = yes\naudit-log = {self.audit}")
        self.audit.parent.mkdir()
        return self.audit

    def keep_keys(self) -> None:
        """Leave the keys of a connection where a trace puts them."""
        folder = self.cache / "trace"
        folder.mkdir()
        (folder / "20260601T000100-q-7-aaaa.keys").touch(0o600)

    def ask(self, printer: PrinterHost, environ: dict[str, str]) -> Findings:
        """Answer as a printer does that says nothing of itself, unless the real one is to be asked."""
        if self.answers is None:
            return ask_once(printer, environ)
        if isinstance(self.answers, Exception):
            raise self.answers
        return self.answers

    def print_to(self, printer: Printer, rest: str = "/ipp/print", pin: bool = True) -> None:
        """Let the queue print to a printer, which is pinned."""
        self.queue["device-uri"] = f"ipps443://localhost:{printer.port}{rest}"
        if pin:
            assert self.desk.run("pin", f"localhost:{printer.port}", "--yes", "--replace") == 0, self.desk.errors

    def set(self, text: str, mode: int = 0o640, owner: str = "root") -> Path:
        """Write settings."""
        self.settings.write_text(text + "\n")
        self.settings.chmod(mode)
        if mode == 0o640:
            shutil.chown(self.settings, owner, "lp")
        return self.settings

    @staticmethod
    def program(path: Path, command: str) -> None:
        path.write_text(f"#!/bin/sh\n{command}\n")
        path.chmod(0o755)

    def make_secret(self, size: int = 32, mode: int = 0o640) -> None:
        """Make the machine's secret as the installer does."""
        path = self.pins.parent / "secret"
        path.write_bytes(os.urandom(size))
        shutil.chown(path, "root", "lp")
        path.chmod(mode)

    def pin(self, certificate: bytes, *more: str) -> None:
        """Import another certificate for the printer."""
        file = self.root / "new.pem"
        file.write_bytes(certificate)
        assert self.desk.run("import", str(file), "printer", *more) == 0, self.desk.errors

    def table(self, text: str) -> Path:
        """Write the table of a queue for spooled files of IBM i, and return its path."""
        path = self.pins.parent / "scs" / "office"
        path.parent.mkdir()
        path.parent.chmod(0o755)
        path.write_text(text)
        path.chmod(0o644)
        return path

    def findings(self, *arguments: str) -> list[dict[str, str]]:
        """Run the command and return what it found; the exit code has to fit."""
        status = self.desk.run("doctor", *arguments)
        value = self.desk.kept
        levels = {finding["level"] for finding in value["findings"]}
        assert status == (1 if "error" in levels else 4 if "warning" in levels else 0)
        assert value["healthy"] == (status == 0) == ("Nothing is wrong" in self.desk.output)
        for finding in value["findings"]:
            assert finding["fix"] in self.desk.output and finding["trouble"] in self.desk.output
            assert finding["first"] in self.desk.output and (finding["fix"] or finding["first"])
            if "ipps443ctl pin " in finding["fix"]:
                assert "compare the fingerprint" in finding["first"]
        return value["findings"]  # type: ignore[no-any-return]


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Iterator[Machine]:
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        machine = Machine(Path(folder))
        monkeypatch.setattr(programs, "PROGRAMS", {"pdftopcl": ("sh", "dash")})
        monkeypatch.setattr(programs, "OPTIONAL", {"ipps443ctl find": ("sh", "dash")})
        monkeypatch.setattr(jobs, "NO_ROOM", 0)
        monkeypatch.setattr(jobs, "LITTLE_ROOM", 0)
        monkeypatch.setattr(command, "ask_once", machine.ask)
        yield machine


@pytest.fixture
def asking(machine: Machine) -> Machine:
    """The same machine, whose queues have a printer that is asked."""
    machine.answers = None
    return machine


def test_all_is_well(asking: Machine) -> None:
    """On a machine on which all is well nothing is found, and queues of other backends are left alone."""
    with Printer(certificate=OWN) as printer:
        asking.print_to(printer)
        assert asking.findings() == []
    assert "Nothing is wrong.\n" in asking.desk.output and asking.desk.output.count(" ok\n") == len(CHECKS)
    assert printer.operation_names and not printer.jobs and asking.desk.errors == ""


def test_whoever_waits_learns_for_what(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """A check that takes its time is named on standard error, and the others are not."""

    def slow(_: object) -> list[object]:
        time.sleep(0.3)
        return []

    monkeypatch.setattr(progress, "FIRST", 0.1)
    monkeypatch.setattr(command, "CHECKS", (("room", lambda _: []), ("jobs", slow)))
    assert machine.desk.run("doctor") == 0
    assert "looking at jobs (" in machine.desk.errors and "looking at room" not in machine.desk.errors


def test_files_of_a_trace_are_no_commands(machine: Machine) -> None:
    """lp may give a file any name; what doctor shows is pasted by root."""
    folder = machine.cache / "trace"
    folder.mkdir()
    for queue in ("x;$(id)>&2;", "a b", "-rf", "office"):
        (folder / f"20260601T000100-{queue}-7-aaaa.keys").touch(0o600)
    shown = [finding for finding in machine.findings() if "keys of connections" in str(finding)]
    assert [finding["fix"] for finding in shown] == ["ipps443ctl trace office off"]


def test_never_ok_for_what_it_did_not_look_at(machine: Machine) -> None:
    """What cannot be looked at is not called ok, and the last line does not say that all is well."""
    machine.desk.cups = Desk.cups
    findings = machine.findings()
    assert [finding["check"] for finding in findings] == ["cupsd"]
    for name in ("queues", "queue descriptions", "printer", "language", "jobs", "client certificates"):
        assert re.search(rf"^{name} +not looked at: cupsd does not answer$", machine.desk.output, re.M), name
    machine.desk.cups = lambda: Cups({})
    assert machine.findings() == [] and "printer              not looked at" in machine.desk.output
    assert "Nothing is wrong with what was looked at." in machine.desk.output
    value = machine.desk.value("doctor")["not_looked_at"]
    assert {"check": "printer", "why": "no queue prints through ipps443"} in value


def link_of_lp(path: Path) -> None:
    """Put a link of lp's in the place of a file."""
    path.rename(path.with_name("moved"))
    path.symlink_to("moved")
    os.lchown(path, 7, 7)


Break = Callable[[Machine], object]

#: Commands that need no cupsd, no printer and no package.
RUN_HERE = ("chmod", "chown", "setpriv", "install")
#: What is broken, the check that finds it, words of the trouble, and of what fixes it.
BROKEN: tuple[tuple[str, Break, str, str, str], ...] = (
    ("backend gone", lambda m: m.backend.unlink(), "backend", "missing", "./install.sh  # in a copy of the sources"),
    ("backend not of root", lambda m: shutil.chown(m.backend, "lp"), "backend", "belong to root", "chown root:root"),
    ("backend writable", lambda m: m.backend.chmod(0o775), "backend", "others may write", "chmod 0755"),
    ("backend only of root", lambda m: m.backend.chmod(0o700), "backend", "as root", "chmod 0755"),
    ("backend not a program", lambda m: m.backend.chmod(0o644), "backend", "lp cannot run it", "chmod 0755"),
    ("backend fails", lambda m: m.program(m.backend, "echo no h11 >&2; exit 1"), "backend", "no h11", "./install.sh"),
    ("backend is rubbish", lambda m: m.backend.write_text("#!/no/such\n"), "backend", "not run", "./install.sh"),
    ("folder closed", lambda m: m.backend.parent.chmod(0o700), "backend", "cannot go into", "chmod a+x"),
    ("own filter gone", lambda m: (m.filters / "texttopcl").unlink(), "filters", "missing", "./install.sh"),
    ("stock filter gone", lambda m: (m.filters / "rastertohp").unlink(), "filters", "missing", "apt-get install cups"),
    ("filter writable", lambda m: (m.filters / "pdftopcl").chmod(0o777), "filters", "others may write", "chmod 0755"),
    ("no descriptions", lambda m: shutil.rmtree(m.models), "descriptions", "no printer desc", "./install.sh"),
    ("damaged", lambda m: (m.models / "pcl5.ppd").write_text("x"), "descriptions", "damaged", "./install.sh"),
    ("no secret", lambda m: (m.pins.parent / "secret").unlink(), "secret", "No such file", "ipps443ctl secret"),
    ("short secret", lambda m: m.make_secret(size=31), "secret", "too short", "ipps443ctl secret"),
    ("open secret", lambda m: m.make_secret(mode=0o644), "secret", "open to others", "ipps443ctl secret"),
    ("secret of root", lambda m: m.make_secret(mode=0o600), "secret", "cannot read it", "chown root:lp"),
    ("MIME gone", lambda m: m.mime.unlink(), "MIME rules", "missing", "restart cups  # in a copy of the sources"),
    ("MIME empty", lambda m: m.mime.write_text("# x\n"), "MIME rules", "damaged", "restart cups"),
    ("MIME closed", lambda m: m.mime.chmod(0o600), "MIME rules", "only root", "chmod 0644"),
    ("cache gone", lambda m: m.cache.rmdir(), "cache", "missing", "setpriv --reuid lp"),
    ("cache of root", lambda m: shutil.chown(m.cache, "root", "root"), "cache", "cannot write", "setpriv --reuid lp"),
    ("cache closed", lambda m: m.cache.parent.chmod(0o700), "cache", "cannot go into", "chmod a+x"),
    ("audit gone", lambda m: m.keep_audit(), "audit log", "missing", "install -o lp -g adm"),
    ("audit folder gone", lambda m: m.keep_audit().parent.rmdir(), "audit log", "folder", "install -d -m 0755"),
    ("audit of root", lambda m: m.keep_audit().touch(0o640), "audit log", "cannot write", "chown lp:adm"),
    ("keys kept", lambda m: m.keep_keys(), "traces", "can be read", "ipps443ctl trace q off"),
    ("pins gone", lambda m: m.pins.unlink(), "pin file", "missing", "ipps443ctl pin printer"),
    ("pins writable", lambda m: m.pins.chmod(0o666), "pin file", "others may write", "chmod 0640"),
    ("pins not of lp", lambda m: shutil.chown(m.pins, "root", "root"), "pin file", "cannot read", "chown root:lp"),
    ("pins folder", lambda m: m.pins.parent.chmod(0o777), "pin file", "may write its folder", "chmod 0755"),
    ("above pins", lambda m: m.pins.parent.parent.chmod(0o777), "pin file", "may write its folder", "chmod go-w"),
    (
        "above pins of lp",
        lambda m: shutil.chown(m.pins.parent.parent, "lp"),
        "pin file",
        "belongs to user",
        "chown root /",
    ),
    ("link of lp", lambda m: link_of_lp(m.pins), "pin file", "is a link of user", "chown -h root"),
    ("pins closed", lambda m: m.pins.parent.chmod(0o700), "pin file", "cannot go into", "chmod a+x"),
    ("pins damaged", lambda m: m.pins.write_text("# x\nrubbish\n"), "pin file", "", "sed -i 2d /"),
    ("settings writable", lambda m: m.set("render-memory = 1G", 0o666), "settings", "others may write", "chmod 0640"),
    ("settings closed", lambda m: m.set("render-memory = 1G", 0o600), "settings", "cannot read", "chmod 0640"),
    ("settings of lp", lambda m: m.set("#", owner="lp"), "settings", "belongs to", "chown root"),
    ("settings link", lambda m: link_of_lp(m.set("#")), "settings", "link of user", "chown -h root"),
    (
        "setting unknown",
        lambda m: m.set("# x\nrender-color = 1"),
        "settings",
        "no setting render-color",
        "sed -i 2d /",
    ),
    ("setting odd", lambda m: m.set("[queue q]\nrender-output=x"), "settings", "a size such as", "sed -i 2d /"),
    ("list empty", lambda m: m.set("found-in-device-list=on"), "device list", "looked for", "find --in-device-list on"),
    ("settings rubbish", lambda m: m.set("[queues]"), "settings", "neither", "sed -i 1d /"),
    ("table damaged", lambda m: m.table("drawer.2 = Tray2\ndrawer.x = Tray3\n"), "tables", "line 2", "sed -i 2d /"),
    ("table closed", lambda m: m.table("").chmod(0o600), "tables", "cannot read", "chown -R root:lp"),
    (
        "pin ends soon",
        lambda m: m.pin(SHORT.cert_pem, "--replace"),
        "certificates",
        "ends on 2026-06-21",
        "ctl pin printer",
    ),
    ("cupsd gone", lambda m: setattr(m.desk, "cups", Desk.cups), "cupsd", "not answer", "systemctl start cups"),
    ("stopped", lambda m: m.queue.update({"printer-state": 5}), "queues", "is stopped", "cupsenable q"),
    ("rejecting", lambda m: m.queue.update({"printer-type": 0x80000}), "queues", "not accept", "cupsaccept q"),
    ("bad URI", lambda m: m.queue.update({"device-uri": "ipps443://a/?pim=x"}), "printer", "pim", "lpadmin -p q -E -v"),
    ("no pin", lambda m: m.queue.update({"device-uri": "ipps443://b/"}), "queues", "no pin", "ipps443ctl pin b"),
    ("PPD gone", lambda m: m.ppd.unlink(), "queue descriptions", "missing", "lpadmin -p q -m ipps443/"),
    ("PPD damaged", lambda m: m.ppd.write_text("x"), "queue descriptions", "damaged", "&& lpadmin -p q -m"),
    (
        "PPD with an unknown filter",
        lambda m: m.ppd.write_text('*cupsFilter: "application/pdf 0 nothing"\n'),
        "queue descriptions",
        "filter/nothing: it is missing",
        "apt-get install",
    ),
)


@pytest.mark.parametrize("broken", BROKEN, ids=[case[0] for case in BROKEN])
def test_broken(machine: Machine, broken: tuple[str, Break, str, str, str]) -> None:
    """What is broken is found by its check, and by none that stands before it; the command fixes it as it stands."""
    _, do, check, trouble, fix = broken
    do(machine)
    found = machine.findings()
    assert found and found[0]["check"] == check
    assert trouble in f"{found[0]['subject']}: {found[0]['trouble']}" and fix in found[0]["fix"]
    if fix.startswith(RUN_HERE):
        for finding in found:
            line = finding["fix"].removesuffix(" && systemctl restart cups")
            done = subprocess.run(["/bin/sh", "-c", line], capture_output=True, text=True)
            assert done.returncode == 0, (line, done.stderr)
        assert machine.findings() == []


def test_own_filters_are_looked_for_without_descriptions(machine: Machine) -> None:
    """With no description that names them, our filters are missing all the same."""
    shutil.rmtree(machine.models)
    for name in ("texttopcl", "pdftopcl"):
        (machine.filters / name).unlink()
    missing = [finding["subject"] for finding in machine.findings() if finding["check"] == "filters"]
    assert missing == [str(machine.filters / name) for name in ("pdftopcl", "texttopcl")]


def test_program_that_is_not_needed_for_printing(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """What only a command needs is worth a note, and the machine is well without it."""
    monkeypatch.setattr(programs, "OPTIONAL", {"ipps443ctl find": ("no-such-program", "no-such")})
    (found,) = machine.findings()
    assert (found["level"], found["subject"], found["fix"]) == ("note", "no-such-program", "apt-get install no-such")


@pytest.mark.parametrize(
    "venv, apt, fixes",
    [
        (False, True, ["apt-get install python3-no-such", "apt-get install no-such"]),
        (False, False, ["./install.sh  # in a copy of the sources"] * 2),
        (True, True, ["./install.sh --venv  # in a copy of the sources", "apt-get install no-such"]),
        (True, False, ["./install.sh --venv  # in a copy of the sources", "./install.sh  # in a copy of the sources"]),
    ],
)
def test_missing_packages_elsewhere(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, venv: bool, apt: bool, fixes: list[str]
) -> None:
    """In a virtual environment, and on systems without apt, the command is one that can help there."""
    which = shutil.which
    there = {"apt-get": "/usr/bin/apt-get" if apt else None}
    monkeypatch.setattr("shutil.which", lambda name, **how: there.get(name, which(name, **how)))
    monkeypatch.setattr("sys.prefix", "/venv" if venv else sys.base_prefix)
    monkeypatch.setattr(programs, "PACKAGES", (("no_such_module", "python3-no-such"),))
    monkeypatch.setattr(programs, "PROGRAMS", {"pdftopcl": ("no-such-program", "no-such")})
    assert [finding["fix"] for finding in machine.findings()] == fixes


@pytest.mark.parametrize(
    "trouble, level",
    [
        (None, "error"),
        (errors.PrinterUnknown("printer", "sha256: 00", "valid", "ipps443ctl pin printer"), "note"),
        (errors.PrinterUnreachable("printer", "refused"), "error"),
    ],
)
def test_stopped_by_a_certificate(machine: Machine, trouble: Exception | None, level: str) -> None:
    """A queue that a certificate has stopped is enabled; where the command for the printer does that, it is a note."""
    reasons = ["paused", "cups-pki-changed"]
    machine.queue.update(
        {"printer-state": 5, "printer-state-reasons": reasons, "printer-state-message": "Changed [T02]"}
    )
    machine.answers = trouble or machine.answers
    found = machine.findings()
    assert [finding["check"] for finding in found] == ["printer"] * bool(trouble) + ["queues"]
    assert found[-1]["level"] == level and "[T02]" in found[-1]["trouble"]
    assert (found[-1]["fix"], found[-1]["first"]) == (
        ("cupsenable q", "once that is put right")
        if level == "error"
        else ("", "nothing more; if something else has helped: cupsenable q")
    )


def test_one_good_pin_is_enough(machine: Machine) -> None:
    """While old and new certificate are pinned, the end of the old one is no trouble."""
    machine.pin(SHORT.cert_pem)
    assert machine.findings() == []


def test_expired_pin(machine: Machine) -> None:
    """A certificate that has ended is told, with the day, until someone has acknowledged that one."""
    machine.pin(make_certificate("printer", not_before=day(1970), not_after=day(1972)).cert_pem, "--replace")
    (finding,) = machine.findings()
    assert "ended on 1972-01-01" in finding["trouble"]
    assert machine.desk.run("pin", "printer", "--acknowledge") == 0 and machine.findings() == []
    machine.pin(SHORT.cert_pem)
    (finding,) = machine.findings()
    assert "ends on 2026-06-21" in finding["trouble"]


def test_pin_file_from_elsewhere(machine: Machine) -> None:
    """A pin file that was brought from another server has no copies of certificates, and the ends in its lines."""
    machine.pin(SHORT.cert_pem, "--replace")
    shutil.rmtree(machine.pins.parent / "certificates")
    (finding,) = machine.findings()
    assert "ends on 2026-06-21" in finding["trouble"]
    machine.pins.write_text(machine.pins.read_text().replace("not-after=2026-06-21", "not-after=2026-02-30"))
    assert machine.findings() == []


def test_authority(machine: Machine) -> None:
    """A CA that ends, is gone or is rubbish is found; the command that fixes it names the printer."""
    machine.pin(make_authority("Site CA").cert_pem, "--ca", "--replace")
    assert machine.findings() == []
    (name,) = (pin.ca for pin in machine.desk.pins.pins)
    file = machine.pins.with_name(str(name))
    shutil.chown(file, "root", "root")
    assert "chown root:lp" in machine.findings()[0]["fix"]
    file.write_text("rubbish")
    assert "ipps443ctl import --ca FILE printer --replace" in machine.findings()[0]["fix"]
    file.unlink()
    assert "does not exist" in machine.findings()[0]["trouble"]


def test_raw_queue(machine: Machine) -> None:
    """A queue without a description may be meant so: a note, and exit code 0."""
    machine.ppd.unlink()
    machine.queue["printer-make-and-model"] = "Local Raw Printer"
    (finding,) = machine.findings()
    assert "note   q: " in machine.desk.output and "WRONG" not in machine.desk.output
    assert finding["level"] == "note" and finding["check"] == "queue descriptions"


def test_pins_in_the_uri(machine: Machine) -> None:
    """A queue with its own pin, or that trusts the system's CAs, needs no line in the pin file."""
    for option in (f"pin=sha256:{'0' * 64}", "trust=system"):
        machine.queue["device-uri"] = f"ipps443://b/?{option}"
        assert machine.findings() == []


def test_one_queue(machine: Machine) -> None:
    """With a name only that queue is looked at; one that is not there, or not ours, is told."""
    machine.cups.queues["second"] = {**machine.queue, "printer-state": 5}
    machine.queue["printer-type"] = queues.REJECTING
    machine.cups.queues["second"]["printer-type"] = 0
    assert {finding["subject"] for finding in machine.findings("second")} == {"second"}
    found = {name: machine.findings(name) for name in ("second", "nothing", "other")}
    assert ["is stopped" in finding["trouble"] for finding in found["second"]] == [True, False]
    assert found["second"][1]["check"] == "queue descriptions"
    assert "no such queue" in found["nothing"][0]["trouble"] and "ipps443ctl add" in found["nothing"][0]["fix"]
    assert "not through ipps443" in found["other"][0]["trouble"]


def test_printer_of_a_queue(asking: Machine) -> None:
    """The printer is asked, with and without a name: well, with another key, and out of reach."""
    with Printer(certificate=OWN) as printer:
        asking.print_to(printer)
        assert asking.findings("q") == []
        printer.certificate, before = OTHER, printer.http_bytes
        for arguments in ((), ("q",)):
            (finding,) = asking.findings(*arguments)
            assert finding["check"] == "printer" and "[T02]" in finding["trouble"]
            assert finding["fix"] == f"ipps443ctl pin localhost:{printer.port} --replace"
            assert "if it differs, it is not your printer: do not pin it" in finding["first"]
        assert printer.http_bytes == before
    (finding,) = asking.findings("q")
    assert "[N01]" in finding["trouble"]


def test_pin_in_the_uri_that_does_not_fit(asking: Machine) -> None:
    """A queue with a pin in its device URI is fixed by lpadmin, without the fingerprint that was shown."""
    with Printer(certificate=OWN) as printer:
        wrong = f"pin=sha256:{OTHER.cert_sha256.hex()}"
        asking.print_to(printer, f"/ipp/print?resend=yes&{wrong}", pin=False)
        (finding,) = asking.findings("q")
        address = f"ipps443://localhost:{printer.port}/ipp/print?resend=yes"
        assert finding["fix"] == f"lpadmin -p q -E -v '{address}&pin=sha256:NEW-FINGERPRINT'"
        assert "compare the fingerprint" in finding["first"] and "NEW-FINGERPRINT" in finding["first"]
        assert OWN.cert_sha256.hex() in finding["trouble"] and printer.http_bytes == 0 and not finding["then"]
        asking.print_to(printer, f"/ipp/print?{wrong}&pin=sha256:{'0' * 64}", pin=False)
        assert "in the place of all that were there" in asking.findings("q")[0]["then"]


def test_password_of_the_uri(asking: Machine) -> None:
    """The password that cupsd does not tell is the one that jobs use; it is in no word of ours."""
    with Printer(certificate=OWN, faults=Faults(auth="basic", password="geheim")) as printer:
        asking.print_to(printer)
        for password, levels in (("geheim", []), ("falsch", ["error"])):
            account = asking.queue["device-uri"].replace("://", f"://someone:{password}@")
            (asking.root / "etc" / "printers.conf").write_text(f"<Printer q>\nDeviceURI {account}\n</Printer>\n")
            found = asking.findings()
            assert [finding["level"] for finding in found] == levels
            assert password not in asking.desk.output + asking.desk.errors
        assert "[P06]" in found[0]["trouble"] and "-v 'ipps443://USER:PASSWORD@localhost:" in found[0]["fix"]
        for stored, fix in (
            ("ipps443://elsewhere/", "USER:PASSWORD@"),
            (asking.queue["device-uri"], "auth-info-required"),
        ):
            (asking.root / "etc" / "printers.conf").write_text(f"<Printer q>\nDeviceURI {stored}\n</Printer>\n")
            (finding,) = asking.findings()
            assert finding["level"] == "warning" and fix in finding["fix"]
        with open(asking.root / "etc" / "printers.conf", "a") as file:
            file.write(f"<Printer q>\nDeviceURI {stored}\nAuthInfoRequired username,password\n</Printer>\n")
        (finding,) = asking.findings()
        assert finding["level"] == "note" and not finding["fix"]


@pytest.mark.parametrize(
    "reasons, levels, words",
    [
        ("media-empty-error", ["warning"], "it is out of paper (media-empty-error)"),
        ("media-empty", ["warning"], "it is out of paper"),
        ("toner-low-warning", ["note"], "toner is low"),
        ("very-odd-report", ["note"], "very-odd"),
        ("none", [], ""),
    ],
)
def test_state_of_the_printer(asking: Machine, reasons: str, levels: list[str], words: str) -> None:
    """What the printer says of itself is told, in words, and as badly as it is; only someone there can help."""
    with Printer(certificate=OWN, faults=Faults(reasons=reasons)) as printer:
        asking.print_to(printer)
        found = asking.findings()
        assert [finding["level"] for finding in found] == levels
        assert all(words in finding["trouble"] and not finding["fix"] and finding["first"] for finding in found)


def test_a_printer_that_takes_no_jobs(asking: Machine) -> None:
    """A printer that does not accept jobs is an error."""
    with Printer(certificate=OWN, faults=Faults(accepting="no")) as printer:
        asking.print_to(printer)
        assert "takes no jobs" in asking.findings()[0]["trouble"]


@pytest.mark.parametrize(
    "faults, trouble, path, first",
    [
        ("path=/ipp/port1", "[P01]", "/ipp/port1", "the printer answers at /ipp/port1"),
        ("path=/queues/one", "[P01]", "/PATH", "none of the usual paths"),
        ("answer=html", "not understood", "/PATH", "a page for browsers"),
    ],
)
def test_path_is_found(asking: Machine, faults: str, trouble: str, path: str, first: str) -> None:
    """For a wrong path the command has the one on which the printer answers, if any, and it prints nothing."""
    with Printer(certificate=OWN, faults=Faults.parse(faults)) as printer:
        asking.print_to(printer)
        (finding,) = asking.findings()
        assert trouble in finding["trouble"] and first in finding["first"]
        assert finding["fix"].endswith(f"-v 'ipps443://localhost:{printer.port}{path}'") and not printer.jobs


@pytest.mark.parametrize(
    "do, then, first",
    [
        (lambda m: shutil.chown(m.backend, "lp"), "./install.sh", ""),
        (lambda m: m.backend.chmod(0o775), "./install.sh", ""),
        (lambda m: m.pins.parent.chmod(0o777), "ipps443ctl list", ""),
        (lambda m: m.pins.chmod(0o666), "ipps443ctl list", ""),
        (lambda m: m.pins.chmod(0o600), "", ""),
        (lambda m: m.pins.write_text("# x\nrubbish\n"), "", "correct line 2 of "),
        (lambda m: m.pins.unlink(), "", "compare the fingerprint"),
    ],
)
def test_what_is_to_be_done_besides(machine: Machine, do: Break, then: str, first: str) -> None:
    """The command alone is not enough where others could have changed a file, or where a line is only wrong."""
    do(machine)
    finding = machine.findings()[0]
    assert then in finding["then"] and bool(then) == bool(finding["then"]) and first in finding["first"]
    assert f"then:  {finding['then'][:9]}" in machine.desk.output or not then


def test_client_certificate(machine: Machine) -> None:
    """The client certificate of a queue is there, readable for lp, fits its key, and is in its dates."""
    folder = machine.pins.parent / "clients"
    folder.mkdir()
    folder.chmod(0o755)
    machine.queue["device-uri"] = "ipps443://printer/?clientcert=me"
    found = machine.findings()
    assert [finding["subject"] for finding in found] == [str(folder / "me.pem"), str(folder / "me.key")]
    assert {finding["check"] for finding in found} == {"client certificates"}

    def write(key: Certificate, certificate: Certificate = OWN) -> None:
        for name, text in (("me.pem", certificate.cert_pem), ("me.key", key.key_pem)):
            (folder / name).write_bytes(text)
            shutil.chown(folder / name, "root", "lp")
            (folder / name).chmod(0o640)

    write(OWN)
    assert machine.findings() == []
    (folder / "me.key").chmod(0o600)
    (finding,) = machine.findings()
    assert finding["fix"].endswith(f"chmod 0640 {folder}/me.key") and "cannot read" in finding["trouble"]
    write(OTHER)
    assert "do not go together" in machine.findings()[0]["trouble"]
    write(SHORT, SHORT)
    (finding,) = machine.findings()
    assert "ends on 2026-06-21" in finding["trouble"] and finding["level"] == "warning"


def test_held_jobs(machine: Machine) -> None:
    """Jobs that their trouble holds are told with what to do first; those that their users hold are not."""
    held = {"job-printer-uri": "ipp://localhost/printers/q", "job-state": 4, "job-state-reasons": ["x"]}
    machine.cups.jobs = {
        5: {**held, "job-printer-state-message": "Printer p may have printed the job. Held; look [P09]"},
        6: {
            **held,
            "job-printer-state-message": "Refused. Held; print it with other options instead [P21]",
        },
        7: {**held, "job-printer-state-message": ""},
        13: {**held, "job-printer-state-message": "Refused: Held; use rm instead. Held; look at it [P21]"},
        14: {**held, "job-printer-state-message": "Gave up: used red instead. Held; look at it [P08]"},
        15: {**held, "job-printer-state-message": "Quota of anna is used up. Held; look at it [P22]"},
        8: {**held, "job-state-reasons": ["cups-held-for-authentication"]},
        12: {**held, "job-state-reasons": ["resources-are-not-ready"]},
        16: {
            **held,
            "job-state-reasons": ["cups-held-for-authentication"],
            "job-printer-state-message": "Refuses the password of the device URI [P06]",
        },
        9: {**held, "job-printer-uri": "ipp://localhost/printers/other", "job-printer-state-message": "x [P21]"},
        10: {**held, "job-state": 6, "job-printer-state-message": "damaged [F01]"},
        11: {**held, "job-state": 5, "job-printer-state-message": "cannot be reached [N01]"},
    }
    found = {finding["subject"]: finding for finding in machine.findings()}
    assert list(found) == ["q-5", "q-6", "q-8", "q-10", "q-11", "q-12", "q-13", "q-14", "q-15", "q-16"]
    assert found["q-15"]["fix"] == "lp -i q-15 -H resume" and "account opened" in found["q-15"]["first"]
    assert found["q-16"]["fix"] == "lp -i q-16 -H resume" and "device URI is put right" in found["q-16"]["first"]
    assert not found["q-8"]["fix"] and "give user name and password" in found["q-8"]["first"]
    for name in ("q-13", "q-14"):  # a printer's words are no advice
        assert found[name]["fix"] == f"lp -i {name} -H resume" and "instead" not in found[name]["first"]
    assert found["q-5"]["fix"] == "lp -i q-5 -H resume" and "prints again" in found["q-5"]["first"]
    assert found["q-5"]["other"] == "if all of it is on paper: cancel q-5"
    assert (found["q-6"]["fix"], found["q-6"]["first"]) == ("cancel q-6", "print it with other options; then")
    assert found["q-6"]["other"] == ""  # it would only be refused again
    assert found["q-10"]["fix"] == "lp -i q-10 -H restart" and "document is damaged" in found["q-10"]["other"]
    assert [finding["level"] for finding in found.values()] == ["warning"] * 4 + ["note"] + ["warning"] * 5


def test_no_room(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that is nearly full is a warning, a full one an error."""
    room = os.statvfs("/")  # others write meanwhile
    monkeypatch.setattr(os, "statvfs", lambda _path: room)
    for limits, level in (((0, 1 << 60), "warning"), ((1 << 60, 1 << 61), "error")):
        monkeypatch.setattr(jobs, "NO_ROOM", limits[0])
        monkeypatch.setattr(jobs, "LITTLE_ROOM", limits[1])
        found = machine.findings()
        assert {(finding["check"], finding["level"]) for finding in found} == {("room", level)}


@pytest.mark.parametrize(
    "error, level, fix, first",
    [
        (errors.NotTls("printer", "HTTP"), "error", "", "turn IPPS on"),
        (errors.TlsRefused("printer", "alert: unrecognized name", "TLS 1.2"), "error", "?sni=no'", "own name"),
        (errors.TlsRefused("printer", "unsupported protocol", "TLS 1.2"), "error", "?tls=legacy'", "only if"),
        (errors.TlsRefused("printer", "no common suite", "TLS 1.2"), "error", "ipps443ctl probe '", "let probe look"),
        (errors.ClientCertificateWanted("printer", "alert", ""), "error", "?clientcert=LABEL'", "LABEL.pem"),
        (errors.ClientCertificateWanted("printer", "alert", "", True), "error", "", "renew the client certificate"),
        (errors.ClientCertificateWanted("printer", "unknown ca", "", True), "error", "", "import the CA that signed"),
        (errors.PrinterUnreachable("printer", "its name has no address"), "error", "-v 'ipps443://HOST/", "correct"),
        (errors.PrinterUnreachable("printer", "10.0.0.7: no answer"), "error", "ping -c 3 printer", "nothing at all"),
        (errors.HandshakeTimeout("printer", "silence", 30), "error", "", "check that port 443"),
        (errors.HttpRefused("printer", "/ipp/print", 403), "error", "", "allow this computer at the printer"),
        (
            errors.HttpRefused("printer", "/x", 302, "", "https://p/y"),
            "error",
            "-v 'ipps443://p/y'",
            "printing is there",
        ),
        (
            errors.HttpRefused("printer", "/x", 302, "", "/y"),
            "error",
            "-v 'ipps443://printer/y'",
            "probe 'ipps443://pr",
        ),
        (errors.HttpRefused("printer", "/x", 302, "", "http://p/y"), "error", "ipps443ctl probe '", "not encrypted"),
        # A printer chooses neither options nor an account, and no place that is none for IPP over TLS.
        (errors.HttpRefused("printer", "/x", 302, "", "https://p?trust=system"), "error", "-v 'ipps443://p/'", "p?tr"),
        (errors.HttpRefused("printer", "/x", 302, "", "https://u:p@p/y#z"), "error", "-v 'ipps443://p/y'", "if so"),
        (errors.HttpRefused("printer", "/x", 302, "", "ipps://p/y"), "error", "-v 'ipps443://p:631/y'", "if so"),
        (errors.HttpRefused("printer", "/x", 302, "", "//p/y"), "error", "-v 'ipps443://p/y'", "if so"),
        (errors.HttpRefused("printer", "/x", 302, "", "https:///y"), "error", "probe 'ipps443://printer/", "no place"),
        (errors.HttpRefused("printer", "/x", 302, "", "https://p:9100/y"), "error", "443://printer/", "no place"),
        (errors.HttpRefused("printer", "/x", 302, "", "https://[p/y"), "error", "443://printer/", "no place"),
        # A CA may sign T04's issuer as it likes.
        (errors.CertificateRefused("printer", "x", '"a Nothing was b" signed it', "Run: it x"), "error", "x", ""),
        (errors.HttpRefused("printer", "/x", 505), "error", "", "firmware"),
        (errors.PinFileUnreadable("/c/ca.pem", "others may write it"), "error", "chmod 0640 /c/ca.pem", ""),
        (errors.UserRefused("printer", "x", 0x403, "client-error-not-authorized"), "error", "", "allow this user"),
        (errors.PrinterBusy("printer", "HTTP 503"), "warning", "", "jobs wait"),
        (errors.UpgradeRefused("printer", "426"), "error", "-v 'ipps443://printer/ipp/print'", ""),
        (errors.PrinterUnknown("printer", "x", "y", "ipps443ctl pin printer", "p2"), "error", "//p2/ipp/print'", "p2"),
        (errors.CertificateChanged("printer", "x", "z", "y", "c", "p2"), "error", "//p2/ipp/print'", "address printer"),
        (errors.GaveUpWaiting(1, "x"), "error", "ipps443ctl explain N03", "read"),
    ],
)
def test_advice(machine: Machine, error: errors.IppsError, level: str, fix: str, first: str) -> None:
    """Each kind of error has the command that fixes it, or says what to do by hand, and never pins unasked."""
    machine.answers = error
    (finding,) = [finding for finding in machine.findings() if finding["check"] == "printer"]
    assert (finding["level"], finding["trouble"].endswith(f" [{error.code}]")) == (level, True)
    assert fix in finding["fix"] and bool(fix) == bool(finding["fix"]) and first in finding["first"]
    assert "--replace" not in finding["fix"]


REFUSED = errors.PrinterUnreachable("printer", "127.0.0.1: Connection refused")
RESET = errors.PrinterUnreachable("printer", "TLS handshake: Connection reset by peer")


@pytest.mark.parametrize(
    "error, rest, taken, fix, other, first",
    [
        # What answers elsewhere decides; 443 comes before 631, and both before what is no port for TLS.
        (REFUSED, ":8443/", {443, 631, 9100}, "-v 'ipps443://printer/'", "", "takes port 443: the port in"),
        (REFUSED, "/", {631, 80}, "-v 'ipps443://printer:631/'", "", "is wrong, or IPPS was turned off at the printer"),
        (REFUSED, "/", {80, 9100}, "", "ADDRESS/'", "takes 9100 (raw data), 80 (its web page): it is on, and IPPS is"),
        (REFUSED, ":8443/", set(), "", "ADDRESS:8443/'", "and all others that printers have (443, 631, 9100, 515, 80)"),
        (REFUSED, "/", set(), "", "ADDRESS/'", "and all others that printers have (631, 9100, 515, 80)"),
        # The port on file for the same host is the one that was meant, if it takes connections.
        (REFUSED, ":8443/", {7443}, "-v 'ipps443://printer:7443/'", "", "a pin is on file for port 7443"),
        (RESET, ":8443/", {443}, "", "-v 'ipps443://printer/'", "or port 8443 is none for TLS"),
        (RESET, ":8443/", {631}, "", "", "or port 8443 is none for TLS"),
        (RESET, "/", {443}, "", "", "switch it off and on"),
        (errors.NotTls("printer", "HTTP"), ":8443/", {443}, "", "-v 'ipps443://printer/'", "turn IPPS on"),
        (errors.HttpRefused("printer", "/", 501), ":8443/", set(), "", "", "turn on IPP"),
        # With TLS by upgrade the usual port is 631, so the option goes where 443 is meant.
        (REFUSED, ":631/?tls=upgrade", {443}, "-v 'ipps443://printer/'", "", "takes port 443"),
        (errors.UpgradeRefused("printer", "426"), ":631/?tls=upgrade", set(), "-v 'ipps443://printer/'", "", "at port"),
    ],
)
def test_ports(
    machine: Machine,
    monkeypatch: pytest.MonkeyPatch,
    error: errors.IppsError,
    rest: str,
    taken: set[int],
    fix: str,
    other: str,
    first: str,
) -> None:
    """A port is only named where something takes connections there; else it is the printer that has to be looked at."""
    monkeypatch.setattr(printers, "find_ports", lambda printer, ports: [port for port in ports if port in taken])
    monkeypatch.setattr(machine.desk, "fetch", lambda printer: (_ for _ in ()).throw(error))
    pins = machine.pins.read_text()
    machine.pins.write_text(pins + pins.splitlines()[-1].replace(":443", ":7443", 1) + "\n")
    machine.queue["device-uri"] = f"ipps443://printer{rest}"
    machine.answers = error
    (finding,) = [each for each in machine.findings() if each["check"] == "printer"]
    for wanted, value in ((fix, finding["fix"]), (other, finding["other"])):
        assert wanted in value and bool(wanted) == bool(value), finding
    assert first in finding["first"]
    if fix.endswith(":631/'"):
        assert finding["then"].startswith("it needs a pin of its own: compare the fingerprint")
        assert finding["then"].endswith("ipps443ctl pin printer:631")
    elif fix:
        assert finding["then"] == ""  # that one is pinned


def test_links_keep_their_zone(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """An address of a link is no other one without the link's name."""
    monkeypatch.setattr(printers, "find_ports", lambda printer, ports: [port for port in ports if port == 443])
    machine.queue["device-uri"] = "ipps443://[fe80::1%25eth0]:8443/"
    machine.answers = REFUSED
    (finding,) = [each for each in machine.findings() if each["check"] == "printer"]
    assert "-v 'ipps443://[fe80::1%25eth0]/'" in finding["fix"] and "[fe80::1%eth0]" in finding["then"]


@pytest.mark.parametrize("error", [RESET, errors.HandshakeTimeout("printer", "silence", 15)], ids=["reset", "silence"])
def test_smaller_hello(machine: Machine, monkeypatch: pytest.MonkeyPatch, error: errors.IppsError) -> None:
    """A printer that answers only to a smaller first message gets the option for that; by hand chosen TLS stays."""
    asked = []

    def fetch(printer: PrinterHost) -> None:
        asked.append(printer.uri.tls)
        if printer.uri.tls != "1.2-only":
            raise error

    machine.desk.fetch = fetch
    machine.answers = error
    (finding,) = [each for each in machine.findings() if each["check"] == "printer"]
    assert finding["fix"].endswith("?tls=1.2-only'") and set(asked) == {"1.2-only"}
    machine.queue["device-uri"] = "ipps443://printer/?tls=1.3"
    asked.clear()
    (finding,) = [each for each in machine.findings() if each["check"] == "printer"]
    assert "1.2-only" not in finding["fix"] + finding["other"] and not asked


def test_name_of_the_certificate(machine: Machine) -> None:
    """The CA on file has to vouch for the new name, too: without that the next job would stop with T01."""
    (machine.pins.parent / "ca.pem").write_bytes(make_authority("CA").cert_pem)
    machine.pins.write_text("printer:443  ca:ca.pem\n")
    machine.answers = errors.CertificateRefused(
        "printer:443", "x", "a CA signed it for p2.example", "Use that name, or compare first, then run: "
        "ipps443ctl pin printer", "", ("p2.example",),
    )  # fmt: skip
    (finding,) = [each for each in machine.findings() if each["check"] == "printer"]
    command, _, rest = finding["other"].rpartition("machine's: ")[2].partition(" && ")
    assert "-v 'ipps443://p2.example/" in rest
    assert machine.desk.run(*shlex.split(command)[1:]) == 0, machine.desk.errors
    assert "p2.example:443  ca:" in re.sub(" +", "  ", machine.pins.read_text())
    assert finding["other"].startswith("only if whoever runs the printer says")


@pytest.mark.parametrize("rest, name", [("?trust=system", "p2.example"), ("", "*.example")])
def test_names_without_a_command(machine: Machine, rest: str, name: str) -> None:
    """A public CA vouches for every machine there is, and not every name is one of a machine."""
    machine.queue["device-uri"] += rest
    machine.answers = errors.CertificateRefused("printer:443", "x", "a CA signed it", "Run: x", "", (name,))
    (finding,) = [each for each in machine.findings() if each["check"] == "printer"]
    assert finding["other"] == "" and name in finding["first"]


@pytest.mark.parametrize(
    "uri, told",
    [
        ("socket://attic:9100", "-v ipps443://attic/ipp/print"),
        ("ipp://[fe80::1]/x", "-v 'ipps443://[fe80::1]/ipp/print'"),
        ("ipp://$(reboot)/", "-v 'ipps443://$(reboot)/ipp/print'"),
        ("ipp://[31m/", "-v ipps443://HOST/ipp/print"),
    ],
)
def test_queue_of_a_different_backend(machine: Machine, uri: str, told: str) -> None:
    """Whoever made it may have written anything into its device URI, and the command is pasted as root."""
    machine.queue["device-uri"] = uri
    (finding,) = machine.findings("q")
    assert finding["check"] == "cupsd" and finding["fix"].endswith(told)


def test_a_name_that_is_unknown_is_not_to_be_pinned(machine: Machine) -> None:
    """doctor offered to pin the very name that it had just called wrong."""
    machine.queue["device-uri"] = "ipps443://printer07/ipp/print"
    machine.answers = errors.PrinterUnreachable("printer07", "its name has no address")
    assert not [each for each in machine.findings() if each["check"] == "queues"]


def test_what_jobs_have_learned_stays(machine: Machine) -> None:
    """The command for a cache that belongs to root keeps its records, which keep jobs from being printed twice."""
    record = machine.cache / "jobs"
    record.mkdir()
    (record / "1").write_text("x")
    outside = machine.root / "outside"
    outside.touch()
    os.link(outside, record / "hard")
    (record / "link").symlink_to(outside)
    for path in (machine.cache, record, record / "1", outside):
        shutil.chown(path, "root", "root")
    (finding,) = [each for each in machine.findings() if each["check"] == "cache"]
    assert subprocess.run(["/bin/sh", "-c", finding["fix"]]).returncode == 0
    assert (record / "1").read_text() == "x" and (record / "1").owner() == "lp" == record.owner()
    assert outside.owner() == "root"  # neither through a link nor by a second name
    assert not [each for each in machine.findings() if each["check"] == "cache"]


@pytest.mark.parametrize(
    "formats, device_id, trouble, fix",
    [
        (["application/pdf"], "", "PDF", "lpadmin -p q -m ipps443/generic-pdf.ppd"),
        (["image/urf", "image/jpeg"], "", "Apple raster", "ipps443ctl probe 'ipps443://localhost:"),
        (["application/vnd.hp-PCL", "image/urf"], "CMD:PCL3GUI,URF;", "Apple raster", "ipps443ctl probe"),
        (["application/octet-stream"], "CMD:PDF,PCLXL;", "PCL XL", "lpadmin -p q -m ipps443/generic-pcl6.ppd"),
        (["application/vnd.hp-PCL"], "CMD:PCL;", "", ""),
        (["application/octet-stream"], "", "", ""),
    ],
)
def test_language(asking: Machine, formats: list[str], device_id: str, trouble: str, fix: str) -> None:
    """A description for a language that the printer does not list is found, for the queue that is asked for."""
    with Printer(certificate=OWN, attributes=given(formats, device_id)) as printer:
        asking.print_to(printer)
        found = [finding for finding in asking.findings("q") if finding["check"] == "language"]
        assert len(found) == bool(trouble)
        if found:
            assert "writes PCL 5" in found[0]["trouble"] and trouble in found[0]["trouble"]
            assert found[0]["fix"].startswith(fix)
        assert not printer.jobs


CHANGES: list[tuple[dict[str, tuple[str, ...]], str]] = [
    ({}, ""),
    ({"media-source-supported": ("tray-2", "tray-1")}, ""),
    ({"media-source-supported": ("tray-1", "tray-2", "tray-3")}, "trays changed"),
    ({"printer-firmware-string-version": ("2.0",)}, "firmware changed"),
    ({"output-bin-supported": ("face-up",), "media-type-supported": ("labels",)}, "paper and bins changed"),
]


@pytest.mark.parametrize("changes, trouble", CHANGES)
def test_changes(asking: Machine, changes: dict[str, tuple[str, ...]], trouble: str) -> None:
    """A tray, a bin or firmware that came or went since the description was made from the printer is noted."""
    words = {
        "document-format-supported": ("application/pdf",),
        "media-source-supported": ("tray-1", "tray-2"),
        "printer-firmware-string-version": ("1.0",),
    }
    with Printer(certificate=OWN, attributes=spoken(words)) as printer:
        address = f"localhost:{printer.port}"
        asking.queue["device-uri"] = f"ipps443://{address}/ipp/print"
        assert asking.desk.run("pin", address, "--yes") == 0
        assert asking.desk.run("describe", address, "-o", str(asking.ppd)) == 0
        for name in ("imagetopdf443", "pdfcheck443", "texttopdf443"):
            asking.program(asking.filters / name, "true")
        printer.ipp.extra.update(spoken(changes))
        found = [finding for finding in asking.findings("q") if finding["check"] == "changes"]
        assert len(found) == bool(trouble)
        if found:
            assert f"the printer's {trouble} since" in found[0]["trouble"]
            assert (found[0]["fix"], found[0]["level"]) == ("ipps443ctl refresh q", "note")


def spoken(words: dict[str, tuple[str, ...]]) -> dict[str, Any]:
    """Return attributes of a printer."""
    tags = {
        "document-format-supported": Tag.MIME_MEDIA_TYPE,
        "printer-firmware-string-version": Tag.TEXT_WITHOUT_LANGUAGE,
    }
    return {name: attribute(name, tags.get(name, Tag.KEYWORD), *values) for name, values in words.items()}


def test_needs_root(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Someone else is told to use sudo, and not that everything is broken."""
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert machine.desk.run("doctor") == 1 and "sudo" in machine.desk.errors and machine.desk.output == ""
