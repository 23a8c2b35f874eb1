"""texttopcl beside the stock way from text to PCL: texttopdf | pdftopdf | gstoraster | rastertohp.

    python3 -m tests.bench.bench_texttopcl [--full] [--runs N] [--pages N ...]

Both are started as cupsd starts them: the same six arguments and environment, descriptors 3 and 4 open, the first
filter with the file, the others on pipes. Measured for each: wall time from the start of the first process to the end
of the last, processor time of all of them, their peak memory added up (they run at the same time; looked up in /proc
every two milliseconds, because the kernel's own account starts with the memory of whoever started a process), bytes
written, and time until the first byte of output. The stock chain does no more than --stock-pages pages unless --full
is given; what stands for more is reckoned from that and marked "~".

Programs that set text for PostScript, enscript and a2ps, are timed on the same texts where they are installed. Texts
are plain ones, manual pages with overstrike, logs with colours, mixed alphabets, and Chinese, which needs a font:
without one all of it is boxes. FONTCONFIG_FILE may name fonts that are not installed. Below each row of another way
stands what ours costs in parts of it.
"""

from __future__ import annotations

import argparse
import math
import os
import random
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, replace
from typing import Callable, Optional

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
FILTERS = "/usr/lib/cups/filter"
OURS = [os.path.join(ROOT, "filters", "texttopcl")]
STOCK = [os.path.join(FILTERS, name) for name in ("texttopdf", "pdftopdf", "gstoraster", "rastertohp")]
STOCK_DESCRIPTION = "drv:///sample.drv/laserjet.ppd"
PROSE = "/usr/share/common-licenses/GPL-3"
#: Programs of the same kind, as they set a page of 60 lines or so in one face.
OTHERS = {
    "enscript": ("enscript", "-q", "-B", "-f", "Courier12", "-M", "Letter", "-o", "-"),
    "a2ps": ("a2ps", "-q", "-1", "-B", "--borders=no", "-M", "Letter", "-o", "-"),
}
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


def write_struck_text(path: str, pages: int) -> None:
    """Write manual pages as nroff makes them: a third of the lines with words that are struck twice or underlined."""
    bold = "".join(f"{letter}\b{letter}" for letter in "option")
    underlined = "".join(f"_\b{letter}" for letter in "file")
    lines = (
        f"     the {bold} takes a {underlined} that is read once for each page of it\n",
        "     and nothing else is said about it here, as on all pages of this kind\n",
        "     but for the last of them, which is the shortest\n",
    )
    with open(path, "w", encoding="utf-8") as file:
        file.writelines(lines[line % len(lines)] for line in range(pages * LINES_PER_PAGE))


def write_log(path: str, pages: int) -> None:
    """Write a log with colours, as programs show it on a terminal."""
    line = "2026-01-01 12:00:{:02} \x1b[1;32mINFO\x1b[0m request {} took \x1b[33m{} ms\x1b[0m and nothing else\n"
    with open(path, "w", encoding="utf-8") as file:
        file.writelines(line.format(number % 60, number, number % 977) for number in range(pages * LINES_PER_PAGE))


def write_chinese(path: str, pages: int) -> None:
    """Write pages of Chinese with 3,500 different characters."""
    with open(path, "w", encoding="utf-8") as file:
        for number in range(pages * LINES_PER_PAGE):
            file.write("".join(chr(0x4E00 + (number * 35 + place) * 997 % 3500) for place in range(35)) + "\n")


def write_chinese_prose(path: str, pages: int) -> None:
    """Write pages of Chinese as people write it: of 3,500 characters the 500 most frequent make two thirds."""
    chance = random.Random(3)
    weights = [math.exp(-rank / 250) + 0.25 * math.exp(-rank / 800) + 0.0005 for rank in range(3500)]
    characters = [chr(0x4E00 + rank * 997 % 3500) for rank in range(3500)]
    with open(path, "w", encoding="utf-8") as file:
        for _ in range(pages * LINES_PER_PAGE):
            file.write("".join(chance.choices(characters, weights, k=35)) + "\n")


#: Texts of other kinds, with pages enough to tell their rate from the start of the program.
KINDS: dict[str, tuple[Callable[[str, int], None], int]] = {
    "overstrike": (write_struck_text, 3000),
    "colours": (write_log, 3000),
    "mixed": (write_mixed_text, 2000),
    "Chinese": (write_chinese, 200),
    "Chinese prose": (write_chinese_prose, 200),
}


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
    return watched(lambda: start_chain(commands, path, environ, options), keep)


def watched(start_all: Callable[[], list[subprocess.Popen[bytes]]], keep: str = os.devnull) -> Measured:
    """Start programs, read what the last one writes, and return what they cost."""
    start = time.monotonic()
    processes = start_all()
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


def measure_program(arguments: tuple[str, ...], path: str) -> Measured:
    """Run a program that is no filter over a file."""
    command = [*arguments, path]
    return watched(lambda: [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)])


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
        # Fonts that are not installed can be named so.
        **{name: os.environ[name] for name in ("FONTCONFIG_FILE",) if name in os.environ},
    }


