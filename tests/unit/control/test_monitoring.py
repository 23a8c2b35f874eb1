"""ipps443ctl verify for many printers: what monitoring sees of one that ends soon, has changed, or is off."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

import pytest

from backend.trust.fingerprint import as_hex
from tests.printer import Printer, make_certificate
from tests.unit.control.conftest import Cups, Desk
from tests.unit.trust.certificates import day

END = datetime(2026, 6, 21, tzinfo=timezone.utc)
LONG = make_certificate("long", not_before=day(2020), not_after=day(2035))
SOON = make_certificate("soon", not_before=day(2020), not_after=END)
PAST = make_certificate("past", not_before=day(2020), not_after=datetime(2026, 5, 1, tzinfo=timezone.utc))


@dataclass
class Fleet:
    """Five printers, all pinned: two well, one that ends in 20 days, one that has changed, one that is off."""

    well: Printer
    also_well: Printer
    ending: Printer
    changed: Printer
    off: int


@pytest.fixture
def fleet(desk: Desk) -> Iterator[Fleet]:
    with ExitStack() as stack:
        certificates = (LONG, LONG, SOON, LONG, LONG)
        printers = [Printer(certificate=certificate) for certificate in certificates]
        well, also_well, ending, changed, off = printers
        stack.enter_context(well), stack.enter_context(also_well), stack.enter_context(ending)
        stack.enter_context(changed)
        with off:
            for printer in printers:
                words = ["--fingerprint", as_hex(printer.certificate.cert_sha256), "--label", 'Room "1" \\ | x']
                assert desk.run("pin", f"localhost:{printer.port}", *words) == 0
            port = off.port
        changed.certificate = make_certificate("changed", not_before=day(2020), not_after=day(2035))
        yield Fleet(well, also_well, ending, changed, port)


def states(desk: Desk, *words: str) -> dict[int, str]:
    return {each["port"]: each["state"] for each in desk.value("verify", *words)["printers"]}


def test_all_states(desk: Desk, fleet: Fleet) -> None:
    """Each printer has its state, in the order of the pin file; one that is off is asked twice."""
    assert list(states(desk, "--all", "--warn-days", "30").items()) == [
        (fleet.well.port, "trusted"),
        (fleet.also_well.port, "trusted"),
        (fleet.ending.port, "expiring"),
        (fleet.changed.port, "not trusted"),
        (fleet.off, "unreachable"),
    ]
    assert desk.slept == 2 and not fleet.well.jobs
    assert states(desk, "--all", "--warn-days", "10")[fleet.ending.port] == "trusted"
    assert states(desk, "--all")[fleet.ending.port] == "trusted"


@pytest.mark.parametrize(
    ("which", "status"), (("well", 0), ("ending", 1), ("changed", 1), ("off", 3), ("changed off", 1), ("well off", 3))
)
def test_exit_code(desk: Desk, fleet: Fleet, which: str, status: int) -> None:
    """0 all trusted, 1 one is not or ends soon, 3 one could not be reached and nothing was worse."""
    ports = {"off": fleet.off, **{name: getattr(fleet, name).port for name in ("well", "ending", "changed")}}
    hosts = [f"localhost:{ports[word]}" for word in which.split()]
    assert desk.run("verify", *hosts, "--warn-days", "30") == status


def test_nagios(desk: Desk, fleet: Fleet) -> None:
    """One line with perfdata, a line for each that is not well, and the exit codes of plugins."""
    assert desk.run("verify", "--all", "--format", "nagios") == 2
    first, *rest = desk.output.splitlines()
    assert first == (
        "IPPS443 CRITICAL - 5 printers: 1 not trusted, 1 unreachable, 1 expiring, 2 trusted | "
        "'not trusted'=1;;;0;5 'unreachable'=1;;;0;5 'expired'=0;;;0;5 'expiring'=1;;;0;5 'trusted'=2;;;0;5"
    )
    assert [line.split(":")[0] for line in rest] == ["not trusted", "unreachable", "expiring"]
    assert not any("|" in line for line in rest) and "[T02]" in rest[0]
    assert desk.run("verify", f"localhost:{fleet.ending.port}", "--format", "nagios") == 1
    assert desk.run("verify", f"localhost:{fleet.well.port}", "--format", "nagios") == 0


def test_nagios_without_pins(desk: Desk) -> None:
    """No printer is UNKNOWN; pins that cannot be read stop every job, so that is CRITICAL."""
    assert desk.run("verify", "--all", "--format", "nagios") == 3
    desk.write("nonsense\n")
    assert desk.run("verify", "--all", "--format", "nagios") == 2
    assert desk.output.startswith("IPPS443 CRITICAL - ") and "line 1" in desk.output


def test_end_on_file_that_is_no_day(desk: Desk) -> None:
    """Someone has written it by hand: the printer that is off has no end, and is reported like any other."""
    desk.write(f"localhost:1 cert-sha256:{'0' * 64} not-after=2026-02-30\n")
    (printer,) = desk.value("verify", "--all")["printers"]
    assert (printer["state"], printer["not_after"]) == ("unreachable", None)


def test_prometheus(desk: Desk, fleet: Fleet) -> None:
    """Metrics grouped by name, labels escaped; exit code 0, because the collector has its file."""
    assert desk.run("verify", "--all", "--format", "prometheus") == 0
    lines = desk.output.splitlines()
    form = re.compile(r'(# (HELP|TYPE) ipps443_\w+ .+|ipps443_\w+(\{printer="[^"]+",label="([^"\\]|\\.)*"\})? \d+)\Z')
    assert all(form.match(line) for line in lines)
    values = {line.rsplit(" ", 1)[0]: int(line.rsplit(" ", 1)[1]) for line in lines if line[0] != "#"}

    def value(metric: str, port: int) -> int | None:
        return values.get(f'ipps443_printer_{metric}{{printer="localhost:{port}",label="Room \\"1\\" \\\\ | x"}}')

    assert [value("trusted", port) for port in (fleet.well.port, fleet.changed.port, fleet.off)] == [1, 0, 0]
    assert [value("reachable", port) for port in (fleet.well.port, fleet.changed.port, fleet.off)] == [1, 1, 0]
    assert value("certificate_acknowledged_or_valid", fleet.ending.port) == 0
    assert value("certificate_not_after_seconds", fleet.ending.port) == int(END.timestamp())
    assert value("certificate_not_after_seconds", fleet.off) == int(day(2035).timestamp())  # from the pin file
    assert values["ipps443_verify_time_seconds"] == int(desk.now.timestamp())


def test_acknowledged_end_is_green(desk: Desk) -> None:
    """A certificate that has ended is found until someone has acknowledged it; one staged beside it is another."""
    with Printer(certificate=PAST) as printer:
        host = f"localhost:{printer.port}"
        assert desk.run("pin", host, "--yes") == 0
        assert desk.run("verify", "--all", "--warn-days", "0") == 1 and "ended on 2026-05-01" in desk.output
        assert desk.run("pin", host, "--acknowledge") == 0
        assert desk.run("verify", "--all", "--warn-days", "0") == 0
        printer.certificate = SOON
        assert desk.run("pin", host, "--fingerprint", as_hex(SOON.cert_sha256)) == 0
        assert desk.run("verify", "--all", "--warn-days", "30") == 1 and "ends on 2026-06-21" in desk.output
        assert desk.run("pin", host, "--acknowledge") == 0
        assert desk.run("verify", "--all", "--warn-days", "30") == 0


def test_printers_are_asked_side_by_side(desk: Desk, fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    """As many at once as --jobs says, and no more."""
    from backend.control import real_console

    real, lock, running, most = real_console.prove, threading.Lock(), 0, 0
    together = threading.Barrier(2)

    def prove(*arguments: Any) -> Any:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        try:
            together.wait(10)
            return real(*arguments)
        finally:
            with lock:
                running -= 1

    monkeypatch.setattr(real_console, "prove", prove)
    hosts = [f"localhost:{printer.port}" for printer in (fleet.well, fleet.also_well, fleet.ending, fleet.well)]
    assert desk.run("verify", *hosts, "--jobs", "2") == 0
    assert most == 2


def test_options_of_the_queue_count(desk: Desk, fleet: Fleet) -> None:
    """A printer that a queue has is reached as its jobs reach it, here with a pin in the device URI."""
    uri = f"ipps443://localhost:{fleet.changed.port}/ipp/print?pin={as_hex(fleet.changed.certificate.cert_sha256)}"
    cupsd = Cups({"q": {"device-uri": uri}, "other": {"device-uri": "ipp://x/"}, "odd": {"device-uri": "ipps443://"}})
    desk.cups = lambda: cupsd
    assert states(desk, "--all")[fleet.changed.port] == "trusted"


@pytest.mark.parametrize(
    "words",
    (
        ["--all", "one"],
        ["--all", "--jobs", "17"],
        ["--all", "--jobs", "0"],
        ["--all", "--format", "xml"],
        ["--all", "--warn-days", "-1"],
        ["--all", "--warn-days", "36526"],
    ),
)
def test_wrong_usage(desk: Desk, words: list[str]) -> None:
    """What makes no sense is refused before anything is asked."""
    assert desk.run("verify", *words) == 2
