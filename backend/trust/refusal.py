"""What to tell the administrator about a printer that was refused.

Rules: one line that cupsd takes as one; unknown, changed and expired are different messages; each has the fingerprint
that the printer presents (and the expected ones in the same form, so that they can be compared by eye), the dates, and
the one command that helps once somebody has looked at the printer.
"""

from __future__ import annotations

from backend import errors
from backend.trust.addresses import DEFAULT_PORT
from backend.trust.certificate import cert_sha256, spki_sha256, validity
from backend.trust.fingerprint import as_hex
from backend.trust.judgement import Judgement, Verdict
from backend.trust.pin_file import Pin

#: Longest text of an error, so that a line on standard error stays below what cupsd takes as one.
LONGEST_MESSAGE = 880


def to_error(judgement: Judgement, *, queue: str | None = None, device_uri: str | None = None) -> errors.TrustError:
    """Return the error for a verdict that is not TRUSTED.

    With ``device_uri`` the queue's own pins are meant, and the command is an lpadmin line; a password in it is replaced
    by a word. Of many expected pins as many are shown as one line of a log can hold.
    """
    for shown in (8, 4, 2, 1):
        error = _to_error(judgement, queue, device_uri, shown, judgement.host)
        if len(str(error).encode()) <= LONGEST_MESSAGE:
            return error
    short = judgement.host[:40] + "..." + judgement.host[-40:]
    return _to_error(judgement, queue, device_uri and "...", 1, short if len(judgement.host) > 90 else judgement.host)


def _to_error(
    judgement: Judgement, queue: str | None, device_uri: str | None, shown: int, host: str
) -> errors.TrustError:
    printer = f"{host}:{judgement.port}"
    presented = _presented(judgement)
    dates = validity(judgement.certificate, judgement.now)
    verdict = judgement.verdict
    if verdict is Verdict.TRUSTED:
        raise ValueError("a trusted printer is no error")
    if verdict is Verdict.UNKNOWN:
        return errors.PrinterUnknown(printer, presented, dates, _command(judgement, queue, device_uri, host))
    if verdict is Verdict.CHANGED:
        expected = _expected(judgement.expected, shown)
        command = _command(judgement, queue, device_uri, host, "--replace")
        return errors.CertificateChanged(printer, presented, expected, dates, command)
    if verdict in (Verdict.EXPIRED, Verdict.NOT_YET_VALID):
        command = _command(judgement, queue, device_uri, host, "--replace", renewed=True)
        return errors.CertificateExpired(printer, presented, dates, command)
    return errors.CertificateRefused(printer, presented, judgement.reason, _advice(judgement, queue, device_uri, host))


def _advice(judgement: Judgement, queue: str | None, device_uri: str | None, host: str) -> str:
    """Return the sentence at the end of a refusal that no pin can mend."""
    if judgement.verdict is Verdict.CA_REFUSED:
        command = f"ipps443ctl import FILE {_name(host, judgement.port)} --ca"
        return f"Run, with the certificate of the CA that signed it: {command}"
    command = _command(judgement, queue, device_uri, host, "--replace", renewed=True)
    return f"Make a new certificate at the printer, then run: {command}"


def _name(host: str, port: int) -> str:
    """Return the printer as ipps443ctl takes it, as short as possible."""
    return host if port == DEFAULT_PORT else f"{host}:{port}"


def _command(
    judgement: Judgement, queue: str | None, device_uri: str | None, host: str, option: str = "", renewed: bool = False
) -> str:
    if device_uri is None:
        return " ".join(filter(None, ("ipps443ctl pin", _name(host, judgement.port), option)))
    fingerprint = "sha256:NEW-FINGERPRINT" if renewed else as_hex(_best_hash(judgement.der))
    return f"lpadmin -p {queue or 'QUEUE'} -v '{_with_pin(device_uri, fingerprint)}'"


def _best_hash(der: bytes) -> bytes:
    """Return the hash that a queue's own pin should have: of the key, which outlives a renewal, if it can be read."""
    return spki_sha256(der) or cert_sha256(der)


def _with_pin(device_uri: str, fingerprint: str) -> str:
    """Return the device URI with this pin in place of its pins, and without its password."""
    address, _, query = device_uri.partition("?")
    scheme, separator, rest = address.replace("'", "%27").partition("://")
    authority, slash, path = rest.partition("/")
    user, at, host = authority.rpartition("@")
    name, colon, _password = user.partition(":")
    options = [
        option
        for option in query.replace("'", "%27").split("&")
        if option and option.partition("=")[0].lower() != "pin"
    ]
    return (
        scheme + separator + name + (":PASSWORD" if colon else "") + at + host + slash + path
        + "?" + "&".join(options + [f"pin={fingerprint}"])
    )  # fmt: skip


def _presented(judgement: Judgement) -> str:
    if not judgement.der:
        return "no certificate"
    return _hashes(cert_sha256(judgement.der), spki_sha256(judgement.der))


def _hashes(certificate: bytes | None, key: bytes | None) -> str:
    """Return both hashes in one form, presented as well as expected, so that they can be compared by eye."""
    if certificate and key:
        return f"{_shown(certificate)} (key {_shown(key)})"
    return _shown(certificate) if certificate else f"key {_shown(key or b'')}"


def _shown(digest: bytes) -> str:
    """Return a hash to copy; at the blank CUPS's web page can break the line, which would run off it otherwise."""
    return f"sha256: {digest.hex()}"


def _expected(pins: tuple[Pin, ...], shown: int) -> str:
    texts = [f"a certificate signed by {pin.ca}" if pin.ca else _pin_hashes(pin) for pin in pins]
    if len(texts) > shown:
        texts[shown:] = [f"{len(texts) - shown} more (ipps443ctl list)"]
    return " or ".join(texts)


def _pin_hashes(pin: Pin) -> str:
    return _shown(pin.either_sha256) if pin.either_sha256 else _hashes(pin.cert_sha256, pin.spki_sha256)