def row(name: str, pages: int, measured: Measured) -> str:
    """Return one line of the table."""
    mark = "~" if measured.reckoned else " "
    return (
        f"{pages:>7} {name:<10}{mark}{measured.wall:>9.3f} {measured.processor:>9.3f} {measured.memory:>8.1f} "
        f"{measured.output / 1e6:>9.3f} {measured.first_byte or 0:>10.3f} {pages / measured.wall:>9.0f}"
    )


def part(ours: float, other: float, width: int) -> str:
    """Return what ours costs in parts of the other; a dash if that is too little to be measured."""
    return f"{ours / other:>{width}.2f}" if other else f"{'-':>{width}}"


class Bench:
    """Runs all ways on texts in a folder, and prints a table with what they cost beside each other."""

    def __init__(self, directory: str, stock_pages: int, runs: int) -> None:
        self._path = os.path.join(directory, "text")
        self._stock_pages = stock_pages
        self._runs = runs
        self._description = stock_description(directory)
        self._environ = environment(directory, self._description or "")
        self._stock_done: dict[tuple[str, int], Measured] = {}

    def compare(self, kind: str, write: Callable[[str, int], None], pages: int) -> None:
        """Print the rows of one text: ours, programs of the same kind, and the stock filters."""
        write(self._path, pages)
        ours = self._best(lambda: measure(OURS, self._path, dict(self._environ, PPD="")))
        print(f"{kind}:")
        print(row("texttopcl", pages, ours), flush=True)
        for name, arguments in OTHERS.items():
            if shutil.which(name):
                other = self._best(lambda: measure_program(arguments, self._path))
                self._print_beside(name, pages, ours, other)
        if self._description:
            self._print_beside("stock", pages, ours, self._stock(kind, write, pages))
        else:
            print("        the stock filters or their LaserJet description are not installed")

    def prose(self) -> None:
        """Print how large a licence becomes."""
        if os.path.exists(PROSE):
            prose = measure(OURS, PROSE, dict(self._environ, PPD=""))
            print(f"{PROSE}: output {prose.output / os.path.getsize(PROSE):.3f} times the text")

    def _best(self, run: Callable[[], Measured]) -> Measured:
        return min((run() for _ in range(self._runs)), key=lambda measured: measured.wall)

    def _stock(self, kind: str, write: Callable[[str, int], None], pages: int) -> Measured:
        possible = min(pages, self._stock_pages)
        few = self._stock_run(kind, write, possible)
        return few if possible == pages else extrapolate(few, self._stock_run(kind, write, 1), possible, pages)

    def _stock_run(self, kind: str, write: Callable[[str, int], None], pages: int) -> Measured:
        if (kind, pages) not in self._stock_done:
            write(self._path, pages)
            self._stock_done[kind, pages] = measure(STOCK, self._path, self._environ)
        return self._stock_done[kind, pages]

    def _print_beside(self, name: str, pages: int, ours: Measured, other: Measured) -> None:
        print(row(name, pages, other))
        parts = (
            part(ours.wall, other.wall, 8),
            part(ours.processor, other.processor, 9),
            part(ours.memory, other.memory, 8),
            part(ours.output, other.output, 9),
            part(ours.first_byte or 0, other.first_byte or 0, 10),
        )
        print(f"        ours/{name:<9} " + " ".join(parts), flush=True)


def compare(pages: list[int], stock_pages: int, runs: int, directory: str) -> None:
    """Print the table."""
    bench = Bench(directory, stock_pages, runs)
    print("  pages way         wall (s)   cpu (s)  mem MiB output MB  1st byte s   pages/s")
    for count in pages:
        bench.compare("plain", write_text, count)
    for kind, (write, count) in KINDS.items():
        bench.compare(kind, write, count)
    bench.prose()
    print(f"~ reckoned from {stock_pages} pages; --full measures it")


def main() -> int:
    """Read the arguments, print the table."""
    parser = argparse.ArgumentParser(description="Time texttopcl and the stock filters on the same texts.")
    parser.add_argument("--pages", type=int, nargs="+", default=[1, 100, 10_000])
    parser.add_argument("--stock-pages", type=int, default=100, help="most pages given to the stock filters")
    parser.add_argument("--runs", type=int, default=3, help="runs of ours and of other programs; the best counts")
    parser.add_argument("--full", action="store_true", help="give the stock filters everything; takes many minutes")
    arguments = parser.parse_args()
    directory = tempfile.mkdtemp(prefix="bench-texttopcl-")
    try:
        stock_pages = 10**9 if arguments.full else max(arguments.stock_pages, 2)
        compare(arguments.pages, stock_pages, arguments.runs, directory)
    finally:
        shutil.rmtree(directory)
    return 0


if __name__ == "__main__":
    sys.exit(main())
