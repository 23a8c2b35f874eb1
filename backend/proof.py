"""What the printer of a queue has to prove, from its device URI and the pin file, and the judgement of a connection.

The decision itself is ``trust.pins.judge``; this module brings it what it needs: the pins, the CA files that OpenSSL
has to look at in the handshake, and our own certificate for printers that ask for one.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping

from backend.connection import ClientIdentity, Connection, Verify, connect
from backend.device_uri import DeviceURI
from backend.errors import BadDeviceURI, CertificateRefused, InstallationBroken, NotVerified, TlsRefused
from backend.stop_signal import StopSignal
from backend.trust.fingerprint import as_hex
from backend.trust.pin_store import pins_path, read_pins, read_trusted_file
from backend.trust.pins import CaVerdict, Judgement, Pin, ca_files, judge, to_error, uri_pins

#: Folders beside the pin file: our own certificates, and the pinned certificates themselves.
CLIENTS_FOLDER = "clients"
CERTIFICATES_FOLDER = "certificates"


class Proof:
    """Opens connections to one printer and lets none pass whose certificate is not an expected one."""

    def __init__(self, uri: DeviceURI, environ: Mapping[str, str], note: Callable[[Judgement], None]) -> None:
        """Read the pins.

        Args:
            note: told of each judgement that trusts, for warnings and the log.

        Raises:
            PinFileUnreadable: they cannot be read.
            BadDeviceURI: the options contradict each other.
            InstallationBroken: a client certificate is missing.
        """
        self._uri = uri
        self._note = note
        self._queue = environ.get("PRINTER")
        self._device_uri = environ.get("DEVICE_URI") if uri.pins else None
        self._folder = os.path.dirname(pins_path(environ))
        self._trust = "pin" if uri.tls == "legacy" else uri.trust
        self._pins = self._read_pins(environ)
        self._client = self._find_client()
        self._verify = self._choose_verification()

    def _read_pins(self, environ: Mapping[str, str]) -> tuple[Pin, ...]:
        uri = self._uri
        if uri.pins:
            return uri_pins(uri.host, uri.port, uri.pins)
        if uri.trust == "system" and not os.path.exists(pins_path(environ)):
            return ()
        return read_pins(pins_path(environ)).for_printer(uri.host, uri.port)

    def _find_client(self) -> ClientIdentity | None:
        label = self._uri.clientcert
        if label is None:
            return None
        base = os.path.join(self._folder, CLIENTS_FOLDER, label)
        for path in (f"{base}.pem", f"{base}.key"):
            if not os.access(path, os.R_OK):
                raise InstallationBroken(f"clientcert={label} needs the readable files {base}.pem and {base}.key")
        return ClientIdentity(f"{base}.pem", f"{base}.key")

    def _choose_verification(self) -> Verify | None:
        if self._client is not None:
            return Verify(anchors=self._pinned_certificates())
        names = ca_files(self._pins, *self._address, self._trust)
        system = self._trust == "system"
        if not names and not system:
            return None
        if not self._uri.sni:
            raise BadDeviceURI(f"of queue {self._queue}", "sni=no leaves no name that a CA could vouch for; use a pin")
        texts = [self._read_pem(os.path.join(self._folder, name)) for name in names]
        return Verify(authorities="\n".join(texts), system=system)

    def _read_pem(self, path: str) -> str:
        """Return a file on which trust depends, if nobody but root could have written it."""
        return read_trusted_file(path).decode("ascii", "replace")

    def _pinned_certificates(self) -> str:
        """Return the stored certificates of the pins: with them the handshake ends before our own name is shown."""
        texts = []
        for pin in self._pins:
            digest = pin.cert_sha256 or pin.either_sha256
            path = os.path.join(self._folder, CERTIFICATES_FOLDER, f"{digest.hex() if digest else '-'}.pem")
            if os.path.exists(path):
                texts.append(self._read_pem(path))
        if not texts:
            name = self._uri.printer_name
            raise InstallationBroken(
                f"clientcert needs the printer's own certificate on file, a hash alone is not enough; run: "
                f"ipps443ctl pin {name} --replace"
            )
        return "\n".join(texts)

    @property
    def _address(self) -> tuple[str, int]:
        return self._uri.host, self._uri.port

    # --- connections

    def connect(
        self,
        stop: StopSignal,
        connect_seconds: float,
        handshake_seconds: float,
        meanwhile: Callable[[], None] | None = None,
    ) -> Connection:
        """Return a connection to the proven printer, on which nothing has been sent.

        Args:
            meanwhile: done while the printer works on its part of the handshake.

        Raises:
            TrustError: the peer has not proven to be it.
            PrinterUnreachable: there is no connection.
        """

        def open_connection(verify: Verify | None, client: ClientIdentity | None) -> Connection:
            return connect(
                *self._address,
                stop=stop,
                printer=self._uri.printer_name,
                tls="1.2" if self._uri.tls == "upgrade" else self._uri.tls,
                sni=self._uri.sni,
                verify=verify,
                client=client,
                upgrade_host=f"{self._uri.bracketed_host}:{self._uri.port}" if self._uri.tls == "upgrade" else None,
                connect_seconds=connect_seconds,
                handshake_seconds=handshake_seconds,
                meanwhile=meanwhile,
            )

        refusal: NotVerified | None = None
        try:
            connection = open_connection(self._verify, self._client)
        except NotVerified as error:
            # Once more without a question to OpenSSL and without our name, to see who is there: a pin may fit all the
            # same, and if not, the message can show the certificate.
            refusal = error
            try:
                connection = open_connection(None, None)
            except TlsRefused:
                raise refusal from None  # it wants our certificate first: then what OpenSSL said has to do
        try:
            self._judge(connection, refusal)
        except BaseException:
            connection.drop()
            raise
        return connection

    def _judge(self, connection: Connection, refusal: NotVerified | None) -> None:
        ca_verdict = None
        if self._verify is not None and not self._verify.anchors:
            ca_verdict = CaVerdict(refusal.verify_code, refusal.reason) if refusal else CaVerdict()
        judgement = judge(
            self._pins,
            *self._address,
            connection.certificate,
            now=time.time(),
            expired=self._uri.expired,
            trust=self._trust,
            ca_verdict=ca_verdict,
            legacy=self._uri.tls == "legacy",
        )
        if not judgement.trusted:
            raise to_error(judgement, queue=self._queue, device_uri=self._device_uri)
        if refusal is not None and self._client is not None:
            # The key fits and the certificate on file does not: showing our own certificate would have been wrong.
            raise CertificateRefused(
                self._uri.printer_name,
                as_hex(judgement.pin.cert_sha256) if judgement.pin and judgement.pin.cert_sha256 else "a renewed one",
                "a queue with clientcert needs the printer's present certificate on file",
                f"Run: ipps443ctl pin {self._uri.printer_name} --replace",
            )
        self._note(judgement)
