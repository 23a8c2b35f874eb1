"""What a certificate says, and the two hashes it is known by.

The hash of the whole certificate needs no X.509 library. Neither does that of the public key (SubjectPublicKeyInfo, RFC
5280 section 4.1.2.7) where the bytes alone say for certain which key that is, as they do in the certificates that
printers have; only others wait for the cryptography library, whose import takes a third as long as a job. Nothing here
verifies a signature or a chain. Certificates of printers are odd: every word may be missing.
"""

from __future__ import annotations

import warnings
from functools import cached_property
from typing import Any, Callable

from backend.trust.der import Outline, certain_key, datetime, outline, timezone
from backend.trust.fingerprint import sha256
from filters.common.dataclass import dataclass

#: RSA and DSA keys below this are not taken without tls=legacy; factoring 512 bits is an afternoon's work.
SMALLEST_KEY = 1024

#: Keys from here on need no warning: NIST SP 800-57 part 1, 112 bits of security.
GOOD_KEY = 2048

#: The same two limits for keys on elliptic curves.
SMALLEST_CURVE = 160
GOOD_CURVE = 224

#: Beginnings of the names of signature algorithms that no longer prove anything.
WEAK_SIGNATURES = ("MD2", "MD4", "MD5", "SHA-1")


def cert_sha256(der: bytes) -> bytes:
    """Return the hash of the whole certificate."""
    return sha256(der).digest()


def spki_sha256(der: bytes) -> bytes | None:
    """Return the hash of the public key as it stands in the certificate, or None when it cannot be read for certain."""
    certain = certain_key(der)
    if certain is not None:
        return sha256(certain).digest()
    spki = outline(der).spki
    certificate = load_certificate(der)
    if spki is None or certificate is None or not _same_key(certificate, spki):
        return None
    return sha256(spki).digest()


def load_certificate(der: bytes) -> Any | None:
    """Return the cryptography library's certificate, or None when it refuses the bytes."""
    from cryptography import x509

    return attempt(lambda: x509.load_der_x509_certificate(der))


