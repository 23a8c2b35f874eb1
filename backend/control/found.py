"""Which of the printers that were found is which: the pins against what each showed in a handshake.

Rules of the decision, for one announcement:

- it stands for host and port as it says, and for its addresses; the pins for these say who it has to be. A printer that
  fits is *pinned*, one that does not is *changed*;
- without such a pin, a key that is pinned for a different host or port is that printer, *pinned* under the other name;
- whoever announces the name of a pinned printer without having its key is *changed*: its label in the pin file, the
  name under which a pinned printer is found at the same time, or a host that has pins for a port at which nothing
  proves them;
- all others are *not pinned*. Nothing that is announced makes a printer trusted.

All of it is pure; handshakes are made elsewhere.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum
from functools import cached_property

from backend.control.announcements import SERVICES, Announcement
from backend.device_uri import DEFAULT_PATH, RAW_PORTS, SCHEME
from backend.trust.addresses import DEFAULT_PORT, pin_key
from backend.trust.certificate import cert_sha256, spki_sha256
from backend.trust.judgement import CaVerdict, Judgement, Verdict, judge
from backend.trust.pin_file import Pin, PinFile

#: Printers that are looked at; far more than announce themselves in one network, except to do harm.
MOST_PRINTERS = 500
#: Addresses of one printer that are tried: two interfaces with both families.
MOST_ADDRESSES = 4
#: Ports of one printer that are tried, of those announced and of those pinned.
MOST_PORTS = 4
LONGEST_QUEUE_NAME = 40


class State(Enum):
    """What there is to say of a printer that was found."""

    CHANGED = "CHANGED"
    REFUSED = "refused"
    PINNED = "pinned"
    NOT_PINNED = "not pinned"
    NO_ANSWER = "no answer"


@dataclass(frozen=True)
class Target:
    """Where a handshake is made, and the name of the server that is asked for."""

    address: str
    port: int
    name: str = field(default="", compare=False)


@dataclass(frozen=True)
class Outcome:
    """What a handshake showed: the leaf certificate, or why there is none."""

    der: bytes = b""
    trouble: str = ""
    #: What OpenSSL says with the CAs of each place that has one pinned (``Pin.key``), asked under that very name.
    ca_verdicts: Mapping[str, CaVerdict] = field(default_factory=dict)


@dataclass(frozen=True)
class Printer:
    """All that was announced under one name for one host."""

    name: str
    host: str
    addresses: tuple[str, ...]
    #: As announced, those of _ipps first.
    ports: tuple[int, ...]
    model: str = ""
    location: str = ""
    path: str = ""


@dataclass(frozen=True)
class Found:
    """One printer with what it proved."""

    printer: Printer
    state: State
    address: str
    port: int
    der: bytes = b""
    #: host:port of the pin that fits, or that does not.
    pinned_as: str = ""
    text: str = ""


class Pins:
    """The pin file as it is looked things up in here."""

    def __init__(self, file: PinFile) -> None:
        self.by_key: dict[str, list[Pin]] = {}
        self.by_host: dict[str, set[int]] = {}
        self.by_digest: dict[bytes, Pin] = {}
        self.by_label: dict[str, Pin] = {}
        for pin in file.pins:
            self.by_key.setdefault(pin.key, []).append(pin)
            self.by_host.setdefault(pin.host, set()).add(pin.port)
            if pin.label:
                self.by_label.setdefault(comparable(pin.label), pin)
            for digest in (pin.cert_sha256, pin.spki_sha256):
                if digest is not None:
                    self.by_digest.setdefault(digest, pin)

    def rank(self, printer: Printer) -> int:
        """Return 0 for a printer at a pinned place, 1 for one with a pinned name or host, 2 for all others."""
        hosts = [host for host in (printer.host, *map(as_host, printer.addresses)) if host]
        if any(f"{host}:{port}" in self.by_key for host in hosts for port in (DEFAULT_PORT, *printer.ports)):
            return 0
        return 1 if comparable(printer.name) in self.by_label or any(host in self.by_host for host in hosts) else 2

    def of_key(self, der: bytes) -> Pin | None:
        """Return a pin that fits a certificate, whomever it is for."""
        key = spki_sha256(der)
        return self.by_digest.get(cert_sha256(der)) or (self.by_digest.get(key) if key else None)


def comparable(name: str) -> str:
    """Return a name as people compare it: case, width and blanks do not count (RFC 6763 section 4.1.1, NFKC)."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def as_host(address: str) -> str:
    """Return an address as it stands in the pin file."""
    return f"[{address}]" if ":" in address else address


# --- who is to be asked -----------------------------------------------------------------------------------


def gather(announcements: Iterable[Announcement], pins: Pins) -> tuple[list[Printer], int]:
    """Return the printers that are looked at, and how many were left out; those that have to do with pins come first.

    One printer has an announcement for each service, interface and kind of address.
    """
    groups: dict[tuple[str, str], list[Announcement]] = {}
    for each in announcements:
        if each.port not in RAW_PORTS:
            groups.setdefault((each.name, each.host or each.address), []).append(each)
    printers = [_printer(group) for group in groups.values()]
    printers.sort(key=pins.rank)
    return printers[:MOST_PRINTERS], max(0, len(printers) - MOST_PRINTERS)


