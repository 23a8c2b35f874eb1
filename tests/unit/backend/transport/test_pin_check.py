"""backend.transport.pin_check: no printer passes unproven, whatever its handshakes show and in whatever order."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import IO, Any

import pytest

from backend.cupsd.stop_signal import JobStopped, StopSignal
from backend.device_uri import parse_device_uri
from backend.errors import (
    BadDeviceURI,
    CertificateChanged,
    CertificateExpired,
    CertificateRefused,
    ClientCertificateWanted,
    InstallationBroken,
    IppsError,
    NotVerified,
    PinFileUnreadable,
    PrinterUnknown,
    PrinterUnreachable,
    TlsRefused,
)
from backend.transport import pin_check
from backend.transport.connection import Connection
from backend.transport.pin_check import PinCheck
from backend.transport.tls_context import ClientIdentity, Verify
from backend.trust.judgement import Judgement
from tests.printer import Certificate, make_certificate

YEAR = timedelta(days=365)
NOW = datetime.now(timezone.utc)
OURS = make_certificate()
OTHER = make_certificate()
FIRST = make_certificate()
RENEWED = make_certificate(key=FIRST)
EXPIRED = make_certificate(not_before=NOW - 2 * YEAR, not_after=NOW - YEAR)
#: What OpenSSL says when nothing that it was given vouches for the printer.
UNVERIFIED = NotVerified("printer", 18, "self-signed certificate")
CA_PEM = "-----BEGIN CERTIFICATE-----\n(some CA)\n-----END CERTIFICATE-----\n"


@dataclass
class Shown:
    """A connection to a peer that showed this certificate."""

    certificate: bytes
    ended: str = ""
    sent: list[object] = field(default_factory=list)

    def drop(self) -> None:
        """Note it."""
        self.ended = "dropped"

    def close(self) -> None:
        """Note it: to close says something to the peer."""
        self.ended = "closed"

    def send_some(self, data: memoryview, **how: object) -> int:
        """Note it."""
        self.sent.append(bytes(data))
        return len(data)


class World:
    """Handshakes as a list of what they end in, and what each of them was asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "ipps443"
        self.folder.mkdir(mode=0o750)
        self.handshakes: list[bytes | IppsError | BaseException] = []
        self.asked: list[dict[str, Any]] = []
        self.connections: list[Shown] = []
        self.notes: list[Judgement] = []

    def connect(self, host: str, port: int, **how: Any) -> Shown:
        """Be ``connect``."""
        self.asked.append({"host": host, "port": port, **how})
        ending = self.handshakes.pop(0)
        if isinstance(ending, BaseException):
            raise ending
        self.connections.append(Shown(ending))
        return self.connections[-1]

    def write(self, name: str, text: str, mode: int = 0o640) -> None:
        """Write a file of the folder as ipps443ctl does: beside the old one, then renamed."""
        path = self.folder / name
        path.parent.mkdir(mode=0o750, exist_ok=True)
        new = path.with_suffix(".new")
        new.write_text(text)
        new.chmod(mode)
        new.rename(path)

    def pin(self, *certificates: Certificate, host: str = "printer:443", by: str = "cert") -> None:
        """Pin certificates, each in a line."""
        lines = [f"{host} {by}-sha256:{getattr(made, f'{by}_sha256').hex()}\n" for made in certificates]
        self.write("pins", "# pins\n" + "".join(lines))

    def pin_ca(self) -> None:
        """Let a CA vouch for the printer."""
        self.write("pins", "printer:443 ca:office.pem\n")
        self.write("office.pem", CA_PEM)

    def client(self, *pinned: Certificate) -> None:
        """Put our own certificate and those of the printer on file."""
        self.write("clients/queue.pem", "cert")
        self.write("clients/queue.key", "key")
        for made in pinned:
            self.write(f"certificates/{made.cert_sha256.hex()}.pem", made.cert_pem.decode())

    def check(self, options: str = "", note: Callable[[Judgement], None] | None = None) -> PinCheck:
        """Return a pin check of a queue."""
        uri = parse_device_uri(f"ipps443://printer/?{options}")
        environ = {"CUPS_SERVERROOT": str(self.folder.parent), "PRINTER": "office"}
        return PinCheck(uri, environ, note or self.notes.append)

    def tries(self, check: PinCheck, *handshakes: Certificate | BaseException) -> Shown:
        """Connect, with these handshakes, and return the connection that came out."""
        self.handshakes = [each.der if isinstance(each, Certificate) else each for each in handshakes]
        made: object = check.connect(StopSignal(), 3, 4)
        assert isinstance(made, Shown)
        assert not self.handshakes, "not all handshakes were made"
        return made


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A world whose connections all end as they must: at most the last one open, and not a byte sent."""
    made = World(tmp_path)
    monkeypatch.setattr(pin_check, "connect", made.connect)
    yield made
    assert not [connection for connection in made.connections if connection.sent or connection.ended == "closed"]
    trusted = [connection for connection in made.connections if not connection.ended]
    assert len(trusted) == len(made.notes), "a connection stays open exactly where a judgement trusted it"
    assert all(judgement.trusted for judgement in made.notes)


def refused(
    world: World, check: PinCheck, error: type[IppsError], *handshakes: Certificate | BaseException
) -> IppsError:
    """Connect in vain, and return the error."""
    with pytest.raises(error) as caught:
        world.tries(check, *handshakes)
    return caught.value


# --- by pin -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("by", ["cert", "spki"])
def test_the_pinned_printer_passes(world: World, by: str) -> None:
    """One handshake, which nothing verifies and in which nothing of ours is shown."""
    world.pin(OURS, by=by)
    check = world.check()
    assert world.tries(check, OURS).certificate == OURS.der
    assert [check.trusted] == world.notes
    (asked,) = world.asked
    assert (asked["verify"], asked["client"]) == (None, None)


@pytest.mark.parametrize(
    "pinned, shown, error",
    [((), OURS, PrinterUnknown), ((OTHER,), OURS, CertificateChanged), ((OTHER, EXPIRED), OURS, CertificateChanged)],
)
def test_whoever_shows_something_else_does_not(
    world: World, pinned: tuple[Certificate, ...], shown: Certificate, error: type[IppsError]
) -> None:
    """Unknown and changed are different answers; the connection is dropped, and nobody is told that it is trusted."""
    world.pin(*pinned)
    assert refused(world, world.check(), error, shown)
    assert world.connections[0].ended == "dropped" and world.notes == []


def test_a_peer_without_a_certificate_does_not_pass(world: World) -> None:
    """There is nothing that a pin could fit."""
    world.pin(OURS)
    world.handshakes = [b""]
    with pytest.raises(CertificateRefused):
        world.check().connect(StopSignal(), 3, 4)


def test_every_connection_is_judged(world: World) -> None:
    """Who passed once has to prove it again: another certificate on the next connection is another printer."""
    world.pin(OURS)
    check = world.check()
    world.tries(check, OURS)
    refused(world, check, CertificateChanged, OTHER)
    world.tries(check, OURS)
    assert len(world.notes) == 2


def test_the_pins_of_the_device_uri_are_the_only_ones(world: World) -> None:
    """What stands on file does not count beside them, and need not be there."""
    world.pin(OTHER)
    check = world.check(f"pin=sha256:{OURS.cert_sha256.hex()}")
    refused(world, check, CertificateChanged, OTHER)
    (world.folder / "pins").unlink()
    world.tries(check, OURS)


@pytest.mark.parametrize("expired", ["warn", "refuse"])
def test_an_expired_certificate_passes_unless_the_queue_says_no(world: World, expired: str) -> None:
    """The queue's option reaches the judgement, and so does today's date."""
    world.pin(EXPIRED)
    check = world.check(f"expired={expired}")
    if expired == "refuse":
        refused(world, check, CertificateExpired, EXPIRED)
    else:
        world.tries(check, EXPIRED)
        assert world.notes[0].warnings and abs(world.notes[0].now.timestamp() - time.time()) < 60


@pytest.mark.parametrize("tls, passes", [("1.2", False), ("legacy", True)])
def test_a_key_that_anyone_can_break_needs_legacy(world: World, tls: str, passes: bool) -> None:
    """Under the right pin too."""
    weak = make_certificate(key="rsa512")
    world.pin(weak)
    check = world.check(f"tls={tls}")
    if passes:
        world.tries(check, weak)
    else:
        refused(world, check, CertificateRefused, weak)


# --- by CA ------------------------------------------------------------------------------------------------


def test_a_ca_vouches_in_the_handshake(world: World) -> None:
    """OpenSSL is given the CA of the printer's own line, and its verdict is taken."""
    world.pin_ca()
    world.tries(world.check(), OURS)
    assert world.asked[0]["verify"] == Verify(authorities=CA_PEM)


