"""What a command of ipps443ctl has to do with the outside: words, questions, the clock, the network, cupsd.

Everything is a field, so that a test can put something else in its place. What is said comes from printers,
certificates, files and cupsd, often before anyone has proven anything: all of it is made printable here.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, TextIO

from filters.common.dataclass import dataclass, field
from filters.common.printable import escape_in_json, printable

if TYPE_CHECKING:  # most commands need no network
    from backend.control.host import PrinterHost
    from backend.control.network import Network
    from backend.transport.connection import PeerCertificate
    from backend.trust.judgement import Judgement

#: The form of what --json writes; higher when a program that reads the old form would go wrong.
JSON_VERSION = 1


@dataclass
class Console:
    """One run of the command."""

    output: TextIO
    errors: TextIO
    input: TextIO
    environ: Mapping[str, str]
    pins_path: str
    #: Makes a handshake with a printer and returns what it showed; raises our errors.
    fetch: Callable[[PrinterHost], PeerCertificate]
    #: Connects as a job would and returns the judgement; raises our errors.
    prove: Callable[[PrinterHost, Mapping[str, str]], Judgement]
    #: Returns a pycups connection; raises RuntimeError or ImportError.
    cups: Callable[[], Any]
    #: Returns user and name of each job of cupsd, which pycups does not hear.
    names_of_jobs: Callable[[], Mapping[int, tuple[str, str]]]
    #: Forgets what was learned about a printer; says whether there was something.
    forget: Callable[[PrinterHost], bool]
    clock: Callable[[], datetime]
    #: What is announced on the network, and handshakes with whoever announces it.
    network: Network
    #: Starts or stops the timer that fills the device list; returns why it cannot, or "".
    switch_timer: Callable[[bool], str]
    sleep: Callable[[float], None] = time.sleep
    monotonic: Callable[[], float] = time.monotonic
    json: bool = False
    #: Say what would be done, and change nothing.
    dry_run: bool = False
    #: One printer of a list, where none is waited for: the others wait as well.
    in_list: bool = False
    #: What became of each printer of a list so far, for a program and for the audit log.
    results: list[dict[str, object]] = field(default_factory=list)
    #: Words that someone chose where the command line had none, for the audit log.
    chosen: list[str] = field(default_factory=list)
    #: What was found so far, for a program.
    value: dict[str, object] = field(default_factory=dict)

    def say(self, text: str = "") -> None:
        """Write to whoever reads; nothing with --json, where a program reads."""
        if not self.json:
            self.output.write(printable(text) + "\n")

    def say_json(self, value: Mapping[str, object]) -> None:
        """Add to the one object that a command with --json writes at its end."""
        self.value = {**self.value, **value}

    def fail_json(self, code: str, text: str) -> None:
        """Put into that object why the command failed."""
        self.value["error"] = {"code": code, "text": text}

    def write_json(self) -> None:
        """Write the object, once, when the command has ended."""
        if self.json:
            value: dict[str, object] = {"version": JSON_VERSION, **self.value}
            self.output.write(escape_in_json(json.dumps(value, indent=2, ensure_ascii=False)) + "\n")

    def complain(self, text: str) -> None:
        """Say on standard error what is wrong, with --json too."""
        self.errors.write(f"ipps443ctl: {printable(text)}\n")

    def note(self, text: str) -> None:
        """Say on standard error what is going on, so that whoever waits knows why."""
        self.complain(text)
        self.errors.flush()

    @property
    def folder(self) -> str:
        """Return the folder of the pins, in which settings, secret, tables and certificates lie too."""
        return os.path.dirname(self.pins_path)

    @property
    def server_root(self) -> str:
        """Return the folder of CUPS's configuration."""
        return os.path.dirname(self.folder)

    @property
    def can_ask(self) -> bool:
        """Say whether someone sits there who could answer."""
        return not self.json and self.input.isatty()

    def ask(self, question: str) -> bool:
        """Ask a question whose answer is no unless it is yes."""
        self.output.write(f"{printable(question)} [y/N] ")
        self.output.flush()
        return self.input.readline().strip().lower() in ("y", "yes")

    def ask_for(self, question: str) -> str:
        """Ask for a word; "" if there is no answer."""
        self.output.write(f"{printable(question)} ")
        self.output.flush()
        return self.input.readline().strip()
