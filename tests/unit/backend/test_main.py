"""backend.main and the launcher: run the way cupsd runs them, judged by exit code and standard error."""

from __future__ import annotations

import contextlib
import shutil
import signal
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from backend import main
from backend.cupsd.stop_signal import StopSignal
from backend.job.cups_job import Standing
from filters.common.report import Report
from tests.cups_lines import Line, explaining_error, parse_lines, texts, words_left
from tests.printer import Faults, Printer, make_certificate
from tests.secret_marks import PASSWORD, TEXT, marks_in

LAUNCHER = Path(__file__).resolve().parents[3] / "backend" / "ipps443"
ARGUMENTS = ("7", "anna", "Report", "1", "job-uuid=urn:uuid:01234567-89ab-cdef-0123-456789abcdef")
#: More than fits into the pipe, so that whoever writes it sees whether it is read.
MUCH = b"\x1bE" + TEXT.encode() + bytes(range(32, 127)) * 20000
LONGEST = 30


@dataclass
class Ended:
    """A run that is over."""

    status: int
    lines: list[Line]
    stderr: bytes
    #: All of standard input was read.
    all_read: bool
    stdout: bytes = b""

    @property
    def error(self) -> str:
        return explaining_error(self.lines)


class Backend:
    """The launcher as cupsd starts it: its own folders, a pipe for the job, DEVICE_URI in the environment."""

    #: The program that is run.
    launcher = LAUNCHER

    def __init__(self, folder: Path) -> None:
        self.root, self.cache, self.temporary = folder / "etc", folder / "cache", folder / "tmp"
        for each in (self.root / "ipps443", self.cache / "ipps443", self.temporary):
            each.mkdir(parents=True)
        self.pins("")

    def pins(self, text: str) -> None:
        """Write the pin file."""
        path = self.root / "ipps443" / "pins"
        path.write_text(text)
        path.chmod(0o640)

    def environ(self, uri: str, **more: str) -> dict[str, str]:
        """Return the environment of a job."""
        return {
            "DEVICE_URI": uri,
            "CUPS_SERVERROOT": str(self.root),
            "CUPS_CACHEDIR": str(self.cache),
            "TMPDIR": str(self.temporary),
            "PRINTER": "office",
            "CONTENT_TYPE": "application/vnd.cups-raw",
            "PATH": "/usr/bin:/bin",
            **more,
        }

    @contextlib.contextmanager
    def started(self, arguments: tuple[str, ...], uri: str, **more: str) -> Iterator[subprocess.Popen[bytes]]:
        """Start the launcher; kill it when the test is over."""
        pipe = subprocess.PIPE
        environ = self.environ(uri, **more)
        run = subprocess.Popen([self.launcher, *arguments], stdin=pipe, stdout=pipe, stderr=pipe, env=environ)
        try:
            yield run
        finally:
            run.kill()
            run.wait()
            for stream in (run.stdin, run.stdout, run.stderr):
                assert stream
                with contextlib.suppress(BrokenPipeError):
                    stream.close()

    def run(
        self, uri: str, job: bytes = b"\x1bEx\x0c\x1bE", arguments: tuple[str, ...] = ARGUMENTS, **more: str
    ) -> Ended:
        """Run it to its end."""
        with self.started(arguments, uri, **more) as run:
            return finish(run, job)


def finish(run: subprocess.Popen[bytes], job: bytes = b"") -> Ended:
    """Feed standard input, wait for the end, and check every line that was said."""
    assert run.stdin
    all_read = threading.Event()

    def feed() -> None:
        assert run.stdin
        with contextlib.suppress(BrokenPipeError):
            run.stdin.write(job)
            run.stdin.close()
            all_read.set()

    feeder = threading.Thread(target=feed)
    feeder.start()
    assert run.stdout and run.stderr
    errors: list[bytes] = []
    reader = threading.Thread(target=lambda: errors.append(run.stderr.read()))  # type: ignore[union-attr]
    reader.start()
    stdout = run.stdout.read()
    status = run.wait(LONGEST)
    feeder.join(LONGEST)
    reader.join(LONGEST)
    (stderr,) = errors
    assert not marks_in(stderr) and not marks_in(stdout)
    return Ended(status, parse_lines(stderr), stderr, all_read.is_set(), stdout)


