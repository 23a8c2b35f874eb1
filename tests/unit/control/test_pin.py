"""ipps443ctl pin, against printers with real TLS on loopback."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.control.host import parse_printer_host
from backend.control.packages import how_to_install
from backend.trust.certificate import cert_sha256
from backend.trust.certificate_file import as_pem
from backend.trust.fingerprint import as_base64, as_hex, as_pairs
from tests.printer import Faults, Printer, make_certificate
from tests.unit.control.conftest import Cups, Desk
from tests.unit.trust.certificates import certificate, day

OLD, NEW = (make_certificate("printer", not_before=day(2020), not_after=day(2035)) for _ in range(2))


@pytest.fixture
def printer() -> Iterator[Printer]:
    """A printer that counts what reaches it behind the handshake."""
    with Printer(certificate=OLD) as printer:
        yield printer
        assert printer.http_bytes == 0, "an HTTP byte was sent"


def host(printer: Printer) -> str:
    return f"localhost:{printer.port}"


def test_nobody_to_ask(desk: Desk, printer: Printer) -> None:
    """Without a terminal it wants --fingerprint or --yes, connects to nobody and writes nothing."""
    assert desk.run("pin", host(printer)) == 2
    assert "--fingerprint" in desk.errors and "--yes" in desk.errors
    assert desk.text is None and printer.connections == 0


def test_yes(desk: Desk, printer: Printer) -> None:
    """With --yes the certificate that is there now is pinned, by both hashes."""
    assert desk.run("pin", host(printer), "--yes") == 0
    assert desk.on_file("localhost", printer.port) == [(OLD.cert_sha256, OLD.spki_sha256)]
    assert desk.pins.pins[0].added == "2026-06-01"
    assert Path(desk.path).with_name("certificates").joinpath(f"{OLD.cert_sha256.hex()}.pem").read_bytes() == as_pem(
        OLD.der
    )


@pytest.mark.parametrize(
    "fingerprint",
    [as_hex(OLD.cert_sha256), as_hex(OLD.spki_sha256), as_pairs(OLD.cert_sha256), as_base64(OLD.spki_sha256)],
)
def test_right_fingerprint(desk: Desk, printer: Printer, fingerprint: str) -> None:
    """A fingerprint of certificate or key, in any form, takes the place of the question."""
    assert desk.run("pin", host(printer), "--fingerprint", fingerprint) == 0
    assert desk.on_file("localhost", printer.port)


@pytest.mark.parametrize("more", [(), ("--yes",), ("--replace",), ("--yes", "--replace")])
def test_wrong_fingerprint(desk: Desk, printer: Printer, more: tuple[str, ...]) -> None:
    """Another fingerprint pins nothing, not even with --yes."""
    assert desk.run("pin", host(printer), "--fingerprint", as_hex(NEW.cert_sha256), *more) == 1
    assert NEW.cert_sha256.hex() in desk.errors and OLD.cert_sha256.hex() in desk.output
    assert desk.text is None


@pytest.mark.parametrize("fingerprint", ["", "abc", "0" * 40, "sha256:" + "0" * 63])
def test_fingerprint_that_is_none(desk: Desk, printer: Printer, fingerprint: str) -> None:
    """A fingerprint with a typing error is wrong usage."""
    assert desk.run("pin", host(printer), "--fingerprint", fingerprint) == 2
    assert desk.text is None and printer.connections == 0


@pytest.mark.parametrize("typed, status", [("y\n", 0), ("YES\n", 0), ("n\n", 1), ("\n", 1), ("", 1), ("maybe\n", 1)])
def test_question(desk: Desk, printer: Printer, typed: str, status: int) -> None:
    """On a terminal it asks, and only yes is yes."""
    desk.typed = typed
    assert desk.run("pin", host(printer)) == status
    assert (desk.text is not None) == (status == 0)
    assert "Trust this certificate? [y/N]" in desk.output


def test_what_is_shown(desk: Desk) -> None:
    """Before the question it shows subject, issuer, names, dates, key, and both fingerprints in all forms."""
    shown = certificate("rsa2048")
    with Printer(certificate=shown) as printer:
        desk.typed = "n\n"
        desk.run("pin", host(printer))
    for words in (
        "CN=printer (itself)",
        "names        printer",
        "2020-01-01 00:00 UTC to 2030-01-01 00:00 UTC",
        "RSA 2048 bits, signature SHA-256 with RSA",
        "TLSv1.3",
    ):
        assert words in desk.output
    for digest in (shown.cert_sha256, shown.spki_sha256):
        for form in (as_hex(digest), as_base64(digest), as_pairs(digest)[:48], as_pairs(digest)[48:]):
            assert form in desk.output
    assert max(map(len, desk.output.splitlines())) <= 90


@pytest.mark.parametrize(
    "kind, words",
    [
        ("dated-1972", "it expired on 1972-01-01"),
        ("rsa1024", "its RSA key has only 1024 bits"),
        ("sha1", "its signature is SHA-1 with RSA"),
        ("other-name", "it is made for someone, not for localhost"),
    ],
)
def test_unusual_certificates(desk: Desk, kind: str, words: str) -> None:
    """What is unusual is said, and the certificate can be pinned all the same."""
    with Printer(certificate=certificate(kind)) as printer:
        assert desk.run("pin", host(printer), "--yes") == 0
        assert f"  - {words}" in desk.output.split("Unusual:")[1]
        assert desk.run("verify", host(printer)) == 0


def test_serial_zero(desk: Desk) -> None:
    """A certificate that strict libraries dislike can be pinned and verified (Q-65)."""
    with Printer(certificate=certificate("serial-0")) as printer:
        assert desk.run("pin", host(printer), "--yes") == 0
        assert desk.run("verify", host(printer)) == 0


def test_ordinary_certificate_is_not_unusual(desk: Desk, printer: Printer) -> None:
    """An ordinary certificate has no list of oddities."""
    desk.run("pin", host(printer), "--yes")
    assert "Unusual" not in desk.output


def test_again(desk: Desk, printer: Printer) -> None:
    """Pinning the same certificate again adds no line and keeps the words."""
    desk.run("pin", host(printer), "--yes", "--label", 'Room "3"')
    assert desk.run("pin", host(printer), "--yes") == 0
    (pin,) = desk.pins.pins
    assert pin.label == 'Room "3"'


def test_label_of_two_lines(desk: Desk, printer: Printer) -> None:
    """A label that would make a second line in the pin file is wrong usage."""
    assert desk.run("pin", host(printer), "--yes", "--label", "a\nother:443 ca:x.pem") == 2
    assert desk.text is None


def test_changed_certificate_needs_a_word(desk: Desk, printer: Printer) -> None:
    """--yes alone never adds a second certificate to a printer that has one."""
    desk.run("pin", host(printer), "--yes")
    before = desk.text
    printer.certificate = NEW
    assert desk.run("pin", host(printer), "--yes") == 1
    assert "--replace" in desk.errors and desk.text == before


def test_replace(desk: Desk, printer: Printer) -> None:
    """--replace shows old beside new, takes the old one off, keeps label and comments, and removes the old copy."""
    desk.run("pin", host(printer), "--yes", "--label", "Room 3")
    desk.write("# mine\n" + (desk.text or "") + "# end\n")
    printer.certificate = NEW
    assert desk.run("pin", host(printer), "--yes", "--replace") == 0
    assert desk.output.index(NEW.cert_sha256.hex()) < desk.output.index("To be replaced:")
    assert OLD.cert_sha256.hex() in desk.output.split("To be replaced:")[1]
    assert desk.on_file("localhost", printer.port) == [(NEW.cert_sha256, NEW.spki_sha256)]
    assert desk.pins.pins[0].label == "Room 3"
    assert (desk.text or "").startswith("# mine\n") and (desk.text or "").endswith("# end\n")
    assert desk.stored() == [f"{NEW.cert_sha256.hex()}.pem"]


def test_several_certificates_behind_one_name(desk: Desk) -> None:
    """Three certificates at random (Q-59): each is pinned by its fingerprint, then every connection is trusted."""
    with Printer(faults=Faults(cert="random-of-3")) as printer:
        for _ in range(80):
            digest = cert_sha256(desk.fetch(parse_printer_host(host(printer))).der)
            desk.run("pin", host(printer), "--fingerprint", as_hex(digest))
        assert len(desk.on_file("localhost", printer.port)) == 3
        assert [desk.run("verify", host(printer)) for _ in range(20)] == [0] * 20


def test_renewal_with_the_same_key(desk: Desk, printer: Printer) -> None:
    """A renewed certificate with the old key is trusted, and pinning it again replaces the old line (Q-63)."""
    desk.run("pin", host(printer), "--yes")
    renewed = make_certificate("printer", key=OLD, not_after=day(2040))
    printer.certificate = renewed
    assert desk.run("verify", host(printer)) == 0
    assert "renewed with the same key" in desk.output
    assert desk.run("pin", host(printer), "--yes") == 0
    assert desk.on_file("localhost", printer.port) == [(renewed.cert_sha256, renewed.spki_sha256)]


def test_ports_are_separate(desk: Desk, printer: Printer) -> None:
    """Two services on one host have pins of their own (Q-60)."""
    with Printer(certificate=NEW) as other:
        desk.run("pin", host(printer), "--yes")
        assert desk.run("verify", host(other)) == 1
        assert "No pin" in desk.errors
        assert desk.run("pin", host(other), "--yes") == 0
        assert desk.run("verify", host(printer)) == desk.run("verify", host(other)) == 0


def test_host_as_device_uri(desk: Desk, printer: Printer) -> None:
    """HOST may be the queue's device URI; the path is noted, the password is not."""
    uri = f"ipps443://user:secret@LOCALHOST:{printer.port}/ipp/print/2?waitjob=false"
    assert desk.run("pin", uri, "--yes") == 0
    assert desk.pins.pins[0].path == "/ipp/print/2"
    assert "secret" not in desk.output + desk.errors + (desk.text or "")


