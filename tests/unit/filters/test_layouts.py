"""Reports that have to fit, several pages on a side, columns, headers, and the order of sides: on paper."""

from __future__ import annotations

import os
import re
from dataclasses import replace

import pytest

from filters.common.job import parse_options
from filters.common.media import choose_media
from filters.common.ppd import PrinterDescription
from filters.layout.geometry import PageLayout, plan_layout
from filters.layout.page import Frame, Row, Style
from filters.layout.settings import read_settings
from filters.layout.wrapping import Wrap
from filters.text.fitting import measure_page
from filters.text.headers import header_line
from filters.text_to_pcl import main
from tests.pcl_parser import Page, parse_job
from tests.unit.filters.text_job import run_job, warnings


def layout_of(options: str) -> PageLayout:
    """Return the layout for options that must be without problems."""
    parsed = parse_options(options)
    chosen, problems = read_settings(parsed, PrinterDescription())
    assert not problems
    return plan_layout(chosen, choose_media(parsed, PrinterDescription()).size)


def pages_of(text: str, options: str, **more: object) -> list[Page]:
    """Print a text without warnings and return its pages."""
    code, output, messages = run_job(text.encode(), options, **more)  # type: ignore[arg-type]
    assert code == 0 and not warnings(messages)
    return parse_job(output).pages


def in_frame(page: Page, layout: PageLayout, frame: Frame, dx: int = 0, dy: int = 0) -> list[str]:
    """Return the rows that stand in a frame."""
    left, top = frame.x - layout.logical_left + dx, frame.y + dy
    inside = replace(page)
    inside.glyphs = [
        glyph
        for glyph in page.glyphs
        if left - 12 <= glyph.x < left + frame.columns * layout.cell_width - 12
        and top < glyph.y < top + frame.lines * layout.line_pitch
    ]
    rows = inside.text(left, round(top + 0.75 * layout.line_pitch), layout.cell_width, layout.line_pitch)
    return [row.rstrip() for row in rows]


def report(columns: int, lines: int, pages: int) -> str:
    """Return a text of full pages without form feeds."""
    return "".join(f"p{page}l{line}".ljust(columns - 1, ".") + "|\n" for page in range(pages) for line in range(lines))


@pytest.mark.parametrize("media", ["A4", "Letter"])
@pytest.mark.parametrize("orientation", ["", "orientation-requested=3", "landscape"])
def test_a_report_of_132_by_66_comes_out_whole(media, orientation):
    """132 columns and 66 lines stand on one page, each row whole, inside of the margins, whatever way the page lies."""
    options = f"media={media} fit-text=132x66 {orientation}"
    text = report(132, 66, 2)
    pages = pages_of(text, options)
    layout = layout_of(options)
    rows = [row for page in pages for row in in_frame(page, layout, layout.frame)]
    assert rows == text.splitlines() and len(pages) == 2
    right = max(glyph.x + glyph.width for glyph in pages[0].glyphs)
    assert right <= pages[0].width and layout.frame.lines == 66
    assert layout.frame.y + 66 * layout.line_pitch <= layout.length - 3600 + 12


def test_fitting_takes_the_larger_letters():
    """A wide report turns the sheet, a long one does not, and nothing gets larger than asked for."""
    assert layout_of("fit-text=132").orientation == 4
    assert layout_of("fit-text=80x100").orientation == 3
    small = layout_of("fit-text=20x10")
    assert (small.orientation, small.cell_width, small.line_pitch) == (3, 720, 1200)
    assert layout_of("fit-text=132 orientation-requested=3").orientation == 3


@pytest.mark.parametrize("options", ["media=A4 lpi=8", "media=Legal"])
@pytest.mark.parametrize("columns, upright", [(78, True), (98, True), (110, False), (132, False)])
def test_a_text_stays_upright_while_it_is_easily_read(options, columns, upright):
    """Up to 13 characters an inch the sheet is not turned, whether columns are named or found on the first page."""
    layout = layout_of(f"{options} fit-text={columns}")
    assert layout.orientation == (3 if upright else 4)
    assert layout.frame.columns >= columns
    pages = pages_of(report(columns, 30, 2), f"{options} fit-text=auto")
    assert {page.orientation for page in pages} == {0 if upright else 1}


@pytest.mark.parametrize("width, orientation", [(70, 3), (90, 3), (132, 4), (250, 4)])
def test_what_fits_is_found_on_the_first_page(width, orientation):
    """With fit-text=auto the first page decides: an ordinary text stays as it is, a wide one is turned and shrunk."""
    text = report(width, 50, 3)
    pages = pages_of(text, "fit-text=auto")
    assert pages[0].orientation == orientation % 3
    found = [row for page in pages for _, row in page.lines()]
    assert [re.sub(" ", "", row) for row in found] == text.splitlines()