@pytest.mark.parametrize("options", ["", "trust=ca", "trust=system"])
def test_whom_no_ca_vouches_for_does_not_pass(world: World, options: str) -> None:
    """It is looked at once more without a question to OpenSSL, for the message; that handshake vouches for nobody."""
    world.pin_ca()
    error = refused(world, world.check(options), CertificateRefused, UNVERIFIED, OURS)
    assert OURS.cert_sha256.hex() in error.detail.replace(" ", "")
    assert [asked["verify"] is None for asked in world.asked] == [False, True]
    assert [asked["client"] for asked in world.asked] == [None, None]


def test_a_pin_may_fit_where_no_ca_vouches(world: World) -> None:
    """Of a CA and a pin one suffices; the second handshake shows whom the pin is compared with."""
    world.write("office.pem", CA_PEM)
    line = f"printer:443 cert-sha256:{OURS.cert_sha256.hex()}\n"
    world.write("pins", "printer:443 ca:office.pem\n" + line)
    check = world.check()
    world.tries(check, UNVERIFIED, OURS)
    refused(world, check, CertificateChanged, UNVERIFIED, OTHER)


@pytest.mark.parametrize("options, trusted", [("trust=pin", True), ("trust=ca", False)])
def test_the_queue_says_what_counts(world: World, options: str, trusted: bool) -> None:
    """With trust=pin no CA is asked, with trust=ca no pin counts."""
    world.write("office.pem", CA_PEM)
    world.write("pins", f"printer:443 ca:office.pem\nprinter:443 cert-sha256:{OURS.cert_sha256.hex()}\n")
    check = world.check(options)
    if trusted:
        world.tries(check, OURS)
        assert world.asked[0]["verify"] is None
    else:
        refused(world, check, CertificateRefused, UNVERIFIED, OURS)


