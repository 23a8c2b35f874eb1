"""A few words out of a certificate without an X.509 library: RFC 5280 section 4.1, DER as in X.690.

    Certificate ::= SEQUENCE { tbsCertificate, signatureAlgorithm SEQUENCE { OID ... }, signatureValue BIT STRING }
    TBSCertificate ::= SEQUENCE { [0] version OPTIONAL, serialNumber INTEGER, signature SEQUENCE, issuer SEQUENCE,
                                  validity SEQUENCE { notBefore, notAfter }, subject SEQUENCE,
                                  subjectPublicKeyInfo SEQUENCE { algorithm SEQUENCE { OID ... }, BIT STRING }, ... }

Rules: strict about lengths, so that two readers cannot see two structures; patient with the content of dates, because
printers are not exact there. **Nothing in an outline makes a certificate trusted.** It says what to warn of and what to
show; trust comes from the hash of all the bytes, or from a key of which it is certain where it lies. ``certain_key`` is
that certain: it takes only what DER writes in exactly one way, from the first byte to the last, and leaves all else to
the cryptography library.
"""

from __future__ import annotations

import re

from filters.common.dataclass import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime, timedelta, timezone
    from typing import Sequence
else:
    try:  # datetime in Python 3.11 is a long module whose classes the one in C then replaces
        from _datetime import datetime, timedelta, timezone
    except ImportError:
        from datetime import datetime, timedelta, timezone

SEQUENCE = 0x30
INTEGER = 0x02
BOOLEAN = 0x01
BIT_STRING = 0x03
OCTET_STRING = 0x04
NULL = 0x05
OBJECT_IDENTIFIER = 0x06
UTC_TIME = 0x17
GENERALIZED_TIME = 0x18
SET = 0x31
EXPLICIT_VERSION = 0xA0
EXPLICIT_EXTENSIONS = 0xA3

#: The one encoding of "version 3", the only version that printers and their makers have used since 1996.
VERSION_3 = bytes.fromhex("a003020102")
#: The only parameters of an RSA key (RFC 8017 appendix A.1), and no parameters.
RSA_PARAMETERS = bytes.fromhex("0500")

_TIME = r"(\d{2}|\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?(?:\.\d+)?(?:Z|([+-])(\d\d)(\d\d))\Z"

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


# --- the key, for certain ---------------------------------------------------------------------------------


def certain_key(data: bytes) -> bytes | None:
    """Return the public key with its algorithm as it stands in a certificate that can be read in one way only.

    Every length on the way is definite and minimal, every sequence is filled to its end, in the order of RFC 5280, and
    nothing stands where two readers could differ. Not checked: what the key is worth, signature, dates, extensions.

    Returns:
        None when it is not certain; then the certificate may be a good one all the same.
    """
    try:
        return _certain_key(data)
    except (ValueError, IndexError):  # NotDer, and too few elements or bytes where some are taken apart
        return None


def _certain_key(data: bytes) -> bytes:
    (certificate,) = _filled(data, Element(0, 0, 0, len(data)), SEQUENCE)
    tbs, algorithm, signature = _filled(data, certificate, SEQUENCE, SEQUENCE, BIT_STRING)
    parts = _all_elements(data, tbs)
    tags = [part.tag for part in parts]
    # Unique identifiers, [1] and [2] between key and extensions, are for other readers.
    if tags[:7] != [EXPLICIT_VERSION, INTEGER, *(SEQUENCE,) * 5] or tags[7:] not in ([], [EXPLICIT_EXTENSIONS]):
        raise NotDer("not the usual fields")
    version, serial, inner, issuer, validity, subject, spki, *extensions = parts
    if data[version.start : version.end] != VERSION_3:
        raise NotDer("not version 3")
    if data[inner.start : inner.end] != data[algorithm.start : algorithm.end]:
        raise NotDer("two signature algorithms")
    _check_integer(data, serial)
    _check_algorithm(data, inner)
    _check_bits(data, signature)
    _check_name(data, issuer)
    _check_name(data, subject)
    for time in _filled(data, validity, 0, 0):
        _check_time(data, time)
    for extension in extensions:
        (wrapped,) = _filled(data, extension, SEQUENCE)
        _check_extensions(data, wrapped)
    _check_key(data, spki)
    return data[spki.start : spki.end]


def _all_elements(data: bytes, outer: Element) -> list[Element]:
    """Return the elements inside ``outer``, which they fill to its end."""
    elements, offset = [], outer.content
    while offset < outer.end:
        elements.append(read_element(data, offset, outer.end))
        offset = elements[-1].end
    return elements


