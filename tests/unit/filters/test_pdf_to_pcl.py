"""The PDF filter, run as cupsd runs it: what it writes, what it refuses, how it is stopped."""

from __future__ import annotations

import io
import os
import re
import resource
import signal
import subprocess
import time
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pypdf
import pytest

from filters import pdf_to_pcl
from filters.common.dataclass import replace
from filters.common.finished_sets import sets_in
from filters.pdf import opening
from filters.pdf.inspection import PdfRefused
from filters.pdf.renderer import LimitReached, Limits, Renderer
from filters.pdf.rendering import PageCopies, Rendering, command_line
from tests.cups.pcl_pages import pages_in
from tests.unit.filters.ghostpcl import needs_gpcl6
from tests.unit.filters.pdf_documents import A4, draw_slowly, make_pdf, needs_gs
from tests.unit.filters.pdf_job import (
    LAUNCHER,
    PCL5E,
    PCL6,
    PCL6_COLOR,
    RENDERED,
    UEL,
    choices,
    pdf_options,
    run_pdf,
)
from tests.unit.filters.test_pdf_inspection import encrypted
from tests.unit.filters.text_job import peak_of
from tests.unit.filters.text_pdf import run_pdf_job

pytestmark = needs_gs

PAGE = make_pdf((300, 300))
LIMITS = Limits(memory=1 << 30, seconds_per_page=120, output=1 << 30)
#: What a choice becomes in PCL 5: the type of paper stands behind the duplex command, with which it is one.
PCL5_CHOICES = {
    "Duplex": {"None": b"\x1b&l0s", "DuplexNoTumble": b"\x1b&l1s", "DuplexTumble": b"\x1b&l2s"},
    "Resolution": {"300dpi": b"\x1b*t300R", "600dpi": b"\x1b*t600R"},
    "TonerSave": {"On": b"@PJL SET ECONOMODE = ON\r\n", "Off": b"@PJL SET ECONOMODE = OFF\r\n", "Printer": b""},
    "InputSlot": {
        "Auto": b"\x1b&l7H",
        "Tray1": b"\x1b&l4H",
        "Tray2": b"\x1b&l1H",
        "Tray3": b"\x1b&l5H",
        "Tray4": b"\x1b&l8H",
        "Manual": b"\x1b&l2H",
        "Envelope": b"\x1b&l6H",
    },
    "MediaType": {
        "Plain": b"s0M",
        "Bond": b"s1M",
        "Special": b"s2M",
        "Glossy": b"s3M",
        "Transparency": b"s4M",
    },
}
#: The same in PCL XL, the value before the attribute: ubyte is C0, uint16_xy D1, ubyte_array C8; F8 and a number name
#: the attribute. The automatic source is what a printer does that is told nothing.
XL_CHOICES = {
    "Duplex": {"None": b"\xc0\x00\xf8\x34", "DuplexNoTumble": b"\xc0\x01\xf8\x35", "DuplexTumble": b"\xc0\x00\xf8\x35"},
    "Resolution": {
        name: b"\xd1" + 2 * dots.to_bytes(2, "little") + b"\xf8\x89"
        for name, dots in (("300dpi", 300), ("600dpi", 600), ("1200dpi", 1200))
    },
    "TonerSave": PCL5_CHOICES["TonerSave"],
    "InputSlot": {
        name: b"\xc0%c\xf8\x26" % number if number > 1 else b""
        for name, number in zip(("Auto", "Manual", "Tray1", "Tray2", "Tray3", "Envelope", "Tray4"), range(1, 8))
    },
    "MediaType": {
        name: b"\xc8\xc1" + len(name).to_bytes(2, "little") + name.encode() + b"\xf8\x27"
        for name in ("Plain", "Bond", "Special", "Glossy", "Transparency")
    },
    "ColorModel": {"Gray": b"@PJL SET RENDERMODE=GRAYSCALE\n", "RGB": b"@PJL SET RENDERMODE=COLOR\n"},
}
CHOICES = {name: XL_CHOICES if "pcl6" in name else PCL5_CHOICES for name in RENDERED}
#: Page sizes are in test_every_choice.py.
ELSEWHERE = {"PageSize", "PageRegion", "scs-codepage", "scs-cor", "scs-dbcs", "scs-landscape"}


