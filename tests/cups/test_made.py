"""Queues with descriptions made from printers, in a real cupsd: beside stock's everywhere, and printed on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from backend.ipp.message import attribute
from backend.ipp.tags import Tag
from tests.cups.recorded import RECORDED, add, control, make_printer, plain, queue_name, words_of
from tests.cups.server import CupsError, CupsServer, wait_until
from tests.cups.test_foreign import running_eve
from tests.printer import Printer
from tests.raster_reader import read_raster
from tests.unit.filters.pdf_documents import A4, make_pdf, needs_gs
from tests.unit.filters.text_pdf import read_sheets

OFFICE, INKJET, LASER = "Composite-Office-Finisher", "HP-OfficeJet-Pro-7740", "HP-LaserJet-M605"
DESKJET = "HP-DeskJet-3630"
COLOR, BORDERLESS = "Example-color-and-gray", "Example-some-borderless"
#: What is counted, and the options of stock's descriptions and of ours that have it.
COUNTED: dict[str, tuple[str, ...]] = {
    "sizes": ("PageSize",),
    "trays": ("InputSlot",),
    "types": ("MediaType",),
    "bins": ("OutputBin",),
    "sides": ("Duplex",),
    "colours": ("ColorModel",),
    "qualities": ("cupsPrintQuality",),
    "finishings": ("StaplePosition", "Punch", "Fold", "Bind", "Trim", "Booklet", "OtherFinishing"),
}
STOCK_FINISHINGS = (
    "StapleLocation",
    "PunchMedia",
    "FoldType",
    "BookletMaker",
    "Jog",
    "Cover",
    "Bind",
    "Trim",
    "Laminate",
)


def count(text: str, options: tuple[str, ...]) -> int:
    """Return how many choices there are, without those that mean nothing."""
    found = [c for option in options for c in re.findall(rf"^\*{option} ([^/:]+)[/:]", text, re.MULTILINE)]
    return len([choice for choice in found if choice.lower() != "none" or options == ("Duplex",)])


def formats_of(text: str) -> set[str]:
    """Return the types in which the printer gets documents."""
    return {line.split()[1].lower() for line in re.findall(r'^\*cupsFilter2: "([^"]*)"', text, re.MULTILINE)}


def description(cups: CupsServer, queue: str) -> str:
    """Return the description that cupsd has for a queue."""
    return (cups.etc / "ppd" / f"{queue}.ppd").read_text("utf-8")


def everywhere(cups: CupsServer, name: str, printer: Printer) -> str:
    """Return stock's description of a printer, which cupsd makes in the background; "" if it makes none."""
    queue = f"stock-{name}"
    before = cups.temporary_files
    cups.run("lpadmin", "-p", queue, "-v", printer.uri(scheme="ipps"), "-m", "everywhere")
    path = cups.etc / "ppd" / f"{queue}.ppd"
    try:
        wait_until(path.exists, 15, "description")
    except CupsError:
        return ""
    finally:
        text = path.read_text("utf-8", "replace") if path.exists() else ""
        cups.run("lpadmin", "-x", queue)
        for left in set(cups.temporary_files) - set(before):  # cupsd's own draft of the description
            (cups.root / "spool" / "tmp" / left).unlink()
    return text


