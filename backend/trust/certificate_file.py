"""Certificates out of a file that a printer's web page, a CA or OpenSSL wrote: bytes to DER.

PEM (RFC 7468), with whatever line ends and words around it; DER, one or several behind each other; PKCS #7 in both
forms; base64 without a frame. Keys in the file are never read. Which of several is the printer's own is decided in
``choose_leaf``; whether any of them is genuine is for the administrator to say.
"""

from __future__ import annotations

import binascii
import re
from datetime import datetime

from backend.trust.certificate import CertificateFacts, attempt, cert_sha256, spki_sha256
from backend.trust.der import INTEGER, OBJECT_IDENTIFIER, SEQUENCE, NotDer, read_element

_PEM = re.compile(rb"-----BEGIN ([A-Z0-9 ]+)-----(.*?)-----END \1-----", re.DOTALL)
_PEM_CERTIFICATES = (b"CERTIFICATE", b"X509 CERTIFICATE", b"TRUSTED CERTIFICATE")
_PEM_PKCS7 = (b"PKCS7", b"CMS")

NEITHER = "it is neither PEM nor DER"


class NoCertificate(ValueError):
    """The file holds no certificate that can be taken, and why."""


def load_certificates(content: bytes) -> tuple[bytes, ...]:
    """Return the certificates in a file, in its order, each once, as DER; raise NoCertificate."""
    if b"-----BEGIN " in content:
        found = _from_pem(content)
    elif content[:1] == b"\x30":
        found = _from_der(content)
    else:
        found = _from_der(_decode_base64(content, damaged=NEITHER))
    if not found:
        raise NoCertificate("there is no certificate in it")
    return tuple(dict.fromkeys(found))


def _from_pem(content: bytes) -> list[bytes]:
    found: list[bytes] = []
    labels = []
    for label, body in _PEM.findall(content):
        labels.append(label.decode("ascii"))
        if label in _PEM_CERTIFICATES:
            found.append(_first_element(_decode_base64(body)))
        elif label in _PEM_PKCS7:
            found += _from_pkcs7(_decode_base64(body))
    if not found and labels:
        raise NoCertificate(f'there is no certificate in it, only: {", ".join(sorted(set(labels)))}')
    if not found:
        raise NoCertificate("its END line is missing; was it cut off?")
    return found


def _decode_base64(body: bytes, damaged: str = "its base64 is damaged; was it cut off?") -> bytes:
    text = b"".join(line.strip() for line in body.replace(b"\r", b"\n").split(b"\n") if b":" not in line)
    if not re.fullmatch(rb"[A-Za-z0-9+/]+={0,2}", text):
        raise NoCertificate(NEITHER)
    try:
        return binascii.a2b_base64(text)
    except binascii.Error:
        raise NoCertificate(damaged) from None


def _first_element(data: bytes) -> bytes:
    """Return the certificate of a "TRUSTED CERTIFICATE", which has OpenSSL's remarks behind it."""
    try:
        element = read_element(data, 0, len(data))
    except NotDer as error:
        raise NoCertificate(f"a certificate in it is damaged ({error}); was it cut off?") from None
    return data[: element.end]


def _from_der(content: bytes) -> list[bytes]:
    found = []
    rest = content
    while rest.strip(b"\r\n\t \0\x1a"):
        certificate = _first_element(rest)
        if certificate[0] != SEQUENCE:
            raise NoCertificate(NEITHER)
        kind = _kind(certificate)
        if kind == INTEGER:
            raise NoCertificate("it is a PKCS #12 file, or a key; export the certificate alone, as PEM or DER")
        if kind == OBJECT_IDENTIFIER:
            return _from_pkcs7(content)
        found.append(certificate)
        rest = rest[len(certificate) :]
    return found


def _kind(element: bytes) -> int:
    """Return the first tag inside: of a certificate a sequence, of PKCS #7 an OID, of PKCS #12 a number."""
    try:
        outer = read_element(element, 0, len(element))
        return read_element(element, outer.content, outer.end).tag
    except NotDer:
        return 0


def _from_pkcs7(data: bytes) -> list[bytes]:
    from cryptography.hazmat.primitives.serialization import Encoding, pkcs7

    found = attempt(lambda: [c.public_bytes(Encoding.DER) for c in pkcs7.load_der_pkcs7_certificates(data)])
    if found is None:
        raise NoCertificate("its PKCS #7 cannot be read")
    return list(found)


def as_pem(der: bytes) -> bytes:
    """Return a certificate as PEM."""
    lines = [binascii.b2a_base64(der[at : at + 48]) for at in range(0, len(der), 48)]
    return b"-----BEGIN CERTIFICATE-----\n" + b"".join(lines) + b"-----END CERTIFICATE-----\n"


# --- which one --------------------------------------------------------------------------------------------


def choose_leaf(certificates: tuple[bytes, ...], host: str, now: datetime, fingerprint: bytes | None = None) -> bytes:
    """Return the printer's own certificate; raise NoCertificate when more than one could be it.

    The fingerprint decides if it is given. Else those drop out that signed another one of the file (by name), then CAs,
    then those made for another name, then those out of their dates, as long as anything is left.
    """
    if fingerprint is not None:
        for der in certificates:
            if fingerprint in (cert_sha256(der), spki_sha256(der)):
                return der
        raise NoCertificate("no certificate in it has this fingerprint")
    candidates = [CertificateFacts(der) for der in certificates]
    issuers = {facts.issuer for facts in candidates if not facts.self_issued}
    rules = (
        lambda facts: facts.subject not in issuers,
        lambda facts: not facts.is_ca,
        lambda facts: facts.fits_name(host),
        lambda facts: facts.in_its_dates(now),
    )
    for fits in rules:
        candidates = [facts for facts in candidates if fits(facts)] or candidates
    if len(candidates) > 1:
        raise NoCertificate("several certificates in it could be the printer's; choose one with --fingerprint")
    return candidates[0].der


def choose_authorities(certificates: tuple[bytes, ...]) -> tuple[bytes, ...]:
    """Return those that may sign others; raise NoCertificate if there are none."""
    authorities = tuple(der for der in certificates if CertificateFacts(der).is_ca)
    if not authorities:
        raise NoCertificate("no certificate in it is that of a CA; import the printer's own without --ca")
    return authorities
