"""The decision, as a table: what is on file, what the printer shows, what the queue says, and the verdict.

Q-numbers are quirks of printers' certificates; the T-rows are the ways in which CUPS comes to trust a certificate that
it did not expect. Each T-row here ends in refusal.
"""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.trust.judgement import CaVerdict, Judgement, Verdict, ca_files, judge
from backend.trust.pin_file import Pin, PinFile, parse_pins, uri_pins
from tests.unit.trust.certificates import NOW, certificate, day, kinds

CHECKOUT = Path(__file__).resolve().parents[3]
HOST = "printer"


def key_pin(kind: str = "usual", host: str = HOST, port: int = 443) -> Pin:
    return Pin(host, port, spki_sha256=certificate(kind).spki_sha256)


def cert_pin(kind: str = "usual", host: str = HOST, port: int = 443) -> Pin:
    return Pin(host, port, cert_sha256=certificate(kind).cert_sha256)


def both_pin(kind: str = "usual") -> Pin:
    return replace(key_pin(kind), cert_sha256=certificate(kind).cert_sha256)


def uri_pin(digest: bytes) -> tuple[Pin, ...]:
    return uri_pins(HOST, 443, [digest])


CA = Pin(HOST, 443, ca="site.pem")
SWAPPED_KEY = Pin(HOST, 443, cert_sha256=certificate().spki_sha256)
SWAPPED_CERT = Pin(HOST, 443, spki_sha256=certificate().cert_sha256)


def decide(pins: Any, kind: str, **options: Any) -> Judgement:
    """Judge one certificate shown by printer:443 today."""
    now = options.pop("now", NOW)
    host, port = options.pop("host", HOST), options.pop("port", 443)
    return judge(pins, host, port, certificate(kind).der, now=now, **options)


#: Name, pins on file, certificate shown, options, verdict.
TRUSTED: tuple[tuple[str, Any, str, dict[str, Any]], ...] = (
    ("key pin", [key_pin()], "usual", {}),
    ("certificate pin", [cert_pin()], "usual", {}),
    ("both", [both_pin()], "usual", {}),
    ("pin in the URI, of the key", uri_pin(certificate().spki_sha256), "usual", {}),
    ("pin in the URI, of the certificate", uri_pin(certificate().cert_sha256), "usual", {}),
    ("another spelling of the host", [key_pin()], "usual", {"host": "PRINTER."}),
    ("Q-55 1024 bits", [key_pin("rsa1024")], "rsa1024", {}),
    ("Q-56 SHA-1", [cert_pin("sha1")], "sha1", {}),
    ("Q-56 MD5", [key_pin("md5")], "md5", {}),
    ("Q-57 another name", [key_pin("other-name")], "other-name", {}),
    ("Q-57 no names", [cert_pin("no-names")], "no-names", {}),
    ("Q-59 second of three", [key_pin("impostor"), key_pin(), key_pin("rsa2048")], "usual", {}),
    ("Q-61 expired", [key_pin("expired")], "expired", {}),
    ("Q-61 dated 1972", [cert_pin("dated-1972")], "dated-1972", {}),
    ("Q-62 future", [key_pin("future")], "future", {}),
    ("Q-62 our clock at 1970", [key_pin()], "usual", {"now": 0}),
    ("Q-63 renewed, key pin", [key_pin()], "renewed", {}),
    ("Q-63 renewed, both on file", [both_pin()], "renewed", {}),
    ("Q-63 renewed under another name", [key_pin()], "renewed-other-name", {}),
    ("Q-64 signed by a CA, leaf pinned", [key_pin("signed")], "signed", {}),
    ("Q-65 serial 0", [cert_pin("serial-0")], "serial-0", {}),
    ("Q-65 serial 1", [key_pin("serial-1")], "serial-1", {}),
    ("trust=pin", [key_pin(), CA], "usual", {"trust": "pin"}),
    ("hash fits, CA does not", [key_pin(), CA], "usual", {"ca_verdict": CaVerdict(20)}),
    ("CA fits, hash does not", [key_pin("impostor"), CA], "signed", {"ca_verdict": CaVerdict()}),
    ("CA alone", [CA], "signed", {"ca_verdict": CaVerdict()}),
    ("trust=ca", [CA], "signed", {"trust": "ca", "ca_verdict": CaVerdict()}),
    ("trust=system", [], "signed", {"trust": "system", "ca_verdict": CaVerdict()}),
    ("in its dates, strict", [key_pin()], "usual", {"expired": "refuse"}),
    ("512 bits, legacy", [key_pin("rsa512")], "rsa512", {"legacy": True}),
    ("Ed25519", [key_pin("ed25519")], "ed25519", {}),
)

