"""Load sharing: printers in a class, the beh wrapper, and print servers beside and behind one another.

docs/scaling.md tells the same in words.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cups.server import PCL5E, CupsServer, wait_until
from tests.printer import Printer, make_certificate

#: Jobs of one test, two for each member of a class; every one has a text of its own.
JOBS = 4


def texts(count: int = JOBS, who: str = "") -> list[str]:
    """Return as many texts, no two alike."""
    return [f"Document {who}{number}.\n" for number in range(count)]


def on_paper(*printers: Printer) -> Counter[str]:
    """Return how often each text has come out, whichever printer it was."""
    pages = [job.document.decode("latin-1") for printer in printers for job in printer.printed]
    found = [page[page.index("Document ") :].split(".")[0] for page in pages]
    return Counter(f"{text}.\n" for text in found)


def make_class(cups: CupsServer, name: str, members: dict[str, str], model: str | None = PCL5E) -> None:
    """Make a class of new queues with these device URIs."""
    for member, uri in members.items():
        cups.add_queue(member, uri, model)
        cups.run("lpadmin", "-p", member, "-c", name)
    cups.run("cupsaccept", name)
    cups.run("cupsenable", name)


def print_all(cups: CupsServer, destination: str, documents: list[str]) -> list[int]:
    """Print texts, and return their jobs once all are over."""
    jobs = [cups.lp(destination, text=text) for text in documents]
    assert [cups.wait(job) for job in jobs] == ["completed"] * len(jobs)
    return jobs


@pytest.fixture
def pair() -> Iterator[tuple[Printer, Printer]]:
    """Two printers without faults."""
    with Printer() as one, Printer() as other:
        yield one, other


def test_class_shares_the_jobs(cups: CupsServer, pair: tuple[Printer, Printer]) -> None:
    """Jobs of a class come out of both members, each exactly once."""
    one, other = pair
    make_class(cups, "floor", {"floor1": one.uri(pin=True), "floor2": other.uri(pin=True)})
    print_all(cups, "floor", texts())
    assert on_paper(one, other) == Counter(texts())
    assert one.printed and other.printed


def test_dead_member(cups: CupsServer, pair: tuple[Printer, Printer]) -> None:
    """With one member switched off all jobs come out of the other, once, and neither queue stops."""
    dead, alive = pair
    dead.stop()
    make_class(cups, "half", {"half1": dead.uri(pin=True), "half2": alive.uri(pin=True)})
    jobs = print_all(cups, "half", texts())
    assert on_paper(alive) == Counter(texts())
    assert any("[N03]" in line for job in jobs for line in cups.job_log(job)), "the dead member was tried"
    assert [cups.queue_state(name).state for name in ("half1", "half2", "half")] == ["idle"] * 3
    assert "connecting-to-device" not in cups.queue_state("half1").reasons


def test_untrusted_member(cups: CupsServer, pair: tuple[Printer, Printer]) -> None:
    """A member whose certificate is another one is stopped once, gets nothing, and is not tried again."""
    impostor, proper = pair
    uri = impostor.uri(pin=True)
    impostor.certificate = make_certificate()
    make_class(cups, "mixed", {"mixed1": uri, "mixed2": proper.uri(pin=True)})
    jobs = print_all(cups, "mixed", texts())
    assert on_paper(proper) == Counter(texts())
    assert impostor.http_bytes == 0 and impostor.jobs == []
    refused = [line for job in jobs for line in cups.job_log(job) if line.endswith("[T02]")]
    assert len(refused) == 1
    state = cups.queue_state("mixed1")
    assert state.state == "stopped" and "cups-pki-changed" in state.reasons
    assert cups.queue_state("mixed2").state == "idle"


def skip_without_beh(cups: CupsServer) -> None:
    """Skip where the wrapper is not installed."""
    if not (cups.root / "bin/backend/beh").exists():
        pytest.skip("beh is missing: install cups-filters")


def test_beh_runs_the_backend(cups: CupsServer, printer_off: Printer) -> None:
    """Behind beh, which repeats a backend that fails, a job for a printer that is late is printed once."""
    skip_without_beh(cups)
    printer = printer_off
    # Do not stop the queue; 20 attempts, 1 second between two.
    cups.add_queue("wrapped", "beh:/1/20/1/" + printer.uri(pin=True, contimeout="1"))
    job = cups.lp("wrapped", text=texts(1)[0])
    wait_until(lambda: any("[N03]" in line for line in cups.job_log(job)), 20, "first attempt that fails")
    printer.start()
    assert cups.wait(job) == "completed"
    assert on_paper(printer) == Counter(texts(1))


def test_beh_repeats_the_last_of_several_documents(cups: CupsServer, tmp_path: Path) -> None:
    """The printer takes two of three documents and is busy for too long then: the third is run again, and prints."""
    skip_without_beh(cups)
    files = [tmp_path / f"{number}.txt" for number in range(3)]
    for file, text in zip(files, texts(3)):
        file.write_text(text)
    with Printer(faults="only=Create-Job,skip=2,busy=4@Create-Job") as printer:
        cups.add_queue("wrapped3", "beh:/1/20/1/" + printer.uri(pin=True, contimeout="1"))
        job = cups.lp("wrapped3", *files)
        assert cups.wait(job) == "completed"
        assert any("[N03]" in line for line in cups.job_log(job))
        assert on_paper(printer) == Counter(texts(3))


def test_cancel_behind_beh(cups: CupsServer) -> None:
    """cupsd is not the parent then, and its SIGTERM is a cancel all the same: the job is cancelled at the printer."""
    skip_without_beh(cups)
    with Printer(faults="job_time=60") as printer:
        cups.add_queue("wrapped2", "beh:/1/20/1/" + printer.uri(pin=True))
        job = cups.lp("wrapped2", text=texts(1)[0])
        wait_until(lambda: "Get-Job-Attributes" in printer.operation_names, 20, "job that prints")
        cups.run("cancel", str(job))
        assert printer.wait_until(lambda: "Cancel-Job" in printer.operation_names)
        assert cups.wait(job) == "canceled" and printer.printed == []
        wait_until(lambda: not cups.processes("ipps443"), 10, "end of the backend")


def test_untrusted_behind_beh(cups: CupsServer) -> None:
    """beh tries again what is not trusted, as it tries everything; nothing is sent, and then the queue stops."""
    skip_without_beh(cups)
    with Printer() as impostor:
        # Stop the queue after 2 attempts.
        cups.add_queue("wrapped3", "beh:/0/2/1/" + impostor.uri(pin="sha256:" + "00" * 32))
        job = cups.lp("wrapped3", text=texts(1)[0])
        state = cups.wait_for_queue("wrapped3", ("stopped",))
        assert "cups-pki-changed" in state.reasons
        assert sum(line.endswith("[T02]") for line in cups.job_log(job)) == 2
        assert impostor.http_bytes == 0 and impostor.jobs == []
        cups.run("cancel", str(job))


# --- error policies -------------------------------------------------------------------------------------------


def test_retry_job(printer_off: Printer) -> None:
    """printer-error-policy=retry-job: tried again later, and printed once when the printer is there in time; aborted
    after JobRetryLimit more tries, without stopping the queue, when it is not. The other policies: test_situations."""
    with CupsServer("JobRetryInterval 1", "JobRetryLimit 1") as cups:
        cups.add_queue("later", printer_off.uri(pin=True, contimeout="1"), options=("printer-error-policy=retry-job",))
        job = cups.lp("later", text=texts(1)[0])
        assert cups.wait(job) == "aborted"
        assert sum("[N03]" in line for line in cups.job_log(job) if not line.startswith("Set job")) == 1 + 1
        assert cups.queue_state("later").state == "idle"
        job = cups.lp("later", text=texts(2)[1])
        wait_until(lambda: any("[N03]" in line for line in cups.job_log(job)), 20, "first try that fails")
        printer_off.start()
        assert cups.wait(job) == "completed"
        assert on_paper(printer_off) == Counter(texts(2)[1:])


@pytest.fixture
def printer_off() -> Iterator[Printer]:
    """A printer that is not switched on, at a port that will be its own."""
    printer = Printer().reserve()
    yield printer
    printer.stop()


# --- print servers --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Site:
    """A print server that others print through: its TLS port is pinned like a printer's."""

    server: CupsServer
    pin_line: str

    def uri(self, path: str) -> str:
        """Return the device URI of one of its queues or classes."""
        return f"ipps443://localhost:{self.server.tls_port}{path}"


