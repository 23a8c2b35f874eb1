"""ipps443ctl testpage: a sheet that is evidence. It states which printer it was sent to, and how that was proven.

The command makes a connection of its own, as a job would, right before it prints; what that connection showed stands on
the sheet. Drawn with reportlab as PDF; as text where the description of the queue cannot print PDF.
"""

from __future__ import annotations

import io
import re
import shlex
import tempfile
from argparse import Namespace
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from backend.control import describe
from backend.control.console import Console
from backend.control.examination import Findings, examine
from backend.control.host import PrinterHost, Refused, is_ours
from backend.control.queues import RAW_MODEL, connect_to_cupsd, is_stopped, printer_of, reason_of
from backend.cupsd.cache_file import cache_folder
from backend.printer import learned
from backend.trust.certificate import CertificateFacts
from backend.trust.fingerprint import as_hex, as_pairs
from filters.common.printable import printable

TITLE = "ipps443 test page"

#: What is asked of cupsd about the queue.
QUEUE_ATTRIBUTES = [
    "device-uri",
    "document-format-supported",
    "media-default",
    "printer-info",
    "printer-is-accepting-jobs",
    "printer-location",
    "printer-make-and-model",
    "printer-state",
]

#: Width and height of a sheet in points.
A4 = (595.28, 841.89)

Rows = list[tuple[str, str]]


@dataclass(frozen=True)
class Queue:
    """A queue as cupsd knows it."""

    name: str
    printer: PrinterHost
    formats: frozenset[str]
    words: dict[str, str]
    stopped: bool
    sheet: tuple[float, float]

    @property
    def is_raw(self) -> bool:
        """Tell whether it has no description."""
        return self.words["printer-make-and-model"] == RAW_MODEL


def testpage(arguments: Namespace, console: Console) -> int:
    """Print a page that states the printer, the proven key, TLS, framing and date."""
    cups = connect_to_cupsd(console)
    queue = _read_queue(arguments.queue, cups)
    findings = examine(queue.printer, "", console, paths=())
    kind = _choose_format(queue, findings)
    rows = _rows(queue, findings, kind, console)
    document = draw_page(rows, queue.sheet) if kind == "application/pdf" else write_text(rows, queue.is_raw)
    job = _print(queue, document, cups)
    console.say(f"request id is {queue.name}-{job} ({'PDF' if kind == 'application/pdf' else 'text'})")
    for name, value in rows:
        console.say(f"  {name:{describe.MARGIN}}{value}")
    if queue.stopped:
        console.complain(f"queue {queue.name} is stopped; the page waits for: cupsenable {shlex.quote(queue.name)}")
    console.say_json(_value(queue, findings, kind, job, console))
    return 0


# --- the queue --------------------------------------------------------------------------------------------


def _read_queue(name: str, cups: Any) -> Queue:
    try:
        found = cups.getPrinterAttributes(name, requested_attributes=QUEUE_ATTRIBUTES)
    except Exception as error:  # noqa: B902 - pycups has errors of its own, which cannot be named without importing it
        raise Refused(f"cupsd says of the queue {name}: {reason_of(error)}") from None
    uri = str(found.get("device-uri", ""))
    if not is_ours(uri):
        raise Refused(f"queue {name} prints to {uri or 'nothing'}, not through ipps443")
    if not found.get("printer-is-accepting-jobs", True):
        raise Refused(f"queue {name} does not accept jobs; run: cupsaccept {shlex.quote(name)}")
    printer = printer_of(name, found)
    formats = found.get("document-format-supported") or ()
    words = ("printer-info", "printer-location", "printer-make-and-model")
    return Queue(
        name,
        printer,
        frozenset([formats] if isinstance(formats, str) else formats),
        {word: str(found.get(word) or "") for word in words},
        is_stopped(found),
        sheet_size(str(found.get("media-default") or "")),
    )


def sheet_size(media: str) -> tuple[float, float]:
    """Return width and height in points of a PWG media name such as iso_a4_210x297mm; A4 for what is none."""
    found = re.search(r"_([0-9.]+)x([0-9.]+)(mm|in)$", media)
    if not found:
        return A4
    unit = 72 / 25.4 if found[3] == "mm" else 72
    width, height = float(found[1]) * unit, float(found[2]) * unit
    return (width, height) if min(width, height) >= 300 else A4


def _choose_format(queue: Queue, findings: Findings) -> str:
    """Return what the queue can print: what cupsd can convert for it; without a description, what the printer takes."""
    formats = queue.formats
    if queue.is_raw:
        # What prints PCL prints bare text.
        formats = frozenset(findings.formats) | ({"text/plain"} if "PCL 5" in findings.languages else set())
    for kind in ("application/pdf", "text/plain"):
        if kind in formats:
            return kind
    raise Refused(f"queue {queue.name} can print neither PDF nor text; give it a description: lpadmin -p ... -m ...")


def _print(queue: Queue, document: bytes, cups: Any) -> int:
    with tempfile.NamedTemporaryFile(prefix="ipps443-testpage-") as file:
        file.write(document)
        file.flush()
        try:
            return int(cups.printFile(queue.name, file.name, TITLE, {"raw": "true"} if queue.is_raw else {}))
        except Exception as error:  # noqa: B902
            raise Refused(f"cupsd does not take the page for {queue.name}: {reason_of(error)}") from None


# --- what the sheet says ----------------------------------------------------------------------------------


