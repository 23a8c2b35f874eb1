"""Sides of columns: what stands on the last one."""

from __future__ import annotations

import pytest

from tests.pcl_parser import parse_job
from tests.unit.filters.text_job import run_job


@pytest.mark.parametrize(
    "columns, full, more", [(2, 1, 0), (2, 2, 1), (2, 3, 0), (2, 4, 0), (3, 1, 1), (3, 2, 0), (3, 5, 1)]
)
def test_full_columns_at_the_end(columns: int, full: int, more: int) -> None:
    """A text that ends with a column, or in one, or with a page, is printed to its end."""
    rows = 64
    code, output, _ = run_job("".join(f"{n}\n" for n in range(full * rows + more)).encode(), f"columns={columns}")
    printed = [[text for _, line in page.lines() for text in line.split()] for page in parse_job(output).pages]
    assert code == 0 and len(printed) == -(-(full * rows + more) // (columns * rows))
    assert sorted(sum(printed, []), key=int) == [str(n) for n in range(full * rows + more)]
