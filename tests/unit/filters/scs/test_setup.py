"""Paper, trays, bins and both sides of spooled files: what the printer is told, when, and by which names."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest

from filters.common.media import find_source
from filters.common.ppd import parse_ppd
from tests.pcl_parser import Page, parse_job
from tests.scs_pages import SAMPLES
from tests.unit.filters.pdf_job import PCL5E, descriptions
from tests.unit.filters.scs.job import Result, print_scs

DRAWERS = (SAMPLES / "05-drawers-duplex.scs").read_bytes()
LETTER, A4, ENV10 = 2, 26, 81


@pytest.fixture(scope="module")
def ppd(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The description for PCL 5e printers."""
    path = tmp_path_factory.mktemp("ppd") / "description.ppd"
    path.write_text(descriptions()[PCL5E])
    return str(path)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder in the place of /etc/cups."""
    (tmp_path / "ipps443" / "scs").mkdir(parents=True)
    return tmp_path


def sheets(result: Result) -> list[Page]:
    """Return the sides of a job."""
    return parse_job(result.output).pages


def test_drawers_have_the_names_of_the_description(ppd: str) -> None:
    """Drawer 1 is the queue's own source, the others are its trays of that number, envelopes have their feeder."""
    description = parse_ppd(Path(ppd).read_text())
    sources = [page.source for page in sheets(print_scs(DRAWERS, ppd=ppd))]
    trays = [
        find_source(name, description) for name in ("Auto", "Auto", "Tray2", "Tray2", "Tray3", "Tray4", "Envelope")
    ]
    assert sources == trays


def test_duplex(ppd: str) -> None:
    """DUPLEX of the printer file decides; where it says nothing, the job's option does."""
    assert [page.duplex for page in sheets(print_scs(DRAWERS))] == [1] * 6 + [0]
    plain = bytes.fromhex("2BC102502BC20242C10C")
    assert [page.duplex for page in sheets(print_scs(plain, "sides=two-sided-short-edge", ppd=ppd))] == [2]


def test_paper_by_the_size_of_the_page() -> None:
    """SPPS chooses the sheet: what IBM's writer says is A4 and an envelope, prints on these."""
    data = (SAMPLES / "jt-5219.scs").read_bytes()
    pages = sheets(print_scs(data))
    assert [(page.size, page.orientation) for page in pages] == [(A4, 0), (ENV10, 1)]
    asked = sheets(print_scs(data, "media=Letter"))
    assert [page.size for page in asked] == [LETTER, LETTER]


def test_the_table_of_the_queue(ppd: str, root: Path) -> None:
    """An administrator's table decides about drawers, bins, pages and more."""
    (root / "ipps443" / "scs" / "q").write_text(
        "# made by hand\ndrawer.1 = Tray3\ndrawer.2=Manual\nenvelope = Tray4\nbin.1 = FaceUp\ncodepage = 273\n"
        "page.80x66 = Letter landscape fit\nmargin.left = 0.5in\n"
    )
    result = print_scs(DRAWERS, ppd=ppd, root=str(root))
    pages = sheets(result)
    description = parse_ppd(Path(ppd).read_text())
    tray3, manual, tray4 = (find_source(name, description) for name in ("Tray3", "Manual", "Tray4"))
    assert [page.source for page in pages][:4] == [tray3, tray3, manual, manual]
    assert pages[-1].source == tray4
    assert {(page.size, page.orientation) for page in pages} == {(LETTER, 1)}
    assert b"2g" in result.output
    assert not [line for line in result.lines if line.startswith("WARNING")]


def test_lines_of_the_table_that_cannot_be_read(root: Path) -> None:
    """A bad line is named with its number and does not count; the job prints."""
    (root / "ipps443" / "scs" / "q").write_text("drawer.2 = \x1b&l4H\nnonsense\ncolour = red\ndrawer.3 = Manual\n")
    result = print_scs(DRAWERS, root=str(root))
    warnings = [line for line in result.lines if line.startswith("WARNING") and "scs/q" in line]
    assert [re.search(r"line (\d)", line)[1] for line in warnings] == ["1", "2", "3"]  # type: ignore[index]
    assert len(sheets(result)) == 7


