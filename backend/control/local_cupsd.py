"""The connection to this machine's cupsd, and to no other.

A device URI may hold the printer's password, and pins are of use to the backend on this machine alone. So neither a
CUPS_SERVER with the name of a host, nor ServerName in a client.conf (of the machine or of whoever runs sudo), nor a
socket that an ordinary user listens on gets a byte: only a domain socket behind which root, or the very user who runs
the command, listens (unix(7), SO_PEERCRED).

With JobPrivateValues as it is by default (cupsd.conf(5)) cupsd tells whose a job is, and its name, to its owner and
to the system group, by requesting-user-name. pycups sends none with Get-Jobs, so these two are asked for here.
"""

from __future__ import annotations

import os
import pwd
import socket
import stat
import struct
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

#: Where cupsd listens unless cupsd.conf says otherwise: CUPS_DEFAULT_DOMAINSOCKET of the distributions.
SOCKETS = ("/run/cups/cups.sock", "/var/run/cups/cups.sock", "/var/run/cupsd")

#: cupsd.conf is a page of text.
LONGEST_CONFIGURATION = 1 << 20

#: struct ucred: pid, uid, gid.
_CREDENTIALS = struct.Struct("3i")

#: Seconds until cupsd takes a connection.
TIMEOUT = 10

#: What JobPrivateValues keeps from others.
PRIVATE = ("job-originating-user-name", "job-name")
#: Names of jobs have a kilobyte at most, and cupsd keeps five hundred jobs unless MaxJobs says otherwise: none is
#: beyond the end of a list as long as there are a hundred thousand of usual names, with three values each.
LONGEST_LIST, MOST_VALUES = 1 << 24, 300_000


class NoLocalCupsd(RuntimeError):
    """No cupsd of this machine answers on a socket that can be trusted."""


def connect_to_local_cupsd(environ: Mapping[str, str], server_root: str) -> Any:
    """Return a pycups connection to this machine's cupsd, as the user that this program runs as.

    Raises:
        NoLocalCupsd: there is none.
        RuntimeError: pycups has no connection.
        ImportError: pycups is missing.
    """
    import cups

    path = find_socket(environ, server_root)
    cups.setServer(path)
    cups.setPort(631)  # has no meaning for a socket; a port of client.conf must have none either
    cups.setEncryption(cups.HTTP_ENCRYPT_IF_REQUESTED)  # client.conf may say Required, which a socket cannot do
    with suppress(KeyError):  # cupsd compares the name with who is at the other end of the socket
        cups.setUser(_own_name())
    cups.setPasswordCB(lambda _prompt: "")  # no one types a password of root into an answer of 401
    connection = cups.Connection(host=path, encryption=cups.HTTP_ENCRYPT_IF_REQUESTED)
    if cups.getServer() != path:
        raise NoLocalCupsd(f"libcups goes to {cups.getServer()} instead of {path}")
    return connection


def names_of_jobs(environ: Mapping[str, str], server_root: str) -> dict[int, tuple[str, str]]:
    """Return user and name of each job, "" for what cupsd does not tell this user; nothing where it does not answer."""
    from backend.cupsd.printer_state import number, texts
    from backend.ipp.operations import Target, get_jobs
    from backend.ipp.tags import Tag
    from backend.job.cupsd_inquiry import ask
    from filters.common.dataclass import replace

    try:
        path, user = find_socket(environ, server_root), _own_name()
    except (NoLocalCupsd, KeyError):
        return {}
    question = get_jobs(Target("ipp://localhost/", user), 1, ("job-id", *PRIVATE), which_jobs="all")
    answer = ask({"CUPS_SERVER": path}, question, TIMEOUT, LONGEST_LIST, MOST_VALUES)
    if answer is None:
        return {}
    named: dict[int, tuple[str, str]] = {}
    for job in answer.groups_of(Tag.JOB_ATTRIBUTES):
        told = replace(answer, groups=(job,))
        job_id = number(told, "job-id")
        if job_id is not None:
            owner, title = (next(iter(texts(told, name)), "") for name in PRIVATE)
            named[job_id] = owner, title
    return named


def _own_name() -> str:
    return pwd.getpwuid(os.geteuid()).pw_name


def find_socket(environ: Mapping[str, str], server_root: str) -> str:
    """Return the path of this machine's cupsd: what CUPS_SERVER, cupsd.conf or the distribution names, if it is safe.

    Raises:
        NoLocalCupsd: with what is wrong with the last one that is there.
    """
    trouble = ""
    for path in dict.fromkeys(_candidates(environ, server_root)):
        try:
            distrust = _distrust(path)
        except FileNotFoundError:
            continue
        except OSError as error:
            distrust = error.strerror or str(error)  # a path that is too long for a socket has no number
        if distrust is None:
            return path
        trouble = trouble or f"{path}: {distrust}"
    raise NoLocalCupsd(
        trouble or f"it does not run: none of its sockets is there (those of Listen in {server_root}/cupsd.conf)"
    )


def _candidates(environ: Mapping[str, str], server_root: str) -> Iterator[str]:
    named = environ.get("CUPS_SERVER", "")
    if named.startswith("/"):
        yield named
        return  # a socket that someone chose is that one or none
    try:
        with open(os.path.join(server_root, "cupsd.conf"), encoding="utf-8", errors="replace") as file:
            lines = [line.split() for line in file.read(LONGEST_CONFIGURATION).splitlines()]
    except OSError:
        lines = []
    for words in lines:
        if len(words) == 2 and words[0].lower() == "listen" and words[1].startswith("/"):
            yield words[1]
    yield from SOCKETS


def _distrust(path: str) -> str | None:
    """Return why a socket is not to be trusted with a password, or None."""
    owners = (0, os.geteuid())
    if not stat.S_ISSOCK(os.stat(path).st_mode):
        return "it is no socket"
    folder = os.stat(os.path.dirname(os.path.realpath(path)))
    if folder.st_uid not in owners or (folder.st_mode & stat.S_IWOTH and not folder.st_mode & stat.S_ISVTX):
        return "others may put a socket of their own in its place"
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as sock:
        sock.settimeout(TIMEOUT)
        try:
            sock.connect(path)
        except (ConnectionError, TimeoutError) as error:
            return error.strerror or "no answer"
        _pid, uid, _gid = _CREDENTIALS.unpack(sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
    return None if uid in owners else f"user {uid} listens on it, and not root"
