"""ipps443ctl list: all pins."""

from __future__ import annotations

from tests.unit.control.conftest import Desk

A, B = "0" * 64, "1" * 64


def test_list(desk: Desk) -> None:
    """All pins with their hashes, labels and dates; as JSON the same."""
    desk.write(
        f'one:443 spki-sha256:{A} label="Room 1" added=2026-01-02\n# x\n[::1]:631 cert-sha256:{B}\ntwo:443 ca:a.pem\n'
    )
    assert desk.run("list") == 0
    assert desk.output.splitlines() == [
        "one:443  (Room 1)  added 2026-01-02",
        f"  public key   sha256:{A}",
        "[::1]:631",
        f"  certificate  sha256:{B}",
        "two:443",
        "  CA file      a.pem",
    ]
    value = desk.value("list")["pins"]
    assert [(pin["host"], pin["port"], pin["line"]) for pin in value] == [
        ("one", 443, 1),
        ("::1", 631, 3),
        ("two", 443, 4),
    ]
    assert value[0]["spki_sha256"] == A and value[0]["label"] == "Room 1" and value[2]["ca"] == "a.pem"


def test_list_of_nothing(desk: Desk) -> None:
    """Before the first pin the list is empty, and says how to begin."""
    assert desk.run("list") == 0 and "ipps443ctl pin HOST" in desk.output
    assert desk.value("list") == {"version": 1, "pins": []}


def test_list_of_a_damaged_file(desk: Desk) -> None:
    """A line that cannot be read is an error with its number."""
    desk.write("# x\nprinter\n")
    assert desk.run("list") == 1 and "line 2" in desk.errors
