"""What an administrator is told: which printer, both fingerprints, the dates, and one command to run."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend import errors
from backend.trust.fingerprint import parse_fingerprint
from backend.trust.judgement import CaVerdict, judge
from backend.trust.pin_file import Pin, uri_pins
from backend.trust.refusal import to_error
from tests.unit.trust.certificates import NOW, certificate

HOST = "printer.example"
KEY, CERT = certificate().spki_sha256, certificate().cert_sha256
PIN = Pin(HOST, 443, KEY, CERT)
OTHER = Pin(HOST, 443, bytes(32), bytes(range(32)))
URI = "ipps443://printer.example/ipp/print"


def error_for(pins: Any, kind: str = "usual", host: str = HOST, port: int = 443, **options: Any) -> errors.TrustError:
    """Return the error for a certificate that is refused."""
    told = {name: options.pop(name) for name in ("queue", "device_uri") if name in options}
    return to_error(judge(pins, host, port, certificate(kind).der, now=NOW, **options), **told)


def test_unknown() -> None:
    """No pin: the presented fingerprints, the dates, and the command that pins."""
    error = error_for([])
    assert isinstance(error, errors.PrinterUnknown) and error.state_word == "cups-pki-unknown"
    assert error.command == "ipps443ctl pin printer.example"
    for part in ("printer.example:443", CERT.hex(), KEY.hex(), "valid 2020-01-01 to 2030-01-01", "Nothing was sent"):
        assert part in error.detail
    assert "Nothing was sent" in error.text and "ompare" in error.text and error.command in error.text


def test_changed() -> None:
    """Another certificate: presented and expected fingerprints in the same form, and the command that replaces."""
    error = error_for([OTHER])
    assert isinstance(error, errors.CertificateChanged) and error.state_word == "cups-pki-changed"
    assert error.command == "ipps443ctl pin printer.example --replace"
    assert error.presented == f"sha256: {CERT.hex()} (key sha256: {KEY.hex()})"
    assert error.expected == f"sha256: {bytes(range(32)).hex()} (key sha256: {bytes(32).hex()})"


def test_expired() -> None:
    """Out of its dates in a strict queue: the dates, and what to do after the renewal."""
    pin = Pin(HOST, 443, certificate("dated-1972").spki_sha256)
    error = error_for([pin], "dated-1972", expired="refuse")
    assert isinstance(error, errors.CertificateExpired) and error.state_word == "cups-pki-expired"
    assert "valid 1970-01-01 to 1972-01-01, expired" in error.text and "valid 1970" in error.detail
    assert error.command == "ipps443ctl pin printer.example --replace"


def test_not_yet_valid() -> None:
    """A certificate of the future is out of its dates too, and the message says in which direction."""
    error = error_for([Pin(HOST, 443, certificate("future").spki_sha256)], "future", expired="refuse")
    assert isinstance(error, errors.CertificateExpired) and "not yet valid" in error.validity


def test_weak_key() -> None:
    """A key that anybody can break is refused with its size."""
    error = error_for([Pin(HOST, 443, certificate("rsa512").spki_sha256)], "rsa512")
    assert isinstance(error, errors.CertificateRefused) and "512 bits" in error.reason
    assert error.command.endswith("ipps443ctl pin printer.example --replace")


@pytest.mark.parametrize(
    "verdict, words",
    [
        (CaVerdict(20, "unable to get local issuer certificate"), '"printer" signed it'),
        (CaVerdict(7), "signature in its chain is false"),
        (CaVerdict(99, "words of OpenSSL"), "words of OpenSSL"),
        (None, "not checked"),
    ],
)
def test_ca_refusal(verdict: CaVerdict | None, words: str) -> None:
    """What OpenSSL found is said in words that lead somewhere, with the command that adds a CA."""
    error = error_for([Pin(HOST, 443, ca="site.pem")], ca_verdict=verdict)
    assert isinstance(error, errors.CertificateRefused) and words in error.reason
    assert error.command.endswith("ipps443ctl import FILE printer.example --ca")
    assert ("intermediate" in error.command) == (verdict is not None and verdict.code == 20)


def test_no_certificate() -> None:
    """A peer without a certificate is refused as such."""
    error = to_error(judge([PIN], HOST, 443, None, now=NOW))
    assert isinstance(error, errors.CertificateRefused) and error.presented == "no certificate"


def test_port_in_the_command() -> None:
    """The command names the port when it is not 443, and keeps IPv6 in brackets."""
    assert ".example:8443" in str(error_for([], port=8443))
    assert error_for([], host="2001:DB8::1", port=8443).command == "ipps443ctl pin [2001:db8::1]:8443"  # type: ignore


@pytest.mark.parametrize(
    "code, kind, reason, advice",
    [
        (62, "usual", "a CA signed it for printer", "use that name in the device URI"),
        (64, "usual", "a CA signed it for printer", "use that name in the device URI"),
        (62, "two-names", "a CA signed it for printer07.example and 1 more", "It is for printer07.example, 192.0.2.7,"),
        (62, "no-names", "no name for hosts (subjectAltName)", "Have one made with it"),
        (62, "hostile-name", "a CA signed it for a different name", "It is for no name,"),
        (26, "usual", "for clients only", "Make a certificate for servers"),
    ],
)
def test_ca_that_is_on_file_already(code: int, kind: str, reason: str, advice: str) -> None:
    """A CA has signed, and no other CA would help: both names are said, and nothing tells to import one."""
    error = error_for([Pin(HOST, 443, ca="site.pem")], kind, ca_verdict=CaVerdict(code))
    assert isinstance(error, errors.CertificateRefused) and reason in error.reason
    assert advice in error.detail and "import" not in error.detail
    assert error.detail.endswith("compare first, then run: ipps443ctl pin printer.example")
    assert "compare" in error.text and len(str(error)) <= 160 and "import" not in error.text
    if "use that name" in advice:
        assert f"the queue says {HOST}" in error.detail and "Use that name" in error.text


def test_key_that_is_pinned_under_a_different_name() -> None:
    """No new pin is advised for a printer that is known: the queue has a different name or address of it."""
    known = [Pin("printer07", 443, KEY), Pin("printer08", 443, bytes(32), CERT), Pin("printer09", 8443, bytes(32))]
    known.append(Pin(HOST, 631, KEY))  # a different port of the same name says nothing about the name
    error = to_error(judge([], HOST, 443, certificate().der, now=NOW), known=known)
    assert isinstance(error, errors.PrinterUnknown) and error.elsewhere == "printer07 or printer08"
    assert "printer07 or printer08" in error.text and "pinned for printer07" in error.detail
    assert "ipps443ctl pin" not in error.text and len(str(error)) <= 160
    nobody = to_error(judge([], HOST, 443, certificate("rsa2048").der, now=NOW), known=known)
    assert isinstance(nobody, errors.PrinterUnknown) and nobody.elsewhere == "" and "ipps443ctl pin" in nobody.text


def test_printers_that_have_changed_places() -> None:
    """The certificate of a different printer is no new one to pin, but an address that has moved."""
    error = to_error(judge([OTHER], HOST, 443, certificate().der, now=NOW), known=[OTHER, Pin("printer08", 443, KEY)])
    assert isinstance(error, errors.CertificateChanged) and error.elsewhere == "printer08"
    assert "pinned for printer08" in error.text and "ipps443ctl pin" not in error.text
    assert "check which printer has this address" in error.detail


def test_a_second_kind_of_key() -> None:
    """An EC certificate where an RSA one is pinned may be the same printer's: it is compared, and pinned beside it."""
    ours, shown = certificate("rsa2048"), certificate("ed25519")
    pin = Pin(HOST, 443, ours.spki_sha256, ours.cert_sha256)
    error = to_error(judge([pin], HOST, 443, shown.der, now=NOW), stored=[ours.der])
    assert isinstance(error, errors.CertificateChanged) and error.kinds == "Ed25519 key; pinned: RSA"
    assert error.kinds in error.text and error.command == "ipps443ctl pin printer.example"
    same = to_error(judge([pin], HOST, 443, certificate("rsa1024").der, now=NOW), stored=[ours.der])
    unknown = to_error(judge([pin], HOST, 443, shown.der, now=NOW), stored=[ours.der, b"no certificate"])
    for other in (same, unknown):
        assert isinstance(other, errors.CertificateChanged) and other.kinds == ""
        assert other.command == "ipps443ctl pin printer.example --replace"


