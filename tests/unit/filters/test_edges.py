"""Limits and exceptions of what filters know of printers, papers and glyphs, each on both sides of its edge."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from filters.common.media import find_size, known_sizes
from filters.common.ppd import PrinterDescription, parse_ppd
from filters.layout.page import Block, Row
from filters.pcl.fontconfig import _BOLD_FROM, _MATCHED, Fontconfig
from filters.pcl.one_face import OneFace


def test_the_sizes_of_a_description_are_its_page_sizes() -> None:
    """Choices of other options are none, and without a description all of our table are."""
    text = '*PPD-Adobe: "4.3"\n*PageSize A5/A5: ""\n*PageRegion A6/A6: ""\n*InputSlot A4/A4: ""\n'
    assert known_sizes(parse_ppd(text)) == [find_size("A5", PrinterDescription())]
    assert len(known_sizes(PrinterDescription())) > 20


@pytest.mark.parametrize("weight, is_bold", [(_BOLD_FROM - 1, False), (_BOLD_FROM, True), (_BOLD_FROM + 1, True)])
def test_which_weight_is_bold(weight: int, is_bold: bool) -> None:
    """From the one between medium and bold on; what has no file is no font."""
    answer: dict[str, Any] = {"status": _MATCHED, "path": b"/font"}

    def get_string(found: object, name: bytes, number: int, path: Any) -> int:
        path._obj.value = answer["path"]
        return int(answer["status"])

    matcher = Fontconfig.__new__(Fontconfig)
    matcher._library = cast(Any, SimpleNamespace(FcPatternGetString=get_string))
    values = {b"index": 0, b"weight": weight}
    matcher._integer = lambda found, name: values[name]  # type: ignore[method-assign, assignment]
    match = matcher._read(cast(Any, None))
    assert match is not None and (match.path, match[2]) == ("/font", is_bold)
    for status, path in ((_MATCHED + 1, b"/font"), (_MATCHED, None)):
        answer.update(status=status, path=path)
        assert matcher._read(cast(Any, None)) is None


@pytest.mark.parametrize(
    "lines, boxes, rows, is_side",
    [
        ([Row("Жук"), b"plain"], "", 2, True),
        ([Row("Жук"), b"plain"], "l", 1, False),  # the plain line cannot come along
        ([Row("Жук"), b"plain", b"plain", b"plain"], "", 4, True),
        ([Row("Жук"), *[b"plain"] * 9], "", 10, True),
        ([Row("Жук"), *[b"plain"] * 10], "", 1, False),  # one line of eleven is no reason
        ([Row("Жук a"), b"plain"], "a", 0, False),
        ([b"plain"], "", 0, False),
    ],
)
def test_which_lines_are_in_one_face(lines: list[Any], boxes: str, rows: int, is_side: bool) -> None:
    """A tenth of a side takes the others along, if the font has all of them."""
    face = OneFace()
    plain = face.choose((Block(cast(Any, None), lines),), lambda: cast(Any, SimpleNamespace(is_box=boxes.__contains__)))
    distinct = {line if isinstance(line, Row) else Row(line.decode()) for line in lines}
    assert face.is_side is is_side and len(face.rows) == min(rows, len(distinct))
    assert len(plain) == (sum(isinstance(line, bytes) for line in lines) if is_side else 0)