@pytest.mark.parametrize("queue", ("../pins", "", ".", "a/b"))
def test_names_of_queues_stay_in_their_folder(queue: str, root: Path) -> None:
    """The name of a queue leads to no file outside the folder of tables."""
    (root / "ipps443" / "pins").write_text("drawer.9 = nonsense\n")
    assert not [line for line in print_scs(DRAWERS, root=str(root), queue=queue).lines if "line 1" in line]


@pytest.mark.parametrize("option", ("scs-cor=x", "scs-codepage=9", "scs-transparent=x", "scs-landscape=x", "scs-inp=x"))
def test_options_that_are_not_possible(option: str) -> None:
    """They are told, and the default is taken."""
    result = print_scs(DRAWERS, option)
    assert [line for line in result.lines if f"option {option} is not possible" in line]
    assert result.output == print_scs(DRAWERS).output


def test_fonts_of_the_table(root: Path) -> None:
    """A font of the table has its face and pitch."""
    (root / "ipps443" / "scs" / "q").write_text("font.204 = LetterGothic 15\n")
    output = print_scs((SAMPLES / "jt-3812.scs").read_bytes(), root=str(root)).output
    assert b"4102T\x1b&k8H" in output


@pytest.mark.parametrize(
    ("options", "character"),
    (
        ("", b"\xa2"),
        ("scs-codepage=273", b"\xc4"),
        ("scs-codepage=auto", b"\xa2"),
        ("scs-codepage=nonsense", b"\xa2"),
        ("scs-codepage=ibm-500", b"["),
    ),
)
def test_code_page_option(options: str, character: bytes) -> None:
    """scs-codepage decides about files that name no code page."""
    data = bytes.fromhex("2BC102502BC202422BD10381FF4A0C")
    assert b"Y" + character + b"\r" in print_scs(data, options).output


@pytest.mark.parametrize(
    ("options", "turned"),
    (("", 1), ("scs-cor=ibm", 1), ("scs-cor=fit", 1), ("scs-cor=off", 0), ("scs-landscape=reverse", 3)),
)
def test_options_of_reduction(options: str, turned: int) -> None:
    """scs-cor and scs-landscape decide about pages that fit on no sheet."""
    data = (SAMPLES / "01-joblog-132x66.scs").read_bytes()
    assert {page.orientation for page in sheets(print_scs(data, options))} == {turned}


def test_page_ranges_and_reverse_order() -> None:
    """page-ranges, page-set and outputorder choose and order pages as they do for text."""

    def numbers(options: str) -> list[str]:
        texts = ("".join(text for _, text in page.lines()) for page in sheets(print_scs(DRAWERS, options)))
        return [found[1] if (found := re.search(r"page (\d)", text)) else text[:3] for text in texts]

    assert numbers("page-ranges=2-3") == ["2", "3"]
    assert numbers("page-set=even") == ["2", "4", "6"]
    assert numbers("outputorder=reverse") == ["env", "6", "5", "4", "3", "2", "1"]


def test_copies_are_asked_of_the_printer() -> None:
    """Copies are a setting of the job."""
    assert parse_job(print_scs(DRAWERS, copies=3).output).copies == 3
    assert b"QTY = 3" in print_scs(DRAWERS, "Collate=True", copies=3).output


def test_nothing_selected_is_an_empty_job() -> None:
    """A selection that leaves no page prints nothing, and says so."""
    result = print_scs(DRAWERS, "page-ranges=50-60")
    assert (result.exit_code, result.output) == (0, b"")
    assert any("nothing to print" in line for line in result.lines)


def pdf_of(name: str, options: str = "") -> Result:
    """Return the PDF of a sample, and what the filter says."""
    pytest.importorskip("reportlab")
    from filters.scs_to_pdf import main

    return print_scs((SAMPLES / f"{name}.scs").read_bytes(), options, main=main)


