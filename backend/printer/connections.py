"""Connections to a printer, each judged before its first byte of HTTP, the second and the tenth as well.

A printer that is asleep or busy makes its part of the handshake late, so the handshake after a late one gets more time.
A port that never speaks is given up: it is one for raw data, and prints each hello.
"""

from __future__ import annotations

from backend.cupsd.stop_signal import StopSignal
from backend.device_uri import Timeouts
from backend.errors import HandshakeTimeout, PrinterUnreachable, SilentPort
from backend.transport.connection import Connection
from backend.transport.pin_check import PinCheck
from filters.common.report import Report

TYPE_CHECKING = False  # see _import_session
if TYPE_CHECKING:
    from backend.transport.session import Session

#: How often the time for a handshake doubles after one that was not made in time: 30 seconds become 240.
MOST_DOUBLINGS = 3
#: Handshakes in a row without a byte before a port that never spoke counts as none with TLS: with the time-outs as they
#: are that is 7 minutes, longer than printers take to wake; and a port for raw data has printed four hellos, no more.
MOST_SILENT = 4


class Connections:
    """The connection that is open, and what is known of those before it."""

    def __init__(self, name: str, pin_check: PinCheck, timeouts: Timeouts, stop: StopSignal, report: Report) -> None:
        """
        Args:
            name: what the printer is called in messages.
            pin_check: opens the connections, and lets none pass that is not to the expected printer.
        """
        self.pin_check = pin_check
        self._name = name
        self._timeouts = timeouts
        self._stop = stop
        self._report = report
        self._session: Session | None = None
        self._are_kept = True
        #: The connection that proved the printer's key last, for messages.
        self.proven: Connection | None = None
        #: It is known from earlier jobs that a printer answers on this port. One that serves someone else may be
        #: silent for an hour.
        self.has_spoken = False
        self._late_handshakes = 0
        self._silent_handshakes = 0

    def connect_and_judge(self) -> Session:
        """Return a new session whose peer has proven to be the expected printer.

        Raises:
            TrustError: it has not; nothing was sent.
            PrinterUnreachable: there is no connection.
            SilentPort: there is, again and again, and nothing has ever come over it.
        """
        self._report.detail("connect", self._name)
        connection = self._connect(self._timeouts.connect, self._timeouts.handshake)
        self._report.detail("connected", connection)
        if not connection.has_forward_secrecy and self.proven is None:
            self._report.warning(
                f"{self._name} has only {connection.cipher}: who records the job and gets its key later can read it;"
                " turn on newer TLS suites at the printer"
            )
        self.proven = connection
        self._report.debug(f"{connection.tls_version} with {connection.cipher} to {self._name}")
        from backend.transport.session import Session

        return Session(connection, self._name, self._stop, self._timeouts)

    def _connect(self, connect_seconds: float, handshake_seconds: float) -> Connection:
        """Connect, with more patience for the handshake after one that was not made in time."""
        seconds = handshake_seconds * 2 ** min(self._late_handshakes, MOST_DOUBLINGS)
        try:
            connection = self.pin_check.connect(self._stop, connect_seconds, seconds, _import_session)
        except HandshakeTimeout as error:
            self._late_handshakes += 1
            self._silent_handshakes = self._silent_handshakes + 1 if error.silent else 0
            if self._silent_handshakes >= MOST_SILENT and not self.has_spoken:
                raise SilentPort(self._name, self._silent_handshakes, seconds) from None
            raise
        except PrinterUnreachable:
            self._silent_handshakes = 0  # it is switched off and on meanwhile: no port that is merely the wrong one
            raise
        self._silent_handshakes, self.has_spoken = 0, True
        return connection

    def session(self) -> Session:
        """Return the session that is open, or a new one."""
        if self._session is not None and self._session.reusable and self._are_kept:
            return self._session
        self.disconnect()
        self._session = self.connect_and_judge()
        return self._session

    def disconnect(self) -> None:
        """End the session that is open."""
        if self._session is not None:
            self._session.close()
            self._session = None

    def distrust(self) -> None:
        """Open a new connection for each request from now on: the printer breaks those that it keeps (Q-29)."""
        if self._are_kept:
            self._report.debug(f"{self._name} did not keep its connection; a new one for each request from now on")
        self._are_kept = False
        self.disconnect()

    @property
    def document_bytes(self) -> int:
        """Bytes of a document that went out in the newest exchange; 0 if it carried none."""
        return self._session.progress.document_bytes if self._session is not None else 0


def _import_session() -> None:
    """Import h11, which takes a third of all imports, while the printer makes its part of the handshake."""
    import backend.transport.session  # noqa: F401
