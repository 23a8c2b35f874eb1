"""Certificates of every kind that printers have, made when a test asks for them.

Kinds are those of quirks Q-55 to Q-65: key types and sizes, signature hashes, names, dates, serial numbers, chains,
renewal with the same key. `cryptography` is imported inside, so that a printer with a given certificate never needs
it. What today's `cryptography` refuses to make (serial number 0, MD5 and SHA-1 signatures, from version 43 on RSA keys
below 1024 bits) is left to the openssl command.
"""

from __future__ import annotations

import base64
import datetime
import hashlib
import ipaddress
import subprocess
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tests.printer.faults import Faults

UTC = datetime.timezone.utc


@dataclass(frozen=True)
class Certificate:
    """A certificate with its key, and what is sent along with it (PEM blocks, in that order)."""

    cert_pem: bytes
    key_pem: bytes
    der: bytes
    spki_sha256: bytes
    cert_sha256: bytes
    subject: str
    chain: tuple[bytes, ...] = ()

    @property
    def pem_chain(self) -> bytes:
        """What a server sends: the leaf first."""
        return b"".join((self.cert_pem, *self.chain))

    def write(self, folder: Path, name: str = "printer") -> tuple[Path, Path]:
        """Write chain and key into a folder, for programs that want files."""
        cert, key = folder / f"{name}.crt", folder / f"{name}.key"
        cert.write_bytes(self.pem_chain)
        key.touch(mode=0o600)
        key.write_bytes(self.key_pem)
        return cert, key


def make_certificate(
    common_name: str = "localhost",
    names: tuple[str, ...] = ("localhost", "127.0.0.1", "::1"),
    key: str | Certificate = "ec256",
    not_before: datetime.datetime | None = None,
    not_after: datetime.datetime | None = None,
    serial: int | None = None,
    issuer: Certificate | None = None,
    signature: str = "sha256",
    authority: bool = False,
) -> Certificate:
    """Make a certificate, self-signed without an issuer.

    Args:
        key: rsa512 ... rsa4096, ec256, ec384, ed25519; or a Certificate whose key is used again.
        names: alternative names; literal addresses become address entries; none leaves the extension out.
        serial: 0 is possible, as some devices have it.
        signature: sha256, sha384, sha512, sha1, md5.
        authority: make it a CA.
    """
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.x509.oid import NameOID

    today = datetime.datetime.now(UTC).replace(microsecond=0)
    private = _private_key(key)
    public = private.public_key()
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
    issued_by = x509.load_pem_x509_certificate(issuer.cert_pem).subject if issuer else subject
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issued_by)
        .public_key(public)
        .serial_number(serial or x509.random_serial_number())
        .not_valid_before(_naive(not_before or today - datetime.timedelta(days=1)))
        .not_valid_after(_naive(not_after or today + datetime.timedelta(days=3650)))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
    )
    if names:
        builder = builder.add_extension(
            x509.SubjectAlternativeName([_general_name(name) for name in names]), critical=False
        )
    signer = _private_key(issuer) if issuer else private
    usual = getattr(hashes, signature.upper())() if signature not in ("sha1", "md5") else hashes.SHA256()
    made = builder.sign(signer, None if _signs_without_hash(signer) else usual)
    return _finished(made, private, signer, signature, serial, common_name, issuer)


def make_authority(name: str = "Test CA", issuer: Certificate | None = None, **options: Any) -> Certificate:
    """A CA that can be the issuer of others."""
    return make_certificate(name, names=(), issuer=issuer, authority=True, **options)


def with_chain(shape: str, **options: Any) -> Certificate:
    """A leaf below an intermediate below a root, sending the chain of that shape."""
    root = make_authority("Test Root")
    between = make_authority("Test Intermediate", issuer=root)
    direct = shape == "leaf+root"
    leaf = make_certificate(issuer=root if direct else between, **options)
    sent = {
        "leaf": (),
        "leaf+root": (root,),
        "intermediate": (between,),
        "full": (between, root),
        "reversed": (root, between),
    }[shape]
    return replace(leaf, chain=tuple(authority.cert_pem for authority in sent))


def read_certificate(cert_file: Path, key_file: Path) -> Certificate:
    """A certificate from PEM files; further certificates in the file are its chain."""
    end = b"-----END CERTIFICATE-----\n"
    blocks = [block + end for block in cert_file.read_bytes().replace(b"\r\n", b"\n").split(end) if b"BEGIN" in block]
    return _described(blocks[0], key_file.read_bytes(), "", tuple(blocks[1:]))


