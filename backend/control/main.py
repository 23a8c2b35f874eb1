"""The command line of ipps443ctl(8).

Exit codes: 0 done, or trusted; 1 refused, or not trusted; 2 wrong usage, or the printer cannot be reached.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timezone
from typing import Any

from backend import errors
from backend.control import add, doctor, pinning, preview, probe, testpage, viewing
from backend.connection import PeerCertificate, connect
from backend.control.console import Console
from backend.control.host import Misused, PrinterHost, Refused
from backend.proof import Proof
from backend.stop_signal import StopSignal
from backend.trust.pin_store import pins_path
from backend.trust.pins import Judgement

DONE, REFUSED, MISUSED = 0, 1, 2

#: Seconds for the connection, and again for the handshake; somebody sits there and waits.
TIMEOUT = 15

#: What has nothing to do with trust: exit code 2.
UNREACHABLE = (errors.PrinterUnreachable, errors.ConnectionLost, errors.TlsRefused, errors.NotTls)

HOST_HELP = "name, name:port, [v6]:port, or the queue's ipps443:// URI; port 443 unless given"

#: Options, by name, as several commands share them.
OPTIONS: dict[str, dict[str, Any]] = {
    "host": {"metavar": "HOST", "help": HOST_HELP},
    "uri": {"metavar": "URI", "help": "device URI, or HOST; the path may be left out"},
    "queue": {"metavar": "QUEUE", "help": "name of the queue"},
    "[queue]": {"metavar": "QUEUE", "nargs": "?", "help": "only this queue, and its printer too"},
    "--model": {"metavar": "M", "help": "printer description, as lpadmin -m takes it"},
    "file": {"metavar": "FILE", "help": "certificates as PEM, DER or PKCS #7"},
    "--fingerprint": {"metavar": "F", "help": "SHA-256 of certificate or key that it must have (hex or base64)"},
    "--yes": {"action": "store_true", "help": "do not ask; trusts whoever answers now"},
    "--replace": {"action": "store_true", "help": "remove the printer's other pins"},
    "--label": {"metavar": "TEXT", "help": "words for people, such as the room"},
    "--ca": {"action": "store_true", "help": "trust what the CA in FILE signs for this name"},
    "document": {"metavar": "FILE", "help": "text as it would be given to lp"},
    "-o": {"action": "append", "metavar": "X", "help": "file to write (.pdf or .png), or option=value as for lp"},
    "--ppd": {"metavar": "PPD", "help": "printer description of the queue"},
    "--json": {"action": "store_true", "help": "for programs; never asks"},
}

#: Command, what it does, the function, and its arguments.
COMMANDS: tuple[tuple[str, str, Callable[[argparse.Namespace, Console], int], tuple[str, ...]], ...] = (
    (
        "pin",
        "fetch a printer's certificate, show it, and trust it from now on",
        pinning.pin,
        ("host", "--fingerprint", "--yes", "--replace", "--label", "--json"),
    ),
    (
        "import",
        "trust a certificate out of a file, or a CA",
        pinning.import_,
        ("file", "host", "--ca", "--fingerprint", "--replace", "--label", "--json"),
    ),
    ("list", "list all pins", viewing.list_, ("--json",)),
    ("show", "show a printer's pins and pinned certificates", viewing.show, ("host", "--json")),
    ("verify", "connect, and say whether a job would be sent", viewing.verify, ("host", "--json")),
    ("probe", "find path, TLS, framing and formats; prints nothing", probe.probe, ("uri", "--json")),
    (
        "add",
        "make a queue: pin, probe and lpadmin in one",
        add.add,
        ("queue", "uri", "--fingerprint", "--yes", "--replace", "--label", "--model", "--json"),
    ),
    ("testpage", "print a page that says how its printer was proven", testpage.testpage, ("queue", "--json")),
    ("doctor", "find what is wrong, and say what mends it", doctor.doctor, ("[queue]", "--json")),
    ("unpin", "trust a printer no longer", pinning.unpin, ("host", "--fingerprint", "--json")),
    ("forget", "forget what jobs learned about a printer; pins stay", viewing.forget, ("host", "--json")),
    ("preview", "draw a text as it will be printed", preview.preview, ("document", "-o", "--ppd", "--json")),
)


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(
        prog="ipps443ctl",
        description="Says which printers the CUPS backend ipps443 trusts; sets up queues.",
        epilog="Exit codes: 0 done or trusted, 1 refused or not trusted, 2 wrong usage or printer unreachable.",
        allow_abbrev=False,
    )
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for name, summary, run, options in COMMANDS:
        command = commands.add_parser(
            name, help=summary, description=f"ipps443ctl {name}: {summary}.", allow_abbrev=False
        )
        command.set_defaults(run=run, json=False)
        for option in options:
            command.add_argument(option.strip("[]"), **OPTIONS[option])
    return parser


def fetch(printer: PrinterHost) -> PeerCertificate:
    """Make a handshake with a printer, without a byte of HTTP, and return what it showed."""
    uri = printer.uri
    connection = connect(
        printer.address,
        printer.port,
        stop=StopSignal(),
        printer=printer.name,
        tls="1.2" if uri.tls == "upgrade" else uri.tls,
        sni=uri.sni,
        upgrade_host=f"{uri.bracketed_host}:{uri.port}" if uri.tls == "upgrade" else None,
        connect_seconds=TIMEOUT,
        handshake_seconds=TIMEOUT,
    )
    connection.close()
    return PeerCertificate(connection.certificate, connection.tls_version, connection.cipher)


def prove(printer: PrinterHost, environ: Mapping[str, str]) -> Judgement:
    """Connect as a job would and return the judgement; raise the job's error when the printer is not trusted."""
    judgements: list[Judgement] = []
    proof = Proof(printer.uri, environ, judgements.append)
    proof.connect(StopSignal(), TIMEOUT, TIMEOUT).close()
    return judgements[-1]


