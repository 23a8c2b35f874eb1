"""ipps443ctl add: from nothing to a queue, and with a real cupsd from nothing to paper."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.control.testpage import A4, draw_page
from backend.trust.fingerprint import as_hex
from tests.cups.server import CupsServer, why_not
from tests.printer import Certificate, Faults, Printer, make_certificate
from tests.unit.control.conftest import Cups, Desk
from tests.unit.control.models import install_models

LAUNCHER = Path(__file__).resolve().parents[3] / "backend" / "ipps443ctl"
OWN, OTHER = (make_certificate("localhost") for _ in range(2))


@pytest.fixture
def cupsd() -> Cups:
    return Cups({"old": {"device-uri": "ipp://elsewhere/"}})


@pytest.fixture
def desk(tmp_path: Path, cupsd: Cups) -> Desk:
    """An administrator of a machine with some descriptions and cupsd."""
    return Desk(tmp_path, cups=lambda: cupsd, environ=install_models(tmp_path / "data"))


@pytest.fixture
def printer() -> Iterator[Printer]:
    with Printer(certificate=OWN) as printer:
        yield printer


def uri(printer: Printer, rest: str = "") -> str:
    return f"ipps443://localhost:{printer.port}{rest}"


def pins_of(certificate: Certificate) -> list[tuple[bytes | None, bytes | None]]:
    return [(certificate.cert_sha256, certificate.spki_sha256)]


# --- trust ------------------------------------------------------------------------------------------------


def test_asks_before_it_trusts(desk: Desk, cupsd: Cups, printer: Printer) -> None:
    """On a terminal the certificate is shown, and yes pins it and makes the queue."""
    desk.typed = "yes\n"
    assert desk.run("add", "front-desk", uri(printer)) == 0
    assert as_hex(OWN.cert_sha256) in desk.output and "lp -d front-desk" in desk.output
    assert desk.on_file("localhost", printer.port) == pins_of(OWN)
    (made,) = cupsd.made
    assert (made["name"], made["device"]) == ("front-desk", uri(printer, "/ipp/print"))
    assert made["ppdname"] == "ipps443/pcl5.ppd" and made["accepts"] == "front-desk"
    assert cupsd.enabled == ["front-desk"] and not printer.jobs


@pytest.mark.parametrize("typed, status", [("\n", 1), ("no\n", 1), (None, 2)])
def test_no_is_no(desk: Desk, cupsd: Cups, printer: Printer, typed: str | None, status: int) -> None:
    """No, or nobody to ask: no pin, no queue, no byte of HTTP."""
    desk.typed = typed
    assert desk.run("add", "front-desk", uri(printer)) == status
    assert (desk.text, cupsd.made, printer.http_bytes) == (None, [], 0)


def test_fingerprint(desk: Desk, cupsd: Cups, printer: Printer) -> None:
    """A fingerprint takes the place of the question, and must fit, also when the printer is pinned already."""
    right, wrong = (["--fingerprint", as_hex(made.spki_sha256)] for made in (OWN, OTHER))
    assert desk.run("add", "one", uri(printer), *wrong) == 1 and desk.text is None
    assert desk.run("add", "one", uri(printer), *right) == 0
    assert desk.run("add", "two", uri(printer), *right) == 0
    assert desk.run("add", "three", uri(printer), *wrong) == 1
    assert [made["name"] for made in cupsd.made] == ["one", "two"]


def test_changed_certificate(desk: Desk, cupsd: Cups, printer: Printer) -> None:
    """A printer that is pinned with another certificate is refused even with --yes, unless --replace is said too."""
    desk.write(f"localhost:{printer.port} spki-sha256:{OTHER.spki_sha256.hex()}\n")
    before = desk.text
    assert desk.run("add", "one", uri(printer), "--yes") == 1 and "[T02]" in desk.errors
    assert (desk.text, cupsd.made, printer.http_bytes) == (before, [], 0)
    assert desk.run("add", "one", uri(printer), "--yes", "--replace") == 0
    assert desk.on_file("localhost", printer.port) == pins_of(OWN)


def test_pin_in_the_uri(desk: Desk, cupsd: Cups, printer: Printer) -> None:
    """A URI with a pin of its own needs no pin file; with a wrong one nothing is pinned beside it."""
    good = uri(printer, f"/ipp/print?pin={as_hex(OWN.spki_sha256)}")
    assert desk.run("add", "one", good) == 0 and cupsd.made[0]["device"] == good
    for more in ((), ("--replace",)):
        assert desk.run("add", "two", uri(printer, f"?pin={as_hex(OTHER.spki_sha256)}"), "--yes", *more) == 1
    assert desk.text is None and len(cupsd.made) == 1


def test_damaged_pin_file(desk: Desk, cupsd: Cups, printer: Printer) -> None:
    """A pin file that cannot be read is no reason to begin a new one."""
    desk.write("rubbish\n")
    assert desk.run("add", "one", uri(printer), "--yes") == 1 and "line 1" in desk.errors
    assert desk.text == "rubbish\n" and not cupsd.made


def test_missing_authority(desk: Desk, cupsd: Cups, printer: Printer) -> None:
    """A printer that a CA vouches for, whose file is gone, is not pinned in passing."""
    line = f"localhost:{printer.port} ca:gone.pem\n"
    desk.write(line)
    assert desk.run("add", "one", uri(printer), "--fingerprint", as_hex(OWN.cert_sha256)) == 1
    assert "gone.pem" in desk.errors and desk.text == line and not cupsd.made


# --- the queue --------------------------------------------------------------------------------------------


def test_what_was_found_is_used(desk: Desk, cupsd: Cups) -> None:
    """Path and TLS options that the printer needs go into the queue; path and model into the pin too."""
    with Printer(certificate=OWN, faults=Faults(path="/printer", tls="1.0")) as printer:
        value = desk.value("add", "one", uri(printer, "?resend=yes"), "--yes", "--label", "Room 1")
        expected = uri(printer, "/printer?resend=yes&tls=legacy")
        assert cupsd.made[0]["device"] == value["device_uri"] == expected
        assert cupsd.made[0]["info"] == "Room 1" and value["queue"] == "one"
        (pin,) = desk.pins.pins
        assert (pin.path, pin.model, pin.label) == ("/printer", value["printer"]["make_and_model"], "Room 1")
        assert value["pinned"]["spki_sha256"] == OWN.spki_sha256.hex()


def test_password(desk: Desk, cupsd: Cups) -> None:
    """The password goes to cupsd in the device URI, and into no word of ours."""
    with Printer(certificate=OWN, faults=Faults(auth="basic")) as printer:
        assert desk.run("add", "one", uri(printer), "--yes") == 1 and "--model" in desk.errors and not cupsd.made
        secret = uri(printer, "/ipp/print").replace("://", "://someone:secret@")
        assert desk.run("add", "one", secret) == 0
        assert cupsd.made[0]["device"] == secret
        assert "secret" not in desk.output + desk.errors + str(desk.text)


def test_model(desk: Desk, cupsd: Cups, printer: Printer, tmp_path: Path) -> None:
    """--model decides; without it a printer that no description fits is refused with the installed ones."""
    assert desk.run("add", "one", uri(printer), "--yes", "--model", "drv:///sample.drv/laserjet.ppd") == 0
    assert cupsd.made[0]["ppdname"] == "drv:///sample.drv/laserjet.ppd"
    desk.environ = install_models(tmp_path / "other", **{"only.ppd": "*PPD-Adobe"})
    assert desk.run("add", "two", uri(printer)) == 1
    assert "--model" in desk.errors and "ipps443/only.ppd" in desk.errors and len(cupsd.made) == 1


def test_name_in_use(desk: Desk, cupsd: Cups, printer: Printer) -> None:
    """A queue that prints elsewhere is left alone, before anything is pinned; one for this printer is set up anew."""
    assert desk.run("add", "old", uri(printer), "--yes") == 1
    assert "ipp://elsewhere/" in desk.errors and desk.text is None and not cupsd.made
    cupsd.queues["same"] = {"device-uri": uri(printer, "/other")}
    assert desk.run("add", "same", uri(printer), "--yes") == 0 and len(cupsd.made) == 1


@pytest.mark.parametrize("name", ["", "a b", "a/b", "a#b", "-x", "ä" * 64])
def test_bad_name(desk: Desk, printer: Printer, name: str) -> None:
    """What cupsd takes for no name is refused first."""
    assert desk.run("add", "--yes", "--", name, uri(printer)) == 2 and desk.text is None


def test_without_cupsd(desk: Desk, printer: Printer) -> None:
    """Without cupsd nothing is pinned either; a refusal of cupsd is told."""
    good = desk.cups
    desk.cups = Desk.cups
    assert desk.run("add", "one", uri(printer), "--yes") == 1 and "cupsd does not answer" in desk.errors
    assert desk.text is None
    desk.cups = good
    assert desk.run("add", "forbidden", uri(printer), "--yes") == 1 and "client-error-forbidden" in desk.errors


# --- with a real cupsd ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def server() -> Iterator[CupsServer]:
    """A cupsd of its own."""
    reason = why_not()
    if reason:
        pytest.skip(reason)
    with CupsServer() as server:
        yield server


def control(server: CupsServer, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run ipps443ctl against this cupsd."""
    environ = {
        "CUPS_SERVERROOT": str(server.etc),
        "CUPS_SERVER": server.socket,
        "CUPS_CACHEDIR": str(server.root / "cache"),
        "CUPS_DATADIR": str(server.root / "data"),
        "CUPS_SERVERBIN": str(server.root / "bin"),
        "PATH": os.environ["PATH"],
    }
    return subprocess.run([str(LAUNCHER), *arguments], env=environ, capture_output=True, text=True, timeout=60)


def test_from_nothing_to_paper(server: CupsServer, printer: Printer, tmp_path: Path) -> None:
    """Two commands: add, and lp. Then the device list shows the printer with its model."""
    document = tmp_path / "a.txt"
    document.write_text("hello\n")
    fingerprint = as_hex(OWN.cert_sha256)
    done = control(server, "add", "front-desk", uri(printer), "--fingerprint", fingerprint, "--label", "Front desk")
    assert (done.returncode, done.stderr) == (0, "")
    assert server.wait(server.lp("front-desk", document)) == "completed"
    assert b"hello" in printer.printed[0].document
    document.with_suffix(".pdf").write_bytes(draw_page([("queue", "front-desk")], A4))
    assert server.wait(server.lp("front-desk", document.with_suffix(".pdf"))) == "completed"
    assert len(printer.printed) == 2 and len(printer.printed[1].document) > 1000
    listed = server.run("lpinfo", "-l", "-v").stdout
    assert f"uri = {uri(printer)}" in listed and "info = Front desk" in listed and "Scripted" in listed
