"""filters.pcl.pjl: what stands around the pages of a job."""

from __future__ import annotations

from typing import Any

import pytest

from filters.pcl.pjl import LONGEST_NAME, SETS, end_job, safe_name, start_job


@pytest.mark.parametrize(
    "text, name",
    [
        ("Übung naïve Größe", "Ubung naive Gro?e"),
        ("a\r\nb\x1bE\x00c", "a??b?E?c"),
        ('a "b" c', "a 'b' c"),
        (" a\tb \x1f~ ", "a?b ?~"),
        ("中\x7f€", "???"),
        ("x" * 80, "x" * 80),
        ("x" * 81, "x" * 80),
    ],
)
def test_names(text: str, name: str) -> None:
    """ASCII between quotes, as long as PJL keeps it."""
    assert safe_name(text) == name and LONGEST_NAME == 80
    assert safe_name(text, 3) == name[:3]
    assert end_job(text) == b'\x1b%%-12345X@PJL EOJ NAME = "%s"\r\n\x1b%%-12345X' % name.encode()


@pytest.mark.parametrize(
    "arguments, more, lines",
    [
        ((1, True), {}, ["ENTER LANGUAGE = PCL"]),
        ((2, False), {}, ["SET COPIES = 2", "ENTER LANGUAGE = PCL"]),
        ((2, True), {}, ["SET QTY = 2", "ENTER LANGUAGE = PCL"]),
        ((2, True), {"sets": True}, [f"{SETS}2", "ENTER LANGUAGE = PCL"]),
        ((1, True, ("A = B", "C = D")), {"sets": True}, ["SET A = B", "SET C = D", "ENTER LANGUAGE = PCL"]),
        ((1, True, (), "PCLXL"), {}, ["ENTER LANGUAGE = PCLXL"]),
        ((1, True, (), None), {}, []),
    ],
)
def test_start(arguments: tuple[Any, ...], more: dict[str, Any], lines: list[str]) -> None:
    """Copies in one way or the other, settings, and the language unless the pages bring it."""
    expected = "".join(f"@PJL {line}\r\n" for line in ['JOB NAME = "t"', *lines])
    assert start_job("t", *arguments, **more) == b"\x1b%-12345X" + expected.encode()
