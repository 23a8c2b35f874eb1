"""ipps443ctl find: what an administrator sees of printers that announce themselves, and what they get to see of us."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from backend.control.found import Outcome, Target
from backend.control.network import Network
from backend.trust.judgement import CaVerdict
from filters.common.printable import printable
from tests.printer import Certificate, Printer, make_authority, make_certificate
from tests.unit.control.conftest import Desk

OWN = make_certificate("localhost")
OTHER = make_certificate("localhost")
#: As a name is announced: a title, a cleared screen, a turned reading direction, a line of one's own, a shell's words.
ATTACK = "\\027\\0930\\059x\\007\\027\\0912J\\226\\128\\174\\010pinned\\032\\032x\\039\\059\\036\\040reboot\\041"


@dataclass(frozen=True)
class Announced(Network):
    """A network on which this is announced, with real handshakes; names of mDNS are found or not."""

    lines: tuple[str, ...] = ()
    resolves: bool = False
    #: Seconds for a handshake at least: machines under load take their time.
    patience: float = 60
    met: list[tuple[str, int, str]] = field(default_factory=list, compare=False)

    def browse(self, seconds: float) -> list[str]:
        return list(self.lines)

    def meet(self, target: Target, seconds: float) -> Outcome:
        self.met.append((target.address, target.port, target.name))
        return super().meet(target, max(seconds, self.patience))

    def ask_ca(self, target: Target, seconds: float, authorities: str) -> tuple[bytes, CaVerdict | None]:
        return super().ask_ca(target, max(seconds, self.patience), authorities)

    def names_resolve(self) -> bool:
        return self.resolves


def line(name: str, port: int, host: str = "vm.local", txt: str = '"ty=Make 7"', address: str = "127.0.0.1") -> str:
    return f"=;lo;IPv4;{name};_ipps._tcp;local;{host};{address};{port};{txt}"


def announce(desk: Desk, *lines: str, resolves: bool = False) -> Announced:
    network = Announced({}, lines=lines, resolves=resolves)
    desk.network = network
    return network


@pytest.fixture
def printers() -> Iterator[tuple[Printer, Printer]]:
    with ExitStack() as stack:
        one = stack.enter_context(Printer(certificate=OWN))
        two = stack.enter_context(Printer(certificate=OTHER))
        yield one, two


def tree(folder: Path) -> dict[str, tuple[bytes, int]]:
    """Return all files with what is in them and when they were changed."""
    return {str(p): (p.read_bytes(), p.stat().st_mtime_ns) for p in folder.rglob("*") if p.is_file()}


def test_two_printers(desk: Desk, printers: tuple[Printer, Printer]) -> None:
    """A line each, with verdict, name, model, place, fingerprint, end, and command; nothing is written or sent."""
    one, two = printers
    desk.write(f"127.0.0.1:{one.port} spki-sha256:{OWN.spki_sha256.hex()}\n")
    announce(desk, line("Printer\\032One", one.port), line("Two", two.port, txt='"ty=Make 7" "rp=x/y"'))
    before = tree(desk.folder)
    assert desk.run("find", "--timeout", "60") == 0, desk.errors
    first, second = desk.output.splitlines()
    assert first.split("  ")[0].strip() == "pinned" and second.split("  ")[0].strip() == "not pinned"
    for said, printer, name in ((first, one, "Printer One"), (second, two, "Two")):
        assert f"  {name}  Make 7  127.0.0.1:{printer.port}  " in said
        assert f"sha256:{printer.certificate.cert_sha256.hex()}" in said and "  ends 20" in said
    assert second.endswith(f"  ipps443ctl add two 'ipps443://127.0.0.1:{two.port}/x/y'")
    assert "Found is not trusted" in desk.errors
    assert tree(desk.folder) == before
    for printer in printers:
        assert printer.requests == [] and printer.complaints == [] and len(printer.connection_log) == 1


def test_impostor(desk: Desk, printers: tuple[Printer, Printer]) -> None:
    """The pinned printer's name with a different key is CHANGED, exit code 1, and has no command to add it."""
    one, _ = printers
    desk.write(f"vm.local:{one.port} spki-sha256:{OTHER.spki_sha256.hex()}\n")
    announce(desk, line("One", one.port))
    before = desk.text
    assert desk.run("find", "--timeout", "60") == 1
    assert desk.output.startswith("CHANGED ") and "ipps443ctl add" not in desk.output
    assert "impostor" in desk.errors and desk.text == before and one.requests == []


