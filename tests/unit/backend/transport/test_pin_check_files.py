"""backend.transport.pin_check: what counts is the pin file when a connection is made, not when the run began."""

from __future__ import annotations

import os
import socket
import ssl
from collections.abc import Callable
from pathlib import Path

import pytest

from backend.cupsd.stop_signal import StopSignal
from backend.device_uri import parse_device_uri
from backend.errors import (
    CertificateChanged,
    CertificateRefused,
    InstallationBroken,
    PinFileUnreadable,
    PrinterUnknown,
)
from backend.transport.pin_check import PinCheck
from tests.printer import Certificate, make_authority, make_certificate
from tests.unit.backend.tls_peer import Peer, peer, read_to_end, server_context

AUTHORITY = make_authority("Office CA")
OTHER_AUTHORITY = make_authority("Other CA")


class World:
    """A printer, the folder of the pins, and a pin check that was made before something in it changed."""

    def __init__(self, folder: Path, server: Peer, own: Certificate) -> None:
        self.folder, self.server, self.own = folder, server, own
        self.pins = folder / "ipps443" / "pins"

    def line(self, certificate: Certificate, kind: str = "cert") -> str:
        """Return a line of the pin file for the printer."""
        digest = certificate.spki_sha256 if kind == "spki" else certificate.cert_sha256
        return f"localhost:{self.server.port} {kind}-sha256:{digest.hex()}\n"

    def write(self, text: str, name: str = "pins", mode: int = 0o640) -> Path:
        """Write a file of the folder as ipps443ctl does: beside the old one, then renamed."""
        path = self.folder / "ipps443" / name
        path.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
        new = path.with_suffix(".new")
        new.write_text(text)
        new.chmod(mode)
        new.rename(path)
        return path

    def pin_check(self, options: str = "") -> PinCheck:
        """Return the pin check of a run that begins now."""
        uri = parse_device_uri(f"ipps443://localhost:{self.server.port}/?{options}")
        return PinCheck(uri, {"CUPS_SERVERROOT": str(self.folder)}, lambda judgement: None)


def connects(pin_check: PinCheck) -> bool:
    """Connect; True, or the error."""
    pin_check.connect(StopSignal(), 5, 5).drop()
    return True


@pytest.fixture
def world(tmp_path: Path, certificate: Certificate) -> object:
    """A printer that is pinned by its certificate, beside another line."""
    with peer(read_to_end, server_context(certificate)) as server:
        made = World(tmp_path, server, certificate)
        made.write(f"other:443 cert-sha256:{'0' * 64}\n" + made.line(certificate))
        yield made


def _withdraw(world: World) -> None:
    world.write("# nothing\n")


def _replace(world: World) -> None:
    world.write(world.line(make_certificate()))