REFUSED: tuple[tuple[str, Any, str, dict[str, Any], Verdict], ...] = (
    ("another printer's pin", [key_pin(host="other")], "usual", {}, Verdict.UNKNOWN),
    ("Q-60 another port's pin", [key_pin(port=8443)], "usual", {}, Verdict.UNKNOWN),
    ("Q-60 another port", [key_pin()], "usual", {"port": 8443}, Verdict.UNKNOWN),
    ("Q-58 new, earlier expiry", [both_pin()], "reset-earlier", {}, Verdict.CHANGED),
    ("Q-63 renewed, certificate pin", [cert_pin()], "renewed", {}, Verdict.CHANGED),
    ("Q-61 expired, strict", [key_pin("expired")], "expired", {"expired": "refuse"}, Verdict.EXPIRED),
    ("Q-61 dated 1972, strict", [cert_pin("dated-1972")], "dated-1972", {"expired": "refuse"}, Verdict.EXPIRED),
    ("Q-62 future, strict", [key_pin("future")], "future", {"expired": "refuse"}, Verdict.NOT_YET_VALID),
    ("Q-62 our clock at 1970, strict", [key_pin()], "usual", {"expired": "refuse", "now": 0}, Verdict.NOT_YET_VALID),
    ("Q-65 same serial, other device", [both_pin("serial-1")], "serial-1-other-device", {}, Verdict.CHANGED),
    ("512 bits", [key_pin("rsa512")], "rsa512", {}, Verdict.WEAK_KEY),
    ("512 bits, certificate pin", [cert_pin("rsa512")], "rsa512", {}, Verdict.WEAK_KEY),
    ("512 bits, legacy, not pinned", [key_pin()], "rsa512", {"legacy": True}, Verdict.CHANGED),
    ("expired and unknown", [], "expired", {}, Verdict.UNKNOWN),
    ("expired and changed", [key_pin()], "expired", {"expired": "refuse"}, Verdict.CHANGED),
    ("pins in the URI fit no other", uri_pin(certificate("impostor").spki_sha256), "usual", {}, Verdict.CHANGED),
    ("key's hash as a certificate's", [SWAPPED_KEY], "usual", {}, Verdict.CHANGED),
    ("certificate's hash as a key's", [SWAPPED_CERT], "usual", {}, Verdict.CHANGED),
    ("CA refuses", [CA], "impostor-signed", {"ca_verdict": CaVerdict(20)}, Verdict.CA_REFUSED),
    ("CA, another name", [CA], "signed", {"ca_verdict": CaVerdict(62)}, Verdict.CA_REFUSED),
    ("CA, not checked", [CA], "signed", {}, Verdict.CA_REFUSED),
    ("CA, expired", [CA], "expired", {"ca_verdict": CaVerdict(10)}, Verdict.EXPIRED),
    ("CA, not yet valid", [CA], "future", {"ca_verdict": CaVerdict(9)}, Verdict.NOT_YET_VALID),
    ("CA refuses, hash differs", [CA, key_pin()], "impostor", {"ca_verdict": CaVerdict(20)}, Verdict.CHANGED),
    ("CA of another printer", [replace(CA, host="other")], "signed", {"ca_verdict": CaVerdict()}, Verdict.UNKNOWN),
    ("CA speaks, none is on file", [], "signed", {"ca_verdict": CaVerdict()}, Verdict.UNKNOWN),
    ("CA speaks, only hashes on file", [key_pin()], "signed", {"ca_verdict": CaVerdict()}, Verdict.CHANGED),
    ("trust=ca with hashes only", [key_pin()], "usual", {"trust": "ca", "ca_verdict": CaVerdict()}, Verdict.UNKNOWN),
    ("trust=ca", [key_pin(), CA], "usual", {"trust": "ca", "ca_verdict": CaVerdict(20)}, Verdict.CA_REFUSED),
    ("trust=pin with a CA only", [CA], "signed", {"trust": "pin", "ca_verdict": CaVerdict()}, Verdict.UNKNOWN),
    ("trust=system", [key_pin()], "usual", {"trust": "system", "ca_verdict": CaVerdict(20)}, Verdict.CA_REFUSED),
    ("trust=system not checked", [], "signed", {"trust": "system"}, Verdict.CA_REFUSED),
    ("512 bits under a CA", [CA], "rsa512", {"ca_verdict": CaVerdict()}, Verdict.WEAK_KEY),
)  # fmt: skip