@pytest.mark.parametrize("options, whose", [("tls=legacy", "printer"), ("", "other")])
def test_the_ca_that_does_not_vouch(world: World, options: str, whose: str) -> None:
    """None can over a connection of old TLS, whatever stands on file; and one is named by the line of each printer."""
    world.write("office.pem", CA_PEM)
    world.write("pins", f"{whose}:443 ca:office.pem\n")
    refused(world, world.check(options), PrinterUnknown, OURS)
    assert world.asked[0]["verify"] is None


def test_the_systems_cas_are_asked_only_where_the_queue_says_so(world: World) -> None:
    """Nothing vouches by default."""
    world.write("pins", "# nothing\n")
    world.tries(world.check("trust=system"), OURS)
    assert world.asked[0]["verify"] == Verify(system=True)
    refused(world, world.check(), PrinterUnknown, OURS)
    assert world.asked[1]["verify"] is None


@pytest.mark.parametrize("options", ["sni=no", "sni=no&trust=ca", "sni=no&trust=system"])
def test_a_ca_needs_a_name_to_vouch_for(world: World, options: str) -> None:
    """A queue that hides the name has none."""
    world.pin_ca()
    with pytest.raises(BadDeviceURI):
        world.check(options)


# --- our own certificate ----------------------------------------------------------------------------------


