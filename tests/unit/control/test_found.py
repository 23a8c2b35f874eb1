"""backend.control.found: who is pinned, who has changed, and who is a stranger, whatever they announce."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.control.announcements import Announcement
from backend.control.found import (
    Found,
    Outcome,
    Pins,
    Printer,
    Round,
    State,
    Target,
    device_uri,
    gather,
    queue_names,
)
from backend.control.host import parse_printer_host
from backend.trust.judgement import CaVerdict
from backend.trust.pin_file import parse_pins
from tests.unit.trust.certificates import NOW, certificate

OURS, OTHER = certificate(), certificate("other-name")
ONE = Announcement("One", "_ipps._tcp", "one.local", "192.0.2.1", 631, "Make 1")


def line(key: str, which: Any = OURS, more: str = "") -> str:
    return f"{key} spki-sha256:{which.spki_sha256.hex()} {more}\n"


def look(
    announcements: list[Announcement], pins: str, shown: dict[tuple[str, int], Any], now: Any = NOW
) -> list[Found]:
    """Find printers, where each address and port shows a certificate or does not answer."""
    known = Pins(parse_pins(pins))
    printers, _ = gather(announcements, known)
    everything = Round(printers, known)
    outcomes = {
        target: Outcome(shown[target.address, target.port].der)
        if (target.address, target.port) in shown
        else Outcome(trouble="refused")
        for target in everything.targets()
    }
    return everything.judge(outcomes, now)


def states(*arguments: Any) -> dict[str, str]:
    return {row.printer.name: row.state.value for row in look(*arguments)}


def test_a_stranger() -> None:
    """Without a pin a printer is not pinned, at port 443 if it is there too."""
    (row,) = look([ONE], "", {("192.0.2.1", 631): OURS, ("192.0.2.1", 443): OURS})
    assert (row.state, row.port, row.pinned_as) == (State.NOT_PINNED, 443, "")
    (row,) = look([ONE], "", {("192.0.2.1", 631): OURS})
    assert (row.state, row.port) == (State.NOT_PINNED, 631)


@pytest.mark.parametrize("key", ["one.local:443", "one.local:631", "192.0.2.1:443", "192.0.2.1:631", "one.local:8443"])
def test_pinned_under_any_of_its_places(key: str) -> None:
    """By its name or its address, at a port that it announces, at 443, or at one that only the pin file knows."""
    port = int(key.rpartition(":")[2])
    everywhere = {("192.0.2.1", 443): OTHER, ("192.0.2.1", 631): OTHER, ("192.0.2.1", port): OURS}
    (row,) = look([ONE], line(key), everywhere)
    assert (row.state, row.port, row.pinned_as) == (State.PINNED, port, key)
    assert device_uri(row, False) == parse_printer_host(key).device_uri.replace("/ipp/print", "")


def test_old_pin_for_the_address() -> None:
    """A printer that is pinned by its name is pinned, also where its address was that of a different one."""
    pins = line("192.0.2.1:631", OTHER) + line("one.local:631")
    (row,) = look([ONE], pins, {("192.0.2.1", 631): OURS})
    assert (row.state, row.pinned_as) == (State.PINNED, "one.local:631")


def test_pinned_under_a_different_name() -> None:
    """The key of a printer that is pinned by its name in DNS is that printer's, and the row says as which."""
    (row,) = look([ONE], line("printer.example.com:443"), {("192.0.2.1", 631): OURS})
    assert (row.state, row.pinned_as) == (State.PINNED, "printer.example.com:443")
    assert device_uri(row, True) == "ipps443://printer.example.com"


@pytest.mark.parametrize("key", ["one.local:443", "one.local:631", "192.0.2.1:443", "192.0.2.1:631"])
@pytest.mark.parametrize("others", ["", line("b:443", OTHER)])
def test_impostor_with_the_name_or_address(key: str, others: str) -> None:
    """Whoever answers where a pinned printer was is CHANGED, with the key of a different pinned printer as well."""
    (row,) = look([ONE], line(key) + others, {("192.0.2.1", 443): OTHER, ("192.0.2.1", 631): OTHER})
    assert (row.state, row.pinned_as) == (State.CHANGED, key)


@pytest.mark.parametrize(
    "one, key, place",
    [
        (replace(ONE, address="192.0.2.66"), "one.local:443", ("192.0.2.66", 443)),
        (replace(ONE, port=8443), "one.local:9443", ("192.0.2.1", 8443)),
    ],
)
def test_impostor_at_a_different_place(one: Announcement, key: str, place: tuple[str, int]) -> None:
    """The printer's name for a host of his own, or with a port that is not pinned, and nothing at the one that is."""
    (row,) = look([one], line(key), {place: OTHER})
    assert (row.state, row.pinned_as) == (State.CHANGED, key)


