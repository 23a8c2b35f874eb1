"""The driver program: what cups-driverd is told, how fast, and what never leaves."""

from __future__ import annotations

import os
import re
import resource
import socket
import subprocess
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.control import driver
from backend.device_uri import parse_device_uri
from backend.ipp.message import attribute
from backend.ipp.tags import Tag
from backend.trust.pin_file import Pin
from tests.printer import Faults, Printer, make_certificate
from tests.unit.control.conftest import Desk, pinned

LAUNCHER = Path(__file__).resolve().parents[3] / "backend" / "driver"
OWN, OTHER = (make_certificate("localhost") for _ in range(2))
PDF = {"document-format-supported": attribute("document-format-supported", Tag.MIME_MEDIA_TYPE, "application/pdf")}


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the launcher as cups-driverd does."""
    environ = {"CUPS_SERVERROOT": str(folder), "PATH": "/usr/bin:/bin"}
    return subprocess.run([str(LAUNCHER), *words], env=environ, capture_output=True, text=True, timeout=30)


# --- list -------------------------------------------------------------------------------------------------


def fields(line: bytes) -> list[str]:
    """Take a line apart as cups-driverd does."""
    found = re.fullmatch(rb'"([^"\n]{1,255})" ([a-z]+) "([^"]{0,127})" "([^"]{0,255})" "([^"]{0,255})"\n', line)
    assert found, line
    return [field.decode() for field in found.groups()]


@pytest.mark.parametrize(
    "one, line",
    [
        (
            Pin("printer", 443, bytes(32), model="HP LaserJet M605", label="Hall"),
            ["ipps443://printer", "HP", "HP LaserJet M605 at Hall", "MFG:HP;MDL:LaserJet M605;"],
        ),
        (Pin("printer", 8443, bytes(32), path="/a b"), ["ipps443://printer:8443/a%20b", "Unknown", "at printer", ""]),
        (Pin("fe80::1%eth0", 443, bytes(32)), ["ipps443://[fe80::1%25eth0]", "Unknown", "at fe80::1%eth0", ""]),
        (
            Pin("p", 443, bytes(32), model='a"b\\c', label="x\ny"),
            ["ipps443://p", "a'b/c", "a'b/c at x y", "MFG:a;MDL:b c;"],
        ),
    ],
)
def test_each_pinned_printer_has_a_line(one: Pin, line: list[str]) -> None:
    """Its URI as the name; make, model and where it is; nothing that cups-driverd could misread."""
    name, language, make, shown, identity = fields(driver.driver_lines([one])[0])
    assert (name, language, make, identity) == (line[0], "en", line[1], line[3])
    assert line[2] in shown and shown.endswith("(ipps443, from the printer)")


PRINTABLE = st.text().filter(str.isprintable)


@given(PRINTABLE, PRINTABLE, PRINTABLE)
def test_lines_of_any_words(model: str, label: str, path: str) -> None:
    """Whatever a pin line holds, its line is one that is read, with a name that is one of ours, or there is none."""
    for line in driver.driver_lines([Pin("printer", 443, bytes(32), model=model, label=label, path="/" + quote(path))]):
        assert parse_device_uri(fields(line)[0]).host == "printer"


def test_long_names_are_left_out() -> None:
    """A name that cups-driverd would stumble over is not listed, and those behind it are; other words are cut."""
    names = ["ipps443://p".ljust(length, "/") for length in (241, 240)]
    pins = [Pin("p", 443, bytes(32), path=name[11:], model="m" * 101 + " " + "n" * 120) for name in names]
    (line,) = map(fields, driver.driver_lines(pins))
    assert line[0] == names[1] and [*map(len, line[2:])] == [100, 120, 120]
    assert driver.read_name("ipps443://p".ljust(1000, "/")).host == "p"
    with pytest.raises(driver.NoDescription, match="longer than 1000"):
        driver.read_name("ipps443://p".ljust(1001, "/"))


def test_several_pins_are_one_line(desk: Desk) -> None:
    """A printer with two pins is listed once; without a pin file there is nothing, and no error."""
    empty = run(desk.folder, "list")
    assert (empty.returncode, empty.stdout) == (0, "")
    with Printer(certificate=OWN) as printer:
        uri = pinned(desk, printer)
        listed = run(desk.folder, "list")
        assert listed.returncode == 0 and listed.stdout.count("\n") == 1 and uri in listed.stdout
        assert len(printer.requests) == 0


def test_a_thousand_pins(tmp_path: Path) -> None:
    """The list of a thousand printers takes at most 0.1 s of the processor, and loads neither TLS nor cryptography."""
    folder = tmp_path / "ipps443"
    folder.mkdir()
    hosts = (f'printer{number}:443  spki-sha256:{number:064x}  model="Make Model {number}"\n' for number in range(1000))
    (folder / "pins").write_text("".join(hosts))
    (folder / "pins").chmod(0o640)
    times = []
    for _ in range(5):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = run(tmp_path, "list")
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        times.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    assert done.stdout.count("\n") == 1000
    assert min(times) <= 0.1, times
    program = "import sys; from backend.control.driver import main; main(['ipps443', 'list'], {}); print(*sys.modules)"
    loaded = subprocess.run(
        ["/usr/bin/python3", "-c", program], capture_output=True, text=True, cwd=LAUNCHER.parents[1]
    )
    assert not {"ssl", "cryptography", "h11", "argparse"} & set(loaded.stdout.split())


# --- cat --------------------------------------------------------------------------------------------------


def test_cat_is_what_describe_makes(desk: Desk) -> None:
    """The whole description, on standard output, and nothing else."""
    with Printer(certificate=OWN, attributes=PDF) as printer:
        uri = pinned(desk, printer)
        made = run(desk.folder, "cat", uri)
        assert (made.returncode, made.stderr) == (0, "")
        assert desk.run("describe", uri) == 0
        assert made.stdout.startswith('*PPD-Adobe: "4.3"\n') and made.stdout in desk.output


@pytest.mark.parametrize(
    "name",
    [
        "ipps443://user@localhost:{port}",
        "ipps443://user:secret@localhost:{port}",
        "ipps443://localhost:{port}?tsl=1.2",
        "ipp://localhost:{port}",
        "",
    ],
)
def test_names_that_are_refused(desk: Desk, name: str) -> None:
    """Who writes a password where all can read it, or an option that is none, gets a message and no description."""
    with Printer(certificate=OWN, attributes=PDF) as printer:
        pinned(desk, printer)
        done = run(desk.folder, "cat", name.format(port=printer.port))
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.startswith("ERROR: ") and done.stderr.count("\n") == 1 and "secret" not in done.stderr
        assert not printer.requests


@pytest.mark.parametrize("words", [(), ("cat",), ("list", "x"), ("cat", "a", "b"), ("help",)])
def test_other_words(tmp_path: Path, words: tuple[str, ...]) -> None:
    """What is neither list nor cat is an error."""
    done = run(tmp_path, *words)
    assert (done.returncode, done.stdout) == (1, "") and done.stderr.startswith("ERROR: Usage")


def test_a_printer_that_is_not_trusted_gets_no_byte(desk: Desk) -> None:
    """Unknown, and with a different certificate than the pinned one: not a byte of HTTP, no description."""
    folder = desk.folder
    with Printer(certificate=OWN, attributes=PDF) as printer:
        pinned(desk, printer)
        with Printer(certificate=OTHER, attributes=PDF) as other:
            done = run(folder, "cat", f"ipps443://localhost:{other.port}")
            assert (done.returncode, done.stdout) == (1, "") and "[T" in done.stderr and not other.http_bytes


@pytest.mark.parametrize("attributes", [{}, {"x": 1}])
def test_printers_without_a_description(desk: Desk, attributes: dict[str, Any]) -> None:
    """One that takes nothing that can be made for it, and one that wants a password, which a name cannot have."""
    pcl = attribute("document-format-supported", Tag.MIME_MEDIA_TYPE, "application/vnd.hp-pcl")
    faults = Faults(auth="basic") if attributes else Faults()
    with Printer(certificate=OWN, attributes={"document-format-supported": pcl}, faults=faults) as printer:
        uri = pinned(desk, printer)
        done = run(desk.folder, "cat", uri)
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.startswith("ERROR: ") and f"ipps443ctl describe {uri}" in done.stderr


def test_it_never_takes_longer_than_it_may(desk: Desk) -> None:
    """A printer that stops answering costs cupsd five seconds, not more."""
    with Printer(certificate=OWN, attributes=PDF) as printer:
        uri = pinned(desk, printer)
    with socket.create_server(("127.0.0.1", int(uri.rpartition(":")[2]))):
        began = time.monotonic()
        done = run(desk.folder, "cat", uri)
        assert time.monotonic() - began < driver.LONGEST + 1
        assert (done.returncode, done.stdout) == (1, "") and "ipps443ctl describe" in done.stderr


def test_the_whole_is_limited(desk: Desk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """However the time is spent, it ends, with a message and nothing on standard output."""
    monkeypatch.setattr(driver, "LONGEST", 0.2)
    monkeypatch.setattr(driver, "make_text", lambda name, environ: time.sleep(5))
    with (tmp_path / "out").open("wb") as output, (tmp_path / "err").open("wb") as errors:
        assert driver.main(["ipps443", "cat", "ipps443://p"], os.environ, output.fileno(), errors.fileno()) == 1
    assert (tmp_path / "out").read_bytes() == b"" and b"more than 0.2 seconds" in (tmp_path / "err").read_bytes()


def test_a_name_shows_no_client_certificate(desk: Desk) -> None:
    """Who may ask cupsd for a description chooses the name, and with a pin of his own who would get to see it."""
    with Printer(certificate=OTHER, attributes=PDF) as printer:
        name = f"ipps443://localhost:{printer.port}/?pin=sha256:{OTHER.cert_sha256.hex()}&clientcert=office"
        done = run(desk.folder, "cat", name)
        assert (done.returncode, done.stdout) == (1, "") and "client certificate" in done.stderr
        assert printer.handshakes == 0


def test_a_name_in_a_command_is_one_word(desk: Desk) -> None:
    """The message may be pasted, and the name is anyone's."""
    done = run(desk.folder, "cat", "ipps443://localhost:1/$(id);id")
    assert done.returncode == 1 and "ipps443ctl describe 'ipps443://localhost:1/$(id);id'" in done.stderr
