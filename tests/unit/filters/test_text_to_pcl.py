"""Text to PCL, in one process: what our own parser of PCL finds on the pages is what the text says."""

from __future__ import annotations

import re
import string
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from filters.pcl.emitter import Emitter
from filters.text_to_pcl import describe_missing
from tests.pcl_parser import Glyph, Page, PrintedJob, parse_job
from tests.unit.filters.text_job import model_pages, run_job, warnings

#: First baseline on A4 with the usual margins, 80 columns, 6 lpi: (18 points - 71/300 inch) and (36 points + 3/4 line).
LEFT, TOP, CELL, PITCH = 96, 4500, 699, 1200


def printed(text: str | bytes, options: str = "", **more: object) -> PrintedJob:
    """Run a job that must succeed and return what it prints."""
    data = text if isinstance(text, bytes) else text.encode()
    code, output, _ = run_job(data, options, **more)  # type: ignore[arg-type]
    assert code == 0
    return parse_job(output)


def rows(page: Page) -> list[str]:
    """Return the rows of a page with the usual grid."""
    return page.text(LEFT, TOP, CELL, PITCH)


def test_lines_stand_on_the_grid():
    """Each line is on its place, 80 columns and 64 lines on A4, with blank lines left blank."""
    (page,) = printed("one\n\n  three\tx\n").pages
    assert rows(page) == ["one", "", "  three x"]
    assert (page.size, page.orientation, page.duplex, page.source) == (26, 0, 0, None)


def test_pages_break_when_full_and_at_form_feeds():
    """64 lines fill a page; a form feed right after them does not make an empty page, any other one does."""
    text = "".join(f"{n}\n" for n in range(64)) + "\fnext\f\flast"
    pages = [rows(page) for page in printed(text).pages]
    assert [len(pages[0]), *pages[1:]] == [64, ["next"], [], ["last"]]


@pytest.mark.parametrize(
    "options", ["media=Letter", "media=A4", "lpi=8", "page-left=100", "lpi=7", "columns=2", "number-up=2"]
)
def test_lines_follow_where_their_distance_is_whole(options):
    """Lines follow by CR and LF, blank and bold ones too; where their distance is no whole one, each has a place."""
    text = "\n\none\n\n  two\n" + "three\n" * 3 + "\x1b[1mfour\x1b[m\n"
    (page,) = printed(text, options).pages
    _, output, _ = run_job(text.encode(), options)
    _, plain, _ = run_job(text.replace("\x1b[1m", "").encode(), options)
    assert parse_job(plain).pages[0].lines() == page.lines() and len(page.lines()) == 6
    stepped = options not in ("lpi=7", "number-up=2")
    assert (plain.count(b"\r\n") - plain.count(b"@PJL") == 6) == stepped
    placed = len(re.findall(rb"\*p[0-9]+x[0-9]+Y", output))
    assert placed == len(re.findall(rb"\*p[0-9]+x[0-9]+Y", plain)) == (1 if stepped else 6)


#: Words, blanks, styles, characters over others, other alphabets, wide ones, and ends of lines.
RUNS = st.lists(
    st.sampled_from(
        ["word", "two words", " ", "   ", "\x1b[1mbold", "\x1b[m", "\x1b[4munder ", "\x1b[7minverse", "\x1b[3mitalic"]
        + ["b\bbo\bold\bd", "_\bu_\bn", "Жук", "Ωμέγα", "│ x │", "漢字", "naïve", "x\u0301", "\xa0", "o\b/", "Łódź"]
        + ["\n", "\n", "\n", "\n" * 7]
    ),
    max_size=60,
).map("".join)


@given(text=RUNS, options=st.sampled_from(["media=Letter", "media=A4", "media=A4 cpi=12 lpi=8", "media=A4 columns=2"]))
@settings(max_examples=30, deadline=None)
def test_what_follows_stands_where_it_would_be_placed(text, options):
    """Rows and runs that follow those before have the places that they have when each is placed absolutely."""

    def marks() -> list[list[Glyph]]:
        job = printed("start\n" + text, options)
        return [
            sorted(
                (g for g in page.glyphs if g.text.strip() or g.underline or g.white), key=lambda g: (g.y, g.x, g.text)
            )
            for page in job.pages
        ]

    following = marks()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Emitter, "_is_stepped", lambda self, frame: False)
        placed = marks()
    assert [[replace(g, x=0) for g in page] for page in following] == [
        [replace(g, x=0) for g in page] for page in placed
    ]
    for one, other in zip((g for page in following for g in page), (g for page in placed for g in page)):
        # Half a unit of 1/600 inch: margins are no whole ones.
        assert abs(one.x - other.x) <= 6


