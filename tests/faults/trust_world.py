"""Certificates of printers, impostors and CAs, and what is on file of them: the material of `test_trust_faults`."""

from __future__ import annotations

import base64
import datetime
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from tests.printer import Certificate, make_authority, make_certificate

TODAY = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
YEAR = datetime.timedelta(days=365)


def day(year: int) -> datetime.datetime:
    """Return the first day of a year."""
    return datetime.datetime(year, 1, 1, tzinfo=datetime.timezone.utc)


#: Kinds of certificates that printers are born with (Q-55 to Q-65).
KINDS: dict[str, dict[str, Any]] = {
    "plain": {},
    "expired": {"not_before": TODAY - 2 * YEAR, "not_after": TODAY - YEAR},
    "dated-1970": {"not_before": day(1970), "not_after": day(1980)},
    "dated-1972": {"not_before": day(1970), "not_after": day(1972)},
    "not-yet-valid": {"not_before": TODAY + YEAR, "not_after": TODAY + 2 * YEAR},
    "rsa1024": {"key": "rsa1024"},
    "rsa2048": {"key": "rsa2048"},
    "rsa3072": {"key": "rsa3072"},
    "ec384": {"key": "ec384"},
    "ed25519": {"key": "ed25519"},
    "sha1": {"key": "rsa2048", "signature": "sha1"},
    "md5": {"key": "rsa2048", "signature": "md5"},
    "other-name": {"common_name": "printer.example", "names": ("printer.example",)},
    "no-names": {"names": ()},
    "one-of-several-names": {"common_name": "printer.example", "names": ("printer.example", "localhost")},
    "serial-0": {"key": "rsa2048", "serial": 0},
    "serial-1": {"serial": 1},
}


@lru_cache(maxsize=None)
def certificate(name: str) -> Certificate:
    """Return a certificate by its name; each is made once."""
    made: Certificate = MAKERS[name]()
    return made


def _signed(issuer: str, *chain: str, **options: Any) -> Certificate:
    leaf = make_certificate(issuer=certificate(issuer), **options)
    return replace(leaf, chain=tuple(certificate(name).cert_pem for name in chain))


def _with(leaf: str, *chain: str) -> Certificate:
    return replace(certificate(leaf), chain=tuple(certificate(name).cert_pem for name in chain))


#: Certificates by name; the printer's own is "own".
MAKERS: dict[str, Callable[[], Certificate]] = {
    **{kind: partial(make_certificate, **options) for kind, options in KINDS.items()},
    "own": lambda: make_certificate(serial=1),
    "weak": lambda: make_certificate(key="rsa512"),
    # impostors: same names, other key
    "later": lambda: make_certificate(not_after=TODAY + 20 * YEAR),
    "equal": lambda: make_certificate(),
    "earlier": lambda: make_certificate(not_after=TODAY + YEAR),
    "same-serial": lambda: make_certificate(serial=1),
    "later-not-yet-valid": lambda: make_certificate(not_before=TODAY + YEAR, not_after=TODAY + 20 * YEAR),
    "later-expired": lambda: make_certificate(not_before=TODAY - 2 * YEAR, not_after=TODAY - YEAR / 2),
    "impostor-with-own-behind": lambda: _with("later", "own"),
    "second": lambda: make_certificate(),
    "third": lambda: make_certificate(),
    # the same key again
    "renewed": lambda: make_certificate(key=certificate("own"), not_after=TODAY + 20 * YEAR),
    "renewed-other-name": lambda: make_certificate(key=certificate("own"), common_name="x", names=("x",)),
    # CAs and what they signed
    "root": lambda: make_authority("Test Root"),
    "between": lambda: make_authority("Test Intermediate", issuer=certificate("root")),
    "between-expired": lambda: make_authority(
        "Old Intermediate", issuer=certificate("root"), not_before=TODAY - 2 * YEAR, not_after=TODAY - YEAR
    ),
    "no-ca": lambda: make_certificate("No CA", names=(), issuer=certificate("root")),
    "foreign-root": lambda: make_authority("Foreign Root"),
    "false-root": lambda: make_authority("Test Root"),  # the same name, another key
    "signed": lambda: _signed("root"),
    "signed-full": lambda: _signed("between", "between", "root"),
    "signed-reversed": lambda: _signed("between", "root", "between"),
    "signed-with-intermediate": lambda: _signed("between", "between"),
    "signed-without-intermediate": lambda: _signed("between"),
    "signed-extra-root": lambda: _signed("between", "between", "foreign-root"),
    "signed-old-intermediate": lambda: _signed("between-expired", "between-expired"),
    "signed-expired": lambda: _signed("root", not_before=TODAY - 2 * YEAR, not_after=TODAY - YEAR),
    "signed-future": lambda: _signed("root", not_before=TODAY + YEAR, not_after=TODAY + 2 * YEAR),
    "signed-other-name": lambda: _signed("root", common_name="printer.example", names=("printer.example",)),
    "signed-address": lambda: _signed("root", common_name="printer", names=("127.0.0.1",)),
    "signed-by-no-ca": lambda: _signed("no-ca", "no-ca", "root"),
    "signed-by-foreign": lambda: _signed("foreign-root", "foreign-root"),
    "signed-by-false-root": lambda: _signed("false-root", "root"),
    "two-self-made": lambda: _signed("foreign-root", "foreign-root", not_after=TODAY + 9 * YEAR),
    "self-made-with-root-behind": lambda: _with("later", "root"),
    # ours
    "client-ca": lambda: make_authority("Client CA"),
    "client": lambda: make_certificate("queue", names=("queue",), issuer=certificate("client-ca")),
}


