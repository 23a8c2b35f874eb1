"""Letterheads: a macro of PCL or the page of a PDF behind the text, for the first side and for the others."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pypdf
import pytest

from filters.pcl.transparent import safe_commands
from tests.pcl_parser import parse_job
from tests.unit.filters.ghostpcl import needs_gpcl6, render
from tests.unit.filters.text_job import run_job, warnings
from tests.unit.filters.text_pdf import run_pdf_job

TEXT = b"text\n" * 200
#: A file as someone would print it: reset, page set-up, a word and a rule, form feed.
LETTERHEAD = b"\x1bE\x1b&l0O\x1b*p300x300Y\x1b(s3BOffice\x1b*c900a6b0P\x1b&l1H\x0c\x1bE"
KEPT = b"\x1b*p300x300Y\x1b(s3BOffice\x1b*c900a6b0P"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return the folder of overlays of a CUPS of our own."""
    folder = tmp_path / "ipps443" / "overlays"
    folder.mkdir(parents=True)
    return folder


def document(word: str, turned: int = 0) -> bytes:
    """Return a PDF with a word on its first page, and another page."""
    reportlab = pytest.importorskip("reportlab.pdfgen.canvas")
    file = io.BytesIO()
    canvas = reportlab.Canvas(file, pagesize=(595, 842))
    canvas.drawString(72, 770, word)
    canvas.setPageRotation(turned)
    canvas.showPage()
    canvas.drawString(72, 770, "not this one")
    canvas.save()
    return file.getvalue()


def test_what_is_no_name(folder):
    """The option is left out with a warning."""
    code, output, messages = run_job(b"x", "overlay='../a'", environ=environ_of(folder))
    assert code == 0 and output and "is not possible" in warnings(messages)[0]


def environ_of(folder: Path) -> dict[str, str]:
    """Return the environment in which that folder is the one of CUPS."""
    return {"CUPS_SERVERROOT": str(folder.parents[1])}


@pytest.mark.parametrize(
    "value, expected, options",
    [
        ("a", ["a", "a", "a"], ""),
        ("a,b", ["a", "b", "b"], ""),
        ("a,none", ["a", "", ""], "outputorder=reverse"),
        ("none,a", ["", "a", "a"], "outputorder=reverse"),
    ],
)
def test_macros(folder, value, expected, options):
    """Each side calls its own before anything else; what ends pages or sets paper up is not in it."""
    (folder / "a.pcl").write_bytes(LETTERHEAD)
    (folder / "b.pcl").write_bytes(LETTERHEAD.replace(b"Office", b"Annexe"))
    code, output, messages = run_job(
        TEXT + b"\f", f"media=Letter overlay={value} {options}", environ=environ_of(folder)
    )
    assert code == 0 and not warnings(messages)
    pages = parse_job(output).pages[:: -1 if options else 1]
    start = b"\x1b&u300D\x1b9"
    bodies = {"a": [start + KEPT], "b": [start + KEPT.replace(b"Office", b"Annexe")], "": []}
    assert [page.macros for page in pages[:3]] == [bodies[name] for name in expected]
    _, plain, _ = run_job(TEXT + b"\f", f"media=Letter {options}")
    assert [page.glyphs for page in parse_job(plain).pages] == [page.glyphs for page in parse_job(output).pages]


@pytest.mark.parametrize("value, expected", [("a", "LLL"), ("a,b", "LMM"), ("a,none", "L--"), ("none,a", "-LL")])
def test_forms(folder, value, expected):
    """In PDF each page draws its own first, and no other page of the letterhead is in the file."""
    (folder / "a.pdf").write_bytes(document("Office"))
    (folder / "b.pdf").write_bytes(document("Annexe"))
    options = f"media=Letter overlay={value}"
    code, output, messages = run_pdf_job(TEXT, options, environ=environ_of(folder))
    assert code == 0 and not warnings(messages)
    reader: Any = pypdf.PdfReader(io.BytesIO(output), strict=True)
    found = []
    for page in reader.pages[:3]:
        data = page.get_contents().get_data()
        name = next((name for name in ("/L0", "/L1") if name.encode() + b" Do" in data), None)
        form = page["/Resources"]["/XObject"][name] if name else None
        assert not name or data.startswith(name.encode())
        found.append("-" if form is None else "L" if b"Office" in form.get_data() else "M")
    assert "".join(found) == expected
    assert b"not this one" not in b"".join(
        stream.get_data()
        for number in range(1, int(reader.trailer["/Size"]))
        if hasattr(stream := reader.get_object(number), "get_data")
    )


