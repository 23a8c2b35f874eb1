"""Facts about certificates, however odd, and what is unusual about them."""

from __future__ import annotations

import hashlib
import re
import subprocess
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key
from hypothesis import given
from hypothesis import strategies as st

from backend.trust.certificate import (
    CertificateFacts,
    attempt,
    is_weak_key,
    load_certificate,
    spki_sha256,
    unusual,
    weaknesses,
)
from backend.trust.der import _CURVES, _SIGNATURES, Outline
from tests.printer.certificates import make_authority, make_certificate
from tests.unit.trust.certificates import NOW, certificate
from tests.unit.trust.test_der import certificate_with, element


def test_hash_of_the_key_is_that_of_openssl() -> None:
    """An administrator who runs the openssl commands of the manual gets the same hash."""
    pem = certificate("rsa2048").cert_pem
    public = subprocess.run(["openssl", "x509", "-pubkey", "-noout"], input=pem, capture_output=True, check=True).stdout
    command = ["openssl", "pkey", "-pubin", "-outform", "der"]
    der = subprocess.run(command, input=public, capture_output=True, check=True).stdout
    digest = hashlib.sha256(der).digest()
    assert spki_sha256(certificate("rsa2048").der) == CertificateFacts(certificate("rsa2048").der).spki_sha256 == digest


@pytest.mark.parametrize(
    "kind, words",
    [
        ("usual", []),
        ("expired", ["it expired on 2012-01-01"]),
        ("dated-1972", ["it expired on 1972-01-01"]),
        ("future", ["it is not valid before 2027-01-01 (is this computer's clock right?)"]),
        ("rsa1024", ["its RSA key has only 1024 bits"]),
        ("rsa512", ["its RSA key has only 512 bits", "a key this small is refused unless the queue has tls=legacy"]),
        ("sha1", ["its signature is SHA-1 with RSA"]),
        ("md5", ["its signature is MD5 with RSA"]),
        ("other-name", ["it is made for someone, not for printer"]),
    ],
)
def test_unusual(kind: str, words: list[str]) -> None:
    """Each oddity is said in one sentence, and an ordinary certificate has none."""
    assert list(unusual(CertificateFacts(certificate(kind).der), "printer", NOW)) == words


#: Curves by the object identifiers of RFC 5480 section 2.1.1.1, SEC 2 section A.2.1 and RFC 5639 section 3.
CURVES = {
    "secp112r1": ("1.3.132.0.6", 112),
    "secp112r2": ("1.3.132.0.7", 112),
    "secp128r1": ("1.3.132.0.28", 128),
    "secp128r2": ("1.3.132.0.29", 128),
    "secp160k1": ("1.3.132.0.9", 160),
    "secp160r1": ("1.3.132.0.8", 160),
    "secp160r2": ("1.3.132.0.30", 160),
    "secp192k1": ("1.3.132.0.31", 192),
    "secp192r1": ("1.2.840.10045.3.1.1", 192),
    "secp224k1": ("1.3.132.0.32", 224),
    "secp224r1": ("1.3.132.0.33", 224),
    "secp256k1": ("1.3.132.0.10", 256),
    "secp256r1": ("1.2.840.10045.3.1.7", 256),
    "secp384r1": ("1.3.132.0.34", 384),
    "secp521r1": ("1.3.132.0.35", 521),
    "brainpoolP256r1": ("1.3.36.3.3.2.8.1.1.7", 256),
    "brainpoolP384r1": ("1.3.36.3.3.2.8.1.1.11", 384),
    "brainpoolP512r1": ("1.3.36.3.3.2.8.1.1.13", 512),
}


def with_curve(identifier: str) -> bytes:
    """Return a certificate whose key is on a curve."""
    algorithm = element(0x30, element(6, bytes.fromhex("2a8648ce3d0201")), element(6, encode(identifier)))
    dates = element(0x17, b"200101000000Z") + element(0x17, b"491231235959Z")
    return certificate_with(dates, element(0x30, algorithm, element(3, b"\0\4")))


def encode(dotted: str) -> bytes:
    """Return the octets of an object identifier (X.690 section 8.19)."""
    first, second, *rest = map(int, dotted.split("."))
    octets = b""
    for number in (40 * first + second, *rest):
        part = bytes([number & 0x7F])
        while number := number >> 7:
            part = bytes([number & 0x7F | 0x80]) + part
        octets += part
    return octets


