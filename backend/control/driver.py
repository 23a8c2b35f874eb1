"""The driver program: descriptions made from printers, as cups-driverd(8) asks for them.

    ipps443 list                a line for each pinned printer, from the pin file: no network
    ipps443 cat ipps443://HOST  the description of that printer, made now

So ``lpadmin -p QUEUE -E -v URI -m URI`` makes a queue, and ``lpinfo -m`` and the web interface offer the printers.

cupsd itself stands still while ``cat`` runs for a request that names a description, so it has five seconds for
everything, waits for no printer that wakes up, and looks for no path. It runs as the user of the filters, and trusts a
printer as a job would. What it writes is whole, or nothing. A name is an argument that everyone can read: it has no
user and no password.
"""

from __future__ import annotations

import os
import shlex
import signal
import time
from collections.abc import Iterable, Mapping, Sequence

from backend import errors
from backend.device_uri import DeviceURI, Timeouts, parse_device_uri
from backend.discovery import device_id, pinned_uri
from backend.trust.pin_file import Pin
from backend.trust.pin_store import pins_path, read_pins
from filters.common.report import Report, cut
from filters.common.streams import write_all

DONE, FAILED = 0, 1
#: Seconds for a description, during which cupsd may stand still.
LONGEST = 5
_TIMEOUTS = Timeouts(connect=4, handshake=4, probe=4, write=4, reply=4, read=4)

#: What a name may have on the way in, and what is given out: cups-driverd reads no line behind a name of 256 bytes.
LONGEST_NAME, LONGEST_LISTED = 1000, 240
#: Bytes of make, and of make and model, that cups-driverd keeps.
_MAKE, _MODEL = 100, 120


class NoDescription(Exception):
    """There is none for this name; the text says why."""


class _TooLate(BaseException):
    """The time is over."""


def main(argv: Sequence[str], environ: Mapping[str, str], stdout: int = 1, stderr: int = 2) -> int:
    """Run one command and return the exit code."""
    report = Report(stderr)
    if argv[1:] == ["list"]:
        return _list(environ, stdout, report)
    if len(argv) == 3 and argv[1] == "cat":
        return _cat(argv[2], environ, stdout, report)
    report.error("Usage: ipps443 list, or ipps443 cat ipps443://HOST")
    return FAILED


# --- list


def _list(environ: Mapping[str, str], stdout: int, report: Report) -> int:
    pins: Iterable[Pin] = ()
    try:
        pins = read_pins(pins_path(environ)).pins
    except errors.PinFileUnreadable as error:
        report.debug(str(error))
    write_all(stdout, b"".join(driver_lines(pins)))
    return DONE


def driver_lines(pins: Iterable[Pin]) -> list[bytes]:
    """Return a line for each printer: name, language, make, make and model, device id (cups-driverd(8))."""
    lines: dict[str, bytes] = {}
    for pin in pins:
        name = pinned_uri(pin)
        if name not in lines and len(name) <= LONGEST_LISTED:
            model = pin.model or "Unknown printer"
            shown = f"{model} at {pin.label or pin.host} (ipps443, from the printer)"
            make, identity = _quoted(model.split(" ")[0], _MAKE), _quoted(device_id(pin), _MODEL)
            lines[name] = b"%b en %b %b %b\n" % (_quoted(name, LONGEST_LISTED), make, _quoted(shown, _MODEL), identity)
    return list(lines.values())


def _quoted(text: str, most: int) -> bytes:
    """Return a field; there is no way to write a quote in one."""
    if not (text.isascii() and text.isprintable()):
        from filters.common.printable import printable

        text = printable(text, " ")
    return b'"' + cut(text.replace('"', "'").replace("\\", "/").encode("utf-8"), most) + b'"'


# --- cat


def _cat(name: str, environ: Mapping[str, str], stdout: int, report: Report) -> int:
    before = signal.signal(signal.SIGALRM, _give_up)
    signal.setitimer(signal.ITIMER_REAL, LONGEST)
    try:
        text = make_text(name, environ)
    except NoDescription as error:
        report.error(str(error))
    except (errors.IppsError, _TooLate) as error:
        why = str(error) if isinstance(error, errors.IppsError) else f"The printer takes more than {LONGEST} seconds."
        report.error(f"{why} For a longer try: ipps443ctl describe {shlex.quote(name)}")
    else:
        signal.setitimer(signal.ITIMER_REAL, 0)
        write_all(stdout, text.encode("utf-8"))
        return DONE
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    return FAILED


def _give_up(number: int, frame: object) -> None:
    raise _TooLate


def make_text(name: str, environ: Mapping[str, str]) -> str:
    """Return the description of the printer at a device URI.

    Raises:
        NoDescription: the name is none that is taken here, or the printer takes nothing that can be made for it.
        TrustError, PrinterUnreachable, ConnectionLost, AuthenticationRequired: as a job.
    """
    uri = read_name(name)
    from backend.control.examination import make_printer
    from backend.control.host import Refused
    from backend.control.made import ask_all, describe_asked, formats_refused
    from backend.transport.pin_check import PinCheck

    printer = make_printer(uri, PinCheck(uri, {**environ, "DEVICE_URI": name}, lambda judgement: None))
    try:
        attributes = ask_all(printer)
        return describe_asked(printer, attributes, refused=formats_refused(uri, attributes, environ, time.time())).text
    except Refused as error:
        raise NoDescription(f"{error}. More: ipps443ctl describe {shlex.quote(name)}") from None
    finally:
        printer.disconnect()


def read_name(name: str) -> DeviceURI:
    """Read the name of a description, which is a device URI without user and password.

    Raises:
        NoDescription: it is none.
    """
    from filters.common.dataclass import replace

    if len(os.fsencode(name)) > LONGEST_NAME:
        raise NoDescription(f"The name of the description is longer than {LONGEST_NAME} bytes; see ipps443ctl describe")
    try:
        uri = parse_device_uri(name)
    except errors.BadDeviceURI as error:
        raise NoDescription(str(error)) from None
    if uri.user is not None or uri.password is not None:
        raise NoDescription(
            "A name of a description, which all can read, must have no user and password; use ipps443ctl add"
        )
    if uri.clientcert:  # whoever may ask cupsd for a description chooses the name, and with pin= who gets to see it
        raise NoDescription("A name of a description must not name a client certificate; use ipps443ctl add")
    return replace(uri, timeouts=_TIMEOUTS)
