"""ipps443ctl import: the file that a printer's web page, or a CA, gave out."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from backend.trust.certificate_file import as_pem, load_certificates
from backend.trust.fingerprint import as_hex
from tests.printer import Printer, make_authority, make_certificate, with_chain
from tests.unit.control.conftest import Cups, Desk
from tests.unit.trust.certificates import certificate, day

DATES = {"not_before": day(2020), "not_after": day(2035)}
OWN = make_certificate("printer", names=("printer",), **DATES)  # type: ignore


def save(desk: Desk, content: bytes, name: str = "SystemCert.pem") -> str:
    path = desk.folder / name
    path.write_bytes(content)
    return str(path)


@pytest.mark.parametrize("form", ["PEM", "CRLF", "DER"])
def test_exported_certificate(desk: Desk, form: str) -> None:
    """The file is pinned by both hashes in whatever form the web page wrote it, and nobody is asked."""
    content = {"PEM": as_pem(OWN.der), "CRLF": as_pem(OWN.der).replace(b"\n", b"\r\n"), "DER": OWN.der}[form]
    assert desk.run("import", save(desk, content), "printer") == 0
    assert desk.on_file("printer", 443) == [(OWN.cert_sha256, OWN.spki_sha256)]
    assert as_hex(OWN.cert_sha256) in desk.output and "Pinned: printer:443" in desk.output


@pytest.mark.parametrize("shape", ["leaf", "full", "reversed", "leaf+root", "intermediate"])
def test_chain(desk: Desk, shape: str) -> None:
    """Of a chain in any order the printer's own certificate is pinned (Q-64)."""
    made = with_chain(shape, common_name="printer", names=("printer",), **DATES)
    assert desk.run("import", save(desk, made.pem_chain), "printer") == 0
    assert desk.on_file("printer", 443) == [(made.cert_sha256, made.spki_sha256)]


def test_the_seed_story(desk: Desk) -> None:
    """A certificate of 1972, a new one exported as SystemCert.pem, then one signed by a CA: each has its answer."""
    with Printer(certificate=certificate("dated-1972")) as printer:
        host = f"localhost:{printer.port}"
        desk.write("")
        assert desk.run("verify", host) == 1
        assert "No pin" in desk.errors and "valid 1970-01-01 to 1972-01-01, expired" in desk.errors
        assert desk.run("pin", host, "--yes") == 0 and "it expired on 1972-01-01" in desk.output

        printer.certificate = OWN
        assert desk.run("verify", host) == 1
        assert "presents a different certificate" in desk.errors and OWN.cert_sha256.hex() in desk.errors
        exported = as_pem(OWN.der).replace(b"\n", b"\r\n")
        assert desk.run("import", save(desk, exported), host) == 0
        assert desk.run("verify", host) == 0
        assert printer.http_bytes == 0


def test_old_pins_stay_unless_replaced(desk: Desk) -> None:
    """Import adds; --replace takes the others off."""
    other = save(desk, as_pem(certificate().der), "other.pem")
    desk.run("import", other, "printer")
    desk.run("import", save(desk, as_pem(OWN.der)), "printer")
    assert len(desk.on_file("printer", 443)) == 2 and "staying" in desk.output
    desk.run("import", other, "printer", "--replace")
    assert desk.on_file("printer", 443) == [(certificate().cert_sha256, certificate().spki_sha256)]


def test_several_that_could_be_meant(desk: Desk) -> None:
    """Where the file does not say which one is the printer's, the fingerprint has to."""
    path = save(desk, as_pem(OWN.der) + as_pem(certificate().der))
    assert desk.run("import", path, "printer") == 1 and "--fingerprint" in desk.errors
    assert desk.run("import", path, "printer", "--fingerprint", as_hex(OWN.cert_sha256)) == 0
    assert desk.on_file("printer", 443) == [(OWN.cert_sha256, OWN.spki_sha256)]


