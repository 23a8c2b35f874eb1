"""Which cupsd gets a device URI with its password: this machine's, whoever names a different one."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from backend.control import local_cupsd
from backend.control.local_cupsd import NoLocalCupsd, find_socket, names_of_jobs
from backend.ipp.encoder import encode_message
from backend.ipp.message import Attribute, Group, LanguageString, Message, attribute
from backend.ipp.tags import Tag
from tests.cups.recorded import control
from tests.cups.server import CupsServer
from tests.printer import Faults, Printer, make_certificate

LAUNCHER = Path(__file__).resolve().parents[3] / "backend" / "ipps443ctl"
OWN = make_certificate("localhost")
ROOT = os.geteuid() == 0


@contextmanager
def spy(address: str | tuple[str, int], answer: bytes = b"") -> Iterator[list[bytes]]:
    """Listen where a cupsd could be and keep what comes; answer each question with the same, or with trouble."""
    family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
    heard: list[bytes] = []
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        listener.bind(address)
        listener.listen(8)

        def serve() -> None:
            while True:
                try:
                    sock, _ = listener.accept()
                except OSError:
                    return
                with sock, suppress(OSError):
                    sock.settimeout(2)
                    while data := sock.recv(65536):
                        heard.append(data)
                        if answer:
                            sock.sendall(answer)
                            break
                        sock.sendall(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n")

        threading.Thread(target=serve, daemon=True).start()
        yield heard
        listener.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A short path, because that of a socket has 107 bytes at most."""
    with tempfile.TemporaryDirectory(prefix="c-", dir="/var/tmp") as path:
        os.chmod(path, 0o755)
        yield Path(path)


# --- which socket -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("named", ["", "localhost", "print.example.com", "print.example.com:631", "[::1]:631"])
def test_names_of_hosts_are_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch, named: str) -> None:
    """CUPS_SERVER with a host leads to the socket of this machine all the same."""
    usual = str(folder / "usual")
    monkeypatch.setattr(local_cupsd, "SOCKETS", (usual,))
    with spy(usual):
        assert find_socket({"CUPS_SERVER": named}, str(folder)) == usual