def _printer(group: list[Announcement]) -> Printer:
    group = sorted(group, key=lambda each: SERVICES.index(each.service))

    def word(name: str) -> str:
        return next((value for value in (getattr(each, name) for each in group) if value), "")

    addresses = sorted(dict.fromkeys(each.address for each in group), key=lambda text: (":" in text, "%" in text))
    ports = tuple(dict.fromkeys(each.port for each in group))[:MOST_PORTS]
    return Printer(group[0].name, group[0].host, tuple(addresses), ports, word("model"), word("location"), word("path"))


@dataclass(frozen=True)
class Round:
    """All printers of one search, with the pins."""

    printers: list[Printer]
    pins: Pins

    @cached_property
    def announced_ports(self) -> Mapping[str, set[int]]:
        """Which ports are announced for a host or address, by whichever printer."""
        ports: dict[str, set[int]] = {}
        for printer in self.printers:
            for host in filter(None, (printer.host, *printer.addresses)):
                ports.setdefault(host, set()).update(printer.ports)
        return ports

    @cached_property
    def _hosts(self) -> Mapping[str, dict[str, None]]:
        """Which hosts are announced for an address."""
        hosts: dict[str, dict[str, None]] = {}
        for printer in self.printers:
            for address in printer.addresses:
                hosts.setdefault(address, {})[printer.host] = None
        return hosts

    def own_ports(self, printer: Printer, address: str) -> tuple[int, ...]:
        """Return the ports at which a printer may be, the best first: 443, unless that is someone else's."""
        others = self.announced_ports.get(printer.host, set()) | self.announced_ports[address]
        if len(others) > len(printer.ports):  # several printers on one machine: each is at the port that it announces
            return tuple(sorted(printer.ports, key=lambda port: port != DEFAULT_PORT))
        return tuple(dict.fromkeys((DEFAULT_PORT, *printer.ports, *self.proofs(printer, address))))

    def proofs(self, printer: Printer, address: str) -> list[int]:
        """Return ports at which this host or address is pinned, and that nobody announces: those that are tried."""
        by_host = self.pins.by_host
        ports = by_host.get(printer.host, set()) | by_host.get(as_host(address), set())
        announced = self.announced_ports.get(printer.host, set()) | self.announced_ports[address]
        return sorted(ports - announced - set(RAW_PORTS))[:MOST_PORTS]

    def targets(self) -> list[Target]:
        """Return where handshakes are to be made, each once, the first port of each printer first."""
        ranks: list[list[Target]] = []
        for printer in self.printers:
            for address in printer.addresses[:MOST_ADDRESSES]:
                ports = (*self.own_ports(printer, address), *self.proofs(printer, address))
                for rank, port in enumerate(dict.fromkeys(ports)):
                    if rank == len(ranks):
                        ranks.append([])
                    ranks[rank].append(Target(address, port, printer.host))
        return list(dict.fromkeys(target for rank in ranks for target in rank))

    def pins_at(self, host: str, address: str, port: int) -> list[tuple[str, list[Pin]]]:
        """Return the pins for a place under each name that it has."""
        keys = [pin_key(name, port) for name in (host, as_host(address)) if name]
        return [(key, self.pins.by_key[key]) for key in keys if key in self.pins.by_key]

    def places_with_ca(self, target: Target) -> list[tuple[str, list[Pin]]]:
        """Return the pins of CAs that may vouch for who answers there, under each name that was announced for it."""
        places = [
            place for host in self._hosts[target.address] for place in self.pins_at(host, target.address, target.port)
        ]
        return [(key, pins) for key, pins in dict(places).items() if any(pin.ca for pin in pins)]

    # --- who is who

    def judge(self, outcomes: Mapping[Target, Outcome], now: datetime) -> list[Found]:
        """Decide about each printer; what is worth a look comes first, then by name."""
        found: list[Found] = []
        for printer in self.printers:
            rows = [self._at(printer, address, outcomes, now) for address in printer.addresses[:MOST_ADDRESSES]]
            if any(row.der for row in rows):
                rows = [row for row in rows if row.der]
            found += _together(rows)
        found = list(map(self._check_names(found), found))
        order = list(State)
        return sorted(found, key=lambda row: (order.index(row.state), comparable(row.printer.name), row.address))

    def _at(self, printer: Printer, address: str, outcomes: Mapping[Target, Outcome], now: datetime) -> Found:
        """Decide about a printer at one of its addresses."""
        ports = self.own_ports(printer, address)
        shown = {port: outcomes.get(Target(address, port), Outcome(trouble="not tried in time")) for port in ports}
        for state in (State.PINNED, State.CHANGED, State.REFUSED):
            for port, outcome in shown.items():
                row = self._by_its_own_pins(Found(printer, state, address, port, outcome.der), outcome, now)
                if row is not None:
                    return row
        answered = [port for port, outcome in shown.items() if outcome.der]
        if not answered:
            port = printer.ports[0]
            known = next((key for each in ports for key, _ in self.pins_at(printer.host, address, each)), "")
            return Found(printer, State.NO_ANSWER, address, port, b"", known, shown[port].trouble)
        for port in answered:
            pin = self.pins.of_key(shown[port].der)
            if pin is not None:
                return Found(printer, State.PINNED, address, port, shown[port].der, pin.key)
        row = Found(printer, State.NOT_PINNED, address, answered[0], shown[answered[0]].der)
        return self._by_its_host(row, outcomes, now)

    def _by_its_own_pins(self, row: Found, outcome: Outcome, now: datetime) -> Found | None:
        """Return the printer with its state if that is the one in the row, by the pins for its host and port."""
        if not outcome.der:
            return None
        for key, pins in self.pins_at(row.printer.host, row.address, row.port):
            state, text = _state_of(judge_place(pins, outcome, now))
            if state is row.state:
                return replace(row, pinned_as=key, text=text)
        return None

    def _by_its_host(self, row: Found, outcomes: Mapping[Target, Outcome], now: datetime) -> Found:
        """Look whether a host that is pinned at a different port proves it there."""
        for port in self.proofs(row.printer, row.address):
            outcome = outcomes.get(Target(row.address, port), Outcome())
            places = self.pins_at(row.printer.host, row.address, port)
            if not any(outcome.der and judge_place(pins, outcome, now).trusted for _, pins in places):
                text = f"{places[0][0]} is pinned, and nothing proves that this is the same host"
                return replace(row, state=State.CHANGED, pinned_as=places[0][0], text=text)
        return row

    def _check_names(self, found: list[Found]) -> Callable[[Found], Found]:
        """Return what looks at the name of a printer that has no pin of its own."""
        names = {name: pin.key for name, pin in self.pins.by_label.items()}
        names |= {comparable(row.printer.name): row.pinned_as for row in found if row.state is State.PINNED}

        def check(row: Found) -> Found:
            key = names.get(comparable(row.printer.name))
            if row.state is not State.NOT_PINNED or key is None:
                return row
            return replace(
                row, state=State.CHANGED, pinned_as=key, text=f"it has the name of {key}, and a different key"
            )

        return check


