"""The filters for pictures, run as cupsd runs them: what they print looks like what Pillow makes of the picture."""

from __future__ import annotations

import os
import re
import shutil
import signal
import struct
import subprocess
import tempfile
import time
import zlib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from tests.drawn_sheets import draw_sheets
from tests.unit.filters.pdf_documents import needs_gs, needs_poppler
from tests.unit.filters.pdf_job import IMAGES, PCL5E, PCL6, PCL6_COLOR, Done, descriptions, run_filter
from tests.unit.filters.picture_files import PICTURES, SIZE, drawing, saved

PDFTOPDF = Path("/usr/lib/cups/filter/pdftopdf")
pytestmark = [
    needs_gs,
    needs_poppler,
    pytest.mark.skipif(not PDFTOPDF.exists(), reason="pdftopdf (cups-filters) is not installed"),
]
PDF = "generic-pdf"
#: A4 in dots of 1/72 inch.
SHEET = (595, 842)
#: The picture on A4 as large as it can be, with margins of 12 points: turned, because it is wider than high.
FITTED = (24, 12, 571, 830)


def run_picture(*documents: bytes, options: str = "", ppd: str = PDF, copies: int = 1) -> Done:
    """Run the filter that a description names for pictures: one comes from standard input, several are files."""
    program = IMAGES["imagetopdf443" if ppd == PDF else "imagetopcl"]
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder, str(number)) for number in range(len(documents) if len(documents) > 1 else 0)]
        for path, document in zip(paths, documents):
            path.write_bytes(document)
        arguments = ("1", "anna", "title", str(copies), options, *map(str, paths))
        return run_filter(program, documents[0], arguments, ppd)


def pages_of_pdf(document: bytes) -> list[Any]:
    """Return the pages in colour, 72 dots to the inch."""
    return images(subprocess.run(["pdftoppm", "-r", "72", "-"], input=document, stdout=subprocess.PIPE).stdout)


def pages_of_pcl(document: bytes) -> list[list[Any]]:
    """Return the sheets in colour, 72 dots to the inch, as our own reader draws them, and as GhostPCL does if it can.

    They are drawn with more dots and made smaller.
    """
    drawn = [draw_sheets(document, 144)]
    if shutil.which("gpcl6"):
        command = ["gpcl6", "-dNOPAUSE", "-dQUIET", "-sDEVICE=ppmraw", "-r144", "-o", "-", "-"]
        drawn.append(images(subprocess.run(command, input=document, stdout=subprocess.PIPE).stdout))
    return [[page.reduce(2) for page in pages] for pages in drawn]


def images(data: bytes) -> list[Any]:
    """Split a row of PPM images."""
    from PIL import Image

    found, at = [], 0
    while at < len(data):
        header = re.compile(rb"P6\s(?:#.*\n)?(\d+)\s(\d+)\s255\s").match(data, at)
        assert header, data[at : at + 40]
        width, height = int(header[1]), int(header[2])
        at = header.end() + 3 * width * height
        found.append(Image.frombytes("RGB", (width, height), data[header.end() : at]))
    return found


def expected_page(look: Any, box: tuple[int, int, int, int] = FITTED, turn: bool = True) -> Any:
    """Return the page with a picture in a place, from its left, top, right and bottom."""
    from PIL import Image

    page = Image.new("RGB", SHEET, "white")
    upright = look.convert("RGB")
    if turn:
        upright = upright.transpose(Image.Transpose.ROTATE_90)
    page.paste(upright.resize((box[2] - box[0], box[3] - box[1])), box[:2])
    return page