def _filled(data: bytes, outer: Element, *tags: int) -> list[Element]:
    """Return the elements inside ``outer``, which must have exactly these tags (0: any) and fill it."""
    elements = _all_elements(data, outer)
    if len(elements) != len(tags) or any(tag not in (0, element.tag) for tag, element in zip(tags, elements)):
        raise NotDer("not the elements that belong there")
    return elements


def _check_integer(data: bytes, integer: Element) -> None:
    """Take what is positive and written with as few bytes as possible."""
    first = data[integer.content : integer.content + 2]
    if integer.content == integer.end or first[0] & 0x80 or (len(first) == 2 and first[0] == 0 and first[1] < 0x80):
        if data[integer.content : integer.end] != b"\0":
            raise NotDer("a number that is not written in the shortest form, or negative")


def _check_time(data: bytes, time: Element) -> None:
    """Take YYMMDDHHMMSSZ up to 2049 and YYYYMMDDHHMMSSZ from 2050 on, as RFC 5280 section 4.1.2.5 wants."""
    size = {UTC_TIME: 13, GENERALIZED_TIME: 15}.get(time.tag)
    found = _read_time(data, time)
    late = time.tag == GENERALIZED_TIME
    if time.end - time.content != size or data[time.end - 1] != ord("Z") or not found or (found.year >= 2050) != late:
        raise NotDer("a date that DER does not write so")


def _check_bits(data: bytes, bits: Element) -> None:
    """Take whole bytes only."""
    if bits.end - bits.content < 2 or data[bits.content] != 0:
        raise NotDer("bits that are no bytes")


def _check_identifier(data: bytes, identifier: Element) -> None:
    """Each number of an object identifier ends, and has no zero in front (X.690 section 8.19)."""
    begins = True
    for octet in data[identifier.content : identifier.end]:
        if begins and octet == 0x80:
            raise NotDer("an object identifier with a zero in front")
        begins = octet < 0x80
    if not begins or identifier.content == identifier.end or identifier.end - identifier.content > LONGEST_IDENTIFIER:
        raise NotDer("an object identifier without an end")


#: Bytes of an object identifier; there are readers that count its numbers.
LONGEST_IDENTIFIER = 32


def _check_algorithm(data: bytes, algorithm: Element) -> None:
    """A signature's algorithm: an identifier, and parameters of whatever kind, whole in themselves."""
    identifier, *parameters = _all_elements(data, algorithm)
    if identifier.tag != OBJECT_IDENTIFIER or len(parameters) > 1:
        raise NotDer("no algorithm")
    _check_identifier(data, identifier)
    for parameter in parameters:
        if parameter.tag == NULL and parameter.end == parameter.content:
            continue
        if parameter.tag != SEQUENCE:
            raise NotDer("parameters of an unusual kind")
        _check_depths(data, parameter)


def _check_depths(data: bytes, outer: Element, depth: int = 0) -> None:
    """Everything inside is made of whole elements."""
    if depth > 8:
        raise NotDer("too deep")
    for element in _all_elements(data, outer):
        if element.tag & 0x20:
            _check_depths(data, element, depth + 1)


def _check_name(data: bytes, name: Element) -> None:
    """Name ::= SEQUENCE OF SET OF SEQUENCE { type OID, value ANY }, the values of one primitive tag."""
    for group in _all_elements(data, name):
        pairs = _all_elements(data, group)
        if group.tag != SET or len(pairs) != 1:
            raise NotDer("a name with an unusual part")
        identifier, value = _filled(data, pairs[0], OBJECT_IDENTIFIER, 0)
        if pairs[0].tag != SEQUENCE or value.tag not in _STRINGS:
            raise NotDer("a name with an unusual value")
        _check_identifier(data, identifier)


#: UTF8String, PrintableString, TeletexString, IA5String. BMPString and UniversalString are rare.
_STRINGS = (0x0C, 0x13, 0x14, 0x16)


def _check_extensions(data: bytes, sequence: Element) -> None:
    """Extension ::= SEQUENCE { extnID OID, critical BOOLEAN DEFAULT FALSE, extnValue OCTET STRING }."""
    extensions = _all_elements(data, sequence)
    if not extensions:
        raise NotDer("no extension where some are announced")
    for extension in extensions:
        identifier, *critical, value = _all_elements(data, extension)
        if extension.tag != SEQUENCE or identifier.tag != OBJECT_IDENTIFIER or value.tag != OCTET_STRING:
            raise NotDer("no extension")
        _check_identifier(data, identifier)
        if critical and [data[each.start : each.end] for each in critical] != [b"\x01\x01\xff"]:
            raise NotDer("an extension that is neither critical nor not")


