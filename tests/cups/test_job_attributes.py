"""Options of a PDF queue in a real cupsd, as they reach the printer: every choice of the description does something."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from backend.ipp.message import attribute
from backend.ipp.tags import Tag
from tests.cups.recorded import plain
from tests.cups.server import CupsServer
from tests.printer import Printer
from tests.unit.filters.pdf_documents import needs_gs

MODEL = "ipps443/generic-pdf.ppd"
#: A printer that does all that the description offers.
ABILITIES: dict[str, tuple[Any, ...]] = {
    "print-color-mode": ("auto", "color", "monochrome"),
    "output-bin": ("face-down", "face-up", "top", "bottom", "side", "rear", "large-capacity"),
    "media-source": ("auto", "tray-1", "tray-2", "tray-3", "tray-4", "manual", "envelope"),
    "media-type": ("stationery", "stationery-bond", "special", "photographic-glossy", "transparency"),
    "media-col": ("media-size", "media-source", "media-type"),
}
#: Choices with which the queue leaves it to the printer, and options that others carry out.
NOTHING = {("InputSlot", "Auto"), ("cupsPrintQuality", "Printer"), ("OutputBin", "Printer")}
#: Of those that no filter for PDF and no printer has to know.
NOT_OURS = ("PageRegion", "scs-codepage", "scs-cor", "scs-dbcs", "scs-landscape")


@pytest.fixture(scope="module")
def printer() -> Iterator[Printer]:
    """A printer that supports everything."""
    said = {f"{name}-supported": attribute(f"{name}-supported", Tag.KEYWORD, *each) for name, each in ABILITIES.items()}
    with Printer(attributes=said) as printer:
        yield printer


@pytest.fixture(scope="module")
def queue(cups: CupsServer, printer: Printer) -> str:
    """A queue with the description for PDF printers."""
    cups.add_queue("pdf-options", printer.uri(pin=True), MODEL)
    return "pdf-options"


def attributes_of(cups: CupsServer, printer: Printer, queue: str, page: Path, *options: str) -> dict[str, Any]:
    """Print with options, and return the job's attributes at the printer; warnings are faults."""
    job = cups.lp(queue, page, options=tuple(word for option in options for word in ("-o", option)))
    assert cups.wait(job) == "completed"
    assert not [line for line in cups.job_log(job) if "does not take" in line or "ignores" in line]
    return {each.name: plain(each.value) for each in printer.printed[-1].template}


def choices(cups: CupsServer) -> dict[str, list[str]]:
    """Return all options of the description with their choices."""
    text = (cups.root / "data" / "model" / MODEL).read_text()
    found: dict[str, list[str]] = {}
    for option in re.findall(r"^\*OpenUI \*([\w-]+)", text, re.M):
        found[option] = re.findall(rf"^\*{option} ([^/:]+)", text, re.M)
    return {option: listed for option, listed in found.items() if option not in NOT_OURS}


@needs_gs
def test_every_choice_reaches_the_printer(cups: CupsServer, printer: Printer, queue: str, page: Path) -> None:
    """Each choice of each option gives attributes of its own, but for those that leave the matter to the printer."""
    for option, listed in choices(cups).items():
        asked = [choice for choice in listed if (option, choice) not in NOTHING]
        if option == "PageSize":
            asked = asked[::7]  # all others go the same way, see the unit tests
        sent = [attributes_of(cups, printer, queue, page, f"{option}={choice}") for choice in asked]
        assert len({repr(sorted(each.items())) for each in sent}) == len(asked), (option, sent)


@needs_gs
def test_a_job_without_options(cups: CupsServer, page: Path) -> None:
    """What cupsd says of its own accord is no wish: a printer without colour is not asked for it, nobody is warned."""
    with Printer() as mono:
        cups.add_queue("pdf-mono", mono.uri(pin=True), MODEL)
        assert attributes_of(cups, mono, "pdf-mono", page) == {"media": "iso_a4_210x297mm", "sides": "one-sided"}
        left = attributes_of(cups, mono, "pdf-mono", page, "OutputBin=Printer")
        assert left == {"media": "iso_a4_210x297mm", "sides": "one-sided"}


@needs_gs
def test_options_of_every_kind_at_once(cups: CupsServer, printer: Printer, queue: str, page: Path) -> None:
    """IPP names on lp's command line, and what pdftopdf has done already is not asked of the printer again."""
    sent = attributes_of(
        cups,
        printer,
        queue,
        page,
        "sides=two-sided-short-edge",
        "media=iso_a5_148x210mm,tray-2",
        "print-color-mode=monochrome",
        "print-quality=5",
        "output-bin=face-up",
        "number-up=2",
        "page-ranges=1",
    )
    assert sent == {
        "media-col": {"media-size": {"x-dimension": 14800, "y-dimension": 21000}, "media-source": "tray-2"},
        "output-bin": "face-up",
        "print-color-mode": "monochrome",
        "print-quality": 5,
        "sides": "two-sided-short-edge",
    }


@needs_gs
def test_defaults_set_for_the_queue(cups: CupsServer, printer: Printer, page: Path) -> None:
    """Defaults set with lpadmin, as the web interface sets them, act on jobs that say nothing."""
    options = ("Duplex=DuplexNoTumble", "ColorModel=Gray", "cupsPrintQuality=Draft", "OutputBin=FaceUp", "PageSize=A5")
    cups.add_queue("pdf-defaults", printer.uri(pin=True), MODEL, options)
    assert attributes_of(cups, printer, "pdf-defaults", page) == {
        "media": "iso_a5_148x210mm",
        "output-bin": "face-up",
        "print-color-mode": "monochrome",
        "print-quality": 3,
        "sides": "two-sided-long-edge",
    }
