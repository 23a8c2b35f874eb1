"""The decision whether a printer is the expected one.

Rules of the decision:

- it is made from the leaf certificate's bytes, on every connection, before the first byte of HTTP;
- the key is host and port; one matching pin suffices, no pin means no trust, and nothing is ever learned here;
- *unknown*, *changed* and *expired* are different answers;
- under a matching pin, names, weak keys and weak signatures are not judged. Exception: keys so small that anyone can
  compute them are refused under any pin unless the queue says tls=legacy;
- whether the peer owns the certificate's key is proven by the handshake, and whether a CA vouches for it is told by the
  one who made the handshake (``CaVerdict``). Neither is checked here.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum

from backend.trust import EXPIRED_WORDS, TRUST_WORDS
from backend.trust.addresses import canonical_host, pin_key
from backend.trust.certificate import cert_sha256, date_trouble, is_weak_key, spki_sha256, utc, validity, weaknesses
from backend.trust.der import Outline, datetime, outline
from backend.trust.fingerprint import as_hex
from backend.trust.pin_file import Pin, PinFile
from filters.common.dataclass import dataclass


class Verdict(Enum):
    """What the judge says about a printer's certificate."""

    TRUSTED = "trusted"
    UNKNOWN = "unknown"
    CHANGED = "changed"
    EXPIRED = "expired"
    NOT_YET_VALID = "not yet valid"
    WEAK_KEY = "weak key"
    UNREADABLE = "unreadable"
    CA_REFUSED = "refused by CA check"


@dataclass(frozen=True)
class CaVerdict:
    """What OpenSSL said about chain and name in the handshake: verify_code and verify_message of its error, or 0."""

    code: int = 0
    reason: str = ""

    @property
    def trusted(self) -> bool:
        """Say whether a CA vouches for this certificate under this name."""
        return self.code == 0


#: What a CA has signed and what does not count for this printer; no other CA would help.
FOR_CLIENTS = "a CA signed it, but for clients only"
OTHER_NAMES = ("a CA signed it, but for a different name", "a CA signed it, but for a different address")

#: Whoever has signed it is not on file; which may be an intermediate CA that the printer does not send.
NO_ISSUER = "no CA on file signed it"

#: OpenSSL's X509_V_ERR codes (x509_vfy.h) in words that lead somewhere; others keep OpenSSL's own words.
_CA_REASONS = {
    2: "no CA on file signed it (its issuer's certificate is missing)",
    7: "a signature in its chain is false",
    18: "it signed itself, and is not one of the CAs on file",
    19: "its chain ends in a root that is not one of the CAs on file",
    **dict.fromkeys((20, 21), NO_ISSUER),
    24: "a certificate in its chain is no CA",
    26: FOR_CLIENTS,
    62: OTHER_NAMES[0],
    64: OTHER_NAMES[1],
}
_CA_DATES = {9: "not yet valid", 10: "expired"}


@dataclass(frozen=True)
class Judgement:
    """The verdict, what it was made from, and what is worth a word in the log."""

    verdict: Verdict
    host: str
    port: int
    der: bytes
    certificate: Outline
    now: datetime
    #: The pin that fits, or would fit if the certificate were in its dates or its key larger.
    pin: Pin | None = None
    #: The pins that were on file for this host and port.
    expected: tuple[Pin, ...] = ()
    #: Trusted, but not as it should be: one sentence each, for WARNING lines.
    warnings: tuple[str, ...] = ()
    reason: str = ""

    @property
    def trusted(self) -> bool:
        """Say whether the first byte may be sent."""
        return self.verdict is Verdict.TRUSTED

    @property
    def renewed(self) -> bool:
        """Say whether the pin's certificate was replaced by another one with the same key (INFO, not a warning)."""
        pin = self.pin
        return pin is not None and pin.cert_sha256 is not None and pin.cert_sha256 != cert_sha256(self.der)

    @property
    def fingerprint(self) -> str:
        """Return the certificate's hash, for the log."""
        return as_hex(cert_sha256(self.der))

    @property
    def by(self) -> str:
        """Return what vouches for it, for the log."""
        if self.pin is None:
            return "by one of the system's CAs"
        return f"by line {self.pin.line} of the pin file" if self.pin.line else "by a pin of the device URI"


def ca_files(pins: PinFile | Iterable[Pin], host: str, port: int, trust: str | None = None) -> tuple[str, ...]:
    """Return the names of the CA files (beside the pin file) that may vouch for this host and port."""
    if trust not in (None, "ca"):
        return ()
    return tuple(dict.fromkeys(pin.ca for pin in _pins_for(pins, host, port) if pin.ca))


