"""The command line of ipps443ctl(8): its commands, what each takes, and the help."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any, NoReturn

from backend import __version__
from backend.control.console import Console
from filters.common.printable import printable

HOST_HELP = "name, name:port, [v6]:port, or the queue's ipps443:// URI; port 443 unless given"

#: Options, by name, as several commands share them.
OPTIONS: dict[str, dict[str, Any]] = {
    "hosts": {"metavar": "HOST", "nargs": "*", "help": HOST_HELP},
    "--from FILE": {"metavar": "FILE", "dest": "from_file", "help": "CSV: queue, uri, fingerprint, location, label"},
    "--dry-run": {"action": "store_true", "help": "say what would be done; change nothing"},
    "--all": {"action": "store_true", "help": "all printers of the pin file"},
    "--warn-days N": {"metavar": "N", "type": int, "help": "exit code 1 too if a certificate ends within N days"},
    "--jobs N": {"metavar": "N", "type": int, "help": "handshakes at once, up to 16"},
    "--format": {"choices": ("nagios", "prometheus"), "help": "for monitoring, with its exit codes"},
    "--acknowledge": {"action": "store_true", "help": "note that someone knows of the certificate's end"},
    "host": {"metavar": "HOST", "help": HOST_HELP},
    "uri": {"metavar": "URI", "help": "device URI, or HOST; the path may be left out"},
    "queue": {"metavar": "QUEUE", "help": "name of the queue"},
    "queue of one": {"metavar": "QUEUE", "nargs": "?", "help": "name of the queue"},
    "uri of one": {"metavar": "URI", "nargs": "?", "help": "device URI, or HOST; left out, one that is found"},
    "[queue]": {"metavar": "QUEUE", "nargs": "?", "help": "only this queue, and its printer too"},
    "--model": {"metavar": "M", "help": "description as lpadmin -m takes it, or printer: made from the printer"},
    "file": {"metavar": "FILE", "help": "certificates as PEM, DER or PKCS #7"},
    "--fingerprint": {"metavar": "F", "help": "SHA-256 of certificate or key that it must have (hex or base64)"},
    "--yes": {"action": "store_true", "help": "do not ask; trusts whoever answers now"},
    "--replace": {"action": "store_true", "help": "remove the printer's other pins"},
    "--label": {"metavar": "TEXT", "help": "words for people, such as the room"},
    "--ca": {"action": "store_true", "help": "trust what the CA in FILE signs for this name"},
    "document": {"metavar": "FILE", "help": "text as it would be given to lp"},
    "-o": {"action": "append", "metavar": "X", "help": "file to write (.pdf or .png), or option=value as for lp"},
    "-o FILE": {"metavar": "FILE", "help": "file to write; standard output unless given"},
    "--page": {"metavar": "N", "help": "only what belongs to this page"},
    "spooled": {"metavar": "FILE", "help": "spooled file as IBM i sent it"},
    "entries": {"metavar": "NAME=VALUE", "nargs": "*", "help": "drawer.2=Tray2; nothing after = removes it"},
    "[code]": {"metavar": "CODE", "nargs": "?", "help": "such as T02; without it all codes are listed"},
    "--ppd": {"metavar": "PPD", "help": "printer description of the queue"},
    "setting": {"nargs": "+", "metavar": "[QUEUE] NAME=VALUE", "help": "render-memory=1G, for one queue or for all"},
    "[action]": {
        "metavar": "search|verify",
        "nargs": "?",
        "choices": ("search", "verify"),
        "help": "search unless given",
    },
    "--user": {"metavar": "NAME", "help": "only jobs of this user"},
    "--printer": {"metavar": "P", "help": "only jobs that went to this printer"},
    "--queue": {"metavar": "Q", "dest": "of_queue", "help": "only jobs of this queue"},
    "--since": {"metavar": "WHEN", "help": "30m, 12h, 7d, 4w, or a day such as 2026-06-01"},
    "[switch]": {"metavar": "on|off|show", "nargs": "?", "choices": ("on", "off", "show"), "help": "show unless given"},
    "[job]": {"metavar": "JOB", "nargs": "?", "help": "number of the job to show"},
    "--hex": {"action": "store_true", "help": "with the beginning of the document, as ASCII and EBCDIC"},
    "--document": {"action": "store_true", "help": "with the whole document"},
    "--keys": {"action": "store_true", "help": "with the keys of the connections, for Wireshark"},
    "--for": {"metavar": "T", "dest": "span", "help": "30m unless given; 12h, 2d"},
    "--jobs": {"metavar": "N", "help": "5 unless given"},
    "--in-device-list": {
        "metavar": "on|off",
        "choices": ("on", "off"),
        "help": "show them in the web interface and lpinfo -v, as not pinned",
    },
    "--fill-device-list": {"action": "store_true", "help": "what the timer does, for cron: fill that list"},
    "--timeout": {"metavar": "S", "help": "seconds for all of it, 5 unless given"},
    "--legacy": {"action": "store_true", "help": "the printer is so old that TLS 1.0 may be used"},
    "--json": {"action": "store_true", "help": "for programs; never asks"},
}

#: Command, what it does, the function as module of this package and name, and its arguments. A module is imported by
#: the command that needs it: all of them take more than half of the time of a short one.
COMMANDS: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    (
        "pin",
        "fetch a printer's certificate, show it, and trust it from now on",
        "pinning.pin",
        (
            *("hosts", "--from FILE", "--fingerprint", "--yes", "--replace", "--label", "--acknowledge"),
            *("--dry-run", "--json"),
        ),
    ),
    (
        "import",
        "trust a certificate out of a file, or a CA",
        "pinning.import_",
        ("file", "host", "--ca", "--fingerprint", "--replace", "--label", "--json"),
    ),
    ("list", "list all pins", "listing.list_", ("--json",)),
    ("show", "show a printer's pins and pinned certificates", "viewing.show", ("host", "--json")),
    (
        "verify",
        "connect, and say whether a job would be sent",
        "viewing.verify",
        ("hosts", "--from FILE", "--all", "--warn-days N", "--jobs N", "--format", "--json"),
    ),
    ("probe", "find path, TLS, framing and formats; prints nothing", "probe.probe", ("uri", "--legacy", "--json")),
    (
        "find",
        "list printers that announce themselves, with what the pins say of each",
        "find.find",
        ("--timeout", "--in-device-list", "--fill-device-list", "--json"),
    ),
    (
        "describe",
        "make a printer description from what the printer says",
        "made.describe",
        ("uri", "-o FILE", "--legacy", "--json"),
    ),
    (
        "add",
        "make a queue: pin, probe and lpadmin in one",
        "add.add",
        (
            *("queue of one", "uri of one", "--from FILE", "--fingerprint", "--yes", "--replace", "--label", "--model"),
            *("--legacy", "--dry-run", "--json"),
        ),
    ),
    ("testpage", "print a page that says how its printer was proven", "testpage.testpage", ("queue", "--json")),
    ("identify", "let a queue's printer show which one it is", "identify.identify", ("queue", "--json")),
    ("doctor", "find what is wrong, and say what fixes it", "doctor.doctor", ("[queue]", "--json")),
    ("jobs", "show what waits, is held or has failed, with reason and cure", "jobs.jobs", ("[queue]", "--json")),
    (
        "trace",
        "turn the trace of a queue's jobs on for a while, or show it",
        "trace.trace",
        ("queue", "[switch]", "[job]", "--hex", "--document", "--keys", "--for", "--jobs", "--json"),
    ),
    (
        "audit",
        "search the audit log, or verify that each beginning has its end",
        "audit.audit",
        ("[action]", "--user", "--printer", "--queue", "--since", "--json"),
    ),
    ("explain", "say what the code of a message means, and what to do", "explain.explain", ("[code]", "--json")),
    ("set", "change a setting, for all queues or for one", "settings.set_", ("setting", "--json")),
    ("refresh", "bring a queue its description's newest text", "refresh.refresh", ("queue", "--model", "--json")),
    ("secret", "make this machine's secret, if there is none", "secret.secret", ("--json",)),
    (
        "unpin",
        "trust a printer no longer",
        "pinning.unpin",
        ("hosts", "--from FILE", "--fingerprint", "--dry-run", "--json"),
    ),
    ("forget", "forget what jobs learned about a printer; pins stay", "viewing.forget", ("host", "--json")),
    (
        "scs",
        "explain a spooled file of IBM i, control by control",
        "spooled.scs",
        ("spooled", "--page", "-o", "--json"),
    ),
    ("scs-table", "show or edit a queue's table for IBM i", "spooled.scs_table", ("queue", "entries", "--json")),
    ("preview", "draw a text as it will be printed", "preview.preview", ("document", "-o", "--ppd", "--json")),
)


#: Commands that change whom to trust, a setting, or what is recorded; some do so only with one of these words.
ADMIN: dict[str, tuple[str, ...]] = {
    "pin": (),
    "import": (),
    "unpin": (),
    "add": (),
    "set": (),
    "secret": (),
    "trace": ("on", "off"),
    "find": ("--in-device-list",),
}
#: What the help of the program shows; that of each command says more.
HELP = """\
Says which printers the CUPS backend ipps443 trusts; sets up queues.

