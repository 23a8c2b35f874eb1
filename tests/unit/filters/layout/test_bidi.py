"""Right-to-left text in the order in which it is printed."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from filters.layout.bidi import base_level, find_levels, is_right_to_left, visual_order, visual_row
from filters.layout.page import FILLER, Row, Style


def shown(text: str, width: int = 0) -> str:
    """Return a line as it is printed."""
    return visual_row(Row(text), base_level(text), width).text


@pytest.mark.parametrize(
    "text, printed",
    [
        ("abc", "abc"),
        ("אבג", "גבא"),
        ("abc אבג def", "abc גבא def"),
        ("אבג def", "def גבא"),
        ("אבג 123", "123 גבא"),
        ("abc אבג 123 x", "abc 123 גבא x"),
        ("אבג (דה)", "(הד) גבא"),
        ("אבג 12.5%", "12.5% גבא"),
        ("אב, גד", "דג ,בא"),
        ("אב abc גד", "דג abc בא"),
        ("1. אב", "בא .1"),
        # Brackets stay a pair (N0): in the direction of the line, or in that of what is in them and before them.
        ("אב (abc) 123", "123 (abc) בא"),
        ("אב (abc)", "(abc) בא"),
        ("ab (אב) 12", "ab (בא) 12"),
        ("אב abc (de", "abc (de בא"),
        ("אב abc (de) f", "abc (de) f בא"),
        ("ab אב (גד) c", "ab (דג) בא c"),
        ("אב [x (y] z)", "(z [x (y] בא"),
        ("אב ()", "() בא"),
    ],
)
def test_order(text, printed):
    """Letters run their own way, numbers from left to right, brackets look the right way."""
    assert shown(text) == printed


def test_rows_end_at_the_right_margin():
    """A line that starts right-to-left stands at the right margin, others stay at the left."""
    assert shown("אב ", 6) == "    בא"
    assert shown("x אב", 6) == "x בא"


def test_arabic_letters_join():
    """Letters take the form of their place; lam and alef are one; what does not join ends a word."""
    assert shown("\u0628\u0628\u0628") == "\ufe90\ufe92\ufe91"
    assert [shown(letter) for letter in "\u0628\u0621\u0671"] == ["\ufe8f", "\ufe80", "\ufb50"]
    assert shown("\u062f\u0628") == "\ufe8f\ufea9"
    assert shown("\u0644\u0627") == "\ufefb"
    assert shown("\u0628\u0644\u0627") == "\ufefc\ufe91"
    assert shown("\u0628x\u0628") == "\ufe8fx\ufe8f"


def test_columns_of_a_table_stay_columns():
    """What lam and alef save as one is a blank before the next column, of which there is one behind two blanks."""
    lam_alef, other = "\u0644\u0627\u0628 \u0628", "\u0628\u062f\u0628 \u0628"
    assert shown(f"{lam_alef}  12  {lam_alef}  34", 20) == "34   \ufe8f \ufe8f\ufefb  12   \ufe8f \ufe8f\ufefb"
    assert shown(f"{other}  12  {other}  34", 20) == "34  \ufe8f \ufe8f\ufeaa\ufe91  12  \ufe8f \ufe8f\ufeaa\ufe91"
    assert shown(f"{lam_alef} 12", 9) == "  12 \ufe8f \ufe8f\ufefb"


def test_persian_letters_join():
    """Letters that only Persian and its neighbours have join as those of Arabic do; a non-joiner keeps them apart."""
    assert shown("\u067e\u06cc\u0686") == "\ufb7b\ufbff\ufb58"
    assert shown("\u06af\u06a9") == "\ufb8f\ufb94"
    apart = visual_row(Row("\u06cc\u06a9\u06cc", b"", ((1, "\u200c"),)), 1, 0)
    assert apart == Row("\ufbfc\ufb8f\ufbfe", b"", ())
    row = Row("\u0644\u0627", b"", ((0, "\u200c"),))
    assert visual_row(row, 1, 0).text == "\ufe8d\ufedd"


def test_styles_and_marks_go_with_their_letters():
    """Style and combining marks move with the cell they belong to, wide characters stay whole."""
    row = Row("אבx", bytes((Style.BOLD, 0, Style.UNDERLINE)), ((0, "\u05b8"),))
    assert visual_row(row, 1, 0) == Row("xבא", bytes((Style.UNDERLINE, 0, Style.BOLD)), ((2, "\u05b8"),))
    assert shown("א漢" + FILLER) == "漢" + FILLER + "א"


def test_only_what_has_to_is_looked_at():
    """Text of other scripts is not right-to-left."""
    assert is_right_to_left("xא") and not is_right_to_left("Жα漢é")


TEXTS = st.text(st.sampled_from(list("ab אב\u0628 12.,+-%$()[]!")), max_size=24)
#: python-bidi knows nothing of brackets that pair.
TEXTS_WITHOUT_PAIRS = st.text(st.sampled_from(list("ab אב\u0628 12.,+-%$(!")), max_size=24)


@given(TEXTS)
@settings(deadline=None)
def test_nothing_is_lost(text):
    """The order is one of all characters."""
    order = visual_order(find_levels(text, base_level(text)))
    assert sorted(order) == list(range(len(text)))


@given(TEXTS_WITHOUT_PAIRS)
@settings(max_examples=300, deadline=None)
def test_levels_as_python_bidi_finds_them(text):
    """Levels are those of python-bidi, where that is installed."""
    algorithm = pytest.importorskip("bidi.algorithm", reason="python3-bidi is not installed")
    if not hasattr(algorithm, "get_empty_storage"):
        pytest.skip("this python-bidi does not show its levels")
    storage = algorithm.get_empty_storage()
    storage["base_level"] = base = base_level(text)
    storage["base_dir"] = ("L", "R")[base]
    algorithm.get_embedding_levels(text, storage)
    for step in (
        "explicit_embed_and_overrides",
        "resolve_weak_types",
        "resolve_neutral_types",
        "resolve_implicit_levels",
    ):
        getattr(algorithm, step)(storage, False)
    expected = [character["level"] for character in storage["chars"]]
    end = len(text.rstrip(" "))
    assert find_levels(text, base)[:end] == expected[:end]