@pytest.mark.parametrize(
    "uri, expected",
    [
        (f"{URI}?pin=sha256:00", f"{URI}?pin="),
        (f"{URI}?waitjob=false&pin=sha256:00&PIN=sha256:11&tls=1.3", f"{URI}?waitjob=false&tls=1.3&pin="),
        ("ipps443://u:se%40cret@printer.example/x?pin=00", "ipps443://u:PASSWORD@printer.example/x?pin="),
        ("ipps443://u@printer.example?pin=00", "ipps443://u@printer.example?pin="),
        ("ipps443://printer.example/it's?pin=00", "ipps443://printer.example/it%27s?pin="),
    ],
)
def test_pins_of_the_uri(uri: str, expected: str) -> None:
    """A queue with its own pins is fixed with lpadmin -v; other options stay, the password is never said.

    The hash that was shown does not stand in the command: nothing tells to pin what an impostor shows.
    """
    error = error_for(uri_pins(HOST, 443, [bytes(32)]), queue="laser", device_uri=uri)
    assert isinstance(error, errors.CertificateChanged)
    assert error.command == f"lpadmin -p laser -v '{expected}sha256:NEW-FINGERPRINT'"
    assert "cret" not in str(error)


@pytest.mark.parametrize("pins", [[], [OTHER], [PIN]], ids=["unknown", "changed", "not yet valid"])
def test_what_is_shown_can_be_pasted(pins: list[Pin]) -> None:
    """Each fingerprint in a message is one that --fingerprint takes, of the certificate or of the key."""
    error = to_error(judge(pins, HOST, 443, certificate().der, now=0, expired="refuse"))
    found = re.findall("sha256: [0-9a-f]+", error.detail)
    assert found and {parse_fingerprint(text) for text in found[:2]} == {CERT, KEY}
    assert {parse_fingerprint(text.removeprefix("sha256: ")) for text in found[:2]} == {CERT, KEY}