usage: ipps443ctl COMMAND ...           (ipps443ctl help COMMAND says more)

trust     pin HOST                      fetch a certificate, show it, trust it
          import FILE HOST              trust a certificate, or a CA, in a file
          list, show HOST               list pins, show those of one printer
          verify HOST, verify --all     would a job be sent now?
          unpin HOST                    trust it no longer
queues    find, probe URI               announced printers; path, TLS, formats
          describe URI                  write a description of what it can do
          add QUEUE URI                 pin, probe and lpadmin in one
          refresh QUEUE                 bring it its description's newest text
          set [QUEUE] NAME=VALUE        change a setting
          scs-table, testpage QUEUE     table for IBM i; a page that is a proof
          identify QUEUE                let its printer blink or beep
trouble   jobs, doctor [QUEUE]          what waits, and why; what is wrong
          explain CODE                  what a code such as [T02] means
          trace QUEUE on|off|show       write down all that a job does
          audit [verify]                what was printed; is the log whole?
          secret, forget HOST           make the secret; forget what was learned
files     scs, preview FILE             explain a spooled file; draw a text

Exit codes: 0 done or trusted, 1 refused, 2 wrong usage, 3 unreachable.
"""


class WrongUsage(SystemExit):
    """The words make no command; usage and reason were written to standard error."""

    def __init__(self, text: str) -> None:
        super().__init__(2)
        self.text = text


class Parser(argparse.ArgumentParser):
    """A parser whose messages, which quote the arguments, are printable."""

    _is_mixing = False

    def error(self, message: str) -> NoReturn:
        """Write usage and reason."""
        self.print_usage(sys.stderr)
        self._print_message(f"{self.prog}: error: {message}\n", sys.stderr)
        raise WrongUsage(message)

    def _print_message(self, message: str, file: Any = None) -> None:
        if message and file is not None:
            file.write("\n".join(printable(line) for line in message.split("\n")))

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Let options stand between the other words, where some of those may be left out."""
        if self._is_mixing:
            return super().parse_known_args(args, namespace)
        self._is_mixing = True
        try:
            return self.parse_known_intermixed_args(args, namespace)
        finally:
            self._is_mixing = False


