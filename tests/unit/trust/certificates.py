"""Certificates of printers for these tests, each made once."""

from __future__ import annotations

from datetime import datetime, timezone
from functools import lru_cache
from typing import Any

from tests.printer.certificates import Certificate, make_authority, make_certificate

#: The tests' present.
NOW = datetime(2026, 6, 1, tzinfo=timezone.utc)


def day(year: int, month: int = 1) -> datetime:
    """Return the first of a month."""
    return datetime(year, month, 1, tzinfo=timezone.utc)


USUAL: dict[str, Any] = {
    "common_name": "printer",
    "names": ("printer",),
    "not_before": day(2020),
    "not_after": day(2030),
}


def certificate(kind: str = "usual") -> Certificate:
    """Return the certificate of a kind; "usual" is the one that is on file."""
    return _made(kind)


@lru_cache(maxsize=None)
def _made(kind: str) -> Certificate:
    return make_certificate(**{**USUAL, **kinds()[kind]()})


def kinds() -> dict[str, Any]:
    """Return how each kind differs from the usual one: the printer's own, then those of others."""
    return {
        "usual": lambda: {},
        "renewed": lambda: {"key": certificate(), "not_before": day(2026), "not_after": day(2035)},
        "renewed-other-name": lambda: {"key": certificate(), "common_name": "x", "names": ("x",)},
        "expired": lambda: {"not_before": day(2010), "not_after": day(2012)},
        "dated-1972": lambda: {"not_before": day(1970), "not_after": day(1972)},
        "future": lambda: {"not_before": day(2027), "not_after": day(2040)},
        "rsa512": lambda: {"key": "rsa512"},
        "rsa1024": lambda: {"key": "rsa1024"},
        "rsa2048": lambda: {"key": "rsa2048"},
        "ed25519": lambda: {"key": "ed25519"},
        "sha1": lambda: {"signature": "sha1", "key": "rsa2048"},
        "md5": lambda: {"signature": "md5", "key": "rsa2048"},
        "no-names": lambda: {"names": ()},
        "two-names": lambda: {"names": ("printer07.example", "192.0.2.7")},
        "hostile-name": lambda: {"names": ("x; run: rm -rf",)},
        "other-name": lambda: {"common_name": "someone", "names": ("someone",)},
        "serial-0": lambda: {"serial": 0},
        "serial-1": lambda: {"serial": 1},
        "serial-1-other-device": lambda: {"serial": 1},
        "signed": lambda: {"issuer": authority()},
        "impostor": lambda: {},
        "impostor-later": lambda: {"not_after": day(2049)},
        "impostor-same-dates": lambda: {"not_before": day(2020), "not_after": day(2030)},
        "impostor-not-yet": lambda: {"not_before": day(2027), "not_after": day(2049)},
        "impostor-expired-later": lambda: {"not_before": day(2010), "not_after": day(2013)},
        "impostor-signed": lambda: {"issuer": make_authority("Test CA")},
        "reset-earlier": lambda: {"not_before": day(2010), "not_after": day(2028)},
    }


@lru_cache(maxsize=None)
def authority() -> Certificate:
    """Return the site's CA."""
    return make_authority("Test CA")
