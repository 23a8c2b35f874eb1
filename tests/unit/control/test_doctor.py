"""ipps443ctl doctor: each check is broken on purpose, is found, and has a command that mends it."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from backend.control import checks
from tests.cups.server import PCL5E, CupsServer, wait_until
from tests.printer import Printer, make_authority, make_certificate
from tests.unit.control.conftest import Cups, Desk
from tests.unit.control.models import install_models
from tests.unit.control.test_add import control, server, uri  # noqa: F401 - server is a fixture
from tests.unit.trust.certificates import day

OWN, OTHER = (make_certificate("printer", not_before=day(2020), not_after=day(2035)) for _ in range(2))
#: The desk's clock says 2026-06-01.
SHORT = make_certificate("printer", not_before=day(2020), not_after=day(2020) + timedelta(days=2363))

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
        self.audit = root / "log" / "audit.log"
        self.pins = root / "etc" / "ipps443" / "pins"
        self.ppd = root / "etc" / "ppd" / "q.ppd"
        self.queue: dict[str, Any] = {
            "device-uri": "ipps443://printer/ipp/print",
            "printer-state": 3,
            "printer-type": 0,
            "printer-make-and-model": "PCL 5",
        }
        self.cups = Cups({"q": self.queue, "other": {"device-uri": "ipp://x/", "printer-state": 5}})
        self.desk.cups = lambda: self.cups
        self.desk.environ.update(CUPS_SERVERBIN=str(root / "bin"), CUPS_CACHEDIR=str(root / "cache"))
        self._lay_out()

    def _lay_out(self) -> None:
        for file in (self.backend, self.mime, self.cache / "x", self.audit, self.pins, self.ppd, self.filters / "x"):
            file.parent.mkdir(parents=True)
        self.program(self.backend, 'echo \'network ipps443 "Unknown" "x"\'')
        for name in ("texttopcl", "pdftopcl", "rastertohp"):
            self.program(self.filters / name, "true")
        self.mime.write_text("application/vnd.cups-raw string(0,x)\n")
        self.ppd.write_text((self.models / "pcl5.ppd").read_text())
        self.audit.write_text("")
        for path in (self.cache, self.audit):
            shutil.chown(path, "lp", "lp")
        # As cupsd makes it.
        shutil.chown(self.cache.parent, "root", "lp")
        self.cache.parent.chmod(0o770)
        certificate = self.root / "printer.pem"
        certificate.write_bytes(OWN.cert_pem)
        assert self.desk.run("import", str(certificate), "printer") == 0

    @staticmethod
    def program(path: Path, command: str) -> None:
        path.write_text(f"#!/bin/sh\n{command}\n")
        path.chmod(0o755)

    def pin(self, certificate: bytes, *more: str) -> None:
        """Import another certificate for the printer."""
        file = self.root / "new.pem"
        file.write_bytes(certificate)
        assert self.desk.run("import", str(file), "printer", *more) == 0, self.desk.errors

    def findings(self, *arguments: str) -> list[dict[str, str]]:
        """Run the command and return what it found; the exit code has to fit."""
        value = self.desk.value("doctor", *arguments)
        status = self.desk.run("doctor", *arguments)
        errors = [finding for finding in value["findings"] if finding["level"] == "error"]
        assert (status, value["healthy"]) == ((1, False) if errors else (0, True))
        for finding in value["findings"]:
            assert finding["mend"] in self.desk.output and finding["trouble"] in self.desk.output
        return value["findings"]  # type: ignore[no-any-return]


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Iterator[Machine]:
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        machine = Machine(Path(folder))
        monkeypatch.setattr(checks, "AUDIT_LOG", str(machine.audit))
        monkeypatch.setattr(checks, "PROGRAMS", {"pdftopcl": ("sh", "dash")})
        yield machine


def test_all_is_well(machine: Machine) -> None:
    """On a machine on which all is well nothing is found, and queues of other backends are left alone."""
    assert machine.findings() == []
    assert "Nothing is wrong." in machine.desk.output and machine.desk.output.count(" ok\n") == len(checks.CHECKS) - 1


Break = Callable[[Machine], object]

#: What is broken, the check that finds it, words of the trouble, and of what mends it.
BROKEN: tuple[tuple[str, Break, str, str, str], ...] = (
    ("backend gone", lambda m: m.backend.unlink(), "backend", "missing", "./install.sh"),
    ("backend not of root", lambda m: shutil.chown(m.backend, "lp"), "backend", "belong to root", "chown root:root"),
    ("backend writable", lambda m: m.backend.chmod(0o775), "backend", "others may write", "chmod 0755"),
    ("backend only of root", lambda m: m.backend.chmod(0o700), "backend", "as root", "chmod 0755"),
    ("backend fails", lambda m: m.program(m.backend, "echo no h11 >&2; exit 1"), "backend", "no h11", "./install.sh"),
    ("backend is rubbish", lambda m: m.backend.write_text("#!/no/such\n"), "backend", "not run", "./install.sh"),
    ("folder closed", lambda m: m.backend.parent.chmod(0o700), "backend", "cannot go into", "chmod a+x"),
    ("own filter gone", lambda m: (m.filters / "texttopcl").unlink(), "filters", "missing", "./install.sh"),
    ("stock filter gone", lambda m: (m.filters / "rastertohp").unlink(), "filters", "missing", "apt-get install cups"),
    ("filter writable", lambda m: (m.filters / "pdftopcl").chmod(0o777), "filters", "others may write", "chmod 0755"),
    ("no descriptions", lambda m: shutil.rmtree(m.models), "descriptions", "no printer desc", "./install.sh"),
    ("damaged", lambda m: (m.models / "pcl5.ppd").write_text("x"), "descriptions", "damaged", "./install.sh"),
    ("MIME gone", lambda m: m.mime.unlink(), "MIME rules", "missing", "restart cups"),
    ("MIME empty", lambda m: m.mime.write_text("# x\n"), "MIME rules", "damaged", "restart cups"),
    ("MIME closed", lambda m: m.mime.chmod(0o600), "MIME rules", "only root", "chmod 0644"),
    ("cache gone", lambda m: m.cache.rmdir(), "cache", "missing", "setpriv --reuid lp"),
    ("cache of root", lambda m: shutil.chown(m.cache, "root", "root"), "cache", "cannot write", "setpriv --reuid lp"),
    ("cache closed", lambda m: m.cache.parent.chmod(0o700), "cache", "cannot go into", "chmod a+x"),
    ("audit gone", lambda m: m.audit.unlink(), "audit log", "missing", "install -o lp -g adm"),
    ("audit of root", lambda m: shutil.chown(m.audit, "root", "root"), "audit log", "cannot write", "chown lp:adm"),
    ("audit closed", lambda m: m.audit.parent.chmod(0o700), "audit log", "cannot go into", "chmod a+x"),
    ("pins gone", lambda m: m.pins.unlink(), "pin file", "missing", "ipps443ctl pin HOST"),
    ("pins writable", lambda m: m.pins.chmod(0o666), "pin file", "others may write", "chmod 0640"),
    ("pins not of lp", lambda m: shutil.chown(m.pins, "root", "root"), "pin file", "cannot read", "chown root:lp"),
    ("pins folder", lambda m: m.pins.parent.chmod(0o777), "pin file", "others may replace", "chmod 0755"),
    ("pins closed", lambda m: m.pins.parent.chmod(0o700), "pin file", "cannot go into", "chmod a+x"),
    ("pins damaged", lambda m: m.pins.write_text("# x\nrubbish\n"), "pin file", "", "correct line 2"),
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
    ("bad URI", lambda m: m.queue.update({"device-uri": "ipps443://a/?pim=x"}), "queues", "pim", "lpadmin -p q -v"),
    ("no pin", lambda m: m.queue.update({"device-uri": "ipps443://b/"}), "queues", "no pin", "ipps443ctl pin b"),
    ("PPD gone", lambda m: m.ppd.unlink(), "queue descriptions", "missing", "lpadmin -p q -m"),
    ("PPD damaged", lambda m: m.ppd.write_text("x"), "queue descriptions", "damaged", "lpadmin -p q -m"),
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
    """What is broken is found by its check, and by no other that stands before it."""
    _, do, check, trouble, mend = broken
    do(machine)
    found = machine.findings()
    assert found and found[0]["check"] == check
    assert trouble in f"{found[0]['subject']}: {found[0]['trouble']}" and mend in found[0]["mend"]


#: What is mended by a command that needs no cupsd, no printer and no package.
MENDED_HERE = [case for case in BROKEN if case[4].startswith(("chmod", "chown", "setpriv", "install"))]


@pytest.mark.parametrize("broken", MENDED_HERE, ids=[case[0] for case in MENDED_HERE])
def test_the_command_mends_it(machine: Machine, broken: tuple[str, Break, str, str, str]) -> None:
    """The commands that are named mend what is broken, run as they stand."""
    broken[1](machine)
    for finding in machine.findings():
        mend = finding["mend"].removesuffix(" && systemctl restart cups")
        done = subprocess.run(["/bin/sh", "-c", mend], capture_output=True, text=True)
        assert done.returncode == 0, (mend, done.stderr)
    assert machine.findings() == []


def test_own_filters_are_looked_for_without_descriptions(machine: Machine) -> None:
    """With no description that names them, our filters are missing all the same."""
    shutil.rmtree(machine.models)
    for name in ("texttopcl", "pdftopcl"):
        (machine.filters / name).unlink()
    missing = [finding["subject"] for finding in machine.findings() if finding["check"] == "filters"]
    assert missing == [str(machine.filters / name) for name in ("pdftopcl", "texttopcl")]


def test_where_the_installer_is(machine: Machine) -> None:
    """Whoever is sent to install.sh learns where it is."""
    machine.backend.unlink()
    machine.pins.unlink()
    machine.mime.unlink()
    mends = [finding["mend"] for finding in machine.findings() if "./install.sh" in finding["mend"]]
    assert len(mends) == 3 and all(mend.endswith("(in a copy of the sources)") for mend in mends)


def test_missing_packages(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """A Python package or a program that is not there is named with the package that brings it."""
    monkeypatch.setattr(checks, "PACKAGES", (("no_such_module", "python3-no-such"),))
    monkeypatch.setattr(checks, "PROGRAMS", {"pdftopcl": ("no-such-program", "no-such")})
    assert [finding["mend"] for finding in machine.findings()] == [
        "apt-get install python3-no-such",
        "apt-get install no-such",
    ]


@pytest.mark.parametrize(
    "word, mend",
    [
        ("cups-pki-unknown-error", "ipps443ctl pin printer"),
        ("cups-pki-changed", "ipps443ctl pin printer --replace"),
        ("cups-pki-expired", "ipps443ctl pin printer --replace"),
        ("cups-certificate-error", "ipps443ctl verify printer"),
    ],
)
def test_stopped_by_a_certificate(machine: Machine, word: str, mend: str) -> None:
    """A queue that a certificate has stopped is mended by the pin, not by cupsenable."""
    reasons = {"printer-state": 5, "printer-state-reasons": ["paused", word], "printer-state-message": "Changed"}
    machine.queue.update(reasons)
    (finding,) = machine.findings()
    assert finding["mend"] == mend and "Changed" in finding["trouble"]


def test_one_good_pin_is_enough(machine: Machine) -> None:
    """While old and new certificate are pinned, the end of the old one is no trouble."""
    machine.pin(SHORT.cert_pem)
    assert machine.findings() == []


def test_expired_pin(machine: Machine) -> None:
    """A certificate that has ended is told, with the day."""
    machine.pin(make_certificate("printer", not_before=day(1970), not_after=day(1972)).cert_pem, "--replace")
    (finding,) = machine.findings()
    assert "ended on 1972-01-01" in finding["trouble"]


def test_authority(machine: Machine) -> None:
    """A CA that ends, is gone or is rubbish is found; the command that mends it names the printer."""
    machine.pin(make_authority("Site CA").cert_pem, "--ca", "--replace")
    assert machine.findings() == []
    (name,) = (pin.ca for pin in machine.desk.pins.pins)
    file = machine.pins.with_name(str(name))
    shutil.chown(file, "root", "root")
    assert "chown root:lp" in machine.findings()[0]["mend"]
    file.write_text("rubbish")
    assert "ipps443ctl import --ca FILE printer --replace" in machine.findings()[0]["mend"]
    file.unlink()
    assert "does not exist" in machine.findings()[0]["trouble"]


def test_raw_queue(machine: Machine) -> None:
    """A queue without a description may be meant so: a note, and exit code 0."""
    machine.ppd.unlink()
    machine.queue["printer-make-and-model"] = "Local Raw Printer"
    (finding,) = machine.findings()
    assert "note  q: " in machine.desk.output and "WRONG" not in machine.desk.output
    assert finding["level"] == "note" and finding["check"] == "queue descriptions"


def test_pins_in_the_uri(machine: Machine) -> None:
    """A queue with its own pin, or that trusts the system's CAs, needs no line in the pin file."""
    for option in (f"pin=sha256:{'0' * 64}", "trust=system"):
        machine.queue["device-uri"] = f"ipps443://b/?{option}"
        assert machine.findings() == []