def test_lines_can_be_broken() -> None:
    """No word but a command is longer than a hash, so that a message does not run off a web page."""
    for pins in ([], [OTHER], [OTHER, Pin(HOST, 443, bytes(32))]):
        assert max(map(len, error_for(pins).detail.split())) <= 64 + len(");")


def test_every_message_is_one_short_line() -> None:
    """Many pins, a long name and a long URI still make one line that cupsd takes as one."""
    host = ".".join(["x" * 60] * 4)
    many = [replace(OTHER, host=host, cert_sha256=bytes([n] * 32)) for n in range(20)]
    labelled = [replace(pin, label="y" * 300) for pin in many]
    cases: list[list[Pin]] = [[], many, labelled, [Pin(host, 443, ca="z" * 200 + ".pem")]]
    for pins in cases:
        is_ca = bool(pins) and pins[0].ca is not None
        for uri in (None, f"ipps443://{host}/" + "p" * 300 + "?pin=00"):
            error = error_for(pins, host=host, queue="q" * 127, device_uri=uri)
            assert len(str(error)) <= 160 and str(error).endswith("]") and "lpadmin" not in str(error)
            text = error.detail
            assert len(text.encode()) < 900 and "\n" not in text
            assert ("lpadmin" in text) == (uri is not None and not is_ca)
            assert text.startswith(("No pin", "Printer", "Certificate"))


def test_trusted_is_no_error() -> None:
    """Nobody makes an error of a trusted printer."""
    with pytest.raises(ValueError):
        error_for([PIN])


@given(
    st.lists(st.sampled_from([PIN, OTHER, Pin(HOST, 443, ca="a.pem")])), st.binary(max_size=64), st.text(max_size=300)
)
def test_no_verdict_lacks_a_message(pins: list[Pin], shown: bytes, uri: str) -> None:
    """Whatever is refused, there is an error with a state word, a code, and a line of printable length."""
    for device_uri in (None, uri):
        error = to_error(judge(pins, HOST, 443, shown, now=NOW), queue="q", device_uri=device_uri)
        assert error.state_word.startswith("cups-") and error.code.startswith("T")
        assert len(error.detail.encode()) < 900 and len(str(error)) <= 160
