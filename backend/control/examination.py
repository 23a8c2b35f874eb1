"""A printer examined: how it wants to be spoken to, and what it says of itself. Nothing is printed.

Rules of this module:

- TLS handshakes are all that an unproven printer gets; every byte of HTTP goes to a printer that is trusted as a job
  would trust it (``pin_check``), and the only operation is Get-Printer-Attributes;
- nothing is written: neither pins, nor what jobs learn, whose folder belongs to lp.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from backend import errors
from backend.control.console import Console
from backend.control.descriptions import Description, choose_description, installed_descriptions, printer_languages
from backend.control.host import PrinterHost, Refused
from backend.control.monitoring import environ_of_job
from backend.control.progress import Progress
from backend.control.waiting import Waiting
from backend.cupsd.cache_file import cache_folder
from backend.cupsd.printer_state import texts
from backend.cupsd.stop_signal import StopSignal
from backend.device_uri import DEFAULT_PATH, DeviceURI, Timeouts
from backend.ipp.message import Message
from backend.ipp.tags import Tag
from backend.printer import learned
from backend.printer.capabilities import Capabilities, ask_capabilities
from backend.printer.credentials import Credentials
from backend.printer.languages import languages_of
from backend.printer.learned import Facts
from backend.printer.printer import Printer
from backend.transport.connection import Connection
from backend.transport.pin_check import PinCheck
from backend.transport.tcp import connect_tcp
from backend.trust.judgement import Judgement
from filters.common.dataclass import fields
from filters.common.formats import JPEG
from filters.common.printable import printable
from filters.common.report import Report
from filters.description.formats import choose_format

#: Where printers keep their IPP service (Q-43); a path in the URI comes before them.
PATHS = (DEFAULT_PATH, "/ipp", "/ipp/port1", "/ipp/lp", "/", "/printer", "/ipp/printer")

#: Handshakes that find out which versions there are.
VERSION_OPTIONS = ("1.3", "1.2-only")

#: What is of use for a choice and not asked for jobs.
MORE_ATTRIBUTES = ("color-supported", "identify-actions-default", "printer-info", "printer-location", "sides-supported")

#: Someone sits there and waits.
TIMEOUTS = Timeouts(connect=15, handshake=15, probe=10, write=30, reply=30, read=30)

#: How often a connection that breaks is tried again before it counts as an answer: some printers close at a wrong path,
#: and one that is waking up, or someone on the way, must not choose the path.
LOST_TRIES = 2

#: Seconds after which no further path is tried: a printer whose answers never end could keep someone at each.
MOST_SECONDS = 120
#: How long a port has to take a connection, at a device that has just refused one at a different port.
PORT_SECONDS = 2

#: What a page for browsers in the place of an answer is called.
WEB_PAGE = "a web page"

#: Answers that mean: not this path.
OTHER_PATH = (errors.HttpRefused, errors.IppRefused, errors.MalformedResponse, errors.ConnectionLost)


@dataclass(frozen=True)
class Findings:
    """What a printer turned out to be."""

    #: With the TLS options and the path that work.
    printer: PrinterHost
    #: The options that were added for that, such as "tls=legacy".
    option: str
    judgement: Judgement
    tls_version: str
    cipher: str
    tls_versions: tuple[str, ...]
    #: Paths that did not answer, and what came instead.
    tried: tuple[tuple[str, str], ...]
    #: None when the printer wants a user name and password before it says anything.
    capabilities: Capabilities | None = None
    more: Message | None = None

    def text(self, name: str) -> str:
        """Return an attribute as one line without control characters, "" without it."""
        for message in (self.capabilities.attributes if self.capabilities else None, self.more):
            if message is not None and message.get(name, Tag.PRINTER_ATTRIBUTES) is not None:
                return printable(", ".join(texts(message, name, Tag.PRINTER_ATTRIBUTES)))
        return ""

    @property
    def color(self) -> bool | None:
        """color-supported."""
        found = self.more.get("color-supported", Tag.PRINTER_ATTRIBUTES) if self.more else None
        return found.value if found and isinstance(found.value, bool) else None

    @property
    def formats(self) -> tuple[str, ...]:
        """document-format-supported."""
        return self.capabilities.formats if self.capabilities else ()

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages that our descriptions can write and the printer takes."""
        return printer_languages(self.formats, self.text("printer-device-id"))

    @property
    def listed(self) -> tuple[str, ...]:
        """All languages that the printer lists, whether a description of ours can write them or not."""
        return languages_of(self.formats, self.text("printer-device-id"))

    def made_format(self, console: Console) -> str:
        """Return what a description made from the printer would write, "" if none can be made, or is worth it.

        One for JPEG files alone is worse than any that is installed and fits. Formats that jobs have found to be
        refused come last.
        """
        folder, uri = cache_folder(console.environ), self.printer.uri
        facts = learned.recall(folder, uri.host, uri.port, console.clock().timestamp())
        refused = facts.formats_refused(self.capabilities.facts.firmware) if self.capabilities else ()
        found = choose_format(self.formats, refused)
        return "" if found == JPEG and self.choose(console.environ) is not None else found

    @property
    def framing(self) -> str:
        """How a document would be sent."""
        chunks = self.capabilities.facts.chunks if self.capabilities else None
        return {True: "chunked", False: "sized", None: "unknown"}[chunks]

    def choose(self, environ: Mapping[str, str]) -> Description | None:
        """Return the installed description that fits."""
        name = self.text("printer-make-and-model")
        return choose_description(installed_descriptions(environ), self.languages, name, self.color)


