"""Text for printers without PCL: the pages of texttopcl, as PDF with its fonts, and what makes raster of it."""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from filters.pdf.text_fonts import Courier, read_cff
from filters.text_to_pdf import copy_pages
from tests.pcl_parser import Page, SoftGlyph, parse_job
from tests.unit.filters.pdf_documents import needs_gs
from tests.unit.filters.test_texttopcl import page_of, start
from tests.unit.filters.text_job import run_job, warnings
from tests.unit.filters.text_pdf import as_read, read_sheets, run_pdf_job

#: Plain lines, long ones, tabs, both kinds of quotes, strikes, colours, other alphabets, wide and combining characters.
PROBE = (
    b"".join(b"line %d (of \\ some)\tlorem ipsum " % number * (1 + number % 4) + b"\n" for number in range(70))
    + "na\u00efve \u201cquotes\u201d \u0416\u0443\u043a \u03a9 x\u0301 \u6f22\u5b57 end\n".encode()
    + b"b\bbo\bol\bld\bd _\bu_\bn\n\x1b[7minverse\x1b[0m \x1b[3mitalic\x1b[0m o\b/ver\n\f"
    + b"the last page\n"
)
#: Options that PDF draws in a way of its own: paper, turns, sizes of letters, bars and borders, order of sides.
GRID = ["", "media=A5 wrap=off", "media=Custom.90x140mm", "orientation-requested=5", "orientation-requested=6"]
GRID += ["cpi=12 lpi=8 line-numbers", "cpi=10 lpi=12 wrap=word", "fit-text=132x66", "prettyprint columns=2"]
GRID += ["page-header=%t|%p page-footer=|%u|", "number-up=4 page-border=single", "page-set=even"]
GRID += ["number-up=6 number-up-layout=tbrl media=Letter", "page-left=90 landscape sides=two-sided-short-edge"]
GRID += ["outputorder=reverse sides=two-sided-long-edge"]


def pcl_marks(page: Page) -> list[tuple[float, float, str]]:
    """Return what stands on a page of PCL as ``as_read`` does."""
    return [((g.x + page.left) / 100, g.y / 100, g.text) for g in page.glyphs if g.text not in (" ", "\xa0", "")]


def unknown(glyph: SoftGlyph) -> str:
    """Every character that was sent: which one it is, its outline does not say."""
    return "*"


def in_order(marks: list[tuple[float, float, str]]) -> list[tuple[float, float, str]]:
    """Return marks by place: y, x and character."""
    return sorted((round(y, 1), round(x, 1), text) for x, y, text in marks)


@pytest.mark.parametrize("options", GRID)
def test_pages_are_those_of_texttopcl(options: str) -> None:
    """The same characters at the same places on the same pages, to a tenth of a millimetre, whatever the options."""
    code, output, messages = run_job(PROBE, options)
    pcl_code, pdf, pdf_messages = run_pdf_job(PROBE, options)
    assert (code, pcl_code) == (0, 0)
    assert warnings(pdf_messages) == warnings(messages)
    pages, sheets = parse_job(output, unknown).pages, read_sheets(pdf)
    assert len(sheets) == len(pages)
    for page, sheet in zip(pages, sheets):
        if page.orientation % 2:
            assert sheet.turned in (1, 3)
        expected, found = in_order(pcl_marks(page)), in_order(as_read(sheet))
        assert len(found) == len(expected)
        around: dict[tuple[int, int], set[str]] = {}
        for y, x, text in found:
            for spot in itertools.product({round(y - 0.3), round(y + 0.3)}, {round(x - 0.3), round(x + 0.3)}):
                around.setdefault(spot, set()).add(text)
        for y, x, text in expected:
            near = around.get((round(y), round(x)), set())
            assert near and (text == "*" or text in near), (options, y, x, text, near)