def test_blank_end_makes_no_page():
    """A form feed and blank lines at the end do not cost a sheet."""
    assert len(printed("text\n\f\n\n  \n").pages) == 1


@pytest.mark.parametrize("text", [b"", b"\n\n", b"   "])
def test_nothing_to_print(text):
    """An empty document prints nothing at all, with one warning, and is no failure."""
    code, output, messages = run_job(text)
    assert (code, output, len(warnings(messages))) == (0, b"", 1)


def test_all_of_windows_latin_1_prints():
    """Every character of cp1252 is printed as itself, a soft hyphen at the end of its line."""
    codes = [*range(0x80, 0xAD), *range(0xAE, 0x100)]
    text = "".join(bytes([c]).decode("cp1252", "ignore") for c in codes) + string.printable[:94] + "\xad"
    assert "".join(rows(printed(text).pages[0])) == text


def test_the_warning_about_many_characters_is_short():
    """Of many kinds of characters the most frequent are named, with the number of the others."""
    text = describe_missing({chr(0x4E00 + n): n + 1 for n in range(100)})
    assert text.count("U+") == 12 and "U+4E63 (100)" in text and "and 88 more" in text


@pytest.mark.parametrize(
    "characters, packages",
    [
        ("漢か\U00020000", "fonts-hanazono fonts-noto-cjk"),
        ("ก∮Ж𝄞", "fonts-noto-core"),
        ("\U0001f600ક", "fonts-noto-core fonts-symbola"),
        ("\ue000\u0378\ufdd0", ""),
    ],
)
def test_the_warning_names_the_packages(characters: str, packages: str) -> None:
    """What Debian calls the fonts that have them; none for what is no character, or where no font may be sent."""
    text = describe_missing(dict.fromkeys(characters, 1))
    assert sorted(text.partition("apt install ")[2].split()) == packages.split()
    assert "apt" not in describe_missing(dict.fromkeys(characters, 1), soft_fonts=False)


def test_bad_bytes_do_not_stop_the_job():
    """Bytes that are not UTF-8 are replaced, with one warning that counts them, and all else prints."""
    code, output, messages = run_job(b"a\xffb\n\xf0\x9f\x98\nend\n\xef\xbf\xbd|\n", "soft-fonts=false")
    text = rows(parse_job(output).pages[0])
    assert (code, text[0], text[2]) == (0, "a?b", "end")
    assert sum("2 places" in message for message in warnings(messages)) == 1


def test_an_astral_character_hides_nothing_behind_it():
    """Text after a character of four bytes prints (texttopdf takes such a character for the end of the file)."""
    assert rows(printed("one\n\U0001f600 two\nthree\n").pages[0])[2] == "three"


def test_controls_never_reach_the_printer():
    """Escape sequences, UEL and other controls of the text are left out; the text around them prints."""
    text = b"a\x1b%-12345X@PJL RESET\nb\x1b&l1Oc\x00\x07\x85d\n\x1bE\x1b[2Je\x1b]0;title\x07f\x9b\n"
    code, output, messages = run_job(text)
    page = parse_job(output).pages[0]
    assert (code, page.orientation) == (0, 0)
    assert output.count(b"\x1b%-12345X") == 3 and output.count(b"\x1bE") == 2
    assert rows(page)[2][0] == "e"
    assert any("left out" in message for message in warnings(messages))


def test_sgr_is_bold_italic_underline_inverse():
    """ANSI attributes last until they are taken back, over lines too; colours and the rest vanish."""
    page = printed("a\x1b[1mb\nc\x1b[0;4md\x1b[24m\x1b[38;5;1me\x1b[3mf\x1b[23;7mg\x1b[m\n").pages[0]
    marks = [(g.text, g.bold, g.underline, g.italic, g.white) for g in page.glyphs]
    assert marks == [
        ("a", False, False, False, False),
        ("b", True, False, False, False),
        ("c", True, False, False, False),
        ("d", False, True, False, False),
        ("e", False, False, False, False),
        ("f", False, False, True, False),
        ("g", False, False, False, True),
    ]
    (bar,) = page.rectangles
    glyph = page.glyphs[-1]
    assert bar.grey == 100 and bar.x == glyph.x and bar.y < glyph.y < bar.y + bar.height and abs(bar.width - CELL) <= 6
    assert bar.height == PITCH