def _rows(queue: Queue, findings: Findings, kind: str, console: Console) -> Rows:
    from getpass import getuser
    from socket import gethostname

    from backend import __version__

    facts = CertificateFacts(findings.judgement.der)
    capabilities = findings.capabilities
    name, words = queue.name, queue.words
    rows = [
        ("queue", name),
        ("", ", ".join(word for word in (words["printer-info"], words["printer-location"]) if word not in ("", name))),
        ("printer", findings.text("printer-make-and-model") or "(asks for a password before it says)"),
        ("firmware", capabilities.facts.firmware if capabilities else ""),
        ("device URI", queue.printer.text or queue.printer.device_uri),
        *_pairs("proven key", facts.spki_sha256),
        *_pairs("certificate", facts.cert_sha256),
        ("", facts.subject),
        ("trusted by", _trusted_by(findings)),
        ("TLS", f"{findings.tls_version}, {findings.cipher}"),
        ("IPP", capabilities.facts.version or "" if capabilities else ""),
        ("framing", _framing(findings, console)),
        ("description", words["printer-make-and-model"]),
        ("sent as", "PDF" if kind == "application/pdf" else "text"),
        ("date", f"{console.clock().astimezone():%Y-%m-%d %H:%M:%S %z}"),
        ("printed by", f"{getuser()} at {gethostname()}, ipps443 {__version__}"),
    ]
    return [(name, printable(value)) for name, value in rows if value]


def _pairs(name: str, digest: bytes | None) -> Rows:
    if not digest:
        return []
    pairs = as_pairs(digest)
    return [(name, f"SHA-256 {pairs[:48]}"), ("", f"        {pairs[48:]}")]


def _trusted_by(findings: Findings) -> str:
    pin = findings.judgement.pin
    if pin is None:
        return "a CA of this system"
    if pin.ca:
        return f"the CA in {pin.ca}"
    if findings.printer.uri.pins:
        return "the pin in the device URI"
    return " ".join(filter(None, ("the pin on file", pin.label and f'"{pin.label}"', pin.added and f"of {pin.added}")))


def _framing(findings: Findings, console: Console) -> str:
    """Say how the document goes out: what the queue says, what jobs have learned, what was found right now."""
    uri = findings.printer.uri
    if uri.transfer != "auto":
        return f"{uri.transfer} (transfer= in the device URI)"
    facts = learned.recall(cache_folder(console.environ), uri.host, uri.port, console.clock().timestamp())
    if facts.chunks is None:
        return f"{findings.framing} (found right now)"
    when = datetime.fromtimestamp(facts.learned)
    return f"{'chunked' if facts.chunks else 'sized'} (learned by a job on {when:%Y-%m-%d})"


def _value(queue: Queue, findings: Findings, kind: str, job: int, console: Console) -> dict[str, object]:
    facts = CertificateFacts(findings.judgement.der)
    return {
        "queue": queue.name,
        "job": job,
        "format": kind,
        "device_uri": queue.printer.text or queue.printer.device_uri,
        "make_and_model": findings.text("printer-make-and-model"),
        "spki_sha256": as_hex(facts.spki_sha256) if facts.spki_sha256 else None,
        "cert_sha256": as_hex(facts.cert_sha256),
        "tls_version": findings.tls_version,
        "cipher": findings.cipher,
        "framing": _framing(findings, console).split()[0],
        "date": console.clock().isoformat(),
        "stopped": queue.stopped,
    }


# --- the sheet --------------------------------------------------------------------------------------------


def write_text(rows: Rows, raw: bool) -> bytes:
    """Return the page as text; for a printer that gets it as it is, with the line ends and the page end it needs."""
    lines = [TITLE, "=" * len(TITLE), "", *[f"{name:{describe.MARGIN}}{value}" for name, value in rows]]
    end = "\r\n" if raw else "\n"
    return (end.join(lines) + end + ("\f" if raw else "")).encode("utf-8")


def draw_page(rows: Rows, sheet: tuple[float, float]) -> bytes:
    """Return the page as PDF: title, rows, scales of grey and colour, and a frame half an inch from the edges."""
    from reportlab.pdfgen.canvas import Canvas

    width, height = sheet
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=sheet)
    canvas.setTitle(TITLE)
    canvas.setLineWidth(0.5)
    canvas.rect(36, 36, width - 72, height - 72)
    canvas.setFont("Helvetica-Bold", 24)
    canvas.drawString(54, height - 84, TITLE)
    y = height - 120
    for name, value in rows:
        canvas.setFont("Helvetica-Bold", 9)
        canvas.drawString(54, y, name)
        for part in _cut(value, int((width - 54 - 134) / 5.4)):
            canvas.setFont("Courier", 9)
            canvas.drawString(134, y, part)
            y -= 14
        y -= 2
    _draw_scales(canvas, y - 30, width)
    canvas.showPage()
    canvas.save()
    return file.getvalue()


def _cut(value: str, length: int) -> list[str]:
    """Cut a value into lines; characters that the fonts of every printer lack become a question mark."""
    text = value.encode("cp1252", "replace").decode("cp1252")
    return [text[at : at + length] for at in range(0, len(text), length)]


def _draw_scales(canvas: Any, y: float, width: float) -> None:
    """Draw eleven greys, then the colours of toner and of screens."""
    step = (width - 108) / 11
    for index in range(11):
        canvas.setFillGray(index / 10)
        canvas.rect(54 + index * step, y, step, 24, stroke=1, fill=1)
    colours = ((0, 1, 1), (1, 0, 1), (1, 1, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1))
    step = (width - 108) / len(colours)
    for index, colour in enumerate(colours):
        canvas.setFillColorRGB(*colour)
        canvas.rect(54 + index * step, y - 36, step, 24, stroke=1, fill=1)