def test_our_own_name_is_shown_to_the_pinned_certificate_only(world: World) -> None:
    """OpenSSL has to end the handshake with anyone else: it is given the certificates of the pins, and no CA."""
    world.pin(OURS)
    world.client(OURS)
    world.tries(world.check("clientcert=queue"), OURS)
    folder = world.folder / "clients"
    (asked,) = world.asked
    assert asked["client"] == ClientIdentity(str(folder / "queue.pem"), str(folder / "queue.key"))
    assert asked["verify"] == Verify(anchors=OURS.cert_pem.decode())


@pytest.mark.parametrize("shown, error", [(OTHER, CertificateChanged), (RENEWED, CertificateRefused)])
def test_the_second_look_is_without_our_name(world: World, shown: Certificate, error: type[IppsError]) -> None:
    """To see who is there nothing of ours is needed; and who is there by its key alone does not get our name either."""
    world.pin(FIRST, by="spki")
    world.client(FIRST)
    pins = (world.folder / "pins").read_text().rstrip("\n")
    world.write("pins", f"{pins} cert-sha256:{FIRST.cert_sha256.hex()}\n")
    told = refused(world, world.check("clientcert=queue"), error, UNVERIFIED, shown)
    assert shown.cert_sha256.hex() in getattr(told, "presented")
    assert [asked["client"] is None for asked in world.asked] == [False, True]
    assert [asked["verify"] is None for asked in world.asked] == [False, True]


@pytest.mark.parametrize(
    "second", [TlsRefused("printer", "x", "y"), ClientCertificateWanted("printer", "x", "y", False)]
)
def test_a_printer_that_wants_our_name_first_gets_what_openssl_said(world: World, second: IppsError) -> None:
    """It cannot be looked at, so the first verdict has to do; it is never taken for trust."""
    world.pin(OURS)
    world.client(OURS)
    assert refused(world, world.check("clientcert=queue"), NotVerified, UNVERIFIED, second) is UNVERIFIED


def test_a_hash_alone_does_not_let_our_name_out(world: World) -> None:
    """Without the printer's certificate on file there is nothing by which OpenSSL could end the handshake."""
    world.pin(OURS)
    world.client(OTHER)
    with pytest.raises(InstallationBroken, match="hash alone"):
        world.check("clientcert=queue")


def test_the_certificates_of_other_printers_do_not_let_our_name_out(world: World) -> None:
    """They are pinned, and on file, and nobody of this queue."""
    world.pin(OURS)
    others = (world.folder / "pins").read_text().replace("printer:443", "other:443")
    world.pin(FIRST)
    world.write("pins", (world.folder / "pins").read_text() + others)
    world.client(FIRST, OURS)
    world.tries(world.check("clientcert=queue"), FIRST)
    assert world.asked[0]["verify"] == Verify(anchors=FIRST.cert_pem.decode())
    world.write("pins", others)
    with pytest.raises(InstallationBroken, match="hash alone"):
        world.check("clientcert=queue")


@pytest.mark.parametrize("options, error", [("", CertificateChanged), ("&trust=ca", CertificateRefused)])
def test_a_handshake_with_a_pinned_certificate_is_no_word_of_a_ca(
    world: World, options: str, error: type[IppsError]
) -> None:
    """With our own certificate OpenSSL looks for the pinned ones; what it lets pass then no CA has vouched for."""
    world.write("office.pem", CA_PEM)
    world.write("pins", f"printer:443 ca:office.pem\nprinter:443 cert-sha256:{FIRST.cert_sha256.hex()}\n")
    world.client(FIRST)
    refused(world, world.check(f"clientcert=queue{options}"), error, OTHER)


@pytest.mark.parametrize("missing", ["clients/queue.pem", "clients/queue.key"])
def test_a_queue_without_its_own_certificate_cannot_begin(world: World, missing: str) -> None:
    """Both files are needed, and both belong to root alone."""
    world.pin(OURS)
    world.client(OURS)
    (world.folder / missing).chmod(0o666)
    with pytest.raises(PinFileUnreadable):
        world.check("clientcert=queue")
    (world.folder / missing).unlink()
    with pytest.raises(InstallationBroken, match="missing: /.* Put it there") as caught:
        world.check("clientcert=queue")
    assert caught.value.reason.endswith(missing)