@pytest.mark.parametrize(
    "text",
    [
        "Za\u017c\u00f3\u0142\u0107 g\u0119\u015bl\u0105 ja\u017a\u0144\n\b\nplain\n",
        "\u0928\u092e\u0938\u094d\u0924\u0947 \u0926\u0941\u0928\u093f\u092f\u093e plain\n",
        "\u0e2a\u0e27\u0e31\u0e2a\u0e14\u0e35 \u0e19\u0e49\u0e33\n" + "plain\n" * 9,
        "\u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628\u0627\n",
        "plain\n" * 20 + "\u0416\u0443\u043a\n",
    ],
)
def test_scripts_are_those_of_texttopcl(text: str) -> None:
    """Lines of other alphabets are in one face, and what is shaped there is shaped here: the same marks."""
    _, output, messages = run_job(text.encode())
    _, pdf, pdf_messages = run_pdf_job(text.encode())
    assert warnings(pdf_messages) == warnings(messages)
    (page,), (sheet,) = parse_job(output, unknown).pages, read_sheets(pdf)
    soft = [((g.x + page.left) / 100, g.y / 100) for g in page.glyphs if g.soft]
    drawn = [place[:2] for place, mark in zip(as_read(sheet), sheet.marks) if mark.font == "Type3"]
    assert len(drawn) == len(soft)
    for one, other in zip(sorted(soft, key=_down), sorted(drawn, key=_down)):
        assert abs(one[0] - other[0]) < 0.3 and abs(one[1] - other[1]) < 0.3


def _down(place: tuple[float, float]) -> tuple[float, float]:
    return round(place[1]), place[0]


def test_a_sheet_lies_as_in_the_printer() -> None:
    """A page read along the long edge is turned on an upright sheet: its top is at the left edge."""
    _, pdf, _ = run_pdf_job(b"top left\n", "media=A4 landscape")
    (sheet,) = read_sheets(pdf)
    assert sheet.length > sheet.width and sheet.turned == 1
    first = sheet.marks[0]
    assert first.text == "t" and first.x < 60 and first.y < 60


def test_fonts_are_in_the_document() -> None:
    """Every font that is used comes along, in all styles, and its characters can be searched for."""
    _, pdf, _ = run_pdf_job(PROBE)
    (sheet, *_) = sheets = read_sheets(pdf)
    assert {mark.font for sheet in sheets for mark in sheet.marks} == {
        "NimbusMonoPS-Regular",
        "NimbusMonoPS-Bold",
        "NimbusMonoPS-Italic",
        "Type3",
    }
    text = "".join(mark.text for sheet in sheets for mark in sheet.marks)
    assert "\u0416\u0443\u043a" in text
    found = shutil.which("fc-list") and subprocess.run(["fc-list", ":charset=6f22"], capture_output=True).stdout
    assert not found or "\u6f22\u5b57" in text
    assert sheet.filled == 0 and any(each.filled for each in sheets)
    if shutil.which("pdffonts"):
        done = subprocess.run(["pdffonts", "-"], input=pdf, capture_output=True)
        fonts = done.stdout.decode().splitlines()[2:]
        assert len(fonts) == 4 and all(line.split("  ")[-1] and " yes " in line for line in fonts)


