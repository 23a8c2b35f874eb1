"""Several printers in one command: a result for each, nothing done twice, nothing lost half-way."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from backend.control.fleet import Entry, read_list
from backend.control.host import Misused
from backend.trust.fingerprint import as_hex
from tests.printer import Printer, make_certificate
from tests.unit.control.conftest import Desk
from tests.unit.trust.certificates import day

OWN = make_certificate("printer", not_before=day(2020), not_after=day(2035))
OTHER = make_certificate("printer", not_before=day(2020), not_after=day(2035))
A = "0" * 64


@pytest.fixture
def printers() -> Iterator[list[Printer]]:
    """Three printers that differ in their ports only."""
    with ExitStack() as stack:
        yield [stack.enter_context(Printer(certificate=OWN)) for _ in range(3)]


def host(printer: Printer) -> str:
    return f"localhost:{printer.port}"


def write_list(tmp_path: Path, printers: list[Printer], fingerprint: str = as_hex(OWN.cert_sha256)) -> str:
    path = tmp_path / "fleet.csv"
    rows = [f'{host(printer)},{fingerprint},"Room {number}"' for number, printer in enumerate(printers, 1)]
    path.write_text("# the second floor\nuri,fingerprint,label\n" + "\n".join(rows) + "\n\n")
    return str(path)


def results(desk: Desk, *words: str) -> list[Any]:
    """Run a command with --json and return what it says of each printer."""
    value = desk.value(*words)
    assert value["version"] == 1
    return [(each["port"], each["status"], each.get("changed")) for each in value["printers"]]


def test_list_in_any_order() -> None:
    """The first line names the columns; what is not there was not said, and a byte order mark is nothing."""
    text = '\ufeff\n# x\nlabel,URI\n"Room 1, left",ipps443://one/ipp/print\n,two:631\n'
    assert read_list(text, "x") == [Entry("ipps443://one/ipp/print", label="Room 1, left"), Entry("two:631")]


@pytest.mark.parametrize(
    ("text", "words"),
    (
        ("", "no printer"),
        ("uri\n", "no printer"),
        ("one\ntwo\n", "line 1: the first line names the columns"),
        ("uri,colour\none,red\n", "line 1"),
        ("uri,uri\none,two\n", "line 1"),
        ("queue;uri\na;one\n", "line 1: .* commas separate them, not semicolons"),
        ("uri\none\ntwo,three\n", "line 3: more fields"),
        ("uri,label\none,\n,Room\n", "line 3"),
        ('uri\n"one\n', "line 2"),
        ("uri\nhttp://one\n", "line 2"),
        ("uri,fingerprint\none,\ntwo,0123\n", "line 3: fingerprint: a SHA-256"),
        (f"uri,fingerprint\none,{A[:40]}\n", "line 2: fingerprint: that is a SHA-1"),
        ("uri\none\ntwo\nONE:443\n", "line 4: one:443 stands in line 2 already"),
        ("queue,uri\na,one\nb,one\nA,two\n", "line 4: queue A stands in line 2 already"),
        ("uri,label\none,a\x07b\n", "line 2: label"),
    ),
)
def test_list_with_a_fault(text: str, words: str) -> None:
    """A list with a fault in any line is refused as a whole, by its number."""
    with pytest.raises(Misused, match=words):
        read_list(text, "fleet.csv")


def test_pin_from_a_list(desk: Desk, printers: list[Printer], tmp_path: Path) -> None:
    """All are pinned, with labels and end dates; a second run changes nothing."""
    path = write_list(tmp_path, printers)
    assert results(desk, "pin", "--from", path) == [(printer.port, 0, True) for printer in printers]
    assert [(pin.label, pin.not_after) for pin in desk.pins.pins] == [(f"Room {n}", "2035-01-01") for n in (1, 2, 3)]
    text = desk.text
    desk.now += timedelta(days=3)
    assert results(desk, "pin", "--from", path) == [(printer.port, 0, False) for printer in printers]
    assert desk.text == text


def test_one_impostor_in_a_list(desk: Desk, printers: list[Printer], tmp_path: Path) -> None:
    """What has a different certificate is not pinned and named; the others are; run again, the rest is done."""
    path = write_list(tmp_path, printers)
    printers[1].certificate = OTHER
    desk.write("# nothing\n")
    assert desk.run("pin", "--from", path) == 1
    assert [pin.port for pin in desk.pins.pins] == [printers[0].port, printers[2].port]
    assert f"localhost:{printers[1].port}: the certificate's fingerprint is not" in desk.errors
    printers[1].certificate = OWN
    assert results(desk, "pin", "--from", path) == [
        (printers[0].port, 0, False),
        (printers[1].port, 0, True),
        (printers[2].port, 0, False),
    ]


def test_dry_run_changes_nothing(desk: Desk, printers: list[Printer], tmp_path: Path) -> None:
    """With --dry-run the same is said, and no file is made."""
    path = write_list(tmp_path, printers)
    assert results(desk, "pin", "--from", path, "--dry-run") == [(printer.port, 0, True) for printer in printers]
    assert desk.text is None and not desk.stored()
    desk.run("pin", "--from", path)
    text = desk.text
    assert results(desk, "unpin", "--from", path, "--dry-run") == [(printer.port, 0, True) for printer in printers]
    assert desk.text == text and desk.stored()


def test_unpin_several(desk: Desk) -> None:
    """Those that have no pin count as done in a list; a single one that has none is an error."""
    desk.write(f"one:443 spki-sha256:{A}\ntwo:443 spki-sha256:{A}\n")
    assert results(desk, "unpin", "one", "three") == [(443, 0, True), (443, 0, False)]
    assert [pin.host for pin in desk.pins.pins] == ["two"]
    assert desk.run("unpin", "three") == 1


def test_nobody_waits_for_one_of_many(desk: Desk, printers: list[Printer]) -> None:
    """A printer that is off is code 3 at once, and the others are pinned."""
    off = Printer(certificate=OWN)
    with off:
        port = off.port
    status = desk.run("pin", f"localhost:{port}", host(printers[0]), "--yes")
    assert (status, desk.slept) == (3, 0)
    assert [pin.port for pin in desk.pins.pins] == [printers[0].port]


@pytest.mark.parametrize("words", (["pin"], ["pin", "one", "--from", "x"], ["unpin"], ["pin", "--from", "/nowhere"]))
def test_no_printers_to_speak_of(desk: Desk, words: list[str]) -> None:
    """No host, two sources, or no file: wrong usage."""
    assert desk.run(*words) == 2 and desk.errors.count("\n") == 1


def test_acknowledged_end(desk: Desk, printers: list[Printer]) -> None:
    """Someone knows of it: noted in the pin that ends first, and gone with the next certificate."""
    desk.run("pin", host(printers[0]), "--yes")
    assert desk.value("pin", host(printers[0]), "--acknowledge")["changed"] is True
    assert desk.value("pin", host(printers[0]), "--acknowledge")["changed"] is False
    assert [pin.acknowledged for pin in desk.pins.pins] == ["2026-06-01"]
    printers[0].certificate = OTHER
    desk.run("pin", host(printers[0]), "--yes", "--replace")
    assert [pin.acknowledged for pin in desk.pins.pins] == [None]
    assert desk.run("pin", "nowhere", "--acknowledge") == 1
    ends = ("2026-08-01", "2035-01-01", "2026-06-30", "2026-07-02")
    desk.write("".join(f"one:443 spki-sha256:{n:064x} not-after={end}\n" for n, end in enumerate(ends)))
    for clock, known in (("2026-05-01", [2]), ("2026-05-01", [2]), ("2026-06-03", [2, 3]), ("2026-09-01", [0, 2, 3])):
        desk.now = datetime.fromisoformat(f"{clock}T00:00:00+00:00")
        desk.run("pin", "one", "--acknowledge")
        assert [n for n, pin in enumerate(desk.pins.pins) if pin.acknowledged] == known


def test_list_on_standard_input(desk: Desk) -> None:
    """FILE may be - as for other commands."""
    desk.write(f"one:443 spki-sha256:{A}\n")
    desk.typed = "uri\none\n"
    assert desk.run("unpin", "--from", "-", "--json") == 0
    assert json.loads(desk.output)["changed"] is True and not desk.pins.pins


def test_a_list_that_is_too_large(desk: Desk, tmp_path: Path) -> None:
    """One character too many is refused; it is not read in part."""
    path = tmp_path / "list"
    path.write_text("#" * ((16 << 20) + 1))
    assert desk.run("pin", "--from", str(path), "--yes") == 2 and "too large" in desk.errors
    path.write_text("#" * (16 << 20))
    desk.run("pin", "--from", str(path), "--yes")
    assert "too large" not in desk.errors
