"""What the printer of a queue has to prove, from its device URI and the pin file, and the judgement of a connection.

The decision itself is ``trust.judgement.judge``; this module brings it what it needs: the pins, the CA files that
OpenSSL has to look at in the handshake, and our own certificate for printers that ask for one.

A run may wait for days, and what was on file when it began is not what counts: all of it is read again for the first
connection after one of these files, or the folder that names them, has changed.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping

from backend.cupsd.stop_signal import StopSignal
from backend.device_uri import DeviceURI
from backend.errors import (
    BadDeviceURI,
    CertificateRefused,
    InstallationBroken,
    NotVerified,
    PinFileUnreadable,
    TlsRefused,
)
from backend.transport.connection import ClientIdentity, Connection, Verify, connect
from backend.trust.judgement import CaVerdict, Judgement, ca_files, judge
from backend.trust.pin_file import Pin, uri_pins
from backend.trust.pin_store import check_trusted_file, pins_path, read_pins, read_trusted_file

#: Folders beside the pin file: our own certificates, and the pinned certificates themselves.
CLIENTS_FOLDER = "clients"
CERTIFICATES_FOLDER = "certificates"


class PinCheck:
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
        #: Where OpenSSL writes the keys of connections, if a trace wants them.
        self.key_log = ""
        #: The newest judgement that trusts.
        self.trusted: Judgement | None = None
        self._queue = environ.get("PRINTER")
        self._device_uri = environ.get("DEVICE_URI") if uri.pins else None
        self._folder = os.path.dirname(pins_path(environ))
        self._pins_path = pins_path(environ)
        self._trust = "pin" if uri.tls == "legacy" else uri.trust
        self._read()

    def _read(self) -> None:
        """Read pins, and the files that they and the queue name."""
        #: Nothing that failed to be read leaves what was read before in force.
        self._is_read = False
        #: The files and folders that were looked at, with what was seen of each before it was read.
        self._seen: dict[str, tuple[int, ...] | None] = {}
        if not self._uri.pins or self._uri.clientcert:
            for name in ("", CLIENTS_FOLDER, CERTIFICATES_FOLDER):
                self._look_at(os.path.join(self._folder, name))
        self._pins = self._read_pins()
        self._client = self._find_client()
        self._verify = self._choose_verification()
        self._is_read = True

    def _read_again(self) -> None:
        """Read all of it again if any of it has changed.

        Raises:
            PinFileUnreadable: something that trust depends on is missing or cannot be read.
        """
        if not self._is_read or any(_version(path) != version for path, version in self._seen.items()):
            try:
                self._read()
            except InstallationBroken as error:
                # What a run may have sent is remembered for the next one when trust ends it, not when it cannot begin.
                raise PinFileUnreadable(self._folder, error.reason) from None

    def _look_at(self, path: str) -> str:
        """Remember which version of a file is about to be read."""
        self._seen.setdefault(path, _version(path))
        return path

    def _read_pins(self) -> tuple[Pin, ...]:
        uri = self._uri
        #: The pins of all printers, for messages.
        self._known: tuple[Pin, ...] = ()
        if uri.pins:
            return uri_pins(uri.host, uri.port, uri.pins)
        path = self._look_at(self._pins_path)
        if uri.trust == "system" and not os.path.exists(path):
            return ()
        file = read_pins(path)
        self._known = file.pins
        return file.for_printer(uri.host, uri.port)

    def _find_client(self) -> ClientIdentity | None:
        label = self._uri.clientcert
        if label is None:
            return None
        base = os.path.join(self._folder, CLIENTS_FOLDER, label)
        for path in (f"{base}.pem", f"{base}.key"):
            try:
                with open(self._look_at(path), "rb"):
                    pass
            except FileNotFoundError:
                raise InstallationBroken(f"missing: {path}", "Put it there, for root:lp, mode 0640") from None
            except OSError as error:
                why = "lp may not read" if isinstance(error, PermissionError) else f"{error.strerror}:"
                raise InstallationBroken(f"{why} {path}", "For the fix: sudo ipps443ctl doctor") from None
            check_trusted_file(path)
        return ClientIdentity(f"{base}.pem", f"{base}.key")

    def _choose_verification(self) -> Verify | None:
        if self._client is not None:
            return Verify(anchors=self._pinned_certificates())
        names = ca_files(self._pins, *self._address, self._trust)
        system = self._trust == "system"
        if not names and not system:
            return None
        if not self._uri.sni:
            raise BadDeviceURI(
                f"of queue {self._queue}",
                "sni=no contradicts a CA, which vouches for a name; take sni=no out, or use a pin",
            )
        texts = [self._read_pem(os.path.join(self._folder, name)) for name in names]
        return Verify(authorities="\n".join(texts), system=system)

    def _read_pem(self, path: str) -> str:
        """Return a file on which trust depends, if nobody but root could have written it."""
        return read_trusted_file(self._look_at(path)).decode("ascii", "replace")

    def _pinned_certificates(self) -> str:
        """Return the stored certificates of the pins: with them the handshake ends before our own name is shown."""
        texts = []
        for pin in self._pins:
            digest = pin.cert_sha256 or pin.either_sha256
            path = os.path.join(self._folder, CERTIFICATES_FOLDER, f"{digest.hex() if digest else '-'}.pem")
            if os.path.exists(self._look_at(path)):
                texts.append(self._read_pem(path))
        if not texts:
            name = self._uri.printer_name
            raise InstallationBroken(
                "with clientcert, a hash alone is not enough as a pin",
                f"Compare first, then: ipps443ctl pin {name} --replace",
            )
        return "\n".join(texts)

    def _stored_certificates(self) -> list[bytes]:
        """Return the stored certificates of the pins as far as they can be read; only messages rest on them."""
        from ssl import PEM_cert_to_DER_cert

        found = []
        for pin in self._pins:
            digest = pin.cert_sha256 or pin.either_sha256
            try:
                path = os.path.join(self._folder, CERTIFICATES_FOLDER, f"{digest.hex() if digest else '-'}.pem")
                found.append(PEM_cert_to_DER_cert(read_trusted_file(path).decode("ascii")))
            except (PinFileUnreadable, ValueError, OSError):
                continue
        return found

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
            TrustError: the peer has not proven to be it, or what is on file cannot be read any more.
            PrinterUnreachable: there is no connection.
        """
        self._read_again()

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
                key_log=self.key_log,
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
            from backend.trust.refusal import to_error  # messages that an ordinary job has no use for

            told = {"queue": self._queue, "device_uri": self._device_uri}
            raise to_error(judgement, **told, known=self._known, stored=self._stored_certificates())
        if refusal is not None and self._client is not None:
            # The key fits and the certificate on file does not: showing our own certificate would have been wrong.
            raise CertificateRefused(
                self._uri.printer_name,
                judgement.fingerprint,
                "a queue with clientcert needs the printer's present certificate on file",
                f"Compare first, then run: ipps443ctl pin {self._uri.printer_name} --replace",
            )
        self.trusted = judgement
        self._note(judgement)


def _version(path: str) -> tuple[int, ...] | None:
    """Return what tells one version of a file from the next, None if it is not there.

    Whoever replaces it makes a new inode, and whoever writes into it, or lets others write, a new time of change.
    """
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns
