"""Secrets by which tests recognise a leak, and the search for them in what our programs have written.

A password, a PIN, a document and a key of a test contain a mark that stands nowhere else. When a run, a cupsd or a
worker of the tests ends, all that ours has written there is searched: traces, the audit log, what is remembered of
printers and jobs, settings and pins, and the logs of cupsd with the lines of ours. So are the arguments of the programs
that code of ours starts in the process of the tests.

Not ours, and left out:

- cupsd's own line of a job's options at LogLevel debug, ``argv[5]=``, which has a PIN (ipps443(8));
- what tests put down themselves: documents, device URIs in printers.conf, private keys of client certificates;
- what was asked for: ``.keys`` of a trace with keys, ``.document`` of one with the document.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

#: What all passwords of tests with printers begin with, and the one that most of them have.
PASSWORD_MARK, PASSWORD = "geheim-", "geheim-4711"
#: A PIN is digits; these stand nowhere else.
PIN = "73519264"
#: What documents of tests contain, as text and as the octets of it in EBCDIC.
TEXT = "Markiert7Q"
#: What the machine's secret begins with.
MACHINE_SECRET = b"\x91marked machine\xfe"

MARKS = {
    "a password": PASSWORD_MARK.encode(),
    "a PIN": PIN.encode(),
    "the text of a document": TEXT.encode(),
    "the text of a document in EBCDIC": TEXT.encode("cp037"),
    "the secret of the machine": MACHINE_SECRET,
    "the secret of the machine in hex": MACHINE_SECRET.hex().encode(),
    "a private key": b"PRIVATE KEY-----",
    "keys of a connection": b"_TRAFFIC_SECRET_0 ",
    "keys of a connection with TLS 1.2": b"CLIENT_RANDOM ",
}
#: Files of ours below a folder, by their path in it.
OURS = re.compile(
    r"(^|/)(cache/ipps443|log)/|(^|/)[^/]*audit\.log|(^|/)ipps443/(pins|ipps443\.conf|trace/|scs/)"
    r"|\.(trace|document)$"
)
#: What a trace was asked to have.
KEYS, DOCUMENT = ".keys", ".document"
#: What cupsd writes down itself.
CUPSD_OPTIONS = re.compile(rb'^.*\bargv\[5\]=".*$', re.MULTILINE)


def marks_in(data: bytes) -> list[str]:
    """Return which secrets stand in octets of ours."""
    found = [what for what, mark in MARKS.items() if mark in data]
    if found:
        data = CUPSD_OPTIONS.sub(b"", data)
        found = [what for what in found if MARKS[what] in data]
    return found


def leaks(folder: str | os.PathLike[str]) -> Iterator[str]:
    """Yield each secret in a file of ours below a folder."""
    top = os.fspath(folder)
    for place, _, names in os.walk(top):
        for name in names:
            path = os.path.join(place, name)
            if OURS.search(os.path.relpath(path, top)) and os.path.isfile(path) and not os.path.islink(path):
                yield from _leaks_of(path)


def _leaks_of(path: str) -> Iterator[str]:
    suffix = os.path.splitext(path)[1]
    try:
        found = marks_in(Path(path).read_bytes())
    except FileNotFoundError:
        return
    for what in found:
        is_wanted = (suffix == KEYS and "keys" in what) or (suffix == DOCUMENT and "document" in what)
        if not is_wanted:
            yield f"{path} has {what}"


#: Where code lies that is no library, and where ours does.
CHECKOUT = str(Path(__file__).resolve().parents[1]) + os.sep
OUR_CODE = (f"{CHECKOUT}backend{os.sep}", f"{CHECKOUT}filters{os.sep}")
#: What starts a program, as long as nobody looks.
START: Any = subprocess.Popen._execute_child  # type: ignore[attr-defined]


@contextmanager
def arguments_looked_at() -> Iterator[list[str]]:
    """Give a list that gets each program which code of ours starts in this process with a secret in its arguments."""
    found: list[str] = []

    def look(process: Any, args: Any, *more: Any, **named: Any) -> Any:
        words = [args] if isinstance(args, (str, bytes, os.PathLike)) else list(args)
        for what in marks_in(b"\0".join(map(os.fsencode, words))):
            if _is_of_ours(sys._getframe()):
                found.append(f"the arguments of {words[0]!r} have {what}")
        return START(process, args, *more, **named)

    before = subprocess.Popen._execute_child  # type: ignore[attr-defined]
    subprocess.Popen._execute_child = look  # type: ignore[attr-defined]
    try:
        yield found
    finally:
        subprocess.Popen._execute_child = before  # type: ignore[attr-defined]


def _is_of_ours(frame: Any) -> bool:
    """Tell whether the program was started by code of ours, directly or by way of the standard library."""
    while frame is not None:
        name = frame.f_code.co_filename
        if name != __file__ and name.startswith(CHECKOUT):
            return name.startswith(OUR_CODE)
        frame = frame.f_back
    return False
