"""filters.picture.jpeg, filters.picture.passing: which JPEG goes to the printer as it is."""

from __future__ import annotations

import io
import json
import os
import time
from pathlib import Path

import pytest
from PIL import Image, ImageCms

from filters.common.job import parse_job
from filters.common.learned_formats import file_name
from filters.common.ppd import PrinterDescription
from filters.image_to_pages import main
from filters.picture.jpeg import PlainJpeg, find_plain_jpeg
from filters.picture.passing import is_taken, may_pass
from filters.picture.placement import Margins, Sheet
from tests.unit.filters.picture_files import drawing, saved

PLAIN = saved(drawing(), "JPEG")
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
A4 = Sheet(595, 842, Margins(12, 12, 12, 12))
URI = "ipps443://printer/ipp/print"


def with_segment(marker: int, data: bytes, document: bytes = PLAIN) -> bytes:
    """Return a JPEG with one more segment at its beginning."""
    return b"\xff\xd8" + bytes((0xFF, marker)) + (len(data) + 2).to_bytes(2, "big") + data + document[2:]


def exif(orientation: int) -> bytes:
    """Return a JPEG whose metadata say how it is turned."""
    said = Image.Exif()
    said[0x0112] = orientation
    return saved(drawing(), "JPEG", exif=said)


def without(*markers: int) -> bytes:
    """Return a JPEG without some of its segments."""
    kept, at = PLAIN[:2], 2
    while PLAIN[at + 1] != 0xDA:
        end = at + 2 + int.from_bytes(PLAIN[at + 2 : at + 4], "big")
        kept += b"" if PLAIN[at + 1] in markers else PLAIN[at:end]
        at = end
    return kept + PLAIN[at:]


def segment(marker: int, data: bytes) -> bytes:
    """Return a segment of a JPEG."""
    return bytes((0xFF, marker)) + (len(data) + 2).to_bytes(2, "big") + data


def built(
    names: bytes = b"\1\2\3",
    sampling: bytes = b"\x22\x11\x11",
    sides: tuple[int, int] = (8, 8),
    before: bytes = b"",
    bits: int = 8,
    more: bytes = b"",
) -> bytes:
    """Return a JPEG of as little as there can be: tables of one byte, and a byte of data."""
    frame = bytes((bits,)) + sides[1].to_bytes(2, "big") + sides[0].to_bytes(2, "big") + bytes((len(names),))
    frame += b"".join(bytes((name, factor, 0)) for name, factor in zip(names, sampling)) + more
    scan = bytes((len(names),)) + b"".join(bytes((name, 0)) for name in names) + b"\0\x3f\0"
    tables = segment(0xDB, b"\0") + segment(0xC4, b"\0")
    return b"\xff\xd8" + before + tables + segment(0xC0, frame) + segment(0xDA, scan) + b"\1\xff\xd9"


def exif_entries(*entries: str) -> bytes:
    """Return a segment of Exif with a directory of such entries, in hexadecimal digits."""
    return segment(0xE1, b"Exif\0\0MM\0*\0\0\0\x08" + len(entries).to_bytes(2, "big") + bytes.fromhex("".join(entries)))


