"""Facts about certificates, however odd, and what is unusual about them."""

from __future__ import annotations

import hashlib
import subprocess
from datetime import datetime
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key
from hypothesis import given
from hypothesis import strategies as st

from backend.trust.certificate import CertificateFacts, attempt, load_certificate, spki_sha256, unusual
from tests.printer.certificates import make_authority, make_certificate
from tests.unit.trust.certificates import NOW, certificate, day, kinds
from tests.unit.trust.test_der import certificate_with, element


@pytest.mark.parametrize("kind", sorted(kinds()))
def test_both_hashes(kind: str) -> None:
    """The hashes are those that the maker of the certificate knows."""
    made = certificate(kind)
    facts = CertificateFacts(made.der)
    assert (facts.cert_sha256, facts.spki_sha256) == (made.cert_sha256, made.spki_sha256)


def test_hash_of_the_key_is_that_of_openssl() -> None:
    """An administrator who runs the openssl commands of the manual gets the same hash."""
    pem = certificate("rsa2048").cert_pem
    public = subprocess.run(["openssl", "x509", "-pubkey", "-noout"], input=pem, capture_output=True, check=True).stdout
    command = ["openssl", "pkey", "-pubin", "-outform", "der"]
    der = subprocess.run(command, input=public, capture_output=True, check=True).stdout
    assert spki_sha256(certificate("rsa2048").der) == hashlib.sha256(der).digest()


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


def test_ca_certificate_is_unusual() -> None:
    """Who pins the CA's certificate in place of the printer's is told."""
    between = make_authority("Between", issuer=make_authority("Root"))
    assert any("import --ca" in words for words in unusual(CertificateFacts(between.der), "Between", NOW))


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


def test_dates_at_the_ends_of_time() -> None:
    """The years 1950 and 9999 are years."""
    made = make_certificate(not_before=day(1950), not_after=datetime(9999, 12, 31))
    facts = CertificateFacts(made.der)
    assert facts.outline.not_before == day(1950) and facts.in_its_dates(NOW)


def test_library_is_the_judge_of_the_key() -> None:
    """A key that our own reading finds where the library refuses the certificate has no hash."""
    der = certificate_with(element(0x17, b"720101000000Z") * 2, x509_spki(), version=element(0xA0, b"\x02\x01\x09"))
    assert CertificateFacts(der).outline.spki == x509_spki()
    assert spki_sha256(der) is None


def x509_spki() -> bytes:
    """Return a good public key."""
    key = x509.load_der_x509_certificate(certificate().der).public_key()
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