@pytest.mark.parametrize("data", [b"\x1b%-12345X@PJL ENTER LANGUAGE=PCL\n" + LETTERHEAD, b"\x1bE\n\x0c\x1bE"])
def test_nothing_of_a_letterhead_is_left(folder, data):
    """One that begins with UEL, as drivers make them, is named in a warning; one that ends with it is not."""
    (folder / "a.pcl").write_bytes(data)
    (folder / "b.pcl").write_bytes(LETTERHEAD + b"\x1b%-12345X")
    for value in ("a", "a,b", "b,a"):
        code, output, messages = run_job(b"text\n", f"overlay={value}", environ=environ_of(folder))
        (warning,) = warnings(messages)
        assert code == 0 and parse_job(output).pages and "overlay a " in warning and "UEL" in warning
    assert not warnings(run_job(b"text\n", "overlay=b,none", environ=environ_of(folder))[2])


def test_the_end_of_a_label_is_kept():
    """ETX ends a label of HP-GL/2, which would take all commands behind it for text; elsewhere it is left out."""
    drawing = b"\x1b%0BSP1PU100,100LBOffice\x03PD200,100;\x1b%0A"
    assert safe_commands(drawing) == drawing
    assert safe_commands(b"a\x03b" + drawing + b"c\x03d") == b"ab" + drawing + b"cd"


@pytest.mark.parametrize(
    "options, length, cm",
    [
        ("media=A4", 842, None),
        ("media=Letter", 792, None),
        ("media=A3", 1191, None),
        ("media=Letter landscape", 612, [0, 1, -1, 0, 612, 0]),
        ("media=Letter number-up=2", 612, [0, 1, -1, 0, 612, 0]),
        ("media=A4 orientation-requested=5", 595, [0, -1, 1, 0, 0, 842]),
        ("media=A4 orientation-requested=6", 842, [-1, 0, 0, -1, 595, 842]),
    ],
)
def test_heads_are_at_the_top(folder, options, length, cm):
    """As the sheet is read, whatever the size of the letterhead, as in PCL."""
    (folder / "a.pdf").write_bytes(document("Office", 90))
    _, output, _ = run_pdf_job(b"x", f"overlay=a {options}", environ=environ_of(folder))
    page: Any = pypdf.PdfReader(io.BytesIO(output), strict=True).pages[0]
    before = page.get_contents().get_data().partition(b"/L0 Do")[0]
    assert [round(float(word)) for word in before.split()[:-1]] == (cm or [])
    form = page["/Resources"]["/XObject"]["/L0"]
    left, bottom, right, top = map(float, form["/BBox"])
    corners = [(x, y) for x in (left, right) for y in (bottom, top)]
    a, b, c, d, e, f = map(float, form["/Matrix"])
    shown = [(a * x + c * y + e, b * x + d * y + f) for x, y in corners]
    assert abs(min(x for x, _ in shown)) < 1 and abs(max(y for _, y in shown) - length) < 1


@pytest.mark.parametrize("run, suffix", [(run_job, ".pcl"), (run_pdf_job, ".pdf")])
def test_what_cannot_be_used(folder, run, suffix):
    """A file that is not there, or that others may write, is named in a warning, and the text is printed without."""
    environ = environ_of(folder)
    code, output, messages = run(b"text\n", "overlay=a", environ=environ)
    assert code == 0 and output and "there is no overlay" in warnings(messages)[0]
    path = folder / f"a{suffix}"
    path.write_bytes(b"x")
    path.chmod(0o666)
    code, output, messages = run(b"text\n", "overlay=a", environ=environ)
    assert code == 0 and output and "others may write it" in warnings(messages)[0]


@pytest.mark.parametrize("data", [b"", b"%PDF-1.4\nrubbish", b"no PDF", b"%PDF-1.4\n%%EOF\n"])
def test_what_is_no_pdf(folder, data):
    """A letterhead that is no PDF is left out with a warning; an empty file is nothing."""
    (folder / "a.pdf").write_bytes(data)
    code, output, messages = run_pdf_job(b"text\n", "overlay=a", environ=environ_of(folder))
    assert code == 0 and len(pypdf.PdfReader(io.BytesIO(output)).pages) == 1
    assert len(warnings(messages)) == bool(data)


@needs_gpcl6
def test_a_printer_shows_it(folder):
    """As GhostPCL prints it, the letterhead is where its file has it, and the text is where it was."""
    (folder / "a.pcl").write_bytes(LETTERHEAD)
    options = "media=Letter page-top=200"
    (plain,) = render(run_job(b"text\n", options)[1])
    (printed,) = render(run_job(b"text\n", f"{options} overlay=a", environ=environ_of(folder))[1])
    rule = 125, 98, 400, 106
    assert not plain.ink(*rule) and printed.ink(*rule) > 250
    below = 0, 150, plain.width, plain.height
    assert plain.ink(*below) and plain.part(*below) == printed.part(*below)
