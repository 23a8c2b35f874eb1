"""ipps443ctl testpage: what the sheet says is what the connection showed."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from backend.control.testpage import draw_page
from backend.printer import learned
from backend.trust.fingerprint import as_hex, as_pairs
from tests.cups.recorded import control
from tests.cups.server import PCL5E, CupsServer
from tests.printer import Faults, Printer, make_certificate
from tests.unit.control.conftest import Cups, Desk
from tests.unit.control.test_add import OWN, uri

OTHER = make_certificate("localhost")


@pytest.fixture
def printer() -> Iterator[Printer]:
    with Printer(certificate=OWN) as printer:
        yield printer


@pytest.fixture
def cupsd(printer: Printer) -> Cups:
    """cupsd with the queue q for the printer."""
    attributes: dict[str, Any] = {
        "device-uri": uri(printer, "/ipp/print"),
        "document-format-supported": ["application/pdf", "text/plain"],
        "media-default": "iso_a4_210x297mm",
        "printer-info": "Front desk",
        "printer-is-accepting-jobs": True,
        "printer-make-and-model": "Generic PCL 5e Printer (ipps443)",
        "printer-state": 3,
    }
    return Cups({"q": attributes})


@pytest.fixture
def desk(tmp_path: Path, cupsd: Cups, printer: Printer) -> Desk:
    """An administrator who has pinned the printer."""
    desk = Desk(tmp_path, cups=lambda: cupsd, environ={"CUPS_CACHEDIR": str(tmp_path)})
    desk.write(f'localhost:{printer.port} spki-sha256:{OWN.spki_sha256.hex()} label="Room 1"\n')
    return desk


def text_of(pdf: bytes) -> str:
    """Return the words of the one page."""
    import pypdf

    (page,) = pypdf.PdfReader(io.BytesIO(pdf)).pages
    return str(page.extract_text())


@pytest.mark.parametrize("size", [(595, 842), (612.0, 792.0)])
def test_a_frame_and_scales(size: tuple[float, float]) -> None:
    """Half an inch from each edge there is a line, and below the rows eleven greys and six colours."""
    import pypdf

    page: Any
    (page,) = pypdf.PdfReader(io.BytesIO(draw_page([("Printer", "x" * 200), ("Key", "\u6f22\u00e9")], size))).pages
    drawn = page.get_contents().get_data().decode("latin-1")
    assert tuple(map(float, page.mediabox)) == (0, 0, *size)
    assert f"36 36 {size[0] - 72:g} {size[1] - 72:g} re S" in " ".join(drawn.split())
    assert len(re.findall(r" re\b", drawn)) == 1 + 11 + 6
    assert "?\u00e9" in page.extract_text()


def assert_evidence(text: str, printer: Printer) -> None:
    """Assert that the words prove which printer, key and connection were meant."""
    for digest in (OWN.spki_sha256, OWN.cert_sha256):
        pairs = as_pairs(digest)
        assert pairs[:48] in text and pairs[48:] in text
    for words in (uri(printer, "/ipp/print"), "TLSv1.3, TLS_AES_256_GCM_SHA384", "Scripted Printer", "2026-06-01"):
        assert words in text


def test_pdf(desk: Desk, cupsd: Cups, printer: Printer) -> None:
    """The sheet is a PDF of one page with printer, key, TLS, framing, pin and date; the command shows the same."""
    assert desk.run("testpage", "q") == 0
    ((queue, document, options),) = cupsd.printed
    assert (queue, options) == ("q", {}) and "request id is q-7" in desk.output
    text = text_of(document)
    assert_evidence(text, printer)
    assert 'the pin on file "Room 1"' in text and "chunked (found right now)" in text
    assert_evidence(desk.output, printer)


def test_text(desk: Desk, cupsd: Cups, printer: Printer) -> None:
    """Where the description cannot print PDF the sheet is text, and says the same."""
    cupsd.queues["q"]["document-format-supported"] = ["text/plain", "application/octet-stream"]
    assert desk.run("testpage", "q") == 0
    text = cupsd.printed[0][1].decode()
    assert_evidence(text, printer)
    assert "\r" not in text and "\f" not in text


@pytest.mark.parametrize("faults, begins", [(Faults(), b"%PDF"), (Faults(format="pcl-only"), b"ipps443 test page\r\n")])
def test_raw_queue(desk: Desk, cupsd: Cups, printer: Printer, faults: Faults, begins: bytes) -> None:
    """Without a description the printer gets what it takes itself, unchanged: PDF, or text as PCL printers take it."""
    cupsd.queues["q"]["printer-make-and-model"] = "Local Raw Printer"
    printer.faults = faults
    assert desk.run("testpage", "q") == 0, desk.errors
    ((_, document, options),) = cupsd.printed
    assert document.startswith(begins) and options == {"raw": "true"}


def test_framing(desk: Desk, cupsd: Cups, printer: Printer, tmp_path: Path) -> None:
    """What jobs have learned, and what the device URI says, counts more than what is found now."""
    os.makedirs(tmp_path / "ipps443", exist_ok=True)
    facts = learned.Facts(chunks=False)
    assert learned.remember(str(tmp_path / "ipps443"), "localhost", printer.port, facts, desk.now.timestamp()) is None
    assert desk.value("testpage", "q")["framing"] == "sized"
    assert "sized (learned by a job on 2026-0" in text_of(cupsd.printed[0][1])
    cupsd.queues["q"]["device-uri"] += "?transfer=chunked"
    value = desk.value("testpage", "q")
    assert (value["framing"], value["job"]) == ("chunked", 8) and value["spki_sha256"] == as_hex(OWN.spki_sha256)


def test_words_of_the_queue(desk: Desk, cupsd: Cups) -> None:
    """Description and place of the queue stand below its name, unless they only repeat it."""
    cupsd.queues["q"].update({"printer-location": "Room 1"})
    assert desk.run("testpage", "q") == 0 and " Front desk, Room 1\n" in desk.output
    cupsd.queues["q"].update({"printer-info": "q", "printer-location": ""})
    assert desk.run("testpage", "q") == 0 and desk.output.count(" q\n") == 1


def test_impostor(desk: Desk, cupsd: Cups, printer: Printer) -> None:
    """Nothing is printed when the key cannot be proven, and the printer gets no byte of HTTP."""
    printer.certificate = OTHER
    assert desk.run("testpage", "q") == 1 and "[T02]" in desk.errors
    assert (cupsd.printed, printer.http_bytes) == ([], 0)


@pytest.mark.parametrize(
    "changes, words",
    [
        ({"device-uri": "ipp://x/"}, "not through ipps443"),
        ({"printer-is-accepting-jobs": False}, "cupsaccept q"),
        ({"document-format-supported": ["application/octet-stream"]}, "neither PDF nor text"),
    ],
)
def test_refused(desk: Desk, cupsd: Cups, changes: dict[str, Any], words: str) -> None:
    """A queue that cannot print the page is named with what fixes it."""
    cupsd.queues["q"].update(changes)
    assert desk.run("testpage", "q") == 1 and words in desk.errors and not cupsd.printed


def test_unknown_and_stopped_queue(desk: Desk, cupsd: Cups) -> None:
    """A queue that is not there is refused; for one that is stopped the page waits, and that is said."""
    assert desk.run("testpage", "nothing") == 1 and "client-error-not-found" in desk.errors
    cupsd.queues["q"]["printer-state"] = 5
    assert desk.run("testpage", "q") == 0 and "cupsenable q" in desk.errors


def test_on_paper(cups: CupsServer, printer: Printer) -> None:
    """Through a real cupsd, filters and backend the page is printed."""
    cups.add_queue("paper", uri(printer), PCL5E)
    cups.write_pins(f"localhost:{printer.port} spki-sha256:{OWN.spki_sha256.hex()}\n")
    done = control(cups, "testpage", "paper")
    assert done.returncode == 0, done.stderr
    assert cups.wait(cups.newest_job("paper")) == "completed"
    assert len(printer.printed) == 1 and len(printer.printed[0].document) > 1000