class MainParser(Parser):
    """The parser of the program, whose help fits a screen however many commands there are."""

    #: Its words are the command's.
    _is_mixing = True

    def format_help(self) -> str:
        """Return the help as it is written above."""
        return HELP


def make_parser(only: str | None = None) -> argparse.ArgumentParser:
    """Return the parser of the command line.

    Args:
        only: the one command whose arguments are wanted, None for all.
    """
    parser = MainParser(prog="ipps443ctl", allow_abbrev=False)
    parser.add_argument("--version", action="version", version=f"ipps443ctl {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True, parser_class=Parser)
    for name, summary, run, options in COMMANDS:
        command = commands.add_parser(
            name, help=summary, description=f"ipps443ctl {name}: {summary}.", allow_abbrev=False
        )
        command.set_defaults(run=_runner(run), json=False)
        for option in options if only in (None, name) else ():
            command.add_argument(option.strip("[]").split()[0], **OPTIONS[option])
    return parser


def parse(words: Sequence[str]) -> argparse.Namespace:
    """Read the words of a command line; "help" and "help COMMAND" are other ways to write --help.

    Raises:
        SystemExit: help was given, or there is nothing to do for such words.
    """
    if words[:1] == ["help"]:
        words = [*words[1:2], "--help"]
    return make_parser(words[0] if words else "").parse_args(words)


def is_recorded(words: Sequence[str]) -> bool:
    """Tell whether the audit log is to have a command."""
    if not words or words[0] not in ADMIN:
        return False
    needed = ADMIN[words[0]]
    return not needed or any(word.partition("=")[0] in needed for word in words)


def _runner(place: str) -> Callable[[argparse.Namespace, Console], int]:
    """Return what imports and runs the function of a command."""

    def run(arguments: argparse.Namespace, console: Console) -> int:
        module, _, function = place.partition(".")
        return int(getattr(import_module(f"backend.control.{module}"), function)(arguments, console))

    return run
