"""What doctor looks at, and what it finds."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from backend import errors
from backend.control.checks.queue_uri import QueueURI, stored_queues
from backend.control.console import Console
from backend.control.cups_folders import program_folder
from backend.control.examination import Findings, ask_once
from backend.control.host import Misused, Refused
from backend.control.monitoring import environ_of_job
from backend.control.packages import IN_THE_SOURCES, INSTALLER
from backend.control.queues import own_queues
from backend.trust import pin_store
from backend.trust.pin_file import PinFile

#: What brings back whatever the installer lays out.
REINSTALL = f"{INSTALLER}  {IN_THE_SOURCES}"

#: Severities, the worst first. With an error jobs stop, wait or come out wrong; a warning is about what may come to
#: that, or what passes; a note is only worth knowing.
ERROR, WARNING, NOTE = "error", "warning", "note"
#: And for what could not be looked at, which is not the same as "ok".
UNSEEN = "not looked at"

#: What stands before each command that trusts a certificate.
COMPARE_FIRST = "compare the fingerprint with the one that the printer itself shows, at its panel or on a printed page"

#: Printers asked at the same time.
AT_ONCE = 16


@dataclass(frozen=True)
class Finding:
    """Something that is wrong, or worth knowing.

    Attributes:
        fix: the command that fixes it, to be pasted as it stands; "" where only someone at the printer can.
        level: ``ERROR``, ``WARNING``, ``NOTE`` or ``UNSEEN``.
        first: what has to be done before the command, or instead of one.
        other: another way out, if there is one: when it is the better one, and its command.
        then: what has to be done after the command.
    """

    subject: str
    trouble: str
    fix: str
    level: str = ERROR
    first: str = ""
    other: str = ""
    then: str = ""

    @property
    def enables(self) -> bool:
        """Tell whether the command enables the queue as well."""
        return "lpadmin" in self.fix and " -E " in self.fix or "ipps443ctl pin" in self.fix or "ctl import" in self.fix


class NotLookedAt(Exception):
    """A check could not look at its subject at all; the text says why."""


@dataclass(frozen=True)
class Answer:
    """What the printer of a queue answered when it was asked as a job asks it: itself, or why there is no answer."""

    findings: Findings | None = None
    error: errors.IppsError | Misused | Refused | None = None


@dataclass
class Installation:
    """The installation that is looked at."""

    console: Console
    #: The queue that was asked for; None means all.
    queue: str | None = None
    ask: Callable[..., Findings] = ask_once
    _queues: dict[str, dict[str, Any]] | None = None
    _answers: dict[str, Answer] | None = None
    #: Queues for whose printer a command has been named that enables them as well.
    enabled: set[str] = field(default_factory=set)

    @property
    def server_folder(self) -> str:
        """Return <serverbin>."""
        return program_folder(self.console.environ)

    @property
    def server_root(self) -> str:
        """Return the folder of CUPS's configuration."""
        return self.console.server_root

    @property
    def request_root(self) -> str:
        """Return the folder in which cupsd keeps jobs: RequestRoot of cups-files.conf(5)."""
        try:
            with open(os.path.join(self.server_root, "cups-files.conf"), encoding="utf-8", errors="replace") as file:
                words = [line.split() for line in file]
        except OSError:
            words = []
        return next((line[1] for line in words if line[:1] == ["RequestRoot"] and len(line) > 1), "/var/spool/cups")

    def pins(self) -> PinFile | None:
        """Return the pins, None if they cannot be read, which a check of its own says."""
        try:
            return pin_store.read_pins(self.console.pins_path)
        except errors.PinFileUnreadable:
            return None

    def queues(self) -> dict[str, dict[str, Any]]:
        """Return our queues as cupsd knows them, or of them the one that was asked for.

        Raises:
            NotLookedAt: there is none, or cupsd does not answer; a check of its own says so.
        """
        if self._queues is None:
            self._queues = self._read_queues()
        if not self._queues:
            raise NotLookedAt(
                "no queue prints through ipps443" if self.queue is None else f"no such queue {self.queue}"
            )
        return self._queues

    def _read_queues(self) -> dict[str, dict[str, Any]]:
        try:
            queues = own_queues(self.console.cups())
        except Exception:  # noqa: B902 - pycups has errors of its own, which cannot be named without importing it
            raise NotLookedAt("cupsd does not answer") from None
        return {name: queue for name, queue in queues.items() if self.queue in (None, name)}

    def uris(self) -> dict[str, QueueURI]:
        """Return the device URIs of our queues, as jobs get them."""
        stored = stored_queues(self.server_root)
        return {
            name: QueueURI.of(name, str(queue.get("device-uri", "")), stored.get(name, {}))
            for name, queue in sorted(self.queues().items())
        }

    def answers(self) -> dict[str, Answer]:
        """Return what the printers of our queues answer; each is asked once, several at a time."""
        if self._answers is None:
            uris = self.uris()
            with ThreadPoolExecutor(AT_ONCE) as pool:
                self._answers = dict(zip(uris, pool.map(self._ask, uris.values())))
        return self._answers

    def _ask(self, uri: QueueURI) -> Answer:
        try:
            printer = uri.printer
            environ = {**environ_of_job(printer, self.console), "PRINTER": uri.queue}
            return Answer(self.ask(printer, environ))
        except (errors.IppsError, Misused, Refused) as error:
            return Answer(error=error)