@pytest.fixture
def backend(tmp_path: Path) -> Backend:
    """The launcher with folders of its own."""
    return Backend(tmp_path)


def free_port() -> int:
    """Return a port where nobody listens."""
    import socket

    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


def pinned(printer: Printer, **options: str) -> str:
    """Return a device URI of the printer, with its pin and a password."""
    uri = printer.uri(pin=True, **options)
    return uri.replace("://", f"://anna:{PASSWORD}@")


# --- without a job ----------------------------------------------------------------------------------------


def test_without_arguments_it_lists_devices(backend: Backend) -> None:
    """The scheme first, then the pinned printers, exit 0, and standard input is not touched."""
    backend.pins(f'office.example:443 spki-sha256:{"ab" * 32} label="Hall" model="Make 7" path=/ipp\n')
    ended = backend.run("", arguments=())
    first, second = ended.stdout.decode().splitlines()
    assert ended.status == 0 and first.startswith('network ipps443 "Unknown" "')
    assert second == 'network ipps443://office.example/ipp "Make 7" "Hall" "MFG:Make;MDL:7;"'


@pytest.mark.parametrize("count", [1, 4])
def test_too_few_arguments_stop_the_queue(backend: Backend, count: int) -> None:
    """One ERROR line with the usage, exit 4, never the 2 of an argument parser (B-02)."""
    ended = backend.run("ipps443://printer/", arguments=ARGUMENTS[:count])
    assert ended.status == 4
    assert "[C03]" in ended.error and "Usage: ipps443 job-id user title copies options [file ...]" in ended.error
    assert len(ended.lines) == 1


@pytest.mark.parametrize("uri", ["", f"ipps443://anna:{PASSWORD}@printer/?pni=x"])
def test_a_bad_device_uri_stops_the_queue(backend: Backend, uri: str) -> None:
    """Exit 4 with the reason, the password nowhere, and the job's data read to its end."""
    ended = backend.run(uri, MUCH)
    assert (ended.status, ended.all_read) == (4, True)
    assert "[C01]" in ended.error


def test_a_missing_pin_file_stops_the_queue(backend: Backend) -> None:
    """T05 before anything is sent, exit 4, the job's data read to its end."""
    (backend.root / "ipps443" / "pins").unlink()
    with Printer() as printer:
        ended = backend.run(printer.uri(), MUCH)
        assert printer.http_bytes == 0
    assert (ended.status, ended.all_read) == (4, True)
    assert "[T05]" in ended.error and "ipps443/pins" in ended.error
    assert str(backend.root / "ipps443" / "pins") in "".join(texts(ended.lines, "DEBUG"))
    assert words_left(ended.lines) == {"cups-certificate-error"}


# --- printers out of reach --------------------------------------------------------------------------------


def test_contimeout_ends_the_waiting(backend: Backend) -> None:
    """A printer out of reach for as long as the queue waits: exit 1, no word left, data read."""
    ended = backend.run(f"ipps443://127.0.0.1:{free_port()}/?contimeout=1&pin=sha256:{'ab' * 32}", MUCH)
    assert (ended.status, ended.all_read) == (1, True)
    assert "[N03]" in ended.error and words_left(ended.lines) == set()
    assert "+connecting-to-device" in texts(ended.lines, "STATE")
    assert any("trying again" in text for text in texts(ended.lines, "INFO"))


