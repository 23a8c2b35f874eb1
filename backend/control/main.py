"""ipps443ctl(8): runs one command, and turns what stops it into words and an exit code.

Exit codes: 0 done, or trusted; 1 refused, or not trusted; 2 wrong usage; 3 the printer cannot be reached.
"""

from __future__ import annotations

import contextlib
import errno
import os
import sys
from argparse import Namespace
from collections.abc import Mapping, Sequence

from backend.control.command_line import WrongUsage, is_recorded, parse
from backend.control.console import Console
from backend.control.failure import FAILURES, INTERRUPTED, MISUSED, REFUSED, USAGE, explain_failure, is_about_versions
from backend.control.real_console import make_console


#: What a file says that takes no more: it is full, too large for its disk or quota, or broken.
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)


def _end_of_reader() -> int:
    """Whoever read our words is gone (ipps443ctl list | head); there is no one left to tell."""
    with contextlib.suppress(OSError):
        sys.stdout.close()  # what is left in it; later Python would complain of it in words of its own
    sys.stdout = open(os.devnull, "w", encoding="utf-8")
    return REFUSED


def main(argv: Sequence[str], environ: Mapping[str, str], console: Console | None = None) -> int:
    """Run one command and return the exit code."""
    try:
        arguments = parse(list(argv[1:]))
    except WrongUsage as error:
        console = console or make_console(environ)
        console.json = "--json" in argv
        console.fail_json(USAGE, error.text)
        console.write_json()
        return MISUSED
    except SystemExit as end:
        return int(end.code or 0)
    console = console or make_console(environ)
    console.json = arguments.json
    status = REFUSED
    try:
        try:
            status = _run(arguments, console)
        finally:  # also when the reader of what it says is gone in the middle
            if is_recorded(words := [*argv[1:], *console.chosen]):
                from backend.control.audit import record_command

                record_command(words, status, console)
        console.write_json()
        console.output.flush()
        return status
    except BrokenPipeError:
        return _end_of_reader()
    except OSError as error:
        if error.errno not in FULL or error.filename is not None:
            raise
        console.complain(f"standard output cannot be written: {error.strerror}")
        return _end_of_reader()


def _run(arguments: Namespace, console: Console) -> int:
    """Run one command, and say what stops it."""
    try:
        return int(arguments.run(arguments, console))
    except FAILURES as error:
        status, code, text = explain_failure(error)
        console.complain(text)
        if is_about_versions(error):
            console.complain("if the printer is too old for TLS 1.2, add ?tls=legacy to its device URI (ipps443(8))")
        console.fail_json(code, text)
        return status
    except KeyboardInterrupt:
        text = "interrupted; nothing more was changed"
        console.complain(text)
        console.fail_json(INTERRUPTED, text)
        return REFUSED