def test_pdf() -> None:
    """The same pages as PDF: sizes, text, and turned pages."""
    pypdf = pytest.importorskip("pypdf")
    result = pdf_of("jt-3812", "PageSize=Letter")
    first, second = pypdf.PdfReader(io.BytesIO(result.output)).pages
    assert [(round(page.mediabox.width), round(page.mediabox.height)) for page in (first, second)] == [
        (792, 612),
        (612, 792),
    ]
    assert result.exit_code == 0 and "Rotated 90, Gothic 13" in first.extract_text()
    assert "Page 2 portrait" in second.extract_text()


@pytest.mark.parametrize(
    ("name", "options", "wishes"),
    (
        ("05-drawers-duplex", "", "sides=two-sided-long-edge and other trays"),
        ("05-drawers-duplex", "sides=two-sided-long-edge", "sides=one-sided and other trays"),
        ("05-drawers-duplex", "page-ranges=1-2", "sides=two-sided-long-edge and other trays"),
        ("01-joblog-132x66", "", None),
        ("13-cor-132x66-draft", "", None),
    ),
)
def test_pdf_tells_what_it_cannot_say(name: str, options: str, wishes: str | None) -> None:
    """Sides and trays that a file asks for, and its PDF cannot carry, are named in one warning; there is none else."""
    warnings = [line for line in pdf_of(name, options).lines if line.startswith("WARNING")]
    assert len(warnings) == (wishes is not None)
    assert not wishes or f"asks for {wishes}, which PDF cannot say" in warnings[0] and len(warnings[0]) <= 169


def test_pdf_of_print_data_is_refused() -> None:
    """Print data that the IBM i has made cannot become PDF, and the message says what to change."""
    result = pdf_of("07-atrn-pcl-inside")
    assert result.exit_code == 1 and "TRANSFORM(*NO)" in result.lines[-1] and "[F11]" in result.lines[-1]


def test_documents_begin_on_new_sheets() -> None:
    """In duplex the second document of a job, and a job within a file (SIC), begin on a front; pages do not."""
    page = bytes.fromhex("2BC102502BC20242" "C10C")
    for data, fronts in (([page, page], 1), ([page + bytes.fromhex("2BD20345FF") + page], 1), ([page * 3], 0)):
        assert print_scs(data, "sides=two-sided-long-edge").output.count(b"\x1b&a1G") == fronts


def test_pages_leave_as_they_come() -> None:
    """A page is printed before the next one is written, when the file comes in pieces."""
    import os
    import threading

    from filters.scs_to_pcl import main

    source, feed = os.pipe()
    result, output = os.pipe()
    argv = ["scstopcl", "1", "u", "t", "1", ""]
    with open(os.devnull, "w") as nothing:
        thread = threading.Thread(target=_run, args=(main, argv, source, output, nothing.fileno()))
        thread.start()
        os.write(feed, bytes.fromhex("2BC102502BC20242" "C1C2C30C"))
        first = os.read(result, 65536)
        os.write(feed, bytes.fromhex("C4C5C60C"))
        second = os.read(result, 65536)
        os.close(feed)
        thread.join(30)
    assert b"ABC\r\x0c" in first and b"DEF" not in first
    assert b"DEF\r\x0c" in second


def _run(main, argv, source, output, messages):  # type: ignore[no-untyped-def]
    import signal

    # signal() is for the main thread alone
    real, signal.signal = signal.signal, lambda *_: None  # type: ignore[assignment]
    try:
        main(argv, {}, source, output, messages)
    finally:
        signal.signal = real  # type: ignore[assignment]


def test_no_converter(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without code pages in the C library two-byte text prints as boxes, and one word says what to install."""
    from filters.codepage.iconv import NoConverter

    def refuse(number: str) -> None:
        raise NoConverter(number)

    monkeypatch.setattr("filters.scs.text.open_converter", refuse)
    data = bytes.fromhex("2BC102502BC20242" "0E45624566 0F C10C")
    result = print_scs(data, "scs-dbcs=939 soft-fonts=no")
    (sheet,) = sheets(result)
    assert "".join(text for _, text in sheet.lines()).split() == ["?", "?", "A"]
    assert sum("iconv" in line for line in result.lines) == 1
