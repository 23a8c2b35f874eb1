"""A document printed by an application, the way people print: LibreOffice's own printing, without its window.

LibreOffice finds the queue and its options through libcups and hands PDF to cupsd. tests/run --soak installs it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.cups.pcl_pages import pages_in
from tests.cups.server import CupsServer, search_path
from tests.cups.sheets import REGISTRATION, compare, on_sheets, pages_of_pcl, pages_of_pdf, side_by_side
from tests.cups.test_pdf import PCL5E, PCL6_COLOR, PDF, programs
from tests.unit.filters.pdf_documents import needs_gs, needs_poppler

pytestmark = [
    pytest.mark.soak,
    needs_gs,
    needs_poppler,
    pytest.mark.skipif(not shutil.which("soffice"), reason="soffice missing: install libreoffice-writer"),
]

#: How far the sheet may be from LibreOffice's own PDF, see test_documents.py; its two ways draw letters alike.
LIMITS = {PCL5E: (12, 100), PCL6_COLOR: (4, 75), PDF: (4, 50)}
PAGE = """<html><body style="font-family: DejaVu Sans">
<h1>A letter</h1>
<p>With <b>bold</b> words, <span style="color: #c00000">red ones</span>, \u00e4\u00f6\u00fc and \u0416.</p>
<table border="1" width="80%">
<tr><td bgcolor="#ffe080">one</td><td>two</td></tr>
<tr><td>three</td><td>four</td></tr>
</table>
</body></html>
"""


def office(cups: CupsServer, *arguments: object) -> None:
    """Run LibreOffice as somebody whose printers are those of this cupsd."""
    (home := cups.root / "office").mkdir(exist_ok=True)
    environ = {"PATH": search_path(), "LC_ALL": "C.UTF-8", "CUPS_SERVER": cups.socket, "HOME": str(home)}
    command = ["soffice", "--headless", *map(str, arguments)]
    done = subprocess.run(command, env=environ, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=180)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def letter(cups: CupsServer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A letter in LibreOffice's own format; its PDF lies beside it."""
    path = tmp_path_factory.mktemp("office") / "letter.odt"
    path.with_suffix(".html").write_text(PAGE)
    writer = ("--outdir", path.parent, path.with_suffix(".html"))
    office(cups, "--infilter=HTML (StarWriter)", "--convert-to", "odt:writer8", *writer)
    office(cups, "--convert-to", "pdf", "--outdir", path.parent, path)
    return path


@pytest.mark.parametrize("model", LIMITS)
def test_a_letter(cups: CupsServer, letter: Path, model: str, pictures: Path) -> None:
    """The sheet looks like the PDF that LibreOffice makes itself, and the job has the queue's own options."""
    queue = "office-" + model[16:-4]
    cups.add_capture(queue, model)
    before = set(os.listdir(letter.parent))
    office(cups, "--pt", queue, letter)
    job = cups.newest_job(queue)
    assert cups.wait(job) == "completed" and set(os.listdir(letter.parent)) == before
    assert cups.job_attributes(job)["document-format-detected"] == "application/pdf"
    assert programs(cups, job) == ["pdfcheck443", "pdftopdf", *(["pdftopcl"] if model != PDF else []), "capture"]
    document, _ = cups.captured(queue)
    assert model == PDF or pages_in(document) == 1
    (sheet,) = pages_of_pdf(document) if model == PDF else pages_of_pcl(document)
    (expected,) = on_sheets(pages_of_pdf(letter.with_suffix(".pdf").read_bytes()), sheet.size)
    if model == PCL5E:
        expected = expected.convert("L").convert("RGB")
    side_by_side(expected, sheet).save(pictures / f"{queue}.png")
    found = compare(expected, sheet, REGISTRATION if model == PCL5E else 0)
    assert found.mean <= LIMITS[model][0] and found.worst <= LIMITS[model][1], found
