"""texttopcl beside the stock way from text to PCL: texttopdf | pdftopdf | gstoraster | rastertohp.

    python3 -m tests.bench.bench_texttopcl [--full] [--pages N ...]

Both are started as cupsd starts them: the same six arguments and environment, descriptors 3 and 4 open, the first
filter with the file, the others on pipes. Measured for each: wall time from the start of the first process to the end
of the last, processor time of all of them, their peak memory added up (they run at the same time; looked up in /proc
every two milliseconds, because the kernel's own account starts with the memory of whoever started a process), bytes
written, and time until the first byte of output. The stock chain does no more than --stock-pages pages unless --full
is given; what stands for more is reckoned from that and marked "~".
"""

from __future__ import annotations

import argparse
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, replace
from typing import Optional

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
FILTERS = "/usr/lib/cups/filter"
OURS = [os.path.join(ROOT, "filters", "texttopcl")]
STOCK = [os.path.join(FILTERS, name) for name in ("texttopdf", "pdftopdf", "gstoraster", "rastertohp")]
STOCK_DESCRIPTION = "drv:///sample.drv/laserjet.ppd"
PROSE = "/usr/share/common-licenses/GPL-3"
LINES_PER_PAGE = 60
#: Sides of 60 lines of 65 characters, as letters and listings have them.
LINE = "line {:4} of page {:6}: nobody reads the text of a measurement, ever\n"


@dataclass(frozen=True)
class Measured:
    """What one way of printing cost."""

    wall: float
    processor: float
    memory: float
    output: float
    first_byte: Optional[float]
    reckoned: bool = False


def write_text(path: str, pages: int) -> None:
    """Write a plain text of so many pages."""
    with open(path, "w", encoding="utf-8") as file:
        for page in range(pages):
            file.writelines(LINE.format(line, page) for line in range(LINES_PER_PAGE))


def write_mixed_text(path: str, pages: int) -> None:
    """Write a text of Cyrillic, Greek, box drawing and plain lines."""
    lines = (
        "Съешь ещё этих мягких французских булок, да выпей чаю ({})\n",
        "Ξεσκεπάζω την ψυχοφθόρα βδελυγμία abc {}\n",
        "│ {:>6} │ text in a table                  │\n",
        "a plain line with nothing special in it, {}\n",
    )
    with open(path, "w", encoding="utf-8") as file:
        for line in range(pages * LINES_PER_PAGE):
            file.write(lines[line % len(lines)].format(line))


def start_chain(
    commands: list[str], path: str, environ: dict[str, str], options: str = "PageSize=Letter"
) -> list[subprocess.Popen[bytes]]:
    """Start filters one behind the other; descriptors 3 and 4 stand for the back and side channels."""
    processes: list[subprocess.Popen[bytes]] = []
    source = subprocess.DEVNULL
    for number, command in enumerate(commands):
        arguments = ["1", "bench", "bench", "1", options] + ([path] if not number else [])
        script = 'exec 3<>/dev/null 4<>/dev/null; exec "$0" "$@"'
        process = subprocess.Popen(
            ["/bin/sh", "-c", script, command, *arguments],
            stdin=processes[-1].stdout if processes else source,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environ,
        )
        if processes:
            stdout = processes[-1].stdout
            assert stdout
            stdout.close()
        processes.append(process)
    return processes


class MemoryWatch(threading.Thread):
    """Looks at processes until they end, and keeps the most memory each had."""

    def __init__(self, processes: list[subprocess.Popen[bytes]]) -> None:
        super().__init__(daemon=True)
        self._peaks = {process.pid: 0 for process in processes}
        self._over = threading.Event()

    def run(self) -> None:
        while not self._over.wait(0.002):
            for pid in self._peaks:
                try:
                    with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as file:
                        found = re.search(r"VmHWM:\s+(\d+) kB", file.read())
                except OSError:
                    continue
                self._peaks[pid] = max(self._peaks[pid], int(found.group(1)) if found else 0)

    def stop(self) -> float:
        """Stop looking and return the sum of the peaks in MiB."""
        self._over.set()
        self.join()
        return sum(self._peaks.values()) / 1024


def measure(
    commands: list[str], path: str, environ: dict[str, str], options: str = "PageSize=Letter", keep: str = os.devnull
) -> Measured:
    """Run a chain over a file; what it writes goes to another one if that is wanted."""
    start = time.monotonic()
    processes = start_chain(commands, path, environ, options)
    watch = MemoryWatch(processes)
    watch.start()
    output, first_byte = 0, None
    stdout = processes[-1].stdout
    assert stdout
    with open(keep, "wb") as kept:
        while block := os.read(stdout.fileno(), 1 << 20):
            first_byte = first_byte or time.monotonic() - start
            output += len(block)
            kept.write(block)
    stdout.close()
    usages = [wait(process) for process in processes]
    wall = time.monotonic() - start
    processor = sum(usage.ru_utime + usage.ru_stime for usage in usages)
    return Measured(wall, processor, watch.stop(), output, first_byte)