#: How CUPS comes to trust what it should not (printer-side of each row), and what we say.
TRUST_ON_FIRST_USE: tuple[tuple[str, Any, str, dict[str, Any], Verdict], ...] = (
    ("T-1 self-made, right name, later expiry", [both_pin()], "impostor-later", {}, Verdict.CHANGED),
    ("T-2 old one expired, so is the new", [both_pin("expired")], "impostor-expired-later", {}, Verdict.CHANGED),
    ("T-2 old one expired, new one not yet valid", [both_pin("expired")], "impostor-not-yet", {}, Verdict.CHANGED),
    ("T-3 nothing on file counts as first use", [], "impostor", {}, Verdict.UNKNOWN),
    ("T-4 on file under another port", [key_pin(port=631)], "impostor", {}, Verdict.UNKNOWN),
    ("T-5 a later connection", [both_pin()], "impostor", {}, Verdict.CHANGED),
    ("T-6 chain of two home-made certificates", [both_pin("signed")], "impostor-signed", {}, Verdict.CHANGED),
    ("T-6 the same in CA mode", [CA], "impostor-signed", {"ca_verdict": CaVerdict(7)}, Verdict.CA_REFUSED),
    ("T-10 chain of two skips the pin", [both_pin()], "impostor-signed", {}, Verdict.CHANGED),
    ("T-12 pins that were never written", [], "usual", {}, Verdict.UNKNOWN),
    ("T-13 later expiry, single certificate", [cert_pin()], "impostor-later", {}, Verdict.CHANGED),
    ("T-14 another peer after a reconnect", [key_pin()], "impostor-same-dates", {}, Verdict.CHANGED),
)  # fmt: skip


@pytest.mark.parametrize("name, pins, kind, options", TRUSTED, ids=[row[0] for row in TRUSTED])
def test_trusted(name: str, pins: Any, kind: str, options: dict[str, Any]) -> None:
    """What the administrator put on file is trusted, however odd it is."""
    judgement = decide(pins, kind, **dict(options))
    assert (judgement.verdict, judgement.trusted) == (Verdict.TRUSTED, True)


ALL_REFUSED = REFUSED + TRUST_ON_FIRST_USE


@pytest.mark.parametrize("name, pins, kind, options, verdict", ALL_REFUSED, ids=[row[0] for row in ALL_REFUSED])
def test_refused(name: str, pins: Any, kind: str, options: dict[str, Any], verdict: Verdict) -> None:
    """What is not on file is refused, with the verdict that says why."""
    judgement = decide(pins, kind, **dict(options))
    assert (judgement.verdict, judgement.trusted) == (verdict, False)


@pytest.mark.parametrize("name, pins, kind, options", TRUSTED[:24], ids=[row[0] for row in TRUSTED[:24]])
def test_every_trust_has_its_refusal(name: str, pins: Any, kind: str, options: dict[str, Any]) -> None:
    """The same pins refuse a printer with another key and the same words."""
    assert not decide(pins, "impostor-later", **dict(options)).trusted


