"""A private cupsd for tests: cupsd(8), cupsd.conf(5), cups-files.conf(5).

Rules of this module:

- everything the server reads and writes lies in one temporary folder, and it listens on loopback only, so that it
  disturbs no other cupsd and no queue of the machine;
- programs and data of CUPS are linked from where CUPS is installed; ours are copied from the checkout, because cupsd
  runs only what belongs to root and the backend runs as lp, who may be unable to read the checkout;
- backends that look around in the network (dnssd, snmp, usb) are left out.
"""

from __future__ import annotations

import atexit
import compileall
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import Callable, TypeVar

import pytest

from backend import __version__
from tests import secret_marks
from tests.cups.places import CHECKOUT, cups_places

#: The description the installer makes from ppd/ipps443.drv.
PCL5E = "ipps443/generic-pcl5e.ppd"

STOCK_BACKENDS = ("beh", "http", "https", "ipp", "ipps", "lpd", "socket")

CUPSD_CONF = """\
ServerName localhost
{listen}
Browsing No
WebInterface {web_interface}
DefaultAuthType None
LogLevel debug
LogTimeFormat usecs
MaxLogSize 0
PreserveJobFiles Yes
{directives}
<Location />
  Order allow,deny
  Allow from 127.0.0.1
  Allow from ::1
</Location>
<Policy default>
  JobPrivateAccess all
  JobPrivateValues none
  SubscriptionPrivateAccess all
  SubscriptionPrivateValues none
  <Limit All>
    Order deny,allow
  </Limit>
</Policy>
"""

CUPS_FILES_CONF = """\
ServerRoot {root}/etc
ServerBin {root}/bin
DataDir {root}/data
DocumentRoot {document_root}
RequestRoot {root}/spool
TempDir {root}/spool/tmp
CacheDir {root}/cache
StateDir {root}/run
ServerKeychain {root}/etc/ssl
AccessLog {root}/log/access_log
ErrorLog {root}/log/error_log
PageLog {root}/log/page_log
SystemGroup root
LogFilePerm 0644
User lp
Group lp
"""

#: A backend that keeps what it gets and the type it is told, for queues without a printer.
CAPTURE = """\
#!/bin/sh
[ $# -gt 0 ] || exit 0
name=${DEVICE_URI#capture:}
if [ $# -gt 5 ]; then shift 5; cat "$@"; else cat; fi >>"$CUPS_CACHEDIR/$name.prn"
echo "$FINAL_CONTENT_TYPE" >"$CUPS_CACHEDIR/$name.type"
"""

#: job-state, RFC 8011 section 5.3.7.
JOB_STATES = {
    3: "pending",
    4: "pending-held",
    5: "processing",
    6: "processing-stopped",
    7: "canceled",
    8: "aborted",
    9: "completed",
}

#: printer-state, RFC 8011 section 5.4.11.
PRINTER_STATES = {3: "idle", 4: "processing", 5: "stopped"}

T = TypeVar("T")


class CupsError(AssertionError):
    """cupsd or one of its commands did not do what the test needs to go on."""


@dataclass(frozen=True)
class QueueState:
    """What CUPS says about a queue."""

    state: str
    message: str
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class JobState:
    """What CUPS says about a job."""

    state: str
    message: str
    reasons: tuple[str, ...]
    sheets: int


def why_not() -> str:
    """Return why a private cupsd cannot be started here, or an empty string."""
    if os.geteuid() != 0:
        return "a private cupsd needs root"
    missing = [name for name in ("cupsd", "lpadmin", "lp", "ppdc") if not shutil.which(name, path=search_path())]
    if missing:
        return f"{', '.join(missing)} missing: install cups"
    return ""


def search_path() -> str:
    """Return PATH with the folders of the administrator's commands in it."""
    return os.environ.get("PATH", "") + ":/usr/sbin:/sbin"


def wait_until(condition: Callable[[], T], timeout: float, what: str) -> T:
    """Return the first true value of ``condition``; raise CupsError when none comes in time."""
    end = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise CupsError(f"no {what} within {timeout} s")
        time.sleep(0.05)