def test_a_client_certificate_that_lp_may_not_read_is_not_missing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message says so: to put it there again would not help."""
    world.pin(OURS)
    world.client(OURS)

    def closed(path: str, mode: str) -> IO[bytes]:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("backend.transport.pin_check.open", closed, raising=False)
    with pytest.raises(InstallationBroken, match="lp may not read /.* For the fix: sudo ipps443ctl") as caught:
        world.check("clientcert=queue")
    assert caught.value.reason.endswith("clients/queue.pem")


# --- whatever else happens --------------------------------------------------------------------------------


@pytest.mark.parametrize("error", [PrinterUnreachable("printer", "x"), TlsRefused("printer", "x", "y"), JobStopped()])
@pytest.mark.parametrize("second", [False, True])
def test_what_ends_a_handshake_is_passed_on(world: World, error: BaseException, second: bool) -> None:
    """No connection, no judgement; but for a refusal of TLS on the second look, which tells less than the first."""
    world.pin_ca()
    before = [UNVERIFIED] if second else []
    expected = UNVERIFIED if second and isinstance(error, TlsRefused) else error
    with pytest.raises(BaseException) as caught:
        world.tries(world.check(), *before, error)
    assert caught.value is expected


@pytest.mark.parametrize("error", [RuntimeError("x"), JobStopped(), KeyboardInterrupt()])
def test_a_connection_is_dropped_when_anything_goes_wrong(
    world: World, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    """In the judgement, or in what is done with it."""
    world.pin(OURS)

    def fails(*ignored: object, **named: object) -> None:
        raise error

    with pytest.raises(type(error)):
        world.tries(world.check(note=fails), OURS)
    monkeypatch.setattr(pin_check, "judge", fails)
    with pytest.raises(type(error)):
        world.tries(world.check(), OURS)
    assert [connection.ended for connection in world.connections] == ["dropped", "dropped"]


@pytest.mark.parametrize(
    "options, asked",
    [
        ("", {"tls": "1.2", "sni": True, "upgrade_host": None, "port": 443}),
        ("tls=1.3&sni=no", {"tls": "1.3", "sni": False, "upgrade_host": None}),
        ("tls=1.2-only", {"tls": "1.2-only"}),
        ("tls=legacy", {"tls": "legacy"}),
        ("tls=upgrade", {"tls": "1.2", "upgrade_host": "printer:631", "port": 631}),
    ],
)
def test_the_queues_options_reach_the_handshake(world: World, options: str, asked: dict[str, object]) -> None:
    """And so do the caller's deadlines and what is done meanwhile; both looks are alike."""
    world.write("pins", "# nothing\n")
    check = world.check(options)
    stop = StopSignal()

    def meanwhile() -> None:
        """Nothing."""

    world.handshakes = [UNVERIFIED, OURS.der]
    with pytest.raises(PrinterUnknown):
        check.connect(stop, 3, 4, meanwhile)
    both = {
        "host": "printer",
        "stop": stop,
        "connect_seconds": 3,
        "handshake_seconds": 4,
        "meanwhile": meanwhile,
        **asked,
    }
    for each in world.asked:
        assert {name: each[name] for name in both} == both
    assert world.asked[0]["printer"] == ("printer" if "upgrade" not in options else "printer:631")
    assert not [connection for connection in world.connections if isinstance(connection, Connection)]


# --- what changes while a run goes on -------------------------------------------------------------------------


def _replace_in_place(world: World) -> None:
    """An editor that writes into the file, and a tool that keeps its time and length."""
    time.sleep(0.02)  # the clock of file systems goes in steps
    path = world.folder / "pins"
    before = os.stat(path)
    with open(path, "r+") as file:
        file.write(path.read_text().replace(OURS.cert_sha256.hex(), OTHER.cert_sha256.hex()))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert os.stat(path).st_size == before.st_size and os.stat(path).st_ino == before.st_ino


