"""scstopcl on spooled files of many pages, beside the converters of tn5250 and pr3287 where they are installed.

    python3 -m tests.bench.bench_scstopcl [--pages N] [--gigabyte]

Two kinds of files: reports, 60 lines of a page with a line end after each, and forms, 60 runs of a page each put on its
place by AVPP and AHPP. Measured as in bench_texttopcl. --gigabyte sends a report of 1 GB through a pipe, and says how
much memory that took. At the end a table of what the converters make of the samples in tests/scs: how many of the
expected words they have, and how many whole lines, blanks in them aside; or how they ended. pr3287 is a printer of
mainframes, whose SCS has no PP, so its lines are those of files without.
"""

from __future__ import annotations

import argparse
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from tests.bench.bench_texttopcl import environment, measure
from tests.bench.tn3270e import print_with_pr3287
from tests.pcl_parser import PclError, parse_job

ROOT = Path(__file__).resolve().parents[2]
OURS = [str(ROOT / "filters" / "scstopcl")]
SAMPLES = ROOT / "tests" / "scs"
#: tn5250's converters whose text can be read, and x3270's printer.
OTHERS = ("scs2ascii", "scs2pdf", "pr3287")
START = bytes.fromhex("2BD20345FF 2BC8036001 2BD20948000001010001 0100 2BD306F60000FFFF 2BC10250 2BC20242 2BD20429000A")
GIGABYTE = 10**9


def report_page(number: int) -> bytes:
    """Return a page of 60 lines of text, each with a line end."""
    lines = (
        f" {line:4} of page {number:6}: a line of a report, with a number in it {line * 17:10.2f}" for line in range(60)
    )
    return b"\x34\xc4\x02" + b"".join(line.encode("cp037") + b"\x15" for line in lines) + b"\x0c"


def form_page(number: int) -> bytes:
    """Return a page of 60 runs, each on its place."""
    runs = (
        bytes((0x34, 0xC4, line + 2, 0x34, 0xC0, 2 + line % 20))
        + f"item {line} of {number}, some words".encode("cp037")
        for line in range(60)
    )
    return b"".join(runs) + b"\x0c"


def write_file(path: Path, pages: int, page) -> None:  # type: ignore[no-untyped-def]
    """Write a spooled file of so many pages."""
    with open(path, "wb") as file:
        file.write(START)
        for number in range(pages):
            file.write(page(number))


def compare_speed(folder: Path, pages: int) -> None:
    """Print how long files take, ours and, on the same file, the other converter's."""
    environ = environment(str(folder), "")
    print(
        f"{'file':<10}{'pages':>7}{'way':>11}{'wall (s)':>10}{'cpu (s)':>9}{'MiB':>7}{'1st byte s':>12}{'pages/s':>9}"
    )
    for kind, page in (("reports", report_page), ("forms", form_page)):
        for count in (1, pages):
            path = folder / f"{kind}{count}"
            write_file(path, count, page)
            found = min((measure(OURS, str(path), environ, "") for _ in range(3)), key=lambda m: m.wall)
            print(
                f"{kind:<10}{count:>7}{'scstopcl':>11}{found.wall:>10.3f}{found.processor:>9.3f}{found.memory:>7.1f}"
                f"{found.first_byte or 0:>12.3f}{count / found.wall:>9.0f}"
            )
            if shutil.which("scs2ascii"):
                start = time.monotonic()
                with open(path, "rb") as source:
                    subprocess.run(["scs2ascii"], stdin=source, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                wall = time.monotonic() - start
                print(f"{kind:<10}{count:>7}{'scs2ascii':>11}{wall:>10.3f}{'':>28}{count / wall:>9.0f}")


def measure_gigabyte(folder: Path) -> None:
    """Send a report of a gigabyte through a pipe; print time and peak memory."""
    page = b"".join(report_page(number) for number in range(200))
    environ = environment(str(folder), "")
    command = [*OURS, "1", "bench", "bench", "1", ""]
    start = time.monotonic()
    with open(os.devnull, "wb") as nothing:
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=nothing, stderr=nothing, env=environ)
        assert process.stdin
        process.stdin.write(START)
        sent = 0
        while sent < GIGABYTE:
            process.stdin.write(page)
            sent += len(page)
        process.stdin.close()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    pages = sent // len(page) * 200
    wall = time.monotonic() - start
    print(f"1 GB: {pages} pages in {wall:.0f} s, {pages / wall:.0f} pages/s, {usage.ru_maxrss / 1024:.0f} MiB at most")


