"""What cupsd says of the job that we run for it: Get-Job-Attributes over its own socket, RFC 8011 section 4.3.4.

About a millisecond; asked only where a job does not go the ordinary way. cupsd names its socket in $CUPS_SERVER.
"""

from __future__ import annotations

import os
import socket
import time

from backend.cupsd.printer_state import number
from backend.errors import MalformedMessage
from backend.ipp.codes import succeeded
from backend.ipp.decoder import MOST_VALUES, decode_message
from backend.ipp.encoder import encode_message
from backend.ipp.message import Message
from backend.ipp.operations import Target, get_job_attributes
from backend.ipp.tags import Tag
from backend.job.documents import JobAtCupsd

TYPE_CHECKING = False  # typing is slow to import, and only the type checker needs it
if TYPE_CHECKING:
    from typing import Mapping

#: Seconds for the whole of it; cupsd has other things to do as well.
SECONDS = 2.0
#: A longer answer is none.
LONGEST_ANSWER = 65536
IPP_PORT = 631
ATTRIBUTES = ("copies", "job-state", "number-of-documents", "time-at-completed", "time-at-creation")


def ask_cupsd(environ: Mapping[str, str], job_id: int, user: str, *, seconds: float = SECONDS) -> JobAtCupsd | None:
    """Return what cupsd says of a job; None if it does not answer in that time."""
    target = Target(f"ipp://localhost/printers/{environ.get('PRINTER') or 'unknown'}", user)
    message = ask(environ, get_job_attributes(target, 1, job_id, ATTRIBUTES), seconds)
    if message is None:
        return None
    documents = number(message, "number-of-documents", Tag.JOB_ATTRIBUTES)
    if documents is None:
        return None
    created = number(message, "time-at-creation", Tag.JOB_ATTRIBUTES)
    completed = number(message, "time-at-completed", Tag.JOB_ATTRIBUTES)
    copies = number(message, "copies", Tag.JOB_ATTRIBUTES)
    state = number(message, "job-state", Tag.JOB_ATTRIBUTES)
    return JobAtCupsd(documents, created or 0, completed or 0, copies or 1, state or 0)


def ask(
    environ: Mapping[str, str],
    question: Message,
    seconds: float,
    longest: int = LONGEST_ANSWER,
    most_values: int = MOST_VALUES,
) -> Message | None:
    """Return what cupsd answers about jobs; None if it refuses, or does not answer in that time."""
    try:
        request = encode_message(question)
        head = "POST /jobs/ HTTP/1.0\r\nHost: localhost\r\nContent-Type: application/ipp\r\n"
        octets = f"{head}Content-Length: {len(request)}\r\n\r\n".encode() + request
        answer = _exchange(environ, octets, seconds, longest)
        status, _, rest = answer.partition(b"\r\n")
        if status.split()[1:2] != [b"200"]:
            return None
        message = decode_message(rest.partition(b"\r\n\r\n")[2], most_values=most_values).message
    except (OSError, ValueError, MalformedMessage):
        return None
    return message if succeeded(message.code) else None


def _exchange(environ: Mapping[str, str], request: bytes, seconds: float, longest: int) -> bytes:
    end = time.monotonic() + seconds
    with _connect(environ, seconds) as connection:
        connection.sendall(request)
        answer = b""
        while len(answer) < longest:
            if (left := end - time.monotonic()) <= 0:
                raise TimeoutError("it does not come to an end")
            connection.settimeout(left)
            data = connection.recv(LONGEST_ANSWER)
            if not data:
                break
            answer += data
    return answer


def _connect(environ: Mapping[str, str], seconds: float) -> socket.socket:
    server = environ.get("CUPS_SERVER", "")
    if not server:
        raise OSError("it was not cupsd who called us")
    if server.startswith("/"):
        connection = socket.socket(socket.AF_UNIX)
        try:
            connection.settimeout(seconds)
            connection.connect(os.fsencode(server))
        except OSError:
            connection.close()
            raise
        return connection
    port = environ.get("IPP_PORT") or ""
    return socket.create_connection(("localhost", int(port) if port.isdigit() else IPP_PORT), seconds)