@pytest.mark.parametrize("more, said", [(("--fingerprint", "0" * 64), "fingerprint"), (("--ca",), "without --ca")])
def test_not_what_was_asked_for(desk: Desk, more: tuple[str, ...], said: str) -> None:
    """A file without the certificate that was asked for pins nothing; a printer's own certificate is no CA."""
    assert desk.run("import", save(desk, OWN.der), "printer", *more) == 1
    assert said in desk.errors and desk.text is None


@pytest.mark.parametrize(
    "content, status",
    [(b"", 1), (b"<html>", 1), (as_pem(OWN.der)[:300], 1), (b"\x30" * (2 << 20), 1), (None, 2)],
)
def test_file_without_certificate(desk: Desk, content: bytes | None, status: int) -> None:
    """A file that holds no certificate, or is not there, pins nothing and names the file."""
    path = str(desk.folder / "missing") if content is None else save(desk, content)
    assert desk.run("import", path, "printer") == status
    assert path in desk.errors and desk.text is None


def test_stopped_queues_go_on(desk: Desk) -> None:
    """The queue that had stopped for want of this pin is enabled."""
    cups = Cups(
        {
            "laser": {
                "device-uri": "ipps443://printer/ipp/print",
                "printer-state": 5,
                "printer-state-reasons": ["cups-pki-unknown"],
            }
        }
    )
    desk.cups = lambda: cups
    assert desk.run("import", save(desk, OWN.der), "printer") == 0
    assert cups.enabled == ["laser"]


# --- CA ---------------------------------------------------------------------------------------------------


def test_ca(desk: Desk) -> None:
    """--ca writes the CA beside the pin file and a line that names it."""
    root = make_authority("Site CA")
    assert desk.run("import", save(desk, root.cert_pem, "Site CA (2026).crt"), "printer", "--ca") == 0
    (pin,) = desk.pins.pins
    assert pin.ca and pin.ca.startswith("Site-CA-2026-") and pin.ca.endswith(".pem")
    file = Path(desk.path).with_name(pin.ca)
    assert load_certificates(file.read_bytes()) == (root.der,)
    assert oct(file.stat().st_mode & 0o777) == "0o640"
    assert "CN=Site CA" in desk.output


def test_ca_of_a_chain(desk: Desk) -> None:
    """Of a whole chain the CAs are taken and the leaf is not."""
    made = with_chain("full", common_name="printer", names=("printer",))
    assert desk.run("import", save(desk, made.pem_chain), "printer", "--ca") == 0
    content = Path(desk.path).with_name(str(desk.pins.pins[0].ca)).read_bytes()
    assert made.der not in load_certificates(content) and len(load_certificates(content)) == 2


def test_ca_by_fingerprint(desk: Desk) -> None:
    """Of several CAs the one with the fingerprint is taken."""
    one, two = make_authority("One"), make_authority("Two")
    path = save(desk, one.cert_pem + two.cert_pem)
    assert desk.run("import", path, "printer", "--ca", "--fingerprint", as_hex(two.cert_sha256)) == 0
    assert load_certificates(Path(desk.path).with_name(str(desk.pins.pins[0].ca)).read_bytes()) == (two.der,)
    assert desk.run("import", path, "printer", "--ca", "--fingerprint", as_hex(OWN.cert_sha256)) == 1


def test_two_cas_of_one_file_name_do_not_overwrite_each_other(desk: Desk) -> None:
    """Files from two sites, both called ca.pem, both stay."""
    for host in ("one", "two"):
        assert desk.run("import", save(desk, make_authority(host).cert_pem, "ca.pem"), host, "--ca") == 0
    files = {pin.ca for pin in desk.pins.pins}
    assert len(files) == 2 and all(os.path.exists(Path(desk.path).with_name(str(name))) for name in files)


def test_ca_in_place_of_a_pin(desk: Desk) -> None:
    """--replace works with --ca as well."""
    desk.run("import", save(desk, OWN.der), "printer")
    assert desk.run("import", save(desk, make_authority("Site").cert_pem), "printer", "--ca", "--replace") == 0
    (pin,) = desk.pins.pins
    assert pin.ca and desk.stored() == []
