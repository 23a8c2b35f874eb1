"""Real documents of Debian packages, printed with our descriptions and held beside what Poppler makes of them.

tests/run --soak fetches the documents (see tests/documents.py). Each goes through a real cupsd, CUPS's pdftopdf, and
pdftopcl to PCL 5 and PCL XL in grey and in colour, and on the PDF queue through pdftopdf alone; what the printer would
get is drawn by GhostPCL or our own reader, or by Poppler; where none can, its pages are counted. The folder gets every
page beside its original, and differences.txt, which lists them all, the largest first.

Limits are (mean, worst) differences in squares of 1.7 mm, see sheets.py. Most pages are well below; allowed for are:

- PCL 5 has black dots only. Ghostscript's screen for it is lighter than the grey it stands for, by up to 20 of 255,
  because toner spreads on paper; colours become grey by their brightness to the eye, and Poppler's grey is another one.
- PCL XL in grey makes greys of colours by the same rule, with its own shades.
- PCL 5 pages lie 1.27 mm lower, see test_pdf_pages.py.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cups.pcl_pages import pages_in
from tests.cups.server import CupsServer
from tests.cups.sheets import DPI, REGISTRATION, compare, on_sheets, pages_of_pcl, pages_of_pdf, side_by_side
from tests.documents import DOCUMENTS, FOLDER_VARIABLE, Document
from tests.unit.filters.pdf_documents import needs_gs, needs_poppler

pytestmark = [
    pytest.mark.soak,
    needs_gs,
    needs_poppler,
    pytest.mark.skipif(not os.environ.get(FOLDER_VARIABLE), reason=f"{FOLDER_VARIABLE} names no folder of documents"),
]

#: Descriptions, and the limits for their sheets.
LIMITS = {
    "generic-pdf": (4, 50),
    "generic-pcl5e": (12, 100),
    "generic-pcl6": (6, 90),
    "generic-pcl6-color": (4, 90),
}
COLOR = {"generic-pdf", "generic-pcl6-color"}
#: Pages whose limits are others, and why.
EXCEPTIONS = {
    # pdftopdf does not cut off what is drawn beyond the edges of a page that is smaller than the sheet: the black of
    # the first slide runs to the edges of the paper.
    ("slide-demo", 1): (45, 255),
    # A dark photograph from edge to edge: its last row of squares lies half on the white margin, and half a dot shows.
    ("Manual_es", 1): (18, 145),
    ("Manual_es", 36): (4, 95),
    ("Manual_es", 37): (4, 95),
}


@pytest.fixture(scope="module")
def differences(pictures: Path) -> Iterator[list[tuple[float, int, str]]]:
    """A list of mean and worst difference of each page, written to a file in the end."""
    found: list[tuple[float, int, str]] = []
    yield found
    lines = [f"{mean:6.2f} {worst:4}  {name}" for mean, worst, name in sorted(found, reverse=True)]
    (pictures / "differences.txt").write_text("  mean worst (of 255)\n" + "\n".join(lines) + "\n")


def read(document: Document) -> bytes:
    """Return a document from the folder, or from where it is installed anyhow."""
    for folder in (os.environ[FOLDER_VARIABLE], "/"):
        if Path(folder, document.path).exists():
            return document.read(folder)
    pytest.skip(f"{document.path} of {document.package} is not there")


@pytest.mark.parametrize("model", LIMITS)
@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_document(
    cups: CupsServer,
    document: Document,
    model: str,
    tmp_path: Path,
    pictures: Path,
    differences: list[tuple[float, int, str]],
) -> None:
    """Each page is whole, where pdftopdf puts it, the right way up, and as dark and as coloured as the original."""
    content = read(document)
    (tmp_path / "document.pdf").write_bytes(content)
    queue = f"{document.name}-{model}".replace(".", "-")
    cups.add_capture(queue, f"ipps443/{model}.ppd")
    job = cups.lp(queue, tmp_path / "document.pdf", options=("-P", document.pages, "-o", f"PageSize={document.paper}"))
    assert cups.wait(job, 300) == "completed"
    printed, _ = cups.captured(queue)
    assert model == "generic-pdf" or pages_in(printed) == len(document.page_numbers)
    sheets = pages_of_pdf(printed) if model == "generic-pdf" else pages_of_pcl(printed)
    originals = pages_of_pdf(content, document.page_numbers)
    assert len(sheets) == len(originals)
    too_far = []
    for number, original, sheet in zip(document.page_numbers, on_sheets(originals, sheets[0].size), sheets):
        expected = original if model in COLOR else grey(original)
        found = compare(expected, sheet, REGISTRATION if model == "generic-pcl5e" else 0)
        name = f"{document.name} page {number} on {model}"
        differences.append((found.mean, found.worst, name))
        side_by_side(expected, sheet).save(pictures / f"{queue}-{number}.png")
        mean, worst = EXCEPTIONS.get((document.name, number), LIMITS[model])
        if found.mean > mean or found.worst > worst:
            too_far.append(f"{name}: {found}")
    assert not too_far, f"see {pictures}"


def grey(page: Any) -> Any:
    """Return a page without its colours."""
    return page.convert("L").convert("RGB")


def test_the_judge_sees_what_is_wrong(tmp_path: Path) -> None:
    """A page that is turned, shifted by 3 mm, another's or without its colour does not pass for the original."""
    document = next(document for document in DOCUMENTS if document.name == "reportlab-userguide")
    one, other, _ = pages_of_pdf(read(document), document.page_numbers)
    shifted = other.rotate(0, translate=(DPI * 3 // 25, 0), fillcolor=(255, 255, 255))
    for wrong in (one, other.rotate(180), shifted, grey(other)):
        found = compare(other, wrong)
        assert found.mean > LIMITS["generic-pcl6-color"][0] or found.worst > LIMITS["generic-pcl6-color"][1]
