"""Text spread to a right edge: JTF and SJM."""

from __future__ import annotations

import pytest

from filters.layout.runs import OVER, Font, Run
from filters.scs.justification import justify
from tests.scs_pages import read_pages

HEAD = bytes.fromhex("2BC80360012BC102502BC20242")
#: A field that ends 7200 units (50 columns of 10 to the inch) right of the margin.
JTF = "2BD205031C20"
TEXT = "one two three four"


def places(data: bytes) -> list[list[tuple[float, str]]]:
    """Return where the words of each line stand."""
    pages, _ = read_pages(HEAD + data)
    rows: dict[tuple[int, float], list[tuple[float, str]]] = {}
    for page in pages:
        for x, y, text, font, _ in page.runs:
            plain = text.decode("cp1252") if isinstance(text, bytes) else text
            for word in plain.split():
                rows.setdefault((page.number, y), []).append((x + plain.index(word) * font.cell, word))
    return [sorted(row) for row in rows.values()]


def coded(text: str) -> bytes:
    """Return text in the code page of the stream."""
    return text.encode("cp037")


@pytest.mark.parametrize(("percent", "share"), (("64", 1.0), ("32", 0.5), ("00", 1.0), ("FF", 1.0)))
@pytest.mark.parametrize("end", ("15", "06", "0D", "1E", "0C", "3A", "", JTF + "64"))
def test_field(percent: str, share: float, end: str) -> None:
    """The gaps of a field grow alike, by all of the room at its end or half of it, whatever ends it."""
    (row,) = places(bytes.fromhex(JTF + percent) + coded(TEXT) + bytes.fromhex(end))
    room = (7200 - len(TEXT) * 144) * share / 3
    starts = [TEXT.index(word) * 144 + number * room for number, word in enumerate(TEXT.split())]
    assert row == [(pytest.approx(x), word) for x, word in zip(starts, TEXT.split())]
    assert share < 1 or row[-1][0] + 4 * 144 == pytest.approx(7200)


@pytest.mark.parametrize("text", ("word", "", "   ", "a b " * 13))
def test_what_has_no_gap_or_no_room_stays(text: str) -> None:
    """One word, and text that is longer than its field, stay where they are."""
    assert places(bytes.fromhex(JTF + "64") + coded(text)) == places(coded(text))


def test_text_before_and_after_a_field_stays() -> None:
    """Text before JTF, and the next line, are no part of it."""
    rows = places(coded("before ") + bytes.fromhex(JTF + "64") + coded("a b") + b"\x15" + coded("c d") + b"\x15")
    assert rows == [[(0, "before"), (7 * 144, "a"), (7200 - 144, "b")], [(0, "c"), (288, "d")]]


def test_a_field_ends_sjm() -> None:
    """Lines are justified after SJM, until JTF asks for a field."""
    sjm = bytes.fromhex("2BD206110000 1C20 2BD2040D0164".replace(" ", ""))
    before = places(sjm + coded("a b") + b"\x15" + coded("c d") + b"\x15" + coded("e f") + b"\x06")
    after = places(
        sjm + coded("a b") + b"\x15" + bytes.fromhex(JTF + "64") + coded("c d") + b"\x15" + coded("e f") + b"\x15"
    )
    assert before[0] == after[0] == [(0, "a"), (7200 - 144, "b")]
    assert (before[1], after[1]) == ([(0, "c"), (7200 - 144, "d")],) * 2
    assert after[2] == [(0, "e"), (288, "f")]


def test_half_is_kept() -> None:
    """A percentage of 0 is the last one that was given."""
    first, second = places(
        bytes.fromhex(JTF + "32") + coded("a b") + b"\x15" + bytes.fromhex(JTF + "00") + coded("a b") + b"\x15"
    )
    assert first == second and first[1][0] == pytest.approx(288 + (7200 - 3 * 144) / 2)


def test_bold_and_pitches_in_a_field() -> None:
    """Words of other looks and widths move with the others."""
    data = bytes.fromhex(JTF + "64") + coded("a ") + bytes.fromhex("2BD1028A") + coded("bb") + bytes.fromhex("2BD1028E")
    (row,) = places(data + bytes.fromhex("2BD20429000F") + coded(" c") + b"\x15")
    assert [word for _, word in row] == ["a", "bb", "c"]
    assert row[2][0] + 96 == pytest.approx(7200)
    assert row[1][0] - 144 - 144 == pytest.approx(row[2][0] - row[1][0] - 288 - 96)


@pytest.mark.parametrize("y, style, moves", [(0.0, 0, True), (240.0, 0, False), (0.0, OVER, False)])
def test_only_a_line_of_its_own_is_spread(y: float, style: int, moves: bool) -> None:
    """Runs that stand on different lines, or over others, keep their places."""
    font = Font(144, 240)
    runs: list[Run] = [(0.0, 0.0, b"a", font, 0), (288.0, y, b"b", font, style)]
    assert [run[0] for run in justify(runs, 7200, 1.0)] == [0, 7200 - 144 if moves else 288]


def test_printing_over_is_left_alone() -> None:
    """A field that goes back over itself stays as it is."""
    back = bytes.fromhex(JTF + "64") + coded("a b") + bytes.fromhex("34C001") + coded("x")
    assert sorted(word for _, word in places(back)[0]) == ["a", "b", "x"]
    assert max(x for x, _ in places(back)[0]) == 288


MARGINS = bytes.fromhex("2BD206110090 1C20 2BD2040D0164".replace(" ", ""))


def test_lines_of_a_paragraph() -> None:
    """With SJM lines that end with NL come to the right margin; the last one of a paragraph, with RNL, does not."""
    stream = MARGINS + coded("a b") + b"\x15" + coded("c d") + b"\x06" + coded("e f") + b"\x15" + coded("g h")
    rows = places(stream + b"\x0c")
    assert [row[1][0] for row in rows] == [7200 - 144, 144 + 288, 7200 - 144, 144 + 288]


def test_release_of_the_margin_marks_a_last_line() -> None:
    """RLM in a line says that it is the last of its paragraph."""
    stream = MARGINS + bytes.fromhex("2BD2020B") + coded("a b") + b"\x15" + coded("c d") + b"\x15"
    assert [row[1][0] for row in places(stream)] == [144 + 288, 7200 - 144]


def test_justification_ends() -> None:
    """SJM 0, SIC and JTF end it; without a right margin there is none."""
    for end in ("2BD2030D00", "2BD20345FF2BC10250"):
        rows = places(MARGINS + bytes.fromhex(end) + coded("a b") + b"\x15")
        assert rows[0][1][0] - rows[0][0][0] == 288
    assert places(bytes.fromhex("2BD2040D0164") + coded("a b") + b"\x15") == [[(0, "a"), (288, "b")]]
