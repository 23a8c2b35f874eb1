"""The same jobs to printers that were not written here: ippeveprinter and another cupsd."""

from __future__ import annotations

import contextlib
import hashlib
import shutil
import ssl
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cups.server import CupsServer, free_port, search_path, wait_until
from tests.cups.test_print import LICENSE, TEXT, grid_of
from tests.cups.text import expected_pages, printed_pages, without_blank_end
from tests.faults.harness import pcl
from tests.pcl_parser import parse_job
from tests.printer import make_certificate


BUS = """\
<busconfig>
  <type>session</type>
  <listen>{address}</listen>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""


@dataclass(frozen=True)
class Eve:
    """A running ippeveprinter: its device URI with its pin, and the folder where its documents are."""

    uri: str
    folder: Path

    def documents(self) -> list[bytes]:
        """Return the documents received, oldest first."""
        paths = sorted(self.folder.iterdir(), key=lambda path: path.stat().st_mtime_ns)
        # What the command writes, nothing, is kept beside them.
        return [path.read_bytes() for path in paths if path.stat().st_size]


@contextlib.contextmanager
def message_bus() -> Iterator[str]:
    """A D-Bus of its own, and its address: ippeveprinter ends without one, though nothing is announced over it."""
    with tempfile.TemporaryDirectory(prefix="ipps443-bus-") as folder:
        configuration = Path(folder, "bus.conf")
        configuration.write_text(BUS.format(address=f"unix:path={folder}/bus"))
        command = ["dbus-daemon", "--nofork", f"--config-file={configuration}", "--print-address=1"]
        with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True) as bus:
            try:
                assert bus.stdout
                yield bus.stdout.readline().strip()
            finally:
                bus.kill()


@pytest.fixture
def eve(tmp_path: Path) -> Iterator[Eve]:
    """CUPS's own IPP Everywhere printer, taking PCL."""
    with running_eve(tmp_path, "application/vnd.hp-PCL") as printer:
        yield printer


@contextlib.contextmanager
def running_eve(tmp_path: Path, formats: str) -> Iterator[Eve]:
    """Run CUPS's own IPP Everywhere printer, with the certificate that it makes for itself."""
    for program in ("ippeveprinter", "dbus-daemon"):
        if not shutil.which(program, path=search_path()):
            pytest.skip(f"{program} is missing: install cups-ipp-utils and dbus-daemon")
    keys, documents, port = tmp_path / "keys", tmp_path / "documents", free_port()
    keys.mkdir()
    documents.mkdir()
    command = ["ippeveprinter", "-r", "off", "-n", "localhost", "-p", str(port), "-K", str(keys)]
    # Without a command it takes some random seconds for each job.
    command += ["-k", "-d", str(documents), "-f", formats, "-c", "/bin/true", "eve"]
    with message_bus() as address, open(tmp_path / "eve.log", "wb") as log:
        environ = {"PATH": search_path(), "DBUS_SYSTEM_BUS_ADDRESS": address}
        process = subprocess.Popen(command, env=environ, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            # The certificate is made at the first handshake.
            wait_until(lambda: try_handshake(port), 20, f"answer from ippeveprinter, see {tmp_path}/eve.log")
            pin = hashlib.sha256(ssl.PEM_cert_to_DER_cert(first_certificate(keys / "localhost.crt"))).hexdigest()
            yield Eve(f"ipps443://localhost:{port}/ipp/print?pin=sha256:{pin}", documents)
        finally:
            process.kill()
            process.wait()


def try_handshake(port: int) -> bool:
    """Tell whether TLS answers on a port."""
    try:
        return bool(ssl.get_server_certificate(("127.0.0.1", port), timeout=5))
    except OSError:
        return False


def first_certificate(path: Path) -> str:
    """Return the first certificate of a PEM file."""
    return path.read_text().split("-----END CERTIFICATE-----")[0] + "-----END CERTIFICATE-----\n"


def assert_document(cups: CupsServer, job: int, document: bytes) -> None:
    """Assert that a document is the text, page by page."""
    grid = grid_of(cups, job)
    assert printed_pages(parse_job(document)) == without_blank_end(expected_pages(TEXT, grid))


@pytest.mark.parametrize("options", ("", "&transfer=sized"))
def test_ippeveprinter_gets_the_text(cups: CupsServer, eve: Eve, tmp_path: Path, options: str) -> None:
    """ippeveprinter on TLS receives the text as PCL and a large document as it is, each once, and says so."""
    large = tmp_path / "large.pcl"
    large.write_bytes(pcl(3_000_000))
    cups.add_queue("eve", eve.uri + options)
    job = cups.lp("eve", LICENSE)
    assert cups.wait(job) == cups.wait(cups.lp("eve", large, options=("-o", "raw"))) == "completed"
    text, document = eve.documents()
    assert_document(cups, job, text)
    assert document == large.read_bytes()


def test_ippeveprinter_with_other_pin_gets_nothing(cups: CupsServer, eve: Eve) -> None:
    """With another pin ippeveprinter receives no document, and the queue stops."""
    cups.add_queue("mistaken", eve.uri.split("sha256:")[0] + "sha256:" + "00" * 32)
    job = cups.lp("mistaken", LICENSE)
    assert "cups-pki-changed" in cups.wait_for_queue("mistaken", ("stopped",)).reasons
    assert eve.documents() == []
    cups.run("cancel", str(job))


@dataclass(frozen=True)
class Other:
    """Another cupsd, and the pin of its certificate."""

    server: CupsServer
    pin: str

    def received(self) -> bytes:
        """Return all that its printer has got."""
        wait_until(lambda: self.server.queue_state("printer").state == "idle", 20, "end of the jobs at the other cupsd")
        return self.server.captured("printer")[0]


@pytest.fixture(scope="module")
def other() -> Iterator[Other]:
    """A cupsd that takes TLS and writes what it prints into a file."""
    certificate = make_certificate()
    with CupsServer(tls=(certificate.cert_pem, certificate.key_pem)) as server:
        server.add_capture("printer", model=None)
        yield Other(server, certificate.cert_sha256.hex())


@pytest.mark.parametrize("options", ("", "&transfer=sized"))
def test_other_cupsd_gets_the_text(cups: CupsServer, other: Other, options: str) -> None:
    """Another cupsd on TLS receives the text as PCL, in chunks and with its length."""
    cups.add_queue(
        "remote", f"ipps443://localhost:{other.server.tls_port}/printers/printer?pin=sha256:{other.pin}{options}"
    )
    before = len(other.received())
    job = cups.lp("remote", LICENSE)
    assert cups.wait(job) == "completed"
    assert_document(cups, job, other.received()[before:])
