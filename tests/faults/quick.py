"""Many runs in little time: a process that has everything imported, and forks a backend for each job.

What the launcher does before ``main`` is left out; ``main`` runs as ever, in a process of its own with descriptors of
its own. For files of many runs that ask for the fixture ``quickly``, or a nursery; all others start the launcher.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

LONGEST_REQUEST = 65536


class Nursery:
    """Starts backends by forking; its ``start`` is a Starter for ``run_backend``."""

    def __enter__(self) -> Nursery:
        self._ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        command = [sys.executable, "-I", __file__, str(theirs.fileno())]
        self._process = subprocess.Popen(command, pass_fds=(theirs.fileno(),), stdin=subprocess.DEVNULL)
        theirs.close()
        self._lock = threading.Lock()
        return self

    def __exit__(self, *exc: object) -> None:
        self._ours.close()
        self._process.wait(10)

    def start(
        self, command: list[str], environ: dict[str, str], given: tuple[int, ...]
    ) -> tuple[int, int, Callable[[], int]]:
        """Fork a backend with these arguments, environment and descriptors."""
        end, writable = os.pipe()
        with self._lock:
            socket.send_fds(self._ours, [json.dumps([command, environ]).encode()], [*given, writable])
            pid = int(self._ours.recv(64))
        os.close(writable)
        return pid, end, lambda: self._read_exit_code(end)

    @staticmethod
    def _read_exit_code(end: int) -> int:
        found = b""
        while block := os.read(end, 64):
            found += block
        return int(found) if found else -signal.SIGKILL


def serve(requests: socket.socket) -> None:
    """Fork for each request until nobody asks any more."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        octets, descriptors, _, _ = socket.recv_fds(requests, LONGEST_REQUEST, 8)
        if not octets:
            return
        pid = os.fork()
        if not pid:
            requests.close()
            command, environ = json.loads(octets)
            _become(command, environ, descriptors)
        for descriptor in descriptors:
            os.close(descriptor)
        requests.send(str(pid).encode())


def _become(command: list[str], environ: dict[str, str], descriptors: list[int]) -> None:
    """Be the backend, and say the exit code on the last descriptor."""
    from backend.main import main

    *given, end = descriptors
    try:
        os.setpgid(0, 0)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for number, descriptor in enumerate(given):
            os.dup2(descriptor, number)
            os.close(descriptor)
        os.environ.clear()  # OpenSSL looks there for itself
        os.environ.update(environ)
        code = main(command, environ)
    except SystemExit as leaving:
        code = leaving.code if isinstance(leaving.code, int) else 1
    except BaseException:
        import traceback

        traceback.print_exc()
        code = 1
    os.write(end, str(int(code)).encode())
    os._exit(0)


def _prepare() -> None:
    """Import what an ordinary job imports."""
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
    import backend.main
    from backend.transport.tls_context import tls_context

    assert callable(backend.main.main)
    for profile in ("1.2", "1.3"):
        tls_context(profile)


if __name__ == "__main__":
    _prepare()
    serve(socket.socket(fileno=int(sys.argv[1])))
