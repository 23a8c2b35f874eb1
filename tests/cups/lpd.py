"""A remote output queue of IBM i: RFC 1179 to the real cups-lpd, started for each connection as inetd does it."""

from __future__ import annotations

import socket
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.cups.places import cups_places
from tests.cups.server import CupsServer, search_path


@dataclass(frozen=True)
class SpooledFile:
    """What a writer sends for one spooled file."""

    data: bytes
    #: Lines of the control file about the document: "l" and "f" print it, once for each line.
    prints: str = "l"
    #: A separator page, the default of an output queue.
    separator: bool = False
    control_first: bool = False
    user: str = "QSECOFR"
    name: str = "QPJOBLOG"

    @property
    def control(self) -> bytes:
        """The control file."""
        lines = ["HIBMI", f"P{self.user}", f"J{self.name}"]
        lines += [f"L{self.user}"] if self.separator else []
        lines += [f"{letter}dfA001IBMI" for letter in self.prints]
        lines += ["UdfA001IBMI", f"N{self.name}"]
        return "".join(f"{line}\n" for line in lines).encode("ascii")


def has_cups_lpd() -> bool:
    """Tell whether cups-lpd is there."""
    return program().exists()


def program() -> Path:
    """Return where cups-lpd is."""
    return cups_places().serverbin / "daemon" / "cups-lpd"


def send(cups: CupsServer, queue: str, file: SpooledFile) -> None:
    """Send a spooled file as SNDTCPSPLF and remote writers do."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        client = socket.create_connection(listener.getsockname())
        server, _ = listener.accept()
    environ = {"PATH": search_path(), "LC_ALL": "C.UTF-8", "CUPS_SERVER": cups.socket}
    with client, server, subprocess.Popen(
        [str(program()), "-n"], stdin=server.fileno(), stdout=server.fileno(), env=environ
    ) as daemon:
        server.close()
        client.settimeout(30)
        try:
            _command(client, b"\x02" + queue.encode("ascii") + b"\n")
            parts = [(b"\x02", b"cfA001IBMI", file.control), (b"\x03", b"dfA001IBMI", file.data)]
            for code, name, data in parts if file.control_first else parts[::-1]:
                _command(client, code + b"%d " % len(data) + name + b"\n")
                _command(client, data + b"\0")
        finally:
            client.close()
            assert daemon.wait(30) == 0


def _command(client: socket.socket, data: bytes) -> None:
    client.sendall(data)
    answer = client.recv(1)
    assert answer == b"\0", f"cups-lpd answered {answer!r} to {data[:40]!r}"