@pytest.mark.parametrize(
    "line", ["x" * 70 + "\b_" * 9, "\x1b[1m" + "x" * 70 + "\x1b[0;1;3m" * 9, "e\u0301" * 70, "x\bx" * 70]
)
def test_what_takes_no_cell_does_not_count_as_wide(line):
    """With fit-text=auto an ordinary text with overstrike, styles or accents stays as it is."""
    assert measure_page(f"{line}\r\n\r\f".encode(), 8) == (70, 1)


def test_wide_characters_count_twice():
    """With fit-text=auto a Chinese character counts as the two cells it takes."""
    assert measure_page("\u4e2d\n".encode() * 70 + "\u4e2d".encode() * 70 + b"\n", 8) == (2, 0)
    assert measure_page("\u4e2d".encode() * 70, 8) == (140, 0)


def test_letters_are_not_made_too_small_to_read():
    """A first line of 3000 characters is made to fit 250 columns, wraps, and there is one warning."""
    code, output, messages = run_job(b"x" * 3000 + b"\n", "fit-text=auto")
    page = parse_job(output).pages[0]
    assert code == 0 and len(warnings(messages)) == 1 and "3000 columns" in warnings(messages)[0]
    assert [row.strip() for _, row in page.lines()] == ["x" * 250] * 12


def test_a_short_first_page_does_not_make_the_others_short():
    """A title page of three lines leaves the others the lines they would have."""
    pages = pages_of("a\nb\nc\n\f" + "x\n" * 64, "fit-text=auto")
    assert [len(page.glyphs) for page in pages] == [3, 64]


def test_long_first_pages_fit():
    """A first page of 80 lines before its form feed fits on one sheet, and so do the others."""
    assert len(pages_of(("x\n" * 80 + "\f") * 3, "fit-text=auto")) == 3


@pytest.mark.parametrize("media, count", [("Custom.72x72", 2), ("Custom.72x300", 16), ("Custom.25.4x80mm", 9)])
def test_several_pages_on_too_small_a_sheet(media, count):
    """On a sheet without room for several pages each page gets a side of its own, with one warning."""
    code, output, messages = run_job(b"a\fb\n", f"media={media} number-up={count} page-top=12 page-bottom=12")
    assert code == 0 and sum("too small for" in warning for warning in warnings(messages)) == 1
    assert [[glyph.text for glyph in page.glyphs] for page in parse_job(output).pages] == [["a"], ["b"]]


@pytest.mark.parametrize(
    "count, turned, landscape",
    [(2, True, False), (2, True, True), (4, False, True), (6, True, True), (9, False, False), (16, False, False)],
)
def test_number_up(count, turned, landscape):
    """So many pages stand on a side, each with the lines and columns it would have alone, none over another."""
    options = "media=Letter landscape" if landscape else "media=Letter"
    alone = layout_of(options).frame
    layout = layout_of(f"{options} number-up={count}")
    assert len(layout.pages) == count
    assert {(page.columns[0].columns, page.columns[0].lines) for page in layout.pages} == {(alone.columns, alone.lines)}
    text = "".join(report(alone.columns, alone.lines, count + 1))
    pages = pages_of(text, f"{options} number-up={count}")
    assert len(pages) == 2 and pages[0].orientation == (landscape != turned)
    rows = [row for frames in layout.pages for row in in_frame(pages[0], layout, frames.columns[0])]
    assert rows == text.splitlines()[: count * alone.lines]
    assert max(glyph.x + glyph.width for glyph in pages[0].glyphs) <= pages[0].width


@pytest.mark.parametrize(
    "order, expected", [("lrtb", "abcd"), ("rltb", "badc"), ("tblr", "acbd"), ("btrl", "dbca"), ("lrbt", "cdab")]
)
def test_number_up_layout(order, expected):
    """number-up-layout says where each page goes: a b over c d as one reads it."""
    layout = layout_of(f"number-up=4 number-up-layout={order}")
    by_place = sorted(range(4), key=lambda n: (layout.pages[n].columns[0].y, layout.pages[n].columns[0].x))
    letters = "".join("abcd"[by_place.index(n)] for n in range(4))
    assert letters == expected


def test_borders():
    """Each page of a side gets a border around its text, within the sheet."""
    page = pages_of("x\fy", "number-up=2 page-border=single")[0]
    assert len(page.rectangles) == 8
    for bar in page.rectangles:
        assert bar.x + bar.width <= page.width and bar.y + bar.height <= page.length
    verticals = sorted(bar.x for bar in page.rectangles if bar.height > bar.width)
    first, second = sorted(page.glyphs, key=lambda g: g.x)
    assert verticals[0] < first.x < verticals[1] < verticals[2] < second.x < verticals[3]


