"""A few words out of a certificate without an X.509 library: RFC 5280 section 4.1, DER as in X.690.

    Certificate ::= SEQUENCE { tbsCertificate, signatureAlgorithm SEQUENCE { OID ... }, signatureValue BIT STRING }
    TBSCertificate ::= SEQUENCE { [0] version OPTIONAL, serialNumber INTEGER, signature SEQUENCE, issuer SEQUENCE,
                                  validity SEQUENCE { notBefore, notAfter }, subject SEQUENCE,
                                  subjectPublicKeyInfo SEQUENCE { algorithm SEQUENCE { OID ... }, BIT STRING }, ... }

Rules: strict about lengths, so that two readers cannot see two structures; patient with the content of dates, because
printers are not exact there. **Nothing found here makes a certificate trusted.** It says what to warn of and what to
show; trust comes from the hash of all the bytes, or from a key that the cryptography library has read.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

from filters.dataclass import dataclass

SEQUENCE = 0x30
INTEGER = 0x02
BIT_STRING = 0x03
OBJECT_IDENTIFIER = 0x06
UTC_TIME = 0x17
GENERALIZED_TIME = 0x18
EXPLICIT_VERSION = 0xA0

_TIME = re.compile(r"(\d{2}|\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?(?:\.\d+)?(?:Z|([+-])(\d\d)(\d\d))\Z")

#: Encoded object identifiers of public keys: RFC 3279 section 2.3, RFC 5480, RFC 8410.
_KEY_TYPES = {
    "2a864886f70d010101": "RSA",
    "2a864886f70d01010a": "RSA",
    "2a8648ce380401": "DSA",
    "2a8648ce3d0201": "EC",
    "2b6570": "Ed25519",
    "2b6571": "Ed448",
}

#: Encoded object identifiers of curves, with the size of their keys in bits: RFC 5480 section 2.1.1.1, SEC 2, RFC 5639.
_CURVES = {
    "2b81040006": 112,
    "2b81040007": 112,
    "2b8104001c": 128,
    "2b8104001d": 128,
    "2b81040009": 160,
    "2b81040008": 160,
    "2b8104001e": 160,
    "2a8648ce3d030101": 192,
    "2b8104001f": 192,
    "2b81040021": 224,
    "2b81040020": 224,
    "2a8648ce3d030107": 256,
    "2b8104000a": 256,
    "2b2403030208010107": 256,
    "2b81040022": 384,
    "2b240303020801010b": 384,
    "2b81040023": 521,
    "2b240303020801010d": 512,
}

#: Encoded object identifiers of signatures: RFC 3279 section 2.2, RFC 4055, RFC 5758.
_SIGNATURES = {
    "2a864886f70d010102": "MD2 with RSA",
    "2a864886f70d010103": "MD4 with RSA",
    "2a864886f70d010104": "MD5 with RSA",
    "2a864886f70d010105": "SHA-1 with RSA",
    "2b0e03021d": "SHA-1 with RSA",
    "2a864886f70d01010e": "SHA-224 with RSA",
    "2a864886f70d01010b": "SHA-256 with RSA",
    "2a864886f70d01010c": "SHA-384 with RSA",
    "2a864886f70d01010d": "SHA-512 with RSA",
    "2a864886f70d01010a": "RSA-PSS",
    "2a8648ce380403": "SHA-1 with DSA",
    "608648016503040302": "SHA-256 with DSA",
    "2a8648ce3d0401": "SHA-1 with ECDSA",
    "2a8648ce3d040302": "SHA-256 with ECDSA",
    "2a8648ce3d040303": "SHA-384 with ECDSA",
    "2a8648ce3d040304": "SHA-512 with ECDSA",
    "2b6570": "Ed25519",
    "2b6571": "Ed448",
}


class NotDer(ValueError):
    """The bytes are not what RFC 5280 and DER ask for."""


@dataclass(frozen=True)
class Element:
    """One tag, length and value, and where they lie."""

    tag: int
    start: int
    content: int
    end: int


@dataclass(frozen=True)
class Outline:
    """What a certificate says about itself, each word missing (None) where it could not be read."""

    not_before: datetime | None = None
    not_after: datetime | None = None
    key_type: str | None = None
    key_bits: int | None = None
    signature: str | None = None
    serial: int | None = None
    #: The public key with its algorithm, byte for byte as in the certificate.
    spki: bytes | None = None


def read_element(data: bytes, offset: int, end: int) -> Element:
    """Read one element between ``offset`` and ``end``: single-byte tag, definite and shortest length."""
    if offset + 2 > end:
        raise NotDer("ends in the middle")
    tag, first = data[offset], data[offset + 1]
    content = offset + 2
    length = first
    if first >= 0x80:
        size = first & 0x7F
        if not 1 <= size <= 4 or content + size > end:
            raise NotDer("a length is not definite or too long")
        length = int.from_bytes(data[content : content + size], "big")
        content += size
        if length < 0x80 or length >> (8 * (size - 1)) == 0:
            raise NotDer("a length is not written in the shortest form")
    if tag & 0x1F == 0x1F or content + length > end:
        raise NotDer("an element is longer than what holds it")
    return Element(tag, offset, content, content + length)


def read_sequence(data: bytes, outer: Element, *tags: int) -> list[Element]:
    """Return the first elements inside ``outer``, which must have these tags (0: any)."""
    elements = []
    offset = outer.content
    for tag in tags:
        element = read_element(data, offset, outer.end)
        if tag and element.tag != tag:
            raise NotDer(f"tag {tag:#04x} expected, {element.tag:#04x} found")
        elements.append(element)
        offset = element.end
    return elements


def _tbs_elements(data: bytes) -> list[Element]:
    """Return serial, signature, issuer, validity, subject and key, and last the outer signature algorithm."""
    certificate = read_element(data, 0, len(data))
    if certificate.tag != SEQUENCE or certificate.end != len(data):
        raise NotDer("not one sequence")
    tbs, algorithm, signature = read_sequence(data, certificate, SEQUENCE, SEQUENCE, BIT_STRING)
    if signature.end != certificate.end:
        raise NotDer("something follows the signature")
    first = read_element(data, tbs.content, tbs.end)
    version = (EXPLICIT_VERSION,) if first.tag == EXPLICIT_VERSION else ()
    elements = read_sequence(data, tbs, *version, INTEGER, SEQUENCE, SEQUENCE, SEQUENCE, SEQUENCE, SEQUENCE)
    return elements[len(version) :] + [algorithm]


def outline(data: bytes) -> Outline:
    """Return what can be read; never raise, whatever the bytes are."""
    try:
        serial, _inner, _issuer, validity, _subject, spki, algorithm = _tbs_elements(data)
    except NotDer:
        return Outline()
    not_before, not_after = _read_validity(data, validity)
    key_type, key_bits = _read_key(data, spki)
    number = int.from_bytes(data[serial.content : serial.end], "big", signed=True)
    key = data[spki.start : spki.end]
    return Outline(not_before, not_after, key_type, key_bits, _read_signature(data, algorithm), number, key)


def _read_validity(data: bytes, validity: Element) -> tuple[datetime | None, datetime | None]:
    try:
        before, after = read_sequence(data, validity, 0, 0)
    except NotDer:
        return None, None
    return _read_time(data, before), _read_time(data, after)


def _read_time(data: bytes, element: Element) -> datetime | None:
    if element.tag not in (UTC_TIME, GENERALIZED_TIME):
        return None
    match = _TIME.match(data[element.content : element.end].decode("latin-1"))
    if not match or len(match[1]) != (2 if element.tag == UTC_TIME else 4):
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in match.groups()[:6])
    if element.tag == UTC_TIME:
        year += 1900 if year >= 50 else 2000
    try:
        time = datetime(year, month, day, hour, minute, second, tzinfo=timezone.utc)
        offset = timedelta(hours=int(match[8] or 0), minutes=int(match[9] or 0))
        return time + offset if match[7] == "-" else time - offset
    except (ValueError, OverflowError):
        return None


def _object_identifier(data: bytes, sequence: Element) -> str:
    (identifier,) = read_sequence(data, sequence, OBJECT_IDENTIFIER)
    return data[identifier.content : identifier.end].hex()


def _read_key(data: bytes, spki: Element) -> tuple[str | None, int | None]:
    try:
        algorithm, key = read_sequence(data, spki, SEQUENCE, BIT_STRING)
        key_type = _KEY_TYPES.get(_object_identifier(data, algorithm))
        if key_type == "RSA":
            return key_type, _modulus_bits(data, key)
        if key_type == "DSA":
            parameters = read_sequence(data, algorithm, OBJECT_IDENTIFIER, SEQUENCE)[1]
            return key_type, _integer_bits(data, read_sequence(data, parameters, INTEGER)[0])
        if key_type == "EC":
            curve = read_sequence(data, algorithm, OBJECT_IDENTIFIER, OBJECT_IDENTIFIER)[1]
            return key_type, _CURVES.get(data[curve.content : curve.end].hex())
    except NotDer:
        return None, None
    return key_type, {"Ed25519": 256, "Ed448": 456}.get(key_type or "")


def _modulus_bits(data: bytes, key: Element) -> int | None:
    """RSAPublicKey ::= SEQUENCE { modulus INTEGER, publicExponent INTEGER } behind the count of unused bits."""
    inside = read_element(data, key.content + 1, key.end)
    if inside.tag != SEQUENCE:
        raise NotDer("no RSA key")
    return _integer_bits(data, read_sequence(data, inside, INTEGER)[0])


def _integer_bits(data: bytes, integer: Element) -> int:
    return int.from_bytes(data[integer.content : integer.end], "big").bit_length()


def _read_signature(data: bytes, algorithm: Element) -> str | None:
    try:
        return _SIGNATURES.get(_object_identifier(data, algorithm))
    except NotDer:
        return None
