"""Our backend beside CUPS's stock ipps against the same printer.

    /usr/bin/python3 -m tests.bench.bench_backend [--runs N] [--large 2G] [--pairs 200 --beside CHECKOUT]
    /usr/bin/python3 -m tests.bench.bench_backend --instructions --beside CHECKOUT

Wall time, processor time and peak memory are those of the backend's process alone (wait4). Both get the job through a
pipe, as from a filter, and sockets as descriptors 3 and 4. The printer is the scripted one, in a process of its own; it
only counts what comes, so that it does not set the pace, and its own processor time for our job stands in the table.
With each one-page job runs FLOOR, the least that a Python program can do for the same: no job of ours can be quicker.
A one-page job is timed with each kind of pin. Where a difference is small, --pairs compares processor time over that
many interleaved pairs, with another checkout (--beside) or of two kinds of pin; the median of the differences counts.
On a machine that is busy, --instructions counts what the processor does for a job in both checkouts instead of timing
it (valgrind): the same within half a percent from run to run, whatever else runs.
Before anything is timed, each way of sending is checked once against a printer that hashes, and each printer gets one
job of each backend, so that it is known.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import shutil
import signal
import ssl
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Callable

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

ROOT = Path(__file__).resolve().parents[2]
OURS = ROOT / "backend" / "ipps443"
STOCK = Path("/usr/lib/cups/backend/ipps")
MEGABYTE = 1 << 20

# Runs a command with sockets as descriptors 3 and 4, and writes wall, user and system seconds, peak kilobytes, status.
# It is a process of its own because Linux counts the memory of whoever forks into the peak of the forked: 7 MB here.
MEASURE = """
import os, socket, sys, time
back, side = socket.socketpair(), socket.socketpair()
begin = time.monotonic()
pid = os.fork()
if not pid:
    os.dup2(1, 2)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os.dup2(back[0].fileno(), 3, True)
    os.dup2(side[0].fileno(), 4, True)
    os.execv(sys.argv[1], sys.argv[1:])
_, status, used = os.wait4(pid, 0)
wall = time.monotonic() - begin
print("MEASURED", wall, used.ru_utime, used.ru_stime, used.ru_maxrss, os.waitstatus_to_exitcode(status))
"""


# A print job in bare Python: ssl and h11, one Print-Job of what comes, no options, no errors, no second try. It does
# check the certificate, because it must not become an example. Its arguments are the port and the hash in hex.
FLOOR = r"""
import hashlib, socket, ssl, struct, sys
import h11
def field(tag, name, value):
    return struct.pack(">BH", tag, len(name)) + name + struct.pack(">H", len(value)) + value
context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
port = int(sys.argv[1])
tcp = socket.create_connection(("localhost", port))
tcp.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
sock = context.wrap_socket(tcp, server_hostname="localhost")
assert hashlib.sha256(sock.getpeercert(True)).hexdigest() == sys.argv[2]
message = struct.pack(">BBHIB", 2, 0, 2, 1, 1) + field(0x47, b"attributes-charset", b"utf-8")
message += field(0x48, b"attributes-natural-language", b"en")
message += field(0x45, b"printer-uri", b"ipps://localhost:%d/ipp/print" % port)
message += field(0x42, b"requesting-user-name", b"somebody") + b"\3"
http = h11.Connection(h11.CLIENT)
headers = [("Host", "localhost"), ("Content-Type", "application/ipp"), ("Transfer-Encoding", "chunked")]
sock.sendall(http.send(h11.Request(method="POST", target="/ipp/print", headers=headers)))
block = message
while block:
    sock.sendall(http.send(h11.Data(data=block)))
    block = sys.stdin.buffer.read1(131072)
sock.sendall(http.send(h11.EndOfMessage()))
while True:
    event = http.next_event()
    if event is h11.NEED_DATA:
        http.receive_data(sock.recv(65536))
    elif isinstance(event, h11.Response):
        assert event.status_code == 200
    elif isinstance(event, h11.EndOfMessage):
        break