def find_versions(printer: PrinterHost, agreed: str, console: Console) -> tuple[str, ...]:
    """Return the TLS versions that the printer speaks, as far as handshakes show."""
    found = {agreed}
    for tls in VERSION_OPTIONS if printer.uri.tls in ("1.2", "1.2-only", "1.3") else ():
        try:
            found.add(console.fetch(replace(printer, uri=replace(printer.uri, tls=tls))).tls_version)
        except (errors.TlsRefused, errors.PrinterUnreachable):
            continue
    return tuple(sorted(found))


def examine(printer: PrinterHost, option: str, console: Console, paths: tuple[str, ...] = PATHS) -> Findings:
    """Ask a trusted printer about itself, path by path until one answers.

    Raises:
        TrustError: it is not trusted; it got no byte of HTTP.
        PrinterUnreachable, PrinterBusy: it cannot answer now.
        AuthenticationRequired: it refuses the user name and password of the URI.
        Refused: no path answers.
    """
    judgements: list[Judgement] = []
    environ = environ_of_job(printer, console)
    pin_check = PinCheck(printer.uri, environ, judgements.append)
    waiting = Waiting(console)
    with Progress(console, f"connecting to {printer.key}"):
        connection = waiting.until(lambda: pin_check.connect(StopSignal(), TIMEOUTS.connect, TIMEOUTS.handshake))
    connection.close()
    with Progress(console, f"asking {printer.key} which versions of TLS it speaks"):
        versions = find_versions(printer, connection.tls_version, console)
    tried: list[tuple[str, str]] = []
    began, too_slow = console.monotonic(), False
    for path in dict.fromkeys((printer.uri.path, *paths)):
        too_slow = bool(tried) and console.monotonic() - began > MOST_SECONDS
        if too_slow:
            break
        uri = replace(printer.uri, path=path, timeouts=TIMEOUTS)
        found = replace(printer, uri=replace(printer.uri, path=path))
        try:
            with Progress(console, f"asking {printer.key} about itself at {path}"):
                proven, capabilities, more = _ask(uri, pin_check, waiting)
            return _findings(found, option, judgements[-1], proven or connection, versions, tried, capabilities, more)
        except errors.AuthenticationRequired as error:
            if error.in_uri:
                raise
            return _findings(found, option, judgements[-1], connection, versions, tried, None, None)
        except OTHER_PATH as error:
            tried.append((path, answer_in_short(error)))
    answers = "; ".join(f"{path}: {what}" for path, what in tried)
    which = "no usual path" if paths else "no such path"
    advice = "it is too slow to try others" if too_slow else _advice({what for _, what in tried})
    raise Refused(f"{printer.key} answers on {which} ({answers}); {advice}")


def _advice(answers: set[str]) -> str:
    """Return what to do about a printer that answers on no path."""
    if answers == {"HTTP 403"}:
        return "allow this computer at the printer"
    if WEB_PAGE in answers and answers <= {WEB_PAGE, "HTTP 404"}:
        return "what answers is for browsers: turn IPP on at the printer, or correct the port"
    return "look for the path of its IPP service and give it"