@pytest.mark.parametrize("name", sorted(CURVES))
def test_size_of_keys_on_curves(name: str) -> None:
    """Each curve has the size of its standard; below 160 bits a key is refused, below 224 there is a warning."""
    identifier, bits = CURVES[name]
    facts = CertificateFacts(with_curve(identifier)).outline
    assert (facts.key_type, facts.key_bits) == ("EC", bits)
    assert is_weak_key(facts) is (bits < 160)
    assert weaknesses(facts) == ((f"its EC key has only {bits} bits",) if bits < 224 else ())


def test_all_curves_are_compared() -> None:
    """No curve is known whose size was not looked up, and those that the library knows are of its opinion."""
    assert set(_CURVES) == {encode(identifier).hex() for identifier, _ in CURVES.values()}
    sizes = {name.lower(): curve.key_size for name, curve in ec._CURVE_TYPES.items()}
    for name, (_, bits) in CURVES.items():
        assert sizes.get(name.lower(), bits) == bits
    assert len(sizes.keys() & {name.lower() for name in CURVES}) >= 6


def test_size_of_an_unknown_curve() -> None:
    """It is not guessed, and what is not known is not refused."""
    facts = CertificateFacts(with_curve("1.3.132.0.99")).outline
    assert (facts.key_type, facts.key_bits) == ("EC", None)
    assert not is_weak_key(facts) and weaknesses(facts) == ()


@pytest.mark.parametrize("bits, weak, warned", [(1023, True, True), (1024, False, True), (2047, False, True)])
@pytest.mark.parametrize("kind", ["RSA", "DSA"])
def test_limits_of_keys(kind: str, bits: int, weak: bool, warned: bool) -> None:
    """Each limit is met exactly."""
    facts = Outline(key_type=kind, key_bits=bits)
    assert (is_weak_key(facts), bool(weaknesses(facts))) == (weak, warned)
    assert weaknesses(Outline(key_type=kind, key_bits=2048)) == ()


def test_ca_certificate_is_unusual() -> None:
    """Who pins a CA in place of the printer is told. What has signed itself may be the printer."""
    root = make_authority("Root")
    between, leaf = make_authority("Between", issuer=root), make_certificate("Leaf", issuer=root)
    for found, is_told in ((root, False), (between, True), (leaf, False)):
        assert any("import --ca" in words for words in unusual(CertificateFacts(found.der), "x", NOW)) is is_told


@pytest.mark.parametrize(
    "names, host, fits",
    [
        (("printer.example",), "printer.example", True),
        (("Printer.Example",), "printer.example", True),
        (("*.example",), "printer.example", True),
        (("*.example",), "a.printer.example", False),
        (("*.example",), "example", False),
        (("192.0.2.1",), "192.0.2.1", True),
        (("2001:db8::1",), "[2001:db8::1]", True),
        (("other",), "printer", False),
    ],
)
def test_names(names: tuple[str, ...], host: str, fits: bool) -> None:
    """The names in the extension count, also by wildcard for one label, and addresses."""
    assert CertificateFacts(make_certificate("x", names=names).der).fits_name(host) == fits


def test_common_name_without_extension() -> None:
    """Old certificates have only a common name."""
    assert CertificateFacts(certificate("no-names").der).fits_name("printer")


def test_names_cannot_move_the_cursor() -> None:
    """Control characters in a printer's certificate are not written to the administrator's terminal."""
    facts = CertificateFacts(make_certificate("a\x1b[2Jb\nc", names=("x\x1b[1m",)).der)
    for text in (facts.subject, facts.issuer, *facts.names, *unusual(facts, "printer", NOW)):
        assert text.isprintable()


