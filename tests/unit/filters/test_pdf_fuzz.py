"""PDF changed at random: whatever it is, our two filters print it or refuse it, within their limits."""

from __future__ import annotations

import io
import random
import resource
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from filters.pdf.correction import Sheet, correct_pages, update
from filters.pdf.inspection import PdfRefused, damage_refused, open_pdf, read_facts
from filters.pdf.opening import cut_out, within_limits
from tests.unit.filters.pdf_damage import HARMLESS, LOST
from tests.unit.filters.pdf_documents import A4, draw_transparent, make_pdf, needs_gs
from tests.unit.filters.pdf_job import PCL5E, ROOT, UEL, run_pdf
from tests.unit.filters.test_pdf_boxes import PAGES
from tests.unit.filters.test_pdf_damage import checked, settings_in

SEEDS = [
    *HARMLESS.values(),
    *LOST.values(),
    *(document for document, _, _ in PAGES.values()),
    make_pdf(A4, A4, draw=draw_transparent),
]
#: Words that mean something to whoever reads a PDF.
TOKENS = (
    *(b"obj", b"endobj", b"stream", b"endstream", b"xref", b"trailer", b"startxref", b"%%EOF", b"%PDF-1.7", b"null"),
    *(
        b"/Kids [2 0 R]",
        b"/Count -1",
        b"/Count 999999999",
        b"/MediaBox [0 0 1e30 1]",
        b"/MediaBox [a b]",
        b"/CropBox 7",
    ),
    *(
        b"/Contents 2 0 R",
        b"/Contents [[4 0 R]]",
        b"/Parent 3 0 R",
        b"/Length 4294967296",
        b"/UserUnit 0",
        b"/Rotate 17",
    ),
    *(
        b"/Filter /FlateDecode",
        b"/Filter [/A85 /Fl]",
        b"/Encrypt 4 0 R",
        b"/Type /ObjStm",
        b"<<" * 50,
        b"[" * 500,
        b"(" * 9,
    ),
    *(
        b"/Resources 3 0 R",
        b"/XObject << /X 3 0 R >>",
        b"99999 0 R",
        b"/Prev 0",
        b"/Size 1",
        b"\x00",
        b"\xff" * 9,
        b"-1",
    ),
)
#: Most kilobytes of memory of one run: the limit of Ghostscript, or of looking.
MOST_MEMORY = (1 << 20) + (64 << 10)


def changed(chance: random.Random) -> bytes:
    """Return a document changed in some places."""
    data = bytearray(chance.choice(SEEDS))
    for _ in range(chance.choice((1, 1, 1, 2, 3, 8))):
        at, kind = chance.randrange(len(data) + 1), chance.randrange(7)
        size = chance.choice((1, 2, 8, 40, 300))
        if kind == 0:
            data[at : at + 1] = bytes([chance.randrange(256)])
        elif kind == 1:
            del data[at : at + size]
        elif kind == 2:
            data[at:at] = data[max(0, at - size) : at]
        elif kind == 3:
            data[at : at + chance.choice((0, size))] = chance.choice(TOKENS)
        elif kind == 4:
            del data[at:]
        elif kind == 5:
            other = chance.choice(SEEDS)
            data[at:] = other[chance.randrange(len(other)) :]
        else:
            data[at : at + size] = bytes(size)
    return bytes(data)


def look(document: bytes) -> str:
    """Do with a document what pdfcheck443 does, and say how it ended."""
    with within_limits(), damage_refused():
        try:
            whole, extent = cut_out(io.BytesIO(document), io.BytesIO)
            reader = open_pdf(whole)
            facts = read_facts(reader)
        except PdfRefused as error:
            assert error.reason and "\n" not in error.reason
            return "refused"
        corrections = correct_pages(reader, Sheet((595, 842)), 5000)
        if (
            not corrections
            or reader.is_encrypted
            or extent.repaired
            or facts.counted_wrongly
            or extent.numbered_wrongly
        ):
            return "passed" if not corrections else "written anew"
        try:
            behind = b"".join(update(reader, whole, corrections))
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
            return "written anew"
    whole.seek(0)
    again = open_pdf(io.BytesIO(whole.read() + behind))
    assert len(correct_pages(again, Sheet((595, 842)), 5000)) == 0, "not all boxes are right the second time"
    return "corrected"


def rounds(seed: int, count: int) -> Counter[str]:
    """Look at so many documents; return how they ended."""
    ends: Counter[str] = Counter()
    for number in range(count):
        document = changed(random.Random(f"{seed} {number}"))
        try:
            ends[look(document)] += 1
        except PdfRefused:
            ends["refused"] += 1
        except Exception as error:
            Path("/tmp/ipps443-fuzz.pdf").write_bytes(document)
            raise AssertionError(f"round {number} of {seed}: {type(error).__name__}: {error}") from error
    return ends


def test_some_documents() -> None:
    """Changed documents are passed on, corrected or refused, each more than once."""
    ends = rounds(1, 120)
    assert ends["passed"] > 10 and ends["corrected"] > 2 and ends["refused"] > 20


@pytest.mark.soak
def test_many_documents() -> None:
    """The same with many."""
    print(f"\n5000 documents: {dict(rounds(2, 5000))}", file=sys.stderr)


def many_jobs(root: str) -> None:
    """Run jobs as cupsd runs them, and look at what each comes to."""
    ends: Counter[str] = Counter()
    for number in range(600):
        chance = random.Random(f"jobs {number}")
        document = changed(chance)
        if number % 2:
            done = checked(document, apart=True, CUPS_SERVERROOT=root)
        else:
            done = run_pdf(document, "Resolution=75dpi", PCL5E, apart=True, CUPS_SERVERROOT=root)
            assert (done.code == 0) == done.output.endswith(UEL) or not done.output, number
        codes = [line[-4:-1] for line in done.errors]
        assert done.code in (0, 1) and done.left_over == () and len(codes) == done.code, (number, done.messages)
        assert codes in ([], ["F02"], ["F03"], ["F06"]), (number, done.messages)
        assert len(done.output) <= 65 << 20
        assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < MOST_MEMORY, number
        ends[codes[0] if codes else "written"] += 1
    most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss >> 10
    print(f"\n600 jobs: {dict(ends)}, most memory of filters and gs {most} MiB", file=sys.stderr)


@needs_gs
@pytest.mark.soak
def test_many_jobs(tmp_path: Path) -> None:
    """Run as cupsd runs them, the filters end with 0 or 1, in one ERROR with a code that is no fault, within limits.

    In a process of their own: the memory of a program counts from that of the one that starts it, and a worker that has
    run other tests may have more than the filters are allowed.
    """
    root = settings_in(tmp_path, "render-seconds-per-page = 10\nrender-output = 64M")
    program = f"from {__name__} import many_jobs; many_jobs({root!r})"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, stderr=subprocess.PIPE, text=True)
    print(done.stderr, file=sys.stderr)
    assert done.returncode == 0, done.stderr
