"""What has to fit on a page when nobody has said: the first page of the text is measured.

IBM's host print transform turns and shrinks a page that is wider than the paper ("computer output reduction"); so does
fit-text=auto, with the wideness that the first page really has.
"""

from __future__ import annotations

from typing import Iterator

#: Lines of a page without form feed that are looked at: those of continuous forms.
LINES_OF_FORM = 66
#: Bytes that are looked at, whatever is in them.
_MOST = 65536


def take_first_page(texts: Iterator[bytes]) -> bytes:
    """Take as much of a text as the first page needs."""
    taken = b""
    for text in texts:
        taken += text
        if b"\f" in taken.strip(b"\f") or taken.count(b"\n") >= LINES_OF_FORM or len(taken) >= _MOST:
            break
    return taken


def measure_page(text: bytes, tab_width: int) -> tuple[int, int]:
    """Return columns and lines of the first page; lines are 0 when it is not ended by a form feed."""
    page, form_feed, _ = text.replace(b"\r\n", b"\n").lstrip(b"\f").partition(b"\f")
    lines = page.decode("utf-8", "replace").expandtabs(tab_width).rstrip("\n").split("\n")
    if not form_feed:
        lines = lines[:LINES_OF_FORM]
    # Lines that are printed over others, and controls, make lines seem longer than they are: only the longest part.
    longest = max(len(part.rstrip()) for line in lines for part in line.split("\r"))
    return longest, len(lines) if form_feed else 0