ODD = {
    "nothing": b"",
    "rubbish": b"\x30\x03\x02\x01\x05",
    "no dates": certificate_with(b""),
    "negative serial": certificate_with(element(0x17, b"720101000000Z") * 2, serial=b"\x02\x01\xff"),
    "long serial": certificate_with(element(0x17, b"720101000000Z") * 2, serial=b"\x02\x1f" + b"\x7f" * 31),
    "empty serial": certificate_with(element(0x17, b"720101000000Z") * 2, serial=b"\x02\x00"),
    "version 1": certificate_with(element(0x17, b"720101000000Z") * 2, version=b""),
    "version 9": certificate_with(element(0x17, b"720101000000Z") * 2, version=element(0xA0, b"\x02\x01\x09")),
    "dates without seconds": certificate_with(element(0x17, b"7201010000Z") * 2),
    "impossible dates": certificate_with(element(0x17, b"991399999999Z") * 2),
    "key of no kind": certificate_with(element(0x17, b"720101000000Z") * 2, element(0x30, element(0x30), element(3))),
    "empty key": certificate_with(element(0x17, b"720101000000Z") * 2, element(0x30)),
}


@pytest.mark.parametrize("kind", sorted(ODD))
def test_odd_certificates_are_described(kind: str) -> None:
    """What no library takes is still described as far as possible, and has its own hash."""
    facts = CertificateFacts(ODD[kind])
    assert facts.cert_sha256 == hashlib.sha256(ODD[kind]).digest()
    words = unusual(facts, "printer", NOW)
    assert words and facts.subject and facts.issuer
    assert facts.spki_sha256 is None or facts.readable


def described(der: bytes) -> tuple[Any, ...]:
    """Return all that can be said about some bytes."""
    facts = CertificateFacts(der)
    return (
        facts.subject, facts.issuer, facts.names, facts.is_ca, facts.self_issued, facts.spki_sha256, facts.outline,
        facts.fits_name("printer"), unusual(facts, "printer", NOW),
    )  # fmt: skip


@given(
    st.sampled_from(["usual", "rsa2048", "signed", "ed25519"]),
    st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 255)), min_size=1, max_size=6),
)
def test_damaged_certificates_are_described(kind: str, changes: list[tuple[int, int]]) -> None:
    """Bytes of a certificate may be anything: nothing crashes, and a key's hash is that of the key the library sees."""
    data = bytearray(certificate(kind).der)
    for position, value in changes:
        data[position % len(data)] = value
    described(bytes(data))
    digest = spki_sha256(bytes(data))
    if digest is not None:
        library: Any = load_certificate(bytes(data))
        theirs = library.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        ours = CertificateFacts(bytes(data)).outline.spki or b""
        assert load_der_public_key(ours).public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo) == theirs


class PanicException(BaseException):  # noqa: N818 - the library's own name for it
    """What the library's Rust part raises instead of an error."""


def test_panic_of_the_library_is_a_refusal() -> None:
    """The library may panic on an odd certificate; an interruption by the administrator is no panic."""

    def fail(error: BaseException) -> None:
        raise error

    assert attempt(lambda: fail(PanicException())) is None
    assert attempt(lambda: fail(OverflowError())) is None
    with pytest.raises(KeyboardInterrupt):
        attempt(lambda: fail(KeyboardInterrupt()))


def test_library_is_the_judge_of_the_key() -> None:
    """A key that our own reading finds where the library refuses the certificate has no hash."""
    der = certificate_with(element(0x17, b"720101000000Z") * 2, x509_spki(), version=element(0xA0, b"\x02\x01\x09"))
    assert CertificateFacts(der).outline.spki == x509_spki()
    assert spki_sha256(der) is None


def x509_spki() -> bytes:
    """Return a good public key."""
    key = x509.load_der_x509_certificate(certificate().der).public_key()
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


@pytest.mark.parametrize(
    "constant",
    [name for name in vars(x509.SignatureAlgorithmOID) if re.fullmatch(r"(RSA|ECDSA|DSA)_WITH_(MD5|SHA\d+)", name)],
)
def test_names_of_signatures_are_those_of_the_library(constant: str) -> None:
    """As far as both know one."""
    dotted = getattr(x509.SignatureAlgorithmOID, constant).dotted_string
    key, _, digest = constant.partition("_WITH_")
    name = digest.replace("SHA", "SHA-") + f" with {key}"
    certificate_of_it = certificate_with(element(0x17, b"200101000000Z") * 2, signature=encode(dotted))
    facts = CertificateFacts(certificate_of_it).outline
    assert facts.signature == (name if encode(dotted).hex() in _SIGNATURES else None)
    weak = [words for words in weaknesses(facts) if "signature" in words]
    assert bool(weak) is (facts.signature is not None and digest in ("MD5", "SHA1"))
