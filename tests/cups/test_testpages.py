"""The test page of CUPS and that of ipps443ctl with every description, on the way to a pinned printer.

The page that a printer of PDF gets is the original; the sheets of the others are drawn and held beside it (sheets.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cups.pcl_pages import pages_in
from tests.cups.recorded import control
from tests.cups.server import CupsServer
from tests.cups.sheets import REGISTRATION, compare, pages_of_pcl, pages_of_pdf, side_by_side
from tests.cups.test_descriptions import DESCRIPTIONS
from tests.cups.test_pdf import PDF
from tests.printer import Printer
from tests.unit.filters.pdf_documents import needs_gs, needs_poppler

pytestmark = [
    pytest.mark.soak,
    needs_gs,
    needs_poppler,
]

#: (mean, worst) differences as in test_documents.py, with colour and without. Scales of grey and colour cover much of
#: these pages, and each names its own queue and description.
LIMITS = {True: (4, 110), False: (14, 120)}


@pytest.fixture
def printer(cups: CupsServer) -> Iterator[Printer]:
    """A printer that is pinned."""
    with Printer() as printer:
        assert printer.certificate is not None
        cups.write_pins(f"localhost:{printer.port} spki-sha256:{printer.certificate.spki_sha256.hex()}\n")
        yield printer
        cups.write_pins("")


def received(cups: CupsServer, printer: Printer, model: str, what: str) -> bytes:
    """Print a test page on a new queue, and return what the printer got."""
    queue = f"{what}-{model[8:-4]}"
    cups.add_queue(queue, printer.uri(), model)
    if what == "cups":
        job = cups.lp(queue, cups.root / "data" / "data" / "testprint")
    else:
        done = control(cups, "testpage", queue)
        assert done.returncode == 0, done.stderr
        job = cups.newest_job(queue)
    assert cups.wait(job) == "completed"
    return printer.printed[-1].document


@pytest.mark.parametrize("what", ["cups", "ipps443ctl"])
def test_page(cups: CupsServer, printer: Printer, what: str, pictures: Path) -> None:
    """One sheet comes out, the same on every printer but for its colours."""
    (original,) = pages_of_pdf(received(cups, printer, PDF, what))
    original.save(pictures / f"{what}-original.png")
    if what == "ipps443ctl":
        assert_frame(original)
    documents = {model: received(cups, printer, model, what) for model in sorted(set(DESCRIPTIONS) - {PDF})}
    assert {model: pages_in(document) for model, document in documents.items()} == dict.fromkeys(documents, 1)
    for model, document in documents.items():
        (sheet,) = pages_of_pcl(document)
        color = model.endswith("color.ppd")
        expected = original if color else original.convert("L").convert("RGB")
        side_by_side(expected, sheet).save(pictures / f"{what}-{model[8:-4]}.png")
        found = compare(expected, sheet, 0 if "pcl6" in model else REGISTRATION)
        assert found.mean <= LIMITS[color][0] and found.worst <= LIMITS[color][1], (model, found)


def assert_frame(page: Any) -> None:
    """Assert that the frame of our page is there on all sides, and that something stands in it."""
    left, top, right, bottom = page.convert("L").point(lambda grey: 255 * (grey < 128)).getbbox()
    half_an_inch = 75
    for edge in (left, top, page.width - right, page.height - bottom):
        assert abs(edge - half_an_inch) <= 3
    assert page.convert("L").histogram()[0] > 1000