def test_columns():
    """Text fills the first column, then the next; lines wrap at a column's width; a form feed ends the page."""
    options = "media=Letter columns=2 page-bottom=504"
    layout = layout_of(options)
    left, right = layout.pages[0].columns
    assert (left.columns, right.columns, left.lines) == (38, 38, 21)
    text = "w" * 40 + "\n" + "".join(f"{n}\n" for n in range(20)) + "\fnext"
    one, two = pages_of(text, options)
    assert in_frame(one, layout, left)[:3] == ["w" * 38, "ww", "0"]
    assert in_frame(one, layout, right) == ["19"]
    assert in_frame(two, layout, left) == ["next"]


def test_a_form_feed_after_a_full_column_ends_the_page():
    """Only a form feed after a full page has nothing left to do; after a full column it ends the page."""
    options = "media=Letter columns=2 page-bottom=504"
    pages = pages_of("x\n" * 21 + "\fnext\n" + "y\n" * 41 + "\flast", options)
    assert [len(page.lines()) for page in pages] == [21, 21, 1]


def test_headers_and_footers():
    """Headers and footers have three parts with fields, and stand two lines from the text."""
    options = 'media=Letter page-header="%t|%u %%|%p" page-footer="left|job %j on %q|"'
    pages = pages_of("x\n" * 57, options, title="A | title", environ={"PRINTER": "office"})
    layout = layout_of(options)
    header, footer = layout.pages[0].header, layout.pages[0].footer
    assert header and footer and layout.frame.lines == 56
    (first,) = in_frame(pages[0], layout, header)
    assert (
        len(first) == 80
        and first.startswith("A | title ")
        and first.endswith(" 1")
        and first.split()[3:5] == ["user", "%"]
    )
    assert all(glyph.bold for glyph in pages[0].glyphs if glyph.y < 4600)
    assert in_frame(pages[0], layout, footer) == ["left" + " " * 28 + "job 1 on office"]
    assert in_frame(pages[1], layout, header)[0].endswith(" 2")
    assert in_frame(pages[0], layout, layout.frame) == ["x"] * 56


@pytest.mark.parametrize(
    "options", ["", "number-up=2", "columns=2", "fit-text=auto", "line-numbers", "page-ranges=2-3"]
)
def test_page_x_of_y(options, tmp_path):
    """%P is the number of all pages, from standard input and from files, and all of the text is printed."""
    text = "".join(f"line {number}\n" for number in range(300)) + "\flast\n"
    options = f"media=Letter page-footer='|%p of %P, %%P|' {options}"
    plain = pages_of(text, options.replace("%P,", "x,"))
    code, output, messages = run_job(text.encode(), options)
    assert code == 0 and not warnings(messages) and any("%P" in message for message in messages)
    pages = parse_job(output).pages
    rows = [row for page in pages for _, row in page.lines()]
    total = max(int(found) for row in rows for found in re.findall(r" of (\d+), %P", row))
    found = [int(n) for row in rows for n in re.findall(rf"(\d+) of {total}, %P", row)]
    assert found == ([2, 3] if "ranges" in options else list(range(1, total + 1)))
    assert len(pages) == len(plain)
    assert "".join(rows).replace(f"of {total},", "of x,") == "".join(row for page in plain for _, row in page.lines())
    path = tmp_path / "text"
    path.write_text(text)
    with open(tmp_path / "out", "w+b") as out, open(os.devnull, "w+b") as null:
        argv = ["texttopcl", "1", "user", "title", "1", options, str(path)]
        assert main(argv, {}, null.fileno(), out.fileno(), null.fileno()) == 0
        out.seek(0)
        assert out.read() == output


def test_titles_in_headers_are_harmless():
    """Whatever the title, the header is one row of printable characters and no longer than the page."""
    code, output, _ = run_job(b"x", "page-header=%t|%t|%t", title="\x1b%-12345X" + "é漢|\n" * 200)
    assert code == 0 and len(parse_job(output).pages) == 1


@pytest.mark.parametrize("template", ["漢字漢字漢字|漢字漢字|漢字", "|漢字漢字漢字漢字漢字|", "a|b|漢", "漢字漢字漢字漢字|x|y"])
def test_wide_characters_in_headers_stay_whole(template):
    """However little room there is, a header is as wide as its page and each wide character has both of its cells."""
    for columns in range(1, 24):
        line = header_line(template, {}, columns, Style.PLAIN)
        assert isinstance(line, Row) and len(line.text) == columns
        assert columns == 1 or re.fullmatch("(?:[漢字]\0|[ -~…])*", line.text), line


