"""What is read from a certificate without a library, beside what the library says."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from backend.trust.der import NotDer, Outline, _check_algorithm, _check_depths, _read_time, outline, read_element
from tests.unit.trust.certificates import certificate, kinds


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=timezone.utc)  # type: ignore


def element(tag: int, *contents: bytes) -> bytes:
    """Return an element in DER."""
    content = b"".join(contents)
    if len(content) < 0x80:
        return bytes((tag, len(content))) + content
    length = len(content).to_bytes((len(content).bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + content


def certificate_with(
    validity: bytes,
    spki: bytes | None = None,
    serial: bytes = b"\x02\x01\x01",
    version: bytes | None = None,
    signature: bytes = bytes.fromhex("2a864886f70d01010b"),
) -> bytes:
    """Return a certificate with these parts; its signature is nothing."""
    algorithm = element(0x30, element(6, signature), b"\x05\x00")
    name = element(0x30)
    key = spki or element(0x30, algorithm, element(3, b"\0"))
    version = element(0xA0, element(2, b"\x02")) if version is None else version
    tbs = element(0x30, version, serial, algorithm, name, element(0x30, validity), name, key)
    return element(0x30, tbs, algorithm, element(3, b"\0" * 200))


def dated(tag: int, text: str) -> bytes:
    return certificate_with(element(tag, text.encode()) * 2)


@pytest.mark.parametrize(
    "tag, text, time",
    [
        (0x17, "260601120000Z", utc(2026, 6, 1, 12)),
        (0x17, "720101000000Z", utc(1972, 1, 1)),
        (0x17, "491231235959Z", utc(2049, 12, 31, 23, 59, 59)),
        (0x17, "500101000000Z", utc(1950, 1, 1)),
        (0x17, "7001010000Z", utc(1970, 1, 1)),
        (0x17, "260601120000+0200", utc(2026, 6, 1, 10)),
        (0x17, "260601120000-0130", utc(2026, 6, 1, 13, 30)),
        (0x18, "20500101000000Z", utc(2050, 1, 1)),
        (0x18, "99991231235959Z", utc(9999, 12, 31, 23, 59, 59)),
        (0x18, "20260601120000.5Z", utc(2026, 6, 1, 12)),
        (0x18, "00010101000000+0100", None),
        (0x17, "261301000000Z", None),
        (0x17, "260230000000Z", None),
        (0x17, "260601120060Z", None),
        (0x17, "20260601120000Z", None),
        (0x18, "260601120000Z", None),
        (0x17, "260601120000", None),
        (0x17, "", None),
        (0x17, "\u0662\u0666", None),
        (0x0C, "260601120000Z", None),
    ],
)
def test_dates(tag: int, text: str, time: datetime | None) -> None:
    """Dates are read patiently; what is no date is None, and never a wrong one."""
    assert outline(dated(tag, text)).not_before == time
    assert outline(dated(tag, text)).not_after == time


def library_time(certificate: x509.Certificate, name: str) -> datetime:
    """Return a date as old and new versions of the library give it."""
    if hasattr(certificate, name + "_utc"):
        return getattr(certificate, name + "_utc")
    return getattr(certificate, name).replace(tzinfo=timezone.utc)


@pytest.mark.parametrize("kind", sorted(set(kinds()) - {"serial-0"}))
def test_same_as_the_library(kind: str) -> None:
    """Dates, serial and key are those that the library reads."""
    made = certificate(kind)
    theirs = x509.load_der_x509_certificate(made.der)
    ours = outline(made.der)
    assert ours.not_before == library_time(theirs, "not_valid_before")
    assert ours.not_after == library_time(theirs, "not_valid_after")
    assert ours.serial == theirs.serial_number
    assert ours.spki == theirs.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert ours.key_bits == getattr(theirs.public_key(), "key_size", 256)
    assert (ours.signature or "").split(" ")[0].replace("-", "").lower() == (
        theirs.signature_hash_algorithm.name if theirs.signature_hash_algorithm else "ed25519"
    )


def test_serial_zero_and_negative() -> None:
    """Serial numbers that the standard forbids are numbers all the same (Q-65)."""
    assert outline(certificate("serial-0").der).serial == 0
    assert outline(certificate_with(b"", serial=b"\x02\x01\xff")).serial == -1


def test_version_1() -> None:
    """A certificate without a version is of version 1 and read like the others."""
    validity = element(0x17, b"260601120000Z") * 2
    assert outline(certificate_with(validity, version=b"")).not_after == utc(2026, 6, 1, 12)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x30",
        b"\x30\x80\x00\x00",
        b"\x30\x81\x05",
        b"\x30\x81\x7f" + b"\0" * 127,
        b"\x30\x82\x00\xff" + b"\0" * 255,
        b"\x30\x85\x01\x00\x00\x00\x00",
        b"\x30\x05\x00",
        b"\x3f\x81\x01\x00",
    ],
)
def test_element_in_another_encoding_is_refused(data: bytes) -> None:
    """Lengths must be definite and in the shortest form, and lie inside what holds them."""
    with pytest.raises(NotDer):
        read_element(data, 0, len(data))


@pytest.mark.parametrize("form", ["one more byte", "one less", "BER length", "empty", "a list"])
def test_not_one_certificate_gives_nothing(form: str) -> None:
    """Bytes that two readers could understand differently are not understood at all."""
    der = certificate().der
    changed = {
        "one more byte": der + b"\0",
        "one less": der[:-1],
        "BER length": der[:1] + b"\x83\x00" + der[2:],
        "empty": b"",
        "a list": b"\x30\x03\x02\x01\x05",
    }[form]
    assert outline(changed) == Outline()


@given(st.binary(max_size=300))
def test_any_bytes(data: bytes) -> None:
    """No bytes make it raise."""
    assert outline(data).not_after is None


@pytest.mark.parametrize("last, is_read", [("Z", True), ("X", False), ("0", False), ("", False)])
def test_a_time_ends_with_its_zone(last: str, is_read: bool) -> None:
    """DER has Z and nothing else (RFC 5280 section 4.1.2.5)."""
    for tag, text in ((0x17, "250102030405"), (0x18, "20250102030405")):
        octets = element(tag, f"{text}{last}".encode())
        found = _read_time(octets, read_element(octets, 0, len(octets)))
        assert found == (datetime(2025, 1, 2, 3, 4, 5, tzinfo=timezone.utc) if is_read else None), (tag, last)


SHA256_WITH_RSA = element(6, bytes.fromhex("2a864886f70d01010b"))


@pytest.mark.parametrize(
    "contents, is_certain",
    [
        ((SHA256_WITH_RSA,), True),
        ((SHA256_WITH_RSA, b"\x05\x00"), True),
        ((SHA256_WITH_RSA, b"\x05\x00", b"\x05\x00"), False),
        ((element(4, b"x"),), False),
        ((element(4, b"x"), b"\x05\x00", b"\x05\x00"), False),
    ],
)
def test_a_signature_algorithm(contents: tuple[bytes, ...], is_certain: bool) -> None:
    """An identifier, and parameters once at most; certain is nothing else."""
    octets = element(0x30, *contents)
    algorithm = read_element(octets, 0, len(octets))
    if is_certain:
        _check_algorithm(octets, algorithm)
    else:
        with pytest.raises(NotDer):
            _check_algorithm(octets, algorithm)


def nested(depth: int, inner: bytes) -> bytes:
    """Return sequences within sequences."""
    for _ in range(depth):
        inner = element(0x30, inner)
    return inner


@pytest.mark.parametrize(
    "inside, is_whole",
    [
        (b"", True),
        (element(4, b"\x30\x09 not DER"), True),
        (element(0x30, element(6, b"\x2a"), b"\x05\x00"), True),
        (element(0x30, b"\x06\x02\x2a"), False),
        (element(0xA0, element(0x30, b"\x02")), False),
        (nested(8, b"\x05\x00"), True),
        (nested(9, b"\x05\x00"), False),
    ],
)
def test_parameters_are_whole_at_all_depths(inside: bytes, is_whole: bool) -> None:
    """What is made of elements is looked into, up to a depth; what is not may be anything."""
    data = element(0x30, inside)
    try:
        _check_depths(data, read_element(data, 0, len(data)))
    except NotDer:
        assert not is_whole
    else:
        assert is_whole
