"""The launchers for text, run as cupsd runs filters: streams, signals, memory."""

from __future__ import annotations

import os
import signal
import subprocess
from typing import Any, Callable

import pytest

from tests.pcl_parser import PclError, parse_job
from tests.unit.filters.text_job import LAUNCHER, peak_of
from tests.unit.filters.text_pdf import read_sheets

GPL = "/usr/share/common-licenses/GPL-3"
UEL = b"\x1b%-12345X"


#: Program -> what ends each page of its output, and its pages.
PROGRAMS: dict[str, tuple[bytes, Callable[[bytes], list[Any]]]] = {
    "texttopcl": (b"\f", lambda output: parse_job(output).pages),
    "texttopdf443": (b"endstream", read_sheets),
}
each_program = pytest.mark.parametrize("program", PROGRAMS)


def launcher_of(program: str) -> str:
    """Return the path of a launcher."""
    return os.path.join(os.path.dirname(LAUNCHER), program)


def start(*arguments: str, program: str = "texttopcl", **environ: str) -> subprocess.Popen[bytes]:
    """Start a filter with pipes on all streams."""
    pipe = subprocess.PIPE
    usual = {"PATH": "/usr/bin:/bin", "LANG": "C"}
    return subprocess.Popen(
        [launcher_of(program), *arguments], stdin=pipe, stdout=pipe, stderr=pipe, env={**usual, **environ}
    )


def page_of(number: int) -> bytes:
    """Return the text of a full A4 page."""
    return b"".join(b"page %d line %d\n" % (number, line) for line in range(64))


def test_standard_input():
    """Five arguments: the text comes on standard input."""
    process = start("1", "anna", "title", "1", "")
    output, messages = process.communicate(b"hello\n")
    assert process.returncode == 0
    assert [text for _, text in parse_job(output).pages[0].lines()] == ["hello"]
    assert all(line.startswith((b"DEBUG: ", b"INFO: ", b"WARNING: ")) for line in messages.splitlines())


def test_a_file(tmp_path):
    """Six arguments: the text comes from the file, and standard input is left alone."""
    (tmp_path / "text").write_bytes(b"from the file\n")
    process = start("1", "anna", "title", "2", "landscape", str(tmp_path / "text"))
    output, _ = process.communicate()
    job = parse_job(output)
    assert (process.returncode, job.copies, job.pages[0].orientation) == (0, 2, 1)


