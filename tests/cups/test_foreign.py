"""The same jobs to printers that were not written here: ippeveprinter, another cupsd, ippserver of the Python index.

ippserver speaks IPP without TLS, answers with attributes in the wrong group, knows no history, and lists PDF only. The
long run installs it into an environment of its own; the short one uses it where it is installed.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import venv
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cups.server import CupsServer, free_port, search_path, wait_until, why_not
from tests.cups.test_print import LICENSE, TEXT, grid_of
from tests.cups.text import expected_pages, printed_pages, without_blank_end
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


def test_ippeveprinter_gets_the_text(cups: CupsServer, eve: Eve) -> None:
    """ippeveprinter on TLS receives the text as PCL, once, and says that it is printed."""
    cups.add_queue("eve", eve.uri)
    job = cups.lp("eve", LICENSE)
    assert cups.wait(job) == "completed"
    assert len(eve.documents()) == 1
    assert_document(cups, job, eve.documents()[0])


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
    reason = why_not()
    if reason:
        pytest.skip(reason)
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


# --- many jobs ------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def tls_in_front_of(port: int, folder: Path) -> Iterator[tuple[int, str]]:
    """A proxy that takes TLS for a server without; gives its port and the pin of its certificate."""
    certificate = make_certificate()
    chain = folder / "proxy.pem"
    chain.write_bytes(certificate.cert_pem + certificate.key_pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain)

    def copy(source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while octets := source.recv(65536):
                target.sendall(octets)
        with contextlib.suppress(OSError):
            target.shutdown(socket.SHUT_WR)

    def serve(client: socket.socket) -> None:
        with contextlib.suppress(OSError), context.wrap_socket(client, server_side=True) as tls:
            with socket.create_connection(("127.0.0.1", port)) as server:
                threading.Thread(target=copy, args=(tls, server), daemon=True).start()
                copy(server, tls)

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=accept, daemon=True).start()
        yield listener.getsockname()[1], certificate.cert_sha256.hex()
        listener.shutdown(socket.SHUT_RDWR)


def python_with_ippserver(folder: Path, install: bool) -> str:
    """Return a Python that has ippserver."""
    if subprocess.run([sys.executable, "-c", "import ippserver"], capture_output=True).returncode == 0:
        return sys.executable
    if not install:
        pytest.skip("ippserver is missing: pip install ippserver, or run the long tests")
    venv.create(folder / "venv", with_pip=True)
    python = str(folder / "venv/bin/python")
    done = subprocess.run([python, "-m", "pip", "install", "-q", "ippserver"], capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"ippserver cannot be installed: {done.stderr.strip()[-200:]}")
    return python


@dataclass(frozen=True)
class Foreign:
    """A printer that was not written here: its device URI, and where what it has received can be read."""

    uri: str
    folder: Path

    def received(self) -> bytes:
        """Return all that it has received."""
        return b"".join(path.read_bytes() for path in sorted(self.folder.iterdir()))


@contextlib.contextmanager
def ippserver(folder: Path, install: bool) -> Iterator[Foreign]:
    """The IPP server of that name, behind TLS."""
    python, port, documents = python_with_ippserver(folder, install), free_port(), folder / "documents"
    documents.mkdir()
    command = [python, "-m", "ippserver", "-H", "127.0.0.1", "-p", str(port), "save", "--pdf", str(documents)]
    with open(folder / "ippserver.log", "wb") as log, subprocess.Popen(command, stdout=log, stderr=log) as process:
        try:
            wait_until(lambda: is_open(port), 20, "answer from ippserver")
            with tls_in_front_of(port, folder) as (tls_port, pin):
                yield Foreign(f"ipps443://localhost:{tls_port}/printer?pin=sha256:{pin}", documents)
        finally:
            process.kill()


def is_open(port: int) -> bool:
    """Tell whether somebody listens on a port."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 5):
        return True
    return False


#: Jobs of one test: in every run, and in the long one.
JOBS = [2, pytest.param(20, marks=pytest.mark.soak)]


def assert_all_print(cups: CupsServer, queue: str, count: int, received: Callable[[], bytes]) -> None:
    """Print so many texts, no two alike, and assert that each has arrived exactly once."""
    before = len(received())
    jobs = [cups.lp(queue, text=f"Document number-{number}-\n") for number in range(count)]
    assert [cups.wait(job) for job in jobs] == ["completed"] * count
    assert cups.queue_state(queue).state == "idle"
    found = re.findall(rb"number-(\d+)-", received()[before:])
    assert Counter(map(int, found)) == Counter(range(count))


@pytest.mark.parametrize("count", JOBS)
def test_jobs_on_ippeveprinter(cups: CupsServer, eve: Eve, count: int) -> None:
    """Each exactly once."""
    cups.add_queue("eves", eve.uri)
    assert_all_print(cups, "eves", count, lambda: b"".join(eve.documents()))


@pytest.mark.parametrize("count", JOBS)
def test_jobs_on_another_cupsd(cups: CupsServer, other: Other, count: int) -> None:
    """Each exactly once."""
    cups.add_queue("others", f"ipps443://localhost:{other.server.tls_port}/printers/printer?pin=sha256:{other.pin}")
    assert_all_print(cups, "others", count, other.received)


@pytest.mark.parametrize("count", JOBS)
def test_jobs_on_ippserver(cups: CupsServer, tmp_path: Path, count: int) -> None:
    """Each exactly once, although it lists a format that ours is not, and no job-id can be found in its answers."""
    with ippserver(tmp_path, install=count > 2) as printer:
        cups.add_queue("foreign", printer.uri)
        assert_all_print(cups, "foreign", count, printer.received)


def test_ippserver_with_other_pin_gets_nothing(cups: CupsServer, tmp_path: Path) -> None:
    """With another pin it receives no document, and the queue stops."""
    with ippserver(tmp_path, install=False) as printer:
        cups.add_queue("foreigner", printer.uri.split("sha256:")[0] + "sha256:" + "00" * 32)
        job = cups.lp("foreigner", text="Document\n")
        assert "cups-pki-changed" in cups.wait_for_queue("foreigner", ("stopped",)).reasons
        assert printer.received() == b""
        cups.run("cancel", str(job))