@pytest.mark.parametrize("ppd", RENDERED)
def test_all_options_of_the_descriptions_are_known(ppd):
    """Every option of a description that is not for text, and every choice of it, is in the tables of this test."""
    known = {option for option in CHOICES[ppd] if option != "ColorModel" or ppd == PCL6_COLOR}
    assert pdf_options(ppd) - ELSEWHERE == known
    assert {option: set(choices(ppd, option)) for option in known} == {o: set(CHOICES[ppd][o]) for o in known}


@pytest.mark.parametrize("ppd", [PCL5E, PCL6_COLOR])
def test_every_choice_reaches_the_data(ppd):
    """Each choice of each option leaves its command in the print data, and those of its neighbours are not there.

    Every job has a choice of every option, the first has all first ones, and so on. The descriptions that are not here
    have the same options, or one less.
    """
    tables = {option: list(CHOICES[ppd][option].items()) for option in sorted(pdf_options(ppd) - ELSEWHERE)}
    for number in range(max(map(len, tables.values()))):
        chosen = {option: table[number % len(table)] for option, table in tables.items()}
        options = " ".join(f"{option}={choice}" for option, (choice, _) in chosen.items())
        head = run_pdf(PAGE, options, ppd).output[:1200]
        for option, (choice, command) in chosen.items():
            assert command in head, (option, choice)
            others = [other for _, other in tables[option] if other and other != command]
            assert not [other for other in others if other in head], (option, choice)


def test_an_ordinary_job():
    """A PDF on standard input comes out as PCL in one envelope; page numbers go to INFO, all else to DEBUG."""
    done = run_pdf(make_pdf(A4, A4), title="Grüße")
    assert (done.code, done.left_over) == (0, ())
    assert done.output.startswith(UEL + b'@PJL JOB NAME = "Gru?e"\r\n@PJL ENTER LANGUAGE = PCL\r\n\x1bE')
    assert done.output.endswith(b"\x1bE" + UEL + b'@PJL EOJ NAME = "Gru?e"\r\n' + UEL)
    assert done.output.count(b"\x1b*r1A") == 2
    assert "INFO: Rendering page 1 of 2" in done.messages and "INFO: Rendering page 2 of 2" in done.messages
    assert all(line.startswith(("DEBUG: ", "INFO: ")) for line in done.messages)


def test_options_that_are_not_known():
    """Each option with a value that is not known is one WARNING; the document prints as the queue's default says."""
    wrong = ("Resolution=9999dpi", "ColorModel=Weird", "sides=foo", "TonerSave=Maybe")
    done = run_pdf(PAGE, " ".join(wrong), PCL6_COLOR)
    warnings = [line for line in done.messages if line.startswith("WARNING: ")]
    assert done.code == 0 and done.output == run_pdf(PAGE, "", PCL6_COLOR).output
    assert len(warnings) == len(wrong) and all(any(option in line for line in warnings) for option in wrong)


def test_files(tmp_path):
    """Documents given as files are printed one after the other, in one envelope."""
    (tmp_path / "one.pdf").write_bytes(make_pdf(A4))
    (tmp_path / "two.pdf").write_bytes(make_pdf(A4, A4))
    arguments = [LAUNCHER, "1", "u", "t", "1", "Resolution=75dpi", tmp_path / "one.pdf", tmp_path / "two.pdf"]
    done = subprocess.run(arguments, stdin=subprocess.DEVNULL, capture_output=True)
    assert done.returncode == 0 and done.stdout.count(b"\x1b*r1A") == 3 and done.stdout.count(b"@PJL JOB") == 1


