"""Certificates damaged at random for a while: nothing crashes, and nothing else becomes trusted."""

from __future__ import annotations

import os
import random
import time
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from backend.trust.certificate import CertificateFacts, load_certificate, unusual
from backend.trust.der import NotDer, read_element
from backend.trust.judgement import CaVerdict, judge
from backend.trust.pin_file import Pin, uri_pins
from backend.trust.refusal import to_error
from tests.unit.trust.certificates import NOW, certificate

#: Seconds of the run; a longer one is made with IPPS443_FUZZ_SECONDS.
SECONDS = float(os.environ.get("IPPS443_FUZZ_SECONDS", "60"))

KINDS = ("usual", "rsa2048", "rsa1024", "signed", "ed25519", "serial-0", "no-names", "sha1")


def structures(data: bytes, start: int, end: int) -> list[tuple[int, int]]:
    """Return where the elements of a certificate lie, at all depths."""
    found = []
    while start < end:
        try:
            element = read_element(data, start, end)
        except NotDer:
            break
        found.append((element.start, element.end))
        if element.tag & 0x20:
            found += structures(data, element.content, element.end)
        start = element.end
    return found


def damaged(data: bytes, donor: bytes, chance: random.Random) -> bytes:
    """Return the bytes with one to four changes: bits, bytes, cuts, whole elements moved, doubled or transplanted."""
    for _ in range(chance.randint(1, 4)):
        position = chance.randrange(len(data) + 1)
        length = chance.choice((1, 1, 2, 4, 16))
        start, end = chance.choice(structures(data, 0, len(data)) or [(position, position)])
        other_start, other_end = chance.choice(structures(donor, 0, len(donor)))
        data = chance.choice(
            (
                lambda: data[:position] + bytes([chance.randrange(256)]) + data[position + 1 :],
                lambda: data[:position]
                + bytes([(data + b"\0")[position] ^ 1 << chance.randrange(8)])
                + data[position + 1 :],
                lambda: data[:position] + chance.randbytes(length) + data[position:],
                lambda: data[:position] + data[position + length :],
                lambda: data[: position or 1],
                lambda: data[:start] + data[end:],
                lambda: data[:end] + data[start:end] + data[end:],
                lambda: data[:start] + donor[other_start:other_end] + data[end:],
                lambda: data[:end] + donor[other_start:other_end] + data[end:],
            )
        )()
        data = data or b"\x30"
    return data


def key_of(der: bytes) -> bytes:
    """Return the public key as the library reads it."""
    library: Any = load_certificate(der)
    encoded: bytes = library.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return encoded


@pytest.mark.soak
def test_mutated_certificates() -> None:
    """However a certificate is damaged, it is trusted only with the pinned key, as the library itself reads it."""
    seed = random.SystemRandom().randrange(1 << 32)
    chance = random.Random(seed)
    pinned = {kind: certificate(kind) for kind in KINDS}
    keys = {kind: key_of(made.der) for kind, made in pinned.items()}
    end, count, trusted = time.monotonic() + SECONDS, 0, 0
    while time.monotonic() < end:
        kind = chance.choice(KINDS)
        made = pinned[kind]
        shown = damaged(made.der, pinned[chance.choice(KINDS)].der, chance)
        pins = [Pin("p", 443, spki_sha256=made.spki_sha256), Pin("p", 443, cert_sha256=made.cert_sha256)]
        judgement = judge(pins, "p", 443, shown, now=NOW, legacy=True)
        count += 1
        if judgement.trusted and shown != made.der:
            trusted += 1
            assert key_of(shown) == keys[kind], (seed, shown.hex())
        if count % 50 == 0:
            facts = CertificateFacts(shown)
            assert facts.subject and facts.issuer and unusual(facts, "p", NOW), seed
            others = [*uri_pins("p", 443, [bytes(32)]), Pin("p", 443, ca="x.pem")]
            error = to_error(judge(others, "p", 443, shown, now=NOW, ca_verdict=CaVerdict(20)))
            assert len(str(error).encode()) < 900, seed
    print(f"{count} damaged certificates, {trusted} of them trusted with the right key, seed {seed}")
    assert count > 1000
