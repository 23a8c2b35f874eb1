"""The console of a real run: the network, cupsd, the streams of the process."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from functools import cached_property
from typing import TYPE_CHECKING, Any, TextIO, cast

from backend.control.console import Console
from backend.control.host import Misused, PrinterHost, Refused
from backend.control.sudo import sudo_advice
from backend.device_uri import RAW_PORTS
from backend.trust.pin_store import pins_path

if TYPE_CHECKING:
    from backend.control.network import Network
    from backend.transport.connection import PeerCertificate
    from backend.trust.judgement import Judgement

#: Seconds for the connection, and again for the handshake; someone sits there and waits.
TIMEOUT = 15


def fetch(printer: PrinterHost) -> PeerCertificate:
    """Make a handshake with a printer, without a byte of HTTP, and return what it showed."""
    from backend.cupsd.stop_signal import StopSignal
    from backend.transport.connection import PeerCertificate, connect

    uri = printer.uri
    _refuse_raw_port(printer)
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


def _refuse_raw_port(printer: PrinterHost) -> None:
    if printer.port in RAW_PORTS:
        raise Misused(f"at port {printer.port} printers print what comes, a handshake too; TLS is mostly at 443")


def prove(printer: PrinterHost, environ: Mapping[str, str]) -> Judgement:
    """Connect as a job would and return the judgement; raise the job's error when the printer is not trusted."""
    from backend.cupsd.stop_signal import StopSignal
    from backend.transport.pin_check import PinCheck

    _refuse_raw_port(printer)
    judgements: list[Judgement] = []
    pin_check = PinCheck(printer.uri, environ, judgements.append)
    pin_check.connect(StopSignal(), TIMEOUT, TIMEOUT).close()
    return judgements[-1]


def make_connect(environ: Mapping[str, str]) -> Callable[[], Any]:
    """Return what connects to the cupsd of this machine."""

    def connect_to_cups() -> Any:
        """Connect to it, whatever CUPS_SERVER and client.conf say about others."""
        from backend.control.local_cupsd import connect_to_local_cupsd

        return connect_to_local_cupsd(environ, _server_root(environ))

    return connect_to_cups


def make_names_of_jobs(environ: Mapping[str, str]) -> Callable[[], Mapping[int, tuple[str, str]]]:
    """Return what asks the cupsd of this machine whose its jobs are."""

    def ask() -> Mapping[int, tuple[str, str]]:
        """Ask it in the name of the user that this program runs as."""
        from backend.control.local_cupsd import names_of_jobs

        return names_of_jobs(environ, _server_root(environ))

    return ask


def _server_root(environ: Mapping[str, str]) -> str:
    return os.path.dirname(os.path.dirname(pins_path(environ)))


def make_forget(environ: Mapping[str, str]) -> Callable[[PrinterHost], bool]:
    """Return what deletes the learned facts of a printer."""

    def forget(printer: PrinterHost) -> bool:
        """Delete them; say whether there were any."""
        from backend.printer import learned
        from backend.cupsd.cache_file import cache_folder

        try:
            return learned.forget(cache_folder(environ), printer.address, printer.port)
        except OSError as error:
            why = f"{error.strerror}{sudo_advice(error)}"
            raise Refused(f"what was learned about {printer.key} cannot be deleted: {why}") from None

    return forget


class _RealNetwork:
    """The network, whose module most commands do not need, and which takes longer than they do."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    @cached_property
    def _network(self) -> Network:
        from backend.control.network import Network

        return Network(self._environ)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._network, name)


def _switch_timer(on: bool) -> str:
    from backend.control.device_list import switch_timer

    return switch_timer(on)


def _stream(stream: Any) -> TextIO:
    """Return a stream that takes all that is printable, whatever characters its locale has."""
    if hasattr(stream, "reconfigure"):
        stream.reconfigure(errors="replace")
    return cast(TextIO, stream)


def make_console(environ: Mapping[str, str]) -> Console:
    """Return the console of a real run."""
    return Console(
        output=_stream(sys.stdout),
        errors=_stream(sys.stderr),
        input=sys.stdin or io.StringIO(),
        environ=environ,
        pins_path=pins_path(environ),
        fetch=fetch,
        prove=prove,
        cups=make_connect(environ),
        names_of_jobs=make_names_of_jobs(environ),
        forget=make_forget(environ),
        clock=lambda: datetime.now(timezone.utc),
        network=cast("Network", _RealNetwork(environ)),
        switch_timer=_switch_timer,
    )
