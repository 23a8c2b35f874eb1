"""Right-to-left text on a grid: Unicode Standard Annex 9 without explicit formatting, and the forms of Arabic letters.

A line's direction is that of its first letter (P2, P3). Rows are reordered one by one after lines are broken (L1, L2),
brackets are mirrored (L4), and rows of a right-to-left line end at the right margin. Left out: embeddings, overrides
and isolates (their characters take no cell and are gone by now).

Arabic letters are joined by taking the presentation forms that Unicode has for compatibility, which is what a font for
cells of one width can draw; lam and alef become their ligature, and the cell that this saves is left blank where the
next column of a table begins (after two blanks) or the line ends. A letter does not join over a zero width non-joiner,
which stands over it.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Iterator, NamedTuple

from filters.layout.clusters import NON_JOINER
from filters.layout.page import FILLER, Row

_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]")
#: Letters of Persian, Urdu and others, then those of Arabic, among them the ligatures of lam and alef.
_ARABIC_FORMS = (*range(0xFB50, 0xFC00), *range(0xFE80, 0xFEFD))
_LAM = "\u0644"
_MIRRORED = dict(zip("()[]{}<>«»‹›≤≥", ")(][}{><»«›‹≥≤"))
#: Brackets that pair, and how many may be open at a time (BD14 to BD16).
_BRACKETS = dict(zip("([{\u2329\u3008\u300a\u300c\u300e\u3010\uff08", ")]}\u232a\u3009\u300b\u300d\u300f\u3011\uff09"))
_DEEPEST = 63
_STRONG_RIGHT = ("R", "AL")
_NEUTRAL = ("B", "S", "WS", "ON")


class _Cell(NamedTuple):
    character: str
    style: int
    over: tuple[str, ...]


def is_right_to_left(text: str) -> bool:
    """Tell whether there is anything in a text that runs from right to left."""
    return _RIGHT_TO_LEFT.search(text) is not None


def base_level(text: str) -> int:
    """Return 1 for a line that runs from right to left as a whole, else 0 (P2, P3)."""
    for character in text:
        kind = unicodedata.bidirectional(character)
        if kind == "L" or kind in _STRONG_RIGHT:
            return int(kind != "L")
    return 0


def visual_row(row: Row, base: int, width: int) -> Row:
    """Return a row in the order in which it is printed, at the right margin if its line runs that way."""
    joined = _join_arabic(_cells(row.text, row.styles, row.over))
    levels = find_levels("".join(cell.character for cell in joined), base)
    ordered = [_mirrored(joined[index], levels[index]) for index in visual_order(levels)]
    if base:
        while ordered and ordered[0].character == " " and not ordered[0].style:
            ordered.pop(0)
        ordered = [_Cell(" ", 0, ())] * (width - len(ordered)) + ordered
    styles = bytes(cell.style for cell in ordered)
    over = tuple((index, mark) for index, cell in enumerate(ordered) for mark in cell.over)
    return Row("".join(cell.character for cell in ordered), styles if any(styles) else b"", over)


def _cells(text: str, styles: bytes, over: tuple[tuple[int, str], ...]) -> list[_Cell]:
    marks: dict[int, tuple[str, ...]] = {}
    for index, mark in over:
        marks[index] = marks.get(index, ()) + (mark,)
    return [
        _Cell(character, styles[index] if styles else 0, marks.get(index, ())) for index, character in enumerate(text)
    ]


def _mirrored(cell: _Cell, level: int) -> _Cell:
    return cell._replace(character=_MIRRORED.get(cell.character, cell.character)) if level % 2 else cell


# -- UAX 9 -------------------------------------------------------------------------------------------------------------


def find_levels(text: str, base: int) -> list[int]:
    """Return the embedding level of each character (W1 to W7, N0 to N2, I1, I2, L1)."""
    kinds = _resolve_weak(_kinds(text), "R" if base else "L")
    _resolve_brackets(text, kinds, "R" if base else "L")
    _resolve_neutral(kinds, "R" if base else "L")
    levels = [base + _above(kind, base) for kind in kinds]
    blank_end = len(text.rstrip(" "))
    return levels[:blank_end] + [base] * (len(text) - blank_end)


def _kinds(text: str) -> list[str]:
    kinds: list[str] = []
    for character in text:
        kind = unicodedata.bidirectional(character) or "L"
        # The second cell of a wide character, and marks (W1), are what the cell before is.
        kinds.append(kinds[-1] if kinds and (character == FILLER or kind == "NSM") else kind)
    return kinds


def _above(kind: str, base: int) -> int:
    """I1, I2: how many levels above the line's own."""
    if base:
        return 0 if kind == "R" else 1
    return {"L": 0, "R": 1}.get(kind, 2)


def _resolve_weak(kinds: list[str], start: str) -> list[str]:
    strong = start
    for index, kind in enumerate(kinds):
        if kind in ("L", "R", "AL"):
            strong = kind
        elif kind == "EN" and strong == "AL":
            kinds[index] = "AN"  # W2
    kinds = ["R" if kind == "AL" else kind for kind in kinds]  # W3
    for index in range(1, len(kinds) - 1):  # W4
        before, kind, after = kinds[index - 1 : index + 2]
        if before == after and (kind == "CS" and before in ("EN", "AN") or kind == "ES" and before == "EN"):
            kinds[index] = before
    _resolve_terminators(kinds)
    strong = start
    for index, kind in enumerate(kinds):
        if kind in ("L", "R"):
            strong = kind
        elif kind == "EN" and strong == "L":
            kinds[index] = "L"  # W7
    return kinds