def test_the_width_of_cells_outlives_other_styles():
    """A font command sets the pitch to two decimals; the cells keep their exact width all the same."""
    page = printed("a\x1b[1mbb\x1b[3mcc\x1b[mdd\nplain", "cpi=3.3333").pages[0]
    assert {glyph.width for glyph in page.glyphs} == {2160}


@pytest.mark.parametrize(
    "options, size, orientation, columns, lines",
    [
        ("media=Letter", 2, 0, 80, 60),
        ("PageSize=Legal orientation-requested=5", 3, 3, 135, 45),
        ("media=Custom.100x200mm", 101, 0, 34, 41),
        ("page-left=72 page-right=72 page-top=72 page-bottom=72", 26, 0, 62, 58),
    ],
)
def test_sheets(options, size, orientation, columns, lines):
    """Size, orientation and margins decide how many columns and lines a page has."""
    pages = printed(("x" * columns + "\n") * (lines + 1), options).pages
    assert [(p.size, p.orientation) for p in pages] == [(size, orientation)] * 2
    assert [len(p.glyphs) for p in pages] == [columns * lines, columns]
    assert len(printed("x" * (columns + 1), options).pages[0].lines()) == 2
    first, last = pages[0].glyphs[0], pages[0].glyphs[-1]
    assert first.x >= 0 and last.x + last.width <= pages[0].width + 12 and last.y < pages[0].length


@pytest.mark.parametrize("options", ["page-left=0", "page-top=0", "page-left=300 page-right=300"])
def test_margins_that_cannot_be(options):
    """Margins outside of what a printer reaches, or without room between them, cost a warning, not the job."""
    code, output, messages = run_job(b"x" * 100, options)
    assert code == 0 and len(warnings(messages)) == 1
    assert len(parse_job(output).pages[0].glyphs) == 100


@pytest.mark.parametrize("options", ["cpi=0", "lpi=x", "wrap=maybe", "page-ranges=3-1", "media=Unknown", "tab-width=0"])
def test_values_that_make_no_sense(options):
    """A value that cannot be used is named in one warning and the job prints without it."""
    code, output, messages = run_job(b"text", options)
    assert code == 0 and len(warnings(messages)) == 1 and options.split("=")[1] in warnings(messages)[0]
    assert rows(parse_job(output).pages[0]) == ["text"]


@pytest.mark.parametrize(
    "options, expected",
    [
        ("wrap=char", ["aaa bbb cc", "c dddddddd", "ddddddd"]),
        ("wrap=word", ["aaa bbb", "ccc", "dddddddddd", "ddddd"]),
        ("wrap=truncate", ["aaa bbb cc"]),
        ("wrap=char wrap-mark=+", ["aaa bbb c+", "cc dddddd+", "ddddddddd"]),
        ("wrap=truncate wrap-mark=»", ["aaa bbb c»"]),
        ("nowrap", ["aaa bbb ccc ddddddddddddddd"]),
    ],
)
def test_long_lines(options, expected):
    """Long lines are broken, broken between words, cut, or left alone, with a mark if one is asked for."""
    right = 595.2756 - 18 - 100 * 0.72
    job = printed("aaa bbb ccc ddddddddddddddd\n", f"{options} page-right={right}")
    assert job.pages[0].text(LEFT, TOP, 720, PITCH) == expected


def test_lines_that_are_left_alone_end_at_the_edge():
    """With wrap=off a line runs over the margin to the edge of the logical page, and no further, styled or not."""
    for start in ("", "\x1b[1m", "\x1b[4mж"):
        (page,) = printed(start + "x" * 5000 + "\n", "nowrap page-right=200").pages
        last = page.glyphs[-1]
        assert page.width - CELL <= last.x + last.width - CELL <= page.width and len(page.lines()) == 1


def test_copies_and_collating():
    """Copies are asked for once, in PJL after JOB: pages by COPIES, whole jobs by QTY."""
    handling = "multiple-document-handling=separate-documents"
    for options, copies, asked in (
        ("", 1, {}),
        ("", 3, {"COPIES": "3"}),
        ("Collate=True", 3, {"QTY": "3"}),
        (f"{handling}-collated-copies", 2, {"QTY": "2"}),
        (f"{handling}-uncollated-copies", 2, {"COPIES": "2"}),
    ):
        assert printed("x", options, copies=copies).settings == asked


def test_the_title_cannot_end_the_wrapper():
    """Quotes, controls and other scripts in a title are made harmless."""
    job = printed("x", title='a"\x1b%-12345X\n@PJL é 漢' + "z" * 200)
    assert job.name.startswith("a'") and "\x1b" not in job.name and len(job.name) == 80 and " e ?" in job.name


