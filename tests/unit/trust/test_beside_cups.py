"""The same printers and impostors in front of the stock ipps backend of the installed CUPS and in front of ours.

Each row of the table in docs/trust.md is a case, each column a setting: three of CUPS's client.conf(5), and ours. Each
cell is measured here with the backend alone, run as cupsd would. Ours must be what the table says; so must CUPS's
where its version is one of those that the table names, and with other versions what it does is only printed.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from tests.cups.places import cups_places
from tests.printer import Certificate, Faults, Printer, make_certificate
from tests.printer.certificates import make_authority
from tests.unit.trust.certificates import day

CHECKOUT = Path(__file__).resolve().parents[3]
OURS = CHECKOUT / "backend" / "ipps443"
NOBODY = 65534
JOB = b"\x1b%-12345X@PJL\r\n@PJL ENTER LANGUAGE = PCL\r\n\x1bEsecret words\x0c\x1bE\x1b%-12345X"

PRINTER = make_certificate(not_before=day(2020), not_after=day(2040))
RENEWED = make_certificate(key=PRINTER, not_before=day(2025), not_after=day(2045))
IMPOSTOR = make_certificate(not_before=day(2020), not_after=day(2045))
EXPIRED = make_certificate(not_before=day(2010), not_after=day(2012))
AUTHORITY = make_authority("Site CA", not_before=day(2020), not_after=day(2040))


#: The site's CA is sent along.
SIGNED = replace(
    make_certificate(issuer=AUTHORITY, not_before=day(2020), not_after=day(2040)), chain=(AUTHORITY.cert_pem,)
)


#: The columns: what stands in client.conf, None for ours.
SETTINGS: dict[str, str | None] = {
    "CUPS, default": "",
    "CUPS, `TrustOnFirstUse No`": "TrustOnFirstUse No\n",
    "CUPS, strict": "TrustOnFirstUse No\nAllowAnyRoot No\nValidateCerts Yes\n",
    "ipps443": None,
}


@dataclass(frozen=True)
class Case:
    """A row: what is on file, and who answers."""

    on_file: Certificate
    shown: Certificate
    impostor: bool = False
    #: Who answers from the second connection on.
    then: Certificate | None = None


CASES = {
    "the printer, self-signed, on file": Case(PRINTER, PRINTER),
    "the printer, signed by a CA that is on file": Case(SIGNED, SIGNED),
    "its certificate renewed with the same key": Case(PRINTER, RENEWED),
    "its certificate, on file, has expired": Case(EXPIRED, EXPIRED),
    "an impostor from the first connection on": Case(PRINTER, IMPOSTOR, impostor=True),
    "an impostor from the second connection on": Case(PRINTER, PRINTER, impostor=True, then=IMPOSTOR),
    "the same, and the printer is signed by a CA": Case(SIGNED, SIGNED, impostor=True, then=IMPOSTOR),
}


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
            said = subprocess.run(command, capture_output=True, text=True).stdout
            return (re.match(r"[\d.]*\d", said) or [""])[0] or "unknown"
    return "unknown"


@pytest.fixture
def folder() -> Iterator[Path]:
    """Return a folder for what a backend reads and remembers."""
    with tempfile.TemporaryDirectory(prefix="beside-cups-") as name:
        folder = Path(name)
        for below in ("ipps443", "cache", ".cups/ssl"):
            (folder / below).mkdir(parents=True)
        yield folder


def give_away(folder: Path) -> dict[str, Any]:
    """Give the folder to nobody and return what subprocess needs to run the stock backend as nobody.

    libcups keeps what it trusts below HOME for ordinary users, and in /etc/cups for root, which is not ours to change.
    """
    if os.geteuid() != 0:
        return {}
    for path in (folder, *folder.rglob("*")):
        os.chown(path, NOBODY, NOBODY)
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


def put_on_file(case: Case, setting: str | None, printer: Printer, folder: Path) -> None:
    """Put what is known of the printer where the backend looks: CUPS's certificates, client.conf, or our pin file."""
    by_authority = bool(case.on_file.chain)
    if setting is None:
        known = "ca:site.pem" if by_authority else f"spki-sha256:{case.on_file.spki_sha256.hex()}"
        (folder / "ipps443" / "pins").write_text(f"localhost:{printer.port} {known}\n")
        (folder / "ipps443" / "site.pem").write_bytes(AUTHORITY.cert_pem)
        return
    name, text = ("site", AUTHORITY.cert_pem) if by_authority else ("localhost", case.on_file.cert_pem)
    (folder / ".cups" / "ssl" / f"{name}.crt").write_bytes(text)
    (folder / "client.conf").write_text(setting)


def measure(case: Case, setting: str | None, folder: Path) -> tuple[str, str]:
    """Run one job, and return what became of it and what the backend said."""
    faults = Faults(cert="rotate-after-1", keepalive="close") if case.then else Faults()
    backend = str(OURS) if setting is None else stock_backend()
    with Printer(certificate=case.shown, faults=faults) as printer:
        if case.then:
            printer.certificates = [case.shown, case.then]
        put_on_file(case, setting, printer, folder)
        scheme = "ipps443" if setting is None else "ipps"
        status, text = run(backend, f"{scheme}://localhost:{printer.port}/ipp/print?waitjob=false", folder)
        printer.wait_quiet(5)
        # The impostor's connections: all, or all but the first.
        connections = printer.connection_log[1 if case.then else 0 :]
        received, printed = sum(seen.received for seen in connections), len(printer.printed)
    assert printed in (0, 1), text
    if printed:
        assert status == 0, text
        return ("prints to the impostor" if case.impostor else "prints"), text
    assert status != 0, text
    if setting is None:
        # The promise: whoever is refused has got nothing at all.
        assert received == 0 and status == 4, text
    return "refuses", text


# --- the table ------------------------------------------------------------------------------------------------


def table() -> tuple[dict[tuple[str, str], str], set[str]]:
    """Return the cells of the table in docs/trust.md by row and column, and the versions of CUPS that it is of."""
    text = (CHECKOUT / "docs" / "trust.md").read_text().split("## Beside CUPS")[1].split("\n## ")[0]
    rows = [[cell.strip(" *") for cell in line.strip("|").split("|")] for line in text.splitlines() if line[:1] == "|"]
    head, _, *body = rows
    cells = {(row[0], column): cell for row in body for column, cell in zip(head[1:], row[1:])}
    return cells, set(re.findall(r"\b2\.\d\.\d+\b", text))


def test_table_is_complete() -> None:
    """The table has a cell for each case and setting, and no others."""
    cells, versions = table()
    assert set(cells) == {(case, setting) for case in CASES for setting in SETTINGS} and versions


@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize("case", CASES)
def test_cell(case: str, setting: str, folder: Path) -> None:
    """What is measured is what docs/trust.md says; ours gives an impostor nothing, on no connection."""
    cells, versions = table()
    what, text = measure(CASES[case], SETTINGS[setting], folder)
    who = "ipps443" if SETTINGS[setting] is None else f"CUPS {cups_version()}"
    print(f"\n{case:45} {setting:27} {who:12} {what}")
    print("\n".join(line for line in text.splitlines() if "redentials" in line or line.startswith("ERROR")))
    if SETTINGS[setting] is None or cups_version() in versions:
        assert what == cells[case, setting]
