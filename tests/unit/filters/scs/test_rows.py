"""filters.scs.rows: what is printed over other text, joined."""

from __future__ import annotations

from typing import Union

import pytest

from filters.layout.page import FILLER
from filters.layout.runs import BOLD, ITALIC, OVER, UNDERLINE, Font, Run
from filters.scs.rows import join_strikes

FONT, OTHER = Font(100.0), Font(50.0)
Part = tuple[float, Union[bytes, str], int]


@pytest.mark.parametrize(
    "parts, joined",
    [
        # The same again is bold; a low line over or under a letter is an underline.
        ([(0, b"AB", 0), (0, b"AB", 0)], [(0, b"AB", BOLD)]),
        ([(0, b"AB", ITALIC), (0, b"A", 0)], [(0, b"A", ITALIC | BOLD), (100, b"B", ITALIC)]),
        ([(0, b"A", 0), (0, b"A", ITALIC)], [(0, b"A", ITALIC | BOLD)]),
        ([(0, b"AB", 0), (0, b"__", 0)], [(0, b"AB", UNDERLINE)]),
        ([(0, b"__", 0), (0, b"AB", ITALIC)], [(0, b"AB", UNDERLINE | ITALIC)]),
        ([(0, b"_", 0), (0, b"_", 0), (0, b"A", 0)], [(0, b"A", UNDERLINE)]),
        # Anything else is printed as well, once.
        ([(0, b"A", 0), (0, b"B", 0), (0, b"C", 0), (0, b"B", 0)], [(0, b"A", 0), (0, b"B", OVER), (0, b"C", OVER)]),
        ([(0, b"AB", 0), (0, b"/", OVER), (0, b"/", OVER)], [(0, b"AB", 0), (0, b"/", OVER)]),
        # Blanks are nothing, unless they are underlined.
        ([(0, b"A B", 0), (0, b" _ ", 0)], [(0, b"A_B", 0)]),
        ([(0, b"A", 0), (0, b" ", UNDERLINE)], [(0, b"A", UNDERLINE)]),
        ([(0, b"\xa0\xa0", UNDERLINE), (0, b"A", 0)], [(0, b"A\xa0", UNDERLINE)]),
        ([(0, b"A  B", UNDERLINE), (0, b"A", 0)], [(0, b"A", UNDERLINE | BOLD), (100, b"  B", UNDERLINE)]),
        # Up to four blanks between two words of one row, none where they would be underlined.
        ([(0, b"A    B", 0), (500, b" ", 0), (500, b" ", 0)], [(0, b"A    B", 0)]),
        ([(0, b"A     B", 0), (500, b" ", 0), (500, b" ", 0)], [(0, b"A", 0), (600, b"B", 0)]),
        ([(0, b"A", UNDERLINE), (200, b"B", UNDERLINE), (200, b"", 0), (0, b" ", 0)],
         [(0, b"A", UNDERLINE), (200, b"B", UNDERLINE)]),
        ([(0, b"A", 0), (100.4, b"B", 0), (0, b" ", 0)], [(0, b"AB", 0)]),
        ([(0, b"A", 0), (100.5, b"B", 0), (0, b" ", 0)], [(0, b"A", 0), (100.5, b"B", 0)]),
        # Cells that overlap by more than half a unit.
        ([(0, b"AB", 0), (199.5, b"C", 0)], [(0, b"AB", 0), (199.5, b"C", 0)]),
        ([(0, b"A ", 0), (199.4, b"C", 0)], [(0, b"A", 0), (199.4, b"C", 0)]),
        ([(0, "A中" + FILLER, 0), (0, b"A", 0)], [(0, b"A", BOLD), (100, "中" + FILLER, 0)]),
        ([(0, "é中" + FILLER + "x", 0), (0, b" ", 0)], [(0, "é中" + FILLER + "x", 0)]),
    ],
)  # fmt: skip
def test_joined_rows(parts: list[Part], joined: list[Part]) -> None:
    """What stands in one place is one cell."""
    assert join_strikes([(x, 7.0, text, FONT, style) for x, text, style in parts]) == [
        (x, 7.0, text, FONT, style) for x, text, style in joined
    ]


def test_rows_that_stay() -> None:
    """Each row by itself: without anything over another it is as it was, in its order; cells of two widths are two."""
    plain: list[Run] = [(300.0, 1.0, b"C", FONT, 0), (0.0, 1.0, b"AB ", FONT, 0), (0.0, 2.0, b"AB", FONT, 0)]
    assert join_strikes(plain) == plain
    two: list[Run] = [(0.0, 1.0, b"A", FONT, 0), (0.0, 1.0, b"A", OTHER, 0)]
    assert sorted(join_strikes(two), key=lambda run: run[3].cell) == [two[1], two[0]]