def test_a_missing_package_stops_the_queue(backend: Backend) -> None:
    """Packages that are imported late are named like those imported at the start, and nothing reaches the printer."""
    program = (
        f"import os, sys; sys.path.insert(0, {str(LAUNCHER.parents[1])!r}); sys.modules['h11'] = None\n"
        "from backend.main import main\nos._exit(main())"
    )
    with Printer() as printer:
        command = ["/usr/bin/python3", "-I", "-c", program, *ARGUMENTS]
        environ = backend.environ(pinned(printer))
        done = subprocess.run(command, input=MUCH, env=environ, capture_output=True, timeout=LONGEST)
        assert done.returncode == 4 and "[C04]" in explaining_error(parse_lines(done.stderr))
        assert b"h11" in done.stderr and printer.operation_names == []


def test_sigterm_while_waiting_ends_at_once(backend: Backend) -> None:
    """A cancelled job leaves no word behind and says no ERROR."""
    uri = f"ipps443://127.0.0.1:{free_port()}/?pin=sha256:{'ab' * 32}"
    with backend.started(ARGUMENTS, uri) as run:
        assert run.stderr
        said = b""
        while b"trying again" not in said:
            said += run.stderr.readline()
        run.send_signal(signal.SIGTERM)
        ended = finish(run)
    lines = parse_lines(said) + ended.lines
    assert words_left(lines) == set() and texts(lines, "ERROR") == []


# --- trust ------------------------------------------------------------------------------------------------


def test_a_changed_printer_gets_nothing(backend: Backend) -> None:
    """Another certificate than the pinned one: T02, exit 4, in a class as well."""
    with Printer() as printer:
        uri = pinned(printer)
        printer.certificate = make_certificate()
        for ended in (backend.run(uri, MUCH), backend.run(uri, MUCH, CLASS="offices")):
            assert ended.status == 4 and ended.all_read and "[T02]" in ended.error
            assert words_left(ended.lines) == {"cups-pki-changed"}
        assert printer.http_bytes == 0


def test_a_trusted_connection_takes_the_words_back(backend: Backend) -> None:
    """The state words of an earlier refusal go with the first connection that is trusted."""
    with Printer() as printer:
        ended = backend.run(pinned(printer))
    assert ended.status == 0
    taken = {word for text in texts(ended.lines, "STATE") if text[0] == "-" for word in text[1:].split(",")}
    assert {"cups-pki-unknown", "cups-pki-changed", "cups-pki-expired", "cups-certificate-error"} <= taken


# --- jobs -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "faults, options",
    [
        ("", {}),
        ("", {"transfer": "sized"}),
        ("", {"transfer": "chunked"}),
        ("", {"waitjob": "false"}),
        ("missing=CreateJob+SendDocument", {}),
        ("auth=digest-sha256", {}),
        ("keepalive=lie", {}),
    ],
)
def test_a_job_prints_once(backend: Backend, faults: str, options: dict[str, str]) -> None:
    """Whatever the printer's ways, the document arrives once and whole, and the backend exits 0."""
    with Printer(faults=f"user=anna,password={PASSWORD},{faults}") as printer:
        ended = backend.run(pinned(printer, **options), MUCH)
        assert ended.status == 0, ended.stderr.decode()
        (job,) = printer.printed
        assert job.document == MUCH
    assert texts(ended.lines, "ERROR") == [] and words_left(ended.lines) == set()


def test_files_are_printed_as_often_as_asked(backend: Backend, tmp_path: Path) -> None:
    """With files in the arguments the copies are ours, in order."""
    one, two = tmp_path / "one", tmp_path / "two"
    one.write_bytes(b"\x1bEone\x0c")
    two.write_bytes(b"\x1bEtwo\x0c")
    arguments = (*ARGUMENTS[:3], "2", ARGUMENTS[4], str(one), str(two))
    with Printer() as printer:
        ended = backend.run(pinned(printer), arguments=arguments)
        assert ended.status == 0, ended.stderr.decode()
        assert [job.document for job in printer.printed] == [b"\x1bEone\x0c"] * 2 + [b"\x1bEtwo\x0c"] * 2


