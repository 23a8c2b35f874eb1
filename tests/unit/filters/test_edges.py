"""Limits and exceptions of what filters know of printers, papers and glyphs, each on both sides of its edge."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from filters.common.media import find_size, known_sizes
from filters.common.ppd import PrinterDescription, parse_ppd
from filters.layout.page import Block, Row
from filters.pcl.fontconfig import _BOLD_FROM, _MATCHED, Fontconfig
from filters.pcl.glyph_store import ADVANCE, _fitted, _picture
from filters.pcl.one_face import OneFace
from filters.pcl.truetype import Points, decode_outline, encode_points


def test_the_sizes_of_a_description_are_its_page_sizes() -> None:
    """Choices of other options are none, and without a description all of our table are."""
    text = '*PPD-Adobe: "4.3"\n*PageSize A5/A5: ""\n*PageRegion A6/A6: ""\n*InputSlot A4/A4: ""\n'
    assert known_sizes(parse_ppd(text)) == [find_size("A5", PrinterDescription())]
    assert len(known_sizes(PrinterDescription())) > 20


@pytest.mark.parametrize("weight, is_bold", [(_BOLD_FROM - 1, False), (_BOLD_FROM, True), (_BOLD_FROM + 1, True)])
def test_which_weight_is_bold(weight: int, is_bold: bool) -> None:
    """From the one between medium and bold on."""

    def get_string(found: object, name: bytes, number: int, path: Any) -> int:
        path._obj.value = b"/font"
        return _MATCHED

    matcher = Fontconfig.__new__(Fontconfig)
    matcher._library = cast(Any, SimpleNamespace(FcPatternGetString=get_string))
    values = {b"index": 0, b"weight": weight}
    matcher._integer = lambda found, name: values[name]  # type: ignore[method-assign, assignment]
    match = matcher._read(cast(Any, None))
    assert match is not None and (match.path, match[2]) == ("/font", is_bold)


@pytest.mark.parametrize("left, advance", [(-900, 0), (0, 0), (300, 0), (100, 400)])
def test_marks_and_narrow_glyphs_stand_in_the_middle_of_their_cells(left: int, advance: int) -> None:
    """A mark without width wherever its font has it, as over the cell before."""
    points = Points((left, left + 200, left + 200), (0, 0, 100), (1, 1, 1), (2,))
    font = SimpleNamespace(units_per_em=1000, points=lambda glyph: points, advance=lambda glyph: advance)
    (contour,) = decode_outline(_fitted(cast(Any, font), 1, False, 2.0))
    xs = [point.x for point in contour]
    assert max(xs) - min(xs) > 0 and (min(xs) + max(xs)) / 2 == pytest.approx(ADVANCE / 2, abs=1)


@pytest.mark.parametrize(
    "text, has_it_as_one, missing, contours",
    [
        ("\U0001f1e9\U0001f1ea", False, "", 2 + 2),
        ("\U0001f1e9\U0001f1ea", True, "", 1),
        ("\U0001f1e9\U0001f1ea", False, "E", None),
        ("1\ufe0f\u20e3", False, "", 1 + 2),
        ("\U0001f468\u200d\U0001f469", False, "", 2),
        ("\U0001f468\u200d\U0001f469\u200d\U0001f466\u200d\U0001f466\u200d\U0001f467", False, "", 4),
    ],
)
def test_pictures_of_several_characters(text: str, has_it_as_one: bool, missing: str, contours: int | None) -> None:
    """One glyph of a font that has it, else its parts, those of a flag or a key in a frame."""
    box = encode_points(Points((0, 500, 500), (0, 0, 500), (1, 1, 1), (2,)))
    font = SimpleNamespace(outline=lambda glyph: box, units_per_em=1000)
    chain: Any = SimpleNamespace(
        shape=lambda text: (font, [SimpleNamespace(glyph=1)]) if has_it_as_one else None,
        find=lambda character: None if character in (*missing,) else (font, 1),
    )
    made = _picture(chain, f"x{text}")
    assert (made and len(decode_outline(made.outline))) == contours


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
