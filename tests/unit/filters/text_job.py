"""Helpers: a text job run in this process, and the simplest model of what it must print."""

from __future__ import annotations

import os
import subprocess
import tempfile
import unicodedata
from typing import Mapping, Optional, Sequence

from filters.text_to_pcl import main

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
LAUNCHER = os.path.join(ROOT, "filters", "texttopcl")


def run_job(
    text: bytes, options: str = "", copies: int = 1, title: str = "title", environ: Optional[Mapping[str, str]] = None
) -> tuple[int, bytes, list[str]]:
    """Run the filter's main function on a text; return exit code, output and messages."""
    with tempfile.TemporaryFile() as source, tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as messages:
        source.write(text)
        source.seek(0)
        argv = ["texttopcl", "1", "user", title, str(copies), options]
        code = main(argv, environ or {}, source.fileno(), output.fileno(), messages.fileno())
        output.seek(0)
        messages.seek(0)
        return code, output.read(), messages.read().decode().splitlines()


def peak_of(command: Sequence[str], data: Optional[str] = None) -> int:
    """Return the most memory that a program used, in KiB, started from a process that has little itself.

    A program's peak begins at that of the process that starts it, and a worker of pytest may be larger than any filter.

    Args:
        data: a file for its standard input.
    """
    script = "import resource, subprocess, sys; subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True); "
    script += "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    with open(data or os.devnull, "rb") as source:
        done = subprocess.run(
            ["/usr/bin/python3", "-I", "-c", script, *command],
            stdin=source,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            check=True,
            env={"PATH": os.environ["PATH"]},  # of its own: measuring coverage takes memory as well
        )
    return int(done.stdout)


def warnings(messages: Sequence[str]) -> list[str]:
    """Return the warnings among messages."""
    return [message for message in messages if message.startswith("WARNING:")]


def model_pages(text: str, columns: int, lines: int, tab_width: int = 8) -> list[list[str]]:
    """Lay out text as a person with a typewriter would: break at the margin, new page when one is full."""
    pages: list[list[str]] = [[]]
    just_filled = False
    for number, part in enumerate(text.replace("\r\n", "\n").split("\f")):
        if number and not just_filled:
            pages.append([])
        just_filled = False
        for line in part.removesuffix("\n").split("\n") if part else []:
            for row in _slices(_cells(line, tab_width).rstrip(" "), columns):
                pages[-1].append(row)
                just_filled = len(pages[-1]) == lines
                if just_filled:
                    pages.append([])
    if not any(row.strip() for row in pages[-1]):
        pages.pop()
    return [_without_blank_end(page) for page in pages]


def _cells(line: str, tab_width: int) -> str:
    """Return a line with a character a cell: tabs as blanks, wide characters with a NUL, marks left out."""
    if line.isascii():
        return line.expandtabs(tab_width)
    cells = ""
    for character in unicodedata.normalize("NFC", line):
        if character == "\t":
            cells += " " * (tab_width - len(cells) % tab_width)
        elif unicodedata.category(character) not in ("Mn", "Me"):
            cells += character + "\0" * (unicodedata.east_asian_width(character) in "WF")
    return cells


def _slices(line: str, columns: int) -> list[str]:
    rows = []
    while len(line) > columns:
        end = columns - (line[columns] == "\0")
        rows.append(line[:end])
        line = line[end:]
    return [*rows, line]


def _without_blank_end(rows: list[str]) -> list[str]:
    rows = [row.replace("\xa0", " ").replace("\0", " ").rstrip(" ") for row in rows]
    while rows and not rows[-1]:
        rows.pop()
    return rows
