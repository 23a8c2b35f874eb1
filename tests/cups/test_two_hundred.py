"""Two hundred printers on addresses of their own: added, verified, rotated and removed, each interrupted half-way.

IPPS443_PRINTERS is another number of printers.
"""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from backend.trust.fingerprint import as_hex
from backend.trust.pin_file import Pin
from backend.trust.pin_store import read_pins_if_any
from tests.cups.recorded import LAUNCHER, RECORDED, environ_of_control, words_of
from tests.cups.server import CupsServer, why_not
from tests.printer import Certificate, Faults, Printer, make_certificate

COUNT = int(os.environ.get("IPPS443_PRINTERS", "200"))
#: Seconds that nothing of this takes, however busy the machine is.
LONG = 3600

pytestmark = [pytest.mark.soak, pytest.mark.skipif(bool(why_not()), reason=why_not())]


class Fleet:
    """Printers that say what recorded ones say, each at an address of its own, and the server that they belong to."""

    def __init__(self, server: CupsServer, printers: list[Printer], folder: Path) -> None:
        self._server = server
        self._folder = folder
        self.printers = printers

    def write_list(self) -> str:
        """Write the list with the fingerprints that the printers have now."""
        path = self._folder / "fleet.csv"
        rows = [
            f"q{n},{uri_of(each)},{as_hex(each.certificate.cert_sha256)},Floor {n // 20},Printer {n}"
            for n, each in enumerate(self.printers)
        ]
        path.write_text("queue,uri,fingerprint,location,label\n" + "\n".join(rows) + "\n")
        return str(path)

    @property
    def pins(self) -> tuple[Pin, ...]:
        return read_pins_if_any(str(self._server.etc / "ipps443" / "pins")).pins

    @property
    def queues(self) -> list[str]:
        return sorted(self._server.run("lpstat", "-e", check=False).stdout.split())

    def start(self, *words: str) -> subprocess.Popen[str]:
        command, environ = [str(LAUNCHER), *words, "--json"], environ_of_control(self._server)
        return subprocess.Popen(command, env=environ, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def run(self, *words: str) -> Any:
        """Run a command to its end, and return what it said."""
        process = self.start(*words)
        output, errors = process.communicate(timeout=LONG)
        assert process.returncode == 0, errors
        return json.loads(output)

    def interrupt(self, words: list[str], done: Any) -> None:
        """Run a command and kill it when half of the printers are done."""
        process = self.start(*words)
        end = time.monotonic() + LONG
        while done() < COUNT // 2:
            assert process.poll() is None, f"it ended before it was half done: {process.communicate()}"
            assert time.monotonic() < end
            time.sleep(0.01)
        process.kill()
        process.communicate()


def uri_of(printer: Printer) -> str:
    return f"ipps443://{printer.host}:{printer.port}/ipp/print"


def certificates(count: int) -> list[Certificate]:
    return [make_certificate(f"printer{number}") for number in range(count)]


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[Fleet]:
    words = {name: words_of(name) for name in RECORDED}
    with ExitStack() as stack:
        server = stack.enter_context(CupsServer())
        printers = [
            stack.enter_context(
                Printer(
                    certificate,
                    Faults(format="unlisted-ok"),
                    host=f"127.0.{1 + number // 250}.{1 + number % 250}",
                    attributes=words[RECORDED[number % len(RECORDED)]],
                )
            )
            for number, certificate in enumerate(certificates(COUNT))
        ]
        yield Fleet(server, printers, tmp_path)


def test_from_nothing_to_nothing(fleet: Fleet) -> None:
    """Whatever was killed half-way is run again, and the end is that of a run that nobody disturbed."""
    names = sorted(f"q{number}" for number in range(COUNT))
    path = fleet.write_list()

    fleet.interrupt(["add", "--from", path], lambda: len(fleet.pins))
    half = fleet.queues
    assert 0 < len(half) < COUNT
    value = fleet.run("add", "--from", path)
    assert sum(not each["changed"] for each in value["printers"]) in (len(half), len(half) - 1)
    assert fleet.queues == names and not any(printer.jobs for printer in fleet.printers)
    assert not fleet.run("add", "--from", path)["changed"]
    assert_pinned(fleet)
    assert {each["state"] for each in fleet.run("verify", "--all")["printers"]} == {"trusted"}

    for printer, certificate in zip(fleet.printers, certificates(COUNT)):
        printer.certificate = certificate
    assert fleet_states(fleet) == {"not trusted"}
    path, new = fleet.write_list(), {printer.certificate.cert_sha256 for printer in fleet.printers}
    fleet.interrupt(["pin", "--from", path, "--replace"], lambda: sum(pin.cert_sha256 in new for pin in fleet.pins))
    assert 0 < sum(pin.cert_sha256 not in new for pin in fleet.pins) < COUNT
    assert fleet.run("pin", "--from", path, "--replace")["changed"]
    assert not fleet.run("pin", "--from", path, "--replace")["changed"]
    assert_pinned(fleet)
    assert fleet_states(fleet) == {"trusted"}

    fleet.interrupt(["unpin", "--from", path], lambda: COUNT - len(fleet.pins))
    assert 0 < len(fleet.pins) < COUNT
    fleet.run("unpin", "--from", path)
    assert not fleet.pins and not fleet.run("unpin", "--from", path)["changed"]


def fleet_states(fleet: Fleet) -> set[str]:
    """Return the states of all printers, whatever the exit code."""
    process = fleet.start("verify", "--all")
    output, _ = process.communicate(timeout=LONG)
    return {each["state"] for each in json.loads(output)["printers"]}


def assert_pinned(fleet: Fleet) -> None:
    """Each printer has the pin of its certificate, and no other, in the order of the list."""
    assert [(pin.key, pin.cert_sha256, pin.label) for pin in fleet.pins] == [
        (f"{printer.host}:{printer.port}", printer.certificate.cert_sha256, f"Printer {number}")
        for number, printer in enumerate(fleet.printers)
    ]
