"""One pass of monitoring over everything that can be wrong with a fleet: each trouble is noticed, in each form."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta, timezone

import pytest

from backend.control.queue_watch import QueueResult, summary
from backend.trust.fingerprint import as_hex
from tests.printer import Printer, make_certificate
from tests.unit.control.conftest import Cups, Desk
from tests.unit.control.test_jobs import job
from tests.unit.trust.certificates import day

NOW = datetime(2026, 6, 1, tzinfo=timezone.utc)
LONG = make_certificate("long", not_before=day(2020), not_after=day(2035))
SOON = make_certificate("soon", not_before=day(2020), not_after=NOW + timedelta(days=20))
HELD = "Printer refuses this job: quota | Held; fix the account [P22]"


@pytest.fixture
def ports(desk: Desk) -> Iterator[dict[str, int]]:
    """Four printers with queues: one is well, one ends in 20 days, one has changed, one is off; a queue is stopped."""
    with ExitStack() as stack:
        printers = {name: Printer(certificate=SOON if name == "soon" else LONG) for name in ("well", "soon", "changed")}
        off = Printer(certificate=LONG)
        with off:
            for printer in printers.values():
                stack.enter_context(printer)
            for printer in (*printers.values(), off):
                words = ["--fingerprint", as_hex(printer.certificate.cert_sha256)]
                assert desk.run("pin", f"localhost:{printer.port}", *words) == 0
            found = {**{name: printer.port for name, printer in printers.items()}, "off": off.port}
        printers["changed"].certificate = make_certificate("new", not_before=day(2020), not_after=day(2035))
        queues = {
            name: {"device-uri": f"ipps443://localhost:{port}", "printer-state": 3} for name, port in found.items()
        }
        queues["changed"] |= {"printer-state": 5, "printer-state-message": "a different certificate [T02]"}
        cups = Cups(queues)
        desk.cups = lambda: cups
        cups.jobs = {
            7: job(4, HELD, "soon"),
            8: {**job(4, queue="well"), "job-state-reasons": "job-hold-until-specified"},  # its user holds it
            9: job(3, "is out of reach [N01]", "off"),
        }
        yield found


def test_nagios(desk: Desk, ports: dict[str, int]) -> None:
    """The first line counts each trouble, and each has a line of its own."""
    assert desk.run("verify", "--all", "--warn-days", "30", "--format", "nagios") == 2
    first, *rest = desk.output.splitlines()
    assert first.startswith(
        "IPPS443 CRITICAL - 4 printers: 1 not trusted, 1 unreachable, 1 expiring, 1 trusted;"
        " 4 queues: 1 stopped, 1 job held | "
    )
    assert first.endswith(" 'queues stopped'=1;;;0;4 'jobs held'=1;;;0")
    assert [line.split(": ")[:2] for line in rest] == [
        ["not trusted", f"localhost:{ports['changed']}"],
        ["unreachable", f"localhost:{ports['off']}"],
        ["expiring", f"localhost:{ports['soon']}"],
        ["stopped", "changed"],
        ["held", "soon-7"],
    ]
    assert rest[3:] == [
        "stopped: changed: a different certificate [T02]",
        "held: soon-7: Printer refuses this job: quota / Held; fix the account [P22]",
    ]
    assert "ends on 2026-06-21" in rest[2] and not any("|" in line for line in rest)


@pytest.mark.parametrize(
    ("stopped", "held", "status", "word"),
    [(True, True, 2, "CRITICAL"), (False, True, 1, "WARNING"), (False, False, 3, "UNKNOWN")],
)
def test_queues_without_a_pin(desk: Desk, stopped: bool, held: bool, status: int, word: str) -> None:
    """That there is no printer to ask hides neither a stopped queue nor a held job."""
    cups = Cups({"q": {"device-uri": "ipps443://localhost/", "printer-state": 5 if stopped else 3}})
    cups.jobs = {7: job(4, HELD, "q")} if held else {}
    desk.cups = lambda: cups
    desk.write("")
    assert desk.run("verify", "--all", "--format", "nagios") == status
    assert desk.output.startswith(f"IPPS443 {word} - 0 printers: none; 1 queues: ")
    assert ("stopped: q: no reason given" in desk.output) == stopped


def test_prometheus(desk: Desk, ports: dict[str, int]) -> None:
    """Each trouble is a value that a rule can ask for."""
    assert desk.run("verify", "--all", "--warn-days", "30", "--format", "prometheus") == 0
    lines = desk.output.splitlines()
    for metric, name, value in (
        ("printer_certificate_acknowledged_or_valid", "soon", 0),
        ("printer_trusted", "changed", 0),
        ("printer_reachable", "changed", 1),
        ("printer_reachable", "off", 0),
        ("printer_trusted", "well", 1),
    ):
        assert f'ipps443_{metric}{{printer="localhost:{ports[name]}",label=""}} {value}' in lines
    for name in ports:
        assert f'ipps443_queue_stopped{{queue="{name}"}} {int(name == "changed")}' in lines
        assert f'ipps443_queue_held_jobs{{queue="{name}"}} {int(name == "soon")}' in lines


@pytest.mark.parametrize(("stopped", "held", "status"), ((False, False, 0), (False, True, 1), (True, False, 2)))
def test_queues_count(desk: Desk, ports: dict[str, int], stopped: bool, held: bool, status: int) -> None:
    """A stopped queue is CRITICAL and a held job WARNING, though all printers are well."""
    desk.run("unpin", *(f"localhost:{ports[name]}" for name in ("soon", "changed", "off")))
    cups = desk.cups()
    cups.queues["changed"]["printer-state"] = 5 if stopped else 3
    cups.jobs = {7: job(4, HELD, "soon")} if held else {}
    assert desk.run("verify", "--all", "--format", "nagios") == status
    assert desk.run("verify", f"localhost:{ports['well']}", "--format", "nagios") == 0  # one printer is only that


@pytest.mark.parametrize(
    "queues, words",
    [
        ([], "0 queues: 0 stopped, 0 jobs held"),
        ([(True, ()), (False, (7,))], "2 queues: 1 stopped, 1 job held"),
        ([(True, (1, 2)), (True, (3,))], "2 queues: 2 stopped, 3 jobs held"),
    ],
)
def test_a_summary_of_queues(queues: list[tuple[bool, tuple[int, ...]]], words: str) -> None:
    """Stopped queues and held jobs are counted."""
    assert summary([QueueResult("q", *queue) for queue in queues]) == words