"""


@dataclass(frozen=True)
class Run:
    """What one process took."""

    wall: float
    cpu: float
    peak: float  # megabytes
    printer_cpu: float = 0.0


class BenchFailure(Exception):
    """A run that did not print what it should; its numbers would mean nothing."""


@dataclass
class PrinterProcess:
    """The scripted printer as a process."""

    folder: Path
    faults: str
    process: subprocess.Popen[str] = field(init=False)
    port: int = 0
    pin: str = ""
    key_pin: str = ""
    jobs: int = 0

    def start(self) -> None:
        self.folder.mkdir()
        command = [sys.executable, "-m", "tests.printer", "--port", "0", "--directory", str(self.folder)]
        command += ["--fault", self.faults]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
        assert self.process.stdout is not None
        _, port, self.pin = self.process.stdout.readline().split()
        self.port = int(port)
        shown = ssl.PEM_cert_to_DER_cert(ssl.get_server_certificate(("localhost", self.port), timeout=20))
        library = x509.load_der_x509_certificate(shown).public_key()
        key = library.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        self.key_pin = f"sha256:{hashlib.sha256(key).hexdigest()}"

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()

    def cpu(self) -> float:
        """Processor seconds so far: fields 14 and 15 of /proc/PID/stat."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def next_job(self) -> dict[str, object]:
        """The description of the job after the last one asked for."""
        self.jobs += 1
        path = self.folder / f"job-{self.jobs}.json"
        until = time.monotonic() + 20
        while not path.exists():
            if time.monotonic() > until:
                raise BenchFailure(f"job {self.jobs} never came to the printer")
            time.sleep(0.01)
        described: dict[str, object] = json.loads(path.read_text())
        return described


@dataclass(frozen=True)
class Document:
    """A job as a command that writes it: from a file, or made on the way where it is very large."""

    size: int
    command: tuple[str, ...]
    sha256: str


PROLOGUE = rb"\033%%-12345X@PJL ENTER LANGUAGE=PCL\r\n\033E"
EPILOGUE = rb"\f\033E\033%%-12345X"


#: Megabytes that a job may take, whatever its size.
MEMORY, MEMORY_WORDS = 24, "<= 24 MB"

LARGEST_FILE = 512 * MEGABYTE


def make_document(size: int, folder: Path) -> Document:
    """PCL of exactly that size: UEL, PJL and reset, lines of text, reset and UEL."""
    around = len(b"\033%-12345X@PJL ENTER LANGUAGE=PCL\r\n\033E") + len(b"\f\033E\033%-12345X")
    lines = f"yes 'a line of text as it comes from a filter, sixty-four columns' | head -c {size - around}"
    script = f"printf '{PROLOGUE.decode()}'; {lines}; printf '{EPILOGUE.decode()}'"
    command: tuple[str, ...] = ("/bin/sh", "-c", script)
    if size <= LARGEST_FILE:
        path = folder / f"document-{size}"
        with path.open("wb") as file:
            subprocess.run(command, stdout=file, check=True)
        command = ("cat", str(path))
    digest, total = hashlib.sha256(), 0
    with subprocess.Popen(command, stdout=subprocess.PIPE) as feeder:
        assert feeder.stdout is not None
        while block := feeder.stdout.read(MEGABYTE):
            digest.update(block)
            total += len(block)
    if total != size:
        raise BenchFailure(f"the document has {total} bytes instead of {size}")
    return Document(size, command, digest.hexdigest())


#: Where a pin stands, and of what it is.
PINS = ("certificate, URI", "key, URI", "certificate, pin file", "key, pin file")