def make_all() -> None:
    """Make those that take long, so that no case waits for them."""
    for name in MAKERS:
        certificate(name)


def fingerprint(word: str) -> str:
    """Return what stands in a pin: "cert:NAME", "spki:NAME", or in base64 "cert64:NAME"."""
    kind, _, name = word.partition(":")
    digest = certificate(name).spki_sha256 if kind.startswith("spki") else certificate(name).cert_sha256
    return base64.b64encode(digest).decode() if kind.endswith("64") else digest.hex()


def pin_line(word: str, address: str) -> str:
    """Return a line of the pin file: "cert:NAME", "spki:NAME", "ca:NAME", or "=text" with @ for the address."""
    kind, _, name = word.partition(":")
    if word.startswith("="):
        return word[1:].replace("@", address)
    if kind == "ca":
        return f"{address} ca:{name}.pem"
    if kind == "both":
        return f"{address} spki-sha256:{fingerprint(f'spki:{name}')} cert-sha256:{fingerprint(f'cert:{name}')}"
    return f"{address} {kind}-sha256:{fingerprint(word)}"


def write_pins(folder: Path, words: tuple[str, ...], address: str) -> None:
    """Write the pin file, and the CA files that it names."""
    lines = "".join(f"{pin_line(word, address)}\n" for word in words)
    path = folder / "etc" / "ipps443" / "pins"
    path.write_text(lines)
    path.chmod(0o640)
    for word in words:
        kind, _, name = word.partition(":")
        if kind == "ca" and name in MAKERS:
            (path.parent / f"{name}.pem").write_bytes(certificate(name).cert_pem)


def write_client(folder: Path, label: str, name: str) -> None:
    """Write our own certificate and key for a queue with clientcert=LABEL."""
    clients = folder / "etc" / "ipps443" / "clients"
    clients.mkdir()
    (clients / f"{label}.pem").write_bytes(certificate(name).cert_pem)
    (clients / f"{label}.key").write_bytes(certificate(name).key_pem)


def write_on_file(folder: Path, name: str) -> None:
    """Write a printer's certificate where ``ipps443ctl pin`` puts it."""
    certificates = folder / "etc" / "ipps443" / "certificates"
    certificates.mkdir(exist_ok=True)
    found = certificate(name)
    (certificates / f"{found.cert_sha256.hex()}.pem").write_bytes(found.cert_pem)
