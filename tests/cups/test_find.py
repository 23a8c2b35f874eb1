"""ipps443ctl find with avahi-daemon: printers that announce themselves, an impostor, and someone who only does harm."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from filters.common.printable import printable
from tests.cups.avahi import ADDRESS, Wire, why_not
from tests.cups.server import wait_until

ONE, TWO = 8631, 8632
#: What cannot be a name in DNS-SD is refused by avahi-publish itself; all of this can be one.
ATTACK = "\x1b]0;x\x07\x1b[2J\u202eEvil;\"'\\\npinned  $(reboot)"


@pytest.fixture
def wire(tmp_path: Path) -> Iterator[Wire]:
    """A network with two printers, whose keys are made."""
    if why_not():
        pytest.skip(why_not())
    folder = tmp_path / "wire"
    folder.mkdir()
    with Wire(folder) as network:
        network.announce_printer("Printer One", ONE)
        network.announce_printer("Printer Two", TWO)
        yield network


def find(wire: Wire, root: Path, count: int, *words: str) -> str:
    """Search until so many printers are found and each has made a handshake; return what was said of them.

    Machines under load take their time.
    """
    seconds = iter(["5"])

    def search() -> str:
        done = wire.ipps443ctl(root, "find", "--timeout", next(seconds, "30"), *words)
        said = done.stdout
        is_whole = said.count("sha256:" if not words else '"cert_sha256": "') == count
        return said if is_whole and done.returncode == int("CHANGED" in said) else ""

    return wait_until(search, 240, f"{count} printers, see {wire.folder}/log")


def found(wire: Wire, root: Path, count: int) -> list[dict[str, Any]]:
    """Return the printers that are found, as values."""
    printers: list[dict[str, Any]] = json.loads(find(wire, root, count, "--json"))["printers"]
    return printers


def states(printers: list[dict[str, Any]]) -> dict[str, str]:
    return {each["name"]: each["state"] for each in printers}


def test_printers_and_an_impostor(wire: Wire, tmp_path: Path) -> None:
    """Two printers are found; the one that is pinned is pinned; whoever takes its name and place is CHANGED."""
    root = tmp_path / "etc"
    (root / "ipps443").mkdir(parents=True)
    assert states(found(wire, root, 2)) == {"Printer One": "not pinned", "Printer Two": "not pinned"}
    assert list(root.rglob("*")) == [root / "ipps443"]
    done = wire.ipps443ctl(root, "pin", f"{ADDRESS}:{ONE}", "--yes")
    assert done.returncode == 0, done.stderr
    before = (root / "ipps443" / "pins").read_bytes()
    printers = found(wire, root, 2)
    assert states(printers) == {"Printer One": "pinned", "Printer Two": "not pinned"}
    command = f"ipps443ctl add printer-two 'ipps443://{ADDRESS}:{TWO}'"
    assert [each["command"] for each in printers if each["name"] == "Printer Two"] == [command]

    wire.stop(wire.printers[0])
    wire.announce_printer("Printer One", ONE)
    wait_until(lambda: states(found(wire, root, 2))["Printer One"] == "CHANGED", 120, "verdict about the impostor")
    assert "CHANGED     Printer One  " in find(wire, root, 2)
    assert (root / "ipps443" / "pins").read_bytes() == before


def test_someone_announces_anything(wire: Wire, tmp_path: Path) -> None:
    """Escape sequences, quotes and line ends are shown, and a port that prints what comes is not tried."""
    txt = [f"ty={ATTACK}", f"note={ATTACK}", "rp=x?pin=sha256:00", "UUID=\udcff"]
    wire.start(["avahi-publish", "--service", ATTACK, "_ipps._tcp", str(TWO), *txt])
    wire.start(["avahi-publish", "--service", "Raw", "_ipp._tcp", "9100", "ty=x"])
    said = find(wire, tmp_path, 3)
    assert len(said.splitlines()) == 3 and "Evil" in said and "Raw" not in said
    for line in said.split("\n"):
        assert printable(line) == line
        assert not line.startswith("pinned ")


def test_no_daemon(wire: Wire, tmp_path: Path) -> None:
    """Without avahi-daemon it says so, and what to do."""
    done = wire.ipps443ctl(tmp_path, "find", DBUS_SYSTEM_BUS_ADDRESS="unix:path=/nowhere")
    assert done.returncode == 1
    assert "run: systemctl start avahi-daemon" in done.stderr
