"""filters.text.fitting: how wide and long the first page of a text is, which decides how small its letters are."""

from __future__ import annotations

import pytest

from filters.text.fitting import measure_page


@pytest.mark.parametrize(
    "text, columns, lines",
    [
        (b"", 0, 0),
        (b"abc  \nab\n", 3, 0),
        (b"abc  \r\nab\r\f", 3, 2),
        (b"\f\fab\n\n\nabc\f" + b"x" * 99, 3, 4),
        (b"a\tb\f", 5, 1),
        ("\u010dx  \n\f".encode(), 2, 1),
        (b"\x1b[7mab  \x1b[m\f", 4, 1),
        (b"ab\x1b[m  \f", 2, 1),
    ],
)
def test_the_first_page(text: bytes, columns: int, lines: int) -> None:
    """Up to the last mark of its lines, a tab being 4 wide here; lines count if a form feed ends them."""
    assert measure_page(text, 4) == (columns, lines)