class Bench:
    """Runs backends against printers, and keeps what both need."""

    #: The launcher of ours; another checkout's while two are compared.
    ours = OURS

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in ("home", "cache", "tmp", "home/ipps443"):
            (folder / name).mkdir(mode=0o750)
        self.pin = PINS[0]
        secret = folder / "home" / "ipps443" / "secret"
        secret.write_bytes(os.urandom(32))
        secret.chmod(0o640)

    def environment(self, uri: str) -> dict[str, str]:
        return {
            "DEVICE_URI": uri,
            "HOME": str(self.folder / "home"),
            "CUPS_SERVERROOT": str(self.folder / "home"),
            "CUPS_CACHEDIR": str(self.folder / "cache"),
            "TMPDIR": str(self.folder / "tmp"),
            "PRINTER": "bench",
            "CONTENT_TYPE": "application/vnd.hp-PCL",
            "FINAL_CONTENT_TYPE": "application/vnd.hp-PCL",
            "PATH": "/usr/bin:/bin",
            "LANG": "C.UTF-8",
        }

    def command(self, backend: Path, printer: PrinterProcess, options: str) -> tuple[list[str], dict[str, str]]:
        """The arguments and the environment of a job for one of the backends."""
        if backend == OURS:
            backend = self.ours
            uri = f"ipps443://localhost:{printer.port}/ipp/print?{self._pin_option(printer)}"
        else:
            uri = f"ipps://localhost:{printer.port}/ipp/print?"
        uri = "&".join(filter(None, (uri, options))).replace("?&", "?")
        # As cupsd gives it to each job; with it ours writes down how far it got, and waits for the disk.
        job = f"job-uuid=urn:uuid:{uuid.uuid4()}"
        return [str(backend), "1", "somebody", "bench", "1", job], self.environment(uri)

    def _pin_option(self, printer: PrinterProcess) -> str:
        """Put the printer's pin where it is to stand; return what comes of it into the device URI."""
        digest = printer.key_pin if self.pin.startswith("key") else printer.pin
        if self.pin.endswith("URI"):
            return f"pin={digest}"
        kind = "spki" if self.pin.startswith("key") else "cert"
        path = self.folder / "home" / "ipps443" / "pins"
        line = f"localhost:{printer.port} {kind}-sha256:{digest.removeprefix('sha256:')}\n"
        if not path.exists() or path.read_text() != line:
            path.write_text(line)
            path.chmod(0o640)
        return ""

    def job(self, backend: Path, printer: PrinterProcess, document: Document, options: str, check: bool = False) -> Run:
        """Print one document and measure; what arrives must be what was sent."""
        command, environment = self.command(backend, printer, options)
        what = f"{backend.name} with {options or 'no options'}"
        return self._print(command, environment, printer, document, what, check)

    def floor(self, printer: PrinterProcess, document: Document) -> Run:
        """The same document, printed by FLOOR."""
        command = ["/usr/bin/python3", "-I", "-c", FLOOR, str(printer.port), printer.pin.removeprefix("sha256:")]
        return self._print(command, self.environment(""), printer, document, "the bare program", check=False)

    def _print(
        self,
        command: list[str],
        environment: dict[str, str],
        printer: PrinterProcess,
        document: Document,
        what: str,
        check: bool,
    ) -> Run:
        before = printer.cpu()
        with subprocess.Popen(document.command, stdout=subprocess.PIPE) as feeder:
            run = measured(command, environment, feeder.stdout)
        received = printer.next_job()
        if received["bytes"] != document.size or (check and received["sha256"] != document.sha256):
            raise BenchFailure(f"{what}: the printer received {received}")
        return Run(run.wall, run.cpu, run.peak, printer.cpu() - before)

    def device_list(self, backend: Path) -> Run:
        environment = self.environment("")
        del environment["DEVICE_URI"]
        return measured([str(backend)], environment, None)


def measured(command: list[str], environment: dict[str, str], stdin: IO[bytes] | None) -> Run:
    """Run a command to its end; raises BenchFailure with its last words when it fails."""
    helper = [sys.executable, "-I", "-S", "-c", MEASURE, *command]
    done = subprocess.run(
        helper,
        stdin=subprocess.DEVNULL if stdin is None else stdin,
        stdout=subprocess.PIPE,
        env=environment,
        text=True,
        errors="replace",
    )
    *words, last = done.stdout.splitlines() or [""]
    if not last.startswith("MEASURED") or last.split()[-1] != "0":
        raise BenchFailure(f"{command[0]} failed: {last}\n" + "\n".join(words[-10:]))
    _, wall, user, system, peak, _ = last.split()
    return Run(float(wall), float(user) + float(system), int(peak) / 1024)