def reserve_port() -> socket.socket:
    """Return a socket that keeps a port of loopback for a program that sets SO_REUSEADDR to listen, as cupsd does."""
    keeper = socket.socket()
    keeper.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    keeper.bind(("127.0.0.1", 0))
    return keeper


def free_port() -> int:
    """Return a port of loopback that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@lru_cache(maxsize=None)
def made_once() -> Path:
    """Return a folder with our programs, compiled, and the descriptions, for all servers of this process."""
    folder = Path(tempfile.mkdtemp(prefix="ipps443-made-"))
    folder.chmod(0o755)
    atexit.register(_remove, folder, os.getpid())
    for package in ("backend", "filters"):
        ignore = shutil.ignore_patterns("__pycache__")
        shutil.copytree(CHECKOUT / package, folder / "ours" / package, ignore=ignore)
    compileall.compile_dir(folder / "ours", quiet=2)
    for path in (folder / "ours", *(folder / "ours").rglob("*")):
        is_program = path.is_dir() or path.read_bytes().startswith(b"#!")
        os.chown(path, 0, 0)
        path.chmod(0o755 if is_program else 0o644)
    languages = (CHECKOUT / "ppd" / "languages").read_text().strip()
    command = ["ppdc", "-D", f"VERSION={__version__}", "-l", languages, "-d", str(folder / "models")]
    subprocess.run([*command, str(CHECKOUT / "ppd" / "ipps443.drv")], check=True, capture_output=True)
    return folder


def _remove(folder: Path, maker: int) -> None:
    """Remove a folder when the process that made it ends, and not when one that was forked from it does."""
    if os.getpid() == maker:
        shutil.rmtree(folder, ignore_errors=True)


class CupsServer:
    """A cupsd of its own, started by ``with``; ``directives`` are further lines for cupsd.conf."""

    def __init__(self, *directives: str, tls: tuple[bytes, bytes] | None = None, web_interface: bool = False) -> None:
        """Prepare a server; with ``tls``, a certificate and a key in PEM, it also takes TLS on ``tls_port``.

        A test that wants one where there can be none is skipped.
        """
        if reason := why_not():
            pytest.skip(reason)
        self._root = Path(tempfile.mkdtemp(prefix="ipps443-cups-"))
        self._directives = directives
        self._tls = tls
        self._web_interface = web_interface
        self._process: subprocess.Popen[bytes] | None = None
        self._ports = [reserve_port() for _ in range(2 if tls else 1)]
        self.port = self._ports[0].getsockname()[1]
        self.tls_port = self._ports[1].getsockname()[1] if tls else 0

    def __enter__(self) -> CupsServer:
        try:
            self._lay_out()
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()

    # --- folders --------------------------------------------------------------------------------------

    @property
    def root(self) -> Path:
        """The folder that holds all of the server."""
        return self._root

    @property
    def etc(self) -> Path:
        """The folder that stands for /etc/cups, also in CUPS_SERVERROOT."""
        return self._root / "etc"

    @property
    def temporary_files(self) -> list[str]:
        """Names of the files that programs of jobs have left in their TMPDIR.

        It is their HOME as well, where fontconfig keeps a cache for CUPS's own filters on a system that has none.
        """
        return sorted(set(os.listdir(self._root / "spool" / "tmp")) - {".cache"})

    def log(self, name: str = "error_log") -> str:
        """Return the text of a log of cupsd."""
        path = self._root / "log" / name
        return path.read_text("utf-8", "replace") if path.exists() else ""

    def job_log(self, job: int) -> list[str]:
        """Return the lines of the error log about one job, without time and level."""
        mark = f" [Job {job}] "
        return [line.split(mark, 1)[1] for line in self.log().splitlines() if mark in line]

    def _lay_out(self) -> None:
        root = self._root
        root.chmod(0o755)
        for name in ("etc/ipps443", "etc/ppd", "etc/ssl", "spool/tmp", "cache/ipps443", "run", "log", "bin", "data"):
            (root / name).mkdir(parents=True)
        modes = {"spool": 0o710, "spool/tmp": 0o1770, "cache": 0o770, "cache/ipps443": 0o770, "etc/ipps443": 0o755}
        for name, mode in modes.items():
            shutil.chown(root / name, "root", "lp")
            (root / name).chmod(mode)
        self._link_programs()
        self._link_data()
        self._write_configuration()
        self.write_pins("")
        self.write_secret(secret_marks.MACHINE_SECRET + os.urandom(32 - len(secret_marks.MACHINE_SECRET)))

    def _link_programs(self) -> None:
        stock, bin_ = cups_places().serverbin, self._root / "bin"
        for name in ("cgi-bin", "daemon", "monitor", "notifier"):
            (bin_ / name).symlink_to(stock / name)
        (bin_ / "ours").symlink_to(made_once() / "ours")
        for folder, stock_names in (("backend", STOCK_BACKENDS), ("filter", os.listdir(stock / "filter"))):
            (bin_ / folder).mkdir()
            for name in stock_names:
                if (stock / folder / name).exists():
                    (bin_ / folder / name).symlink_to(stock / folder / name)
        self._link_launchers("backend", "backend", ("ipps443",))
        (bin_ / "driver").mkdir()
        self._link_launchers("backend", "driver", ("driver",))
        (bin_ / "driver" / "driver").rename(bin_ / "driver" / "ipps443")
        pdf = ("pdftopcl", "pdftopwg443", "pdfcheck443", "imagetopcl", "imagetopdf443")
        names = ("texttopcl", "texttopdf443", *pdf, "scstopcl", "scstopdf443")
        self._link_launchers("filters", "filter", names)
        (bin_ / "backend" / "capture").write_text(CAPTURE)
        (bin_ / "backend" / "capture").chmod(0o755)

    def _link_launchers(self, package: str, folder: str, names: tuple[str, ...]) -> None:
        for name in names:
            launcher = self._root / "bin" / "ours" / package / name
            if launcher.exists():
                link = self._root / "bin" / folder / name
                link.unlink(missing_ok=True)
                link.symlink_to(launcher)

    def _link_data(self) -> None:
        stock, data = cups_places().datadir, self._root / "data"
        for name in os.listdir(stock):
            if name not in ("mime", "model"):
                (data / name).symlink_to(stock / name)
        shutil.copytree(stock / "mime", data / "mime")
        for path in (CHECKOUT / "ppd").glob("ipps443.*s"):
            shutil.copy(path, data / "mime")
        shutil.copytree(made_once() / "models", data / "model" / "ipps443")

    def _write_configuration(self) -> None:
        listen = [f"Listen {self.socket}", f"Listen 127.0.0.1:{self.port}"]
        if self._tls:
            listen.append(f"SSLListen 127.0.0.1:{self.tls_port}")
            for suffix, text in zip(("crt", "key"), self._tls):
                (self.etc / "ssl" / f"localhost.{suffix}").write_bytes(text)
        (self.etc / "cupsd.conf").write_text(
            CUPSD_CONF.format(
                listen="\n".join(listen),
                web_interface="Yes" if self._web_interface else "No",
                directives="\n".join(self._directives),
            )
        )
        (self.etc / "cups-files.conf").write_text(
            CUPS_FILES_CONF.format(root=self._root, document_root=cups_places().document_root)
        )

    def write_pins(self, text: str) -> Path:
        """Write the pin file as the installer leaves it, and return its path."""
        path = self.etc / "ipps443" / "pins"
        path.write_text(text)
        shutil.chown(path, "root", "lp")
        path.chmod(0o640)
        return path

    def write_secret(self, key: bytes) -> Path:
        """Write the machine's secret as the installer leaves it, and return its path."""
        path = self.etc / "ipps443" / "secret"
        path.write_bytes(key)
        shutil.chown(path, "root", "lp")
        path.chmod(0o640)
        return path

    # --- the process ----------------------------------------------------------------------------------

    @property
    def socket(self) -> str:
        """The socket for CUPS_SERVER."""
        return str(self._root / "run" / "cups.sock")

    def start(self) -> None:
        """Start cupsd and wait until it answers."""
        command = ["cupsd", "-f", "-c", str(self.etc / "cupsd.conf"), "-s", str(self.etc / "cups-files.conf")]
        environ = {"PATH": search_path(), "LC_ALL": "C.UTF-8"}
        with open(self._root / "log" / "output", "ab") as output:
            self._process = subprocess.Popen(
                command, env=environ, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
            )
        wait_until(self._answers, 20, f"answer from cupsd, see {self._root}/log")

    def _answers(self) -> bool:
        if self._process is None or self._process.poll() is not None:
            raise CupsError(f"cupsd ended: {self.log('output')} {self.log()[-2000:]}")
        return self.run("lpstat", "-r", check=False).stdout.strip() == "scheduler is running"

    def stop(self) -> None:
        """Stop cupsd as an init script does, and wait for its end."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """Kill cupsd as a crash does; what it started goes on."""
        self._end(signal.SIGKILL)

    def _end(self, number: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(number)
            try:
                self._process.wait(30)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None

    def restart(self) -> None:
        """Stop and start cupsd."""
        self.stop()
        self.start()

    def reload(self) -> None:
        """Let cupsd read its configuration again."""
        if self._process is not None:
            self._process.send_signal(signal.SIGHUP)
            time.sleep(0.5)
            wait_until(self._answers, 20, "answer from cupsd")

    def close(self) -> None:
        """End cupsd and all it started, and remove the folder."""
        self.stop()
        for process in self.processes():
            try:
                os.kill(process, signal.SIGKILL)
            except ProcessLookupError:
                pass
        for keeper in self._ports:
            keeper.close()
        leaks = list(secret_marks.leaks(self._root))
        shutil.rmtree(self._root, ignore_errors=True)
        if leaks:
            raise CupsError("\n".join(leaks))

    def processes(self, name: str | None = None) -> list[int]:
        """Return the programs of jobs that run now; with ``name`` only those started as this program."""
        mark = f"CUPS_SERVERROOT={self.etc}".encode()
        found = []
        for entry in os.listdir("/proc"):
            if not entry.isdigit():
                continue
            try:
                environ = Path("/proc", entry, "environ").read_bytes().split(b"\0")
                command = Path("/proc", entry, "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if mark in environ and (name is None or any(part.endswith(f"/{name}".encode()) for part in command)):
                found.append(int(entry))
        return found

    def clear(self) -> None:
        """Remove the queues with their jobs, the pins and what our programs have kept of printers."""
        for name in self._ask("getPrinters"):
            self.run("lpadmin", "-x", name)
        self.write_pins("")
        kept = self._root / "cache" / "ipps443"
        for each in kept.iterdir():
            shutil.rmtree(each) if each.is_dir() else each.unlink()

    # --- queues and jobs ------------------------------------------------------------------------------

    def run(
        self, *command: str, check: bool = True, text: str | None = None, timeout: float = 60
    ) -> subprocess.CompletedProcess[str]:
        """Run a command of CUPS against this server, in English."""
        environ = {"PATH": search_path(), "LC_ALL": "C.UTF-8", "CUPS_SERVER": self.socket, "HOME": str(self._root)}
        done = subprocess.run(command, env=environ, input=text or "", capture_output=True, text=True, timeout=timeout)
        if check and done.returncode:
            raise CupsError(f"{' '.join(command)}: exit {done.returncode}: {done.stderr.strip()}")
        return done

    def add_queue(self, name: str, uri: str, model: str | None = PCL5E, options: tuple[str, ...] = ()) -> None:
        """Make a queue, enabled; without ``model`` a raw one."""
        command = ["lpadmin", "-p", name, "-E", "-v", uri]
        command += ["-m", model] if model else []
        for option in options:
            command += ["-o", option]
        self.run(*command)

    def add_capture(self, name: str, model: str | None = PCL5E) -> None:
        """Make a queue whose printer is a file; ``captured`` reads it."""
        self.add_queue(name, f"capture:{name}", model)

    def captured(self, name: str) -> tuple[bytes, str]:
        """Return what the queue's printer has got, and the type of the last job."""
        document, kind = (self._root / "cache" / f"{name}.{suffix}" for suffix in ("prn", "type"))
        return (document.read_bytes(), kind.read_text().strip()) if kind.exists() else (b"", "")

    def lp(self, queue: str, *paths: str | Path, options: tuple[str, ...] = (), text: str | None = None) -> int:
        """Print files, or ``text`` on standard input, and return the job's number; ``options`` go to lp as they are."""
        done = self.run(
            "lp", "-d", queue, *options, *("--" if paths else "",) * bool(paths), *map(str, paths), text=text
        )
        # request id is NAME-NUMBER (1 file(s))
        return int(done.stdout.split()[3].rsplit("-", 1)[1])

    def newest_job(self, queue: str) -> int:
        """Return the number of the last job of a queue; for lpr, which does not say it."""
        done = self.run("lpstat", "-W", "all", "-o", queue)
        return max(int(line.split()[0].rsplit("-", 1)[1]) for line in done.stdout.splitlines())

    def _ask(self, what: str, *arguments: object, **more: object) -> dict[str, object]:
        import cups

        answer: dict[str, object] = getattr(cups.Connection(self.socket), what)(*arguments, **more)
        return answer

    def job_attributes(self, job: int) -> dict[str, object]:
        """Return what CUPS knows about a job."""
        return self._ask("getJobAttributes", job)

    def job_state(self, job: int) -> JobState:
        """Return the state of a job."""
        found = self.job_attributes(job)
        return JobState(
            state=JOB_STATES[_number(found["job-state"])],
            message=str(found.get("job-printer-state-message", "")),
            reasons=_words(found.get("job-state-reasons")),
            sheets=_number(found.get("job-media-sheets-completed", 0)),
        )

    def queue_state(self, queue: str) -> QueueState:
        """Return the state of a queue."""
        found = self._ask("getPrinterAttributes", queue)
        return QueueState(
            state=PRINTER_STATES[_number(found["printer-state"])],
            message=str(found.get("printer-state-message", "")),
            reasons=_words(found.get("printer-state-reasons")),
        )

    def wait(self, job: int, timeout: float = 60) -> str:
        """Wait until a job is over, and return how it ended."""
        over = ("canceled", "aborted", "completed")
        return self.wait_for_job(job, over, timeout)

    def wait_for_job(self, job: int, states: tuple[str, ...], timeout: float = 60) -> str:
        """Wait until a job is in one of the states, and return it."""

        def state() -> str:
            now = self.job_state(job).state
            return now if now in states else ""

        try:
            return wait_until(state, timeout, f"state {' or '.join(states)}")
        except CupsError as error:
            lines = "\n".join(self.job_log(job)[-40:])
            raise CupsError(f"job {job}: {error}; it is {self.job_state(job)}\n{lines}") from None

    def wait_for_queue(self, queue: str, states: tuple[str, ...], timeout: float = 60) -> QueueState:
        """Wait until a queue is in one of the states, and return all about it."""

        def state() -> QueueState | None:
            now = self.queue_state(queue)
            return now if now.state in states else None

        try:
            found = wait_until(state, timeout, f"state {' or '.join(states)}")
        except CupsError as error:
            raise CupsError(f"queue {queue}: {error}; it is {self.queue_state(queue)}\n{self.log()[-4000:]}") from None
        assert found is not None
        return found


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0


def _words(value: object) -> tuple[str, ...]:
    words = value if isinstance(value, list) else [value]
    return tuple(str(word) for word in words if word not in (None, "none"))
