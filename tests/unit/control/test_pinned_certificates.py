"""backend.control.pinned_certificates: the copy beside a pin, and the certificates of a CA."""

from __future__ import annotations

from pathlib import Path

from backend.control.pinned_certificates import certificates_on_file, copy_name
from backend.trust.pin_file import parse_pins
from tests.printer import make_certificate

ONE, OTHER = make_certificate("one"), make_certificate("other")


def test_copies_are_of_the_pinned_certificate_alone(tmp_path: Path) -> None:
    """Others in its file are not shown; of a CA's file all are, and a pin of a key alone has none."""
    lines = (f"a:443 cert-sha256:{ONE.cert_sha256.hex()}", "b:443 ca:office.pem", f"c:443 spki-sha256:{'0' * 64}")
    pinned, by_ca, by_key = parse_pins("\n".join(lines)).pins
    for name in (copy_name(ONE.cert_sha256), "office.pem"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(OTHER.cert_pem + ONE.cert_pem)
    found = [certificates_on_file(pin, str(tmp_path)) for pin in (pinned, by_ca, by_key)]
    assert found == [(ONE.der,), (OTHER.der, ONE.der), ()]