def test_cupsd_conf(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A socket in cupsd.conf comes before the usual one; ports and comments are none."""
    monkeypatch.setattr(local_cupsd, "SOCKETS", (str(folder / "usual"),))
    (folder / "cupsd.conf").write_text(f"#Listen {folder}/no\nPort 631\nListen localhost:631\nlisten {folder}/own\n")
    with spy(str(folder / "usual")):
        assert find_socket({}, str(folder)) == str(folder / "usual")
        with spy(str(folder / "own")):
            assert find_socket({}, str(folder)) == str(folder / "own")
        assert find_socket({"CUPS_SERVER": str(folder / "usual")}, str(folder)) == str(folder / "usual")


@pytest.mark.parametrize("kind", ["missing", "file", "nobody listens", "folder", "longer than a socket's path"])
def test_what_is_no_cupsd(folder: Path, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    """Without a socket on which someone listens there is no cupsd, and the reason is said."""
    path = folder / "sock"
    if kind == "file":
        path.write_text("")
    elif kind == "folder":
        path.mkdir()
    elif kind != "missing":
        with socket.socket(socket.AF_UNIX) as sock:
            sock.bind(str(path))
        path = path.rename(folder / ("s" * 108)) if "longer" in kind else path
    monkeypatch.setattr(local_cupsd, "SOCKETS", (str(path),))
    for named in ("", str(path)):
        with pytest.raises(NoLocalCupsd):
            find_socket({"CUPS_SERVER": named}, str(folder))


@pytest.mark.skipif(not ROOT, reason="only root can let someone else listen")
@pytest.mark.parametrize("user", [7, 1000])
def test_socket_of_somebody_else(folder: Path, monkeypatch: pytest.MonkeyPatch, user: int) -> None:
    """A socket on which an ordinary user listens, lp among them, gets nothing, even where root's would be."""
    os.chmod(folder, 0o1777)
    path = str(folder / "sock")
    program = (
        "import os, socket, sys, time\n"
        f"os.setgid({user}); os.setuid({user})\n"
        "s = socket.socket(socket.AF_UNIX); s.bind(sys.argv[1]); s.listen(8); print('ready', flush=True)\n"
        "sys.stdin.read()\n"
    )
    command = [sys.executable, "-c", program, path]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout and process.stdout.readline() == b"ready\n"
        monkeypatch.setattr(local_cupsd, "SOCKETS", (path,))
        for named in ("", path):
            with pytest.raises(NoLocalCupsd, match=f"user {user} listens"):
                find_socket({"CUPS_SERVER": named}, str(folder))
        process.stdin and process.stdin.close()


@pytest.mark.skipif(not ROOT, reason="only root can give folders away")
@pytest.mark.parametrize("owner, mode", [(7, 0o755), (1000, 0o755), (0, 0o777)])
def test_folder_of_somebody_else(folder: Path, owner: int, mode: int) -> None:
    """Who may write the folder may put a socket of his own there between two looks."""
    path = str(folder / "sub" / "sock")
    (folder / "sub").mkdir()
    with spy(path):
        assert find_socket({"CUPS_SERVER": path}, str(folder)) == path
        os.chmod(folder / "sub", mode)
        os.chown(folder / "sub", owner, owner)
        with pytest.raises(NoLocalCupsd, match="others may"):
            find_socket({"CUPS_SERVER": path}, str(folder))


# --- whose jobs there are ---------------------------------------------------------------------------------


def jobs_of_cupsd(*jobs: tuple[Attribute, ...]) -> bytes:
    """Return an answer to Get-Jobs."""
    begin = (
        attribute("attributes-charset", Tag.CHARSET, "utf-8"),
        attribute("attributes-natural-language", Tag.NATURAL_LANGUAGE, "en"),
    )
    groups = [Group(Tag.OPERATION_ATTRIBUTES, begin), *(Group(Tag.JOB_ATTRIBUTES, job) for job in jobs)]
    answer = encode_message(Message((2, 0), 0, 1, tuple(groups)))
    return b"HTTP/1.0 200 OK\r\nContent-Type: application/ipp\r\n\r\n" + answer


def test_names_of_as_many_jobs_as_cupsd_keeps(folder: Path) -> None:
    """MaxJobs may be far beyond five hundred, and the last jobs are those that someone asks about."""
    path, anna = str(folder / "sock"), attribute("job-originating-user-name", Tag.NAME_WITHOUT_LANGUAGE, "anna")
    title = attribute("job-name", Tag.NAME_WITHOUT_LANGUAGE, "Report")
    jobs = [(attribute("job-id", Tag.INTEGER, number), anna, title) for number in range(1, 5001)]
    with spy(path, jobs_of_cupsd(*jobs)):
        named = names_of_jobs({"CUPS_SERVER": path}, str(folder))
    assert named == dict.fromkeys(range(1, 5001), ("anna", "Report"))


def test_names_with_a_language(folder: Path) -> None:
    """A client may say in which language a title is; a name that is none, or is kept from this user, is not there."""
    path, title = str(folder / "sock"), LanguageString("de", "Bericht")
    jobs = (
        (attribute("job-id", Tag.INTEGER, 1), attribute("job-name", Tag.NAME_WITH_LANGUAGE, title)),
        (attribute("job-id", Tag.INTEGER, 2), attribute("job-originating-user-name", Tag.INTEGER, 7)),
        (attribute("job-name", Tag.NAME_WITHOUT_LANGUAGE, "of no job"),),
    )
    with spy(path, jobs_of_cupsd(*jobs)):
        assert names_of_jobs({"CUPS_SERVER": path}, str(folder)) == {1: ("", "Bericht"), 2: ("", "")}


def test_no_names_without_an_answer(folder: Path) -> None:
    """Where cupsd does not run, or refuses, the jobs are shown without them."""
    path = str(folder / "sock")
    assert names_of_jobs({"CUPS_SERVER": path}, str(folder)) == {}
    with spy(path, b"HTTP/1.0 403 Forbidden\r\n\r\n"):
        assert names_of_jobs({"CUPS_SERVER": path}, str(folder)) == {}


# --- with a real cupsd ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "command, how",
    [
        ("add", "environment"),
        ("add", "client.conf of the machine"),
        ("add", "client.conf of the user"),
        ("testpage", "client.conf of the user"),
        ("doctor", "environment"),
        ("pin", "client.conf of the machine"),
    ],
)
def test_password_stays_here(cups: CupsServer, folder: Path, how: str, command: str) -> None:
    """add gives the password in a device URI to the cupsd here, and no command says a byte to one that is named."""
    with Printer(certificate=OWN, faults=Faults(auth="basic")) as printer:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        with spy(("127.0.0.1", port)) as heard:
            environ = _environ(cups, folder, how, f"127.0.0.1:{port}")
            uri = f"ipps443://someone:secret@localhost:{printer.port}/ipp/print"
            name = f"queue-{abs(hash((how, command))) % 10000}"
            words = {
                "add": ["add", name, uri, "--yes"],
                "testpage": ["testpage", name],
                "doctor": ["doctor", name],
                "pin": ["pin", f"localhost:{printer.port}", "--yes"],
            }
            subprocess.run([str(LAUNCHER), *words[command]], env=environ, capture_output=True, timeout=60)
            assert not heard
        if command == "add":
            assert name in cups.run("lpstat", "-v").stdout


#: What cupsd has without a policy in cupsd.conf, and so have distributions.
AS_INSTALLED = """\
DefaultPolicy as-installed
<Policy as-installed>
  JobPrivateAccess default
  JobPrivateValues default
  <Limit All>
    Order deny,allow
  </Limit>
</Policy>"""


@pytest.mark.skipif(not ROOT, reason="the names of all jobs are for the system group")
def test_whose_jobs_they_are() -> None:
    """jobs says user and title, which cupsd as it is installed keeps from a question that names no user."""
    with CupsServer(AS_INSTALLED) as cups:
        cups.add_queue("office", "ipps443://hall/ipp/print")
        cups.run("cupsdisable", "office")
        cups.run("lp", "-d", "office", "-U", "anna", "-t", "Report", str(Path(__file__)))
        assert "office-1  waiting  anna  Report" in control(cups, "jobs").stdout


def _environ(server: CupsServer, folder: Path, how: str, named: str) -> dict[str, str]:
    """Return an environment in which a cupsd elsewhere is named; our own is found through cupsd.conf."""
    root = folder / "etc"
    root.mkdir()
    (root / "cupsd.conf").write_text(f"Listen {server.socket}\n")
    (folder / "home" / ".cups").mkdir(parents=True)
    conf = f"ServerName {named}\nEncryption Never\nUser somebody\n"
    if how == "client.conf of the machine":
        (root / "client.conf").write_text(conf)
    if how == "client.conf of the user":
        (folder / "home" / ".cups" / "client.conf").write_text(conf)
    return {
        "CUPS_SERVERROOT": str(root),
        "CUPS_CACHEDIR": str(server.root / "cache"),
        "CUPS_DATADIR": str(server.root / "data"),
        "CUPS_SERVERBIN": str(server.root / "bin"),
        "HOME": str(folder / "home"),
        "PATH": os.environ["PATH"],
        **({"CUPS_SERVER": named} if how == "environment" else {}),
    }
