"""backend.trust.der.certain_key: no certificate for which it sees another key than OpenSSL and the library do."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key

from backend.trust import certificate as certificate_module
from backend.trust.certificate import attempt, load_certificate, spki_sha256
from backend.trust.der import certain_key, outline
from tests.printer.certificates import make_certificate
from tests.unit.trust.certificates import certificate, kinds
from tests.unit.trust.openssl import openssl_spki
from tests.unit.trust.test_certificate import ODD
from tests.unit.trust.test_der import certificate_with, element
from tests.unit.trust.test_mutations import damaged, structures

#: One of each kind of key, and what else changes the fields of a certificate.
BASES = ("usual", "rsa1024", "rsa2048", "ed25519", "signed", "no-names", "sha1", "dated-1972")
#: Random changes of each base; thousands are made by the long run of test_mutations.py.
ROUNDS = 300


def in_one_form(spki: bytes) -> bytes | None:
    """Return the key as the library writes it, None if it cannot read it."""
    form = PublicFormat.SubjectPublicKeyInfo
    found: bytes | None = attempt(lambda: load_der_public_key(spki).public_bytes(Encoding.DER, form))
    return found


def library_key(der: bytes) -> bytes | None:
    """Return the key that the cryptography library sees, None if it takes no certificate or no key there."""
    library: Any = load_certificate(der)
    form = PublicFormat.SubjectPublicKeyInfo
    found: bytes | None = library and attempt(lambda: library.public_key().public_bytes(Encoding.DER, form))
    return found


def check(der: bytes, origin: object) -> bool:
    """Compare the three; return whether ours was certain."""
    ours = certain_key(der)
    if ours is None:
        return False
    taken, theirs = openssl_spki(der)
    assert not taken or theirs == ours, (origin, der.hex())
    library = library_key(der)
    assert library == in_one_form(ours) is not None, (origin, der.hex())
    assert outline(der).spki == ours
    return True


@pytest.mark.parametrize("kind", sorted(kinds()))
def test_is_certain_of_printers_own_certificates(kind: str) -> None:
    """An ordinary certificate never waits for the library, and its key is the one that both others see."""
    made = certificate(kind)
    assert check(made.der, kind)
    assert openssl_spki(made.der) == (True, certain_key(made.der))


@pytest.mark.parametrize("key", ["rsa2048", "ec256", "ec384", "ed25519"])
def test_is_certain_of_each_kind_of_key(key: str) -> None:
    """RSA, the curves of NIST, Edwards curves."""
    made = make_certificate(key=key)
    assert check(made.der, key)


def test_an_ordinary_key_pin_imports_no_library(monkeypatch: pytest.MonkeyPatch) -> None:
    """The hash is there without it; what is not certain goes the long way, and the library may refuse it."""
    made = certificate("rsa2048")
    asked = []
    monkeypatch.setattr(certificate_module, "load_certificate", lambda der: asked.append(der))
    assert spki_sha256(made.der) == made.spki_sha256 and not asked
    assert spki_sha256(ODD["version 1"]) is None and asked == [ODD["version 1"]]


@pytest.mark.parametrize("kind", sorted(ODD))
def test_is_not_certain_of_odd_certificates(kind: str) -> None:
    """They go the long way."""
    assert certain_key(ODD[kind]) is None


def single_changes(der: bytes) -> Iterator[bytes]:
    """Give all certificates that differ in one byte of a tag or a length, in each of its values that matter."""
    for start, end in structures(der, 0, len(der)):
        for position in range(start, min(start + 4, end)):
            for value in (0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x1F, 0x30, 0x31, 0x7F, 0x80, 0x81, 0x82, 0xA0):
                for each in (value, der[position] ^ 1, der[position] ^ 0x20, der[position] ^ 0x80, der[position] + 1):
                    yield der[:position] + bytes([each & 0xFF]) + der[position + 1 :]


@pytest.mark.parametrize("kind", ["usual", "signed"])
def test_a_change_of_any_tag_or_length(kind: str) -> None:
    """Whatever frames the fields: the same key for all, or not certain."""
    count = 0
    for number, der in enumerate(dict.fromkeys(single_changes(certificate(kind).der))):
        count += check(der, (kind, number))
    assert count


def indefinite(der: bytes, start: int, end: int) -> bytes:
    """Write one constructed element with a length that is not definite; what holds it stays as long as it was told."""
    header = 2 if der[start + 1] < 0x80 else 2 + (der[start + 1] & 0x7F)
    return der[: start + 1] + b"\x80" + der[start + header : end] + b"\0\0" + der[end:]


def longer(der: bytes, start: int, end: int) -> bytes:
    """Write one element's length in more bytes than it needs."""
    size = der[start + 1]
    if size < 0x80:
        return der[: start + 1] + b"\x81" + der[start + 1 :]
    count = size & 0x7F
    return der[: start + 1] + bytes([0x80 | count + 1, 0]) + der[start + 2 :]


