"""HTTP authentication as a printer asks for it: Basic (RFC 7617) and Digest (RFC 7616). Quirks Q-33 to Q-37.

Digest is checked in full: response, uri, algorithm, and nc (which must grow); the nonces are made here and remembered.
"""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from dataclasses import dataclass, field

from tests.printer.faults import Faults
from tests.printer.http_messages import Request

REALM = "scripted printer"
HASHES = {"MD5": hashlib.md5, "SHA-256": hashlib.sha256}

_PARAMETER = re.compile(r'(\w+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))')

# Which Digest algorithms, and whether Basic, each value of the ``auth`` switch offers; in that order, one header each.
OFFERS: dict[str, tuple[str, ...]] = {
    "basic": ("Basic",),
    "digest-md5": ("MD5",),
    "digest-sha256": ("SHA-256",),
    "digest-both": ("SHA-256", "MD5"),
    "digest-stale": ("SHA-256",),
    "digest-old": ("old",),
    "multi": ("Negotiate", "NTLM", "MD5", "Basic"),
    "negotiate": ("Negotiate", "NTLM"),
    "never": ("Basic",),
}


@dataclass(frozen=True)
class Credential:
    """What a client showed in one request."""

    scheme: str
    user: str
    password: str | None  # Basic only
    header: str
    accepted: bool


@dataclass
class Authenticator:
    """Challenges and checks; remembers the nonces given out."""

    nonces: dict[str, int] = field(default_factory=dict)  # to the highest nc seen
    stale: set[str] = field(default_factory=set)

    def challenges(self, faults: Faults, stale: bool = False) -> list[tuple[str, str]]:
        """The WWW-Authenticate headers of a 401."""
        return [("WWW-Authenticate", self._challenge(offer, stale)) for offer in OFFERS[faults.auth]]

    def _challenge(self, offer: str, stale: bool) -> str:
        if offer in ("Negotiate", "NTLM"):
            return offer
        if offer == "Basic":
            return f'Basic realm="{REALM}", charset="UTF-8"'
        nonce = secrets.token_hex(16)
        self.nonces[nonce] = 0
        if offer == "old":  # RFC 2069: neither qop nor algorithm
            return f'Digest realm="{REALM}", nonce="{nonce}"'
        again = ", stale=true" if stale else ""
        return f'Digest realm="{REALM}", qop="auth", algorithm={offer}, nonce="{nonce}", opaque="5ca1ab1e"{again}'

    def check(self, request: Request, faults: Faults) -> tuple[Credential | None, bool]:
        """What the client showed (None when nothing), and whether its nonce is only too old."""
        header = request.header("authorization")
        if header is None:
            return None, False
        scheme, _, rest = header.partition(" ")
        if scheme.lower() == "basic":
            return self._basic(header, rest, faults), False
        if scheme.lower() == "digest":
            return self._digest(header, rest, request, faults)
        return Credential(scheme, "", None, header, False), False

    def _basic(self, header: str, rest: str, faults: Faults) -> Credential:
        try:
            user, _, password = base64.b64decode(rest, validate=True).decode().partition(":")
        except ValueError:
            return Credential("Basic", "", None, header, False)
        good = (user, password) == (faults.user, faults.password)
        offered = "Basic" in OFFERS.get(faults.auth, ()) and faults.auth != "never"
        return Credential("Basic", user, password, header, good and offered)

    def _digest(self, header: str, rest: str, request: Request, faults: Faults) -> tuple[Credential, bool]:
        given = {name.lower(): quoted or plain for name, quoted, plain in _PARAMETER.findall(rest)}
        nonce = given.get("nonce", "")
        right = self._digest_is_right(given, request, faults)
        stale = right and (nonce in self.stale or self._wears_out(nonce, given, faults))
        user = re.sub(r"\\(.)", r"\1", given.get("username", ""))
        return Credential("Digest", user, None, header, right and not stale), stale

    def _wears_out(self, nonce: str, given: dict[str, str], faults: Faults) -> bool:
        """Count the use of a nonce; digest-stale gives each up when it is used for the second time."""
        count = int(given.get("nc", "1") or "1", 16)
        used, self.nonces[nonce] = self.nonces[nonce], count
        if faults.auth == "digest-stale" and used:
            self.stale.add(nonce)
            return True
        return "nc" in given and count <= used

    def _digest_is_right(self, given: dict[str, str], request: Request, faults: Faults) -> bool:
        offers = OFFERS.get(faults.auth, ())
        algorithm = given.get("algorithm", "MD5")
        offered = ("old" in offers and "algorithm" not in given) or algorithm in offers
        if not offered or algorithm not in HASHES or given.get("nonce") not in self.nonces:
            return False
        if given.get("uri") != request.target or given.get("realm") != REALM:
            return False
        if faults.auth != "digest-old" and (given.get("qop") != "auth" or given.get("opaque") != "5ca1ab1e"):
            return False
        return given.get("response") == _response(given, request.method, algorithm, faults)


def _response(given: dict[str, str], method: str, algorithm: str, faults: Faults) -> str:
    """RFC 7616 section 3.4.1; without qop as in RFC 2069."""

    def digest(text: str) -> str:
        return HASHES[algorithm](text.encode()).hexdigest()

    a1 = digest(f"{faults.user}:{REALM}:{faults.password}")
    a2 = digest(f"{method}:{given['uri']}")
    if "qop" in given:
        return digest(":".join((a1, given["nonce"], given.get("nc", ""), given.get("cnonce", ""), given["qop"], a2)))
    return digest(f"{a1}:{given['nonce']}:{a2}")