def expected_lines(path: Path) -> list[str]:
    """Return the lines that must stand on the pages of a sample."""
    lines = path.with_suffix(".txt").read_text().replace("\N{SOFT HYPHEN}", "-").splitlines()
    return [line for line in lines if line.strip() and not line.startswith(("===", "---", "    ^"))]


def text_of(command: list[str], source: Path) -> str:
    """Return the text that a converter makes of a file, or how it ended."""
    if command[0] == "pr3287":
        return print_with_pr3287(source.read_bytes()).decode("utf-8", "replace")
    with open(source, "rb") as file:
        done = subprocess.run(command, stdin=file, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    if done.returncode:
        return signal.Signals(-done.returncode).name if done.returncode < 0 else f"exit {done.returncode}"
    if command[0] == OURS[0]:
        try:
            pages = parse_job(done.stdout, lambda glyph: "").pages if done.stdout else []
        except PclError:
            return done.stdout.decode("latin-1")
        return "\n".join(text for page in pages for _, text in page.lines())
    if done.stdout.startswith(b"%PDF"):
        done = subprocess.run(["pdftotext", "-layout", "-", "-"], input=done.stdout, capture_output=True)
    return done.stdout.decode("latin-1")


class Score(NamedTuple):
    """What a converter has of a sample: words and lines that are there, of those expected; or how it ended."""

    words: int
    all_words: int
    lines: int
    all_lines: int
    ended: str = ""

    def __str__(self) -> str:
        if self.ended:
            return self.ended
        return f"{self.words}/{self.all_words} {self.lines}/{self.all_lines}"


def score(command: list[str], source: Path) -> Score:
    """Return how many of the words and lines that are expected a converter has."""
    expected = [line for line in expected_lines(source) if line.isascii()]
    words = [word for line in expected_lines(source) for word in line.split() if word.isascii()]
    text = text_of(command, source)
    if text.startswith(("SIG", "exit ")):
        return Score(0, len(words), 0, len(expected), text)
    found = {"".join(line.split()) for line in re.split("[\n\f]", text)}
    lines = sum("".join(line.split()) in found for line in expected)
    return Score(sum(word in text for word in words), len(words), lines, len(expected))


def compare_results() -> None:
    """Print how many of the words and lines of each sample each converter has."""
    others = [name for name in OTHERS if shutil.which(name)]
    print(f"\n{'words and lines of':<26}{'scstopcl':>20}" + "".join(f"{name:>20}" for name in others))
    for path in sorted(SAMPLES.glob("*.scs")):
        ours = score([*OURS, "1", "u", "t", "1", "scs-dbcs=930" if path.stem[:2] == "19" else ""], path)
        print(f"{path.stem:<26}{str(ours):>20}" + "".join(f"{str(score([name], path)):>20}" for name in others))
    for name in sorted(set(OTHERS) - set(others)):
        print(f"{name} ({'x3270' if name == 'pr3287' else 'tn5250'}) is not installed")


def main() -> int:
    """Read the arguments, print the tables."""
    parser = argparse.ArgumentParser(description="Time scstopcl, and compare it with other converters.")
    parser.add_argument("--pages", type=int, default=5000)
    parser.add_argument(
        "--gigabyte", action="store_true", help="send a gigabyte through a pipe, and look at the memory"
    )
    arguments = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    folder = Path(tempfile.mkdtemp(prefix="bench-scstopcl-"))
    try:
        compare_speed(folder, arguments.pages)
        if arguments.gigabyte:
            measure_gigabyte(folder)
        compare_results()
    finally:
        shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