@pytest.mark.soak
def test_beside_stock(cups: CupsServer) -> None:
    """A queue for every recorded printer; what ours offers beside CUPS's own "everywhere" for the same answer."""
    rows, written = [], {}
    for name in RECORDED:
        with make_printer(name) as printer:
            model = ("--model", "printer")
            ours = description(cups, add(cups, name, printer, *model))
            cups.run("lpadmin", "-x", queue_name(name))
            stock = everywhere(cups, name, printer)
        numbers = {
            kind: (
                count(ours, options),
                count(stock, (*options, *STOCK_FINISHINGS) if kind == "finishings" else options),
            )
            for kind, options in COUNTED.items()
        }
        rows.append((name, numbers, bool(stock)))
        taken = {each.lower() for each in words_of(name)["document-format-supported"].all}
        written[name] = formats_of(ours), formats_of(stock)
        assert written[name][0] and written[name][0] <= taken, name
    print("\n" + " ".join(["ours/everywhere".ljust(30), *(kind.rjust(11) for kind in COUNTED), " formats"]))
    for name, numbers, is_made in rows:
        cells = (f"{own}/{other if is_made else '-'}" for own, other in numbers.values())
        formats = "/".join("+".join(sorted(each.partition("/")[2] for each in kinds)) or "-" for kinds in written[name])
        print(" ".join([name.ljust(30), *(cell.rjust(11) for cell in cells), f" {formats}"]))
    for name, numbers, _ in rows:
        said = words_of(name)
        for kind, listed in (("trays", "media-source"), ("types", "media-type"), ("bins", "output-bin")):
            values = said[f"{listed}-supported"].all if f"{listed}-supported" in said else ()
            assert numbers[kind][0] == len(values), (name, kind)
        for kind in ("trays", "types", "bins", "sides"):
            assert numbers[kind][0] >= numbers[kind][1], (name, kind, numbers[kind])


# --- jobs -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def office(cups: CupsServer) -> Iterator[Printer]:
    """A printer with trays and a finisher, and its queue."""
    with make_printer(OFFICE) as printer:
        add(cups, OFFICE, printer)
        yield printer


@pytest.fixture(scope="module")
def inkjet(cups: CupsServer) -> Iterator[Printer]:
    """A printer that takes raster alone, and its queue."""
    with make_printer(INKJET) as printer:
        add(cups, INKJET, printer)
        yield printer


@pytest.fixture(scope="module")
def borderless_(cups: CupsServer) -> Iterator[Printer]:
    """A printer with some borderless sizes, and its queue."""
    with make_printer(BORDERLESS) as printer:
        add(cups, BORDERLESS, printer)
        yield printer


def print_(cups: CupsServer, name: str, printer: Printer, path: Path, *options: str) -> tuple[bytes, dict[str, Any]]:
    """Print, and return the document and the job's attributes at the printer; warnings about options are faults."""
    words = tuple(word for option in options for word in ("-o", option))
    job = cups.lp(queue_name(name), path, options=words)
    assert cups.wait(job, 120) == "completed"
    assert not [line for line in cups.job_log(job) if "does not take" in line or "ignores" in line]
    received = printer.printed[-1]
    found: dict[str, Any] = {}
    for each in received.template:
        values = [plain(value) for value in each.all]
        found[each.name] = values[0] if len(values) == 1 else values
    return received.document, found


@needs_gs
def test_a_job_without_options(cups: CupsServer, office: Printer, page: Path) -> None:
    """PDF arrives, with the queue's size and colour, and nothing that nobody asked for."""
    document, sent = print_(cups, OFFICE, office, page)
    assert document.startswith(b"%PDF-")
    assert sent == {
        "media": "iso_a4_210x297mm",
        "print-color-mode": "color",
        "print-quality": 4,
        "sides": "one-sided",
    }


@needs_gs
@pytest.mark.parametrize(
    "options, expected",
    [
        (("media-source=tray-2",), {"media-source": "tray-2"}),
        (("media=iso_a4_210x297mm,tray-2",), {"media-source": "tray-2"}),
        (("MediaType=com.example.letterhead-blue",), {"media-type": "com.example.letterhead-blue"}),
        (("finishings=4,5",), {"finishings": [4, 5]}),
        (("finishings=4", "finishings=5"), {"finishings": 5}),
        (("StaplePosition=staple-dual-left", "Punch=punch-quad-left"), {"finishings": [28, 82]}),
        (("sides=two-sided-long-edge",), {"sides": "two-sided-long-edge"}),
        (("print-scaling=fit",), {"print-scaling": "fit"}),
        (("cupsPrintQuality=High",), {"print-quality": 5}),
        (("ColorModel=auto-monochrome",), {"print-color-mode": "auto-monochrome"}),
    ],
)
def test_options(
    cups: CupsServer, office: Printer, page: Path, options: tuple[str, ...], expected: dict[str, Any]
) -> None:
    """Each option arrives, by its names in the description and in IPP."""
    _, sent = print_(cups, OFFICE, office, page, *options)
    found = {**sent, **sent.get("media-col", {})}
    assert {name: found.get(name) for name in expected} == expected


