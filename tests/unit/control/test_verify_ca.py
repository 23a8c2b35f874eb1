"""ipps443ctl import --ca and verify: chains as printers send them, checked by OpenSSL in a real handshake (Q-64)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.printer import Certificate, Faults, Printer, make_authority, make_certificate, with_chain
from tests.unit.control.conftest import Desk
from tests.unit.trust.certificates import day

ROOT = make_authority("Root")
BETWEEN = make_authority("Between", issuer=ROOT)


def leaf(chain: tuple[Certificate, ...] = (), **options: Any) -> Certificate:
    """Return a certificate for localhost that Between signed, and what the printer sends with it."""
    arguments: dict[str, Any] = {"issuer": BETWEEN, **options}
    made = make_certificate(**arguments)
    return replace(made, chain=tuple(authority.cert_pem for authority in chain))


def import_ca(desk: Desk, printer: Printer, *authorities: Certificate) -> str:
    """Trust these CAs for the printer and return its name."""
    host = f"localhost:{printer.port}"
    path = desk.folder / "ca.pem"
    path.write_bytes(b"".join(authority.cert_pem for authority in authorities))
    assert desk.run("import", str(path), host, "--ca") == 0
    return host


TRUSTED: dict[str, tuple[tuple[Certificate, ...], Certificate]] = {
    "root on file, intermediate sent": ((ROOT,), leaf((BETWEEN,))),
    "root on file, whole chain sent": ((ROOT,), leaf((BETWEEN, ROOT))),
    "root on file, chain in the wrong order": ((ROOT,), leaf((ROOT, BETWEEN))),
    "both on file, leaf alone sent": ((ROOT, BETWEEN), leaf()),
    "intermediate alone on file": ((BETWEEN,), leaf()),
    "signed by the root": ((ROOT,), leaf(issuer=ROOT)),
    "two CAs on file": ((make_authority("Other"), ROOT), leaf(issuer=ROOT)),
}

REFUSED: dict[str, tuple[tuple[Certificate, ...], Certificate, str]] = {
    "missing intermediate": ((ROOT,), leaf(), "intermediate"),
    "another CA": ((make_authority("Other"),), leaf((BETWEEN,)), ""),
    "another CA of the same name": ((make_authority("Root"),), leaf((BETWEEN, ROOT)), ""),
    "T-11 the right root appended to a foreign chain": (
        (ROOT,),
        leaf((ROOT,), issuer=make_authority("Between")),
        "",
    ),
    "self-signed": ((ROOT,), make_certificate(), ""),
    "self-signed with the CA's name": ((ROOT,), make_certificate("Root"), ""),
    "another name": ((ROOT,), leaf((BETWEEN,), names=("elsewhere",)), "a CA signed it for elsewhere"),
    "right common name, other names": (
        (ROOT,),
        leaf((BETWEEN,), common_name="localhost", names=("x",)),
        "a CA signed it for x.",
    ),
    "expired": ((ROOT,), leaf((BETWEEN,), not_before=day(2010), not_after=day(2012)), "2012-01-01, expired"),
    "signed by a leaf": ((ROOT,), leaf((leaf(issuer=ROOT),), issuer=leaf(issuer=ROOT)), ""),
}


@pytest.mark.parametrize("name", sorted(TRUSTED))
def test_trusted(desk: Desk, name: str) -> None:
    """What the CA on file has signed for this name is trusted."""
    authorities, shown = TRUSTED[name]
    with Printer(certificate=shown) as printer:
        host = import_ca(desk, printer, *authorities)
        assert desk.run("verify", host) == 0, desk.errors
        assert "vouches for" in desk.output
        assert printer.http_bytes == 0


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_refused(desk: Desk, name: str) -> None:
    """Everything else is refused with its reason, the fingerprint that was shown, and without an HTTP byte."""
    authorities, shown, words = REFUSED[name]
    with Printer(certificate=shown) as printer:
        host = import_ca(desk, printer, *authorities)
        before = Path(desk.path).read_bytes()
        assert desk.run("verify", host) == 1
        assert words in desk.errors and shown.cert_sha256.hex() in desk.errors, desk.errors
        assert "ipps443ctl" in desk.errors.split("Nothing was sent")[1]
        assert printer.http_bytes == 0 and Path(desk.path).read_bytes() == before


def test_ca_of_another_port(desk: Desk) -> None:
    """A CA vouches for the host and port it was imported for."""
    with Printer(certificate=leaf((BETWEEN,))) as one, Printer(certificate=leaf((BETWEEN,))) as other:
        import_ca(desk, one, ROOT)
        assert desk.run("verify", f"localhost:{other.port}") == 1 and "[T01]" in desk.errors


def test_trust_ca_ignores_pins(desk: Desk) -> None:
    """With trust=ca a matching pin is not enough; unset, either suffices."""
    shown = make_certificate()
    with Printer(certificate=shown) as printer:
        host = import_ca(desk, printer, ROOT)
        assert desk.run("pin", host, "--fingerprint", shown.cert_sha256.hex()) == 0
        assert desk.run("verify", host) == 0
        assert desk.run("verify", f"ipps443://{host}/?trust=ca") == 1
        assert desk.run("verify", f"ipps443://{host}/?trust=pin") == 0


def test_ca_file_that_is_gone(desk: Desk) -> None:
    """A CA file that someone removed means refusal, not less to check."""
    with Printer(certificate=leaf((BETWEEN,))) as printer:
        host = import_ca(desk, printer, ROOT)
        Path(desk.path).with_name(str(desk.pins.pins[0].ca)).unlink()
        assert desk.run("verify", host) == 1


@pytest.mark.parametrize("shape", ["full", "intermediate", "reversed"])
def test_chain_of_the_scripted_printer(desk: Desk, shape: str) -> None:
    """Chains in the shapes of the quirks table, their own root on file."""
    made = with_chain(shape)
    with Printer(certificate=made) as printer:
        path = desk.folder / "chain.pem"
        path.write_bytes(with_chain("full").pem_chain)
        desk.run("import", str(path), f"localhost:{printer.port}", "--ca")
        assert desk.run("verify", f"localhost:{printer.port}") == 1
        path.write_bytes(b"".join(made.chain))
        desk.run("import", str(path), f"localhost:{printer.port}", "--ca", "--replace")
        assert desk.run("verify", f"localhost:{printer.port}") == 0


def test_old_tls(desk: Desk) -> None:
    """A printer with TLS 1.0 alone is refused with a hint, and pinned and verified with tls=legacy."""
    with Printer(faults=Faults(tls="1.0")) as printer:
        host = f"localhost:{printer.port}"
        assert desk.run("pin", host, "--yes") == 3 and "tls=legacy" in desk.errors
        legacy = f"ipps443://{host}/?tls=legacy"
        assert desk.run("pin", legacy, "--yes") == 0 and "TLSv1 " in desk.output.replace(",", " ")
        assert desk.run("verify", legacy) == 0
        assert desk.run("verify", host) == 3
