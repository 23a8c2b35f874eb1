"""What each control does: streams of a few bytes, and where their text stands."""

from __future__ import annotations

from typing import Any, Union

import pytest

from filters.layout.page import FILLER
from filters.layout.runs import BOLD, INVERSE, ITALIC, STRIKE, UNDERLINE, Run
from filters.scs.page import Page, Setup
from tests.scs_pages import read_pages

#: 80 columns, 66 lines, 10 by 6 to the inch.
START = bytes.fromhex("2BC10250 2BC20242 2BD20429000A 2BC6020C")


def e(text: str) -> bytes:
    """Return text in code page 037."""
    return text.encode("cp037")


def pages_of(*parts: Union[bytes, str], **settings: Any) -> list[Page]:
    """Return the pages of a stream: text as it is, controls in hexadecimal."""
    data = b"".join(part if isinstance(part, bytes) else bytes.fromhex(part) for part in parts)
    return read_pages(START + data, **settings)[0]


def text_of(run: Run) -> str:
    """Return the text of a run."""
    return (run[2].decode("cp1252") if isinstance(run[2], bytes) else run[2]).replace(FILLER, "")


def places(page: Page) -> list[tuple[float, float, str]]:
    """Return column, line and text of each run, from 1, at ten and six to the inch."""
    return [(round(run[0] / 144 + 1, 3), round(run[1] / 240 + 1, 3), text_of(run)) for run in page.runs]


A, B, C = e("A"), e("B"), e("C")

MOVES: dict[str, tuple[tuple[Union[bytes, str], ...], list[tuple[float, float, str]]]] = {
    "NL": ((A, "15", B), [(1, 1, "A"), (1, 2, "B")]),
    "LF keeps the column": ((A, "25", B), [(1, 1, "A"), (2, 2, "B")]),
    "CR and another place": ((A, "0D 34C003", B), [(1, 1, "A"), (3, 1, "B")]),
    "IRS, IFS, IGS are NL": ((A, "1E", A, "1C", A, "1D", A), [(1, n, "A") for n in (1, 2, 3, 4)]),
    "IUS is a blank": ((A, "1F", B), [(1, 1, "A"), (3, 1, "B")]),
    "HT without stops": ((A, "05", B), [(1, 1, "A"), (3, 1, "B")]),
    "HT to stops": (("2BD20901 00 00000A 000014", A, "05", B, "05", C), [(1, 1, "A"), (10, 1, "B"), (20, 1, "C")]),
    "stops in units": (("2BD20601 01 0005A0", A, "05", B), [(1, 1, "A"), (11, 1, "B")]),
    "SIL indents NL": (("2BD20601 00 000005 2BD2030701", A, "15", B), [(1, 1, "A"), (5, 2, "B")]),
    "RNL ends the indent": (("2BD20601 00 000005 2BD2030701", "15", A, "06", B), [(5, 2, "A"), (1, 3, "B")]),
    "IT sets the indent": (("2BD20601 00 000005", "39", A, "15", B), [(5, 1, "A"), (5, 2, "B")]),
    "AHPP and RHPP": (("34C005", A, "34C803", B), [(5, 1, "A"), (9, 1, "B")]),
    "AHPP 0 does nothing": ((A, "34C000", B), [(1, 1, "AB")]),
    "AVPP keeps the column": ((A, "34C403", B), [(1, 1, "A"), (2, 3, "B")]),
    "RVPP": ((A, "344C02", B), [(1, 1, "A"), (2, 3, "B")]),
    "SLS doubles NL but not RVPP": (("2BD2030904", A, "15", B, "344C01", C), [(1, 1, "A"), (1, 3, "B"), (2, 4, "C")]),
    "one and a half lines": (("2BD2030903", A, "15", B), [(1, 1, "A"), (1, 2.5, "B")]),
    "half a line up and down": ((A, "09", B, "38", C), [(1, 1, "A"), (2, 0.5, "B"), (3, 1, "C")]),
    "SLD in the midst of a page": ((A, "15", "2BC60209", B, "15", C), [(1, 1, "A"), (1, 2, "B"), (1, 2.75, "C")]),
    "SSLD": (("2BD2041500B4", A, "15", B), [(1, 1, "A"), (1, 1.75, "B")]),
    "SHM from the edge of the sheet": (("2BD2041105A0", A, "15", B), [(11, 1, "A"), (11, 2, "B")]),
    "VT without stops": ((A, "0B", B), [(1, 1, "A"), (2, 2, "B")]),
    "SVF begins lower": (("2BC204420300", A, "15", B), [(1, 3, "A"), (1, 4, "B")]),
    "VT to a stop": (("2BC2064201000A14", A, "0B", B, "0B", C), [(1, 1, "A"), (2, 10, "B"), (3, 20, "C")]),
    "VCS to a channel": (("2BC2064201000A14", A, "0483", B), [(1, 1, "A"), (1, 20, "B")]),
    "VCS without a channel": ((A, "0487", B), [(1, 1, "A"), (1, 2, "B")]),
    "SVF: a bottom is no stop": (("2BC2054201 0A 14", A, "0B", B), [(1, 1, "A"), (2, 20, "B")]),
    "SHF of 3270: margin and stops": (("2BC10550051E0A", A, "05", B), [(5, 1, "A"), (10, 1, "B")]),
    "SHF of 3270 with a bad margin": (("2BC10550641E0A", A, "05", B), [(1, 1, "A"), (3, 1, "B")]),
    "BS stops at the margin": (("1616", A, "16 16 16 34C003", B), [(1, 1, "A"), (3, 1, "B")]),
    "NUL, SW, BEL, RPT": ((A, "00 2A 2F 0A", B), [(1, 1, "AB")]),
    "INP hides text": ((A, "24", B, "14", C), [(1, 1, "A"), (3, 1, "C")]),
    "SIC ends INP": (("24", A, "2BD20345FF", B), [(1, 1, "B")]),
    "SUB is a box": (("3F", A), [(1, 1, "\u25a1"), (2, 1, "A")]),
}


