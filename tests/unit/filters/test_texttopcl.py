"""The launcher, run as cupsd runs a filter: arguments, streams, signals."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess

import pytest

from tests.pcl_parser import PclError, parse_job
from tests.unit.filters.text_job import LAUNCHER, peak_of

GPL = "/usr/share/common-licenses/GPL-3"
UEL = b"\x1b%-12345X"


def start(*arguments: str) -> subprocess.Popen[bytes]:
    """Start the filter with pipes on all streams."""
    pipe = subprocess.PIPE
    environ = {"PATH": "/usr/bin:/bin", "LANG": "C"}
    return subprocess.Popen([LAUNCHER, *arguments], stdin=pipe, stdout=pipe, stderr=pipe, env=environ)


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


def test_pages_leave_while_the_input_is_open():
    """Page n is written before page n+2 has been sent, with the input still open."""
    process = start("1", "anna", "title", "1", "")
    assert process.stdin and process.stdout
    received = b""
    for number in range(1, 6):
        process.stdin.write(page_of(number))
        process.stdin.flush()
        while received.count(b"\f") < number:
            block = os.read(process.stdout.fileno(), 65536)
            assert block, "the filter ended with its input open"
            received += block
    output, _ = process.communicate(b"the end")
    assert len(parse_job(received + output).pages) == 6


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


@pytest.mark.parametrize("sent", [b"", page_of(1) * 2], ids=["waiting", "writing"])
def test_sigterm(sent):
    """A cancelled job stops at once, exits 1, and its output cannot be taken for a whole job."""
    process = start("1", "u", "t", "1", "")
    assert process.stdin and process.stdout
    process.stdin.write(b"x\f" + sent)
    process.stdin.flush()
    received = os.read(process.stdout.fileno(), 100)
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 1
    received += process.stdout.read()
    assert not received.endswith(UEL)
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


def peak_memory(tmp_path, text: bytes, times: int) -> int:
    """Return the most memory the filter used for a text repeated, in KiB."""
    path = tmp_path / "text"
    with open(path, "wb") as file:
        for _ in range(times):
            file.write(text)
    return peak_of([LAUNCHER, "1", "u", "t", "1", "", str(path)])


@pytest.mark.parametrize(
    "text",
    [page_of(7) * 10, b"x" * 10_000, "ж\t".encode() * 3000, b"\0" * 10_000],
    ids=["plain", "no line end", "tabs", "NULs"],
)
def test_memory_does_not_grow(tmp_path, text):
    """A hundred times the text, with or without line ends, needs the same memory but for a few MiB."""
    assert peak_memory(tmp_path, text, 300) - peak_memory(tmp_path, text, 3) < 8000


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


def test_the_stock_shell_can_start_it():
    """The launcher is executable and starts the distribution's Python in isolated mode."""
    with open(LAUNCHER, encoding="utf-8") as file:
        assert file.readline() == "#!/usr/bin/python3 -I\n"
    assert shutil.which(LAUNCHER)


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


@pytest.mark.parametrize("text", LONG_CLUSTERS)
def test_a_cluster_without_end_prints(text: str) -> None:
    """As PCL and as PDF: a spelling that no language has must not lose the job."""
    for program in ("texttopcl", "texttopdf443"):
        command = [os.path.join(os.path.dirname(LAUNCHER), program), "1", "anna", "title", "1", ""]
        done = subprocess.run(command, input=f"{text}\nend\n".encode(), capture_output=True, timeout=60)
        assert done.returncode == 0 and done.stdout and b"ERROR" not in done.stderr, done.stderr