def test_json(desk: Desk, printers: tuple[Printer, Printer]) -> None:
    """All of it for a program; a name that this machine finds stands in the device URI."""
    _, two = printers
    announce(desk, line("Two", two.port, txt='"ty=Make 7" "note=Hall"'), resolves=True)
    value = desk.value("find", "--timeout", "60")
    assert value["left_out"] == 0 and len(value["printers"]) == 1
    (found,) = value["printers"]
    assert found["cert_sha256"] == OTHER.cert_sha256.hex() and found["spki_sha256"] == OTHER.spki_sha256.hex()
    assert found["device_uri"] == f"ipps443://vm.local:{two.port}"
    assert (found["state"], found["trusted"], found["location"]) == ("not pinned", False, "Hall")


def test_nothing(desk: Desk) -> None:
    """Nobody announces anything: a sentence, exit code 1, and an empty list for a program."""
    announce(desk)
    assert desk.run("find") == 1
    assert "No printer announces itself" in desk.output
    assert desk.value("find")["printers"] == []


def test_words_of_a_stranger(desk: Desk, printers: tuple[Printer, Printer]) -> None:
    """No escape sequence reaches the terminal, no name begins a line, and the command is one that is safe to paste."""
    _, two = printers
    text = f'"ty={ATTACK}" "note={ATTACK}" "rp=x?pin=sha256:00" "adminurl=http://x/"'
    announce(desk, line(ATTACK, two.port, host="$(reboot).local", txt=text))
    for more in ((), ("--json",)):
        assert desk.run("find", "--timeout", "60", *more) == 0
        said = desk.output + desk.errors
        assert all(printable(each) == each for each in said.split("\n"))
        assert f"ipps443ctl add 0-x-2j-pinned-x-reboot 'ipps443://127.0.0.1:{two.port}'" in said
    desk.run("find", "--timeout", "60")
    assert len(desk.output.splitlines()) == 1 and desk.output.startswith("not pinned ")
    assert json.loads(json.dumps(desk.value("find", "--timeout", "60")))["printers"][0]["host"] is None


def test_lies_about_ports_and_addresses(desk: Desk, printers: tuple[Printer, Printer]) -> None:
    """No handshake with ports that print it, with this machine for a remote's word, or with what is no address."""
    _, two = printers
    network = announce(
        desk,
        line("Raw", 9100),
        line("Remote", two.port).replace("=;lo;", "=;eth0;"),
        line("All", two.port, address="255.255.255.255"),
        line("Name", two.port, address="localhost"),
    )
    assert desk.run("find") == 1
    assert network.met == [] and two.connection_log == []


def test_same_uuid_proves_nothing(desk: Desk, printers: tuple[Printer, Printer]) -> None:
    """Who says to be the pinned printer in each word is not it."""
    one, two = printers
    desk.write(f'127.0.0.1:{one.port} spki-sha256:{OWN.spki_sha256.hex()} label="One"\n')
    txt = '"ty=Make 7" "UUID=f4ce27c7-bd38-3f7d-629f-6e5ce8611798"'
    announce(desk, line("One", one.port, txt=txt), line("One", two.port, host="evil.local", txt=txt))
    assert desk.run("find", "--timeout", "60") == 1
    assert [each.split()[0] for each in desk.output.splitlines()] == ["CHANGED", "pinned"]


