"""What a document has lost never counts as printed; what it only writes in an odd way prints."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.cups.pcl_pages import pages_in
from tests.releases import debian
from tests.unit.filters.pdf_damage import BOMBS, HARMLESS, LOST, PLAIN, one_page, with_aes_password
from tests.unit.filters.pdf_documents import needs_gs
from tests.unit.filters.pdf_job import CHECK, PCL5E, UEL, Done, run_filter, run_pdf

#: Ghostscript 10.05 and pypdf 5 find the contents of one such page nowhere, and have no word about it.
silent_on_debian_13 = pytest.mark.xfail(debian() >= 13, reason="Ghostscript 10.05 says nothing about it")

PDFTOPDF = "/usr/lib/cups/filter/pdftopdf"

needs_pdftopdf = pytest.mark.skipif(not os.path.exists(PDFTOPDF), reason="pdftopdf (cups-filters) is not installed")


def checked(document: bytes, options: str = "", apart: bool = False, **environ: str) -> Done:
    """Return what pdfcheck443 makes of a document, with one of our descriptions."""
    return run_filter(CHECK, document, ("1", "anna", "t", "1", options), PCL5E, apart, **environ)


def printed(document: bytes, options: str = "") -> tuple[Done, ...]:
    """Return what the filters of a queue make of a document, up to the first that refuses it."""
    done = [checked(document, options)]
    if not done[-1].code:
        done.append(run_filter(PDFTOPDF, done[-1].output, ("1", "anna", "t", "1", options), PCL5E))
    if not done[-1].code:
        done.append(run_pdf(done[-1].output, f"{options} Resolution=75dpi", PCL5E))
    return tuple(done)


@needs_gs
@needs_pdftopdf
@pytest.mark.parametrize("name", HARMLESS)
def test_harmless_faults_print(name: str) -> None:
    """Faults of form that everyday programs leave cost nothing: one page, whole, and no word to the user."""
    done = printed(HARMLESS[name])
    assert [each.code for each in done] == [0, 0, 0], done[-1].messages
    assert done[2].output.endswith(UEL) and pages_in(done[2].output) == 1
    assert not [line for line in (*done[0].messages, *done[2].messages) if line.startswith(("ERROR", "WARNING"))]


@needs_gs
@needs_pdftopdf
@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=silent_on_debian_13) if name == "saved-by-a-browser-without-contents" else name
        for name in LOST
    ],
)
def test_what_is_lost_is_no_success(name: str) -> None:
    """A document of which something is lost ends in one ERROR, and what was written has no end."""
    done = printed(LOST[name])
    assert done[-1].code == 1 and len(done[-1].errors) == 1
    assert "[F02]" in done[-1].errors[0] or "[F03]" in done[-1].errors[0]
    assert len(done[-1].errors[0].removeprefix("ERROR: ")) <= 160 and not done[-1].left_over
    assert not done[-1].output.endswith(UEL)
    if len(done) == 1:
        assert done[0].output == b""


@pytest.mark.parametrize(
    "handler", [b"/Adobe.PubSec /SubFilter /adbe.pkcs7.s5 /V 4", b"/Adobe.PubSec /V 1", b"/FOPN_foweb"]
)
def test_protected_by_something_else_than_a_password(handler: bytes) -> None:
    """What only the owner of a key can read is not called damaged."""
    document = PLAIN.replace(b"/Root", b"/Encrypt << /Filter %s >> /ID [(a) (a)] /Root" % handler)
    for done in (checked(document), run_pdf(document)):
        assert (done.code, done.output) == (1, b"")
        assert done.errors[0].endswith("it is protected by a certificate; save it without one, and print that [F02]")


@needs_gs
@needs_pdftopdf
def test_passwords_in_ways_that_pypdf_does_not_know() -> None:
    """A document that asks for a password is called so, whatever the cipher; one that opens without one prints."""
    for password in (b"secret", b" ", "größer".encode()):
        done = checked(with_aes_password(password))
        assert (done.code, done.output) == (1, b"")
        assert done.errors[0].endswith("it is protected by a password; save it without one, and print that [F02]")
    opened = printed(with_aes_password(b""))
    assert [each.code for each in opened] == [0, 0, 0] and pages_in(opened[2].output) == 1


@needs_gs
def test_nothing_leaves_of_a_document_that_is_cut_off() -> None:
    """A document without its end is refused before a page goes out, by each of our two filters."""
    for name in ("half", "without-its-table", "half-of-an-addition", "linearized-cut-off"):
        for done in (checked(LOST[name]), run_pdf(LOST[name])):
            assert (done.code, done.output) == (1, b"") and "its end is missing" in done.errors[0], name


def test_an_ordinary_document_passes_as_it_is() -> None:
    """What needs nothing is passed on octet for octet."""
    for document in (PLAIN, one_page(b"q Q"), HARMLESS["packed-as-text"], HARMLESS["length-too-long"]):
        assert checked(document).output == document


@needs_gs
@pytest.mark.parametrize("name", BOMBS)
def test_bombs(name: str, tmp_path: Path) -> None:
    """A small document that takes all there is ends in one ERROR that names the limit; Ghostscript is gone."""
    make, setting = BOMBS[name]
    root = settings_in(tmp_path, "render-seconds-per-page = 2")
    done = run_pdf(make(), ppd=PCL5E, CUPS_SERVERROOT=root, PATH=f"{os.environ['PATH']}:{tmp_path}")
    assert done.code == 1 and len(done.errors) == 1 and setting in done.errors[0] and done.left_over == ()
    assert not done.output.endswith(UEL) and not renderers(str(tmp_path))


def renderers(mark: str) -> list[str]:
    """Return the processes that have a word in their environment, as Ghostscript has its filter's PATH."""
    found = []
    for process in filter(str.isdigit, os.listdir("/proc")):
        try:
            found += [process] if mark.encode() in Path("/proc", process, "environ").read_bytes() else []
        except OSError:
            continue
    return found