@pytest.mark.parametrize(
    "document, words",
    [
        (encrypted("secret", "secret").getvalue(), "password"),
        (make_pdf((9000, 200)), "too large"),
    ],
)
def test_refused(document, words):
    """What cannot be printed ends with exit code 1, one ERROR that says why, and not a byte of output."""
    done = run_pdf(document)
    assert (done.code, done.output, done.left_over) == (1, b"", ())
    assert len(done.errors) == 1 == len(done.messages) and words in done.errors[0]


def test_a_renderer_that_gives_up(tmp_path):
    """When Ghostscript fails half way, the output has no end, and one ERROR says so."""
    (tmp_path / "gs").write_text(
        "#!/bin/sh\nprintf '\\033%%-12345X@PJL ENTER LANGUAGE = PCLXL\\n half a page \\033%%-12345X'\n"
        "echo 'Error: /ioerror in --showpage--' >&2\nexit 3\n"
    )
    (tmp_path / "gs").chmod(0o755)
    done = run_pdf(PAGE, ppd=PCL6, PATH=f"{tmp_path}:{os.environ['PATH']}")
    assert done.code == 1 and b" half " in done.output and UEL not in done.output[len(UEL) :]
    assert len(done.errors) == 1 and "status 3" in done.errors[0] and "ioerror" in done.errors[0]


def test_no_renderer(tmp_path):
    """Without Ghostscript one ERROR says what to install."""
    (tmp_path / "python3").symlink_to("/usr/bin/python3")
    done = run_pdf(PAGE, PATH=str(tmp_path))
    assert (done.code, done.output) == (1, b"") and len(done.errors) == 1 and "install ghostscript" in done.errors[0]


def children(process: int) -> list[int]:
    """Return the processes that a process has started."""
    try:
        return [int(word) for word in Path(f"/proc/{process}/task/{process}/children").read_text().split()]
    except FileNotFoundError:
        return []


def start_slow(tmp_path: Path) -> subprocess.Popen[bytes]:
    """Start a job of many slow pages and return when its first message about a page is there."""
    (tmp_path / "slow.pdf").write_bytes(make_pdf(*[A4] * 25, draw=draw_slowly))
    (tmp_path / "tmp").mkdir()
    command = [LAUNCHER, "1", "u", "t", "1", "", str(tmp_path / "slow.pdf")]
    environ = {"PATH": os.environ["PATH"], "TMPDIR": str(tmp_path / "tmp")}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environ)
    assert process.stderr
    while not process.stderr.readline().startswith(b"INFO: Rendering page 1 "):
        assert process.poll() is None
    return process


def test_stopped(tmp_path):
    """SIGTERM ends the filter and Ghostscript, with no files left and nothing that looks like the end of the job."""
    process = start_slow(tmp_path)
    renderers = children(process.pid)
    assert renderers
    process.send_signal(signal.SIGTERM)
    output, messages = process.communicate(timeout=20)
    assert process.returncode == 1 and b"ERROR" not in messages
    assert UEL not in output[9:] and os.listdir(tmp_path / "tmp") == []
    assert not [pid for pid in renderers if os.path.exists(f"/proc/{pid}")]


def start_waiting(tmp_path: Path, beginning: bytes) -> subprocess.Popen[bytes]:
    """Start the filter on a document of which the beginning has come, and wait until Ghostscript is there."""
    environ = {"PATH": os.environ["PATH"], "TMPDIR": str(tmp_path)}
    command = [LAUNCHER, "1", "u", "t", "1", "Resolution=300dpi"]
    pipe = subprocess.PIPE
    process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, env=environ, bufsize=0)
    assert process.stdin
    process.stdin.write(beginning)
    while not children(process.pid):
        assert process.poll() is None
        time.sleep(0.01)
    return process


def test_the_renderer_waits_for_the_document(tmp_path):
    """Ghostscript gets itself ready while the document comes, and draws all of it, or what is cut out of it."""
    for document in (PAGE, PAGE + b"x" * 2000):
        process = start_waiting(tmp_path, PAGE[:-1])
        (renderer,) = children(process.pid)
        time.sleep(0.5)
        assert process.poll() is None and os.path.exists(f"/proc/{renderer}")
        output, messages = process.communicate(document[len(PAGE) - 1 :], timeout=60)
        assert process.returncode == 0 and output == run_pdf(document, "Resolution=300dpi", title="t").output
        assert pages_in(output) == 1 and not os.path.exists(f"/proc/{renderer}") and os.listdir(tmp_path) == []


