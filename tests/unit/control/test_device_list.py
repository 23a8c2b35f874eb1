"""ipps443ctl find --in-device-list: printers that are not pinned in the device list of CUPS, once root wants them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from backend.control.network import Network
from backend.discovery import list_devices
from tests.printer import Printer, make_certificate
from tests.unit.control.conftest import Desk
from tests.unit.control.test_find import ATTACK, announce, line

OWN, OTHER = (make_certificate("localhost") for _ in range(2))


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    (tmp_path / "cache" / "ipps443").mkdir(parents=True)
    desk = Desk(tmp_path, environ={"CUPS_CACHEDIR": str(tmp_path / "cache")})
    desk.write("")
    return desk


@pytest.fixture
def printer() -> Iterator[Printer]:
    with Printer(certificate=OWN) as printer:
        yield printer


@pytest.fixture
def now(desk: Desk) -> None:
    """The desk's clock is that of the device list."""
    desk.now = datetime.now(timezone.utc)


def devices(desk: Desk, capfd: pytest.CaptureFixture[str]) -> list[str]:
    """Return the lines of the device list for printers."""
    capfd.readouterr()
    assert list_devices(desk.path, desk.environ) == 0
    return capfd.readouterr().out.splitlines()[1:]


def test_on_and_off(desk: Desk, printer: Printer, now: None, capfd: pytest.CaptureFixture[str]) -> None:
    """Switched on, they stand there at once, and a timer keeps it so; switched off, they are gone at once."""
    announce(desk, line("Hall", printer.port))
    assert devices(desk, capfd) == []
    assert desk.run("find", "--in-device-list", "on") == 0, desk.errors
    assert desk.timer == [True] and desk.output.splitlines()[0].endswith("now: 1.")
    uri = f"ipps443://127.0.0.1:{printer.port}"
    assert devices(desk, capfd) == [f'network {uri} "Make 7" "not pinned: Hall"']
    assert desk.run("find", "--in-device-list", "off") == 0
    assert desk.timer == [True, False]
    assert devices(desk, capfd) == [] and list((desk.folder / "cache" / "ipps443").iterdir()) == []
    assert printer.requests == []


def test_what_the_timer_does(desk: Desk, printer: Printer, now: None, capfd: pytest.CaptureFixture[str]) -> None:
    """It looks again while it is switched on, and not at all otherwise."""
    network = announce(desk, line("Hall", printer.port))
    assert desk.run("find", "--fill-device-list") == 0
    assert network.met == [] and devices(desk, capfd) == []
    assert desk.run("set", "found-in-device-list=on") == 0
    assert desk.run("find", "--fill-device-list") == 0
    assert len(devices(desk, capfd)) == 1
    announce(desk)
    assert desk.value("find", "--fill-device-list")["found"] == 0
    assert devices(desk, capfd) == []


def test_pinned_and_changed_are_not_in_it(
    desk: Desk, printer: Printer, now: None, capfd: pytest.CaptureFixture[str]
) -> None:
    """A pinned printer stands there already, and no one is to make a queue for an impostor."""
    desk.write(f'127.0.0.1:{printer.port} spki-sha256:{OWN.spki_sha256.hex()} label="Hall"\n')
    with Printer(certificate=OTHER) as impostor:
        announce(desk, line("Hall", printer.port), line("Hall", impostor.port, host="evil.local"))
        assert desk.value("find", "--in-device-list", "on")["found"] == 0
    assert devices(desk, capfd) == [f'network ipps443://127.0.0.1:{printer.port} "Unknown" "Hall"']


def test_words_of_a_stranger(desk: Desk, printer: Printer, now: None, capfd: pytest.CaptureFixture[str]) -> None:
    """One line, of printable characters, whose title begins with what the printer is."""
    announce(desk, line(ATTACK, printer.port, txt=f'"ty={ATTACK}"'))
    assert desk.run("find", "--in-device-list", "on") == 0
    (device,) = devices(desk, capfd)
    assert device.isprintable() and '"not pinned: ' in device


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can look at all of it")
def test_doctor_says_when_nothing_fills_it(desk: Desk, printer: Printer) -> None:
    """A timer that has stopped is a warning, with the command that starts it; one that works is none."""
    announce(desk, line("Hall", printer.port))
    assert desk.run("find", "--in-device-list", "on") == 0
    checks = [finding["check"] for finding in desk.value("doctor")["findings"]]
    assert checks and "device list" not in checks
    desk.now += timedelta(hours=2)
    (found,) = [finding for finding in desk.value("doctor")["findings"] if finding["check"] == "device list"]
    assert (found["level"], found["fix"]) == ("warning", "ipps443ctl find --in-device-list on")


def test_without_systemd(desk: Desk, printer: Printer, now: None) -> None:
    """Then cron may do it, and what to write there is said."""
    announce(desk, line("Hall", printer.port))
    desk.timer_trouble = "there is no systemd here"
    assert desk.value("find", "--in-device-list", "on")["timer"] is False
    assert "as lp, every 15 minutes: ipps443ctl find --fill-device-list" in desk.errors


def test_without_avahi_nothing_is_switched_on(desk: Desk, tmp_path: Path) -> None:
    """It says so before anything is written."""
    desk.network = Network({}, folders=str(tmp_path))
    assert desk.run("find", "--in-device-list", "on") == 1
    assert desk.timer == [] and not (desk.folder / "ipps443" / "ipps443.conf").exists()


@pytest.mark.parametrize("words", [["--in-device-list", "on"], ["--fill-device-list"], ["--in-device-list", "off"]])
def test_link_in_the_place_of_the_folder(desk: Desk, printer: Printer, words: list[str]) -> None:
    """lp can put one there; root writes and deletes nothing where it leads."""
    elsewhere = desk.folder / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "found").write_text("mine")
    (desk.folder / "cache" / "ipps443").rmdir()
    (desk.folder / "cache" / "ipps443").symlink_to(elsewhere)
    desk.run("set", "found-in-device-list=on")
    announce(desk, line("Hall", printer.port))
    assert desk.run("find", *words) == 1
    assert "cannot be written" in desk.errors
    assert [(path.name, path.read_text()) for path in elsewhere.iterdir()] == [("found", "mine")]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be someone else")
def test_the_file_belongs_to_lp(desk: Desk, printer: Printer) -> None:
    """Root writes it for whoever the folder belongs to, who alone reads it and can replace it."""
    folder = desk.folder / "cache" / "ipps443"
    os.chown(folder, 7, 7)
    announce(desk, line("Hall", printer.port))
    assert desk.run("find", "--in-device-list", "on") == 0
    status = (folder / "found").stat()
    assert (status.st_uid, status.st_gid, status.st_mode & 0o777) == (7, 7, 0o600)
    assert [path.name for path in folder.iterdir()] == ["found"]