def judge(
    pins: PinFile | Iterable[Pin],
    host: str,
    port: int,
    certificate: bytes | None,
    *,
    now: datetime | float,
    expired: str = "warn",
    trust: str | None = None,
    ca_verdict: CaVerdict | None = None,
    legacy: bool = False,
) -> Judgement:
    """Decide about one connection, from the pins (of any printers; those of others do not count) and the leaf."""
    if expired not in EXPIRED_WORDS or trust not in (None, *TRUST_WORDS):
        raise ValueError(f"expired={expired}, trust={trust}")
    der = bytes(certificate or b"")
    facts = outline(der)
    time = utc(now)
    eligible = _eligible(_pins_for(pins, host, port), trust)
    verdict, pin, reason = _find_trust(eligible, der, trust, ca_verdict)
    if verdict is Verdict.TRUSTED:
        verdict, reason = _look_closer(facts, time, expired, legacy)
    trusted = verdict is Verdict.TRUSTED
    warnings = _warnings(facts, time) if trusted else ()
    return Judgement(verdict, canonical_host(host), port, der, facts, time, pin, eligible, warnings, reason)


def _pins_for(pins: PinFile | Iterable[Pin], host: str, port: int) -> tuple[Pin, ...]:
    key = pin_key(host, port)
    return tuple(pin for pin in (pins.pins if isinstance(pins, PinFile) else pins) if pin.key == key)


def _eligible(pins: tuple[Pin, ...], trust: str | None) -> tuple[Pin, ...]:
    """Return the pins that the queue's trust option lets count."""
    if trust is None:
        return pins
    return tuple(pin for pin in pins if (trust == "pin" and not pin.ca) or (trust == "ca" and pin.ca))


def _find_trust(
    pins: tuple[Pin, ...], der: bytes, trust: str | None, ca_verdict: CaVerdict | None
) -> tuple[Verdict, Pin | None, str]:
    if not der:
        return Verdict.UNREADABLE, None, "it presents no certificate"
    authorities = [pin for pin in pins if pin.ca]
    pin = _matching_pin(pins, der)
    if pin:
        return Verdict.TRUSTED, pin, ""
    if not (authorities or trust == "system"):
        return (Verdict.CHANGED if pins else Verdict.UNKNOWN), None, ""
    if ca_verdict and ca_verdict.trusted:
        return Verdict.TRUSTED, (authorities[0] if authorities else None), ""
    if len(authorities) < len(pins):
        return Verdict.CHANGED, None, ""
    return _ca_refusal(ca_verdict)


def _matching_pin(pins: tuple[Pin, ...], der: bytes) -> Pin | None:
    """Return the pin that fits: by the whole certificate, which needs no library, else by the key."""
    whole = cert_sha256(der)
    for pin in pins:
        if whole in (pin.cert_sha256, pin.either_sha256):
            return pin
    if not any(pin.spki_sha256 or pin.either_sha256 for pin in pins):
        return None
    key = spki_sha256(der)
    return next((pin for pin in pins if key and key in (pin.spki_sha256, pin.either_sha256)), None)


def _ca_refusal(ca_verdict: CaVerdict | None) -> tuple[Verdict, Pin | None, str]:
    if ca_verdict is None:
        return Verdict.CA_REFUSED, None, "its chain was not checked"
    dates = _CA_DATES.get(ca_verdict.code)
    if dates:
        return Verdict(dates), None, "a CA signed it, but it, or a certificate in its chain, is out of its dates"
    return Verdict.CA_REFUSED, None, _CA_REASONS.get(ca_verdict.code) or ca_verdict.reason or "its chain is not valid"


def _look_closer(facts: Outline, now: datetime, expired: str, legacy: bool) -> tuple[Verdict, str]:
    """Judge what even the right pin does not make good."""
    if is_weak_key(facts) and not legacy:
        return Verdict.WEAK_KEY, f"its {facts.key_type} key has only {facts.key_bits} bits, which anyone can break"
    trouble = date_trouble(facts, now)
    if trouble is None or expired == "warn":
        return Verdict.TRUSTED, ""
    if trouble in (Verdict.EXPIRED.value, Verdict.NOT_YET_VALID.value):
        return Verdict(trouble), ""
    return Verdict.UNREADABLE, f"{trouble}, and this queue says expired=refuse"


def _warnings(facts: Outline, now: datetime) -> tuple[str, ...]:
    trouble = date_trouble(facts, now)
    dates = (f"{validity(facts, now)}",) if trouble else ()
    return tuple(f"The pinned certificate is trusted, but {what}" for what in dates + weaknesses(facts))