@pytest.mark.parametrize("name", ["Hall printer", "hall  PRINTER", "\uff28all printer"])
def test_impostor_with_the_label(name: str) -> None:
    """What people call the printer, from a host that has nothing to do with it."""
    pins = line("printer.example.com:443", more='label="Hall printer"')
    announced = Announcement(name, "_ipp._tcp", "x.local", "192.0.2.66", 631)
    (row,) = look([announced], pins, {("192.0.2.66", 631): OTHER})
    assert (row.state, row.pinned_as) == (State.CHANGED, "printer.example.com:443")
    (row,) = look([announced], pins, {("192.0.2.66", 631): OURS})
    assert row.state is State.PINNED


def test_impostor_beside_the_printer() -> None:
    """Both announce the same name at the same time, the impostor with a host, or only an address, of his own."""
    shown = {("192.0.2.1", 631): OURS, ("192.0.2.66", 631): OTHER}
    for host, address in (("x.local", "192.0.2.66"), ("one.local", "192.0.2.66")):
        rows = look([ONE, replace(ONE, host=host, address=address)], line("192.0.2.1:631"), shown)
        assert [(row.state, row.address) for row in rows] == [
            (State.CHANGED, "192.0.2.66"),
            (State.PINNED, "192.0.2.1"),
        ]


def test_changed_at_all_of_its_addresses() -> None:
    """Nobody gets a better word for the address that is not pinned."""
    both = [ONE, replace(ONE, address="2001:db8::1")]
    shown = {("192.0.2.1", 631): OTHER, ("2001:db8::1", 631): OTHER}
    (row,) = look(both, line("192.0.2.1:631"), shown)
    assert row.state is State.CHANGED
    rows = look(both, line("192.0.2.1:631"), shown | {("2001:db8::1", 631): certificate("ed25519")})
    assert [row.state for row in rows] == [State.CHANGED, State.CHANGED]


def test_two_printers_of_one_machine() -> None:
    """Each is at its own port, and the pin of one says nothing about the other, at 443 neither."""
    two = replace(ONE, name="Two", port=632)
    shown = {("192.0.2.1", 631): OURS, ("192.0.2.1", 632): OTHER}
    assert states([ONE, two], line("one.local:631"), shown) == {"One": "pinned", "Two": "not pinned"}
    one = replace(ONE, port=443)
    shown = {("192.0.2.1", 443): OURS, ("192.0.2.1", 632): OTHER}
    assert states([one, two], line("one.local:443"), shown) == {"One": "pinned", "Two": "not pinned"}
    shown = {("192.0.2.1", 443): OTHER, ("192.0.2.1", 632): OTHER}
    assert states([one, two], line("one.local:443"), shown) == {"One": "CHANGED", "Two": "not pinned"}


def test_a_host_that_is_pinned_elsewhere_too() -> None:
    """A machine that proves its pinned port may have a second service that is not pinned."""
    two = replace(ONE, name="Two", port=632)
    shown = {("192.0.2.1", 9443): OURS, ("192.0.2.1", 632): OTHER, ("192.0.2.1", 631): OTHER}
    assert states([ONE, two], line("one.local:9443"), shown) == {"One": "not pinned", "Two": "not pinned"}


def test_a_host_that_is_pinned_at_many_ports() -> None:
    """Of more pinned ports than are tried, those that were not tried prove nothing, and make nobody CHANGED."""
    two = replace(ONE, name="Two", port=632)
    ports = range(9443, 9449)
    shown = {("192.0.2.1", 632): OTHER, ("192.0.2.1", 631): OTHER} | {("192.0.2.1", port): OURS for port in ports}
    pins = "".join(line(f"one.local:{port}") for port in ports)
    assert states([ONE, two], pins, shown) == {"One": "not pinned", "Two": "not pinned"}


def test_printers_without_a_usable_host() -> None:
    """What one of them announces says nothing about another: each is looked for at 443 and at its pinned port."""
    one, two = replace(ONE, host=""), replace(ONE, name="Two", host="", address="192.0.2.2", port=632)
    known = Pins(parse_pins(line("192.0.2.1:9443")))
    targets = Round(gather([one, two], known)[0], known).targets()
    assert {(each.address, each.port) for each in targets} == {
        ("192.0.2.1", 443),
        ("192.0.2.1", 631),
        ("192.0.2.1", 9443),
        ("192.0.2.2", 443),
        ("192.0.2.2", 632),
    }


def test_no_answer() -> None:
    """Neither trusted nor changed, and the pin is named."""
    (row,) = look([ONE], line("one.local:443"), {})
    assert (row.state, row.pinned_as, row.text) == (State.NO_ANSWER, "one.local:443", "refused")


def test_small_key() -> None:
    """Under the right pin as well, as for a job."""
    weak = certificate("rsa512")
    (row,) = look([ONE], line("one.local:631", weak), {("192.0.2.1", 631): weak})
    assert row.state is State.REFUSED and "512" in row.text