@pytest.mark.parametrize("kind", ["usual", "rsa2048", "signed"])
@pytest.mark.parametrize("change", [indefinite, longer])
def test_lengths_in_other_forms_are_never_certain(kind: str, change: Any) -> None:
    """Neither alone nor with all that holds it made to fit."""
    der = certificate(kind).der
    for start, end in structures(der, 0, len(der)):
        changed = change(der, start, end)
        if der[start] & 0x20 or change is longer:
            check(changed, (kind, start))
            assert certain_key(fitted(der, start, end, changed[start : end + len(changed) - len(der)])) is None


def fitted(der: bytes, start: int, end: int, new: bytes) -> bytes:
    """Put new bytes in the place of an element, with the lengths of all that holds it made right."""

    def rebuild(begin: int, stop: int) -> bytes:
        if (begin, stop) == (start, end):
            return new
        inner = [
            place for place in structures(der, begin, stop) if place[0] > begin and place[1] <= stop
        ]  # all depths below
        if not any(place == (start, end) for place in inner):
            return der[begin:stop]
        header = 2 if der[begin + 1] < 0x80 else 2 + (der[begin + 1] & 0x7F)
        content, at = b"", begin + header
        while at < stop:
            following = min((place for place in inner if place[0] == at), key=lambda place: -place[1])
            content += rebuild(*following)
            at = following[1]
        return element(der[begin], content)

    try:
        return rebuild(0, len(der))
    except ValueError:  # it is damaged already
        return der[:start] + new + der[end:]


#: What is put behind or before which field, and must not make two readers see two keys.
def rearranged(der: bytes) -> Iterator[tuple[str, bytes]]:
    """Give certificates whose fields stand twice, are missing, or are in another order, with right lengths."""
    places = structures(der, 0, len(der))
    tbs = places[1]
    fields = [place for place in places if place[0] >= tbs[0] and _depth(places, place) == 2]
    for at, (start, end) in enumerate(fields):
        own = der[start:end]
        yield f"field {at} missing", fitted(der, start, end, b"")
        yield f"field {at} twice", fitted(der, start, end, own * 2)
        for other, (begin, stop) in enumerate(fields):
            yield f"field {at} is {other}", fitted(der, start, end, der[begin:stop])
            yield f"field {other} behind {at}", fitted(der, start, end, own + der[begin:stop])
            yield f"field {other} before {at}", fitted(der, start, end, der[begin:stop] + own)
        for tag in (0x81, 0x82, 0xA1, 0xA2, 0xA3, 0xA4, 0x05, 0x00, 0x30):
            yield f"{tag:02x} behind {at}", fitted(der, start, end, own + element(tag, b"\0\1"))
            yield f"empty {tag:02x} behind {at}", fitted(der, start, end, own + element(tag))


def _depth(places: list[tuple[int, int]], place: tuple[int, int]) -> int:
    return sum(1 for start, end in places if start <= place[0] and place[1] <= end and (start, end) != place)


@pytest.mark.parametrize("kind", ["usual", "rsa2048", "ed25519"])
def test_fields_in_another_order_or_number(kind: str) -> None:
    """The key of the right place counts, for all three, or it is not certain."""
    certain = {name for name, der in rearranged(certificate(kind).der) if check(der, (kind, name))}
    assert all("is" in name for name in certain), certain  # the same sequence in the place of its like


@pytest.mark.parametrize("kind", BASES)
def test_random_changes(kind: str) -> None:
    """Bits, bytes, cuts, whole elements moved, doubled and transplanted from other certificates."""
    chance = random.Random(f"certain {kind}")
    made, donors = certificate(kind).der, [certificate(each).der for each in BASES]
    count = sum(check(damaged(made, chance.choice(donors), chance), (kind, number)) for number in range(ROUNDS))
    assert count > ROUNDS // 100


@pytest.mark.parametrize("kind", BASES)
def test_transplanted_elements_that_fit(kind: str) -> None:
    """Elements of other certificates in the place of ours, with right lengths everywhere."""
    chance = random.Random(f"fitted {kind}")
    made, donors = certificate(kind).der, [certificate(each).der for each in BASES]
    count = 0
    for number in range(ROUNDS // 3):
        der = made
        for _ in range(chance.randint(1, 2)):
            donor = chance.choice(donors)
            start, end = chance.choice(structures(der, 0, len(der)) or [(0, len(der))])
            begin, stop = chance.choice(structures(donor, 0, len(donor)))
            new = chance.choice((donor[begin:stop], donor[begin:stop] * 2, der[start:end] + donor[begin:stop], b""))
            der = fitted(der, start, end, new) or b"\x30"
        count += check(der, (kind, number))
    assert count


def test_what_stands_behind_a_certificate_is_never_certain() -> None:
    """One certificate, and not a byte more or less."""
    der = certificate().der
    for changed in (der + b"\0", der + der, der[:-1], der[1:], b"", b"\x30", certificate_with(element(0x17, b"x") * 2)):
        assert certain_key(changed) is None