@pytest.fixture(scope="module")
def first() -> Iterator[Site]:
    """A second cupsd of its own, with TLS."""
    certificate = make_certificate()
    with CupsServer(tls=(certificate.cert_pem, certificate.key_pem)) as server:
        yield Site(server, f"localhost:{server.tls_port} spki-sha256:{certificate.spki_sha256.hex()}\n")


def pin_lines(*printers: Printer) -> str:
    """Return the pin file for these printers."""
    return "".join(
        f"localhost:{printer.port} spki-sha256:{printer.certificate.spki_sha256.hex()}\n" for printer in printers
    )


def test_server_behind_a_server(cups: CupsServer, first: Site, pair: tuple[Printer, Printer]) -> None:
    """A cupsd formats the jobs and prints through a class of another cupsd: every job once, over both printers."""
    first.server.write_pins(pin_lines(*pair))
    members = {f"raw{number}": printer.uri() for number, printer in enumerate(pair)}
    make_class(first.server, "all", members, model=None)
    cups.write_pins(first.pin_line)
    try:
        cups.add_queue("upstairs", first.uri("/classes/all"))
        print_all(cups, "upstairs", texts())
    finally:
        cups.write_pins("")
    assert on_paper(*pair) == Counter(texts())
    assert all(printer.printed for printer in pair)


def test_servers_beside_one_another(cups: CupsServer, first: Site, pair: tuple[Printer, Printer]) -> None:
    """Two cupsd with the same pin file share printers; each learns for itself what they take."""
    for server in (cups, first.server):
        server.write_pins(pin_lines(*pair))
        make_class(server, "shared", {f"shared{number}": printer.uri() for number, printer in enumerate(pair)})
    jobs = [
        (server, server.lp("shared", text=text))
        for server, who in ((cups, "a"), (first.server, "b"))
        for text in texts(4, who)
    ]
    assert {server.wait(job) for server, job in jobs} == {"completed"}
    assert on_paper(*pair) == Counter(texts(4, "a") + texts(4, "b"))
    for server in (cups, first.server):
        learned = {path.name for path in (server.root / "cache/ipps443").glob("localhost_*.json")}
        assert {f"localhost_{printer.port}.json" for printer in pair} <= learned
    cups.write_pins("")
