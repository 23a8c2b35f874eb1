"""Headers and footers: a template with up to three parts, "left|middle|right", and these fields:

    %t title    %u user    %q queue    %j job-id    %d date    %T time    %p page    %% a percent sign
"""

from __future__ import annotations

import re
from typing import Mapping

from filters.layout.bidi import base_level, is_right_to_left, visual_row
from filters.layout.page import FILLER, Line, Row, Style
from filters.layout.wrapping import cut_cells
from filters.text.cells import CellWriter

_FIELD = re.compile("%(.)")


def fill_template(template: str, fields: Mapping[str, str]) -> str:
    """Return a template with its fields; what is no field stays as it is."""
    return _FIELD.sub(lambda field: {**fields, "%": "%"}.get(field.group(1), field.group()), template)


def header_line(template: str, fields: Mapping[str, str], columns: int, style: Style) -> Line:
    """Return a header or footer as wide as a page."""
    # Fields are filled in part by part: a title may well contain the sign that separates the parts.
    parts = [_part(fill_template(part, fields)) for part in template.split("|", 2)]
    left, middle, right = (parts + [Row("")] * 2)[:3]
    line = _lay_over(Row(" " * columns), left, 0)
    line = _lay_over(line, middle, (columns - len(middle.text)) // 2)
    line = _lay_over(line, right, columns - len(right.text))
    return line._replace(styles=bytes((style,)) * columns)


def _part(text: str) -> Row:
    """Return a text as cells, in the order in which they are printed."""
    cells = CellWriter(1)
    cells.write("".join(character if character.isprintable() else " " for character in text), Style.PLAIN)
    row = cells.row()
    return visual_row(row, base_level(row.text), 0) if is_right_to_left(row.text) else row


def _lay_over(line: Row, part: Row, at: int) -> Row:
    """Write a part into a line, a blank before and after it, over what is there."""
    if not part.text:
        return line
    at = max(at, 0)
    text = cut_cells(part.text, len(line.text) - at)
    start, end = max(at - 1, 0), at + len(text)
    padded = (" " if at else "") + text + " "
    laid = (_upto(line.text, start) + padded + _beyond(line.text, end + 1))[: len(line.text)]
    marks = [(cell, mark) for cell, mark in line.over if cell < start or cell > end]
    kept = len(text) if len(text) == len(part.text) else max(len(text) - 3, 0)
    marks += [(cell + at, mark) for cell, mark in part.over if cell < kept]
    return Row(laid, b"", tuple(marks))


def _upto(text: str, end: int) -> str:
    """Return the start of a text, with a blank for a wide character that would be cut in half."""
    return text[: end - 1] + " " if end and text[end : end + 1] == FILLER else text[:end]


def _beyond(text: str, start: int) -> str:
    return " " + text[start + 1 :] if text[start : start + 1] == FILLER else text[start:]
