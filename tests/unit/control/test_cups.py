"""A certificate changes, the queue stops, one command later the waiting job prints: with a real cupsd."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.trust.certificate_file import as_pem
from tests.cups.recorded import control
from tests.cups.server import CupsServer, wait_until
from tests.printer import Certificate, Printer, make_authority, make_certificate
from tests.unit.trust.certificates import day

OLD, NEW = (make_certificate() for _ in range(2))


@pytest.fixture
def printer() -> Iterator[Printer]:
    with Printer(certificate=OLD) as printer:
        yield printer


@pytest.fixture
def queue(cups: CupsServer, printer: Printer) -> Iterator[str]:
    """A queue without pins of its own, for the printer."""
    name = f"q{printer.port}"
    cups.add_queue(name, printer.uri())
    yield name
    cups.run("cancel", "-a", "-x", name, check=False)
    cups.run("lpadmin", "-x", name)


def host(printer: Printer) -> str:
    return f"localhost:{printer.port}"


def stopped(cups: CupsServer, queue: str) -> tuple[str, str]:
    """Wait until the queue has stopped; return its word for the reason, and its message."""
    wait_until(lambda: cups.queue_state(queue).state == "stopped", 30, "stopped queue")
    wait_until(lambda: any(word.startswith("cups-") for word in cups.queue_state(queue).reasons), 10, "reason")
    state = cups.queue_state(queue)
    (word,) = (word for word in state.reasons if word.startswith("cups-"))
    return word.replace("-error", "") if "pki" in word else word, state.message


def nothing_leaked(printer: Printer) -> bool:
    return printer.http_bytes == 0 and not printer.jobs


def change(printer: Printer, certificate: Certificate) -> int:
    """Give the printer another certificate; return the bytes that it has had until now."""
    printer.wait_quiet(3)
    printer.certificate = certificate
    return printer.http_bytes


def test_changed_then_replaced(cups: CupsServer, printer: Printer, queue: str, tmp_path: Path) -> None:
    """A new key stops the queue; after pin --replace the waiting job prints, whole, without being sent again."""
    control(cups, "pin", host(printer), "--yes")
    received = change(printer, NEW)
    one, two = tmp_path / "one.txt", tmp_path / "two.txt"
    one.write_text("the first\n")
    two.write_text("the second\n")
    cups.run("lpadmin", "-p", queue, "-o", "job-sheets-default=standard,none")
    job = cups.lp(queue, one, two)
    word, message = stopped(cups, queue)
    assert word == "cups-pki-changed" and "different certificate" in message and "Compare first" in message
    said = control(cups, "verify", host(printer)).stderr
    assert OLD.cert_sha256.hex() in said and NEW.cert_sha256.hex() in said
    assert printer.http_bytes == received and cups.job_state(job).state not in ("aborted", "canceled", "completed")
    done = control(cups, "pin", host(printer), "--replace", "--fingerprint", NEW.spki_sha256.hex())
    assert done.returncode == 0 and "To be replaced:" in done.stdout, done.stderr
    assert cups.wait(job) == "completed"
    printed = b"".join(job.document for job in printer.printed)
    assert printed.count(b"the first") == printed.count(b"the second") == 1
    assert not [word for word in cups.queue_state(queue).reasons if word.startswith("cups-")]


def test_the_seed_story(cups: CupsServer, printer: Printer, queue: str, tmp_path: Path) -> None:
    """Delivered with a certificate of 1972; then one of its own, exported and imported; then one signed by a CA."""
    change(printer, make_certificate(not_before=day(1970), not_after=day(1972)))
    first = cups.lp(queue, text="one\n")
    word, _message = stopped(cups, queue)
    said = control(cups, "verify", host(printer)).stderr
    assert word == "cups-pki-unknown" and "valid 1970-01-01 to 1972-01-01, expired" in said
    assert nothing_leaked(printer)

    change(printer, NEW)
    exported = tmp_path / "SystemCert.pem"
    exported.write_bytes(as_pem(NEW.der).replace(b"\n", b"\r\n"))
    assert control(cups, "import", str(exported), host(printer)).returncode == 0
    assert cups.wait(first) == "completed"

    site = make_authority("Site CA")
    received = change(printer, make_certificate(issuer=site))
    second = cups.lp(queue, text="two\n")
    word, _message = stopped(cups, queue)
    assert word == "cups-pki-changed" and printer.http_bytes == received
    (tmp_path / "ca.pem").write_bytes(site.cert_pem)
    assert control(cups, "import", "--ca", str(tmp_path / "ca.pem"), host(printer), "--replace").returncode == 0
    assert cups.wait(second) == "completed"
    assert len(printer.printed) == 2