@dataclass(frozen=True)
class Result:
    """The runs of one row, ours and the stock backend's in turn."""

    ours: list[Run]
    stock: list[Run]

    def median(self, which: str, part: str) -> float:
        return statistics.median(getattr(run, part) for run in getattr(self, which))

    def ratio(self, part: str) -> float:
        return self.median("ours", part) / max(self.median("stock", part), 1e-6)


def in_turn(runs: int, ours: Callable[[], Run], stock: Callable[[], Run]) -> Result:
    """Measure both alternately, so that a busy moment of the machine meets both."""
    both = [(ours(), stock()) for _ in range(runs)]
    return Result([pair[0] for pair in both], [pair[1] for pair in both])


def show(name: str, result: Result, *requirements: tuple[str, bool]) -> None:
    """One row: medians of both, ratios, and the requirement beside them."""
    ours, stock = (
        f"{result.median(which, 'wall') * 1000:8.0f} ms {result.median(which, 'cpu') * 1000:6.0f} ms"
        f" {result.median(which, 'peak'):6.1f} MB"
        for which in ("ours", "stock")
    )
    ratios = f"{result.ratio('wall'):5.2f} x {result.ratio('cpu'):5.2f} x"
    verdict = ", ".join(f"{text}: {'yes' if kept else 'NO'}" for text, kept in requirements)
    printer = f"{result.median('ours', 'printer_cpu'):5.2f} s"
    print(f"{name:<34} {ours} | {stock} | {ratios} | {printer:>8} | {verdict}", flush=True)


def show_floor(floor: list[Run], result: Result) -> None:
    """The bare program's row: what it took, beside the stock backend, and ours beside it."""
    wall, cpu, peak = (statistics.median(getattr(run, part) for run in floor) for part in ("wall", "cpu", "peak"))
    ratio = wall / result.median("stock", "wall")
    ours = result.median("ours", "wall") / wall
    print(
        f"{'30 kB, the bare program':<34} {wall * 1000:8.0f} ms {cpu * 1000:6.0f} ms {peak:6.1f} MB | the floor:"
        f" {ratio:.2f} x the stock backend's wall time; ours takes {ours:.2f} x the floor's",
        flush=True,
    )


def show_head() -> None:
    print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f} before the first row; a load spoils the ratios")
    columns = f"{'wall':>11} {'cpu':>9} {'peak':>9}"
    print(f"{'':<34} {'ipps443':^31} | {'stock ipps':^31} | {'ratio':^15} | printer  |")
    print(f"{'median':<34} {columns} | {columns} | {'wall':>7} {'cpu':>7} | cpu      | section 10", flush=True)