def test_prettyprint():
    """prettyprint puts title, date and page above 12 cpi, 8 lpi, over a rule; the job's own pitches and margins win."""
    page = pages_of("x", "prettyprint", title="report.c")[0]
    layout = layout_of("prettyprint")
    assert page.glyphs[-1].width == 600 and layout.frame.x == 3600 and layout.frame.columns >= 80
    top = min(glyph.y for glyph in page.glyphs)
    header = [glyph for glyph in page.glyphs if glyph.y == top and glyph.text != " "]
    assert "".join(glyph.text for glyph in header if glyph.bold) == "report.c"
    assert re.fullmatch(r"\d{4}-\d\d-\d\d,\d\d:\d\d1", "".join(glyph.text for glyph in header if not glyph.bold))
    # The rule is as wide as the text, below the header's descenders and above the capitals of the text.
    (rule,) = page.rectangles
    assert abs(rule.width - layout.frame.columns * layout.cell_width) <= 12 and rule.x == header[0].x
    assert top + 0.25 * layout.line_pitch < rule.y < page.glyphs[-1].y - layout.line_pitch
    assert pages_of("x", "prettyprint cpi=10 page-header=none")[0].glyphs[-1].width == 720
    assert layout_of("prettyprint page-left=18").frame.x == 1800


def test_what_is_said_of_a_header_wins():
    """A header that was asked for, or that there be none, wins over prettyprint and page-label; without one no rule."""
    label = "page-label=secret"
    for options, expected in (
        (f"prettyprint {label}", ("%t|secret|%d, %T  %p", "|secret|%p")),
        (f"prettyprint page-header=none {label}", ("", "|secret|%p")),
        (f"prettyprint page-header=%t page-footer=none {label}", ("%t", "")),
    ):
        found, problems = read_settings(parse_options(options), PrinterDescription())
        assert ((found.header, found.footer), problems) == (expected, [])
    (page,) = pages_of("x", "prettyprint page-header=none")
    assert [glyph.text for glyph in page.glyphs if glyph.text != " "] == ["x"] and not page.rectangles


@pytest.mark.parametrize("options, first", [("", "word " * 15), ("wrap=char", "word " * 15 + "wo"), ("wrap=off", None)])
def test_prettyprint_breaks_lines_between_words(options, first):
    """Pretty pages keep words whole, whatever the queue's default is; what the job itself asks for counts more."""
    (page,) = pages_of("word " * 40, f"prettyprint page-right=96 {options}")
    _, *lines = [text.strip() for _, text in page.lines()]
    assert lines[0] == first.rstrip() if first else len(lines) == 1
    defaults = PrinterDescription(defaults={"wrap": "char"})
    assert read_settings({"prettyprint": "true"}, defaults)[0].wrap is Wrap.WORD
    assert read_settings({}, defaults)[0].wrap is Wrap.CHAR is read_settings({"prettyprint": "no"}, defaults)[0].wrap


@pytest.mark.parametrize("number_up", [2, 4, 6, 9, 16])
def test_each_page_of_a_side_has_its_rule(number_up):
    """With several pages on a side each one that there is has a rule of its own, as wide as it."""
    pages = pages_of("x\f" * (number_up - 1), f"prettyprint number-up={number_up}")
    layout = layout_of(f"prettyprint number-up={number_up}")
    assert len(pages[0].rectangles) == number_up - 1
    for rule, frames in zip(pages[0].rectangles, layout.pages):
        assert abs(rule.x - frames.columns[0].x + layout.logical_left) <= 12 and rule.y < frames.columns[0].y


def test_page_label():
    """A label stands at the top and bottom of every page."""
    for page in pages_of("x\fy", "page-label=secret"):
        assert sum("secret" in row for _, row in page.lines()) == 2


def test_line_numbers():
    """Lines are numbered as they are in the text; what a long line goes on with has no number."""
    (page,) = pages_of("one\n" + "x" * 75 + "\n\x1b[1mthree\x1b[m\n", "line-numbers=true")
    rows = [row for _, row in page.lines(96)]
    assert rows == ["     1  one", "     2  " + "x" * 72, "        xxx", "     3  three"]


@pytest.mark.parametrize(
    "options, expected",
    [
        ("", ["1", "2", "3"]),
        ("outputorder=reverse", ["3", "2", "1"]),
        ("outputorder=reverse sides=two-sided-long-edge", ["3", "", "1", "2"]),
        ("outputorder=reverse page-ranges=1-2", ["2", "1"]),
    ],
)
def test_order(options, expected):
    """In reverse order the last sheet comes first; sheets printed on both sides keep front and back together."""
    pages = pages_of("1\f2\f3", options)
    assert ["".join(glyph.text for glyph in page.glyphs) for page in pages] == expected