def _replace_in_place(world: World) -> None:
    """An editor that writes into the file, and a tool that keeps its time and length."""
    before = os.stat(world.pins)
    text = world.pins.read_text()
    other = make_certificate().cert_sha256.hex()
    with open(world.pins, "r+") as file:
        file.write(text.replace(world.own.cert_sha256.hex(), other))
    os.utime(world.pins, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert os.stat(world.pins).st_size == before.st_size and os.stat(world.pins).st_ino == before.st_ino


def _other_port(world: World) -> None:
    world.write(world.line(world.own).replace(f":{world.server.port} ", ":443 "))


CHANGES: list[tuple[Callable[[World], object], type[Exception]]] = [
    (_withdraw, PrinterUnknown),
    (_other_port, PrinterUnknown),
    (_replace, CertificateChanged),
    (_replace_in_place, CertificateChanged),
    (lambda world: world.pins.unlink(), PinFileUnreadable),
    (lambda world: world.pins.chmod(0o666), PinFileUnreadable),
    (lambda world: world.pins.parent.chmod(0o777), PinFileUnreadable),
    (lambda world: world.write("what is this\n"), PinFileUnreadable),
]


@pytest.mark.parametrize("change, error", CHANGES)
def test_a_pin_that_is_withdrawn_counts_no_more(
    world: World, change: Callable[[World], object], error: type[Exception]
) -> None:
    """However it goes: the next connection is refused, and the one after that."""
    pin_check = world.pin_check()
    assert connects(pin_check) and connects(pin_check)
    change(world)
    for _ in range(2):
        with pytest.raises(error):
            connects(pin_check)
    world.pins.parent.chmod(0o750)
    world.write(world.line(world.own))
    assert connects(pin_check)


@pytest.mark.parametrize("kind", ["cert", "spki"])
def test_a_pin_that_is_added_counts_at_once(world: World, kind: str) -> None:
    """A run that began before it need not end for it."""
    world.write("# nothing\n")
    pin_check = world.pin_check()
    with pytest.raises(PrinterUnknown):
        connects(pin_check)
    world.write(world.line(world.own, kind))
    assert connects(pin_check)


def test_pins_of_the_device_uri_are_not_on_file(world: World) -> None:
    """What happens to the file means nothing to such a queue."""
    pin_check = world.pin_check(f"pin=sha256:{world.own.cert_sha256.hex()}")
    world.pins.unlink()
    assert connects(pin_check)


def test_what_has_not_changed_is_not_read_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A look is enough."""
    pin_check = world.pin_check()
    monkeypatch.setattr("backend.transport.pin_check.read_pins", None)
    assert connects(pin_check) and connects(pin_check)


def test_a_ca_file_is_read_again(tmp_path: Path) -> None:
    """Another CA in its file, none, or the right one again: the next connection knows it."""
    own = make_certificate(issuer=AUTHORITY)
    with peer(read_to_end, server_context(own)) as server:
        world = World(tmp_path, server, own)
        world.write(f"localhost:{server.port} ca:office.pem\n")
        world.write(AUTHORITY.cert_pem.decode(), "office.pem")
        pin_check = world.pin_check()
        assert connects(pin_check)
        world.write(OTHER_AUTHORITY.cert_pem.decode(), "office.pem")
        with pytest.raises(CertificateRefused):
            connects(pin_check)
        (tmp_path / "ipps443" / "office.pem").unlink()
        with pytest.raises(PinFileUnreadable):
            connects(pin_check)
        world.write(AUTHORITY.cert_pem.decode(), "office.pem")
        assert connects(pin_check)
        world.write(AUTHORITY.cert_pem.decode(), "office.pem", 0o666)
        with pytest.raises(PinFileUnreadable):
            connects(pin_check)


def test_system_cas_do_without_a_pin_file_until_there_is_one(world: World) -> None:
    """With trust=system a pin file that appears is read, and its pins do not count there."""
    world.pins.unlink()
    pin_check = world.pin_check("trust=system")
    with pytest.raises(CertificateRefused):
        connects(pin_check)
    world.write("what is this\n")
    with pytest.raises(PinFileUnreadable):
        connects(pin_check)


def test_the_client_certificate_and_its_anchor_are_read_again(tmp_path: Path, certificate: Certificate) -> None:
    """Our own certificate is shown as it is now, and only while the printer's own one is on file."""
    authority = make_authority("Client CA")
    first, second = (make_certificate(name, names=(name,), issuer=authority) for name in ("first", "second"))
    context = server_context(certificate)
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(cadata=authority.cert_pem.decode())

    def script(sock: socket.socket) -> object:
        shown = sock.getpeercert(binary_form=True)  # type: ignore[attr-defined]
        read_to_end(sock)
        return shown

    with peer(script, context) as server:
        world = World(tmp_path, server, certificate)
        world.write(world.line(certificate))
        on_file = f"certificates/{certificate.cert_sha256.hex()}.pem"
        world.write(certificate.cert_pem.decode(), on_file)
        for made in (first, second):
            world.write(made.cert_pem.decode(), "clients/queue.pem")
            world.write(made.key_pem.decode(), "clients/queue.key")
            if made is first:
                pin_check = world.pin_check("clientcert=queue")
            assert connects(pin_check)
        for name in ("clients/queue.key", on_file):
            path = tmp_path / "ipps443" / name
            content = path.read_text()
            path.unlink()
            for _ in range(2):
                with pytest.raises(PinFileUnreadable):
                    connects(pin_check)
            with pytest.raises(InstallationBroken):
                world.pin_check("clientcert=queue")  # a run that begins now cannot begin
            world.write(content, name)
            assert connects(pin_check)
    assert server.results == [first.der, second.der, second.der, second.der]


def test_a_refusal_knows_whose_key_it_is(world: World) -> None:
    """A key that is pinned under a different name is recognised from the pins of the other printers."""
    world.write(f"printer07:443 cert-sha256:{world.own.cert_sha256.hex()}\n")
    with pytest.raises(PrinterUnknown) as unknown:
        connects(world.pin_check())
    assert unknown.value.elsewhere == "printer07"


@pytest.mark.parametrize("mode, kinds", [(0o640, "EC key; pinned: RSA"), (0o666, "")])
def test_a_refusal_knows_which_kind_of_key_is_pinned(world: World, mode: int, kinds: str) -> None:
    """It is read from the stored certificate; one that anyone could have written says nothing, and harms nothing."""
    pinned = make_certificate(key="rsa2048")
    world.write(world.line(pinned))
    world.write(pinned.cert_pem.decode(), f"certificates/{pinned.cert_sha256.hex()}.pem", mode)
    with pytest.raises(CertificateChanged) as changed:
        connects(world.pin_check())
    assert changed.value.kinds == kinds
