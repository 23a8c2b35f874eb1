"""Printers that wake up, and someone on the network who looks like one: what neither may choose for a queue."""

from __future__ import annotations

import dataclasses
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.control import examination, real_console
from backend.trust.fingerprint import as_hex
from tests.printer import Faults, Printer, make_certificate
from tests.unit.control.conftest import Cups, Desk
from tests.unit.control.gate import ACTIONS, PASS, Gate, Rule, first, modern, named, newest
from tests.unit.control.models import install_models

OWN = make_certificate("localhost")


@pytest.fixture
def cupsd() -> Cups:
    return Cups({})


@pytest.fixture
def desk(tmp_path: Path, cupsd: Cups) -> Desk:
    return Desk(tmp_path, cups=lambda: cupsd, environ=install_models(tmp_path / "data"))


@pytest.fixture(autouse=True)
def short_times(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits 15 seconds for a connection that is dead on purpose."""
    monkeypatch.setattr(real_console, "TIMEOUT", 1.5)
    monkeypatch.setattr(examination, "TIMEOUTS", dataclasses.replace(examination.TIMEOUTS, connect=3, handshake=3))


@pytest.fixture(scope="module")
def printer() -> Iterator[Printer]:
    with Printer(certificate=OWN) as printer:
        yield printer


@pytest.fixture(scope="module")
def old_printer() -> Iterator[Printer]:
    with Printer(certificate=OWN, faults=Faults(tls="1.0-1.1")) as printer:
        yield printer


def pin(desk: Desk, gate: Gate) -> None:
    desk.write(f"localhost:{gate.port} spki-sha256:{OWN.spki_sha256.hex()}\n")


def uri(gate: Gate, rest: str = "/ipp/print") -> str:
    return f"ipps443://localhost:{gate.port}{rest}"


# --- the first connections are lost -----------------------------------------------------------------------

#: The most first connections that are lost: a silent one takes its time, and no TLS is an answer in the end.
MOST = {action: {"dead": 3, "banner": 4}.get(action, 7) for action in ACTIONS}
#: Every number for one kind of loss, the most for all.
LOST = [("close", count) for count in range(8)] + [(each, MOST[each]) for each in ACTIONS[1:]]


@pytest.mark.parametrize("action, count", LOST)
def test_one_device_uri(desk: Desk, cupsd: Cups, printer: Printer, action: str, count: int) -> None:
    """However many first connections are lost, and however: add makes the same queue as without any loss."""
    with Gate(printer.port, first(count, action)) as gate:
        assert desk.run("add", "one", uri(gate), "--yes") == 0, desk.errors
        assert [made["device"] for made in cupsd.made] == [uri(gate)]
        assert desk.on_file("localhost", gate.port) == [(OWN.cert_sha256, OWN.spki_sha256)]
        assert gate.log[:count] == [action] * count
        assert ("trying again" in desk.errors) == (count > 0)


@pytest.mark.parametrize("action, count", [("close", 1), ("reset", 5), ("alert:70", 3)])
def test_probe_suggests_the_same(desk: Desk, printer: Printer, action: str, count: int) -> None:
    """probe writes nothing, and its suggestion is the same too."""
    with Gate(printer.port, first(count, action)) as gate:
        pin(desk, gate)
        assert desk.value("probe", uri(gate))["device_uri"] == uri(gate)


@pytest.mark.parametrize(
    "losses",
    [
        dict(enumerate(("close", "alert:70", "reset"))),
        dict(enumerate(("alert:40", "alert:70", "alert:112", "close"))),
        *(dict.fromkeys(numbers, "reset") for numbers in ((1,), (2, 3), (4, 5))),
        *(dict.fromkeys(numbers, "close") for numbers in ((1, 2), (3,), (1, 3, 5, 7))),
    ],
    ids=str,
)
def test_losses_later(desk: Desk, cupsd: Cups, printer: Printer, losses: dict[int, str]) -> None:
    """Neither TLS that starts in steps, nor a break before HTTP or within it, changes options or path."""
    with Gate(printer.port, lambda number, hello: losses.get(number, PASS)) as gate:
        assert desk.run("add", "one", uri(gate), "--yes") == 0, desk.errors
        assert cupsd.made[0]["device"] == uri(gate)


def test_path_survives_broken_connections(desk: Desk, cupsd: Cups) -> None:
    """A connection that breaks at the first question says nothing about the path; one that always does, does."""
    with Printer(certificate=OWN, faults=Faults(at="rst@headers", times="2", path="any")) as printer:
        desk.write(f"localhost:{printer.port} spki-sha256:{OWN.spki_sha256.hex()}\n")
        assert desk.value("probe", f"localhost:{printer.port}")["path"] == "/ipp/print"


# --- exceptions that a printer needs ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "rule, option",
    [
        (newest("close"), "tls=1.2-only"),
        (newest("alert:40"), "tls=1.2-only"),
        (newest("alert:70"), "tls=1.2-only"),
        (newest("reset"), "tls=1.2-only"),
        (named("alert:112"), "sni=no"),
        (named("close"), "sni=no"),
    ],
)
def test_exception_is_seen_by_turns(desk: Desk, cupsd: Cups, printer: Printer, rule: Rule, option: str) -> None:
    """An exception is taken when it helped twice, with failures before, between and behind; and it is said."""
    with Gate(printer.port, rule) as gate:
        assert desk.run("add", "one", uri(gate), "--yes") == 0, desk.errors
        assert cupsd.made[0]["device"] == uri(gate, f"/ipp/print?{option}")
        assert f"fails without {option} and works with it" in desk.errors
        before = gate.log[: gate.log.index(PASS)]
        assert before and gate.log[len(before) : len(before) + 4] == [PASS, before[-1], PASS, before[-1]]


@pytest.mark.parametrize("success", range(1, 9))
def test_one_success_of_the_usual_hello_decides(desk: Desk, cupsd: Cups, printer: Printer, success: int) -> None:
    """Someone who lets one usual hello through, at whatever time before the proof, has chosen nothing."""
    hellos: list[int] = []

    def rule(number: int, hello: object) -> str:
        if not getattr(hello, "offers_tls13", False):
            return PASS
        hellos.append(number)
        return PASS if len(hellos) >= success else "close"

    with Gate(printer.port, rule) as gate:
        assert desk.run("add", "one", uri(gate), "--yes") == 0, desk.errors
        chosen = cupsd.made[0]["device"] != uri(gate)
        assert chosen == (success > 3)  # three failures by turns are the proof


def test_exception_that_helps_once_is_none(desk: Desk, cupsd: Cups, printer: Printer) -> None:
    """What helps only now and then is no exception: the printer is waited for, and in the end not reached."""
    others: list[int] = []

    def rule(number: int, hello: object) -> str:
        if getattr(hello, "offers_tls13", False):
            return "close"
        others.append(number)
        return PASS if len(others) % 2 else "close"

    with Gate(printer.port, rule) as gate:
        assert desk.run("add", "one", uri(gate), "--yes") == 3 and "[N01]" in desk.errors
        assert not cupsd.made and desk.text is None


# --- old TLS ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "typed, more, status",
    [
        (None, ["--yes"], 1),
        (None, ["--fingerprint", as_hex(OWN.spki_sha256)], 1),
        ("no\n", [], 1),
        ("\n", ["--yes"], 1),
        ("yes\nno\n", [], 1),
        ("yes\n", ["--yes"], 0),
        ("yes\nyes\n", [], 0),
        (None, ["--yes", "--legacy"], 0),
    ],
)
def test_old_tls_needs_a_word(
    desk: Desk,
    cupsd: Cups,
    old_printer: Printer,
    typed: str | None,
    more: list[str],
    status: int,
) -> None:
    """tls=legacy is asked for, or comes by its own option: an old printer cannot be told from an attacker's alerts."""
    with Gate(old_printer.port) as gate:
        desk.typed = typed
        assert desk.run("add", "one", uri(gate), *more) == status, desk.errors
        assert [made["device"] for made in cupsd.made] == ([] if status else [uri(gate, "/ipp/print?tls=legacy")])
        assert (desk.text is None) == bool(status)


@pytest.mark.parametrize("typed, more", [(None, ["--yes"]), ("yes\nyes\n", []), (None, ["--yes", "--legacy"])])
def test_alerts_that_are_not_the_printers(
    desk: Desk, cupsd: Cups, printer: Printer, typed: str | None, more: list[str]
) -> None:
    """A printer that speaks new TLS behind alerts about versions is not old, whatever the administrator says."""
    with Gate(printer.port, modern("alert:70")) as gate:
        desk.typed = typed
        assert desk.run("add", "one", uri(gate), *more) == 1
        assert "someone on the network" in desk.errors and "different network" in desk.errors
        assert not cupsd.made and desk.text is None and PASS in gate.log


@pytest.mark.parametrize("action", [action for action in ACTIONS if action not in ("alert:70", "dead")])
@pytest.mark.parametrize("more", [["--yes"], ["--yes", "--legacy"]])
def test_no_alert_about_versions_no_old_tls(
    desk: Desk, cupsd: Cups, printer: Printer, action: str, more: list[str]
) -> None:
    """Whatever else becomes of modern hellos is no reason for old TLS; not even with the administrator's word."""
    with Gate(printer.port, modern(action)) as gate:
        assert desk.run("add", "one", uri(gate), *more) == 3
        assert "legacy" not in desk.errors
        assert not cupsd.made and desk.text is None and PASS not in gate.log


@pytest.mark.parametrize("action", [each for each in ACTIONS if each != "dead"])  # which waits for silence each time
@pytest.mark.parametrize("words", [["pin", "--yes"], ["verify"]], ids=" ".join)
def test_old_tls_is_named_for_alerts_about_versions(
    desk: Desk, printer: Printer, words: list[str], action: str
) -> None:
    """No other failure of a handshake leads the administrator to tls=legacy."""
    with Gate(printer.port, modern(action)) as gate:
        pin(desk, gate)
        assert desk.run(*words, f"localhost:{gate.port}") == 3
        assert ("tls=legacy" in desk.errors) == (action == "alert:70") and "it says ''" not in desk.errors


@pytest.mark.parametrize("other", ["close", "alert:40", "reset"])
def test_alerts_about_versions_now_and_then(desk: Desk, cupsd: Cups, old_printer: Printer, other: str) -> None:
    """An alert about versions beside other failures is no proof of an old printer."""
    failures: list[int] = []

    def rule(number: int, hello: object) -> str:
        if "TLSv1" in getattr(hello, "version_names", ()):
            return PASS
        failures.append(number)
        return "alert:70" if len(failures) % 3 else other

    with Gate(old_printer.port, rule) as gate:
        assert desk.run("add", "one", uri(gate), "--yes", "--legacy") == 3
        assert not cupsd.made and desk.text is None


def test_probe_asks_as_well(desk: Desk, old_printer: Printer) -> None:
    """What probe suggests is pasted into lpadmin: no tls=legacy without the administrator's word."""
    with Gate(old_printer.port) as gate:
        pin(desk, gate)
        assert desk.run("probe", uri(gate)) == 1 and "--legacy" in desk.errors and "tls=legacy" not in desk.output
        assert desk.value("probe", uri(gate), "--legacy")["device_uri"] == uri(gate, "/ipp/print?tls=legacy")
        assert desk.value("probe", uri(gate, "/?tls=legacy"))["device_uri"] == uri(gate, "/ipp/print?tls=legacy")


# --- waiting ----------------------------------------------------------------------------------------------

COMMANDS = [("verify",), ("probe",), ("pin", "--yes"), ("add", "--yes")]


def arguments(words: tuple[str, ...], gate_uri: str) -> list[str]:
    return [words[0], *(["one"] if words[0] == "add" else []), gate_uri, *words[1:]]


@pytest.mark.parametrize(
    "words, action, count",
    zip(COMMANDS + COMMANDS[-1:], ("close", "reset", "alert:80", "close", "dead"), (3, 2, 2, 1, 1)),
)
def test_waits_for_the_printer(desk: Desk, printer: Printer, words: tuple[str, ...], action: str, count: int) -> None:
    """A printer whose first connections are lost is tried again, and whoever looks on is told why it takes time."""
    with Gate(printer.port, first(count, action)) as gate:
        pin(desk, gate)
        assert desk.run(*arguments(words, uri(gate))) == 0, desk.errors
        assert "trying again in 1 s" in desk.errors


@pytest.mark.parametrize("words", COMMANDS)
def test_waits_for_one_that_is_switched_on(desk: Desk, printer: Printer, words: tuple[str, ...]) -> None:
    """A port where nobody listens yet is waited for."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    gate: list[Printer] = []

    def switch_on(seconds: float) -> None:
        desk.slept += seconds
        if desk.slept > 5 and not gate:
            gate.append(Printer(certificate=OWN, port=port))
            gate[0].start()

    desk.sleep = switch_on  # type: ignore
    desk.write(f"localhost:{port} spki-sha256:{OWN.spki_sha256.hex()}\n")
    try:
        assert desk.run(*arguments(words, f"ipps443://localhost:{port}/ipp/print")) == 0, desk.errors
    finally:
        for started in gate:
            started.stop()


@pytest.mark.parametrize("words", COMMANDS)
def test_gives_up(desk: Desk, words: tuple[str, ...]) -> None:
    """After half a minute nobody is there, and nothing was changed."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    line = f"localhost:{port} spki-sha256:{OWN.spki_sha256.hex()}\n"
    desk.write(line)
    assert desk.run(*arguments(words, f"ipps443://localhost:{port}/ipp/print")) == 3
    assert 20 <= desk.slept <= 30 and "[N01]" in desk.errors and desk.text == line


@pytest.mark.parametrize("words", COMMANDS)
def test_unknown_name(desk: Desk, words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that nobody knows is a mistake of typing, and not waited for; names of mDNS come with the printer."""

    def unknown(*_arguments: object, **_more: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    desk.write("")
    assert desk.run(*arguments(words, "ipps443://no-such-printer.invalid/ipp/print")) == 3
    assert desk.slept == 0
    assert desk.run(*arguments(words, "ipps443://asleep.local/ipp/print")) == 3
    assert desk.slept > 20


def test_what_is_not_trusted_is_said_at_once(desk: Desk, printer: Printer) -> None:
    """A different certificate is an answer: no second try could make it right."""
    with Gate(printer.port) as gate:
        desk.write(f"localhost:{gate.port} spki-sha256:{bytes(32).hex()}\n")
        assert desk.run("verify", uri(gate)) == 1 and desk.slept == 0 and gate.log == [PASS]