@pytest.mark.parametrize(
    "verdict, state", [(CaVerdict(), State.PINNED), (CaVerdict(20, "x"), State.REFUSED), (None, State.REFUSED)]
)
def test_pinned_ca(verdict: CaVerdict | None, state: State) -> None:
    """What OpenSSL says of the chain decides; without its word there is no trust."""
    known = Pins(parse_pins("one.local:631 ca:x.pem\n"))
    everything = Round(gather([ONE], known)[0], known)
    verdicts = {"one.local:631": verdict} if verdict else {}
    (row,) = everything.judge({Target("192.0.2.1", 631): Outcome(OURS.der, ca_verdicts=verdicts)}, NOW)
    assert row.state is state


def test_raw_ports_are_not_tried() -> None:
    """A printer would print the handshake."""
    known = Pins(parse_pins(line("one.local:9101")))
    printers, _ = gather([replace(ONE, port=9100), ONE], known)
    assert {target.port for target in Round(printers, known).targets()} == {443, 631}


def test_ten_thousand_announcements() -> None:
    """Someone announces without end: the pinned printer is looked at first, the rest is counted."""
    flood = [Announcement(f"n{n}", "_ipp._tcp", f"h{n}.local", f"192.0.2.{n % 250}", 20_000 + n) for n in range(10_000)]
    known = Pins(parse_pins(line("one.local:443") + line("b:443", more='label="n9999"')))
    printers, left_out = gather([*flood, ONE], known)
    assert {printers[0].name, printers[1].name} == {"n9999", "One"}
    assert (len(printers), left_out) == (500, 9501)
    everything = Round(printers, known)
    rows = everything.judge(dict.fromkeys(everything.targets(), Outcome(OTHER.der)), NOW)
    assert len(rows) == 500 and len(set(queue_names(rows))) == 500


def test_one_printer_with_endless_places() -> None:
    """All under one name: no more addresses and ports than a printer has."""
    flood = [replace(ONE, address=f"192.0.2.{n % 250}", port=2000 + n) for n in range(10_000)]
    known = Pins(parse_pins("".join(line(f"one.local:{port}") for port in range(10_000, 10_050))))
    printers, _ = gather(flood, known)
    assert len(printers) == 1
    assert len(Round(printers, known).targets()) == 4 * (1 + 4 + 4)


def test_names_of_queues() -> None:
    """Plain letters of the printer's own name, as many as lpstat has room for; the second of a name has a number."""
    said = ["H\u00e4ll 7", "\u2764", "", "x" * 41, "a-" * 30, "hall_7", "HALL 7"]
    rows = [Found(Printer(name, "", (), ()), State.NOT_PINNED, "", 443) for name in said]
    assert queue_names(rows) == ["hall-7", "printer", "printer-2", "x" * 40, "a-" * 19 + "a", "hall-7-2", "hall-7-3"]


NAMES = st.sampled_from(["One", "Two", "one", "\x1b[2J", ""])
HOSTS = st.sampled_from(["one.local", "two.local", ""])
ADDRESSES = st.sampled_from(["192.0.2.1", "192.0.2.2", "2001:db8::1", "fe80::1%eth0"])
PORTS = st.sampled_from([443, 631, 8443])
ANNOUNCEMENTS = st.builds(Announcement, NAMES, st.sampled_from(["_ipp._tcp", "_ipps._tcp"]), HOSTS, ADDRESSES, PORTS)
KEYS = st.sampled_from(["one.local:443", "one.local:631", "192.0.2.1:631", "two.local:8443", "[fe80::1%eth0]:443"])


@given(
    st.lists(ANNOUNCEMENTS, max_size=6),
    st.lists(KEYS, max_size=4),
    st.dictionaries(st.tuples(ADDRESSES, PORTS), st.booleans()),
)
@settings(deadline=None, max_examples=60)
def test_only_the_key_makes_pinned(announcements: list[Announcement], keys: list[str], shown: dict[Any, bool]) -> None:
    """Whatever is announced, pinned are those that show the key, and no stranger stands where a pin is."""
    pins = "".join(line(key, more='label="One"') for key in dict.fromkeys(keys))
    rows = look(announcements, pins, {place: OURS if ours else OTHER for place, ours in shown.items()})
    for row in rows:
        assert (row.state is State.PINNED) == (bool(keys) and row.der == OURS.der)
        if row.state is State.NOT_PINNED:
            places = {f"{row.printer.host}:{row.port}", f"{row.address}:{row.port}", f"[{row.address}]:{row.port}"}
            assert not places & set(keys)
            assert row.printer.name.lower() != "one" or not keys
        parse_printer_host(device_uri(row, True))
    assert {row.printer.name for row in rows} == {each.name for each in announcements}
    names = queue_names(rows)
    assert len(set(names)) == len(names) and all(name.replace("-", "x").isalnum() for name in names)
