"""What CUPS asks of a backend and what no other test shows: backend(7), docs/backend-contract.md.

The launcher runs as cupsd runs it, and is judged by its exit code and by what it says.
"""

from __future__ import annotations

import ast
import contextlib
import fcntl
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from backend.cupsd.side_channel import HEADER, Command, ScStatus
from backend.errors import InstallationBroken
from tests.cups_lines import parse_line, parse_lines, texts
from tests.faults.harness import device_uri, environment, LAUNCHER, own_certificate, places
from tests.faults.invariant import TRUST_WORDS
from tests.printer import Printer

ROOT = LAUNCHER.parents[1]
ARGUMENTS = ("7", "somebody", "a title", "1", "")
SHORT = b"\x1bE" + b"A page.\x0c" + b"\x1bE"
LONGEST = 30


@pytest.fixture
def printer() -> Iterator[Printer]:
    """A printer without faults."""
    with Printer(certificate=own_certificate()) as found:
        yield found


@pytest.fixture
def folder() -> Iterator[Path]:
    """The folders of a run."""
    with places() as found:
        yield found


def start(uri: str, folder: Path, *before: str, launcher: Path = LAUNCHER, **how: Any) -> subprocess.Popen[bytes]:
    """Start the launcher, behind other programs if there are any."""
    how = {"stdin": subprocess.PIPE, "stderr": subprocess.PIPE, "env": environment(folder, uri), **how}
    return subprocess.Popen([*before, str(launcher), *ARGUMENTS], **how)


def run(uri: str, folder: Path, *before: str, **how: Any) -> tuple[int, bytes]:
    """Run it with a short job; return its exit code and what it said."""
    with start(uri, folder, *before, **how) as process:
        _, said = process.communicate(SHORT, LONGEST)
    return process.returncode, said or b""


# --- signals (B-03, B-06) -------------------------------------------------------------------------------------


def test_nobody_listens_any_more(printer: Printer, folder: Path) -> None:
    """Messages that go nowhere, as after a crash of cupsd, do not kill it: SIGPIPE would count as a printed job."""
    readable, writable = os.pipe()
    with start(device_uri(printer), folder, stderr=writable, restore_signals=True) as process:
        os.close(readable)
        os.close(writable)
        process.communicate(SHORT, LONGEST)
    assert process.returncode == 0 and len(printer.printed) == 1


def test_a_parent_that_ignores_sigterm(folder: Path) -> None:
    """What a careless wrapper hands down does not make the backend deaf to a cancel."""
    with Printer(certificate=own_certificate(), faults="job_time=60") as printer:
        shell = ("/bin/sh", "-c", 'trap "" TERM; exec "$@"', "sh")
        with start(device_uri(printer), folder, *shell) as process:
            assert process.stdin and process.stderr
            process.stdin.write(SHORT)
            process.stdin.close()
            assert printer.wait_until(lambda: "Get-Job-Attributes" in printer.operation_names)
            process.send_signal(signal.SIGTERM)
            assert process.wait(LONGEST) == 1
        assert "Cancel-Job" in printer.operation_names and printer.printed == []


# --- messages (B-17, B-18, B-19) ------------------------------------------------------------------------------

ENDS = {
    "printed": ("reasons=media-low+toner-low-warning,job_time=1,page_time=0.2", 0),
    "given up": ("state=aborted", 3),
    "out of reach": ("sleep=99", 1),
    "password": ("auth=basic,user=x,password=y", 2),
}


@pytest.mark.parametrize("name", ENDS)
def test_each_line_is_one_write(name: str, folder: Path) -> None:
    """All filters of a job share the pipe: each message is one write, ends with its line feed, and is a CUPS line."""
    faults, code = ENDS[name]
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    ours.settimeout(LONGEST)
    writes: list[bytes] = []

    def read() -> None:
        while octets := ours.recv(1 << 20):
            writes.append(octets)

    reader = threading.Thread(target=read)
    reader.start()
    with Printer(certificate=own_certificate(), faults=faults) as printer:
        with start(device_uri(printer), folder, stderr=theirs) as process:
            process.communicate(SHORT, LONGEST)
    theirs.send(b"")
    reader.join(LONGEST)
    ours.close()
    theirs.close()
    assert process.returncode == code, writes
    for octets in writes:
        assert octets.endswith(b"\n") and octets.count(b"\n") == 1, octets
        parse_line(octets[:-1])
    # Each word that is added is taken back, once, and only the words about trust are taken back unasked.
    words: set[str] = set()
    for text in texts(parse_lines(b"".join(writes)), "STATE"):
        change = set(text[1:].split(","))
        assert not change & words if text[0] == "+" else change <= words | TRUST_WORDS, (text, words)
        words = words | change if text[0] == "+" else words - change
    assert words <= TRUST_WORDS
    said = b"".join(writes).decode()
    if "INFO: Sending the job\n" in said:
        # cupsd's MaxJobTime begins anew when this word goes.
        assert "STATE: -connecting-to-device" in said.partition("INFO: Sending the job\n")[0]


