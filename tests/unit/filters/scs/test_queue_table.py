"""filters.scs.queue_table: what a line of a queue's table means."""

from __future__ import annotations

from typing import Any

import pytest

from filters.layout.runs import COURIER, GOTHIC
from filters.scs.queue_table import FontRule, PageRule, QueueTable, parse_table


@pytest.mark.parametrize(
    "line, attribute, value",
    (
        ("drawer.2 = Tray2 # of the second floor", "drawers", {2: "Tray2"}),
        ("DRAWER.255=x.Y-Z_9\n\ndrawer.1 = " + "x" * 60, "drawers", {255: "x.Y-Z_9", 1: "x" * 60}),
        ("bin.1 = FaceUp\nbin.255 = Far", "bins", {1: "FaceUp", 255: "Far"}),
        ("envelope = Env", "envelope", "Env"),
        ("manual = Hand", "manual", "Hand"),
        ("page.132x66 = fit", "pages", {"132x66": PageRule(reduction="fit")}),
        ("page.8.5x11in = A4 OFF", "pages", {"8.5x11in": PageRule("A4", None, "off")}),
        ("page.1x1 = Portrait ibm", "pages", {"1x1": PageRule(None, 0, "ibm")}),
        ("page.1x1 = landscape", "pages", {"1x1": PageRule(None, 1)}),
        ("page.1x1 = reverse-portrait", "pages", {"1x1": PageRule(None, 2)}),
        ("page.1x1 = A5 reverse-landscape", "pages", {"1x1": PageRule("A5", 3)}),
        ("font.222 = LetterGothic 15", "fonts", {222: FontRule(GOTHIC, 96.0)}),
        ("font.1 = Gothic 40", "fonts", {1: FontRule(GOTHIC, 36.0)}),
        ("font.65535 = courier 2", "fonts", {65535: FontRule(COURIER, 720.0)}),
        ("font.11 = Courier", "fonts", {11: FontRule(COURIER, 0.0)}),
        ("codepage = ibm-1141", "codepage", "1141"),
        ("dbcs = none", "dbcs", ""),
        ("dbcs = 939", "dbcs", "939"),
        *((f"cor = {word}", "reduction", word) for word in ("ibm", "fit", "off")),
        *((f"landscape = {word}", "landscape", word) for word in ("normal", "reverse")),
        *((f"transparent = {word}", "transparent", word) for word in ("drop", "pass", "text")),
        *((f"hidden = {word}", "hidden", word) for word in ("suppress", "print")),
        ("margin.top = -2.5mm", "margin_top", -2.5 * 1440 / 25.4),
        ("margin.left = 1 cm", "margin_left", 1440 / 2.54),
        ("margin.left = 0.25in", "margin_left", 360.0),
        ("margin.left = 72pt", "margin_left", 1440.0),
        ("", "manual", None),
        ("# only a comment", "manual", None),
    ),
)
def test_entries_that_are(line: str, attribute: str, value: Any) -> None:
    """Names, numbers and words of the table are taken however they are written, and change nothing else."""
    expected = QueueTable()
    setattr(expected, attribute, value)
    assert parse_table(line) == expected


@pytest.mark.parametrize(
    "line",
    (
        "drawer.0=Tray1",
        "drawer.256=Tray1",
        f"drawer.{'9' * 5000}=Tray1",
        "drawer.x=Tray1",
        "drawer=Tray1",
        "drawer.2=",
        "drawer.2=a b",
        "drawer.2=\x1bE",
        "bin.2=../x",
        "page.132=A4",
        "page.132x66=A4 sideways!",
        "font.222=Arial 10",
        "font.222=Courier 0",
        "font.222=Courier 1.99",
        "font.222=Courier 40.01",
        "font.222=Courier x",
        "font.0=Courier",
        "font.65536=Courier",
        "bin.256=x",
        "drawer.2=" + "x" * 61,
        "no equals sign",
        "codepage=9999",
        "codepage=latin1",
        "dbcs=273",
        "cor=maybe",
        "margin.top=1",
        "margin.bottom=1in",
        "margin.top=99999in",
        "transparent=yes",
        "unknown=1",
    ),
)
def test_entries_that_are_not_possible(line: str) -> None:
    """What is no name of a tray, no number and no word of the table is refused."""
    assert [problem[:8] for problem in parse_table(f"#\n{line}").problems] == ["line 2: "]


@pytest.mark.parametrize(
    "columns, lines, width, height, paper",
    [
        (80, 66, 0, 0, "Letter"),
        (None, 51, 0, 0, "Legal"),
        (80, 51, 0, 0, None),
        (80, 51, 11 * 1440, 8.5 * 1440, "A4"),
        (80, 51, 11.1 * 1440, 8.4 * 1440, "A4"),
        (80, 51, 11.11 * 1440, 8.5 * 1440, None),
        (80, 51, 11 * 1440, 8.61 * 1440, None),
    ],
)
def test_pages_of_the_table(columns: int | None, lines: int, width: float, height: float, paper: str | None) -> None:
    """A page is found by columns, 132 where nothing was said, and lines; or by both sides, to a tenth of an inch."""
    table = parse_table("page.80x66 = Letter\npage.132x51 = Legal\npage.11x8.5in = A4\n")
    assert table.problems == []
    assert table.rule_for(columns, lines, width, height).paper == paper