def test_one_queue(machine: Machine) -> None:
    """With a name only that queue is looked at; one that is not there, or not ours, is told."""
    machine.cups.queues["second"] = {**machine.queue, "printer-state": 5}
    machine.queue["printer-type"] = checks.REJECTING
    machine.cups.queues["second"]["printer-type"] = 0
    assert {finding["subject"] for finding in machine.findings("second")} == {"second"}
    found = {name: machine.findings(name) for name in ("second", "nothing", "other")}
    assert "is stopped" in found["second"][0]["trouble"] and found["second"][-1]["check"] == "printer"
    assert "no such queue" in found["nothing"][0]["trouble"] and "ipps443ctl add" in found["nothing"][0]["mend"]
    assert "not through ipps443" in found["other"][0]["trouble"]


def test_printer_of_a_queue(machine: Machine) -> None:
    """With a name the printer is proven too: well, with another key, and out of reach."""
    own = make_certificate("localhost")
    with Printer(certificate=own) as printer:
        machine.queue["device-uri"] = uri(printer)
        assert machine.desk.run("pin", f"localhost:{printer.port}", "--yes") == 0
        assert machine.findings("q") == []
        printer.certificate = OTHER
        (finding,) = machine.findings("q")
        assert finding["check"] == "printer" and "[T02]" in finding["trouble"]
        assert printer.http_bytes == 0
        assert machine.findings() == []
    (finding,) = machine.findings("q")
    assert "[N01]" in finding["trouble"]