def test_reverse_order_is_announced():
    """Whoever waits for the first page is told that the last one comes first."""
    _, _, messages = run_job(b"x", "outputorder=reverse")
    assert any(message.startswith("INFO:") and "reverse" in message for message in messages)


@pytest.mark.parametrize(
    "options, back",
    [
        ("sides=two-sided-long-edge page-left=72 page-right=36", (36, 0)),
        ("sides=two-sided-short-edge page-left=72 page-right=36", (0, 0)),
        ("sides=two-sided-short-edge page-top=72 page-bottom=36", (0, 36)),
        ("sides=two-sided-short-edge page-left=72 page-right=36 landscape", (36, 0)),
        ("sides=two-sided-long-edge page-top=72 page-bottom=36 landscape", (0, 36)),
        ("sides=one-sided page-left=72 page-right=36", (0, 0)),
    ],
)
def test_margins_on_backs(options, back):
    """On backs the margins at the edges over which the sheet is turned change places."""
    pages = pages_of("x\fx\fx", options)
    front, other, third = (page.glyphs[0] for page in pages)
    assert (front.x - other.x, front.y - other.y) == (back[0] * 100, back[1] * 100)
    assert (third.x, third.y) == (front.x, front.y)


@pytest.mark.parametrize(
    "options",
    [
        # Headers took lines that were not there when nobody had counted the lines that have to fit.
        "fit-text=auto page-label=x page-top=595 lpi=1 cpi=1 media=Letter",
        # The sheet was turned although the margins left nothing of it then.
        "fit-text=80 page-top=587 page-label=x cpi=1",
        # Borders around the whole sheet lay beside it.
        "page-border=single page-bottom=0",
        "page-border=single page-top=0 sides=two-sided-short-edge",
        "page-border=single page-left=0 page-right=0 landscape",
    ],
)
def test_everything_stays_on_the_sheet(options):
    """However little room is left, and however much is taken, what is printed lies on the sheet."""
    _, output, _ = run_job(b"text\n" * 70, options)
    for page in parse_job(output).pages:
        # Printers have sheets in dots of 1/300 inch.
        right, bottom = page.width + 24, page.length + 24
        assert all(glyph.y <= bottom for glyph in page.glyphs)
        for box in page.rectangles:
            assert 0 <= box.x and box.x + box.width <= right and 0 <= box.y and box.y + box.height <= bottom


@pytest.mark.parametrize(
    "number_up, prettyprint, cpi",
    [(1, "", 5), (1, "", 12), (1, "", 20), (2, "prettyprint", 12), (6, "", 5), (16, "prettyprint", 20)],
)
def test_letters_are_no_higher_than_their_lines(number_up, prettyprint, cpi):
    """Type is at most 1.2 times as high as lines are apart, whatever pitch and pages on a side are asked for."""
    for lpi in (3, 6, 7.2, 12):
        options = f"cpi={cpi} lpi={lpi} number-up={number_up} {prettyprint}"
        _, output, _ = run_job("Ápx \x1b[1mbold\x1b[0m 漢 plain\n".encode(), options)
        line = layout_of(options).line_pitch * 72 / 7200
        fonts = re.findall(rb"\x1b\(s0p([0-9.]+)h([0-9.]+)v0s[0-9]b([0-9]+)T", output)
        assert fonts
        for pitch, height, face in fonts:
            points = {b"4099": 120, b"4102": 144}[face] / float(pitch)
            assert points <= 1.2 * line + 0.01 and float(height) <= 1.2 * line + 0.13


def test_half_a_wide_character():
    """Of a wide character in a column of one cell nothing is printed in the second one, whatever its style."""
    (page,) = pages_of("_\b⚡_\b⚡", "columns=16 media=A6 landscape")
    assert [glyph.text for glyph in page.glyphs if not glyph.text.isspace()]


def test_small_letters_stand_in_their_cells():
    """Where letters are smaller than their cells the columns stay where they are, in every weight and alphabet."""
    for text in ("plain text of some words\n", "plain \x1b[1mbold\x1b[0m ω end\n"):
        (page,) = pages_of(text, "cpi=10 lpi=12")
        first = [glyph for glyph in page.glyphs if not glyph.text.isspace()][0]
        assert all((glyph.x - first.x) % 720 < 24 or (glyph.x - first.x) % 720 > 696 for glyph in page.glyphs)
