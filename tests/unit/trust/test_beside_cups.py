"""The same impostor in front of the stock ipps backend of the installed CUPS and in front of ours (T-1).

The printer's certificate is known to both. Then somebody else answers under the same host name, with a self-made
certificate that ends later. What the stock backend does is recorded, not judged; ours must refuse.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cups.places import cups_places
from tests.printer import Printer, make_certificate
from tests.unit.trust.certificates import day

OURS = Path(__file__).resolve().parents[3] / "backend" / "ipps443"
PRINTER = make_certificate(not_before=day(2020), not_after=day(2040))
IMPOSTOR = make_certificate(not_before=day(2020), not_after=day(2045))
NOBODY = 65534
JOB = b"\x1b%-12345X@PJL\r\n@PJL ENTER LANGUAGE = PCL\r\n\x1bEsecret words\x0c\x1bE\x1b%-12345X"


def stock_backend() -> str:
    """Return the path of the stock backend, or skip."""
    path = cups_places().serverbin / "backend" / "ipps"
    if not path.exists():
        pytest.skip("the stock ipps backend is not installed")
    return str(path)


def cups_version() -> str:
    """Return the version of the installed CUPS, as far as a program says it."""
    for command in (["cups-config", "--version"], ["dpkg-query", "-W", "-f", "${Version}", "cups-daemon"]):
        if shutil.which(command[0]):
            return subprocess.run(command, capture_output=True, text=True).stdout.strip() or "unknown"
    return "of unknown version"


@pytest.fixture
def folder() -> Iterator[Path]:
    """Return a folder for what a backend reads and remembers."""
    with tempfile.TemporaryDirectory(prefix="beside-cups-") as name:
        folder = Path(name)
        (folder / "ipps443").mkdir()
        (folder / "cache").mkdir()
        yield folder


def give_away(folder: Path) -> dict[str, Any]:
    """Give the folder to nobody and return what subprocess needs to run the stock backend as nobody.

    libcups keeps what it trusts below HOME for ordinary users, and in /etc/cups for root, which is not ours to change.
    """
    if os.geteuid() != 0:
        return {}
    os.chown(folder, NOBODY, NOBODY)
    return {"user": NOBODY, "group": NOBODY, "extra_groups": []}


def run(backend: str, uri: str, folder: Path) -> tuple[int, str]:
    """Run a backend for one job as cupsd would, and return its exit code and its words."""
    environ = {
        "DEVICE_URI": uri,
        "CUPS_SERVERROOT": str(folder),
        "CUPS_CACHEDIR": str(folder / "cache"),
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "PRINTER": "laser",
        "PATH": "/usr/bin:/bin",
        "CONTENT_TYPE": "application/vnd.cups-raw",
        "FINAL_CONTENT_TYPE": "application/vnd.cups-raw",
    }
    back, side = socket.socketpair(), socket.socketpair()
    channels = f'exec 3<&{back[0].fileno()} 4<&{side[0].fileno()}; exec "$@"'
    arguments = [backend, "1", "somebody", "title", "1", "job-uuid=urn:uuid:c0ffee00-5eed-4bad-9a7e-123456789abc"]
    with back[0], back[1], side[0], side[1]:
        done = subprocess.run(
            ["bash", "-c", channels, "bash", *arguments],
            input=JOB,
            env=environ,
            capture_output=True,
            timeout=60,
            pass_fds=(back[0].fileno(), side[0].fileno()),
            **({} if backend == str(OURS) else give_away(folder)),
        )
    return done.returncode, done.stderr.decode(errors="replace")


@pytest.mark.parametrize("ours", [False, True], ids=["stock ipps", "ipps443"])
def test_same_impostor(ours: bool, folder: Path) -> None:
    """A self-made certificate with the right name and a later end: ours gives it nothing."""
    backend = str(OURS) if ours else stock_backend()
    with Printer(certificate=PRINTER) as printer:
        uri = f"{'ipps443' if ours else 'ipps'}://localhost:{printer.port}/ipp/print?waitjob=false"
        pins = f"localhost:{printer.port} spki-sha256:{PRINTER.spki_sha256.hex()}\n"
        (folder / "ipps443" / "pins").write_text(pins)
        status, text = run(backend, uri, folder)
        assert status == 0 and len(printer.printed) == 1, text
        printer.wait_quiet(5)
        before = printer.http_bytes
        printer.certificate = IMPOSTOR
        status, text = run(backend, uri, folder)
        printer.wait_quiet(5)
        received, jobs = printer.http_bytes - before, len(printer.printed) - 1
    print(
        f"\n{'ipps443' if ours else f'ipps of CUPS {cups_version()}'}: exit code {status},"
        f" {received} bytes of HTTP and {jobs} job(s) to the impostor"
    )
    print("\n".join(line for line in text.splitlines() if "redentials" in line or line.startswith("ERROR")))
    if ours:
        assert (status, received, jobs) == (4, 0, 0)
        assert (folder / "ipps443" / "pins").read_text() == pins
