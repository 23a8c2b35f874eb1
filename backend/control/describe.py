"""Certificates and pins in words for people, and as values for programs (--json)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timezone

from backend.trust.certificate import CertificateFacts, date_trouble, unusual
from backend.trust.fingerprint import as_base64, as_hex, as_pairs
from backend.trust.pin_file import Pin

#: Width of the names at the left.
MARGIN = 13


def certificate_lines(facts: CertificateFacts) -> list[str]:
    """Describe a certificate, with its fingerprints in all forms that printers and programs show."""
    signature = facts.outline.signature or "of an unknown kind"
    rows = [
        ("subject", facts.subject),
        ("issuer", facts.issuer + (" (itself)" if facts.self_issued else "")),
        ("names", ", ".join(facts.names) or "(none)"),
        ("valid", _dates(facts)),
        ("key", f"{_key(facts)}, signature {signature}"),
        ("serial", _serial(facts)),
        *_hash_rows("certificate", facts.cert_sha256),
    ]
    if facts.spki_sha256:
        rows += _hash_rows("public key", facts.spki_sha256)
    return [f"  {name:{MARGIN}}{value}" for name, value in rows]


def _hash_rows(name: str, digest: bytes) -> list[tuple[str, str]]:
    pairs = as_pairs(digest)
    return [(name, as_hex(digest)), ("", as_base64(digest)), ("", pairs[:48]), ("", pairs[48:])]


def _dates(facts: CertificateFacts) -> str:
    return f"{_date(facts.outline.not_before)} to {_date(facts.outline.not_after)}"


def _date(time: datetime | None) -> str:
    return f"{time:%Y-%m-%d %H:%M} UTC" if time else "(cannot be read)"


def _key(facts: CertificateFacts) -> str:
    if not facts.outline.key_type:
        return "of an unknown kind"
    bits = f"{facts.outline.key_bits} bits" if facts.outline.key_bits else "size unknown"
    return f"{facts.outline.key_type} {bits}"


def _serial(facts: CertificateFacts) -> str:
    serial = facts.outline.serial
    return "(cannot be read)" if serial is None else f"{serial:x}"


def unusual_lines(facts: CertificateFacts, host: str, now: datetime) -> list[str]:
    """Describe what an administrator should look at, or nothing."""
    found = unusual(facts, host, now)
    return ["Unusual:"] + [f"  - {what}" for what in found] if found else []


def certificate_value(facts: CertificateFacts, host: str, now: datetime) -> dict[str, object]:
    """Return the same for a program."""
    outline = facts.outline
    return {
        "subject": facts.subject,
        "issuer": facts.issuer,
        "names": list(facts.names),
        "not_before": as_rfc3339(outline.not_before),
        "not_after": as_rfc3339(outline.not_after),
        "date_trouble": date_trouble(outline, now),
        "key_type": outline.key_type,
        "key_bits": outline.key_bits,
        "signature": outline.signature,
        "serial": None if outline.serial is None else f"{outline.serial:x}",
        "is_ca": facts.is_ca,
        "cert_sha256": facts.cert_sha256.hex(),
        "spki_sha256": facts.spki_sha256.hex() if facts.spki_sha256 else None,
        "unusual": list(unusual(facts, host, now)),
    }


def as_rfc3339(time: datetime | None) -> str | None:
    """Return a time as programs read it."""
    return time.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ") if time else None


def pin_lines(pins: Iterable[Pin]) -> list[str]:
    """Describe pins, each in one to three lines."""
    lines = []
    for pin in pins:
        label = f"  ({pin.label})" if pin.label else ""
        added = f"  added {pin.added}" if pin.added else ""
        lines.append(f"{pin.key}{label}{added}")
        lines += [f"  {name:{MARGIN}}{value}" for name, value in _pin_rows(pin)]
    return lines


def _pin_rows(pin: Pin) -> list[tuple[str, str]]:
    rows = []
    if pin.cert_sha256:
        rows.append(("certificate", as_hex(pin.cert_sha256)))
    if pin.spki_sha256:
        rows.append(("public key", as_hex(pin.spki_sha256)))
    if pin.ca:
        rows.append(("CA file", pin.ca))
    return rows


def pin_value(pin: Pin) -> dict[str, object]:
    """Return a pin for a program."""
    return {
        "host": pin.host.strip("[]"),
        "port": pin.port,
        "spki_sha256": pin.spki_sha256.hex() if pin.spki_sha256 else None,
        "cert_sha256": pin.cert_sha256.hex() if pin.cert_sha256 else None,
        "ca": pin.ca,
        "label": pin.label,
        "added": pin.added,
        "path": pin.path,
        "model": pin.model,
        "not_after": pin.not_after,
        "acknowledged": pin.acknowledged,
        "line": pin.line,
    }
