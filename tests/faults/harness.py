"""One run of the real backend as cupsd starts it, against a scripted printer, and what came of it.

As in cupsd: standard input is a pipe, standard error another, 3 the back channel, 4 the side channel; the environment
is cupsd's and nothing else; SIGTERM comes from the parent. The folders for temporary and for remembered things belong
to the run alone, so that what it leaves behind is seen.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import random
import re
import select
import shutil
import signal
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from backend.cupsd.cache_file import memory_folder, second_folder
from backend.printer.learned import file_name
from tests import secret_marks
from tests.faults.lines import Line, read_lines, words_left
from tests.printer import Certificate, Printer, make_certificate
from tests.printer.call import ReceivedOperation
from tests.printer.jobs import ReceivedJob

ROOT = Path(__file__).resolve().parents[2]
LAUNCHER = ROOT / "backend" / "ipps443"
#: Seconds per phase: enough for a loaded machine; and for printers that are going to be silent.
TIMEOUTS = "connect:10,handshake:10,probe:10,write:15,reply:15,read:10"
SHORT_TIMEOUTS = "connect:5,handshake:3,probe:3,write:3,reply:3,read:2"
JOB_UUID = "urn:uuid:c0ffee00-5eed-4bad-9a7e-123456789abc"
UEL = b"\x1b%-12345X"
#: Longer than any case may take; a run that is killed then has no exit code.
PATIENCE = 60.0
PASSWORD = secret_marks.PASSWORD
#: What is remembered of a printer, and for a while of a job that has ended.
LEARNED = re.compile(r"cache/ipps443/((?!job-)[^/]+_\d+|ended-[0-9a-f-]+)\.json")


def pcl(size: int, seed: int = 1) -> bytes:
    """Return a PCL job of about that size: one page, no byte sequence twice."""
    noise = random.Random(seed).randbytes(max(0, size - 60)).translate(bytes.maketrans(b"\x1b\x0c", b"  "))
    noise = (secret_marks.TEXT.encode() + noise)[: len(noise)]
    return UEL + b"@PJL\r\n@PJL ENTER LANGUAGE = PCL\r\n\x1bE" + noise + b"\x0c\x1bE" + UEL


#: More than one block and more than one chunk; less than the buffers of one connection.
DOCUMENT = pcl(200_000)
SHORT = pcl(300)


@lru_cache(maxsize=None)
def own_certificate() -> Certificate:
    """The certificate of printers whose certificate does not matter."""
    return make_certificate()


@dataclass(frozen=True)
class Outcome:
    """What one run came to."""

    exit_code: int | None
    seconds: float
    lines: tuple[Line, ...]
    output: bytes
    jobs: tuple[ReceivedJob, ...]
    printed: int
    same: bool  # all that was printed is what was sent
    framing: str  # of what was printed, "-" if nothing was
    left: tuple[str, ...]  # files that should be gone
    unread: int  # octets of the input that nobody read
    fed: bool  # all of the input was handed out, or read away
    stopped_within: float | None = None  # seconds from SIGTERM to the end
    operations: tuple[ReceivedOperation, ...] = ()

    @property
    def errors(self) -> list[str]:
        return [line.text for line in self.lines if line.prefix == "ERROR"]

    @property
    def code(self) -> str:
        """The stable code at the end of the ERROR line, "" without one."""
        text = self.errors[-1] if self.errors else ""
        return text[text.rindex("[") + 1 : -1] if text.endswith("]") and "[" in text else ""

    @property
    def words_left(self) -> frozenset[str]:
        return words_left(self.lines)

    def said(self, prefix: str) -> list[str]:
        """The texts of all lines with a prefix."""
        return [line.text for line in self.lines if line.prefix == prefix]

    def __str__(self) -> str:
        jobs = [f"job {job.id} {job.state.name} {job.framing} {job.size} octets" for job in self.jobs]
        return "\n".join(
            [f"exit code {self.exit_code} after {self.seconds:.1f} s, printed {self.printed}", *jobs]
            + [str(line) for line in self.lines]
        )


@dataclass
class Run:
    """A run that is going on, as ``stop_when`` and feeders see it."""

    printer: Printer
    pid: int
    began: float
    lines_so_far: bytearray = field(default_factory=bytearray)
    fed: int = 0  # octets that the pipe has taken
    over: threading.Event = field(default_factory=threading.Event)

    def said(self, text: str) -> bool:
        return text.encode() in self.lines_so_far

    @property
    def operations(self) -> list[str]:
        return self.printer.operation_names


#: Gives the pieces of standard input; may wait between them. After the last one the input ends.
Feed = Callable[[Run], Iterable[bytes]]


def whole(document: bytes) -> Feed:
    """Feed the document at once."""
    return lambda run: [document]


def after(document: bytes, at: int, condition: Callable[[Run], bool]) -> Feed:
    """Feed the first ``at`` octets, the rest when the condition holds."""

    def feed(run: Run) -> Iterator[bytes]:
        yield document[:at]
        wait_until(lambda: condition(run) or run.over.is_set())
        yield document[at:]

    return feed


def wait_until(condition: Callable[[], bool], seconds: float = PATIENCE) -> bool:
    """Wait until something is true; whether it is."""
    until = time.monotonic() + seconds
    while not (found := condition()) and time.monotonic() < until:
        time.sleep(0.005)
    return found


@dataclass
class Knowledge:
    """What the backend remembers of the printer before the run; None and empty: nothing."""

    chunks: bool | None = None
    version: str = "2.0"
    send_document: bool | None = None

    def write(self, cache: Path, printer: Printer) -> None:
        values: dict[str, Any] = {
            "chunks": self.chunks,
            "version": self.version,
            "send_document": self.send_document,
            "firmware": printer.faults.firmware,
            "learned": int(time.time()) - 60,
        }
        path = cache / "ipps443" / file_name("localhost", printer.port)
        path.write_text(json.dumps({name: value for name, value in values.items() if value is not None}))


def environment(folder: Path, uri: str) -> dict[str, str]:
    """Return the environment that cupsd gives a backend."""
    return {
        "CHARSET": "utf-8",
        "CONTENT_TYPE": "text/plain",
        "CUPS_CACHEDIR": str(folder / "cache"),
        "CUPS_DATADIR": "/usr/share/cups",
        "CUPS_DOCROOT": "/usr/share/cups/doc-root",
        "CUPS_FILETYPE": "document",
        "CUPS_MAX_MESSAGE": "2047",
        "CUPS_REQUESTROOT": str(folder),
        "CUPS_SERVERBIN": "/usr/lib/cups",
        "CUPS_SERVERROOT": str(folder / "etc"),
        "CUPS_STATEDIR": str(folder),
        "DEVICE_URI": uri,
        "FINAL_CONTENT_TYPE": "printer/faulty",
        "HOME": str(folder / "tmp"),
        "LANG": "en_US.UTF-8",
        "PATH": "/usr/lib/cups/filter:/usr/bin:/usr/sbin:/bin:/usr/sbin",
        "PPD": str(folder / "etc" / "ppd" / "faulty.ppd"),
        "PRINTER": "faulty",
        "PRINTER_INFO": "faulty",
        "PRINTER_LOCATION": "",
        "PRINTER_STATE_REASONS": "none",
        "SERVER_ADMIN": "root@localhost",
        "SOFTWARE": "CUPS/2.4.2",
        "TMPDIR": str(folder / "tmp"),
        "USER": "root",
    }


@contextlib.contextmanager
def places() -> Iterator[Path]:
    """Give the folders of one run: etc, cache and tmp."""
    with tempfile.TemporaryDirectory(prefix="faults-") as name:
        folder = Path(name)
        for each in ("etc/ipps443", "cache/ipps443", "tmp"):
            (folder / each).mkdir(parents=True)
            (folder / each).chmod(0o750)
        secret = folder / "etc" / "ipps443" / "secret"
        secret.write_bytes(secret_marks.MACHINE_SECRET.ljust(32, b"\0"))
        secret.chmod(0o640)
        try:
            yield folder
            leaks = list(secret_marks.leaks(folder))
            assert not leaks, leaks
        finally:
            for place in (second_folder, memory_folder):
                shutil.rmtree(place(str(folder / "cache" / "ipps443")), ignore_errors=True)


def device_uri(printer: Printer, *, path: str = "/ipp/print", user: str = "", **options: Any) -> str:
    """Return the URI of a printer with its pin and short time-outs, unless the options say otherwise."""
    given: dict[str, Any] = {"pin": True, "timeout": TIMEOUTS, "contimeout": "1", **options}
    uri = printer.uri(path, **{name: value for name, value in given.items() if value is not None})
    return uri.replace("://", f"://{user}@", 1) if user else uri


def run_backend(
    printer: Printer,
    document: bytes = DOCUMENT,
    *,
    uri: str | None = None,
    feed: Feed | None = None,
    knows: Knowledge | None = None,
    environ: dict[str, Any] | None = None,
    arguments: tuple[str, ...] | None = None,
    files: tuple[str, ...] = (),
    stop_when: Callable[[Run], bool] | None = None,
    folder: Path | None = None,
    watch: Callable[[Run], None] | None = None,
    patience: float = PATIENCE,
    starter: Starter | None = None,
) -> Outcome:
    """Run the backend for one job.

    Args:
        document: what is to arrive; fed to standard input unless ``feed`` or ``files`` says otherwise.
        knows: what is remembered of the printer.
        environ: variables beside cupsd's, or instead of them; None takes one away.
        stop_when: SIGTERM is sent as soon as this holds.
        folder: etc, cache and tmp; a temporary one unless given.
        watch: called again and again while the backend runs.
        starter: starts the process in another way.
    """
    with contextlib.ExitStack() as stack:
        folder = folder or stack.enter_context(places())
        if knows is not None:
            knows.write(folder / "cache", printer)
        env = {**environment(folder, uri or device_uri(printer)), **(environ or {})}
        arguments = arguments or ("7", "somebody", "a title", "1", f"job-uuid={JOB_UUID} number-up=1")
        env = {name: value for name, value in env.items() if value is not None}
        process = Process([str(LAUNCHER), *arguments, *files], env, starter or _starters[-1])
        run = Run(printer, process.pid, process.began, process.said)
        process.start_feeding(run, (lambda run: []) if files else feed or whole(document))
        process.wait(run, stop_when, watch, patience)
        printer.wait_quiet(3)
        outcome = _outcome(process, printer, document, folder)
    return outcome


def _outcome(process: Process, printer: Printer, document: bytes, folder: Path) -> Outcome:
    unread, fed = process.finish_feeding()
    jobs = tuple(printer.jobs)
    assert not (leaks := secret_marks.marks_in(bytes(process.said))), (leaks, process.said)
    printed = [job for job in jobs if job.printed]
    return Outcome(
        exit_code=process.exit_code,
        seconds=process.seconds,
        lines=read_lines(bytes(process.said)),
        output=process.output(),
        jobs=jobs,
        printed=len(printed),
        same=all(job.size == len(document) and job.document == document for job in printed),
        framing="+".join(str(job.framing) for job in printed) or "-",
        left=tuple(_left_behind(folder)),
        unread=unread,
        fed=fed,
        stopped_within=process.stopped_within,
        operations=tuple(printer.operations),
    )


def record_in(folder: Path) -> Path:
    """Return the only record of a job in a folder; of one that was printed it has another name."""
    (path,) = [*folder.glob("job-*.json"), *folder.glob("ended-*.json")]
    return path


def comes_from_another_cupsd(path: Path, **changes: object) -> None:
    """Make what is remembered of a job that of another cupsd."""
    path.write_text(json.dumps({**json.loads(path.read_bytes()), "cupsd": "1:1:x", **changes}))


def _left_behind(folder: Path) -> Iterator[str]:
    """Files that a run may not leave: anything in TMPDIR, and in the cache all but what is learned of printers."""
    for each in ("tmp", "cache"):
        for path in (folder / each).rglob("*"):
            if path.is_file() and not LEARNED.fullmatch(str(path.relative_to(folder))) and not _has_ended(path):
                yield str(path.relative_to(folder))


def _has_ended(path: Path) -> bool:
    """Tell whether a file is the record of a run that came to an end of its own."""
    return (
        path.name.startswith("job-") and path.suffix == ".json" and json.loads(path.read_bytes())["status"] is not None
    )


#: Starts a program with these arguments, environment, and descriptors as 0, 1, 2 ...; returns its process id, a
#: descriptor that hangs up or becomes readable when it has ended, and what then tells its exit code.
Starter = Callable[[list[str], dict[str, str], tuple[int, ...]], tuple[int, int, Callable[[], int]]]


def spawn(command: list[str], environ: dict[str, str], given: tuple[int, ...]) -> tuple[int, int, Callable[[], int]]:
    """Start a program as cupsd does: in a process group of its own, with signals as they are by default."""
    pid = os.posix_spawn(
        command[0],
        command,
        environ,
        file_actions=[(os.POSIX_SPAWN_DUP2, descriptor, number) for number, descriptor in enumerate(given)],
        setpgroup=0,
        setsigdef=[signal.SIGPIPE, signal.SIGTERM],
    )
    return pid, os.pidfd_open(pid), lambda: os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


#: How backends are started, unless a run says otherwise: the last one counts.
_starters: list[Starter] = [spawn]


@contextlib.contextmanager
def started_by(starter: Starter) -> Iterator[None]:
    """Start backends in another way for a while."""
    _starters.append(starter)
    yield
    _starters.remove(starter)


class Process:
    """The backend as a process, with the descriptors that cupsd gives it."""

    def __init__(self, command: list[str], environ: dict[str, str], start: Starter) -> None:
        self.exit_code: int | None = None
        self.said = bytearray()
        self.stopped_within: float | None = None
        self._fed = True
        stdin, self._stdin = _pipe()
        self._output, stdout = _pipe()
        errors, stderr = _pipe()
        self._back, back = _pipe()
        self._side, side = socket.socketpair()
        side_fd = fcntl.fcntl(side.fileno(), fcntl.F_DUPFD_CLOEXEC, 20)
        side.close()
        given = (stdin, stdout, stderr, back, side_fd)
        self.began = time.monotonic()
        self.pid, self._end, self._exit_code = start(command, environ, given)
        # The reading end of standard input stays open here: what nobody reads is counted, not refused.
        self._unread_end = stdin
        for fd in (stdout, stderr, back, side_fd):
            os.close(fd)
        self._reader = threading.Thread(target=self._read_errors, args=(errors,), daemon=True)
        self._reader.start()
        self._feeder: threading.Thread | None = None

    @property
    def seconds(self) -> float:
        return self._ended - self.began

    def _read_errors(self, descriptor: int) -> None:
        while block := os.read(descriptor, 65536):
            self.said += block
        os.close(descriptor)

    def start_feeding(self, run: Run, feed: Feed) -> None:
        self._feeder = threading.Thread(target=self._feed, args=(run, feed), daemon=True)
        self._feeder.start()

    def _feed(self, run: Run, feed: Feed) -> None:
        try:
            for piece in feed(run):
                view = memoryview(piece)
                while view:
                    written = os.write(self._stdin, view[:65536])
                    view = view[written:]
                    run.fed += written
        except OSError:
            self._fed = False
        finally:
            os.close(self._stdin)

    def wait(
        self,
        run: Run,
        stop_when: Callable[[Run], bool] | None,
        watch: Callable[[Run], None] | None,
        patience: float,
    ) -> None:
        """Wait for the end; send SIGTERM when it is time, and kill what does not end."""
        poll = select.poll()
        poll.register(self._end, select.POLLIN)
        stopped: float | None = None
        step = 5 if stop_when or watch else 1000
        while not poll.poll(step):
            if stop_when is not None and stopped is None and stop_when(run):
                os.kill(self.pid, signal.SIGTERM)
                stopped, step = time.monotonic(), 5 if watch else 1000
            if watch is not None:
                watch(run)
            if time.monotonic() - self.began > patience:
                os.kill(self.pid, signal.SIGKILL)
        self._ended = time.monotonic()
        run.over.set()
        self.exit_code = self._exit_code()
        os.close(self._end)
        if self.exit_code == -signal.SIGKILL:
            self.exit_code = None
        self.stopped_within = None if stopped is None else self._ended - stopped
        self._reader.join(5)

    def finish_feeding(self) -> tuple[int, bool]:
        """Read away what the backend left of its input; how much that was, and whether all had been fed."""
        assert self._feeder is not None
        os.set_blocking(self._unread_end, False)
        unread, until = 0, time.monotonic() + 10
        while time.monotonic() < until:
            try:
                block = os.read(self._unread_end, 1 << 20)
            except BlockingIOError:
                time.sleep(0.005)
                continue
            if not block:
                break
            unread += len(block)
        os.close(self._unread_end)
        self._feeder.join(5)
        return unread, self._fed

    def output(self) -> bytes:
        """What came on standard output and on the back channel; and give everything back."""
        found = b""
        for descriptor in (self._output, self._back):
            os.set_blocking(descriptor, False)
            with contextlib.suppress(BlockingIOError):
                found += os.read(descriptor, 65536)
            os.close(descriptor)
        self._side.close()
        return found


def _pipe() -> tuple[int, int]:
    """A pipe whose ends are not among the numbers that the backend gets."""
    ends = os.pipe()
    raised = tuple(fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 20) for end in ends)
    for end in ends:
        os.close(end)
    return raised[0], raised[1]
