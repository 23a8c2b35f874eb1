"""Letters that are written as one."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from filters.layout.clusters import find_words, is_picture, needs_shaping, without_words
from filters.layout.page import Row
from filters.text.cells import CellWriter
from filters.text.decoding import TextDecoder
from filters.text.events import Lines


def row_of(text: str) -> Row:
    """Return a text as the cells that the reader makes of it."""
    cells = CellWriter(8)
    cells.write(text, 0)
    return cells.row()


@pytest.mark.parametrize(
    "text, clusters",
    [
        ("हिन्दी", ["हि", "न्दी"]),
        ("क्षेत्र", ["क्षे", "त्र"]),
        ("น้ำกี่", ["น้ำ", "กี่"]),
        ("ខ្មែរ", ["ខ្មែ", "រ"]),
        ("မြန်မာ", ["မြ", "န်", "မာ"]),
        ("བོད་སྐྱེས", ["བོ", "ད", "་", "སྐྱེ", "ས"]),
        ("தமிழ்", ["த", "மி", "ழ்"]),
    ],
)
def test_what_belongs_together(text, clusters):
    """Marks, joined consonants and half letters are part of the cluster that they are written into."""
    (word,) = find_words(row_of(text))
    assert [cluster.text for cluster in word.clusters] == clusters
    assert word.start == 0 and word.cells == len(row_of(text).text)


def test_words_start_at_their_cells():
    """Blanks, other letters and other styles end a word; what is left of the row has blanks where words were."""
    row = Row("ab กน ह x", bytes((0, 0, 0, 1, 2, 0, 0, 4, 0)), ((1, "/"), (6, "\u0948"), (8, "\u0301")))
    words = find_words(row)
    assert [(word.start, word.style, [c.text for c in word.clusters]) for word in words] == [
        (3, 1, ["ก"]),
        (4, 2, ["น"]),
        (6, 0, ["है"]),
        (8, 0, ["x\u0301"]),
    ]
    assert without_words(row, words) == Row("ab       ", row.styles, ((1, "/"),))


@pytest.mark.parametrize("text", ["न\x1b[1;4mी\x1b[m", "क\x1b[1m्\x1b[4mष\x1b[m", "น\x1b[1m้\x1b[4mำ\x1b[m"])
def test_a_cluster_has_one_style(text: str) -> None:
    """A style that changes within a cluster, as highlighting does before a vowel, begins behind it."""
    (event,) = TextDecoder().decode(text.encode())
    assert isinstance(event, Lines)
    (row,) = event.lines
    assert isinstance(row, Row)
    (word,) = find_words(row)
    assert word.style == 0 and len(word.clusters) == 1 and not any(without_words(row, [word]).styles)


@pytest.mark.parametrize(
    "cluster, expected",
    [
        ("\U0001f468\u200d\U0001f469", True),
        ("\U0001f1e9\U0001f1ea", True),
        ("\U0001f1e9\u20dd", True),
        ("\u0915\u094d\u200d\u0937", False),
        ("\u0915\u094d\u200d", False),
        ("\u0915\u093f", False),
    ],
)
def test_pictures(cluster: str, expected: bool) -> None:
    """Joined emoji and flags are pictures; letters that a joiner stands between, or behind, are none."""
    assert is_picture(cluster) == expected


@pytest.mark.parametrize("text", ["plain", "Ωж─ﻻ漢", ""])
def test_other_scripts_are_left_alone(text):
    """Where there is none of these letters nothing is looked for."""
    assert not needs_shaping(row_of(text)) and not find_words(row_of(text))


LETTERS = "กา้ำเहिन्द्ीक ษ a漢ខ្មែမြ်་སྐྱེ\u0301"


def test_a_mark_on_an_emoji_is_not_lost() -> None:
    """It belongs to no word, so it stays in the row."""
    row = row_of("1\ufe0f\u20e3\u0e47 \U0001f468\u200d\U0001f469\u0301")
    words = find_words(row)
    kept = "".join(mark for _, mark in without_words(row, words).over)
    shaped = "".join(cluster.text for word in words for cluster in word.clusters)
    assert words and all(mark in kept + shaped for mark in "\u0e47\u0301")


@example("a\u0f90\u0e49")  # the second mark has its place on the letter, the first has none
@given(st.lists(st.sampled_from(LETTERS), max_size=30).map("".join))
def test_no_letter_is_lost(text):
    """All that is in a row is either in one of its words or left in it, in its order, marks with their letters."""
    row = row_of(text)
    words = find_words(row)
    rest = without_words(row, words)
    marks = [mark for _, mark in row.over if unicodedata.category(mark).startswith("M")]
    found = sorted("".join(cluster.text for word in words for cluster in word.clusters))
    left = rest.text.replace(" ", "") + "".join(mark for _, mark in rest.over)
    assert sorted([*found, *left]) == sorted([*row.text.replace(" ", ""), *marks])
    assert len(rest.text) == len(row.text) and not needs_shaping(rest)
    assert all(word.start + word.cells <= len(row.text) for word in words)


@pytest.mark.parametrize("text", ["\u0e81" + 40 * "\u0eb3", "\u0939" + 60 * "\u093e", 50 * "\u0915\u094d"])
def test_no_cluster_is_as_long_as_a_line(text):
    """AM, vowels with a place of their own, consonants that join: however many follow, one shape has room for a few."""
    (word,) = find_words(row_of(text))
    assert max(cluster.cells for cluster in word.clusters) == 8
    assert word.cells == len(row_of(text).text)