@needs_gs
def test_staples_of_the_queue_and_of_the_printer(cups: CupsServer, page: Path) -> None:
    """lp says "no finishings" with each job, which is nobody's wish: the description's word counts."""
    own = {"finishings-default": attribute("finishings-default", Tag.ENUM, 20)}
    with make_printer(OFFICE, **own) as printer:
        queue = queue_name("stapler")
        assert control(cups, "add", queue, printer.uri(pin=True)).returncode == 0
        jobs = [print_(cups, "stapler", printer, page, *each)[1] for each in ((), ("StaplePosition=none",))]
        cups.run("lpadmin", "-p", queue, "-o", "StaplePosition=staple-dual-left")
        jobs.append(print_(cups, "stapler", printer, page)[1])
        cups.run("lpadmin", "-x", queue)
    assert [each.get("finishings") for each in jobs] == [None, 3, 28]


@needs_gs
def test_all_at_once(cups: CupsServer, office: Printer, page: Path) -> None:
    """Tray, type, both sides, staple, bin; two copies are two sets."""
    before = len(office.printed)
    options = (
        "InputSlot=tray-2",
        "MediaType=labels",
        "Duplex=DuplexNoTumble",
        "StaplePosition=staple",
        "OutputBin=face-up",
    )
    job = cups.lp(queue_name(OFFICE), page, options=(*(w for o in options for w in ("-o", o)), "-n", "2"))
    assert cups.wait(job, 120) == "completed"
    received = office.printed[before:]
    assert sum(each.copies for each in received) == 2
    sent = {each.name: plain(each.value) for each in received[0].template}
    assert sent["media-col"] == {
        "media-size": {"x-dimension": 21000, "y-dimension": 29700},
        "media-source": "tray-2",
        "media-type": "labels",
    }
    assert (sent["sides"], sent["finishings"], sent["output-bin"]) == ("two-sided-long-edge", 4, "face-up")


@needs_gs
@pytest.mark.parametrize(
    "default, asked, mode",
    [
        ((), ("print-color-mode=monochrome",), "monochrome"),
        ((), ("output-mode=monochrome",), "monochrome"),
        (("print-color-mode-default=monochrome",), (), "monochrome"),
        (("ColorModel=Gray",), (), "monochrome"),
        (("ColorModel=Gray",), ("print-color-mode=color",), "color"),
    ],
)
def test_gray_on_a_color_printer(
    cups: CupsServer, page: Path, default: tuple[str, ...], asked: tuple[str, ...], mode: str
) -> None:
    """Every way to ask for grey; the job's own word wins over the queue's in both directions."""
    with make_printer(COLOR) as printer:
        queue = add(cups, COLOR, printer)
        if default:
            cups.run("lpadmin", "-p", queue, *(word for each in default for word in ("-o", each)))
        try:
            _, sent = print_(cups, COLOR, printer, page, *asked)
            assert sent["print-color-mode"] == mode
        finally:
            cups.run("lpadmin", "-x", queue)


SIZES = {"4x6": (10160, 15240), "Postcard": (10000, 14800)}


@needs_gs
@pytest.mark.parametrize(
    "option, size, borderless",
    [
        ("PageSize=4x6.Borderless", "4x6", True),
        ("media=4x6.Borderless,tray-2", "4x6", True),
        ("media=jpn_hagaki_100x148mm", "Postcard", True),
        ("media=4x6", "4x6", False),
    ],
)
def test_borderless(
    cups: CupsServer, borderless_: Printer, page: Path, option: str, size: str, borderless: bool
) -> None:
    """A borderless size goes with four margins of 0, and no other size does."""
    _, sent = print_(cups, BORDERLESS, borderless_, page, option)
    if not borderless:
        assert sent["media"] == "na_index-4x6_4x6in"
        return
    edges: dict[str, Any] = {f"media-{edge}-margin": 0 for edge in ("left", "bottom", "right", "top")}
    x, y = SIZES[size]
    tray: dict[str, Any] = {"media-source": "tray-2"} if "tray-2" in option else {}
    assert sent["media-col"] == {"media-size": {"x-dimension": x, "y-dimension": y}, **edges, **tray}