def _check_key(data: bytes, spki: Element) -> None:
    """A key of a usual kind, with its parameters as they are always written."""
    algorithm, bits = _filled(data, spki, SEQUENCE, BIT_STRING)
    _check_bits(data, bits)
    identifier, *parameters = _all_elements(data, algorithm)
    key_type = _KEY_TYPES.get(_object_identifier(data, algorithm))
    given = data[identifier.end : algorithm.end]
    key = data[bits.content + 1 : bits.end]
    if key_type == "RSA" and given == RSA_PARAMETERS:
        (numbers,) = _filled(data, Element(0, 0, bits.content + 1, bits.end), SEQUENCE)
        modulus, exponent = _filled(data, numbers, INTEGER, INTEGER)
        _check_integer(data, modulus)
        _check_integer(data, exponent)
        certain = (
            _integer_bits(data, modulus) >= 512 and data[exponent.end - 1] & 1 and _integer_bits(data, exponent) > 1
        )
    elif key_type == "EC" and len(parameters) == 1:
        certain = given.hex() in _POINTS and _is_on_curve(key, *_POINTS[given.hex()])
    else:
        certain = not given and len(key) == {"Ed25519": 32, "Ed448": 57}.get(key_type or "")
    if not certain:
        raise NotDer("a key of an unusual kind")


#: For the parameters of a key on a prime curve of NIST its prime p and its b (SEC 2; a is -3).
_POINTS = {
    "06082a8648ce3d030107": (
        2**256 - 2**224 + 2**192 + 2**96 - 1,
        0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B,
    ),
    "06052b81040022": (
        2**384 - 2**128 - 2**96 + 2**32 - 1,
        0xB3312FA7E23EE7E4988E056BE3F82D19181D9C6EFE8141120314088F5013875AC656398D8A2ED19D2A85C8EDD3EC2AEF,
    ),
    "06052b81040023": (
        2**521 - 1,
        0x0051953EB9618E1C9A1F929A21A0B68540EEA2DA725B99B315F3B8B489918EF109E156193951EC7E937B1652C0BD3BB1BF07 << 128
        | 0x3573DF883D2C34F1EF451FD46B503F00,
    ),
}


def _is_on_curve(point: bytes, prime: int, b: int) -> bool:
    """Say whether this is an uncompressed point of the curve: readers take no other for a key."""
    size = (prime.bit_length() + 7) // 8
    if len(point) != 1 + 2 * size or point[0] != 4:
        return False
    x, y = int.from_bytes(point[1 : 1 + size], "big"), int.from_bytes(point[1 + size :], "big")
    return x < prime and y < prime and (y * y - x * x * x + 3 * x - b) % prime == 0


# --- the words of an outline ------------------------------------------------------------------------------


def _read_validity(data: bytes, validity: Element) -> tuple[datetime | None, datetime | None]:
    try:
        before, after = read_sequence(data, validity, 0, 0)
    except NotDer:
        return None, None
    return _read_time(data, before), _read_time(data, after)


def _read_time(data: bytes, element: Element) -> datetime | None:
    if element.tag not in (UTC_TIME, GENERALIZED_TIME):
        return None
    text, digits = data[element.content : element.end].decode("latin-1"), 2 if element.tag == UTC_TIME else 4
    try:
        if len(text) == digits + 11 and text[-1] == "Z" and text[:-1].isdecimal():  # as DER wants it
            parts = [text[:digits], *(text[at : at + 2] for at in range(digits, digits + 10, 2))]
            return _point_in_time(parts, digits)
        match = re.match(_TIME, text)
        if not match or len(match[1]) != digits:
            return None
        time = _point_in_time(match.groups()[:6], digits)
        offset = timedelta(hours=int(match[8] or 0), minutes=int(match[9] or 0))
        return time + offset if match[7] == "-" else time - offset
    except (ValueError, OverflowError):
        return None


def _point_in_time(parts: Sequence[str | None], digits: int) -> datetime:
    year, month, day, hour, minute, second = (int(part or 0) for part in parts)
    if digits == 2:
        year += 1900 if year >= 50 else 2000
    return datetime(year, month, day, hour, minute, second, tzinfo=timezone.utc)


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