@pytest.mark.parametrize("kind", sorted(kinds()))
def test_a_pin_fits_only_its_certificate_or_key(kind: str) -> None:
    """A pin of the whole certificate trusts that one of all kinds, and a pin of the key those with that key."""
    by_certificate = {shown for shown in kinds() if decide([cert_pin(kind)], shown, legacy=True).trusted}
    by_key = {shown for shown in kinds() if decide([key_pin(kind)], shown, legacy=True).trusted}
    key = certificate(kind).spki_sha256
    assert by_certificate == {kind}
    assert by_key == {shown for shown in kinds() if certificate(shown).spki_sha256 == key}


@pytest.mark.parametrize("text", ["", "# nothing\n"])
def test_t3_an_empty_file_is_no_first_use(text: str) -> None:
    """T-3: a file that says nothing trusts nobody."""
    assert decide(parse_pins(text), "usual").verdict is Verdict.UNKNOWN


def test_t9_changed_is_an_answer_of_its_own() -> None:
    """T-9: unknown, changed and expired never fold into one."""
    verdicts = {
        decide([], "usual").verdict,
        decide([key_pin()], "impostor").verdict,
        decide([key_pin("expired")], "expired", expired="refuse").verdict,
    }
    assert verdicts == {Verdict.UNKNOWN, Verdict.CHANGED, Verdict.EXPIRED}


def test_pin_file_as_it_stands() -> None:
    """A whole pin file may be given; only its lines for host and port count."""
    file = PinFile().with_pin(key_pin("impostor", host="other")).with_pin(key_pin())
    assert decide(file, "usual").trusted
    assert not decide(file, "impostor").trusted
    assert decide(file.pins, "impostor").verdict is Verdict.CHANGED


@pytest.mark.parametrize("shown", [None, b"", b"\x30\x03\x02\x01\x05", b"not a certificate", b"\0" * 5000])
def test_bytes_that_are_no_certificate(shown: bytes | None) -> None:
    """No certificate, or rubbish, is never trusted and never crashes."""
    assert judge([key_pin()], HOST, 443, shown, now=NOW).verdict in (Verdict.UNREADABLE, Verdict.CHANGED)
    assert judge([], HOST, 443, shown, now=NOW).verdict in (Verdict.UNREADABLE, Verdict.UNKNOWN)
    assert not judge([Pin(HOST, 443), CA], HOST, 443, shown, now=NOW).trusted


def test_a_certificate_that_cannot_be_parsed_is_pinned_as_a_whole() -> None:
    """What no library reads can still be recognised by the hash of its bytes, with a warning about its dates."""
    import hashlib

    odd = certificate().der + b"\0"
    pin = Pin(HOST, 443, cert_sha256=hashlib.sha256(odd).digest())
    judgement = judge([pin], HOST, 443, odd, now=NOW)
    assert judgement.trusted and "dates that cannot be read" in judgement.warnings[0]
    assert judge([pin], HOST, 443, odd, now=NOW, expired="refuse").verdict is Verdict.UNREADABLE
    assert not judge([pin], HOST, 443, certificate().der, now=NOW).trusted


@pytest.mark.parametrize(
    "kind, words",
    [
        ("expired", "expired"),
        ("dated-1972", "1972-01-01, expired"),
        ("future", "not yet valid"),
        ("rsa1024", "RSA key has only 1024 bits"),
        ("sha1", "SHA-1 with RSA"),
        ("md5", "MD5 with RSA"),
    ],
)
def test_warnings(kind: str, words: str) -> None:
    """What is weak or out of date under a matching pin is said once, and the job goes on."""
    judgement = decide([cert_pin(kind)], kind)
    assert judgement.trusted and len(judgement.warnings) == 1 and words in judgement.warnings[0]


@pytest.mark.parametrize("kind", ["usual", "rsa2048", "ed25519", "other-name", "serial-1"])
def test_no_warnings(kind: str) -> None:
    """An ordinary certificate needs no word."""
    assert decide([cert_pin(kind)], kind).warnings == ()


@pytest.mark.parametrize(
    "pin, kind, renewed",
    [
        (both_pin(), "usual", False),
        (both_pin(), "renewed", True),
        (key_pin(), "renewed", False),
        (cert_pin(), "usual", False),
    ],
)
def test_renewal_is_noticed(pin: Pin, kind: str, renewed: bool) -> None:
    """A new certificate with the old key is trusted, and said to be new where the old one is on file (Q-63)."""
    assert decide([pin], kind).renewed == renewed