# --- channels (B-21, B-22) ------------------------------------------------------------------------------------


def test_side_channel_is_answered_while_the_job_waits(folder: Path) -> None:
    """A filter that asks while the printer is out of reach gets an answer to each question, also to strange ones."""
    ours, theirs = socket.socketpair()
    fd = fcntl.fcntl(theirs.fileno(), fcntl.F_DUPFD, 20)
    shell = ("/bin/bash", "-c", f'exec 4<&{fd} {fd}<&-; exec "$@"', "sh")
    with Printer(certificate=own_certificate(), faults="sleep=99") as printer:
        uri = device_uri(printer, contimeout="600")
        with start(uri, folder, *shell, pass_fds=(fd,)) as process:
            theirs.close()
            os.close(fd)
            ours.settimeout(LONGEST)
            assert process.stderr
            assert any(b"trying again" in line for line in iter(process.stderr.readline, b""))
            for command in (*Command, 77):
                if command == Command.DRAIN_OUTPUT:
                    continue
                ours.send(HEADER.pack(command, 0, 0))
                answer = ours.recv(1 << 16)
                got, status, length = HEADER.unpack(answer[: HEADER.size])
                assert (got, length) == (command, len(answer) - HEADER.size)
                assert status in set(ScStatus)
            process.terminate()
            process.communicate(timeout=LONGEST)
    ours.close()


@pytest.mark.parametrize("channels", ["closed", "full", "a file"])
def test_odd_descriptors_in_the_place_of_the_channels(channels: str, printer: Printer, folder: Path) -> None:
    """A back channel that nobody reads, or none at all, and a file where the side channel would be."""
    odd = folder / "odd"
    odd.write_bytes(b"untouched")
    readable, writable = os.pipe()
    os.set_blocking(writable, False)
    with contextlib.suppress(BlockingIOError):
        while True:
            os.write(writable, bytes(65536))
    redirections = {"closed": "3>&- 4>&-", "full": f"3>&{writable} 4>&-", "a file": f"3<>{odd} 4<>{odd}"}
    shell = ("/bin/bash", "-c", f'exec {redirections[channels]}; exec "$@"', "sh")
    code, said = run(device_uri(printer), folder, *shell, pass_fds=(writable,))
    os.close(readable)
    os.close(writable)
    assert code == 0 and len(printer.printed) == 1, said.decode()
    assert odd.read_bytes() == b"untouched"


# --- surroundings (B-24, B-25, B-28) --------------------------------------------------------------------------


def test_the_environment_of_cupsd(printer: Printer, folder: Path) -> None:
    """umask 077, nice, no home, a folder that is not ours, and modules of the same names lying about: all the same."""
    trap = folder / "trap"
    trap.mkdir()
    for name in ("ssl", "h11", "json", "backend", "sitecustomize"):
        (trap / f"{name}.py").write_text("raise SystemExit(99)\n")
    environ = {**environment(folder, device_uri(printer)), "HOME": "/nonexistent", "PYTHONPATH": str(trap)}
    shell = ("/bin/sh", "-c", 'umask 077; exec nice -n 5 "$@"', "sh")
    code, said = run(device_uri(printer), folder, *shell, cwd=trap, env=environ)
    assert code == 0 and len(printer.printed) == 1, said.decode()
    learned = list((folder / "cache" / "ipps443").glob("*_*.json"))
    assert [path.stat().st_mode & 0o777 for path in learned] == [0o600]


def test_the_interpreter_has_an_absolute_path_and_looks_at_nothing_else() -> None:
    """PATH of filters leads elsewhere, and what a user has installed is not ours."""
    assert LAUNCHER.read_text().splitlines()[0] == "#!/usr/bin/python3 -IS"