@pytest.mark.parametrize(
    "options, duplex",
    [("", 0), ("sides=two-sided-long-edge", 1), ("Duplex=DuplexTumble", 2), ("sides=one-sided", 0)],
)
def test_duplex(options, duplex):
    """Long edge is 1 and short edge 2."""
    assert printed("x", options).pages[0].duplex == duplex


@pytest.mark.parametrize(
    "options, expected",
    [
        ("page-ranges=2-3", [2, 3]),
        ("page-set=odd page-ranges=2-4", [3]),
        ("page-ranges=9", []),
    ],
)
def test_page_ranges(options, expected):
    """Only the pages asked for are printed, in their order."""
    code, output, messages = run_job(b"\f".join(b"%d" % n for n in range(1, 6)), options)
    assert code == 0
    assert [int(rows(page)[0]) for page in parse_job(output).pages] == expected if expected else output == b""


PPD = """*PPD-Adobe: "4.3"
*DefaultPageSize: Letter
*PaperDimension Letter/US Letter: "612 792"
*PaperDimension Strip/Strip: "300 900"
*ipps443PageCode Letter: "2"
*DefaultInputSlot: Tray1
*InputSlot Tray1/Tray 1: "<</MediaPosition 8>>setpagedevice"
*InputSlot Tray2/Tray 2: "<</MediaPosition 20>>setpagedevice"
*DefaultDuplex: DuplexNoTumble
*Defaultcpi: 12
*Defaultwrap: word
*ipps443MediaName Recycled: "Recycled"
"""


def test_the_printer_description_gives_defaults_and_codes(tmp_path):
    """What a job does not say comes from the printer description, and so do the numbers of trays."""
    ppd = tmp_path / "printer.ppd"
    ppd.write_text(PPD)
    page = printed("x", environ={"PPD": str(ppd)}).pages[0]
    assert (page.size, page.source, page.duplex, page.glyphs[0].width) == (2, 8, 1, 600)
    page = printed("x", "media=A4,tray-2 cpi=10 sides=one-sided", environ={"PPD": str(ppd)}).pages[0]
    assert (page.size, page.source, page.duplex, page.glyphs[0].width) == (26, 20, 0, 720)
    page = printed("x", "media=Strip", environ={"PPD": str(ppd)}).pages[0]
    assert (page.size, page.length) == (101, 90000)
    _, output, _ = run_job(b"x", "media-type=recycled", environ={"PPD": str(ppd)})
    assert b"\x1b&n9WdRecycled" in output and parse_job(output)


def test_a_missing_printer_description_is_no_reason_to_fail():
    """Without the description the defaults are used, with a warning."""
    code, output, messages = run_job(b"x", environ={"PPD": "/nonexistent/x.ppd"})
    assert code == 0 and len(warnings(messages)) == 1 and len(parse_job(output).pages) == 1


def test_a_line_without_end():
    """A line longer than 64 KiB is broken there and printed whole, with a warning; cut lines lose their rest."""
    code, output, messages = run_job("é".encode() * 100_000 + b"\nend\n", "cpi=20 lpi=12")
    pages = parse_job(output).pages
    assert code == 0 and sum(len(page.glyphs) for page in pages) == 100_003
    assert "more than 64 KiB broken, at 3 places" in warnings(messages)[0]
    _, output, messages = run_job(b"x" * 300_000 + b"\nend\n", "wrap=truncate")
    assert rows(parse_job(output).pages[0]) == ["x" * 80, "end"]
    assert "left out: what is beyond 64 KiB in 1 line" in warnings(messages)[0]


ALPHABET = st.lists(
    st.sampled_from(list(string.ascii_letters + string.punctuation + "  \t\n\n\f") + ["\r\n", "é", "€", "Œ", "─"]),
    max_size=400,
).map("".join)