def wait(process: subprocess.Popen[bytes]) -> resource.struct_rusage:
    """Wait for a filter that must succeed and return what it used."""
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{process.args!r} failed: {process.returncode}")
    return usage


def extrapolate(measured: Measured, first: Measured, pages: int, wanted: int) -> Measured:
    """Reckon a longer run from one of ``pages`` pages and one of a single page."""

    def longer(of_one: float, of_many: float) -> float:
        return of_one + (of_many - of_one) / (pages - 1) * (wanted - 1)

    return replace(
        measured,
        wall=longer(first.wall, measured.wall),
        processor=longer(first.processor, measured.processor),
        output=longer(first.output, measured.output),
        first_byte=longer(first.first_byte or 0, measured.first_byte or 0),
        reckoned=True,
    )


def stock_description(directory: str) -> Optional[str]:
    """Make the stock LaserJet description, the way lpadmin -m does."""
    driver = "/usr/lib/cups/daemon/cups-driverd"
    if not os.path.exists(driver) or not all(map(os.path.exists, STOCK)):
        return None
    path = os.path.join(directory, "laserjet.ppd")
    with open(path, "wb") as file:
        subprocess.run([driver, "cat", STOCK_DESCRIPTION], stdout=file, stderr=subprocess.DEVNULL, check=True)
    return path


def environment(directory: str, description: str) -> dict[str, str]:
    """Return what cupsd gives a filter."""
    return {
        "CHARSET": "utf-8",
        "CONTENT_TYPE": "text/plain",
        "CUPS_DATADIR": "/usr/share/cups",
        "CUPS_SERVERBIN": "/usr/lib/cups",
        "CUPS_SERVERROOT": "/etc/cups",
        "FINAL_CONTENT_TYPE": "printer/bench",
        "LANG": "en_US.UTF-8",
        "PATH": "/usr/lib/cups/filter:/usr/bin:/usr/sbin:/bin",
        "PPD": description,
        "PRINTER": "bench",
        "SOFTWARE": "CUPS",
        "TMPDIR": directory,
    }


def row(name: str, pages: int, measured: Measured) -> str:
    """Return one line of the table."""
    mark = "~" if measured.reckoned else " "
    return (
        f"{pages:>7} {name:<10}{mark}{measured.wall:>9.3f} {measured.processor:>9.3f} {measured.memory:>8.1f} "
        f"{measured.output / 1e6:>9.3f} {measured.first_byte or 0:>10.3f} {pages / measured.wall:>9.0f}"
    )


def compare(pages: list[int], stock_pages: int, directory: str) -> None:
    """Print the table."""
    description = stock_description(directory)
    environ = environment(directory, description or "")
    ours_environ = dict(environ, PPD="")
    print("  pages way         wall (s)   cpu (s)  mem MiB output MB  1st byte s   pages/s")
    done: dict[int, Measured] = {}
    for count in pages:
        path = os.path.join(directory, "text")
        write_text(path, count)
        ours = min((measure(OURS, path, ours_environ) for _ in range(3)), key=lambda m: m.wall)
        print(row("texttopcl", count, ours))
        if not description:
            print("        the stock filters or their LaserJet description are not installed")
            continue
        possible = min(count, stock_pages)
        if possible not in done:
            write_text(path, possible)
            done[possible] = measure(STOCK, path, environ)
        stock = done[possible]
        if possible < count:
            if 1 not in done:
                write_text(path, 1)
                done[1] = measure(STOCK, path, environ)
            stock = extrapolate(stock, done[1], possible, count)
        print(row("stock", count, stock))
        print(
            f"        stock/ours {stock.wall / ours.wall:>9.1f} {stock.processor / ours.processor:>9.1f} "
            f"{stock.memory / ours.memory:>8.1f} {stock.output / ours.output:>9.1f} "
            f"{(stock.first_byte or 0) / (ours.first_byte or 1):>10.1f}"
        )
    path = os.path.join(directory, "text")
    write_mixed_text(path, 1000)
    print(row("mixed", 1000, measure(OURS, path, ours_environ)))
    if os.path.exists(PROSE):
        prose = measure(OURS, PROSE, ours_environ)
        print(f"        {PROSE}: output {prose.output / os.path.getsize(PROSE):.3f} times the text")
    if any(count > stock_pages for count in pages) and description:
        print(f"~ reckoned from {stock_pages} pages; --full measures it")


def main() -> int:
    """Read the arguments, print the table."""
    parser = argparse.ArgumentParser(description="Time texttopcl and the stock filters on the same texts.")
    parser.add_argument("--pages", type=int, nargs="+", default=[1, 100, 10_000])
    parser.add_argument("--stock-pages", type=int, default=100, help="most pages given to the stock filters")
    parser.add_argument("--full", action="store_true", help="give the stock filters everything; takes many minutes")
    arguments = parser.parse_args()
    directory = tempfile.mkdtemp(prefix="bench-texttopcl-")
    try:
        compare(arguments.pages, 10**9 if arguments.full else max(arguments.stock_pages, 2), directory)
    finally:
        shutil.rmtree(directory)
    return 0


if __name__ == "__main__":
    sys.exit(main())