def test_flood(desk: Desk, printers: tuple[Printer, Printer]) -> None:
    """Ten thousand announcements of ports at which nobody is: the pinned printer is found, the rest is counted."""
    one, _ = printers
    desk.write(f"127.0.0.1:{one.port} spki-sha256:{OWN.spki_sha256.hex()}\n")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        closed = listener.getsockname()[1]
    flood = [line(f"x{n}", closed, host=f"h{n}.local") for n in range(10_000)]
    announce(desk, *flood, line("One", one.port))
    assert desk.run("find", "--timeout", "60") == 0
    assert [each for each in desk.output.splitlines() if each.startswith("pinned ")] == desk.output.splitlines()[:1]
    assert "9501 more announcements were left out" in desk.errors


def test_silence_takes_no_longer(desk: Desk) -> None:
    """A port that takes connections and says nothing ends with the time that was given."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        desk.network = replace(announce(desk, line("Mute", listener.getsockname()[1])), patience=0)
        assert desk.run("find", "--timeout", "1") == 0
    assert desk.output.startswith("no answer ") and "ipps443ctl add" not in desk.output


@pytest.mark.parametrize("text", ["0", "-1", "601", "x", "nan", ""])
def test_timeout_that_makes_no_sense(desk: Desk, text: str) -> None:
    """Exit code 2, and the words that do."""
    announce(desk)
    assert desk.run("find", f"--timeout={text}") == 2
    assert "--timeout: seconds, 1 to 600" in desk.errors


@pytest.mark.parametrize("signed", [True, False])
def test_pinned_ca(desk: Desk, signed: bool) -> None:
    """A printer that a pinned CA vouches for under its name is pinned, by an address that was announced for it."""
    authority = make_authority("Our CA")
    path = desk.folder / "ca.pem"
    path.write_bytes(authority.cert_pem)
    issuer = authority if signed else make_authority("Our CA")
    with Printer(certificate=make_certificate("vm.local", names=("vm.local",), issuer=issuer)) as printer:
        assert desk.run("import", "--ca", str(path), f"vm.local:{printer.port}") == 0, desk.errors
        announce(desk, line("One", printer.port))
        assert desk.run("find", "--timeout", "60") == (0 if signed else 1)
        assert desk.output.startswith("pinned " if signed else "refused ")
        assert printer.requests == []


def pin_two_cas(desk: Desk, port: int) -> tuple[Certificate, Certificate]:
    """Pin one CA for the printer's name, and a different one for its address."""
    authorities = make_authority("Of the name"), make_authority("Of the address")
    for authority, host in zip(authorities, ("vm.local", "127.0.0.1")):
        path = desk.folder / f"{host}.pem"
        path.write_bytes(authority.cert_pem)
        assert desk.run("import", "--ca", str(path), f"{host}:{port}") == 0, desk.errors
    return authorities


@pytest.mark.parametrize(
    ("issuer", "name", "said"),
    [
        (0, "vm.local", "pinned"),
        (1, "127.0.0.1", "pinned"),
        (1, "vm.local", "refused"),
        (0, "127.0.0.1", "refused"),
    ],
)
def test_each_ca_for_its_own_place(desk: Desk, issuer: int, name: str, said: str) -> None:
    """A CA that is pinned for the address vouches under the address alone, and that for the name under the name."""
    with Printer() as printer:
        authority = pin_two_cas(desk, printer.port)[issuer]
        printer.certificate = make_certificate(name, names=(name,), issuer=authority)
        announce(desk, line("One", printer.port))
        desk.run("find", "--timeout", "60")
        assert desk.output.startswith(f"{said} "), desk.output
        assert (f"as vm.local:{printer.port}" in desk.output) == (said == "pinned" and name == "vm.local")


def test_ca_of_a_second_name_for_one_address(desk: Desk) -> None:
    """A printer that announces itself under two pinned names proves each of them."""
    authority = make_authority("Our CA")
    path = desk.folder / "ca.pem"
    path.write_bytes(authority.cert_pem)
    names = ("one.local", "two.local")
    with Printer(certificate=make_certificate(names[0], names=names, issuer=authority)) as printer:
        for host in names:
            assert desk.run("import", "--ca", str(path), f"{host}:{printer.port}") == 0, desk.errors
        announce(desk, *(line(host, printer.port, host=host) for host in names))
        found = desk.value("find", "--timeout", "60")["printers"]
        assert [each["pinned_as"] for each in found if each["trusted"]] == [f"{host}:{printer.port}" for host in names]