def test_the_renderer_of_a_document_that_is_refused(tmp_path):
    """What is refused is not drawn, and the Ghostscript that waits for it is gone, as it is when the job is stopped."""
    for stopped in (False, True):
        process = start_waiting(tmp_path, PAGE[: len(PAGE) // 2])
        (renderer,) = children(process.pid)
        if stopped:
            process.send_signal(signal.SIGTERM)
        output, messages = process.communicate(timeout=20)
        assert (process.returncode, output) == (1, b"") and messages.count(b"[F02]") == int(not stopped)
        assert not os.path.exists(f"/proc/{renderer}") and os.listdir(tmp_path) == []


def test_a_renderer_that_is_killed(tmp_path):
    """When Ghostscript is killed, as by a kernel out of memory, one ERROR says so, and no files are left."""
    process = start_slow(tmp_path)
    (renderer,) = children(process.pid)
    assert os.listdir(tmp_path / "tmp")
    os.kill(renderer, signal.SIGKILL)
    output, messages = process.communicate(timeout=20)
    errors = [line for line in messages.splitlines() if line.startswith(b"ERROR: ")]
    assert process.returncode == 1 and len(errors) == 1 and b"signal 9" in errors[0] and b"memory" in errors[0]
    assert UEL not in output[9:] and os.listdir(tmp_path / "tmp") == []


def test_no_room_for_the_document(tmp_path):
    """When the folder for temporary files is full, one ERROR says which it is; nothing is printed or left behind."""
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", tmp_path]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("no small file system can be mounted here")
    try:
        document = make_pdf(A4, draw=draw_slowly, compress=False) + b"%" * 100_000
        done = subprocess.run(
            [LAUNCHER, "1", "u", "t", "1", ""],
            input=document,
            env={"PATH": os.environ["PATH"], "TMPDIR": str(tmp_path)},
            capture_output=True,
        )
        assert (done.returncode, done.stdout, os.listdir(tmp_path)) == (1, b"", [])
        assert re.fullmatch(
            rb"ERROR: [^\n]*No space left on device: '%s' \[F04\]\n" % os.fsencode(tmp_path), done.stderr
        )
    finally:
        subprocess.run(["umount", tmp_path], check=True)


def test_input_that_cannot_be_read(tmp_path):
    """An error of reading is not laid at the door of the folder for temporary files."""
    with open(tmp_path / "messages", "w+b") as messages, open(os.devnull, "wb") as null:
        argv = ["pdftopcl", "1", "u", "t", "1", ""]
        assert pdf_to_pcl.main(argv, {}, null.fileno(), null.fileno(), messages.fileno()) == 1
        messages.seek(0)
        assert re.fullmatch(rb"ERROR: [^\n']* Bad file descriptor[^\n']*\n", messages.read())


def test_nobody_reads(tmp_path):
    """When the backend is gone, the filter leaves quietly and takes Ghostscript along."""
    process = start_slow(tmp_path)
    renderers = children(process.pid)
    assert process.stdout and process.stderr
    process.stdout.close()
    with process.stderr:
        messages = process.stderr.read()
    assert process.wait(20) == 1 and b"ERROR" not in messages and os.listdir(tmp_path / "tmp") == []
    assert renderers and not [pid for pid in renderers if os.path.exists(f"/proc/{pid}")]


def test_pages_leave_while_others_are_rendered(tmp_path):
    """The first page is written while most of the document is still to be rendered."""
    process = start_slow(tmp_path)
    assert process.stdout and process.stderr
    received = b""
    while b"\x0c" not in received[-10000:]:
        received += os.read(process.stdout.fileno(), 65536)
    assert process.poll() is None and children(process.pid)
    process.send_signal(signal.SIGTERM)
    process.communicate()


def test_a_document_cannot_reach_anything(tmp_path):
    """A program in the document's place can read and write nothing but its own temporary folder, and start nothing."""
    (tmp_path / "tmp").mkdir()
    secret, victim = tmp_path / "secret", tmp_path / "victim"
    secret.write_text("secret")
    attempts = {
        f"({secret}) (r) file": "read",
        f"({victim}) (w) file": "write",
        "(/var/tmp/ipps443-victim) (w) file": "write elsewhere",
        "(%pipe%touch /var/tmp/ipps443-victim) (w) file": "start",
        f"({secret}) deletefile": "delete",
    }
    lines = [
        f"{{{code}}} stopped {{(no {what}) =}} {{(done {what}) =}} ifelse clear" for code, what in attempts.items()
    ]
    (tmp_path / "program").write_text("%!\n" + "\n".join(lines) + "\nshowpage\n")
    with open(tmp_path / "program", "rb") as file:
        arguments = command_line(Rendering(), f"/proc/self/fd/{file.fileno()}")
        renderer = Renderer(arguments, file.fileno(), str(tmp_path / "tmp"), os.environ, LIMITS)
        words = b"".join(piece for is_output, piece in renderer.output() if not is_output)
        status = renderer.wait()
        renderer.kill()
    assert status == 0
    assert re.findall(r"(?:no|done) .*", words.decode()) == [f"no {what}" for what in attempts.values()]
    assert secret.exists() and not victim.exists()


@pytest.mark.soak
def test_memory_stays_flat(tmp_path):
    """A document of 3000 pages needs little more memory than one of 30: what Ghostscript keeps of each, some 14 KB."""
    peaks = []
    for pages in (30, 3000):
        (tmp_path / "file.pdf").write_bytes(make_pdf(*[A4] * pages))
        command = [LAUNCHER, "1", "anna", "title", "1", "Resolution=75dpi"]
        peaks.append(peak_of(command, str(tmp_path / "file.pdf")))
    assert peaks[1] < peaks[0] + 80 * 1024


def test_a_document_that_takes_all_memory(monkeypatch):
    """A document whose reader needs gigabytes is refused, and the limit is gone afterwards."""
    before = resource.getrlimit(resource.RLIMIT_AS)
    monkeypatch.setattr(pdf_to_pcl, "inspect_pdf", lambda file: bytearray(8 << 30))
    done = run_pdf(PAGE)
    assert done.code == 1 and len(done.messages) == 1 and "it is damaged" in done.errors[0]
    assert resource.getrlimit(resource.RLIMIT_AS) == before


def test_a_document_that_leads_in_circles(monkeypatch):
    """A document that cannot be looked at in time is refused, also if its reader swallows exceptions."""

    def look_for_ever(file: object) -> None:
        for _ in range(2):
            try:
                time.sleep(30)
            except PdfRefused:
                pass
        time.sleep(30)

    monkeypatch.setattr(pdf_to_pcl, "inspect_pdf", look_for_ever)
    monkeypatch.setattr(opening, "LONGEST_LOOK", 0.01)
    done = run_pdf(PAGE)
    assert done.code == 1 and len(done.messages) == 1 and "it is damaged" in done.errors[0]


@pytest.mark.parametrize("size, color", [((400, 250), True), ((150, 300), False), ((32, 32), True)])
def test_pictures_that_are_to_be_smoothed_stay_small(size: tuple[int, int], color: bool) -> None:
    """PCL XL has the pixels of a picture, not the dots of the page, also if the PDF wants the pixels smoothed."""
    import random

    def draw(canvas: Any, page: tuple[float, float], number: int) -> None:
        from PIL import Image
        from reportlab.lib.utils import ImageReader

        pixels = random.Random(1).randbytes(3 * size[0] * size[1])
        canvas.drawImage(ImageReader(Image.frombytes("RGB", size, pixels)), 20, 20, page[0] - 40, page[1] - 40)

    document = make_pdf(A4, draw=draw, compress=False)
    smoothed = document.replace(b"/Subtype /Image", b"/Interpolate true /Subtype /Image")
    assert smoothed != document
    done = run_pdf(smoothed, ppd=PCL6_COLOR if color else PCL6)
    assert done.code == 0
    assert len(done.output) < 3 * size[0] * size[1] * 1.1 + 4096


@pytest.mark.parametrize("language", [PCL5E, PCL6])
def test_copies_of_pages_are_made_by_the_printer(language: str) -> None:
    """A document that has each page three times is drawn as one that has it once, and the printer prints as many."""
    text = b"one\n\ftwo\n\fthree\n"
    (_, once, _), (_, copied, _) = run_pdf_job(text), run_pdf_job(text, "", 3)
    single, several = run_pdf(once, "", language), run_pdf(copied, "", language, copies=3)
    assert (single.code, several.code) == (0, 0), several.messages
    assert (pages_in(single.output), pages_in(several.output)) == (3, 9)
    assert len(several.output) == len(single.output)
    assert not several.left_over


@pytest.mark.parametrize(
    "options, copies, asked",
    [("Collate=True", 3, 3), ("sides=two-sided-long-edge", 3, 3), ("", 3, 2), ("", 3, 1), ("", 100, 100)],
    ids=["collated", "two sides", "other number", "no copies", "too many"],
)
def test_copies_that_stay_in_the_document(options: str, copies: int, asked: int) -> None:
    """Sets, sheets with two sides, and what is no row of copies are drawn as they are in the document."""
    text = b"one\n" if copies > 9 else b"one\n\ftwo\n"
    _, document, _ = run_pdf_job(text, options, copies)
    done = run_pdf(document, options, PCL6, copies=asked)
    sheets = len(pypdf.PdfReader(io.BytesIO(document)).pages)
    assert done.code == 0 and sheets == copies * (1 if copies > 9 else 2)
    assert pages_in(done.output) == sheets
    assert b"\xc1\x01\x00\xf8\x31" in done.output and not re.search(rb"\xc1[^\x01]\x00\xf8\x31", done.output)


@pytest.mark.parametrize("options, language", [("", PCL5E), ("sides=two-sided-long-edge", PCL6)])
def test_whole_copies_are_made_by_the_printer_where_the_queue_says_so(options: str, language: str) -> None:
    """Copies one after the other are drawn and sent once, with PJL QTY in front; without the option, all of them."""
    text = b"one\n\ftwo\n"
    options = f"Collate=True {options}"
    (_, once, _), (_, copied, _) = run_pdf_job(text, options), run_pdf_job(text, options, 3)
    single, sent = run_pdf(once, options, language), run_pdf(copied, options, language, copies=3)
    several = run_pdf(copied, f"{options} pdf-copies=Printer", language, copies=3)
    assert (single.code, sent.code, several.code) == (0, 0, 0), several.messages
    quantity = b"@PJL SET QTY = 3\r\n"
    assert quantity not in sent.output and pages_in(sent.output) == 3 * pages_in(single.output)
    head, found, body = several.output.partition(quantity)
    assert found and head == b'\x1b%-12345X@PJL JOB NAME = "title"\r\n'
    assert pages_in(several.output) == pages_in(single.output) and len(head + body) == len(single.output)
    uncollated = run_pdf(run_pdf_job(text, "", 3)[1], "pdf-copies=printer", language, copies=3)
    assert quantity not in uncollated.output and pages_in(uncollated.output) == 6
    page = run_pdf(run_pdf_job(b"one\n", options, 3)[1], f"{options} pdf-copies=printer", language, copies=3)
    assert (quantity in page.output) == (options != "Collate=True ") and page.code == 0


@pytest.mark.parametrize("said, status", [("Error: VMerror in --run--", 1), ("**** Error: out of memory", 0)])
def test_ghostscript_without_memory(monkeypatch: pytest.MonkeyPatch, said: str, status: int) -> None:
    """One ERROR names the limit; without a word of memory it is another one."""
    for words, named in ((said, True), ("Error: rangecheck in --run--", False)):
        script = f"echo '{words}' >&2; exit {status}"
        monkeypatch.setattr(pdf_to_pcl, "command_line", lambda *given: ["sh", "-c", script, "gs"])
        (error,) = run_pdf(PAGE).errors
        assert ("more than render-memory allows" in error, error.endswith("[F06]")) == (named, named)


def test_each_page_has_its_time(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """render-seconds-per-page counts anew with each page that Ghostscript begins."""
    begun: list[Renderer] = []
    with monkeypatch.context() as patch:
        patch.setattr(Renderer, "page_begins", lambda renderer: begun.append(renderer))
        assert run_pdf(make_pdf(A4, A4, A4)).code == 0 and len(begun) == 3
    limits = Limits(1 << 40, 70, 1 << 30)
    with open(os.devnull, "rb") as document:
        waiting = Renderer(["true"], document.fileno(), str(tmp_path), {}, limits)
    clock = SimpleNamespace(monotonic=count(0, 70).__next__)
    monkeypatch.setattr("filters.pdf.renderer.time", clock)
    left: list[float] = []

    def wait(milliseconds: float) -> list[tuple[int, int]]:
        left.append(milliseconds)
        return [(0, 0)]

    poll: Any = SimpleNamespace(poll=wait)
    for _ in range(3):
        waiting._wait_for(poll)
        waiting.page_begins()
    waiting._wait_for(poll)
    with pytest.raises(LimitReached):
        waiting._wait_for(poll)
    assert left == [70_000] * 4 + [0]
    waiting.kill()


@needs_gpcl6
@pytest.mark.parametrize("language", [PCL5E, PCL6])
def test_ghostpcl_prints_all_copies(language: str, tmp_path: Path) -> None:
    """GhostPCL puts out each page as often as it was in the document."""
    _, document, _ = run_pdf_job(b"one\n\ftwo\n", "", 3)
    command = ["gpcl6", "-dNOPAUSE", "-dQUIET", "-sDEVICE=pgmraw", "-r20", "-o", f"{tmp_path}/%d.pgm", "-"]
    subprocess.run(command, input=run_pdf(document, "", language, copies=3).output, check=True, capture_output=True)
    assert len(list(tmp_path.iterdir())) == 6


def test_copies_that_are_finished_one_by_one() -> None:
    """They are left to our backend, once in the document; a document that is no row of copies is printed as it is."""
    collated = "multiple-document-handling=separate-documents-collated-copies finishings=20"
    twice, thrice = (run_pdf_job(b"one\n\ftwo\n", collated, copies)[1] for copies in (2, 3))
    for document, copies, sets, told in ((twice, 2, 2, 0), (thrice, 3, 3, 0), (make_pdf(A4, A4), 3, 1, 1)):
        done = run_pdf(document, collated, PCL5E, copies=copies, DEVICE_URI="ipps443://printer.example/ipp/print")
        assert done.code == 0 and pages_in(done.output) == 2 and sets_in(done.output) == sets
        assert sum("finished as one set" in line for line in done.messages) == told


def test_pages_that_ghostscript_does_not_find(monkeypatch: pytest.MonkeyPatch) -> None:
    """If it has not drawn each of the pages that are to be copied, the job has no end."""

    def without_one(rendering: Rendering, path: str, copied: PageCopies | None = None) -> list[str]:
        assert copied
        return command_line(rendering, path, replace(copied, pages=copied.pages[:1]))

    monkeypatch.setattr(pdf_to_pcl, "command_line", without_one)
    _, document, _ = run_pdf_job(b"one\n\ftwo\n", "", 2)
    done = run_pdf(document, copies=2)
    assert done.code == 1 and not done.output.endswith(UEL)


def test_what_takes_too_long_to_look_at_for_copies_is_printed_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """That the printer makes the copies is only the shorter way."""

    def too_long(descriptor: int, copies: int) -> range:
        raise PdfRefused("it is very complicated")

    monkeypatch.setattr(pdf_to_pcl, "find_copy", too_long)
    _, document, _ = run_pdf_job(b"one\n\ftwo\n", "", 2)
    done = run_pdf(document, copies=2)
    assert done.code == 0 and pages_in(done.output) == 4