def settings_in(folder: Path, text: str) -> str:
    """Write settings below a folder and return it for CUPS_SERVERROOT."""
    (folder / "ipps443").mkdir(exist_ok=True)
    path = folder / "ipps443" / "ipps443.conf"
    path.write_text(text + "\n")
    path.chmod(0o640)
    return str(folder)


@needs_gs
def test_output_is_limited(tmp_path: Path) -> None:
    """A document whose pages are more than render-output ends in one ERROR that names it; one octet less prints."""
    size = len(run_pdf(one_page(b"0 0 300 300 re f"), "Resolution=600dpi", PCL5E).output)
    assert size < 1 << 20
    noise = one_page(b"".join(b"%d %d 1 1 re f\n" % (x, y) for x in range(0, 595, 2) for y in range(0, 842, 2)))
    root = settings_in(tmp_path, "render-output = 1M")
    done = run_pdf(noise, "Resolution=1200dpi", PCL5E, CUPS_SERVERROOT=root)
    assert done.code == 1 and "render-output" in done.errors[0] and len(done.output) <= 1 << 20
    assert run_pdf(noise, "Resolution=1200dpi", PCL5E).code == 0


@needs_gs
@pytest.mark.parametrize("mode, text", [(0o662, b""), (0o640, b"# gr\xfc\xdfe\n")], ids=["writable", "latin-1"])
def test_settings_that_cannot_be_believed(mode: int, text: bytes, tmp_path: Path) -> None:
    """Settings that others may write, or that cannot be read, stop the job with one ERROR; nothing is written."""
    path = Path(settings_in(tmp_path, "render-memory = 1G"), "ipps443", "ipps443.conf")
    path.write_bytes(text)
    path.chmod(mode)
    done = run_pdf(PLAIN, ppd=PCL5E, CUPS_SERVERROOT=str(tmp_path))
    assert (done.code, done.output) == (1, b"") and len(done.errors) == 1 and "[F07]" in done.errors[0]


@needs_gs
def test_settings_that_make_no_sense(tmp_path: Path) -> None:
    """Each line that makes no sense is a WARNING with its number; the job prints as if it were not there."""
    root = settings_in(tmp_path, "render-memory = lots\nrender-colour = 1\nrender-output = 1G")
    done = run_pdf(PLAIN, ppd=PCL5E, CUPS_SERVERROOT=root)
    warnings = [line for line in done.messages if line.startswith("WARNING")]
    assert done.code == 0 and [f"line {number}:" in line for number, line in enumerate(warnings, 1)] == [True, True]


@needs_gs
def test_settings_of_a_queue(tmp_path: Path) -> None:
    """A section counts for its queue only."""
    root = settings_in(tmp_path, "[queue attic]\nrender-seconds-per-page = 1")
    document = BOMBS["forms"][0]()
    assert "render-seconds" in run_pdf(document, ppd=PCL5E, CUPS_SERVERROOT=root, PRINTER="attic").errors[0]
    assert run_pdf(PLAIN, ppd=PCL5E, CUPS_SERVERROOT=root, PRINTER="office").code == 0


ATTACK = b"%!PS\n(reached) print flush (/etc/passwd) (r) file 100 string readstring pop = flush showpage\n"


@needs_gs
@pytest.mark.parametrize(
    "document",
    [ATTACK, ATTACK + PLAIN, b"%!PS-Adobe-3.0 PDF-1.4\n" + ATTACK + PLAIN, ATTACK.ljust(4000) + PLAIN],
    ids=["program", "program-before", "program-in-the-old-header", "program-far-before"],
)
def test_a_program_is_no_document(document: bytes) -> None:
    """A PostScript program that comes as PDF, or has one behind it, never runs; the PDF may print."""
    for done in (run_pdf(document, ppd=PCL5E), checked(document)):
        assert not [line for line in done.messages if "reached" in line or "root:" in line]
        assert done.code == 0 or "[F02]" in done.errors[0]
        assert not done.code or done.output == b""


@needs_gs
@pytest.mark.parametrize("options", ["page-ranges=5-6", "page-set=even", "page-ranges=9 number-up=2"])
def test_a_selection_that_leaves_nothing(options: str) -> None:
    """No page is left: nothing is printed, the job is done, and a WARNING names the options."""
    done = run_pdf(b"", options, PCL5E)
    (warning,) = done.messages
    assert (done.code, done.output) == (0, b"") and warning.startswith("WARNING: nothing to print: ")
    assert options.split()[0] in warning


def test_an_empty_document_is_no_selection() -> None:
    """Without an option that chooses pages, an empty document is one that was lost on the way."""
    done = run_pdf(b"", "number-up=2", PCL5E)
    assert done.code == 1 and "[F02]" in done.errors[0]