def test_one_time_for_all_handshakes(desk: Desk) -> None:
    """The handshake in which a CA is looked for has what the first one has left."""
    given: list[float] = []

    class Slow(Announced):
        def meet(self, target: Target, seconds: float) -> Outcome:
            given.append(seconds)
            desk.slept += 30
            return Outcome(OWN.der)

        def ask_ca(self, target: Target, seconds: float, authorities: str) -> tuple[bytes, CaVerdict | None]:
            given.append(seconds)
            desk.slept += 30
            return OWN.der, CaVerdict()

    pin_two_cas(desk, 443)
    desk.network = Slow({}, lines=(line("One", 443),))
    assert desk.run("find", "--timeout", "60") == 0
    first, second = given
    assert 50 < first <= 54 and second <= first - 30, "the third had no time left"


def test_unreadable_pins(desk: Desk) -> None:
    """Nobody is called "not pinned" by a pin file that nobody could read."""
    desk.write("rubbish\n")
    announce(desk, line("One", 443))
    assert desk.run("find") == 1
    assert "line 1" in desk.errors and desk.output == ""


# --- avahi-browse -----------------------------------------------------------------------------------------


def program(folder: Path, text: str) -> Network:
    """Return a network on which avahi-browse is a script."""
    path = folder / "avahi-browse"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return Network({"DBUS_SYSTEM_BUS_ADDRESS": "unix:path=/bus", "LD_PRELOAD": "/x"}, folders=f"{folder}:/usr/bin:/bin")


def test_browse_until_the_time_is_over(tmp_path: Path) -> None:
    """Both services are asked for; a program that never ends is ended, and what it has said counts."""
    network = program(tmp_path, 'echo "=;$4;$DBUS_SYSTEM_BUS_ADDRESS;$LD_PRELOAD"; exec sleep 1000')
    lines = network.browse(1.0)
    assert sorted(filter(None, lines)) == ["=;_ipp._tcp;unix:path=/bus;", "=;_ipps._tcp;unix:path=/bus;"]


def test_browse_that_says_too_much(tmp_path: Path) -> None:
    """It is read no further than makes sense, and ended."""
    assert len("".join(program(tmp_path, "exec yes '=;x'").browse(600))) < 40 << 20


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    """They are part of a line like others."""
    assert any("\udcff" in each for each in program(tmp_path, r"printf '=;\377\n'").browse(600))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("echo 'Failed to create client object: Daemon not running' >&2; exit 1", "object: Daemon not running;"),
        ("echo 'Failed to resolve x' >&2; echo 'Daemon connection failed' >&2; exit 1", "e: Daemon connection failed;"),
        ("exit 3", "avahi-browse: exit code 3;"),
    ],
)
def test_no_daemon(tmp_path: Path, desk: Desk, text: str, said: str) -> None:
    """What avahi says last before it ends, and what to do."""
    desk.network = program(tmp_path, text)
    assert desk.run("find") == 1
    assert said in desk.errors and "systemctl start avahi-daemon" in desk.errors


def test_a_printer_that_cannot_be_resolved(tmp_path: Path, desk: Desk) -> None:
    """avahi says so of one printer and goes on: its daemon runs, and no printer was found."""
    desk.network = program(tmp_path, "echo 'Failed to resolve service: Timeout reached' >&2; exec sleep 1000")
    assert desk.run("find", "--timeout", "1") == 1
    assert "No printer announces itself" in desk.output and "avahi-daemon" not in desk.errors


def test_no_avahi(tmp_path: Path, desk: Desk) -> None:
    """The packages are named, and a program gets a code."""
    desk.network = replace(Network({}), folders=str(tmp_path))
    assert desk.value("find")["error"]["code"] == "refused"
    assert "apt-get install avahi-daemon avahi-utils" in desk.errors
