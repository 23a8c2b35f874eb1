"""ipps443ctl preview: where it writes, what it draws, and that it is what is printed."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.unit.control.conftest import Desk
from tests.unit.filters.fonts import needs_dejavu
from tests.unit.filters.ghostpcl import needs_gpcl6
from tests.unit.filters.pictures import agree
from tests.unit.filters.text_job import run_job

pytest.importorskip("reportlab")
pytest.importorskip("PIL")
pypdf = pytest.importorskip("pypdf")
needs_poppler = pytest.mark.skipif(not shutil.which("pdftoppm"), reason="pdftoppm (poppler-utils) is not installed")
SPOOLED = Path(__file__).resolve().parents[2] / "scs" / "09-absolute-positions.scs"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """An administrator with a text file of two pages."""
    (tmp_path / "text").write_text("first page\n\fsecond page\n")
    return Desk(tmp_path)


def pages_of(path: Path) -> list[str]:
    """Return the text of the pages of a PDF file."""
    return [page.extract_text().strip() for page in pypdf.PdfReader(str(path)).pages]


def test_a_pdf(desk, tmp_path):
    """A page of PDF is drawn for each side, as large as the paper."""
    target = tmp_path / "out.pdf"
    assert desk.run("preview", str(tmp_path / "text"), "-o", str(target), "-o", "media=A5") == 0
    assert pages_of(target) == ["first page", "second page"]
    box = pypdf.PdfReader(str(target)).pages[0].mediabox
    assert (round(box.width), round(box.height)) == (420, 595)
    assert desk.output == f"2 sides drawn: {target}\n" and not desk.errors


@needs_poppler
def test_pictures(desk, tmp_path):
    """One side makes the picture that was named, several make numbered ones."""
    target = tmp_path / "out.png"
    text = str(tmp_path / "text")
    assert desk.run("preview", text, "-o", str(target), "-o", "page-ranges=2") == 0
    assert target.read_bytes()[:4] == b"\x89PNG" and desk.output == f"1 side drawn: {target}\n"
    assert desk.value("preview", text, "-o", str(target)) == {
        "files": [str(tmp_path / "out-1.png"), str(tmp_path / "out-2.png")],
        "sides": 2,
        "version": 1,
        "warnings": [],
    }
    assert all((tmp_path / f"out-{number}.png").exists() for number in (1, 2))


def test_pictures_by_ghostscript(desk, tmp_path, monkeypatch):
    """Where poppler is missing Ghostscript makes the pictures."""
    found = shutil.which("gs")
    if not found:
        pytest.skip("gs (Ghostscript) is not installed")
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "gs").symlink_to(found)
    monkeypatch.setenv("PATH", str(folder))
    assert desk.run("preview", str(tmp_path / "text"), "-o", str(tmp_path / "out.png")) == 0
    assert sorted(name for name in os.listdir(tmp_path) if name.endswith(".png")) == ["out-1.png", "out-2.png"]


def test_no_program_for_pictures(desk, tmp_path, monkeypatch):
    """Without poppler and Ghostscript the message says what to install, and that PDF needs neither."""
    monkeypatch.setenv("PATH", str(tmp_path))
    assert desk.run("preview", str(tmp_path / "text"), "-o", str(tmp_path / "out.png")) == 1
    assert "poppler-utils" in desk.errors and ".pdf" in desk.errors
    assert desk.run("preview", str(tmp_path / "text"), "-o", str(tmp_path / "out.pdf")) == 0


@pytest.mark.parametrize("values", [(), ("cpi=12",), ("a.pdf", "b.png"), ("x=y.pdf",)])
def test_where_it_is_to_go_is_said_once(desk, tmp_path, values):
    """A preview goes to one file, which is told from options by its suffix and by having no equals sign."""
    options = [word for value in values for word in ("-o", value)]
    assert desk.run("preview", str(tmp_path / "text"), *options) == 2
    assert "-o FILE.pdf" in desk.errors


def test_options_and_description(desk, tmp_path):
    """Options are those of lp, bare words and several in one -o too, over the defaults of the printer description."""
    (tmp_path / "ppd").write_text('*PPD-Adobe: "4.3"\n*DefaultPageSize: Letter\n*Defaultpage-header: "from the ppd"\n')
    target = tmp_path / "out.pdf"
    text = str(tmp_path / "text")
    assert (
        desk.run("preview", text, "--ppd", str(tmp_path / "ppd"), "-o", "landscape page-ranges=1", "-o", str(target))
        == 0
    )
    box = pypdf.PdfReader(str(target)).pages[0].mediabox
    assert (round(box.width), round(box.height)) == (792, 612)
    assert "from the ppd" in pages_of(target)[0]


@pytest.mark.parametrize("content", [b"%PDF-1.4\n", b"%!PS\n", b"\x1bE\x1b&l26A", b"\x89PNG\r\n", b""])
def test_what_cannot_be_shown(desk, tmp_path, content):
    """Documents that are no text, and those with nothing on them, are refused; no file is left behind."""
    (tmp_path / "text").write_bytes(content)
    assert desk.run("preview", str(tmp_path / "text"), "-o", str(tmp_path / "out.pdf")) == 1
    assert desk.errors.count("\n") == 1 and not (tmp_path / "out.pdf").exists()


def test_files_that_are_not_there(desk, tmp_path):
    """A missing document and a folder that is not there are told by their names; a missing description is misuse."""
    assert desk.run("preview", str(tmp_path / "none"), "-o", str(tmp_path / "out.pdf")) == 1
    assert str(tmp_path / "none") in desk.errors
    assert desk.run("preview", str(tmp_path / "text"), "-o", str(tmp_path / "none" / "out.pdf")) == 1
    assert "out.pdf" in desk.errors
    assert desk.run("preview", str(tmp_path / "text"), "-o", "x.pdf", "--ppd", str(tmp_path / "none")) == 2


def test_warnings_are_passed_on(desk, tmp_path):
    """What would be a warning of the job is one of the preview."""
    (tmp_path / "text").write_bytes(b"\xff \x07 \xef\xbf\xbf\n")
    arguments = ("preview", str(tmp_path / "text"), "-o", str(tmp_path / "out.pdf"), "-o", "cpi=nonsense")
    assert desk.run(*arguments) == 0
    assert all(word in desk.errors for word in ("cpi=nonsense", "not UTF-8: 1 place ", "1 control character "))
    assert len(desk.value(*arguments)["warnings"]) == desk.errors.count("\n")


@needs_dejavu
def test_colours_of_what_is_drawn_as_one(desk, tmp_path):
    """A flag is black, grey, or white and drawn behind its bar, as letters are."""
    flag = "\U0001f1e9\U0001f1ea"
    (tmp_path / "text").write_text(f"{flag} \x1b[2m{flag}\x1b[m \x1b[7m{flag}\x1b[m\n")
    assert desk.run("preview", str(tmp_path / "text"), "-o", str(tmp_path / "out.pdf")) == 0
    colour, found = "", []
    for line in pypdf.PdfReader(str(tmp_path / "out.pdf")).pages[0].get_contents().get_data().decode().split("\n"):
        words = line.split()
        colour = words[0] if words[-1:] == ["g"] else colour
        found += [colour] if " Do" in line else ["bar"] if "re f" in line else []
    assert found == ["bar", "0", ".25", "1"]


def test_characters_of_a_watermark_are_counted_once(desk, tmp_path, monkeypatch):
    """What no font has of it is named in one warning, however many sides there are."""
    monkeypatch.setattr("filters.pcl.glyph_store.GlyphStore.is_box", lambda store, character: character == "Q")
    text, target = str(tmp_path / "text"), str(tmp_path / "out.pdf")
    assert desk.run("preview", text, "-o", target, "-o", "watermark=QA") == 0
    assert "U+0051 (1)" in desk.errors


@needs_dejavu
def test_what_is_missing_is_named_by_its_first_character(desk, tmp_path, monkeypatch):
    """The name of what is drawn as one is ours; its first character is named."""
    monkeypatch.setattr("filters.pcl.glyph_store.GlyphStore.is_box", lambda store, character: len(character) > 1)
    (tmp_path / "text").write_text("\U0001f1e9\U0001f1ea\n")
    assert desk.run("preview", str(tmp_path / "text"), "-o", str(tmp_path / "out.pdf")) == 0
    assert "U+1F1E9 (1)" in desk.errors


def test_a_spooled_file(desk, tmp_path):
    """It is told by its first controls, and drawn as its printer would print it; the pages are counted."""
    target = tmp_path / "out.pdf"
    assert desk.run("preview", str(SPOOLED), "-o", str(target)) == 0
    pages = pages_of(target)
    assert len(pages) == 4 and pages[2:] == ["new page by NL past 66", "AVPP beyond MPL"]
    assert desk.kept["sides"] == 4


STYLES = "plain \x1b[1mbold\x1b[m \x1b[3mitalic\x1b[m \x1b[4munderlined\x1b[m \x1b[7minverse\x1b[m o\b/ _\bu b\bb\n"
MIXED = "Ξεσκεπάζω Съешь ещё ┌─┬─┐│█▒░ \x1b[1mжирный\x1b[m \x1b[7mЖ\x1b[m \u20ac x\u0302\n"
LONG = "".join(f"{number:>4} " + "the quick brown fox jumps over the lazy dog " * 4 + "\n" for number in range(1, 140))

#: A text, and the options it is printed with: what the preview draws in a way of its own.
LAYOUTS = {
    "plain": (LONG, ""),
    "styles": (STYLES * 40, "orientation-requested=6 media=Letter"),
    "mixed scripts": (MIXED * 40, "cpi=11"),
    "report across": (LONG, "fit-text=132x66 wrap=truncate"),
    "two on a side": (LONG, "number-up=2 page-border=single"),
    "columns": (LONG, "columns=2 line-numbers page-label=secret orientation-requested=5"),
    "pretty": (LONG, "prettyprint page-header='%t|x|%p'"),
    "both sides": (LONG, "sides=two-sided-long-edge page-left=100 page-right=30 page-border=single"),
    "to the edge": ("x" * 200 + "\n", "wrap=off page-right=100 media=Custom.100x150mm"),
}


@needs_gpcl6
@needs_poppler
@needs_dejavu
@pytest.mark.parametrize("name", LAYOUTS)
def test_the_preview_is_what_is_printed(desk, tmp_path, name):
    """The picture of the preview agrees with GhostPCL's of the print data, sheet by sheet."""
    text, options = LAYOUTS[name]
    (tmp_path / "text").write_text(text)
    code, output, _ = run_job(text.encode(), options, title="text")
    assert code == 0
    assert desk.run("preview", str(tmp_path / "text"), "-o", str(tmp_path / "out.pdf"), "-o", options) == 0
    assert agree(output, tmp_path / "out.pdf")


@needs_gpcl6
@needs_poppler
@pytest.mark.parametrize(
    "other, options",
    [
        (LONG, "page-top=39"),
        (LONG, "page-left=25"),
        (LONG.replace("   7 the quick brown fox", ""), ""),
        (LONG.replace("quick", "\x1b[1mquick\x1b[m"), ""),
    ],
)
def test_other_pages_are_told_apart(desk, tmp_path, other, options):
    """A quarter of a line, half a column, part of a line or bold words are beyond the tolerance."""
    (tmp_path / "text").write_text(other)
    _, output, _ = run_job(LONG.encode())
    assert desk.run("preview", str(tmp_path / "text"), "-o", str(tmp_path / "out.pdf"), "-o", options) == 0
    assert not agree(output, tmp_path / "out.pdf")