def _resolve_terminators(kinds: list[str]) -> None:
    """W5, W6: signs beside a number belong to it, other separators are neutral."""
    for start, end in _stretches(kinds, ("ET",)):
        beside = kinds[max(start - 1, 0) : start] + kinds[end : end + 1]
        kinds[start:end] = ["EN" if "EN" in beside else "ON"] * (end - start)
    for index, kind in enumerate(kinds):
        if kind in ("ES", "CS", "BN"):
            kinds[index] = "ON"


def _resolve_brackets(text: str, kinds: list[str], base: str) -> None:
    """N0: a pair of brackets runs as the line does if anything in it does, else as what is in it and before it."""
    for start, end in _bracket_pairs(text, kinds):
        inside = {_direction(kind) for kind in kinds[start + 1 : end] if kind not in _NEUTRAL}
        if not inside:
            continue
        direction = base
        if base not in inside:
            before = next((_direction(kind) for kind in reversed(kinds[:start]) if kind not in _NEUTRAL), base)
            direction = before
        kinds[start] = kinds[end] = direction


def _bracket_pairs(text: str, kinds: list[str]) -> list[tuple[int, int]]:
    """Return where brackets open and close, in the order in which they open (BD16)."""
    pairs: list[tuple[int, int]] = []
    waiting: list[int] = []
    for place, character in enumerate(text):
        if kinds[place] != "ON":
            continue
        if character in _BRACKETS:
            if len(waiting) == _DEEPEST:
                break
            waiting.append(place)
        elif character in _BRACKETS.values():
            opened = next((at for at in reversed(waiting) if _BRACKETS[text[at]] == character), None)
            if opened is not None:
                del waiting[waiting.index(opened) :]
                pairs.append((opened, place))
    return sorted(pairs)


def _resolve_neutral(kinds: list[str], base: str) -> None:
    """N1, N2: what stands between two of a direction goes with them, else with the line."""
    for start, end in _stretches(kinds, _NEUTRAL):
        before = _direction(kinds[start - 1]) if start else base
        after = _direction(kinds[end]) if end < len(kinds) else base
        kinds[start:end] = [before if before == after else base] * (end - start)


def _direction(kind: str) -> str:
    return "L" if kind == "L" else "R"


def _stretches(kinds: list[str], wanted: tuple[str, ...]) -> Iterator[tuple[int, int]]:
    start = 0
    while start < len(kinds):
        end = start
        while end < len(kinds) and kinds[end] in wanted:
            end += 1
        if end > start:
            yield start, end
        start = max(end, start + 1)


def visual_order(levels: list[int]) -> list[int]:
    """Return the places of characters from left to right (L2)."""
    order = list(range(len(levels)))
    for level in range(max(levels, default=0), 0, -1):
        start = 0
        while start < len(order):
            end = start
            while end < len(order) and levels[order[end]] >= level:
                end += 1
            order[start:end] = order[start:end][::-1]
            start = max(end, start + 1)
    return order


# -- Arabic ------------------------------------------------------------------------------------------------------------


class _Forms(NamedTuple):
    """Letters by how they join: alone, at the end, at the start, in the middle of a word."""

    isolated: dict[str, str]
    final: dict[str, str]
    initial: dict[str, str]
    medial: dict[str, str]


def _arabic_forms() -> _Forms:
    forms = _Forms({}, {}, {}, {})
    for code in _ARABIC_FORMS:
        kind, _, letters = unicodedata.decomposition(chr(code)).partition(" ")
        if kind.startswith("<"):
            letter = "".join(chr(int(number, 16)) for number in letters.split())
            if len(letter) > 1 and letter[0] != _LAM:
                continue  # ligatures that only calligraphers use
            getattr(forms, kind.strip("<>"))[letter] = chr(code)
    return forms


def _join_arabic(cells: list[_Cell]) -> list[_Cell]:
    if not any("\u0620" <= cell.character <= "\u06d3" for cell in cells):
        return cells
    forms = _arabic_forms()
    cells = _with_ligatures(cells, forms)
    joined = []
    for index, cell in enumerate(cells):
        letter = cell.character
        before = index > 0 and _joins_next(cells[index - 1], forms)
        after = index + 1 < len(cells) and _joins_next(cell, forms) and cells[index + 1].character in forms.final
        over = tuple(mark for mark in cell.over if mark != NON_JOINER)
        joined.append(_Cell(_form(letter, before and letter in forms.final, after, forms), cell.style, over))
    return joined


def _with_ligatures(cells: list[_Cell], forms: _Forms) -> list[_Cell]:
    out: list[_Cell] = []
    saved = 0
    for cell in cells:
        pair = out[-1].character + cell.character if out else ""
        if len(pair) == 2 and pair[0] == _LAM and pair in forms.isolated and NON_JOINER not in out[-1].over:
            out[-1] = _Cell(pair, out[-1].style, out[-1].over + cell.over)
            saved += 1
        else:
            if saved and pair == "  ":
                out += [_Cell(" ", cell.style, ())] * saved
                saved = 0
            out.append(cell)
    return out + [_Cell(" ", 0, ())] * saved


def _joins_next(cell: _Cell, forms: _Forms) -> bool:
    return (cell.character in forms.initial or cell.character == "\u0640") and NON_JOINER not in cell.over


def _form(letter: str, before: bool, after: bool, forms: _Forms) -> str:
    tables = {(True, True): forms.medial, (True, False): forms.final, (False, True): forms.initial}
    return tables.get((before, after), forms.isolated).get(letter, letter[:1])