def attempt(read: Callable[[], Any]) -> Any | None:
    """Return what the library reads, or None when it cannot; odd certificates raise much more than ValueError."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return read()
        except Exception:  # noqa: B902 - the library's own list of errors changes from version to version
            return None
        except BaseException as error:
            # Its Rust part ends in a "panic" on some inputs, which is no Exception.
            if type(error).__name__ == "PanicException":
                return None
            raise


def _same_key(certificate: Any, spki: bytes) -> bool:
    """Say whether the library sees the same key in the certificate as in the bytes that will be hashed."""
    from cryptography.hazmat.primitives import serialization as form

    def public_bytes(key: Any) -> bytes:
        encoded: bytes = key.public_bytes(form.Encoding.DER, form.PublicFormat.SubjectPublicKeyInfo)
        return encoded

    theirs = attempt(lambda: public_bytes(certificate.public_key()))
    ours = attempt(lambda: public_bytes(form.load_der_public_key(spki)))
    return theirs is not None and theirs == ours


def utc(time: datetime | float) -> datetime:
    """Return a point in time, given as seconds since 1970 or as a datetime, with its time zone."""
    if not isinstance(time, datetime):
        return datetime.fromtimestamp(time, timezone.utc)
    return time if time.tzinfo else time.replace(tzinfo=timezone.utc)


# --- weakness and dates -----------------------------------------------------------------------------------


def is_weak_key(facts: Outline) -> bool:
    """Say whether the key is so small that it is refused; an unknown size is not."""
    return facts.key_bits is not None and facts.key_bits < _limits(facts)[0]


def _limits(facts: Outline) -> tuple[int, int]:
    if facts.key_type in ("RSA", "DSA"):
        return SMALLEST_KEY, GOOD_KEY
    return SMALLEST_CURVE, GOOD_CURVE


def weaknesses(facts: Outline) -> tuple[str, ...]:
    """Say what is weak about a key and a signature, which a matching pin does not make up for."""
    found = []
    if facts.key_bits is not None and facts.key_bits < _limits(facts)[1]:
        found.append(f"its {facts.key_type} key has only {facts.key_bits} bits")
    if facts.signature and facts.signature.startswith(WEAK_SIGNATURES):
        found.append(f"its signature is {facts.signature}")
    return tuple(found)


def date_trouble(facts: Outline, now: datetime) -> str | None:
    """Say in a few words what is wrong with the dates, or None."""
    if facts.not_before is None or facts.not_after is None:
        return "its dates cannot be read"
    if now > facts.not_after:
        return "expired"
    return "not yet valid" if now < facts.not_before else None


def validity(facts: Outline, now: datetime) -> str:
    """Return the dates and what is wrong with them, for a message."""
    if facts.not_before is None or facts.not_after is None:
        return "with dates that cannot be read"
    trouble = date_trouble(facts, now)
    return f"valid {facts.not_before:%Y-%m-%d} to {facts.not_after:%Y-%m-%d}" + (f", {trouble}" if trouble else "")


# --- all facts, for people --------------------------------------------------------------------------------


@dataclass(frozen=True)
class CertificateFacts:
    """A certificate as ipps443ctl shows it."""

    der: bytes

    @cached_property
    def outline(self) -> Outline:
        """Return what can be read without the library."""
        return outline(self.der)

    @cached_property
    def _certificate(self) -> Any | None:
        return load_certificate(self.der)

    @property
    def readable(self) -> bool:
        """Say whether the library could read it at all; if not, it can be pinned by its own hash only."""
        return self._certificate is not None

    @cached_property
    def cert_sha256(self) -> bytes:
        """Return the hash of the whole certificate."""
        return cert_sha256(self.der)

    @cached_property
    def spki_sha256(self) -> bytes | None:
        """Return the hash of the public key."""
        return spki_sha256(self.der)

    @property
    def subject(self) -> str:
        """Return whom the certificate names, on one printable line."""
        return self._name("subject")

    @property
    def issuer(self) -> str:
        """Return who signed it, on one printable line."""
        return self._name("issuer")

    def _name(self, which: str) -> str:
        from filters.common.printable import printable

        name = attempt(lambda: getattr(self._certificate, which).rfc4514_string())
        return "(cannot be read)" if name is None else printable(name) or "(empty)"

    @property
    def self_issued(self) -> bool:
        """Say whether subject and issuer are the same name."""
        return bool(attempt(lambda: self._certificate and self._certificate.subject == self._certificate.issuer))

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Return the DNS names and addresses, from the extension for them, else the common name (RFC 9110 4.3.4)."""
        from filters.common.printable import printable

        alternatives = attempt(self._alternative_names)
        if alternatives:
            return tuple(dict.fromkeys(printable(name) for name in alternatives))
        return tuple(printable(name) for name in attempt(self._common_names) or ())

    @property
    def has_alternative_names(self) -> bool:
        """Say whether a host is named in the extension for it, which alone counts where a CA vouches (RFC 9525)."""
        return bool(attempt(self._alternative_names))

    def _alternative_names(self) -> list[str]:
        from cryptography import x509

        extension = self._certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)  # type: ignore
        kinds = (x509.DNSName, x509.IPAddress)
        return [str(name.value) for name in extension.value if isinstance(name, kinds)]

    def _common_names(self) -> list[str]:
        from cryptography.x509.oid import NameOID

        attributes = self._certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)  # type: ignore
        return [str(attribute.value) for attribute in attributes]

    @property
    def is_ca(self) -> bool:
        """Say whether it may sign others (basicConstraints)."""
        return bool(attempt(self._basic_constraint))

    def _basic_constraint(self) -> bool:
        from cryptography import x509

        extensions = self._certificate.extensions  # type: ignore
        return bool(extensions.get_extension_for_class(x509.BasicConstraints).value.ca)

    def in_its_dates(self, now: datetime) -> bool:
        """Say whether it is valid now by its dates alone."""
        return date_trouble(self.outline, now) is None

    def fits_name(self, host: str) -> bool:
        """Say whether one of the names is the host, also by a wildcard for the first label. For display only."""
        wanted = host.strip("[]").lower()
        parent = wanted.partition(".")[2]
        return any(name.lower() in (wanted, f"*.{parent}" if parent else wanted) for name in self.names)


def unusual(facts: CertificateFacts, host: str, now: datetime) -> tuple[str, ...]:
    """Say what an administrator should look at before accepting the certificate."""
    found = []
    if not facts.readable:
        found.append("it is not made as RFC 5280 wants, so it can be pinned only as a whole, not by its key")
    trouble = date_trouble(facts.outline, now)
    if trouble:
        found.append(_dated(facts.outline, trouble))
    found += weaknesses(facts.outline)
    if is_weak_key(facts.outline):
        found.append("a key this small is refused unless the queue has tls=legacy")
    if facts.readable and not facts.fits_name(host):
        found.append(f'it is made for {", ".join(facts.names) or "no name"}, not for {host.strip("[]")}')
    if facts.is_ca and not facts.self_issued:
        found.append("it is a CA certificate; a printer's own certificate is expected (or use import --ca)")
    return tuple(found)


def _dated(facts: Outline, trouble: str) -> str:
    if facts.not_before is None or facts.not_after is None:
        return trouble
    if trouble == "expired":
        return f"it expired on {facts.not_after:%Y-%m-%d}"
    return f"it is not valid before {facts.not_before:%Y-%m-%d} (is this computer's clock right?)"