def test_needs_root(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody else is told to use sudo, and not that everything is broken."""
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert machine.desk.run("doctor") == 1 and "sudo" in machine.desk.errors and machine.desk.output == ""


# --- with a real cupsd ------------------------------------------------------------------------------------


def doctor(server: CupsServer, *arguments: str) -> subprocess.CompletedProcess[str]:  # noqa: F811
    return control(server, "doctor", *arguments)


def test_with_cupsd(server: CupsServer) -> None:  # noqa: F811
    """What cupsd says about a real queue is understood: well, stopped, closed, and its description removed."""
    with Printer(certificate=make_certificate("localhost")) as printer:
        pinned = control(server, "pin", f"localhost:{printer.port}", "--yes")
        assert pinned.returncode == 0, pinned.stderr
        server.add_queue("sick", uri(printer), PCL5E)
        before = doctor(server, "sick").stdout
        assert "\nqueues               ok" in before and "\nprinter              ok" in before, before
        assert "\nqueue descriptions   ok" in before and "\nbackend              WRONG" not in before
        server.run("cupsreject", "sick")
        server.run("cupsdisable", "-r", "gone fishing", "sick")
        (server.etc / "ppd" / "sick.ppd").unlink()
        wait_until(lambda: "cupsenable sick" in doctor(server, "sick").stdout, 10, "finding")
        after = doctor(server, "sick")
        for words in ("gone fishing", "cupsenable sick", "cupsaccept sick", "lpadmin -p sick -m"):
            assert words in after.stdout
        assert after.returncode == 1
        for mend in re.findall(r"mend:  ((?:cupsenable|cupsaccept|lpadmin) .*)", after.stdout):
            command = mend.partition("  (")[0].replace("ipps443/...", PCL5E)
            server.run(*shlex.split(command))
        wait_until(lambda: "WRONG  " not in queue_lines(doctor(server, "sick").stdout), 10, "mended queue")


def queue_lines(text: str) -> str:
    """Return what doctor says about queues and the printer; the rest of a private cupsd is not as installed."""
    return text[text.index("\ncupsd ") :]