@pytest.mark.parametrize("damage", ["missing module", "half a module", "missing package"])
def test_a_damaged_installation_says_so(damage: str, printer: Printer, folder: Path) -> None:
    """Not a traceback that nobody reads: one ERROR line with what to do, exit 4, and the job's data read to its end."""
    copy = folder / "installation"
    shutil.copytree(ROOT / "backend", copy / "backend", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "filters", copy / "filters", ignore=shutil.ignore_patterns("__pycache__"))
    if damage == "missing module":
        (copy / "backend" / "printer" / "watch.py").unlink()
    elif damage == "half a module":
        (copy / "backend" / "delivery" / "delivery.py").write_text("def half(")
    else:
        shutil.rmtree(copy / "filters")
    with start(device_uri(printer), folder, launcher=copy / "backend" / "ipps443") as process:
        _, said = process.communicate(SHORT * 100_000, LONGEST)
    assert process.returncode == 4, said.decode()
    (line,) = parse_lines(said)
    assert line.prefix == "ERROR" and len(line.text) <= 160
    assert re.fullmatch(re.escape(str(InstallationBroken("..."))).replace(r"\.\.\.", ".+"), line.text)
    assert printer.connections == 0


# --- waiting (B-29, B-30) -------------------------------------------------------------------------------------


@contextlib.contextmanager
def full_port() -> Iterator[int]:
    """A port whose queue of connections is full: whoever calls gets no answer."""
    with socket.socket() as listener, contextlib.ExitStack() as stack:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(4):
            caller = stack.enter_context(socket.socket())
            caller.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                caller.connect(listener.getsockname())
        yield listener.getsockname()[1]


TIMEOUT = "connect:1,handshake:1,probe:1,write:1,reply:1,read:1"
UNREACHABLE = {
    "no answer": "",
    "no such address": "",
    "half a handshake": "handshake=hang@half",
    "silent": "gpa_delay=30",
    "takes no jobs": "accepting=no",
}


@pytest.mark.parametrize("name", UNREACHABLE)
def test_contimeout_ends_every_kind_of_waiting(name: str, folder: Path) -> None:
    """Whatever keeps the printer from being reached: after contimeout the job fails, and the message says both."""
    with Printer(certificate=own_certificate(), faults=UNREACHABLE[name]) as printer, full_port() as port:
        uri = device_uri(printer, timeout=TIMEOUT, contimeout="1")
        hosts = {"no answer": f"127.0.0.1:{port}", "no such address": "[fe80::1%25none0]"}
        address = f"localhost:{printer.port}"
        uri = uri.replace(address, hosts.get(name, address))
        began = time.monotonic()
        code, said = run(uri, folder)
        lasted = time.monotonic() - began
    lines = parse_lines(said)
    (error,) = texts(lines, "ERROR")
    assert code == 1 and "[N03]" in error, said.decode()
    assert lasted < 20, "it does not go on for contimeout's usual week"
    assert texts(lines, "INFO"), "what is waited for is shown meanwhile"


# --- what it does not do (B-27, B-31) -------------------------------------------------------------------------


def test_the_device_list_needs_no_network_and_nothing_slow() -> None:
    """cupsd drops backends that take their time: no package that is slow to load, no name looked up, no socket."""
    program = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "sys.addaudithook(lambda event, arguments: event.startswith('socket.') and sys.exit(event))\n"
        "from backend.main import main\n"
        "code = main(['ipps443'], {'CUPS_SERVERROOT': '/nonexistent'})\n"
        "slow = {'argparse', 'asyncio', 'cryptography', 'cups', 'http.client', 'json', 'reportlab', 'tempfile'}\n"
        "sys.exit(str(slow & set(sys.modules)) if slow & set(sys.modules) else code)\n"
    )
    done = subprocess.run([sys.executable, "-IS", "-c", program, str(ROOT)], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith('network ipps443 "Unknown" "')


def test_no_side_queries() -> None:
    """No SNMP and no datagrams over a network, which may swallow them; the system log has a socket of this machine."""
    for path in (ROOT / "backend").rglob("*.py"):
        names = {node.attr for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Attribute)}
        if path.name == "forwarding.py":
            assert "AF_UNIX" in names and not names & {"AF_INET", "AF_INET6", "SOCK_RAW"}
        else:
            assert not names & {"SOCK_DGRAM", "SOCK_RAW", "sendto"}, path