def small_jobs(bench: Bench, printer: PrinterProcess, slow: PrinterProcess, runs: int) -> None:
    """One page: the whole process, without and with waiting for the printer."""
    page = make_document(30_000, bench.folder)

    def job(backend: Path, where: PrinterProcess, options: str) -> Callable[[], Run]:
        return lambda: bench.job(backend, where, page, options)

    option, floor = "waitjob=false", list[Run]()

    def ours_after_floor() -> Run:
        floor.append(bench.floor(printer, page))
        return bench.job(OURS, printer, page, option)

    for bench.pin in PINS:
        floor.clear()
        result = in_turn(runs, ours_after_floor, job(STOCK, printer, option))
        of_floor = result.median("ours", "wall") / statistics.median(run.wall for run in floor)
        wall, memory = result.ratio("wall") <= 3.0, result.median("ours", "peak") <= MEMORY
        requirements = (("<= 3.0 x", wall), ("<= 1.05 x the bare program", of_floor <= 1.05), (MEMORY_WORDS, memory))
        show(f"30 kB, {bench.pin}", result, *requirements)
        show_floor(floor, result)
    bench.pin = PINS[0]
    few = max(3, runs // 3)
    result = in_turn(few, job(OURS, slow, "waitjob=true"), job(STOCK, slow, "waitjob=true"))
    show("30 kB, waitjob, 0.3 s a job", result, ("<= 0.5 x", result.ratio("wall") <= 0.5))


def pairs(bench: Bench, printer: PrinterProcess, count: int, beside: Path | None) -> None:
    """Processor time of one-page jobs in interleaved pairs: beside another checkout, else with two kinds of pin."""
    page = make_document(30_000, bench.folder)
    variants = [(PINS[0], OURS), (PINS[1], OURS)]
    if beside is not None:
        variants = [(PINS[0], beside / "backend" / "ipps443"), (PINS[0], OURS)]

    def run(variant: tuple[str, Path]) -> Run:
        bench.pin, bench.ours = variant
        return bench.job(OURS, printer, page, "waitjob=false")

    for variant in variants:
        run(variant)  # byte-compiled, and the disk has been read
    found: list[tuple[Run, Run]] = []
    for number in range(count):
        order = variants if number % 2 else variants[::-1]
        one, two = (run(variant) for variant in order)
        found.append((one, two) if number % 2 else (two, one))
    bench.pin, bench.ours = PINS[0], OURS
    medians = [statistics.median(pair[side].cpu for pair in found) * 1000 for side in (0, 1)]
    difference = statistics.median(two.cpu - one.cpu for one, two in found) * 1000
    more = sum(two.cpu > one.cpu for one, two in found)
    what = f"{beside} and here" if beside is not None else f"{PINS[0]} and {PINS[1]}"
    print(f"{count} pairs, {what}: processor time {medians[0]:.1f} and {medians[1]:.1f} ms", flush=True)
    print(f"    median difference {difference:+.2f} ms, the second took more in {more} of {count}", flush=True)


def instructions(bench: Bench, printer: PrinterProcess, beside: Path | None) -> None:
    """Instructions of a one-page job from the launcher to its end, here and in another checkout."""
    page = make_document(30_000, bench.folder)
    for root in (*([beside] if beside is not None else []), ROOT):
        bench.ours = root / "backend" / "ipps443"
        bench.job(OURS, printer, page, "waitjob=false")  # byte-compiled
        command, environment = bench.command(OURS, printer, "waitjob=false")
        counted = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", "/usr/bin/python3", "-IS"]
        with subprocess.Popen(page.command, stdout=subprocess.PIPE) as feeder:
            done = subprocess.run([*counted, *command], stdin=feeder.stdout, env=environment, capture_output=True)
        printer.next_job()
        found = re.search(rb"Collected : ([0-9]+)", done.stderr)
        if done.returncode or found is None:
            raise BenchFailure(f"no instructions were counted: {done.stderr.decode(errors='replace')[-500:]}")
        print(f"{root}: {int(found[1]) / 1e6:.1f} million instructions for one page", flush=True)
    bench.ours = OURS


# Ways to send a large job: name, our options, most wall time and processor time beside the stock backend.
LARGE_WAYS: tuple[tuple[str, str, float, float | None], ...] = (
    ("chunked, no copy", "waitjob=false&spool=no", 1.0, 1.3),
    ("chunked, a copy kept", "waitjob=false", 1.0, 1.3),
    ("sized", "waitjob=false&transfer=sized", 1.0, 1.3),
)


def large_jobs(bench: Bench, printer: PrinterProcess, document: Document, runs: int, check: bool = False) -> None:
    """Hundreds of megabytes, each way of sending beside the stock backend."""
    label = f"{document.size // MEGABYTE} MB"
    for name, options, wall, cpu in LARGE_WAYS:
        result = in_turn(
            runs,
            lambda: bench.job(OURS, printer, document, options, check),
            lambda: bench.job(STOCK, printer, document, "waitjob=false", check),
        )
        requirements = [(f"wall <= {wall} x", result.ratio("wall") <= wall)]
        if cpu is not None:
            requirements.append((f"cpu <= {cpu} x", result.ratio("cpu") <= cpu))
        requirements.append((MEMORY_WORDS, result.median("ours", "peak") <= MEMORY))
        show(f"{label}, {name}", result, *requirements)


def check_all(bench: Bench, checker: PrinterProcess, document: Document) -> None:
    """Send a document in each way to a printer that hashes it."""
    for _, options, _, _ in LARGE_WAYS:
        bench.job(OURS, checker, document, options, check=True)
    bench.job(STOCK, checker, document, "waitjob=false", check=True)
    print(f"checked: {document.size} bytes arrive with the right hash in each way", flush=True)


def parse_size(text: str) -> int:
    """A number of bytes such as 256M or 2G."""
    units = {"K": 1 << 10, "M": 1 << 20, "G": 1 << 30}
    unit = units.get(text[-1:].upper())
    return int(text[:-1]) * unit if unit else int(text)


def parse(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python3 -m tests.bench.bench_backend", description=__doc__.split("\n")[0])
    parser.add_argument("--runs", type=int, default=15, help="runs of each small row (default 15)")
    parser.add_argument("--size", type=parse_size, default=256 * MEGABYTE, help="the large job (default 256M)")
    parser.add_argument("--size-runs", type=int, default=3, help="runs of each large row (default 3)")
    parser.add_argument("--large", type=parse_size, help="another, very large job, once in each way: 2G")
    parser.add_argument("--pairs", type=int, help="compare processor time over so many pairs of jobs, and no more")
    parser.add_argument("--beside", type=Path, help="the other checkout for these two")
    parser.add_argument("--instructions", action="store_true", help="count those of one page, and no more (valgrind)")
    parser.add_argument("--small-only", action="store_true", help="leave the large jobs out")
    return parser.parse_args(argv)


def run_all(options: argparse.Namespace, bench: Bench, printers: dict[str, PrinterProcess]) -> None:
    printer, slow, checker = printers["count"], printers["slow"], printers["hash"]
    for each in (printer, slow):
        # The first job to a printer learns how it takes jobs; what is timed afterwards is a printer that is known.
        page = make_document(30_000, bench.folder)
        bench.job(OURS, each, page, "waitjob=false")
        bench.job(STOCK, each, page, "waitjob=false")
    if options.instructions:
        instructions(bench, printer, options.beside)
        return
    if options.pairs:
        pairs(bench, printer, options.pairs, options.beside)
        return
    check_all(bench, checker, make_document(5 * MEGABYTE, bench.folder))
    show_head()
    small_jobs(bench, printer, slow, options.runs)
    if not options.small_only:
        large_jobs(bench, printer, make_document(options.size, bench.folder), options.size_runs)
    result = in_turn(options.runs, lambda: bench.device_list(OURS), lambda: bench.device_list(STOCK))
    show("device list", result, ("<= 100 ms", result.median("ours", "wall") <= 0.1))
    if options.large:
        print("the very large job goes to the printer that hashes, and the hash is compared")
        large_jobs(bench, checker, make_document(options.large, bench.folder), 1, check=True)


def main(argv: list[str]) -> int:
    options = parse(argv)
    if not STOCK.exists():
        print(f"{STOCK} is missing (cups); there is nothing to compare with.", file=sys.stderr)
        return 1
    folder = Path(tempfile.mkdtemp(prefix="bench-"))
    faults = {"count": "store=count", "slow": "store=count,job_time=0.3", "hash": "store=hash"}
    printers = {name: PrinterProcess(folder / name, fault) for name, fault in faults.items()}
    try:
        for printer in printers.values():
            printer.start()
        run_all(options, Bench(folder), printers)
    except BenchFailure as failure:
        print(f"The bench stopped: {failure}", file=sys.stderr)
        return 1
    finally:
        for printer in printers.values():
            if hasattr(printer, "process"):
                printer.stop()
        shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
