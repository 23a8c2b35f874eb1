"""The launchers, started by somebody who closed standard input, output or errors, as a careless wrapper does."""

from __future__ import annotations

import io
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.faults.harness import device_uri, environment, own_certificate, places
from tests.printer import Printer

ROOT = Path(__file__).resolve().parents[2]
#: What is closed of the three.
CLOSED = [(0,), (1, 2), (0, 1, 2)]
DOCUMENT = b"\x1bE" + b"A page.\x0c" + b"\x1bE"
LONGEST = 30


def _pdf() -> bytes:
    from backend.control.testpage import A4, draw_page

    return draw_page([("queue", "one")], A4)


def _picture() -> bytes:
    from PIL import Image

    written = io.BytesIO()
    Image.new("L", (30, 20), 90).save(written, "png")
    return written.getvalue()


UEL, END = b"\x1b%-12345X", b"%%EOF"
#: Each filter with a document for it, and how its output ends.
FILTERS: dict[str, tuple[Callable[[], bytes], bytes]] = {
    "texttopcl": (lambda: b"hello\n", UEL),
    "texttopdf443": (lambda: b"hello\n", END),
    "pdftopcl": (_pdf, UEL),
    "pdftopwg443": (_pdf, END),
    "pdfcheck443": (_pdf, END),
    "imagetopcl": (_picture, UEL),
    "imagetopdf443": (_picture, END),
    "scstopcl": (lambda: bytes.fromhex("C1C2C30C"), UEL),
    "scstopdf443": (lambda: bytes.fromhex("C1C2C30C"), END),
}


def test_all_filters_are_here() -> None:
    """No launcher of a filter is left out."""
    assert {path.name for path in (ROOT / "filters").iterdir() if path.is_file() and not path.suffix} == set(FILTERS)


def run(command: list[str], closed: tuple[int, ...], environ: dict[str, str], given: bytes = b"") -> tuple[int, bytes]:
    """Run a launcher with some descriptors closed; return its exit code and its output."""
    words = "".join(f" {number}{'<' if number == 0 else '>'}&-" for number in closed)
    shell = ["/bin/sh", "-c", f'exec "$@"{words}', "sh", *command]
    done = subprocess.run(shell, env=environ, input=given, capture_output=True, timeout=LONGEST)
    return done.returncode, done.stdout


@pytest.fixture
def printer() -> Iterator[Printer]:
    with Printer(certificate=own_certificate()) as found:
        yield found


@pytest.fixture
def folder() -> Iterator[Path]:
    with places() as found:
        yield found


@pytest.mark.parametrize("closed", CLOSED)
def test_backend_with_a_file(printer: Printer, folder: Path, tmp_path: Path, closed: tuple[int, ...]) -> None:
    """A job in a file needs none of the three: it is printed, and nothing of ours goes into it."""
    document = tmp_path / "document"
    document.write_bytes(DOCUMENT)
    command = [str(ROOT / "backend/ipps443"), "7", "me", "title", "1", "", str(document)]
    status, _ = run(command, closed, environment(folder, device_uri(printer)))
    assert status == 0 and [job.document for job in printer.printed] == [DOCUMENT]


@pytest.mark.parametrize("closed", CLOSED)
def test_backend_with_standard_input(printer: Printer, folder: Path, closed: tuple[int, ...]) -> None:
    """A job on closed standard input is no empty job: it fails, and no other descriptor is read in its place."""
    command = [str(ROOT / "backend/ipps443"), "7", "me", "title", "1", ""]
    status, _ = run(command, closed, environment(folder, device_uri(printer)), DOCUMENT)
    printed = [job.document for job in printer.printed]
    assert (status, printed) == ((1, []) if 0 in closed else (0, [DOCUMENT]))


def test_standard_input_that_cannot_be_read(printer: Printer, folder: Path) -> None:
    """It is trouble of the job, said in one line, and does not stop the queue for the others."""
    command = [str(ROOT / "backend/ipps443"), "7", "me", "title", "1", ""]
    with open(os.devnull, "wb") as wrong:
        environ = environment(folder, device_uri(printer))
        done = subprocess.run(command, stdin=wrong, env=environ, capture_output=True, text=True, timeout=LONGEST)
    errors = [line for line in done.stderr.splitlines() if not line.startswith(("DEBUG:", "STATE:", "ATTR:", "INFO:"))]
    assert done.returncode == 1 and len(errors) == 1 and not printer.printed
    assert errors[0].startswith("ERROR: ") and errors[0].endswith("[D02]")


@pytest.mark.parametrize("closed", CLOSED)
def test_device_list(folder: Path, closed: tuple[int, ...]) -> None:
    """Without arguments it lists its devices, or ends."""
    status, output = run([str(ROOT / "backend/ipps443")], closed, environment(folder, ""))
    if 1 in closed:
        assert output == b""
    else:
        assert status == 0 and output.startswith(b"network ipps443 ")


@pytest.mark.parametrize("as_file, closed", [(True, (0, 2)), (True, (1,)), (False, (0,)), (False, (2,))])
@pytest.mark.parametrize("name", FILTERS)
def test_filters(name: str, as_file: bool, tmp_path: Path, closed: tuple[int, ...]) -> None:
    """A filter that cannot read or write its document fails; one that only cannot talk does its work."""
    document = tmp_path / "document"
    make, end = FILTERS[name]
    document.write_bytes(make())
    command = [str(ROOT / "filters" / name), "7", "me", "title", "1", "", *([str(document)] if as_file else [])]
    environ = {"PATH": os.environ["PATH"], "TMPDIR": str(tmp_path)}
    status, output = run(command, closed, environ, document.read_bytes())
    if 1 in closed or (0 in closed and not as_file):
        assert status != 0 and output == b""
    else:
        assert status == 0 and output.rstrip(b"\n").endswith(end)


@pytest.mark.parametrize("closed", [(1,), (0, 2), (0, 1, 2)])
@pytest.mark.parametrize("words, status", [(["list"], 0), (["nonsense"], 2)])
def test_command(tmp_path: Path, words: list[str], status: int, closed: tuple[int, ...]) -> None:
    """ipps443ctl says by its exit code what happened, whoever listens."""
    environ = {"CUPS_SERVERROOT": str(tmp_path), "PATH": os.environ["PATH"]}
    done, output = run([str(ROOT / "backend/ipps443ctl"), *words], closed, environ)
    assert done == status and (output == b"") == (1 in closed or status != 0)
