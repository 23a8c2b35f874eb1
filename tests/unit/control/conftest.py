"""An administrator at a desk: the command, a pin file of its own, a clock, and what cupsd would answer."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timezone
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from backend.control import command_line, main as command, real_console
from backend.control.console import Console
from backend.control.network import Network
from backend.trust.pin_file import PinFile
from backend.trust.pin_store import read_pins, read_pins_if_any, update_pins
from tests.printer import Printer


class Terminal(io.StringIO):
    """Standard input with someone who types."""

    def isatty(self) -> bool:
        return True


class Cups:
    """What pycups shows of cupsd, and what was asked of it."""

    def __init__(self, queues: dict[str, dict[str, Any]]) -> None:
        self.queues = queues
        self.enabled: list[str] = []
        self.made: list[dict[str, str]] = []
        self.printed: list[tuple[str, bytes, dict[str, str]]] = []
        self.jobs: dict[int, dict[str, Any]] = {}

    def getPrinters(self) -> dict[str, dict[str, Any]]:  # noqa: N802
        return self.queues

    def getJobs(self, **wanted: object) -> dict[int, dict[str, Any]]:  # noqa: N802
        return self.jobs

    def enablePrinter(self, name: str) -> None:  # noqa: N802
        if name == "forbidden":
            raise RuntimeError(1030, "client-error-forbidden")
        self.enabled.append(name)

    def addPrinter(self, name: str, **more: str) -> None:  # noqa: N802
        if name == "forbidden":
            raise RuntimeError(1030, "client-error-forbidden")
        self.made.append({"name": name, **more})
        if "filename" in more:
            self.made[-1]["text"] = Path(more["filename"]).read_text("utf-8")

    def acceptJobs(self, name: str) -> None:  # noqa: N802
        self.made[-1]["accepts"] = name

    def getPrinterAttributes(self, name: str, requested_attributes: list[str]) -> dict[str, Any]:  # noqa: N802
        if name not in self.queues:
            raise RuntimeError(1030, "client-error-not-found")
        return {word: value for word, value in self.queues[name].items() if word in requested_attributes}

    def printFile(self, name: str, path: str, title: str, options: dict[str, str]) -> int:  # noqa: N802
        self.printed.append((name, Path(path).read_bytes(), options))
        return 6 + len(self.printed)


def no_cupsd() -> Any:
    raise RuntimeError("failed to connect to server")


@dataclass
class Desk:
    """One administrator; each call of ``run`` is one command."""

    folder: Path
    cups: Callable[[], Any] = no_cupsd
    fetch: Callable[..., Any] = real_console.fetch
    typed: str | None = None
    network: Network = Network({})
    now: datetime = datetime(2026, 6, 1, tzinfo=timezone.utc)
    environ: dict[str, str] = field(default_factory=dict)
    forgotten: list[str] = field(default_factory=list)
    output: str = ""
    errors: str = ""
    #: What a program would have got, had it asked for JSON.
    kept: dict[str, Any] = field(default_factory=dict)
    #: How the timer of the device list was switched, and why it could not be.
    timer: list[bool] = field(default_factory=list)
    timer_trouble: str = ""
    #: Seconds for which the command slept; nobody waits for them.
    slept: float = 0

    @property
    def path(self) -> str:
        return str(self.folder / "ipps443" / "pins")

    @property
    def pins(self) -> PinFile:
        return read_pins(self.path)

    @property
    def text(self) -> str | None:
        """The pin file byte for byte, None without one."""
        path = Path(self.path)
        return path.read_text() if path.exists() else None

    def write(self, text: str) -> None:
        """Put a text into the pin file."""
        update_pins(self.path, lambda file: file)
        Path(self.path).write_text(text)

    def stored(self) -> list[str]:
        folder = self.folder / "ipps443" / "certificates"
        return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []

    def run(self, *arguments: str) -> int:
        """Run a command and return its exit code."""
        output, problems = io.StringIO(), io.StringIO()
        console = Console(
            output=output,
            errors=problems,
            input=io.StringIO() if self.typed is None else Terminal(self.typed),
            environ=self.environ,
            pins_path=self.path,
            fetch=self.fetch,
            prove=real_console.prove,
            cups=self.cups,
            names_of_jobs=lambda: {number: job["names"] for number, job in self.cups().jobs.items() if "names" in job},
            forget=lambda printer: bool(self.forgotten.append(printer.key)) or True,  # type: ignore
            clock=lambda: self.now,
            network=self.network,
            switch_timer=self.switch_timer,
            sleep=self.sleep,
            monotonic=lambda: time.monotonic() + self.slept,
        )
        status = command.main(["ipps443ctl", *arguments], {}, console)
        self.output, self.errors, self.kept = output.getvalue(), problems.getvalue(), dict(console.value)
        return status

    def switch_timer(self, on: bool) -> str:
        self.timer.append(on)
        return self.timer_trouble

    def sleep(self, seconds: float) -> None:
        self.slept += seconds

    def value(self, *arguments: str) -> Any:
        """Run a command with --json and return what it wrote, whatever its exit code."""
        self.run(*arguments, "--json")
        return json.loads(self.output)

    def on_file(self, host: str, port: int) -> list[tuple[bytes | None, bytes | None]]:
        """Return the hashes on file for a printer: of the certificate, of the key."""
        pins = read_pins_if_any(self.path).for_printer(host, port)
        return [(pin.cert_sha256, pin.spki_sha256) for pin in pins]


@pytest.fixture(scope="session", autouse=True)
def one_parser() -> Iterator[None]:
    """Make the parser of the command line once: it keeps nothing of what it has parsed, and takes longest to make."""
    made = command_line.make_parser
    command_line.make_parser = lru_cache(made)
    yield
    command_line.make_parser = made


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def pinned(desk: Desk, printer: Printer) -> str:
    """Pin a printer and return its URI."""
    assert desk.run("pin", f"localhost:{printer.port}", "--yes") == 0
    return f"ipps443://localhost:{printer.port}"
