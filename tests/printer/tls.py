"""TLS of the scripted printer: versions, suites, certificates, and everything that can go wrong before HTTP.

Q-50 to Q-54, Q-66, Q-69, Q-71, Q-73. The faults that answer a ClientHello are written as bytes of their own, so that
they do not depend on what OpenSSL would do: an alert record is 21 | version | 0002 | level 2 (fatal) | number (RFC
8446 section 6).
"""

from __future__ import annotations

import socket
import ssl
import warnings
from pathlib import Path
from typing import Any

from tests.printer.certificates import Certificate
from tests.printer.faults import Faults
from tests.printer.hello import ClientHello, peek_client_hello
from tests.printer.wire import Gone, Stream

HANDSHAKE_FAILURE, PROTOCOL_VERSION, UNRECOGNIZED_NAME = 40, 70, 112

VERSIONS = {
    "1.0": ssl.TLSVersion.TLSv1,
    "1.1": ssl.TLSVersion.TLSv1_1,
    "1.2": ssl.TLSVersion.TLSv1_2,
    "1.3": ssl.TLSVersion.TLSv1_3,
}
# Suites that OpenSSL 3 still has, by its names.
SUITES = {
    "rsa-aes128-cbc": "AES128-SHA",
    "rsa-aes128-gcm": "AES128-GCM-SHA256",
}
# Suites that OpenSSL 3 has not: a client that does not offer them meets handshake_failure.
LOST_SUITES = {"3des": {0x000A, 0xC012, 0xC008}, "rc4": {0x0004, 0x0005}}


class ContextMaker:
    """Makes the server's contexts: a fresh one for each connection, so that nothing is resumed, unless it may be."""

    def __init__(self, folder: Path, client_ca: Certificate | None) -> None:
        self.folder = folder
        self.client_ca = client_ca
        self._files: dict[bytes, tuple[Path, Path]] = {}
        self._kept: ssl.SSLContext | None = None

    def context(self, certificate: Certificate, faults: Faults) -> ssl.SSLContext:
        resume = faults.resume == "on"
        context = self._kept if resume and self._kept else self._fresh(faults)
        context.load_cert_chain(*self._written(certificate))
        self._kept = context if resume else None
        return context

    def _fresh(self, faults: Faults) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        low, _, high = faults.tls.partition("-")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # TLS 1.0 is the very point
            context.minimum_version = VERSIONS[low]
            context.maximum_version = VERSIONS[high or low]
        context.set_ciphers(SUITES.get(faults.suite, "DEFAULT") + ":@SECLEVEL=0")
        if faults.resume == "off":
            context.options |= ssl.OP_NO_TICKET
            context.num_tickets = 0  # type: ignore[attr-defined]
        if faults.client_cert != "none":
            context.verify_mode = ssl.CERT_REQUIRED
            if self.client_ca:
                context.load_verify_locations(cadata=self.client_ca.cert_pem.decode())
        return context

    def _written(self, certificate: Certificate) -> tuple[Path, Path]:
        # load_cert_chain takes files only.
        if certificate.cert_sha256 not in self._files:
            name = f"certificate-{len(self._files) + 1}"
            self._files[certificate.cert_sha256] = certificate.write(self.folder, name)
        return self._files[certificate.cert_sha256]


def start_tls(stream: Stream, certificate: Certificate, contexts: ContextMaker) -> None:
    """Shake hands, or do what the faults say in the place of it; raises Gone when there is no connection afterwards."""
    faults = stream.faults
    hello = None
    if faults.handshake != "hang":
        hello = peek_client_hello(stream.raw)
        stream.seen.hello = hello
    stream.strike("hello")
    _break_handshake(stream, hello)
    alert = refused_with(hello, faults)
    if alert is not None:
        send_alert(stream, alert)
    stream.seen.certificate_sha256 = certificate.cert_sha256
    stream.transport = _wrapped(stream, contexts.context(certificate, faults), certificate)


def _wrapped(stream: Stream, context: ssl.SSLContext, certificate: Certificate) -> Any:
    seen = stream.seen
    if stream.faults.legacy != "none":
        from tests.printer.old_tls import SUITE_NAME, OldTLS

        old = OldTLS(stream.raw, certificate)
        try:
            old.do_handshake()
        except OSError as error:
            stream.raw.close()
            raise Gone from error
        seen.handshake, seen.tls_version, seen.cipher = True, "TLSv1.2", SUITE_NAME
        return old
    wrapped = context.wrap_socket(stream.raw, server_side=True, do_handshake_on_connect=False)
    stream.transport = wrapped
    try:
        wrapped.do_handshake()
    except (OSError, ValueError) as error:
        wrapped.close()
        raise Gone from error
    seen.handshake = True
    seen.tls_version = wrapped.version() or ""
    seen.cipher = (wrapped.cipher() or ("",))[0]
    if stream.faults.client_cert != "none":
        seen.client_certificate = wrapped.getpeercert(binary_form=True)
    return wrapped


def _break_handshake(stream: Stream, hello: ClientHello | None) -> None:
    """The ``handshake`` switch."""
    setting = stream.faults.setting("handshake")
    if setting.form == "hang":
        stream.end("hang")
    elif setting.form == "slow:S":
        stream.wait(setting.seconds)
    elif setting.form == "alert:N":
        send_alert(stream, setting.number)
    elif setting.form == "close":
        stream.end("fin")
    elif setting.form == "rst":
        stream.end("rst")
    elif setting.form == "garbage":
        stream.raw.sendall(b"\x00" * 64 + b"220 ready\r\n")
        stream.end("fin")
    elif setting.form == "hang@half":
        # The beginning of a ServerHello record, and never the rest.
        stream.raw.sendall(b"\x16\x03\x03\x00\x7a\x02\x00\x00\x76\x03\x03" + bytes(16))
        stream.end("hang")


def refused_with(hello: ClientHello | None, faults: Faults) -> int | None:
    """The alert that this ClientHello gets; 0 means closing without one, None means nothing is wrong."""
    if hello is None:
        return None
    if hello.offers_tls13 and faults.tls13 != "ok":
        return HANDSHAKE_FAILURE if faults.tls13 == "alert" else 0
    if faults.suite in LOST_SUITES and not LOST_SUITES[faults.suite] & set(hello.suites):
        return HANDSHAKE_FAILURE
    sni = faults.setting("sni")
    wrong = {
        "require": hello.server_name is None,
        "require:TEXT": hello.server_name != sni.places.get("text"),
        "reject": hello.server_name is not None,
    }
    return UNRECOGNIZED_NAME if wrong.get(sni.form) else None


def send_alert(stream: Stream, number: int) -> None:
    """A fatal alert before any encryption, and the end; number 0 sends none."""
    if number:
        stream.raw.sendall(b"\x15\x03\x03\x00\x02\x02" + bytes([number]))
    stream.raw.settimeout(5)
    try:
        stream.raw.shutdown(socket.SHUT_WR)
        while stream.raw.recv(65536):
            pass
    except OSError:
        pass
    stream.raw.close()
    raise Gone