def test_the_pin_that_fits_is_named() -> None:
    """Of several pins the judgement carries the one that fits, and all that were expected."""
    pins = (replace(key_pin("impostor"), label="a"), replace(key_pin(), label="b"))
    judgement = decide(pins, "usual")
    assert judgement.pin == pins[1] and judgement.expected == pins


def test_ca_files() -> None:
    """The handshake gets the CA files of this host and port, each once, and none where the queue trusts otherwise."""
    pins = [
        CA,
        replace(CA, label="again"),
        replace(CA, ca="two.pem"),
        replace(CA, host="other", ca="three.pem"),
        key_pin(),
    ]
    assert ca_files(pins, "PRINTER", 443) == ("site.pem", "two.pem")
    assert ca_files(pins, HOST, 443, trust="ca") == ("site.pem", "two.pem")
    assert ca_files(pins, HOST, 443, trust="pin") == ca_files(pins, HOST, 443, trust="system") == ()


@pytest.mark.parametrize("options", [{"expired": "ignore"}, {"trust": "all"}, {"trust": ""}])
def test_an_option_that_is_not_known_raises(options: dict[str, str]) -> None:
    """A mistyped option is a fault of the program, and never a way to less trust."""
    with pytest.raises(ValueError):
        decide([key_pin()], "usual", **options)


@pytest.mark.parametrize("now", [NOW, NOW.timestamp(), NOW.replace(tzinfo=None), int(NOW.timestamp())])
def test_now(now: datetime | float) -> None:
    """The present may be a datetime or seconds since 1970."""
    assert decide([key_pin()], "usual", now=now, expired="refuse").trusted
    assert decide([key_pin()], "usual", now=day(2031).timestamp(), expired="refuse").verdict is Verdict.EXPIRED


def test_an_ordinary_job_imports_no_x509_library() -> None:
    """A certificate whose hash is on file is trusted without the cryptography library."""
    made = certificate()
    program = (
        f"import sys; sys.path.insert(0, {str(CHECKOUT)!r})\n"
        "from backend.trust.judgement import judge\n"
        "from backend.trust.pin_file import parse_pins\n"
        f"pins = parse_pins('printer:443 spki-sha256:{made.spki_sha256.hex()} cert-sha256:{made.cert_sha256.hex()}')\n"
        f"print(judge(pins, 'printer', 443, bytes.fromhex('{made.der.hex()}'), now=1.7e9).verdict.name)\n"
        "print(*[name for name in sys.modules if 'cryptography' in name or 'x509' in name or name == 'urllib'])\n"
    )
    done = subprocess.run([sys.executable, "-I", "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split("\n") == ["TRUSTED", "", ""]


@given(st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 255)), max_size=5), st.integers(0, 3))
def test_changed_bytes_are_never_trusted_by_the_certificate(changes: list[tuple[int, int]], more: int) -> None:
    """Any other bytes than the pinned certificate's are not trusted under its hash."""
    data = bytearray(certificate().der)
    for position, value in changes:
        data[position % len(data)] = value
    shown = bytes(data) + b"\0" * more
    judgement = judge([cert_pin()], HOST, 443, shown, now=NOW)
    assert judgement.trusted == (shown == certificate().der)


@given(st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 255)), min_size=1, max_size=5))
def test_changed_bytes_are_trusted_by_the_key_only_with_that_key(changes: list[tuple[int, int]]) -> None:
    """Damage elsewhere may pass under a key pin, but never another key."""
    data = bytearray(certificate("rsa2048").der)
    for position, value in changes:
        data[position % len(data)] = value
    judgement = judge([key_pin("rsa2048")], HOST, 443, bytes(data), now=NOW)
    assert not judgement.trusted or (judgement.certificate.spki or b"-") in certificate("rsa2048").der


@given(st.binary(max_size=2000))
def test_any_bytes_are_refused(shown: bytes) -> None:
    """No bytes make the judge raise or trust."""
    assert not judge([both_pin(), CA, *uri_pin(bytes(32))], HOST, 443, shown, now=NOW).trusted