def ask_once(printer: PrinterHost, environ: Mapping[str, str]) -> Findings:
    """Ask the printer of a queue about itself as a job asks it, once and without waiting for it.

    Raises:
        IppsError: what a job would be told.
    """
    judgements: list[Judgement] = []
    pin_check = PinCheck(printer.uri, environ, judgements.append)
    asked = make_printer(replace(printer.uri, timeouts=_shorter(printer.uri.timeouts)), pin_check)
    try:
        may_probe = printer.uri.transfer == "auto"
        capabilities = ask_capabilities(asked, Facts(), Report(-1), may_probe=may_probe)
        more = asked.get_attributes(MORE_ATTRIBUTES).message
        connection = asked.connections.proven
    finally:
        asked.disconnect()
    assert connection is not None, "an answer came over a connection"
    return _findings(printer, "", judgements[-1], connection, (), [], capabilities, more)


def _shorter(timeouts: Timeouts) -> Timeouts:
    """Return the time-outs of a queue, but none longer than someone waits at a terminal."""
    return Timeouts(
        **{each.name: min(getattr(timeouts, each.name), getattr(TIMEOUTS, each.name)) for each in fields(Timeouts)}
    )


def find_path(printer: PrinterHost, environ: Mapping[str, str]) -> str | None:
    """Return the usual path on which a printer answers that does not answer on its own one, None if there is none."""
    pin_check, end = PinCheck(printer.uri, environ, lambda judgement: None), time.monotonic() + MOST_SECONDS
    for path in PATHS:
        if path == printer.uri.path:
            continue
        if time.monotonic() > end:
            break
        asked = make_printer(replace(printer.uri, path=path, timeouts=TIMEOUTS), pin_check)
        try:
            ask_capabilities(asked, Facts(), Report(-1), may_probe=True)
            return path
        except errors.AuthenticationRequired:
            return path
        except OTHER_PATH:
            continue
        except errors.IppsError:
            return None
        finally:
            asked.disconnect()
    return None


def find_ports(printer: PrinterHost, ports: Iterable[int]) -> list[int]:
    """Return those of some ports at the address of a printer that take a connection. Not a byte is sent there."""

    def takes(port: int) -> bool:
        try:
            connect_tcp(printer.address, port, printer.name, PORT_SECONDS, StopSignal()).close()
        except errors.PrinterUnreachable:
            return False
        return True

    wanted = list(ports)
    with ThreadPoolExecutor(max(1, len(wanted))) as pool:
        return [port for port, taken in zip(wanted, pool.map(takes, wanted)) if taken]


def _ask(
    uri: DeviceURI, pin_check: PinCheck, waiting: Waiting
) -> tuple[Connection | None, Capabilities, Message | None]:
    """Ask at one path; a connection that breaks says nothing about the path until it has broken again and again."""
    for last in (False,) * LOST_TRIES + (True,):
        asked = make_printer(uri, pin_check)
        try:
            capabilities = waiting.until(lambda: ask_capabilities(asked, Facts(), Report(-1), may_probe=True))
            more = asked.get_attributes(MORE_ATTRIBUTES).message
            return asked.connections.proven, capabilities, more
        except errors.ConnectionLost as error:
            if last:
                raise
            waiting.pause(error)
        finally:
            asked.disconnect()
    raise AssertionError("the last try returns or raises")


def _findings(
    printer: PrinterHost,
    option: str,
    judgement: Judgement,
    connection: Connection,
    versions: tuple[str, ...],
    tried: list[tuple[str, str]],
    capabilities: Capabilities | None,
    more: Message | None,
) -> Findings:
    agreed = connection.tls_version, connection.cipher
    return Findings(printer, option, judgement, *agreed, versions, tuple(tried), capabilities, more)


def make_printer(uri: DeviceURI, pin_check: PinCheck) -> Printer:
    """Return the printer as a command asks it: nobody reads what the backend would say meanwhile."""
    from getpass import getuser

    return Printer(
        uri,
        user=getuser(),
        stop=StopSignal(),
        report=Report(-1),
        pin_check=pin_check,
        credentials=Credentials(uri.user, uri.password, uri.printer_name, in_uri=uri.password is not None),
    )


def answer_in_short(error: errors.IppsError) -> str:
    """Return in a few words what came instead of an answer to the question."""
    if isinstance(error, errors.HttpRefused):
        return f"HTTP {error.status}" + (f", points to {error.location}" if error.location else "")
    if isinstance(error, errors.IppRefused):
        return error.keyword
    if isinstance(error, errors.MalformedResponse):
        return WEB_PAGE if is_web_page(error) else "no IPP"
    return "connection lost"


def is_web_page(error: errors.MalformedResponse) -> bool:
    """Tell whether what came instead of IPP is a page for browsers."""
    return "text/html" in error.reason.lower() or b"<html" in error.beginning.lower()
