"""backend.printer.connections: how often, and for how long each time, a handshake is waited for."""

from __future__ import annotations

import os
from typing import Any, cast

import pytest

from backend.cupsd.stop_signal import StopSignal
from backend.device_uri import DeviceURI, parse_device_uri
from backend.errors import HandshakeTimeout, PrinterUnknown, PrinterUnreachable, SilentPort
from backend.printer.connections import MOST_SILENT
from backend.printer.credentials import Credentials
from backend.printer.printer import Printer
from backend.transport.pin_check import PinCheck
from filters.common.report import Report
from tests.unit.backend.tls_peer import peer, read_to_end

UNTRUSTED = PrinterUnknown("printer", "sha256:00", "valid", "ipps443ctl pin printer")
REFUSED = PrinterUnreachable("printer", "Connection refused")


class Proven:
    """A connection of which nobody asks more than this."""

    has_forward_secrecy, tls_version, cipher = True, "TLSv1.3", "TLS_AES_128_GCM_SHA256"
    is_closed = False

    def close(self) -> None:
        """Remember that."""
        self.is_closed = True


class Recorded(Proven):
    """A connection that whoever records it can read later."""

    has_forward_secrecy, tls_version, cipher = False, "TLSv1.2", "AES128-SHA"


class Script:
    """In the place of the pin check: what each connection ends in, and how long its handshake was given."""

    def __init__(self, text: str) -> None:
        self._left = list(text)
        self.seconds: list[float] = []

    def connect(self, stop: StopSignal, connect_seconds: float, handshake_seconds: float, meanwhile: object) -> Any:
        self.seconds.append(handshake_seconds)
        step = self._left.pop(0) if self._left else "."
        if step in "sh":
            raise HandshakeTimeout("printer", "no TLS handshake", handshake_seconds, silent=step == "s")
        if step in "ru":
            raise {"r": REFUSED, "u": UNTRUSTED}[step]
        return Recorded() if step == "k" else Proven()


class Warned(Report):
    """Remembers warnings, and says nothing."""

    def __init__(self, said: list[str]) -> None:
        super().__init__(os.open(os.devnull, os.O_WRONLY | os.O_CLOEXEC))
        self._warnings = said

    def warning(self, text: str) -> None:
        self._warnings.append(text)


def make_printer(pin_check: Script | PinCheck, uri: DeviceURI = parse_device_uri("ipps443://printer/")) -> Printer:
    """Return a printer."""
    report = Report(os.open(os.devnull, os.O_WRONLY))
    credentials = Credentials(None, None, "printer")
    return Printer(
        uri,
        user="somebody",
        stop=StopSignal(),
        report=report,
        pin_check=cast(PinCheck, pin_check),
        credentials=credentials,
    )


def tries(printer: Printer, count: int) -> str:
    """Connect so many times; return what came of each: "." a session, "-" out of reach, "X" stop, "T" not trusted."""
    found = ""
    for _ in range(count):
        try:
            printer.connections.connect_and_judge()
            found += "."
        except PrinterUnreachable:
            found += "-"
        except SilentPort as error:
            assert error.tries == MOST_SILENT and "port" in error.text
            found += "X"
        except PrinterUnknown:
            found += "T"
    return found


@pytest.mark.parametrize("late", ["h", "s"])
def test_a_handshake_that_was_not_made_in_time_gets_longer(late: str) -> None:
    """30 seconds, 60, 120, 240, and then no longer; what helped once is kept for the run."""
    script = Script(late * 3 + "." + "h" * 3)
    assert tries(make_printer(script), 7) == "---.---"
    assert script.seconds == [30, 60, 120, 240, 240, 240, 240]


def test_other_troubles_change_no_deadline() -> None:
    """A refused connection, or a stranger, says nothing about slow handshakes."""
    script = Script("rru.r")
    assert tries(make_printer(script, parse_device_uri("ipps443://printer/?timeout=handshake:7")), 5) == "--T.-"
    assert script.seconds == [7] * 5


@pytest.mark.parametrize(
    "script, found",
    [
        ("ssss", "---X"),
        ("sss.", "---."),
        ("hhhhhhhh", "--------"),  # it speaks, if slowly
        ("ssshsss", "-------"),  # not in a row
        ("sssrsss", "-------"),  # it was off, and is waking
        ("sssrssss", "-------X"),
        (".ssssssss", ".--------"),  # it has spoken before: it serves somebody else
        ("ussss", "T---X"),
    ],
)
def test_a_port_that_never_speaks_is_given_up(script: str, found: str) -> None:
    """A port for raw data prints every hello; a printer that is asleep or busy is something else."""
    assert tries(make_printer(Script(script)), len(script)) == found


def test_a_printer_that_is_known_is_not_given_up() -> None:
    """What was learned of it in an earlier job shows that it speaks on this port."""
    printer = make_printer(Script("s" * 20))
    printer.connections.has_spoken = True
    assert tries(printer, 20) == "-" * 20


def test_an_inquiry_has_the_time_it_has() -> None:
    """The second view for an inquiry begins anew, with its own deadlines."""
    script = Script("sss" + "s" * 4)
    printer = make_printer(script)
    assert tries(printer, 3) == "---"
    with pytest.raises(HandshakeTimeout):
        printer.beside(8).connections.connect_and_judge()
    assert script.seconds == [30, 60, 120, 8]


def test_a_connection_is_kept_until_it_is_ended() -> None:
    """One connection for all requests; the next one after its end, and a new one each time for a printer that breaks
    those that it keeps."""
    script = Script("")
    connections = make_printer(script).connections
    first = connections.session()
    assert connections.session() is first and len(script.seconds) == 1
    connections.disconnect()
    assert cast(Any, first.connection).is_closed
    second = connections.session()
    assert second is not first
    connections.distrust()
    third = connections.session()
    assert third is not second and connections.session() is not third and len(script.seconds) == 4


@pytest.mark.parametrize("script, warnings", [("kkk", 1), ("...", 0), (".kk", 0)])
def test_a_connection_without_forward_secrecy_is_warned_of_once(script: str, warnings: int) -> None:
    """In a job, and not where a better one was made before."""
    printer = make_printer(Script(script))
    said: list[str] = []
    printer.connections._report = cast(Any, Warned(said))
    assert tries(printer, 3) == "..."
    assert len(said) == warnings and all("turn on newer TLS suites" in each for each in said)


def test_a_port_for_raw_data_gets_no_more_hellos() -> None:
    """A real port that takes what comes: four connections, and the stop."""
    with peer(read_to_end) as server:
        uri = parse_device_uri(f"ipps443://localhost:{server.port}/?pin=sha256:{'0' * 64}&timeout=handshake:0.05")
        assert tries(make_printer(PinCheck(uri, {}, lambda judgement: None), uri), 4) == "---X"
        assert server.connections == 4