CHANGES: list[tuple[Callable[[World], object], type[IppsError]]] = [
    (lambda world: world.write("pins", "# nothing\n"), PrinterUnknown),
    (lambda world: world.pin(OURS, host="printer:8443"), PrinterUnknown),
    (lambda world: world.pin(OTHER), CertificateChanged),
    (_replace_in_place, CertificateChanged),
    (lambda world: (world.folder / "pins").unlink(), PinFileUnreadable),
    (lambda world: (world.folder / "pins").chmod(0o666), PinFileUnreadable),
    (lambda world: world.folder.chmod(0o777), PinFileUnreadable),
    (lambda world: world.write("pins", "what is this\n"), PinFileUnreadable),
]


@pytest.mark.parametrize("change, error", CHANGES)
def test_what_counts_is_the_pin_file_when_a_connection_is_made(
    world: World, change: Callable[[World], object], error: type[IppsError]
) -> None:
    """However a pin is withdrawn: the next two connections are refused; one that comes back counts."""
    world.pin(OURS)
    check = world.check()
    for _ in range(2):
        world.tries(check, OURS)
    change(world)
    for _ in range(2):
        refused(world, check, error, OURS)
    assert len(world.asked) == (2 if error is PinFileUnreadable else 4), "nothing connects while they cannot be read"
    world.folder.chmod(0o750)
    world.pin(OURS)
    world.tries(check, OURS)


def test_what_has_not_changed_is_not_read_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A look is enough."""
    world.pin(OURS)
    check = world.check()
    monkeypatch.setattr(pin_check, "read_pins", None)
    world.tries(check, OURS)


def test_a_ca_file_is_read_again(world: World) -> None:
    """Another CA in its file, none, or one that anyone could have written: the next connection knows it."""
    world.pin_ca()
    check = world.check()
    for text in (CA_PEM, CA_PEM.replace("some", "other"), CA_PEM):
        world.write("office.pem", text)
        world.tries(check, OURS)
        assert world.asked[-1]["verify"] == Verify(authorities=text)
        (world.folder / "office.pem").unlink()
        refused(world, check, PinFileUnreadable)
    world.write("office.pem", CA_PEM, 0o666)
    refused(world, check, PinFileUnreadable)


def test_system_cas_do_without_a_pin_file_until_there_is_one(world: World) -> None:
    """With trust=system a pin file that appears is read, and its pins do not count there."""
    check = world.check("trust=system")
    world.tries(check, OURS)
    world.write("pins", "what is this\n")
    refused(world, check, PinFileUnreadable)


def test_the_client_certificate_and_its_anchor_are_looked_for_again(world: World) -> None:
    """Our own certificate is shown only while its key and the printer's own certificate are on file."""
    world.pin(OURS)
    world.client(OURS)
    check = world.check("clientcert=queue")
    for name in ("clients/queue.key", f"certificates/{OURS.cert_sha256.hex()}.pem"):
        content = (world.folder / name).read_text()
        (world.folder / name).unlink()
        for _ in range(2):
            refused(world, check, PinFileUnreadable)
        with pytest.raises(InstallationBroken):
            world.check("clientcert=queue")  # a run that begins now cannot begin
        world.write(name, content)
        world.tries(check, OURS)
    assert len(world.asked) == 2


# --- what a refusal says of other pins ------------------------------------------------------------------------


def test_a_refusal_knows_whose_key_it_is(world: World) -> None:
    """A key that is pinned under a different name is recognised from the pins of the other printers."""
    world.pin(OURS, host="printer07:443")
    error = refused(world, world.check(), PrinterUnknown, OURS)
    assert isinstance(error, PrinterUnknown) and error.elsewhere == "printer07"


@pytest.mark.parametrize("mode, kinds", [(0o640, "Ed25519 key; pinned: EC"), (0o666, "")])
def test_a_refusal_knows_which_kind_of_key_is_pinned(world: World, mode: int, kinds: str) -> None:
    """It is read from the stored certificate; one that anyone could have written says nothing, and harms nothing."""
    world.pin(OURS)
    world.write(f"certificates/{OURS.cert_sha256.hex()}.pem", OURS.cert_pem.decode(), mode)
    error = refused(world, world.check(), CertificateChanged, make_certificate(key="ed25519"))
    assert isinstance(error, CertificateChanged) and error.kinds == kinds