@pytest.mark.parametrize("name", MOVES)
def test_moves(name: str) -> None:
    """A control moves the next text where it should."""
    parts, expected = MOVES[name]
    (page,) = pages_of(*parts)
    assert sorted(places(page)) == sorted(expected)


ENDS: dict[str, tuple[tuple[Union[bytes, str], ...], list[list[tuple[float, float, str]]]]] = {
    "FF": ((A, "0C", B), [[(1, 1, "A")], [(1, 1, "B")]]),
    "FF twice is an empty page": ((A, "0C0C", B), [[(1, 1, "A")], [], [(1, 1, "B")]]),
    "FF at the end is none": ((A, "0C"), [[(1, 1, "A")]]),
    "AVPP up": (("34C405", A, "34C402", B), [[(1, 5, "A")], [(2, 2, "B")]]),
    "AVPP to the same line": (("34C405", A, "34C405", B), [[(1, 5, "AB")]]),
    "AVPP past the last line": (("34C444", A), [[], [(1, 2, "A")]]),
    "RVPP past the last line": (("34C442", A, "344C02", B), [[(1, 66, "A")], [(2, 2, "B")]]),
    "NL past the last line": (("34C442", A, "15", B), [[(1, 66, "A")], [(1, 1, "B")]]),
    "lines of a page": (("2BC20203", A, "15", A, "15", A, "15", B), [[(1, n, "A") for n in (1, 2, 3)], [(1, 1, "B")]]),
    "SVF with marks further down": (("15", A, "2BC20242", B), [[(1, 2, "A")], [(2, 1, "B")]]),
    "SVF without marks": (("15", "2BC20242", B), [[(1, 1, "B")]]),
    "RFF ends the indent": (("2BD20601 00 000005 2BD2030701", "15", A, "3A", B), [[(5, 2, "A")], [(1, 1, "B")]]),
    "SPPS turns the last line off": (("2BD206402FD03DE0 34C442", A, "15", B), [[(1, 66, "A"), (1, 67, "B")]]),
    "VCS to a channel that is behind": (("2BC2064201000A14 34C40F", A, "0482", B), [[(1, 15, "A")], [(1, 10, "B")]]),
    "SVF is the length of a page": (
        ("2BC20203", A, "15", B, "15", C, "15", A),
        [[(1, 1, "A"), (1, 2, "B"), (1, 3, "C")], [(1, 1, "A")]],
    ),
    "SVF without parameters": (("2BC201 34C442", A, "15", B), [[(1, 66, "A")], [(1, 1, "B")]]),
    "blanks make no page": ((A, "0C", e("   ")), [[(1, 1, "A")]]),
}


@pytest.mark.parametrize("channel", range(2, 13))
def test_channels(channel: int) -> None:
    """Channels 2 to 12 are the first eleven stops: 81 to 89 are those up to 9, 7A to 7C the rest."""
    code = 0x80 + channel if channel < 10 else 0x70 + channel
    stops = bytes(range(5, 5 + 2 * 11, 2)).hex()
    (page,) = pages_of(f"2BC20F420100{stops}", A, f"04{code:02X}", B)
    assert places(page) == [(1, 1, "A"), (1, 5 + 2 * (channel - 2), "B")]


