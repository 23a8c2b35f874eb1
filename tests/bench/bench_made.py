"""Queues with descriptions made from printers beside CUPS's own "everywhere", in a private cupsd.

    sudo /usr/bin/python3 -m tests.bench.bench_made [--runs N] [PRINTER ...]

Each document goes through both queues in turn, from ``lp`` until its last byte is at the printer; the median counts,
and so it does for the first byte there. The printers are the scripted one with the words of recorded ones, over TLS
for both. Then what an administrator waits for: a description from a printer's answer, without the network, and the
list of pinned printers.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from backend import __version__
from filters.description.generate import describe_printer
from tests.bench.bench_pdftopcl import draw_text
from tests.cups.recorded import RECORDED, add, make_printer
from tests.cups.server import CupsServer, wait_until, why_not
from tests.printer import Faults, Printer
from tests.unit.filters.description.printers import recorded, strings_of
from tests.unit.filters.pdf_documents import A4, draw_picture, make_pdf

ROOT = Path(__file__).resolve().parents[2]
#: One for PDF, one for raster alone.
PRINTERS = ("Composite-Office-Finisher", "Epson-XP-6000")
LONGEST = 300
PINS = 1000
#: Milliseconds that are asked for.
MOST_OF_A_DESCRIPTION, MOST_OF_A_LIST = 150, 100

DOCUMENTS: dict[str, tuple[int, Callable[[], bytes]]] = {
    "page.txt": (1, lambda: b"One line of text.\n"),
    "text.txt": (50, lambda: b"".join(b"Line %5d: nobody reads this.\n" % line for line in range(50 * 60))),
    "text.pdf": (20, lambda: make_pdf(*[A4] * 20, draw=draw_text)),
    "photographs.pdf": (5, lambda: make_pdf(*[A4] * 5, draw=draw_picture)),
}


@dataclass(frozen=True)
class Run:
    """Seconds from ``lp`` to the first and to the last byte at the printer, and what came."""

    first: float
    last: float
    size: int
    format: str


def run(cups: CupsServer, printer: Printer, queue: str, path: Path) -> Run:
    """Print a document."""
    before = len(printer.printed)
    began = time.monotonic()
    job = cups.lp(queue, path)
    wait_until(lambda: len(printer.printed) > before, LONGEST, f"{path.name} at {queue}: {cups.job_log(job)[-20:]}")
    received = printer.printed[-1]
    assert received.first_byte is not None and received.start is not None
    last = received.start - began  # it begins to print when all of the document has come
    if cups.wait(job, LONGEST) != "completed":
        raise SystemExit(f"{path.name} was not printed by {queue}")
    return Run(received.first_byte - began, last, received.size, str(received.document_format))


def everywhere(cups: CupsServer, name: str, printer: Printer) -> str:
    """Make a queue with stock's description, which cupsd writes in the background."""
    queue = f"stock-{name}"
    cups.run("lpadmin", "-p", queue, "-E", "-v", printer.uri(scheme="ipps"), "-m", "everywhere")
    wait_until((cups.etc / "ppd" / f"{queue}.ppd").exists, 60, "description")
    time.sleep(1)  # until cupsd has read it
    cups.run("cupsenable", queue)
    cups.run("cupsaccept", queue)
    return queue


def compare(cups: CupsServer, name: str, folder: Path, runs: int) -> None:
    """Print a row for each document on one printer."""
    with make_printer(name) as printer:
        printer.faults = Faults(format="unlisted-ok", begin="first-byte")
        queues = (add(cups, name, printer, "--model", "printer"), everywhere(cups, name, printer))
        for document, (pages, _) in DOCUMENTS.items():
            found: dict[str, list[Run]] = {queue: [] for queue in queues}
            for number in range(runs + 1):
                for queue in queues if number % 2 else queues[::-1]:
                    found[queue].append(run(cups, printer, queue, folder / document))
            show(f"{name[:20]} {document}", pages, *(each[1:] for each in found.values()))


