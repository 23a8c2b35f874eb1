"""Port 443 itself, and printers with more than one address: real sockets and real names. Q-40, Q-46.

The backend runs with a file of names of ours in the place of /etc/hosts, which needs root. Printers listen on 127.0.0.2
and ::1; without IPv6, or where 443 is taken, these tests are skipped and say so.
"""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from backend.cupsd.printer_state import texts
from backend.ipp.tags import Tag
from tests.faults.harness import Starter, device_uri, own_certificate, run_backend, spawn
from tests.faults.invariant import violations
from tests.printer import Printer

pytestmark = pytest.mark.usefixtures("quickly")

FOUR, SIX = "127.0.0.2", "::1"
NAMES = f"""\
127.0.0.1 localhost
{SIX} printer.test
{FOUR} printer.test printer.test.
"""
#: Starts what follows with the file of names in the place of the system's.
WITH_NAMES = 'mount --bind "$0" /etc/hosts && exec "$@"'


@pytest.fixture
def starter(tmp_path: Path) -> Starter:
    """Starts the backend where printer.test has two addresses."""
    names = tmp_path / "hosts"
    names.write_text(NAMES)
    prefix = ["/usr/bin/unshare", "--mount", "/bin/sh", "-c", WITH_NAMES, str(names)]
    if os.geteuid() != 0 or subprocess.run([*prefix, "/bin/true"], capture_output=True).returncode:
        pytest.skip(
            "names of our own need root, unshare of util-linux, and / as a mount point (a chroot may have none)"
        )
    return lambda command, environ, given: spawn([*prefix, *command], environ, given)


@contextlib.contextmanager
def printer_at(host: str, port: int = 0, faults: str = "") -> Iterator[Printer]:
    """A printer on an address, on a port that other addresses may use as well."""
    printer = Printer(certificate=own_certificate(), faults=faults, host=host, port=port)
    try:
        printer.start()
    except OSError as error:
        pytest.skip(f"nothing can listen on {host} port {port}: {error}")
    try:
        yield printer
    finally:
        printer.stop()


@contextlib.contextmanager
def silence_at(host: str, port: int) -> Iterator[None]:
    """A port from which no answer ever comes: its queue is full, so Linux drops what arrives."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.socket(family))
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(0)
        for _ in range(4):
            waiting = stack.enter_context(socket.socket(family))
            waiting.setblocking(False)
            waiting.connect_ex((host, port))
        yield


def uri_of(printer: Printer, host: str, **options: Any) -> str:
    """The device URI of a printer under another name; without a port when that is 443."""
    port = "" if printer.port == 443 else f":{printer.port}"
    return device_uri(printer, **options).replace(f"localhost:{printer.port}", f"{host}{port}", 1)


@pytest.mark.parametrize("transfer", ("auto", "chunked", "sized"))
@pytest.mark.parametrize("host", (FOUR, f"[{SIX}]"))
def test_port_443(host: str, transfer: str) -> None:
    """Without a port in the device URI the job goes to 443, and no port stands in Host."""
    with printer_at(host.strip("[]"), 443) as printer:
        outcome = run_backend(printer, uri=uri_of(printer, host, transfer=transfer))
        hosts = {each for request in printer.requests for each in request.all_headers("host")}
        uris = {
            uri for each in printer.operations for uri in texts(each.message, "printer-uri", Tag.OPERATION_ATTRIBUTES)
        }
    assert outcome.exit_code == 0 and violations(outcome) == [], str(outcome)
    assert hosts == {host} and uris == {f"ipps://{host}:443/ipp/print"}


@pytest.mark.parametrize(
    ("name", "field"),
    (
        ("printer.test", "printer.test"),
        ("printer.test.", "printer.test"),
        ("Printer.Test", "Printer.Test"),
        (FOUR, FOUR),
        (f"[{SIX}]", f"[{SIX}]"),
    ),
)
@pytest.mark.parametrize("port", (443, 0), ids=("443", "another port"))
def test_the_host_field(name: str, field: str, port: int, starter: Starter) -> None:
    """Host is as in the device URI: brackets, no trailing dot, the port only when it is not 443 (Q-40, Q-46)."""
    with printer_at(SIX if ":" in name else FOUR, port) as printer:
        wanted = field if port else f"{field}:{printer.port}"
        printer.faults = type(printer.faults)(host=f"strict:{wanted}")
        outcome = run_backend(printer, uri=uri_of(printer, name), starter=starter)
        hosts = {each for request in printer.requests for each in request.all_headers("host")}
    assert outcome.exit_code == 0 and violations(outcome) == [], str(outcome)
    assert hosts == {wanted}


def test_a_host_field_that_is_refused() -> None:
    """A printer that wants another Host refuses: the queue stops, and nothing is printed."""
    with printer_at(FOUR, 0, "host=strict:other.test") as printer:
        outcome = run_backend(printer, uri=uri_of(printer, FOUR))
    assert (outcome.exit_code, outcome.code, outcome.printed) == (4, "P01", 0), str(outcome)
    assert violations(outcome) == []


@pytest.mark.parametrize("dead", ("refused", "silent"))
@pytest.mark.parametrize(("lives", "other"), ((FOUR, SIX), (SIX, FOUR)), ids=("IPv4 lives", "IPv6 lives"))
def test_the_address_that_answers_is_taken(lives: str, other: str, dead: str, starter: Starter) -> None:
    """One dead address of two costs at most its share of the connect deadline, once for each connection."""
    with printer_at(lives) as printer:
        uri = uri_of(printer, "printer.test", timeout="connect:4")
        with silence_at(other, printer.port) if dead == "silent" else contextlib.nullcontext():
            outcome = run_backend(printer, uri=uri, starter=starter)
        connections = printer.connections
    assert outcome.exit_code == 0 and violations(outcome) == [], str(outcome)
    assert outcome.seconds < (2 * connections if dead == "silent" else 0) + 5


def test_both_addresses_answer(starter: Starter) -> None:
    """One of them is taken; the job is printed once."""
    with printer_at(FOUR) as first, printer_at(SIX, first.port) as second:
        outcome = run_backend(first, uri=uri_of(first, "printer.test"), starter=starter)
        again = len(second.printed)
    outcome = replace(outcome, printed=outcome.printed + again)
    assert outcome.exit_code == 0 and violations(outcome) == [], str(outcome)


def test_no_address_answers(starter: Starter) -> None:
    """Both are named with their reasons, within the deadline; the job waits, and nothing is lost."""
    with printer_at(FOUR) as printer:
        uri = uri_of(printer, "printer.test", timeout="connect:2")
        printer.stop()
        with silence_at(SIX, printer.port):
            outcome = run_backend(printer, uri=uri, starter=starter)
    assert (outcome.exit_code, outcome.printed) == (1, 0), str(outcome)
    assert violations(outcome) == []
    assert f"{FOUR}: " in outcome.errors[-1] and f"{SIX}: no answer in time" in outcome.errors[-1]
