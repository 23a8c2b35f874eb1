"""Fingerprints in all the forms that people paste."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.trust.fingerprint import as_base64, as_hex, as_pairs, parse_fingerprint

DIGEST = bytes(range(200, 232))
HEX = DIGEST.hex()
BASE64 = base64.b64encode(DIGEST).decode()


@pytest.mark.parametrize(
    "text",
    [
        f"sha256:{HEX}",
        HEX,
        HEX.upper(),
        f"SHA256:{HEX.upper()}",
        f"sha-256:{HEX}",
        f"sha256 Fingerprint={DIGEST.hex(':').upper()}",
        f"SHA256 Fingerprint={DIGEST.hex(':').upper()}\n",
        DIGEST.hex(":"),
        DIGEST.hex(" "),
        DIGEST.hex("-"),
        f"sha256:{BASE64}",
        f"sha256//{BASE64}",
        f"SHA256:{BASE64.rstrip('=')}",
        BASE64,
        base64.urlsafe_b64encode(DIGEST).decode(),
        f"  sha256: {HEX} ",
    ],
)
def test_every_usual_form_is_understood(text: str) -> None:
    """Web pages, OpenSSL, OpenSSH, curl and our own messages write the same hash."""
    assert parse_fingerprint(text) == DIGEST


#: What is no fingerprint, by the word that says why.
REFUSED = {
    "64 hex digits": ("", HEX[:-1], HEX + "0", HEX[:-1] + "g", "sha1:" + HEX, BASE64[:-3], "é" * 64, HEX[:63] + "١"),
    "SHA-1": (HEX[:40], bytes(20).hex(":")),
    "MD5": (HEX[:32],),
    "last character": (BASE64[:-2] + "9=",),
}


@pytest.mark.parametrize("text, reason", [(text, reason) for reason, texts in REFUSED.items() for text in texts])
def test_everything_else_is_refused(text: str, reason: str) -> None:
    """A short, damaged or ambiguous fingerprint is an error that says why."""
    with pytest.raises(ValueError) as refusal:
        parse_fingerprint(text)
    assert reason in str(refusal.value)


@given(st.binary(min_size=32, max_size=32))
def test_what_we_write_we_read(digest: bytes) -> None:
    """All our forms of a hash lead back to it."""
    assert {parse_fingerprint(form(digest)) for form in (as_hex, as_pairs, as_base64)} == {digest}


@given(st.text(alphabet="0123456789abcdefABCDEF:+/= -shaSHA256" + "é", max_size=100))
def test_no_text_crashes(text: str) -> None:
    """Any text is 32 bytes or a ValueError."""
    try:
        assert len(parse_fingerprint(text)) == 32
    except ValueError:
        pass
