"""What a command of ipps443ctl has to do with the outside: words, questions, the clock, the network, cupsd.

Everything is a field, so that a test can put something else in its place.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TextIO

from backend.connection import PeerCertificate
from backend.control.host import PrinterHost
from backend.trust.pins import Judgement


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
    #: Forgets what was learned about a printer; says whether there was something.
    forget: Callable[[PrinterHost], bool]
    clock: Callable[[], datetime]
    json: bool = False

    def say(self, text: str = "") -> None:
        """Write to whoever reads; nothing with --json, where a program reads."""
        if not self.json:
            self.output.write(text + "\n")

    def say_json(self, value: object) -> None:
        """Write the one value of a command with --json."""
        if self.json:
            self.output.write(json.dumps(value, indent=2, ensure_ascii=False) + "\n")

    def complain(self, text: str) -> None:
        """Say on standard error what is wrong, with --json too."""
        self.errors.write(f"ipps443ctl: {text}\n")

    @property
    def can_ask(self) -> bool:
        """Say whether somebody sits there who could answer."""
        return not self.json and self.input.isatty()

    def ask(self, question: str) -> bool:
        """Ask a question whose answer is no unless it is yes."""
        self.output.write(f"{question} [y/N] ")
        self.output.flush()
        return self.input.readline().strip().lower() in ("y", "yes")
