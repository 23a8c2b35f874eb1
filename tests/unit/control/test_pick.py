"""ipps443ctl add without URI: a printer is picked by its number, and trusted no more for that."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.trust.fingerprint import as_hex
from tests.printer import Printer, make_certificate
from tests.unit.control.conftest import Cups, Desk
from tests.unit.control.models import install_models
from tests.unit.control.test_find import ATTACK, announce, line

OWN, OTHER = (make_certificate("localhost") for _ in range(2))


@pytest.fixture
def cupsd() -> Cups:
    return Cups({})


@pytest.fixture
def desk(tmp_path: Path, cupsd: Cups) -> Desk:
    return Desk(tmp_path, cups=lambda: cupsd, environ=install_models(tmp_path / "data"))


@pytest.fixture
def printer() -> Iterator[Printer]:
    with Printer(certificate=OWN) as printer:
        yield printer


@pytest.mark.parametrize(
    "words, typed, queue", [(["hall"], "1\ny\n", "hall"), ([], "1\n\ny\n", "one"), ([], "1\nx\ny\n", "x")]
)
def test_picked(desk: Desk, cupsd: Cups, printer: Printer, words: list[str], typed: str, queue: str) -> None:
    """By its number; the name of the queue is asked for where none was said, and so is trust; its name is the label."""
    announce(desk, line("One", printer.port))
    desk.typed = typed
    assert desk.run("add", *words) == 0, desk.errors
    assert desk.output.startswith("  1  not pinned  One  ") and "Trust this certificate?" in desk.output
    assert (cupsd.made[0]["name"], cupsd.made[0]["device"]) == (queue, f"ipps443://127.0.0.1:{printer.port}/ipp/print")
    assert [pin.label for pin in desk.pins.pins] == ["One"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only commands of root change what is root's")
def test_what_was_picked_is_recorded(desk: Desk, printer: Printer) -> None:
    """The audit log has the printer that was chosen, and its key, as if it had been named."""
    log = desk.folder / "audit.log"
    log.touch()
    assert desk.run("set", f"audit-log={log}") == 0 and desk.run("set", "audit=yes") == 0
    announce(desk, line("One", printer.port))
    desk.typed = "1\n\ny\n"
    assert desk.run("add") == 0, desk.errors
    record = json.loads(log.read_text().splitlines()[-1])
    assert record["words"] == f"add one ipps443://127.0.0.1:{printer.port}"
    assert record["keys"] == as_hex(OWN.spki_sha256)


@pytest.mark.parametrize(
    "typed, status, said",
    [
        ("", 1, "no printer was chosen"),
        ("\n", 1, "no printer was chosen"),
        ("2\n", 2, "no number of the list"),
        ("0\n", 2, "no number of the list"),
        ("-1\n", 2, "no number of the list"),
        ("\u0661\n", 2, "no number of the list"),
        ("999999999999\n", 2, "no number of the list"),
        ("1\na b\n", 2, "no name for a queue"),
        ("1\n\nn\n", 1, "nothing was pinned"),
        ("1\n\n", 1, "nothing was pinned"),
    ],
)
def test_no_is_no(desk: Desk, cupsd: Cups, printer: Printer, typed: str, status: int, said: str) -> None:
    """Whatever is not a number of the list, or not yes, changes nothing."""
    announce(desk, line("One", printer.port))
    desk.typed = typed
    assert desk.run("add") == status
    assert said in desk.errors and cupsd.made == [] and desk.text is None and printer.requests == []


@pytest.mark.parametrize(
    "is_there, said",
    [(True, "is CHANGED (it has the name of a:443, and a different key)"), (False, "has given no answer (")],
)
def test_impostor_cannot_be_picked(desk: Desk, cupsd: Cups, printer: Printer, is_there: bool, said: str) -> None:
    """The name of a pinned printer, from a host that has nothing to do with it, or that shows nothing to compare."""
    desk.write(f'a:443 spki-sha256:{OTHER.spki_sha256.hex()} label="One"\n')
    announce(desk, line("One", printer.port if is_there else 1))
    desk.typed = "1\n\ny\n"
    assert desk.run("add") == 1
    assert f"number 1 {said}" in desk.errors
    assert cupsd.made == [] and printer.requests == []


def test_name_of_a_stranger(desk: Desk, cupsd: Cups, printer: Printer) -> None:
    """What it calls itself is a label of printable characters and a plain name for a queue."""
    announce(desk, line(ATTACK, printer.port))
    desk.typed = "1\n\ny\n"
    assert desk.run("add") == 0, desk.errors
    (pin,) = desk.pins.pins
    assert pin.label == "?]0;x??[2J? pinned x';$(reboot)" and cupsd.made[0]["name"] == "0-x-2j-pinned-x-reboot"


@pytest.mark.parametrize("words", [["--json"], []])
def test_nobody_is_asked_without_a_terminal(desk: Desk, printer: Printer, words: list[str]) -> None:
    """A script gets what it got before."""
    network = announce(desk, line("One", printer.port))
    desk.typed = "1\n\ny\n" if words else None
    assert desk.run("add", "one", *words) == 2
    assert "say QUEUE and URI" in desk.errors and network.met == []


def test_nothing_is_found(desk: Desk) -> None:
    """What else there is."""
    announce(desk)
    desk.typed = "1\n"
    assert desk.run("add") == 1
    assert "ipps443ctl add QUEUE URI" in desk.errors