@pytest.mark.parametrize("name", ["", "a b", "http://x", "ipps443://", "x:99999", "ipps443://x?pn=sha256:0", "[::1"])
def test_host_that_is_none(desk: Desk, name: str) -> None:
    """What names no printer is wrong usage."""
    assert desk.run("pin", name, "--yes") == 2
    assert desk.errors.startswith("ipps443ctl: ") and desk.text is None


def test_unreachable(desk: Desk, printer: Printer) -> None:
    """A printer that does not answer: exit code 2, the pin file as it was."""
    desk.run("pin", host(printer), "--yes")
    before = desk.text
    port = printer.port
    printer.__exit__(None, None, None)
    assert desk.run("pin", f"localhost:{port}", "--yes", "--replace") == 3
    assert "cannot be reached" in desk.errors and desk.text == before


def test_plain_http_on_the_port(desk: Desk) -> None:
    """A printer that speaks no TLS there is named as such (Q-73)."""
    with Printer(faults=Faults(tls="plain")) as printer:
        assert desk.run("pin", host(printer), "--yes") == 3
    assert desk.text is None and desk.errors.startswith("ipps443ctl: ")


def test_unreadable_pin_file(desk: Desk, printer: Printer) -> None:
    """A pin file with a line that is not understood is neither trusted nor rewritten."""
    desk.write("what is this\n")
    assert desk.run("pin", host(printer), "--yes") == 1
    assert "line 1" in desk.errors and desk.text == "what is this\n"