def test_without_nimbus(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where Courier cannot be embedded, all characters are glyphs of installed fonts, at the same places."""
    _, usual, _ = run_pdf_job(PROBE)
    monkeypatch.setattr("filters.pdf.text_fonts.FOLDERS", ())
    monkeypatch.setattr("filters.pdf.text_fonts.Courier.__init__.__defaults__", ((),))
    _, pdf, _ = run_pdf_job(PROBE)
    sheets = read_sheets(pdf)
    assert {mark.font for sheet in sheets for mark in sheet.marks} == {"Type3"}
    for one, other in zip(read_sheets(usual), sheets):
        places = [in_order(as_read(each)) for each in (one, other)]
        assert [mark[2] for mark in places[0]] == [mark[2] for mark in places[1]]


@needs_gs
@pytest.mark.parametrize("options", ["", "landscape", "number-up=2", "cpi=17"])
def test_ghostscript_draws_what_is_there(options: str, tmp_path: Path) -> None:
    """Another program finds no fault in the file, and draws ink where the characters are and nowhere else."""
    _, pdf, _ = run_pdf_job(PROBE, options)
    (tmp_path / "a.pdf").write_bytes(pdf)
    command = ["gs", "-q", "-dSAFER", "-dBATCH", "-dNOPAUSE", "-sDEVICE=pgmraw", "-r72", "-o", f"{tmp_path}/%d.pgm"]
    done = subprocess.run([*command, f"{tmp_path}/a.pdf"], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    sheets = read_sheets(pdf)
    for number, sheet in enumerate(sheets, 1):
        data = (tmp_path / f"{number}.pgm").read_bytes()
        width, length = round(sheet.width), round(sheet.length)
        pixels = data[-width * length :]
        boxes = [(mark.x, mark.y) for mark in sheet.marks]
        inked = [(at % width, length - at // width) for at, value in enumerate(pixels) if value < 160]
        assert len(inked) > len(sheet.marks)
        for x, y in inked[:: max(len(inked) // 300, 1)]:
            assert any(abs(x - bx) < 16 and abs(y - by) < 16 for bx, by in boxes), (options, number, x, y)


@pytest.mark.parametrize(
    "copies, collate, sides, expected",
    [
        (1, False, 1, "abc"),
        (2, True, 1, "abcabc"),
        (2, False, 1, "aabbcc"),
        (2, True, 2, "abc_abc_"),
        (2, False, 2, "ababc_c_"),
    ],
)
def test_copies(copies: int, collate: bool, sides: int, expected: str) -> None:
    """Copies come one after the other or sheet by sheet, each on sheets of its own, and hold their contents once."""
    options = f"collate={'true' if collate else 'false'}" + (" sides=two-sided-long-edge" if sides == 2 else "")
    options += f" multiple-document-handling=separate-documents-{'' if collate else 'un'}collated-copies"
    _, pdf, _ = run_pdf_job(b"a\n\fb\n\fc\n", options, copies)
    sheets = read_sheets(pdf)
    assert "".join(sheet.marks[0].text if sheet.marks else "_" for sheet in sheets) == expected
    assert len({sheet.contents for sheet in sheets}) == len(set(expected))


def test_copies_of_nothing_are_nothing() -> None:
    """No page stays no page."""
    assert list(copy_pages([], 5, True, 2)) == []


def test_finished_sets_are_recognised(tmp_path: Path) -> None:
    """Of copies that the printer finishes one by one, the backend finds the first."""
    from filters.common.finished_sets import one_set

    _, pdf, _ = run_pdf_job(
        b"a\n\fb\n", "finishings=20 multiple-document-handling=separate-documents-collated-copies", 3
    )
    path = tmp_path / "a.pdf"
    path.write_bytes(pdf)
    with path.open("rb") as file:
        one = one_set(file.fileno(), 3)
    assert one and len(read_sheets(pdf)) == 6 and len(read_sheets(one)) == 2


def test_nothing_to_print() -> None:
    """An empty text, or one of which no page is wanted, is an empty document, with a warning, whatever is behind it."""
    for text, options in ((b"", ""), (b"\n\n", ""), (b"a\n", "page-ranges=2"), (b"a\n", "page-set=even watermark=X")):
        code, pdf, messages = run_pdf_job(text, options)
        assert (code, pdf) == (0, b"") and any("nothing to print" in line for line in warnings(messages))


def test_what_no_font_has() -> None:
    """A box, and one warning that names the characters, as on PCL printers."""
    text = "a\U000f0000b\n".encode()
    _, pdf, messages = run_pdf_job(text)
    assert warnings(messages) == warnings(run_job(text)[2])
    assert [mark.text for mark in read_sheets(pdf)[0].marks] == ["a", "\ufffd", "b"]


def test_without_soft_fonts() -> None:
    """With soft-fonts=off a character that Courier lacks is a question mark."""
    _, pdf, messages = run_pdf_job("a\u0416b\n".encode(), "soft-fonts=off")
    assert [mark.text for mark in read_sheets(pdf)[0].marks] == ["a", "?", "b"]
    assert "U+0416" in warnings(messages)[0]


def test_many_characters() -> None:
    """More characters than one font has codes for, bold ones among them; each is drawn once."""
    wanted = "".join(map(chr, [*range(0x2190, 0x2300), *range(0x2500, 0x25E8)]))  # arrows, operators, frames, shapes
    lines = [wanted[at : at + 30] for at in range(0, len(wanted), 30)]
    bold = "".join(f"{character}\b{character}" for character in wanted[:30])
    _, pdf, _ = run_pdf_job("\n".join([*lines, bold, *lines, ""]).encode())
    marks = [mark.text for sheet in read_sheets(pdf) for mark in sheet.marks]
    assert [text for text in marks if text != "\ufffd"][:30] == list(wanted[:30])
    assert marks.count(wanted[599]) == 2 and marks.count(wanted[0]) >= 3


# --- raster ---------------------------------------------------------------------------------------------------------


PROGRAM = """#!/bin/sh
echo "$0|$*" >>{log}
{action}
"""


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """A folder of programs that stand in for those of CUPS: they pass on what comes, with their name in front."""
    folder = tmp_path / "filter"
    folder.mkdir()
    for name in ("gstoraster", "rastertopwg"):
        (folder / name).write_text(PROGRAM.format(log=tmp_path / "log", action=f"echo {name}; cat"))
        (folder / name).chmod(0o755)
    return tmp_path


def test_raster(programs: Path) -> None:
    """The programs that the printer's format needs are run, with one copy and without what is done already."""
    options = "number-up=2 landscape PageSize=A4 ColorModel=Gray page-ranges=1 note=a\\ b"
    environ = {"FINAL_CONTENT_TYPE": "image/urf", "CUPS_SERVERBIN": str(programs)}
    code, output, messages = run_pdf_job(b"a\n\fb\n", options, 3, environ)
    assert code == 0, messages
    assert output.startswith(b"rastertopwg\ngstoraster\n%PDF-") and output.rstrip().endswith(b"%%EOF")
    for line in (programs / "log").read_text().splitlines():
        assert line.endswith("|1 user title 1 PageSize=A4 ColorModel=Gray note=a\\ b print-scaling=none")


def test_raster_fails(programs: Path) -> None:
    """A program that fails before it has read all fails the job with a message."""
    (programs / "filter" / "rastertopwg").write_text(PROGRAM.format(log=programs / "log", action="exit 3"))
    environ = {"FINAL_CONTENT_TYPE": "image/urf", "CUPS_SERVERBIN": str(programs)}
    code, _, messages = run_pdf_job(page_of(1) * 400, "", 1, environ)
    assert code == 1
    assert [line for line in messages if line.startswith("ERROR: ") and "[F03]" in line and "rastertopwg" in line]


def test_raster_of_no_page(programs: Path) -> None:
    """The head of raster alone is no document."""
    action = "cat >/dev/null; printf 'UNIRAST\\0\\0\\0\\0\\0'"
    (programs / "filter" / "gstoraster").write_text(PROGRAM.format(log=programs / "log", action=action))
    environ = {"FINAL_CONTENT_TYPE": "image/pwg-raster", "CUPS_SERVERBIN": str(programs)}
    assert run_pdf_job(b"a\n", "page-ranges=2", 1, environ)[:2] == (0, b"")


def test_stopped_while_raster_is_made(programs: Path) -> None:
    """SIGTERM ends the programs behind it too, so that none takes the end of its input for the end of the job."""
    path = programs / "filter" / "gstoraster"
    path.write_text(PROGRAM.format(log=programs / "log", action=f"cat; echo whole >{programs}/whole"))
    environ = {"FINAL_CONTENT_TYPE": "image/pwg-raster", "CUPS_SERVERBIN": str(programs)}
    process = start("1", "anna", "title", "1", "", program="texttopdf443", **environ)
    assert process.stdin and process.stdout
    process.stdin.write(page_of(1) * 2)
    process.stdin.flush()
    os.read(process.stdout.fileno(), 65536)
    process.send_signal(signal.SIGTERM)
    process.communicate()
    assert process.returncode == 1 and not (programs / "whole").exists()


# --- fonts ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("data", [b"", b"OTTO", b"OTTO\xff\xff" + b"\0" * 20, b"OTTO\0\x01" + b"\0" * 6 + b"CFF \0\0"])
def test_a_broken_font_is_not_embedded(tmp_path: Path, data: bytes) -> None:
    """What is no font is left out; Courier is named then, which every printer stands in for."""
    path = tmp_path / "NimbusMonoPS-Regular.otf"
    path.write_bytes(data)
    assert read_cff(str(path)) == b""
    assert read_cff(str(tmp_path / "none")) == b"" and not Courier((str(tmp_path / "none"),)).is_embedded
