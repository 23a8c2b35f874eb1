"""HTTP authentication of a client: Basic (RFC 7617) and Digest (RFC 7616). Pure.

Inside TLS to a printer whose key was proven, and only there: the caller sees to that.
"""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Callable
from urllib.parse import quote

from filters.common.dataclass import dataclass

#: Digest algorithms, the strongest first, with their hash and whether they hash the session's nonces in.
ALGORITHMS: dict[str, tuple[Callable[[bytes], str], bool]] = {
    "SHA-256": (lambda data: hashlib.sha256(data).hexdigest(), False),
    "SHA-256-SESS": (lambda data: hashlib.sha256(data).hexdigest(), True),
    "MD5": (lambda data: hashlib.md5(data, usedforsecurity=False).hexdigest(), False),
    "MD5-SESS": (lambda data: hashlib.md5(data, usedforsecurity=False).hexdigest(), True),
}


@dataclass(frozen=True)
class Challenge:
    """One challenge: its scheme in lower case, its parameters with names in lower case."""

    scheme: str
    parameters: dict[str, str]


def parse_challenges(fields: list[str]) -> list[Challenge]:
    """Return the challenges of all WWW-Authenticate fields (RFC 9110 section 11.6.1); what is not one is skipped."""
    challenges: list[Challenge] = []
    for field in fields:
        for part in _split(field):
            word, _, rest = part.strip().partition(" ")
            if word and "=" not in word and not rest.lstrip().startswith("="):
                challenges.append(Challenge(word.lower(), {}))
                part = rest
            name, equals, value = part.partition("=")
            if equals and challenges:
                challenges[-1].parameters.setdefault(name.strip().lower(), _unquote(value.strip()))
    return challenges


def _split(field: str) -> list[str]:
    """Split at commas outside quoted strings."""
    parts, begin, quoted, at = [], 0, False, 0
    while at < len(field):
        if field[at] == "\\" and quoted:
            at += 1
        elif field[at] == '"':
            quoted = not quoted
        elif field[at] == "," and not quoted:
            parts.append(field[begin:at])
            begin = at + 1
        at += 1
    return [*parts, field[begin:]]


def _unquote(value: str) -> str:
    if len(value) < 2 or value[0] != '"' or value[-1] != '"':
        return value
    out, at = [], 1
    while at < len(value) - 1:
        at += value[at] == "\\" and at < len(value) - 2
        out.append(value[at])
        at += 1
    return "".join(out)


def _quote(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _octets(value: str) -> bytes:
    """Return what a printer sent as the bytes it was: header fields are read as Latin-1, one character a byte."""
    return value.encode("latin-1")


def choose_challenge(challenges: list[Challenge]) -> Challenge | None:
    """Return the strongest challenge that can be answered: Digest by its algorithm, then Basic; else None."""
    algorithms = list(ALGORITHMS)
    digests = [
        c for c in challenges if c.scheme == "digest" and _algorithm(c) in ALGORITHMS and "nonce" in c.parameters
    ]
    digests = [c for c in digests if not _qops(c) or "auth" in _qops(c)]
    if digests:
        return min(digests, key=lambda c: algorithms.index(_algorithm(c)))
    return next((c for c in challenges if c.scheme == "basic"), None)


def _algorithm(challenge: Challenge) -> str:
    return challenge.parameters.get("algorithm", "MD5").upper()


def _qops(challenge: Challenge) -> list[str]:
    return [word.strip().lower() for word in challenge.parameters.get("qop", "").split(",") if word.strip()]


def is_stale(challenge: Challenge) -> bool:
    """Tell whether only the nonce is too old, so that the same password may be tried again."""
    return challenge.parameters.get("stale", "").lower() == "true"


def authorization(challenge: Challenge, user: str, password: str, method: str, target: str, count: int = 1) -> str:
    """Return the value of the Authorization field.

    Args:
        count: how often this nonce has been used, this time included.

    Raises:
        ValueError: a user name with a colon cannot be sent with Basic (RFC 7617 section 2), a control character not
            at all.
    """
    if any(ord(c) < 32 or ord(c) == 127 for c in user + password):
        raise ValueError("a control character is in the user name or the password")
    if challenge.scheme == "basic":
        if ":" in user:
            raise ValueError("a user name with a colon cannot be used with Basic authentication")
        return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode("ascii")
    return _digest(challenge, user, password, method, target, count, os.urandom(16).hex())


def _digest(
    challenge: Challenge, user: str, password: str, method: str, target: str, count: int, client_nonce: str
) -> str:
    given = challenge.parameters
    hash_hex, session = ALGORITHMS[_algorithm(challenge)]
    realm, nonce = given.get("realm", ""), given["nonce"]
    secret = hash_hex(b":".join((user.encode(), _octets(realm), password.encode())))
    if session:
        secret = hash_hex(_octets(f"{secret}:{nonce}:{client_nonce}"))
    request = hash_hex(f"{method}:{target}".encode())
    name = {"username": _quote(user)} if user.isascii() else {"username*": f"UTF-8''{quote(user, safe='')}"}
    fields = {**name, "realm": _quote(realm), "nonce": _quote(nonce), "uri": _quote(target)}
    if _qops(challenge):
        uses = f"{count:08x}"
        answer = hash_hex(_octets(f"{secret}:{nonce}:{uses}:{client_nonce}:auth:{request}"))
        fields |= {"qop": "auth", "nc": uses, "cnonce": _quote(client_nonce)}
    else:
        answer = hash_hex(_octets(f"{secret}:{nonce}:{request}"))
        if session:
            fields["cnonce"] = _quote(client_nonce)
    fields["response"] = _quote(answer)
    if "algorithm" in given:
        fields["algorithm"] = given["algorithm"]
    if "opaque" in given:
        fields["opaque"] = _quote(given["opaque"])
    return "Digest " + ", ".join(f"{name}={value}" for name, value in fields.items())