@pytest.mark.skipif(os.geteuid() != 0, reason="the file must belong to someone")
def test_pin_file_that_others_may_write(desk: Desk, printer: Printer) -> None:
    """A pin file that others may write is refused before anything is added."""
    desk.run("pin", host(printer), "--yes")
    os.chmod(desk.path, 0o666)
    assert desk.run("verify", host(printer)) == desk.run("pin", host(printer), "--yes") == 1
    assert "chmod" in desk.errors


def test_json(desk: Desk, printer: Printer) -> None:
    """With --json a program gets the pin, and nobody is asked."""
    desk.typed = "y\n"
    assert desk.run("pin", host(printer), "--json") == 2
    value = desk.value("pin", host(printer), "--fingerprint", as_hex(OLD.spki_sha256))
    assert value["pinned"]["cert_sha256"] == OLD.cert_sha256.hex() and value["enabled"] == []


# --- queues -----------------------------------------------------------------------------------------------


def queue(uri: str, state: int = 5, reasons: object = ("cups-pki-changed",)) -> dict[str, object]:
    return {"device-uri": uri, "printer-state": state, "printer-state-reasons": reasons}


def test_only_queues_that_this_printer_stopped_are_enabled(desk: Desk, printer: Printer) -> None:
    """Stopped, with one of our state words, and for this host and port: all three, else the queue is left alone."""
    here = f"ipps443://localhost:{printer.port}/ipp/print"
    cups = Cups(
        {
            "changed": queue(here),
            "unknown": queue(here.upper().replace("IPPS443", "ipps443"), reasons=["cups-pki-unknown-error"]),
            "expired": queue(here + "?waitjob=false", reasons=["media-empty", "cups-pki-expired"]),
            "refused": queue(here, reasons="cups-certificate-error"),
            "paused-by-hand": queue(here, reasons=["paused"]),
            "no-reasons": queue(here, reasons=None),
            "other-word": queue(here, reasons=["cups-pki-changed-my-mind"]),
            "running": queue(here, state=3),
            "printing": queue(here, state=4),
            "other-port": queue("ipps443://localhost:1/ipp/print"),
            "other-host": queue(f"ipps443://localhost2:{printer.port}/ipp/print"),
            "stock-backend": queue(here.replace("ipps443", "ipps")),
            "bad-uri": queue("ipps443://?"),
            "own-pin": queue(here + f"?pin=sha256:{'0' * 64}"),
            "forbidden": queue(here),
            "no-uri": {"printer-state": 5},
        }
    )
    desk.cups = lambda: cups
    assert desk.run("pin", host(printer), "--yes", "--replace") == 0
    assert sorted(cups.enabled) == ["changed", "expired", "refused", "unknown"]
    assert "Queue changed is enabled again" in desk.output
    assert "own-pin has a pin in its device URI" in desk.errors
    assert "forbidden could not be enabled (client-error-forbidden)" in desk.errors


def test_refused_pin_enables_nothing(desk: Desk, printer: Printer) -> None:
    """If nothing was pinned, no queue starts."""
    cups = Cups({"changed": queue(f"ipps443://localhost:{printer.port}/ipp/print")})
    desk.cups = lambda: cups
    desk.run("pin", host(printer), "--fingerprint", as_hex(NEW.cert_sha256), "--replace")
    desk.typed = "n\n"
    desk.run("pin", host(printer), "--replace")
    assert cups.enabled == []


def _no_pycups() -> object:
    raise ImportError("No module named 'cups'")


def test_without_cupsd_or_pycups(desk: Desk, printer: Printer) -> None:
    """The pin counts although no queue could be looked at, and that is said."""
    assert desk.run("pin", host(printer), "--yes") == 0
    assert "cupsd was not asked" in desk.errors
    desk.cups = _no_pycups
    assert desk.run("pin", host(printer), "--yes") == 0
    assert "pycups is missing" in desk.errors and how_to_install("python3-cups") in desk.errors