def certificates_for(faults: Faults, own: Certificate | None) -> tuple[Certificate, ...]:
    """The certificates that a printer with these faults shows, the first one first.

    A printer that changes its certificate has two, one that picks at random has N; `own` is the first when given.
    """
    setting = faults.setting("cert")
    first = own or make_certificate()
    if setting.form == "rotate-after-N":
        return first, make_certificate(not_after=datetime.datetime.now(UTC) + datetime.timedelta(days=4000))
    if setting.form == "random-of-N":
        return (first, *(make_certificate() for _ in range(setting.number - 1)))
    return (first,)


def _naive(when: datetime.datetime) -> datetime.datetime:
    return when.astimezone(UTC).replace(tzinfo=None) if when.tzinfo else when


def _general_name(name: str) -> Any:
    from cryptography import x509

    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _private_key(key: str | Certificate | None) -> Any:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

    if isinstance(key, Certificate):
        return serialization.load_pem_private_key(key.key_pem, None)
    assert key is not None
    if key.startswith("rsa"):
        bits = int(key[3:])
        return rsa.generate_private_key(65537, bits) if bits >= 1024 else _small_rsa_key(bits)
    if key == "ed25519":
        return ed25519.Ed25519PrivateKey.generate()
    return ec.generate_private_key({"ec256": ec.SECP256R1(), "ec384": ec.SECP384R1()}[key])


def _small_rsa_key(bits: int) -> Any:
    """An RSA key as old devices have it: `cryptography` reads and uses it, and makes none from version 43 on."""
    from cryptography.hazmat.primitives import serialization

    command = ["openssl", "genpkey", "-algorithm", "RSA", "-pkeyopt", f"rsa_keygen_bits:{bits}"]
    return serialization.load_pem_private_key(subprocess.run(command, check=True, capture_output=True).stdout, None)


def _signs_without_hash(key: Any) -> bool:
    from cryptography.hazmat.primitives.asymmetric import ed25519

    return isinstance(key, ed25519.Ed25519PrivateKey)


def _finished(
    made: Any, private: Any, signer: Any, signature: str, serial: int | None, subject: str, issuer: Certificate | None
) -> Certificate:
    """The certificate in PEM with its key, signed again by the openssl command where that alone can do it."""
    from cryptography.hazmat.primitives import serialization

    cert_pem = made.public_bytes(serialization.Encoding.PEM)
    key_pem = _key_pem(private)
    if signature in ("sha1", "md5") or serial == 0:
        cert_pem = _signed_again(cert_pem, key_pem, _key_pem(signer), signature, serial, issuer)
    return _described(cert_pem, key_pem, subject)


def _key_pem(private: Any) -> bytes:
    from cryptography.hazmat.primitives import serialization

    pem, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    return bytes(private.private_bytes(pem, form, serialization.NoEncryption()))


def _signed_again(
    cert_pem: bytes, key_pem: bytes, signer_pem: bytes, signature: str, serial: int | None, issuer: Certificate | None
) -> bytes:
    """Let `openssl x509` sign the same certificate with another hash, or with the serial number 0."""
    with tempfile.TemporaryDirectory() as folder:
        cert, signer, ca = (Path(folder) / name for name in ("cert.pem", "signer.pem", "ca.pem"))
        cert.write_bytes(cert_pem)
        signer.write_bytes(signer_pem)
        ca.write_bytes(issuer.cert_pem if issuer else b"")
        command = ["openssl", "x509", "-in", str(cert), f"-{signature}", "-preserve_dates"]
        command += ["-CA", str(ca), "-CAkey", str(signer)] if issuer else ["-signkey", str(signer)]
        command += ["-set_serial", str(serial)] if serial is not None else []
        return subprocess.run(command, check=True, capture_output=True).stdout


def _described(cert_pem: bytes, key_pem: bytes, subject: str, chain: tuple[bytes, ...] = ()) -> Certificate:
    from cryptography import x509
    from cryptography.hazmat.primitives import serialization

    der = base64.b64decode(b"".join(cert_pem.strip().splitlines()[1:-1]))
    public = x509.load_der_x509_certificate(der).public_key()
    spki = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return Certificate(
        cert_pem=cert_pem,
        key_pem=key_pem,
        der=der,
        spki_sha256=hashlib.sha256(spki).digest(),
        cert_sha256=hashlib.sha256(der).digest(),
        subject=subject,
        chain=chain,
    )