def test_what_prints_by_itself_is_no_error(backend: Backend, tmp_path: Path) -> None:
    """A picture that is refused as it is comes back as pages at once: a WARNING, and cupsd runs the job again."""
    (tmp_path / "ppd").write_text('*ipps443Source: "printer"\n*cupsSingleFile: True\n')
    types = {"CONTENT_TYPE": "image/jpeg", "FINAL_CONTENT_TYPE": "application/pdf", "PPD": str(tmp_path / "ppd")}
    with Printer(faults="format=refuse-jpeg") as printer:
        ended = backend.run(pinned(printer), b"\xff\xd8\xff" + MUCH + b"\xff\xd9", ARGUMENTS, **types)
        assert (ended.status, printer.printed) == (7, []), ended.stderr.decode()
    assert texts(ended.lines, "ERROR") == [] and texts(ended.lines, "WARNING")[-1].endswith("as pages [P29]")


@pytest.mark.parametrize("faults", ["auth=basic", "auth=never"])
def test_a_wrong_password_holds_the_job_for_another(backend: Backend, faults: str) -> None:
    """Exit 2 with auth-info-required, after at most three tries; the data is read."""
    with Printer(faults=f"user=anna,password=other,{faults}") as printer:
        ended = backend.run(pinned(printer), MUCH)
        assert printer.printed == [] and len(printer.credentials_seen) <= 3
    assert (ended.status, ended.all_read) == (2, True)
    assert "[P06]" in ended.error
    assert "auth-info-required=username,password" in texts(ended.lines, "ATTR")


def test_a_password_of_cupsd_is_used(backend: Backend) -> None:
    """AUTH_USERNAME and AUTH_PASSWORD, when the URI has none, with any character."""
    faults = Faults(auth="digest-sha256", user="jan", password=PASSWORD)
    with Printer(faults=faults) as printer:
        ended = backend.run(printer.uri(pin=True), AUTH_USERNAME="jan", AUTH_PASSWORD=PASSWORD)
        assert ended.status == 0, ended.stderr.decode()


@pytest.mark.parametrize(
    "faults, status, code",
    [
        ("path=none", 4, "P01"),
        ("sized=413@100,chunk=413@100,only=documents", 5, "P05"),
        ("state=aborted", 3, "P08"),
        ("state=document-format-error", 5, "P04"),
        ("tls=plain", 4, "T07"),
        ("lose_reply=after-accept,history=none", 3, "P09"),
    ],
)
def test_other_ends_have_their_codes(backend: Backend, faults: str, status: int, code: str) -> None:
    """Each has its exit code, one ERROR line that ends in the stable code, and all data read."""
    with Printer(faults=faults) as printer:
        ended = backend.run(pinned(printer), MUCH)
    assert (ended.status, ended.all_read) == (status, True), ended.stderr.decode()
    assert ended.error.endswith(f"[{code}]")
    assert not words_left(ended.lines) - {"cups-certificate-error"}


def test_a_long_title_and_odd_names_stay_on_their_line(backend: Backend) -> None:
    """Nothing in a job's arguments breaks the lines for cupsd, or what is sent."""
    title = "ERROR: x\nSTATE: +paused\t\u202e" + "ä" * 400
    arguments = ("7", "an\nna", title, "1", "")
    with Printer() as printer:
        ended = backend.run(pinned(printer), arguments=arguments)
        (job,) = printer.printed
        assert len((job.name or "").encode()) <= 255
    assert ended.status == 0
    assert "+paused" not in "".join(texts(ended.lines, "STATE"))