def connect_to_cups() -> Any:
    """Connect to cupsd."""
    import cups

    return cups.Connection()


def make_forget(environ: Mapping[str, str]) -> Callable[[PrinterHost], bool]:
    """Return what deletes the learned facts of a printer."""

    def forget(printer: PrinterHost) -> bool:
        """Delete them; say whether there were any."""
        from backend import learned
        from backend.cache_file import cache_folder

        try:
            return learned.forget(cache_folder(environ), printer.address, printer.port)
        except OSError as error:
            raise Refused(f"what was learned about {printer.key} cannot be deleted: {error.strerror}") from None

    return forget


def make_console(environ: Mapping[str, str]) -> Console:
    """Return the console of a real run."""
    return Console(
        output=sys.stdout,
        errors=sys.stderr,
        input=sys.stdin or io.StringIO(),
        environ=environ,
        pins_path=pins_path(environ),
        fetch=fetch,
        prove=prove,
        cups=connect_to_cups,
        forget=make_forget(environ),
        clock=lambda: datetime.now(timezone.utc),
    )


def _end_of_reader() -> int:
    """Whoever read our words is gone (ipps443ctl list | head); there is nobody left to tell."""
    sys.stdout = open(os.devnull, "w", encoding="utf-8")
    return REFUSED


def main(argv: Sequence[str], environ: Mapping[str, str], console: Console | None = None) -> int:
    """Run one command and return the exit code."""
    try:
        arguments = make_parser().parse_args(list(argv[1:]))
    except SystemExit as end:
        return int(end.code or 0)
    console = console or make_console(environ)
    console.json = arguments.json
    try:
        return int(arguments.run(arguments, console))
    except (Misused, *UNREACHABLE) as error:
        console.complain(str(error))
        if isinstance(error, errors.TlsRefused):
            console.complain(
                "for a printer with old TLS give its device URI: ipps443ctl pin 'ipps443://HOST/?tls=legacy'"
            )
        return MISUSED
    except (Refused, errors.IppsError) as error:
        console.complain(str(error))
        return REFUSED
    except BrokenPipeError:
        return _end_of_reader()
    except KeyboardInterrupt:
        console.complain("interrupted; nothing more was changed")
        return REFUSED