@pytest.mark.parametrize("code", ("80", "81", "8A", "79", "7D"))
def test_what_is_no_channel(code: str) -> None:
    """Channel 1 is the first line, of the next page; other codes are one line down."""
    pages = pages_of("2BC204420100", A, f"04{code}", B)
    expected = [[(1, 1, "A")], [(1, 1, "B")]] if code == "81" else [[(1, 1, "A"), (1, 2, "B")]]
    assert [places(page) for page in pages] == expected


@pytest.mark.parametrize("name", ENDS)
def test_ends_of_pages(name: str) -> None:
    """A page ends where it should, and the next one begins at its line."""
    parts, expected = ENDS[name]
    assert [places(page) for page in pages_of(*parts)] == expected


def test_long_lines_go_on_in_the_next() -> None:
    """A graphic beyond the last column goes to the next line (SHF), and a line end after the last one adds none."""
    (page,) = pages_of("2BC10205", e("ABCDEFGH"), "15", e("12345"), "15", e("6"))
    assert places(page) == [(1, 1, "ABCDE"), (1, 2, "FGH"), (1, 3, "12345"), (1, 4, "6")]


def test_long_lines_run_on_after_spps() -> None:
    """After SPPS a line is as long as it is."""
    (page,) = pages_of("2BD206402FD03DE0", e("A" * 200))
    assert places(page) == [(1, 1, "A" * 200)]


STYLES: dict[str, tuple[tuple[Union[bytes, str], ...], list[tuple[str, int]]]] = {
    "BES EES": (("2BD1028A", A, "2BD1028E", B), [("A", BOLD), ("B", 0)]),
    "BUS EUS": (("2BD4030A01", A, "2BD4020E", B), [("A", UNDERLINE), ("B", 0)]),
    "both": (("2BD1028A2BD4030A01", A), [("A", BOLD | UNDERLINE)]),
    "BOS EOS": (("2BD40872610000000000", A, "2BD40276", B), [("AB", 0), ("/", STRIKE)]),
    "SA intensified": (("2841F8", A, "2841F0", B), [("A", BOLD), ("B", 0)]),
    "SA underlined, reset": (("2841F4", A, "280000", B), [("A", UNDERLINE), ("B", 0)]),
    "SA reverse": (("2841F2", A), [("A", INVERSE)]),
    "bold and italic font": (("2BD1070500700090 01", A), [("A", BOLD | ITALIC)]),
    "bold by printing twice": ((e("AB"), "0D", e("AB")), [("AB", BOLD)]),
    "bold by BS": ((A, "16", A), [("A", BOLD)]),
    "underline by a low line": ((e("AB"), "0D", e("__")), [("AB", UNDERLINE)]),
    "underline written first": ((e("__"), "0D", e("AB")), [("AB", UNDERLINE)]),
    "WUS": ((e("one two"), "23"), [("one ", 0), ("two", UNDERLINE)]),
    "WUS without a word": ((e("one"), "15", "23", e("x")), [("one", 0), ("x", 0)]),
    "WUS after a gap": ((e("one"), "34C802", "23"), [("one", 0)]),
    "WUS in the midst of other words": ((e("one"), "34C807", e("two"), "34C004 23"), [("one", 0), ("two", 0)]),
    "WUS of a word in two looks": (
        (e("a b"), "2BD1028A", e("c"), "23"),
        [("a ", 0), ("b", UNDERLINE), ("c", BOLD | UNDERLINE)],
    ),
    "SIC ends all": (("2BD1028A", "2BD20345FF", A), [("A", 0)]),
}


@pytest.mark.parametrize("name", STYLES)
def test_styles(name: str) -> None:
    """Emphasis is where a control, or printing over, says so."""
    parts, expected = STYLES[name]
    (page,) = pages_of(*parts)
    assert [(text_of(run), run[4]) for run in page.runs] == expected


@pytest.mark.parametrize(
    ("control", "cell"),
    [("2BD204290005", 288), ("2BD204290010", 86.4), ("2BD1070500CC006C01", 108), ("2BD1070500DE000001", 96)],
)
def test_pitches(control: str, cell: float) -> None:
    """SCD and SFG set the width of a cell, in the midst of a line too."""
    (page,) = pages_of(A, "34C804", control, B, "34C015", C)
    assert [(run[0], run[3].cell) for run in page.runs] == [(0, 144), (720, cell), (pytest.approx(20 * cell), cell)]


def test_double_width() -> None:
    """SFSS doubles cells until it says otherwise."""
    (page,) = pages_of("2BFD04022000", e("AB"), "2BFD04021000", C)
    assert [(run[0], run[3].cell, run[3].double) for run in page.runs] == [(0, 288, True), (576, 144, False)]


