"""A host to which pr3287 is a printer: TN3270E (RFC 2355), as much of it as one LU 1 session needs.

    host     IAC DO TN3270E                          printer  IAC WILL TN3270E
    host     SB SEND DEVICE-TYPE                     printer  SB DEVICE-TYPE REQUEST type [CONNECT name]
    host     SB DEVICE-TYPE IS type CONNECT name     printer  SB FUNCTIONS REQUEST list
    host     SB FUNCTIONS IS (none)
    host     header, SCS, EOR; header of the end of a job, EOR

What is printed goes to the command that pr3287 starts; when the host closes, it ends.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

IAC, DONT, DO, WONT, WILL, SB, SE, EOR = 255, 254, 253, 252, 251, 250, 240, 239
TN3270E = 40
CONNECT, DEVICE_TYPE, FUNCTIONS, IS, REQUEST, SEND = 1, 2, 3, 4, 7, 8
#: Data types of the header of a record (RFC 2355 section 8.1.1).
SCS_DATA, PRINT_END = 1, 8
#: What one record holds here; hosts send less, in requests of 256 bytes.
_RECORD = 4096
_SECONDS = 20


class NotUnderstood(Exception):
    """The printer did not answer as TN3270E says."""


def print_with_pr3287(data: bytes) -> bytes:
    """Return what pr3287 prints of a stream."""
    with tempfile.TemporaryDirectory() as folder, socket.create_server(("127.0.0.1", 0)) as listener:
        path, port = Path(folder, "printed"), listener.getsockname()[1]
        program = shutil.which("pr3287") or "pr3287"
        with subprocess.Popen(
            [program, "-codepage", "cp037", "-command", f"cat >>{path}", f"PRT1@127.0.0.1:{port}"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "HOME": folder},
        ) as process:
            try:
                listener.settimeout(_SECONDS)
                client, _ = listener.accept()
                with client:
                    client.settimeout(_SECONDS)
                    _begin(client)
                    _send(client, data)
                    client.shutdown(socket.SHUT_WR)
                    while client.recv(4096):
                        pass
                process.wait(_SECONDS)
            finally:
                process.kill()
        return path.read_bytes() if path.exists() else b""


def _begin(client: socket.socket) -> None:
    client.sendall(bytes((IAC, DO, TN3270E)))
    received = _until(client, b"", bytes((IAC, WILL, TN3270E)))
    client.sendall(bytes((IAC, SB, TN3270E, SEND, DEVICE_TYPE, IAC, SE)))
    received = _until(client, received, bytes((IAC, SE)))
    asked = received.partition(bytes((SB, TN3270E, DEVICE_TYPE, REQUEST)))[2]
    kind = asked.partition(bytes((IAC,)))[0].partition(bytes((CONNECT,)))[0]
    answer = bytes((IAC, SB, TN3270E, DEVICE_TYPE, IS)) + kind + bytes((CONNECT,)) + b"PRT1" + bytes((IAC, SE))
    client.sendall(answer)
    _until(client, b"", bytes((TN3270E, FUNCTIONS, REQUEST)))
    client.sendall(bytes((IAC, SB, TN3270E, FUNCTIONS, IS, IAC, SE)))


def _until(client: socket.socket, received: bytes, wanted: bytes) -> bytes:
    """Read until something is there; return all that came."""
    while wanted not in received:
        block = client.recv(4096)
        if not block:
            raise NotUnderstood(f"{received.hex()} and not {wanted.hex()}")
        received += block
    return received


def _send(client: socket.socket, data: bytes) -> None:
    for number, at in enumerate(range(0, len(data), _RECORD)):
        record = bytes((SCS_DATA, 0, 0, 0, number & 0xFF)) + data[at : at + _RECORD]
        client.sendall(record.replace(b"\xff", b"\xff\xff") + bytes((IAC, EOR)))
    client.sendall(bytes((PRINT_END, 0, 0, 0, 0, IAC, EOR)))