@given(
    text=st.lists(st.one_of(ALPHABET, st.just("w" * 120 + "\n"), st.just("n\n" * 61)), max_size=6).map("".join),
    cpi=st.sampled_from([10, 12, 13.33, 16.67, 17, 20]),
    lpi=st.sampled_from([4, 6, 8, 8.57]),
    tab=st.integers(1, 12),
)
@settings(max_examples=60, deadline=None)
def test_any_text_prints_as_the_model_says(text, cpi, lpi, tab):
    """Whatever the text, pitches and tabs: what stands on paper is what a typewriter would have put there."""
    code, output, _ = run_job(text.encode(), f"cpi={cpi} lpi={lpi} tab-width={tab} media=Letter soft-fonts=false")
    assert code == 0
    cell, pitch = round(7200 / cpi), 7200 / lpi
    expected = model_pages(text.replace("─", "?"), (57600 + 12) // cell, int((72000 + 12) / pitch), tab)
    pages = parse_job(output).pages if output else []
    assert [page.text(0, round(3600 + pitch * 0.75), cell, pitch) for page in pages] == expected


OPTIONS: st.SearchStrategy[dict[str, str]] = st.fixed_dictionaries(
    {},
    optional={
        "cpi": st.floats(1, 100, allow_nan=False).map(str),
        "lpi": st.floats(0.5, 100, allow_nan=False).map(str),
        "wrap": st.sampled_from(["char", "word", "truncate", "off"]),
        "wrap-mark": st.sampled_from(["true", "+", "漢", ">>"]),
        "tab-width": st.integers(1, 80).map(str),
        "page-left": st.integers(0, 700).map(str),
        "page-right": st.integers(0, 700).map(str),
        "page-top": st.integers(0, 900).map(str),
        "page-bottom": st.integers(0, 900).map(str),
        "orientation-requested": st.sampled_from("3456"),
        "media": st.sampled_from(["A4", "Letter", "EnvDL", "A6", "Custom.80x90mm", "A4,Manual"]),
        "sides": st.sampled_from(["one-sided", "two-sided-long-edge", "two-sided-short-edge"]),
        "page-ranges": st.sampled_from(["1", "2-", "1-2,4"]),
        "page-set": st.sampled_from(["all", "odd", "even"]),
        "Collate": st.sampled_from(["true", "false"]),
        "soft-fonts": st.sampled_from(["true", "false", "id"]),
        "text-charset": st.sampled_from(["utf-8", "cp437", "cp037", "cp500", "shift_jis", "utf-16", "koi8-r", "utf-7"]),
        "carriage-control": st.sampled_from(["none", "asa", "machine"]),
        "number-up": st.sampled_from(["1", "2", "4", "6", "9", "16"]),
        "number-up-layout": st.sampled_from(["lrtb", "btrl", "rlbt"]),
        "columns": st.integers(1, 16).map(str),
        "fit-text": st.sampled_from(["132x66", "auto", "off", "80", "1x1", "1000x1000"]),
        "page-header": st.sampled_from(["%t|%d|%p", "漢字|ש|x̂", "%q%%|%j"]),
        "page-footer": st.sampled_from(["%p", "a|b|c", "%t|||"]),
        "page-label": st.sampled_from(["label", "漢"]),
        "prettyprint": st.just("true"),
        "line-numbers": st.just("true"),
        "page-border": st.just("single"),
        "outputorder": st.sampled_from(["normal", "reverse"]),
    },
)
_PIECES = ["\x1b[1m", "\x1b[4;7m", "\x1b[0m", "_\b", "é\u0301", "👩\u200d", "🇩", *"\b\rx漢 \t\n\fжש😀"]
ANYTHING = st.one_of(
    st.binary(max_size=300),
    st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.lists(st.sampled_from(_PIECES)).map("".join).map(str.encode),
)


@given(text=ANYTHING, options=OPTIONS, copies=st.integers(1, 99))
@settings(max_examples=230, deadline=None)
def test_any_bytes_and_options_give_whole_pcl(text, options, copies):
    """Whatever the bytes and the legal options, the output is PCL that a strict printer accepts to its last byte."""
    words = " ".join(f"{name}={value}" for name, value in options.items())
    code, output, _ = run_job(text, words, copies=copies)
    assert code == 0
    assert not output or parse_job(output).copies == copies


@pytest.mark.parametrize("edges", ("page-bottom=0", "page-bottom=0 page-top=0", "page-bottom=0 page-border=single"))
@pytest.mark.parametrize("media, size", [("A4", 66), ("A5", 500), ("A4 landscape", 850), ("Custom.100x200mm", 1000)])
def test_tiny_footer_at_the_edge_stays_on_the_page(media, size, edges):
    """A footer at the very bottom of a sheet, however small, stands where a strict printer still takes positions."""
    options = f"media={media} page-label=label fit-text={size}x{size} {edges}"
    code, output, _ = run_job(b"text\n", options)
    assert code == 0
    (page,) = parse_job(output).pages
    lowest = max(glyph.y for glyph in page.glyphs)
    assert "label" in "".join(glyph.text for glyph in page.glyphs if glyph.y == lowest)
