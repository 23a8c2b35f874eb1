"""Headers and footers: a template with up to three parts, "left|middle|right", and these fields:

    %t title    %u user    %q queue    %j job-id    %d date    %T time    %p page    %P pages    %% a percent sign
"""

from __future__ import annotations

import re
from typing import Mapping, Optional

from filters.layout.bidi import base_level, is_right_to_left, visual_row
from filters.layout.page import FILLER, Line, Row, Style
from filters.layout.settings import is_formatting
from filters.layout.wrapping import cut_cells
from filters.text.cells import CellWriter

_FIELD = re.compile("%(.)")
#: Blanks between parts, and cells that a part is not cut shorter than.
_GAP, _LEAST = 2, 8
_DOTS = "\u2026"


def fill_template(template: str, fields: Mapping[str, str]) -> str:
    """Return a template with its fields; what is no field stays as it is."""
    return _FIELD.sub(lambda field: {**fields, "%": "%"}.get(field.group(1), field.group()), template)


def header_line(
    template: str, fields: Mapping[str, str], columns: int, style: Style, others: Optional[Style] = None
) -> Line:
    """Return a header or footer as wide as a page.

    A long part on the left pushes the middle to the right, as far as there is room, and is cut short then.

    Args:
        others: the style of what is not the left part, if that is another one.
    """
    # Fields are filled in part by part: a title may well contain the sign that separates the parts.
    parts = (*template.split("|", 2), "", "")[:3]
    left, middle, right = (cells_of(fill_template(part, fields)) for part in parts)
    at = _place_of_middle(len(left.text), len(middle.text), len(right.text), columns)
    room = at - _GAP if middle.text else columns - len(right.text) - _GAP * bool(right.text)
    left = _cut_short(left, room)
    line = _lay_over(Row(" " * columns), left, 0)
    line = _lay_over(line, middle, at)
    line = _lay_over(line, right, columns - len(right.text))
    kept = columns if others is None else min(len(left.text), columns)
    return line._replace(styles=bytes((style,)) * kept + bytes((others or Style.PLAIN,)) * (columns - kept))


def _place_of_middle(left: int, middle: int, right: int, columns: int) -> int:
    """Return where the middle part starts: in the middle, or where the left one ends if that is longer."""
    centred = (columns - middle) // 2
    furthest = columns - right - middle - _GAP * bool(right)
    return min(max(centred, left + _GAP), max(furthest, 0)) if left + _GAP > centred else centred


def _cut_short(part: Row, room: int) -> Row:
    """Return a part that ends with three dots if it is longer than its room; one without any to speak of stays."""
    if len(part.text) <= room or room < _LEAST:
        return part
    kept = _upto(part.text, room - 1).rstrip(" ")
    return Row(kept + _DOTS, b"", tuple((cell, mark) for cell, mark in part.over if cell < len(kept)))


def cells_of(text: str) -> Row:
    """Return a text as cells, in the order in which they are printed; soft hyphens are none."""
    cells = CellWriter(1)
    seen = (
        character if character.isprintable() or is_formatting(character) else " "
        for character in text.replace("\xad", "")
    )
    cells.write("".join(seen), Style.PLAIN)
    row = cells.row()
    return visual_row(row, base_level(row.text), 0) if is_right_to_left(row.text) else row


def _lay_over(line: Row, part: Row, at: int) -> Row:
    """Write a part into a line, a blank before it and blanks behind it, over what is there."""
    if not part.text:
        return line
    at = max(at, 0)
    text = cut_cells(part.text, len(line.text) - at)
    start = max(at - 1, 0)
    laid = (_upto(line.text, start) + " " * (at - start) + text).ljust(len(line.text))
    marks = [(cell, mark) for cell, mark in line.over if cell < start]
    kept = len(text) if len(text) == len(part.text) else max(len(text) - 3, 0)
    marks += [(cell + at, mark) for cell, mark in part.over if cell < kept]
    return Row(laid, b"", tuple(marks))


def _upto(text: str, end: int) -> str:
    """Return the start of a text, with a blank for a wide character that would be cut in half."""
    return text[: end - 1] + " " if end and text[end : end + 1] == FILLER else text[:end]
