"""Audit records on their way to the system's own log: syslog (RFC 5424) or systemd's journal (its native protocol)."""

from __future__ import annotations

import os
import socket

SYSLOG, JOURNAL = "/dev/log", "/run/systemd/journal/socket"
#: Facility "log audit" (13), severity "informational" (6): RFC 5424 section 6.2.1.
PRIORITY = 13 * 8 + 6
#: Seconds for which a record waits for a logger that is busy.
PATIENCE = 1.0


def forward(way: str, time: str, line: bytes, *, in_haste: bool = False) -> str:
    """Send a record on; return "", or why that was not possible.

    Args:
        way: syslog or journal.
        time: when it was, as RFC 3339 writes it.
        in_haste: do not wait for a logger that is busy.
    """
    path = SYSLOG if way == "syslog" else JOURNAL
    datagram = syslog_message(time, line) if way == "syslog" else journal_message(line)
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sock:
            sock.settimeout(0.0 if in_haste else PATIENCE)
            sock.connect(path)  # poll tells of a busy logger only then
            sock.send(datagram)
    except OSError as error:
        return f"{path}: {error.strerror or error}"
    return ""


def syslog_message(time: str, line: bytes) -> bytes:
    """Return a message of RFC 5424: ``<PRI>1 TIME HOST APP PROCID MSGID - MSG``."""
    host = "".join(c for c in socket.gethostname() if c.isascii() and c.isprintable() and c != " ")[:255] or "-"
    return f"<{PRIORITY}>1 {time} {host} ipps443 {os.getpid()} audit - ".encode("ascii") + line.rstrip(b"\n")


def journal_message(line: bytes) -> bytes:
    """Return a datagram of the journal: fields as lines; the record is ASCII, and one line itself."""
    return b"MESSAGE=" + line.rstrip(b"\n") + b"\nPRIORITY=6\nSYSLOG_FACILITY=13\nSYSLOG_IDENTIFIER=ipps443\n"