@pytest.mark.parametrize("page", ("500", "273", "870"))
def test_code_pages(page: str) -> None:
    """SCG chooses a code page by its number, SIC goes back to the queue's."""
    number = int(page)
    found = pages_of(f"2BD1060102B9{number:04X}", "4A5AC0", "2BD20345FF", "4A")
    expected = bytes.fromhex("4A5AC0").decode(f"cp{page}") if page != "870" else "[]{"
    assert "".join(text_of(run) for run in found[0].runs) == expected


@pytest.mark.parametrize(
    ("local", "character"), (("00", "["), ("01", "\u00a2"), ("02", "\u00c4"), ("0F", "$"), ("FF", "\u00b0"))
)
def test_local_code_pages(local: str, character: str) -> None:
    """SCGL chooses a code page by a local number; FF is what the queue says."""
    (page,) = pages_of(f"2BD10381{local}", "4A", codepage="297")
    assert text_of(page.runs[0]) == character


def test_paper_counts_from_the_next_page_on() -> None:
    """PPM after a mark is for the next page, before it for this one; what it leaves out stays."""
    pages = pages_of("2BD20A48000001020001 0002", A, "2BD20A4800000103000100 00", B, "0C", C)
    assert [(page.setup.drawer, page.setup.duplex) for page in pages] == [(2, 2), (3, 2)]


def test_sic_starts_a_job() -> None:
    """SIC in the midst of a file ends the page, and says that a new sheet begins."""
    pages = pages_of(A, "2BD20345FF", B)
    assert [page.starts_job for page in pages] == [False, True]


def test_what_is_odd_is_counted() -> None:
    """Each kind of oddity is kept once, with how often it came."""
    _, machine = read_pages(bytes.fromhex("32 C1 32 32 2BC2 00 FF"))
    assert machine.notes == {"unknown control 32": 3, "FF, which is no graphic": 1}


def test_a_page_says_nothing_of_its_own() -> None:
    """Without controls nothing is asked of the printer, and the first line is the first."""
    (page,) = read_pages(A)[0]
    assert page.setup == Setup(1, 0, 0, 0, 0, 0, 0xFFFF, None, 0, 0, False)
    assert (page.runs[0][:2], page.number, page.lines, page.left, page.top) == ((0, 0), 1, 66, 0, 0)


def test_grid_lines() -> None:
    """DGL draws a line across, and lines down until it ends them; nothing of it is text."""
    (page,) = pages_of("2BFD08000080 05A01C20", "2BFD08000040 05A01C20", A, "15", "15", "2BFD04000000", B)
    assert [text_of(run) for run in page.runs] == ["A", "B"]
    across, *down = page.rules
    assert (across.x, across.width) == (1440, 5760)
    assert [(rule.x, rule.height) for rule in down] == [(1440, 480), (7200, 480)]


@pytest.mark.parametrize(("how", "place"), (("00", 1), ("01", 2), ("02", 1)))
def test_cells_of_shift_out(how: str, place: int) -> None:
    """SPCC says how many blanks SO and SI print."""
    (page,) = pages_of(f"2BFD040300{how}", "0E 4562 0F", A, dbcs="939")
    assert places(page)[0] == (place, 1, "\u65e5")
    assert places(page)[-1][0] == place + 2 + {"00": 0, "01": 1, "02": 2}[how]


@pytest.mark.parametrize(("how", "text"), (("drop", "AC"), ("text", "ABBC")))
def test_transparent_text_of_mainframes(how: str, text: str) -> None:
    """TRN is text where the queue says so; ATRN never is."""
    (page,) = pages_of(A, "3503 C2C2 00 0302 C1C1", C, transparent=how)
    assert "".join(text_of(run) for run in page.runs) == text


@pytest.mark.parametrize("number", ("930", "933", "935", "937"))
def test_double_byte_text(number: str) -> None:
    """Two-byte text takes two cells a character, and the wide blank prints nothing."""
    (page,) = pages_of("0E 4040 42C1 0F", dbcs=number)
    assert places(page) == [(4, 1, "\uff21")]


@pytest.mark.parametrize("end, then", [("15", "A"), ("06", "A"), ("0F", "A"), ("", "\u3042")])
def test_what_ends_two_byte_text(end: str, then: str) -> None:
    """Without shift-in a new line does, and that is noted, as at the end of the file."""
    data = START + bytes.fromhex("0E 4562" + end) + (b"\xc1" if end else b"\x44\x81")
    pages, machine = read_pages(data, dbcs="939")
    assert text_of(pages[0].runs[-1])[-1] == then
    assert ("two-byte text without a shift-in at its end" in machine.notes) == (end != "0F")