JFIF = segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0")
UPRIGHT, ON_ITS_SIDE, OTHER_TAG = (
    "0112 0003 00000001 0001 0000",
    "0112 0003 00000001 0006 0000",
    "010F 0003 00000001 0006 0000",
)
BUILT_GOOD = {
    "as little as there can be": built(),
    "gray": built(b"\5", b"\x44"),
    "names of RGB in JFIF": built(b"RGB", before=JFIF),
    "names of RGB that Adobe calls YCbCr": built(b"RGB", before=segment(0xEE, b"Adobe\0\x64\0\0\0\0\1")),
    **{f"sampling {first:x}": built(sampling=bytes((first, 0x11, 0x11))) for first in (0x11, 0x21, 0x12, 0x22)},
    "as many pixels as there can be": built(sides=(256, 1)),
    "as many segments as there can be": built(before=segment(0xFE, b"") * 996),
    "fill bytes": built(before=b"\xff\xff"),
    "Exif that ends with the value": built(before=exif_entries(UPRIGHT[:-5])),
    "Exif without orientation": built(before=exif_entries(OTHER_TAG)),
    "Exif with more": built(before=exif_entries(OTHER_TAG, UPRIGHT)),
}
BUILT_BAD = {
    "another beginning": b"\xff\xd9" + built()[2:],
    "a segment of no application": built(before=segment(0xF0, b"")),
    "names of RGB": built(b"RGB"),
    "what Adobe calls YCCK": built(before=segment(0xEE, b"Adobe\0\x64\0\0\0\0\2")),
    "four components": built(b"\1\2\3\4", b"\x22\x11\x11\x11", before=JFIF),
    "two components": built(b"\1\2", b"\x22\x11", before=JFIF),
    **{f"sampling {first:x}": built(sampling=bytes((first, 0x11, 0x11))) for first in (0x10, 0x31, 0x41, 0x44)},
    "sampling of the last": built(sampling=b"\x22\x11\x12"),
    "twelve bits": built(bits=12),
    "a frame with more": built(more=b"\0"),
    "no width": built(sides=(0, 8)),
    "no sides": built(sides=(0, 0)),
    "more pixels than there can be": built(sides=(257, 1)),
    "more segments than there can be": built(before=segment(0xFE, b"") * 997),
    "a segment that is shorter than its length": built(before=b"\xff\xfe\0\1"),
    "no marker": built(before=b"\xfe\xfe\0\2"),
    "Exif that is cut off in the value": built(before=exif_entries(UPRIGHT[:-7])),
    "Exif with more, turned": built(before=exif_entries(OTHER_TAG, ON_ITS_SIDE)),
    "Exif with a long number": built(before=exif_entries(UPRIGHT.replace("0003", "0004"))),
    "Exif with two numbers": built(before=exif_entries(UPRIGHT.replace("00000001", "00000002"))),
}
GOOD = {
    "RGB": PLAIN,
    "grey": saved(drawing("L"), "JPEG"),
    "4:4:4": saved(drawing(), "JPEG", subsampling=0),
    "4:2:2": saved(drawing(), "JPEG", subsampling=1),
    "optimised": saved(drawing(), "JPEG", optimize=True),
    "upright by Exif": exif(1),
    "sRGB": saved(drawing(), "JPEG", icc_profile=SRGB),
    "a comment": with_segment(0xFE, b"hello"),
    "restarts": with_segment(0xDD, b"\0\1", PLAIN[:-2] + b"\xff\xd0\xff\xd9"),
    "empty bytes behind it": PLAIN + b"\0\0\r\n",
}
BAD = {
    "progressive": saved(drawing(), "JPEG", progressive=True),
    "CMYK": saved(drawing("CMYK"), "JPEG"),
    **{f"turned {number}": exif(number) for number in range(2, 9)},
    "turned by no number": exif(9),
    "another profile": saved(
        drawing(), "JPEG", icc_profile=SRGB.replace(b"sRGB", b"wide").replace(b"s\0R\0", b"w\0R\0")
    ),
    "half a profile": with_segment(0xE2, b"ICC_PROFILE\0\x01\x02sRGB"),
    "damaged Exif": with_segment(0xE1, b"Exif\0\0II*\0\xff\xff\0\0"),
    "Exif of no order": with_segment(0xE1, b"Exif\0\0"),
    "oblong": saved(drawing(), "JPEG", dpi=(100, 200)),
    "RGB by Adobe": with_segment(0xEE, b"Adobe\0\x64\0\0\0\0\0"),
    "several": with_segment(0xE2, b"MPF\0II*\0"),
    "cut off": PLAIN[:-2],
    "cut off in its data": PLAIN[: len(PLAIN) // 2],
    "something behind it": PLAIN + b"x",
    "extended": PLAIN.replace(b"\xff\xc0\0\x11", b"\xff\xc1\0\x11"),
    "arithmetic": PLAIN.replace(b"\xff\xc0\0\x11", b"\xff\xc9\0\x11"),
    "a table for arithmetic coding": with_segment(0xCC, b"\0\0"),
    "no height yet": PLAIN.replace(b"\xff\xc0\0\x11\x08\0\xc8", b"\xff\xc0\0\x11\x08\0\0"),
    "odd sampling": PLAIN.replace(b"\x03\x01\x22\0\x02\x11\x01", b"\x03\x01\x11\0\x02\x22\x01"),
    "a scan of its own": PLAIN.replace(b"\xff\xda\0\x0c\x03", b"\xff\xda\0\x0c\x01"),
    "of components that it has not": PLAIN.replace(b"\xff\xda\0\x0c\x03\x01", b"\xff\xda\0\x0c\x03\x09"),
    "half a scan": PLAIN.replace(b"\0\x3f\0", b"\0\x3e\0"),
    "no tables of numbers": without(0xDB),
    "no tables of codes": without(0xC4),
    "too few bytes for its sides": PLAIN.replace(b"\xff\xc0\0\x11\x08\0\xc8", b"\xff\xc0\0\x11\x08\xff\xdc"),
    "no frame": b"\xff\xd8\xff\xda\0\x0c\x03" + b"\0" * 9 + b"\xff\xd9",
    "nothing": b"",
    "a beginning": b"\xff\xd8\xff",
    "an end": b"\xff\xd8\xff\xd9",
}


@pytest.mark.parametrize("name", [*BUILT_GOOD, *BUILT_BAD])
def test_each_condition(name: str) -> None:
    """Each by itself, in files that no decoder is to see."""
    assert (find_plain_jpeg({**BUILT_BAD, **BUILT_GOOD}[name]) is not None) == (name in BUILT_GOOD)


@pytest.mark.parametrize("name", GOOD)
def test_plain_jpeg(name: str) -> None:
    """What every printer of JPEG prints; Pillow sees the same sides."""
    width, height = Image.open(io.BytesIO(GOOD[name])).size
    assert find_plain_jpeg(GOOD[name]) == PlainJpeg(width, height)


@pytest.mark.parametrize("name", BAD)
def test_jpeg_that_is_not_plain(name: str) -> None:
    """What some printers print otherwise, or not at all."""
    assert BAD[name] not in GOOD.values()
    assert find_plain_jpeg(BAD[name]) is None


def test_no_beginning_of_a_file_is_plain() -> None:
    """Wherever a file is cut off, and whatever byte of its head is damaged, nothing else happens."""
    assert not [at for at in range(len(PLAIN)) if find_plain_jpeg(PLAIN[:at])]
    for at in range(700):
        find_plain_jpeg(PLAIN[:at] + b"\xff" + PLAIN[at + 1 :])


def test_time_is_in_proportion() -> None:
    """However many FF bytes there are in a row, in the scan or before a marker."""
    began = time.process_time()
    assert find_plain_jpeg(PLAIN[:-2] + b"\xff" * 300_000 + b"\0\xff\xd9")
    assert find_plain_jpeg(PLAIN[:-2] + b"\xff" * 300_000 + b"\xd9")
    assert time.process_time() - began < 5


def description(line: str = "0 0 0 turns", **defaults: str) -> PrinterDescription:
    """Return what matters here of a description made from a printer."""
    known = {"PageSize": "A4", "InputSlot": "auto", "print-scaling": "auto", **defaults}
    return PrinterDescription(known, {("ipps443Jpeg", ""): line})


def passes(options: str = "", copies: int = 1, uri: str = URI, said: PrinterDescription | None = None) -> bool:
    """Tell whether a job leaves its JPEG to the printer."""
    job = parse_job(["x", "1", "u", "t", str(copies), options], {"DEVICE_URI": uri})
    return may_pass(job, description() if said is None else said)


@pytest.mark.parametrize(
    "options",
    [
        "",
        "PageSize=A5 InputSlot=tray-1 print-color-mode=monochrome sides=two-sided-long-edge number-up=1",
        "media=A4 print-scaling=auto job-originating-host-name=h time-at-creation=1 document-format=image/jpeg",
        "finishings=4 output-bin=top media-col={media-type=labels} print-quality=5 job-sheets=none,none copies=1",
        "job-uuid=urn:uuid:1 document-name-supplied=a.jpg",
    ],
)
def test_jobs_that_want_no_page(options: str) -> None:
    """Paper, colour, quality and what is about the job are the printer's."""
    assert passes(options)


@pytest.mark.parametrize(
    "options",
    """
    number-up=2 page-ranges=1 page-set=odd scaling=50 ppi=100 natural-scaling=50 position=top fit-to-page fitplot fill
    crop-to-fit landscape orientation-requested=4 orientation-requested=3 page-border=single mirror watermark=Draft
    page-label=x page-left=36 print-scaling=none print-scaling=fill number-up-layout=lrtb brightness=50 unheard-of=1
    """.split(),
)
def test_jobs_that_want_a_page(options: str) -> None:
    """What is said about a page, and what nobody here knows, is for our pages."""
    assert not passes(options)


def test_copies_and_queues() -> None:
    """One copy, whoever makes them; only queues of the backend that knows what it gets; no scaling of the queue's."""
    said = description()
    said.values["ipps443Copies", ""] = "True"
    assert passes(said=said) and not passes(copies=2, said=said)
    assert not passes(uri="ipps://printer/ipp/print")
    assert not passes(said=PrinterDescription({"PageSize": "A4"}))
    assert not passes(said=description(**{"print-scaling": "fill"}))
    assert passes(said=PrinterDescription({}, {("ipps443Jpeg", ""): "0 0 0"}))


@pytest.mark.parametrize(
    "line, width, height, size, taken",
    [
        ("0 0 0", 100, 200, 10**9, True),
        ("2 100 200", 100, 200, 2048, True),
        ("2 100 200", 100, 200, 2049, False),
        ("2 99 200", 100, 200, 2048, False),
        ("2 100 199", 100, 200, 2048, False),
        ("0 0 0", 200, 100, 1, False),  # it would lie across the sheet, if the printer does not turn it
        ("0 0 0 turns", 200, 100, 1, True),
        ("0 0 0", 100, 100, 1, True),
        ("0 0", 100, 200, 1, False),
        ("x 0 0", 100, 200, 1, False),
    ],
)
def test_what_a_printer_takes(line: str, width: int, height: int, size: int, taken: bool) -> None:
    """No more bytes and pixels than it says, and nothing that it would have to turn unless it says that it does."""
    assert is_taken(PlainJpeg(width, height), size, A4, description(line)) == taken


def run(folder: Path, document: bytes, *, environ: dict[str, str], options: str = "") -> tuple[bytes, str]:
    """Run the filter on a file, and return what it writes, and says."""
    path, written, said = folder / "picture", folder / "written", folder / "said"
    path.write_bytes(document)
    with open(written, "wb") as output, open(said, "wb") as messages, open(os.devnull, "rb") as nothing:
        streams = nothing.fileno(), output.fileno(), messages.fileno()
        argv = ["imagetopdf443", "1", "u", "t", "1", options, str(path)]
        assert main("imagetopdf443", argv, environ, *streams) == 0, said.read_text()
    return written.read_bytes(), said.read_text()


def test_the_filter_does_not_look_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Looking for what may pass is limited as decoding is."""
    (ppd := tmp_path / "queue.ppd").write_text('*PPD-Adobe: "4.3"\n*ipps443Jpeg: "0 0 0 turns"\n')
    environ = {**os.environ, "PPD": str(ppd), "DEVICE_URI": URI}
    monkeypatch.setattr("filters.image_to_pages.LONGEST_LOOK", 0.05)
    monkeypatch.setattr("filters.image_to_pages.find_plain_jpeg", lambda data: time.sleep(20))
    began = time.monotonic()
    with pytest.raises(AssertionError, match="damaged or very complicated"):
        run(tmp_path, PLAIN, environ=environ)
    assert time.monotonic() - began < 15


def test_the_filter(tmp_path: Path) -> None:
    """The very file where it may pass; a page where the job wants one, or the printer is known to refuse it."""
    (ppd := tmp_path / "queue.ppd").write_text('*PPD-Adobe: "4.3"\n*ipps443Jpeg: "0 0 0 turns"\n')
    environ = {**os.environ, "PPD": str(ppd), "DEVICE_URI": URI, "CUPS_CACHEDIR": str(tmp_path)}
    assert run(tmp_path, PLAIN, environ=environ)[0] == PLAIN
    for document, options in ((BAD["progressive"], ""), (PLAIN, "scaling=50")):
        assert run(tmp_path, document, environ=environ, options=options)[0].startswith(b"%PDF-")
    path = tmp_path / "ipps443" / file_name("printer", 443)
    path.parent.mkdir()
    path.write_text(json.dumps({"learned": int(time.time()), "refused": "image/jpeg"}))
    assert run(tmp_path, PLAIN, environ=environ)[0].startswith(b"%PDF-")