@needs_gs
@pytest.mark.parametrize("option", ["media=Custom.100x180mm", "media=custom_x_100x180mm"])
def test_custom_sizes(cups: CupsServer, office: Printer, page: Path, option: str) -> None:
    """A size within the printer's limits arrives by its measures."""
    document, sent = print_(cups, OFFICE, office, page, option)
    size = sent["media-col"]["media-size"]
    assert abs(size["x-dimension"] - 10000) < 40 and abs(size["y-dimension"] - 18000) < 40


@needs_gs
@pytest.mark.parametrize("types, bits", [("srgb_8", 24), ("black_1", 1)])
def test_types_of_raster(cups: CupsServer, page: Path, tmp_path: Path, types: str, bits: int) -> None:
    """Grey jobs arrive in the one type that the printer lists, PDF as well as text."""
    words = {
        "document-format-supported": attribute("document-format-supported", Tag.MIME_MEDIA_TYPE, "image/pwg-raster"),
        "pwg-raster-document-type-supported": attribute("pwg-raster-document-type-supported", Tag.KEYWORD, types),
    }
    text = tmp_path / "a.txt"
    text.write_text("One line\n")
    with make_printer(DESKJET, **words) as printer:
        add(cups, DESKJET, printer)
        try:
            for document in (page, text):
                received, sent = print_(cups, DESKJET, printer, document, "print-color-mode=monochrome")
                assert {each.bits for each in read_raster(received)} == {bits}
                assert sent["print-color-mode"] == "monochrome"
        finally:
            cups.run("lpadmin", "-x", queue_name(DESKJET))


@needs_gs
@pytest.mark.parametrize(
    "kind, options, bits, duplex, tumble, dpi",
    [
        ("text", (), 24, False, False, 600),
        ("pdf", ("print-color-mode=monochrome", "sides=two-sided-long-edge"), 8, True, False, 600),
        ("pdf", ("Duplex=DuplexTumble", "cupsPrintQuality=Draft"), 24, True, True, 300),
    ],
)
def test_raster(
    cups: CupsServer,
    inkjet: Printer,
    page: Path,
    tmp_path: Path,
    kind: str,
    options: tuple[str, ...],
    bits: int,
    duplex: bool,
    tumble: bool,
    dpi: int,
) -> None:
    """A printer without PDF gets Apple raster in the colours, sides and resolution that were asked for."""
    text = tmp_path / "a.txt"
    text.write_text("hello\n")
    document, sent = print_(cups, INKJET, inkjet, page if kind == "pdf" else text, "PageSize=A4", *options)
    (side,) = read_raster(document)
    assert (side.bits, side.duplex, side.tumble, side.dpi) == (bits, duplex, tumble, (dpi, dpi))
    assert abs(side.width - dpi * 210 / 25.4) < 3 and abs(side.height - dpi * 297 / 25.4) < 3
    assert side.ink and side.rows_with_ink()[0] > 0
    assert sent["print-color-mode"] == ("monochrome" if bits == 8 else "color")


@pytest.fixture(scope="module")
def pwg(cups: CupsServer) -> Iterator[Printer]:
    """A printer that takes PWG raster alone, and its queue."""
    kind = attribute("document-format-supported", Tag.MIME_MEDIA_TYPE, "image/pwg-raster")
    with make_printer(DESKJET, **{"document-format-supported": kind}) as printer:
        add(cups, DESKJET, printer)
        yield printer