def show(what: str, pages: int, ours: list[Run], stock: list[Run]) -> None:
    """Print one row: ours, stock, and how many times as fast ours is."""
    (our_first, our_last), (stock_first, stock_last) = (
        (statistics.median(run.first for run in runs), statistics.median(run.last for run in runs))
        for runs in (ours, stock)
    )
    print(
        f"{what:<37} {pages / our_last:>8.1f} {pages / stock_last:>8.1f} {stock_last / our_last:>6.2f} "
        f"{our_first:>8.2f} {stock_first:>8.2f} {stock_first / our_first:>6.2f}   "
        f"{ours[0].format.rpartition('/')[2]} {ours[0].size}, {stock[0].format.rpartition('/')[2]} {stock[0].size}",
        flush=True,
    )


def best(what: Callable[[], object], runs: int) -> float:
    """Return the milliseconds of the quickest run."""

    def once() -> float:
        began = time.perf_counter()
        what()
        return (time.perf_counter() - began) * 1000

    return min(once() for _ in range(runs))


def descriptions(runs: int) -> None:
    """Print how long descriptions take, all but the asking: what the printers say, in this process."""
    took = {
        name: best(lambda: describe_printer(recorded(name), strings_of(name), __version__), runs) for name in RECORDED
    }
    slowest = max(took, key=lambda name: took[name])
    kept = "yes" if took[slowest] <= MOST_OF_A_DESCRIPTION else "NO"
    print(
        f"{len(took)} descriptions: {min(took.values()):.0f} to {took[slowest]:.0f} ms ({slowest}); <= 150 ms: {kept}"
    )


def lists(folder: Path, runs: int) -> None:
    """Print how long the driver program and the backend take to list many pinned printers, from start to end."""
    (folder / "ipps443").mkdir()
    pins = folder / "ipps443" / "pins"
    hosts = (f"printer{n}.example:443" for n in range(PINS))
    pins.write_text("".join(f'{host} spki-sha256:{"ab" * 32} label="Room" model="Acme Office"\n' for host in hosts))
    pins.chmod(0o640)
    environ = {**os.environ, "CUPS_SERVERROOT": str(folder)}
    for name, command in (("driver list", ["backend/driver", "list"]), ("device list", ["backend/ipps443"])):
        lines = subprocess.run([ROOT / command[0], *command[1:]], env=environ, capture_output=True).stdout.splitlines()
        if len(lines) < PINS:
            raise SystemExit(f"{name}: {len(lines)} lines")
        took = best(
            lambda: subprocess.run([ROOT / command[0], *command[1:]], env=environ, capture_output=True, check=True),
            runs,
        )
        kept = "yes" if took <= MOST_OF_A_LIST else "NO"
        print(f"{name} of {PINS} pins: {took:.0f} ms; <= 100 ms: {kept}")


def main(argv: list[str]) -> int:
    """Read the arguments, print the tables."""
    parser = argparse.ArgumentParser(
        prog="python3 -m tests.bench.bench_made", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("printers", metavar="PRINTER", nargs="*", help=f"of {', '.join(RECORDED)}")
    parser.add_argument("--runs", type=int, default=3)
    arguments = parser.parse_args(argv)
    reason = why_not()
    if reason:
        raise SystemExit(reason)
    names: Iterable[str] = arguments.printers or PRINTERS
    print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}; pages/s and first byte: ours, stock, ratio")
    with tempfile.TemporaryDirectory(prefix="bench-made-") as name, CupsServer("LogLevel warn") as cups:
        folder = Path(name)
        folder.chmod(0o755)
        for document, (_, make) in DOCUMENTS.items():
            (folder / document).write_bytes(make())
        descriptions(max(arguments.runs, 3))
        lists(folder, max(arguments.runs, 5))
        for each in names:
            compare(cups, each, folder, arguments.runs)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