@pytest.fixture
def faulty_launcher(tmp_path: Path) -> Path:
    """The launcher of a backend with a fault of ours in it, which documents that begin with FAULT bring about."""
    for package in ("backend", "filters"):
        shutil.copytree(LAUNCHER.parents[1] / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    with open(tmp_path / "backend" / "document" / "format.py", "a") as module:
        module.write(
            "\n_choose_formats = choose_formats\n"
            "def choose_formats(kind, head, supported):\n"
            "    return {}['no one'] if head.startswith(b'FAULT') else _choose_formats(kind, head, supported)\n"
        )
    return tmp_path / "backend" / "ipps443"


@pytest.mark.parametrize("files, status, word", [(("one", "two"), 3, "held"), (("two", "one"), 4, "nothing")])
def test_a_fault_of_ours_says_what_may_be_on_paper(
    backend: Backend, tmp_path: Path, faulty_launcher: Path, files: tuple[str, ...], status: int, word: str
) -> None:
    """What nobody thought of holds a job of which something is printed, and stops the queue else (I01)."""
    (tmp_path / "one").write_bytes(b"\x1bEone\x0c")
    (tmp_path / "two").write_bytes(b"FAULT")
    backend.launcher = faulty_launcher
    with Printer() as printer:
        ended = backend.run(pinned(printer), arguments=(*ARGUMENTS, *(str(tmp_path / name) for name in files)))
        assert len(printer.printed) == (1 if status == 3 else 0)
    assert ended.status == status, ended.stderr.decode()
    assert word in ended.error and ended.error.endswith("[I01]")
    assert any("KeyError" in text for text in texts(ended.lines, "DEBUG"))


@pytest.mark.parametrize(
    "shutdown, is_last, is_over, written, status, second",
    [
        (False, True, True, 1, 1, 1),
        (False, True, False, 1, 1, 1),
        (False, False, True, 1, 1, 1),  # cancelled: cupsd starts no run any more, whatever it has counted
        (False, False, False, 1, 0, 0),  # any failure now would abort the documents that follow
        (True, True, True, None, 7, 1),
        (True, False, True, 7, 0, 0),
    ],
)
@pytest.mark.parametrize("is_to_be_cancelled", [True, False])
def test_what_sigterm_leads_to(
    monkeypatch: pytest.MonkeyPatch,
    shutdown: bool,
    is_last: bool,
    is_over: bool,
    written: int | None,
    status: int,
    second: int,
    is_to_be_cancelled: bool,
) -> None:
    """First that it is us who cancels, then the audit log, whose disk may stand still, last the slow printer.

    A second SIGTERM, from a user this time, has an exit code of its own.
    """
    done: list[str] = []

    class Steps:
        def write_down_stop(self, ending: int | None) -> bool:
            assert ending == written
            done.append("record")
            return is_to_be_cancelled

        def cancel(self) -> None:
            done.append("cancel")

        def end(self, *anything: Any, **more: Any) -> None:
            done.append("audit")

    monkeypatch.setattr(main, "_unfinished", lambda run: Steps())
    reached = SimpleNamespace(journal=None, audited=Steps())
    cups_job = SimpleNamespace(
        standing=lambda document, wait: Standing(is_last, is_over) if (document, wait) == (1, 0) else None
    )
    run: Any = SimpleNamespace(stop=StopSignal(), reached=reached, cups_job=cups_job, report=Report())
    run.stop.request(shutdown)
    assert main._stopped(run) == status and run.stop.exit_at_once_after_cancel == second
    assert done == ["record", "audit", "cancel"][: 2 + is_to_be_cancelled]


@pytest.mark.parametrize(
    "queue, uri, switch, may_be",
    [
        ("office", "ipps443://printer/", "", False),
        ("office", "ipps443://printer/?trace=no", "", True),
        ("office", "ipps443://printer/", "office", True),
        ("office", "ipps443://printer/", "hall", False),
        ("", "ipps443://printer/", "office", False),
    ],
)
def test_who_may_be_traced(tmp_path: Path, queue: str, uri: str, switch: str, may_be: bool) -> None:
    """A queue whose URI speaks of it, or that has a switch, even one that leads nowhere; all else is not slowed."""
    (tmp_path / "ipps443" / "trace").mkdir(parents=True)
    if switch:
        (tmp_path / "ipps443" / "trace" / switch).symlink_to(tmp_path / "nowhere")
    assert main.may_be_traced(queue, {"CUPS_SERVERROOT": str(tmp_path), "DEVICE_URI": uri}) is may_be
