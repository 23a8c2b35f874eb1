"""What to tell the administrator about a printer that was refused.

Rules: one line that cupsd takes as one; unknown, changed and expired are different messages; each has the fingerprint
that the printer presents (and the expected ones in the same form, so that they can be compared by eye), the dates, and
the one command that helps once someone has looked at the printer. No command has a hash in it that was only shown: who
shows it may be an impostor.
"""

from __future__ import annotations

from collections.abc import Iterable

from backend import errors
from backend.trust.addresses import DEFAULT_PORT
from backend.trust.certificate import CertificateFacts, cert_sha256, spki_sha256, validity
from backend.trust.der import outline
from backend.trust.judgement import FOR_CLIENTS, NO_ISSUER, OTHER_NAMES, Judgement, Verdict
from backend.trust.pin_file import Pin

#: Longest text of an error, so that a line on standard error stays below what cupsd takes as one.
LONGEST_MESSAGE = 880
#: Characters of the name of a CA in a message.
LONGEST_COMMON_NAME = 40
#: What stands in a name or address that is worth repeating: a certificate can say anything.
NAME_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_*:")


def to_error(
    judgement: Judgement,
    *,
    queue: str | None = None,
    device_uri: str | None = None,
    known: Iterable[Pin] = (),
    stored: Iterable[bytes] = (),
) -> errors.TrustError:
    """Return the error for a verdict that is not TRUSTED.

    With ``device_uri`` the queue's own pins are meant, and the command is an lpadmin line; a password in it is replaced
    by a word. Of many expected pins as many are shown as one line of a log can hold.

    Args:
        known: the pins of all printers, to say whose key this is.
        stored: the pinned certificates of this printer, to say that only the kind of key differs.
    """
    error = _in_one_line(judgement, queue, device_uri)
    if isinstance(error, (errors.PrinterUnknown, errors.CertificateChanged)):
        error.elsewhere = _elsewhere(judgement, known)
    if isinstance(error, errors.CertificateChanged) and not error.elsewhere:
        error.kinds = _kinds(judgement, stored)
        if error.kinds:
            error.command = error.command.removesuffix(" --replace")
    return error


def _elsewhere(judgement: Judgement, known: Iterable[Pin]) -> str:
    """Return under which other names or addresses this certificate or key is pinned; the handshake has proven it."""
    if not judgement.der:
        return ""
    hashes = {cert_sha256(judgement.der), spki_sha256(judgement.der)} - {None}
    names = dict.fromkeys(
        _name(pin.host, pin.port)
        for pin in known
        if hashes & {pin.cert_sha256, pin.spki_sha256, pin.either_sha256} and pin.host != judgement.host
    )
    return " or ".join(list(names)[:2])


def _kinds(judgement: Judgement, stored: Iterable[bytes]) -> str:
    """Return which kind of key is shown where another kind is pinned: many printers have an RSA and an EC key."""
    shown = judgement.certificate.key_type
    pinned = dict.fromkeys(outline(der).key_type for der in stored)
    if not shown or not pinned or None in pinned or shown in pinned:
        return ""
    return f"{shown} key; pinned: {' and '.join(map(str, pinned))}"


def _in_one_line(judgement: Judgement, queue: str | None, device_uri: str | None) -> errors.TrustError:
    for shown in (8, 4, 2, 1):
        error = _to_error(judgement, queue, device_uri, shown, judgement.host)
        if len(error.detail.encode()) <= LONGEST_MESSAGE:
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
        command = _command(judgement, queue, device_uri, host, "--replace")
        return errors.CertificateExpired(printer, presented, dates, command)
    if verdict is Verdict.CA_REFUSED:
        return errors.CertificateRefused(printer, presented, *_ca_advice(judgement, host))
    command = _command(judgement, queue, device_uri, host, "--replace")
    advice = f"Make a new certificate at the printer, compare, then run: {command}"
    brief = "Make a new one at the printer, compare and pin it"
    return errors.CertificateRefused(printer, presented, judgement.reason, advice, brief)


def _ca_advice(judgement: Judgement, host: str) -> tuple[str, str, str, tuple[str, ...]]:
    """Return why no CA vouches for a certificate, what to do, that in short, and the names that would do.

    To import a CA helps only if it is not on file: not where it has signed for a different name, or for clients only.
    """
    name = _name(host, judgement.port)
    pin = f"compare first, then run: ipps443ctl pin {name}"
    if judgement.reason == FOR_CLIENTS:
        advice = f"Make a certificate for servers at the printer, or {pin}"
        return judgement.reason, advice, "Make one for servers at the printer, or compare and pin it", ()
    if judgement.reason in OTHER_NAMES:
        facts = CertificateFacts(judgement.der)
        names = [each for each in facts.names if len(each) < 254 and NAME_CHARACTERS.issuperset(each)]
        if not facts.has_alternative_names:
            reason = "a CA signed it, but with no name for hosts (subjectAltName)"
            return reason, f"Have one made with it, or {pin}", "Have one made with it, or compare and pin it", ()
        reason = f"a CA signed it for {names[0] if names else 'a different name'}"
        reason += f" and {len(names) - 1} more" if len(names) > 1 else ""
        every = ", ".join(names[:4]) or "no name"
        advice = f"It is for {every}, and the queue says {host}: use that name in the device URI, or {pin}"
        return reason, advice, "Use that name in the device URI, or compare and pin it", tuple(names[:4])
    command = f"ipps443ctl import FILE {name} --ca"
    issuer = _common_name(CertificateFacts(judgement.der).issuer)
    reason = f'"{issuer}" signed it, which is no CA on file' if judgement.reason == NO_ISSUER else judgement.reason
    also = ", an intermediate one if the printer does not send it" * (judgement.reason == NO_ISSUER)
    advice = f'Run, with the certificate of the CA that signed it ("{issuer}"{also}) in FILE: {command}'
    return reason, advice, "Import that CA: sudo ipps443ctl doctor", ()


def _common_name(name: str) -> str:
    """Return the common name of a distinguished name, shortened; a certificate can say anything."""
    common = next((part[3:] for part in name.split(",") if part.startswith("CN=")), name)
    common = "".join(each if each.isalnum() or each in " .,-_=&'" else "?" for each in common)
    return common if len(common) <= LONGEST_COMMON_NAME else f"{common[: LONGEST_COMMON_NAME - 3]}..."


def _name(host: str, port: int) -> str:
    """Return the printer as ipps443ctl takes it, as short as possible."""
    return host if port == DEFAULT_PORT else f"{host}:{port}"


def _command(judgement: Judgement, queue: str | None, device_uri: str | None, host: str, option: str = "") -> str:
    if device_uri is None:
        return " ".join(filter(None, ("ipps443ctl pin", _name(host, judgement.port), option)))
    from shlex import quote

    return f"lpadmin -p {quote(queue or 'QUEUE')} -v '{_with_pin(device_uri, 'sha256:NEW-FINGERPRINT')}'"


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