@needs_gs
@pytest.mark.parametrize(
    "name, size, options, kind",
    [
        (OFFICE, (200, 300), ("PageSize=A4", "InputSlot=tray-2"), "image/jpeg"),
        (OFFICE, (300, 200), ("number-up=1", "cupsPrintQuality=High"), "image/jpeg"),
        (OFFICE, (200, 300), ("number-up=2",), "application/pdf"),
        (OFFICE, (200, 300), ("copies=2",), "application/pdf"),
        (OFFICE, (200, 300), ("copies=2", "StaplePosition=staple-top-left"), "application/pdf"),
        (OFFICE, (200, 6000), (), "image/jpeg"),
        (OFFICE, (200, 9000), (), "application/pdf"),  # more than the printer takes
        (INKJET, (200, 300), ("PageSize=A4",), "image/jpeg"),
        (INKJET, (300, 200), ("PageSize=A4",), "image/urf"),  # it does not say that it turns pictures
        (INKJET, (200, 300), ("PageSize=A4", "position=top"), "image/urf"),
        (DESKJET, (200, 300), ("PageSize=A4",), "image/pwg-raster"),  # it does not list JPEG
    ],
)
def test_pictures(
    cups: CupsServer,
    inkjet: Printer,
    pwg: Printer,
    office: Printer,
    tmp_path: Path,
    name: str,
    size: tuple[int, int],
    options: tuple[str, ...],
    kind: str,
) -> None:
    """A JPEG goes as it is, with its options, where the printer takes it and nothing is asked of a page."""
    image = pytest.importorskip("PIL.Image")
    path = tmp_path / "a.jpg"
    image.new("RGB", size, (200, 30, 30)).save(path)
    printer = {INKJET: inkjet, DESKJET: pwg, OFFICE: office}[name]
    document, sent = print_(cups, name, printer, path, *options)
    received = printer.printed[-1]
    assert received.document_format == kind
    if kind == "image/jpeg":
        assert document == path.read_bytes() and sent["print-scaling"] == "fit"
        assert sent.get("orientation-requested") == (7 if name == OFFICE else None)
        assert ("InputSlot=tray-2" in options) == (sent.get("media-col", {}).get("media-source") == "tray-2")
    elif kind == "application/pdf":
        assert document.startswith(b"%PDF-")
        assert "print-scaling" not in sent and "orientation-requested" not in sent
    else:
        (page,) = read_raster(document)
        assert page.bits == 24 and page.ink
        assert (page.rows_with_ink()[0] < page.height // 10) or name != INKJET


@needs_gs
def test_pictures_of_other_kinds(cups: CupsServer, office: Printer, inkjet: Printer, tmp_path: Path) -> None:
    """They become pages, by our own filter, whose pages of a JPEG are placed in the same way; see test_pictures.py."""
    image = pytest.importorskip("PIL.Image")
    path = tmp_path / "a.png"
    image.new("RGB", (200, 300), (200, 30, 30)).save(path)
    document, _ = print_(cups, OFFICE, office, path)
    assert document.startswith(b"%PDF-") and office.printed[-1].document_format == "application/pdf"
    document, _ = print_(cups, INKJET, inkjet, path, "PageSize=A4")
    assert [page.bits for page in read_raster(document)] == [24]


def test_jpeg_alone(cups: CupsServer, tmp_path: Path, jpeg: Path) -> None:
    """A printer that takes JPEG and nothing else gets the file as it is, with its options; CUPS refuses a text."""
    text = tmp_path / "a.txt"
    text.write_text("hello\n")
    listed = attribute("document-format-supported", Tag.MIME_MEDIA_TYPE, "image/jpeg", "application/octet-stream")
    with make_printer(DESKJET, **{"document-format-supported": listed}) as printer:
        name = f"jpeg-{printer.port}"
        assert control(cups, "add", name, printer.uri(pin=True)).returncode == 0
        job = cups.lp(name, jpeg, options=("-n", "2", "-o", "media-type=photographic-glossy", "-o", "media=A4"))
        assert cups.wait(job) == "completed"
        with pytest.raises(CupsError):
            cups.lp(name, text)
        cups.run("lpadmin", "-x", name)
    (received,) = printer.printed
    assert (received.document, received.document_format) == (jpeg.read_bytes(), "image/jpeg")
    assert received.copies == 2 and plain(received.attributes["media-col"])["media-type"] == "photographic-glossy"


#: Few enough lines of another alphabet that the others keep the face of the description.
WORD = ", \u0416\u0443\u043a"
TEXT = "".join(f"line {number} of a text{WORD if number % 10 == 9 else ''}\n" for number in range(100)).encode()


@needs_gs
@pytest.mark.parametrize("suffix", ["csv", "html", "pl"])
def test_all_kinds_of_text_are_laid_out_here(cups: CupsServer, office: Printer, tmp_path: Path, suffix: str) -> None:
    """Whatever CUPS calls a text, it has the pages of texttopcl, as PDF with its fonts; PCL and CUPS's way are out."""
    beginnings = {"html": b"<html>\n", "pl": b"#!/usr/bin/perl\n"}
    path = tmp_path / f"a.{suffix}"
    path.write_bytes(beginnings.get(suffix, b"") + TEXT)
    document, sent = print_(cups, OFFICE, office, path, "cpi=12", "fit-text=off", "PageSize=A4", "InputSlot=tray-2")
    sheets = read_sheets(document)
    assert sent["media-col"]["media-source"] == "tray-2"
    assert len(sheets) == 2 and {mark.font for mark in sheets[0].marks} == {"NimbusMonoPS-Regular", "Type3"}
    assert abs(sheets[0].marks[0].width - 72 / 12) < 0.01
    assert "".join(mark.text for mark in sheets[1].marks).endswith("99ofatext,\u0416\u0443\u043a")


@needs_gs
@pytest.mark.parametrize("name", [INKJET, DESKJET, OFFICE])
def test_text_with_options(
    cups: CupsServer, inkjet: Printer, pwg: Printer, office: Printer, tmp_path: Path, name: str
) -> None:
    """Two pages a side, the second side alone, two copies: on PDF and on both kinds of raster, each once."""
    path = tmp_path / "a.txt"
    path.write_bytes(b"first\n\fsecond\n\fthird\n" * 2)
    printer = {INKJET: inkjet, DESKJET: pwg, OFFICE: office}[name]
    before = len(printer.printed)
    job = cups.lp(queue_name(name), path, options=("-n", "2", "-o", "number-up=2", "-o", "page-ranges=2-3"))
    assert cups.wait(job, 120) == "completed"
    assert not [line for line in cups.job_log(job) if "queue's default" in line]
    received = printer.printed[before:]
    if name == OFFICE:
        pages = [len(read_sheets(each.document)) for each in received]
    else:
        pages = [len([side for side in read_raster(each.document) if side.ink]) for each in received]
    assert sum(count * each.copies for count, each in zip(pages, received)) == 4


# --- describe, refresh ------------------------------------------------------------------------------------


def test_describe_is_what_add_takes(cups: CupsServer, office: Printer, tmp_path: Path) -> None:
    """The same text in a file, on standard output and in the queue."""
    uri = office.uri(pin=True)
    path = tmp_path / "made.ppd"
    assert control(cups, "describe", uri, "-o", str(path)).returncode == 0
    assert control(cups, "describe", uri).stdout == path.read_text()
    assert description(cups, queue_name(OFFICE)) == path.read_text()
    refused = control(cups, "describe", uri, "-o", str(tmp_path))
    assert refused.returncode == 1 and "cannot be written" in refused.stderr


@needs_gs
def test_refresh(cups: CupsServer, page: Path) -> None:
    """A new tray and a finisher that is gone: named, with the queue's defaults kept, and usable at once."""
    with make_printer(LASER) as printer:
        queue = add(cups, LASER, printer, "--model", "printer")
        cups.run("lpadmin", "-p", queue, "-o", "PageSize=A5", "-o", "StaplePosition=staple", "-o", "MediaType=labels")
        printer.ipp.extra.update(
            {
                "media-source-supported": attribute("media-source-supported", Tag.KEYWORD, "auto", "tray-1", "tray-9"),
                "finishings-supported": attribute("finishings-supported", Tag.ENUM, 3),
            }
        )
        done = control(cups, "refresh", queue)
        assert done.returncode == 0, done.stderr
        assert "Changed: InputSlot: +tray-9 -tray-3 -tray-2" in done.stdout
        assert "Not kept, because the description does not have it any more: StaplePosition=staple" in done.stdout
        text = description(cups, queue)
        assert "*DefaultPageSize: A5" in text and "*DefaultMediaType: labels" in text
        _, sent = print_(cups, LASER, printer, page, "InputSlot=tray-9")
        assert sent["media-col"]["media-source"] == "tray-9" and sent["media-col"]["media-type"] == "labels"
        assert "Changed" not in control(cups, "refresh", queue).stdout


# --- the driver program -----------------------------------------------------------------------------------


def pin(cups: CupsServer, printer: Printer, model: str) -> str:
    """Pin a printer as an administrator does; return the URI that is listed for it."""
    assert control(cups, "pin", f"localhost:{printer.port}", "--yes").returncode == 0
    path = cups.etc / "ipps443" / "pins"
    path.write_text(path.read_text().replace("spki-sha256", f'model="{model}"  spki-sha256', 1))
    return f"ipps443://localhost:{printer.port}"


@needs_gs
def test_a_queue_by_lpadmin_alone(cups: CupsServer, page: Path) -> None:
    """The printer is listed with the models, and -m with its URI makes the queue that ``add`` makes."""
    before = (cups.etc / "ipps443" / "pins").read_text()
    with make_printer(OFFICE) as printer:
        uri = pin(cups, printer, "Composite Office 7")
        try:
            listed = cups.run("lpinfo", "-m").stdout
            assert f"{uri} Composite Office 7 at localhost (ipps443, from the printer)" in listed
            by_make = cups.run("lpinfo", "--make-and-model", "Composite Office 7", "-m").stdout
            assert by_make.startswith(uri)
            assert not printer.http_bytes
            cups.run("lpadmin", "-p", "by-lpadmin", "-E", "-v", uri, "-m", uri)
            expected = control(cups, "describe", uri).stdout
            assert description(cups, "by-lpadmin").splitlines() == expected.splitlines()
            job = cups.lp("by-lpadmin", page, options=("-o", "InputSlot=tray-2"))
            assert cups.wait(job, 120) == "completed" and printer.printed[-1].document.startswith(b"%PDF-")
        finally:
            cups.run("lpadmin", "-x", "by-lpadmin", check=False)
            (cups.etc / "ipps443" / "pins").write_text(before)


@needs_gs
@pytest.mark.parametrize("formats, begins", [("application/pdf,image/jpeg", b"%PDF-"), ("image/urf", b"UNIRAST\0")])
def test_three_commands_to_paper(cups: CupsServer, tmp_path: Path, formats: str, begins: bytes) -> None:
    """CUPS's own printer, over TLS: pin, add, lp; a text and a PDF arrive as what it takes."""
    text, pdf = tmp_path / "a.txt", tmp_path / "a.pdf"
    text.write_bytes(TEXT)
    pdf.write_bytes(make_pdf(A4))
    before = (cups.etc / "ipps443" / "pins").read_text()
    with running_eve(tmp_path, formats) as eve:
        host = eve.uri.partition("://")[2].partition("/")[0]
        try:
            pinned = control(cups, "pin", host, "--yes")
            assert pinned.returncode == 0, pinned.stderr
            added = control(cups, "add", "made-eve", f"ipps443://{host}")
            assert added.returncode == 0, added.stderr
            for path in (text, pdf):
                assert cups.wait(cups.lp("made-eve", path), 120) == "completed"
        finally:
            cups.run("lpadmin", "-x", "made-eve", check=False)
            (cups.etc / "ipps443" / "pins").write_text(before)
        documents = eve.documents()
    assert len(documents) == 2 and all(each.startswith(begins) for each in documents)


def test_no_queue_for_a_printer_that_is_not_trusted(cups: CupsServer) -> None:
    """lpadmin fails, the printer gets no byte of HTTP, and the error log says why."""
    with make_printer(OFFICE) as printer:
        uri = f"ipps443://localhost:{printer.port}"
        with pytest.raises(CupsError):
            cups.run("lpadmin", "-p", "untrusted", "-E", "-v", uri, "-m", uri)
        assert not printer.http_bytes and not (cups.etc / "ppd" / "untrusted.ppd").exists()
    assert "ipps443ctl pin localhost" in cups.log()


def test_unpinned(cups: CupsServer) -> None:
    """A printer that is not trusted gets no byte of HTTP from describe or refresh."""
    with make_printer(OFFICE) as printer:
        done = control(cups, "describe", printer.uri())
        assert done.returncode == 1 and not printer.http_bytes and "*PPD" not in done.stdout
