"""What has to fit on a page when nobody has said: the first page of the text is measured.

IBM's host print transform turns and shrinks a page that is wider than the paper ("computer output reduction"); so does
fit-text=auto, with the wideness that the first page really has.
"""

from __future__ import annotations

from typing import Iterator

from filters.layout.page import Line
from filters.text.decoding import TextDecoder
from filters.text.events import Lines

#: Lines of a page without form feed that are looked at: those of continuous forms.
LINES_OF_FORM = 66
#: Columns that letters are made small for; beyond that (23 to the inch across a sheet of A4) nobody could read them.
MOST_COLUMNS = 250
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
    """Return columns and lines of the first page as it prints; lines are 0 when it is not ended by a form feed."""
    page, form_feed, _ = text.replace(b"\r\f", b"\f").lstrip(b"\f").partition(b"\f")
    if not form_feed:
        page = b"\n".join(page.split(b"\n", LINES_OF_FORM)[:LINES_OF_FORM])
    events = TextDecoder(tab_width).decode(page.rstrip(b"\r\n"))
    widths = [_width(line) for event in events if isinstance(event, Lines) for line in event.lines]
    rows = sum(max(-(-width // MOST_COLUMNS), 1) for width in widths)
    return max(widths, default=0), rows if form_feed else 0


def _width(line: Line) -> int:
    """Return the cells of a line up to its last mark."""
    if isinstance(line, bytes):
        return len(line.rstrip())
    return len(line.text) if line.styles else len(line.text.rstrip(" "))