def _together(rows: list[Found]) -> list[Found]:
    """Return the rows of one printer, one for each certificate: what is wrong at one of its addresses is so at all."""
    wrong = next((row for row in rows if row.state is State.CHANGED), None)
    if wrong is not None:
        strangers = [row for row in rows if row.state is State.NOT_PINNED]
        rows = [
            replace(wrong, address=row.address, port=row.port, der=row.der) if row in strangers else row for row in rows
        ]
    unique = {(row.state, row.der): row for row in reversed(rows)}
    return list(unique.values())[::-1]


def judge_place(pins: list[Pin], outcome: Outcome, now: datetime) -> Judgement:
    """Judge a certificate by the pins for one host and port, as a job of a queue without options would."""
    pin = pins[0]
    return judge(pins, pin.host, pin.port, outcome.der, now=now, ca_verdict=outcome.ca_verdicts.get(pin.key))


def _state_of(judgement: Judgement) -> tuple[State, str]:
    if judgement.trusted:
        return State.PINNED, ""
    if judgement.verdict is Verdict.CHANGED:
        return State.CHANGED, "its key is not the pinned one"
    return State.REFUSED, judgement.reason or judgement.verdict.value


# --- what to do with one ----------------------------------------------------------------------------------


def device_uri(row: Found, names_resolve: bool) -> str:
    """Return the device URI of a queue for a printer: as it is pinned, else by its name if this machine finds names."""
    if row.state is State.PINNED:
        host, _, port = row.pinned_as.rpartition(":")
    else:
        named = row.printer.host if names_resolve and row.printer.host.endswith(".local") else ""
        host, port = named or as_host(row.address), str(row.port)
    path = "" if row.printer.path in ("", DEFAULT_PATH) else row.printer.path
    where = host.replace("%", "%25") + ("" if port == str(DEFAULT_PORT) else f":{port}")
    return f"{SCHEME}://{where}{path}"


def queue_names(found: Iterable[Found]) -> list[str]:
    """Return a name for a queue of each printer, made of plain letters of its own, all different."""
    names: dict[str, None] = {}
    numbers: dict[str, int] = {}
    for row in found:
        plain = unicodedata.normalize("NFKD", row.printer.name).encode("ascii", "ignore").decode()
        stem = re.sub("[^a-z0-9]+", "-", plain.lower())[:LONGEST_QUEUE_NAME].strip("-") or "printer"
        name = stem
        while name in names:
            numbers[stem] = numbers.get(stem, 1) + 1
            name = f"{stem}-{numbers[stem]}"
        names[name] = None
    return list(names)
