"""Fingerprints: SHA-256 in the forms that printers' web pages, OpenSSL, browsers and this program write.

SHA-1 and MD5 fingerprints, which are shorter, are refused; they are never a reason to trust.
"""

from __future__ import annotations

import binascii
import re

SHA256_SIZE = 32

_HEX = re.compile(r"[0-9a-fA-F]{64}\Z")
_HEX_PAIRS = re.compile(r"[0-9a-fA-F]{2}(?:[: -][0-9a-fA-F]{2}){31}\Z")
_BASE64 = re.compile(r"[A-Za-z0-9+/]{43}=?\Z")
_URL_BASE64 = str.maketrans("-_", "+/")

#: Words in front of the digits, as OpenSSL, OpenSSH, curl and browsers write them.
_PREFIX = re.compile(r"(?:sha-?256 fingerprint=|sha-?256(?://|[:=])\s*)", re.IGNORECASE)

#: Digits of the hashes that are no longer good enough.
_TOO_SHORT = {32: "MD5", 40: "SHA-1"}


def parse_fingerprint(text: str) -> bytes:
    """Read "sha256:" with 64 hex digits, in pairs or not, or base64; the prefix may be missing. Raise ValueError."""
    stripped = text.strip()
    prefix = _PREFIX.match(stripped)
    return parse_digest(stripped[prefix.end() :] if prefix else stripped)


def parse_digest(digits: str) -> bytes:
    """Read the digits of a SHA-256 hash; raise ValueError with what is wrong."""
    if _HEX.match(digits):
        return bytes.fromhex(digits)
    if _HEX_PAIRS.match(digits):
        return bytes.fromhex(re.sub("[: -]", "", digits))
    base64 = digits.translate(_URL_BASE64)
    if _BASE64.match(base64):
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
