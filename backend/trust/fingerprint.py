"""Fingerprints: SHA-256 in the forms that printers' web pages, OpenSSL, browsers and this program write.

SHA-1 and MD5 fingerprints, which are shorter, are refused; they are never a reason to trust.
"""

from __future__ import annotations

import binascii
import re
import sys
from importlib import import_module

# Python has SHA-256 in a small module as well, unless it was built without it; hashlib takes a millisecond to import.
try:
    sha256 = import_module("_sha2" if sys.version_info >= (3, 12) else "_sha256").sha256
except ImportError:
    sha256 = import_module("hashlib").sha256

_HEX_DIGITS = frozenset("0123456789abcdefABCDEF")
_HEX_PAIRS = r"[0-9a-fA-F]{2}(?:[: -][0-9a-fA-F]{2}){31}\Z"
_BASE64 = r"[A-Za-z0-9+/]{43}=?\Z"
_URL_BASE64 = str.maketrans("-_", "+/")

#: Words in front of the digits, as OpenSSL, OpenSSH, curl and browsers write them.
_PREFIX = r"(?i:sha-?256 fingerprint=|sha-?256(?://|[:=])\s*)"

#: Digits of the hashes that are no longer good enough.
_TOO_SHORT = {32: "MD5", 40: "SHA-1"}


def parse_fingerprint(text: str) -> bytes:
    """Read "sha256:" with 64 hex digits, in pairs or not, or base64; the prefix may be missing. Raise ValueError."""
    stripped = text.strip()
    if stripped.startswith("sha256:"):  # as nearly all are written: without an expression that must be compiled
        return parse_digest(stripped.removeprefix("sha256:").lstrip())
    prefix = re.match(_PREFIX, stripped)
    return parse_digest(stripped[prefix.end() :] if prefix else stripped)


def parse_digest(digits: str) -> bytes:
    """Read the digits of a SHA-256 hash; raise ValueError with what is wrong."""
    if len(digits) == 64 and _HEX_DIGITS.issuperset(digits):
        return bytes.fromhex(digits)
    if re.match(_HEX_PAIRS, digits):
        return bytes.fromhex(re.sub("[: -]", "", digits))
    base64 = digits.translate(_URL_BASE64)
    if re.match(_BASE64, base64):
        return _decode_base64(base64.rstrip("="))
    pairs = re.sub("[: -]", "", digits)
    if len(pairs) in _TOO_SHORT and re.match(r"[0-9a-fA-F]+\Z", pairs):
        raise ValueError(f"that is a {_TOO_SHORT[len(pairs)]} fingerprint; SHA-256 is needed")
    raise ValueError("a SHA-256 fingerprint has 64 hex digits, or 44 characters of base64")


def _decode_base64(base64: str) -> bytes:
    digest = binascii.a2b_base64(base64 + "=")
    # The last character carries two bits that belong to nothing: only one spelling of a hash is right.
    if binascii.b2a_base64(digest, newline=False).decode("ascii").rstrip("=") != base64:
        raise ValueError("the last character of the base64 is not right")
    return digest


def as_hex(digest: bytes) -> str:
    """Return "sha256:" and 64 hex digits: the form in messages, to compare and to paste."""
    return "sha256:" + digest.hex()


def as_pairs(digest: bytes) -> str:
    """Return the pairs with colons that OpenSSL and most printers' web pages show."""
    return digest.hex(":").upper()


def as_base64(digest: bytes) -> str:
    """Return "sha256:" and base64, as curl and OpenSSH show it."""
    return "sha256:" + binascii.b2a_base64(digest, newline=False).decode("ascii")
