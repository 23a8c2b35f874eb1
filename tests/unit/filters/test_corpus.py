"""Real texts of a Debian system: what stands on paper is what stands in the file."""

from __future__ import annotations

import glob
import os
import unicodedata

import pytest

from tests.pcl_parser import parse_job
from tests.unit.filters.fonts import as_drawn, identify, needs_dejavu
from tests.unit.filters.text_job import model_pages, run_job, warnings

pytestmark = needs_dejavu

#: Where texts are, and how many are taken from each place: licences, read-me files, sources, lists, charts.
PLACES = (
    ("/usr/share/common-licenses/*", 12),
    ("/usr/share/doc/*/README*", 12),
    ("/usr/share/doc/*/copyright", 6),
    ("/usr/share/doc/*/*.txt", 6),
    ("/usr/lib/python3/dist-packages/**/*.py", 8),
    ("/usr/include/*.h", 4),
    ("/etc/*.conf", 4),
    ("/usr/share/perl/*/unicore/*.txt", 2),
    ("/usr/share/misc/*", 2),
)
LARGEST = 60_000
LEFT, TOP, CELL, PITCH = 96, 4500, 720, 1200


def find_texts() -> list[str]:
    """Return files that are text in UTF-8, spread over each place."""
    found: list[str] = []
    for pattern, count in PLACES:
        paths = [path for path in sorted(glob.glob(pattern, recursive=True)) if _is_text(path)]
        found += paths[:: max(len(paths) // count, 1)][:count]
    return found


def _is_text(path: str) -> bool:
    if not os.path.isfile(path) or not 0 < os.path.getsize(path) < LARGEST:
        return False
    with open(path, "rb") as file:
        data = file.read()
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return all(_takes_one_cell(character) for character in set(text))


def _takes_one_cell(character: str) -> bool:
    if character in "\n\t\f":
        return True
    return (
        unicodedata.category(character) not in ("Cc", "Cf", "Mn", "Me", "Zl", "Zp", "Co", "Cn")
        and unicodedata.east_asian_width(character) not in "WF"
        and unicodedata.bidirectional(character) not in ("R", "AL", "AN")
    )


TEXTS = find_texts()


@pytest.mark.skipif(len(TEXTS) < 10, reason="this system has no texts to speak of")
@pytest.mark.parametrize("path", TEXTS)
def test_a_real_text(path):
    """Page by page and row by row, the text recovered from the PCL is the text of the file."""
    with open(path, encoding="utf-8", newline="") as file:
        text = file.read()
    code, output, messages = run_job(text.encode())
    expected = [[as_drawn(row) for row in page] for page in model_pages(text, 77, 64)]
    assert code == 0 and not [message for message in warnings(messages) if "cannot be printed" not in message]
    found = [page.text(LEFT, TOP, CELL, PITCH) for page in parse_job(output, identify).pages]
    assert found == expected