def difference(expected: Any, printed: Any, grey: bool = False) -> float:
    """Return how far two pages are apart in their worst square of 20 dots, of 255; edges of colours do not count."""
    from PIL import Image, ImageChops

    assert abs(expected.width - printed.width) < 4 and abs(expected.height - printed.height) < 4
    worst = 0
    small = (SHEET[0] // 20, SHEET[1] // 20)
    pages = [page.resize(SHEET).resize(small, Image.Resampling.BOX) for page in (expected, printed)]
    if grey:
        pages = [page.convert("L") for page in pages]
    # A square on an edge of the picture may be a dot off, which moves its mean by a twentieth.
    for band in ImageChops.difference(*pages).split():
        values = sorted(band.tobytes())
        worst = max(worst, values[-max(len(values) // 50, 1)])
    return worst


def assert_alike(names: Iterable[str], pages: list[Any], limit: int, limit_of_inks: int, grey: bool = False) -> None:
    """Assert that the pages are those of the pictures of these names, as Pillow draws them."""
    looks = [(name, look) for name in names for look in PICTURES[name]()[1]]
    assert len(pages) == len(looks)
    far = {name: difference(expected_page(look), page, grey) for (name, look), page in zip(looks, pages)}
    assert {name: by for name, by in far.items() if by > (limit_of_inks if "CMYK" in name else limit)} == {}


def test_pictures_look_as_they_should() -> None:
    """Upright, on white, all pages, in all depths, one file after the other: as Pillow draws each picture."""
    done = run_picture(*(make()[0] for make in PICTURES.values()))
    assert (done.code, done.errors, done.left_over) == (0, [], ())
    assert_alike(PICTURES, pages_of_pdf(done.output), 24, 50)


@pytest.mark.parametrize(
    "ppd, names",
    [
        (
            PCL6_COLOR,
            ["JPEG turned 6", "RGBA PNG", "RGBA WebP", "transparent palette GIF", "CMYK JPEG", "palette PNG"],
        ),
        (PCL5E, ["JPEG turned 5", "LA PNG", "pages LZW", "fax TIFF", "CMYK JPEG"]),
        (PCL6, ["TIFF turned 8", "16 bits TIFF", "RGBA PNG", "fax TIFF"]),
    ],
)
def test_pictures_look_so_as_pcl(ppd: str, names: list[str]) -> None:
    """The sheets of PCL 5 and PCL XL look so too, in greys where the printer has no colour."""
    done = run_picture(*(PICTURES[name]()[0] for name in names), ppd=ppd)
    assert (done.code, done.errors) == (0, [])
    assert done.output.startswith(b"\x1b%-12345X@PJL") and done.output.endswith(b"\x1b%-12345X")
    for pages in pages_of_pcl(done.output):
        # The renderer's greys of inks are others than Pillow's.
        assert_alike(names, pages, 60, 75, grey=ppd != PCL6_COLOR)


def test_the_judge_sees_what_is_wrong() -> None:
    """A picture that is turned, mirrored, dark or not there is far from what is expected."""
    from PIL import Image, ImageOps

    page = expected_page(drawing())
    for wrong in (
        page.transpose(Image.Transpose.ROTATE_180),
        ImageOps.mirror(page),
        Image.new("RGB", SHEET, "white"),
        page.point(lambda value: value // 2),
    ):
        assert difference(page, wrong) > 60


# (options, left, top, right, bottom in points from the top left, turned)
PLACES = [
    ("ppi=75 position=bottom-right", 295, 638, 583, 830, False),
    ("scaling=50 orientation-requested=3", 155, 326, 440, 516, False),
    ("landscape", 24, 12, 571, 830, True),
]


@pytest.mark.parametrize("options, left, top, right, bottom, turned", PLACES)
def test_options_say_where_a_picture_stands(
    options: str, left: int, top: int, right: int, bottom: int, turned: bool
) -> None:
    """Scaling, position and orientation are those of CUPS; what is told here is not done a second time."""
    done = run_picture(saved(drawing(), "PNG"), options=options)
    (page,) = pages_of_pdf(done.output)
    assert difference(expected_page(drawing(), (left, top, right, bottom), turned), page) <= 24


def test_fill_covers_the_sheet() -> None:
    """With fill nothing of the sheet stays white where the picture is not."""
    from PIL import Image

    done = run_picture(saved(Image.new("RGB", (400, 100), (0, 0, 200)), "PNG"), options="print-scaling=fill")
    (page,) = pages_of_pdf(done.output)
    assert page.getpixel((1, 1)) == page.getpixel((593, 840)) == page.getpixel((300, 400)) == (0, 0, 200)


@pytest.mark.parametrize(
    "options, copies, sheets",
    [
        ("", 2, 6),
        ("page-ranges=2-3", 1, 2),
        ("number-up=4 page-ranges=1-2", 2, 2),
    ],
)
def test_pages_are_chosen_and_put_on_sheets(options: str, copies: int, sheets: int) -> None:
    """What CUPS does with pages it does with those of a TIFF as well, and copies too."""
    done = run_picture(PICTURES["pages LZW"]()[0], options=options, copies=copies)
    assert len(pages_of_pdf(done.output)) == sheets


def test_a_selection_that_leaves_nothing_prints_nothing() -> None:
    """Page ranges beyond the end are an empty job, no damaged one, in both languages."""
    document = saved(drawing(), "PNG")
    for ppd in (PDF, PCL6):
        done = run_picture(document, options="page-ranges=7-9", ppd=ppd)
        assert (done.code, done.errors) == (0, [])
        assert b"%%Page" not in done.output and len(done.output) < 400


@pytest.mark.parametrize(
    "options, size",
    [("media=A5", (420, 595)), ("PageSize=Letter", (612, 792)), ("media=Custom.100x150mm", (283, 425))],
)
def test_paper_of_every_size(options: str, size: tuple[int, int]) -> None:
    """The page has the size of the paper, and the picture is within its margins."""
    (page,) = pages_of_pdf(run_picture(saved(drawing(), "PNG"), options=options).output)
    assert abs(page.width - size[0]) <= 1 and abs(page.height - size[1]) <= 1
    assert page.getpixel((5, 5)) == (255, 255, 255)


@pytest.mark.parametrize("make", [lambda: PICTURES["JPEG turned 6"]()[0][:2000], lambda: b"%PDF-1.4", bytes])
def test_what_is_no_whole_picture_is_refused(make: Callable[[], bytes]) -> None:
    """A file that ends too early, or is none, prints nothing, and says so in one line that tells what to do."""
    done = run_picture(make())
    assert (done.code, done.output, len(done.errors), done.left_over) == (1, b"", 1, ())
    assert done.errors[0].endswith("[F02]") and len(done.errors[0]) < 160


def png(width: int, height: int, kind: int, rows: bytes) -> bytes:
    """Return a PNG that says one size and has as many rows as it likes."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, 8, kind, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    "size, kind", [((30000, 30000), 0), ((65000, 65000), 2), ((200_000_000, 1), 6), ((1, 2_000_000_000), 0)]
)
def test_bombs_are_refused_at_once(size: tuple[int, int], kind: int) -> None:
    """A picture with more pixels than memory is allowed for costs neither memory nor time."""
    done = run_picture(png(*size, kind, bytes(100000)))
    assert (done.code, done.output, len(done.errors)) == (1, b"", 1)
    assert "too many" in done.errors[0] or "damaged" in done.errors[0]


def test_a_large_photograph_is_decoded_smaller() -> None:
    """JPEG with more pixels than that is printed all the same."""
    from PIL import Image

    document = saved(Image.new("RGB", (13000, 9000), (10, 20, 200)), "JPEG")
    (page,) = pages_of_pdf(run_picture(document).output)
    assert all(abs(a - b) < 8 for a, b in zip(page.getpixel((300, 400)), (10, 20, 200)))


def test_more_dots_than_paper_can_show_are_left_out() -> None:
    """A picture that is printed small is not sent in all its pixels."""
    done = run_picture(saved(noise((800, 800)), "PNG"), options="ppi=2000")
    assert done.code == 0 and len(done.output) < 3 * 400 * 400


def noise(size: tuple[int, int]) -> Any:
    """Return a picture that cannot be made smaller by compression."""
    from PIL import Image

    return Image.effect_noise(size, 100).convert("RGB")


@pytest.mark.parametrize(
    "kind, ppd", [("RGB", PCL6), ("L", PCL6), ("1", PCL6), ("P", PCL6_COLOR), ("RGB", PCL6_COLOR), ("RGBA", PCL6_COLOR)]
)
def test_pcl_xl_is_no_larger_than_the_pixels(kind: str, ppd: str) -> None:
    """Few pixels stay few, however large they are on paper."""
    picture = drawing().quantize(32) if kind == "P" else drawing(kind)
    done = run_picture(saved(picture, "PNG"), ppd=ppd)
    assert done.code == 0
    assert len(done.output) < 3 * SIZE[0] * SIZE[1] + 8192


def test_options_without_meaning_are_named() -> None:
    """What CUPS once did with pictures and nobody does now is said in a warning; bad values too."""
    done = run_picture(saved(drawing(), "PNG"), options="brightness=120 ppi=none position=nowhere")
    warnings = [line for line in done.messages if line.startswith("WARNING: ")]
    assert (done.code, len(warnings)) == (0, 3)


def test_a_stopped_job_leaves_nothing(tmp_path: Path) -> None:
    """SIGTERM ends the filter, without an end of the job and without files."""
    path = tmp_path / "description.ppd"
    path.write_text(descriptions()[PCL6])
    environ = {"PATH": os.environ["PATH"], "TMPDIR": str(tmp_path), "PPD": str(path)}
    command = [IMAGES["imagetopcl"], "1", "anna", "title", "1", ""]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environ
    )
    assert process.stdin and process.stdout
    process.stdin.write(saved(drawing(), "PNG")[:1000])
    process.stdin.flush()
    until = time.monotonic() + 20
    while len(os.listdir(tmp_path)) < 2 and time.monotonic() < until:
        time.sleep(0.02)
    process.send_signal(signal.SIGTERM)
    output, _ = process.communicate(timeout=20)
    assert (process.returncode, output, os.listdir(tmp_path)) == (1, b"", ["description.ppd"])


def test_colour_profiles_go_along() -> None:
    """A profile that is not sRGB is in the PDF; one that is damaged is not."""
    from PIL import ImageCms

    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes())
    assert shutil.which("pdfimages")
    for icc, found in ((bytes(profile), False), (b"x" * 500, False), (wide_profile(), True)):
        done = run_picture(saved(drawing(), "PNG", icc_profile=icc))
        assert done.code == 0
        listed = subprocess.run(["pdfimages", "-list", "-"], input=done.output, stdout=subprocess.PIPE).stdout
        assert (b" icc " in listed) is found


def wide_profile() -> bytes:
    """Return an RGB profile that does not call itself sRGB."""
    from PIL import ImageCms

    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return profile.replace(b"s\0R\0G\0B", b"w\0i\0d\0e").replace(b"sRGB", b"wide")
