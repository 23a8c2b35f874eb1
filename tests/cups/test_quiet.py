"""Options that desktops send with each job, through a real cupsd: nobody asked for anything, so nobody is warned."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cups.server import CupsServer
from tests.printer import Printer
from tests.unit.filters.pdf_documents import A4, make_pdf, needs_gs

#: What programs hand over with a document that somebody just prints, as far as CUPS lets it through.
DESKTOPS = {
    "lp": "",
    "lp, both sides": "sides=two-sided-long-edge",
    "a browser": "media=iso_a4_210x297mm sides=one-sided print-color-mode=monochrome number-up=1 fit-to-page"
    " print-content-optimize=auto",
    "an office": "collate=true Collate=True PageSize=A4 Duplex=DuplexNoTumble fitplot scaling=100 page-ranges=1",
    "a toolkit": "media=A4 number-up-layout=lrtb page-set=all outputorder=normal Resolution=600dpi job-priority=50"
    " job-sheets=none,none orientation-requested=3 cpi=10 print-scaling=auto",
    "a Mac": "com.apple.print.PrintSettings.x=2 AP_ColorMatchingMode=AP_Application pserrorhandler-requested=standard"
    " AP_D_InputSlot= job-originating-user-name=anna noDuplex print-rendering-intent=auto",
    "a phone": "media=na_letter_8.5x11in print-quality=4 finishings=3 media-source=auto media-type=auto"
    " output-bin=auto presentation-direction-number-up=toright-tobottom ipp-attribute-fidelity=false",
}
#: Descriptions of languages that the scripted printer lists, and a raw queue.
MODELS = ("generic-pcl5e", "generic-pdf", "ibm-infoprint-1552", "")


def warnings(cups: CupsServer, job: int) -> list[str]:
    """Return what the error log has against a job, at the level of a server that runs."""
    return [line for line in cups.log().splitlines() if f"[Job {job}]" in line and line[0] in "WE"]


@needs_gs
@pytest.mark.parametrize("model", MODELS)
def test_what_desktops_say_anyway(cups: CupsServer, tmp_path: Path, model: str) -> None:
    """No warning for any of them on any queue."""
    page = tmp_path / "page"
    page.write_bytes(make_pdf(A4) if model else b"\x1bEtext\x0c\x1bE")
    queue = f"quiet-{model or 'raw'}"
    with Printer() as printer:
        cups.add_queue(queue, printer.uri(pin=True), f"ipps443/{model}.ppd" if model else None)
        jobs = {
            name: cups.lp(
                queue, page, options=tuple(word for each in options.split(" ") if each for word in ("-o", each))
            )
            for name, options in DESKTOPS.items()
        }
        for name, job in jobs.items():
            assert cups.wait(job) == "completed", name
            assert warnings(cups, job) == [], name


@pytest.mark.parametrize(
    "asked, sent", [("StapleLocation=UpperLeft", 6), ("finishings=20", 6), ("output-mode=bi-level", 3)]
)
def test_what_somebody_asks_for_in_vain(cups: CupsServer, tmp_path: Path, asked: str, sent: int) -> None:
    """One warning for the job, however many documents and copies it has; copies to be stapled go one by one."""
    page = tmp_path / "page.txt"
    page.write_text("Text.\n")
    queue = "asked-" + asked.partition("=")[0]
    with Printer() as printer:
        cups.add_queue(queue, printer.uri(pin=True))
        job = cups.lp(queue, page, page, page, options=("-n", "2", "-o", asked))
        assert cups.wait(job) == "completed" and len(printer.printed) == sent
        found = warnings(cups, job)
        assert len(found) == 1 and asked in found[0]
        again = cups.lp(queue, page, options=("-o", asked))
        assert cups.wait(again) == "completed" and len(warnings(cups, again)) == 1
