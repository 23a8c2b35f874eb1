"""Headers and footers: a template with up to three parts, "left|middle|right", and these fields:

    %t title    %u user    %q queue    %j job-id    %d date    %T time    %p page    %% a percent sign
"""

from __future__ import annotations

import re
from typing import Mapping

from filters.layout.page import Line, Row, Style
from filters.layout.wrapping import cut_cells

_FIELD = re.compile("%(.)")


def fill_template(template: str, fields: Mapping[str, str]) -> str:
    """Return a template with its fields; what is no field stays as it is."""
    return _FIELD.sub(lambda field: {**fields, "%": "%"}.get(field.group(1), field.group()), template)


def header_line(template: str, fields: Mapping[str, str], columns: int, style: Style) -> Line:
    """Return a header or footer as wide as a page."""
    # Fields are filled in part by part: a title may well contain the sign that separates the parts.
    parts = [fill_template(part, fields) for part in template.split("|", 2)]
    left, middle, right = (_printable(part) for part in (parts + ["", ""])[:3])
    line = cut_cells(left, columns).ljust(columns)
    line = _lay_over(line, middle, (columns - len(middle)) // 2)
    line = _lay_over(line, right, columns - len(right))
    return Row(line, bytes((style,)) * len(line))


def _printable(text: str) -> str:
    return "".join(character if character.isprintable() else " " for character in text)


def _lay_over(line: str, text: str, at: int) -> str:
    """Write a text into a line, a blank before and after it, over what is there."""
    if not text:
        return line
    at = max(at, 0)
    text = cut_cells(text, len(line) - at)
    start, end = max(at - 1, 0), at + len(text)
    padded = (" " if at else "") + text + " "
    return (line[:start] + padded + line[end + 1 :])[: len(line)]
