"""How long a TLS that fails is tried, by a clock of the test."""

from __future__ import annotations

from typing import Any, cast

import pytest

from backend import errors
from backend.control.handshakes import find_tls
from backend.control.host import parse_printer_host
from backend.control.waiting import Waiting
from backend.device_uri import DeviceURI

REFUSED = errors.TlsRefused("printer:443", "handshake failure", "TLS 1.2 and 1.3")
SILENT = errors.PrinterUnreachable("printer:443", "no answer within 15 s")


class Clock:
    """Sleeps at once; every hello of ours is answered by the same error."""

    in_list = False

    def __init__(self, error: errors.IppsError) -> None:
        self.now, self.error, self.hellos = 0.0, error, 0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def note(self, text: str) -> None:
        pass

    def fetch(self, printer: Any) -> Any:
        self.now += 15 if self.error is SILENT else 0
        if self.hellos > 20:
            pytest.fail("it is tried without end")
        self.hellos += printer.uri.tls == DeviceURI.tls and printer.uri.sni == DeviceURI.sni
        raise self.error


@pytest.mark.parametrize("error, hellos", [(REFUSED, 5), (SILENT, 6)])
def test_how_often_a_usual_hello_is_tried(error: errors.IppsError, hellos: int) -> None:
    """Five alerts are an answer. Where each try takes its time, five count, however long that is, and one more."""
    clock = Clock(error)
    with pytest.raises(type(error)) as raised:
        find_tls(parse_printer_host("printer"), cast(Any, clock))
    assert raised.value is error and clock.hellos == hellos


@pytest.mark.parametrize("error, tries", [(REFUSED, 3), (SILENT, 3)])
def test_how_often_anything_else_is_tried(error: errors.IppsError, tries: int) -> None:
    """Three alerts are an answer; a silent printer is tried as long as there is time."""
    clock = Clock(error)
    with pytest.raises(type(error)):
        Waiting(cast(Any, clock)).until(lambda: clock.fetch(parse_printer_host("printer")))
    assert clock.hellos == tries