@pytest.mark.skipif(not os.path.exists(GPL), reason="no GPL-3 among the common licences")
def test_the_gpl():
    """GPL-3 comes out line for line, in at most 1.05 times its bytes."""
    process = start("1", "anna", "GPL-3", "1", "media=Letter", GPL)
    output, _ = process.communicate()
    with open(GPL, encoding="utf-8") as file:
        lines = [line.rstrip() for line in file]
    pages = parse_job(output).pages
    found = [row for page in pages for row in (page.text(0, 4500, 720, 1200) + [""] * 60)[:60]]
    assert found[: len(lines)] == lines and len(pages) == -(-len(lines) // 60)
    assert len(output) <= 1.05 * os.path.getsize(GPL)


@each_program
def test_pages_leave_while_the_input_is_open(program):
    """Page n is written before page n+2 has been sent, with the input still open."""
    end_of_page, pages_of = PROGRAMS[program]
    process = start("1", "anna", "title", "1", "", program=program)
    assert process.stdin and process.stdout
    received = b""
    for number in range(1, 6):
        process.stdin.write(page_of(number))
        process.stdin.flush()
        while received.count(end_of_page) < number:
            block = os.read(process.stdout.fileno(), 65536)
            assert block, "the filter ended with its input open"
            received += block
    output, _ = process.communicate(b"the end")
    assert len(pages_of(received + output)) == 6


def test_input_that_trickles():
    """Text that comes byte by byte, characters and line ends cut in two, prints like any other."""
    process = start("1", "anna", "title", "1", "")
    assert process.stdin
    for byte in "äöü\r\nß€\f→\r\n".encode():
        process.stdin.write(bytes([byte]))
        process.stdin.flush()
    output, _ = process.communicate()
    pages = [[text for _, text in page.lines()] for page in parse_job(output).pages]
    assert pages[0] == ["äöü", "ß€"] and len(pages) == 2


def test_a_file_that_is_not_there():
    """A document that cannot be opened is an ERROR that names it, with no output."""
    process = start("1", "u", "t", "1", "", "/nonexistent/file")
    output, messages = process.communicate()
    assert (process.returncode, output) == (1, b"") and b"ERROR: " in messages and b"/nonexistent/file" in messages


def test_a_fault_of_our_own(tmp_path, monkeypatch):
    """An error that nobody thought of is one ERROR line, with the traceback in DEBUG lines, and exit code 1."""
    from filters import text_to_pcl

    def fail(*arguments: object) -> None:
        raise ZeroDivisionError("out of paper")

    monkeypatch.setattr(text_to_pcl, "TextPages", fail)
    with open(tmp_path / "messages", "w+b") as messages, open(os.devnull, "r+b") as null:
        code = text_to_pcl.main(["f", "1", "u", "t", "1", ""], {}, null.fileno(), null.fileno(), messages.fileno())
        messages.seek(0)
        lines = messages.read().splitlines()
    assert code == 1 and lines[-1].startswith(b"ERROR: ") and b"out of paper" in lines[-1]
    assert len(lines) > 3 and all(line.startswith(b"DEBUG: ") for line in lines[:-1])


def test_closed_output():
    """When nobody reads any more it fails, quietly."""
    process = start("1", "u", "t", "1", "")
    assert process.stdin and process.stdout and process.stderr
    process.stdout.close()
    try:
        process.stdin.write(page_of(1) * 1000)
        process.stdin.close()
    except BrokenPipeError:
        pass
    with process.stderr:
        messages = process.stderr.read()
    assert process.wait(10) == 1 and b"Traceback" not in messages and b"ERROR" not in messages


@pytest.mark.parametrize(
    "program, sent, end",
    [("texttopcl", b"", UEL), ("texttopcl", page_of(1) * 2, UEL), ("texttopdf443", page_of(1) * 2, b"%%EOF")],
    ids=["waiting", "writing", "PDF"],
)
def test_sigterm(program, sent, end):
    """A cancelled job stops at once, exits 1, and its output cannot be taken for a whole job."""
    process = start("1", "u", "t", "1", "", program=program)
    assert process.stdin and process.stdout
    process.stdin.write(b"x\f" + sent)
    process.stdin.flush()
    received = os.read(process.stdout.fileno(), 100)
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 1
    received += process.stdout.read()
    assert received and end not in received[len(UEL) :]
    if program == "texttopcl":
        with pytest.raises(PclError):
            parse_job(received)
    process.stdin.close()
    process.stdout.close()
    assert process.stderr
    process.stderr.close()


def test_a_link_finds_its_code(tmp_path):
    """The launcher finds its packages through a symbolic link, from any folder, with any PYTHONPATH."""
    link = tmp_path / "texttopcl"
    link.symlink_to(LAUNCHER)
    (tmp_path / "filters").mkdir()
    (tmp_path / "filters" / "__init__.py").write_text("raise SystemExit('the wrong package')\n")
    done = subprocess.run(
        [str(link), "1", "u", "t", "1", ""],
        input=b"x",
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=tmp_path,
        env={"PYTHONPATH": str(tmp_path)},
    )
    assert done.returncode == 0 and parse_job(done.stdout)


def peak_memory(tmp_path, text: bytes, times: int, program: str = "texttopcl") -> int:
    """Return the most memory a filter used for a text repeated, in KiB."""
    path = tmp_path / "text"
    with open(path, "wb") as file:
        for _ in range(times):
            file.write(text)
    return peak_of([launcher_of(program), "1", "u", "t", "1", "", str(path)])


@pytest.mark.parametrize(
    "program, text, more",
    [
        ("texttopcl", page_of(7) * 10, 8000),
        ("texttopcl", b"x" * 10_000, 8000),
        ("texttopcl", "ж\t".encode() * 3000, 8000),
        ("texttopcl", b"\0" * 10_000, 8000),
        ("texttopdf443", page_of(7) * 10, 4096),
    ],
    ids=["plain", "no line end", "tabs", "NULs", "PDF"],
)
def test_memory_does_not_grow(tmp_path, program, text, more):
    """A hundred times the text, with or without line ends, needs the same memory but for a few MiB."""
    assert peak_memory(tmp_path, text, 300, program) - peak_memory(tmp_path, text, 3, program) < more


#: Most memory for any number of lines, in KiB: the interpreter takes 10 MiB of it, mapped font files some more.
MOST_MEMORY = 24 * 1024


def test_memory_for_a_million_lines(tmp_path):
    """A million plain lines, some 16,000 pages, are printed in 24 MiB."""
    assert peak_memory(tmp_path, b"a line of text, one of a million of them\n" * 1000, 1000) < MOST_MEMORY


@pytest.mark.soak
@pytest.mark.parametrize(
    "text, lines",
    [("строка, Ελληνικά, ┌──┐ \x1b[1mжирно\x1b[m\n", 1_000_000), ("漢字かな交じり文 and עברית\n", 300_000)],
    ids=["mixed scripts", "Japanese and Hebrew"],
)
def test_memory_for_very_many_lines_of_other_scripts(tmp_path, text, lines):
    """So are texts that need glyphs, styles and another order."""
    assert peak_memory(tmp_path, text.encode() * 1000, lines // 1000) < MOST_MEMORY


def test_the_job_ends_with_the_last_page_wanted():
    """With page-ranges the printer has the whole job as soon as its last page is complete, though the input goes on."""
    process = start("1", "u", "t", "1", "page-ranges=1")
    assert process.stdin and process.stdout
    process.stdin.write(page_of(1) + b"more\n")
    process.stdin.flush()
    received = b""
    while received.count(UEL) < 3:
        block = os.read(process.stdout.fileno(), 65536)
        assert block, "the filter ended with its input open"
        received += block
    assert len(parse_job(received).pages) == 1 and process.poll() is None
    assert process.communicate() and process.returncode == 0


def test_the_writer_is_not_cut_off():
    """When only the first pages are wanted, the rest of standard input is still read to its end."""
    process = start("1", "u", "t", "1", "page-ranges=1")
    output, _ = process.communicate(page_of(1) * 1000)
    assert process.returncode == 0 and len(parse_job(output).pages) == 1
    process = start("1", "u", "t", "1", "page-ranges=1")
    assert process.stdin
    for _ in range(20):
        process.stdin.write(page_of(1) * 100)
        process.stdin.flush()
    assert len(parse_job(process.communicate()[0]).pages) == 1


LONG_CLUSTERS = ["\u0e81" + 40 * "\u0eb3", "\u0939" + 60 * "\u093e", 50 * "\u0915\u094d", "\u1000" + 70 * "\u1038"]


@each_program
def test_a_cluster_without_end_prints(program: str) -> None:
    """A spelling that no language has must not lose the job."""
    output, messages = start("1", "anna", "title", "1", "", program=program).communicate(
        "".join(f"{text}\nend\n" for text in LONG_CLUSTERS).encode()
    )
    assert PROGRAMS[program][1](output) and b"ERROR" not in messages
